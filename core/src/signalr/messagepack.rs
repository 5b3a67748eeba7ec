//! Messages as MessagePack arrays.

use super::framing::{Body, read_len, write_frame};
use super::message::{
    CancelInvocation, Close, Completion, CompletionResult, Invocation, Message, StreamInvocation, StreamItem,
    WriteError,
};
use super::value::{Arguments, Encoded, Headers, StreamIds, Text, Value};
use crate::wire::{Error, ErrorKind, Full, MsgPackKind, MsgPackReader, MsgPackWriter, Sink, Trace};

pub(super) fn read<'a>(frame: &'a [u8], trace: &mut impl Trace) -> Result<Message<'a>, Error> {
    trace.at("Message", "");
    let (len, body) = read_len(frame)?.ok_or(Error::new(ErrorKind::Truncated, frame.len()))?;
    let start = frame.len().saturating_sub(body.len());
    if len > body.len() {
        return Err(Error::new(ErrorKind::Truncated, frame.len()));
    }
    if len < body.len() {
        return Err(Error::new(ErrorKind::TrailingBytes, start.saturating_add(len)));
    }
    message(body, trace).map_err(|error| error.after(start))
}

/// Reads the elements of a message in order.
struct Elements<'a, 't, T> {
    reader: MsgPackReader<'a>,
    /// The number of unread elements.
    left: usize,
    /// The type of the message, once it is known.
    record: &'static str,
    trace: &'t mut T,
}

impl<'a, T: Trace> Elements<'a, '_, T> {
    fn error(&self, kind: ErrorKind) -> Error {
        Error::new(kind, self.reader.position())
    }

    fn of(&mut self, record: &'static str) {
        self.record = record;
        self.trace.at(record, "");
    }

    fn next(&mut self, field: &'static str) -> Result<&mut MsgPackReader<'a>, Error> {
        self.trace.at(self.record, field);
        self.left = self.left.checked_sub(1).ok_or_else(|| self.error(ErrorKind::MissingField))?;
        Ok(&mut self.reader)
    }

    fn headers(&mut self) -> Result<Headers<'a>, Error> {
        let reader = self.next("headers")?;
        if reader.kind() != Some(MsgPackKind::Map) {
            return Err(self.error(ErrorKind::UnexpectedType));
        }
        let map = self.reader.skip()?;
        Ok(if map == [0x80] { Headers::None } else { Headers::MessagePack(map) })
    }

    fn text(&mut self, field: &'static str) -> Result<Text<'a>, Error> {
        let before = self.error(ErrorKind::EmptyText);
        match self.next(field)?.str()? {
            "" => Err(before),
            text => Ok(Text::Plain(text)),
        }
    }

    fn id(&mut self) -> Result<Text<'a>, Error> {
        self.text("invocation_id")
    }

    /// A value, which may be invalid MessagePack: it is then the rest of the message, as it is if it is the last element.
    fn value(&mut self, field: &'static str) -> Result<Value<'a>, Error> {
        let is_last = self.left <= 1;
        let reader = self.next(field)?;
        if !is_last && let Ok(value) = reader.skip() {
            return Ok(Value::MessagePack(value));
        }
        if reader.rest().is_empty() {
            return Err(self.error(ErrorKind::Truncated));
        }
        Ok(Value::MessagePack(reader.rest()))
    }

    fn arguments(&mut self) -> Result<(Arguments<'a>, StreamIds<'a>), Error> {
        let count = self.next("arguments")?.array_len()?;
        let encoded = Encoded::MessagePack { count, bytes: self.reader.rest(), after: self.left };
        let arguments = Arguments(encoded);
        let stream_ids = if self.left > 0 { StreamIds::After(arguments) } else { StreamIds::Omitted };
        Ok((arguments, stream_ids))
    }
}

