//! What the hubs and their clients may call: one row a method, from which come the names with their arity, here, the
//! spectator's calls that borrow, and in the std adapter the calls of all hubs.
//!
//! A row is `Target(argument: type, …) -> result`, the types as the std adapter has them, `<'a>` in front of the
//! arguments where they borrow. A method without a result gives nothing.

/// The spectator's hub: calls `$then!` with its rows.
#[macro_export]
#[doc(hidden)]
macro_rules! lazer_spectator_methods {
    ($then:ident) => {
        $then! {
            spectator Spectator

            client {
                /// A play begins. The server keeps two at most of each user.
                BeginPlaySessionV2 <'a> (score_token: Option<i64>, state: SpectatorState);
                /// Frames of a play that was begun. Sent without an id: nobody waits for its completion.
                SendFrameDataV2 <'a> (score_token: Option<i64>, bundle: FrameDataBundle);
                /// A play ends.
                EndPlaySessionV2 (score_token: Option<i64>, state: SpectatedUserState);
                /// What this user plays is to be told, also when they are not there yet.
                StartWatchingUser (user_id: i32);
                /// And no longer.
                EndWatchingUser (user_id: i32);
                /// As `BeginPlaySessionV2` for older clients, to be removed after 2027-01-02.
                BeginPlaySession <'a> (score_token: Option<i64>, state: SpectatorState);
                /// As `SendFrameDataV2` for older clients, to be removed after 2027-01-02.
                SendFrameData <'a> (bundle: FrameDataBundle);
                /// As `EndPlaySessionV2` for older clients, to be removed after 2027-01-02.
                EndPlaySession <'a> (state: SpectatorState);
            }

            server {
                /// A user who is watched has begun to play, or was playing already.
                UserBeganPlaying <'a> (user_id: i32, state: SpectatorState);
                /// Frames of a user who is watched.
                UserSentFrames <'a> (user_id: i32, bundle: FrameDataBundle);
                /// A user who is watched has ended a play.
                UserFinishedPlaying <'a> (user_id: i32, state: SpectatorState);
                /// The receiver's own score is known.
                UserScoreProcessed (user_id: i32, score_id: i64);
                /// These watch the receiver.
                UserStartedWatching <'a> (users: Vec<SpectatorUser>);
                /// This one does not any longer.
                UserEndedWatching (user_id: i32);
                /// Another client of the same user has taken over; later calls fail.
                DisconnectRequested ();
                /// This server ends, in some hours: to be left when there is time.
                ServerShuttingDown ();
            }
        }
    };
}

