//! Strings as .NET's `BinaryWriter` and osu! write them: `00` for none, or `0b`, the length in
//! bytes as ULEB128, and UTF-8.

use super::reader::parse::{self, Parsed};
use super::uleb128::{uleb128, write_uleb128};
use super::{Counter, Error, ErrorKind, Fault, Full, Sink};
use ascii::AsAsciiStr;
use nom::{Mode, OutputMode, PResult, Parser};

const EMPTY: u8 = 0x00;
const TEXT: u8 = 0x0b;

/// A string's marker and length: what follows them, and the length, or `None` for the empty marker.
#[cfg_attr(not(feature = "small"), inline(always))]
fn marked_len(input: &[u8]) -> Parsed<'_, Option<usize>> {
    let (rest, marker) = parse::le_u8(input)?;
    match marker {
        EMPTY => Ok((rest, None)),
        TEXT => match rest.split_first() {
            // Most strings are shorter than 128 bytes.
            Some((&len, rest)) if len < 0x80 => Ok((rest, Some(usize::from(len)))),
            _ => {
                let (rest, len) = uleb128(rest)?;
                Ok((rest, Some(usize::try_from(len).unwrap_or(usize::MAX))))
            }
        },
        _ => Err(nom::Err::Error(Fault::new(ErrorKind::StringMarker, input))),
    }
}

/// A string that may be marked as empty (`None`) or be empty text (`Some("")`).
#[cfg_attr(not(feature = "small"), inline(always))]
pub(crate) fn marked_text(input: &[u8]) -> Parsed<'_, Option<&str>> {
    let (rest, len) = marked_len(input)?;
    let Some(len) = len else {
        return Ok((rest, None));
    };
    let (rest, bytes) = parse::bytes(len)(rest)?;
    match core::str::from_utf8(bytes) {
        Ok(text) => Ok((rest, Some(text))),
        Err(_) => Err(nom::Err::Error(Fault::new(ErrorKind::Utf8, input))),
    }
}

/// A string; the marker of none and empty text are the same.
#[cfg_attr(not(feature = "small"), inline(always))]
pub(crate) fn text(input: &[u8]) -> Parsed<'_, &str> {
    let (rest, text) = marked_text(input)?;
    Ok((rest, text.unwrap_or("")))
}

/// Bytes as text.
///
/// Nearly all text is ASCII, and what looks for that alone takes half the time. Where some is not, bstr still looks at
/// the rest in blocks; the standard library's check goes byte by byte up to an aligned place and again at the end, which
/// in strings as short as these is most of them.
#[inline(always)]
fn utf8(bytes: &[u8]) -> Option<&str> {
    match bytes.as_ascii_str() {
        Ok(text) => Some(text.as_str()),
        Err(_) => bstr::ByteSlice::to_str(bytes).ok(),
    }
}

/// Checks strings that follow one another as one span of UTF-8, and cuts them out of it.
///
/// Checking is most of the cost of reading a packet, and much of that is a fixed cost for each
/// string. Marker and length of a short string are ASCII, so that a row of strings is valid as a
/// whole exactly where each of them is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Texts<'a> {
    /// Strings that are known to be UTF-8, each with its marker and length.
    checked: &'a str,
    /// How many bytes of the payload are behind them.
    behind: usize,
}

impl<'a> Texts<'a> {
    /// How many strings are checked ahead: three stand in a row in most packets, and a bound keeps
    /// the time linear where the last of many is broken.
    const MOST_AHEAD: usize = 2;

    /// Nothing is known yet.
    pub(crate) const NONE: Self = Self { checked: "", behind: usize::MAX };

