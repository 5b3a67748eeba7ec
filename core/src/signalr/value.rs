//! What messages carry, in either encoding, without reading it.

use crate::wire::{Error, ErrorKind, Json, JsonKind, JsonText, MsgPackReader};
use core::fmt;

/// Text of a message.
#[derive(Clone, Copy)]
pub enum Text<'a> {
    /// As it is.
    Plain(&'a str),
    /// With the escapes of JSON.
    Json(JsonText<'a>),
}

impl<'a> Text<'a> {
    /// The text, where it has no escapes: nearly always.
    pub fn as_plain(&self) -> Option<&'a str> {
        match self {
            Self::Plain(text) => Some(text),
            Self::Json(text) => text.as_plain(),
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Plain(text) => text.is_empty(),
            Self::Json(text) => text.raw().is_empty(),
        }
    }

    /// The characters.
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

/// A value that a message carries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// The bytes of one value of MessagePack, and of nothing else; but for those of osu!'s mods, which are no
    /// MessagePack.
    MessagePack(&'a [u8]),
    /// A value of JSON.
    Json(Json<'a>),
}

impl<'a> Value<'a> {
    /// The value to be read, where it is in MessagePack.
    pub fn messagepack(&self) -> Option<MsgPackReader<'a>> {
        match self {
            Self::MessagePack(bytes) => Some(MsgPackReader::new(bytes)),
            Self::Json(_) => None,
        }
    }

    /// The value to be read, where it is in JSON.
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

/// The arguments of an invocation: how many, and where they start. Nothing of them was read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Arguments<'a>(pub(super) Encoded<'a>);

/// Where arguments are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoded<'a> {
    MessagePack {
        count: usize,
        /// The arguments, and so many elements of the message that are after them: what is between only who
        /// reads the arguments knows.
        bytes: &'a [u8],
        after: usize,
    },
    Json(Json<'a>),
}

impl<'a> Arguments<'a> {
    /// So many arguments in MessagePack, written one after the other.
    pub const fn of_messagepack(count: usize, bytes: &'a [u8]) -> Self {
        Self(Encoded::MessagePack { count, bytes, after: 0 })
    }

    /// The arguments in an array of JSON; `None` where it is none.
    pub fn of_json(array: Json<'a>) -> Option<Self> {
        (array.kind() == JsonKind::Array).then_some(Self(Encoded::Json(array)))
    }

    /// How many there are. In JSON they are counted for it.
    pub fn len(&self) -> usize {
        match self.0 {
            Encoded::MessagePack { count, .. } => count,
            Encoded::Json(array) => array.items().count(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        match self.0 {
            Encoded::MessagePack { count, .. } => count == 0,
            Encoded::Json(array) => array.items().next().is_none(),
        }
    }

    /// The arguments to be read one after the other, where they are in MessagePack. After the last one other
    /// parts of the message may follow.
    pub fn messagepack(&self) -> Option<MsgPackReader<'a>> {
        match self.0 {
            Encoded::MessagePack { bytes, .. } => Some(MsgPackReader::new(bytes)),
            Encoded::Json(_) => None,
        }
    }

    /// The arguments as an array, where they are in JSON.
    pub fn json(&self) -> Option<Json<'a>> {
        match self.0 {
            Encoded::Json(array) => Some(array),
            Encoded::MessagePack { .. } => None,
        }
    }

    /// The arguments one by one, whatever they are.
    ///
    /// An error is the last that comes. Where osu!'s mods with settings are among them, what comes after them
    /// is not what was meant: those have to be read by who knows where they are.
    pub fn values(&self) -> Values<'a> {
        Values(match self.0 {
            Encoded::MessagePack { count, bytes, .. } => Left::MessagePack(count, MsgPackReader::new(bytes)),
            Encoded::Json(array) => Left::Json(array.items()),
        })
    }

    /// The bytes of the arguments, as far as it can be told where they end; none where they are in JSON.
    pub fn bytes(&self) -> &'a [u8] {
        self.split().0
    }

    /// Whether [`values`](Self::values) gives them as they were meant: in JSON always, in MessagePack where they
    /// end before what is after them. With osu!'s mods that have settings they nearly never do.
    pub fn is_readable(&self) -> bool {
        matches!(self.0, Encoded::Json(_)) || self.len_of_values().is_some()
    }

    /// How many bytes the arguments have in MessagePack, where they and what is after them are values: there an
    /// array is first, of streams.
    fn len_of_values(&self) -> Option<usize> {
        let Encoded::MessagePack { count, bytes, after } = self.0 else { return None };
        let mut reader = MsgPackReader::new(bytes);
        (0..count).try_for_each(|_| reader.skip().map(drop)).ok()?;
        let mut tail = reader;
        (0..after).try_for_each(|_| tail.skip().map(drop)).ok()?;
        let is_apart = after == 0 || reader.kind() == Some(crate::wire::MsgPackKind::Array);
        (is_apart && tail.rest().is_empty()).then(|| reader.position())
    }

    /// The bytes of the arguments and of what is after them in the message, taken apart: as far as that can be
    /// told without knowing the arguments.
    pub(super) fn split(&self) -> (&'a [u8], &'a [u8]) {
        let Encoded::MessagePack { bytes, after, .. } = self.0 else { return (&[], &[]) };
        if after == 0 {
            return (bytes, &[]);
        }
        if let Some(len) = self.len_of_values() {
            return bytes.split_at_checked(len).unwrap_or((bytes, &[]));
        }
        // Mods with settings among the arguments. No streams are nearly always after them, which is one byte.
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

/// The arguments of an invocation, one by one: [`Arguments::values`].
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

/// Which streams of the caller's belong to an invocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StreamIds<'a> {
    /// None, and the message does not say so.
    #[default]
    ImplicitFalse,
    /// These.
    Listed(&'a [&'a str]),
    /// In MessagePack those after the arguments, which are looked for when asked.
    After(Arguments<'a>),
    /// An array of JSON.
    Json(Json<'a>),
}

impl<'a> StreamIds<'a> {
    /// The ids, in order. What is none is left out.
    pub fn iter(&self) -> impl Iterator<Item = Text<'a>> + use<'a> {
        let (listed, mut reader, items): (&[&str], _, _) = match *self {
            Self::ImplicitFalse => (&[], None, None),
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

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

/// Headers of a message: names and values without a meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Headers<'a> {
    /// None.
    #[default]
    None,
    /// These.
    Listed(&'a [(&'a str, &'a str)]),
    /// The bytes of a map in MessagePack.
    MessagePack(&'a [u8]),
    /// An object of JSON.
    Json(Json<'a>),
}

impl<'a> Headers<'a> {
    /// The headers, in order. An error is the last that comes.
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

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}
