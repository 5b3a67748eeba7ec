//! Commands in lobby messages.

use super::arg::{Arg, Args, Command, chars_lossy};
use crate::faf::{Body, Error, ErrorKind, Message, WriteError};
use crate::wire::{self, Full, Json, JsonKind, ObjectWriter, Sink};

/// Encodes a command as a lobby message: `{"command":"HostGame","args":["scmp_007"],"target":"game"}`.
///
/// ```
/// use lobbywire_core::faf::gpgnet::{OverJson, server};
/// use lobbywire_core::faf::simple_json;
/// use lobbywire_core::wire::SliceSink;
///
/// let mut buffer = [0; 80];
/// let host = server::HostGame { map: "scmp_007" };
/// simple_json::write(&mut SliceSink::new(&mut buffer), &OverJson(host))?;
/// assert!(buffer.starts_with(br#"{"command":"HostGame","args":["scmp_007"],"target":"game"}"#));
/// # Ok::<(), lobbywire_core::faf::WriteError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OverJson<C>(pub C);

impl<C: Command> Body for OverJson<C> {
    /// # Errors
    /// [`WriteError::UnsupportedValue`] for data, which JSON cannot represent. In strings that are not valid UTF-8,
    /// each invalid sequence becomes U+FFFD, as in the adapters written in Java.
    fn write_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        let mut object = ObjectWriter::new(out)?;
        object.text("command", self.0.command())?;
        object.array("args", |array| {
            self.0.each_arg(&mut |arg| match arg {
                Arg::Int(number) => Ok(array.int(number)?),
                Arg::Text(text) => Ok(array.text(text)?),
                Arg::Bool(value) => Ok(array.bool(value)?),
                Arg::Float(number) => Ok(array.float(number)?),
                Arg::Json(json) => Ok(array.json(json)?),
                Arg::RawText(text) => Ok(array.chars(chars_lossy(text))?),
                Arg::Data(_) => Err(WriteError::UnsupportedValue),
            })
        })?;
        object.text("target", "game")?;
        Ok(object.finish()?)
    }
}

/// Decodes the arguments of a command in a lobby message into `slots`; the strict mode needs at most 64.
/// Strings with escapes are decoded into `scratch`, which must hold all of them; there are rarely any.
///
/// # Errors
/// [`UnexpectedType`](wire::ErrorKind::UnexpectedType) if `args` is not an array, [`ErrorKind::TooManyArgs`] if there
/// are too few slots, [`ScratchTooSmall`](wire::ErrorKind::ScratchTooSmall).
///
/// ```
/// use lobbywire_core::faf::gpgnet::{Arg, args_of, server};
/// use lobbywire_core::faf::{Message, Mode};
///
/// let text = r#"{"command":"ConnectToPeer","args":["Bob",7,true],"target":"game"}"#;
/// let message = Message::parse(text, Mode::Strict)?;
/// let (mut slots, mut scratch) = ([Arg::Int(0); 64], [0; 256]);
/// let args = args_of(&message, &mut slots, &mut scratch)?;
/// match server::Command::read("ConnectToPeer", args)? {
///     server::Command::ConnectToPeer(peer) => assert_eq!((peer.login, peer.id, peer.offer), ("Bob", 7, true)),
///     other => println!("{other:?}"),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn args_of<'a>(
    message: &Message<'a>,
    slots: &'a mut [Arg<'a>],
    scratch: &'a mut [u8],
) -> Result<Args<'a>, Error> {
    let items = match message.get("args") {
        None => Json::EMPTY_ARRAY.items(),
        Some(args) if args.kind() == JsonKind::Array => args.items(),
        // The server logs an error and ignores the message.
        Some(_) => return Err(wire::Error::new(wire::ErrorKind::UnexpectedType, 0).into()),
    };
    let (mut scratch, mut count) = (scratch, 0usize);
    for item in items {
        let (arg, rest) = Arg::from_json(item, scratch)
            .map_err(|_| wire::Error::new(wire::ErrorKind::ScratchTooSmall, 0))?;
        scratch = rest;
        *slots.get_mut(count).ok_or(Error::new(ErrorKind::TooManyArgs, 0))? = arg;
        count = count.saturating_add(1);
    }
    let slots: &'a [Arg<'a>] = slots;
    Ok(slots.get(..count).unwrap_or_default().into())
}

impl<'a> Arg<'a> {
    /// Converts a JSON value. A string with escapes is decoded at the start of `scratch`, and needs at most the
    /// length of the value. Also returns the rest of `scratch`.
    ///
    /// # Errors
    /// [`Full`] if `scratch` is too small.
    pub fn from_json(json: Json<'a>, scratch: &'a mut [u8]) -> Result<(Self, &'a mut [u8]), Full> {
        let arg = match (json.kind(), json.as_text()) {
            (JsonKind::Bool, _) => json.as_bool().map(Self::Bool),
            (JsonKind::Number, _) => match json.as_i64() {
                Some(number) => Some(Self::Int(number)),
                None if json.text().bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => None,
                None => json.as_f64().map(Self::Float),
            },
            (JsonKind::String, Some(text)) => match text.as_plain() {
                Some(plain) => Some(Self::Text(plain)),
                // A `str` cannot contain lone surrogates.
                None if text.has_lone_surrogates() => None,
                None => {
                    let (place, rest) = scratch.split_at_mut_checked(text.utf8_len()).ok_or(Full)?;
                    return Ok((Self::Text(text.unescape(place)?), rest));
                }
            },
            _ => None,
        };
        Ok((arg.unwrap_or(Self::Json(json)), scratch))
    }
}
