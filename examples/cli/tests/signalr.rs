//! `lobbywire signalr`: messages written by .NET and JavaScript decode and encode to the same bytes.

mod tool;

use serde_json::{Value, json};
use tool::{run, unhex};

/// Messages in MessagePack and their JSON.
fn messages() -> Vec<(Vec<u8>, Value)> {
    let call = |id: Value, target: &str, arguments: Value| {
        let target = Value::from(target);
        json!({"type": "Invocation", "headers": {}, "invocation_id": id, "target": target,
               "arguments": arguments, "stream_ids": []})
    };
    let completion = |kind: u8, name: &str, value: Value| {
        let mut shown =
            json!({"type": "Completion", "headers": {}, "invocation_id": "1", "result_kind": kind});
        if !name.is_empty() {
            shown[name] = value;
        }
        shown
    };
    [
        ("029106", json!({"type": "Ping"})),
        ("049307c0c3", json!({"type": "Close", "error": null, "allow_reconnect": true})),
        ("03920824", json!({"type": "Ack", "sequence_id": 36})),
        ("059209cd012c", json!({"type": "Sequence", "sequence_id": 300})),
        ("05930580a131", json!({"type": "CancelInvocation", "headers": {}, "invocation_id": "1"})),
        ("06940280a1312a", json!({"type": "StreamItem", "headers": {}, "invocation_id": "1", "item": 42})),
        ("07950380a13103c0", completion(3, "result", Value::Null)),
        ("06940380a13102", completion(2, "", Value::Null)),
        ("08950380a13101a178", completion(1, "error", "x".into())),
        (
            "1a960180a131b153746172745761746368696e6755736572910290",
            call("1".into(), "StartWatchingUser", json!([2])),
        ),
        (
            "29960180c0b0557365724265 67616e506c6179696e67920295 4b009192a24844900182 05cd012c105090",
            call(
                Value::Null,
                "UserBeganPlaying",
                json!([2, [75, 0, [["HD", []]], 1, {"$map": [[5, 300], [16, 80]]}]]),
            ),
        ),
    ]
    .into_iter()
    .map(|(digits, shown)| (unhex(&digits.replace(' ', "")), shown))
    .collect()
}

fn decode(encoding: &str, flags: &str, input: &[u8]) -> tool::Outcome {
    run(&format!("signalr decode --encoding {encoding} {flags}"), input)
}

fn encode(encoding: &str, lines: &[u8]) -> tool::Outcome {
    run(&format!("signalr encode --encoding {encoding}"), lines)
}

#[test]
fn messagepack_sessions_round_trip() {
    let handshake = b"{\"protocol\":\"messagepack\",\"version\":1}\x1e".to_vec();
    let stream = [handshake, messages().into_iter().flat_map(|(bytes, _)| bytes).collect()].concat();
    let shown = decode("messagepack", "", &stream).expect_success();
    let expected: Vec<_> = [json!({"type": "HandshakeRequest", "protocol": "messagepack", "version": 1})]
        .into_iter()
        .chain(messages().into_iter().map(|(_, shown)| shown))
        .collect();
    assert_eq!(shown.lines(), expected);
    assert_eq!(encode("messagepack", &shown.stdout).expect_success().stdout, stream);
}

#[test]
fn messagepack_values_without_a_json_form_round_trip() {
    // An item with bytes, an extension, a NaN, an infinity, and a map with a number as key.
    let item = unhex("95c4026869d6ff6a88cac9cb7ff8000000000000cbfff0000000000000810102");
    let body = [unhex("940280a131"), item].concat();
    let frame = [vec![u8::try_from(body.len()).unwrap()], body].concat();
    let shown = decode("messagepack", "", &frame).expect_success();
    let expected = json!([{"$bin": "aGk="}, {"$ext": [-1, "aojKyQ=="]}, {"$float": "NaN"},
                          {"$float": "-Infinity"}, {"$map": [[1, 2]]}]);
    assert_eq!(shown.lines()[0]["item"], expected);
    assert_eq!(encode("messagepack", &shown.stdout).expect_success().stdout, frame);
}

