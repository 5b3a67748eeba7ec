//! Blocks of strings as Qt's `QDataStream` writes them: the lobby's older framing.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | how many bytes follow, `u32` in big-endian |
//! | 4 | how many bytes the string has, `u32` in big-endian; `ffffffff` is Qt's null |
//! | … | the string, UTF-16 in big-endian |
//!
//! A block has one string, a message as JSON, or one of the words `PING` and `PONG`. Clients of old sent more
//! strings behind it; [`Mode::Lenient`] makes of them what the server does.

use super::legacy::{self, merge};
use super::{Body, Message, Mode, WriteError};
use crate::wire::{
    AsciiToUtf16, Counter, Deframed, End, Error, ErrorKind, Framing, Full, Sink, Skip, Utf16Be,
};

/// How long a length is.
const LENGTH: usize = 4;

/// Where the text of a block starts.
pub(super) const START: usize = 2 * LENGTH;

/// Qt's null.
const NULL: u32 = u32::MAX;

/// Cuts a stream into blocks.
///
/// A block above the limit is refused by its length alone, and passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// The most bytes that a block may have behind its length.
    pub limit: usize,
    /// In the lenient mode a stream may end behind a length.
    pub mode: Mode,
}

impl Blocks {
    /// Blocks of up to [`LARGEST_FRAME`](super::LARGEST_FRAME).
    pub const fn new(mode: Mode) -> Self {
        Self { limit: super::LARGEST_FRAME, mode }
    }
}

fn read_u32(bytes: &[u8]) -> Option<usize> {
    let number = u32::from_be_bytes(*bytes.first_chunk()?);
    Some(usize::try_from(number).unwrap_or(usize::MAX))
}

impl Framing for Blocks {
    fn deframe(&mut self, bytes: &[u8], _: usize) -> Deframed {
        let Some(len) = read_u32(bytes) else {
            return Deframed::Missing(LENGTH.saturating_sub(bytes.len()));
        };
        let whole = len.saturating_add(LENGTH);
        if len > self.limit {
            Deframed::Refused(Error::new(ErrorKind::FrameTooLarge, 0), Skip::Bytes(whole))
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
        Err(Error::new(ErrorKind::Incomplete, 0))
    }
}

/// A string of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QString<'a> {
    /// Qt's null, which is not the same as no text.
    Null,
    /// Text, in the bytes that it has.
    Text(Utf16Be<'a>),
}

/// The strings of a block, as they come.
///
/// An error is the last that comes: where the next string starts is unknown then. Its offset counts from the
/// start of the block.
#[derive(Clone, Debug)]
pub struct Strings<'a> {
    rest: &'a [u8],
    len: usize,
}

impl<'a> Strings<'a> {
    /// The strings of a whole block, with its length.
    pub fn new(block: &'a [u8]) -> Self {
        Self { rest: block.get(LENGTH..).unwrap_or_default(), len: block.len() }
    }

    /// How many bytes are behind the strings so far.
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    /// Where the next string starts, in bytes from the start of the block.
    pub fn offset(&self) -> usize {
        self.len.saturating_sub(self.rest.len())
    }

    /// The bytes of the next string, `None` of a null one.
    pub(super) fn next_bytes(&mut self) -> Result<Option<&'a [u8]>, Error> {
        let error = |kind| Error::new(kind, self.offset());
        let (head, content) = self.rest.split_first_chunk().ok_or_else(|| error(ErrorKind::TrailingBytes))?;
        let len = u32::from_be_bytes(*head);
        if len == NULL {
            self.rest = content;
            return Ok(None);
        }
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let (string, rest) =
            content.split_at_checked(len).ok_or_else(|| error(ErrorKind::LengthOutOfBounds))?;
        self.rest = rest;
        Ok(Some(string))
    }
}

impl<'a> Iterator for Strings<'a> {
    type Item = Result<QString<'a>, Error>;

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

/// A block that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read<'a> {
    /// The message.
    pub message: Message<'a>,
    /// Whether a string behind the first one could not be read, so that it and what follows it are missing.
    /// Only in [`Mode::Lenient`]; the server does not tell.
    pub is_cut: bool,
}

/// How many bytes of scratch are always enough to [`read`] a block of this length: in the strict mode three for
/// each two, the most that text in UTF-16 has in UTF-8. In the lenient mode the strings behind the first one need
/// more.
pub const fn scratch_len(block: usize, mode: Mode) -> usize {
    match mode {
        Mode::Strict => block.saturating_add(block.div_ceil(2)),
        Mode::Lenient => block.saturating_mul(legacy::SHARE).saturating_add(legacy::MORE),
    }
}

