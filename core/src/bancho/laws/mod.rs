//! Properties of Bancho packets in every version, for tests, fuzz targets and dependent projects.
//!
//! Each function accepts any input and returns the property that it violates. None allocates; the
//! caller provides [`Buffers`].
//!
//! ```
//! use lobbywire_core::bancho::{Side, Version, laws};
//!
//! let (mut first, mut second) = ([0; 4096], [0; 4096]);
//! let mut buffers = laws::Buffers { first: &mut first, second: &mut second };
//! for version in Version::all() {
//!     let outcome = laws::payload(version, Side::Client, 4, b"", &mut buffers).unwrap();
//!     assert_eq!(outcome, laws::Outcome::Held);
//! }
//! ```

mod normal;

use crate::bancho::dialect::Dialect;
use crate::bancho::frame::{Frames, Limits};
use crate::bancho::packet::{Encode, Unknown};
use crate::bancho::packet_id::Side;
use crate::bancho::packets::{client, server};
use crate::bancho::trace::explain;
use crate::bancho::version::Version;
use crate::bancho::{BanchoFraming, FrameDecoder, FrameWriter};
use crate::wire::laws::POISON;
use crate::wire::{self, Error, SliceSink};
use core::fmt;
use normal::Normal;

pub use crate::wire::laws::Outcome;

/// Memory for the properties. Packets that do not fit into each buffer are [`Outcome::Skipped`].
#[derive(Debug)]
pub struct Buffers<'b> {
    /// Receives the packet encoded after the first read.
    pub first: &'b mut [u8],
    /// Receives the packet encoded after the second read.
    pub second: &'b mut [u8],
}

/// A property that an input violates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The property, as a sentence that is false for the input.
    pub law: &'static str,
    /// The packet's name in chio, or `Unknown`.
    pub packet: &'static str,
    /// The version.
    pub version: Version,
    /// A length or an offset that helps to find the cause.
    pub at: usize,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} in {}, at {})", self.law, self.packet, self.version, self.at)
    }
}

impl core::error::Error for Broken {}

/// Decodes the input as the payload of a packet with this wire id. A packet encodes to exactly its
/// encoded length, decodes and encodes to the same bytes again, and can be written strictly; a buffer
/// that is too short is rejected. The offset of an error is within the payload, and `explain` names
/// a field exactly if decoding fails.
///
/// # Errors
/// The property that the input violates.
pub fn payload(
    version: Version,
    side: Side,
    id: u16,
    payload: &[u8],
    buffers: &mut Buffers<'_>,
) -> Result<Outcome, Broken> {
    match side {
        Side::Client => payload_of::<client::Packet<'_>>(version, id, payload, buffers),
        Side::Server => payload_of::<server::Packet<'_>>(version, id, payload, buffers),
    }
}