#[test]
fn mods_with_settings_round_trip_as_bytes() {
    let frame = unhex(
        "22960180c0a17491 92a2445491ac73706565645f6368616e6765cb3ff400000000000090".replace(' ', "").as_str(),
    );
    let frame = [vec![u8::try_from(frame.len() - 1).unwrap()], frame[1..].to_vec()].concat();
    let shown = decode("messagepack", "", &frame).expect_success();
    assert_eq!(shown.lines()[0]["arguments"]["count"], 1);
    assert_eq!(encode("messagepack", &shown.stdout).expect_success().stdout, frame);
}

#[test]
fn json_sessions_round_trip() {
    let stream = concat!(
        "{\"protocol\":\"json\",\"version\":1}\x1e{}\x1e",
        "{\"type\":1,\"invocationId\":\"1\",\"target\":\"Roll\",\"arguments\":[123,null]}\x1e",
        "{\"type\":3,\"invocationId\":\"1\",\"result\":null}\x1e{\"type\":6}\x1e",
        "{\"type\":7,\"error\":\"no\",\"allowReconnect\":true}\x1e",
    );
    let shown = decode("json", "", stream.as_bytes()).expect_success();
    let types: Vec<_> = shown.lines().iter().map(|line| line["type"].clone()).collect();
    let expected = ["HandshakeRequest", "HandshakeResponse", "Invocation", "Completion", "Ping", "Close"];
    assert_eq!(types, expected);
    assert_eq!(encode("json", &shown.stdout).expect_success().stdout, stream.as_bytes());
}

#[test]
fn malformed_messages_are_reported_and_skipped() {
    let stream = unhex("029106 06940380a13104 029106".replace(' ', "").as_str());
    let outcome = decode("messagepack", "", &stream);
    assert_eq!((outcome.code, outcome.lines().len()), (Some(1), 1));
    let outcome = decode("messagepack", "--keep-going", &stream);
    assert_eq!((outcome.code, outcome.lines().len()), (Some(1), 2));
    assert_eq!(
        (&outcome.reports()[0]["error"], &outcome.reports()[0]["offset"]),
        (&"out_of_range".into(), &9.into())
    );
    assert_eq!(
        (&outcome.reports()[0]["packet"], &outcome.reports()[0]["field"]),
        (&"Completion".into(), &"result_kind".into())
    );

    let outcome = decode("json", "--keep-going", b"{\"type\":1}\x1e{\"type\":6}\x1e{\"type\":6");
    assert_eq!((outcome.code, outcome.lines().len()), (Some(1), 1));
    let kinds: Vec<_> = outcome.reports().iter().map(|report| report["error"].clone()).collect();
    assert_eq!(kinds, ["missing_field", "incomplete"]);

    let outcome =
        encode("json", b"{\"type\":\"Completion\",\"invocation_id\":\"1\",\"result\":1,\"error\":\"x\"}\n");
    assert_eq!((outcome.code, &outcome.reports()[0]["field"]), (Some(1), &"result_kind".into()));
}

/// `SendFrameDataV2` with a mod that has a setting, which is not valid MessagePack.
const SEND_FRAME_DATA_V2: &str = "ae01960180c0af53656e644672616d65446174615632
    92cf0000000218711a0092 9ace0001e240cb3fe0000000000000072a8205280102
    95cb4072c00000000000cb4082c0000000000002cb3fd0000000000000cb0000000000000000
    92c70cff00000000fffffff1886e09000091 92a2445491ac73706565645f6368616e6765cb3ff4000000000000c0c0
    9294cb408f400000000000ca43800000ca434080000194cb408fc00000000000c0c00090";

