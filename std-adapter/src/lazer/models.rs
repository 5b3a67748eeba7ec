//! The types that the MessagePack hubs carry, except those of the spectator hub, which are declared in the
//! core.

use super::model_types::{model_types, unions};
use super::settings::Settings;
use super::{
    DateTimeOffset, DownloadState, Guid, HitResult, Map, MatchType, MatchmakingAvatarAction,
    MatchmakingPoolType, MatchmakingStage, MultiplayerRoomState, MultiplayerRoomUserRole,
    MultiplayerUserState, QueueMode, RankedPlayStage, ReplayButtonState, SpectatedUserState, TimeSpan,
    UserStatus,
};

/// How often each result occurred.
pub type Statistics = Map<HitResult, i32>;

/// Gameplay times, in milliseconds.
pub type Pauses = Option<Vec<i32>>;

lobbywire_core::declarations::lazer_spectator_types!(model_types);

impl APIMod {
    /// Creates a mod with its default settings.
    pub fn new(acronym: impl Into<String>) -> Self {
        Self { acronym: acronym.into(), ..Self::default() }
    }
}

model_types! {
    /// Whether a user has the beatmap.
    BeatmapAvailability {
        /// The state of the download.
        0 state: DownloadState,
        /// The progress of the download, from 0 to 1.
        1 download_progress: Option<f32>,
    }

    /// An item of a room's playlist.
    MultiplayerPlaylistItem {
        /// The item's id.
        0 id: i64,
        /// The id of the user who added it.
        1 owner_id: i32,
        /// The beatmap's id.
        2 beatmap_id: i32,
        /// The beatmap's MD5.
        3 beatmap_checksum: String,
        /// The ruleset's id.
        4 ruleset_id: i32,
        /// Mods that all players must use.
        5 required_mods: Vec<APIMod>,
        /// Mods that each player may choose; empty if the item is freestyle.
        6 allowed_mods: Vec<APIMod>,
        /// Whether it has been played.
        7 expired: bool,
        /// Its position among the items that have not been played.
        8 playlist_order: u16,
        /// When it was played.
        9 played_at: Option<DateTimeOffset>,
        /// The star rating.
        10 star_rating: f64,
        /// Whether each player may choose the difficulty and ruleset.
        11 freestyle: bool,
    }

    /// A multiplayer room.
    MultiplayerRoom {
        /// The room's id.
        0 room_id: i64,
        /// The room's state.
        1 state: MultiplayerRoomState,
        /// The room's settings.
        2 settings: MultiplayerRoomSettings,
        /// The users in the room.
        3 users: Vec<MultiplayerRoomUser>,
        /// The host: a copy of one of the users. Quick play rooms have none.
        4 host: Option<MultiplayerRoomUser>,
        /// State that depends on the room's type.
        5 match_state: Option<MatchRoomState>,
        /// The playlist.
        6 playlist: Vec<MultiplayerPlaylistItem>,
        /// The active countdowns.
        7 active_countdowns: Vec<MultiplayerCountdown>,
        /// The id of its chat channel.
        8 channel_id: i32,
    }

    /// The settings of a room.
    MultiplayerRoomSettings {
        /// The name.
        0 name: String = "Unnamed room".into(),
        /// The id of the current playlist item.
        1 playlist_item_id: i64,
        /// The password; empty for none.
        2 password: String,
        /// The room's type.
        3 match_type: MatchType = MatchType::HEAD_TO_HEAD,
        /// Who may add playlist items, and their order.
        4 queue_mode: QueueMode,
        /// The delay of the automatic start; zero for none.
        5 auto_start_duration: TimeSpan,
        /// Whether the intro of beatmaps is skipped automatically.
        6 auto_skip: bool,
        /// The largest number of users, from 2 to 16. `None` means no limit, and no slots.
        7 max_participants: Option<u8>,
    }

    /// A user in a room.
    MultiplayerRoomUser {
        /// The user's id.
        0 user_id: i32,
        /// The user's state.
        1 state: MultiplayerUserState,
        /// Whether the user has the beatmap.
        2 beatmap_availability: BeatmapAvailability,
        /// The user's mods.
        3 mods: Vec<APIMod>,
        /// State that depends on the room's type.
        4 match_state: Option<MatchUserState>,
        /// The user's ruleset, if it differs from the item's.
        5 ruleset_id: Option<i32>,
        /// The user's beatmap, if it differs from the item's.
        6 beatmap_id: Option<i32>,
        /// Whether the user voted to skip the intro.
        7 voted_to_skip_intro: bool,
        /// The user's role.
        8 role: MultiplayerRoomUserRole,
    }

    /// The state of head-to-head rooms.
    StandardMatchRoomState {
        /// Whether players may not change slots and teams.
        1 locked: bool,
        /// The id of the user in each slot; `None` if the room has no limit.
        2 slots: Option<Vec<Option<i32>>>,
    }

    /// The state of team versus rooms.
    TeamVersusRoomState {
        /// The teams: 0 is red, 1 is blue.
        0 teams: Vec<MultiplayerTeam>,
        /// Whether players may not change slots and teams.
        1 locked: bool,
        /// The id of the user in each slot; `None` if the room has no limit.
        2 slots: Option<Vec<Option<i32>>>,
    }

    /// A team.
    MultiplayerTeam {
        /// The team's id.
        0 id: i32,
        /// The name.
        1 name: String,
    }

    /// The state of a user in a team versus room.
    TeamVersusUserState {
        /// The team's id.
        0 team_id: i32,
    }

    /// The state of quick play rooms.
    MatchmakingRoomState {
        /// The stage of the match.
        0 stage: MatchmakingStage,
        /// The current round, from 1.
        1 current_round: i32,
        /// The ids of the candidate items.
        2 candidate_items: Vec<i64>,
        /// The id of the chosen candidate; -1 is a random one.
        3 candidate_item: i64,
        /// The users' results.
        4 users: MatchmakingUserList,
        /// The id of the item that is played.
        5 gameplay_item: i64,
    }

    /// The results of quick play users.
    MatchmakingUserList {
        /// The results by user id.
        0 user_dictionary: Map<i32, MatchmakingUser>,
    }

    /// The results of a quick play user.
    MatchmakingUser {
        /// The user's id.
        0 user_id: i32,
        /// The placement, from 1; `None` if not placed yet.
        1 placement: Option<i32>,
        /// The points.
        2 points: i32,
        /// The results of each round.
        3 rounds: MatchmakingRoundList,
        /// When the user abandoned the match.
        4 abandoned_at: Option<DateTimeOffset>,
    }

    /// The results of a quick play user in all rounds.
    MatchmakingRoundList {
        /// The results by round, from 1.
        0 rounds_dictionary: Map<i32, MatchmakingRound>,
    }

    /// The results of a quick play user in one round.
    MatchmakingRound {
        /// The round, from 1.
        0 round: i32,
        /// The placement.
        1 placement: i32,
        /// The total score.
        2 total_score: i64,
        /// The accuracy, from 0 to 1.
        3 accuracy: f64,
        /// The highest combo.
        4 max_combo: i32,
        /// How often each result occurred.
        5 statistics: Statistics,
    }

    /// The state of ranked play rooms.
    RankedPlayRoomState {
        /// The stage of the match.
        0 stage: RankedPlayStage,
        /// The current round, from 1.
        1 current_round: i32,
        /// The damage multiplier.
        2 damage_multiplier: f64 = 0.5,
        /// The users' states, by user id.
        3 users: Map<i32, RankedPlayUserInfo>,
        /// The id of the user whose turn it is.
        4 active_user_id: Option<i32>,
        /// The average star rating of the cards.
        5 star_rating: f64,
        /// The id of the winner.
        6 winning_user_id: Option<i32>,
    }

    /// The state of a user in ranked play.
    RankedPlayUserInfo {
        /// The user's rating.
        0 rating: i32,
        /// The remaining life points.
        1 life: i32 = 1_000_000,
        /// The cards in the user's hand.
        2 hand: Vec<RankedPlayCardItem>,
        /// The user's rating after the match.
        3 rating_after: i32,
        /// The damage of the last round.
        4 damage_info: Option<RankedPlayDamageInfo>,
        /// The number of rounds won.
        5 rounds_won: i32,
        /// The damage multiplier.
        6 damage_multiplier: f64 = 0.5,
    }

    /// The damage that a user took in a round of ranked play.
    RankedPlayDamageInfo {
        /// The total damage.
        0 damage: i32,
        /// The damage without the multiplier.
        1 raw_damage: i32,
        /// The life points before.
        2 old_life: i32,
        /// The life points after.
        3 new_life: i32,
        /// The damage from the difference of scores.
        4 direct_damage: i32,
        /// The multiplier.
        5 multiplier: f64 = 1.0,
        /// Additional damage.
        6 bonus_damage: i32,
    }

    /// A ranked play card. In C# a new card has a random id; here its id is zero.
    RankedPlayCardItem {
        /// The card's id.
        0 id: Guid,
    }

    /// Moves the caller to another team.
    ChangeTeamRequest {
        /// The team's id.
        0 team_id: i32,
    }

    /// Starts a countdown to the start of the match.
    StartMatchCountdownRequest {
        /// The duration.
        0 duration: TimeSpan,
    }

    /// Stops a countdown.
    StopCountdownRequest {
        /// The countdown's id.
        0 id: i32,
    }

    /// Performs an action of the caller's avatar.
    MatchmakingAvatarActionRequest {
        /// The action.
        0 action: MatchmakingAvatarAction,
    }

    /// Reports how the caller moves the cards.
    RankedPlayCardHandReplayRequest {
        /// The recorded frames.
        0 frames: Option<Vec<RankedPlayCardHandReplayFrame>>,
    }

    /// Sets whether players may change slots and teams.
    SetLockStateRequest {
        /// Whether changes are forbidden.
        0 locked: bool,
    }

    /// Rolls a random number.
    RollRequest {
        /// The largest possible number, from 2 to 100. Default: 100.
        0 max: Option<u32>,
    }

    /// Moves the caller to another slot.
    ChangeSlotRequest {
        /// The slot, from 0.
        0 slot_id: u8,
    }

    /// A countdown started.
    CountdownStartedEvent {
        /// The countdown; nil if the sender did not know its type.
        0 countdown: Option<MultiplayerCountdown>,
    }

    /// A countdown was stopped.
    CountdownStoppedEvent {
        /// The countdown's id.
        0 id: i32,
    }

    /// A user's avatar performed an action.
    MatchmakingAvatarActionEvent {
        /// The user's id.
        0 user_id: i32,
        /// The action.
        1 action: MatchmakingAvatarAction,
    }

    /// A user moved the cards.
    RankedPlayCardHandReplayEvent {
        /// The user's id.
        0 user_id: i32,
        /// The recorded frames.
        1 frames: Option<Vec<RankedPlayCardHandReplayFrame>>,
    }

    /// A user rolled a number.
    RollEvent {
        /// The user's id.
        0 user_id: i32,
        /// The largest possible number.
        1 max: u32,
        /// The result, from 1.
        2 result: u32,
    }

    /// A recorded frame of a user's cards.
    RankedPlayCardHandReplayFrame value {
        /// The time since the previous frame, in milliseconds.
        0 delay: f64,
        /// The cards that changed.
        1 cards: Option<Map<Guid, RankedPlayCardState>>,
    }

    /// The state of a card on screen.
    RankedPlayCardState value {
        /// Whether the cursor hovers over it.
        0 hovered: bool,
        /// Whether it is pressed.
        1 pressed: bool,
        /// Whether it is selected.
        2 selected: bool,
        /// Whether it is being dragged.
        3 dragged: bool,
        /// Its order in the hand.
        4 order: i32,
        /// The horizontal drag offset.
        5 drag_x: f32,
        /// The vertical drag offset.
        6 drag_y: f32,
    }

    /// A countdown.
    Countdown {
        /// The countdown's id.
        0 id: i32,
        /// The time left when it was sent.
        1 time_remaining: TimeSpan,
    }

    /// A countdown to the next stage of quick play.
    MatchmakingStageCountdown {
        /// The countdown's id.
        0 id: i32,
        /// The time left when it was sent.
        1 time_remaining: TimeSpan,
        /// The next stage.
        2 stage: MatchmakingStage,
    }

    /// A countdown to the next stage of ranked play.
    RankedPlayStageCountdown {
        /// The countdown's id.
        0 id: i32,
        /// The time left when it was sent.
        1 time_remaining: TimeSpan,
        /// The next stage.
        2 stage: RankedPlayStage,
    }

    /// A matchmaking pool.
    MatchmakingPool {
        /// The pool's id.
        0 id: i32,
        /// The ruleset's id.
        1 ruleset_id: i32,
        /// The variant: the number of keys, in osu!mania.
        2 variant: i32,
        /// The pool's name.
        3 name: String,
        /// Its type: quick play or ranked play.
        4 pool_type: MatchmakingPoolType,
    }

    /// Subscribes to a pool's status.
    MatchmakingJoinLobbyRequest {
        /// The pool's id.
        0 pool_id: i32,
    }

    /// Challenges a user to a match.
    MatchmakingIssueDuelRequest {
        /// The user's id.
        0 user_id: i32,
        /// The pool's id.
        1 pool_id: i32,
    }

    /// Accepts a challenge.
    MatchmakingAcceptDuelRequest {
        /// The duel's id.
        0 id: Guid,
    }

    /// A match was found.
    MatchmakingRoomInvitationParams {
        /// The pool's type: quick play or ranked play.
        0 pool_type: MatchmakingPoolType,
    }

    /// A challenge from a user.
    MatchmakingDuelIssuedParams {
        /// The duel's id.
        0 id: Guid,
        /// The user's id.
        1 user_id: i32,
        /// The pool.
        2 pool: MatchmakingPool,
    }

    /// The status of a pool's queue.
    MatchmakingLobbyStatus {
        /// Some of the users, at most 50.
        0 users_in_queue: Vec<i32>,
        /// The distribution of ratings: a rating, and the number of users who have it.
        1 rating_distribution: Vec<(i32, i32)>,
        /// The receiver's rating. Present on joining.
        2 user_rating: Option<i32>,
        /// Recent matches.
        3 recent_matches: Vec<MatchRoomState>,
    }

    /// A type without fields.
    Empty {
    }

    /// Beatmaps that changed.
    BeatmapUpdates {
        /// The ids of the beatmap sets.
        0 beatmap_set_ids: Vec<i32>,
        /// The last processed queue id, to be passed to the next call.
        1 last_processed_queue_id: i32,
    }

    /// The daily challenge.
    DailyChallengeInfo value {
        /// The id of its room.
        0 room_id: i64,
    }

    /// Statistics of the scores on a playlist item.
    MultiplayerPlaylistItemStats {
        /// The playlist item's id.
        0 playlist_item_id: i64,
        /// The number of scores for each 100,000 points. The last of the 13 includes all higher scores.
        1 total_score_distribution: Vec<i64> = vec![0; 13],
        /// The sum of all scores.
        2 cumulative_score: i64,
        /// The id of the last score included.
        3 last_processed_score_id: u64,
    }

    /// A score in a subscribed room.
    MultiplayerRoomScoreSetEvent {
        /// The room's id.
        0 room_id: i64,
        /// The playlist item's id.
        1 playlist_item_id: i64,
        /// The score's id.
        2 score_id: i64,
        /// The user's id.
        3 user_id: i32,
        /// The total score.
        4 total_score: i64,
        /// The new rank, if it is the user's best score on this item.
        5 new_rank: Option<i32>,
    }

    /// The presence of a user.
    UserPresence value {
        /// The activity, if any.
        0 activity: Option<UserActivity>,
        /// The online status, if the user has chosen one.
        1 status: Option<UserStatus>,
    }

    /// Playing a beatmap.
    InGame {
        /// The beatmap's id.
        0 beatmap_id: i32,
        /// The title for display.
        1 beatmap_display_title: String,
        /// The ruleset's id.
        2 ruleset_id: i32,
        /// The verb for display, such as `Clicking circles`.
        3 ruleset_playing_verb: String,
    }

    /// Editing a beatmap.
    InEditor {
        /// The beatmap's id.
        0 beatmap_id: i32,
        /// The title for display.
        1 beatmap_display_title: String,
    }

    /// Watching a replay.
    InReplay {
        /// The score's id.
        0 score_id: i64,
        /// The player's name.
        1 player_name: String,
        /// The beatmap's id; -1 if unknown.
        2 beatmap_id: i32,
        /// The title for display.
        3 beatmap_display_title: Option<String>,
    }

    /// In a room.
    InRoom {
        /// The room's id; -1 for quick play and ranked play.
        0 room_id: i64,
        /// The room's name.
        1 room_name: String,
    }
}

