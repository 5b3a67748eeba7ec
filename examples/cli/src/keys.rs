//! Keys of JSON objects that a type does not have, and keys that occur twice.
//!
//! The libraries ignore unknown keys, as newer peers may send them. In a line that a user typed they are mistakes. The
//! known keys are those that the type's own deserialization asks for, so there is no list of them here.

use lobbywire::wire::{Error, Json, JsonItems, JsonKind, JsonMembers, JsonSyntax, JsonText};
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use std::cell::RefCell;
use std::collections::HashSet;

/// A key that would be ignored.
#[derive(Debug)]
pub(crate) struct WrongKey {
    /// The stable name of the error.
    pub(crate) kind: &'static str,
    /// The path to the key, with the key: `slots.0.user_id`.
    pub(crate) path: String,
    /// A sentence for users.
    pub(crate) message: String,
}

impl WrongKey {
    /// A key that is not one of the known ones.
    pub(crate) fn unknown<'k>(
        path: String,
        key: &str,
        line: u64,
        known: impl IntoIterator<Item = &'k str>,
    ) -> Self {
        let message = format!("unknown key {key:?} in line {line}{}", suggestion(key, known));
        Self { kind: "unknown_key", path, message }
    }

    /// The same key, in a value at the path `outer`.
    pub(crate) fn inside(self, outer: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        Self { path: format!("{outer}{dot}{}", self.path), ..self }
    }

    fn duplicate(path: String, key: &str, line: u64) -> Self {
        let message = format!("duplicate key {key:?} in line {line}; only the last one would count");
        Self { kind: "duplicate_key", path, message }
    }

    /// A value where a packet has none.
    fn no_value(line: u64) -> Self {
        let message = format!("unknown data in line {line}; this packet has none, so it must be null");
        Self { kind: "unknown_key", path: String::new(), message }
    }
}

/// The end of a sentence that names the closest of the known names, or all of them if none is close.
pub(crate) fn suggestion<'k>(given: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let known: Vec<_> = known.into_iter().collect();
    let distance = |name: &str| strsim::damerau_levenshtein(&given.to_lowercase(), &name.to_lowercase());
    let closest = known.iter().map(|name| (distance(name), *name)).min_by_key(|(distance, _)| *distance);
    match closest {
        Some((distance, name)) if distance <= 2.max(name.len() / 2) && distance < name.len() => {
            format!("; did you mean {name:?}?")
        }
        Some(_) if known.len() <= 20 => format!("; known: {}", known.join(", ")),
        _ => String::new(),
    }
}

/// Returns the first key of `json`, the line with this number, that occurs twice in its object.
pub(crate) fn duplicate(json: Json<'_>, line: u64) -> Option<WrongKey> {
    fn find(json: Json<'_>, path: &Path<'_>, line: u64) -> Option<WrongKey> {
        if json.kind() == JsonKind::Array {
            return json
                .items()
                .enumerate()
                .find_map(|(index, item)| find(item, &Path::Element(path, index), line));
        }
        let mut seen = HashSet::new();
        json.members().find_map(|(name, value)| {
            let name = unescaped(name);
            let inner = Path::Member(path, &name);
            if seen.contains(&name) {
                return Some(WrongKey::duplicate(inner.to_string(), &name, line));
            }
            let found = find(value, &inner, line);
            seen.insert(name);
            found
        })
    }
    find(json, &Path::Root, line)
}

/// Returns the first key of `json` that `read` ignores. `read` deserializes a value of the type that `json` has; its
/// errors do not matter here.
pub(crate) fn unknown<'a, T>(
    json: Json<'a>,
    line: u64,
    read: impl FnOnce(Checked<'a, '_>) -> T,
) -> Option<WrongKey> {
    let found = RefCell::new(None);
    read(Checked { json, path: &Path::Root, expected: Some(&[]), line, found: &found });
    found.into_inner()
}

/// Parses a line as leniently as any of the libraries does.
pub(crate) fn parsed(line: &[u8]) -> Result<Json<'_>, Error> {
    Json::from_utf8(line, JsonSyntax::PYTHON)
}

fn unescaped(text: JsonText<'_>) -> String {
    text.as_plain().map_or_else(|| text.chars().collect(), str::to_owned)
}

/// The path to a value.
enum Path<'p> {
    Root,
    Member(&'p Path<'p>, &'p str),
    Element(&'p Path<'p>, usize),
}

impl std::fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (outer, name): (_, &dyn std::fmt::Display) = match self {
            Self::Root => return Ok(()),
            Self::Member(outer, name) => (outer, name),
            Self::Element(outer, index) => (outer, index),
        };
        outer.fmt(f)?;
        if !matches!(outer, Self::Root) {
            f.write_str(".")?;
        }
        name.fmt(f)
    }
}

/// A deserializer that records ignored keys.
#[derive(Clone, Copy)]
pub(crate) struct Checked<'a, 'p> {
    json: Json<'a>,
    path: &'p Path<'p>,
    /// The known keys, if the value must not be ignored because its key is none of them.
    expected: Option<&'static [&'static str]>,
    line: u64,
    found: &'p RefCell<Option<WrongKey>>,
}

