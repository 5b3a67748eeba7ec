//! SignalR on tokio: all of [`lobbywire_core::signalr`], clients, hubs, and types for what calls carry.
//!
//! # Where things are
//!
//! - `Client` calls a hub: with results, without, with streams to it and from it. What the hub calls comes as
//!   `Event`s. It negotiates, with tokens and redirects, and connects again, or goes on with another socket, where
//!   `ClientOptions` say so. Feature `signalr-client`.
//! - `Hub` is what a server does, `TypedHub` the same with an enum of methods, and `Server` has its connections;
//!   `axum::routes` puts it where clients look for it. `Clients` are those who are connected, and `Recipients` some
//!   of them. Feature `signalr-server`.
//! - `Transport` carries either: a WebSocket, or any stream of bytes.
//! - Feature `signalr` alone: `ToArguments` and `FromArguments`, `ToValue` and `FromValue` are what types of one's own
//!   implement; tuples, numbers, texts, lists and options do, and `Serde` wraps what serde knows. `Call`, `Method`
//!   and `FromCall` are for methods that are types.
//!
//! In MessagePack arguments are handed on as the bytes that they are, and read by their own types alone: so osu!lazer's
//! mods, which are no MessagePack, come through.
#![cfg_attr(
    all(feature = "signalr-client", feature = "signalr-server"),
    doc = r#"
```
use lobbywire::signalr::{
    Client, ClientOptions, Encoding, Hub, HubCall, HubClient, HubError, Reply, Server, ServerOptions, Transport,
};

struct Dice;

impl Hub for Dice {
    async fn invoke(&self, caller: &HubClient, call: &HubCall) -> Result<Reply, HubError> {
        match call.target() {
            "Roll" => {
                let (max,): (u32,) = call.read()?;
                caller.clients().all().send("Rolled", (max, 4))?;
                call.reply(&4)
            }
            _ => Err(HubError::unknown_method()),
        }
    }
}

# tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
// In memory; `Client::connect` and `signalr::axum::routes` do the same over HTTP.
let (near, far) = tokio::io::duplex(1024);
let server = Server::new(Dice, ServerOptions::default());
tokio::spawn(async move { server.serve(Transport::bytes(near)).await });

let options = ClientOptions::new(Encoding::MessagePack);
let (client, mut events) = Client::over(Transport::bytes(far), options).await?;
assert_eq!(client.invoke::<i32>("Roll", (6,)).await?, 4);
let call = events.next_call().await.expect("the hub is there");
assert_eq!((call.target(), call.read::<(u32, u32)>()?), ("Rolled", (6, 4)));
client.close().await;
# Ok::<(), Box<dyn std::error::Error>>(())
# })?;
# Ok::<(), Box<dyn std::error::Error>>(())
```
"#
)]

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
// One end takes less of what both share.
#[cfg(feature = "_signalr-connection")]
#[cfg_attr(not(all(feature = "signalr-client", feature = "signalr-server")), allow(dead_code))]
mod connection;
#[cfg(feature = "signalr")]
mod error;
#[cfg(feature = "signalr-server")]
mod hub;
#[cfg(feature = "_signalr-connection")]
#[cfg_attr(not(all(feature = "signalr-client", feature = "signalr-server")), allow(dead_code))]
mod negotiate;
#[cfg(feature = "_signalr-connection")]
#[cfg_attr(not(all(feature = "signalr-client", feature = "signalr-server")), allow(dead_code))]
mod reconnect;
#[cfg(feature = "signalr-server")]
mod server;
#[cfg(feature = "_signalr-connection")]
#[cfg_attr(not(all(feature = "signalr-client", feature = "signalr-server")), allow(dead_code))]
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
pub use connection::{CallError, FrameError, Pending, ReceivedCall};
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
