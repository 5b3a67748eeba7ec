//! The formats of `signalr decode` and `faf decode`.

mod tool;

use serde_json::Value;
use tool::{root, run, unhex};

/// The title and the bytes of each message of a hexdump. Panics unless the offsets are consecutive.
fn dumped(text: &str) -> Vec<(String, Vec<u8>)> {
    let (mut messages, mut at) = (Vec::<(String, Vec<u8>)>::new(), 0);
    for line in text.lines().filter(|line| !line.is_empty()) {
        let Some(row) = line.strip_prefix("  ") else {
            messages.push((line.to_owned(), Vec::new()));
            continue;
        };
        assert_eq!(usize::from_str_radix(&row[..8], 16).unwrap(), at, "{line}");
        let columns: String = row.chars().skip(10).take(24).filter(|column| *column != ' ').collect();
        let bytes = unhex(&columns);
        at += bytes.len();
        messages.last_mut().unwrap().1.extend(bytes);
    }
    messages
}

/// FAF's vectors that are valid in the strict mode: each frame with its command.
fn faf_vectors(framing: &str) -> Vec<(Vec<u8>, String)> {
    let lines = std::fs::read_to_string(root().join("core/tests/faf/vectors.jsonl")).unwrap();
    let rows = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let command = |read: &Value| match read {
        Value::Object(members) => members["command"].as_str().map(str::to_owned),
        Value::Array(items) => items[0].as_str().map(str::to_owned),
        _ => None,
    };
    // V19 and X34 contain more than one command.
    rows.filter(|row| row["framing"] == framing && row["vector"] != "V19" && row["vector"] != "X34")
        .filter_map(|row| Some((unhex(row["hex"].as_str().unwrap()), command(&row["strict"])?)))
        .collect()
}

#[test]
fn hexdumps_of_faf_contain_every_byte_once() {
    for framing in ["qdatastream", "json", "gpgnet"] {
        let vectors = faf_vectors(framing);
        assert!(vectors.len() >= 3, "{framing}");
        let input: Vec<u8> = vectors.iter().flat_map(|(frame, _)| frame.clone()).collect();
        let shown = run(&format!("faf decode --framing {framing} --format bytes"), &input).expect_success();
        let messages = dumped(std::str::from_utf8(&shown.stdout).unwrap());
        let expected: Vec<_> = vectors.into_iter().map(|(frame, command)| (command, frame)).collect();
        assert_eq!(messages, expected, "{framing}");
    }
}

#[test]
fn hexdumps_of_faf_name_the_fields() {
    let gpgnet = b"\x04\0\0\0Chat\x02\0\0\0\x01\x02\0\0\0hi\x00\x07\0\0\0";
    let shown = run("faf decode --framing gpgnet --format bytes", gpgnet).expect_success();
    assert_eq!(
        String::from_utf8(shown.stdout).unwrap(),
        "Chat
  00000000  04 00 00 00               name of 4 bytes
  00000004  43 68 61 74               command = \"Chat\"
  00000008  02 00 00 00               args = 2 elements
  0000000c  01 02 00 00 00            args.0 is text of 2 bytes
  00000011  68 69                     args.0 = \"hi\"
  00000013  00                        args.1 is a number
  00000014  07 00 00 00               args.1 = 7

"
    );
    let json = b"{\"command\":\"a\",\"x\":[1,null]}\n";
    let shown = run("faf decode --framing json --format bytes", json).expect_success();
    let text = String::from_utf8(shown.stdout).unwrap();
    for field in ["command = \"a\"", "x.0 = 1", "x.1 = none", "end"] {
        assert!(text.contains(field), "{field}: {text}");
    }
}

#[test]
fn text_of_faf_is_indented() {
    let json =
        b"{\"command\":\"game_info\",\"title\":\"a\\u001b\",\"teams\":{\"1\":[\"b\"]},\"n\\n\":null}\n";
    let shown = run("faf decode --framing json --format text", json).expect_success();
    let expected = "game_info 73 bytes
  title: \"a\\u{1b}\"
  teams:
    1: 1 element
      0: \"b\"
  n\\n: none
";
    let text = String::from_utf8(shown.stdout).unwrap();
    assert_eq!(text.split_once('\n').unwrap().1, expected.split_once('\n').unwrap().1);
    assert!(text.starts_with("game_info "), "{text}");
}

