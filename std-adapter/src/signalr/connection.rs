//! What both ends of a connection share: messages in and out, calls that wait for an answer, streams, timers.

use super::reconnect::{Counted, KEPT, Next, Outbox, Refused};
use super::stream::{Items, Upload};
use super::transport::{Came, Incoming, Outgoing, Outlet, Transport};
use super::{
    Arguments, Buffer, CancelInvocation, Close, Completion, CompletionResult, DecodeError, EncodeError,
    Encoding, Frames, FromArguments, FromCall, FromValue, Invocation, Message, OwnedValue, RECORD_END,
    Records, StreamIds, StreamInvocation, StreamItem, Text, ToArguments, ToValue, Value,
};
use crate::wire::{self, Deframed, Deframer, Error, Explained, Framing, Location, Skip};
use bytes::{Buf, Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// How often a side says what has come, where that is news.
const ACK_INTERVAL: Duration = Duration::from_secs(1);

/// How many messages go out without a look at the rest.
const BATCH: usize = 32;

/// How long a connection is kept whose socket broke.
pub(super) const RESUMABLE: Duration = Duration::from_secs(15);

/// How long the other end has to answer the close of a WebSocket.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why a call gave no result.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallError {
    /// The other side says that it failed; this is its text.
    Remote(Box<str>),
    /// The result can't be read.
    Decode(DecodeError),
    /// The call can't be written.
    Encode(EncodeError),
    /// The connection is not there, or was lost before the answer came. Whether the call was made is not known.
    Disconnected,
    /// More messages wait to be sent than there is room for: the other side is too slow.
    TooSlow,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remote(text) => f.write_str(text),
            Self::Decode(error) => error.fmt(f),
            Self::Encode(error) => error.fmt(f),
            Self::Disconnected => {
                f.write_str("the connection is not there, or was lost before the answer came")
            }
            Self::TooSlow => f.write_str("the other side does not take what waits to be sent"),
        }
    }
}

impl std::error::Error for CallError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Decode(error) => Some(error),
            Self::Encode(error) => Some(error),
            _ => None,
        }
    }
}

impl From<DecodeError> for CallError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<EncodeError> for CallError {
    fn from(error: EncodeError) -> Self {
        Self::Encode(error)
    }
}

impl From<Refused> for CallError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Full => Self::TooSlow,
            Refused::Over => Self::Disconnected,
        }
    }
}

/// A message that can't be read. Where its end is known the messages behind it are read all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameError {
    /// Which message it was, counted from 0.
    pub index: u64,
    /// What is wrong, and at which byte of the message.
    pub error: Error,
    /// The type of the message and its field, as far as they are known.
    pub location: Location,
    /// Whether no message can follow, since nobody knows where the next one starts.
    pub is_last: bool,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, error, location, .. } = *self;
        write!(f, "message {index} can't be read: {}", Explained { error, location })
    }
}

impl std::error::Error for FrameError {}

/// Either framing.
#[derive(Clone, Debug)]
enum Cutting {
    Frames(Frames),
    Records(Records),
}

impl Framing for Cutting {
    fn deframe(&mut self, bytes: &[u8], seen: usize) -> Deframed {
        match self {
            Self::Frames(frames) => frames.deframe(bytes, seen),
            Self::Records(records) => records.deframe(bytes, seen),
        }
    }

    fn give_up(&self, bytes: &[u8], needed: usize) -> Skip {
        match self {
            Self::Frames(frames) => frames.give_up(bytes, needed),
            Self::Records(records) => records.give_up(bytes, needed),
        }
    }
}

/// What has come and was not read yet.
#[derive(Debug)]
pub(super) struct ReadBuffer {
    buffer: BytesMut,
    deframer: Deframer<Cutting>,
    limit: usize,
    index: u64,
}

impl ReadBuffer {
    /// Reads a handshake first.
    pub(super) fn new(limit: usize) -> Self {
        let deframer = Deframer::new(Cutting::Records(Records { limit }));
        Self { buffer: BytesMut::new(), deframer, limit, index: 0 }
    }

    /// Reads messages from here on; those that came with the handshake are in there.
    pub(super) fn begin(&mut self, encoding: Encoding) {
        let limit = self.limit;
        self.deframer = Deframer::new(match encoding {
            Encoding::MessagePack => Cutting::Frames(Frames { limit }),
            Encoding::Json => Cutting::Records(Records { limit }),
        });
        self.index = 0;
    }