    /// The string at the start of `input`, which goes to the end of the payload, if it was checked, and what is
    /// behind it.
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn next(&mut self, input: &'a [u8]) -> Option<(&'a [u8], Option<&'a str>)> {
        if input.len() != self.checked.len().wrapping_add(self.behind) {
            return None;
        }
        match self.checked.as_bytes() {
            [EMPTY, ..] => {
                let (_, rest) = input.split_first()?;
                (_, self.checked) = self.checked.split_at_checked(1)?;
                Some((rest, None))
            }
            [TEXT, len, ..] => {
                let len = usize::from(*len);
                let (_, rest) = input.split_at_checked(len.wrapping_add(2))?;
                let (_, content) = self.checked.split_at_checked(2)?;
                let (text, checked) = content.split_at_checked(len)?;
                self.checked = checked;
                Some((rest, Some(text)))
            }
            _ => None,
        }
    }

    /// Checks the first `len` bytes of `content`, and with them the strings that seem to follow; that these are
    /// something else only costs time, since nothing is taken that does not start where a string has to.
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn check(content: &'a [u8], len: usize) -> Option<(&'a str, Self)> {
        let mut end = len;
        for _ in 0..Self::MOST_AHEAD {
            let next = match content.get(end..)? {
                [TEXT, len, ..] if *len < 0x80 => end.wrapping_add(2).wrapping_add(usize::from(*len)),
                [EMPTY, ..] => end.wrapping_add(1),
                _ => break,
            };
            if next > content.len() {
                break;
            }
            end = next;
        }
        let (span, rest) = content.split_at_checked(end)?;
        if let Some(span) = utf8(span)
            && let Some((text, checked)) = span.split_at_checked(len)
        {
            return Some((text, Self { checked, behind: rest.len() }));
        }
        let (first, _) = content.split_at_checked(len)?;
        Some((utf8(first)?, Self::NONE))
    }

    #[inline(never)]
    fn check_outlined(content: &'a [u8], len: usize) -> Option<(&'a str, Self)> {
        Self::check(content, len)
    }
}

/// A string that may be marked as empty (`None`) or be empty text (`Some("")`). The input must end
/// where the payload does.
///
/// Inlined, the check is a tenth faster in the mix of packets and takes some 200 bytes a string.
pub(crate) struct MarkedText<'t, 'a, const INLINED: bool>(pub(crate) &'t mut Texts<'a>);

impl<'a, const INLINED: bool> Parser<&'a [u8]> for MarkedText<'_, 'a, INLINED> {
    type Output = Option<&'a str>;
    type Error = Fault;

