//! What scripts rely on: the keys of the JSON in each version, the values of absent fields, and the exit codes.

mod tool;

use serde_json::{Value, json};
use tool::{decode, encode, frame, frames, line, run};

const LATEST: &str = "20250306";

/// Encodes a packet in a version and returns the packets that decoding prints.
#[track_caller]
fn shown(version: &str, side: &str, packet: &str, data: &Value) -> Vec<Value> {
    let written = encode(version, side, &line(packet, data.clone()));
    assert_eq!(written.code, Some(0), "{packet} in {version}: {}", written.stderr);
    decode(version, side, "--format json", &written.stdout).expect_success().lines()
}

/// Like [`shown`], for a packet that decodes to itself and no other. Returns its data.
#[track_caller]
fn data_of(version: &str, side: &str, packet: &str, data: &Value) -> Value {
    let mut lines = shown(version, side, packet, data);
    assert_eq!(lines.len(), 1, "{packet} in {version}: {lines:?}");
    let mut line = lines.remove(0);
    let keys: Vec<_> = line.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["packet", "data"], "{packet} in {version}");
    assert_eq!(line["packet"], packet, "in {version}");
    line["data"].take()
}

/// The paths of all values of a document, sorted. Elements of a list have the same path.
fn paths(value: &Value) -> Vec<String> {
    fn walk(value: &Value, path: &str, into: &mut Vec<String>) {
        let inner = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match value {
            Value::Object(fields) => fields.iter().for_each(|(key, value)| walk(value, &inner(key), into)),
            Value::Array(elements) => elements.iter().for_each(|element| walk(element, &inner("*"), into)),
            _ => into.push(path.to_owned()),
        }
    }
    let mut paths = Vec::new();
    walk(value, "", &mut paths);
    paths.sort();
    paths.dedup();
    paths
}

/// Compares with paths separated by spaces: `a b.c`.
#[track_caller]
fn assert_paths(value: &Value, expected: &str) {
    let mut expected: Vec<_> = expected.split_whitespace().collect();
    expected.sort_unstable();
    assert_eq!(paths(value), expected);
}

fn presence() -> Value {
    json!({
        "is_irc": false, "timezone": 8, "country_index": 16, "permissions": 5,
        "longitude": 115.5, "latitude": -31.75, "city": "Perth",
    })
}

fn status() -> Value {
    json!({
        "action": 2, "text": "a map", "mods": 72, "mode": 1,
        "beatmap_checksum": "a5b99395a42bd55bc5eb1d2411cbdf8b", "beatmap_id": 75, "update_stats": false,
    })
}

/// chio's UserInfo with all fields.
fn user() -> Value {
    json!({
        "id": 2, "name": "peppy", "presence": presence(), "status": status(),
        "stats": {
            "rank": 70_000, "rscore": 1, "tscore": 30_000_000_000u64, "accuracy": 0.5, "playcount": 4, "pp": 300,
        },
    })
}

fn message() -> Value {
    json!({ "sender": "a", "content": "b", "target": "#osu", "sender_id": 3 })
}

fn score() -> Value {
    json!({
        "time": 1000, "id": 2, "total_300": 3, "total_100": 4, "total_50": 5, "total_geki": 6, "total_katu": 7,
        "total_miss": 8, "total_score": 9, "max_combo": 10, "current_combo": 11, "perfect": true, "hp": 200,
        "tag_byte": 13, "using_scorev2": true, "combo_portion": 1.5, "bonus_portion": 2.5,
    })
}

fn replay() -> Value {
    json!({
        "action": 1, "frame": score(), "extra": 4, "sequence": 5,
        "frames": [{ "button_state": 1, "legacy_byte": 0, "mouse_x": 1.5, "mouse_y": 2.5, "time": 16 }],
    })
}

fn a_match() -> Value {
    let mut slots = vec![json!({ "user_id": 2, "status": 8, "team": 1, "mods": 8 })];
    slots.resize(16, json!({ "user_id": -1, "status": 1, "team": 0, "mods": 0 }));
    json!({
        "id": 5, "in_progress": true, "type": 0, "mods": 64, "name": "a room", "password": "secret",
        "beatmap_text": "a map", "beatmap_id": 75, "beatmap_checksum": "a5b99395a42bd55bc5eb1d2411cbdf8b",
        "slots": slots, "host_id": 2, "mode": 3, "scoring_type": 3, "team_type": 2, "freemod": true, "seed": 7,
    })
}

