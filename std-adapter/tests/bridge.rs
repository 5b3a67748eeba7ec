//! A bridge sends each side the data that its version needs, from earlier packets.

mod traffic;

use lobbywire::bancho::types::{
    Completeness, QuitState, Status, UserInfo, UserPresence, UserQuit, UserStats, UserStatus, UserUpdate,
    Users,
};
use lobbywire::bancho::{
    Bridge, Change, Codec, Encode, FrameWriter, MemoryLimits, Outbox, Received, Side, TranscodeError,
    Transcoder, Version, client, server,
};
use std::collections::BTreeSet;
use traffic::{Numbers, Session, sessions};

/// A bridge with an outbox to each side, and the changes and errors that it reported.
struct Between {
    bridge: Bridge,
    to_client: Outbox,
    to_server: Outbox,
    changes: Vec<String>,
    refused: Vec<TranscodeError>,
}

impl Between {
    /// A bridge between a client and a server of these builds.
    fn new(client: u32, server: u32) -> Self {
        let (client, server) = (Version::from_build(client), Version::from_build(server));
        Self {
            bridge: Bridge::new(client, server),
            to_client: Outbox::new(client),
            to_server: Outbox::new(server),
            changes: Vec::new(),
            refused: Vec::new(),
        }
    }

    fn strict(self) -> Self {
        Self { bridge: self.bridge.strict(), ..self }
    }

    fn pass(&mut self, side: Side, packet: &impl Encode) {
        let version = if side == Side::Client { self.bridge.client() } else { self.bridge.server() };
        let mut said = Outbox::new(version);
        assert!(said.write(packet).unwrap() > 0, "the version has no such packet");
        for received in read(side, version, &said.take()) {
            let (onward, back) = match side {
                Side::Client => (&mut self.to_server, &mut self.to_client),
                Side::Server => (&mut self.to_client, &mut self.to_server),
            };
            let report = &mut |change: Change| self.changes.push(change.to_string());
            if let Err(error) = self.bridge.pass(&received, onward, Some(back), report) {
                self.refused.push(error);
            }
        }
    }

    fn server_says(&mut self, packet: &impl Encode) {
        self.pass(Side::Server, packet);
    }

    fn client_says(&mut self, packet: &impl Encode) {
        self.pass(Side::Client, packet);
    }

    /// The packets sent to the client since the last call.
    fn client_got(&mut self) -> Vec<Received> {
        read(Side::Server, self.bridge.client(), &self.to_client.take())
    }

    /// The packets sent to the server since the last call.
    fn server_got(&mut self) -> Vec<Received> {
        read(Side::Client, self.bridge.server(), &self.to_server.take())
    }

    /// The stats sent to the client since the last call. Panics if other packets were sent.
    fn stats_got(&mut self) -> Vec<(Completeness, String, u32, String)> {
        let known = |received: &Received| {
            let server::Packet::UserStats(stats) = received.server().unwrap() else {
                panic!("{}", received.name())
            };
            (stats.completeness, stats.name.to_owned(), stats.stats.playcount, stats.status.text.to_owned())
        };
        self.client_got().iter().map(known).collect()
    }

    fn changes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.changes)
    }
}

fn read(side: Side, version: Version, bytes: &[u8]) -> Vec<Received> {
    let (mut codec, mut bytes) = (Codec::reading(side, version), bytes.into());
    let received = std::iter::from_fn(|| codec.next_packet(&mut bytes)).map(Result::unwrap).collect();
    assert!(codec.is_between_frames(&bytes));
    received
}

fn names(received: &[Received]) -> Vec<&'static str> {
    received.iter().map(Received::name).collect()
}

fn user(id: i32, name: &str) -> UserInfo<'_> {
    UserInfo { id, name, ..UserInfo::default() }
}

fn irc(id: i32, name: &str) -> UserInfo<'_> {
    let presence = UserPresence { is_irc: true, ..UserPresence::default() };
    UserInfo { presence, ..user(id, name) }
}

fn playing<'a>(info: UserInfo<'a>, text: &'a str, playcount: u32) -> server::UserStats<'a> {
    let status = UserStatus { action: Status::PLAYING, text, ..UserStatus::default() };
    let stats = UserStats { playcount, ..UserStats::default() };
    server::UserStats::from(UserInfo { status, stats, ..info })
}

const NONE: [&str; 0] = [];

