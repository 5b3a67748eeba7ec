//! How ice adapters and clients talk to each other: JSON-RPC 2.0 over TCP, with nothing to tell objects apart.
//!
//! Who writes ends an object with a line feed; who reads can't rely on it, and most readers count braces, some
//! of them inside of strings too. [`write_json`](crate::wire::write_json) escapes all that is not ASCII;
//! braces inside of strings should be balanced.

use crate::wire::{Deframed, End, Error, ErrorKind, Framing, JsonBoundary, Skip};

/// Cuts a stream into JSON objects, whatever white space is between them.
///
/// Braces inside of strings are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Objects {
    /// The most bytes that an object may have, with the white space in front of it.
    pub limit: usize,
    /// What was seen of the object that is coming.
    boundary: JsonBoundary,
}

impl Objects {
    /// Objects of up to so many bytes.
    pub const fn new(limit: usize) -> Self {
        Self { limit, boundary: JsonBoundary::NEW }
    }
}

impl Framing for Objects {
    fn deframe(&mut self, bytes: &[u8], seen: usize) -> Deframed {
        if seen == 0 {
            self.boundary = JsonBoundary::default();
        }
        let end = self.boundary.find(bytes.get(seen..).unwrap_or_default());
        match end.map(|end| end.saturating_add(seen)) {
            Some(end) if end <= self.limit => Deframed::Frame(end),
            None if bytes.len() <= self.limit => Deframed::Missing(1),
            _ => Deframed::Refused(Error::new(ErrorKind::FrameTooLarge, 0), Skip::Rest),
        }
    }

    fn give_up(&self, _: &[u8], _: usize) -> Skip {
        Skip::Rest
    }

    fn end(&self, bytes: &[u8]) -> Result<End, Error> {
        if bytes.trim_ascii().is_empty() {
            Ok(End::Nothing)
        } else {
            Err(Error::new(ErrorKind::Incomplete, 0))
        }
    }
}
