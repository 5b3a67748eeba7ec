//! Converts the arguments of osu!lazer's hubs between their wire form and JSON with field names.

use lobbywire::lazer::{Hub, Side, metadata, multiplayer, referee, spectator};
use lobbywire::signalr::{
    Arguments, DecodeError, Encoding, FromCall, OwnedArguments, ToArguments, WriteError,
};

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

/// Converts the arguments to another encoding. `None` for a method that the hub does not have. Each method is
/// called by only one side, so its name determines the side.
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

    let side = [Side::Client, Side::Server].into_iter().find(|side| hub.method(*side, target).is_some())?;
    let convert_call = match (hub, side) {
        (Hub::Spectator, Side::Client) => of::<spectator::client::Call>,
        (Hub::Spectator, Side::Server) => of::<spectator::server::Call>,
        (Hub::Multiplayer, Side::Client) => of::<multiplayer::client::Call>,
        (Hub::Multiplayer, Side::Server) => of::<multiplayer::server::Call>,
        (Hub::Metadata, Side::Client) => of::<metadata::client::Call>,
        (Hub::Metadata, Side::Server) => of::<metadata::server::Call>,
        (Hub::Referee, Side::Client) => of::<referee::client::Call>,
        (Hub::Referee, Side::Server) => of::<referee::server::Call>,
        _ => return None,
    };
    Some(convert_call(target, arguments, to))
}