#[inline]
fn message<'a>(body: &'a [u8], trace: &mut impl Trace) -> Result<Message<'a>, Error> {
    let mut reader = MsgPackReader::new(body);
    let left = reader.array_len()?;
    let mut elements = Elements { reader, left, record: "Message", trace };
    let kind = elements.next("type")?.int()?;
    Ok(match kind {
        1 => {
            elements.of("Invocation");
            let headers = elements.headers()?;
            // An empty id means no id.
            let invocation_id = elements.next("invocation_id")?.optional(MsgPackReader::str)?;
            let invocation_id = invocation_id.filter(|id| !id.is_empty()).map(Text::Plain);
            let target = elements.text("target")?;
            let (arguments, stream_ids) = elements.arguments()?;
            Message::Invocation(Invocation { headers, invocation_id, target, arguments, stream_ids })
        }
        2 => {
            elements.of("StreamItem");
            let (headers, invocation_id) = (elements.headers()?, elements.id()?);
            Message::StreamItem(StreamItem { headers, invocation_id, item: elements.value("item")? })
        }
        3 => {
            elements.of("Completion");
            let (headers, invocation_id) = (elements.headers()?, elements.id()?);
            let at = elements.error(ErrorKind::OutOfRange);
            let result = match elements.next("result_kind")?.int()? {
                1 => CompletionResult::Error(Text::Plain(elements.next("error")?.str()?)),
                2 => CompletionResult::Void,
                3 => CompletionResult::Result(elements.value("result")?),
                _ => return Err(at),
            };
            Message::Completion(Completion { headers, invocation_id, result })
        }
        4 => {
            elements.of("StreamInvocation");
            let (headers, invocation_id) = (elements.headers()?, elements.id()?);
            let target = elements.text("target")?;
            let (arguments, stream_ids) = elements.arguments()?;
            let call = StreamInvocation { headers, invocation_id, target, arguments, stream_ids };
            Message::StreamInvocation(call)
        }
        5 => {
            elements.of("CancelInvocation");
            let (headers, invocation_id) = (elements.headers()?, elements.id()?);
            Message::CancelInvocation(CancelInvocation { headers, invocation_id })
        }
        6 => Message::Ping,
        7 => {
            elements.of("Close");
            let error = elements.next("error")?.optional(MsgPackReader::str)?.map(Text::Plain);
            let allow_reconnect = elements.left > 0 && elements.next("allow_reconnect")?.bool()?;
            Message::Close(Close { error, allow_reconnect })
        }
        8 => {
            elements.of("Ack");
            Message::Ack { sequence_id: elements.next("sequence_id")?.int()? }
        }
        9 => {
            elements.of("Sequence");
            Message::Sequence { sequence_id: elements.next("sequence_id")?.int()? }
        }
        _ => Message::Unknown { kind, message: Value::MessagePack(body) },
    })
}

pub(super) fn write(message: &Message<'_>, out: &mut impl Sink) -> Result<(), WriteError> {
    write_frame(message, out)
}

impl Body for Message<'_> {
    type Error = WriteError;

    fn write(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        write_body(self, out)
    }
}

fn write_body(message: &Message<'_>, out: &mut impl Sink) -> Result<(), WriteError> {
    let mut out = MsgPackWriter::new(out);
    match message {
        Message::Invocation(call) => {
            let Invocation { headers, invocation_id, target, arguments, stream_ids } = call;
            begin_call(&mut out, 1, headers, arguments, stream_ids)?;
            match invocation_id {
                Some(id) => text(&mut out, *id)?,
                None => out.nil()?,
            }
            end_call(&mut out, *target, arguments, stream_ids)?;
        }
        Message::StreamInvocation(call) => {
            let StreamInvocation { headers, invocation_id, target, arguments, stream_ids } = call;
            begin_call(&mut out, 4, headers, arguments, stream_ids)?;
            text(&mut out, *invocation_id)?;
            end_call(&mut out, *target, arguments, stream_ids)?;
        }
        Message::StreamItem(StreamItem { headers: with, invocation_id, item }) => {
            out.array_len(4)?;
            out.int(2)?;
            headers(&mut out, with)?;
            text(&mut out, *invocation_id)?;
            value(&mut out, item)?;
        }
        Message::Completion(Completion { headers: with, invocation_id, result }) => {
            let void = matches!(result, CompletionResult::Void);
            out.array_len(if void { 4 } else { 5 })?;
            out.int(3)?;
            headers(&mut out, with)?;
            text(&mut out, *invocation_id)?;
            match result {
                CompletionResult::Error(error) => {
                    out.int(1)?;
                    text(&mut out, *error)?;
                }
                CompletionResult::Void => out.int(2)?,
                CompletionResult::Result(result) => {
                    out.int(3)?;
                    value(&mut out, result)?;
                }
            }
        }
        Message::CancelInvocation(CancelInvocation { headers: with, invocation_id }) => {
            out.array_len(3)?;
            out.int(5)?;
            headers(&mut out, with)?;
            text(&mut out, *invocation_id)?;
        }
        Message::Ping => {
            out.array_len(1)?;
            out.int(6)?;
        }
        Message::Close(Close { error, allow_reconnect }) => {
            out.array_len(3)?;
            out.int(7)?;
            match error {
                Some(error) => text(&mut out, *error)?,
                None => out.nil()?,
            }
            out.bool(*allow_reconnect)?;
        }
        Message::Ack { sequence_id } | Message::Sequence { sequence_id } => {
            out.array_len(2)?;
            out.int(message.kind())?;
            out.int(*sequence_id)?;
        }
        Message::Unknown { message, .. } => value(&mut out, message)?,
    }
    Ok(())
}

