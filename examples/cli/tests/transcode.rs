//! `bancho transcode`: converts frames of one version to another.

mod tool;

use serde_json::{Value, json};
use tool::{Outcome, captures, decode, encode, line, run};

fn transcode(side: &str, from: &str, to: &str, input: &[u8]) -> Outcome {
    run(&format!("bancho transcode --side {side} --from {from} --to {to}"), input)
}

#[test]
fn captures_transcode_to_every_era() {
    for capture in captures() {
        for to in ["282", "394", "1700", "20130801", "20250306"] {
            let moved = transcode(&capture.side, &capture.version(), to, &capture.bytes);
            assert_eq!(moved.code, Some(0), "{}", capture.path.display());
            for change in moved.reports() {
                let kinds = ["dropped", "replaced", "narrowed"].map(|kind| change[kind].is_string());
                assert_eq!(kinds.map(usize::from).iter().sum::<usize>(), 1, "{change}");
                assert!(change["version"].is_string(), "{change}");
            }
            decode(to, &capture.side, "--format json", &moved.stdout).expect_success();
        }
    }
}

#[test]
fn equal_versions_copy_the_input() {
    for capture in captures() {
        let version = capture.version();
        let moved = transcode(&capture.side, &version, &version, &capture.bytes).expect_success();
        assert_eq!(moved.stdout, capture.bytes, "{}", capture.path.display());
    }
}

#[test]
fn strict_rejects_unrepresentable_fields_by_name() {
    // A channel with a topic, and a ping.
    let frames = b"\x41\0\0\x0c\0\0\0\x0b\x04#osu\x0b\x02hi\x03\0\x08\0\0\0\0\0\0";
    let strict = "bancho transcode --side server --from 20250306 --to 394 --strict";
    let refused = run(strict, frames);
    assert_eq!((refused.code, refused.stdout.as_slice()), (Some(1), &b""[..]));
    let [error] = &refused.reports()[..] else { panic!("{}", refused.stderr) };
    assert_eq!(
        (&error["error"], &error["packet"]),
        (&"unrepresentable".into(), &"BanchoChannelAvailable".into())
    );
    assert_eq!((&error["field"], &error["offset"]), (&"topic".into(), &0.into()));

    let went_on = run(&format!("{strict} --keep-going"), frames);
    assert_eq!((went_on.code, went_on.stdout.as_slice()), (Some(1), &b"\x08\0\0\0\0\0\0"[..]));
}

#[test]
fn unrepresentable_fields_are_reported_and_the_rest_is_transcoded() {
    let frames = b"\x41\0\0\x0c\0\0\0\x0b\x04#osu\x0b\x02hi\x03\0";
    let moved = transcode("server", "20250306", "394", frames);
    assert_eq!((moved.code, moved.stdout.as_slice()), (Some(0), &b"\x42\0\0\x06\0\0\0\x0b\x04#osu"[..]));
    let fields: Vec<_> = moved.reports().iter().map(|change| change["field"].clone()).collect();
    assert_eq!(fields, ["topic", "user_count"]);
    assert!(moved.reports().iter().all(|change| change["dropped"] == "BanchoChannelAvailable"));
}

/// The packets in a server's frames, with their data.
fn packets(version: &str, bytes: &[u8]) -> Vec<(String, Value)> {
    let lines = decode(version, "server", "--format json", bytes).expect_success().lines();
    let packet = |mut line: Value| (line["packet"].as_str().unwrap().to_owned(), line["data"].take());
    lines.into_iter().map(packet).collect()
}

#[test]
fn earlier_packets_provide_missing_fields() {
    let capture =
        captures().into_iter().find(|capture| capture.side == "server" && capture.build == 20250306);
    let capture = capture.unwrap();
    let named: Vec<_> = packets(&capture.version(), &capture.bytes)
        .into_iter()
        .filter(|(packet, _)| packet == "BanchoUserPresence")
        .map(|(_, user)| (user["id"].clone(), user["name"].clone()))
        .collect();
    assert!(named.len() > 1);
    // Before b323, stats require a name, which the server sends in another packet.
    let moved = transcode("server", &capture.version(), "300", &capture.bytes);
    assert_eq!(moved.code, Some(0));
    let (mut stats, mut with_play) = (0, 0);
    for (packet, user) in packets("300", &moved.stdout) {
        if packet == "BanchoUserStats" {
            assert!(named.contains(&(user["id"].clone(), user["name"].clone())), "{user}");
            stats += 1;
            with_play += usize::from(user["stats"]["playcount"] != 0);
        }
    }
    assert!(stats > named.len() && with_play > 1, "{stats} of {}, {with_play}", named.len());
    let dropped: Vec<_> =
        moved.reports().iter().filter(|change| change["dropped"] == "BanchoUserStats").cloned().collect();
    assert!(dropped.iter().all(|change| !change["field"].is_null()), "{dropped:?}");
}

#[test]
fn irc_users_quit_in_both_forms() {
    // A presence with a negative id, and the quit of that id.
    let sent = [
        line("BanchoUserPresence", json!({"id": 7, "name": "nick", "presence": {"is_irc": true}})),
        line("BanchoUserQuit", json!({"info": {"id": -7}, "state": 0})),
    ]
    .concat();
    let sent = encode("20250306", "server", &sent).expect_success().stdout;
    let moved = transcode("server", "20250306", "394", &sent);
    let received = packets("394", &moved.stdout);
    assert_eq!(received, [("BanchoIrcJoin".into(), json!("nick")), ("BanchoIrcQuit".into(), json!("nick"))]);

    let back = transcode("server", "394", "20250306", &moved.stdout).expect_success();
    let received = packets("20250306", &back.stdout);
    assert_eq!(received[0].1["name"], "nick");
    assert!(
        received[0].1["id"].as_i64() < Some(0) && received[0].1["id"] == received[1].1["info"]["id"],
        "{received:?}"
    );
}

#[test]
fn packets_that_need_an_answer_are_reported() {
    let bundle =
        encode("20250306", "server", &line("BanchoUserPresenceBundle", json!([{"id": 2}]))).expect_success();
    let moved = transcode("server", "20250306", "394", &bundle.stdout);
    assert_eq!((moved.code, moved.stdout.len()), (Some(0), 0));
    assert_eq!(moved.reports()[0]["dropped"], "BanchoUserPresenceBundle");
    let request = encode("20250306", "client", &line("OsuPresenceRequestAll", Value::Null)).expect_success();
    let moved = transcode("client", "20250306", "394", &request.stdout);
    assert_eq!((moved.code, moved.stdout.len()), (Some(0), 0));
    assert_eq!(moved.reports()[0]["dropped"], "OsuPresenceRequestAll");
}
