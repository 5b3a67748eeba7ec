//! lobbywire: reads every field and adds it to a sum.

use lobbywire_core::bancho::types::{Match, Message, ReplayFrameBundle, ScoreFrame, UserStatus};
use lobbywire_core::bancho::{
    Decode, Dialect, Encode, Fixed, FrameWriter, Frames, List, Side, Transcoder, Version, client, server,
};
use lobbywire_core::wire::Inflater;

pub fn walk(bytes: &[u8]) -> u64 {
    walk_in(Version::LATEST, bytes)
}

pub(crate) fn walk_in(version: Version, bytes: &[u8]) -> u64 {
    Frames::new(version, Side::Server, bytes)
        .map_while(Result::ok)
        .map(|frame| u64::from(frame.wire_id) + frame.body.len() as u64)
        .sum()
}

/// Inflates compressed payloads without decoding packets.
pub(crate) fn inflate(version: Version, bytes: &[u8], inflater: &mut Inflater, scratch: &mut [u8]) -> u64 {
    Frames::new(version, Side::Server, bytes)
        .map_while(Result::ok)
        .filter(|frame| frame.is_compressed)
        .map(|frame| frame.payload(inflater, scratch).map_or(0, |payload| payload.len() as u64))
        .sum()
}

pub fn decode(bytes: &[u8]) -> u64 {
    decode_in(Version::LATEST, bytes)
}

pub fn decode_in(version: impl Dialect, bytes: &[u8]) -> u64 {
    let mut packets = server::packets(version, bytes);
    let mut sum = 0u64;
    // By reference, because `for` and adapters such as `map_while` would move each packet of 264 bytes.
    while let Some(Ok(packet)) = &packets.next() {
        sum = sum.wrapping_add(visit(packet));
    }
    sum
}

/// Inflates and decodes each packet.
pub(crate) fn decode_compressed(
    version: Version,
    bytes: &[u8],
    inflater: &mut Inflater,
    scratch: &mut [u8],
) -> u64 {
    let mut sum = 0u64;
    for frame in Frames::new(version, Side::Server, bytes).map_while(Result::ok) {
        let Ok(payload) = frame.payload(inflater, scratch) else { return 0 };
        sum = sum.wrapping_add(
            server::Packet::decode(version, frame.wire_id, payload).map_or(0, |packet| visit(&packet)),
        );
    }
    sum
}

/// Decodes frames of many versions, each in its own.
pub(crate) fn decode_each(frames: &[(Version, &[u8])]) -> u64 {
    frames.iter().fold(0, |sum, (version, frame)| sum.wrapping_add(decode_in(*version, frame)))
}

pub fn decode_client(bytes: &[u8]) -> u64 {
    let mut packets = client::packets(Version::LATEST, bytes);
    let mut sum = 0u64;
    while let Some(Ok(packet)) = &packets.next() {
        sum = sum.wrapping_add(match packet {
            client::Packet::Message(packet) => message(packet),
            client::Packet::UserStatus(packet) => status(packet),
            client::Packet::SpectateFrames(packet) => bundle(packet),
            client::Packet::MatchChangeSettings(packet) => game(packet),
            client::Packet::UserStatsRequest(packet) => ids(packet),
            client::Packet::PresenceRequest(packet) => ids(packet),
            _ => 0,
        });
    }
    sum
}

/// Selects the packet type by the id, without the enum.
pub fn decode_typed(bytes: &[u8]) -> u64 {
    let version = Fixed::<20250306>;
    let mut sum = 0u64;
    for frame in Frames::new(version, Side::Server, bytes).map_while(Result::ok) {
        sum = sum.wrapping_add(match frame.wire_id {
            7 => server::Message::decode(version, frame.body).map_or(0, |packet| message(&packet)),
            11 => server::UserStats::decode(version, frame.body).map_or(0, |packet| stats(&packet)),
            15 => server::SpectateFrames::decode(version, frame.body).map_or(0, |packet| bundle(&packet)),
            26 => server::MatchUpdate::decode(version, frame.body).map_or(0, |packet| game(&packet)),
            72 => server::FriendsList::decode(version, frame.body).map_or(0, |packet| ids(&packet)),
            83 => server::UserPresence::decode(version, frame.body).map_or(0, |packet| presence(&packet)),
            _ => 0,
        });
    }
    sum
}

/// Transcodes server packets from one version to another.
pub struct Transcoding {
    from: Version,
    to: Version,
    transcoder: Transcoder<Version, Version>,
    inflater: Inflater,
}

impl Transcoding {
    pub fn new(from: Version, to: Version) -> Self {
        Self { from, to, transcoder: Transcoder::new(Side::Server, from, to), inflater: Inflater::new() }
    }

