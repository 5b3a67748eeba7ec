//! The binary form of commands.

use super::{Arg, Args, Command};
use crate::faf::{Error, ErrorKind, Mode, WriteError};
use crate::wire::{self, Deframed, Framing, Reader, Sink, Skip, utf8};

/// Size limits for received commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest name, in bytes.
    pub name: usize,
    /// The most arguments. Adapters in Java and Go accept ten.
    pub args: usize,
    /// The longest string or data argument, in bytes.
    pub string: usize,
    /// The same for `JsonStats`, the game's statistics.
    pub json_stats: usize,
    /// The largest command, in bytes.
    pub message: usize,
}

impl Limits {
    /// 64 bytes for names, 64 arguments, 64 KiB for strings, 1 MiB for statistics, 2 MiB in all.
    pub const USUAL: Self =
        Self { name: 64, args: 64, string: 64 << 10, json_stats: 1 << 20, message: 2 << 20 };
}

/// Splits a stream into commands.
///
/// An error ends the stream, because the position of the next command is unknown. A string that is not valid UTF-8
/// is not an error of the framing: it affects only its own command, see [`Message::read`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Messages {
    /// Size limits.
    pub limits: Limits,
    /// For readers of the commands: in the lenient mode strings need not be valid UTF-8.
    pub mode: Mode,
}

impl Messages {
    /// The default limits.
    pub const fn new(mode: Mode) -> Self {
        Self { limits: Limits::USUAL, mode }
    }
}

/// Why the end of a command was not found.
enum WalkError {
    /// At least this many bytes are missing.
    Missing(usize),
    Malformed(ErrorKind, usize),
}

/// Finds the end of a command without decoding its content.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    fn missing(&self, count: usize) -> WalkError {
        let have = self.bytes.len().saturating_sub(self.at);
        WalkError::Missing(count.saturating_sub(have))
    }

    fn length(&mut self) -> Result<usize, WalkError> {
        let head = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk());
        let number = u32::from_le_bytes(*head.ok_or_else(|| self.missing(4))?);
        self.at = self.at.saturating_add(4);
        Ok(usize::try_from(number).unwrap_or(usize::MAX))
    }

    /// A string of at most `most` bytes.
    fn string(&mut self, most: usize) -> Result<&'a [u8], WalkError> {
        let start = self.at;
        let len = self.length()?;
        if len > most {
            return Err(WalkError::Malformed(wire::ErrorKind::StringTooLong.into(), start));
        }
        let end = self.at.saturating_add(len);
        let string = self.bytes.get(self.at..end).ok_or_else(|| self.missing(len))?;
        self.at = end;
        Ok(string)
    }

    /// Walks over the command. If there is a mode, also checks that strings are valid in it.
    fn message(&mut self, limits: &Limits, mode: Option<Mode>) -> Result<(), WalkError> {
        let not_utf8 = |at: usize, error: wire::Error| {
            let offset = usize::try_from(error.offset).unwrap_or(0);
            WalkError::Malformed(wire::ErrorKind::Utf8.into(), at.saturating_add(4).saturating_add(offset))
        };
        let name = self.string(limits.name)?;
        if mode.is_some() {
            utf8(name).map_err(|error| not_utf8(0, error))?;
        }
        let most = if name == b"JsonStats" { limits.json_stats } else { limits.string };
        let start = self.at;
        let count = self.length()?;
        if count > limits.args {
            return Err(WalkError::Malformed(ErrorKind::TooManyArgs, start));
        }
        for _ in 0..count {
            let start = self.at;
            let kind = self.bytes.get(start).copied().ok_or(WalkError::Missing(1))?;
            self.at = start.saturating_add(1);
            match kind {
                0 => self.length().map(drop)?,
                1 => {
                    let at = self.at;
                    let text = self.string(most)?;
                    if mode == Some(Mode::Strict) {
                        utf8(text).map_err(|error| not_utf8(at, error))?;
                    }
                }
                2 => self.string(most).map(drop)?,
                _ => return Err(WalkError::Malformed(ErrorKind::UnknownArgType, start)),
            }
        }
        Ok(())
    }
}

impl Framing for Messages {
    type Error = Error;

