//! Input of the decoding commands: the packets of a stream.

use crate::input::Input;
use crate::report::Malformed;
use lobbywire::bancho::{Frame, FrameDecoder, Limits, PacketId, Side, Version, client, explain, server};
use lobbywire::wire::{Error, ErrorKind, Inflater};
use std::io::{Read, Result};
use std::path::Path;
use std::process::ExitCode;

/// Receives the packets of a stream.
pub(super) trait PacketSink {
    /// Handles a frame, its offset in the input and its decompressed payload, or returns what is wrong with it.
    fn packet(
        &mut self,
        frame: &Frame<'_>,
        at: u64,
        payload: &[u8],
    ) -> Result<std::result::Result<(), PacketError>>;

    /// Flushes the output.
    fn flush(&mut self) -> Result<()>;
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
        let (packet, field) = explain(version, side, frame.wire_id, payload);
        let field = field.filter(|path| !path.is_empty()).map(|path| path.to_string());
        Self { field, ..Self::of_frame(error.after(frame.header_len()), Some(packet)) }
    }

    fn report(self, frame_at: u64) {
        let Self { kind, offset, packet, field, message } = self;
        let offset = frame_at + u64::from(offset);
        Malformed { kind, offset, packet: packet.map(str::to_owned), field, message }.report();
    }
}

/// Reads the packets sent by `side` in this version from a file or standard input, and passes them to `sink`.
pub(super) fn each_packet(
    version: Version,
    side: Side,
    keep_going: bool,
    file: Option<&Path>,
    sink: &mut impl PacketSink,
) -> Result<ExitCode> {
    let limits = Limits::from(side);
    let mut input = Input::open(file)?;
    // Twice the largest frame, so that frames are rarely moved.
    let mut decoder = FrameDecoder::new(version, side, vec![0; 2 * limits.largest_frame()]);
    let mut inflater = Inflater::new();
    let mut scratch = vec![0; limits.inflated.max(limits.beatmap_info_inflated)];
    let mut is_valid = true;
    loop {
        let count = input.read(decoder.room())?;
        decoder.filled(count);
        loop {
            if decoder.is_skipping() {
                // Skips what has been received of a rejected frame, so that `position` is the start of the next one.
                decoder.room();
            }
            let at = decoder.position();
            let name = decoder.next_id().and_then(|id| known_name(version, side, id));
            let Some(frame) = decoder.next_frame() else { break };
            let done = match frame {
                Ok(frame) => {
                    let allowed = limits.inflated_of(PacketId::from_wire(version, frame.wire_id));
                    match frame.payload(&mut inflater, &mut scratch[..allowed]) {
                        Ok(payload) => sink.packet(&frame, at, payload)?,
                        Err(error) => Err(PacketError::of_frame(error, name)),
                    }
                }
                Err(error) => Err(PacketError::of_frame(error, name)),
            };
            if let Err(error) = done {
                sink.flush()?;
                error.report(at);
                is_valid = false;
                if !keep_going {
                    return Ok(ExitCode::FAILURE);
                }
            }
        }
        // The next read may block: the input may be a live connection.
        sink.flush()?;
        if count == 0 {
            break;
        }
    }
    // A rejected frame has been reported, even if its end is missing.
    if !decoder.is_between_frames() && !decoder.is_skipping() {
        let name = decoder.next_id().and_then(|id| known_name(version, side, id));
        PacketError::of_frame(Error::new(ErrorKind::Incomplete, 0), name).report(decoder.position());
        is_valid = false;
    }
    Ok(if is_valid { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The name of the packet with this wire id.
pub(super) fn known_name(version: Version, side: Side, id: u16) -> Option<&'static str> {
    let id = PacketId::from_wire(version, id)?;
    let packets = if side == Side::Client { client::PACKETS } else { server::PACKETS };
    packets.iter().find(|info| info.id == id && info.is_known_by(version)).map(|info| info.name)
}
