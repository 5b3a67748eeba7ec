//! Commands between game and adapter.

use super::{Arg, Args, Command};
use crate::faf::{Mode, WriteError};
use crate::wire::{Deframed, Error, ErrorKind, Framing, Reader, Sink, Skip, utf8};

/// How large commands may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The most bytes of a name.
    pub name: usize,
    /// The most arguments. Adapters in Java and Go take ten.
    pub args: usize,
    /// The most bytes of a text, or of data.
    pub string: usize,
    /// The same for the statistics of a game, `JsonStats`.
    pub json_stats: usize,
    /// The most bytes of a whole command.
    pub message: usize,
}

impl Limits {
    /// Names of 64 bytes, 64 arguments, texts of 64 KiB, statistics of 1 MiB, 2 MiB in all.
    pub const USUAL: Self =
        Self { name: 64, args: 64, string: 64 << 10, json_stats: 1 << 20, message: 2 << 20 };
}

/// Cuts a stream into commands.
///
/// Whatever is wrong ends the stream: where the next command starts is only known from this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Messages {
    /// How large commands may be.
    pub limits: Limits,
    /// In the lenient mode texts may be other than UTF-8.
    pub mode: Mode,
}

impl Messages {
    /// Commands within the usual limits.
    pub const fn new(mode: Mode) -> Self {
        Self { limits: Limits::USUAL, mode }
    }
}

/// Why a command can't be walked to its end.
enum Stop {
    /// So many bytes are missing at least.
    Missing(usize),
    Wrong(ErrorKind, usize),
}

/// Walks over a command without reading what is in it.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    fn missing(&self, count: usize) -> Stop {
        let have = self.bytes.len().saturating_sub(self.at);
        Stop::Missing(count.saturating_sub(have))
    }

    fn length(&mut self) -> Result<usize, Stop> {
        let head = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk());
        let number = u32::from_le_bytes(*head.ok_or_else(|| self.missing(4))?);
        self.at = self.at.saturating_add(4);
        Ok(usize::try_from(number).unwrap_or(usize::MAX))
    }

    /// So many bytes, of which there may be at the most this many.
    fn string(&mut self, most: usize) -> Result<&'a [u8], Stop> {
        let start = self.at;
        let len = self.length()?;
        if len > most {
            return Err(Stop::Wrong(ErrorKind::StringTooLong, start));
        }
        let end = self.at.saturating_add(len);
        let string = self.bytes.get(self.at..end).ok_or_else(|| self.missing(len))?;
        self.at = end;
        Ok(string)
    }

    fn message(&mut self, limits: &Limits, mode: Mode) -> Result<(), Stop> {
        let not_utf8 = |at: usize, error: Error| {
            let offset = usize::try_from(error.offset).unwrap_or(0);
            Stop::Wrong(ErrorKind::Utf8, at.saturating_add(4).saturating_add(offset))
        };
        let name = self.string(limits.name)?;
        utf8(name).map_err(|error| not_utf8(0, error))?;
        let most = if name == b"JsonStats" { limits.json_stats } else { limits.string };
        let start = self.at;
        let count = self.length()?;
        if count > limits.args {
            return Err(Stop::Wrong(ErrorKind::TooManyArgs, start));
        }
        for _ in 0..count {
            let start = self.at;
            let kind = self.bytes.get(start).copied().ok_or(Stop::Missing(1))?;
            self.at = start.saturating_add(1);
            match kind {
                0 => self.length().map(drop)?,
                1 => {
                    let at = self.at;
                    let text = self.string(most)?;
                    if !mode.is_lenient() {
                        utf8(text).map_err(|error| not_utf8(at, error))?;
                    }
                }
                2 => self.string(most).map(drop)?,
                _ => return Err(Stop::Wrong(ErrorKind::UnknownArgType, start)),
            }
        }
        Ok(())
    }
}

