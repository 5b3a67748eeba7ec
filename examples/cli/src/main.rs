//! The tool `lobbywire`: looks at game-lobby traffic, and makes it.
//!
//! It reads a file or standard input, writes standard output, takes as much memory for an hour of
//! traffic as for a second, and exits with 0 when all was well, 1 on malformed input, 2 on wrong
//! usage.
#![forbid(unsafe_code)]

mod bancho;
mod faf;
mod hexdump;
mod input;
mod lines;
mod report;
mod signalr;
mod text;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Looks at the traffic of game lobbies, and makes it.
#[derive(Parser)]
#[command(name = "lobbywire", version, about, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    family: Family,
}

const EXAMPLES: &str = "Examples:
  lobbywire bancho versions
  lobbywire bancho decode --version 20140127 --from server capture.bin
  lobbywire bancho decode --version b394a --from client --json < capture.bin
  echo '{\"packet\": \"BanchoPing\", \"data\": null}' | lobbywire bancho encode --version 282 --from server | xxd
  lobbywire faf decode --framing qdatastream < capture.bin";

#[derive(Subcommand)]
enum Family {
    /// osu! Bancho, every client version from 2008 to 2025
    #[command(subcommand)]
    Bancho(bancho::Command),
    /// The lobby of Forged Alliance Forever, and GPGNet
    #[command(subcommand)]
    Faf(faf::Command),
    /// SignalR, as the hubs of osu!lazer speak it
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
        // Whoever reads us has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lobbywire: {error}");
            ExitCode::from(2)
        }
    }
}
