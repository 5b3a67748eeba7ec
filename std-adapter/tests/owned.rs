//! Owned packets equal the borrowed ones, in every conversion between them, JSON and the wire.

mod traffic;

use lobbywire::bancho::laws::{self, Outcome};
use lobbywire::bancho::{Codec, IntoOwned, Outbox, Side, Unknown, Version, client, owned, server};
use traffic::{Expected, Numbers, Session, sessions};

/// Checks the property of owned packets on a payload that can be decoded.
#[track_caller]
fn check(side: Side, version: Version, id: u16, payload: &[u8], name: &str) {
    assert_eq!(laws::owned_packet(version, side, id, payload), Ok(Outcome::Held), "{name}");
}

#[test]
fn received_packets_convert_to_owned_and_json_without_loss() {
    let mut checked = 0;
    for session in sessions() {
        for frame in session.frames() {
            check(session.side, session.version, frame.id, &frame.payload, &session.name);
            checked += 1;
        }
    }
    assert!(checked > 900, "{checked}");
}

/// Encodes the same values in every version and decodes them.
#[test]
fn every_packet_converts_to_owned_and_json_without_loss_in_every_version() {
    let mut seen = std::collections::BTreeSet::new();
    for Session { name, version: from, side, bytes } in sessions() {
        for frame in (Session { name: name.clone(), version: from, side, bytes }).frames() {
            for version in Version::all() {
                let mut out = Outbox::new(version);
                match side {
                    Side::Client => {
                        let packet = client::Packet::decode(from, frame.id, &frame.payload).unwrap();
                        out.write(&packet).unwrap();
                    }
                    Side::Server => {
                        let packet = server::Packet::decode(from, frame.id, &frame.payload).unwrap();
                        out.write(&packet).unwrap();
                    }
                }
                let written = Session { name: name.clone(), version, side, bytes: out.take().into() };
                for Expected { id, payload, .. } in written.frames() {
                    check(side, version, id, &payload, &name);
                    seen.insert((side == Side::Client, version.build(), id));
                }
            }
        }
    }
    // The number in the table, over all versions.
    for version in Version::all() {
        for info in lobbywire::bancho::all_packets().filter(|info| info.is_known_by(version)) {
            let id = info.id.on_wire(version).unwrap();
            assert!(
                seen.contains(&(info.side == Side::Client, version.build(), id)),
                "{} in {version}",
                info.name
            );
        }
    }
}

#[test]
fn modified_payloads_that_decode_convert_without_loss() {
    let mut numbers = Numbers(23);
    let mut read = 0;
    for session in sessions() {
        for Expected { id, mut payload, .. } in session.frames() {
            for _ in 0..20.min(payload.len() * 8) {
                let bit = numbers.below(payload.len() * 8);
                payload[bit / 8] ^= 1 << (bit % 8);
                match laws::owned_packet(session.version, session.side, id, &payload) {
                    Ok(Outcome::Held) => read += 1,
                    Ok(Outcome::Skipped) => {}
                    Err(broken) => panic!("{}: {broken}", session.name),
                }
            }
        }
    }
    assert!(read > 1000, "{read}");
}

