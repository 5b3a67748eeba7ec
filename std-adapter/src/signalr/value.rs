//! Values: arguments, results and stream items.

use super::error::{DecodeError, WriteError};
use crate::wire::{Error, ErrorKind, Full, Json, JsonKind, JsonSyntax, MsgPackReader, MsgPackWriter, Sink};
use bytes::{Bytes, BytesMut};
use lobbywire_core::signalr::{Encoding, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;

/// A growable buffer that values are written to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buffer(BytesMut);

impl Buffer {
    /// An empty buffer.
    pub fn new() -> Self {
        Self::default()
    }

    /// The written bytes.
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// The number of written bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The written bytes, shared without copying.
    pub fn freeze(self) -> Bytes {
        self.0.freeze()
    }
}

impl Sink for Buffer {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

impl std::io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Types that can be sent as an argument, a result or a stream item.
///
/// Implemented for integers, floats, strings, `bool`, `()` as null, `Option`, slices, `Vec`, [`OwnedValue`],
/// and for types of serde in a [`Serde`].
///
/// ```
/// use lobbywire::signalr::{Buffer, ToValue, WriteError};
/// use lobbywire::wire::{MsgPackWriter, Sink};
///
/// struct Slot(u8);
///
/// impl ToValue for Slot {
///     fn write_messagepack(&self, out: &mut Buffer) -> Result<(), WriteError> {
///         Ok(MsgPackWriter::new(out).uint(self.0.into())?)
///     }
///
///     fn write_json(&self, out: &mut Buffer) -> Result<(), WriteError> {
///         Ok(out.put(self.0.to_string().as_bytes())?)
///     }
/// }
/// ```
pub trait ToValue {
    /// Writes one MessagePack value.
    ///
    /// # Errors
    /// [`WriteError`]
    fn write_messagepack(&self, out: &mut Buffer) -> Result<(), WriteError>;

    /// Writes one JSON value.
    ///
    /// # Errors
    /// [`WriteError`]
    fn write_json(&self, out: &mut Buffer) -> Result<(), WriteError>;

    /// Writes one value in this encoding.
    ///
    /// # Errors
    /// [`WriteError`]
    fn write_value(&self, encoding: Encoding, out: &mut Buffer) -> Result<(), WriteError> {
        match encoding {
            Encoding::MessagePack => self.write_messagepack(out),
            Encoding::Json => self.write_json(out),
        }
    }
}

/// Types that can be decoded from an argument, a result or a stream item.
///
/// In MessagePack each type reads its own value and leaves the reader after it. Values are never skipped in
/// advance, so values that are not valid MessagePack, such as osu!lazer's mods, work in lists and between
/// other arguments.
pub trait FromValue: Sized {
    /// Decodes one MessagePack value.
    ///
    /// # Errors
    /// [`DecodeError`]
    fn from_messagepack(reader: &mut MsgPackReader<'_>) -> Result<Self, DecodeError>;

    /// Decodes a JSON value.
    ///
    /// # Errors
    /// [`DecodeError`]
    fn from_json(json: Json<'_>) -> Result<Self, DecodeError>;

    /// Decodes a whole value in either encoding.
    ///
    /// # Errors
    /// [`DecodeError`]; [`ErrorKind::TrailingBytes`] if bytes follow the value.
    fn from_value(value: Value<'_>) -> Result<Self, DecodeError> {
        match value {
            Value::Json(json) => Self::from_json(json),
            Value::MessagePack(bytes) => {
                let mut reader = MsgPackReader::new(bytes);
                let value = Self::from_messagepack(&mut reader)?;
                if reader.rest().is_empty() {
                    return Ok(value);
                }
                Err(Error::new(ErrorKind::TrailingBytes, reader.position()).into())
            }
        }
    }

    /// The value of a call that completed without a result.
    ///
    /// # Errors
    /// [`DecodeError::NoResult`] unless overridden.
    fn from_void() -> Result<Self, DecodeError> {
        Err(DecodeError::NoResult)
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn write_messagepack(&self, out: &mut Buffer) -> Result<(), WriteError> {
        (**self).write_messagepack(out)
    }

    fn write_json(&self, out: &mut Buffer) -> Result<(), WriteError> {
        (**self).write_json(out)
    }

    fn write_value(&self, encoding: Encoding, out: &mut Buffer) -> Result<(), WriteError> {
        (**self).write_value(encoding, out)
    }
}

fn to_json(value: &(impl Serialize + ?Sized), out: &mut Buffer) -> Result<(), WriteError> {
    serde_json::to_writer(out, value).map_err(|error| WriteError::Serde(error.to_string().into()))
}

fn wrong_type() -> Error {
    Error::new(ErrorKind::UnexpectedType, 0)
}

/// Nil in MessagePack, null in JSON.
impl ToValue for () {
    fn write_messagepack(&self, out: &mut Buffer) -> Result<(), WriteError> {
        Ok(MsgPackWriter::new(out).nil()?)
    }

    fn write_json(&self, out: &mut Buffer) -> Result<(), WriteError> {
        Ok(out.put(b"null")?)
    }
}

/// Accepts any value, or none, and ignores it.
impl FromValue for () {
    fn from_messagepack(reader: &mut MsgPackReader<'_>) -> Result<Self, DecodeError> {
        Ok(reader.skip().map(drop)?)
    }

    fn from_json(_: Json<'_>) -> Result<Self, DecodeError> {
        Ok(())
    }

    fn from_value(_: Value<'_>) -> Result<Self, DecodeError> {
        Ok(())
    }

    fn from_void() -> Result<Self, DecodeError> {
        Ok(())
    }
}

impl ToValue for bool {
    fn write_messagepack(&self, out: &mut Buffer) -> Result<(), WriteError> {
        Ok(MsgPackWriter::new(out).bool(*self)?)
    }

    fn write_json(&self, out: &mut Buffer) -> Result<(), WriteError> {
        Ok(out.put(if *self { b"true" } else { b"false" })?)
    }
}

impl FromValue for bool {
    fn from_messagepack(reader: &mut MsgPackReader<'_>) -> Result<Self, DecodeError> {
        reader.bool().map_err(DecodeError::of("bool"))
    }

    fn from_json(json: Json<'_>) -> Result<Self, DecodeError> {
        json.as_bool().ok_or_else(|| DecodeError::of("bool")(wrong_type()))
    }
}

/// Integers. MessagePack writes the smallest form and reads any; JSON rejects fractions.
macro_rules! integers {
    ($($type:ident $wide:ident $write:ident $read:ident),* $(,)?) => {$(
        impl ToValue for $type {
            fn write_messagepack(&self, out: &mut Buffer) -> Result<(), WriteError> {
                Ok(MsgPackWriter::new(out).$write($wide::from(*self))?)
            }

            fn write_json(&self, out: &mut Buffer) -> Result<(), WriteError> {
                to_json(self, out)
            }
        }

        impl FromValue for $type {
            fn from_messagepack(reader: &mut MsgPackReader<'_>) -> Result<Self, DecodeError> {
                reader.number().map_err(DecodeError::of(stringify!($type)))
            }

            fn from_json(json: Json<'_>) -> Result<Self, DecodeError> {
                let kind = if json.kind() == JsonKind::Number { ErrorKind::OutOfRange } else { ErrorKind::UnexpectedType };
                let number = json.$read().and_then(|number| number.try_into().ok());
                number.ok_or_else(|| DecodeError::of(stringify!($type))(Error::new(kind, 0)))
            }
        }
    )*};
}

integers! {
    i8 i64 int as_i64, i16 i64 int as_i64, i32 i64 int as_i64, i64 i64 int as_i64,
    u8 u64 uint as_u64, u16 u64 uint as_u64, u32 u64 uint as_u64, u64 u64 uint as_u64,
}

macro_rules! floats {
    ($($type:ident),*) => {$(
        impl ToValue for $type {
            fn write_messagepack(&self, out: &mut Buffer) -> Result<(), WriteError> {
                Ok(MsgPackWriter::new(out).$type(*self)?)
            }

            fn write_json(&self, out: &mut Buffer) -> Result<(), WriteError> {
                if !self.is_finite() {
                    return Err(WriteError::NotFinite);
                }
                to_json(self, out)
            }
        }

        impl FromValue for $type {
            fn from_messagepack(reader: &mut MsgPackReader<'_>) -> Result<Self, DecodeError> {
                reader.$type().map_err(DecodeError::of(stringify!($type)))
            }

            #[allow(clippy::unnecessary_cast, reason = "rounds to the nearest f32")]
            fn from_json(json: Json<'_>) -> Result<Self, DecodeError> {
                let number = json.as_f64().map(|number| number as $type);
                let kind = match number {
                    Some(number) if number.is_finite() => return Ok(number),
                    Some(_) => ErrorKind::NonFiniteNumber,
                    None => ErrorKind::UnexpectedType,
                };
                Err(DecodeError::of(stringify!($type))(Error::new(kind, 0)))
            }
        }
    )*};
}

floats!(f32, f64);

impl ToValue for str {
    fn write_messagepack(&self, out: &mut Buffer) -> Result<(), WriteError> {
        Ok(MsgPackWriter::new(out).str(self)?)
    }

    fn write_json(&self, out: &mut Buffer) -> Result<(), WriteError> {
        // Non-ASCII characters are not escaped, as in .NET.
        to_json(self, out)
    }
}

impl ToValue for String {
    fn write_messagepack(&self, out: &mut Buffer) -> Result<(), WriteError> {
        self.as_str().write_messagepack(out)
    }

    fn write_json(&self, out: &mut Buffer) -> Result<(), WriteError> {
        self.as_str().write_json(out)
    }
}

impl FromValue for String {
    fn from_messagepack(reader: &mut MsgPackReader<'_>) -> Result<Self, DecodeError> {
        reader.str().map(Into::into).map_err(DecodeError::of("String"))
    }

    fn from_json(json: Json<'_>) -> Result<Self, DecodeError> {
        let text = json.as_text().ok_or_else(|| DecodeError::of("String")(wrong_type()))?;
        if text.has_lone_surrogates() {
            return Err(DecodeError::of("String")(Error::new(ErrorKind::Utf16, 0)));
        }
        Ok(text.to_string())
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn write_messagepack(&self, out: &mut Buffer) -> Result<(), WriteError> {
        match self {
            Some(value) => value.write_messagepack(out),
            None => ().write_messagepack(out),
        }
    }

    fn write_json(&self, out: &mut Buffer) -> Result<(), WriteError> {
        match self {
            Some(value) => value.write_json(out),
            None => ().write_json(out),
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_messagepack(reader: &mut MsgPackReader<'_>) -> Result<Self, DecodeError> {
        if reader.nil() { Ok(None) } else { T::from_messagepack(reader).map(Some) }
    }

    fn from_json(json: Json<'_>) -> Result<Self, DecodeError> {
        if json.is_null() { Ok(None) } else { T::from_json(json).map(Some) }
    }

    fn from_void() -> Result<Self, DecodeError> {
        Ok(None)
    }
}

impl<T: ToValue> ToValue for [T] {
    fn write_messagepack(&self, out: &mut Buffer) -> Result<(), WriteError> {
        MsgPackWriter::new(&mut *out).array_len(self.len())?;
        self.iter().try_for_each(|value| value.write_messagepack(out))
    }

    fn write_json(&self, out: &mut Buffer) -> Result<(), WriteError> {
        for (index, value) in self.iter().enumerate() {
            out.put(if index == 0 { b"[" } else { b"," })?;
            value.write_json(out)?;
        }
        Ok(out.put(if self.is_empty() { b"[]" } else { b"]" })?)
    }
}

impl<T: ToValue> ToValue for Vec<T> {
    fn write_messagepack(&self, out: &mut Buffer) -> Result<(), WriteError> {
        self.as_slice().write_messagepack(out)
    }

    fn write_json(&self, out: &mut Buffer) -> Result<(), WriteError> {
        self.as_slice().write_json(out)
    }
}

impl<T: FromValue> FromValue for Vec<T> {
    fn from_messagepack(reader: &mut MsgPackReader<'_>) -> Result<Self, DecodeError> {
        let len = reader.array_len().map_err(DecodeError::of("Vec"))?;
        // Grows with the decoded elements; the length is not trusted.
        (0..len).map(|_| T::from_messagepack(reader)).collect::<Result<_, _>>()
    }

    fn from_json(json: Json<'_>) -> Result<Self, DecodeError> {
        if json.kind() != JsonKind::Array {
            return Err(DecodeError::of("Vec")(wrong_type()));
        }
        json.items().map(T::from_json).collect()
    }
}

/// An encoded value of any type.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnedValue {
    encoding: Encoding,
    bytes: Bytes,
}

impl OwnedValue {
    /// Wraps an encoded value. MessagePack is not validated.
    ///
    /// # Errors
    /// Those of [`Json::from_utf8`], for JSON.
    pub fn new(encoding: Encoding, bytes: impl Into<Bytes>) -> Result<Self, Error> {
        let bytes = bytes.into();
        if encoding == Encoding::Json {
            Json::from_utf8(&bytes, JsonSyntax::STRICT)?;
        }
        Ok(Self { encoding, bytes })
    }

    /// Encodes a value.
    ///
    /// # Errors
    /// [`WriteError`]
    pub fn of(value: &(impl ToValue + ?Sized), encoding: Encoding) -> Result<Self, WriteError> {
        let mut out = Buffer::new();
        value.write_value(encoding, &mut out)?;
        Ok(Self { encoding, bytes: out.freeze() })
    }

    /// Shares the bytes of `frame` if the value borrows from it. Copies it otherwise.
    #[cfg(feature = "_signalr-connection")]
    pub(crate) fn shared(value: Value<'_>, frame: &Bytes) -> Self {
        let (encoding, part) = match value {
            Value::MessagePack(bytes) => (Encoding::MessagePack, bytes),
            Value::Json(json) => (Encoding::Json, json.text().as_bytes()),
        };
        let start = part.as_ptr().addr().checked_sub(frame.as_ptr().addr());
        let end = start.and_then(|start| start.checked_add(part.len()));
        match start.zip(end).filter(|(_, end)| *end <= frame.len()) {
            Some((start, end)) => Self { encoding, bytes: frame.slice(start..end) },
            None => value.into(),
        }
    }

    /// The encoding.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The encoded value.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The value, borrowed.
    pub fn as_value(&self) -> Value<'_> {
        match self.encoding {
            Encoding::MessagePack => Value::MessagePack(&self.bytes),
            // Only a faulty `ToValue` writes anything but JSON. Treat it as null.
            Encoding::Json => {
                Value::Json(Json::from_utf8(&self.bytes, JsonSyntax::LENIENT).unwrap_or(Json::NULL))
            }
        }
    }

    /// Decodes the value.
    ///
    /// # Errors
    /// [`DecodeError`]
    pub fn read<T: FromValue>(&self) -> Result<T, DecodeError> {
        T::from_value(self.as_value())
    }
}

impl From<Value<'_>> for OwnedValue {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::MessagePack(bytes) => {
                Self { encoding: Encoding::MessagePack, bytes: Bytes::copy_from_slice(bytes) }
            }
            Value::Json(json) => {
                Self { encoding: Encoding::Json, bytes: Bytes::copy_from_slice(json.text().as_bytes()) }
            }
        }
    }
}

impl fmt::Debug for OwnedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_value().fmt(f)
    }
}