#[test]
fn stats_of_a_new_server_are_full_for_old_clients_where_they_have_to_be() {
    let (full, statistics, status_only) =
        (Completeness::FULL, Completeness::STATISTICS, Completeness::STATUS_ONLY);
    let info = user(2, "peppy");
    // The forms that the client receives for the presence, the first stats, the same stats with another status,
    // other stats, and the presence again.
    let cases = [
        (300, [vec![full], vec![full], vec![full], vec![full], vec![full]]),
        (
            330,
            [
                vec![full, status_only],
                vec![full, status_only],
                vec![status_only],
                vec![full, status_only],
                vec![full, status_only],
            ],
        ),
        (394, [vec![full], vec![statistics], vec![status_only], vec![statistics], vec![full]]),
        (1700, [vec![full], vec![statistics], vec![status_only], vec![statistics], vec![full]]),
    ];
    for (build, expected) in cases {
        let mut between = Between::new(build, 20250306);
        let said: [&dyn Fn(&mut Between); 5] = [
            &|between| between.server_says(&server::UserPresence(info)),
            &|between| between.server_says(&playing(user(2, ""), "a", 7)),
            &|between| between.server_says(&playing(user(2, ""), "b", 7)),
            &|between| between.server_says(&playing(user(2, ""), "c", 8)),
            &|between| between.server_says(&server::UserPresence(info)),
        ];
        let mut changes = Vec::new();
        for (say, forms) in said.into_iter().zip(expected) {
            say(&mut between);
            let got = between.stats_got();
            let got_forms: Vec<_> = got
                .iter()
                // Before b323, stats have only one form, and its completeness is not encoded.
                .map(|(form, ..)| if build < 323 { full } else { *form })
                .collect();
            assert_eq!(got_forms, forms, "b{build}");
            for (form, name, ..) in &got {
                assert_eq!(*name, if *form == full || build < 323 { "peppy" } else { "" });
            }
            changes.push(between.changes());
        }
        // A presence that is received before any stats cannot be converted without changes.
        assert_eq!(changes[0], ["BanchoUserPresence"]);
        assert!(changes[1..].iter().all(Vec::is_empty), "b{build}: {changes:?}");
    }
}

#[test]
fn joined_packets_contain_all_known_fields() {
    let place = UserPresence { timezone: 8, country_index: 16, longitude: 115.5, ..UserPresence::default() };
    let mut between = Between::new(1700, 20250306);
    // The name is unknown: the bridge requests it once.
    between.server_says(&playing(user(2, ""), "another map", 6));
    between.server_says(&playing(user(2, ""), "a map", 7));
    assert_eq!(names(&between.server_got()), ["OsuPresenceRequest"]);
    assert_eq!(between.stats_got(), []);
    between.server_says(&server::UserPresence(UserInfo { presence: place, ..user(2, "peppy") }));
    let got = between.client_got();
    let stats = got[0].get::<server::UserStats>().unwrap().unwrap();
    assert_eq!((stats.id, stats.name, stats.completeness), (2, "peppy", Completeness::FULL));
    assert_eq!((stats.presence.timezone, stats.presence.country_index), (8, 16));
    assert_eq!((stats.status.text, stats.stats.playcount), ("a map", 7));
    assert_eq!((between.changes(), between.server_got().len()), (vec![], 0));
}

#[test]
fn changes_are_reported_once_for_the_packet_that_contained_the_value() {
    let mut between = Between::new(394, 20250306);
    let place = UserPresence { longitude: 115.5, ..UserPresence::default() };
    let stats = UserStats { pp: 300, tscore: u64::MAX, ..UserStats::default() };
    let status = UserStatus { action: Status::PAUSED, beatmap_id: 75, ..UserStatus::default() };
    let known = UserInfo { presence: place, stats, status, ..user(2, "peppy") };
    between.server_says(&server::UserStats::from(known));
    // The stats are held back until the presence arrives.
    assert_eq!(between.changes(), NONE);
    between.server_says(&server::UserPresence(known));
    let changes = between.changes();
    assert_eq!(changes[0], "presence.longitude of BanchoUserPresence");
    assert_eq!(changes.len(), 5, "{changes:?}");
    assert!(changes[1..].iter().all(|loss| loss.ends_with("of BanchoUserStats")), "{changes:?}");
    between.server_says(&server::UserPresence(known));
    assert_eq!(between.changes(), changes[..1]);
    // The packet is full because it contains the name. It has the same changes as one without.
    let mut between = Between::new(300, 20250306);
    between.server_says(&server::UserPresence(user(2, "peppy")));
    between.changes();
    between.server_says(&server::UserStats::from(known));
    let changes = between.changes();
    assert!(changes.contains(&"stats.pp of BanchoUserStats".to_owned()), "{changes:?}");
    assert!(changes.contains(&"status.action of BanchoUserStats".to_owned()), "{changes:?}");
    assert!(!changes.iter().any(|loss| loss.contains("presence")), "{changes:?}");
}

