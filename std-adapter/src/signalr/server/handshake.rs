//! The server's side of the handshake.

use super::options::ServerOptions;
use crate::signalr::connection::encode;
use crate::signalr::connection::read_buffer::{HandshakeFailure, ReadBuffer};
use crate::signalr::connection::timers::CLOSE_TIMEOUT;
use crate::signalr::connection::transport::{Outgoing, Transport};
use crate::signalr::{Encoding, HandshakeRequest, HandshakeResponse, Text};
use crate::wire::{Json, JsonSyntax};
use futures_util::SinkExt;
use std::io;
use tokio::time::timeout;

/// Receives and answers the handshake. Returns the encoding and the version of the hub protocol; `None` if the
/// connection was refused or lost.
pub(super) async fn accept(
    transport: &mut Transport,
    read_buffer: &mut ReadBuffer,
    options: &ServerOptions,
) -> Option<(Encoding, i64)> {
    let record = timeout(options.handshake_timeout, read_buffer.handshake(&mut transport.incoming)).await;
    let agreed = match record {
        Err(_) => Err(String::from("The handshake was not received before the timeout.")),
        Ok(Err(HandshakeFailure::Lost(error))) if error.kind() == io::ErrorKind::InvalidData => {
            Err(format!("The handshake is malformed: {error}."))
        }
        Ok(Err(HandshakeFailure::Lost(_))) => return None,
        Ok(Err(HandshakeFailure::Malformed(error))) => Err(format!("The handshake is malformed: {error}.")),
        Ok(Ok(record)) => agree(&record, options),
    };
    let (encoding, error) = match &agreed {
        Ok((encoding, _)) => (*encoding, None),
        // No encoding was agreed on, so the answer is text.
        Err(error) => (Encoding::Json, serde_json::to_string(error).ok()),
    };
    let error = error.as_deref().and_then(|error| Json::parse(error, JsonSyntax::STRICT).ok());
    let response = HandshakeResponse { error: error.and_then(|error| error.as_text()) };
    let response = encode::handshake(|out| response.write(out));
    let sent = timeout(CLOSE_TIMEOUT, transport.outlet.send(Outgoing::new(response, encoding))).await;
    match agreed {
        Ok(agreed) => matches!(sent, Ok(Ok(()))).then_some(agreed),
        Err(_) => {
            let _ = timeout(CLOSE_TIMEOUT, transport.outlet.close()).await;
            None
        }
    }
}

fn agree(record: &[u8], options: &ServerOptions) -> Result<(Encoding, i64), String> {
    let request =
        HandshakeRequest::read(record).map_err(|error| format!("The handshake is malformed: {error}."))?;
    let encoding = request.encoding().filter(|encoding| options.encodings.contains(encoding));
    let name = Text::from(request.protocol);
    let encoding = encoding.ok_or_else(|| format!("The hub does not support the protocol '{name}'."))?;
    if request.version > 2 {
        return Err(format!("The hub does not support version {} of '{name}'.", request.version));
    }
    Ok((encoding, request.version))
}
