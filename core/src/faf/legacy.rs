//! What the server makes of the strings behind the first one of a block.
//!
//! Objects, and lists of pairs, go into the message; what is neither goes as text into its list `legacy`.

use super::Mode;
use super::qdatastream::{START, Strings, in_units};
use crate::wire::{
    Error, ErrorKind, Full, Json, JsonKind, JsonText, ParsedJson, Sink, SliceSink, Utf16Be, copy_within,
    utf8, write_json, write_json_units,
};

/// How many bytes of scratch are enough for each byte of a block, besides [`MORE`].
///
/// A string on its way takes three bytes for two of the block, which a fifth of this is. A string that is all
/// `legacy`, and then fails as a list of pairs, takes three for two as what it was, as many as what it is
/// continued from, and as text six for two.
pub(super) const SHARE: usize = 8;

/// For what the server's own list begins and ends with.
pub(super) const MORE: usize = 64;

const SHARES: usize = 5;

const SCRATCH: Error = Error { kind: ErrorKind::ScratchTooSmall, offset: 0 };

impl From<Full> for Error {
    /// What is full in here is always a scratch buffer.
    fn from(_: Full) -> Self {
        SCRATCH
    }
}

/// Puts the message together, in a part of `scratch`; and says whether a string could not be read, behind
/// which the server silently stops.
///
/// In the text a name may stand twice: it counts as in Python's dictionaries, in the first place with the last
/// value.
pub(super) fn merge<'s>(
    first: &[u8],
    extra: Strings<'_>,
    scratch: &'s mut [u8],
) -> Result<(&'s str, bool), Error> {
    let (text, out) = scratch.split_at_mut_checked(scratch.len().wrapping_div(SHARES)).ok_or(SCRATCH)?;
    let mut object = Object::new(first, text, out)?;
    // Which strings are a part of the list that is `legacy` now: texts from this one on.
    let mut legacy_from = None;
    let mut count = 0usize;
    let (mut strings, mut is_cut) = (extra.clone(), false);
    while let Some((at, string)) = strings.next_extra() {
        let Some(string) = string else {
            is_cut = true;
            break;
        };
        let placed = |error: Error| if error == SCRATCH { error } else { Error::new(error.kind, at) };
        let mut replaces_legacy = false;
        let meaning = meaning(first, string, text, |name, value| {
            replaces_legacy |= name.is("legacy");
            object.member(name, value)
        });
        if replaces_legacy {
            legacy_from = None;
        }
        match meaning.map_err(placed)? {
            Meaning::Nothing | Meaning::Members => {}
            Meaning::Text => {
                if legacy_from.is_none() {
                    object.open_legacy().map_err(placed)?;
                    legacy_from = Some(count);
                }
            }
            Meaning::Unreadable => {
                is_cut = true;
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
    Ok((utf8(out.get(..len).unwrap_or_default())?, is_cut))
}

impl<'a> Strings<'a> {
    /// Where the next string behind the first one starts, and what it is, if it has its bytes. Four bytes and
    /// fewer are none.
    fn next_extra(&mut self) -> Option<(usize, Option<&'a [u8]>)> {
        if self.left() <= 4 {
            return None;
        }
        let at = self.offset();
        Some((at, self.next_bytes().ok().flatten()))
    }
}

/// What a string means to the server.
enum Meaning {
    /// It is the first one again, or empty of meaning.
    Nothing,
    /// Members of the message.
    Members,
    /// Text, for its list `legacy`. Pairs that stood in it are members all the same.
    Text,
    /// It is not UTF-16.
    Unreadable,
}

/// Finds out what a string means; `text` is room for it, and `member` takes the members.
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
        Err(error) if error == SCRATCH => return Err(error),
        Err(_) => return Ok(Meaning::Unreadable),
    };
    let json = match Json::parse(text, Mode::Lenient.json()) {
        Ok(json) => json,
        // The server fails, where it would be far deeper.
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
        // What Python's `dict.update` takes: a sequence of pairs. It fails at the first that is none, with
        // those before it taken.
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
    /// A character in UTF-16, or half of a surrogate pair and a zero.
    Char([u16; 2]),
}

/// A pair, if it is one to Python: a list of two, a text of two characters, or an object of two members, of
/// which the names count.
fn pair(item: Json<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    if let Some(text) = item.as_text() {
        // What Python calls characters: half of a pair is one.
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

    /// As it stands: only escapes are kept as they are, which may be of half pairs.
    fn write(self, out: &mut impl Sink) -> Result<(), Full> {
        match self {
            Self::Json(json) => out.put(json.text().as_bytes()),
            Self::Text(text) => {
                out.put(b"\"")?;
                out.put(text.raw().as_bytes())?;
                out.put(b"\"")
            }
            // What has a second unit has one that is not 0.
            Self::Char([first, second]) => write_json_units(
                out,
                [Some(first), Some(second).filter(|unit| *unit != 0)].into_iter().flatten(),
            ),
        }
    }

    /// As a name: Python writes names that are no text as text.
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

/// The message so far: an object without its last brace.
struct Object<'s> {
    out: &'s mut [u8],
    len: usize,
    has_members: bool,
    /// The value of `legacy`, if there is one.
    legacy: Option<Legacy>,
}

/// Where the value of `legacy` stands in the message, and what it is.
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
                .map_err(|error| in_units(error, text).after(START))?;
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

    /// Sees that `legacy` is a list, which is new where there was none.
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

    /// Begins `legacy` once more, with what is in it so far.
    fn begin_legacy(&mut self) -> Result<(), Error> {
        let Some(Legacy { start, len, .. }) = self.legacy else { return Ok(()) };
        self.put(b",\"legacy\":")?;
        // Without the bracket that ends it.
        let had = len.saturating_sub(1);
        let at = self.len;
        if self.out.len().saturating_sub(at) < had {
            return Err(SCRATCH);
        }
        copy_within(self.out, start, had, at);
        self.len = at.saturating_add(had);
        Ok(())
    }

    /// One more text in `legacy`.
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
    fn strings_behind_the_first_become_what_the_server_makes_of_them() {
        // What FAForever's 1.15.0 makes of these, names that stand twice told as its Python tells them.
        for (strings, expected) in [
            // Half of a pair is a character to Python.
            (
                &[r#"{"command":"a"}"#, r#"["\ud800x","x\udc00"]"#][..],
                r#"{"command":"a","\ud800":"x","x":"\udc00"}"#,
            ),
            (
                &[r#"{"command":"a"}"#, r#"["😀\ud83d\ude00"]"#],
                r#"{"command":"a","\ud83d\ude00":"\ud83d\ude00"}"#,
            ),
            // A list that is replaced loses its texts.
            (
                &[r#"{"command":"a"}"#, "x", r#"{"legacy":["y"]}"#, "z"],
                r#"{"command":"a","legacy":[],"legacy":["y"],"legacy":["y","z"]}"#,
            ),
            // White space in front of the first message does not matter to where its list is.
            (
                &[" {\"legacy\" : [ 1 ] ,\"command\":\"a\"}\n", "z"],
                r#"{"legacy":[1],"command":"a","legacy":[1,"z"]}"#,
            ),
            // A list of pairs that breaks is both members and text.
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
    fn so_much_scratch_as_is_said_is_enough_for_the_worst() {
        // As large as it gets: a list that is kept, copied, and text.
        let large = std::format!(r#"[["legacy",["{}"]],1]"#, "漢".repeat(2000));
        let pairs = std::format!("[{}1]", "\"😀😀\",".repeat(500));
        for string in [&large, &pairs] {
            let block = block(&[r#"{"command":"a"}"#, string]);
            let mut scratch = vec![0; scratch_len(block.len(), Mode::Lenient)];
            assert!(read(&block, Mode::Lenient, &mut scratch).is_ok());
            // And a half of it is not.
            let less = scratch.len() / 2;
            assert_eq!(
                read(&block, Mode::Lenient, &mut scratch[..less]).unwrap_err().kind,
                ErrorKind::ScratchTooSmall
            );
        }
    }

    #[test]
    fn lists_that_are_replaced_again_and_again_cost_no_more_than_their_bytes() {
        // To look at the message so far each time would be minutes.
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
