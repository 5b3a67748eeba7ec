//! The server: connections to a hub, from their negotiation to their end.

use super::clients::{Clients, HubClient, Peer};
use super::connection::{
    self, Buffers, End, FrameError, Handler, HandshakeFailure, Link, ReadBuffer, ReceivedCall, Room, Timers,
    lock,
};
use super::hub::{Hub, HubCall, HubError, ItemSender, Reply};
use super::negotiate::{AvailableTransport, NegotiateResponse, VERSION};
use super::transport::{Outgoing, Transport};
use super::{Encoding, HandshakeRequest, HandshakeResponse, LARGEST_FRAME, Text};
use crate::wire::{Json, JsonSyntax};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, SinkExt, StreamExt};
use std::collections::HashMap;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

/// How long the other end has to take what is said before the end.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// What a server takes, and how long it waits.
///
/// What a client makes it keep is bounded: one message, `waiting_invocations` more, `streams` streams with `items`
/// each, and what waits to be sent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServerOptions {
    /// How clients may write messages: both.
    pub encodings: Vec<Encoding>,
    /// Whether clients may go on with a connection on another socket: no.
    pub stateful_reconnect: bool,
    /// A Ping is sent after this long without sending: 15 seconds.
    pub keep_alive: Duration,
    /// A client counts as gone after this long without anything coming, once it has sent a Ping: 30 seconds.
    pub client_timeout: Duration,
    /// How long the handshake may take: 15 seconds.
    pub handshake_timeout: Duration,
    /// How long a connection is kept that has no socket: 15 seconds.
    pub disconnect_timeout: Duration,
    /// The most bytes of a message, with its length in front or its end behind: 32,768.
    pub largest_message: usize,
    /// How many calls of a client run at once: 1, and so in order.
    pub parallel_invocations: usize,
    /// How many more calls of a client wait, before the rest of what it says waits, too: 16.
    pub waiting_invocations: usize,
    /// How many streams a client may have in each direction: 64.
    pub streams: usize,
    /// How many items of a client's stream wait, before the rest of what it says waits, too: 10.
    pub items: usize,
    /// The most bytes that wait to be sent to one client before who sends waits, too: 64 KiB.
    pub send_buffer: usize,
    /// The most bytes that wait to be sent to one client before it counts as too slow for what is sent to many, and
    /// is disconnected: 1 MiB.
    pub send_limit: usize,
    /// How many connections there may be, with those that were negotiated and did not come yet: 65,536.
    pub connections: usize,
    /// Whether callers are told of errors that are the hub's own affair: no.
    pub detailed_errors: bool,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            encodings: vec![Encoding::MessagePack, Encoding::Json],
            stateful_reconnect: false,
            keep_alive: Duration::from_secs(15),
            client_timeout: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(15),
            disconnect_timeout: Duration::from_secs(15),
            largest_message: LARGEST_FRAME,
            parallel_invocations: 1,
            waiting_invocations: 16,
            streams: 64,
            items: 10,
            send_buffer: 64 << 10,
            send_limit: 1 << 20,
            connections: 1 << 16,
            detailed_errors: false,
        }
    }
}

/// A hub and its connections. Clones are the same server.
pub struct Server<H> {
    inner: Arc<Inner<H>>,
}

struct Inner<H> {
    hub: H,
    options: ServerOptions,
    clients: Clients,
    slots: Mutex<HashMap<Box<str>, Slot>>,
}

/// A connection that is known by its token.
struct Slot {
    id: Arc<str>,
    user: Option<Arc<str>>,
    is_stateful: bool,
    /// Takes further sockets, once there was a first one.
    sockets: Option<mpsc::Sender<Transport>>,
}

/// What a token gives.
pub(super) enum Claim<H> {
    /// A connection that begins.
    New(Ticket<H>),
    /// A connection that goes on.
    Known(mpsc::Sender<Transport>),
}

/// Why a token gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Denied {
    /// There is no such connection.
    Unknown,
    /// It has a socket already.
    InUse,
    /// It is somebody else's.
    Forbidden,
    /// There are too many.
    Full,
    /// The operating system has no random numbers.
    NoRandom,
}

