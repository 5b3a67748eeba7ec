//! The errors of SignalR calls, values and connections.

use crate::wire::{self, Full};
#[cfg(feature = "_signalr-connection")]
use crate::wire::{Explained, Location};
use lobbywire_core::signalr::{self, Encoding};
use std::error::Error;
use std::fmt;

fn other(encoding: Encoding) -> Encoding {
    match encoding {
        Encoding::MessagePack => Encoding::Json,
        Encoding::Json => Encoding::MessagePack,
    }
}

/// Why arguments or a value do not fit the requested type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The value is malformed, or of another type.
    Malformed {
        /// The requested type.
        what: &'static str,
        /// The kind, and the offset in bytes from the start of the arguments or of the value.
        error: wire::Error,
    },
    /// A field is malformed, or of another type.
    Field {
        /// The type that contains the field, or the method whose argument it is.
        record: &'static str,
        /// The field; empty if the error is before the first field.
        field: &'static str,
        /// The kind, and the offset in bytes from the start of the arguments or of the value.
        error: wire::Error,
    },
    /// One argument could not be decoded.
    Argument {
        /// The index of the argument, from 0.
        index: usize,
        /// The reason.
        error: Box<DecodeError>,
    },
    /// The call has a different number of arguments than the requested type.
    ArgumentCount {
        /// The number of the requested type.
        expected: usize,
        /// The number of the call.
        found: usize,
    },
    /// The method is unknown.
    UnknownTarget,
    /// The call completed without a result, but the requested type needs one.
    NoResult,
    /// The type cannot be decoded from this encoding.
    OtherEncoding {
        /// The type.
        what: &'static str,
        /// The encoding of the message.
        encoding: Encoding,
    },
    /// An error of the type's `serde::Deserialize`.
    Serde(Box<str>),
}

impl DecodeError {
    /// Makes [`Malformed`](Self::Malformed) errors for this type.
    pub fn of(what: &'static str) -> impl Fn(wire::Error) -> Self {
        move |error| Self::Malformed { what, error }
    }

    /// Adds the index of the argument.
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
            Self::Malformed { what, error } => write!(f, "cannot decode {what}: {error}"),
            Self::Field { record, field: "", error } => write!(f, "cannot decode {record}: {error}"),
            Self::Field { record, field, error } => write!(f, "cannot decode `{field}` of {record}: {error}"),
            Self::Argument { index, error } => write!(f, "argument {index}: {error}"),
            Self::ArgumentCount { expected, found } => {
                write!(f, "expected {expected} arguments, found {found}")
            }
            Self::UnknownTarget => f.write_str("unknown method"),
            Self::NoResult => {
                f.write_str("the call completed without a result; decode it as `()` or as an `Option`")
            }
            Self::OtherEncoding { what, encoding } => {
                write!(
                    f,
                    "{what} cannot be decoded from {}; use {}",
                    encoding.name(),
                    other(*encoding).name()
                )
            }
            Self::Serde(error) => f.write_str(error),
        }
    }
}

impl Error for DecodeError {}

/// Why arguments, a value or a message cannot be encoded.
///
/// [`Message::write`](super::Message::write) returns the core's smaller `WriteError`, which converts
/// into this one with `?`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError {
    /// The type cannot be written in this encoding.
    OtherEncoding {
        /// The type.
        what: &'static str,
        /// The encoding of the message.
        encoding: Encoding,
    },
    /// A string or list has more than 2³² − 1 bytes or elements, or a message has 2 GiB or more.
    TooLong,
    /// A float is NaN or infinite, which JSON cannot represent.
    NotFinite,
    /// An error of the type's `serde::Serialize`.
    Serde(Box<str>),
}

impl From<Full> for WriteError {
    /// A [`Buffer`](super::Buffer) grows as needed, so a sink is only full when a length exceeds its limit.
    fn from(_: Full) -> Self {
        Self::TooLong
    }
}

impl From<signalr::WriteError> for WriteError {
    fn from(error: signalr::WriteError) -> Self {
        match error {
            signalr::WriteError::OtherEncoding => {
                Self::OtherEncoding { what: "a value in MessagePack", encoding: Encoding::Json }
            }
            _ => Self::TooLong,
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherEncoding { what, encoding } => {
                write!(f, "{what} cannot be written as {}; use {}", encoding.name(), other(*encoding).name())
            }
            Self::TooLong => {
                f.write_str("a string, a list or the message is too long; split it into several calls")
            }
            Self::NotFinite => f.write_str("JSON cannot represent NaN or an infinity; send `None` instead"),
            Self::Serde(error) => f.write_str(error),
        }
    }
}

impl Error for WriteError {}

/// One received message is malformed.
///
/// Unless [`is_last`](Self::is_last) is set, only this message is lost.
#[cfg(feature = "_signalr-connection")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FrameError {
    /// The number of the message, counted from 0 after the handshake.
    pub index: u64,
    /// The kind, and the offset in bytes from the start of the message.
    pub error: wire::Error,
    /// The type of the message and the field, as far as they are known.
    pub location: Location,
    /// Whether the start of the next message is unknown. The connection is then closed.
    pub is_last: bool,
}

#[cfg(feature = "_signalr-connection")]
impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, error, location, .. } = *self;
        write!(f, "message {index} is malformed: {}", Explained { error, location })
    }
}

#[cfg(feature = "_signalr-connection")]
impl Error for FrameError {}

/// Why a call, an item or a reply was not sent.
///
/// A broken socket is reported as [`Disconnected`](crate::SendError::Disconnected), never as `Io`: messages are
/// queued, and a background task writes them.
#[cfg(feature = "_signalr-connection")]
pub type SendError = crate::SendError<WriteError>;

/// Why an invocation returned no result, or a stream no item.
#[cfg(feature = "_signalr-connection")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallError {
    /// The peer reported this error.
    Remote(Box<str>),
    /// The result or item does not fit the requested type.
    Decode(DecodeError),
    /// The call cannot be encoded. It was not sent.
    Write(WriteError),
    /// The connection is closed, or was lost before the completion arrived. The peer may have run the call.
    Disconnected,
}

#[cfg(feature = "_signalr-connection")]
impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remote(text) => f.write_str(text),
            Self::Decode(error) => error.fmt(f),
            Self::Write(error) => error.fmt(f),
            Self::Disconnected => f.write_str(
                "the connection closed before the call completed; reconnect, and check whether the call ran \
                 before repeating it",
            ),
        }
    }
}

#[cfg(feature = "_signalr-connection")]
impl Error for CallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Decode(error) => Some(error),
            Self::Write(error) => Some(error),
            Self::Remote(_) | Self::Disconnected => None,
        }
    }
}

#[cfg(feature = "_signalr-connection")]
impl From<DecodeError> for CallError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

#[cfg(feature = "_signalr-connection")]
impl From<WriteError> for CallError {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

#[cfg(feature = "_signalr-connection")]
impl From<SendError> for CallError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Write(error) => Self::Write(error),
            SendError::Disconnected | SendError::Io(_) => Self::Disconnected,
        }
    }
}
