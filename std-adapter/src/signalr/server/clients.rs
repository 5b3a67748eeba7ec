//! The clients of a hub, and calls to them.

use crate::signalr::connection::encode::{self, OutgoingCall};
use crate::signalr::connection::link::Link;
use crate::signalr::connection::outbox::PushError;
use crate::signalr::connection::{invoke, lock};
use crate::signalr::{Call, CallError, Encoding, FromValue, Method, SendError, ToArguments, WriteError};
use bytes::Bytes;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex};

/// A client of a hub. Clones are the same client.
#[derive(Clone)]
pub struct HubClient {
    pub(super) peer: Arc<Peer>,
    pub(super) clients: Clients,
}

/// The server's state of one connection.
pub(super) struct Peer {
    pub(super) id: Arc<str>,
    pub(super) user: Option<Arc<str>>,
    pub(super) request: Option<http::request::Parts>,
    pub(super) link: Arc<Link>,
    /// The sets that contain it.
    sets: Mutex<HashSet<Set>>,
}

impl Peer {
    pub(super) fn new(
        id: Arc<str>,
        user: Option<Arc<str>>,
        request: Option<http::request::Parts>,
        link: Arc<Link>,
    ) -> Self {
        Self { id, user, request, link, sets: Mutex::default() }
    }
}

impl HubClient {
    /// The public id of the connection.
    pub fn id(&self) -> &str {
        &self.peer.id
    }

    /// The authenticated user, if any.
    pub fn user(&self) -> Option<&str> {
        self.peer.user.as_deref()
    }

    /// The HTTP request of the connection, with its headers, query, and the extensions that layers have
    /// added. `None` without HTTP.
    pub fn request(&self) -> Option<&http::request::Parts> {
        self.peer.request.as_ref()
    }

    /// A header of [`request`](Self::request). `None` if it is missing, or not ASCII text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request()?.headers.get(name)?.to_str().ok()
    }

    /// The encoding of the connection.
    pub fn encoding(&self) -> Encoding {
        self.peer.link.encoding
    }

    /// All clients of the hub.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// Whether the client is connected, as far as is known: a broken socket may not have been noticed yet.
    pub fn is_connected(&self) -> bool {
        !self.peer.link.outbox.is_ended()
    }

    /// Queues a call of a method of this client, without a result. Waits while the send buffer is full.
    ///
    /// Use [`Recipients::broadcast`] for several clients.
    ///
    /// # Errors
    /// [`SendError`]
    pub async fn send(&self, target: &str, arguments: impl ToArguments) -> Result<(), SendError> {
        invoke::send(&self.peer.link, target, &arguments).await
    }

    /// Queues a typed call, as [`send`](Self::send).
    ///
    /// # Errors
    /// [`SendError`]
    pub async fn send_call(&self, call: &impl Call) -> Result<(), SendError> {
        self.send(call.target(), call).await
    }

    /// Calls a method of this client and waits for its result.
    ///
    /// If a hub method calls its own caller, the client may have made other calls first. Set
    /// [`maximum_parallel_invocations_per_client`](super::ServerOptions::maximum_parallel_invocations_per_client)
    /// above 1, or spawn a task, so that those calls do not wait for this one.
    ///
    /// # Errors
    /// [`CallError`]
    pub async fn invoke<T: FromValue>(
        &self,
        target: &str,
        arguments: impl ToArguments,
    ) -> Result<T, CallError> {
        let (pending, _) = invoke::start(&self.peer.link, target, &arguments, 0).await?;
        pending.await
    }

    /// Calls a typed method and waits for its result, as [`invoke`](Self::invoke).
    ///
    /// # Errors
    /// [`CallError`]
    pub async fn call<M: Method>(&self, method: &M) -> Result<M::Result, CallError> {
        self.invoke(method.target(), method).await
    }

    /// Adds the client to a group. Does nothing if it has disconnected.
    pub fn join(&self, group: &str) {
        self.clients.enter(&self.peer, Set::Group(group.into()));
    }

    /// Removes the client from a group.
    pub fn leave(&self, group: &str) {
        self.clients.leave(&self.peer, &Set::Group(group.into()));
    }

    /// Sends a Close message after the queued messages, and ends the connection. Does not wait for it.
    pub fn close(&self, error: Option<&str>, allow_reconnect: bool) {
        let link = &self.peer.link;
        link.outbox.end(encode::close(link.encoding, error, allow_reconnect));
    }

    /// Ends the connection immediately. Queued messages are dropped, and no Close message is sent.
    pub fn abort(&self) {
        self.peer.link.outbox.abort();
    }
}

impl fmt::Debug for HubClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubClient")
            .field("id", &self.peer.id)
            .field("user", &self.peer.user)
            .finish_non_exhaustive()
    }
}

/// A set of clients.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Set {
    All,
    Group(Box<str>),
    User(Box<str>),
}

type Peers = HashMap<Arc<str>, Arc<Peer>>;