/// The multiplayer's hub: calls `$then!` with its rows.
#[macro_export]
#[doc(hidden)]
macro_rules! lazer_multiplayer_methods {
    ($then:ident) => {
        $then! {
            multiplayer Multiplayer

            client {
                /// Makes a room, whose host is the caller.
                CreateRoom <'a> (room: MultiplayerRoom) -> MultiplayerRoom;
                /// Joins a room without a password.
                JoinRoom (room_id: i64) -> MultiplayerRoom;
                /// Joins a room; an empty password is none.
                JoinRoomWithPassword <'a> (room_id: i64, password: String) -> MultiplayerRoom;
                /// Leaves the room, if there is one.
                LeaveRoom ();
                /// Makes somebody else the host; for hosts and referees.
                TransferHost (user_id: i32);
                /// Removes somebody; for hosts and referees.
                KickUser (user_id: i32);
                /// Changes the room; for hosts and referees.
                ChangeSettings <'a> (settings: MultiplayerRoomSettings);
                /// The caller does something else now.
                ChangeState (state: MultiplayerUserState);
                /// The caller has the beatmap, or has it not.
                ChangeBeatmapAvailability <'a> (availability: BeatmapAvailability);
                /// The caller plays another difficulty or ruleset, where the item is freestyle.
                ChangeUserStyle (beatmap_id: Option<i32>, ruleset_id: Option<i32>);
                /// The caller plays with these mods.
                ChangeUserMods <'a> (mods: Vec<APIMod>);
                /// Something that only rooms of some type know; countdowns are for hosts and referees.
                SendMatchRequest <'a> (request: MatchUserRequest);
                /// Begins to play; for hosts and referees.
                StartMatch ();
                /// Ends the play of all; for hosts and referees.
                AbortMatch ();
                /// Ends the caller's play.
                AbortGameplay ();
                /// Adds to the playlist.
                AddPlaylistItem <'a> (item: MultiplayerPlaylistItem);
                /// Changes the item of the playlist that has this one's id.
                EditPlaylistItem <'a> (item: MultiplayerPlaylistItem);
                /// Removes an item of the playlist.
                RemovePlaylistItem (playlist_item_id: i64);
                /// The caller wants to skip the beginning.
                VoteToSkipIntro ();
                /// Asks somebody to come.
                InvitePlayer (user_id: i32);
                /// Which pools of players there are.
                GetMatchmakingPoolsOfType (pool_type: MatchmakingPoolType) -> Vec<MatchmakingPool>;
                /// Looks at a pool.
                MatchmakingJoinLobbyWithParams <'a> (request: MatchmakingJoinLobbyRequest) -> MatchmakingJoinLobbyResponse;
                /// And no longer.
                MatchmakingLeaveLobby ();
                /// Waits for others of a pool.
                MatchmakingJoinQueue (pool_id: i32);
                /// And no longer.
                MatchmakingLeaveQueue ();
                /// Takes the match that was found.
                MatchmakingAcceptInvitation ();
                /// Does not take it.
                MatchmakingDeclineInvitation ();
                /// Asks somebody for a match.
                MatchmakingIssueDuel <'a> (request: MatchmakingIssueDuelRequest) -> MatchmakingIssueDuelResponse;
                /// Takes a match that somebody asked for; one that is not known is no error.
                MatchmakingAcceptDuel <'a> (request: MatchmakingAcceptDuelRequest) -> MatchmakingAcceptDuelResponse;
                /// Selects an item, or does not any longer; -1 is any.
                MatchmakingToggleSelection (playlist_item_id: i64);
                /// Goes on to the next stage, where the server allows that, for debugging.
                MatchmakingSkipToNextStage ();
                /// Which pools of quick play there are; for older clients.
                GetMatchmakingPools () -> Vec<MatchmakingPool>;
                /// Looks at the lobby; for older clients.
                MatchmakingJoinLobby ();
                /// Gives cards away, in ranked play.
                DiscardCards <'a> (cards: Vec<RankedPlayCardItem>);
                /// Plays a card, in ranked play.
                PlayCard <'a> (card: RankedPlayCardItem);
            }

            server {
                /// The room does something else now.
                RoomStateChanged (state: MultiplayerRoomState);
                /// Somebody has come.
                UserJoined <'a> (user: MultiplayerRoomUser);
                /// Somebody has gone.
                UserLeft <'a> (user: MultiplayerRoomUser);
                /// Somebody was removed, perhaps the receiver.
                UserKicked <'a> (user: MultiplayerRoomUser);
                /// Somebody asks the receiver to come.
                Invited <'a> (invited_by: i32, room_id: i64, password: String);
                /// Somebody else is the host now.
                HostChanged (user_id: i32);
                /// The room has changed.
                SettingsChanged <'a> (settings: MultiplayerRoomSettings);
                /// Somebody does something else now.
                UserStateChanged (user_id: i32, state: MultiplayerUserState);
                /// What somebody is in a room of this type has changed; there may be nothing of it.
                MatchUserStateChanged <'a> (user_id: i32, state: Option<MatchUserState>);
                /// What rooms of this type have has changed; there may be nothing of it.
                MatchRoomStateChanged <'a> (state: Option<MatchRoomState>);
                /// Something happened that only rooms of some type know.
                MatchEvent <'a> (event: MatchServerEvent);
                /// Somebody has the beatmap, or has it not.
                UserBeatmapAvailabilityChanged <'a> (user_id: i32, availability: BeatmapAvailability);
                /// Somebody plays another difficulty or ruleset.
                UserStyleChanged (user_id: i32, beatmap_id: Option<i32>, ruleset_id: Option<i32>);
                /// Somebody plays with these mods.
                UserModsChanged <'a> (user_id: i32, mods: Vec<APIMod>);
                /// The receiver is to load the beatmap.
                LoadRequested ();
                /// The receiver is to play.
                GameplayStarted ();
                /// The receiver's play is ended.
                GameplayAborted (reason: GameplayAbortReason);
                /// All have played.
                ResultsReady ();
                /// The playlist has one more.
                PlaylistItemAdded <'a> (item: MultiplayerPlaylistItem);
                /// The playlist has one less.
                PlaylistItemRemoved (playlist_item_id: i64);
                /// The item of the playlist that has this one's id has changed.
                PlaylistItemChanged <'a> (item: MultiplayerPlaylistItem);
                /// Somebody wants to skip the beginning, or does not.
                UserVotedToSkipIntro (user_id: i32, voted: bool);
                /// Enough of them do.
                VoteToSkipIntroPassed ();
                /// The receiver waits for others of a pool now.
                MatchmakingQueueJoined ();
                /// And no longer.
                MatchmakingQueueLeft ();
                /// A match was found; of older clients, and still sent.
                MatchmakingRoomInvited ();
                /// A match was found.
                MatchmakingRoomInvitedWithParams <'a> (invitation: MatchmakingRoomInvitationParams);
                /// Somebody asks for a match.
                MatchmakingDuelIssued <'a> (duel: MatchmakingDuelIssuedParams);
                /// The room of the match that was found.
                MatchmakingRoomReady <'a> (room_id: i64, password: String);
                /// Who waits in the pool that the receiver looks at: on joining, and about every 5 seconds.
                MatchmakingLobbyStatusChanged <'a> (status: MatchmakingLobbyStatus);
                /// How it stands with waiting.
                MatchmakingQueueStatusChanged <'a> (status: MatchmakingQueueStatus);
                /// Somebody has selected an item; -1 is any.
                MatchmakingItemSelected (user_id: i32, playlist_item_id: i64);
                /// And has it no longer selected.
                MatchmakingItemDeselected (user_id: i32, playlist_item_id: i64);
                /// Somebody has one more card.
                RankedPlayCardAdded <'a> (user_id: i32, card: RankedPlayCardItem);
                /// Somebody has one less.
                RankedPlayCardRemoved <'a> (user_id: i32, card: RankedPlayCardItem);
                /// What a card is.
                RankedPlayCardRevealed <'a> (card: RankedPlayCardItem, item: MultiplayerPlaylistItem);
                /// A card was played.
                RankedPlayCardPlayed <'a> (card: RankedPlayCardItem);
                /// Another client of the same user has taken over; later calls fail.
                DisconnectRequested ();
                /// This server ends, in some hours: to be left when there is time.
                ServerShuttingDown ();
            }
        }
    };
}

