//! Users: presence, permissions and stats.

use super::status::{UserStatus, UserStatusLayout};
use crate::bancho::country::{country, country_by_name};
use crate::bancho::dialect::Dialect;
use crate::bancho::forms::{F32, F64, ListU16, Omitted, S16, S32, Str, U8, U16, U32, U64, downgraded_form};
#[cfg(feature = "serde")]
use crate::bancho::json::{SerializeJson, SerializeJsonFields, serialize, serialize_all, serialize_fields};
use crate::bancho::layout::{Context, Form, PairForm, fields, layout};
use crate::bancho::list::{List, element};
use crate::bancho::mode::{Mode, ModeByte};
use crate::bancho::number::{flags, open_enum};
use crate::declarations::NonExhaustive;
use crate::wire::{
    Fault, Full, Observer, Reader, Sink, Value, parse, split_once, write_text, write_text_parts,
};
use core::fmt;
use core::ops::{Deref, DerefMut};

flags! {
    /// The permissions of a user.
    Permissions: u32 {
        /// May play and chat.
        REGULAR = 0 Regular,
        /// Beatmap appreciation team.
        BAT = 1 BAT,
        /// Supporter.
        SUPPORTER = 2 Supporter,
        /// Friend. In packets about the receiver itself, moderator.
        FRIEND = 3 Friend,
        /// peppy, or a developer.
        PEPPY = 4 Peppy,
        /// Tournament staff. A presence cannot hold it from b20121203 on.
        TOURNAMENT = 5 Tournament,
    }
}

open_enum! {
    /// Why a login failed: the negative numbers of [`LoginReply`](crate::bancho::server::LoginReply).
    ///
    /// Clients treat codes that they do not know as a success, so writers replace these by
    /// [`INVALID_LOGIN`](Self::INVALID_LOGIN): codes below −2 before b591, below −3 before b1183, and below −4 before
    /// b1788. (Clients know them since b590, b1150 and b1700, which have no layouts of their own.)
    LoginError: i32 {
        /// Wrong name or password; every build knows it.
        INVALID_LOGIN = -1 InvalidLogin,
        /// The client is too old; every build knows it.
        INVALID_VERSION = -2 InvalidVersion,
        /// Banned.
        USER_BANNED = -3 UserBanned,
        /// Not activated; builds from b20130801 on treat it as banned.
        USER_INACTIVE = -4 UserInactive,
        /// An error of the server.
        SERVER_ERROR = -5 ServerError,
        /// A test build, and the user is no supporter.
        UNAUTHORIZED_TEST_BUILD = -6 UnauthorizedTestBuild,
        /// The password has to be reset.
        PASSWORD_RESET = -7 PasswordReset,
        /// The login has to be verified on a web page, which the client opens.
        VERIFICATION_REQUIRED = -8 VerificationRequired,
    }
}

impl LoginError {
    /// The first layouts all of whose builds know a code below −2, below −3 and below −4.
    const KNOWN_SINCE: [u32; 3] = [591, 1183, 1788];

    /// Returns the code that a version receives instead of one that it does not know.
    pub(crate) fn downgrade<V: Dialect>(self, version: V) -> Self {
        let [banned, inactive, others] = Self::KNOWN_SINCE;
        let is_known = match self.0 {
            -2.. => true,
            -3 => version.since(banned),
            -4 => version.since(inactive),
            _ => version.since(others),
        };
        if is_known { self } else { Self::INVALID_LOGIN }
    }
}

downgraded_form! {
    /// Four bytes, signed: a user id, or a [`LoginError`]. Writers replace an error that the version does not know.
    LoginResult as S32 for i32, |code, version| LoginError(code).downgrade(version).0, known since LoginError::KNOWN_SINCE
}

open_enum! {
    /// Which connections of a user remain after one of them quits.
    #[derive(Default)]
    QuitState: u8 {
        /// None.
        GONE = 0 Gone,
        /// The game; the IRC connection quit.
        OSU_REMAINING = 1 OsuRemaining,
        /// The IRC connection; the game quit.
        IRC_REMAINING = 2 IrcRemaining,
    }
}

