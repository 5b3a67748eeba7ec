//! `lobbywire faf …`

mod decode;
mod encode;
mod frames;
mod transcode;

use clap::{Args, Subcommand, ValueEnum};
use lobbywire::faf::Mode;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Decode a stream of messages to one JSON object per line
    Decode {
        #[command(flatten)]
        dialect: Dialect,
        /// Report malformed messages and continue with the next one
        #[arg(long)]
        keep_going: bool,
        /// File to read [default: standard input]
        file: Option<PathBuf>,
    },
    /// Encode JSON lines as frames
    Encode {
        #[command(flatten)]
        dialect: Dialect,
        /// Report malformed lines and continue with the next one
        #[arg(long)]
        keep_going: bool,
        /// File to read [default: standard input]
        file: Option<PathBuf>,
    },
    /// Convert frames of one framing to another
    Transcode {
        #[command(flatten)]
        dialect: Dialect,
        /// Framing to convert to; gpgnet contains only commands to and from the game
        #[arg(long, value_enum, value_name = "FRAMING")]
        to: Framing,
        /// Report malformed messages and continue with the next one
        #[arg(long)]
        keep_going: bool,
        /// File to read [default: standard input]
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
    pub(crate) fn run(self) -> std::io::Result<ExitCode> {
        match self {
            Self::Decode { dialect, keep_going, file } => decode::run(dialect, keep_going, file.as_deref()),
            Self::Encode { dialect, keep_going, file } => encode::run(dialect, keep_going, file.as_deref()),
            Self::Transcode { dialect, to, keep_going, file } => {
                transcode::run(dialect, to, keep_going, file.as_deref())
            }
        }
    }
}
