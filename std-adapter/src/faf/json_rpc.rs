//! JSON-RPC between a client and its ice adapter, with names for what is said.
//!
//! On the wire each message is an object of JSON-RPC 2.0 with a line feed behind it; parameters have places, not
//! names. [`Objects`] cuts a stream into them.
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

/// An object of JSON-RPC: a call, a notification, or the answer to a call.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Message {
    /// `2.0`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jsonrpc: Option<String>,
    /// Which call it is, or answers; notifications have none.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub id: Option<Json>,
    /// What is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// With what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<Vec<Json>>,
    /// What the call has given.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub result: Option<Json>,
    /// Why the call has failed: text, or `{"code", "message"}`.
    #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
    pub error: Option<Json>,
}

/// A value that is there, be it `null`.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

impl fmt::Debug for Message {
    /// Not what is called with, nor what came of it, which may be passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, method, .. } = self;
        f.debug_struct("Message").field("id", id).field("method", method).finish_non_exhaustive()
    }
}

impl Message {
    fn new() -> Self {
        Self { jsonrpc: Some("2.0".to_owned()), ..Self::default() }
    }

    /// The object in this text.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(text: &str) -> serde_json::Result<Self> {
        // To serde a list of the fields' values would do as well.
        if !text.trim_ascii_start().starts_with('{') {
            return Err(serde_json::Error::custom("expected an object"));
        }
        serde_json::from_str(text)
    }

    /// A call, which is answered with the same id.
    pub fn call(id: i64, call: &Call) -> Self {
        Self { id: Some(id.into()), ..Self::of(call) }
    }

    /// A notification, which nobody answers.
    pub fn notification(notification: &Notification) -> Self {
        Self::of(notification)
    }

    fn of(method: &impl Method) -> Self {
        let (name, params) = method.parts();
        Self { method: Some(name.to_owned()), params: Some(params), ..Self::new() }
    }

    /// The answer to a call.
    pub fn answer(id: Json, result: impl Into<Json>) -> Self {
        Self { id: Some(id), result: Some(result.into()), ..Self::new() }
    }

    /// What is called, or notified of; `None` for answers.
    ///
    /// # Errors
    /// Where a known method has other parameters than it takes.
    pub fn method<M: Method>(&self) -> serde_json::Result<Option<M>> {
        let Some(method) = &self.method else { return Ok(None) };
        M::of_parts(method, self.params.as_deref().unwrap_or_default()).map(Some)
    }

    /// The object as text in ASCII, without the line feed that goes behind it.
    ///
    /// Inside of strings, braces and quotes are escaped as `\u007b`: there are readers that count them.
    ///
    /// # Errors
    /// None that parsed values give.
    pub fn to_text(&self) -> serde_json::Result<String> {
        Json::new(self).map(|json| for_counters(json.text()))
    }
}

/// The same JSON without a brace or an escaped quote in any string.
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
            // Outside of strings there are none.
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

/// Something that is called by a name, with parameters in places.
pub trait Method: Sized {
    /// The name and the parameters.
    fn parts(&self) -> (&str, Vec<Json>);

    /// What this name with these parameters is.
    ///
    /// # Errors
    /// Where there are others than it takes.
    fn of_parts(method: &str, params: &[Json]) -> serde_json::Result<Self>;
}

/// Declares methods: a row each, with the name on the wire and the parameters in order.
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
            /// A method that is not known here.
            Unknown {
                /// Its name.
                method: String,
                /// What it takes.
                params: Vec<Json>,
            },
        }

        impl fmt::Debug for $name {
            /// Not what adapters say to each other, which has passwords in it.
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
            fn of_parts(method: &str, params: &[Json]) -> serde_json::Result<Self> {
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
    /// What a client has its adapter do. Each is answered with `"ok"`, but for [`Status`](Self::Status).
    Call {
        /// Ends the adapter.
        Quit "quit" {}
        /// Has the game wait for players.
        HostGame "hostGame" {
            /// The map's folder.
            map: String,
        }
        /// Has the game join another one.
        JoinGame "joinGame" {
            /// The host's name.
            login: String,
            /// The host's id.
            id: i64,
        }
        /// Has the game connect to a player.
        ConnectToPeer "connectToPeer" {
            /// The player's name.
            login: String,
            /// The player's id.
            id: i64,
            /// Whether this side is to begin.
            offer: bool,
        }
        /// Has the game let a player go.
        DisconnectFromPeer "disconnectFromPeer" {
            /// The player's id.
            id: i64,
        }
        /// Says how the game is to open its lobby.
        SetLobbyInitMode "setLobbyInitMode" {
            /// `normal` or `auto`.
            mode: String,
        }
        /// What another adapter has to say.
        IceMsg "iceMsg" {
            /// Whose adapter.
            id: i64,
            /// What it is, untouched.
            msg: Json,
        }
        /// Has a command sent to the game.
        SendToGpgNet "sendToGpgNet" {
            /// The command's name.
            header: String,
            /// What it takes.
            chunks: Vec<gpgnet::Arg>,
        }
        /// Says which servers help to connect.
        SetIceServers "setIceServers" {
            /// The servers.
            servers: Vec<IceServer>,
        }
        /// Asks how the adapter does: an object, or text that is one, by the adapter.
        Status "status" {}
    }

    /// What an adapter lets its client know.
    Notification {
        /// The game has connected to the adapter, or is gone.
        ConnectionStateChanged "onConnectionStateChanged" {
            /// `Connected` or `Disconnected`.
            state: String,
        }
        /// The game has said something.
        GpgNetMessageReceived "onGpgNetMessageReceived" {
            /// The command's name.
            header: String,
            /// What it takes.
            chunks: Vec<gpgnet::Arg>,
        }
        /// There is something to say to another adapter.
        IceMsg "onIceMsg" {
            /// The player's id.
            local: i64,
            /// The other player's id.
            remote: i64,
            /// What it is, untouched.
            msg: Json,
        }
        /// The connection to another player has come to a state.
        IceConnectionStateChanged "onIceConnectionStateChanged" {
            /// The player's id.
            local: i64,
            /// The other player's id.
            remote: i64,
            /// `new`, `gathering`, `awaitingCandidates`, `checking`, `connected`, `completed`, `disconnected`.
            state: String,
        }
        /// The connection to another player is there, or no longer.
        Connected "onConnected" {
            /// The player's id.
            local: i64,
            /// The other player's id.
            remote: i64,
            /// Whether it is.
            is_connected: bool,
        }
    }
}
