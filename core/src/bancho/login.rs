//! The login of a client: three lines of text before the first frame.
//!
//! | line | content |
//! |---|---|
//! | 1 | the user name |
//! | 2 | the MD5 of the password, 32 hexadecimal digits |
//! | 3 | the [version](VersionString), then fields, separated by `\|` |
//!
//! Over TCP (until about b20130815), lines end with CR LF, and the first packet may follow in the same segment. Over
//! HTTP (since then), the text is the body of the first `POST`, which has no [`OSU_TOKEN`], and lines end with LF.
//! Nothing else differs. Both parsers accept every version and both line endings.
//!
//! Line 3 gained fields over time. All but the version are optional. An invalid field is treated as missing, as servers
//! that support clients of every age do:
//!
//! | field | since |
//! |---|---|
//! | [`version`](LoginRequest::version) | always |
//! | [`utc_offset`](LoginRequest::utc_offset) | always |
//! | [`display_city`](LoginRequest::display_city) | some build of 2008 |
//! | [`client_hash`](LoginRequest::client_hash) | 2012 |
//! | [`block_non_friend_dms`](LoginRequest::block_non_friend_dms) | b20130131 |
//! | [`extra`](LoginRequest::extra) | in no official build |

use core::fmt::{self, Write};

use crate::bancho::version::Version;
use crate::declarations::NonExhaustive;
use crate::wire::{Full, Sink};

/// The TCP ports of servers for builds before b20130815. The default is 13381.
pub const TCP_PORTS: [u16; 4] = [13380, 13381, 13382, 13383];

/// The `User-Agent` of a client over HTTP.
pub const USER_AGENT: &str = "osu!";

/// The header with the session token in every request except the login. Header names are case-insensitive.
pub const OSU_TOKEN: &str = "osu-token";

/// The header with the [`VersionString`], which some builds send with every request.
pub const OSU_VERSION: &str = "osu-version";

/// The response header with the session token. After a failed login it is empty or a word for the reason; clients
/// only look at the packet.
pub const CHO_TOKEN: &str = "cho-token";

/// The response header with the protocol version of the server, currently `19`.
pub const CHO_PROTOCOL: &str = "cho-protocol";

/// The default limit for the text of a login, in bytes including line endings. [`LoginRequest::parse_within`] accepts
/// another limit.
///
/// Only the list of network adapters is unbounded; this leaves space for about fifty.
pub const MAX_LOGIN_LEN: usize = 1024;

/// The login of a client; see the [module](self) for its format.
///
/// Borrows from the parsed text. Writing a parsed login returns the same text if a client can have written it: without
/// spaces around numbers, and without a `|` at the end.
///
/// The struct is non-exhaustive: create it with [`new`](Self::new), and `..` for other fields. See
/// [Compatibility](crate#compatibility).
///
/// ```
/// use lobbywire_core::bancho::login::LoginRequest;
///
/// let received = b"peppy\r\n5f4dcc3b5aa765d61d8327deb882cf99\r\nb394a|8\r\n\x04\0\0\0\0\0\0";
/// let (login, consumed) = LoginRequest::parse_tcp(received)?.expect("three whole lines");
/// assert_eq!((login.username, login.utc_offset), ("peppy", 8));
/// assert_eq!((login.version.number(), login.version.name()), (394, "a"));
/// assert_eq!(login.version.version().to_string(), "b388");
/// assert_eq!(received[consumed..], *b"\x04\0\0\0\0\0\0");
/// # Ok::<(), lobbywire_core::bancho::login::LoginLineError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LoginRequest<'a> {
    #[doc(hidden)]
    pub _non_exhaustive: NonExhaustive,
    /// The user name, as typed.
    pub username: &'a str,
    /// The MD5 of the password, 32 hexadecimal digits; clients write lower case.
    pub password_md5: &'a str,
    /// The client's version.
    pub version: VersionString<'a>,
    /// The client's offset from UTC in hours, positive if its clock is ahead. 0 if the field is missing or not a
    /// number from −128 to 127.
    pub utc_offset: i8,
    /// Whether the user's city may be shown, `0` or `1`; the server derives it from the address. `None` if the field
    /// is missing, empty or invalid, here and below.
    pub display_city: Option<bool>,
    /// The identification of the client's machine.
    pub client_hash: Option<ClientHash<'a>>,
    /// Whether to block private messages except those from friends, `0` or `1`.
    pub block_non_friend_dms: Option<bool>,
    /// Everything after the known fields, including the `|` between them. Modified clients send a build number first.
    pub extra: &'a str,
}

