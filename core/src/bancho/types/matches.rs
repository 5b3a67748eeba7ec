//! Multiplayer matches.

use crate::bancho::dialect::{Dialect, Predicate};
use crate::bancho::forms::{Bool, Omitted, OptionalU8, S32, Str, U8, U16, U32, downgraded_form};
#[cfg(feature = "serde")]
use crate::bancho::json::{SerializeJson, serialize, serialize_all};
use crate::bancho::layout::{Context, Form, Origin, PairForm, fields, layout};
use crate::bancho::mode::{Mode, ModeByte};
use crate::bancho::mods::Mods;
use crate::bancho::number::{Number, flags, open_enum};
use crate::bancho::version::MAX_SLOTS;
use crate::declarations::NonExhaustive;
use crate::wire::{Fault, Full, Observer, Reader, Sink, Value, parse, write_empty_text, write_text};

open_enum! {
    /// The type of a match.
    #[derive(Default)]
    MatchType: u8 {
        /// Standard.
        STANDARD = 0 Standard,
        /// Powerplay, which was never finished.
        POWERPLAY = 1 Powerplay,
    }
}

open_enum! {
    /// What decides the winner of a match.
    #[derive(Default)]
    ScoringType: u8 {
        /// The score.
        SCORE = 0 Score,
        /// The accuracy.
        ACCURACY = 1 Accuracy,
        /// The combo.
        COMBO = 2 Combo,
        /// The score in ScoreV2. Clients before b20151106 do not rank players by it, and receive
        /// [`SCORE`](Self::SCORE) instead.
        SCORE_V2 = 3 ScoreV2,
    }
}

impl ScoringType {
    /// The first layout whose builds know [`SCORE_V2`](Self::SCORE_V2): its score frames have ScoreV2's parts.
    const KNOWN_SINCE: [u32; 1] = [20151106];

    /// Returns the type that a version receives instead of one that it does not know.
    #[inline]
    pub(crate) fn downgrade<V: Dialect>(self, version: V) -> Self {
        let [score_v2] = Self::KNOWN_SINCE;
        if self == Self::SCORE_V2 && !version.since(score_v2) { Self::SCORE } else { self }
    }
}

downgraded_form! {
    /// One byte, unsigned. Servers replace a [`ScoringType`] that the version does not know.
    ScoringByte as U8 for ScoringType, |kind, version| kind.downgrade(version), known since ScoringType::KNOWN_SINCE
}

downgraded_form! {
    /// As [`ScoringByte`], or none at the end of the payload: only some builds of the class have the field.
    OptionalScoringByte as OptionalU8 for ScoringType, |kind, version| kind.downgrade(version), known since ScoringType::KNOWN_SINCE
}

open_enum! {
    /// The teams of a match.
    ///
    /// All builds that receive the field (b535) know the four types.
    #[derive(Default)]
    TeamType: u8 {
        /// Every player for themselves.
        HEAD_TO_HEAD = 0 HeadToHead,
        /// One team, whose players take turns.
        TAG_COOP = 1 TagCoop,
        /// Two teams.
        TEAM_VS = 2 TeamVs,
        /// Two teams, whose players take turns.
        TAG_TEAM_VS = 3 TagTeamVs,
    }
}

open_enum! {
    /// The team of a slot.
    #[derive(Default)]
    SlotTeam: u8 {
        /// None.
        NEUTRAL = 0 Neutral,
        /// Blue.
        BLUE = 1 Blue,
        /// Red.
        RED = 2 Red,
    }
}

impl SlotTeam {
    /// The other team. The opposite of neutral is red.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::RED => Self::BLUE,
            _ => Self::RED,
        }
    }
}

flags! {
    /// The state of a slot; exactly one bit is set.
    SlotStatus: u8 {
        /// Free.
        OPEN = 0 Open,
        /// Closed by the host.
        LOCKED = 1 Locked,
        /// Taken, the player is not ready.
        NOT_READY = 2 NotReady,
        /// Taken, the player is ready.
        READY = 3 Ready,
        /// Taken, the player lacks the beatmap.
        NO_MAP = 4 NoMap,
        /// Taken, the player is playing.
        PLAYING = 5 Playing,
        /// Taken, the player has finished.
        COMPLETE = 6 Complete,
        /// The player has left while playing.
        QUIT = 7 Quit,
    }

    /// The states of an occupied slot.
    const HAS_PLAYER = NOT_READY | READY | NO_MAP | PLAYING | COMPLETE;
}

