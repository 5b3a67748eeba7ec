//! Objects with named fields. Each type is declared once, one row a field; decoding and encoding are generated.

use super::json::{Name, PutJson, Seen};
use super::{Json, WriteError};
use crate::wire::{Sink, write_json_text};
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

/// The unknown fields of a message, with their positions.
///
/// They are encoded at the positions at which they were received; inserted ones come last.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Extra(Vec<(usize, String, Json)>);

impl Extra {
    /// Iterates over the fields, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(_, name, value)| (name.as_str(), value))
    }

    /// Returns the field with this name.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.iter().rev().find(|(_, known, _)| known == name).map(|(_, _, value)| value)
    }

    /// Changes a field, or appends it.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Json>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(_, known, _)| *known == name) {
            Some((_, _, known)) => *known = value,
            None => self.0.push((usize::MAX, name, value)),
        }
    }

    /// Whether there are no unknown fields.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Appends a field while reading. Call [`deduplicated`](Self::deduplicated) afterwards.
    pub(super) fn read(&mut self, index: usize, name: &str, value: Json) {
        self.0.push((index, name.to_owned(), value));
    }

    pub(super) fn deduplicated(self) -> Self {
        Self(dedup_by_name(self.0, |(_, name, _)| name, |first, last| first.2 = last.2))
    }
}

impl fmt::Debug for Extra {
    /// Prints names only, because unknown fields may contain secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

/// Removes duplicates in linear time: each name keeps its first position and its last value.
fn dedup_by_name<T>(fields: Vec<T>, name: impl Fn(&T) -> &String, take_last: impl Fn(&mut T, T)) -> Vec<T> {
    if fields.len() < 2 {
        return fields;
    }
    let mut seen = Seen::default();
    if fields.iter().all(|field| seen.insert(name(field).into())) {
        return fields;
    }
    let mut indices: HashMap<String, usize> = HashMap::with_capacity(fields.len());
    let mut unique: Vec<T> = Vec::with_capacity(fields.len());
    for field in fields {
        match indices.get(name(&field)) {
            Some(at) => take_last(&mut unique[*at], field),
            None => {
                indices.insert(name(&field).clone(), unique.len());
                unique.push(field);
            }
        }
    }
    unique
}

/// Values by name, in the order in which they were received.
///
/// ```
/// use lobbywire::faf::Map;
///
/// let ratings: Map<i64> = serde_json::from_str(r#"{"ladder_1v1":5,"global":7}"#)?;
/// assert_eq!(ratings.get("global"), Some(&7));
/// assert!(ratings.iter().map(|(name, _)| name).eq(["ladder_1v1", "global"]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map<V>(Vec<(String, V)>);

impl<V> Map<V> {
    /// Iterates over names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Returns the value with this name.
    pub fn get(&self, name: &str) -> Option<&V> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Changes a value, or appends it.
    pub fn insert(&mut self, name: impl Into<String>, value: V) {
        let name = name.into();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<V> Default for Map<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<N: Into<String>, V> FromIterator<(N, V)> for Map<V> {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(values: I) -> Self {
        let values = values.into_iter().map(|(name, value)| (name.into(), value)).collect();
        Self(dedup_by_name(values, |(name, _)| name, |first: &mut (String, V), last| first.1 = last.1))
    }
}

impl<V: Serialize + PutJson> PutJson for Map<V> {
    fn put_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        let mut members = JsonMembers::new(out)?;
        self.iter().try_for_each(|(name, value)| members.other(name, value))?;
        members.end()
    }
}

impl<V: Serialize> Serialize for Map<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Map<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Values<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for Values<V> {
            type Value = Map<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Map<V>, A::Error> {
                let mut values = Vec::new();
                while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
                    values.push((name.into_owned(), map.next_value()?));
                }
                Ok(values.into_iter().collect())
            }
        }

        deserializer.deserialize_map(Values(PhantomData))
    }
}

/// A field's name, encoded with punctuation: `,"name":`.
#[derive(Clone, Copy)]
pub(super) struct Key(pub(super) &'static str);

impl Key {
    /// The name.
    pub(super) const fn name(self) -> &'static str {
        let (_, key) = self.0.split_at(2);
        key.split_at(key.len() - 2).0
    }

    /// The key without its comma.
    pub(super) const fn unseparated(self) -> &'static str {
        self.0.split_at(1).1
    }
}

