//! The errors of connections, the same for every protocol family.
//!
//! | error | what it means |
//! |---|---|
//! | [`wire::Error`](crate::wire::Error) | bytes are malformed: a kind and an offset; `faf::Error` also has FAF's own kinds |
//! | `FrameError` | one received packet or message is malformed; only it is lost |
//! | [`ReadError`] | reading from a connection failed: a `FrameError`, or the stream itself |
//! | `DecodeError` | a message was received, but does not fit the requested type |
//! | `WriteError` | a packet or message cannot be encoded, or the buffer is full |
//! | [`SendError`] | sending failed: a `WriteError`, or the connection |
//! | `CallError` | a SignalR invocation failed |
//!
//! Names without a link are types of each family's module.

use std::error::Error;
use std::{fmt, io};

/// Why a connection returned no packet or message. `F` is the family's `FrameError`.
///
/// After [`Malformed`](Self::Malformed), call `read` again to get the next packet. After [`Io`](Self::Io) the
/// connection is unusable, except for the timeouts of blocking streams.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError<F> {
    /// One packet or message is malformed. It has been skipped; the next `read` continues after it.
    Malformed(F),
    /// The stream failed, or ended inside a frame ([`io::ErrorKind::UnexpectedEof`]).
    Io(io::Error),
}

impl<F> ReadError<F> {
    /// Whether the connection can still be read: only one packet or message was lost.
    pub fn is_recoverable(&self) -> bool {
        matches!(self, Self::Malformed(_))
    }

    /// The malformed frame, or the error of the stream.
    ///
    /// Use it to handle malformed frames and to return the stream's error with `?`:
    ///
    /// ```no_run
    /// # fn f<F: std::fmt::Display>(error: lobbywire::ReadError<F>) -> std::io::Result<()> {
    /// eprintln!("skipped: {}", error.malformed()?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The error of the stream.
    pub fn malformed(self) -> io::Result<F> {
        match self {
            Self::Malformed(error) => Ok(error),
            Self::Io(error) => Err(error),
        }
    }
}

impl<F> From<io::Error> for ReadError<F> {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl<F: fmt::Display> fmt::Display for ReadError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => error.fmt(f),
            Self::Io(error) => write!(f, "reading failed: {error}"),
        }
    }
}

impl<F: Error + 'static> Error for ReadError<F> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Malformed(error) => Some(error),
            Self::Io(error) => Some(error),
        }
    }
}

/// Why a packet or message was not sent. `W` is the family's `WriteError`.
#[derive(Debug)]
#[non_exhaustive]
pub enum SendError<W> {
    /// It cannot be encoded, or the send buffer is full. The connection is still usable.
    Write(W),
    /// The connection was already closed, by either end.
    Disconnected,
    /// The stream failed. The connection is unusable, except for the timeouts of blocking streams.
    Io(io::Error),
}

impl<W> From<io::Error> for SendError<W> {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl<W: fmt::Display> fmt::Display for SendError<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(error) => error.fmt(f),
            Self::Disconnected => f.write_str("the connection is closed"),
            Self::Io(error) => write!(f, "sending failed: {error}"),
        }
    }
}

impl<W: Error + 'static> Error for SendError<W> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Write(error) => Some(error),
            Self::Disconnected => None,
            Self::Io(error) => Some(error),
        }
    }
}
