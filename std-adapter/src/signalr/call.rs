//! Calls: a method's name and its arguments, to be written and read by types of one's own.

use super::{Arguments, Buffer, DecodeError, EncodeError, Encoding, FromValue, ToValue};
use crate::wire::{Json, JsonSyntax, Sink};
use bytes::Bytes;
use std::fmt;

/// What can be the arguments of a call: tuples of values, `()` for none, and types of one's own.
pub trait ToArguments {
    /// Writes the arguments, and says how many they are: in MessagePack one behind the other, in JSON as an array.
    ///
    /// # Errors
    /// Any [`EncodeError`].
    fn write_arguments(&self, encoding: Encoding, out: &mut Buffer) -> Result<usize, EncodeError>;

    /// The arguments, to be kept.
    ///
    /// # Errors
    /// Any [`EncodeError`].
    fn to_arguments(&self, encoding: Encoding) -> Result<OwnedArguments, EncodeError> {
        let mut out = Buffer::new();
        let count = self.write_arguments(encoding, &mut out)?;
        Ok(OwnedArguments { encoding, count, bytes: out.freeze() })
    }
}

/// What can be read out of the arguments of a call: tuples of values, and types of one's own.
pub trait FromArguments: Sized {
    /// Reads the arguments. They must be as many as are expected, as SignalR has it; in MessagePack other parts of
    /// the message may follow the last one.
    ///
    /// # Errors
    /// Any [`DecodeError`].
    fn from_arguments(arguments: Arguments<'_>) -> Result<Self, DecodeError>;
}

/// A call: arguments that know their method.
pub trait Call: ToArguments {
    /// The name of the method.
    fn target(&self) -> &str;
}

/// A call that knows what it gives.
pub trait Method: Call {
    /// The result.
    type Result: FromValue;
}

/// What can be read out of a method's name and its arguments: the enum of all methods that a hub or a client has.
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
    /// Reads a call.
    ///
    /// # Errors
    /// [`DecodeError::UnknownTarget`], and what is wrong with the arguments.
    fn from_call(target: &str, arguments: Arguments<'_>) -> Result<Self, DecodeError>;
}

/// Arguments that own their bytes, whatever they are.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnedArguments {
    encoding: Encoding,
    count: usize,
    bytes: Bytes,
}

impl OwnedArguments {
    /// So many arguments in MessagePack, one behind the other. They are not looked at.
    pub fn messagepack(count: usize, bytes: impl Into<Bytes>) -> Self {
        Self { encoding: Encoding::MessagePack, count, bytes: bytes.into() }
    }

    /// The arguments in an array of JSON; `None` where it is none.
    pub fn json(array: Json<'_>) -> Option<Self> {
        Arguments::of_json(array).map(Self::from)
    }

    /// The encoding they are in.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Their bytes: one argument behind the other in MessagePack, an array in JSON.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The arguments, lent.
    pub fn as_arguments(&self) -> Arguments<'_> {
        if self.encoding == Encoding::Json {
            let array = Json::from_utf8(&self.bytes, JsonSyntax::STRICT).unwrap_or(Json::EMPTY_ARRAY);
            // What is no array came from a type that wrote none: there are no arguments.
            if let Some(arguments) = Arguments::of_json(array).or(Arguments::of_json(Json::EMPTY_ARRAY)) {
                return arguments;
            }
        }
        Arguments::of_messagepack(self.count, &self.bytes)
    }

    /// Reads them.
    ///
    /// # Errors
    /// Any [`DecodeError`].
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
    fn write_arguments(&self, encoding: Encoding, out: &mut Buffer) -> Result<usize, EncodeError> {
        if encoding != self.encoding {
            return Err(EncodeError::OtherEncoding { what: "arguments in the other encoding", encoding });
        }
        out.put(&self.bytes)?;
        Ok(self.count)
    }

    fn to_arguments(&self, encoding: Encoding) -> Result<OwnedArguments, EncodeError> {
        if encoding != self.encoding {
            return Err(EncodeError::OtherEncoding { what: "arguments in the other encoding", encoding });
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
    fn write_arguments(&self, encoding: Encoding, out: &mut Buffer) -> Result<usize, EncodeError> {
        (**self).write_arguments(encoding, out)
    }

    fn to_arguments(&self, encoding: Encoding) -> Result<OwnedArguments, EncodeError> {
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
    fn write_arguments(&self, encoding: Encoding, out: &mut Buffer) -> Result<usize, EncodeError> {
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
            fn write_arguments(&self, encoding: Encoding, out: &mut Buffer) -> Result<usize, EncodeError> {
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
