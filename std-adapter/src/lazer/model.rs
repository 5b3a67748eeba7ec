//! The encodings of arguments: MessagePack in the layout of MessagePack-CSharp, and JSON.

use super::{
    DateTimeOffset, DownloadState, GameplayAbortReason, HitResult, MatchType, MatchmakingAvatarAction,
    MatchmakingPoolType, MatchmakingStage, MultiplayerRoomState, MultiplayerRoomUserRole,
    MultiplayerUserState, QueueMode, RankedPlayStage, ReplayButtonState, SpectatedUserState, UserStatus,
};
use crate::signalr::DecodeError;
use crate::wire::Trace;
use crate::wire::{Error, Full, MsgPackKind, MsgPackReader, MsgPackWriter, NonFinite, Sink};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lobbywire_core::lazer::Payload;
use serde::de::{self, SeqAccess, Unexpected, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;

/// A type with a JSON encoding. Unlike serde's traits it also represents numbers that JSON lacks.
pub trait JsonModel: Sized {
    /// What nil and null decode as, in both encodings: the default of types that are references in .NET (strings, lists,
    /// maps and classes), which can be null there whatever their declaration says. `None` for value types, which
    /// reject nil.
    fn of_nil() -> Option<Self> {
        None
    }

    /// Encodes the value.
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Decodes the value.
    fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// A type that also has a MessagePack encoding.
pub(super) trait Model: JsonModel {
    /// Decodes a value that is not nil.
    fn read_value(reader: &mut MsgPackReader<'_>, trace: &mut impl Trace) -> Result<Self, Error>;

    /// Decodes the value, and reports the field that follows to `trace`.
    fn read(reader: &mut MsgPackReader<'_>, trace: &mut impl Trace) -> Result<Self, Error> {
        if reader.kind() == Some(MsgPackKind::Nil)
            && let Some(value) = Self::of_nil()
        {
            reader.nil();
            return Ok(value);
        }
        Self::read_value(reader, trace)
    }

    /// Encodes the value.
    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full>;
}

/// Adapts a value to serde's `Serialize`.
pub(super) struct Shown<'v, T>(pub(super) &'v T);

impl<T: JsonModel> Serialize for Shown<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize_json(serializer)
    }
}

/// Adapts a value to serde's `Deserialize`.
pub(super) struct Read<T>(pub(super) T);

impl<'de, T: JsonModel> Deserialize<'de> for Read<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OrNil<T>(PhantomData<T>);

        impl<'de, T: JsonModel> Visitor<'de> for OrNil<T> {
            type Value = Option<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value or null")
            }

            fn visit_unit<E>(self) -> Result<Option<T>, E> {
                Ok(None)
            }

            fn visit_none<E>(self) -> Result<Option<T>, E> {
                Ok(None)
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
                T::deserialize_json(deserializer).map(Some)
            }
        }

        match T::of_nil() {
            None => T::deserialize_json(deserializer).map(Self),
            Some(nil) => Ok(Self(deserializer.deserialize_option(OrNil(PhantomData))?.unwrap_or(nil))),
        }
    }
}

/// Decodes a JSON value. Errors contain the path to the field.
pub(super) fn read_json<T: JsonModel>(what: &'static str, text: &str) -> Result<T, DecodeError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    match serde_path_to_error::deserialize::<_, Read<T>>(&mut deserializer) {
        Ok(Read(value)) => Ok(value),
        Err(error) => {
            let path = error.path().to_string();
            let at = if path == "." { String::new() } else { format!(", at {path}") };
            Err(DecodeError::Serde(format!("cannot decode {what}{at}: {}", error.inner()).into()))
        }
    }
}

macro_rules! plain_json {
    ([$nil:expr] $($Type:ident)+) => {$(
        impl JsonModel for $Type {
            fn of_nil() -> Option<Self> {
                $nil
            }

            fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Serialize::serialize(self, serializer)
            }

            fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Deserialize::deserialize(deserializer)
            }
        }
    )+};
}

plain_json!([None] bool u8 u16 u32 u64 i8 i16 i32 i64);
plain_json!([Some(String::new())] String);

/// Types whose MessagePack encoding is in the core.
macro_rules! layout_of_core {
    ($($Type:ty),+ $(,)?) => {$(
        impl Model for $Type {
            fn read_value(reader: &mut MsgPackReader<'_>, trace: &mut impl Trace) -> Result<Self, Error> {
                Payload::read_with(reader, trace)
            }

            fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
                Payload::write(self, out)
            }
        }
    )+};
}

