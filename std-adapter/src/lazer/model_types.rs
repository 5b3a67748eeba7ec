//! Types with fields, and unions. Each type is declared once, one row a field; its encodings are generated.

use super::model::{JsonModel, RawValue, Read};
use crate::wire::Trace;
use crate::wire::{Error, ErrorKind, Full, MsgPackReader, MsgPackWriter, Sink};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{self, MapAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// Unknown elements at the end of an array: newer peers append fields. They are encoded unchanged, after the
/// known ones.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Extra {
    len: usize,
    bytes: Vec<u8>,
}

impl Extra {
    /// The number of elements.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none, which is the common case.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The encoded elements.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Appends an element.
    pub fn push(&mut self, value: &RawValue) {
        self.len += 1;
        self.bytes.extend_from_slice(value.bytes());
    }

    pub(super) fn read(reader: &mut MsgPackReader<'_>, len: usize) -> Result<Self, Error> {
        let mut extra = Self::default();
        for _ in 0..len {
            extra.bytes.extend_from_slice(reader.skip()?);
            extra.len += 1;
        }
        Ok(extra)
    }

    pub(super) fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        out.raw(&self.bytes)
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x?}", self.bytes)
    }
}

/// Nearly always empty.
#[cfg(feature = "arbitrary")]
impl<'a> arbitrary::Arbitrary<'a> for Extra {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut extra = Self::default();
        if u.ratio(1, 16)? {
            extra.push(&u.arbitrary()?);
        }
        Ok(extra)
    }
}

/// In JSON, the bytes as base64.
impl JsonModel for Extra {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.bytes))
    }

    fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let base64 = String::deserialize(deserializer)?;
        let wrong = || de::Error::invalid_value(Unexpected::Str(&base64), &"MessagePack values in base64");
        let bytes = STANDARD.decode(&base64).map_err(|_| wrong())?;
        let (mut reader, mut len) = (MsgPackReader::new(&bytes), 0);
        while !reader.rest().is_empty() {
            reader.skip().map_err(|_| wrong())?;
            len += 1;
        }
        Ok(Self { len, bytes })
    }
}

/// Unknown properties of a JSON object, in order. They are encoded after the known ones.
#[derive(Clone, Default, PartialEq)]
pub struct Unknowns(Vec<(String, serde_json::Value)>);

impl Unknowns {
    /// Iterates over names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &serde_json::Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn push(&mut self, name: String, value: serde_json::Value) {
        self.0.push((name, value));
    }
}

/// Nearly always empty.
#[cfg(feature = "arbitrary")]
impl<'a> arbitrary::Arbitrary<'a> for Unknowns {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut unknowns = Self::default();
        if u.ratio(1, 16)? {
            unknowns.push("of_another_time".into(), u.arbitrary::<i64>()?.into());
        }
        Ok(unknowns)
    }
}

impl fmt::Debug for Unknowns {
    /// Prints names only, because unknown properties may contain secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

/// A type with named fields in JSON. Decoding starts with the defaults.
pub(super) trait Object: Default {
    /// The names of the fields, in order.
    const NAMES: &'static [&'static str];

    /// Decodes the field with this index.
    fn set<'de, A: MapAccess<'de>>(&mut self, index: usize, map: &mut A) -> Result<(), A::Error>;

    /// Decodes an unknown field.
    fn set_unknown<'de, A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error>;
}

/// Decodes an [`Object`]. Names are compared ignoring case, as .NET does. The deserializer receives them.
pub(super) fn read_object<'de, T: Object, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Fields<T>(PhantomData<T>);

    impl<'de, T: Object> Visitor<'de> for Fields<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
            let mut read = T::default();
            while let Some(name) = map.next_key::<String>()? {
                match T::NAMES.iter().position(|known| known.eq_ignore_ascii_case(&name)) {
                    Some(index) => read.set(index, &mut map)?,
                    None => read.set_unknown(name, &mut map)?,
                }
            }
            Ok(read)
        }
    }

    deserializer.deserialize_struct("object", T::NAMES, Fields(PhantomData))
}

/// Skips elements without a field, up to the element with this key.
pub(super) fn pass_over(
    reader: &mut MsgPackReader<'_>,
    at: &mut usize,
    key: usize,
    len: usize,
) -> Result<(), Error> {
    while *at < key.min(len) {
        reader.skip()?;
        *at += 1;
    }
    Ok(())
}