fields! { __MatchSlot =>
    /// One slot of a match.
    struct MatchSlot {
        /// The player's user id; −1 in a slot without a player, where it is not encoded.
        user_id: i32 = -1,
        /// The state.
        status: SlotStatus = SlotStatus::LOCKED,
        /// The team, from b558 on.
        team: SlotTeam = SlotTeam::NEUTRAL,
        /// The player's own mods, from b20130303 on, only in matches with free mods.
        mods: Mods = Mods::empty(),
    }
}

impl MatchSlot {
    /// A free slot.
    pub const OPEN: Self = Self { status: SlotStatus::OPEN, ..Self::LOCKED };

    /// A closed slot.
    pub const LOCKED: Self = Self {
        _non_exhaustive: NonExhaustive::MARKER,
        user_id: -1,
        status: SlotStatus::LOCKED,
        team: SlotTeam::NEUTRAL,
        mods: Mods::empty(),
    };

    /// Whether the slot is occupied.
    pub const fn has_player(&self) -> bool {
        self.status.intersects(SlotStatus::HAS_PLAYER)
    }
}

/// The 16 slots of a match, initially locked. The version decides how many of them are encoded.
///
/// ```
/// use lobbywire_core::bancho::types::{MatchSlot, Slots, SlotStatus};
///
/// let host = MatchSlot { user_id: 2, status: SlotStatus::NOT_READY, ..MatchSlot::OPEN };
/// let slots = Slots::from(&[host, MatchSlot::OPEN][..]);
/// assert_eq!(slots.get(0), Some(host));
/// assert_eq!(slots.position_of(2), Some(0));
/// assert_eq!(slots.first_open(), Some(1));
/// assert_eq!(slots.get(15), Some(MatchSlot::LOCKED));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct Slots {
    statuses: [SlotStatus; MAX_SLOTS],
    teams: [SlotTeam; MAX_SLOTS],
    user_ids: [i32; MAX_SLOTS],
    mods: [Mods; MAX_SLOTS],
}

impl Slots {
    /// All slots locked.
    pub const LOCKED: Self = Self {
        statuses: [SlotStatus::LOCKED; MAX_SLOTS],
        teams: [SlotTeam::NEUTRAL; MAX_SLOTS],
        user_ids: [-1; MAX_SLOTS],
        mods: [Mods::empty(); MAX_SLOTS],
    };

    /// The slot at `index`; `None` from 16 on.
    pub fn get(&self, index: usize) -> Option<MatchSlot> {
        Some(MatchSlot {
            user_id: *self.user_ids.get(index)?,
            status: *self.statuses.get(index)?,
            team: *self.teams.get(index)?,
            mods: *self.mods.get(index)?,
            _non_exhaustive: NonExhaustive::MARKER,
        })
    }

    /// Replaces the slot at `index`. Returns `false` from 16 on.
    pub fn set(&mut self, index: usize, slot: MatchSlot) -> bool {
        let places = (
            self.user_ids.get_mut(index),
            self.statuses.get_mut(index),
            self.teams.get_mut(index),
            self.mods.get_mut(index),
        );
        let (Some(user_id), Some(status), Some(team), Some(mods)) = places else {
            return false;
        };
        (*user_id, *status, *team, *mods) = (slot.user_id, slot.status, slot.team, slot.mods);
        true
    }

    /// All 16 slots.
    pub fn iter(&self) -> impl Iterator<Item = MatchSlot> + Clone + '_ {
        (0..MAX_SLOTS).filter_map(|index| self.get(index))
    }

    /// The index of the first open slot.
    pub fn first_open(&self) -> Option<usize> {
        self.statuses.iter().position(|status| *status == SlotStatus::OPEN)
    }

    /// The index of a user's slot.
    pub fn position_of(&self, user_id: i32) -> Option<usize> {
        self.iter().position(|slot| slot.has_player() && slot.user_id == user_id)
    }

    /// The number of players.
    pub fn player_count(&self) -> usize {
        self.iter().filter(MatchSlot::has_player).count()
    }
}

impl Default for Slots {
    #[inline(always)]
    fn default() -> Self {
        Self::LOCKED
    }
}