layout_of_core!(bool, u8, u16, u32, u64, i32, i64, f32, f64, DateTimeOffset);

/// Open enums. They are numbers in JSON too, so that unknown values are preserved.
macro_rules! enums {
    ($($Type:ident),+ $(,)?) => {
        layout_of_core!($($Type),+);

        $(
            impl JsonModel for $Type {
                fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.serialize_i32(self.0)
                }

                fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    Deserialize::deserialize(deserializer).map(Self)
                }
            }

            carried!($Type);
        )+
    };
}

/// Implements the traits for arguments, results and stream items.
macro_rules! carried {
    ($Type:ty) => {
        impl $crate::signalr::ToValue for $Type {
            fn write_messagepack(
                &self,
                out: &mut $crate::signalr::Buffer,
            ) -> Result<(), $crate::signalr::WriteError> {
                let mut out = $crate::wire::MsgPackWriter::new(out);
                Ok($crate::lazer::model::Model::write(self, &mut out)?)
            }

            fn write_json(
                &self,
                out: &mut $crate::signalr::Buffer,
            ) -> Result<(), $crate::signalr::WriteError> {
                $crate::lazer::model::write_json(self, out)
            }
        }

        impl $crate::signalr::FromValue for $Type {
            fn from_messagepack(
                reader: &mut $crate::wire::MsgPackReader<'_>,
            ) -> Result<Self, $crate::signalr::DecodeError> {
                let mut location = $crate::wire::Location::default();
                $crate::lazer::model::Model::read(reader, &mut location)
                    .map_err(|error| $crate::lazer::model::explained(error, location))
            }

            fn from_json(json: $crate::wire::Json<'_>) -> Result<Self, $crate::signalr::DecodeError> {
                $crate::lazer::model::read_json(stringify!($Type), json.text())
            }
        }
    };
}
pub(super) use carried;

enums!(
    DownloadState,
    GameplayAbortReason,
    HitResult,
    MatchType,
    MatchmakingAvatarAction,
    MatchmakingPoolType,
    MatchmakingStage,
    MultiplayerRoomState,
    MultiplayerRoomUserRole,
    MultiplayerUserState,
    QueueMode,
    RankedPlayStage,
    ReplayButtonState,
    SpectatedUserState,
    UserStatus,
);

/// Encodes a value as JSON.
pub(super) fn write_json(
    value: &impl JsonModel,
    out: &mut crate::signalr::Buffer,
) -> Result<(), crate::signalr::WriteError> {
    serde_json::to_writer(out, &Shown(value))
        .map_err(|error| crate::signalr::WriteError::Serde(error.to_string().into()))
}

/// Maps an error in a field.
pub(super) fn explained(error: Error, location: crate::wire::Location) -> DecodeError {
    DecodeError::Field { record: location.record, field: location.field, error }
}

macro_rules! floats {
    ($($Type:ident: $new:ident $get:ident)+) => {$(
        impl JsonModel for $Type {
            fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let Some(non_finite) = NonFinite::$new(*self) else {
                    return Serialize::serialize(self, serializer);
                };
                let mut object = serializer.serialize_map(Some(1))?;
                object.serialize_entry(NonFinite::KEY, &format_args!("{non_finite}"))?;
                object.end()
            }

            fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                #[serde(untagged)]
                enum Given {
                    Number($Type),
                    Other {
                        #[serde(rename = "$float")]
                        name: String,
                    },
                }

                match Given::deserialize(deserializer)? {
                    Given::Number(number) => Ok(number),
                    Given::Other { name } => match NonFinite::parse(&name) {
                        Some(non_finite) => Ok(non_finite.$get()),
                        None => {
                            Err(de::Error::invalid_value(Unexpected::Str(&name), &"NaN, Infinity or -Infinity"))
                        }
                    },
                }
            }
        }
    )+};
}

floats!(f32: new_f32 get_f32 f64: new get);

impl Model for String {
    fn read_value(reader: &mut MsgPackReader<'_>, _: &mut impl Trace) -> Result<Self, Error> {
        reader.str().map(Into::into)
    }

    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        out.str(self)
    }
}

