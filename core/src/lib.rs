//! Wire codecs for game lobbies, without an allocator and without `std`.
//!
//! This crate is the core of **lobbywire**. It works on borrowed slices and on buffers of the caller. It never
//! panics and never allocates. It implements
//!
//! - [`bancho`]: osu! Bancho, in every client version from 2008 (`b282`) to 2025 (`b20250306`);
//! - [`faf`]: the Forged Alliance Forever lobby, and the GPGNet protocol of its games;
//! - [`signalr`] and [`lazer`]: the osu!lazer hubs, on SignalR;
//! - [`wire`]: what they share, such as sinks, readers and framing. It knows none of the protocols.
//!
//! Everything is encoded and decoded in both directions, for servers, clients, bots and proxies. Programs with an
//! allocator use the crate `lobbywire`, which adds owned types and connections.
//!
//! ```
//! use lobbywire_core::bancho::{FrameWriter, Version, client, server};
//!
//! // A server's answer to a client of 2014.
//! let version = Version::from_build(20140127);
//! let mut buffer = [0u8; 1024];
//! let mut out = FrameWriter::new(version, &mut buffer);
//! out.write(&server::LoginReply::user(2))?;
//! out.write(&server::Message::new("BanchoBot", "Hello, World!", "#osu"))?;
//! assert_eq!(out.written().len(), 11 + 43);
//!
//! // Bytes from that client: a chat message.
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
//! *Crates* is the number of crates in the dependency tree with this feature alone, this crate included; every
//! feature needs the same 7.
//!
//! | feature | default | crates | adds |
//! |---|---|---|---|
//! | `bancho` | yes | 14 | [`bancho`] |
//! | `faf` | yes | 7 | [`faf`] |
//! | `signalr` | yes | 7 | [`signalr`]: handshake, framing and messages |
//! | `lazer` | yes | 7 | [`lazer`]: the methods of the osu!lazer hubs, and the types of the spectator hub |
//! | `gzip` | yes | 9 | decompression of payloads, which builds before b1800 send; without it they are an error |
//! | `serde` | no | 9 | `serde::Serialize` for packets and their types, as the JSON of the command-line tool |
//! | `arbitrary` | no | 13 | `arbitrary::Arbitrary` for packets and their types; the crate arbitrary needs `std` |
//! | `defmt` | no | 17 | `defmt::Format` for errors, versions and ids |
//! | `laws` | no | 7 | the properties that the tests and fuzz targets check |
//! | `small` | no | 7 | optimizes for code size: a third of the size, and no code that can panic |
//! | `alloc` | no | 7 | [`wire::Sink`] for `Vec<u8>` |
//! | `bytes-v1` | no | 8 | [`wire::Sink`] for `BytesMut` |
//! | `heapless-v0.9` | no | 11 | [`wire::Sink`] for `heapless::Vec<u8, N>` |
//! | `embedded-io-v0.7` | no | 8 | decoders read from, and [`bancho`]'s `FrameWriter` writes to, embedded-io streams |
//! | `embedded-io-async-v0.7` | no | 9 | the same for embedded-io-async streams |
//!
//! # Compatibility
//!
//! A client version that adds a field to a packet is not a breaking change. Structs that such a version can extend
//! are non-exhaustive: create them with `..Default::default()`, and end patterns with `..`.
//!
//! ```
//! use lobbywire_core::bancho::types::Message;
//!
//! let message = Message { content: "hi", target: "#osu", ..Default::default() };
//! let Message { content, target, .. } = message;
//! # assert_eq!((content, target), ("hi", "#osu"));
//! ```
//!
//! A literal that names every field does not compile:
//!
//! ```compile_fail,E0063
//! use lobbywire_core::bancho::types::Message;
//!
//! let message = Message { sender: "peppy", content: "hi", target: "#osu", sender_id: 2 };
//! ```
//!
//! Neither does a pattern that does:
//!
//! ```compile_fail
//! # use lobbywire_core::bancho::types::Message;
//! let Message { sender, content, target, sender_id } = Message::default();
//! ```
//!
//! Packets that carry one value, such as `server::LoginReply(2)`, are plain tuple structs, and packets without a
//! value are unit structs. Decoders ignore bytes after the fields that they know, so such a packet still decodes if
//! a version adds to it.
//!
//! Enumerations of the protocols are numbers with names, so that unknown values pass through unchanged. Enums that
//! can grow are `#[non_exhaustive]`.
//!
//! Items with `#[doc(hidden)]` are not part of the API.
//!
#![cfg_attr(
    not(feature = "bancho"),
    doc = "[`bancho`]: https://docs.rs/lobbywire-core/latest/lobbywire_core/bancho/"
)]
#![cfg_attr(not(feature = "faf"), doc = "[`faf`]: https://docs.rs/lobbywire-core/latest/lobbywire_core/faf/")]
#![cfg_attr(
    not(feature = "signalr"),
    doc = "[`signalr`]: https://docs.rs/lobbywire-core/latest/lobbywire_core/signalr/"
)]
#![cfg_attr(
    not(feature = "lazer"),
    doc = "[`lazer`]: https://docs.rs/lobbywire-core/latest/lobbywire_core/lazer/"
)]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
// Without every family, parts of `wire` are unused.
#![cfg_attr(not(all(feature = "bancho", feature = "faf")), allow(dead_code, unreachable_pub, unused_imports))]
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

// The code that arbitrary derives needs it.
#[cfg(any(test, feature = "arbitrary"))]
extern crate std;

pub mod wire;

#[cfg(feature = "bancho")]
#[macro_use]
pub mod bancho;
#[cfg(feature = "faf")]
pub mod faf;
#[cfg(feature = "lazer")]
pub mod lazer;
#[cfg(feature = "signalr")]
pub mod signalr;

// After the modules whose macros it re-exports.
#[doc(hidden)]
pub mod declarations;
