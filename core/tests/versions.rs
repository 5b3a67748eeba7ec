//! Versions with other protocol versions or slots, and versions fixed at compile time.

mod bytes;

use bytes::{ROOM, golden_payloads};
use lobbywire_core::bancho::laws::{self, Buffers, Outcome};
use lobbywire_core::bancho::types::{
    BeatmapInfo, BeatmapInfoReply, Match, MatchSlot, RankedStatus, SlotStatus, Slots, UserInfo, UserStats,
};
use lobbywire_core::bancho::{Dialect, Encode, Fixed, Side, Version, WriteError, client, server};
use lobbywire_core::bancho::{FrameWriter, PacketId};
use lobbywire_core::wire::{Full, SliceSink};

/// Encodes the payload of a packet into a buffer of this length.
#[inline(never)] // compiles the encoder once for each version
fn encode_into<V: Dialect>(version: V, packet: &impl Encode, buffer: &mut [u8]) -> Result<usize, Full> {
    let room = buffer.len();
    let mut sink = SliceSink::new(buffer);
    packet.encode(version, &mut sink)?;
    Ok(room - sink.room())
}

/// Encodes the payload of a packet.
fn encode<V: Dialect>(version: V, packet: &impl Encode) -> Vec<u8> {
    let mut buffer = vec![0; ROOM];
    let len = encode_into(version, packet, &mut buffer).unwrap();
    assert_eq!(packet.encoded_len(version), len);
    buffer.truncate(len);
    buffer
}

/// Reads a payload in one version and writes it in another.
fn moved<V: Dialect>(from: Version, to: V, side: Side, id: u16, payload: &[u8]) -> Vec<u8> {
    match side {
        Side::Client => encode(to, &client::Packet::decode(from, id, payload).unwrap()),
        Side::Server => encode(to, &server::Packet::decode(from, id, payload).unwrap()),
    }
}

#[test]
fn vectors_are_canonical_with_any_protocol_and_slot_count() {
    let (mut first, mut second) = (vec![0; ROOM], vec![0; ROOM]);
    let mut buffers = Buffers { first: &mut first, second: &mut second };
    for (version, side, id, payload, name) in golden_payloads() {
        let overrides = [
            version.with_protocol(0),
            version.with_protocol(version.protocol().saturating_sub(1)),
            version.with_protocol(19),
            version.with_slots(1),
            version.with_slots(8),
            version.with_slots(16),
        ];
        for overridden in overrides {
            let bytes = moved(version, overridden, side, id, &payload);
            let outcome = laws::canonical(overridden, side, id, &bytes, &mut buffers);
            assert_eq!(outcome, Ok(Outcome::Held), "{name} as {overridden:?}");
        }
    }
}

#[test]
fn lower_protocols_omit_fields() {
    let version = Version::from_build(20130801);
    let stats = server::UserStats::from(UserInfo {
        stats: UserStats { pp: 100, ..UserStats::default() },
        ..UserInfo::default()
    });
    let with_pp = encode(version, &stats);
    let without = encode(version.with_protocol(7), &stats);
    // pp is two bytes from protocol 8 on, mods four instead of two from protocol 11 on.
    assert_eq!(with_pp.len() - without.len(), 2 + 2);
    assert_eq!(stats.first_unrepresentable(version), None);
    assert_eq!(stats.first_unrepresentable(version.with_protocol(7)), Some("stats.pp"));
}

#[test]
fn matches_have_the_number_of_slots_of_the_version() {
    let players = [MatchSlot { user_id: 2, status: SlotStatus::READY, ..MatchSlot::OPEN }; 16];
    let game = server::MatchUpdate(Match { slots: Slots::from(&players[..]), ..Match::default() });
    let eight = encode(Version::from_build(20130801), &game);
    let sixteen = encode(Version::from_build(20130801).with_slots(16), &game);
    // Each slot is a status, a team and a user id.
    assert_eq!(sixteen.len() - eight.len(), 8 * 6);
    assert_eq!(game.first_unrepresentable(Version::from_build(20130801)), Some("slots.status"));
    assert_eq!(game.first_unrepresentable(Version::LATEST), None);

    let few = server::MatchUpdate(Match { slots: Slots::from(&players[..2]), ..Match::default() });
    let payload = encode(Version::LATEST, &few);
    let id = PacketId(26).on_wire(Version::LATEST).unwrap();
    let Ok(server::Packet::MatchUpdate(read)) = server::Packet::decode(Version::LATEST, id, &payload) else {
        panic!("a match")
    };
    assert_eq!(read.slots.player_count(), 2);
    assert_eq!(read.slots.get(2), Some(MatchSlot::LOCKED));
}