fn beatmaps() -> Value {
    json!({ "beatmaps": [{
        "index": 0, "beatmap_id": 75, "beatmapset_id": 1, "thread_id": 3, "ranked_status": 1, "checksum": "c",
        "osu_rank": 3, "taiko_rank": 4, "fruits_rank": 5, "mania_rank": 6,
    }] })
}

/// Removes keys from a document.
fn without(mut value: Value, keys: &[&str]) -> Value {
    for key in keys {
        assert!(value.as_object_mut().unwrap().remove(*key).is_some(), "{key}");
    }
    value
}

const NUMBERS: [(&str, &str); 26] = [
    ("server", "BanchoLoginReply"),
    ("server", "BanchoSpectatorJoined"),
    ("server", "BanchoSpectatorLeft"),
    ("server", "BanchoSpectatorCantSpectate"),
    ("server", "BanchoMatchDisband"),
    ("server", "BanchoFellowSpectatorJoined"),
    ("server", "BanchoFellowSpectatorLeft"),
    ("server", "BanchoMatchPlayerFailed"),
    ("server", "BanchoLoginPermissions"),
    ("server", "BanchoProtocolNegotiation"),
    ("server", "BanchoMatchPlayerSkipped"),
    ("server", "BanchoRestart"),
    ("server", "BanchoSilenceInfo"),
    ("server", "BanchoUserSilenced"),
    ("server", "BanchoSwitchServer"),
    ("client", "OsuStartSpectating"),
    ("client", "OsuMatchChangeSlot"),
    ("client", "OsuMatchLock"),
    ("client", "OsuMatchChangeMods"),
    ("client", "OsuMatchTransferHost"),
    ("client", "OsuFriendsAdd"),
    ("client", "OsuFriendsRemove"),
    ("client", "OsuReceiveUpdates"),
    ("client", "OsuInvite"),
    ("client", "OsuTournamentMatchInfo"),
    ("client", "OsuTournamentJoinMatchChannel"),
];

#[test]
fn single_values_are_plain_json_values() {
    for (side, packet) in NUMBERS {
        assert_eq!(data_of(LATEST, side, packet, &json!(2)), 2, "{packet}");
    }
    for packet in ["BanchoLobbyJoin", "BanchoLobbyPart"] {
        assert_eq!(data_of("1700", "server", packet, &json!(2)), 2, "{packet}");
    }
    for (side, packet) in [
        ("server", "BanchoAnnounce"),
        ("server", "BanchoChannelJoinSuccess"),
        ("server", "BanchoChannelRevoked"),
        ("server", "BanchoMatchChangePassword"),
        ("server", "BanchoRTX"),
        ("server", "BanchoSwitchTournamentServer"),
        ("client", "OsuErrorReport"),
        ("client", "OsuChannelJoin"),
        ("client", "OsuChannelLeave"),
    ] {
        for text in ["", "#osu", "ünïcödé \u{1f600} \" \\ \n\u{0}"] {
            assert_eq!(data_of(LATEST, side, packet, &json!(text)), text, "{packet}");
        }
    }
    for packet in ["BanchoIrcJoin", "BanchoIrcQuit"] {
        assert_eq!(data_of("1700", "server", packet, &json!("nick")), "nick", "{packet}");
    }
    for packet in ["OsuExit", "OsuChangeFriendOnlyDms"] {
        for value in [false, true] {
            assert_eq!(data_of(LATEST, "client", packet, &json!(value)), value, "{packet}");
        }
    }
}

