//! Single frames of several programs, and their meaning.
//!
//! The golden vectors are all from chio. These also cover other servers and clients, and malformed input.

mod bytes;

use bytes::{ROOM, payloads, unhex};
use lobbywire_core::bancho::types::{Completeness, QuitState, SlotStatus, Status};
use lobbywire_core::bancho::{FrameWriter, Frames, Side, Version, client, explain, server};
use lobbywire_core::wire::{ErrorKind, Inflater};

/// Decodes the packet of one frame from a server.
fn from_server<'a>(build: u32, frame: &'a [u8], scratch: &'a mut [u8]) -> server::Packet<'a> {
    let mut frames = Frames::new(Version::from_build(build), Side::Server, frame);
    let frame = frames.next().unwrap().unwrap();
    assert!(frames.next().is_none());
    let payload = frame.payload(&mut Inflater::new(), scratch).unwrap();
    server::Packet::decode(Version::from_build(build), frame.wire_id, payload).unwrap()
}

/// Decodes the packet of one frame from a client.
fn from_client<'a>(build: u32, frame: &'a [u8]) -> Result<client::Packet<'a>, ErrorKind> {
    client::packets(Version::from_build(build), frame).next().unwrap().map_err(|error| error.kind)
}

/// Encodes a packet. Returns wire ids and uncompressed payloads.
fn written(build: u32, packet: &impl lobbywire_core::bancho::Encode, side: Side) -> Vec<(u16, Vec<u8>)> {
    let (version, mut buffer) = (Version::from_build(build), vec![0; ROOM]);
    let mut out = FrameWriter::new(version, &mut buffer);
    out.write(packet).unwrap();
    payloads(version, side, out.written())
}

