//! Errors of malformed input: a kind and an offset. Kinds of a single protocol are in its own module.

use core::fmt;

/// The kind of an [`Error`]: what can be malformed in any protocol.
///
/// The names that [`ErrorKind::name`] returns are stable: tools print them, and scripts match them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
#[repr(u8)]
pub enum ErrorKind {
    /// A field needs more bytes than its packet has left.
    Truncated,
    /// A string starts with a byte that is neither `00` (empty) nor `0b` (text follows).
    StringMarker,
    /// A string is not valid UTF-8.
    Utf8,
    /// A length is a ULEB128 number of more than 5 bytes or more than 32 bits.
    Uleb128,
    /// A list announces more elements than its packet has bytes for.
    ListLength,
    /// A compressed payload is not exactly one valid gzip member.
    Gzip,
    /// A payload is compressed and cannot be inflated: the caller passed no scratch buffer, or the
    /// crate was built without its `gzip` feature.
    Compressed,
    /// A payload inflates to more bytes than the scratch buffer or the limit allows.
    InflatedTooLarge,
    /// A frame is larger than the limit, or does not fit into the buffer.
    FrameTooLarge,
    /// The input ends inside a frame.
    Incomplete,
    /// A UTF-16 string has an odd number of bytes.
    OddLength,
    /// A string is not valid UTF-16: it contains an unpaired surrogate.
    Utf16,
    /// Decoded data does not fit into the scratch buffer.
    ScratchTooSmall,
    /// The input is not valid JSON.
    Json,
    /// Arrays and objects in JSON are nested more deeply than the limit.
    TooDeep,
    /// A number in JSON is NaN, infinite, or larger than any `f64`.
    NonFiniteNumber,
    /// A message is JSON, but not an object.
    NotAnObject,
    /// A string is longer than the data that contains it.
    LengthOutOfBounds,
    /// Bytes remain after the decoded value.
    TrailingBytes,
    /// A string is longer than the limit.
    StringTooLong,
    /// A call has a wrong number of arguments.
    BadArgCount,
    /// A value has the wrong type.
    UnexpectedType,
    /// A message lacks a required field.
    MissingField,
    /// A number does not fit into its type, or is not one of the allowed values.
    OutOfRange,
    /// Fields that exclude each other are both present.
    ExclusiveFields,
    /// A string that must not be empty is empty.
    EmptyText,
}

impl ErrorKind {
    /// The kind's stable name, in lower case with underscores.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::StringMarker => "string_marker",
            Self::Utf8 => "utf8",
            Self::Uleb128 => "uleb128",
            Self::ListLength => "list_length",
            Self::Gzip => "gzip",
            Self::Compressed => "compressed",
            Self::InflatedTooLarge => "inflated_too_large",
            Self::FrameTooLarge => "frame_too_large",
            Self::Incomplete => "incomplete",
            Self::OddLength => "odd_length",
            Self::Utf16 => "utf16",
            Self::ScratchTooSmall => "scratch_too_small",
            Self::Json => "json",
            Self::TooDeep => "too_deep",
            Self::NonFiniteNumber => "non_finite_number",
            Self::NotAnObject => "not_an_object",
            Self::LengthOutOfBounds => "length_out_of_bounds",
            Self::TrailingBytes => "trailing_bytes",
            Self::StringTooLong => "string_too_long",
            Self::BadArgCount => "bad_arg_count",
            Self::UnexpectedType => "unexpected_type",
            Self::MissingField => "missing_field",
            Self::OutOfRange => "out_of_range",
            Self::ExclusiveFields => "exclusive_fields",
            Self::EmptyText => "empty_text",
        }
    }

    /// A description of the error, as one phrase in lower case.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Truncated => "the packet ends inside this field",
            Self::StringMarker => "a string must start with 00 (empty) or 0b (text)",
            Self::Utf8 => "the string is not valid UTF-8",
            Self::Uleb128 => "the length is longer than 5 bytes or than 32 bits",
            Self::ListLength => "the list claims more elements than the packet has bytes for",
            Self::Gzip => "the payload is not exactly one valid gzip member",
            Self::Compressed => "the payload is compressed and no scratch buffer was given to inflate it",
            Self::InflatedTooLarge => "the payload inflates to more than the limit or the scratch buffer",
            Self::FrameTooLarge => "the frame is larger than the limit",
            Self::Incomplete => "the input ends inside a frame",
            Self::OddLength => "text in UTF-16 must have an even number of bytes",
            Self::Utf16 => "the string has half of a surrogate pair",
            Self::ScratchTooSmall => "the scratch buffer is too small for the decoded data",
            Self::Json => "this is not JSON",
            Self::TooDeep => "arrays and objects are nested too deep",
            Self::NonFiniteNumber => "a number in JSON must be finite",
            Self::NotAnObject => "a message must be a JSON object",
            Self::LengthOutOfBounds => "the string is longer than the data that contains it",
            Self::TrailingBytes => "bytes are left over",
            Self::StringTooLong => "the string is above the limit",
            Self::BadArgCount => "the number of arguments is wrong",
            Self::UnexpectedType => "the value is of the wrong type",
            Self::MissingField => "the message lacks this field",
            Self::OutOfRange => "the number is out of range",
            Self::ExclusiveFields => "fields that exclude each other are both present",
            Self::EmptyText => "the text must not be empty",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

