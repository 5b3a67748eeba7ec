//! Decodes typed values from JSON text that has been validated.
//!
//! In the strict mode values have exactly the declared types. In the lenient mode they are converted as the server
//! converts them: see [`FromJson::coerced`].

use super::json::{Json, Number, Secret, Urls, has_unique_names};
use super::{DecodeError, Map, Mode};
use crate::wire::{self, JsonKind, json_end_of_plain};
use std::borrow::Cow;
use std::fmt::Display;

/// How values are decoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) mode: Mode,
    /// Whether required fields may be missing, because peers of other versions do not send them. They get the default
    /// value of their type.
    pub(super) fills_missing: bool,
    /// Whether the text is in the form in which it would be encoded.
    pub(super) is_canonical: bool,
}

impl Rules {
    /// Exactly the declared types.
    pub(super) const STRICT: Self = Self { mode: Mode::Strict, fills_missing: false, is_canonical: false };
}

/// A value that is missing or does not fit its type.
#[derive(Debug)]
pub(super) struct Mismatch(Box<(wire::ErrorKind, String, String)>);

impl Mismatch {
    #[cold]
    fn new(kind: wire::ErrorKind, message: impl Display) -> Self {
        Self(Box::new((kind, String::new(), message.to_string())))
    }

    /// A field that is missing.
    #[cold]
    pub(super) fn missing(name: &str) -> Self {
        let kind = wire::ErrorKind::MissingField;
        Self::new(kind, kind.message()).within(name)
    }

    /// Prepends a field's name or an item's index to the path.
    #[cold]
    fn within(mut self, segment: impl Display) -> Self {
        let path = &mut self.0.1;
        *path = if path.is_empty() { segment.to_string() } else { format!("{segment}.{path}") };
        self
    }

    #[cold]
    pub(super) fn in_command(self, command: &str) -> DecodeError {
        let (kind, field, message) = *self.0;
        DecodeError { kind: kind.into(), offset: None, command: command.to_owned(), field, message }
    }
}

impl Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (kind, field, message) = &*self.0;
        match (kind, &**field) {
            (wire::ErrorKind::MissingField, field) => write!(f, "missing field `{field}`"),
            (_, "") => f.write_str(message),
            (_, field) => write!(f, "{message} (field {field})"),
        }
    }
}

/// A position in validated text.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
    rules: Rules,
}

impl<'t> Cursor<'t> {
    /// The start of a value, which must be valid and without white space around it.
    pub(super) fn new(json: wire::Json<'t>, rules: Rules) -> Self {
        Self { text: json.text(), at: 0, rules }
    }

