//! The inputs: single packets, and streams of 1,000 packets in a fixed random order.
//!
//! Packets have realistic sizes. Names and checksums are ASCII, as in osu!. Of chat messages and titles, 5 % are not
//! ASCII, or all of them in the stream without ASCII.

use lobbywire_core::bancho::types::{
    self, ButtonState, MatchSlot, ReplayAction, ReplayFrame, ReplayFrameBundle, ScoreFrame, SlotStatus,
    SlotTeam, Slots, Status, TeamType, UserInfo, UserPresence, UserStats, UserStatus,
};
use lobbywire_core::bancho::types::{Match, Permissions};
use lobbywire_core::bancho::{Encode, FrameWriter, Frames, List, Mode, Mods, Side, Version, client, server};

/// A packet that borrows leaked memory.
pub type Packet = server::Packet<'static>;

/// Packets, and their frames.
pub struct Stream<P> {
    pub packets: Vec<P>,
    pub bytes: Vec<u8>,
}

/// A random number generator with the same numbers on every machine.
pub(crate) struct Numbers {
    state: u64,
    /// One of this many texts is not ASCII.
    foreign: u64,
}

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, foreign: 20 }
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % end
    }

    fn i32(&mut self) -> i32 {
        self.below(4_000_000) as i32
    }

    /// `len` bytes of words.
    fn words(&mut self, words: &[&str], least: u64, most: u64) -> &'static str {
        let len = (least + self.below(most - least + 1)) as usize;
        let mut text = String::new();
        while text.len() < len {
            text.push_str(words[self.below(words.len() as u64) as usize]);
            text.push(' ');
        }
        while text.len() > len || !text.is_char_boundary(text.len()) {
            text.pop();
        }
        text.leak()
    }

    fn name(&mut self, least: u64, most: u64) -> &'static str {
        self.words(&["peppy", "Rafis", "[Hyper]", "x_X", "Cookiezi", "-GN", "tsukuyomi"], least, most)
    }

    /// A chat message or a title.
    fn text(&mut self, least: u64, most: u64) -> &'static str {
        if self.below(self.foreign) == 0 {
            let words = ["beatmap", "ホシゾラ", "streams", "über", "DT", "願い", "gg wp", "Insane"];
            return self.words(&words, least, most);
        }
        let words =
            ["beatmap", "Insane", "combo", "streams", "great", "peppy", "[Hyper]", "DT", "play", "gg wp"];
        self.words(&words, least, most)
    }

    fn md5(&mut self) -> &'static str {
        (0..32).map(|_| char::from_digit(self.below(16) as u32, 16).unwrap_or('0')).collect::<String>().leak()
    }
}

/// `spread` is the largest deviation of lengths from the usual ones.
fn message(n: &mut Numbers, spread: u64) -> types::Message<'static> {
    let (sender, content) =
        (n.name(10 - spread / 2, 10 + spread / 2), n.text(55 - 2 * spread, 55 + 2 * spread));
    types::Message { sender, content, target: "#osu", sender_id: n.i32(), ..Default::default() }
}

fn status(n: &mut Numbers, spread: u64) -> UserStatus<'static> {
    UserStatus {
        action: Status(n.below(13) as u8),
        text: n.text(52 - 2 * spread, 52 + 2 * spread),
        mods: Mods::from_bits_retain(n.below(1 << 15) as u32),
        mode: Mode(n.below(4) as u8),
        beatmap_checksum: n.md5(),
        beatmap_id: n.i32(),
        ..UserStatus::default()
    }
}

fn stats(n: &mut Numbers, spread: u64) -> Packet {
    let status = status(n, spread);
    let stats = UserStats {
        rank: n.below(1_000_000) as i64,
        rscore: n.below(1 << 40),
        tscore: n.below(1 << 42),
        accuracy: f64::from(n.below(1000) as f32 / 1000.0),
        playcount: n.below(100_000) as u32,
        pp: n.below(20_000) as i32,
        ..UserStats::default()
    };
    server::UserStats::from(UserInfo { id: n.i32(), status, stats, ..UserInfo::default() }).into()
}

fn game(n: &mut Numbers, spread: u64) -> Match<'static> {
    let mut slots = Slots::default();
    for index in 0..8 {
        let slot = MatchSlot {
            user_id: n.i32(),
            status: if n.below(2) == 0 { SlotStatus::READY } else { SlotStatus::NOT_READY },
            team: SlotTeam(n.below(3) as u8),
            mods: Mods::from_bits_retain(n.below(1 << 12) as u32),
            ..MatchSlot::default()
        };
        slots.set(index, slot);
    }
    Match {
        id: n.below(1000) as u16,
        name: n.text(20 - spread, 20 + spread),
        password: n.name(6, 6),
        beatmap_text: n.text(44 - 2 * spread, 44 + 2 * spread),
        beatmap_id: n.i32(),
        beatmap_checksum: n.md5(),
        slots,
        host_id: n.i32(),
        team_type: TeamType(n.below(4) as u8),
        freemod: true,
        seed: n.below(1 << 30) as u32,
        ..Match::default()
    }
}

