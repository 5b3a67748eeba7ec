//! `lobbywire signalr`: decodes and encodes SignalR messages.

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
    /// Decode a stream of messages to one JSON object per line
    Decode {
        /// Encoding of the messages
        #[arg(long, value_enum, value_name = "ENCODING")]
        encoding: Encoding,
        /// osu!lazer hub, to print arguments with the names of their fields
        #[arg(long, value_enum, value_name = "HUB")]
        hub: Option<LazerHub>,
        /// Report malformed messages and continue with the next one
        #[arg(long)]
        keep_going: bool,
        /// File to read [default: standard input]
        file: Option<PathBuf>,
    },
    /// Encode JSON lines as messages
    Encode {
        /// Encoding of the messages
        #[arg(long, value_enum, value_name = "ENCODING")]
        encoding: Encoding,
        /// osu!lazer hub, to read arguments with the names of their fields
        #[arg(long, value_enum, value_name = "HUB")]
        hub: Option<LazerHub>,
        /// Report malformed lines and continue with the next one
        #[arg(long)]
        keep_going: bool,
        /// File to read [default: standard input]
        file: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Encoding {
    /// MessagePack arrays, each after its length
    Messagepack,
    /// JSON objects, each followed by the byte 1e
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
    /// Live replays
    Spectator,
    /// Multiplayer rooms, quick play and ranked play
    Multiplayer,
    /// Presence of users, and changes of beatmaps
    Metadata,
    /// Rooms, for referee programs (JSON)
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
