//! bancho-packets 5.3.1: the same work, as far as it supports it.
//!
//! It has no readers for server packets, so its field readers are called one by one. It keeps replay frames as bytes, which
//! are split here. It reads no floats, so integers are read instead.

use crate::inputs::Packet;
use bancho_packets::{
    BanchoMessage, BanchoPacket, MatchData, PacketId, PacketReader, PayloadReader, server as peer,
};
use lobbywire_core::bancho::server;

pub(crate) fn decode(bytes: &[u8]) -> u64 {
    let mut sum = 0u64;
    for packet in PacketReader::new(bytes) {
        let Some(payload) = packet.payload else { continue };
        sum = sum.wrapping_add(payload_sum(packet.id, PayloadReader::new(payload)).unwrap_or(0));
    }
    sum
}

fn payload_sum(id: PacketId, mut r: PayloadReader<'_>) -> Option<u64> {
    let r = &mut r;
    Some(match id {
        PacketId::BANCHO_SEND_MESSAGE => {
            let m = r.read::<BanchoMessage>()?;
            (m.sender.len() + m.content.len() + m.target.len()) as u64 + m.sender_id as u64
        }
        PacketId::BANCHO_USER_STATS => {
            let mut sum = r.read::<i32>()? as u64 + r.read::<u8>()? as u64;
            sum += (r.read::<String>()?.len() + r.read::<String>()?.len()) as u64;
            sum += u64::from(r.read::<u32>()?) + u64::from(r.read::<u8>()?) + r.read::<i32>()? as u64;
            sum += r.read::<u64>()? + u64::from(r.read::<u32>()?) + u64::from(r.read::<u32>()?);
            sum + r.read::<u64>()? + u64::from(r.read::<u32>()?) + u64::from(r.read::<u16>()?)
        }
        PacketId::BANCHO_SPECTATE_FRAMES => {
            let mut sum = r.read::<i32>()? as u64;
            for _ in 0..r.read::<u16>()? {
                sum += u64::from(r.read::<u8>()?) + u64::from(r.read::<u8>()?);
                sum += u64::from(r.read::<u32>()?) + u64::from(r.read::<u32>()?) + r.read::<i32>()? as u64;
            }
            sum += u64::from(r.read::<u8>()?);
            let s = r.read::<bancho_packets::ScoreFrame>()?;
            let hits = s.n300 + s.n100 + s.n50 + s.geki + s.katu + s.miss;
            sum += s.timestamp as u64 + u64::from(s.id) + u64::from(hits) + s.score as u64;
            sum += u64::from(s.max_combo) + u64::from(s.combo) + u64::from(s.perfect) + u64::from(s.hp);
            sum + u64::from(s.tag_byte) + u64::from(s.score_v2) + u64::from(r.read::<u16>()?)
        }
        PacketId::BANCHO_UPDATE_MATCH => {
            let mut sum =
                u64::from(r.read::<u16>()?) + u64::from(r.read::<bool>()?) + u64::from(r.read::<u8>()?);
            sum += u64::from(r.read::<u32>()?);
            sum += (r.read::<String>()?.len() + r.read::<String>()?.len() + r.read::<String>()?.len()) as u64;
            sum += r.read::<i32>()? as u64 + r.read::<String>()?.len() as u64;
            let mut statuses = Vec::with_capacity(16);
            for _ in 0..16 {
                statuses.push(r.read::<u8>()?);
            }
            for _ in 0..16 {
                sum += u64::from(r.read::<u8>()?);
            }
            for status in statuses {
                if status & 0x7c != 0 {
                    sum += r.read::<i32>()? as u64;
                }
            }
            sum += r.read::<i32>()? as u64 + u64::from(r.read::<u8>()?) + u64::from(r.read::<u8>()?);
            sum += u64::from(r.read::<u8>()?);
            if r.read::<bool>()? {
                for _ in 0..16 {
                    sum += u64::from(r.read::<u32>()?);
                }
            }
            sum + u64::from(r.read::<u32>()?)
        }
        PacketId::BANCHO_USER_PRESENCE => {
            let mut sum = r.read::<i32>()? as u64 + r.read::<String>()?.len() as u64;
            sum += u64::from(r.read::<u8>()?) + u64::from(r.read::<u8>()?) + u64::from(r.read::<u8>()?);
            sum + u64::from(r.read::<u32>()?) + u64::from(r.read::<u32>()?) + r.read::<i32>()? as u64
        }
        PacketId::BANCHO_FRIENDS_LIST => r.read::<Vec<i32>>()?.iter().fold(0, |sum, id| sum + *id as u64),
        _ => 0,
    })
}

