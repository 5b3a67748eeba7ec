//! Objects with named fields: one row a field, from which come the type, how it is read and how it is written.

use super::Json;
use super::json::{Name, ignore};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::marker::PhantomData;

/// Fields that a type does not know, each with its place among the others.
///
/// They are written where they stood when they were read, or behind the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

    pub(super) fn read(&mut self, place: usize, name: &str, value: Json) {
        // A name that stands twice has its last value.
        match self.0.iter_mut().find(|(_, known, _)| known == name) {
            Some((_, _, known)) => *known = value,
            None => self.0.push((place, name.to_owned(), value)),
        }
    }
}

/// Writes the fields of an object, and those that its type does not know in between.
pub(super) struct Fields<'e, M> {
    map: M,
    extra: std::iter::Peekable<std::slice::Iter<'e, (usize, String, Json)>>,
    count: usize,
}

impl<'e, M: SerializeMap> Fields<'e, M> {
    pub(super) fn new(map: M, extra: &'e Extra) -> Self {
        Self { map, extra: extra.0.iter().peekable(), count: 0 }
    }

    pub(super) fn field(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<(), M::Error> {
        while let Some((_, name, value)) = self.extra.next_if(|(place, _, _)| *place <= self.count) {
            self.map.serialize_entry(name, value)?;
            self.count += 1;
        }
        self.count += 1;
        self.map.serialize_entry(name, value)
    }

    pub(super) fn end(mut self) -> Result<M::Ok, M::Error> {
        for (_, name, value) in self.extra {
            self.map.serialize_entry(name, value)?;
        }
        self.map.end()
    }
}

/// A type whose fields are read one by one.
pub(super) trait Record: Sized {
    /// What has been read so far.
    type Partial: Default;

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
            if name == "command" {
                ignore(&mut map)?;
            } else if !R::take(&mut partial, &name, &mut map)? {
                extra.read(place, &name, map.next_value()?);
            }
            place += 1;
        }
        R::whole(partial, extra).map_err(A::Error::missing_field)
    }
}

/// A value that may be `null`, for a field that is always there.
pub(super) fn present<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    map: &mut A,
) -> Result<Option<T>, A::Error> {
    map.next_value().map(Some)
}

/// Declares types with named fields.
///
/// A field is `name: Type`, or `[name]: Type` where it may be missing: it is an `Option<Type>` then. `= "text"`
/// gives the name on the wire where that is a word of Rust. A type with a `"command"` is written with it.
macro_rules! records {
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
            use $crate::faf::record::{Fields, Reading, Record, present};

            #[derive(Default)]
            pub(in crate::faf) struct Partial {
                $(
                    $($field: Option<$ty>,)?
                    $($opt: Option<Option<$ty>>,)?
                )*
            }

            impl Record for $name {
                type Partial = Partial;

                #[allow(unused_variables)]
                fn take<'de, A: serde::de::MapAccess<'de>>(
                    partial: &mut Partial,
                    name: &str,
                    map: &mut A,
                ) -> Result<bool, A::Error> {
                    $(
                        if name == [$($key,)? $(stringify!($field),)? $(stringify!($opt),)?][0] {
                            $(partial.$field = present(map)?;)?
                            $(partial.$opt = present(map)?;)?
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

            impl serde::Serialize for $name {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    let mut fields = Fields::new(serializer.serialize_map(None)?, &self.extra);
                    $(fields.field("command", $command)?;)?
                    $(
                        let name = [$($key,)? $(stringify!($field),)? $(stringify!($opt),)?][0];
                        $(fields.field(name, &self.$field)?;)?
                        $(if let Some(value) = &self.$opt {
                            fields.field(name, value)?;
                        })?
                    )*
                    fields.end()
                }
            }
        };
    )*};
}
pub(super) use records;
