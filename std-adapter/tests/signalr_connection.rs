//! Our client of SignalR on our server, over memory and over axum, and either of them against a peer that says what
//! no peer should.
#![cfg(all(feature = "signalr-client", feature = "signalr-server"))]

mod signalr;

use futures_util::{SinkExt, StreamExt};
use lobbywire::signalr::{
    CallError, Client, ClientOptions, CloseReason, ConnectError, DecodeError, Encoding, Event, Events, Hub,
    HubCall, HubClient, HubError, LARGEST_FRAME, Message, Reply, Server, ServerOptions, Transport, Value,
};
use lobbywire::wire::ErrorKind;
use signalr::{Cut, Lobby, Proxy, lobby, raw, sockets};
use std::pin::pin;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message as Frame;

const ENCODINGS: [Encoding; 2] = [Encoding::MessagePack, Encoding::Json];

fn options(encoding: Encoding) -> ClientOptions {
    ClientOptions::new(encoding)
}

/// A client of this server, over WebSockets in memory.
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
        // Many at once come in order, each with its own result.
        let calls = (0..100i64).map(|number| client.invoke::<i64>("Add", (number, number)));
        let sums = futures_util::future::try_join_all(calls).await.unwrap();
        assert_eq!(sums, (0..100).map(|number| number * 2).collect::<Vec<_>>());

        client.send("Say", ("hi",)).await.unwrap();
        let said = events.next_call().await.unwrap();
        assert_eq!((said.target(), said.expects_result()), ("Said", false));
        assert_eq!(said.read::<(String, String)>().unwrap(), (String::from("nobody"), String::from("hi")));
        client.close().await;
        assert!(matches!(events.next().await, Some(Event::Closed(CloseReason::Local))));
        assert!(events.next().await.is_none());
        assert_eq!(client.invoke::<i64>("Add", (1, 1)).await, Err(CallError::Disconnected));
    }
    signalr::until(|| server.clients().is_empty()).await;
}

#[tokio::test]
async fn errors_say_what_the_caller_is_to_know() {
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
        // The connection has stayed, and a result that is another is an error of the reader's.
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
    assert!(error.contains("argument 1: cannot decode i64: the value is of the wrong type"), "{error}");
}

#[tokio::test]
async fn streams_go_both_ways_and_end_early() {
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

        // One that has no end, until nobody wants it.
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

        // Given up, it ends with an error at the other end.
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
        // A hub that does not take streams passes over them.
        let (sum, mut uploads) = client.invoke_uploading::<i64>("Add", (1, 2), 1).await.unwrap();
        assert_eq!(sum.await, Ok(3));
        for number in 0..100i64 {
            uploads[0].send(&number).await.unwrap();
        }
        assert_eq!(client.invoke::<i64>("Add", (1, 1)).await, Ok(2));
    }
}

