//! A value, its members and its items, as parts of the text.

use super::scan::{JsonSyntax, Valid, Watch, pair, scan, skip, skip_string, skip_white_space};
use crate::wire::{Counter, Error, ErrorKind, Full, Sink, SliceSink};
use core::fmt;
use core::ops::Range;

/// One JSON value, as the text that it is.
///
/// ```
/// use lobbywire_core::wire::{Json, JsonSyntax};
///
/// let json = Json::parse(r#"{"command": "game_join", "uid": 7, "tags": ["a", "\u00e9"]}"#, JsonSyntax::STRICT)?;
/// assert_eq!(json.get("uid").and_then(|uid| uid.as_i64()), Some(7));
/// assert!(json.get("command").is_some_and(|command| command == "game_join"));
/// let tags = json.get("tags").into_iter().flat_map(|tags| tags.items());
/// assert!(tags.last().is_some_and(|tag| tag == "é"));
/// # Ok::<(), lobbywire_core::wire::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Json<'a> {
    text: &'a str,
}

/// What kind of value a [`Json`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum JsonKind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number, of any size and with any number of digits.
    Number,
    /// Text in quotes.
    String,
    /// `[…]`
    Array,
    /// `{…}`
    Object,
}

impl<'a> Json<'a> {
    /// `null`
    pub const NULL: Self = Self { text: "null" };
    /// `[]`
    pub const EMPTY_ARRAY: Self = Self { text: "[]" };

    /// Checks that `text` is one value; white space around it is left out.
    ///
    /// # Errors
    /// [`ErrorKind::Json`], [`ErrorKind::TooDeep`] or [`ErrorKind::NonFiniteNumber`], with the place.
    pub fn parse(text: &'a str, syntax: JsonSyntax) -> Result<Self, Error> {
        Ok(Self::parse_watched(text, syntax, &mut ())?.0)
    }

    /// The same for bytes that have to be UTF-8.
    ///
    /// # Errors
    /// [`ErrorKind::Utf8`] with the place, and those of [`parse`](Self::parse).
    pub fn from_utf8(bytes: &'a [u8], syntax: JsonSyntax) -> Result<Self, Error> {
        Self::parse(utf8(bytes)?, syntax)
    }

    /// The same, and whether the text is what [`write_json`](super::write_json) would write.
    fn parse_watched(
        text: &'a str,
        syntax: JsonSyntax,
        watch: &mut impl Watch,
    ) -> Result<(Self, bool), Error> {
        let Valid { range, is_written } = scan(text, syntax, watch)?;
        Ok((Self { text: text.get(range).unwrap_or_default() }, is_written))
    }

    /// As [`parse`](Self::parse), and whether the text is what [`write_json`](super::write_json) would write.
    ///
    /// # Errors
    /// Those of [`parse`](Self::parse).
    #[doc(hidden)] // for the crate that has a heap
    pub fn parse_written(text: &'a str, syntax: JsonSyntax) -> Result<(Self, bool), Error> {
        Self::parse_watched(text, syntax, &mut ())
    }

    /// A text that was found to be one value before. Of other text it makes other values, or none.
    #[doc(hidden)] // for the crate that has a heap
    pub const fn assume(text: &'a str) -> Self {
        Self { text }
    }

    /// The value that starts at this place of the text.
    pub(crate) fn value_at(&self, at: usize) -> Self {
        Walk { text: self.text, at }.value()
    }

    /// The text, without white space around it.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// What kind of value it is.
    pub fn kind(&self) -> JsonKind {
        match self.text.as_bytes().first() {
            Some(b'{') => JsonKind::Object,
            Some(b'[') => JsonKind::Array,
            Some(b'"') => JsonKind::String,
            Some(b't' | b'f') => JsonKind::Bool,
            Some(b'n') | None => JsonKind::Null,
            _ => JsonKind::Number,
        }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        self.kind() == JsonKind::Null
    }

    /// A yes or no.
    pub fn as_bool(&self) -> Option<bool> {
        match self.text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// A whole number without fraction or exponent that is in range.
    pub fn as_i64(&self) -> Option<i64> {
        self.text.parse().ok()
    }

    /// The same, from 0 on.
    pub fn as_u64(&self) -> Option<u64> {
        self.text.parse().ok()
    }

    /// Any number, as near as an `f64` gets.
    pub fn as_f64(&self) -> Option<f64> {
        match self.text {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ if self.kind() == JsonKind::Number => self.text.parse().ok(),
            _ => None,
        }
    }

    /// Text.
    pub fn as_text(&self) -> Option<JsonText<'a>> {
        let raw = self.text.strip_prefix('"')?.strip_suffix('"')?;
        Some(JsonText { raw })
    }