/// All clients of a hub. Clones share them.
#[derive(Clone, Default)]
pub struct Clients {
    sets: Arc<Mutex<HashMap<Set, Peers>>>,
}

impl Clients {
    pub(super) fn add(&self, peer: &Arc<Peer>) {
        self.enter(peer, Set::All);
        if let Some(user) = &peer.user {
            self.enter(peer, Set::User((**user).into()));
        }
    }

    pub(super) fn remove(&self, peer: &Peer) {
        let mut all = lock(&self.sets);
        for set in lock(&peer.sets).drain() {
            remove_from(&mut all, peer, &set);
        }
    }

    fn enter(&self, peer: &Arc<Peer>, set: Set) {
        let mut all = lock(&self.sets);
        // A disconnected client stays removed.
        if set != Set::All && !all.get(&Set::All).is_some_and(|peers| peers.contains_key(&peer.id)) {
            return;
        }
        lock(&peer.sets).insert(set.clone());
        all.entry(set).or_default().insert(peer.id.clone(), peer.clone());
    }

    fn leave(&self, peer: &Peer, set: &Set) {
        let mut all = lock(&self.sets);
        lock(&peer.sets).remove(set);
        remove_from(&mut all, peer, set);
    }

    fn of(&self, set: &Set) -> Vec<Arc<Peer>> {
        lock(&self.sets).get(set).map(|peers| peers.values().cloned().collect()).unwrap_or_default()
    }

    /// The number of clients.
    pub fn len(&self) -> usize {
        lock(&self.sets).get(&Set::All).map_or(0, HashMap::len)
    }

    /// Whether no client is connected.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The client with this connection id.
    pub fn client(&self, id: &str) -> Option<HubClient> {
        let peer = lock(&self.sets).get(&Set::All)?.get(id)?.clone();
        Some(HubClient { peer, clients: self.clone() })
    }

    /// All clients.
    pub fn all(&self) -> Recipients<'_> {
        self.recipients(Set::All)
    }

    /// The clients in a group.
    pub fn group(&self, group: &str) -> Recipients<'_> {
        self.recipients(Set::Group(group.into()))
    }

    /// All connections of a user.
    pub fn user(&self, user: &str) -> Recipients<'_> {
        self.recipients(Set::User(user.into()))
    }

    fn recipients(&self, set: Set) -> Recipients<'_> {
        Recipients { clients: self, set, except: Vec::new() }
    }
}

fn remove_from(all: &mut HashMap<Set, Peers>, peer: &Peer, set: &Set) {
    if let Some(peers) = all.get_mut(set) {
        peers.remove(&peer.id);
        if peers.is_empty() {
            all.remove(set);
        }
    }
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// The clients that receive a broadcast.
#[derive(Clone, Debug)]
#[must_use = "call `broadcast` to send something"]
pub struct Recipients<'a> {
    clients: &'a Clients,
    set: Set,
    except: Vec<&'a str>,
}

impl<'a> Recipients<'a> {
    /// Excludes the client with this connection id.
    pub fn except(mut self, id: &'a str) -> Self {
        self.except.push(id);
        self
    }

    /// The clients.
    pub fn clients(&self) -> Vec<HubClient> {
        let clients = self.clients;
        self.peers().map(|peer| HubClient { peer, clients: clients.clone() }).collect()
    }

    fn peers(&self) -> impl Iterator<Item = Arc<Peer>> {
        let peers = self.clients.of(&self.set);
        peers.into_iter().filter(|peer| !self.except.contains(&&*peer.id))
    }

    /// Queues a call of a method of these clients, without a result. Returns the number of clients it was
    /// queued for.
    ///
    /// The call is encoded once for each encoding. This never waits: a client whose queue would exceed
    /// [`broadcast_limit`](super::ServerOptions::broadcast_limit) is too slow and is disconnected.
    ///
    /// # Errors
    /// [`WriteError`] if the call cannot be encoded for one of the clients. Clients with another encoding may
    /// have received it.
    pub fn broadcast(&self, target: &str, arguments: impl ToArguments) -> Result<usize, WriteError> {
        let call = OutgoingCall { target, ..OutgoingCall::default() };
        let mut frames: [Option<Bytes>; 2] = [None, None];
        let mut count = 0;
        for peer in self.peers() {
            let encoding = peer.link.encoding;
            let [messagepack, json] = &mut frames;
            let cached = if encoding == Encoding::MessagePack { messagepack } else { json };
            let frame = match cached {
                Some(frame) => frame,
                None => cached.insert(call.frame(encoding, &arguments)?),
            };
            match peer.link.outbox.try_push(frame) {
                Ok(()) => count += 1,
                Err(PushError::Full) => peer.link.outbox.abort(),
                Err(PushError::Closed) => {}
            }
        }
        Ok(count)
    }

    /// Queues a typed call, as [`broadcast`](Self::broadcast).
    ///
    /// # Errors
    /// [`WriteError`]
    pub fn broadcast_call(&self, call: &impl Call) -> Result<usize, WriteError> {
        self.broadcast(call.target(), call)
    }
}
