//! Streams cut into frames: what a protocol says of its frames, and what goes round it.

use super::window::Window;
use super::{Error, ErrorKind};

/// What stands at the start of the bytes that have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deframed {
    /// A frame of so many bytes.
    Frame(usize),
    /// Nothing whole; at least so many bytes have to come before there can be more to say. Never 0.
    Missing(usize),
    /// A frame that is refused, at once, without waiting for all of it. The offset counts from its start.
    Refused(Error, Skip),
}

/// What bytes that make no frame mean at the end of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// A frame after all, one that needs no end.
    Frame,
    /// Nothing: they are of no meaning.
    Nothing,
}

/// How to go on behind a frame that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// The next frame starts so many bytes behind the start of this one. At least one.
    Bytes(usize),
    /// The next frame starts behind the next byte of this value.
    PastDelimiter(u8),
    /// Nobody knows where the next frame starts: the stream is of no more use.
    Rest,
}

/// How a stream is cut into frames.
///
/// The limits are the framing's own: it refuses what is too large as soon as that can be seen.
pub trait Framing {
    /// Looks at the start of `bytes`, of which there is at least one. The first `seen` of them were looked
    /// at before and did not make a frame; a framing may keep what it found out then, and has to forget it
    /// where `seen` is 0.
    fn deframe(&mut self, bytes: &[u8], seen: usize) -> Deframed;

    /// How to go on behind a frame that is larger than the reader's buffer. `bytes` is what has come of it,
    /// and `needed` how many there have to be, as [`deframe`](Self::deframe) said.
    fn give_up(&self, bytes: &[u8], needed: usize) -> Skip;

    /// What `bytes`, of which there is at least one and which make no frame, mean at the end of the stream.
    ///
    /// # Errors
    /// [`ErrorKind::Incomplete`] where the stream may not end here.
    fn end(&self, bytes: &[u8]) -> Result<End, Error> {
        let _ = bytes;
        Err(Error::new(ErrorKind::Incomplete, 0))
    }
}

impl<F: Framing> Framing for &mut F {
    fn deframe(&mut self, bytes: &[u8], seen: usize) -> Deframed {
        (**self).deframe(bytes, seen)
    }

    fn give_up(&self, bytes: &[u8], needed: usize) -> Skip {
        (**self).give_up(bytes, needed)
    }

    fn end(&self, bytes: &[u8]) -> Result<End, Error> {
        (**self).end(bytes)
    }
}

/// What is left of a frame that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Skipping {
    /// Nothing: a frame starts next.
    Nothing,
    /// So many bytes.
    Bytes(usize),
    /// All up to a byte of this value, and that one.
    PastDelimiter(u8),
    /// All that comes.
    Rest,
}

/// Cuts frames off the start of whatever buffer the bytes of a stream are in.
///
/// [`FrameDecoder`] has a buffer of fixed size; who has one that grows uses this: takes off what
/// [`pass_over`](Self::pass_over) says, then what [`next`](Self::next) gives, and reads more.
#[derive(Clone, Debug)]
pub struct Deframer<F> {
    framing: F,
    /// How many bytes at the start were looked at.
    seen: usize,
    /// How many have to be there before there is more to see.
    needed: usize,
    skipping: Skipping,
}

impl<F: Framing> Deframer<F> {
    /// Cuts as `framing` says.
    pub fn new(framing: F) -> Self {
        Self { framing, seen: 0, needed: 1, skipping: Skipping::Nothing }
    }

    /// The framing.
    pub fn framing(&self) -> &F {
        &self.framing
    }

    /// How many bytes there have to be before there is more to see.
    pub fn needed(&self) -> usize {
        self.needed
    }

    /// Whether a frame was refused behind which nobody knows where the next one starts: nothing more will
    /// come.
    pub fn is_lost(&self) -> bool {
        self.skipping == Skipping::Rest
    }

    /// Whether the stream may end here, where `bytes` are left.
    pub fn is_between_frames(&self, bytes: &[u8]) -> bool {
        bytes.is_empty() && matches!(self.skipping, Skipping::Nothing | Skipping::Rest)
    }

