//! The FAF lobby over WebSocket: the same lines arrive however the peer splits them into messages, and each
//! line is sent as one text message.
#![cfg(feature = "websocket")]

mod lobby;
mod traffic;

use futures_util::{SinkExt, StreamExt};
use lobby::{MODES, item, message, options, poll_once, shown, vectors};
use lobbywire::faf::{Connection, Framing, Message as Lobby, Mode, Options, SendError, WebSocket, client};
use serde_json::{Value, json};
use std::io;
use std::task::Poll;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::{WebSocketStream, accept_async, client_async};

const GOOD: &str = r#"{"command":"a"}"#;

/// A string that needs a JSON parser to find its end.
const TRICKY: &str = r#"{"command":"t","x":"}{\"\\\\\"]}[\\","y":["{\u005c\"",{"z":[]}],"\\\"}":"é😀"}"#;

fn text(text: &str) -> Message {
    Message::text(text)
}

fn binary(bytes: &[u8]) -> Message {
    Message::binary(bytes.to_vec())
}

/// Both ends of a socket without a handshake, the server first.
async fn pair(room: usize) -> (WebSocketStream<DuplexStream>, WebSocketStream<DuplexStream>) {
    let (near, far) = duplex(room);
    (
        WebSocketStream::from_raw_socket(near, Role::Server, None).await,
        WebSocketStream::from_raw_socket(far, Role::Client, None).await,
    )
}

fn connect<S: AsyncRead + AsyncWrite + Unpin>(
    socket: WebSocketStream<S>,
    mode: Mode,
) -> Connection<WebSocket<S>> {
    Connection::with_options(WebSocket::new(socket), Framing::SimpleJson, options(mode, 1 << 16))
}

/// What a connection reads from these messages, followed by a close.
async fn read(mode: Mode, messages: impl IntoIterator<Item = Message>) -> Vec<Value> {
    let (near, mut far) = pair(64 << 10).await;
    let messages: Vec<_> = messages.into_iter().collect();
    let peer = tokio::spawn(async move {
        for message in messages {
            far.feed(message).await.unwrap();
        }
        far.close(None).await.unwrap();
        while far.next().await.is_some() {}
    });
    let mut connection = connect(near, mode);
    let mut given = vec![];
    while let Some(read) = item(connection.read().await) {
        given.push(shown(&read));
    }
    drop(connection);
    peer.await.unwrap();
    given
}

fn values(lines: &[&str]) -> Vec<Value> {
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn exchange<S, T>(server: WebSocketStream<S>, client: WebSocketStream<T>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(mut socket: WebSocketStream<S>) -> WebSocketStream<S> {
        for message in [text(GOOD), text(&format!("{GOOD}\n")), binary(GOOD.as_bytes()), text(TRICKY)] {
            socket.send(message).await.unwrap();
        }
        for expected in [r#"{"command":"ping"}"#, TRICKY] {
            let Message::Text(received) = socket.next().await.unwrap().unwrap() else { panic!() };
            assert_eq!(values(&[&received]), values(&[expected]));
            assert!(received.is_ascii() && received.find('\n') == Some(received.len() - 1));
        }
        socket
    }
    async fn hear<S: AsyncRead + AsyncWrite + Unpin>(socket: WebSocketStream<S>) -> Connection<WebSocket<S>> {
        let mut connection = connect(socket, Mode::Strict);
        for expected in [GOOD, GOOD, GOOD, TRICKY] {
            let received = connection.read().await.unwrap().unwrap();
            assert_eq!(received.text(), expected);
        }
        connection.send_all([Lobby::PING, message(TRICKY)]).await.unwrap();
        connection
    }
    let (hearing, talking) = (tokio::spawn(hear(server)), tokio::spawn(talk(client)));
    let (mut connection, mut socket) = (hearing.await.unwrap(), talking.await.unwrap());
    // Closed by the peer; reading alone replies to the close.
    socket.close(None).await.unwrap();
    assert!(connection.read().await.unwrap().is_none());
    assert!(matches!(socket.next().await, Some(Ok(Message::Close(_)))));
    assert!(matches!(connection.send(&Lobby::PING).await, Err(SendError::Io(_))));
    assert!(!connection.is_connected());
    connection.close().await;
}

#[tokio::test]
async fn objects_are_one_message_each_over_pipes_and_tcp() {
    for room in [64, 4 << 10] {
        let (near, far) = duplex(room);
        let (server, client) = tokio::join!(accept_async(near), client_async("ws://localhost/", far));
        exchange(server.unwrap(), client.unwrap().0).await;
    }
    for is_server in [true, false] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        let (accepted, connected) =
            tokio::join!(listener.accept(), TcpStream::connect(listener.local_addr().unwrap()));
        let (server, client) =
            tokio::join!(accept_async(accepted.unwrap().0), client_async(url, connected.unwrap()));
        if is_server {
            exchange(server.unwrap(), client.unwrap().0).await;
        } else {
            exchange(client.unwrap().0, server.unwrap()).await;
        }
    }
}

