//! Packets as JSON, and in other formats that name their fields.
//!
//! Structs are maps from chio's field names to values, enumerations and flags are their wire numbers, and packets are
//! `{"packet": NAME, "data": VALUE}`. Fields implement `SerializeJson`; the macro that declares a struct generates the
//! map. Deserializing structs needs an allocator and is part of `lobbywire`; single values are deserialized here.

use crate::wire::NonFinite;
use core::fmt;
use core::marker::PhantomData;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// A value that can be serialized as JSON.
pub(crate) trait SerializeJson {
    /// Serializes the value.
    ///
    /// # Errors
    /// Those of the serializer.
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// A struct whose fields can be serialized as JSON.
pub(crate) trait SerializeJsonFields {
    /// Serializes every field with its name.
    fn serialize_fields<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;
}

/// Serializes a value as JSON.
pub(crate) struct AsJson<'v, T: ?Sized>(pub(crate) &'v T);

impl<T: SerializeJson + ?Sized> Serialize for AsJson<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize_json(serializer)
    }
}

/// Serializes a struct as a map of its fields.
pub(crate) fn serialize_map_of<T: SerializeJsonFields, S: Serializer>(
    value: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    value.serialize_fields(&mut map)?;
    map.end()
}

/// A value that can be deserialized from JSON.
pub trait DeserializeJson: Sized {
    /// Deserializes the value.
    ///
    /// # Errors
    /// Those of the deserializer, and a value of another type.
    fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

macro_rules! numbers {
    ($($Number:ident $serialize:ident),+) => {$(
        impl SerializeJson for $Number {
            fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.$serialize(*self)
            }
        }

        impl DeserializeJson for $Number {
            /// Saturates at the limits of the type.
            fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let number = deserializer.deserialize_any(WholeNumber)?;
                Ok(Self::try_from(number).unwrap_or(if number < 0 { Self::MIN } else { Self::MAX }))
            }
        }
    )+};
}

numbers!(
    u8 serialize_u8, i8 serialize_i8, u16 serialize_u16, i16 serialize_i16, u32 serialize_u32,
    i32 serialize_i32, u64 serialize_u64, i64 serialize_i64
);

/// A whole number; `true` and `false` are 1 and 0.
struct WholeNumber;

impl Visitor<'_> for WholeNumber {
    type Value = i128;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number")
    }

    fn visit_bool<E>(self, value: bool) -> Result<i128, E> {
        Ok(i128::from(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<i128, E> {
        Ok(i128::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<i128, E> {
        Ok(i128::from(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<i128, E> {
        // serde_json passes integers of more than 64 bits as floats.
        #[allow(clippy::as_conversions, clippy::cast_possible_truncation)] // it saturates
        let whole = value as i128;
        #[allow(clippy::as_conversions, clippy::cast_precision_loss, clippy::float_cmp)] // a whole one
        if whole as f64 == value || value.abs() >= 1e30 {
            return Ok(whole);
        }
        Err(E::invalid_type(de::Unexpected::Float(value), &self))
    }
}

impl SerializeJson for bool {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(*self)
    }
}

impl DeserializeJson for bool {
    fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Boolean)
    }
}

/// A boolean, or a number, of which 0 is `false`.
struct Boolean;

impl Visitor<'_> for Boolean {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true or false")
    }

    fn visit_bool<E>(self, value: bool) -> Result<bool, E> {
        Ok(value)
    }

    fn visit_i64<E>(self, value: i64) -> Result<bool, E> {
        Ok(value != 0)
    }

    fn visit_u64<E>(self, value: u64) -> Result<bool, E> {
        Ok(value != 0)
    }
}

/// Looks up a name among the known ones.
#[derive(Debug)]
pub struct Name<F>(pub F);

impl<'de, F: Fn(&str) -> Option<&'static str>> DeserializeSeed<'de> for Name<F> {
    type Value = Option<&'static str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<F: Fn(&str) -> Option<&'static str>> Visitor<'_> for Name<F> {
    type Value = Option<&'static str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0(name))
    }
}

impl SerializeJson for f64 {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(non_finite) = NonFinite::new(*self) else {
            return serializer.serialize_f64(*self);
        };
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(NonFinite::KEY, &format_args!("{non_finite}"))?;
        map.end()
    }
}

impl SerializeJson for f32 {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::wire::widen_float(*self).serialize_json(serializer)
    }
}

impl DeserializeJson for f64 {
    fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Float)
    }
}

impl DeserializeJson for f32 {
    fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize_json(deserializer).map(crate::wire::narrow_float)
    }
}

struct Float;

