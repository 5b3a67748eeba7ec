//! JSON without a heap: a text is validated once and can then be traversed repeatedly.
//!
//! A [`Json`] is a borrowed text that holds one valid value. Nothing is built from it: its members and
//! items are texts in their turn. Written is what Python's `json.dumps` writes with
//! `separators=(",", ":")`, byte for byte: the servers of this field are written in it.

mod boundary;
mod number;
mod scan;
mod view;
mod write;

pub use boundary::JsonBoundary;
pub use scan::JsonSyntax;
#[doc(hidden)] // used by the std adapter
pub use scan::end_of_plain as json_end_of_plain;
pub use view::{Json, JsonItems, JsonKind, JsonMembers, JsonText};
pub use write::{ArrayWriter, ObjectWriter, write_json, write_json_float, write_json_int, write_json_text};

pub(crate) use view::{ParsedJson, utf8};
pub(crate) use write::quoted as write_json_units;
