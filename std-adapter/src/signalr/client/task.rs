//! The background task that keeps a client connected.

use super::connect::{self, Endpoint};
use super::error::ConnectError;
use super::events::{CloseReason, Event, EventHandler, EventSender};
use super::handshake::Established;
use super::options::ClientOptions;
use super::reconnect_policy::{ReconnectPolicy, Retry};
use crate::signalr::connection::link::Link;
use crate::signalr::connection::timers::{RESUME_TIMEOUT, Timers};
use crate::signalr::connection::transport::Transport;
use crate::signalr::connection::{End, encode, lock, session};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};

/// What a client shares with its task.
#[derive(Debug)]
pub(super) struct Shared {
    link: Mutex<Arc<Link>>,
    connection_id: Mutex<Option<String>>,
    /// Closed when the client requests the end of the connection.
    closing: Semaphore,
    /// Closed when the connection has ended.
    closed: Semaphore,
}

impl Shared {
    pub(super) fn new(connection: &Established) -> Self {
        Self {
            link: Mutex::new(connection.link.clone()),
            connection_id: Mutex::new(connection.connection_id.clone()),
            closing: Semaphore::new(0),
            closed: Semaphore::new(0),
        }
    }

    pub(super) fn link(&self) -> Arc<Link> {
        lock(&self.link).clone()
    }

    pub(super) fn connection_id(&self) -> Option<String> {
        lock(&self.connection_id).clone()
    }

    pub(super) fn close(&self) {
        self.closing.close();
        let link = self.link();
        link.outbox.end(encode::close(link.encoding, None, false));
    }

    /// Waits until the connection has ended.
    pub(super) async fn closed(&self) {
        // The semaphore has no permits: this returns when it is closed.
        let _ = self.closed.acquire().await;
    }
}

/// Runs a connection, and reconnects if the options allow it. Without an address it does not reconnect.
pub(super) async fn run(
    shared: Arc<Shared>,
    mut connection: Established,
    address: Option<String>,
    options: ClientOptions,
    events: EventSender,
) {
    let reason = loop {
        let end = run_connection(&mut connection, &options, &shared, &events).await;
        let link = &connection.link;
        let is_local = shared.closing.is_closed();
        link.outbox.abort();
        link.forget_all();
        let reason = if is_local { CloseReason::Local } else { CloseReason::new(end) };
        let policy = options.reconnect_policy.as_ref().filter(|_| reason.allows_reconnect());
        let (Some(policy), Some(address)) = (policy, &address) else { break reason };
        report(&shared, &events, Event::Reconnecting(reason.clone())).await;
        match reconnect(&shared, address, &options, policy).await {
            Ok(Some(next)) => connection = next,
            Ok(None) => break reason,
            Err(reason) => break reason,
        }
        *lock(&shared.link) = connection.link.clone();
        *lock(&shared.connection_id) = connection.connection_id.clone();
        if shared.closing.is_closed() {
            // The client was closed while it had no connection.
            shared.close();
        }
        let connection_id = connection.connection_id.clone();
        report(&shared, &events, Event::Reconnected { connection_id }).await;
    };
    shared.closed.close();
    // Nothing else waits for this task, so it may wait for the reader of events.
    let _ = events.send((Event::Closed(reason), None)).await;
}

/// Sends an event, unless the client is closing.
async fn report(shared: &Shared, events: &EventSender, event: Event) {
    tokio::select! {
        _ = events.send((event, None)) => {}
        _ = shared.closing.acquire() => {}
    }
}

/// Opens another connection. `None` if the policy gives up.
async fn reconnect(
    shared: &Shared,
    address: &str,
    options: &ClientOptions,
    policy: &ReconnectPolicy,
) -> Result<Option<Established>, CloseReason> {
    let lost = Instant::now();
    for attempts in 0.. {
        let Some(delay) = policy.delay(Retry { attempts, elapsed: lost.elapsed() }) else { break };
        let attempt = async {
            sleep(delay).await;
            Established::connect(address, options).await
        };
        tokio::select! {
            connected = attempt => {
                if let Ok(connection) = connected {
                    return Ok(Some(connection));
                }
            }
            _ = shared.closing.acquire() => return Err(CloseReason::Local),
        }
    }
    Ok(None)
}

/// Runs one connection, over several sockets with stateful reconnect.
async fn run_connection(
    connection: &mut Established,
    options: &ClientOptions,
    shared: &Shared,
    events: &EventSender,
) -> End {
    let timers = Timers {
        keep_alive: options.keep_alive_interval,
        timeout: options.server_timeout,
        waits_for_ping: false,
        begins_with_ping: true,
    };
    let link = connection.link.clone();
    let mut handler = EventHandler { link: link.clone(), events: events.clone() };
    let mut resumes = false;
    loop {
        let Established { transport, read_buffer, .. } = &mut *connection;
        let never = std::future::pending();
        let end = session::run(&link, transport, read_buffer, timers, &mut handler, resumes, never).await;
        let endpoint = connection.resume.as_ref().filter(|_| matches!(end, End::Lost(_) | End::TimedOut));
        let Some(endpoint) = endpoint.filter(|_| !link.outbox.is_ended()) else { return end };
        report(shared, events, Event::Resuming).await;
        let Some(transport) = resume(shared, endpoint, options).await else { return end };
        connection.transport = transport;
        resumes = true;
        report(shared, events, Event::Resumed).await;
    }
}

/// Opens another socket for the same connection. `None` if the server no longer knows it.
async fn resume(shared: &Shared, endpoint: &Endpoint, options: &ClientOptions) -> Option<Transport> {
    let attempts = async {
        let mut delay = Duration::ZERO;
        loop {
            sleep(delay).await;
            match connect::resume(endpoint, options).await {
                Ok(transport) => return Some(transport),
                Err(ConnectError::Status(404)) => return None,
                Err(_) => delay = (delay * 2).max(Duration::from_millis(250)),
            }
        }
    };
    tokio::select! {
        resumed = timeout(RESUME_TIMEOUT, attempts) => resumed.ok().flatten(),
        _ = shared.closing.acquire() => None,
    }
}
