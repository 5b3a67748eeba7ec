//! Messages as objects of JSON.

use super::RECORD_END;
use super::message::{
    CancelInvocation, Close, Completion, CompletionResult, Invocation, Message, StreamInvocation, StreamItem,
    WriteError,
};
use super::value::{Arguments, Headers, StreamIds, Text, Value};
use crate::wire::{Error, ErrorKind, Json, JsonKind, JsonSyntax, ObjectWriter, Sink, utf8};

/// The properties that messages have: found in one go, whatever their order.
const PROPERTIES: [&str; 11] = [
    "type",
    "headers",
    "invocationId",
    "target",
    "arguments",
    "streamIds",
    "item",
    "result",
    "error",
    "allowReconnect",
    "sequenceId",
];

/// A property that is there, and where its value starts.
type Found<'a> = Option<(usize, Json<'a>)>;

pub(super) fn read(record: &[u8]) -> Result<Message<'_>, Error> {
    let text = utf8(record.strip_suffix(&[RECORD_END]).unwrap_or(record))?;
    let (json, found) = Json::parse_and_find(text, JsonSyntax::STRICT, PROPERTIES)?;
    if json.kind() != JsonKind::Object {
        return Err(Error::new(ErrorKind::NotAnObject, 0));
    }
    let [kind, headers, id, target, arguments, stream_ids, item, result, error, reconnect, sequence] = found;
    let kind = int(kind)?;
    Ok(match kind {
        1 => {
            let (headers, target) = (read_headers(headers)?, text_of(target)?);
            let invocation_id = optional_text(id)?.filter(|id| !id.is_empty());
            let (arguments, stream_ids) = (read_arguments(arguments)?, read_stream_ids(stream_ids)?);
            Message::Invocation(Invocation { headers, invocation_id, target, arguments, stream_ids })
        }
        2 => Message::StreamItem(StreamItem {
            headers: read_headers(headers)?,
            invocation_id: text_of(id)?,
            item: Value::Json(present(item)?.1),
        }),
        3 => {
            let result = match (present_error(error)?, result) {
                (Some(error), None) => CompletionResult::Error(error),
                (None, Some((_, result))) => CompletionResult::Result(Value::Json(result)),
                (None, None) => CompletionResult::Void,
                (Some(_), Some((at, _))) => return Err(Error::new(ErrorKind::ResultKind, at)),
            };
            let (headers, invocation_id) = (read_headers(headers)?, text_of(id)?);
            Message::Completion(Completion { headers, invocation_id, result })
        }
        4 => Message::StreamInvocation(StreamInvocation {
            headers: read_headers(headers)?,
            invocation_id: text_of(id)?,
            target: text_of(target)?,
            arguments: read_arguments(arguments)?,
            stream_ids: read_stream_ids(stream_ids)?,
        }),
        5 => Message::CancelInvocation(CancelInvocation {
            headers: read_headers(headers)?,
            invocation_id: text_of(id)?,
        }),
        6 => Message::Ping,
        7 => {
            let allow_reconnect = match reconnect {
                None => false,
                Some((at, value)) => value.as_bool().ok_or(Error::new(ErrorKind::UnexpectedType, at))?,
            };
            Message::Close(Close { error: present_error(error)?, allow_reconnect })
        }
        8 => Message::Ack { sequence_id: int(sequence)? },
        9 => Message::Sequence { sequence_id: int(sequence)? },
        _ => Message::Unknown { kind, message: Value::Json(json) },
    })
}

fn present(found: Found<'_>) -> Result<(usize, Json<'_>), Error> {
    found.ok_or(Error::new(ErrorKind::MissingField, 0))
}

fn int(found: Found<'_>) -> Result<i64, Error> {
    let (at, value) = present(found)?;
    value.as_i64().ok_or(Error::new(ErrorKind::UnexpectedType, at))
}