open_enum! {
    /// Whose presence a client wants to receive.
    #[derive(Default)]
    PresenceFilter: i32 {
        /// No one's.
        NO_PLAYERS = 0 NoPlayers,
        /// Every player's.
        ALL = 1 All,
        /// Friends'.
        FRIENDS = 2 Friends,
    }
}

open_enum! {
    /// Which fields a stats packet carries, from b323 to b1787.
    Completeness: u8 {
        /// Only the status.
        STATUS_ONLY = 0 StatusOnly,
        /// Status and stats.
        STATISTICS = 1 Statistics,
        /// Everything, including the name and the location.
        FULL = 2 Full,
    }
}

open_enum! {
    /// The kind of a user's avatar file, from b1788 to b20121202.
    #[derive(Default)]
    AvatarExtension: u8 {
        /// No avatar.
        EMPTY = 0 Empty,
        /// A PNG.
        PNG = 1 Png,
        /// A JPEG.
        JPG = 2 Jpg,
    }
}

/// A user's avatar, which builds before b20121203 receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
pub enum Avatar<'a> {
    /// A file with the usual name, `<id>_000.png`, or the same with this extension.
    Extension(AvatarExtension),
    /// A file with another name. Only builds before b1788 can receive it.
    File(&'a str),
}

impl Default for Avatar<'_> {
    #[inline(always)]
    fn default() -> Self {
        Self::Extension(AvatarExtension::PNG)
    }
}

#[cfg(feature = "serde")]
impl SerializeJson for Avatar<'_> {
    fn serialize_json<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Extension(extension) => extension.serialize_json(serializer),
            Self::File(name) => name.serialize_json(serializer),
        }
    }
}

#[cfg(feature = "serde")]
serialize!(Avatar<'a>);

fields! { __UserPresence =>
    /// The location and the permissions of a user.
    struct UserPresence<'a> {
        /// Whether the user is connected through IRC. Before b1788 such a user is only a name; from then on it is a
        /// user with a negative id.
        is_irc: bool = false,
        /// The offset from UTC in hours, positive if the clock is ahead; −24 to 231 on the wire.
        timezone: i16 = 0,
        /// The country, an index into [`COUNTRIES`](crate::bancho::COUNTRIES). Before b1796 it is encoded as text; a
        /// text without a known country decodes to 255, with the text as the city.
        country_index: u8 = 0,
        /// The permissions.
        permissions: Permissions = Permissions::REGULAR,
        /// Degrees east.
        longitude: f32 = 0.0,
        /// Degrees north.
        latitude: f32 = 0.0,
        /// The city, for builds before b20121203.
        city: &'a str = "",
        /// The avatar, for builds before b20121203.
        avatar: Avatar<'a> = Avatar::Extension(AvatarExtension::PNG) => optional,
    }
}

fields! { __UserStats =>
    /// The stats of a user in one game mode.
    struct UserStats {
        /// The global rank. Before b695 at most 65,535.
        rank: i64 = 0,
        /// The ranked score.
        rscore: u64 = 0,
        /// The total score. Builds from b365 to b658 crash above a limit, to which the
        /// [`FrameWriter`](crate::bancho::FrameWriter) reduces it.
        tscore: u64 = 0,
        /// The accuracy, 0.0 to 1.0; single precision from b323 on.
        accuracy: f64 = 0.0,
        /// The number of plays.
        playcount: u32 = 0,
        /// Performance points, from b20120723 on; at most 32,767, or 65,535 from b20250306 on.
        pp: i32 = 0,
    }
}

fields! { __UserInfo =>
    /// A user, with every field that a version has.
    struct UserInfo<'a> {
        /// The user id.
        id: i32 = 0,
        /// The name.
        name: &'a str = "",
        /// The location and the permissions.
        presence: UserPresence<'a> = UserPresence::default(),
        /// What the user is doing.
        status: UserStatus<'a> = UserStatus::default(),
        /// The stats.
        stats: UserStats = UserStats::default(),
    }
}

impl UserInfo<'_> {
    /// The id of the user for builds from b1788 on: negative for IRC users.
    pub fn signed_id(&self) -> i32 {
        if self.presence.is_irc && self.id > 0 { self.id.saturating_neg() } else { self.id }
    }
}

