//! The client of a hub.

mod connect;
mod cookies;
mod dial;
mod error;
mod events;
mod handshake;
mod options;
mod proxy;
mod reconnect_policy;
mod task;
#[cfg(feature = "rustls")]
mod tls;
mod url;

pub use error::ConnectError;
pub use events::{CloseReason, Event, Events, IncomingCall};
pub use options::ClientOptions;
pub use proxy::Proxy;
pub use reconnect_policy::{ReconnectPolicy, Retry};

use super::connection::invoke::{self, Pending};
use super::connection::link::Link;
use super::connection::stream::{Items, Upload};
use super::connection::transport::Transport;
use super::{Call, CallError, FromValue, Method, SendError, ToArguments};
use handshake::Established;
use std::sync::Arc;
use task::Shared;

/// A connection to a hub.
///
/// Clones share the connection, and all methods take `&self`. The connection closes when the last clone is
/// dropped; [`close`](Self::close) also waits for that.
#[derive(Clone, Debug)]
pub struct Client {
    handle: Arc<Handle>,
}

/// Closes the connection when dropped.
#[derive(Debug)]
struct Handle(Arc<Shared>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Client {
    /// Connects to the hub at an address, such as `https://spectator.ppy.sh/multiplayer`.
    ///
    /// Redirects are followed, those of HTTP and those of the negotiation: up to 100 each, from https only to https. The
    /// token, and the headers `Authorization` and `Cookie` of the options, are not sent to other hosts. Cookies that the
    /// server sets are sent with the further requests of the connection, as load balancers need it.
    ///
    /// # Errors
    /// [`ConnectError`]
    pub async fn connect(address: &str, options: ClientOptions) -> Result<(Self, Events), ConnectError> {
        let connection = Established::connect(address, &options).await?;
        Ok(Self::start(connection, Some(address.into()), options))
    }

    /// Connects over an open transport, which starts with the handshake. Such a client never reconnects.
    ///
    /// # Errors
    /// [`ConnectError`]
    pub async fn over(transport: Transport, options: ClientOptions) -> Result<(Self, Events), ConnectError> {
        let connection = Established::over(transport, &options).await?;
        Ok(Self::start(connection, None, options))
    }

    fn start(connection: Established, address: Option<String>, options: ClientOptions) -> (Self, Events) {
        let (sender, events) = connection.link.channel(options.event_buffer_capacity);
        let shared = Arc::new(Shared::new(&connection));
        tokio::spawn(task::run(shared.clone(), connection, address, options, sender));
        (Self { handle: Arc::new(Handle(shared)) }, Events::new(events))
    }

    fn link(&self) -> Arc<Link> {
        self.handle.0.link()
    }

    /// The server's id of the connection; `None` without negotiation.
    pub fn connection_id(&self) -> Option<String> {
        self.handle.0.connection_id()
    }

    /// Whether the client is connected, as far as is known: a broken socket may not have been noticed yet.
    pub fn is_connected(&self) -> bool {
        !self.link().outbox.is_ended()
    }

    /// Calls a method and waits for its result.
    ///
    /// If the future is dropped, the call may still run, but its result is ignored.
    ///
    /// # Errors
    /// [`CallError`]
    pub async fn invoke<T: FromValue>(
        &self,
        target: &str,
        arguments: impl ToArguments,
    ) -> Result<T, CallError> {
        let (pending, _) = invoke::start(&self.link(), target, &arguments, 0).await?;
        pending.await
    }

    /// Calls a typed method and waits for its result, as [`invoke`](Self::invoke).
    ///
    /// # Errors
    /// [`CallError`]
    pub async fn call<M: Method>(&self, method: &M) -> Result<M::Result, CallError> {
        self.invoke(method.target(), method).await
    }

    /// Queues a call without waiting for its completion. Waits while the send buffer is full.
    ///
    /// # Errors
    /// [`SendError`]
    pub async fn send(&self, target: &str, arguments: impl ToArguments) -> Result<(), SendError> {
        invoke::send(&self.link(), target, &arguments).await
    }

    /// Queues a typed call, as [`send`](Self::send).
    ///
    /// # Errors
    /// [`SendError`]
    pub async fn send_call(&self, call: &impl Call) -> Result<(), SendError> {
        self.send(call.target(), call).await
    }

    /// Calls a method that returns a stream.
    ///
    /// # Errors
    /// [`SendError`]
    pub async fn stream<T: FromValue>(
        &self,
        target: &str,
        arguments: impl ToArguments,
    ) -> Result<Items<T>, SendError> {
        Ok(invoke::start_stream(&self.link(), target, &arguments, 0).await?.0)
    }

    /// Calls a method that takes `streams` streams in addition to its arguments. Returns the future of its
    /// result, and the streams to send.
    ///
    /// # Errors
    /// [`SendError`]
    pub async fn invoke_uploading<T: FromValue>(
        &self,
        target: &str,
        arguments: impl ToArguments,
        streams: usize,
    ) -> Result<(Pending<T>, Vec<Upload>), SendError> {
        invoke::start(&self.link(), target, &arguments, streams).await
    }

    /// Calls a method that takes `streams` streams in addition to its arguments, and returns a stream.
    ///
    /// # Errors
    /// [`SendError`]
    pub async fn stream_uploading<T: FromValue>(
        &self,
        target: &str,
        arguments: impl ToArguments,
        streams: usize,
    ) -> Result<(Items<T>, Vec<Upload>), SendError> {
        invoke::start_stream(&self.link(), target, &arguments, streams).await
    }

    /// Sends queued messages and a Close message, and waits until the connection has ended. May be called
    /// repeatedly.
    pub async fn close(&self) {
        self.handle.0.close();
        self.handle.0.closed().await;
    }
}
