//! `lobbywire bancho …`

mod decode;
mod encode;
mod login;
mod lossy;
mod packets;
mod too_large;
mod transcode;
mod versions;

use crate::format::Format;
use crate::output::Output;
use clap::builder::RangedI64ValueParser;
use clap::{Args, Subcommand, ValueEnum};
use lobbywire::bancho::{Side, Version};
use std::path::PathBuf;

const VERSIONS_EXAMPLES: &str = "Examples:
  lobbywire bancho versions
  lobbywire bancho versions --format json | jq .first";

const DECODE_EXAMPLES: &str = "Examples:
  lobbywire bancho decode --build 20140127 --side server capture.bin
  lobbywire bancho decode --build b394a --side client --format bytes capture.bin
  lobbywire bancho decode --side client --format json < capture-that-starts-with-a-login.bin";

const ENCODE_EXAMPLES: &str = "Example:
  echo '{\"packet\": \"BanchoAnnounce\", \"data\": \"hi\"}' | lobbywire bancho encode --build 282 --side server | xxd";

const TRANSCODE_EXAMPLES: &str = "Example:
  lobbywire bancho transcode --side server --from 20250306 --to 394 capture.bin > old.bin";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// List all versions with their builds, protocol version, match slots, header size and compression
    #[command(after_help = VERSIONS_EXAMPLES)]
    Versions {
        /// Output format
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t = TableFormat::Text)]
        format: TableFormat,
    },
    /// Decode a stream of frames
    #[command(after_help = DECODE_EXAMPLES)]
    Decode {
        #[command(flatten)]
        sender: Sender,
        /// Client build, such as 282, b394a or b20130815.3cuttingedge [default: that of the login at the start]
        #[arg(long, value_name = "V")]
        build: Option<Version>,
        /// Output format
        #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
        format: Format,
        /// Report malformed packets and continue with the next one
        #[arg(long)]
        keep_going: bool,
        /// File to read [default: -, standard input]
        file: Option<PathBuf>,
    },
    /// Encode JSON lines as frames
    #[command(after_help = ENCODE_EXAMPLES)]
    Encode {
        #[command(flatten)]
        sender: Sender,
        /// Client build, such as 282, b394a or b20130815.3cuttingedge
        #[arg(long, value_name = "V")]
        build: Version,
        /// Ignore keys that a packet does not have
        #[arg(long)]
        ignore_unknown: bool,
        /// Report malformed lines and continue with the next one
        #[arg(long)]
        keep_going: bool,
        /// File to read [default: -, standard input]
        file: Option<PathBuf>,
    },
    /// Convert frames of one version to another, and report what cannot be represented
    #[command(after_help = TRANSCODE_EXAMPLES)]
    Transcode {
        #[command(flatten)]
        sender: Sender,
        /// Client build of the input
        #[arg(long, value_name = "A")]
        from: Version,
        /// Client build to convert to
        #[arg(long, value_name = "B")]
        to: Version,
        /// Reject packets that cannot be represented without loss
        #[arg(long)]
        strict: bool,
        /// Report malformed packets (with --strict, also rejected ones) and continue with the next one
        #[arg(long)]
        keep_going: bool,
        /// File to read [default: -, standard input]
        file: Option<PathBuf>,
    },
}

/// How a table is printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// Columns
    Text,
    /// One JSON object per line
    Json,
}

/// The options that, with a build, select the layout of packets.
#[derive(Args, Clone, Copy)]
pub(crate) struct Sender {
    /// Side that sends the packets
    #[arg(long, value_enum, value_name = "SIDE")]
    side: SideName,
    /// Protocol version announced by the server [default: that of the build]
    #[arg(long, value_name = "N", value_parser = protocols())]
    protocol: Option<u8>,
    /// Number of slots of a match [default: that of the build]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=16))]
    slots: Option<u8>,
}

/// The protocol versions that some client knows.
fn protocols() -> RangedI64ValueParser<u8> {
    clap::value_parser!(u8).range(0..=Version::LATEST.protocol().into())
}

#[derive(Clone, Copy, ValueEnum)]
enum SideName {
    Client,
    Server,
}

impl Sender {
    /// The version of a build, with the overrides of the command line.
    fn version(&self, build: Version) -> Version {
        let version = self.protocol.map_or(build, |protocol| build.with_protocol(protocol));
        self.slots.map_or(version, |slots| version.with_slots(slots))
    }

    fn side(&self) -> Side {
        match self.side {
            SideName::Client => Side::Client,
            SideName::Server => Side::Server,
        }
    }
}

impl Command {
    pub(crate) fn run(self, out: &mut Output) -> std::io::Result<()> {
        match self {
            Self::Versions { format } => versions::run(format, out),
            Self::Decode { sender, build, format, keep_going, file } => {
                decode::run(sender, build, format, keep_going, file.as_deref(), out)
            }
            Self::Transcode { sender, from, to, strict, keep_going, file } => {
                let versions = (sender.version(from), to);
                transcode::run(sender.side(), versions, strict, keep_going, file.as_deref(), out)
            }
            Self::Encode { sender, build, ignore_unknown, keep_going, file } => {
                let version = sender.version(build);
                encode::run(version, sender.side(), ignore_unknown, keep_going, file.as_deref(), out)
            }
        }
    }
}