impl Framing for Messages {
    fn deframe(&mut self, bytes: &[u8], _: usize) -> Deframed {
        // No further than a command may go, so that it does not matter how many bytes have come.
        let bytes = bytes.get(..self.limits.message).unwrap_or(bytes);
        let mut walk = Walk { bytes, at: 0 };
        match walk.message(&self.limits, self.mode) {
            Ok(()) => Deframed::Frame(walk.at),
            Err(Stop::Missing(count)) if bytes.len().saturating_add(count) <= self.limits.message => {
                Deframed::Missing(count)
            }
            Err(Stop::Wrong(kind, at)) => Deframed::Refused(Error::new(kind, at), Skip::Rest),
            _ => Deframed::Refused(Error::new(ErrorKind::FrameTooLarge, 0), Skip::Rest),
        }
    }

    fn give_up(&self, _: &[u8], _: usize) -> Skip {
        Skip::Rest
    }
}

/// A command as the binary wire has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Message<'a> {
    command: &'a str,
    args: Args<'a>,
}

impl<'a> Message<'a> {
    /// The command in these bytes, which have to be one whole command and no more. The limits are the usual
    /// ones.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`], [`ErrorKind::TrailingBytes`], [`ErrorKind::StringTooLong`],
    /// [`ErrorKind::TooManyArgs`], [`ErrorKind::UnknownArgType`], [`ErrorKind::Utf8`].
    ///
    /// ```
    /// use lobbywire_core::faf::Mode;
    /// use lobbywire_core::faf::gpgnet::{Arg, Message};
    ///
    /// let message = Message::read(b"\x09\0\0\0GameState\x01\0\0\0\x01\x04\0\0\0Idle", Mode::Strict)?;
    /// assert_eq!(message.command(), "GameState");
    /// assert!(message.args().eq([Arg::Text("Idle")]));
    /// # Ok::<(), lobbywire_core::wire::Error>(())
    /// ```
    pub fn read(bytes: &'a [u8], mode: Mode) -> Result<Self, Error> {
        Self::read_within(bytes, mode, &Limits::USUAL)
    }

    /// The same within other limits.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_within(bytes: &'a [u8], mode: Mode, limits: &Limits) -> Result<Self, Error> {
        let mut walk = Walk { bytes, at: 0 };
        match walk.message(limits, mode) {
            Ok(()) if walk.at == bytes.len() => {}
            Ok(()) => return Err(Error::new(ErrorKind::TrailingBytes, walk.at)),
            Err(Stop::Missing(_)) => return Err(Error::new(ErrorKind::Truncated, walk.at)),
            Err(Stop::Wrong(kind, at)) => return Err(Error::new(kind, at)),
        }
        let mut walk = Walk { bytes, at: 0 };
        let broken = |_| Error::new(ErrorKind::Truncated, 0);
        let name = walk.string(usize::MAX).map_err(broken)?;
        let count = walk.length().map_err(broken)?;
        let args = BinaryArgs { rest: bytes.get(walk.at..).unwrap_or_default(), count };
        Ok(Self { command: utf8(name)?, args: Args::binary(args) })
    }

    /// The command: `CreateLobby`, `GameState`.
    pub fn command(&self) -> &'a str {
        self.command
    }

    /// Its arguments, in order.
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

/// The arguments of a command as they stand on the wire.
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
        // All was walked over before, so that nothing of it fails.
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

/// Writes a command.
///
/// # Errors
/// [`WriteError::NumberTooLarge`] and [`WriteError::UnsupportedValue`] for arguments that have no form here;
/// [`WriteError::TooLong`]; [`WriteError::Full`]. The first three before anything is written.
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
        has_form(arg)?;
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

/// Whether an argument can be written at all.
fn has_form(arg: Arg<'_>) -> Result<(), WriteError> {
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
    fn a_command_that_is_too_large_is_refused_alike_however_much_of_it_has_come() {
        let mut framing = Messages::new(Mode::Strict);
        framing.limits.message = 16;
        // A text that goes beyond the limit, and behind it an argument of no known type.
        let bytes = b"\x01\0\0\0X\x02\0\0\0\x01\x08\0\0\0texttext\x09";
        for end in 14..=bytes.len() {
            let refused = Deframed::Refused(Error::new(ErrorKind::FrameTooLarge, 0), Skip::Rest);
            assert_eq!(framing.deframe(&bytes[..end], 0), refused, "{end} bytes");
        }
    }
}
