//! Lobby messages over streams: the same messages and errors arrive however the stream is split, a malformed
//! message loses only itself, dropped futures lose and duplicate nothing, and memory is bounded whatever a
//! peer sends.
#![cfg(all(feature = "faf", feature = "tokio"))]

mod lobby;
mod memory;
mod traffic;

use bytes::BytesMut;
use lobby::{FRAMINGS, MODES, frame, item, message, options, poll_once, shown, stream};
use lobbywire::faf::{
    Codec, Connection, Framing, LARGEST_FRAME, Message, Mode, Options, Reader, SendError, Sender, WriteError,
    client, qdatastream, server, simple_json,
};
use lobbywire::wire::ErrorKind;
use memory::{in_use, memory};
use serde_json::Value;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::net::{TcpListener, TcpStream};
use traffic::{Drip, Pieces};

const GOOD: &str = r#"{"command":"a"}"#;

/// What was read from a stream: each item as in the vectors, and the position of its end, or of its start if
/// malformed.
type Given = Vec<(Value, u64)>;

/// Reads a stream to its end, dropping every read that would wait.
fn read_all<R: tokio::io::AsyncRead + Unpin>(mut reader: Reader<R>) -> Given {
    let mut given = Vec::with_capacity(64);
    loop {
        match poll_once(reader.read()) {
            Poll::Pending => {}
            Poll::Ready(read) => {
                let Some(item) = item(read) else { break };
                let at = item.as_ref().map_or_else(|malformed| malformed.position, |_| reader.position());
                given.push((shown(&item), at));
            }
        }
    }
    assert!(matches!(poll_once(reader.read()), Poll::Ready(Ok(None))), "the end of the stream is repeated");
    given
}

fn read_pieces(bytes: &[u8], framing: Framing, options: Options, pieces: &Pieces) -> Given {
    let drip = Drip::new(bytes, pieces.clone()).waiting();
    read_all(Reader::new(drip, Codec::with_options(framing, options)))
}

/// The expected result for the vectors.
fn expected(items: &[(Value, u64, u64)]) -> Given {
    items
        .iter()
        .map(|(item, start, end)| {
            (item.clone(), if item.is_string() && is_error(item) { *start } else { *end })
        })
        .collect()
}

/// Whether a vector's text is an error, not a message that only Python parses.
fn is_error(item: &Value) -> bool {
    item.as_str().is_some_and(|text| !text.starts_with('{'))
}

#[test]
fn every_vector_arrives_for_any_split_and_any_dropped_reads() {
    for framing in FRAMINGS {
        for mode in MODES {
            let (bytes, items) = stream(framing, mode);
            for pieces in Pieces::ALL {
                let given = read_pieces(&bytes, framing, options(mode, LARGEST_FRAME), &pieces);
                assert_eq!(given, expected(&items), "{framing:?}, {mode:?}, {pieces:?}");
            }
        }
    }
}

#[test]
fn a_stream_may_be_split_anywhere() {
    for framing in FRAMINGS {
        for mode in MODES {
            let (bytes, items) = stream(framing, mode);
            for at in 0..=bytes.len() {
                let mut codec = Codec::with_options(framing, options(mode, LARGEST_FRAME));
                let (mut buffer, mut given) = (BytesMut::new(), vec![]);
                for piece in [&bytes[..at], &bytes[at..]] {
                    buffer.extend_from_slice(piece);
                    while let Some(item) = codec.next_message(&mut buffer) {
                        let at =
                            item.as_ref().map_or_else(|malformed| malformed.position, |_| codec.position());
                        given.push((shown(&item), at));
                    }
                }
                assert_eq!(given, expected(&items), "{framing:?}, {mode:?}, split at {at}");
                assert!(codec.is_between_messages(&buffer));
                assert!(codec.finish(&mut buffer).is_none());
                assert_eq!(codec.position(), bytes.len() as u64);
            }
        }
    }
}

