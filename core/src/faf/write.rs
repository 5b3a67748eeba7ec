//! Bodies of frames, and encoding errors.

use super::Message;
use super::Mode;
use crate::wire::{Full, Json, Sink, write_json};
use core::fmt;

/// A value that is encoded as a JSON object: a received [`Message`], a command to the game, or an object that a
/// program writes with [`ObjectWriter`](crate::wire::ObjectWriter).
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

    /// The object's JSON text, if the value stores it. [`write_json`](Self::write_json) writes it with a single
    /// [`Sink::put`] if it needs no changes.
    fn stored_text(&self) -> Option<&str> {
        None
    }

    /// The bare keyword that QDataStream uses instead of this object, if any: `PING` or `PONG`.
    ///
    /// # Errors
    /// [`WriteError::ExtraKeys`] in [`Mode::Strict`] if the object has other members than `command`.
    fn keyword(&self, mode: Mode) -> Result<Option<&'static str>, WriteError> {
        let _ = mode;
        Ok(None)
    }
}

impl<B: Body> Body for &B {
    fn write_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        (**self).write_json(out)
    }

    fn stored_text(&self) -> Option<&str> {
        (**self).stored_text()
    }

    fn keyword(&self, mode: Mode) -> Result<Option<&'static str>, WriteError> {
        (**self).keyword(mode)
    }
}

impl Body for Json<'_> {
    fn write_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        Ok(write_json(out, *self)?)
    }

    fn stored_text(&self) -> Option<&str> {
        Some(self.text())
    }

    fn keyword(&self, mode: Mode) -> Result<Option<&'static str>, WriteError> {
        match self.get("command") {
            Some(command) if command == "ping" => keyword_only(*self, "PING", mode),
            Some(command) if command == "pong" => keyword_only(*self, "PONG", mode),
            _ => Ok(None),
        }
    }
}

impl Body for Message<'_> {
    fn write_json(&self, out: &mut impl Sink) -> Result<(), WriteError> {
        if self.is_canonical() {
            Ok(out.put(self.json().text().as_bytes())?)
        } else {
            self.json().write_json(out)
        }
    }

    fn stored_text(&self) -> Option<&str> {
        Some(self.json().text())
    }

    fn keyword(&self, mode: Mode) -> Result<Option<&'static str>, WriteError> {
        if self.command() == "ping" {
            keyword_only(self.json(), "PING", mode)
        } else if self.command() == "pong" {
            keyword_only(self.json(), "PONG", mode)
        } else {
            Ok(None)
        }
    }
}

fn keyword_only(
    json: Json<'_>,
    keyword: &'static str,
    mode: Mode,
) -> Result<Option<&'static str>, WriteError> {
    // The server drops the other members, and so does the lenient mode.
    if mode.is_lenient() || json.members().all(|(name, _)| name == "command") {
        Ok(Some(keyword))
    } else {
        Err(WriteError::ExtraKeys)
    }
}

/// Why a message or command cannot be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum WriteError {
    /// The output is full.
    Full,
    /// A ping or pong in QDataStream is a bare keyword and cannot carry other members.
    ExtraKeys,
    /// The frame is longer than its length field can represent.
    TooLong,
    /// An argument has no encoding in this form: a float in the binary form, bytes in JSON.
    UnsupportedValue,
    /// An integer argument exceeds 32 bits, in the binary form.
    NumberTooLarge,
}

impl WriteError {
    /// The kind's stable name, in snake case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::ExtraKeys => "extra_keys",
            Self::TooLong => "too_long",
            Self::UnsupportedValue => "unsupported_value",
            Self::NumberTooLarge => "number_too_large",
        }
    }

    /// A one-line description.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Full => "the output buffer is full",
            Self::ExtraKeys => {
                "a ping or pong in QDataStream cannot have other members; remove them or use the lenient mode"
            }
            Self::TooLong => "the frame is longer than its length field can represent",
            Self::UnsupportedValue => "an argument has no encoding in this form",
            Self::NumberTooLarge => "an integer argument exceeds 32 bits",
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

#[cfg(test)]
mod tests {
    use super::WriteError;
    use std::string::ToString;

    #[test]
    fn write_error_names_are_stable() {
        for (error, name) in [
            (WriteError::Full, "full"),
            (WriteError::ExtraKeys, "extra_keys"),
            (WriteError::TooLong, "too_long"),
            (WriteError::UnsupportedValue, "unsupported_value"),
            (WriteError::NumberTooLarge, "number_too_large"),
        ] {
            assert_eq!((error.name(), error.to_string()), (name, error.message().to_string()));
        }
    }
}
