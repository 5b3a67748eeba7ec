//! Opens connections: negotiation over HTTP, TLS, and the upgrade to a WebSocket.

use super::error::ConnectError;
use super::options::ClientOptions;
use crate::signalr::negotiate::{NegotiateResponse, VERSION};
use crate::signalr::{Encoding, Transport};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST};
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderMap, HeaderValue, Request, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// The most redirects that are followed.
const MAX_REDIRECTS: usize = 100;

/// The most bytes of a negotiation response.
const MAX_RESPONSE_LEN: usize = 64 << 10;

/// A TCP or TLS stream.
trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for S {}

/// Where to open the sockets of a connection.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    address: Uri,
    token: Option<String>,
    /// Whether a redirect determined the token: the token of the options must not be used.
    is_redirected: bool,
}

/// A connection before its handshake.
pub(super) struct Connected {
    pub(super) transport: Transport,
    pub(super) connection_id: Option<String>,
    /// Where to open further sockets, if stateful reconnect was negotiated.
    pub(super) resume: Option<Endpoint>,
}

fn parse(address: &str) -> Result<Uri, ConnectError> {
    let invalid = |why: &str| ConnectError::Address(format!("{address}: {why}").into());
    let uri: Uri = address.parse().map_err(|error: http::uri::InvalidUri| invalid(&error.to_string()))?;
    match uri.scheme_str() {
        Some("http" | "https" | "ws" | "wss") => {}
        _ => return Err(invalid("it must start with http, https, ws or wss")),
    }
    if uri.host().is_none_or(str::is_empty) {
        return Err(invalid("it has no host"));
    }
    Ok(uri)
}

fn is_secure(uri: &Uri) -> bool {
    matches!(uri.scheme_str(), Some("https" | "wss"))
}

/// Appends to the path and to the query of an address.
fn extended(uri: &Uri, path: &str, query: &[(&str, &str)]) -> Result<Uri, ConnectError> {
    let mut text = String::from(uri.path().trim_end_matches('/'));
    text.push_str(path);
    if text.is_empty() {
        text.push('/');
    }
    let mut separator = '?';
    if let Some(query) = uri.query().filter(|query| !query.is_empty()) {
        text.push(separator);
        text.push_str(query);
        separator = '&';
    }
    for (name, value) in query {
        text.push(separator);
        separator = '&';
        text.push_str(name);
        text.push('=');
        percent_encode(value, &mut text);
    }
    let mut parts = uri.clone().into_parts();
    let invalid = |error: &dyn std::fmt::Display| ConnectError::Address(error.to_string().into());
    parts.path_and_query = Some(PathAndQuery::try_from(text).map_err(|error| invalid(&error))?);
    Uri::from_parts(parts).map_err(|error| invalid(&error))
}

