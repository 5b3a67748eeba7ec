//! Owned JSON values, and encoding in the server's form.

use super::decode::{Cursor, Rules};
use super::{Mode, WriteError};
use crate::wire::{
    self, Full, JsonSyntax, Sink, write_json, write_json_float, write_json_int, write_json_text,
};
use serde::de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::ser::Formatter;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io::{self, Write};

/// One JSON value, stored as text in the form in which the lobby server writes it: without white space, with
/// non-ASCII characters escaped, floats as Python formats them, and no duplicate names in an object.
///
/// The order of names and all digits of large integers are preserved. [Messages](super::client) keep unknown
/// fields as this type.
///
/// ```
/// use lobbywire::faf::Json;
///
/// let json: Json = serde_json::from_str(r#"{"b": [1, 2.50], "a": "é"}"#)?;
/// assert_eq!(json.text(), r#"{"b":[1,2.5],"a":"\u00e9"}"#);
/// assert_eq!(json.get("a").and_then(|a| a.to::<String>().ok()).as_deref(), Some("é"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Json {
    text: Box<str>,
}

impl Json {
    /// Parses a value.
    ///
    /// # Errors
    /// As [`wire::Json::parse`].
    pub fn parse(text: &str, mode: Mode) -> Result<Self, wire::Error> {
        Ok(wire::Json::parse(text, mode.json())?.into())
    }

    /// Serializes a value with serde. Numbers that are not finite become `null`.
    ///
    /// # Errors
    /// If serialization fails, or if a name is not a string.
    pub fn new(value: &impl Serialize) -> serde_json::Result<Self> {
        let text = String::from_utf8(to_vec(value)?).map_err(serde_json::Error::custom)?;
        Ok(Self { text: text.into() })
    }

    /// Wraps text that is known to be in the server's form.
    pub(super) fn assume(text: &str) -> Self {
        Self { text: text.into() }
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns a borrowed view of the value.
    pub fn as_borrowed(&self) -> wire::Json<'_> {
        wire::Json::assume(&self.text)
    }

    /// Returns a member of an object; `None` if there is none, or if the value is not an object.
    pub fn get(&self, name: &str) -> Option<Self> {
        self.as_borrowed().get(name).map(Self::from)
    }

    /// Deserializes the value into any serde type: a `String`, a `serde_json::Value`.
    ///
    /// # Errors
    /// If the value has another type, or is valid only for Python (such as `NaN`).
    pub fn to<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(&self.text)
    }
}

impl Default for Json {
    /// `null`
    fn default() -> Self {
        wire::Json::NULL.into()
    }
}

impl From<wire::Json<'_>> for Json {
    fn from(json: wire::Json<'_>) -> Self {
        Self { text: canonical_text(json).into() }
    }
}

macro_rules! from {
    ($($ty:ty),+) => {$(
        impl From<$ty> for Json {
            fn from(value: $ty) -> Self {
                // Serializing plain values does not fail.
                Self::new(&value).unwrap_or_default()
            }
        }
    )+};
}

from!(bool, i32, u32, i64, u64, f64, &str, String, serde_json::Value);

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serde_json::from_str::<&RawValue>(&self.text) {
            Ok(raw) => raw.serialize(serializer),
            // serde cannot parse JSON that is valid only for Python, so serialize a converted value.
            Err(_) => {
                let raw = RawValue::from_string(to_standard_json(&self.text));
                raw.map_err(serde::ser::Error::custom)?.serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let (json, is_written) =
            wire::Json::parse_written(raw.get(), Mode::Lenient.json()).map_err(D::Error::custom)?;
        let is_canonical = is_written && json.text().len() == raw.get().len() && has_unique_names(json);
        Ok(if is_canonical { Self { text: raw.into() } } else { json.into() })
    }
}

