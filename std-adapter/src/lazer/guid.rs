//! Ids of cards and duels.

use super::model::{JsonModel, Model, carried};
use crate::wire::Trace;
use crate::wire::{Error, ErrorKind, Full, MsgPackReader, MsgPackWriter, Sink};
use serde::de::{self, Unexpected};
use serde::{Deserialize, Deserializer, Serializer};
use std::fmt;
use std::str::FromStr;

/// A 128-bit id, displayed as 32 hexadecimal digits with hyphens.
///
/// Encoded as text of exactly 36 characters: lower case when writing, any case when reading.
///
/// ```
/// use lobbywire::lazer::Guid;
///
/// let card: Guid = "6F9619FF-8B86-D011-B42D-00C04FC964FF".parse()?;
/// assert_eq!(card.to_string(), "6f9619ff-8b86-d011-b42d-00c04fc964ff");
/// # Ok::<(), lobbywire::lazer::NotAGuid>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Guid(pub u128);

/// The error for text that is not a [`Guid`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAGuid;

impl fmt::Display for NotAGuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a guid must have 32 hexadecimal digits, with hyphens after the 8th, 12th, 16th and 20th")
    }
}

impl std::error::Error for NotAGuid {}

impl FromStr for Guid {
    type Err = NotAGuid;

    fn from_str(text: &str) -> Result<Self, NotAGuid> {
        if text.len() != 36 {
            return Err(NotAGuid);
        }
        text.bytes()
            .enumerate()
            .try_fold(0u128, |number, (at, byte)| match (at, char::from(byte).to_digit(16)) {
                (8 | 13 | 18 | 23, None) if byte == b'-' => Some(number),
                (8 | 13 | 18 | 23, _) => None,
                (_, digit) => digit.map(|digit| number << 4 | u128::from(digit)),
            })
            .map(Self)
            .ok_or(NotAGuid)
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number) = *self;
        let part = |shift: u32, digits: u32| number >> shift & ((1 << (4 * digits)) - 1);
        let (a, b, c, d, e) = (part(96, 8), part(80, 4), part(64, 4), part(48, 4), part(0, 12));
        write!(f, "{a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}")
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl JsonModel for Guid {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }

    fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| de::Error::invalid_value(Unexpected::Str(&text), &"a guid"))
    }
}

impl Model for Guid {
    fn read_value(reader: &mut MsgPackReader<'_>, _: &mut impl Trace) -> Result<Self, Error> {
        let at = reader.position();
        reader.str()?.parse().map_err(|_| Error::new(ErrorKind::UnexpectedType, at))
    }

    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        out.str(&self.to_string())
    }
}

carried!(Guid);
