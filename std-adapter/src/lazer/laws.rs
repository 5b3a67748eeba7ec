//! The properties of the calls of all hubs and their arguments.
//!
//! The properties of the borrowed types of the spectator hub are in the [core](lobbywire_core::lazer::laws).
//!
//! ```
//! use lobbywire::lazer::{Hub, Side, laws, multiplayer::client};
//! use lobbywire::signalr::Encoding;
//!
//! laws::arguments(Hub::Multiplayer, Side::Client, "KickUser", 1, b"anything at all", Encoding::MessagePack)?;
//! laws::call::<client::Call>(&client::KickUser { user_id: 2 }.into(), Encoding::MessagePack)?;
//! # Ok::<(), laws::Broken>(())
//! ```

use super::{Hub, Side, metadata, multiplayer, referee, spectator};
use crate::signalr::{Arguments, Call, DecodeError, Encoding, FromCall, OwnedArguments};
use crate::wire::{Json, JsonSyntax};
use std::fmt::{self, Debug};

/// A property that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The property.
    pub law: &'static str,
    /// The method.
    pub target: String,
    /// What was observed instead.
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { law, target, what } = self;
        write!(f, "{law}, but not {target}: {what}")
    }
}

impl std::error::Error for Broken {}

fn holds(held: bool, law: &'static str, target: &str, what: impl FnOnce() -> String) -> Result<(), Broken> {
    if held { Ok(()) } else { Err(Broken { law, target: target.into(), what: what() }) }
}

/// Checks arbitrary bytes as arguments of a known or unknown method: they are rejected, or decoded into a call for
/// which [`call`] holds.
///
/// `count` is the claimed number of arguments. JSON contains its own.
///
/// # Errors
/// The property that does not hold.
pub fn arguments(
    hub: Hub,
    caller: Side,
    target: &str,
    count: usize,
    bytes: &[u8],
    encoding: Encoding,
) -> Result<(), Broken> {
    let arguments = match encoding {
        Encoding::MessagePack => Arguments::of_messagepack(count, bytes),
        Encoding::Json => {
            let array = Json::from_utf8(bytes, JsonSyntax::STRICT).ok().and_then(Arguments::of_json);
            let Some(arguments) = array else { return Ok(()) };
            arguments
        }
    };
    match (hub, caller) {
        (Hub::Spectator, Side::Client) => read::<spectator::client::Call>(target, arguments, encoding),
        (Hub::Spectator, Side::Server) => read::<spectator::server::Call>(target, arguments, encoding),
        (Hub::Multiplayer, Side::Client) => read::<multiplayer::client::Call>(target, arguments, encoding),
        (Hub::Multiplayer, Side::Server) => read::<multiplayer::server::Call>(target, arguments, encoding),
        (Hub::Metadata, Side::Client) => read::<metadata::client::Call>(target, arguments, encoding),
        (Hub::Metadata, Side::Server) => read::<metadata::server::Call>(target, arguments, encoding),
        (Hub::Referee, Side::Client) => read::<referee::client::Call>(target, arguments, encoding),
        (Hub::Referee, Side::Server) => read::<referee::server::Call>(target, arguments, encoding),
    }
}

fn read<C: Call + FromCall + Debug>(
    target: &str,
    arguments: Arguments<'_>,
    encoding: Encoding,
) -> Result<(), Broken> {
    match C::from_call(target, arguments) {
        Ok(read) => {
            holds(read.target() == target, "a call is of the method that was called", target, || {
                read.target().into()
            })?;
            call(&read, encoding)
        }
        Err(DecodeError::Field { error, .. } | DecodeError::Malformed { error, .. }) => {
            let len = arguments.messagepack().map_or(usize::MAX, |reader| reader.rest().len());
            let is_inside = usize::try_from(error.offset).is_ok_and(|offset| offset <= len);
            holds(is_inside, "an error is inside of the arguments", target, || error.to_string())
        }
        Err(_) => Ok(()),
    }
}

/// Checks a call that can be encoded: it round-trips, also through its serde form. In MessagePack every truncation is
/// rejected.
///
/// # Errors
/// The property that does not hold.
pub fn call<C: Call + FromCall + Debug>(call: &C, encoding: Encoding) -> Result<(), Broken> {
    let target = call.target();
    let Ok(written) = call.to_arguments(encoding) else { return Ok(()) };
    let again = again::<C>(target, &written, encoding)?;
    holds(again == written, "what was written is read and written the same", target, || {
        format!("{written:?} and {again:?}")
    })?;

    let Ok(shown) = call.to_arguments(Encoding::Json) else { return Ok(()) };
    // Unknown parts are stored in the encoding in which they were received, so the serde form omits them.
    let read = match C::from_call(target, shown.as_arguments()) {
        Ok(read) => read,
        Err(error) => {
            return Err(Broken {
                law: "what is shown can be read",
                target: target.into(),
                what: error.to_string(),
            });
        }
    };
    let back = read.to_arguments(encoding);
    let text = String::from_utf8_lossy(shown.bytes());
    // MessagePack has several NaNs, JSON one.
    let is_same = back.as_ref() == Ok(&written) || text.contains(r#""NaN""#);
    holds(is_same, "what is shown is as it was", target, || format!("{written:?}, {text}, {back:?}"))?;

    let is_known = Hub::ALL
        .into_iter()
        .any(|hub| [Side::Client, Side::Server].into_iter().any(|side| hub.method(side, target).is_some()));
    if encoding == Encoding::MessagePack && is_known {
        let bytes = written.bytes();
        for end in (0..bytes.len()).step_by(1 + bytes.len() / 64) {
            let cut = Arguments::of_messagepack(written.len(), bytes.get(..end).unwrap_or_default());
            holds(C::from_call(target, cut).is_err(), "a call that is cut is none", target, || {
                end.to_string()
            })?;
        }
    }
    Ok(())
}

fn again<C: Call + FromCall>(
    target: &str,
    written: &OwnedArguments,
    encoding: Encoding,
) -> Result<OwnedArguments, Broken> {
    C::from_call(target, written.as_arguments())
        .map_err(|error| error.to_string())
        .and_then(|read| read.to_arguments(encoding).map_err(|error| error.to_string()))
        .map_err(|what| Broken { law: "what was written can be read", target: target.into(), what })
}
