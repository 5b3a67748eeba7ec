//! Downgrade rules for older clients.
//!
//! If a version cannot represent a packet or value, a server sends a replacement or nothing.
//! [`FrameWriter::write`] applies these rules. The public functions are for gateways that apply them
//! selectively.
//!
//! The texts are those of chio, so that clients receive the same bytes.
//!
//! Clients read an enumeration as a number. Where a number that a build does not know has another effect than none, the
//! build receives a similar one that it knows, and transcoders report the field as replaced:
//!
//! | enumeration | numbers that old builds misread | sent instead |
//! |---|---|---|
//! | [`LoginError`] | treated as a success | [`INVALID_LOGIN`](LoginError::INVALID_LOGIN) |
//! | [`Status`] | shown as another action before b504 | [`status`] |
//! | [`RankedStatus`] | shown as another status | [`ranked_status`] |
//! | [`Mode`] | no mania before b20121028 | [`mode`] |
//! | [`ScoringType`] | players are not ranked by ScoreV2 before b20151106 | [`scoring_type`] |
//! | [`QuitState`] | b20121224 has all; before, the packet has none | no packet, or one that fits |
//! | [`Completeness`] | decides which fields follow | the nearest one |
//!
//! Other enumerations are sent as they are. All builds with the field know all values of
//! [`Rank`](super::types::Rank), [`TeamType`](super::types::TeamType), [`SlotTeam`](super::types::SlotTeam),
//! [`MatchType`](super::types::MatchType) and [`PresenceFilter`](super::types::PresenceFilter). Clients ignore an unknown
//! [`ReplayAction`](super::types::ReplayAction), and unknown bits of [`Permissions`](super::types::Permissions) (but see
//! [`PermissionsAndMode`](super::forms::PermissionsAndMode)). Values that no build knows are not changed.

use super::dialect::Dialect;
use super::list::List;
use super::mode::Mode;
use super::overrides::PayloadOverrides;
use super::packet::{Encode, send_unchanged as frame};
use super::packets::server;
use super::types::{
    Completeness, LoginError, Match, QuitState, RankedStatus, ScoringType, Status, UserInfo, UserUpdate,
    Users,
};
use super::version::{UNFORMATTED_LINKS, Version};
use super::writer::FrameWriter;
use crate::wire::{Full, Sink};
use core::fmt;
use core::ops::Deref;

pub use super::links::{ConvertedLinks, Pieces, to_legacy as links_to_legacy, to_modern as links_to_modern};

/// Declares the builds at which the result of each downgrade rule changes: as constants for the rule, in a
/// module of its name, and as predicates for [`Layout`](super::packet::Layout). `with` names the rules that
/// the rule applies, and `by` another predicate on which its result depends.
macro_rules! builds_of_rules {
    ($($rule:ident { $($NAME:ident = $build:expr),* } $(with $($other:ident),+)? $(by $predicate:ident)?;)+) => {$(
        pub(crate) mod $rule {
            use crate::bancho::dialect::Predicate;

            $(pub(super) const $NAME: u32 = $build;)*

            /// Visits the predicates on which the rule depends.
            #[inline]
            pub(crate) fn visit_predicates(visit: &mut impl FnMut(Predicate)) {
                $(visit(Predicate::Since($NAME));)*
                $($(super::$other::visit_predicates(visit);)+)?
                $(visit(Predicate::$predicate);)?
            }
        }
    )+};
}

builds_of_rules! {
    total_score { CRASHES = 365, CRASHES_LATER = 504, FIXED = 659 };
    status { ALL = 504 };
    message { PRIVATE_MESSAGES = 294, CHANNELS = 320 };
    invite { INVITES = 1817 } with message;
    user_stats { PRESENCES = 1788 } with downgrade_user;
    downgrade_user { SIGNED_IDS = 1788 } with status, total_score;
    user_presence { TWO_PACKETS = 323, ONE_PACKET = 338, PRESENCES = 1788 } with user_stats;
    user_presence_single { IDS = 20121224 } with user_presence;
    user_presence_bundle { IDS = 20121224 } with user_presence;
    user_quit { IRC_BY_ID = 1788, STATES = 20121224 };
    match_packet { WIDE_IDS = 1796 };
    match_start { WITH_MATCH = 334 } with match_packet;
    title_update { NO_EMPTY_IMAGE = 1820, EMPTY_IMAGE = 20121221 };
    restart { RESTARTS = 1788 };
    match_score_update {} by Slots;
    match_player_failed {} by Slots;
    match_player_skipped {} by Slots;
}