#[test]
fn packets_without_payload_have_null_data() {
    let server = "BanchoPing BanchoVersionUpdate BanchoGetAttention BanchoMatchJoinFail BanchoMatchTransferHost
        BanchoMatchAllPlayersLoaded BanchoMatchComplete BanchoMatchSkip BanchoMonitor BanchoChannelInfoComplete
        BanchoVersionUpdateForced BanchoAccountRestricted BanchoMatchAbort";
    let client = "OsuStatusUpdateRequest OsuPong OsuStopSpectating OsuCantSpectate OsuLobbyPart OsuLobbyJoin
        OsuMatchPart OsuMatchReady OsuMatchStart OsuMatchComplete OsuMatchLoadComplete OsuMatchNoBeatmap
        OsuMatchNotReady OsuMatchFailed OsuMatchHasBeatmap OsuMatchSkipRequest OsuMatchChangeTeam";
    for (side, packets) in [("server", server), ("client", client)] {
        for packet in packets.split_whitespace() {
            assert_eq!(data_of(LATEST, side, packet, &json!(null)), json!(null), "{packet}");
            let without_data = encode(LATEST, side, &format!("{{\"packet\":\"{packet}\"}}")).expect_success();
            assert_eq!(without_data.stdout.len(), 7, "{packet} is a header");
        }
    }
}

#[test]
fn structs_round_trip_in_versions_with_all_fields() {
    let frames_alone = json!({ "action": 1, "frames": [], "frame": null, "extra": -1, "sequence": 0 });
    for (side, packet, data) in [
        ("server", "BanchoIrcChangeUsername", json!({ "old_name": "a", "new_name": "b" })),
        ("server", "BanchoMessage", message()),
        ("client", "OsuMessage", message()),
        ("client", "OsuPrivateMessage", message()),
        ("client", "OsuSetIrcAwayMessage", message()),
        ("server", "BanchoInvite", message()),
        ("server", "BanchoUserDmsBlocked", message()),
        ("server", "BanchoTargetIsSilenced", message()),
        ("server", "BanchoUserQuit", json!({ "info": { "id": 2 }, "state": 2 })),
        ("server", "BanchoUserPresenceSingle", json!({ "id": 2 })),
        ("server", "BanchoUserPresenceBundle", json!([{ "id": 2 }, { "id": 3 }])),
        ("server", "BanchoUserPresenceBundle", json!([])),
        ("server", "BanchoSpectateFrames", replay()),
        ("client", "OsuSpectateFrames", replay()),
        ("client", "OsuSpectateFrames", frames_alone),
        ("server", "BanchoMatchScoreUpdate", score()),
        ("client", "OsuMatchScoreUpdate", score()),
        ("server", "BanchoMatchNew", a_match()),
        ("server", "BanchoMatchUpdate", a_match()),
        ("server", "BanchoMatchJoinSuccess", a_match()),
        ("server", "BanchoMatchStart", a_match()),
        ("client", "OsuMatchCreate", a_match()),
        ("client", "OsuMatchChangeSettings", a_match()),
        ("client", "OsuMatchChangePassword", a_match()),
        ("client", "OsuMatchJoin", json!({ "match_id": 5, "password": "secret" })),
        ("client", "OsuBeatmapInfoRequest", json!({ "filenames": ["a.osu", ""], "ids": [5, -6] })),
        ("server", "BanchoBeatmapInfoReply", beatmaps()),
        ("server", "BanchoTitleUpdate", json!({ "image_url": "i", "redirect_url": "l" })),
        ("server", "BanchoFriendsList", json!([2, -3])),
        ("client", "OsuUserStatsRequest", json!([2, 3])),
        ("client", "OsuPresenceRequest", json!([])),
        ("client", "OsuPresenceRequestAll", json!(5)),
        ("client", "OsuPresenceRequestAll", json!(null)),
    ] {
        assert_eq!(data_of(LATEST, side, packet, &data), data, "{packet}");
    }
    // chio's channels have an owner, which no version transmits.
    for packet in ["BanchoChannelAvailable", "BanchoChannelAvailableAutojoin"] {
        let channel = json!({ "name": "#osu", "topic": "t", "owner": "o", "user_count": 4 });
        assert_eq!(data_of(LATEST, "server", packet, &channel), without(channel, &["owner"]), "{packet}");
    }
    // `update_stats` exists before b338 only.
    let data = data_of(LATEST, "client", "OsuUserStatus", &status());
    assert_eq!(data, without(status(), &["update_stats"]));
    // The portions are sent for ScoreV2 only.
    let mut plain = score();
    plain["using_scorev2"] = json!(false);
    let data = data_of(LATEST, "client", "OsuMatchScoreUpdate", &plain);
    assert_eq!(
        without(data, &["combo_portion", "bonus_portion"]),
        without(plain, &["combo_portion", "bonus_portion"])
    );
}

