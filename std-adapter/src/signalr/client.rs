//! The client: calls to a hub, and what the hub calls.

use super::connect::{self, Connected, Place};
use super::connection::{
    self, Buffers, CallError, End, FrameError, Handler, HandshakeFailure, Link, Pending, RESUMABLE,
    ReadBuffer, ReceivedCall, Room, Timers, lock,
};
use super::stream::{Items, Upload};
use super::transport::{Outgoing, Transport};
use super::{
    Call, Encoding, FromValue, HandshakeRequest, HandshakeResponse, LARGEST_FRAME, Method, OwnedValue,
    ToArguments, ToValue,
};
use crate::wire;
use futures_util::SinkExt;
use std::fmt;
use std::io;
use std::ops::Deref;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, sleep, timeout};

type Provided = Pin<Box<dyn Future<Output = Result<String, Box<str>>> + Send>>;
type TokenProvider = Arc<dyn Fn() -> Provided + Send + Sync>;
type Delay = Arc<dyn Fn(Retry) -> Option<Duration> + Send + Sync>;

/// How a client connects, and what it keeps.
///
/// What the other end makes it keep is bounded: one message of up to `largest_message`, and as many events, and
/// items of each stream, as are said here.
#[derive(Clone)]
#[non_exhaustive]
pub struct ClientOptions {
    /// How messages are written: what the hub takes.
    pub encoding: Encoding,
    /// Headers of the requests over HTTP.
    pub headers: Vec<(String, String)>,
    /// Whether to open the WebSocket without asking first.
    pub skip_negotiation: bool,
    /// Whether to ask for stateful reconnect: where the socket breaks, another one goes on with nothing lost.
    pub stateful_reconnect: bool,
    /// A Ping is sent after this long without sending: 15 seconds.
    pub keep_alive: Duration,
    /// The connection counts as lost after this long without anything coming: 30 seconds.
    pub server_timeout: Duration,
    /// How long each step of connecting may take: 15 seconds.
    pub handshake_timeout: Duration,
    /// The most bytes of a message: 1 MiB.
    pub largest_message: usize,
    /// The most bytes that wait to be sent before who sends waits, too: 64 KiB.
    pub send_buffer: usize,
    /// How many events wait to be read, before the rest of what comes waits, too: 256.
    pub events: usize,
    /// How many items of a stream wait to be read, before the rest of what comes waits, too: 64.
    pub items: usize,
    token: Option<TokenProvider>,
    reconnect: Option<ReconnectPolicy>,
}

impl ClientOptions {
    /// Those of SignalR's own clients, without reconnects.
    pub fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            headers: Vec::new(),
            skip_negotiation: false,
            stateful_reconnect: false,
            keep_alive: Duration::from_secs(15),
            server_timeout: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(15),
            largest_message: LARGEST_FRAME << 5,
            send_buffer: 64 << 10,
            events: 256,
            items: 64,
            token: None,
            reconnect: None,
        }
    }

    /// With a header in the requests over HTTP.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With a bearer token.
    #[must_use]
    pub fn access_token(self, token: impl Into<String>) -> Self {
        let token = token.into();
        self.access_token_provider(move || std::future::ready(Ok::<_, &str>(token.clone())))
    }

    /// With a bearer token that is asked for whenever a connection is made.
    #[must_use]
    pub fn access_token_provider<F, E>(mut self, provider: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<String, E>> + Send + 'static,
        E: fmt::Display,
    {
        self.token = Some(Arc::new(move || {
            let token = provider();
            Box::pin(async { token.await.map_err(|error| error.to_string().into()) })
        }));
        self
    }

    /// With new connections in place of those that were lost.
    #[must_use]
    pub fn automatic_reconnect(mut self, policy: ReconnectPolicy) -> Self {
        self.reconnect = Some(policy);
        self
    }

    /// With stateful reconnect, if the server has it.
    #[must_use]
    pub fn stateful_reconnect(mut self) -> Self {
        self.stateful_reconnect = true;
        self
    }

    pub(super) async fn token(&self) -> Result<Option<String>, ConnectError> {
        match &self.token {
            Some(provider) => provider().await.map(Some).map_err(ConnectError::Token),
            None => Ok(None),
        }
    }

    fn timers(&self) -> Timers {
        Timers {
            keep_alive: self.keep_alive,
            timeout: self.server_timeout,
            waits_for_ping: false,
            begins_with_ping: true,
        }
    }
}