#[test]
fn a_status_without_stats_is_sent_with_the_last_stats() {
    let mut between = Between::new(20250306, 394);
    let full = UserUpdate { completeness: Completeness::FULL, ..playing(user(2, "peppy"), "a", 7).0 };
    between.server_says(&server::UserStats(full));
    assert_eq!(names(&between.client_got()), ["BanchoUserPresence", "BanchoUserStats"]);
    let status = UserUpdate { completeness: Completeness::STATUS_ONLY, ..playing(user(2, ""), "b", 0).0 };
    between.server_says(&server::UserStats(status));
    // Then an action without details, which leaves them unchanged.
    let cut = UserStatus { action: Status::AFK, beatmap_update: false, ..UserStatus::default() };
    let info = UserInfo { status: cut, ..user(2, "") };
    between.server_says(&server::UserStats(UserUpdate {
        info,
        completeness: Completeness::STATUS_ONLY,
        ..Default::default()
    }));
    let told: Vec<_> =
        between.stats_got().into_iter().map(|(_, _, playcount, text)| (playcount, text)).collect();
    assert_eq!(told, [(7, "b".to_owned()), (7, "b".to_owned())]);
    assert_eq!(between.changes(), NONE);

    // Versions that can omit the details omit them.
    let mut between = Between::new(1700, 394);
    between.server_says(&server::UserStats(full));
    between.server_says(&server::UserStats(UserUpdate {
        info,
        completeness: Completeness::STATUS_ONLY,
        ..Default::default()
    }));
    let got = between.client_got();
    assert!(!got[1].get::<server::UserStats>().unwrap().unwrap().status.beatmap_update);
}

#[test]
fn omitted_details_of_a_status_are_kept() {
    let status =
        UserStatus { action: Status::PLAYING, text: "a map", beatmap_id: 75, ..UserStatus::default() };
    let cut = UserStatus { action: Status::AFK, beatmap_update: false, ..UserStatus::default() };
    let mut between = Between::new(1700, 20250306);
    between.client_says(&client::UserStatus(cut));
    assert_eq!(between.changes(), ["beatmap_update of OsuUserStatus"]);
    between.client_says(&client::UserStatus(status));
    between.client_says(&client::UserStatus(cut));
    let got = between.server_got();
    let told = got[2].get::<client::UserStatus>().unwrap().unwrap();
    assert_eq!((told.action, told.text, told.beatmap_id), (Status::AFK, "a map", 75));
    assert_eq!(between.changes(), NONE);
    // Versions that can omit the details omit them.
    let mut between = Between::new(1700, 394);
    between.client_says(&client::UserStatus(status));
    between.client_says(&client::UserStatus(cut));
    let got = between.server_got();
    assert!(!got[1].get::<client::UserStatus>().unwrap().unwrap().beatmap_update);
}

#[test]
fn stats_are_requested_from_servers_that_wait_for_requests() {
    let mut between = Between::new(1700, 20250306);
    for id in 1..=40 {
        between.server_says(&server::UserPresence(user(id, &format!("user {id}"))));
    }
    between.server_says(&server::UserPresence(irc(99, "nick")));
    between.server_got();
    assert_eq!(between.bridge.ask_for_stats(&mut between.to_server), Ok(40));
    let asked = between.server_got();
    let ids = asked.iter().map(|asked| asked.get::<client::UserStatsRequest>().unwrap().unwrap().len());
    assert_eq!(ids.collect::<Vec<_>>(), [32, 8]);
    // Clients from b1788 on send their own requests, and servers before b1800 send stats without a request.
    for (client, server) in [(1797, 20250306), (394, 1700), (20250306, 394)] {
        let mut between = Between::new(client, server);
        let info = UserUpdate { completeness: Completeness::FULL, ..user(2, "peppy").into() };
        between.server_says(&server::UserStats(info));
        assert_eq!(between.bridge.ask_for_stats(&mut between.to_server), Ok(0));
    }
}

