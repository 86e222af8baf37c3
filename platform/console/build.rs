//! Fetches what the screens are drawn with, as pinned by `package-lock.json`, bundles the scripts, and puts the few files needed in
//! `OUT_DIR/vendor`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where a file lies in its package, and its name among the console's own.
const FILES: &[(&str, &str)] = &[
    ("@tabler/core/dist/css/tabler.min.css", "tabler.min.css"),
    ("htmx.org/dist/htmx.min.js", "htmx.min.js"),
    ("mammoth/mammoth.browser.min.js", "docx.min.js"),
];

/// Scripts in `script/`, each bundled with all it imports.
const BUNDLES: &[&str] = &["console.js", "theme.js", "writing.js"];

fn main() {
    for watched in ["build.rs", "package.json", "package-lock.json", "script"] {
        println!("cargo::rerun-if-changed={watched}");
    }
    if let Err(sentence) = fetch(&out_dir()) {
        println!("cargo::error={sentence}");
    }
}

fn fetch(out: &Path) -> Result<(), String> {
    let work = out.join("npm");
    let vendor = out.join("vendor");
    for folder in [&work, &vendor] {
        std::fs::create_dir_all(folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    }
    for name in ["package.json", "package-lock.json"] {
        copy(Path::new(name), &work.join(name))?;
    }
    install(&work)?;
    let packages = work.join("node_modules");
    for (from, name) in FILES {
        copy(&packages.join(from), &vendor.join(name))?;
    }
    for name in BUNDLES {
        bundle(&packages, name, &vendor.join(name))?;
    }
    // A few files of thousands are kept; the rest would only fill the disk.
    std::fs::remove_dir_all(&packages).map_err(|error| format!("cannot tidy {}: {error}", packages.display()))
}

fn install(work: &Path) -> Result<(), String> {
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let mut command = Command::new(npm);
    command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(work);
    run(&mut command, "npm could not fetch the console's packages")
}

/// Puts a script and what it imports into one file.
fn bundle(packages: &Path, name: &str, to: &Path) -> Result<(), String> {
    let script = std::path::absolute(Path::new("script").join(name)).map_err(|error| error.to_string())?;
    let mut command = Command::new(packages.join(".bin").join(if cfg!(windows) { "esbuild.cmd" } else { "esbuild" }));
    command
        .arg(script)
        .args(["--bundle", "--minify", "--format=iife", "--target=es2022", "--log-level=warning", "--legal-comments=eof"])
        .arg(format!("--outfile={}", to.display()))
        .env("NODE_PATH", packages);
    run(&mut command, "a script of the console could not be bundled")
}

fn run(command: &mut Command, trouble: &str) -> Result<(), String> {
    let answer = command.output().map_err(|error| {
        format!("the console's screens need npm to be built ({error}): install Node.js 20 or later with npm, then build again")
    })?;
    if answer.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&answer.stderr)
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(3)
        .collect::<Vec<_>>()
        .join(" ");
    Err(format!("{trouble}: {said}"))
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    std::fs::copy(from, to).map(|_| ()).map_err(|error| format!("cannot copy {} to {}: {error}", from.display(), to.display()))
}

#[expect(clippy::disallowed_methods, reason = "a build script is told its folder by Cargo")]
fn out_dir() -> PathBuf {
    std::env::var_os("OUT_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from)
}
