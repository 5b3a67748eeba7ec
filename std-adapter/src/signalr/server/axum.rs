//! Serves a hub with axum.

use super::registry::{Claim, Denied};
use super::{Hub, Server};
use crate::signalr::{NegotiateResponse, Transport};
use ::axum::Router;
use ::axum::body::Body;
use ::axum::extract::Request;
use ::axum::response::Response;
use ::axum::routing::{get, post};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};
use hyper_util::rt::TokioIo;
use std::pin::Pin;
use std::sync::Arc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

type Identity = Result<Option<String>, StatusCode>;
type Authenticate = Arc<dyn Fn(&Parts) -> Pin<Box<dyn Future<Output = Identity> + Send>> + Send + Sync>;

/// The routes of a hub that needs no authentication. Nest the router at the path of the hub.
///
/// ```
/// use axum::Router;
/// use lobbywire::signalr::{Hub, HubCall, HubClient, HubError, Reply, Server, ServerOptions};
///
/// struct Echo;
///
/// impl Hub for Echo {
///     async fn invoke(&self, _: &HubClient, call: &HubCall) -> Result<Reply, HubError> {
///         let (text,): (String,) = call.read()?;
///         call.reply(&text)
///     }
/// }
///
/// let server = Server::new(Echo, ServerOptions::default());
/// let router: Router = Router::new().nest("/echo", lobbywire::signalr::axum::routes(&server));
/// ```
pub fn routes<H: Hub>(server: &Server<H>) -> Router {
    router(server, None)
}

/// The routes of a hub that authenticates each request. `authenticate` returns the user, `None` for an
/// anonymous user, or the status that refuses the request, such as 401.
///
/// The request is available later as [`HubClient::request`](super::HubClient::request), with extensions that
/// layers of axum have added.
pub fn routes_with<H, F>(
    server: &Server<H>,
    authenticate: impl Fn(&Parts) -> F + Send + Sync + 'static,
) -> Router
where
    H: Hub,
    F: Future<Output = Result<Option<String>, StatusCode>> + Send + 'static,
{
    router(server, Some(Arc::new(move |parts| Box::pin(authenticate(parts)))))
}

fn router<H: Hub>(server: &Server<H>, authenticate: Option<Authenticate>) -> Router {
    let routes = Arc::new(Routes { server: server.clone(), authenticate });
    let for_negotiation = routes.clone();
    Router::new()
        .route(
            "/negotiate",
            post(move |request: Request| async move { for_negotiation.negotiate(request).await }),
        )
        .route("/", get(move |request: Request| async move { routes.connect(request).await }))
}

struct Routes<H> {
    server: Server<H>,
    authenticate: Option<Authenticate>,
}

fn status(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

impl From<Denied> for StatusCode {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unknown => Self::NOT_FOUND,
            Denied::InUse => Self::CONFLICT,
            Denied::Forbidden => Self::FORBIDDEN,
            Denied::Full | Denied::NoRandom => Self::SERVICE_UNAVAILABLE,
        }
    }
}

/// A parameter of the query. Not percent-decoded: our ids are hexadecimal.
fn parameter<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    let pairs = parts.uri.query()?.split('&');
    pairs.filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}

impl<H: Hub> Routes<H> {
    async fn user(&self, parts: &Parts) -> Result<Option<Arc<str>>, StatusCode> {
        let Some(authenticate) = &self.authenticate else { return Ok(None) };
        Ok(authenticate(parts).await?.map(Arc::from))
    }

    fn negotiation(
        &self,
        version: u32,
        wants_stateful: bool,
        user: Option<Arc<str>>,
    ) -> Result<NegotiateResponse, Denied> {
        let options = &self.server.options;
        let is_stateful = wants_stateful && options.allow_stateful_reconnects;
        self.server.registry.negotiate(version, is_stateful, user, options.disconnect_timeout)
    }

    async fn negotiate(&self, request: Request) -> Response {
        let (parts, _) = request.into_parts();
        let user = match self.user(&parts).await {
            Ok(user) => user,
            Err(error) => return status(error),
        };
        let version = match parameter(&parts, "negotiateVersion").map(str::parse) {
            None => 0,
            Some(Ok(version)) => version,
            Some(Err(_)) => return status(StatusCode::BAD_REQUEST),
        };
        let wants_stateful = parameter(&parts, "useStatefulReconnect") == Some("true");
        let answer = match self.negotiation(version, wants_stateful, user) {
            Ok(answer) => answer,
            Err(denied) => return status(denied.into()),
        };
        let Ok(body) = serde_json::to_vec(&answer) else { return status(StatusCode::INTERNAL_SERVER_ERROR) };
        let mut response = Response::new(Body::from(body));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    async fn connect(&self, mut request: Request) -> Response {
        // axum routes HEAD requests to GET handlers.
        if request.method() != Method::GET {
            return status(StatusCode::METHOD_NOT_ALLOWED);
        }
        let upgrade = hyper::upgrade::on(&mut request);
        let (parts, _) = request.into_parts();
        let user = match self.user(&parts).await {
            Ok(user) => user,
            Err(error) => return status(error),
        };
        let mut handshake = http::Request::new(());
        *handshake.method_mut() = parts.method.clone();
        *handshake.version_mut() = parts.version;
        *handshake.headers_mut() = parts.headers.clone();
        let Ok(answer) = create_response(&handshake) else { return status(StatusCode::BAD_REQUEST) };
        let claim = match parameter(&parts, "id") {
            Some(token) => self.server.registry.claim(token, user.as_deref()),
            None => self.server.registry.reserve(user).map(Claim::New),
        };
        let claim = match claim {
            Ok(claim) => claim,
            Err(denied) => return status(denied.into()),
        };
        let mut config = WebSocketConfig::default();
        // A WebSocket message may contain several SignalR messages, and a SignalR message above the limit
        // must be received to be answered with a Close.
        let limit = self.server.options.maximum_receive_message_size;
        config.max_message_size = Some(limit.saturating_mul(4).max(128 << 10));
        config.max_frame_size = config.max_message_size;
        let server = self.server.clone();
        tokio::spawn(async move {
            // An error means that the client has disconnected.
            let Ok(upgraded) = upgrade.await else { return };
            let socket =
                WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
            let transport = Transport::websocket(socket);
            match claim {
                Claim::New(reservation) => server.run(reservation, transport, Some(parts)).await,
                // An error means that the connection has ended, or that another socket is waiting.
                Claim::Known(sockets) => drop(sockets.try_send(transport)),
            }
        });
        answer.map(|()| Body::empty())
    }
}
