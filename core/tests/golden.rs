//! The golden vectors: bytes that chio wrote or accepted, for each version in which they differ.

mod bytes;

use bytes::{Numbers, ROOM, golden, golden_payloads, payloads};
use lobbywire_core::bancho::laws::{self, Buffers, Outcome};
use lobbywire_core::bancho::{Frames, Side, Version, client, server};
use lobbywire_core::wire::ErrorKind;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// Runs `check` with buffers for the properties.
fn with_buffers(mut check: impl FnMut(&mut Buffers<'_>)) {
    let (mut first, mut second) = (vec![0; ROOM], vec![0; ROOM]);
    check(&mut Buffers { first: &mut first, second: &mut second });
}

#[test]
fn vectors_are_canonical_and_cannot_be_truncated() {
    with_buffers(|buffers| {
        for (version, side, id, payload, name) in golden_payloads() {
            assert_eq!(laws::canonical(version, side, id, &payload, buffers), Ok(Outcome::Held), "{name}");
            let truncated = laws::truncations(version, side, id, &payload, buffers);
            let expected = if payload.is_empty() { Outcome::Skipped } else { Outcome::Held };
            assert_eq!(truncated, Ok(expected), "{name}");
        }
    });
}

#[test]
fn vectors_cover_every_packet_of_the_tables() {
    let covered: BTreeSet<String> = golden().into_iter().map(|vector| vector.packet).collect();
    for info in client::PACKETS.iter().chain(server::PACKETS) {
        assert!(covered.contains(info.name), "no vector for {}", info.name);
    }
}

#[test]
fn frames_have_the_payloads_of_the_vectors() {
    for vector in golden() {
        assert_eq!(payloads(vector.version, vector.side, &vector.bytes), vector.frames, "{}", vector.name());
    }
}

#[test]
fn vectors_of_one_version_satisfy_the_properties_in_others() {
    let (mut held, mut skipped) = (0, 0);
    with_buffers(|buffers| {
        for (index, (_, side, id, payload, name)) in golden_payloads().enumerate() {
            for version in Version::all().skip(index % 5).step_by(5) {
                match laws::payload(version, side, id, &payload, buffers) {
                    Ok(Outcome::Held) => held += 1,
                    Ok(Outcome::Skipped) => skipped += 1,
                    Err(broken) => panic!("{name}: {broken}"),
                }
            }
        }
    });
    assert!(held > 10_000 && skipped > 3_000, "{held} decode, {skipped} do not");
}

/// Bits that these packets ignore in a byte of this value.
struct Ignored {
    packets: &'static [&'static str],
    byte: u8,
    /// 0 is the lowest.
    bits: RangeInclusive<usize>,
    builds: RangeInclusive<u32>,
}

const ANY_BUILD: RangeInclusive<u32> = 0..=u32::MAX;

/// Packets with the slots of a match.
const WITH_SLOTS: &[&str] = &[
    "BanchoMatchNew",
    "BanchoMatchUpdate",
    "BanchoMatchJoinSuccess",
    "OsuMatchCreate",
    "OsuMatchChangeSettings",
    "OsuMatchChangeBeatmap",
];

const IGNORED: &[Ignored] = &[
    // Every value but 0 sets a bool of one byte.
    Ignored {
        packets: &[
            "BanchoInvite",
            "BanchoMatchJoinSuccess",
            "BanchoMatchNew",
            "BanchoMatchScoreUpdate",
            "BanchoMatchStart",
            "BanchoMatchUpdate",
            "BanchoMessage",
            "BanchoSpectateFrames",
            "BanchoUserPresence",
            "BanchoUserPresenceBundle",
            "BanchoUserPresenceSingle",
            "BanchoUserStats",
            "OsuMatchChangeBeatmap",
            "OsuMatchChangePassword",
            "OsuMatchChangeSettings",
            "OsuMatchCreate",
            "OsuMatchScoreUpdate",
            "OsuSpectateFrames",
            "OsuUserStatus",
        ],
        byte: 1,
        bits: 1..=7,
        builds: ANY_BUILD,
    },
    // Only 1 sets a bool of four bytes.
    Ignored { packets: &["OsuExit", "OsuChangeFriendOnlyDms"], byte: 0, bits: 0..=7, builds: ANY_BUILD },
    // Codes that the client does not know become -1.
    Ignored { packets: &["BanchoLoginReply"], byte: 0xff, bits: 0..=7, builds: 282..=1787 },
    // No image: an empty string means the same as the separator alone.
    Ignored { packets: &["BanchoTitleUpdate"], byte: 1, bits: 0..=0, builds: ANY_BUILD },
    // A private message is one regardless of its flag.
    Ignored { packets: &["OsuPrivateMessage"], byte: 1, bits: 0..=7, builds: 294..=294 },
    // Three bit sets, of free, used and ready slots. Used slots are not free, and ready slots are used.
    Ignored { packets: WITH_SLOTS, byte: 0x1f, bits: 1..=1, builds: 298..=333 },
    Ignored { packets: WITH_SLOTS, byte: 0x40, bits: 0..=4, builds: 298..=333 },
];