impl From<&[MatchSlot]> for Slots {
    /// The first 16 of `slots`. Missing slots are locked.
    fn from(slots: &[MatchSlot]) -> Self {
        let mut all = Self::LOCKED;
        for (index, slot) in slots.iter().take(MAX_SLOTS).enumerate() {
            all.set(index, *slot);
        }
        all
    }
}

#[cfg(feature = "serde")]
impl SerializeJson for Slots {
    fn serialize_json<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let slots = (0..MAX_SLOTS).map(|index| self.get(index).unwrap_or_default());
        serialize_all(slots, serializer)
    }
}

#[cfg(feature = "serde")]
serialize!(Slots);

fields! { __Match =>
    /// A multiplayer match.
    struct Match<'a> {
        /// The match id. Builds before b1796 only have the ids 0 to 255; matches with a higher one are not sent to
        /// them.
        id: u16 = 0,
        /// Whether it is being played, from b312 on.
        in_progress: bool = false,
        /// The type of the match (chio's `type`).
        kind: MatchType = MatchType::STANDARD,
        /// The mods of all players, from b334 on; before b20120818 only the lower 16 bits.
        mods: Mods = Mods::empty(),
        /// The name.
        name: &'a str = "",
        /// The password, from b591 on; empty for none.
        password: &'a str = "",
        /// Whether there is a password that is not sent, as in the lobby.
        password_hidden: bool = false => optional,
        /// The name of the beatmap.
        beatmap_text: &'a str = "",
        /// The beatmap id, −1 for none.
        beatmap_id: i32 = -1,
        /// The MD5 of the beatmap.
        beatmap_checksum: &'a str = "",
        /// The slots.
        slots: Slots = Slots::LOCKED,
        /// The user id of the host, from b402 on.
        host_id: i32 = -1,
        /// The game mode, from b470 on.
        mode: Mode = Mode::OSU,
        /// What decides the winner, from b535 on.
        scoring_type: ScoringType = ScoringType::SCORE,
        /// The teams, from b535 on.
        team_type: TeamType = TeamType::HEAD_TO_HEAD,
        /// Whether players choose their own mods, from b20130118 on.
        freemod: bool = false,
        /// The seed of mania's Random mod, from b20130418 on.
        seed: u32 = 0,
    }
}

impl Match<'_> {
    /// The match as it is sent to the lobby, with its password hidden.
    #[must_use]
    pub fn without_password(self) -> Self {
        Self { password: "", password_hidden: self.password_hidden || !self.password.is_empty(), ..self }
    }
}

layout! {
    /// A [`Match`] on the wire.
    MatchLayout for Match<'a> {
        fixed_group {
            id => U16 since 1796, MatchIdByte since 298;
            in_progress => Bool since 312;
            kind => U8 since 298;
            mods => U32 since 20120818 protocol 11, U16 since 334;
        }
        name => Str since 298;
        (password, password_hidden) => Password since 591;
        password => Omitted since 591;
        password_hidden => Omitted since 591;
        beatmap_text => Str since 298;
        beatmap_id => S32 since 298;
        beatmap_checksum => Str since 298;
        slots => SlotStatuses since 334, SlotSets since 298;
        slots => SlotTeams since 558 protocol 4, NoTeams since 298;
        slots => SlotUsers since 298;
        fixed_group {
            host_id => S32 since 402;
            mode => ModeByte since 470;
            scoring_type => ScoringByte since 558 protocol 3, OptionalScoringByte since 535 protocol 3;
            team_type => U8 since 558 protocol 3, OptionalU8 since 535 protocol 3;
            freemod => Bool since 20130118 protocol 16;
        }
        (slots in self) => SlotMods since 20130303 protocol 16, NoSlotMods since 298;
        seed => U32 since 20130418 protocol 18;
    }
}

fields! { __MatchJoin =>
    /// A request to join a match.
    struct MatchJoin<'a> {
        /// The match id.
        match_id: i32 = -1,
        /// The password that the player entered, from b591 on.
        password: &'a str = "",
    }
}

layout! {
    /// A [`MatchJoin`] on the wire.
    MatchJoinLayout for MatchJoin<'a> {
        match_id => S32 since 298;
        password => Str since 591;
    }
}

/// One byte. Greater ids are never narrowed: such a match is not sent.
#[derive(Clone, Copy, Debug)]
pub struct MatchIdByte;