    fn deframe(&mut self, bytes: &[u8], _: usize) -> Deframed<Error> {
        // Look only at as many bytes as a command may have, so that the result does not depend on how many
        // follow.
        let bytes = bytes.get(..self.limits.message).unwrap_or(bytes);
        let mut walk = Walk { bytes, at: 0 };
        match walk.message(&self.limits, None) {
            Ok(()) => Deframed::Frame(walk.at),
            Err(WalkError::Missing(count)) if bytes.len().saturating_add(count) <= self.limits.message => {
                Deframed::Missing(count)
            }
            Err(WalkError::Malformed(kind, at)) => Deframed::Refused(Error::new(kind, at), Skip::Rest),
            _ => Deframed::Refused(Error::new(wire::ErrorKind::FrameTooLarge.into(), 0), Skip::Rest),
        }
    }

    fn give_up(&self, _: &[u8], _: usize) -> Skip {
        Skip::Rest
    }
}

/// A command in the binary form.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Message<'a> {
    command: &'a str,
    args: Args<'a>,
}

impl<'a> Message<'a> {
    /// Decodes a command. `bytes` must contain exactly one command. Uses the default limits.
    ///
    /// # Errors
    /// [`ErrorKind::TooManyArgs`], [`ErrorKind::UnknownArgType`], [`wire::ErrorKind`]`::Truncated`, `TrailingBytes`,
    /// `StringTooLong`; `Utf8` for the name, and in the strict mode for arguments.
    ///
    /// ```
    /// use lobbywire_core::faf::Mode;
    /// use lobbywire_core::faf::gpgnet::{Arg, Message};
    ///
    /// let message = Message::read(b"\x09\0\0\0GameState\x01\0\0\0\x01\x04\0\0\0Idle", Mode::Strict)?;
    /// assert_eq!(message.command(), "GameState");
    /// assert!(message.args().eq([Arg::Text("Idle")]));
    /// # Ok::<(), lobbywire_core::faf::Error>(())
    /// ```
    pub fn read(bytes: &'a [u8], mode: Mode) -> Result<Self, Error> {
        Self::read_within(bytes, mode, &Limits::USUAL)
    }

    /// Decodes a command with these limits.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_within(bytes: &'a [u8], mode: Mode, limits: &Limits) -> Result<Self, Error> {
        let error = |kind: wire::ErrorKind, at| Error::from(wire::Error::new(kind, at));
        let mut walk = Walk { bytes, at: 0 };
        match walk.message(limits, Some(mode)) {
            Ok(()) if walk.at == bytes.len() => {}
            Ok(()) => return Err(error(wire::ErrorKind::TrailingBytes, walk.at)),
            Err(WalkError::Missing(_)) => return Err(error(wire::ErrorKind::Truncated, walk.at)),
            Err(WalkError::Malformed(kind, at)) => return Err(Error::new(kind, at)),
        }
        let mut walk = Walk { bytes, at: 0 };
        let unreachable = |_| error(wire::ErrorKind::Truncated, 0);
        let name = walk.string(usize::MAX).map_err(unreachable)?;
        let count = walk.length().map_err(unreachable)?;
        let args = BinaryArgs { rest: bytes.get(walk.at..).unwrap_or_default(), count };
        Ok(Self { command: utf8(name)?, args: Args::binary(args) })
    }

    /// The command's name: `CreateLobby`, `GameState`.
    pub fn command(&self) -> &'a str {
        self.command
    }

    /// The arguments, in order.
    pub fn args(&self) -> Args<'a> {
        self.args
    }
}

impl Command for Message<'_> {
    fn command(&self) -> &str {
        self.command
    }

    fn each_arg<E>(&self, take: &mut impl FnMut(Arg<'_>) -> Result<(), E>) -> Result<(), E> {
        self.args.into_iter().try_for_each(take)
    }
}

/// Encoded arguments.
#[derive(Clone, Copy, Debug)]
pub(super) struct BinaryArgs<'a> {
    rest: &'a [u8],
    count: usize,
}

impl<'a> BinaryArgs<'a> {
    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn next(&mut self) -> Option<Arg<'a>> {
        use crate::wire::parse::{bytes, le_i32, le_u8, le_u32};

