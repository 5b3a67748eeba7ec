//! The laws that every packet keeps, in every version and from either side.
//!
//! They are here and not in a test, so that tests, fuzz targets and dependent projects hold the same
//! ones: each is a function that takes bytes from anywhere and says which law they break. Like the
//! rest of the crate they need no allocator; the caller lends [`Buffers`].
//!
//! ```
//! use lobbywire_core::bancho::{Side, Version, laws};
//!
//! let (mut first, mut second) = ([0; 4096], [0; 4096]);
//! let mut buffers = laws::Buffers { first: &mut first, second: &mut second };
//! for version in Version::all() {
//!     laws::payload(version, Side::Client, 1, b"anything at all", &mut buffers).unwrap();
//! }
//! ```

mod normal;

use crate::bancho::frame::{Frames, Limits};
use crate::bancho::packet::{Encode, Unknown};
use crate::bancho::packet_id::Side;
use crate::bancho::packets::{client, server};
use crate::bancho::trace::explain;
use crate::bancho::version::{Dialect, Version};
use crate::bancho::{FrameDecoder, FrameWriter};
use crate::wire::{Error, SliceSink};
use core::fmt;
use normal::Normal;

/// Memory for the laws; each part has to hold the longest packet that is looked at.
#[derive(Debug)]
pub struct Buffers<'b> {
    /// What is written first.
    pub first: &'b mut [u8],
    /// What is written from what was read of the first.
    pub second: &'b mut [u8],
}

/// A law that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The law.
    pub law: &'static str,
    /// The packet's name in chio, or `Unknown`.
    pub packet: &'static str,
    /// The version.
    pub version: Version,
    /// A number that helps to find the place: a length, an offset.
    pub at: usize,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} in {}, at {})", self.law, self.packet, self.version, self.at)
    }
}

impl core::error::Error for Broken {}

/// What nobody writes, so that it shows where something was written that should not have been.
const POISON: u8 = 0xa5;

/// Whether the last fields of a packet may be missing in this version, so that a cut payload can be a
/// whole one.
fn has_optional_tail(packet: &str, version: Version) -> bool {
    let build = version.build();
    match packet {
        // The number in it.
        "OsuExit" => build >= 1788,
        "OsuPresenceRequestAll" => true,
        // The score frame, and what follows it.
        "OsuSpectateFrames" | "BanchoSpectateFrames" => build >= 294,
        // The tag byte.
        "OsuMatchScoreUpdate" | "BanchoMatchScoreUpdate" => (535..20151106).contains(&build),
        // Scoring and team type.
        "OsuMatchCreate"
        | "OsuMatchChangeSettings"
        | "BanchoMatchNew"
        | "BanchoMatchUpdate"
        | "BanchoMatchJoinSuccess"
        | "BanchoMatchStart" => build == 535,
        // Bytes of no known form.
        "Unknown" => true,
        _ => false,
    }
}

/// Any payload, under any id: reading it gives a packet or an error and never more than was given;
/// what was read can be written, in as many bytes as counted and none behind them, and reads and
/// writes the same again; a strict writer takes it.
///
/// # Errors
/// The law that is broken.
pub fn payload<V: Dialect>(
    version: V,
    side: Side,
    id: u16,
    payload: &[u8],
    buffers: &mut Buffers<'_>,
) -> Result<(), Broken> {
    match side {
        Side::Client => payload_of::<client::Packet<'_>, V>(version, id, payload, buffers),
        Side::Server => payload_of::<server::Packet<'_>, V>(version, id, payload, buffers),
    }
}

