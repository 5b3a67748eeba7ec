//! Strings in the encoding of .NET's `BinaryWriter` and osu!: `00` for null; or `0b`, the length in bytes as
//! ULEB128, and UTF-8.

use super::reader::parse::{self, Parsed};
use super::uleb128::{uleb128, write_uleb128};
use super::{Counter, Error, ErrorKind, Fault, Full, Sink};
use ascii::AsAsciiStr;
use nom::{Mode, OutputMode, PResult, Parser};

const EMPTY: u8 = 0x00;
pub(super) const TEXT: u8 = 0x0b;

/// Reads a string's marker and length. Returns the rest and the length; `None` for the null marker.
#[cfg_attr(not(feature = "small"), inline(always))]
fn marked_len(input: &[u8]) -> Parsed<'_, Option<usize>> {
    let (rest, marker) = parse::le_u8(input)?;
    match marker {
        EMPTY => Ok((rest, None)),
        TEXT => match rest.split_first() {
            // Fast path: most strings are shorter than 128 bytes.
            Some((&len, rest)) if len < 0x80 => Ok((rest, Some(usize::from(len)))),
            _ => {
                let (rest, len) = uleb128(rest)?;
                Ok((rest, Some(usize::try_from(len).unwrap_or(usize::MAX))))
            }
        },
        _ => Err(nom::Err::Error(Fault::new(ErrorKind::StringMarker, input))),
    }
}

/// Reads a string that may be null (`None`) or empty (`Some("")`).
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

/// Reads a string without checking that it is UTF-8.
pub(super) fn marked_bytes(input: &[u8]) -> Parsed<'_, Option<&[u8]>> {
    match marked_len(input)? {
        (rest, None) => Ok((rest, None)),
        (rest, Some(len)) => parse::bytes(len)(rest).map(|(rest, bytes)| (rest, Some(bytes))),
    }
}

/// Reads a string. Null is read as empty.
#[cfg_attr(not(feature = "small"), inline(always))]
pub(crate) fn text(input: &[u8]) -> Parsed<'_, &str> {
    let (rest, text) = marked_text(input)?;
    Ok((rest, text.unwrap_or("")))
}

/// Checks UTF-8.
///
/// Nearly all text is ASCII, and checking only for that takes half the time. For other text, bstr scans the
/// rest in blocks, whereas the standard library scans byte by byte up to an aligned address and again at the
/// end, which is most of a string as short as these.
#[inline(always)]
fn utf8(bytes: &[u8]) -> Option<&str> {
    match bytes.as_ascii_str() {
        Ok(text) => Some(text.as_str()),
        Err(_) => bstr::ByteSlice::to_str(bytes).ok(),
    }
}

/// Validates adjacent strings as one span of UTF-8, and splits them afterwards.
///
/// Validation is most of the cost of decoding a packet, and much of it is a fixed cost per string. The marker
/// and the length of a short string are ASCII, so a row of strings is valid as a whole exactly if each of
/// them is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Texts<'a> {
    /// Validated strings, each with its marker and length.
    checked: &'a str,
    /// The number of payload bytes after them.
    after: usize,
}

impl<'a> Texts<'a> {
    /// How many strings are validated ahead. Most packets have at most three in a row, and the limit keeps
    /// the time linear if the last of many is invalid.
    const MOST_AHEAD: usize = 2;

    /// No strings have been validated.
    pub(crate) const NONE: Self = Self { checked: "", after: usize::MAX };

    /// The validated string at the start of `input`, which must extend to the end of the payload, and the rest.
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn next(&mut self, input: &'a [u8]) -> Option<(&'a [u8], Option<&'a str>)> {
        if input.len() != self.checked.len().wrapping_add(self.after) {
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

    /// Validates the first `len` bytes of `content`, and what look like strings after them. If they are
    /// something else, only time is lost, because strings are only taken where one must start.
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
            return Some((text, Self { checked, after: rest.len() }));
        }
        let (first, _) = content.split_at_checked(len)?;
        Some((utf8(first)?, Self::NONE))
    }

    #[inline(never)]
    fn check_outlined(content: &'a [u8], len: usize) -> Option<(&'a str, Self)> {
        Self::check(content, len)
    }
}

/// Reads a string that may be null (`None`) or empty (`Some("")`). The input must extend to the end of the
/// payload.
///
/// Inlining makes the mix of packets a tenth faster, for about 200 bytes of code per string.
pub(crate) struct MarkedText<'t, 'a, const INLINED: bool>(pub(crate) &'t mut Texts<'a>);

impl<'a, const INLINED: bool> Parser<&'a [u8]> for MarkedText<'_, 'a, INLINED> {
    type Output = Option<&'a str>;
    type Error = Fault;

    // Implemented manually, because nom's implementation for functions would not be inlined.
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

/// Decodes a string at the start of `input`. Returns the text, and the encoded length including the marker.
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

/// Encodes a string. An empty one is the single byte `00`.
///
/// # Errors
/// [`Full`] if the sink is full, or if the length exceeds 32 bits.
#[cfg_attr(not(feature = "small"), inline(always))]
pub fn write_text(out: &mut impl Sink, text: &str) -> Result<(), Full> {
    let bytes = text.as_bytes();
    // Check the bound first, so that it is checked once, not for each pattern.
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

/// Encodes the concatenation of `parts` as one string.
///
/// # Errors
/// As [`write_text`].
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

/// Encodes the empty string, `0b 00`, which differs from null, `00`, in a few fields.
pub(crate) fn write_empty_text(out: &mut impl Sink) -> Result<(), Full> {
    out.put_array([TEXT, 0])
}

/// The text before and after the first `separator`.
pub(crate) fn split_once<'a>(text: &'a str, separator: &str) -> Option<(&'a str, &'a str)> {
    if !cfg!(feature = "small") {
        return text.split_once(separator);
    }
    // The standard library's search takes a kilobyte of code, and the optimizer keeps a panic in it.
    text.char_indices().find_map(|(at, _)| {
        let (before, rest) = text.split_at_checked(at)?;
        Some((before, rest.strip_prefix(separator)?))
    })
}

/// The length of the output of [`write_text`].
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
    fn strings_round_trip_at_every_size_of_the_length() {
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
    fn null_and_empty_strings_are_empty_and_other_markers_are_rejected() {
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

    /// The strings that a reader returns until one fails, with and without validating ahead.
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
    fn validating_ahead_returns_the_same_strings() {
        let payloads: [&[u8]; 9] = [
            b"\x0b\x02ab\x00\x0b\x01c\x0b\x00\x0b\x03def\x0b\x01g\x0b\x01h",
            // Invalid: the first, the second, the last one after those validated ahead.
            b"\x0b\x01\xff\x0b\x01a",
            b"\x0b\x01a\x0b\x01\xff\x0b\x01a",
            b"\x0b\x01a\x0b\x01b\x0b\x01c\x0b\x01d\x0b\x01e\x0b\x01\xff",
            // A character split across two strings.
            b"\x0b\x01\xc3\x0b\x01\x9f",
            b"\x0b\x02a\xc3\x00\x9f",
            // Truncated, and with another marker.
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
    fn numbers_that_look_like_strings_do_not_mislead_the_reader() {
        // After the first string comes a number that looks like a string of two bytes. The next string starts
        // inside that, and in one case inside a character.
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
