//! The `flatproof` program: parse, dispatch, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    flatproof::cli::main(std::env::args_os())
}