/// A user's stats packet.
#[derive(Clone, Copy, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct UserUpdate<'a> {
    #[doc(hidden)]
    pub _non_exhaustive: NonExhaustive,
    /// The user.
    pub info: UserInfo<'a>,
    /// Which fields the packet carries, from b323 to b1787. Other versions have one form.
    ///
    /// Builds before b338 only have the full form and the status alone. For them, [`Completeness::STATISTICS`] is
    /// full if the stats have changed (`update_stats`), as in chio.
    pub completeness: Completeness,
}

impl fmt::Debug for UserUpdate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { info, completeness, .. } = self;
        f.debug_struct("UserUpdate").field("info", info).field("completeness", completeness).finish()
    }
}

impl Default for UserUpdate<'_> {
    #[inline(always)]
    fn default() -> Self {
        UserInfo::default().into()
    }
}

impl<'a> From<UserInfo<'a>> for UserUpdate<'a> {
    #[inline(always)]
    fn from(info: UserInfo<'a>) -> Self {
        Self { _non_exhaustive: NonExhaustive::MARKER, info, completeness: Completeness::STATISTICS }
    }
}

impl<'a> Deref for UserUpdate<'a> {
    type Target = UserInfo<'a>;

    #[inline(always)]
    fn deref(&self) -> &UserInfo<'a> {
        &self.info
    }
}

impl DerefMut for UserUpdate<'_> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.info
    }
}

#[cfg(feature = "serde")]
impl SerializeJsonFields for UserUpdate<'_> {
    fn serialize_fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.info.serialize_fields(map)?;
        if self.completeness == Completeness::STATISTICS {
            return Ok(());
        }
        map.serialize_entry("completeness", &self.completeness)
    }
}

#[cfg(feature = "serde")]
serialize_fields!(UserUpdate<'a>);

impl UserUpdate<'_> {
    /// Whether the packet carries the name and the location.
    #[inline(always)]
    fn is_full<V: Dialect>(&self, cx: Context<V>) -> bool {
        if cx.since(338) { self.completeness >= Completeness::FULL } else { self.is_full_before_338(cx) }
    }

    #[inline(always)]
    fn is_full_before_338<V: Dialect>(&self, cx: Context<V>) -> bool {
        !cx.since(323) || FullFlag::holds(self.completeness, self.info.status.update_stats)
    }

    /// Whether the packet carries the stats.
    #[inline(always)]
    fn has_statistics<V: Dialect>(&self, cx: Context<V>) -> bool {
        if cx.since(1788) {
            true
        } else if cx.since(338) {
            self.completeness >= Completeness::STATISTICS
        } else {
            self.is_full_before_338(cx)
        }
    }
}

layout! {
    /// A [`UserUpdate`] on the wire: the stats packet, which before b1788 is also the presence.
    UserUpdateLayout for UserUpdate<'a> {
        id => S32 since 282;
        completeness => Omitted since 1788, U8 since 338, Omitted since 282;
        (completeness, status.update_stats) => Omitted since 338, FullFlag since 323;
        status => UserStatusLayout since 338, Omitted since 282;
        name => Omitted since 338, Str since 282 part is_full;
        fixed_group {
            stats.rscore => U64 since 282 part has_statistics;
            stats.accuracy => F32 since 323, F64 since 282 part has_statistics;
            stats.playcount => U32 since 282 part has_statistics;
            stats.tscore => U64 since 282 part has_statistics;
            stats.rank => U32 since 695, U16 since 338, U32 since 282 part has_statistics;
            stats.pp => U16 since 20250306, S16 since 20120723 protocol 8;
        }
        name => Omitted since 1788, Str since 338, Omitted since 282 part is_full;
        (id, presence.avatar) => Omitted since 1788, AvatarFile since 282 part is_full;
        status => Omitted since 323, UserStatusLayout since 282;
        presence.timezone => Omitted since 1788, HoursPlus24 since 282 part is_full;
        (presence.country_index, presence.city) => Omitted since 1788, CountryText since 282 part is_full;
        status => Omitted since 338, UserStatusLayout since 323, Omitted since 282;
        presence.permissions => Omitted since 1788, U8 since 452 part is_full;
        presence.longitude => Omitted since 1788, F32 since 1183 protocol 5 part is_full;
        presence.latitude => Omitted since 1788, F32 since 1183 protocol 5 part is_full;
    }
}

