//! The command-line tool `lobbywire`: decodes, encodes and transcodes game lobby traffic.
//!
//! It reads a file or standard input, writes to standard output and uses constant memory. The exit code is 0 on success,
//! 1 if the input is malformed, 2 for wrong usage, and 3 for I/O errors.
#![forbid(unsafe_code)]

mod bancho;
mod faf;
mod foreign;
mod format;
mod hexdump;
mod input;
mod keys;
mod lines;
mod manual;
mod output;
mod report;
mod signalr;
mod stream;
mod text;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand};
use output::Output;
use std::process::ExitCode;

/// Decode, encode and transcode the traffic of game lobbies
///
/// Reads a file or standard input and writes to standard output, in constant memory. Errors are reported on standard error as one
/// JSON object per line. The exit code is 0 on success, 1 if the input is malformed, 2 for wrong usage, and 3 for I/O errors.
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
    /// Print a script that completes commands and options in a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(after_help = MAN_EXAMPLES)]
    Man,
}

const COMPLETIONS_EXAMPLES: &str = "Examples:
  lobbywire completions bash > ~/.local/share/bash-completion/completions/lobbywire
  lobbywire completions zsh > ~/.zfunc/_lobbywire
  lobbywire completions fish > ~/.config/fish/completions/lobbywire.fish";

const MAN_EXAMPLES: &str = "Examples:
  lobbywire man > ~/.local/share/man/man1/lobbywire.1
  lobbywire man | man -l -";

fn main() -> ExitCode {
    let family = Arguments::parse().family;
    let mut out = Output::new();
    let result = match family {
        Family::Bancho(command) => command.run(&mut out),
        Family::Faf(command) => command.run(&mut out),
        Family::Signalr(command) => command.run(&mut out),
        Family::Completions { shell } => {
            manual::completions(shell, Arguments::command(), &mut out);
            Ok(())
        }
        Family::Man => manual::page(Arguments::command(), &mut out),
    };
    out.finish(result)
}

/// Ends the program with a message about wrong usage that only the input reveals.
pub(crate) fn wrong_usage(message: &str) -> ! {
    Arguments::command().error(ErrorKind::MissingRequiredArgument, message).exit()
}
