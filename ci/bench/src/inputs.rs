//! What is measured: single packets, and a mixed stream of 1,000 as a server of 2025 sends it.

use lobbywire_core::bancho::types::{
    ButtonState, MatchSlot, ReplayAction, ReplayFrame, ReplayFrameBundle, ScoreFrame, SlotStatus, SlotTeam,
    Slots, Status, TeamType, UserInfo, UserPresence, UserStats, UserStatus,
};
use lobbywire_core::bancho::types::{Match, Permissions};
use lobbywire_core::bancho::{FrameWriter, Frames, Mode, Mods, Side, Version, server};

/// A packet with the memory that it borrows, leaked: a benchmark ends soon.
pub(crate) type Packet = server::Packet<'static>;

pub(crate) struct Stream {
    pub(crate) packets: Vec<Packet>,
    pub(crate) bytes: Vec<u8>,
}

/// The same numbers on every machine.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn i32(&mut self) -> i32 {
        self.below(4_000_000) as i32
    }

    fn text(&mut self, least: u64, most: u64) -> &'static str {
        const WORDS: [&str; 12] = [
            "beatmap",
            "Insane",
            "combo",
            "ホシゾラ",
            "streams",
            "great",
            "peppy",
            "[Hyper]",
            "über",
            "DT",
            "play",
            "gg wp",
        ];
        let len = (least + self.below(most - least + 1)) as usize;
        let mut text = String::new();
        while text.len() < len {
            text.push_str(WORDS[self.below(12) as usize]);
            text.push(' ');
        }
        while text.len() > len || !text.is_char_boundary(text.len()) {
            text.pop();
        }
        text.leak()
    }

    fn md5(&mut self) -> &'static str {
        (0..32).map(|_| char::from_digit(self.below(16) as u32, 16).unwrap_or('0')).collect::<String>().leak()
    }
}

fn message(n: &mut Numbers, content: u64) -> Packet {
    let mut message = server::Message::new(n.text(5, 12), n.text(content, content + 8), "#osu");
    message.sender_id = n.i32();
    message.into()
}

fn stats(n: &mut Numbers) -> Packet {
    let status = UserStatus {
        action: Status(n.below(13) as u8),
        text: n.text(30, 60),
        mods: Mods::from_bits_retain(n.below(1 << 15) as u32),
        mode: Mode(n.below(4) as u8),
        beatmap_checksum: n.md5(),
        beatmap_id: n.i32(),
        ..UserStatus::default()
    };
    let stats = UserStats {
        rank: n.below(1_000_000) as i64,
        rscore: n.below(1 << 40),
        tscore: n.below(1 << 42),
        accuracy: f64::from(n.below(1000) as f32 / 1000.0),
        playcount: n.below(100_000) as u32,
        pp: n.below(20_000) as i32,
    };
    server::UserStats::from(UserInfo { id: n.i32(), status, stats, ..UserInfo::default() }).into()
}

fn game(n: &mut Numbers) -> Packet {
    let mut slots = Slots::default();
    for index in 0..8 {
        let slot = MatchSlot {
            user_id: n.i32(),
            status: if n.below(2) == 0 { SlotStatus::READY } else { SlotStatus::NOT_READY },
            team: SlotTeam(n.below(3) as u8),
            mods: Mods::from_bits_retain(n.below(1 << 12) as u32),
        };
        slots.set(index, slot);
    }
    let game = Match {
        id: n.below(1000) as u16,
        name: n.text(10, 30),
        password: n.text(6, 6),
        beatmap_text: n.text(30, 60),
        beatmap_id: n.i32(),
        beatmap_checksum: n.md5(),
        slots,
        host_id: n.i32(),
        team_type: TeamType(n.below(4) as u8),
        freemod: true,
        seed: n.below(1 << 30) as u32,
        ..Match::default()
    };
    server::MatchUpdate(game).into()
}

fn bundle(n: &mut Numbers) -> Packet {
    let frames: Vec<ReplayFrame> = (0..30)
        .map(|i| ReplayFrame {
            button_state: ButtonState::from_bits_retain(n.below(16) as u8),
            legacy_byte: 0,
            mouse_x: n.below(512) as f32,
            mouse_y: n.below(384) as f32,
            time: 1000 + i * 16,
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
    server::SpectateFrames(ReplayFrameBundle {
        action: ReplayAction::STANDARD,
        frames: frames.leak()[..].into(),
        frame: Some(frame),
        extra: -1,
        sequence: Some(n.below(1000) as u16),
    })
    .into()
}

fn presence(n: &mut Numbers) -> Packet {
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
    server::UserPresence(UserInfo { id: n.i32(), name: n.text(3, 15), presence, status, stats }).into()
}

fn ids(n: &mut Numbers, count: usize) -> Packet {
    let ids: Vec<i32> = (0..count).map(|_| n.i32()).collect();
    server::FriendsList(ids.leak()[..].into()).into()
}

/// One packet of each kind.
pub(crate) fn single_packets() -> Vec<(&'static str, Packet)> {
    let n = &mut Numbers::new(7);
    vec![
        ("message", message(n, 55)),
        ("stats", stats(n)),
        ("match", game(n)),
        ("frames", bundle(n)),
        ("presence", presence(n)),
        ("ids", ids(n, 200)),
    ]
}

/// A thousand times the single packet of this name.
pub(crate) fn stream_of(name: &str) -> Stream {
    let single = single_packets().into_iter().find(|(of, _)| *of == name).expect("a name of a single packet");
    let packets = vec![single.1; 1000];
    let bytes = bytes_of(&packets);
    Stream { packets, bytes }
}

/// 300 messages, 250 stats, 50 matches, 200 bundles, 180 presences and 20 lists, shuffled.
pub(crate) fn mixed_stream() -> Stream {
    let n = &mut Numbers::new(2025);
    let mut packets = Vec::new();
    packets.extend((0..300).map(|_| message(n, 40)));
    packets.extend((0..250).map(|_| stats(n)));
    packets.extend((0..50).map(|_| game(n)));
    packets.extend((0..200).map(|_| bundle(n)));
    packets.extend((0..180).map(|_| presence(n)));
    packets.extend((0..20).map(|_| ids(n, 200)));
    for index in (1..packets.len()).rev() {
        packets.swap(index, n.below(index as u64 + 1) as usize);
    }
    let bytes = bytes_of(&packets);
    Stream { packets, bytes }
}

/// The packets as frames of the newest version.
pub(crate) fn bytes_of(packets: &[Packet]) -> Vec<u8> {
    let mut buffer = vec![0; 2048 * packets.len()];
    let mut out = FrameWriter::new(Version::LATEST, &mut buffer);
    for packet in packets {
        out.write(packet).expect("2 kB a packet are enough");
    }
    let len = out.written().len();
    buffer.truncate(len);
    buffer
}

/// Where the strings of a stream are.
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
        server::Packet::trace(Version::LATEST, frame.id, frame.body, Spans(base, &mut spans))
            .expect("our own frame");
        at += frame.bytes.len();
    }
    spans
}

/// Checks these parts as UTF-8.
pub(crate) fn check_spans(bytes: &[u8], spans: &[std::ops::Range<usize>]) -> u64 {
    spans
        .iter()
        .map(|span| std::str::from_utf8(&bytes[span.clone()]).map_or(0, |text| text.len() as u64))
        .sum()
}