/// Percent-encodes a value for a query.
fn percent_encode(value: &str, out: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// Negotiates, unless the options skip it, and opens a WebSocket.
pub(super) async fn connect(address: &str, options: &ClientOptions) -> Result<Connected, ConnectError> {
    let mut endpoint =
        Endpoint { address: parse(address)?, token: options.token().await?, is_redirected: false };
    if options.skip_negotiation {
        let transport = open(&endpoint, options).await?;
        return Ok(Connected { transport, connection_id: None, resume: None });
    }
    for _ in 0..=MAX_REDIRECTS {
        let answer = negotiate(&endpoint, options).await?;
        if answer.protocol_version.is_some() {
            return Err(ConnectError::OldProtocol);
        }
        if let Some(error) = answer.error {
            return Err(ConnectError::Refused(error.into()));
        }
        if let Some(url) = answer.url {
            let address = parse(&url)?;
            if is_secure(&endpoint.address) && !is_secure(&address) {
                return Err(ConnectError::Address(
                    format!("{url}: a redirect must not downgrade TLS").into(),
                ));
            }
            // The token of the options must not be sent to another host.
            let is_same = address.authority() == endpoint.address.authority();
            let is_redirected = answer.access_token.is_some() || endpoint.is_redirected || !is_same;
            let token = answer.access_token.or_else(|| endpoint.token.filter(|_| is_same));
            endpoint = Endpoint { address, token, is_redirected };
            continue;
        }
        let Some(id) = answer.connection_id else {
            return Err(ConnectError::Negotiation("the response has no connectionId".into()));
        };
        let has_web_sockets = answer.available_transports.iter().any(|available| {
            let format = if options.encoding == Encoding::Json { "Text" } else { "Binary" };
            available.transport.eq_ignore_ascii_case("WebSockets")
                && available.transfer_formats.iter().any(|has| has.eq_ignore_ascii_case(format))
        });
        if !has_web_sockets {
            return Err(ConnectError::Negotiation(
                "the server does not offer WebSockets for this encoding".into(),
            ));
        }
        let is_stateful = answer.use_stateful_reconnect == Some(true);
        if is_stateful && !options.stateful_reconnect {
            return Err(ConnectError::Negotiation(
                "the server uses stateful reconnect, which was not requested".into(),
            ));
        }
        let token = match answer.negotiate_version {
            Some(version) if version > 0 => answer.connection_token,
            _ => Some(id.clone()),
        };
        let Some(token) = token else {
            return Err(ConnectError::Negotiation("the response has no connectionToken".into()));
        };
        endpoint.address = extended(&endpoint.address, "", &[("id", &token)])?;
        let transport = open(&endpoint, options).await?;
        let resume = is_stateful.then_some(endpoint);
        return Ok(Connected { transport, connection_id: Some(id), resume });
    }
    Err(ConnectError::Negotiation("the server redirects more than 100 times".into()))
}

/// Opens another WebSocket for an existing connection.
pub(super) async fn resume(endpoint: &Endpoint, options: &ClientOptions) -> Result<Transport, ConnectError> {
    let mut endpoint = endpoint.clone();
    if !endpoint.is_redirected {
        // The previous token may have expired.
        endpoint.token = options.token().await?;
    }
    open(&endpoint, options).await
}

async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, ConnectError>>,
) -> Result<T, ConnectError> {
    timeout(limit, work).await.unwrap_or(Err(ConnectError::TimedOut))
}

async fn negotiate(endpoint: &Endpoint, options: &ClientOptions) -> Result<NegotiateResponse, ConnectError> {
    let version = VERSION.to_string();
    let mut query = vec![("negotiateVersion", version.as_str())];
    if options.stateful_reconnect {
        query.push(("useStatefulReconnect", "true"));
    }
    let uri = extended(&endpoint.address, "/negotiate", &query)?;
    let target = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let mut request = Request::post(target).body(Empty::<Bytes>::new()).map_err(ConnectError::other)?;
    add_headers(request.headers_mut(), endpoint.token.as_deref(), options)?;
    let authority = uri.authority().map_or("", http::uri::Authority::as_str);
    // Drop user information before an @.
    let host = authority.rsplit('@').next().unwrap_or_default();
    request.headers_mut().insert(HOST, HeaderValue::from_str(host).map_err(ConnectError::other)?);
    request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));

    within(options.handshake_timeout, async {
        let stream = dial(&uri).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(ConnectError::other)?;
        let exchange = async {
            let response = sender.send_request(request).await.map_err(ConnectError::other)?;
            let status = response.status();
            if !status.is_success() {
                return Err(ConnectError::Status(status.as_u16()));
            }
            let body = Limited::new(response.into_body(), MAX_RESPONSE_LEN);
            let body = body.collect().await.map_err(|error| ConnectError::Other(error.to_string().into()))?;
            serde_json::from_slice(&body.to_bytes()).map_err(|error| {
                ConnectError::Negotiation(format!("the response is invalid: {error}").into())
            })
        };
        tokio::pin!(exchange);
        tokio::select! {
            answer = &mut exchange => answer,
            // The connection may end once the whole response was received.
            _ = connection => exchange.await,
        }
    })
    .await
}

