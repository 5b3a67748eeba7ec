//! JSON-RPC between a client and its ice adapter: typed calls and notifications.
//!
//! Each message is a JSON-RPC 2.0 object followed by a line feed. Parameters are positional. [`Objects`]
//! splits a stream into objects.
//!
//! ```
//! use lobbywire::faf::json_rpc::{Call, Message};
//!
//! let call = Message::call(7, &Call::JoinGame { login: "Rhiza".into(), id: 3 });
//! assert_eq!(call.to_text()?, r#"{"jsonrpc":"2.0","id":7,"method":"joinGame","params":["Rhiza",3]}"#);
//! assert_eq!(Message::parse(&call.to_text()?)?.method()?, Some(Call::JoinGame { login: "Rhiza".into(), id: 3 }));
//! # Ok::<(), serde_json::Error>(())
//! ```

use super::{IceServer, Json, gpgnet};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

pub use lobbywire_core::faf::json_rpc::Objects;

/// A JSON-RPC object: a call, a notification, or the reply to a call.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// `2.0`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jsonrpc: Option<String>,
    /// The call's id, repeated in its reply. Notifications have none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub id: Option<Json>,
    /// The method's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The parameters, in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<Vec<Json>>,
    /// The result of the call.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub result: Option<Json>,
    /// Why the call failed: a string, or `{"code", "message"}`.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub error: Option<Json>,
}

/// Deserializes a value that is present, including `null`.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

impl fmt::Debug for Message {
    /// Omits parameters and results, which may contain passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, method, .. } = self;
        f.debug_struct("Message").field("id", id).field("method", method).finish_non_exhaustive()
    }
}

impl Message {
    fn new() -> Self {
        Self { jsonrpc: Some("2.0".to_owned()), ..Self::default() }
    }

    /// Parses an object.
    ///
    /// # Errors
    /// If the text is not a JSON object.
    pub fn parse(text: &str) -> serde_json::Result<Self> {
        // serde would also accept an array of the fields' values.
        if !text.trim_ascii_start().starts_with('{') {
            return Err(serde_json::Error::custom("expected an object"));
        }
        serde_json::from_str(text)
    }

    /// A call. Its reply has the same id.
    pub fn call(id: i64, call: &Call) -> Self {
        Self { id: Some(id.into()), ..Self::of(call) }
    }

    /// A notification, which has no reply.
    pub fn notification(notification: &Notification) -> Self {
        Self::of(notification)
    }

    fn of(method: &impl Method) -> Self {
        let (name, params) = method.parts();
        Self { method: Some(name.to_owned()), params: Some(params), ..Self::new() }
    }

    /// The reply to a call.
    pub fn answer(id: Json, result: impl Into<Json>) -> Self {
        Self { id: Some(id), result: Some(result.into()), ..Self::new() }
    }

    /// Decodes the method and its parameters; `None` for replies.
    ///
    /// # Errors
    /// If the parameters do not fit a known method.
    pub fn method<M: Method>(&self) -> serde_json::Result<Option<M>> {
        let Some(method) = &self.method else { return Ok(None) };
        M::from_parts(method, self.params.as_deref().unwrap_or_default()).map(Some)
    }

    /// Encodes the object in ASCII, without the line feed after it.
    ///
    /// Braces and quotes inside strings are escaped, as in `\u007b`, because some readers count them.
    ///
    /// # Errors
    /// If a field is not valid JSON, which cannot happen for parsed values.
    pub fn to_text(&self) -> serde_json::Result<String> {
        Json::new(self).map(|json| for_counters(json.text()))
    }
}

/// Escapes braces and quotes inside strings.
fn for_counters(text: &str) -> String {
    let (mut out, mut is_in_string) = (String::with_capacity(text.len()), false);
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            '"' => is_in_string = !is_in_string,
            '{' | '}' if is_in_string => {
                out.push_str(if char == '{' { "\\u007b" } else { "\\u007d" });
                continue;
            }
            // Backslashes occur only inside strings.
            '\\' => {
                match chars.next() {
                    Some('"') => out.push_str("\\u0022"),
                    escaped => out.extend(escaped.into_iter().flat_map(|escaped| ['\\', escaped])),
                }
                continue;
            }
            _ => {}
        }
        out.push(char);
    }
    out
}

/// A method with positional parameters.
pub trait Method: Sized {
    /// Returns the name and the parameters.
    fn parts(&self) -> (&str, Vec<Json>);

    /// Decodes a method from its name and parameters.
    ///
    /// # Errors
    /// If the parameters do not fit a known method.
    fn from_parts(method: &str, params: &[Json]) -> serde_json::Result<Self>;
}

