//! Wire codecs for game-lobby protocols, without an allocator and without `std`.
//!
//! This crate is the core of **lobbywire**: everything in it works on borrowed slices and on
//! buffers that the caller owns, never panics, and never allocates. It speaks
//!
//! - [`bancho`]: osu! Bancho, every client version from 2008 (`b282`) to 2025 (`b20250306`), in
//!   both directions, for servers, clients, bots and proxies alike;
//! - [`faf`]: the lobby of Forged Alliance Forever, as its server speaks it, and GPGNet, as its games do;
//! - [`signalr`] and, in it, [`lazer`]: the hubs of osu!lazer.
//!
//! [`wire`] is the floor that the protocols stand on; it knows none of them.
//!
//! ```
//! use lobbywire_core::bancho::{FrameWriter, Version, client, server};
//!
//! // A server's answer to a client of 2014, no heap anywhere.
//! let version = Version::from_build(20140127);
//! let mut buffer = [0u8; 1024];
//! let mut out = FrameWriter::new(version, &mut buffer);
//! out.write(&server::LoginReply::user(2))?;
//! out.write(&server::Message::new("BanchoBot", "Hello, World!", "#osu"))?;
//! assert_eq!(out.written().len(), 11 + 43);
//!
//! // What a client of that version sent: a chat line.
//! let received = *b"\x01\x00\x00\x0f\x00\x00\x00\x00\x0b\x02hi\x0b\x04#osu\x00\x00\x00\x00";
//! for packet in client::packets(version, &received) {
//!     match packet? {
//!         client::Packet::Message(m) => assert_eq!((m.target, m.content), ("#osu", "hi")),
//!         client::Packet::Unknown(u) => println!("id {} with {} bytes", u.wire_id, u.payload.len()),
//!         other => println!("{}", other.name()),
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `bancho` | yes | the osu! Bancho family |
//! | `faf` | yes | the lobby of Forged Alliance Forever |
//! | `signalr` | yes | SignalR: handshake, framing and messages |
//! | `lazer` | yes | the hubs of osu!lazer: names of methods, what the spectator's carries |
//! | `gzip` | yes | reading compressed payloads (builds before b1800); without it they are an error that says so |
//! | `serde` | no | `serde::Serialize` for packets and what they carry, in the shape of the tool's JSON |
//! | `arbitrary` | no | `arbitrary::Arbitrary` for packets and what they carry; that crate needs `std` |
//! | `defmt` | no | `defmt::Format` for errors, versions and ids |
//! | `laws` | no | the properties that tests and fuzz targets hold |
//! | `small` | no | code for flash rather than for speed: a third of the size, and nothing that could panic |
//! | `heapless-v0.9` | no | [`wire::Sink`] for `heapless::Vec<u8, N>` |
//! | `embedded-io-v0.7` | no | [`bancho::FrameDecoder`] reads from, and [`bancho::FrameWriter`] writes to, streams of embedded-io |
//! | `embedded-io-async-v0.7` | no | the same for streams of embedded-io-async |
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// The floor is there for the families; without any, parts of it are not used.
#![cfg_attr(not(all(feature = "bancho", feature = "faf")), allow(dead_code, unused_imports))]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::todo,
        clippy::unimplemented,
        clippy::unreachable,
        clippy::unwrap_used,
    )
)]

// What the crate arbitrary derives needs it; on machines without it that is of no use.
#[cfg(any(test, feature = "arbitrary"))]
extern crate std;

#[doc(hidden)]
pub mod declarations;
pub mod wire;

#[cfg(feature = "bancho")]
pub mod bancho;
#[cfg(feature = "faf")]
pub mod faf;
#[cfg(feature = "lazer")]
pub mod lazer;
#[cfg(feature = "signalr")]
pub mod signalr;
