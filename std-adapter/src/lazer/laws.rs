//! Properties of the calls of all hubs.
//!
//! The [core](lobbywire_core::lazer::laws) has those of the spectator hub's borrowed types.
//!
//! ```
//! use lobbywire::lazer::{Hub, Side, laws, multiplayer::client};
//! use lobbywire::signalr::Encoding;
//!
//! laws::arguments(Hub::Multiplayer, Side::Client, "KickUser", 1, b"anything at all", Encoding::MessagePack)?;
//! let outcome = laws::call::<client::Call>(&client::KickUser { user_id: 2 }.into(), Encoding::MessagePack)?;
//! assert_eq!(outcome, laws::Outcome::Held);
//! # Ok::<(), laws::Broken>(())
//! ```

use super::{Hub, Side, with_calls};
use crate::signalr::{Arguments, Call, DecodeError, Encoding, FromCall, OwnedArguments};
use crate::wire::{Json, JsonSyntax};
use std::fmt::{self, Debug};

pub use crate::wire::laws::Outcome;

/// A property that an input violates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The property, as a sentence that is false for the input.
    pub law: &'static str,
    /// The method.
    pub target: String,
    /// The values that differ, or the error.
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { law, target, what } = self;
        write!(f, "{law}, except {target}: {what}")
    }
}

impl std::error::Error for Broken {}

fn holds(held: bool, law: &'static str, target: &str, what: impl FnOnce() -> String) -> Result<(), Broken> {
    if held { Ok(()) } else { Err(Broken { law, target: target.into(), what: what() }) }
}

/// Reads the input as the arguments of a method, known or not. Arguments that can be read have the properties of
/// [`call`]; the offset of an error is within the input.
///
/// `count` is the number of arguments in MessagePack. JSON ignores it: the input is an array.
///
/// # Errors
/// The property that the input violates.
pub fn arguments(
    hub: Hub,
    caller: Side,
    target: &str,
    count: usize,
    bytes: &[u8],
    encoding: Encoding,
) -> Result<Outcome, Broken> {
    let arguments = match encoding {
        Encoding::MessagePack => Arguments::of_messagepack(count, bytes),
        Encoding::Json => {
            let array = Json::from_utf8(bytes, JsonSyntax::LENIENT).ok().and_then(Arguments::of_json);
            let Some(arguments) = array else { return Ok(Outcome::Skipped) };
            arguments
        }
    };
    with_calls!(hub, caller, Calls => read::<Calls>(target, arguments, encoding), else Ok(Outcome::Skipped))
}

fn read<C: Call + FromCall + Debug>(
    target: &str,
    arguments: Arguments<'_>,
    encoding: Encoding,
) -> Result<Outcome, Broken> {
    match C::from_call(target, arguments) {
        Ok(read) => {
            holds(
                read.target().eq_ignore_ascii_case(target),
                "a call has the target it was read with",
                target,
                || read.target().into(),
            )?;
            call(&read, encoding)
        }
        Err(DecodeError::Field { error, .. } | DecodeError::Malformed { error, .. }) => {
            let len = arguments.messagepack().map_or(usize::MAX, |reader| reader.rest().len());
            let is_inside = usize::try_from(error.offset).is_ok_and(|offset| offset <= len);
            holds(is_inside, "the offset of an error is within the arguments", target, || error.to_string())?;
            Ok(Outcome::Skipped)
        }
        Err(_) => Ok(Outcome::Skipped),
    }
}

/// A call writes and reads unchanged, also through JSON. Truncated arguments in MessagePack are an error.
///
/// Skipped if this encoding or JSON cannot carry the call.
///
/// # Errors
/// The property that the input violates.
pub fn call<C: Call + FromCall + Debug>(call: &C, encoding: Encoding) -> Result<Outcome, Broken> {
    let target = call.target();
    let Ok(written) = call.to_arguments(encoding) else { return Ok(Outcome::Skipped) };
    let again = again::<C>(target, &written, encoding)?;
    holds(again == written, "a call that was written and read is written unchanged", target, || {
        format!("{written:?} and {again:?}")
    })?;

    // Unknown values keep the encoding they were received in.
    let Ok(shown) = call.to_arguments(Encoding::Json) else { return Ok(Outcome::Skipped) };
    let read = match C::from_call(target, shown.as_arguments()) {
        Ok(read) => read,
        Err(error) => {
            return Err(Broken {
                law: "a call can be read from its JSON",
                target: target.into(),
                what: error.to_string(),
            });
        }
    };
    let back = read.to_arguments(encoding);
    let text = String::from_utf8_lossy(shown.bytes());
    // JSON has only one NaN.
    let is_same = back.as_ref() == Ok(&written) || text.contains(r#""NaN""#);
    holds(is_same, "a call is read back from its JSON", target, || format!("{written:?}, {text}, {back:?}"))?;

    let is_known = Hub::ALL
        .iter()
        .any(|hub| [Side::Client, Side::Server].into_iter().any(|side| hub.method(side, target).is_some()));
    if encoding == Encoding::MessagePack && is_known {
        let bytes = written.bytes();
        for end in (0..bytes.len()).step_by(1 + bytes.len() / 64) {
            let short = Arguments::of_messagepack(written.len(), bytes.get(..end).unwrap_or_default());
            holds(C::from_call(target, short).is_err(), "a truncated call is an error", target, || {
                end.to_string()
            })?;
        }
    }
    Ok(Outcome::Held)
}

fn again<C: Call + FromCall>(
    target: &str,
    written: &OwnedArguments,
    encoding: Encoding,
) -> Result<OwnedArguments, Broken> {
    C::from_call(target, written.as_arguments())
        .map_err(|error| error.to_string())
        .and_then(|read| read.to_arguments(encoding).map_err(|error| error.to_string()))
        .map_err(|what| Broken { law: "a call that was written can be read", target: target.into(), what })
}
