//! The command-line tool `lobbywire`: decodes, encodes and transcodes game lobby traffic.
//!
//! It reads a file or standard input, writes to standard output and uses constant memory. The exit code is 0 on success,
//! 1 if the input is malformed, and 2 for wrong usage and I/O errors.
#![forbid(unsafe_code)]

mod bancho;
mod faf;
mod format;
mod hexdump;
mod input;
mod lines;
mod report;
mod signalr;
mod text;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Decode, encode and transcode the traffic of game lobbies
///
/// Reads a file or standard input and writes to standard output, in constant memory. Errors are reported on standard error as one
/// JSON object per line. The exit code is 0 on success, 1 if the input is malformed, and 2 for wrong usage and I/O errors.
#[derive(Parser)]
#[command(name = "lobbywire", version, about, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    family: Family,
}

const EXAMPLES: &str = "Examples:
  lobbywire bancho versions
  lobbywire bancho decode --build 20140127 --side server capture.bin
  lobbywire bancho decode --build b394a --side client --format json < capture.bin
  echo '{\"packet\": \"BanchoPing\", \"data\": null}' | lobbywire bancho encode --build 282 --side server | xxd
  lobbywire faf decode --framing qdatastream < capture.bin";

#[derive(Subcommand)]
enum Family {
    /// osu! Bancho, all client versions from 2008 to 2025
    #[command(subcommand)]
    Bancho(bancho::Command),
    /// The Forged Alliance Forever (FAF) lobby, and GPGNet
    #[command(subcommand)]
    Faf(faf::Command),
    /// SignalR and the osu!lazer hubs
    #[command(subcommand)]
    Signalr(signalr::Command),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().family {
        Family::Bancho(command) => command.run(),
        Family::Faf(command) => command.run(),
        Family::Signalr(command) => command.run(),
    };
    match done {
        Ok(exit) => exit,
        // The reader closed the pipe, as `head` does.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lobbywire: {error}");
            ExitCode::from(2)
        }
    }
}