    #[inline(always)]
    fn rest(&self) -> &'t [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// The next byte; 0, which is not valid in JSON, at the end.
    #[inline(always)]
    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    #[inline(always)]
    fn skip_white_space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    /// Takes a value of any type.
    pub(super) fn value(&mut self) -> wire::Json<'t> {
        let value = wire::Json::assume(self.text).value_at(self.at);
        self.at += value.text().len();
        value
    }

    /// Takes a string; `None` for other values. Lone surrogates become U+FFFD.
    #[inline]
    fn string(&mut self) -> Option<Cow<'t, str>> {
        if self.peek() != b'"' {
            return None;
        }
        let start = self.at + 1;
        let end = json_end_of_plain(self.text.as_bytes(), start);
        if self.text.as_bytes().get(end) == Some(&b'"') {
            self.at = end + 1;
            return Some(Cow::Borrowed(self.text.get(start..end).unwrap_or_default()));
        }
        Some(Cow::Owned(self.string_with_escapes()))
    }

    #[inline(never)]
    fn string_with_escapes(&mut self) -> String {
        self.value().as_text().map_or_else(String::new, |text| text.to_string())
    }

    /// Takes an integer of up to 18 digits; `None` for other values.
    #[inline]
    fn short_integer(&mut self) -> Option<i64> {
        let rest = self.rest();
        let is_negative = rest.first() == Some(&b'-');
        let digits = rest.get(usize::from(is_negative)..)?;
        let (mut number, mut len) = (0i64, 0usize);
        while let Some(digit @ b'0'..=b'9') = digits.get(len) {
            number = number.wrapping_mul(10).wrapping_add(i64::from(*digit - b'0'));
            len += 1;
        }
        if !(1..=18).contains(&len) || matches!(digits.get(len), Some(b'.' | b'e' | b'E')) {
            return None;
        }
        self.at += len + usize::from(is_negative);
        Some(if is_negative { -number } else { number })
    }

    /// Takes a float of up to 15 digits without an exponent; `None` for other values. Both the digits as an integer
    /// and the power of ten are exact, so the quotient is the closest number.
    #[inline]
    fn short_float(&mut self) -> Option<f64> {
        const POWERS: [f64; 16] =
            [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
        let rest = self.rest();
        let is_negative = rest.first() == Some(&b'-');
        let digits = rest.get(usize::from(is_negative)..)?;
        let (mut number, mut len, mut point) = (0i64, 0usize, None);
        loop {
            match digits.get(len) {
                Some(digit @ b'0'..=b'9') => {
                    number = number.wrapping_mul(10).wrapping_add(i64::from(*digit - b'0'));
                }
                Some(b'.') => point = Some(len),
                Some(b'e' | b'E') => return None,
                _ => break,
            }
            len += 1;
        }
        // At most 15 digits and the point.
        let power = POWERS.get(len.checked_sub(point? + 1)?).filter(|_| len <= 16)?;
        self.at += len + usize::from(is_negative);
        let number = number as f64 / power;
        Some(if is_negative { -number } else { number })
    }

    /// Takes the start of an object. Returns whether it has members.
    #[inline]
    pub(super) fn begin_object(&mut self) -> bool {
        self.begin(b'}')
    }

    /// Takes the start of an array or object, and returns whether it is an object and whether it has items or members.
    /// Takes other values, and returns `None`.
    pub(super) fn begin_any(&mut self) -> Option<(bool, bool)> {
        match self.peek() {
            b'{' => Some((true, self.begin(b'}'))),
            b'[' => Some((false, self.begin(b']'))),
            _ => {
                self.value();
                None
            }
        }
    }

    #[inline]
    fn begin(&mut self, end: u8) -> bool {
        self.at += 1;
        self.skip_white_space();
        let has_more = self.peek() != end;
        self.at += usize::from(!has_more);
        has_more
    }

    /// Takes a comma, or the end of the array or object. Returns whether another item or member follows.
    #[inline]
    pub(super) fn more(&mut self) -> bool {
        self.skip_white_space();
        let has_more = self.peek() == b',';
        self.at += 1;
        self.skip_white_space();
        has_more
    }

    /// Takes a member's name and the colon if they are `key`, which includes both quotes and the colon.
    #[inline(always)]
    pub(super) fn key(&mut self, key: &str) -> bool {
        let is_next = self.rest().starts_with(key.as_bytes());
        if is_next {
            self.at += key.len();
            self.skip_white_space();
        }
        is_next
    }

    /// Takes any member's name and the colon.
    pub(super) fn name(&mut self) -> Cow<'t, str> {
        let name = self.string().unwrap_or_default();
        self.skip_white_space();
        self.at += 1;
        self.skip_white_space();
        name
    }

    /// Decodes the value of a required field.
    #[inline]
    pub(super) fn field<T: FromJson>(&mut self, name: &str) -> Result<T, Mismatch> {
        T::from_json(self).map_err(|mismatch| mismatch.within(name))
    }

    /// Decodes the value of an optional field. `null` counts as missing, unless the type has its own `null`.
    #[inline]
    pub(super) fn optional<T: FromJson>(&mut self, name: &str) -> Result<Option<T>, Mismatch> {
        if self.peek() == b'n' {
            self.at += "null".len();
            return Ok(T::of_null());
        }
        self.field(name).map(Some)
    }

    /// The value of a required field, which may be missing.
    #[inline]
    pub(super) fn required<T: FromJson>(&self, value: Option<T>, name: &str) -> Result<T, Mismatch> {
        match value {
            Some(value) => Ok(value),
            None if self.rules.fills_missing => Ok(T::default()),
            None => Err(Mismatch::missing(name)),
        }
    }

    /// Whether an object starts here.
    #[inline]
    pub(super) fn is_at_object(&self) -> bool {
        self.peek() == b'{'
    }

    /// Takes a value of another type than `T`, and converts it in the lenient mode.
    #[cold]
    #[inline(never)]
    pub(super) fn convert<T: FromJson>(&mut self) -> Result<T, Mismatch> {
        let value = self.value();
        if self.rules.mode.is_lenient() {
            if value.is_null() {
                return Ok(T::default());
            }
            if let Some(converted) = T::coerced(value) {
                return Ok(converted);
            }
        }
        let found = match value.kind() {
            JsonKind::Null => "null",
            JsonKind::Bool => "a boolean",
            JsonKind::Number => "another number",
            JsonKind::String => "a string",
            JsonKind::Array => "an array",
            JsonKind::Object => "an object",
        };
        let found = if value.kind() == JsonKind::Number && !T::EXPECTED.contains("integer") {
            "a number"
        } else {
            found
        };
        let kind = wire::ErrorKind::UnexpectedType;
        Err(Mismatch::new(kind, format_args!("expected {}, found {found}", T::EXPECTED)))
    }
}

