//! `lobbywire signalr encode`: JSON to messages.

use super::hub::convert;
use super::{Encoding, value};
use crate::lines::each_line;
use crate::report::Malformed;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lobbywire::faf::Json as Text;
use lobbywire::lazer::Hub;
use lobbywire::signalr::{
    Arguments, CancelInvocation, Close, Completion, CompletionResult, Headers, Invocation, Message,
    RECORD_END, StreamIds, StreamInvocation, StreamItem, Value,
};
use lobbywire::wire::{Full, Json, JsonSyntax, MsgPackWriter, Sink};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Result;
use std::path::Path;
use std::process::ExitCode;

/// A line of the input, with the fields of all message types.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    r#type: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    invocation_id: Option<String>,
    target: Option<String>,
    arguments: Option<serde_json::Value>,
    #[serde(default)]
    stream_ids: Vec<String>,
    item: Option<serde_json::Value>,
    result_kind: Option<u8>,
    #[serde(default, deserialize_with = "present")]
    result: Option<serde_json::Value>,
    error: Option<String>,
    #[serde(default)]
    allow_reconnect: bool,
    sequence_id: Option<i64>,
    protocol: Option<String>,
    version: Option<i64>,
    kind: Option<i64>,
    message: Option<serde_json::Value>,
}

/// Distinguishes null from a missing field.
fn present<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<serde_json::Value>, D::Error> {
    serde_json::Value::deserialize(deserializer).map(Some)
}

