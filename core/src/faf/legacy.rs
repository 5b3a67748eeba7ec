//! What the server makes of the strings behind the first one of a block.
//!
//! Objects, and lists of pairs, go into the message; what is neither goes as text into its list `legacy`.

use super::Mode;
use super::qdatastream::{START, Strings, in_units};
use crate::wire::{
    Error, ErrorKind, Full, Json, JsonKind, JsonText, Sink, SliceSink, Utf16Be, copy_within, utf8,
    write_json, write_json_units,
};

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
    // A string on its way, three bytes for two; and the message, in which escapes may take six for two.
    let (text, out) = scratch.split_at_mut_checked(scratch.len().wrapping_div(3)).ok_or(SCRATCH)?;
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
    Char(char),
}

/// A pair, if it is one to Python: a list of two, a text of two characters, or an object of two members, of
/// which the names count.
fn pair(item: Json<'_>) -> Option<(Piece<'_>, Piece<'_>)> {
    if let Some(text) = item.as_text() {
        let mut chars = text.chars();
        return match (chars.next(), chars.next(), chars.next()) {
            (Some(name), Some(value), None) => Some((Piece::Char(name), Piece::Char(value))),
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
            Self::Char(char) => write_json_units(out, char.encode_utf16(&mut [0; 2]).iter().copied()),
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
        let json =
            Json::parse(text, Mode::Lenient.json()).map_err(|error| in_units(error, text).after(START))?;
        let Some(members) = json.text().strip_suffix('}') else {
            return Err(Error::new(ErrorKind::NotAnObject, START));
        };
        let mut object = Self { out, len: 0, has_members: json.members().next().is_some() };
        object.put(members.as_bytes())?;
        Ok(object)
    }

    fn member(&mut self, name: Piece<'_>, value: Piece<'_>) -> Result<(), Full> {
        if core::mem::replace(&mut self.has_members, true) {
            self.put(b",")?;
        }
        name.write_name(self)?;
        self.put(b":")?;
        value.write(self)
    }

    /// The value of `legacy`, and where it is.
    fn legacy(&mut self) -> Result<Option<(usize, Json<'_>)>, Error> {
        let len = self.len;
        // An object for as long as it is looked at.
        *self.out.get_mut(len).ok_or(SCRATCH)? = b'}';
        let text = utf8(self.out.get(..len.saturating_add(1)).unwrap_or_default())?;
        let (_, [legacy]) = Json::parse_and_find(text, Mode::Lenient.json(), ["legacy"])?;
        Ok(legacy)
    }

    /// Sees that `legacy` is a list, which is new where there was none.
    fn open_legacy(&mut self) -> Result<(), Error> {
        match self.legacy()?.map(|(_, legacy)| legacy.kind()) {
            Some(JsonKind::Array) => Ok(()),
            Some(_) => Err(Error::new(ErrorKind::UnexpectedType, 0)),
            None => {
                let (name, empty) = (JsonText::assume("legacy"), Json::assume("[]"));
                Ok(self.member(Piece::Text(name), Piece::Json(empty))?)
            }
        }
    }

    /// Begins `legacy` once more, with what is in it so far.
    fn begin_legacy(&mut self) -> Result<(), Error> {
        let Some((start, had)) = self.legacy()?.map(|(at, legacy)| (at, legacy.text().len())) else {
            return Ok(());
        };
        self.put(b",\"legacy\":")?;
        // Without the bracket that ends it.
        let had = had.saturating_sub(1);
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