/// The notification that replaces [`server::Restart`] from b291 to b1787.
pub const RESTART_NOTICE: &str = "Bancho is restarting, please wait...";

/// The notification for accounts that are not activated, from b20130801 on. These clients interpret
/// [`LoginError::USER_INACTIVE`] as a ban.
pub const INACTIVE_NOTICE: &str =
    "Your account is not yet activated. Please check your email for activation instructions!";

/// Limits a total score for versions that crash while they display the level of a higher one: to
/// 17,705,429,348 from b365 to b503, and to 26,931,190,827 from b504 to b658.
pub fn total_score<V: Dialect>(version: V, score: u64) -> u64 {
    const FROM_365: u64 = 17_705_429_348;
    const FROM_504: u64 = 26_931_190_827;
    // The score first: scores that no version crashes at do not depend on the version.
    if score <= FROM_365 || !version.since(total_score::CRASHES) || version.since(total_score::FIXED) {
        return score;
    }
    score.min(if version.since(total_score::CRASHES_LATER) { FROM_504 } else { FROM_365 })
}

/// Replaces a status that builds before b504 may not know. Only the first ten numbers are sent to them: the
/// later ones moved between b338 and b904, in an unknown build.
///
/// Paused becomes playing, lobby and multiplaying become multiplayer, and osu!direct becomes idle.
pub fn status<V: Dialect>(version: V, status: Status) -> Status {
    let downgraded = match status {
        Status::PAUSED => Status::PLAYING,
        Status::LOBBY | Status::MULTIPLAYING => Status::MULTIPLAYER,
        Status::OSU_DIRECT => Status::IDLE,
        other => return other,
    };
    if version.since(status::ALL) { status } else { downgraded }
}

/// Replaces a ranked status that a version does not know: qualified becomes approved before b20150826, and
/// loved before b20161101. (Before b388, a flag encodes only whether a beatmap is ranked.)
pub fn ranked_status<V: Dialect>(version: V, status: RankedStatus) -> RankedStatus {
    status.downgrade(version)
}

/// Replaces a mode that a version does not know: mania becomes osu! before b20121028.
pub fn mode<V: Dialect>(version: V, mode: Mode) -> Mode {
    mode.downgrade(version)
}

/// Replaces a scoring type that a version does not know: ScoreV2 becomes score before b20151106. (Without a rule, these
/// clients sort the players of a match by name.)
pub fn scoring_type<V: Dialect>(version: V, kind: ScoringType) -> ScoringType {
    kind.downgrade(version)
}

/// Formats a link for the chat of a version: `[url text]` from b20121225 on, `(text)[url]` before.
///
/// ```
/// use lobbywire_core::bancho::{Version, compat::chat_link};
///
/// let link = |build| chat_link(Version::from_build(build), "osu!", "https://osu.ppy.sh").to_string();
/// assert_eq!(link(20130801), "[https://osu.ppy.sh osu!]");
/// assert_eq!(link(394), "(osu!)[https://osu.ppy.sh]");
/// ```
pub fn chat_link<'t, V: Dialect>(version: V, text: &'t str, url: &'t str) -> ChatLink<'t> {
    ChatLink { text, url, is_modern: version.since(UNFORMATTED_LINKS) }
}

/// A link in the format of a version; see [`chat_link`].
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

/// Sends a message if the version can display it. Versions before b294 display only messages in `#osu` and
/// `#announce`, and versions before b320 also private messages.
pub(crate) fn message<V: Dialect, O: PayloadOverrides>(
    packet: &server::Message<'_>,
    out: &mut FrameWriter<'_, V, O>,
) -> Result<usize, Full> {
    let version = out.version();
    // The autojoin channels are the same in all versions.
    let is_shown = version.since(message::CHANNELS)
        || Version::OLDEST.autojoin_channels().contains(&packet.target)
        || (packet.is_direct_message() && version.since(message::PRIVATE_MESSAGES));
    if is_shown { frame(packet, out) } else { Ok(0) }
}