macro_rules! packet_law {
    ($(#[$docs:meta])* $law:ident of $side:ident) => {
        $(#[$docs])*
        ///
        /// # Errors
        /// The law that is broken.
        pub fn $law<V: Dialect>(
            version: V,
            packet: &$side::Packet<'_>,
            buffers: &mut Buffers<'_>,
        ) -> Result<(), Broken> {
            let (name, version) = (packet.name(), version.version());
            let broken = |law, at| Err(Broken { law, packet: name, version, at });
            let Some(id) = packet.wire_id(version).filter(|_| name != Unknown::INFO.name) else {
                return Ok(());
            };
            let len = packet.encoded_len(version);
            let fits = len <= buffers.first.len().min(buffers.second.len());
            if !fits {
                return Ok(());
            }
            if write(version, packet, buffers.first) != Some(len) {
                return broken("what is written is as long as counted", len);
            }
            let written = buffers.first.get(..len).unwrap_or_default();
            let mut again = match $side::Packet::decode(version, id, written) {
                Ok(again) => again,
                Err(error) => {
                    let at = usize::try_from(error.offset).unwrap_or(usize::MAX);
                    return broken("what is written can be read", at);
                }
            };
            let is_comparable = packet == packet; // without a NaN
            if is_comparable && packet.first_unrepresentable(version).is_none() {
                let mut packet = *packet;
                again.normalise(&mut packet, version);
                if again != packet {
                    return broken("a packet of which nothing is lost is read as it was", len);
                }
            }
            match second_pass(version, packet.packet_info().side, id, written, buffers.second) {
                Some((again, None)) if again == len => Ok(()),
                Some((again, Some(_))) if again == len => broken("a version can carry what it writes", len),
                _ => broken("what was written is read and written again unchanged", len),
            }
        }
    };
}

packet_law! {
    /// Any packet of a client, whatever it says: it is written in as many bytes as counted, and read and
    /// written again unchanged; where the version is said to carry all of it, the same packet is read.
    client_packet of client
}

packet_law! {
    /// Any packet of a server, as [`client_packet`].
    server_packet of server
}

/// A payload that a writer of this version writes: besides [`payload`], reading and writing it gives
/// the same bytes.
///
/// # Errors
/// The law that is broken.
pub fn canonical<V: Dialect>(
    version: V,
    side: Side,
    id: u16,
    bytes: &[u8],
    buffers: &mut Buffers<'_>,
) -> Result<(), Broken> {
    payload(version, side, id, bytes, buffers)?;
    let written = buffers.first.get(..bytes.len());
    let follows_poison = buffers.first.get(bytes.len()).is_none_or(|byte| *byte == POISON);
    if written == Some(bytes) && follows_poison {
        return Ok(());
    }
    let same = buffers.first.iter().zip(bytes).take_while(|(ours, theirs)| ours == theirs).count();
    let packet = explain(version, side, id, bytes).0;
    Err(Broken {
        law: "what a writer writes is read and written again unchanged",
        packet,
        version: version.version(),
        at: same,
    })
}

/// A payload that a writer of this version writes, cut short anywhere, is an error. In the few packets
/// whose last fields may be missing it may be a whole one, of exactly the bytes that are left: written
/// again, it starts with them.
///
/// # Errors
/// The law that is broken.
pub fn truncations<V: Dialect>(
    version: V,
    side: Side,
    id: u16,
    payload: &[u8],
    buffers: &mut Buffers<'_>,
) -> Result<(), Broken> {
    let packet = explain(version, side, id, payload).0;
    let may_be_whole = has_optional_tail(packet, version.version());
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
            Some(_) if may_be_whole => "a packet that is cut short says nothing that is not left of it",
            Some(_) => "a payload that is cut short is an error",
        };
        return Err(Broken { law, packet, version: version.version(), at: cut });
    }
    Ok(())
}

