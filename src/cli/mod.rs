//! The program: arguments, commands, exit codes. The only place that prints, reads the environment or exits.

use std::process::ExitCode;

/// Runs the program.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