#[test]
fn a_status_is_sent_in_full_if_the_version_has_no_shorter_form() {
    let mut between = Between::new(300, 394);
    let full = UserUpdate { completeness: Completeness::FULL, ..playing(user(2, "peppy"), "a", 7).0 };
    between.server_says(&server::UserStats(full));
    for completeness in [Completeness::STATUS_ONLY, Completeness::STATISTICS] {
        let status = UserUpdate { completeness, ..playing(user(2, ""), "b", 7).0 };
        between.server_says(&server::UserStats(status));
    }
    let told: Vec<_> =
        between.stats_got().into_iter().map(|(_, name, count, text)| (name, count, text)).collect();
    let expected = |text: &str| ("peppy".to_owned(), 7, text.to_owned());
    assert_eq!(told, [expected("a"), expected("b"), expected("b")]);
    assert_eq!(between.changes(), NONE);
    // Stats of a user without a known name are dropped.
    between.server_says(&playing(user(3, ""), "a", 1));
    assert_eq!((between.changes(), between.client_got().len()), (vec!["BanchoUserStats".to_owned()], 0));
}

#[test]
fn stats_of_an_old_server_keep_their_form_if_possible() {
    let (full, statistics, status_only) =
        (Completeness::FULL, Completeness::STATISTICS, Completeness::STATUS_ONLY);
    let said = [full, statistics, statistics, status_only, full];
    for (build, expected) in [
        (1700, said.to_vec()),
        // b330 has no form for stats alone. Unchanged stats are sent as a status.
        (330, vec![full, status_only, status_only, status_only, full]),
    ] {
        let mut between = Between::new(build, 394);
        for completeness in said {
            let name = if completeness == full { "peppy" } else { "" };
            between.server_says(&server::UserStats(UserUpdate {
                completeness,
                ..playing(user(2, name), "a", 7).0
            }));
        }
        let told: Vec<_> = between.stats_got().into_iter().map(|(form, ..)| form).collect();
        assert_eq!(told, expected, "b{build}");
    }
}

#[test]
fn changes_of_long_packets_are_reported_once() {
    // Longer than the retained scratch buffer.
    let text = "x".repeat(100_000);
    let mut between = Between::new(394, 1700);
    let mut stats = playing(user(2, ""), &text, 7);
    stats.stats.tscore = u64::MAX;
    between.server_says(&stats);
    assert_eq!(between.changes(), ["stats.tscore of BanchoUserStats"]);
}

#[test]
fn ids_become_presences_for_clients_that_want_those() {
    for (build, expected) in [(394, "BanchoUserStats"), (20120806, "BanchoUserPresence")] {
        let mut between = Between::new(build, 20250306);
        between.server_says(&server::UserPresence(user(2, "peppy")));
        between.server_says(&server::UserStats::from(user(2, "peppy")));
        between.client_got();
        between.server_got();
        between.changes();

        between.server_says(&server::UserPresenceBundle(Users::Ids((&[2, 3, 2, 4][..]).into())));
        assert_eq!(names(&between.client_got()), [expected], "b{build}");
        let asked = between.server_got();
        let ids = asked[0].get::<client::PresenceRequest>().unwrap().unwrap();
        assert_eq!((asked.len(), ids.iter().collect::<Vec<_>>()), (1, vec![3, 4]));
        between.server_says(&server::UserPresence(user(3, "cookiezi")));
        assert_eq!(names(&between.client_got()), [expected]);
        between.changes();

        between.server_got();
        between.server_says(&server::UserPresenceSingle(user(3, "")));
        assert_eq!(names(&between.client_got()), [expected]);
        assert_eq!((between.changes().len(), between.server_got().len()), (0, 0));
        between.server_says(&server::UserPresenceSingle(user(9, "")));
        assert_eq!(names(&between.server_got()), ["OsuPresenceRequest"]);
        assert_eq!((between.changes(), between.client_got().len()), (vec![], 0));
    }
}

#[test]
fn many_unknown_users_are_requested_in_chunks() {
    let mut between = Between::new(20120806, 20250306);
    let ids: Vec<i32> = (1..=600).collect();
    between.server_says(&server::UserPresenceBundle(Users::Ids(ids[..].into())));
    let asked = between.server_got();
    let counts: Vec<_> =
        asked.iter().map(|asked| asked.get::<client::PresenceRequest>().unwrap().unwrap().len()).collect();
    assert_eq!(counts, [256, 256, 88]);
}

