//! Lobby messages over the streams of tokio.

use super::codec::shrink;
use super::{Body, Codec, FrameError, Framing, Options, Received, WriteError};
use bytes::BytesMut;
use std::fmt;
use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::Semaphore;

/// How much is read at once.
const READ: usize = 4 << 10;

/// Lobby messages over anything that reads and writes asynchronously: a `TcpStream`, a TLS stream, a
/// [`WebSocket`](super::WebSocket). A client's end and a server's are the same.
///
/// Both halves can be had apart: a [`Reader`], and a [`Sender`] that can be cloned and sent from many tasks.
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
///     match received {
///         Ok(message) if message.command() == "ping" => sender.send(&Message::PONG).await?,
///         Ok(message) => println!("{}", message.text()),
///         Err(damaged) => println!("one message less: {damaged}"),
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
    /// A connection in this framing.
    pub fn new(stream: S, framing: Framing) -> Self {
        Self::with_options(stream, framing, Options::default())
    }

    /// The same with other options.
    pub fn with_options(stream: S, framing: Framing, options: Options) -> Self {
        let (reads, writes) = tokio::io::split(stream);
        let codec = Codec::with_options(framing, options);
        Self { reader: Reader::new(reads, codec.clone()), sender: Sender::new(writes, codec) }
    }

    /// Two halves for two tasks; the sender can be cloned for more.
    pub fn split(self) -> (Reader<ReadHalf<S>>, Sender<WriteHalf<S>>) {
        (self.reader, self.sender)
    }

    /// The next message; `None` where the stream ends. See [`Reader::read`].
    ///
    /// # Errors
    /// The stream's own.
    pub async fn read(&mut self) -> io::Result<Option<Result<Received, FrameError>>> {
        self.reader.read().await
    }

    /// Sends a message. See [`Sender::send`].
    ///
    /// # Errors
    /// Any [`SendError`].
    pub fn send(&self, message: &impl Body) -> impl Future<Output = Result<(), SendError>> {
        // Of the half that reads the future holds nothing: so it may go to another thread where that half,
        // shared, may not.
        self.sender.send(message)
    }

    /// Sends messages in one go. See [`Sender::send_all`].
    ///
    /// # Errors
    /// Any [`SendError`].
    pub fn send_all<B: Body>(
        &self,
        messages: impl IntoIterator<Item = B>,
    ) -> impl Future<Output = Result<(), SendError>> {
        self.sender.send_all(messages)
    }

    /// The half that sends, for another task.
    pub fn sender(&self) -> Sender<WriteHalf<S>> {
        self.sender.clone()
    }

    /// Whether the connection is open, as far as is known: see [`Sender::is_connected`].
    pub fn is_connected(&self) -> bool {
        self.sender.is_connected()
    }

    /// Closes the connection. See [`Sender::close`].
    pub fn close(&self) -> impl Future<Output = ()> {
        self.sender.close()
    }
}

/// The half of a [`Connection`] that reads.
#[derive(Debug)]
pub struct Reader<R> {
    stream: R,
    codec: Codec,
    buffer: BytesMut,
    has_ended: bool,
}

impl<R> Reader<R> {
    /// Reads messages from a stream.
    pub fn new(stream: R, codec: Codec) -> Self {
        Self { stream, codec, buffer: BytesMut::new(), has_ended: false }
    }

    /// How many bytes of the stream the messages so far took.
    pub fn position(&self) -> u64 {
        self.codec.position()
    }
}

impl<R: AsyncRead + Unpin> Reader<R> {
    /// The next message; `None` where the stream ends.
    ///
    /// One that can't be read is an error inside, also where the stream ends in the middle of it: it is lost,
    /// and the next call goes on behind it. The future may be dropped at any time: no byte is lost.
    ///
    /// # Errors
    /// The stream's own.
    pub async fn read(&mut self) -> io::Result<Option<Result<Received, FrameError>>> {
        loop {
            if let Some(message) = self.codec.next_message(&mut self.buffer) {
                return Ok(Some(message));
            }
            if self.has_ended {
                return Ok(None);
            }
            shrink(&mut self.buffer);
            if self.buffer.capacity() - self.buffer.len() < READ / 4 {
                // As much again, so that a long message is moved seldom, but never as much as it claims.
                self.buffer.reserve(READ.max(self.buffer.len()));
            }
            // May be dropped without losing bytes, as tokio promises; all other state is in here.
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                self.has_ended = true;
                return Ok(self.codec.finish(&mut self.buffer));
            }
        }
    }
}

