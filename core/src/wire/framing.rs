//! Splitting byte streams into frames, for any protocol.
//!
//! A protocol implements [`Framing`]. [`Deframer`] applies it to a buffer that the caller manages;
//! [`FrameDecoder`] contains a fixed buffer.

use super::window::Window;
use super::{Error, ErrorKind};

/// What a [`Framing`] found at the start of the received bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deframed<E = Error> {
    /// A complete frame of this many bytes.
    Frame(usize),
    /// An incomplete frame. At least this many more bytes are needed before the framing can decide; never 0.
    Missing(usize),
    /// A rejected frame, possibly before all of it has been received. The error's offset is relative to the
    /// start of the frame.
    Refused(E, Skip),
}

/// What an incomplete frame at the end of the stream means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is a complete frame: its delimiter is optional at the end of the stream.
    Frame,
    /// It carries no meaning and is ignored.
    Nothing,
}

/// Where the next frame starts after a rejected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// This many bytes after the start of the rejected frame; at least 1.
    Bytes(usize),
    /// After the next byte with this value.
    PastDelimiter(u8),
    /// Unknown: the rest of the stream cannot be decoded.
    Rest,
}

/// How a protocol delimits its frames.
///
/// Implementations enforce their own size limits and reject a frame as soon as it exceeds them.
pub trait Framing {
    /// Why a frame is rejected: [`Error`], or an error with kinds of the protocol's own.
    type Error: From<Error> + core::fmt::Debug;

    /// Inspects the start of `bytes`, which is never empty.
    ///
    /// The first `seen` bytes were already passed to the previous call, which returned
    /// [`Deframed::Missing`]. An implementation may keep what it learned from them, and must discard it
    /// when `seen` is 0.
    fn deframe(&mut self, bytes: &[u8], seen: usize) -> Deframed<Self::Error>;

    /// How to continue after a frame that is larger than the reader's buffer.
    ///
    /// `bytes` is the part received so far, and `needed` the number of bytes that
    /// [`deframe`](Self::deframe) requires.
    fn give_up(&self, bytes: &[u8], needed: usize) -> Skip;

    /// What `bytes`, an incomplete frame of at least one byte, means at the end of the stream.
    ///
    /// # Errors
    /// [`ErrorKind::Incomplete`] if the stream must not end here.
    fn end(&self, bytes: &[u8]) -> Result<End, Self::Error> {
        let _ = bytes;
        Err(Error::new(ErrorKind::Incomplete, 0).into())
    }
}

impl<F: Framing> Framing for &mut F {
    type Error = F::Error;

    fn deframe(&mut self, bytes: &[u8], seen: usize) -> Deframed<F::Error> {
        (**self).deframe(bytes, seen)
    }

    fn give_up(&self, bytes: &[u8], needed: usize) -> Skip {
        (**self).give_up(bytes, needed)
    }

    fn end(&self, bytes: &[u8]) -> Result<End, F::Error> {
        (**self).end(bytes)
    }
}

/// What remains of a rejected frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Skipping {
    /// Nothing: the next byte starts a frame.
    Nothing,
    /// This many bytes.
    Bytes(usize),
    /// Everything up to and including a byte with this value.
    PastDelimiter(u8),
    /// The rest of the stream.
    Rest,
}

/// Splits a stream into frames, in a buffer that the caller manages.
///
/// Repeat: remove [`skip`](Self::skip) bytes from the start of the buffer, then the length that
/// [`next`](Self::next) returns; when that is `None`, read more bytes. [`FrameDecoder`] does this with a
/// buffer of fixed size.
#[derive(Clone, Debug)]
pub struct Deframer<F> {
    framing: F,
    /// How many bytes at the start of the buffer the framing has inspected.
    seen: usize,
    /// How many bytes must be buffered before the framing can decide.
    needed: usize,
    skipping: Skipping,
}

impl<F: Framing> Deframer<F> {
    /// A deframer at the start of a stream.
    pub fn new(framing: F) -> Self {
        Self { framing, seen: 0, needed: 1, skipping: Skipping::Nothing }
    }

    /// The framing.
    pub fn framing(&self) -> &F {
        &self.framing
    }