/// Canonical frames: decoding and encoding returns them unchanged.
const CANONICAL: &[(u32, Side, &str)] = &[
    // Always compressed.
    (282, Side::Server, "0800140000001f8b080000000000020303000000000000000000"),
    (282, Side::Server, "0500180000001f8b080000000000020363626060000097174d8b04000000"),
    (
        282,
        Side::Server,
        "0c00520000001f8b080000000000020363626060e0662d482d28a87cc1cc80041ed87381289347062c40aa409091819bd328dec0\
         c040af202f9d899b3937b180818341819bd3b1b4b8a42831273311005d02ae824b000000",
    ),
    (300, Side::Server, "07001c0000001f8b0800000000000203e3664ce466cac86404000e97b20508000000"),
    (294, Side::Client, "1a001e0000001f8b0800000000000203e3664eca4fe266cac8640400a519ced00a000000"),
    (320, Side::Client, "1a001e0000001f8b080000000000020363e066cac8e4664eca4f02006b5bb7db0a000000"),
    (300, Side::Client, "00001d0000001f8b080000000000020363e266ce4d2c60e06000000e52a31709000000"),
    (
        300,
        Side::Server,
        "1c00270000001f8b08000000000002036364e0662ce266ccf56600821a66262620c50cc400d9753b0918000000",
    ),
    (
        323,
        Side::Client,
        "3200280000001f8b0800000000000203636460e0662ce266ccf56600821a66262620c50cc4005f449b6719000000",
    ),
    // Headers with a compression flag.
    (334, Side::Client, "3300002000000001000000000b01720b016d4b0000000004080101010101020200000003000000"),
    (334, Side::Server, "0b0000060000000b046e69636b"),
    (
        394,
        Side::Server,
        "0c000029000000020000000102010b036d6170000800e8030000000000000000003f0a0000006469531f04000000ffff",
    ),
    (
        394,
        Side::Server,
        "0c000047000000020000000202010b036d6170000800e8030000000000000000003f0a0000006469531f04000000ffff0b057065\
         7070790b09325f3030302e706e67200b094175737472616c6961",
    ),
    (
        402,
        Side::Server,
        "1c00002400000001000000000b01720b016d4b000000000408010101010102020000000300000002000000",
    ),
    (402, Side::Client, "3000001b00000001000000000100000000000000000000002c0100000100010001c8"),
    (394, Side::Client, "0000000a00000002010b036d6170000800"),
    (490, Side::Client, "0000000f00000002010b036d6170000800014b000000"),
    (490, Side::Client, "45000017000000010000000b05662e6f7375020000000500000006000000"),
    (504, Side::Server, "460000170000000100000000004b00000001000000020000000203090900"),
    (
        1700,
        Side::Server,
        "0c000057000000020000000202010b036d6170000800004b000000e8030000000000000000003f0a0000000034e2300400000070\
         1101000b0570657070790b09325f3030302e706e67200b094175737472616c6961050000e7420000fec1",
    ),
    (500, Side::Client, "2100000400000001000000"),
    (470, Side::Server, "4900000c000000020000000200000003000000"),
    (600, Side::Server, "4d000000000000"),
    (334, Side::Client, "13000011000000010001000000c03f000020401000000000"),
    (402, Side::Client, "13000011000000010005000000c03f000020401000000000"),
    // The wiki, b394a-bancho and Oldsu send only the id.
    (394, Side::Server, "0d00000400000002000000"),
    // Wire ids that equal the packet ids.
    (1790, Side::Client, "0000000e000000020b036d6170000800014b000000"),
    (1790, Side::Server, "53000021000000020000000b05706570707901200b094175737472616c6961050000e7420000fec1"),
    (1796, Side::Server, "53000018000000020000000b05706570707901201000050000e7420000fec1"),
    (1800, Side::Server, "5300001c000000020000000b05706570707901201000050000e7420000fec170110100"),
    (20120812, Side::Server, "5300001d000000020000000b05706570707901201000050000e7420000fec17011010000"),
    (
        1790,
        Side::Server,
        "0b00002e00000002000000020b036d6170000800004b000000e8030000000000000000003f0a0000000034e2300400000070110100",
    ),
    (1799, Side::Client, "20000007000000010000000b0170"),
    (1788, Side::Server, "5600000400000088130000"),
    (20120812, Side::Server, "4c0000030000000b0169"),
    (20130801, Side::Server, "4c0000050000000b03697c6c"),
    (1800, Side::Server, "410000060000000b04236f7375"),
    (20120725, Side::Server, "4100000b0000000b04236f73750b01740500"),
    (20121224, Side::Server, "0c0000050000000200000001"),
    // bancho.py, anchor and osu-packet.
    (20250306, Side::Server, "5300001a000000020000000b0570657070792010050000e7420000fec170110100"),
    (20250306, Side::Server, "5600000400000000000000"),
    (20250306, Side::Server, "0c000005000000e903000002"),
    (
        20150915,
        Side::Server,
        "1a00004500000001000000400000000b01720b000b016d4b000000000401010101010101010101010101010100000000000000000\
         00000000000000002000000020000000000000000000000",
    ),
    (20160404, Side::Client, "00000010000000020b036d61700008000000014b000000"),
    (
        20160404,
        Side::Client,
        "2f00002d00000001000000000100000000000000000000002c0100000100010001c80001000000000000e03f000000000000d03f",
    ),
    (20130801, Side::Server, "4800000a00000002000200000003000000"),
    (20130801, Side::Server, "0700001b0000000b01610b0c5b687474703a2f2f7820795d0b04236f737503000000"),
    (20130801, Side::Client, "1900000e000000000b0268690b03626f6200000000"),
    (20130801, Side::Client, "12000015000000ffffffff010005000000c03f000020401000000000"),
    (
        20161101,
        Side::Client,
        "12000034000000ffffffff010005000000c03f00002040100000000001000000000100000000000000000000002c010000010001\
         0001c800000700",
    ),
    (
        20250306,
        Side::Server,
        "0b00003200000002000000020b036d61700008000000004b000000e8030000000000000000003f0a0000000034e2300400000070\
         110100409c",
    ),
];