#[test]
fn requests_that_an_old_server_does_not_know_are_answered() {
    let mut between = Between::new(20250306, 394);
    between.client_says(&client::PresenceRequestAll(None));
    assert_eq!(between.changes(), ["OsuPresenceRequestAll"]);
    for (id, name) in [(2, "peppy"), (3, "cookiezi")] {
        let update = playing(user(id, name), "a map", 7).0;
        between.server_says(&server::UserStats(UserUpdate { completeness: Completeness::FULL, ..update }));
    }
    between.server_says(&server::IrcJoin("nick"));
    between.client_got();

    between.client_says(&client::PresenceRequest((&[3][..]).into()));
    let got = between.client_got();
    let told = got[0].get::<server::UserPresence>().unwrap().unwrap();
    assert_eq!((got.len(), told.id, told.name), (1, 3, "cookiezi"));
    between.client_says(&client::UserStatsRequest((&[2, 3, 2][..]).into()));
    let got = between.client_got();
    assert_eq!(names(&got), ["BanchoUserStats"; 2]);
    assert_eq!(got[1].get::<server::UserStats>().unwrap().unwrap().stats.playcount, 7);
    between.client_says(&client::PresenceRequestAll(None));
    assert_eq!(names(&between.client_got()), ["BanchoUserPresence"; 3]);
    assert_eq!((between.changes(), between.server_got().len()), (vec![], 0));

    between.client_says(&client::PresenceRequest((&[3, 99][..]).into()));
    assert_eq!(names(&between.client_got()), ["BanchoUserPresence"]);
    assert_eq!(between.changes(), ["the value of OsuPresenceRequest"]);
    // The bridge does not reply for users who have left.
    between.server_says(&server::UserQuit(UserQuit { info: user(3, ""), ..UserQuit::default() }));
    between.client_got();
    between.client_says(&client::UserStatsRequest((&[3][..]).into()));
    assert_eq!((between.changes(), between.client_got().len()), (vec!["OsuUserStatsRequest".to_owned()], 0));
}

#[test]
fn servers_that_support_requests_receive_them() {
    let mut between = Between::new(20250306, 20130801);
    between.client_says(&client::PresenceRequest((&[3][..]).into()));
    between.client_says(&client::UserStatsRequest((&[3][..]).into()));
    assert_eq!(names(&between.server_got()), ["OsuPresenceRequest", "OsuUserStatsRequest"]);
    // Requests for stats exist from b1788 on, requests for presences from b20121224 on.
    let mut between = Between::new(20250306, 20120806);
    between.server_says(&server::UserPresence(user(3, "cookiezi")));
    between.client_got();
    between.client_says(&client::PresenceRequest((&[3][..]).into()));
    between.client_says(&client::UserStatsRequest((&[3][..]).into()));
    assert_eq!(names(&between.server_got()), ["OsuUserStatsRequest"]);
    assert_eq!(names(&between.client_got()), ["BanchoUserPresence"]);
}

#[test]
fn sender_ids_match_sender_names() {
    let mut between = Between::new(20250306, 1700);
    let say = |between: &mut Between, name| {
        between.server_says(&server::Message::new(name, "hi", "#osu"));
        let got = between.client_got();
        got[0].get::<server::Message>().unwrap().unwrap().sender_id
    };
    assert_eq!(say(&mut between, "peppy"), -1);
    let info = user(2, "peppy");
    between.server_says(&server::UserStats(UserUpdate {
        info,
        completeness: Completeness::FULL,
        ..Default::default()
    }));
    between.client_got();
    assert_eq!((say(&mut between, "peppy"), say(&mut between, "other")), (2, -1));
    between.server_says(&server::IrcJoin("nick"));
    let joined = between.client_got();
    let id = joined[0].get::<server::UserPresence>().unwrap().unwrap().id;
    assert_eq!(say(&mut between, "nick"), id);

    // In the other direction, the sender's id is dropped. This is not a change if the name identifies the user.
    let mut between = Between::new(1700, 20250306);
    let mut message = server::Message::new("peppy", "hi", "#osu");
    message.sender_id = 2;
    between.server_says(&message);
    assert_eq!(between.changes(), ["sender_id of BanchoMessage"]);
    between.server_says(&server::UserPresence(user(2, "peppy")));
    between.changes();
    between.server_says(&message);
    assert_eq!(between.changes(), NONE);
    message.sender_id = 3;
    between.server_says(&message);
    assert_eq!(between.changes(), ["sender_id of BanchoMessage"]);
    // chio uses an IRC user's positive id here, and the negative one in the presence.
    between.server_says(&server::UserPresence(irc(415, "nightlamp")));
    between.changes();
    (message.sender, message.sender_id) = ("nightlamp", 415);
    between.server_says(&message);
    assert_eq!(between.changes(), NONE);
}

