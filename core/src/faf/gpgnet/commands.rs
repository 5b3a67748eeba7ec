//! The commands: a type for each, declared once with one row an argument, in wire order.

use super::{Arg, Args, IntoArg, Number};
use crate::wire::ErrorKind;
use core::fmt;

/// Arguments do not fit the type of their command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DecodeError {
    /// [`ErrorKind::BadArgCount`] or [`ErrorKind::UnexpectedType`].
    pub kind: ErrorKind,
    /// The command's name.
    pub command: &'static str,
    /// The argument's name; empty if the number of arguments is wrong.
    pub field: &'static str,
    /// The expected type of the argument.
    pub expected: &'static str,
    /// The number of arguments that the command takes.
    pub takes: usize,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, command, field, expected, takes } = self;
        match kind {
            ErrorKind::BadArgCount => write!(f, "{command} takes {takes} arguments"),
            _ => write!(f, "the argument `{field}` of {command} must be {expected}"),
        }
    }
}

impl core::error::Error for DecodeError {}

/// A command that can be decoded from its arguments.
pub trait FromArgs<'a>: Sized {
    /// The command's name.
    const COMMAND: &'static str;

    /// Decodes the arguments.
    ///
    /// # Errors
    /// If their number is wrong, or if one has another type.
    fn from_args(args: Args<'a>) -> Result<Self, DecodeError>;
}

/// Decodes the next argument.
fn next<'a, T: IntoArg<'a>>(args: &mut Args<'a>, mismatch: DecodeError) -> Result<T, DecodeError> {
    let arg = args.next().ok_or(DecodeError { kind: ErrorKind::BadArgCount, field: "", ..mismatch })?;
    T::from_arg(arg).ok_or(DecodeError { expected: T::EXPECTED, ..mismatch })
}