/// The [`Key`] of a field.
macro_rules! key {
    ($name:literal $($field:ident)?) => {
        $crate::faf::message_types::Key(concat!(",\"", $name, "\":"))
    };
    ($field:ident) => {
        $crate::faf::message_types::Key(concat!(",\"", stringify!($field), "\":"))
    };
}
pub(super) use key;

/// A destination for the members of an object: a serde serializer, or JSON.
pub(super) trait Members {
    /// The result.
    type Done;
    /// Why a member was not written.
    type Error;

    fn field(&mut self, key: Key, value: &(impl Serialize + PutJson + ?Sized)) -> Result<(), Self::Error>;

    /// Writes a member whose name may need escapes.
    fn other(&mut self, name: &str, value: &(impl Serialize + PutJson)) -> Result<(), Self::Error>;

    fn end(self) -> Result<Self::Done, Self::Error>;
}

/// Members for a serde serializer.
pub(super) struct SerdeMembers<M>(pub(super) M);

impl<M: SerializeMap> Members for SerdeMembers<M> {
    type Done = M::Ok;
    type Error = M::Error;

    fn field(&mut self, key: Key, value: &(impl Serialize + PutJson + ?Sized)) -> Result<(), M::Error> {
        self.0.serialize_entry(key.name(), value)
    }

    fn other(&mut self, name: &str, value: &(impl Serialize + PutJson)) -> Result<(), M::Error> {
        self.0.serialize_entry(name, value)
    }

    fn end(self) -> Result<M::Ok, M::Error> {
        self.0.end()
    }
}

/// Members in the server's JSON form.
pub(super) struct JsonMembers<'s, S> {
    out: &'s mut S,
    is_first: bool,
}

impl<'s, S: Sink> JsonMembers<'s, S> {
    pub(super) fn new(out: &'s mut S) -> Result<Self, WriteError> {
        out.put(b"{")?;
        Ok(Self { out, is_first: true })
    }
}

impl<S: Sink> Members for JsonMembers<'_, S> {
    type Done = ();
    type Error = WriteError;

    #[inline]
    fn field(&mut self, key: Key, value: &(impl Serialize + PutJson + ?Sized)) -> Result<(), WriteError> {
        let comma = usize::from(std::mem::take(&mut self.is_first));
        self.out.put(&key.0.as_bytes()[comma..])?;
        value.put_json(self.out)
    }

    fn other(&mut self, name: &str, value: &(impl Serialize + PutJson)) -> Result<(), WriteError> {
        if !std::mem::take(&mut self.is_first) {
            self.out.put(b",")?;
        }
        write_json_text(self.out, name)?;
        self.out.put(b":")?;
        value.put_json(self.out)
    }

    fn end(self) -> Result<(), WriteError> {
        Ok(self.out.put(b"}")?)
    }
}

/// Writes the fields of an object, with unknown fields at their positions.
pub(super) struct Fields<'e, M> {
    members: M,
    extra: std::slice::Iter<'e, (usize, String, Json)>,
    count: usize,
}

impl<'e, M: Members> Fields<'e, M> {
    pub(super) fn new(members: M, extra: &'e Extra) -> Self {
        Self { members, extra: extra.0.iter(), count: 0 }
    }

    #[inline]
    pub(super) fn field(
        &mut self,
        key: Key,
        value: &(impl Serialize + PutJson + ?Sized),
    ) -> Result<(), M::Error> {
        while let [(index, name, value), rest @ ..] = self.extra.as_slice()
            && *index <= self.count
        {
            self.members.other(name, value)?;
            self.extra = rest.iter();
            self.count += 1;
        }
        self.count += 1;
        self.members.field(key, value)
    }

    pub(super) fn end(mut self) -> Result<M::Done, M::Error> {
        for (_, name, value) in self.extra {
            self.members.other(name, value)?;
        }
        self.members.end()
    }
}

