//! The framing of JSON-RPC 2.0 between clients and ice adapters over TCP: objects without delimiters.
//!
//! Writers end an object with a line feed, but readers cannot rely on it. Most readers count braces, some of
//! them inside strings too, so braces in strings should be balanced. [`write_json`](crate::wire::write_json)
//! escapes everything that is not ASCII.

use super::Error;
use crate::wire::{self, Deframed, End, Framing, JsonBoundary, Skip};

/// Splits a stream into JSON objects, with any white space between them.
///
/// Braces inside strings are not counted. A malformed object does not affect the next one, as far as its end can be
/// recognized: see [`JsonBoundary`]. One that exceeds the limit is skipped up to a line feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Objects {
    /// The largest object, in bytes, including white space before it.
    pub limit: usize,
    /// The scanner's state within the current object.
    boundary: JsonBoundary,
}

impl Objects {
    /// Creates a framing with this limit.
    pub const fn new(limit: usize) -> Self {
        Self { limit, boundary: JsonBoundary::NEW }
    }
}

impl Framing for Objects {
    type Error = Error;

    fn deframe(&mut self, bytes: &[u8], seen: usize) -> Deframed<Error> {
        if seen == 0 {
            self.boundary = JsonBoundary::default();
        }
        let end = self.boundary.find(bytes.get(seen..).unwrap_or_default());
        match end.map(|end| end.saturating_add(seen)) {
            Some(end) if end <= self.limit => Deframed::Frame(end),
            None if bytes.len() <= self.limit => Deframed::Missing(1),
            _ => {
                let error = Error::new(wire::ErrorKind::FrameTooLarge.into(), 0);
                Deframed::Refused(error, Skip::PastDelimiter(b'\n'))
            }
        }
    }

    fn give_up(&self, _: &[u8], _: usize) -> Skip {
        Skip::PastDelimiter(b'\n')
    }

    fn end(&self, bytes: &[u8]) -> Result<End, Error> {
        if bytes.trim_ascii().is_empty() {
            Ok(End::Nothing)
        } else {
            Err(Error::new(wire::ErrorKind::Incomplete.into(), 0))
        }
    }
}