/// Reads a whole block, with its length.
///
/// The message is in `scratch` then, which has to have room for it in UTF-8; [`scratch_len`] says how much is
/// always enough.
///
/// # Errors
/// [`ErrorKind::EmptyBlock`], [`ErrorKind::LengthOutOfBounds`], [`ErrorKind::NullString`],
/// [`ErrorKind::OddLength`], [`ErrorKind::Utf16`]; those of [`Message::parse`];
/// [`ErrorKind::ScratchTooSmall`]. In the strict mode [`ErrorKind::ExtraStrings`] and
/// [`ErrorKind::TrailingBytes`], in the lenient one [`ErrorKind::UnexpectedType`] where the server fails since
/// a message's own `legacy` is no list. Offsets count from the start of the block.
///
/// ```
/// use lobbywire_core::faf::{Mode, qdatastream};
///
/// let block = b"\0\0\0\x0c\0\0\0\x08\0P\0I\0N\0G";
/// let read = qdatastream::read(block, Mode::Strict, &mut [])?;
/// assert_eq!(read.message.command(), "ping");
/// # Ok::<(), lobbywire_core::wire::Error>(())
/// ```
pub fn read<'s>(block: &[u8], mode: Mode, scratch: &'s mut [u8]) -> Result<Read<'s>, Error> {
    let mut strings = Strings::new(block);
    if strings.left() < LENGTH {
        return Err(Error::new(ErrorKind::EmptyBlock, 0));
    }
    let Some(first) = strings.next_bytes()? else {
        return Err(Error::new(ErrorKind::NullString, LENGTH));
    };
    for (word, message) in [(b"\0P\0I\0N\0G", Message::PING), (b"\0P\0O\0N\0G", Message::PONG)] {
        if first == word {
            // The server reads no further.
            return match strings.left() {
                _ if mode.is_lenient() => Ok(Read { message, is_cut: false }),
                0 => Ok(Read { message, is_cut: false }),
                _ => Err(Error::new(ErrorKind::TrailingBytes, strings.offset())),
            };
        }
    }
    if strings.left() == 0 || !mode.is_lenient() {
        more_than_one(&strings)?;
        let text = Utf16Be::read(first, scratch).map_err(|error| error.after(START))?;
        return match Message::parse(text, mode) {
            Ok(message) => Ok(Read { message, is_cut: false }),
            Err(error) => Err(in_units(error, text).after(START)),
        };
    }
    let (text, is_cut) = merge(first, strings, scratch)?;
    // What was merged is an object; only its command may be wrong, and that is nowhere in particular.
    let message = Message::parse(text, mode).map_err(|error| Error::new(error.kind, START))?;
    Ok(Read { message, is_cut })
}

/// What the strict mode says of a string behind the first one.
fn more_than_one(strings: &Strings<'_>) -> Result<(), Error> {
    let at = strings.offset();
    match strings.clone().next_bytes() {
        _ if strings.left() == 0 => Ok(()),
        _ if strings.left() <= LENGTH => Err(Error::new(ErrorKind::TrailingBytes, at)),
        Ok(Some(_)) => Err(Error::new(ErrorKind::ExtraStrings, at)),
        Ok(None) => Err(Error::new(ErrorKind::NullString, at)),
        Err(error) => Err(error),
    }
}

/// An error in a text in UTF-8, where it is in UTF-16.
#[cold]
pub(super) fn in_units(error: Error, text: &str) -> Error {
    let at = usize::try_from(error.offset).unwrap_or(usize::MAX);
    let units = text.get(..at).unwrap_or(text).encode_utf16().count();
    Error::new(error.kind, units.saturating_mul(2))
}

/// Writes a block of one string: the message, or the word that stands for it.
///
/// # Errors
/// [`WriteError::ExtraKeys`] in the strict mode for a ping or pong that says more, which is lost in the lenient
/// one; [`WriteError::TooLong`]; those of the body.
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
    /// What Qt can read.
    const LONGEST: usize = 0x7fff_fffe;

    /// Counts bytes, and pieces of them.
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

    // What is put as it is, where that is known.
    let (len, whole) = match body.word(mode)? {
        Some(word) => (word.len(), Some(word)),
        None => {
            let mut pieces = Pieces::default();
            body.write_json(&mut pieces)?;
            let len = pieces.bytes.0;
            (len, body.kept().filter(|kept| pieces.count == 1 && kept.len() == len))
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