/// A type that is decoded from JSON.
pub(super) trait FromJson: Default {
    /// The expected type, for error messages.
    const EXPECTED: &'static str;

    /// Takes a value.
    fn from_json(cursor: &mut Cursor<'_>) -> Result<Self, Mismatch>;

    /// Converts a value of another type in the lenient mode, as the server's Python code does. `null` is not passed:
    /// it is the default value.
    fn coerced(value: wire::Json<'_>) -> Option<Self> {
        let _ = value;
        None
    }

    /// What `null` means for an optional field; `None` if the field counts as missing.
    fn of_null() -> Option<Self> {
        None
    }
}

impl FromJson for String {
    const EXPECTED: &'static str = "a string";

    #[inline]
    fn from_json(cursor: &mut Cursor<'_>) -> Result<Self, Mismatch> {
        match cursor.string() {
            Some(text) => Ok(text.into_owned()),
            None => cursor.convert(),
        }
    }

    /// The JSON text of numbers and booleans.
    fn coerced(value: wire::Json<'_>) -> Option<Self> {
        matches!(value.kind(), JsonKind::Number | JsonKind::Bool).then(|| value.text().to_owned())
    }
}

impl FromJson for Secret {
    const EXPECTED: &'static str = String::EXPECTED;

    #[inline]
    fn from_json(cursor: &mut Cursor<'_>) -> Result<Self, Mismatch> {
        String::from_json(cursor).map(Self::from)
    }
}

impl FromJson for i64 {
    const EXPECTED: &'static str = "an integer of 64 bits";

    #[inline]
    fn from_json(cursor: &mut Cursor<'_>) -> Result<Self, Mismatch> {
        match cursor.short_integer() {
            Some(number) => Ok(number),
            None => cursor.long_integer(),
        }
    }

    /// As `int()` of Python: digits, numbers with their fraction removed, and booleans.
    fn coerced(value: wire::Json<'_>) -> Option<Self> {
        match value.kind() {
            JsonKind::Bool => value.as_bool().map(Self::from),
            JsonKind::String => value.as_text()?.to_string().trim().parse().ok(),
            JsonKind::Number => {
                let number = value.as_f64()?.trunc();
                // Both limits are exact.
                (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0)
                    .contains(&number)
                    .then_some(number as Self)
            }
            _ => None,
        }
    }
}

impl Cursor<'_> {
    #[inline(never)]
    fn long_integer(&mut self) -> Result<i64, Mismatch> {
        let start = self.at;
        if let Some(number) = self.value().as_i64() {
            return Ok(number);
        }
        self.at = start;
        self.convert()
    }

    #[inline(never)]
    fn long_number(&mut self) -> Result<Number, Mismatch> {
        let start = self.at;
        let value = self.value();
        if let Some(number) = value.as_i64() {
            return Ok(Number::Int(number));
        }
        if let Some(number) = value.as_f64() {
            return Ok(Number::Float(number));
        }
        self.at = start;
        self.convert()
    }
}

impl FromJson for Number {
    const EXPECTED: &'static str = "a number";

    #[inline]
    fn from_json(cursor: &mut Cursor<'_>) -> Result<Self, Mismatch> {
        if let Some(number) = cursor.short_integer() {
            return Ok(Self::Int(number));
        }
        match cursor.short_float() {
            Some(number) => Ok(Self::Float(number)),
            None => cursor.long_number(),
        }
    }