/// An invalid line: the field, or an empty string, and the reason.
struct Invalid(&'static str, String);

pub(super) fn run(
    encoding: Encoding,
    hub: Option<Hub>,
    keep_going: bool,
    file: Option<&Path>,
) -> Result<ExitCode> {
    each_line(keep_going, file, |line, offset, out| {
        let malformed = |kind, offset, packet, field: &str, message| {
            let field = Some(field.to_owned()).filter(|field| !field.is_empty());
            Ok(Err(Malformed { kind, offset, packet, field, message }))
        };
        let line: Line = match serde_json::from_slice(line.trim_ascii_end()) {
            Ok(line) => line,
            Err(error) => {
                let at = if error.is_data() { 0 } else { error.column().saturating_sub(1) as u64 };
                let text = error.to_string();
                let text = text.rsplit_once(" at line ").map_or(&*text, |(text, _)| text);
                return malformed("json", offset + at, None, "", text.to_owned());
            }
        };
        match frame(&line, encoding, hub) {
            Ok(frame) => out.write_all(&frame).map(Ok),
            Err(Invalid(field, message)) => {
                malformed("value", offset, Some(line.r#type.clone()), field, message)
            }
        }
    })
}

/// A growable sink.
struct Bytes(Vec<u8>);

impl Sink for Bytes {
    fn put(&mut self, bytes: &[u8]) -> std::result::Result<(), Full> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// An encoded value, which messages borrow.
struct Encoded {
    bytes: Vec<u8>,
    text: String,
}

/// Encodes a value of a line.
fn encoded(
    value: &serde_json::Value,
    encoding: Encoding,
    field: &'static str,
) -> std::result::Result<Encoded, Invalid> {
    let mut bytes = Bytes(Vec::new());
    let text = match encoding {
        Encoding::Json => {
            Text::new(value).map_err(|error| Invalid(field, error.to_string()))?.text().to_owned()
        }
        Encoding::Messagepack => {
            match messagepack_of(value) {
                Some(given) => bytes.0 = given.ok_or_else(|| Invalid(field, "expected base64".to_owned()))?,
                None => value::write(value, &mut MsgPackWriter::new(&mut bytes))
                    .map_err(|error| Invalid(field, error.0.to_owned()))?,
            }
            String::new()
        }
    };
    Ok(Encoded { bytes: bytes.0, text })
}

/// The bytes of `{"$messagepack": base64}`. `None` for another value, `Some(None)` for invalid base64.
fn messagepack_of(value: &serde_json::Value) -> Option<Option<Vec<u8>>> {
    let text = value.get("$messagepack")?;
    Some(text.as_str().and_then(|text| STANDARD.decode(text).ok()))
}

impl Encoded {
    fn value(&self, encoding: Encoding) -> Value<'_> {
        match encoding {
            Encoding::Messagepack => Value::MessagePack(&self.bytes),
            Encoding::Json => Value::Json(self.json()),
        }
    }

    fn json(&self) -> Json<'_> {
        Json::parse(&self.text, JsonSyntax::PYTHON).unwrap_or(Json::NULL)
    }
}

/// Encodes arguments with field names. `None` for a method that the hub does not have, or for arguments given
/// as bytes.
fn named_arguments(
    line: &Line,
    encoding: Encoding,
    hub: Hub,
) -> Option<std::result::Result<(usize, Encoded), Invalid>> {
    let (target, given) = (line.target.as_deref()?, line.arguments.as_ref()?);
    let text = given.is_array().then(|| given.to_string())?;
    let array = Arguments::of_json(Json::parse(&text, JsonSyntax::STRICT).ok()?)?;
    let done = convert(hub, target, array, encoding.wire())?;
    Some(done.map_err(|error| Invalid("arguments", error.to_string())).map(|arguments| {
        let text = String::from_utf8_lossy(arguments.bytes()).into_owned();
        (arguments.len(), Encoded { bytes: arguments.bytes().to_vec(), text })
    }))
}

/// Encodes the arguments of a line. Returns their number and bytes.
fn arguments(line: &Line, encoding: Encoding) -> std::result::Result<(usize, Encoded), Invalid> {
    let invalid = || Invalid("arguments", "expected an array".to_owned());
    match (line.arguments.as_ref(), encoding) {
        (None, Encoding::Messagepack) => Ok((0, Encoded { bytes: Vec::new(), text: String::new() })),
        (None, Encoding::Json) => Ok((0, encoded(&json!([]), encoding, "arguments")?)),
        (Some(value), Encoding::Messagepack) if value.get("$messagepack").is_some() => {
            let count = value.get("count").and_then(serde_json::Value::as_u64);
            let count = count.and_then(|count| usize::try_from(count).ok());
            let count = count.ok_or_else(|| Invalid("arguments.count", "expected a number".to_owned()))?;
            Ok((count, encoded(value, encoding, "arguments")?))
        }
        (Some(value), Encoding::Messagepack) => {
            let mut bytes = Vec::new();
            let items = value.as_array().ok_or_else(invalid)?;
            for item in items {
                bytes.extend(encoded(item, encoding, "arguments")?.bytes);
            }
            Ok((items.len(), Encoded { bytes, text: String::new() }))
        }
        (Some(value), Encoding::Json) => {
            let count = value.as_array().ok_or_else(invalid)?.len();
            Ok((count, encoded(value, encoding, "arguments")?))
        }
    }
}

fn frame(line: &Line, encoding: Encoding, hub: Option<Hub>) -> std::result::Result<Vec<u8>, Invalid> {
    fn missing<T>(field: &'static str, value: Option<T>) -> std::result::Result<T, Invalid> {
        value.ok_or_else(|| Invalid(field, "expected a value".to_owned()))
    }
    let headers: Vec<_> = line.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let headers = if headers.is_empty() { Headers::None } else { Headers::Listed(&headers) };
    let ids: Vec<_> = line.stream_ids.iter().map(|id| &**id).collect();
    let stream_ids = StreamIds::Listed(&ids);
    let id = || missing("invocation_id", line.invocation_id.as_deref().map(Into::into));
    let target = || missing("target", line.target.as_deref().map(Into::into));
    let (count, given) = match hub.and_then(|hub| named_arguments(line, encoding, hub)) {
        Some(given) => given?,
        None => arguments(line, encoding)?,
    };
    let arguments = || match encoding {
        Encoding::Messagepack => Ok(Arguments::of_messagepack(count, &given.bytes)),
        Encoding::Json => missing("arguments", Arguments::of_json(given.json())),
    };
    let (null, item, result, whole) = (json!(null), &line.item, &line.result, &line.message);
    let item = encoded(item.as_ref().unwrap_or(&null), encoding, "item")?;
    let result_value = encoded(result.as_ref().unwrap_or(&null), encoding, "result")?;
    let whole = encoded(whole.as_ref().unwrap_or(&null), encoding, "message")?;
    let message = match &*line.r#type {
        "HandshakeRequest" => {
            let protocol = missing("protocol", line.protocol.as_deref())?;
            let version = missing("version", line.version)?;
            return Ok(record(&json!({ "protocol": protocol, "version": version })));
        }
        "HandshakeResponse" => {
            let error = line.error.as_ref().map(|error| json!({ "error": error }));
            return Ok(record(&error.unwrap_or_else(|| json!({}))));
        }
        "Invocation" => Message::Invocation(Invocation {
            headers,
            invocation_id: line.invocation_id.as_deref().map(Into::into),
            target: target()?,
            arguments: arguments()?,
            stream_ids,
        }),
        "StreamInvocation" => Message::StreamInvocation(StreamInvocation {
            headers,
            invocation_id: id()?,
            target: target()?,
            arguments: arguments()?,
            stream_ids,
        }),
        "StreamItem" => {
            Message::StreamItem(StreamItem { headers, invocation_id: id()?, item: item.value(encoding) })
        }
        "Completion" => {
            let result = match (line.result_kind, &line.error, result) {
                (Some(1) | None, Some(error), None) => CompletionResult::Error((&**error).into()),
                (Some(3) | None, None, Some(_)) => CompletionResult::Result(result_value.value(encoding)),
                (Some(2) | None, None, None) => CompletionResult::Void,
                _ => {
                    return Err(Invalid(
                        "result_kind",
                        "expected 1 with an error, 2, or 3 with a result".to_owned(),
                    ));
                }
            };
            Message::Completion(Completion { headers, invocation_id: id()?, result })
        }
        "CancelInvocation" => Message::CancelInvocation(CancelInvocation { headers, invocation_id: id()? }),
        "Ping" => Message::Ping,
        "Close" => Message::Close(Close {
            error: line.error.as_deref().map(Into::into),
            allow_reconnect: line.allow_reconnect,
        }),
        "Ack" => Message::Ack { sequence_id: missing("sequence_id", line.sequence_id)? },
        "Sequence" => Message::Sequence { sequence_id: missing("sequence_id", line.sequence_id)? },
        "Unknown" => Message::Unknown { kind: missing("kind", line.kind)?, message: whole.value(encoding) },
        _ => return Err(Invalid("type", "unknown message type".to_owned())),
    };
    let mut out = Bytes(Vec::new());
    message.write(&mut out, encoding.wire()).map_err(|error| Invalid("", error.to_string()))?;
    Ok(out.0)
}

fn record(value: &serde_json::Value) -> Vec<u8> {
    let mut bytes = value.to_string().into_bytes();
    bytes.push(RECORD_END);
    bytes
}
