//! A WebSocket as a stream of lines.

use super::codec::shrink;
use crate::websocket_error::io_error;
use bytes::{Buf, BytesMut};
use futures_util::{Sink, Stream};
use lobbywire_core::wire::JsonBoundary;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

/// A WebSocket as a stream of lines, for a [`Connection`](super::Connection) in
/// [`Framing::SimpleJson`](super::Framing::SimpleJson), on the client or the server.
///
/// Each line is sent as a text message, including its line feed: the Java client only parses what ends with one.
/// Text and binary messages are received, with or without line feeds. A line ends after a message that completes a JSON object (newer servers send one object per message), and after a
/// line feed (bridges to older servers split lines across messages). An object that is never closed therefore
/// also consumes the following messages, up to a line feed. If the peer sends one line per message, use
/// [`with_whole_messages`](Self::with_whole_messages), which loses only the one message.
///
/// A message is buffered until it has been read. Limit its size with `WebSocketConfig::max_message_size`.
///
/// ```
/// use lobbywire::faf::{Connection, Framing, WebSocket, client};
/// use tokio_tungstenite::WebSocketStream;
/// use tokio_tungstenite::tungstenite::protocol::Role;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// # let (near, far) = tokio::io::duplex(1024);
/// // As returned by `tokio_tungstenite::accept_async` and `client_async`.
/// let near = WebSocketStream::from_raw_socket(near, Role::Server, None).await;
/// let far = WebSocketStream::from_raw_socket(far, Role::Client, None).await;
///
/// let mut server = Connection::new(WebSocket::new(near), Framing::SimpleJson);
/// let client = Connection::new(WebSocket::new(far), Framing::SimpleJson);
/// client.send(&client::AskSession::default()).await?;
/// assert_eq!(server.read().await?.unwrap().command(), "ask_session");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct WebSocket<S> {
    socket: WebSocketStream<S>,
    /// Received bytes that have not been read yet.
    received: BytesMut,
    /// Tracks whether the received bytes end inside a JSON object.
    boundary: JsonBoundary,
    /// Whether anything but white space was received since the last line feed.
    is_in_line: bool,
    /// Whether a line feed was added after the last line, whose own line feed may still arrive.
    is_ended: bool,
    /// Whether every message is one line.
    is_whole: bool,
    has_closed: bool,
    /// A written line whose line feed is still missing.
    line: BytesMut,
}

impl<S> WebSocket<S> {
    /// Creates a stream. See the type's documentation for how messages are split into lines.
    pub fn new(socket: WebSocketStream<S>) -> Self {
        Self {
            socket,
            received: BytesMut::new(),
            boundary: JsonBoundary::NEW,
            is_in_line: false,
            is_ended: false,
            is_whole: false,
            has_closed: false,
            line: BytesMut::new(),
        }
    }

    /// Creates a stream in which every message is one line, whatever it contains. Newer servers and their
    /// clients send messages like this.
    pub fn with_whole_messages(socket: WebSocketStream<S>) -> Self {
        Self { is_whole: true, ..Self::new(socket) }
    }

    /// Returns the socket. Buffered data is lost.
    pub fn into_inner(self) -> WebSocketStream<S> {
        self.socket
    }

    /// Appends a message's content, and a line feed if it completes a line.
    fn take(&mut self, mut content: &[u8]) {
        if self.is_whole {
            self.received.extend_from_slice(content.strip_suffix(b"\n").unwrap_or(content));
            self.received.extend_from_slice(b"\n");
            return;
        }
        if self.is_ended {
            let blank = content.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
            content = content.get(blank..).unwrap_or_default();
            if content.is_empty() {
                return;
            }
            content = content.strip_prefix(b"\n").unwrap_or(content);
            self.is_ended = false;
        }
        for part in content.split_inclusive(|byte| *byte == b'\n') {
            let mut rest = part;
            while let Some(end) = self.boundary.find(rest) {
                rest = rest.get(end..).unwrap_or_default();
            }
            self.is_in_line |= !part.trim_ascii().is_empty();
            if part.ends_with(b"\n") {
                // Strings cannot contain line feeds, so whatever was open is not JSON.
                self.boundary = JsonBoundary::NEW;
                self.is_in_line = false;
            }
        }
        self.received.extend_from_slice(content);
        if self.is_in_line && self.boundary.is_between() {
            self.received.extend_from_slice(b"\n");
            self.is_in_line = false;
            self.is_ended = true;
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for WebSocket<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.received.is_empty() {
            if self.has_closed {
                return Poll::Ready(Ok(()));
            }
            shrink(&mut self.received);
            match ready!(Pin::new(&mut self.socket).poll_next(cx)) {
                Some(Ok(Message::Text(text))) => self.take(text.as_bytes()),
                Some(Ok(Message::Binary(bytes))) => self.take(&bytes),
                Some(Ok(Message::Close(_))) => {
                    self.has_closed = true;
                    // Polling once more sends the reply; nothing else will poll the socket again.
                    let _ = Pin::new(&mut self.socket).poll_next(cx);
                }
                None => self.has_closed = true,
                // The socket replies to pings itself.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Err(Error::ConnectionClosed | Error::AlreadyClosed)) => self.has_closed = true,
                Some(Err(error)) => return Poll::Ready(Err(io_error(error))),
            }
        }
        let count = self.received.len().min(buffer.remaining());
        buffer.put_slice(self.received.get(..count).unwrap_or_default());
        self.received.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for WebSocket<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        // Accept bytes only when the socket is ready, so that accepted bytes are never lost or sent twice.
        ready!(Pin::new(&mut self.socket).poll_ready(cx)).map_err(io_error)?;
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let Some(end) = end else {
            self.line.extend_from_slice(bytes);
            return Poll::Ready(Ok(bytes.len()));
        };
        let mut line = std::mem::take(&mut self.line);
        line.extend_from_slice(bytes.get(..=end).unwrap_or_default());
        let text = Utf8Bytes::try_from(line.freeze());
        let text = text.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        Pin::new(&mut self.socket).start_send(Message::Text(text)).map_err(io_error)?;
        Poll::Ready(Ok(end + 1))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx).map_err(io_error)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match ready!(Pin::new(&mut self.socket).poll_close(cx)) {
            Ok(()) | Err(Error::ConnectionClosed | Error::AlreadyClosed) => Poll::Ready(Ok(())),
            Err(error) => Poll::Ready(Err(io_error(error))),
        }
    }
}