#[test]
fn every_flipped_bit_is_an_error_or_another_packet() {
    let (mut errors, mut others, mut ignored) = (0, 0, BTreeSet::new());
    let (mut original, mut second) = (vec![0; ROOM], vec![0; ROOM]);
    with_buffers(|buffers| {
        for (version, side, id, mut payload, name) in
            golden_payloads().filter(|(_, _, _, payload, _)| payload.len() < 200)
        {
            let packet = name.split(' ').next().unwrap();
            let mut of_original = Buffers { first: &mut original, second: &mut second };
            laws::canonical(version, side, id, &payload, &mut of_original).unwrap();
            for bit in 0..payload.len() * 8 {
                let byte = payload[bit / 8];
                payload[bit / 8] ^= 1 << (bit % 8);
                let outcome = laws::payload(version, side, id, &payload, buffers);
                payload[bit / 8] = byte;
                match outcome {
                    Err(broken) => panic!("{name}, bit {bit}: {broken}"),
                    Ok(Outcome::Skipped) => errors += 1,
                    // The property encodes the packet to the first buffer.
                    Ok(Outcome::Held) if buffers.first[..] != original[..] => others += 1,
                    Ok(Outcome::Held) => {
                        let bit_of_byte = bit % 8;
                        let is_expected = IGNORED.iter().any(|expected| {
                            expected.packets.contains(&packet)
                                && expected.byte == byte
                                && expected.bits.contains(&bit_of_byte)
                                && expected.builds.contains(&version.build())
                        });
                        assert!(is_expected, "{name}, bit {bit} is ignored");
                        ignored.insert((packet.to_owned(), byte, bit_of_byte));
                    }
                }
            }
        }
    });
    assert!(errors > 10_000 && others > 100_000, "{errors} errors, {others} other packets");
    for Ignored { packets, byte, bits, .. } in IGNORED {
        for (packet, bit) in packets.iter().flat_map(|packet| bits.clone().map(move |bit| (packet, bit))) {
            let is_ignored = ignored.contains(&((*packet).to_owned(), *byte, bit));
            assert!(is_ignored, "no {packet} ignores bit {bit} of {byte:#04x}: remove it from IGNORED");
        }
    }
}

#[test]
fn every_truncation_of_a_frame_is_incomplete() {
    for vector in golden() {
        let whole = Frames::new(vector.version, vector.side, &vector.bytes).count();
        for cut in 0..vector.bytes.len() {
            let frames: Vec<_> = Frames::new(vector.version, vector.side, &vector.bytes[..cut]).collect();
            assert!(frames.len() <= whole);
            let ends_in_a_frame = frames.iter().flatten().map(|frame| frame.bytes.len()).sum::<usize>() < cut;
            let last = frames.last().and_then(|frame| frame.as_ref().err());
            assert_eq!(last.is_some(), ends_in_a_frame, "{} cut at {cut}", vector.name());
            assert!(last.is_none_or(|error| error.kind == ErrorKind::Incomplete));
        }
    }
}

#[test]
fn a_stream_in_pieces_has_the_same_frames() {
    let mut numbers = Numbers(7);
    with_buffers(|buffers| {
        for version in Version::all() {
            for side in [Side::Client, Side::Server] {
                let vectors =
                    golden().into_iter().filter(|vector| (vector.version, vector.side) == (version, side));
                let stream: Vec<u8> = vectors.flat_map(|vector| vector.bytes).collect();
                let keep = |broken: laws::Broken| panic!("{side} {broken}");
                laws::stream(version, side, &stream, || 1, buffers).unwrap_or_else(keep);
                laws::stream(version, side, &stream, || 0, buffers).unwrap_or_else(keep);
                for _ in 0..20 {
                    laws::stream(version, side, &stream, || 1 + numbers.below(40), buffers)
                        .unwrap_or_else(keep);
                }
                // Truncated, and with a flipped bit.
                for _ in 0..50.min(stream.len()) {
                    let end = numbers.below(stream.len());
                    laws::stream(version, side, &stream[..end], || 1 + numbers.below(99), buffers)
                        .unwrap_or_else(keep);
                    let mut malformed = stream.clone();
                    malformed[end] ^= 1 << numbers.below(8);
                    laws::stream(version, side, &malformed, || 1 + numbers.below(99), buffers)
                        .unwrap_or_else(keep);
                }
            }
        }
    });
}

#[test]
fn a_small_buffer_rejects_larger_frames_and_continues() {
    let mut numbers = Numbers(11);
    for version in [Version::OLDEST, Version::from_build(394), Version::LATEST] {
        let vectors =
            golden().into_iter().filter(|vector| vector.version == version && vector.side == Side::Server);
        let stream: Vec<u8> = vectors.flat_map(|vector| vector.bytes).collect();
        for size in [8, 20, 64, 100] {
            let (mut first, mut second) = (vec![0; size], []);
            let buffers = &mut Buffers { first: &mut first, second: &mut second };
            laws::stream(version, Side::Server, &stream, || 1 + numbers.below(30), buffers)
                .unwrap_or_else(|broken| panic!("{size} bytes: {broken}"));
        }
    }
}

#[test]
fn random_payloads_satisfy_the_properties() {
    let mut numbers = Numbers(13);
    with_buffers(|buffers| {
        for version in Version::all() {
            for _ in 0..300 {
                let side = if numbers.below(2) == 0 { Side::Client } else { Side::Server };
                let id = numbers.below(115) as u16;
                let bytes: Vec<u8> = (0..numbers.below(80))
                    // Mostly bytes that are common in packets: zeros, string markers, short lengths.
                    .map(|_| [0, 0, 0x0b, 1, 2, numbers.below(256) as u8, b'a'][numbers.below(7)])
                    .collect();
                laws::payload(version, side, id, &bytes, buffers)
                    .unwrap_or_else(|broken| panic!("{side} {id} {bytes:02x?}: {broken}"));
            }
        }
    });
}
