//! Every way to read a stream yields the same packets for any split and loses none when a read is cancelled. Every
//! way to write sends the same bytes.
#![cfg(feature = "tokio")]

mod traffic;

use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use lobbywire::bancho::{
    Codec, Connection, FrameError, Options, Outbox, ReadError, Received, SendError, Side, Version,
    WriteError, blocking, client, server,
};
use lobbywire::wire::ErrorKind;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use tokio::io::{AsyncWriteExt, duplex};
use tokio_util::codec::{Framed, FramedRead};
use traffic::{Drip, Expected, Pieces, Session, captures, sessions};

/// Compares the received frames with those of the whole session.
fn expect(session: &Session, how: &str, pieces: &Pieces, given: Vec<Received>) {
    let same =
        given.windows(2).all(|two| two[0].position() + two[0].frame().len() as u64 == two[1].position());
    assert!(same, "{how}, {pieces:?}: positions in {}", session.name);
    let given: Vec<Expected> = given.into_iter().map(Expected::from).collect();
    assert_eq!(given, session.frames(), "{how}, {pieces:?}: {}", session.name);
}

/// Polls a future once, and drops it.
fn poll_once<T>(future: impl Future<Output = T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Options with which a reader also yields between packets.
fn yielding(side: Side) -> Options {
    let mut options = Options::reading(side);
    options.packets_per_read = 2;
    options
}

#[test]
fn a_codec_returns_the_packets_of_the_whole_for_any_pieces() {
    for session in sessions() {
        for pieces in Pieces::ALL {
            let mut codec = Codec::reading(session.side, session.version);
            let (mut drip, mut buffer, mut given) =
                (Drip::new(&session.bytes, pieces.clone()), BytesMut::new(), vec![]);
            let mut piece = vec![0; 1 << 16];
            loop {
                let count = io::Read::read(&mut drip, &mut piece).unwrap();
                buffer.extend_from_slice(&piece[..count]);
                while let Some(received) = codec.next_packet(&mut buffer) {
                    given.push(received.unwrap());
                }
                if count == 0 {
                    break;
                }
            }
            assert!(codec.is_between_frames(&buffer));
            assert_eq!(codec.position(), session.bytes.len() as u64);
            expect(&session, "codec", &pieces, given);
        }
    }
}

/// The frames of all batches, the rejected frames, and the final position.
async fn in_batches(stream: Drip, codec: Codec) -> (Vec<Vec<u8>>, Vec<(ErrorKind, u64)>, u64) {
    let (mut frames, mut rejected, mut position) = (vec![], vec![], 0);
    let mut framed = Framed::new(stream, codec.in_batches());
    while let Some(item) = framed.next().await {
        match item.unwrap() {
            Ok(batch) => {
                assert!(batch.position() >= position);
                position = batch.position() + batch.bytes().len() as u64;
                let before = frames.len();
                frames.extend(batch.frames().map(|frame| frame.bytes.to_vec()));
                assert_eq!(frames[before..].concat(), *batch.bytes());
            }
            Err(error) => rejected.push((error.kind(), error.position())),
        }
    }
    let end = framed.codec_mut().codec_mut().position();
    (frames, rejected, end)
}

#[tokio::test]
async fn batches_contain_the_frames_of_the_whole_for_any_pieces() {
    for session in sessions() {
        let expected: Vec<_> = session.frames().into_iter().map(|frame| frame.frame).collect();
        for pieces in Pieces::ALL {
            let drip = Drip::new(&session.bytes, pieces.clone()).waiting();
            let (frames, rejected, end) =
                in_batches(drip, Codec::reading(session.side, session.version)).await;
            assert_eq!(frames, expected, "{pieces:?}: {}", session.name);
            assert_eq!((rejected, end), (vec![], session.bytes.len() as u64));
        }
    }
}

#[tokio::test]
async fn a_rejected_frame_separates_two_batches() {
    let (ping, large) = (b"\x08\0\0\0\0\0\0", b"\x18\0\0\x09\0\0\0\x0b\x07too big");
    let bytes = [&ping[..], ping, large, ping].concat();
    let mut options = Options::client();
    options.limits.payload = 8;
    for pieces in Pieces::ALL {
        let codec = Codec::client(Version::LATEST).with_options(options);
        let (frames, rejected, end) = in_batches(Drip::new(&bytes, pieces), codec).await;
        assert_eq!(frames, [ping; 3]);
        assert_eq!((rejected, end), (vec![(ErrorKind::FrameTooLarge, 14)], bytes.len() as u64));
    }
    // The end of the stream inside a frame is an error.
    let mut framed = FramedRead::new(&large[..9], Codec::client(Version::LATEST).in_batches());
    assert_eq!(framed.next().await.unwrap().unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn connections_and_framed_streams_return_the_packets_of_the_whole_for_any_pieces() {
    for session in sessions() {
        for pieces in Pieces::ALL {
            let drip = || Drip::new(&session.bytes, pieces.clone()).waiting();
            let mut connection = Connection::reading(session.side, drip(), session.version);
            let mut given = vec![];
            while let Some(received) = connection.read().await.unwrap() {
                given.push(received);
            }
            expect(&session, "connection", &pieces, given);

            let mut framed = Framed::new(drip(), Codec::reading(session.side, session.version));
            let mut given = vec![];
            while let Some(received) = framed.next().await {
                given.push(received.unwrap().unwrap());
            }
            expect(&session, "framed", &pieces, given);
        }
    }
}

#[test]
fn blocking_connections_return_the_packets_of_the_whole_for_any_pieces_and_timeouts() {
    for session in sessions() {
        for pieces in Pieces::ALL {
            let drip = Drip::new(&session.bytes, pieces.clone()).waiting();
            let mut connection = blocking::Connection::reading(session.side, drip, session.version);
            let mut given = vec![];
            loop {
                match connection.read() {
                    Ok(Some(received)) => given.push(received),
                    Ok(None) => break,
                    Err(error) => {
                        assert_eq!(error.malformed().unwrap_err().kind(), io::ErrorKind::WouldBlock);
                    }
                }
            }
            expect(&session, "blocking", &pieces, given);
        }
    }
}

#[test]
fn a_read_cancelled_at_every_await_loses_no_bytes() {
    let mut between_packets = 0;
    for session in sessions() {
        for pieces in [Pieces::Of(1), Pieces::Of(7), Pieces::UpTo(3000)] {
            let drip = Drip::new(&session.bytes, pieces.clone()).waiting();
            let mut connection =
                Connection::reading(session.side, drip, session.version).with_options(yielding(session.side));
            let (mut given, mut dropped) = (vec![], 0);
            loop {
                match poll_once(connection.read()) {
                    Poll::Pending => dropped += 1,
                    Poll::Ready(Ok(Some(received))) => given.push(received),
                    Poll::Ready(Ok(None)) => break,
                    Poll::Ready(Err(error)) => panic!("{error}"),
                }
            }
            between_packets += dropped - connection.stream().waited;
            expect(&session, "dropped", &pieces, given);
        }
    }
    assert!(between_packets > 500, "reads are also cancelled between packets");
}

#[test]
fn a_flush_cancelled_at_every_await_sends_each_byte_once() {
    for pieces in [Pieces::Of(1), Pieces::UpTo(100)] {
        let version = Version::from_build(20140127);
        let mut connection = Connection::server(Drip::new(&[], pieces.clone()).waiting(), version);
        let mut blocking = blocking::Connection::server(Drip::new(&[], pieces.clone()).waiting(), version);
        let mut all = Outbox::new(version);
        for round in 0..20 {
            let text = format!("line {round}");
            let line = server::Message::new("BanchoBot", &text, "#osu");
            all.write(&line).unwrap();
            connection.write(&line).unwrap();
            blocking.write(&line).unwrap();
            while poll_once(connection.flush()).is_pending() {}
            while let Err(error) = blocking.flush() {
                assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
            }
        }
        assert_eq!(connection.stream().taken, all.waiting());
        assert_eq!(blocking.stream().taken, all.waiting());
    }
}

#[tokio::test]
async fn buffered_packets_are_sent_together() {
    let version = Version::from_build(20140127);
    let mut connection = Connection::server(Drip::new(&[], Pieces::Of(usize::MAX)), version);
    let mut blocking = blocking::Connection::server(Drip::new(&[], Pieces::Of(usize::MAX)), version);
    for _ in 0..99 {
        assert_eq!(connection.write(&server::Ping), Ok(1));
        assert_eq!(blocking.write(&server::Ping), Ok(1));
    }
    assert_eq!(connection.stream().writes + blocking.stream().writes, 0);
    assert_eq!(connection.send(&server::Ping).await.unwrap(), 1);
    assert_eq!(blocking.send(&server::Ping).unwrap(), 1);
    assert_eq!((connection.stream().writes, connection.stream().taken.len()), (1, 700));
    assert_eq!((blocking.stream().writes, blocking.stream().taken.len()), (1, 700));
    // A packet that the version does not have is no frame.
    let mut old = Connection::server(Drip::new(&[], Pieces::Of(1)), Version::OLDEST);
    assert_eq!(old.send(&server::ChannelJoinSuccess("#osu")).await.unwrap(), 0);
}

#[tokio::test]
async fn captures_are_forwarded_unchanged_and_can_be_encoded_again() {
    for session in captures() {
        let Session { version, side, .. } = session;
        let mut from = Connection::reading(side, Drip::new(&session.bytes, Pieces::Of(61)), version);
        let mut framed = Framed::new(Drip::new(&[], Pieces::Of(usize::MAX)), Codec::reading(side, version));
        let (mut exact, mut anew) = (Outbox::new(version), Outbox::new(version));
        // A received packet is not encoded for another version.
        let mut other = Outbox::new(version.with_protocol(version.protocol() + 1));
        while let Some(received) = from.read().await.unwrap() {
            exact.write_frames(&received.to_frames()).unwrap();
            framed.send(received.compacted().to_frames()).await.unwrap();
            assert_eq!((anew.write(&received), other.write(&received)), (Ok(1), Ok(0)));
        }
        assert_eq!(exact.take(), session.bytes, "{}", session.name);
        assert_eq!(framed.into_inner().taken, session.bytes, "{}", session.name);
        let meant = |session: &Session| -> Vec<_> {
            session.frames().into_iter().map(|frame| (frame.id, frame.payload)).collect()
        };
        let anew = Session { name: session.name.clone(), version, side, bytes: anew.take().to_vec() };
        assert_eq!(meant(&anew), meant(&session), "{}", session.name);
    }
}

#[test]
fn received_packets_are_owned_and_share_memory() {
    fn owned<T: Clone + Send + Sync + 'static>(_: &T) {}

    let mut buffer =
        BytesMut::from(&b"\x01\0\0\x0f\0\0\0\0\x0b\x02hi\x0b\x04#osu\0\0\0\0\x03\0\0\0\0\0\0"[..]);
    let at = buffer.as_ptr();
    let mut codec = Codec::server(Version::LATEST);
    let line = codec.next_packet(&mut buffer).unwrap().unwrap();
    owned(&line);
    assert_eq!(line.frame().as_ptr(), at);
    assert_eq!(line.payload_bytes().as_ptr(), line.payload().as_ptr());
    assert_eq!(line.clone().payload().as_ptr(), line.payload().as_ptr());
    assert_ne!(line.compacted().frame().as_ptr(), at);
    assert_eq!(line.compacted(), line);

    assert_eq!((line.name(), line.wire_id(), line.side()), ("OsuMessage", 1, Side::Client));
    let expected = client::Message::to("#osu", "hi");
    assert_eq!(line.client(), Ok(expected.into()));
    assert_eq!(line.get(), Some(Ok(expected)));
    assert_eq!(line.get::<client::PrivateMessage<'_>>(), None);
    // It is not a packet of a server.
    assert_eq!(line.get::<server::IrcQuit<'_>>(), None);
    assert!(matches!(line.server(), Ok(server::Packet::Unknown(unknown)) if unknown.wire_id == 1));
    let next = codec.next_packet(&mut buffer).unwrap().unwrap();
    assert_eq!((next.name(), next.position(), next.payload()), ("OsuStatusUpdateRequest", 22, &[][..]));
}

#[tokio::test]
async fn every_stream_continues_after_malformed_packets() {
    // Invalid gzip, an invalid string, and a valid packet.
    let bytes = b"\x04\0\x01\x03\0\0\0abc\x14\0\0\x02\0\0\0\x07a\x03\0\0\0\0\0\0";
    let check = |received: Vec<Result<Received, FrameError>>| {
        let [gzip, text, well] = &received[..] else { panic!("{received:?}") };
        let gzip = gzip.as_ref().unwrap_err();
        assert_eq!(
            (gzip.kind(), gzip.offset(), gzip.position(), gzip.name()),
            (ErrorKind::Gzip, 7, 0, "OsuPong")
        );
        let text = text.as_ref().unwrap();
        let error = text.client().unwrap_err();
        assert_eq!((error.kind(), error.offset(), error.position()), (ErrorKind::StringMarker, 17, 10));
        let message = "OsuErrorReport: a string must start with 00 (empty) or 0b (text) (byte 17)";
        assert_eq!(error.to_string(), message);
        assert!(error.field().unwrap().is_empty(), "the packet is a single string");
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::InvalidData);
        assert_eq!(well.as_ref().unwrap().name(), "OsuStatusUpdateRequest");
    };
    let malformed = |error: ReadError| {
        assert!(error.is_recoverable());
        Some(Err(error.malformed().unwrap()))
    };
    for pieces in Pieces::ALL {
        let drip = || Drip::new(bytes, pieces.clone());
        let (mut connection, mut received) = (Connection::server(drip(), Version::LATEST), vec![]);
        while let Some(item) = connection.read().await.map_or_else(malformed, |read| read.map(Ok)) {
            received.push(item);
        }
        check(received);
        let framed = Framed::new(drip(), Codec::server(Version::LATEST));
        check(framed.map(Result::unwrap).collect().await);
        let (mut connection, mut received) = (blocking::Connection::server(drip(), Version::LATEST), vec![]);
        while let Some(item) = connection.read().map_or_else(malformed, |read| read.map(Ok)) {
            received.push(item);
        }
        check(received);
    }
}

#[tokio::test]
async fn halves_read_and_write_at_the_same_time() {
    let (near, far) = duplex(16);
    let (mut reads, mut writes) = Connection::server(near, Version::LATEST).split();
    let (mut far_reads, mut far_writes) = Connection::client(far, Version::LATEST).split();
    // Both sides send more than the buffer of the pipe holds.
    let text = "x".repeat(1000);
    let (announce, report) = (server::Announce(&text), client::ErrorReport(&text));
    let (sent, sent_back, theirs, ours) =
        tokio::join!(writes.send(&announce), far_writes.send(&report), far_reads.read(), reads.read());
    assert_eq!((sent.unwrap(), sent_back.unwrap()), (1, 1));
    let (theirs, ours) = (theirs.unwrap().unwrap(), ours.unwrap().unwrap());
    assert_eq!(theirs.get(), Some(Ok(announce)));
    assert_eq!(ours.get(), Some(Ok(report)));
}

#[tokio::test]
async fn bytes_after_the_login_and_version_changes_are_respected() {
    let (near, mut far) = duplex(1 << 10);
    // A part of the first packet was received with the login.
    let mut connection = Connection::server(near, Version::LATEST).with_received(b"\x03\0\0\0\0");
    connection.set_version(Version::from_build(394));
    assert_eq!(connection.version(), Version::from_build(394));
    far.write_all(b"\0\0").await.unwrap();
    assert_eq!(connection.read().await.unwrap().unwrap().name(), "OsuStatusUpdateRequest");
    connection.send(&server::Announce("hi")).await.unwrap();
    let (mut reads, writes) = connection.split();
    reads.set_version(Version::from_build(300));
    far.write_all(b"\x03\0\0\0\0\0").await.unwrap();
    assert_eq!(reads.read().await.unwrap().unwrap().version(), Version::from_build(300));
    drop((writes, reads));
    let mut sent = vec![];
    tokio::io::AsyncReadExt::read_to_end(&mut far, &mut sent).await.unwrap();
    assert_eq!(sent, b"\x19\0\0\x04\0\0\0\x0b\x02hi");
}

#[tokio::test]
async fn a_reader_of_many_small_packets_yields_to_other_tasks() {
    let bytes = b"\x04\0\0\0\0\0\0".repeat(500);
    for packets_per_read in [0, 1, 7, 500] {
        let mut options = Options::server();
        options.packets_per_read = packets_per_read;
        let drip = Drip::new(&bytes, Pieces::Of(usize::MAX));
        let mut connection = Connection::server(drip, Version::LATEST).with_options(options);
        let (mut given, mut gave_way) = (0, 0);
        loop {
            match poll_once(connection.read()) {
                Poll::Pending => gave_way += 1,
                Poll::Ready(Ok(Some(_))) => given += 1,
                Poll::Ready(end) => break assert!(end.unwrap().is_none()),
            }
        }
        assert_eq!(given, 500);
        assert!(gave_way <= 500 / packets_per_read.max(1), "{packets_per_read}: {gave_way}");
        assert!(gave_way >= 490 / packets_per_read.max(1), "{packets_per_read}: {gave_way}");
    }
}

#[tokio::test]
async fn write_errors_are_returned_as_such_by_every_stream() {
    let mut options = Options::server();
    options.write_buffer = 16;
    let packet = server::Announce("longer than the send buffer");
    let stream = || Drip::new(&[], Pieces::Of(usize::MAX));
    let mut connection = Connection::server(stream(), Version::LATEST).with_options(options);
    let error = connection.send(&packet).await.unwrap_err();
    assert!(matches!(error, SendError::Write(WriteError::Full)));
    let mut blocking = blocking::Connection::server(stream(), Version::LATEST).with_options(options);
    assert!(matches!(blocking.send(&packet), Err(SendError::Write(WriteError::Full))));
    let mut framed = Framed::new(stream(), Codec::server(Version::LATEST).with_options(options));
    assert!(matches!(framed.send(packet).await, Err(SendError::Write(WriteError::Full))));
    // The connection stays usable.
    assert_eq!(connection.send(&server::Ping).await.unwrap(), 1);
    assert_eq!(connection.stream().taken, b"\x08\0\0\0\0\0\0");
}

#[test]
fn a_version_change_applies_to_an_incomplete_header() {
    // Headers have 7 bytes in the latest version and 6 in b300.
    let mut codec = Codec::server(Version::LATEST);
    let mut received = BytesMut::from(&b"\x03\0\0\0\0\0"[..]);
    assert!(codec.next_packet(&mut received).is_none());
    codec.set_version(Version::from_build(300));
    assert_eq!(codec.next_packet(&mut received).unwrap().unwrap().name(), "OsuStatusUpdateRequest");
    assert!(codec.is_between_frames(&received));
}

#[test]
fn strict_errors_leave_the_send_buffer_unchanged() {
    let mut outbox = Outbox::new(Version::OLDEST);
    let refused = outbox.write_strict(&server::ChannelJoinSuccess("#osu"));
    assert_eq!(refused, Err(WriteError::UnknownPacket { packet: "BanchoChannelJoinSuccess" }));
    assert_eq!(outbox.take(), Bytes::new());
    outbox.write_strict(&server::LoginReply(2)).unwrap();
    assert!(outbox.waiting().len() > 6);
}

#[test]
fn an_http_body_is_read_and_answered_without_a_stream() {
    for session in sessions() {
        let mut body = BytesMut::from(&session.bytes[..]);
        let mut codec = Codec::reading(session.side, session.version);
        let given = std::iter::from_fn(|| codec.next_packet(&mut body)).map(Result::unwrap).collect();
        expect(&session, "body", &Pieces::Of(usize::MAX), given);
    }
}
