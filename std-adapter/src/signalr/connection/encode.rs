//! Encodes messages into frames.

use crate::signalr::{
    Buffer, CancelInvocation, Close, Completion, CompletionResult, Encoding, Invocation, Message, OwnedValue,
    RECORD_END, StreamIds, StreamInvocation, StreamItem, Text, ToArguments, ToValue, WriteError,
};
use crate::wire::Full;
use bytes::Bytes;
use lobbywire_core::signalr;

/// A call to encode.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OutgoingCall<'a> {
    pub(crate) target: &'a str,
    /// Without an id, the peer sends no completion.
    pub(crate) invocation_id: Option<&'a str>,
    pub(crate) stream_ids: &'a [Box<str>],
    /// Whether the call is answered with a stream; requires an id.
    pub(crate) is_stream: bool,
}

impl OutgoingCall<'_> {
    /// The frame of this call.
    pub(crate) fn frame(self, encoding: Encoding, arguments: &impl ToArguments) -> Result<Bytes, WriteError> {
        let arguments = arguments.to_arguments(encoding)?;
        let arguments = arguments.as_arguments();
        let ids: Vec<&str> = self.stream_ids.iter().map(|id| &**id).collect();
        let (headers, stream_ids) = (Default::default(), StreamIds::Listed(&ids));
        let target = Text::Plain(self.target);
        let message = match self.invocation_id {
            Some(id) if self.is_stream => {
                let invocation_id = Text::Plain(id);
                Message::StreamInvocation(StreamInvocation {
                    headers,
                    invocation_id,
                    target,
                    arguments,
                    stream_ids,
                })
            }
            id => {
                let invocation_id = id.map(Text::Plain);
                Message::Invocation(Invocation { headers, invocation_id, target, arguments, stream_ids })
            }
        };
        frame(&message, encoding)
    }
}

/// The frame of a message.
pub(crate) fn frame(message: &Message<'_>, encoding: Encoding) -> Result<Bytes, WriteError> {
    let mut out = Buffer::new();
    match message.write(&mut out, encoding) {
        Ok(()) => Ok(out.freeze()),
        Err(signalr::WriteError::OtherEncoding) => {
            Err(WriteError::OtherEncoding { what: "a value in another encoding", encoding })
        }
        Err(error) => Err(error.into()),
    }
}

/// The frame of a Completion.
pub(crate) fn completion(
    encoding: Encoding,
    id: &str,
    result: Result<Option<&OwnedValue>, &str>,
) -> Result<Bytes, WriteError> {
    let result = match result {
        Ok(Some(value)) => CompletionResult::Result(value.as_value()),
        Ok(None) => CompletionResult::Void,
        Err(text) => CompletionResult::Error(Text::Plain(text)),
    };
    let invocation_id = Text::Plain(id);
    frame(&Message::Completion(Completion { headers: Default::default(), invocation_id, result }), encoding)
}

/// The frame of a StreamItem.
pub(crate) fn stream_item(
    encoding: Encoding,
    id: &str,
    item: &(impl ToValue + ?Sized),
) -> Result<Bytes, WriteError> {
    let item = OwnedValue::of(item, encoding)?;
    let (headers, invocation_id) = (Default::default(), Text::Plain(id));
    let item = StreamItem { headers, invocation_id, item: item.as_value() };
    frame(&Message::StreamItem(item), encoding)
}

/// The frame of a CancelInvocation.
pub(crate) fn cancel_invocation(encoding: Encoding, id: &str) -> Result<Bytes, WriteError> {
    let cancel = CancelInvocation { headers: Default::default(), invocation_id: Text::Plain(id) };
    frame(&Message::CancelInvocation(cancel), encoding)
}

/// The frame of a Close. `None` if the error text is too long to encode.
pub(crate) fn close(encoding: Encoding, error: Option<&str>, allow_reconnect: bool) -> Option<Bytes> {
    frame(&Message::Close(Close { error: error.map(Text::Plain), allow_reconnect }), encoding).ok()
}

/// The record of a handshake.
pub(crate) fn handshake(write: impl FnOnce(&mut Buffer) -> Result<(), Full>) -> Bytes {
    let mut out = Buffer::new();
    // A `Buffer` grows as needed and is never full.
    let _ = write(&mut out);
    debug_assert!(out.as_slice().last() == Some(&RECORD_END));
    out.freeze()
}