/// No data: subscribes to the pool.
pub type MatchmakingJoinLobbyResponse = Empty;
/// No data: the challenge was sent.
pub type MatchmakingIssueDuelResponse = Empty;
/// No data: the challenge was accepted.
pub type MatchmakingAcceptDuelResponse = Empty;

unions! {
    /// A request of a client that depends on the room's type.
    MatchUserRequest {
        /// Moves to another team.
        0 ChangeTeamRequest(ChangeTeamRequest),
        /// Starts a countdown to the start of the match.
        1 StartMatchCountdownRequest(StartMatchCountdownRequest),
        /// Stops a countdown.
        2 StopCountdownRequest(StopCountdownRequest),
        /// Performs an action of the avatar.
        3 MatchmakingAvatarActionRequest(MatchmakingAvatarActionRequest),
        /// Reports how the caller moves the cards.
        4 RankedPlayCardHandReplayRequest(RankedPlayCardHandReplayRequest),
        /// Sets whether players may change slots and teams.
        5 SetLockStateRequest(SetLockStateRequest),
        /// Rolls a random number.
        6 RollRequest(RollRequest),
        /// Moves to another slot.
        7 ChangeSlotRequest(ChangeSlotRequest),
    }

    /// An event that depends on the room's type.
    MatchServerEvent {
        /// A countdown started.
        0 CountdownStartedEvent(CountdownStartedEvent),
        /// A countdown was stopped.
        1 CountdownStoppedEvent(CountdownStoppedEvent),
        /// An avatar performed an action.
        2 MatchmakingAvatarActionEvent(MatchmakingAvatarActionEvent),
        /// A user moved the cards.
        3 RankedPlayCardHandReplayEvent(RankedPlayCardHandReplayEvent),
        /// A user rolled a number.
        4 RollEvent(RollEvent),
    }

    /// The state of a room that depends on its type.
    MatchRoomState {
        /// Team versus.
        0 TeamVersusRoomState(TeamVersusRoomState),
        /// Quick play.
        1 MatchmakingRoomState(MatchmakingRoomState),
        /// Ranked play.
        2 RankedPlayRoomState(RankedPlayRoomState),
        /// Head-to-head.
        3 StandardMatchRoomState(StandardMatchRoomState),
    }

    /// The state of a user that depends on the room's type.
    MatchUserState {
        /// Team versus.
        0 TeamVersusUserState(TeamVersusUserState),
    }

    /// The type of a countdown.
    MultiplayerCountdown {
        /// The match starts.
        0 MatchStartCountdown(Countdown),
        /// Gameplay starts, even if some users are not ready.
        1 ForceGameplayStartCountdown(Countdown),
        /// The server shuts down.
        2 ServerShuttingDownCountdown(Countdown),
        /// The next stage of quick play starts.
        3 MatchmakingStageCountdown(MatchmakingStageCountdown),
        /// The next stage of ranked play starts.
        4 RankedPlayStageCountdown(RankedPlayStageCountdown),
    }

    /// The status of the matchmaking queue.
    MatchmakingQueueStatus {
        /// Searching for other players.
        0 Searching(Empty),
        /// A match was found.
        1 MatchFound(Empty),
        /// Joining the match.
        2 JoiningMatch(Empty),
    }

    /// The activity of a user.
    UserActivity {
        /// Choosing a beatmap.
        11 ChoosingBeatmap(Empty),
        /// Playing alone.
        12 InSoloGame(InGame),
        /// Watching a replay.
        13 WatchingReplay(InReplay),
        /// Spectating a user.
        14 SpectatingUser(InReplay),
        /// Searching for a room.
        21 SearchingForLobby(Empty),
        /// In a room.
        22 InLobby(InRoom),
        /// Playing in a room.
        23 InMultiplayerGame(InGame),
        /// Spectating a room.
        24 SpectatingMultiplayerGame(InGame),
        /// Playing a playlist item.
        31 InPlaylistGame(InGame),
        /// Editing a beatmap.
        41 EditingBeatmap(InEditor),
        /// Modding a beatmap.
        42 ModdingBeatmap(InEditor),
        /// Testing a beatmap in the editor.
        43 TestingBeatmap(InEditor),
        /// In the lobby of the daily challenge.
        51 InDailyChallengeLobby(Empty),
        /// Playing the daily challenge.
        52 PlayingDailyChallenge(InGame),
    }
}
