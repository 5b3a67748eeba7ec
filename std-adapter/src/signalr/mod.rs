//! SignalR: all of [`lobbywire_core::signalr`], and what needs a heap or an operating system.

#[cfg(feature = "signalr-server")]
pub mod axum;
#[cfg(feature = "signalr")]
mod call;
#[cfg(feature = "signalr-client")]
mod client;
#[cfg(feature = "signalr-server")]
mod clients;
#[cfg(feature = "signalr-client")]
mod connect;
#[cfg(feature = "_signalr-connection")]
mod connection;
#[cfg(feature = "signalr")]
mod error;
#[cfg(feature = "signalr-server")]
mod hub;
#[cfg(feature = "_signalr-connection")]
mod negotiate;
#[cfg(feature = "_signalr-connection")]
mod reconnect;
#[cfg(feature = "signalr-server")]
mod server;
#[cfg(feature = "_signalr-connection")]
mod stream;
#[cfg(feature = "_signalr-connection")]
mod transport;
#[cfg(feature = "signalr")]
mod value;

pub use lobbywire_core::signalr::*;

#[cfg(feature = "signalr")]
pub use call::{Call, FromArguments, FromCall, Method, OwnedArguments, ToArguments};
#[cfg(feature = "signalr-client")]
pub use client::{
    Client, ClientOptions, CloseReason, ConnectError, Event, Events, IncomingCall, ReconnectPolicy, Retry,
};
#[cfg(feature = "signalr-server")]
pub use clients::{Clients, HubClient, Recipients};
#[cfg(feature = "_signalr-connection")]
pub use connection::{CallError, Damaged, Pending, ReceivedCall};
#[cfg(feature = "signalr")]
pub use error::{DecodeError, EncodeError};
#[cfg(feature = "signalr-server")]
pub use hub::{Hub, HubCall, HubError, ItemSender, Reply, Typed, TypedHub};
#[cfg(feature = "_signalr-connection")]
pub use negotiate::{AvailableTransport, NegotiateResponse};
#[cfg(feature = "signalr-server")]
pub use server::{Server, ServerOptions};
#[cfg(feature = "_signalr-connection")]
pub use stream::{Items, Upload};
#[cfg(feature = "_signalr-connection")]
pub use transport::Transport;
#[cfg(feature = "signalr")]
pub use value::{Buffer, FromValue, OwnedValue, Serde, ToValue};
