//! The SignalR client and server against each other, in memory and over axum, and each against invalid peers.
#![cfg(all(feature = "signalr-client", feature = "signalr-server"))]

mod signalr;

use futures_util::{SinkExt, StreamExt};
use lobbywire::signalr::{
    CallError, Client, ClientOptions, CloseReason, ConnectError, DecodeError, Encoding, Event, Events, Hub,
    HubCall, HubClient, HubError, LARGEST_FRAME, Message, Reply, Server, ServerOptions, Transport, Value,
};
use lobbywire::wire::ErrorKind;
use signalr::{Break, Lobby, Proxy, lobby, raw, sockets};
use std::pin::pin;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message as Frame;

const ENCODINGS: [Encoding; 2] = [Encoding::MessagePack, Encoding::Json];

fn options(encoding: Encoding) -> ClientOptions {
    ClientOptions::new(encoding)
}

/// A client of this server, over an in-memory WebSocket.
async fn connect(server: &Server<Lobby>, options: ClientOptions) -> (Client, Events) {
    let (near, far) = sockets(1 << 20).await;
    let server = server.clone();
    tokio::spawn(async move { server.serve(Transport::websocket(near)).await });
    Client::over(Transport::websocket(far), options).await.unwrap()
}

#[tokio::test]
async fn calls_are_answered_in_either_encoding() {
    let server = lobby(ServerOptions::new());
    for encoding in ENCODINGS {
        let (client, mut events) = connect(&server, options(encoding)).await;
        assert_eq!(client.invoke::<i64>("Add", (2, 40)).await, Ok(42));
        assert_eq!(client.invoke::<String>("Echo", ("a\u{1e}\"é😀",)).await.as_deref(), Ok("a\u{1e}\"é😀"));
        assert_eq!(client.invoke::<()>("Nothing", ()).await, Ok(()));
        assert_eq!(client.invoke::<Option<u8>>("Nothing", ()).await, Ok(None));
        // Concurrent calls receive their own results.
        let calls = (0..100i64).map(|number| client.invoke::<i64>("Add", (number, number)));
        let sums = futures_util::future::try_join_all(calls).await.unwrap();
        assert_eq!(sums, (0..100).map(|number| number * 2).collect::<Vec<_>>());

        client.send("Say", ("hi",)).await.unwrap();
        let call = events.next_call().await.unwrap();
        assert_eq!((call.target(), call.expects_result()), ("Said", false));
        assert_eq!(call.read::<(String, String)>().unwrap(), (String::from("anonymous"), String::from("hi")));
        client.close().await;
        assert!(matches!(events.next().await, Some(Event::Closed(CloseReason::Local))));
        assert!(events.next().await.is_none());
        assert_eq!(client.invoke::<i64>("Add", (1, 1)).await, Err(CallError::Disconnected));
    }
    signalr::until(|| server.clients().is_empty()).await;
}

#[tokio::test]
async fn callers_receive_the_errors_meant_for_them() {
    let server = lobby(ServerOptions::new());
    for encoding in ENCODINGS {
        let (client, _events) = connect(&server, options(encoding)).await;
        let error = async |target: &str, arguments: Option<i32>| match arguments {
            Some(argument) => client.invoke::<i64>(target, (argument,)).await.unwrap_err().to_string(),
            None => client.invoke::<i64>(target, ()).await.unwrap_err().to_string(),
        };
        assert_eq!(
            error("Fail", None).await,
            "The hub failed to run 'Fail'. NotHostException: not yours: no"
        );
        assert_eq!(error("Secret", None).await, "The hub failed to run 'Secret'.");
        assert_eq!(error("Panic", None).await, "The hub failed to run 'Panic'.");
        assert_eq!(error("Add", Some(1)).await, "The arguments are invalid for 'Add'.");
        assert_eq!(error("Nowhere", Some(1)).await, "The arguments are invalid for 'Nowhere'.");
        assert_eq!(error("Nowhere", None).await, "The hub has no method 'Nowhere'.");
        // The connection stays open. A result of another type is a decode error.
        assert_eq!(client.invoke::<i64>("Add", (1, 1)).await, Ok(2));
        let wrong = client.invoke::<String>("Add", (1, 1)).await;
        assert!(
            matches!(&wrong, Err(CallError::Decode(DecodeError::Malformed { what: "String", error }))
            if error.kind == ErrorKind::UnexpectedType),
            "{wrong:?}"
        );
    }
    let detailed = lobby(ServerOptions::new().enable_detailed_errors(true));
    let (client, _events) = connect(&detailed, options(Encoding::Json)).await;
    let error = client.invoke::<i64>("Add", (1, "x")).await.unwrap_err().to_string();
    let expected = format!("argument 1: cannot decode i64: {}", ErrorKind::UnexpectedType);
    assert!(error.contains(&expected), "{error}");
}