#[test]
fn malformed_frames_are_dumped_with_the_error() {
    for (arguments, input, kind) in [
        ("faf decode --framing json", &b"{\"command\":}\n"[..], "this is not JSON"),
        ("signalr decode --encoding json", b"{\"type\":1}\x1e", "the message lacks this field"),
        ("signalr decode --encoding messagepack", b"\x02\x91\xc1", "the value is of the wrong type"),
    ] {
        let shown = run(&format!("{arguments} --format bytes"), input);
        assert_eq!(shown.code, Some(1), "{arguments}");
        let text = String::from_utf8(shown.stdout).unwrap();
        assert_eq!(dumped(&text), [("Malformed".to_owned(), input.to_vec())], "{text}");
        assert!(text.contains(kind), "{arguments}: {text}");
    }
}

/// A handshake, a call, an item with nested values, a completion and a ping.
const MESSAGEPACK: &str = "7b2270726f746f636f6c223a226d6573736167657061636b222c2276657273696f6e223a317d1e \
    1a960180a131b153746172745761746368696e6755736572910290 0c940280a131 93c0c381a16101 06940380a13102 029106";

#[test]
fn hexdumps_of_signalr_contain_every_byte_once() {
    let input = unhex(&MESSAGEPACK.replace(' ', ""));
    let shown = run("signalr decode --encoding messagepack --format bytes", &input).expect_success();
    let text = String::from_utf8(shown.stdout).unwrap();
    let messages = dumped(&text);
    let titles: Vec<_> = messages.iter().map(|(title, _)| &**title).collect();
    assert_eq!(titles, ["HandshakeRequest", "Invocation", "StreamItem", "Completion", "Ping"]);
    assert_eq!(messages.into_iter().flat_map(|(_, bytes)| bytes).collect::<Vec<_>>(), input);
    for field in
        ["protocol = \"messagepack\"", "target = \"StartWatchingUser\"", "arguments.0 = 2", "item.2.a = 1"]
    {
        assert!(text.contains(field), "{field}: {text}");
    }
    let json = b"{\"type\":1,\"target\":\"A\",\"arguments\":[{\"b\":[]}]}\x1e{\"type\":6}\x1e";
    let shown = run("signalr decode --encoding json --format bytes", json).expect_success();
    let text = String::from_utf8(shown.stdout).unwrap();
    assert_eq!(dumped(&text).into_iter().flat_map(|(_, bytes)| bytes).collect::<Vec<_>>(), json);
    assert!(text.contains("arguments.0.b = []"), "{text}");
}

#[test]
fn text_of_signalr_is_indented() {
    let input = unhex(&MESSAGEPACK.replace(' ', ""));
    let shown = run("signalr decode --encoding messagepack --format text", &input).expect_success();
    let text = String::from_utf8(shown.stdout).unwrap();
    assert!(text.contains("\nInvocation 27 bytes\n"), "{text}");
    assert!(text.contains("\n  target: \"StartWatchingUser\"\n  arguments: 1 element\n    0: 2\n"), "{text}");
}

#[test]
fn records_without_a_type_are_malformed_after_the_handshake() {
    for (encoding, input) in [
        (
            "json",
            &b"{\"protocol\":\"json\",\"version\":1}\x1e{\"type\":6}\x1e{\"foo\":1}\x1e{\"type\":6}\x1e"[..],
        ),
        (
            "messagepack",
            b"{\"protocol\":\"messagepack\",\"version\":1}\x1e\x02\x91\x06{\"foo\":1}\x1e\x02\x91\x06",
        ),
    ] {
        let shown = run(&format!("signalr decode --encoding {encoding} --keep-going"), input);
        let types: Vec<_> = shown.lines().iter().map(|line| line["type"].clone()).collect();
        assert_eq!(types, ["HandshakeRequest", "Ping", "Ping"], "{encoding}");
        let [report] = &shown.reports()[..] else { panic!("{}", shown.stderr) };
        assert_eq!((&report["error"], &report["field"]), (&"missing_field".into(), &"type".into()));
        let at = input.windows(4).position(|part| part == b"{\"fo").unwrap();
        assert_eq!(report["offset"], at, "{encoding}");
    }
}

#[test]
fn long_names_do_not_multiply_the_output() {
    // Each value has a path with both names.
    let (name, values) = ("n".repeat(20_000), "1,".repeat(20_000));
    let line = format!("{{\"command\":\"a\",\"{name}\":{{\"{name}\":[{values}1]}}}}\n");
    for format in ["bytes", "text"] {
        let shown =
            run(&format!("faf decode --framing json --format {format}"), line.as_bytes()).expect_success();
        assert!(shown.stdout.len() < 60 * line.len(), "{format}: {}", shown.stdout.len());
    }
}
