//! UTF-16 in big-endian units, as Qt writes it.

use super::{Error, ErrorKind, Full, Sink, copy};
use core::fmt;

/// Text in big-endian UTF-16, borrowed, and known to be whole: of even length, with surrogates in pairs.
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
    /// Checks these bytes.
    ///
    /// # Errors
    /// [`ErrorKind::OddLength`], or [`ErrorKind::Utf16`] at the first surrogate without the other one.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let units = units(bytes)?;
        let mut at = 0usize;
        let mut rest = units;
        while let Some((chunk, behind)) = rest.split_first_chunk::<BLOCK>() {
            // No surrogate in it: none has a first byte of D8 to DF.
            if chunk.iter().fold(false, |any, [high, _]| any | (high & 0xf8 == 0xd8)) {
                break;
            }
            rest = behind;
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

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// The characters.
    pub fn chars(&self) -> impl Iterator<Item = char> + Clone + use<'a> {
        let units = self.units.iter().map(|unit| u16::from_be_bytes(*unit));
        // All surrogates were found to be in pairs.
        char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// How many bytes the text has in UTF-8.
    pub fn utf8_len(&self) -> usize {
        self.chars().fold(0, |len, char| len.saturating_add(char.len_utf8()))
    }

    /// The text in UTF-8, at the start of `buffer`.
    ///
    /// # Errors
    /// [`Full`] where there is not enough room: three bytes for each two are always enough.
    pub fn to_utf8<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b str, Full> {
        match transcode(self.units, buffer) {
            Ok(text) => Ok(text),
            Err(Untold::Full | Untold::Unpaired(_)) => Err(Full),
        }
    }

    /// Checks these bytes and puts them into UTF-8 in one go, at the start of `buffer`: faster than
    /// [`new`](Self::new) and [`to_utf8`](Self::to_utf8).
    ///
    /// # Errors
    /// As [`new`](Self::new), and [`ErrorKind::ScratchTooSmall`] where there is not enough room: three bytes
    /// for each two are always enough.
    pub fn read<'b>(bytes: &[u8], buffer: &'b mut [u8]) -> Result<&'b str, Error> {
        transcode(units(bytes)?, buffer).map_err(|untold| match untold {
            Untold::Full => Error::new(ErrorKind::ScratchTooSmall, 0),
            Untold::Unpaired(unit) => Error::new(ErrorKind::Utf16, unit.saturating_mul(2)),
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

/// How many units are looked at together: few enough to be in registers.
const BLOCK: usize = 32;

fn units(bytes: &[u8]) -> Result<&[[u8; 2]], Error> {
    match bytes.as_chunks::<2>() {
        (units, []) => Ok(units),
        _ => Err(Error::new(ErrorKind::OddLength, 0)),
    }
}

/// Why text is not there in UTF-8.
enum Untold {
    Full,
    /// The unit at this place is half of a pair.
    Unpaired(usize),
}

/// How many units at the start are ASCII, counted in blocks as far as they are whole.
fn ascii_len(units: &[[u8; 2]]) -> usize {
    let is_ascii = |block: &&[[u8; 2]; BLOCK]| {
        // As numbers of two bytes, which are put together many at once.
        let seen = block.iter().fold(0, |seen, unit| seen | u16::from_ne_bytes(*unit));
        let [high, low] = seen.to_ne_bytes();
        high == 0 && low < 0x80
    };
    let (blocks, _) = units.as_chunks::<BLOCK>();
    let whole = blocks.iter().take_while(is_ascii).count().saturating_mul(BLOCK);
    let rest = units.get(whole..).unwrap_or_default();
    whole.saturating_add(rest.iter().take_while(|[high, low]| *high == 0 && *low < 0x80).count())
}

/// Puts units into UTF-8 at the start of `buffer`.
fn transcode<'b>(units: &[[u8; 2]], buffer: &'b mut [u8]) -> Result<&'b str, Untold> {
    let (mut rest, mut len) = (units, 0usize);
    while !rest.is_empty() {
        // What is mostly there is ASCII: as far as that goes, it goes through in one loop.
        let room = buffer.get_mut(len..).unwrap_or_default();
        let count = ascii_len(rest.get(..room.len()).unwrap_or(rest));
        let (ascii, behind) = rest.split_at_checked(count).unwrap_or((&[], rest));
        for (byte, [_, low]) in room.iter_mut().zip(ascii) {
            *byte = *low;
        }
        rest = behind;
        len = len.saturating_add(count);
        // Something else: a block of it one by one.
        let (block, behind) = rest.split_at_checked(BLOCK).unwrap_or((rest, &[]));
        let numbers = block.iter().map(|unit| u16::from_be_bytes(*unit));
        let mut taken = 0usize;
        for char in char::decode_utf16(numbers) {
            match char {
                Ok(char) => {
                    let mut encoded = [0; 4];
                    let encoded = char.encode_utf8(&mut encoded).as_bytes();
                    let end = len.saturating_add(encoded.len());
                    copy(buffer.get_mut(len..end).ok_or(Untold::Full)?, encoded);
                    len = end;
                    taken = taken.saturating_add(char.len_utf16());
                }
                // The first half of a pair whose other one is in the next block; not so at the end.
                Err(_) if taken.saturating_add(1) == block.len() && !behind.is_empty() && taken > 0 => break,
                Err(_) => {
                    let before = units.len().saturating_sub(rest.len());
                    return Err(Untold::Unpaired(before.saturating_add(taken)));
                }
            }
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    let text = buffer.get(..len).unwrap_or_default();
    // Cheap beside what came before, and the only way without `unsafe`.
    core::str::from_utf8(text).map_err(|_| Untold::Full)
}

/// Writes what it is given, which has to be ASCII, in big-endian UTF-16.
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
    fn text_of_any_length_and_with_anything_anywhere_is_read_as_the_standard_library_does() {
        // Miri takes minutes for all of them; what is long goes through words, and an odd end, in any case.
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
    fn half_pairs_are_found_where_they_are() {
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
    fn ascii_is_written_in_two_bytes_each() {
        let mut counter = super::super::Counter::default();
        AsciiToUtf16(&mut counter).put(b"abc").unwrap();
        assert_eq!(counter.0, 6);
        let mut buffer = [0xee; 7];
        AsciiToUtf16(super::super::SliceSink::new(&mut buffer)).put(b"abc").unwrap();
        assert_eq!(&buffer, b"\0a\0b\0c\xee");
    }
}
