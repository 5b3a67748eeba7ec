//! `lobbywire signalr …`

mod decode;
mod encode;
mod value;

use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show the messages in a stream, one JSON object a line
    Decode {
        /// How messages are written
        #[arg(long, value_enum, value_name = "ENCODING")]
        encoding: Encoding,
        /// Report malformed messages and go on behind them
        #[arg(long)]
        keep_going: bool,
        /// The file to read; without it, standard input
        file: Option<PathBuf>,
    },
    /// Make messages from JSON lines
    Encode {
        /// How messages are written
        #[arg(long, value_enum, value_name = "ENCODING")]
        encoding: Encoding,
        /// Report malformed lines and go on behind them
        #[arg(long)]
        keep_going: bool,
        /// The file to read; without it, standard input
        file: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Encoding {
    /// Arrays of MessagePack, each with its length in front of it
    Messagepack,
    /// Objects of JSON, each with a byte 1e behind it
    Json,
}

impl Encoding {
    fn wire(self) -> lobbywire::signalr::Encoding {
        match self {
            Self::Messagepack => lobbywire::signalr::Encoding::MessagePack,
            Self::Json => lobbywire::signalr::Encoding::Json,
        }
    }
}

impl Command {
    pub(crate) fn run(self) -> std::io::Result<ExitCode> {
        match self {
            Self::Decode { encoding, keep_going, file } => decode::run(encoding, keep_going, file.as_deref()),
            Self::Encode { encoding, keep_going, file } => encode::run(encoding, keep_going, file.as_deref()),
        }
    }
}
