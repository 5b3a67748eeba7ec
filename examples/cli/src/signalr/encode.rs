//! `lobbywire signalr encode`: JSON to messages.

use super::hub::{check_argument, convert};
use super::{Encoding, value};
use crate::keys::{self, WrongKey};
use crate::lines::{Line, each_line, without_place};
use crate::output::Output;
use crate::report::Malformed;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lobbywire::faf::Json as Text;
use lobbywire::lazer::Hub;
use lobbywire::signalr::{
    Arguments, CancelInvocation, Close, Completion, CompletionResult, Headers, Invocation, Message,
    RECORD_END, StreamIds, StreamInvocation, StreamItem, Value,
};
use lobbywire::wire::{Json, JsonSyntax, MsgPackWriter};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

/// A line of the input. The keys of each message type are the fields of its struct.
trait Record: DeserializeOwned {
    /// The frame of a message of this type, whose name is given.
    fn frame(self, name: &str, to: Target) -> Result<Vec<u8>, Invalid>;
}

/// What messages are encoded for.
#[derive(Clone, Copy)]
struct Target {
    encoding: Encoding,
    hub: Option<Hub>,
}

#[derive(Deserialize)]
struct CallRecord {
    #[serde(rename = "type")]
    _type: IgnoredAny,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    invocation_id: Option<String>,
    target: Option<String>,
    arguments: Option<serde_json::Value>,
    #[serde(default)]
    stream_ids: Vec<String>,
}