/// Malformed input: the kind of the error, and its offset.
///
/// `K` is the type of the kind: [`ErrorKind`], or that of a protocol with kinds of its own.
///
/// It takes eight bytes and contains no text. `explain` in the protocol modules finds the name of the
/// malformed field by decoding a second time; programs that do not call it do not contain that code.
///
/// The offset counts from the start of the input of the call that failed: a payload, a frame, or a
/// slice of frames. In a compressed payload, it is the offset of the payload plus the offset in the
/// inflated bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Error<K = ErrorKind> {
    /// The kind of the error.
    pub kind: K,
    /// The offset of the malformed byte.
    pub offset: u32,
}

impl<K> Error<K> {
    /// Creates an error with this kind and offset. An offset above `u32::MAX` becomes `u32::MAX`.
    pub fn new(kind: K, offset: usize) -> Self {
        Self { kind, offset: u32::try_from(offset).unwrap_or(u32::MAX) }
    }

    /// Returns the error with `base` added to its offset.
    #[must_use]
    pub fn after(self, base: usize) -> Self {
        let base = u32::try_from(base).unwrap_or(u32::MAX);
        Self { offset: self.offset.saturating_add(base), ..self }
    }
}

impl<K: fmt::Display> fmt::Display for Error<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (byte {})", self.kind, self.offset)
    }
}

impl<K: fmt::Debug + fmt::Display> core::error::Error for Error<K> {}

/// A reader's error: the kind, and the number of bytes that remained.
///
/// Readers know the remaining bytes but not the start of the input; callers that know the start convert
/// it into an [`Error`]. It implements nom's `ParseError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    pub(crate) kind: ErrorKind,
    pub(crate) left: u32,
}

impl Fault {
    #[inline(always)]
    pub(crate) fn new(kind: ErrorKind, rest: &[u8]) -> Self {
        Self { kind, left: u32::try_from(rest.len()).unwrap_or(u32::MAX) }
    }

    /// Returns the error for a payload of `total` bytes.
    #[cold]
    pub(crate) fn in_payload(self, total: usize) -> Error {
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        Error::new(self.kind, total.saturating_sub(left))
    }
}

impl<'a> nom::error::ParseError<&'a [u8]> for Fault {
    fn from_error_kind(input: &'a [u8], _: nom::error::ErrorKind) -> Self {
        Self::new(ErrorKind::Truncated, input)
    }

    fn append(_: &'a [u8], _: nom::error::ErrorKind, other: Self) -> Self {
        other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_small_and_count_from_the_start() {
        assert!(size_of::<Error>() <= 8);
        assert!(size_of::<Fault>() <= 8);
        let fault = Fault::new(ErrorKind::Utf8, b"rest");
        assert_eq!(fault.in_payload(10), Error { kind: ErrorKind::Utf8, offset: 6 });
        assert_eq!(fault.in_payload(10).after(7).offset, 13);
        assert_eq!(Error::new(ErrorKind::Gzip, usize::MAX).after(1).offset, u32::MAX);
    }
}
