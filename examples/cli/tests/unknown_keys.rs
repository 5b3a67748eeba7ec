//! Keys that `encode` does not know: they are errors, unless `--ignore-unknown` is given.

mod tool;

use serde_json::{Value, json};
use tool::run;

const BANCHO: &str = "bancho encode --build 20250306 --side";
const SIGNALR: &str = "signalr encode --encoding";
const FAF: &str = "faf encode --framing";

/// Panics unless the last line is rejected because of this key, and encoded with `--ignore-unknown`.
#[track_caller]
fn assert_wrong_key(arguments: &str, lines: &str, kind: &str, field: Value, message: &str) {
    let rejected = run(arguments, lines.as_bytes());
    assert_eq!(rejected.code, Some(1), "{lines}: {}", rejected.stderr);
    let [report] = &rejected.reports()[..] else { panic!("{lines}: {}", rejected.stderr) };
    assert_eq!((&report["error"], &report["field"]), (&json!(kind), &field), "{report}");
    assert_eq!(report["message"], message, "{report}");
    let offset = lines.trim_end().rfind('\n').map_or(0, |end| end + 1);
    assert_eq!(report["offset"], offset, "{report}");
    let accepted = run(&format!("{arguments} --ignore-unknown"), lines.as_bytes());
    assert_eq!((accepted.code, &*accepted.stderr), (Some(0), ""), "{lines}");
    assert!(accepted.stdout.len() > rejected.stdout.len(), "{lines}");
}

#[test]
fn unknown_keys_of_packets_are_rejected_with_the_closest_key() {
    let ping = "{\"packet\":\"OsuPong\"}\n\n";
    let line = |packet: &str, data: Value| format!("{ping}{}\n", json!({ "packet": packet, "data": data }));
    for (packet, data, field, message) in [
        (
            "OsuMessage",
            json!({ "conten": "hi", "target": "#osu" }),
            "conten",
            "unknown key \"conten\" in line 3; did you mean \"content\"?",
        ),
        (
            "OsuMessage",
            json!({ "Content": "hi" }),
            "Content",
            "unknown key \"Content\" in line 3; did you mean \"content\"?",
        ),
        (
            "OsuMatchCreate",
            json!({ "slots": [{ "user_id": 2 }, { "userid": 3 }] }),
            "slots.1.userid",
            "unknown key \"userid\" in line 3; did you mean \"user_id\"?",
        ),
        (
            "OsuMatchCreate",
            json!({ "password_hiden": true }),
            "password_hiden",
            "unknown key \"password_hiden\" in line 3; did you mean \"password_hidden\"?",
        ),
        (
            "OsuSpectateFrames",
            json!({ "frame": { "hpp": 1 } }),
            "frame.hpp",
            "unknown key \"hpp\" in line 3; did you mean \"hp\"?",
        ),
        (
            "OsuSpectateFrames",
            json!({ "frames": [{ "mouse_x": { "$float": "NaN", "x": 1 } }] }),
            "frames.0.mouse_x.x",
            "unknown key \"x\" in line 3",
        ),
        (
            "OsuMatchJoin",
            json!({ "colour": { "deep": [1] } }),
            "colour",
            "unknown key \"colour\" in line 3; known: match_id, password",
        ),
        (
            "Unknown",
            json!({ "id": 1, "payload": "", "payloads": 2 }),
            "payloads",
            "unknown key \"payloads\" in line 3; did you mean \"payload\"?",
        ),
    ] {
        assert_wrong_key(
            &format!("{BANCHO} client"),
            &line(packet, data),
            "unknown_key",
            json!(field),
            message,
        );
    }
    let server = |packet: &str, data: Value| json!({ "packet": packet, "data": data }).to_string();
    for (packet, data, field) in [
        ("BanchoUserStats", json!({ "id": 2, "stats": { "rankk": 1 } }), "stats.rankk"),
        ("BanchoUserQuit", json!({ "info": { "presence": { "citty": "a" } } }), "info.presence.citty"),
        ("BanchoUserPresenceBundle", json!([{ "id": 2 }, { "id": 3, "namee": "" }]), "1.namee"),
        ("BanchoBeatmapInfoReply", json!({ "beatmaps": [{ "indexx": 0 }] }), "beatmaps.0.indexx"),
    ] {
        let outcome = run(&format!("{BANCHO} server"), server(packet, data).as_bytes());
        assert_eq!(outcome.reports()[0]["field"], field, "{}", outcome.stderr);
    }
}