layout! {
    /// A [`UserInfo`] as presence, from b1788 on. Before, a full stats packet is sent instead.
    PresenceLayout for UserInfo<'a> {
        (id, presence.is_irc) => SignedId since 1788;
        name => Str since 1788;
        presence.avatar => Omitted since 20121203, AvatarByte since 1788;
        fixed_group {
            presence.timezone => HoursPlus24 since 1788;
            (presence.country_index, presence.city) => Omitted since 1796, CountryText since 1788;
            presence.country_index => U8 since 1796, Omitted since 1788;
            presence.city => Omitted since 20121203, Str since 1796, Omitted since 1788;
            (presence.permissions, status.mode) => PermissionsAndMode since 20121203;
            presence.permissions => Omitted since 20121203, U8 since 1788;
            presence.longitude => F32 since 1788;
            presence.latitude => F32 since 1788;
            stats.rank => S32 since 20121203, S32 since 1797 protocol 7;
        }
        status.mode => Omitted since 20121203, ModeByte since 20120806 protocol 10;
    }
}

layout! {
    /// Only the id of a [`UserInfo`].
    UserIdLayout for UserInfo<'a> {
        id => S32 since 282;
    }
}

element!(UserInfo<'a> as UserIdLayout, least 4, each 4, from_owned user_info);

fields! { __UserQuit =>
    /// A user who quits.
    struct UserQuit<'a> {
        /// The user. Old versions need the name or more of an IRC user.
        info: UserInfo<'a> = UserInfo::default(),
        /// The connections that remain, from b20121224 on.
        state: QuitState = QuitState::GONE,
    }
}

layout! {
    /// A [`UserQuit`] on the wire.
    UserQuitLayout for UserQuit<'a> {
        info => UserIdLayout since 282;
        state => U8 since 20121224;
    }
}

/// Several users: their ids, or the whole users for versions that need them.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
pub enum Users<'a> {
    /// Only the ids, which is what decoding returns. Versions before b20121224 cannot receive them.
    Ids(List<'a, i32>),
    /// The users.
    Infos(List<'a, UserInfo<'a>>),
}

impl<'a> Users<'a> {
    /// The number of users.
    pub fn len(&self) -> usize {
        match self {
            Self::Ids(ids) => ids.len(),
            Self::Infos(infos) => infos.len(),
        }
    }

    /// Whether there are no users.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The ids, negative for IRC users.
    pub fn ids(&self) -> impl Iterator<Item = i32> + Clone + use<'a> {
        let (ids, infos) = match *self {
            Self::Ids(ids) => (ids, List::default()),
            Self::Infos(infos) => (List::default(), infos),
        };
        ids.iter().chain(infos.iter().map(|info| info.signed_id()))
    }
}

impl Default for Users<'_> {
    #[inline(always)]
    fn default() -> Self {
        Self::Ids(List::default())
    }
}

impl<'a> From<&'a [UserInfo<'a>]> for Users<'a> {
    fn from(infos: &'a [UserInfo<'a>]) -> Self {
        Self::Infos(infos.into())
    }
}

#[cfg(feature = "serde")]
impl SerializeJson for Users<'_> {
    fn serialize_json<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// A user with nothing but an id.
        struct Id(i32);

        impl SerializeJson for Id {
            fn serialize_json<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeMap;

                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("id", &self.0)?;
                map.end()
            }
        }

        match self {
            Self::Ids(ids) => serialize_all(ids.iter().map(Id), serializer),
            Self::Infos(infos) => infos.serialize_json(serializer),
        }
    }
}

#[cfg(feature = "serde")]
serialize!(Users<'a>);

/// A count of two bytes, then the ids of the users.
#[derive(Clone, Copy, Debug)]
pub struct UsersLayout;

impl<'a> Form<'a, Users<'a>> for UsersLayout {
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        cx: Context<V>,
        into: &mut Users<'a>,
    ) -> Result<(), Fault> {
        let mut ids = List::default();
        ListU16::read(r, cx, &mut ids)?;
        *into = Users::Ids(ids);
        Ok(())
    }

    fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, value: &Users<'a>) -> Result<(), Full> {
        let len = u16::try_from(value.len()).unwrap_or(u16::MAX);
        out.put_array(len.to_le_bytes())?;
        for id in value.ids().take(usize::from(len)) {
            S32::write(out, cx, &id)?;
        }
        Ok(())
    }

    fn first_unrepresentable<V: Dialect>(_: Context<V>, value: &Users<'a>) -> Option<&'static str> {
        if u16::try_from(value.len()).is_ok() { None } else { Some("") }
    }
}