#[test]
fn complete_messages_arrive_wherever_the_stream_ends() {
    for framing in FRAMINGS {
        for mode in MODES {
            let (bytes, items) = stream(framing, mode);
            for len in 0..=bytes.len() {
                let what = format!("{framing:?}, {mode:?}, {len} bytes");
                let given =
                    read_pieces(&bytes[..len], framing, options(mode, LARGEST_FRAME), &Pieces::Of(61));
                let whole: Vec<_> =
                    expected(&items[..items.iter().filter(|(.., end)| *end <= len as u64).count()]);
                let (before, last) = given.split_at(whole.len());
                assert_eq!(before, whole, "{what}");
                // Between messages the streams contain nothing but lines that are empty in the lenient mode.
                let start = stream_start(framing, mode, len);
                let left = &bytes[start..len];
                match (framing, mode, last) {
                    (_, _, []) if left.is_empty() => {}
                    // The server treats it as a clean end.
                    (Framing::QDataStream, Mode::Lenient, []) if left.len() == 4 => {}
                    (Framing::SimpleJson, Mode::Lenient, last) => {
                        let read = simple_json::read(left, mode, &mut [0; 1024]).map(|read| read.is_some());
                        assert_eq!(last.len(), usize::from(read != Ok(false)), "{what}");
                        let is_malformed = last.iter().any(|(item, _)| is_error(item));
                        assert_eq!(is_malformed, read.is_err(), "{what}");
                        let at = if is_malformed { start } else { len };
                        assert!(last.iter().all(|(_, position)| *position == at as u64), "{what}");
                    }
                    (_, _, [(item, at)]) => {
                        assert_eq!((item.as_str(), *at), (Some("incomplete@0"), start as u64), "{what}");
                    }
                    other => panic!("{what}: {other:?}"),
                }
            }
        }
    }
}

/// The start of the last vector that is partly contained in a stream of this length.
fn stream_start(framing: Framing, mode: Mode, len: usize) -> usize {
    let mut start = 0;
    for vector in lobby::vectors(lobby::name(framing)) {
        let is_whole = framing == Framing::QDataStream || vector.bytes.ends_with(b"\n");
        if !is_whole || *vector.read(mode) == "incomplete@0" {
            continue;
        }
        if start + vector.bytes.len() > len {
            break;
        }
        start += vector.bytes.len();
    }
    start
}

#[test]
fn truncated_vectors_are_reported_last() {
    for (name, framing, strict, lenient) in [
        ("X12", Framing::QDataStream, "incomplete@0", Some("incomplete@0")),
        ("X13", Framing::QDataStream, "incomplete@0", Some("incomplete@0")),
        ("X22", Framing::SimpleJson, "incomplete@0", None),
    ] {
        let vectors = lobby::vectors(lobby::name(framing));
        let vector = vectors.iter().find(|vector| vector.name == name).unwrap();
        let bytes = [&frame(framing, GOOD)[..], &vector.bytes].concat();
        let start = bytes.len() - vector.bytes.len();
        for pieces in Pieces::ALL {
            let given = read_pieces(&bytes, framing, options(Mode::Strict, 1 << 10), &pieces);
            assert_eq!(given[1..], [(strict.into(), start as u64)], "{name}, {pieces:?}");
            let given = read_pieces(&bytes, framing, options(Mode::Lenient, 1 << 10), &pieces);
            let last = lenient.map_or_else(
                || (vector.read(Mode::Lenient).clone(), bytes.len() as u64),
                |error| (error.into(), start as u64),
            );
            assert_eq!(given[1..], [last], "{name}, {pieces:?}");
        }
    }
}

#[tokio::test]
async fn vectors_arrive_over_small_pipes_and_over_tcp_in_either_direction() {
    for framing in FRAMINGS {
        for mode in MODES {
            let (bytes, items) = stream(framing, mode);
            let options = options(mode, LARGEST_FRAME);
            for room in [1, 3, 64] {
                let (near, mut far) = duplex(room);
                let bytes = bytes.clone();
                let peer = tokio::spawn(async move { far.write_all(&bytes).await });
                let mut connection = Connection::with_options(near, framing, options);
                for (expected, ..) in &items {
                    assert_eq!(shown(&item(connection.read().await).unwrap()), *expected, "{framing:?}");
                }
                assert!(connection.read().await.unwrap().is_none());
                peer.await.unwrap().unwrap();
            }
            for piece in [1, 7, 100_000] {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let address = listener.local_addr().unwrap();
                let (accepted, connected) = tokio::join!(listener.accept(), TcpStream::connect(address));
                let (near, mut far) = match piece {
                    1 => (connected.unwrap(), accepted.unwrap().0),
                    _ => (accepted.unwrap().0, connected.unwrap()),
                };
                far.set_nodelay(true).unwrap();
                let bytes = bytes.clone();
                let peer = tokio::spawn(async move {
                    for piece in bytes.chunks(piece) {
                        far.write_all(piece).await.unwrap();
                    }
                });
                let mut connection = Connection::with_options(near, framing, options);
                for (expected, ..) in &items {
                    assert_eq!(shown(&item(connection.read().await).unwrap()), *expected, "{framing:?}");
                }
                assert!(connection.read().await.unwrap().is_none());
                peer.await.unwrap();
            }
        }
    }
}