impl<'a> Form<'a, u16> for MatchIdByte {
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        cx: Context<V>,
        into: &mut u16,
    ) -> Result<(), Fault> {
        U8::read(r, cx, into)
    }

    fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, value: &u16) -> Result<(), Full> {
        U8::write(out, cx, value)
    }

    fn first_unrepresentable<V: Dialect>(cx: Context<V>, value: &u16) -> Option<&'static str> {
        U8::first_unrepresentable(cx, value)
    }
}

/// A string: `00` for no password, `0b 00` for a hidden one.
#[derive(Clone, Copy, Debug)]
pub struct Password;

impl<'a> PairForm<'a, &'a str, bool> for Password {
    #[inline(always)]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        [password_name, hidden_name]: [&'static str; 2],
        _: (&'a str, bool),
    ) -> Result<(&'a str, bool), Fault> {
        let start = r.position();
        r.begin(password_name);
        let marked = r.marked_text()?;
        let password = marked.unwrap_or("");
        let is_hidden = marked == Some("");
        r.value(start, || Value::Text(password));
        r.end();
        if is_hidden {
            let end = r.position();
            r.begin(hidden_name);
            r.value(end, || Value::Bool(true));
            r.end();
        }
        Ok((password, is_hidden))
    }

    #[inline(always)]
    fn write<V: Dialect, S: Sink>(
        out: &mut S,
        _: Context<V>,
        (password, is_hidden): (&&'a str, &bool),
    ) -> Result<(), Full> {
        if *is_hidden && password.is_empty() { write_empty_text(out) } else { write_text(out, password) }
    }
}

/// Three bytes in which bit `i` is slot `i`: open, occupied, ready. A slot without a bit is locked.
#[derive(Clone, Copy, Debug)]
pub struct SlotSets;

/// One byte for each slot: its status.
#[derive(Clone, Copy, Debug)]
pub struct SlotStatuses;

/// One byte for each slot: its team.
#[derive(Clone, Copy, Debug)]
pub struct SlotTeams;

/// Four bytes, signed, for each occupied slot: the user id.
#[derive(Clone, Copy, Debug)]
pub struct SlotUsers;

/// Four bytes for each slot in a match with free mods: its mods.
#[derive(Clone, Copy, Debug)]
pub struct SlotMods;

/// No bytes: these versions lack free mods.
#[derive(Clone, Copy, Debug)]
pub struct NoSlotMods;

/// No bytes: these versions lack teams.
#[derive(Clone, Copy, Debug)]
pub struct NoTeams;

/// Reports the value of a field of every encoded slot.
#[inline(always)]
fn report_slots<'a, V: Dialect, O: Observer>(
    r: &mut Reader<'a, O>,
    cx: Context<V>,
    field: &'static str,
    mut value: impl FnMut(&mut Reader<'a, O>, usize),
) {
    if O::ACTIVE {
        for index in 0..cx.slots() {
            r.begin_element(index);
            r.begin(field);
            value(r, index);
            r.end();
            r.end();
        }
    }
}

/// Sets a field of the first slots from `bytes`, `SIZE` bytes for each slot.
#[inline(always)]
fn set_slots<T, const SIZE: usize>(
    slots: &mut [T; MAX_SLOTS],
    bytes: &[u8],
    value: impl Fn([u8; SIZE]) -> T,
) {
    let (values, _) = bytes.as_chunks::<SIZE>();
    if let Some(all) = values.first_chunk::<MAX_SLOTS>()
        && !cfg!(feature = "small")
    {
        // The compiler copies one array in large pieces.
        *slots = all.map(value);
        return;
    }
    for (slot, bytes) in slots.iter_mut().zip(values) {
        *slot = value(*bytes);
    }
}

