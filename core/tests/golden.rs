//! The golden vectors: bytes that chio wrote or accepted, in each version in which they differ.

mod bytes;

use bytes::{Numbers, ROOM, golden, golden_payloads, payloads};
use lobbywire_core::bancho::laws::{self, Buffers};
use lobbywire_core::bancho::{Frames, Side, Version, client, server};
use lobbywire_core::wire::ErrorKind;
use std::collections::BTreeSet;

/// Runs `check` with buffers for the laws.
fn with_buffers(mut check: impl FnMut(&mut Buffers<'_>)) {
    let (mut first, mut second) = (vec![0; ROOM], vec![0; ROOM]);
    check(&mut Buffers { first: &mut first, second: &mut second });
}

#[test]
fn every_vector_reads_and_writes_unchanged_and_keeps_all_laws() {
    with_buffers(|buffers| {
        for (version, side, id, payload, name) in golden_payloads() {
            laws::canonical(version, side, id, &payload, buffers)
                .and_then(|()| laws::truncations(version, side, id, &payload, buffers))
                .unwrap_or_else(|broken| panic!("{name}: {broken}"));
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
fn frames_hold_the_payloads_that_the_vectors_say() {
    for vector in golden() {
        assert_eq!(payloads(vector.version, vector.side, &vector.bytes), vector.frames, "{}", vector.name());
    }
}

#[test]
fn vectors_keep_the_laws_in_every_other_version_too() {
    // Bytes of one version are a stranger's bytes in another.
    with_buffers(|buffers| {
        for (index, (_, side, id, payload, name)) in golden_payloads().enumerate() {
            for version in Version::all().skip(index % 5).step_by(5) {
                laws::payload(version, side, id, &payload, buffers)
                    .unwrap_or_else(|broken| panic!("{name}: {broken}"));
            }
        }
    });
}

#[test]
fn every_flipped_bit_is_an_error_or_another_packet() {
    with_buffers(|buffers| {
        for (version, side, id, mut payload, name) in
            golden_payloads().filter(|(_, _, _, payload, _)| payload.len() < 200)
        {
            for bit in 0..payload.len() * 8 {
                payload[bit / 8] ^= 1 << (bit % 8);
                laws::payload(version, side, id, &payload, buffers)
                    .unwrap_or_else(|broken| panic!("{name}, bit {bit}: {broken}"));
                payload[bit / 8] ^= 1 << (bit % 8);
            }
        }
    });
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
fn streams_in_pieces_give_the_frames_of_the_whole() {
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
                // Cut anywhere, and damaged anywhere.
                for _ in 0..50.min(stream.len()) {
                    let end = numbers.below(stream.len());
                    laws::stream(version, side, &stream[..end], || 1 + numbers.below(99), buffers)
                        .unwrap_or_else(keep);
                    let mut damaged = stream.clone();
                    damaged[end] ^= 1 << numbers.below(8);
                    laws::stream(version, side, &damaged, || 1 + numbers.below(99), buffers)
                        .unwrap_or_else(keep);
                }
            }
        }
    });
}

#[test]
fn a_small_buffer_refuses_what_it_can_not_hold_and_goes_on() {
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
fn bytes_of_any_kind_keep_the_laws() {
    let mut numbers = Numbers(13);
    with_buffers(|buffers| {
        for version in Version::all() {
            for _ in 0..300 {
                let side = if numbers.below(2) == 0 { Side::Client } else { Side::Server };
                let id = numbers.below(115) as u16;
                let bytes: Vec<u8> = (0..numbers.below(80))
                    // Mostly what layouts are made of: zeros, string markers, short lengths.
                    .map(|_| [0, 0, 0x0b, 1, 2, numbers.below(256) as u8, b'a'][numbers.below(7)])
                    .collect();
                laws::payload(version, side, id, &bytes, buffers)
                    .unwrap_or_else(|broken| panic!("{side} {id} {bytes:02x?}: {broken}"));
            }
        }
    });
}