    /// Replaces the framing, from the next frame on.
    ///
    /// An incomplete frame is inspected again from its start; a rejected frame is still skipped.
    pub fn set_framing(&mut self, framing: F) {
        self.framing = framing;
        self.restart();
    }

    /// How many bytes must be buffered before [`next`](Self::next) can return a frame.
    pub fn needed(&self) -> usize {
        self.needed
    }

    /// Whether a frame was rejected after which the start of the next one is unknown: there will be no more
    /// frames.
    pub fn is_lost(&self) -> bool {
        self.skipping == Skipping::Rest
    }

    /// Whether bytes of a rejected frame have yet to be skipped.
    pub fn is_skipping(&self) -> bool {
        self.skipping != Skipping::Nothing
    }

    /// Whether the stream may end here; `bytes` are the buffered ones.
    pub fn is_between_frames(&self, bytes: &[u8]) -> bool {
        bytes.is_empty() && matches!(self.skipping, Skipping::Nothing | Skipping::Rest)
    }

    /// How many bytes at the start of `bytes` belong to a rejected frame. The caller removes them.
    #[inline]
    pub fn skip(&mut self, bytes: &[u8]) -> usize {
        if self.skipping == Skipping::Nothing { 0 } else { self.skip_rejected(bytes) }
    }

    #[cold]
    fn skip_rejected(&mut self, bytes: &[u8]) -> usize {
        let (count, left) = match self.skipping {
            Skipping::Nothing => (0, Skipping::Nothing),
            Skipping::Rest => (bytes.len(), Skipping::Rest),
            Skipping::Bytes(left) if left <= bytes.len() => (left, Skipping::Nothing),
            Skipping::Bytes(left) => (bytes.len(), Skipping::Bytes(left.saturating_sub(bytes.len()))),
            Skipping::PastDelimiter(end) => match bytes.iter().position(|byte| *byte == end) {
                Some(at) => (at.saturating_add(1), Skipping::Nothing),
                None => (bytes.len(), Skipping::PastDelimiter(end)),
            },
        };
        self.skipping = left;
        count
    }

    /// The length of the frame at the start of `bytes`, which the caller removes; `None` if more bytes are
    /// needed. `capacity` is the size that the buffer can grow to.
    ///
    /// # Errors
    /// The reason why the frame is rejected, with an offset from its start: the framing's own, or
    /// [`ErrorKind::FrameTooLarge`] if the frame exceeds `capacity`. The caller removes nothing;
    /// [`skip`](Self::skip) reports what to remove.
    #[inline]
    pub fn next(&mut self, bytes: &[u8], capacity: usize) -> Option<Result<usize, F::Error>> {
        if self.skipping != Skipping::Nothing || bytes.len() < self.needed {
            return None;
        }
        match self.framing.deframe(bytes, self.seen) {
            Deframed::Frame(len) => {
                self.restart();
                Some(Ok(len))
            }
            Deframed::Refused(error, skip) => Some(Err(self.refuse(error, skip))),
            Deframed::Missing(count) => {
                let needed = bytes.len().saturating_add(count.max(1));
                if needed > capacity {
                    let skip = self.framing.give_up(bytes, needed);
                    return Some(Err(self.refuse(Error::new(ErrorKind::FrameTooLarge, 0).into(), skip)));
                }
                self.seen = bytes.len();
                self.needed = needed;
                None
            }
        }
    }

    /// What `bytes`, which hold no complete frame, are at the end of the stream: a frame with an optional
    /// delimiter, or `None` if they carry no meaning. The caller removes all of them.
    ///
    /// # Errors
    /// [`ErrorKind::Incomplete`] if the stream ends inside a frame. A frame that was rejected before is not
    /// reported again.
    pub fn finish(&mut self, bytes: &[u8]) -> Option<Result<usize, F::Error>> {
        let was_skipping = core::mem::replace(&mut self.skipping, Skipping::Nothing) != Skipping::Nothing;
        if bytes.is_empty() || was_skipping {
            return None;
        }
        self.restart();
        match self.framing.end(bytes) {
            Ok(End::Frame) => Some(Ok(bytes.len())),
            Ok(End::Nothing) => None,
            Err(error) => Some(Err(error)),
        }
    }

