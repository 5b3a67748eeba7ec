//! Strings as .NET's `BinaryWriter` and osu! write them: `00` for none, or `0b`, the length in
//! bytes as ULEB128, and UTF-8.

use super::reader::parse::{self, Parsed};
use super::uleb128::{uleb128, write_uleb128};
use super::{Counter, Error, ErrorKind, Fault, Full, Sink};

const EMPTY: u8 = 0x00;
const TEXT: u8 = 0x0b;

/// A string's bytes as they stand, or `None` for the empty marker.
#[inline(always)]
pub(crate) fn marked_bytes(input: &[u8]) -> Parsed<'_, Option<&[u8]>> {
    let (rest, marker) = parse::le_u8(input)?;
    match marker {
        EMPTY => Ok((rest, None)),
        TEXT => {
            let (rest, len) = match rest.split_first() {
                // Most strings are shorter than 128 bytes.
                Some((&len, rest)) if len < 0x80 => (rest, usize::from(len)),
                _ => {
                    let (rest, len) = uleb128(rest)?;
                    (rest, usize::try_from(len).unwrap_or(usize::MAX))
                }
            };
            let (rest, bytes) = parse::bytes(len)(rest)?;
            Ok((rest, Some(bytes)))
        }
        _ => Err(nom::Err::Error(Fault::new(ErrorKind::StringMarker, input))),
    }
}

/// A string that may be marked as empty (`None`) or be empty text (`Some("")`).
#[inline(always)]
pub(crate) fn marked_text(input: &[u8]) -> Parsed<'_, Option<&str>> {
    let (rest, bytes) = marked_bytes(input)?;
    match bytes {
        None => Ok((rest, None)),
        Some(bytes) => match core::str::from_utf8(bytes) {
            Ok(text) => Ok((rest, Some(text))),
            Err(_) => Err(nom::Err::Error(Fault::new(ErrorKind::Utf8, input))),
        },
    }
}

/// A string; the marker of none and empty text are the same.
#[inline(always)]
pub(crate) fn text(input: &[u8]) -> Parsed<'_, &str> {
    let (rest, text) = marked_text(input)?;
    Ok((rest, text.unwrap_or("")))
}

/// Reads a string from the start of `input`: the text, and how many bytes it takes with its marker.
///
/// # Errors
/// [`ErrorKind::StringMarker`], [`ErrorKind::Uleb128`], [`ErrorKind::Truncated`] or
/// [`ErrorKind::Utf8`].
pub fn read_text(input: &[u8]) -> Result<(&str, usize), Error> {
    match text(input) {
        Ok((rest, value)) => Ok((value, input.len().saturating_sub(rest.len()))),
        Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => Err(fault.in_payload(input.len())),
        Err(nom::Err::Incomplete(_)) => Err(Error::new(ErrorKind::Truncated, input.len())),
    }
}

/// Writes a string; an empty one is the single byte `00`.
///
/// # Errors
/// [`Full`] where the sink has no room (or the text exceeds 32 bits of length).
#[inline(always)]
pub fn write_text(out: &mut impl Sink, text: &str) -> Result<(), Full> {
    let bytes = text.as_bytes();
    match u8::try_from(bytes.len()) {
        Ok(0) => out.put_array([EMPTY]),
        Ok(len) if len < 0x80 => {
            out.put_array([TEXT, len])?;
            out.put(bytes)
        }
        _ => {
            out.put_array([TEXT])?;
            write_uleb128(out, u32::try_from(bytes.len()).map_err(|_| Full)?)?;
            out.put(bytes)
        }
    }
}

/// Writes the string that `parts` make one after the other, without joining them first.
///
/// # Errors
/// [`Full`] as in [`write_text`].
pub fn write_text_parts<'p>(
    out: &mut impl Sink,
    parts: impl Iterator<Item = &'p str> + Clone,
) -> Result<(), Full> {
    let mut len = Counter::default();
    for part in parts.clone() {
        len.put(part.as_bytes())?;
    }
    if len.0 == 0 {
        return out.put_array([EMPTY]);
    }
    out.put_array([TEXT])?;
    write_uleb128(out, u32::try_from(len.0).map_err(|_| Full)?)?;
    for part in parts {
        out.put(part.as_bytes())?;
    }
    Ok(())
}

/// Writes empty text, `0b 00`, which is not the same as no text, `00`, in the few places where
/// that makes a difference.
pub(crate) fn write_empty_text(out: &mut impl Sink) -> Result<(), Full> {
    out.put_array([TEXT, 0])
}

/// How many bytes [`write_text`] writes for `text`.
pub fn text_len(text: &str) -> usize {
    let mut counter = Counter::default();
    let _ = write_text(&mut counter, text);
    counter.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::SliceSink;
    use std::{string::String, vec};

    #[test]
    fn strings_round_trip_at_every_length_of_the_length() {
        for len in [0, 1, 2, 127, 128, 300, 16_383, 16_384] {
            let text: String = core::iter::repeat_n('x', len).collect();
            let mut buffer = vec![0xee; len + 5];
            let mut sink = SliceSink::new(&mut buffer);
            write_text(&mut sink, &text).unwrap();
            let written = len + 5 - sink.room();
            assert_eq!(written, text_len(&text));
            assert_eq!(read_text(&buffer), Ok((text.as_str(), written)));
            let mut parts = vec![0xee; len + 5];
            let (a, b) = text.split_at(len / 3);
            write_text_parts(&mut SliceSink::new(&mut parts), [a, b].into_iter()).unwrap();
            assert_eq!(parts, buffer);
            for end in 0..written {
                assert_eq!(read_text(&buffer[..end]).unwrap_err().kind, ErrorKind::Truncated);
            }
        }
    }

    #[test]
    fn both_empty_strings_are_empty_and_other_markers_are_errors() {
        assert_eq!(read_text(&[0]), Ok(("", 1)));
        assert_eq!(read_text(&[0x0b, 0]), Ok(("", 2)));
        for marker in (1..=u8::MAX).filter(|marker| *marker != TEXT) {
            assert_eq!(read_text(&[marker, 1, b'a']), Err(Error::new(ErrorKind::StringMarker, 0)));
        }
    }

    #[test]
    fn broken_utf8_names_the_string() {
        assert_eq!(read_text(&[0x0b, 1, 0xff]), Err(Error::new(ErrorKind::Utf8, 0)));
        assert_eq!(read_text(&[0x0b, 2, 0xc3, 0x9f]), Ok(("ß", 4)));
    }
}
