//! The commands, with names for what they take: one row an argument, in the order of the wire.

use super::{Arg, Args, IntoArg, Number};
use crate::wire::ErrorKind;
use core::fmt;

/// Why arguments are not those of their command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BadArgs {
    /// [`ErrorKind::BadArgCount`] or [`ErrorKind::UnexpectedType`].
    pub kind: ErrorKind,
    /// The command's name.
    pub command: &'static str,
    /// The argument's name; empty for a wrong count.
    pub field: &'static str,
    /// What the argument has to be.
    pub expected: &'static str,
    /// How many arguments the command takes.
    pub takes: usize,
}

impl fmt::Display for BadArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, command, field, expected, takes } = self;
        match kind {
            ErrorKind::BadArgCount => write!(f, "{command} takes {takes} arguments"),
            _ => write!(f, "the argument `{field}` of {command} must be {expected}"),
        }
    }
}

impl core::error::Error for BadArgs {}

/// A command that can be read from its arguments.
pub trait FromArgs<'a>: Sized {
    /// The command's name.
    const COMMAND: &'static str;

    /// Reads the arguments.
    ///
    /// # Errors
    /// Where there are more or fewer of them, or one is of another type.
    fn from_args(args: Args<'a>) -> Result<Self, BadArgs>;
}

/// Takes the next argument as what it has to be.
fn next<'a, T: IntoArg<'a>>(args: &mut Args<'a>, wrong: BadArgs) -> Result<T, BadArgs> {
    let arg = args.next().ok_or(BadArgs { kind: ErrorKind::BadArgCount, field: "", ..wrong })?;
    T::from_arg(arg).ok_or(BadArgs { expected: T::EXPECTED, ..wrong })
}