/// Sends an invitation; before b1817, a chat message with its text.
pub(crate) fn invite<V: Dialect, O: PayloadOverrides>(
    packet: &server::Invite<'_>,
    out: &mut FrameWriter<'_, V, O>,
) -> Result<usize, Full> {
    if out.version().since(invite::INVITES) {
        frame(packet, out)
    } else {
        server::Message(packet.0).send(out)
    }
}

/// Sends stats; before b1788, only the name of an IRC user.
pub(crate) fn user_stats<V: Dialect, O: PayloadOverrides>(
    packet: &server::UserStats<'_>,
    out: &mut FrameWriter<'_, V, O>,
) -> Result<usize, Full> {
    if packet.presence.is_irc && !out.version().since(user_stats::PRESENCES) {
        return frame(&server::IrcJoin(packet.name), out);
    }
    match downgrade_user(out.version(), &packet.info) {
        None => frame(packet, out),
        Some(info) => changed_frame(&server::UserStats(UserUpdate { info, ..packet.0 }), out),
    }
}

/// Sends a presence; before b1788, full stats instead (from b323 to b337 in two packets), or only the name of
/// an IRC user.
pub(crate) fn user_presence<V: Dialect, O: PayloadOverrides>(
    packet: &server::UserPresence<'_>,
    out: &mut FrameWriter<'_, V, O>,
) -> Result<usize, Full> {
    let version = out.version();
    if version.since(user_presence::PRESENCES) {
        return match downgrade_user(version, packet) {
            None => frame(packet, out),
            Some(info) => changed_frame(&server::UserPresence(info), out),
        };
    }
    let mut update = UserUpdate { completeness: Completeness::FULL, ..packet.0.into() };
    if !version.since(user_presence::TWO_PACKETS)
        || version.since(user_presence::ONE_PACKET)
        || packet.presence.is_irc
    {
        return server::UserStats(update).send(out);
    }
    // The client reads the stats and the status of a user from separate packets.
    update.info.status.update_stats = true;
    let first = server::UserStats(update).send(out)?;
    update.info.status.update_stats = false;
    update.completeness = Completeness::STATUS_ONLY;
    let second = server::UserStats(update).send(out)?;
    Ok(first.saturating_add(second))
}

/// Sends an id; before b20121224, the presence.
pub(crate) fn user_presence_single<V: Dialect, O: PayloadOverrides>(
    packet: &server::UserPresenceSingle<'_>,
    out: &mut FrameWriter<'_, V, O>,
) -> Result<usize, Full> {
    if !out.version().since(user_presence_single::IDS) {
        return server::UserPresence(packet.0).send(out);
    }
    let id = packet.signed_id();
    frame(&server::UserPresenceSingle(UserInfo { id, ..packet.0 }), out)
}

/// Sends ids; before b20121224, the presences, if the packet contains them.
pub(crate) fn user_presence_bundle<V: Dialect, O: PayloadOverrides>(
    packet: &server::UserPresenceBundle<'_>,
    out: &mut FrameWriter<'_, V, O>,
) -> Result<usize, Full> {
    if out.version().since(user_presence_bundle::IDS) {
        return frame(packet, out);
    }
    let infos = match packet.0 {
        Users::Infos(infos) => infos,
        Users::Ids(_) => List::default(),
    };
    let mut frames = 0usize;
    for info in infos {
        frames = frames.saturating_add(server::UserPresence(info).send(out)?);
    }
    Ok(frames)
}

/// Sends that a user left, if the version distinguishes the user's states before and after.
pub(crate) fn user_quit<V: Dialect, O: PayloadOverrides>(
    packet: &server::UserQuit<'_>,
    out: &mut FrameWriter<'_, V, O>,
) -> Result<usize, Full> {
    let version = out.version();
    let is_irc = packet.info.presence.is_irc;
    if !version.since(user_quit::STATES) {
        // IRC users have no id before b1788, and a negative one from then on.
        match packet.state {
            QuitState::IRC_REMAINING => {}
            _ if is_irc && !version.since(user_quit::IRC_BY_ID) => {
                return frame(&server::IrcQuit(packet.info.name), out);
            }
            QuitState::OSU_REMAINING if !is_irc => return Ok(0),
            _ => {}
        }
    }
    if !version.since(user_quit::IRC_BY_ID) {
        return frame(packet, out);
    }
    let info = UserInfo { id: packet.info.signed_id(), ..packet.info };
    frame(&server::UserQuit(super::types::UserQuit { info, ..packet.0 }), out)
}

