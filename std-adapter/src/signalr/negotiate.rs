//! Negotiation over HTTP, before a connection.

use serde::{Deserialize, Serialize};

/// The highest supported version of the negotiation.
pub(super) const VERSION: u32 = 1;

/// The response to `POST …/negotiate`. Unknown properties are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct NegotiateResponse {
    /// The version that the server chose. Missing means 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negotiate_version: Option<u32>,
    /// Redirects to this address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The bearer token for `url`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token: Option<String>,
    /// The public id of the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// The secret id of the connection, from version 1 on. Version 0 uses `connection_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_token: Option<String>,
    /// Whether stateful reconnect is used. The client must have requested it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_stateful_reconnect: Option<bool>,
    /// The supported transports.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub available_transports: Vec<AvailableTransport>,
    /// Why the server refuses the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Present only in ASP.NET SignalR, an older and incompatible protocol.
    #[serde(rename = "ProtocolVersion", skip_serializing_if = "Option::is_none")]
    pub(super) protocol_version: Option<serde_json::Value>,
}

/// A transport that the server supports.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct AvailableTransport {
    /// `WebSockets`, `ServerSentEvents` or `LongPolling`.
    pub transport: String,
    /// `Text` for JSON, `Binary` for MessagePack.
    pub transfer_formats: Vec<String>,
}

impl AvailableTransport {
    /// WebSockets for both encodings.
    pub fn web_sockets() -> Self {
        Self { transport: "WebSockets".into(), transfer_formats: vec!["Text".into(), "Binary".into()] }
    }
}
