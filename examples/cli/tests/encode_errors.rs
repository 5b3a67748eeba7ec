//! Lines that cannot be encoded: the reported error and offset, and the lines around them.

mod tool;

use serde_json::{Value, json};
use tool::{encode, line, run};

const GOOD: &str = "{\"packet\":\"OsuPong\"}\n";
const PONG: &[u8] = &[4, 0, 0, 0, 0, 0, 0];

/// Encodes an invalid line between two valid ones, without and with `--keep-going`, checks which frames are written, and
/// returns the report.
#[track_caller]
fn report_of(side: &str, bad: &str) -> Value {
    let (good, frame) = match side {
        "client" => (GOOD.to_owned(), PONG),
        _ => (line("BanchoPing", json!(null)), &[8, 0, 0, 0, 0, 0, 0][..]),
    };
    let lines = format!("{good}{bad}\n{good}");
    let stopping = encode("20250306", side, &lines);
    assert_eq!((stopping.code, &stopping.stdout[..]), (Some(1), frame), "{bad}");
    let flags = format!("bancho encode --build 20250306 --side {side} --keep-going");
    let going_on = run(&flags, lines.as_bytes());
    assert_eq!((going_on.code, going_on.stdout), (Some(1), [frame, frame].concat()), "{bad}");
    assert_eq!(stopping.stderr, going_on.stderr, "{bad}");
    let mut reports = stopping.reports();
    assert_eq!(reports.len(), 1, "{bad}: {}", stopping.stderr);
    let report = reports.remove(0);
    let keys: Vec<_> = report.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["error", "offset", "packet", "field", "message"]);
    // Callers expect an offset from the start of the line.
    let start = good.len() as u64;
    let mut report = report.clone();
    report["offset"] = json!(report["offset"].as_u64().unwrap() - start);
    report
}

#[test]
fn invalid_json_is_reported_at_its_offset() {
    for (bad, at) in [
        ("{\"packet\":\"OsuPong\",}", 20),
        ("rubbish", 0),
        ("{\"packet\":", 9),
        ("{\"packet\":\"OsuPong\"} more", 21),
        ("{\"packet\":\"é\u{1}\"}", 13),
    ] {
        let report = report_of("client", bad);
        assert_eq!(report["error"], "json", "{bad}");
        assert_eq!(report["offset"], at, "{bad}: {report}");
        assert_eq!((&report["packet"], &report["field"]), (&json!(null), &json!(null)));
        let message = report["message"].as_str().unwrap();
        assert!(message.starts_with("the line is not JSON: "), "{message}");
        assert!(!message.contains("line 1"), "it is the second line of the input: {message}");
    }
}

#[test]
fn invalid_utf8_and_deep_nesting_are_rejected() {
    let deep = "[".repeat(100_000);
    for bad in [b"{\"packet\":\"\xff\"}\n".to_vec(), deep.into_bytes(), b"\x00\n".to_vec()] {
        let outcome = run("bancho encode --build 282 --side client", &bad);
        assert_eq!((outcome.code, outcome.reports().len()), (Some(1), 1));
        assert_eq!(outcome.reports()[0]["error"], "json");
    }
}

#[test]
fn lines_without_a_packet_name_are_rejected() {
    for bad in ["{}", "[]", "1", "null", "{\"data\":1}", "{\"packet\":4}", "{\"packet\":null}"] {
        let report = report_of("client", bad);
        assert_eq!((&report["error"], &report["field"]), (&json!("json"), &json!("packet")), "{bad}");
        assert_eq!((&report["offset"], &report["packet"]), (&json!(0), &json!(null)), "{bad}");
    }
}

#[test]
fn packet_names_of_the_other_side_are_rejected() {
    for (side, name) in
        [("client", "OsuNothing"), ("client", "BanchoPing"), ("server", "OsuPong"), ("client", "")]
    {
        let report = report_of(side, line(name, json!(null)).trim_end());
        assert_eq!((&report["error"], &report["packet"]), (&json!("unknown_packet"), &json!(name)));
        assert!(report["message"].as_str().unwrap().contains(side), "{report}");
    }
}

