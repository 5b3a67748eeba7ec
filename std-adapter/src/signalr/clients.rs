//! Those who are connected to a hub, and what is sent to them.

use super::connection::{self, CallError, Link, Outbound, lock};
use super::reconnect::Refused;
use super::{Call, EncodeError, Encoding, FromValue, Method, ToArguments};
use bytes::Bytes;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex};

/// One client, as its hub sees it.
#[derive(Clone)]
pub struct HubClient {
    pub(super) peer: Arc<Peer>,
    pub(super) clients: Clients,
}

/// What is known of one connection.
pub(super) struct Peer {
    pub(super) id: Arc<str>,
    pub(super) user: Option<Arc<str>>,
    pub(super) request: Option<http::request::Parts>,
    pub(super) link: Arc<Link>,
    /// The sets that it is in.
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
    /// The id of the connection.
    pub fn id(&self) -> &str {
        &self.peer.id
    }

    /// Who it is, if that was found out.
    pub fn user(&self) -> Option<&str> {
        self.peer.user.as_deref()
    }

    /// The request that the connection began with: its headers, its query, and what layers put into its extensions.
    /// None where it did not come over HTTP.
    pub fn request(&self) -> Option<&http::request::Parts> {
        self.peer.request.as_ref()
    }

    /// A header of that request, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request()?.headers.get(name)?.to_str().ok()
    }

    /// The encoding that it speaks.
    pub fn encoding(&self) -> Encoding {
        self.peer.link.encoding
    }

    /// All who are connected.
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// Whether it is still connected, as far as is known.
    pub fn is_connected(&self) -> bool {
        !self.peer.link.outbox.is_ended()
    }

    /// Calls a method of this client, without an answer. Waits until there is room.
    ///
    /// # Errors
    /// [`CallError::Encode`], [`CallError::Disconnected`].
    pub async fn send(&self, target: &str, arguments: impl ToArguments) -> Result<(), CallError> {
        connection::send(&self.peer.link, target, &arguments).await
    }

    /// The same for a call that knows its method.
    ///
    /// # Errors
    /// [`CallError::Encode`], [`CallError::Disconnected`].
    pub async fn send_call(&self, call: &impl Call) -> Result<(), CallError> {
        self.send(call.target(), call).await
    }

    /// Calls a method of this client, and waits for what it gives. Within a call of the same client this takes more
    /// than one that may run at a time, if the client makes other calls first.
    ///
    /// # Errors
    /// Any [`CallError`].
    pub async fn invoke<T: FromValue>(
        &self,
        target: &str,
        arguments: impl ToArguments,
    ) -> Result<T, CallError> {
        let (pending, _) = connection::start(&self.peer.link, target, &arguments, 0).await?;
        pending.await
    }

    /// The same for a call that knows its method and its result.
    ///
    /// # Errors
    /// Any [`CallError`].
    pub async fn call<M: Method>(&self, method: &M) -> Result<M::Result, CallError> {
        self.invoke(method.target(), method).await
    }

    /// Puts it into a group.
    pub fn join(&self, group: &str) {
        self.clients.enter(&self.peer, Set::Group(group.into()));
    }

    /// Takes it out of a group.
    pub fn leave(&self, group: &str) {
        self.clients.leave(&self.peer, &Set::Group(group.into()));
    }

    /// Says Close behind all that waits to be sent.
    pub fn close(&self, error: Option<&str>, allow_reconnect: bool) {
        let link = &self.peer.link;
        link.outbox.end(connection::close(link, error, allow_reconnect));
    }

    /// Ends the connection at once, without a word.
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

/// Those who have something in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Set {
    All,
    Group(Box<str>),
    User(Box<str>),
}

type Peers = HashMap<Arc<str>, Arc<Peer>>;