/// Declares what a party sends: a type for each command, and `Command` for any of them.
///
/// A field is `name: Type`; `..name` with its documentation takes all arguments that are left.
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
                    fn from_args(mut args: Args<'a>) -> Result<Self, BadArgs> {
                        const FIELDS: &[&str] = &[$(stringify!($field)),*];
                        let wrong = |field| BadArgs {
                            kind: ErrorKind::UnexpectedType,
                            command: Self::COMMAND,
                            field,
                            expected: "",
                            takes: FIELDS.len(),
                        };
                        $(let $field = next(&mut args, wrong(stringify!($field)))?;)*
                        $(let $rest = core::mem::replace(&mut args, Args::NONE);)?
                        if args.len() > 0 {
                            return Err(BadArgs { kind: ErrorKind::BadArgCount, ..wrong("") });
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
                /// A command of another name, with what it takes.
                Unknown {
                    /// Its name.
                    command: &'a str,
                    /// What it takes.
                    args: Args<'a>,
                },
            }

            impl<'a> Command<'a> {
                /// The command of this name with these arguments; one that is not known is
                /// [`Unknown`](Self::Unknown).
                ///
                /// # Errors
                /// Those of [`FromArgs::from_args`].
                pub fn read(command: &'a str, args: Args<'a>) -> Result<Self, BadArgs> {
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
    /// What the game says: to its adapter, which passes it on to the client, and the client to the server.
    mod game {
        /// The game has come to a state.
        GameState<'a> {
            /// `Idle`, `Lobby`, `Launching` or `Ended`.
            state: &'a str,
        }
        /// The host has set an option of the game.
        GameOption<'a> {
            /// Its name: `Victory`, `Slots`, `ScenarioFile`, `Title`, `RestrictedCategories`, or any other.
            key: &'a str,
            /// A number or text.
            value: Arg<'a>,
        }
        /// The host has set an option of a player.
        PlayerOption<'a> {
            /// The player's id.
            player: Number<'a>,
            /// Its name: `Team`, `Army`, `StartSpot`, `Faction`, `Color`.
            key: &'a str,
            /// A number or text. Team -1 is none yet, 1 is no team, teams are from 2 on.
            value: Arg<'a>,
        }
        /// The host has set an option of a computer player.
        AIOption<'a> {
            /// The computer player's name.
            name: &'a str,
            /// The option's name, as in [`PlayerOption`].
            key: &'a str,
            /// A number or text.
            value: Arg<'a>,
        }
        /// A slot is empty again.
        ClearSlot<'a> {
            /// Which.
            slot: Number<'a>,
        }
        /// The mods of the game.
        GameMods<'a> {
            /// `activated`, followed by how many there are, or `uids`.
            mode: &'a str,
            /// How many, or their ids with spaces between them.
            value: Arg<'a>,
        }
        /// What has become of an army.
        GameResult<'a> {
            /// The army.
            army: Number<'a>,
            /// Flags, the outcome (`victory`, `defeat`, `draw`, `score`) and a number, with spaces between
            /// them: `recall defeat -5`.
            result: &'a str,
        }
        /// The statistics of the game.
        JsonStats<'a> {
            /// `{"stats":[…]}`, some 16 KB.
            stats: &'a str,
        }
        /// Statistics of another kind, which the server does not know.
        Stats<'a> {
            /// What they are.
            stats: &'a str,
        }
        /// The games of two players have come apart.
        Desync<'a> {
            /// When.
            beat: Arg<'a>,
            /// Whose.
            army: Arg<'a>,
            /// A checksum.
            hash1: Arg<'a>,
            /// The other checksum.
            hash2: Arg<'a>,
        }
        /// A mission is over.
        OperationComplete<'a> {
            /// Whether the primary objectives were met: 1, or `true`, `on`, `yes`.
            primary: Arg<'a>,
            /// Whether the secondary ones were.
            secondary: Arg<'a>,
            /// How long it took: `HH:MM:SS`.
            time: &'a str,
        }
        /// A player says that another has killed him, on his own side.
        TeamkillReport<'a> {
            /// Seconds in the game.
            gametime: Number<'a>,
            /// Who says so.
            reporter_id: Number<'a>,
            /// His name.
            reporter: &'a str,
            /// Who did it.
            killer_id: Number<'a>,
            /// His name.
            killer: &'a str,
        }
        /// A player has killed another of his own side.
        TeamkillHappened<'a> {
            /// Seconds in the game.
            gametime: Number<'a>,
            /// Who was killed; 0 for a computer player.
            victim_id: Number<'a>,
            /// His name.
            victim: &'a str,
            /// Who did it; 0 for a computer player.
            killer_id: Number<'a>,
            /// His name.
            killer: &'a str,
        }
        /// The game is to be rated.
        EnforceRating {}
        /// The simulation is over.
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
        /// The game waits for somebody.
        Bottleneck<'a> {
            /// For what: `nothing`, `readiness`, `data`, `ack`, `unknown`.
            kind: Arg<'a>,
            /// When.
            beat: Arg<'a>,
            /// For whom: ids with commas between them.
            peers: Arg<'a>,
            /// How long, in milliseconds with one decimal.
            millis: Arg<'a>,
        }
        /// It waits no longer.
        BottleneckCleared<'a> {
            ..rest: "None, normally.",
        }
        /// Players have lost the connection.
        Disconnected<'a> {
            ..peers: "Their ids, as text.",
        }
        /// The host begins again.
        Rehost<'a> {
            ..rest: "Anything.",
        }
        /// How far the launch has come.
        LaunchStatus<'a> {
            /// `Unknown`, `Connecting`, `Missing local peers`, `Rejoining`, `Ready`, `Ejected`, `Rejected`,
            /// `Failed`.
            status: &'a str,
        }
        /// What the adapter has to say to another one, which only clients send, over JSON.
        IceMsg<'a> {
            /// For whom.
            receiver: Number<'a>,
            /// What it is, untouched: text or an object.
            msg: Arg<'a>,
        }
        /// A player is connected, in the lobby of old.
        Connected<'a> {
            /// His id.
            peer: Number<'a>,
        }
        /// The game has a connection to a player.
        EstablishedPeer<'a> {
            /// His id.
            peer: Number<'a>,
        }
        /// The game has lost the connection to a player.
        DisconnectedPeer<'a> {
            /// His id.
            peer: Number<'a>,
        }
        /// A packet that came past the connections, of old.
        ProcessNatPacket<'a> {
            /// Where from.
            address: &'a str,
            /// The packet.
            data: Arg<'a>,
        }
    }

    /// What an adapter says to the game, which has no other connection.
    mod adapter {
        /// Opens the lobby, once the game is `Idle`.
        CreateLobby<'a> {
            /// 0 to wait for [`HostGame`] and [`JoinGame`], 1 to do so by itself.
            init_mode: i64,
            /// The port that the game is to take.
            port: i64,
            /// The player's name.
            login: &'a str,
            /// The player's id.
            player: i64,
            /// 1.
            nat_provider: i64,
        }
        /// Has the game wait for players. Older games are given no map.
        HostGame<'a> {
            ..map: "The map's folder, if any.",
        }
        /// Has the game join another one.
        JoinGame<'a> {
            /// Where that is: `127.0.0.1` and a port of the adapter's.
            address: &'a str,
            /// The host's name.
            login: &'a str,
            /// The host's id.
            id: i64,
        }
        /// Has the game connect to a player.
        ConnectToPeer<'a> {
            /// Where he is: `127.0.0.1` and a port of the adapter's.
            address: &'a str,
            /// His name.
            login: &'a str,
            /// His id.
            id: i64,
        }
        /// Has the game let a player go.
        DisconnectFromPeer {
            /// His id.
            id: i64,
        }
        /// Has the game throw a player out.
        EjectPlayer {
            /// His id.
            id: i64,
        }
        /// Has the game send a packet past the connections, of old.
        SendNatPacket<'a> {
            /// Where to.
            address: &'a str,
            /// The packet.
            data: &'a [u8],
        }
        /// Whether the player has the first game.
        HasSupcom {
            /// 0 or 1.
            has: i64,
        }
        /// Whether the player has Forged Alliance.
        HasForgedAlliance {
            /// 0 or 1.
            has: i64,
        }
    }

    /// What the lobby server has to say to a game, over JSON: the adapter makes commands of its own of it.
    mod server {
        /// Has the game wait for players.
        HostGame<'a> {
            /// The map's folder.
            map: &'a str,
        }
        /// Has the game join another one.
        JoinGame<'a> {
            /// The host's name.
            login: &'a str,
            /// The host's id.
            id: i64,
        }
        /// Has the game connect to a player.
        ConnectToPeer<'a> {
            /// His name.
            login: &'a str,
            /// His id.
            id: i64,
            /// Whether this side is to begin.
            offer: bool,
        }
        /// Has the game let a player go.
        DisconnectFromPeer {
            /// His id.
            id: i64,
        }
        /// What another adapter has to say.
        IceMsg<'a> {
            /// Whose adapter.
            sender: Number<'a>,
            /// What it is, untouched: text or an object.
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
    fn arguments_that_do_not_fit_say_which() {
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
            Err("the argument `id` of JoinGame must be a number".into())
        );
        assert!(matches!(read(&[Arg::Int(1), Arg::Int(1)]), Err(text) if text.contains("`login`")));
    }
}