#[test]
fn a_malformed_message_loses_only_itself_whichever_byte_is_malformed() {
    let text = r#"{"command":"ab","x":["\u00e9",-1.5e3,null,{"y":true}]}"#;
    for framing in FRAMINGS {
        let (good, middle) = (frame(framing, GOOD), frame(framing, text));
        // Skip the length field and the line feed, which are the framing itself.
        let body = match framing {
            Framing::QDataStream => 4..middle.len(),
            Framing::SimpleJson => 0..middle.len() - 1,
        };
        let mut damages = 0;
        for at in body {
            for flip in [0x01, 0x02, 0x20, 0x80, 0xff, middle[at]] {
                let mut malformed = middle.clone();
                malformed[at] ^= flip;
                if framing == Framing::SimpleJson && malformed[at] == b'\n' {
                    continue;
                }
                let bytes = [&good[..], &malformed, &good].concat();
                for mode in MODES {
                    let what = format!("{framing:?}, {mode:?}, byte {at} with {flip:#x}");
                    let given = read_pieces(&bytes, framing, options(mode, 1 << 10), &Pieces::UpTo(90));
                    let [(first, _), (middle, position), (last, _)] = &given[..] else {
                        panic!("{what}: {given:?}");
                    };
                    assert_eq!((&first["command"], &last["command"]), (&"a".into(), &"a".into()), "{what}");
                    if is_error(middle) {
                        damages += 1;
                        assert_eq!(*position, good.len() as u64, "{what}");
                    }
                }
            }
        }
        assert!(damages > 300, "{damages}");
    }
}

/// A message whose frame has this size, without its length field or line feed.
fn frame_of(framing: Framing, len: usize) -> Vec<u8> {
    let len = match framing {
        Framing::QDataStream => (len - 4) / 2,
        Framing::SimpleJson => len,
    };
    let start = r#"{"command":"a","x":""#;
    frame(framing, &format!("{start}{}\"}}", "x".repeat(len - start.len() - 2)))
}

#[test]
fn messages_at_the_limit_are_read_and_larger_ones_skipped() {
    let error = |framing| match framing {
        Framing::QDataStream => "frame_too_large@0",
        Framing::SimpleJson => "frame_too_large@0",
    };
    for framing in FRAMINGS {
        let good = frame(framing, GOOD);
        // The size of a block is even.
        let step = if framing == Framing::QDataStream { 2 } else { 1 };
        for limit in [64, 100, 5000] {
            for (len, is_read) in [(limit, true), (limit + step, false), (3 * limit, false)] {
                let bytes = [&good[..], &frame_of(framing, len), &good].concat();
                for mode in MODES {
                    for pieces in Pieces::ALL {
                        let what = format!("{framing:?}, {len} of {limit}, {pieces:?}");
                        let given = read_pieces(&bytes, framing, options(mode, limit), &pieces);
                        assert_eq!(given.len(), 3, "{what}: {given:?}");
                        assert_eq!(given[1].0["command"] == "a", is_read, "{what}");
                        if !is_read {
                            assert_eq!(given[1], (error(framing).into(), good.len() as u64), "{what}");
                        }
                        assert_eq!(given[2].1, bytes.len() as u64, "{what}");
                    }
                }
            }
        }
        // At the server's own limit.
        for (len, is_read) in [(10_485_760, true), (10_485_760 + step, false)] {
            let bytes = [&frame_of(framing, len)[..], &good].concat();
            let (peak, given) = memory(|| {
                let reader = Reader::new(&bytes[..], Codec::new(framing));
                read_all(reader).into_iter().map(|(item, _)| item["command"] == "a").collect::<Vec<_>>()
            });
            assert_eq!(given, [is_read, true], "{framing:?}, {len}");
            assert!(peak < 8 * len, "{framing:?}: {peak} bytes for {len}");
        }
    }
}