/// All who are connected to a hub.
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
            take_out(&mut all, peer, &set);
        }
    }

    fn enter(&self, peer: &Arc<Peer>, set: Set) {
        let mut all = lock(&self.sets);
        // Who has gone does not come back.
        if set != Set::All && !all.get(&Set::All).is_some_and(|peers| peers.contains_key(&peer.id)) {
            return;
        }
        lock(&peer.sets).insert(set.clone());
        all.entry(set).or_default().insert(peer.id.clone(), peer.clone());
    }

    fn leave(&self, peer: &Peer, set: &Set) {
        let mut all = lock(&self.sets);
        lock(&peer.sets).remove(set);
        take_out(&mut all, peer, set);
    }

    fn of(&self, set: &Set) -> Vec<Arc<Peer>> {
        lock(&self.sets).get(set).map(|peers| peers.values().cloned().collect()).unwrap_or_default()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        lock(&self.sets).get(&Set::All).map_or(0, HashMap::len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The one with this id.
    pub fn client(&self, id: &str) -> Option<HubClient> {
        let peer = lock(&self.sets).get(&Set::All)?.get(id)?.clone();
        Some(HubClient { peer, clients: self.clone() })
    }

    /// All of them.
    pub fn all(&self) -> Recipients<'_> {
        self.recipients(Set::All)
    }

    /// Those in a group.
    pub fn group(&self, group: &str) -> Recipients<'_> {
        self.recipients(Set::Group(group.into()))
    }

    /// The connections of a user.
    pub fn user(&self, user: &str) -> Recipients<'_> {
        self.recipients(Set::User(user.into()))
    }

    fn recipients(&self, set: Set) -> Recipients<'_> {
        Recipients { clients: self, set, except: Vec::new() }
    }

    pub(super) fn each(&self, mut what: impl FnMut(&Peer)) {
        for peer in self.of(&Set::All) {
            what(&peer);
        }
    }
}

fn take_out(all: &mut HashMap<Set, Peers>, peer: &Peer, set: &Set) {
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

/// Several clients that something is sent to.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent yet"]
pub struct Recipients<'a> {
    clients: &'a Clients,
    set: Set,
    except: Vec<&'a str>,
}

impl<'a> Recipients<'a> {
    /// Without the one with this id.
    pub fn except(mut self, id: &'a str) -> Self {
        self.except.push(id);
        self
    }

    /// They, one by one.
    pub fn clients(&self) -> Vec<HubClient> {
        let clients = self.clients;
        self.peers().map(|peer| HubClient { peer, clients: clients.clone() }).collect()
    }

    fn peers(&self) -> impl Iterator<Item = Arc<Peer>> {
        let peers = self.clients.of(&self.set);
        peers.into_iter().filter(|peer| !self.except.contains(&&*peer.id))
    }

    /// Calls a method of theirs, without an answer; says how many there are. It is written once for each encoding.
    ///
    /// This waits for nobody: a client for which more waits already than the options allow is too slow, and is
    /// disconnected.
    ///
    /// # Errors
    /// Any [`EncodeError`]: then nobody gets it who has that encoding.
    pub fn send(&self, target: &str, arguments: impl ToArguments) -> Result<usize, EncodeError> {
        let mut frames: [Option<Bytes>; 2] = [None, None];
        let mut count = 0;
        for peer in self.peers() {
            let encoding = peer.link.encoding;
            let [messagepack, json] = &mut frames;
            let known = if encoding == Encoding::MessagePack { messagepack } else { json };
            let frame = match known {
                Some(frame) => frame,
                None => known.insert(write(encoding, target, &arguments)?),
            };
            match peer.link.outbox.try_push(frame) {
                Ok(()) => count += 1,
                Err(Refused::Full) => peer.link.outbox.abort(),
                Err(Refused::Over) => {}
            }
        }
        Ok(count)
    }

    /// The same for a call that knows its method.
    ///
    /// # Errors
    /// Any [`EncodeError`].
    pub fn send_call(&self, call: &impl Call) -> Result<usize, EncodeError> {
        self.send(call.target(), call)
    }
}

fn write(encoding: Encoding, target: &str, arguments: &impl ToArguments) -> Result<Bytes, EncodeError> {
    let arguments = arguments.to_arguments(encoding)?;
    let arguments = arguments.as_arguments();
    connection::call_frame(encoding, None, &Outbound { target, arguments, stream_ids: &[], is_stream: false })
}