fn bundle(n: &mut Numbers) -> ReplayFrameBundle<'static> {
    let frames: Vec<ReplayFrame> = (0..30)
        .map(|i| ReplayFrame {
            button_state: ButtonState::from_bits_retain(n.below(16) as u8),
            legacy_byte: 0,
            mouse_x: n.below(512) as f32,
            mouse_y: n.below(384) as f32,
            time: 1000 + i * 16,
            ..ReplayFrame::default()
        })
        .collect();
    let frame = ScoreFrame {
        time: n.i32(),
        id: n.below(16) as u8,
        total_300: n.below(1000) as u16,
        total_100: n.below(100) as u16,
        total_score: n.below(1 << 30) as u32,
        max_combo: n.below(2000) as u16,
        current_combo: n.below(2000) as u16,
        hp: n.below(200) as u8,
        ..ScoreFrame::default()
    };
    ReplayFrameBundle {
        action: ReplayAction::STANDARD,
        frames: frames.leak()[..].into(),
        frame: Some(frame),
        extra: -1,
        sequence: Some(n.below(1000) as u16),
        ..ReplayFrameBundle::default()
    }
}

fn presence(n: &mut Numbers, spread: u64) -> Packet {
    let presence = UserPresence {
        timezone: n.below(24) as i16 - 12,
        country_index: n.below(250) as u8,
        permissions: Permissions::from_bits_retain(n.below(16) as u32),
        longitude: n.below(180) as f32,
        latitude: n.below(90) as f32,
        ..UserPresence::default()
    };
    let status = UserStatus { mode: Mode(n.below(4) as u8), ..UserStatus::default() };
    let stats = UserStats { rank: n.below(100_000) as i64, ..UserStats::default() };
    server::UserPresence(UserInfo {
        id: n.i32(),
        name: n.name(5 - spread / 4, 5 + spread / 4),
        presence,
        status,
        stats,
        ..UserInfo::default()
    })
    .into()
}

fn ids(n: &mut Numbers) -> List<'static, i32> {
    let ids: Vec<i32> = (0..200).map(|_| n.i32()).collect();
    ids.leak()[..].into()
}

/// One packet of each kind.
pub(crate) fn single_packets() -> Vec<(&'static str, Packet)> {
    let n = &mut Numbers { foreign: u64::MAX, ..Numbers::new(7) };
    vec![
        ("message", server::Message(message(n, 0)).into()),
        ("stats", stats(n, 0)),
        ("match", server::MatchUpdate(game(n, 0)).into()),
        ("frames", server::SpectateFrames(bundle(n)).into()),
        ("presence", presence(n, 0)),
        ("ids", server::FriendsList(ids(n)).into()),
    ]
}

/// 1,000 copies of a single packet.
pub fn stream_of(name: &str) -> Stream<Packet> {
    let single =
        single_packets().into_iter().find(|(of, _)| *of == name).expect("single_packets has this name");
    Stream::of(vec![single.1; 1000], Version::LATEST)
}

/// The largest deviation of lengths in streams.
const SPREAD: u64 = 8;

/// 300 messages, 250 stats, 50 matches, 200 bundles, 180 presences and 20 lists per 1,000 packets, shuffled.
fn from_server(n: &mut Numbers, thousands: usize) -> Vec<Packet> {
    let mut packets: Vec<Packet> = Vec::new();
    packets.extend((0..300 * thousands).map(|_| Packet::from(server::Message(message(n, SPREAD)))));
    packets.extend((0..250 * thousands).map(|_| stats(n, SPREAD)));
    packets.extend((0..50 * thousands).map(|_| Packet::from(server::MatchUpdate(game(n, SPREAD)))));
    packets.extend((0..200 * thousands).map(|_| Packet::from(server::SpectateFrames(bundle(n)))));
    packets.extend((0..180 * thousands).map(|_| presence(n, SPREAD)));
    packets.extend((0..20 * thousands).map(|_| Packet::from(server::FriendsList(ids(n)))));
    shuffle(n, &mut packets);
    packets
}

fn shuffle<T>(n: &mut Numbers, packets: &mut [T]) {
    for index in (1..packets.len()).rev() {
        packets.swap(index, n.below(index as u64 + 1) as usize);
    }
}

/// Packets of a server in the latest version.
pub fn mixed_stream() -> Stream<Packet> {
    Stream::of(from_server(&mut Numbers::new(2025), 1), Version::LATEST)
}