#[test]
fn irc_users_of_an_old_server_have_ids_that_stay() {
    let mut between = Between::new(20250306, 394);
    between.server_says(&server::IrcJoin("nick"));
    between.server_says(&server::IrcJoin("other"));
    let got = between.client_got();
    let told: Vec<_> = got.iter().map(|got| got.get::<server::UserPresence>().unwrap().unwrap()).collect();
    assert_eq!((told[0].name, told[1].name), ("nick", "other"));
    assert!(told.iter().all(|told| told.id < -1000 && told.presence.is_irc) && told[0].id != told[1].id);
    let id = told[0].id;

    between.server_says(&server::IrcQuit("nick"));
    let got = between.client_got();
    let quit = got[0].get::<server::UserQuit>().unwrap().unwrap();
    assert_eq!((quit.info.id, quit.state), (id, QuitState::GONE));
    // The same name has the same id, which stays with the user after a change of name.
    between.server_says(&server::IrcJoin("nick"));
    let got = between.client_got();
    assert_eq!(got[0].get::<server::UserPresence>().unwrap().unwrap().id, id);
    let mut renamed = server::IrcChangeUsername::default();
    (renamed.old_name, renamed.new_name) = ("nick", "nick_away");
    between.server_says(&renamed);
    between.server_says(&server::IrcQuit("nick_away"));
    let got = between.client_got();
    assert_eq!(got[1].get::<server::UserQuit>().unwrap().unwrap().info.id, id);
    assert_eq!(between.changes(), NONE);

    // The assigned ids are not sent to the server.
    between.client_says(&client::FriendsAdd(id));
    between.client_says(&client::StartSpectating(2));
    assert_eq!(names(&between.server_got()), ["OsuStartSpectating"]);
    assert_eq!(between.changes(), ["the value of OsuFriendsAdd"]);
}

#[test]
fn irc_users_of_a_new_server_leave_old_clients_by_name() {
    for (id_in_quits, state) in [(-7, QuitState::GONE), (7, QuitState::GONE), (-7, QuitState::OSU_REMAINING)]
    {
        let mut between = Between::new(394, 20250306);
        between.server_says(&server::UserPresence(irc(7, "nick")));
        assert_eq!(between.changes(), ["BanchoUserPresence"]);
        // A second presence does not create a second user.
        between.server_says(&server::UserPresence(irc(7, "nick")));
        between.server_says(&server::UserPresenceSingle(irc(7, "")));
        assert_eq!(names(&between.client_got()), ["BanchoIrcJoin"]);
        between.server_says(&server::UserQuit(UserQuit {
            info: user(id_in_quits, ""),
            state,
            ..Default::default()
        }));
        let got = between.client_got();
        assert_eq!(got[0].get::<server::IrcQuit>().unwrap().unwrap().0, "nick");
        assert_eq!((between.changes(), between.server_got().len()), (vec![], 0));
        // The user has left, so that the id is unknown now.
        between.server_says(&server::UserQuit(UserQuit { info: user(-7, ""), state, ..Default::default() }));
        assert_eq!((between.changes(), between.client_got().len()), (vec!["BanchoUserQuit".to_owned()], 0));
    }
}

#[test]
fn users_who_stay_on_irc_become_other_users_for_old_clients() {
    let quit = |state| server::UserQuit(UserQuit { info: user(7, ""), state, ..Default::default() });
    let (stays, gone) = (quit(QuitState::IRC_REMAINING), quit(QuitState::GONE));
    let mut between = Between::new(394, 20250306);
    between.server_says(&server::UserPresence(user(7, "nick")));
    between.client_got();
    between.changes();
    between.server_says(&stays);
    assert_eq!(names(&between.client_got()), ["BanchoUserQuit", "BanchoIrcJoin"]);
    between.server_says(&gone);
    assert_eq!(names(&between.client_got()), ["BanchoIrcQuit"]);
    assert_eq!(between.changes(), NONE);

    let mut between = Between::new(20120806, 20250306);
    between.server_says(&server::UserPresence(user(7, "nick")));
    between.client_got();
    between.changes();
    between.server_says(&stays);
    between.server_says(&gone);
    let got = between.client_got();
    assert_eq!(names(&got), ["BanchoUserQuit", "BanchoUserPresence", "BanchoUserQuit"]);
    assert_eq!(got[0].get::<server::UserQuit>().unwrap().unwrap().info.id, 7);
    assert_eq!(got[1].get::<server::UserPresence>().unwrap().unwrap().id, -7);
    assert_eq!(got[2].get::<server::UserQuit>().unwrap().unwrap().info.id, -7);
    assert_eq!(between.changes(), NONE);
}

#[test]
fn the_client_receives_the_protocol_version_of_its_version() {
    for (client, protocol) in [(20250306, 19), (1700, 5)] {
        let mut between = Between::new(client, 20130801);
        between.server_says(&server::ProtocolNegotiation(18));
        let got = between.client_got();
        assert_eq!(got[0].get::<server::ProtocolNegotiation>().unwrap().unwrap().0, protocol);
    }
}

