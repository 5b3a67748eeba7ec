//! The settings of a mod.

use super::model::{JsonModel, Model, RawValue, Read, Shown, carried};
use crate::wire::Trace;
use crate::wire::{Error, Full, MsgPackReader, MsgPackWriter, NonFinite, Sink};
use lobbywire_core::lazer::{Payload, Setting as Borrowed, Settings as BorrowedSettings};
use serde::de::{self, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserializer, Serializer};
use std::fmt;

/// The settings of a mod that differ from their defaults: names in snake case, and values, in the order in
/// which they were received.
///
/// Their encoding is not valid MessagePack: see [`Settings`](lobbywire_core::lazer::Settings) of the core.
///
/// ```
/// use lobbywire::lazer::{APIMod, Setting};
///
/// let mut double_time = APIMod::new("DT");
/// double_time.settings.insert("speed_change", 1.25);
/// assert_eq!(double_time.settings.get("speed_change"), Some(&Setting::Double(1.25)));
/// assert_eq!(serde_json::to_string(&double_time)?, r#"{"acronym":"DT","settings":{"speed_change":1.25}}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Settings(Vec<(String, Setting)>);

macro_rules! setting {
    ($($(#[$docs:meta])* $marker:literal $Variant:ident($Type:ty) $name:literal,)*) => {
        /// The value of a setting. Each .NET type has its own encoding of fixed width.
        ///
        /// In JSON, fractions, integers, strings, booleans and `null` represent `Double`, `Int`, `Text`,
        /// `Bool` and `Null`, as written by osu!. Other types are tagged: `{"$single": 1.5}`.
        #[derive(Clone, Debug, PartialEq)]
        #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
        pub enum Setting {
            /// Nil. Unusual.
            Null,
            /// A boolean.
            Bool(bool),
            $($(#[$docs])* $Variant($Type),)*
            /// A string.
            Text(String),
            /// An array, a map, binary data or an extension type.
            Other(#[cfg_attr(feature = "arbitrary", arbitrary(with = composite))] RawValue),
        }

        impl Setting {
            /// The tags of types in JSON; empty for types without one.
            const TYPES: &'static [&'static str] = &[$($name),*];

            fn of(borrowed: Borrowed<'_>) -> Result<Self, Error> {
                Ok(match borrowed {
                    Borrowed::Null => Self::Null,
                    Borrowed::Bool(value) => Self::Bool(value),
                    $(Borrowed::$Variant(number) => Self::$Variant(number),)*
                    Borrowed::Text(value) => Self::Text(value.into()),
                    Borrowed::Other(value) => Self::Other(RawValue::new(value)?),
                })
            }

            fn as_borrowed(&self) -> Borrowed<'_> {
                match self {
                    Self::Null => Borrowed::Null,
                    Self::Bool(value) => Borrowed::Bool(*value),
                    $(Self::$Variant(number) => Borrowed::$Variant(*number),)*
                    Self::Text(value) => Borrowed::Text(value),
                    Self::Other(value) => Borrowed::Other(value.bytes()),
                }
            }

            fn write_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    Self::Null => serializer.serialize_unit(),
                    Self::Bool(value) => serializer.serialize_bool(*value),
                    $(Self::$Variant(number) => match $name {
                        "" => number.serialize_json(serializer),
                        name => with_type(serializer, name, &Shown(number)),
                    },)*
                    Self::Text(value) => serializer.serialize_str(value),
                    Self::Other(value) => value.serialize_json(serializer),
                }
            }

            /// Decodes a number with this tag; `None` if the tag is unknown.
            fn read_number<'de, A: MapAccess<'de>>(name: &str, map: &mut A) -> Result<Option<Self>, A::Error> {
                $(
                    if !$name.is_empty() && name == $name {
                        return Ok(Some(Self::$Variant(map.next_value::<Read<$Type>>()?.0)));
                    }
                )*
                Ok(None)
            }
        }
    };
}

lobbywire_core::declarations::lazer_setting_numbers!(setting);

#[cfg(feature = "arbitrary")]
fn composite(u: &mut arbitrary::Unstructured<'_>) -> arbitrary::Result<RawValue> {
    let values: [&[u8]; 3] = [&[0x90], &[0x81, 1, 2], &[0xc4, 1, 0xff]];
    Ok(RawValue::new(u.choose_iter(values)?).unwrap_or_default())
}

macro_rules! from {
    ($($Variant:ident: $Type:ty),+ $(,)?) => {$(
        impl From<$Type> for Setting {
            fn from(value: $Type) -> Self {
                Self::$Variant(value.into())
            }
        }
    )+};
}

from!(Bool: bool, Int: i32, Long: i64, Float: f32, Double: f64, Text: String, Text: &str);

impl Settings {
    /// Iterates over names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Setting)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The value with this name; the last one if there are duplicates.
    pub fn get(&self, name: &str) -> Option<&Setting> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Changes a setting, or appends it.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Setting>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().rev().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    /// The number of settings.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Model for Settings {
    fn read_value(reader: &mut MsgPackReader<'_>, trace: &mut impl Trace) -> Result<Self, Error> {
        let read = BorrowedSettings::read_with(reader, trace)?;
        read.iter()
            .map(|(name, value)| Ok((name.to_owned(), Setting::of(value)?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        let borrowed: Vec<_> = self.iter().map(|(name, value)| (name, value.as_borrowed())).collect();
        BorrowedSettings::from(&*borrowed).write(out)
    }
}

impl JsonModel for Settings {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(name, value)| (name, Shown(value))))
    }

    fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Settings;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of settings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Settings, A::Error> {
                let mut pairs = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    let Read(value) = map.next_value()?;
                    pairs.push((name, value));
                }
                Ok(Settings(pairs))
            }

            // The referee hub sends null if there are none.
            fn visit_unit<E>(self) -> Result<Settings, E> {
                Ok(Settings::default())
            }
        }

        deserializer.deserialize_any(Pairs)
    }
}