/// The right to begin a connection; given back when it ends.
pub(super) struct Ticket<H> {
    inner: Arc<Inner<H>>,
    token: Box<str>,
    id: Arc<str>,
    user: Option<Arc<str>>,
    is_stateful: bool,
    sockets: mpsc::Receiver<Transport>,
}

impl<H> Drop for Ticket<H> {
    fn drop(&mut self) {
        lock(&self.inner.slots).remove(&self.token);
    }
}

/// An id that nobody guesses.
fn random_id() -> Result<String, Denied> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| Denied::NoRandom)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl<H> Clone for Server<H> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

impl<H> fmt::Debug for Server<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("clients", &self.inner.clients).finish_non_exhaustive()
    }
}

impl<H: Hub> Server<H> {
    /// A server for a hub.
    pub fn new(hub: H, options: ServerOptions) -> Self {
        let (clients, slots) = (Clients::default(), Mutex::default());
        Self { inner: Arc::new(Inner { hub, options, clients, slots }) }
    }

    /// The hub.
    pub fn hub(&self) -> &H {
        &self.inner.hub
    }

    /// Those who are connected.
    pub fn clients(&self) -> &Clients {
        &self.inner.clients
    }

    /// Says Close to all who are connected, behind all that waits to be sent to them.
    pub fn close(&self, error: Option<&str>, allow_reconnect: bool) {
        self.inner
            .clients
            .each(|peer| peer.link.outbox.end(connection::close(&peer.link, error, allow_reconnect)));
    }

    /// Carries a connection that did not come over HTTP, or of which HTTP was somebody else's affair, until it ends.
    /// It begins with the handshake.
    pub async fn serve(&self, transport: Transport) {
        self.serve_request(transport, None, None).await;
    }

    /// The same with the request that it came with, and who it is.
    pub async fn serve_request(
        &self,
        transport: Transport,
        request: Option<http::request::Parts>,
        user: Option<&str>,
    ) {
        // Where there are too many, one is as good as another.
        if let Ok(ticket) = self.begin(user.map(Arc::from)) {
            ticket.serve(transport, request).await;
        }
    }

    pub(super) fn largest_message(&self) -> usize {
        self.inner.options.largest_message
    }

