//! What a server has to tell old versions instead of what they don't know.
//!
//! The layouts say what a version can be told; this says what it is told when it can't. It is what
//! [`FrameWriter::write`] does, and it is here for gateways that decide for themselves.
//!
//! The two texts are chio's, so that a client is told the same, byte for byte.

use super::packet::Encode;
use super::packets::server;
use super::types::{
    Completeness, LoginError, Match, QuitState, RankedStatus, Status, UserInfo, UserUpdate, Users,
};
use super::version::Dialect;
use super::writer::FrameWriter;
use crate::wire::{Full, Sink};
use core::fmt;
use core::ops::Deref;

pub use super::links::{ConvertedLinks, Pieces, to_legacy as links_to_legacy, to_modern as links_to_modern};

/// What clients from b291 to b1787 are told when the server restarts.
pub const RESTART_NOTICE: &str = "Bancho is restarting, please wait...";

/// What clients from b20130801 on are told when their account is not activated, since they take the
/// number for that as a ban.
pub const INACTIVE_NOTICE: &str =
    "Your account is not yet activated. Please check your email for activation instructions!";

/// The total score that a version is told: builds from b365 to b658 crash in their display of the
/// level above 17,705,429,348, and from b504 on above 26,931,190,827.
pub fn total_score<V: Dialect>(version: V, score: u64) -> u64 {
    match version.version().build() {
        365..504 => score.min(17_705_429_348),
        504..659 => score.min(26_931_190_827),
        _ => score,
    }
}

/// The status that a version is told: builds before b504 are sent only the first ten, since the
/// numbers behind them moved between b338 and b904, and nobody knows when.
///
/// Paused is playing, the lobby and multiplaying are multiplayer, and osu!direct is idle.
pub fn status<V: Dialect>(version: V, status: Status) -> Status {
    if version.since(504) {
        return status;
    }
    match status {
        Status::PAUSED => Status::PLAYING,
        Status::LOBBY | Status::MULTIPLAYING => Status::MULTIPLAYER,
        Status::OSU_DIRECT => Status::IDLE,
        other => other,
    }
}

/// The ranked status that a version is told: qualified is approved before b20150826, loved before
/// b20161101. (Before b388 there is only ranked or not.)
pub fn ranked_status<V: Dialect>(version: V, status: RankedStatus) -> RankedStatus {
    match status {
        RankedStatus::QUALIFIED if !version.since(20150826) => RankedStatus::APPROVED,
        RankedStatus::LOVED if !version.since(20161101) => RankedStatus::APPROVED,
        other => other,
    }
}

/// A link as the version's chat shows it: `[url text]` from b20121225 on, before `(text)[url]`.
///
/// ```
/// use lobbywire_core::bancho::{Version, compat::chat_link};
///
/// let link = |build| chat_link(Version::from_build(build), "osu!", "https://osu.ppy.sh").to_string();
/// assert_eq!(link(20130801), "[https://osu.ppy.sh osu!]");
/// assert_eq!(link(394), "(osu!)[https://osu.ppy.sh]");
/// ```
pub fn chat_link<'t, V: Dialect>(version: V, text: &'t str, url: &'t str) -> ChatLink<'t> {
    ChatLink { text, url, is_modern: version.since(20121225) }
}

/// A link as a version's chat shows it; see [`chat_link`].
#[derive(Clone, Copy, Debug)]
pub struct ChatLink<'t> {
    text: &'t str,
    url: &'t str,
    is_modern: bool,
}

impl fmt::Display for ChatLink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, url, is_modern } = self;
        if *is_modern { write!(f, "[{url} {text}]") } else { write!(f, "({text})[{url}]") }
    }
}

/// Sends a message, or nothing where the version could not show it: before b294 there are only
/// `#osu` and `#announce`, before b320 these and private messages.
pub(crate) fn message<V: Dialect>(
    packet: &server::Message<'_>,
    out: &mut FrameWriter<'_, V>,
) -> Result<usize, Full> {
    let version = out.version();
    let is_shown = version.since(320)
        || version.version().autojoin_channels().contains(&packet.target)
        || (version.since(294) && packet.is_direct_message());
    if is_shown { frame(packet, out) } else { Ok(0) }
}