#[test]
fn frames_of_other_programs_round_trip() {
    for (build, side, hex) in CANONICAL {
        let (version, bytes) = (Version::from_build(*build), unhex(hex));
        for (id, payload) in payloads(version, *side, &bytes) {
            let again = match side {
                Side::Client => {
                    written(*build, &client::Packet::decode(version, id, &payload).unwrap(), *side)
                }
                Side::Server => {
                    written(*build, &server::Packet::decode(version, id, &payload).unwrap(), *side)
                }
            };
            assert_eq!(again, [(id, payload)], "b{build} {side} {hex}");
        }
    }
}

#[test]
fn a_presence_in_b323_is_two_packets() {
    let both = unhex(
        "0c00520000001f8b08000000000002036362606060e4662d482d28a87cc1cc0003f65c20d2e491010b902a106464e0e6348a373030d\
         02bc84b57e0e6742c2d2e294accc94ce4e266ce4d2c60e060000063e61ed7480000000c00200000001f8b08000000000002036362000\
         2266ee6dcc402060e0600cafb7fc10e000000",
    );
    let frames = payloads(Version::from_build(330), Side::Server, &both);
    let (first, second) = (&frames[0].1, &frames[1].1);
    let update = |payload| match server::Packet::decode(Version::from_build(330), 12, payload).unwrap() {
        server::Packet::UserStats(update) => update,
        other => panic!("{other:?}"),
    };
    let (first, second) = (update(first), update(second));
    assert_eq!((first.completeness, first.status.update_stats), (Completeness::FULL, true));
    assert_eq!((second.completeness, second.status.update_stats), (Completeness::STATUS_ONLY, false));
    assert_eq!(second.status.action, Status::PLAYING);

    // The presence of the complete user is encoded as the same two frames.
    let mut info = first.info;
    info.status = second.status;
    assert_eq!(written(330, &server::UserPresence(info), Side::Server), frames);
}

#[test]
fn a_hidden_password_differs_from_no_password() {
    let bytes = unhex(CANONICAL.iter().find(|(build, ..)| *build == 20150915).unwrap().2);
    let mut scratch = [0; ROOM];
    let server::Packet::MatchUpdate(game) = from_server(20150915, &bytes, &mut scratch) else { panic!() };
    assert_eq!((game.password, game.password_hidden), ("", true));
    assert_eq!(game.slots.get(0).unwrap().status, SlotStatus::NOT_READY);
    assert_eq!(game.slots.position_of(2), Some(0));
}

#[test]
fn extra_and_missing_bytes_of_other_programs_are_accepted() {
    let mut scratch = [0; ROOM];
    // chio's presence has an additional byte.
    let bytes = unhex("5300001b000000feffffff0b0570657070792010050000e7420000fec17011010000");
    let server::Packet::UserPresence(presence) = from_server(20130801, &bytes, &mut scratch) else {
        panic!()
    };
    assert_eq!((presence.id, presence.presence.is_irc, presence.stats.rank), (-2, true, 70_000));
    // chio's quit contains all stats.
    let bytes = unhex(
        "0d000029000000020000000102010b036d6170000800e8030000000000000000003f0a0000006469531f04000000ffff",
    );
    let mut scratch = [0; ROOM];
    let server::Packet::UserQuit(quit) = from_server(394, &bytes, &mut scratch) else { panic!() };
    assert_eq!((quit.info.id, quit.state), (2, QuitState::GONE));
    // osu-packet writes an empty string with its marker.
    let bytes = unhex("070000100000000b000b0268690b04236f737503000000");
    let mut scratch = [0; ROOM];
    let server::Packet::Message(message) = from_server(20130801, &bytes, &mut scratch) else { panic!() };
    assert_eq!((message.sender, message.content, message.sender_id), ("", "hi", 3));
    // osu.py and osu-packet omit the sequence.
    let bytes = unhex(
        "12000032000000ffffffff010005000000c03f00002040100000000001000000000100000000000000000000002c010000010001000\
         1c80000",
    );
    let Ok(client::Packet::SpectateFrames(bundle)) = from_client(20161101, &bytes) else { panic!() };
    assert_eq!((bundle.frames.len(), bundle.sequence, bundle.extra), (1, None, -1));
    assert_eq!(bundle.frame.unwrap().total_score, 300);
    // Bytes after the last field, and an unknown status.
    let bytes = unhex("2600000800000003000000deadbeef");
    assert_eq!(from_client(20130801, &bytes), Ok(client::MatchChangeSlot(3).into()));
    let bytes = unhex("0000000c0000000e0000000000000000000000");
    let Ok(client::Packet::UserStatus(status)) = from_client(20130801, &bytes) else { panic!() };
    assert_eq!(status.action, Status(14));
    // An empty payload without gzip.
    assert_eq!(from_client(282, &unhex("040000000000")), Ok(client::Pong.into()));
    assert_eq!(from_client(20121224, &unhex("0200000400000001000000")), Ok(client::Exit(true).into()));
}