fn add_headers(
    headers: &mut HeaderMap,
    token: Option<&str>,
    options: &ClientOptions,
) -> Result<(), ConnectError> {
    for (name, value) in &options.headers {
        let name = http::HeaderName::try_from(name).map_err(ConnectError::other)?;
        headers.insert(name, HeaderValue::try_from(value).map_err(ConnectError::other)?);
    }
    if let Some(token) = token {
        let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(ConnectError::other)?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok(())
}

async fn open(endpoint: &Endpoint, options: &ClientOptions) -> Result<Transport, ConnectError> {
    let mut parts = endpoint.address.clone().into_parts();
    let scheme = if is_secure(&endpoint.address) { "wss" } else { "ws" };
    parts.scheme = Some(Scheme::try_from(scheme).map_err(ConnectError::other)?);
    let uri = Uri::from_parts(parts).map_err(ConnectError::other)?;
    let mut request = uri.clone().into_client_request().map_err(ConnectError::other)?;
    add_headers(request.headers_mut(), endpoint.token.as_deref(), options)?;

    let mut config = WebSocketConfig::default();
    // A WebSocket message may contain several SignalR messages.
    config.max_message_size = Some(options.maximum_receive_message_size.saturating_mul(2).max(64 << 10));
    config.max_frame_size = config.max_message_size;
    within(options.handshake_timeout, async {
        let stream = dial(&uri).await?;
        match client_async_with_config(request, stream, Some(config)).await {
            Ok((socket, _)) => Ok(Transport::websocket(socket)),
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => {
                Err(ConnectError::Status(response.status().as_u16()))
            }
            Err(error) => Err(ConnectError::other(error)),
        }
    })
    .await
}

async fn dial(uri: &Uri) -> Result<Box<dyn ByteStream>, ConnectError> {
    let host = uri.host().unwrap_or_default();
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port = uri.port_u16().unwrap_or(if is_secure(uri) { 443 } else { 80 });
    let stream = TcpStream::connect((host, port)).await.map_err(ConnectError::Io)?;
    // Messages are small and must not be delayed.
    stream.set_nodelay(true).map_err(ConnectError::Io)?;
    if is_secure(uri) { tls(host, stream).await } else { Ok(Box::new(stream)) }
}

#[cfg(not(feature = "rustls"))]
async fn tls(_: &str, _: TcpStream) -> Result<Box<dyn ByteStream>, ConnectError> {
    Err(ConnectError::Address("https and wss need the feature `rustls`".into()))
}

#[cfg(feature = "rustls")]
async fn tls(host: &str, stream: TcpStream) -> Result<Box<dyn ByteStream>, ConnectError> {
    use std::sync::{Arc, OnceLock};
    use tokio_rustls::TlsConnector;
    use tokio_rustls::rustls::pki_types::ServerName;
    use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    let config = match CONFIG.get() {
        Some(config) => config.clone(),
        None => {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(ConnectError::other)?
                .with_root_certificates(roots)
                .with_no_client_auth();
            CONFIG.get_or_init(|| Arc::new(config)).clone()
        }
    };
    let name = ServerName::try_from(host.to_owned()).map_err(ConnectError::other)?;
    let stream = TlsConnector::from(config).connect(name, stream).await.map_err(ConnectError::Io)?;
    Ok(Box::new(stream))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_queries_are_extended() {
        let extend =
            |address, path, query: &[_]| extended(&parse(address).unwrap(), path, query).unwrap().to_string();
        let query = [("negotiateVersion", "1")];
        assert_eq!(extend("http://a/hub", "/negotiate", &query), "http://a/hub/negotiate?negotiateVersion=1");
        assert_eq!(
            extend("https://a:1/h/?x=y", "/negotiate", &query),
            "https://a:1/h/negotiate?x=y&negotiateVersion=1"
        );
        assert_eq!(extend("ws://a", "", &[("id", "a/+ =")]), "ws://a/?id=a%2F%2B%20%3D");
        for address in ["", "hub", "/hub", "ftp://a/", "http:///hub", "http://"] {
            assert!(matches!(parse(address), Err(ConnectError::Address(_))), "{address}");
        }
    }
}
