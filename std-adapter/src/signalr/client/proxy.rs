//! Tunnels through HTTP proxies.

use super::error::ConnectError;
use super::url;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{HOST, PROXY_AUTHORIZATION};
use http::{HeaderValue, Request, Uri};
use http_body_util::Empty;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use std::fmt;
use tokio::net::TcpStream;

/// An HTTP proxy, which a [`Client`](super::Client) uses for all its requests: it opens a tunnel with `CONNECT`, also
/// without TLS.
///
/// The environment variables that some programs use for proxies are ignored.
///
/// ```
/// use lobbywire::signalr::{ClientOptions, Proxy};
///
/// let proxy = Proxy::new("http://proxy.example.org:3128")?.basic_auth("user", "password");
/// let options = ClientOptions::default().proxy(proxy);
/// # Ok::<(), lobbywire::signalr::ConnectError>(())
/// ```
#[derive(Clone)]
pub struct Proxy {
    uri: Uri,
    authorization: Option<HeaderValue>,
}

impl Proxy {
    /// The proxy at an address, such as `http://proxy:3128`. The address may contain a user name and a password, in
    /// which `%` starts an escape: `http://user:p%40ss@proxy:3128`. The default port is 80.
    ///
    /// # Errors
    /// [`ConnectError::Address`]
    pub fn new(address: &str) -> Result<Self, ConnectError> {
        // Not in the error, because the address may contain a password.
        let invalid = |why: &str| ConnectError::Address(format!("the address of the proxy: {why}").into());
        let uri = url::parse(address).map_err(|_| invalid("it must be like http://host:port"))?;
        if uri.scheme_str() != Some("http") {
            return Err(invalid("only proxies with http are supported"));
        }
        let authority = uri.authority().map_or("", http::uri::Authority::as_str);
        let credentials = authority.rsplit_once('@').map(|(credentials, _)| credentials.to_owned());
        let proxy = Self { uri, authorization: None };
        Ok(match credentials {
            None => proxy,
            Some(credentials) => {
                let (user, password) = credentials.split_once(':').unwrap_or((&credentials, ""));
                proxy.basic_auth(&percent_decode(user), &percent_decode(password))
            }
        })
    }

    /// Authenticates with a user name and a password.
    #[must_use]
    pub fn basic_auth(mut self, user: &str, password: &str) -> Self {
        let value = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        // Base64 is valid in a header.
        self.authorization = HeaderValue::try_from(value).ok().map(|mut value| {
            value.set_sensitive(true);
            value
        });
        self
    }

    /// The host and the port.
    pub(super) fn host_and_port(&self) -> (&str, u16) {
        url::host_and_port(&self.uri)
    }

    /// Opens a tunnel to a host, over a connection to the proxy.
    pub(super) async fn tunnel(
        &self,
        stream: TcpStream,
        to: &Uri,
    ) -> Result<TokioIo<Upgraded>, ConnectError> {
        let host = to.host().unwrap_or_default();
        let target = format!("{host}:{}", url::host_and_port(to).1);
        let mut request =
            Request::connect(&target).body(Empty::<Bytes>::new()).map_err(ConnectError::other)?;
        request.headers_mut().insert(HOST, HeaderValue::try_from(target).map_err(ConnectError::other)?);
        if let Some(authorization) = &self.authorization {
            request.headers_mut().insert(PROXY_AUTHORIZATION, authorization.clone());
        }
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(ConnectError::other)?;
        let connection = connection.with_upgrades();
        let opening = async {
            let response = sender.send_request(request).await.map_err(ConnectError::other)?;
            let status = response.status();
            if !status.is_success() {
                return Err(ConnectError::Proxy(status.as_u16()));
            }
            hyper::upgrade::on(response).await.map_err(ConnectError::other)
        };
        tokio::pin!(opening);
        let tunnel = tokio::select! {
            tunnel = &mut opening => tunnel?,
            _ = connection => opening.await?,
        };
        Ok(TokioIo::new(tunnel))
    }
}

/// Prints no password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, port) = self.host_and_port();
        let has_authorization = self.authorization.is_some();
        f.debug_struct("Proxy")
            .field("host", &host)
            .field("port", &port)
            .field("has_authorization", &has_authorization)
            .finish()
    }
}

/// Decodes `%` escapes. Invalid ones are kept.
fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let escape = (*byte == b'%').then(|| after.get(..2)).flatten();
        let decoded = escape.and_then(|digits| std::str::from_utf8(digits).ok());
        match decoded.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = &after[2..];
            }
            None => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read_from_the_address_and_not_printed() {
        let proxy = Proxy::new("http://me:p%40ss%3@proxy:3128").unwrap();
        assert_eq!(proxy.host_and_port(), ("proxy", 3128));
        let expected = format!("Basic {}", STANDARD.encode("me:p@ss%3"));
        assert_eq!(proxy.authorization.as_ref().unwrap(), &expected);
        assert!(!format!("{proxy:?}").contains("me:") && !format!("{proxy:?}").contains("ss"));
        assert_eq!(Proxy::new("http://proxy").unwrap().host_and_port(), ("proxy", 80));
        for address in
            ["proxy:3128", "https://me:secret@proxy", "socks5://proxy", "http://", "http://me:secret@"]
        {
            let error = Proxy::new(address).unwrap_err().to_string();
            assert!(error.contains("the address of the proxy") && !error.contains("secret"), "{error}");
        }
    }
}