/// Declares methods: one row each, with the encoded name and the parameters in order.
macro_rules! methods {
    ($(
        $(#[$docs:meta])*
        $name:ident {
            $(
                $(#[$method_docs:meta])*
                $method:ident $wire:literal { $($(#[$param_docs:meta])* $param:ident: $ty:ty,)* }
            )*
        }
    )*) => {$(
        $(#[$docs])*
        #[derive(Clone, PartialEq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$method_docs])* $method { $($(#[$param_docs])* $param: $ty,)* },)*
            /// An unknown method.
            Unknown {
                /// The method's name.
                method: String,
                /// The parameters, in order.
                params: Vec<Json>,
            },
        }

        impl fmt::Debug for $name {
            /// Omits messages between adapters, which contain passwords.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$method { $($param),* } => {
                        let mut shown = f.debug_struct(stringify!($method));
                        $(if stringify!($param) != "msg" {
                            shown.field(stringify!($param), $param);
                        })*
                        shown.finish_non_exhaustive()
                    })*
                    Self::Unknown { method, .. } => {
                        f.debug_struct("Unknown").field("method", method).finish_non_exhaustive()
                    }
                }
            }
        }

        impl Method for $name {
            fn parts(&self) -> (&str, Vec<Json>) {
                match self {
                    $(Self::$method { $($param),* } => {
                        ($wire, vec![$(Json::new($param).unwrap_or_default()),*])
                    })*
                    Self::Unknown { method, params } => (method, params.clone()),
                }
            }

            #[allow(unused_mut, unused_variables)]
            fn from_parts(method: &str, params: &[Json]) -> serde_json::Result<Self> {
                let mut params = params.iter();
                match method {
                    $($wire => {
                        $(
                            let missing = || serde_json::Error::missing_field(stringify!($param));
                            let $param = params.next().ok_or_else(missing)?.to()?;
                        )*
                        Ok(Self::$method { $($param),* })
                    })*
                    _ => Ok(Self::Unknown { method: method.to_owned(), params: params.cloned().collect() }),
                }
            }
        }
    )*};
}

methods! {
    /// Calls from a client to its adapter. The result is `"ok"`, except for [`Status`](Self::Status).
    Call {
        /// Stops the adapter.
        Quit "quit" {}
        /// Makes the game host a lobby.
        HostGame "hostGame" {
            /// The map's folder.
            map: String,
        }
        /// Makes the game join a host.
        JoinGame "joinGame" {
            /// The host's name.
            login: String,
            /// The host's id.
            id: i64,
        }
        /// Makes the game connect to a player.
        ConnectToPeer "connectToPeer" {
            /// The player's name.
            login: String,
            /// The player's id.
            id: i64,
            /// Whether this side sends the offer.
            offer: bool,
        }
        /// Makes the game disconnect from a player.
        DisconnectFromPeer "disconnectFromPeer" {
            /// The player's id.
            id: i64,
        }
        /// Sets how the game opens its lobby.
        SetLobbyInitMode "setLobbyInitMode" {
            /// `normal` or `auto`.
            mode: String,
        }
        /// Delivers a message from another adapter.
        IceMsg "iceMsg" {
            /// The id of the other adapter's player.
            id: i64,
            /// The message, unchanged.
            msg: Json,
        }
        /// Sends a command to the game.
        SendToGpgNet "sendToGpgNet" {
            /// The command's name.
            header: String,
            /// The arguments.
            chunks: Vec<gpgnet::Arg>,
        }
        /// Sets the ICE servers.
        SetIceServers "setIceServers" {
            /// The servers.
            servers: Vec<IceServer>,
        }
        /// Requests the adapter's status. Depending on the adapter, the result is an object or a string
        /// containing one.
        Status "status" {}
    }

    /// Notifications from an adapter to its client.
    Notification {
        /// The game connected to the adapter, or disconnected.
        ConnectionStateChanged "onConnectionStateChanged" {
            /// `Connected` or `Disconnected`.
            state: String,
        }
        /// The game sent a command.
        GpgNetMessageReceived "onGpgNetMessageReceived" {
            /// The command's name.
            header: String,
            /// The arguments.
            chunks: Vec<gpgnet::Arg>,
        }
        /// A message to be delivered to another adapter.
        IceMsg "onIceMsg" {
            /// The player's id.
            local: i64,
            /// The other player's id.
            remote: i64,
            /// The message, unchanged.
            msg: Json,
        }
        /// The state of a connection to another player changed.
        IceConnectionStateChanged "onIceConnectionStateChanged" {
            /// The player's id.
            local: i64,
            /// The other player's id.
            remote: i64,
            /// `new`, `gathering`, `awaitingCandidates`, `checking`, `connected`, `completed`, `disconnected`.
            state: String,
        }
        /// A connection to another player was established or lost.
        Connected "onConnected" {
            /// The player's id.
            local: i64,
            /// The other player's id.
            remote: i64,
            /// Whether it is established.
            is_connected: bool,
        }
    }
}
