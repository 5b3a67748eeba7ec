//! A fixed-size buffer for received bytes that do not form a complete frame yet.

use super::{copy, copy_within};

/// A buffer that is filled at the end and consumed from the start.
#[derive(Clone, Debug)]
pub(crate) struct Window<B> {
    buffer: B,
    /// `start..end` are the bytes that are not consumed yet.
    start: usize,
    end: usize,
    /// The position in the stream of the byte at `start`.
    position: u64,
}

impl<B: AsRef<[u8]> + AsMut<[u8]>> Window<B> {
    pub(crate) fn new(buffer: B) -> Self {
        Self { buffer, start: 0, end: 0, position: 0 }
    }

    /// The size of the buffer in bytes.
    #[inline]
    pub(crate) fn capacity(&self) -> usize {
        self.buffer.as_ref().len()
    }

    /// The received bytes that are not consumed yet.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.as_ref().get(self.start..self.end).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// The number of bytes consumed from the stream.
    #[inline]
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Consumes `count` bytes, or all if there are fewer, and returns them.
    #[inline]
    pub(crate) fn take(&mut self, count: usize) -> &[u8] {
        let (start, count) = (self.start, count.min(self.len()));
        self.start = start.saturating_add(count);
        self.position = self.position.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        self.buffer.as_ref().get(start..self.start).unwrap_or_default()
    }

    /// The free space after the received bytes, which start a frame of `needed` bytes in total.
    ///
    /// The received bytes are moved to the start of the buffer only if the frame does not fit otherwise. Moving
    /// them in every call would move each byte many times.
    pub(crate) fn room(&mut self, needed: usize) -> &mut [u8] {
        if self.is_empty() {
            self.start = 0;
            self.end = 0;
        } else if self.end == self.capacity() || self.start.saturating_add(needed) > self.capacity() {
            let (start, len) = (self.start, self.len());
            copy_within(self.buffer.as_mut(), start, len, 0);
            self.start = 0;
            self.end = len;
        }
        self.buffer.as_mut().get_mut(self.end..).unwrap_or_default()
    }

    /// Marks the first `count` bytes of [`room`](Self::room) as received.
    #[inline]
    pub(crate) fn filled(&mut self, count: usize) {
        self.end = self.end.saturating_add(count).min(self.capacity());
    }

    /// Appends as many of `bytes` as fit for a frame of `needed` bytes. Returns their number.
    pub(crate) fn push(&mut self, bytes: &[u8], needed: usize) -> usize {
        let room = self.room(needed);
        let count = room.len().min(bytes.len());
        if let (Some(room), Some(bytes)) = (room.get_mut(..count), bytes.get(..count)) {
            copy(room, bytes);
        }
        self.filled(count);
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_moved_to_the_front_only_if_needed() {
        let mut window = Window::new([0; 8]);
        assert_eq!(window.push(b"abcdef", 1), 6);
        assert_eq!(window.take(4), b"abcd");
        assert_eq!(window.room(4).len(), 2, "a frame of four bytes fits without a move");
        assert_eq!(window.room(5).len(), 6, "a frame of five bytes does not");
        assert_eq!((window.bytes(), window.position()), (&b"ef"[..], 4));
        assert_eq!(window.push(b"0123456789", 5), 6);
        assert_eq!(window.take(99), b"ef012345");
        assert!(window.is_empty());
        assert_eq!(window.room(1).len(), 8);
    }
}
