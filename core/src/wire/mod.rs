//! What all protocols share: readers, sinks, framing, strings, JSON, gzip and errors.
//!
//! This module contains nothing specific to a protocol. A protocol's layouts read from a [`Reader`], write
//! to a [`Sink`], and report fields to an [`Observer`].

#[cfg(feature = "bancho")]
mod any_text;
mod copy;
#[cfg(any(feature = "embedded-io-v0.7", feature = "embedded-io-async-v0.7"))]
pub(crate) mod embedded;
mod error;
mod float;
mod framing;
mod gzip;
#[cfg(all(feature = "gzip", any(feature = "small", test)))]
mod inflate;
mod json;
#[cfg(feature = "laws")]
pub mod laws;
mod location;
#[cfg(feature = "signalr")]
mod msgpack;
mod observer;
mod reader;
mod sink;
mod text;
mod uleb128;
mod utf16;
mod window;

#[cfg(feature = "bancho")]
#[doc(hidden)]
pub use any_text::TextMap;
pub use error::{Error, ErrorKind};
pub use float::NonFinite;
pub use framing::{Deframed, Deframer, End, FrameDecoder, Framing, Skip};
pub use gzip::{GZIP_STORED_OVERHEAD, Inflater, store_gzip, stored_gzip_len};
#[doc(hidden)] // used by the std adapter
pub use json::json_end_of_plain;
pub use json::{
    ArrayWriter, Json, JsonBoundary, JsonItems, JsonKind, JsonMembers, JsonSyntax, JsonText, ObjectWriter,
    write_json, write_json_float, write_json_int, write_json_text,
};
pub use location::{Explained, Location, Trace};
#[cfg(feature = "signalr")]
pub use msgpack::{MsgPackKind, MsgPackReader, MsgPackWriter};
pub use observer::{Observer, Step, Value};
pub use reader::Reader;
pub use sink::{AnySink, Counter, Full, Sink, SliceSink};
pub use text::{read_text, text_len, write_text, write_text_parts};
pub use uleb128::{read_uleb128, uleb128_len, write_uleb128};
pub use utf16::Utf16Be;

pub(crate) use copy::{copy, copy_within};
pub(crate) use error::Fault;
pub(crate) use float::{narrow_float, widen_float};
pub(crate) use json::{ParsedJson, utf8, write_json_units};
pub(crate) use reader::parse;
pub(crate) use text::{MarkedText, Texts, marked_text, split_once, text, write_empty_text};
pub(crate) use utf16::AsciiToUtf16;