#[test]
fn users_contain_only_the_parts_of_the_frame() {
    const STATS: &str = "id status.action status.text status.beatmap_checksum status.mods status.mode
        status.beatmap_id stats.rscore stats.accuracy stats.playcount stats.tscore stats.rank";
    let stats = data_of(LATEST, "server", "BanchoUserStats", &user());
    assert_paths(&stats, &format!("{STATS} stats.pp"));
    let presence = data_of(LATEST, "server", "BanchoUserPresence", &user());
    assert_paths(
        &presence,
        "id name presence.is_irc presence.timezone presence.country_index presence.permissions
        presence.longitude presence.latitude status.mode stats.rank",
    );
    // All values are unchanged.
    for shown in [&stats, &presence] {
        for (part, fields) in shown.as_object().unwrap() {
            match fields.as_object() {
                Some(fields) => {
                    fields
                        .iter()
                        .for_each(|(field, value)| assert_eq!(user()[part][field], *value, "{part}.{field}"));
                }
                None => assert_eq!(user()[part], *fields, "{part}"),
            }
        }
    }

    let stats = data_of("b1700", "server", "BanchoUserStats", &user());
    assert_paths(&stats, STATS);
    let presence = shown("b1700", "server", "BanchoUserPresence", &user());
    assert_eq!((presence.len(), &presence[0]["packet"]), (1, &json!("BanchoUserStats")));
    assert_paths(
        &presence[0]["data"],
        &format!(
        "{STATS} completeness name presence.city presence.timezone presence.country_index presence.permissions
        presence.longitude presence.latitude"
    ),
    );

    let stats = data_of("b338", "server", "BanchoUserStats", &user());
    assert_paths(
        &stats,
        "id status.action status.text status.beatmap_checksum status.mods stats.rscore
        stats.accuracy stats.playcount stats.tscore stats.rank",
    );
    assert_eq!(stats["stats"]["rank"], 65_535, "two bytes");

    let stats = data_of("b282", "server", "BanchoUserStats", &user());
    assert_paths(
        &stats,
        "id name status.action status.update_stats status.text status.beatmap_checksum
        status.mods stats.rscore stats.accuracy stats.playcount stats.tscore stats.rank presence.city
        presence.timezone presence.country_index",
    );
}

