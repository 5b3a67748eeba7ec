//! Maps.

use super::model::{JsonModel, Model, Read, Shown};
use super::{Guid, HitResult};
use crate::wire::Trace;
use crate::wire::{Error, Full, MsgPackReader, MsgPackWriter, Sink};
use serde::de::{self, MapAccess, Unexpected, Visitor};
use serde::{Deserializer, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// Values by key, in the order in which they were received. The order has no meaning.
///
/// ```
/// use lobbywire::lazer::{HitResult, Map};
///
/// let mut statistics: Map<HitResult, i32> = [(HitResult::GREAT, 300)].into_iter().collect();
/// statistics.insert(HitResult::MISS, 2);
/// assert_eq!(statistics.get(&HitResult::MISS), Some(&2));
/// assert_eq!(serde_json::to_string(&statistics)?, r#"{"5":300,"1":2}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Map<K, V>(Vec<(K, V)>);

impl<K, V> Map<K, V> {
    /// Iterates over keys and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the map is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: PartialEq, V> Map<K, V> {
    /// The value with this key; the last one if there are duplicates.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.0.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// Changes a value, or appends it.
    pub fn insert(&mut self, key: K, value: V) {
        match self.0.iter_mut().rev().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => self.0.push((key, value)),
        }
    }
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K, V> FromIterator<(K, V)> for Map<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Map<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// A key of a map, which is a name in JSON.
pub trait Key: Sized {
    /// Converts the key to a name.
    fn to_name(&self) -> String;

    /// Parses a key.
    fn from_name(name: &str) -> Option<Self>;
}

impl Key for i32 {
    fn to_name(&self) -> String {
        self.to_string()
    }

    fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

impl Key for i64 {
    fn to_name(&self) -> String {
        self.to_string()
    }

    fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

impl Key for HitResult {
    fn to_name(&self) -> String {
        self.0.to_name()
    }

    fn from_name(name: &str) -> Option<Self> {
        i32::from_name(name).map(Self)
    }
}

impl Key for Guid {
    fn to_name(&self) -> String {
        self.to_string()
    }

    fn from_name(name: &str) -> Option<Self> {
        name.parse().ok()
    }
}

impl<K: Key, V: JsonModel> JsonModel for Map<K, V> {
    fn of_nil() -> Option<Self> {
        Some(Self::default())
    }

    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(key, value)| (key.to_name(), Shown(value))))
    }

    fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs<K, V>(PhantomData<(K, V)>);

        impl<'de, K: Key, V: JsonModel> Visitor<'de> for Pairs<K, V> {
            type Value = Map<K, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Map<K, V>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    let Some(key) = K::from_name(&name) else {
                        return Err(de::Error::invalid_value(Unexpected::Str(&name), &"a key of this map"));
                    };
                    let Read(value) = map.next_value()?;
                    pairs.push((key, value));
                }
                Ok(Map(pairs))
            }
        }

        deserializer.deserialize_map(Pairs(PhantomData))
    }
}

impl<K: Key + Model, V: Model> Model for Map<K, V> {
    fn read_value(reader: &mut MsgPackReader<'_>, trace: &mut impl Trace) -> Result<Self, Error> {
        let len = reader.map_len()?;
        (0..len).map(|_| Ok((K::read(reader, trace)?, V::read(reader, trace)?))).collect()
    }

    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        out.map_len(self.len())?;
        self.iter().try_for_each(|(key, value)| {
            key.write(out)?;
            value.write(out)
        })
    }
}

impl<K: Key, V: JsonModel> serde::Serialize for Map<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        JsonModel::serialize_json(self, serializer)
    }
}

impl<'de, K: Key, V: JsonModel> serde::Deserialize<'de> for Map<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        JsonModel::deserialize_json(deserializer)
    }
}
