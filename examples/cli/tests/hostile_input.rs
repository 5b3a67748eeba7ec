//! Input that means harm: each damage is one line on standard error that says what and where, and
//! costs one packet.

mod tool;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::io::Read;
use std::process::Command;
use tool::{TOOL, captures, compressed_frame, decode, feed, frame, gzip, header_len};

/// Gzip always; gzip by a flag; the same with lists of numbers; today.
const BUILDS: [u32; 4] = [282, 394, 1700, 20250306];

/// A packet that nothing is wrong with, of this side.
fn good(build: u32, side: &str) -> Vec<u8> {
    frame(build, if side == "client" { 4 } else { 8 }, &[])
}

/// One way to be wrong.
struct Damage {
    build: u32,
    side: &'static str,
    frame: Vec<u8>,
    error: &'static str,
    /// Where, from the start of the frame.
    offset: usize,
    packet: &'static str,
    field: Option<&'static str>,
}

impl Damage {
    /// A payload that breaks at this byte of its own.
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

    /// Panics unless the tool says all of this in one line, keeps what came before, and, asked to
    /// keep going, finds what comes behind.
    fn check(&self) {
        let Self { build, side, .. } = *self;
        let what = format!("{} of {build}, {}", self.packet, self.error);
        let good = good(build, side);
        let input = [&good[..], &self.frame, &good].concat();
        for (flags, whole) in [("--json", 1), ("--json --keep-going", 2)] {
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

/// FrameError strings, in the content of a message: behind the sender's name, which the first version
/// leaves out.
#[test]
fn damaged_strings_are_found_where_they_stand() {
    for build in BUILDS {
        let before: &[u8] = if build == 282 { b"" } else { b"\x0b\x01a" };
        let strings: [(&[u8], &str, usize); 6] = [
            (b"\x0c\x02hi", "string_marker", 0),
            (b"\x0b\xff\xff\xff\xff\xff\xff\xff\xff\xff", "uleb128", 1),
            // Five bytes, but beyond 32 bits.
            (b"\x0b\xff\xff\xff\xff\x1f", "uleb128", 1),
            (b"\x0b\x02\xc3\x28\x00\x00", "utf8", 0),
            (b"\x0b\x0ahi", "truncated", 2),
            (b"\x0b", "truncated", 1),
        ];
        for (string, error, at) in strings {
            let payload = [before, string].concat();
            let place = (error, before.len() + at);
            Damage::in_payload((build, "client", 1), &payload, place, "OsuMessage", Some("content")).check();
        }
    }
}

#[test]
fn lists_that_claim_more_than_there_is_are_refused_by_their_count() {
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
        Damage::in_payload((build, side, id), &payload, ("list_length", at), packet, field).check();
    }
}

#[test]
fn a_field_inside_a_list_is_named_with_its_place() {
    // Three file names, of which the third is none.
    let payload = b"\x03\0\0\0\x0b\x01a\0\x0d\0\0\0\0";
    let place = ("string_marker", 8);
    let frame = (20250306, "client", 68);
    Damage::in_payload(frame, payload, place, "OsuBeatmapInfoRequest", Some("filenames.2")).check();
}

#[test]
fn a_payload_that_ends_too_soon_names_the_field_that_is_missing() {
    for build in BUILDS {
        let place = ("truncated", 0);
        Damage::in_payload((build, "server", 5), &[1, 0], place, "BanchoLoginReply", None).check();
    }
    // A score behind replay frames: it has a time, and its id and all behind that are missing.
    let payload = b"\xff\xff\xff\xff\0\0\0\x01\0\0\0";
    let frame = (20250306, "client", 18);
    Damage::in_payload(frame, payload, ("truncated", 11), "OsuSpectateFrames", Some("frame.id")).check();
}

#[test]
fn a_member_that_is_not_gzip_loses_its_packet() {
    for build in BUILDS {
        let frame = compressed_frame(build, 1, b"ab");
        let (error, offset) = ("gzip", header_len(build));
        Damage { build, side: "client", frame, error, offset, packet: "OsuMessage", field: None }.check();
    }
}

#[test]
fn a_damaged_checksum_or_a_second_member_is_refused_behind_the_data() {
    for build in BUILDS {
        let member = gzip(b"\0\0\0\0\0\0");
        let mut damaged = member.clone();
        let checksum = member.len() - 8;
        damaged[checksum] ^= 1;
        let second = [member.clone(), member.clone()].concat();
        for member in [damaged, second] {
            let frame = compressed_frame(build, 1, &member);
            let (error, offset) = ("gzip", header_len(build) + checksum);
            Damage { build, side: "client", frame, error, offset, packet: "OsuMessage", field: None }.check();
        }
    }
}

#[test]
fn a_length_of_four_gigabytes_is_refused_by_the_header_alone() {
    for build in BUILDS {
        for side in ["client", "server"] {
            let good = good(build, side);
            let id = if side == "client" { 1 } else { 7 };
            let mut header = compressed_frame(build, id, b"");
            let len = header.len() - 4;
            header[len..].fill(0xff);
            let input = [&good[..], &header, b"whatever follows"].concat();
            let shown = decode(&build.to_string(), side, "--json", &input);
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
fn a_frame_above_the_limit_is_passed_over_and_the_next_one_is_found() {
    for build in BUILDS {
        let frame = compressed_frame(build, 1, &vec![0; (64 << 10) + 1]);
        let error = "frame_too_large";
        Damage { build, side: "client", frame, error, offset: 0, packet: "OsuMessage", field: None }.check();
    }
}

/// 200 MB of zeros, which fit into a frame.
fn bomb() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    std::io::copy(&mut std::io::repeat(0).take(200_000_000), &mut encoder).unwrap();
    encoder.finish().unwrap()
}

/// Runs `decode` with as much address space as this.
fn decode_within(kilobytes: u32, arguments: &str, input: &[u8]) -> tool::Outcome {
    let script = format!("ulimit -v {kilobytes} && exec \"$0\" bancho decode {arguments}");
    feed(Command::new("sh").args(["-c", &script, TOOL]), input)
}

#[cfg(unix)]
#[test]
fn a_gzip_bomb_is_refused_within_a_quarter_of_a_gigabyte() {
    let bomb = bomb();
    assert!((100_000..256 << 10).contains(&bomb.len()), "it has to pass the limit for frames");
    // Clients may send as much only where they ask about beatmaps.
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
        for style in ["--json", "--bytes", ""] {
            let arguments = format!("--version {build} --from {side} --keep-going {style}");
            let shown = decode_within(256 << 10, &arguments, &input);
            let [report] = &shown.reports()[..] else { panic!("{build} {side}: {}", shown.stderr) };
            assert_eq!(report["error"], "inflated_too_large", "{build} {side} {style}");
            assert_eq!(report["packet"], packet, "{build} {side} {style}");
            // It stopped inside the frame, long before the end of the zeros.
            let offset = usize::try_from(report["offset"].as_u64().unwrap()).unwrap();
            assert!((good.len()..good.len() + frame.len() / 10).contains(&offset), "{report}");
            assert_eq!(shown.code, Some(1), "{build} {side} {style}");
            if style == "--json" {
                assert_eq!(shown.lines().len(), 2, "{build} {side}");
            }
        }
    }
}

#[test]
fn a_client_s_packet_inflates_to_one_megabyte_and_a_question_about_beatmaps_to_four() {
    const MEGABYTE: usize = 1 << 20;
    for (build, beatmaps) in [(394, 69), (20250306, 68)] {
        for (id, most) in [(1, MEGABYTE), (beatmaps, 4 * MEGABYTE)] {
            for (len, is_refused) in [(most, false), (most + 1, true)] {
                let input = compressed_frame(build, id, &gzip(&vec![0; len]));
                let shown = decode(&build.to_string(), "client", "--json", &input);
                let reports = shown.reports();
                let is_too_large = reports.iter().any(|report| report["error"] == "inflated_too_large");
                assert_eq!(is_too_large, is_refused, "id {id} of {build}, {len} bytes: {}", shown.stderr);
            }
        }
    }
}

/// A list of a length that only a quadratic reader, or one that keeps too much, would not survive.
#[test]
fn a_long_list_in_a_short_frame_is_shown_in_every_style() {
    const COUNT: u32 = 200_000;
    let payload = [&COUNT.to_le_bytes()[..], &vec![0; 4 * COUNT as usize]].concat();
    let input = compressed_frame(1700, 73, &gzip(&payload));
    assert!(input.len() < 2000, "a short frame");
    let json = decode("1700", "server", "--json", &input).expect_success();
    assert_eq!(json.lines()[0]["data"].as_array().unwrap().len(), COUNT as usize);
    for style in ["", "--bytes"] {
        let shown = decode("1700", "server", style, &input).expect_success();
        let lines = shown.stdout.iter().filter(|byte| **byte == b'\n').count();
        assert!(lines >= COUNT as usize, "a line for each element: {lines}");
    }
}

#[test]
fn a_stream_with_nothing_but_rubbish_ends_with_an_error_and_without_a_panic() {
    // A generator of its own, so that a failure can be seen again.
    let mut state = 1u32;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    for build in BUILDS {
        for side in ["client", "server"] {
            for style in ["--json", "--bytes", ""] {
                let rubbish: Vec<u8> = (0..5000).map(|_| random()).collect();
                let shown = decode(&build.to_string(), side, &format!("{style} --keep-going"), &rubbish);
                assert_eq!(shown.code, Some(1), "{build} {side} {style}: {}", shown.stderr);
                assert!(!shown.reports().is_empty());
            }
        }
    }
}

#[test]
fn no_flipped_bit_in_a_capture_makes_the_tool_panic_or_say_what_is_not_json() {
    // As many flips of each capture, spread over its headers, payloads and gzip members.
    const FLIPS: usize = 25;
    for capture in captures() {
        let bytes = &capture.bytes[..capture.bytes.len().min(600)];
        for flip in 0..FLIPS {
            let bit = flip * bytes.len() * 8 / FLIPS + flip % 8;
            let mut damaged = bytes.to_vec();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let style = ["--json", "--bytes", ""][flip % 3];
            let flags = format!("{style} --keep-going");
            let shown = decode(&capture.version(), &capture.side, &flags, &damaged);
            let place = format!("{} {style}, bit {bit}", capture.path.display());
            let reports = shown.reports();
            let has_errors = reports.iter().any(|report: &Value| report["error"].is_string());
            assert_eq!(shown.code, Some(i32::from(has_errors)), "{place}: {}", shown.stderr);
        }
    }
}

#[test]
fn every_flipped_bit_of_a_header_and_a_few_bytes_is_survived() {
    for build in BUILDS {
        // A message of three bytes and a sign of life.
        let input = [frame(build, 1, b"\0\0\0\0"), good(build, "client")].concat();
        for bit in 0..input.len() * 8 {
            let mut damaged = input.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            let shown = decode(&build.to_string(), "client", "--json", &damaged);
            let has_errors = !shown.reports().is_empty();
            assert_eq!(shown.code, Some(i32::from(has_errors)), "{build}, bit {bit}: {}", shown.stderr);
        }
    }
}

#[cfg(unix)]
#[test]
fn what_is_whole_is_written_before_the_damage_is_reported() {
    let good = good(394, "client");
    let input = [&good[..], &frame(394, 1, b"\x0c")].concat();
    for style in ["--json", "--bytes", ""] {
        let script = "exec \"$0\" bancho decode --version 394 --from client $1 2>&1";
        let both = feed(Command::new("sh").args(["-c", script, TOOL, style]), &input);
        let text = String::from_utf8(both.stdout).unwrap();
        let (whole, damage) = (text.find("OsuPong").unwrap(), text.find("string_marker").unwrap());
        assert!(whole < damage, "{text}");
    }
}
