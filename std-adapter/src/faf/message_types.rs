//! Objects with named fields: one row a field, from which come the type, how it is read and how it is written.

use super::json::{Name, PutJson, Seen, ignore};
use super::{Json, WriteError};
use crate::wire::{Sink, write_json_text};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

/// Fields that a type does not know, each with its place among the others.
///
/// They are written where they stood when they were read, or behind the others.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Extra(Vec<(usize, String, Json)>);

impl Extra {
    /// The fields, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(_, name, value)| (name.as_str(), value))
    }

    /// The field of this name.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.iter().rev().find(|(_, known, _)| known == name).map(|(_, _, value)| value)
    }

    /// Adds a field behind the others, or changes it.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Json>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(_, known, _)| *known == name) {
            Some((_, _, known)) => *known = value,
            None => self.0.push((usize::MAX, name, value)),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes what was read; all of it is [`settled`](Self::settled) then.
    pub(super) fn read(&mut self, place: usize, name: &str, value: Json) {
        self.0.push((place, name.to_owned(), value));
    }

    pub(super) fn settled(self) -> Self {
        Self(each_once(self.0, |(_, name, _)| name, |first, last| first.2 = last.2))
    }
}

impl fmt::Debug for Extra {
    /// Only names: nobody knows what is for logs of fields that nobody knows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

/// Leaves each name once, in its first place with its last value, in time that grows as the fields do.
fn each_once<T>(fields: Vec<T>, name: impl Fn(&T) -> &String, take_last: impl Fn(&mut T, T)) -> Vec<T> {
    let mut seen = Seen::default();
    if fields.iter().all(|field| seen.insert(name(field).into())) {
        return fields;
    }
    let mut places: HashMap<String, usize> = HashMap::with_capacity(fields.len());
    let mut settled: Vec<T> = Vec::with_capacity(fields.len());
    for field in fields {
        match places.get(name(&field)) {
            Some(at) => take_last(&mut settled[*at], field),
            None => {
                places.insert(name(&field).clone(), settled.len());
                settled.push(field);
            }
        }
    }
    settled
}

/// Values by their names, in the order in which they came.
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
    /// The values with their names, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &V)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<&V> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Adds a value behind the others, or changes it.
    pub fn insert(&mut self, name: impl Into<String>, value: V) {
        let name = name.into();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
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
        Self(each_once(values, |(name, _)| name, |first: &mut (String, V), last| first.1 = last.1))
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

/// The name of a field as it stands in JSON: `,"name":`.
#[derive(Clone, Copy)]
pub(super) struct Key(pub(super) &'static str);

impl Key {
    fn name(self) -> &'static str {
        self.0.strip_prefix(",\"").and_then(|rest| rest.strip_suffix("\":")).unwrap_or(self.0)
    }
}

/// The key of a field that has this name.
macro_rules! key {
    ($name:literal $($field:ident)?) => {
        $crate::faf::message_types::Key(concat!(",\"", $name, "\":"))
    };
    ($field:ident) => {
        $crate::faf::message_types::Key(concat!(",\"", stringify!($field), "\":"))
    };
}
pub(super) use key;

/// Where the members of an object go: to serde, or into JSON at once.
pub(super) trait Members {
    /// What there is at the end.
    type Done;
    /// Why one was not written.
    type Error;

    fn field(&mut self, key: Key, value: &(impl Serialize + PutJson + ?Sized)) -> Result<(), Self::Error>;

    /// A member with any name.
    fn other(&mut self, name: &str, value: &(impl Serialize + PutJson)) -> Result<(), Self::Error>;

    fn end(self) -> Result<Self::Done, Self::Error>;
}

/// Members for serde.
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

/// Members in the server's form.
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

/// Writes the fields of an object, and those that its type does not know in between.
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
        while let [(place, name, value), rest @ ..] = self.extra.as_slice()
            && *place <= self.count
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

/// A type whose fields are read one by one.
pub(super) trait Record: Sized {
    /// What has been read so far.
    type Partial: Default;

    /// Whether it is a message, and has a command that its type says.
    const IS_MESSAGE: bool;

    /// Takes a field's value if the field is known.
    fn take<'de, A: MapAccess<'de>>(
        partial: &mut Self::Partial,
        name: &str,
        map: &mut A,
    ) -> Result<bool, A::Error>;

    /// The whole, unless a field is missing, whose name this is then.
    fn whole(partial: Self::Partial, extra: Extra) -> Result<Self, &'static str>;
}

/// Reads a [`Record`].
pub(super) struct Reading<R>(pub(super) PhantomData<R>);

impl<'de, R: Record> Visitor<'de> for Reading<R> {
    type Value = R;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<R, A::Error> {
        let (mut partial, mut extra, mut place) = (R::Partial::default(), Extra::default(), 0);
        while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
            if R::IS_MESSAGE && name == "command" {
                ignore(&mut map)?;
            } else if !R::take(&mut partial, &name, &mut map)? {
                extra.read(place, &name, map.next_value()?);
            }
            place += 1;
        }
        R::whole(partial, extra.settled()).map_err(A::Error::missing_field)
    }
}

/// A value that may be `null`, for a field that is always there.
pub(super) fn present<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    map: &mut A,
) -> Result<Option<T>, A::Error> {
    map.next_value().map(Some)
}

/// A value for a field that may be missing. `null` says no more than that, unless the type has it.
pub(super) fn optional<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    map: &mut A,
) -> Result<Option<Option<T>>, A::Error> {
    struct Given<T>(Option<T>);

    impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_option(Giving(PhantomData))
        }
    }

    struct Giving<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Giving<T> {
        type Value = Given<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a value")
        }

        fn visit_none<E>(self) -> Result<Given<T>, E> {
            Ok(Given(T::deserialize(serde_json::Value::Null).ok()))
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Given<T>, D::Error> {
            T::deserialize(deserializer).map(Some).map(Given)
        }
    }

    Ok(Some(map.next_value::<Given<T>>()?.0))
}

/// Declares types with named fields.
///
/// A field is `name: Type`, or `[name]: Type` where it may be missing: it is an `Option<Type>` then. `= "text"`
/// gives the name on the wire where that is a word of Rust. A type with a `"command"` is written with it.
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
            /// Fields that are not known here.
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
                fn whole(partial: Partial, extra: $crate::faf::Extra) -> Result<Self, &'static str> {
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