    /// As `float()` of Python: numbers in strings, and booleans.
    fn coerced(value: wire::Json<'_>) -> Option<Self> {
        if let Some(value) = value.as_bool() {
            return Some(Self::Int(value.into()));
        }
        let text = value.as_text()?.to_string();
        let text = text.trim();
        text.parse().map(Self::Int).or_else(|_| text.parse().map(Self::Float)).ok()
    }
}

impl FromJson for bool {
    const EXPECTED: &'static str = "a boolean";

    #[inline]
    fn from_json(cursor: &mut Cursor<'_>) -> Result<Self, Mismatch> {
        let (value, len) = match cursor.peek() {
            b't' => (true, "true".len()),
            b'f' => (false, "false".len()),
            _ => return cursor.convert(),
        };
        cursor.at += len;
        Ok(value)
    }

    /// As `bool()` of Python: false for 0 and for empty strings, arrays and objects.
    fn coerced(value: wire::Json<'_>) -> Option<Self> {
        Some(match value.kind() {
            JsonKind::Null => false,
            JsonKind::Bool => value.as_bool()?,
            JsonKind::Number => value.as_f64()? != 0.0,
            JsonKind::String => value != "",
            JsonKind::Array => value.items().next().is_some(),
            JsonKind::Object => value.members().next().is_some(),
        })
    }
}

impl FromJson for Json {
    const EXPECTED: &'static str = "a value";

    fn from_json(cursor: &mut Cursor<'_>) -> Result<Self, Mismatch> {
        let value = cursor.value();
        Ok(if cursor.rules.is_canonical && has_unique_names(value) {
            Self::assume(value.text())
        } else {
            value.into()
        })
    }

    fn of_null() -> Option<Self> {
        Some(Self::default())
    }
}

/// `null`, or a value.
impl<T: FromJson> FromJson for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    #[inline]
    fn from_json(cursor: &mut Cursor<'_>) -> Result<Self, Mismatch> {
        if cursor.peek() == b'n' {
            cursor.at += "null".len();
            return Ok(None);
        }
        T::from_json(cursor).map(Some)
    }

    fn of_null() -> Option<Self> {
        Some(None)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    const EXPECTED: &'static str = "an array";

    fn from_json(cursor: &mut Cursor<'_>) -> Result<Self, Mismatch> {
        if cursor.peek() != b'[' {
            return cursor.convert();
        }
        let mut items = Self::new();
        let mut has_more = cursor.begin(b']');
        while has_more {
            items.push(T::from_json(cursor).map_err(|mismatch| mismatch.within(items.len()))?);
            has_more = cursor.more();
        }
        Ok(items)
    }
}

impl FromJson for Urls {
    const EXPECTED: &'static str = "a string or an array";

    fn from_json(cursor: &mut Cursor<'_>) -> Result<Self, Mismatch> {
        match cursor.peek() {
            b'"' => String::from_json(cursor).map(Self::One),
            b'[' => Vec::from_json(cursor).map(Self::Many),
            _ => cursor.convert(),
        }
    }
}

impl<V: FromJson> FromJson for Map<V> {
    const EXPECTED: &'static str = "an object";

    fn from_json(cursor: &mut Cursor<'_>) -> Result<Self, Mismatch> {
        if !cursor.is_at_object() {
            return cursor.convert();
        }
        let mut values = Vec::new();
        let mut has_more = cursor.begin_object();
        while has_more {
            let name = cursor.name();
            let value = cursor.field(&name)?;
            values.push((name.into_owned(), value));
            has_more = cursor.more();
        }
        Ok(values.into_iter().collect())
    }
}

/// Decodes a value with serde, in the strict mode.
pub(super) fn deserialize<'de, T: FromJson, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    use serde::Deserialize;
    use serde::de::Error;

    let raw = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
    // serde_json accepts lone surrogates here.
    let (json, is_canonical) =
        wire::Json::parse_written(raw.get(), Mode::Lenient.json()).map_err(D::Error::custom)?;
    let rules = Rules { is_canonical, ..Rules::STRICT };
    T::from_json(&mut Cursor::new(json, rules)).map_err(D::Error::custom)
}