/// One byte: hours ahead of UTC, plus 24.
#[derive(Clone, Copy, Debug)]
pub struct HoursPlus24;

impl<'a> Form<'a, i16> for HoursPlus24 {
    #[inline(always)]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        into: &mut i16,
    ) -> Result<(), Fault> {
        let start = r.position();
        *into = i16::from(r.parse(parse::le_u8)?).saturating_sub(24);
        let value = *into;
        r.value(start, || Value::Int(i64::from(value)));
        Ok(())
    }

    #[inline(always)]
    fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, value: &i16) -> Result<(), Full> {
        U8::write(out, cx, &value.saturating_add(24))
    }

    fn first_unrepresentable<V: Dialect>(cx: Context<V>, value: &i16) -> Option<&'static str> {
        U8::first_unrepresentable(cx, &value.saturating_add(24))
    }
}

/// Four bytes, signed: negative for IRC users.
#[derive(Clone, Copy, Debug)]
pub struct SignedId;

impl<'a> PairForm<'a, i32, bool> for SignedId {
    #[inline(always)]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        cx: Context<V>,
        [id_name, irc_name]: [&'static str; 2],
        (mut id, _): (i32, bool),
    ) -> Result<(i32, bool), Fault> {
        r.begin(id_name);
        S32::read(r, cx, &mut id)?;
        r.end();
        let (end, is_irc) = (r.position(), id < 0);
        r.begin(irc_name);
        r.value(end, || Value::Bool(is_irc));
        r.end();
        Ok((id, is_irc))
    }

    #[inline(always)]
    fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, (id, _): (&i32, &bool)) -> Result<(), Full> {
        S32::write(out, cx, id)
    }

    fn first_unrepresentable<V: Dialect>(_: Context<V>, (id, is_irc): (&i32, &bool)) -> Option<usize> {
        if (*id < 0) == *is_irc { None } else { Some(1) }
    }
}

/// One byte: the permissions in bits 0 to 4, the game mode in bits 5 to 7.
#[derive(Clone, Copy, Debug)]
pub struct PermissionsAndMode;

impl PermissionsAndMode {
    const PERMISSIONS: u8 = 0x1f;
    const MODE_SHIFT: u32 = 5;
    const MODES: u8 = 8;
}

impl<'a> PairForm<'a, Permissions, Mode> for PermissionsAndMode {
    #[inline(always)]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        [permissions_name, mode_name]: [&'static str; 2],
        _: (Permissions, Mode),
    ) -> Result<(Permissions, Mode), Fault> {
        use crate::bancho::number::Number;

        let start = r.position();
        r.begin(permissions_name);
        let byte = r.parse(parse::le_u8)?;
        let permissions = Permissions::from_bits_retain(u32::from(byte & Self::PERMISSIONS));
        let mode = Mode(byte >> Self::MODE_SHIFT);
        r.value(start, || permissions.show());
        r.end();
        r.begin(mode_name);
        r.value(start, || mode.show());
        r.end();
        Ok((permissions, mode))
    }

    #[inline(always)]
    fn write<V: Dialect, S: Sink>(
        out: &mut S,
        _: Context<V>,
        (permissions, mode): (&Permissions, &Mode),
    ) -> Result<(), Full> {
        let [low, ..] = permissions.bits().to_le_bytes();
        out.put_array([(low & Self::PERMISSIONS) | (mode.0 << Self::MODE_SHIFT)])
    }

    fn first_unrepresentable<V: Dialect>(
        _: Context<V>,
        (permissions, mode): (&Permissions, &Mode),
    ) -> Option<usize> {
        if permissions.bits() > u32::from(Self::PERMISSIONS) {
            Some(0)
        } else if mode.0 >= Self::MODES {
            Some(1)
        } else {
            None
        }
    }
}