impl ToValue for OwnedValue {
    fn write_messagepack(&self, out: &mut Buffer) -> Result<(), WriteError> {
        self.write_value(Encoding::MessagePack, out)
    }

    fn write_json(&self, out: &mut Buffer) -> Result<(), WriteError> {
        self.write_value(Encoding::Json, out)
    }

    fn write_value(&self, encoding: Encoding, out: &mut Buffer) -> Result<(), WriteError> {
        if encoding != self.encoding {
            return Err(WriteError::OtherEncoding { what: "a value in another encoding", encoding });
        }
        Ok(out.put(&self.bytes)?)
    }
}

impl FromValue for OwnedValue {
    fn from_messagepack(reader: &mut MsgPackReader<'_>) -> Result<Self, DecodeError> {
        Ok(Value::MessagePack(reader.skip()?).into())
    }

    fn from_json(json: Json<'_>) -> Result<Self, DecodeError> {
        Ok(Value::Json(json).into())
    }

    fn from_value(value: Value<'_>) -> Result<Self, DecodeError> {
        Ok(value.into())
    }
}

/// Sends and decodes any type that implements serde's traits.
///
/// Structs are arrays of their fields in MessagePack, and objects in JSON.
///
/// ```
/// use lobbywire::signalr::{Encoding, OwnedValue, Serde};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, PartialEq, Debug)]
/// struct Roll {
///     user_id: i32,
///     result: u32,
/// }
///
/// let roll = Roll { user_id: 2, result: 57 };
/// let value = OwnedValue::of(&Serde(&roll), Encoding::MessagePack)?;
/// assert_eq!(value.bytes()[..], [0x92, 2, 57]);
/// assert_eq!(value.read::<Serde<Roll>>()?.0, roll);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Serde<T>(pub T);

