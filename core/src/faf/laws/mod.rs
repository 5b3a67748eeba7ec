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
mod text;

pub use crate::wire::laws::{Broken, stream};
pub use command::gpgnet;
pub use json::{json, json_text};
pub use message::{block, line};
pub use text::{ice, replay_header, replay_request, utf16};

use crate::wire::laws::{cuts, holds, is_inside, write_counted};

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
