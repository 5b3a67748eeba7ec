//! The arguments of calls, and traits for typed calls.

use super::error::{DecodeError, WriteError};
use super::value::{Buffer, FromValue, ToValue};
use crate::wire::{Json, JsonSyntax, Sink};
use bytes::Bytes;
use lobbywire_core::signalr::{Arguments, Encoding};
use std::fmt;

/// Types that can be sent as the arguments of a call: tuples of up to eight [`ToValue`] types, `()` for no
/// arguments, [`OwnedArguments`], and your own types.
pub trait ToArguments {
    /// Writes the arguments and returns their number. In MessagePack they are concatenated without an array
    /// header; in JSON they are an array.
    ///
    /// # Errors
    /// [`WriteError`]
    fn write_arguments(&self, encoding: Encoding, out: &mut Buffer) -> Result<usize, WriteError>;

    /// Encodes the arguments.
    ///
    /// # Errors
    /// [`WriteError`]
    fn to_arguments(&self, encoding: Encoding) -> Result<OwnedArguments, WriteError> {
        let mut out = Buffer::new();
        let count = self.write_arguments(encoding, &mut out)?;
        Ok(OwnedArguments { encoding, count, bytes: out.freeze() })
    }
}

/// Types that can be decoded from the arguments of a call: tuples of up to eight [`FromValue`] types, `()`
/// for no arguments, [`OwnedArguments`], and your own types.
pub trait FromArguments: Sized {
    /// Decodes the arguments. Implementations must reject a different number of arguments, as SignalR does. In
    /// MessagePack other parts of the message may follow the last argument.
    ///
    /// # Errors
    /// [`DecodeError`]
    fn from_arguments(arguments: Arguments<'_>) -> Result<Self, DecodeError>;
}

/// A typed call: arguments with the name of their method.
pub trait Call: ToArguments {
    /// The name of the method.
    fn target(&self) -> &str;
}

/// A typed call with a result.
pub trait Method: Call {
    /// The type of the result.
    type Result: FromValue;
}

/// Types that can be decoded from a method name and arguments, such as an enum of all methods of a hub.
///
/// ```
/// use lobbywire::signalr::{Arguments, DecodeError, FromArguments, FromCall, ToArguments, Encoding};
///
/// #[derive(Debug, PartialEq)]
/// enum Command {
///     Roll(i64, Option<u32>),
///     Leave,
/// }
///
/// impl FromCall for Command {
///     fn from_call(target: &str, arguments: Arguments<'_>) -> Result<Self, DecodeError> {
///         match target {
///             "Roll" => FromArguments::from_arguments(arguments).map(|(room, max)| Self::Roll(room, max)),
///             "Leave" => FromArguments::from_arguments(arguments).map(|()| Self::Leave),
///             _ => Err(DecodeError::UnknownTarget),
///         }
///     }
/// }
///
/// let arguments = (123, None::<u32>).to_arguments(Encoding::Json)?;
/// assert_eq!(Command::from_call("Roll", arguments.as_arguments())?, Command::Roll(123, None));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait FromCall: Sized {
    /// Decodes a call.
    ///
    /// # Errors
    /// [`DecodeError::UnknownTarget`] for an unknown method, and the errors of its arguments.
    fn from_call(target: &str, arguments: Arguments<'_>) -> Result<Self, DecodeError>;
}

/// Encoded arguments of any types.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnedArguments {
    encoding: Encoding,
    count: usize,
    bytes: Bytes,
}

impl OwnedArguments {
    /// `count` concatenated MessagePack values. They are not validated.
    pub fn messagepack(count: usize, bytes: impl Into<Bytes>) -> Self {
        Self { encoding: Encoding::MessagePack, count, bytes: bytes.into() }
    }

    /// The elements of a JSON array. `None` if it is not an array.
    pub fn json(array: Json<'_>) -> Option<Self> {
        Arguments::of_json(array).map(Self::from)
    }

    /// The encoding.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The number of arguments.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are no arguments.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The encoded arguments: concatenated values in MessagePack, an array in JSON.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The arguments, borrowed.
    pub fn as_arguments(&self) -> Arguments<'_> {
        if self.encoding == Encoding::Json {
            let array = Json::from_utf8(&self.bytes, JsonSyntax::LENIENT).unwrap_or(Json::EMPTY_ARRAY);
            // Only a faulty `ToArguments` writes anything but an array. Treat it as no arguments.
            if let Some(arguments) = Arguments::of_json(array).or(Arguments::of_json(Json::EMPTY_ARRAY)) {
                return arguments;
            }
        }
        Arguments::of_messagepack(self.count, &self.bytes)
    }

    /// Decodes the arguments.
    ///
    /// # Errors
    /// [`DecodeError`]
    pub fn read<T: FromArguments>(&self) -> Result<T, DecodeError> {
        T::from_arguments(self.as_arguments())
    }
}

