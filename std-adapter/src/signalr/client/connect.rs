//! Connects to a hub: negotiation over HTTP, and the upgrade to a WebSocket.

use super::cookies::CookieJar;
use super::dial::dial;
use super::error::ConnectError;
use super::options::ClientOptions;
use super::url::{authority, extended, is_same_host, is_secure, parse, redirected};
use crate::signalr::negotiate::{NegotiateResponse, VERSION};
use crate::signalr::{Encoding, Transport};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, COOKIE, HOST, LOCATION};
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::time::timeout;
use tokio_tungstenite::client_async_with_config;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// The most redirects that are followed: those of HTTP for one request, and those of negotiation responses.
const MAX_REDIRECTS: usize = 100;

/// The most bytes of a negotiation response.
const MAX_RESPONSE_LEN: usize = 64 << 10;

/// Where to open the sockets of a connection.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    address: Uri,
    token: Option<String>,
    /// Whether a redirect determined the token: the token of the options must not be used.
    is_redirected: bool,
    /// The address that the caller passed, which receives the secrets of the options.
    origin: Uri,
    /// What the server has set since the negotiation.
    cookies: CookieJar,
}

/// A connection before its handshake.
pub(super) struct Connected {
    pub(super) transport: Transport,
    pub(super) connection_id: Option<String>,
    /// Where to open further sockets, if stateful reconnect was negotiated.
    pub(super) resume: Option<Endpoint>,
}

/// Negotiates, unless the options skip it, and opens a WebSocket.
pub(super) async fn connect(address: &str, options: &ClientOptions) -> Result<Connected, ConnectError> {
    let address = parse(address)?;
    let mut endpoint = Endpoint {
        address: address.clone(),
        token: options.token().await?,
        is_redirected: false,
        origin: address,
        cookies: CookieJar::default(),
    };
    if options.skip_negotiation {
        let transport = open(&mut endpoint, options).await?;
        return Ok(Connected { transport, connection_id: None, resume: None });
    }
    for _ in 0..=MAX_REDIRECTS {
        let answer = negotiate(&mut endpoint, options).await?;
        if answer.protocol_version.is_some() {
            return Err(ConnectError::OldProtocol);
        }
        if let Some(error) = answer.error {
            return Err(ConnectError::Refused(error.into()));
        }
        if let Some(url) = answer.url {
            let address = redirected(&endpoint.address, &url)?;
            // The token of the options must not be sent to another host.
            let is_same = is_same_host(&address, &endpoint.address);
            let is_redirected = answer.access_token.is_some() || endpoint.is_redirected || !is_same;
            let token = answer.access_token.or_else(|| endpoint.token.filter(|_| is_same));
            endpoint = Endpoint { address, token, is_redirected, ..endpoint };
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
        let transport = open(&mut endpoint, options).await?;
        let resume = is_stateful.then_some(endpoint);
        return Ok(Connected { transport, connection_id: Some(id), resume });
    }
    Err(too_many_redirects())
}

/// Opens another WebSocket for an existing connection.
pub(super) async fn resume(endpoint: &Endpoint, options: &ClientOptions) -> Result<Transport, ConnectError> {
    let mut endpoint = endpoint.clone();
    if !endpoint.is_redirected {
        // The previous token may have expired.
        endpoint.token = options.token().await?;
    }
    open(&mut endpoint, options).await
}

fn too_many_redirects() -> ConnectError {
    ConnectError::Negotiation("the server redirects more than 100 times".into())
}

async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, ConnectError>>,
) -> Result<T, ConnectError> {
    timeout(limit, work).await.unwrap_or(Err(ConnectError::TimedOut))
}

/// The address of an HTTP redirect; `None` for another response.
fn redirect(from: &Uri, status: StatusCode, headers: &HeaderMap) -> Result<Option<Uri>, ConnectError> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = headers.get(LOCATION).and_then(|location| location.to_str().ok());
    location.map(|location| redirected(from, location)).transpose()
}

async fn negotiate(
    endpoint: &mut Endpoint,
    options: &ClientOptions,
) -> Result<NegotiateResponse, ConnectError> {
    let version = VERSION.to_string();
    let mut query = vec![("negotiateVersion", version.as_str())];
    if options.stateful_reconnect {
        query.push(("useStatefulReconnect", "true"));
    }
    let mut uri = extended(&endpoint.address, "/negotiate", &query)?;
    let mut method = Method::POST;
    for _ in 0..=MAX_REDIRECTS {
        let exchange = exchange(method.clone(), &uri, endpoint, options);
        let Response { status, headers, body } = within(options.handshake_timeout, exchange).await?;
        endpoint.cookies.store(&uri, &headers);
        if let Some(to) = redirect(&uri, status, &headers)? {
            uri = to;
            // As .NET's and other HTTP clients: only 307 and 308 keep the method.
            if !matches!(status.as_u16(), 307 | 308) {
                method = Method::GET;
            }
            continue;
        }
        if !status.is_success() {
            return Err(ConnectError::Status(status.as_u16()));
        }
        return serde_json::from_slice(&body)
            .map_err(|error| ConnectError::Negotiation(format!("the response is invalid: {error}").into()));
    }
    Err(too_many_redirects())
}