impl<T: JsonModel> JsonModel for Option<T> {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Serialize::serialize(&self.as_ref().map(Shown), serializer)
    }

    fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<Read<T>>::deserialize(deserializer)?.map(|Read(value)| value))
    }
}

impl<T: Model> Model for Option<T> {
    fn read_value(reader: &mut MsgPackReader<'_>, trace: &mut impl Trace) -> Result<Self, Error> {
        if reader.nil() { Ok(None) } else { T::read(reader, trace).map(Some) }
    }

    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        match self {
            Some(value) => value.write(out),
            None => out.nil(),
        }
    }
}

impl<T: JsonModel> JsonModel for Vec<T> {
    fn of_nil() -> Option<Self> {
        Some(Self::default())
    }

    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Shown))
    }

    fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(PhantomData<T>);

        impl<'de, T: JsonModel> Visitor<'de> for Items<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
                let mut read = Vec::new();
                while let Some(Read(item)) = items.next_element()? {
                    read.push(item);
                }
                Ok(read)
            }
        }

        deserializer.deserialize_seq(Items(PhantomData))
    }
}

impl<T: Model> Model for Vec<T> {
    fn read_value(reader: &mut MsgPackReader<'_>, trace: &mut impl Trace) -> Result<Self, Error> {
        let len = reader.array_len()?;
        // Grows with decoded values, not with the claimed length.
        (0..len).map(|_| T::read(reader, trace)).collect()
    }

    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        out.array_len(self.len())?;
        self.iter().try_for_each(|item| item.write(out))
    }
}

/// Two values, as an array of exactly two.
impl<A: JsonModel, B: JsonModel> JsonModel for (A, B) {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (Shown(&self.0), Shown(&self.1)).serialize(serializer)
    }

    fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (Read(first), Read(second)) = Deserialize::deserialize(deserializer)?;
        Ok((first, second))
    }
}

impl<A: Model, B: Model> Model for (A, B) {
    fn read_value(reader: &mut MsgPackReader<'_>, trace: &mut impl Trace) -> Result<Self, Error> {
        let at = reader.position();
        if reader.array_len()? != 2 {
            return Err(Error::new(crate::wire::ErrorKind::ListLength, at));
        }
        Ok((A::read(reader, trace)?, B::read(reader, trace)?))
    }

    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        out.array_len(2)?;
        self.0.write(out)?;
        self.1.write(out)
    }
}

/// An opaque MessagePack value, stored as its bytes. In JSON `{"$messagepack": base64}`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RawValue(Vec<u8>);

impl RawValue {
    /// Creates a value from its bytes, which must contain exactly one MessagePack value.
    ///
    /// # Errors
    /// As [`MsgPackReader::skip`]; [`TrailingBytes`](crate::wire::ErrorKind::TrailingBytes) if bytes follow the
    /// value.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let bytes = bytes.into();
        let mut reader = MsgPackReader::new(&bytes);
        reader.skip()?;
        if !reader.rest().is_empty() {
            return Err(Error::new(crate::wire::ErrorKind::TrailingBytes, reader.position()));
        }
        Ok(Self(bytes))
    }

    /// The encoded bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Generates small values.
#[cfg(feature = "arbitrary")]
impl<'a> arbitrary::Arbitrary<'a> for RawValue {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        const SIMPLE: [&[u8]; 5] = [&[0xc0], &[7], &[0x92, 1, 0xc3], &[0xa1, b'a'], &[0x81, 1, 2]];
        Ok(Self(u.choose_iter(SIMPLE)?.to_vec()))
    }
}

impl fmt::Debug for RawValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x?}", self.0)
    }
}

impl JsonModel for RawValue {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(1))?;
        object.serialize_entry("$messagepack", &STANDARD.encode(&self.0))?;
        object.end()
    }

    fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Given {
            #[serde(rename = "$messagepack")]
            base64: String,
        }

        let Given { base64 } = Given::deserialize(deserializer)?;
        let bytes = STANDARD
            .decode(&base64)
            .map_err(|_| de::Error::invalid_value(Unexpected::Str(&base64), &"base64"))?;
        Self::new(bytes).map_err(|_| de::Error::custom("the bytes must be one MessagePack value"))
    }
}

impl Model for RawValue {
    fn read_value(reader: &mut MsgPackReader<'_>, _: &mut impl Trace) -> Result<Self, Error> {
        Ok(Self(reader.skip()?.to_vec()))
    }

    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        out.raw(&self.0)
    }
}
