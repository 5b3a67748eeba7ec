//! Transports: WebSockets and byte streams.

use crate::signalr::Encoding;
use crate::websocket_error::io_error;
use bytes::{Bytes, BytesMut};
use futures_util::{Sink, SinkExt, Stream, StreamExt, future, sink, stream};
use std::fmt;
use std::io;
use std::pin::Pin;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

/// The size of one read from a byte stream, in bytes.
const READ_SIZE: usize = 4 << 10;

/// What a transport received.
#[derive(Debug)]
pub(crate) enum Received {
    /// Bytes, split at any position.
    Bytes(Bytes),
    /// The peer has closed the WebSocket.
    Closed,
    /// The transport failed.
    Lost(io::Error),
}

/// One message to send.
#[derive(Debug)]
pub(crate) struct Outgoing {
    bytes: Bytes,
    /// Whether a WebSocket sends it as a text message.
    is_text: bool,
}

impl Outgoing {
    pub(crate) fn new(bytes: Bytes, encoding: Encoding) -> Self {
        Self { bytes, is_text: encoding == Encoding::Json }
    }
}

pub(crate) type Incoming = Pin<Box<dyn Stream<Item = Received> + Send>>;
pub(crate) type Outlet = Pin<Box<dyn Sink<Outgoing, Error = io::Error> + Send>>;

/// The transport of a connection, for clients and servers: a WebSocket over any stream, or a plain byte stream.
pub struct Transport {
    pub(crate) incoming: Incoming,
    pub(crate) outlet: Outlet,
}

impl Transport {
    /// An open WebSocket.
    ///
    /// Each SignalR message is sent as one WebSocket message: binary for MessagePack, text for JSON. Received
    /// WebSocket messages may split SignalR messages at any position.
    pub fn websocket<S>(socket: WebSocketStream<S>) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (outlet, incoming) = socket.split();
        let incoming = incoming.filter_map(|received| {
            future::ready(match received {
                Ok(Message::Text(text)) => Some(Received::Bytes(text.into())),
                Ok(Message::Binary(bytes)) => Some(Received::Bytes(bytes)),
                Ok(Message::Close(_)) | Err(Error::ConnectionClosed) => Some(Received::Closed),
                // tungstenite answers these.
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => None,
                Err(error) => Some(Received::Lost(io_error(error))),
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

    /// A byte stream without a WebSocket, such as a `TcpStream`, a pipe, or memory.
    ///
    /// A stream that ends without a Close message counts as lost.
    pub fn bytes<S>(stream: S) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let (reads, writes) = tokio::io::split(stream);
        let incoming = stream::unfold(Some(reads), |reads| async {
            let mut reads = reads?;
            let mut buffer = BytesMut::with_capacity(READ_SIZE);
            Some(match reads.read_buf(&mut buffer).await {
                Ok(0) => (Received::Lost(io::ErrorKind::UnexpectedEof.into()), None),
                Ok(_) => (Received::Bytes(buffer.freeze()), Some(reads)),
                Err(error) => (Received::Lost(error), None),
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