#[test]
fn a_block_of_4_gib_is_refused_at_once_and_not_buffered() {
    let claim = [&b"\xff\xff\xff\xff"[..], &[7; 1 << 18]].concat();
    let mut codec = Codec::new(Framing::QDataStream);
    let refused = codec.next_message(&mut BytesMut::from(&claim[..4])).unwrap().unwrap_err();
    assert_eq!((refused.error.kind, refused.position), (ErrorKind::FrameTooLarge.into(), 0));
    for pieces in Pieces::ALL {
        let reader = Reader::new(Drip::new(&claim, pieces.clone()), Codec::new(Framing::QDataStream));
        let (peak, given) = memory(|| read_all(reader));
        assert_eq!(given, [("frame_too_large@0".into(), 0)]);
        assert!(peak < 1 << 15, "{peak} bytes, {pieces:?}");
    }
    // A line without an end claims no length, but has the same limit.
    let line = [&vec![b'x'; 1 << 20][..], b"\n", &frame(Framing::SimpleJson, GOOD)].concat();
    for pieces in Pieces::ALL {
        let codec = Codec::with_options(Framing::SimpleJson, options(Mode::Strict, 1 << 12));
        let reader = Reader::new(Drip::new(&line, pieces.clone()), codec);
        let (peak, given) = memory(|| read_all(reader));
        assert_eq!(given[0], ("frame_too_large@0".into(), 0));
        assert_eq!((given.len(), given[1].1), (2, line.len() as u64));
        assert!(peak < 1 << 15, "{peak} bytes, {pieces:?}");
    }
}