#[test]
fn a_strict_bridge_refuses_but_remembers() {
    let mut between = Between::new(300, 20250306).strict();
    between.server_says(&server::UserPresence(user(2, "peppy")));
    let changed = TranscodeError::Changed(Change::replaced("BanchoUserPresence", None));
    assert_eq!(std::mem::take(&mut between.refused), [changed]);
    assert_eq!((between.client_got().len(), between.server_got().len(), between.changes()), (0, 0, vec![]));
    // With the stats, the client receives all data of the user.
    between.server_says(&playing(user(2, ""), "", 7));
    let got = between.client_got();
    assert_eq!(got[0].get::<server::UserStats>().unwrap().unwrap().name, "peppy");
    assert_eq!(between.refused, []);
}

#[test]
fn without_room_nothing_is_written_anywhere_and_it_can_be_tried_again() {
    let (old, new) = (Version::from_build(394), Version::LATEST);
    let mut bridge = Bridge::new(old, new);
    let mut options = lobbywire::bancho::Options::server();
    options.write_buffer = 20;
    let (mut small, mut back) = (Outbox::new(old).with_options(options), Outbox::new(new));
    let mut said = Outbox::new(new);
    said.write(&server::UserPresence(user(2, "peppy"))).unwrap();
    let received = &read(Side::Server, new, said.waiting())[0];
    let refused = bridge.pass(received, &mut small, Some(&mut back), &mut |_| {
        panic!("a packet that does not fit reports no changes")
    });
    assert_eq!(refused, Err(TranscodeError::Full));
    assert!(small.waiting().is_empty() && back.waiting().is_empty());
    let mut large = Outbox::new(old);
    assert_eq!(bridge.pass(received, &mut large, Some(&mut back), &mut |_| ()), Ok(1));
    assert!(!back.waiting().is_empty());
}

#[test]
fn frames_between_equal_versions_are_unchanged() {
    for session in sessions() {
        let mut bridge = Bridge::new(session.version, session.version);
        let mut onward = Outbox::new(session.version);
        for received in read(session.side, session.version, &session.bytes) {
            bridge.pass(&received, &mut onward, None, &mut |loss| panic!("{loss}")).unwrap();
        }
        assert_eq!(onward.waiting(), session.bytes, "{}", session.name);
    }
}

/// The wire ids and payloads of frames.
fn payloads(side: Side, version: Version, bytes: &[u8]) -> Vec<(u16, Vec<u8>)> {
    read(side, version, bytes)
        .iter()
        .map(|received| (received.wire_id(), received.payload().to_vec()))
        .collect()
}

#[test]
fn without_stored_users_the_bridge_equals_the_transcoder() {
    let (mut compared, mut buffer) = (0, vec![0; 1 << 16]);
    for session in sessions() {
        for to in Version::all().step_by(2).filter(|to| *to != session.version) {
            let (client, server) = match session.side {
                Side::Client => (session.version, to),
                Side::Server => (to, session.version),
            };
            for received in read(session.side, session.version, &session.bytes) {
                // The bridge converts these even without stored users.
                let is_irc = ["BanchoIrcJoin", "BanchoIrcQuit"].contains(&received.name());
                if received.name() == "BanchoProtocolNegotiation" || (is_irc && to.build() >= 1788) {
                    continue;
                }
                let (mut onward, mut changes) = (Outbox::new(to), Vec::new());
                let frames = Bridge::new(client, server)
                    .pass(&received, &mut onward, None, &mut |change| changes.push(change))
                    .unwrap();
                let mut expected = Vec::new();
                let mut out = FrameWriter::new(to, &mut buffer);
                // Decode and encode as the bridge does: `Transcoder::packet` would copy some payloads, including bytes
                // after the layout.
                let transcoder = Transcoder::new(session.side, session.version, to);
                let report = &mut |change| expected.push(change);
                let count = match session.side {
                    Side::Client => transcoder.client(&received.client().unwrap(), &mut out, report),
                    Side::Server => transcoder.server(&received.server().unwrap(), &mut out, report),
                };
                let count = count.unwrap();
                let what = format!("{} of {} to {to}", received.name(), session.version);
                assert_eq!((frames, &changes), (count, &expected), "{what}");
                let written = payloads(session.side, to, onward.waiting());
                assert_eq!(written, payloads(session.side, to, out.written()), "{what}");
                compared += 1;
            }
        }
    }
    assert!(compared > 50_000, "{compared}");
}

