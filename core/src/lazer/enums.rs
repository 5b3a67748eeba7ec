//! Open enums: 32-bit integers with named values.

use super::payload::Payload;
use crate::wire::{Error, Full, MsgPackReader, MsgPackWriter, Sink, Trace};

macro_rules! open_enums {
    ($($(#[$docs:meta])* $Name:ident {
        $($(#[$value_docs:meta])* $value:literal $CONST:ident $name:literal,)*
    })*) => {$(
        $(#[$docs])*
        ///
        /// Encoded as a 32-bit integer. Values without a name are preserved.
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
        pub struct $Name(pub i32);

        impl $Name {
            $(
                $(#[$value_docs])*
                #[doc = concat!("`", $name, "`, ", stringify!($value), ".")]
                pub const $CONST: Self = Self($value);
            )*

            /// All named values, in order.
            pub const ALL: &'static [Self] = &[$(Self::$CONST),*];

            /// The value's name in osu!'s source; `None` if it is not known.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($name),)*
                    _ => None,
                }
            }
        }

        impl core::fmt::Debug for $Name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, concat!(stringify!($Name), "({})"), self.0),
                }
            }
        }

        impl Payload<'_> for $Name {
            #[inline]
            fn read_with(reader: &mut MsgPackReader<'_>, trace: &mut impl Trace) -> Result<Self, Error> {
                i32::read_with(reader, trace).map(Self)
            }

            #[inline]
            fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
                self.0.write(out)
            }
        }
    )*};
}

