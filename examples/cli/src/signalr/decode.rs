//! `lobbywire signalr decode`: messages to JSON.

use super::hub::{ConvertError, convert};
use super::{Encoding, value};
use crate::input::Input;
use crate::report::Malformed;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lobbywire::lazer::Hub;
use lobbywire::signalr::{
    Arguments, CompletionResult, DecodeError, Frames, HandshakeRequest, HandshakeResponse, Headers, Message,
    Records, StreamIds, Text, Value,
};
use lobbywire::wire::{Deframed, End, Error, ErrorKind, FrameDecoder, Framing, Skip};
use serde_json::{Map, json};
use std::io::{BufWriter, Read, Result, Write, stdout};
use std::path::Path;
use std::process::ExitCode;

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
    keep_going: bool,
    file: Option<&Path>,
) -> Result<ExitCode> {
    let (mut frames, mut records) = (Frames::new(), Records::new());
    frames.limit = MAX_MESSAGE_LEN;
    records.limit = MAX_MESSAGE_LEN;
    let mut input = Input::open(file)?;
    let mut decoder = FrameDecoder::new(Stream { encoding, frames, records }, vec![0; MAX_MESSAGE_LEN]);
    let mut out = BufWriter::new(stdout().lock());
    let mut all_was_well = true;
    loop {
        let count = input.read(decoder.room())?;
        decoder.filled(count);
        loop {
            let frame = match decoder.next_frame() {
                None if count == 0 => decoder.finish(),
                frame => frame,
            };
            let Some(frame) = frame else { break };
            match frame.map_err(Malformed::from).and_then(|frame| decode(frame, encoding, hub)) {
                Ok(message) => {
                    serde_json::to_writer(&mut out, &message)?;
                    out.write_all(b"\n")?;
                }
                Err(malformed) => {
                    out.flush()?;
                    let offset = decoder.frame_position() + malformed.offset;
                    Malformed { offset, ..malformed }.report();
                    all_was_well = false;
                    if !keep_going {
                        return Ok(ExitCode::FAILURE);
                    }
                }
            }
        }
        // Input from a live connection may pause here.
        out.flush()?;
        if count == 0 || decoder.is_lost() {
            break;
        }
    }
    Ok(if all_was_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl From<Error> for Malformed {
    fn from(error: Error) -> Self {
        let Error { kind, offset, .. } = error;
        let message = kind.message().to_owned();
        Self { kind: kind.name(), offset: offset.into(), packet: None, field: None, message }
    }
}

/// A decoded message, or an error with its offset in the frame.
type Decoded = std::result::Result<serde_json::Value, Malformed>;

fn decode(frame: &[u8], encoding: Encoding, hub: Option<Hub>) -> Decoded {
    if let Some(handshake) = handshake(frame, encoding) {
        return handshake.map_err(|error| in_packet(error, "Handshake"));
    }
    let message = Message::read(frame, encoding.wire()).map_err(|error| {
        let place = Message::explain(frame, encoding.wire()).map(|explained| explained.location);
        let known = |name: &str| Some(name.to_owned()).filter(|name| !name.is_empty());
        let (packet, field) = place.map_or((None, None), |place| (known(place.record), known(place.field)));
        Malformed { packet, field, ..error.into() }
    })?;
    let named = |error: Error| in_packet(error, message.name());
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
            put("invocation_id", call.invocation_id.map(text).into());
            put("target", text(call.target).into());
            put("arguments", arguments(call.target, &call.arguments)?);
            put("stream_ids", stream_ids(&call.stream_ids));
        }
        Message::StreamInvocation(call) => {
            put("headers", headers(&call.headers).map_err(named)?);
            put("invocation_id", text(call.invocation_id).into());
            put("target", text(call.target).into());
            put("arguments", arguments(call.target, &call.arguments)?);
            put("stream_ids", stream_ids(&call.stream_ids));
        }
        Message::StreamItem(item) => {
            put("headers", headers(&item.headers).map_err(named)?);
            put("invocation_id", text(item.invocation_id).into());
            put("item", value_of(&item.item));
        }
        Message::Completion(completion) => {
            put("headers", headers(&completion.headers).map_err(named)?);
            put("invocation_id", text(completion.invocation_id).into());
            let (kind, name, value) = match &completion.result {
                CompletionResult::Error(error) => (1, "error", text(*error).into()),
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
            put("invocation_id", text(cancel.invocation_id).into());
        }
        Message::Close(close) => {
            put("error", close.error.map(text).into());
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

fn text(text: Text<'_>) -> String {
    text.to_string()
}

fn headers(headers: &Headers<'_>) -> std::result::Result<serde_json::Value, Error> {
    let pairs: std::result::Result<Map<_, _>, _> =
        headers.iter().map(|pair| pair.map(|(name, value)| (text(name), text(value).into()))).collect();
    pairs.map(Into::into)
}

fn stream_ids(ids: &StreamIds<'_>) -> serde_json::Value {
    ids.iter().map(text).collect()
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
