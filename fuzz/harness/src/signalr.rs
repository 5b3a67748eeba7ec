//! Targets for SignalR.

use crate::{Family, Outcome, Target, hold, pieces};
use lobbywire::signalr::laws;
use lobbywire::signalr::{
    Arguments, CompletionResult, Encoding, Frames, HandshakeRequest, Headers, Invocation, Message,
    OwnedArguments, Records, StreamIds, Text, Value,
};
use lobbywire::wire::{
    Counter, ErrorKind, FrameDecoder, Framing, Json, JsonSyntax, MsgPackKind, MsgPackReader, MsgPackWriter,
    SliceSink,
};
use std::collections::BTreeSet;

const TARGETS: &[Target] = &[
    ("signalr", signalr),
    ("signalr_stream", signalr_stream),
    ("signalr_handshake", signalr_handshake),
    ("signalr_arguments", signalr_arguments),
    ("messagepack", messagepack),
];

pub(crate) const FAMILY: Family = Family { name: "signalr", targets: TARGETS, seeds };

/// Messages in both encodings and handshakes, as .NET writes them.
const MESSAGES: [(u8, &[u8]); 30] = [
    (0, b"\x02\x91\x06"),
    (0, b"\x04\x93\x07\xc0\xc2"),
    (0, b"\x03\x92\x07\xa1x"),
    (0, b"\x03\x92\x08\x24"),
    (0, b"\x05\x92\x09\xcd\x01\x2c"),
    (0, b"\x05\x93\x05\x80\xa11"),
    (0, b"\x06\x94\x02\x80\xa11\x2a"),
    (0, b"\x07\x95\x02\x80\xa11\x2a\xc0"),
    (0, b"\x07\x95\x03\x80\xa11\x03\xc0"),
    (0, b"\x06\x94\x03\x80\xa11\x02"),
    (0, b"\x08\x95\x03\x80\xa11\x01\xa1x"),
    (0, b"\x10\x96\x01\x81\xa1h\xa1v\xc0\xa1t\x92\x01\xa1a\x91\xa1s"),
    (0, b"\x0a\x96\x04\x80\xa11\xa1t\x91\xc3\x90"),
    (0, b"\x19\x96\x01\x80\xc0\xa1t\x91\x92\xa2DT\x91\xa1s\xcb\x3f\xf4\0\0\0\0\0\0\x90"),
    (0, b"\x08\x95\x01\x80\xa0\xa1t\x91\x2a"),
    (0, b"\x04\x93\x2a\x01\x02"),
    (1, b"{\"type\":1,\"invocationId\":\"1\",\"target\":\"Roll\",\"arguments\":[123,null],\"streamIds\":[\"s\\u0022\"]}\x1e"),
    (1, b"{\"type\":2,\"headers\":{\"h\":\"v\\n\"},\"invocationId\":\"1\",\"item\":{\"a\":[1.5]}}\x1e"),
    (1, b"{\"type\":3,\"invocationId\":\"1\",\"result\":null}\x1e{\"type\":3,\"invocationId\":\"1\",\"error\":\"\\u00e9\"}\x1e"),
    (1, b"{\"type\":4,\"invocationId\":\"1\",\"target\":\"t\",\"arguments\":[]}\x1e"),
    (1, b"{\"type\":5,\"invocationId\":\"1\"}\x1e{\"type\":6}\x1e{\"type\":7,\"error\":\"e\",\"allowReconnect\":true}\x1e"),
    (1, b"{\"type\":8,\"sequenceId\":36}\x1e{\"type\":9,\"sequenceId\":1}\x1e{\"type\":42,\"x\":1}\x1e"),
    (1, b"{\"type\":3,\"invocationId\":\"1\",\"result\":1,\"error\":\"e\"}\x1e{\"type\":3,\"invocationId\":\"1\"}\x1e[]\x1e"),
    (1, b"{\"type\":1,\"target\":1,\"arguments\":[]}\x1e{\"type\":1,\"target\":\"t\"}\x1e{\"type\":\"1\"}\x1e"),
    (1, b"{\"type\":1,\"headers\":{\"h\":1},\"target\":\"t\",\"arguments\":{},\"streamIds\":1}\x1e{\"type\":7}\x1e"),
    (1, b"{\"type\":1,\"headers\":{\"h\\\"\":\"v\"},\"target\":\"t\\u00e9\",\"arguments\":[],\"streamIds\":[\"a\",\"b\\n\"]}\x1e"),
    (0, b"\x10\x96\x01\x81\xa1h\xa1v\xc0\xa1t\x90\x92\xa1s\xa1u"),
    (0, b"\x0e\x95\x04\x82\xa1h\xa1v\xa1i\x01\xa11\xa1t\x90"),
    (2, b"{\"protocol\":\"messagepack\",\"version\":1}\x1e"),
    (2, b"{\"error\":\"no\\u0022\"}\x1e"),
];

