//! Packets over the streams of tokio.

use super::connection_macro::connection;
use super::read_buffer::ReadBuffer;
use super::{Codec, Encode, FrameError, Options, Outbox, Overrides, Received, Side, Version, WriteError};
use std::future::poll_fn;
use std::io;
use std::task::Poll;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};

connection! {
    /// Packets over anything that reads and writes asynchronously: a `TcpStream`, a TLS stream, a pipe.
    ///
    /// What is written waits until it is flushed, so many packets are sent at once. Reading and flushing may
    /// be dropped at any time, as in `select!`, and go on where they were.
    ///
    /// ```
    /// use lobbywire::bancho::{Connection, Version, client, server};
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
    /// while let Some(received) = connection.read().await? {
    ///     match received.and_then(|received| Ok(received.client()?.name())) {
    ///         Ok(name) => println!("{name}"),
    ///         Err(damaged) => println!("one packet less: {damaged}"),
    ///     }
    /// #   break;
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    split: /// Two halves for two tasks, of a stream that `split` splits: `TcpStream::into_split` does so
    split: /// without a lock.
}

impl<S: AsyncRead + AsyncWrite> Connection<S> {
    /// Two halves for two tasks, of any stream.
    pub fn split(self) -> (Reader<ReadHalf<S>>, Writer<WriteHalf<S>>) {
        self.split_with(tokio::io::split)
    }
}

impl<S: AsyncRead + Unpin> Connection<S> {
    /// The next packet; `None` where the stream ends.
    ///
    /// A frame that can't be read is an error inside: one packet is lost, and the next call goes on
    /// behind it. The future may be dropped at any time: no byte is lost.
    ///
    /// # Errors
    /// The stream's own; [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) where it ends inside a frame.
    pub async fn read(&mut self) -> io::Result<Option<Result<Received, FrameError>>> {
        read(&mut self.stream, &mut self.read_buffer).await
    }
}

impl<S: AsyncWrite + Unpin> Connection<S> {
    /// Sends what waits. The future may be dropped at any time: what was not sent still waits.
    ///
    /// # Errors
    /// The stream's own.
    pub async fn flush(&mut self) -> io::Result<()> {
        flush(&mut self.stream, &mut self.outbox).await
    }

    /// Writes a packet and sends all that waits.
    ///
    /// Where the future is dropped, the packet may wait, as after [`write`](Self::write).
    ///
    /// # Errors
    /// Those of [`write`](Self::write) and of [`flush`](Self::flush).
    pub async fn send(&mut self, packet: &impl Encode) -> io::Result<usize> {
        send(&mut self.stream, &mut self.outbox, packet).await
    }
}

impl<R: AsyncRead + Unpin> Reader<R> {
    /// The next packet; `None` where the stream ends. See [`Connection::read`].
    ///
    /// # Errors
    /// The stream's own; [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) where it ends inside a frame.
    pub async fn read(&mut self) -> io::Result<Option<Result<Received, FrameError>>> {
        read(&mut self.stream, &mut self.read_buffer).await
    }
}

impl<W: AsyncWrite + Unpin> Writer<W> {
    /// Sends what waits. See [`Connection::flush`].
    ///
    /// # Errors
    /// The stream's own.
    pub async fn flush(&mut self) -> io::Result<()> {
        flush(&mut self.stream, &mut self.outbox).await
    }

    /// Writes a packet and sends all that waits. See [`Connection::send`].
    ///
    /// # Errors
    /// Those of [`write`](Self::write) and of [`flush`](Self::flush).
    pub async fn send(&mut self, packet: &impl Encode) -> io::Result<usize> {
        send(&mut self.stream, &mut self.outbox, packet).await
    }
}

async fn read<R>(
    stream: &mut R,
    read_buffer: &mut ReadBuffer,
) -> io::Result<Option<Result<Received, FrameError>>>
where
    R: AsyncRead + Unpin,
{
    loop {
        if read_buffer.gives_way() {
            give_way().await;
        }
        if let Some(item) = read_buffer.next() {
            return Ok(Some(item));
        }
        read_buffer.make_room();
        // May be dropped without losing bytes, as tokio promises; all other state is in the read_buffer.
        if stream.read_buf(&mut read_buffer.buffer).await? == 0 {
            return read_buffer.end().map(|()| None);
        }
    }
}

async fn flush<W: AsyncWrite + Unpin>(stream: &mut W, outbox: &mut Outbox) -> io::Result<()> {
    while !outbox.buffer.is_empty() {
        // What was written is no longer in the buffer, and nothing else is; so this may be dropped.
        if stream.write_buf(&mut outbox.buffer).await? == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
    }
    outbox.shrink();
    stream.flush().await
}

async fn send<W>(stream: &mut W, outbox: &mut Outbox, packet: &impl Encode) -> io::Result<usize>
where
    W: AsyncWrite + Unpin,
{
    let mut written = outbox.write(packet);
    if written == Err(WriteError::Full) && !outbox.buffer.is_empty() {
        flush(stream, outbox).await?;
        written = outbox.write(packet);
    }
    let frames = written.map_err(io::Error::other)?;
    flush(stream, outbox).await?;
    Ok(frames)
}

/// Lets other tasks run once.
async fn give_way() {
    let mut has_given_way = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut has_given_way, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
