//! `lobbywire signalr decode`: messages to JSON.

use super::hub::{ConvertError, convert};
use super::{Encoding, dump, value};
use crate::format::Format;
use crate::hexdump::Rows;
use crate::output::Output;
use crate::report::Malformed;
use crate::stream::{above_limit, each_frame};
use crate::text::{self, Palette};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lobbywire::lazer::Hub;
use lobbywire::signalr::{
    Arguments, CompletionResult, DecodeError, Frames, HandshakeRequest, HandshakeResponse, Headers, Message,
    Records, StreamIds, Text, Value,
};
use lobbywire::wire::{Deframed, End, Error, ErrorKind, Framing, Json, JsonSyntax, Skip};
use serde_json::{Map, json};
use std::io::{Result, Write};
use std::path::Path;

/// The size limit of messages, in bytes. Larger than that of servers, since clients receive larger messages.
const MAX_MESSAGE_LEN: usize = 16 << 20;

/// The framing of a stream of messages, which may start with a handshake. Handshakes are always JSON records.
struct Stream {
    encoding: Encoding,
    frames: Frames,
    records: Records,
}

impl Stream {
    /// Whether a handshake starts here. A MessagePack message with the length `{` has the header of an array
    /// as its second byte.
    fn is_record(&self, bytes: &[u8]) -> bool {
        self.encoding == Encoding::Json || matches!(bytes, [b'{', b'"' | b'}' | b' ', ..])
    }
}

impl Framing for Stream {
    type Error = Error;

    fn deframe(&mut self, bytes: &[u8], seen: usize) -> Deframed {
        if bytes == b"{" && self.encoding == Encoding::Messagepack {
            return Deframed::Missing(1);
        }
        if self.is_record(bytes) {
            self.records.deframe(bytes, seen)
        } else {
            self.frames.deframe(bytes, seen)
        }
    }

    fn give_up(&self, bytes: &[u8], needed: usize) -> Skip {
        if self.is_record(bytes) {
            self.records.give_up(bytes, needed)
        } else {
            self.frames.give_up(bytes, needed)
        }
    }

    fn end(&self, bytes: &[u8]) -> std::result::Result<End, Error> {
        self.records.end(bytes)
    }
}

pub(super) fn run(
    encoding: Encoding,
    hub: Option<Hub>,
    format: Format,
    keep_going: bool,
    file: Option<&Path>,
    out: &mut Output,
) -> Result<()> {
    let (mut frames, mut records) = (Frames::new(), Records::new());
    frames.limit = MAX_MESSAGE_LEN;
    records.limit = MAX_MESSAGE_LEN;
    let palette = Palette::for_stdout();
    // A stream starts with the handshake, or, in a capture of both sides, with the request and the response.
    let mut in_handshake = true;
    let refused = |error: Error, start: &[u8]| {
        let len = Some(start).filter(|_| encoding == Encoding::Messagepack).and_then(length);
        let is_too_large = error.kind == ErrorKind::FrameTooLarge;
        let malformed = Malformed::from(error);
        let message = if is_too_large { above_limit(len, MAX_MESSAGE_LEN) } else { malformed.message };
        Malformed { message, ..malformed }
    };
    let stream = Stream { encoding, frames, records };
    each_frame(stream, MAX_MESSAGE_LEN, keep_going, file, out, refused, |frame, at, out| {
        let decoded = match handshake(frame, encoding) {
            Some(handshake) if in_handshake => handshake.map_err(|error| in_packet(error, "Handshake")),
            Some(_) => Err(Malformed {
                kind: ErrorKind::MissingField.name(),
                field: Some("type".to_owned()),
                message: "a message must have a type; a record without one is a handshake, which comes before all messages"
                    .to_owned(),
                ..Malformed::default()
            }),
            None => {
                in_handshake = false;
                decode(frame, encoding, hub)
            }
        };
        write(&decoded, frame, at, encoding, format, palette, out)?;
        Ok(decoded.map(|_| ()))
    })
}