    /// How many bytes to skip before the next frame, as far as that is known.
    pub(crate) fn bytes_to_skip(&self) -> usize {
        match self.skipping {
            Skipping::Bytes(count) => count,
            Skipping::Nothing | Skipping::PastDelimiter(_) | Skipping::Rest => 0,
        }
    }

    /// Discards what is known about the frame at the start of the buffer.
    pub(crate) fn restart(&mut self) {
        self.seen = 0;
        self.needed = 1;
    }

    #[cold]
    fn refuse(&mut self, error: F::Error, skip: Skip) -> F::Error {
        self.skipping = match skip {
            Skip::Bytes(count) => Skipping::Bytes(count),
            Skip::PastDelimiter(end) => Skipping::PastDelimiter(end),
            Skip::Rest => Skipping::Rest,
        };
        self.restart();
        error
    }
}

/// Splits a stream into frames, in a fixed buffer that the caller provides: an array, a slice, a `Vec`.
///
/// The bytes may arrive in pieces of any size. A frame must fit into the buffer; a larger one is an error
/// as soon as its size is known. The bytes of a rejected frame are skipped, and the next frame follows
/// if the framing can determine its start.
///
/// With the features `embedded-io-v0.7` and `embedded-io-async-v0.7` it also reads from streams of these
/// crates.
#[derive(Clone, Debug)]
pub struct FrameDecoder<F, B> {
    pub(super) deframer: Deframer<F>,
    pub(super) window: Window<B>,
    /// The position in the stream of the last frame or error.
    frame_position: u64,
}

impl<F: Framing, B: AsRef<[u8]> + AsMut<[u8]>> FrameDecoder<F, B> {
    /// A decoder at the start of a stream.
    pub fn new(framing: F, buffer: B) -> Self {
        Self { deframer: Deframer::new(framing), window: Window::new(buffer), frame_position: 0 }
    }

    /// The framing.
    pub fn framing(&self) -> &F {
        self.deframer.framing()
    }

    /// Replaces the framing, from the next frame on.
    pub fn set_framing(&mut self, framing: F) {
        self.deframer.set_framing(framing);
    }

    /// Whether the stream may end here: no incomplete frame is buffered.
    pub fn is_between_frames(&self) -> bool {
        self.deframer.is_between_frames(self.window.bytes())
    }

    /// Whether bytes of a rejected frame have yet to be received and skipped.
    pub fn is_skipping(&self) -> bool {
        self.deframer.is_skipping()
    }

    /// Whether a frame was rejected after which the start of the next one is unknown: there will be no more
    /// frames.
    pub fn is_lost(&self) -> bool {
        self.deframer.is_lost()
    }

    /// How many bytes of the stream have been consumed, including skipped ones.
    pub fn position(&self) -> u64 {
        self.window.position()
    }

    /// The position in the stream at which the last frame or error started.
    pub fn frame_position(&self) -> u64 {
        self.frame_position
    }

    /// The bytes received but not yet consumed.
    pub fn buffered(&self) -> &[u8] {
        self.window.bytes()
    }

    /// Free space to read into; call [`filled`](Self::filled) afterwards. It is empty only while the buffer
    /// holds a complete frame.
    pub fn room(&mut self) -> &mut [u8] {
        self.skip();
        self.window.room(self.deframer.needed())
    }

    /// Adds the first `count` bytes of [`room`](Self::room) to the received bytes.
    pub fn filled(&mut self, count: usize) {
        self.window.filled(count);
    }