/// A value, or the default of a field.
macro_rules! or_default {
    () => {
        Default::default()
    };
    ($default:expr) => {
        $default
    };
}
pub(super) use or_default;

/// What nil decodes as, for a type of this kind.
macro_rules! of_nil {
    (value) => {
        None
    };
    ($(fixed)?) => {
        Some(Self::default())
    };
}
pub(super) use of_nil;

/// Declares types with a MessagePack layout: `key field: type`, with `= value` if a missing element means
/// something else than the type's default. `Name value` is a struct in .NET, which rejects nil; others are classes.
macro_rules! model_types {
    ($(
        $(#[$docs:meta])*
        $Name:ident $($kind:ident)? {
            $($(#[$field_docs:meta])* $key:literal $field:ident: $Type:ty $(= $default:expr)?,)*
        }
    )*) => {$(
        $(#[$docs])*
        ///
        /// Encoded as an array. Newer peers may append elements, and older ones may omit some: missing fields
        /// have their defaults.
        #[derive(Clone, Debug, PartialEq)]
        #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
        pub struct $Name {
            $(
                $(#[$field_docs])*
                #[doc = concat!("\n\nElement ", stringify!($key), ".")]
                pub $field: $Type,
            )*
            /// Unknown elements.
            pub extra: $crate::lazer::Extra,
        }

        impl Default for $Name {
            fn default() -> Self {
                Self {
                    $($field: $crate::lazer::model_types::or_default!($($default)?),)*
                    extra: Default::default(),
                }
            }
        }

        const _: () = {
            use $crate::lazer::model::{JsonModel, Model, Read, Shown};
            #[allow(unused_imports)]
            use $crate::lazer::model_types::{Object, pass_over, read_object};
            use serde::de::{IgnoredAny, MapAccess};
            use serde::ser::SerializeMap;

            impl Model for $Name {
                #[allow(unused_assignments, unused_mut, unused_variables)] // some have no fields
                fn read_value(
                    reader: &mut $crate::wire::MsgPackReader<'_>,
                    trace: &mut impl $crate::wire::Trace,
                ) -> Result<Self, $crate::wire::Error> {
                    trace.at(stringify!($Name), "");
                    let (len, mut at) = (reader.array_len()?, 0);
                    let mut read = Self::default();
                    $(
                        if len > $key {
                            trace.at(stringify!($Name), stringify!($field));
                            pass_over(reader, &mut at, $key, len)?;
                            read.$field = Model::read(reader, trace)?;
                            at = $key + 1;
                        }
                    )*
                    if len > at {
                        trace.at(stringify!($Name), "extra");
                        read.extra = $crate::lazer::Extra::read(reader, len - at)?;
                    }
                    Ok(read)
                }

                #[allow(unused_assignments, unused_mut, unused_variables)]
                fn write<S: $crate::wire::Sink>(
                    &self,
                    out: &mut $crate::wire::MsgPackWriter<'_, S>,
                ) -> Result<(), $crate::wire::Full> {
                    const LEN: usize = {
                        let keys: &[usize] = &[$($key + 1),*];
                        match keys {
                            [.., last] => *last,
                            [] => 0,
                        }
                    };
                    out.array_len(LEN + self.extra.len())?;
                    let mut at = 0;
                    $(
                        // Elements without a field are nil.
                        while at < $key {
                            out.nil()?;
                            at += 1;
                        }
                        self.$field.write(out)?;
                        at = $key + 1;
                    )*
                    self.extra.write(out)
                }
            }

            impl JsonModel for $Name {
                fn of_nil() -> Option<Self> {
                    $crate::lazer::model_types::of_nil!($($kind)?)
                }

                fn serialize_json<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    let mut map = serializer.serialize_map(None)?;
                    $(map.serialize_entry(stringify!($field), &Shown(&self.$field))?;)*
                    if !self.extra.is_empty() {
                        map.serialize_entry("$extra", &Shown(&self.extra))?;
                    }
                    map.end()
                }

                fn deserialize_json<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    read_object(deserializer)
                }
            }

            impl Object for $Name {
                const NAMES: &'static [&'static str] = &[$(stringify!($field),)* "$extra"];

                #[allow(unused_mut)]
                fn set<'de, A: MapAccess<'de>>(&mut self, index: usize, map: &mut A) -> Result<(), A::Error> {
                    let mut next = 0;
                    $(
                        if index == next {
                            self.$field = map.next_value::<Read<$Type>>()?.0;
                            return Ok(());
                        }
                        next += 1;
                    )*
                    if index == next {
                        self.extra = map.next_value::<Read<_>>()?.0;
                    }
                    Ok(())
                }

                fn set_unknown<'de, A: MapAccess<'de>>(&mut self, _: String, map: &mut A) -> Result<(), A::Error> {
                    map.next_value::<IgnoredAny>().map(drop)
                }
            }
        };

        $crate::lazer::model_types::by_serde!($Name);
        $crate::lazer::model::carried!($Name);
    )*};
}
pub(super) use model_types;

/// Implements serde's traits for a type with a JSON encoding.
macro_rules! by_serde {
    ($Type:ident) => {
        impl serde::Serialize for $Type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::lazer::model::JsonModel::serialize_json(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $Type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::lazer::model::JsonModel::deserialize_json(deserializer)
            }
        }
    };
}
pub(super) use by_serde;

/// Declares unions: `discriminator Member(Type)`.
macro_rules! unions {
    ($(
        $(#[$docs:meta])*
        $Name:ident {
            $($(#[$member_docs:meta])* $discriminator:literal $Member:ident($Type:ty),)*
        }
    )*) => {$(
        $(#[$docs])*
        ///
        /// Encoded as an array of two: the discriminator and the member. In JSON `{"$dtype": name, "$value":
        /// member}`. Nil and null are [`Null`](Self::Null), or `None` where the field is an `Option`.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum $Name {
            $(
                $(#[$member_docs])*
                #[doc = concat!("\n\nMember ", stringify!($discriminator), ".")]
                $Member($Type),
            )*
            /// An unknown member. It is kept unchanged.
            Unknown {
                /// The discriminator.
                discriminator: i32,
                /// The encoded member.
                value: $crate::lazer::RawValue,
            },
            /// No member: nil. MessagePack-CSharp writes it for null, and for members that the writer does not know.
            Null,
        }

        impl $Name {
            /// The member's name, if it is known.
            pub fn name(&self) -> Option<&'static str> {
                match self {
                    $(Self::$Member(_) => Some(stringify!($Member)),)*
                    Self::Unknown { .. } | Self::Null => None,
                }
            }
        }

        // Never `Unknown` with the discriminator of a known member.
        #[cfg(feature = "arbitrary")]
        impl<'a> arbitrary::Arbitrary<'a> for $Name {
            fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
                if u.ratio(1, 32)? {
                    return Ok(Self::Null);
                }
                let discriminator = match u.choose_iter([$($discriminator),*])? {
                    _ if u.ratio(1, 16)? => u.arbitrary()?,
                    known => known,
                };
                Ok(match discriminator {
                    $($discriminator => Self::$Member(u.arbitrary()?),)*
                    _ => Self::Unknown { discriminator, value: u.arbitrary()? },
                })
            }
        }

        const _: () = {
            use $crate::lazer::model::{JsonModel, Model, Read, Shown};
            use $crate::lazer::model_types::{Member, read_member, read_union};
            use serde::ser::SerializeMap;

            impl Model for $Name {
                fn read_value(
                    reader: &mut $crate::wire::MsgPackReader<'_>,
                    trace: &mut impl $crate::wire::Trace,
                ) -> Result<Self, $crate::wire::Error> {
                    Ok(match read_union(stringify!($Name), reader, trace)? {
                        $($discriminator => Self::$Member(Model::read(reader, trace)?),)*
                        discriminator => Self::Unknown { discriminator, value: Model::read(reader, trace)? },
                    })
                }

                fn write<S: $crate::wire::Sink>(
                    &self,
                    out: &mut $crate::wire::MsgPackWriter<'_, S>,
                ) -> Result<(), $crate::wire::Full> {
                    match self {
                        $(Self::$Member(member) => {
                            out.array_len(2)?;
                            out.int($discriminator)?;
                            member.write(out)
                        })*
                        Self::Unknown { discriminator, value } => {
                            out.array_len(2)?;
                            out.int((*discriminator).into())?;
                            value.write(out)
                        }
                        Self::Null => out.nil(),
                    }
                }
            }

            impl JsonModel for $Name {
                fn of_nil() -> Option<Self> {
                    Some(Self::Null)
                }

                fn serialize_json<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    if *self == Self::Null {
                        return serializer.serialize_unit();
                    }
                    let mut map = serializer.serialize_map(Some(2))?;
                    match self {
                        $(Self::$Member(member) => {
                            map.serialize_entry("$dtype", stringify!($Member))?;
                            map.serialize_entry("$value", &Shown(member))?;
                        })*
                        Self::Unknown { discriminator, value } => {
                            map.serialize_entry("$dtype", discriminator)?;
                            map.serialize_entry("$value", &Shown(value))?;
                        }
                        Self::Null => {}
                    }
                    map.end()
                }

                fn deserialize_json<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    read_member(deserializer)
                }
            }

            impl Member for $Name {
                const NAMES: &'static [&'static str] = &[$(stringify!($Member)),*];

                #[allow(unused_assignments)]
                fn of_name<'de, A: serde::de::MapAccess<'de>>(index: usize, map: &mut A) -> Result<Self, A::Error> {
                    let mut next = 0;
                    $(
                        if index == next {
                            return Ok(Self::$Member(map.next_value::<Read<$Type>>()?.0));
                        }
                        next += 1;
                    )*
                    Err(serde::de::Error::missing_field("$dtype"))
                }

                fn unknown(discriminator: i32, value: $crate::lazer::RawValue) -> Self {
                    Self::Unknown { discriminator, value }
                }
            }
        };

        $crate::lazer::model_types::by_serde!($Name);
        $crate::lazer::model::carried!($Name);
    )*};
}
pub(super) use unions;