macro_rules! packet_property {
    ($(#[$docs:meta])* $name:ident of $side:ident) => {
        $(#[$docs])*
        ///
        /// Skipped if this version has no such packet.
        ///
        /// # Errors
        /// The property that the packet violates.
        pub fn $name(
            version: Version,
            packet: &$side::Packet<'_>,
            buffers: &mut Buffers<'_>,
        ) -> Result<Outcome, Broken> {
            let name = packet.name();
            let broken = |law, at| Err(Broken { law, packet: name, version, at });
            let Some(id) = packet.wire_id(version).filter(|_| name != Unknown::INFO.name) else {
                return Ok(Outcome::Skipped);
            };
            let len = packet.encoded_len(version);
            let fits = len <= buffers.first.len().min(buffers.second.len());
            if !fits {
                return Ok(Outcome::Skipped);
            }
            if write(version, packet, buffers.first) != Some(len) {
                return broken("a packet encodes to its encoded length", len);
            }
            let written = buffers.first.get(..len).unwrap_or_default();
            let mut again = match $side::Packet::decode(version, id, written) {
                Ok(again) => again,
                Err(error) => {
                    let at = usize::try_from(error.offset).unwrap_or(usize::MAX);
                    return broken("a packet that was written can be read", at);
                }
            };
            let is_comparable = packet == packet; // no NaN
            if is_comparable && packet.first_unrepresentable(version).is_none() {
                let mut packet = *packet;
                again.normalise(&mut packet, version);
                if again != packet {
                    return broken("a packet that is fully representable is read back as it was written", len);
                }
            }
            match second_pass(version, packet.packet_info().side, id, written, buffers.second) {
                Some((again, None)) if again == len => Ok(Outcome::Held),
                Some((again, Some(_))) if again == len => broken("a packet that was read is fully representable", len),
                _ => broken("a packet that was written and read is written unchanged", len),
            }
        }
    };
}

packet_property! {
    /// A client's packet encodes to exactly its encoded length, and decodes and encodes to the same bytes
    /// again. If this version can represent all of it, it is read back as it was written.
    client_packet of client
}

packet_property! {
    /// A server's packet, with the properties of [`client_packet`].
    server_packet of server
}

/// A payload as this version's writer encodes it decodes and encodes to the same bytes, in addition to
/// the properties of [`payload`].
///
/// # Errors
/// The property that the input violates.
pub fn canonical(
    version: Version,
    side: Side,
    id: u16,
    bytes: &[u8],
    buffers: &mut Buffers<'_>,
) -> Result<Outcome, Broken> {
    let outcome = payload(version, side, id, bytes, buffers)?;
    let written = buffers.first.get(..bytes.len());
    let follows_poison = buffers.first.get(bytes.len()).is_none_or(|byte| *byte == POISON);
    if written == Some(bytes) && follows_poison {
        return Ok(outcome);
    }
    let same = buffers.first.iter().zip(bytes).take_while(|(ours, theirs)| ours == theirs).count();
    let packet = explain(version, side, id, bytes).0;
    Err(Broken { law: "a canonical payload is read and written unchanged", packet, version, at: same })
}

/// Every truncation of a payload as this version's writer encodes it is an error. A packet with optional
/// trailing fields may also decode to one that encodes to the truncated payload and defaults.
///
/// # Errors
/// The property that the input violates.
pub fn truncations(
    version: Version,
    side: Side,
    id: u16,
    payload: &[u8],
    buffers: &mut Buffers<'_>,
) -> Result<Outcome, Broken> {
    let packet = explain(version, side, id, payload).0;
    let may_be_whole = match side {
        Side::Client => client::has_optional_fields(version, id),
        Side::Server => server::has_optional_fields(version, id),
    };
    for cut in 0..payload.len() {
        let short = payload.get(..cut).unwrap_or_default();
        let written = match side {
            Side::Client => client::Packet::decode(version, id, short)
                .ok()
                .map(|packet| write(version, &packet, buffers.first)),
            Side::Server => server::Packet::decode(version, id, short)
                .ok()
                .map(|packet| write(version, &packet, buffers.first)),
        };
        let law = match written {
            None => continue,
            Some(Some(len)) if may_be_whole && len >= cut && buffers.first.starts_with(short) => continue,
            Some(_) if may_be_whole => {
                "a truncated packet with optional fields encodes to the truncated payload"
            }
            Some(_) => "a truncated payload is an error",
        };
        return Err(Broken { law, packet, version, at: cut });
    }
    Ok(if payload.is_empty() { Outcome::Skipped } else { Outcome::Held })
}

/// A stream that arrives in pieces yields the frames of the whole stream, as in
/// [`wire::laws::stream`]. [`Frames`] and a [`FrameDecoder`] that receives just
/// what is [`missing`](FrameDecoder::missing) yield the same frames.
///
/// `pieces` returns the length of each piece, where 0 is all that remains. It is called until all bytes are
/// used.
///
/// # Errors
/// The property that does not hold.
pub fn stream(
    version: Version,
    side: Side,
    bytes: &[u8],
    pieces: impl FnMut() -> usize,
    buffers: &mut Buffers<'_>,
) -> Result<Outcome, Broken> {
    let broken = |law, at| Err(Broken { law, packet: "any", version, at });
    // Frames larger than the decoder's buffer are rejected; `Frames` needs a limit for that.
    let room = buffers.first.len().saturating_sub(version.header_len());
    let mut limits = Limits::from(side);
    limits.payload = limits.payload.min(room);
    limits.beatmap_info_payload = limits.beatmap_info_payload.min(room);
    let framing = BanchoFraming { version, limits };
    let outcome = match wire::laws::stream(&framing, bytes, pieces, buffers.first) {
        Ok(outcome) => outcome,
        Err(error) => return broken(error.law, error.at),
    };

    let mut whole = Frames::new(version, side, bytes).with_limits(limits);
    let mut decoder = FrameDecoder::new(version, side, &mut *buffers.first).with_limits(limits);
    let (mut rest, mut is_rejected) = (bytes, false);
    loop {
        let missing = decoder.missing();
        match (decoder.next_frame(), missing) {
            (None, 1..) => {
                let piece = rest.get(..missing).unwrap_or(rest);
                if piece.is_empty() {
                    break;
                }
                // Bytes to skip may exceed the buffer.
                let pushed = decoder.push(piece);
                if pushed == 0 {
                    return broken("a decoder without a complete frame accepts bytes", whole.offset());
                }
                rest = rest.get(pushed..).unwrap_or_default();
            }
            (Some(frame), 0) => {
                is_rejected = frame.is_err();
                let is_same = match (frame, whole.next()) {
                    (Ok(ours), Some(Ok(theirs))) => ours == theirs,
                    (Err(ours), Some(Err(theirs))) => ours.kind == theirs.kind,
                    _ => false,
                };
                if !is_same {
                    return broken("a decoder yields the frames of the slice", whole.offset());
                }
            }
            _ => return broken("a decoder yields a frame if and only if nothing is missing", whole.offset()),
        }
    }
    let is_between = decoder.is_between_frames();
    match whole.next() {
        // The rest of a rejected frame may be missing.
        None if is_between || is_rejected => Ok(outcome),
        Some(Err(_)) if !is_between && whole.next().is_none() => Ok(outcome),
        _ => broken("a decoder ends where the slice does", whole.offset()),
    }
}

/// What [`payload_of`] needs of the packet enums of both sides.
trait OfSide<'a>: Encode + Sized {
    const SIDE: Side;
    fn read(version: Version, id: u16, payload: &'a [u8]) -> Result<Self, Error>;
}

impl<'a> OfSide<'a> for client::Packet<'a> {
    const SIDE: Side = Side::Client;

    fn read(version: Version, id: u16, payload: &'a [u8]) -> Result<Self, Error> {
        Self::decode(version, id, payload)
    }
}

impl<'a> OfSide<'a> for server::Packet<'a> {
    const SIDE: Side = Side::Server;

    fn read(version: Version, id: u16, payload: &'a [u8]) -> Result<Self, Error> {
        Self::decode(version, id, payload)
    }
}