impl fmt::Debug for ClientOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers may be secret.
        f.debug_struct("ClientOptions")
            .field("encoding", &self.encoding)
            .field("skip_negotiation", &self.skip_negotiation)
            .field("stateful_reconnect", &self.stateful_reconnect)
            .finish_non_exhaustive()
    }
}

/// What is known when a new connection is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// How many attempts failed so far.
    pub attempts: u32,
    /// How long ago the connection was lost.
    pub elapsed: Duration,
}

/// When a client tries to connect again, and when it gives up.
#[derive(Clone)]
pub struct ReconnectPolicy(Delay);

impl ReconnectPolicy {
    /// Whatever this says; with `None` the client gives up.
    pub fn new(delay: impl Fn(Retry) -> Option<Duration> + Send + Sync + 'static) -> Self {
        Self(Arc::new(delay))
    }

    /// One attempt after each of these delays.
    pub fn delays(delays: impl Into<Vec<Duration>>) -> Self {
        let delays = delays.into();
        Self::new(move |retry| delays.get(usize::try_from(retry.attempts).ok()?).copied())
    }

    /// For ever, each time later by this factor up to the longest delay, and each time by up to a quarter sooner
    /// or later, so that not all clients come at once. osu!lazer has 3 seconds, a factor of 1.5, and 2 minutes.
    pub fn backoff(first: Duration, factor: f64, longest: Duration) -> Self {
        Self::new(move |retry| {
            let exponent = i32::try_from(retry.attempts).unwrap_or(i32::MAX);
            let seconds = (first.as_secs_f64() * factor.powi(exponent)).min(longest.as_secs_f64());
            Duration::try_from_secs_f64(seconds * (0.75 + chance() / 2.0)).ok().or(Some(longest))
        })
    }
}

/// A number from 0 to 1 that differs from client to client.
fn chance() -> f64 {
    use std::hash::BuildHasher;
    let hash = std::hash::RandomState::new().hash_one(0);
    f64::from(u32::try_from(hash >> 32).unwrap_or(0)) / f64::from(u32::MAX)
}

/// At once, after 2, 10 and 30 seconds, and then no more.
impl Default for ReconnectPolicy {
    fn default() -> Self {
        Self::delays([0, 2, 10, 30].map(Duration::from_secs))
    }
}

impl fmt::Debug for ReconnectPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReconnectPolicy").finish_non_exhaustive()
    }
}

/// Why there is no connection.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// The address is none, or none that can be used.
    Address(Box<str>),
    /// There was no token to be had.
    Token(Box<str>),
    /// The server answered with this status of HTTP: 401 without a valid token, 404 where there is no hub.
    Status(u16),
    /// What the server answers to the negotiation is not what it should.
    Negotiation(Box<str>),
    /// The server refuses, with this text.
    Refused(Box<str>),
    /// It is the SignalR of old ASP.NET, which is another protocol.
    OldProtocol,
    /// The server's answer to the handshake can't be read.
    Handshake(wire::Error),
    /// Nothing came in time.
    TimedOut,
    /// The connection can't be made, or broke.
    Io(io::Error),
    /// HTTP, TLS or WebSocket failed otherwise.
    Other(Box<str>),
}

impl ConnectError {
    pub(super) fn other(error: impl fmt::Display) -> Self {
        Self::Other(error.to_string().into())
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(why) => write!(f, "the address can't be used: {why}"),
            Self::Token(why) => write!(f, "there is no access token: {why}"),
            Self::Status(401) => f.write_str("the server answered with status 401: it wants a valid token"),
            Self::Status(404) => f.write_str("the server answered with status 404: there is no hub here"),
            Self::Status(status) => write!(f, "the server answered with status {status}"),
            Self::Negotiation(why) => write!(f, "the negotiation failed: {why}"),
            Self::Refused(why) => write!(f, "the server refuses: {why}"),
            Self::OldProtocol => f.write_str("the server speaks ASP.NET SignalR, not ASP.NET Core SignalR"),
            Self::Handshake(error) => write!(f, "the server's handshake can't be read: {error}"),
            Self::TimedOut => f.write_str("the server did not answer in time"),
            Self::Io(error) => write!(f, "the connection failed: {error}"),
            Self::Other(error) => write!(f, "the connection failed: {error}"),
        }
    }
}

impl std::error::Error for ConnectError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