#[test]
fn a_block_of_many_strings_is_read_in_linear_time() {
    // Each of them makes the server restart its list. A reader that searches the list each time takes minutes.
    let first = r#"{"command":"a","x":1}"#;
    for (again, last) in [
        (r#"{"legacy":[]}"#, r#"["y"]"#),
        (r#"[["legacy",["z"]],7]"#, r#"["z","[[\"legacy\",[\"z\"]],7]","y"]"#),
    ] {
        let strings =
            [first].into_iter().chain(std::iter::repeat_n(["x", again], 100_000).flatten()).chain(["y"]);
        let mut block = vec![0; 4];
        for string in strings {
            let units: Vec<u8> = string.encode_utf16().flat_map(u16::to_be_bytes).collect();
            block.extend((units.len() as u32).to_be_bytes());
            block.extend(units);
        }
        let len = u32::try_from(block.len() - 4).unwrap();
        block[..4].copy_from_slice(&len.to_be_bytes());
        let mut codec = Codec::with_options(Framing::QDataStream, options(Mode::Lenient, LARGEST_FRAME));
        let read = codec.next_message(&mut BytesMut::from(&block[..])).unwrap().unwrap();
        assert_eq!(read.message().get("legacy").unwrap().text(), last);
        assert_eq!(read.json().text(), format!(r#"{{"command":"a","x":1,"legacy":{last}}}"#));
    }
}

#[tokio::test]
async fn a_read_that_loses_a_select_loses_no_bytes() {
    for framing in FRAMINGS {
        let (near, far) = duplex(3);
        let mut connection = Connection::new(near, framing);
        let sender = Connection::new(far, framing);
        let peer = tokio::spawn(async move {
            for number in 0..50 {
                let text = format!(r#"{{"command":"n","number":{number}}}"#);
                sender.send(&message(&text)).await.unwrap();
            }
            sender.close().await;
        });
        let (mut numbers, mut lost) = (vec![], 0);
        loop {
            tokio::select! {
                biased;
                item = connection.read() => match item.unwrap() {
                    Some(item) => numbers.push(shown(&Ok(item))["number"].as_u64().unwrap()),
                    None => break,
                },
                () = tokio::task::yield_now() => lost += 1,
            }
        }
        peer.await.unwrap();
        assert_eq!(numbers, (0..50).collect::<Vec<_>>(), "{framing:?}");
        assert!(lost > 50, "{lost}");
    }
}

#[test]
fn messages_of_dropped_sends_arrive_once_and_in_order() {
    for framing in FRAMINGS {
        for pieces in [Pieces::Of(1), Pieces::UpTo(30)] {
            for patience in [0, 1, 5] {
                let mut drip = Drip::new(&[], pieces.clone()).waiting();
                let sender = Sender::new(&mut drip, Codec::new(framing));
                let mut all = vec![];
                for number in 0..30 {
                    let texts = [0, 1].map(|half| format!(r#"{{"command":"n","number":{number}.{half}}}"#));
                    texts.iter().for_each(|text| all.extend(frame(framing, text)));
                    // The first poll appends them to the send buffer; later polls are dropped while sending.
                    let _ = poll_once(sender.send(&message(&texts[0])));
                    let _ = poll_once(sender.send_all([message(&texts[1])]));
                    for _ in 0..patience {
                        let _ = poll_once(sender.drain());
                    }
                }
                while poll_once(sender.drain()).is_pending() {}
                assert!(sender.is_connected());
                drop(sender);
                assert_eq!(drip.taken, all, "{framing:?}, {pieces:?}, {patience}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_senders_keep_their_order_and_batches_stay_together() {
    const TASKS: u64 = 8;
    const ROUNDS: u64 = 40;
    const BATCH: u64 = 3;
    for framing in FRAMINGS {
        for room in [7, 1 << 12] {
            let (near, far) = duplex(room);
            let mut reader = Connection::new(near, framing);
            let sender = Connection::new(far, framing).split().1;
            let tasks: Vec<_> = (0..TASKS)
                .map(|task| {
                    let sender = sender.clone();
                    tokio::spawn(async move {
                        let text = |number| format!(r#"{{"command":"n","task":{task},"number":{number}}}"#);
                        for round in 0..ROUNDS {
                            let number = round * (BATCH + 1);
                            sender.send(&message(&text(number))).await.unwrap();
                            let batch: Vec<_> = (1..=BATCH).map(|part| text(number + part)).collect();
                            sender.send_all(batch.iter().map(|text| message(text))).await.unwrap();
                        }
                    })
                })
                .collect();
            let closer = tokio::spawn(async move {
                for task in tasks {
                    task.await.unwrap();
                }
                sender.close().await;
            });
            let mut given = vec![];
            while let Some(read) = item(reader.read().await) {
                let item = shown(&read);
                given.push((item["task"].as_u64().unwrap(), item["number"].as_u64().unwrap()));
            }
            closer.await.unwrap();
            for task in 0..TASKS {
                let numbers: Vec<_> =
                    given.iter().filter(|(from, _)| *from == task).map(|(_, n)| *n).collect();
                assert_eq!(
                    numbers,
                    (0..ROUNDS * (BATCH + 1)).collect::<Vec<_>>(),
                    "{framing:?}, task {task}"
                );
            }
            for (at, (task, number)) in given.iter().enumerate() {
                let part = number % (BATCH + 1);
                if part > 1 {
                    assert_eq!(given[at - 1], (*task, number - 1), "{framing:?}: a batch must stay together");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_batch_with_a_message_that_cannot_be_encoded_is_not_sent() {
    let mut drip = Drip::new(&[], Pieces::Of(usize::MAX));
    let sender = Sender::new(&mut drip, Codec::new(Framing::QDataStream));
    let loud = r#"{"command":"ping","now":1}"#;
    let sent = sender.send_all([Message::PONG, message(loud), Message::PONG]).await;
    assert!(matches!(sent, Err(SendError::Write(WriteError::ExtraKeys))), "{sent:?}");
    assert!(matches!(sender.send(&message(loud)).await, Err(SendError::Write(WriteError::ExtraKeys))));
    // Earlier messages in the send buffer are kept.
    sender.write(&Message::PING).unwrap();
    assert!(sender.send_all([Message::PONG, message(loud)]).await.is_err());
    assert!(sender.is_connected());
    sender.send_all([Message::PONG, message(GOOD)]).await.unwrap();
    drop(sender);
    let all = [
        &b"\0\0\0\x0c\0\0\0\x08\0P\0I\0N\0G\0\0\0\x0c\0\0\0\x08\0P\0O\0N\0G"[..],
        &frame(Framing::QDataStream, GOOD),
    ];
    assert_eq!((drip.taken, drip.writes), (all.concat(), 1));
    // The lenient mode drops the other members, as the server does.
    let mut drip = Drip::new(&[], Pieces::Of(usize::MAX));
    let codec = Codec::with_options(Framing::QDataStream, options(Mode::Lenient, 100));
    Sender::new(&mut drip, codec).send(&message(loud)).await.unwrap();
    assert_eq!(drip.taken, b"\0\0\0\x0c\0\0\0\x08\0P\0I\0N\0G");
}

#[test]
fn the_send_buffer_is_bounded_for_a_peer_that_does_not_read() {
    for framing in FRAMINGS {
        let len = frame(framing, GOOD).len();
        let mut options = Options::default();
        options.write_buffer = 10 * len + 1;
        let (near, _far) = duplex(8);
        let connection = Connection::with_options(near, framing, options);
        let sender = connection.sender();
        // Being sent; the same amount fits into the send buffer after it.
        let mut sent = 0;
        while !matches!(poll_once(sender.send(&message(GOOD))), Poll::Ready(Err(_))) {
            sent += 1;
            assert!(sent < 100, "{framing:?}");
        }
        assert!((10..=21).contains(&sent), "{framing:?}: {sent}");
        assert!(matches!(sender.write(&message(GOOD)), Err(SendError::Write(WriteError::Full))));
        let batch = sender.send_all([message(GOOD)]);
        assert!(matches!(poll_once(batch), Poll::Ready(Err(SendError::Write(WriteError::Full)))));
        assert!(sender.is_connected());
    }
}

#[tokio::test]
async fn senders_report_a_lost_connection_once_and_are_then_disconnected() {
    for framing in FRAMINGS {
        let (near, far) = duplex(64);
        let connection = Connection::new(near, framing);
        let other = connection.sender();
        assert!(connection.is_connected() && other.is_connected());
        drop(far);
        assert!(connection.is_connected(), "nothing has been sent yet");
        assert!(matches!(connection.send(&message(GOOD)).await, Err(SendError::Io(_))));
        assert!(!connection.is_connected() && !other.is_connected());
        assert!(matches!(other.send(&message(GOOD)).await, Err(SendError::Disconnected)));
        assert!(matches!(other.write(&message(GOOD)), Err(SendError::Disconnected)));
        assert!(matches!(other.send_all([message(GOOD)]).await, Err(SendError::Disconnected)));
        assert!(matches!(other.drain().await, Err(SendError::Disconnected)));
        connection.close().await;
        other.close().await;

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connect = TcpStream::connect(listener.local_addr().unwrap());
        let (accepted, connected) = tokio::join!(listener.accept(), connect);
        let connection = Connection::new(accepted.unwrap().0, framing);
        drop(connected.unwrap());
        // The network's buffers may take the first messages.
        let failed = loop {
            if let Err(error) = connection.send(&message(GOOD)).await {
                break error;
            }
            tokio::task::yield_now().await;
        };
        assert!(matches!(failed, SendError::Io(_)), "{failed:?}");
        assert!(!connection.is_connected());
        assert!(matches!(connection.send(&message(GOOD)).await, Err(SendError::Disconnected)));
        connection.close().await;
    }
}

#[tokio::test]
async fn closing_sends_the_send_buffer_and_never_fails() {
    for framing in FRAMINGS {
        let (near, mut far) = duplex(8);
        let connection = Connection::new(near, framing);
        let (sender, other) = (connection.sender(), connection.sender());
        sender.write(&message(GOOD)).unwrap();
        sender.write(&message(GOOD)).unwrap();
        let mut received = vec![];
        let (..) = tokio::join!(connection.close(), other.close(), far.read_to_end(&mut received));
        assert_eq!(received, frame(framing, GOOD).repeat(2), "{framing:?}");
        assert!(!connection.is_connected());
        connection.close().await;
        assert!(matches!(sender.send(&message(GOOD)).await, Err(SendError::Disconnected)));
        drop(far);
        connection.close().await;
        sender.abort().await;
    }
}

#[test]
fn a_dropped_close_continues_when_called_again() {
    for framing in FRAMINGS {
        let mut drip = Drip::new(&[], Pieces::Of(1)).waiting();
        let sender = Sender::new(&mut drip, Codec::new(framing));
        sender.write(&message(GOOD)).unwrap();
        sender.write(&message(GOOD)).unwrap();
        for _ in 0..5 {
            assert!(poll_once(sender.close()).is_pending());
            assert!(!sender.is_connected());
        }
        while poll_once(sender.close()).is_pending() {}
        drop(sender);
        assert_eq!(drip.taken, frame(framing, GOOD).repeat(2), "{framing:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn closing_while_others_send_leaves_whole_messages_and_reports_later_ones() {
    for framing in FRAMINGS {
        for _ in 0..50 {
            let (near, far) = duplex(100);
            let sender = Connection::new(near, framing).split().1;
            let tasks: Vec<_> = (0..4)
                .map(|_| {
                    let sender = sender.clone();
                    tokio::spawn(async move {
                        let mut sent = 0;
                        loop {
                            match sender.send(&message(GOOD)).await {
                                Ok(()) => sent += 1,
                                Err(SendError::Disconnected) => break sent,
                                Err(other) => panic!("{other}"),
                            }
                        }
                    })
                })
                .collect();
            let closer = tokio::spawn(async move {
                tokio::task::yield_now().await;
                sender.close().await;
            });
            let mut reader = Connection::new(far, framing);
            let mut arrived = 0;
            while let Some(item) = reader.read().await.unwrap() {
                assert_eq!(item.text(), GOOD);
                arrived += 1;
            }
            closer.await.unwrap();
            let mut sent = 0;
            for task in tasks {
                sent += task.await.unwrap();
            }
            // One message of each task may have been sent with the last ones, although its task was
            // disconnected.
            assert!((sent..=sent + 4).contains(&arrived), "{framing:?}: {sent} were sent, {arrived} arrived");
        }
    }
}

/// A waker that records whether it was woken.
#[derive(Default)]
struct Woken(std::sync::atomic::AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, std::sync::atomic::Ordering::Release);
    }
}

#[test]
fn aborting_ends_sends_that_are_blocked_by_a_peer_that_does_not_read() {
    for framing in FRAMINGS {
        let (near, mut far) = duplex(8);
        let sender = Connection::new(near, framing).split().1;
        let (aborter, text) = (sender.clone(), message(GOOD));
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut sending = pin!(sender.send(&text));
        assert!(sending.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        let mut aborting = pin!(aborter.abort());
        let mut closing = pin!(aborter.close());
        assert!(closing.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        let _ = aborting.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(
            woken.0.load(std::sync::atomic::Ordering::Acquire),
            "{framing:?}: the blocked send must be woken"
        );
        let sent = sending.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(matches!(sent, Poll::Ready(Err(SendError::Disconnected))), "{sent:?}");
        while closing.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {}
        assert!(aborting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
        // Only what had been sent before arrives.
        let mut rest = vec![];
        assert!(poll_once(far.read_to_end(&mut rest)).is_ready());
        assert_eq!(rest, frame(framing, GOOD)[..8], "{framing:?}");
    }
}

#[test]
fn silent_peers_and_large_claimed_lengths_cost_little_memory() {
    let half = |framing| match framing {
        Framing::QDataStream => [&(LARGEST_FRAME as u32).to_be_bytes()[..], b"\0\x9f"].concat(),
        Framing::SimpleJson => b"{\"command".to_vec(),
    };
    for framing in FRAMINGS {
        for bytes in [vec![], half(framing)] {
            let (peak, connections) = memory(|| {
                let mut connections = Vec::new();
                for _ in 0..100 {
                    let (near, mut far) = duplex(64);
                    let mut connection = Connection::new(near, framing);
                    for byte in bytes.chunks(1) {
                        assert!(poll_once(far.write_all(byte)).is_ready());
                        assert!(poll_once(connection.read()).is_pending());
                    }
                    assert!(poll_once(connection.read()).is_pending());
                    connections.push((connection, far));
                }
                connections
            });
            assert!(peak / connections.len() < 8 << 10, "{framing:?}: {peak} for {}", connections.len());
        }
    }
}

#[test]
fn a_message_in_small_pieces_costs_a_few_times_its_received_bytes() {
    for framing in FRAMINGS {
        let bytes = frame_of(framing, 100_000);
        let (near, mut far) = duplex(64);
        let mut connection = Connection::new(near, framing);
        let mut received = 0;
        let ((), peaks) = (
            (),
            bytes[..bytes.len() - 1]
                .chunks(50)
                .map(|piece| {
                    received += piece.len();
                    let (peak, ()) = memory(|| {
                        assert!(poll_once(far.write_all(piece)).is_ready());
                        assert!(poll_once(connection.read()).is_pending());
                    });
                    (received, peak)
                })
                .collect::<Vec<_>>(),
        );
        assert!(peaks.iter().all(|(received, peak)| *peak < 3 * received + (16 << 10)), "{framing:?}");
        assert!(poll_once(far.write_all(&bytes[bytes.len() - 1..])).is_ready());
        assert!(matches!(poll_once(connection.read()), Poll::Ready(Ok(Some(_)))));
    }
}

#[test]
fn connections_release_memory_after_a_large_message() {
    for framing in FRAMINGS {
        for mode in MODES {
            let codec = Codec::with_options(framing, options(mode, LARGEST_FRAME));
            let bytes = [frame_of(framing, 1 << 20), frame(framing, GOOD), b"\0".to_vec()].concat();
            let before = in_use();
            let mut reader = Reader::new(Drip::new(&bytes, Pieces::Of(usize::MAX)).waiting(), codec.clone());
            // Exclude the memory of the stream itself.
            let stream = in_use() - before;
            for _ in 0..2 {
                let Some(Poll::Ready(Ok(Some(_)))) =
                    std::iter::repeat_with(|| poll_once(reader.read())).find(Poll::is_ready)
                else {
                    panic!("{framing:?}");
                };
            }
            // An incomplete next message does not keep the memory either.
            assert!(poll_once(reader.read()).is_pending());
            let kept = (in_use() - before).saturating_sub(stream);
            assert!(kept < 200 << 10, "{framing:?}, {mode:?}: {kept}");

            let text = format!(r#"{{"command":"a","x":"{}"}}"#, "x".repeat(1 << 20));
            let before = in_use();
            let sender = Sender::new(tokio::io::sink(), codec);
            assert!(poll_once(sender.send(&message(&text))).is_ready());
            assert!(poll_once(sender.send(&message(GOOD))).is_ready());
            let kept = in_use() - before;
            assert!(kept < 200 << 10, "{framing:?}, {mode:?}: {kept}");
        }
    }
}

#[tokio::test]
async fn typed_and_untyped_messages_have_the_same_encoding() {
    for framing in FRAMINGS {
        let (near, far) = duplex(1 << 10);
        let (mut near, far) = (Connection::new(near, framing), Connection::new(far, framing));
        let text = r#"{"command":"ask_session","user_agent":"me","version":"1.0"}"#;
        let typed = client::AskSession {
            user_agent: Some("me".into()),
            version: Some("1.0".into()),
            ..Default::default()
        };
        far.send(&typed).await.unwrap();
        far.send(&client::Message::from(typed.clone())).await.unwrap();
        far.send(&message(text)).await.unwrap();
        far.send(&client::Ping::default()).await.unwrap();
        far.close().await;
        for _ in 0..3 {
            let received = near.read().await.unwrap().unwrap();
            assert_eq!(received.text(), text);
            assert_eq!(received.client().unwrap(), typed.clone().into());
        }
        assert_eq!(near.read().await.unwrap().unwrap().text(), r#"{"command":"ping"}"#);
        assert!(near.read().await.unwrap().is_none());
    }
    // The keywords are the server's, as in the vectors.
    let mut scratch = [0; 64];
    let read = qdatastream::read(&frame(Framing::QDataStream, "PONG"), Mode::Strict, &mut scratch).unwrap();
    assert_eq!(read.message, Message::PONG);
}

#[test]
fn writing_to_a_full_buffer_leaves_it_unchanged() {
    for framing in FRAMINGS {
        // One call, and more than the first attempt reserves.
        for len in [0, 100, 500, 5_000, 50_000] {
            let notice =
                server::Notice { style: "x".to_owned(), text: Some("a".repeat(len)), ..Default::default() };
            let mut whole = BytesMut::from("before");
            Codec::new(framing).write(&notice, &mut whole).unwrap();
            let mut read = whole.split_off(6);
            let frame = read.clone();
            let received = Codec::new(framing).next_message(&mut read).unwrap().unwrap();
            assert_eq!(received.server().unwrap(), server::Message::from(notice.clone()));

            let mut options = Options::default();
            for (room, is_enough) in [(0, false), (frame.len() - 1, false), (frame.len(), true)] {
                options.write_buffer = 6 + room;
                let mut out = BytesMut::from("before");
                let done = Codec::with_options(framing, options).write(&notice, &mut out);
                let expected = if is_enough { Ok(()) } else { Err(WriteError::Full) };
                assert_eq!(done, expected, "{framing:?}, {len} characters, capacity {room}");
                assert_eq!(out[..6], b"before"[..]);
                assert_eq!(&out[6..], if is_enough { &frame[..] } else { &[][..] });
            }
        }
    }
}