/// Frames in a slice and the same bytes in pieces: the decoder gives the same frames and refuses the
/// same ones, says rightly how much is missing, and ends where the slice does.
///
/// `pieces` are the lengths of the pieces; it is asked until the bytes are used up, and 0 stands for
/// all that is left.
///
/// # Errors
/// The law that is broken.
pub fn stream<V: Dialect>(
    version: V,
    side: Side,
    bytes: &[u8],
    mut pieces: impl FnMut() -> usize,
    buffers: &mut Buffers<'_>,
) -> Result<(), Broken> {
    let broken = |law, at| Err(Broken { law, packet: "any", version: version.version(), at });
    // A frame that the decoder's buffer can't hold is refused; let the slice be walked likewise.
    let room = buffers.first.len().saturating_sub(version.version().header_len());
    let mut limits = Limits::from(side);
    limits.payload = limits.payload.min(room);
    limits.beatmap_info_payload = limits.beatmap_info_payload.min(room);
    let mut whole = Frames::new(version, side, bytes).with_limits(limits);
    let mut decoder = FrameDecoder::new(version, side, &mut *buffers.first).with_limits(limits);
    let (mut rest, mut is_refused) = (bytes, false);
    while !rest.is_empty() {
        let len = match pieces() {
            0 => rest.len(),
            len => len.min(rest.len()),
        };
        let (mut piece, behind) = rest.split_at_checked(len).unwrap_or_default();
        rest = behind;
        while !piece.is_empty() {
            let missing = decoder.missing();
            let taken = decoder.push(piece);
            piece = piece.get(taken..).unwrap_or_default();
            let mut given = 0usize;
            while let Some(frame) = decoder.next_frame() {
                given = given.saturating_add(1);
                is_refused = frame.is_err();
                let same = match (frame, whole.next()) {
                    (Ok(ours), Some(Ok(theirs))) => ours == theirs,
                    (Err(ours), Some(Err(theirs))) => ours.kind == theirs.kind,
                    _ => false,
                };
                if !same {
                    return broken("a stream in pieces gives the frames of the whole", whole.offset());
                }
            }
            if taken == 0 && given == 0 {
                return broken("a decoder that gives nothing takes something", whole.offset());
            }
            if given > 0 && taken < missing {
                return broken("nothing comes before what was missing is there", whole.offset());
            }
        }
    }
    let is_between = decoder.is_between_frames();
    match whole.next() {
        // What follows a refused frame may not be there to be passed over.
        None if is_between || is_refused => Ok(()),
        Some(Err(_)) if !is_between && whole.next().is_none() => Ok(()),
        _ => broken("a stream in pieces ends where the whole does", whole.offset()),
    }
}

/// What [`payload`] needs of the two enums over packets.
trait OfSide<'a>: Encode + Sized {
    const SIDE: Side;
    fn read<V: Dialect>(version: V, id: u16, payload: &'a [u8]) -> Result<Self, Error>;
}

impl<'a> OfSide<'a> for client::Packet<'a> {
    const SIDE: Side = Side::Client;

    fn read<V: Dialect>(version: V, id: u16, payload: &'a [u8]) -> Result<Self, Error> {
        Self::decode(version, id, payload)
    }
}

impl<'a> OfSide<'a> for server::Packet<'a> {
    const SIDE: Side = Side::Server;

    fn read<V: Dialect>(version: V, id: u16, payload: &'a [u8]) -> Result<Self, Error> {
        Self::decode(version, id, payload)
    }
}

