//! Converts the arguments of osu!lazer's hubs between their wire form and JSON with field names.

use lobbywire::lazer::{Hub, Side, with_calls};
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

/// The side that calls a method; `None` for a method that the hub does not have. Each method is called by only one side.
fn caller(hub: Hub, target: &str) -> Option<Side> {
    [Side::Client, Side::Server].into_iter().find(|side| hub.method(*side, target).is_some())
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

    with_calls!(hub, caller(hub, target)?, Call => Some(of::<Call>(target, arguments, to)), else None)
}

/// Reads an argument of a method, to find keys that its type does not have. `None` for a method that the hub does not
/// have.
pub(super) fn check_argument<'de>(
    hub: Hub,
    target: &str,
    index: usize,
    argument: impl Deserializer<'de>,
) -> Option<bool> {
    with_calls!(
        hub,
        caller(hub, target)?,
        Call => Call::check_argument(target, index, argument).map(|read| read.is_ok()),
        else None
    )
}