/// Sends a match, or nothing before b1796 if its id is above 255.
pub(crate) fn match_packet<'a, P, V, O>(packet: &P, out: &mut FrameWriter<'_, V, O>) -> Result<usize, Full>
where
    P: Encode + Deref<Target = Match<'a>>,
    V: Dialect,
    O: PayloadOverrides,
{
    let is_too_high = u8::try_from(packet.id).is_err();
    if is_too_high && !out.version().since(match_packet::WIDE_IDS) { Ok(0) } else { frame(packet, out) }
}

/// Sends that a match starts; before b334, without the match.
pub(crate) fn match_start<V: Dialect, O: PayloadOverrides>(
    packet: &server::MatchStart<'_>,
    out: &mut FrameWriter<'_, V, O>,
) -> Result<usize, Full> {
    if out.version().since(match_start::WITH_MATCH) { match_packet(packet, out) } else { frame(packet, out) }
}

/// Sends a player's score, or nothing if the client has no such slot.
pub(crate) fn match_score_update<V: Dialect, O: PayloadOverrides>(
    packet: &server::MatchScoreUpdate<'_>,
    out: &mut FrameWriter<'_, V, O>,
) -> Result<usize, Full> {
    slot_frame(packet, packet.id.into(), out)
}

/// Sends that a player has failed, or nothing if the client has no such slot.
pub(crate) fn match_player_failed<V: Dialect, O: PayloadOverrides>(
    packet: &server::MatchPlayerFailed,
    out: &mut FrameWriter<'_, V, O>,
) -> Result<usize, Full> {
    slot_frame(packet, packet.0.into(), out)
}

/// Sends that a player wants to skip, or nothing if the client has no such slot.
pub(crate) fn match_player_skipped<V: Dialect, O: PayloadOverrides>(
    packet: &server::MatchPlayerSkipped,
    out: &mut FrameWriter<'_, V, O>,
) -> Result<usize, Full> {
    slot_frame(packet, packet.0.into(), out)
}

/// Sends a packet about the player in the slot `index`.
#[inline(always)]
fn slot_frame<V: Dialect, O: PayloadOverrides>(
    packet: &impl Encode,
    index: i64,
    out: &mut FrameWriter<'_, V, O>,
) -> Result<usize, Full> {
    if out.version().has_slot(index) { frame(packet, out) } else { Ok(0) }
}

/// Sends a menu image. The versions from b1820 to b20121220 cannot represent an empty one and receive
/// nothing.
pub(crate) fn title_update<V: Dialect, O: PayloadOverrides>(
    packet: &server::TitleUpdate<'_>,
    out: &mut FrameWriter<'_, V, O>,
) -> Result<usize, Full> {
    let version = out.version();
    let accepts_empty =
        !version.since(title_update::NO_EMPTY_IMAGE) || version.since(title_update::EMPTY_IMAGE);
    if packet.image_url.is_empty() && !accepts_empty { Ok(0) } else { frame(packet, out) }
}

/// Sends a restart; before b1788, a notification.
pub(crate) fn restart<V: Dialect, O: PayloadOverrides>(
    packet: &server::Restart,
    out: &mut FrameWriter<'_, V, O>,
) -> Result<usize, Full> {
    if out.version().since(restart::RESTARTS) {
        frame(packet, out)
    } else {
        frame(&server::Announce(RESTART_NOTICE), out)
    }
}

/// [`frame`] for a downgraded packet. It is outlined, because otherwise the compiler selects each field of the
/// original and the downgraded packet separately.
#[inline(never)]
fn changed_frame<V: Dialect, O: PayloadOverrides>(
    packet: &impl Encode,
    out: &mut FrameWriter<'_, V, O>,
) -> Result<usize, Full> {
    frame(packet, out)
}

