//! An invalid argument, item or result affects only its call, as in .NET.
#![cfg(all(feature = "lazer", feature = "signalr-client", feature = "signalr-server"))]

mod signalr;

use lobbywire::lazer::referee;
use lobbywire::signalr::{
    CallError, Client, ClientOptions, DecodeError, Encoding, Event, Events, HubCall, HubClient, HubError,
    Reply, Serde, Server, ServerOptions, Transport, Typed, TypedHub,
};
use lobbywire::wire::ErrorKind;
use serde_json::Value;
use signalr::lobby;
use std::collections::BTreeMap;
use std::sync::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

const JSON_HANDSHAKE: &[u8] = b"{\"protocol\":\"json\",\"version\":1}\x1e";
const HANDSHAKE: &[u8] = b"{\"protocol\":\"messagepack\",\"version\":1}\x1e";
/// JSON values that have no value in any type that represents them.
const BAD_JSON: [(&[u8], &str); 9] = [
    (br#""cut \ud83d""#, "Echo"),
    (br#""\udc00""#, "Echo"),
    (br#""\ud83d\ud83d""#, "Echo"),
    (b"\"caf\xe9\"", "Echo"),
    (b"1e400", "Half"),
    (b"-1e999", "Half"),
    (b"NaN", "Half"),
    (b"99999999999999999999", "Add"),
    (b"null", "Add"),
];

/// Serves what a client sends, in one piece or byte by byte. Returns what it received until that ends with `end`, or until
/// the server has closed the connection.
async fn answers<H: lobbywire::signalr::Hub>(
    server: &Server<H>,
    sent: &[u8],
    piece: usize,
    end: &[u8],
) -> Vec<u8> {
    let (near, mut far) = duplex(1 << 20);
    let server = server.clone();
    let serving = tokio::spawn(async move { server.serve(Transport::bytes(near)).await });
    for piece in sent.chunks(piece) {
        far.write_all(piece).await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut received = vec![];
    while !received.ends_with(end) && far.read_buf(&mut received).await.unwrap() > 0 {}
    drop(far);
    serving.await.unwrap();
    received
}

/// Calls a method with these arguments, in JSON.
fn last_call(target: &str, arguments: &str) -> Vec<u8> {
    format!("{{\"type\":1,\"invocationId\":\"end\",\"target\":\"{target}\",\"arguments\":[{arguments}]}}\x1e")
        .into()
}

/// The completion of [`last_call`].
const END: &[u8] = b"{\"type\":3,\"invocationId\":\"end\",\"result\":null}\x1e";

/// The records of a JSON stream, without the handshake and Pings.
fn records(received: &[u8]) -> Vec<Value> {
    let records = received.split(|byte| *byte == 0x1e).filter(|record| !record.is_empty());
    let records = records.map(|record| serde_json::from_slice::<Value>(record).unwrap());
    records.skip(1).filter(|record| record["type"] != 6 && record["invocationId"] != "end").collect()
}

async fn raw_client(encoding: Encoding) -> (Client, Events, DuplexStream) {
    let (near, mut far) = duplex(1 << 20);
    far.write_all(b"{}\x1e").await.unwrap();
    let options = ClientOptions::new(encoding);
    let (client, events) = Client::over(Transport::bytes(near), options).await.unwrap();
    (client, events, far)
}

/// Reads what a client sends until it ends with this text.
async fn read_until(far: &mut DuplexStream, end: &[u8]) {
    let mut received = vec![];
    while !received.ends_with(end) {
        received.push(far.read_u8().await.unwrap());
    }
}

struct Referee(Mutex<Vec<String>>);

impl TypedHub for Referee {
    type Call = referee::client::Call;

    async fn invoke(&self, _: &HubClient, _: Self::Call, call: &HubCall) -> Result<Reply, HubError> {
        call.done()
    }

    async fn on_malformed(&self, _: &HubClient, target: &str, error: &DecodeError) {
        self.0.lock().unwrap().push(format!("{target}: {error}"));
    }
}

#[tokio::test]
async fn half_a_surrogate_pair_fails_its_call() {
    let file = include_bytes!("cases/referee-name-half-surrogate.json");
    let server = Server::new(Typed(Referee(Mutex::default())), ServerOptions::new());
    for piece in [1, file.len()] {
        let next = b"{\"type\":1,\"invocationId\":\"2\",\"target\":\"LeaveRoom\",\"arguments\":[7]}\x1e";
        let sent = [&file[..], next, &last_call("Ping", "\"hi\"")].concat();
        let received = records(&answers(&server, &sent, piece, END).await);
        let [failed, next] = &received[..] else { panic!("{received:?}") };
        assert_eq!((&failed["type"], &failed["invocationId"]), (&3.into(), &"1".into()));
        assert_eq!(failed["error"], "The arguments are invalid for 'MakeRoom'.");
        assert_eq!((&next["invocationId"], next["error"].as_str()), (&"2".into(), None));
        let reported = std::mem::take(&mut *server.hub().0.0.lock().unwrap());
        let [reported] = &reported[..] else { panic!("{reported:?}") };
        assert!(reported.starts_with("MakeRoom: argument 0: ") && reported.contains("name"), "{reported}");
    }
    // Cut off at any position, a record is lost with its connection, and nothing else happens.
    for end in 0..file.len() {
        let (near, mut far) = duplex(1 << 12);
        let server = server.clone();
        let serving = tokio::spawn(async move { server.serve(Transport::bytes(near)).await });
        far.write_all(&file[..end]).await.unwrap();
        drop(far);
        serving.await.unwrap();
    }
}

#[tokio::test]
async fn an_invalid_argument_in_json_fails_its_call_and_is_reported() {
    let server = lobby(ServerOptions::new());
    for (value, target) in BAD_JSON {
        let call = |id: &str| {
            let (start, end) =
                (format!("{{\"type\":1,{id}\"target\":\"{target}\",\"arguments\":["), b"]}\x1e");
            let more = if target == "Add" { &b",1"[..] } else { b"" };
            [start.as_bytes(), value, more, end].concat()
        };
        let next = b"{\"type\":1,\"invocationId\":\"2\",\"target\":\"Add\",\"arguments\":[1,2]}\x1e";
        let stream =
            b"{\"type\":4,\"invocationId\":\"3\",\"target\":\"Count\",\"arguments\":[\"\\ud800\"]}\x1e";
        // With an id and without one: the second call is only reported.
        let sent = [
            JSON_HANDSHAKE,
            &call("\"invocationId\":\"1\","),
            &call(""),
            stream,
            next,
            &last_call("Nothing", ""),
        ]
        .concat();
        let received = records(&answers(&server, &sent, 7, END).await);
        let error = |id: &str| received.iter().find(|record| record["invocationId"] == *id).unwrap();
        let shown = String::from_utf8_lossy(value);
        assert_eq!(error("1")["error"], format!("The arguments are invalid for '{target}'."), "{shown}");
        assert_eq!(error("2")["result"], 3, "{shown}");
        assert_eq!(error("3")["error"], "The arguments are invalid for 'Count'.");
        assert_eq!(received.len(), 3, "{received:?}");
        let mut reported = server.hub().malformed();
        reported.sort();
        let starts = [target, target, "Count"].map(|target| format!("{target}: argument 0: "));
        let counted = starts.iter().filter(|start| reported.iter().any(|one| one.starts_with(*start)));
        assert_eq!((counted.count(), reported.len()), (3, 3), "{reported:?}");
    }
    // A value that nothing decodes is no error, such as an unknown field.
    let echo =
        b"{\"type\":1,\"invocationId\":\"1\",\"target\":\"Nothing\",\"arguments\":[],\"x\":\"\\ud800\"}\x1e";
    let received = records(
        &answers(&server, &[JSON_HANDSHAKE, echo, &last_call("Nothing", "")].concat(), 1000, END).await,
    );
    assert_eq!(received[0]["result"], Value::Null);
    assert!(server.hub().malformed().is_empty());
}

#[tokio::test]
async fn an_invalid_argument_in_messagepack_fails_its_call_and_is_reported() {
    let server = lobby(ServerOptions::new());
    for argument in [
        // Not UTF-8, a length above the message, the reserved byte, another type.
        &b"\xa2\xff\xfe"[..],
        b"\xdb\xff\xff\xff\xff",
        b"\xc1",
        b"\x2a",
    ] {
        let call = |id: &[u8]| {
            let body = [&b"\x96\x01\x80"[..], id, b"\xa4Echo\x91", argument, b"\x90"].concat();
            [&[u8::try_from(body.len()).unwrap()], &body[..]].concat()
        };
        let next = b"\x0b\x96\x01\x80\xa12\xa3Add\x92\x01\x02\x90";
        let next = [&[next.len() as u8 - 1], &next[1..]].concat();
        // The result of the next call: 3.
        let end = b"\x95\x03\x80\xa12\x03\x03";
        let sent = [HANDSHAKE, &call(b"\xa11"), &call(b"\xc0"), &next].concat();
        for piece in [1, sent.len()] {
            let received = answers(&server, &sent, piece, end).await;
            let text = String::from_utf8_lossy(&received);
            assert!(text.contains("The arguments are invalid for 'Echo'."), "{text}");
            assert!(received.ends_with(end), "{argument:02x?}: {text}");
            let reported = server.hub().malformed();
            assert!(reported.len() == 2 && reported.iter().all(|one| one.starts_with("Echo: argument 0: ")));
        }
    }
}

#[tokio::test]
async fn calls_of_unknown_methods_are_reported() {
    let server = lobby(ServerOptions::new());
    let sent = [
        JSON_HANDSHAKE,
        b"{\"type\":1,\"target\":\"Nowhere\",\"arguments\":[1]}\x1e",
        &last_call("Nothing", ""),
    ]
    .concat();
    assert!(records(&answers(&server, &sent, 100, END).await).is_empty());
    assert_eq!(server.hub().malformed(), ["Nowhere: unknown method"]);
}

#[tokio::test]
async fn an_invalid_item_does_not_end_its_stream() {
    let server = lobby(ServerOptions::new());
    let sent = [
        JSON_HANDSHAKE,
        b"{\"type\":1,\"invocationId\":\"1\",\"target\":\"Lengths\",\"arguments\":[],\"streamIds\":[\"s\"]}\x1e",
        b"{\"type\":2,\"invocationId\":\"s\",\"item\":\"abc\"}\x1e",
        b"{\"type\":2,\"invocationId\":\"s\",\"item\":\"\\ud800\"}\x1e",
        b"{\"type\":2,\"invocationId\":\"s\",\"item\":\"\xff\"}\x1e",
        b"{\"type\":2,\"invocationId\":\"s\",\"item\":\"ab\"}\x1e",
        b"{\"type\":3,\"invocationId\":\"s\"}\x1e",
        &last_call("Nothing", ""),
    ]
    .concat();
    let received = records(&answers(&server, &sent, 11, END).await);
    assert_eq!(received[0]["result"], "3 ? ? 2");

    // The same towards a client.
    for encoding in [Encoding::Json, Encoding::MessagePack] {
        let (client, _events, mut far) = raw_client(encoding).await;
        let mut items = client.stream::<String>("Names", ()).await.unwrap();
        let sent: &[&[u8]] = match encoding {
            Encoding::Json => &[
                b"{\"type\":2,\"invocationId\":\"1\",\"item\":\"\\ud800\"}\x1e",
                b"{\"type\":2,\"invocationId\":\"1\",\"item\":\"ab\"}\x1e",
                b"{\"type\":3,\"invocationId\":\"1\"}\x1e",
            ],
            // One is followed by another element.
            Encoding::MessagePack => &[
                b"\x08\x95\x02\x80\xa11\xa1\xff\xc0",
                b"\x08\x94\x02\x80\xa11\xa2ab",
                b"\x06\x94\x03\x80\xa11\x02",
            ],
        };
        far.write_all(&sent.concat()).await.unwrap();
        assert!(matches!(items.next().await, Some(Err(CallError::Decode(_)))), "{encoding:?}");
        assert_eq!(items.next().await, Some(Ok("ab".into())));
        assert_eq!(items.next().await, None);
    }
}

#[tokio::test]
async fn an_invalid_result_fails_its_call() {
    for (value, _) in BAD_JSON {
        let (client, _events, mut far) = raw_client(Encoding::Json).await;
        let mut add = std::pin::pin!(client.invoke::<i64>("Add", (1, 2)));
        let mut next = std::pin::pin!(client.invoke::<i64>("Add", (2, 2)));
        let sent = [
            b"{\"type\":3,\"invocationId\":\"1\",\"result\":",
            value,
            b"}\x1e{\"type\":3,\"invocationId\":\"2\",\"result\":4}\x1e",
        ]
        .concat();
        // Both calls must be sent before they are answered.
        let (add, next, ()) = tokio::join!(&mut add, &mut next, async {
            read_until(&mut far, b"\"arguments\":[2,2]}\x1e").await;
            far.write_all(&sent).await.unwrap();
        });
        assert!(matches!(add, Err(CallError::Decode(_))), "{add:?}");
        assert_eq!(next, Ok(4));
    }

    // The result of a client for the hub.
    let server = lobby(ServerOptions::new());
    let (near, far) = duplex(1 << 12);
    let serving = server.clone();
    tokio::spawn(async move { serving.serve(Transport::bytes(near)).await });
    let (mut reads, mut writes) = tokio::io::split(far);
    writes.write_all(JSON_HANDSHAKE).await.unwrap();
    writes.write_all(b"{\"type\":1,\"target\":\"AskMe\",\"arguments\":[]}\x1e").await.unwrap();
    let mut received = vec![];
    while !received.ends_with(b"\"Ask\",\"arguments\":[20]}\x1e") {
        received.push(reads.read_u8().await.unwrap());
    }
    writes.write_all(b"{\"type\":3,\"invocationId\":\"1\",\"result\":1e400}\x1e").await.unwrap();
    while !received.ends_with(b"]}\x1e") || !received.windows(8).any(|bytes| bytes == b"Answered") {
        received.push(reads.read_u8().await.unwrap());
    }
    let answered = records(&received).pop().unwrap();
    assert!(answered["arguments"][0].as_str().unwrap().starts_with("cannot decode i64"), "{answered}");
}

#[tokio::test]
async fn an_invalid_argument_of_the_server_fails_its_call() {
    let (client, mut events, mut far) = raw_client(Encoding::Json).await;
    let sent = [
        &b"{\"type\":1,\"invocationId\":\"9\",\"target\":\"Said\",\"arguments\":[\"\\ud800\"]}\x1e"[..],
        b"{\"type\":1,\"target\":\"Said\",\"arguments\":[\"hi\"]}\x1e",
    ];
    far.write_all(&sent.concat()).await.unwrap();
    let Some(Event::Call(call)) = events.next().await else { panic!() };
    let error = call.read::<(String,)>().unwrap_err();
    let DecodeError::Argument { index: 0, error } = error else { panic!("{error}") };
    assert!(
        matches!(*error, DecodeError::Malformed { what: "String", error } if error.kind == ErrorKind::Utf16),
        "{error}"
    );
    // The server receives an error.
    drop(call);
    read_until(&mut far, b"\"error\":\"The client did not answer 'Said'.\"}\x1e").await;
    assert_eq!(events.next_call().await.unwrap().read::<(String,)>(), Ok(("hi".into(),)));
    assert!(client.is_connected());
}

#[tokio::test]
async fn duplicate_members_fail_only_the_types_that_reject_them() {
    #[derive(serde::Deserialize)]
    struct Room {
        #[allow(dead_code)]
        id: i64,
    }

    let (_client, mut events, mut far) = raw_client(Encoding::Json).await;
    far.write_all(b"{\"type\":1,\"target\":\"Said\",\"arguments\":[{\"id\":1,\"id\":2}]}\x1e").await.unwrap();
    let call = events.next_call().await.unwrap();
    let error = call.read::<(Serde<Room>,)>().err().unwrap();
    assert!(error.to_string().contains("duplicate field `id`"), "{error}");
    // In a map the last one counts, as in .NET.
    let (Serde(map),) = call.read::<(Serde<BTreeMap<String, i64>>,)>().unwrap();
    assert_eq!(map["id"], 2);
}

#[tokio::test]
async fn a_record_without_a_type_is_malformed() {
    let file = include_bytes!("cases/tool-record-without-type.json");
    // To a server it is the end of the connection, as in .NET.
    let server = lobby(ServerOptions::new());
    let received = records(&answers(&server, file, 1, END).await);
    let expected = "message 1 is malformed: ";
    assert!(received[0]["error"].as_str().unwrap().starts_with(expected), "{received:?}");
    // A client skips it.
    let (_client, mut events, mut far) = raw_client(Encoding::Json).await;
    for record in [&b"{\"foo\":1}\x1e"[..], b"{\"error\":\"no\"}\x1e", b"{}\x1e", JSON_HANDSHAKE] {
        far.write_all(record).await.unwrap();
        let Some(Event::Malformed(malformed)) = events.next().await else { panic!() };
        assert_eq!(malformed.error.kind, ErrorKind::MissingField);
    }
}
