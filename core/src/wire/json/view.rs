//! Borrowed views of values, members and items.

use super::scan::{JsonSyntax, Valid, Watch, pair, scan, skip, skip_string, skip_white_space};
use crate::wire::{Counter, Error, ErrorKind, Full, Sink, SliceSink};
use core::fmt;
use core::ops::Range;

/// A JSON value, borrowed as text.
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

/// The type of a [`Json`] value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum JsonKind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number, of any size and precision.
    Number,
    /// A string.
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

    /// Parses a value. White space around it is removed.
    ///
    /// # Errors
    /// [`ErrorKind::Json`], [`ErrorKind::TooDeep`] or [`ErrorKind::NonFiniteNumber`], with the offset.
    pub fn parse(text: &'a str, syntax: JsonSyntax) -> Result<Self, Error> {
        Ok(Self::parse_watched(text, syntax, &mut ())?.0)
    }

    /// Parses a value in UTF-8 bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Utf8`] with the offset, and the errors of [`parse`](Self::parse).
    pub fn from_utf8(bytes: &'a [u8], syntax: JsonSyntax) -> Result<Self, Error> {
        Self::parse(utf8(bytes)?, syntax)
    }

    /// As `parse_bytes`; also returns whether the text is what [`write_json`](super::write_json) would write.
    fn parse_watched(
        text: &'a str,
        syntax: JsonSyntax,
        watch: &mut impl Watch,
    ) -> Result<(Self, bool), Error> {
        let Valid { range, is_written } = scan(text, syntax, watch)?;
        Ok((Self { text: text.get(range).unwrap_or_default() }, is_written))
    }

    /// As [`parse`](Self::parse); also returns whether the text is what [`write_json`](super::write_json)
    /// would write.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    #[doc(hidden)] // used by the std adapter
    pub fn parse_written(text: &'a str, syntax: JsonSyntax) -> Result<(Self, bool), Error> {
        Self::parse_watched(text, syntax, &mut ())
    }

    /// Wraps text that is known to be one valid value. With other text the results are arbitrary.
    #[doc(hidden)] // used by the std adapter
    pub const fn assume(text: &'a str) -> Self {
        Self { text }
    }

    /// The value that starts at this offset.
    #[doc(hidden)] // used by the std adapter
    pub fn value_at(&self, at: usize) -> Self {
        Walk { text: self.text, at }.value()
    }

    /// The text, without white space around it.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The value's type.
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

    /// The value as a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self.text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// The value as an `i64`, if it is an integer in range without fraction or exponent.
    pub fn as_i64(&self) -> Option<i64> {
        self.text.parse().ok()
    }

    /// The value as a `u64`, if it is an integer in range without fraction or exponent.
    pub fn as_u64(&self) -> Option<u64> {
        self.text.parse().ok()
    }

    /// The value as the closest `f64`, if it is a number.
    pub fn as_f64(&self) -> Option<f64> {
        match self.text {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ if self.kind() == JsonKind::Number => self.text.parse().ok(),
            _ => None,
        }
    }

    /// The value as a string.
    pub fn as_text(&self) -> Option<JsonText<'a>> {
        let raw = self.text.strip_prefix('"')?.strip_suffix('"')?;
        Some(JsonText { raw })
    }

    /// Iterates over the items of an array. Empty for other values.
    pub fn items(&self) -> JsonItems<'a> {
        let at = if self.kind() == JsonKind::Array { 1 } else { self.text.len() };
        JsonItems(Walk { text: self.text, at })
    }

    /// Iterates over the members of an object, including duplicates. Empty for other values.
    pub fn members(&self) -> JsonMembers<'a> {
        let at = if self.kind() == JsonKind::Object { 1 } else { self.text.len() };
        JsonMembers(Walk { text: self.text, at })
    }

    /// The member with this name; the last one if there are duplicates, as in other parsers.
    pub fn get(&self, name: &str) -> Option<Self> {
        self.members().filter(|(known, _)| *known == name).last().map(|(_, value)| value)
    }
}

/// True if the value is a string with this text.
impl PartialEq<&str> for Json<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.as_text().is_some_and(|text| text == *other)
    }
}

/// Converts validated bytes to text.
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

/// A position inside an array or object.
#[derive(Clone)]
struct Walk<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Walk<'a> {
    /// Moves to the next item or member, if any.
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

/// An iterator over the items of an array.
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

/// An iterator over the names and values of an object.
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

/// A JSON string, borrowed with its escapes and without its quotes.
#[derive(Clone, Copy, Hash)]
pub struct JsonText<'a> {
    raw: &'a str,
}

impl<'a> JsonText<'a> {
    /// The empty string.
    pub const EMPTY: Self = Self { raw: "" };

    /// Wraps text that is known to be valid between quotes.
    pub(crate) const fn assume(raw: &'a str) -> Self {
        Self { raw }
    }

