//! Parsing the text of a login.

use super::{
    ClientHash, Credential, LoginField, LoginLineError, LoginLineErrorKind, LoginRequest, MAX_LOGIN_LEN,
    OAUTH_USERNAME, VersionString,
};
use crate::declarations::NonExhaustive;

/// What is ignored at the end of a line and around the fields of line 3.
pub(super) const BLANKS: [char; 3] = [' ', '\t', '\r'];

impl<'a> LoginRequest<'a> {
    /// Parses the login at the start of the bytes received from a TCP client. Returns the request and its length;
    /// packets may follow. `None` means that more bytes are needed. Each line is checked as soon as it is complete,
    /// so that other protocols (a browser) are detected early.
    ///
    /// # Errors
    /// See [`LoginLineErrorKind`]; all but [`MissingLine`](LoginLineErrorKind::MissingLine) occur. A text of more than
    /// [`MAX_LOGIN_LEN`] bytes is [`TooLong`](LoginLineErrorKind::TooLong).
    pub fn parse_tcp(received: &'a [u8]) -> Result<Option<(Self, usize)>, LoginLineError> {
        Self::parse_tcp_within(received, MAX_LOGIN_LEN)
    }

    /// Like [`parse_tcp`](Self::parse_tcp), with another limit than [`MAX_LOGIN_LEN`]. Bytes after the first `limit`
    /// are ignored.
    ///
    /// # Errors
    /// As [`parse_tcp`](Self::parse_tcp).
    pub fn parse_tcp_within(
        received: &'a [u8],
        limit: usize,
    ) -> Result<Option<(Self, usize)>, LoginLineError> {
        Lines::new(received, limit, false).request()
    }

    /// Parses the login in the body of an HTTP request. Returns the request and its length. The last line may lack its
    /// line ending.
    ///
    /// # Errors
    /// See [`LoginLineErrorKind`]. A text of more than [`MAX_LOGIN_LEN`] bytes is
    /// [`TooLong`](LoginLineErrorKind::TooLong).
    pub fn parse_http(body: &'a [u8]) -> Result<(Self, usize), LoginLineError> {
        Self::parse_http_within(body, MAX_LOGIN_LEN)
    }

    /// Like [`parse_http`](Self::parse_http), with another limit than [`MAX_LOGIN_LEN`].
    ///
    /// # Errors
    /// As [`parse_http`](Self::parse_http).
    pub fn parse_http_within(body: &'a [u8], limit: usize) -> Result<(Self, usize), LoginLineError> {
        let mut lines = Lines::new(body, limit, true);
        let request = lines.request()?;
        request.ok_or_else(|| LoginLineError::new(LoginLineErrorKind::MissingLine, lines.field, body.len()))
    }
}

/// Splits the text of a login into lines.
struct Lines<'a> {
    /// The text, no longer than the limit.
    text: &'a [u8],
    /// The unread rest of it.
    rest: &'a [u8],
    /// Whether a line that does not end in `text` is too long, because it exceeds the limit.
    is_cut: bool,
    /// Whether no more bytes follow.
    is_whole: bool,
    /// The first field of the last line that was read, and the start of that line.
    field: LoginField,
    start: usize,
}

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8], limit: usize, is_whole: bool) -> Self {
        let text = bytes.get(..limit).unwrap_or(bytes);
        let is_cut = bytes.len() > limit || (bytes.len() == limit && !is_whole);
        Self { text, rest: text, is_cut, is_whole, field: LoginField::Username, start: 0 }
    }

    fn request(&mut self) -> Result<Option<(LoginRequest<'a>, usize)>, LoginLineError> {
        let Some(username) = self.line(LoginField::Username)? else {
            return Ok(None);
        };
        let Some(credential) = self.line(LoginField::Credential)? else {
            return Ok(None);
        };
        let credential = if username == OAUTH_USERNAME {
            Credential::OAuthToken(credential)
        } else {
            Credential::PasswordMd5(credential)
        };
        check(credential).map_err(|kind| LoginLineError::new(kind, self.field, self.start))?;
        let Some(line) = self.line(LoginField::Version)? else {
            return Ok(None);
        };
        let mut fields = line.splitn(6, '|');
        let version = fields.next().unwrap_or("");
        let blanks = version.len().saturating_sub(version.trim_start_matches(BLANKS).len());
        let version = VersionString::parse(version.trim_matches(BLANKS))
            .map_err(|error| error.after(self.start.saturating_add(blanks)))?;
        let mut next = || fields.next().unwrap_or("").trim_matches(BLANKS);
        let request = LoginRequest {
            _non_exhaustive: NonExhaustive::MARKER,
            username,
            credential,
            version,
            utc_offset: next().parse().unwrap_or(0),
            display_city: flag(next()),
            client_hash: Some(ClientHash(next())).filter(|hash| !hash.0.is_empty()),
            block_non_friend_dms: flag(next()),
            extra: fields.next().unwrap_or(""),
        };
        Ok(Some((request, self.text.len().saturating_sub(self.rest.len()))))
    }

    /// The next line without its line ending and blanks before it; `None` if it is incomplete.
    fn line(&mut self, field: LoginField) -> Result<Option<&'a str>, LoginLineError> {
        self.field = field;
        self.start = self.text.len().saturating_sub(self.rest.len());
        let mut parts = self.rest.splitn(2, |byte| *byte == b'\n');
        let line = parts.next().unwrap_or_default();
        self.rest = match parts.next() {
            Some(rest) => rest,
            None if self.is_cut => {
                return Err(LoginLineError::new(LoginLineErrorKind::TooLong, field, self.text.len()));
            }
            None if self.is_whole && field == LoginField::Version && !line.is_empty() => &[],
            None => return Ok(None),
        };
        let line = core::str::from_utf8(line).map_err(|error| self.not_utf8(line, error.valid_up_to()))?;
        Ok(Some(line.trim_end_matches(BLANKS)))
    }

    #[cold]
    fn not_utf8(&self, line: &[u8], valid: usize) -> LoginLineError {
        let separators = line.iter().take(valid).filter(|byte| **byte == b'|').count();
        let field = match self.field {
            LoginField::Version => LoginField::of_line_3(separators),
            field => field,
        };
        LoginLineError::new(LoginLineErrorKind::Utf8, field, self.start.saturating_add(valid))
    }
}

/// A field that is `0` or `1`.
fn flag(field: &str) -> Option<bool> {
    match field {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

/// Checks the content of line 2.
pub(super) fn check(credential: Credential<'_>) -> Result<(), LoginLineErrorKind> {
    let is_md5 = |text: &str| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match credential {
        Credential::PasswordMd5(text) if !is_md5(text) => Err(LoginLineErrorKind::NotAnMd5),
        Credential::OAuthToken("") => Err(LoginLineErrorKind::NoToken),
        _ => Ok(()),
    }
}
