//! Slow and hostile peers cost a connection bounded memory, and valid packets are still received.
#![cfg(feature = "tokio")]

mod memory;
mod traffic;

use bytes::BytesMut;
use flate2::write::GzEncoder;
use futures_util::StreamExt;
use lobbywire::bancho::{
    Codec, Connection, FrameError, Options, Outbox, ReadError, Received, Side, Version, WriteError, blocking,
    client, server,
};
use lobbywire::wire::ErrorKind;
use memory::{in_use, memory};
use std::io::{self, Write};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use tokio::io::{AsyncWriteExt, duplex};
use tokio_util::codec::Framed;
use traffic::{Drip, Numbers, Pieces, captures};

const GOOD: &[u8] = b"\x03\0\0\0\0\0\0";

/// Reads packets of a client of the latest version through every kind of stream. Returns the peak memory, the items
/// and the error of the stream.
fn read(
    bytes: &[u8],
    pieces: &Pieces,
) -> (usize, Vec<Result<&'static str, ErrorKind>>, Option<io::ErrorKind>) {
    let kinds = |item: Result<Received, FrameError>| {
        item.map(|received| received.name()).map_err(|malformed| malformed.kind())
    };
    let drip = Drip::new(bytes, pieces.clone());
    let mut connection = blocking::Connection::server(drip, Version::LATEST);
    let mut given = Vec::with_capacity(64);
    let (peak, end) = memory(|| {
        loop {
            match connection.read() {
                Ok(Some(received)) => given.push(Ok(received.name())),
                Ok(None) => break None,
                Err(ReadError::Malformed(error)) => given.push(Err(error.kind())),
                Err(error) => break Some(error.malformed().unwrap_err().kind()),
            }
        }
    });
    drop(connection);

    let mut connection = Connection::server(Drip::new(bytes, pieces.clone()), Version::LATEST);
    let mut same = Vec::with_capacity(64);
    let (asynchronous, same_end) = memory(|| {
        loop {
            match poll_once(connection.read()) {
                Poll::Pending => {}
                Poll::Ready(Ok(Some(received))) => same.push(Ok(received.name())),
                Poll::Ready(Ok(None)) => break None,
                Poll::Ready(Err(ReadError::Malformed(error))) => same.push(Err(error.kind())),
                Poll::Ready(Err(error)) => break Some(error.malformed().unwrap_err().kind()),
            }
        }
    });
    drop(connection);
    assert_eq!((&same, same_end), (&given, end), "blocking or not, {pieces:?}");

    let mut framed = Framed::new(Drip::new(bytes, pieces.clone()), Codec::server(Version::LATEST));
    same.clear();
    let (of_framed, same_end) = memory(|| {
        loop {
            match poll_once(framed.next()) {
                Poll::Pending => {}
                Poll::Ready(Some(Ok(item))) => same.push(kinds(item)),
                Poll::Ready(Some(Err(error))) => break Some(error.kind()),
                Poll::Ready(None) => break None,
            }
        }
    });
    assert_eq!((&same, same_end), (&given, end), "framed, {pieces:?}");
    assert!(matches!(poll_once(framed.next()), Poll::Ready(None)), "nothing follows the end");
    (peak.max(asynchronous).max(of_framed), given, end)
}

