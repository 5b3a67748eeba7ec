//! The receiving half of a socket.

use super::invocations::{Outcome, WindowPermit};
use super::link::Link;
use super::read_buffer::ReadBuffer;
use super::received_call::ReceivedCall;
use super::timers::{RESUME_TIMEOUT, Timers};
use super::transport::{Incoming, Received};
use crate::signalr::{CompletionResult, Encoding, FrameError, Message, OwnedValue};
use crate::wire::{Error, ErrorKind, Location};
use bytes::Bytes;
use futures_util::StreamExt;
use std::io;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, sleep_until};

/// What one end does with received messages.
pub(crate) trait Handler: Send {
    /// Handles a call. The permit is to be dropped when the application has read the call.
    fn call(&mut self, call: ReceivedCall, permit: WindowPermit) -> impl Future<Output = ()> + Send;
    /// Handles the cancellation of a stream that is sent to the peer.
    fn cancel(&mut self, id: &str) -> impl Future<Output = ()> + Send;
    /// Handles an item or a completion with an unknown id.
    fn unexpected(&mut self, kind: &'static str, id: &str) -> impl Future<Output = ()> + Send;
    /// Handles a malformed message. Returns `false` to end the connection.
    fn malformed(&mut self, error: FrameError) -> impl Future<Output = bool> + Send;
}

/// How a socket ended.
#[derive(Debug)]
pub(crate) enum End {
    /// The peer sent Close.
    Closed { error: Option<Box<str>>, allow_reconnect: bool },
    /// The peer closed the WebSocket without a Close message.
    Disconnected,
    /// The socket failed.
    Lost(io::Error),
    /// Nothing was received for too long.
    TimedOut,
    /// A malformed message ended the connection.
    Malformed(FrameError),
    /// This end closed the connection.
    Ended,
    /// The connection continues on another socket.
    Interrupted,
}

/// Reads and handles messages until the socket ends. `stop` is closed when the writing half has ended.
pub(super) async fn read(
    link: &Link,
    incoming: &mut Incoming,
    read_buffer: &mut ReadBuffer,
    timers: Timers,
    handler: &mut impl Handler,
    stop: &Semaphore,
    interrupt: impl Future<Output = ()>,
) -> End {
    tokio::pin!(interrupt);
    let mut has_timeout = !timers.waits_for_ping;
    loop {
        while let Some(next) = read_buffer.next() {
            if link.outbox.is_ended() {
                return End::Ended;
            }
            let index = read_buffer.last_index();
            let handled = async {
                match next {
                    Ok(frame) => {
                        let frame = with_valid_utf8(frame, link.encoding);
                        handle(link, &frame, index, handler, &mut has_timeout).await
                    }
                    Err(malformed) if handler.malformed(malformed).await => None,
                    Err(malformed) => Some(End::Malformed(malformed)),
                }
            };
            // A handler that waits for the application must not keep a closed connection alive.
            let end = tokio::select! {
                biased;
                end = handled => end,
                () = link.outbox.ended() => Some(End::Ended),
                () = given_up(link, stop) => {
                    link.outbox.abort();
                    Some(End::Ended)
                }
            };
            if let Some(end) = end {
                return end;
            }
        }
        // The timeout excludes the time that the application took: only then is the peer late.
        let deadline = Instant::now() + timers.timeout;
        let received = tokio::select! {
            biased;
            _ = stop.acquire() => return End::Ended,
            () = link.outbox.ended() => return End::Ended,
            () = &mut interrupt => return End::Interrupted,
            received = incoming.next() => received,
            () = sleep_until(deadline), if has_timeout => return End::TimedOut,
        };
        match received {
            Some(Received::Bytes(bytes)) => read_buffer.push(bytes),
            Some(Received::Closed) | None => return End::Disconnected,
            Some(Received::Lost(error)) => return End::Lost(error),
        }
    }
}

/// Replaces bytes of a JSON record that are not UTF-8 by escaped lone surrogates, which cannot be decoded either: as in
/// .NET, they are an error of the argument that contains them. Elsewhere the record is malformed, and is returned
/// unchanged.
fn with_valid_utf8(frame: Bytes, encoding: Encoding) -> Bytes {
    if encoding == Encoding::MessagePack || std::str::from_utf8(&frame).is_ok() {
        return frame;
    }
    let mut valid = String::new();
    for chunk in frame.utf8_chunks() {
        valid.push_str(chunk.valid());
        valid.extend(chunk.invalid().iter().map(|_| "\\udc80"));
    }
    if Message::read(valid.as_bytes(), encoding).is_ok() { valid.into() } else { frame }
}

/// Waits until the writing half has ended and, for a stateful connection, until it can no longer be resumed.
async fn given_up(link: &Link, stop: &Semaphore) {
    // The semaphore has no permits: this returns when it is closed.
    let _ = stop.acquire().await;
    if link.is_stateful {
        sleep(RESUME_TIMEOUT).await;
    }
}

/// What to do with a received message.
enum Action {
    Ignore,
    End(End),
    Call(ReceivedCall),
    Cancel(String),
    Item(String, OwnedValue),
    Completion(String, Outcome),
    Malformed(Error),
}

/// Handles one message. Returns how the socket ends, if it does.
async fn handle(
    link: &Link,
    frame: &Bytes,
    index: u64,
    handler: &mut impl Handler,
    has_timeout: &mut bool,
) -> Option<End> {
    // The message borrows from the frame and is not held across an await.
    let action = action(link, frame, index, has_timeout);
    let permit = match action {
        Action::Call(_) | Action::Item(..) => link.acquire_window(frame).await,
        _ => None,
    };
    match action {
        Action::Ignore => {}
        Action::End(end) => return Some(end),
        Action::Call(call) => handler.call(call, permit).await,
        Action::Cancel(id) => handler.cancel(&id).await,
        Action::Item(id, item) => {
            if !link.invocations.deliver(&id, item, permit).await {
                handler.unexpected("StreamItem", &id).await;
            }
        }
        Action::Completion(id, outcome) => {
            if !link.invocations.complete(&id, outcome).await {
                handler.unexpected("Completion", &id).await;
            }
        }
        Action::Malformed(error) => {
            let explained = Message::explain(frame, link.encoding);
            let location = explained.map(|explained| explained.location).unwrap_or_default();
            let malformed = FrameError { index, error, location, is_last: false };
            // With stateful reconnect it is unknown whether the message counts, so later acknowledgements
            // would be wrong.
            if link.is_stateful || !handler.malformed(malformed).await {
                return Some(End::Malformed(malformed));
            }
        }
    }
    None
}

fn action(link: &Link, frame: &Bytes, index: u64, has_timeout: &mut bool) -> Action {
    let message = match Message::read(frame, link.encoding) {
        Ok(message) => message,
        Err(error) => return Action::Malformed(error),
    };
    if message.is_counted() && !link.count(frame) {
        return Action::Ignore;
    }
    match message {
        Message::Ping => {
            *has_timeout = true;
            Action::Ignore
        }
        Message::Close(close) => {
            let error = close.error.map(|error| error.to_string().into());
            Action::End(End::Closed { error, allow_reconnect: close.allow_reconnect })
        }
        Message::Ack { sequence_id } => {
            link.outbox.acknowledge(sequence_id);
            Action::Ignore
        }
        Message::Sequence { sequence_id } if link.received().start_at(sequence_id) => Action::Ignore,
        Message::Sequence { .. } => {
            let error = Error::new(ErrorKind::OutOfRange, 0);
            let location = Location { record: "Sequence", field: "sequence_id" };
            Action::End(End::Malformed(FrameError { index, error, location, is_last: true }))
        }
        Message::StreamItem(item) => {
            Action::Item(item.invocation_id.to_string(), OwnedValue::shared(item.item, frame))
        }
        Message::Completion(completion) => {
            let outcome = match completion.result {
                CompletionResult::Void => Outcome::Void,
                CompletionResult::Result(value) => Outcome::Value(OwnedValue::shared(value, frame)),
                CompletionResult::Error(text) => Outcome::Error(text.to_string().into()),
            };
            Action::Completion(completion.invocation_id.to_string(), outcome)
        }
        Message::CancelInvocation(cancel) => Action::Cancel(cancel.invocation_id.to_string()),
        // Unknown types are ignored.
        message => ReceivedCall::new(&message, frame, link.encoding).map_or(Action::Ignore, Action::Call),
    }
}