open_enums! {
    /// The state of a player who can be spectated.
    SpectatedUserState {
        0 IDLE "Idle",
        1 PLAYING "Playing",
        2 PAUSED "Paused",
        3 PASSED "Passed",
        4 FAILED "Failed",
        5 QUIT "Quit",
    }

    /// The judgement of a hit.
    HitResult {
        0 NONE "None",
        1 MISS "Miss",
        2 MEH "Meh",
        3 OK "Ok",
        4 GOOD "Good",
        5 GREAT "Great",
        6 PERFECT "Perfect",
        7 SMALL_TICK_MISS "SmallTickMiss",
        8 SMALL_TICK_HIT "SmallTickHit",
        9 LARGE_TICK_MISS "LargeTickMiss",
        10 LARGE_TICK_HIT "LargeTickHit",
        11 SMALL_BONUS "SmallBonus",
        12 LARGE_BONUS "LargeBonus",
        13 IGNORE_MISS "IgnoreMiss",
        14 IGNORE_HIT "IgnoreHit",
        15 COMBO_BREAK "ComboBreak",
        16 SLIDER_TAIL_HIT "SliderTailHit",
        99 LEGACY_COMBO_INCREASE "LegacyComboIncrease",
    }

    /// The buttons held in a replay frame, as flags.
    ReplayButtonState {
        0 NONE "None",
        1 LEFT1 "Left1",
        2 RIGHT1 "Right1",
        4 LEFT2 "Left2",
        8 RIGHT2 "Right2",
        16 SMOKE "Smoke",
    }

    /// The state of a room.
    MultiplayerRoomState {
        0 OPEN "Open",
        1 WAITING_FOR_LOAD "WaitingForLoad",
        2 PLAYING "Playing",
        3 CLOSED "Closed",
    }

    /// The state of a user in a room.
    MultiplayerUserState {
        0 IDLE "Idle",
        1 READY "Ready",
        /// Set only by the server.
        2 WAITING_FOR_LOAD "WaitingForLoad",
        3 LOADED "Loaded",
        4 READY_FOR_GAMEPLAY "ReadyForGameplay",
        /// Set only by the server.
        5 PLAYING "Playing",
        6 FINISHED_PLAY "FinishedPlay",
        /// Set only by the server.
        7 RESULTS "Results",
        8 SPECTATING "Spectating",
    }

    /// The role of a user in a room.
    MultiplayerRoomUserRole {
        0 PLAYER "Player",
        1 REFEREE "Referee",
    }

    /// Why gameplay was aborted.
    GameplayAbortReason {
        0 LOAD_TOOK_TOO_LONG "LoadTookTooLong",
        1 HOST_ABORTED_THE_MATCH "HostAbortedTheMatch",
    }

    /// The type of a room.
    MatchType {
        0 PLAYLISTS "Playlists",
        1 HEAD_TO_HEAD "HeadToHead",
        2 TEAM_VERSUS "TeamVersus",
        /// Quick play.
        3 MATCHMAKING "Matchmaking",
        4 RANKED_PLAY "RankedPlay",
    }

    /// Who may add items to a room's playlist, and their order.
    QueueMode {
        0 HOST_ONLY "HostOnly",
        1 ALL_PLAYERS "AllPlayers",
        2 ALL_PLAYERS_ROUND_ROBIN "AllPlayersRoundRobin",
    }

    /// Whether a user has downloaded a beatmap.
    DownloadState {
        0 UNKNOWN "Unknown",
        1 NOT_DOWNLOADED "NotDownloaded",
        2 DOWNLOADING "Downloading",
        3 IMPORTING "Importing",
        4 LOCALLY_AVAILABLE "LocallyAvailable",
    }

    /// The type of a matchmaking pool.
    MatchmakingPoolType {
        0 QUICK_PLAY "QuickPlay",
        1 RANKED_PLAY "RankedPlay",
    }

    /// The stage of a quick play match.
    MatchmakingStage {
        0 WAITING_FOR_CLIENTS_JOIN "WaitingForClientsJoin",
        1 ROUND_WARMUP_TIME "RoundWarmupTime",
        2 USER_BEATMAP_SELECT "UserBeatmapSelect",
        3 SERVER_BEATMAP_FINALISED "ServerBeatmapFinalised",
        4 WAITING_FOR_CLIENTS_BEATMAP_DOWNLOAD "WaitingForClientsBeatmapDownload",
        5 GAMEPLAY_WARMUP_TIME "GameplayWarmupTime",
        6 GAMEPLAY "Gameplay",
        7 RESULTS_DISPLAYING "ResultsDisplaying",
        8 ENDED "Ended",
    }

    /// An action of a user's avatar.
    MatchmakingAvatarAction {
        0 JUMP "Jump",
    }

    /// The stage of a ranked play match.
    RankedPlayStage {
        0 WAIT_FOR_JOIN "WaitForJoin",
        1 ROUND_WARMUP "RoundWarmup",
        2 CARD_DISCARD "CardDiscard",
        3 FINISH_CARD_DISCARD "FinishCardDiscard",
        4 CARD_PLAY "CardPlay",
        5 FINISH_CARD_PLAY "FinishCardPlay",
        6 GAMEPLAY_WARMUP "GameplayWarmup",
        7 GAMEPLAY "Gameplay",
        8 RESULTS "Results",
        9 ENDED "Ended",
    }

    /// The online status that a user has chosen.
    UserStatus {
        /// As a chosen status: appear offline.
        0 OFFLINE "Offline",
        1 DO_NOT_DISTURB "DoNotDisturb",
        2 ONLINE "Online",
    }
}

impl ReplayButtonState {
    /// Whether all of these buttons are held.
    pub const fn contains(self, buttons: Self) -> bool {
        self.0 & buttons.0 == buttons.0
    }
}

impl core::ops::BitOr for ReplayButtonState {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl super::payload::Fixed for ReplayButtonState {
    const LEN: usize = 1;

    #[inline(always)]
    fn get(bytes: &[u8]) -> Option<(Self, &[u8])> {
        i32::get(bytes).map(|(value, rest)| (Self(value), rest))
    }

    #[inline(always)]
    fn fits(&self) -> bool {
        self.0.fits()
    }

    #[inline(always)]
    fn set<'b>(&self, bytes: &'b mut [u8]) -> Option<&'b mut [u8]> {
        self.0.set(bytes)
    }
}