/// Returns the user with values that the version accepts, or `None` if all are unchanged.
#[inline]
fn downgrade_user<'a, V: Dialect>(version: V, info: &UserInfo<'a>) -> Option<UserInfo<'a>> {
    if version.since(downgrade_user::SIGNED_IDS) {
        // Most users are not IRC users and need no copy.
        let id = info.signed_id();
        return if id == info.id { None } else { Some(UserInfo { id, ..*info }) };
    }
    let mut user = *info;
    user.status.action = status(version, info.status.action);
    user.stats.tscore = total_score(version, info.stats.tscore);
    Some(user)
}

/// Sends the reply to a failed login.
///
/// Builds from b20130801 on interpret [`LoginError::USER_INACTIVE`] as a ban. They receive a notification
/// and [`LoginError::INVALID_LOGIN`] instead. A [`LoginReply`](server::LoginReply) with the same number is sent
/// without a notification.
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

    fn first_unrepresentable<V: Dialect>(&self, version: V) -> Option<&'static str> {
        server::LoginReply(self.0).first_unrepresentable(version)
    }

    fn send<V: Dialect, O: PayloadOverrides>(&self, out: &mut FrameWriter<'_, V, O>) -> Result<usize, Full> {
        if *self != Self::USER_INACTIVE || !out.version().since(20130801) {
            return frame(&server::LoginReply(self.0), out);
        }
        let notice = frame(&server::Announce(INACTIVE_NOTICE), out)?;
        let reply = frame(&server::LoginReply(Self::INVALID_LOGIN.0), out)?;
        Ok(notice.saturating_add(reply))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bancho::types::{
        ReplayFrameBundle, ScoreFrame, UserPresence, UserQuit, UserStats, UserStatus,
    };
    use crate::bancho::{Frames, Side, Transcoder, Version, WriteError};
    use std::vec;
    use std::vec::Vec;

    /// Returns the wire ids and payloads of the frames that are sent for a packet.
    fn sent(build: u32, packet: &impl Encode) -> Vec<(u16, Vec<u8>)> {
        let (version, mut buffer) = (Version::from_build(build), vec![0; 4096]);
        let mut out = FrameWriter::new(version, &mut buffer).uncompressed();
        let count = out.write(packet).unwrap();
        let frames: Vec<_> = Frames::new(version, Side::Server, out.written())
            .map(|frame| frame.map(|frame| (frame.wire_id, frame.body.to_vec())).unwrap())
            .collect();
        assert_eq!(frames.len(), count);
        frames
    }

    fn ids(build: u32, packet: &impl Encode) -> Vec<u16> {
        sent(build, packet).into_iter().map(|(id, _)| id).collect()
    }

    fn user(is_irc: bool) -> UserInfo<'static> {
        let presence = UserPresence { is_irc, ..UserPresence::default() };
        UserInfo { id: 7, name: "nick", presence, ..UserInfo::default() }
    }

    #[test]
    fn scores_are_capped_where_the_level_display_crashes() {
        let downgraded =
            [364, 365, 503, 504, 658, 659].map(|build| total_score(Version::from_build(build), u64::MAX));
        let (first, second) = (17_705_429_348, 26_931_190_827);
        assert_eq!(downgraded, [u64::MAX, first, first, second, second, u64::MAX]);
        let info = UserInfo { stats: UserStats { tscore: u64::MAX, ..UserStats::default() }, ..user(false) };
        let [(_, payload)] = &sent(400, &server::UserStats::from(info))[..] else { panic!() };
        assert!(payload.windows(8).any(|bytes| bytes == first.to_le_bytes()));
    }

    #[test]
    fn statuses_with_other_numbers_in_old_clients_are_replaced() {
        let downgraded = |build, action| status(Version::from_build(build), Status(action)).0;
        assert_eq!([9, 10, 11, 12, 13, 14].map(|action| downgraded(503, action)), [9, 2, 5, 5, 0, 14]);
        assert_eq!([10, 11, 12, 13].map(|action| downgraded(504, action)), [10, 11, 12, 13]);
        let info = UserInfo {
            status: UserStatus { action: Status::PAUSED, ..UserStatus::default() },
            ..user(false)
        };
        let [(_, payload)] = &sent(400, &server::UserStats::from(info))[..] else { panic!() };
        assert_eq!(payload[5], Status::PLAYING.0);
    }

    #[test]
    fn unknown_ranked_statuses_are_replaced() {
        let downgraded = |build| {
            [RankedStatus::QUALIFIED, RankedStatus::LOVED]
                .map(|status| ranked_status(Version::from_build(build), status).0)
        };
        assert_eq!([388, 20121028, 20150826, 20161101].map(downgraded), [[2, 2], [2, 2], [3, 2], [3, 4]]);
    }

    #[test]
    fn presences_become_stats_or_names_of_irc_users() {
        let presence = |is_irc| server::UserPresence(user(is_irc));
        assert_eq!(
            [400, 1787, 1788].map(|build| ids(build, &presence(false))),
            [vec![12], vec![12], vec![83]]
        );
        assert_eq!(sent(400, &presence(true)), [(11, b"\x0b\x04nick".to_vec())]);
        assert_eq!(sent(20130801, &presence(true))[0].1[..4], (-7i32).to_le_bytes());
        assert_eq!(ids(400, &server::UserPresenceSingle(user(false))), [12]);
        assert_eq!(
            sent(20121224, &server::UserPresenceSingle(user(true))),
            [(95, (-7i32).to_le_bytes().to_vec())]
        );
        let users = [user(false), user(true)];
        let bundle = server::UserPresenceBundle(users[..].into());
        assert_eq!(ids(400, &bundle), [12, 11]);
        assert_eq!(ids(20121223, &bundle), [83, 83]);
        assert_eq!(sent(20121224, &bundle), [(96, b"\x02\0\x07\0\0\0\xf9\xff\xff\xff".to_vec())]);
        assert_eq!(ids(400, &server::UserPresenceBundle(Users::Ids((&[7][..]).into()))), []);
    }

    #[test]
    fn quits_match_the_states_that_the_version_knows() {
        let quit =
            |is_irc, state| server::UserQuit(UserQuit { info: user(is_irc), state, ..Default::default() });
        let (gone, osu, irc) = (QuitState::GONE, QuitState::OSU_REMAINING, QuitState::IRC_REMAINING);
        assert_eq!([gone, osu, irc].map(|state| ids(400, &quit(false, state))), [vec![13], vec![], vec![13]]);
        assert_eq!(
            [gone, osu, irc].map(|state| ids(400, &quit(true, state))),
            [vec![10], vec![10], vec![13]]
        );
        assert_eq!(
            [gone, osu, irc].map(|state| ids(1800, &quit(true, state))),
            [vec![12], vec![12], vec![12]]
        );
        assert_eq!(sent(20121224, &quit(true, osu)), [(12, b"\xf9\xff\xff\xff\x01".to_vec())]);
    }

    #[test]
    fn messages_are_sent_if_the_version_displays_them() {
        let to = |target| server::Message::new("a", "hi", target);
        let shown =
            |build| ["#osu", "#announce", "#lobby", "nick"].map(|target| out_count(build, &to(target)));
        assert_eq!([334, 320].map(shown), [[1; 4]; 2]);
        assert_eq!(shown(319), [1, 1, 0, 1]);
        assert_eq!(shown(293), [1, 1, 0, 0]);
        assert_eq!([1816, 1817].map(|build| ids(build, &server::Invite(to("#osu").0))), [[7], [88]]);
    }

    fn out_count(build: u32, packet: &impl Encode) -> usize {
        FrameWriter::new(Version::from_build(build), &mut [0; 256]).write(packet).unwrap()
    }

    #[test]
    fn restarts_titles_and_matches_are_replaced_or_dropped() {
        assert_eq!([290, 291, 1787, 1788].map(|build| out_count(build, &server::Restart(1))), [0, 1, 1, 1]);
        assert_eq!([1787, 1788].map(|build| ids(build, &server::Restart(1))), [[25], [86]]);
        let none = server::TitleUpdate::default();
        assert_eq!([1819, 1820, 20121220, 20121221].map(|build| out_count(build, &none)), [1, 0, 0, 1]);
        let game = |id| Match { id, ..Match::default() };
        assert_eq!([255, 256].map(|id| out_count(1795, &server::MatchUpdate(game(id)))), [1, 0]);
        assert_eq!(out_count(1796, &server::MatchUpdate(game(256))), 1);
        assert_eq!([320, 334].map(|build| out_count(build, &server::MatchStart(game(256)))), [1, 0]);
    }

    #[test]
    fn an_inactive_account_is_not_a_ban() {
        assert_eq!(ids(20130800, &LoginError::USER_INACTIVE), [5]);
        let frames = sent(20130801, &LoginError::USER_INACTIVE);
        assert_eq!(frames[1], (5, (-1i32).to_le_bytes().to_vec()));
        assert_eq!(frames[0].0, 24);
        assert_eq!(sent(20130801, &server::LoginReply(-4)), [(5, (-4i32).to_le_bytes().to_vec())]);
    }

    #[test]
    fn links_are_formatted_for_the_version() {
        let message = server::Message::new("a", "[http://x y]", "#osu");
        assert!(sent(20121224, &message)[0].1.windows(13).any(|bytes| bytes == b"(y)[http://x]"));
        assert!(sent(20121225, &message)[0].1.windows(12).any(|bytes| bytes == b"[http://x y]"));
    }

    #[test]
    fn packets_about_a_slot_that_the_client_lacks_are_not_sent() {
        fn check(version: Version, packet: &(impl Encode + fmt::Debug), field: Option<&'static str>) {
            let mut buffer = [0; 256];
            let mut out = FrameWriter::new(version, &mut buffer);
            assert_eq!(out.write(packet), Ok(usize::from(field.is_none())), "{packet:?}");
            let packet_name = packet.packet_info().name;
            let refused = |field| Err(WriteError::Unrepresentable { packet: packet_name, field });
            assert_eq!(out.write_strict(packet), field.map_or(Ok(()), refused), "{packet:?}");
        }
        let score = |id| server::MatchScoreUpdate(ScoreFrame { id, ..ScoreFrame::default() });
        for (build, slots) in [(312, 8), (20150914, 8), (20150915, 16)] {
            let version = Version::from_build(build);
            check(version, &score(slots - 1), None);
            check(version, &score(slots), Some("id"));
            check(version.with_slots(5), &score(5), Some("id"));
        }
        for (build, slots) in [(1365, 8), (20150915, 16)] {
            let version = Version::from_build(build);
            check(version, &server::MatchPlayerFailed(slots - 1), None);
            check(version, &server::MatchPlayerFailed(-1), None);
            check(version, &server::MatchPlayerFailed(slots), Some(""));
            check(version, &server::MatchPlayerSkipped(slots.unsigned_abs() - 1), None);
            check(version, &server::MatchPlayerSkipped(slots.unsigned_abs()), Some(""));
        }
        // The score of a watched play names no slot.
        let frame = Some(ScoreFrame { id: 200, ..ScoreFrame::default() });
        check(
            Version::LATEST,
            &server::SpectateFrames(ReplayFrameBundle { frame, ..Default::default() }),
            None,
        );
    }

    #[test]
    fn frames_that_name_a_slot_are_copied_between_versions_with_equally_many_slots() {
        let transcoder =
            |from, to| Transcoder::new(Side::Server, Version::from_build(from), Version::from_build(to));
        for id in [48, 57, 81] {
            assert!(transcoder(20151106, 20161101).is_copied(id), "{id}");
            assert!(!transcoder(20151106, 20130801).is_copied(id), "{id}");
        }
        let mut buffer = [0; 64];
        let mut out = FrameWriter::new(Version::from_build(20130801), &mut buffer);
        let mut report = |_| ();
        let failed = 9i32.to_le_bytes();
        assert_eq!(transcoder(20161101, 20130801).packet(57, &failed, &mut out, &mut report), Ok(0));
        assert!(transcoder(20161101, 20130801).strict(57, &failed, &mut out).is_err());
    }

    #[test]
    fn chat_links_can_be_sent_as_they_are() {
        let version = Version::from_build(394).with_chat_links_as_they_are();
        let message = server::Message::new("a", "[http://x y]", "#osu");
        let mut buffer = [0; 64];
        let mut out = FrameWriter::new(version, &mut buffer);
        out.write_strict(&message).unwrap();
        assert!(out.written().windows(12).any(|bytes| bytes == b"[http://x y]"));
        assert_eq!(Version::LATEST.with_chat_links_as_they_are(), Version::LATEST);
    }
}
