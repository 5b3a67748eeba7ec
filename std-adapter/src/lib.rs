//! Wire codecs for game lobbies, for servers, bots and proxies.
//!
//! This crate is what programs with an operating system depend on: all of [`lobbywire_core`], and
//! what needs a heap or streams.
//!
//! ```
//! use lobbywire::bancho::{Connection, Version, client, server};
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let (near, far) = tokio::io::duplex(1024);
//! let mut server = Connection::server(near, Version::from_build(20140127));
//! let mut client = Connection::client(far, Version::from_build(20140127));
//!
//! server.send(&server::LoginReply::user(2)).await?;
//! client.send(&client::Message::to("#osu", "hi")).await?;
//!
//! let received = server.read().await?.expect("the client is connected");
//! assert_eq!(received.client()?, client::Message::to("#osu", "hi").into());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `arbitrary` | no | `arbitrary::Arbitrary` for what the hubs of osu!lazer carry, for fuzzing |
//! | `faf` | yes | [`faf`]: the lobby of Forged Alliance Forever |
//! | `lazer` | yes | [`lazer`]: the hubs of osu!lazer |
//! | `laws` | no | [`bancho::laws`]: the properties that tests and fuzz targets hold |
//! | `rustls` | no | `https` and `wss` for the client of [`signalr`] |
//! | `serde` | no | packets as JSON, in the shape of the tool, both ways: [`bancho::owned`] |
//! | `signalr` | yes, with `lazer` | owned arguments and values of [`signalr`], and traits for one's own |
//! | `signalr-client` | no | `signalr::Client` |
//! | `signalr-server` | no | `signalr::Hub`, `signalr::Server`, and routes for axum |
//! | `tokio` | yes | [`bancho::Connection`], and [`bancho::Codec`] as a codec of `tokio_util`; [`faf::Connection`] |
//! | `websocket` | no | [`faf::WebSocket`] |
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod bancho;
mod error;
#[cfg(feature = "faf")]
pub mod faf;

#[cfg(feature = "lazer")]
pub mod lazer;
pub mod signalr;
#[cfg(any(feature = "websocket", feature = "_signalr-connection"))]
mod websocket_error;

pub use error::{ReadError, SendError};
pub use lobbywire_core::wire;

/// The code in the README, which has to work.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