pub(crate) fn encode(packets: &[Packet]) -> u64 {
    encode_all(packets.iter())
}

/// Encodes the packets with these indices.
pub(crate) fn encode_picked(packets: &[Packet], places: &[usize]) -> u64 {
    encode_all(places.iter().map(|place| &packets[*place]))
}

fn encode_all<'p>(packets: impl ExactSizeIterator<Item = &'p Packet>) -> u64 {
    let mut out = Vec::with_capacity(packets.len() * 256);
    for packet in packets {
        out.extend(packed(packet));
    }
    out.len() as u64
}

fn packed(packet: &Packet) -> Vec<u8> {
    match packet {
        server::Packet::Message(m) => {
            peer::SendMessage::new(m.sender.into(), m.content.into(), m.target.into(), m.sender_id)
                .into_packet_data()
        }
        server::Packet::UserStats(s) => peer::UserStats::new(
            s.id,
            s.status.action.0,
            s.status.text.into(),
            s.status.beatmap_checksum.into(),
            s.status.mods.bits(),
            s.status.mode.0,
            s.status.beatmap_id,
            s.stats.rscore as i64,
            s.stats.accuracy as f32,
            s.stats.playcount as i32,
            s.stats.tscore as i64,
            s.stats.rank as i32,
            s.stats.pp as i16,
        )
        .into_packet_data(),
        server::Packet::SpectateFrames(b) => {
            // The crate expects the payload as bytes.
            let mut data = Vec::with_capacity(480);
            data.extend(b.extra.to_le_bytes());
            data.extend((b.frames.len() as u16).to_le_bytes());
            for frame in b.frames.iter() {
                data.push(frame.button_state.bits());
                data.push(frame.legacy_byte);
                data.extend(frame.mouse_x.to_le_bytes());
                data.extend(frame.mouse_y.to_le_bytes());
                data.extend(frame.time.to_le_bytes());
            }
            data.push(b.action.0);
            if let Some(s) = &b.frame {
                use bancho_packets::BanchoPacketWrite;
                bancho_packets::ScoreFrame {
                    timestamp: s.time,
                    id: s.id,
                    n300: s.total_300,
                    n100: s.total_100,
                    n50: s.total_50,
                    geki: s.total_geki,
                    katu: s.total_katu,
                    miss: s.total_miss,
                    score: s.total_score as i32,
                    combo: s.max_combo,
                    max_combo: s.current_combo,
                    perfect: s.perfect,
                    hp: s.hp,
                    tag_byte: s.tag_byte,
                    score_v2: s.using_scorev2,
                }
                .write_into_buf(&mut data);
            }
            data.extend(b.sequence.unwrap_or(0).to_le_bytes());
            peer::SpectatorFrames::new(data).into_packet_data()
        }
        server::Packet::MatchUpdate(m) => {
            let data = MatchData {
                match_id: m.id.into(),
                in_progress: m.in_progress,
                match_type: m.kind.0 as i8,
                play_mods: m.mods.bits(),
                match_name: m.name.to_owned(),
                password: Some(m.password.to_owned()),
                beatmap_name: m.beatmap_text.to_owned(),
                beatmap_id: m.beatmap_id,
                beatmap_md5: m.beatmap_checksum.to_owned(),
                slot_status: m.slots.iter().map(|slot| slot.status.bits()).collect(),
                slot_teams: m.slots.iter().map(|slot| slot.team.0).collect(),
                slot_players: m
                    .slots
                    .iter()
                    .filter(|slot| slot.has_player())
                    .map(|slot| slot.user_id)
                    .collect(),
                host_player_id: m.host_id,
                match_game_mode: m.mode.0,
                win_condition: m.scoring_type.0,
                team_type: m.team_type.0,
                freemods: m.freemod,
                player_mods: m.slots.iter().map(|slot| slot.mods.bits() as i32).collect(),
                match_seed: m.seed as i32,
            };
            peer::NewMatch::new(data).into_packet_data()
        }
        server::Packet::UserPresence(p) => peer::UserPresence::new(
            p.id,
            p.name.into(),
            p.presence.timezone as u8,
            p.presence.country_index,
            p.presence.permissions.bits() as i32,
            p.presence.longitude,
            p.presence.latitude,
            p.stats.rank as i32,
        )
        .into_packet_data(),
        server::Packet::FriendsList(list) => {
            let ids: Vec<i32> = list.iter().collect();
            peer::FriendsList::new(&ids).into_packet_data()
        }
        _ => Vec::new(),
    }
}