    /// A new socket: what is left of a message on the last one is not continued.
    fn resume(&mut self, encoding: Encoding) {
        let index = self.index;
        self.buffer.clear();
        self.begin(encoding);
        self.index = index;
    }

    fn push(&mut self, bytes: Bytes) {
        if self.buffer.is_empty() {
            // Nearly always it is whole messages, which are then not copied.
            self.buffer = bytes.try_into_mut().unwrap_or_else(|bytes| BytesMut::from(&*bytes));
        } else {
            self.buffer.extend_from_slice(&bytes);
        }
    }

    /// The next message.
    fn next(&mut self) -> Option<Result<Bytes, FrameError>> {
        let passed = self.deframer.pass_over(&self.buffer);
        self.buffer.advance(passed);
        let cut = self.deframer.next(&self.buffer, usize::MAX)?;
        let index = self.index;
        self.index = index.saturating_add(1);
        Some(match cut {
            Ok(len) => Ok(self.buffer.split_to(len).freeze()),
            Err(error) => {
                let location = Location { record: "Message", field: "" };
                Err(FrameError { index, error, location, is_last: self.deframer.is_lost() })
            }
        })
    }

    /// Reads the handshake's record.
    pub(super) async fn handshake(&mut self, incoming: &mut Incoming) -> Result<Bytes, HandshakeFailure> {
        loop {
            if let Some(record) = self.next() {
                return record.map_err(|damaged| HandshakeFailure::Malformed(damaged.error));
            }
            match incoming.next().await {
                Some(Came::Bytes(bytes)) => self.push(bytes),
                Some(Came::Lost(error)) => return Err(HandshakeFailure::Lost(error)),
                Some(Came::Closed) | None => {
                    return Err(HandshakeFailure::Lost(io::ErrorKind::UnexpectedEof.into()));
                }
            }
        }
    }
}

/// Why there was no handshake.
#[derive(Debug)]
pub(super) enum HandshakeFailure {
    Malformed(Error),
    Lost(io::Error),
}

/// What has become of a call.
#[derive(Debug)]
pub(super) enum Outcome {
    Void,
    Value(OwnedValue),
    Error(Box<str>),
}

impl Outcome {
    pub(super) fn read<T: FromValue>(self) -> Result<T, CallError> {
        match self {
            Self::Void => Ok(T::from_void()?),
            Self::Value(value) => Ok(value.read()?),
            Self::Error(text) => Err(CallError::Remote(text)),
        }
    }
}

/// Who waits for what comes under an id of ours.
#[derive(Debug)]
enum Waiting {
    Result(oneshot::Sender<Outcome>),
    Items(ItemSender),
}

/// An item, or the end of the stream that it was: one that ends without that was lost.
pub(super) type StreamEvent = Result<Option<(OwnedValue, Room)>, CallError>;
type ItemSender = mpsc::Sender<StreamEvent>;

/// The room that something takes for as long as nobody has read it.
pub(super) type Room = Option<OwnedSemaphorePermit>;

/// How much is taken in of a connection that can be resumed, before the rest of what comes waits.
///
/// There acknowledgements stand between messages, and what they make room for may be all that the reader of those
/// messages waits for: so they are read on, and ours are held back instead. Who keeps to the rules has no more under
/// way than [`KEPT`], and is never kept waiting.
const TAKEN: usize = 4 * KEPT;

/// What one side of a connection has, from its handshake to its end, whatever sockets carry it.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) encoding: Encoding,
    pub(super) is_stateful: bool,
    pub(super) outbox: Outbox,
    counted: Mutex<Counted>,
    waiting: Mutex<HashMap<Box<str>, Waiting>>,
    /// Streams that the other side sends to calls of its own.
    uploads: Mutex<HashMap<Box<str>, ItemSender>>,
    next_id: AtomicU64,
    /// How many items of a stream wait to be read.
    items: usize,
    /// So many bytes may still be taken in.
    room: Arc<Semaphore>,
    /// Told that so much has come that it should be acknowledged.
    much_came: Notify,
}

/// The buffers of one side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Buffers {
    /// Where senders wait.
    pub(super) soft: usize,
    /// What nothing goes beyond.
    pub(super) hard: usize,
    /// Items of a stream.
    pub(super) items: usize,
}

