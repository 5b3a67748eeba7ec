//! The state of one end of a connection.

use super::invocations::{Invocations, StreamEvent, WindowPermit};
use super::mutex::lock;
use super::outbox::{Outbox, RETAINED_BYTES};
use super::sequence::ReceivedSequence;
use crate::signalr::{Encoding, SendError, WriteError};
use bytes::Bytes;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::{Notify, Semaphore, mpsc};

/// The receive window of a stateful connection: the most bytes that the application has not read yet.
///
/// Acknowledgements arrive between other messages, and may make the room that the reader of those messages
/// waits for. So a full channel must not stop the read loop: channels are unbounded, and our own
/// acknowledgements are delayed instead. A peer that follows the protocol has at most [`RETAINED_BYTES`]
/// unacknowledged and never fills this window.
const WINDOW: usize = 4 * RETAINED_BYTES;

/// The buffer sizes of one end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Buffers {
    /// Queued bytes above which sends wait.
    pub(crate) soft_limit: usize,
    /// Queued bytes above which messages are refused.
    pub(crate) hard_limit: usize,
    /// Items of one stream that may wait to be read.
    pub(crate) items: usize,
}

/// One end of a connection from its handshake to its end, whatever sockets carry it.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) encoding: Encoding,
    pub(crate) is_stateful: bool,
    pub(crate) outbox: Outbox,
    pub(super) invocations: Invocations,
    received: Mutex<ReceivedSequence>,
    stream_capacity: usize,
    window: Arc<Semaphore>,
    /// Notified when enough was received to send an acknowledgement early.
    pub(super) ack_requested: Notify,
}

impl Link {
    pub(crate) fn new(encoding: Encoding, is_stateful: bool, buffers: Buffers) -> Self {
        Self {
            encoding,
            is_stateful,
            outbox: Outbox::new(is_stateful, buffers.soft_limit, buffers.hard_limit),
            invocations: Invocations::new(),
            received: Mutex::new(ReceivedSequence::new(is_stateful)),
            stream_capacity: buffers.items,
            window: Arc::new(Semaphore::new(WINDOW)),
            ack_requested: Notify::new(),
        }
    }

    /// A channel for received messages. It is unbounded if the window bounds their bytes.
    pub(crate) fn channel<T>(&self, capacity: usize) -> (mpsc::Sender<T>, mpsc::Receiver<T>) {
        let capacity =
            if self.is_stateful { Semaphore::MAX_PERMITS } else { capacity.clamp(1, Semaphore::MAX_PERMITS) };
        mpsc::channel(capacity)
    }

    /// A channel for the items of one stream.
    pub(super) fn stream_channel(&self) -> (mpsc::Sender<StreamEvent>, mpsc::Receiver<StreamEvent>) {
        self.channel(self.stream_capacity)
    }

    /// Waits until the window has room for a received message. Always `None` without stateful reconnect.
    pub(super) async fn acquire_window(&self, frame: &Bytes) -> WindowPermit {
        if !self.is_stateful {
            return None;
        }
        let len = u32::try_from(frame.len().min(WINDOW)).unwrap_or(u32::MAX);
        self.window.clone().acquire_many_owned(len).await.ok()
    }

    /// Whether the application is so slow that acknowledgements are delayed, which stops the peer.
    pub(super) fn delays_acks(&self) -> bool {
        WINDOW.saturating_sub(self.window.available_permits()) > RETAINED_BYTES / 2
    }

    pub(super) fn received(&self) -> MutexGuard<'_, ReceivedSequence> {
        lock(&self.received)
    }

    /// Counts a received message. Returns `false` if it was received before and must be dropped.
    pub(super) fn count(&self, frame: &Bytes) -> bool {
        let (is_new, wants_ack) = self.received().count(frame.len());
        if wants_ack {
            self.ack_requested.notify_one();
        }
        is_new
    }

    /// Queues a frame, and waits while the queue is above its soft limit.
    pub(crate) async fn send(&self, frame: Result<Bytes, WriteError>) -> Result<(), SendError> {
        let frame = frame.map_err(SendError::Write)?;
        self.outbox.push(&frame).await.map_err(|_| SendError::Disconnected)
    }

    /// Fails all calls and streams that wait for messages of the peer.
    pub(crate) fn forget_all(&self) {
        self.invocations.forget_all();
    }
}