#[tokio::test]
async fn streams_work_in_both_directions_and_can_be_cancelled() {
    let server = lobby(ServerOptions::new());
    for encoding in ENCODINGS {
        let (client, _events) = connect(&server, options(encoding)).await;
        let items = client.stream::<u32>("Count", (1000u32,)).await.unwrap();
        let items: Vec<_> = items.map(Result::unwrap).collect().await;
        assert_eq!(items, (0..1000).collect::<Vec<_>>());

        let mut failing = client.stream::<u32>("CountAndFail", (2u32,)).await.unwrap();
        assert_eq!((failing.next().await, failing.next().await), (Some(Ok(0)), Some(Ok(1))));
        let error = failing.next().await.unwrap().unwrap_err().to_string();
        assert_eq!(error, "The hub failed to run 'CountAndFail'. HubException: enough");
        assert!(failing.next().await.is_none());

        // Dropping a stream cancels it at the server.
        let mut endless = client.stream::<u32>("Endless", ()).await.unwrap();
        assert_eq!(endless.next().await, Some(Ok(0)));
        assert_eq!(server.hub().streams(), 1);
        drop(endless);
        signalr::until(|| server.hub().streams() == 0).await;

        let (sum, mut uploads) = client.invoke_uploading::<i64>("Sum", (5,), 1).await.unwrap();
        let mut upload = uploads.pop().unwrap();
        for number in 0..100 {
            upload.send(&number).await.unwrap();
        }
        upload.finish().await.unwrap();
        assert_eq!(sum.await, Ok(4955));

        // A dropped upload fails at the server.
        let (sum, uploads) = client.invoke_uploading::<i64>("Sum", (5,), 1).await.unwrap();
        drop(uploads);
        assert!(matches!(sum.await, Err(CallError::Remote(_))));

        let (mut doubled, mut uploads) = client.stream_uploading::<i64>("Double", (), 1).await.unwrap();
        let mut upload = uploads.pop().unwrap();
        for number in 0..10i64 {
            upload.send(&number).await.unwrap();
            assert_eq!(doubled.next().await, Some(Ok(number * 2)));
        }
        upload.finish().await.unwrap();
        assert!(doubled.next().await.is_none());
        // Uploads that the hub does not read are ignored.
        let (sum, mut uploads) = client.invoke_uploading::<i64>("Add", (1, 2), 1).await.unwrap();
        assert_eq!(sum.await, Ok(3));
        for number in 0..100i64 {
            uploads[0].send(&number).await.unwrap();
        }
        assert_eq!(client.invoke::<i64>("Add", (1, 1)).await, Ok(2));
    }
}

#[tokio::test]
async fn the_server_calls_one_client_a_group_and_all_clients() {
    let server = lobby(ServerOptions::new());
    let (one, mut of_one) = connect(&server, options(Encoding::MessagePack)).await;
    let (other, mut of_other) = connect(&server, options(Encoding::Json)).await;
    one.invoke::<()>("Join", ("room",)).await.unwrap();
    other.invoke::<()>("Join", ("room",)).await.unwrap();
    assert_eq!(server.clients().len(), 2);

    assert_eq!(server.clients().group("room").broadcast("Moved", (1, "a")), Ok(2));
    for events in [&mut of_one, &mut of_other] {
        let call = events.next_call().await.unwrap();
        assert_eq!(call.read::<(u8, String)>().unwrap(), (1, String::from("a")));
    }
    other.invoke::<()>("Leave", ("room",)).await.unwrap();
    assert_eq!(server.clients().group("room").broadcast("Moved", (2, "b")), Ok(1));
    let ids: Vec<_> = server.clients().all().clients().iter().map(|client| client.id().to_owned()).collect();
    assert_eq!(server.clients().all().except(&ids[0]).except(&ids[1]).broadcast("Moved", ()), Ok(0));
    assert_eq!(server.clients().user("unknown").broadcast("Moved", ()), Ok(0));
    drop(one);
    signalr::until(|| server.clients().len() == 1).await;
    assert_eq!(server.clients().group("room").broadcast("Moved", ()), Ok(0));

    // A client returns a result, drops a call, and has dropped its events.
    let client = server.clients().all().clients().pop().unwrap();
    let (asked, answered) = tokio::join!(client.invoke::<u8>("Ask", (1,)), async {
        let call = of_other.next_call().await.unwrap();
        assert!(call.expects_result());
        call.reply(&7u8).await
    });
    assert_eq!(asked, Ok(7));
    answered.unwrap();
    let (asked, _) =
        tokio::join!(client.invoke::<u8>("Ask", (1,)), async { drop(of_other.next_call().await) });
    assert_eq!(asked, Err(CallError::Remote("The client did not answer 'Ask'.".into())));
    drop(of_other);
    assert!(matches!(client.invoke::<u8>("Ask", (1,)).await, Err(CallError::Remote(_))));
    client.close(Some("enough"), false);
    signalr::until(|| server.clients().is_empty()).await;
    assert!(!other.is_connected());
}

#[tokio::test]
async fn refused_clients_receive_the_reason() {
    let server = lobby(ServerOptions::new());
    server.hub().refuse();
    let (client, mut events) = connect(&server, options(Encoding::MessagePack)).await;
    let Some(Event::Closed(reason)) = events.next().await else { panic!() };
    let error = Some("The hub refused the connection. HubException: full".into());
    assert_eq!(reason, CloseReason::Remote { error, allow_reconnect: false });
    assert!(matches!(client.invoke::<i64>("Add", (1, 1)).await, Err(CallError::Disconnected)));
}

/// A connection to the server that the test writes byte by byte, without a WebSocket.
async fn raw_server(server: &Server<Lobby>) -> DuplexStream {
    let (near, far) = duplex(4 << 20);
    let server = server.clone();
    tokio::spawn(async move { server.serve(Transport::bytes(near)).await });
    far
}

/// Everything that is received until the stream ends.
async fn rest(mut stream: DuplexStream) -> Vec<u8> {
    let mut all = vec![];
    timeout(Duration::from_secs(100), stream.read_to_end(&mut all)).await.unwrap().unwrap();
    all
}

const HANDSHAKE: &[u8] = b"{\"protocol\":\"messagepack\",\"version\":1}\x1e";
const JSON_HANDSHAKE: &[u8] = b"{\"protocol\":\"json\",\"version\":1}\x1e";

/// Everything that the server answers to these bytes until it closes the connection.
async fn answer(server: &Server<Lobby>, sent: &[u8]) -> String {
    let mut stream = raw_server(server).await;
    stream.write_all(sent).await.unwrap();
    String::from_utf8_lossy(&rest(stream).await).into_owned()
}

