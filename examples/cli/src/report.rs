//! Reports on standard error, one JSON object per line.

use crate::output::Output;
use lobbywire::bancho::Change;
use serde::Serialize;
use serde_json::json;
use std::fmt::Display;
use std::io::Result;

/// An error in the input.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Malformed {
    /// The stable name of the error.
    #[serde(rename = "error")]
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

impl Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (byte {})", self.message, self.offset)
    }
}

impl std::error::Error for Malformed {}

impl Output {
    /// Reports an error in the input. The exit code will be 1.
    pub(crate) fn malformed(&mut self, malformed: &Malformed) -> Result<()> {
        self.found_malformed();
        self.report(malformed)
    }

    /// A packet without a frame: the version does not have the packet, or cannot represent it.
    pub(crate) fn skipped(&mut self, packet: &str, version: impl Display) -> Result<()> {
        self.report(&json!({ "skipped": packet, "version": version.to_string() }))
    }

    /// A message that a framing cannot represent.
    pub(crate) fn unframed(&mut self, message: &str, framing: &str) -> Result<()> {
        self.report(&json!({ "skipped": message, "framing": framing }))
    }

    /// A packet or field that a version cannot represent: `{"dropped": PACKET, "field": …, "version": …}`, or `replaced`
    /// or `narrowed`.
    pub(crate) fn changed(&mut self, change: Change, version: impl Display) -> Result<()> {
        let field = change.field.filter(|field| !field.is_empty());
        self.report(
            &json!({ change.kind.name(): change.packet, "field": field, "version": version.to_string() }),
        )
    }

    /// A packet that was decoded although its text is not UTF-8; the error is what strict decoding returns.
    pub(crate) fn lossy_text(&mut self, strict: &Malformed) -> Result<()> {
        let Malformed { offset, packet, field, .. } = strict;
        let message = "the text is not valid UTF-8; invalid parts are shown as U+FFFD";
        self.report(&json!({
            "note": "lossy_text", "offset": offset, "packet": packet, "field": field, "message": message
        }))
    }

    /// Advice about input that is valid, but probably not what the options say.
    pub(crate) fn hint(&mut self, advice: &str) -> Result<()> {
        self.report(&json!({ "hint": advice }))
    }
}
