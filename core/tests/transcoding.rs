//! Transcoding between versions, and back.

mod bytes;

use bytes::{ROOM, golden_payloads, payloads};
use lobbywire_core::bancho::types::{
    Match, QuitState, Status, UserInfo, UserPresence, UserQuit, UserStats, UserStatus,
};
use lobbywire_core::bancho::{
    Change, Encode, FrameWriter, Frames, Side, TranscodeError, Transcoder, Version, VersionProbe,
    VersionSpan, client, server,
};
use lobbywire_core::wire::{Counter, Inflater};
use std::cell::Cell;
use std::collections::BTreeMap;

/// The frames written, as wire ids and payloads, and the reported changes.
type Done = (Vec<(u16, Vec<u8>)>, Vec<String>);

/// Returns what `write` writes and reports.
fn written(
    side: Side,
    to: Version,
    write: impl FnOnce(&mut FrameWriter<'_>, &mut dyn FnMut(Change)) -> Result<usize, TranscodeError>,
) -> Done {
    let (mut buffer, mut changes) = (vec![0; ROOM], Vec::new());
    let mut out = FrameWriter::new(to, &mut buffer);
    let count = write(&mut out, &mut |change| changes.push(change.to_string())).unwrap();
    let frames = payloads(to, side, out.written());
    assert_eq!(count, frames.len());
    (frames, changes)
}

/// Transcodes a packet.
fn transcoded(side: Side, from: Version, to: Version, id: u16, payload: &[u8]) -> Done {
    let transcoder = Transcoder::new(side, from, to);
    written(side, to, |out, report| transcoder.packet(id, payload, out, report))
}

/// Returns the frame with a user id of −1 at its end replaced by 0. Both mean that there is no user.
fn normalize_no_user((id, payload): &(u16, Vec<u8>)) -> (u16, Vec<u8>) {
    let mut payload = payload.clone();
    if payload.ends_with(&[0xff; 4]) {
        let at = payload.len() - 4;
        payload[at..].fill(0);
    }
    (*id, payload)
}

#[test]
fn packets_transcoded_there_and_back_change_only_as_reported() {
    let mut found = BTreeMap::new();
    for (from, side, id, payload, name) in golden_payloads() {
        for to in Version::all() {
            let (there, mut changes) = transcoded(side, from, to, id, &payload);
            let mut back = Vec::new();
            for (id, payload) in &there {
                let (frames, more) = transcoded(side, to, from, *id, payload);
                back.extend(frames);
                changes.extend(more);
            }
            if changes.is_empty()
                && back.iter().map(normalize_no_user).ne([normalize_no_user(&(id, payload.clone()))])
            {
                found.entry(name.clone()).or_insert((to, back, payload.clone()));
            }
        }
    }
    for (name, (to, back, payload)) in found.iter().take(10) {
        println!("{name} to {to}\n  was {payload:02x?}\n  is  {back:02x?}");
    }
    assert!(found.is_empty(), "{} packets lose what was not reported", found.len());
}

/// As [`transcoded`], but always decodes and encodes the packet, even if it could be copied.
fn reread(side: Side, from: Version, to: Version, id: u16, payload: &[u8]) -> Done {
    let transcoder = Transcoder::new(side, from, to);
    written(side, to, |out, report| match side {
        Side::Client => {
            let packet = client::Packet::decode(from, id, payload).map_err(TranscodeError::Malformed)?;
            Ok(transcoder.client(&packet, out, report)?)
        }
        Side::Server => {
            let packet = server::Packet::decode(from, id, payload).map_err(TranscodeError::Malformed)?;
            Ok(transcoder.server(&packet, out, report)?)
        }
    })
}

/// All versions, also with another number of slots and with another protocol version.
fn versions() -> impl Iterator<Item = Version> {
    Version::all().flat_map(|version| [version, version.with_slots(3), version.with_protocol(2)])
}

#[test]
fn copied_packets_equal_decoded_and_encoded_ones() {
    for (from, side, id, payload, name) in golden_payloads() {
        for to in versions().filter(|to| Transcoder::new(side, from, *to).is_copied(id) && *to != from) {
            let copied = transcoded(side, from, to, id, &payload);
            assert_eq!(copied, (vec![(id, payload.clone())], Vec::new()), "{name} to {to:?}");
            let (frames, changes) = reread(side, from, to, id, &payload);
            let frames: Vec<_> = frames.iter().map(normalize_no_user).collect();
            assert_eq!(
                (frames, changes),
                (vec![normalize_no_user(&copied.0[0])], Vec::new()),
                "{name} to {to:?}"
            );
        }
    }
}

#[test]
fn frames_are_copied_or_transcoded_as_their_packets() {
    let (mut put, mut compressed) = (0, 0);
    for (from, side, id, payload, name) in golden_payloads() {
        let (mut buffer, mut scratch, mut inflater) = (vec![0; ROOM], vec![0; ROOM], Inflater::new());
        let mut one = FrameWriter::new(from, &mut buffer);
        one.write_payload(id, &payload).unwrap();
        let frame = Frames::new(from, side, one.written()).next().unwrap().unwrap();
        for to in Version::all() {
            let transcoder = Transcoder::new(side, from, to);
            let mut bytes = Vec::new();
            let done = written(side, to, |out, report| {
                let count = transcoder.frame(&frame, &mut inflater, &mut scratch, out, report);
                bytes = out.written().to_vec();
                count
            });
            assert_eq!(done, transcoded(side, from, to, id, &payload), "{name} to {to}");
            if transcoder.is_copied(id) && from.header_len() == to.header_len() {
                assert_eq!(bytes, frame.bytes);
                put += 1;
                compressed += usize::from(frame.is_compressed && !payload.is_empty());
            }
            let mut nowhere = FrameWriter::new(to, &mut []);
            let full = transcoder.frame(&frame, &mut inflater, &mut scratch, &mut nowhere, &mut |_| ());
            assert_eq!(
                full,
                if bytes.is_empty() { Ok(0) } else { Err(TranscodeError::Full) },
                "{name} to {to}"
            );
        }
    }
    assert!(put > 10_000 && compressed > 100, "{put} {compressed}");

    let (old, older) = (Version::from_build(320), Version::from_build(312));
    let bad = Frames::new(old, Side::Server, b"\x07\0\x02\0\0\0\x1f\x8b").next().unwrap().unwrap();
    let done = Transcoder::new(Side::Server, old, older).frame(
        &bad,
        &mut Inflater::new(),
        &mut [0; 64],
        &mut FrameWriter::new(older, &mut [0; 64]),
        &mut |_| (),
    );
    assert!(matches!(done, Err(TranscodeError::Malformed(_))), "{done:?}");
}

#[test]
fn packets_with_the_same_layout_are_copied() {
    let is_copied = |side, from, to, id| {
        Transcoder::new(side, Version::from_build(from), Version::from_build(to)).is_copied(id)
    };
    // A message, replay frames, a match, a presence, and ids. Only the ranked status of beatmaps differs.
    for id in [7, 15, 26, 83, 72] {
        assert!(is_copied(Side::Server, 20160404, 20161101, id), "{id}");
    }
    assert!(!is_copied(Side::Server, 20160404, 20161101, 69), "beatmap info contains the ranked status");
    assert!(!is_copied(Side::Server, 20151107, 20160404, 15), "b20160404 adds the sequence of frames");
    assert!(!is_copied(Side::Server, 20150826, 20150915, 26), "b20150915 has 16 slots");
    assert!(is_copied(Side::Client, 282, 20250306, 4), "a packet without a payload");
    assert!(!is_copied(Side::Client, 1700, 1800, 38), "the wire id differs");
    assert!(
        !is_copied(Side::Server, 20160404, 20161101, 5000),
        "unknown ids are not copied to other versions"
    );
    assert!(is_copied(Side::Server, 20160404, 20160404, 5000), "the versions are equal");
}

#[test]
fn strict_transcoders_write_unchanged_packets_only() {
    for (from, side, id, payload, name) in golden_payloads() {
        for to in Version::all().step_by(3) {
            let (there, changes) = transcoded(side, from, to, id, &payload);
            let mut buffer = vec![0; ROOM];
            let mut out = FrameWriter::new(to, &mut buffer);
            let strict = Transcoder::new(side, from, to).strict(id, &payload, &mut out);
            let expected = if changes.is_empty() { there } else { Vec::new() };
            assert_eq!(payloads(to, side, out.written()), expected, "{name} to {to}");
            assert_eq!(strict.is_ok(), changes.is_empty(), "{name} to {to}: {strict:?}");
        }
    }
}

#[test]
fn old_stats_become_presence_and_stats_and_presence_old_stats() {
    use lobbywire_core::bancho::{server, types::UserInfo};

    let info = UserInfo { id: 2, name: "peppy", ..UserInfo::default() };
    let (old, new) = (Version::from_build(394), Version::LATEST);
    let mut buffer = [0; 512];
    let mut out = FrameWriter::new(old, &mut buffer);
    out.write(&server::UserPresence(info)).unwrap();
    let [(id, payload)] = &payloads(old, Side::Server, out.written())[..] else { panic!("one frame") };
    let (frames, changes) = transcoded(Side::Server, old, new, *id, payload);
    assert_eq!(frames.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [83, 11]);
    assert_eq!(changes, [""; 0]);

    let (back, changes) = transcoded(Side::Server, new, old, frames[0].0, &frames[0].1);
    assert_eq!(back[0].0, 12);
    assert_eq!(changes, ["BanchoUserPresence"]);
}

#[test]
fn malformed_and_unknown_packets_are_distinguished() {
    let (old, new) = (Version::from_build(394), Version::LATEST);
    let mut buffer = [0; 64];
    let mut out = FrameWriter::new(new, &mut buffer);
    let malformed = Transcoder::new(Side::Server, old, new).packet(7, b"\x0c", &mut out, &mut |_| ());
    assert!(matches!(malformed, Err(TranscodeError::Malformed(_))));
    // From b1788 on, a wire id means the same in all versions. Before, the wire id of an unknown packet cannot be
    // determined.
    let modern = Transcoder::new(Side::Server, new, Version::from_build(20130801));
    assert_eq!(modern.packet(5000, b"x", &mut out, &mut |_| ()), Ok(1));
    assert_eq!(transcoded(Side::Server, new, old, 5000, b"x"), (Vec::new(), vec!["Unknown".to_owned()]));
}

/// The streams of a server and a client of each version: all golden packets, and a malformed one in the middle.
fn streams() -> Vec<(Version, Side, Vec<u8>)> {
    let golden: Vec<_> = golden_payloads().collect();
    let versions = Version::all().flat_map(|from| [(from, Side::Client), (from, Side::Server)]);
    let streams = versions.map(|(from, side)| {
        let of_it = golden.iter().filter(|packet| (packet.0, packet.1) == (from, side));
        let mut packets: Vec<_> = of_it.map(|(_, _, id, payload, _)| (*id, payload.as_slice())).collect();
        // Too short for a status or for stats.
        packets.insert(packets.len() / 2, (if side == Side::Server { 11 } else { 0 }, b"\x0c"));
        let mut buffer = vec![0; ROOM * packets.len()];
        let mut out = FrameWriter::new(from, &mut buffer);
        packets.iter().for_each(|(id, payload)| out.write_payload(*id, payload).unwrap());
        (from, side, out.written().to_vec())
    });
    streams.collect()
}

#[test]
fn many_frames_are_transcoded_as_each_one_for_any_buffer_size() {
    let (mut malformed, mut full) = (0, 0);
    for (from, side, stream) in streams() {
        let (mut inflater, mut scratch) = (Inflater::new(), vec![0; ROOM]);
        for to in Version::all().step_by(5).chain([from]) {
            let transcoder = Transcoder::new(side, from, to);
            let (mut expected, mut changes, mut count, mut errors) = (vec![], vec![], 0, vec![]);
            let mut buffer = vec![0; ROOM];
            let mut frames = Frames::new(from, side, &stream);
            while let Some(frame) = frames.next() {
                let frame = frame.unwrap();
                let mut out = FrameWriter::new(to, &mut buffer);
                let report = &mut |change| changes.push(change);
                match transcoder.frame(&frame, &mut inflater, &mut scratch, &mut out, report) {
                    Ok(more) => count += more,
                    Err(TranscodeError::Malformed(error)) => {
                        errors.push(error.after(frames.offset() - frame.body.len()));
                    }
                    Err(error) => panic!("{error}"),
                }
                expected.extend_from_slice(out.written());
            }
            for room in [ROOM, 700, 1 << 16] {
                let (mut got, mut reported, mut found, mut wrong) = (vec![], vec![], 0, vec![]);
                let mut buffer = vec![0; room];
                let mut out = FrameWriter::new(to, &mut buffer);
                let mut frames = Frames::new(from, side, &stream);
                loop {
                    let before = frames.offset();
                    let report = &mut |change| reported.push(change);
                    let done = transcoder.frames(&mut frames, &mut inflater, &mut scratch, &mut out, report);
                    found += payloads(to, side, out.written()).len();
                    got.extend_from_slice(out.written());
                    let is_empty = out.written().is_empty();
                    out.clear();
                    match done {
                        Ok(_) => break,
                        Err(TranscodeError::Malformed(error)) => {
                            assert!(frames.offset() > before);
                            wrong.push(error);
                        }
                        Err(TranscodeError::Full) if !is_empty => full += 1,
                        Err(error) => panic!("{error}: {room} bytes from {from} to {to}"),
                    }
                }
                assert!(got == expected, "{side:?} {from} to {to} in {room}");
                assert_eq!(found, count, "{side:?} {from} to {to} in {room}");
                assert_eq!(wrong, errors, "{side:?} {from} to {to} in {room}");
                // A frame that does not fit reports its changes, and reports them again when it is repeated.
                if room == 1 << 16 {
                    assert_eq!(reported, changes, "{side:?} {from} to {to}");
                }
                malformed += wrong.len();
            }
        }
    }
    assert!(malformed > 1000 && full > 500, "{malformed} {full}");
}

/// The packets of servers with values that reach the branches of the downgrade rules.
fn edge_cases() -> Vec<server::Packet<'static>> {
    let irc = UserPresence { is_irc: true, ..UserPresence::default() };
    let stats = UserStats { tscore: u64::MAX, ..UserStats::default() };
    let paused = UserStatus { action: Status::PAUSED, ..UserStatus::default() };
    let user = UserInfo { id: 7, name: "nick", ..UserInfo::default() };
    let users = [
        user,
        UserInfo { presence: irc, ..user },
        UserInfo { stats, ..user },
        UserInfo { status: paused, ..user },
    ];
    let mut packets = Vec::new();
    for user in users {
        packets.push(server::UserStats::from(user).into());
        packets.push(server::UserPresence(user).into());
        packets.push(server::UserPresenceSingle(user).into());
        for state in [QuitState::GONE, QuitState::OSU_REMAINING, QuitState::IRC_REMAINING] {
            packets.push(server::UserQuit(UserQuit { info: user, state, ..UserQuit::default() }).into());
        }
    }
    for target in ["#osu", "#lobby", "nick"] {
        packets.push(server::Message::new("a", "[http://x y]", target).into());
    }
    packets.push(server::TitleUpdate::default().into());
    packets.push(server::Restart(1).into());
    for id in [1, 300] {
        let game = Match { id, ..Match::default() };
        packets.push(server::MatchNew(game).into());
        packets.push(server::MatchStart(game).into());
    }
    for slot in [0, 9] {
        packets.push(server::MatchPlayerFailed(slot).into());
        packets.push(server::MatchPlayerSkipped(slot.unsigned_abs()).into());
    }
    packets
}