/// One byte: 1 if everything follows before the status, 0 if only the status follows.
#[derive(Clone, Copy, Debug)]
pub struct FullFlag;

impl FullFlag {
    #[inline(always)]
    fn holds(completeness: Completeness, update_stats: bool) -> bool {
        completeness >= Completeness::FULL || (completeness == Completeness::STATISTICS && update_stats)
    }
}

impl<'a> PairForm<'a, Completeness, bool> for FullFlag {
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        [completeness_name, _]: [&'static str; 2],
        (_, update_stats): (Completeness, bool),
    ) -> Result<(Completeness, bool), Fault> {
        let start = r.position();
        r.begin(completeness_name);
        let is_full = r.parse(parse::le_u8)? != 0;
        let completeness = if is_full { Completeness::FULL } else { Completeness::STATUS_ONLY };
        r.value(start, || Value::Enum(i64::from(completeness.0), completeness.name()));
        r.end();
        Ok((completeness, update_stats))
    }

    fn write<V: Dialect, S: Sink>(
        out: &mut S,
        _: Context<V>,
        (completeness, update_stats): (&Completeness, &bool),
    ) -> Result<(), Full> {
        out.put_array([u8::from(Self::holds(*completeness, *update_stats))])
    }
}

/// One byte: the kind of the avatar.
#[derive(Clone, Copy, Debug)]
pub struct AvatarByte;

impl<'a> Form<'a, Avatar<'a>> for AvatarByte {
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        cx: Context<V>,
        into: &mut Avatar<'a>,
    ) -> Result<(), Fault> {
        let mut extension = AvatarExtension::EMPTY;
        U8::read(r, cx, &mut extension)?;
        *into = Avatar::Extension(extension);
        Ok(())
    }

    fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, value: &Avatar<'a>) -> Result<(), Full> {
        match value {
            Avatar::Extension(extension) => U8::write(out, cx, extension),
            Avatar::File(_) => U8::write(out, cx, &AvatarExtension::PNG),
        }
    }

    fn first_unrepresentable<V: Dialect>(_: Context<V>, value: &Avatar<'a>) -> Option<&'static str> {
        if matches!(value, Avatar::File(_)) { Some("") } else { None }
    }
}

/// A string: the name of the avatar's file, by default `<id>_000.png`.
#[derive(Clone, Copy, Debug)]
pub struct AvatarFile;

/// The part of the name of an avatar's file after the id.
fn avatar_suffix(extension: AvatarExtension) -> &'static str {
    if extension == AvatarExtension::JPG { "_000.jpg" } else { "_000.png" }
}

