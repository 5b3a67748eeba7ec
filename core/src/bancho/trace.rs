//! Finds the malformed field of a packet.

use super::dialect::Dialect;
use super::packet_id::Side;
use super::packets::{client, server};
use crate::wire::{Observer, Step, Value};
use core::fmt;

/// The path to a field of a packet, such as `frames.3.time`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldPath {
    steps: [Step; Self::DEEPEST],
    len: usize,
}

impl FieldPath {
    /// More levels than any layout has.
    const DEEPEST: usize = 6;

    const EMPTY: Self = Self { steps: [Step::Field(""); Self::DEEPEST], len: 0 };

    fn push(&mut self, step: Step) {
        if let Some(place) = self.steps.get_mut(self.len) {
            *place = step;
        }
        self.len = self.len.saturating_add(1);
    }

    fn pop(&mut self) {
        self.len = self.len.saturating_sub(1);
    }

    /// Whether the path is empty, because the packet is a single value.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().take(self.len).enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            step.fmt(f)?;
        }
        Ok(())
    }
}

/// Keeps the path of the field that is being read. `LOSSY` accepts text that is not UTF-8.
struct Follower<const LOSSY: bool> {
    path: FieldPath,
}

impl<const LOSSY: bool> Observer for Follower<LOSSY> {
    const ACCEPTS_ANY_TEXT: bool = LOSSY;

    fn begin(&mut self, name: &'static str, _: usize) {
        self.path.push(Step::Field(name));
    }

    fn begin_element(&mut self, index: usize, _: usize) {
        self.path.push(Step::Element(index));
    }

    fn value(&mut self, _: usize, _: usize, _: Value<'_>) {}

    fn detail(&mut self, _: &'static str, _: usize, _: usize, _: Value<'_>) {}

    fn end(&mut self) {
        self.path.pop();
    }
}

/// Finds the name of a packet and the field that is malformed, for an error message.
///
/// Decodes the payload again, slowly. Programs that do not call it do not contain it. The field is `None` if the
/// payload is well-formed.
///
/// ```
/// use lobbywire_core::bancho::{Side, Version, explain};
///
/// // A message whose target has a length of 9 and no bytes.
/// let payload = [0, 0x0b, 2, b'h', b'i', 0x0b, 9];
/// let (packet, field) = explain(Version::LATEST, Side::Client, 1, &payload);
/// assert_eq!(packet, "OsuMessage");
/// assert_eq!(field.unwrap().to_string(), "target");
/// ```
#[cold]
pub fn explain<V: Dialect>(
    version: V,
    side: Side,
    wire_id: u16,
    payload: &[u8],
) -> (&'static str, Option<FieldPath>) {
    explain_with(Follower::<false> { path: FieldPath::EMPTY }, version, side, wire_id, payload)
}

/// As [`explain`], but for errors other than text that is not valid UTF-8: for payloads that were decoded after
/// [`repair_text`](super::repair_text).
#[cold]
pub fn explain_lossy<V: Dialect>(
    version: V,
    side: Side,
    wire_id: u16,
    payload: &[u8],
) -> (&'static str, Option<FieldPath>) {
    explain_with(Follower::<true> { path: FieldPath::EMPTY }, version, side, wire_id, payload)
}

fn explain_with<V: Dialect, const LOSSY: bool>(
    mut follower: Follower<LOSSY>,
    version: V,
    side: Side,
    wire_id: u16,
    payload: &[u8],
) -> (&'static str, Option<FieldPath>) {
    // One instance of every layout, whatever the version's type.
    let version = version.version();
    let packet = match side {
        Side::Client => {
            client::Packet::trace(version, wire_id, payload, &mut follower).map(|packet| packet.name())
        }
        Side::Server => {
            server::Packet::trace(version, wire_id, payload, &mut follower).map(|packet| packet.name())
        }
    };
    match packet {
        Ok(name) => (name, None),
        Err(_) => {
            let modern = super::packet_id::PacketId::from_wire(version, wire_id);
            let packets = match side {
                Side::Client => client::PACKETS,
                Side::Server => server::PACKETS,
            };
            let info = packets.iter().find(|info| Some(info.id) == modern);
            let name = info.map_or(super::packet::Unknown::INFO.name, |info| info.name);
            (name, Some(follower.path))
        }
    }
}
