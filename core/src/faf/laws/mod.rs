//! Properties of FAF's encodings, for tests, fuzz targets and dependent projects.
//!
//! Each function accepts any input and returns the property that it violates. None allocates; the caller provides
//! [`Buffers`].
//!
//! ```
//! use lobbywire_core::faf::{Mode, laws};
//!
//! let mut memory = [[0; 1024]; 4];
//! let mut buffers = laws::Buffers::of(&mut memory);
//! for mode in [Mode::Strict, Mode::Lenient] {
//!     let outcome = laws::line(b"{\"command\":\"ping\"}\n", mode, &mut buffers)?;
//!     assert_eq!(outcome, laws::Outcome::Held);
//!     let outcome = laws::block(b"anything at all", mode, &mut buffers)?;
//!     assert_eq!(outcome, laws::Outcome::Skipped);
//! }
//! # Ok::<(), laws::Broken>(())
//! ```

mod command;
mod json;
mod message;
mod text;

pub use crate::wire::laws::{Broken, Outcome, stream};
pub use command::gpgnet;
pub use json::{json, json_text};
pub use message::{block, line};
pub use text::{ice, replay_header, replay_request, utf16};

use crate::wire::laws::{holds, is_inside, truncated_lens, write_counted};

/// Memory for the properties, which are [`Outcome::Skipped`] if it is too small. Eighteen times the input plus 256 bytes
/// are always enough for each buffer.
#[derive(Debug)]
pub struct Buffers<'b> {
    /// Scratch memory of the first read.
    pub read: &'b mut [u8],
    /// Receives the value encoded after the first read.
    pub written: &'b mut [u8],
    /// Scratch memory of the second read.
    pub read_again: &'b mut [u8],
    /// Receives the value encoded after the second read.
    pub written_again: &'b mut [u8],
}

impl<'b> Buffers<'b> {
    /// Uses four arrays as buffers.
    pub fn of<const LEN: usize>(memory: &'b mut [[u8; LEN]; 4]) -> Self {
        let [read, written, read_again, written_again] = memory;
        Self { read, written, read_again, written_again }
    }
}
