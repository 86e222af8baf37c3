//! The one binary `tongyuan`: reads the command line and runs the command.

use std::process::ExitCode;

use clap::Parser;
use server::commands::{self, Arguments};

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
