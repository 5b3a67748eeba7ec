//! The server of a hub.

pub mod axum;
mod clients;
mod dispatch;
mod handshake;
mod hub;
mod options;
mod registry;
mod worker;

pub use clients::{Clients, HubClient, Recipients};
pub use hub::{Hub, HubCall, HubError, ItemSender, Reply, Typed, TypedHub};
pub use options::ServerOptions;

use super::connection::End;
use super::connection::link::{Buffers, Link};
use super::connection::read_buffer::ReadBuffer;
use super::connection::session::{self, TIMEOUT_TEXT};
use super::connection::timers::Timers;
use super::connection::transport::Transport;
use clients::Peer;
use dispatch::{Dispatcher, Streams};
use futures_util::FutureExt;
use registry::{Registry, Reservation};
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::time::timeout;
use worker::Worker;

/// A hub and its connections. Clones share both.
pub struct Server<H> {
    hub: Arc<H>,
    options: Arc<ServerOptions>,
    clients: Clients,
    registry: Arc<Registry>,
}

impl<H> Clone for Server<H> {
    fn clone(&self) -> Self {
        let Self { hub, options, clients, registry } = self;
        Self {
            hub: hub.clone(),
            options: options.clone(),
            clients: clients.clone(),
            registry: registry.clone(),
        }
    }
}

impl<H> fmt::Debug for Server<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("clients", &self.clients).finish_non_exhaustive()
    }
}

impl<H: Hub> Server<H> {
    /// A server for a hub.
    pub fn new(hub: H, options: ServerOptions) -> Self {
        let registry = Arc::new(Registry::new(options.maximum_connections));
        Self { hub: Arc::new(hub), options: Arc::new(options), clients: Clients::default(), registry }
    }

    /// The hub.
    pub fn hub(&self) -> &H {
        &self.hub
    }

    /// The connected clients.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// Sends Close to all clients, after their queued messages. Does not wait until the connections have ended.
    pub fn close(&self, error: Option<&str>, allow_reconnect: bool) {
        for client in self.clients.all().clients() {
            client.close(error, allow_reconnect);
        }
    }

    /// Serves a connection without HTTP, starting with its handshake, until it ends.
    ///
    /// Returns immediately if the server has its maximum number of connections.
    pub async fn serve(&self, transport: Transport) {
        self.serve_request(transport, None, None).await;
    }

    /// Serves a connection whose HTTP request was handled elsewhere, as [`serve`](Self::serve). `request` and
    /// `user` are those that [`HubClient`] returns.
    pub async fn serve_request(
        &self,
        transport: Transport,
        request: Option<http::request::Parts>,
        user: Option<&str>,
    ) {
        if let Ok(reservation) = self.registry.reserve(user.map(Arc::from)) {
            self.run(reservation, transport, request).await;
        }
    }

    /// Runs a connection until it ends.
    async fn run(
        &self,
        mut reservation: Reservation,
        mut transport: Transport,
        request: Option<http::request::Parts>,
    ) {
        let options = &self.options;
        let mut read_buffer = ReadBuffer::new(options.maximum_receive_message_size);
        let Some((encoding, version)) = handshake::accept(&mut transport, &mut read_buffer, options).await
        else {
            return;
        };
        read_buffer.begin(encoding);
        let buffers = Buffers {
            soft_limit: options.send_buffer_size,
            hard_limit: options.broadcast_limit,
            items: options.stream_buffer_capacity,
        };
        let link = Arc::new(Link::new(encoding, reservation.is_stateful && version >= 2, buffers));
        if !link.is_stateful {
            // The client negotiated stateful reconnect, but does not use it.
            reservation.forbid_resuming();
        }
        let (id, user) = (reservation.id.clone(), reservation.user.clone());
        let peer = Arc::new(Peer::new(id, user, request, link.clone()));
        let client = HubClient { peer: peer.clone(), clients: self.clients.clone() };
        self.clients.add(&peer);

        let (jobs, queue) = link.channel(options.invocation_queue_capacity);
        let streams = Arc::new(Streams::default());
        let worker = Worker {
            hub: self.hub.clone(),
            options: options.clone(),
            client: client.clone(),
            streams: streams.clone(),
        };
        let worker = tokio::spawn(worker.run(queue));
        let stream_limit = options.maximum_streams_per_client;
        let mut dispatcher = Dispatcher { link: link.clone(), jobs, streams: streams.clone(), stream_limit };
        let end =
            self.run_sockets(&mut reservation, transport, &mut read_buffer, &link, &mut dispatcher).await;

        link.outbox.abort();
        link.forget_all();
        streams.abort_all();
        self.clients.remove(&peer);
        drop(dispatcher);
        // `on_disconnected` must not run before all calls of the client have ended.
        let was_accepted = worker.await.unwrap_or(true);
        streams.abort_all();
        if was_accepted {
            let error = match end {
                End::Closed { error, .. } => error,
                End::Lost(error) => Some(error.to_string().into()),
                End::TimedOut => Some(TIMEOUT_TEXT.into()),
                End::Malformed(malformed) => Some(malformed.to_string().into()),
                End::Disconnected | End::Ended | End::Interrupted => None,
            };
            let disconnected = self.hub.on_disconnected(&client, error.as_deref());
            // The panic hook has reported a panic already.
            let _ = AssertUnwindSafe(disconnected).catch_unwind().await;
        }
    }

    /// Runs a connection over one socket, or several with stateful reconnect.
    async fn run_sockets(
        &self,
        reservation: &mut Reservation,
        mut transport: Transport,
        read_buffer: &mut ReadBuffer,
        link: &Arc<Link>,
        dispatcher: &mut Dispatcher,
    ) -> End {
        let timers = Timers {
            keep_alive: self.options.keep_alive_interval,
            timeout: self.options.client_timeout_interval,
            waits_for_ping: true,
            begins_with_ping: false,
        };
        let sockets = &mut reservation.sockets;
        let mut resumes = false;
        loop {
            let mut next = None;
            let interrupt = async {
                match sockets.recv().await {
                    Some(socket) => next = Some(socket),
                    None => std::future::pending().await,
                }
            };
            let end =
                session::run(link, &mut transport, read_buffer, timers, dispatcher, resumes, interrupt).await;
            let is_resumable =
                link.is_stateful && matches!(end, End::Lost(_) | End::TimedOut | End::Interrupted);
            if !is_resumable || link.outbox.is_ended() {
                return end;
            }
            let socket = match next {
                Some(socket) => Some(socket),
                None => tokio::select! {
                    socket = timeout(self.options.disconnect_timeout, sockets.recv()) => socket.ok().flatten(),
                    () = link.outbox.ended() => None,
                },
            };
            let Some(socket) = socket else { return end };
            transport = socket;
            resumes = true;
        }
    }
}
