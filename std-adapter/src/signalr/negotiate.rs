//! What client and server settle over HTTP before there is a connection.

use serde::{Deserialize, Serialize};

/// The highest version of negotiation that is known.
pub(super) const VERSION: u32 = 1;

/// The answer to `POST …/negotiate`. What else is in it is passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct NegotiateResponse {
    /// The version that was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negotiate_version: Option<u32>,
    /// Where to negotiate instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// With which bearer token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// What everybody may know the connection by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// What only the client knows it by, from version 1 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_token: Option<String>,
    /// Whether the connection may be resumed, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_stateful_reconnect: Option<bool>,
    /// What may carry it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub available_transports: Vec<AvailableTransport>,
    /// Why there is no connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Only the SignalR of old ASP.NET has this, which is another protocol.
    #[serde(rename = "ProtocolVersion", skip_serializing_if = "Option::is_none")]
    pub(super) protocol_version: Option<serde_json::Value>,
}

/// What may carry a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct AvailableTransport {
    /// `WebSockets`, `ServerSentEvents`, `LongPolling`.
    pub transport: String,
    /// `Text`, `Binary`.
    pub transfer_formats: Vec<String>,
}

impl AvailableTransport {
    /// WebSockets, for both encodings.
    pub fn web_sockets() -> Self {
        Self { transport: "WebSockets".into(), transfer_formats: vec!["Text".into(), "Binary".into()] }
    }
}