/// The metadata's hub: calls `$then!` with its rows.
#[macro_export]
#[doc(hidden)]
macro_rules! lazer_metadata_methods {
    ($then:ident) => {
        $then! {
            metadata Metadata

            client {
                /// Which beatmaps have changed. To be asked again until there are none.
                GetChangesSince (queue_id: i32) -> BeatmapUpdates;
                /// What the caller does, if anything.
                UpdateActivity <'a> (activity: Option<UserActivity>);
                /// How the caller wants to be seen.
                UpdateStatus (status: Option<UserStatus>);
                /// Who is there, and who comes and goes, is to be told.
                BeginWatchingUserPresence ();
                /// And no longer.
                EndWatchingUserPresence ();
                /// Scores of a room are to be told; what there is of them comes at once.
                BeginWatchingMultiplayerRoom (room_id: i64) -> Vec<MultiplayerPlaylistItemStats>;
                /// And no longer.
                EndWatchingMultiplayerRoom (room_id: i64);
                /// The caller's friends have changed.
                RefreshFriends ();
            }

            server {
                /// Beatmaps have changed.
                BeatmapSetsUpdated <'a> (updates: BeatmapUpdates);
                /// Where somebody is; nowhere when offline.
                UserPresenceUpdated <'a> (user_id: i32, presence: Option<UserPresence>);
                /// Where a friend is; nowhere when offline.
                FriendPresenceUpdated <'a> (user_id: i32, presence: Option<UserPresence>);
                /// The challenge of the day, if there is one.
                DailyChallengeUpdated <'a> (info: Option<DailyChallengeInfo>);
                /// A score in a room that is watched.
                MultiplayerRoomScoreSet <'a> (event: MultiplayerRoomScoreSetEvent);
                /// Another client of the same user has taken over; later calls fail.
                DisconnectRequested ();
                /// This server ends, in some hours: to be left when there is time.
                ServerShuttingDown ();
            }
        }
    };
}

