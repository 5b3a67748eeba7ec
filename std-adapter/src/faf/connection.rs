//! Lobby messages over tokio streams.

use super::codec::shrink;
use super::{Body, Codec, Framing, Options, ReadError, Received, SendError};
use bytes::BytesMut;
use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::Semaphore;

/// Bytes to reserve for one read.
const READ: usize = 4 << 10;

/// A lobby connection over any asynchronous stream: a `TcpStream`, a TLS stream, a
/// `WebSocket` (feature `websocket`). Clients and servers use the same type.
///
/// [`split`](Self::split) separates it into a [`Reader`] and a [`Sender`]. Senders can be cloned and used
/// from many tasks.
///
/// ```
/// use lobbywire::faf::{Connection, Framing, Message, client};
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let (stream, far) = tokio::io::duplex(1024);
/// # let far = Connection::new(far, Framing::QDataStream);
/// # far.send(&client::Ping::default()).await?;
/// let (mut reader, sender) = Connection::new(stream, Framing::QDataStream).split();
/// while let Some(received) = reader.read().await? {
///     match received.command() {
///         "ping" => sender.send(&Message::PONG).await?,
///         _ => println!("{}", received.text()),
///     }
/// #   break;
/// }
/// sender.close().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Connection<S> {
    reader: Reader<ReadHalf<S>>,
    sender: Sender<WriteHalf<S>>,
}

impl<S: AsyncRead + AsyncWrite> Connection<S> {
    /// Creates a connection with the default options.
    pub fn new(stream: S, framing: Framing) -> Self {
        Self::with_options(stream, framing, Options::default())
    }

    /// Creates a connection with these options.
    pub fn with_options(stream: S, framing: Framing, options: Options) -> Self {
        let (reads, writes) = tokio::io::split(stream);
        let codec = Codec::with_options(framing, options);
        Self { reader: Reader::new(reads, codec.clone()), sender: Sender::new(writes, codec) }
    }

    /// Splits the connection into halves for two tasks. Clone the sender for more tasks.
    pub fn split(self) -> (Reader<ReadHalf<S>>, Sender<WriteHalf<S>>) {
        (self.reader, self.sender)
    }

    /// Reads the next message; `None` at the end of the stream. See [`Reader::read`].
    ///
    /// # Errors
    /// [`ReadError::Malformed`], [`ReadError::Io`].
    pub async fn read(&mut self) -> Result<Option<Received>, ReadError> {
        self.reader.read().await
    }

    /// Sends a message. See [`Sender::send`].
    ///
    /// # Errors
    /// Any [`SendError`].
    pub fn send(&self, message: &impl Body) -> impl Future<Output = Result<(), SendError>> {
        // The future does not borrow the reader, so it is `Send` even if the read half is not `Sync`.
        self.sender.send(message)
    }

    /// Sends messages as one uninterrupted batch. See [`Sender::send_all`].
    ///
    /// # Errors
    /// Any [`SendError`].
    pub fn send_all<B: Body>(
        &self,
        messages: impl IntoIterator<Item = B>,
    ) -> impl Future<Output = Result<(), SendError>> {
        self.sender.send_all(messages)
    }

    /// Returns a sender for another task.
    pub fn sender(&self) -> Sender<WriteHalf<S>> {
        self.sender.clone()
    }

    /// Whether the connection is open, as far as is known. See [`Sender::is_connected`].
    pub fn is_connected(&self) -> bool {
        self.sender.is_connected()
    }

    /// Closes the connection. See [`Sender::close`].
    pub fn close(&self) -> impl Future<Output = ()> {
        self.sender.close()
    }
}

/// The read half of a [`Connection`].
#[derive(Debug)]
pub struct Reader<R> {
    stream: R,
    codec: Codec,
    buffer: BytesMut,
    has_ended: bool,
}

impl<R> Reader<R> {
    /// Creates a reader.
    pub fn new(stream: R, codec: Codec) -> Self {
        Self { stream, codec, buffer: BytesMut::new(), has_ended: false }
    }