impl Link {
    pub(super) fn new(encoding: Encoding, is_stateful: bool, buffers: Buffers) -> Self {
        Self {
            encoding,
            is_stateful,
            outbox: Outbox::new(is_stateful, buffers.soft, buffers.hard),
            counted: Mutex::new(Counted::new(is_stateful)),
            waiting: Mutex::default(),
            uploads: Mutex::default(),
            next_id: AtomicU64::new(1),
            items: Self::places(is_stateful, buffers.items),
            room: Arc::new(Semaphore::new(TAKEN)),
            much_came: Notify::new(),
        }
    }

    /// How many of something may wait to be read. Where bytes are counted, any.
    fn places(is_stateful: bool, count: usize) -> usize {
        if is_stateful { Semaphore::MAX_PERMITS } else { count.clamp(1, Semaphore::MAX_PERMITS) }
    }

    /// A channel for what comes.
    pub(super) fn channel<T>(&self, count: usize) -> (mpsc::Sender<T>, mpsc::Receiver<T>) {
        mpsc::channel(Self::places(self.is_stateful, count))
    }

    /// Takes room for a message.
    async fn take_room(&self, frame: &Bytes) -> Room {
        if !self.is_stateful {
            return None;
        }
        let len = u32::try_from(frame.len().min(TAKEN)).unwrap_or(u32::MAX);
        self.room.clone().acquire_many_owned(len).await.ok()
    }

    /// Counts a message that has come; `false` where it is to be dropped.
    fn count(&self, frame: &Bytes) -> bool {
        let (is_new, has_much) = lock(&self.counted).take(frame.len());
        if has_much {
            self.much_came.notify_one();
        }
        is_new
    }

    /// Whether so much waits to be read that the other side should slow down.
    fn is_behind(&self) -> bool {
        TAKEN.saturating_sub(self.room.available_permits()) > KEPT / 2
    }

    fn id(&self) -> Box<str> {
        self.next_id.fetch_add(1, Ordering::Relaxed).to_string().into()
    }

    pub(super) fn frame(&self, message: &Message<'_>) -> Result<Bytes, EncodeError> {
        let mut out = Buffer::new();
        message.write(&mut out, self.encoding)?;
        Ok(out.freeze())
    }

    /// A call as it is sent.
    fn call(&self, id: Option<&str>, what: &Outbound<'_>) -> Result<Bytes, EncodeError> {
        call_frame(self.encoding, id, what)
    }

    pub(super) async fn send(&self, frame: Result<Bytes, EncodeError>) -> Result<(), CallError> {
        // Nothing of what was encoded is held while this waits.
        Ok(self.outbox.push(&frame?).await?)
    }

    /// Ends what waits for the other side.
    pub(super) fn forget_all(&self) {
        lock(&self.waiting).clear();
        lock(&self.uploads).clear();
    }

    /// A stream that comes from the other side.
    pub(super) fn expect_upload<T: FromValue>(self: &Arc<Self>, id: &str, most: usize) -> Option<Items<T>> {
        let mut uploads = lock(&self.uploads);
        if uploads.len() >= most || uploads.contains_key(id) {
            return None;
        }
        let (sender, items) = self.channel(self.items);
        uploads.insert(id.into(), sender);
        drop(uploads);
        Some(Items::new(items, Cancel { link: Arc::clone(self), id: id.into(), of: Side::Theirs }))
    }

    /// A completion, of a call of ours or of a stream that comes; `false` where nobody knows of it.
    async fn complete(&self, id: &str, outcome: Outcome) -> bool {
        let waiting = lock(&self.waiting).remove(id);
        let items = match waiting {
            Some(Waiting::Result(waiting)) => {
                // Whether somebody still waits is theirs to know.
                let _ = waiting.send(outcome);
                return true;
            }
            Some(Waiting::Items(items)) => Some(items),
            None => lock(&self.uploads).remove(id),
        };
        let Some(items) = items else { return false };
        let end = match outcome {
            Outcome::Error(text) => Err(CallError::Remote(text)),
            Outcome::Void | Outcome::Value(_) => Ok(None),
        };
        let _ = items.send(end).await;
        true
    }

    /// An item; `false` where nobody knows of its stream.
    async fn item(&self, id: &str, item: OwnedValue, room: Room) -> bool {
        let items = match lock(&self.waiting).get(id) {
            Some(Waiting::Items(items)) => Some(items.clone()),
            _ => None,
        };
        let Some(items) = items.or_else(|| lock(&self.uploads).get(id).cloned()) else { return false };
        // Those who do not read keep others from being read; those who have gone do not.
        let _ = items.send(Ok(Some((item, room)))).await;
        true
    }
}

/// Whose call a stream belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Ours,
    Theirs,
}

