//! Properties of the accessors of packets and of their types.

use lobbywire::bancho::types::{Match, MatchSlot, SlotStatus, Slots, Status, UserInfo, UserStatus, Users};
use lobbywire::bancho::{Encode, FrameWriter, Version, WriteError, client, server};

pub(super) fn of_client(packet: &client::Packet<'_>) {
    use client::Packet;
    match packet {
        Packet::MatchCreate(client::MatchCreate(game))
        | Packet::MatchChangeSettings(client::MatchChangeSettings(game)) => of_match(game),
        Packet::UserStatus(client::UserStatus(status)) => of_status(status),
        Packet::Message(message) => {
            let same = client::Message::to(message.target, message.content);
            assert_eq!(same.is_direct_message(), message.is_direct_message());
            assert_eq!(client::PrivateMessage::to(message.target, message.content).0, same.0);
        }
        _ => {}
    }
}

pub(super) fn of_server(version: Version, packet: &server::Packet<'_>) {
    use server::Packet;
    match packet {
        Packet::MatchNew(server::MatchNew(game))
        | Packet::MatchUpdate(server::MatchUpdate(game))
        | Packet::MatchJoinSuccess(server::MatchJoinSuccess(game))
        | Packet::MatchStart(server::MatchStart(game)) => of_match(game),
        Packet::UserStats(server::UserStats(user)) => {
            of_status(&user.status);
            assert_eq!(server::UserStats::from(user.info).0.info.id, user.id);
        }
        Packet::LoginReply(reply) => match reply.result() {
            Ok(id) => assert_eq!(server::LoginReply::user(id), *reply),
            Err(error) => {
                assert!(error.0 < 0);
                assert_eq!(error.packet_info().name, packet.name());
                // Versions that would misunderstand the error code receive two packets instead.
                let mut buffer = [0; 256];
                let mut out = FrameWriter::new(version, &mut buffer);
                assert!(matches!(out.write(&error), Ok(1 | 2)));
                // Of an error that the version does not know, only the failure is left.
                assert_eq!(error.first_unrepresentable(version), reply.first_unrepresentable(version));
            }
        },
        Packet::UserPresenceBundle(server::UserPresenceBundle(users)) => {
            assert_eq!((users.len(), users.is_empty()), (users.ids().count(), users.ids().next().is_none()));
            let infos: Vec<_> = users.ids().map(|id| UserInfo { id, ..UserInfo::default() }).collect();
            assert_eq!(Users::from(&infos[..]).len(), users.len());
        }
        Packet::UserDmsBlocked(blocked) => {
            assert_eq!(server::UserDmsBlocked::by(blocked.target).target, blocked.target);
        }
        Packet::TargetIsSilenced(silenced) => {
            assert_eq!(server::TargetIsSilenced::named(silenced.target).target, silenced.target);
        }
        _ => {}
    }
}

fn of_status(status: &UserStatus<'_>) {
    let likely = status.likely_action();
    assert!(likely == status.action || (status.action, likely) == (Status::IDLE, Status::PLAYING));
}

fn of_match(game: &Match<'_>) {
    let mut slots = game.slots;
    let all: Vec<_> = slots.iter().collect();
    assert_eq!(all.len(), 16);
    assert_eq!(Slots::from(&all[..]), slots);
    assert_eq!(slots.player_count(), all.iter().filter(|slot| slot.has_player()).count());
    assert_eq!(slots.first_open(), all.iter().position(|slot| slot.status == SlotStatus::OPEN));
    for (index, slot) in all.iter().enumerate() {
        assert_ne!(slot.team.opposite(), slot.team);
        assert!(slots.position_of(slot.user_id).is_some_and(|at| at <= index) || !slot.has_player());
    }
    assert!(!slots.set(16, MatchSlot::OPEN));
    let shown = game.without_password();
    assert!(shown.password.is_empty());
    assert_eq!(shown.password_hidden, game.password_hidden || !game.password.is_empty());
}

/// A writer with a small buffer writes the whole packet, or returns an error and writes nothing. A lenient writer's only
/// error is that the buffer is full.
pub(super) fn of_writer(version: Version, packet: &impl Encode, buffer_len: usize) {
    let mut buffer = vec![0; buffer_len];
    for is_strict in [false, true] {
        let mut out = FrameWriter::new(version, &mut buffer);
        let done = if is_strict { out.write_strict(packet).map(|()| 1) } else { out.write(packet) };
        match done {
            Ok(frames) => assert_eq!(frames == 0, out.written().is_empty()),
            Err(error) => {
                assert!(out.written().is_empty());
                assert!(is_strict || error == WriteError::Full);
            }
        }
    }
}
