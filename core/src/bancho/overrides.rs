//! Custom payload layouts in place of those of this crate.

use super::packet_info::PacketKind;
use super::version::Version;
use crate::wire::{Error, Full, Sink};

/// A set of functions that read or write the payloads of some packets in some versions, in place of the
/// layouts of this crate.
///
/// `&lobbywire::bancho::Overrides` is an implementation that stores closures. [`NoOverrides`] is the empty
/// set and has no run-time cost.
///
/// A version has a packet if the packet is overridden in it. A writer sends an overridden packet as one
/// frame, without the replacements of [`compat`](super::compat), and does not check whether the version
/// can represent its fields.
pub trait PayloadOverrides: Copy {
    /// Whether the set may contain overrides. If `false`, no other item is used.
    const ACTIVE: bool = true;

    /// Returns whether the set writes the payloads of packet `P` in `version`.
    fn encodes<P: PacketKind>(self, version: Version) -> bool;

    /// Returns whether the set reads the payloads of packet `P` in `version`.
    fn decodes<P: PacketKind>(self, version: Version) -> bool;

    /// Writes the payload of a packet. Returns `None` if the packet is not overridden.
    ///
    /// # Errors
    /// [`Full`] if the payload does not fit into `out`.
    fn encode<P: PacketKind>(
        self,
        version: Version,
        packet: &P::In<'_>,
        out: &mut impl Sink,
    ) -> Option<Result<(), Full>>;

    /// Reads a payload. Returns `None` if the packet is not overridden.
    ///
    /// # Errors
    /// The kind of the error and its offset in the payload.
    fn decode<'a, P: PacketKind>(
        self,
        version: Version,
        payload: &'a [u8],
    ) -> Option<Result<P::In<'a>, Error>>;
}

/// The empty set of [`PayloadOverrides`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoOverrides;

impl PayloadOverrides for NoOverrides {
    const ACTIVE: bool = false;

    #[inline(always)]
    fn encodes<P: PacketKind>(self, _: Version) -> bool {
        false
    }

    #[inline(always)]
    fn decodes<P: PacketKind>(self, _: Version) -> bool {
        false
    }

    #[inline(always)]
    fn encode<P: PacketKind>(self, _: Version, _: &P::In<'_>, _: &mut impl Sink) -> Option<Result<(), Full>> {
        None
    }

    #[inline(always)]
    fn decode<'a, P: PacketKind>(self, _: Version, _: &'a [u8]) -> Option<Result<P::In<'a>, Error>> {
        None
    }
}
