//! Objects with named fields. Each type is declared once, one row a field; decoding and encoding are generated.

use super::json::{Name, PutJson, Seen, ignore};
use super::{Json, WriteError};
use crate::wire::{Sink, write_json_text};
use serde::de::{Error as _, MapAccess, Visitor};
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
    fn name(self) -> &'static str {
        self.0.strip_prefix(",\"").and_then(|rest| rest.strip_suffix("\":")).unwrap_or(self.0)
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

/// A type that is decoded field by field.
pub(super) trait Record: Sized {
    /// The fields decoded so far.
    type Partial: Default;

    /// Whether the type is a message, whose `command` is known.
    const IS_MESSAGE: bool;

    /// Decodes a field's value if the field is known.
    fn take<'de, A: MapAccess<'de>>(
        partial: &mut Self::Partial,
        name: &str,
        map: &mut A,
    ) -> Result<bool, A::Error>;

    /// Builds the value. The error is the name of a missing field.
    fn finish(partial: Self::Partial, extra: Extra) -> Result<Self, &'static str>;
}

/// Decodes a [`Record`].
pub(super) struct Reading<R>(pub(super) PhantomData<R>);

impl<'de, R: Record> Visitor<'de> for Reading<R> {
    type Value = R;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<R, A::Error> {
        let (mut partial, mut extra, mut index) = (R::Partial::default(), Extra::default(), 0);
        while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
            if R::IS_MESSAGE && name == "command" {
                ignore(&mut map)?;
            } else if !R::take(&mut partial, &name, &mut map)? {
                extra.read(index, &name, map.next_value()?);
            }
            index += 1;
        }
        R::finish(partial, extra.deduplicated()).map_err(A::Error::missing_field)
    }
}

/// Decodes a required field. Its type decides whether `null` is allowed.
pub(super) fn present<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    map: &mut A,
) -> Result<Option<T>, A::Error> {
    map.next_value().map(Some)
}

/// Decodes an optional field. `null` counts as missing, unless the type has its own `null`.
pub(super) fn optional<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    map: &mut A,
) -> Result<Option<Option<T>>, A::Error> {
    struct Value<T>(Option<T>);

    impl<'de, T: Deserialize<'de>> Deserialize<'de> for Value<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_option(ValueVisitor(PhantomData))
        }
    }

    struct ValueVisitor<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for ValueVisitor<T> {
        type Value = Value<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a value")
        }

        fn visit_none<E>(self) -> Result<Value<T>, E> {
            Ok(Value(T::deserialize(serde_json::Value::Null).ok()))
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value<T>, D::Error> {
            T::deserialize(deserializer).map(Some).map(Value)
        }
    }

    Ok(Some(map.next_value::<Value<T>>()?.0))
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
            use $crate::faf::message_types::{
                Fields, JsonMembers, Members, Reading, Record, SerdeMembers, key, optional, present,
            };

            #[derive(Default)]
            pub(in crate::faf) struct Partial {
                $(
                    $($field: Option<$ty>,)?
                    $($opt: Option<Option<$ty>>,)?
                )*
            }

            impl Record for $name {
                type Partial = Partial;

                const IS_MESSAGE: bool = ![$($command,)? ""][0].is_empty();

                #[allow(unused_variables)]
                fn take<'de, A: serde::de::MapAccess<'de>>(
                    partial: &mut Partial,
                    name: &str,
                    map: &mut A,
                ) -> Result<bool, A::Error> {
                    $(
                        if name == [$($key,)? $(stringify!($field),)? $(stringify!($opt),)?][0] {
                            $(partial.$field = present(map)?;)?
                            $(partial.$opt = optional(map)?;)?
                            return Ok(true);
                        }
                    )*
                    Ok(false)
                }

                #[allow(unused_variables)]
                fn finish(partial: Partial, extra: $crate::faf::Extra) -> Result<Self, &'static str> {
                    $(
                        let name = [$($key,)? $(stringify!($field),)? $(stringify!($opt),)?][0];
                        $(let $field = partial.$field.ok_or(name)?;)?
                        $(let $opt = partial.$opt.flatten();)?
                    )*
                    Ok(Self { $($($field,)? $($opt,)?)* extra })
                }
            }

            impl<'de> serde::Deserialize<'de> for $name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    deserializer.deserialize_map(Reading(std::marker::PhantomData))
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