impl<'a> Form<'a, Slots> for SlotSets {
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        cx: Context<V>,
        into: &mut Slots,
    ) -> Result<(), Fault> {
        let mut sets = [0; 3];
        for (set, name) in sets.iter_mut().zip(["open", "used", "ready"]) {
            let start = r.position();
            *set = r.parse(parse::le_u8)?;
            let set = *set;
            r.detail(name, start, || Value::Int(i64::from(set)));
        }
        let [open, used, ready] = sets;
        let slots = cx.slots();
        for (index, status) in into.statuses.iter_mut().enumerate() {
            let bit = if index < slots {
                1u8.checked_shl(u32::try_from(index).unwrap_or(8)).unwrap_or(0)
            } else {
                0
            };
            *status = if ready & bit != 0 {
                SlotStatus::READY
            } else if used & bit != 0 {
                SlotStatus::NOT_READY
            } else if open & bit != 0 {
                SlotStatus::OPEN
            } else {
                SlotStatus::LOCKED
            };
        }
        let statuses = into.statuses;
        report_slots(r, cx, "status", |r, index| {
            let status = statuses.get(index).copied().unwrap_or_default();
            let end = r.position();
            r.value(end, || status.show());
        });
        Ok(())
    }

    fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, value: &Slots) -> Result<(), Full> {
        let set = |is_in: fn(&SlotStatus) -> bool| {
            let mut bits = 0u8;
            for status in value.statuses.iter().take(cx.slots()).rev() {
                bits = (bits << 1) | u8::from(is_in(status));
            }
            // Fewer than eight slots leave the upper bits clear.
            bits
        };
        out.put_array([
            set(|status| *status == SlotStatus::OPEN),
            set(|status| status.intersects(SlotStatus::HAS_PLAYER)),
            set(|status| *status == SlotStatus::READY),
        ])
    }

    fn first_unrepresentable<V: Dialect>(cx: Context<V>, value: &Slots) -> Option<&'static str> {
        let known = [SlotStatus::OPEN, SlotStatus::LOCKED, SlotStatus::NOT_READY, SlotStatus::READY];
        let is_lost = |(index, status): (usize, &SlotStatus)| {
            if index < cx.slots() { !known.contains(status) } else { *status != SlotStatus::LOCKED }
        };
        if value.statuses.iter().enumerate().any(is_lost) { Some("slots.status") } else { None }
    }
}

impl<'a> Form<'a, Slots> for SlotStatuses {
    #[inline(always)]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        cx: Context<V>,
        into: &mut Slots,
    ) -> Result<(), Fault> {
        let start = r.position();
        let bytes = r.parse(parse::bytes(cx.slots()))?;
        set_slots(&mut into.statuses, bytes, |[byte]| SlotStatus::from_bits_retain(byte));
        report_bytes(r, cx, "status", start, &into.statuses);
        Ok(())
    }

    #[inline(always)]
    fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, value: &Slots) -> Result<(), Full> {
        let bytes = value.statuses.map(|status| status.bits());
        out.put(bytes.get(..cx.slots()).unwrap_or(&bytes))
    }

    fn first_unrepresentable<V: Dialect>(cx: Context<V>, value: &Slots) -> Option<&'static str> {
        let cut = value.statuses.iter().skip(cx.slots()).any(|status| *status != SlotStatus::LOCKED);
        if cut { Some("slots.status") } else { None }
    }
}

/// Reports one byte of each slot. The first one is at `start`.
fn report_bytes<'a, V: Dialect, O: Observer>(
    r: &mut Reader<'a, O>,
    cx: Context<V>,
    field: &'static str,
    start: usize,
    values: &[impl Number],
) {
    report_slots(r, cx, field, |r, index| {
        if let Some(value) = values.get(index) {
            let at = start.saturating_add(index);
            r.value_in(at, at.saturating_add(1), || value.show());
        }
    });
}

impl<'a> Form<'a, Slots> for SlotTeams {
    #[inline(always)]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        cx: Context<V>,
        into: &mut Slots,
    ) -> Result<(), Fault> {
        let start = r.position();
        let bytes = r.parse(parse::bytes(cx.slots()))?;
        set_slots(&mut into.teams, bytes, |[byte]| SlotTeam(byte));
        report_bytes(r, cx, "team", start, &into.teams);
        Ok(())
    }

    #[inline(always)]
    fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, value: &Slots) -> Result<(), Full> {
        let bytes = value.teams.map(|team| team.0);
        out.put(bytes.get(..cx.slots()).unwrap_or(&bytes))
    }

    fn first_unrepresentable<V: Dialect>(cx: Context<V>, value: &Slots) -> Option<&'static str> {
        let cut = value.teams.iter().skip(cx.slots()).any(|team| *team != SlotTeam::NEUTRAL);
        if cut { Some("slots.team") } else { None }
    }
}