fn payload_of<'a, P: OfSide<'a>, V: Dialect>(
    version: V,
    id: u16,
    payload: &'a [u8],
    buffers: &mut Buffers<'_>,
) -> Result<(), Broken> {
    let (name, field) = explain(version, P::SIDE, id, payload);
    let broken = |law, at| Err(Broken { law, packet: name, version: version.version(), at });
    let packet = match (P::read(version, id, payload), field) {
        (Ok(packet), None) => packet,
        (Err(error), Some(_)) => {
            let offset = usize::try_from(error.offset).unwrap_or(usize::MAX);
            return if offset <= payload.len() {
                Ok(())
            } else {
                broken("an error is in the payload", offset)
            };
        }
        (Ok(_), Some(_)) | (Err(_), None) => return broken("an error is explained, and nothing else is", 0),
    };

    let len = packet.encoded_len(version);
    let fits = len <= buffers.first.len().min(buffers.second.len());
    if !fits {
        return Ok(());
    }
    let first = write(version, &packet, buffers.first);
    if first != Some(len) {
        return broken("what is written is as long as counted", len);
    }
    if buffers.first.iter().skip(len).any(|byte| *byte != POISON) {
        return broken("nothing is written behind the end", len);
    }
    if let Some(shorter) = len.checked_sub(1) {
        let short = buffers.second.get_mut(..shorter).unwrap_or_default();
        if write(version, &packet, short).is_some() {
            return broken("a buffer that is too short is refused", shorter);
        }
    }

    let written = buffers.first.get(..len).unwrap_or_default();
    match second_pass(version, P::SIDE, id, written, buffers.second) {
        Some((again, None)) if again == len => {}
        Some((again, Some(_))) if again == len => return broken("a version can carry what it writes", len),
        _ => return broken("what was written is read and written again unchanged", len),
    }
    Ok(())
}

/// Writes the payload into poisoned memory: its length, or `None` where it does not fit.
fn write<V: Dialect>(version: V, packet: &impl Encode, buffer: &mut [u8]) -> Option<usize> {
    buffer.fill(POISON);
    let room = buffer.len();
    let mut sink = SliceSink::new(buffer);
    packet.encode(version, &mut sink).ok()?;
    room.checked_sub(sink.room())
}

/// Reads what was written and writes that: its length where it is the same again, and the field that a
/// strict writer would refuse.
fn second_pass<V: Dialect>(
    version: V,
    side: Side,
    id: u16,
    written: &[u8],
    buffer: &mut [u8],
) -> Option<(usize, Option<&'static str>)> {
    let (len, lost) = match side {
        Side::Client => {
            let packet = client::Packet::decode(version, id, written).ok()?;
            (write(version, &packet, buffer)?, refused_field(version, &packet))
        }
        Side::Server => {
            let packet = server::Packet::decode(version, id, written).ok()?;
            (write(version, &packet, buffer)?, refused_field(version, &packet))
        }
    };
    if buffer.get(..len) == Some(written) {
        return Some((len, lost));
    }
    // A link in the text of a link comes to light when that is converted, as in chio: it is converted when
    // the message is written again, and nothing else is ever lost of what was said.
    Some((written.len(), None)).filter(|_| side == Side::Server && lost == Some("content"))
}

/// The field for which a strict writer refuses a packet of which the lenient writer writes frames.
fn refused_field<V: Dialect>(version: V, packet: &impl Encode) -> Option<&'static str> {
    let field = packet.first_unrepresentable(version)?;
    // Into an empty buffer nothing can be written but no frames.
    let is_dropped = FrameWriter::new(version, &mut []).write(packet) == Ok(0);
    if is_dropped { None } else { Some(field) }
}

/// A packet that a lenient writer has written as frames of its own side: it can be read.
///
/// # Errors
/// The law that is broken.
pub fn lenient<V: Dialect>(
    version: V,
    packet: &impl Encode,
    buffers: &mut Buffers<'_>,
) -> Result<usize, Broken> {
    let info = packet.packet_info();
    let broken = |law, at| Err(Broken { law, packet: info.name, version: version.version(), at });
    buffers.first.fill(POISON);
    let mut out = FrameWriter::new(version, &mut *buffers.first).uncompressed();
    let Ok(frames) = out.write(packet) else {
        return Ok(0);
    };
    let len = out.written().len();
    if version.since(334) && buffers.first.iter().skip(len).any(|byte| *byte != POISON) {
        return broken("nothing is written behind the end", len);
    }
    let written = buffers.first.get(..len).unwrap_or_default();
    let walked = Frames::new(version, info.side, written).map_while(Result::ok).count();
    if walked == frames { Ok(frames) } else { broken("a writer says how many frames it has written", walked) }
}
