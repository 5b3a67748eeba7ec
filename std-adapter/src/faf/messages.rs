//! The messages of the lobby, of either side: one row a field.

use super::message_types::{Map, message_types};
use super::{Body, Json, MessageError, Mode, Nullable, Number, Secret, Unknown, gpgnet};
use crate::wire::Sink;
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// Reads a message whose command is known.
fn read<T: serde::de::DeserializeOwned>(command: &str, text: &str) -> Result<T, MessageError> {
    serde_json::from_str(text).or_else(|error| MessageError::reread(command, text, &error))
}

/// Whether a message has a field of this name.
fn has(message: &super::BorrowedMessage<'_>, name: &str) -> bool {
    let text = message.json().text();
    // A letter of it may be escaped; else a search tells at once that there is none.
    (text.contains(name) || text.contains("\\u006") || text.contains("\\u007")) && message.get(name).is_some()
}

/// Declares what a side says: a type for each message, and `Message` for any of them.
macro_rules! messages {
    ($(
        $(#[$mod_docs:meta])*
        mod $module:ident {
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
                    #[doc = concat!("\n\nOn the wire its `command` is `", $command, "`.")]
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

                    fn word(&self, mode: Mode) -> Result<Option<&'static str>, super::super::WriteError> {
                        super::super::word($command, &self.extra, mode)
                    }
                }
            )*

            /// Any of these messages.
            ///
            /// Large ones are behind a box, to keep the others small.
            #[derive(Clone, Debug, PartialEq)]
            #[non_exhaustive]
            pub enum Message {
                $($(#[$docs])* $name(Box<$name>),)*
                /// A command to or from the game.
                Game(gpgnet::Command),
                /// A message that is not known here, as it came.
                Unknown(Unknown),
            }

            impl Message {
                /// The message in this text.
                ///
                /// # Errors
                /// What is wrong with it; for a known command with the field.
                pub fn parse(text: &str, mode: Mode) -> Result<Self, MessageError> {
                    let message = super::super::BorrowedMessage::parse(text, mode)?;
                    Self::of(&message)
                }

                /// The message of which the text was read before.
                pub(in super::super) fn of(message: &super::super::BorrowedMessage<'_>) -> Result<Self, MessageError> {
                    if message.is_for_game() {
                        return gpgnet::Command::of(message).map(Self::Game);
                    }
                    let text = message.json().text();
                    let command = message.command();
                    let command = command.as_plain().map_or_else(|| command.to_string().into(), Cow::from);
                    match &*command {
                        $(
                            $command $(if has(message, $mark))? => {
                                read::<$name>($command, text).map(|message| Self::$name(message.into()))
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
                    Self::parse(json.text(), Mode::Lenient).map_err(serde::de::Error::custom)
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

                fn word(&self, mode: Mode) -> Result<Option<&'static str>, super::super::WriteError> {
                    match self {
                        $(Self::$name(message) => message.word(mode),)*
                        Self::Game(_) => Ok(None),
                        Self::Unknown(unknown) => unknown.word(mode),
                    }
                }
            }
        }
    )*};
}

messages! {
    /// What clients say to the lobby server.
    mod client {
        /// Asks for a session, before anything else.
        AskSession "ask_session" {
            /// The client's name; others than `downlords-faf-client` are told that they are not supported.
            [user_agent]: String,
            /// The client's version.
            [version]: String,
        }
        /// Logs in with a token.
        Auth "auth" {
            /// A JWT of the user service.
            token: Secret,
            /// What the machine is known by.
            unique_id: Secret,
            /// The number that [`Session`](super::server::Session) has told; some clients say it as text.
            [session]: Json,
        }
        /// Logs in with a password, as clients of old did.
        Hello "hello" {
            /// The player's name.
            login: String,
            /// The password's SHA-256, in hexadecimal digits.
            password: Secret,
            /// What the machine is known by.
            unique_id: Secret,
            /// The number that [`Session`](super::server::Session) has told.
            [session]: Json,
        }
        /// Makes an account, which is always refused: there is a web page for it.
        CreateAccount "create_account" {}
        /// Asks whether the server is there.
        Ping "ping" {}
        /// Says that the client is there.
        Pong "pong" {}
        /// Asks for the missions.
        CoopList "coop_list" {}
        /// Asks for the queues of the matchmaker.
        MatchmakerInfo "matchmaker_info" {}
        /// Adds a friend or a foe.
        SocialAdd "social_add" {
            /// A player's id.
            [friend]: i64,
            /// A player's id; of no effect with a friend.
            [foe]: i64,
        }
        /// Removes a friend or a foe.
        SocialRemove "social_remove" {
            /// A player's id.
            [friend]: i64,
            /// A player's id; of no effect with a friend.
            [foe]: i64,
        }
        /// Does what needs a role.
        Admin "admin" {
            /// `closeFA`, `closelobby`, `broadcast` or `join_channel`.
            action: String,
            /// Whom it is about, for the first two.
            [user_id]: i64,
            /// What is said to everybody, for `broadcast`.
            [message]: String,
            /// Who is to join, for `join_channel`.
            [user_ids]: Vec<i64>,
            /// The channel.
            [channel]: String,
        }
        /// Asks for avatars, or takes one.
        Avatar "avatar" {
            /// `list_avatar` or `select`.
            action: String,
            /// The picture's address, for `select`; `null` for none.
            [avatar]: Nullable<String>,
        }
        /// Goes back to a game after the connection was lost.
        RestoreGameSession "restore_game_session" {
            /// The game, a number or its digits.
            game_id: Json,
        }
        /// Makes a game.
        GameHost "game_host" {
            /// `public` or `friends`.
            visibility: String,
            /// The game's title, in ASCII.
            [title]: String,
            /// The featured mod; `faf` where it is missing.
            [featured_mod] = "mod": String,
            /// The map's folder; `scmp_007` where it is missing.
            [mapname]: String,
            /// What others have to know to join.
            [password]: Nullable<Secret>,
            /// The lowest rating that may join.
            [rating_min]: Nullable<Number>,
            /// The highest rating that may join.
            [rating_max]: Nullable<Number>,
            /// Whether others than these may not.
            [enforce_rating_range]: bool,
        }
        /// Joins a game.
        GameJoin "game_join" {
            /// The game, a number or its digits.
            uid: Json,
            /// What the host wants to be known.
            [password]: Nullable<Secret>,
        }
        /// Looks for a match, or no longer.
        GameMatchmaking "game_matchmaking" {
            /// `start` or `stop`.
            state: String,
            /// The queue.
            [queue_name]: String,
            /// The queue, as clients of old name it.
            [featured_mod] = "mod": String,
            /// `uef`, `aeon`, `cybran`, `seraphim`, or its number, as clients of old say.
            [faction]: Json,
        }
        /// Is ready for the match, which is of no effect.
        MatchReady "match_ready" {}
        /// Invites a player into the party.
        InviteToParty "invite_to_party" {
            /// The player's id.
            recipient_id: i64,
        }
        /// Comes into the party of who has invited.
        AcceptPartyInvite "accept_party_invite" {
            /// That player's id.
            sender_id: i64,
        }
        /// Throws a player out of the party.
        KickPlayerFromParty "kick_player_from_party" {
            /// The player's id.
            kicked_player_id: i64,
        }
        /// Leaves the party.
        LeaveParty "leave_party" {}
        /// Says which factions to play.
        SetPartyFactions "set_party_factions" {
            /// Their names, or numbers.
            factions: Vec<Json>,
        }
        /// Gives up to be ready, which servers of today refuse.
        UnreadyParty "unready_party" {}
        /// Is ready, as clients of old said.
        ReadyParty "ready_party" {}
        /// Asks for mods, or says something of one.
        Modvault "modvault" {
            /// `start`, `like` or `download`.
            kind = "type": String,
            /// The mod, but for `start`.
            [uid]: String,
        }
        /// Asks for servers that help to connect.
        IceServers "ice_servers" {}
        /// Says which maps not to play.
        SetPlayerVetoes "set_player_vetoes" {
            /// The maps.
            vetoes: Vec<Veto>,
        }
        /// Answers [`IsReady`](super::server::IsReady).
        IsReadyResponse "is_ready_response" {
            /// Which question.
            request_id: String,
        }
    }

    /// What the lobby server says to clients.
    mod server {
        /// The session that was asked for.
        Session "session" {
            /// A random number, up to 4 294 967 294.
            session: i64,
        }
        /// A password that is none any more: `deprecated`.
        IrcPassword "irc_password" {
            /// `deprecated`.
            password: Secret,
        }
        /// Login was successful.
        Welcome "welcome" {
            /// The player.
            me: Player,
            /// The server's time, as ISO 8601 with an offset.
            [current_time]: String,
            /// The player's id again.
            id: i64,
            /// The player's name again.
            login: String,
        }
        /// Login was not successful.
        AuthenticationFailed "authentication_failed" {
            /// Why, for the player.
            text: String,
        }
        /// Players that came, changed or went.
        PlayerInfo "player_info" {
            /// The players.
            players: Vec<Player>,
        }
        /// Whom and what the player knows.
        Social "social" {
            /// Channels to join by themselves.
            autojoin: Vec<String>,
            /// The channels that there are.
            [channels]: Vec<String>,
            /// Players' ids.
            [friends]: Vec<i64>,
            /// Players' ids.
            [foes]: Vec<i64>,
            /// 0, 1 or 2.
            [power]: i64,
        }
        /// Many games at once.
        GameInfoList "game_info" if "games" {
            /// The games.
            games: Vec<GameInfo>,
        }
        /// A game that came, changed or went.
        GameInfo "game_info" {
            /// `public` or `friends`.
            visibility: String,
            /// Whether one has to know a password to join.
            password_protected: bool,
            /// The game.
            uid: i64,
            /// Its title, of 128 characters at the most.
            title: String,
            /// `open`, `playing` or `closed`.
            state: String,
            /// `custom`, `coop` or `matchmaker`.
            game_type: String,
            /// The featured mod.
            featured_mod: String,
            /// Mods, by their ids.
            sim_mods: Json,
            /// The map's folder.
            mapname: String,
            /// Where the map is to be had: `maps/`, the folder, `.zip`.
            [map_file_path]: String,
            /// The host's name; may be empty.
            host: String,
            /// The host's id.
            [host_id]: i64,
            /// How many play.
            num_players: i64,
            /// How many may play.
            max_players: i64,
            /// When it was made, as ISO 8601.
            hosted_at: Nullable<String>,
            /// When it was launched, in seconds since 1970.
            launched_at: Nullable<Number>,
            /// What it is rated as.
            rating_type: String,
            /// The lowest rating that may join.
            rating_min: Nullable<Number>,
            /// The highest rating that may join.
            rating_max: Nullable<Number>,
            /// Whether others than these may not.
            enforce_rating_range: bool,
            /// Who plays with whom.
            [teams_ids]: Vec<Team>,
            /// The same by names: a list for each number of a team.
            [teams]: Json,
        }
        /// The game is to be started.
        GameLaunch "game_launch" {
            /// Arguments of the command line, `/numgames` and a number.
            args: Vec<Json>,
            /// The game.
            uid: i64,
            /// The featured mod.
            featured_mod = "mod": String,
            /// The game's title.
            name: String,
            /// 0 for a lobby, 1 without one.
            init_mode: i64,
            /// `custom`, `coop` or `matchmaker`.
            game_type: String,
            /// What it is rated as.
            rating_type: String,
            /// The map's folder.
            [mapname]: String,
            /// The player's team.
            [team]: i64,
            /// The player's faction.
            [faction]: i64,
            /// How many players there will be.
            [expected_players]: i64,
            /// Where the player starts.
            [map_position]: i64,
            /// Options of the game.
            [game_options]: Json,
        }
        /// Joining was not successful.
        GameJoinFailed "game_join_failed" {
            /// `bad_password`, `game_not_ready` or `host_left_game`.
            reason: String,
            /// The game.
            uid: i64,
        }
        /// Something for the player to read, or to do.
        Notice "notice" {
            /// `info`, `warning`, `error` or `scores`; `kick` and `kill` have no text.
            style: String,
            /// What there is to read.
            [text]: String,
        }
        /// The queues of the matchmaker.
        MatchmakerInfo "matchmaker_info" {
            /// The queues.
            queues: Vec<Queue>,
        }
        /// The player looks for a match, or no longer.
        SearchInfo "search_info" {
            /// The queue.
            queue_name: String,
            /// `start` or `stop`.
            state: String,
        }
        /// Players may not look for a match for some time.
        SearchTimeout "search_timeout" {
            /// Who, and until when.
            timeouts: Vec<Timeout>,
        }
        /// The player has left a match that was found.
        SearchViolation "search_violation" {
            /// How often so far.
            count: i64,
            /// When, as ISO 8601.
            time: String,
        }
        /// A match was found.
        MatchFound "match_found" {
            /// In this queue.
            queue_name: String,
            /// The game, on newer servers.
            [game_id]: i64,
        }
        /// How far a match has come, on newer servers.
        MatchInfo "match_info" {
            /// Until when one has to be ready, as ISO 8601.
            expires_at: String,
            /// The same in seconds from now.
            expires_in: Number,
            /// How many players there are.
            players_total: i64,
            /// How many are ready.
            players_ready: i64,
            /// Whether this one is.
            ready: bool,
        }
        /// A match comes to nothing.
        MatchCancelled "match_cancelled" {
            /// The game.
            [game_id]: Nullable<i64>,
        }
        /// A player has invited into a party.
        PartyInvite "party_invite" {
            /// Who.
            sender: i64,
        }
        /// The party has changed.
        UpdateParty "update_party" {
            /// Whose it is.
            owner: i64,
            /// Who is in it; nobody any more where it is empty.
            members: Vec<PartyMember>,
        }
        /// The player is not in the party any more.
        KickedFromParty "kicked_from_party" {}
        /// The avatars that one may take.
        Avatar "avatar" {
            /// The avatars.
            avatarlist: Vec<AvatarInfo>,
        }
        /// A mission.
        CoopInfo "coop_info" {
            /// The mission.
            uid: i64,
            /// The campaign's title.
            kind = "type": String,
            /// Its name.
            name: String,
            /// What it is about.
            description: String,
            /// The map's file.
            filename: String,
            /// `coop`.
            featured_mod: String,
        }
        /// A mod of the vault; types are those of a database.
        ModvaultInfo "modvault_info" {
            /// A picture.
            [thumbnail]: String,
            /// Where it is to be had.
            [link]: String,
            /// Nothing.
            [bugreports]: Json,
            /// Nothing.
            [comments]: Json,
            /// What it is about.
            [description]: Nullable<String>,
            /// How often it was played.
            [played]: i64,
            /// How many like it.
            [likes]: Number,
            /// How often it was fetched.
            [downloads]: i64,
            /// When it came, in seconds since 1970.
            [date]: Number,
            /// The mod.
            uid: String,
            /// Its name.
            [name]: String,
            /// Its version, a number or text.
            [version]: Json,
            /// Who has made it.
            [author]: String,
            /// Whether it is of the user interface, 0 and 1 or yes and no.
            [ui]: Json,
        }
        /// Servers that help to connect; none any more.
        IceServers "ice_servers" {
            /// The servers.
            ice_servers: Vec<IceServer>,
            /// How long they are good, in seconds.
            [ttl]: i64,
        }
        /// Achievements, which nobody sends any more.
        UpdatedAchievements "updated_achievements" {
            /// Of any form.
            updated_achievements: Json,
        }
        /// The server does not do what was asked.
        Disabled "disabled" {
            /// The command.
            request: String,
        }
        /// The server does not understand, and closes.
        Invalid "invalid" {}
        /// Asks whether the client is there.
        Ping "ping" {}
        /// Says that the server is there.
        Pong "pong" {}
        /// Which maps are not played, on newer servers.
        VetoesInfo "vetoes_info" {
            /// Whether the server has changed them.
            forced: bool,
            /// The maps.
            vetoes: Vec<Veto>,
        }
        /// Asks whether the player is ready, on newer servers.
        IsReady "is_ready" {
            /// The game's title.
            game_name: String,
            /// The featured mod.
            featured_mod: String,
            /// How long there is to answer.
            response_time_seconds: i64,
            /// Which question this is.
            request_id: String,
        }
        /// There is another version of the client, as servers of old said.
        Update "update" {
            /// Where it is to be had.
            update: String,
            /// Which it is.
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
        /// The picture that is shown.
        [avatar]: AvatarInfo,
        /// The country, two letters; may be empty.
        [country]: String,
        /// The clan's tag.
        [clan]: String,
        /// `offline` for a player who is gone.
        [state]: String,
        /// Ratings, by what is rated.
        [ratings]: Map<Rating>,
        /// Mean and deviation.
        [global_rating]: Vec<Number>,
        /// Mean and deviation.
        [ladder_rating]: Vec<Number>,
        /// How many rated games.
        [number_of_games]: i64,
        /// Leagues, which the server never sends.
        [league]: Json,
    }
    /// How well a player does.
    Rating {
        /// Mean and deviation.
        rating: Vec<Number>,
        /// Of how many games.
        number_of_games: i64,
    }
    /// A picture beside a player's name.
    AvatarInfo {
        /// Where it is.
        url: String,
        /// What is said of it.
        tooltip: Nullable<String>,
    }
    /// A team of a game.
    Team {
        /// Its number, of the type in which the host has said it: -1 for none yet, 1 for no team.
        team_id: Json,
        /// Who is in it.
        player_ids: Vec<i64>,
    }
    /// A queue of the matchmaker.
    Queue {
        /// Its name.
        queue_name: String,
        /// When matches are made next, as ISO 8601.
        queue_pop_time: String,
        /// The same in seconds from now.
        queue_pop_time_delta: Number,
        /// How many wait.
        num_players: i64,
        /// Ratings within which there is somebody, narrow.
        [boundary_80s]: Vec<Vec<Number>>,
        /// Ratings within which there is somebody, wide.
        [boundary_75s]: Vec<Vec<Number>>,
        /// How many are a team.
        team_size: i64,
    }
    /// Who may not look for a match.
    Timeout {
        /// The player's id.
        player: i64,
        /// Until when, as ISO 8601.
        expires_at: String,
    }
    /// Who is in a party.
    PartyMember {
        /// The player's id.
        player: i64,
        /// What the player may play.
        factions: Vec<String>,
    }
    /// A map that is not to be played.
    Veto {
        /// Of which pool.
        matchmaker_queue_map_pool_id: i64,
        /// Which map.
        map_pool_map_version_id: i64,
        /// How much that costs.
        veto_tokens_applied: i64,
    }
    /// A server that helps to connect.
    IceServer {
        /// Where it is.
        [url]: String,
        /// Where it is.
        [urls]: Vec<String>,
        /// Who may use it.
        [username]: Secret,
        /// With what.
        [credential]: Secret,
        /// What kind that is.
        [credential_type] = "credentialType": String,
    }
}