/// Forgets a call of which nobody wants to know any more, and says so where that is of use.
#[derive(Debug)]
pub(super) struct Cancel {
    link: Arc<Link>,
    id: Box<str>,
    of: Side,
}

impl Drop for Cancel {
    fn drop(&mut self) {
        if self.of == Side::Theirs {
            lock(&self.link.uploads).remove(&self.id);
            return;
        }
        let forgotten = lock(&self.link.waiting).remove(&self.id);
        if let Some(Waiting::Items(_)) = forgotten {
            let cancel =
                CancelInvocation { headers: Default::default(), invocation_id: Text::Plain(&self.id) };
            if let Ok(frame) = self.link.frame(&Message::CancelInvocation(cancel)) {
                // A connection that is over has nothing to be cancelled.
                let _ = self.link.outbox.try_push(&frame);
            }
        }
    }
}

/// A call to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outbound<'a> {
    pub(super) target: &'a str,
    pub(super) arguments: Arguments<'a>,
    pub(super) stream_ids: &'a [&'a str],
    pub(super) is_stream: bool,
}

pub(super) fn call_frame(
    encoding: Encoding,
    id: Option<&str>,
    &Outbound { target, arguments, stream_ids, is_stream }: &Outbound<'_>,
) -> Result<Bytes, EncodeError> {
    let headers = Default::default();
    let target = Text::Plain(target);
    let stream_ids = StreamIds::Listed(stream_ids);
    let message = match id {
        Some(id) if is_stream => {
            let invocation_id = Text::Plain(id);
            Message::StreamInvocation(StreamInvocation {
                headers,
                invocation_id,
                target,
                arguments,
                stream_ids,
            })
        }
        _ => {
            let invocation_id = id.map(Text::Plain);
            Message::Invocation(Invocation { headers, invocation_id, target, arguments, stream_ids })
        }
    };
    let mut out = Buffer::new();
    message.write(&mut out, encoding)?;
    Ok(out.freeze())
}

/// Sends a call without waiting for what becomes of it.
pub(super) async fn send(link: &Link, target: &str, arguments: &impl ToArguments) -> Result<(), CallError> {
    let frame = arguments.to_arguments(link.encoding).and_then(|arguments| {
        let arguments = arguments.as_arguments();
        link.call(None, &Outbound { target, arguments, stream_ids: &[], is_stream: false })
    });
    link.send(frame).await
}

/// Sends a call with streams that belong to it; its completion is waited for by what this gives.
pub(super) async fn start<T: FromValue>(
    link: &Arc<Link>,
    target: &str,
    arguments: &impl ToArguments,
    streams: usize,
) -> Result<(Pending<T>, Vec<Upload>), CallError> {
    let ids: Vec<_> = (0..streams).map(|_| link.id()).collect();
    let id = link.id();
    let frame = outbound(link, &id, target, arguments, &ids, false)?;
    let (sender, outcome) = oneshot::channel();
    lock(&link.waiting).insert(id.clone(), Waiting::Result(sender));
    let cancel = Cancel { link: Arc::clone(link), id, of: Side::Ours };
    link.outbox.push(&frame).await?;
    let uploads = ids.into_iter().map(|id| Upload::new(Arc::clone(link), id)).collect();
    Ok((Pending { outcome, _cancel: cancel, result: PhantomData }, uploads))
}

/// Sends a call that is answered with a stream, with streams that belong to it.
pub(super) async fn start_stream<T: FromValue>(
    link: &Arc<Link>,
    target: &str,
    arguments: &impl ToArguments,
    streams: usize,
) -> Result<(Items<T>, Vec<Upload>), CallError> {
    let ids: Vec<_> = (0..streams).map(|_| link.id()).collect();
    let id = link.id();
    let frame = outbound(link, &id, target, arguments, &ids, true)?;
    let (sender, items) = link.channel(link.items);
    lock(&link.waiting).insert(id.clone(), Waiting::Items(sender));
    let cancel = Cancel { link: Arc::clone(link), id, of: Side::Ours };
    let items = Items::new(items, cancel);
    link.outbox.push(&frame).await?;
    let uploads = ids.into_iter().map(|id| Upload::new(Arc::clone(link), id)).collect();
    Ok((items, uploads))
}

