//! The calls of all hubs: a type for each method, generated from the core's table.

use super::model::{JsonModel, Model, Read, explained, read_json, write_json};
use crate::signalr::{
    Arguments, Buffer, Call as AnyCall, DecodeError, Encoding, FromArguments, FromCall, OwnedArguments,
    ToArguments, WriteError,
};
use crate::wire::{Json, JsonItems, MsgPackReader, MsgPackWriter, Sink};
use crate::wire::{Location, Trace};

/// A call of an unknown method. It is kept unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCall {
    /// The method's name.
    pub target: String,
    /// The arguments.
    pub arguments: OwnedArguments,
}

/// Decodes arguments one after the other.
pub(super) enum Reading<'a> {
    MessagePack(MsgPackReader<'a>, Location),
    Json(JsonItems<'a>, usize),
}

impl<'a> Reading<'a> {
    pub(super) fn of(arguments: Arguments<'a>, expected: usize) -> Result<Self, DecodeError> {
        let found = arguments.len();
        if found != expected {
            return Err(DecodeError::ArgumentCount { expected, found });
        }
        Ok(match arguments.messagepack() {
            Some(reader) => Self::MessagePack(reader, Location::default()),
            None => Self::Json(arguments.json().unwrap_or(Json::EMPTY_ARRAY).items(), 0),
        })
    }

    pub(super) fn next<T: Model>(
        &mut self,
        target: &'static str,
        name: &'static str,
    ) -> Result<T, DecodeError> {
        match self {
            Self::MessagePack(reader, location) => {
                location.at(target, name);
                T::read(reader, location).map_err(|error| explained(error, *location))
            }
            Self::Json(..) => self.next_json(target, name),
        }
    }

    pub(super) fn next_json<T: JsonModel>(
        &mut self,
        target: &'static str,
        name: &'static str,
    ) -> Result<T, DecodeError> {
        let Self::Json(items, index) = self else {
            return Err(DecodeError::OtherEncoding { what: target, encoding: Encoding::MessagePack });
        };
        let item = items.next().map_or("", |item| item.text());
        let read = read_json(name, item).map_err(|error| error.in_argument(*index));
        *index += 1;
        read
    }
}

/// Encodes an argument.
pub(super) fn put(
    value: &impl Model,
    index: usize,
    encoding: Encoding,
    out: &mut Buffer,
) -> Result<(), WriteError> {
    match encoding {
        Encoding::MessagePack => Ok(value.write(&mut MsgPackWriter::new(out))?),
        Encoding::Json => put_json(value, index, encoding, out),
    }
}

/// Encodes an argument that has only a JSON form.
pub(super) fn put_json(
    value: &impl JsonModel,
    index: usize,
    encoding: Encoding,
    out: &mut Buffer,
) -> Result<(), WriteError> {
    if encoding == Encoding::MessagePack {
        return Err(WriteError::OtherEncoding { what: "an argument of the referee hub", encoding });
    }
    out.put(if index == 0 { b"[" } else { b"," })?;
    write_json(value, out)
}

/// Ends the arguments.
pub(super) fn end(count: usize, encoding: Encoding, out: &mut Buffer) -> Result<usize, WriteError> {
    if encoding == Encoding::Json {
        out.put(if count == 0 { b"[]" } else { b"]" })?;
    }
    Ok(count)
}

/// Generates the types of a hub. `$put` encodes an argument, `$next` decodes one.
macro_rules! methods {
    ([$put:ident $next:ident] $module:ident $Hub:ident $($side:ident {
        $(
            $(#[$docs:meta])*
            $Target:ident $(<$a:lifetime>)? ($($argument:ident: $Type:ty),*) $(-> $Result:ty)?;
        )*
    })*) => {$(
        #[doc = concat!("Methods that a ", stringify!($side), " calls.")]
        pub mod $side {
            #[allow(unused_imports)]
            use super::*;

            $(
                $(#[$docs])*
                #[derive(Clone, Debug, PartialEq)]
                #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
                pub struct $Target {
                    $(#[doc = concat!("The `", stringify!($argument), "`.")] pub $argument: $Type,)*
                }

                impl $Target {
                    /// The method's name.
                    pub const TARGET: &'static str = stringify!($Target);
                }

                impl ToArguments for $Target {
                    #[allow(unused_mut, unused_assignments)]
                    fn write_arguments(&self, encoding: Encoding, out: &mut Buffer) -> Result<usize, WriteError> {
                        let mut count = 0;
                        $(
                            $put(&self.$argument, count, encoding, out)?;
                            count += 1;
                        )*
                        end(count, encoding, out)
                    }
                }

                impl FromArguments for $Target {
                    #[allow(unused_mut, unused_variables)]
                    fn from_arguments(arguments: Arguments<'_>) -> Result<Self, DecodeError> {
                        const COUNT: usize = <[&str]>::len(&[$(stringify!($argument)),*]);
                        let mut arguments = Reading::of(arguments, COUNT)?;
                        $(let $argument = arguments.$next($Target::TARGET, stringify!($argument))?;)*
                        Ok(Self { $($argument),* })
                    }
                }

                impl AnyCall for $Target {
                    fn target(&self) -> &str {
                        Self::TARGET
                    }
                }

                impl Method for $Target {
                    type Result = methods!(@result $($Result)?);
                }

                impl From<$Target> for Call {
                    fn from(call: $Target) -> Self {
                        Self::$Target(call.into())
                    }
                }
            )*

            /// Any of these calls. They are boxed to keep the enum small.
            #[derive(Clone, Debug, PartialEq)]
            #[non_exhaustive]
            pub enum Call {
                $($(#[$docs])* $Target(Box<$Target>),)*
                /// An unknown method. It is kept unchanged.
                Unknown(UnknownCall),
            }

            // All variants but `Unknown`.
            #[cfg(feature = "arbitrary")]
            impl<'a> arbitrary::Arbitrary<'a> for Call {
                fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
                    let any = u.choose(&[$(|u: &mut arbitrary::Unstructured<'a>| {
                        u.arbitrary().map(|call: $Target| call.into())
                    }),*] as &[fn(&mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self>])?;
                    any(u)
                }
            }

            impl Call {
                /// The names of all methods. Those of received calls can have another case, as in .NET.
                const TARGETS: &'static [&'static str] = &[$($Target::TARGET),*];

                /// Reads an argument of a method from its JSON and discards it, to check text that people write: the
                /// deserializer receives the names of all fields, and sees which members are ignored. `None` if there is no
                /// such method or argument.
                ///
                /// # Errors
                /// The inner result has the errors of the deserializer, and of values with another type than the argument's.
                #[allow(unused_mut, unused_assignments, unused_variables)] // some have no arguments
                pub fn check_argument<'de, D: serde::Deserializer<'de>>(
                    target: &str,
                    index: usize,
                    argument: D,
                ) -> Option<Result<(), D::Error>> {
                    let target = Self::TARGETS.iter().find(|name| name.eq_ignore_ascii_case(target))?;
                    match *target {
                        $(stringify!($Target) => {
                            let mut next = 0;
                            $(
                                if index == next {
                                    let read = <Read<$Type> as serde::Deserialize>::deserialize(argument);
                                    return Some(read.map(|_| ()));
                                }
                                next += 1;
                            )*
                            None
                        })*
                        _ => None,
                    }
                }
            }

            impl FromCall for Call {
                fn from_call(target: &str, arguments: Arguments<'_>) -> Result<Self, DecodeError> {
                    match target {
                        $(stringify!($Target) => $Target::from_arguments(arguments).map(Into::into),)*
                        _ => match Self::TARGETS.iter().find(|name| name.eq_ignore_ascii_case(target)) {
                            Some(name) => Self::from_call(name, arguments),
                            None => {
                                Ok(Self::Unknown(UnknownCall { target: target.into(), arguments: arguments.into() }))
                            }
                        },
                    }
                }
            }

            impl ToArguments for Call {
                fn write_arguments(&self, encoding: Encoding, out: &mut Buffer) -> Result<usize, WriteError> {
                    match self {
                        $(Self::$Target(call) => call.write_arguments(encoding, out),)*
                        Self::Unknown(call) => call.arguments.write_arguments(encoding, out),
                    }
                }
            }

            impl AnyCall for Call {
                fn target(&self) -> &str {
                    match self {
                        $(Self::$Target(_) => $Target::TARGET,)*
                        Self::Unknown(call) => &call.target,
                    }
                }
            }
        }
    )*};
    (@result) => { () };
    (@result $Result:ty) => { $Result };
}
pub(super) use methods;

/// For hubs that use MessagePack.
macro_rules! in_messagepack {
    ($module:ident $($rows:tt)*) => {
        #[doc = concat!("The ", stringify!($module), "'s hub.")]
        pub mod $module {
            use super::*;
            #[allow(unused_imports)]
            use crate::lazer::*;
            // The core's macro of this name only declares names.
            use crate::signalr::Method;

            methods!([put next] $module $($rows)*);
        }
    };
}

lobbywire_core::declarations::lazer_spectator_methods!(in_messagepack);
lobbywire_core::declarations::lazer_multiplayer_methods!(in_messagepack);
lobbywire_core::declarations::lazer_metadata_methods!(in_messagepack);

/// Evaluates an expression with the type of the calls of a hub: `with_calls!(hub, caller, Calls => expression, else
/// other)`. In the expression `Calls` is the enum of the calls, such as
/// [`spectator::client::Call`](crate::lazer::spectator::client::Call). `other` is for hubs that this version does not know.
///
/// ```
/// use lobbywire::lazer::{Hub, Side, with_calls};
/// use lobbywire::signalr::{Arguments, DecodeError, Encoding, FromCall, OwnedArguments, ToArguments};
///
/// /// Whether the arguments of a call can be decoded.
/// fn check(hub: Hub, caller: Side, target: &str, arguments: Arguments<'_>) -> Result<(), DecodeError> {
///     with_calls!(hub, caller, Calls => Calls::from_call(target, arguments).map(drop), else Ok(()))
/// }
///
/// let arguments = (2,).to_arguments(Encoding::MessagePack)?;
/// check(Hub::Multiplayer, Side::Client, "KickUser", arguments.as_arguments())?;
/// assert!(check(Hub::Multiplayer, Side::Client, "LeaveRoom", arguments.as_arguments()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[macro_export]
#[doc(hidden)] // documented as `lazer::with_calls`
macro_rules! __lazer_with_calls {
    ($hub:expr, $caller:expr, $Calls:ident => $then:expr, else $other:expr $(,)?) => {
        $crate::lazer::with_calls!(@match ($hub, $caller), $Calls => $then, else $other;
            Spectator spectator, Multiplayer multiplayer, Metadata metadata, Referee referee)
    };
    (@match $of:expr, $Calls:ident => $then:expr, else $other:expr; $($Hub:ident $module:ident),*) => {
        match $of {
            $(
                ($crate::lazer::Hub::$Hub, $crate::lazer::Side::Client) => {
                    type $Calls = $crate::lazer::$module::client::Call;
                    $then
                }
                ($crate::lazer::Hub::$Hub, $crate::lazer::Side::Server) => {
                    type $Calls = $crate::lazer::$module::server::Call;
                    $then
                }
            )*
            _ => $other,
        }
    };
}
