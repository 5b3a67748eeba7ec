//! Normal forms of packets, for values that differ and encode to the same bytes.

use crate::bancho::dialect::Dialect;
use crate::bancho::packets::{client, server};
use crate::bancho::types::{
    Completeness, Match, MatchSlot, Message, ReplayFrameBundle, ScoreFrame, UserInfo, UserStats, UserStatus,
    UserUpdate, Users,
};
use crate::bancho::version::{MAX_SLOTS, Version};
use crate::bancho::{List, Mods};

/// A type with several values for the same bytes.
pub(super) trait Normal {
    /// Makes `self` and `other` equal if they mean the same in this version.
    fn normalise(&mut self, other: &mut Self, version: Version);
}

impl Normal for Match<'_> {
    /// Slots without a player have no user id, slots have mods only if the match has free mods, and a known
    /// password is not hidden.
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
    /// A sender id of 0 or −1 means that there is none.
    fn normalise(&mut self, other: &mut Self, _: Version) {
        for message in [self, other] {
            message.sender_id = if message.sender_id == -1 { 0 } else { message.sender_id };
        }
    }
}

impl Normal for ScoreFrame<'_> {
    /// A missing checksum is computed when it is encoded.
    fn normalise(&mut self, other: &mut Self, _: Version) {
        if self.checksum.is_none() || other.checksum.is_none() {
            (self.checksum, other.checksum) = (None, None);
        }
    }
}

impl Normal for ReplayFrameBundle<'_> {
    /// A missing sequence is encoded as 0.
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
    /// Only builds before b338 receive `update_stats`, and only as a choice between two layouts.
    fn normalise(&mut self, other: &mut Self, _: Version) {
        (self.update_stats, other.update_stats) = (false, false);
    }
}

impl Normal for UserUpdate<'_> {
    /// A user has the parts that the completeness selects: everything before b323, and everything but
    /// name and presence from b1788 on.
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
            let mut sent = UserInfo { id, status, ..UserInfo::default() };
            if update.completeness >= Completeness::STATISTICS {
                sent.stats = stats;
            }
            if update.completeness >= Completeness::FULL {
                (sent.name, sent.presence) = (name, presence);
            }
            update.info = sent;
        }
        self.info.status.normalise(&mut other.info.status, version);
    }
}

/// Keeps only the id, for packets that reference a user.
fn only_id<'a>(info: &UserInfo<'a>) -> UserInfo<'a> {
    UserInfo { id: info.id, ..UserInfo::default() }
}

/// Keeps what a presence carries: of the stats the rank, of the status the mode.
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
                // Servers set these for all clients; builds from here on do not receive them.
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
