//! The connections of a server, by their tokens.

use crate::signalr::Transport;
use crate::signalr::connection::lock;
use crate::signalr::negotiate::{AvailableTransport, NegotiateResponse, VERSION};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// All connections of a server, including negotiated ones without a socket.
pub(super) struct Registry {
    slots: Mutex<HashMap<Box<str>, Slot>>,
    capacity: usize,
}

/// A connection that a token identifies.
struct Slot {
    id: Arc<str>,
    user: Option<Arc<str>>,
    is_stateful: bool,
    /// Accepts further sockets once the connection has its first one.
    sockets: Option<mpsc::Sender<Transport>>,
}

/// What a socket with a token does.
pub(super) enum Claim {
    /// It starts this connection.
    New(Reservation),
    /// It continues a connection, which receives the socket here.
    Known(mpsc::Sender<Transport>),
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// The token is unknown.
    Unknown,
    /// The connection has a socket and cannot be resumed.
    InUse,
    /// The connection belongs to another user.
    Forbidden,
    /// The server has its maximum number of connections.
    Full,
    /// The operating system provides no random numbers.
    NoRandom,
}

/// A place for a connection, released when dropped.
pub(super) struct Reservation {
    registry: Arc<Registry>,
    token: Box<str>,
    pub(super) id: Arc<str>,
    pub(super) user: Option<Arc<str>>,
    pub(super) is_stateful: bool,
    /// Receives further sockets, with stateful reconnect.
    pub(super) sockets: mpsc::Receiver<Transport>,
}

impl Reservation {
    /// Refuses further sockets.
    pub(super) fn forbid_resuming(&self) {
        if let Some(slot) = lock(&self.registry.slots).get_mut(&self.token) {
            slot.is_stateful = false;
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        lock(&self.registry.slots).remove(&self.token);
    }
}

/// 128 random bits in hexadecimal.
fn random_id() -> Result<String, Denied> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| Denied::NoRandom)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl Registry {
    pub(super) fn new(capacity: usize) -> Self {
        Self { slots: Mutex::default(), capacity }
    }

    fn insert(&self, token: &str, slot: Slot) -> Result<(), Denied> {
        let mut slots = lock(&self.slots);
        if slots.len() >= self.capacity {
            return Err(Denied::Full);
        }
        slots.insert(token.into(), slot);
        Ok(())
    }

    /// Answers a negotiation. The connection is dropped if it has no socket within `timeout`.
    pub(super) fn negotiate(
        self: &Arc<Self>,
        version: u32,
        is_stateful: bool,
        user: Option<Arc<str>>,
        timeout: Duration,
    ) -> Result<NegotiateResponse, Denied> {
        let version = version.min(VERSION);
        let id: Arc<str> = random_id()?.into();
        let token = if version == 0 { String::from(&*id) } else { random_id()? };
        self.insert(&token, Slot { id: id.clone(), user, is_stateful, sockets: None })?;
        let (registry, key) = (Arc::downgrade(self), Box::<str>::from(token.as_str()));
        tokio::spawn(async move {
            sleep(timeout).await;
            let Some(registry) = registry.upgrade() else { return };
            let mut slots = lock(&registry.slots);
            if slots.get(&key).is_some_and(|slot| slot.sockets.is_none()) {
                slots.remove(&key);
            }
        });
        Ok(NegotiateResponse {
            negotiate_version: Some(version),
            connection_id: Some(String::from(&*id)),
            connection_token: (version > 0).then_some(token),
            use_stateful_reconnect: is_stateful.then_some(true),
            available_transports: vec![AvailableTransport::web_sockets()],
            ..NegotiateResponse::default()
        })
    }

    /// Reserves a connection without a negotiation.
    pub(super) fn reserve(self: &Arc<Self>, user: Option<Arc<str>>) -> Result<Reservation, Denied> {
        let (id, token): (Arc<str>, _) = (random_id()?.into(), random_id()?);
        let (sender, sockets) = mpsc::channel(1);
        let slot = Slot { id: id.clone(), user: user.clone(), is_stateful: false, sockets: Some(sender) };
        self.insert(&token, slot)?;
        let (registry, token) = (self.clone(), token.into());
        Ok(Reservation { registry, token, id, user, is_stateful: false, sockets })
    }

    /// Finds the connection of a token.
    pub(super) fn claim(self: &Arc<Self>, token: &str, user: Option<&str>) -> Result<Claim, Denied> {
        let mut slots = lock(&self.slots);
        let slot = slots.get_mut(token).ok_or(Denied::Unknown)?;
        if slot.user.as_deref() != user {
            return Err(Denied::Forbidden);
        }
        match &slot.sockets {
            Some(sockets) if slot.is_stateful => Ok(Claim::Known(sockets.clone())),
            Some(_) => Err(Denied::InUse),
            None => {
                let (sender, sockets) = mpsc::channel(1);
                slot.sockets = Some(sender);
                let (registry, token) = (self.clone(), token.into());
                let (id, user, is_stateful) = (slot.id.clone(), slot.user.clone(), slot.is_stateful);
                Ok(Claim::New(Reservation { registry, token, id, user, is_stateful, sockets }))
            }
        }
    }
}
