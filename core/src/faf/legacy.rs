//! Combines the strings of a block into one message, as the server does.
//!
//! Objects and lists of pairs after the first string are merged into the message. Everything else is appended
//! as text to its list `legacy`.

use super::Mode;
use super::qdatastream::{START, Strings, to_utf16_offset};
use crate::wire::{
    Error, ErrorKind, Full, Json, JsonKind, JsonText, ParsedJson, Sink, SliceSink, Utf16Be, copy_within,
    utf8, write_json, write_json_units,
};

/// Scratch bytes that are always enough for each byte of a block, in addition to [`SCRATCH_FIXED`].
///
/// A string takes up to three bytes for two of the block while it is decoded, in a fifth of the scratch
/// buffer. The worst string becomes `legacy` as a whole and then fails as a list of pairs: per two bytes it
/// takes three as the value, three more when the list is copied to continue it, and six as text.
pub(super) const SCRATCH_PER_BYTE: usize = 8;

/// For the brackets and names of the server's own list.
pub(super) const SCRATCH_FIXED: usize = 64;

const SCRATCH_PARTS: usize = 5;

const SCRATCH_TOO_SMALL: Error = Error { kind: ErrorKind::ScratchTooSmall, offset: 0 };

impl From<Full> for Error {
    /// Only scratch buffers can be full in this module.
    fn from(_: Full) -> Self {
        SCRATCH_TOO_SMALL
    }
}

/// Combines the strings in a part of `scratch`. Also returns whether a string is malformed; the server silently
/// ignores it and the strings after it.
///
/// The text may contain duplicate names. As in Python, the first position and the last value count.
pub(super) fn merge<'s>(
    first: &[u8],
    extra: Strings<'_>,
    scratch: &'s mut [u8],
) -> Result<(&'s str, bool), Error> {
    let (text, out) =
        scratch.split_at_mut_checked(scratch.len().wrapping_div(SCRATCH_PARTS)).ok_or(SCRATCH_TOO_SMALL)?;
    let mut object = Object::new(first, text, out)?;
    // The index of the first string whose text belongs to the current list `legacy`.
    let mut legacy_from = None;
    let mut count = 0usize;
    let (mut strings, mut is_truncated) = (extra.clone(), false);
    while let Some((at, string)) = strings.next_extra() {
        let Some(string) = string else {
            is_truncated = true;
            break;
        };
        let at_string =
            |error: Error| if error == SCRATCH_TOO_SMALL { error } else { Error::new(error.kind, at) };
        let mut replaces_legacy = false;
        let meaning = meaning(first, string, text, |name, value| {
            replaces_legacy |= name.is("legacy");
            object.member(name, value)
        });
        if replaces_legacy {
            legacy_from = None;
        }
        match meaning.map_err(at_string)? {
            Meaning::Nothing | Meaning::Members => {}
            Meaning::Text => {
                if legacy_from.is_none() {
                    object.open_legacy().map_err(at_string)?;
                    legacy_from = Some(count);
                }
            }
            Meaning::Unreadable => {
                is_truncated = true;
                break;
            }
        }
        count = count.saturating_add(1);
    }
    if let Some(from) = legacy_from {
        object.begin_legacy()?;
        let mut strings = extra;
        let texts = core::iter::from_fn(|| strings.next_extra()?.1);
        for string in texts.take(count).skip(from) {
            if matches!(meaning(first, string, text, |_, _| Ok(()))?, Meaning::Text) {
                object.legacy_text(string)?;
            }
        }
        object.put(b"]")?;
    }
    object.put(b"}")?;
    let Object { out, len, .. } = object;
    Ok((utf8(out.get(..len).unwrap_or_default())?, is_truncated))
}

impl<'a> Strings<'a> {
    /// The offset of the next string after the first one, and its bytes if they are complete. The server
    /// ignores four bytes or fewer.
    fn next_extra(&mut self) -> Option<(usize, Option<&'a [u8]>)> {
        if self.left() <= 4 {
            return None;
        }
        let at = self.offset();
        Some((at, self.next_bytes().ok().flatten()))
    }
}

