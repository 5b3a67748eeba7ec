//! Hostile input: each error is one line on standard error with its kind and offset, and loses one packet.

mod tool;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::io::Read;
use std::process::Command;
use tool::{TOOL, captures, compressed_frame, decode, feed, frame, gzip, header_len};

/// Versions with gzip always, gzip by a flag, the same with lists of numbers, and the latest one.
const BUILDS: [u32; 4] = [282, 394, 1700, 20250306];

/// A valid packet of this side.
fn good(build: u32, side: &str) -> Vec<u8> {
    frame(build, if side == "client" { 4 } else { 8 }, &[])
}

/// A malformed frame and the expected error.
struct Malformed {
    build: u32,
    side: &'static str,
    frame: Vec<u8>,
    error: &'static str,
    /// The offset from the start of the frame.
    offset: usize,
    packet: &'static str,
    field: Option<&'static str>,
}

impl Malformed {
    /// A payload with an error at this offset.
    fn in_payload(
        (build, side, id): (u32, &'static str, u16),
        payload: &[u8],
        (error, offset): (&'static str, usize),
        packet: &'static str,
        field: Option<&'static str>,
    ) -> Self {
        let frame = frame(build, id, payload);
        Self { build, side, frame, error, offset: header_len(build) + offset, packet, field }
    }

    /// Panics unless the tool reports this error in one line, prints the packets before it and, with `--keep-going`, those
    /// after it.
    fn check(&self) {
        let Self { build, side, .. } = *self;
        let what = format!("{} of {build}, {}", self.packet, self.error);
        let good = good(build, side);
        let input = [&good[..], &self.frame, &good].concat();
        for (flags, whole) in [("--format json", 1), ("--format json --keep-going", 2)] {
            let shown = decode(&build.to_string(), side, flags, &input);
            assert_eq!(shown.code, Some(1), "{what}: {}", shown.stderr);
            assert_eq!(shown.lines().len(), whole, "{what} {flags}");
            let [report] = &shown.reports()[..] else { panic!("{what}: {}", shown.stderr) };
            let keys: Vec<_> = report.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["error", "offset", "packet", "field", "message"], "{what}");
            assert_eq!(report["error"], self.error, "{what}: {report}");
            assert_eq!(report["offset"], good.len() + self.offset, "{what}: {report}");
            assert_eq!(report["packet"], self.packet, "{what}: {report}");
            assert_eq!(report["field"], json!(self.field), "{what}: {report}");
            assert!(report["message"].as_str().unwrap().contains(' '), "{what}: {report}");
        }
    }
}

/// Malformed strings as the content of a message: after the sender's name, which the first version omits.
#[test]
fn malformed_strings_are_reported_at_their_offset() {
    for build in BUILDS {
        let before: &[u8] = if build == 282 { b"" } else { b"\x0b\x01a" };
        let strings: [(&[u8], &str, usize); 5] = [
            (b"\x0c\x02hi", "string_marker", 0),
            (b"\x0b\xff\xff\xff\xff\xff\xff\xff\xff\xff", "uleb128", 1),
            // Five bytes, but more than 32 bits.
            (b"\x0b\xff\xff\xff\xff\x1f", "uleb128", 1),
            (b"\x0b\x0ahi", "truncated", 2),
            (b"\x0b", "truncated", 1),
        ];
        for (string, error, at) in strings {
            let payload = [before, string].concat();
            let place = (error, before.len() + at);
            Malformed::in_payload((build, "client", 1), &payload, place, "OsuMessage", Some("content"))
                .check();
        }
    }
}

#[test]
fn list_counts_beyond_the_payload_are_rejected() {
    let claims = [
        (1700, "server", 73, "ffffff7f", 0, "BanchoFriendsList", None),
        (20250306, "server", 72, "ffff", 0, "BanchoFriendsList", None),
        (394, "client", 69, "ffffffff", 0, "OsuBeatmapInfoRequest", Some("filenames")),
        (1700, "client", 69, "00000000ffffffff", 4, "OsuBeatmapInfoRequest", Some("ids")),
        (20250306, "client", 68, "00000000ffffffff", 4, "OsuBeatmapInfoRequest", Some("ids")),
        (394, "server", 70, "ffffffff", 0, "BanchoBeatmapInfoReply", Some("beatmaps")),
        (282, "client", 19, "ffff", 0, "OsuSpectateFrames", Some("frames")),
        (394, "client", 19, "ffff", 0, "OsuSpectateFrames", Some("frames")),
        (20250306, "client", 18, "ffffffffffff", 4, "OsuSpectateFrames", Some("frames")),
        (20250306, "client", 85, "0300", 0, "OsuUserStatsRequest", None),
    ];
    for (build, side, id, start, at, packet, field) in claims {
        let payload = [tool::unhex(start), vec![0; 8]].concat();
        Malformed::in_payload((build, side, id), &payload, ("list_length", at), packet, field).check();
    }
}

#[test]
fn fields_of_list_elements_are_reported_with_their_index() {
    // Three file names, the third malformed.
    let payload = b"\x03\0\0\0\x0b\x01a\0\x0d\0\0\0\0";
    let place = ("string_marker", 8);
    let frame = (20250306, "client", 68);
    Malformed::in_payload(frame, payload, place, "OsuBeatmapInfoRequest", Some("filenames.2")).check();
}

#[test]
fn truncated_payloads_name_the_missing_field() {
    for build in BUILDS {
        let place = ("truncated", 0);
        Malformed::in_payload((build, "server", 5), &[1, 0], place, "BanchoLoginReply", None).check();
    }
    // A score after replay frames, truncated after its time.
    let payload = b"\xff\xff\xff\xff\0\0\0\x01\0\0\0";
    let frame = (20250306, "client", 18);
    Malformed::in_payload(frame, payload, ("truncated", 11), "OsuSpectateFrames", Some("frame.id")).check();
}

#[test]
fn invalid_gzip_loses_one_packet() {
    for build in BUILDS {
        let frame = compressed_frame(build, 1, b"ab");
        let (error, offset) = ("gzip", header_len(build));
        Malformed { build, side: "client", frame, error, offset, packet: "OsuMessage", field: None }.check();
    }
}

#[test]
fn wrong_gzip_checksums_and_second_members_are_rejected() {
    for build in BUILDS {
        let member = gzip(b"\0\0\0\0\0\0");
        let mut flipped = member.clone();
        let checksum = member.len() - 8;
        flipped[checksum] ^= 1;
        let second = [member.clone(), member.clone()].concat();
        for member in [flipped, second] {
            let frame = compressed_frame(build, 1, &member);
            let (error, offset) = ("gzip", header_len(build) + checksum);
            Malformed { build, side: "client", frame, error, offset, packet: "OsuMessage", field: None }
                .check();
        }
    }
}

#[test]
fn length_of_four_gigabytes_is_rejected_from_the_header() {
    for build in BUILDS {
        for side in ["client", "server"] {
            let good = good(build, side);
            let id = if side == "client" { 1 } else { 7 };
            let mut header = compressed_frame(build, id, b"");
            let len = header.len() - 4;
            header[len..].fill(0xff);
            let input = [&good[..], &header, b"whatever follows"].concat();
            let shown = decode(&build.to_string(), side, "--format json", &input);
            assert_eq!((shown.code, shown.lines().len()), (Some(1), 1), "{build} {side}");
            let [report] = &shown.reports()[..] else { panic!("{build} {side}: {}", shown.stderr) };
            assert_eq!(report["error"], "frame_too_large", "{build} {side}");
            assert_eq!(report["offset"], good.len(), "{build} {side}");
            let name = if side == "client" { "OsuMessage" } else { "BanchoMessage" };
            assert_eq!(report["packet"], name, "{build} {side}");
        }
    }
}

#[test]
fn frames_above_the_limit_are_skipped() {
    for build in BUILDS {
        let frame = compressed_frame(build, 1, &vec![0; (64 << 10) + 1]);
        let error = "frame_too_large";
        Malformed { build, side: "client", frame, error, offset: 0, packet: "OsuMessage", field: None }
            .check();
    }
}

/// 200 MB of zeros, compressed into one frame.
fn bomb() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    std::io::copy(&mut std::io::repeat(0).take(200_000_000), &mut encoder).unwrap();
    encoder.finish().unwrap()
}