/// The half of a [`Connection`] that sends, for any number of tasks at once.
///
/// What several tasks write while one of them is sending goes out together after that.
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
    /// Has no permits, and is closed by [`Sender::abort`]: who is sending can wait for that.
    aborted: Semaphore,
    /// What waits to be sent.
    waiting: Mutex<BytesMut>,
    stream: tokio::sync::Mutex<Writing<W>>,
}

/// The stream, with what is on its way: so a future that is dropped loses nothing.
#[derive(Debug)]
struct Writing<W> {
    stream: W,
    sending: BytesMut,
    /// Whether nothing more is to be sent, since that failed or the connection was closed.
    is_over: bool,
}

/// Why a message was not sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum SendError {
    /// The message can't be written, or too much waits already.
    Write(WriteError),
    /// The connection is closed, on either side.
    Disconnected,
    /// The stream failed just now. The connection counts as closed from here on.
    Io(io::Error),
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write(error) => error.fmt(f),
            Self::Disconnected => f.write_str("the connection is closed"),
            Self::Io(error) => write!(f, "the connection was lost: {error}"),
        }
    }
}

impl std::error::Error for SendError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Write(error) => Some(error),
            Self::Disconnected => None,
            Self::Io(error) => Some(error),
        }
    }
}

impl From<WriteError> for SendError {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

impl<W> Sender<W> {
    /// Sends messages on a stream.
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

    /// Whether the connection is open, as far as is known: nobody has closed it here, and nothing failed to be
    /// sent.
    pub fn is_connected(&self) -> bool {
        self.shared.is_connected.load(Ordering::Acquire)
    }

    /// Writes a message to what waits to be sent; [`drain`](Self::drain) sends it.
    ///
    /// # Errors
    /// [`SendError::Write`], [`SendError::Disconnected`].
    pub fn write(&self, message: &impl Body) -> Result<(), SendError> {
        self.check()?;
        let mut waiting = self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(self.shared.codec.write(message, &mut waiting)?)
    }

    fn check(&self) -> Result<(), SendError> {
        if self.is_connected() { Ok(()) } else { Err(SendError::Disconnected) }
    }
}

impl<W: AsyncWrite + Unpin> Sender<W> {
    /// Sends a message, after all that waits.
    ///
    /// Where the future is dropped the message may wait, as after [`write`](Self::write).
    ///
    /// # Errors
    /// Any [`SendError`].
    pub async fn send(&self, message: &impl Body) -> Result<(), SendError> {
        self.write(message)?;
        self.drain().await
    }

    /// Sends messages in one go: none of another task comes between them. Where one of them can't be written,
    /// none is sent.
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
                    return Err(error.into());
                }
            }
        }
        self.drain().await
    }

    /// Sends what waits. Returns once all that waited when it was called is sent, whoever sent it.
    ///
    /// The future may be dropped at any time: what was not sent still waits.
    ///
    /// # Errors
    /// [`SendError::Disconnected`], [`SendError::Io`].
    pub async fn drain(&self) -> Result<(), SendError> {
        let mut writing = self.shared.stream.lock().await;
        // It may have been closed while others were sending.
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
                // What was written is no longer in the buffer, and nothing else is; so this may be dropped.
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

    /// Does something that a peer may hold up for ever, until the connection is aborted.
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

    /// Sends what waits, if that can be, and closes the connection. It never fails, and may be called any
    /// number of times.
    ///
    /// It takes as long as the peer takes to read what waits. Where the future is dropped before, another
    /// [`close`](Self::close) goes on, or [`abort`](Self::abort) puts an end to it.
    pub async fn close(&self) {
        let mut writing = self.shared.stream.lock().await;
        self.shared.is_connected.store(false, Ordering::Release);
        if !writing.is_over {
            let _ = self.unless_aborted(self.send_waiting(&mut writing)).await;
            writing.is_over = true;
        }
        // Whatever is wrong with it, it is closed now.
        let _ = self.unless_aborted(writing.stream.shutdown()).await;
    }

    /// Closes the connection at once, with what waits, also while others are sending to a peer that does not
    /// read.
    pub async fn abort(&self) {
        self.shared.is_connected.store(false, Ordering::Release);
        self.shared.aborted.close();
        let mut writing = self.shared.stream.lock().await;
        writing.is_over = true;
        // A stream that has something to say first is not waited for.
        std::future::poll_fn(|cx| {
            let _ = Pin::new(&mut writing.stream).poll_shutdown(cx);
            Poll::Ready(())
        })
        .await;
    }
}
