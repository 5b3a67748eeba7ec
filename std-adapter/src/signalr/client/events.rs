//! What a client receives from its hub.

use crate::signalr::connection::encode;
use crate::signalr::connection::invocations::WindowPermit;
use crate::signalr::connection::link::Link;
use crate::signalr::connection::received_call::ReceivedCall;
use crate::signalr::connection::{End, Handler};
use crate::signalr::{FrameError, OwnedValue, SendError, ToValue};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Why a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// This client closed it.
    Local,
    /// The server closed it.
    Remote {
        /// The error of the server, if any.
        error: Option<Box<str>>,
        /// Whether the client may reconnect automatically.
        allow_reconnect: bool,
    },
    /// The socket failed, with this text.
    Lost(Box<str>),
    /// Nothing was received for longer than the server timeout.
    TimedOut,
    /// A message is malformed, and the start of the next one is unknown.
    Malformed(FrameError),
}

impl CloseReason {
    pub(super) fn new(end: End) -> Self {
        match end {
            End::Closed { error, allow_reconnect } => Self::Remote { error, allow_reconnect },
            End::Disconnected => Self::Remote { error: None, allow_reconnect: true },
            End::Lost(error) => Self::Lost(error.to_string().into()),
            End::TimedOut => Self::TimedOut,
            End::Malformed(malformed) => Self::Malformed(malformed),
            End::Ended | End::Interrupted => Self::Local,
        }
    }

    pub(super) fn allows_reconnect(&self) -> bool {
        match self {
            Self::Local => false,
            Self::Remote { allow_reconnect, .. } => *allow_reconnect,
            Self::Lost(_) | Self::TimedOut | Self::Malformed(_) => true,
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("this client closed the connection"),
            Self::Remote { error: Some(error), .. } => write!(f, "the server closed the connection: {error}"),
            Self::Remote { error: None, .. } => f.write_str("the server closed the connection"),
            Self::Lost(error) => write!(f, "the connection was lost: {error}"),
            Self::TimedOut => f.write_str("the server sent nothing within the server timeout"),
            Self::Malformed(malformed) => write!(f, "the server sent malformed data: {malformed}"),
        }
    }
}

/// What a client receives from its hub, other than results and items.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The server calls a method of this client. A malformed argument is an error of [`ReceivedCall::read`], and affects
    /// only this call.
    Call(IncomingCall),
    /// A message is malformed and was skipped.
    Malformed(FrameError),
    /// An item or completion has an unknown id, as after a call was dropped.
    Unexpected {
        /// The type of the message: `StreamItem` or `Completion`.
        kind: &'static str,
        /// The id of the message.
        invocation_id: String,
    },
    /// The socket broke. The client opens another one for the same connection; no messages are lost.
    Resuming,
    /// The connection continues on another socket.
    Resumed,
    /// The connection was lost. The client opens another one; calls that were not complete have failed.
    Reconnecting(CloseReason),
    /// The client has another connection.
    Reconnected {
        /// The server's id of the connection; `None` without negotiation.
        connection_id: Option<String>,
    },
    /// The connection ended. This is the last event.
    Closed(CloseReason),
}

/// A received call of the server.
///
/// If the server waits for a result and this is dropped without [`reply`](Self::reply) or
/// [`fail`](Self::fail), the call fails with an error.
#[derive(Debug)]
pub struct IncomingCall {
    call: ReceivedCall,
    link: Arc<Link>,
    is_answered: bool,
}

impl Deref for IncomingCall {
    type Target = ReceivedCall;

    fn deref(&self) -> &ReceivedCall {
        &self.call
    }
}

impl IncomingCall {
    fn new(call: ReceivedCall, link: Arc<Link>) -> Self {
        Self { call, link, is_answered: false }
    }

    /// Whether the server waits for a result.
    pub fn expects_result(&self) -> bool {
        self.call.invocation_id().is_some()
    }

    /// Sends the result. Does nothing if the server does not wait for one.
    ///
    /// # Errors
    /// [`SendError`]
    pub async fn reply(mut self, result: &(impl ToValue + ?Sized)) -> Result<(), SendError> {
        let Some(id) = self.call.invocation_id() else { return Ok(()) };
        let result = OwnedValue::of(result, self.link.encoding).map_err(SendError::Write)?;
        let frame = encode::completion(self.link.encoding, id, Ok(Some(&result)));
        self.is_answered = true;
        self.link.send(frame).await
    }

    /// Fails the call. Does nothing if the server does not wait for a result.
    ///
    /// # Errors
    /// [`SendError`]
    pub async fn fail(mut self, error: &str) -> Result<(), SendError> {
        let Some(id) = self.call.invocation_id() else { return Ok(()) };
        let frame = encode::completion(self.link.encoding, id, Err(error));
        self.is_answered = true;
        self.link.send(frame).await
    }
}

impl Drop for IncomingCall {
    fn drop(&mut self) {
        if let Some(id) = self.call.invocation_id().filter(|_| !self.is_answered) {
            let text = format!("The client did not answer '{}'.", self.call.target());
            if let Ok(frame) = encode::completion(self.link.encoding, id, Err(&text)) {
                // On a closed connection the call has failed already.
                let _ = self.link.outbox.try_push(&frame);
            }
        }
    }
}

pub(super) type EventSender = mpsc::Sender<(Event, WindowPermit)>;

/// The events of a connection, in order.
///
/// Read them in a task that does not wait for results of the server: once
/// [`event_buffer_capacity`](super::ClientOptions::event_buffer_capacity) events are unread, the connection
/// is no longer read, and results do not arrive either. Drop this to ignore events; calls that expect a
/// result then fail.
#[derive(Debug)]
pub struct Events(mpsc::Receiver<(Event, WindowPermit)>);

impl Events {
    pub(super) fn new(events: mpsc::Receiver<(Event, WindowPermit)>) -> Self {
        Self(events)
    }

    /// The next event; `None` after [`Event::Closed`]. Cancel-safe.
    pub async fn next(&mut self) -> Option<Event> {
        self.0.recv().await.map(|(event, _)| event)
    }

    /// The next call. Skips other events. `None` when the connection has ended.
    pub async fn next_call(&mut self) -> Option<IncomingCall> {
        loop {
            if let Event::Call(call) = self.next().await? {
                return Some(call);
            }
        }
    }
}

/// Turns received messages into events.
pub(super) struct EventHandler {
    pub(super) link: Arc<Link>,
    pub(super) events: EventSender,
}

impl Handler for EventHandler {
    async fn call(&mut self, call: ReceivedCall, permit: WindowPermit) {
        // If `Events` was dropped, the call is dropped, which answers it.
        let _ = self.events.send((Event::Call(IncomingCall::new(call, self.link.clone())), permit)).await;
    }

    async fn cancel(&mut self, _: &str) {}

    async fn unexpected(&mut self, kind: &'static str, id: &str) {
        let _ = self.events.send((Event::Unexpected { kind, invocation_id: id.into() }, None)).await;
    }

    async fn malformed(&mut self, malformed: FrameError) -> bool {
        let _ = self.events.send((Event::Malformed(malformed), None)).await;
        !malformed.is_last
    }
}