/// Why a connection was over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// We closed it.
    Local,
    /// The server closed it.
    Remote {
        /// What went wrong, if anything.
        error: Option<Box<str>>,
        /// Whether the server has nothing against another connection.
        allow_reconnect: bool,
    },
    /// It broke.
    Lost(Box<str>),
    /// Nothing has come for too long.
    TimedOut,
    /// The server said what can't be read, and nobody knows where its next message starts.
    Malformed(FrameError),
}

impl CloseReason {
    fn new(end: End) -> Self {
        match end {
            End::Closed { error, allow_reconnect } => Self::Remote { error, allow_reconnect },
            End::Disconnected => Self::Remote { error: None, allow_reconnect: true },
            End::Lost(error) => Self::Lost(error.to_string().into()),
            End::TimedOut => Self::TimedOut,
            End::Malformed(damaged) => Self::Malformed(damaged),
            End::Ended | End::Interrupted => Self::Local,
        }
    }

    /// Whether another connection may be made without being asked.
    fn may_reconnect(&self) -> bool {
        match self {
            Self::Local => false,
            Self::Remote { allow_reconnect, .. } => *allow_reconnect,
            Self::Lost(_) | Self::TimedOut | Self::Malformed(_) => true,
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("the connection was closed here"),
            Self::Remote { error: Some(error), .. } => write!(f, "the server closed the connection: {error}"),
            Self::Remote { error: None, .. } => f.write_str("the server closed the connection"),
            Self::Lost(error) => write!(f, "the connection was lost: {error}"),
            Self::TimedOut => f.write_str("the server has said nothing for too long"),
            Self::Malformed(damaged) => write!(f, "what the server says can't be read: {damaged}"),
        }
    }
}

/// What comes from the server, other than answers.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The server calls a method of ours.
    Call(IncomingCall),
    /// A message could not be read, and is lost; others follow.
    FrameError(FrameError),
    /// An item or a completion came for which nobody waits, as after a call was given up.
    Unexpected {
        /// The name of the message's type.
        kind: &'static str,
        /// The id in it.
        invocation_id: String,
    },
    /// The socket broke; another one is tried for the same connection, with nothing lost.
    Resuming,
    /// The connection goes on, on another socket.
    Resumed,
    /// The connection is lost, and another one is tried. What was called and not answered has failed.
    Reconnecting(CloseReason),
    /// There is another connection.
    Reconnected {
        /// The server's id of it, where there was a negotiation.
        connection_id: Option<String>,
    },
    /// The connection is over; nothing follows.
    Closed(CloseReason),
}

/// A call of the server's.
///
/// Dropped without an answer, where one is wanted, it is answered with an error.
#[derive(Debug)]
pub struct IncomingCall {
    call: ReceivedCall,
    link: Arc<Link>,
    is_answered: bool,
}

impl Deref for IncomingCall {
    type Target = ReceivedCall;

    fn deref(&self) -> &ReceivedCall {
        &self.call
    }
}

impl IncomingCall {
    fn new(call: ReceivedCall, link: Arc<Link>) -> Self {
        Self { call, link, is_answered: false }
    }

    /// Whether the server waits for an answer.
    pub fn wants_answer(&self) -> bool {
        self.call.invocation_id().is_some()
    }

    /// Answers with a result, if an answer is wanted.
    ///
    /// # Errors
    /// [`CallError::Encode`], [`CallError::Disconnected`].
    pub async fn reply(mut self, result: &(impl ToValue + ?Sized)) -> Result<(), CallError> {
        let Some(id) = self.call.invocation_id() else { return Ok(()) };
        let result = OwnedValue::of(result, self.link.encoding)?;
        let frame = connection::completion(&self.link, id, Ok(Some(&result)));
        self.is_answered = true;
        self.link.send(frame).await
    }

    /// Answers with an error, if an answer is wanted.
    ///
    /// # Errors
    /// [`CallError::Disconnected`].
    pub async fn fail(mut self, error: &str) -> Result<(), CallError> {
        let Some(id) = self.call.invocation_id() else { return Ok(()) };
        let frame = connection::completion(&self.link, id, Err(error));
        self.is_answered = true;
        self.link.send(frame).await
    }
}

impl Drop for IncomingCall {
    fn drop(&mut self) {
        if let Some(id) = self.call.invocation_id().filter(|_| !self.is_answered) {
            let text = format!("The client has no answer to '{}'.", self.call.target());
            if let Ok(frame) = connection::completion(&self.link, id, Err(&text)) {
                // A connection that is over has nothing to be answered.
                let _ = self.link.outbox.try_push(&frame);
            }
        }
    }
}

