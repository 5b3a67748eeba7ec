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
    /// Show the messages in a stream, one JSON object a line
    Decode {
        #[command(flatten)]
        dialect: Dialect,
        /// Report malformed messages and go on behind them
        #[arg(long)]
        keep_going: bool,
        /// The file to read; without it, standard input
        file: Option<PathBuf>,
    },
    /// Make frames from JSON lines
    Encode {
        #[command(flatten)]
        dialect: Dialect,
        /// Report malformed lines and go on behind them
        #[arg(long)]
        keep_going: bool,
        /// The file to read; without it, standard input
        file: Option<PathBuf>,
    },
    /// Turn frames of one framing into frames of another
    Transcode {
        #[command(flatten)]
        dialect: Dialect,
        /// The framing that is wanted; in gpgnet there are commands to and from the game only
        #[arg(long, value_enum, value_name = "FRAMING")]
        to: Framing,
        /// Report malformed messages and go on behind them
        #[arg(long)]
        keep_going: bool,
        /// The file to read; without it, standard input
        file: Option<PathBuf>,
    },
}

/// What decides how messages look.
#[derive(Args, Clone, Copy)]
pub(crate) struct Dialect {
    /// How messages are told apart
    #[arg(long, value_enum, value_name = "FRAMING")]
    framing: Framing,
    /// Take what FAForever's server takes, and read it as it does
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
    /// Blocks of UTF-16 strings, as on the server's port 8001
    Qdatastream,
    /// Lines of JSON, as on port 8002
    Json,
    /// Binary commands between game and adapter
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
