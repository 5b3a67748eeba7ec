//! Messages as .NET and Microsoft's JavaScript client write them: read, written again, truncated and corrupted.
//!
//! The bytes were derived from the specification and checked with `@microsoft/signalr` and its MessagePack
//! protocol.

mod hex;

use hex::unhex;
use lobbywire_core::signalr::{
    Arguments, CancelInvocation, Close, Completion, CompletionResult, Encoding, Frames, HandshakeRequest,
    HandshakeResponse, Headers, Invocation, Message, Records, StreamIds, StreamItem, Text, Value,
};
use lobbywire_core::wire::{Counter, Error, ErrorKind, FrameDecoder, Framing, Json, JsonSyntax, SliceSink};

fn written(message: &Message<'_>, encoding: Encoding) -> Vec<u8> {
    let mut counter = Counter::default();
    message.write(&mut counter, encoding).unwrap();
    let mut bytes = vec![0xa5; counter.0 + 1];
    let mut sink = SliceSink::new(&mut bytes[..counter.0]);
    message.write(&mut sink, encoding).unwrap();
    assert_eq!(sink.room(), 0);
    assert_eq!(bytes.pop(), Some(0xa5));
    bytes
}

/// MessagePack messages as .NET writes them.
fn messagepack() -> Vec<(Vec<u8>, Message<'static>)> {
    let id = || "1".into();
    let (headers, nil) = (Headers::None, Value::MessagePack(&[0xc0]));
    let call = |target: &'static str, id: Option<&'static str>, count, arguments: &str| {
        Message::Invocation(Invocation {
            headers,
            invocation_id: id.map(Into::into),
            target: target.into(),
            arguments: Arguments::of_messagepack(count, unhex(arguments).leak()),
            stream_ids: StreamIds::Listed(&[]),
        })
    };
    let completion = |result| Message::Completion(Completion { headers, invocation_id: id(), result });
    [
        ("02 91 06", Message::Ping),
        ("04 93 07 c0 c2", Message::Close(Close { error: None, allow_reconnect: false })),
        ("04 93 07 c0 c3", Message::Close(Close { error: None, allow_reconnect: true })),
        ("03 92 08 24", Message::Ack { sequence_id: 36 }),
        ("05 92 09 cd 01 2c", Message::Sequence { sequence_id: 300 }),
        ("05 93 05 80 a1 31", Message::CancelInvocation(CancelInvocation { headers, invocation_id: id() })),
        (
            "06 94 02 80 a1 31 2a",
            Message::StreamItem(StreamItem { headers, invocation_id: id(), item: Value::MessagePack(&[42]) }),
        ),
        ("07 95 03 80 a1 31 03 c0", completion(CompletionResult::Result(nil))),
        ("06 94 03 80 a1 31 02", completion(CompletionResult::Void)),
        ("08 95 03 80 a1 31 01 a1 78", completion(CompletionResult::Error("x".into()))),
        (
            "1a 96 01 80 a1 31 b1 53 74 61 72 74 57 61 74 63 68 69 6e 67 55 73 65 72 91 02 90",
            call("StartWatchingUser", Some("1"), 1, "02"),
        ),
        (
            "29 96 01 80 c0 b0 55 73 65 72 42 65 67 61 6e 50 6c 61 79 69 6e 67 92 02 95 4b 00 91 92 a2 48 44 90
             01 82 05 cd 01 2c 10 50 90",
            call("UserBeganPlaying", None, 2, "02 95 4b 00 91 92 a2 48 44 90 01 82 05 cd 01 2c 10 50"),
        ),
        (
            "1d 96 01 80 c0 aa 4d 61 74 63 68 45 76 65 6e 74 91 92 00 91 92 00 92 01 ce 05 f5 e1 00 90",
            call("MatchEvent", None, 1, "92 00 91 92 00 92 01 ce 05 f5 e1 00"),
        ),
        (
            "36 96 01 80 a1 33 ae 55 70 64 61 74 65 41 63 74 69 76 69 74 79 91 92 0c 94 4b a9 41 20 2d 20 42 20
             5b 43 5d 00 b0 43 6c 69 63 6b 69 6e 67 20 63 69 72 63 6c 65 73 90",
            call(
                "UpdateActivity",
                Some("3"),
                1,
                "92 0c 94 4b a9 41 20 2d 20 42 20 5b 43 5d 00 b0 43 6c 69 63 6b 69 6e 67 20 63 69 72 63 6c 65 73",
            ),
        ),
        // A mod with a setting, which is not valid MessagePack.
        (
            "ae 01 96 01 80 c0 af 53 65 6e 64 46 72 61 6d 65 44 61 74 61 56 32 92 cf 00 00 00 02 18 71 1a 00 92
             9a ce 00 01 e2 40 cb 3f e0 00 00 00 00 00 00 07 2a 82 05 28 01 02 95 cb 40 72 c0 00 00 00 00 00 cb
             40 82 c0 00 00 00 00 00 02 cb 3f d0 00 00 00 00 00 00 cb 00 00 00 00 00 00 00 00 92 c7 0c ff 00 00
             00 00 ff ff ff f1 88 6e 09 00 00 91 92 a2 44 54 91 ac 73 70 65 65 64 5f 63 68 61 6e 67 65 cb 3f f4
             00 00 00 00 00 00 c0 c0 92 94 cb 40 8f 40 00 00 00 00 00 ca 43 80 00 00 ca 43 40 80 00 01 94 cb 40
             8f c0 00 00 00 00 00 c0 c0 00 90",
            call(
                "SendFrameDataV2",
                None,
                2,
                "cf 00 00 00 02 18 71 1a 00 92 9a ce 00 01 e2 40 cb 3f e0 00 00 00 00 00 00 07 2a 82 05 28 01 02
                 95 cb 40 72 c0 00 00 00 00 00 cb 40 82 c0 00 00 00 00 00 02 cb 3f d0 00 00 00 00 00 00 cb 00 00 00
                 00 00 00 00 00 92 c7 0c ff 00 00 00 00 ff ff ff f1 88 6e 09 00 00 91 92 a2 44 54 91 ac 73 70 65 65
                 64 5f 63 68 61 6e 67 65 cb 3f f4 00 00 00 00 00 00 c0 c0 92 94 cb 40 8f 40 00 00 00 00 00 ca 43 80
                 00 00 ca 43 40 80 00 01 94 cb 40 8f c0 00 00 00 00 00 c0 c0 00",
            ),
        ),
    ]
    .map(|(bytes, message)| (unhex(bytes), message))
    .to_vec()
}