    pub fn transcode(&mut self, bytes: &[u8], buffer: &mut [u8]) -> u64 {
        let mut out = FrameWriter::new(self.to, buffer).uncompressed();
        let mut frames = Frames::new(self.from, Side::Server, bytes);
        if self.transcoder.frames(&mut frames, &mut self.inflater, &mut [], &mut out, &mut |_| {}).is_err() {
            return 0;
        }
        out.written().len() as u64
    }
}

pub(crate) fn visit(packet: &server::Packet<'_>) -> u64 {
    match packet {
        server::Packet::Message(packet) => message(packet),
        server::Packet::UserStats(packet) => stats(packet),
        server::Packet::SpectateFrames(packet) => bundle(packet),
        server::Packet::MatchUpdate(packet) => game(packet),
        server::Packet::FriendsList(packet) => ids(packet),
        server::Packet::UserPresence(packet) => presence(packet),
        _ => 0,
    }
}

fn message(m: &Message<'_>) -> u64 {
    (m.sender.len() + m.content.len() + m.target.len()) as u64 + m.sender_id as u64
}

fn stats(s: &server::UserStats<'_>) -> u64 {
    let stats = &s.stats;
    status(&s.status)
        + s.id as u64
        + stats.rscore
        + stats.accuracy.to_bits()
        + u64::from(stats.playcount)
        + stats.tscore
        + stats.rank as u64
        + stats.pp as u64
}

fn status(status: &UserStatus<'_>) -> u64 {
    u64::from(status.action.0)
        + (status.text.len() + status.beatmap_checksum.len()) as u64
        + u64::from(status.mods.bits())
        + u64::from(status.mode.0)
        + status.beatmap_id as u64
}

fn presence(p: &server::UserPresence<'_>) -> u64 {
    p.id as u64
        + p.name.len() as u64
        + p.presence.timezone as u64
        + u64::from(p.presence.country_index)
        + u64::from(p.presence.permissions.bits())
        + u64::from(p.status.mode.0)
        + u64::from(p.presence.longitude.to_bits())
        + u64::from(p.presence.latitude.to_bits())
        + p.stats.rank as u64
}

fn score(s: &ScoreFrame<'_>) -> u64 {
    let hits = s.total_300 + s.total_100 + s.total_50 + s.total_geki + s.total_katu + s.total_miss;
    s.time as u64
        + u64::from(s.id)
        + u64::from(hits)
        + u64::from(s.total_score)
        + u64::from(s.max_combo)
        + u64::from(s.current_combo)
        + u64::from(s.perfect)
        + u64::from(s.hp)
        + u64::from(s.tag_byte)
        + u64::from(s.using_scorev2)
}

fn bundle(b: &ReplayFrameBundle<'_>) -> u64 {
    let frames: u64 = b
        .frames
        .iter()
        .map(|frame| {
            u64::from(frame.button_state.bits())
                + u64::from(frame.legacy_byte)
                + u64::from(frame.mouse_x.to_bits())
                + u64::from(frame.mouse_y.to_bits())
                + frame.time as u64
        })
        .fold(0, u64::wrapping_add);
    frames
        + b.extra as u64
        + u64::from(b.action.0)
        + b.frame.as_ref().map_or(0, score)
        + u64::from(b.sequence.unwrap_or(0))
}

fn game(m: &Match<'_>) -> u64 {
    let slots: u64 = m
        .slots
        .iter()
        .map(|slot| {
            u64::from(slot.status.bits())
                + u64::from(slot.team.0)
                + slot.user_id as u64
                + u64::from(slot.mods.bits())
        })
        .fold(0, u64::wrapping_add);
    slots
        + u64::from(m.id)
        + u64::from(m.in_progress)
        + u64::from(m.kind.0)
        + u64::from(m.mods.bits())
        + (m.name.len() + m.password.len() + m.beatmap_text.len() + m.beatmap_checksum.len()) as u64
        + m.beatmap_id as u64
        + m.host_id as u64
        + u64::from(m.mode.0)
        + u64::from(m.scoring_type.0)
        + u64::from(m.team_type.0)
        + u64::from(m.freemod)
        + u64::from(m.seed)
}

fn ids(list: &List<'_, i32>) -> u64 {
    list.iter().fold(0, |sum, id| sum + id as u64)
}

pub fn encode<P: Encode>(packets: &[P], buffer: &mut [u8]) -> u64 {
    encode_in(Version::LATEST, packets, buffer)
}

/// Encodes the packets with these indices.
pub(crate) fn encode_picked(packets: &[server::Packet<'_>], places: &[usize], buffer: &mut [u8]) -> u64 {
    let mut out = FrameWriter::new(Version::LATEST, buffer);
    for place in places {
        if out.write(&packets[*place]).is_err() {
            return 0;
        }
    }
    out.written().len() as u64
}

pub fn encode_in<P: Encode>(version: impl Dialect, packets: &[P], buffer: &mut [u8]) -> u64 {
    let mut out = FrameWriter::new(version, buffer).uncompressed();
    for packet in packets {
        if out.write(packet).is_err() {
            return 0;
        }
    }
    out.written().len() as u64
}