/// Checks that a fixed version reads truncated payloads like a version at run time, which checks the bounds of each
/// field, and that it does not write into too small buffers.
macro_rules! same_as_at_run_time {
    ($side:ident, $build:ident, $id:ident, $payload:ident, $name:ident) => {{
        let version = Version::from_build($build);
        for end in 0..=$payload.len() {
            let payload = &$payload[..end];
            let fixed = $side::Packet::decode(Fixed::<$build>, $id, payload);
            assert_eq!(fixed, $side::Packet::trace(version, $id, payload, ()), "{} up to {end}", $name);
        }
        let packet = $side::Packet::decode(version, $id, &$payload).unwrap();
        for room in 0..$payload.len() {
            let written = encode_into(Fixed::<$build>, &packet, &mut vec![0; room]);
            assert_eq!(written, Err(Full), "{} into {room}", $name);
        }
        assert_eq!(encode(Fixed::<$build>, &packet), $payload, "{}", $name);
    }};
}

#[test]
fn fixed_versions_equal_run_time_versions() {
    fn check<const BUILD: u32>() {
        let mut vectors = 0;
        for (version, side, id, payload, name) in golden_payloads() {
            if version != Version::from_build(BUILD) {
                continue;
            }
            vectors += 1;
            match side {
                Side::Client => same_as_at_run_time!(client, BUILD, id, payload, name),
                Side::Server => same_as_at_run_time!(server, BUILD, id, payload, name),
            }
        }
        assert!(vectors > 0, "b{BUILD}");
    }
    check::<282>();
    check::<323>();
    check::<388>();
    check::<535>();
    check::<1788>();
    check::<20121203>();
    check::<20130303>();
    check::<20160404>();
    check::<20250306>();
}

#[test]
fn replaced_values_are_unrepresentable_even_if_they_were_read_in_the_same_layout() {
    let maps = [BeatmapInfo { ranked_status: RankedStatus::APPROVED, ..BeatmapInfo::default() }];
    let reply =
        server::BeatmapInfoReply(BeatmapInfoReply { beatmaps: maps[..].into(), ..Default::default() });
    let forwarded = |build| {
        let version = Version::from_build(build);
        let mut payload = encode(version, &reply);
        // After the number of beatmaps, the index and three ids. Writers replace QUALIFIED before b20150826.
        assert_eq!(payload[18], 2);
        payload[18] = 3;
        let id = server::BeatmapInfoReply::ID.on_wire(version).unwrap();
        let packet = server::Packet::decode(version, id, &payload).unwrap();
        FrameWriter::new(version, &mut [0; 256]).write_strict(&packet)
    };
    let (packet, field) = ("BanchoBeatmapInfoReply", "ranked_status");
    assert_eq!(forwarded(1788), Err(WriteError::Unrepresentable { packet, field }));
    assert_eq!(forwarded(20150826), Ok(()));
}

#[test]
fn strict_writers_name_unrepresentable_fields() {
    let mut buffer = [0; 256];
    let mut strict = |build, packet: &server::Packet<'_>| {
        FrameWriter::new(Version::from_build(build), &mut buffer).write_strict(packet)
    };
    let unrepresentable = |packet, field| Err(WriteError::Unrepresentable { packet, field });
    let channel = lobbywire_core::bancho::types::Channel {
        name: "#osu",
        topic: "chat",
        user_count: 3,
        ..Default::default()
    };
    let channel = server::ChannelAvailable(channel).into();
    assert_eq!(strict(20250306, &channel), Ok(()));
    assert_eq!(strict(394, &channel), unrepresentable("BanchoChannelAvailable", "topic"));
    assert_eq!(strict(282, &channel), Err(WriteError::UnknownPacket { packet: "BanchoChannelAvailable" }));
    let game = server::MatchNew(Match { id: 300, ..Match::default() }).into();
    assert_eq!(strict(20250306, &game), Ok(()));
    assert_eq!(strict(394, &game), unrepresentable("BanchoMatchNew", "id"));
    let restart = server::Restart(5000).into();
    assert_eq!(strict(394, &restart), Err(WriteError::UnknownPacket { packet: "BanchoRestart" }));
}

#[test]
fn a_failed_write_keeps_the_buffer() {
    let announce = server::Announce("a notification that does not fit in");
    for version in Version::all().filter(|version| version.build() >= 291) {
        let mut buffer = [0xee; 64];
        let mut out = FrameWriter::new(version, &mut buffer[..40]);
        assert_eq!(out.write(&server::Ping), Ok(1));
        let before = out.written().to_vec();
        assert_eq!(out.write(&announce), Err(WriteError::Full), "{version}");
        assert_eq!(out.written(), before);
        assert_eq!(buffer[40..], [0xee; 24]);
    }
}
