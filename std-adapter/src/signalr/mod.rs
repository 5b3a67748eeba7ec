//! SignalR on tokio: the messages of [`lobbywire_core::signalr`], a client, a server, and types for calls.
//!
//! - Feature `signalr-client`: `Client` calls a hub, with results, without them, and with streams in either
//!   direction. Calls of the hub arrive as `Event`s. `ClientOptions` configures negotiation, tokens,
//!   reconnects and stateful reconnect.
//! - Feature `signalr-server`: implement `Hub`, or `TypedHub` with an enum of methods, and serve it with a
//!   `Server`; `axum::routes` makes routes of it. `Clients` are the connected clients, and `Recipients` a
//!   selection of them that receives a broadcast.
//! - Both use a `Transport`: a WebSocket or any byte stream.
//! - Feature `signalr`: arguments and values. Implement `ToArguments` and `FromArguments`, or `ToValue` and
//!   `FromValue`, for your own types. Tuples, numbers, strings, lists and options implement them, and `Serde`
//!   wraps types of serde. `Call`, `Method` and `FromCall` are for methods that are types.
//!
//! Arguments in MessagePack are passed on as bytes and decoded only by their own types. So osu!lazer's mods,
//! which are not valid MessagePack, are supported.
//!
//! # Malformed input
//!
//! As in .NET, an argument, result or item that is malformed affects only its call, because it is decoded only by the type
//! that reads it. In JSON these are strings with lone surrogates or invalid UTF-8, numbers that are too large, and `NaN`;
//! in MessagePack anything inside a message of the right length. A call fails with an error for its caller, and
//! `Hub::on_malformed` reports it. A client receives the call as an `Event`, whose arguments cannot be read.
//!
//! A message whose other parts are malformed ends a server's connection, as in .NET, and is an `Event::Malformed` of a
//! client, which reads on unless the start of the next message is unknown. The case of methods, protocols and transports is
//! ignored.
//!
//! To be strict, close the connection of the client in `Hub::on_malformed`, or close the client when it receives such an
//! event. To check the JSON of values that are forwarded unread, parse them with
//! [`JsonSyntax::STRICT`](crate::wire::JsonSyntax::STRICT).
//!
//! # Errors
//!
//! | error | returned by |
//! |---|---|
//! | `DecodeError` | decoding arguments and values |
//! | `WriteError` | encoding arguments, values and messages |
//! | `SendError` | sending: a `WriteError`, or the connection is closed |
//! | `CallError` | invocations and streams: sending, decoding, or an error of the peer |
//! | `FrameError` | received messages that are malformed, in `Event`s |
//! | `ConnectError` | connecting |
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
                caller.clients().all().broadcast("Rolled", (max, 4))?;
                call.reply(&4)
            }
            _ => Err(HubError::unknown_method()),
        }
    }
}

# tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
// In memory; use `Client::connect` and `signalr::axum::routes` for HTTP.
let (near, far) = tokio::io::duplex(1024);
let server = Server::new(Dice, ServerOptions::new());
tokio::spawn(async move { server.serve(Transport::bytes(near)).await });

let options = ClientOptions::new(Encoding::MessagePack);
let (client, mut events) = Client::over(Transport::bytes(far), options).await?;
assert_eq!(client.invoke::<i32>("Roll", (6,)).await?, 4);
let call = events.next_call().await.expect("the hub has called this client");
assert_eq!((call.target(), call.read::<(u32, u32)>()?), ("Rolled", (6, 4)));
client.close().await;
# Ok::<(), Box<dyn std::error::Error>>(())
# })?;
# Ok::<(), Box<dyn std::error::Error>>(())
```
"#
)]

#[cfg(feature = "signalr")]
mod call;
#[cfg(feature = "signalr-client")]
mod client;
// With only one of the features, some items are unused.
#[cfg(feature = "_signalr-connection")]
#[cfg_attr(not(all(feature = "signalr-client", feature = "signalr-server")), allow(dead_code))]
mod connection;
#[cfg(feature = "signalr")]
mod error;
#[cfg(feature = "_signalr-connection")]
#[cfg_attr(not(all(feature = "signalr-client", feature = "signalr-server")), allow(dead_code))]
mod negotiate;
#[cfg(feature = "signalr-server")]
mod server;
#[cfg(feature = "_signalr-connection")]
mod setters;
#[cfg(feature = "signalr")]
mod value;

pub use lobbywire_core::signalr::*;

#[cfg(feature = "signalr")]
pub use call::{Call, FromArguments, FromCall, Method, OwnedArguments, ToArguments};
#[cfg(feature = "signalr-client")]
pub use client::{
    Client, ClientOptions, CloseReason, ConnectError, Event, Events, IncomingCall, Proxy, ReconnectPolicy,
    Retry,
};
#[cfg(feature = "_signalr-connection")]
pub use connection::{
    invoke::Pending,
    received_call::ReceivedCall,
    stream::{Items, Upload},
    transport::Transport,
};
#[cfg(feature = "_signalr-connection")]
pub use error::{CallError, FrameError, SendError};
#[cfg(feature = "signalr")]
pub use error::{DecodeError, WriteError};
#[cfg(feature = "_signalr-connection")]
pub use negotiate::{AvailableTransport, NegotiateResponse};
#[cfg(feature = "signalr-server")]
pub use server::{
    Clients, Hub, HubCall, HubClient, HubError, ItemSender, Recipients, Reply, Server, ServerOptions, Typed,
    TypedHub, axum,
};
/// The crate whose types [`ClientOptions::tls_config`] and [`ClientOptions::root_certificate`] receive.
#[cfg(feature = "rustls")]
pub use tokio_rustls::rustls;
#[cfg(feature = "signalr")]
pub use value::{Buffer, FromValue, OwnedValue, Serde, ToValue};
