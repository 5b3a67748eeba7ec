//! The laws that everything of this family keeps, whatever bytes it is given.
//!
//! They are here and not in a test, so that tests, fuzz targets and dependent projects hold the same ones: each
//! is a function that takes bytes from anywhere and says which law they break. Like the rest of the crate they
//! need no allocator; the caller lends [`Buffers`].
//!
//! ```
//! use lobbywire_core::faf::{Mode, laws};
//!
//! let mut memory = [[0; 1024]; 4];
//! let mut buffers = laws::Buffers::of(&mut memory);
//! for mode in [Mode::Strict, Mode::Lenient] {
//!     laws::line(b"{\"command\":\"ping\"}\n", mode, &mut buffers)?;
//!     laws::block(b"anything at all", mode, &mut buffers)?;
//! }
//! # Ok::<(), laws::Broken>(())
//! ```

mod command;
mod json;
mod message;
mod stream;
mod text;

pub use command::gpgnet;
pub use json::{json, json_text};
pub use message::{block, line};
pub use stream::stream;
pub use text::{ice, replay_header, replay_request, utf16};

use crate::wire::{Error, SliceSink};
use core::fmt;

/// Memory for the laws. Where it is too little for what they write, they end without a word; eighteen times the
/// input, and 256 bytes, are always enough.
#[derive(Debug)]
pub struct Buffers<'b> {
    /// What is read.
    pub read: &'b mut [u8],
    /// What is written of it.
    pub written: &'b mut [u8],
    /// What is read of that.
    pub read_again: &'b mut [u8],
    /// What is written of that again.
    pub written_again: &'b mut [u8],
}

impl<'b> Buffers<'b> {
    /// Four arrays.
    pub fn of<const LEN: usize>(memory: &'b mut [[u8; LEN]; 4]) -> Self {
        let [read, written, read_again, written_again] = memory;
        Self { read, written, read_again, written_again }
    }
}

/// A law that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The law.
    pub law: &'static str,
    /// A number that helps to find the place: a length, an offset.
    pub at: usize,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at {})", self.law, self.at)
    }
}

impl core::error::Error for Broken {}

/// What nobody writes, so that it shows where something was written that should not have been.
const POISON: u8 = 0xa5;

fn holds(it_does: bool, law: &'static str, at: usize) -> Result<(), Broken> {
    if it_does { Ok(()) } else { Err(Broken { law, at }) }
}

/// An error says of a place in the input that it is wrong.
fn is_inside(error: Error, len: usize) -> Result<(), Broken> {
    let offset = usize::try_from(error.offset).unwrap_or(usize::MAX);
    holds(offset <= len, "an error is in the input", offset)
}

/// Writes at the start of poisoned memory, what `len` bytes were counted for: they are as many, none behind
/// them is touched, and in less room there is no writing. `None` where there is not enough room here.
fn write_counted<E>(
    buffer: &mut [u8],
    len: usize,
    write: impl Fn(&mut SliceSink<'_>) -> Result<(), E>,
) -> Result<Option<&[u8]>, Broken> {
    if len > buffer.len() {
        return Ok(None);
    }
    if let Some(short) = len.checked_sub(1).and_then(|short| buffer.get_mut(..short)) {
        holds(write(&mut SliceSink::new(short)).is_err(), "a buffer that is too short is refused", len)?;
    }
    buffer.fill(POISON);
    let room = buffer.len();
    let mut sink = SliceSink::new(&mut *buffer);
    holds(write(&mut sink).is_ok(), "what was counted is written", len)?;
    let written = room.saturating_sub(sink.room());
    holds(written == len, "what is written is as long as counted", written)?;
    let (written, behind) = buffer.split_at_checked(len).unwrap_or_default();
    holds(behind.iter().all(|byte| *byte == POISON), "nothing is written behind the end", len)?;
    Ok(Some(written))
}

/// Where something of this length is cut: everywhere where it is short, at some 300 places where it is long, and
/// at all of the last ones.
fn cuts(len: usize) -> impl Iterator<Item = usize> {
    let step = len.checked_div(300).unwrap_or(0).saturating_add(1);
    (0..len).step_by(step).chain(len.saturating_sub(16)..len)
}
