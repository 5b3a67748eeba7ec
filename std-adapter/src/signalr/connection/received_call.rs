//! Received calls.

use crate::signalr::{Arguments, DecodeError, Encoding, FromArguments, FromCall, Message};
use bytes::Bytes;
use std::fmt;

/// A received call. Its arguments are decoded on request.
#[derive(Clone)]
pub struct ReceivedCall {
    encoding: Encoding,
    frame: Bytes,
    target: Box<str>,
    invocation_id: Option<Box<str>>,
    stream_ids: Vec<Box<str>>,
    is_stream: bool,
}

impl ReceivedCall {
    /// `None` if the message is not a call. `frame` is the frame it was read from.
    pub(super) fn new(message: &Message<'_>, frame: &Bytes, encoding: Encoding) -> Option<Self> {
        let (target, invocation_id, stream_ids, is_stream) = match message {
            Message::Invocation(call) => (call.target, call.invocation_id, call.stream_ids, false),
            Message::StreamInvocation(call) => (call.target, Some(call.invocation_id), call.stream_ids, true),
            _ => return None,
        };
        Some(Self {
            encoding,
            frame: frame.clone(),
            target: target.to_string().into(),
            invocation_id: invocation_id.map(|id| id.to_string().into()),
            stream_ids: stream_ids.iter().map(|id| id.to_string().into()).collect(),
            is_stream,
        })
    }

    /// The name of the method, as the peer wrote it.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Whether the call is for this method. Case is ignored, as in .NET, whose clients may call `rollDice` what the hub
    /// names `RollDice`.
    pub fn has_target(&self, method: &str) -> bool {
        self.target.eq_ignore_ascii_case(method)
    }

    /// The id of the completion. `None` if the peer expects no completion.
    pub fn invocation_id(&self) -> Option<&str> {
        self.invocation_id.as_deref()
    }

    /// Whether the peer expects a stream of items.
    pub fn is_stream(&self) -> bool {
        self.is_stream
    }

    /// The ids of the streams that the caller uploads with this call.
    pub fn stream_ids(&self) -> impl ExactSizeIterator<Item = &str> {
        self.stream_ids.iter().map(|id| &**id)
    }

    /// The encoding of the call.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The received frame.
    pub fn frame(&self) -> &Bytes {
        &self.frame
    }

    /// The encoded arguments.
    pub fn arguments(&self) -> Arguments<'_> {
        match Message::read(&self.frame, self.encoding) {
            Ok(Message::Invocation(call)) => call.arguments,
            Ok(Message::StreamInvocation(call)) => call.arguments,
            // Unreachable: the constructor received a call that was read from this frame.
            _ => Arguments::of_messagepack(0, &[]),
        }
    }

    /// Decodes the arguments.
    ///
    /// # Errors
    /// [`DecodeError`]
    pub fn read<T: FromArguments>(&self) -> Result<T, DecodeError> {
        T::from_arguments(self.arguments())
    }

    /// Decodes the method and its arguments.
    ///
    /// # Errors
    /// [`DecodeError`]
    pub fn read_call<T: FromCall>(&self) -> Result<T, DecodeError> {
        T::from_call(&self.target, self.arguments())
    }
}

impl fmt::Debug for ReceivedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedCall")
            .field("target", &self.target)
            .field("invocation_id", &self.invocation_id)
            .field("arguments", &self.arguments())
            .field("stream_ids", &self.stream_ids)
            .field("is_stream", &self.is_stream)
            .finish()
    }
}
