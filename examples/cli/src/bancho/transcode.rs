//! `lobbywire bancho transcode`

use super::packets::{PacketError, PacketSink, each_packet, known_name};
use crate::report;
use lobbywire::bancho::{Bridge, Change, Frame, Options, Outbox, Side, TranscodeError, Version};
use std::io::{BufWriter, Write, stdout};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(
    side: Side,
    (from, to): (Version, Version),
    is_strict: bool,
    keep_going: bool,
    file: Option<&Path>,
) -> std::io::Result<ExitCode> {
    let bridge = match side {
        Side::Client => Bridge::new(from, to),
        Side::Server => Bridge::new(to, from),
    };
    let bridge = if is_strict { bridge.strict() } else { bridge };
    // The buffer contains one packet at a time, of any size.
    let mut options = Options::server();
    options.write_buffer = usize::MAX;
    let onward = Outbox::new(to).with_options(options);
    let mut sink = Transcode { bridge, side, from, to, onward, out: BufWriter::new(stdout().lock()) };
    each_packet(from, side, keep_going, file, &mut sink)
}

struct Transcode<W> {
    bridge: Bridge,
    side: Side,
    from: Version,
    to: Version,
    onward: Outbox,
    out: W,
}

impl<W: Write> PacketSink for Transcode<W> {
    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }

    fn packet(
        &mut self,
        frame: &Frame<'_>,
        _: u64,
        payload: &[u8],
    ) -> std::io::Result<Result<(), PacketError>> {
        if self.from == self.to {
            // Equal versions: frames are copied, even compressed ones.
            self.out.write_all(frame.bytes)?;
            return Ok(Ok(()));
        }
        let mut changes = Vec::new();
        // There is no connection to the sender for replies or requests.
        let (side, back, onward) = (self.side, None, &mut self.onward);
        let passed = self
            .bridge
            .pass_payload(side, frame.wire_id, payload, onward, back, &mut |change| changes.push(change));
        let error = match passed {
            Ok(_) => {
                self.out.write_all(&self.onward.take())?;
                for change in changes {
                    report::changed(change, self.to);
                }
                return Ok(Ok(()));
            }
            Err(TranscodeError::Malformed(error)) => {
                PacketError::of_payload(error, self.from, self.side, frame, payload)
            }
            Err(error) => PacketError {
                kind: "unrepresentable",
                offset: 0,
                packet: known_name(self.from, self.side, frame.wire_id),
                field: match error {
                    TranscodeError::Changed(Change { field, .. }) => {
                        field.filter(|field| !field.is_empty()).map(str::to_owned)
                    }
                    _ => None,
                },
                message: error.to_string(),
            },
        };
        Ok(Err(error))
    }
}