    /// Answers to a negotiation.
    pub(super) fn negotiate(
        &self,
        version: u32,
        wants_stateful: bool,
        user: Option<Arc<str>>,
    ) -> Result<NegotiateResponse, Denied> {
        let version = version.min(VERSION);
        let id: Arc<str> = random_id()?.into();
        let token = if version == 0 { String::from(&*id) } else { random_id()? };
        let is_stateful = wants_stateful && self.inner.options.stateful_reconnect;
        self.reserve(&token, Slot { id: id.clone(), user, is_stateful, sockets: None })?;
        let (weak, key, wait) =
            (Arc::downgrade(&self.inner), Box::from(token.as_str()), self.inner.options.disconnect_timeout);
        tokio::spawn(async move {
            sleep(wait).await;
            let Some(inner) = weak.upgrade() else { return };
            let mut slots = lock(&inner.slots);
            if slots.get(&key).is_some_and(|slot: &Slot| slot.sockets.is_none()) {
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

    fn reserve(&self, token: &str, slot: Slot) -> Result<(), Denied> {
        let mut slots = lock(&self.inner.slots);
        if slots.len() >= self.inner.options.connections {
            return Err(Denied::Full);
        }
        slots.insert(token.into(), slot);
        Ok(())
    }

    /// A connection without a negotiation.
    pub(super) fn begin(&self, user: Option<Arc<str>>) -> Result<Ticket<H>, Denied> {
        let (id, token): (Arc<str>, _) = (random_id()?.into(), random_id()?);
        let (sender, sockets) = mpsc::channel(1);
        let slot = Slot { id: id.clone(), user: user.clone(), is_stateful: false, sockets: Some(sender) };
        self.reserve(&token, slot)?;
        let inner = self.inner.clone();
        Ok(Ticket { inner, token: token.into(), id, user, is_stateful: false, sockets })
    }

    /// The connection with this token.
    pub(super) fn claim(&self, token: &str, user: Option<&str>) -> Result<Claim<H>, Denied> {
        let mut slots = lock(&self.inner.slots);
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
                let (inner, token) = (self.inner.clone(), token.into());
                let (id, user, is_stateful) = (slot.id.clone(), slot.user.clone(), slot.is_stateful);
                Ok(Claim::New(Ticket { inner, token, id, user, is_stateful, sockets }))
            }
        }
    }
}

impl<H: Hub> Ticket<H> {
    /// Carries the connection until it ends.
    pub(super) async fn serve(mut self, mut transport: Transport, request: Option<http::request::Parts>) {
        let inner = self.inner.clone();
        let options = &inner.options;
        let mut read_buffer = ReadBuffer::new(options.largest_message);
        let Some((encoding, version)) = handshake(&mut transport, &mut read_buffer, options).await else {
            return;
        };
        read_buffer.begin(encoding);
        let buffers = Buffers { soft: options.send_buffer, hard: options.send_limit, items: options.items };
        let link = Arc::new(Link::new(encoding, self.is_stateful && version >= 2, buffers));
        if !link.is_stateful {
            // What was negotiated was not taken up: another socket would be one too many.
            if let Some(slot) = lock(&inner.slots).get_mut(&self.token) {
                slot.is_stateful = false;
            }
        }
        let peer = Arc::new(Peer::new(self.id.clone(), self.user.clone(), request, link.clone()));
        let client = HubClient { peer: peer.clone(), clients: inner.clients.clone() };
        inner.clients.add(&peer);

        let (jobs, queue) = link.channel(options.waiting_invocations);
        let streams = Arc::new(Streams::default());
        let worker = tokio::spawn(work(inner.clone(), client.clone(), queue, streams.clone()));
        let mut handler =
            Dispatch { link: link.clone(), jobs, streams: streams.clone(), most: options.streams };
        let end = self.carry(transport, &mut read_buffer, &link, &mut handler).await;

        link.outbox.abort();
        link.forget_all();
        streams.abort_all();
        inner.clients.remove(&peer);
        drop(handler);
        // What runs is let end, and then nothing of this client runs any more.
        let was_let_in = worker.await.unwrap_or(true);
        streams.abort_all();
        if was_let_in {
            let error = match end {
                End::Closed { error, .. } => error,
                End::Lost(error) => Some(error.to_string().into()),
                End::TimedOut => Some("nothing has come for too long".into()),
                End::Malformed(damaged) => Some(damaged.to_string().into()),
                End::Disconnected | End::Ended | End::Interrupted => None,
            };
            let told = AssertUnwindSafe(inner.hub.on_disconnected(&client, error.as_deref())).catch_unwind();
            // A hub that panics has said so by itself.
            let _ = told.await;
        }
    }

    /// Carries it over as many sockets as it takes.
    async fn carry(
        &mut self,
        mut transport: Transport,
        read_buffer: &mut ReadBuffer,
        link: &Arc<Link>,
        handler: &mut Dispatch,
    ) -> End {
        let inner = self.inner.clone();
        let options = &inner.options;
        let timers = Timers {
            keep_alive: options.keep_alive,
            timeout: options.client_timeout,
            waits_for_ping: true,
            begins_with_ping: false,
        };
        let mut resumes = false;
        loop {
            let mut next = None;
            let another = async {
                match self.sockets.recv().await {
                    Some(socket) => next = Some(socket),
                    None => std::future::pending().await,
                }
            };
            let end =
                connection::run(link, &mut transport, read_buffer, timers, handler, resumes, another).await;
            let is_resumable =
                link.is_stateful && matches!(end, End::Lost(_) | End::TimedOut | End::Interrupted);
            if !is_resumable || link.outbox.is_ended() {
                return end;
            }
            let socket = match next {
                Some(socket) => Some(socket),
                None => tokio::select! {
                    socket = timeout(options.disconnect_timeout, self.sockets.recv()) => socket.ok().flatten(),
                    () = link.outbox.ended() => None,
                },
            };
            let Some(socket) = socket else { return end };
            transport = socket;
            resumes = true;
        }
    }
}

/// Makes the handshake: the encoding and the version, where there is to be a connection.
async fn handshake(
    transport: &mut Transport,
    read_buffer: &mut ReadBuffer,
    options: &ServerOptions,
) -> Option<(Encoding, i64)> {
    let record = timeout(options.handshake_timeout, read_buffer.handshake(&mut transport.incoming)).await;
    let agreed = match record {
        Err(_) => Err(String::from("The handshake did not come in time.")),
        Ok(Err(HandshakeFailure::Lost(error))) if error.kind() == std::io::ErrorKind::InvalidData => {
            Err(format!("The handshake can't be read: {error}."))
        }
        Ok(Err(HandshakeFailure::Lost(_))) => return None,
        Ok(Err(HandshakeFailure::Malformed(error))) => Err(format!("The handshake can't be read: {error}.")),
        Ok(Ok(record)) => agree(&record, options),
    };
    let (encoding, error) = match &agreed {
        Ok((encoding, _)) => (*encoding, None),
        // As text, since no encoding is agreed.
        Err(error) => (Encoding::Json, serde_json::to_string(error).ok()),
    };
    let error = error.as_deref().and_then(|error| Json::parse(error, JsonSyntax::STRICT).ok());
    let response = HandshakeResponse { error: error.and_then(|error| error.as_text()) };
    let response = connection::record(|out| response.write(out));
    let sent = timeout(CLOSE_TIMEOUT, transport.outlet.send(Outgoing::new(response, encoding))).await;
    match agreed {
        Ok(agreed) => matches!(sent, Ok(Ok(()))).then_some(agreed),
        Err(_) => {
            let _ = timeout(CLOSE_TIMEOUT, transport.outlet.close()).await;
            None
        }
    }
}

fn agree(record: &[u8], options: &ServerOptions) -> Result<(Encoding, i64), String> {
    let request =
        HandshakeRequest::read(record).map_err(|error| format!("The handshake can't be read: {error}."))?;
    let encoding = request.encoding().filter(|encoding| options.encodings.contains(encoding));
    let name = Text::from(request.protocol);
    let encoding = encoding.ok_or_else(|| format!("The hub does not speak '{name}'."))?;
    if request.version > 2 {
        return Err(format!("The hub does not speak version {} of '{name}'.", request.version));
    }
    Ok((encoding, request.version))
}

/// What a client wants, in the order in which it said so.
enum Job {
    Call(HubCall, Room),
    /// Ends a stream that was not begun when that was said.
    Cancel(Box<str>),
}

/// Queues what a client calls.
struct Dispatch {
    link: Arc<Link>,
    jobs: mpsc::Sender<Job>,
    streams: Arc<Streams>,
    most: usize,
}

impl Handler for Dispatch {
    async fn call(&mut self, call: ReceivedCall, room: Room) {
        let (id, target) = (call.invocation_id().map(Box::<str>::from), Box::<str>::from(call.target()));
        let Some(call) = HubCall::new(call, &self.link, self.most) else {
            if let Some(id) = id {
                let text = format!("'{target}' has more streams than the hub takes.");
                // Where it is over nobody waits.
                let _ = self.link.send(connection::completion(&self.link, &id, Err(&text))).await;
            }
            return;
        };
        // Whoever is not let in is answered by the end of the connection.
        let _ = self.jobs.send(Job::Call(call, room)).await;
    }

    async fn cancel(&mut self, id: &str) {
        if !self.streams.cancel(id) {
            let _ = self.jobs.send(Job::Cancel(id.into())).await;
        }
    }

    async fn unexpected(&mut self, _: &'static str, _: &str) {}

    async fn damaged(&mut self, _: FrameError) -> bool {
        false
    }
}

/// The streams that a client gets.
#[derive(Default)]
struct Streams(Mutex<HashMap<Box<str>, AbortHandle>>);

impl Streams {
    fn cancel(&self, id: &str) -> bool {
        match lock(&self.0).remove(id) {
            Some(stream) => {
                stream.abort();
                true
            }
            None => false,
        }
    }

    fn abort_all(&self) {
        for (_, stream) in lock(&self.0).drain() {
            stream.abort();
        }
    }
}

/// Does what a client wants; whether it was let in.
async fn work<H: Hub>(
    inner: Arc<Inner<H>>,
    client: HubClient,
    mut jobs: mpsc::Receiver<Job>,
    streams: Arc<Streams>,
) -> bool {
    let detailed = inner.options.detailed_errors;
    let connected = AssertUnwindSafe(inner.hub.on_connected(&client)).catch_unwind().await;
    if let Err(error) = connected.unwrap_or_else(|_| Err(panicked())) {
        client.close(Some(&error.close_text(detailed)), false);
        return false;
    }
    let most = inner.options.parallel_invocations.max(1);
    let mut running = FuturesUnordered::new();
    loop {
        tokio::select! {
            job = jobs.recv(), if running.len() < most => match job {
                None => break,
                // Nobody is left to be answered.
                Some(_) if !client.is_connected() => {}
                Some(Job::Cancel(id)) => drop(streams.cancel(&id)),
                Some(Job::Call(call, room)) => {
                    drop(room);
                    if call.is_stream() {
                        start_stream(&inner, &client, call, &streams).await;
                    } else {
                        running.push(invoke(&inner, &client, call));
                    }
                }
            },
            Some(()) = running.next(), if !running.is_empty() => {}
        }
    }
    while running.next().await.is_some() {}
    true
}

fn panicked() -> HubError {
    HubError::internal("the hub panicked")
}

async fn invoke<H: Hub>(inner: &Inner<H>, client: &HubClient, call: HubCall) {
    let result = AssertUnwindSafe(inner.hub.invoke(client, &call)).catch_unwind().await;
    let result = result.unwrap_or_else(|_| Err(panicked()));
    let Some(id) = call.invocation_id() else { return };
    let link = &client.peer.link;
    let frame = match &result {
        Ok(Reply(value)) => connection::completion(link, id, Ok(Some(value))),
        Err(error) => {
            connection::completion(link, id, Err(&error.text(&call, inner.options.detailed_errors)))
        }
    };
    // A value of the other encoding, which a hub has made up.
    let frame = frame.or_else(|error| {
        let text = HubError::from(error).text(&call, inner.options.detailed_errors);
        connection::completion(link, id, Err(&text))
    });
    // Where it is over nobody waits.
    let _ = link.send(frame).await;
}

async fn start_stream<H: Hub>(
    inner: &Arc<Inner<H>>,
    client: &HubClient,
    call: HubCall,
    streams: &Arc<Streams>,
) {
    let Some(id) = call.invocation_id().map(Box::<str>::from) else { return };
    let refused = {
        let mut running = lock(&streams.0);
        let is_refused = running.len() >= inner.options.streams || running.contains_key(&id);
        if !is_refused {
            // It can't end before it is known, since that takes the lock.
            let task = tokio::spawn(stream(inner.clone(), client.clone(), call, id.clone(), streams.clone()));
            running.insert(id.clone(), task.abort_handle());
        }
        is_refused
    };
    if refused {
        let link = &client.peer.link;
        let _ = link
            .send(connection::completion(link, &id, Err("The hub has no room for another stream.")))
            .await;
    }
}

async fn stream<H: Hub>(
    inner: Arc<Inner<H>>,
    client: HubClient,
    call: HubCall,
    id: Box<str>,
    streams: Arc<Streams>,
) {
    let link = &client.peer.link;
    let mut items = ItemSender::new(link.clone(), &id);
    let result = AssertUnwindSafe(inner.hub.stream(&client, &call, &mut items)).catch_unwind().await;
    let frame = match result.unwrap_or_else(|_| Err(panicked())) {
        Ok(()) => connection::completion(link, &id, Ok(None)),
        Err(error) => {
            connection::completion(link, &id, Err(&error.text(&call, inner.options.detailed_errors)))
        }
    };
    let _ = link.send(frame).await;
    lock(&streams.0).remove(&id);
}
