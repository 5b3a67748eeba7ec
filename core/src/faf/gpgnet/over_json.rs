//! Commands inside of lobby messages.

use super::{Arg, Args, Command};
use crate::faf::{Body, Message, WriteError};
use crate::wire::{Error, ErrorKind, Full, Json, JsonKind, ObjectWriter, Sink};

/// A command as a lobby message: `{"command":"HostGame","args":["scmp_007"],"target":"game"}`.
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
    /// [`WriteError::UnsupportedValue`] for bytes, which JSON has not.
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
                Arg::Data(_) | Arg::RawText(_) => Err(WriteError::UnsupportedValue),
            })
        })?;
        object.text("target", "game")?;
        Ok(object.finish()?)
    }
}

/// The arguments of a command in a lobby message, which are put into `slots`: 64 are enough in the strict mode.
/// Texts with escapes in them are put into `scratch`, which has to be as long as they are together; nearly
/// always that is not at all.
///
/// # Errors
/// [`ErrorKind::UnexpectedType`] where `args` is no array, [`ErrorKind::TooManyArgs`] beyond the slots,
/// [`ErrorKind::ScratchTooSmall`].
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
        // A logged error to the server, and of no use to anybody.
        Some(_) => return Err(Error::new(ErrorKind::UnexpectedType, 0)),
    };
    let (mut scratch, mut count) = (scratch, 0usize);
    for item in items {
        let (arg, rest) =
            Arg::of_json(item, scratch).map_err(|_| Error::new(ErrorKind::ScratchTooSmall, 0))?;
        scratch = rest;
        *slots.get_mut(count).ok_or(Error::new(ErrorKind::TooManyArgs, 0))? = arg;
        count = count.saturating_add(1);
    }
    let slots: &'a [Arg<'a>] = slots;
    Ok(slots.get(..count).unwrap_or_default().into())
}

impl<'a> Arg<'a> {
    /// A value of JSON as an argument. Text with escapes in it is put at the start of `scratch`, the rest of
    /// which is given back; it is never longer than the value.
    ///
    /// # Errors
    /// [`Full`] where `scratch` is too small.
    pub fn of_json(json: Json<'a>, scratch: &'a mut [u8]) -> Result<(Self, &'a mut [u8]), Full> {
        let arg = match (json.kind(), json.as_text()) {
            (JsonKind::Bool, _) => json.as_bool().map(Self::Bool),
            (JsonKind::Number, _) => match json.as_i64() {
                Some(number) => Some(Self::Int(number)),
                None if json.text().bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => None,
                None => json.as_f64().map(Self::Float),
            },
            (JsonKind::String, Some(text)) => match text.as_plain() {
                Some(plain) => Some(Self::Text(plain)),
                // No `str` has halves of surrogate pairs.
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