/// What comes from the server: [`next`](Self::next) gives it, one after the other.
///
/// Events that are not read keep everything else from being read, once so many wait as the options say: they are for
/// a task of their own, which waits for no answer of the server's. Who wants none of them drops this: then calls that want an answer are answered with an error.
#[derive(Debug)]
pub struct Events(mpsc::Receiver<(Event, Room)>);

impl Events {
    /// The next event; `None` behind [`Event::Closed`]. The future may be dropped at any time.
    pub async fn next(&mut self) -> Option<Event> {
        self.0.recv().await.map(|(event, _)| event)
    }

    /// The next call; everything else is passed over. `None` where the connection is over.
    pub async fn next_call(&mut self) -> Option<IncomingCall> {
        loop {
            if let Event::Call(call) = self.next().await? {
                return Some(call);
            }
        }
    }
}

/// A connection to a hub, for any number of tasks.
///
/// It is closed when its last clone is dropped; [`close`](Self::close) waits for that.
#[derive(Clone, Debug)]
pub struct Client {
    handle: Arc<Handle>,
}

/// Closes the connection when nobody has it any more.
#[derive(Debug)]
struct Handle(Arc<Shared>);

impl Drop for Handle {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[derive(Debug)]
struct Shared {
    link: Mutex<Arc<Link>>,
    connection_id: Mutex<Option<String>>,
    /// Closed when the connection is to be closed.
    closing: Semaphore,
    /// Closed when it is.
    closed: Semaphore,
}

impl Shared {
    fn link(&self) -> Arc<Link> {
        lock(&self.link).clone()
    }

    fn close(&self) {
        self.closing.close();
        let link = self.link();
        link.outbox.end(connection::close(&link, None, false));
    }
}

impl Client {
    /// Connects to the hub at an address: `https://spectator.ppy.sh/multiplayer`.
    ///
    /// # Errors
    /// Any [`ConnectError`].
    pub async fn connect(address: &str, options: ClientOptions) -> Result<(Self, Events), ConnectError> {
        let mut live = Live::connect(address, &options).await?;
        live.address = Some(address.into());
        Ok(Self::start(live, options))
    }

    /// The same over a connection that is there already: only the handshake is made. It can't be made again.
    ///
    /// # Errors
    /// Any [`ConnectError`].
    pub async fn over(transport: Transport, options: ClientOptions) -> Result<(Self, Events), ConnectError> {
        let connected = Connected { transport, connection_id: None, resume: None };
        let live = Live::begin(connected, &options).await?;
        Ok(Self::start(live, options))
    }

    fn start(live: Live, options: ClientOptions) -> (Self, Events) {
        let (sender, events) = live.link.channel(options.events);
        let shared = Arc::new(Shared {
            link: Mutex::new(live.link.clone()),
            connection_id: Mutex::new(live.connection_id.clone()),
            closing: Semaphore::new(0),
            closed: Semaphore::new(0),
        });
        tokio::spawn(drive(shared.clone(), live, options, sender));
        (Self { handle: Arc::new(Handle(shared)) }, Events(events))
    }

    fn link(&self) -> Arc<Link> {
        self.handle.0.link()
    }

    /// The server's id of the connection, where there was a negotiation.
    pub fn connection_id(&self) -> Option<String> {
        lock(&self.handle.0.connection_id).clone()
    }

    /// Whether there is a connection now, as far as is known.
    pub fn is_connected(&self) -> bool {
        !self.link().outbox.is_ended()
    }

    /// Calls a method, and waits for its result.
    ///
    /// Where the future is dropped the call may be made all the same; its result is forgotten.
    ///
    /// # Errors
    /// Any [`CallError`].
    pub async fn invoke<T: FromValue>(
        &self,
        target: &str,
        arguments: impl ToArguments,
    ) -> Result<T, CallError> {
        let (pending, _) = connection::start(&self.link(), target, &arguments, 0).await?;
        pending.await
    }

    /// Calls a method that knows its result.
    ///
    /// # Errors
    /// Any [`CallError`].
    pub async fn call<M: Method>(&self, method: &M) -> Result<M::Result, CallError> {
        self.invoke(method.target(), method).await
    }

    /// Calls a method without waiting for what becomes of it. Returns once it is on its way.
    ///
    /// # Errors
    /// [`CallError::Encode`], [`CallError::Disconnected`].
    pub async fn send(&self, target: &str, arguments: impl ToArguments) -> Result<(), CallError> {
        connection::send(&self.link(), target, &arguments).await
    }

