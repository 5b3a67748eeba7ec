//! The client's side of the handshake.

use super::connect::{self, Connected, Endpoint};
use super::error::ConnectError;
use super::options::ClientOptions;
use crate::signalr::connection::encode;
use crate::signalr::connection::link::{Buffers, Link};
use crate::signalr::connection::read_buffer::{HandshakeFailure, ReadBuffer};
use crate::signalr::connection::transport::{Outgoing, Transport};
use crate::signalr::{HandshakeRequest, HandshakeResponse};
use futures_util::SinkExt;
use std::sync::Arc;
use tokio::time::timeout;

/// A connection after its handshake.
pub(super) struct Established {
    pub(super) link: Arc<Link>,
    pub(super) transport: Transport,
    pub(super) read_buffer: ReadBuffer,
    pub(super) connection_id: Option<String>,
    /// Where to open further sockets, with stateful reconnect.
    pub(super) resume: Option<Endpoint>,
}

impl Established {
    pub(super) async fn connect(address: &str, options: &ClientOptions) -> Result<Self, ConnectError> {
        Self::shake_hands(connect::connect(address, options).await?, options).await
    }

    pub(super) async fn over(transport: Transport, options: &ClientOptions) -> Result<Self, ConnectError> {
        let connected = Connected { transport, connection_id: None, resume: None };
        Self::shake_hands(connected, options).await
    }

    async fn shake_hands(connected: Connected, options: &ClientOptions) -> Result<Self, ConnectError> {
        let Connected { mut transport, connection_id, resume } = connected;
        let mut request = HandshakeRequest::new(options.encoding);
        if resume.is_some() {
            request.version = 2;
        }
        let mut read_buffer = ReadBuffer::new(options.maximum_receive_message_size);
        let record = async {
            let request = encode::handshake(|out| request.write(out));
            let request = Outgoing::new(request, options.encoding);
            transport.outlet.send(request).await.map_err(HandshakeFailure::Lost)?;
            read_buffer.handshake(&mut transport.incoming).await
        };
        let record = match timeout(options.handshake_timeout, record).await {
            Err(_) => return Err(ConnectError::TimedOut),
            Ok(Err(HandshakeFailure::Lost(error))) => return Err(ConnectError::Io(error)),
            Ok(Err(HandshakeFailure::Malformed(error))) => return Err(ConnectError::Handshake(error)),
            Ok(Ok(record)) => record,
        };
        let response = HandshakeResponse::read(&record).map_err(ConnectError::Handshake)?;
        if let Some(error) = response.error {
            return Err(ConnectError::Refused(error.to_string().into()));
        }
        read_buffer.begin(options.encoding);
        let buffers = Buffers {
            soft_limit: options.send_buffer_size,
            hard_limit: options.send_buffer_size.saturating_mul(16),
            items: options.stream_buffer_capacity,
        };
        let link = Arc::new(Link::new(options.encoding, resume.is_some(), buffers));
        Ok(Self { link, transport, read_buffer, connection_id, resume })
    }
}
