//! Blocks of strings in the format of Qt's `QDataStream`: the lobby's older framing.
//!
//! | bytes | content |
//! |---|---|
//! | 4 | number of bytes that follow, big-endian `u32` |
//! | 4 | length of the string in bytes, big-endian `u32`; `ffffffff` is Qt's null string |
//! | … | the string, UTF-16 big-endian |
//!
//! A block contains one string: a message as JSON, or one of the keywords `PING` and `PONG`. Old clients send
//! more strings, which [`Mode::Lenient`] combines as the server does.

use super::legacy::{self, merge};
use super::{Body, Error, ErrorKind, Message, Mode, WriteError};
use crate::wire::{self, AsciiToUtf16, Counter, Deframed, End, Framing, Full, Sink, Skip, Utf16Be};

/// The size of a length field.
const LENGTH: usize = 4;

/// The offset of a block's first text.
pub(super) const START: usize = 2 * LENGTH;

/// The length of Qt's null string.
const NULL: u32 = u32::MAX;

/// Splits a stream into blocks.
///
/// A block that exceeds the limit is refused as soon as its length is known, and skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// The largest block, in bytes, without its length field.
    pub limit: usize,
    /// In the lenient mode a stream may end after a length field.
    pub mode: Mode,
}

impl Blocks {
    /// A limit of [`LARGEST_FRAME`](super::LARGEST_FRAME).
    pub const fn new(mode: Mode) -> Self {
        Self { limit: super::LARGEST_FRAME, mode }
    }
}

fn read_u32(bytes: &[u8]) -> Option<usize> {
    let number = u32::from_be_bytes(*bytes.first_chunk()?);
    Some(usize::try_from(number).unwrap_or(usize::MAX))
}

impl Framing for Blocks {
    type Error = Error;

    fn deframe(&mut self, bytes: &[u8], _: usize) -> Deframed<Error> {
        let Some(len) = read_u32(bytes) else {
            return Deframed::Missing(LENGTH.saturating_sub(bytes.len()));
        };
        let whole = len.saturating_add(LENGTH);
        if len > self.limit {
            let error = wire::Error::new(wire::ErrorKind::FrameTooLarge, 0);
            Deframed::Refused(error.into(), Skip::Bytes(whole))
        } else if whole > bytes.len() {
            Deframed::Missing(whole.saturating_sub(bytes.len()))
        } else {
            Deframed::Frame(whole)
        }
    }

    fn give_up(&self, _: &[u8], needed: usize) -> Skip {
        Skip::Bytes(needed)
    }

    fn end(&self, bytes: &[u8]) -> Result<End, Error> {
        if self.mode.is_lenient() && bytes.len() == LENGTH {
            return Ok(End::Nothing);
        }
        Err(wire::Error::new(wire::ErrorKind::Incomplete, 0).into())
    }
}

/// A string in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QString<'a> {
    /// Qt's null string, which differs from the empty string.
    Null,
    /// A string, as its UTF-16 bytes.
    Text(Utf16Be<'a>),
}

/// An iterator over the strings of a block.
///
/// It ends after an error, because the position of the next string is unknown. Error offsets are from the
/// start of the block.
#[derive(Clone, Debug)]
pub struct Strings<'a> {
    rest: &'a [u8],
    len: usize,
}

impl<'a> Strings<'a> {
    /// Iterates over a whole block, including its length field.
    pub fn new(block: &'a [u8]) -> Self {
        Self { rest: block.get(LENGTH..).unwrap_or_default(), len: block.len() }
    }

    /// The number of bytes after the strings returned so far.
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    /// The offset of the next string from the start of the block.
    pub fn offset(&self) -> usize {
        self.len.saturating_sub(self.rest.len())
    }