impl<'a> LoginRequest<'a> {
    /// A login with the fields of the oldest clients, at UTC.
    ///
    /// ```
    /// use lobbywire_core::bancho::login::{ClientHash, LoginRequest, VersionString};
    ///
    /// let version = VersionString::parse("b20120812")?;
    /// let login = LoginRequest {
    ///     utc_offset: 2,
    ///     display_city: Some(false),
    ///     client_hash: Some(ClientHash("d41d8cd98f00b204e9800998ecf8427e")),
    ///     ..LoginRequest::new("peppy", "5f4dcc3b5aa765d61d8327deb882cf99", version)
    /// };
    /// let mut buffer = [0; 128];
    /// let mut rest = lobbywire_core::wire::SliceSink::new(&mut buffer);
    /// login.write_tcp(&mut rest)?;
    /// let len = 128 - rest.room();
    /// assert!(buffer[..len].ends_with(b"\r\nb20120812|2|0|d41d8cd98f00b204e9800998ecf8427e\r\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn new(username: &'a str, password_md5: &'a str, version: VersionString<'a>) -> Self {
        Self {
            _non_exhaustive: NonExhaustive::MARKER,
            username,
            password_md5,
            version,
            utc_offset: 0,
            display_city: None,
            client_hash: None,
            block_non_friend_dms: None,
            extra: "",
        }
    }

    /// Parses the login at the start of the bytes received from a TCP client. Returns the request and its length;
    /// packets may follow. `None` means that more bytes are needed. Each line is checked as soon as it is complete,
    /// so that other protocols (a browser) are detected early.
    ///
    /// # Errors
    /// See [`LoginLineErrorKind`]; all but [`MissingLine`](LoginLineErrorKind::MissingLine) occur.
    pub fn parse_tcp(received: &'a [u8]) -> Result<Option<(Self, usize)>, LoginLineError> {
        Self::parse_within(received, MAX_LOGIN_LEN)
    }

    /// Like [`parse_tcp`](Self::parse_tcp), with another limit than [`MAX_LOGIN_LEN`]. Bytes after the first `limit`
    /// are ignored.
    ///
    /// # Errors
    /// As [`parse_tcp`](Self::parse_tcp).
    pub fn parse_within(received: &'a [u8], limit: usize) -> Result<Option<(Self, usize)>, LoginLineError> {
        Lines::new(received, limit, false).request()
    }

    /// Parses the login in the body of an HTTP request. Returns the request and its length. The last line may lack its
    /// line ending.
    ///
    /// # Errors
    /// See [`LoginLineErrorKind`].
    pub fn parse_http(body: &'a [u8]) -> Result<(Self, usize), LoginLineError> {
        let mut lines = Lines::new(body, MAX_LOGIN_LEN, true);
        let request = lines.request()?;
        request.ok_or_else(|| LoginLineError::new(LoginLineErrorKind::MissingLine, lines.field, body.len()))
    }

    /// Writes the text for TCP: lines end with CR LF.
    ///
    /// ```
    /// # use lobbywire_core::bancho::login::{LoginRequest, VersionString};
    /// # let version = VersionString::parse("b334")?;
    /// let login = LoginRequest::new("peppy", "5f4dcc3b5aa765d61d8327deb882cf99", version);
    /// let mut out = Vec::new(); // or a `SliceSink`, a `BytesMut`, a `heapless::Vec`
    /// login.write_tcp(&mut out)?;
    /// assert!(out.starts_with(b"peppy\r\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`LoginWriteError::Full`] if `out` is full. [`LoginWriteError::Unwritable`], with nothing written, if a field
    /// cannot be encoded: one that contains a line ending, a client hash that contains a `|`, a password that is not
    /// an MD5.
    pub fn write_tcp(&self, out: &mut impl Sink) -> Result<(), LoginWriteError> {
        self.write(out, "\r\n")
    }

    /// Writes the text for HTTP: lines end with LF.
    ///
    /// # Errors
    /// As [`write_tcp`](Self::write_tcp).
    pub fn write_http(&self, out: &mut impl Sink) -> Result<(), LoginWriteError> {
        self.write(out, "\n")
    }

    fn write(&self, out: &mut impl Sink, end: &str) -> Result<(), LoginWriteError> {
        if let Some(field) = self.unwritable() {
            return Err(LoginWriteError::Unwritable(field));
        }
        let mut out = TextSink(out);
        self.write_text(&mut out, end).map_err(|_| LoginWriteError::Full)
    }

    fn write_text(&self, out: &mut impl Write, end: &str) -> fmt::Result {
        write!(out, "{}{end}{}{end}{}|{}", self.username, self.password_md5, self.version, self.utc_offset)?;
        let digit = |flag: Option<bool>| flag.map_or("", |flag| if flag { "1" } else { "0" });
        let fields = [
            digit(self.display_city),
            self.client_hash.map_or("", |hash| hash.0),
            digit(self.block_non_friend_dms),
            self.extra,
        ];
        // A missing field before a present one is empty.
        let count =
            fields.iter().rposition(|field| !field.is_empty()).map_or(0, |last| last.saturating_add(1));
        for field in fields.iter().take(count) {
            write!(out, "|{field}")?;
        }
        out.write_str(end)
    }

    /// The first field that cannot be encoded.
    fn unwritable(&self) -> Option<LoginField> {
        let breaks = |text: &str| text.contains(['\r', '\n']);
        if breaks(self.username) {
            Some(LoginField::Username)
        } else if !is_md5(self.password_md5) {
            Some(LoginField::Password)
        } else if self.client_hash.is_some_and(|hash| breaks(hash.0) || hash.0.contains('|')) {
            Some(LoginField::ClientHash)
        } else if breaks(self.extra) {
            Some(LoginField::Extra)
        } else {
            None
        }
    }
}