/// Declares the commands of one party: a type for each, and the enum `Command`.
///
/// A field is `name: Type`. `..name`, followed by its documentation, is the rest of the arguments.
macro_rules! commands {
    ($(
        $(#[$mod_docs:meta])*
        mod $module:ident {
            $(
                $(#[$docs:meta])*
                $name:ident $(<$life:lifetime>)? {
                    $($(#[$field_docs:meta])* $field:ident: $ty:ty,)*
                    $(..$rest:ident: $rest_docs:literal,)?
                }
            )*
        }
    )*) => {$(
        $(#[$mod_docs])*
        pub mod $module {
            use super::*;

            $(
                $(#[$docs])*
                #[derive(Clone, Copy, Debug, PartialEq)]
                pub struct $name $(<$life>)? {
                    $($(#[$field_docs])* pub $field: $ty,)*
                    $(#[doc = $rest_docs] pub $rest: Args<'a>,)?
                }

                impl<'a> FromArgs<'a> for $name $(<$life>)? {
                    const COMMAND: &'static str = stringify!($name);

                    #[allow(unused_mut, unused_variables)]
                    fn from_args(mut args: Args<'a>) -> Result<Self, DecodeError> {
                        const FIELDS: &[&str] = &[$(stringify!($field)),*];
                        let mismatch = |field| DecodeError {
                            kind: ErrorKind::UnexpectedType,
                            command: Self::COMMAND,
                            field,
                            expected: "",
                            takes: FIELDS.len(),
                        };
                        $(let $field = next(&mut args, mismatch(stringify!($field)))?;)*
                        $(let $rest = core::mem::replace(&mut args, Args::NONE);)?
                        if args.len() > 0 {
                            return Err(DecodeError { kind: ErrorKind::BadArgCount, ..mismatch("") });
                        }
                        Ok(Self { $($field,)* $($rest,)? })
                    }
                }

                impl<'a> super::super::Command for $name $(<$life>)? {
                    fn command(&self) -> &str {
                        stringify!($name)
                    }

                    #[allow(unused_variables)]
                    fn each_arg<E>(
                        &self,
                        take: &mut impl FnMut(Arg<'_>) -> Result<(), E>,
                    ) -> Result<(), E> {
                        $(take(self.$field.into_arg())?;)*
                        $(self.$rest.into_iter().try_for_each(take)?;)?
                        Ok(())
                    }
                }

                impl<'a> From<$name $(<$life>)?> for Command<'a> {
                    fn from(command: $name $(<$life>)?) -> Self {
                        Self::$name(command)
                    }
                }
            )*

            /// Any of these commands.
            #[derive(Clone, Copy, Debug, PartialEq)]
            #[non_exhaustive]
            pub enum Command<'a> {
                $($(#[$docs])* $name($name $(<$life>)?),)*
                /// An unknown command.
                Unknown {
                    /// The command's name.
                    command: &'a str,
                    /// The arguments.
                    args: Args<'a>,
                },
            }

            impl<'a> Command<'a> {
                /// Decodes a command from its name and arguments. Unknown names become
                /// [`Unknown`](Self::Unknown).
                ///
                /// # Errors
                /// As [`FromArgs::from_args`].
                pub fn read(command: &'a str, args: Args<'a>) -> Result<Self, DecodeError> {
                    Ok(match command {
                        $(stringify!($name) => Self::$name($name::from_args(args)?),)*
                        _ => Self::Unknown { command, args },
                    })
                }
            }

            impl super::super::Command for Command<'_> {
                fn command(&self) -> &str {
                    match self {
                        $(Self::$name(command) => command.command(),)*
                        Self::Unknown { command, .. } => command,
                    }
                }

                fn each_arg<E>(&self, take: &mut impl FnMut(Arg<'_>) -> Result<(), E>) -> Result<(), E> {
                    match self {
                        $(Self::$name(command) => command.each_arg(take),)*
                        Self::Unknown { args, .. } => (*args).into_iter().try_for_each(take),
                    }
                }
            }
        }
    )*};
}

commands! {
    /// Commands that the game sends to its adapter, which forwards them to the client, and the client to the
    /// server.
    mod game {
        /// The game's state changed.
        GameState<'a> {
            /// `Idle`, `Lobby`, `Launching` or `Ended`.
            state: &'a str,
        }
        /// The host set a game option.
        GameOption<'a> {
            /// The option's name: `Victory`, `Slots`, `ScenarioFile`, `Title`, `RestrictedCategories`, or any
            /// other.
            key: &'a str,
            /// An integer or a string.
            value: Arg<'a>,
        }
        /// The host set an option of a player.
        PlayerOption<'a> {
            /// The player's id.
            player: Number<'a>,
            /// The option's name: `Team`, `Army`, `StartSpot`, `Faction`, `Color`.
            key: &'a str,
            /// An integer or a string. Team -1: not set; 1: no team; teams start at 2.
            value: Arg<'a>,
        }
        /// The host set an option of an AI player.
        AIOption<'a> {
            /// The AI player's name.
            name: &'a str,
            /// The option's name, as in [`PlayerOption`].
            key: &'a str,
            /// An integer or a string.
            value: Arg<'a>,
        }
        /// A slot was cleared.
        ClearSlot<'a> {
            /// The slot.
            slot: Number<'a>,
        }
        /// The game's mods.
        GameMods<'a> {
            /// `activated`, followed by their number, or `uids`.
            mode: &'a str,
            /// The number of mods, or their ids separated by spaces.
            value: Arg<'a>,
        }
        /// The result of an army.
        GameResult<'a> {
            /// The army.
            army: Number<'a>,
            /// Flags, the outcome (`victory`, `defeat`, `draw`, `score`) and a number, separated by spaces:
            /// `recall defeat -5`.
            result: &'a str,
        }
        /// The game's statistics.
        JsonStats<'a> {
            /// JSON of the form `{"stats":[…]}`, about 16 KB.
            stats: &'a str,
        }
        /// Other statistics, which the server does not know.
        Stats<'a> {
            /// The statistics.
            stats: &'a str,
        }
        /// The simulations of two players diverged.
        Desync<'a> {
            /// The simulation beat.
            beat: Arg<'a>,
            /// The army.
            army: Arg<'a>,
            /// A checksum.
            hash1: Arg<'a>,
            /// The other checksum.
            hash2: Arg<'a>,
        }
        /// A co-op mission ended.
        OperationComplete<'a> {
            /// Whether the primary objectives were met: 1, or `true`, `on`, `yes`.
            primary: Arg<'a>,
            /// Whether the secondary objectives were met.
            secondary: Arg<'a>,
            /// The time it took: `HH:MM:SS`.
            time: &'a str,
        }
        /// A player reports being killed by a teammate.
        TeamkillReport<'a> {
            /// The game time, in seconds.
            gametime: Number<'a>,
            /// The id of the player who reports it.
            reporter_id: Number<'a>,
            /// That player's name.
            reporter: &'a str,
            /// The id of the player who did it.
            killer_id: Number<'a>,
            /// That player's name.
            killer: &'a str,
        }
        /// A player killed a teammate.
        TeamkillHappened<'a> {
            /// The game time, in seconds.
            gametime: Number<'a>,
            /// The id of the player who was killed; 0 for an AI.
            victim_id: Number<'a>,
            /// That player's name.
            victim: &'a str,
            /// The id of the player who did it; 0 for an AI.
            killer_id: Number<'a>,
            /// That player's name.
            killer: &'a str,
        }
        /// The game is to be rated.
        EnforceRating {}
        /// The simulation ended.
        GameEnded<'a> {
            ..rest: "None, normally.",
        }
        /// All slots are taken.
        GameFull {}
        /// A line of chat.
        Chat<'a> {
            /// The line.
            text: &'a str,
        }
        /// The game started waiting for players.
        Bottleneck<'a> {
            /// The reason: `nothing`, `readiness`, `data`, `ack`, `unknown`.
            kind: Arg<'a>,
            /// The time.
            beat: Arg<'a>,
            /// The ids of the players, separated by commas.
            peers: Arg<'a>,
            /// The duration, in milliseconds with one decimal.
            millis: Arg<'a>,
        }
        /// The game stopped waiting.
        BottleneckCleared<'a> {
            ..rest: "None, normally.",
        }
        /// Players lost the connection.
        Disconnected<'a> {
            ..peers: "Their ids, as text.",
        }
        /// The host restarts the game.
        Rehost<'a> {
            ..rest: "Anything.",
        }
        /// The progress of the launch.
        LaunchStatus<'a> {
            /// `Unknown`, `Connecting`, `Missing local peers`, `Rejoining`, `Ready`, `Ejected`, `Rejected`,
            /// `Failed`.
            status: &'a str,
        }
        /// A message to another adapter. Only sent by clients, over JSON.
        IceMsg<'a> {
            /// The id of the receiving player.
            receiver: Number<'a>,
            /// The message, unchanged: a string or an object.
            msg: Arg<'a>,
        }
        /// A player connected (old lobbies).
        Connected<'a> {
            /// The player's id.
            peer: Number<'a>,
        }
        /// The game established a connection to a player.
        EstablishedPeer<'a> {
            /// The player's id.
            peer: Number<'a>,
        }
        /// The game lost the connection to a player.
        DisconnectedPeer<'a> {
            /// The player's id.
            peer: Number<'a>,
        }
        /// A packet received outside of the connections (old games).
        ProcessNatPacket<'a> {
            /// The sender's address.
            address: &'a str,
            /// The packet.
            data: Arg<'a>,
        }
    }

    /// Commands that an adapter sends to the game.
    mod adapter {
        /// Opens the lobby. Sent once the game is `Idle`.
        CreateLobby<'a> {
            /// 0: wait for [`HostGame`] or [`JoinGame`]; 1: start without them.
            init_mode: i64,
            /// The port that the game should use.
            port: i64,
            /// The player's name.
            login: &'a str,
            /// The player's id.
            player: i64,
            /// Always 1.
            nat_provider: i64,
        }
        /// Hosts a game. Older games do not receive the map.
        HostGame<'a> {
            ..map: "The map's folder, if any.",
        }
        /// Joins a game.
        JoinGame<'a> {
            /// The address to connect to: `127.0.0.1` and a port of the adapter.
            address: &'a str,
            /// The host's name.
            login: &'a str,
            /// The host's id.
            id: i64,
        }
        /// Connects to a player.
        ConnectToPeer<'a> {
            /// The address to connect to: `127.0.0.1` and a port of the adapter.
            address: &'a str,
            /// The player's name.
            login: &'a str,
            /// The player's id.
            id: i64,
        }
        /// Disconnects from a player.
        DisconnectFromPeer {
            /// The player's id.
            id: i64,
        }
        /// Removes a player from the game.
        EjectPlayer {
            /// The player's id.
            id: i64,
        }
        /// Sends a packet outside of the connections (old games).
        SendNatPacket<'a> {
            /// The receiver's address.
            address: &'a str,
            /// The packet.
            data: &'a [u8],
        }
        /// Whether the player owns the original game.
        HasSupcom {
            /// 0 or 1.
            has: i64,
        }
        /// Whether the player owns Forged Alliance.
        HasForgedAlliance {
            /// 0 or 1.
            has: i64,
        }
    }

    /// Commands that the lobby server sends to the game, over JSON. The adapter translates them into its own
    /// commands.
    mod server {
        /// Hosts a game.
        HostGame<'a> {
            /// The map's folder.
            map: &'a str,
        }
        /// Joins a game.
        JoinGame<'a> {
            /// The host's name.
            login: &'a str,
            /// The host's id.
            id: i64,
        }
        /// Connects to a player.
        ConnectToPeer<'a> {
            /// The player's name.
            login: &'a str,
            /// The player's id.
            id: i64,
            /// Whether this side sends the offer.
            offer: bool,
        }
        /// Disconnects from a player.
        DisconnectFromPeer {
            /// The player's id.
            id: i64,
        }
        /// A message from another adapter.
        IceMsg<'a> {
            /// The id of the sending player.
            sender: Number<'a>,
            /// The message, unchanged: a string or an object.
            msg: Arg<'a>,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faf::gpgnet::Command as _;

    #[test]
    fn arguments_get_their_names_and_lose_them_again() {
        let args = [Arg::Text("Bob"), Arg::Int(7), Arg::Bool(true)];
        let command = server::Command::read("ConnectToPeer", args[..].into()).unwrap();
        assert_eq!(command, server::ConnectToPeer { login: "Bob", id: 7, offer: true }.into());
        let mut given = 0;
        let counted: Result<(), ()> = command.each_arg(&mut |arg| {
            assert_eq!(arg, args[given]);
            given += 1;
            Ok(())
        });
        assert_eq!((counted, given, command.command()), (Ok(()), 3, "ConnectToPeer"));

        let rest = [Arg::Text("1"), Arg::Text("2")];
        let command = game::Command::read("Disconnected", rest[..].into()).unwrap();
        assert_eq!(command, game::Disconnected { peers: rest[..].into() }.into());
        let unknown = game::Command::read("Foo", rest[..].into()).unwrap();
        assert_eq!(unknown, game::Command::Unknown { command: "Foo", args: rest[..].into() });
    }

    #[test]
    fn errors_name_arguments_that_do_not_fit() {
        let read = |args: &[Arg<'_>]| {
            server::Command::read("JoinGame", args.into()).map(drop).map_err(|error| std::format!("{error}"))
        };
        assert_eq!(read(&[Arg::Text("a")]), Err("JoinGame takes 2 arguments".into()));
        assert_eq!(
            read(&[Arg::Text("a"), Arg::Int(1), Arg::Int(2)]),
            Err("JoinGame takes 2 arguments".into())
        );
        assert_eq!(
            read(&[Arg::Text("a"), Arg::Text("1")]),
            Err("the argument `id` of JoinGame must be an integer".into())
        );
        assert!(matches!(read(&[Arg::Int(1), Arg::Int(1)]), Err(text) if text.contains("`login`")));
    }
}