#[tokio::test]
async fn a_message_may_contain_several_lines_without_a_final_line_feed() {
    for mode in MODES {
        for end in ["", "\n", "\r\n", " \t"] {
            let lines = format!("{GOOD}\n{TRICKY}\r\n{GOOD}{end}");
            for message in [text(&lines), binary(lines.as_bytes())] {
                let given = read(mode, [message.clone(), message]).await;
                let expected = values(&[GOOD, TRICKY, GOOD]);
                assert_eq!(given, [expected.clone(), expected].concat(), "{mode:?}, {end:?}");
            }
        }
    }
}

#[tokio::test]
async fn lines_may_be_split_anywhere() {
    let lines = format!("{GOOD}\n{TRICKY}\r\n{GOOD}\n");
    let expected = values(&[GOOD, TRICKY, GOOD]);
    let bytes = lines.as_bytes();
    for at in 0..=bytes.len() {
        let slices = [binary(&bytes[..at]), binary(&bytes[at..])];
        assert_eq!(read(Mode::Strict, slices).await, expected, "split at {at}");
    }
    for len in 1..bytes.len() {
        let slices = bytes.chunks(len).map(binary);
        assert_eq!(read(Mode::Strict, slices).await, expected, "slices of {len}");
    }
    // As text messages, which can only be split between characters.
    for at in (0..=lines.len()).filter(|at| lines.is_char_boundary(*at)) {
        let slices = [text(&lines[..at]), text(&lines[at..])];
        assert_eq!(read(Mode::Strict, slices).await, expected, "split at {at}");
    }
    // Two splits, of a line in which every byte matters.
    let bytes = TRICKY.as_bytes();
    for first in 0..=bytes.len() {
        for second in (first..=bytes.len()).step_by(3) {
            let slices = [&bytes[..first], &bytes[first..second], &bytes[second..], b"\n"].map(binary);
            assert_eq!(read(Mode::Strict, slices).await, values(&[TRICKY]), "{first}, {second}");
        }
    }
}

#[tokio::test]
async fn the_vectors_arrive_as_over_tcp_whole_and_in_slices() {
    for mode in MODES {
        let vectors = vectors("json");
        let (mut expected, mut messages, mut slices) = (vec![], vec![], vec![]);
        for vector in &vectors {
            // The end of a message ends the line.
            let what = if vector.name == "X22" { &json!({ "command": "a" }) } else { vector.read(mode) };
            if !what.is_null() {
                expected.push(what.clone());
            }
            messages.push(binary(&vector.bytes));
            // Without braces only a line feed ends a line; the same applies to UTF-16.
            if what.is_object() && vector.bytes.ends_with(b"\n") && !["X17", "X19"].contains(&&*vector.name) {
                slices.push((what.clone(), vector.bytes.clone()));
            }
        }
        assert_eq!(read(mode, messages.clone()).await, expected, "{mode:?}");
        assert!(slices.len() >= 4);
        let stream: Vec<u8> = slices.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
        let expected: Vec<_> = slices.into_iter().map(|(what, _)| what).collect();
        for len in 1..=stream.len() {
            assert_eq!(read(mode, stream.chunks(len).map(binary)).await, expected, "{mode:?}, {len}");
        }
    }
}