/// Sends an invitation, or before b1817 the message that says so.
pub(crate) fn invite<V: Dialect>(
    packet: &server::Invite<'_>,
    out: &mut FrameWriter<'_, V>,
) -> Result<usize, Full> {
    if out.version().since(1817) { frame(packet, out) } else { message(&server::Message(packet.0), out) }
}

/// Sends stats; of an IRC user before b1788, the name.
pub(crate) fn user_stats<V: Dialect>(
    packet: &server::UserStats<'_>,
    out: &mut FrameWriter<'_, V>,
) -> Result<usize, Full> {
    if packet.presence.is_irc && !out.version().since(1788) {
        return frame(&server::IrcJoin(packet.name), out);
    }
    match told_user(out.version(), &packet.info) {
        None => frame(packet, out),
        Some(info) => frame(&server::UserStats(UserUpdate { info, ..packet.0 }), out),
    }
}

/// Sends a presence: before b1788 full stats, from b323 to b337 in two packets; of an IRC user there,
/// the name.
pub(crate) fn user_presence<V: Dialect>(
    packet: &server::UserPresence<'_>,
    out: &mut FrameWriter<'_, V>,
) -> Result<usize, Full> {
    let version = out.version();
    if version.since(1788) {
        return match told_user(version, packet) {
            None => frame(packet, out),
            Some(info) => frame(&server::UserPresence(info), out),
        };
    }
    let mut update = UserUpdate { info: packet.0, completeness: Completeness::FULL };
    if !version.since(323) || version.since(338) || packet.presence.is_irc {
        return user_stats(&server::UserStats(update), out);
    }
    // The client takes a user's standing and its status from two packets.
    update.info.status.update_stats = true;
    let first = user_stats(&server::UserStats(update), out)?;
    update.info.status.update_stats = false;
    update.completeness = Completeness::STATUS_ONLY;
    let second = user_stats(&server::UserStats(update), out)?;
    Ok(first.saturating_add(second))
}

/// Sends an id, or before b20121224 the presence.
pub(crate) fn user_presence_single<V: Dialect>(
    packet: &server::UserPresenceSingle<'_>,
    out: &mut FrameWriter<'_, V>,
) -> Result<usize, Full> {
    if !out.version().since(20121224) {
        return user_presence(&server::UserPresence(packet.0), out);
    }
    let id = packet.signed_id();
    frame(&server::UserPresenceSingle(UserInfo { id, ..packet.0 }), out)
}

/// Sends ids, or before b20121224 the presences, as far as they are known.
pub(crate) fn user_presence_bundle<V: Dialect>(
    packet: &server::UserPresenceBundle<'_>,
    out: &mut FrameWriter<'_, V>,
) -> Result<usize, Full> {
    if out.version().since(20121224) {
        return frame(packet, out);
    }
    let infos = match packet.0 {
        Users::Infos(infos) => infos,
        Users::Ids(_) => &[],
    };
    let mut frames = 0usize;
    for info in infos {
        frames = frames.saturating_add(user_presence(&server::UserPresence(*info), out)?);
    }
    Ok(frames)
}

/// Sends that a user has left, as far as the version can know of it.
pub(crate) fn user_quit<V: Dialect>(
    packet: &server::UserQuit<'_>,
    out: &mut FrameWriter<'_, V>,
) -> Result<usize, Full> {
    let version = out.version();
    let is_irc = packet.info.presence.is_irc;
    if !version.since(20121224) {
        // An IRC user is only a name before b1788, and a user with a negative id then.
        match packet.state {
            QuitState::IRC_REMAINING => {}
            _ if is_irc && !version.since(1788) => return frame(&server::IrcQuit(packet.info.name), out),
            QuitState::OSU_REMAINING if !is_irc => return Ok(0),
            _ => {}
        }
    }
    if !version.since(1788) {
        return frame(packet, out);
    }
    let info = UserInfo { id: packet.info.signed_id(), ..packet.info };
    frame(&server::UserQuit(super::types::UserQuit { info, ..packet.0 }), out)
}