/// Runs `decode` with limited address space.
fn decode_within(kilobytes: u32, arguments: &str, input: &[u8]) -> tool::Outcome {
    let script = format!("ulimit -v {kilobytes} && exec \"$0\" bancho decode {arguments}");
    feed(Command::new("sh").args(["-c", &script, TOOL]), input)
}

#[cfg(unix)]
#[test]
fn gzip_bombs_are_rejected_in_bounded_memory() {
    let bomb = bomb();
    assert!((100_000..256 << 10).contains(&bomb.len()), "the compressed size must be within the frame limit");
    // Only beatmap requests of clients may be as large.
    let packets = [
        (282, "server", 7, "BanchoMessage"),
        (394, "server", 7, "BanchoMessage"),
        (394, "client", 69, "OsuBeatmapInfoRequest"),
        (1700, "client", 69, "OsuBeatmapInfoRequest"),
        (20250306, "server", 7, "BanchoMessage"),
        (20250306, "client", 68, "OsuBeatmapInfoRequest"),
    ];
    for (build, side, id, packet) in packets {
        let (good, frame) = (good(build, side), compressed_frame(build, id, &bomb));
        let input = [&good[..], &frame, &good].concat();
        for style in ["--format json", "--format bytes", ""] {
            let arguments = format!("--build {build} --side {side} --keep-going {style}");
            let shown = decode_within(256 << 10, &arguments, &input);
            let [report] = &shown.reports()[..] else { panic!("{build} {side}: {}", shown.stderr) };
            assert_eq!(report["error"], "inflated_too_large", "{build} {side} {style}");
            assert_eq!(report["packet"], packet, "{build} {side} {style}");
            // Decoding stopped inside the frame, before the end of the zeros.
            let offset = usize::try_from(report["offset"].as_u64().unwrap()).unwrap();
            assert!((good.len()..good.len() + frame.len() / 10).contains(&offset), "{report}");
            assert_eq!(shown.code, Some(1), "{build} {side} {style}");
            if style == "--format json" {
                assert_eq!(shown.lines().len(), 2, "{build} {side}");
            }
        }
    }
}

