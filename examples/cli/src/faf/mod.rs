//! `lobbywire faf …`

mod decode;
mod dump;
mod encode;
mod frames;
mod transcode;

use crate::format::Format;
use crate::output::Output;
use clap::{Args, Subcommand, ValueEnum};
use lobbywire::faf::Mode;
use std::path::PathBuf;

const DECODE_EXAMPLES: &str = "Examples:
  lobbywire faf decode --framing qdatastream capture.bin
  lobbywire faf decode --framing gpgnet --format bytes < capture.bin";

const ENCODE_EXAMPLES: &str = "Example:
  echo '{\"command\": \"GameState\", \"args\": [\"Lobby\"]}' | lobbywire faf encode --framing gpgnet | xxd";

const TRANSCODE_EXAMPLES: &str = "Example:
  lobbywire faf transcode --framing qdatastream --to json capture.bin";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Decode a stream of messages
    #[command(after_help = DECODE_EXAMPLES)]
    Decode {
        #[command(flatten)]
        dialect: Dialect,
        /// Output format
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Json)]
        format: Format,
        /// Report malformed messages and continue with the next one
        #[arg(long)]
        keep_going: bool,
        /// File to read [default: -, standard input]
        file: Option<PathBuf>,
    },
    /// Encode JSON lines as frames
    #[command(after_help = ENCODE_EXAMPLES)]
    Encode {
        #[command(flatten)]
        dialect: Dialect,
        /// Ignore keys that the framing cannot write
        #[arg(long)]
        ignore_unknown: bool,
        /// Report malformed lines and continue with the next one
        #[arg(long)]
        keep_going: bool,
        /// File to read [default: -, standard input]
        file: Option<PathBuf>,
    },
    /// Convert frames of one framing to another
    #[command(after_help = TRANSCODE_EXAMPLES)]
    Transcode {
        #[command(flatten)]
        dialect: Dialect,
        /// Framing to convert to; gpgnet contains only commands to and from the game
        #[arg(long, value_enum, value_name = "FRAMING")]
        to: Framing,
        /// Report malformed messages and continue with the next one
        #[arg(long)]
        keep_going: bool,
        /// File to read [default: -, standard input]
        file: Option<PathBuf>,
    },
}

/// The options that select a framing.
#[derive(Args, Clone, Copy)]
pub(crate) struct Dialect {
    /// Framing of the input (with encode, of the output)
    #[arg(long, value_enum, value_name = "FRAMING")]
    framing: Framing,
    /// Accept exactly what FAF's server accepts
    #[arg(long)]
    lenient: bool,
}

impl Dialect {
    fn mode(self) -> Mode {
        if self.lenient { Mode::Lenient } else { Mode::Strict }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Framing {
    /// Blocks of UTF-16 strings, port 8001 of the server
    Qdatastream,
    /// Lines of JSON, port 8002 of the server
    Json,
    /// Binary commands between the game and the ICE adapter
    Gpgnet,
}

impl Command {
    pub(crate) fn run(self, out: &mut Output) -> std::io::Result<()> {
        match self {
            Self::Decode { dialect, format, keep_going, file } => {
                decode::run(dialect, format, keep_going, file.as_deref(), out)
            }
            Self::Encode { dialect, ignore_unknown, keep_going, file } => {
                encode::run(dialect, ignore_unknown, keep_going, file.as_deref(), out)
            }
            Self::Transcode { dialect, to, keep_going, file } => {
                transcode::run(dialect, to, keep_going, file.as_deref(), out)
            }
        }
    }
}