    /// Copies as much of `bytes` into the buffer as fits, and returns that length. If it is not all of them,
    /// take frames and push the rest.
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        self.skip();
        self.window.push(bytes, self.deframer.needed())
    }

    /// The next frame; `None` if more bytes are needed.
    ///
    /// # Errors
    /// The reason why the frame is rejected; call again for the next one. The offset is relative to the start
    /// of the frame, see [`frame_position`](Self::frame_position).
    pub fn next_frame(&mut self) -> Option<Result<&[u8], F::Error>> {
        Some(self.next_len()?.map(|len| self.window.take(len)))
    }

    /// The last frame, at the end of the stream. Call it after [`next_frame`](Self::next_frame) has returned
    /// `None`. It returns `None` if the stream ends between frames.
    ///
    /// # Errors
    /// [`ErrorKind::Incomplete`] if the stream ends inside a frame.
    pub fn finish(&mut self) -> Option<Result<&[u8], F::Error>> {
        self.skip();
        let last = self.deframer.finish(self.window.bytes());
        self.frame_position = self.window.position();
        let left = self.window.take(usize::MAX);
        Some(last?.map(|_| left))
    }

    /// How many bytes of a rejected frame have yet to be skipped, as far as that is known.
    pub(crate) fn bytes_to_skip(&self) -> usize {
        self.deframer.bytes_to_skip()
    }

    /// How many bytes the buffer can hold.
    pub(crate) fn capacity(&self) -> usize {
        self.window.capacity()
    }

    /// The length of the next frame, which has yet to be taken from the window.
    #[inline]
    pub(super) fn next_len(&mut self) -> Option<Result<usize, F::Error>> {
        self.skip();
        let next = self.deframer.next(self.window.bytes(), self.window.capacity())?;
        self.frame_position = self.window.position();
        if next.is_err() {
            self.skip();
        }
        Some(next)
    }

    #[inline]
    fn skip(&mut self) {
        let count = self.deframer.skip(self.window.bytes());
        self.window.take(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{vec, vec::Vec};

    /// A length byte and that many bytes. A length of 255 makes the rest of the stream undecodable, a length
    /// above 8 skips the frame, and a length of 0 skips to the next `!`.
    struct Short;

    impl Framing for Short {
        type Error = Error;

        fn deframe(&mut self, bytes: &[u8], _: usize) -> Deframed {
            let error = Error::new(ErrorKind::FrameTooLarge, 0);
            match usize::from(bytes[0]) {
                255 => Deframed::Refused(error, Skip::Rest),
                0 => Deframed::Refused(error, Skip::PastDelimiter(b'!')),
                len if len > 8 => Deframed::Refused(error, Skip::Bytes(len + 1)),
                len if len + 1 > bytes.len() => Deframed::Missing(len + 1 - bytes.len()),
                len => Deframed::Frame(len + 1),
            }
        }

        fn give_up(&self, _: &[u8], needed: usize) -> Skip {
            Skip::Bytes(needed)
        }
    }

    fn all(bytes: &[u8], piece: usize, capacity: usize) -> (Vec<Option<Vec<u8>>>, Vec<u64>) {
        let mut decoder = FrameDecoder::new(Short, vec![0; capacity]);
        let (mut found, mut places) = (vec![], vec![]);
        for mut piece in bytes.chunks(piece) {
            while !piece.is_empty() {
                piece = &piece[decoder.push(piece)..];
                while let Some(frame) = decoder.next_frame() {
                    found.push(frame.ok().map(<[u8]>::to_vec));
                    places.push(decoder.frame_position());
                }
            }
        }
        if let Some(last) = decoder.finish() {
            found.push(last.ok().map(<[u8]>::to_vec));
            places.push(decoder.frame_position());
        }
        (found, places)
    }

    #[test]
    fn split_streams_yield_the_same_frames_and_errors() {
        let stream = [&b"\x01a\x09123456789\x02bc\0junk!\x03def\x05gh"[..]].concat();
        let frame = |bytes: &[u8]| Some(bytes.to_vec());
        let expected = (
            vec![frame(b"\x01a"), None, frame(b"\x02bc"), None, frame(b"\x03def"), None],
            vec![0, 2, 12, 15, 21, 25],
        );
        for piece in 1..stream.len() {
            for capacity in [9, 10, 64] {
                assert_eq!(
                    all(&stream, piece, capacity),
                    expected,
                    "pieces of {piece}, buffer of {capacity}"
                );
            }
        }
        // A small buffer loses only the frames that do not fit.
        let small = vec![frame(b"\x01a"), None, frame(b"\x02bc"), None, None, None];
        assert_eq!(all(&stream, 1, 3).0, small);
    }

    #[test]
    fn no_frames_follow_when_the_next_start_is_unknown() {
        let mut decoder = FrameDecoder::new(Short, [0; 8]);
        decoder.push(b"\xff\x01a");
        assert!(decoder.next_frame().unwrap().is_err());
        assert!(decoder.is_lost());
        assert_eq!(decoder.push(b"\x01a"), 2);
        assert_eq!(decoder.next_frame(), None);
        assert_eq!(decoder.finish(), None);
    }
}