impl From<Arguments<'_>> for OwnedArguments {
    fn from(arguments: Arguments<'_>) -> Self {
        let (encoding, bytes) = match arguments.json() {
            Some(array) => (Encoding::Json, array.text().as_bytes()),
            None => (Encoding::MessagePack, arguments.bytes()),
        };
        Self { encoding, count: arguments.len(), bytes: Bytes::copy_from_slice(bytes) }
    }
}

impl fmt::Debug for OwnedArguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_arguments().fmt(f)
    }
}

impl ToArguments for OwnedArguments {
    fn write_arguments(&self, encoding: Encoding, out: &mut Buffer) -> Result<usize, WriteError> {
        if encoding != self.encoding {
            return Err(WriteError::OtherEncoding { what: "arguments in another encoding", encoding });
        }
        out.put(&self.bytes)?;
        Ok(self.count)
    }

    fn to_arguments(&self, encoding: Encoding) -> Result<OwnedArguments, WriteError> {
        if encoding != self.encoding {
            return Err(WriteError::OtherEncoding { what: "arguments in another encoding", encoding });
        }
        Ok(self.clone())
    }
}

impl FromArguments for OwnedArguments {
    fn from_arguments(arguments: Arguments<'_>) -> Result<Self, DecodeError> {
        Ok(arguments.into())
    }
}

impl<T: ToArguments + ?Sized> ToArguments for &T {
    fn write_arguments(&self, encoding: Encoding, out: &mut Buffer) -> Result<usize, WriteError> {
        (**self).write_arguments(encoding, out)
    }

    fn to_arguments(&self, encoding: Encoding) -> Result<OwnedArguments, WriteError> {
        (**self).to_arguments(encoding)
    }
}

impl<T: Call + ?Sized> Call for &T {
    fn target(&self) -> &str {
        (**self).target()
    }
}

impl<T: Method + ?Sized> Method for &T {
    type Result = T::Result;
}

fn expect_count(arguments: Arguments<'_>, expected: usize) -> Result<(), DecodeError> {
    let found = arguments.len();
    if found == expected { Ok(()) } else { Err(DecodeError::ArgumentCount { expected, found }) }
}

impl ToArguments for () {
    fn write_arguments(&self, encoding: Encoding, out: &mut Buffer) -> Result<usize, WriteError> {
        if encoding == Encoding::Json {
            out.put(b"[]")?;
        }
        Ok(0)
    }
}

impl FromArguments for () {
    fn from_arguments(arguments: Arguments<'_>) -> Result<Self, DecodeError> {
        expect_count(arguments, 0)
    }
}

macro_rules! tuples {
    ($($count:literal: $($type:ident $index:tt),+;)*) => {$(
        impl<$($type: ToValue),+> ToArguments for ($($type,)+) {
            fn write_arguments(&self, encoding: Encoding, out: &mut Buffer) -> Result<usize, WriteError> {
                $(
                    if encoding == Encoding::Json {
                        out.put(if $index == 0 { b"[" } else { b"," })?;
                    }
                    self.$index.write_value(encoding, out)?;
                )+
                if encoding == Encoding::Json {
                    out.put(b"]")?;
                }
                Ok($count)
            }
        }

        impl<$($type: FromValue),+> FromArguments for ($($type,)+) {
            fn from_arguments(arguments: Arguments<'_>) -> Result<Self, DecodeError> {
                expect_count(arguments, $count)?;
                if let Some(mut reader) = arguments.messagepack() {
                    return Ok(($(
                        $type::from_messagepack(&mut reader).map_err(|error| error.in_argument($index))?,
                    )+));
                }
                let mut items = arguments.json().into_iter().flat_map(|array| array.items());
                Ok(($(
                    items
                        .next()
                        .map_or(Err(DecodeError::ArgumentCount { expected: $count, found: $index }), $type::from_json)
                        .map_err(|error| error.in_argument($index))?,
                )+))
            }
        }
    )*};
}

tuples! {
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
    7: A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
}
