//! `lobbywire bancho transcode`

use super::login;
use super::packets::{PacketError, PacketSink, each_packet, known_name};
use crate::input::Input;
use crate::output::Output;
use lobbywire::bancho::{Bridge, Change, Frame, Options, Outbox, Side, TranscodeError, Version};
use std::io::Write;
use std::path::Path;

pub(super) fn run(
    side: Side,
    (from, to): (Version, Version),
    is_strict: bool,
    keep_going: bool,
    file: Option<&Path>,
    out: &mut Output,
) -> std::io::Result<()> {
    let bridge = match side {
        Side::Client => Bridge::new(from, to),
        Side::Server => Bridge::new(to, from),
    };
    let bridge = if is_strict { bridge.strict() } else { bridge };
    // The buffer contains one packet at a time, of any size.
    let mut options = Options::server();
    options.write_buffer = usize::MAX;
    let onward = Outbox::new(to).with_options(options);
    let mut sink = Transcode { bridge, side, from, to, onward };
    let (login, stream) = login::read(side, Input::open(file)?)?;
    if let Some(login) = login {
        out.malformed(&login.not_transcoded())?;
        if !keep_going {
            return Ok(());
        }
    }
    each_packet(from, side, keep_going, stream, out, &mut sink)
}

struct Transcode {
    bridge: Bridge,
    side: Side,
    from: Version,
    to: Version,
    onward: Outbox,
}

impl PacketSink for Transcode {
    fn packet(
        &mut self,
        frame: &Frame<'_>,
        _: u64,
        payload: &[u8],
        out: &mut Output,
    ) -> std::io::Result<Result<(), PacketError>> {
        if self.from == self.to {
            // Equal versions: frames are copied, even compressed ones.
            out.write_all(frame.bytes)?;
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
                out.write_all(&self.onward.take())?;
                for change in changes {
                    out.changed(change, self.to)?;
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
