//! The fuzz targets, without libFuzzer: each is a function that takes an input and panics if the input violates a
//! property. The programs in `fuzz/fuzz_targets` pass libFuzzer's inputs to them, and `cargo test` the stored ones.

pub mod bancho;
pub mod corpus;
pub mod faf;
pub mod lazer;
pub mod signalr;
pub mod wire;

use std::collections::BTreeSet;
use std::fmt::Display;

pub use lobbywire_core::wire::laws::Outcome;

/// A target: the name of its program, and the function that it runs with each input.
pub type Target = (&'static str, fn(&[u8]) -> Outcome);

/// The targets of a protocol.
pub struct Family {
    /// The name of the protocol, and of its dictionary if it has one.
    pub name: &'static str,
    /// The targets.
    pub targets: &'static [Target],
    /// Generates the seeds of the target with this name, in addition to the stored corpus.
    pub seeds: fn(&str) -> BTreeSet<Vec<u8>>,
}

/// All families.
pub const FAMILIES: &[Family] = &[bancho::FAMILY, faf::FAMILY, lazer::FAMILY, signalr::FAMILY, wire::FAMILY];

/// All targets, with their families.
pub fn targets() -> impl Iterator<Item = (&'static Family, Target)> {
    FAMILIES.iter().flat_map(|family| family.targets.iter().map(move |target| (family, *target)))
}

/// Panics if a property is violated.
#[track_caller]
fn hold<B: Display>(result: Result<Outcome, B>) -> Outcome {
    result.unwrap_or_else(|broken| panic!("{broken}"))
}

/// The lengths of the pieces into which a stream is split. The seed selects whole (0), single bytes (1) or up to 31 bytes.
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
