//! Input of the decoding commands: the packets of a stream.

use super::too_large;
use crate::input::Input;
use crate::output::Output;
use crate::report::Malformed;
use lobbywire::bancho::{
    BanchoFraming, Frame, Limits, PacketId, Side, Version, client, explain, explain_lossy, server,
};
use lobbywire::wire::{Error, ErrorKind, FrameDecoder, Inflater};
use std::io::{Read, Result, Write};

/// Receives the packets of a stream.
pub(super) trait PacketSink {
    /// Handles a frame, its offset in the input and its decompressed payload, or returns what is wrong with it.
    fn packet(
        &mut self,
        frame: &Frame<'_>,
        at: u64,
        payload: &[u8],
        out: &mut Output,
    ) -> Result<std::result::Result<(), PacketError>>;
}

/// An error in a frame, with the names of the packet and the field if they are known. The offset counts from the start of the
/// frame.
#[derive(Debug)]
pub(super) struct PacketError {
    pub(super) kind: &'static str,
    pub(super) offset: u32,
    pub(super) packet: Option<&'static str>,
    pub(super) field: Option<String>,
    pub(super) message: String,
}

impl PacketError {
    /// An error in the frame itself.
    fn of_frame(error: Error, packet: Option<&'static str>) -> Self {
        let message = error.kind.message().to_owned();
        Self { kind: error.kind.name(), offset: error.offset, packet, field: None, message }
    }

    /// An error inside a payload. Decodes the payload again to find the field.
    pub(super) fn of_payload(
        error: Error,
        version: Version,
        side: Side,
        frame: &Frame<'_>,
        payload: &[u8],
    ) -> Self {
        // The commands decode text lossily, so that no error but this one is due to text before it.
        let explain = if error.kind == ErrorKind::Utf8 { explain } else { explain_lossy };
        let (packet, field) = explain(version, side, frame.wire_id, payload);
        let field = field.filter(|path| !path.is_empty()).map(|path| path.to_string());
        Self { field, ..Self::of_frame(error.after(frame.header_len()), Some(packet)) }
    }

    pub(super) fn at(self, frame_at: u64) -> Malformed {
        let Self { kind, offset, packet, field, message } = self;
        let offset = frame_at + u64::from(offset);
        Malformed { kind, offset, packet: packet.map(str::to_owned), field, message }
    }
}

/// A stream of frames: bytes that have been read already, and the rest of the input.
pub(super) struct Stream {
    pub(super) read: Vec<u8>,
    pub(super) input: Input,
    /// The offset in the input of the first frame.
    pub(super) at: u64,
}

/// Reads the packets sent by `side` in this version and passes them to `sink`.
pub(super) fn each_packet(
    version: Version,
    side: Side,
    keep_going: bool,
    stream: Stream,
    out: &mut Output,
    sink: &mut impl PacketSink,
) -> Result<()> {
    let mut seen = Seen::default();
    packets(version, side, keep_going, stream, out, sink, &mut seen)?;
    match seen.hint(side) {
        Some(hint) => out.hint(&hint),
        None => Ok(()),
    }
}

fn packets(
    version: Version,
    side: Side,
    keep_going: bool,
    stream: Stream,
    out: &mut Output,
    sink: &mut impl PacketSink,
    seen: &mut Seen,
) -> Result<()> {
    let Stream { read, mut input, at: base } = stream;
    let (limits, mut read) = (Limits::from(side), &read[..]);
    let framing = BanchoFraming::new(version, side);
    // Twice the largest frame, so that frames are rarely moved.
    let mut decoder = FrameDecoder::new(framing, vec![0; 2 * limits.largest_frame()]);
    let mut inflater = Inflater::new();
    let mut scratch = vec![0; limits.inflated.max(limits.beatmap_info_inflated)];
    loop {
        let room = decoder.room();
        let count = if read.is_empty() { input.read(room)? } else { read.read(room)? };
        decoder.filled(count);
        loop {
            if decoder.is_skipping() {
                // Skips what has been received of a rejected frame, so that `position` is the start of the next one.
                decoder.room();
            }
            let at = base + decoder.position();
            let start = too_large::Start::of(decoder.buffered());
            let name = framing.wire_id(decoder.buffered()).and_then(|id| known_name(version, side, id));
            let Some(bytes) = decoder.next_frame() else { break };
            let done = match bytes {
                Ok(bytes) => {
                    let Some(frame) = framing.frame(bytes) else { continue };
                    seen.count(version, side, frame.wire_id, name);
                    let allowed = limits.inflated_of(PacketId::from_wire(version, frame.wire_id));
                    match frame.payload(&mut inflater, &mut scratch[..allowed]) {
                        Ok(payload) => sink.packet(&frame, at, payload, out)?,
                        Err(error) => {
                            let mut error = PacketError::of_frame(error, name);
                            if error.kind == ErrorKind::InflatedTooLarge.name() {
                                error.message =
                                    format!("the payload inflates to more than the limit of {allowed} bytes");
                            }
                            Err(error)
                        }
                    }
                }
                Err(error) => {
                    let mut refused = PacketError::of_frame(error, name);
                    if error.kind == ErrorKind::FrameTooLarge {
                        let unread = input.unread().map(|unread| unread + read.len() as u64);
                        let left = unread.map(|unread| unread + decoder.buffered().len() as u64);
                        let read = base + decoder.position() - at;
                        let left = left.map(|left| left + read);
                        refused.message = start.message(&framing, side, at == 0, left, keep_going);
                    }
                    Err(refused)
                }
            };
            if let Err(error) = done {
                out.malformed(&error.at(at))?;
                if !keep_going {
                    return Ok(());
                }
            }
        }
        // The next read may block: the input may be a live connection.
        out.flush()?;
        if count == 0 {
            break;
        }
    }
    // A rejected frame has been reported, even if its end is missing.
    if !decoder.is_between_frames() && !decoder.is_skipping() {
        let name = framing.wire_id(decoder.buffered()).and_then(|id| known_name(version, side, id));
        let error = PacketError::of_frame(Error::new(ErrorKind::Incomplete, 0), name);
        out.malformed(&error.at(base + decoder.position()))?;
    }
    Ok(())
}

/// The name of the packet with this wire id.
pub(super) fn known_name(version: Version, side: Side, id: u16) -> Option<&'static str> {
    let id = PacketId::from_wire(version, id)?;
    let packets = if side == Side::Client { client::PACKETS } else { server::PACKETS };
    packets.iter().find(|info| info.id == id && info.is_known_by(version)).map(|info| info.name)
}

/// Which packets a stream contains.
#[derive(Default)]
struct Seen {
    /// Whether a packet of this side was found.
    has_known: bool,
    /// How many packets were found that this side does not send.
    unknown: u64,
    /// How many of them the other side sends.
    of_other_side: u64,
}

impl Seen {
    fn count(&mut self, version: Version, side: Side, id: u16, name: Option<&'static str>) {
        if name.is_some() {
            self.has_known = true;
        } else if !self.has_known {
            self.unknown += 1;
            self.of_other_side += u64::from(known_name(version, side.other(), id).is_some());
        }
    }

    /// Advice for a stream of the other side, whose packets are all unknown.
    fn hint(&self, side: Side) -> Option<String> {
        let is_of_other_side = !self.has_known && 2 * self.of_other_side > self.unknown;
        is_of_other_side.then(|| {
            let other = side.other();
            format!("every packet is Unknown, but a {other} sends packets with these ids: try --side {other}")
        })
    }
}