#[test]
fn keys_beside_packet_and_data_are_rejected() {
    assert_wrong_key(
        &format!("{BANCHO} client"),
        "{\"packet\":\"OsuPong\",\"dat\":1}",
        "unknown_key",
        json!("dat"),
        "unknown key \"dat\" in line 1; did you mean \"data\"?",
    );
}

#[test]
fn data_of_packets_without_payload_is_rejected() {
    let message = "unknown data in line 1; this packet has none, so it must be null";
    for data in ["{\"any\":\"thing\"}", "1", "\"\""] {
        let line = format!("{{\"packet\":\"OsuPong\",\"data\":{data}}}");
        assert_wrong_key(&format!("{BANCHO} client"), &line, "unknown_key", json!(null), message);
    }
}

#[test]
fn keys_that_occur_twice_are_rejected() {
    let message = "duplicate key \"target\" in line 1; only the last one would count";
    for (arguments, line, field) in [
        (
            format!("{BANCHO} client"),
            r##"{"packet":"OsuMessage","data":{"target":"#a","target":"#osu"}}"##,
            "data.target",
        ),
        (
            format!("{SIGNALR} messagepack"),
            r#"{"type":"Invocation","target":"A","arguments":[{"target":1,"target":2}]}"#,
            "arguments.0.target",
        ),
        (format!("{FAF} json"), r#"{"command":"a","x":[{"target":1,"target":2}]}"#, "x.0.target"),
    ] {
        assert_wrong_key(&arguments, line, "duplicate_key", json!(field), message);
    }
}

#[test]
fn keys_of_an_envelope_that_occur_twice_are_rejected() {
    for (arguments, line, field) in [
        (format!("{SIGNALR} json"), r#"{"type":"Ping","type":"Ping"}"#, "type"),
        (format!("{BANCHO} client"), r#"{"packet":"OsuPong","packet":"OsuPong"}"#, "packet"),
        (format!("{FAF} gpgnet"), r#"{"command":"A","args":[],"args":[1]}"#, "args"),
    ] {
        let outcome = run(&arguments, line.as_bytes());
        let report = &outcome.reports()[0];
        assert_eq!((&report["error"], &report["field"]), (&json!("duplicate_key"), &json!(field)), "{line}");
    }
}

#[test]
fn fields_of_chio_that_a_version_lacks_are_accepted() {
    for build in ["282", "394", "20250306"] {
        let line =
            json!({ "packet": "OsuMessage", "data": { "sender_id": 3, "content": "a", "target": "#osu" } });
        let arguments = format!("bancho encode --build {build} --side client");
        run(&arguments, line.to_string().as_bytes()).expect_success();
    }
    // No version sends it.
    let channel = br##"{"packet":"BanchoChannelAvailable","data":{"name":"#osu","owner":"BanchoBot"}}"##;
    run(&format!("{BANCHO} server"), channel).expect_success();
}

#[test]
fn every_key_that_decode_prints_is_known_to_encode() {
    for capture in tool::captures() {
        let (build, side) = (capture.version(), &capture.side);
        let shown = tool::decode(&build, side, "--format json", &capture.bytes).expect_success();
        run(&format!("bancho encode --build {build} --side {side}"), &shown.stdout).expect_success();
    }
}

#[test]
fn packet_names_have_suggestions() {
    for (side, name, message) in [
        ("client", "OsuPing", "a client sends no packet of this name; did you mean \"OsuPong\"?"),
        ("client", "BanchoPing", "a client sends no packet of this name; a server does, see --side"),
    ] {
        let line = json!({ "packet": name }).to_string();
        let outcome = run(&format!("{BANCHO} {side}"), line.as_bytes());
        assert_eq!(outcome.reports()[0]["message"], message);
    }
}

#[test]
fn keys_of_other_message_types_are_rejected() {
    for encoding in ["json", "messagepack"] {
        for (line, field, message) in [
            (r#"{"type":"Ping","target":"A"}"#, "target", "unknown key \"target\" in line 1; known: type"),
            (
                r#"{"type":"Invocation","targt":"A","target":"A","arguments":[]}"#,
                "targt",
                "unknown key \"targt\" in line 1; did you mean \"target\"?",
            ),
            (
                r#"{"type":"Close","allow_reconect":true}"#,
                "allow_reconect",
                "unknown key \"allow_reconect\" in line 1; did you mean \"allow_reconnect\"?",
            ),
            (
                r#"{"type":"HandshakeRequest","protocol":"json","version":1,"versoin":1}"#,
                "versoin",
                "unknown key \"versoin\" in line 1; did you mean \"version\"?",
            ),
        ] {
            let arguments = format!("{SIGNALR} {encoding}");
            assert_wrong_key(&arguments, line, "unknown_key", json!(field), message);
        }
    }
}

#[test]
fn keys_of_typed_arguments_are_rejected() {
    let bundle = r#"{"header":{"total_score":1,"mods":[],"combbo":2},"frames":[]}"#;
    let line = format!(r#"{{"type":"Invocation","target":"SendFrameData","arguments":[{bundle}]}}"#);
    assert_wrong_key(
        &format!("{SIGNALR} messagepack --hub spectator"),
        &line,
        "unknown_key",
        json!("arguments.0.header.combbo"),
        "unknown key \"combbo\" in line 1; did you mean \"combo\"?",
    );
    // Names are compared ignoring case, as in .NET.
    let line = line.replace("combbo", "Combo");
    run(&format!("{SIGNALR} messagepack --hub spectator"), line.as_bytes()).expect_success();
    // The referee hub uses JSON, and its types keep unknown members.
    assert_wrong_key(
        &format!("{SIGNALR} json --hub referee"),
        r#"{"type":"Invocation","target":"Roll","arguments":[1,{"maxx":57}]}"#,
        "unknown_key",
        json!("arguments.1.maxx"),
        "unknown key \"maxx\" in line 1; did you mean \"max\"?",
    );
    // Without a hub, and in methods that it does not have, arguments are free values.
    for (hub, target) in [("", "SendFrameData"), ("--hub spectator", "Other")] {
        let line = line.replace("SendFrameData", target);
        run(&format!("{SIGNALR} messagepack {hub}"), line.as_bytes()).expect_success();
    }
}

#[test]
fn keys_beside_bytes_are_rejected() {
    for (arguments, line, field) in [
        (
            format!("{SIGNALR} messagepack"),
            r#"{"type":"StreamItem","invocation_id":"1","item":{"$messagepack":"wA==","x":1}}"#,
            "item.x",
        ),
        (
            format!("{SIGNALR} messagepack"),
            r#"{"type":"Invocation","target":"A","arguments":{"$messagepack":"wA==","count":1,"x":1}}"#,
            "arguments.x",
        ),
        (format!("{FAF} gpgnet"), r#"{"command":"A","args":[1,{"$bin":"AA==","x":1}]}"#, "args.1.x"),
    ] {
        let outcome = run(&arguments, line.as_bytes());
        assert_eq!((outcome.code, &outcome.reports()[0]["field"]), (Some(1), &json!(field)), "{line}");
        run(&format!("{arguments} --ignore-unknown"), line.as_bytes()).expect_success();
    }
}

#[test]
fn keys_that_a_framing_of_faf_cannot_write_are_rejected() {
    assert_wrong_key(
        &format!("{FAF} gpgnet"),
        r#"{"command":"GameState","arg":["Lobby"]}"#,
        "unknown_key",
        json!("arg"),
        "unknown key \"arg\" in line 1; did you mean \"args\"?",
    );
    assert_wrong_key(
        &format!("{FAF} qdatastream --lenient"),
        r#"{"command":"pong","x":1}"#,
        "unknown_key",
        json!("x"),
        "unknown key \"x\" in line 1; known: command",
    );
    // Messages of the lobby are free objects.
    for framing in ["json", "qdatastream"] {
        let line = br#"{"command":"ask_session","versoin":"1","x":{"y":1}}"#;
        let made = run(&format!("{FAF} {framing}"), line).expect_success();
        let shown = run(&format!("faf decode --framing {framing}"), &made.stdout).expect_success();
        assert_eq!(shown.stdout.trim_ascii_end(), line);
    }
}