/// The fields of each struct in old versions.
#[test]
fn fields_missing_in_a_version_are_absent() {
    const SCORE: &str =
        "id total_300 total_100 total_50 total_geki total_katu total_miss total_score max_combo
        current_combo perfect hp time";
    const MATCH: &str = "id in_progress type name beatmap_text beatmap_id beatmap_checksum slots.*.user_id
        slots.*.status";
    const CLICK: &str = "action frames.*.button_state frames.*.mouse_x frames.*.mouse_y frames.*.time";
    let framed = SCORE.split_whitespace().map(|field| format!("frame.{field}")).collect::<Vec<_>>().join(" ");
    for (version, side, packet, data, expected) in [
        ("b1700", "server", "BanchoMessage", message(), "sender content target".to_owned()),
        ("b338", "client", "OsuMessage", message(), "sender content target".to_owned()),
        ("b282", "client", "OsuMessage", message(), "sender content target".to_owned()),
        (
            "b1700",
            "client",
            "OsuUserStatus",
            status(),
            "action text beatmap_checksum mods mode beatmap_id".to_owned(),
        ),
        ("b338", "client", "OsuUserStatus", status(), "action text beatmap_checksum mods".to_owned()),
        (
            "b282",
            "client",
            "OsuUserStatus",
            status(),
            "action update_stats text beatmap_checksum mods".to_owned(),
        ),
        ("b1700", "client", "OsuMatchScoreUpdate", score(), format!("{SCORE} tag_byte")),
        ("b338", "client", "OsuMatchScoreUpdate", score(), SCORE.to_owned()),
        ("b323", "client", "OsuMatchScoreUpdate", score(), format!("{SCORE} checksum")),
        (
            "b1700",
            "client",
            "OsuSpectateFrames",
            replay(),
            format!("{CLICK} frames.*.legacy_byte {framed} frame.tag_byte"),
        ),
        ("b338", "client", "OsuSpectateFrames", replay(), format!("{CLICK} {framed}")),
        ("b282", "client", "OsuSpectateFrames", replay(), CLICK.to_owned()),
        (
            "b1700",
            "client",
            "OsuMatchCreate",
            a_match(),
            format!("{MATCH} mods password host_id mode scoring_type team_type slots.*.team"),
        ),
        ("b338", "client", "OsuMatchCreate", a_match(), format!("{MATCH} mods")),
        ("b330", "client", "OsuMatchCreate", a_match(), MATCH.to_owned()),
        ("b338", "client", "OsuMatchJoin", json!({ "match_id": 5, "password": "p" }), "match_id".to_owned()),
        (
            "b394",
            "client",
            "OsuBeatmapInfoRequest",
            json!({ "filenames": ["a"], "ids": [5] }),
            "filenames.*".to_owned(),
        ),
        (
            "b1700",
            "server",
            "BanchoBeatmapInfoReply",
            beatmaps(),
            "index beatmap_id beatmapset_id thread_id ranked_status checksum osu_rank taiko_rank fruits_rank"
                .split_whitespace()
                .map(|field| format!("beatmaps.*.{field} "))
                .collect(),
        ),
        (
            "b1700",
            "server",
            "BanchoChannelAvailable",
            json!({ "name": "#osu", "topic": "t", "user_count": 4 }),
            "name".to_owned(),
        ),
        (
            "b20121210",
            "server",
            "BanchoTitleUpdate",
            json!({ "image_url": "i", "redirect_url": "l" }),
            "image_url".to_owned(),
        ),
    ] {
        let shown = data_of(version, side, packet, &data);
        let mut expected: Vec<_> = expected.split_whitespace().collect();
        expected.sort_unstable();
        assert_eq!(paths(&shown), expected, "{packet} in {version}");
    }
}

#[test]
fn matches_have_the_slots_of_the_version_and_slot_mods_only_with_freemod() {
    for (version, slots) in [("330", 8), ("1700", 8), ("20140127", 8), ("20150915", 16), (LATEST, 16)] {
        let shown = data_of(version, "server", "BanchoMatchNew", &a_match());
        assert_eq!(shown["slots"].as_array().unwrap().len(), slots, "{version}");
    }
    let written = run(
        "bancho encode --build 20140601 --protocol 19 --slots 16 --side server",
        line("BanchoMatchNew", a_match()).as_bytes(),
    )
    .expect_success();
    let shown = run(
        "bancho decode --build 20140601 --protocol 19 --slots 16 --side server --format json",
        &written.stdout,
    );
    assert_eq!(shown.expect_success().lines()[0]["data"]["slots"].as_array().unwrap().len(), 16);

    let mut fixed = a_match();
    fixed["freemod"] = json!(false);
    let shown = data_of(LATEST, "server", "BanchoMatchNew", &fixed);
    assert_eq!(shown["slots"][0]["mods"], 0, "the mods are those of the match");
}

#[test]
fn omitted_fields_have_the_defaults_of_chio() {
    let shown = data_of("282", "client", "OsuMessage", &json!({ "content": "hi", "target": "#elsewhere" }));
    assert_eq!(shown, json!({ "sender": "", "content": "hi", "target": "#osu" }));
    assert_eq!(data_of("1700", "client", "OsuExit", &json!(true)), false, "b1700 does not encode the value");
}

#[test]
fn packets_with_unknown_ids_round_trip() {
    for version in ["282", "394", "1700", LATEST] {
        for side in ["client", "server"] {
            for payload in ["", "00ff7f", &"ab".repeat(200)] {
                let data = json!({ "id": 9999, "payload": payload });
                assert_eq!(data_of(version, side, "Unknown", &data), data, "{version} {side}");
            }
        }
    }
    // Ids of the other side and of other versions are unknown, like ids without a packet.
    let login = frame(20250306, 5, &[1, 0, 0, 0]);
    let shown = decode(LATEST, "client", "--format json", &login).lines();
    assert_eq!(shown, [json!({ "packet": "Unknown", "data": { "id": 5, "payload": "01000000" } })]);
    let early = decode("282", "server", "--format json", &frame(282, 25, b"")).expect_success().lines();
    assert_eq!(early, [json!({ "packet": "Unknown", "data": { "id": 25, "payload": "" } })]);
    // A known packet under its own id.
    let written =
        encode(LATEST, "client", &line("Unknown", json!({ "id": 4, "payload": "" }))).expect_success();
    let shown = decode(LATEST, "client", "--format json", &written.stdout).expect_success().lines();
    assert_eq!(shown[0]["packet"], "OsuPong");
}

