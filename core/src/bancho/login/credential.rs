//! The second line of a login.

use super::OAUTH_USERNAME;
use core::fmt;

/// How a user proves who they are: line 2 of a login.
///
/// The user name selects the variant: with [`OAUTH_USERNAME`], the line is a token. `Debug` shows only the variant, so that
/// logs contain no secrets.
///
/// ```
/// use lobbywire_core::bancho::login::{Credential, LoginRequest};
///
/// let received = b"$oauth\nZm9vYmFy\nb20250815|2|0\n";
/// let (login, _) = LoginRequest::parse_http(received)?;
/// assert_eq!(login.credential, Credential::OAuthToken("Zm9vYmFy"));
/// assert_eq!(format!("{:?}", login.credential), "OAuthToken(_)");
/// # Ok::<(), lobbywire_core::bancho::login::LoginLineError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Credential<'a> {
    /// The MD5 of the password, 32 hexadecimal digits; clients write lower case.
    PasswordMd5(&'a str),
    /// A token that the server issued after the user logged in with a browser (neosu). Not empty.
    OAuthToken(&'a str),
}

impl<'a> Credential<'a> {
    /// The text of the line.
    pub const fn as_str(self) -> &'a str {
        match self {
            Self::PasswordMd5(text) | Self::OAuthToken(text) => text,
        }
    }

    /// The MD5 of the password; `None` for a token.
    pub const fn password_md5(self) -> Option<&'a str> {
        match self {
            Self::PasswordMd5(md5) => Some(md5),
            Self::OAuthToken(_) => None,
        }
    }

    /// Whether this kind of credential belongs to the user name.
    pub(super) fn fits(self, username: &str) -> bool {
        matches!(self, Self::OAuthToken(_)) == (username == OAUTH_USERNAME)
    }
}

impl fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PasswordMd5(_) => "PasswordMd5(_)",
            Self::OAuthToken(_) => "OAuthToken(_)",
        })
    }
}