/// Reads the header of a union and its discriminator.
pub(super) fn read_union(
    name: &'static str,
    reader: &mut MsgPackReader<'_>,
    trace: &mut impl Trace,
) -> Result<i32, Error> {
    trace.at(name, "");
    let at = reader.position();
    if reader.array_len()? != 2 {
        return Err(Error::new(ErrorKind::ListLength, at));
    }
    reader.number()
}

/// A union in JSON.
pub(super) trait Member: Sized {
    /// The names of the members.
    const NAMES: &'static [&'static str];

    /// Decodes the member with this index.
    fn of_name<'de, A: MapAccess<'de>>(index: usize, map: &mut A) -> Result<Self, A::Error>;

    /// Creates an unknown member.
    fn unknown(discriminator: i32, value: RawValue) -> Self;
}

/// The discriminator in JSON: a known member's name, or an unknown member's number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Type {
    Name(String),
    Discriminator(i32),
}

/// Decodes a [`Member`]. `$dtype` must be first, so that nothing has to be buffered.
pub(super) fn read_member<'de, T: Member, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Both<T>(PhantomData<T>);

    impl<'de, T: Member> Visitor<'de> for Both<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object with `$dtype`, followed by `$value`")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
            let unknown = |name: &str| de::Error::unknown_field(name, &["$dtype", "$value"]);
            let expect = |map: &mut A, expected: &'static str| match map.next_key::<String>()? {
                Some(name) if name == expected => Ok(()),
                Some(name) if !["$dtype", "$value"].contains(&&*name) => Err(unknown(&name)),
                _ => Err(de::Error::missing_field(expected)),
            };
            expect(&mut map, "$dtype")?;
            let dtype = map.next_value::<Type>()?;
            expect(&mut map, "$value")?;
            let read = match dtype {
                Type::Discriminator(discriminator) => {
                    T::unknown(discriminator, map.next_value::<Read<_>>()?.0)
                }
                Type::Name(name) => match T::NAMES.iter().position(|known| *known == name) {
                    Some(index) => T::of_name(index, &mut map)?,
                    None => return Err(de::Error::unknown_variant(&name, T::NAMES)),
                },
            };
            match map.next_key::<String>()? {
                None => Ok(read),
                Some(name) => Err(unknown(&name)),
            }
        }
    }

    deserializer.deserialize_map(Both(PhantomData))
}
