//! The referee hub, which uses JSON: its types and calls.
//!
//! ```
//! use lobbywire::lazer::referee::{RollRequest, client};
//! use lobbywire::signalr::{Encoding, ToArguments};
//!
//! let roll = client::Roll { room_id: 123, request: Some(RollRequest { max: Some(57), ..Default::default() }) };
//! assert_eq!(roll.to_arguments(Encoding::Json)?.bytes()[..], *b"[123,{\"max\":57}]");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use super::methods::{Reading, UnknownCall, end, methods, put_json};
use super::model::{JsonModel, Read, Shown, read_json, write_json};
use super::model_types::{Object, Unknowns, by_serde, read_object};
use super::{Map, Settings};
use crate::signalr::{
    Arguments, Buffer, Call as AnyCall, DecodeError, Encoding, FromArguments, FromCall, FromValue, Method,
    ToArguments, ToValue, WriteError,
};
use crate::wire::{Json, MsgPackReader};
use serde::de::MapAccess;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serializer};

/// Implements the argument and result traits for a type that has only a JSON encoding.
macro_rules! carried_in_json {
    ($Type:ident) => {
        by_serde!($Type);

        impl ToValue for $Type {
            fn write_messagepack(&self, _: &mut Buffer) -> Result<(), WriteError> {
                Err(WriteError::OtherEncoding { what: stringify!($Type), encoding: Encoding::MessagePack })
            }

            fn write_json(&self, out: &mut Buffer) -> Result<(), WriteError> {
                write_json(self, out)
            }
        }

        impl FromValue for $Type {
            fn from_messagepack(_: &mut MsgPackReader<'_>) -> Result<Self, DecodeError> {
                Err(DecodeError::OtherEncoding { what: stringify!($Type), encoding: Encoding::MessagePack })
            }

            fn from_json(json: Json<'_>) -> Result<Self, DecodeError> {
                read_json(stringify!($Type), json.text())
            }
        }
    };
}

/// A value of a referee enum that this version of the crate does not know: a name or a number.
///
/// It is encoded in the form in which it was received. The two forms never compare equal, and a known value is
/// never unknown.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnknownValue(UnknownForm);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum UnknownForm {
    Name(String),
    Number(i32),
}

impl UnknownValue {
    /// The name; `None` if a number was received.
    pub fn name(&self) -> Option<&str> {
        match &self.0 {
            UnknownForm::Name(name) => Some(name),
            UnknownForm::Number(_) => None,
        }
    }

    /// The number; `None` if a name was received.
    pub fn number(&self) -> Option<i32> {
        match self.0 {
            UnknownForm::Name(_) => None,
            UnknownForm::Number(number) => Some(number),
        }
    }
}