/// Adds the versions to which a packet would be copied, although its encoding queried a predicate with another
/// answer there.
fn undeclared(
    packet: &(impl Encode + std::fmt::Debug),
    from: Version,
    id: u16,
    transcoders: &[(Version, Transcoder<Version, Version>)],
    found: &mut Vec<String>,
) {
    let (mut buffer, span, of_id) =
        (vec![0; ROOM], Cell::new(VersionSpan::EVERY), Cell::new(VersionSpan::EVERY));
    let mut out = FrameWriter::new(VersionProbe::new(from, &span), &mut buffer);
    packet.send(&mut out).unwrap();
    packet.encode(VersionProbe::new(from, &span), &mut Counter::default()).unwrap();
    packet.wire_id(VersionProbe::new(from, &of_id));
    for (to, transcoder) in transcoders {
        // A span cannot express that an old build and a low protocol version give the same answer.
        let is_natural =
            |version: Version| Version::from_build(version.build()).protocol() == version.protocol();
        if from.build() != to.build() && !(is_natural(from) && is_natural(*to)) {
            continue;
        }
        // Different answers about the id are allowed: a transcoder compares the ids.
        if transcoder.is_copied(id) && !span.get().contains_payload(*to) && of_id.get().contains_payload(*to)
        {
            found.push(format!("{} in {from:?} and {to:?}", packet.packet_info().name));
        }
    }
}

