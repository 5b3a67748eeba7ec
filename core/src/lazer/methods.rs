//! The methods of all hubs, one row each. This module generates their names and argument names, `spectator` the
//! borrowed calls of the spectator hub, and the std adapter the owned calls of all hubs.
//!
//! A row is `Target(argument: type, …) -> result`. The types are those of the std adapter. `<'a>` before the
//! arguments marks rows that borrow. Methods without `->` return nothing.

/// The spectator hub: calls `$then!` with its rows.
#[macro_export]
#[doc(hidden)]
macro_rules! __lazer_spectator_methods {
    ($then:ident) => {
        $then! {
            spectator Spectator

            client {
                /// Starts a play session. The server keeps at most two for each user.
                BeginPlaySessionV2 <'a> (score_token: Option<i64>, state: SpectatorState);
                /// Sends frames of a play session. Sent without an invocation id, because clients do not wait
                /// for it.
                SendFrameDataV2 <'a> (score_token: Option<i64>, bundle: FrameDataBundle);
                /// Ends a play session.
                EndPlaySessionV2 (score_token: Option<i64>, state: SpectatedUserState);
                /// Starts spectating a user, who may be offline.
                StartWatchingUser (user_id: i32);
                /// Stops spectating a user.
                EndWatchingUser (user_id: i32);
                /// As `BeginPlaySessionV2`, for older clients. To be removed after 2027-01-02.
                BeginPlaySession <'a> (score_token: Option<i64>, state: SpectatorState);
                /// As `SendFrameDataV2`, for older clients. To be removed after 2027-01-02.
                SendFrameData <'a> (bundle: FrameDataBundle);
                /// As `EndPlaySessionV2`, for older clients. To be removed after 2027-01-02.
                EndPlaySession <'a> (state: SpectatorState);
            }

            server {
                /// A spectated user started playing, or was already playing.
                UserBeganPlaying <'a> (user_id: i32, state: SpectatorState);
                /// Frames of a spectated user.
                UserSentFrames <'a> (user_id: i32, bundle: FrameDataBundle);
                /// A spectated user stopped playing.
                UserFinishedPlaying <'a> (user_id: i32, state: SpectatorState);
                /// The receiver's score was processed.
                UserScoreProcessed (user_id: i32, score_id: i64);
                /// Users started spectating the receiver.
                UserStartedWatching <'a> (users: Vec<SpectatorUser>);
                /// A user stopped spectating the receiver.
                UserEndedWatching (user_id: i32);
                /// Another client of the same user connected. Later calls fail.
                DisconnectRequested ();
                /// The server will shut down within hours. Disconnect at a convenient time.
                ServerShuttingDown ();
            }
        }
    };
}