/// JSON messages as .NET writes them.
fn json() -> Vec<(Vec<u8>, Message<'static>)> {
    let value = |text: &'static str| Json::parse(text, JsonSyntax::STRICT).unwrap();
    let headers = Headers::None;
    let call = |target: &'static str, id: Option<&'static str>, arguments| {
        Message::Invocation(Invocation {
            headers,
            invocation_id: id.map(Into::into),
            target: target.into(),
            arguments: Arguments::of_json(value(arguments)).unwrap(),
            stream_ids: StreamIds::Omitted,
        })
    };
    [
        (
            r#"{"type":1,"invocationId":"1","target":"Roll","arguments":[123,null]}"#,
            call("Roll", Some("1"), "[123,null]"),
        ),
        (
            r#"{"type":3,"invocationId":"1","result":null}"#,
            Message::Completion(Completion {
                headers,
                invocation_id: "1".into(),
                result: CompletionResult::Result(Value::Json(Json::NULL)),
            }),
        ),
        (
            r#"{"type":1,"target":"RollCompleted","arguments":[{"room_id":123,"user_id":2,"max":100,"result":57}]}"#,
            call("RollCompleted", None, r#"[{"room_id":123,"user_id":2,"max":100,"result":57}]"#),
        ),
        (r#"{"type":6}"#, Message::Ping),
        (
            r#"{"type":7,"error":"no","allowReconnect":true}"#,
            Message::Close(Close { error: Some("no".into()), allow_reconnect: true }),
        ),
        (r#"{"type":8,"sequenceId":36}"#, Message::Ack { sequence_id: 36 }),
    ]
    .map(|(text, message)| ([text.as_bytes(), b"\x1e"].concat(), message))
    .to_vec()
}

#[test]
fn messages_are_written_as_dotnet_writes_them_and_read_back() {
    for (encoding, vectors) in [(Encoding::MessagePack, messagepack()), (Encoding::Json, json())] {
        for (bytes, message) in vectors {
            assert_eq!(written(&message, encoding), bytes, "{message:?}");
            let read = Message::read(&bytes, encoding).unwrap();
            assert_eq!(
                format!("{:?}", without_stream_ids(read)),
                format!("{:?}", without_stream_ids(message))
            );
            assert_eq!(written(&read, encoding), bytes, "forwarded unchanged");
        }
    }
}

/// Removes empty stream ids, which constructed and read calls represent differently.
fn without_stream_ids(message: Message<'_>) -> Message<'_> {
    match message {
        Message::Invocation(call) => {
            assert!(call.stream_ids.is_empty());
            Message::Invocation(Invocation { stream_ids: StreamIds::Omitted, ..call })
        }
        other => other,
    }
}

#[test]
fn arguments_are_counted_and_iterated() {
    for (bytes, message) in messagepack() {
        let (Message::Invocation(made), Ok(Message::Invocation(read))) =
            (message, Message::read(&bytes, Encoding::MessagePack))
        else {
            continue;
        };
        assert_eq!(read.arguments.len(), made.arguments.len());
        if read.target != "SendFrameDataV2" {
            let values: Result<Vec<_>, _> = read.arguments.values().collect();
            let expected: Result<Vec<_>, _> = made.arguments.values().collect();
            assert_eq!(values.unwrap(), expected.unwrap());
        }
    }
}

#[test]
fn stream_ids_headers_and_additional_elements_are_preserved() {
    // Headers, two streams, and an unknown seventh element.
    let bytes = unhex("18 97 01 81 a1 68 a1 76 c0 a1 74 92 01 a1 61 92 a2 73 31 a2 73 32 c3 c0 c0");
    let bytes = [&[(bytes.len() - 3) as u8], &bytes[1..bytes.len() - 2]].concat();
    let Message::Invocation(call) = Message::read(&bytes, Encoding::MessagePack).unwrap() else { panic!() };
    let headers: Result<Vec<_>, Error> = call.headers.iter().collect();
    assert_eq!(headers.unwrap(), [("h".into(), "v".into())]);
    assert!(call.stream_ids.iter().eq(["s1", "s2"].map(Text::from)));
    assert_eq!(written(&Message::Invocation(call), Encoding::MessagePack), bytes);

    let record = b"{\"streamIds\":[\"s1\",\"s\\u0032\"],\"arguments\":[1],\"x\":{},\"target\":\"t\",\"headers\":{\"h\":\"v\"},\"type\":1}\x1e";
    let Message::Invocation(call) = Message::read(record, Encoding::Json).unwrap() else { panic!() };
    assert!(call.stream_ids.iter().eq(["s1", "s2"].map(Text::from)));
    assert!(call.target == "t" && call.arguments.len() == 1 && call.invocation_id.is_none());
    assert!(call.headers.iter().flatten().eq([("h".into(), "v".into())]));
}

#[test]
fn truncated_messages_are_rejected_and_corrupted_ones_round_trip_or_are_rejected() {
    for (encoding, vectors) in [(Encoding::MessagePack, messagepack()), (Encoding::Json, json())] {
        for (mut bytes, _) in vectors {
            for end in 0..bytes.len() - usize::from(encoding == Encoding::Json) {
                assert!(
                    Message::read(&bytes[..end], encoding).is_err(),
                    "truncated to {end} bytes: {bytes:x?}"
                );
            }
            for at in 0..bytes.len() {
                for bit in 0..8 {
                    bytes[at] ^= 1 << bit;
                    if let Ok(read) = Message::read(&bytes, encoding) {
                        let again = written(&read, encoding);
                        let read_again = Message::read(&again, encoding).unwrap();
                        assert_eq!(written(&read_again, encoding), again);
                    }
                    bytes[at] ^= 1 << bit;
                }
            }
        }
    }
}

#[test]
fn streams_split_at_any_position_yield_the_same_messages() {
    fn all<F: Framing>(framing: F, bytes: &[u8], piece: usize) -> Vec<Vec<u8>> {
        let mut decoder = FrameDecoder::new(framing, [0; 512]);
        let mut found = Vec::new();
        for piece in bytes.chunks(piece) {
            assert_eq!(decoder.push(piece), piece.len());
            while let Some(frame) = decoder.next_frame() {
                found.push(frame.unwrap().to_vec());
            }
        }
        assert!(decoder.is_between_frames());
        found
    }
    for (is_json, vectors) in [(false, messagepack()), (true, json())] {
        let frames: Vec<_> = vectors.into_iter().map(|(bytes, _)| bytes).collect();
        let stream = frames.concat();
        for piece in (1..20).chain([100, 512]) {
            let found = if is_json {
                all(Records::new(), &stream, piece)
            } else {
                all(Frames::new(), &stream, piece)
            };
            assert_eq!(found, frames, "pieces of {piece}");
        }
    }
}

#[test]
fn malformed_messages_have_a_kind_and_an_offset() {
    for (bytes, kind, offset) in [
        ("00", ErrorKind::Truncated, 1),
        ("ff ff ff ff 08", ErrorKind::Uleb128, 0),
        ("02 91 06 00", ErrorKind::TrailingBytes, 3),
        ("03 91 06", ErrorKind::Truncated, 3),
        ("02 81 06 01", ErrorKind::TrailingBytes, 3),
        ("03 81 06 01", ErrorKind::UnexpectedType, 1),
        ("03 91 a1 36", ErrorKind::UnexpectedType, 2),
        ("04 93 05 90 a0", ErrorKind::UnexpectedType, 3),
        ("04 93 05 80 a0", ErrorKind::EmptyText, 4),
        ("05 93 05 80 a1 ff", ErrorKind::Utf8, 5),
        ("06 94 03 80 a1 31 04", ErrorKind::OutOfRange, 6),
        ("05 93 03 80 a1 31", ErrorKind::MissingField, 6),
        ("05 dd ff ff ff ff", ErrorKind::ListLength, 1),
        ("08 95 01 80 c0 a1 74 c0 00", ErrorKind::UnexpectedType, 7),
    ] {
        let error = Message::read(&unhex(bytes), Encoding::MessagePack).unwrap_err();
        assert_eq!(error, Error::new(kind, offset), "{bytes}");
    }
    for (text, kind, offset) in [
        ("[]", ErrorKind::NotAnObject, 0),
        ("{}", ErrorKind::MissingField, 0),
        (r#"{"type":"1"}"#, ErrorKind::UnexpectedType, 8),
        (r#"{"type":1,"target":"t"}"#, ErrorKind::MissingField, 0),
        (r#"{"type":1,"target":"t","arguments":{}}"#, ErrorKind::UnexpectedType, 35),
        (r#"{"type":1,"target":"","arguments":[]}"#, ErrorKind::EmptyText, 19),
        (r#"{"type":3,"invocationId":"1","result":1,"error":"x"}"#, ErrorKind::ExclusiveFields, 38),
        (r#"{"type":6"#, ErrorKind::Json, 9),
    ] {
        let error = Message::read(text.as_bytes(), Encoding::Json).unwrap_err();
        assert_eq!(error, Error::new(kind, offset), "{text}");
    }
}

#[test]
fn values_that_cannot_be_decoded_do_not_make_a_record_malformed() {
    for value in [
        r#""\ud83d""#,
        r#""\udc00x""#,
        "1e400",
        "NaN",
        "-Infinity",
        r#"{"a":1,"a":2}"#,
        r#"{"\ud800":[1e999]}"#,
    ] {
        for record in [
            format!(r#"{{"type":1,"invocationId":"1","target":"t","arguments":[1,{value},2]}}"#),
            format!(r#"{{"type":4,"invocationId":"1","target":"t","arguments":[1,{value},2]}}"#),
            format!(r#"{{"arguments":[1,{value},2],"type":1,"target":"t","unknown":{value}}}"#),
        ] {
            let arguments = match Message::read(record.as_bytes(), Encoding::Json).unwrap() {
                Message::Invocation(call) => call.arguments,
                Message::StreamInvocation(call) => call.arguments,
                other => panic!("{other:?}"),
            };
            let texts: Vec<_> = arguments.json().unwrap().items().map(|item| item.text()).collect();
            assert_eq!(texts, ["1", value, "2"]);
        }
        let item = format!(r#"{{"type":2,"invocationId":"1","item":{value}}}"#);
        assert!(matches!(Message::read(item.as_bytes(), Encoding::Json), Ok(Message::StreamItem(_))));
        let result = format!(r#"{{"type":3,"invocationId":"1","result":{value}}}"#);
        assert!(matches!(Message::read(result.as_bytes(), Encoding::Json), Ok(Message::Completion(_))));
        let response = format!(r#"{{"unknown":{value}}}"#);
        assert_eq!(HandshakeResponse::read(response.as_bytes()), Ok(HandshakeResponse::default()));
    }
    // The parts of the message itself must be valid.
    for (record, offset) in [
        (r#"{"type":1,"target":"\ud800","arguments":[]}"#, 20),
        (r#"{"type":1,"invocationId":"1\ud800","target":"t","arguments":[]}"#, 27),
        (r#"{"type":1,"target":"t","headers":{"a":"\ud800"},"arguments":[]}"#, 39),
        (r#"{"type":1,"target":"t","streamIds":["\ud800"],"arguments":[]}"#, 37),
        (r#"{"type":3,"invocationId":"1","error":"\ud800"}"#, 38),
        (r#"{"type":7,"error":"\ud800"}"#, 19),
    ] {
        let error = Message::read(record.as_bytes(), Encoding::Json).unwrap_err();
        assert_eq!(error, Error::new(ErrorKind::Json, offset), "{record}");
    }
    assert!(HandshakeRequest::read(br#"{"protocol":"json\ud800","version":1}"#).is_err());
    assert!(HandshakeResponse::read(br#"{"error":"\ud800"}"#).is_err());
    // The same in MessagePack, followed by another element.
    for bytes in ["08 95 02 80 a1 31 a1 ff c0", "08 95 02 80 a1 31 c1 2a c0"] {
        assert!(matches!(Message::read(&unhex(bytes), Encoding::MessagePack), Ok(Message::StreamItem(_))));
    }
}

#[test]
fn records_without_a_type_are_malformed() {
    for record in [r#"{"foo":1}"#, "{}", r#"{"error":"x"}"#, r#"{"protocol":"json","version":1}"#] {
        let error = Message::read(record.as_bytes(), Encoding::Json).unwrap_err();
        assert_eq!(error, Error::new(ErrorKind::MissingField, 0), "{record}");
    }
}

#[test]
fn unknown_types_are_forwarded_and_additional_elements_are_ignored() {
    let unknown = unhex("04 93 2a 01 02");
    let message = Message::read(&unknown, Encoding::MessagePack).unwrap();
    assert!(matches!(message, Message::Unknown { kind: 42, .. }));
    assert_eq!(written(&message, Encoding::MessagePack), unknown);
    let record = b"{\"type\":42,\"x\":[1, 2]}\x1e";
    assert_eq!(written(&Message::read(record, Encoding::Json).unwrap(), Encoding::Json), record);

    assert_eq!(Message::read(&unhex("03 92 06 c0"), Encoding::MessagePack), Ok(Message::Ping));
    let close = Message::Close(Close { error: None, allow_reconnect: false });
    assert_eq!(
        Message::read(&unhex("03 92 07 c0"), Encoding::MessagePack),
        Ok(close),
        "as Microsoft's JavaScript client writes it"
    );
}

#[test]
fn handshakes_round_trip_and_malformed_ones_are_rejected() {
    let request = b"{\"protocol\":\"messagepack\",\"version\":1}\x1e";
    assert_eq!(HandshakeRequest::read(request), Ok(HandshakeRequest::new(Encoding::MessagePack)));
    assert_eq!(HandshakeResponse::read(b"{}\x1e"), Ok(HandshakeResponse { error: None }));
    let refused = HandshakeResponse::read(b"{\"error\":\"no \\u0022x\\u0022\",\"more\":1}").unwrap();
    assert!(refused.error.unwrap() == "no \"x\"");
    let mut written = [0; 64];
    let mut sink = SliceSink::new(&mut written);
    HandshakeResponse { error: None }.write(&mut sink).unwrap();
    refused.write(&mut sink).unwrap();
    assert!(written.starts_with(b"{}\x1e{\"error\":\"no \\\"x\\\"\"}\x1e"));
    for (record, kind) in [
        (&b"{\"type\":6}\x1e"[..], ErrorKind::UnexpectedType),
        (b"[]", ErrorKind::NotAnObject),
        (b"\x1e", ErrorKind::Json),
    ] {
        assert_eq!(HandshakeResponse::read(record).unwrap_err().kind, kind);
    }
    assert_eq!(HandshakeRequest::read(b"{\"version\":1}").unwrap_err().kind, ErrorKind::MissingField);
    assert_eq!(
        HandshakeRequest::read(b"{\"protocol\":1,\"version\":1}").unwrap_err().kind,
        ErrorKind::UnexpectedType
    );
}
