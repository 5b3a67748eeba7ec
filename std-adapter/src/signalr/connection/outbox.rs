//! The send queue, which also retains sent messages until they are acknowledged.

use super::mutex::lock;
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};
use tokio::sync::Notify;

/// The most unacknowledged bytes that an end retains before sends wait, with stateful reconnect.
pub(super) const RETAINED_BYTES: usize = 100_000;

/// The send queue of one end. With stateful reconnect, messages are numbered from 1 and retained until the peer
/// acknowledges them.
#[derive(Debug)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    /// Notified when there is something to write.
    work: Notify,
    /// Notified when there is room, and when the queue closes.
    room: Notify,
}

#[derive(Debug)]
struct State {
    /// The retained messages, then the queued ones.
    frames: VecDeque<Bytes>,
    /// The bytes of all `frames`.
    bytes: usize,
    /// How many of `frames` were written to the current socket.
    written: usize,
    /// The number of the first of `frames`.
    first: i64,
    /// The highest number that was ever written.
    highest: i64,
    is_stateful: bool,
    /// Sends wait above this many bytes.
    soft_limit: usize,
    /// Messages are refused above this many bytes.
    hard_limit: usize,
    /// The last message to write.
    close: Option<Bytes>,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Messages are accepted.
    Open,
    /// Queued messages are written, but no more are accepted.
    Ending,
    /// Nothing is accepted or written.
    Closed,
}

/// Why a message was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PushError {
    /// The queue is above its hard limit.
    Full,
    /// The connection is closing or closed.
    Closed,
}

/// What to write next.
#[derive(Debug)]
pub(super) enum Next {
    Frame(Bytes),
    /// The last message, if any. Then the socket is closed.
    End(Option<Bytes>),
    /// Nothing: the connection was aborted.
    Closed,
}

impl Outbox {
    pub(super) fn new(is_stateful: bool, soft_limit: usize, hard_limit: usize) -> Self {
        let soft_limit = if is_stateful { soft_limit.min(RETAINED_BYTES) } else { soft_limit };
        Self {
            state: Mutex::new(State {
                frames: VecDeque::new(),
                bytes: 0,
                written: 0,
                first: 1,
                highest: 0,
                is_stateful,
                soft_limit,
                hard_limit: hard_limit.max(soft_limit),
                close: None,
                phase: Phase::Open,
            }),
            work: Notify::new(),
            room: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn push_below(&self, limit: impl Fn(&State) -> usize, frame: &Bytes) -> Result<(), PushError> {
        let mut state = self.state();
        if state.phase != Phase::Open {
            return Err(PushError::Closed);
        }
        // An empty queue accepts a message of any size.
        if !state.frames.is_empty() && state.bytes.saturating_add(frame.len()) > limit(&state) {
            return Err(PushError::Full);
        }
        state.bytes = state.bytes.saturating_add(frame.len());
        state.frames.push_back(frame.clone());
        drop(state);
        self.work.notify_one();
        Ok(())
    }

    /// Queues a message without waiting, up to the hard limit.
    pub(crate) fn try_push(&self, frame: &Bytes) -> Result<(), PushError> {
        self.push_below(|state| state.hard_limit, frame)
    }

    /// Queues a message, and waits while the queue is above its soft limit. Never returns [`PushError::Full`].
    pub(super) async fn push(&self, frame: &Bytes) -> Result<(), PushError> {
        loop {
            let room = self.room.notified();
            tokio::pin!(room);
            // Notifications from here on are not missed.
            room.as_mut().enable();
            match self.push_below(|state| state.soft_limit, frame) {
                Err(PushError::Full) => room.await,
                done => return done,
            }
        }
    }

    /// Waits for the next message to write. Cancel-safe: a message leaves the queue only when it is returned.
    pub(super) async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.try_next() {
                return next;
            }
            self.work.notified().await;
        }
    }

    /// The next message, if one is queued. Never takes the last message or the end.
    pub(super) fn try_next_frame(&self) -> Option<Bytes> {
        let state = self.state();
        let is_queued = state.phase != Phase::Closed && state.frames.len() > state.written;
        drop(state);
        match is_queued.then(|| self.try_next())?? {
            Next::Frame(frame) => Some(frame),
            // There is only one writer, so the message cannot have been taken in between.
            Next::End(_) | Next::Closed => None,
        }
    }

    fn try_next(&self) -> Option<Next> {
        let mut state = self.state();
        if state.phase == Phase::Closed {
            return Some(Next::Closed);
        }
        let index = state.written;
        if let Some(frame) = state.frames.get(index).cloned() {
            if state.is_stateful {
                state.written += 1;
                let number = state.first.saturating_add(i64::try_from(index).unwrap_or(i64::MAX));
                state.highest = state.highest.max(number);
            } else {
                state.drop_first();
                drop(state);
                self.room.notify_waiters();
            }
            return Some(Next::Frame(frame));
        }
        (state.phase == Phase::Ending).then(|| Next::End(state.close.take()))
    }