/// Declares enums of the referee hub. A known value is encoded by name and decoded from its name or its number.
macro_rules! referee_enums {
    ($(
        $(#[$docs:meta])*
        $Name:ident { $($(#[$value_docs:meta])* $number:literal $Value:ident $name:literal,)* }
    )*) => {$(
        $(#[$docs])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $Name {
            $(
                $(#[$value_docs])*
                #[doc = concat!("`", $name, "`, or ", stringify!($number), ".")]
                $Value,
            )*
            /// A name or number that is not known.
            Unknown(UnknownValue),
        }

        // Built through `From`, so that known values are never `Unknown`.
        #[cfg(feature = "arbitrary")]
        impl<'a> arbitrary::Arbitrary<'a> for $Name {
            fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
                if u.ratio(1, 16)? {
                    return Ok(Self::from(u.arbitrary::<i32>()?));
                }
                u.choose_iter([$(Self::$Value,)* Self::from("not_known")])
            }
        }

        /// The value with number 0, which is what a missing property means.
        impl Default for $Name {
            fn default() -> Self {
                Self::from(0)
            }
        }

        impl From<i32> for $Name {
            fn from(number: i32) -> Self {
                match number {
                    $($number => Self::$Value,)*
                    _ => Self::Unknown(UnknownValue(UnknownForm::Number(number))),
                }
            }
        }

        impl From<&str> for $Name {
            fn from(name: &str) -> Self {
                match name {
                    $($name => Self::$Value,)*
                    _ => Self::Unknown(UnknownValue(UnknownForm::Name(name.to_owned()))),
                }
            }
        }

        impl JsonModel for $Name {
            fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(Self::$Value => serializer.serialize_str($name),)*
                    Self::Unknown(UnknownValue(UnknownForm::Number(number))) => serializer.serialize_i32(*number),
                    Self::Unknown(UnknownValue(UnknownForm::Name(name))) => serializer.serialize_str(name),
                }
            }

            fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                #[serde(untagged)]
                enum Form {
                    Number(i32),
                    Name(String),
                }

                Ok(match Form::deserialize(deserializer)? {
                    Form::Number(number) => Self::from(number),
                    Form::Name(name) => Self::from(&*name),
                })
            }
        }

        carried_in_json!($Name);
    )*};
}

referee_enums! {
    /// The type of a room.
    MatchType {
        /// Everyone plays against everyone.
        1 HeadToHead "head_to_head",
        /// Teams play against each other.
        2 TeamVersus "team_versus",
    }

    /// A team.
    MatchTeam {
        /// The red team.
        0 Red "red",
        /// The blue team.
        1 Blue "blue",
    }

    /// The status of a user.
    MatchUserStatus {
        /// Idle.
        0 Idle "idle",
        /// Ready to play.
        1 Ready "ready",
        /// Playing.
        2 Playing "playing",
        /// Finished playing.
        3 FinishedPlay "finished_play",
        /// Spectating.
        4 Spectating "spectating",
    }

    /// The type of a countdown.
    CountdownType {
        /// The match starts.
        0 MatchStart "match_start",
        /// The server shuts down.
        1 ServerShuttingDown "server_shutting_down",
    }
}

/// Declares objects: one row a property. Missing properties have their defaults, unknown ones are preserved.
macro_rules! objects {
    ($(
        $(#[$docs:meta])*
        $Name:ident { $($(#[$field_docs:meta])* $field:ident $(= $name:literal)?: $Type:ty,)* }
    )*) => {$(
        $(#[$docs])*
        #[derive(Clone, Debug, Default, PartialEq)]
        #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
        pub struct $Name {
            $($(#[$field_docs])* pub $field: $Type,)*
            /// Unknown properties.
            pub unknown: Unknowns,
        }

        impl JsonModel for $Name {
            fn of_nil() -> Option<Self> {
                Some(Self::default())
            }

            fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                $(map.serialize_entry([$($name,)? stringify!($field)][0], &Shown(&self.$field))?;)*
                for (name, value) in self.unknown.iter() {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }

            fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                read_object(deserializer)
            }
        }

        impl Object for $Name {
            const NAMES: &'static [&'static str] = &[$([$($name,)? stringify!($field)][0]),*];

            #[allow(unused_assignments)]
            fn set<'de, A: MapAccess<'de>>(&mut self, index: usize, map: &mut A) -> Result<(), A::Error> {
                let mut next = 0;
                $(
                    if index == next {
                        self.$field = map.next_value::<Read<$Type>>()?.0;
                        return Ok(());
                    }
                    next += 1;
                )*
                Ok(())
            }

            fn set_unknown<'de, A: MapAccess<'de>>(&mut self, name: String, map: &mut A) -> Result<(), A::Error> {
                self.unknown.push(name, map.next_value()?);
                Ok(())
            }
        }

        carried_in_json!($Name);
    )*};
}

objects! {
    /// A mod.
    Mod {
        /// The mod's acronym.
        acronym: String,
        /// Settings that differ from their defaults.
        settings: Option<Settings>,
    }

    /// An item of a room's playlist.
    PlaylistItem {
        /// The item's id.
        id: i64,
        /// The ruleset's id.
        ruleset_id: i32,
        /// The beatmap's id.
        beatmap_id: i32,
        /// Mods that all players must use.
        required_mods: Vec<Mod>,
        /// Mods that each player may choose.
        allowed_mods: Vec<Mod>,
        /// Whether each player may choose the difficulty and ruleset.
        freestyle: bool,
        /// Whether it has been played.
        was_played: bool,
        /// Its position in the playlist.
        order: i32,
    }

    /// A player.
    Player {
        /// The user's id.
        user_id: i64,
        /// The player's status.
        status: MatchUserStatus,
        /// The player's difficulty and ruleset, for freestyle items.
        style: Style,
        /// The user's mods.
        mods: Vec<Mod>,
        /// The player's team, in team versus rooms.
        team: Option<MatchTeam>,
    }

    /// The difficulty and ruleset of a player, for freestyle items.
    Style {
        /// The ruleset's id, if it differs from the item's.
        ruleset_id: Option<i32>,
        /// The beatmap's id, if it differs from the item's.
        beatmap_id: Option<i32>,
    }

    /// A referee.
    Referee {
        /// The user's id.
        user_id: i64,
    }

    /// The type, lock and slots of a room.
    MatchState {
        /// The room's type.
        match_type = "type": MatchType,
        /// Whether players may not change slots and teams.
        locked: bool,
        /// The id of the user in each slot; `None` if the room has no limit.
        slots: Option<Vec<Option<i32>>>,
    }

    /// Creates a room.
    MakeRoomRequest {
        /// The ruleset of the first playlist item.
        ruleset_id: i32,
        /// The beatmap of the first playlist item.
        beatmap_id: i32,
        /// The name.
        name: String,
        /// The largest number of users; 0 for no limit.
        max_participants: u8,
    }

    /// Changes a room's settings. `null` keeps a setting.
    ChangeRoomSettingsRequest {
        /// The name.
        name: Option<String>,
        /// The password; empty for none.
        password: Option<String>,
        /// The room's type.
        match_type = "type": Option<MatchType>,
        /// The largest number of users; 0 for no limit.
        max_participants: Option<u8>,
    }

    /// Changes the current playlist item. `null` keeps a value.
    EditCurrentPlaylistItemRequest {
        /// The ruleset's id.
        ruleset_id: Option<i32>,
        /// The beatmap's id.
        beatmap_id: Option<i32>,
        /// Mods that all players must use.
        required_mods: Option<Vec<Mod>>,
        /// Mods that each player may choose.
        allowed_mods: Option<Vec<Mod>>,
        /// Whether each player may choose the difficulty and ruleset.
        freestyle: Option<bool>,
    }

    /// Changes a playlist item. `null` keeps a value.
    EditPlaylistItemRequest {
        /// The playlist item's id.
        playlist_item_id: i64,
        /// The ruleset's id.
        ruleset_id: Option<i32>,
        /// The beatmap's id.
        beatmap_id: Option<i32>,
        /// Mods that all players must use.
        required_mods: Option<Vec<Mod>>,
        /// Mods that each player may choose.
        allowed_mods: Option<Vec<Mod>>,
        /// Whether each player may choose the difficulty and ruleset.
        freestyle: Option<bool>,
    }

    /// Adds a playlist item.
    AddPlaylistItemRequest {
        /// The ruleset's id.
        ruleset_id: i32,
        /// The beatmap's id.
        beatmap_id: i32,
        /// Mods that all players must use.
        required_mods: Vec<Mod>,
        /// Mods that each player may choose.
        allowed_mods: Vec<Mod>,
        /// Whether each player may choose the difficulty and ruleset.
        freestyle: bool,
    }

    /// Removes a playlist item.
    RemovePlaylistItemRequest {
        /// The playlist item's id.
        playlist_item_id: i64,
    }

    /// Rolls a random number.
    RollRequest {
        /// The largest possible number, from 2 to 100. Default: 100.
        max: Option<u32>,
    }

    /// Moves a user. `null` keeps a value.
    MoveUserRequest {
        /// The user's id.
        user_id: i64,
        /// The slot, from 0.
        slot: Option<u8>,
        /// The team.
        team: Option<MatchTeam>,
    }

    /// Sets whether players may change slots and teams.
    SetLockStateRequest {
        /// Whether changes are forbidden.
        locked: bool,
    }

    /// Starts gameplay.
    StartGameplayRequest {
        /// The countdown, in seconds; `null` starts immediately.
        countdown: Option<i32>,
    }

    /// The room that the caller now referees.
    RoomJoinedResponse {
        /// The room's id.
        room_id: i64,
        /// The id of its chat channel.
        chat_channel_id: i32,
        /// The name.
        name: String,
        /// The password; empty for none.
        password: String,
        /// The room's type, lock and slots.
        state: MatchState,
        /// The playlist.
        playlist: Vec<PlaylistItem>,
        /// The players.
        players: Vec<Player>,
        /// The referees.
        referees: Vec<Referee>,
    }

    /// The rooms that the caller referees.
    ListRoomsResponse {
        /// The rooms' ids.
        room_ids: Vec<i64>,
    }

    /// A user joined.
    UserJoinedEvent {
        /// The room's id.
        room_id: i64,
        /// The user's id.
        user_id: i64,
    }

    /// A user left.
    UserLeftEvent {
        /// The room's id.
        room_id: i64,
        /// The user's id.
        user_id: i64,
    }

    /// A user was removed.
    UserKickedEvent {
        /// The room's id.
        room_id: i64,
        /// The id of the removed user.
        kicked_user_id: i64,
        /// The id of the referee who removed the user.
        kicking_user_id: i64,
    }

    /// A user was removed permanently.
    UserBannedEvent {
        /// The room's id.
        room_id: i64,
        /// The id of the removed user.
        banned_user_id: i64,
        /// The id of the referee who removed the user.
        banning_user_id: i64,
    }

    /// A referee was added.
    RefereeAddedEvent {
        /// The room's id.
        room_id: i64,
        /// The user's id.
        user_id: i64,
    }

    /// A referee was removed.
    RefereeRemovedEvent {
        /// The room's id.
        room_id: i64,
        /// The user's id.
        user_id: i64,
    }

    /// The receiver was invited to referee a room.
    RefereeInvitedEvent {
        /// The room's id.
        room_id: i64,
    }

    /// A room's settings changed.
    RoomSettingsChangedEvent {
        /// The room's id.
        room_id: i64,
        /// The name.
        name: String,
        /// The password; empty for none.
        password: String,
        /// The room's type.
        match_type = "type": MatchType,
        /// The id of the current playlist item.
        playlist_item_id: i64,
        /// The largest number of users; `null` for no limit.
        max_participants: Option<u8>,
    }

    /// A room's type, lock or slots changed.
    MatchStateChangedEvent {
        /// The room's id.
        room_id: i64,
        /// The room's type, lock and slots.
        state: MatchState,
    }

    /// A playlist item was added.
    PlaylistItemAddedEvent {
        /// The room's id.
        room_id: i64,
        /// The playlist item.
        playlist_item: PlaylistItem,
    }

    /// A playlist item changed.
    PlaylistItemChangedEvent {
        /// The room's id.
        room_id: i64,
        /// The playlist item.
        playlist_item: PlaylistItem,
    }

    /// A playlist item was removed.
    PlaylistItemRemovedEvent {
        /// The room's id.
        room_id: i64,
        /// The playlist item's id.
        playlist_item_id: i64,
    }

    /// A user rolled a number.
    RollCompletedEvent {
        /// The room's id.
        room_id: i64,
        /// The user's id.
        user_id: i64,
        /// The largest possible number.
        max: u32,
        /// The result, from 1.
        result: u32,
    }

    /// A user's status changed.
    UserStatusChangedEvent {
        /// The room's id.
        room_id: i64,
        /// The user's id.
        user_id: i64,
        /// The user's status.
        status: MatchUserStatus,
    }

    /// A user selected other mods.
    UserModsChangedEvent {
        /// The room's id.
        room_id: i64,
        /// The user's id.
        user_id: i64,
        /// The user's mods.
        mods: Vec<Mod>,
    }

    /// A user selected another difficulty or ruleset.
    UserStyleChangedEvent {
        /// The room's id.
        room_id: i64,
        /// The user's id.
        user_id: i64,
        /// The beatmap's id, if it differs from the item's.
        beatmap_id: Option<i32>,
        /// The ruleset's id, if it differs from the item's.
        ruleset_id: Option<i32>,
    }

    /// A user changed teams.
    UserTeamChangedEvent {
        /// The room's id.
        room_id: i64,
        /// The user's id.
        user_id: i64,
        /// The user's team.
        team: Option<MatchTeam>,
    }

    /// A countdown started.
    CountdownStartedEvent {
        /// The room's id.
        room_id: i64,
        /// The countdown's id.
        countdown_id: i64,
        /// The time left, in seconds.
        seconds: f64,
        /// The countdown's type.
        countdown_type = "type": CountdownType,
    }

    /// A countdown was stopped.
    CountdownStoppedEvent {
        /// The room's id.
        room_id: i64,
        /// The countdown's id.
        countdown_id: i64,
        /// The countdown's type.
        countdown_type = "type": CountdownType,
    }

    /// A match started.
    MatchStartedEvent {
        /// The room's id.
        room_id: i64,
        /// The id of the playlist item.
        playlist_item_id: i64,
        /// The room's type.
        match_type = "type": MatchType,
        /// The users' teams, by user id.
        teams: Option<Map<i64, MatchTeam>>,
        /// The users' slots, by user id.
        slots: Option<Map<i64, u8>>,
    }

    /// A match was aborted.
    MatchAbortedEvent {
        /// The room's id.
        room_id: i64,
        /// The id of the playlist item.
        playlist_item_id: i64,
    }

    /// A match was completed.
    MatchCompletedEvent {
        /// The room's id.
        room_id: i64,
        /// The id of the playlist item.
        playlist_item_id: i64,
    }
}

macro_rules! in_json {
    ($($rows:tt)*) => {
        methods!([put_json next_json] $($rows)*);
    };
}

lobbywire_core::declarations::lazer_referee_methods!(in_json);