#[derive(Deserialize)]
struct StreamItemRecord {
    #[serde(rename = "type")]
    _type: IgnoredAny,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    invocation_id: Option<String>,
    item: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct CompletionRecord {
    #[serde(rename = "type")]
    _type: IgnoredAny,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    invocation_id: Option<String>,
    result_kind: Option<u8>,
    #[serde(default, deserialize_with = "present")]
    result: Option<serde_json::Value>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct CancelInvocationRecord {
    #[serde(rename = "type")]
    _type: IgnoredAny,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    invocation_id: Option<String>,
}

#[derive(Deserialize)]
struct PingRecord {
    #[serde(rename = "type")]
    _type: IgnoredAny,
}

#[derive(Deserialize)]
struct CloseRecord {
    #[serde(rename = "type")]
    _type: IgnoredAny,
    error: Option<String>,
    #[serde(default)]
    allow_reconnect: bool,
}

#[derive(Deserialize)]
struct SequenceRecord {
    #[serde(rename = "type")]
    _type: IgnoredAny,
    sequence_id: Option<i64>,
}

#[derive(Deserialize)]
struct UnknownRecord {
    #[serde(rename = "type")]
    _type: IgnoredAny,
    kind: Option<i64>,
    message: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct RequestRecord {
    #[serde(rename = "type")]
    _type: IgnoredAny,
    protocol: Option<String>,
    version: Option<i64>,
}

#[derive(Deserialize)]
struct ResponseRecord {
    #[serde(rename = "type")]
    _type: IgnoredAny,
    error: Option<String>,
}

/// The keys of `{"$messagepack": base64}`.
#[derive(Deserialize)]
struct RawKeys {
    #[serde(rename = "$messagepack")]
    _bytes: IgnoredAny,
}

/// The keys of arguments given as bytes.
#[derive(Deserialize)]
struct RawArgumentsKeys {
    #[serde(rename = "$messagepack")]
    _bytes: IgnoredAny,
    #[serde(rename = "count")]
    _count: IgnoredAny,
}

/// Distinguishes null from a missing field.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<serde_json::Value>, D::Error> {
    serde_json::Value::deserialize(deserializer).map(Some)
}

/// An invalid line: the field, or an empty string, and the reason.
struct Invalid(&'static str, String);

pub(super) fn run(
    encoding: Encoding,
    hub: Option<Hub>,
    ignore_unknown: bool,
    keep_going: bool,
    file: Option<&Path>,
    out: &mut Output,
) -> std::io::Result<()> {
    let to = Target { encoding, hub };
    each_line(keep_going, file, out, |line, out| match encode(line, to, ignore_unknown) {
        Ok(frame) => out.write_all(&frame).map(Ok),
        Err(malformed) => Ok(Err(malformed)),
    })
}

/// The frame of a line.
fn encode(line: Line<'_>, to: Target, ignore_unknown: bool) -> Result<Vec<u8>, Malformed> {
    #[derive(Deserialize)]
    struct Typed {
        r#type: String,
    }
    let duplicate = || keys::duplicate(keys::parsed(line.bytes).ok()?, line.number);
    if let Some(wrong) = if ignore_unknown { None } else { duplicate() } {
        return Err(of_key(line, None, wrong));
    }
    let Typed { r#type: name } = read(line)?;
    let frame = match &*name {
        "Invocation" | "StreamInvocation" => encode_as::<CallRecord>,
        "StreamItem" => encode_as::<StreamItemRecord>,
        "Completion" => encode_as::<CompletionRecord>,
        "CancelInvocation" => encode_as::<CancelInvocationRecord>,
        "Ping" => encode_as::<PingRecord>,
        "Close" => encode_as::<CloseRecord>,
        "Ack" | "Sequence" => encode_as::<SequenceRecord>,
        "Unknown" => encode_as::<UnknownRecord>,
        "HandshakeRequest" => encode_as::<RequestRecord>,
        "HandshakeResponse" => encode_as::<ResponseRecord>,
        _ => {
            let invalid = Invalid("type", "unknown message type".to_owned());
            return Err(malformed(line, &name, invalid));
        }
    };
    frame(line, &name, to, ignore_unknown)
}

fn encode_as<R: Record>(
    line: Line<'_>,
    name: &str,
    to: Target,
    ignore_unknown: bool,
) -> Result<Vec<u8>, Malformed> {
    let record: R = read(line)?;
    if let Some(wrong) = if ignore_unknown { None } else { wrong_key::<R>(line, to) } {
        return Err(of_key(line, Some(name), wrong));
    }
    record.frame(name, to).map_err(|invalid| malformed(line, name, invalid))
}

fn read<T: DeserializeOwned>(line: Line<'_>) -> Result<T, Malformed> {
    serde_json::from_slice(line.bytes).map_err(|error| {
        let at = if error.is_data() { 0 } else { error.column().saturating_sub(1) as u64 };
        let message = without_place(&error.to_string()).to_owned();
        Malformed { kind: "json", offset: line.offset + at, message, ..Malformed::default() }
    })
}

fn of_key(line: Line<'_>, name: Option<&str>, WrongKey { kind, path, message }: WrongKey) -> Malformed {
    let packet = name.map(str::to_owned);
    Malformed { kind, offset: line.offset, packet, field: Some(path), message }
}

fn malformed(line: Line<'_>, name: &str, Invalid(field, message): Invalid) -> Malformed {
    let field = Some(field.to_owned()).filter(|field| !field.is_empty());
    Malformed { kind: "value", offset: line.offset, packet: Some(name.to_owned()), field, message }
}

/// Returns the first key of a line that is not encoded: of the message, of bytes, or, if the method
/// is one of the hub, of its arguments.
fn wrong_key<R: Record>(line: Line<'_>, to: Target) -> Option<WrongKey> {
    let json = keys::parsed(line.bytes).ok()?;
    let unknown = || keys::unknown(json, line.number, |json| R::deserialize(json).is_ok());
    let bytes = || {
        let of_value = |value: Json<'_>| {
            value.get("$messagepack")?;
            keys::unknown(value, line.number, |json| RawKeys::deserialize(json).is_ok())
        };
        let of_member = |name: &str| Some(of_value(json.get(name)?)?.inside(name));
        let of_arguments = || {
            let arguments = json.get("arguments")?;
            if arguments.get("$messagepack").is_some() {
                let wrong =
                    keys::unknown(arguments, line.number, |json| RawArgumentsKeys::deserialize(json).is_ok());
                return Some(wrong?.inside("arguments"));
            }
            let mut arguments = arguments.items().enumerate();
            arguments.find_map(|(index, value)| Some(of_value(value)?.inside(&format!("arguments.{index}"))))
        };
        let members = || ["item", "result", "message"].into_iter().find_map(of_member);
        if to.encoding == Encoding::Messagepack { of_arguments().or_else(members) } else { None }
    };
    let typed = || {
        let target: String = json.get("target")?.as_text()?.chars().collect();
        json.get("arguments")?.items().enumerate().find_map(|(index, argument)| {
            let wrong = keys::unknown(argument, line.number, |argument| {
                check_argument(to.hub?, &target, index, argument)
            });
            Some(wrong?.inside(&format!("arguments.{index}")))
        })
    };
    unknown().or_else(bytes).or_else(typed)
}

/// An encoded value, which messages borrow.
struct Encoded {
    bytes: Vec<u8>,
    text: String,
}

/// Encodes a value of a line.
fn encoded(value: &serde_json::Value, encoding: Encoding, field: &'static str) -> Result<Encoded, Invalid> {
    let mut bytes = Vec::new();
    let text = match encoding {
        Encoding::Json => {
            Text::new(value).map_err(|error| Invalid(field, error.to_string()))?.text().to_owned()
        }
        Encoding::Messagepack => {
            match messagepack_of(value) {
                Some(given) => bytes = given.ok_or_else(|| Invalid(field, "expected base64".to_owned()))?,
                None => value::write(value, &mut MsgPackWriter::new(&mut bytes))
                    .map_err(|error| Invalid(field, error.0.to_owned()))?,
            }
            String::new()
        }
    };
    Ok(Encoded { bytes, text })
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
fn named_arguments(record: &CallRecord, to: Target) -> Option<Result<(usize, Encoded), Invalid>> {
    let (target, given) = (record.target.as_deref()?, record.arguments.as_ref()?);
    let text = given.is_array().then(|| given.to_string())?;
    let array = Arguments::of_json(Json::parse(&text, JsonSyntax::STRICT).ok()?)?;
    let done = convert(to.hub?, target, array, to.encoding.wire())?;
    Some(done.map_err(|error| Invalid("arguments", error.to_string())).map(|arguments| {
        let text = String::from_utf8_lossy(arguments.bytes()).into_owned();
        (arguments.len(), Encoded { bytes: arguments.bytes().to_vec(), text })
    }))
}

/// Encodes the arguments of a call. Returns their number and bytes.
fn arguments(given: Option<&serde_json::Value>, encoding: Encoding) -> Result<(usize, Encoded), Invalid> {
    let invalid = || Invalid("arguments", "expected an array".to_owned());
    match (given, encoding) {
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

fn required<T>(field: &'static str, value: Option<T>) -> Result<T, Invalid> {
    value.ok_or_else(|| Invalid(field, "expected a value".to_owned()))
}

/// Lists headers, which messages borrow.
fn pairs(headers: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (&**name, &**value)).collect()
}

fn headers<'a>(pairs: &'a [(&'a str, &'a str)]) -> Headers<'a> {
    if pairs.is_empty() { Headers::None } else { Headers::Listed(pairs) }
}

impl Target {
    fn write(self, message: &Message<'_>) -> Result<Vec<u8>, Invalid> {
        let mut out = Vec::new();
        message.write(&mut out, self.encoding.wire()).map_err(|error| Invalid("", error.to_string()))?;
        Ok(out)
    }

    /// Encodes a value of a message. A missing value is null.
    fn value(self, value: Option<&serde_json::Value>, field: &'static str) -> Result<Encoded, Invalid> {
        encoded(value.unwrap_or(&serde_json::Value::Null), self.encoding, field)
    }
}

impl Record for CallRecord {
    fn frame(self, name: &str, to: Target) -> Result<Vec<u8>, Invalid> {
        let pairs = pairs(&self.headers);
        let ids: Vec<_> = self.stream_ids.iter().map(|id| &**id).collect();
        let (headers, stream_ids) = (headers(&pairs), StreamIds::Listed(&ids));
        let id = self.invocation_id.as_deref().map(Into::into);
        let (count, given) = match named_arguments(&self, to) {
            Some(given) => given?,
            None => arguments(self.arguments.as_ref(), to.encoding)?,
        };
        let arguments = match to.encoding {
            Encoding::Messagepack => Arguments::of_messagepack(count, &given.bytes),
            Encoding::Json => required("arguments", Arguments::of_json(given.json()))?,
        };
        if name == "StreamInvocation" {
            let invocation_id = required("invocation_id", id)?;
            let target = required("target", self.target.as_deref())?.into();
            let call = StreamInvocation { headers, invocation_id, target, arguments, stream_ids };
            return to.write(&Message::StreamInvocation(call));
        }
        let target = required("target", self.target.as_deref())?.into();
        to.write(&Message::Invocation(Invocation {
            headers,
            invocation_id: id,
            target,
            arguments,
            stream_ids,
        }))
    }
}

impl Record for StreamItemRecord {
    fn frame(self, _: &str, to: Target) -> Result<Vec<u8>, Invalid> {
        let (pairs, item) = (pairs(&self.headers), to.value(self.item.as_ref(), "item")?);
        let invocation_id = required("invocation_id", self.invocation_id.as_deref())?.into();
        let item = item.value(to.encoding);
        to.write(&Message::StreamItem(StreamItem { headers: headers(&pairs), invocation_id, item }))
    }
}

impl Record for CompletionRecord {
    fn frame(self, _: &str, to: Target) -> Result<Vec<u8>, Invalid> {
        let (pairs, value) = (pairs(&self.headers), to.value(self.result.as_ref(), "result")?);
        let result = match (self.result_kind, &self.error, &self.result) {
            (Some(1) | None, Some(error), None) => CompletionResult::Error((&**error).into()),
            (Some(3) | None, None, Some(_)) => CompletionResult::Result(value.value(to.encoding)),
            (Some(2) | None, None, None) => CompletionResult::Void,
            _ => {
                let expected = "expected 1 with an error, 2, or 3 with a result";
                return Err(Invalid("result_kind", expected.to_owned()));
            }
        };
        let invocation_id = required("invocation_id", self.invocation_id.as_deref())?.into();
        to.write(&Message::Completion(Completion { headers: headers(&pairs), invocation_id, result }))
    }
}

impl Record for CancelInvocationRecord {
    fn frame(self, _: &str, to: Target) -> Result<Vec<u8>, Invalid> {
        let pairs = pairs(&self.headers);
        let invocation_id = required("invocation_id", self.invocation_id.as_deref())?.into();
        to.write(&Message::CancelInvocation(CancelInvocation { headers: headers(&pairs), invocation_id }))
    }
}

impl Record for PingRecord {
    fn frame(self, _: &str, to: Target) -> Result<Vec<u8>, Invalid> {
        to.write(&Message::Ping)
    }
}

impl Record for CloseRecord {
    fn frame(self, _: &str, to: Target) -> Result<Vec<u8>, Invalid> {
        let error = self.error.as_deref().map(Into::into);
        to.write(&Message::Close(Close { error, allow_reconnect: self.allow_reconnect }))
    }
}

impl Record for SequenceRecord {
    fn frame(self, name: &str, to: Target) -> Result<Vec<u8>, Invalid> {
        let sequence_id = required("sequence_id", self.sequence_id)?;
        let is_ack = name == "Ack";
        to.write(&if is_ack { Message::Ack { sequence_id } } else { Message::Sequence { sequence_id } })
    }
}

impl Record for UnknownRecord {
    fn frame(self, _: &str, to: Target) -> Result<Vec<u8>, Invalid> {
        let message = to.value(self.message.as_ref(), "message")?;
        let kind = required("kind", self.kind)?;
        to.write(&Message::Unknown { kind, message: message.value(to.encoding) })
    }
}

impl Record for RequestRecord {
    fn frame(self, _: &str, _: Target) -> Result<Vec<u8>, Invalid> {
        let (protocol, version) = (required("protocol", self.protocol)?, required("version", self.version)?);
        Ok(handshake(&json!({ "protocol": protocol, "version": version })))
    }
}

impl Record for ResponseRecord {
    fn frame(self, _: &str, _: Target) -> Result<Vec<u8>, Invalid> {
        Ok(handshake(&self.error.map_or_else(|| json!({}), |error| json!({ "error": error }))))
    }
}

fn handshake(value: &serde_json::Value) -> Vec<u8> {
    let mut bytes = value.to_string().into_bytes();
    bytes.push(RECORD_END);
    bytes
}
