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
    /// List all versions with their builds, protocol version, match slots, header size and compression
    Versions {
        /// Print one JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Decode a stream of frames
    Decode {
        #[command(flatten)]
        dialect: Dialect,
        /// Print one JSON object per line
        #[arg(long, conflicts_with = "bytes")]
        json: bool,
        /// Print every byte with its field
        #[arg(long)]
        bytes: bool,
        /// Report malformed packets and continue with the next one
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
    /// Convert frames of one version to another, and report what cannot be represented
    Transcode {
        #[command(flatten)]
        dialect: Dialect,
        /// Client build to convert to
        #[arg(long, value_name = "B")]
        to: Version,
        /// Reject packets that cannot be represented without loss
        #[arg(long)]
        strict: bool,
        /// Report malformed packets (with --strict, also rejected ones) and continue with the next one
        #[arg(long)]
        keep_going: bool,
        /// File to read [default: standard input]
        file: Option<PathBuf>,
    },
}

/// The options that select a packet layout.
#[derive(Args, Clone, Copy)]
pub(crate) struct Dialect {
    /// Client build, such as 282, b394a or b20130815.3cuttingedge
    #[arg(long, value_name = "V")]
    version: Version,
    /// Side that sent the packets
    #[arg(long, value_enum, value_name = "SIDE")]
    from: From,
    /// Protocol version announced by the server [default: that of the build]
    #[arg(long, value_name = "N")]
    protocol: Option<u8>,
    /// Number of slots of a match [default: that of the build]
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