fn text_of(found: Found<'_>) -> Result<Text<'_>, Error> {
    let (at, value) = present(found)?;
    match value.as_text() {
        Some(text) if text.raw().is_empty() => Err(Error::new(ErrorKind::EmptyText, at)),
        Some(text) => Ok(text.into()),
        None => Err(Error::new(ErrorKind::UnexpectedType, at)),
    }
}

fn optional_text(found: Found<'_>) -> Result<Option<Text<'_>>, Error> {
    match found {
        Some((at, value)) if !value.is_null() => {
            let text = value.as_text().ok_or(Error::new(ErrorKind::UnexpectedType, at))?;
            Ok(Some(text.into()))
        }
        _ => Ok(None),
    }
}

/// An error text; null is none.
fn present_error(found: Found<'_>) -> Result<Option<Text<'_>>, Error> {
    optional_text(found)
}

fn read_headers(found: Found<'_>) -> Result<Headers<'_>, Error> {
    match found {
        None => Ok(Headers::None),
        Some((_, object)) if object.kind() == JsonKind::Object => Ok(Headers::Json(object)),
        Some((at, _)) => Err(Error::new(ErrorKind::UnexpectedType, at)),
    }
}

fn read_arguments(found: Found<'_>) -> Result<Arguments<'_>, Error> {
    let (at, value) = present(found)?;
    Arguments::of_json(value).ok_or(Error::new(ErrorKind::UnexpectedType, at))
}

fn read_stream_ids(found: Found<'_>) -> Result<StreamIds<'_>, Error> {
    match found {
        None => Ok(StreamIds::Unsaid),
        Some((_, array)) if array.kind() == JsonKind::Array => Ok(StreamIds::Json(array)),
        Some((at, _)) => Err(Error::new(ErrorKind::UnexpectedType, at)),
    }
}

pub(super) fn write(message: &Message<'_>, out: &mut impl Sink) -> Result<(), WriteError> {
    if let Message::Unknown { message, .. } = message {
        out.put(json_of(message)?.text().as_bytes())?;
        return Ok(out.put_array([RECORD_END])?);
    }
    let mut object = ObjectWriter::new(&mut *out)?;
    object.int("type", message.kind())?;
    match message {
        Message::Invocation(call) => {
            write_headers(&mut object, &call.headers)?;
            if let Some(id) = call.invocation_id {
                write_text(&mut object, "invocationId", id)?;
            }
            write_call(&mut object, call.target, &call.arguments, &call.stream_ids)?;
        }
        Message::StreamInvocation(call) => {
            write_headers(&mut object, &call.headers)?;
            write_text(&mut object, "invocationId", call.invocation_id)?;
            write_call(&mut object, call.target, &call.arguments, &call.stream_ids)?;
        }
        Message::StreamItem(item) => {
            write_headers(&mut object, &item.headers)?;
            write_text(&mut object, "invocationId", item.invocation_id)?;
            object.raw("item", json_of(&item.item)?)?;
        }
        Message::Completion(completion) => {
            write_headers(&mut object, &completion.headers)?;
            write_text(&mut object, "invocationId", completion.invocation_id)?;
            match completion.result {
                CompletionResult::Error(error) => write_text(&mut object, "error", error)?,
                CompletionResult::Void => {}
                CompletionResult::Result(result) => object.raw("result", json_of(&result)?)?,
            }
        }
        Message::CancelInvocation(cancel) => {
            write_headers(&mut object, &cancel.headers)?;
            write_text(&mut object, "invocationId", cancel.invocation_id)?;
        }
        Message::Close(close) => {
            if let Some(error) = close.error {
                write_text(&mut object, "error", error)?;
            }
            if close.allow_reconnect {
                object.bool("allowReconnect", true)?;
            }
        }
        Message::Ack { sequence_id } | Message::Sequence { sequence_id } => {
            object.int("sequenceId", *sequence_id)?;
        }
        Message::Ping | Message::Unknown { .. } => {}
    }
    object.finish()?;
    Ok(out.put_array([RECORD_END])?)
}

fn json_of<'a>(value: &Value<'a>) -> Result<Json<'a>, WriteError> {
    value.json().ok_or(WriteError::OtherEncoding)
}

fn write_text<S: Sink>(
    object: &mut ObjectWriter<'_, S>,
    name: &str,
    text: Text<'_>,
) -> Result<(), WriteError> {
    match text {
        Text::Plain(text) => object.text(name, text)?,
        Text::Json(text) => object.escaped(name, text)?,
    }
    Ok(())
}

fn write_headers<S: Sink>(object: &mut ObjectWriter<'_, S>, headers: &Headers<'_>) -> Result<(), WriteError> {
    match headers {
        _ if headers.is_empty() => Ok(()),
        Headers::Json(headers) => Ok(object.raw("headers", *headers)?),
        _ => object.object("headers", |object| {
            headers.iter().flatten().try_for_each(|(name, value)| match (name.as_plain(), value) {
                (Some(name), value) => write_text(object, name, value),
                // In MessagePack there are no escapes.
                (None, _) => Err(WriteError::OtherEncoding),
            })
        }),
    }
}

fn write_call<S: Sink>(
    object: &mut ObjectWriter<'_, S>,
    target: Text<'_>,
    arguments: &Arguments<'_>,
    stream_ids: &StreamIds<'_>,
) -> Result<(), WriteError> {
    write_text(object, "target", target)?;
    object.raw("arguments", arguments.json().ok_or(WriteError::OtherEncoding)?)?;
    match stream_ids {
        StreamIds::Json(ids) => object.raw("streamIds", *ids)?,
        _ if stream_ids.is_empty() => {}
        _ => object.array("streamIds", |array| {
            stream_ids.iter().try_for_each(|id| match id {
                Text::Plain(id) => array.text(id),
                Text::Json(id) => array.escaped(id),
            })
        })?,
    }
    Ok(())
}