fn payload_of<'a, P: OfSide<'a>>(
    version: Version,
    id: u16,
    payload: &'a [u8],
    buffers: &mut Buffers<'_>,
) -> Result<Outcome, Broken> {
    let (name, field) = explain(version, P::SIDE, id, payload);
    let broken = |law, at| Err(Broken { law, packet: name, version, at });
    let packet = match (P::read(version, id, payload), field) {
        (Ok(packet), None) => packet,
        (Err(error), Some(_)) => {
            let offset = usize::try_from(error.offset).unwrap_or(usize::MAX);
            return if offset <= payload.len() {
                Ok(Outcome::Skipped)
            } else {
                broken("the offset of an error is within the payload", offset)
            };
        }
        (Ok(_), Some(_)) | (Err(_), None) => {
            return broken("explain names a field exactly if decoding fails", 0);
        }
    };

    let len = packet.encoded_len(version);
    let fits = len <= buffers.first.len().min(buffers.second.len());
    if !fits {
        return Ok(Outcome::Skipped);
    }
    let first = write(version, &packet, buffers.first);
    if first != Some(len) {
        return broken("a packet encodes to its encoded length", len);
    }
    if buffers.first.iter().skip(len).any(|byte| *byte != POISON) {
        return broken("bytes after the written ones are untouched", len);
    }
    if let Some(shorter) = len.checked_sub(1) {
        let short = buffers.second.get_mut(..shorter).unwrap_or_default();
        if write(version, &packet, short).is_some() {
            return broken("a buffer that is too short is rejected", shorter);
        }
    }

    let written = buffers.first.get(..len).unwrap_or_default();
    match second_pass(version, P::SIDE, id, written, buffers.second) {
        Some((again, None)) if again == len => {}
        Some((again, Some(_))) if again == len => {
            return broken("a packet that was read is fully representable", len);
        }
        _ => return broken("a packet that was written and read is written unchanged", len),
    }
    Ok(Outcome::Held)
}