    // Implemented by hand, since nom's implementation for functions would not be inlined.
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn process<OM: OutputMode>(
        &mut self,
        input: &'a [u8],
    ) -> PResult<OM, &'a [u8], Self::Output, Self::Error> {
        let fault = |fault| nom::Err::Error(OM::Error::bind(|| fault));
        if let Some((rest, text)) = self.0.next(input) {
            return Ok((rest, OM::Output::bind(|| text)));
        }
        let marked = match marked_len(input) {
            Ok((rest, None)) => return Ok((rest, OM::Output::bind(|| None))),
            Ok((content, Some(len))) => parse::bytes(len)(content).map(|(rest, _)| (rest, content, len)),
            Err(error) => Err(error),
        };
        match marked {
            Ok((rest, content, len)) => {
                let check = if INLINED { Texts::check } else { Texts::check_outlined };
                match check(content, len) {
                    Some((text, texts)) => {
                        *self.0 = texts;
                        Ok((rest, OM::Output::bind(|| Some(text))))
                    }
                    None => Err(fault(Fault::new(ErrorKind::Utf8, input))),
                }
            }
            Err(nom::Err::Error(error) | nom::Err::Failure(error)) => Err(fault(error)),
            Err(nom::Err::Incomplete(needed)) => Err(nom::Err::Incomplete(needed)),
        }
    }
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
#[cfg_attr(not(feature = "small"), inline(always))]
pub fn write_text(out: &mut impl Sink, text: &str) -> Result<(), Full> {
    let bytes = text.as_bytes();
    // The bound first: it is one question then, and not one for each pattern.
    match (bytes.len() < 0x80).then(|| u8::try_from(bytes.len())) {
        Some(Ok(0)) => return out.put_array([EMPTY]),
        Some(Ok(len)) => return out.put_prefixed([TEXT, len], bytes),
        _ => {
            out.put_array([TEXT])?;
            write_uleb128(out, u32::try_from(bytes.len()).map_err(|_| Full)?)?;
        }
    }
    out.put(bytes)
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

/// What is in front of the first `separator`, and what is behind it.
pub(crate) fn split_once<'a>(text: &'a str, separator: &str) -> Option<(&'a str, &'a str)> {
    if !cfg!(feature = "small") {
        return text.split_once(separator);
    }
    // The standard library's search is a kilobyte, and could panic as far as the compiler can see.
    text.char_indices().find_map(|(at, _)| {
        let (before, rest) = text.split_at_checked(at)?;
        Some((before, rest.strip_prefix(separator)?))
    })
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
    use crate::wire::{Reader, SliceSink};
    use std::{string::String, vec, vec::Vec};

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

    /// What a reader finds, string by string, until one fails: with a look ahead, and without.
    fn strings(payload: &[u8]) -> [(Vec<&str>, Option<Fault>); 3] {
        fn all<'a>(
            payload: &'a [u8],
            mut next: impl FnMut(&mut Reader<'a>) -> Result<&'a str, Fault>,
        ) -> (Vec<&'a str>, Option<Fault>) {
            let mut reader = Reader::new(payload);
            let mut found = vec![];
            while !reader.rest().is_empty() {
                match next(&mut reader) {
                    Ok(text) => found.push(text),
                    Err(fault) => return (found, Some(fault)),
                }
            }
            (found, None)
        }
        [
            all(payload, |reader| reader.parse(text)),
            all(payload, Reader::text),
            all(payload, Reader::text_inlined),
        ]
    }

    #[test]
    fn strings_checked_together_are_those_checked_one_by_one() {
        let payloads: [&[u8]; 9] = [
            b"\x0b\x02ab\x00\x0b\x01c\x0b\x00\x0b\x03def\x0b\x01g\x0b\x01h",
            // Broken: the first, the second, the last beyond the look ahead.
            b"\x0b\x01\xff\x0b\x01a",
            b"\x0b\x01a\x0b\x01\xff\x0b\x01a",
            b"\x0b\x01a\x0b\x01b\x0b\x01c\x0b\x01d\x0b\x01e\x0b\x01\xff",
            // A character in two halves.
            b"\x0b\x01\xc3\x0b\x01\x9f",
            b"\x0b\x02a\xc3\x00\x9f",
            // Cut, and with another marker.
            b"\x0b\x01a\x0b\x05b",
            b"\x0b\x02\xc3\x9f\x0b",
            b"\x0b\x02\xc3\x9f\x0c\x01a",
        ];
        for payload in payloads {
            let [one_by_one, together, inlined] = strings(payload);
            assert_eq!(together, one_by_one, "{payload:x?}");
            assert_eq!(inlined, one_by_one, "{payload:x?}");
        }
    }

    #[test]
    fn a_number_that_looks_like_a_string_ahead_does_no_harm() {
        // Behind the first string a number, in which the look ahead sees a string of two bytes; the
        // next string starts inside of that, and in one case inside of a character.
        for (payload, second) in [
            (&b"\x0b\x01a\x0b\x02\x0b\x03\x0b\x03xyz"[..], "xyz"),
            (&b"\x0b\x01a\x0b\x07\xc3\x0b\x0b\x03xyz"[..], "xyz"),
            (&b"\x0b\x01a\x0b\x7f\x00\x00\x0b\x02\xc3\x9f"[..], "\u{df}"),
        ] {
            let mut reader = Reader::new(payload);
            assert_eq!(reader.text(), Ok("a"));
            reader.parse(parse::le_u32).unwrap();
            assert_eq!(reader.text(), Ok(second), "{payload:x?}");
            assert!(reader.rest().is_empty());
        }
    }
}
