//! `lobbywire signalr …`

mod decode;
mod encode;
mod hub;
mod value;

use clap::{Subcommand, ValueEnum};
use lobbywire::lazer::Hub;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Show the messages in a stream, one JSON object a line
    Decode {
        /// How messages are written
        #[arg(long, value_enum, value_name = "ENCODING")]
        encoding: Encoding,
        /// The hub of osu!lazer, to show the fields of what is called with their names
        #[arg(long, value_enum, value_name = "HUB")]
        hub: Option<LazerHub>,
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
        /// The hub of osu!lazer, whose calls have fields with names
        #[arg(long, value_enum, value_name = "HUB")]
        hub: Option<LazerHub>,
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

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LazerHub {
    /// Watching others play
    Spectator,
    /// Rooms, quick play, ranked play
    Multiplayer,
    /// Who is there and does what, and which beatmaps change
    Metadata,
    /// Rooms, for programs that referee them
    Referee,
}

impl LazerHub {
    fn wire(self) -> Hub {
        match self {
            Self::Spectator => Hub::Spectator,
            Self::Multiplayer => Hub::Multiplayer,
            Self::Metadata => Hub::Metadata,
            Self::Referee => Hub::Referee,
        }
    }
}

impl Command {
    pub(crate) fn run(self) -> std::io::Result<ExitCode> {
        match self {
            Self::Decode { encoding, hub, keep_going, file } => {
                decode::run(encoding, hub.map(LazerHub::wire), keep_going, file.as_deref())
            }
            Self::Encode { encoding, hub, keep_going, file } => {
                encode::run(encoding, hub.map(LazerHub::wire), keep_going, file.as_deref())
            }
        }
    }
}
