//! The messages.

use super::value::{Arguments, Headers, StreamIds, Text, Value};
use super::{Encoding, json, messagepack};
use crate::wire::{Error, Explained, Full, Location, MsgPackWriter, Sink, Trace};

/// Calls a method of the other side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invocation<'a> {
    /// Headers without a meaning.
    pub headers: Headers<'a>,
    /// What its completion will be known by; without one none is wanted.
    pub invocation_id: Option<Text<'a>>,
    /// The method.
    pub target: Text<'a>,
    /// What it takes.
    pub arguments: Arguments<'a>,
    /// Which streams of the caller's belong to it.
    pub stream_ids: StreamIds<'a>,
}

/// Calls a method that answers with a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamInvocation<'a> {
    /// Headers without a meaning.
    pub headers: Headers<'a>,
    /// What the stream will be known by.
    pub invocation_id: Text<'a>,
    /// The method.
    pub target: Text<'a>,
    /// What it takes.
    pub arguments: Arguments<'a>,
    /// Which streams of the caller's belong to it.
    pub stream_ids: StreamIds<'a>,
}

/// One more item of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamItem<'a> {
    /// Headers without a meaning.
    pub headers: Headers<'a>,
    /// Which stream.
    pub invocation_id: Text<'a>,
    /// The item.
    pub item: Value<'a>,
}

/// The end of a call, or of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion<'a> {
    /// Headers without a meaning.
    pub headers: Headers<'a>,
    /// Which call.
    pub invocation_id: Text<'a>,
    /// What has become of it.
    pub result: CompletionResult<'a>,
}

/// What has become of a call.
///
/// A method without a result is answered with a result that is null by .NET, and with none by others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionResult<'a> {
    /// It failed; this is why. In MessagePack kind 1.
    Error(Text<'a>),
    /// It is done. In MessagePack kind 2.
    Void,
    /// It is done, and gives this. In MessagePack kind 3.
    Result(Value<'a>),
}

/// Ends a stream before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelInvocation<'a> {
    /// Headers without a meaning.
    pub headers: Headers<'a>,
    /// Which stream.
    pub invocation_id: Text<'a>,
}

/// The last message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Close<'a> {
    /// What went wrong, if anything.
    pub error: Option<Text<'a>>,
    /// Whether a client may connect again by itself.
    pub allow_reconnect: bool,
}

