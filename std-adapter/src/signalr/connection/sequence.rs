//! The numbers of received messages, for stateful reconnect.

use super::outbox::RETAINED_BYTES;

/// Counts received messages, so that messages repeated after a reconnect are dropped.
///
/// Without stateful reconnect every message is new and nothing is acknowledged.
#[derive(Debug)]
pub(super) struct ReceivedSequence {
    is_stateful: bool,
    /// The number of the next message.
    next: i64,
    /// The highest received number.
    highest: i64,
    /// The highest acknowledged number.
    acknowledged: i64,
    /// The bytes received since the last acknowledgement.
    bytes: usize,
    /// Whether the Sequence message of a new socket is outstanding.
    awaits_sequence: bool,
}

impl ReceivedSequence {
    pub(super) fn new(is_stateful: bool) -> Self {
        Self { is_stateful, next: 1, highest: 0, acknowledged: 0, bytes: 0, awaits_sequence: false }
    }

    /// Counts a message of `bytes` bytes. Returns whether it is new (repeated messages must be dropped), and
    /// whether an acknowledgement should be sent before its timer.
    pub(super) fn count(&mut self, bytes: usize) -> (bool, bool) {
        if !self.is_stateful {
            return (true, false);
        }
        if self.awaits_sequence {
            return (false, false);
        }
        let number = self.next;
        self.next = self.next.saturating_add(1);
        let is_new = number > self.highest;
        self.highest = self.highest.max(number);
        self.bytes = self.bytes.saturating_add(bytes);
        (is_new, self.bytes >= RETAINED_BYTES / 4)
    }

    /// Handles a Sequence message: the peer sends `number` next. Returns `false` if messages are missing.
    pub(super) fn start_at(&mut self, number: i64) -> bool {
        if !self.is_stateful {
            return true;
        }
        if number > self.highest.saturating_add(1) || number < 1 {
            return false;
        }
        self.awaits_sequence = false;
        self.next = number;
        true
    }

    /// Continues on a new socket: messages before its Sequence message are dropped.
    pub(super) fn resume(&mut self) {
        self.awaits_sequence = true;
    }

    /// The number to acknowledge, if messages were received since the last call.
    pub(super) fn take_ack(&mut self) -> Option<i64> {
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

    #[test]
    fn repeated_messages_are_dropped_after_a_reconnect() {
        let mut received = ReceivedSequence::new(true);
        assert!((0..5).all(|_| received.count(1).0));
        assert_eq!(received.take_ack(), Some(5));
        received.resume();
        assert!(!received.count(1).0, "messages before the Sequence message are dropped");
        assert!(received.start_at(4));
        assert_eq!([received.count(1).0, received.count(1).0, received.count(1).0], [false, false, true]);
        assert_eq!(received.take_ack(), Some(6));
        // The connection is lost again while messages are repeated.
        received.resume();
        assert!(received.start_at(2) && !received.count(1).0);
        received.resume();
        assert!(received.start_at(7) && received.count(1).0);
    }

    #[test]
    fn acknowledgements_are_due_once_and_early_after_many_bytes() {
        let mut received = ReceivedSequence::new(true);
        assert!((0..5).all(|_| received.count(1).0));
        assert_eq!((received.take_ack(), received.take_ack()), (Some(5), None));
        assert_eq!(received.count(RETAINED_BYTES / 4), (true, true));
        assert_eq!((received.take_ack(), received.count(1)), (Some(6), (true, false)));
    }

    #[test]
    fn sequences_with_missing_messages_are_rejected() {
        let mut received = ReceivedSequence::new(true);
        assert!((0..7).all(|_| received.count(1).0));
        assert!(!received.start_at(9));
        assert!(!received.start_at(0));
    }
}
