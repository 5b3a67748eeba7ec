//! `lobbywire faf`: decodes, encodes and transcodes messages written by FAF's server and Python. Each error is one line on
//! standard error, and memory is bounded by the size of a message.

mod tool;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::process::Command;
use tool::{Outcome, TOOL, feed, root, run, unhex};

/// A frame and its meaning in both modes: a message, `kind@offset` for an error, or `null` for none.
struct Vector {
    name: String,
    bytes: Vec<u8>,
    strict: Value,
    lenient: Value,
}

const FRAMINGS: [&str; 3] = ["qdatastream", "json", "gpgnet"];

/// The flags of both modes.
const MODES: [&str; 2] = ["", "--lenient"];

fn vectors(framing: &str) -> Vec<Vector> {
    let lines = std::fs::read_to_string(root().join("core/tests/faf/vectors.jsonl")).unwrap();
    let rows = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let vectors: Vec<_> = rows
        .filter(|row| row["framing"] == framing)
        .map(|row| Vector {
            name: row["vector"].as_str().unwrap().to_owned(),
            bytes: unhex(row["hex"].as_str().unwrap()),
            strict: shown(&row["strict"]),
            lenient: shown(&row["lenient"]),
        })
        .collect();
    assert!(vectors.len() >= 12);
    vectors
}

/// The tool's JSON of a vector, which contains game commands as lists.
fn shown(read: &Value) -> Value {
    let Some(items) = read.as_array() else { return read.clone() };
    let args: Vec<_> = items[1..]
        .iter()
        .map(|arg| {
            let base64 = |key: &str| Some(STANDARD.encode(unhex(arg.get(key)?.as_str()?)));
            match (base64("data"), base64("raw")) {
                (Some(data), _) => json!({ "$bin": data }),
                (_, Some(text)) => json!({ "$text": text }),
                _ => arg.clone(),
            }
        })
        .collect();
    json!({ "command": items[0], "args": args })
}

impl Vector {
    fn read(&self, flags: &str) -> &Value {
        if flags.contains("--lenient") { &self.lenient } else { &self.strict }
    }

    /// The expected kind and offset of the error.
    fn error(&self, flags: &str) -> Option<(String, u64)> {
        let (kind, offset) =
            self.read(flags).as_str().filter(|text| !text.starts_with('{'))?.split_once('@')?;
        Some((kind.to_owned(), offset.parse().unwrap()))
    }

    /// Whether the frame is complete, so that another one can follow.
    fn is_whole(&self) -> bool {
        !["X12", "X13", "X22", "X35", "X40"].contains(&&*self.name)
    }
}

fn faf(what: &str, framing: &str, flags: &str, input: &[u8]) -> Outcome {
    run(&format!("faf {what} --framing {framing} {flags}"), input)
}