    /// The same for a call that knows its method.
    ///
    /// # Errors
    /// [`CallError::Encode`], [`CallError::Disconnected`].
    pub async fn send_call(&self, call: &impl Call) -> Result<(), CallError> {
        self.send(call.target(), call).await
    }

    /// Calls a method that answers with a stream.
    ///
    /// # Errors
    /// [`CallError::Encode`], [`CallError::Disconnected`].
    pub async fn stream<T: FromValue>(
        &self,
        target: &str,
        arguments: impl ToArguments,
    ) -> Result<Items<T>, CallError> {
        Ok(connection::start_stream(&self.link(), target, &arguments, 0).await?.0)
    }

    /// Calls a method that takes so many streams besides its arguments. What this gives are its result, which is
    /// still to come, and the streams.
    ///
    /// # Errors
    /// [`CallError::Encode`], [`CallError::Disconnected`].
    pub async fn invoke_uploading<T: FromValue>(
        &self,
        target: &str,
        arguments: impl ToArguments,
        streams: usize,
    ) -> Result<(Pending<T>, Vec<Upload>), CallError> {
        connection::start(&self.link(), target, &arguments, streams).await
    }

    /// Calls a method that takes so many streams besides its arguments, and answers with one.
    ///
    /// # Errors
    /// [`CallError::Encode`], [`CallError::Disconnected`].
    pub async fn stream_uploading<T: FromValue>(
        &self,
        target: &str,
        arguments: impl ToArguments,
        streams: usize,
    ) -> Result<(Items<T>, Vec<Upload>), CallError> {
        connection::start_stream(&self.link(), target, &arguments, streams).await
    }

    /// Says Close behind all that waits to be sent, and waits until the connection is over. It never fails, and
    /// may be called any number of times.
    pub async fn close(&self) {
        self.handle.0.close();
        // Closed is all that it ever is.
        let _ = self.handle.0.closed.acquire().await;
    }
}

/// A connection, after its handshake.
struct Live {
    link: Arc<Link>,
    transport: Transport,
    read_buffer: ReadBuffer,
    connection_id: Option<String>,
    resume: Option<Place>,
    address: Option<String>,
}

impl Live {
    async fn connect(address: &str, options: &ClientOptions) -> Result<Self, ConnectError> {
        Self::begin(connect::connect(address, options).await?, options).await
    }

