//! Payloads are compressed in the versions that support it, and other implementations can read them.

use bytes::BytesMut;
use lobbywire::bancho::{Codec, Compression, Encode, Frames, Options, Outbox, Side, Version, server};
use lobbywire::wire::Inflater;
use std::io::Read;

/// The frames of a packet, written with these options.
fn written(version: Version, options: Options, packet: &impl Encode) -> BytesMut {
    let mut outbox = Outbox::new(version).with_options(options);
    outbox.write(packet).unwrap();
    BytesMut::from(outbox.waiting())
}

fn uncompressed() -> Options {
    let mut options = Options::server();
    options.compresses = false;
    options
}

/// Text that does not compress well.
fn noise(len: usize) -> String {
    let mut state = 7u32;
    let letter = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'!' + (state >> 24) as u8 % 94)
    };
    (0..len).map(letter).collect()
}

#[test]
fn long_payloads_are_compressed_and_readable_in_every_version() {
    let texts = ["x".repeat(2000), noise(2000), "x".repeat(200_000), String::new()];
    for version in Version::all() {
        for text in &texts {
            let packet = server::Message::new("BanchoBot", text, "#osu");
            let (mut compressed, plain) =
                (written(version, Options::server(), &packet), written(version, uncompressed(), &packet));
            let is_compressed = match version.compression() {
                Compression::Always => true,
                Compression::ByFlag => text.len() > 150,
                _ => false,
            };
            // Even noise gets a little shorter, because it is printable text.
            let is_shorter = compressed.len() < plain.len();
            assert_eq!(is_shorter, is_compressed, "{version}, {} bytes", text.len());

            let frame = Frames::new(version, Side::Server, &compressed).next().unwrap().unwrap();
            assert_eq!(frame.is_compressed, is_compressed, "{version}");
            if is_compressed {
                let (mut theirs, mut ours) = (vec![], vec![0; 1 << 18]);
                flate2::read::GzDecoder::new(frame.body).read_to_end(&mut theirs).unwrap();
                assert_eq!(frame.payload(&mut Inflater::new(), &mut ours).unwrap(), theirs);
            }
            let received = Codec::client(version).next_packet(&mut compressed).unwrap().unwrap();
            let server::Packet::Message(message) = received.server().unwrap() else { panic!() };
            assert_eq!(message.content, text);
        }
    }
}

#[test]
fn compression_can_be_disabled_if_the_header_has_a_flag() {
    let text = "x".repeat(2000);
    let packet = server::Announce(&text);
    for version in Version::all().filter(|version| version.build() >= 291) {
        let bytes = written(version, uncompressed(), &packet);
        let frame = Frames::new(version, Side::Server, &bytes).next().unwrap().unwrap();
        assert_eq!(frame.is_compressed, version.compression() == Compression::Always, "{version}");
    }
}

#[test]
fn the_compression_threshold_is_that_of_chio() {
    for (build, len, is_compressed) in
        [(334, 147, 0), (334, 148, 1), (1799, 147, 0), (1799, 148, 1), (1800, 148, 0)]
    {
        let text = "x".repeat(len);
        // The payload also has a marker and a length of two bytes.
        let bytes = written(Version::from_build(build), Options::server(), &server::Announce(&text));
        assert_eq!(bytes[2], is_compressed, "b{build}, {len}");
    }
}

#[test]
fn consecutive_packets_are_separate_gzip_members() {
    let version = Version::from_build(300);
    let mut outbox = Outbox::new(version);
    let texts: Vec<String> = (0..50).map(|len| noise(len * 37)).collect();
    for text in &texts {
        assert_eq!(outbox.write(&server::Announce(text)), Ok(1));
        assert_eq!(outbox.write(&server::Ping), Ok(1));
    }
    let mut sent = BytesMut::from(&outbox.take()[..]);
    let mut codec = Codec::client(version);
    for text in &texts {
        let announce = codec.next_packet(&mut sent).unwrap().unwrap();
        assert_eq!(announce.get(), Some(Ok(server::Announce(text))));
        assert_eq!(codec.next_packet(&mut sent).unwrap().unwrap().name(), "BanchoPing");
    }
    assert!(sent.is_empty());
}
