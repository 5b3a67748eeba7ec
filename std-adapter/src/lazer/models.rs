//! What the hubs in MessagePack carry, but for the spectator's, which stands in the core.

use super::model_types::{model_types, unions};
use super::settings::Settings;
use super::{
    DateTimeOffset, DownloadState, Guid, HitResult, Map, MatchType, MatchmakingAvatarAction,
    MatchmakingPoolType, MatchmakingStage, MultiplayerRoomState, MultiplayerRoomUserRole,
    MultiplayerUserState, QueueMode, RankedPlayStage, ReplayButtonState, SpectatedUserState, TimeSpan,
    UserStatus,
};

/// How often each result was had.
pub type Statistics = Map<HitResult, i32>;

/// Times in a play, in milliseconds.
pub type Pauses = Option<Vec<i32>>;

lobbywire_core::lazer_spectator_types!(model_types);

impl APIMod {
    /// A mod that is set to nothing in particular.
    pub fn new(acronym: impl Into<String>) -> Self {
        Self { acronym: acronym.into(), ..Self::default() }
    }
}

model_types! {
    /// Whether somebody has a beatmap.
    BeatmapAvailability {
        /// Whether it is there.
        0 state: DownloadState,
        /// How much of it is there, from 0 to 1, while it is downloaded.
        1 download_progress: Option<f32>,
    }

    /// An item of a room's playlist.
    MultiplayerPlaylistItem {
        /// The item.
        0 id: i64,
        /// Who has added it.
        1 owner_id: i32,
        /// The beatmap.
        2 beatmap_id: i32,
        /// The beatmap's MD5.
        3 beatmap_checksum: String,
        /// The ruleset.
        4 ruleset_id: i32,
        /// Mods that all play with.
        5 required_mods: Vec<APIMod>,
        /// Mods that anybody may play with; none where the item is freestyle.
        6 allowed_mods: Vec<APIMod>,
        /// Whether it was played.
        7 expired: bool,
        /// Its place among those that were not.
        8 playlist_order: u16,
        /// When it was played.
        9 played_at: Option<DateTimeOffset>,
        /// How difficult it is.
        10 star_rating: f64,
        /// Whether everybody chooses difficulty and ruleset.
        11 freestyle: bool,
    }

    /// A room.
    MultiplayerRoom {
        /// The room.
        0 room_id: i64,
        /// What it is doing.
        1 state: MultiplayerRoomState,
        /// How it is set.
        2 settings: MultiplayerRoomSettings,
        /// Who is in it.
        3 users: Vec<MultiplayerRoomUser>,
        /// Whose it is: a copy of one of the users. Rooms of quick play have none.
        4 host: Option<MultiplayerRoomUser>,
        /// What rooms of its type have besides.
        5 match_state: Option<MatchRoomState>,
        /// What it plays.
        6 playlist: Vec<MultiplayerPlaylistItem>,
        /// What it counts down.
        7 active_countdowns: Vec<MultiplayerCountdown>,
        /// Its channel in the chat.
        8 channel_id: i32,
    }

    /// How a room is set.
    MultiplayerRoomSettings {
        /// Its name.
        0 name: String = "Unnamed room".into(),
        /// What it plays next.
        1 playlist_item_id: i64,
        /// What one has to know to come in; empty for nothing.
        2 password: String,
        /// How it plays.
        3 match_type: MatchType = MatchType::HEAD_TO_HEAD,
        /// Who adds to the playlist.
        4 queue_mode: QueueMode,
        /// When it begins by itself; zero for never.
        5 auto_start_duration: TimeSpan,
        /// Whether the beginning of beatmaps is skipped.
        6 auto_skip: bool,
        /// How many may come, from 2 to 16; without it there is no limit, and no slots.
        7 max_participants: Option<u8>,
    }

    /// Somebody in a room.
    MultiplayerRoomUser {
        /// The user.
        0 user_id: i32,
        /// What they do.
        1 state: MultiplayerUserState,
        /// Whether they have the beatmap.
        2 beatmap_availability: BeatmapAvailability,
        /// Their mods.
        3 mods: Vec<APIMod>,
        /// What users in rooms of this type have besides.
        4 match_state: Option<MatchUserState>,
        /// Their ruleset, where it is another one.
        5 ruleset_id: Option<i32>,
        /// Their beatmap, where it is another one.
        6 beatmap_id: Option<i32>,
        /// Whether they want to skip the beginning.
        7 voted_to_skip_intro: bool,
        /// What they are.
        8 role: MultiplayerRoomUserRole,
    }

    /// What rooms have in which everybody plays against all.
    StandardMatchRoomState {
        /// Whether players may not move.
        1 locked: bool,
        /// Who is in which slot; nothing where the room has no limit.
        2 slots: Option<Vec<Option<i32>>>,
    }

    /// What rooms have in which teams play.
    TeamVersusRoomState {
        /// The teams: 0 is red, and 1 is blue.
        0 teams: Vec<MultiplayerTeam>,
        /// Whether players may not move.
        1 locked: bool,
        /// Who is in which slot; nothing where the room has no limit.
        2 slots: Option<Vec<Option<i32>>>,
    }

    /// A team.
    MultiplayerTeam {
        /// The team.
        0 id: i32,
        /// Its name.
        1 name: String,
    }

    /// What users have in rooms in which teams play.
    TeamVersusUserState {
        /// Their team.
        0 team_id: i32,
    }

    /// What rooms of quick play have.
    MatchmakingRoomState {
        /// Where the match is.
        0 stage: MatchmakingStage,
        /// Which round it is, from 1.
        1 current_round: i32,
        /// Items that were selected.
        2 candidate_items: Vec<i64>,
        /// The one of them that is played; -1 is any.
        3 candidate_item: i64,
        /// How the users do.
        4 users: MatchmakingUserList,
        /// What is played, where any was selected.
        5 gameplay_item: i64,
    }

    /// How users do in quick play.
    MatchmakingUserList {
        /// By the user's id.
        0 user_dictionary: Map<i32, MatchmakingUser>,
    }

    /// How a user does in quick play.
    MatchmakingUser {
        /// The user.
        0 user_id: i32,
        /// Their place, from 1.
        1 placement: Option<i32>,
        /// Their points.
        2 points: i32,
        /// How they did in each round.
        3 rounds: MatchmakingRoundList,
        /// When they left.
        4 abandoned_at: Option<DateTimeOffset>,
    }

    /// How a user did in the rounds of quick play.
    MatchmakingRoundList {
        /// By the round, from 1.
        0 rounds_dictionary: Map<i32, MatchmakingRound>,
    }

    /// How a user did in a round of quick play.
    MatchmakingRound {
        /// Which round, from 1.
        0 round: i32,
        /// Their place.
        1 placement: i32,
        /// Their score.
        2 total_score: i64,
        /// From 0 to 1.
        3 accuracy: f64,
        /// The most in a row.
        4 max_combo: i32,
        /// How often each result was had.
        5 statistics: Statistics,
    }

    /// What rooms of ranked play have.
    RankedPlayRoomState {
        /// Where the match is.
        0 stage: RankedPlayStage,
        /// Which round it is, from 1.
        1 current_round: i32,
        /// What damage is multiplied with.
        2 damage_multiplier: f64 = 0.5,
        /// How the users do, by their ids.
        3 users: Map<i32, RankedPlayUserInfo>,
        /// Whose turn it is.
        4 active_user_id: Option<i32>,
        /// How difficult the cards are.
        5 star_rating: f64,
        /// Who has won.
        6 winning_user_id: Option<i32>,
    }

    /// How a user does in ranked play.
    RankedPlayUserInfo {
        /// Their rating.
        0 rating: i32,
        /// What is left of them.
        1 life: i32 = 1_000_000,
        /// Their cards.
        2 hand: Vec<RankedPlayCardItem>,
        /// Their rating behind the match.
        3 rating_after: i32,
        /// What the last round took of them.
        4 damage_info: Option<RankedPlayDamageInfo>,
        /// How many rounds they have won.
        5 rounds_won: i32,
        /// What damage is multiplied with.
        6 damage_multiplier: f64 = 0.5,
    }

    /// What a round of ranked play took of a user.
    RankedPlayDamageInfo {
        /// What it took in all.
        0 damage: i32,
        /// What it took before it was multiplied.
        1 raw_damage: i32,
        /// What was left before.
        2 old_life: i32,
        /// What is left now.
        3 new_life: i32,
        /// What it took by the difference of scores.
        4 direct_damage: i32,
        /// What it was multiplied with.
        5 multiplier: f64 = 1.0,
        /// What came on top.
        6 bonus_damage: i32,
    }

    /// A card of ranked play. In C# a new one has an id of its own; here it is zero.
    RankedPlayCardItem {
        /// The card.
        0 id: Guid,
    }

    /// The caller moves to another team.
    ChangeTeamRequest {
        /// The team.
        0 team_id: i32,
    }

    /// The match is to begin in some time.
    StartMatchCountdownRequest {
        /// In how much.
        0 duration: TimeSpan,
    }

    /// A countdown is to be stopped.
    StopCountdownRequest {
        /// The countdown.
        0 id: i32,
    }

    /// The caller's avatar does something.
    MatchmakingAvatarActionRequest {
        /// What it does.
        0 action: MatchmakingAvatarAction,
    }

    /// The caller does something with the cards.
    RankedPlayCardHandReplayRequest {
        /// What it looks like.
        0 frames: Option<Vec<RankedPlayCardHandReplayFrame>>,
    }

    /// Whether players may move.
    SetLockStateRequest {
        /// Whether they may not.
        0 locked: bool,
    }

    /// The caller rolls a number.
    RollRequest {
        /// The largest that there is, from 2 to 100; without it 100.
        0 max: Option<u32>,
    }

    /// The caller moves to another slot.
    ChangeSlotRequest {
        /// The slot, from 0.
        0 slot_id: u8,
    }

    /// Something is counted down.
    CountdownStartedEvent {
        /// What it is; nothing where it is none that the sender knew.
        0 countdown: Option<MultiplayerCountdown>,
    }

    /// Something is not counted down any longer.
    CountdownStoppedEvent {
        /// The countdown.
        0 id: i32,
    }

    /// A user's avatar does something.
    MatchmakingAvatarActionEvent {
        /// The user.
        0 user_id: i32,
        /// What it does.
        1 action: MatchmakingAvatarAction,
    }

    /// A user does something with the cards.
    RankedPlayCardHandReplayEvent {
        /// The user.
        0 user_id: i32,
        /// What it looks like.
        1 frames: Option<Vec<RankedPlayCardHandReplayFrame>>,
    }

    /// A user has rolled a number.
    RollEvent {
        /// The user.
        0 user_id: i32,
        /// The largest that there was.
        1 max: u32,
        /// The number, from 1.
        2 result: u32,
    }

    /// A point in time of what a user does with the cards.
    RankedPlayCardHandReplayFrame {
        /// How long it is behind the one before, in milliseconds.
        0 delay: f64,
        /// The cards that have changed.
        1 cards: Option<Map<Guid, RankedPlayCardState>>,
    }

    /// How a card lies.
    RankedPlayCardState {
        /// Whether the cursor is over it.
        0 hovered: bool,
        /// Whether it is pressed.
        1 pressed: bool,
        /// Whether it is selected.
        2 selected: bool,
        /// Whether it is dragged.
        3 dragged: bool,
        /// Its place among the others.
        4 order: i32,
        /// How far it was dragged.
        5 drag_x: f32,
        /// How far it was dragged.
        6 drag_y: f32,
    }

    /// Time goes by until something.
    Countdown {
        /// The countdown.
        0 id: i32,
        /// How much is left, at the moment of sending.
        1 time_remaining: TimeSpan,
    }

    /// Time goes by until the next stage of quick play.
    MatchmakingStageCountdown {
        /// The countdown.
        0 id: i32,
        /// How much is left, at the moment of sending.
        1 time_remaining: TimeSpan,
        /// The stage.
        2 stage: MatchmakingStage,
    }

    /// Time goes by until the next stage of ranked play.
    RankedPlayStageCountdown {
        /// The countdown.
        0 id: i32,
        /// How much is left, at the moment of sending.
        1 time_remaining: TimeSpan,
        /// The stage.
        2 stage: RankedPlayStage,
    }

    /// Players who play against each other.
    MatchmakingPool {
        /// The pool.
        0 id: i32,
        /// What they play.
        1 ruleset_id: i32,
        /// With how many keys.
        2 variant: i32,
        /// Its name.
        3 name: String,
        /// Whether it is quick or ranked.
        4 pool_type: MatchmakingPoolType,
    }

    /// Looks at a pool.
    MatchmakingJoinLobbyRequest {
        /// The pool.
        0 pool_id: i32,
    }

    /// Asks somebody for a match.
    MatchmakingIssueDuelRequest {
        /// The user.
        0 user_id: i32,
        /// The pool.
        1 pool_id: i32,
    }

    /// Takes a match that somebody asked for.
    MatchmakingAcceptDuelRequest {
        /// The duel.
        0 id: Guid,
    }

    /// A match was found.
    MatchmakingRoomInvitationParams {
        /// Whether it is quick or ranked.
        0 pool_type: MatchmakingPoolType,
    }

    /// Somebody asks for a match.
    MatchmakingDuelIssuedParams {
        /// The duel.
        0 id: Guid,
        /// The user.
        1 user_id: i32,
        /// The pool.
        2 pool: MatchmakingPool,
    }

    /// Who waits in a pool.
    MatchmakingLobbyStatus {
        /// Some of the users, up to 50.
        0 users_in_queue: Vec<i32>,
        /// Ratings, and how many have them.
        1 rating_distribution: Vec<(i32, i32)>,
        /// The receiver's rating, when it has joined.
        2 user_rating: Option<i32>,
        /// The last matches.
        3 recent_matches: Vec<MatchRoomState>,
    }

    /// Nothing besides what it is.
    Empty {
    }

    /// Which beatmaps have changed.
    BeatmapUpdates {
        /// The sets.
        0 beatmap_set_ids: Vec<i32>,
        /// Up to where that is known: what to ask with the next time.
        1 last_processed_queue_id: i32,
    }

    /// The challenge of the day.
    DailyChallengeInfo {
        /// Its room.
        0 room_id: i64,
    }

    /// Scores on an item of a playlist.
    MultiplayerPlaylistItemStats {
        /// The item.
        0 playlist_item_id: i64,
        /// How many scores there are in each 100,000 points; the last of 13 has all above.
        1 total_score_distribution: Vec<i64> = vec![0; 13],
        /// All scores together.
        2 cumulative_score: i64,
        /// The last score that is in this.
        3 last_processed_score_id: u64,
    }

    /// A score in a room that is watched.
    MultiplayerRoomScoreSetEvent {
        /// The room.
        0 room_id: i64,
        /// The item of its playlist.
        1 playlist_item_id: i64,
        /// The score.
        2 score_id: i64,
        /// The user.
        3 user_id: i32,
        /// How many points.
        4 total_score: i64,
        /// Its place, where it is the user's best on that item.
        5 new_rank: Option<i32>,
    }

    /// Where a user is.
    UserPresence {
        /// What they do, if anything.
        0 activity: Option<UserActivity>,
        /// How they want to be seen, where they say so.
        1 status: Option<UserStatus>,
    }

    /// A beatmap is played.
    InGame {
        /// The beatmap.
        0 beatmap_id: i32,
        /// Its title, for showing.
        1 beatmap_display_title: String,
        /// The ruleset.
        2 ruleset_id: i32,
        /// What is done there, as in `Clicking circles`.
        3 ruleset_playing_verb: String,
    }

    /// A beatmap is worked on.
    InEditor {
        /// The beatmap.
        0 beatmap_id: i32,
        /// Its title, for showing.
        1 beatmap_display_title: String,
    }

    /// A replay is watched.
    InReplay {
        /// The score.
        0 score_id: i64,
        /// Who plays.
        1 player_name: String,
        /// The beatmap; -1 where it is not known.
        2 beatmap_id: i32,
        /// Its title, for showing.
        3 beatmap_display_title: Option<String>,
    }

    /// A room is joined.
    InRoom {
        /// The room; -1 for quick and ranked play.
        0 room_id: i64,
        /// Its name.
        1 room_name: String,
    }
}

