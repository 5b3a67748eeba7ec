//! Packets over the streams of the standard library.

use super::ends::connection;
use super::inbox::Inbox;
use super::{Codec, Damaged, Encode, Options, Outbox, Overrides, Received, Side, Version, WriteError};
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
    pub fn read(&mut self) -> io::Result<Option<Result<Received, Damaged>>> {
        read(&mut self.stream, &mut self.inbox)
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
    pub fn read(&mut self) -> io::Result<Option<Result<Received, Damaged>>> {
        read(&mut self.stream, &mut self.inbox)
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

fn read<R: Read>(stream: &mut R, inbox: &mut Inbox) -> io::Result<Option<Result<Received, Damaged>>> {
    loop {
        if let Some(item) = inbox.next() {
            return Ok(Some(item));
        }
        inbox.make_room();
        let (before, room) = (inbox.buffer.len(), inbox.buffer.capacity());
        inbox.buffer.resize(room, 0);
        let read = stream.read(inbox.buffer.get_mut(before..).unwrap_or_default());
        let count = read.as_ref().map_or(0, |count| *count);
        inbox.buffer.truncate(before.saturating_add(count));
        match read {
            Ok(0) => return inbox.end().map(|()| None),
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
