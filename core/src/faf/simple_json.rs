//! Newline-delimited JSON: the lobby's framing over TCP, and over WebSocket in newer servers.
//!
//! A message is one line: `{"command":"ping"}\n`. Over a WebSocket that preserves message boundaries, it is
//! one text message without the line feed.

use super::encoding::{decode, source_offset};
use super::{Body, Error, ErrorKind, Message, Mode, WriteError};
use crate::wire::{self, Deframed, End, Framing, Sink, Skip, utf8};

/// Splits a stream into lines.
///
/// A line that exceeds the limit is refused as soon as that is known, and skipped up to its line feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    /// The longest line, in bytes, without its line feed.
    pub limit: usize,
    /// In the lenient mode the last line needs no line feed.
    pub mode: Mode,
}

impl Lines {
    /// A limit of [`LARGEST_FRAME`](super::LARGEST_FRAME).
    pub const fn new(mode: Mode) -> Self {
        Self { limit: super::LARGEST_FRAME, mode }
    }
}

impl Framing for Lines {
    type Error = Error;

    fn deframe(&mut self, bytes: &[u8], seen: usize) -> Deframed<Error> {
        let fresh = bytes.get(seen..).unwrap_or_default();
        let end = find_line_feed(fresh).map(|at| at.saturating_add(seen));
        match end {
            Some(end) if end <= self.limit => Deframed::Frame(end.saturating_add(1)),
            None if bytes.len() <= self.limit => Deframed::Missing(1),
            _ => {
                let error = wire::Error::new(wire::ErrorKind::FrameTooLarge, 0);
                Deframed::Refused(error.into(), Skip::PastDelimiter(b'\n'))
            }
        }
    }

    fn give_up(&self, _: &[u8], _: usize) -> Skip {
        Skip::PastDelimiter(b'\n')
    }

    fn end(&self, _: &[u8]) -> Result<End, Error> {
        let incomplete = wire::Error::new(wire::ErrorKind::Incomplete, 0);
        if self.mode.is_lenient() { Ok(End::Frame) } else { Err(incomplete.into()) }
    }
}

/// The offset of the first line feed. Scanning whole blocks is several times as fast as scanning bytes.
fn find_line_feed(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 32;
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    let empty =
        blocks.iter().take_while(|block| !block.iter().fold(false, |any, byte| any | (*byte == b'\n')));
    let start = empty.count().saturating_mul(BLOCK);
    let at = bytes.get(start..)?.iter().position(|byte| *byte == b'\n')?;
    Some(start.saturating_add(at))
}

/// The size of the scratch buffer that is always enough to [`read`] a line of this length: 0 in the strict
/// mode; 3 for each byte in the lenient mode, because a lone surrogate becomes an escape.
pub const fn scratch_len(line: usize, mode: Mode) -> usize {
    match mode {
        Mode::Strict => 0,
        Mode::Lenient => line.saturating_mul(3),
    }
}

/// Decodes a line, with or without its line feed, or a WebSocket text message. Returns `None` for an empty
/// line, which only the lenient mode accepts.
///
/// `scratch` is used by the lenient mode only, for text that is not UTF-8. [`scratch_len`] returns a sufficient
/// size.
///
/// # Errors
/// [`ErrorKind::EmptyLine`], [`wire::ErrorKind`]`::Utf8`, `ScratchTooSmall`, and the errors of [`Message::parse`]. Offsets are from the start of the line.
pub fn read<'a>(line: &'a [u8], mode: Mode, scratch: &'a mut [u8]) -> Result<Option<Message<'a>>, Error> {
    // Python's `strip` removes more characters than JSON's white space.
    let is_blank = |byte: &u8| {
        matches!(byte, b' ' | b'\t' | b'\n' | b'\r') || (mode.is_lenient() && matches!(byte, 0x0b | 0x0c))
    };
    let start = line.iter().position(|byte| !is_blank(byte)).unwrap_or(line.len());
    let end = line.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last.saturating_add(1));
    let content = line.get(start..end).unwrap_or_default();
    if content.is_empty() {
        return if mode.is_lenient() { Ok(None) } else { Err(Error::new(ErrorKind::EmptyLine, 0)) };
    }
    let text = match mode {
        Mode::Strict => utf8(content),
        Mode::Lenient => decode(content, scratch),
    };
    let text = text.map_err(|error| error.after(start))?;
    match Message::parse(text, mode) {
        Ok(message) => Ok(Some(message)),
        Err(Error { kind, offset }) => {
            let offset = usize::try_from(offset).unwrap_or(usize::MAX);
            let offset = if mode.is_lenient() { source_offset(content, offset) } else { offset };
            Err(Error::new(kind, start.saturating_add(offset)))
        }
    }
}

/// Encodes a line. Without its line feed it can be sent as a WebSocket text message.
///
/// # Errors
/// The errors of the body.
pub fn write(out: &mut impl Sink, body: &impl Body) -> Result<(), WriteError> {
    body.write_json(out)?;
    Ok(out.put(b"\n")?)
}