    /// How many of these bytes belong to a frame that was refused: they are to be taken off.
    pub fn pass_over(&mut self, bytes: &[u8]) -> usize {
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

    /// How many bytes the frame at the start has, which is to be taken off, or why it is refused; `None` where
    /// bytes are missing. `capacity` is how many there can be at the most.
    pub fn next(&mut self, bytes: &[u8], capacity: usize) -> Option<Result<usize, Error>> {
        if self.skipping != Skipping::Nothing || bytes.len() < self.needed {
            return None;
        }
        match self.framing.deframe(bytes, self.seen) {
            Deframed::Frame(len) => {
                self.begin();
                Some(Ok(len))
            }
            Deframed::Refused(error, skip) => Some(Err(self.refuse(error, skip))),
            Deframed::Missing(count) => {
                let needed = bytes.len().saturating_add(count.max(1));
                if needed > capacity {
                    let skip = self.framing.give_up(bytes, needed);
                    return Some(Err(self.refuse(Error::new(ErrorKind::FrameTooLarge, 0), skip)));
                }
                self.seen = bytes.len();
                self.needed = needed;
                None
            }
        }
    }

    /// What `bytes`, which [`next`](Self::next) makes no frame of, are at the end of the stream: `None` where
    /// they are of no meaning, a last frame that needs no end, or an error.
    pub fn finish(&mut self, bytes: &[u8]) -> Option<Result<usize, Error>> {
        // What is left of a frame that was refused has been reported.
        if bytes.is_empty() || core::mem::replace(&mut self.skipping, Skipping::Nothing) != Skipping::Nothing
        {
            return None;
        }
        self.begin();
        match self.framing.end(bytes) {
            Ok(End::Frame) => Some(Ok(bytes.len())),
            Ok(End::Nothing) => None,
            Err(error) => Some(Err(error)),
        }
    }

    fn begin(&mut self) {
        self.seen = 0;
        self.needed = 1;
    }

    fn refuse(&mut self, error: Error, skip: Skip) -> Error {
        self.skipping = match skip {
            Skip::Bytes(count) => Skipping::Bytes(count),
            Skip::PastDelimiter(end) => Skipping::PastDelimiter(end),
            Skip::Rest => Skipping::Rest,
        };
        self.begin();
        error
    }
}

/// Takes bytes in any pieces and gives frames, in a fixed buffer of the caller: an array, a slice, a
/// `Vec`.
///
/// A frame has to fit into the buffer. A larger one is an error as soon as that is known; its bytes are
/// passed over as they come, and the next frame follows, where the framing can tell where that is.
#[derive(Clone, Debug)]
pub struct FrameDecoder<F, B> {
    deframer: Deframer<F>,
    window: Window<B>,
    /// Where the frame that was given last stands in the stream.
    frame_position: u64,
}

impl<F: Framing, B: AsRef<[u8]> + AsMut<[u8]>> FrameDecoder<F, B> {
    /// Cuts as `framing` says, in this buffer.
    pub fn new(framing: F, buffer: B) -> Self {
        Self { deframer: Deframer::new(framing), window: Window::new(buffer), frame_position: 0 }
    }

    /// The framing.
    pub fn framing(&self) -> &F {
        self.deframer.framing()
    }

    /// Whether the stream may end here: no frame has begun.
    pub fn is_between_frames(&self) -> bool {
        self.deframer.is_between_frames(self.window.bytes())
    }

    /// Whether a frame was refused behind which nobody knows where the next one starts: nothing more will
    /// come.
    pub fn is_lost(&self) -> bool {
        self.deframer.is_lost()
    }

    /// How many bytes of the stream were taken, those that were passed over too.
    pub fn position(&self) -> u64 {
        self.window.position()
    }

    /// Where in the stream the frame or the error that was given last started.
    pub fn frame_position(&self) -> u64 {
        self.frame_position
    }

    /// Free room to read into; say [`filled`](Self::filled) then. It is empty only while the buffer holds
    /// a whole frame.
    pub fn room(&mut self) -> &mut [u8] {
        self.pass_over();
        self.window.room(self.deframer.needed())
    }

    /// Says that the first `count` bytes of [`room`](Self::room) are filled.
    pub fn filled(&mut self, count: usize) {
        self.window.filled(count);
    }

    /// Takes as much of `bytes` as there is room for, and says how much that was. Where it is not all, take
    /// frames and push the rest.
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        self.pass_over();
        self.window.push(bytes, self.deframer.needed())
    }

    /// The next frame, or an error where the next frame is refused; `None` where bytes are missing.
    ///
    /// An error's offset counts from the start of the frame, see [`frame_position`](Self::frame_position).
    pub fn next_frame(&mut self) -> Option<Result<&[u8], Error>> {
        self.pass_over();
        let next = self.deframer.next(self.window.bytes(), self.window.capacity())?;
        self.frame_position = self.window.position();
        Some(next.map(|len| self.window.take(len)))
    }

    /// What is left at the end of the stream: `None` where that is between frames, a last frame that needs
    /// no end, or an error. Call [`next_frame`](Self::next_frame) until it gives `None` first.
    pub fn finish(&mut self) -> Option<Result<&[u8], Error>> {
        self.pass_over();
        let last = self.deframer.finish(self.window.bytes());
        self.frame_position = self.window.position();
        let left = self.window.take(usize::MAX);
        Some(last?.map(|_| left))
    }

    fn pass_over(&mut self) {
        let count = self.deframer.pass_over(self.window.bytes());
        self.window.take(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{vec, vec::Vec};

    /// A byte for the length, and then so many; a length of 255 is refused with a rest, one above 8 with a
    /// skip, a zero is passed over to the next one.
    struct Short;

    impl Framing for Short {
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
    fn streams_give_the_same_frames_and_errors_however_they_are_cut() {
        let stream = [&b"\x01a\x09123456789\x02bc\0junk!\x03def\x05gh"[..]].concat();
        let frame = |bytes: &[u8]| Some(bytes.to_vec());
        let expected = (
            vec![frame(b"\x01a"), None, frame(b"\x02bc"), None, frame(b"\x03def"), None],
            vec![0, 2, 12, 15, 21, 25],
        );
        for piece in 1..stream.len() {
            for capacity in [9, 10, 64] {
                assert_eq!(all(&stream, piece, capacity), expected, "pieces of {piece} in {capacity}");
            }
        }
        // In a small buffer, what does not fit is lost and nothing else.
        let small = vec![frame(b"\x01a"), None, frame(b"\x02bc"), None, None, None];
        assert_eq!(all(&stream, 1, 3).0, small);
    }

    #[test]
    fn a_stream_of_which_nobody_knows_where_it_goes_on_is_lost() {
        let mut decoder = FrameDecoder::new(Short, [0; 8]);
        decoder.push(b"\xff\x01a");
        assert!(decoder.next_frame().unwrap().is_err());
        assert!(decoder.is_lost());
        assert_eq!(decoder.push(b"\x01a"), 2);
        assert_eq!(decoder.next_frame(), None);
        assert_eq!(decoder.finish(), None);
    }
}