#[test]
fn protocol_negotiation_defaults_to_the_protocol_of_the_version() {
    for (version, protocol) in [("487", 0), ("504", 2), ("20130801", 18), (LATEST, 19)] {
        let shown = data_of(version, "server", "BanchoProtocolNegotiation", &json!(null));
        assert_eq!(shown, protocol, "{version}");
    }
    assert_eq!(data_of(LATEST, "server", "BanchoProtocolNegotiation", &json!(7)), 7);
}

#[test]
fn login_replies_accept_error_names() {
    assert_eq!(data_of("1700", "server", "BanchoLoginReply", &json!("UserInactive")), -4);
    let shown = shown(LATEST, "server", "BanchoLoginReply", &json!("UserInactive"));
    let names: Vec<_> = shown.iter().map(|line| &line["packet"]).collect();
    assert_eq!(names, ["BanchoAnnounce", "BanchoLoginReply"]);
    assert_eq!(shown[1]["data"], -1);
}

#[test]
fn packets_missing_in_a_version_are_skipped_and_reported() {
    let lines = line("OsuMatchCreate", a_match()) + &line("OsuPong", json!(null));
    let outcome = encode("b290", "client", &lines);
    assert_eq!(outcome.code, Some(0));
    assert_eq!(outcome.stderr, "{\"skipped\":\"OsuMatchCreate\",\"version\":\"b282\"}\n");
    let written: Vec<_> = frames(282, &outcome.stdout).iter().map(|frame| frame.id).collect();
    assert_eq!(written, [4]);
    // Names in chio's list that no version uses.
    for name in ["BanchoCommandError", "BanchoUnauthorized"] {
        let outcome = encode(LATEST, "server", &line(name, json!(null)));
        assert_eq!((outcome.code, outcome.stdout.len()), (Some(0), 0));
        assert_eq!(outcome.reports(), [json!({ "skipped": name, "version": "b20250306" })]);
    }
}

#[test]
fn complete_structs_encode_in_every_version() {
    let versions = run("bancho versions --format json", b"").expect_success().lines();
    let server = [
        ("BanchoUserStats", user()),
        ("BanchoUserPresence", user()),
        ("BanchoUserPresenceSingle", user()),
        ("BanchoUserPresenceBundle", json!([user(), user()])),
        ("BanchoUserQuit", json!({ "info": user(), "state": 0 })),
        ("BanchoMessage", message()),
        ("BanchoInvite", message()),
        ("BanchoSpectateFrames", replay()),
        ("BanchoMatchScoreUpdate", score()),
        ("BanchoMatchNew", a_match()),
        ("BanchoMatchStart", a_match()),
        ("BanchoChannelAvailable", json!({ "name": "#osu", "topic": "t", "owner": "o", "user_count": 4 })),
        ("BanchoBeatmapInfoReply", beatmaps()),
        ("BanchoTitleUpdate", json!({ "image_url": "i", "redirect_url": "l" })),
        ("BanchoRestart", json!(5000)),
    ];
    let client = [
        ("OsuUserStatus", status()),
        ("OsuMessage", message()),
        ("OsuPrivateMessage", message()),
        ("OsuSpectateFrames", replay()),
        ("OsuMatchScoreUpdate", score()),
        ("OsuMatchCreate", a_match()),
        ("OsuMatchJoin", json!({ "match_id": 5, "password": "p" })),
        ("OsuBeatmapInfoRequest", json!({ "filenames": ["a"], "ids": [5] })),
    ];
    for version in &versions {
        let version = version["name"].as_str().unwrap();
        for (side, packets) in [("server", &server[..]), ("client", &client[..])] {
            let lines: String = packets.iter().map(|(packet, data)| line(packet, data.clone())).collect();
            let outcome = encode(version, side, &lines);
            assert_eq!(outcome.code, Some(0), "{version}: {}", outcome.stderr);
            let reports = outcome.reports();
            assert!(
                reports.iter().all(|report| report["version"] == version),
                "{version}: {}",
                outcome.stderr
            );
            let shown = decode(version, side, "--format json", &outcome.stdout).expect_success().lines();
            // A presence may take two frames, or contain one of two users.
            assert!(shown.len() + reports.len() >= packets.len(), "{version} {side}");
        }
    }
}