/// Why the check ended early. The real deserialization reports errors.
#[derive(Debug)]
pub(crate) struct Ended;

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the check ended early")
    }
}

impl std::error::Error for Ended {}

impl de::Error for Ended {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'a> Checked<'a, '_> {
    fn record(&self, wrong: WrongKey) {
        self.found.borrow_mut().get_or_insert(wrong);
    }

    fn unknown_key(&self, key: &str, known: &'static [&'static str]) {
        self.record(WrongKey::unknown(self.path.to_string(), key, self.line, known.iter().copied()));
    }

    /// Passes the value to the visitor. `known` are the keys of an object, if its type has a fixed set of them.
    fn visit<'de, V: Visitor<'de>>(
        self,
        known: Option<&'static [&'static str]>,
        visitor: V,
    ) -> Result<V::Value, Ended> {
        let Self { json, .. } = self;
        match json.kind() {
            JsonKind::Null => visitor.visit_unit(),
            JsonKind::Bool => visitor.visit_bool(json.as_bool().ok_or(Ended)?),
            JsonKind::Number => match (json.as_u64(), json.as_i64(), json.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (_, Some(number), _) => visitor.visit_i64(number),
                (.., number) => visitor.visit_f64(number.ok_or(Ended)?),
            },
            JsonKind::String => visitor.visit_string(json.as_text().map(unescaped).ok_or(Ended)?),
            JsonKind::Array => visitor.visit_seq(Elements { outer: self, rest: json.items().enumerate() }),
            JsonKind::Object => {
                visitor.visit_map(Members { outer: self, known, rest: json.members(), next: None })
            }
        }
    }
}

impl<'de> Deserializer<'de> for Checked<'_, '_> {
    type Error = Ended;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Ended> {
        self.visit(None, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Ended> {
        self.visit(Some(fields), visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Ended> {
        if self.json.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Ended> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Ended> {
        let name = self.json.as_text().map(unescaped).ok_or(Ended)?;
        visitor.visit_enum(name.into_deserializer())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Ended> {
        match (self.path, self.expected) {
            (_, None) => {}
            (Path::Member(_, key), Some(known)) => self.unknown_key(key, known),
            _ if self.json.is_null() => {}
            _ => self.record(WrongKey::no_value(self.line)),
        }
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier
    }
}

struct Elements<'a, 'p> {
    outer: Checked<'a, 'p>,
    rest: std::iter::Enumerate<JsonItems<'a>>,
}

impl<'de> SeqAccess<'de> for Elements<'_, '_> {
    type Error = Ended;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Ended> {
        let Some((index, json)) = self.rest.next() else { return Ok(None) };
        let path = &Path::Element(self.outer.path, index);
        seed.deserialize(Checked { json, path, expected: None, ..self.outer }).map(Some)
    }
}

struct Members<'a, 'p> {
    outer: Checked<'a, 'p>,
    /// The keys of the type, if it has a fixed set of them.
    known: Option<&'static [&'static str]>,
    rest: JsonMembers<'a>,
    /// The member whose key has been passed to the type.
    next: Option<(String, Json<'a>)>,
}

impl<'de> MapAccess<'de> for Members<'_, '_> {
    type Error = Ended;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Ended> {
        let Some((name, json)) = self.rest.next() else { return Ok(None) };
        let (name, _) = self.next.insert((unescaped(name), json));
        let name: StrDeserializer<'_, Ended> = name.as_str().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Ended> {
        let (name, json) = self.next.take().ok_or(Ended)?;
        let path = &Path::Member(self.outer.path, &name);
        let mut value = Checked { json, path, expected: self.known.or(Some(&[])), ..self.outer };
        match self.known {
            Some(known) if known.contains(&&*name) => value.expected = None,
            // Some types keep unknown members, so they are not ignored. Others ignore the case of names.
            Some(known) if !known.iter().any(|known| known.eq_ignore_ascii_case(&name)) => {
                value.unknown_key(&name, known);
                value.expected = None;
            }
            _ => {}
        }
        seed.deserialize(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_name_the_closest_key() {
        let known = ["sender", "content", "target", "sender_id"];
        assert_eq!(suggestion("conten", known), "; did you mean \"content\"?");
        assert_eq!(suggestion("Target", known), "; did you mean \"target\"?");
        assert_eq!(suggestion("senderId", known), "; did you mean \"sender_id\"?");
        assert_eq!(suggestion("x", known), "; known: sender, content, target, sender_id");
        assert_eq!(suggestion("x", []), "");
    }

    #[test]
    fn duplicates_are_found_in_nested_values() {
        let found = |text| duplicate(parsed(text).unwrap(), 3).map(|wrong| wrong.path);
        assert_eq!(found(br#"{"a": [{"b": 1}, {"b": 1, "c": {"b": 1}}], "b": {}}"#), None);
        assert_eq!(found(br#"{"a": [{"b": 1}, {"b": 1, "\u0062": 2}]}"#).unwrap(), "a.1.b");
        assert_eq!(found(br#"{"a": {"x": {}, "x": {}}}"#).unwrap(), "a.x");
    }
}
