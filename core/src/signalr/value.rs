//! Encoded values in messages.

use crate::wire::{Error, ErrorKind, Json, JsonKind, JsonText, MsgPackReader};
use core::fmt;

/// A string of a message.
#[derive(Clone, Copy)]
pub enum Text<'a> {
    /// Without escapes.
    Plain(&'a str),
    /// With JSON escapes.
    Json(JsonText<'a>),
}

impl<'a> Text<'a> {
    /// The string if it has no escapes, which is the usual case.
    pub fn as_plain(&self) -> Option<&'a str> {
        match self {
            Self::Plain(text) => Some(text),
            Self::Json(text) => text.as_plain(),
        }
    }

    /// Whether the string is empty.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Plain(text) => text.is_empty(),
            Self::Json(text) => text.raw().is_empty(),
        }
    }

    /// The characters, without escapes.
    pub fn chars(&self) -> impl Iterator<Item = char> + use<'a> {
        let (plain, json) = match *self {
            Self::Plain(text) => (Some(text), None),
            Self::Json(text) => (None, Some(text)),
        };
        plain.into_iter().flat_map(str::chars).chain(json.into_iter().flat_map(|text| text.chars()))
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self::Plain(text)
    }
}

impl<'a> From<JsonText<'a>> for Text<'a> {
    fn from(text: JsonText<'a>) -> Self {
        text.as_plain().map_or(Self::Json(text), Self::Plain)
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.as_plain(), other.as_plain()) {
            (Some(one), Some(other)) => one == other,
            _ => self.chars().eq(other.chars()),
        }
    }
}

impl Eq for Text<'_> {}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        *self == Text::Plain(other)
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == Text::Plain(other)
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(text) => f.write_str(text),
            Self::Json(text) => text.fmt(f),
        }
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(text) => fmt::Debug::fmt(text, f),
            Self::Json(text) => fmt::Debug::fmt(text, f),
        }
    }
}

/// An encoded argument, result or item.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// One value in MessagePack. osu!lazer's mods with settings are not valid MessagePack: they may make a
    /// value invalid, or extend to the end of the message.
    MessagePack(&'a [u8]),
    /// A value in JSON.
    Json(Json<'a>),
}

impl<'a> Value<'a> {
    /// A reader of the value, if it is in MessagePack.
    pub fn messagepack(&self) -> Option<MsgPackReader<'a>> {
        match self {
            Self::MessagePack(bytes) => Some(MsgPackReader::new(bytes)),
            Self::Json(_) => None,
        }
    }

    /// The value, if it is in JSON.
    pub fn json(&self) -> Option<Json<'a>> {
        match self {
            Self::Json(json) => Some(*json),
            Self::MessagePack(_) => None,
        }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MessagePack(bytes) => write!(f, "{bytes:02x?}"),
            Self::Json(json) => json.fmt(f),
        }
    }
}

/// The encoded arguments of an invocation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Arguments<'a>(pub(super) Encoded<'a>);

/// The encoded arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoded<'a> {
    MessagePack {
        count: usize,
        /// The arguments, and the message elements after them. Decoding the arguments finds the boundary.
        bytes: &'a [u8],
        /// The number of message elements after the arguments.
        after: usize,
    },
    Json(Json<'a>),
}

impl<'a> Arguments<'a> {
    /// `count` arguments in MessagePack, without an array header.
    pub const fn of_messagepack(count: usize, bytes: &'a [u8]) -> Self {
        Self(Encoded::MessagePack { count, bytes, after: 0 })
    }

    /// The elements of a JSON array. `None` if it is not an array.
    pub fn of_json(array: Json<'a>) -> Option<Self> {
        (array.kind() == JsonKind::Array).then_some(Self(Encoded::Json(array)))
    }

    /// The number of arguments. JSON arrays are counted on each call.
    pub fn len(&self) -> usize {
        match self.0 {
            Encoded::MessagePack { count, .. } => count,
            Encoded::Json(array) => array.items().count(),
        }
    }

    /// Whether there are no arguments.
    pub fn is_empty(&self) -> bool {
        match self.0 {
            Encoded::MessagePack { count, .. } => count == 0,
            Encoded::Json(array) => array.items().next().is_none(),
        }
    }

