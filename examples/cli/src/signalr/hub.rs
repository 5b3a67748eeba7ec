//! Converts the arguments of osu!lazer's hubs between their wire form and JSON with field names.

use lobbywire::lazer::{Hub, Side, metadata, multiplayer, referee, spectator};
use lobbywire::signalr::{
    Arguments, DecodeError, Encoding, FromCall, OwnedArguments, ToArguments, WriteError,
};
use serde::Deserializer;

/// Why arguments cannot be converted.
pub(super) enum ConvertError {
    Decode(DecodeError),
    Write(WriteError),
}

impl From<DecodeError> for ConvertError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<WriteError> for ConvertError {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

impl std::fmt::Display for ConvertError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Decode(error) => error.fmt(f),
            Self::Write(error) => error.fmt(f),
        }
    }
}

/// Evaluates an expression with the calls of a hub that contain this method. Returns `None` for a method that the hub does
/// not have. Each method is called by only one side, so its name determines the side.
macro_rules! with_calls {
    ($hub:expr, $target:expr, $Call:ident => $body:expr) => {{
        let mut sides = [Side::Client, Side::Server].into_iter();
        match ($hub, sides.find(|side| $hub.method(*side, $target).is_some())?) {
            (Hub::Spectator, Side::Client) => {
                type $Call = spectator::client::Call;
                $body
            }
            (Hub::Spectator, Side::Server) => {
                type $Call = spectator::server::Call;
                $body
            }
            (Hub::Multiplayer, Side::Client) => {
                type $Call = multiplayer::client::Call;
                $body
            }
            (Hub::Multiplayer, Side::Server) => {
                type $Call = multiplayer::server::Call;
                $body
            }
            (Hub::Metadata, Side::Client) => {
                type $Call = metadata::client::Call;
                $body
            }
            (Hub::Metadata, Side::Server) => {
                type $Call = metadata::server::Call;
                $body
            }
            (Hub::Referee, Side::Client) => {
                type $Call = referee::client::Call;
                $body
            }
            (Hub::Referee, Side::Server) => {
                type $Call = referee::server::Call;
                $body
            }
            _ => return None,
        }
    }};
}

/// Converts the arguments to another encoding. `None` for a method that the hub does not have.
pub(super) fn convert(
    hub: Hub,
    target: &str,
    arguments: Arguments<'_>,
    to: Encoding,
) -> Option<Result<OwnedArguments, ConvertError>> {
    fn of<C: FromCall + ToArguments>(
        target: &str,
        arguments: Arguments<'_>,
        to: Encoding,
    ) -> Result<OwnedArguments, ConvertError> {
        Ok(C::from_call(target, arguments)?.to_arguments(to)?)
    }

    Some(with_calls!(hub, target, Call => of::<Call>(target, arguments, to)))
}

/// Reads an argument of a method, to find keys that its type does not have. `None` for a method that the hub does not
/// have.
pub(super) fn check_argument<'de>(
    hub: Hub,
    target: &str,
    index: usize,
    argument: impl Deserializer<'de>,
) -> Option<bool> {
    with_calls!(hub, target, Call => Call::check_argument(target, index, argument).map(|read| read.is_ok()))
}
