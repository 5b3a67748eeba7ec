//! Reads and writes messages in either encoding.

use super::message::{Message, WriteError};
use super::{Encoding, json, messagepack};
use crate::wire::{Error, Explained, Location, Sink, Trace};

impl<'a> Message<'a> {
    /// Reads the message of a frame. A MessagePack frame starts with its length; the `1e` at the end of a
    /// JSON frame is optional.
    ///
    /// Additional array elements and unknown properties are ignored. Arguments, results and items are checked when they
    /// are decoded, as in .NET: one that is malformed affects only its call. In JSON that is any value that
    /// [`JsonSyntax::LENIENT`](crate::wire::JsonSyntax::LENIENT) accepts; parse its text with
    /// [`STRICT`](crate::wire::JsonSyntax::STRICT) to check it.
    ///
    /// # Errors
    /// [`ErrorKind`](crate::wire::ErrorKind)`::Uleb128`, `Truncated`, `TrailingBytes`, `UnexpectedType`,
    /// `MissingField`, `Utf8`, `ListLength`, `TooDeep`, `OutOfRange`, `ExclusiveFields`, `EmptyText`; those of
    /// [`Json::from_utf8`](crate::wire::Json::from_utf8). Offsets count from the start of the frame;
    /// [`explain`](Self::explain) finds the field.
    pub fn read(frame: &'a [u8], encoding: Encoding) -> Result<Self, Error> {
        Self::read_with(frame, encoding, &mut ())
    }

    fn read_with(frame: &'a [u8], encoding: Encoding, trace: &mut impl Trace) -> Result<Self, Error> {
        match encoding {
            Encoding::MessagePack => messagepack::read(frame, trace),
            Encoding::Json => json::read(frame, trace),
        }
    }

    /// Explains why a frame is malformed, with the message type and field. `None` if it is valid.
    ///
    /// ```
    /// use lobbywire_core::signalr::{Encoding, Message};
    ///
    /// let explained = Message::explain(b"\x04\x93\x05\x80\x01", Encoding::MessagePack).unwrap();
    /// assert_eq!((explained.location.record, explained.location.field), ("CancelInvocation", "invocation_id"));
    /// assert_eq!(explained.error.offset, 4);
    /// ```
    #[cold]
    pub fn explain(frame: &'a [u8], encoding: Encoding) -> Option<Explained> {
        let mut location = Location::default();
        let error = Self::read_with(frame, encoding, &mut location).err()?;
        Some(Explained { error, location })
    }

    /// Writes the frame.
    ///
    /// # Errors
    /// [`WriteError::Full`]; [`WriteError::OtherEncoding`] if the message contains values of the other
    /// encoding.
    pub fn write(&self, out: &mut impl Sink, encoding: Encoding) -> Result<(), WriteError> {
        match encoding {
            Encoding::MessagePack => messagepack::write(self, out),
            Encoding::Json => json::write(self, out),
        }
    }
}