impl fmt::Debug for LoginRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginRequest")
            .field("username", &self.username)
            .field("password_md5", &self.password_md5)
            .field("version", &self.version)
            .field("utc_offset", &self.utc_offset)
            .field("display_city", &self.display_city)
            .field("client_hash", &self.client_hash)
            .field("block_non_friend_dms", &self.block_non_friend_dms)
            .field("extra", &self.extra)
            .finish()
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
        let Some(password_md5) = self.line(LoginField::Password)? else {
            return Ok(None);
        };
        if !is_md5(password_md5) {
            return Err(LoginLineError::new(LoginLineErrorKind::NotAnMd5, self.field, self.start));
        }
        let Some(line) = self.line(LoginField::Version)? else {
            return Ok(None);
        };
        let mut fields = line.splitn(6, '|');
        let mut next = || fields.next().unwrap_or("");
        let request = LoginRequest {
            _non_exhaustive: NonExhaustive::MARKER,
            username,
            password_md5,
            version: VersionString::parse(next()).map_err(|error| error.after(self.start))?,
            utc_offset: next().trim().parse().unwrap_or(0),
            display_city: flag(next()),
            client_hash: Some(ClientHash(next())).filter(|hash| !hash.0.is_empty()),
            block_non_friend_dms: flag(next()),
            extra: next(),
        };
        Ok(Some((request, self.text.len().saturating_sub(self.rest.len()))))
    }

    /// The next line without its line ending; `None` if it is incomplete.
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
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        core::str::from_utf8(line).map(Some).map_err(|error| self.not_utf8(line, error.valid_up_to()))
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
    match field.trim() {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

fn is_md5(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A sink for text.
struct TextSink<'s, S>(&'s mut S);

impl<S: Sink> Write for TextSink<'_, S> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.put(text.as_bytes()).map_err(|Full| fmt::Error)
    }
}

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

/// The unverified identification of a client's machine: an MD5 of its files and, later, of its hardware.
///
/// There are two forms. Clients of 2012 send a single MD5. Later ones send a list with a `:` after each part: the MD5 of
/// the executable, the network adapters, and the MD5s of the adapters, of the id of the installation and of the disk's
/// signature. Any part may be missing.
///
/// ```
/// use lobbywire_core::bancho::login::ClientHash;
///
/// let hash = ClientHash("d41d8cd98f00b204e9800998ecf8427e:001122334455.aabbccddeeff.:x:y:z:");
/// assert_eq!(hash.executable_md5(), "d41d8cd98f00b204e9800998ecf8427e");
/// assert!(hash.adapter_addresses().eq(["001122334455", "aabbccddeeff"]));
/// assert_eq!(hash.disk_md5(), Some("z"));
/// assert_eq!(ClientHash("d41d8cd98f00b204e9800998ecf8427e").adapters(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientHash<'a>(
    /// The text of the field.
    pub &'a str,
);