impl<'a> Form<'a, Slots> for SlotUsers {
    #[inline(always)]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        cx: Context<V>,
        into: &mut Slots,
    ) -> Result<(), Fault> {
        let places = into.user_ids.iter_mut().zip(&into.statuses).take(cx.slots());
        if !O::ACTIVE {
            // One bounds check for all. If it fails, the loop below finds the slot.
            let players = into.statuses.iter().take(cx.slots());
            let players = players.filter(|status| status.intersects(SlotStatus::HAS_PLAYER)).count();
            if let Ok(bytes) = r.parse(parse::bytes(players.saturating_mul(size_of::<i32>()))) {
                let mut ids = bytes.as_chunks().0.iter();
                for (user_id, status) in places {
                    if status.intersects(SlotStatus::HAS_PLAYER)
                        && let Some(id) = ids.next()
                    {
                        *user_id = i32::from_le_bytes(*id);
                    }
                }
                return Ok(());
            }
        }
        let places = into.user_ids.iter_mut().zip(&into.statuses).take(cx.slots());
        for (index, (user_id, status)) in places.enumerate() {
            r.begin_element(index);
            r.begin("user_id");
            if status.intersects(SlotStatus::HAS_PLAYER) {
                S32::read(r, cx, user_id)?;
            } else {
                S32::report_absent(r, cx, user_id);
            }
            r.end();
            r.end();
        }
        Ok(())
    }

    #[inline(always)]
    fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, value: &Slots) -> Result<(), Full> {
        for (user_id, status) in value.user_ids.iter().zip(&value.statuses).take(cx.slots()) {
            if status.intersects(SlotStatus::HAS_PLAYER) {
                S32::write(out, cx, user_id)?;
            }
        }
        Ok(())
    }

    /// Also for the other forms of slots, which occur only together with this one.
    fn visit_predicates(_: Origin, visit: &mut impl FnMut(Predicate)) {
        visit(Predicate::Slots);
    }
}

impl SlotMods {
    /// Reports the mods of each slot, which the frame omits.
    fn report_absent<'a, V: Dialect, O: Observer>(r: &mut Reader<'a, O>, cx: Context<V>, slots: &Slots) {
        for (index, mods) in slots.mods.iter().take(cx.slots()).enumerate() {
            r.begin_element(index);
            r.begin("mods");
            U32::report_absent(r, cx, mods);
            r.end();
            r.end();
        }
    }
}

impl<'a> Form<'a, Match<'a>> for SlotMods {
    #[inline(always)]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        cx: Context<V>,
        into: &mut Match<'a>,
    ) -> Result<(), Fault> {
        if !into.freemod {
            Self::report_absent(r, cx, &into.slots);
            return Ok(());
        }
        if !O::ACTIVE
            && let Ok(bytes) = r.parse(parse::bytes(cx.slots().saturating_mul(size_of::<u32>())))
        {
            set_slots(&mut into.slots.mods, bytes, |bytes| Mods::from_bits_retain(u32::from_le_bytes(bytes)));
            return Ok(());
        }
        // With an observer, or in a truncated payload.
        for (index, mods) in into.slots.mods.iter_mut().take(cx.slots()).enumerate() {
            r.begin_element(index);
            r.begin("mods");
            U32::read(r, cx, mods)?;
            r.end();
            r.end();
        }
        Ok(())
    }

    #[inline(always)]
    fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, value: &Match<'a>) -> Result<(), Full> {
        if !value.freemod {
            return Ok(());
        }
        let mods = value.slots.mods.iter();
        out.put_elements::<4, _>(cx.slots(), mods, |mods, bytes| *bytes = mods.bits().to_le_bytes())
    }

    fn first_unrepresentable<V: Dialect>(cx: Context<V>, value: &Match<'a>) -> Option<&'static str> {
        let mut cut = value.slots.mods.iter().skip(cx.slots());
        if value.freemod && cut.any(|mods| !mods.is_empty()) { Some("slots.mods") } else { None }
    }
}

impl<'a> Form<'a, Match<'a>> for NoSlotMods {
    fn first_unrepresentable<V: Dialect>(_: Context<V>, value: &Match<'a>) -> Option<&'static str> {
        let is_lost = value.freemod && value.slots.mods.iter().any(|mods| !mods.is_empty());
        if is_lost { Some("slots.mods") } else { None }
    }
}

impl<'a> Form<'a, Slots> for NoTeams {
    fn first_unrepresentable<V: Dialect>(_: Context<V>, value: &Slots) -> Option<&'static str> {
        if value.teams.iter().any(|team| *team != SlotTeam::NEUTRAL) { Some("slots.team") } else { None }
    }
}
