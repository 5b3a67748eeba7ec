//! The first field of a login's third line.

use super::{LoginField, LoginLineError, LoginLineErrorKind};
use crate::bancho::version::Version;
use core::fmt;

/// The version of a client as it sends it: `b`, a number, and details that do not affect the wire format.
///
/// | text | number | name | revision | stream |
/// |---|---|---|---|---|
/// | `b394a` | 394 | `a` | | |
/// | `b20121003shine.test` | 20121003 | `shine` | | `test` |
/// | `b20140909.11cuttingedge` | 20140909 | | 11 | `cuttingedge` |
/// | `b20250306.2` | 20250306 | | 2 | |
///
/// The number counts builds until early 2012, and is a date, `yyyymmdd`, from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VersionString<'a> {
    text: &'a str,
    name: &'a str,
    stream: &'a str,
    number: u32,
    revision: Option<u16>,
}

impl<'a> VersionString<'a> {
    /// The maximum length of a version, in bytes.
    pub const MAX_LEN: usize = 25;

    /// Parses a version: `b`, up to 8 digits, an optional name, and optionally `.` with a revision of up to 4 digits, a
    /// stream, or both. Names consist of letters, digits, `_` and `-`, and do not start with a digit.
    ///
    /// # Errors
    /// [`LoginLineErrorKind::VersionTooLong`] and [`LoginLineErrorKind::Version`], with the offset of the first invalid
    /// byte of `text`.
    pub fn parse(text: &'a str) -> Result<Self, LoginLineError> {
        if text.len() > Self::MAX_LEN {
            return Err(LoginLineError::new(
                LoginLineErrorKind::VersionTooLong,
                LoginField::Version,
                Self::MAX_LEN,
            ));
        }
        let malformed_from = |rest: &str| {
            let offset = text.len().saturating_sub(rest.len());
            LoginLineError::new(LoginLineErrorKind::Version, LoginField::Version, offset)
        };
        let after_b = text.strip_prefix('b').ok_or_else(|| malformed_from(text))?;
        let (digits, rest) = split_digits(after_b);
        let number = digits.parse().ok().filter(|_| digits.len() <= 8);
        let number = number.ok_or_else(|| malformed_from(after_b))?;
        let (name, rest) = split_name(rest);
        let (revision, stream) = if rest.is_empty() {
            (None, "")
        } else {
            let details = rest.strip_prefix('.').filter(|details| !details.is_empty());
            let details = details.ok_or_else(|| malformed_from(rest))?;
            let (digits, rest) = split_digits(details);
            let (stream, rest) = split_name(rest);
            if digits.len() > 4 {
                return Err(malformed_from(details));
            }
            if !rest.is_empty() {
                return Err(malformed_from(rest));
            }
            (digits.parse().ok(), stream)
        };
        Ok(Self { text, name, stream, number, revision })
    }

    /// The text.
    pub const fn as_str(self) -> &'a str {
        self.text
    }

    /// The build number, 0 to 99999999. No other part affects the protocol.
    pub const fn number(self) -> u32 {
        self.number
    }

    /// The name after the number: the `a` of `b394a`, the `shine` of `b20121003shine`; usually empty.
    pub const fn name(self) -> &'a str {
        self.name
    }

    /// The number after the dot, which distinguishes builds of one day.
    pub const fn revision(self) -> Option<u16> {
        self.revision
    }

    /// The release stream: `beta`, `cuttingedge`, `dev`, `tourney` or `test`; empty for the stable stream.
    pub const fn stream(self) -> &'a str {
        self.stream
    }

    /// The protocol version of the build.
    pub const fn version(self) -> Version {
        Version::from_build(self.number)
    }
}

impl fmt::Display for VersionString<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text)
    }
}

impl<'a> TryFrom<&'a str> for VersionString<'a> {
    type Error = LoginLineError;

    fn try_from(text: &'a str) -> Result<Self, LoginLineError> {
        Self::parse(text)
    }
}

fn split_digits(text: &str) -> (&str, &str) {
    split_after(text, |c| c.is_ascii_digit())
}

/// The name at the start, empty where there is a digit, and the rest.
fn split_name(text: &str) -> (&str, &str) {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return ("", text);
    }
    split_after(text, |c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn split_after(text: &str, is_part: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}
