//! Connections over the blocking streams of the standard library.

use super::connection_macro::connection;
use super::read_buffer::ReadBuffer;
use super::{
    Codec, Encode, Options, Outbox, Overrides, ReadError, Received, SendError, Side, Version, WriteError,
};
use bytes::Buf;
use std::io::{self, Read, Write};

connection! {
    /// Sends and receives packets over any blocking stream: a `TcpStream`, a serial port, a pipe.
    ///
    /// Written packets are buffered until they are flushed, so that many are sent at once. A read or flush that
    /// fails, for example with a timeout, can be repeated and continues where it stopped.
    ///
    /// ```
    /// use lobbywire::bancho::{Version, blocking::Connection, client, server};
    /// use std::net::{TcpListener, TcpStream};
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0")?;
    /// let far = TcpStream::connect(listener.local_addr()?)?;
    /// Connection::client(far, Version::LATEST).send(&client::Pong)?;
    ///
    /// let mut connection = Connection::server(listener.accept()?.0, Version::LATEST);
    /// let received = connection.read()?.expect("a packet");
    /// assert_eq!(received.name(), "OsuPong");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    split: /// Splits the connection into two halves for two threads. `split` returns two handles of the stream: a
    split: /// `TcpStream` and its `try_clone`.
}

impl<S: Read> Connection<S> {
    /// Receives the next packet; `None` at the end of the stream.
    ///
    /// # Errors
    /// - [`ReadError::Malformed`]: one packet is lost, and the next call continues after it.
    /// - [`ReadError::Io`]: the stream failed, or ended inside a frame
    ///   ([`UnexpectedEof`](io::ErrorKind::UnexpectedEof)). Received bytes stay, so the call can be repeated
    ///   after a timeout.
    pub fn read(&mut self) -> Result<Option<Received>, ReadError> {
        read(&mut self.stream, &mut self.read_buffer)
    }
}

impl<S: Write> Connection<S> {
    /// Sends the buffered packets.
    ///
    /// # Errors
    /// The stream's own; unsent bytes stay buffered.
    pub fn flush(&mut self) -> io::Result<()> {
        flush(&mut self.stream, &mut self.outbox)
    }

    /// Writes a packet and sends all buffered packets. Returns the number of frames written; 0 means that this
    /// version has no such packet.
    ///
    /// # Errors
    /// - [`SendError::Write`]: as for [`write`](Self::write).
    /// - [`SendError::Io`]: as for [`flush`](Self::flush).
    pub fn send(&mut self, packet: &impl Encode) -> Result<usize, SendError> {
        send(&mut self.stream, &mut self.outbox, packet)
    }
}

impl<R: Read> Reader<R> {
    /// Receives the next packet; `None` at the end of the stream.
    ///
    /// # Errors
    /// Those of [`Connection::read`].
    pub fn read(&mut self) -> Result<Option<Received>, ReadError> {
        read(&mut self.stream, &mut self.read_buffer)
    }
}

impl<W: Write> Writer<W> {
    /// Sends the buffered packets.
    ///
    /// # Errors
    /// Those of [`Connection::flush`].
    pub fn flush(&mut self) -> io::Result<()> {
        flush(&mut self.stream, &mut self.outbox)
    }

    /// Writes a packet and sends all buffered packets.
    ///
    /// # Errors
    /// Those of [`Connection::send`].
    pub fn send(&mut self, packet: &impl Encode) -> Result<usize, SendError> {
        send(&mut self.stream, &mut self.outbox, packet)
    }
}

fn read<R: Read>(stream: &mut R, read_buffer: &mut ReadBuffer) -> Result<Option<Received>, ReadError> {
    loop {
        if let Some(item) = read_buffer.next() {
            return item.map(Some).map_err(ReadError::Malformed);
        }
        read_buffer.reserve();
        let (before, room) = (read_buffer.buffer.len(), read_buffer.buffer.capacity());
        read_buffer.buffer.resize(room, 0);
        let read = stream.read(read_buffer.buffer.get_mut(before..).unwrap_or_default());
        let count = read.as_ref().map_or(0, |count| *count);
        read_buffer.buffer.truncate(before.saturating_add(count));
        match read {
            Ok(0) => {
                read_buffer.end()?;
                return Ok(None);
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn flush<W: Write>(stream: &mut W, outbox: &mut Outbox) -> io::Result<()> {
    while !outbox.buffer.is_empty() {
        match stream.write(&outbox.buffer) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => outbox.buffer.advance(count.min(outbox.buffer.len())),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    outbox.shrink();
    stream.flush()
}

fn send<W: Write>(stream: &mut W, outbox: &mut Outbox, packet: &impl Encode) -> Result<usize, SendError> {
    let mut written = outbox.write(packet);
    if written == Err(WriteError::Full) && !outbox.buffer.is_empty() {
        flush(stream, outbox)?;
        written = outbox.write(packet);
    }
    let frames = written.map_err(SendError::Write)?;
    flush(stream, outbox)?;
    Ok(frames)
}