#[tokio::test(start_paused = true)]
async fn invalid_handshakes_are_refused() {
    let server = lobby(ServerOptions::new().encodings([Encoding::MessagePack]));
    let malformed = |kind: ErrorKind| format!("The handshake is malformed: {kind}");
    for (sent, expected) in [
        (
            &b"{\"protocol\":\"json\",\"version\":1}\x1e"[..],
            "The hub does not support the protocol 'json'.".into(),
        ),
        (
            b"{\"protocol\":\"x\\\"y\",\"version\":1}\x1e",
            "The hub does not support the protocol 'x\\\"y'.".into(),
        ),
        (
            b"{\"protocol\":\"messagepack\",\"version\":3}\x1e",
            "The hub does not support version 3 of 'messagepack'.".into(),
        ),
        (b"{\"protocol\":\"messagepack\"}\x1e", malformed(ErrorKind::MissingField)),
        (b"{\"protocol\":1,\"version\":1}\x1e", malformed(ErrorKind::UnexpectedType)),
        (b"[]\x1e", malformed(ErrorKind::NotAnObject)),
        (b"\xff\x1e", malformed(ErrorKind::Utf8)),
        (b"", "The handshake was not received before the timeout.".into()),
        (b"{\"protocol\":", "The handshake was not received before the timeout.".into()),
        (&[b'['; 1_000_000], malformed(ErrorKind::FrameTooLarge)),
    ] {
        let answer = answer(&server, sent).await;
        assert!(answer.starts_with(&format!("{{\"error\":\"{expected}")), "{answer}");
        assert!(answer.ends_with("\x1e"), "{answer}");
    }
    assert!(server.clients().is_empty());
    assert_eq!(server.hub().connected(), 0);
}

#[tokio::test(start_paused = true)]
async fn malformed_messages_close_the_connection_with_an_error() {
    let server = lobby(ServerOptions::new());
    let deep = [&b"\x95\x01\x80\xc0\xa3Add\x91"[..], &[0x91; 300], b"\x01"].concat();
    let deep = [&[0x80 | (deep.len() & 0x7f) as u8, (deep.len() >> 7) as u8][..], &deep].concat();
    for (sent, kind) in [
        // A length above 31 bits, an empty message, truncated arrays.
        (&b"\xff\xff\xff\xff\x08"[..], ErrorKind::Uleb128),
        (b"\x00", ErrorKind::Truncated),
        (b"\x04\x96\x01\x80\xa1", ErrorKind::ListLength),
        (b"\x02\x92\x06", ErrorKind::ListLength),
        // No array, no type, a type that is a string.
        (b"\x01\x06", ErrorKind::UnexpectedType),
        (b"\x01\x90", ErrorKind::MissingField),
        (b"\x03\x91\xa1x", ErrorKind::UnexpectedType),
        // Invalid headers, an invalid target, an id that is not UTF-8, an empty target, an invalid result kind.
        (b"\x06\x95\x01\xc0\xc0\xa1x\x90", ErrorKind::UnexpectedType),
        (b"\x06\x95\x01\x80\xc0\xc0\x90", ErrorKind::UnexpectedType),
        (b"\x08\x95\x01\x80\xa1\xff\xa1x\x90", ErrorKind::Utf8),
        (b"\x06\x95\x01\x80\xc0\xa0\x90", ErrorKind::EmptyText),
        (b"\x06\x94\x03\x80\xa1x\x09", ErrorKind::OutOfRange),
        // One byte above the limit.
        (&[&b"\xfe\xff\x01"[..], &[0; 32_766]].concat(), ErrorKind::FrameTooLarge),
    ] {
        let answer = answer(&server, &[HANDSHAKE, sent].concat()).await;
        let (start, close) = answer.split_at(3);
        assert_eq!(start, "{}\x1e");
        assert!(close.contains(kind.message()), "{kind}: {close:?}");
        assert!(
            close.ends_with("\u{fffd}") || close.ends_with('\u{c2}') || close.contains("message 0"),
            "{close:?}"
        );
    }
    for (sent, kind) in [
        (&b"{\x1e"[..], ErrorKind::Json),
        (b"\x1e", ErrorKind::Json),
        (b"[6]\x1e", ErrorKind::NotAnObject),
        (b"{}\x1e", ErrorKind::MissingField),
        (b"{\"type\":\"6\"}\x1e", ErrorKind::UnexpectedType),
        (b"{\"type\":1,\"target\":\"Add\",\"arguments\":{}}\x1e", ErrorKind::UnexpectedType),
        (b"{\"type\":3,\"invocationId\":\"1\",\"result\":1,\"error\":\"x\"}\x1e", ErrorKind::ExclusiveFields),
        (b"{\"type\":1,\"target\":\"\xff\",\"arguments\":[]}\x1e", ErrorKind::Utf8),
        (
            &[&b"{\"type\":1,\"target\":\"Add\",\"arguments\":"[..], &[b'['; 500], &[b']'; 500], b"}\x1e"]
                .concat(),
            ErrorKind::TooDeep,
        ),
        (&[b' '; LARGEST_FRAME], ErrorKind::FrameTooLarge),
    ] {
        let answer = answer(&server, &[JSON_HANDSHAKE, sent].concat()).await;
        assert!(answer.starts_with("{}\x1e{\"type\":7,\"error\":\"message 0 is malformed: "), "{answer}");
        assert!(answer.contains(kind.message()), "{kind}: {answer}");
    }
    // Deeply nested arguments fail only the call that decodes them.
    let sent = [HANDSHAKE, &deep, b"\x04\x93\x07\xc0\xc2"].concat();
    assert_eq!(answer(&server, &sent).await, "{}\x1e");
    assert_eq!(server.hub().connected(), server.hub().disconnected());
}