#[test]
fn null_fields_have_their_defaults() {
    let data = json!({ "match_id": 5, "password": null });
    assert_eq!(data_of(LATEST, "client", "OsuMatchJoin", &data), json!({ "match_id": 5, "password": "" }));
}

#[test]
fn numbers_out_of_range_saturate() {
    let mut most = score();
    (most["total_300"], most["hp"], most["time"]) = (json!(70_000), json!(-1), json!(5_000_000_000i64));
    let shown = data_of(LATEST, "client", "OsuMatchScoreUpdate", &most);
    assert_eq!((&shown["total_300"], &shown["hp"]), (&json!(65_535), &json!(0)));
    assert_eq!(shown["time"], i32::MAX);
}

#[test]
fn hidden_passwords_differ_from_no_password() {
    let mut hidden = a_match();
    hidden["password"] = json!("");
    let open = data_of(LATEST, "server", "BanchoMatchNew", &hidden);
    assert_eq!((&open["password"], open.get("password_hidden")), (&json!(""), None));

    hidden["password_hidden"] = json!(true);
    let written = encode(LATEST, "server", &line("BanchoMatchNew", hidden.clone())).expect_success();
    let payload = &frames(20250306, &written.stdout)[0].payload;
    let name = [&b"\x0b\x06a room"[..], b"\x0b\x00"].concat();
    assert!(payload.windows(name.len()).any(|bytes| bytes == name), "{payload:02x?}");
    assert_eq!(data_of(LATEST, "server", "BanchoMatchNew", &hidden), hidden);

    // `00` and `0b 00` both decode to an empty string.
    let message = frame(20250306, 7, b"\x0b\0\x0b\x02hi\0\0\0\0\0");
    let shown = decode(LATEST, "server", "--format json", &message).expect_success().lines();
    assert_eq!(shown[0]["data"], json!({ "sender": "", "content": "hi", "target": "", "sender_id": 0 }));
}

#[test]
fn score_checksums_are_computed_unless_given() {
    // MD5 of "1000True356781110200" and "1000False356781110254".
    for (hp, checksum) in
        [(200, "5c30d1cd321e92494cdfdf2c74aa512e"), (254, "c9c6c7685155077f4bdf2edd19358b03")]
    {
        let mut score = score();
        score["hp"] = json!(hp);
        for version in ["b312", "b333"] {
            let shown = data_of(version, "client", "OsuMatchScoreUpdate", &score);
            assert_eq!(shown["checksum"], checksum, "{version}");
        }
    }
    for given in ["0123456789abcdef0123456789abcdef", "anything", ""] {
        let mut score = score();
        score["checksum"] = json!(given);
        let shown = data_of("b333", "client", "OsuMatchScoreUpdate", &score);
        assert_eq!(shown["checksum"], given);
        let bundle = json!({ "frames": [], "frame": score });
        assert_eq!(data_of("b294", "client", "OsuSpectateFrames", &bundle)["frame"]["checksum"], given);
        assert_eq!(data_of("b334", "client", "OsuMatchScoreUpdate", &score).get("checksum"), None);
    }
}

#[test]
fn nan_and_infinities_round_trip() {
    for special in ["NaN", "Infinity", "-Infinity", "0x7ff8000020000000"] {
        let frames = json!([{ "mouse_x": { "$float": special }, "mouse_y": 0.5 }]);
        let shown = data_of(LATEST, "client", "OsuSpectateFrames", &json!({ "frames": frames }));
        assert_eq!(shown["frames"][0]["mouse_x"], json!({ "$float": special }));
    }
}

