//! What goes to standard error, one JSON object a line.

use serde_json::json;
use std::io::{Write, stderr};

/// Something is wrong with the input.
#[derive(Debug)]
pub(crate) struct Malformed {
    /// The stable name of what is wrong.
    pub(crate) kind: &'static str,
    /// Where, in bytes from the start of the input.
    pub(crate) offset: u64,
    /// The packet, where it is known.
    pub(crate) packet: Option<String>,
    /// The field, where it is known.
    pub(crate) field: Option<String>,
    /// One sentence for a person.
    pub(crate) message: String,
}

impl Malformed {
    pub(crate) fn report(&self) {
        line(&json!({
            "error": self.kind,
            "offset": self.offset,
            "packet": self.packet,
            "field": self.field,
            "message": self.message,
        }));
    }
}

/// A packet has no frame: the version does not know it, or could not show it.
pub(crate) fn skipped(packet: &str, version: impl std::fmt::Display) {
    line(&json!({ "skipped": packet, "version": version.to_string() }));
}

/// A message has no frame in a framing.
pub(crate) fn unframed(message: &str, framing: &str) {
    line(&json!({ "skipped": message, "framing": framing }));
}

/// A version could not be told a field of a packet, or without one the packet itself.
pub(crate) fn unrepresentable(packet: &str, field: Option<&str>, version: impl std::fmt::Display) {
    line(&json!({ "lost": packet, "field": field, "version": version.to_string() }));
}

fn line(object: &serde_json::Value) {
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(stderr().lock(), "{object}");
}