        self.count = self.count.checked_sub(1)?;
        let mut reader = Reader::new(self.rest);
        // The arguments have been checked, so nothing here fails.
        let kind = reader.parse(le_u8).ok()?;
        let arg = if kind == 0 {
            Arg::Int(reader.parse(le_i32).ok()?.into())
        } else {
            let len = usize::try_from(reader.parse(le_u32).ok()?).ok()?;
            let content = reader.parse(bytes(len)).ok()?;
            match (kind, core::str::from_utf8(content)) {
                (1, Ok(text)) => Arg::Text(text),
                (1, Err(_)) => Arg::RawText(content),
                _ => Arg::Data(content),
            }
        };
        self.rest = reader.rest();
        Some(arg)
    }
}

/// Encodes a command.
///
/// # Errors
/// [`WriteError::NumberTooLarge`] and [`WriteError::UnsupportedValue`] for arguments that the binary form
/// cannot represent; [`WriteError::TooLong`]; [`WriteError::Full`]. Nothing is written on any error but the
/// last.
///
/// ```
/// use lobbywire_core::faf::gpgnet::{game, write};
/// use lobbywire_core::wire::SliceSink;
///
/// let mut buffer = [0; 26];
/// write(&mut SliceSink::new(&mut buffer), &game::GameState { state: "Idle" })?;
/// assert_eq!(&buffer, b"\x09\0\0\0GameState\x01\0\0\0\x01\x04\0\0\0Idle");
/// # Ok::<(), lobbywire_core::faf::WriteError>(())
/// ```
pub fn write(out: &mut impl Sink, command: &impl Command) -> Result<(), WriteError> {
    let mut count = 0u32;
    command.each_arg(&mut |arg| {
        check_encodable(arg)?;
        count = count.checked_add(1).ok_or(WriteError::TooLong)?;
        Ok::<(), WriteError>(())
    })?;
    put_bytes(out, command.command().as_bytes())?;
    out.put_array(count.to_le_bytes())?;
    command.each_arg(&mut |arg| match arg {
        Arg::Int(number) => put_int(out, number),
        Arg::Bool(value) => put_int(out, value.into()),
        Arg::Text(text) => put_typed(out, 1, text.as_bytes()),
        Arg::RawText(text) => put_typed(out, 1, text),
        Arg::Data(bytes) => put_typed(out, 2, bytes),
        Arg::Float(_) | Arg::Json(_) => Err(WriteError::UnsupportedValue),
    })
}

/// Checks that an argument can be encoded.
fn check_encodable(arg: Arg<'_>) -> Result<(), WriteError> {
    let fits = |len: usize| u32::try_from(len).map(drop).map_err(|_| WriteError::TooLong);
    match arg {
        Arg::Int(number) => i32::try_from(number).map(drop).map_err(|_| WriteError::NumberTooLarge),
        Arg::Bool(_) => Ok(()),
        Arg::Text(text) => fits(text.len()),
        Arg::RawText(bytes) | Arg::Data(bytes) => fits(bytes.len()),
        Arg::Float(_) | Arg::Json(_) => Err(WriteError::UnsupportedValue),
    }
}

fn put_int(out: &mut impl Sink, number: i64) -> Result<(), WriteError> {
    let number = i32::try_from(number).map_err(|_| WriteError::NumberTooLarge)?;
    out.put_array([0])?;
    Ok(out.put_array(number.to_le_bytes())?)
}

fn put_typed(out: &mut impl Sink, kind: u8, bytes: &[u8]) -> Result<(), WriteError> {
    out.put_array([kind])?;
    put_bytes(out, bytes)
}

fn put_bytes(out: &mut impl Sink, bytes: &[u8]) -> Result<(), WriteError> {
    let len = u32::try_from(bytes.len()).map_err(|_| WriteError::TooLong)?;
    out.put_array(len.to_le_bytes())?;
    Ok(out.put(bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_large_commands_are_refused_at_any_split() {
        let mut framing = Messages::new(Mode::Strict);
        framing.limits.message = 16;
        // A string that exceeds the limit, followed by an argument of unknown type.
        let bytes = b"\x01\0\0\0X\x02\0\0\0\x01\x08\0\0\0texttext\x09";
        for end in 14..=bytes.len() {
            let error = Error::new(wire::ErrorKind::FrameTooLarge.into(), 0);
            let refused = Deframed::Refused(error, Skip::Rest);
            assert_eq!(framing.deframe(&bytes[..end], 0), refused, "{end} bytes");
        }
    }
}
