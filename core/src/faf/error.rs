//! Errors of malformed messages.

use crate::wire;
use core::fmt;

/// A malformed message: the kind of the error, and its offset.
pub type Error = wire::Error<ErrorKind>;

/// The kind of an [`Error`].
///
/// The names that [`ErrorKind::name`] returns are stable: tools print them, and scripts match them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ErrorKind {
    /// A kind that is not specific to this protocol.
    Wire(wire::ErrorKind),
    /// A message has no `command`.
    MissingCommand,
    /// A message's `command` is not a string.
    CommandNotString,
    /// A line is empty.
    EmptyLine,
    /// A block is too short for a string.
    EmptyBlock,
    /// A string is Qt's null string where text is required.
    NullString,
    /// A block contains more than one string, which is its message.
    ExtraStrings,
    /// An argument has an unknown type number.
    UnknownArgType,
    /// A command has more arguments than the limit.
    TooManyArgs,
    /// A replay request starts with neither `P/` nor `G/`.
    BadReplayTag,
    /// A replay request's game id is not a number, or nothing follows it.
    BadReplayId,
    /// A replay's header is malformed.
    ReplayHeaderMalformed,
}

impl ErrorKind {
    /// The kind's stable name, in lower case with underscores.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wire(kind) => kind.name(),
            Self::MissingCommand => "missing_command",
            Self::CommandNotString => "command_not_string",
            Self::EmptyLine => "empty_line",
            Self::EmptyBlock => "empty_block",
            Self::NullString => "null_string",
            Self::ExtraStrings => "extra_strings",
            Self::UnknownArgType => "unknown_arg_type",
            Self::TooManyArgs => "too_many_args",
            Self::BadReplayTag => "bad_replay_tag",
            Self::BadReplayId => "bad_replay_id",
            Self::ReplayHeaderMalformed => "header_malformed",
        }
    }

    /// A description of the error, as one phrase in lower case.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Wire(kind) => kind.message(),
            Self::MissingCommand => "the message has no \"command\"",
            Self::CommandNotString => "the message's \"command\" must be text",
            Self::EmptyLine => "the line is empty",
            Self::EmptyBlock => "the block is too short for a string",
            Self::NullString => "the string is null",
            Self::ExtraStrings => "a block must have one string",
            Self::UnknownArgType => "an argument must be of type 0, 1 or 2",
            Self::TooManyArgs => "the command has more arguments than the limit",
            Self::BadReplayTag => "a replay request must start with P/ or G/",
            Self::BadReplayId => "a replay request needs the number of a game, a slash and a name",
            Self::ReplayHeaderMalformed => "the replay's header is malformed",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl From<wire::ErrorKind> for ErrorKind {
    fn from(kind: wire::ErrorKind) -> Self {
        Self::Wire(kind)
    }
}

impl From<wire::Error> for Error {
    fn from(error: wire::Error) -> Self {
        Self { kind: error.kind.into(), offset: error.offset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_small_and_keep_general_kinds() {
        assert!(size_of::<Error>() <= 8);
        let error = Error::from(wire::Error::new(wire::ErrorKind::Utf8, 3)).after(4);
        assert_eq!(error, Error::new(ErrorKind::Wire(wire::ErrorKind::Utf8), 7));
        assert_eq!(error.kind.name(), "utf8");
        assert_eq!(std::format!("{error}"), "the string is not valid UTF-8 (byte 7)");
    }
}
