//! `lobbywire bancho transcode`

use super::packets::{Damage, PacketSink, each_packet, known_name};
use crate::report::lost;
use lobbywire::bancho::{Frame, FrameWriter, Loss, Side, TranscodeError, Transcoder, Version};
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
    let transcoder = Transcoder::new(side, from, to);
    let out = BufWriter::new(stdout().lock());
    let mut sink = Transcode { transcoder, side, from, to, is_strict, frames: vec![0; 1 << 16], out };
    each_packet(from, side, keep_going, file, &mut sink)
}

struct Transcode<W> {
    transcoder: Transcoder<Version, Version>,
    side: Side,
    from: Version,
    to: Version,
    is_strict: bool,
    frames: Vec<u8>,
    out: W,
}

impl<W: Write> PacketSink for Transcode<W> {
    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }

    fn packet(&mut self, frame: &Frame<'_>, payload: &[u8]) -> std::io::Result<Result<(), Damage>> {
        let mut losses = Vec::new();
        let written = loop {
            losses.clear();
            let mut writer = FrameWriter::new(self.to, &mut self.frames);
            let done = if self.is_strict {
                self.transcoder.strict(frame.id, payload, &mut writer)
            } else {
                self.transcoder.packet(frame.id, payload, &mut writer, &mut |loss| losses.push(loss))
            };
            let len = writer.written().len();
            match done {
                Err(TranscodeError::Full) => {
                    let len = self.frames.len() * 2;
                    self.frames.resize(len, 0);
                }
                done => break done.map(|_| len),
            }
        };
        let damage = match written {
            Ok(len) => {
                self.out.write_all(&self.frames[..len])?;
                for Loss { packet, field } in losses {
                    lost(packet, field.filter(|field| !field.is_empty()), self.to);
                }
                return Ok(Ok(()));
            }
            Err(TranscodeError::Damaged(error)) => {
                Damage::of_payload(error, self.from, self.side, frame, payload)
            }
            Err(error) => Damage {
                kind: "lost",
                offset: 0,
                packet: known_name(self.from, self.side, frame.id),
                field: match error {
                    TranscodeError::Lost(Loss { field, .. }) => {
                        field.filter(|field| !field.is_empty()).map(str::to_owned)
                    }
                    _ => None,
                },
                message: error.to_string(),
            },
        };
        Ok(Err(damage))
    }
}