/// A typed call that is written directly as a MessagePack [`Invocation`].
///
/// A [`Message`] needs encoded arguments; this encodes them into the frame.
pub trait WriteInvocation {
    /// The name of the method.
    fn target(&self) -> &str;

    /// The number of arguments.
    fn len(&self) -> usize;

    /// Whether there are no arguments.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes the arguments, without an array header.
    ///
    /// # Errors
    /// [`Full`]
    fn write_arguments<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full>;

    /// Writes the frame of an [`Invocation`], as .NET does. Without an id the peer sends no completion.
    ///
    /// # Errors
    /// [`Full`]
    fn write_frame(&self, invocation_id: Option<&str>, out: &mut impl Sink) -> Result<(), Full> {
        write_frame(&InvocationBody { call: self, invocation_id }, out)
    }
}

/// The body of an invocation.
struct InvocationBody<'c, C: ?Sized> {
    call: &'c C,
    invocation_id: Option<&'c str>,
}

impl<C: WriteInvocation + ?Sized> Body for InvocationBody<'_, C> {
    type Error = Full;

    #[inline(always)]
    fn write(&self, out: &mut impl Sink) -> Result<(), Full> {
        let mut out = MsgPackWriter::new(out);
        out.array_len(6)?;
        out.int(1)?;
        out.map_len(0)?;
        match self.invocation_id {
            Some(id) => out.str(id)?,
            None => out.nil()?,
        }
        out.str(self.call.target())?;
        out.array_len(self.call.len())?;
        self.call.write_arguments(&mut out)?;
        out.array_len(0)
    }
}

type Out<'o, S> = MsgPackWriter<'o, S>;

fn begin_call<S: Sink>(
    out: &mut Out<'_, S>,
    kind: i64,
    with: &Headers<'_>,
    arguments: &Arguments<'_>,
    stream_ids: &StreamIds<'_>,
) -> Result<(), WriteError> {
    // A forwarded message keeps its number of elements. .NET always writes stream ids.
    let elements = match (arguments.0, stream_ids) {
        (Encoded::MessagePack { after, .. }, StreamIds::After(_)) => after.saturating_add(5),
        (_, StreamIds::Omitted) => 5,
        _ => 6,
    };
    out.array_len(elements)?;
    out.int(kind)?;
    headers(out, with)
}

fn end_call<S: Sink>(
    out: &mut Out<'_, S>,
    target: Text<'_>,
    arguments: &Arguments<'_>,
    stream_ids: &StreamIds<'_>,
) -> Result<(), WriteError> {
    let Encoded::MessagePack { count, bytes, .. } = arguments.0 else {
        return Err(WriteError::OtherEncoding);
    };
    text(out, target)?;
    out.array_len(count)?;
    match stream_ids {
        StreamIds::After(_) => out.raw(bytes)?,
        StreamIds::Omitted => out.raw(arguments.split().0)?,
        StreamIds::Listed(_) | StreamIds::Json(_) => {
            out.raw(arguments.split().0)?;
            out.array_len(stream_ids.iter().count())?;
            stream_ids.iter().try_for_each(|id| text(out, id))?;
        }
    }
    Ok(())
}

fn headers<S: Sink>(out: &mut Out<'_, S>, headers: &Headers<'_>) -> Result<(), WriteError> {
    if let Headers::MessagePack(map) = headers {
        return Ok(out.raw(map)?);
    }
    let pairs = headers.iter().flatten();
    out.map_len(headers.iter().flatten().count())?;
    for (name, value) in pairs {
        text(out, name)?;
        text(out, value)?;
    }
    Ok(())
}

fn text<S: Sink>(out: &mut Out<'_, S>, value: Text<'_>) -> Result<(), WriteError> {
    if let Some(plain) = value.as_plain() {
        return Ok(out.str(plain)?);
    }
    let len = value.chars().fold(0usize, |len, char| len.saturating_add(char.len_utf8()));
    out.str_len(len)?;
    for char in value.chars() {
        out.raw(char.encode_utf8(&mut [0; 4]).as_bytes())?;
    }
    Ok(())
}

fn value<S: Sink>(out: &mut Out<'_, S>, value: &Value<'_>) -> Result<(), WriteError> {
    match value {
        Value::MessagePack(bytes) => Ok(out.raw(bytes)?),
        Value::Json(_) => Err(WriteError::OtherEncoding),
    }
}