#[tokio::test]
async fn the_server_calls_one_some_and_all() {
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
    assert_eq!(server.clients().user("nobody").broadcast("Moved", ()), Ok(0));
    drop(one);
    signalr::until(|| server.clients().len() == 1).await;
    assert_eq!(server.clients().group("room").broadcast("Moved", ()), Ok(0));

    // A result from a client, an error from one that has none, and from one that nobody listens for.
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
async fn a_hub_that_lets_nobody_in_says_so() {
    let server = lobby(ServerOptions::new());
    server.hub().refuse();
    let (client, mut events) = connect(&server, options(Encoding::MessagePack)).await;
    let Some(Event::Closed(reason)) = events.next().await else { panic!() };
    let error = Some("The hub refused the connection. HubException: full".into());
    assert_eq!(reason, CloseReason::Remote { error, allow_reconnect: false });
    assert!(matches!(client.invoke::<i64>("Add", (1, 1)).await, Err(CallError::Disconnected)));
}

/// A peer that speaks for itself, without a WebSocket: what it gets is cut by hand.
async fn raw_server(server: &Server<Lobby>) -> DuplexStream {
    let (near, far) = duplex(4 << 20);
    let server = server.clone();
    tokio::spawn(async move { server.serve(Transport::bytes(near)).await });
    far
}

/// All that comes up to the end.
async fn rest(mut stream: DuplexStream) -> Vec<u8> {
    let mut all = vec![];
    timeout(Duration::from_secs(100), stream.read_to_end(&mut all)).await.unwrap().unwrap();
    all
}

const HANDSHAKE: &[u8] = b"{\"protocol\":\"messagepack\",\"version\":1}\x1e";
const JSON_HANDSHAKE: &[u8] = b"{\"protocol\":\"json\",\"version\":1}\x1e";

/// What the server says to a handshake and what is behind it.
async fn answer(server: &Server<Lobby>, said: &[u8]) -> String {
    let mut stream = raw_server(server).await;
    stream.write_all(said).await.unwrap();
    // Where it goes on, a Ping that is never answered shows that the end is not due to this one.
    String::from_utf8_lossy(&rest(stream).await).into_owned()
}

#[tokio::test(start_paused = true)]
async fn handshakes_that_are_none_are_refused() {
    let server = lobby(ServerOptions::new().encodings([Encoding::MessagePack]));
    for (said, expected) in [
        (&b"{\"protocol\":\"json\",\"version\":1}\x1e"[..], "The hub does not support the protocol 'json'."),
        (b"{\"protocol\":\"x\\\"y\",\"version\":1}\x1e", "The hub does not support the protocol 'x\\\"y'."),
        (
            b"{\"protocol\":\"messagepack\",\"version\":3}\x1e",
            "The hub does not support version 3 of 'messagepack'.",
        ),
        (b"{\"protocol\":\"messagepack\"}\x1e", "The handshake is malformed: the message lacks this field"),
        (
            b"{\"protocol\":1,\"version\":1}\x1e",
            "The handshake is malformed: the value is of the wrong type",
        ),
        (b"[]\x1e", "The handshake is malformed: a message must be a JSON object"),
        (b"\xff\x1e", "The handshake is malformed: the string is not valid UTF-8"),
        (b"", "The handshake was not received before the timeout."),
        (b"{\"protocol\":", "The handshake was not received before the timeout."),
        (&[b'['; 1_000_000], "The handshake is malformed: the frame announces a payload above the limit"),
    ] {
        let answer = answer(&server, said).await;
        assert!(answer.starts_with(&format!("{{\"error\":\"{expected}")), "{answer}");
        assert!(answer.ends_with("\x1e"), "{answer}");
    }
    assert!(server.clients().is_empty());
    assert_eq!(server.hub().connected(), 0);
}

#[tokio::test(start_paused = true)]
async fn messages_that_are_none_end_the_connection_with_a_close() {
    let server = lobby(ServerOptions::new());
    let deep = [&b"\x95\x01\x80\xc0\xa3Add\x91"[..], &[0x91; 300], b"\x01"].concat();
    let deep = [&[0x80 | (deep.len() & 0x7f) as u8, (deep.len() >> 7) as u8][..], &deep].concat();
    for (said, why) in [
        // An over-long VarInt, a message of no bytes, an array that is cut.
        (&b"\xff\xff\xff\xff\x08"[..], "longer than 5 bytes"),
        (b"\x00", "the packet ends"),
        (b"\x04\x96\x01\x80\xa1", "more elements than"),
        (b"\x02\x92\x06", "more elements than"),
        // No array, no type, a type that is text.
        (b"\x01\x06", "wrong type"),
        (b"\x01\x90", "lacks this field"),
        (b"\x03\x91\xa1x", "wrong type"),
        // Headers that are none, a target that is none, an id that is no UTF-8.
        (b"\x06\x95\x01\xc0\xc0\xa1x\x90", "wrong type"),
        (b"\x06\x95\x01\x80\xc0\xc0\x90", "wrong type"),
        (b"\x08\x95\x01\x80\xa1\xff\xa1x\x90", "not valid UTF-8"),
        (b"\x06\x95\x01\x80\xc0\xa0\x90", "must not be empty"),
        (b"\x06\x94\x03\x80\xa1x\x09", "must be 1, 2 or 3"),
        // One byte more than there may be.
        (&[&b"\xfe\xff\x01"[..], &[0; 32_766]].concat(), "above the limit"),
    ] {
        let answer = answer(&server, &[HANDSHAKE, said].concat()).await;
        let (start, close) = answer.split_at(3);
        assert_eq!(start, "{}\x1e");
        assert!(close.contains(why), "{why}: {close:?}");
        assert!(
            close.ends_with("\u{fffd}") || close.ends_with('\u{c2}') || close.contains("message 0"),
            "{close:?}"
        );
    }
    for (said, why) in [
        (&b"{\x1e"[..], "not JSON"),
        (b"\x1e", "not JSON"),
        (b"[6]\x1e", "must be a JSON object"),
        (b"{}\x1e", "lacks this field"),
        (b"{\"type\":\"6\"}\x1e", "wrong type"),
        (b"{\"type\":1,\"target\":\"Add\",\"arguments\":{}}\x1e", "wrong type"),
        (b"{\"type\":3,\"invocationId\":\"1\",\"result\":1,\"error\":\"x\"}\x1e", "must be 1, 2 or 3"),
        (b"{\"type\":1,\"target\":\"\xff\",\"arguments\":[]}\x1e", "not valid UTF-8"),
        (
            &[&b"{\"type\":1,\"target\":\"Add\",\"arguments\":"[..], &[b'['; 500], &[b']'; 500], b"}\x1e"]
                .concat(),
            "nested too deep",
        ),
        (&[b' '; LARGEST_FRAME], "above the limit"),
    ] {
        let answer = answer(&server, &[JSON_HANDSHAKE, said].concat()).await;
        assert!(answer.starts_with("{}\x1e{\"type\":7,\"error\":\"message 0 is malformed: "), "{answer}");
        assert!(answer.contains(why), "{why}: {answer}");
    }
    // Nesting is for the reader of the arguments to mind: only the call fails.
    let said = [HANDSHAKE, &deep, b"\x04\x93\x07\xc0\xc2"].concat();
    assert_eq!(answer(&server, &said).await, "{}\x1e");
    assert_eq!(server.hub().connected(), server.hub().disconnected());
}

#[tokio::test(start_paused = true)]
async fn a_message_of_the_largest_size_is_taken() {
    let server = lobby(ServerOptions::new());
    for (length, is_taken) in [(LARGEST_FRAME, true), (LARGEST_FRAME + 1, false)] {
        let shell =
            "{\"type\":1,\"invocationId\":\"1\",\"target\":\"Length\",\"arguments\":[\"\"]}\x1e".len();
        let text = "x".repeat(length - shell);
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
        assert_eq!(answer == result, is_taken, "{answer}");
        assert_eq!(answer.contains("\"type\":7"), !is_taken, "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn timers_ping_and_end_what_is_silent() {
    let server = lobby(ServerOptions::new());
    // Without a Ping the client may be silent as long as it likes, and is pinged.
    let mut stream = raw_server(&server).await;
    stream.write_all(HANDSHAKE).await.unwrap();
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(server.clients().len(), 1);
    // With one it has 30 seconds.
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

    // The client pings at once and after 15 seconds, and gives up after 30.
    for bytes in [&b"{}\x1e"[..], b"{}\x1e\x02\x91\x06"] {
        let (near, mut far) = duplex(1 << 16);
        far.write_all(bytes).await.unwrap();
        let started = tokio::time::Instant::now();
        let (_client, mut events) =
            Client::over(Transport::bytes(near), options(Encoding::MessagePack)).await.unwrap();
        let Some(Event::Closed(reason)) = events.next().await else { panic!() };
        assert_eq!(reason, CloseReason::TimedOut);
        assert_eq!(started.elapsed().as_secs(), 30);
        let said = rest(far).await;
        assert!(said.starts_with(&[HANDSHAKE, b"\x02\x91\x06\x02\x91\x06"].concat()), "{said:02x?}");
    }
    // And a server that says nothing has 15 seconds for that.
    let (near, _far) = duplex(1 << 16);
    let started = tokio::time::Instant::now();
    let connected = Client::over(Transport::bytes(near), options(Encoding::MessagePack)).await;
    assert!(matches!(connected, Err(ConnectError::TimedOut)));
    assert_eq!(started.elapsed().as_secs(), 15);
}

/// A client whose server is the test.
async fn raw_client(encoding: Encoding) -> (Client, Events, DuplexStream) {
    let (near, mut far) = duplex(1 << 20);
    far.write_all(b"{}\x1e").await.unwrap();
    let (client, events) = Client::over(Transport::bytes(near), options(encoding)).await.unwrap();
    (client, events, far)
}

#[tokio::test(start_paused = true)]
async fn the_client_loses_only_the_message_that_cant_be_read() {
    let (client, mut events, mut far) = raw_client(Encoding::MessagePack).await;
    let good = b"\x0a\x96\x01\x80\xc0\xa3Add\x90\x90";
    // Headers that nest too deep.
    let deep = [&b"\x4d\x95\x01\x81\xa1h"[..], &[0x91; 68], b"\xc0\xa1t\x90"].concat();
    let cases: &[(&[u8], ErrorKind, &str, &str, u32)] = &[
        (b"\x00", ErrorKind::Truncated, "Message", "", 1),
        (b"\x01\x06", ErrorKind::UnexpectedType, "Message", "", 1),
        (b"\x03\x81\x01\x80", ErrorKind::UnexpectedType, "Message", "", 1),
        (b"\x04\x96\x01\x80\xa1", ErrorKind::ListLength, "Message", "", 1),
        (b"\x02\x91\x01", ErrorKind::MissingField, "Invocation", "headers", 3),
        (b"\x06\x94\x03\x80\xa1x\x09", ErrorKind::ResultKind, "Completion", "result_kind", 6),
        (b"\x08\x95\x01\x80\xa1\xff\xa1x\x90", ErrorKind::Utf8, "Invocation", "invocation_id", 5),
        (b"\x07\x95\x01\x80\xc0\xa1x\x80", ErrorKind::UnexpectedType, "Invocation", "arguments", 7),
        (b"\x07\x95\x01\x80\xc0\xa0\x90\x90", ErrorKind::EmptyText, "Invocation", "target", 5),
        (&deep, ErrorKind::TooDeep, "Invocation", "headers", 70),
    ];
    for (bad, kind, record, field, offset) in cases {
        far.write_all(bad).await.unwrap();
        far.write_all(good).await.unwrap();
        let Some(Event::Malformed(malformed)) = events.next().await else { panic!("{bad:02x?}") };
        let place = malformed.location;
        let found = (malformed.error.kind, place.record, place.field, malformed.error.offset);
        assert_eq!(found, (*kind, *record, *field, *offset), "{bad:02x?}");
        assert!(!malformed.is_last);
        assert_eq!(events.next_call().await.unwrap().target(), "Add");
    }
    // Nobody waits for these.
    far.write_all(b"\x06\x94\x03\x80\xa1\x37\x02\x06\x94\x02\x80\xa1\x38\x2a").await.unwrap();
    for (expected, id) in [("Completion", "7"), ("StreamItem", "8")] {
        let Some(Event::Unexpected { kind, invocation_id }) = events.next().await else { panic!() };
        assert_eq!((kind, &*invocation_id), (expected, id));
    }
    // A type that is not known, and more elements than are known.
    far.write_all(b"\x03\x92\x2a\x01\x04\x93\x06\x01\x02").await.unwrap();
    far.write_all(good).await.unwrap();
    assert!(matches!(events.next().await, Some(Event::Call(_))));
    // Behind a length that is none nobody knows where a message starts.
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
async fn handshakes_of_servers_are_judged() {
    for (said, expected) in [
        (&b"{\"error\":\"no\"}\x1e"[..], "the server refused the connection: no"),
        (b"{\"type\":6}\x1e", "the handshake of the server is malformed: the value is of the wrong type"),
        (b"x\x1e", "the handshake of the server is malformed: this is not JSON"),
        (b"", "the connection failed: unexpected end of file"),
    ] {
        let (near, mut far) = duplex(1 << 16);
        far.write_all(said).await.unwrap();
        far.shutdown().await.unwrap();
        let error =
            Client::over(Transport::bytes(near), options(Encoding::Json)).await.unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[tokio::test]
async fn messages_may_be_cut_anywhere() {
    let server = lobby(ServerOptions::new());
    let said = [
        HANDSHAKE,
        b"\x02\x91\x06",
        b"\x0d\x96\x01\x80\xa1\x31\xa3Add\x92\x01\x02\x90",
        b"\x0d\x96\x01\x80\xa1\x32\xa3Add\x92\x03\x04\x90",
    ]
    .concat();
    let said = [&said[..], b"\x03\x92\x07\xc0"].concat();
    let expected =
        [&b"{}\x1e"[..], b"\x07\x95\x03\x80\xa1\x31\x03\x03", b"\x07\x95\x03\x80\xa1\x32\x03\x07"].concat();
    for size in [1, 2, 3, 5, 7, 11, said.len()] {
        let (near, mut far) = sockets(1 << 16).await;
        let server = server.clone();
        tokio::spawn(async move { server.serve(Transport::websocket(near)).await });
        for part in said.chunks(size) {
            far.send(Frame::binary(part.to_vec())).await.unwrap();
            // Nothing in it is nothing.
            far.send(Frame::binary(Vec::new())).await.unwrap();
        }
        let mut got = vec![];
        while let Some(Ok(frame)) = far.next().await {
            if let Frame::Binary(bytes) = frame {
                got.extend_from_slice(&bytes);
            }
        }
        // Close has come behind the calls, which may not all have been answered by then.
        assert!(expected.starts_with(&got), "{size}: {got:02x?}");
    }
    // Waited for, they are.
    let (near, mut far) = sockets(1 << 16).await;
    tokio::spawn(async move { server.serve(Transport::websocket(near)).await });
    // The handshake as text, as JavaScript has it, and what is behind it at once.
    far.send(Frame::text(String::from_utf8(HANDSHAKE.to_vec()).unwrap())).await.unwrap();
    for part in said[HANDSHAKE.len()..said.len() - 4].chunks(4) {
        far.send(Frame::binary(part.to_vec())).await.unwrap();
    }
    for expected in [&b"{}\x1e"[..], b"\x07\x95\x03\x80\xa1\x31\x03\x03", b"\x07\x95\x03\x80\xa1\x32\x03\x07"]
    {
        assert_eq!(far.next().await.unwrap().unwrap(), Frame::binary(expected.to_vec()));
    }
}

#[tokio::test]
async fn values_that_are_no_messagepack_reach_their_reader() {
    // A mod with a setting, which no walk over MessagePack gets through.
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
async fn negotiation_finds_the_hub() {
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
    // Who it is, and what it says of itself.
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
async fn what_is_answered_to_a_negotiation_is_judged() {
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
    // Sent elsewhere twice, with a token of its own.
    let (client, _events) =
        Client::connect(&format!("http://{address}/first"), options(Encoding::Json)).await.unwrap();
    assert_eq!(client.invoke::<String>("WhoAmI", ()).await.as_deref(), Ok("peppy -"));
}

#[tokio::test]
async fn http_is_answered_as_it_should_be() {
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
    // The id that everybody may know opens nothing; the token does, once.
    let public = answer["connectionId"].as_str().unwrap();
    assert_eq!(status(&format!("GET /hub?id={public}"), upgrade).await, 404);
    assert_eq!(
        status(&format!("GET /private?id={id}"), &format!("{upgrade}Authorization: Bearer x\r\n")).await,
        403
    );
    let kept = signalr::open(address, &format!("GET /hub?id={id}"), upgrade).await;
    assert_eq!(kept.0, 101);
    assert_eq!(status(&format!("GET /hub?id={id}"), upgrade).await, 409);
    // There is room for one more, and no further.
    assert_eq!(status("POST /hub/negotiate", "").await, 200);
    assert_eq!(status("POST /hub/negotiate", "").await, 503);
}

#[tokio::test]
async fn a_lost_connection_is_made_again() {
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
            proxy.cut(Cut::Both);
        });
        assert_eq!(lost, Err(CallError::Disconnected));
        assert!(matches!(events.next().await, Some(Event::Reconnecting(CloseReason::Lost(_)))));
        let Some(Event::Reconnected { connection_id: Some(second) }) = events.next().await else { panic!() };
        assert_ne!(first, second);
        assert_eq!(client.invoke::<i64>("Add", (1, 1)).await, Ok(2));
        // The server's wish is heard.
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
async fn a_connection_goes_on_with_nothing_lost_and_nothing_twice() {
    let server = lobby(ServerOptions::new().allow_stateful_reconnects(true));
    let address = signalr::listen(&server).await;
    for (encoding, cut) in [
        (Encoding::MessagePack, Cut::Both),
        (Encoding::Json, Cut::Both),
        // The server does not know yet that the socket is no more.
        (Encoding::MessagePack, Cut::Client),
        (Encoding::Json, Cut::Server),
    ] {
        let proxy = Proxy::start(address).await;
        let options = options(encoding).stateful_reconnect(true);
        let (client, mut events) =
            Client::connect(&format!("http://{}/hub", proxy.address), options).await.unwrap();
        let (connected, id) = (server.hub().connected(), client.connection_id());
        client.invoke::<()>("Join", ("room",)).await.unwrap();
        let heard = tokio::spawn(async move {
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
        let cuts = async {
            for _ in 0..4 {
                sleep(Duration::from_millis(150)).await;
                proxy.cut(cut);
            }
        };
        tokio::join!(calls, cuts);
        let sum = client.stream::<u32>("Count", (500u32,)).await.unwrap();
        proxy.cut(cut);
        assert_eq!(sum.map(Result::unwrap).collect::<Vec<_>>().await, (0..500).collect::<Vec<_>>());
        assert_eq!(client.connection_id(), id);
        assert_eq!(server.hub().connected(), connected, "it was the same connection all the time");
        client.close().await;
        let (numbers, resumed) = heard.await.unwrap();
        assert_eq!(numbers, (0..600).collect::<Vec<_>>());
        assert!(resumed >= if cut == Cut::Server { 1 } else { 4 }, "{resumed}");
        signalr::until(|| server.clients().is_empty()).await;
    }
}

#[tokio::test]
async fn who_does_not_read_is_not_waited_for() {
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

    // Who calls without reading the answers is not read any more, and holds no more than a few of them.
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
    // However long that takes, it comes to a stop.
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
fn messages_are_what_the_facts_say() {
    // A Completion of a method without a result, as .NET writes it.
    let read = Message::read(b"\x07\x95\x03\x80\xa1\x31\x03\xc0", Encoding::MessagePack).unwrap();
    let Message::Completion(completion) = read else { panic!() };
    assert_eq!(completion.result, lobbywire::signalr::CompletionResult::Result(Value::MessagePack(b"\xc0")));
}

/// Much more than either side keeps unacknowledged goes both ways at once, while acknowledgements, which make room,
/// stand behind it.
#[tokio::test]
async fn much_goes_both_ways_where_it_is_acknowledged() {
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
        let ((), count, echoed) = timeout(Duration::from_secs(60), all).await.expect("it hangs");
        assert_eq!((count, echoed.unwrap().len()), (10_000, 300));
        client.close().await;
    }
}

#[tokio::test]
async fn what_no_websocket_should_say_ends_the_connection_with_a_close() {
    let server = lobby(ServerOptions::new());
    let address = signalr::listen(&server).await;
    for (frame, expected) in [
        (Frame::binary(vec![0; 1 << 20]), "too long"),
        // One that only a peer without a library would send: text that is none.
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
