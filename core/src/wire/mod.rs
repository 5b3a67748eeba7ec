//! The ground floor: readers, sinks, strings, lists, gzip and errors.
//!
//! Nothing here knows a protocol. A protocol's layouts read through a [`Reader`], write into a
//! [`Sink`], and tell an [`Observer`] what they find.

mod copy;
mod error;
mod float;
mod gzip;
#[cfg(all(feature = "gzip", any(feature = "small", test)))]
mod inflate;
mod observer;
mod reader;
mod sink;
mod text;
mod uleb128;

pub use error::{Error, ErrorKind};
pub use gzip::{GZIP_STORED_OVERHEAD, Inflater, store_gzip, stored_gzip_len};
pub use observer::{Observer, Step, Value};
pub use reader::Reader;
pub use sink::{AnySink, Counter, Full, Sink, SliceSink};
pub use text::{read_text, text_len, write_text, write_text_parts};
pub use uleb128::{read_uleb128, uleb128_len, write_uleb128};

pub(crate) use copy::{copy, copy_within};
pub(crate) use error::Fault;
pub(crate) use float::{narrow_float, widen_float};
pub(crate) use reader::parse;
pub(crate) use text::{MarkedText, Texts, marked_text, split_once, text, write_empty_text};