#[test]
fn malformed_frames_are_rejected_with_a_kind() {
    for (build, hex, kind) in [
        (20130801, "3f0000060000000c0423616263", ErrorKind::StringMarker),
        (20130801, "3f0000040000000b0a2361", ErrorKind::Truncated),
        (20130801, "3f0000030000000b01ff", ErrorKind::Utf8),
        (20130801, "3f0000080000000bffffffffffff01", ErrorKind::Uleb128),
        (20130801, "040001020000006162", ErrorKind::Compressed),
        (20130801, "0400000000", ErrorKind::Incomplete),
        (20130801, "2600000400000003", ErrorKind::Incomplete),
        (20130801, "140000ffffffff", ErrorKind::FrameTooLarge),
        (490, "4500000800000000000000ffffffff", ErrorKind::ListLength),
        (20130801, "55000004000000ffff0000", ErrorKind::ListLength),
    ] {
        assert_eq!(from_client(build, &unhex(hex)), Err(kind), "{hex}");
    }
    let payload = unhex("000000000000ffffffff");
    let (packet, field) = explain(Version::from_build(490), Side::Client, 69, &payload[2..]);
    assert_eq!((packet, field.unwrap().to_string().as_str()), ("OsuBeatmapInfoRequest", "ids"));
}

#[test]
fn unknown_ids_are_passed_on_unchanged() {
    for hex in ["0f270000000000", "2d000000000000", "0500000400000001000000"] {
        let bytes = unhex(hex);
        let Ok(client::Packet::Unknown(packet)) = from_client(20130801, &bytes) else { panic!("{hex}") };
        let mut buffer = [0; 32];
        let mut out = FrameWriter::new(Version::from_build(20130801), &mut buffer);
        assert_eq!(out.write(&packet), Ok(1));
        assert_eq!(out.written(), bytes);
    }
}

#[test]
fn a_malformed_payload_loses_one_packet() {
    let stream = unhex("04000000000000 3f0000030000000b01ff 03000000000000".replace(' ', "").as_str());
    let packets: Vec<_> = client::packets(Version::LATEST, &stream).collect();
    assert_eq!(packets.len(), 3);
    assert_eq!(packets[1].unwrap_err().offset, 14);
    assert_eq!(packets[2], Ok(client::StatusUpdateRequest.into()));
}

#[test]
fn payloads_are_compressed_above_the_threshold() {
    let announce = |build, len| {
        let (text, mut buffer) = ("x".repeat(len), vec![0; ROOM]);
        let mut out = FrameWriter::new(Version::from_build(build), &mut buffer);
        out.write(&server::Announce(&text)).unwrap();
        out.written()[2]
    };
    assert_eq!((announce(1799, 147), announce(1799, 148), announce(1800, 148)), (0, 1, 0));
}