/// How the server interprets a string.
enum Meaning {
    /// Ignored: it repeats the first string, or is empty.
    Nothing,
    /// Its members are merged into the message.
    Members,
    /// It is appended to `legacy` as text. Pairs before an invalid item are merged nevertheless.
    Text,
    /// It is not valid UTF-16.
    Unreadable,
}

/// Interprets a string. `text` is scratch space; `member` receives the members.
fn meaning(
    first: &[u8],
    string: &[u8],
    text: &mut [u8],
    mut member: impl FnMut(Piece<'_>, Piece<'_>) -> Result<(), Full>,
) -> Result<Meaning, Error> {
    if string == first {
        return Ok(Meaning::Nothing);
    }
    let text = match Utf16Be::read(string, text) {
        Ok(text) => text,
        Err(error) if error == SCRATCH_TOO_SMALL => return Err(error),
        Err(_) => return Ok(Meaning::Unreadable),
    };
    let json = match Json::parse(text, Mode::Lenient.json()) {
        Ok(json) => json,
        // The server fails too, though only at a far greater depth.
        Err(error) if error.kind == ErrorKind::TooDeep => return Err(error),
        Err(_) => return Ok(Meaning::Text),
    };
    match json.kind() {
        JsonKind::Object => {
            for (name, value) in json.members() {
                member(Piece::Text(name), Piece::Json(value))?;
            }
            Ok(Meaning::Members)
        }
        // Python's `dict.update` accepts a sequence of pairs. At the first item that is not a pair it fails,
        // after the pairs before it have been merged.
        JsonKind::Array => {
            let mut meaning = Meaning::Nothing;
            for item in json.items() {
                let Some((name, value)) = pair(item) else { return Ok(Meaning::Text) };
                member(name, value)?;
                meaning = Meaning::Members;
            }
            Ok(meaning)
        }
        JsonKind::String if json == "" => Ok(Meaning::Nothing),
        _ => Ok(Meaning::Text),
    }
}

/// A name or a value.
#[derive(Clone, Copy)]
enum Piece<'a> {
    Json(Json<'a>),
    Text(JsonText<'a>),
    /// One character in UTF-16; the second unit is 0 for characters of one unit.
    Char([u16; 2]),
}

/// Decodes a pair as Python does: a list of two, a string of two characters, or the names of an object with two
/// members.
fn pair(item: Json<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    if let Some(text) = item.as_text() {
        // A lone surrogate is a character in Python.
        let mut chars = char::decode_utf16(text.units()).map(|char| {
            let mut units = [0; 2];
            match char {
                Ok(char) => drop(char.encode_utf16(&mut units)),
                Err(half) => units = [half.unpaired_surrogate(), 0],
            }
            Piece::Char(units)
        });
        return match (chars.next(), chars.next(), chars.next()) {
            (Some(name), Some(value), None) => Some((name, value)),
            _ => None,
        };
    }
    if item.kind() == JsonKind::Object {
        let (first, _) = item.members().next()?;
        let (second, _) = item.members().find(|(name, _)| *name != first)?;
        let has_more = item.members().any(|(name, _)| name != first && name != second);
        return if has_more { None } else { Some((Piece::Text(first), Piece::Text(second))) };
    }
    let mut items = item.items();
    match (items.next(), items.next(), items.next()) {
        (Some(name), Some(value), None) if !matches!(name.kind(), JsonKind::Array | JsonKind::Object) => {
            Some((Piece::Json(name), Piece::Json(value)))
        }
        _ => None,
    }
}

impl Piece<'_> {
    fn is(self, name: &str) -> bool {
        match self {
            Self::Json(json) => json == name,
            Self::Text(text) => text == name,
            Self::Char(_) => false,
        }
    }

    /// Writes the piece without decoding its escapes, which may be lone surrogates.
    fn write(self, out: &mut impl Sink) -> Result<(), Full> {
        match self {
            Self::Json(json) => out.put(json.text().as_bytes()),
            Self::Text(text) => {
                out.put(b"\"")?;
                out.put(text.raw().as_bytes())?;
                out.put(b"\"")
            }
            // A second unit is never 0.
            Self::Char([first, second]) => write_json_units(
                out,
                [Some(first), Some(second).filter(|unit| *unit != 0)].into_iter().flatten(),
            ),
        }
    }

    /// Writes the piece as a name. Python converts names that are not strings.
    fn write_name(self, out: &mut impl Sink) -> Result<(), Full> {
        match self {
            Self::Json(json) if json.kind() != JsonKind::String => {
                out.put(b"\"")?;
                write_json(out, json)?;
                out.put(b"\"")
            }
            _ => self.write(out),
        }
    }
}

