//! Reports on standard error, one JSON object per line.

use lobbywire::bancho::Change;
use serde_json::json;
use std::io::{Write, stderr};

/// An error in the input.
#[derive(Debug)]
pub(crate) struct Malformed {
    /// The stable name of the error.
    pub(crate) kind: &'static str,
    /// Bytes from the start of the input.
    pub(crate) offset: u64,
    /// The packet, if known.
    pub(crate) packet: Option<String>,
    /// The field, if known.
    pub(crate) field: Option<String>,
    /// A sentence for users.
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

/// A packet without a frame: the version does not have the packet, or cannot represent it.
pub(crate) fn skipped(packet: &str, version: impl std::fmt::Display) {
    line(&json!({ "skipped": packet, "version": version.to_string() }));
}

/// A message that a framing cannot represent.
pub(crate) fn unframed(message: &str, framing: &str) {
    line(&json!({ "skipped": message, "framing": framing }));
}

/// A packet or field that a version cannot represent: `{"dropped": PACKET, "field": …, "version": …}`, or `replaced` or
/// `narrowed`.
pub(crate) fn changed(change: Change, version: impl std::fmt::Display) {
    let field = change.field.filter(|field| !field.is_empty());
    line(&json!({ change.kind.name(): change.packet, "field": field, "version": version.to_string() }));
}

fn line(object: &serde_json::Value) {
    // If standard error is closed, there is no place to report to.
    let _ = writeln!(stderr().lock(), "{object}");
}
