//! Messages as JSON objects.

use super::RECORD_END;
use super::message::{
    CancelInvocation, Close, Completion, CompletionResult, Invocation, Message, StreamInvocation, StreamItem,
    WriteError,
};
use super::value::{Arguments, Headers, StreamIds, Text, Value};
use crate::wire::{
    Error, ErrorKind, Json, JsonKind, JsonSyntax, ObjectWriter, ParsedJson, Sink, Trace, utf8,
};

/// The properties of messages, in any order. They are found in one pass.
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

/// A property that is present: the offset of its value, and the value.
type Found<'a> = Option<(usize, Json<'a>)>;

pub(super) fn read<'a>(record: &'a [u8], trace: &mut impl Trace) -> Result<Message<'a>, Error> {
    trace.at("Message", "");
    let text = utf8(record.strip_suffix(&[RECORD_END]).unwrap_or(record))?;
    // Values are checked when they are read: one that cannot be read affects only its call.
    let ParsedJson { json, found, .. } = Json::parse_and_find(text, JsonSyntax::LENIENT, PROPERTIES)?;
    if json.kind() != JsonKind::Object {
        return Err(Error::new(ErrorKind::NotAnObject, 0));
    }
    let [kind, headers, id, target, arguments, stream_ids, item, result, error, reconnect, sequence] = found;
    let mut fields = Fields { record: "Message", trace };
    let kind = fields.int("type", kind)?;
    Ok(match kind {
        1 => {
            fields.record = "Invocation";
            let (headers, target) = (fields.headers(headers)?, fields.text("target", target)?);
            let invocation_id = fields.optional_text("invocation_id", id)?.filter(|id| !id.is_empty());
            let (arguments, stream_ids) = (fields.arguments(arguments)?, fields.stream_ids(stream_ids)?);
            Message::Invocation(Invocation { headers, invocation_id, target, arguments, stream_ids })
        }
        2 => {
            fields.record = "StreamItem";
            Message::StreamItem(StreamItem {
                headers: fields.headers(headers)?,
                invocation_id: fields.text("invocation_id", id)?,
                item: Value::Json(fields.present("item", item)?.1),
            })
        }
        3 => {
            fields.record = "Completion";
            let result = match (fields.optional_text("error", error)?, result) {
                (Some(error), None) => CompletionResult::Error(error),
                (None, Some((_, result))) => CompletionResult::Result(Value::Json(result)),
                (None, None) => CompletionResult::Void,
                (Some(_), Some((at, _))) => {
                    fields.at("result");
                    return Err(Error::new(ErrorKind::ExclusiveFields, at));
                }
            };
            let (headers, invocation_id) = (fields.headers(headers)?, fields.text("invocation_id", id)?);
            Message::Completion(Completion { headers, invocation_id, result })
        }
        4 => {
            fields.record = "StreamInvocation";
            Message::StreamInvocation(StreamInvocation {
                headers: fields.headers(headers)?,
                invocation_id: fields.text("invocation_id", id)?,
                target: fields.text("target", target)?,
                arguments: fields.arguments(arguments)?,
                stream_ids: fields.stream_ids(stream_ids)?,
            })
        }
        5 => {
            fields.record = "CancelInvocation";
            Message::CancelInvocation(CancelInvocation {
                headers: fields.headers(headers)?,
                invocation_id: fields.text("invocation_id", id)?,
            })
        }
        6 => Message::Ping,
        7 => {
            fields.record = "Close";
            fields.at("allow_reconnect");
            let allow_reconnect = match reconnect {
                None => false,
                Some((at, value)) => value.as_bool().ok_or(Error::new(ErrorKind::UnexpectedType, at))?,
            };
            Message::Close(Close { error: fields.optional_text("error", error)?, allow_reconnect })
        }
        8 => {
            fields.record = "Ack";
            Message::Ack { sequence_id: fields.int("sequence_id", sequence)? }
        }
        9 => {
            fields.record = "Sequence";
            Message::Sequence { sequence_id: fields.int("sequence_id", sequence)? }
        }
        _ => Message::Unknown { kind, message: Value::Json(json) },
    })
}

/// Checks a value whose texts must be valid, at this offset of the record.
fn checked(at: usize, value: Json<'_>) -> Result<Json<'_>, Error> {
    Json::parse(value.text(), JsonSyntax::STRICT).map_err(|error| error.after(at))
}

/// A string without lone surrogates.
fn checked_text(at: usize, value: Json<'_>) -> Result<Text<'_>, Error> {
    let text = value.as_text().ok_or(Error::new(ErrorKind::UnexpectedType, at))?;
    if let Some(plain) = text.as_plain() {
        return Ok(Text::Plain(plain));
    }
    checked(at, value).map(|_| Text::Json(text))
}

/// Converts properties to the fields of a message.
struct Fields<'t, T> {
    record: &'static str,
    trace: &'t mut T,
}

impl<T: Trace> Fields<'_, T> {
    fn at(&mut self, field: &'static str) {
        self.trace.at(self.record, field);
    }

    fn present<'a>(&mut self, field: &'static str, found: Found<'a>) -> Result<(usize, Json<'a>), Error> {
        self.at(field);
        found.ok_or(Error::new(ErrorKind::MissingField, 0))
    }

    fn int(&mut self, field: &'static str, found: Found<'_>) -> Result<i64, Error> {
        let (at, value) = self.present(field, found)?;
        value.as_i64().ok_or(Error::new(ErrorKind::UnexpectedType, at))
    }

    fn text<'a>(&mut self, field: &'static str, found: Found<'a>) -> Result<Text<'a>, Error> {
        let (at, value) = self.present(field, found)?;
        match checked_text(at, value)? {
            text if text.is_empty() => Err(Error::new(ErrorKind::EmptyText, at)),
            text => Ok(text),
        }
    }

    /// A string; `None` if it is null or missing.
    fn optional_text<'a>(
        &mut self,
        field: &'static str,
        found: Found<'a>,
    ) -> Result<Option<Text<'a>>, Error> {
        self.at(field);
        match found {
            Some((at, value)) if !value.is_null() => checked_text(at, value).map(Some),
            _ => Ok(None),
        }
    }

    fn headers<'a>(&mut self, found: Found<'a>) -> Result<Headers<'a>, Error> {
        self.at("headers");
        match found {
            None => Ok(Headers::None),
            Some((at, object)) if object.kind() == JsonKind::Object => checked(at, object).map(Headers::Json),
            Some((at, _)) => Err(Error::new(ErrorKind::UnexpectedType, at)),
        }
    }

    fn arguments<'a>(&mut self, found: Found<'a>) -> Result<Arguments<'a>, Error> {
        let (at, value) = self.present("arguments", found)?;
        Arguments::of_json(value).ok_or(Error::new(ErrorKind::UnexpectedType, at))
    }

    fn stream_ids<'a>(&mut self, found: Found<'a>) -> Result<StreamIds<'a>, Error> {
        self.at("stream_ids");
        match found {
            None => Ok(StreamIds::Omitted),
            Some((at, array)) if array.kind() == JsonKind::Array => checked(at, array).map(StreamIds::Json),
            Some((at, _)) => Err(Error::new(ErrorKind::UnexpectedType, at)),
        }
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
                // Only JSON has escaped names.
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