/// Frames of `count` different packets of the mix, in random order.
pub(crate) fn long_stream(count: usize) -> Vec<u8> {
    Stream::of(from_server(&mut Numbers::new(200_000), count / 1000), Version::LATEST).bytes
}

/// `count` random indices below `among`.
pub(crate) fn random_order(count: usize, among: usize) -> Vec<usize> {
    let n = &mut Numbers::new(7);
    (0..count).map(|_| n.below(among as u64) as usize).collect()
}

/// The mix without ASCII texts.
pub fn foreign_stream() -> Stream<Packet> {
    Stream::of(from_server(&mut Numbers { foreign: 1, ..Numbers::new(2025) }, 1), Version::LATEST)
}

/// The mix in a version, uncompressed.
pub fn stream_in(version: Version) -> Stream<Packet> {
    Stream::of(from_server(&mut Numbers::new(2025), 1), version)
}

/// Packets of a client: 300 messages, 250 statuses, 50 matches, 200 bundles, 180 requests for stats and 20 for presences
/// per 1,000 packets.
pub fn client_stream() -> Stream<client::Packet<'static>> {
    let n = &mut Numbers::new(2008);
    let mut packets: Vec<client::Packet<'static>> = Vec::new();
    packets.extend((0..300).map(|_| client::Packet::from(client::Message(message(n, SPREAD)))));
    packets.extend((0..250).map(|_| client::Packet::from(client::UserStatus(status(n, SPREAD)))));
    packets.extend((0..50).map(|_| client::Packet::from(client::MatchChangeSettings(game(n, SPREAD)))));
    packets.extend((0..200).map(|_| client::Packet::from(client::SpectateFrames(bundle(n)))));
    packets.extend((0..180).map(|_| {
        let asked: Vec<i32> = (0..1 + n.below(8)).map(|_| n.i32()).collect();
        client::Packet::from(client::UserStatsRequest(asked.leak()[..].into()))
    }));
    packets.extend((0..20).map(|_| client::Packet::from(client::PresenceRequest(ids(n)))));
    shuffle(n, &mut packets);
    Stream::of(packets, Version::LATEST)
}

impl<P: Encode> Stream<P> {
    /// Encodes the packets as frames, uncompressed if the version has a compression flag.
    fn of(packets: Vec<P>, version: Version) -> Self {
        let mut buffer = vec![0; 1024 * packets.len()];
        let mut out = FrameWriter::new(version, &mut buffer).uncompressed();
        for packet in &packets {
            out.write(packet).expect("a packet is smaller than 1 kB");
        }
        let len = out.written().len();
        buffer.truncate(len);
        Self { packets, bytes: buffer }
    }
}

/// The frame of a packet in the latest version.
pub(crate) fn bytes_of(packet: &Packet) -> Vec<u8> {
    Stream::of(vec![*packet], Version::LATEST).bytes
}

/// The frames of a stream.
pub(crate) fn frames(version: Version, bytes: &[u8]) -> Vec<&[u8]> {
    Frames::new(version, Side::Server, bytes).map_while(Result::ok).map(|frame| frame.bytes).collect()
}

/// The positions of the strings in a stream.
pub(crate) fn text_spans(bytes: &[u8]) -> Vec<std::ops::Range<usize>> {
    use lobbywire_core::wire::{Observer, Value};

    struct Spans<'s>(usize, &'s mut Vec<std::ops::Range<usize>>);
    impl Observer for Spans<'_> {
        fn begin(&mut self, _: &'static str, _: usize) {}
        fn begin_element(&mut self, _: usize, _: usize) {}
        fn value(&mut self, _: usize, end: usize, value: Value<'_>) {
            if let Value::Text(text) = value {
                self.1.push(self.0 + end - text.len()..self.0 + end);
            }
        }
        fn detail(&mut self, _: &'static str, _: usize, _: usize, _: Value<'_>) {}
        fn end(&mut self) {}
    }

    let mut spans = Vec::new();
    let mut at = 0;
    for frame in Frames::new(Version::LATEST, Side::Server, bytes).map_while(Result::ok) {
        let base = at + frame.header_len();
        server::Packet::trace(Version::LATEST, frame.wire_id, frame.body, Spans(base, &mut spans))
            .expect("the frame is valid");
        at += frame.bytes.len();
    }
    spans
}

/// Checks these ranges as UTF-8.
pub(crate) fn check_spans(bytes: &[u8], spans: &[std::ops::Range<usize>]) -> u64 {
    spans
        .iter()
        .map(|span| std::str::from_utf8(&bytes[span.clone()]).map_or(0, |text| text.len() as u64))
        .sum()
}