/// The multiplayer hub: calls `$then!` with its rows.
#[macro_export]
#[doc(hidden)]
macro_rules! __lazer_multiplayer_methods {
    ($then:ident) => {
        $then! {
            multiplayer Multiplayer

            client {
                /// Creates a room. The caller becomes its host.
                CreateRoom <'a> (room: MultiplayerRoom) -> MultiplayerRoom;
                /// Joins a room without a password.
                JoinRoom (room_id: i64) -> MultiplayerRoom;
                /// Joins a room. An empty password means none.
                JoinRoomWithPassword <'a> (room_id: i64, password: String) -> MultiplayerRoom;
                /// Leaves the current room, if any.
                LeaveRoom ();
                /// Makes another user the host. Requires the host or a referee.
                TransferHost (user_id: i32);
                /// Removes a user. Requires the host or a referee.
                KickUser (user_id: i32);
                /// Changes the room's settings. Requires the host or a referee.
                ChangeSettings <'a> (settings: MultiplayerRoomSettings);
                /// Changes the caller's state.
                ChangeState (state: MultiplayerUserState);
                /// Reports whether the caller has the beatmap.
                ChangeBeatmapAvailability <'a> (availability: BeatmapAvailability);
                /// Selects the caller's difficulty and ruleset, for freestyle items.
                ChangeUserStyle (beatmap_id: Option<i32>, ruleset_id: Option<i32>);
                /// Selects the caller's mods.
                ChangeUserMods <'a> (mods: Vec<APIMod>);
                /// Sends a request that depends on the room's type. Countdowns require the host or a referee.
                SendMatchRequest <'a> (request: MatchUserRequest);
                /// Starts the match. Requires the host or a referee.
                StartMatch ();
                /// Aborts the match. Requires the host or a referee.
                AbortMatch ();
                /// Aborts the caller's gameplay.
                AbortGameplay ();
                /// Adds an item to the playlist.
                AddPlaylistItem <'a> (item: MultiplayerPlaylistItem);
                /// Replaces the playlist item with the same id.
                EditPlaylistItem <'a> (item: MultiplayerPlaylistItem);
                /// Removes a playlist item.
                RemovePlaylistItem (playlist_item_id: i64);
                /// Votes to skip the intro.
                VoteToSkipIntro ();
                /// Invites a user.
                InvitePlayer (user_id: i32);
                /// Returns the matchmaking pools.
                GetMatchmakingPoolsOfType (pool_type: MatchmakingPoolType) -> Vec<MatchmakingPool>;
                /// Subscribes to a pool's status.
                MatchmakingJoinLobbyWithParams <'a> (request: MatchmakingJoinLobbyRequest) -> MatchmakingJoinLobbyResponse;
                /// Unsubscribes from the pool.
                MatchmakingLeaveLobby ();
                /// Joins a pool's queue.
                MatchmakingJoinQueue (pool_id: i32);
                /// Leaves the queue.
                MatchmakingLeaveQueue ();
                /// Accepts a match.
                MatchmakingAcceptInvitation ();
                /// Declines a match.
                MatchmakingDeclineInvitation ();
                /// Challenges a user to a match.
                MatchmakingIssueDuel <'a> (request: MatchmakingIssueDuelRequest) -> MatchmakingIssueDuelResponse;
                /// Accepts a challenge. Not an error if the challenge is unknown.
                MatchmakingAcceptDuel <'a> (request: MatchmakingAcceptDuelRequest) -> MatchmakingAcceptDuelResponse;
                /// Selects or deselects an item; -1 is a random one.
                MatchmakingToggleSelection (playlist_item_id: i64);
                /// Skips to the next stage, if the server allows it. For debugging.
                MatchmakingSkipToNextStage ();
                /// Returns the quick play pools. For older clients.
                GetMatchmakingPools () -> Vec<MatchmakingPool>;
                /// Subscribes to the lobby's status. For older clients.
                MatchmakingJoinLobby ();
                /// Discards cards, in ranked play.
                DiscardCards <'a> (cards: Vec<RankedPlayCardItem>);
                /// Plays a card, in ranked play.
                PlayCard <'a> (card: RankedPlayCardItem);
            }

            server {
                /// The room's state changed.
                RoomStateChanged (state: MultiplayerRoomState);
                /// A user joined.
                UserJoined <'a> (user: MultiplayerRoomUser);
                /// A user left.
                UserLeft <'a> (user: MultiplayerRoomUser);
                /// A user was removed, possibly the receiver.
                UserKicked <'a> (user: MultiplayerRoomUser);
                /// A user invites the receiver.
                Invited <'a> (invited_by: i32, room_id: i64, password: String);
                /// Another user became the host.
                HostChanged (user_id: i32);
                /// The room's settings changed.
                SettingsChanged <'a> (settings: MultiplayerRoomSettings);
                /// A user's state changed.
                UserStateChanged (user_id: i32, state: MultiplayerUserState);
                /// A user's state that depends on the room's type changed; may be nil.
                MatchUserStateChanged <'a> (user_id: i32, state: Option<MatchUserState>);
                /// The room's state that depends on its type changed; may be nil.
                MatchRoomStateChanged <'a> (state: Option<MatchRoomState>);
                /// An event that depends on the room's type.
                MatchEvent <'a> (event: MatchServerEvent);
                /// A user's download state changed.
                UserBeatmapAvailabilityChanged <'a> (user_id: i32, availability: BeatmapAvailability);
                /// A user selected another difficulty or ruleset.
                UserStyleChanged (user_id: i32, beatmap_id: Option<i32>, ruleset_id: Option<i32>);
                /// A user selected other mods.
                UserModsChanged <'a> (user_id: i32, mods: Vec<APIMod>);
                /// The receiver should load the beatmap.
                LoadRequested ();
                /// The receiver should start gameplay.
                GameplayStarted ();
                /// The receiver's gameplay was aborted.
                GameplayAborted (reason: GameplayAbortReason);
                /// All users have finished.
                ResultsReady ();
                /// A playlist item was added.
                PlaylistItemAdded <'a> (item: MultiplayerPlaylistItem);
                /// A playlist item was removed.
                PlaylistItemRemoved (playlist_item_id: i64);
                /// A playlist item changed; it is identified by its id.
                PlaylistItemChanged <'a> (item: MultiplayerPlaylistItem);
                /// A user voted to skip the intro, or withdrew the vote.
                UserVotedToSkipIntro (user_id: i32, voted: bool);
                /// The vote to skip the intro passed.
                VoteToSkipIntroPassed ();
                /// The receiver joined a pool's queue.
                MatchmakingQueueJoined ();
                /// The receiver left the queue.
                MatchmakingQueueLeft ();
                /// A match was found. For older clients; still sent.
                MatchmakingRoomInvited ();
                /// A match was found.
                MatchmakingRoomInvitedWithParams <'a> (invitation: MatchmakingRoomInvitationParams);
                /// A user challenges the receiver.
                MatchmakingDuelIssued <'a> (duel: MatchmakingDuelIssuedParams);
                /// The room of the match is ready.
                MatchmakingRoomReady <'a> (room_id: i64, password: String);
                /// The users in the queue of the subscribed pool. Sent on joining and about every 5 seconds.
                MatchmakingLobbyStatusChanged <'a> (status: MatchmakingLobbyStatus);
                /// The status of the queue.
                MatchmakingQueueStatusChanged <'a> (status: MatchmakingQueueStatus);
                /// A user selected an item; -1 is a random one.
                MatchmakingItemSelected (user_id: i32, playlist_item_id: i64);
                /// A user deselected an item.
                MatchmakingItemDeselected (user_id: i32, playlist_item_id: i64);
                /// A user received a card.
                RankedPlayCardAdded <'a> (user_id: i32, card: RankedPlayCardItem);
                /// A user lost a card.
                RankedPlayCardRemoved <'a> (user_id: i32, card: RankedPlayCardItem);
                /// A card was revealed.
                RankedPlayCardRevealed <'a> (card: RankedPlayCardItem, item: MultiplayerPlaylistItem);
                /// A card was played.
                RankedPlayCardPlayed <'a> (card: RankedPlayCardItem);
                /// Another client of the same user connected. Later calls fail.
                DisconnectRequested ();
                /// The server will shut down within hours. Disconnect at a convenient time.
                ServerShuttingDown ();
            }
        }
    };
}