#[tokio::test(start_paused = true)]
async fn messages_up_to_the_size_limit_are_accepted() {
    let server = lobby(ServerOptions::new());
    for (length, is_accepted) in [(LARGEST_FRAME, true), (LARGEST_FRAME + 1, false)] {
        let empty_len =
            "{\"type\":1,\"invocationId\":\"1\",\"target\":\"Length\",\"arguments\":[\"\"]}\x1e".len();
        let text = "x".repeat(length - empty_len);
        let message = format!(
            "{{\"type\":1,\"invocationId\":\"1\",\"target\":\"Length\",\"arguments\":[\"{text}\"]}}\x1e"
        );
        assert_eq!(message.len(), length);
        let mut stream = raw_server(&server).await;
        stream.write_all(&[JSON_HANDSHAKE, message.as_bytes()].concat()).await.unwrap();
        let mut answer = vec![];
        while answer.iter().filter(|byte| **byte == 0x1e).count() < 2 {
            assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0);
        }
        let answer = String::from_utf8(answer).unwrap();
        let result = format!("{{}}\x1e{{\"type\":3,\"invocationId\":\"1\",\"result\":{}}}\x1e", text.len());
        assert_eq!(answer == result, is_accepted, "{answer}");
        assert_eq!(answer.contains("\"type\":7"), !is_accepted, "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn silent_connections_are_pinged_and_time_out() {
    let server = lobby(ServerOptions::new());
    // A client that has never sent a Ping has no timeout.
    let mut stream = raw_server(&server).await;
    stream.write_all(HANDSHAKE).await.unwrap();
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(server.clients().len(), 1);
    // After its first Ping it has 30 seconds.
    stream.write_all(b"\x02\x91\x06").await.unwrap();
    sleep(Duration::from_secs(29)).await;
    assert_eq!(server.clients().len(), 1);
    stream.write_all(b"\x02\x91\x06").await.unwrap();
    sleep(Duration::from_secs(29)).await;
    assert_eq!(server.clients().len(), 1);
    sleep(Duration::from_secs(2)).await;
    let all = rest(stream).await;
    let pings = all[3..].chunks(3).take_while(|chunk| *chunk == b"\x02\x91\x06").count();
    assert_eq!(pings, (3600 + 30 + 29) / 15);
    assert!(String::from_utf8_lossy(&all).contains("no message was received before the timeout"));

    // The client sends a Ping immediately and after 15 seconds, and gives up after 30.
    for bytes in [&b"{}\x1e"[..], b"{}\x1e\x02\x91\x06"] {
        let (near, mut far) = duplex(1 << 16);
        far.write_all(bytes).await.unwrap();
        let started = tokio::time::Instant::now();
        let (_client, mut events) =
            Client::over(Transport::bytes(near), options(Encoding::MessagePack)).await.unwrap();
        let Some(Event::Closed(reason)) = events.next().await else { panic!() };
        assert_eq!(reason, CloseReason::TimedOut);
        assert_eq!(started.elapsed().as_secs(), 30);
        let sent = rest(far).await;
        assert!(sent.starts_with(&[HANDSHAKE, b"\x02\x91\x06\x02\x91\x06"].concat()), "{sent:02x?}");
    }
    // A server has 15 seconds for its handshake.
    let (near, _far) = duplex(1 << 16);
    let started = tokio::time::Instant::now();
    let connected = Client::over(Transport::bytes(near), options(Encoding::MessagePack)).await;
    assert!(matches!(connected, Err(ConnectError::TimedOut)));
    assert_eq!(started.elapsed().as_secs(), 15);
}

/// A client whose server is the test itself.
async fn raw_client(encoding: Encoding) -> (Client, Events, DuplexStream) {
    let (near, mut far) = duplex(1 << 20);
    far.write_all(b"{}\x1e").await.unwrap();
    let (client, events) = Client::over(Transport::bytes(near), options(encoding)).await.unwrap();
    (client, events, far)
}

#[tokio::test(start_paused = true)]
async fn the_client_skips_malformed_messages() {
    let (client, mut events, mut far) = raw_client(Encoding::MessagePack).await;
    let good = b"\x0a\x96\x01\x80\xc0\xa3Add\x90\x90";
    // Headers that are nested too deeply.
    let deep = [&b"\x4d\x95\x01\x81\xa1h"[..], &[0x91; 68], b"\xc0\xa1t\x90"].concat();
    let cases: &[(&[u8], ErrorKind, &str, &str, u32)] = &[
        (b"\x00", ErrorKind::Truncated, "Message", "", 1),
        (b"\x01\x06", ErrorKind::UnexpectedType, "Message", "", 1),
        (b"\x03\x81\x01\x80", ErrorKind::UnexpectedType, "Message", "", 1),
        (b"\x04\x96\x01\x80\xa1", ErrorKind::ListLength, "Message", "", 1),
        (b"\x02\x91\x01", ErrorKind::MissingField, "Invocation", "headers", 3),
        (b"\x06\x94\x03\x80\xa1x\x09", ErrorKind::OutOfRange, "Completion", "result_kind", 6),
        (b"\x08\x95\x01\x80\xa1\xff\xa1x\x90", ErrorKind::Utf8, "Invocation", "invocation_id", 5),
        (b"\x07\x95\x01\x80\xc0\xa1x\x80", ErrorKind::UnexpectedType, "Invocation", "arguments", 7),
        (b"\x07\x95\x01\x80\xc0\xa0\x90\x90", ErrorKind::EmptyText, "Invocation", "target", 5),
        (&deep, ErrorKind::TooDeep, "Invocation", "headers", 70),
    ];
    for (bad, kind, record, field, offset) in cases {
        far.write_all(bad).await.unwrap();
        far.write_all(good).await.unwrap();
        let Some(Event::Malformed(malformed)) = events.next().await else { panic!("{bad:02x?}") };
        let location = malformed.location;
        let found = (malformed.error.kind, location.record, location.field, malformed.error.offset);
        assert_eq!(found, (*kind, *record, *field, *offset), "{bad:02x?}");
        assert!(!malformed.is_last);
        assert_eq!(events.next_call().await.unwrap().target(), "Add");
    }
    // Ids without a call.
    far.write_all(b"\x06\x94\x03\x80\xa1\x37\x02\x06\x94\x02\x80\xa1\x38\x2a").await.unwrap();
    for (expected, id) in [("Completion", "7"), ("StreamItem", "8")] {
        let Some(Event::Unexpected { kind, invocation_id }) = events.next().await else { panic!() };
        assert_eq!((kind, &*invocation_id), (expected, id));
    }
    // An unknown type, and additional elements.
    far.write_all(b"\x03\x92\x2a\x01\x04\x93\x06\x01\x02").await.unwrap();
    far.write_all(good).await.unwrap();
    assert!(matches!(events.next().await, Some(Event::Call(_))));
    // After an invalid length the start of the next message is unknown.
    far.write_all(b"\xff\xff\xff\xff\x7f").await.unwrap();
    let Some(Event::Malformed(malformed)) = events.next().await else { panic!() };
    assert!(malformed.is_last && malformed.error.kind == ErrorKind::Uleb128);
    assert!(matches!(events.next().await, Some(Event::Closed(CloseReason::Malformed(_)))));
    assert!(!client.is_connected());

    let (_client, mut events, mut far) = raw_client(Encoding::Json).await;
    far.write_all(b"{\x1e{\"type\":1,\"target\":\"\xff\",\"arguments\":[]}\x1e").await.unwrap();
    far.write_all(b"{\"arguments\":[1],\"x\":{},\"target\":\"A\\u0064d\",\"type\":1}\x1e").await.unwrap();
    for kind in [ErrorKind::Json, ErrorKind::Utf8] {
        let Some(Event::Malformed(malformed)) = events.next().await else { panic!() };
        assert_eq!(malformed.error.kind, kind);
    }
    assert_eq!(events.next_call().await.unwrap().target(), "Add");
    far.write_all(b"{\"type\":1,\"target\":\"A\",\"arguments\":{}}\x1e").await.unwrap();
    let Some(Event::Malformed(malformed)) = events.next().await else { panic!() };
    assert_eq!((malformed.location.record, malformed.location.field), ("Invocation", "arguments"));
    let text = malformed.to_string();
    assert!(text.contains("`arguments` of Invocation"), "{text}");
    far.write_all(b"{\"type\":7,\"error\":\"over\",\"allowReconnect\":true}\x1e").await.unwrap();
    let Some(Event::Closed(reason)) = events.next().await else { panic!() };
    assert_eq!(reason, CloseReason::Remote { error: Some("over".into()), allow_reconnect: true });
}

#[tokio::test]
async fn invalid_handshakes_of_the_server_are_errors() {
    let malformed = |kind: ErrorKind| format!("the handshake of the server is malformed: {kind}");
    for (sent, expected) in [
        (&b"{\"error\":\"no\"}\x1e"[..], "the server refused the connection: no".into()),
        (b"{\"type\":6}\x1e", malformed(ErrorKind::UnexpectedType)),
        (b"x\x1e", malformed(ErrorKind::Json)),
        (b"", "the connection failed: unexpected end of file".into()),
    ] {
        let (near, mut far) = duplex(1 << 16);
        far.write_all(sent).await.unwrap();
        far.shutdown().await.unwrap();
        let error =
            Client::over(Transport::bytes(near), options(Encoding::Json)).await.unwrap_err().to_string();
        assert!(error.starts_with(&expected), "{error}");
    }
}

#[tokio::test]
async fn messages_may_be_split_at_any_position() {
    let server = lobby(ServerOptions::new());
    let sent = [
        HANDSHAKE,
        b"\x02\x91\x06",
        b"\x0d\x96\x01\x80\xa1\x31\xa3Add\x92\x01\x02\x90",
        b"\x0d\x96\x01\x80\xa1\x32\xa3Add\x92\x03\x04\x90",
    ]
    .concat();
    let sent = [&sent[..], b"\x03\x92\x07\xc0"].concat();
    let expected =
        [&b"{}\x1e"[..], b"\x07\x95\x03\x80\xa1\x31\x03\x03", b"\x07\x95\x03\x80\xa1\x32\x03\x07"].concat();
    for size in [1, 2, 3, 5, 7, 11, sent.len()] {
        let (near, mut far) = sockets(1 << 16).await;
        let server = server.clone();
        tokio::spawn(async move { server.serve(Transport::websocket(near)).await });
        for part in sent.chunks(size) {
            far.send(Frame::binary(part.to_vec())).await.unwrap();
            // Empty WebSocket messages are ignored.
            far.send(Frame::binary(Vec::new())).await.unwrap();
        }
        let mut received = vec![];
        while let Some(Ok(frame)) = far.next().await {
            if let Frame::Binary(bytes) = frame {
                received.extend_from_slice(&bytes);
            }
        }
        // The server received Close after the calls, and may not have answered all of them.
        assert!(expected.starts_with(&received), "{size}: {received:02x?}");
    }
    // Without Close, all calls are answered.
    let (near, mut far) = sockets(1 << 16).await;
    tokio::spawn(async move { server.serve(Transport::websocket(near)).await });
    // The handshake as a text message, as Microsoft's JavaScript client sends it, and calls before its answer.
    far.send(Frame::text(String::from_utf8(HANDSHAKE.to_vec()).unwrap())).await.unwrap();
    for part in sent[HANDSHAKE.len()..sent.len() - 4].chunks(4) {
        far.send(Frame::binary(part.to_vec())).await.unwrap();
    }
    for expected in [&b"{}\x1e"[..], b"\x07\x95\x03\x80\xa1\x31\x03\x03", b"\x07\x95\x03\x80\xa1\x32\x03\x07"]
    {
        assert_eq!(far.next().await.unwrap().unwrap(), Frame::binary(expected.to_vec()));
    }
}

#[tokio::test]
async fn values_that_are_not_valid_messagepack_reach_their_type() {
    // A mod with a setting, which a generic MessagePack reader cannot skip.
    let mods: &[u8] = b"\x92\xa2DT\x91\xacspeed_change\xcb\x3f\xf4\x00\x00\x00\x00\x00\x00";
    struct Mods(Vec<u8>);
    impl lobbywire::signalr::ToValue for Mods {
        fn write_messagepack(
            &self,
            out: &mut lobbywire::signalr::Buffer,
        ) -> Result<(), lobbywire::signalr::WriteError> {
            use lobbywire::wire::Sink;
            Ok(out.put(&self.0)?)
        }
        fn write_json(
            &self,
            _: &mut lobbywire::signalr::Buffer,
        ) -> Result<(), lobbywire::signalr::WriteError> {
            Err(lobbywire::signalr::WriteError::OtherEncoding { what: "Mods", encoding: Encoding::Json })
        }
    }
    impl lobbywire::signalr::FromValue for Mods {
        fn from_messagepack(reader: &mut lobbywire::wire::MsgPackReader<'_>) -> Result<Self, DecodeError> {
            let before = reader.rest();
            assert_eq!((reader.array_len()?, reader.str()?), (2, "DT"));
            for _ in 0..reader.array_len()? {
                reader.str()?;
                reader.skip()?;
            }
            Ok(Self(before[..before.len() - reader.rest().len()].to_vec()))
        }
        fn from_json(_: lobbywire::wire::Json<'_>) -> Result<Self, DecodeError> {
            Err(DecodeError::OtherEncoding { what: "Mods", encoding: Encoding::Json })
        }
    }
    struct Echo;
    impl Hub for Echo {
        async fn invoke(&self, _: &HubClient, call: &HubCall) -> Result<Reply, HubError> {
            let (mods, number): (Mods, i64) = call.read()?;
            assert_eq!(number, 7);
            call.reply(&mods)
        }
    }
    let (near, far) = sockets(1 << 16).await;
    let server = Server::new(Echo, ServerOptions::new());
    tokio::spawn(async move { server.serve(Transport::websocket(near)).await });
    let (client, _events) =
        Client::over(Transport::websocket(far), options(Encoding::MessagePack)).await.unwrap();
    let back = client.invoke::<Mods>("Echo", (Mods(mods.to_vec()), 7)).await.unwrap();
    assert_eq!(back.0, mods);
}

#[tokio::test]
async fn clients_connect_with_and_without_negotiation() {
    let server = lobby(ServerOptions::new());
    let address = signalr::listen(&server).await;
    for encoding in ENCODINGS {
        let (client, _events) =
            Client::connect(&format!("http://{address}/hub"), options(encoding)).await.unwrap();
        assert_eq!(client.invoke::<i64>("Add", (2, 40)).await, Ok(42));
        let id = client.connection_id().unwrap();
        assert!(server.clients().client(&id).is_some());
        client.close().await;
        let direct = options(encoding).skip_negotiation(true);
        let (client, _events) = Client::connect(&format!("ws://{address}/hub"), direct).await.unwrap();
        assert_eq!(client.invoke::<i64>("Add", (2, 40)).await, Ok(42));
    }
    // Authentication and headers.
    let url = format!("http://{address}/private");
    let refused = Client::connect(&url, options(Encoding::Json)).await;
    assert!(matches!(refused, Err(ConnectError::Status(401))), "{refused:?}");
    let known = options(Encoding::Json).access_token("peppy").header("X-Osu-Version-Hash", "abc");
    let (client, _events) = Client::connect(&url, known).await.unwrap();
    assert_eq!(client.invoke::<String>("WhoAmI", ()).await.as_deref(), Ok("peppy abc"));
    assert_eq!(server.clients().user("peppy").clients().len(), 1);
    let nowhere = Client::connect(&format!("http://{address}/nowhere"), options(Encoding::Json)).await;
    assert!(matches!(nowhere, Err(ConnectError::Status(404))), "{nowhere:?}");
}

#[tokio::test]
async fn invalid_negotiation_responses_are_errors_and_redirects_are_followed() {
    let server = lobby(ServerOptions::new());
    let target = signalr::listen(&server).await;
    let address = signalr::negotiations(move |path| match path {
        "/error" => r#"{"error":"no room"}"#.into(),
        "/old" => r#"{"ProtocolVersion":"1.2","connectionId":"x"}"#.into(),
        "/empty" => "{}".into(),
        "/none" => "nothing".into(),
        "/sse" => r#"{"negotiateVersion":1,"connectionId":"a","connectionToken":"b","availableTransports":[{"transport":"ServerSentEvents","transferFormats":["Text"]}]}"#.into(),
        "/unasked" => r#"{"negotiateVersion":1,"connectionId":"a","connectionToken":"b","useStatefulReconnect":true,"availableTransports":[{"transport":"WebSockets","transferFormats":["Text","Binary"]}]}"#.into(),
        "/tokenless" => r#"{"negotiateVersion":1,"connectionId":"a","availableTransports":[{"transport":"WebSockets","transferFormats":["Text","Binary"]}]}"#.into(),
        "/loop" => r#"{"url":"http://HOST/loop"}"#.into(),
        "/first" => r#"{"url":"http://HOST/second","accessToken":"t","new":[{}]}"#.into(),
        "/second" => format!(r#"{{"url":"http://{target}/private","accessToken":"peppy"}}"#),
        "/huge" => " ".repeat(1 << 20),
        _ => panic!("{path}"),
    })
    .await;
    for (path, expected) in [
        ("error", "the server refused the connection: no room"),
        ("old", "the server uses ASP.NET SignalR, but"),
        ("empty", "the negotiation failed: the response has no connectionId"),
        ("none", "the negotiation failed: the response is invalid"),
        ("sse", "the negotiation failed: the server does not offer WebSockets for this encoding"),
        ("unasked", "the negotiation failed: the server uses stateful reconnect, which was not requested"),
        ("tokenless", "the negotiation failed: the response has no connectionToken"),
        ("loop", "the negotiation failed: the server redirects more than 100 times"),
        ("huge", "the connection failed"),
    ] {
        let error =
            Client::connect(&format!("http://{address}/{path}"), options(Encoding::Json)).await.unwrap_err();
        assert!(error.to_string().starts_with(expected), "{path}: {error}");
    }
    // Two redirects, which set the token.
    let (client, _events) =
        Client::connect(&format!("http://{address}/first"), options(Encoding::Json)).await.unwrap();
    assert_eq!(client.invoke::<String>("WhoAmI", ()).await.as_deref(), Ok("peppy -"));
}

#[tokio::test]
async fn invalid_http_requests_are_answered_with_their_status() {
    let server = lobby(ServerOptions::new().maximum_connections(3));
    let address = signalr::listen(&server).await;
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let status = async |line: &str, headers: &str| raw(address, line, headers).await.0;
    assert_eq!(status("GET /hub/negotiate", "").await, 405);
    assert_eq!(status("PUT /hub/negotiate", "").await, 405);
    assert_eq!(status("POST /hub", "").await, 405);
    assert_eq!(status("DELETE /hub", "").await, 405);
    assert_eq!(status("HEAD /hub", upgrade).await, 405);
    assert_eq!(status("GET /hub", "").await, 400);
    assert_eq!(status("GET /hub?id=x", upgrade).await, 404);
    assert_eq!(status("POST /hub/negotiate?negotiateVersion=x", "").await, 400);
    let (code, body) = raw(address, "POST /hub/negotiate", "").await;
    let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((code, &answer["negotiateVersion"]), (200, &0.into()));
    assert!(answer.get("connectionToken").is_none() && answer.get("useStatefulReconnect").is_none());
    let (_, body) =
        raw(address, "POST /hub/negotiate?negotiateVersion=7&useStatefulReconnect=true", "").await;
    let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(answer["negotiateVersion"], 1);
    assert_ne!(answer["connectionToken"], answer["connectionId"]);
    assert!(answer.get("useStatefulReconnect").is_none());
    let id = answer["connectionToken"].as_str().unwrap();
    // Only the token opens a connection, and only once; the public id does not.
    let public = answer["connectionId"].as_str().unwrap();
    assert_eq!(status(&format!("GET /hub?id={public}"), upgrade).await, 404);
    assert_eq!(
        status(&format!("GET /private?id={id}"), &format!("{upgrade}Authorization: Bearer x\r\n")).await,
        403
    );
    let kept = signalr::open(address, &format!("GET /hub?id={id}"), upgrade).await;
    assert_eq!(kept.0, 101);
    assert_eq!(status(&format!("GET /hub?id={id}"), upgrade).await, 409);
    // The limit is three connections.
    assert_eq!(status("POST /hub/negotiate", "").await, 200);
    assert_eq!(status("POST /hub/negotiate", "").await, 503);
}

#[tokio::test]
async fn lost_connections_are_reopened() {
    let server = lobby(ServerOptions::new());
    let address = signalr::listen(&server).await;
    let proxy = Proxy::start(address).await;
    for encoding in ENCODINGS {
        let policy = lobbywire::signalr::ReconnectPolicy::new(|_| Some(Duration::from_millis(10)));
        let options = options(encoding).automatic_reconnect(policy);
        let (client, mut events) =
            Client::connect(&format!("http://{}/hub", proxy.address), options).await.unwrap();
        let first = client.connection_id().unwrap();
        let endless = client.invoke::<()>("Sleep", ());
        let (lost, ()) = tokio::join!(endless, async {
            signalr::until(|| server.hub().sleeping() > 0).await;
            proxy.break_all(Break::Both);
        });
        assert_eq!(lost, Err(CallError::Disconnected));
        assert!(matches!(events.next().await, Some(Event::Reconnecting(CloseReason::Lost(_)))));
        let Some(Event::Reconnected { connection_id: Some(second) }) = events.next().await else { panic!() };
        assert_ne!(first, second);
        assert_eq!(client.invoke::<i64>("Add", (1, 1)).await, Ok(2));
        // The server decides whether the client may reconnect.
        server.close(None, true);
        assert!(matches!(events.next().await, Some(Event::Reconnecting(CloseReason::Remote { .. }))));
        assert!(matches!(events.next().await, Some(Event::Reconnected { .. })));
        signalr::until(|| server.clients().len() == 1).await;
        server.close(Some("for good"), false);
        assert!(matches!(events.next().await, Some(Event::Closed(CloseReason::Remote { .. }))));
        signalr::until(|| server.clients().is_empty()).await;
        server.hub().wake();
    }
}

#[tokio::test]
async fn stateful_reconnects_lose_and_repeat_nothing() {
    let server = lobby(ServerOptions::new().allow_stateful_reconnects(true));
    let address = signalr::listen(&server).await;
    for (encoding, end) in [
        (Encoding::MessagePack, Break::Both),
        (Encoding::Json, Break::Both),
        // Only one end notices that the socket is closed.
        (Encoding::MessagePack, Break::Client),
        (Encoding::Json, Break::Server),
    ] {
        let proxy = Proxy::start(address).await;
        let options = options(encoding).stateful_reconnect(true);
        let (client, mut events) =
            Client::connect(&format!("http://{}/hub", proxy.address), options).await.unwrap();
        let (connected, id) = (server.hub().connected(), client.connection_id());
        client.invoke::<()>("Join", ("room",)).await.unwrap();
        let received = tokio::spawn(async move {
            let (mut numbers, mut resumed) = (vec![], 0);
            while let Some(event) = events.next().await {
                match event {
                    Event::Call(call) => numbers.push(call.read::<(u32,)>().unwrap().0),
                    Event::Resumed => resumed += 1,
                    Event::Resuming => {}
                    Event::Closed(reason) => assert_eq!(reason, CloseReason::Local),
                    other => panic!("{other:?}"),
                }
            }
            (numbers, resumed)
        });
        let calls = async {
            for number in 0..600u32 {
                assert_eq!(client.invoke::<u32>("Tick", (number,)).await, Ok(number));
                sleep(Duration::from_millis(1)).await;
            }
        };
        let breaks = async {
            for _ in 0..4 {
                sleep(Duration::from_millis(150)).await;
                proxy.break_all(end);
            }
        };
        tokio::join!(calls, breaks);
        let sum = client.stream::<u32>("Count", (500u32,)).await.unwrap();
        proxy.break_all(end);
        assert_eq!(sum.map(Result::unwrap).collect::<Vec<_>>().await, (0..500).collect::<Vec<_>>());
        assert_eq!(client.connection_id(), id);
        assert_eq!(server.hub().connected(), connected, "the client reconnected");
        client.close().await;
        let (numbers, resumed) = received.await.unwrap();
        assert_eq!(numbers, (0..600).collect::<Vec<_>>());
        assert!(resumed >= if end == Break::Server { 1 } else { 4 }, "{resumed}");
        signalr::until(|| server.clients().is_empty()).await;
    }
}

#[tokio::test]
async fn clients_that_do_not_read_are_disconnected_or_throttled() {
    let server = lobby(ServerOptions::new());
    let (near, far) = duplex(1 << 10);
    let serving = server.clone();
    tokio::spawn(async move { serving.serve(Transport::bytes(near)).await });
    let mut far = far;
    far.write_all(HANDSHAKE).await.unwrap();
    signalr::until(|| server.clients().len() == 1).await;
    let text = "x".repeat(10_000);
    let sent = (0..1000).take_while(|_| server.clients().all().broadcast("Said", (&*text,)) == Ok(1)).count();
    assert!((100..120).contains(&sent), "{sent}");
    signalr::until(|| server.clients().is_empty()).await;

    // The connection of a client that makes calls but does not read the results is no longer read.
    let (near, mut far) = duplex(1 << 10);
    let serving = server.clone();
    tokio::spawn(async move { serving.serve(Transport::bytes(near)).await });
    far.write_all(HANDSHAKE).await.unwrap();
    let before = server.hub().calls();
    let call = b"\x10\x96\x01\x80\xa1\x31\xa6Length\x91\xa1x\x90";
    let flood = async {
        loop {
            far.write_all(call).await.unwrap();
        }
    };
    let mut flood = pin!(flood);
    // The number of calls stops growing.
    let mut made = 0;
    loop {
        assert!(timeout(Duration::from_millis(100), &mut flood).await.is_err());
        let so_far = server.hub().calls() - before;
        assert!(so_far < 20_000, "{so_far}");
        if std::mem::replace(&mut made, so_far) == so_far && so_far > 0 {
            break;
        }
    }
    drop(far);
    signalr::until(|| server.clients().is_empty()).await;
}

#[test]
fn methods_without_a_result_complete_with_null() {
    // As .NET writes it.
    let read = Message::read(b"\x07\x95\x03\x80\xa1\x31\x03\xc0", Encoding::MessagePack).unwrap();
    let Message::Completion(completion) = read else { panic!() };
    assert_eq!(completion.result, lobbywire::signalr::CompletionResult::Result(Value::MessagePack(b"\xc0")));
}

/// Both ends send more than they retain unacknowledged, so their acknowledgements wait after other messages.
#[tokio::test]
async fn acknowledged_streams_in_both_directions_do_not_deadlock() {
    let server = lobby(ServerOptions::new().allow_stateful_reconnects(true));
    let address = signalr::listen(&server).await;
    for encoding in ENCODINGS {
        let options = options(encoding).stateful_reconnect(true);
        let (client, mut events) = Client::connect(&format!("http://{address}/hub"), options).await.unwrap();
        tokio::spawn(async move { while events.next().await.is_some() {} });
        let (mut doubled, mut uploads) = client.stream_uploading::<i64>("Double", (), 1).await.unwrap();
        let mut upload = uploads.pop().unwrap();
        let text = "x".repeat(1000);
        let up = async {
            for number in 0..10_000i64 {
                upload.send(&number).await.unwrap();
            }
            upload.finish().await.unwrap();
        };
        let down = async {
            let mut count = 0;
            while let Some(number) = doubled.next().await {
                assert_eq!(number, Ok(2 * count));
                count += 1;
            }
            count
        };
        let calls = (0..300).map(|_| client.invoke::<String>("Echo", (&*text,)));
        let calls = futures_util::future::try_join_all(calls);
        let all = async { tokio::join!(up, down, calls) };
        let ((), count, echoed) =
            timeout(Duration::from_secs(60), all).await.expect("the calls complete in time");
        assert_eq!((count, echoed.unwrap().len()), (10_000, 300));
        client.close().await;
    }
}

#[tokio::test]
async fn websocket_violations_close_the_connection_with_an_error() {
    let server = lobby(ServerOptions::new());
    let address = signalr::listen(&server).await;
    for (frame, expected) in [
        (Frame::binary(vec![0; 1 << 20]), "too long"),
        // A text message that is not UTF-8.
        (
            Frame::Frame(tokio_tungstenite::tungstenite::protocol::frame::Frame::message(
                vec![0xff],
                tokio_tungstenite::tungstenite::protocol::frame::coding::OpCode::Data(
                    tokio_tungstenite::tungstenite::protocol::frame::coding::Data::Text,
                ),
                true,
            )),
            "UTF-8",
        ),
    ] {
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let (mut socket, _) =
            tokio_tungstenite::client_async(format!("ws://{address}/hub"), stream).await.unwrap();
        socket.send(Frame::binary(HANDSHAKE.to_vec())).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), Frame::binary(b"{}\x1e".to_vec()));
        let _ = socket.send(frame).await;
        let Some(Ok(Frame::Binary(close))) = socket.next().await else { panic!("{expected}") };
        let Message::Close(close) = Message::read(&close, Encoding::MessagePack).unwrap() else { panic!() };
        let error = close.error.unwrap().to_string();
        assert!(error.to_lowercase().contains(&expected.to_lowercase()), "{error}");
    }
    signalr::until(|| server.clients().is_empty()).await;
}
