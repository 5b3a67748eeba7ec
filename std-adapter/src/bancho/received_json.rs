//! Received packets as JSON, without the fields that the version does not carry.

use super::types::Completeness;
use super::{FrameError, Received, Side, TranscodeError, Unknown, Version, client, repair_text, server};
use crate::wire::{self, Error, ErrorKind, Observer, Step};
use serde::Serialize;
use serde_json::{Map, Value};

/// Decodes a payload and returns its packet as the JSON of the command-line tool, `{"packet": NAME, "data": VALUE}`.
///
/// This is the JSON of the [owned packets](super::owned#as-json) with only the fields that the version carries. An
/// unknown `wire_id` returns the packet `Unknown`.
///
/// ```
/// use lobbywire::bancho::{Side, Version, to_json};
///
/// let payload = b"\0\x0b\x02hi\x0b\x04#osu\0\0\0\0";
/// let packet = to_json(Version::LATEST, Side::Client, 1, payload)?;
/// let message = serde_json::json!({"sender": "", "content": "hi", "target": "#osu", "sender_id": 0});
/// assert_eq!(packet, serde_json::json!({"packet": "OsuMessage", "data": message}));
/// # Ok::<(), lobbywire::wire::Error>(())
/// ```
///
/// Text that is not valid UTF-8 is shown as [`String::from_utf8_lossy`] does.
///
/// # Errors
/// What is wrong with the payload, and at which of its bytes.
pub fn to_json(version: Version, side: Side, wire_id: u16, payload: &[u8]) -> Result<Value, Error> {
    match to_json_strict(version, side, wire_id, payload) {
        Err(error) if error.kind == ErrorKind::Utf8 => {
            let mut repaired = Vec::with_capacity(payload.len());
            match repair_text(version, side, wire_id, payload, &mut repaired) {
                Ok(()) => to_json_strict(version, side, wire_id, &repaired),
                Err(TranscodeError::Malformed(error)) => Err(error),
                Err(_) => Err(error),
            }
        }
        packet => packet,
    }
}

fn to_json_strict(version: Version, side: Side, wire_id: u16, payload: &[u8]) -> Result<Value, Error> {
    let mut carried = Carried::default();
    match side {
        Side::Client => {
            let packet = client::Packet::trace(version, wire_id, payload, &mut carried)?;
            Ok(carried.value_of(&packet, version))
        }
        Side::Server => {
            let packet = server::Packet::trace(version, wire_id, payload, &mut carried)?;
            Ok(carried.value_of(&packet, version))
        }
    }
}

impl Received {
    /// The packet as the JSON of the command-line tool: see [`to_json`]. A packet that an override decodes has all its
    /// fields, because it is unknown which of them it carries.
    ///
    /// # Errors
    /// What is wrong with the payload.
    pub fn to_json(&self) -> Result<Value, FrameError> {
        if self.is_overridden() {
            let value = match self.side() {
                Side::Client => serde_json::to_value(self.client()?),
                Side::Server => serde_json::to_value(self.server()?),
            };
            return Ok(value.unwrap_or_default());
        }
        let to_json = |payload| to_json_strict(self.version(), self.side(), self.wire_id(), payload);
        to_json(self.payload()).or_else(|error| {
            self.repaired(error).and_then(|payload| to_json(payload).map_err(|error| self.malformed(error)))
        })
    }
}

/// Records which fields a packet carries.
#[derive(Default)]
struct Carried {
    root: Field,
    path: Vec<Step>,
}

/// A field: a value, or its fields and elements.
#[derive(Default)]
struct Field {
    is_value: bool,
    fields: Vec<(&'static str, Field)>,
    /// The elements of a list, which have the same fields, and their number.
    elements: Option<Box<Field>>,
    len: usize,
}

impl Field {
    /// The field with this name, which is inserted if it is missing.
    fn field(&mut self, name: &'static str) -> &mut Self {
        let known = self.fields.iter().position(|(known, _)| *known == name);
        let index = known.unwrap_or_else(|| {
            self.fields.push((name, Self::default()));
            self.fields.len() - 1
        });
        &mut self.fields[index].1
    }

    fn element(&mut self, index: usize) -> &mut Self {
        self.len = self.len.max(index + 1);
        self.elements.get_or_insert_default()
    }

    /// Removes the other fields from `value`.
    fn retain_in(&self, value: &mut Value) {
        match value {
            _ if self.is_value => {}
            Value::Object(object) => object.retain(|name, value| {
                let field = self.fields.iter().find(|(known, _)| known == name);
                field.inspect(|(_, field)| field.retain_in(value)).is_some()
            }),
            Value::Array(elements) => {
                elements.truncate(self.len);
                for element in elements {
                    self.elements.as_ref().inspect(|alike| alike.retain_in(element));
                }
            }
            _ => {}
        }
    }
}

impl Observer for Carried {
    fn begin(&mut self, name: &'static str, _: usize) {
        self.path.push(Step::Field(name));
    }

    fn begin_element(&mut self, index: usize, _: usize) {
        self.path.push(Step::Element(index));
    }

    fn value(&mut self, _: usize, _: usize, value: wire::Value<'_>) {
        let mut field = &mut self.root;
        for step in &self.path {
            match *step {
                Step::Field(path) => {
                    for name in path.split('.') {
                        field = field.field(name);
                    }
                }
                Step::Element(index) => field = field.element(index),
            }
        }
        field.is_value |= !matches!(value, wire::Value::List(_));
    }

    fn detail(&mut self, _: &'static str, _: usize, _: usize, _: wire::Value<'_>) {}

    fn end(&mut self) {
        self.path.pop();
    }
}

impl Carried {
    fn value_of(&self, packet: &impl Serialize, version: Version) -> Value {
        // This cannot fail: names are strings, and numbers are finite.
        let mut value = serde_json::to_value(packet).unwrap_or_default();
        if value["packet"] != Unknown::INFO.name {
            let data = &mut value["data"];
            self.root.retain_in(data);
            if let Value::Object(data) = data {
                omit_usual_completeness(data, version);
            }
        }
        value
    }
}

/// Removes the completeness of stats if it is the default of the version.
fn omit_usual_completeness(data: &mut Map<String, Value>, version: Version) {
    let has_changed = data.get("status").is_some_and(|status| status["update_stats"] == true);
    let usual = match version.build() {
        ..338 if has_changed => Completeness::FULL,
        ..338 => Completeness::STATUS_ONLY,
        _ => Completeness::STATISTICS,
    };
    if data.get("completeness").is_some_and(|completeness| *completeness == usual.0) {
        data.remove("completeness");
    }
}
