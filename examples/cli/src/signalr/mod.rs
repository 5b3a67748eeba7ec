//! `lobbywire signalr`: decodes and encodes SignalR messages.

mod decode;
mod dump;
mod encode;
mod hub;
mod value;

use crate::format::Format;
use crate::output::Output;
use clap::{Subcommand, ValueEnum};
use lobbywire::lazer::Hub;
use std::path::PathBuf;

const DECODE_EXAMPLES: &str = "Examples:
  lobbywire signalr decode --encoding messagepack --hub spectator capture.bin
  lobbywire signalr decode --encoding json --format text < capture.bin";

const ENCODE_EXAMPLES: &str = "Example:
  echo '{\"type\": \"Invocation\", \"target\": \"StartWatchingUser\", \"arguments\": [2]}' | lobbywire signalr encode --encoding messagepack --hub spectator | xxd";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Decode a stream of messages
    #[command(after_help = DECODE_EXAMPLES)]
    Decode {
        /// Encoding of the messages
        #[arg(long, value_enum, value_name = "ENCODING")]
        encoding: Encoding,
        /// osu!lazer hub, to print arguments with the names of their fields
        #[arg(long, value_enum, value_name = "HUB")]
        hub: Option<LazerHub>,
        /// Output format
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Json)]
        format: Format,
        /// Report malformed messages and continue with the next one
        #[arg(long)]
        keep_going: bool,
        /// File to read [default: -, standard input]
        file: Option<PathBuf>,
    },
    /// Encode JSON lines as messages
    #[command(after_help = ENCODE_EXAMPLES)]
    Encode {
        /// Encoding of the messages
        #[arg(long, value_enum, value_name = "ENCODING")]
        encoding: Encoding,
        /// osu!lazer hub, to read arguments with the names of their fields
        #[arg(long, value_enum, value_name = "HUB")]
        hub: Option<LazerHub>,
        /// Ignore keys that a message or an argument does not have
        #[arg(long)]
        ignore_unknown: bool,
        /// Report malformed lines and continue with the next one
        #[arg(long)]
        keep_going: bool,
        /// File to read [default: -, standard input]
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
    pub(crate) fn run(self, out: &mut Output) -> std::io::Result<()> {
        match self {
            Self::Decode { encoding, hub, format, keep_going, file } => {
                decode::run(encoding, hub.map(LazerHub::wire), format, keep_going, file.as_deref(), out)
            }
            Self::Encode { encoding, hub, ignore_unknown, keep_going, file } => encode::run(
                encoding,
                hub.map(LazerHub::wire),
                ignore_unknown,
                keep_going,
                file.as_deref(),
                out,
            ),
        }
    }
}
