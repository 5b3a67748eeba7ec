//! The calls and streams that wait for messages of the peer.

use super::mutex::lock;
use crate::signalr::{CallError, FromValue, OwnedValue};
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

/// A share of the receive window, held until the application has read the message.
pub(crate) type WindowPermit = Option<OwnedSemaphorePermit>;

/// An item, or the end of a stream. A channel that closes without an end means that the connection was lost.
pub(crate) type StreamEvent = Result<Option<(OwnedValue, WindowPermit)>, CallError>;

type ItemSender = mpsc::Sender<StreamEvent>;

/// The content of a Completion.
#[derive(Debug)]
pub(crate) enum Outcome {
    Void,
    Value(OwnedValue),
    Error(Box<str>),
}

impl Outcome {
    pub(crate) fn read<T: FromValue>(self) -> Result<T, CallError> {
        match self {
            Self::Void => Ok(T::from_void()?),
            Self::Value(value) => Ok(value.read()?),
            Self::Error(text) => Err(CallError::Remote(text)),
        }
    }
}

/// The receiver of messages with an id of ours.
#[derive(Debug)]
enum Receiver {
    Result(oneshot::Sender<Outcome>),
    Items(ItemSender),
}

/// The calls of one end that are not complete, and the streams that its peer uploads.
#[derive(Debug)]
pub(super) struct Invocations {
    /// Calls of ours.
    calls: Mutex<HashMap<Box<str>, Receiver>>,
    /// Streams that belong to calls of the peer.
    uploads: Mutex<HashMap<Box<str>, ItemSender>>,
    next_id: AtomicU64,
}

impl Invocations {
    pub(super) fn new() -> Self {
        Self { calls: Mutex::default(), uploads: Mutex::default(), next_id: AtomicU64::new(1) }
    }

    /// An id that is unique in this connection.
    pub(super) fn next_id(&self) -> Box<str> {
        self.next_id.fetch_add(1, Ordering::Relaxed).to_string().into()
    }

    pub(super) fn expect_result(&self, id: &str) -> oneshot::Receiver<Outcome> {
        let (sender, outcome) = oneshot::channel();
        lock(&self.calls).insert(id.into(), Receiver::Result(sender));
        outcome
    }

    pub(super) fn expect_stream(&self, id: &str, items: ItemSender) {
        lock(&self.calls).insert(id.into(), Receiver::Items(items));
    }

    /// Registers a stream of the peer. Returns `false` if the id is in use, or `limit` streams are open.
    pub(super) fn expect_upload(&self, id: &str, limit: usize, items: ItemSender) -> bool {
        let mut uploads = lock(&self.uploads);
        let is_free = uploads.len() < limit && !uploads.contains_key(id);
        if is_free {
            uploads.insert(id.into(), items);
        }
        is_free
    }

    /// Forgets a call of ours. Returns whether it was a stream that had not ended.
    pub(super) fn forget_call(&self, id: &str) -> bool {
        matches!(lock(&self.calls).remove(id), Some(Receiver::Items(_)))
    }

    pub(super) fn forget_upload(&self, id: &str) {
        lock(&self.uploads).remove(id);
    }

    /// Forgets everything, which ends all receivers with [`CallError::Disconnected`].
    pub(super) fn forget_all(&self) {
        lock(&self.calls).clear();
        lock(&self.uploads).clear();
    }

    /// Delivers a Completion: of a call of ours, or of a stream that the peer uploads. Returns `false` if the
    /// id is unknown.
    pub(super) async fn complete(&self, id: &str, outcome: Outcome) -> bool {
        let receiver = lock(&self.calls).remove(id);
        let items = match receiver {
            Some(Receiver::Result(receiver)) => {
                // The caller may have dropped the future.
                let _ = receiver.send(outcome);
                return true;
            }
            Some(Receiver::Items(items)) => Some(items),
            None => lock(&self.uploads).remove(id),
        };
        let Some(items) = items else { return false };
        let end = match outcome {
            Outcome::Error(text) => Err(CallError::Remote(text)),
            Outcome::Void | Outcome::Value(_) => Ok(None),
        };
        let _ = items.send(end).await;
        true
    }

    /// Delivers a StreamItem, and waits until its channel has room. Returns `false` if the id is unknown.
    pub(super) async fn deliver(&self, id: &str, item: OwnedValue, permit: WindowPermit) -> bool {
        let items = match lock(&self.calls).get(id) {
            Some(Receiver::Items(items)) => Some(items.clone()),
            _ => None,
        };
        let Some(items) = items.or_else(|| lock(&self.uploads).get(id).cloned()) else { return false };
        // An error means that the receiver was dropped.
        let _ = items.send(Ok(Some((item, permit)))).await;
        true
    }
}