#[test]
fn old_clients_receive_no_stats_of_unknown_users() {
    let (mut short, mut quits) = (0, 0);
    let sessions = sessions();
    let is_new = |session: &&Session| session.side == Side::Server && session.version.build() >= 20121224;
    for session in sessions.iter().filter(is_new) {
        for old in Version::all().filter(|old| (338..1788).contains(&old.build())) {
            let mut bridge = Bridge::new(old, session.version);
            let (mut onward, mut back) = (Outbox::new(old), Outbox::new(session.version));
            for received in read(session.side, session.version, &session.bytes) {
                bridge.pass(&received, &mut onward, Some(&mut back), &mut |_| ()).unwrap();
            }
            let mut known = BTreeSet::new();
            for received in read(session.side, old, onward.waiting()) {
                match received.server().unwrap() {
                    server::Packet::UserStats(stats) if stats.completeness == Completeness::FULL => {
                        known.insert(stats.id);
                    }
                    server::Packet::UserStats(stats) => {
                        assert!(known.contains(&stats.id), "{} in {old} from {}", stats.id, session.name);
                        short += 1;
                    }
                    server::Packet::UserQuit(quit) => {
                        known.remove(&quit.info.id);
                        quits += 1;
                    }
                    _ => {}
                }
            }
        }
    }
    assert!(short > 100 && quits > 100, "{short}, {quits}");
}

#[test]
fn memory_of_users_is_bounded() {
    let mut numbers = Numbers(11);
    let mut limits = MemoryLimits::default();
    (limits.users, limits.texts) = (4, 40);
    let all: Vec<Version> = Version::all().collect();
    let sessions = sessions();
    let (mut fullest, mut malformed) = (0, 0);
    for round in 0..300 {
        let session = &sessions[numbers.below(sessions.len())];
        let other = all[numbers.below(all.len())];
        let (client, server) = match session.side {
            Side::Client => (session.version, other),
            Side::Server => (other, session.version),
        };
        let mut bridge = Bridge::new(client, server).with_memory(limits);
        if round % 3 == 0 {
            bridge = bridge.strict();
        }
        let (mut onward, mut back) = (Outbox::new(other), Outbox::new(session.version));
        for frame in session.frames() {
            let mut payload = frame.payload;
            // Flip a bit in some payloads.
            if round % 2 == 0 && !payload.is_empty() {
                let bit = numbers.below(payload.len() * 8);
                payload[bit / 8] ^= 1 << (bit % 8);
            }
            let passed = bridge.pass_payload(
                session.side,
                frame.id,
                &payload,
                &mut onward,
                Some(&mut back),
                &mut |_| (),
            );
            malformed += usize::from(matches!(passed, Err(TranscodeError::Malformed(_))));
            assert!(bridge.users_remembered() <= limits.users);
            assert!(bridge.bytes_remembered() <= limits.most_bytes());
            fullest = fullest.max(bridge.users_remembered());
        }
        // The output is valid.
        let other_side = session.side.other();
        for (side, version, bytes) in
            [(session.side, other, onward.take()), (other_side, session.version, back.take())]
        {
            for received in read(side, version, &bytes) {
                let read = match side {
                    Side::Client => received.client().map(|_| ()),
                    Side::Server => received.server().map(|_| ()),
                };
                assert_eq!(read, Ok(()), "{} in {version}", received.name());
            }
        }
    }
    assert!(MemoryLimits::default().most_bytes() < 6_000_000);
    assert!(fullest == limits.users && malformed > 100, "{fullest} users, {malformed} malformed");
}

#[test]
fn captures_transcoded_with_memory_lose_no_more_than_without() {
    let (mut with_memory, mut without) = (0, 0);
    for session in sessions().into_iter().filter(|session| session.name.ends_with(".bin")) {
        for build in [282, 330, 394, 1700, 20120806, 20130801, 20250306] {
            let other = Version::from_build(build);
            let (client, server) = match session.side {
                Side::Client => (session.version, other),
                Side::Server => (other, session.version),
            };
            let mut bridge = Bridge::new(client, server);
            let (mut onward, mut back) = (Outbox::new(other), Outbox::new(session.version));
            for received in read(session.side, session.version, &session.bytes) {
                let mut changes = 0;
                bridge.pass(&received, &mut onward, Some(&mut back), &mut |_| changes += 1).unwrap();
                with_memory += changes;
                let mut alone = Bridge::new(client, server);
                alone.pass(&received, &mut Outbox::new(other), None, &mut |_| without += 1).unwrap();
            }
        }
    }
    assert!(with_memory < without, "{with_memory} of {without}");
}
