//! The core's test vectors, which contain the results of FAForever's server and Python.

#![allow(dead_code)] // no test uses all of it

use crate::traffic::unhex;
use lobbywire::faf::{FrameError, Framing, Message, Mode, Options, ReadError, Received};
use serde_json::{Value, json};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// A frame, and the expected result in each mode: a message, `kind@offset`, or `null` for nothing.
#[derive(Clone, Debug)]
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) framing: String,
    pub(crate) bytes: Vec<u8>,
    strict: Value,
    lenient: Value,
}

impl Vector {
    pub(crate) fn read(&self, mode: Mode) -> &Value {
        if mode.is_lenient() { &self.lenient } else { &self.strict }
    }
}

/// The vectors of one framing.
pub(crate) fn vectors(framing: &str) -> Vec<Vector> {
    let lines = include_str!("../../../core/tests/faf/vectors.jsonl").lines();
    let all = lines.map(|line| {
        let row: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| row[key].as_str().unwrap().to_owned();
        Vector {
            name: text("vector"),
            framing: text("framing"),
            bytes: unhex(&text("hex")),
            strict: row["strict"].clone(),
            lenient: row["lenient"].clone(),
        }
    });
    let vectors: Vec<_> = all.filter(|vector| vector.framing == framing).collect();
    assert!(vectors.len() >= 12);
    vectors
}

pub(crate) const FRAMINGS: [Framing; 2] = [Framing::QDataStream, Framing::SimpleJson];
pub(crate) const MODES: [Mode; 2] = [Mode::Strict, Mode::Lenient];

pub(crate) fn name(framing: Framing) -> &'static str {
    match framing {
        Framing::QDataStream => "qdatastream",
        Framing::SimpleJson => "json",
    }
}

pub(crate) fn options(mode: Mode, limit: usize) -> Options {
    let mut options = Options::default();
    options.mode = mode;
    options.limit = limit;
    options
}

/// The next message or malformed frame; `None` at the end of the stream.
///
/// # Panics
/// If the stream failed.
pub(crate) fn item<T>(read: Result<Option<T>, ReadError>) -> Option<Result<T, FrameError>> {
    match read {
        Ok(item) => item.map(Ok),
        Err(error) => Some(Err(error.malformed().expect("the stream must not fail"))),
    }
}

/// The result of reading a message, in the form of the vectors.
pub(crate) fn shown(item: &Result<Received, FrameError>) -> Value {
    match item {
        // Text that serde_json cannot parse is compared as text.
        Ok(received) => serde_json::from_str(received.text()).unwrap_or_else(|_| json!(received.text())),
        Err(FrameError { error, .. }) => json!(format!("{}@{}", error.kind.name(), error.offset)),
    }
}

/// The vectors that may be followed by others, concatenated, with the expected result, start and end of each.
pub(crate) fn stream(framing: Framing, mode: Mode) -> (Vec<u8>, Vec<(Value, u64, u64)>) {
    let (mut bytes, mut items) = (Vec::new(), Vec::new());
    for vector in vectors(name(framing)) {
        let is_whole = framing == Framing::QDataStream || vector.bytes.ends_with(b"\n");
        if !is_whole || *vector.read(mode) == "incomplete@0" {
            continue;
        }
        let start = bytes.len() as u64;
        bytes.extend(&vector.bytes);
        if !vector.read(mode).is_null() {
            items.push((vector.read(mode).clone(), start, bytes.len() as u64));
        }
    }
    assert!(items.len() >= 10);
    (bytes, items)
}

/// Parses a message.
pub(crate) fn message(text: &str) -> Message<'_> {
    Message::parse(text, Mode::Strict).unwrap()
}

/// Frames an object without using the library.
pub(crate) fn frame(framing: Framing, text: &str) -> Vec<u8> {
    match framing {
        Framing::SimpleJson => [text.as_bytes(), b"\n"].concat(),
        Framing::QDataStream => {
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let len = |len: usize| u32::try_from(len).unwrap().to_be_bytes();
            [&len(units.len() + 4)[..], &len(units.len()), &units].concat()
        }
    }
}

/// Polls a future once and drops it.
pub(crate) fn poll_once<T>(future: impl Future<Output = T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}
