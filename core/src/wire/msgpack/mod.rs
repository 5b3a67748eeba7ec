//! MessagePack without a heap: a cursor that decodes or skips values, and a writer.
//!
//! The writer uses the shortest encoding of every value. Floats keep their width.

mod marker;
mod read;
mod write;

pub use read::{MsgPackKind, MsgPackReader};
pub use write::MsgPackWriter;