    /// A reader at the first argument, if they are in MessagePack. Other message elements may follow the last
    /// argument.
    pub fn messagepack(&self) -> Option<MsgPackReader<'a>> {
        match self.0 {
            Encoded::MessagePack { bytes, .. } => Some(MsgPackReader::new(bytes)),
            Encoded::Json(_) => None,
        }
    }

    /// The array of arguments, if they are in JSON.
    pub fn json(&self) -> Option<Json<'a>> {
        match self.0 {
            Encoded::Json(array) => Some(array),
            Encoded::MessagePack { .. } => None,
        }
    }

    /// Iterates over the arguments, and ends after an error.
    ///
    /// osu!lazer's mods with settings are not valid MessagePack: the values after them are wrong. Decode such
    /// arguments by type, with [`messagepack`](Self::messagepack).
    pub fn values(&self) -> Values<'a> {
        Values(match self.0 {
            Encoded::MessagePack { count, bytes, .. } => Left::MessagePack(count, MsgPackReader::new(bytes)),
            Encoded::Json(array) => Left::Json(array.items()),
        })
    }

    /// The encoded arguments, as far as their end can be found; empty if they are in JSON.
    pub fn bytes(&self) -> &'a [u8] {
        self.split().0
    }

    /// Whether [`values`](Self::values) returns the arguments correctly: always in JSON; in MessagePack if
    /// the message has a valid structure, which it rarely has with osu!lazer's mods with settings.
    pub fn is_readable(&self) -> bool {
        matches!(self.0, Encoded::Json(_)) || self.len_of_values().is_some()
    }

    /// The length of the arguments in MessagePack. `None` unless the arguments and the elements after them
    /// are valid, and the first of those is an array, of stream ids.
    fn len_of_values(&self) -> Option<usize> {
        let Encoded::MessagePack { count, bytes, after } = self.0 else { return None };
        let mut reader = MsgPackReader::new(bytes);
        (0..count).try_for_each(|_| reader.skip().map(drop)).ok()?;
        let mut tail = reader;
        (0..after).try_for_each(|_| tail.skip().map(drop)).ok()?;
        let is_apart = after == 0 || reader.kind() == Some(crate::wire::MsgPackKind::Array);
        (is_apart && tail.rest().is_empty()).then(|| reader.position())
    }

    /// Splits the arguments from the message elements after them, as far as the boundary can be found.
    pub(super) fn split(&self) -> (&'a [u8], &'a [u8]) {
        let Encoded::MessagePack { bytes, after, .. } = self.0 else { return (&[], &[]) };
        if after == 0 {
            return (bytes, &[]);
        }
        if let Some(len) = self.len_of_values() {
            return bytes.split_at_checked(len).unwrap_or((bytes, &[]));
        }
        // The arguments contain mods with settings. They are usually followed by an empty array of stream
        // ids, one byte.
        match bytes.split_last() {
            Some((0x90, arguments)) if after == 1 => (arguments, &[0x90]),
            _ => (bytes, &[]),
        }
    }
}

impl fmt::Debug for Arguments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Encoded::MessagePack { .. } => write!(f, "{:02x?}", self.split().0),
            Encoded::Json(array) => array.fmt(f),
        }
    }
}

/// An iterator over arguments: [`Arguments::values`].
#[derive(Clone, Debug)]
pub struct Values<'a>(Left<'a>);

#[derive(Clone, Debug)]
enum Left<'a> {
    MessagePack(usize, MsgPackReader<'a>),
    Json(crate::wire::JsonItems<'a>),
}

impl<'a> Iterator for Values<'a> {
    type Item = Result<Value<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Left::MessagePack(count, reader) => {
                *count = count.checked_sub(1)?;
                let value = reader.skip().map(Value::MessagePack);
                if value.is_err() {
                    *count = 0;
                }
                Some(value)
            }
            Left::Json(items) => items.next().map(Value::Json).map(Ok),
        }
    }
}

/// The ids of the streams that a caller uploads with a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StreamIds<'a> {
    /// No streams; the message omits the field.
    #[default]
    Omitted,
    /// These ids.
    Listed(&'a [&'a str]),
    /// The MessagePack array after the arguments. It is found on each access.
    After(Arguments<'a>),
    /// A JSON array.
    Json(Json<'a>),
}

impl<'a> StreamIds<'a> {
    /// The ids, in order. Elements that are not strings are skipped.
    pub fn iter(&self) -> impl Iterator<Item = Text<'a>> + use<'a> {
        let (listed, mut reader, items): (&[&str], _, _) = match *self {
            Self::Omitted => (&[], None, None),
            Self::Listed(ids) => (ids, None, None),
            Self::After(arguments) => (&[], Some(MsgPackReader::new(arguments.split().1)), None),
            Self::Json(array) => (&[], None, Some(array.items())),
        };
        let mut left = reader.as_mut().and_then(|reader| reader.array_len().ok()).unwrap_or(0);
        let after = core::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            reader.as_mut()?.str().ok().map(Text::Plain)
        });
        let json = items.into_iter().flatten().filter_map(|id| id.as_text().map(Text::from));
        listed.iter().map(|id| Text::Plain(id)).chain(after).chain(json)
    }

    /// Whether there are no ids.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

/// The application-defined headers of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Headers<'a> {
    /// No headers.
    #[default]
    None,
    /// These names and values.
    Listed(&'a [(&'a str, &'a str)]),
    /// A MessagePack map.
    MessagePack(&'a [u8]),
    /// A JSON object.
    Json(Json<'a>),
}

impl<'a> Headers<'a> {
    /// The headers, in order. Ends after an error.
    pub fn iter(&self) -> impl Iterator<Item = Result<(Text<'a>, Text<'a>), Error>> + use<'a> {
        let (listed, mut reader, members): (&[(&str, &str)], _, _) = match *self {
            Self::None => (&[], None, None),
            Self::Listed(headers) => (headers, None, None),
            Self::MessagePack(map) => (&[], Some(MsgPackReader::new(map)), None),
            Self::Json(object) => (&[], None, Some(object.members())),
        };
        let mut left = reader.as_mut().and_then(|reader| reader.map_len().ok()).unwrap_or(0);
        let map = core::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let reader = reader.as_mut()?;
            let pair = reader.str().and_then(|name| Ok((name.into(), reader.str()?.into())));
            if pair.is_err() {
                left = 0;
            }
            Some(pair)
        });
        let json = members.into_iter().flatten().map(|(name, value)| match value.as_text() {
            Some(value) => Ok((name.into(), value.into())),
            None => Err(Error::new(ErrorKind::UnexpectedType, 0)),
        });
        listed.iter().map(|(name, value)| Ok(((*name).into(), (*value).into()))).chain(map).chain(json)
    }

    /// Whether there are no headers.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}