impl<'a> ClientHash<'a> {
    /// The MD5 of `unknown`, which clients send for an id that they cannot determine. Until about b20120506, all clients
    /// send it for the last two parts.
    pub const UNKNOWN_MD5: &'static str = "ad921d60486366258809553a3db49a4a";

    /// The MD5 of empty input, sent with an empty list of adapters.
    pub const EMPTY_MD5: &'static str = "d41d8cd98f00b204e9800998ecf8427e";

    /// The text that clients under Wine send instead of the adapters.
    pub const WINE_ADAPTERS: &'static str = "runningunderwine";

    /// Whether this is a list; if not, it is a single MD5, as sent in 2012.
    pub fn is_list(self) -> bool {
        self.0.contains(':')
    }

    /// The MD5 of the executable, or the single MD5.
    pub fn executable_md5(self) -> &'a str {
        self.part(0).unwrap_or("")
    }

    /// The network adapters: for each, its address (12 hexadecimal digits) and a `.`. May be empty or
    /// [`WINE_ADAPTERS`](Self::WINE_ADAPTERS).
    pub fn adapters(self) -> Option<&'a str> {
        self.part(1)
    }

    /// The addresses of the network adapters; none under Wine.
    pub fn adapter_addresses(self) -> impl Iterator<Item = &'a str> + Clone {
        let adapters = if self.is_wine() { "" } else { self.adapters().unwrap_or("") };
        adapters.split('.').filter(|address| !address.is_empty())
    }

    /// Whether the client reports that it runs under Wine; it then sends no adapters.
    pub fn is_wine(self) -> bool {
        self.adapters().is_some_and(|adapters| adapters.trim_end_matches('.') == Self::WINE_ADAPTERS)
    }

    /// The MD5 of [`adapters`](Self::adapters).
    pub fn adapters_md5(self) -> Option<&'a str> {
        self.part(2)
    }

    /// The MD5 of the id of the installation.
    pub fn uninstall_md5(self) -> Option<&'a str> {
        self.part(3)
    }

    /// The MD5 of the disk's signature.
    pub fn disk_md5(self) -> Option<&'a str> {
        self.part(4)
    }

    /// The part at this index. A `:` at the end does not start another part.
    fn part(self, index: usize) -> Option<&'a str> {
        self.0.strip_suffix(':').unwrap_or(self.0).split(':').nth(index)
    }
}

/// A field of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
#[non_exhaustive]
pub enum LoginField {
    /// Line 1.
    Username,
    /// Line 2.
    Password,
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
    /// The field's name in [`LoginRequest`].
    pub const fn name(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Password => "password_md5",
            Self::Version => "version",
            Self::UtcOffset => "utc_offset",
            Self::DisplayCity => "display_city",
            Self::ClientHash => "client_hash",
            Self::BlockNonFriendDms => "block_non_friend_dms",
            Self::Extra => "extra",
        }
    }

    /// The field after this number of `|`.
    const fn of_line_3(separators: usize) -> Self {
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
    /// The version is not in the format of [`VersionString::parse`].
    Version,
    /// The version has more than [`VersionString::MAX_LEN`] bytes.
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
    fn new(kind: LoginLineErrorKind, field: LoginField, offset: usize) -> Self {
        Self { kind, field, offset: u32::try_from(offset).unwrap_or(u32::MAX) }
    }

    /// Returns the error with `base` added to its offset.
    fn after(self, base: usize) -> Self {
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
                write!(f, "{} cannot be encoded in a login: remove line breaks and separators", field.name())
            }
        }
    }
}

