//! Connections over the asynchronous streams of tokio.

use super::connection_macro::connection;
use super::read_buffer::ReadBuffer;
use super::{
    Codec, Encode, Options, Outbox, Overrides, ReadError, Received, SendError, Side, Version, WriteError,
};
use std::future::poll_fn;
use std::io;
use std::task::Poll;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};

connection! {
    /// Sends and receives packets over any asynchronous stream: a `TcpStream`, a TLS stream, a pipe.
    ///
    /// Written packets are buffered until they are flushed, so that many are sent at once. Reading and flushing
    /// are cancel-safe and can be used in `select!`.
    ///
    /// ```
    /// use lobbywire::bancho::{Connection, ReadError, Version, client, server};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
    /// # let (stream, far) = tokio::io::duplex(1024);
    /// # let mut far = Connection::client(far, Version::LATEST);
    /// # far.send(&client::Pong).await?;
    /// let mut connection = Connection::server(stream, Version::LATEST);
    /// connection.write(&server::LoginReply::user(2))?;
    /// connection.write(&server::ChannelJoinSuccess("#osu"))?;
    /// connection.flush().await?;
    ///
    /// loop {
    ///     match connection.read().await {
    ///         Ok(Some(received)) => println!("{}", received.name()),
    ///         Ok(None) => break,
    ///         Err(ReadError::Malformed(error)) => println!("skipped a packet: {error}"),
    ///         Err(error) => return Err(error.into()),
    ///     }
    /// #   break;
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    split: /// Splits the connection into two halves for two tasks. `split` splits the stream:
    split: /// `TcpStream::into_split` does so without a lock.
}

impl<S: AsyncRead + AsyncWrite> Connection<S> {
    /// Splits the connection into two halves for two tasks, for any stream.
    pub fn split(self) -> (Reader<ReadHalf<S>>, Writer<WriteHalf<S>>) {
        self.split_with(tokio::io::split)
    }
}

impl<S: AsyncRead + Unpin> Connection<S> {
    /// Receives the next packet; `None` at the end of the stream. Cancel-safe: no bytes are lost if the future
    /// is dropped.
    ///
    /// # Errors
    /// - [`ReadError::Malformed`]: one packet is lost, and the next call continues after it.
    /// - [`ReadError::Io`]: the stream failed, or ended inside a frame
    ///   ([`UnexpectedEof`](io::ErrorKind::UnexpectedEof)).
    pub async fn read(&mut self) -> Result<Option<Received>, ReadError> {
        read(&mut self.stream, &mut self.read_buffer).await
    }
}

impl<S: AsyncWrite + Unpin> Connection<S> {
    /// Sends the buffered packets. Cancel-safe: unsent bytes stay buffered if the future is dropped.
    ///
    /// # Errors
    /// The stream's own.
    pub async fn flush(&mut self) -> io::Result<()> {
        flush(&mut self.stream, &mut self.outbox).await
    }

    /// Writes a packet and sends all buffered packets. Returns the number of frames written; 0 means that this
    /// version has no such packet.
    ///
    /// If the future is dropped, the packet may stay buffered, as after [`write`](Self::write).
    ///
    /// # Errors
    /// - [`SendError::Write`]: as for [`write`](Self::write).
    /// - [`SendError::Io`]: as for [`flush`](Self::flush).
    pub async fn send(&mut self, packet: &impl Encode) -> Result<usize, SendError> {
        send(&mut self.stream, &mut self.outbox, packet).await
    }
}

impl<R: AsyncRead + Unpin> Reader<R> {
    /// Receives the next packet; `None` at the end of the stream. Cancel-safe.
    ///
    /// # Errors
    /// Those of [`Connection::read`].
    pub async fn read(&mut self) -> Result<Option<Received>, ReadError> {
        read(&mut self.stream, &mut self.read_buffer).await
    }
}

impl<W: AsyncWrite + Unpin> Writer<W> {
    /// Sends the buffered packets. Cancel-safe.
    ///
    /// # Errors
    /// Those of [`Connection::flush`].
    pub async fn flush(&mut self) -> io::Result<()> {
        flush(&mut self.stream, &mut self.outbox).await
    }

    /// Writes a packet and sends all buffered packets. See [`Connection::send`].
    ///
    /// # Errors
    /// Those of [`Connection::send`].
    pub async fn send(&mut self, packet: &impl Encode) -> Result<usize, SendError> {
        send(&mut self.stream, &mut self.outbox, packet).await
    }
}

async fn read<R>(stream: &mut R, read_buffer: &mut ReadBuffer) -> Result<Option<Received>, ReadError>
where
    R: AsyncRead + Unpin,
{
    loop {
        if read_buffer.should_yield() {
            yield_now().await;
        }
        if let Some(item) = read_buffer.next() {
            return item.map(Some).map_err(ReadError::Malformed);
        }
        read_buffer.reserve();
        // `read_buf` is cancel-safe, and all other state is in `read_buffer`.
        if stream.read_buf(&mut read_buffer.buffer).await? == 0 {
            read_buffer.end()?;
            return Ok(None);
        }
    }
}

async fn flush<W: AsyncWrite + Unpin>(stream: &mut W, outbox: &mut Outbox) -> io::Result<()> {
    while !outbox.buffer.is_empty() {
        // `write_buf` is cancel-safe: it removes exactly the bytes that were written.
        if stream.write_buf(&mut outbox.buffer).await? == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
    }
    outbox.shrink();
    stream.flush().await
}

async fn send<W>(stream: &mut W, outbox: &mut Outbox, packet: &impl Encode) -> Result<usize, SendError>
where
    W: AsyncWrite + Unpin,
{
    let mut written = outbox.write(packet);
    if written == Err(WriteError::Full) && !outbox.buffer.is_empty() {
        flush(stream, outbox).await?;
        written = outbox.write(packet);
    }
    let frames = written.map_err(SendError::Write)?;
    flush(stream, outbox).await?;
    Ok(frames)
}

/// Lets other tasks run once. `tokio::task::yield_now` would need tokio's feature `rt`.
async fn yield_now() {
    let mut has_yielded = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut has_yielded, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
