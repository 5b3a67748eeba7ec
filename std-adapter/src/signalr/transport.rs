//! What carries messages: WebSockets, and streams of bytes.

use super::Encoding;
use crate::websocket_error::io_error;
use bytes::{Bytes, BytesMut};
use futures_util::{Sink, SinkExt, Stream, StreamExt, future, sink, stream};
use std::fmt;
use std::io;
use std::pin::Pin;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

/// How much of a stream of bytes is read at once.
const READ: usize = 4 << 10;

/// What came.
#[derive(Debug)]
pub(super) enum Came {
    /// Bytes, cut anywhere.
    Bytes(Bytes),
    /// The peer has closed the WebSocket as it is meant to be.
    Closed,
    /// The connection broke.
    Lost(io::Error),
}

/// One message to be sent.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) bytes: Bytes,
    /// Whether it is text for a WebSocket.
    pub(super) is_text: bool,
}

impl Outgoing {
    pub(super) fn new(bytes: Bytes, encoding: Encoding) -> Self {
        Self { bytes, is_text: encoding == Encoding::Json }
    }
}

pub(super) type Incoming = Pin<Box<dyn Stream<Item = Came> + Send>>;
pub(super) type Outlet = Pin<Box<dyn Sink<Outgoing, Error = io::Error> + Send>>;

/// What carries the messages of one connection.
///
/// Either end takes any: a WebSocket over whatever stream, also one in memory, or a stream of bytes without a
/// WebSocket, over which SignalR goes as well.
pub struct Transport {
    pub(super) incoming: Incoming,
    pub(super) outlet: Outlet,
}

impl Transport {
    /// A WebSocket that is open: one message of it for each of SignalR's, binary for MessagePack and text for JSON.
    /// Read are messages that are cut anywhere.
    pub fn websocket<S>(socket: WebSocketStream<S>) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (outlet, incoming) = socket.split();
        let incoming = incoming.filter_map(|received| {
            future::ready(match received {
                Ok(Message::Text(text)) => Some(Came::Bytes(text.into())),
                Ok(Message::Binary(bytes)) => Some(Came::Bytes(bytes)),
                Ok(Message::Close(_)) | Err(Error::ConnectionClosed) => Some(Came::Closed),
                // Answered by the socket itself.
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => None,
                Err(error) => Some(Came::Lost(io_error(error))),
            })
        });
        let outlet = outlet.sink_map_err(io_error).with(|Outgoing { bytes, is_text }| {
            future::ready(if is_text {
                Utf8Bytes::try_from(bytes)
                    .map(Message::Text)
                    .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
            } else {
                Ok(Message::Binary(bytes))
            })
        });
        Self { incoming: Box::pin(incoming), outlet: Box::pin(outlet) }
    }

    /// A stream of bytes, of which the messages are cut without a WebSocket: a `TcpStream`, a pipe, memory.
    ///
    /// Where it ends without a Close message before, it counts as broken.
    pub fn bytes<S>(stream: S) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let (reads, writes) = tokio::io::split(stream);
        let incoming = stream::unfold(Some(reads), |reads| async {
            let mut reads = reads?;
            let mut buffer = BytesMut::with_capacity(READ);
            Some(match reads.read_buf(&mut buffer).await {
                Ok(0) => (Came::Lost(io::ErrorKind::UnexpectedEof.into()), None),
                Ok(_) => (Came::Bytes(buffer.freeze()), Some(reads)),
                Err(error) => (Came::Lost(error), None),
            })
        });
        let outlet = sink::unfold(writes, |mut writes, Outgoing { bytes, .. }| async move {
            writes.write_all(&bytes).await?;
            writes.flush().await?;
            Ok(writes)
        });
        Self { incoming: Box::pin(incoming), outlet: Box::pin(outlet) }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").finish_non_exhaustive()
    }
}