impl core::error::Error for LoginWriteError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Counter, SliceSink};
    use std::string::{String, ToString};
    use std::{format, vec};

    const MD5: &str = "5f4dcc3b5aa765d61d8327deb882cf99";
    const TCP_2008: &str = "peppy\r\n5f4dcc3b5aa765d61d8327deb882cf99\r\nb394a|8\r\n";
    const HTTP_2025: &str = "peppy\n5f4dcc3b5aa765d61d8327deb882cf99\nb20250306.2|8|1|d41d8cd98f00b204e9800998ecf8427e:\
        runningunderwine:b4ec3c4334a0249dae95c284ec5983df:ad921d60486366258809553a3db49a4a:\
        ad921d60486366258809553a3db49a4a:|0\n";

    fn written(login: &LoginRequest<'_>, end: &str) -> String {
        let mut counter = Counter::default();
        let mut buffer = vec![0xee; 2000];
        let mut out = SliceSink::new(&mut buffer);
        if end == "\n" {
            login.write_http(&mut counter).unwrap();
            login.write_http(&mut out).unwrap();
        } else {
            login.write_tcp(&mut counter).unwrap();
            login.write_tcp(&mut out).unwrap();
        }
        let len = 2000 - out.room();
        assert_eq!(counter.0, len);
        String::from_utf8(buffer[..len].to_vec()).unwrap()
    }

    fn line_3(line: &str) -> LoginRequest<'_> {
        // Leaked, since the request borrows from the text.
        let text = format!("u\n{MD5}\n{line}\n").leak();
        LoginRequest::parse_http(text.as_bytes()).unwrap().0
    }

    #[test]
    fn error_names_are_stable() {
        for (kind, name) in [
            (LoginLineErrorKind::Utf8, "utf8"),
            (LoginLineErrorKind::NotAnMd5, "not_an_md5"),
            (LoginLineErrorKind::Version, "version"),
            (LoginLineErrorKind::VersionTooLong, "version_too_long"),
            (LoginLineErrorKind::TooLong, "too_long"),
            (LoginLineErrorKind::MissingLine, "missing_line"),
        ] {
            assert_eq!((kind.name(), kind.to_string()), (name, kind.message().to_string()));
        }
    }

    #[test]
    fn the_oldest_login() {
        let (login, consumed) = LoginRequest::parse_tcp(TCP_2008.as_bytes()).unwrap().unwrap();
        let version = VersionString::parse("b394a").unwrap();
        assert_eq!(login, LoginRequest { utc_offset: 8, ..LoginRequest::new("peppy", MD5, version) });
        assert_eq!(consumed, TCP_2008.len());
        assert_eq!(written(&login, "\r\n"), TCP_2008);
    }

    #[test]
    fn the_newest_login() {
        let (login, consumed) = LoginRequest::parse_http(HTTP_2025.as_bytes()).unwrap();
        assert_eq!(consumed, HTTP_2025.len());
        assert_eq!(login.version.version(), Version::LATEST);
        assert_eq!((login.display_city, login.block_non_friend_dms), (Some(true), Some(false)));
        assert_eq!((login.utc_offset, login.extra), (8, ""));
        let hash = login.client_hash.unwrap();
        assert!(hash.is_list() && hash.is_wine());
        assert_eq!(hash.executable_md5(), ClientHash::EMPTY_MD5);
        assert_eq!(hash.adapter_addresses().count(), 0);
        assert_eq!(hash.adapters_md5(), Some("b4ec3c4334a0249dae95c284ec5983df"));
        assert_eq!(hash.uninstall_md5(), Some(ClientHash::UNKNOWN_MD5));
        assert_eq!(hash.disk_md5(), Some(ClientHash::UNKNOWN_MD5));
        assert_eq!(written(&login, "\n"), HTTP_2025);
    }

    #[test]
    fn both_parsers_take_both_ends_of_lines() {
        for text in [TCP_2008, HTTP_2025] {
            let other = if text.contains('\r') { text.replace('\r', "") } else { text.replace('\n', "\r\n") };
            let (login, _) = LoginRequest::parse_http(text.as_bytes()).unwrap();
            assert_eq!(LoginRequest::parse_tcp(text.as_bytes()), Ok(Some((login, text.len()))));
            assert_eq!(LoginRequest::parse_http(other.as_bytes()), Ok((login, other.len())));
            assert_eq!(LoginRequest::parse_tcp(other.as_bytes()), Ok(Some((login, other.len()))));
        }
    }

    #[test]
    fn data_after_line_3_is_not_read() {
        let mut bytes = TCP_2008.as_bytes().to_vec();
        bytes.extend([0xff, b'\n', 0xfe]);
        let (_, consumed) = LoginRequest::parse_tcp(&bytes).unwrap().unwrap();
        assert_eq!(consumed, TCP_2008.len());
        assert_eq!(LoginRequest::parse_http(&bytes).unwrap().1, TCP_2008.len());
        bytes.resize(100_000, 0xff);
        assert_eq!(LoginRequest::parse_tcp(&bytes).unwrap().unwrap().1, TCP_2008.len());
    }

    #[test]
    fn every_beginning_is_incomplete_over_tcp_and_an_error_over_http() {
        for len in 0..TCP_2008.len() {
            let bytes = &TCP_2008.as_bytes()[..len];
            assert_eq!(LoginRequest::parse_tcp(bytes), Ok(None), "{len}");
            let whole = LoginRequest::parse_http(bytes);
            let line_3 = TCP_2008.find("b394a").unwrap();
            if len > line_3 + 1 {
                assert_eq!(whole.unwrap().1, len);
                continue;
            }
            let (kind, field, offset) = match len {
                0..7 => (LoginLineErrorKind::MissingLine, LoginField::Username, len),
                _ if len < line_3 => (LoginLineErrorKind::MissingLine, LoginField::Password, len),
                _ if len == line_3 => (LoginLineErrorKind::MissingLine, LoginField::Version, len),
                _ => (LoginLineErrorKind::Version, LoginField::Version, len),
            };
            assert_eq!(whole, Err(LoginLineError::new(kind, field, offset)), "{len}");
        }
    }

    #[test]
    fn fields_may_be_missing_too_many_or_nonsense() {
        assert_eq!(line_3("b282").utc_offset, 0);
        assert_eq!(line_3("b282|").utc_offset, 0);
        assert_eq!(line_3("b282|-12").utc_offset, -12);
        assert_eq!(line_3("b282| 3 ").utc_offset, 3);
        assert_eq!(line_3("b282|500").utc_offset, 0);
        assert_eq!(line_3("b282|2.5|x").utc_offset, 0);
        assert_eq!(line_3("b282|2|x").display_city, None);
        assert_eq!(line_3("b282|2|0|").client_hash, None);
        assert_eq!(line_3("b282|2||abc").client_hash, Some(ClientHash("abc")));
        assert_eq!(line_3("b282|2|1|abc|1|").block_non_friend_dms, Some(true));
        assert_eq!(line_3("b282|2|1|abc|1|").extra, "");
        assert_eq!(line_3("b282|2|1|abc|1|394|x|").extra, "394|x|");
        assert_eq!(LoginRequest::parse_http(format!("\n{MD5}\nb1\n").as_bytes()).unwrap().0.username, "");
    }

    #[test]
    fn canonical_lines_are_written_as_they_were_read() {
        for line in [
            "b282|0",
            "b394a|2|1",
            "b20120812|2|0|d41d8cd98f00b204e9800998ecf8427e",
            "b20250306.2|-5|0|a:b.:c:d:e:|1",
            "b20250306.2|127|1|a:|0|394",
            "b20250306.2|-128||a|",
            "b20250306.02test|3||||0|0",
        ] {
            let canonical = line.strip_suffix('|').unwrap_or(line);
            assert_eq!(written(&line_3(line), "\n"), format!("u\n{MD5}\n{canonical}\n"));
        }
        let login = LoginRequest { client_hash: Some(ClientHash("h")), ..line_3("b20120812|2") };
        assert_eq!(written(&login, "\r\n"), format!("u\r\n{MD5}\r\nb20120812|2||h\r\n"));
    }

    #[test]
    fn errors_have_a_kind_and_an_offset() {
        use LoginField as F;
        use LoginLineErrorKind as K;
        let md5_31 = &MD5[1..];
        for (text, kind, field, offset) in [
            (format!("u\n{MD5}\n"), K::MissingLine, F::Version, 35),
            (format!("u\n{md5_31}\nb282|0\n"), K::NotAnMd5, F::Password, 2),
            (format!("u\n{md5_31}g\nb282|0\n"), K::NotAnMd5, F::Password, 2),
            (format!("u\n{MD5}0\nb282|0\n"), K::NotAnMd5, F::Password, 2),
            (format!("u\r\n{MD5}\r\n20250306|0\n"), K::Version, F::Version, 37),
            (format!("u\n{MD5}\n\n"), K::Version, F::Version, 35),
            (format!("u\n{MD5}\nb20250306.2$|0\n"), K::Version, F::Version, 46),
            (format!("u\n{MD5}\nb20250306.2abcdefghijklmno|0\n"), K::VersionTooLong, F::Version, 60),
            (String::from("GET / HTTP/1.1\r\nHost: x\r\n"), K::NotAnMd5, F::Password, 16),
        ] {
            let error = LoginLineError::new(kind, field, offset);
            assert_eq!(LoginRequest::parse_http(text.as_bytes()), Err(error), "{text}");
            let streamed = if kind == K::MissingLine { Ok(None) } else { Err(error) };
            assert_eq!(LoginRequest::parse_tcp(text.as_bytes()), streamed, "{text}");
        }
        let (kind, field) = (K::Version, F::ClientHash);
        let error = LoginLineError::new(kind, field, 7).to_string();
        assert!(
            error.contains(kind.message()) && error.contains("client_hash") && error.contains('7'),
            "{error}"
        );
    }

    #[test]
    fn broken_utf8_names_its_field_and_byte() {
        for (head, field) in [
            (String::from("u\u{df}"), LoginField::Username),
            (String::from("u\n0"), LoginField::Password),
            (format!("u\n{MD5}\nb"), LoginField::Version),
            (format!("u\n{MD5}\nb1|"), LoginField::UtcOffset),
            (format!("u\n{MD5}\nb1|1|"), LoginField::DisplayCity),
            (format!("u\n{MD5}\nb1|1||a"), LoginField::ClientHash),
            (format!("u\n{MD5}\nb1|1|||"), LoginField::BlockNonFriendDms),
            (format!("u\n{MD5}\nb1|1||||\u{df}||"), LoginField::Extra),
        ] {
            let mut bytes = head.clone().into_bytes();
            bytes.extend(b"\xff|x\n");
            let error = LoginLineError::new(LoginLineErrorKind::Utf8, field, head.len());
            assert_eq!(LoginRequest::parse_tcp(&bytes), Err(error), "{head}");
        }
    }

    #[test]
    fn the_limit_holds_for_the_whole_text() {
        let text = TCP_2008.as_bytes();
        let len = text.len();
        assert!(LoginRequest::parse_within(text, len).unwrap().is_some());
        let too_long = |field, limit| LoginLineError::new(LoginLineErrorKind::TooLong, field, limit);
        assert_eq!(LoginRequest::parse_within(text, len - 1), Err(too_long(LoginField::Version, len - 1)));
        assert_eq!(LoginRequest::parse_within(&text[..len - 1], len), Ok(None));
        assert_eq!(
            LoginRequest::parse_within(&text[..len - 1], len - 1),
            Err(too_long(LoginField::Version, len - 1))
        );
        assert_eq!(LoginRequest::parse_within(&text[..5], 5), Err(too_long(LoginField::Username, 5)));
        assert_eq!(LoginRequest::parse_tcp(&[b'a'; MAX_LOGIN_LEN - 1]), Ok(None));
        assert_eq!(
            LoginRequest::parse_tcp(&[b'a'; MAX_LOGIN_LEN]),
            Err(too_long(LoginField::Username, MAX_LOGIN_LEN))
        );
        assert_eq!(
            LoginRequest::parse_http(&[b'a'; 2000]),
            Err(too_long(LoginField::Username, MAX_LOGIN_LEN))
        );
        // Without a line ending, the text of the third line may extend to the limit.
        let body = format!("u\n{MD5}\nb1|0|||{}", "x".repeat(MAX_LOGIN_LEN - 42));
        assert_eq!(LoginRequest::parse_http(body.as_bytes()).unwrap().1, MAX_LOGIN_LEN);
        let body = body + "x";
        assert_eq!(
            LoginRequest::parse_http(body.as_bytes()),
            Err(too_long(LoginField::Version, MAX_LOGIN_LEN))
        );
    }

    #[test]
    fn fields_that_would_be_read_differently_are_rejected() {
        let login = line_3("b1");
        let cases = [
            (LoginRequest { username: "a\nb", ..login }, LoginField::Username),
            (LoginRequest { username: "a\r", ..login }, LoginField::Username),
            (LoginRequest { password_md5: "password", ..login }, LoginField::Password),
            (LoginRequest { client_hash: Some(ClientHash("a|b")), ..login }, LoginField::ClientHash),
            (LoginRequest { client_hash: Some(ClientHash("a\n")), ..login }, LoginField::ClientHash),
            (LoginRequest { extra: "1\n", ..login }, LoginField::Extra),
        ];
        for (login, field) in cases {
            let mut out = Counter::default();
            assert_eq!(login.write_tcp(&mut out), Err(LoginWriteError::Unwritable(field)));
            assert_eq!(login.write_http(&mut out), Err(LoginWriteError::Unwritable(field)));
            assert_eq!(out, Counter(0));
        }
    }

    #[test]
    fn a_full_output_is_an_error() {
        let (login, _) = LoginRequest::parse_http(HTTP_2025.as_bytes()).unwrap();
        for len in 0..HTTP_2025.len() {
            let mut buffer = vec![0; len];
            assert_eq!(login.write_http(&mut SliceSink::new(&mut buffer)), Err(LoginWriteError::Full));
        }
    }

    #[test]
    fn version_strings_of_every_era() {
        for (text, number, name, revision, stream) in [
            ("b282", 282, "", None, ""),
            ("b1817", 1817, "", None, ""),
            ("b394a", 394, "a", None, ""),
            ("b1077a", 1077, "a", None, ""),
            ("b20121003shine.test", 20121003, "shine", None, "test"),
            ("b20130815", 20130815, "", None, ""),
            ("b20130815.3cuttingedge", 20130815, "", Some(3), "cuttingedge"),
            ("b20140909.11cuttingedge", 20140909, "", Some(11), "cuttingedge"),
            ("b20160403.6", 20160403, "", Some(6), ""),
            ("b20230326.1tourney", 20230326, "", Some(1), "tourney"),
            ("b20250306.02", 20250306, "", Some(2), ""),
            ("b20250306.123", 20250306, "", Some(123), ""),
            ("b20250306.2abcdefghijklmn", 20250306, "", Some(2), "abcdefghijklmn"),
        ] {
            let version = VersionString::parse(text).unwrap();
            assert_eq!(version.number(), number, "{text}");
            assert_eq!(
                (version.name(), version.revision(), version.stream()),
                (name, revision, stream),
                "{text}"
            );
            assert_eq!(version.version(), Version::from_build(number));
            assert_eq!((version.to_string(), version.as_str()), (String::from(text), text));
            assert_eq!(text.try_into(), Ok(version));
        }
    }

    #[test]
    fn invalid_versions_are_rejected_with_an_offset() {
        use LoginLineErrorKind::{Version as Malformed, VersionTooLong};
        for (text, kind, offset) in [
            ("", Malformed, 0),
            ("b", Malformed, 1),
            ("B282", Malformed, 0),
            ("20130815", Malformed, 0),
            ("beta", Malformed, 1),
            ("b123456789", Malformed, 1),
            ("b282 ", Malformed, 4),
            ("b282a.", Malformed, 5),
            ("b282.1.2", Malformed, 6),
            ("b282.12345", Malformed, 5),
            ("b282.1\u{fc}", Malformed, 6),
            ("b20250306.2abcdefghijklmno", VersionTooLong, 25),
        ] {
            let error = LoginLineError::new(kind, LoginField::Version, offset);
            assert_eq!(VersionString::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn client_hashes_of_every_form() {
        let adapters = ClientHash("a:0011.22.:c:d:e:");
        assert!(adapters.adapter_addresses().eq(["0011", "22"]));
        assert_eq!((adapters.adapters(), adapters.disk_md5()), (Some("0011.22."), Some("e")));
        assert!(!adapters.is_wine());
        assert_eq!(ClientHash("a:b:c:d:e").disk_md5(), Some("e"));
        let short = ClientHash("a::c:");
        assert_eq!(
            (short.adapters(), short.adapters_md5(), short.uninstall_md5()),
            (Some(""), Some("c"), None)
        );
        let bare = ClientHash(MD5);
        assert!(!bare.is_list());
        assert_eq!((bare.executable_md5(), bare.adapters()), (MD5, None));
        assert!(ClientHash("a:runningunderwine.:").is_wine());
    }

    #[test]
    fn an_error_is_small() {
        assert_eq!(size_of::<LoginLineError>(), 8);
    }
}