#[test]
fn packets_declare_all_predicates_on_which_their_encoding_depends() {
    let (mut golden, edge_cases, mut found) = (BTreeMap::<_, Vec<_>>::new(), edge_cases(), Vec::new());
    for (version, side, id, payload, _) in golden_payloads() {
        golden.entry(version.build()).or_default().push((side, id, payload));
    }
    for from in versions() {
        let transcoders = |side| {
            let others = versions().filter(|to| *to != from);
            others.map(|to| (to, Transcoder::new(side, from, to))).collect::<Vec<_>>()
        };
        let (of_client, of_server) = (transcoders(Side::Client), transcoders(Side::Server));
        for (side, id, payload) in golden.get(&from.build()).into_iter().flatten() {
            let own = Version::from_build(from.build());
            match side {
                Side::Client => {
                    let packet = client::Packet::decode(own, *id, payload).unwrap();
                    undeclared(&packet, from, *id, &of_client, &mut found);
                }
                Side::Server => {
                    let packet = server::Packet::decode(own, *id, payload).unwrap();
                    undeclared(&packet, from, *id, &of_server, &mut found);
                }
            }
        }
        for packet in &edge_cases {
            if let Some(id) = packet.wire_id(from) {
                undeclared(packet, from, id, &of_server, &mut found);
            }
        }
    }
    assert!(found.is_empty(), "{} undeclared, such as {:?}", found.len(), &found[..found.len().min(10)]);
}

#[test]
fn chat_is_copied_between_versions_that_differ_in_user_stats() {
    let is_copied = |from, to, id| {
        Transcoder::new(Side::Server, Version::from_build(from), Version::from_build(to)).is_copied(id)
    };
    for (from, to) in [(334, 1365), (365, 659), (1365, 1820), (1788, 20121221)] {
        assert!(is_copied(from, to, 7), "messages from {from} to {to}");
        let user_stats = server::UserStats::ID.on_wire(Version::from_build(from)).unwrap();
        assert!(!is_copied(from, to, user_stats), "user stats from {from} to {to}");
    }
    // Links are formatted before b20121225, and the sender's id follows from then on.
    assert!(!is_copied(20121224, 20121225, 7));
}
