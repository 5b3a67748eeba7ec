//! Annotated hexdumps of SignalR messages.

use super::{Encoding, value};
use crate::hexdump::{Rows, inner_path};
use crate::text::show;
use lobbywire::wire::{Error, Json, JsonSyntax, MsgPackKind, MsgPackReader, Value};
use serde_json::Map;

/// The nesting limit, which bounds the stack.
const MAX_DEPTH: usize = 64;

/// Adds every byte of a message with its field. `members` is the decoded message: its keys are the names of the elements.
pub(super) fn message(
    rows: &mut Rows<'_, '_>,
    frame: &[u8],
    encoding: Encoding,
    members: &Map<String, serde_json::Value>,
) {
    if encoding == Encoding::Json || frame.first() == Some(&b'{') {
        return record(rows, frame);
    }
    let header = frame.iter().position(|byte| *byte < 0x80).map_or(0, |end| end + 1);
    rows.detail(header, &format!("message of {} bytes", frame.len() - header));
    // An unknown message has the members `kind` and `message`, which are not its elements.
    let is_known = !members.contains_key("kind");
    let names: Vec<_> = members.keys().map(String::as_str).filter(|_| is_known).collect();
    let mut reader = MsgPackReader::new(&frame[header..]);
    if elements(rows, &mut reader, header, &names).is_err() {
        // osu!lazer's mods with settings.
        rows.detail(frame.len(), "not valid MessagePack");
    }
}

/// A JSON message or a handshake, and the byte after it.
fn record(rows: &mut Rows<'_, '_>, frame: &[u8]) {
    let Some(Ok(text)) = frame.split_last().map(|(_, text)| std::str::from_utf8(text)) else { return };
    if let Ok(json) = Json::parse(text, JsonSyntax::PYTHON) {
        rows.json(json, text, &mut |part| part.len());
        rows.detail(frame.len(), "end of the record");
    }
}

fn elements(
    rows: &mut Rows<'_, '_>,
    reader: &mut MsgPackReader<'_>,
    base: usize,
    names: &[&str],
) -> Result<(), Error> {
    let len = reader.array_len()?;
    rows.detail(base + reader.position(), &format!("{len} elements"));
    for index in 0..len {
        let name = names.get(index).map_or_else(|| index.to_string(), |name| (*name).to_owned());
        walk(rows, reader, base, &name, 0)?;
    }
    Ok(())
}

/// Adds a value and the values in it.
fn walk(
    rows: &mut Rows<'_, '_>,
    reader: &mut MsgPackReader<'_>,
    base: usize,
    path: &str,
    depth: usize,
) -> Result<(), Error> {
    match reader.kind() {
        Some(MsgPackKind::Array) if depth < MAX_DEPTH => {
            let len = reader.array_len()?;
            rows.field(base + reader.position(), path, &show(Value::List(len)));
            (0..len).try_for_each(|index| {
                walk(rows, reader, base, &inner_path(path, &index.to_string()), depth + 1)
            })
        }
        Some(MsgPackKind::Map) if depth < MAX_DEPTH => {
            let len = reader.map_len()?;
            rows.field(base + reader.position(), path, &format!("map of {len}"));
            for _ in 0..len {
                let key = value::read(reader, depth)?;
                let key = key.as_str().map_or_else(|| key.to_string(), str::to_owned);
                rows.detail(base + reader.position(), &format!("{path} key {key}"));
                walk(rows, reader, base, &inner_path(path, &key), depth + 1)?;
            }
            Ok(())
        }
        _ => {
            let shown = match value::read(reader, depth)? {
                serde_json::Value::String(text) => show(Value::Text(&text)),
                serde_json::Value::Null => show(Value::Null),
                serde_json::Value::Bool(flag) => show(Value::Bool(flag)),
                other => other.to_string(),
            };
            rows.field(base + reader.position(), path, &shown);
            Ok(())
        }
    }
}