    /// How many bytes of the stream have been consumed.
    pub fn position(&self) -> u64 {
        self.codec.position()
    }
}

impl<R: AsyncRead + Unpin> Reader<R> {
    /// Reads the next message; `None` at the end of the stream.
    ///
    /// Cancel safe: dropping the future loses no bytes.
    ///
    /// # Errors
    /// - [`ReadError::Malformed`] if a message is malformed, or if the stream ends inside one. The message is
    ///   skipped; the next call continues after it.
    /// - [`ReadError::Io`] if the stream fails.
    pub async fn read(&mut self) -> Result<Option<Received>, ReadError> {
        loop {
            if let Some(message) = self.codec.next_message(&mut self.buffer) {
                return message.map(Some).map_err(ReadError::Malformed);
            }
            if self.has_ended {
                return Ok(None);
            }
            shrink(&mut self.buffer);
            if self.buffer.capacity() - self.buffer.len() < READ / 4 {
                // Doubling keeps copying linear, and the buffer grows with received bytes, not with a claimed
                // length.
                self.buffer.reserve(READ.max(self.buffer.len()));
            }
            // `read_buf` is cancel safe, and all other state is in `self`.
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                self.has_ended = true;
                return self.codec.finish(&mut self.buffer).transpose().map_err(ReadError::Malformed);
            }
        }
    }
}

/// The write half of a [`Connection`]. Clones may send from any number of tasks.
///
/// Messages that are written while another task is sending are sent together afterwards.
#[derive(Debug)]
pub struct Sender<W> {
    shared: Arc<Shared<W>>,
}

impl<W> Clone for Sender<W> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

#[derive(Debug)]
struct Shared<W> {
    codec: Codec,
    is_connected: AtomicBool,
    /// Has no permits. [`Sender::abort`] closes it, which wakes tasks that are sending.
    aborted: Semaphore,
    /// Encoded messages that are not being sent yet.
    waiting: Mutex<BytesMut>,
    stream: tokio::sync::Mutex<Writing<W>>,
}

/// The stream and the bytes that are being sent. They survive a dropped future.
#[derive(Debug)]
struct Writing<W> {
    stream: W,
    sending: BytesMut,
    /// Whether sending has ended: it failed, or the connection was closed.
    is_over: bool,
}

impl<W> Sender<W> {
    /// Creates a sender.
    pub fn new(stream: W, codec: Codec) -> Self {
        let writing = Writing { stream, sending: BytesMut::new(), is_over: false };
        Self {
            shared: Arc::new(Shared {
                codec,
                is_connected: AtomicBool::new(true),
                aborted: Semaphore::new(0),
                waiting: Mutex::new(BytesMut::new()),
                stream: tokio::sync::Mutex::new(writing),
            }),
        }
    }

    /// Whether the connection is open, as far as is known: it has not been closed locally, and sending has not
    /// failed.
    pub fn is_connected(&self) -> bool {
        self.shared.is_connected.load(Ordering::Acquire)
    }

    /// Writes a message to the send buffer. Call [`drain`](Self::drain) to send it.
    ///
    /// # Errors
    /// [`SendError::Write`], [`SendError::Disconnected`].
    pub fn write(&self, message: &impl Body) -> Result<(), SendError> {
        self.check()?;
        let mut waiting = self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.codec.write(message, &mut waiting).map_err(SendError::Write)
    }

    fn check(&self) -> Result<(), SendError> {
        if self.is_connected() { Ok(()) } else { Err(SendError::Disconnected) }
    }
}

impl<W: AsyncWrite + Unpin> Sender<W> {
    /// Sends a message, after everything that is already in the send buffer.
    ///
    /// If the future is dropped, the message may remain in the send buffer, as after [`write`](Self::write).
    ///
    /// # Errors
    /// Any [`SendError`].
    pub async fn send(&self, message: &impl Body) -> Result<(), SendError> {
        self.write(message)?;
        self.drain().await
    }

