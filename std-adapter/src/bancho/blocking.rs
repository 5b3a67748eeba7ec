//! Packets over the streams of the standard library.

use super::connection_macro::connection;
use super::read_buffer::ReadBuffer;
use super::{Codec, Encode, FrameError, Options, Outbox, Overrides, Received, Side, Version, WriteError};
use bytes::Buf;
use std::io::{self, Read, Write};

connection! {
    /// Packets over anything that reads and writes: a `TcpStream`, a serial port, a pipe.
    ///
    /// What is written waits until it is flushed, so many packets are sent at once. A read or a flush that
    /// fails, with a timeout for instance, may be repeated and goes on where it was.
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
    /// let received = connection.read()?.expect("a packet")?;
    /// assert_eq!(received.name(), "OsuPong");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    split: /// Two halves for two threads, of streams that are two ends of one: a `TcpStream` and its
    split: /// `try_clone`.
}

impl<S: Read> Connection<S> {
    /// The next packet; `None` where the stream ends.
    ///
    /// A frame that can't be read is an error inside: one packet is lost, and the next call goes on
    /// behind it.
    ///
    /// # Errors
    /// The stream's own; [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) where it ends inside a frame.
    /// What was read before stays.
    pub fn read(&mut self) -> io::Result<Option<Result<Received, FrameError>>> {
        read(&mut self.stream, &mut self.read_buffer)
    }
}

impl<S: Write> Connection<S> {
    /// Sends what waits.
    ///
    /// # Errors
    /// The stream's own; what was not sent still waits.
    pub fn flush(&mut self) -> io::Result<()> {
        flush(&mut self.stream, &mut self.outbox)
    }

    /// Writes a packet and sends all that waits.
    ///
    /// # Errors
    /// Those of [`write`](Self::write) and of [`flush`](Self::flush).
    pub fn send(&mut self, packet: &impl Encode) -> io::Result<usize> {
        send(&mut self.stream, &mut self.outbox, packet)
    }
}

impl<R: Read> Reader<R> {
    /// The next packet; `None` where the stream ends. See [`Connection::read`].
    ///
    /// # Errors
    /// The stream's own; [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) where it ends inside a frame.
    pub fn read(&mut self) -> io::Result<Option<Result<Received, FrameError>>> {
        read(&mut self.stream, &mut self.read_buffer)
    }
}

impl<W: Write> Writer<W> {
    /// Sends what waits. See [`Connection::flush`].
    ///
    /// # Errors
    /// The stream's own.
    pub fn flush(&mut self) -> io::Result<()> {
        flush(&mut self.stream, &mut self.outbox)
    }

    /// Writes a packet and sends all that waits.
    ///
    /// # Errors
    /// Those of [`write`](Self::write) and of [`flush`](Self::flush).
    pub fn send(&mut self, packet: &impl Encode) -> io::Result<usize> {
        send(&mut self.stream, &mut self.outbox, packet)
    }
}

fn read<R: Read>(
    stream: &mut R,
    read_buffer: &mut ReadBuffer,
) -> io::Result<Option<Result<Received, FrameError>>> {
    loop {
        if let Some(item) = read_buffer.next() {
            return Ok(Some(item));
        }
        read_buffer.make_room();
        let (before, room) = (read_buffer.buffer.len(), read_buffer.buffer.capacity());
        read_buffer.buffer.resize(room, 0);
        let read = stream.read(read_buffer.buffer.get_mut(before..).unwrap_or_default());
        let count = read.as_ref().map_or(0, |count| *count);
        read_buffer.buffer.truncate(before.saturating_add(count));
        match read {
            Ok(0) => return read_buffer.end().map(|()| None),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
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

fn send<W: Write>(stream: &mut W, outbox: &mut Outbox, packet: &impl Encode) -> io::Result<usize> {
    let mut written = outbox.write(packet);
    if written == Err(WriteError::Full) && !outbox.buffer.is_empty() {
        flush(stream, outbox)?;
        written = outbox.write(packet);
    }
    let frames = written.map_err(io::Error::other)?;
    flush(stream, outbox)?;
    Ok(frames)
}