/// Any message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message<'a> {
    /// 1: calls a method.
    Invocation(Invocation<'a>),
    /// 2: one more item of a stream.
    StreamItem(StreamItem<'a>),
    /// 3: the end of a call, or of a stream.
    Completion(Completion<'a>),
    /// 4: calls a method that answers with a stream.
    StreamInvocation(StreamInvocation<'a>),
    /// 5: ends a stream before its end.
    CancelInvocation(CancelInvocation<'a>),
    /// 6: the sender is there.
    Ping,
    /// 7: the last message.
    Close(Close<'a>),
    /// 8: messages up to this one have come, with stateful reconnect.
    Ack {
        /// The number of a message.
        sequence_id: i64,
    },
    /// 9: what comes next is this message, after a reconnect.
    Sequence {
        /// The number of a message.
        sequence_id: i64,
    },
    /// A type that is not known here. Receivers pass over it; it is never to be sent to .NET's server, which
    /// would wait for ever.
    Unknown {
        /// The type.
        kind: i64,
        /// The whole message: an array of MessagePack or an object of JSON.
        message: Value<'a>,
    },
}

impl<'a> Message<'a> {
    /// The message in a frame: with its length in front of it in MessagePack, with its end or without in JSON.
    ///
    /// Elements behind those that are known are passed over, as are properties that are not known.
    ///
    /// # Errors
    /// [`ErrorKind`](crate::wire::ErrorKind)`::Uleb128`, `Truncated`, `TrailingBytes`, `UnexpectedType`,
    /// `MissingField`, `Utf8`, `ListLength`, `TooDeep`, `ResultKind`, `EmptyText`; those of
    /// [`Json::from_utf8`](crate::wire::Json::from_utf8). Offsets count from the start of the frame;
    /// [`explain`](Self::explain) knows the field.
    pub fn read(frame: &'a [u8], encoding: Encoding) -> Result<Self, Error> {
        Self::read_with(frame, encoding, &mut ())
    }

    fn read_with(frame: &'a [u8], encoding: Encoding, trace: &mut impl Trace) -> Result<Self, Error> {
        match encoding {
            Encoding::MessagePack => messagepack::read(frame, trace),
            Encoding::Json => json::read(frame, trace),
        }
    }

    /// What is wrong with a frame, and in which type and field; `None` where nothing is.
    ///
    /// ```
    /// use lobbywire_core::signalr::{Encoding, Message};
    ///
    /// let explained = Message::explain(b"\x04\x93\x05\x80\x01", Encoding::MessagePack).unwrap();
    /// assert_eq!((explained.location.record, explained.location.field), ("CancelInvocation", "invocation_id"));
    /// assert_eq!(explained.error.offset, 4);
    /// ```
    #[cold]
    pub fn explain(frame: &'a [u8], encoding: Encoding) -> Option<Explained> {
        let mut location = Location::default();
        let error = Self::read_with(frame, encoding, &mut location).err()?;
        Some(Explained { error, location })
    }

    /// Writes the frame.
    ///
    /// # Errors
    /// [`WriteError::Full`]; [`WriteError::OtherEncoding`] for values that are in the other encoding.
    pub fn write(&self, out: &mut impl Sink, encoding: Encoding) -> Result<(), WriteError> {
        match encoding {
            Encoding::MessagePack => messagepack::write(self, out),
            Encoding::Json => json::write(self, out),
        }
    }

    /// The name of the message's type.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Invocation(_) => "Invocation",
            Self::StreamItem(_) => "StreamItem",
            Self::Completion(_) => "Completion",
            Self::StreamInvocation(_) => "StreamInvocation",
            Self::CancelInvocation(_) => "CancelInvocation",
            Self::Ping => "Ping",
            Self::Close(_) => "Close",
            Self::Ack { .. } => "Ack",
            Self::Sequence { .. } => "Sequence",
            Self::Unknown { .. } => "Unknown",
        }
    }

    /// The message's type on the wire.
    pub const fn kind(&self) -> i64 {
        match self {
            Self::Invocation(_) => 1,
            Self::StreamItem(_) => 2,
            Self::Completion(_) => 3,
            Self::StreamInvocation(_) => 4,
            Self::CancelInvocation(_) => 5,
            Self::Ping => 6,
            Self::Close(_) => 7,
            Self::Ack { .. } => 8,
            Self::Sequence { .. } => 9,
            Self::Unknown { kind, .. } => *kind,
        }
    }

    /// Whether messages of this type are counted for stateful reconnect.
    pub const fn is_counted(&self) -> bool {
        matches!(self.kind(), 1..=5)
    }
}

/// A call that writes its own arguments, in MessagePack.
///
/// Where a [`Message`] takes arguments that are written already, this writes them in their location.
pub trait WriteInvocation {
    /// The method.
    fn target(&self) -> &str;

    /// How many arguments it takes.
    fn len(&self) -> usize;

    /// Whether it takes none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes the arguments, one behind the other.
    ///
    /// # Errors
    /// [`Full`]
    fn write_arguments<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full>;

    /// Writes the whole frame of an [`Invocation`]. Without an id no completion is wanted, and none comes.
    ///
    /// # Errors
    /// [`Full`]
    fn write_frame(&self, invocation_id: Option<&str>, out: &mut impl Sink) -> Result<(), Full> {
        messagepack::write_invocation(self, invocation_id, out)
    }
}

/// Why a message was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum WriteError {
    /// The output has no room left.
    Full,
    /// A value that the message carries is in the other encoding.
    OtherEncoding,
}

impl From<Full> for WriteError {
    fn from(_: Full) -> Self {
        Self::Full
    }
}

impl core::fmt::Display for WriteError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Full => "the output buffer is full",
            Self::OtherEncoding => "what the message carries is in the other encoding",
        })
    }
}

impl core::error::Error for WriteError {}
