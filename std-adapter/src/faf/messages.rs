//! The lobby's messages. Each is declared once, one row a field.

use super::decode::{Cursor, FromJson, Rules};
use super::json::Urls;
use super::message_types::{Map, message_types};
use super::{Body, DecodeError, Json, Mode, Nullable, Number, Secret, Unknown, gpgnet};
use crate::wire::{self, Sink};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// Decodes a message whose command is known.
fn read<T: FromJson>(command: &str, json: wire::Json<'_>, rules: Rules) -> Result<Box<T>, DecodeError> {
    T::from_json(&mut Cursor::new(json, rules)).map(Box::new).map_err(|mismatch| mismatch.in_command(command))
}

/// Whether a message has a field with this name.
fn has(message: &super::BorrowedMessage<'_>, name: &str) -> bool {
    let text = message.json().text();
    // Search the text first, which is faster. Letters of the name may be escaped.
    (text.contains(name) || text.contains("\\u006") || text.contains("\\u007")) && message.get(name).is_some()
}

/// Declares the messages of one side: a type for each, and the enum `Message`.
macro_rules! messages {
    ($(
        $(#[$mod_docs:meta])*
        mod $module:ident $(fills_missing = $fills_missing:literal)? {
            $(
                $(#[$docs:meta])*
                $name:ident $command:literal $(if $mark:literal)? { $($fields:tt)* }
            )*
        }
    )*) => {$(
        $(#[$mod_docs])*
        pub mod $module {
            use super::*;

            message_types! {
                $(
                    $(#[$docs])*
                    #[doc = concat!("\n\nIts `command` is `", $command, "`.")]
                    $name $command { $($fields)* }
                )*
            }

            $(
                impl $name {
                    /// The message's `command`.
                    pub const COMMAND: &'static str = $command;
                }

                impl From<$name> for Message {
                    fn from(message: $name) -> Self {
                        Self::$name(message.into())
                    }
                }

                impl Body for $name {
                    fn write_json(&self, out: &mut impl Sink) -> Result<(), super::super::WriteError> {
                        super::super::json::PutJson::put_json(self, out)
                    }

                    fn keyword(&self, mode: Mode) -> Result<Option<&'static str>, super::super::WriteError> {
                        super::super::keyword($command, &self.extra, mode)
                    }
                }
            )*

            /// Any of these messages.
            ///
            /// The types are boxed to keep the enum small.
            #[derive(Clone, Debug, PartialEq)]
            #[non_exhaustive]
            pub enum Message {
                $($(#[$docs])* $name(Box<$name>),)*
                /// A GPGNet command to or from the game.
                Game(gpgnet::Command),
                /// A message with an unknown command. It is kept unchanged.
                Unknown(Unknown),
            }

            impl Message {
                /// Parses and decodes a message. See [`Mode`](super::super::Mode#typed-messages) for what the lenient mode
                /// accepts.
                ///
                /// # Errors
                /// If the text is malformed, or if it does not fit the type of a known command.
                pub fn parse(text: &str, mode: Mode) -> Result<Self, DecodeError> {
                    let message = super::super::BorrowedMessage::parse(text, mode)?;
                    Self::of(&message, mode)
                }

                /// Decodes a message whose text has been parsed.
                pub(in super::super) fn of(
                    message: &super::super::BorrowedMessage<'_>,
                    mode: Mode,
                ) -> Result<Self, DecodeError> {
                    if message.is_for_game() && message.has_command() {
                        return gpgnet::Command::of(message, mode).map(Self::Game);
                    }
                    let rules = Rules {
                        mode,
                        fills_missing: mode.is_lenient() && [$($fills_missing,)? false][0],
                        is_canonical: message.is_canonical(),
                    };
                    let command = message.command();
                    let command = command.as_plain().map_or_else(|| command.to_string().into(), Cow::from);
                    match &*command {
                        $(
                            $command $(if has(message, $mark))? => {
                                read::<$name>($command, message.json(), rules).map(Self::$name)
                            }
                        )*
                        _ => Ok(Self::Unknown(Unknown::of(message))),
                    }
                }

                /// The message's `command`.
                pub fn command(&self) -> &str {
                    match self {
                        $(Self::$name(_) => $command,)*
                        Self::Game(command) => &command.command,
                        Self::Unknown(unknown) => unknown.command(),
                    }
                }
            }

            impl From<gpgnet::Command> for Message {
                fn from(command: gpgnet::Command) -> Self {
                    Self::Game(command)
                }
            }

            impl Serialize for Message {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    match self {
                        $(Self::$name(message) => message.serialize(serializer),)*
                        Self::Game(command) => command.serialize(serializer),
                        Self::Unknown(unknown) => unknown.serialize(serializer),
                    }
                }
            }

            impl<'de> serde::Deserialize<'de> for Message {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    let json = Json::deserialize(deserializer)?;
                    // serde_json accepts lone surrogates here.
                    super::super::BorrowedMessage::parse(json.text(), Mode::Lenient)
                        .map_err(DecodeError::from)
                        .and_then(|message| Self::of(&message, Mode::Strict))
                        .map_err(serde::de::Error::custom)
                }
            }

            impl Body for Message {
                fn write_json(&self, out: &mut impl Sink) -> Result<(), super::super::WriteError> {
                    match self {
                        $(Self::$name(message) => message.write_json(out),)*
                        Self::Game(command) => command.write_json(out),
                        Self::Unknown(unknown) => unknown.write_json(out),
                    }
                }

                fn keyword(&self, mode: Mode) -> Result<Option<&'static str>, super::super::WriteError> {
                    match self {
                        $(Self::$name(message) => message.keyword(mode),)*
                        Self::Game(_) => Ok(None),
                        Self::Unknown(unknown) => unknown.keyword(mode),
                    }
                }
            }
        }
    )*};
}

messages! {
    /// Messages that clients send to the lobby server.
    mod client {
        /// Requests a session. Must be the first message.
        AskSession "ask_session" {
            /// The client's name. The server rejects all but `downlords-faf-client` as unsupported.
            [user_agent]: String,
            /// The client's version.
            [version]: String,
        }
        /// Logs in with a token.
        Auth "auth" {
            /// A JWT of the user service.
            token: Secret,
            /// The machine's unique id.
            unique_id: Secret,
            /// The number from [`Session`](super::server::Session). Some clients send it as a string.
            [session]: Json,
        }
        /// Logs in with a password (old clients).
        Hello "hello" {
            /// The player's name.
            login: String,
            /// The SHA-256 of the password, in hexadecimal digits.
            password: Secret,
            /// The machine's unique id.
            unique_id: Secret,
            /// The number from [`Session`](super::server::Session).
            [session]: Json,
        }
        /// Creates an account. Always refused; accounts are created on the website.
        CreateAccount "create_account" {}
        /// A keepalive request.
        Ping "ping" {}
        /// The reply to a keepalive request.
        Pong "pong" {}
        /// Requests the list of co-op missions.
        CoopList "coop_list" {}
        /// Requests the list of matchmaker queues.
        MatchmakerInfo "matchmaker_info" {}
        /// Adds a friend or a foe.
        SocialAdd "social_add" {
            /// A player's id.
            [friend]: i64,
            /// A player's id. Ignored if `friend` is present.
            [foe]: i64,
        }
        /// Removes a friend or a foe.
        SocialRemove "social_remove" {
            /// A player's id.
            [friend]: i64,
            /// A player's id. Ignored if `friend` is present.
            [foe]: i64,
        }
        /// An administrative action. Requires a role.
        Admin "admin" {
            /// `closeFA`, `closelobby`, `broadcast` or `join_channel`.
            action: String,
            /// The affected player's id, for `closeFA` and `closelobby`.
            [user_id]: i64,
            /// The text, for `broadcast`.
            [message]: String,
            /// The ids of the players to add to a channel, for `join_channel`.
            [user_ids]: Vec<i64>,
            /// The channel, for `join_channel`.
            [channel]: String,
        }
        /// Lists the available avatars, or selects one.
        Avatar "avatar" {
            /// `list_avatar` or `select`.
            action: String,
            /// The URL of the avatar, for `select`; `null` for none.
            [avatar]: Nullable<String>,
        }
        /// Rejoins a game after a lost connection.
        RestoreGameSession "restore_game_session" {
            /// The game's id: a number, or its digits.
            game_id: Json,
        }
        /// Creates a game.
        GameHost "game_host" {
            /// Who can see the game: `public` or `friends`.
            visibility: String,
            /// The game's title, in ASCII.
            [title]: String,
            /// The featured mod. Default: `faf`.
            [featured_mod] = "mod": String,
            /// The map's folder. Default: `scmp_007`.
            [mapname]: String,
            /// The password required to join.
            [password]: Nullable<Secret>,
            /// The lowest rating allowed to join.
            [rating_min]: Nullable<Number>,
            /// The highest rating allowed to join.
            [rating_max]: Nullable<Number>,
            /// Whether the rating limits are enforced.
            [enforce_rating_range]: bool,
        }
        /// Joins a game.
        GameJoin "game_join" {
            /// The game's id: a number, or its digits.
            uid: Json,
            /// The password.
            [password]: Nullable<Secret>,
        }
        /// Joins or leaves a matchmaker queue.
        GameMatchmaking "game_matchmaking" {
            /// `start` or `stop`.
            state: String,
            /// The queue's name.
            [queue_name]: String,
            /// The queue's name, in old clients.
            [featured_mod] = "mod": String,
            /// The faction, in old clients: `uef`, `aeon`, `cybran`, `seraphim`, or its number.
            [faction]: Json,
        }
        /// Signals readiness for a match. Has no effect.
        MatchReady "match_ready" {}
        /// Invites a player into the party.
        InviteToParty "invite_to_party" {
            /// The player's id.
            recipient_id: i64,
        }
        /// Accepts an invitation into a party.
        AcceptPartyInvite "accept_party_invite" {
            /// The id of the player who sent the invitation.
            sender_id: i64,
        }
        /// Removes a player from the party.
        KickPlayerFromParty "kick_player_from_party" {
            /// The player's id.
            kicked_player_id: i64,
        }
        /// Leaves the party.
        LeaveParty "leave_party" {}
        /// Sets the factions that the player may play in the party.
        SetPartyFactions "set_party_factions" {
            /// The factions' names or numbers.
            factions: Vec<Json>,
        }
        /// Withdraws readiness. Current servers reject it.
        UnreadyParty "unready_party" {}
        /// Signals readiness (old clients).
        ReadyParty "ready_party" {}
        /// Lists mods, or reports a like or a download.
        Modvault "modvault" {
            /// `start`, `like` or `download`.
            kind = "type": String,
            /// The mod's id, for `like` and `download`.
            [uid]: String,
        }
        /// Requests ICE servers.
        IceServers "ice_servers" {}
        /// Sets the maps that the player vetoes in the matchmaker.
        SetPlayerVetoes "set_player_vetoes" {
            /// The vetoed maps.
            vetoes: Vec<Veto>,
        }
        /// Answers [`IsReady`](super::server::IsReady).
        IsReadyResponse "is_ready_response" {
            /// The `request_id` of the question.
            request_id: String,
        }
    }

    /// Messages that the lobby server sends to clients.
    mod server fills_missing = true {
        /// The reply to a session request.
        Session "session" {
            /// A random number, up to 4,294,967,294.
            session: i64,
        }
        /// Reports that password login is no longer supported.
        IrcPassword "irc_password" {
            /// Always `deprecated`.
            password: Secret,
        }
        /// Login succeeded.
        Welcome "welcome" {
            /// The player.
            me: Player,
            /// The server's time, in ISO 8601 with an offset.
            [current_time]: String,
            /// The player's id, as in `me`.
            id: i64,
            /// The player's name, as in `me`.
            login: String,
        }
        /// Login failed.
        AuthenticationFailed "authentication_failed" {
            /// The reason, to be shown to the player.
            text: String,
        }
        /// Players that connected, changed or disconnected.
        PlayerInfo "player_info" {
            /// The players.
            players: Vec<Player>,
        }
        /// The player's friends, foes and channels.
        Social "social" {
            /// Channels to join automatically.
            autojoin: Vec<String>,
            /// All channels.
            [channels]: Vec<String>,
            /// The ids of friends.
            [friends]: Vec<i64>,
            /// The ids of foes.
            [foes]: Vec<i64>,
            /// The player's role: 0, 1 or 2.
            [power]: i64,
        }
        /// A list of games: a `game_info` with the field `games`.
        GameInfoList "game_info" if "games" {
            /// The games.
            games: Vec<GameInfo>,
        }
        /// A game that was created, changed or closed.
        GameInfo "game_info" {
            /// Who can see the game: `public` or `friends`.
            visibility: String,
            /// Whether joining requires a password.
            password_protected: bool,
            /// The game's id.
            uid: i64,
            /// The game's title, at most 128 characters.
            title: String,
            /// `open`, `playing` or `closed`.
            state: String,
            /// `custom`, `coop` or `matchmaker`.
            game_type: String,
            /// The featured mod.
            featured_mod: String,
            /// The names of mods, by id.
            sim_mods: Json,
            /// The map's folder.
            mapname: String,
            /// The path of the map's archive: `maps/`, the folder, `.zip`.
            [map_file_path]: String,
            /// The host's name; may be empty.
            host: String,
            /// The host's id.
            [host_id]: i64,
            /// The number of players.
            num_players: i64,
            /// The largest number of players.
            max_players: i64,
            /// When the game was created, in ISO 8601.
            hosted_at: Nullable<String>,
            /// When the game was launched, in seconds since 1970.
            launched_at: Nullable<Number>,
            /// The rating type.
            rating_type: String,
            /// The lowest rating allowed to join.
            rating_min: Nullable<Number>,
            /// The highest rating allowed to join.
            rating_max: Nullable<Number>,
            /// Whether the rating limits are enforced.
            enforce_rating_range: bool,
            /// The teams, with player ids.
            [teams_ids]: Vec<Team>,
            /// The teams, with player names: a list for each team number.
            [teams]: Json,
        }
        /// Starts the game.
        GameLaunch "game_launch" {
            /// Command line arguments: `/numgames` and a number.
            args: Vec<Json>,
            /// The game's id.
            uid: i64,
            /// The featured mod.
            featured_mod = "mod": String,
            /// The game's title.
            name: String,
            /// 0: with a lobby; 1: without.
            init_mode: i64,
            /// `custom`, `coop` or `matchmaker`.
            game_type: String,
            /// The rating type.
            rating_type: String,
            /// The map's folder.
            [mapname]: String,
            /// The player's team.
            [team]: i64,
            /// The player's faction.
            [faction]: i64,
            /// The expected number of players.
            [expected_players]: i64,
            /// The player's start position.
            [map_position]: i64,
            /// Game options.
            [game_options]: Json,
        }
        /// Joining a game failed.
        GameJoinFailed "game_join_failed" {
            /// `bad_password`, `game_not_ready` or `host_left_game`.
            reason: String,
            /// The game's id.
            uid: i64,
        }
        /// A text to show to the player, or an instruction to the client.
        Notice "notice" {
            /// `info`, `warning`, `error` or `scores`; also `kick` and `kill`, which have no text.
            style: String,
            /// The text.
            [text]: String,
        }
        /// The matchmaker queues.
        MatchmakerInfo "matchmaker_info" {
            /// The queues.
            queues: Vec<Queue>,
        }
        /// The player joined or left a matchmaker queue.
        SearchInfo "search_info" {
            /// The queue's name.
            queue_name: String,
            /// `start` or `stop`.
            state: String,
        }
        /// Players are temporarily banned from the matchmaker.
        SearchTimeout "search_timeout" {
            /// The players, and when their bans end.
            timeouts: Vec<Timeout>,
        }
        /// The player abandoned a match that was found.
        SearchViolation "search_violation" {
            /// How often this has happened.
            count: i64,
            /// When it happened, in ISO 8601.
            time: String,
        }
        /// A match was found.
        MatchFound "match_found" {
            /// The queue's name.
            queue_name: String,
            /// The game's id (newer servers).
            [game_id]: i64,
        }
        /// The progress of a match (newer servers).
        MatchInfo "match_info" {
            /// The deadline for readiness, in ISO 8601.
            expires_at: String,
            /// The deadline, in seconds from now.
            expires_in: Number,
            /// The number of players.
            players_total: i64,
            /// The number of players who are ready.
            players_ready: i64,
            /// Whether the receiver is ready.
            ready: bool,
        }
        /// A match was cancelled.
        MatchCancelled "match_cancelled" {
            /// The game's id.
            [game_id]: Nullable<i64>,
        }
        /// An invitation into a party.
        PartyInvite "party_invite" {
            /// The id of the player who sent it.
            sender: i64,
        }
        /// The party has changed.
        UpdateParty "update_party" {
            /// The owner's id.
            owner: i64,
            /// The members. Empty if the party was disbanded.
            members: Vec<PartyMember>,
        }
        /// The player was removed from the party.
        KickedFromParty "kicked_from_party" {}
        /// The avatars available to the player.
        Avatar "avatar" {
            /// The avatars.
            avatarlist: Vec<AvatarInfo>,
        }
        /// A co-op mission.
        CoopInfo "coop_info" {
            /// The mission's id.
            uid: i64,
            /// The campaign's title.
            kind = "type": String,
            /// Its name.
            name: String,
            /// The description.
            description: String,
            /// The path of the map's archive.
            filename: String,
            /// `coop`.
            featured_mod: String,
        }
        /// A mod of the vault. The types are those of a database.
        ModvaultInfo "modvault_info" {
            /// The URL of a thumbnail.
            [thumbnail]: String,
            /// The download URL.
            [link]: String,
            /// Unused.
            [bugreports]: Json,
            /// Unused.
            [comments]: Json,
            /// The description.
            [description]: Nullable<String>,
            /// How often it was played.
            [played]: i64,
            /// How many players like it.
            [likes]: Number,
            /// How often it was downloaded.
            [downloads]: i64,
            /// When it was uploaded, in seconds since 1970.
            [date]: Number,
            /// The mod's id.
            uid: String,
            /// Its name.
            [name]: String,
            /// Its version: a number or a string.
            [version]: Json,
            /// The author.
            [author]: String,
            /// Whether it is a UI mod: 0 or 1, or a boolean.
            [ui]: Json,
        }
        /// ICE servers. Current servers send an empty list.
        IceServers "ice_servers" {
            /// The servers.
            ice_servers: Vec<IceServer>,
            /// How long the credentials are valid, in seconds.
            [ttl]: i64,
        }
        /// Achievements. No longer sent.
        UpdatedAchievements "updated_achievements" {
            /// Any JSON value.
            updated_achievements: Json,
        }
        /// The server rejects a command.
        Disabled "disabled" {
            /// The command's name.
            request: String,
        }
        /// The server received a malformed message and closes the connection.
        Invalid "invalid" {}
        /// A keepalive request.
        Ping "ping" {}
        /// The reply to a keepalive request.
        Pong "pong" {}
        /// The vetoed maps (newer servers).
        VetoesInfo "vetoes_info" {
            /// Whether the server has changed the list.
            forced: bool,
            /// The vetoed maps.
            vetoes: Vec<Veto>,
        }
        /// Asks whether the player is ready (newer servers).
        IsReady "is_ready" {
            /// The game's title.
            game_name: String,
            /// The featured mod.
            featured_mod: String,
            /// The time limit for the reply, in seconds.
            response_time_seconds: i64,
            /// The question's id.
            request_id: String,
        }
        /// A new client version is available (old servers).
        Update "update" {
            /// The download URL.
            update: String,
            /// The version.
            new_version: String,
        }
    }
}

message_types! {
    /// A player.
    Player {
        /// The player's id.
        id: i64,
        /// The player's name.
        login: String,
        /// The player's avatar.
        [avatar]: AvatarInfo,
        /// The country code, two letters; may be empty.
        [country]: String,
        /// The clan's tag.
        [clan]: String,
        /// `offline` if the player has disconnected.
        [state]: String,
        /// Ratings by rating type.
        [ratings]: Map<Rating>,
        /// The global rating: mean and deviation.
        [global_rating]: Vec<Number>,
        /// The 1v1 rating: mean and deviation.
        [ladder_rating]: Vec<Number>,
        /// The number of rated games.
        [number_of_games]: i64,
        /// Leagues. Never sent by the server.
        [league]: Json,
    }
    /// A rating.
    Rating {
        /// Mean and deviation.
        rating: Vec<Number>,
        /// The number of rated games.
        number_of_games: i64,
    }
    /// An avatar, shown next to a player's name.
    AvatarInfo {
        /// The URL of the image.
        url: String,
        /// The tooltip.
        tooltip: Nullable<String>,
    }
    /// A team of a game.
    Team {
        /// The team's number, in the type in which the host sent it. -1: not set; 1: no team.
        team_id: Json,
        /// The players' ids.
        player_ids: Vec<i64>,
    }
    /// A matchmaker queue.
    Queue {
        /// Its name.
        queue_name: String,
        /// When the next matches are made, in ISO 8601.
        queue_pop_time: String,
        /// When the next matches are made, in seconds from now.
        queue_pop_time_delta: Number,
        /// The number of players in the queue.
        num_players: i64,
        /// Narrow rating ranges of the searching players.
        [boundary_80s]: Vec<Vec<Number>>,
        /// Wide rating ranges of the searching players.
        [boundary_75s]: Vec<Vec<Number>>,
        /// The number of players in a team.
        team_size: i64,
    }
    /// A temporary ban from the matchmaker.
    Timeout {
        /// The player's id.
        player: i64,
        /// When it ends, in ISO 8601.
        expires_at: String,
    }
    /// A member of a party.
    PartyMember {
        /// The player's id.
        player: i64,
        /// The factions that the player may play.
        factions: Vec<String>,
    }
    /// A vetoed map.
    Veto {
        /// The id of the queue's map pool.
        matchmaker_queue_map_pool_id: i64,
        /// The id of the map version in the pool.
        map_pool_map_version_id: i64,
        /// The number of veto tokens.
        veto_tokens_applied: i64,
    }
    /// An ICE server.
    IceServer {
        /// The server's URL.
        [url]: String,
        /// The server's URLs: an array, or a single one.
        [urls]: Urls,
        /// The user name.
        [username]: Secret,
        /// The password.
        [credential]: Secret,
        /// The kind of credential.
        [credential_type] = "credentialType": String,
    }
}
