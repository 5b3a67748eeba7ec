//! What waits to be sent, and what was sent and not acknowledged: both ends of stateful reconnect.

use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The most bytes that a side keeps unacknowledged before its senders wait.
pub(super) const KEPT: usize = 100_000;

/// The messages that one side sends, numbered from 1 where the connection may be resumed.
#[derive(Debug)]
pub(super) struct Outbox {
    state: Mutex<State>,
    /// Told that there is something to write.
    work: Notify,
    /// Told that there is room, or that it is over.
    room: Notify,
}

#[derive(Debug)]
struct State {
    /// Counted messages: those that are kept, then those that wait.
    frames: VecDeque<Bytes>,
    /// The bytes in there.
    bytes: usize,
    /// How many of them were written to the socket that is open.
    written: usize,
    /// The number of the first of them.
    first: i64,
    /// The highest number that was ever written.
    highest: i64,
    is_stateful: bool,
    /// Where senders wait.
    soft_limit: usize,
    /// What nothing goes beyond.
    hard_limit: usize,
    /// The last message, behind all others.
    close: Option<Bytes>,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Messages are taken.
    Open,
    /// What waits is written, and then it is over.
    Ending,
    /// Nothing is taken or written any more.
    Over,
}

/// Why a message is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// There is no room.
    Full,
    /// The connection is over.
    Over,
}

/// What the writer does next.
#[derive(Debug)]
pub(super) enum Next {
    /// Writes this.
    Frame(Bytes),
    /// Writes this as the last, if anything, and closes.
    End(Option<Bytes>),
    /// Nothing any more.
    Over,
}

