//! What the fuzz targets do with their inputs: each target is one of these functions, which takes bytes
//! and panics where a law is broken. `cargo test` replays stored inputs through the same functions.

pub mod bancho;
pub mod corpus;

/// A target: its name, and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// Every target, by the name of its program.
pub const TARGETS: &[Target] = bancho::TARGETS;
