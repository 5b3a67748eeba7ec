//! Why a client could not connect.

use crate::wire;
use std::error::Error;
use std::{fmt, io};

/// Why a client could not connect.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// The address is invalid or not supported.
    Address(Box<str>),
    /// The access token provider failed.
    Token(Box<str>),
    /// The server answered with this HTTP status, such as 401 without a valid token, or 404 for an unknown hub.
    Status(u16),
    /// The proxy answered with this HTTP status, such as 407 without a valid password.
    Proxy(u16),
    /// The TLS handshake failed, such as with a server whose certificate is not trusted.
    Tls(io::Error),
    /// The negotiation response is invalid or not supported.
    Negotiation(Box<str>),
    /// The server refused the connection with this text.
    Refused(Box<str>),
    /// The server uses the older ASP.NET SignalR, which is a different protocol.
    OldProtocol,
    /// The handshake response is malformed.
    Handshake(wire::Error),
    /// The server did not answer within the handshake timeout.
    TimedOut,
    /// The connection could not be opened, or broke.
    Io(io::Error),
    /// Another error of HTTP or the WebSocket.
    Other(Box<str>),
}

impl ConnectError {
    pub(super) fn other(error: impl fmt::Display) -> Self {
        Self::Other(error.to_string().into())
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(why) => write!(f, "invalid address: {why}"),
            Self::Token(why) => write!(f, "the access token provider failed: {why}"),
            Self::Status(401) => {
                f.write_str("the server answered with status 401; set a valid token with `access_token`")
            }
            Self::Status(404) => {
                f.write_str("the server answered with status 404; check the path of the hub")
            }
            Self::Status(status) => write!(f, "the server answered with status {status}"),
            Self::Proxy(407) => {
                f.write_str("the proxy answered with status 407; set its user name and password")
            }
            Self::Proxy(status) => write!(f, "the proxy answered with status {status}"),
            Self::Tls(error) => {
                write!(f, "the TLS handshake failed: {error}; for a private CA, set `root_certificate`")
            }
            Self::Negotiation(why) => write!(f, "the negotiation failed: {why}"),
            Self::Refused(why) => write!(f, "the server refused the connection: {why}"),
            Self::OldProtocol => {
                f.write_str("the server uses ASP.NET SignalR, but only ASP.NET Core SignalR is supported")
            }
            Self::Handshake(error) => write!(f, "the handshake of the server is malformed: {error}"),
            Self::TimedOut => f.write_str("the server did not answer within the handshake timeout"),
            Self::Io(error) => write!(f, "the connection failed: {error}"),
            Self::Other(error) => write!(f, "the connection failed: {error}"),
        }
    }
}

impl Error for ConnectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io(error) | Self::Tls(error) => Some(error),
            Self::Handshake(error) => Some(error),
            _ => None,
        }
    }
}
