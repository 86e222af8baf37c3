//! The one binary `tongyuan`: reads the command line and runs the command.

use std::process::ExitCode;

use clap::Parser;
use server::commands::{self, Arguments};

/// Rendering makes and drops many small strings on every core at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match commands::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One sentence with its causes, for the operator; details are in the log.
            eprintln!("tongyuan: {error:#}");
            ExitCode::FAILURE
        }
    }
}