#[test]
fn versions_lists_75_versions_without_gaps() {
    let rows = run("bancho versions --format json", b"").expect_success().lines();
    assert_eq!(rows.len(), 75);
    for row in &rows {
        let keys: Vec<_> = row.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["name", "first", "last", "protocol", "slots", "header", "compression"]);
    }
    for pair in rows.windows(2) {
        let (last, first) = (pair[0]["last"].as_u64().unwrap(), pair[1]["first"].as_u64().unwrap());
        assert!(last < first, "{} and {}", pair[0], pair[1]);
    }
    assert_eq!(
        rows[0],
        json!({
            "name": "b282", "first": 282, "last": 290, "protocol": 0, "slots": 0, "header": 6, "compression": "always",
        })
    );
    let row = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
    assert_eq!(
        *row("b20130131"),
        json!({
            "name": "b20130131", "first": 20130121, "last": 20130208, "protocol": 16, "slots": 8, "header": 7,
            "compression": "never",
        })
    );
    assert_eq!((&row("b334")["compression"], &row("b334")["header"]), (&json!("flag"), &json!(7)));
    assert_eq!((&rows[74]["first"], &rows[74]["last"]), (&json!(20250306), &json!(null)));
    let text = String::from_utf8(run("bancho versions", b"").expect_success().stdout).unwrap();
    assert_eq!(text.lines().count(), 76, "a heading and one line per version");
    for (line, row) in text.lines().skip(1).zip(&rows) {
        assert_eq!(line.split_whitespace().next(), row["name"].as_str());
    }
}

#[test]
fn versions_parse_with_and_without_prefix_and_suffix() {
    let skipped = line("BanchoCommandError", json!(null));
    for (given, class) in [
        ("282", "b282"),
        ("b282", "b282"),
        ("b394a", "b388"),
        ("394", "b388"),
        ("1797", "b1797"),
        ("b20130815.3cuttingedge", "b20130801"),
        ("b20140909.11cuttingedge", "b20140731"),
        ("b20121003shine.test", "b20120818"),
        ("20140127", "b20130801"),
        ("1", "b282"),
        ("99999999", "b20250306"),
        ("20130125", "b20130131"),
    ] {
        let outcome = encode(given, "server", &skipped);
        assert_eq!(outcome.reports()[0]["version"], class, "{given}");
    }
}

#[test]
fn wrong_usage_exits_with_2_and_a_message() {
    for arguments in [
        "",
        "nonsense",
        "bancho",
        "bancho decode",
        "bancho decode --build 282",
        "bancho decode --build 282 --side neither",
        "bancho decode --build b --side client",
        "bancho decode --build today --side client",
        "bancho decode --build 99999999999999999999 --side client",
        "bancho decode --build 282 --side client --format json --format bytes",
        "bancho decode --build 282 --side client --format xml",
        "bancho versions --format bytes",
        "bancho decode --version 282 --from client",
        "bancho decode --build 282 --side client --json",
        "bancho transcode --build 282 --side client --to 394",
        "bancho decode --build 282 --side client --slots 17",
        "bancho decode --build 282 --side client --slots 0",
        "bancho decode --build 282 --side client --protocol 256",
        "bancho decode --build 282 --side client --protocol 20",
        "bancho decode --build 282 --side client --protocol 99",
        "bancho decode --side server",
        "bancho decode --build 282 --side client --nonsense",
        "bancho encode --build 282",
        "bancho versions --nonsense",
    ] {
        let outcome = run(arguments, b"");
        assert_eq!(outcome.code, Some(2), "{arguments}: {}", outcome.stderr);
        assert!(!outcome.stderr.is_empty() && outcome.stdout.is_empty(), "{arguments}");
    }
}

#[test]
fn help_version_and_empty_input_succeed() {
    for arguments in ["--help", "--version", "bancho --help", "bancho decode --help"] {
        let outcome = run(arguments, b"").expect_success();
        assert!(!outcome.stdout.is_empty(), "{arguments}");
    }
    for command in ["decode", "decode --format json", "decode --format bytes", "encode"] {
        let outcome = run(&format!("bancho {command} --build 282 --side client"), b"").expect_success();
        assert!(outcome.stdout.is_empty(), "{command}");
    }
}
