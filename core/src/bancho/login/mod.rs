//! The login of a client: three lines of text before the first frame.
//!
//! | line | content |
//! |---|---|
//! | 1 | the user name |
//! | 2 | the [credential](Credential): the MD5 of the password, 32 hexadecimal digits |
//! | 3 | the [version](VersionString), then fields, separated by `\|` |
//!
//! Over TCP (until about b20130815), lines end with CR LF, and the first packet may follow in the same segment. Over
//! HTTP (since then), the text is the body of the first `POST`, which has no [`OSU_TOKEN`], and lines end with LF.
//! Nothing else differs. Both parsers accept every version and both line endings, and ignore blanks (spaces and tabs) at
//! the end of a line and around the fields of line 3.
//!
//! With [`OAUTH_USERNAME`] on line 1, line 2 is an OAuth token instead of an MD5, as neosu sends it.
//!
//! Text that is not UTF-8 is an error, because no account has such a name. To read it as .NET does, parse
//! `String::from_utf8_lossy(body)`.
//!
//! Line 3 gained fields over time. All but the version are optional. An invalid field is treated as missing, as servers
//! that support clients of every age do. To reject such logins, write the parsed login and compare the texts:
//! a login that is written as it was read has no such field.
//!
//! | field | since |
//! |---|---|
//! | [`version`](LoginRequest::version) | always |
//! | [`utc_offset`](LoginRequest::utc_offset) | always |
//! | [`display_city`](LoginRequest::display_city) | some build of 2008 |
//! | [`client_hash`](LoginRequest::client_hash) | 2012 |
//! | [`block_non_friend_dms`](LoginRequest::block_non_friend_dms) | b20130131 |
//! | [`extra`](LoginRequest::extra) | in no official build |

mod client_hash;
mod credential;
mod error;
mod parse;
mod version_string;
mod write;

#[cfg(test)]
mod tests;

pub use client_hash::ClientHash;
pub use credential::Credential;
pub use error::{LoginField, LoginLineError, LoginLineErrorKind, LoginWriteError};
pub use version_string::VersionString;

use crate::declarations::NonExhaustive;
use core::fmt;

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

/// The user name that neosu sends with an OAuth token: the server derives the user from the token.
pub const OAUTH_USERNAME: &str = "$oauth";

/// The default limit for the text of a login, in bytes including line endings, over TCP and HTTP.
/// [`LoginRequest::parse_tcp_within`] and [`LoginRequest::parse_http_within`] accept another limit.
///
/// The fields need about 250 bytes and 13 for each network adapter; this leaves space for about 290 adapters, or for fewer and
/// a long token.
pub const MAX_LOGIN_LEN: usize = 4096;

/// The login of a client; see the [module](self) for its format.
///
/// Borrows from the parsed text. Writing a parsed login returns the same text if it is canonical: without blanks at the end
/// of a line or around a field, and without a `|` at the end.
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
    /// The user name, as typed; [`OAUTH_USERNAME`] with a token.
    pub username: &'a str,
    /// The MD5 of the password, or neosu's OAuth token. `Debug` does not show it.
    pub credential: Credential<'a>,
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
    /// A login with a password and the fields of the oldest clients, at UTC.
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
            credential: Credential::PasswordMd5(password_md5),
            version,
            utc_offset: 0,
            display_city: None,
            client_hash: None,
            block_non_friend_dms: None,
            extra: "",
        }
    }

    /// A login with an OAuth token instead of a name and a password, at UTC.
    pub const fn with_oauth_token(token: &'a str, version: VersionString<'a>) -> Self {
        Self { credential: Credential::OAuthToken(token), ..Self::new(OAUTH_USERNAME, "", version) }
    }
}

impl fmt::Debug for LoginRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginRequest")
            .field("username", &self.username)
            .field("credential", &self.credential)
            .field("version", &self.version)
            .field("utc_offset", &self.utc_offset)
            .field("display_city", &self.display_city)
            .field("client_hash", &self.client_hash)
            .field("block_non_friend_dms", &self.block_non_friend_dms)
            .field("extra", &self.extra)
            .finish()
    }
}
