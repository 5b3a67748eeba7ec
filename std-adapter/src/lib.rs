//! Wire codecs for game lobbies, for servers, bots and proxies.
//!
//! This crate is what programs with an operating system depend on. Today it re-exports
//! [`lobbywire_core`] whole; owned packets, streams, real gzip and transcoding are to follow.
//!
//! ```
//! use lobbywire::bancho::{FrameWriter, Version, server};
//!
//! let mut buffer = [0u8; 64];
//! let mut out = FrameWriter::new(Version::LATEST, &mut buffer);
//! out.write(&server::Ping)?;
//! assert_eq!(out.written(), [8, 0, 0, 0, 0, 0, 0]);
//! # Ok::<(), lobbywire::bancho::WriteError>(())
//! ```
#![forbid(unsafe_code)]

pub use lobbywire_core::*;

/// The code in the README, which has to work.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
