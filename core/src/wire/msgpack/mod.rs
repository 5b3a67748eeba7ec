//! MessagePack without a heap: a cursor that reads what is asked for and skips the rest, and its counterpart.
//!
//! Written is the smallest form of everything but floats, which have one each.

mod marker;
mod read;
mod write;

pub use read::{MsgPackKind, MsgPackReader};
pub use write::MsgPackWriter;