fn with_type<S: Serializer>(
    serializer: S,
    name: &str,
    value: &impl serde::Serialize,
) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_map(Some(1))?;
    object.serialize_entry(name, value)?;
    object.end()
}

impl JsonModel for Setting {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.write_json(serializer)
    }

    fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Setting;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the value of a setting")
            }

            fn visit_unit<E>(self) -> Result<Setting, E> {
                Ok(Setting::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Setting, E> {
                Ok(Setting::Bool(value))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Setting, E> {
                Ok(i32::try_from(value).map_or(Setting::Double(value as f64), Setting::Int))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Setting, E> {
                Ok(i32::try_from(value).map_or(Setting::Double(value as f64), Setting::Int))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Setting, E> {
                Ok(Setting::Double(value))
            }

            fn visit_str<E>(self, value: &str) -> Result<Setting, E> {
                Ok(Setting::Text(value.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Setting, A::Error> {
                let Some(name) = map.next_key::<String>()? else {
                    return Err(de::Error::invalid_length(0, &"an object with a type tag"));
                };
                let setting = match &*name {
                    "$messagepack" => {
                        let base64 = map.next_value::<String>()?;
                        let object = de::value::MapDeserializer::new([(name.as_str(), base64)].into_iter());
                        Setting::Other(JsonModel::deserialize_json(object)?)
                    }
                    // A number that JSON cannot represent.
                    NonFinite::KEY => {
                        let number = map.next_value::<String>()?;
                        let object = de::value::MapDeserializer::new([(name.as_str(), number)].into_iter());
                        Setting::Double(JsonModel::deserialize_json(object)?)
                    }
                    _ => match Setting::read_number(&name, &mut map)? {
                        Some(number) => number,
                        None => return Err(de::Error::unknown_field(&name, Setting::TYPES)),
                    },
                };
                match map.next_key::<String>()? {
                    None => Ok(setting),
                    Some(name) => Err(de::Error::unknown_field(&name, &[])),
                }
            }
        }

        deserializer.deserialize_any(Any)
    }
}

impl serde::Serialize for Settings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        JsonModel::serialize_json(self, serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        JsonModel::deserialize_json(deserializer)
    }
}

carried!(Settings);