    /// The bytes of the next string; `None` for a null string.
    pub(super) fn next_bytes(&mut self) -> Result<Option<&'a [u8]>, wire::Error> {
        let error = |kind| wire::Error::new(kind, self.offset());
        let (head, content) =
            self.rest.split_first_chunk().ok_or_else(|| error(wire::ErrorKind::TrailingBytes))?;
        let len = u32::from_be_bytes(*head);
        if len == NULL {
            self.rest = content;
            return Ok(None);
        }
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let (string, rest) =
            content.split_at_checked(len).ok_or_else(|| error(wire::ErrorKind::LengthOutOfBounds))?;
        self.rest = rest;
        Ok(Some(string))
    }
}

impl<'a> Iterator for Strings<'a> {
    type Item = Result<QString<'a>, wire::Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let start = self.offset().saturating_add(LENGTH);
        let string = self.next_bytes().and_then(|bytes| match bytes {
            None => Ok(QString::Null),
            Some(bytes) => Utf16Be::new(bytes).map(QString::Text).map_err(|error| error.after(start)),
        });
        if string.is_err() {
            self.rest = &[];
        }
        Some(string)
    }
}

/// A decoded block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read<'a> {
    /// The message.
    pub message: Message<'a>,
    /// Whether a string after the first one is malformed, so that it and the strings after it were dropped.
    /// Only in [`Mode::Lenient`]; the server drops them silently.
    pub is_truncated: bool,
}

/// The size of the scratch buffer that is always enough to [`read`] a block of this length. In the strict
/// mode it is 3 for each 2 bytes, the worst case of UTF-16 to UTF-8. The lenient mode needs more, to combine
/// strings.
pub const fn scratch_len(block: usize, mode: Mode) -> usize {
    match mode {
        Mode::Strict => block.saturating_add(block.div_ceil(2)),
        Mode::Lenient => block.saturating_mul(legacy::SCRATCH_PER_BYTE).saturating_add(legacy::SCRATCH_FIXED),
    }
}

/// Decodes a whole block, including its length field.
///
/// The message borrows from `scratch`, which holds it in UTF-8. [`scratch_len`] returns a sufficient size.
///
/// # Errors
/// [`ErrorKind::EmptyBlock`], [`ErrorKind::NullString`], [`wire::ErrorKind`]`::LengthOutOfBounds`, `OddLength`,
/// `Utf16`, `ScratchTooSmall`, and the errors of [`Message::parse`]. In the strict mode also
/// [`ErrorKind::ExtraStrings`] and `TrailingBytes`; in the lenient mode `UnexpectedType` if the message's own
/// `legacy` is not a list, at which the server fails too. Offsets are from the start of the block.
///
/// ```
/// use lobbywire_core::faf::{Mode, qdatastream};
///
/// let block = b"\0\0\0\x0c\0\0\0\x08\0P\0I\0N\0G";
/// let read = qdatastream::read(block, Mode::Strict, &mut [])?;
/// assert_eq!(read.message.command(), "ping");
/// # Ok::<(), lobbywire_core::faf::Error>(())
/// ```
pub fn read<'s>(block: &[u8], mode: Mode, scratch: &'s mut [u8]) -> Result<Read<'s>, Error> {
    let mut strings = Strings::new(block);
    if strings.left() < LENGTH {
        return Err(Error::new(ErrorKind::EmptyBlock, 0));
    }
    let Some(first) = strings.next_bytes()? else {
        return Err(Error::new(ErrorKind::NullString, LENGTH));
    };
    for (keyword, message) in [(b"\0P\0I\0N\0G", Message::PING), (b"\0P\0O\0N\0G", Message::PONG)] {
        if first == keyword {
            // The server ignores the rest of the block.
            return match strings.left() {
                _ if mode.is_lenient() => Ok(Read { message, is_truncated: false }),
                0 => Ok(Read { message, is_truncated: false }),
                _ => Err(wire::Error::new(wire::ErrorKind::TrailingBytes, strings.offset()).into()),
            };
        }
    }
    if strings.left() == 0 || !mode.is_lenient() {
        check_single_string(&strings)?;
        let text = Utf16Be::read(first, scratch).map_err(|error| error.after(START))?;
        return match Message::parse(text, mode) {
            Ok(message) => Ok(Read { message, is_truncated: false }),
            Err(error) => Err(to_utf16_offset(error, text).after(START)),
        };
    }
    let (text, is_truncated) = merge(first, strings, scratch)?;
    // The combined text is an object, so only its command can be invalid, which has no position in the block.
    let message = Message::parse(text, mode).map_err(|error| Error::new(error.kind, START))?;
    Ok(Read { message, is_truncated })
}

