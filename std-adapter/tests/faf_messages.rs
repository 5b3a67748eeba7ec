//! Typed lobby messages, game commands and adapter calls: each round-trips to the same text, including
//! unknown fields, and errors name the field.
#![cfg(all(feature = "faf", feature = "tokio"))]

mod lobby;
mod traffic;

use lobby::{frame, item, poll_once, vectors};
use lobbywire::faf::json_rpc::{self, Call, Method, Notification, Objects};
use lobbywire::faf::{
    Framing, Json, Map, Mode, Number, Received, WriteError, client, gpgnet, server, simple_json,
};
use lobbywire::wire::{self, ErrorKind, FrameDecoder, Sink};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::task::Poll;
use traffic::{Drip, Pieces};

/// Every message with all its fields, in the server's order, and its required fields. Required fields come
/// first.
const CLIENT: &[(&str, &str)] = &[
    (r#"{"command":"ask_session","user_agent":"me","version":"1.0"}"#, ""),
    (r#"{"command":"auth","token":"SECRET1","unique_id":"SECRET2","session":4294967294}"#, "token unique_id"),
    (
        r#"{"command":"hello","login":"Rhiza","password":"SECRET1","unique_id":"SECRET2","session":"12"}"#,
        "login password unique_id",
    ),
    (r#"{"command":"create_account"}"#, ""),
    (r#"{"command":"ping"}"#, ""),
    (r#"{"command":"pong"}"#, ""),
    (r#"{"command":"coop_list"}"#, ""),
    (r#"{"command":"matchmaker_info"}"#, ""),
    (r#"{"command":"social_add","friend":3,"foe":4}"#, ""),
    (r#"{"command":"social_remove","friend":3,"foe":4}"#, ""),
    (
        r##"{"command":"admin","action":"join_channel","user_id":3,"message":"hi","user_ids":[3,4],"channel":"#a"}"##,
        "action",
    ),
    (r#"{"command":"avatar","action":"select","avatar":"http://a/b.png"}"#, "action"),
    (r#"{"command":"restore_game_session","game_id":"123"}"#, "game_id"),
    (
        r#"{"command":"game_host","visibility":"public","title":"t","mod":"faf","mapname":"scmp_007","password":"SECRET1","rating_min":-100.5,"rating_max":1000,"enforce_rating_range":true}"#,
        "visibility",
    ),
    (r#"{"command":"game_join","uid":123,"password":"SECRET1"}"#, "uid"),
    (
        r#"{"command":"game_matchmaking","state":"start","queue_name":"ladder1v1","mod":"ladder1v1","faction":"uef"}"#,
        "state",
    ),
    (r#"{"command":"match_ready"}"#, ""),
    (r#"{"command":"invite_to_party","recipient_id":3}"#, "recipient_id"),
    (r#"{"command":"accept_party_invite","sender_id":3}"#, "sender_id"),
    (r#"{"command":"kick_player_from_party","kicked_player_id":3}"#, "kicked_player_id"),
    (r#"{"command":"leave_party"}"#, ""),
    (r#"{"command":"set_party_factions","factions":["uef",2]}"#, "factions"),
    (r#"{"command":"unready_party"}"#, ""),
    (r#"{"command":"ready_party"}"#, ""),
    (r#"{"command":"modvault","type":"like","uid":"4f8b5ac3"}"#, "type"),
    (r#"{"command":"ice_servers"}"#, ""),
    (
        r#"{"command":"set_player_vetoes","vetoes":[{"matchmaker_queue_map_pool_id":1,"map_pool_map_version_id":2,"veto_tokens_applied":3}]}"#,
        "vetoes",
    ),
    (r#"{"command":"is_ready_response","request_id":"r"}"#, "request_id"),
];

const PLAYER: &str = r#"{"id":3,"login":"Rhiza","avatar":{"url":"http://a","tooltip":null},"country":"DE","clan":"ABC","state":"offline","ratings":{"ladder_1v1":{"rating":[1500,500.5],"number_of_games":0},"global":{"rating":[-1e-07,80.0],"number_of_games":7}},"global_rating":[1500,500],"ladder_rating":[1500.25,75],"number_of_games":7,"league":{"a":1}}"#;

const GAME: &str = r#""command":"game_info","visibility":"public","password_protected":false,"uid":1,"title":"a \u00e9","state":"open","game_type":"custom","featured_mod":"faf","sim_mods":{"z":"Z","a":"A"},"mapname":"scmp_007","map_file_path":"maps/scmp_007.zip","host":"Rhiza","host_id":3,"num_players":1,"max_players":8,"hosted_at":"2024-01-01T00:00:00+00:00","launched_at":1700000000.25,"rating_type":"global","rating_min":null,"rating_max":1000.0,"enforce_rating_range":false,"teams_ids":[{"team_id":1,"player_ids":[3]},{"team_id":"2","player_ids":[]}],"teams":{"2":["b"],"1":["Rhiza"]}"#;

const GAME_NEEDS: &str = "visibility password_protected uid title state game_type featured_mod sim_mods mapname host num_players max_players hosted_at launched_at rating_type rating_min rating_max enforce_rating_range";

fn server_rows() -> Vec<(String, &'static str)> {
    let rows: &[(&str, &str)] = &[
        (r#"{"command":"session","session":4294967294}"#, "session"),
        (r#"{"command":"irc_password","password":"SECRET1"}"#, "password"),
        (
            r#"{"command":"welcome","me":PLAYER,"current_time":"2024-01-01T00:00:00+00:00","id":3,"login":"Rhiza"}"#,
            "me id login",
        ),
        (r#"{"command":"authentication_failed","text":"no"}"#, "text"),
        (r#"{"command":"player_info","players":[PLAYER,{"id":4,"login":"b"}]}"#, "players"),
        (
            r##"{"command":"social","autojoin":["#aeolus"],"channels":["#aeolus"],"friends":[1],"foes":[2],"power":0}"##,
            "autojoin",
        ),
        (r#"{"command":"game_info","games":[{GAME},{GAME}]}"#, "games"),
        (r#"{GAME}"#, GAME_NEEDS),
        (
            r#"{"command":"game_launch","args":["/numgames",5],"uid":1,"mod":"faf","name":"t","init_mode":0,"game_type":"custom","rating_type":"global","mapname":"scmp_007","team":2,"faction":1,"expected_players":2,"map_position":1,"game_options":{"Share":"yes"}}"#,
            "args uid mod name init_mode game_type rating_type",
        ),
        (r#"{"command":"game_join_failed","reason":"bad_password","uid":1}"#, "reason uid"),
        (r#"{"command":"notice","style":"error","text":"no"}"#, "style"),
        (
            r#"{"command":"matchmaker_info","queues":[{"queue_name":"a","queue_pop_time":"2024-01-01T00:00:00+00:00","queue_pop_time_delta":1.5,"num_players":2,"boundary_80s":[[1,2]],"boundary_75s":[[0,3.5]],"team_size":1}]}"#,
            "queues",
        ),
        (r#"{"command":"search_info","queue_name":"a","state":"start"}"#, "queue_name state"),
        (
            r#"{"command":"search_timeout","timeouts":[{"player":3,"expires_at":"2024-01-01T00:00:00+00:00"}]}"#,
            "timeouts",
        ),
        (r#"{"command":"search_violation","count":1,"time":"2024-01-01T00:00:00+00:00"}"#, "count time"),
        (r#"{"command":"match_found","queue_name":"a","game_id":1}"#, "queue_name"),
        (
            r#"{"command":"match_info","expires_at":"x","expires_in":1.0,"players_total":2,"players_ready":1,"ready":true}"#,
            "expires_at expires_in players_total players_ready ready",
        ),
        (r#"{"command":"match_cancelled","game_id":1}"#, ""),
        (r#"{"command":"party_invite","sender":3}"#, "sender"),
        (
            r#"{"command":"update_party","owner":3,"members":[{"player":3,"factions":["uef"]}]}"#,
            "owner members",
        ),
        (r#"{"command":"kicked_from_party"}"#, ""),
        (r#"{"command":"avatar","avatarlist":[{"url":"http://a","tooltip":"A"}]}"#, "avatarlist"),
        (
            r#"{"command":"coop_info","uid":1,"type":"FA Campaign","name":"n","description":"d","filename":"f","featured_mod":"coop"}"#,
            "uid type name description filename featured_mod",
        ),
        (
            r#"{"command":"modvault_info","thumbnail":"","link":"","bugreports":[],"comments":[],"description":"d","played":1,"likes":2.0,"downloads":3,"date":1700000000,"uid":"u","name":"n","version":1,"author":"a","ui":0}"#,
            "uid",
        ),
        (
            r#"{"command":"ice_servers","ice_servers":[{"url":"turn:a","urls":["turn:b"],"username":"SECRET1","credential":"SECRET2","credentialType":"token"}],"ttl":86400}"#,
            "ice_servers",
        ),
        (
            r#"{"command":"updated_achievements","updated_achievements":[1,{"a":null}]}"#,
            "updated_achievements",
        ),
        (r#"{"command":"disabled","request":"game_host"}"#, "request"),
        (r#"{"command":"invalid"}"#, ""),
        (r#"{"command":"ping"}"#, ""),
        (r#"{"command":"pong"}"#, ""),
        (
            r#"{"command":"vetoes_info","forced":true,"vetoes":[{"matchmaker_queue_map_pool_id":1,"map_pool_map_version_id":2,"veto_tokens_applied":3}]}"#,
            "forced vetoes",
        ),
        (
            r#"{"command":"is_ready","game_name":"g","featured_mod":"faf","response_time_seconds":30,"request_id":"r"}"#,
            "game_name featured_mod response_time_seconds request_id",
        ),
        (r#"{"command":"update","update":"http://a","new_version":"1"}"#, "update new_version"),
    ];
    rows.iter().map(|(text, needs)| (text.replace("PLAYER", PLAYER).replace("GAME", GAME), *needs)).collect()
}

/// One side of the lobby, so that tests can cover both with the same code.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Client,
    Server,
}

/// The result of decoding a text: whether it is known, its command, its encoding, and its debug output.
#[derive(Debug)]
struct Read {
    is_known: bool,
    command: String,
    text: String,
    debug: String,
}

impl Side {
    fn rows(self) -> Vec<(String, &'static str)> {
        match self {
            Self::Client => CLIENT.iter().map(|(text, needs)| ((*text).to_owned(), *needs)).collect(),
            Self::Server => server_rows(),
        }
    }

    fn read(self, text: &str, mode: Mode) -> Result<Read, lobbywire::faf::DecodeError> {
        macro_rules! read {
            ($module:ident) => {{
                let message = $module::Message::parse(text, mode)?;
                assert_eq!(message, message.clone());
                Read {
                    is_known: !matches!(message, $module::Message::Unknown(_)),
                    command: message.command().to_owned(),
                    text: line(&message),
                    debug: format!("{message:?}"),
                }
            }};
        }
        Ok(match self {
            Self::Client => read!(client),
            Self::Server => read!(server),
        })
    }
}

const SIDES: [Side; 2] = [Side::Client, Side::Server];

struct Bytes(Vec<u8>);

impl Sink for Bytes {
    fn put(&mut self, bytes: &[u8]) -> Result<(), wire::Full> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// Encodes a message without its line feed.
fn line(body: &impl lobbywire::faf::Body) -> String {
    let mut out = Bytes(vec![]);
    simple_json::write(&mut out, body).unwrap();
    assert_eq!(out.0.pop(), Some(b'\n'));
    String::from_utf8(out.0).unwrap()
}

/// The members of an object, with their values as text.
fn members(text: &str) -> Vec<(String, String)> {
    let json = wire::Json::parse(text, Mode::Lenient.json()).unwrap();
    json.members().map(|(name, value)| (name.to_string(), value.text().to_owned())).collect()
}

fn object(members: &[(String, String)]) -> String {
    let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

/// A message with only its required fields.
fn minimal(text: &str, needs: &str) -> String {
    let mut fields = members(text);
    fields.retain(|(name, _)| name == "command" || needs.split(' ').any(|needed| needed == name));
    assert_eq!(fields.len(), 1 + needs.split_whitespace().count(), "{text}");
    object(&fields)
}

#[test]
fn every_message_round_trips_with_all_and_with_only_required_fields() {
    // All commands in the library's source must be covered here.
    let source = include_str!("../src/faf/messages.rs");
    let declared = |module: &str| -> Vec<&str> {
        let (_, module) = source.split_once(&format!("    mod {module} ")).unwrap();
        let (module, _) = module.split_once("\n    }\n").unwrap();
        let rows = module.lines().filter_map(|line| line.strip_prefix("        ")?.split_once(" \""));
        let rows = rows.filter(|(name, _)| name.starts_with(char::is_uppercase) && !name.contains(' '));
        rows.map(|(_, rest)| rest.split_once('"').unwrap().0).collect()
    };
    for (side, module) in [(Side::Client, "client"), (Side::Server, "server")] {
        let rows = side.rows();
        let mut covered: Vec<_> = rows.iter().map(|(text, _)| members(text)[0].1.replace('"', "")).collect();
        let mut known = declared(module);
        known.sort_unstable();
        covered.sort_unstable();
        assert_eq!(covered, known);
        for (text, needs) in rows {
            for text in [text.clone(), minimal(&text, needs)] {
                let read = side.read(&text, Mode::Strict).unwrap();
                assert!(read.is_known, "{text}");
                assert_eq!(read.text, text);
                assert_eq!(format!("\"{}\"", read.command), members(&text)[0].1);
            }
        }
    }
}

/// Every text that results from adding a member, in each object and at each position.
fn with_a_member_more(text: &str, member: &str) -> Vec<String> {
    let (mut places, mut is_in_string, mut is_escaped) = (vec![], false, false);
    let mut objects: Vec<Option<bool>> = vec![];
    for (at, char) in text.char_indices() {
        match char {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => is_in_string = !is_in_string,
            _ if is_in_string => {}
            // Ratings are a map, so another name is not an unknown field.
            '{' => objects.push(Some(!text[..at].ends_with("\"ratings\":"))),
            '[' => objects.push(None),
            ',' | '}' if objects.last() == Some(&Some(true)) => places.push(at),
            _ => {}
        }
        if matches!(char, '}' | ']') && !is_in_string {
            objects.pop();
        }
    }
    let mut texts: Vec<_> =
        places.iter().map(|at| format!("{},{member}{}", &text[..*at], &text[*at..])).collect();
    texts.push(format!("{{{member},{}", &text[1..]));
    texts
}

#[test]
fn unknown_fields_keep_their_position_in_every_object() {
    let mut count = 0;
    for side in SIDES {
        for (text, _) in side.rows() {
            for more in [
                r#""later":[1,{"k":-0.0,"j":[]},123456789012345678901234567890,"\ud83d\ude00"]"#,
                r#""q":null,"r":"}","s":{}"#,
            ] {
                for text in with_a_member_more(&text, more) {
                    let read =
                        side.read(&text, Mode::Strict).unwrap_or_else(|error| panic!("{text}: {error}"));
                    assert!(read.is_known);
                    assert_eq!(read.text, text);
                    count += 1;
                }
            }
        }
    }
    assert!(count > 500, "{count}");
    // In nested objects `command` is an ordinary name.
    let nested = r#"{"command":"player_info","players":[{"command":"x","id":4,"login":"b","command2":1}]}"#;
    assert_eq!(Side::Server.read(nested, Mode::Strict).unwrap().text, nested);
    let message = server::Message::parse(nested, Mode::Strict).unwrap();
    let server::Message::PlayerInfo(info) = message else { panic!() };
    assert_eq!(info.players[0].extra.get("command").unwrap().text(), "\"x\"");
}

#[test]
fn duplicate_names_keep_their_first_position_and_last_value() {
    let twice = r#"{"x":1,"command":"notice","style":"a","y":2,"x":3,"style":"b"}"#;
    let read = Side::Server.read(twice, Mode::Strict).unwrap();
    assert_eq!(read.text, r#"{"x":3,"command":"notice","style":"b","y":2}"#);
    // In linear time.
    let many: Vec<_> = (0..300_000).map(|number| format!("\"{}\":{number}", number / 2)).collect();
    let text = format!(r#"{{"command":"notice","style":"a",{}}}"#, many.join(","));
    let server::Message::Notice(notice) = server::Message::parse(&text, Mode::Strict).unwrap() else {
        panic!()
    };
    assert_eq!(notice.extra.iter().count(), 150_000);
    let ratings: Vec<_> =
        (0..100_000).map(|n| format!(r#""{}":{{"rating":[],"number_of_games":{n}}}"#, n / 2)).collect();
    let text = format!(
        r#"{{"command":"player_info","players":[{{"id":1,"login":"","ratings":{{{}}}}}]}}"#,
        ratings.join(",")
    );
    let server::Message::PlayerInfo(info) = server::Message::parse(&text, Mode::Strict).unwrap() else {
        panic!()
    };
    let ratings = info.players[0].ratings.as_ref().unwrap();
    assert_eq!((ratings.len(), ratings.iter().next().unwrap().1.number_of_games), (50_000, 1));
}

#[test]
fn unknown_commands_are_kept_unchanged() {
    for text in [
        r#"{"command":"stats","x":[1.0,{"password":"SECRET"}],"token":"SECRET"}"#,
        r#"{"a":1,"command":"Ping"}"#,
        r#"{"command":"","z":123456789012345678901234567890}"#,
        r#"{"command":"InitiateTest","target":"connectivity"}"#,
        r#"{"target":null,"command":"HostGame","args":{}}"#,
    ] {
        for side in SIDES {
            let read = side.read(text, Mode::Strict).unwrap();
            assert!(!read.is_known);
            assert_eq!(read.text, text);
            assert!(!read.debug.contains("SECRET"), "{}", read.debug);
        }
    }
    // Commands of one side are unknown to the other.
    assert!(!Side::Server.read(r#"{"command":"hello"}"#, Mode::Strict).unwrap().is_known);
    assert!(!Side::Client.read(r#"{"command":"welcome"}"#, Mode::Strict).unwrap().is_known);
}

#[test]
fn missing_fields_and_fields_of_another_type_are_named() {
    let mut takes_anything = BTreeSet::new();
    for side in SIDES {
        for (text, needs) in side.rows() {
            let fields = members(&text);
            let command = fields[0].1.replace('"', "");
            for at in 1..fields.len() {
                let name = &fields[at].0;
                let mut wrong = fields.clone();
                wrong[at].1 = r#"{"$":[]}"#.to_owned();
                let wrong = object(&wrong);
                match side.read(&wrong, Mode::Strict) {
                    Ok(read) => {
                        assert_eq!(read.text, wrong);
                        takes_anything.insert(format!("{command}.{name}"));
                    }
                    Err(error) if name == "me" => assert_eq!(error.field, "me.id"),
                    Err(error) => {
                        assert_eq!((&error.command, &error.field), (&command, name), "{wrong}");
                        assert_eq!(error.kind, ErrorKind::UnexpectedType.into(), "{wrong}");
                        let shown = error.to_string();
                        assert!(shown.ends_with(&format!("({command}, field {name})")), "{shown}");
                    }
                }
            }
            let fields = members(&minimal(&text, needs));
            for at in 1..fields.len() {
                let mut less = fields.clone();
                let (name, _) = less.remove(at);
                if name == "games" {
                    continue; // without it, this is another message
                }
                let error = side.read(&object(&less), Mode::Strict).unwrap_err();
                assert_eq!(
                    (&error.command, &error.field, error.kind),
                    (&command, &name, ErrorKind::MissingField.into())
                );
            }
        }
    }
    let expected = "auth.session game_info.sim_mods game_info.teams game_join.uid game_launch.game_options \
        game_matchmaking.faction hello.session modvault_info.bugreports modvault_info.comments modvault_info.ui \
        modvault_info.version restore_game_session.game_id updated_achievements.updated_achievements";
    assert_eq!(takes_anything.iter().map(String::as_str).collect::<Vec<_>>().join(" "), expected);
}

#[test]
fn the_path_to_a_field_includes_indices_and_names() {
    for (text, kind, field) in [
        (
            r#"{"command":"player_info","players":[{"id":1,"login":"a"},{"id":1}]}"#,
            ErrorKind::MissingField,
            "players.1.login",
        ),
        (
            r#"{"command":"player_info","players":[{"id":"1","login":"a"}]}"#,
            ErrorKind::UnexpectedType,
            "players.0.id",
        ),
        (r#"{"command":"player_info","players":[7]}"#, ErrorKind::UnexpectedType, "players.0"),
        (
            r#"{"command":"welcome","me":{"id":1,"login":"a","avatar":{"tooltip":"x"}},"id":1,"login":"a"}"#,
            ErrorKind::MissingField,
            "me.avatar.url",
        ),
        (
            r#"{"command":"welcome","me":{"id":1,"login":"a","ratings":{"global":{"rating":[1,"2"],"number_of_games":0}}},"id":1,"login":"a"}"#,
            ErrorKind::UnexpectedType,
            "me.ratings.global.rating.1",
        ),
        (
            r#"{"command":"ice_servers","ice_servers":[{"urls":["a",7]}]}"#,
            ErrorKind::UnexpectedType,
            "ice_servers.0.urls.1",
        ),
        (
            r#"{"command":"matchmaker_info","queues":[{"queue_name":"a","queue_pop_time":"","queue_pop_time_delta":1,"num_players":1,"boundary_80s":[[1,true]],"team_size":1}]}"#,
            ErrorKind::UnexpectedType,
            "queues.0.boundary_80s.0.1",
        ),
    ] {
        let error = Side::Server.read(text, Mode::Strict).unwrap_err();
        assert_eq!((error.kind, &*error.field), (kind.into(), field), "{text}: {error}");
        // A string without a number is no number, not even in the lenient mode.
        let wrong = text.replacen("\"id\":1", "\"id\":\"x\"", 1);
        if wrong != text {
            let error = Side::Server.read(&wrong, Mode::Lenient).unwrap_err();
            assert!(error.field.ends_with(".id"), "{wrong}: {error}");
        }
    }
    // Malformed text reports an offset.
    let error = Side::Server.read(r#"{"command":"notice","style":"a",}"#, Mode::Strict).unwrap_err();
    assert_eq!((error.kind, error.offset, &*error.command), (ErrorKind::Json.into(), Some(32), ""));
    let error = Side::Client.read("[]", Mode::Lenient).unwrap_err();
    assert_eq!((error.kind, error.offset), (ErrorKind::NotAnObject.into(), Some(0)));
}

#[test]
fn null_is_kept_for_nullable_fields_and_otherwise_means_missing() {
    let (mut kept, mut refused) = (BTreeSet::new(), 0);
    for side in SIDES {
        for (text, needs) in side.rows() {
            let fields = members(&text);
            for at in 1..fields.len() {
                let name = format!("{}.{}", fields[0].1.replace('"', ""), fields[at].0);
                let (mut with, mut without) = (fields.clone(), fields.clone());
                with[at].1 = "null".to_owned();
                without.remove(at);
                let with = object(&with);
                match side.read(&with, Mode::Strict) {
                    Ok(read) if read.text == with => drop(kept.insert(name)),
                    Ok(read) => {
                        assert_eq!(read.text, object(&without));
                        assert!(!needs.split(' ').any(|needed| needed == fields[at].0), "{name}");
                    }
                    Err(error) => {
                        assert_eq!(
                            (error.kind, &error.field),
                            (ErrorKind::UnexpectedType.into(), &fields[at].0)
                        );
                        assert!(needs.split(' ').any(|needed| needed == fields[at].0), "{name}");
                        refused += 1;
                    }
                }
            }
        }
    }
    assert!(refused > 50, "{refused}");
    let expected = "auth.session avatar.avatar game_host.password game_host.rating_max game_host.rating_min \
        game_info.hosted_at game_info.launched_at game_info.rating_max game_info.rating_min game_info.sim_mods \
        game_info.teams game_join.password game_join.uid game_launch.game_options game_matchmaking.faction \
        hello.session match_cancelled.game_id modvault_info.bugreports modvault_info.comments \
        modvault_info.description modvault_info.ui modvault_info.version restore_game_session.game_id \
        updated_achievements.updated_achievements";
    assert_eq!(kept.iter().map(String::as_str).collect::<Vec<_>>().join(" "), expected);
    // The API distinguishes it from a missing value.
    let game_id = |text| match server::Message::parse(text, Mode::Strict) {
        Ok(server::Message::MatchCancelled(cancelled)) => cancelled.game_id,
        other => panic!("{other:?}"),
    };
    assert_eq!(game_id(r#"{"command":"match_cancelled","game_id":null}"#), Some(None));
    assert_eq!(game_id(r#"{"command":"match_cancelled"}"#), None);
}

#[test]
fn secrets_are_not_printed_by_debug() {
    let mut secrets = 0;
    for side in SIDES {
        for (text, _) in side.rows() {
            secrets += text.matches("SECRET").count();
            let read = side.read(&text, Mode::Strict).unwrap();
            assert!(!read.debug.contains("SECRET"), "{}", read.debug);
            let received = received(&text);
            assert!(!format!("{received:?}").contains("SECRET"));
            // Nor those in unknown fields.
            let more = format!(r#"{},"accessUrl":"SECRET9"}}"#, &text[..text.len() - 1]);
            let read = side.read(&more, Mode::Strict).unwrap();
            assert!(!read.debug.contains("SECRET9"), "{}", read.debug);
        }
    }
    assert_eq!(secrets, 9);
    let auth = client::Auth { token: "SECRET".into(), ..Default::default() };
    assert_eq!(auth.token.reveal(), "SECRET");
    assert!(line(&auth).contains("SECRET"));
    assert!(!format!("{auth:?}").contains("SECRET"));
    let ice = r#"{"command":"IceMsg","args":[3,"{\"password\":\"SECRET\"}"],"target":"game"}"#;
    for side in SIDES {
        assert!(!side.read(ice, Mode::Strict).unwrap().debug.contains("SECRET"));
    }
}

fn received(text: &str) -> Received {
    Received::new(&lobbywire::faf::Message::parse(text, Mode::Lenient).unwrap(), Mode::Lenient)
}

#[test]
fn json_that_only_python_accepts_is_decoded_as_far_as_possible() {
    let text = r#"{"command":"game_join","zebra":NaN,"uid":7,"apple":[1e400,-Infinity,{"y":NaN,"x":123456789012345678901234567890}],"password":"a\ud800b","\udc00":1.50}"#;
    assert!(client::Message::parse(text, Mode::Strict).is_err());
    let message = client::Message::parse(text, Mode::Lenient).unwrap();
    let client::Message::GameJoin(join) = &message else { panic!() };
    assert_eq!(join.uid.to::<i64>().unwrap(), 7);
    assert_eq!(join.password.as_ref().unwrap().as_ref().unwrap().reveal(), "a\u{fffd}b");
    // Order and digits are preserved.
    let again = r#"{"command":"game_join","zebra":NaN,"uid":7,"apple":[Infinity,-Infinity,{"y":NaN,"x":123456789012345678901234567890}],"password":"a\ufffdb","\ufffd":1.5}"#;
    assert_eq!(line(&message), again);

    let game = format!("{{{GAME}}}").replace("1700000000.25", "NaN").replace(r"\u00e9", r"\udfff");
    let server::Message::GameInfo(game) = server::Message::parse(&game, Mode::Lenient).unwrap() else {
        panic!()
    };
    assert!(matches!(game.launched_at, Some(Number::Float(number)) if number.is_nan()));
    assert_eq!(&*game.title, "a \u{fffd}");
    assert_eq!(game.teams.as_ref().unwrap().text(), r#"{"2":["b"],"1":["Rhiza"]}"#);

    // The received message is unchanged.
    let received = received(text);
    assert_eq!(received.client().unwrap(), message);
    assert_eq!(received.text(), text);
    let whole = line(&received);
    assert!(whole.contains(r#""zebra":NaN"#) && whole.contains(r#""password":"a\ud800b""#), "{whole}");
    let unknown = r#"{"command":"x\ud800","n":NaN}"#;
    assert_eq!(Side::Client.read(unknown, Mode::Lenient).unwrap().text, unknown);
    // So are single values, also in typed messages.
    let sim_mods = Json::parse(r#"{"a":NaN,"b":"\udfff"}"#, Mode::Lenient).unwrap();
    let updated = server::UpdatedAchievements { updated_achievements: sim_mods, ..Default::default() };
    let text = r#"{"command":"updated_achievements","updated_achievements":{"a":NaN,"b":"\udfff"}}"#;
    assert_eq!(line(&updated), text);
    // serde requires standard JSON.
    let shown: Value = serde_json::from_str(&serde_json::to_string(&updated).unwrap()).unwrap();
    assert_eq!(shown["updated_achievements"], json!({ "a": null, "b": "\u{fffd}" }));
    let json = Json::parse(unknown, Mode::Lenient).unwrap();
    let shown = serde_json::to_string(&json).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), json!({ "command": "x\u{fffd}", "n": null }));
}

#[test]
fn numbers_keep_their_form() {
    for number in ["0", "-1", "9223372036854775807", "1.0", "-0.0", "1e+16", "1e-07", "0.1", "123456.75"] {
        let text = format!(
            r#"{{"command":"matchmaker_info","queues":[{{"queue_name":"a","queue_pop_time":"","queue_pop_time_delta":{number},"num_players":1,"team_size":1}}]}}"#
        );
        assert_eq!(Side::Server.read(&text, Mode::Strict).unwrap().text, text);
    }
    assert_eq!((Number::from(3).get(), Number::from(1.5).get()), (3.0, 1.5));
    for number in ["123456789012345678901234567890", "-18446744073709551616", "18446744073709551615"] {
        let json: Json = serde_json::from_str(number).unwrap();
        assert_eq!(json.text(), number);
        assert_eq!(serde_json::to_string(&json).unwrap(), number);
    }
    // An integer out of range is rejected, never truncated.
    let error = Side::Server
        .read(r#"{"command":"session","session":18446744073709551615}"#, Mode::Strict)
        .unwrap_err();
    assert_eq!((error.kind, &*error.field), (ErrorKind::UnexpectedType.into(), "session"));
    let error = Side::Server.read(r#"{"command":"session","session":1.5}"#, Mode::Strict).unwrap_err();
    assert_eq!((error.kind, &*error.field), (ErrorKind::UnexpectedType.into(), "session"));
}

#[test]
fn serde_round_trips_messages() {
    for (text, _) in Side::Client.rows() {
        let message = client::Message::parse(&text, Mode::Strict).unwrap();
        let value = serde_json::to_value(&message).unwrap();
        assert_eq!(value, serde_json::from_str::<Value>(&text).unwrap());
        assert_eq!(serde_json::from_value::<client::Message>(value).unwrap().command(), message.command());
        let pretty = serde_json::to_string_pretty(&message).unwrap();
        assert_eq!(serde_json::from_str::<client::Message>(&pretty).unwrap(), message);
    }
    for (text, _) in Side::Server.rows() {
        let message = server::Message::parse(&text, Mode::Strict).unwrap();
        assert_eq!(serde_json::to_value(&message).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
        let pretty = serde_json::to_string_pretty(&message).unwrap();
        assert_eq!(serde_json::from_str::<server::Message>(&pretty).unwrap(), message);
    }
    let player: lobbywire::faf::Player = serde_json::from_str(PLAYER).unwrap();
    assert_eq!(player.ratings.as_ref().unwrap().get("global").unwrap().number_of_games, 7);
    assert_eq!(Json::new(&player).unwrap().text(), PLAYER);
    let mut map: Map<i64> = [("b", 1), ("a", 2), ("b", 3)].into_iter().collect();
    map.insert("c", 4);
    assert_eq!(serde_json::to_string(&map).unwrap(), r#"{"b":3,"a":2,"c":4}"#);
    assert!(serde_json::from_str::<client::Message>(r#"{"command":"game_join"}"#).is_err());
}

#[test]
fn fields_can_be_added_and_changed() {
    let mut notice = server::Notice { style: "info".into(), ..Default::default() };
    notice.extra.insert("b", 1i64);
    notice.extra.insert("a", "é");
    notice.extra.insert("b", json!({ "x": 1.0 }));
    assert_eq!(line(&notice), r#"{"command":"notice","style":"info","b":{"x":1.0},"a":"\u00e9"}"#);
    notice.text = Some("hi".into());
    assert_eq!(
        line(&notice),
        r#"{"command":"notice","style":"info","text":"hi","b":{"x":1.0},"a":"\u00e9"}"#
    );
}

/// Every typed command: its sender, and example arguments.
const COMMANDS: &[(&str, &str, &str)] = &[
    ("game", "GameState", r#"["Lobby"]"#),
    ("game", "GameOption", r#"["Victory","demoralization"]"#),
    ("game", "PlayerOption", r#"[3,"Team",-1]"#),
    ("game", "AIOption", r#"["Sorian","Team",2]"#),
    ("game", "ClearSlot", "[4]"),
    ("game", "GameMods", r#"["activated",2]"#),
    ("game", "GameResult", r#"[1,"recall defeat -5"]"#),
    ("game", "JsonStats", r#"["{\"stats\":[]}"]"#),
    ("game", "Stats", r#"["x"]"#),
    ("game", "Desync", r#"[1,2,"a","b"]"#),
    ("game", "OperationComplete", r#"[1,0,"00:12:34"]"#),
    ("game", "TeamkillReport", r#"[100,3,"a","4","b"]"#),
    ("game", "TeamkillHappened", r#"["100",3,"a",0,"b"]"#),
    ("game", "EnforceRating", "[]"),
    ("game", "GameEnded", "[]"),
    ("game", "GameFull", "[]"),
    ("game", "Chat", r#"["n\u00e9"]"#),
    ("game", "Bottleneck", r#"["data","12","3,4","100.5"]"#),
    ("game", "BottleneckCleared", "[]"),
    ("game", "Disconnected", r#"["3","4"]"#),
    ("game", "Rehost", "[]"),
    ("game", "LaunchStatus", r#"["Ready"]"#),
    ("game", "IceMsg", r#"[3,"x"]"#),
    ("game", "Connected", r#"["3"]"#),
    ("game", "EstablishedPeer", "[3]"),
    ("game", "DisconnectedPeer", r#"["3"]"#),
    ("game", "ProcessNatPacket", r#"["10.0.0.1:1","x"]"#),
    ("adapter", "CreateLobby", r#"[0,6112,"Rhiza",3,1]"#),
    ("adapter", "HostGame", r#"["scmp_007"]"#),
    ("adapter", "JoinGame", r#"["127.0.0.1:50123","Dostya",2]"#),
    ("adapter", "ConnectToPeer", r#"["127.0.0.1:50124","Bob",7]"#),
    ("adapter", "DisconnectFromPeer", "[7]"),
    ("adapter", "EjectPlayer", "[7]"),
    ("adapter", "HasSupcom", "[1]"),
    ("adapter", "HasForgedAlliance", "[1]"),
    ("server", "HostGame", r#"["scmp_007"]"#),
    ("server", "JoinGame", r#"["Dostya",2]"#),
    ("server", "ConnectToPeer", r#"["Bob",7,true]"#),
    ("server", "DisconnectFromPeer", "[7]"),
    ("server", "IceMsg", r#"[3,{"type":"offer","sdp":"x"}]"#),
];

/// Decodes a command into its type and back: whether it is known, and the result.
fn through_names(
    from: &str,
    command: &gpgnet::Command,
) -> Result<(bool, gpgnet::Command), gpgnet::DecodeError> {
    let borrowed = command.as_borrowed();
    macro_rules! names {
        ($module:ident) => {{
            let typed = borrowed.$module()?;
            let is_known = !matches!(typed, gpgnet::$module::Command::Unknown { .. });
            (is_known, gpgnet::Command::from_typed(&typed))
        }};
    }
    Ok(match from {
        "game" => names!(game),
        "adapter" => names!(adapter),
        _ => names!(server),
    })
}

fn command(name: &str, args: &str) -> gpgnet::Command {
    let text = format!(r#"{{"command":"{name}","args":{args},"target":"game"}}"#);
    match client::Message::parse(&text, Mode::Strict).unwrap() {
        client::Message::Game(command) => command,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_game_command_round_trips_in_both_encodings_and_typed() {
    for (from, name, args) in COMMANDS {
        let text = format!(r#"{{"command":"{name}","args":{args},"target":"game"}}"#);
        let command = command(name, args);
        assert_eq!(line(&command), text);
        for side in SIDES {
            let read = side.read(&text, Mode::Strict).unwrap();
            assert_eq!((read.is_known, &*read.command, &*read.text), (true, *name, &*text));
        }
        let (is_known, again) = through_names(from, &command).unwrap();
        assert!(is_known, "{from} {name}");
        assert_eq!(again, command);
        // The binary form has no booleans and no JSON.
        let binary = match gpgnet::to_vec(&command) {
            Ok(binary) => binary,
            Err(error) => {
                assert_eq!((error, *from, *name), (WriteError::UnsupportedValue, "server", "IceMsg"));
                continue;
            }
        };
        let mut expected = command.clone();
        for arg in &mut expected.args {
            if let gpgnet::Arg::Bool(value) = *arg {
                *arg = gpgnet::Arg::Int(value.into());
            }
        }
        let read = gpgnet::Message::read(&binary, Mode::Strict).unwrap();
        assert_eq!(gpgnet::Command::from(read), expected);
        for len in 0..binary.len() {
            let cut = gpgnet::Message::read(&binary[..len], Mode::Strict).unwrap_err();
            assert_eq!(cut.kind, ErrorKind::Truncated.into(), "{name}, {len} bytes");
        }
    }
    // All commands in the library's source must be covered here, except one with bytes.
    let source = include_str!("../../core/src/faf/gpgnet/commands.rs");
    let (_, tables) = source.split_once("\ncommands! {").unwrap();
    let mut declared: Vec<_> = tables
        .lines()
        .filter_map(|line| line.strip_prefix("        ")?.split_once(" {"))
        .map(|(name, _)| name.trim_end_matches("<'a>"))
        .filter(|name| name.starts_with(char::is_uppercase) && name.chars().all(char::is_alphanumeric))
        .collect();
    let mut covered: Vec<_> = COMMANDS.iter().map(|(_, name, _)| *name).chain(["SendNatPacket"]).collect();
    declared.sort_unstable();
    covered.sort_unstable();
    assert_eq!(covered, declared);
}

#[test]
fn errors_name_the_argument_that_does_not_fit() {
    let mut wrong_types = 0;
    for (from, name, args) in COMMANDS {
        let command = command(name, args);
        let takes_any = ["GameEnded", "BottleneckCleared", "Disconnected", "Rehost"].contains(name)
            || (*from, *name) == ("adapter", "HostGame");
        let mut longer = command.clone();
        longer.args.push(gpgnet::Arg::Int(1));
        if takes_any {
            assert!(through_names(from, &longer).unwrap().0);
            continue;
        }
        let error = through_names(from, &longer).unwrap_err();
        assert_eq!(
            (error.kind, error.command, error.takes),
            (ErrorKind::BadArgCount, *name, command.args.len())
        );
        assert_eq!(error.to_string(), format!("{name} takes {} arguments", command.args.len()));
        for at in 0..command.args.len() {
            let mut shorter = command.clone();
            shorter.args.truncate(at);
            assert_eq!(through_names(from, &shorter).unwrap_err().kind, ErrorKind::BadArgCount);
            let mut wrong = command.clone();
            wrong.args[at] = gpgnet::Arg::Json(Json::default());
            match through_names(from, &wrong) {
                Ok((_, same)) => assert_eq!(same, wrong),
                Err(error) => {
                    assert_eq!((error.kind, error.command), (ErrorKind::UnexpectedType, *name));
                    assert!(error.to_string().contains(&format!("`{}`", error.field)), "{error}");
                    wrong_types += 1;
                }
            }
        }
    }
    assert!(wrong_types > 45, "{wrong_types}");
}

#[test]
fn commands_over_json_keep_unknown_fields_and_reject_args_that_are_not_a_list() {
    let text = r#"{"command":"GameOption","x":[1.0],"args":["a",1.5,null,[],123456789012345678901234567890,"\u00e9"],"y":null,"target":"game","z":1}"#;
    assert_eq!(Side::Client.read(text, Mode::Strict).unwrap().text, text);
    let swapped = r#"{"target":"game","args":[],"command":"GameEnded"}"#;
    let read = Side::Client.read(swapped, Mode::Strict).unwrap();
    assert_eq!(read.text, r#"{"command":"GameEnded","args":[],"target":"game"}"#);
    let without = Side::Client.read(r#"{"command":"GameFull","target":"game"}"#, Mode::Strict).unwrap();
    assert_eq!(without.text, r#"{"command":"GameFull","args":[],"target":"game"}"#);
    for args in ["\"abc\"", "null", "{}", "3"] {
        let text = format!(r#"{{"command":"Chat","args":{args},"target":"game"}}"#);
        let error = Side::Client.read(&text, Mode::Strict).unwrap_err();
        assert_eq!(
            (error.kind, &*error.command, &*error.field),
            (ErrorKind::UnexpectedType.into(), "Chat", "args")
        );
    }
    // Bytes exist only in the binary form, floats and JSON only in JSON.
    let nat =
        gpgnet::Command::from_typed(&gpgnet::adapter::SendNatPacket { address: "10.0.0.1:1", data: &[8, 0] });
    assert_eq!(through_names("adapter", &nat).unwrap(), (true, nat.clone()));
    let mut out = Bytes(vec![]);
    assert_eq!(simple_json::write(&mut out, &nat), Err(WriteError::UnsupportedValue));
    let binary = gpgnet::to_vec(&nat).unwrap();
    assert_eq!(gpgnet::Command::from(gpgnet::Message::read(&binary, Mode::Strict).unwrap()), nat);
    for (args, error) in [
        ("[1.5]", WriteError::UnsupportedValue),
        ("[null]", WriteError::UnsupportedValue),
        ("[2147483648]", WriteError::NumberTooLarge),
        ("[-2147483649]", WriteError::NumberTooLarge),
        ("[123456789012345678901234567890]", WriteError::UnsupportedValue),
    ] {
        assert_eq!(gpgnet::to_vec(&command("X", args)), Err(error), "{args}");
    }
    assert!(gpgnet::to_vec(&command("X", "[2147483647,-2147483648]")).is_ok());
    // Paths are not changed by sequences that some readers treat as escapes.
    let paths = command("GameOption", r#"["ScenarioFile","/maps/theta/x/maps/neroxis_1"]"#);
    let binary = gpgnet::to_vec(&paths).unwrap();
    assert_eq!(gpgnet::Command::from(gpgnet::Message::read(&binary, Mode::Strict).unwrap()), paths);
}

/// Every method with its encoded parameters.
const CALLS: &[(&str, &str)] = &[
    ("quit", "[]"),
    ("hostGame", r#"["scmp_007"]"#),
    ("joinGame", r#"["Rhiza",3]"#),
    ("connectToPeer", r#"["Rhiza",3,true]"#),
    ("disconnectFromPeer", "[3]"),
    ("setLobbyInitMode", r#"["normal"]"#),
    ("iceMsg", r#"[3,{"type":"offer","sdp":"SECRET"}]"#),
    ("sendToGpgNet", r#"["GameOption",["a",1,true,1.5]]"#),
    ("setIceServers", r#"[[{"urls":["turn:a"],"username":"SECRET","credential":"SECRET"}]]"#),
    ("status", "[]"),
    ("somethingNew", r#"[1,{"SECRET":2}]"#),
];

const NOTIFICATIONS: &[(&str, &str)] = &[
    ("onConnectionStateChanged", r#"["Connected"]"#),
    ("onGpgNetMessageReceived", r#"["GameState",["Idle"]]"#),
    ("onIceMsg", r#"[3,4,"SECRET"]"#),
    ("onIceConnectionStateChanged", r#"[3,4,"awaitingCandidates"]"#),
    ("onConnected", "[3,4,true]"),
    ("onSomethingNew", "[]"),
];

fn both_ways<M: Method + PartialEq + std::fmt::Debug>(text: &str, again: impl Fn(&M) -> json_rpc::Message) {
    let message = json_rpc::Message::parse(text).unwrap();
    let method: M = message.method().unwrap().unwrap();
    assert_eq!(again(&method), message);
    assert_eq!(again(&method).to_text().unwrap(), text);
    assert!(!format!("{message:?} {method:?}").contains("SECRET"), "{message:?} {method:?}");
    // Known methods reject missing parameters and those of another type.
    let params = message.params.clone().unwrap();
    let is_new = message.method.as_ref().unwrap().to_lowercase().contains("somethingnew");
    for at in 0..params.len() {
        let mut less = message.clone();
        less.params = Some(params[..at].to_vec());
        assert_eq!(less.method::<M>().is_err(), !is_new, "{text}");
    }
}

#[test]
fn every_json_rpc_call_and_notification_round_trips() {
    for (method, params) in CALLS {
        let text = format!(r#"{{"jsonrpc":"2.0","id":7,"method":"{method}","params":{params}}}"#);
        both_ways::<Call>(&text, |call| json_rpc::Message::call(7, call));
    }
    for (method, params) in NOTIFICATIONS {
        let text = format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{params}}}"#);
        both_ways::<Notification>(&text, json_rpc::Message::notification);
    }
    // Replies have no method, and `null` is a valid result.
    for text in [
        r#"{"jsonrpc":"2.0","id":7,"result":"ok"}"#,
        r#"{"jsonrpc":"2.0","id":7,"result":null}"#,
        r#"{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"no"}}"#,
        r#"{"id":"x","result":{"version":"1"},"error":null}"#,
    ] {
        let message = json_rpc::Message::parse(text).unwrap();
        assert_eq!(message.to_text().unwrap(), text);
        assert_eq!(message.method::<Call>().unwrap(), None);
    }
    let answer = json_rpc::Message::answer(7i64.into(), "ok");
    assert_eq!(answer.to_text().unwrap(), r#"{"jsonrpc":"2.0","id":7,"result":"ok"}"#);
    let wrong = json_rpc::Message::parse(r#"{"method":"joinGame","params":["a","3"]}"#).unwrap();
    assert!(wrong.method::<Call>().is_err());
    assert!(json_rpc::Message::parse("[]").is_err());
}

#[test]
fn json_rpc_objects_are_split_at_any_separator() {
    let texts: Vec<_> = CALLS
        .iter()
        .chain(NOTIFICATIONS)
        .map(|(method, params)| format!(r#"{{"method":"{method}","params":{params},"x":"}}{{\"]\\"}}"#))
        .collect();
    for between in ["", "\n", " \r\n\t"] {
        let stream = texts.join(between) + between;
        for piece in 1..stream.len() {
            let (mut decoder, mut given) = (FrameDecoder::new(Objects::new(256), [0; 300]), vec![]);
            for mut piece in stream.as_bytes().chunks(piece) {
                while !piece.is_empty() {
                    piece = &piece[decoder.push(piece)..];
                    while let Some(object) = decoder.next_frame() {
                        given.push(std::str::from_utf8(object.unwrap()).unwrap().trim().to_owned());
                    }
                }
            }
            assert_eq!(given, texts, "{between:?}, pieces of {piece}");
            assert!(decoder.finish().is_none());
        }
    }
    // An object that exceeds the limit is skipped up to the next line feed.
    let mut decoder = FrameDecoder::new(Objects::new(16), [0; 64]);
    decoder.push(b"{\"a\":\"0123456789abcdef\"}{}\n{\"b\":1}");
    assert_eq!(decoder.next_frame().unwrap().unwrap_err().kind, ErrorKind::FrameTooLarge.into());
    assert_eq!(decoder.next_frame().unwrap().unwrap(), b"{\"b\":1}");
    for len in 1..texts[0].len() {
        let mut decoder = FrameDecoder::new(Objects::new(256), [0; 300]);
        decoder.push(&texts[0].as_bytes()[..len]);
        assert!(decoder.next_frame().is_none());
        assert_eq!(decoder.finish().unwrap().unwrap_err().kind, ErrorKind::Incomplete.into());
    }
}

/// Where an object ends for readers that count braces: those that ignore strings, and those that know quotes
/// but no escapes.
fn end_to_counters(text: &str, knows_quotes: bool) -> Option<usize> {
    let (mut depth, mut is_in_string) = (0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => is_in_string = knows_quotes && !is_in_string,
            b'{' if !is_in_string => depth += 1,
            b'}' if !is_in_string => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[test]
fn readers_that_count_braces_find_the_end_of_encoded_objects() {
    for nasty in
        ["{", "}", "\"", "}{\"", "\\\"{", "\\", "\\\\\"}", "{\"password\":\"}\"}", "é{", "\u{1f600}}"]
    {
        for call in [
            Call::HostGame { map: nasty.into() },
            Call::IceMsg { id: 3, msg: json!({ nasty: [nasty, { "a": nasty }] }).into() },
            Call::SendToGpgNet { header: nasty.into(), chunks: vec![nasty.into(), 1.into()] },
        ] {
            let text = json_rpc::Message::call(1, &call).to_text().unwrap();
            for knows_quotes in [false, true] {
                assert_eq!(end_to_counters(&text, knows_quotes), Some(text.len()), "{text}");
            }
            assert!(text.is_ascii());
            assert_eq!(json_rpc::Message::parse(&text).unwrap().method().unwrap(), Some(call));
        }
    }
}

/// What a game connection reads, dropping every read that would wait.
fn read_game(bytes: &[u8], mode: Mode, pieces: &Pieces) -> Vec<Result<gpgnet::Command, (String, u64)>> {
    let drip = Drip::new(bytes, pieces.clone()).waiting();
    let mut connection = gpgnet::Connection::with_framing(drip, gpgnet::Messages::new(mode));
    let mut given = vec![];
    loop {
        match poll_once(connection.read()) {
            Poll::Pending => {}
            Poll::Ready(read) => {
                let Some(item) = item(read) else { break };
                given.push(item.map_err(|lobbywire::faf::FrameError { error, position }| {
                    (format!("{}@{}", error.kind.name(), error.offset), position)
                }));
            }
        }
    }
    assert!(matches!(poll_once(connection.read()), Poll::Ready(Ok(None))));
    given
}

#[test]
fn game_connections_return_the_vectors_for_any_split_and_nothing_after_an_error() {
    for mode in [Mode::Strict, Mode::Lenient] {
        let vectors = vectors("gpgnet");
        let (mut stream, mut names, mut damages) = (vec![], vec![], 0);
        for vector in vectors.iter().filter(|vector| vector.read(mode).is_array() && vector.name != "V19") {
            stream.extend(&vector.bytes);
            names.push(vector.read(mode)[0].as_str().unwrap().to_owned());
            if vector.name == "X34" {
                names.push("GameFull".to_owned()); // the vector contains two commands
            }
        }
        assert!(names.len() > 10);
        for pieces in Pieces::ALL {
            let given = read_game(&stream, mode, &pieces);
            let given: Vec<_> = given.into_iter().map(|item| item.unwrap()).collect();
            assert_eq!(
                given.iter().map(|command| &*command.command).collect::<Vec<_>>(),
                names,
                "{pieces:?}"
            );
            // Encoded again, they are the same bytes.
            let again: Vec<_> = given.iter().flat_map(|command| gpgnet::to_vec(command).unwrap()).collect();
            assert_eq!(again, stream);
        }
        // V19 has a wrong length: its command is invalid, and the byte after it is not the start of one.
        for vector in vectors.iter().filter(|vector| vector.read(mode).is_string() && vector.name != "V19") {
            let error = vector.read(mode).as_str().unwrap();
            for pieces in Pieces::ALL {
                let mut bytes = [&stream[..], &vector.bytes].concat();
                if error != "incomplete@0" {
                    bytes.extend(&stream);
                }
                let given = read_game(&bytes, mode, &pieces);
                assert_eq!(given.len(), names.len() + 1, "{}", vector.name);
                let last = given.last().unwrap().as_ref().unwrap_err();
                assert_eq!(*last, (error.to_owned(), stream.len() as u64), "{}, {pieces:?}", vector.name);
            }
            damages += 1;
        }
        assert!(damages >= 5);
    }
}

#[test]
fn complete_commands_arrive_wherever_the_game_disconnects() {
    let commands: Vec<_> = COMMANDS
        .iter()
        .take(12)
        .map(|(_, name, args)| gpgnet::to_vec(&command(name, args)).unwrap())
        .collect();
    let stream = commands.concat();
    for len in 0..=stream.len() {
        let (mut whole, mut end) = (0, 0);
        while whole < commands.len() && end + commands[whole].len() <= len {
            end += commands[whole].len();
            whole += 1;
        }
        let given = read_game(&stream[..len], Mode::Strict, &Pieces::Of(13));
        let is_cut = end < len;
        assert_eq!(given.len(), whole + usize::from(is_cut), "{len} bytes");
        if is_cut {
            assert_eq!(*given.last().unwrap(), Err(("incomplete@0".to_owned(), end as u64)));
        }
    }
}

#[test]
fn commands_of_dropped_sends_arrive_once() {
    for pieces in [Pieces::Of(1), Pieces::UpTo(20)] {
        let mut drip = Drip::new(&[], pieces).waiting();
        let mut writer = gpgnet::Writer::new(&mut drip);
        let mut all = vec![];
        for (_, name, args) in &COMMANDS[..12] {
            let command = command(name, args);
            all.extend(gpgnet::to_vec(&command).unwrap());
            let _ = poll_once(writer.send(&command));
            // A command that cannot be encoded does not affect bytes that are being sent.
            assert!(matches!(poll_once(writer.send(&self::command("X", "[1.5]"))), Poll::Ready(Err(_))));
        }
        let last = gpgnet::Command::new("GameEnded", []);
        all.extend(gpgnet::to_vec(&last).unwrap());
        let mut sending = Box::pin(writer.send(&last));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        while sending.as_mut().poll(&mut cx).is_pending() {}
        drop(sending);
        assert_eq!(drip.taken, all);
    }
}

#[test]
fn every_message_passes_through_both_framings() {
    for side in SIDES {
        for (text, needs) in side.rows() {
            for text in [text.clone(), minimal(&text, needs)] {
                for framing in lobby::FRAMINGS {
                    let mut codec = lobbywire::faf::Codec::new(framing);
                    let mut buffer = bytes::BytesMut::new();
                    match side {
                        Side::Client => {
                            codec.write(&client::Message::parse(&text, Mode::Strict).unwrap(), &mut buffer)
                        }
                        Side::Server => {
                            codec.write(&server::Message::parse(&text, Mode::Strict).unwrap(), &mut buffer)
                        }
                    }
                    .unwrap();
                    let is_word = framing == Framing::QDataStream
                        && matches!(&*text, r#"{"command":"ping"}"# | r#"{"command":"pong"}"#);
                    let word = text[12..16].to_uppercase();
                    assert_eq!(buffer, frame(framing, if is_word { &word } else { &text }), "{text}");
                    assert_eq!(codec.next_message(&mut buffer).unwrap().unwrap().text(), text);
                }
            }
        }
    }
}