#[test]
fn unknown_packets_keep_their_bytes() {
    let unknown = Unknown { wire_id: 4711, payload: &[0, 0x7f, 0xff] };
    check(Side::Client, Version::LATEST, unknown.wire_id, unknown.payload, "Unknown");
    let json = serde_json::to_string(&server::Packet::Unknown(unknown)).unwrap();
    assert_eq!(json, r#"{"packet":"Unknown","data":{"id":4711,"payload":"007fff"}}"#);
}

#[test]
fn the_payload_of_an_unknown_packet_is_shared_and_not_copied() {
    let mut stream = b"\x67\x12\0\x03\0\0\0abc"[..].into();
    let received = Codec::server(Version::LATEST).next_packet(&mut stream).unwrap().unwrap();
    let owned::client::Packet::Unknown(unknown) = received.owned_client().unwrap() else { panic!() };
    assert_eq!((unknown.wire_id, unknown.payload.as_ptr()), (0x1267, received.payload().as_ptr()));
    assert_eq!(&unknown.payload[..], b"abc");
    // The packet is one of clients, not of servers.
    assert!(matches!(received.owned_server().unwrap(), owned::server::Packet::Unknown(_)));
}

#[test]
fn the_name_may_follow_the_data() {
    let message = server::Packet::Message(server::Message::new("a", "b", "#c"));
    let json = r##"{"data": {"sender": "a", "content": "b", "target": "#c"}, "more": [1], "packet": "BanchoMessage"}"##;
    let read: owned::server::Packet = serde_json::from_str(json).unwrap();
    assert_eq!(read, message.into_owned());
}

#[test]
fn missing_fields_have_defaults() {
    for (json, expected) in [
        (r#"{"packet": "BanchoPing"}"#, server::Packet::Ping(server::Ping).into_owned()),
        (r#"{"packet": "BanchoMessage", "data": null}"#, owned::server::Message::default().into()),
        (
            r#"{"packet": "BanchoMessage", "data": {"sender": null}}"#,
            owned::server::Message::default().into(),
        ),
        // A message about a user has other defaults than a chat message.
        (
            r#"{"packet": "BanchoTargetIsSilenced", "data": {"target": "peppy"}}"#,
            server::Packet::TargetIsSilenced(server::TargetIsSilenced::named("peppy")).into_owned(),
        ),
    ] {
        assert_eq!(serde_json::from_str::<owned::server::Packet>(json).unwrap(), expected, "{json}");
    }
}

#[test]
fn invalid_json_is_rejected_with_a_message() {
    for (json, expected) in [
        (r#"{"packet": "BanchoNothing"}"#, "unknown server packet \"BanchoNothing\""),
        (r#"{"data": 1}"#, "missing field `packet`"),
        (
            r#"{"packet": "BanchoLoginReply", "data": "x"}"#,
            "invalid type: string \"x\", expected a whole number",
        ),
        (r#"{"packet": "BanchoLoginReply", "data": 0.5}"#, "expected a whole number"),
        (r#"{"packet": "BanchoMessage", "data": {"sender": 1}}"#, "expected a string"),
        (r#"{"packet": "BanchoMessage", "data": 7}"#, "expected an object"),
        (r#"{"packet": "BanchoFriendsList", "data": {}}"#, "expected a list"),
        (r#"{"packet": "Unknown", "data": {"id": 1}}"#, "missing field `payload`"),
        (r#"{"packet": "Unknown"}"#, "missing field `id`"),
        (r#"{"packet": "Unknown", "data": null}"#, "missing field `id`"),
        (r#"{"packet": "Unknown", "data": {"id": 65536, "payload": ""}}"#, "a number from 0 to 65535"),
        (r#"{"packet": "Unknown", "data": {"id": 1, "payload": "0"}}"#, "hexadecimal digits"),
    ] {
        let error = serde_json::from_str::<owned::server::Packet>(json).unwrap_err().to_string();
        assert!(error.contains(expected), "{json}: {error}");
    }
}

#[test]
fn the_order_of_fields_does_not_matter() {
    // Maps sorted by their keys, where the data comes before the name.
    for session in sessions().into_iter().filter(|session| session.side == Side::Server) {
        for frame in session.frames() {
            let owned =
                server::Packet::decode(session.version, frame.id, &frame.payload).unwrap().into_owned();
            let json = serde_json::to_string(&owned).unwrap();
            let sorted: std::collections::BTreeMap<String, serde_json::Value> =
                serde_json::from_str(&json).unwrap();
            let read: owned::server::Packet =
                serde_json::from_str(&serde_json::to_string(&sorted).unwrap()).unwrap();
            assert_eq!(format!("{read:?}"), format!("{owned:?}"), "{}", session.name);
        }
    }
}

#[test]
fn numbers_saturate() {
    let update = |rank: &str, playcount: &str| {
        let json = format!(r#"{{"stats": {{"rank": {rank}, "playcount": {playcount}}}}}"#);
        let info: owned::UserInfo = serde_json::from_str(&json).unwrap();
        (info.stats.rank, info.stats.playcount)
    };
    assert_eq!(update("1e30", "-1"), (i64::MAX, 0));
    assert_eq!(update("-99999999999999999999", "4294967296"), (i64::MIN, u32::MAX));
    assert_eq!(update("true", "7.0"), (1, 7));
}
