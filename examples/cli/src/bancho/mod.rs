//! `lobbywire bancho …`

mod decode;
mod encode;
mod packets;
mod transcode;
mod versions;

use clap::{Args, Subcommand, ValueEnum};
use lobbywire::bancho::{Side, Version};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// List every version: its builds, protocol, slots, header and compression
    Versions {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Show the packets in a stream of frames
    Decode {
        #[command(flatten)]
        dialect: Dialect,
        /// One JSON object a line
        #[arg(long, conflicts_with = "bytes")]
        json: bool,
        /// Every byte, with the field that it belongs to
        #[arg(long)]
        bytes: bool,
        /// Report malformed packets and go on behind them
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
    /// Turn frames of one version into frames of another, and report what is lost
    Transcode {
        #[command(flatten)]
        dialect: Dialect,
        /// The build that the frames are for
        #[arg(long, value_name = "B")]
        to: Version,
        /// Refuse packets of which anything would be lost
        #[arg(long)]
        strict: bool,
        /// Report malformed packets, and with --strict refused ones, and go on behind them
        #[arg(long)]
        keep_going: bool,
        /// The file to read; without it, standard input
        file: Option<PathBuf>,
    },
}

/// What decides how packets look.
#[derive(Args, Clone, Copy)]
pub(crate) struct Dialect {
    /// The client's build, such as 282, b394a or b20130815.3cuttingedge
    #[arg(long, value_name = "V")]
    version: Version,
    /// Who has sent the packets
    #[arg(long, value_enum, value_name = "SIDE")]
    from: From,
    /// The protocol version, where the server announces another than the build's own
    #[arg(long, value_name = "N")]
    protocol: Option<u8>,
    /// The number of slots of a match, where it is not the version's own
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=16))]
    slots: Option<u8>,
}

#[derive(Clone, Copy, ValueEnum)]
enum From {
    Client,
    Server,
}

impl Dialect {
    fn version(&self) -> Version {
        let version = self.protocol.map_or(self.version, |protocol| self.version.with_protocol(protocol));
        self.slots.map_or(version, |slots| version.with_slots(slots))
    }

    fn side(&self) -> Side {
        match self.from {
            From::Client => Side::Client,
            From::Server => Side::Server,
        }
    }
}

impl Command {
    pub(crate) fn run(self) -> std::io::Result<ExitCode> {
        match self {
            Self::Versions { json } => versions::run(json),
            Self::Decode { dialect, json, bytes, keep_going, file } => {
                let style = match (json, bytes) {
                    (true, _) => decode::Style::Json,
                    (_, true) => decode::Style::Bytes,
                    _ => decode::Style::Text,
                };
                decode::run(dialect, style, keep_going, file.as_deref())
            }
            Self::Transcode { dialect, to, strict, keep_going, file } => {
                let versions = (dialect.version(), to);
                transcode::run(dialect.side(), versions, strict, keep_going, file.as_deref())
            }
            Self::Encode { dialect, keep_going, file } => encode::run(dialect, keep_going, file.as_deref()),
        }
    }
}
