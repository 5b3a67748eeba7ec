//! Arguments of osu!lazer's hubs, with names for their fields.

use lobbywire::lazer::{Hub, Side, metadata, multiplayer, referee, spectator};
use lobbywire::signalr::{
    Arguments, DecodeError, Encoding, FromCall, OwnedArguments, ToArguments, WriteError,
};

/// Why arguments are not those of their method.
pub(super) enum Wrong {
    Decode(DecodeError),
    Write(WriteError),
}

impl From<DecodeError> for Wrong {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<WriteError> for Wrong {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Decode(error) => error.fmt(f),
            Self::Write(error) => error.fmt(f),
        }
    }
}

/// The arguments in another encoding; `None` for a method that the hub has not. Which side calls is told by the
/// method: none is called by both.
pub(super) fn converted(
    hub: Hub,
    target: &str,
    arguments: Arguments<'_>,
    to: Encoding,
) -> Option<Result<OwnedArguments, Wrong>> {
    fn of<C: FromCall + ToArguments>(
        target: &str,
        arguments: Arguments<'_>,
        to: Encoding,
    ) -> Result<OwnedArguments, Wrong> {
        Ok(C::from_call(target, arguments)?.to_arguments(to)?)
    }

    let side = [Side::Client, Side::Server].into_iter().find(|side| hub.method(*side, target).is_some())?;
    let convert = match (hub, side) {
        (Hub::Spectator, Side::Client) => of::<spectator::client::Call>,
        (Hub::Spectator, Side::Server) => of::<spectator::server::Call>,
        (Hub::Multiplayer, Side::Client) => of::<multiplayer::client::Call>,
        (Hub::Multiplayer, Side::Server) => of::<multiplayer::server::Call>,
        (Hub::Metadata, Side::Client) => of::<metadata::client::Call>,
        (Hub::Metadata, Side::Server) => of::<metadata::server::Call>,
        (Hub::Referee, Side::Client) => of::<referee::client::Call>,
        (Hub::Referee, Side::Server) => of::<referee::server::Call>,
    };
    Some(convert(target, arguments, to))
}