    /// Releases messages up to this number, which the peer has acknowledged.
    pub(super) fn acknowledge(&self, number: i64) {
        let mut state = self.state();
        if !state.is_stateful {
            return;
        }
        // The peer cannot have received messages that were never written.
        let number = number.min(state.highest);
        while state.first <= number && !state.frames.is_empty() {
            state.drop_first();
        }
        drop(state);
        self.room.notify_waiters();
    }

    /// Continues on a new socket: all unacknowledged messages are written again. Returns the number of the
    /// first of them.
    pub(super) fn rewind(&self) -> i64 {
        let mut state = self.state();
        state.written = 0;
        let first = state.first;
        drop(state);
        self.work.notify_one();
        first
    }

    /// Accepts no more messages. Queued messages are still written, then `close`.
    pub(crate) fn end(&self, close: Option<Bytes>) {
        let mut state = self.state();
        if state.phase == Phase::Open {
            state.phase = Phase::Ending;
            state.close = close;
        }
        drop(state);
        self.work.notify_one();
        self.room.notify_waiters();
    }

    /// Closes the queue and drops all messages.
    pub(crate) fn abort(&self) {
        let mut state = self.state();
        state.phase = Phase::Closed;
        state.frames.clear();
        state.bytes = 0;
        drop(state);
        self.work.notify_one();
        self.room.notify_waiters();
    }

    /// Whether messages are no longer accepted.
    pub(crate) fn is_ended(&self) -> bool {
        self.state().phase != Phase::Open
    }

    /// Whether nothing is written any more.
    pub(super) fn is_closed(&self) -> bool {
        self.state().phase == Phase::Closed
    }

    /// Waits until messages are no longer accepted.
    pub(crate) async fn ended(&self) {
        loop {
            let room = self.room.notified();
            tokio::pin!(room);
            room.as_mut().enable();
            if self.is_ended() {
                return;
            }
            room.await;
        }
    }
}

impl State {
    fn drop_first(&mut self) {
        if let Some(frame) = self.frames.pop_front() {
            self.bytes = self.bytes.saturating_sub(frame.len());
            self.first = self.first.saturating_add(1);
            self.written = self.written.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn frame(byte: u8) -> Bytes {
        Bytes::copy_from_slice(&[byte; 10])
    }

    fn written(outbox: &Outbox) -> Vec<u8> {
        std::iter::from_fn(|| match outbox.try_next() {
            Some(Next::Frame(frame)) => Some(frame[0]),
            _ => None,
        })
        .collect()
    }

    #[test]
    fn unacknowledged_messages_are_written_again() {
        let outbox = Outbox::new(true, 1000, 1000);
        for byte in 1..=5 {
            outbox.try_push(&frame(byte)).unwrap();
        }
        assert_eq!(written(&outbox), [1, 2, 3, 4, 5]);
        outbox.acknowledge(2);
        assert_eq!(outbox.rewind(), 3);
        outbox.try_push(&frame(6)).unwrap();
        // An acknowledgement may arrive after the next socket is open.
        outbox.acknowledge(3);
        assert_eq!(written(&outbox), [4, 5, 6]);
        // Messages that were never written cannot be acknowledged.
        outbox.try_push(&frame(7)).unwrap();
        outbox.acknowledge(i64::MAX);
        assert_eq!(outbox.rewind(), 7);
        assert_eq!(written(&outbox), [7]);
        outbox.acknowledge(7);
        assert_eq!(outbox.rewind(), 8);
    }

    #[tokio::test]
    async fn sends_wait_above_the_soft_limit_and_fail_when_closed() {
        let outbox = Outbox::new(true, 25, 40);
        outbox.push(&frame(1)).await.unwrap();
        outbox.push(&frame(2)).await.unwrap();
        let third = frame(3);
        let mut waiting = Box::pin(outbox.push(&third));
        assert_eq!(waiting.as_mut().now_or_never(), None);
        assert_eq!(written(&outbox), [1, 2]);
        assert_eq!(waiting.as_mut().now_or_never(), None);
        outbox.acknowledge(1);
        assert_eq!(waiting.await, Ok(()));
        assert_eq!(outbox.try_push(&frame(4)), Ok(()));
        outbox.try_push(&frame(5)).unwrap();
        assert_eq!(outbox.try_push(&frame(6)), Err(PushError::Full));
        let mut waiting = Box::pin(outbox.push(&third));
        assert_eq!(waiting.as_mut().now_or_never(), None);
        outbox.abort();
        assert_eq!(waiting.await, Err(PushError::Closed));
        assert!(matches!(outbox.next().await, Next::Closed));
    }
}