/// The combined message without its closing brace.
struct Object<'s> {
    out: &'s mut [u8],
    len: usize,
    has_members: bool,
    /// The value of `legacy`, if present.
    legacy: Option<Legacy>,
}

/// The position of the value of `legacy`, and whether it is a list.
#[derive(Clone, Copy)]
struct Legacy {
    start: usize,
    len: usize,
    is_list: bool,
}

impl Sink for Object<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        SliceSink::new(self.out.get_mut(self.len..).ok_or(Full)?).put(bytes)?;
        self.len = self.len.saturating_add(bytes.len());
        Ok(())
    }
}

impl<'s> Object<'s> {
    fn new(first: &[u8], text: &mut [u8], out: &'s mut [u8]) -> Result<Self, Error> {
        let text = Utf16Be::read(first, text).map_err(|error| error.after(START))?;
        let ParsedJson { json, found: [legacy], .. } =
            Json::parse_and_find(text, Mode::Lenient.json(), ["legacy"])
                .map_err(|error| to_utf16_offset(error, text).after(START))?;
        let Some(members) = json.text().strip_suffix('}') else {
            return Err(Error::new(ErrorKind::NotAnObject, START));
        };
        let before = text.len().saturating_sub(text.trim_ascii_start().len());
        let legacy = legacy.map(|(at, legacy)| Legacy {
            start: at.saturating_sub(before),
            len: legacy.text().len(),
            is_list: legacy.kind() == JsonKind::Array,
        });
        let mut object = Self { out, len: 0, has_members: json.members().next().is_some(), legacy };
        object.put(members.as_bytes())?;
        Ok(object)
    }

    fn member(&mut self, name: Piece<'_>, value: Piece<'_>) -> Result<(), Full> {
        if core::mem::replace(&mut self.has_members, true) {
            self.put(b",")?;
        }
        name.write_name(self)?;
        self.put(b":")?;
        let start = self.len;
        value.write(self)?;
        if name.is("legacy") {
            let is_list = matches!(value, Piece::Json(json) if json.kind() == JsonKind::Array);
            self.legacy = Some(Legacy { start, len: self.len.saturating_sub(start), is_list });
        }
        Ok(())
    }

    /// Makes sure that `legacy` is a list, and adds an empty one if it is missing.
    fn open_legacy(&mut self) -> Result<(), Error> {
        match self.legacy {
            Some(Legacy { is_list: true, .. }) => Ok(()),
            Some(_) => Err(Error::new(ErrorKind::UnexpectedType, 0)),
            None => {
                let (name, empty) = (JsonText::assume("legacy"), Json::assume("[]"));
                Ok(self.member(Piece::Text(name), Piece::Json(empty))?)
            }
        }
    }

    /// Copies `legacy` to the end of the message, without its closing bracket.
    fn begin_legacy(&mut self) -> Result<(), Error> {
        let Some(Legacy { start, len, .. }) = self.legacy else { return Ok(()) };
        self.put(b",\"legacy\":")?;
        // Without the closing bracket.
        let had = len.saturating_sub(1);
        let at = self.len;
        if self.out.len().saturating_sub(at) < had {
            return Err(SCRATCH_TOO_SMALL);
        }
        copy_within(self.out, start, had, at);
        self.len = at.saturating_add(had);
        Ok(())
    }

