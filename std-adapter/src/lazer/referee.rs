//! The referee's hub, which speaks JSON: what it carries, and what is called on it.
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
    Arguments, Buffer, Call as AnyCall, DecodeError, EncodeError, Encoding, FromArguments, FromCall,
    FromValue, Method, ToArguments, ToValue,
};
use crate::wire::{Json, MsgPackReader};
use serde::de::MapAccess;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serializer};

/// Makes a type that has no form but JSON an argument and a result.
macro_rules! carried_in_json {
    ($Type:ident) => {
        by_serde!($Type);

        impl ToValue for $Type {
            fn write_messagepack(&self, _: &mut Buffer) -> Result<(), EncodeError> {
                Err(EncodeError::OtherEncoding { what: stringify!($Type), encoding: Encoding::MessagePack })
            }

            fn write_json(&self, out: &mut Buffer) -> Result<(), EncodeError> {
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
    /// How a room plays.
    MatchType {
        /// Everybody against all.
        1 HeadToHead "head_to_head",
        /// Teams.
        2 TeamVersus "team_versus",
    }

    /// A team.
    MatchTeam {
        /// The red one.
        0 Red "red",
        /// The blue one.
        1 Blue "blue",
    }

    /// What a user does.
    MatchUserStatus {
        /// Nothing.
        0 Idle "idle",
        /// Waits to play.
        1 Ready "ready",
        /// Plays.
        2 Playing "playing",
        /// Has played.
        3 FinishedPlay "finished_play",
        /// Watches.
        4 Spectating "spectating",
    }

    /// What is counted down.
    CountdownType {
        /// The match begins.
        0 MatchStart "match_start",
        /// The server ends.
        1 ServerShuttingDown "server_shutting_down",
    }
}

/// Declares objects: one row a property. What is missing is as by default, and what is not known is kept.
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
            /// Properties that are not known here.
            pub unknown: Unknowns,
        }

        impl JsonModel for $Name {
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
        /// The mod's two letters.
        acronym: String,
        /// What it is set to, if anything.
        settings: Option<Settings>,
    }

    /// An item of a room's playlist.
    PlaylistItem {
        /// The item.
        id: i64,
        /// The ruleset.
        ruleset_id: i32,
        /// The beatmap.
        beatmap_id: i32,
        /// Mods that all play with.
        required_mods: Vec<Mod>,
        /// Mods that anybody may play with.
        allowed_mods: Vec<Mod>,
        /// Whether everybody chooses difficulty and ruleset.
        freestyle: bool,
        /// Whether it was played.
        was_played: bool,
        /// Its place.
        order: i32,
    }

    /// Somebody who plays.
    Player {
        /// The user.
        user_id: i64,
        /// What they do.
        status: MatchUserStatus,
        /// What they play where everybody chooses.
        style: Style,
        /// Their mods.
        mods: Vec<Mod>,
        /// Their team, if there are teams.
        team: Option<MatchTeam>,
    }

    /// What somebody plays where everybody chooses.
    Style {
        /// The ruleset, where it is another one.
        ruleset_id: Option<i32>,
        /// The beatmap, where it is another one.
        beatmap_id: Option<i32>,
    }

    /// Somebody who referees.
    Referee {
        /// The user.
        user_id: i64,
    }

    /// Type, lock and slots of a room.
    MatchState {
        /// How it plays.
        match_type = "type": MatchType,
        /// Whether players may not move.
        locked: bool,
        /// Who is in which slot; nothing where the room has no limit.
        slots: Option<Vec<Option<i32>>>,
    }

    /// Makes a room.
    MakeRoomRequest {
        /// The ruleset.
        ruleset_id: i32,
        /// The beatmap.
        beatmap_id: i32,
        /// Its name.
        name: String,
        /// How many may come; 0 for no limit.
        max_participants: u8,
    }

    /// Changes a room; null keeps what is.
    ChangeRoomSettingsRequest {
        /// Its name.
        name: Option<String>,
        /// What one has to know to come in; empty for nothing.
        password: Option<String>,
        /// How it plays.
        match_type = "type": Option<MatchType>,
        /// How many may come; 0 for no limit.
        max_participants: Option<u8>,
    }

    /// Changes what is played next; null keeps what is.
    EditCurrentPlaylistItemRequest {
        /// The ruleset.
        ruleset_id: Option<i32>,
        /// The beatmap.
        beatmap_id: Option<i32>,
        /// Mods that all play with.
        required_mods: Option<Vec<Mod>>,
        /// Mods that anybody may play with.
        allowed_mods: Option<Vec<Mod>>,
        /// Whether everybody chooses difficulty and ruleset.
        freestyle: Option<bool>,
    }

    /// Changes an item of the playlist; null keeps what is.
    EditPlaylistItemRequest {
        /// The item.
        playlist_item_id: i64,
        /// The ruleset.
        ruleset_id: Option<i32>,
        /// The beatmap.
        beatmap_id: Option<i32>,
        /// Mods that all play with.
        required_mods: Option<Vec<Mod>>,
        /// Mods that anybody may play with.
        allowed_mods: Option<Vec<Mod>>,
        /// Whether everybody chooses difficulty and ruleset.
        freestyle: Option<bool>,
    }

    /// Adds to the playlist.
    AddPlaylistItemRequest {
        /// The ruleset.
        ruleset_id: i32,
        /// The beatmap.
        beatmap_id: i32,
        /// Mods that all play with.
        required_mods: Vec<Mod>,
        /// Mods that anybody may play with.
        allowed_mods: Vec<Mod>,
        /// Whether everybody chooses difficulty and ruleset.
        freestyle: bool,
    }

    /// Removes an item of the playlist.
    RemovePlaylistItemRequest {
        /// The item.
        playlist_item_id: i64,
    }

    /// Rolls a number.
    RollRequest {
        /// The largest that there is, from 2 to 100; without it 100.
        max: Option<u32>,
    }

    /// Moves somebody; null keeps what is.
    MoveUserRequest {
        /// The user.
        user_id: i64,
        /// The slot, from 0.
        slot: Option<u8>,
        /// The team.
        team: Option<MatchTeam>,
    }

    /// Whether players may move.
    SetLockStateRequest {
        /// Whether they may not.
        locked: bool,
    }

    /// Begins to play.
    StartGameplayRequest {
        /// In how many seconds; null for now.
        countdown: Option<i32>,
    }

    /// The room that the caller referees now.
    RoomJoinedResponse {
        /// The room.
        room_id: i64,
        /// Its channel in the chat.
        chat_channel_id: i32,
        /// Its name.
        name: String,
        /// What one has to know to come in; empty for nothing.
        password: String,
        /// Type, lock and slots.
        state: MatchState,
        /// What it plays.
        playlist: Vec<PlaylistItem>,
        /// Who plays.
        players: Vec<Player>,
        /// Who referees.
        referees: Vec<Referee>,
    }

    /// The rooms that the caller referees.
    ListRoomsResponse {
        /// The rooms.
        room_ids: Vec<i64>,
    }

    /// Somebody has come.
    UserJoinedEvent {
        /// The room.
        room_id: i64,
        /// The user.
        user_id: i64,
    }

    /// Somebody has gone.
    UserLeftEvent {
        /// The room.
        room_id: i64,
        /// The user.
        user_id: i64,
    }

    /// Somebody was removed.
    UserKickedEvent {
        /// The room.
        room_id: i64,
        /// Who.
        kicked_user_id: i64,
        /// By whom.
        kicking_user_id: i64,
    }

    /// Somebody was removed and can't come again.
    UserBannedEvent {
        /// The room.
        room_id: i64,
        /// Who.
        banned_user_id: i64,
        /// By whom.
        banning_user_id: i64,
    }

    /// There is one more referee.
    RefereeAddedEvent {
        /// The room.
        room_id: i64,
        /// The user.
        user_id: i64,
    }

    /// There is one less referee.
    RefereeRemovedEvent {
        /// The room.
        room_id: i64,
        /// The user.
        user_id: i64,
    }

    /// The receiver may referee a room.
    RefereeInvitedEvent {
        /// The room.
        room_id: i64,
    }

    /// A room has changed.
    RoomSettingsChangedEvent {
        /// The room.
        room_id: i64,
        /// Its name.
        name: String,
        /// What one has to know to come in; empty for nothing.
        password: String,
        /// How it plays.
        match_type = "type": MatchType,
        /// What it plays next.
        playlist_item_id: i64,
        /// How many may come.
        max_participants: Option<u8>,
    }

    /// Type, lock or slots of a room have changed.
    MatchStateChangedEvent {
        /// The room.
        room_id: i64,
        /// Type, lock and slots.
        state: MatchState,
    }

    /// The playlist has one more.
    PlaylistItemAddedEvent {
        /// The room.
        room_id: i64,
        /// The item.
        playlist_item: PlaylistItem,
    }

    /// An item of the playlist has changed.
    PlaylistItemChangedEvent {
        /// The room.
        room_id: i64,
        /// The item.
        playlist_item: PlaylistItem,
    }

    /// The playlist has one less.
    PlaylistItemRemovedEvent {
        /// The room.
        room_id: i64,
        /// The item.
        playlist_item_id: i64,
    }

    /// Somebody has rolled a number.
    RollCompletedEvent {
        /// The room.
        room_id: i64,
        /// The user.
        user_id: i64,
        /// The largest that there was.
        max: u32,
        /// The number, from 1.
        result: u32,
    }

    /// Somebody does something else now.
    UserStatusChangedEvent {
        /// The room.
        room_id: i64,
        /// The user.
        user_id: i64,
        /// What they do.
        status: MatchUserStatus,
    }

    /// Somebody plays with other mods.
    UserModsChangedEvent {
        /// The room.
        room_id: i64,
        /// The user.
        user_id: i64,
        /// Their mods.
        mods: Vec<Mod>,
    }

    /// Somebody plays another difficulty or ruleset.
    UserStyleChangedEvent {
        /// The room.
        room_id: i64,
        /// The user.
        user_id: i64,
        /// The beatmap, where it is another one.
        beatmap_id: Option<i32>,
        /// The ruleset, where it is another one.
        ruleset_id: Option<i32>,
    }

    /// Somebody is in another team.
    UserTeamChangedEvent {
        /// The room.
        room_id: i64,
        /// The user.
        user_id: i64,
        /// Their team.
        team: Option<MatchTeam>,
    }

    /// Something is counted down.
    CountdownStartedEvent {
        /// The room.
        room_id: i64,
        /// The countdown.
        countdown_id: i64,
        /// How many seconds are left.
        seconds: f64,
        /// What it is.
        countdown_type = "type": CountdownType,
    }

    /// Something is not counted down any longer.
    CountdownStoppedEvent {
        /// The room.
        room_id: i64,
        /// The countdown.
        countdown_id: i64,
        /// What it was.
        countdown_type = "type": CountdownType,
    }

    /// It begins.
    MatchStartedEvent {
        /// The room.
        room_id: i64,
        /// What is played.
        playlist_item_id: i64,
        /// How.
        match_type = "type": MatchType,
        /// In which team each user is.
        teams: Option<Map<i64, MatchTeam>>,
        /// In which slot each user is.
        slots: Option<Map<i64, u8>>,
    }

    /// It was ended.
    MatchAbortedEvent {
        /// The room.
        room_id: i64,
        /// What was played.
        playlist_item_id: i64,
    }

    /// It has ended.
    MatchCompletedEvent {
        /// The room.
        room_id: i64,
        /// What was played.
        playlist_item_id: i64,
    }
}

macro_rules! in_json {
    ($($rows:tt)*) => {
        methods!([put_json next_json] $($rows)*);
    };
}

lobbywire_core::lazer_referee_methods!(in_json);
