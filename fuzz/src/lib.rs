//! What the fuzz targets do with their inputs: each target is one of these functions, which takes bytes
//! and panics where a law is broken. `cargo test` replays stored inputs through the same functions.

pub mod bancho;
pub mod corpus;
pub mod faf;
pub mod lazer;
pub mod signalr;
pub mod wire;

use std::collections::BTreeSet;

/// A target: its name, and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// The targets of a protocol.
pub struct Family {
    /// Its name, which is that of its dictionary too, if it has one.
    pub name: &'static str,
    /// Its targets, by the names of their programs.
    pub targets: &'static [Target],
    /// What a target of this name starts from, besides what is stored.
    pub seeds: fn(&str) -> BTreeSet<Vec<u8>>,
}

/// Every family.
pub const FAMILIES: &[Family] = &[bancho::FAMILY, faf::FAMILY, lazer::FAMILY, signalr::FAMILY, wire::FAMILY];

/// Every target, with its family.
pub fn targets() -> impl Iterator<Item = (&'static Family, Target)> {
    FAMILIES.iter().flat_map(|family| family.targets.iter().map(move |target| (family, *target)))
}

/// How long the pieces of a stream are, as a byte says: from one byte to the whole.
fn pieces(seed: u8) -> impl FnMut() -> usize {
    let mut state = u32::from(seed);
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        match seed % 4 {
            0 => 0,
            1 => 1,
            _ => usize::try_from(state >> 27).unwrap_or(1).max(1),
        }
    }
}
