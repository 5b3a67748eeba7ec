//! Why a login cannot be read or written.

use crate::wire::Full;
use core::fmt;

/// A field of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
#[non_exhaustive]
pub enum LoginField {
    /// Line 1.
    Username,
    /// Line 2.
    Credential,
    /// Line 3, before the first `|`.
    Version,
    /// Line 3, field 1.
    UtcOffset,
    /// Line 3, field 2.
    DisplayCity,
    /// Line 3, field 3.
    ClientHash,
    /// Line 3, field 4.
    BlockNonFriendDms,
    /// Line 3, all further fields.
    Extra,
}

impl LoginField {
    /// The field's name in [`LoginRequest`](super::LoginRequest).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Credential => "credential",
            Self::Version => "version",
            Self::UtcOffset => "utc_offset",
            Self::DisplayCity => "display_city",
            Self::ClientHash => "client_hash",
            Self::BlockNonFriendDms => "block_non_friend_dms",
            Self::Extra => "extra",
        }
    }

    /// The field after this number of `|`.
    pub(super) const fn of_line_3(separators: usize) -> Self {
        match separators {
            0 => Self::Version,
            1 => Self::UtcOffset,
            2 => Self::DisplayCity,
            3 => Self::ClientHash,
            4 => Self::BlockNonFriendDms,
            _ => Self::Extra,
        }
    }
}

/// The kind of a [`LoginLineError`].
///
/// The names that [`name`](Self::name) returns are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
#[repr(u8)]
pub enum LoginLineErrorKind {
    /// A line is not valid UTF-8; the offset is that of the first invalid byte.
    Utf8,
    /// The password is not 32 hexadecimal digits.
    NotAnMd5,
    /// There is no token after the user name [`OAUTH_USERNAME`](super::OAUTH_USERNAME).
    NoToken,
    /// The version is not in the format of [`VersionString::parse`](super::VersionString::parse).
    Version,
    /// The version has more than [`VersionString::MAX_LEN`](super::VersionString::MAX_LEN) bytes.
    VersionTooLong,
    /// The three lines are longer than the limit; the offset is the limit.
    TooLong,
    /// The body of an HTTP request ends before its third line.
    MissingLine,
}

impl LoginLineErrorKind {
    /// The kind's stable name, in lower case with underscores.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf8",
            Self::NotAnMd5 => "not_an_md5",
            Self::NoToken => "no_token",
            Self::Version => "version",
            Self::VersionTooLong => "version_too_long",
            Self::TooLong => "too_long",
            Self::MissingLine => "missing_line",
        }
    }

    /// A description of the error, as one phrase in lower case.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Utf8 => "the text is not valid UTF-8",
            Self::NotAnMd5 => "the password must be an MD5, 32 hexadecimal digits",
            Self::NoToken => "the token after the user name $oauth is missing",
            Self::Version => "the version must be b, up to 8 digits, and perhaps a name, revision and stream",
            Self::VersionTooLong => "the version is longer than 25 bytes",
            Self::TooLong => "the three lines are longer than the limit",
            Self::MissingLine => "the text ends before its third line",
        }
    }
}

impl fmt::Display for LoginLineErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

/// Why the text of a login is invalid, at which byte and in which field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct LoginLineError {
    /// The kind of error.
    pub kind: LoginLineErrorKind,
    /// The invalid field; the first field of a line that is missing or incomplete.
    pub field: LoginField,
    /// The offset of the error in the parsed text, in bytes.
    pub offset: u32,
}

impl LoginLineError {
    pub(super) fn new(kind: LoginLineErrorKind, field: LoginField, offset: usize) -> Self {
        Self { kind, field, offset: u32::try_from(offset).unwrap_or(u32::MAX) }
    }

    /// Returns the error with `base` added to its offset.
    pub(super) fn after(self, base: usize) -> Self {
        let base = u32::try_from(base).unwrap_or(u32::MAX);
        Self { offset: self.offset.saturating_add(base), ..self }
    }
}

impl fmt::Display for LoginLineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, byte {})", self.kind, self.field.name(), self.offset)
    }
}

impl core::error::Error for LoginLineError {}

/// Why a login cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum LoginWriteError {
    /// The output is full; it may contain a part of the text.
    Full,
    /// The field cannot be encoded; nothing was written.
    Unwritable(LoginField),
}

impl fmt::Display for LoginWriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => Full.fmt(f),
            Self::Unwritable(field) => {
                write!(
                    f,
                    "{} cannot be encoded in a login: remove line breaks, separators and blanks at its end",
                    field.name()
                )
            }
        }
    }
}

impl core::error::Error for LoginWriteError {}