/// A response of HTTP. The body is empty unless the request was successful.
struct Response {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// Sends a request, over a connection of its own.
async fn exchange(
    method: Method,
    uri: &Uri,
    endpoint: &Endpoint,
    options: &ClientOptions,
) -> Result<Response, ConnectError> {
    let target = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let is_post = method == Method::POST;
    let request = Request::builder().method(method).uri(target).body(Empty::<Bytes>::new());
    let mut request = request.map_err(ConnectError::other)?;
    add_headers(request.headers_mut(), uri, endpoint, options)?;
    let host = HeaderValue::from_str(authority(uri)).map_err(ConnectError::other)?;
    request.headers_mut().insert(HOST, host);
    if is_post {
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }

    let stream = dial(uri, options).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(ConnectError::other)?;
    let exchange = async {
        let response = sender.send_request(request).await.map_err(ConnectError::other)?;
        let (parts, body) = response.into_parts();
        let body = if parts.status.is_success() {
            let body = Limited::new(body, MAX_RESPONSE_LEN).collect().await;
            body.map_err(|error| ConnectError::Other(error.to_string().into()))?.to_bytes()
        } else {
            Bytes::new()
        };
        Ok(Response { status: parts.status, headers: parts.headers, body })
    };
    tokio::pin!(exchange);
    tokio::select! {
        response = &mut exchange => response,
        // The connection may end once the whole response was received.
        _ = connection => exchange.await,
    }
}

/// Adds the headers, the token and the cookies of a request to `uri`. Another host, after a redirect, receives no secrets.
fn add_headers(
    headers: &mut HeaderMap,
    uri: &Uri,
    endpoint: &Endpoint,
    options: &ClientOptions,
) -> Result<(), ConnectError> {
    let is_origin = is_same_host(uri, &endpoint.origin);
    for (name, value) in &options.headers {
        let name = http::HeaderName::try_from(name).map_err(ConnectError::other)?;
        if is_origin || ![AUTHORIZATION, COOKIE].contains(&name) {
            headers.insert(name, HeaderValue::try_from(value).map_err(ConnectError::other)?);
        }
    }
    let token = endpoint.token.as_deref().filter(|_| is_same_host(uri, &endpoint.address));
    let mut insert = |name, value: String| {
        let mut value = HeaderValue::try_from(value).map_err(ConnectError::other)?;
        value.set_sensitive(true);
        headers.insert(name, value);
        Ok(())
    };
    if let Some(token) = token {
        insert(AUTHORIZATION, format!("Bearer {token}"))?;
    }
    if let Some(cookies) = endpoint.cookies.header(uri) {
        let own = options.headers.iter().rfind(|(name, _)| is_origin && name.eq_ignore_ascii_case("cookie"));
        insert(COOKIE, own.map_or(cookies.clone(), |(_, own)| format!("{own}; {cookies}")))?;
    }
    Ok(())
}

/// Opens a WebSocket.
async fn open(endpoint: &mut Endpoint, options: &ClientOptions) -> Result<Transport, ConnectError> {
    let mut config = WebSocketConfig::default();
    // A WebSocket message may contain several SignalR messages.
    config.max_message_size = Some(options.maximum_receive_message_size.saturating_mul(2).max(64 << 10));
    config.max_frame_size = config.max_message_size;
    let mut uri = endpoint.address.clone();
    for _ in 0..=MAX_REDIRECTS {
        let scheme = if is_secure(&uri) { "wss" } else { "ws" };
        let mut parts = uri.into_parts();
        parts.scheme = Some(Scheme::try_from(scheme).map_err(ConnectError::other)?);
        uri = Uri::from_parts(parts).map_err(ConnectError::other)?;
        let mut request = uri.clone().into_client_request().map_err(ConnectError::other)?;
        add_headers(request.headers_mut(), &uri, endpoint, options)?;
        let upgrade = async {
            let stream = dial(&uri, options).await?;
            match client_async_with_config(request, stream, Some(config)).await {
                Ok((socket, response)) => Ok((response.into_parts().0, Some(socket))),
                Err(tokio_tungstenite::tungstenite::Error::Http(response)) => {
                    Ok((response.into_parts().0, None))
                }
                Err(error) => Err(ConnectError::other(error)),
            }
        };
        let (response, socket) = within(options.handshake_timeout, upgrade).await?;
        endpoint.cookies.store(&uri, &response.headers);
        if let Some(socket) = socket {
            return Ok(Transport::websocket(socket));
        }
        match redirect(&uri, response.status, &response.headers)? {
            Some(to) => uri = to,
            None => return Err(ConnectError::Status(response.status.as_u16())),
        }
    }
    Err(too_many_redirects())
}
