//! Big-endian UTF-16, as written by Qt.

use super::{Error, ErrorKind, Full, Sink, copy};
use core::fmt;

/// Borrowed big-endian UTF-16 text. It is valid: of even length, without lone surrogates.
///
/// ```
/// use lobbywire_core::wire::Utf16Be;
///
/// let text = Utf16Be::new(b"\0p\0i\0n\0g")?;
/// assert_eq!(text, "ping");
/// let mut buffer = [0; 16];
/// assert_eq!(text.to_utf8(&mut buffer)?, "ping");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Utf16Be<'a> {
    units: &'a [[u8; 2]],
}

impl<'a> Utf16Be<'a> {
    /// Validates the bytes.
    ///
    /// # Errors
    /// [`ErrorKind::OddLength`]; [`ErrorKind::Utf16`] at the first lone surrogate.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let units = units(bytes)?;
        let mut at = 0usize;
        let mut rest = units;
        while let Some((chunk, after)) = rest.split_first_chunk::<BLOCK>() {
            // Fast path: no unit starts with D8 to DF, so there are no surrogates.
            if chunk.iter().fold(false, |any, [high, _]| any | (high & 0xf8 == 0xd8)) {
                break;
            }
            rest = after;
            at = at.saturating_add(BLOCK);
        }
        for unit in char::decode_utf16(rest.iter().map(|unit| u16::from_be_bytes(*unit))) {
            match unit {
                Ok(char) => at = at.saturating_add(char.len_utf16()),
                Err(_) => return Err(Error::new(ErrorKind::Utf16, at.saturating_mul(2))),
            }
        }
        Ok(Self { units })
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.units.as_flattened()
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// Iterates over the characters.
    pub fn chars(&self) -> impl Iterator<Item = char> + Clone + use<'a> {
        let units = self.units.iter().map(|unit| u16::from_be_bytes(*unit));
        // The text contains no lone surrogates.
        char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The length of the text in UTF-8.
    pub fn utf8_len(&self) -> usize {
        self.chars().fold(0, |len, char| len.saturating_add(char.len_utf8()))
    }

    /// Converts the text to UTF-8, at the start of `buffer`.
    ///
    /// # Errors
    /// [`Full`] if the buffer is too small. Three bytes for each two are always enough.
    pub fn to_utf8<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b str, Full> {
        match transcode(self.units, buffer) {
            Ok(text) => Ok(text),
            Err(TranscodeError::Full | TranscodeError::Unpaired(_)) => Err(Full),
        }
    }

    /// Validates the bytes and converts them to UTF-8 in one pass, at the start of `buffer`. Faster than
    /// [`new`](Self::new) followed by [`to_utf8`](Self::to_utf8).
    ///
    /// # Errors
    /// As [`new`](Self::new); [`ErrorKind::ScratchTooSmall`] if the buffer is too small. Three bytes for each
    /// two are always enough.
    pub fn read<'b>(bytes: &[u8], buffer: &'b mut [u8]) -> Result<&'b str, Error> {
        transcode(units(bytes)?, buffer).map_err(|error| match error {
            TranscodeError::Full => Error::new(ErrorKind::ScratchTooSmall, 0),
            TranscodeError::Unpaired(unit) => Error::new(ErrorKind::Utf16, unit.saturating_mul(2)),
        })
    }
}

impl PartialEq<str> for Utf16Be<'_> {
    fn eq(&self, other: &str) -> bool {
        self.chars().eq(other.chars())
    }
}

impl PartialEq<&str> for Utf16Be<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl fmt::Display for Utf16Be<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        self.chars().try_for_each(|char| f.write_char(char))
    }
}

impl fmt::Debug for Utf16Be<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        f.write_char('"')?;
        self.chars().flat_map(char::escape_debug).try_for_each(|char| f.write_char(char))?;
        f.write_char('"')
    }
}

/// The number of units processed at once, chosen to fit into registers.
const BLOCK: usize = 32;

fn units(bytes: &[u8]) -> Result<&[[u8; 2]], Error> {
    match bytes.as_chunks::<2>() {
        (units, []) => Ok(units),
        _ => Err(Error::new(ErrorKind::OddLength, 0)),
    }
}

/// Why text was not converted to UTF-8.
enum TranscodeError {
    Full,
    /// The unit at this index is a lone surrogate.
    Unpaired(usize),
}

/// The number of leading ASCII units, counted in whole blocks.
fn ascii_len(units: &[[u8; 2]]) -> usize {
    let is_ascii = |block: &&[[u8; 2]; BLOCK]| {
        // As two-byte numbers, which the compiler vectorizes.
        let seen = block.iter().fold(0, |seen, unit| seen | u16::from_ne_bytes(*unit));
        let [high, low] = seen.to_ne_bytes();
        high == 0 && low < 0x80
    };
    let (blocks, _) = units.as_chunks::<BLOCK>();
    let whole = blocks.iter().take_while(is_ascii).count().saturating_mul(BLOCK);
    let rest = units.get(whole..).unwrap_or_default();
    whole.saturating_add(rest.iter().take_while(|[high, low]| *high == 0 && *low < 0x80).count())
}