/// The strict mode's error for data after the first string.
fn check_single_string(strings: &Strings<'_>) -> Result<(), Error> {
    let at = strings.offset();
    match strings.clone().next_bytes() {
        _ if strings.left() == 0 => Ok(()),
        _ if strings.left() <= LENGTH => Err(wire::Error::new(wire::ErrorKind::TrailingBytes, at).into()),
        Ok(Some(_)) => Err(Error::new(ErrorKind::ExtraStrings, at)),
        Ok(None) => Err(Error::new(ErrorKind::NullString, at)),
        Err(error) => Err(error.into()),
    }
}

/// Converts an error offset in UTF-8 text to one in UTF-16.
#[cold]
pub(super) fn to_utf16_offset<K>(error: wire::Error<K>, text: &str) -> wire::Error<K> {
    let at = usize::try_from(error.offset).unwrap_or(usize::MAX);
    let units = text.get(..at).unwrap_or(text).encode_utf16().count();
    wire::Error::new(error.kind, units.saturating_mul(2))
}

/// Encodes a block with one string: the message, or its keyword.
///
/// # Errors
/// [`WriteError::ExtraKeys`] in the strict mode for a ping or pong with other members, which the lenient mode
/// drops; [`WriteError::TooLong`]; the errors of the body.
///
/// ```
/// use lobbywire_core::faf::{Message, Mode, qdatastream};
/// use lobbywire_core::wire::SliceSink;
///
/// let mut buffer = [0; 16];
/// qdatastream::write(&mut SliceSink::new(&mut buffer), &Message::PONG, Mode::Strict)?;
/// assert_eq!(&buffer, b"\0\0\0\x0c\0\0\0\x08\0P\0O\0N\0G");
/// # Ok::<(), lobbywire_core::faf::WriteError>(())
/// ```
pub fn write(out: &mut impl Sink, body: &impl Body, mode: Mode) -> Result<(), WriteError> {
    /// The longest string that Qt can read.
    const LONGEST: usize = 0x7fff_fffe;

    /// Counts bytes and calls.
    #[derive(Default)]
    struct Pieces {
        bytes: Counter,
        count: usize,
    }

    impl Sink for Pieces {
        #[inline(always)]
        fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
            self.count = self.count.saturating_add(1);
            self.bytes.put(bytes)
        }
    }

    // If the whole body is one stored text, write it with one call.
    let (len, whole) = match body.keyword(mode)? {
        Some(keyword) => (keyword.len(), Some(keyword)),
        None => {
            let mut pieces = Pieces::default();
            body.write_json(&mut pieces)?;
            let len = pieces.bytes.0;
            (len, body.stored_text().filter(|text| pieces.count == 1 && text.len() == len))
        }
    };
    let len = len.checked_mul(2).filter(|len| *len <= LONGEST).ok_or(WriteError::TooLong)?;
    let len = u32::try_from(len).map_err(|_| WriteError::TooLong)?;
    out.put_array(len.saturating_add(4).to_be_bytes())?;
    out.put_array(len.to_be_bytes())?;
    let mut out = AsciiToUtf16(out);
    match whole {
        Some(whole) => Ok(out.put(whole.as_bytes())?),
        None => body.write_json(&mut out),
    }
}