/// The metadata hub: calls `$then!` with its rows.
#[macro_export]
#[doc(hidden)]
macro_rules! __lazer_metadata_methods {
    ($then:ident) => {
        $then! {
            metadata Metadata

            client {
                /// Returns beatmaps that changed. Call it again until it returns none.
                GetChangesSince (queue_id: i32) -> BeatmapUpdates;
                /// Sets the caller's activity, if any.
                UpdateActivity <'a> (activity: Option<UserActivity>);
                /// Sets the caller's online status.
                UpdateStatus (status: Option<UserStatus>);
                /// Subscribes to the presence of users.
                BeginWatchingUserPresence ();
                /// Unsubscribes from the presence of users.
                EndWatchingUserPresence ();
                /// Subscribes to the scores of a room. Returns the current ones.
                BeginWatchingMultiplayerRoom (room_id: i64) -> Vec<MultiplayerPlaylistItemStats>;
                /// Unsubscribes from the scores of a room.
                EndWatchingMultiplayerRoom (room_id: i64);
                /// The caller's friends changed.
                RefreshFriends ();
            }

            server {
                /// Beatmaps changed.
                BeatmapSetsUpdated <'a> (updates: BeatmapUpdates);
                /// The presence of a user changed; nil when offline.
                UserPresenceUpdated <'a> (user_id: i32, presence: Option<UserPresence>);
                /// The presence of a friend changed; nil when offline.
                FriendPresenceUpdated <'a> (user_id: i32, presence: Option<UserPresence>);
                /// The daily challenge changed; nil if there is none.
                DailyChallengeUpdated <'a> (info: Option<DailyChallengeInfo>);
                /// A score in a subscribed room.
                MultiplayerRoomScoreSet <'a> (event: MultiplayerRoomScoreSetEvent);
                /// Another client of the same user connected. Later calls fail.
                DisconnectRequested ();
                /// The server will shut down within hours. Disconnect at a convenient time.
                ServerShuttingDown ();
            }
        }
    };
}