impl<'a> PairForm<'a, i32, Avatar<'a>> for AvatarFile {
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        [_, avatar_name]: [&'static str; 2],
        (id, _): (i32, Avatar<'a>),
    ) -> Result<(i32, Avatar<'a>), Fault> {
        let start = r.position();
        r.begin(avatar_name);
        let file = r.text()?;
        let mut digits = [0; Decimal::MOST];
        let number = Decimal::write(id, &mut digits);
        let avatar = match file.strip_prefix(number) {
            _ if file.is_empty() => Avatar::Extension(AvatarExtension::EMPTY),
            Some("_000.png") => Avatar::Extension(AvatarExtension::PNG),
            Some("_000.jpg") => Avatar::Extension(AvatarExtension::JPG),
            _ => Avatar::File(file),
        };
        r.value(start, || match avatar {
            Avatar::Extension(extension) => Value::Enum(i64::from(extension.0), extension.name()),
            Avatar::File(file) => Value::Text(file),
        });
        r.end();
        Ok((id, avatar))
    }

    fn write<V: Dialect, S: Sink>(
        out: &mut S,
        _: Context<V>,
        (id, avatar): (&i32, &Avatar<'a>),
    ) -> Result<(), Full> {
        match *avatar {
            Avatar::File(file) => write_text(out, file),
            Avatar::Extension(AvatarExtension::EMPTY) => write_text(out, ""),
            Avatar::Extension(extension) => {
                let mut digits = [0; Decimal::MOST];
                let number = Decimal::write(*id, &mut digits);
                write_text_parts(out, [number, avatar_suffix(extension)].into_iter())
            }
        }
    }
}

/// Decimal digits, without `format!`.
struct Decimal;

impl Decimal {
    /// A sign and ten digits.
    const MOST: usize = 11;

    fn write(number: i32, digits: &mut [u8; Self::MOST]) -> &str {
        let mut left = number.unsigned_abs();
        let mut used = 0usize;
        for digit in digits.iter_mut().rev() {
            if used > 0 && left == 0 {
                if number < 0 {
                    *digit = b'-';
                    used = used.saturating_add(1);
                }
                break;
            }
            let [low, ..] = left.checked_rem(10).unwrap_or(0).to_le_bytes();
            *digit = b'0'.saturating_add(low);
            left = left.checked_div(10).unwrap_or(0);
            used = used.saturating_add(1);
        }
        let from = Self::MOST.saturating_sub(used);
        digits.get(from..).and_then(|digits| core::str::from_utf8(digits).ok()).unwrap_or("")
    }
}

/// A string: the country's name, followed by ` / ` and the city if there is one.
#[derive(Clone, Copy, Debug)]
pub struct CountryText;

const BEFORE_CITY: &str = " / ";

/// The index for a text without a country.
const NO_COUNTRY: u8 = u8::MAX;

impl CountryText {
    /// The country at the start of a text and the city after it, or the whole text as the city.
    fn parts(joined: &str) -> (u8, &str) {
        let (name, city) = split_once(joined, BEFORE_CITY).unwrap_or((joined, ""));
        let is_city_empty = city.is_empty() && name.len() != joined.len();
        match country_by_name(name) {
            Some(index) if !is_city_empty => (index, city),
            _ => (NO_COUNTRY, joined),
        }
    }
}

impl<'a> PairForm<'a, u8, &'a str> for CountryText {
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        [country_name, city_name]: [&'static str; 2],
        _: (u8, &'a str),
    ) -> Result<(u8, &'a str), Fault> {
        let start = r.position();
        r.begin(country_name);
        let joined = r.text()?;
        let (index, city) = Self::parts(joined);
        r.value(start, || Value::Int(i64::from(index)));
        r.end();
        r.begin(city_name);
        let end = r.position();
        r.value(end, || Value::Text(city));
        r.end();
        Ok((index, city))
    }

    fn write<V: Dialect, S: Sink>(
        out: &mut S,
        _: Context<V>,
        (index, city): (&u8, &&'a str),
    ) -> Result<(), Full> {
        match country(*index) {
            Some(country) if city.is_empty() => write_text(out, country.name),
            Some(country) => write_text_parts(out, [country.name, BEFORE_CITY, *city].into_iter()),
            None => write_text(out, city),
        }
    }

    fn first_unrepresentable<V: Dialect>(_: Context<V>, (index, city): (&u8, &&'a str)) -> Option<usize> {
        let is_said = match country(*index) {
            Some(country) => Self::parts(country.name).0 == *index,
            None => *index == NO_COUNTRY && Self::parts(city).0 == NO_COUNTRY,
        };
        if is_said { None } else { Some(0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn decimals_equal_those_of_the_standard_library() {
        for number in [0, 1, 9, 10, -1, -10, 2_147_483_647, -2_147_483_648, 1_000_000_000] {
            let mut digits = [0; Decimal::MOST];
            assert_eq!(Decimal::write(number, &mut digits), number.to_string());
        }
    }

    /// Covers every number of up to six digits, and every prefix of longer numbers with some suffixes of six digits.
    #[test]
    fn decimals_of_all_lengths_equal_those_of_the_standard_library() {
        let beginnings = (0..=2147).map(|beginning| beginning * 1_000_000);
        let ends = [0, 1, 9, 10, 99_999, 100_000, 483_647, 500_005, 999_999];
        let long = beginnings.flat_map(|beginning| ends.map(|end| beginning + end));
        for number in (0..1_000_000).chain(long).filter_map(|number: i64| i32::try_from(number).ok()) {
            for number in [number, -number] {
                let mut digits = [0; Decimal::MOST];
                assert_eq!(Decimal::write(number, &mut digits), number.to_string());
            }
        }
    }
}