/// Converts units to UTF-8, at the start of `buffer`.
fn transcode<'b>(units: &[[u8; 2]], buffer: &'b mut [u8]) -> Result<&'b str, TranscodeError> {
    let (mut rest, mut len) = (units, 0usize);
    while !rest.is_empty() {
        // Fast path for ASCII, in one loop.
        let room = buffer.get_mut(len..).unwrap_or_default();
        let count = ascii_len(rest.get(..room.len()).unwrap_or(rest));
        let (ascii, after) = rest.split_at_checked(count).unwrap_or((&[], rest));
        for (byte, [_, low]) in room.iter_mut().zip(ascii) {
            *byte = *low;
        }
        rest = after;
        len = len.saturating_add(count);
        // A block with other characters, one by one.
        let (block, after) = rest.split_at_checked(BLOCK).unwrap_or((rest, &[]));
        let numbers = block.iter().map(|unit| u16::from_be_bytes(*unit));
        let mut taken = 0usize;
        for char in char::decode_utf16(numbers) {
            match char {
                Ok(char) => {
                    let mut encoded = [0; 4];
                    let encoded = char.encode_utf8(&mut encoded).as_bytes();
                    let end = len.saturating_add(encoded.len());
                    copy(buffer.get_mut(len..end).ok_or(TranscodeError::Full)?, encoded);
                    len = end;
                    taken = taken.saturating_add(char.len_utf16());
                }
                // A high surrogate whose low surrogate is in the next block; or a lone one at the end.
                Err(_) if taken.saturating_add(1) == block.len() && !after.is_empty() && taken > 0 => break,
                Err(_) => {
                    let before = units.len().saturating_sub(rest.len());
                    return Err(TranscodeError::Unpaired(before.saturating_add(taken)));
                }
            }
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    let text = buffer.get(..len).unwrap_or_default();
    // Cheap compared to the conversion, and the only way without `unsafe`.
    core::str::from_utf8(text).map_err(|_| TranscodeError::Full)
}

/// Writes ASCII input as big-endian UTF-16.
pub(crate) struct AsciiToUtf16<S>(pub(crate) S);

impl<S: Sink> Sink for AsciiToUtf16<S> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.0.put_elements::<2, _>(bytes.len(), bytes.iter(), |byte, unit| *unit = [0, *byte])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{string::String, vec, vec::Vec};

    fn encoded(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }

    #[test]
    fn text_is_decoded_as_by_the_standard_library() {
        // All combinations take minutes in Miri. The subset still covers whole blocks and odd ends.
        let step = if cfg!(miri) { 23 } else { 1 };
        for other in ["a", "é", "€", "😀"] {
            for len in (0..70).step_by(step) {
                for at in (0..=len).step_by(step) {
                    let text: String = (0..len).map(|index| if index == at { other } else { "x" }).collect();
                    let bytes = encoded(&text);
                    let view = Utf16Be::new(&bytes).unwrap();
                    assert_eq!(view, *text);
                    assert_eq!(view.utf8_len(), text.len());
                    let mut buffer = vec![0xee; text.len() + 1];
                    assert_eq!(view.to_utf8(&mut buffer), Ok(&*text));
                    assert_eq!(Utf16Be::read(&bytes, &mut buffer), Ok(&*text));
                    if let Some(short) = text.len().checked_sub(1) {
                        assert_eq!(view.to_utf8(&mut buffer[..short]), Err(Full));
                        let error = Utf16Be::read(&bytes, &mut buffer[..short]).unwrap_err();
                        assert_eq!(error.kind, ErrorKind::ScratchTooSmall);
                    }
                }
            }
        }
    }

    #[test]
    fn lone_surrogates_are_reported_at_their_offset() {
        for (half, len) in [(0xd800u16, 70), (0xdbff, 70), (0xdc00, 70), (0xdfff, 70)] {
            for at in (0..len).step_by(if cfg!(miri) { 11 } else { 1 }) {
                let mut units = vec![u16::from(b'x'); len];
                units[at] = half;
                let bytes: Vec<_> = units.into_iter().flat_map(u16::to_be_bytes).collect();
                let expected = Error::new(ErrorKind::Utf16, 2 * at);
                assert_eq!(Utf16Be::new(&bytes), Err(expected));
                assert_eq!(Utf16Be::read(&bytes, &mut [0; 256]), Err(expected));
            }
        }
        assert_eq!(Utf16Be::new(b"\0"), Err(Error::new(ErrorKind::OddLength, 0)));
    }

    #[test]
    fn ascii_is_written_with_two_bytes_for_each() {
        let mut counter = super::super::Counter::default();
        AsciiToUtf16(&mut counter).put(b"abc").unwrap();
        assert_eq!(counter.0, 6);
        let mut buffer = [0xee; 7];
        AsciiToUtf16(super::super::SliceSink::new(&mut buffer)).put(b"abc").unwrap();
        assert_eq!(&buffer, b"\0a\0b\0c\xee");
    }
}