/// The referee's hub: calls `$then!` with its rows.
#[macro_export]
#[doc(hidden)]
macro_rules! lazer_referee_methods {
    ($then:ident) => {
        $then! {
            referee Referee

            client {
                /// Answered with `Pong`; for tests.
                Ping <'a> (message: String);
                /// Makes a room.
                MakeRoom <'a> (request: MakeRoomRequest) -> RoomJoinedResponse;
                /// Referees a room.
                JoinRoom (room_id: i64) -> RoomJoinedResponse;
                /// Ends a room.
                CloseRoom (room_id: i64);
                /// Asks somebody to come.
                InvitePlayer (room_id: i64, user_id: i64);
                /// Removes somebody.
                KickPlayer (room_id: i64, user_id: i64);
                /// Removes somebody, who can't come again.
                BanUser (room_id: i64, user_id: i64);
                /// One more referee; for the host.
                AddReferee (room_id: i64, user_id: i64);
                /// One less; for the host.
                RemoveReferee (room_id: i64, user_id: i64);
                /// Which rooms the caller referees.
                ListRooms () -> ListRoomsResponse;
                /// Changes a room.
                ChangeRoomSettings <'a> (room_id: i64, request: ChangeRoomSettingsRequest);
                /// Changes what is played next.
                EditCurrentPlaylistItem <'a> (room_id: i64, request: EditCurrentPlaylistItemRequest);
                /// Adds to the playlist.
                AddPlaylistItem <'a> (room_id: i64, request: AddPlaylistItemRequest);
                /// Changes an item of the playlist.
                EditPlaylistItem <'a> (room_id: i64, request: EditPlaylistItemRequest);
                /// Removes an item of the playlist.
                RemovePlaylistItem <'a> (room_id: i64, request: RemovePlaylistItemRequest);
                /// Rolls a number.
                Roll <'a> (room_id: i64, request: Option<RollRequest>);
                /// Moves somebody to another slot or team.
                MoveUser <'a> (room_id: i64, request: MoveUserRequest);
                /// Whether players may move.
                SetLockState <'a> (room_id: i64, request: SetLockStateRequest);
                /// Begins to play, now or in some seconds.
                StartMatch <'a> (room_id: i64, request: StartGameplayRequest);
                /// Does not begin in some seconds.
                StopMatchCountdown (room_id: i64);
                /// Ends the play.
                AbortMatch (room_id: i64);
            }

            server {
                /// Answers `Ping`.
                Pong <'a> (message: String);
                /// Somebody has come.
                UserJoined <'a> (event: UserJoinedEvent);
                /// Somebody has gone.
                UserLeft <'a> (event: UserLeftEvent);
                /// Somebody was removed.
                UserKicked <'a> (event: UserKickedEvent);
                /// Somebody was removed and can't come again.
                UserBanned <'a> (event: UserBannedEvent);
                /// There is one more referee.
                RefereeAdded <'a> (event: RefereeAddedEvent);
                /// There is one less.
                RefereeRemoved <'a> (event: RefereeRemovedEvent);
                /// The receiver may referee a room.
                RefereeInvited <'a> (event: RefereeInvitedEvent);
                /// A room has changed.
                RoomSettingsChanged <'a> (event: RoomSettingsChangedEvent);
                /// Type, lock or slots of a room have changed.
                MatchStateChanged <'a> (event: MatchStateChangedEvent);
                /// The playlist has one more.
                PlaylistItemAdded <'a> (event: PlaylistItemAddedEvent);
                /// An item of the playlist has changed.
                PlaylistItemChanged <'a> (event: PlaylistItemChangedEvent);
                /// The playlist has one less.
                PlaylistItemRemoved <'a> (event: PlaylistItemRemovedEvent);
                /// Somebody has rolled a number.
                RollCompleted <'a> (event: RollCompletedEvent);
                /// Somebody does something else now.
                UserStatusChanged <'a> (event: UserStatusChangedEvent);
                /// Somebody plays with these mods.
                UserModsChanged <'a> (event: UserModsChangedEvent);
                /// Somebody plays another difficulty or ruleset.
                UserStyleChanged <'a> (event: UserStyleChangedEvent);
                /// Somebody is in another team.
                UserTeamChanged <'a> (event: UserTeamChangedEvent);
                /// It begins in some seconds.
                CountdownStarted <'a> (event: CountdownStartedEvent);
                /// It does not.
                CountdownStopped <'a> (event: CountdownStoppedEvent);
                /// It begins.
                MatchStarted <'a> (event: MatchStartedEvent);
                /// It was ended.
                MatchAborted <'a> (event: MatchAbortedEvent);
                /// It has ended.
                MatchCompleted <'a> (event: MatchCompletedEvent);
            }
        }
    };
}
