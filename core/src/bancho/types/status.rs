//! The status of a user.

use crate::bancho::dialect::Dialect;
use crate::bancho::forms::{Bool, Omitted, S32, Str, U8, U16, U32};
use crate::bancho::layout::{Context, Form, PairForm, fields, layout};
use crate::bancho::mode::{Mode, ModeByte};
use crate::bancho::mods::Mods;
use crate::bancho::number::open_enum;
use crate::wire::{Fault, Full, Observer, Reader, Sink, Value, parse};

open_enum! {
    /// What a user is doing, one byte. Before b338 the numbers from 10 on are encoded one higher, because 10 means
    /// that the stats have changed.
    #[derive(Default)]
    Status: u8 {
        /// Nothing.
        IDLE = 0 Idle,
        /// Away from the keyboard.
        AFK = 1 Afk,
        /// Playing alone.
        PLAYING = 2 Playing,
        /// Editing a beatmap.
        EDITING = 3 Editing,
        /// Modding a beatmap.
        MODDING = 4 Modding,
        /// In a multiplayer match that has not started.
        MULTIPLAYER = 5 Multiplayer,
        /// Watching a replay or spectating a player.
        WATCHING = 6 Watching,
        /// Unknown; before b338 such a status has no further fields.
        UNKNOWN = 7 Unknown,
        /// Testing a beatmap.
        TESTING = 8 Testing,
        /// Submitting a beatmap.
        SUBMITTING = 9 Submitting,
        /// Paused.
        PAUSED = 10 Paused,
        /// In the multiplayer lobby.
        LOBBY = 11 Lobby,
        /// Playing in a multiplayer match.
        MULTIPLAYING = 12 Multiplaying,
        /// Browsing osu!direct.
        OSU_DIRECT = 13 OsuDirect,
    }
}

fields! { __UserStatus =>
    /// What a user is doing, and on which beatmap.
    struct UserStatus<'a> {
        /// What the user is doing.
        action: Status = Status::IDLE,
        /// A text for it, often the name of the beatmap.
        text: &'a str = "",
        /// The mods in use; before b20120818 only the lower 16 bits.
        mods: Mods = Mods::empty(),
        /// The game mode.
        mode: Mode = Mode::OSU,
        /// The MD5 of the beatmap, 32 hexadecimal digits, or empty.
        beatmap_checksum: &'a str = "",
        /// The beatmap id, −1 for none.
        beatmap_id: i32 = -1,
        /// Before b338, whether the user's stats have changed. It is encoded instead of the action.
        update_stats: bool = false,
        /// From b338 to b1787, whether the fields after the action are encoded. It is usually `true`.
        beatmap_update: bool = true => optional,
    }
}

impl UserStatus<'_> {
    /// Whether the fields after the action are encoded.
    #[inline(always)]
    fn has_details<V: Dialect>(&self, cx: Context<V>) -> bool {
        if cx.since(1788) {
            true
        } else if cx.since(338) {
            self.beatmap_update
        } else {
            self.update_stats || self.action != Status::UNKNOWN
        }
    }

    /// The action, corrected as in chio: an idle user with a beatmap is playing. Clients before b489 may send
    /// [`Status::IDLE`] while they play.
    pub fn likely_action(&self) -> Status {
        if self.action == Status::IDLE && !self.beatmap_checksum.is_empty() {
            Status::PLAYING
        } else {
            self.action
        }
    }
}

layout! {
    /// A [`UserStatus`] on the wire: packet 0 of a client, and a part of a user's stats.
    UserStatusLayout for UserStatus<'a> {
        (action, update_stats) => Omitted since 338, ActionBefore338 since 282;
        action => U8 since 338, Omitted since 282;
        beatmap_update => ImpliedYes since 1788, Bool since 338;
        text => Str since 282 when has_details;
        beatmap_checksum => Str since 282 when has_details;
        fixed_group {
            mods => U32 since 20120818 protocol 11, U16 since 282 when has_details;
            mode => ModeByte since 490, ModeByte since 489 protocol 1 when has_details;
            beatmap_id => S32 since 490 when has_details;
        }
    }
}

/// One byte: 10 means that the stats have changed, and the numbers from 10 on are one higher.
#[derive(Clone, Copy, Debug)]
pub struct ActionBefore338;

impl ActionBefore338 {
    const STATS_UPDATE: u8 = 10;
}

impl<'a> PairForm<'a, Status, bool> for ActionBefore338 {
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        [action_name, update_name]: [&'static str; 2],
        _: (Status, bool),
    ) -> Result<(Status, bool), Fault> {
        let start = r.position();
        r.begin(action_name);
        let wire = r.parse(parse::le_u8)?;
        let update_stats = wire == Self::STATS_UPDATE;
        let action = match wire {
            Self::STATS_UPDATE => Status::IDLE,
            0..Self::STATS_UPDATE => Status(wire),
            _ => Status(wire.saturating_sub(1)),
        };
        r.value(start, || Value::Enum(i64::from(action.0), action.name()));
        r.end();
        r.begin(update_name);
        let end = r.position();
        r.value(end, || Value::Bool(update_stats));
        r.end();
        Ok((action, update_stats))
    }

    fn write<V: Dialect, S: Sink>(
        out: &mut S,
        _: Context<V>,
        (action, update_stats): (&Status, &bool),
    ) -> Result<(), Full> {
        let wire = match action.0 {
            _ if *update_stats => Self::STATS_UPDATE,
            action @ 0..Self::STATS_UPDATE => action,
            action => action.saturating_add(1),
        };
        out.put_array([wire])
    }

    fn first_unrepresentable<V: Dialect>(
        _: Context<V>,
        (action, update_stats): (&Status, &bool),
    ) -> Option<usize> {
        let hidden = *update_stats && *action != Status::IDLE;
        if hidden || action.0 == u8::MAX { Some(0) } else { None }
    }
}

/// No bytes: the value is `true`.
#[derive(Clone, Copy, Debug)]
pub struct ImpliedYes;

impl<'a> Form<'a, bool> for ImpliedYes {
    fn first_unrepresentable<V: Dialect>(_: Context<V>, value: &bool) -> Option<&'static str> {
        if *value { None } else { Some("") }
    }
}
