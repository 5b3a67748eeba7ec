//! Streams cut into frames: what a protocol says of its frames, and what goes round it.

use super::window::Window;
use super::{Error, ErrorKind};

/// What stands at the start of the bytes that have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
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
    Behind(u8),
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
    fn cut(&mut self, bytes: &[u8], seen: usize) -> Cut;

    /// How to go on behind a frame that is larger than the reader's buffer. `bytes` is what has come of it,
    /// and `needed` how many there have to be, as [`cut`](Self::cut) said.
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
    fn cut(&mut self, bytes: &[u8], seen: usize) -> Cut {
        (**self).cut(bytes, seen)
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
pub enum Skipping {
    /// Nothing: a frame starts next.
    Nothing,
    /// So many bytes.
    Bytes(usize),
    /// All up to a byte of this value, and that one.
    Behind(u8),
    /// All that comes.
    Rest,
}

impl Skipping {
    /// How many of these bytes belong to it; they are taken off.
    pub fn pass_over(&mut self, bytes: &[u8]) -> usize {
        match *self {
            Self::Nothing => 0,
            Self::Bytes(left) => {
                let count = left.min(bytes.len());
                let left = left.saturating_sub(count);
                *self = if left == 0 { Self::Nothing } else { Self::Bytes(left) };
                count
            }
            Self::Behind(end) => match bytes.iter().position(|byte| *byte == end) {
                Some(at) => {
                    *self = Self::Nothing;
                    at.saturating_add(1)
                }
                None => bytes.len(),
            },
            Self::Rest => bytes.len(),
        }
    }
}

impl From<Skip> for Skipping {
    fn from(skip: Skip) -> Self {
        match skip {
            Skip::Bytes(count) => Self::Bytes(count),
            Skip::Behind(end) => Self::Behind(end),
            Skip::Rest => Self::Rest,
        }
    }
}

/// Takes bytes in any pieces and gives frames, in a fixed buffer of the caller: an array, a slice, a
/// `Vec`.
///
/// A frame has to fit into the buffer. A larger one is an error as soon as that is known; its bytes are
/// passed over as they come, and the next frame follows, where the framing can tell where that is.
#[derive(Clone, Debug)]
pub struct FrameDecoder<F, B> {
    framing: F,
    window: Window<B>,
    /// How many bytes at the start were looked at.
    seen: usize,
    /// How many have to be there before there is more to see.
    needed: usize,
    skipping: Skipping,
    /// Where the frame that was given last stands in the stream.
    frame_position: u64,
}

impl<F: Framing, B: AsRef<[u8]> + AsMut<[u8]>> FrameDecoder<F, B> {
    /// Cuts as `framing` says, in this buffer.
    pub fn new(framing: F, buffer: B) -> Self {
        let window = Window::new(buffer);
        Self { framing, window, seen: 0, needed: 1, skipping: Skipping::Nothing, frame_position: 0 }
    }

    /// The framing.
    pub fn framing(&self) -> &F {
        &self.framing
    }

    /// Whether the stream may end here: no frame has begun.
    pub fn is_between_frames(&self) -> bool {
        self.window.is_empty() && matches!(self.skipping, Skipping::Nothing | Skipping::Rest)
    }

    /// Whether a frame was refused behind which nobody knows where the next one starts: nothing more will
    /// come.
    pub fn is_lost(&self) -> bool {
        self.skipping == Skipping::Rest
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
        self.window.room(self.needed)
    }

    /// Says that the first `count` bytes of [`room`](Self::room) are filled.
    pub fn filled(&mut self, count: usize) {
        self.window.filled(count);
    }

    /// Takes as much of `bytes` as there is room for, and says how much that was. Where it is not all, take
    /// frames and push the rest.
    pub fn push(&mut self, bytes: &[u8]) -> usize {
        self.pass_over();
        self.window.push(bytes, self.needed)
    }

    /// The next frame, or an error where the next frame is refused; `None` where bytes are missing.
    ///
    /// An error's offset counts from the start of the frame, see [`frame_position`](Self::frame_position).
    pub fn next_frame(&mut self) -> Option<Result<&[u8], Error>> {
        self.pass_over();
        let Self { framing, window, .. } = self;
        let bytes = window.bytes();
        if self.skipping != Skipping::Nothing || bytes.is_empty() || bytes.len() < self.needed {
            return None;
        }
        self.frame_position = window.position();
        match framing.cut(bytes, self.seen) {
            Cut::Frame(len) => Some(Ok(self.take(len))),
            Cut::Missing(count) => {
                let needed = bytes.len().saturating_add(count.max(1));
                self.wait(needed)
            }
            Cut::Refused(error, skip) => Some(Err(self.refuse(error, skip))),
        }
    }

    /// What is left at the end of the stream: `None` where that is between frames, a last frame that needs
    /// no end, or an error. Call [`next_frame`](Self::next_frame) until it gives `None` first.
    pub fn finish(&mut self) -> Option<Result<&[u8], Error>> {
        if self.is_between_frames() {
            return None;
        }
        if self.skipping != Skipping::Nothing {
            // It has been reported.
            self.skipping = Skipping::Nothing;
            return None;
        }
        self.frame_position = self.window.position();
        match self.framing.end(self.window.bytes()) {
            Ok(End::Frame) => {
                let len = self.window.len();
                Some(Ok(self.take(len)))
            }
            Ok(End::Nothing) => {
                self.window.take(usize::MAX);
                None
            }
            Err(error) => {
                self.window.take(usize::MAX);
                Some(Err(error))
            }
        }
    }

    fn take(&mut self, len: usize) -> &[u8] {
        self.seen = 0;
        self.needed = 1;
        self.window.take(len)
    }

    /// Waits until so many bytes are there, if that can be.
    fn wait(&mut self, needed: usize) -> Option<Result<&[u8], Error>> {
        if needed > self.window.capacity() {
            let skip = self.framing.give_up(self.window.bytes(), needed);
            return Some(Err(self.refuse(Error::new(ErrorKind::FrameTooLarge, 0), skip)));
        }
        self.seen = self.window.len();
        self.needed = needed;
        None
    }

    fn refuse(&mut self, error: Error, skip: Skip) -> Error {
        self.skipping = skip.into();
        self.seen = 0;
        self.needed = 1;
        self.pass_over();
        error
    }

    fn pass_over(&mut self) {
        let count = self.skipping.pass_over(self.window.bytes());
        self.window.take(count);
    }
}