/// Converts JSON that only Python accepts into standard JSON: lone surrogates become U+FFFD, numbers that are
/// not finite become `null`. Everything else, including the order, is preserved.
pub(super) fn to_standard_json(text: &str) -> String {
    use crate::wire::{JsonKind, JsonText};

    fn put_text(out: &mut String, text: JsonText<'_>) {
        if text.has_lone_surrogates() {
            out.push_str(&serde_json::Value::from(text.to_string()).to_string());
        } else {
            out.extend(["\"", text.raw(), "\""]);
        }
    }

    fn put(out: &mut String, json: wire::Json<'_>) {
        match json.kind() {
            JsonKind::Null | JsonKind::Bool => out.push_str(json.text()),
            JsonKind::Number => {
                let is_whole = json.text().bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
                let is_finite = is_whole || json.as_f64().is_some_and(f64::is_finite);
                out.push_str(if is_finite { json.text() } else { "null" });
            }
            JsonKind::String => json.as_text().into_iter().for_each(|text| put_text(out, text)),
            JsonKind::Array => {
                out.push('[');
                for (index, item) in json.items().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    put(out, item);
                }
                out.push(']');
            }
            JsonKind::Object => {
                out.push('{');
                for (index, (name, member)) in json.members().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    put_text(out, name);
                    out.push(':');
                    put(out, member);
                }
                out.push('}');
            }
        }
    }

    let mut out = String::with_capacity(text.len());
    put(&mut out, wire::Json::parse(text, JsonSyntax::PYTHON).unwrap_or(wire::Json::NULL));
    out
}

/// Returns the text of a value in the server's form.
pub(super) fn canonical_text(json: wire::Json<'_>) -> String {
    let mut out = Vec::with_capacity(json.text().len());
    if has_unique_names(json) {
        // A vector is never full.
        let _ = write_json(&mut out, json);
    } else {
        let _ = write_deduplicated(&mut out, json);
    }
    String::from_utf8(out).unwrap_or_default()
}

/// A set of names. The first eight are compared directly, the others are hashed.
#[derive(Default)]
pub(super) struct Seen<'n> {
    inline: [Option<Cow<'n, str>>; 8],
    overflow: HashSet<Cow<'n, str>>,
}

impl<'n> Seen<'n> {
    /// Adds a name. Returns false if it was in the set.
    pub(super) fn insert(&mut self, name: Cow<'n, str>) -> bool {
        for slot in &mut self.inline {
            match slot {
                Some(known) if *known == name => return false,
                Some(_) => {}
                None => {
                    *slot = Some(name);
                    return true;
                }
            }
        }
        self.overflow.insert(name)
    }
}

/// Whether no object contains a name twice.
pub(super) fn has_unique_names(json: wire::Json<'_>) -> bool {
    /// Skips a value, as long as names are unique.
    fn skip(cursor: &mut Cursor<'_>) -> Option<()> {
        let (is_object, mut has_more) = match cursor.begin_any() {
            Some(began) => began,
            None => return Some(()),
        };
        let mut names = Seen::default();
        while has_more {
            if is_object && !names.insert(cursor.name()) {
                return None;
            }
            skip(cursor)?;
            has_more = cursor.more();
        }
        Some(())
    }

    // Fast path: most values contain no object.
    !json.text().contains('{') || skip(&mut Cursor::new(json, Rules::STRICT)).is_some()
}

/// A member's name, borrowed if it has no escapes. It deserializes as a plain string, so that
/// `serde_path_to_error` reports no path segment for it.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Name<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// Writes a value as Python does: a duplicate name keeps its first position and its last value.
fn write_deduplicated(out: &mut Vec<u8>, json: wire::Json<'_>) -> Result<(), Full> {
    use crate::wire::JsonKind;
    match json.kind() {
        JsonKind::Array => {
            out.put(b"[")?;
            for (index, item) in json.items().enumerate() {
                out.put(if index == 0 { b"" } else { b"," })?;
                write_deduplicated(out, item)?;
            }
            out.put(b"]")
        }
        JsonKind::Object => {
            let mut indices: HashMap<String, usize> = HashMap::new();
            let mut members: Vec<(String, wire::Json<'_>)> = Vec::new();
            for (name, value) in json.members() {
                let quoted = format!("\"{}\"", name.raw());
                let name =
                    wire::Json::parse(&quoted, JsonSyntax::PYTHON).map(canonical_scalar).unwrap_or_default();
                match indices.get(&name) {
                    Some(at) => members[*at].1 = value,
                    None => {
                        indices.insert(name.clone(), members.len());
                        members.push((name, value));
                    }
                }
            }
            out.put(b"{")?;
            for (index, (name, value)) in members.into_iter().enumerate() {
                out.put(if index == 0 { b"" } else { b"," })?;
                out.put(name.as_bytes())?;
                out.put(b":")?;
                write_deduplicated(out, value)?;
            }
            out.put(b"}")
        }
        _ => write_json(out, json),
    }
}

/// Returns the text of a value that contains no object.
fn canonical_scalar(json: wire::Json<'_>) -> String {
    let mut out = Vec::new();
    let _ = write_json(&mut out, json);
    String::from_utf8(out).unwrap_or_default()
}

/// A value that can be encoded in the server's JSON form.
pub(super) trait PutJson {
    /// # Errors
    /// [`WriteError::Full`]; [`WriteError::UnsupportedValue`] if JSON cannot represent the value.
    fn put_json(&self, out: &mut impl Sink) -> Result<(), WriteError>;
}

impl PutJson for str {
    fn put_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        Ok(write_json_text(out, self)?)
    }
}