/// Writes a message in this format. A malformed one is written as bytes only.
fn write(
    decoded: &Decoded,
    frame: &[u8],
    at: u64,
    encoding: Encoding,
    format: Format,
    palette: Palette,
    out: &mut Output,
) -> Result<()> {
    let members = decoded.as_ref().ok().and_then(serde_json::Value::as_object);
    let title = members.and_then(|members| members.get("type")?.as_str()).unwrap_or("Malformed");
    match (format, members) {
        (Format::Json, Some(members)) => {
            serde_json::to_writer(&mut *out, members)?;
            out.write_all(b"\n")
        }
        (Format::Text, Some(members)) => {
            let shown = members.iter().filter(|(name, _)| *name != "type");
            text::message(palette, title, frame.len(), shown, out)
        }
        (Format::Bytes, members) => {
            let error = decoded.as_ref().err().map(|malformed| &*malformed.message);
            let mut rows = Rows::new(palette, title, at, frame, out);
            if let Some(members) = members {
                dump::message(&mut rows, frame, encoding, members);
            }
            rows.finish(error)
        }
        (Format::Json | Format::Text, None) => Ok(()),
    }
}

/// The length at the start of a MessagePack message.
fn length(start: &[u8]) -> Option<u64> {
    let end = start.iter().position(|byte| *byte < 0x80)?;
    let bits = start[..=end].iter().rev();
    Some(bits.fold(0, |len, byte| len << 7 | u64::from(byte & 0x7f)))
}

impl From<Error> for Malformed {
    fn from(error: Error) -> Self {
        let Error { kind, offset, .. } = error;
        let message = kind.message().to_owned();
        Self { kind: kind.name(), offset: offset.into(), message, ..Self::default() }
    }
}

/// A decoded message, or an error with its offset in the frame.
type Decoded = std::result::Result<serde_json::Value, Malformed>;

fn decode(frame: &[u8], encoding: Encoding, hub: Option<Hub>) -> Decoded {
    let message = Message::read(frame, encoding.wire()).map_err(|error| {
        let place = Message::explain(frame, encoding.wire()).map(|explained| explained.location);
        let known = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
        let (packet, field) = place.map_or((None, None), |place| (known(place.record), known(place.field)));
        Malformed { packet, field, ..error.into() }
    })?;
    let named = |error: Error| in_packet(error, message.name());
    if encoding == Encoding::Json {
        // `Message::read` does not check values, but all are shown.
        let text = frame.strip_suffix(&[lobbywire::signalr::RECORD_END]).unwrap_or(frame);
        Json::from_utf8(text, JsonSyntax::STRICT).map_err(named)?;
    }
    let arguments = |target: Text<'_>, given: &Arguments<'_>| {
        let named = hub.and_then(|hub| named_arguments(hub, frame, target, given));
        named.unwrap_or_else(|| Ok(arguments(given)))
    };
    let mut shown = Map::new();
    shown.insert("type".into(), message.name().into());
    let mut put = |name: &str, value: serde_json::Value| shown.insert(name.into(), value);
    match &message {
        Message::Invocation(call) => {
            put("headers", headers(&call.headers).map_err(named)?);
            put("invocation_id", call.invocation_id.map(text_of).into());
            put("target", text_of(call.target).into());
            put("arguments", arguments(call.target, &call.arguments)?);
            put("stream_ids", stream_ids(&call.stream_ids));
        }
        Message::StreamInvocation(call) => {
            put("headers", headers(&call.headers).map_err(named)?);
            put("invocation_id", text_of(call.invocation_id).into());
            put("target", text_of(call.target).into());
            put("arguments", arguments(call.target, &call.arguments)?);
            put("stream_ids", stream_ids(&call.stream_ids));
        }
        Message::StreamItem(item) => {
            put("headers", headers(&item.headers).map_err(named)?);
            put("invocation_id", text_of(item.invocation_id).into());
            put("item", value_of(&item.item));
        }
        Message::Completion(completion) => {
            put("headers", headers(&completion.headers).map_err(named)?);
            put("invocation_id", text_of(completion.invocation_id).into());
            let (kind, name, value) = match &completion.result {
                CompletionResult::Error(error) => (1, "error", text_of(*error).into()),
                CompletionResult::Void => (2, "", serde_json::Value::Null),
                CompletionResult::Result(result) => (3, "result", value_of(result)),
            };
            put("result_kind", kind.into());
            if !name.is_empty() {
                put(name, value);
            }
        }
        Message::CancelInvocation(cancel) => {
            put("headers", headers(&cancel.headers).map_err(named)?);
            put("invocation_id", text_of(cancel.invocation_id).into());
        }
        Message::Close(close) => {
            put("error", close.error.map(text_of).into());
            put("allow_reconnect", close.allow_reconnect.into());
        }
        Message::Ack { sequence_id } | Message::Sequence { sequence_id } => {
            put("sequence_id", (*sequence_id).into());
        }
        Message::Unknown { kind, message } => {
            put("kind", (*kind).into());
            put("message", value_of(message));
        }
        _ => {}
    }
    Ok(shown.into())
}

