//! Why what a message carries can't be read or written.

use super::{Encoding, WriteError};
use crate::wire::{self, Full};
use std::fmt;

/// Why arguments or a value were not read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes are not what they have to be.
    Malformed {
        /// The type that was to be read.
        what: &'static str,
        /// What is wrong, and at which byte of the arguments or of the value.
        error: wire::Error,
    },
    /// One of several arguments can't be read.
    Argument {
        /// Which one, counted from 0.
        index: usize,
        /// Why.
        error: Box<DecodeError>,
    },
    /// There are more or fewer arguments than the method takes.
    ArgumentCount {
        /// How many it takes.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// No method of this name is known, or none that takes so many arguments.
    UnknownTarget,
    /// The call gave no result, and one was expected.
    NoResult,
    /// A type can't be read in this encoding.
    OtherEncoding {
        /// The type.
        what: &'static str,
        /// The encoding.
        encoding: Encoding,
    },
    /// What serde says of it.
    Serde(Box<str>),
}

impl DecodeError {
    /// Names the type that was to be read.
    pub fn of(what: &'static str) -> impl Fn(wire::Error) -> Self {
        move |error| Self::Malformed { what, error }
    }

    /// Says which argument it was.
    pub fn in_argument(self, index: usize) -> Self {
        Self::Argument { index, error: Box::new(self) }
    }
}

impl From<wire::Error> for DecodeError {
    fn from(error: wire::Error) -> Self {
        Self::Malformed { what: "a value", error }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { what, error } => write!(f, "can't read {what}: {error}"),
            Self::Argument { index, error } => write!(f, "argument {index}: {error}"),
            Self::ArgumentCount { expected, found } => {
                write!(f, "the method takes {expected} arguments, and {found} came")
            }
            Self::UnknownTarget => f.write_str("no such method is known"),
            Self::NoResult => f.write_str("the call gave no result; read it as () or as an Option"),
            Self::OtherEncoding { what, encoding } => {
                write!(f, "{what} can't be read in {}", encoding.name())
            }
            Self::Serde(error) => f.write_str(error),
        }
    }
}

impl std::error::Error for DecodeError {}

/// Why arguments or a value were not written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// A type can't be written in this encoding.
    OtherEncoding {
        /// The type.
        what: &'static str,
        /// The encoding.
        encoding: Encoding,
    },
    /// A text or a list is longer than MessagePack can say, or a message than 2 GiB.
    TooLong,
    /// JSON has no number that is not finite.
    NotFinite,
    /// What serde says of it.
    Serde(Box<str>),
}

impl From<Full> for EncodeError {
    fn from(_: Full) -> Self {
        Self::TooLong
    }
}

impl From<WriteError> for EncodeError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::OtherEncoding => {
                Self::OtherEncoding { what: "a value of the other encoding", encoding: Encoding::Json }
            }
            _ => Self::TooLong,
        }
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherEncoding { what, encoding } => {
                write!(f, "{what} can't be written in {}", encoding.name())
            }
            Self::TooLong => f.write_str("a text, a list or the message is longer than its length can say"),
            Self::NotFinite => f.write_str("JSON has no number that is not finite"),
            Self::Serde(error) => f.write_str(error),
        }
    }
}

impl std::error::Error for EncodeError {}
