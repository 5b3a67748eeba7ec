//! Bancho packets whose text is not UTF-8.

mod tool;

use serde_json::json;
use tool::run;

/// A message whose content ends with the byte E9, from a public bug report.
const CHAT: &[u8] =
    include_bytes!("../../../std-adapter/tests/cases/bancho-20250306-server-chat-not-utf8.bin");

#[test]
fn invalid_text_is_shown_as_replacement_characters_with_a_note() {
    for (format, expected) in [
        ("json", "\"content\":\"caf\u{fffd}\""),
        ("text", "content: \"caf\u{fffd}\""),
        ("bytes", "0000000a  0b 04 63 61 66 e9"),
        ("bytes", "content = \"caf\u{fffd}\""),
    ] {
        let command = format!("bancho decode --build 20250306 --side server --format {format}");
        let shown = run(&command, CHAT);
        assert_eq!(shown.code, Some(0), "{}", shown.stderr);
        let text = String::from_utf8(shown.stdout.clone()).unwrap();
        assert!(text.contains(expected), "{format}: {text}");
        let [note] = &shown.reports()[..] else { panic!("{format}: {:?}", shown.reports()) };
        assert_eq!((&note["note"], &note["offset"]), (&json!("lossy_text"), &json!(10)));
        assert_eq!((&note["packet"], &note["field"]), (&json!("BanchoMessage"), &json!("content")));
    }
    // Valid text with this character has no note.
    let line = json!({"packet": "BanchoAnnounce", "data": "\u{fffd}"}).to_string();
    let frame = run("bancho encode --build 20250306 --side server", line.as_bytes()).expect_success();
    for format in ["json", "text", "bytes"] {
        let command = format!("bancho decode --build 20250306 --side server --format {format}");
        assert!(run(&command, &frame.stdout).expect_success().reports().is_empty());
    }
}

#[test]
fn other_errors_are_reported_at_their_offset() {
    // The last string is cut off.
    let malformed = [&b"\x07\0\0\x0a\0\0\0\x0b\x01\xe9\x0b\x01\xe9\x00\x01\x02\x03"[..]].concat();
    for format in ["json", "text", "bytes"] {
        let command = format!("bancho decode --build 20250306 --side server --format {format}");
        let reports = run(&command, &malformed).reports();
        assert_eq!(
            (&reports[0]["error"], &reports[0]["offset"]),
            (&json!("truncated"), &json!(14)),
            "{format}"
        );
        assert_eq!(reports[0]["field"], "sender_id", "{format}");
    }
}

#[test]
fn transcoding_keeps_the_bytes_of_text() {
    let sent = run("bancho transcode --side server --from 20250306 --to 1700", CHAT);
    assert_eq!(sent.code, Some(0), "{}", sent.stderr);
    assert_eq!(sent.stdout, b"\x07\0\0\x0f\0\0\0\x0b\x01b\x0b\x04caf\xe9\x0b\x04#osu");
}