    /// The items of an array, in order; of anything else none.
    pub fn items(&self) -> JsonItems<'a> {
        let at = if self.kind() == JsonKind::Array { 1 } else { self.text.len() };
        JsonItems(Walk { text: self.text, at })
    }

    /// The members of an object, in order, those whose name stands twice too; of anything else none.
    pub fn members(&self) -> JsonMembers<'a> {
        let at = if self.kind() == JsonKind::Object { 1 } else { self.text.len() };
        JsonMembers(Walk { text: self.text, at })
    }

    /// The member of this name; of several the last, which is what other readers take.
    pub fn get(&self, name: &str) -> Option<Self> {
        self.members().filter(|(known, _)| *known == name).last().map(|(_, value)| value)
    }
}

/// Compares with text.
impl PartialEq<&str> for Json<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.as_text().is_some_and(|text| text == *other)
    }
}

/// Bytes as text.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str, Error> {
    core::str::from_utf8(bytes).map_err(|error| Error::new(ErrorKind::Utf8, error.valid_up_to()))
}

impl fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

/// A place inside an array or object.
#[derive(Clone)]
struct Walk<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Walk<'a> {
    /// Moves to the next item or member, if there is one.
    fn next(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        self.at = skip_white_space(bytes, self.at);
        if bytes.get(self.at) == Some(&b',') {
            self.at = skip_white_space(bytes, self.at.saturating_add(1));
        }
        bytes.get(self.at).copied().filter(|byte| !matches!(byte, b']' | b'}'))
    }

    fn value(&mut self) -> Json<'a> {
        let start = self.at;
        self.at = skip(self.text.as_bytes(), start);
        Json { text: self.text.get(start..self.at).unwrap_or_default() }
    }
}

/// The items of an array.
#[derive(Clone)]
pub struct JsonItems<'a>(Walk<'a>);

impl<'a> Iterator for JsonItems<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Json<'a>> {
        self.0.next()?;
        Some(self.0.value())
    }
}

impl fmt::Debug for JsonItems<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// The members of an object: names and values.
#[derive(Clone)]
pub struct JsonMembers<'a>(Walk<'a>);

impl<'a> Iterator for JsonMembers<'a> {
    type Item = (JsonText<'a>, Json<'a>);

    fn next(&mut self) -> Option<(JsonText<'a>, Json<'a>)> {
        self.0.next()?;
        let (bytes, start) = (self.0.text.as_bytes(), self.0.at);
        let end = skip_string(bytes, start);
        let name = Json { text: self.0.text.get(start..end)? }.as_text()?;
        let colon = skip_white_space(bytes, end);
        self.0.at = skip_white_space(bytes, colon.saturating_add(1));
        Some((name, self.0.value()))
    }
}

impl fmt::Debug for JsonMembers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.clone()).finish()
    }
}

/// Text in a JSON value, as it stands there: without its quotes, with its escapes.
#[derive(Clone, Copy, Hash)]
pub struct JsonText<'a> {
    raw: &'a str,
}

impl<'a> JsonText<'a> {
    /// A text that was found to be good inside of quotes.
    pub(crate) const fn assume(raw: &'a str) -> Self {
        Self { raw }
    }

    /// The text as it stands there.
    pub fn raw(&self) -> &'a str {
        self.raw
    }

    /// The text, where it has no escapes: nearly always.
    pub fn as_plain(&self) -> Option<&'a str> {
        if self.raw.as_bytes().contains(&b'\\') { None } else { Some(self.raw) }
    }

    /// The characters. Half of a surrogate pair, which no `char` is, gives U+FFFD.
    pub fn chars(&self) -> impl Iterator<Item = char> + Clone + use<'a> {
        let mut units = Units { text: self.raw, at: 0, low: None };
        char::decode_utf16(core::iter::from_fn(move || units.next()))
            .map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The units of UTF-16, as Python and JavaScript keep half pairs in them.
    pub(crate) fn units(&self) -> impl Iterator<Item = u16> + use<'a> {
        let mut units = Units { text: self.raw, at: 0, low: None };
        core::iter::from_fn(move || units.next())
    }

    /// How many bytes the text has, its escapes replaced.
    pub fn utf8_len(&self) -> usize {
        let mut counter = Counter::default();
        // A counter only fills up beyond the address space.
        let _ = self.write_utf8(&mut counter);
        counter.0
    }

    /// Whether there is half of a surrogate pair in it.
    pub fn has_lone_surrogates(&self) -> bool {
        self.as_plain().is_none() && char::decode_utf16(self.units()).any(|char| char.is_err())
    }

    /// The text: as it stands there, or with its escapes replaced at the start of `scratch`. It is never
    /// longer than [`raw`](Self::raw).
    ///
    /// # Errors
    /// [`Full`] where `scratch` is too small.
    pub fn unescape<'s>(&self, scratch: &'s mut [u8]) -> Result<&'s str, Full>
    where
        'a: 's,
    {
        if let Some(plain) = self.as_plain() {
            return Ok(plain);
        }
        let room = scratch.len();
        let mut sink = SliceSink::new(&mut *scratch);
        self.write_utf8(&mut sink)?;
        let len = room.saturating_sub(sink.room());
        core::str::from_utf8(scratch.get(..len).unwrap_or_default()).map_err(|_| Full)
    }

    /// Writes the text, its escapes replaced.
    ///
    /// # Errors
    /// [`Full`] where the sink has no room.
    pub fn write_utf8(&self, out: &mut impl Sink) -> Result<(), Full> {
        self.chars().try_for_each(|char| out.put(char.encode_utf8(&mut [0; 4]).as_bytes()))
    }
}