fn outbound(
    link: &Link,
    id: &str,
    target: &str,
    arguments: &impl ToArguments,
    streams: &[Box<str>],
    is_stream: bool,
) -> Result<Bytes, EncodeError> {
    let arguments = arguments.to_arguments(link.encoding)?;
    let ids: Vec<&str> = streams.iter().map(|id| &**id).collect();
    let arguments = arguments.as_arguments();
    link.call(Some(id), &Outbound { target, arguments, stream_ids: &ids, is_stream })
}

/// A call whose result is still to come. Dropped, it is forgotten; what it does is done all the same.
#[derive(Debug)]
#[must_use = "the result of a call that nobody waits for is lost"]
pub struct Pending<T> {
    outcome: oneshot::Receiver<Outcome>,
    _cancel: Cancel,
    result: PhantomData<fn() -> T>,
}

impl<T: FromValue> Future for Pending<T> {
    type Output = Result<T, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.outcome)
            .poll(cx)
            .map(|outcome| outcome.map_err(|_| CallError::Disconnected)?.read())
    }
}

/// A call that has come, with all that it carries.
#[derive(Clone)]
pub struct ReceivedCall {
    encoding: Encoding,
    frame: Bytes,
    target: Box<str>,
    invocation_id: Option<Box<str>>,
    stream_ids: Vec<Box<str>>,
    is_stream: bool,
}

impl ReceivedCall {
    /// The call in a message, which is a call.
    fn new(message: &Message<'_>, frame: &Bytes, encoding: Encoding) -> Option<Self> {
        let (target, invocation_id, stream_ids, is_stream) = match message {
            Message::Invocation(call) => (call.target, call.invocation_id, call.stream_ids, false),
            Message::StreamInvocation(call) => (call.target, Some(call.invocation_id), call.stream_ids, true),
            _ => return None,
        };
        Some(Self {
            encoding,
            frame: frame.clone(),
            target: target.to_string().into(),
            invocation_id: invocation_id.map(|id| id.to_string().into()),
            stream_ids: stream_ids.iter().map(|id| id.to_string().into()).collect(),
            is_stream,
        })
    }

    /// The method.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// What its completion will be known by; without one none is wanted.
    pub fn invocation_id(&self) -> Option<&str> {
        self.invocation_id.as_deref()
    }

    /// Whether a stream is wanted.
    pub fn is_stream(&self) -> bool {
        self.is_stream
    }

    /// Which streams of the caller's belong to it.
    pub fn stream_ids(&self) -> impl ExactSizeIterator<Item = &str> {
        self.stream_ids.iter().map(|id| &**id)
    }

    /// The encoding that it is in.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The frame that came.
    pub fn frame(&self) -> &Bytes {
        &self.frame
    }

    /// The arguments, not yet read.
    pub fn arguments(&self) -> Arguments<'_> {
        match Message::read(&self.frame, self.encoding) {
            Ok(Message::Invocation(call)) => call.arguments,
            Ok(Message::StreamInvocation(call)) => call.arguments,
            // It was read before.
            _ => Arguments::of_messagepack(0, &[]),
        }
    }

    /// Reads the arguments.
    ///
    /// # Errors
    /// Any [`DecodeError`].
    pub fn read<T: FromArguments>(&self) -> Result<T, DecodeError> {
        T::from_arguments(self.arguments())
    }

    /// Reads the whole call.
    ///
    /// # Errors
    /// Any [`DecodeError`].
    pub fn read_call<T: FromCall>(&self) -> Result<T, DecodeError> {
        T::from_call(&self.target, self.arguments())
    }
}

impl fmt::Debug for ReceivedCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedCall")
            .field("target", &self.target)
            .field("invocation_id", &self.invocation_id)
            .field("arguments", &self.arguments())
            .field("stream_ids", &self.stream_ids)
            .field("is_stream", &self.is_stream)
            .finish()
    }
}

/// The completion of a call.
pub(super) fn completion(
    link: &Link,
    id: &str,
    result: Result<Option<&OwnedValue>, &str>,
) -> Result<Bytes, EncodeError> {
    let result = match result {
        Ok(Some(value)) => CompletionResult::Result(value.as_value()),
        Ok(None) => CompletionResult::Void,
        Err(text) => CompletionResult::Error(Text::Plain(text)),
    };
    let invocation_id = Text::Plain(id);
    link.frame(&Message::Completion(Completion { headers: Default::default(), invocation_id, result }))
}

/// An item of a stream.
pub(super) fn item(link: &Link, id: &str, item: &(impl ToValue + ?Sized)) -> Result<Bytes, EncodeError> {
    let item = OwnedValue::of(item, link.encoding)?;
    let invocation_id = Text::Plain(id);
    link.frame(&Message::StreamItem(StreamItem {
        headers: Default::default(),
        invocation_id,
        item: item.as_value(),
    }))
}