    /// Makes the handshake.
    async fn begin(connected: Connected, options: &ClientOptions) -> Result<Self, ConnectError> {
        let Connected { mut transport, connection_id, resume } = connected;
        let mut request = HandshakeRequest::new(options.encoding);
        if resume.is_some() {
            request.version = 2;
        }
        let mut read_buffer = ReadBuffer::new(options.largest_message);
        let record = async {
            let request = connection::record(|out| request.write(out));
            let request = Outgoing::new(request, options.encoding);
            transport.outlet.send(request).await.map_err(HandshakeFailure::Lost)?;
            read_buffer.handshake(&mut transport.incoming).await
        };
        let record = match timeout(options.handshake_timeout, record).await {
            Err(_) => return Err(ConnectError::TimedOut),
            Ok(Err(HandshakeFailure::Lost(error))) => return Err(ConnectError::Io(error)),
            Ok(Err(HandshakeFailure::Malformed(error))) => return Err(ConnectError::Handshake(error)),
            Ok(Ok(record)) => record,
        };
        let response = HandshakeResponse::read(&record).map_err(ConnectError::Handshake)?;
        if let Some(error) = response.error {
            return Err(ConnectError::Refused(error.to_string().into()));
        }
        read_buffer.begin(options.encoding);
        let buffers = Buffers {
            soft: options.send_buffer,
            hard: options.send_buffer.saturating_mul(16),
            items: options.items,
        };
        let link = Arc::new(Link::new(options.encoding, resume.is_some(), buffers));
        Ok(Self { link, transport, read_buffer, connection_id, resume, address: None })
    }
}

/// Keeps a client connected until the end.
async fn drive(
    shared: Arc<Shared>,
    mut live: Live,
    options: ClientOptions,
    events: mpsc::Sender<(Event, Room)>,
) {
    let reason = loop {
        let end = carry(&mut live, &options, &shared, &events).await;
        let link = &live.link;
        let is_local = shared.closing.is_closed();
        link.outbox.abort();
        link.forget_all();
        let reason = if is_local { CloseReason::Local } else { CloseReason::new(end) };
        let policy = options.reconnect.as_ref().filter(|_| reason.may_reconnect());
        let (Some(policy), Some(address)) = (policy, live.address.clone()) else { break reason };
        report(&shared, &events, Event::Reconnecting(reason.clone())).await;
        match reconnect(&shared, &address, &options, policy).await {
            Ok(Some(next)) => live = next,
            Ok(None) => break reason,
            Err(reason) => break reason,
        }
        live.address = Some(address);
        *lock(&shared.link) = live.link.clone();
        *lock(&shared.connection_id) = live.connection_id.clone();
        if shared.closing.is_closed() {
            // It was closed while there was no connection.
            shared.close();
        }
        let connection_id = live.connection_id.clone();
        report(&shared, &events, Event::Reconnected { connection_id }).await;
    };
    shared.closed.close();
    // It is the last one: who does not read it is waited for by nobody else.
    let _ = events.send((Event::Closed(reason), None)).await;
}

/// Tells of something, unless nobody wants to know.
async fn report(shared: &Shared, events: &mpsc::Sender<(Event, Room)>, event: Event) {
    tokio::select! {
        _ = events.send((event, None)) => {}
        _ = shared.closing.acquire() => {}
    }
}

/// Another connection; `None` where the policy gives up.
async fn reconnect(
    shared: &Shared,
    address: &str,
    options: &ClientOptions,
    policy: &ReconnectPolicy,
) -> Result<Option<Live>, CloseReason> {
    let lost = Instant::now();
    for attempts in 0.. {
        let Some(delay) = policy.0(Retry { attempts, elapsed: lost.elapsed() }) else { break };
        let attempt = async {
            sleep(delay).await;
            Live::connect(address, options).await
        };
        tokio::select! {
            connected = attempt => {
                if let Ok(live) = connected {
                    return Ok(Some(live));
                }
            }
            _ = shared.closing.acquire() => return Err(CloseReason::Local),
        }
    }
    Ok(None)
}

/// Carries one connection over as many sockets as it takes.
async fn carry(
    live: &mut Live,
    options: &ClientOptions,
    shared: &Shared,
    events: &mpsc::Sender<(Event, Room)>,
) -> End {
    let link = live.link.clone();
    let mut handler = Reporting { link: link.clone(), events: events.clone() };
    let mut resumes = false;
    loop {
        let Live { transport, read_buffer, .. } = &mut *live;
        let never = std::future::pending();
        let end =
            connection::run(&link, transport, read_buffer, options.timers(), &mut handler, resumes, never)
                .await;
        let place = live.resume.as_ref().filter(|_| matches!(end, End::Lost(_) | End::TimedOut));
        let Some(place) = place.filter(|_| !link.outbox.is_ended()) else { return end };
        report(shared, events, Event::Resuming).await;
        let Some(transport) = resume(shared, place, options).await else { return end };
        live.transport = transport;
        resumes = true;
        report(shared, events, Event::Resumed).await;
    }
}

/// Another socket for the same connection, as long as the server keeps it.
async fn resume(shared: &Shared, place: &Place, options: &ClientOptions) -> Option<Transport> {
    let attempts = async {
        let mut delay = Duration::ZERO;
        loop {
            sleep(delay).await;
            match connect::resume(place, options).await {
                Ok(transport) => return Some(transport),
                // The server does not know it any more.
                Err(ConnectError::Status(404)) => return None,
                Err(_) => delay = (delay * 2).max(Duration::from_millis(250)),
            }
        }
    };
    tokio::select! {
        resumed = timeout(RESUMABLE, attempts) => resumed.ok().flatten(),
        _ = shared.closing.acquire() => None,
    }
}

/// Makes events of what comes.
struct Reporting {
    link: Arc<Link>,
    events: mpsc::Sender<(Event, Room)>,
}

impl Handler for Reporting {
    async fn call(&mut self, call: ReceivedCall, room: Room) {
        // Where nobody takes it, it is dropped, and so answered.
        let _ = self.events.send((Event::Call(IncomingCall::new(call, self.link.clone())), room)).await;
    }

    async fn cancel(&mut self, _: &str) {}

    async fn unexpected(&mut self, kind: &'static str, id: &str) {
        let _ = self.events.send((Event::Unexpected { kind, invocation_id: id.into() }, None)).await;
    }

    async fn damaged(&mut self, damaged: FrameError) -> bool {
        let _ = self.events.send((Event::FrameError(damaged), None)).await;
        !damaged.is_last
    }
}