/// Nothing: the pool is looked at.
pub type MatchmakingJoinLobbyResponse = Empty;
/// Nothing: the user is asked.
pub type MatchmakingIssueDuelResponse = Empty;
/// Nothing: the match is taken.
pub type MatchmakingAcceptDuelResponse = Empty;

unions! {
    /// What a client asks for that only rooms of some type know.
    MatchUserRequest {
        /// Moves to another team.
        0 ChangeTeamRequest(ChangeTeamRequest),
        /// Begins in some time.
        1 StartMatchCountdownRequest(StartMatchCountdownRequest),
        /// Does not.
        2 StopCountdownRequest(StopCountdownRequest),
        /// Lets the avatar do something.
        3 MatchmakingAvatarActionRequest(MatchmakingAvatarActionRequest),
        /// Does something with the cards.
        4 RankedPlayCardHandReplayRequest(RankedPlayCardHandReplayRequest),
        /// Lets players move, or not.
        5 SetLockStateRequest(SetLockStateRequest),
        /// Rolls a number.
        6 RollRequest(RollRequest),
        /// Moves to another slot.
        7 ChangeSlotRequest(ChangeSlotRequest),
    }

    /// What happens that only rooms of some type know.
    MatchServerEvent {
        /// Something is counted down.
        0 CountdownStartedEvent(CountdownStartedEvent),
        /// And no longer.
        1 CountdownStoppedEvent(CountdownStoppedEvent),
        /// An avatar does something.
        2 MatchmakingAvatarActionEvent(MatchmakingAvatarActionEvent),
        /// Somebody does something with the cards.
        3 RankedPlayCardHandReplayEvent(RankedPlayCardHandReplayEvent),
        /// Somebody has rolled a number.
        4 RollEvent(RollEvent),
    }

    /// What rooms of some type have besides.
    MatchRoomState {
        /// Teams.
        0 TeamVersusRoomState(TeamVersusRoomState),
        /// Quick play.
        1 MatchmakingRoomState(MatchmakingRoomState),
        /// Ranked play.
        2 RankedPlayRoomState(RankedPlayRoomState),
        /// Everybody against all.
        3 StandardMatchRoomState(StandardMatchRoomState),
    }

    /// What users in rooms of some type have besides.
    MatchUserState {
        /// Teams.
        0 TeamVersusUserState(TeamVersusUserState),
    }

    /// What is counted down.
    MultiplayerCountdown {
        /// The match begins.
        0 MatchStartCountdown(Countdown),
        /// The play begins, also for those who are not ready.
        1 ForceGameplayStartCountdown(Countdown),
        /// The server ends.
        2 ServerShuttingDownCountdown(Countdown),
        /// The next stage of quick play begins.
        3 MatchmakingStageCountdown(MatchmakingStageCountdown),
        /// The next stage of ranked play begins.
        4 RankedPlayStageCountdown(RankedPlayStageCountdown),
    }

    /// How it stands with waiting for a match.
    MatchmakingQueueStatus {
        /// Others are looked for.
        0 Searching(Empty),
        /// They were found.
        1 MatchFound(Empty),
        /// The match is joined.
        2 JoiningMatch(Empty),
    }

    /// What a user does.
    UserActivity {
        /// Looks for a beatmap.
        11 ChoosingBeatmap(Empty),
        /// Plays.
        12 InSoloGame(InGame),
        /// Watches a replay.
        13 WatchingReplay(InReplay),
        /// Watches somebody play.
        14 SpectatingUser(InReplay),
        /// Looks for a room.
        21 SearchingForLobby(Empty),
        /// Is in a room.
        22 InLobby(InRoom),
        /// Plays in a room.
        23 InMultiplayerGame(InGame),
        /// Watches a room play.
        24 SpectatingMultiplayerGame(InGame),
        /// Plays an item of a playlist.
        31 InPlaylistGame(InGame),
        /// Edits a beatmap.
        41 EditingBeatmap(InEditor),
        /// Comments on a beatmap.
        42 ModdingBeatmap(InEditor),
        /// Tries a beatmap that is edited.
        43 TestingBeatmap(InEditor),
        /// Looks at the challenge of the day.
        51 InDailyChallengeLobby(Empty),
        /// Plays the challenge of the day.
        52 PlayingDailyChallenge(InGame),
    }
}