    /// The text with its escapes.
    pub fn raw(&self) -> &'a str {
        self.raw
    }

    /// The text, if it has no escapes, which is the common case.
    pub fn as_plain(&self) -> Option<&'a str> {
        if self.raw.as_bytes().contains(&b'\\') { None } else { Some(self.raw) }
    }

    /// Iterates over the characters. Lone surrogates become U+FFFD.
    pub fn chars(&self) -> impl Iterator<Item = char> + Clone + use<'a> {
        let mut units = Units { text: self.raw, at: 0, low: None };
        char::decode_utf16(core::iter::from_fn(move || units.next()))
            .map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// Iterates over the UTF-16 units, including lone surrogates.
    pub(crate) fn units(&self) -> impl Iterator<Item = u16> + use<'a> {
        let mut units = Units { text: self.raw, at: 0, low: None };
        core::iter::from_fn(move || units.next())
    }

    /// Whether the unescaped text equals `other`, ignoring the case of ASCII letters.
    pub fn eq_ignore_ascii_case(&self, other: &str) -> bool {
        self.chars()
            .map(|char| char.to_ascii_lowercase())
            .eq(other.chars().map(|char| char.to_ascii_lowercase()))
    }

    /// The length of the unescaped text in UTF-8.
    pub fn utf8_len(&self) -> usize {
        let mut counter = Counter::default();
        // Counting cannot fail within the address space.
        let _ = self.write_utf8(&mut counter);
        counter.0
    }

    /// Whether the text contains a lone surrogate.
    pub fn has_lone_surrogates(&self) -> bool {
        self.as_plain().is_none() && char::decode_utf16(self.units()).any(|char| char.is_err())
    }

    /// The unescaped text: the text itself if it has no escapes, or else the start of `scratch`. Never longer
    /// than [`raw`](Self::raw).
    ///
    /// # Errors
    /// [`Full`] if `scratch` is too small.
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

    /// Writes the unescaped text.
    ///
    /// # Errors
    /// [`Full`] if the sink is full.
    pub fn write_utf8(&self, out: &mut impl Sink) -> Result<(), Full> {
        self.try_for_each_part(|part| out.put(part.as_bytes()))
    }

    /// Passes the unescaped text in parts: what is between escapes, and the character of each escape.
    fn try_for_each_part<E>(&self, mut put: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        let mut rest = self.raw;
        while let Some((plain, _)) = rest.split_once('\\') {
            put(plain)?;
            let mut units = Units { text: rest, at: plain.len(), low: None };
            let first = units.next().unwrap_or_default();
            let mut end = units.at;
            let mut char = char::from_u32(first.into());
            if (0xd800..=0xdbff).contains(&first) {
                char =
                    char::decode_utf16([first].into_iter().chain(units.next())).next().and_then(Result::ok);
                end = if char.is_some() { units.at } else { end };
            }
            put(char.unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut [0; 4]))?;
            rest = rest.get(end..).unwrap_or_default();
        }
        put(rest)
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
        self.try_for_each_part(|part| f.write_str(part))
    }
}

impl fmt::Debug for JsonText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.raw)
    }
}

/// An iterator over UTF-16 units that decodes escapes.
#[derive(Clone)]
struct Units<'a> {
    text: &'a str,
    at: usize,
    /// The second unit of a surrogate pair.
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

/// The offset of a member's value, and the value, if the member exists.
type Found<'a> = Option<(usize, Json<'a>)>;

/// The result of [`Json::parse_and_find`].
pub(crate) struct ParsedJson<'a, const N: usize> {
    pub(crate) json: Json<'a>,
    pub(crate) found: [Found<'a>; N],
    /// Whether the text is what [`write_json`](super::write_json) would write.
    pub(crate) is_written: bool,
}

/// Finds members during validation, to avoid a second traversal.
pub(crate) struct Find<'t, const N: usize> {
    text: &'t str,
    names: [&'static str; N],
    /// The offsets of the values.
    found: [Option<usize>; N],
}

impl<const N: usize> Watch for Find<'_, N> {
    #[inline(always)]
    fn member(&mut self, name: Range<usize>, may_have_escapes: bool, value: usize) {
        let bytes = self.text.as_bytes().get(name).unwrap_or_default();
        for (known, found) in self.names.iter().zip(&mut self.found) {
            let known = known.as_bytes();
            if (bytes.len() == known.len() && bytes == known)
                || (may_have_escapes && escaped_name_is(bytes, known))
            {
                *found = Some(value);
            }
        }
    }
}

/// Whether an escaped name equals `known`. Outlined, because names rarely contain escapes.
#[cold]
#[inline(never)]
fn escaped_name_is(name: &[u8], known: &[u8]) -> bool {
    let (Ok(name), Ok(known)) = (core::str::from_utf8(name), core::str::from_utf8(known)) else {
        return false;
    };
    name.contains('\\') && JsonText { raw: name } == *known
}

impl<'a> Json<'a> {
    /// As [`parse`](Self::parse); also returns the members with these names and the offsets of their values.
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