/// Arguments in JSON and MessagePack, most of which no type can decode.
const ARGUMENTS: [(u8, &[u8]); 22] = [
    (1, br#""cut \ud83d""#),
    (1, br#""\udc00\ud800""#),
    (1, br#""\ud83d\ude00 \u00e9""#),
    (1, br#"["a",{"\ud800":1e400}]"#),
    (1, br#"{"a":1,"a":2}"#),
    (1, b"1e400"),
    (1, b"-1e999"),
    (1, b"1e-999"),
    (1, b"0.5"),
    (1, b"NaN"),
    (1, b"-Infinity"),
    (1, b"99999999999999999999"),
    (1, b"null"),
    (1, b"1],\"arguments\":[2"),
    (1, b"\"x"),
    (1, b"[[[["),
    (0, b"\xa2\xff\xfe"),
    (0, b"\xa1x"),
    (0, b"\xdb\xff\xff\xff\xff"),
    (0, b"\xc1"),
    (0, b"\xdf\xff\xff\xff\xff\x01"),
    (0, b""),
];

fn seeds(target: &str) -> BTreeSet<Vec<u8>> {
    let mut inputs = BTreeSet::new();
    if target == "signalr_arguments" {
        inputs.extend(ARGUMENTS.iter().map(|(encoding, bytes)| [&[*encoding], *bytes].concat()));
    }
    for (number, (encoding, bytes)) in (0..).zip(MESSAGES) {
        match target {
            "signalr" if encoding < 2 => {
                let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == 0x1e && encoding == 1);
                let mut start = 0;
                for (end, _) in ends {
                    inputs.insert([&[1], &bytes[start..=end]].concat());
                    start = end + 1;
                }
                inputs.insert([&[encoding], bytes].concat());
            }
            "signalr_stream" => {
                inputs.insert([&[encoding, number, 0][..], bytes, bytes].concat());
                inputs.insert([&[encoding, number, 12][..], bytes, bytes].concat());
                inputs.insert([&[0, number, 0][..], b"\xff\xff\xff\xff\x0f"].concat());
            }
            "signalr_handshake" if encoding > 0 => {
                inputs.insert(bytes.to_vec());
            }
            "messagepack" if encoding == 0 => {
                inputs.insert(bytes[1..].to_vec());
            }
            _ => {}
        }
    }
    if target == "signalr" {
        // Text with an escape, as long as each form of a length in the other encoding.
        for len in [30, 40, 300] {
            let text = "x".repeat(len);
            inputs.insert(format!("\u{1}{{\"type\":7,\"error\":\"\\n{text}\"}}\u{1e}").into_bytes());
        }
    }
    if target == "messagepack" {
        // Each form of everything.
        for first in 0..=u8::MAX {
            inputs.insert([&[first][..], &[0; 7], &[1], &[0x61; 300]].concat());
            inputs.insert([&[0x92, first][..], &[0xff; 9]].concat());
        }
        inputs.insert([0x91; 70].to_vec());
        // Lengths and numbers at the edges of their forms, each in the widest.
        for len in [0u32, 15, 16, 31, 32, 0xff, 0x100, 0xffff, 0x1_0000] {
            for (first, each) in [(0xdb, &[0x61][..]), (0xc6, &[1]), (0xdd, &[0xc0]), (0xdf, &[0xc0, 0xc0])] {
                inputs.insert([&[first][..], &len.to_be_bytes(), &each.repeat(len as usize)].concat());
            }
            inputs.insert([&[0xc9][..], &len.to_be_bytes(), &[7], &vec![1; len as usize]].concat());
        }
        for number in [
            -1i64,
            -32,
            -33,
            -128,
            -129,
            -0x8000,
            -0x8001,
            -0x8000_0000,
            -0x8000_0001,
            i64::MIN,
            300,
            i64::MAX,
        ] {
            inputs.insert([&[0xd3][..], &number.to_be_bytes()].concat());
        }
        for number in [0.5f64, f64::NAN, -0.0, 1e300] {
            inputs.insert([&[0xcb][..], &number.to_be_bytes()].concat());
            inputs.insert([&[0xca][..], &(number as f32).to_be_bytes()].concat());
        }
    }
    inputs
}

/// The encoding (even for MessagePack), and a frame: [`laws::message`].
pub fn signalr(input: &[u8]) -> Outcome {
    let Some((encoding, frame)) = input.split_first() else { return Outcome::Skipped };
    let encoding = if encoding % 2 == 0 { Encoding::MessagePack } else { Encoding::Json };
    let room = 6 * frame.len() + 64;
    let outcome = hold(laws::message(frame, encoding, &mut vec![0; room], &mut vec![0; room]));
    if let Ok(message) = Message::read(frame, encoding) {
        questions(&message, frame, encoding);
    }
    made(&String::from_utf8_lossy(frame));
    outcome
}

/// The accessors of a message agree with each other, and the message is read back from the other encoding, if that can
/// carry it.
fn questions(message: &Message<'_>, frame: &[u8], encoding: Encoding) {
    assert_eq!(message.is_counted(), (1..=5).contains(&message.kind()));
    assert_eq!(message.name() == "Unknown", !(1..=9).contains(&message.kind()));
    let of_call = |arguments: &Arguments<'_>, stream_ids: &StreamIds<'_>, headers: &Headers<'_>| {
        assert_eq!(arguments.is_empty(), !matches!(arguments.len(), 1..));
        assert_eq!(arguments.messagepack().is_some(), arguments.json().is_none());
        let values: Vec<_> = arguments.values().collect();
        assert!(values.len() <= arguments.len() && values.iter().rev().skip(1).all(Result::is_ok));
        if values.iter().all(Result::is_ok) {
            assert_eq!(values.len(), arguments.len());
        }
        for value in values.into_iter().flatten() {
            of_value(&value);
        }
        assert!(arguments.bytes().len() <= frame.len());
        assert_eq!(stream_ids.is_empty(), stream_ids.iter().next().is_none());
        stream_ids.iter().for_each(|id| of_text(&id));
        of_headers(headers);
    };
    match message {
        Message::Invocation(call) => {
            of_call(&call.arguments, &call.stream_ids, &call.headers);
            of_text(&call.target);
        }
        Message::StreamInvocation(call) => {
            of_call(&call.arguments, &call.stream_ids, &call.headers);
            of_text(&call.invocation_id);
        }
        Message::StreamItem(item) => {
            of_headers(&item.headers);
            of_value(&item.item);
        }
        Message::Completion(done) => match done.result {
            CompletionResult::Result(value) => of_value(&value),
            CompletionResult::Error(text) => of_text(&text),
            CompletionResult::Void => {}
        },
        Message::Close(close) => close.error.iter().for_each(of_text),
        _ => {}
    }

    let other = if encoding == Encoding::Json { Encoding::MessagePack } else { Encoding::Json };
    let mut counter = Counter::default();
    if message.write(&mut counter, other).is_ok() {
        let mut written = vec![0; counter.0];
        let mut sink = SliceSink::new(&mut written);
        assert_eq!((message.write(&mut sink, other), sink.room()), (Ok(()), 0));
        let again = Message::read(&written, other).expect("a message that was written can be read");
        assert_eq!((again.name(), again.kind()), (message.name(), message.kind()));
        let short = &mut vec![0; counter.0.saturating_sub(1)];
        assert!(message.write(&mut SliceSink::new(short), other).is_err());
    }
}

/// A call that has a text in all its fields is read back as it was written, in both encodings.
fn made(text: &str) {
    let text = &text.chars().take(400).collect::<String>();
    let empty = Json::parse("[]", JsonSyntax::STRICT).expect("JSON");
    for (encoding, arguments) in [
        (Encoding::MessagePack, Arguments::of_messagepack(0, &[])),
        (Encoding::Json, Arguments::of_json(empty).expect("an array")),
    ] {
        let (headers, stream_ids) = ([(&**text, &**text)], [&**text, "s"]);
        let call = Message::Invocation(Invocation {
            headers: Headers::Listed(&headers),
            invocation_id: None,
            target: Text::from(&**text),
            arguments,
            stream_ids: StreamIds::Listed(&stream_ids),
        });
        let mut counter = Counter::default();
        assert_eq!(call.write(&mut counter, encoding), Ok(()));
        let mut written = vec![0; counter.0];
        assert_eq!(call.write(&mut SliceSink::new(&mut written), encoding), Ok(()));
        let again = match Message::read(&written, encoding) {
            Ok(Message::Invocation(again)) => again,
            // The name of a method cannot be empty.
            Err(error) if error.kind == ErrorKind::EmptyText && text.is_empty() => continue,
            other => panic!("read back as {other:?}"),
        };
        assert!(
            again.stream_ids.iter().eq([&**text, "s"])
                && again.target == **text
                && again.arguments.is_empty()
        );
        let headers: Vec<_> = again.headers.iter().flatten().collect();
        assert_eq!(headers, [(Text::from(&**text), Text::from(&**text))]);
    }
}

fn of_headers(headers: &Headers<'_>) {
    assert_eq!(headers.is_empty(), headers.iter().next().is_none());
    for (name, value) in headers.iter().flatten() {
        [name, value].iter().for_each(of_text);
    }
}

fn of_text(text: &Text<'_>) {
    let shown = text.to_string();
    assert!(text.chars().eq(shown.chars()));
    assert_eq!(text.is_empty(), shown.is_empty());
    assert!(*text == *shown && *text == Text::from(&*shown));
    assert!(text.as_plain().is_none_or(|plain| plain == shown));
}

fn of_value(value: &Value<'_>) {
    assert_eq!(value.messagepack().is_some(), value.json().is_none());
    let alone = match value {
        Value::MessagePack(bytes) => Some(Arguments::of_messagepack(1, bytes)),
        Value::Json(json) => Arguments::of_json(*json),
    };
    // A value extends to the end of its message, because its own end is not known: more bytes may follow it.
    let is_consistent = |arguments: Arguments<'_>| {
        let of_values = arguments.values().flatten().filter_map(|one| one.messagepack());
        let len: usize = of_values.map(|one| one.rest().len()).sum();
        arguments.is_readable() || arguments.values().any(|one| one.is_err()) || len < arguments.bytes().len()
    };
    assert!(alone.is_none_or(is_consistent));
}

/// The framing, a seed for the pieces and the limit (one byte each; 0 is the default limit), and the stream.
pub fn signalr_stream(input: &[u8]) -> Outcome {
    let Some(([framing, seed, limit], bytes)) = input.split_first_chunk() else { return Outcome::Skipped };
    let (mut frames, mut records) = (Frames::default(), Records::default());
    if *limit > 0 {
        (frames.limit, records.limit) = ((*limit).into(), (*limit).into());
    }
    let buffer = &mut vec![0; 40 + usize::from(*seed)];
    hold(match framing % 2 {
        0 => laws::stream(&frames, bytes, pieces(*seed), buffer),
        _ => laws::stream(&records, bytes, pieces(*seed), buffer),
    })
}

/// A record: [`laws::handshake`].
pub fn signalr_handshake(input: &[u8]) -> Outcome {
    let outcome = hold(laws::handshake(input, &mut vec![0; 6 * input.len() + 64]));
    if let Ok(request) = HandshakeRequest::read(input) {
        let same = request.encoding().map(HandshakeRequest::new);
        assert!(same.is_none_or(|same| same.protocol.to_string() == request.protocol.to_string()));
    }
    outcome
}

/// The encoding (even for MessagePack), and an argument of a call, valid or not. The call is read unless the argument breaks
/// the structure of a JSON record, and the message after it always. A type accepts the argument if and only if serde_json
/// does.
pub fn signalr_arguments(input: &[u8]) -> Outcome {
    let Some((encoding, argument)) = input.split_first() else { return Outcome::Skipped };
    if encoding % 2 == 0 { messagepack_argument(argument) } else { json_argument(argument) }
}

/// The first two frames of a stream.
fn two_frames(framing: impl Framing, stream: &[u8]) -> [Vec<u8>; 2] {
    let mut decoder = FrameDecoder::new(framing, vec![0; stream.len()]);
    decoder.push(stream);
    [(); 2].map(|()| decoder.next_frame().expect("a whole frame").expect("a valid frame").to_vec())
}

fn messagepack_argument(argument: &[u8]) -> Outcome {
    let message = Message::Invocation(Invocation {
        headers: Headers::None,
        invocation_id: Some("1".into()),
        target: "t".into(),
        arguments: Arguments::of_messagepack(1, argument),
        stream_ids: StreamIds::Omitted,
    });
    let mut counter = Counter::default();
    message.write(&mut counter, Encoding::MessagePack).expect("a counter is never full");
    let mut stream = vec![0; counter.0];
    let written = message.write(&mut SliceSink::new(&mut stream), Encoding::MessagePack);
    written.expect("the buffer has the encoded length");
    stream.extend(b"\x02\x91\x06");
    let [call, next] = two_frames(Frames::new(), &stream);
    assert_eq!(Message::read(&next, Encoding::MessagePack), Ok(Message::Ping));
    // Without any bytes the array of arguments is truncated.
    if argument.is_empty() {
        assert!(Message::read(&call, Encoding::MessagePack).is_err());
        return Outcome::Skipped;
    }
    let Ok(Message::Invocation(call)) = Message::read(&call, Encoding::MessagePack) else {
        panic!("the call cannot be read");
    };
    assert_eq!((call.arguments.len(), call.arguments.bytes()), (1, argument));
    let mut rest = argument;
    let theirs = rmpv::decode::read_value_ref_with_max_depth(&mut rest, 256);
    let expected = match &theirs {
        Ok(rmpv::ValueRef::String(text)) => text.as_str().map(str::to_owned),
        _ => None,
    };
    assert_eq!(OwnedArguments::from(call.arguments).read::<(String,)>().ok().map(|(text,)| text), expected);
    Outcome::Held
}

fn json_argument(argument: &[u8]) -> Outcome {
    let Ok(argument) = std::str::from_utf8(argument) else { return Outcome::Skipped };
    if argument.contains('\u{1e}') {
        return Outcome::Skipped;
    }
    let start = r#"{"type":1,"invocationId":"1","target":"t","arguments":["#;
    let stream = format!("{start}{argument}]}}\u{1e}{{\"type\":6}}\u{1e}");
    let [call, next] = two_frames(Records::new(), stream.as_bytes());
    assert_eq!(Message::read(&next, Encoding::Json), Ok(Message::Ping));
    let message = Message::read(&call, Encoding::Json);
    // As deep as in the call.
    if Json::parse(&format!("[[{argument}]]"), JsonSyntax::LENIENT).is_err() {
        return Outcome::Skipped;
    }
    let Ok(Message::Invocation(call)) = message else { panic!("the call cannot be read: {message:?}") };
    let Some(item) = call.arguments.json().and_then(|array| array.items().next()) else {
        return Outcome::Skipped;
    };
    if call.arguments.len() != 1 {
        return Outcome::Skipped;
    }
    let arguments = OwnedArguments::from(call.arguments);
    let text = arguments.read::<(String,)>().ok().map(|(text,)| text);
    assert_eq!(text, serde_json::from_str(item.text()).ok());
    let number = arguments.read::<(f64,)>().ok().map(|(number,)| number);
    assert_eq!(number, serde_json::from_str(item.text()).ok());
    let texts = arguments.read::<(Vec<String>,)>().ok().map(|(texts,)| texts);
    assert_eq!(texts, serde_json::from_str(item.text()).ok());
    Outcome::Held
}

/// A value of MessagePack, compared with `rmpv`: both accept the same input, with the same length, and write the same
/// bytes.
pub fn messagepack(input: &[u8]) -> Outcome {
    typed(input);
    let mut reader = MsgPackReader::new(input);
    let ours = reader.skip();
    let mut theirs_rest = input;
    let theirs = rmpv::decode::read_value_ref_with_max_depth(&mut theirs_rest, 256);
    let bytes = match (ours, &theirs) {
        (Ok(bytes), Ok(_)) => bytes,
        (Err(error), Ok(_)) => {
            // This crate rejects invalid UTF-8, deeper nesting, and the reserved byte.
            let rejected =
                [ErrorKind::Utf8, ErrorKind::TooDeep, ErrorKind::UnexpectedType, ErrorKind::ListLength];
            assert!(rejected.contains(&error.kind), "{error}");
            assert!(usize::try_from(error.offset).is_ok_and(|offset| offset <= input.len()));
            return Outcome::Skipped;
        }
        (Ok(bytes), Err(error)) => panic!("{bytes:x?} was skipped, but rmpv returns {error}"),
        (Err(error), Err(_)) => {
            assert!(usize::try_from(error.offset).is_ok_and(|offset| offset <= input.len()));
            return Outcome::Skipped;
        }
    };
    assert_eq!(bytes.len() + theirs_rest.len(), input.len(), "the same length");
    assert_eq!(reader.rest(), theirs_rest);

    let mut counter = Counter::default();
    copy(&mut MsgPackReader::new(bytes), &mut MsgPackWriter::new(&mut counter));
    let mut written = vec![0; counter.0];
    let mut sink = SliceSink::new(&mut written);
    copy(&mut MsgPackReader::new(bytes), &mut MsgPackWriter::new(&mut sink));
    assert_eq!(sink.room(), 0);
    let mut expected = Vec::new();
    rmpv::encode::write_value_ref(&mut expected, &theirs.expect("checked above"))
        .expect("a vector is never full");
    assert_eq!(written, expected);
    Outcome::Held
}

/// A value is read only as its own type, except that integers are read as floats too.
fn typed(input: &[u8]) {
    use MsgPackKind as Kind;
    let reader = MsgPackReader::new(input);
    let kind = reader.kind();
    let of_kind = |is_read: bool, kinds: &[Kind]| {
        assert!(
            !is_read || kind.is_some_and(|kind| kinds.contains(&kind)),
            "{kind:?} is read as one of {kinds:?}"
        );
    };
    of_kind({ reader }.bool().is_ok(), &[Kind::Bool]);
    of_kind({ reader }.str().is_ok(), &[Kind::Str]);
    of_kind({ reader }.bin().is_ok(), &[Kind::Bin]);
    of_kind({ reader }.ext().is_ok(), &[Kind::Ext]);
    of_kind({ reader }.array_len().is_ok(), &[Kind::Array]);
    of_kind({ reader }.map_len().is_ok(), &[Kind::Map]);
    of_kind({ reader }.int().is_ok(), &[Kind::Int]);
    of_kind({ reader }.f64().is_ok(), &[Kind::Int, Kind::Float]);
    of_kind({ reader }.f32().is_ok(), &[Kind::Int, Kind::Float]);
    of_kind({ reader }.nil(), &[Kind::Nil]);
    let (mut wide, mut narrow) = (reader, reader);
    if let (Ok(wide), Ok(narrow)) = (wide.f64(), narrow.f32()) {
        assert!(wide.is_nan() == narrow.is_nan() && wide.is_sign_negative() == narrow.is_sign_negative());
    }
    assert_eq!(wide.position(), narrow.position());
}

/// Reads a value and writes it, piece by piece.
fn copy<S: lobbywire::wire::Sink>(reader: &mut MsgPackReader<'_>, writer: &mut MsgPackWriter<'_, S>) {
    let first = reader.rest()[0];
    match reader.kind().expect("there is a value") {
        MsgPackKind::Nil => {
            assert_eq!(reader.optional(MsgPackReader::int), Ok(None));
            writer.nil()
        }
        MsgPackKind::Bool => writer.bool(reader.bool().expect("a bool")),
        MsgPackKind::Int => match (reader.clone().int(), reader.number::<u64>()) {
            (Ok(small), Ok(number)) => {
                assert_eq!(u64::try_from(small), Ok(number));
                writer.int(small)
            }
            (_, Ok(number)) => writer.uint(number),
            (Ok(small), Err(_)) => {
                let _ = reader.int();
                writer.int(small)
            }
            (Err(error), Err(_)) => panic!("{error}"),
        },
        MsgPackKind::Float if first == 0xca => writer.f32(reader.f32().expect("a float")),
        MsgPackKind::Float => writer.f64(reader.f64().expect("a float")),
        MsgPackKind::Str => writer.str(reader.str().expect("text")),
        MsgPackKind::Bin => writer.bin(reader.bin().expect("bytes")),
        MsgPackKind::Ext => {
            let (kind, bytes) = reader.ext().expect("an extension");
            writer.ext(kind, bytes)
        }
        MsgPackKind::Array => {
            let len = reader.array_len().expect("an array");
            writer.array_len(len).expect("room");
            (0..len).for_each(|_| copy(reader, writer));
            Ok(())
        }
        MsgPackKind::Map => {
            let len = reader.map_len().expect("a map");
            writer.map_len(len).expect("room");
            (0..2 * len).for_each(|_| copy(reader, writer));
            Ok(())
        }
        MsgPackKind::Reserved => unreachable!("it was refused"),
    }
    .expect("room");
}