/// Encodes a packet into a buffer filled with [`POISON`]. Returns its length, or `None` if it does not fit.
fn write(version: Version, packet: &impl Encode, buffer: &mut [u8]) -> Option<usize> {
    buffer.fill(POISON);
    let room = buffer.len();
    let mut sink = SliceSink::new(buffer);
    packet.encode(version, &mut sink).ok()?;
    room.checked_sub(sink.room())
}

/// Decodes and encodes a packet again. If the bytes are the same, returns their number, and the field that
/// a strict writer would reject.
fn second_pass(
    version: Version,
    side: Side,
    id: u16,
    written: &[u8],
    buffer: &mut [u8],
) -> Option<(usize, Option<&'static str>)> {
    let (len, unrepresentable) = match side {
        Side::Client => {
            let packet = client::Packet::decode(version, id, written).ok()?;
            (write(version, &packet, buffer)?, rejected_field(version, &packet))
        }
        Side::Server => {
            let packet = server::Packet::decode(version, id, written).ok()?;
            (write(version, &packet, buffer)?, rejected_field(version, &packet))
        }
    };
    if buffer.get(..len) == Some(written) {
        return Some((len, unrepresentable));
    }
    // Converting a chat link can expose another one in its text, as in chio, which is then converted when
    // the message is written again. Nothing else of a message may change.
    Some((written.len(), None)).filter(|_| side == Side::Server && unrepresentable == Some("content"))
}

/// The field that a strict writer rejects, unless the lenient writer drops the whole packet.
fn rejected_field(version: Version, packet: &impl Encode) -> Option<&'static str> {
    let field = packet.first_unrepresentable(version)?;
    // An empty buffer has room only for no frames.
    let is_dropped = FrameWriter::new(version, &mut []).write(packet) == Ok(0);
    if is_dropped { None } else { Some(field) }
}

/// A lenient writer returns the number of frames it has written, and the frames can be split again. Skipped
/// if it writes none.
///
/// # Errors
/// The property that the packet violates.
pub fn lenient(version: Version, packet: &impl Encode, buffers: &mut Buffers<'_>) -> Result<Outcome, Broken> {
    let info = packet.packet_info();
    let broken = |law, at| Err(Broken { law, packet: info.name, version, at });
    buffers.first.fill(POISON);
    let mut out = FrameWriter::new(version, &mut *buffers.first).uncompressed();
    let Ok(frames) = out.write(packet) else {
        return Ok(Outcome::Skipped);
    };
    let len = out.written().len();
    if version.has_long_header() && buffers.first.iter().skip(len).any(|byte| *byte != POISON) {
        return broken("bytes after the written ones are untouched", len);
    }
    let written = buffers.first.get(..len).unwrap_or_default();
    let walked = Frames::new(version, info.side, written).map_while(Result::ok).count();
    match walked == frames {
        true if frames == 0 => Ok(Outcome::Skipped),
        true => Ok(Outcome::Held),
        false => broken("write returns the number of frames written", walked),
    }
}