/// The last message.
pub(super) fn close(link: &Link, error: Option<&str>, allow_reconnect: bool) -> Option<Bytes> {
    link.frame(&Message::Close(Close { error: error.map(Text::Plain), allow_reconnect })).ok()
}

/// What a side does with what the other one says.
pub(super) trait Handler: Send {
    /// A call.
    fn call(&mut self, call: ReceivedCall, room: Room) -> impl Future<Output = ()> + Send;
    /// The other side does not want a stream any longer.
    fn cancel(&mut self, id: &str) -> impl Future<Output = ()> + Send;
    /// An item or a completion of which nobody here knows.
    fn unexpected(&mut self, kind: &'static str, id: &str) -> impl Future<Output = ()> + Send;
    /// A message that can't be read; `false` where that ends the connection.
    fn damaged(&mut self, damaged: FrameError) -> impl Future<Output = bool> + Send;
}

/// The timers of one side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timers {
    /// A Ping after this long without sending.
    pub(super) keep_alive: Duration,
    /// The end after this long without anything coming.
    pub(super) timeout: Duration,
    /// Whether that counts from the first Ping only.
    pub(super) waits_for_ping: bool,
    /// Whether a Ping is sent at once.
    pub(super) begins_with_ping: bool,
}

/// How a socket ended.
#[derive(Debug)]
pub(super) enum End {
    /// The other side said Close.
    Closed { error: Option<Box<str>>, allow_reconnect: bool },
    /// The other side closed the WebSocket without a word.
    Disconnected,
    /// The connection broke.
    Lost(io::Error),
    /// Nothing has come for too long.
    TimedOut,
    /// A message could not be read, and that is the end.
    Malformed(FrameError),
    /// We ended it.
    Ended,
    /// Another socket is to be used.
    Interrupted,
}

/// Carries a link over a socket until that ends. Where `resumes`, the link was on another one before.
///
/// Nothing that was counted as received is lost when it ends in between.
pub(super) async fn run(
    link: &Link,
    transport: &mut Transport,
    read_buffer: &mut ReadBuffer,
    timers: Timers,
    handler: &mut impl Handler,
    resumes: bool,
    interrupt: impl Future<Output = ()> + Send,
) -> End {
    let Transport { incoming, outlet } = transport;
    let first = resumes.then(|| {
        read_buffer.resume(link.encoding);
        lock(&link.counted).resume();
        link.outbox.rewind()
    });
    // Closed by whichever half ends first.
    let stop = Semaphore::new(0);
    let reads = async {
        let end = read(link, incoming, read_buffer, timers, handler, &stop, interrupt).await;
        match &end {
            End::Malformed(damaged) => link.outbox.end(close(link, Some(&damaged.to_string()), false)),
            // What is against the rules of WebSockets, or longer than they are let to be, does not get better on
            // another one.
            End::Lost(error) if error.kind() == io::ErrorKind::InvalidData => {
                link.outbox.end(close(link, Some(&error.to_string()), false));
            }
            End::TimedOut if !link.is_stateful => {
                link.outbox.end(close(link, Some("nothing has come for too long"), false));
            }
            _ => {}
        }
        if link.outbox.is_ended() && !link.outbox.is_over() {
            // What waits is written, if the other side takes it.
            let _ = timeout(CLOSE_TIMEOUT, stop.acquire()).await;
        }
        stop.close();
        end
    };
    let writes = async {
        let end = write(link, outlet, timers, first, &stop).await;
        stop.close();
        end
    };
    let (read, written) = tokio::join!(reads, writes);
    match (read, written) {
        (End::Ended, Written::Failed(error)) => End::Lost(error),
        // Nobody is there to be heard.
        (End::TimedOut, Written::Ended) => End::TimedOut,
        (end, Written::Ended) => {
            // What we said last is to arrive: the other end is heard until it closes, too.
            let rest = async { while let Some(Came::Bytes(_)) = incoming.next().await {} };
            let _ = timeout(CLOSE_TIMEOUT, rest).await;
            end
        }
        (end, _) => {
            if !matches!(end, End::Lost(_) | End::Interrupted) && !link.outbox.is_over() {
                let _ = timeout(CLOSE_TIMEOUT, outlet.close()).await;
            }
            end
        }
    }
}