    /// Sends messages as one batch: messages of other tasks are not sent in between. If one of them cannot be
    /// encoded, none is sent.
    ///
    /// # Errors
    /// Any [`SendError`].
    pub async fn send_all<B: Body>(&self, messages: impl IntoIterator<Item = B>) -> Result<(), SendError> {
        self.check()?;
        {
            let mut waiting = self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            let before = waiting.len();
            for message in messages {
                if let Err(error) = self.shared.codec.write(&message, &mut waiting) {
                    waiting.truncate(before);
                    return Err(SendError::Write(error));
                }
            }
        }
        self.drain().await
    }

    /// Sends the contents of the send buffer. Returns once everything that was in it at the time of the call
    /// has been sent, by this or another task.
    ///
    /// Cancel safe: bytes that were not sent remain in the buffer.
    ///
    /// # Errors
    /// [`SendError::Disconnected`], [`SendError::Io`].
    pub async fn drain(&self) -> Result<(), SendError> {
        let mut writing = self.shared.stream.lock().await;
        // The connection may have been closed while this task waited for the lock.
        self.check()?;
        let sent = self.unless_aborted(self.send_waiting(&mut writing)).await;
        if sent.is_err() {
            self.shared.is_connected.store(false, Ordering::Release);
            writing.is_over = true;
        }
        sent
    }

    async fn send_waiting(&self, Writing { stream, sending, .. }: &mut Writing<W>) -> io::Result<()> {
        loop {
            while !sending.is_empty() {
                // `write_buf` removes exactly the bytes it wrote, so this loop is cancel safe.
                if stream.write_buf(sending).await? == 0 {
                    return Err(io::ErrorKind::WriteZero.into());
                }
            }
            shrink(sending);
            let mut waiting = self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.is_empty() {
                break;
            }
            std::mem::swap(sending, &mut *waiting);
        }
        stream.flush().await
    }

    /// Runs I/O that a stalled peer could block forever, until it completes or the connection is aborted.
    async fn unless_aborted(&self, work: impl Future<Output = io::Result<()>>) -> Result<(), SendError> {
        let (mut work, mut aborted) = (pin!(work), pin!(self.shared.aborted.acquire()));
        std::future::poll_fn(|cx| {
            if !self.shared.aborted.is_closed()
                && let Poll::Ready(done) = work.as_mut().poll(cx)
            {
                return Poll::Ready(done.map_err(SendError::Io));
            }
            aborted.as_mut().poll(cx).map(|_| Err(SendError::Disconnected))
        })
        .await
    }

    /// Sends the contents of the send buffer if possible, and closes the connection. Never fails, and may be
    /// called repeatedly.
    ///
    /// Waits until the peer has read everything. If the future is dropped, call [`close`](Self::close) again to
    /// continue, or [`abort`](Self::abort) to stop.
    pub async fn close(&self) {
        let mut writing = self.shared.stream.lock().await;
        self.shared.is_connected.store(false, Ordering::Release);
        if !writing.is_over {
            let _ = self.unless_aborted(self.send_waiting(&mut writing)).await;
            writing.is_over = true;
        }
        // The connection counts as closed even if the shutdown fails.
        let _ = self.unless_aborted(writing.stream.shutdown()).await;
    }

    /// Closes the connection immediately and discards the send buffer, even while other tasks are blocked on
    /// a peer that does not read.
    pub async fn abort(&self) {
        self.shared.is_connected.store(false, Ordering::Release);
        self.shared.aborted.close();
        let mut writing = self.shared.stream.lock().await;
        writing.is_over = true;
        // Poll once: a TLS close message or the like is not waited for.
        std::future::poll_fn(|cx| {
            let _ = Pin::new(&mut writing.stream).poll_shutdown(cx);
            Poll::Ready(())
        })
        .await;
    }
}