impl<'de> Visitor<'de> for Float {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, or {\"$float\": \"NaN\"}")
    }

    fn visit_f64<E>(self, value: f64) -> Result<f64, E> {
        Ok(value)
    }

    #[allow(clippy::as_conversions, clippy::cast_precision_loss)] // to the nearest
    fn visit_i64<E>(self, value: i64) -> Result<f64, E> {
        Ok(value as f64)
    }

    #[allow(clippy::as_conversions, clippy::cast_precision_loss)] // to the nearest
    fn visit_u64<E>(self, value: u64) -> Result<f64, E> {
        Ok(value as f64)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<f64, A::Error> {
        let mut float = None;
        let key = |name: &str| (name == NonFinite::KEY).then_some(NonFinite::KEY);
        while let Some(name) = map.next_key_seed(Name(key))? {
            match name {
                Some(_) => float = Some(map.next_value_seed(FloatName)?),
                None => map.next_value::<IgnoredAny>().map(|_| ())?,
            }
        }
        float.ok_or_else(|| de::Error::missing_field(NonFinite::KEY))
    }
}

/// The name of a float that is not a JSON number.
struct FloatName;

impl<'de> DeserializeSeed<'de> for FloatName {
    type Value = f64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<f64, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for FloatName {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "\"NaN\", \"Infinity\", \"-Infinity\" or the bits of a NaN, such as \"0x7ff8000000000001\"",
        )
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<f64, E> {
        let float = NonFinite::parse(name).map(NonFinite::get);
        float.ok_or_else(|| E::invalid_value(de::Unexpected::Str(name), &self))
    }
}

impl SerializeJson for str {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<T: SerializeJson + ?Sized> SerializeJson for &T {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize_json(serializer)
    }
}

impl<T: SerializeJson> SerializeJson for Option<T> {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(value) => value.serialize_json(serializer),
            None => serializer.serialize_none(),
        }
    }
}

impl<T: DeserializeJson> DeserializeJson for Option<T> {
    fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_option(Optional(PhantomData))
    }
}

struct Optional<T>(PhantomData<T>);

impl<'de, T: DeserializeJson> Visitor<'de> for Optional<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_none<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        T::deserialize_json(deserializer).map(Some)
    }
}

impl<'a, T: super::list::Element<'a> + SerializeJson> SerializeJson for super::List<'a, T> {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_all(self.iter(), serializer)
    }
}

/// Serializes a list.
pub(crate) fn serialize_all<T: SerializeJson, S: Serializer>(
    elements: impl ExactSizeIterator<Item = T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(elements.len()))?;
    for element in elements {
        list.serialize_element(&AsJson(&element))?;
    }
    list.end()
}

/// Serializes a packet: its name and its data.
pub(crate) fn serialize_packet<T: SerializeJson, S: Serializer>(
    name: &str,
    data: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(2))?;
    map.serialize_entry("packet", name)?;
    map.serialize_entry("data", &AsJson(data))?;
    map.end()
}

impl SerializeJsonFields for super::Unknown<'_> {
    fn serialize_fields<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("id", &self.wire_id)?;
        map.serialize_entry("payload", &AsJson(&Hex(self.payload)))
    }
}

impl SerializeJson for super::Unknown<'_> {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_map_of(self, serializer)
    }
}

/// Bytes as lower-case hexadecimal digits.
struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl SerializeJson for Hex<'_> {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Implements `Serialize` by `SerializeJson`.
macro_rules! serialize {
    ($Type:ident $(<$a:lifetime>)?) => {
        impl $(<$a>)? serde::Serialize for $Type $(<$a>)? {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::bancho::json::SerializeJson::serialize_json(self, serializer)
            }
        }
    };
}

/// Implements `Deserialize` by `DeserializeJson`.
macro_rules! deserialize {
    ($Type:ident) => {
        impl<'de> serde::Deserialize<'de> for $Type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::bancho::json::DeserializeJson::deserialize_json(deserializer)
            }
        }
    };
}

/// Serializes a struct as a map of its fields.
macro_rules! serialize_fields {
    ($Struct:ident $(<$a:lifetime>)?) => {
        impl $(<$a>)? $crate::bancho::json::SerializeJson for $Struct $(<$a>)? {
            fn serialize_json<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::bancho::json::serialize_map_of(self, serializer)
            }
        }

        $crate::bancho::json::serialize!($Struct $(<$a>)?);
    };
}

/// Serializes and deserializes a named number as the number.
macro_rules! number {
    ($Number:ident, $bits:expr, $make:expr) => {
        impl $crate::bancho::json::SerializeJson for $Number {
            fn serialize_json<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let bits = $bits;
                $crate::bancho::json::SerializeJson::serialize_json(&bits(self), serializer)
            }
        }

        $crate::bancho::json::serialize!($Number);

        impl $crate::bancho::json::DeserializeJson for $Number {
            fn deserialize_json<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::bancho::json::DeserializeJson::deserialize_json(deserializer).map($make)
            }
        }

        $crate::bancho::json::deserialize!($Number);
    };
}

pub(crate) use {deserialize, number, serialize, serialize_fields};
