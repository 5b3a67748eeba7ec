//! What a packet says in the end, where several ways to say it are one on the wire.

use crate::bancho::packets::{client, server};
use crate::bancho::types::{
    Completeness, Match, MatchSlot, Message, ReplayFrameBundle, ScoreFrame, UserInfo, UserStats, UserStatus,
    UserUpdate, Users,
};
use crate::bancho::version::{Dialect, MAX_SLOTS, Version};
use crate::bancho::{List, Mods};

/// Says what is no loss, though it does not come back, always in the same way.
pub(super) trait Normal {
    /// Brings both to the same where they mean the same.
    fn normalise(&mut self, other: &mut Self, version: Version);
}

impl Normal for Match<'_> {
    /// Nobody sits in a slot without a player, mods of slots are those of matches with free mods, and a
    /// password that is known is not hidden.
    fn normalise(&mut self, other: &mut Self, _: Version) {
        for game in [self, other] {
            for index in 0..MAX_SLOTS {
                let slot = game.slots.get(index).unwrap_or_default();
                let user_id = if slot.has_player() { slot.user_id } else { MatchSlot::OPEN.user_id };
                let mods = if game.freemod { slot.mods } else { Mods::empty() };
                game.slots.set(index, MatchSlot { user_id, mods, ..slot });
            }
            game.password_hidden &= game.password.is_empty();
        }
    }
}

impl Normal for Message<'_> {
    /// Both 0 and −1 stand for nobody.
    fn normalise(&mut self, other: &mut Self, _: Version) {
        for message in [self, other] {
            message.sender_id = if message.sender_id == -1 { 0 } else { message.sender_id };
        }
    }
}

impl Normal for ScoreFrame<'_> {
    /// A checksum that is left out is computed.
    fn normalise(&mut self, other: &mut Self, _: Version) {
        if self.checksum.is_none() || other.checksum.is_none() {
            (self.checksum, other.checksum) = (None, None);
        }
    }
}

impl Normal for ReplayFrameBundle<'_> {
    /// A sequence that is left out is 0.
    fn normalise(&mut self, other: &mut Self, version: Version) {
        for bundle in [&mut *self, &mut *other] {
            bundle.sequence = bundle.sequence.filter(|sequence| *sequence != 0);
        }
        if let (Some(ours), Some(theirs)) = (&mut self.frame, &mut other.frame) {
            ours.normalise(theirs, version);
        }
    }
}

impl Normal for UserStatus<'_> {
    /// That the stats have changed is told to builds before b338 only, to be asked for or not.
    fn normalise(&mut self, other: &mut Self, _: Version) {
        (self.update_stats, other.update_stats) = (false, false);
    }
}

impl Normal for UserUpdate<'_> {
    /// Of a user there is what the completeness says; which is all before b323, and from
    /// b1788 on all but the name and the place.
    fn normalise(&mut self, other: &mut Self, version: Version) {
        for update in [&mut *self, &mut *other] {
            update.completeness = match version.build() {
                ..323 => Completeness::FULL,
                323..338 if update.completeness == Completeness::STATISTICS => {
                    if update.info.status.update_stats {
                        Completeness::FULL
                    } else {
                        Completeness::STATUS_ONLY
                    }
                }
                1788.. => Completeness::STATISTICS,
                _ => update.completeness,
            };
            let UserInfo { id, name, presence, status, stats, _non_exhaustive: _ } = update.info;
            let mut told = UserInfo { id, status, ..UserInfo::default() };
            if update.completeness >= Completeness::STATISTICS {
                told.stats = stats;
            }
            if update.completeness >= Completeness::FULL {
                (told.name, told.presence) = (name, presence);
            }
            update.info = told;
        }
        self.info.status.normalise(&mut other.info.status, version);
    }
}

/// Of a user who is only pointed at, nothing but the id is said.
fn only_id<'a>(info: &UserInfo<'a>) -> UserInfo<'a> {
    UserInfo { id: info.id, ..UserInfo::default() }
}

