//! The output formats of the decoding commands.

use clap::ValueEnum;

/// How packets and messages are printed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Indented text, with the names of enums and flags
    Text,
    /// One JSON object per line
    Json,
    /// An annotated hexdump: every byte with its field
    Bytes,
}
