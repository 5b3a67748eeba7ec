//! The messages of the hub protocol.

use super::value::{Arguments, Headers, StreamIds, Text, Value};
use crate::wire::Full;

/// Calls a method of the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invocation<'a> {
    /// Application-defined headers.
    pub headers: Headers<'a>,
    /// The id of the completion. `None` if the caller expects no completion.
    pub invocation_id: Option<Text<'a>>,
    /// The name of the method.
    pub target: Text<'a>,
    /// The arguments.
    pub arguments: Arguments<'a>,
    /// The ids of the streams that the caller uploads with this call.
    pub stream_ids: StreamIds<'a>,
}

/// Calls a method of the peer that returns a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamInvocation<'a> {
    /// Application-defined headers.
    pub headers: Headers<'a>,
    /// The id of the stream.
    pub invocation_id: Text<'a>,
    /// The name of the method.
    pub target: Text<'a>,
    /// The arguments.
    pub arguments: Arguments<'a>,
    /// The ids of the streams that the caller uploads with this call.
    pub stream_ids: StreamIds<'a>,
}

/// An item of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamItem<'a> {
    /// Application-defined headers.
    pub headers: Headers<'a>,
    /// The id of the stream.
    pub invocation_id: Text<'a>,
    /// The item.
    pub item: Value<'a>,
}

/// Completes a call or a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Completion<'a> {
    /// Application-defined headers.
    pub headers: Headers<'a>,
    /// The id of the call or stream.
    pub invocation_id: Text<'a>,
    /// The result.
    pub result: CompletionResult<'a>,
}

/// The result of a call.
///
/// .NET completes a method without a result with a null [`Result`](Self::Result), other servers with
/// [`Void`](Self::Void).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionResult<'a> {
    /// The call failed with this text. Result kind 1 in MessagePack.
    Error(Text<'a>),
    /// The call completed without a result. Result kind 2 in MessagePack.
    Void,
    /// The call completed with this result. Result kind 3 in MessagePack.
    Result(Value<'a>),
}

/// Cancels a stream of the peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelInvocation<'a> {
    /// Application-defined headers.
    pub headers: Headers<'a>,
    /// The id of the stream.
    pub invocation_id: Text<'a>,
}

/// Closes the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Close<'a> {
    /// Why the connection is closed, if by an error.
    pub error: Option<Text<'a>>,
    /// Whether a client may reconnect automatically.
    pub allow_reconnect: bool,
}

/// Any message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message<'a> {
    /// Type 1: calls a method.
    Invocation(Invocation<'a>),
    /// Type 2: an item of a stream.
    StreamItem(StreamItem<'a>),
    /// Type 3: completes a call or a stream.
    Completion(Completion<'a>),
    /// Type 4: calls a method that returns a stream.
    StreamInvocation(StreamInvocation<'a>),
    /// Type 5: cancels a stream.
    CancelInvocation(CancelInvocation<'a>),
    /// Type 6: keeps the connection alive.
    Ping,
    /// Type 7: closes the connection.
    Close(Close<'a>),
    /// Type 8: acknowledges received messages, with stateful reconnect.
    Ack {
        /// The number of the last received message.
        sequence_id: i64,
    },
    /// Type 9: announces the number of the next message, after a reconnect.
    Sequence {
        /// The number of the next message.
        sequence_id: i64,
    },
    /// An unknown type. Receivers ignore it. Do not send one to .NET's server: it would wait forever.
    Unknown {
        /// The type.
        kind: i64,
        /// The whole message: a MessagePack array or a JSON object.
        message: Value<'a>,
    },
}

impl Message<'_> {
    /// The name of the message type.
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

    /// The number of the message type.
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

    /// Whether stateful reconnect numbers messages of this type.
    pub const fn is_counted(&self) -> bool {
        matches!(self.kind(), 1..=5)
    }
}

/// Why a message cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum WriteError {
    /// The output buffer is full, or the message has 2 GiB or more.
    Full,
    /// The message contains a value of the other encoding.
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
            Self::Full => "the output buffer is full; use a larger one",
            Self::OtherEncoding => {
                "the message contains a value of the other encoding; decode and encode it again"
            }
        })
    }
}

impl core::error::Error for WriteError {}