impl<T: Serialize> ToValue for Serde<T> {
    fn write_messagepack(&self, out: &mut Buffer) -> Result<(), WriteError> {
        rmp_serde::encode::write(out, &self.0).map_err(|error| WriteError::Serde(error.to_string().into()))
    }

    fn write_json(&self, out: &mut Buffer) -> Result<(), WriteError> {
        to_json(&self.0, out)
    }
}

fn serde_error(what: &str, error: &dyn fmt::Display) -> DecodeError {
    DecodeError::Serde(format!("cannot decode {what}: {error}").into())
}

impl<T: DeserializeOwned> FromValue for Serde<T> {
    fn from_messagepack(reader: &mut MsgPackReader<'_>) -> Result<Self, DecodeError> {
        let what = std::any::type_name::<T>();
        // Delimits the value first: this bounds the depth, and rmp-serde may leave a part unread.
        let value = reader.skip()?;
        let mut deserializer = rmp_serde::Deserializer::from_read_ref(value);
        let mut track = serde_path_to_error::Track::new();
        let tracked = serde_path_to_error::Deserializer::new(&mut deserializer, &mut track);
        T::deserialize(tracked).map(Self).map_err(|error| match track.path().to_string().as_str() {
            "." => serde_error(what, &error),
            path => serde_error(&format!("{what}, at {path}"), &error),
        })
    }

    fn from_json(json: Json<'_>) -> Result<Self, DecodeError> {
        let what = std::any::type_name::<T>();
        let mut deserializer = serde_json::Deserializer::from_str(json.text());
        serde_path_to_error::deserialize(&mut deserializer).map(Self).map_err(|error| {
            let path = error.path().to_string();
            match path.as_str() {
                "." => serde_error(what, &error),
                _ => serde_error(&format!("{what}, at {path}"), error.inner()),
            }
        })
    }

    fn from_void() -> Result<Self, DecodeError> {
        // A type that accepts null also accepts no result.
        T::deserialize(serde::de::value::UnitDeserializer::<serde::de::value::Error>::new())
            .map(Self)
            .map_err(|_| DecodeError::NoResult)
    }
}