#[test]
fn values_of_the_wrong_type_are_reported_with_their_path() {
    let slots = |slot: Value| json!({ "slots": [{ "user_id": 2 }, slot] });
    let cases = [
        ("client", "OsuMatchCreate", json!({ "slots": [{ "user_id": "two" }] }), "slots.0.user_id"),
        ("client", "OsuMatchCreate", slots(json!({ "status": 1.5 })), "slots.1.status"),
        ("client", "OsuMatchCreate", slots(json!(7)), "slots.1"),
        ("client", "OsuMatchCreate", json!({ "slots": {} }), "slots"),
        ("client", "OsuMatchCreate", json!({ "name": 5 }), "name"),
        ("client", "OsuMatchCreate", json!({ "freemod": "yes" }), "freemod"),
        ("client", "OsuSpectateFrames", json!({ "frames": [{ "mouse_x": "1" }] }), "frames.0.mouse_x"),
        ("client", "OsuSpectateFrames", json!({ "frame": { "total_300": [] } }), "frame.total_300"),
        ("client", "OsuSpectateFrames", json!({ "frame": 3 }), "frame"),
        ("client", "OsuBeatmapInfoRequest", json!({ "filenames": ["a", 1] }), "filenames.1"),
        ("client", "OsuUserStatsRequest", json!([1, 2, "three"]), "2"),
        ("server", "BanchoUserStats", json!({ "stats": { "accuracy": "all" } }), "stats.accuracy"),
        ("server", "BanchoUserPresence", json!({ "presence": { "city": 1 } }), "presence.city"),
        ("server", "BanchoUserQuit", json!({ "info": { "id": {} } }), "info.id"),
        ("server", "BanchoUserPresenceBundle", json!([{ "id": 2 }, { "id": [] }]), "1.id"),
        ("server", "BanchoBeatmapInfoReply", json!({ "beatmaps": [{ "index": true }, 1] }), "beatmaps.1"),
        ("client", "Unknown", json!({ "id": 70_000, "payload": "" }), "id"),
        ("client", "Unknown", json!({ "id": 1, "payload": "0" }), "payload"),
        ("client", "Unknown", json!({ "id": 1, "payload": "0g" }), "payload"),
        ("client", "Unknown", json!(null), "id"),
    ];
    for (side, packet, data, field) in cases {
        let report = report_of(side, line(packet, data).trim_end());
        assert_eq!(report["error"], "value", "{packet}: {report}");
        assert_eq!((&report["packet"], &report["offset"]), (&json!(packet), &json!(0)));
        assert_eq!(report["field"], field, "{packet}: {report}");
        assert!(report["message"].as_str().unwrap().starts_with("expected "), "{report}");
    }
}

#[test]
fn single_values_of_the_wrong_type_are_reported_without_a_field() {
    let cases = [
        ("server", "BanchoLoginReply", json!([])),
        ("server", "BanchoLoginReply", json!("NoSuchError")),
        ("server", "BanchoAnnounce", json!(1)),
        ("server", "BanchoFriendsList", json!({})),
        ("client", "OsuExit", json!("true")),
        ("client", "OsuMatchChangeMods", json!(0.5)),
        ("client", "OsuUserStatus", json!("idle")),
    ];
    for (side, packet, data) in cases {
        let report = report_of(side, line(packet, data).trim_end());
        assert_eq!((&report["error"], &report["field"]), (&json!("value"), &json!(null)), "{report}");
        assert_eq!(report["packet"], packet);
    }
}

#[test]
fn keep_going_reports_each_invalid_line_with_its_offset() {
    let lines = format!("x\n{GOOD}\n  \n{GOOD}{{\"packet\":\"No\"}}\nx");
    let outcome = run("bancho encode --build 20250306 --side client --keep-going", lines.as_bytes());
    assert_eq!((outcome.code, outcome.stdout.clone()), (Some(1), PONG.repeat(2)));
    let offsets: Vec<_> =
        outcome.reports().iter().map(|report| report["offset"].as_u64().unwrap() as usize).collect();
    let unknown = lines.find("{\"packet\":\"No\"}").unwrap();
    assert_eq!(offsets, [0, unknown, lines.len() - 1]);
}

#[test]
fn empty_lines_carriage_returns_and_a_missing_final_newline_are_accepted() {
    let lines = format!("\n \r\n{}\r\n\n{}", GOOD.trim_end(), GOOD.trim_end());
    let outcome = encode("20250306", "client", &lines).expect_success();
    assert_eq!(outcome.stdout, PONG.repeat(2));
}

#[test]
fn invalid_values_of_skipped_packets_are_reported() {
    let bad = line("OsuMatchCreate", json!({ "slots": 1 }));
    let outcome = encode("282", "client", &bad);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(outcome.reports()[0]["field"], "slots");
}