impl PutJson for String {
    fn put_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        Ok(write_json_text(out, self)?)
    }
}

impl PutJson for Secret {
    fn put_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        Ok(write_json_text(out, &self.0)?)
    }
}

impl PutJson for i64 {
    fn put_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        Ok(write_json_int(out, *self)?)
    }
}

impl PutJson for bool {
    fn put_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        Ok(out.put(if *self { b"true" } else { b"false" })?)
    }
}

impl PutJson for Json {
    /// Unchanged, even if only Python accepts it.
    fn put_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        Ok(out.put(self.text.as_bytes())?)
    }
}

impl<T: PutJson> PutJson for Option<T> {
    fn put_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        match self {
            Some(value) => value.put_json(out),
            None => Ok(out.put(b"null")?),
        }
    }
}

impl<T: PutJson> PutJson for Vec<T> {
    fn put_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        out.put(b"[")?;
        for (index, item) in self.iter().enumerate() {
            if index > 0 {
                out.put(b",")?;
            }
            item.put_json(out)?;
        }
        Ok(out.put(b"]")?)
    }
}

/// Serializes a value with serde, in the server's form.
pub(super) fn to_vec(value: &(impl Serialize + ?Sized)) -> serde_json::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(128);
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, Python))?;
    Ok(bytes)
}

/// Formats JSON like Python's `json.dumps` with `separators=(",", ":")`.
struct Python;

impl Formatter for Python {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let mut shown = Vec::with_capacity(24);
        let _ = write_json_float(&mut shown, value);
        writer.write_all(&shown)
    }

    fn write_f32<W: ?Sized + Write>(&mut self, writer: &mut W, value: f32) -> io::Result<()> {
        self.write_f64(writer, value.into())
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.bytes().position(|byte| !(b' '..=b'~').contains(&byte)) {
            let (plain, other) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let mut chars = other.chars();
            for unit in chars.next().into_iter().flat_map(|char| {
                let mut units = [0; 2];
                let len = char.encode_utf16(&mut units).len();
                units.into_iter().take(len)
            }) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

/// Skips a value.
pub(super) fn ignore<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(drop)
}

/// A number that is encoded as it was received: as an integer or as a float.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Without a fraction.
    Int(i64),
    /// With a fraction or an exponent.
    Float(f64),
}

impl Number {
    /// Returns the number as a float. Integers above 2^53 lose precision.
    pub fn get(self) -> f64 {
        match self {
            Self::Int(number) => number as f64,
            Self::Float(number) => number,
        }
    }
}

impl PutJson for Number {
    fn put_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        match self {
            Self::Int(number) => number.put_json(out),
            Self::Float(number) if number.is_finite() => Ok(write_json_float(out, *number)?),
            Self::Float(_) => Ok(out.put(b"null")?),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Int(number) => number.serialize(serializer),
            Self::Float(number) => number.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;

        impl Visitor<'_> for Reading {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_i64<E>(self, number: i64) -> Result<Number, E> {
                Ok(Number::Int(number))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Number, E> {
                Ok(i64::try_from(number).map_or(Number::Float(number as f64), Number::Int))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Number, E> {
                Ok(Number::Float(number))
            }
        }

        deserializer.deserialize_any(Reading)
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<f64> for Number {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl Default for Number {
    fn default() -> Self {
        Self::Int(0)
    }
}

/// The addresses of an ICE server. As in WebRTC, a single one need not be in an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Urls {
    /// A string.
    One(String),
    /// An array of strings.
    Many(Vec<String>),
}

impl Urls {
    /// Returns the addresses.
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(url) => std::slice::from_ref(url),
            Self::Many(urls) => urls,
        }
    }
}

impl Default for Urls {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl From<Vec<String>> for Urls {
    fn from(urls: Vec<String>) -> Self {
        Self::Many(urls)
    }
}

impl PutJson for Urls {
    fn put_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        match self {
            Self::One(url) => url.put_json(out),
            Self::Many(urls) => urls.put_json(out),
        }
    }
}

impl Serialize for Urls {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One(url) => url.serialize(serializer),
            Self::Many(urls) => urls.serialize(serializer),
        }
    }
}

/// A string that must not be logged: a token, a password. `Debug` prints `…`.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Returns the string.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}
