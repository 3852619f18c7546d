//! `psynth-sandbox`: the supervisor of the sandbox, and the keepers that it starts. Its protocol is in the README.

use std::process::ExitCode;

#[cfg(not(target_os = "linux"))]
use sandbox::elsewhere::{keeper, probe, supervisor};
#[cfg(target_os = "linux")]
use sandbox::{keeper, probe, supervisor};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => supervisor::run(),
        ["keeper"] => keeper::run(),
        ["probe"] => probe::print(),
        _ => {
            eprintln!("psynth-sandbox [probe]: settings and jobs are read from standard input");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("psynth-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}
