//! What can be framed, and why it may not be.

use super::Message;
use super::Mode;
use crate::wire::{Full, Json, Sink, write_json};
use core::fmt;

/// Something that is written as a JSON object: a [`Message`] that came, a command to the game, or what a
/// program makes with an [`ObjectWriter`](crate::wire::ObjectWriter).
///
/// ```
/// use lobbywire_core::faf::{Body, Mode, WriteError, simple_json};
/// use lobbywire_core::wire::{ObjectWriter, Sink, SliceSink};
///
/// struct JoinGame(i64);
///
/// impl Body for JoinGame {
///     fn write_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
///         let mut object = ObjectWriter::new(out)?;
///         object.text("command", "game_join")?;
///         object.int("uid", self.0)?;
///         Ok(object.finish()?)
///     }
/// }
///
/// let mut buffer = [0; 64];
/// let mut sink = SliceSink::new(&mut buffer);
/// simple_json::write(&mut sink, &JoinGame(7))?;
/// assert!(buffer.starts_with(b"{\"command\":\"game_join\",\"uid\":7}\n"));
/// # Ok::<(), WriteError>(())
/// ```
pub trait Body {
    /// Writes the object, in ASCII only, as [`write_json`] and [`ObjectWriter`](crate::wire::ObjectWriter) do.
    ///
    /// # Errors
    /// Any [`WriteError`].
    fn write_json(&self, out: &mut impl Sink) -> Result<(), WriteError>;

    /// The JSON that is kept as text, if it is; [`write_json`](Self::write_json) puts it in one piece where it has
    /// nothing to change in it.
    fn kept(&self) -> Option<&str> {
        None
    }

    /// The word that stands for the whole message in QDataStream, `PING` or `PONG`, if one does.
    ///
    /// # Errors
    /// [`WriteError::ExtraKeys`] in [`Mode::Strict`] where the word would not say all.
    fn word(&self, mode: Mode) -> Result<Option<&'static str>, WriteError> {
        let _ = mode;
        Ok(None)
    }
}

impl<B: Body> Body for &B {
    fn write_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        (**self).write_json(out)
    }

    fn kept(&self) -> Option<&str> {
        (**self).kept()
    }

    fn word(&self, mode: Mode) -> Result<Option<&'static str>, WriteError> {
        (**self).word(mode)
    }
}

impl Body for Json<'_> {
    fn write_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        Ok(write_json(out, *self)?)
    }

    fn kept(&self) -> Option<&str> {
        Some(self.text())
    }

    fn word(&self, mode: Mode) -> Result<Option<&'static str>, WriteError> {
        match self.get("command") {
            Some(command) if command == "ping" => only(*self, "PING", mode),
            Some(command) if command == "pong" => only(*self, "PONG", mode),
            _ => Ok(None),
        }
    }
}

impl Body for Message<'_> {
    fn write_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        if self.is_written() {
            Ok(out.put(self.json().text().as_bytes())?)
        } else {
            self.json().write_json(out)
        }
    }

    fn kept(&self) -> Option<&str> {
        Some(self.json().text())
    }

    fn word(&self, mode: Mode) -> Result<Option<&'static str>, WriteError> {
        if self.command() == "ping" {
            only(self.json(), "PING", mode)
        } else if self.command() == "pong" {
            only(self.json(), "PONG", mode)
        } else {
            Ok(None)
        }
    }
}

fn only(json: Json<'_>, word: &'static str, mode: Mode) -> Result<Option<&'static str>, WriteError> {
    // The server loses the other keys, and so does the lenient mode.
    if mode.is_lenient() || json.members().all(|(name, _)| name == "command") {
        Ok(Some(word))
    } else {
        Err(WriteError::ExtraKeys)
    }
}

/// Why something was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum WriteError {
    /// The output has no room left.
    Full,
    /// A ping or pong of QDataStream is one word, and says nothing else.
    ExtraKeys,
    /// The frame is longer than its length can say.
    TooLong,
    /// An argument has no form on this wire: a number with a fraction, bytes in JSON.
    UnsupportedValue,
    /// A number is beyond the 32 bits that it has on this wire.
    NumberTooLarge,
}

impl WriteError {
    /// The kind's stable name, in lower case with underscores.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::ExtraKeys => "extra_keys",
            Self::TooLong => "too_long",
            Self::UnsupportedValue => "unsupported_value",
            Self::NumberTooLarge => "number_too_large",
        }
    }

    /// One sentence that tells a person what is wrong.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Full => "the output buffer is full",
            Self::ExtraKeys => "a ping or pong of QDataStream can't say anything else",
            Self::TooLong => "the frame is longer than its length can say",
            Self::UnsupportedValue => "an argument has no form on this wire",
            Self::NumberTooLarge => "an argument is a number of more than 32 bits",
        }
    }
}

impl From<Full> for WriteError {
    fn from(_: Full) -> Self {
        Self::Full
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for WriteError {}