#[test]
fn calls_of_a_hub_have_named_fields() {
    let frame = unhex(&SEND_FRAME_DATA_V2.replace([' ', '\n'], ""));
    let shown = decode("messagepack", "--hub spectator", &frame);
    assert!(shown.stderr.is_empty(), "{}", shown.stderr);
    let line: Value = serde_json::from_slice(&shown.stdout).unwrap();
    let [token, bundle] = line["arguments"].as_array().unwrap().as_slice() else { panic!("{line}") };
    assert_eq!(*token, json!(9_000_000_000u64));
    assert_eq!(bundle["header"]["mods"], json!([{"acronym": "DT", "settings": {"speed_change": 1.25}}]));
    assert_eq!(bundle["header"]["received_time"], json!("0001-01-01T00:00:00+00:00"));
    assert_eq!(
        bundle["frames"][0],
        json!({"time": 1000.0, "mouse_x": 256.0, "mouse_y": 192.5, "button_state": 1})
    );
    let made = run("signalr encode --encoding messagepack --hub spectator", &shown.stdout);
    assert_eq!((made.stdout, made.code), (frame.clone(), Some(0)));
    // Without a hub, invalid MessagePack stays as it is.
    let shown = decode("messagepack", "", &frame);
    let line: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(line["arguments"]["count"], json!(2));

    let unions = unhex(&"1d960180c0aa4d617463684576656e7491920091920092 01ce05f5e10090".replace(' ', ""));
    let shown = decode("messagepack", "--hub multiplayer", &unions);
    let line: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(line["arguments"][0]["$dtype"], json!("CountdownStartedEvent"));
    assert_eq!(line["arguments"][0]["$value"]["countdown"]["$value"]["time_remaining"], json!(100_000_000));
    let made = run("signalr encode --encoding messagepack --hub multiplayer", &shown.stdout);
    assert_eq!((made.stdout, made.code), (unions, Some(0)));
}

#[test]
fn errors_in_calls_of_a_hub_name_method_and_field() {
    let frame = unhex("1a960180a131b153746172745761746368696e675573657291c390");
    let frame = [frame, unhex("029106")].concat();
    let shown = decode("messagepack", "--hub spectator --keep-going", &frame);
    assert_eq!(shown.code, Some(1));
    let error: Value = serde_json::from_str(&shown.stderr).unwrap();
    assert_eq!(error["error"], json!("unexpected_type"));
    assert_eq!((&error["packet"], &error["offset"]), (&json!("StartWatchingUser"), &json!(25)));
    assert_eq!(error["field"], json!("StartWatchingUser.user_id"));
    // Only that message is lost.
    assert_eq!(serde_json::from_slice::<Value>(&shown.stdout).unwrap()["type"], json!("Ping"));

    // More arguments than the method has.
    let frame = unhex("1b960180a131b153746172745761746368696e675573657292020390");
    let error: Value =
        serde_json::from_str(&decode("messagepack", "--hub spectator", &frame).stderr).unwrap();
    assert_eq!(error["error"], json!("bad_arg_count"));

    let line = br#"{"type": "Invocation", "target": "StartWatchingUser", "arguments": ["two"]}"#;
    let made = run("signalr encode --encoding messagepack --hub spectator", line);
    assert_eq!(made.code, Some(1));
    let error: Value = serde_json::from_str(&made.stderr).unwrap();
    assert_eq!(error["field"], json!("arguments"));
    // Unknown methods decode as without a hub.
    let line = br#"{"type": "Invocation", "target": "Other", "arguments": ["two"]}"#;
    assert_eq!(run("signalr encode --encoding messagepack --hub spectator", line).code, Some(0));
}

#[test]
fn values_that_no_type_can_decode_are_reported() {
    let input = b"{\"type\":1,\"target\":\"t\",\"arguments\":[\"\\ud83d\"]}\x1e{\"type\":6}\x1e";
    let outcome = decode("json", "--keep-going", input);
    let report = &outcome.reports()[0];
    assert_eq!((&report["error"], &report["offset"]), (&"json".into(), &37.into()));
    assert_eq!(outcome.lines().len(), 1);
}
