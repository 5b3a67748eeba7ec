//! The library's golden vectors: encoded from JSON, and decoded to JSON and back.

mod tool;

use serde_json::Value;
use tool::{Vector, decode, encode, frames, golden, line};

fn lines(vectors: &[Vector]) -> String {
    vectors.iter().map(|vector| line(&vector.packet, vector.data.clone())).collect()
}

/// Panics unless `bytes` contains the frames of all vectors, and names the first vector that differs.
#[track_caller]
fn assert_frames(vectors: &[Vector], bytes: &[u8]) {
    let written = frames(vectors[0].build, bytes);
    let mut written = written.iter();
    for vector in vectors {
        for (id, payload) in &vector.frames {
            let frame = written.next().unwrap_or_else(|| panic!("no frame is left for {vector:?}"));
            assert_eq!(frame.meaning(), (*id, &payload[..]), "{} in {}", vector.packet, vector.version);
        }
    }
    assert!(written.next().is_none(), "frames that no vector of {} has", vectors[0].version);
}

#[test]
fn vectors_encode_to_their_frames() {
    for side in ["server", "client"] {
        for vectors in golden(side) {
            let version = &vectors[0].version;
            let outcome = encode(version, side, &lines(&vectors));
            assert_eq!(outcome.code, Some(0), "{version} {side}: {}", outcome.stderr);
            assert_frames(&vectors, &outcome.stdout);
            let skipped: Vec<_> = vectors.iter().filter(|vector| vector.frames.is_empty()).collect();
            let reports = outcome.reports();
            let told: Vec<_> = reports.iter().map(|report| report["skipped"].as_str().unwrap()).collect();
            assert!(skipped.iter().map(|vector| &vector.packet[..]).eq(told), "{version} {side}");
            assert!(reports.iter().all(|report| report["version"] == **version), "{version} {side}");
        }
    }
}

#[test]
fn vectors_round_trip_through_json() {
    for side in ["server", "client"] {
        for vectors in golden(side) {
            let version = &vectors[0].version;
            let bytes: Vec<u8> = vectors.iter().flat_map(|vector| vector.bytes.clone()).collect();
            let shown = decode(version, side, "--format json", &bytes).expect_success();
            let lines = String::from_utf8(shown.stdout).unwrap();
            let frames: usize = vectors.iter().map(|vector| vector.frames.len()).sum();
            assert_eq!(lines.lines().count(), frames, "{version} {side}");
            let again = encode(version, side, &lines).expect_success();
            assert_frames(&vectors, &again.stdout);
        }
    }
}

#[test]
fn vectors_decode_to_named_packets() {
    for side in ["server", "client"] {
        for vectors in golden(side) {
            let bytes: Vec<u8> = vectors.iter().flat_map(|vector| vector.bytes.clone()).collect();
            let shown = decode(&vectors[0].version, side, "--format json", &bytes).expect_success();
            let unknown: Vec<Value> =
                shown.lines().into_iter().filter(|line| line["packet"] == "Unknown").collect();
            assert!(unknown.is_empty(), "{}: {unknown:?}", vectors[0].version);
        }
    }
}