fn poll_once<T>(future: impl Future<Output = T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// A frame of the latest version.
fn frame(id: u16, is_compressed: bool, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(body.len()).unwrap();
    [&id.to_le_bytes()[..], &[u8::from(is_compressed)], &len.to_le_bytes(), body].concat()
}

fn zeros_in_gzip(len: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..len / 4096 {
        encoder.write_all(&[0; 4096]).unwrap();
    }
    encoder.finish().unwrap()
}

#[test]
fn an_announced_4_gib_frame_is_rejected_by_its_header_and_not_buffered() {
    let claim = [b"\x01\0\0\xff\xff\xff\xff", &[7; 1 << 18][..]].concat();
    for pieces in Pieces::ALL {
        let (memory, given, end) = read(&claim, &pieces);
        assert_eq!(given, [Err(ErrorKind::FrameTooLarge)]);
        assert_eq!(end, Some(io::ErrorKind::UnexpectedEof));
        assert!(memory < 1 << 17, "{memory} bytes, {pieces:?}");
    }
    // The header alone is enough.
    let mut codec = Codec::server(Version::LATEST);
    assert!(codec.next_packet(&mut BytesMut::from(&claim[..7])).unwrap().is_err());
}

#[test]
fn a_frame_above_the_limit_is_skipped_and_the_next_one_is_received() {
    let limit = Options::server().limits.payload;
    // A beatmap info request may be larger.
    for (id, len, is_read) in [(1, limit + 1, false), (68, limit + 1, true), (68, 4 * limit + 1, false)] {
        let bytes = [GOOD, &frame(id, false, &vec![0; len]), GOOD].concat();
        for pieces in Pieces::ALL {
            let (memory, given, end) = read(&bytes, &pieces);
            let middle = if is_read { Ok("OsuBeatmapInfoRequest") } else { Err(ErrorKind::FrameTooLarge) };
            assert_eq!(given, [Ok("OsuStatusUpdateRequest"), middle, Ok("OsuStatusUpdateRequest")]);
            assert_eq!(end, None);
            let most = if is_read { 4 * len } else { 1 << 17 };
            assert!(memory < most, "{memory} bytes, {pieces:?}");
        }
    }
}

#[test]
fn a_gzip_bomb_is_rejected_without_inflating_it_and_the_next_packet_is_received() {
    let bomb = zeros_in_gzip(48 << 20);
    assert!(bomb.len() < Options::server().limits.payload);
    let mut lying = bomb.clone();
    let end = lying.len() - 4;
    lying[end..].copy_from_slice(&1000u32.to_le_bytes());
    let mut boasting = zeros_in_gzip(4096);
    let end = boasting.len() - 4;
    boasting[end..].copy_from_slice(&(1u32 << 20).to_le_bytes());
    for (member, kind) in
        [(&bomb, ErrorKind::InflatedTooLarge), (&lying, ErrorKind::Gzip), (&boasting, ErrorKind::Gzip)]
    {
        let bytes = [GOOD, &frame(20, true, member), GOOD].concat();
        for pieces in Pieces::ALL {
            let (memory, given, end) = read(&bytes, &pieces);
            assert_eq!(given, [Ok("OsuStatusUpdateRequest"), Err(kind), Ok("OsuStatusUpdateRequest")]);
            assert_eq!(end, None);
            assert!(memory < 1 << 18, "{memory} bytes, {pieces:?}");
        }
    }
}

#[test]
fn payloads_inflate_up_to_the_limit_in_memory_of_their_size() {
    let limit = Options::server().limits.inflated;
    for (len, kind) in [(limit, Ok("OsuErrorReport")), (limit + 4096, Err(ErrorKind::InflatedTooLarge))] {
        let (memory, given, _) = read(&frame(20, true, &zeros_in_gzip(len)), &Pieces::Of(61));
        assert_eq!(given, [kind]);
        assert!(memory < limit + (1 << 16), "{memory}");
    }
}

#[test]
fn an_incomplete_frame_uses_memory_for_its_received_bytes_only() {
    // The header announces the largest payload that is accepted.
    let limit = Options::server().limits.payload;
    let header = [b"\x14\0\0", &u32::try_from(limit).unwrap().to_le_bytes()[..], b"some"].concat();
    let (peak, connections) = memory(|| {
        let mut connections = Vec::new();
        for _ in 0..100 {
            let (near, mut far) = duplex(64);
            let mut connection = Connection::server(near, Version::LATEST);
            assert!(poll_once(far.write_all(&header)).is_ready());
            assert!(poll_once(connection.read()).is_pending());
            assert!(poll_once(connection.read()).is_pending());
            connections.push((connection, far));
        }
        connections
    });
    assert!(peak / connections.len() < 8 << 10, "{peak}");
    // Then the stream ends.
    for (mut connection, far) in connections {
        drop(far);
        let Poll::Ready(Err(ReadError::Io(error))) = poll_once(connection.read()) else { panic!() };
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
    for len in 1..header.len() {
        let (_, given, end) = read(&header[..len], &Pieces::Of(3));
        assert_eq!((given, end), (vec![], Some(io::ErrorKind::UnexpectedEof)));
    }
}

#[test]
fn a_connection_frees_its_buffer_after_a_large_packet() {
    let large = frame(68, false, &vec![0; 250_000]);
    let (near, mut far) = duplex(1 << 20);
    let before = in_use();
    let mut connection = Connection::server(near, Version::LATEST);
    for bytes in [&large, GOOD, GOOD] {
        assert!(poll_once(far.write_all(bytes)).is_ready());
        assert!(matches!(poll_once(connection.read()), Poll::Ready(Ok(Some(_)))));
    }
    assert!(poll_once(connection.read()).is_pending());
    // Less than the buffer of the pipe, which is in use too.
    let pipe = 1 << 20;
    assert!(in_use() - before < pipe, "{}", in_use() - before);
}

#[test]
fn the_send_buffer_of_a_peer_that_does_not_read_is_bounded() {
    let mut options = Options::server();
    options.write_buffer = 10_000;
    let (near, _far) = duplex(64);
    let mut connection = Connection::server(near, Version::LATEST).with_options(options);
    let text = "x".repeat(90);
    let line = server::Announce(&text);
    let mut written = 0;
    while connection.write(&line).is_ok() {
        written += 1;
    }
    assert_eq!((written, connection.outbox().waiting().len()), (101, 9999), "frames of 99 bytes");
    options.write_buffer = 10_006;
    connection = connection.with_options(options);
    // A smaller packet still fits; a larger one never does.
    assert_eq!(connection.write(&server::Ping), Ok(1));
    let long = "x".repeat(10_000);
    assert_eq!(
        Outbox::new(Version::LATEST).with_options(options).write(&server::Announce(&long)),
        Err(WriteError::Full)
    );
    assert!(poll_once(connection.send(&line)).is_pending());
    assert!(connection.outbox().waiting().len() <= 10_006);
}

#[test]
fn noise_and_corrupted_captures_never_panic_and_use_bounded_memory() {
    let mut numbers = Numbers(99);
    for capture in captures() {
        for round in 0..200 {
            let mut bytes = capture.bytes.clone();
            for _ in 0..round % 20 {
                let at = numbers.below(bytes.len());
                bytes[at] = numbers.below(256) as u8;
            }
            let cut = numbers.below(bytes.len());
            let version = if round % 3 == 0 { Version::OLDEST } else { capture.version };
            let mut codec = Codec::reading(capture.side, version);
            let (peak, ()) = memory(|| {
                let mut buffer = BytesMut::new();
                for piece in [&bytes[..cut], &bytes[cut..]] {
                    buffer.extend_from_slice(piece);
                    while let Some(item) = codec.next_packet(&mut buffer) {
                        let Ok(received) = item else { continue };
                        let error = match capture.side {
                            Side::Client => received.client().err(),
                            Side::Server => received.server().err(),
                        };
                        assert!(error.is_none_or(|error| error.field().is_some()));
                    }
                }
            });
            let most = Options::reading(capture.side).limits.inflated + (1 << 16);
            assert!(peak < most, "{peak} bytes in {}", capture.name);
        }
    }
}

#[test]
fn a_valid_packet_is_received_after_a_rejected_frame_of_any_length() {
    for len in [65_537, 100_000, 1 << 20] {
        let bytes = [&frame(1, false, &vec![3; len]), GOOD].concat();
        let mut numbers = Numbers(len as u64);
        let mut codec = Codec::server(Version::LATEST);
        let (mut buffer, mut rest, mut given) = (BytesMut::new(), &bytes[..], vec![]);
        while !rest.is_empty() {
            let (piece, later) = rest.split_at(rest.len().min(1 + numbers.below(9000)));
            rest = later;
            buffer.extend_from_slice(piece);
            while let Some(item) = codec.next_packet(&mut buffer) {
                given.push(item);
            }
            assert!(buffer.len() < 7);
        }
        assert_eq!(given[0].as_ref().unwrap_err().offset(), 0);
        let good = given[1].as_ref().unwrap();
        assert_eq!(
            (good.client(), good.position()),
            (Ok(client::StatusUpdateRequest.into()), len as u64 + 7)
        );
    }
}