/// The referee hub: calls `$then!` with its rows.
#[macro_export]
#[doc(hidden)]
macro_rules! __lazer_referee_methods {
    ($then:ident) => {
        $then! {
            referee Referee

            client {
                /// The server replies by calling `Pong`. For tests.
                Ping <'a> (message: String);
                /// Creates a room.
                MakeRoom <'a> (request: MakeRoomRequest) -> RoomJoinedResponse;
                /// Starts refereeing a room.
                JoinRoom (room_id: i64) -> RoomJoinedResponse;
                /// Closes a room.
                CloseRoom (room_id: i64);
                /// Invites a user.
                InvitePlayer (room_id: i64, user_id: i64);
                /// Removes a user.
                KickPlayer (room_id: i64, user_id: i64);
                /// Removes a user permanently.
                BanUser (room_id: i64, user_id: i64);
                /// Adds a referee. Requires the host.
                AddReferee (room_id: i64, user_id: i64);
                /// Removes a referee. Requires the host.
                RemoveReferee (room_id: i64, user_id: i64);
                /// Returns the rooms that the caller referees.
                ListRooms () -> ListRoomsResponse;
                /// Changes a room's settings.
                ChangeRoomSettings <'a> (room_id: i64, request: ChangeRoomSettingsRequest);
                /// Changes the current playlist item.
                EditCurrentPlaylistItem <'a> (room_id: i64, request: EditCurrentPlaylistItemRequest);
                /// Adds an item to the playlist.
                AddPlaylistItem <'a> (room_id: i64, request: AddPlaylistItemRequest);
                /// Changes a playlist item.
                EditPlaylistItem <'a> (room_id: i64, request: EditPlaylistItemRequest);
                /// Removes a playlist item.
                RemovePlaylistItem <'a> (room_id: i64, request: RemovePlaylistItemRequest);
                /// Rolls a random number.
                Roll <'a> (room_id: i64, request: Option<RollRequest>);
                /// Moves a user to another slot or team.
                MoveUser <'a> (room_id: i64, request: MoveUserRequest);
                /// Sets whether players may change slots and teams.
                SetLockState <'a> (room_id: i64, request: SetLockStateRequest);
                /// Starts gameplay, immediately or after a countdown.
                StartMatch <'a> (room_id: i64, request: StartGameplayRequest);
                /// Stops the countdown.
                StopMatchCountdown (room_id: i64);
                /// Aborts gameplay.
                AbortMatch (room_id: i64);
            }

            server {
                /// The reply to `Ping`.
                Pong <'a> (message: String);
                /// A user joined.
                UserJoined <'a> (event: UserJoinedEvent);
                /// A user left.
                UserLeft <'a> (event: UserLeftEvent);
                /// A user was removed.
                UserKicked <'a> (event: UserKickedEvent);
                /// A user was removed permanently.
                UserBanned <'a> (event: UserBannedEvent);
                /// A referee was added.
                RefereeAdded <'a> (event: RefereeAddedEvent);
                /// A referee was removed.
                RefereeRemoved <'a> (event: RefereeRemovedEvent);
                /// The receiver was invited to referee a room.
                RefereeInvited <'a> (event: RefereeInvitedEvent);
                /// A room's settings changed.
                RoomSettingsChanged <'a> (event: RoomSettingsChangedEvent);
                /// A room's type, lock or slots changed.
                MatchStateChanged <'a> (event: MatchStateChangedEvent);
                /// A playlist item was added.
                PlaylistItemAdded <'a> (event: PlaylistItemAddedEvent);
                /// A playlist item changed.
                PlaylistItemChanged <'a> (event: PlaylistItemChangedEvent);
                /// A playlist item was removed.
                PlaylistItemRemoved <'a> (event: PlaylistItemRemovedEvent);
                /// A user rolled a number.
                RollCompleted <'a> (event: RollCompletedEvent);
                /// A user's status changed.
                UserStatusChanged <'a> (event: UserStatusChangedEvent);
                /// A user selected other mods.
                UserModsChanged <'a> (event: UserModsChangedEvent);
                /// A user selected another difficulty or ruleset.
                UserStyleChanged <'a> (event: UserStyleChangedEvent);
                /// A user changed teams.
                UserTeamChanged <'a> (event: UserTeamChangedEvent);
                /// A countdown started.
                CountdownStarted <'a> (event: CountdownStartedEvent);
                /// A countdown was stopped.
                CountdownStopped <'a> (event: CountdownStoppedEvent);
                /// A match started.
                MatchStarted <'a> (event: MatchStartedEvent);
                /// A match was aborted.
                MatchAborted <'a> (event: MatchAbortedEvent);
                /// A match was completed.
                MatchCompleted <'a> (event: MatchCompletedEvent);
            }
        }
    };
}
