//! The options of a client.

use super::error::ConnectError;
use super::proxy::Proxy;
use super::reconnect_policy::ReconnectPolicy;
use crate::signalr::Encoding;
use crate::signalr::setters::setters;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

type TokenFuture = Pin<Box<dyn Future<Output = Result<String, Box<str>>> + Send>>;
type TokenProvider = Arc<dyn Fn() -> TokenFuture + Send + Sync>;

/// The options of a [`Client`](super::Client).
///
/// Names and defaults are those of Microsoft's clients where they have the option. The memory of a connection
/// is bounded: the receive buffer by [`maximum_receive_message_size`](Self::maximum_receive_message_size),
/// the other buffers by their capacities.
///
/// ```
/// use lobbywire::signalr::{ClientOptions, Encoding, ReconnectPolicy};
/// use std::time::Duration;
///
/// let options = ClientOptions::new(Encoding::MessagePack)
///     .access_token("secret")
///     .automatic_reconnect(ReconnectPolicy::default())
///     .server_timeout(Duration::from_secs(60));
/// ```
#[derive(Clone)]
pub struct ClientOptions {
    pub(super) encoding: Encoding,
    pub(super) headers: Vec<(String, String)>,
    pub(super) skip_negotiation: bool,
    pub(super) stateful_reconnect: bool,
    pub(super) keep_alive_interval: Duration,
    pub(super) server_timeout: Duration,
    pub(super) handshake_timeout: Duration,
    pub(super) maximum_receive_message_size: usize,
    pub(super) send_buffer_size: usize,
    pub(super) event_buffer_capacity: usize,
    pub(super) stream_buffer_capacity: usize,
    pub(super) reconnect_policy: Option<ReconnectPolicy>,
    pub(super) proxy: Option<Proxy>,
    #[cfg(feature = "rustls")]
    pub(super) tls: super::tls::Tls,
    token_provider: Option<TokenProvider>,
}

/// [`ClientOptions::new`] with MessagePack.
impl Default for ClientOptions {
    fn default() -> Self {
        Self::new(Encoding::MessagePack)
    }
}

impl ClientOptions {
    /// The default options. `encoding` must be one that the hub supports.
    pub fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            headers: Vec::new(),
            skip_negotiation: false,
            stateful_reconnect: false,
            keep_alive_interval: Duration::from_secs(15),
            server_timeout: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(15),
            maximum_receive_message_size: 1 << 20,
            send_buffer_size: 64 << 10,
            event_buffer_capacity: 256,
            stream_buffer_capacity: 64,
            reconnect_policy: None,
            proxy: None,
            #[cfg(feature = "rustls")]
            tls: Default::default(),
            token_provider: None,
        }
    }

    setters! {
        /// The encoding of messages.
        encoding: Encoding;
        /// Opens the WebSocket without a negotiation request. Default: `false`.
        skip_negotiation: bool;
        /// Requests stateful reconnect: if the socket breaks, the connection continues on a new socket
        /// without losing messages. Default: `false`.
        stateful_reconnect: bool;
        /// A Ping is sent after this long without sending a message. Default: 15 seconds.
        keep_alive_interval: Duration;
        /// The connection is lost after this long without receiving a message. Default: 30 seconds.
        server_timeout: Duration;
        /// The limit of each step of connecting: each request, the WebSocket, and the handshake. Default: 15
        /// seconds.
        handshake_timeout: Duration;
        /// The size limit of received messages, in bytes. Default: 1 MiB.
        maximum_receive_message_size: usize;
        /// Sends wait while more than this many bytes are queued. Default: 64 KiB.
        send_buffer_size: usize;
        /// How many unread [`Event`](super::Event)s are buffered before the connection is no longer read.
        /// Default: 256.
        event_buffer_capacity: usize;
        /// How many unread items of each stream are buffered before the connection is no longer read.
        /// Default: 64.
        stream_buffer_capacity: usize;
    }

    /// Adds a header to the HTTP requests. `Authorization` and `Cookie` are not sent to other hosts after a redirect.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Authenticates with a bearer token. Default: no token.
    #[must_use]
    pub fn access_token(self, token: impl Into<String>) -> Self {
        let token = token.into();
        self.access_token_provider(move || std::future::ready(Ok::<_, &str>(token.clone())))
    }

    /// Authenticates with a bearer token that `provider` returns for each connection and each resumed socket.
    #[must_use]
    pub fn access_token_provider<F, E>(mut self, provider: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<String, E>> + Send + 'static,
        E: fmt::Display,
    {
        self.token_provider = Some(Arc::new(move || {
            let token = provider();
            Box::pin(async { token.await.map_err(|error| error.to_string().into()) })
        }));
        self
    }

    /// Reconnects when the connection is lost. Default: no reconnects.
    #[must_use]
    pub fn automatic_reconnect(mut self, policy: ReconnectPolicy) -> Self {
        self.reconnect_policy = Some(policy);
        self
    }

    /// Sends all requests through an HTTP proxy. Default: no proxy.
    #[must_use]
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// Trusts servers whose certificate this CA has issued, in addition to the CAs of the system. May be called
    /// repeatedly.
    ///
    /// ```no_run
    /// use lobbywire::signalr::ClientOptions;
    /// use lobbywire::signalr::rustls::pki_types::{CertificateDer, pem::PemObject};
    ///
    /// let ca = CertificateDer::from_pem_file("ca.pem")?;
    /// let options = ClientOptions::default().root_certificate(ca);
    /// # Ok::<(), lobbywire::signalr::rustls::pki_types::pem::Error>(())
    /// ```
    #[cfg(feature = "rustls")]
    #[must_use]
    pub fn root_certificate(
        mut self,
        certificate: tokio_rustls::rustls::pki_types::CertificateDer<'_>,
    ) -> Self {
        self.tls.roots.push(certificate.into_owned());
        self
    }

    /// Replaces all settings of TLS: CAs, versions, client certificates. Default: TLS 1.2 and 1.3, the CAs of the system
    /// and [`root_certificate`](Self::root_certificate)s.
    #[cfg(feature = "rustls")]
    #[must_use]
    pub fn tls_config(mut self, config: impl Into<Arc<tokio_rustls::rustls::ClientConfig>>) -> Self {
        self.tls.config = Some(config.into());
        self
    }

    /// The current access token.
    pub(super) async fn token(&self) -> Result<Option<String>, ConnectError> {
        match &self.token_provider {
            Some(provider) => provider().await.map(Some).map_err(ConnectError::Token),
            None => Ok(None),
        }
    }
}

/// Prints no secrets: of headers only the names, of the token only whether there is one.
impl fmt::Debug for ClientOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("ClientOptions")
            .field("encoding", &self.encoding)
            .field("headers", &headers)
            .field("has_access_token", &self.token_provider.is_some())
            .field("proxy", &self.proxy)
            .field("skip_negotiation", &self.skip_negotiation)
            .field("stateful_reconnect", &self.stateful_reconnect)
            .field("keep_alive_interval", &self.keep_alive_interval)
            .field("server_timeout", &self.server_timeout)
            .field("handshake_timeout", &self.handshake_timeout)
            .field("reconnect_policy", &self.reconnect_policy)
            .finish_non_exhaustive()
    }
}