impl PartialEq for JsonText<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.as_plain(), other.as_plain()) {
            (Some(one), Some(other)) => one == other,
            _ => self.units().eq(other.units()),
        }
    }
}

impl Eq for JsonText<'_> {}

impl PartialEq<str> for JsonText<'_> {
    fn eq(&self, other: &str) -> bool {
        match self.as_plain() {
            Some(plain) => plain == other,
            None => self.units().eq(other.encode_utf16()),
        }
    }
}

impl PartialEq<&str> for JsonText<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl fmt::Display for JsonText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        match self.as_plain() {
            Some(plain) => f.write_str(plain),
            None => self.chars().try_for_each(|char| f.write_char(char)),
        }
    }
}

impl fmt::Debug for JsonText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.raw)
    }
}

/// Takes text apart into units of UTF-16, its escapes replaced.
#[derive(Clone)]
struct Units<'a> {
    text: &'a str,
    at: usize,
    /// The second half of a pair that was begun.
    low: Option<u16>,
}

impl Units<'_> {
    fn next(&mut self) -> Option<u16> {
        if let Some(low) = self.low.take() {
            return Some(low);
        }
        let char = self.text.get(self.at..)?.chars().next()?;
        if char != '\\' {
            self.at = self.at.saturating_add(char.len_utf8());
            let mut units = [0; 2];
            return match char.encode_utf16(&mut units) {
                [one] => Some(*one),
                [high, low] => {
                    self.low = Some(*low);
                    Some(*high)
                }
                _ => None,
            };
        }
        let bytes = self.text.as_bytes();
        let escape = bytes.get(self.at.saturating_add(1))?;
        if *escape == b'u' {
            let unit = pair(bytes, self.at);
            self.at = self.at.saturating_add(6);
            return unit;
        }
        self.at = self.at.saturating_add(2);
        Some(u16::from(match escape {
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            other => *other,
        }))
    }
}

/// Where a member's value starts, and the value; if there is such a member.
type Found<'a> = Option<(usize, Json<'a>)>;

/// What [`Json::parse_and_find`] gives.
pub(crate) struct ParsedJson<'a, const N: usize> {
    pub(crate) json: Json<'a>,
    pub(crate) found: [Found<'a>; N],
    /// Whether the text is what [`write_json`](super::write_json) would write.
    pub(crate) is_written: bool,
}

/// Finds members of an object while it is checked, so that it is not walked again for them.
pub(crate) struct Find<'t, const N: usize> {
    text: &'t str,
    names: [&'static str; N],
    /// Where the values start.
    found: [Option<usize>; N],
}

impl<const N: usize> Watch for Find<'_, N> {
    #[inline(always)]
    fn member(&mut self, name: Range<usize>, may_have_escapes: bool, value: usize) {
        let bytes = self.text.as_bytes().get(name).unwrap_or_default();
        for (known, found) in self.names.iter().zip(&mut self.found) {
            let known = known.as_bytes();
            let is_known = bytes.len() == known.len() && bytes == known;
            if is_known || (may_have_escapes && escaped_name_is(bytes, known)) {
                *found = Some(value);
            }
        }
    }
}

/// Whether a name is `known`, with escapes in it. Kept apart, since hardly any name has escapes.
#[cold]
#[inline(never)]
fn escaped_name_is(name: &[u8], known: &[u8]) -> bool {
    let (Ok(name), Ok(known)) = (core::str::from_utf8(name), core::str::from_utf8(known)) else {
        return false;
    };
    name.contains('\\') && JsonText { raw: name } == *known
}

impl<'a> Json<'a> {
    /// As [`parse`](Self::parse), with the members of these names and where in `text` their values start.
    pub(crate) fn parse_and_find<const N: usize>(
        text: &'a str,
        syntax: JsonSyntax,
        names: [&'static str; N],
    ) -> Result<ParsedJson<'a, N>, Error> {
        let mut find = Find { text, names, found: [None; N] };
        let (json, is_written) = Self::parse_watched(text, syntax, &mut find)?;
        let found = find.found.map(|start| start.map(|at| (at, Walk { text, at }.value())));
        Ok(ParsedJson { json, found, is_written })
    }
}