async fn read(
    link: &Link,
    incoming: &mut Incoming,
    read_buffer: &mut ReadBuffer,
    timers: Timers,
    handler: &mut impl Handler,
    stop: &Semaphore,
    interrupt: impl Future<Output = ()>,
) -> End {
    tokio::pin!(interrupt);
    let mut is_armed = !timers.waits_for_ping;
    loop {
        while let Some(next) = read_buffer.next() {
            // Once it is over nothing more is handled, and who does not take it is not waited for.
            if link.outbox.is_ended() {
                return End::Ended;
            }
            let handled = async {
                match next {
                    Ok(frame) => {
                        handle(link, &frame, read_buffer.index.saturating_sub(1), handler, &mut is_armed)
                            .await
                    }
                    Err(damaged) if handler.damaged(damaged).await => None,
                    Err(damaged) => Some(End::Malformed(damaged)),
                }
            };
            let end = tokio::select! {
                biased;
                end = handled => end,
                () = link.outbox.ended() => Some(End::Ended),
                () = given_up(link, stop) => {
                    link.outbox.abort();
                    Some(End::Ended)
                }
            };
            if let Some(end) = end {
                return end;
            }
        }
        // Counted from here: while we do not read it is not the other side that is late.
        let deadline = Instant::now() + timers.timeout;
        let came = tokio::select! {
            biased;
            _ = stop.acquire() => return End::Ended,
            () = link.outbox.ended() => return End::Ended,
            () = &mut interrupt => return End::Interrupted,
            came = incoming.next() => came,
            () = sleep_until(deadline), if is_armed => return End::TimedOut,
        };
        match came {
            Some(Came::Bytes(bytes)) => read_buffer.push(bytes),
            Some(Came::Closed) | None => return End::Disconnected,
            Some(Came::Lost(error)) => return End::Lost(error),
        }
    }
}

/// Waits until the socket is no more, and with it, unless it may be resumed, the connection. What is not taken off
/// us even then is lost, as the connection is.
async fn given_up(link: &Link, stop: &Semaphore) {
    // Closed is all that it ever is.
    let _ = stop.acquire().await;
    if link.is_stateful {
        sleep(RESUMABLE).await;
    }
}

/// The value of a message, sharing the frame's bytes.
fn owned(value: Value<'_>, frame: &Bytes) -> OwnedValue {
    OwnedValue::shared(value, frame)
}

async fn handle(
    link: &Link,
    frame: &Bytes,
    index: u64,
    handler: &mut impl Handler,
    is_armed: &mut bool,
) -> Option<End> {
    let encoding = link.encoding;
    // Nothing of the message is held while something is waited for.
    let step = match Message::read(frame, encoding) {
        Err(error) => {
            let location = Message::explain(frame, encoding).map(|explained| explained.location);
            Step::FrameError(error, location.unwrap_or_default())
        }
        Ok(message) if message.is_counted() && !link.count(frame) => Step::Nothing,
        Ok(message) => match message {
            Message::Ping => {
                *is_armed = true;
                Step::Nothing
            }
            Message::Close(close) => {
                let error = close.error.map(|error| error.to_string().into());
                return Some(End::Closed { error, allow_reconnect: close.allow_reconnect });
            }
            Message::Ack { sequence_id } => {
                link.outbox.acknowledged(sequence_id);
                Step::Nothing
            }
            Message::Sequence { sequence_id } => {
                if lock(&link.counted).starts_with(sequence_id) {
                    Step::Nothing
                } else {
                    Step::Fatal(Error::new(wire::ErrorKind::OutOfRange, 0))
                }
            }
            Message::StreamItem(item) => Step::Item(item.invocation_id.to_string(), owned(item.item, frame)),
            Message::Completion(completion) => {
                let outcome = match completion.result {
                    CompletionResult::Void => Outcome::Void,
                    CompletionResult::Result(value) => Outcome::Value(owned(value, frame)),
                    CompletionResult::Error(text) => Outcome::Error(text.to_string().into()),
                };
                Step::Completion(completion.invocation_id.to_string(), outcome)
            }
            Message::CancelInvocation(cancel) => Step::Cancel(cancel.invocation_id.to_string()),
            message => match ReceivedCall::new(&message, frame, encoding) {
                Some(call) => Step::Call(call),
                // A type that is not known is passed over.
                None => Step::Nothing,
            },
        },
    };
    let room = match step {
        Step::Call(_) | Step::Item(..) => link.take_room(frame).await,
        _ => None,
    };
    match step {
        Step::Nothing => {}
        Step::Call(call) => handler.call(call, room).await,
        Step::Cancel(id) => handler.cancel(&id).await,
        Step::Item(id, item) => {
            if !link.item(&id, item, room).await {
                handler.unexpected("StreamItem", &id).await;
            }
        }
        Step::Completion(id, outcome) => {
            if !link.complete(&id, outcome).await {
                handler.unexpected("Completion", &id).await;
            }
        }
        Step::FrameError(error, location) => {
            let damaged = FrameError { index, error, location, is_last: false };
            // It may have been one that counts: with it missing the other side can't be answered rightly.
            if link.is_stateful || !handler.damaged(damaged).await {
                return Some(End::Malformed(damaged));
            }
        }
        Step::Fatal(error) => {
            let location = Location { record: "Sequence", field: "sequence_id" };
            return Some(End::Malformed(FrameError { index, error, location, is_last: true }));
        }
    }
    None
}

