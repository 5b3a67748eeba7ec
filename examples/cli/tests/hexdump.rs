//! `decode --format bytes` prints every byte once, at its offset.

mod tool;

use tool::{Frame, captures, decode, frames, golden, unhex};

/// The offset and the bytes of a line, or `None` for a line without bytes.
fn bytes_of(line: &str) -> Option<(usize, Vec<u8>)> {
    let offset = line.strip_prefix("  ")?.get(..8)?;
    let offset = usize::from_str_radix(offset, 16).ok()?;
    // After the offset: three columns for each of eight bytes, then text.
    let columns: String = line.chars().skip(12).take(24).filter(|column| *column != ' ').collect();
    Some((offset, unhex(&columns)))
}

/// Panics unless the dump contains the header and payload of each frame, and nothing else.
fn assert_shown(dump: &str, frames: &[Frame], what: &str) {
    let mut packets = Vec::new();
    for line in dump.lines().filter(|line| !line.is_empty()) {
        if !line.starts_with(' ') {
            packets.push(Vec::new());
        } else if let Some(shown) = bytes_of(line) {
            packets.last_mut().unwrap_or_else(|| panic!("{what}: no name above {line:?}")).push(shown);
        }
    }
    assert_eq!(packets.len(), frames.len(), "{what}");
    for (lines, frame) in packets.iter().zip(frames) {
        let shown: Vec<u8> = lines.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
        assert_eq!(shown, [&frame.header[..], &frame.payload].concat(), "{what}: {frame:?}");
        // Offsets are consecutive, from the start of the input. A decompressed payload has its own.
        let mut expected = frame.at;
        for (offset, bytes) in lines {
            if expected == frame.at + frame.header.len() && frame.is_compressed && *offset == 0 {
                expected = 0;
            }
            // A line without bytes is a second field of a byte.
            let is_in_place = if bytes.is_empty() { *offset <= expected } else { *offset == expected };
            assert!(is_in_place, "{what}: {offset:#x} instead of {expected:#x} in {frame:?}");
            expected += bytes.len();
        }
    }
}

#[test]
fn hexdumps_of_captures_contain_every_byte_once() {
    for capture in captures() {
        let dump =
            decode(&capture.version(), &capture.side, "--format bytes", &capture.bytes).expect_success();
        let dump = String::from_utf8(dump.stdout).unwrap();
        assert_shown(&dump, &frames(capture.build, &capture.bytes), &capture.path.display().to_string());
    }
}

#[test]
fn hexdumps_of_vectors_contain_every_byte_once() {
    for side in ["server", "client"] {
        for vectors in golden(side) {
            let bytes: Vec<u8> = vectors.iter().flat_map(|vector| vector.bytes.clone()).collect();
            let version = &vectors[0].version;
            let dump = decode(version, side, "--format bytes", &bytes).expect_success();
            let dump = String::from_utf8(dump.stdout).unwrap();
            assert_shown(&dump, &frames(vectors[0].build, &bytes), &format!("{version} {side}"));
        }
    }
}

#[test]
fn trailing_bytes_are_dumped_as_not_part_of_the_version() {
    // OsuMatchChangeSlot 3 and four trailing bytes.
    let bytes = unhex("2600000800000003000000deadbeef");
    let dump = decode("20130801", "client", "--format bytes", &bytes).expect_success();
    let dump = String::from_utf8(dump.stdout).unwrap();
    assert_shown(&dump, &frames(20130801, &bytes), "trailing bytes");
    let last = dump.lines().rfind(|line| !line.is_empty()).unwrap();
    assert_eq!(
        last.split_whitespace().collect::<Vec<_>>(),
        ["0000000b", "de", "ad", "be", "ef", "(not", "part", "of", "this", "version)"]
    );
}

#[test]
fn malformed_packets_are_dumped_with_the_error() {
    // A message whose target has a length of nine and two bytes.
    let bytes = unhex("0100000a000000000b0268690b094162");
    let bytes = [&bytes[..], b"c"].concat();
    let shown = decode("394", "client", "--format bytes", &bytes);
    assert_eq!(shown.code, Some(1));
    let dump = String::from_utf8(shown.stdout).unwrap();
    assert_shown(&dump, &frames(394, &bytes), "malformed");
    let last = dump.lines().rfind(|line| !line.is_empty()).unwrap();
    assert!(last.starts_with("  0000000c  0b 09 41 62 63 "), "{last:?}");
    assert!(last.ends_with("target: the packet ends inside this field"), "{last:?}");
}
