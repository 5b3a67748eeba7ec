//! Wire codecs for game lobbies, for servers, clients, bots and proxies.
//!
//! This crate adds owned types, connections and serde to [`lobbywire_core`], and re-exports it:
//!
//! - [`bancho`]: osu! Bancho, in every client version from 2008 to 2025;
//! - [`faf`]: the Forged Alliance Forever lobby, and the GPGNet protocol of its games;
//! - [`signalr`]: SignalR clients and servers;
//! - [`lazer`]: the osu!lazer hubs, on SignalR;
//! - [`wire`]: what the protocols share.
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
//! The default features are what a Bancho server or bot on tokio needs. Disable them for another family:
//!
//! ```toml
//! lobbywire = { version = "0.1", default-features = false, features = ["lazer", "signalr-client"] }
//! ```
//!
//! *Crates* and *seconds* are what a project without these crates compiles for this feature alone, including this crate
//! and the features that it enables: the number of crates, build dependencies included, and the CPU seconds of a debug
//! build. The default features need 26 crates and 28 seconds; no features, 8 crates and 4 seconds.
//!
//! | feature | default | crates | seconds | adds |
//! |---|---|---|---|---|
//! | `bancho` | yes | 20 | 25 | [`bancho`] |
//! | `tokio` | yes | 15 | 9 | connections on tokio, and codecs for `tokio_util::codec` |
//! | `faf` | no | 20 | 22 | [`faf`] |
//! | `websocket` | no | 39 | 36 | `faf::WebSocket`, on tokio |
//! | `signalr` | no | 24 | 20 | [`signalr`]: owned arguments and values, in MessagePack and JSON |
//! | `signalr-client` | no | 64 | 37 | `signalr::Client`, on tokio |
//! | `signalr-server` | no | 67 | 41 | `signalr::Server` and `signalr::Hub`, on tokio, with routes for axum |
//! | `rustls` | no | 79 | 58 | `https` and `wss` URLs for `signalr::Client` |
//! | `lazer` | no | 25 | 23 | [`lazer`]: every method of the osu!lazer hubs and its types |
//! | `serde` | no | 13 | 8 | Bancho packets as JSON, in both directions: `bancho::owned` |
//! | `arbitrary` | no | 14 | 8 | `arbitrary::Arbitrary` for the enabled families, for fuzzing |
//! | `laws` | no | 13 | 8 | the properties that the tests and fuzz targets check: `bancho::laws`, `lazer::laws` |
//!
//! Measured with Rust 1.95 on a shared machine with two cores (November 2026), the shorter of two runs, as `user` of
//!
//! ```sh
//! time cargo build -p lobbywire --no-default-features --features bancho --target-dir "$(mktemp -d)"
//! ```
//!
//! # Compatibility
//!
//! A client version that adds a field to a packet is not a breaking change: see
//! [the core](lobbywire_core#compatibility). This holds for the owned structs too.
//!
//! The structs of [`faf`] and [`lazer`] gain fields as their servers do, in minor releases. The compiler does not
//! enforce it there: create them with `..Default::default()`, and end patterns with `..`.
//!
#![cfg_attr(not(feature = "bancho"), doc = "[`bancho`]: https://docs.rs/lobbywire/latest/lobbywire/bancho/")]
#![cfg_attr(not(feature = "faf"), doc = "[`faf`]: https://docs.rs/lobbywire/latest/lobbywire/faf/")]
#![cfg_attr(
    not(feature = "signalr"),
    doc = "[`signalr`]: https://docs.rs/lobbywire/latest/lobbywire/signalr/"
)]
#![cfg_attr(not(feature = "lazer"), doc = "[`lazer`]: https://docs.rs/lobbywire/latest/lobbywire/lazer/")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "bancho")]
pub mod bancho;
mod error;
#[cfg(feature = "faf")]
pub mod faf;
#[cfg(feature = "lazer")]
pub mod lazer;
#[cfg(feature = "signalr")]
pub mod signalr;
#[cfg(any(feature = "websocket", feature = "signalr-client", feature = "signalr-server"))]
mod websocket_error;

pub use error::{ReadError, SendError};
pub use lobbywire_core::wire;

/// Tests the code in the README.
#[cfg(all(
    doctest,
    feature = "bancho",
    feature = "faf",
    feature = "lazer",
    feature = "signalr-server",
    feature = "websocket"
))]
#[doc = include_str!("../../README.md")]
struct Readme;