enum Step {
    Nothing,
    Call(ReceivedCall),
    Cancel(String),
    Item(String, OwnedValue),
    Completion(String, Outcome),
    FrameError(Error, Location),
    Fatal(Error),
}

/// How writing ended.
enum Written {
    /// All was written, the last message as well.
    Ended,
    /// The other half stopped.
    Stopped,
    Failed(io::Error),
}

async fn write(
    link: &Link,
    outlet: &mut Outlet,
    timers: Timers,
    first: Option<i64>,
    stop: &Semaphore,
) -> Written {
    let work = async {
        let first = match first {
            Some(sequence_id) => Some(Message::Sequence { sequence_id }),
            None => timers.begins_with_ping.then_some(Message::Ping),
        };
        if let Some(Ok(frame)) = first.map(|first| link.frame(&first)) {
            outlet.send(Outgoing::new(frame, link.encoding)).await?;
        }
        write_all(link, outlet, timers).await
    };
    let written = tokio::select! {
        biased;
        written = work => written,
        _ = stop.acquire() => return Written::Stopped,
    };
    match written {
        Err(error) => Written::Failed(error),
        Ok(false) => Written::Stopped,
        Ok(true) => match timeout(CLOSE_TIMEOUT, outlet.close()).await {
            Ok(Err(error)) => Written::Failed(error),
            _ => Written::Ended,
        },
    }
}

/// Writes what there is until the end; whether all was written.
async fn write_all(link: &Link, outlet: &mut Outlet, timers: Timers) -> io::Result<bool> {
    let ping = link.frame(&Message::Ping).unwrap_or_default();
    let mut next_ping = Instant::now() + timers.keep_alive;
    let mut next_ack = Instant::now() + ACK_INTERVAL;
    loop {
        let ack_is_due = async {
            tokio::select! {
                () = sleep_until(next_ack) => {}
                () = link.much_came.notified() => {}
            }
        };
        let frame = tokio::select! {
            biased;
            () = ack_is_due, if link.is_stateful => {
                next_ack = Instant::now() + ACK_INTERVAL;
                if link.is_behind() {
                    continue;
                }
                let sequence_id = lock(&link.counted).take_news();
                match sequence_id.map(|sequence_id| link.frame(&Message::Ack { sequence_id })) {
                    Some(Ok(frame)) => frame,
                    _ => continue,
                }
            }
            next = link.outbox.next() => match next {
                Next::Frame(frame) => frame,
                Next::End(close) => {
                    if let Some(close) = close {
                        outlet.send(Outgoing::new(close, link.encoding)).await?;
                    }
                    return Ok(true);
                }
                Next::Over => return Ok(false),
            },
            () = sleep_until(next_ping) => ping.clone(),
        };
        // A peer that does not read holds this up, until the connection is aborted or has ended.
        outlet.feed(Outgoing::new(frame, link.encoding)).await?;
        // What else waits goes with it.
        for _ in 1..BATCH {
            let Some(frame) = link.outbox.try_next_frame() else { break };
            outlet.feed(Outgoing::new(frame, link.encoding)).await?;
        }
        outlet.flush().await?;
        next_ping = Instant::now() + timers.keep_alive;
    }
}

/// A record with its end.
pub(super) fn record(write: impl FnOnce(&mut Buffer) -> Result<(), wire::Full>) -> Bytes {
    let mut out = Buffer::new();
    // A buffer takes whatever there is memory for.
    let _ = write(&mut out);
    debug_assert!(out.as_slice().last() == Some(&RECORD_END));
    out.freeze()
}