/// The lines of the output.
fn lines(outcome: &Outcome) -> Vec<String> {
    std::str::from_utf8(&outcome.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Whether a line is the JSON of a vector. It may be text that only Python accepts as JSON.
fn says(line: &str, read: &Value) -> bool {
    read.as_str() == Some(line) || serde_json::from_str::<Value>(line).is_ok_and(|line| line == *read)
}

/// A valid frame and its JSON.
fn good(framing: &str) -> (Vec<u8>, Value) {
    let name = match framing {
        "qdatastream" => "V2",
        "json" => "V13",
        _ => "V16",
    };
    let vector = vectors(framing).into_iter().find(|vector| vector.name == name).unwrap();
    (vector.bytes, vector.strict)
}

#[test]
fn vectors_decode_or_fail_at_the_expected_offset() {
    for framing in FRAMINGS {
        let (good, good_shown) = good(framing);
        for flags in MODES {
            for vector in vectors(framing) {
                let what = format!("{} {flags}", vector.name);
                let input = [&good[..], &vector.bytes].concat();
                let outcome = faf("decode", framing, flags, &input);
                let given = lines(&outcome);
                assert!(says(&given[0], &good_shown), "{what}: {given:?}");
                match vector.error(flags) {
                    Some((kind, offset)) => {
                        assert_eq!((outcome.code, given.len()), (Some(1), 1), "{what}");
                        let [report] = &outcome.reports()[..] else { panic!("{what}: {}", outcome.stderr) };
                        let keys: Vec<_> = report.as_object().unwrap().keys().collect();
                        assert_eq!(keys, ["error", "offset", "packet", "field", "message"], "{what}");
                        assert_eq!(report["error"], *kind, "{what}");
                        assert_eq!(report["offset"], good.len() as u64 + offset, "{what}");
                        assert!(report["message"].as_str().unwrap().contains(' '), "{what}");
                    }
                    // The count is too small, and the remaining bytes are not a command.
                    None if vector.name == "V19" => {
                        assert!(says(&given[1], vector.read(flags)), "{what}: {given:?}");
                        assert_eq!(
                            (outcome.code, &outcome.reports()[0]["error"]),
                            (Some(1), &json!("incomplete"))
                        );
                    }
                    None => {
                        let outcome = outcome.expect_success();
                        let expected = usize::from(!vector.read(flags).is_null());
                        // X34 contains two commands.
                        assert_eq!(given.len(), 1 + expected + usize::from(vector.name == "X34"), "{what}");
                        assert!(expected == 0 || says(&given[1], vector.read(flags)), "{what}: {given:?}");
                        assert!(outcome.stdout.is_ascii(), "{what}");
                    }
                }
            }
        }
    }
}

#[test]
fn keep_going_loses_one_message_unless_frame_boundaries_are_unknown() {
    for framing in FRAMINGS {
        let (good, good_shown) = good(framing);
        for flags in MODES {
            for vector in vectors(framing).iter().filter(|vector| vector.is_whole()) {
                let Some((kind, offset)) = vector.error(flags) else { continue };
                let what = format!("{} {flags}", vector.name);
                let input = [&good[..], &vector.bytes, &good].concat();
                let outcome = faf("decode", framing, &format!("{flags} --keep-going"), &input);
                let given = lines(&outcome);
                assert_eq!(outcome.code, Some(1), "{what}");
                let reports = outcome.reports();
                // After the command of V19 is a byte that starts none.
                assert_eq!(
                    reports.len(),
                    1 + usize::from(vector.name == "V19"),
                    "{what}: {}",
                    outcome.stderr
                );
                let report = &reports[0];
                let expected = (json!(kind), json!(good.len() as u64 + offset));
                assert_eq!((&report["error"], &report["offset"]), (&expected.0, &expected.1), "{what}");
                // A command must be decoded to find the next one.
                assert_eq!(given.len(), if framing == "gpgnet" { 1 } else { 2 }, "{what}");
                assert!(given.iter().all(|line| says(line, &good_shown)), "{what}");
            }
        }
    }
}

#[test]
fn decoded_messages_encode_to_the_same_bytes() {
    // The server writes these differently: unescaped text, a duplicate name, white space.
    let not_canonical = ["X5", "X20", "X21"];
    for framing in FRAMINGS {
        let (mut count, mut all): (_, (Vec<u8>, Vec<u8>)) = (0, Default::default());
        for vector in vectors(framing).iter().filter(|vector| vector.error("").is_none()) {
            let shown = faf("decode", framing, "", &vector.bytes).expect_success();
            let made = faf("encode", framing, "", &shown.stdout).expect_success();
            let is_same = made.stdout == vector.bytes;
            assert_eq!(is_same, !not_canonical.contains(&&*vector.name), "{}", vector.name);
            count += usize::from(is_same);
            all.0.extend(&shown.stdout);
            all.1.extend(&made.stdout);
        }
        assert!(count >= 2, "{framing}: {count}");
        let made = faf("encode", framing, "", &all.0).expect_success();
        assert_eq!(made.stdout, all.1, "{framing}, in one stream");
    }
    // Input that only the lenient mode accepts keeps its meaning.
    for framing in FRAMINGS {
        let vectors = vectors(framing);
        let read =
            vectors.iter().filter(|vector| vector.error("--lenient").is_none() && vector.name != "V19");
        for vector in read {
            let shown = faf("decode", framing, "--lenient", &vector.bytes).expect_success();
            let made = faf("encode", framing, "--lenient", &shown.stdout).expect_success();
            let again = faf("decode", framing, "--lenient", &made.stdout).expect_success();
            assert_eq!(again.stdout, shown.stdout, "{}", vector.name);
        }
    }
}

#[test]
fn bytes_round_trip_as_base64() {
    let lines = concat!(
        r#"{"command":"SendNatPacket","args":["10.0.0.1:6112",{"$bin":"CGhpAA=="}]}"#,
        "\n",
        r#"{"command":"X","args":[{"$bin":""},-2147483648,2147483647,true]}"#,
        "\n",
    );
    let made = faf("encode", "gpgnet", "", lines.as_bytes()).expect_success();
    let nat = vectors("gpgnet").into_iter().find(|vector| vector.name == "X32").unwrap();
    let (first, second) = made.stdout.split_at(nat.bytes.len());
    assert_eq!(first, nat.bytes);
    assert_eq!(second, b"\x01\0\0\0X\x04\0\0\0\x02\0\0\0\0\0\0\0\0\x80\0\xff\xff\xff\x7f\0\x01\0\0\0");
    let shown = faf("decode", "gpgnet", "", &made.stdout).expect_success();
    assert_eq!(std::str::from_utf8(&shown.stdout).unwrap(), lines.replace("true", "1"));
    // Text that is not valid UTF-8 requires the lenient mode.
    let text = br#"{"command":"Chat","args":[{"$text":"bsM="}]}"#;
    let made = faf("encode", "gpgnet", "--lenient", text).expect_success();
    assert_eq!(made.stdout, b"\x04\0\0\0Chat\x01\0\0\0\x01\x02\0\0\0n\xc3");
    let shown = faf("decode", "gpgnet", "--lenient", &made.stdout).expect_success();
    assert_eq!(shown.stdout.trim_ascii_end(), text);
    assert_eq!(faf("encode", "gpgnet", "", text).reports()[0]["error"], "unsupported_value");
}

#[test]
fn invalid_lines_are_reported_and_the_others_encoded() {
    let rows: &[(&str, &str, &str, u64, Value, Value)] = &[
        ("json", "rubbish", "json", 0, json!(null), json!(null)),
        ("json", r#"{"command":"a",}"#, "json", 15, json!(null), json!(null)),
        ("qdatastream", r#"{"command":"a"} x"#, "json", 16, json!(null), json!(null)),
        ("qdatastream", "[1]", "not_an_object", 0, json!(null), json!(null)),
        ("json", "{}", "missing_command", 0, json!(null), json!(null)),
        ("gpgnet", r#"{"args":[]}"#, "missing_command", 0, json!(null), json!(null)),
        ("gpgnet", r#"{"command":7}"#, "command_not_string", 11, json!(null), json!(null)),
        ("json", r#"{"command":"a","x":NaN}"#, "non_finite_number", 19, json!(null), json!(null)),
        ("qdatastream", r#"{"command":"ping","x":1}"#, "unknown_key", 0, json!("ping"), json!("x")),
        ("gpgnet", r#"{"command":"X","args":{}}"#, "value", 0, json!("X"), json!("args")),
        ("gpgnet", r#"{"command":"X","args":"ab"}"#, "value", 0, json!("X"), json!("args")),
        ("gpgnet", r#"{"command":"X","args":[1,{"$bin":"*"}]}"#, "value", 0, json!("X"), json!("args.1")),
        ("gpgnet", r#"{"command":"X","args":[2147483648]}"#, "number_too_large", 0, json!("X"), json!(null)),
        ("gpgnet", r#"{"command":"X","args":[-2147483649]}"#, "number_too_large", 0, json!("X"), json!(null)),
        ("gpgnet", r#"{"command":"X","args":[1.5]}"#, "unsupported_value", 0, json!("X"), json!(null)),
        ("gpgnet", r#"{"command":"X","args":[null]}"#, "unsupported_value", 0, json!("X"), json!(null)),
        ("gpgnet", r#"{"command":"X","args":[{"a":1}]}"#, "unsupported_value", 0, json!("X"), json!(null)),
    ];
    for (framing, bad, error, offset, packet, field) in rows {
        let good = "{\"command\":\"a\"}\n";
        let frame = faf("encode", framing, "", good.as_bytes()).expect_success().stdout;
        let input = format!("{good}\n{bad}\n{good}");
        let stopping = faf("encode", framing, "", input.as_bytes());
        assert_eq!((stopping.code, &stopping.stdout), (Some(1), &frame), "{bad}");
        let going_on = faf("encode", framing, "--keep-going", input.as_bytes());
        assert_eq!((going_on.code, going_on.stdout), (Some(1), frame.repeat(2)), "{bad}");
        assert_eq!(stopping.stderr, going_on.stderr, "{bad}");
        let [report] = &stopping.reports()[..] else { panic!("{bad}: {}", stopping.stderr) };
        let keys: Vec<_> = report.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["error", "offset", "packet", "field", "message"]);
        assert_eq!(report["error"], *error, "{bad}");
        assert_eq!(report["offset"], good.len() as u64 + 1 + offset, "{bad}");
        assert_eq!((&report["packet"], &report["field"]), (packet, field), "{bad}");
    }
    let outcome = faf("encode", "json", "", b"{\"command\":\"\xff\"}\n");
    let report = &outcome.reports()[0];
    assert_eq!((&report["error"], &report["offset"]), (&json!("utf8"), &json!(12)));
    // The lenient mode accepts what the server accepts.
    let ping = br#"{"command":"ping","x":1}"#;
    let lenient = faf("encode", "qdatastream", "--lenient --ignore-unknown", ping).expect_success();
    assert_eq!(lenient.stdout, b"\0\0\0\x0c\0\0\0\x08\0P\0I\0N\0G");
    let lenient = faf("encode", "json", "--lenient", br#"{"command":"a","x":NaN}"#).expect_success();
    assert_eq!(lenient.stdout, b"{\"command\":\"a\",\"x\":NaN}\n");
}

#[test]
fn blocks_and_lines_transcode_both_ways() {
    let whole = |framing: &str| -> Vec<u8> {
        let vectors = vectors(framing);
        let canonical = vectors
            .iter()
            .filter(|vector| vector.error("").is_none() && !["X5", "X20", "X21"].contains(&&*vector.name));
        canonical.flat_map(|vector| vector.bytes.clone()).collect()
    };
    for (from, to) in [("qdatastream", "json"), ("json", "qdatastream")] {
        let frames = whole(from);
        let there = faf("transcode", from, &format!("--to {to}"), &frames).expect_success();
        assert_ne!(there.stdout, frames);
        let back = faf("transcode", to, &format!("--to {from}"), &there.stdout).expect_success();
        assert_eq!(back.stdout, frames, "{from}");
        let shown = |framing: &str, frames: &[u8]| faf("decode", framing, "", frames).expect_success().stdout;
        assert_eq!(shown(from, &frames), shown(to, &there.stdout));
        assert_eq!(faf("transcode", from, &format!("--to {from}"), &frames).expect_success().stdout, frames);
    }
    // Transcoding a message of an old client leniently gives one that strict decoding accepts.
    let old = vectors("qdatastream").into_iter().find(|vector| vector.name == "V4").unwrap();
    let new = faf("transcode", "qdatastream", "--to qdatastream --lenient", &old.bytes).expect_success();
    let shown = faf("decode", "qdatastream", "", &new.stdout).expect_success();
    assert_eq!(shown.lines(), [json!({ "command": "a", "b": 1, "legacy": ["hi"] })]);
}

#[test]
fn game_commands_transcode_through_both_lobby_framings() {
    let vectors = vectors("gpgnet");
    let frames: Vec<u8> = vectors
        .iter()
        .filter(|vector| vector.error("").is_none() && vector.name != "X32")
        .flat_map(|vector| vector.bytes.clone())
        .collect();
    for lobby in ["qdatastream", "json"] {
        let there = faf("transcode", "gpgnet", &format!("--to {lobby}"), &frames).expect_success();
        let shown = faf("decode", lobby, "", &there.stdout).expect_success().lines();
        assert!(shown.len() > 10 && shown.iter().all(|message| message["target"] == "game"));
        let back = faf("transcode", lobby, "--to gpgnet", &there.stdout).expect_success();
        assert_eq!(back.stdout, frames);
    }
    // JSON cannot represent data arguments.
    let nat = &vectors.iter().find(|vector| vector.name == "X32").unwrap().bytes;
    let (good, _) = good("gpgnet");
    let outcome = faf("transcode", "gpgnet", "--to json --keep-going", &[&good[..], nat, &good].concat());
    assert_eq!((outcome.code, outcome.lines().len()), (Some(1), 2));
    let report = &outcome.reports()[0];
    assert_eq!((&report["error"], &report["packet"]), (&json!("unsupported_value"), &json!("SendNatPacket")));
    assert_eq!(report["offset"], good.len());
}

#[test]
fn messages_not_for_the_game_are_skipped_and_reported() {
    let lines = concat!(
        r#"{"command":"ping"}"#,
        "\n",
        r#"{"command":"ConnectToPeer","args":["Bob",7,true],"target":"game"}"#,
        "\n",
        r#"{"command":"InitiateTest","target":"connectivity"}"#,
        "\n",
        r#"{"command":"GameFull","target":"game"}"#,
        "\n",
    );
    let outcome = faf("transcode", "json", "--to gpgnet", lines.as_bytes());
    assert_eq!(outcome.code, Some(0));
    let skipped = |name| json!({ "skipped": name, "framing": "gpgnet" });
    assert_eq!(outcome.reports(), [skipped("ping"), skipped("InitiateTest")]);
    let shown = faf("decode", "gpgnet", "", &outcome.stdout).expect_success();
    let connect = json!({ "command": "ConnectToPeer", "args": ["Bob", 7, 1] });
    assert_eq!(shown.lines(), [connect, json!({ "command": "GameFull", "args": [] })]);
    // A command that the framing cannot represent is an error.
    let bad = format!("{lines}{}\n", r#"{"command":"Chat","args":{"a":1},"target":"game"}"#);
    let outcome = faf("transcode", "json", "--to gpgnet", bad.as_bytes());
    let report = outcome.reports().pop().unwrap();
    assert_eq!(outcome.code, Some(1));
    assert_eq!((&report["error"], &report["field"]), (&json!("unexpected_type"), &json!("args")));
    assert_eq!((&report["packet"], &report["offset"]), (&json!("Chat"), &json!(lines.len())));
}

#[test]
fn wrong_usage_and_malformed_input_have_different_exit_codes() {
    for arguments in [
        "faf",
        "faf decode",
        "faf decode --framing xml",
        "faf transcode --framing json",
        "faf transcode --framing json --to xml",
        "faf encode --framing json --to gpgnet",
    ] {
        let outcome = run(arguments, b"");
        assert_eq!((outcome.code, outcome.stdout.len()), (Some(2), 0), "{arguments}");
        assert!(!outcome.stderr.is_empty(), "{arguments}");
    }
    for framing in FRAMINGS {
        for what in ["decode", "encode"] {
            assert!(faf(what, framing, "", b"").expect_success().stdout.is_empty());
        }
    }
}

#[test]
fn files_and_standard_input_give_the_same_messages() {
    let (frame, shown) = good("qdatastream");
    let path = std::env::temp_dir().join(format!("lobbywire-faf-{}", std::process::id()));
    std::fs::write(&path, &frame).unwrap();
    let outcome =
        feed(Command::new(TOOL).args(["faf", "decode", "--framing", "qdatastream"]).arg(&path), b"");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(outcome.expect_success().lines(), [shown]);
}

#[test]
fn flipped_bits_do_not_panic() {
    for framing in FRAMINGS {
        let all: Vec<u8> = vectors(framing)
            .iter()
            .filter(|vector| vector.error("").is_none())
            .flat_map(|vector| vector.bytes.clone())
            .collect();
        const FLIPS: usize = 60;
        for flip in 0..FLIPS {
            let bit = flip * all.len() * 8 / FLIPS + flip % 8;
            let mut flipped = all.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let flags = format!("{} --keep-going", MODES[flip % 2]);
            let outcome = faf("decode", framing, &flags, &flipped);
            let has_errors = !outcome.reports().is_empty();
            assert_eq!(outcome.code, Some(i32::from(has_errors)), "{framing}, bit {bit}: {}", outcome.stderr);
        }
    }
}

/// Runs the tool with limited address space. Returns its exit code, the numbers of bytes and lines written, and the
/// reports.
#[cfg(unix)]
fn within(kilobytes: u32, arguments: &str, input: &[u8]) -> (i32, usize, usize, Vec<Value>) {
    let script = format!("ulimit -v {kilobytes}; {{ \"$0\" faf {arguments}; echo \"[$?]\" >&2; }} | wc -cl");
    let outcome = feed(Command::new("sh").args(["-c", &script, TOOL]), input);
    let mut reports = outcome.reports();
    let code = reports.pop().unwrap()[0].as_i64().unwrap();
    let counted = String::from_utf8(outcome.stdout).unwrap();
    let counts: Vec<usize> = counted.split_whitespace().map(|count| count.parse().unwrap()).collect();
    (i32::try_from(code).unwrap(), counts[1], counts[0], reports)
}

/// Memory for the tool and several messages of the largest size, in kilobytes.
#[cfg(unix)]
const ROOM: u32 = 64 << 10;

#[cfg(unix)]
#[test]
fn length_of_200_mb_is_rejected_without_allocating() {
    let claim = 200_000_000u32;
    let rows: [(&str, Vec<u8>, &str, usize); 3] = [
        ("qdatastream", claim.to_be_bytes().to_vec(), "frame_too_large", 0),
        ("gpgnet", claim.to_le_bytes().to_vec(), "string_too_long", 0),
        ("gpgnet", [b"\x01\0\0\0X\x01\0\0\0\x02", &claim.to_le_bytes()[..]].concat(), "string_too_long", 10),
    ];
    for (framing, claim, error, offset) in rows {
        let (good, _) = good(framing);
        let input = [&good[..], &claim, &[b'x'; 100_000]].concat();
        for flags in ["", "--keep-going", "--lenient --keep-going"] {
            let (code, _, lines, reports) =
                within(ROOM, &format!("decode --framing {framing} {flags}"), &input);
            assert_eq!((code, lines, reports.len()), (1, 1, 1), "{framing} {flags}: {reports:?}");
            assert_eq!(
                (&reports[0]["error"], &reports[0]["offset"]),
                (&json!(error), &json!(good.len() + offset))
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn endless_lines_are_rejected_at_the_limit_and_skipped() {
    let (good, _) = good("json");
    let input = [&good[..], &vec![b'x'; 64 << 20], b"\n", &good].concat();
    let (code, _, lines, reports) = within(ROOM, "decode --framing json --keep-going", &input);
    assert_eq!((code, lines, reports.len()), (1, 2, 1), "{reports:?}");
    assert_eq!(
        (&reports[0]["error"], &reports[0]["offset"]),
        (&json!("frame_too_large"), &json!(good.len()))
    );
}

#[cfg(unix)]
#[test]
fn memory_does_not_grow_with_the_stream() {
    const LEN: usize = 64 << 20;
    for framing in FRAMINGS {
        let (good, _) = good(framing);
        let count = LEN / good.len();
        let input = good.repeat(count);
        let shown = faf("decode", framing, "", &good).expect_success().stdout;
        let (code, bytes, lines, reports) = within(ROOM, &format!("decode --framing {framing}"), &input);
        assert_eq!((code, bytes, lines, reports.len()), (0, shown.len() * count, count, 0), "{framing}");
        if framing == "gpgnet" {
            continue;
        }
        let to = if framing == "json" { "qdatastream" } else { "json" };
        let one = faf("transcode", framing, &format!("--to {to}"), &good).expect_success().stdout.len();
        let transcode = format!("transcode --framing {framing} --to {to}");
        let (code, bytes, ..) = within(ROOM, &transcode, &input);
        assert_eq!((code, bytes), (0, one * count), "{framing} to {to}");
    }
    let (good, _) = good("gpgnet");
    let shown = faf("decode", "gpgnet", "", &good).expect_success().stdout;
    let count = LEN / shown.len();
    let (code, bytes, ..) = within(ROOM, "encode --framing gpgnet", &shown.repeat(count));
    assert_eq!((code, bytes), (0, good.len() * count));
}