fn in_packet(error: Error, packet: &str) -> Malformed {
    Malformed { packet: Some(packet.to_owned()), ..error.into() }
}

/// Decodes arguments with field names. `None` for a method that the hub does not have.
fn named_arguments(hub: Hub, frame: &[u8], target: Text<'_>, given: &Arguments<'_>) -> Option<Decoded> {
    let target = target.as_plain()?;
    let done = convert(hub, target, *given, lobbywire::signalr::Encoding::Json)?;
    let packet = Some(target.to_owned());
    Some(
        done.map_err(|error| {
            // The offset of the arguments in the frame.
            let rest = given.messagepack().map_or(frame, |reader| reader.rest());
            let start = frame.len().saturating_sub(rest.len()) as u64;
            let message = error.to_string();
            match error {
                ConvertError::Decode(DecodeError::Field { record, field, error }) => Malformed {
                    offset: start + u64::from(error.offset),
                    field: Some(if field.is_empty() {
                        record.to_owned()
                    } else {
                        format!("{record}.{field}")
                    }),
                    packet,
                    ..error.into()
                },
                ConvertError::Decode(DecodeError::ArgumentCount { .. }) => {
                    let kind = ErrorKind::BadArgCount.name();
                    Malformed { kind, offset: start, packet, field: None, message }
                }
                _ => Malformed { kind: "value", offset: start, packet, field: None, message },
            }
        })
        .map(|arguments| serde_json::from_slice(arguments.bytes()).unwrap_or_default()),
    )
}

/// Decodes a handshake. `None` for a message.
fn handshake(frame: &[u8], encoding: Encoding) -> Option<std::result::Result<serde_json::Value, Error>> {
    if frame.first() != Some(&b'{') || !frame.ends_with(&[lobbywire::signalr::RECORD_END]) {
        return None;
    }
    let record: serde_json::Value = match serde_json::from_slice(&frame[..frame.len() - 1]) {
        Ok(record) => record,
        Err(_) if encoding == Encoding::Messagepack => return Some(Err(Error::new(ErrorKind::Json, 0))),
        // `Message::read` reports a better error.
        Err(_) => return None,
    };
    if record.get("type").is_some() {
        return None;
    }
    if record.get("protocol").is_some() {
        let request = HandshakeRequest::read(frame);
        return Some(request.map(|request| {
            let protocol = request.protocol.to_string();
            json!({ "type": "HandshakeRequest", "protocol": protocol, "version": request.version })
        }));
    }
    let response = HandshakeResponse::read(frame);
    Some(response.map(|response| {
        json!({ "type": "HandshakeResponse", "error": response.error.map(|error| error.to_string()) })
    }))
}

fn text_of(text: Text<'_>) -> String {
    text.to_string()
}

fn headers(headers: &Headers<'_>) -> std::result::Result<serde_json::Value, Error> {
    let pairs: std::result::Result<Map<_, _>, _> =
        headers.iter().map(|pair| pair.map(|(name, value)| (text_of(name), text_of(value).into()))).collect();
    pairs.map(Into::into)
}

fn stream_ids(ids: &StreamIds<'_>) -> serde_json::Value {
    ids.iter().map(text_of).collect()
}

fn value_of(value: &Value<'_>) -> serde_json::Value {
    match value {
        Value::Json(json) => serde_json::from_str(json.text()).unwrap_or_default(),
        Value::MessagePack(bytes) => {
            let mut reader = lobbywire::wire::MsgPackReader::new(bytes);
            match value::read(&mut reader, 0) {
                Ok(value) if reader.rest().is_empty() => value,
                // osu!lazer's mods with settings are not valid MessagePack.
                _ => json!({ "$messagepack": STANDARD.encode(bytes) }),
            }
        }
    }
}

/// Arguments as an array, or as bytes if mods with settings make them invalid MessagePack.
fn arguments(arguments: &Arguments<'_>) -> serde_json::Value {
    if arguments.is_readable() {
        return arguments.values().flatten().map(|value| value_of(&value)).collect();
    }
    json!({ "$messagepack": STANDARD.encode(arguments.bytes()), "count": arguments.len() })
}