/// Declares types with named fields.
///
/// A field is `name: Type`, or `[name]: Type` if it is optional, which makes it an `Option<Type>`. `= "text"`
/// is the encoded name, if that is a Rust keyword. A type with a `"command"` is encoded with it.
macro_rules! message_types {
    ($(
        $(#[$docs:meta])*
        $name:ident $($command:literal)? {
            $(
                $(#[$field_docs:meta])*
                $($field:ident)? $([$opt:ident])? $(= $key:literal)?: $ty:ty,
            )*
        }
    )*) => {$(
        $(#[$docs])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name {
            $(
                $(#[$field_docs])*
                $(pub $field: $ty,)?
                $(pub $opt: Option<$ty>,)?
            )*
            /// Unknown fields.
            pub extra: $crate::faf::Extra,
        }

        const _: () = {
            #[allow(unused_imports)] // some have no fields
            use $crate::faf::decode::{Cursor, FromJson, Mismatch, deserialize};
            #[allow(unused_imports)]
            use $crate::faf::message_types::{Fields, JsonMembers, Key, Members, SerdeMembers, key};

            impl FromJson for $name {
                const EXPECTED: &'static str = "an object";

                #[allow(unused_assignments, unused_variables)] // some have no fields
                fn from_json(cursor: &mut Cursor<'_>) -> Result<Self, Mismatch> {
                    const IS_MESSAGE: bool = ![$($command,)? ""][0].is_empty();
                    const KEYS: &[Key] = &[$(key!($($key)? $($field)? $($opt)?)),*];

                    if !cursor.is_at_object() {
                        return cursor.convert();
                    }
                    $(
                        $(let mut $field: Option<$ty> = None;)?
                        $(let mut $opt: Option<$ty> = None;)?
                    )*
                    let (mut extra, mut index) = ($crate::faf::Extra::default(), 0usize);
                    // The key of a member whose name was not in the expected form or place.
                    let mut found = "";
                    let mut has_more = cursor.begin_object();
                    while has_more {
                        let before = index;
                        // Members usually are in the order of the declaration.
                        if IS_MESSAGE && cursor.key("\"command\":") {
                            cursor.value();
                            has_more = cursor.more();
                            index += 1;
                        }
                        $({
                            const KEY: Key = key!($($key)? $($field)? $($opt)?);
                            if cursor.key(KEY.unseparated()) || found == KEY.unseparated() {
                                found = "";
                                $($field = Some(cursor.field(KEY.name())?);)?
                                $($opt = cursor.optional(KEY.name())?;)?
                                has_more = cursor.more();
                                index += 1;
                            }
                        })*
                        if has_more && index == before {
                            let name = cursor.name();
                            if let Some(key) = KEYS.iter().find(|key| key.name() == name) {
                                found = key.unseparated();
                                continue;
                            }
                            if IS_MESSAGE && name == "command" {
                                cursor.value();
                            } else {
                                extra.read(index, &name, cursor.field(&name)?);
                            }
                            has_more = cursor.more();
                            index += 1;
                        }
                    }
                    $(
                        let key = key!($($key)? $($field)? $($opt)?);
                        $(let $field = cursor.required($field, key.name())?;)?
                    )*
                    Ok(Self { $($($field,)? $($opt,)?)* extra: extra.deduplicated() })
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    deserialize(deserializer)
                }
            }

            impl $name {
                fn write_fields<M: Members>(&self, members: M) -> Result<M::Done, M::Error> {
                    let mut fields = Fields::new(members, &self.extra);
                    $(fields.field(key!("command"), $command)?;)?
                    $(
                        let key = key!($($key)? $($field)? $($opt)?);
                        $(fields.field(key, &self.$field)?;)?
                        $(if let Some(value) = &self.$opt {
                            fields.field(key, value)?;
                        })?
                    )*
                    fields.end()
                }
            }

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    self.write_fields(SerdeMembers(serializer.serialize_map(None)?))
                }
            }

            impl $crate::faf::json::PutJson for $name {
                fn put_json(&self, out: &mut impl $crate::wire::Sink) -> Result<(), $crate::faf::WriteError> {
                    self.write_fields(JsonMembers::new(out)?)
                }
            }
        };
    )*};
}
pub(super) use message_types;