/// Sends a match, or nothing where its number is above what the version can be told.
pub(crate) fn match_packet<'a, P, V>(packet: &P, out: &mut FrameWriter<'_, V>) -> Result<usize, Full>
where
    P: Encode + Deref<Target = Match<'a>>,
    V: Dialect,
{
    let is_too_high = u8::try_from(packet.id).is_err();
    if is_too_high && !out.version().since(1796) { Ok(0) } else { frame(packet, out) }
}

/// Sends that a match starts; before b334 without saying which.
pub(crate) fn match_start<V: Dialect>(
    packet: &server::MatchStart<'_>,
    out: &mut FrameWriter<'_, V>,
) -> Result<usize, Full> {
    if out.version().since(334) { match_packet(packet, out) } else { frame(packet, out) }
}

/// Sends a menu image; from b1820 to b20121220 none can't be said.
pub(crate) fn title_update<V: Dialect>(
    packet: &server::TitleUpdate<'_>,
    out: &mut FrameWriter<'_, V>,
) -> Result<usize, Full> {
    let version = out.version();
    let can_say_none = !version.since(1820) || version.since(20121221);
    if packet.image_url.is_empty() && !can_say_none { Ok(0) } else { frame(packet, out) }
}

/// Sends a restart, or before b1788 a notification of it.
pub(crate) fn restart<V: Dialect>(
    packet: &server::Restart,
    out: &mut FrameWriter<'_, V>,
) -> Result<usize, Full> {
    if out.version().since(1788) { frame(packet, out) } else { frame(&server::Announce(RESTART_NOTICE), out) }
}

/// Sends one packet as it is, or nothing where the version does not know it.
#[inline(always)]
fn frame<V: Dialect>(packet: &impl Encode, out: &mut FrameWriter<'_, V>) -> Result<usize, Full> {
    let Some(id) = packet.wire_id(out.version()) else {
        return Ok(0);
    };
    out.frame(id, |version, sink| packet.encode(version, sink))?;
    Ok(1)
}

/// The user as a version is told of it, or `None` where that is the user as it is.
#[inline]
fn told_user<'a, V: Dialect>(version: V, info: &UserInfo<'a>) -> Option<UserInfo<'a>> {
    let mut told = *info;
    if version.since(1788) {
        // Most users are no IRC users, and need no copy.
        told.id = info.signed_id();
        return Some(told).filter(|told| told.id != info.id);
    }
    told.status.action = status(version, info.status.action);
    told.stats.tscore = total_score(version, info.stats.tscore);
    Some(told)
}

/// Sends the reply to a login that has failed.
///
/// Builds from b20130801 on take [`LoginError::USER_INACTIVE`] for a ban; they are sent a
/// notification and [`LoginError::INVALID_LOGIN`] instead. A
/// [`LoginReply`](server::LoginReply) with the number itself goes out as it is.
///
/// ```
/// use lobbywire_core::bancho::{FrameWriter, Version, server, types::LoginError};
///
/// let mut buffer = [0u8; 256];
/// let mut out = FrameWriter::new(Version::LATEST, &mut buffer);
/// assert_eq!(out.write(&LoginError::USER_INACTIVE), Ok(2));
/// assert_eq!(out.write(&server::LoginReply(-4)), Ok(1));
/// ```
impl Encode for LoginError {
    fn packet_info(&self) -> &'static super::PacketInfo {
        <server::LoginReply as super::Decode>::INFO
    }

    fn encode<V: Dialect, S: Sink>(&self, version: V, out: &mut S) -> Result<(), Full> {
        server::LoginReply(self.0).encode(version, out)
    }

    fn lost<V: Dialect>(&self, _: V) -> Option<&'static str> {
        None
    }

    fn send<V: Dialect>(&self, out: &mut FrameWriter<'_, V>) -> Result<usize, Full> {
        if *self != Self::USER_INACTIVE || !out.version().since(20130801) {
            return frame(&server::LoginReply(self.0), out);
        }
        let notice = frame(&server::Announce(INACTIVE_NOTICE), out)?;
        let reply = frame(&server::LoginReply(Self::INVALID_LOGIN.0), out)?;
        Ok(notice.saturating_add(reply))
    }
}