/// A presence says little of the standing and of what the user is doing.
fn only_presence<'a>(info: &UserInfo<'a>) -> UserInfo<'a> {
    let status = UserStatus { mode: info.status.mode, ..UserStatus::default() };
    let stats = UserStats { rank: info.stats.rank, ..UserStats::default() };
    UserInfo { status, stats, ..*info }
}

impl Normal for client::Packet<'_> {
    fn normalise(&mut self, other: &mut Self, version: Version) {
        match (self, other) {
            (Self::Message(ours), Self::Message(theirs)) => ours.normalise(theirs, version),
            (Self::PrivateMessage(ours), Self::PrivateMessage(theirs)) => ours.normalise(theirs, version),
            (Self::SetIrcAwayMessage(ours), Self::SetIrcAwayMessage(theirs)) => {
                ours.normalise(theirs, version);
            }
            (Self::SpectateFrames(ours), Self::SpectateFrames(theirs)) => ours.normalise(theirs, version),
            (Self::MatchScoreUpdate(ours), Self::MatchScoreUpdate(theirs)) => ours.normalise(theirs, version),
            (Self::UserStatus(ours), Self::UserStatus(theirs)) => ours.normalise(theirs, version),
            (Self::MatchCreate(ours), Self::MatchCreate(theirs)) => ours.normalise(theirs, version),
            (Self::MatchChangeSettings(ours), Self::MatchChangeSettings(theirs)) => {
                ours.normalise(theirs, version);
            }
            (Self::MatchChangePassword(ours), Self::MatchChangePassword(theirs)) => {
                ours.normalise(theirs, version);
            }
            (Self::MatchChangeBeatmap(ours), Self::MatchChangeBeatmap(theirs)) => {
                ours.normalise(theirs, version);
            }
            _ => {}
        }
    }
}

impl Normal for server::Packet<'_> {
    fn normalise(&mut self, other: &mut Self, version: Version) {
        match (self, other) {
            (Self::Message(ours), Self::Message(theirs)) => ours.normalise(theirs, version),
            (Self::Invite(ours), Self::Invite(theirs)) => ours.normalise(theirs, version),
            (Self::UserDmsBlocked(ours), Self::UserDmsBlocked(theirs)) => ours.normalise(theirs, version),
            (Self::TargetIsSilenced(ours), Self::TargetIsSilenced(theirs)) => ours.normalise(theirs, version),
            (Self::SpectateFrames(ours), Self::SpectateFrames(theirs)) => ours.normalise(theirs, version),
            (Self::MatchScoreUpdate(ours), Self::MatchScoreUpdate(theirs)) => ours.normalise(theirs, version),
            (Self::MatchUpdate(ours), Self::MatchUpdate(theirs)) => ours.normalise(theirs, version),
            (Self::MatchNew(ours), Self::MatchNew(theirs)) => ours.normalise(theirs, version),
            (Self::MatchJoinSuccess(ours), Self::MatchJoinSuccess(theirs)) => ours.normalise(theirs, version),
            (Self::MatchStart(ours), Self::MatchStart(theirs)) => ours.normalise(theirs, version),
            (Self::UserStats(ours), Self::UserStats(theirs)) => ours.normalise(theirs, version),
            (Self::UserPresence(ours), Self::UserPresence(theirs)) => {
                (ours.0, theirs.0) = (only_presence(&ours.0), only_presence(&theirs.0));
                // What servers leave set for all, and these builds are not told, is no loss.
                if version.since(20121203) {
                    (ours.presence.city, theirs.presence.city) = ("", "");
                    (ours.presence.avatar, theirs.presence.avatar) = Default::default();
                }
            }
            (Self::UserQuit(ours), Self::UserQuit(theirs)) => {
                (ours.info, theirs.info) = (only_id(&ours.info), only_id(&theirs.info));
            }
            (Self::UserPresenceSingle(ours), Self::UserPresenceSingle(theirs)) => {
                (ours.0, theirs.0) = (only_id(&ours.0), only_id(&theirs.0));
            }
            (Self::UserPresenceBundle(ours), Self::UserPresenceBundle(theirs))
                if ours.ids().eq(theirs.ids()) =>
            {
                (ours.0, theirs.0) = (Users::Ids(List::default()), Users::Ids(List::default()));
            }
            _ => {}
        }
    }
}
