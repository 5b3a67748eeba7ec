//! From one version to another and back.

mod bytes;

use bytes::{ROOM, golden_payloads, payloads};
use lobbywire_core::bancho::{
    FrameWriter, Frames, Loss, Side, TranscodeError, Transcoder, Version, client, server,
};
use lobbywire_core::wire::Inflater;
use std::collections::BTreeMap;

/// Frames, ids on the wire with payloads, and what was lost on the way to them.
type Done = (Vec<(u16, Vec<u8>)>, Vec<String>);

/// What somebody writes in a version.
fn written(
    side: Side,
    to: Version,
    write: impl FnOnce(&mut FrameWriter<'_>, &mut dyn FnMut(Loss)) -> Result<usize, TranscodeError>,
) -> Done {
    let (mut buffer, mut losses) = (vec![0; ROOM], Vec::new());
    let mut out = FrameWriter::new(to, &mut buffer);
    let count = write(&mut out, &mut |loss| losses.push(loss.to_string())).unwrap();
    let frames = payloads(to, side, out.written());
    assert_eq!(count, frames.len());
    (frames, losses)
}

/// The frames that a packet becomes.
fn transcoded(side: Side, from: Version, to: Version, id: u16, payload: &[u8]) -> Done {
    let transcoder = Transcoder::new(side, from, to);
    written(side, to, |out, report| transcoder.packet(id, payload, out, report))
}

/// The frame with nobody's id at its end always the same: −1 and 0 both stand for nobody.
fn nobody((id, payload): &(u16, Vec<u8>)) -> (u16, Vec<u8>) {
    let mut payload = payload.clone();
    if payload.ends_with(&[0xff; 4]) {
        let at = payload.len() - 4;
        payload[at..].fill(0);
    }
    (*id, payload)
}

#[test]
fn there_and_back_again_only_what_was_reported_is_lost() {
    let mut found = BTreeMap::new();
    for (from, side, id, payload, name) in golden_payloads() {
        for to in Version::all() {
            let (there, mut losses) = transcoded(side, from, to, id, &payload);
            let mut back = Vec::new();
            for (id, payload) in &there {
                let (frames, more) = transcoded(side, to, from, *id, payload);
                back.extend(frames);
                losses.extend(more);
            }
            if losses.is_empty() && back.iter().map(nobody).ne([nobody(&(id, payload.clone()))]) {
                found.entry(name.clone()).or_insert((to, back, payload.clone()));
            }
        }
    }
    for (name, (to, back, payload)) in found.iter().take(10) {
        println!("{name} to {to}\n  was {payload:02x?}\n  is  {back:02x?}");
    }
    assert!(found.is_empty(), "{} packets lose what was not reported", found.len());
}

/// The same, where the packet is read and written whatever it is.
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

/// Versions with as many slots and such a protocol version as they have, and as others have.
fn versions() -> impl Iterator<Item = Version> {
    Version::all().flat_map(|version| [version, version.with_slots(3), version.with_protocol(2)])
}

#[test]
fn a_packet_that_is_copied_is_what_reading_and_writing_it_would_give() {
    for (from, side, id, payload, name) in golden_payloads() {
        for to in versions().filter(|to| Transcoder::new(side, from, *to).is_copied(id) && *to != from) {
            let copied = transcoded(side, from, to, id, &payload);
            assert_eq!(copied, (vec![(id, payload.clone())], Vec::new()), "{name} to {to:?}");
            let (frames, losses) = reread(side, from, to, id, &payload);
            let frames: Vec<_> = frames.iter().map(nobody).collect();
            assert_eq!((frames, losses), (vec![nobody(&copied.0[0])], Vec::new()), "{name} to {to:?}");
        }
    }
}

#[test]
fn a_frame_is_put_as_it_came_or_becomes_what_its_packet_does() {
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
fn what_no_version_lays_out_otherwise_is_copied() {
    let is_copied = |side, from, to, id| {
        Transcoder::new(side, Version::from_build(from), Version::from_build(to)).is_copied(id)
    };
    // A message, frames, a match, a presence, ids; nothing but the ranked status of beatmaps has changed.
    for id in [7, 15, 26, 83, 72] {
        assert!(is_copied(Side::Server, 20160404, 20161101, id), "{id}");
    }
    assert!(!is_copied(Side::Server, 20160404, 20161101, 69), "what the server knows of beatmaps");
    assert!(!is_copied(Side::Server, 20151107, 20160404, 15), "frames have a sequence since");
    assert!(!is_copied(Side::Server, 20150826, 20150915, 26), "matches have 16 slots since");
    assert!(is_copied(Side::Client, 282, 20250306, 4), "a sign of life");
    assert!(!is_copied(Side::Client, 1700, 1800, 38), "it has another id since");
    assert!(!is_copied(Side::Server, 20160404, 20161101, 5000), "it has no meaning");
    assert!(is_copied(Side::Server, 20160404, 20160404, 5000), "nothing changes at all");
}

#[test]
fn a_strict_transcoder_writes_all_of_a_packet_or_nothing() {
    for (from, side, id, payload, name) in golden_payloads() {
        for to in Version::all().step_by(3) {
            let (there, losses) = transcoded(side, from, to, id, &payload);
            let mut buffer = vec![0; ROOM];
            let mut out = FrameWriter::new(to, &mut buffer);
            let strict = Transcoder::new(side, from, to).strict(id, &payload, &mut out);
            let expected = if losses.is_empty() { there } else { Vec::new() };
            assert_eq!(payloads(to, side, out.written()), expected, "{name} to {to}");
            assert_eq!(strict.is_ok(), losses.is_empty(), "{name} to {to}: {strict:?}");
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
    let (frames, losses) = transcoded(Side::Server, old, new, *id, payload);
    assert_eq!(frames.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [83, 11]);
    assert_eq!(losses, [""; 0]);

    let (back, losses) = transcoded(Side::Server, new, old, frames[0].0, &frames[0].1);
    assert_eq!(back[0].0, 12);
    assert_eq!(losses, ["BanchoUserPresence"]);
}

#[test]
fn damage_and_ids_without_a_meaning_are_told_apart() {
    let (old, new) = (Version::from_build(394), Version::LATEST);
    let mut buffer = [0; 64];
    let mut out = FrameWriter::new(new, &mut buffer);
    let damaged = Transcoder::new(Side::Server, old, new).packet(7, b"\x0c", &mut out, &mut |_| ());
    assert!(matches!(damaged, Err(TranscodeError::Malformed(_))));
    // From b1788 on an id has one meaning; before, nobody knows which number it would have.
    let modern = Transcoder::new(Side::Server, new, Version::from_build(20130801));
    assert_eq!(modern.packet(5000, b"x", &mut out, &mut |_| ()), Ok(1));
    assert_eq!(transcoded(Side::Server, new, old, 5000, b"x"), (Vec::new(), vec!["Unknown".to_owned()]));
}

/// What a server or client of each version sends: all its golden packets, with a damaged one among them.
fn streams() -> Vec<(Version, Side, Vec<u8>)> {
    let golden: Vec<_> = golden_payloads().collect();
    let versions = Version::all().flat_map(|from| [(from, Side::Client), (from, Side::Server)]);
    let streams = versions.map(|(from, side)| {
        let of_it = golden.iter().filter(|packet| (packet.0, packet.1) == (from, side));
        let mut packets: Vec<_> = of_it.map(|(_, _, id, payload, _)| (*id, payload.as_slice())).collect();
        // As a status and as stats it is too short.
        packets.insert(packets.len() / 2, (if side == Side::Server { 11 } else { 0 }, b"\x0c"));
        let mut buffer = vec![0; ROOM * packets.len()];
        let mut out = FrameWriter::new(from, &mut buffer);
        packets.iter().for_each(|(id, payload)| out.write_payload(*id, payload).unwrap());
        (from, side, out.written().to_vec())
    });
    streams.collect()
}

#[test]
fn frames_become_what_each_of_them_does_in_any_room_and_behind_damage() {
    let (mut damaged, mut full) = (0, 0);
    for (from, side, stream) in streams() {
        let (mut inflater, mut scratch) = (Inflater::new(), vec![0; ROOM]);
        for to in Version::all().step_by(5).chain([from]) {
            let transcoder = Transcoder::new(side, from, to);
            let (mut expected, mut losses, mut count, mut errors) = (vec![], vec![], 0, vec![]);
            let mut buffer = vec![0; ROOM];
            let mut frames = Frames::new(from, side, &stream);
            while let Some(frame) = frames.next() {
                let frame = frame.unwrap();
                let mut out = FrameWriter::new(to, &mut buffer);
                let report = &mut |loss| losses.push(loss);
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
                let (mut got, mut lost, mut found, mut wrong) = (vec![], vec![], 0, vec![]);
                let mut buffer = vec![0; room];
                let mut out = FrameWriter::new(to, &mut buffer);
                let mut frames = Frames::new(from, side, &stream);
                loop {
                    let before = frames.offset();
                    let report = &mut |loss| lost.push(loss);
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
                // A frame that has no room says what it loses, and says it again when it has.
                if room == 1 << 16 {
                    assert_eq!(lost, losses, "{side:?} {from} to {to}");
                }
                damaged += wrong.len();
            }
        }
    }
    assert!(damaged > 1000 && full > 500, "{damaged} {full}");
}