    /// Appends a string to `legacy`.
    fn legacy_text(&mut self, string: &[u8]) -> Result<(), Error> {
        let text = self.out.get(..self.len).unwrap_or_default().trim_ascii_end();
        if text.last() != Some(&b'[') {
            self.put(b",")?;
        }
        let units = string.as_chunks::<2>().0.iter().map(|unit| u16::from_be_bytes(*unit));
        Ok(write_json_units(self, units)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faf::qdatastream::{read, scratch_len};
    use std::{string::String, vec, vec::Vec};

    fn block(strings: &[&str]) -> Vec<u8> {
        let mut body = Vec::new();
        for string in strings {
            let units: Vec<u8> = string.encode_utf16().flat_map(u16::to_be_bytes).collect();
            body.extend(u32::try_from(units.len()).unwrap().to_be_bytes());
            body.extend(units);
        }
        [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], &body].concat()
    }

    #[test]
    fn additional_strings_are_merged_as_the_server_does() {
        // Output of FAForever's server 1.15.0. Duplicate names are resolved as Python does.
        for (strings, expected) in [
            // A lone surrogate is a character in Python.
            (
                &[r#"{"command":"a"}"#, r#"["\ud800x","x\udc00"]"#][..],
                r#"{"command":"a","\ud800":"x","x":"\udc00"}"#,
            ),
            (
                &[r#"{"command":"a"}"#, r#"["😀\ud83d\ude00"]"#],
                r#"{"command":"a","\ud83d\ude00":"\ud83d\ude00"}"#,
            ),
            // A list that is replaced loses its strings.
            (
                &[r#"{"command":"a"}"#, "x", r#"{"legacy":["y"]}"#, "z"],
                r#"{"command":"a","legacy":[],"legacy":["y"],"legacy":["y","z"]}"#,
            ),
            // White space before the first message does not shift its list.
            (
                &[" {\"legacy\" : [ 1 ] ,\"command\":\"a\"}\n", "z"],
                r#"{"legacy":[1],"command":"a","legacy":[1,"z"]}"#,
            ),
            // An invalid list of pairs becomes both members and text.
            (
                &[r#"{"command":"a"}"#, r#"[["legacy",["é"]],1]"#],
                r#"{"command":"a","legacy":["\u00e9"],"legacy":["\u00e9","[[\"legacy\",[\"\u00e9\"]],1]"]}"#,
            ),
        ] {
            let (block, mut written) = (block(strings), vec![0; 1024]);
            let mut scratch = vec![0; scratch_len(block.len(), Mode::Lenient)];
            let message = read(&block, Mode::Lenient, &mut scratch).unwrap().message;
            let mut sink = SliceSink::new(&mut written);
            write_json(&mut sink, message.json()).unwrap();
            let len = 1024 - sink.room();
            assert_eq!(String::from_utf8_lossy(&written[..len]), expected);
        }
    }

    #[test]
    fn scratch_len_is_sufficient_for_the_worst_case() {
        // The worst cases: a list that is stored, copied, and repeated as text.
        let large = std::format!(r#"[["legacy",["{}"]],1]"#, "漢".repeat(2000));
        let pairs = std::format!("[{}1]", "\"😀😀\",".repeat(500));
        for string in [&large, &pairs] {
            let block = block(&[r#"{"command":"a"}"#, string]);
            let mut scratch = vec![0; scratch_len(block.len(), Mode::Lenient)];
            assert!(read(&block, Mode::Lenient, &mut scratch).is_ok());
            // Half of it is not enough.
            let less = scratch.len() / 2;
            assert_eq!(
                read(&block, Mode::Lenient, &mut scratch[..less]).unwrap_err().kind,
                ErrorKind::ScratchTooSmall.into()
            );
        }
    }

    #[test]
    fn replacing_lists_repeatedly_takes_linear_time() {
        // Quadratic time would take minutes.
        let (list, count) = (r#"{"legacy":[]}"#, 100_000);
        let strings: Vec<_> =
            core::iter::once(r#"{"command":"a"}"#).chain([list, "text"].repeat(count)).collect();
        let block = block(&strings);
        let mut scratch = vec![0; scratch_len(block.len(), Mode::Lenient)];
        let start = std::time::Instant::now();
        assert!(read(&block, Mode::Lenient, &mut scratch).is_ok());
        assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    }
}