#[tokio::test]
async fn a_malformed_message_loses_only_itself() {
    // Complete lines, or closed objects, whose ends are known.
    for malformed in [
        "nonsense",
        "\"PING\"",
        "[1]",
        "{}",
        r#"{"command":7}"#,
        r#"{"command":"a"}}"#,
        r#"{"command":"a"}{"command":"b"}"#,
        r#"{"command":"a",}"#,
        "{\"command\":\"a\"\n",
        "{\"command\":\"a\n",
        "{\"command\":\"a\\\n",
        "[[[[\n",
    ] {
        for message in [text(malformed), binary(malformed.as_bytes())] {
            let given = read(Mode::Strict, [text(GOOD), message, text(GOOD), text(GOOD)]).await;
            assert_eq!(given.len(), 4, "{malformed}: {given:?}");
            assert!(given[1].is_string(), "{malformed}");
            assert_eq!((&given[0], &given[2], &given[3]), (&given[0], &given[0], &given[0]), "{malformed}");
        }
    }
    // An unclosed object continues in the next message, as a slice would, up to a line feed.
    let open = [r#"{"command":"a"#, "{", "{\"a\":\"\\"].map(text);
    for open in open {
        let given = read(Mode::Strict, [open, text(GOOD), text("\n"), text(GOOD)]).await;
        assert_eq!((given.len(), given[0].is_string()), (2, true), "{given:?}");
        assert_eq!(given[1], values(&[GOOD])[0]);
    }
}

#[tokio::test]
async fn with_whole_messages_a_malformed_message_loses_only_itself() {
    let malformed = ["{", "{\"a", "{\"a\\", "[", "", "x", "{}"];
    let (near, mut far) = pair(64 << 10).await;
    let socket = WebSocket::with_whole_messages(near);
    let mut connection = Connection::new(socket, Framing::SimpleJson);
    for malformed in malformed {
        for good in [GOOD.to_owned(), format!("{GOOD}\n"), format!("{GOOD}\r\n")] {
            far.send(text(malformed)).await.unwrap();
            far.send(text(&good)).await.unwrap();
            assert!(item(connection.read().await).unwrap().is_err(), "{malformed}");
            let received = connection.read().await.unwrap().unwrap();
            assert_eq!(received.text(), GOOD, "after {malformed}");
        }
    }
    far.close(None).await.unwrap();
    assert!(connection.read().await.unwrap().is_none());
}

#[tokio::test]
async fn messages_above_the_limit_are_skipped() {
    let of_len = |len: usize| {
        let start = r#"{"command":"a","x":""#;
        format!("{start}{}\"}}", "x".repeat(len - start.len() - 2))
    };
    for (len, is_read) in [(1 << 16, true), ((1 << 16) + 1, false), (1 << 20, false)] {
        for piece in [len, 1000] {
            let long = of_len(len);
            let slices = long.as_bytes().chunks(piece).map(binary);
            let given = read(Mode::Strict, slices.chain([text(GOOD)])).await;
            assert_eq!(given.len(), 2, "{len} in {piece}");
            assert_eq!(given[0]["command"] == "a", is_read, "{len} in {piece}");
            assert!(is_read || given[0] == "frame_too_large@0");
            assert_eq!(given[1], values(&[GOOD])[0]);
        }
    }
}

#[tokio::test]
async fn each_line_is_sent_as_one_text_that_ends_with_its_line_feed() {
    let (near, mut far) = pair(64).await;
    let connection = connect(near, Mode::Strict);
    let sending = tokio::spawn(async move {
        connection.send(&client::Ping::default()).await.unwrap();
        connection.send_all([message(GOOD), message(TRICKY), Lobby::PONG]).await.unwrap();
        let long = format!(r#"{{"command":"a","x":"{}"}}"#, "x".repeat(300_000));
        connection.send(&message(&long)).await.unwrap();
        connection.close().await;
        connection.close().await;
        assert!(!connection.is_connected());
        assert!(matches!(connection.send(&Lobby::PING).await, Err(SendError::Disconnected)));
    });
    let mut texts = vec![];
    loop {
        match far.next().await.unwrap().unwrap() {
            Message::Text(text) => texts.push(text.strip_suffix('\n').expect("a line feed").to_owned()),
            Message::Close(_) => break,
            other => panic!("{other}"),
        }
    }
    sending.await.unwrap();
    assert_eq!(texts.len(), 5);
    assert_eq!(texts[0], r#"{"command":"ping"}"#);
    assert_eq!(texts[1], GOOD);
    let escaped = TRICKY.replace("é", r"\u00e9").replace("😀", r"\ud83d\ude00").replace(r"\u005c", r"\\");
    assert_eq!(texts[2], escaped);
    assert_eq!(texts[4].len(), 300_000 + r#"{"command":"a","x":""}"#.len());
}

#[tokio::test]
async fn messages_before_a_close_arrive_whichever_side_closes() {
    for our_role in [Role::Server, Role::Client] {
        // The connection closes. Messages that the peer sent before still arrive.
        let (server, client) = pair(1 << 10).await;
        let (ours, mut theirs) = if our_role == Role::Server { (server, client) } else { (client, server) };
        let mut connection = connect(ours, Mode::Strict);
        theirs.send(text(GOOD)).await.unwrap();
        connection.send(&message(GOOD)).await.unwrap();
        connection.close().await;
        assert_eq!(connection.read().await.unwrap().unwrap().text(), GOOD);
        assert_eq!(theirs.next().await.unwrap().unwrap(), text(&format!("{GOOD}\n")));
        assert!(matches!(theirs.next().await, Some(Ok(Message::Close(_)))));
        let _ = theirs.flush().await;
        assert!(connection.read().await.unwrap().is_none());
        assert!(connection.read().await.unwrap().is_none());

        // The peer closes inside a line.
        let (server, client) = pair(1 << 10).await;
        let (ours, mut theirs) = if our_role == Role::Server { (server, client) } else { (client, server) };
        let mut connection = connect(ours, Mode::Strict);
        theirs.send(text("{\"comm")).await.unwrap();
        theirs.close(None).await.unwrap();
        let last = shown(&item(connection.read().await).unwrap());
        assert_eq!(last, "incomplete@0");
        assert!(connection.read().await.unwrap().is_none());
        assert!(matches!(theirs.next().await, Some(Ok(Message::Close(_)))), "the close must be answered");
        drop(theirs);
        connection.close().await;
        connection.close().await;

        // The peer disappears without a close.
        let (server, client) = pair(1 << 10).await;
        let (ours, theirs) = if our_role == Role::Server { (server, client) } else { (client, server) };
        let mut connection = connect(ours, Mode::Strict);
        drop(theirs);
        assert_eq!(
            connection.read().await.unwrap_err().malformed().unwrap_err().kind(),
            io::ErrorKind::ConnectionReset
        );
        assert!(matches!(connection.send(&message(GOOD)).await, Err(SendError::Io(_))));
        assert!(matches!(connection.send(&message(GOOD)).await, Err(SendError::Disconnected)));
        connection.close().await;
    }
}

#[tokio::test]
async fn invalid_websocket_frames_are_io_errors() {
    let (near, far) = duplex(1 << 10);
    let near = WebSocketStream::from_raw_socket(near, Role::Server, None).await;
    let mut far = far;
    tokio::io::AsyncWriteExt::write_all(&mut far, b"{\"command\":\"a\"}\n").await.unwrap();
    let mut connection = connect(near, Mode::Strict);
    assert_eq!(
        connection.read().await.unwrap_err().malformed().unwrap_err().kind(),
        io::ErrorKind::InvalidData
    );
    connection.close().await;
}

#[tokio::test]
async fn pings_are_answered_by_a_connection_that_only_reads() {
    let (near, mut far) = pair(1 << 10).await;
    let mut connection = connect(near, Mode::Strict);
    far.send(Message::Ping(b"hi".to_vec().into())).await.unwrap();
    far.send(text(GOOD)).await.unwrap();
    assert_eq!(connection.read().await.unwrap().unwrap().text(), GOOD);
    assert!(poll_once(connection.read()).is_pending());
    assert_eq!(far.next().await.unwrap().unwrap(), Message::Pong(b"hi".to_vec().into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn both_ends_send_from_many_tasks_while_reading() {
    const TASKS: u64 = 4;
    const COUNT: u64 = 200;
    async fn end<S>(socket: WebSocketStream<S>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let connection =
            Connection::with_options(WebSocket::new(socket), Framing::SimpleJson, Options::default());
        let (mut reader, sender) = connection.split();
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let sender = sender.clone();
                tokio::spawn(async move {
                    for number in 0..COUNT {
                        let text = format!(r#"{{"command":"n","task":{task},"number":{number}}}"#);
                        sender.send(&message(&text)).await.unwrap();
                    }
                })
            })
            .collect();
        let mut next = [0; TASKS as usize];
        for _ in 0..TASKS * COUNT {
            let item = shown(&item(reader.read().await).unwrap());
            let next = &mut next[item["task"].as_u64().unwrap() as usize];
            assert_eq!(item["number"], *next);
            *next += 1;
        }
        for task in tasks {
            task.await.unwrap();
        }
        sender.close().await;
        assert!(reader.read().await.unwrap().is_none());
    }
    for room in [3, 100, 64 << 10] {
        let (near, far) = pair(room).await;
        let (near, far) = (tokio::spawn(end(near)), tokio::spawn(end(far)));
        near.await.unwrap();
        far.await.unwrap();
    }
}

#[test]
fn dropped_reads_lose_nothing_and_dropped_sends_arrive_once() {
    let Poll::Ready((near, far)) = poll_once(pair(5)) else { panic!() };
    let (mut reader, sender) = (connect(near, Mode::Strict), connect(far, Mode::Strict));
    let (mut given, mut dropped) = (vec![], 0);
    for number in 0..20 {
        let text = format!(r#"{{"command":"n","number":{number}}}"#);
        let _ = poll_once(sender.send(&message(&text)));
        loop {
            match poll_once(reader.read()) {
                Poll::Ready(read) => given.push(shown(&item(read).unwrap())["number"].as_u64().unwrap()),
                Poll::Pending => dropped += 1,
            }
            if poll_once(sender.sender().drain()).is_ready() {
                break;
            }
        }
    }
    while given.len() < 20 {
        if let Poll::Ready(read) = poll_once(reader.read()) {
            given.push(shown(&item(read).unwrap())["number"].as_u64().unwrap());
        }
    }
    assert_eq!(given, (0..20).collect::<Vec<_>>());
    assert!(dropped > 50, "{dropped}");
    assert!(matches!(poll_once(reader.read()), Poll::Pending));
    assert!(!matches!(poll_once(sender.sender().send(&Lobby::PING)), Poll::Ready(Err(_))));
}