#[test]
fn decompressed_client_packets_are_limited_to_one_megabyte_and_beatmap_requests_to_four() {
    const MEGABYTE: usize = 1 << 20;
    for (build, beatmaps) in [(394, 69), (20250306, 68)] {
        for (id, most) in [(1, MEGABYTE), (beatmaps, 4 * MEGABYTE)] {
            for (len, is_refused) in [(most, false), (most + 1, true)] {
                let input = compressed_frame(build, id, &gzip(&vec![0; len]));
                let shown = decode(&build.to_string(), "client", "--format json", &input);
                let reports = shown.reports();
                let is_too_large = reports.iter().any(|report| report["error"] == "inflated_too_large");
                assert_eq!(is_too_large, is_refused, "id {id} of {build}, {len} bytes: {}", shown.stderr);
            }
        }
    }
}

/// A list that is too long for quadratic time, or for memory proportional to its text.
#[test]
fn long_compressed_lists_decode_in_every_format() {
    const COUNT: u32 = 200_000;
    let payload = [&COUNT.to_le_bytes()[..], &vec![0; 4 * COUNT as usize]].concat();
    let input = compressed_frame(1700, 73, &gzip(&payload));
    assert!(input.len() < 2000, "a short frame");
    let json = decode("1700", "server", "--format json", &input).expect_success();
    assert_eq!(json.lines()[0]["data"].as_array().unwrap().len(), COUNT as usize);
    for style in ["", "--format bytes"] {
        let shown = decode("1700", "server", style, &input).expect_success();
        let lines = shown.stdout.iter().filter(|byte| **byte == b'\n').count();
        assert!(lines >= COUNT as usize, "a line for each element: {lines}");
    }
}

#[test]
fn random_bytes_end_with_an_error() {
    // A seeded generator, so that failures are reproducible.
    let mut state = 1u32;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    for build in BUILDS {
        for side in ["client", "server"] {
            for style in ["--format json", "--format bytes", ""] {
                let rubbish: Vec<u8> = (0..5000).map(|_| random()).collect();
                let shown = decode(&build.to_string(), side, &format!("{style} --keep-going"), &rubbish);
                assert_eq!(shown.code, Some(1), "{build} {side} {style}: {}", shown.stderr);
                assert!(!shown.reports().is_empty());
            }
        }
    }
}

#[test]
fn flipped_bits_in_captures_give_json_reports_only() {
    // The same number of flips in each capture, spread over headers, payloads and gzip members.
    const FLIPS: usize = 25;
    for capture in captures() {
        let bytes = &capture.bytes[..capture.bytes.len().min(600)];
        for flip in 0..FLIPS {
            let bit = flip * bytes.len() * 8 / FLIPS + flip % 8;
            let mut flipped = bytes.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let style = ["--format json", "--format bytes", ""][flip % 3];
            let flags = format!("{style} --keep-going");
            let shown = decode(&capture.version(), &capture.side, &flags, &flipped);
            let place = format!("{} {style}, bit {bit}", capture.path.display());
            let reports = shown.reports();
            let has_errors = reports.iter().any(|report: &Value| report["error"].is_string());
            assert_eq!(shown.code, Some(i32::from(has_errors)), "{place}: {}", shown.stderr);
        }
    }
}

#[test]
fn flipped_bits_in_headers_do_not_panic() {
    for build in BUILDS {
        // A truncated message and a ping.
        let input = [frame(build, 1, b"\0\0\0\0"), good(build, "client")].concat();
        for bit in 0..input.len() * 8 {
            let mut flipped = input.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let shown = decode(&build.to_string(), "client", "--format json", &flipped);
            let has_errors = !shown.reports().is_empty();
            assert_eq!(shown.code, Some(i32::from(has_errors)), "{build}, bit {bit}: {}", shown.stderr);
        }
    }
}

#[cfg(unix)]
#[test]
fn valid_packets_are_written_before_an_error_is_reported() {
    let good = good(394, "client");
    let input = [&good[..], &frame(394, 1, b"\x0c")].concat();
    for style in ["--format json", "--format bytes", ""] {
        let script = "exec \"$0\" bancho decode --build 394 --side client $1 2>&1";
        let both = feed(Command::new("sh").args(["-c", script, TOOL, style]), &input);
        let text = String::from_utf8(both.stdout).unwrap();
        let (valid, error) = (text.find("OsuPong").unwrap(), text.find("string_marker").unwrap());
        assert!(valid < error, "{text}");
    }
}