impl Outbox {
    pub(super) fn new(is_stateful: bool, soft_limit: usize, hard_limit: usize) -> Self {
        let soft_limit = if is_stateful { soft_limit.min(KEPT) } else { soft_limit };
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
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push_below(&self, limit: impl Fn(&State) -> usize, frame: &Bytes) -> Result<(), Refused> {
        let mut state = self.state();
        if state.phase != Phase::Open {
            return Err(Refused::Over);
        }
        // A message that is above the limit by itself goes alone.
        if !state.frames.is_empty() && state.bytes.saturating_add(frame.len()) > limit(&state) {
            return Err(Refused::Full);
        }
        state.bytes = state.bytes.saturating_add(frame.len());
        state.frames.push_back(frame.clone());
        drop(state);
        self.work.notify_one();
        Ok(())
    }

    /// Takes a message at once, up to the hard limit.
    pub(super) fn try_push(&self, frame: &Bytes) -> Result<(), Refused> {
        self.push_below(|state| state.hard_limit, frame)
    }

    /// Takes a message once there is room; an error where it is over.
    pub(super) async fn push(&self, frame: &Bytes) -> Result<(), Refused> {
        loop {
            let room = self.room.notified();
            tokio::pin!(room);
            // From here on nothing is missed.
            room.as_mut().enable();
            match self.push_below(|state| state.soft_limit, frame) {
                Err(Refused::Full) => room.await,
                done => return done,
            }
        }
    }

    /// What is to be written. May be dropped at any time: it takes what it gives, and only then.
    pub(super) async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.try_next() {
                return next;
            }
            self.work.notified().await;
        }
    }

    /// The next message, where one waits.
    pub(super) fn try_next_frame(&self) -> Option<Bytes> {
        let state = self.state();
        let waits = state.phase != Phase::Over && state.frames.len() > state.written;
        drop(state);
        match waits.then(|| self.try_next())?? {
            Next::Frame(frame) => Some(frame),
            // There is one writer only.
            Next::End(_) | Next::Over => None,
        }
    }

    fn try_next(&self) -> Option<Next> {
        let mut state = self.state();
        if state.phase == Phase::Over {
            return Some(Next::Over);
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

    /// The peer has all messages up to this one.
    pub(super) fn acknowledged(&self, number: i64) {
        let mut state = self.state();
        if !state.is_stateful {
            return;
        }
        // What was never written can't have come.
        let number = number.min(state.highest);
        while state.first <= number && !state.frames.is_empty() {
            state.drop_first();
        }
        drop(state);
        self.room.notify_waiters();
    }

    /// A new socket: everything that was not acknowledged is written again. Gives the number of the first message
    /// that will come.
    pub(super) fn rewind(&self) -> i64 {
        let mut state = self.state();
        state.written = 0;
        drop(state);
        self.work.notify_one();
        self.state().first
    }

    /// Takes no more; what waits is written, and behind it this.
    pub(super) fn end(&self, close: Option<Bytes>) {
        let mut state = self.state();
        if state.phase == Phase::Open {
            state.phase = Phase::Ending;
            state.close = close;
        }
        drop(state);
        self.work.notify_one();
        self.room.notify_waiters();
    }

    /// It is over at once.
    pub(super) fn abort(&self) {
        let mut state = self.state();
        state.phase = Phase::Over;
        state.frames.clear();
        state.bytes = 0;
        drop(state);
        self.work.notify_one();
        self.room.notify_waiters();
    }

    /// Whether nothing is taken any more.
    pub(super) fn is_ended(&self) -> bool {
        self.state().phase != Phase::Open
    }

    /// Whether nothing is written any more.
    pub(super) fn is_over(&self) -> bool {
        self.state().phase == Phase::Over
    }

    /// Waits until nothing is taken any more.
    pub(super) async fn ended(&self) {
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

/// Which numbered messages have come.
#[derive(Debug)]
pub(super) struct Counted {
    is_stateful: bool,
    /// The number of the next one.
    next: i64,
    /// The highest number that was taken.
    highest: i64,
    /// The highest number that was acknowledged.
    acknowledged: i64,
    /// How many bytes have come since.
    bytes: usize,
    /// Whether the new socket has not yet said where it starts.
    waits: bool,
}

impl Counted {
    pub(super) fn new(is_stateful: bool) -> Self {
        Self { is_stateful, next: 1, highest: 0, acknowledged: 0, bytes: 0, waits: false }
    }

    /// Counts a message of so many bytes: whether it is new, or has come before and is to be dropped; and whether
    /// that much has come since the last acknowledgement that another one should not wait for its time.
    pub(super) fn take(&mut self, bytes: usize) -> (bool, bool) {
        if !self.is_stateful {
            return (true, false);
        }
        if self.waits {
            return (false, false);
        }
        let number = self.next;
        self.next = self.next.saturating_add(1);
        let is_new = number > self.highest;
        self.highest = self.highest.max(number);
        self.bytes = self.bytes.saturating_add(bytes);
        (is_new, self.bytes >= KEPT / 4)
    }

    /// The peer says what it sends next; `false` where messages are missing.
    pub(super) fn starts_with(&mut self, number: i64) -> bool {
        if !self.is_stateful {
            return true;
        }
        if number > self.highest.saturating_add(1) || number < 1 {
            return false;
        }
        self.waits = false;
        self.next = number;
        true
    }

    /// Nothing counts before the peer has said what it sends.
    pub(super) fn resume(&mut self) {
        self.waits = true;
    }

    /// The number to acknowledge, if that is news.
    pub(super) fn take_news(&mut self) -> Option<i64> {
        (self.is_stateful && self.highest > self.acknowledged).then(|| {
            self.acknowledged = self.highest;
            self.bytes = 0;
            self.highest
        })
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
    fn what_was_not_acknowledged_is_written_again() {
        let outbox = Outbox::new(true, 1000, 1000);
        for byte in 1..=5 {
            outbox.try_push(&frame(byte)).unwrap();
        }
        assert_eq!(written(&outbox), [1, 2, 3, 4, 5]);
        outbox.acknowledged(2);
        assert_eq!(outbox.rewind(), 3);
        outbox.try_push(&frame(6)).unwrap();
        // Also one that comes when the next socket is open already.
        outbox.acknowledged(3);
        assert_eq!(written(&outbox), [4, 5, 6]);
        // Nobody has what was never written.
        outbox.try_push(&frame(7)).unwrap();
        outbox.acknowledged(i64::MAX);
        assert_eq!(outbox.rewind(), 7);
        assert_eq!(written(&outbox), [7]);
        outbox.acknowledged(7);
        assert_eq!(outbox.rewind(), 8);
    }

    #[test]
    fn messages_count_once() {
        let mut counted = Counted::new(true);
        assert!((0..5).all(|_| counted.take(1).0));
        assert_eq!((counted.take_news(), counted.take_news()), (Some(5), None));
        assert_eq!(counted.take(KEPT / 4), (true, true));
        assert_eq!((counted.take_news(), counted.take(1)), (Some(6), (true, false)));
        counted = Counted::new(true);
        assert!((0..5).all(|_| counted.take(1).0));
        assert_eq!(counted.take_news(), Some(5));
        counted.resume();
        assert!(!counted.take(1).0);
        assert!(counted.starts_with(4));
        assert_eq!([counted.take(1).0, counted.take(1).0, counted.take(1).0], [false, false, true]);
        assert_eq!(counted.take_news(), Some(6));
        // Lost again while the same comes once more.
        counted.resume();
        assert!(counted.starts_with(2) && !counted.take(1).0);
        counted.resume();
        assert!(counted.starts_with(7) && counted.take(1).0);
        assert!(!counted.starts_with(9));
        assert!(!counted.starts_with(0));
    }

    #[tokio::test]
    async fn senders_wait_for_room_and_learn_that_it_is_over() {
        let outbox = Outbox::new(true, 25, 40);
        outbox.push(&frame(1)).await.unwrap();
        outbox.push(&frame(2)).await.unwrap();
        let third = frame(3);
        let mut waiting = Box::pin(outbox.push(&third));
        assert_eq!(waiting.as_mut().now_or_never(), None);
        assert_eq!(written(&outbox), [1, 2]);
        assert_eq!(waiting.as_mut().now_or_never(), None);
        outbox.acknowledged(1);
        assert_eq!(waiting.await, Ok(()));
        assert_eq!(outbox.try_push(&frame(4)), Ok(()));
        outbox.try_push(&frame(5)).unwrap();
        assert_eq!(outbox.try_push(&frame(6)), Err(Refused::Full));
        let mut waiting = Box::pin(outbox.push(&third));
        assert_eq!(waiting.as_mut().now_or_never(), None);
        outbox.abort();
        assert_eq!(waiting.await, Err(Refused::Over));
        assert!(matches!(outbox.next().await, Next::Over));
    }
}
