//! Payloads whose text is not valid UTF-8.
//!
//! All functions here are for the cold path: they walk a payload by its layout and copy it.

use super::frame::{Frame, Frames, Limits};
use super::overrides::PayloadOverrides;
use super::packet_id::Side;
use super::packets::{client, server};
use super::transcode::{TranscodeError, Transcoder};
use super::version::Version;
use super::writer::FrameWriter;
use super::{Change, Dialect};
use crate::wire::{AnySink, Error, ErrorKind, Full, Inflater, Observer, Sink, SliceSink, TextMap, Value};

/// Copies a payload to `out`, and replaces each invalid part of its text with U+FFFD, as .NET's reader and
/// [`String::from_utf8_lossy`] do. Then it decodes like any other payload.
///
/// Decoding is strict in this crate: text that is not UTF-8 is an error of the kind
/// [`Utf8`](crate::wire::ErrorKind::Utf8). The game's own reader is lenient. To be as lenient, call this function after such
/// an error. The adapter's `Received` does so by default. The copy is at most three times as long as the payload.
///
/// ```
/// use lobbywire_core::bancho::{Decode, Side, Version, repair_text, server};
/// use lobbywire_core::wire::ErrorKind;
///
/// let payload = b"\0\x0b\x04caf\xe9\x0b\x04#osu\x01\0\0\0";
/// let strict = server::Message::decode(Version::LATEST, payload);
/// assert_eq!(strict.unwrap_err().kind, ErrorKind::Utf8);
///
/// let mut repaired = Vec::new(); // or a `SliceSink`, a `heapless::Vec`
/// repair_text(Version::LATEST, Side::Server, 7, payload, &mut repaired)?;
/// assert_eq!(server::Message::decode(Version::LATEST, &repaired)?.content, "caf\u{fffd}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`String::from_utf8_lossy`]: https://doc.rust-lang.org/std/string/struct.String.html#method.from_utf8_lossy
///
/// # Errors
/// [`TranscodeError::Malformed`] for another error in the payload, with its offset there, and [`TranscodeError::Full`].
/// `out` then contains a part of the copy.
#[cold]
pub fn repair_text<V: Dialect>(
    version: V,
    side: Side,
    wire_id: u16,
    payload: &[u8],
    out: &mut impl Sink,
) -> Result<(), TranscodeError> {
    map_text(version.version(), side, wire_id, payload, TextMap::Repair, &mut AnySink::new(out))
}

/// Copies a payload to `out`, with its text mapped.
///
/// # Errors
/// As [`repair_text`].
#[cold]
#[doc(hidden)] // for the adapter
pub fn map_text(
    version: Version,
    side: Side,
    wire_id: u16,
    payload: &[u8],
    map: TextMap,
    out: &mut AnySink<'_>,
) -> Result<(), TranscodeError> {
    let mut copy = Copy { payload, copied: 0, map, out, is_full: false };
    let traced: Result<(), Error> = match side {
        Side::Client => client::Packet::trace(version, wire_id, payload, &mut copy).map(|_| ()),
        Side::Server => server::Packet::trace(version, wire_id, payload, &mut copy).map(|_| ()),
    };
    traced.map_err(TranscodeError::Malformed)?;
    copy.copy_until(payload.len());
    if copy.is_full { Err(TranscodeError::Full) } else { Ok(()) }
}

/// Copies a payload while it is decoded.
struct Copy<'p, 'o, 's> {
    payload: &'p [u8],
    /// How much of it was copied.
    copied: usize,
    map: TextMap,
    out: &'o mut AnySink<'s>,
    is_full: bool,
}

impl Copy<'_, '_, '_> {
    /// Copies everything before the offset `end` that was not copied.
    fn copy_until(&mut self, end: usize) {
        let bytes = self.payload.get(self.copied..end).unwrap_or_default();
        self.is_full |= self.out.put(bytes).is_err();
        self.copied = end;
    }
}

impl Observer for Copy<'_, '_, '_> {
    const ACCEPTS_ANY_TEXT: bool = true;

    fn text(&mut self, start: usize, end: usize) {
        let encoded = self.payload.get(start..end).unwrap_or_default();
        if self.is_full || !self.map.changes_encoded(encoded) {
            return;
        }
        self.copy_until(start);
        self.is_full |= self.map.put(encoded, self.out).is_err();
        self.copied = end;
    }

    fn begin(&mut self, _: &'static str, _: usize) {}
    fn begin_element(&mut self, _: usize, _: usize) {}
    fn value(&mut self, _: usize, _: usize, _: Value<'_>) {}
    fn detail(&mut self, _: &'static str, _: usize, _: usize, _: Value<'_>) {}
    fn end(&mut self) {}
}

impl<A: Dialect, B: Dialect, O: PayloadOverrides> Transcoder<A, B, O> {
    /// Transcodes a frame that was not transcoded. If the `error` is that its text is not UTF-8, invalid bytes are escaped, and
    /// restored in the frames that were written. Returns `error` if it is another, if `scratch` is too small, or if layouts
    /// are overridden.
    #[cold]
    #[inline(never)]
    pub(super) fn frame_of_any_text<W: PayloadOverrides>(
        &self,
        error: TranscodeError,
        frame: &Frame<'_>,
        inflater: &mut Inflater,
        scratch: &mut [u8],
        out: &mut FrameWriter<'_, B, W>,
        report: &mut dyn FnMut(Change),
    ) -> Result<usize, TranscodeError> {
        let error = match error {
            TranscodeError::Malformed(error) if error.kind == ErrorKind::Utf8 => error,
            other => return Err(other),
        };
        if O::ACTIVE || W::ACTIVE {
            return Err(TranscodeError::Malformed(error));
        }
        if !frame.is_compressed {
            return self.packet_of_any_text(
                error,
                (frame.wire_id, frame.body),
                inflater,
                scratch,
                out,
                report,
            );
        }
        let len = inflater.inflate(frame.body, scratch).map_err(TranscodeError::Malformed)?;
        let (payload, rest) = scratch.split_at_mut_checked(len).unwrap_or_default();
        self.packet_of_any_text(error, (frame.wire_id, payload), inflater, rest, out, report)
    }

    fn packet_of_any_text<W: PayloadOverrides>(
        &self,
        error: Error,
        (wire_id, payload): (u16, &[u8]),
        inflater: &mut Inflater,
        scratch: &mut [u8],
        out: &mut FrameWriter<'_, B, W>,
        report: &mut dyn FnMut(Change),
    ) -> Result<usize, TranscodeError> {
        let unwritten = Err(TranscodeError::Malformed(error));
        let room = scratch.len();
        let mut escaped = SliceSink::new(scratch);
        let mut sink = AnySink::new(&mut escaped);
        match map_text(self.from.version(), self.side, wire_id, payload, TextMap::Escape, &mut sink) {
            Ok(()) => {}
            Err(TranscodeError::Full) => return unwritten,
            Err(other) => return Err(other),
        }
        let len = room.saturating_sub(escaped.room());
        let Some((escaped, rest)) = scratch.split_at_mut_checked(len) else { return unwritten };
        let Some((framed, inflated)) = rest.split_at_mut_checked(rest.len() / 2) else { return unwritten };
        let mut writer = FrameWriter::new(self.to, framed).uncompressed();
        // Changes are reported once the packet is written.
        let count = match self.packet(wire_id, escaped, &mut writer, &mut |_| ()) {
            Err(TranscodeError::Full) => return unwritten,
            other => other?,
        };
        let before = out.mark();
        let frames = Frames::new(self.to, self.side, writer.written()).with_limits(Limits::NONE);
        for frame in frames.map_while(Result::ok) {
            // Before b334, all payloads are compressed.
            let Ok(payload) = frame.payload(inflater, inflated) else {
                out.rewind(before);
                return unwritten;
            };
            let written = out.frame(frame.wire_id, |version, sink| {
                let mut sink = AnySink::new(sink);
                map_text(version.version(), self.side, frame.wire_id, payload, TextMap::Restore, &mut sink)
                    .map_err(|_| Full)
            });
            if written.is_err() {
                out.rewind(before);
                return Err(TranscodeError::Full);
            }
        }
        let mut again = FrameWriter::new(self.to, framed).uncompressed();
        self.packet(wire_id, escaped, &mut again, report)?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bancho::Decode;
    use std::string::String;
    use std::vec::Vec;
    use std::{format, vec};

    fn repaired(version: Version, side: Side, id: u16, payload: &[u8]) -> Result<Vec<u8>, TranscodeError> {
        let mut out = Vec::new();
        repair_text(version, side, id, payload, &mut out).map(|()| out)
    }

    #[test]
    fn only_invalid_strings_are_replaced() {
        let version = Version::LATEST;
        // An unusual length, an empty string in the long form, bytes after the packet.
        let payload = b"\x0b\x82\x00hi\x0b\x03a\xffb\x0b\x00\x01\x00\x00\x00after\xff";
        let expected = b"\x0b\x82\x00hi\x0b\x05a\xef\xbf\xbdb\x0b\x00\x01\x00\x00\x00after\xff";
        assert_eq!(repaired(version, Side::Server, 7, payload), Ok(expected.to_vec()));
        // A packet without text, and one that is unknown.
        assert_eq!(repaired(version, Side::Server, 5, b"\xff\xff\xff\xff"), Ok(vec![0xff; 4]));
        assert_eq!(repaired(version, Side::Client, 999, b"\x0b\x01\xff"), Ok(b"\x0b\x01\xff".to_vec()));
        // Other errors keep their offset.
        let error = TranscodeError::Malformed(Error::new(ErrorKind::StringMarker, 4));
        assert_eq!(repaired(version, Side::Server, 7, b"\x0b\x02\xff\xff\x0c"), Err(error));
        for room in 0..expected.len() {
            let mut buffer = vec![0; room];
            let mut sink = SliceSink::new(&mut buffer);
            let done = repair_text(version, Side::Server, 7, payload, &mut sink);
            assert_eq!(done, Err(TranscodeError::Full));
        }
    }

    #[test]
    fn a_request_with_many_strings_is_repaired_in_linear_time() {
        let version = Version::from_build(20130801);
        let mut payload = 20_000u32.to_le_bytes().to_vec();
        (0..20_000).for_each(|_| payload.extend(b"\x0b\x03a\xe9b"));
        payload.extend(0u32.to_le_bytes());
        let out = repaired(version, Side::Client, 68, &payload).unwrap();
        let request = client::BeatmapInfoRequest::decode(version, &out).unwrap();
        assert_eq!(request.filenames.len(), 20_000);
        assert!(request.filenames.iter().all(|name| name == "a\u{fffd}b"));
    }

    #[test]
    fn transcoding_keeps_the_bytes_of_text() {
        let (latest, mut inflater) = (Version::LATEST, Inflater::new());
        // A message with the id of its sender, which older versions lack.
        let payload = b"\x0b\x02\xf4b\x0b\x0c[http://x \xe9]\x0b\x04#osu\x01\x00\x00\x00";
        let expected = b"\x0b\x02\xf4b\x0b\x0d(\xe9)[http://x]\x0b\x04#osu";
        for build in [320, 334, 1700, 20121203] {
            let to = Version::from_build(build);
            let transcoder = Transcoder::new(Side::Server, latest, to);
            let mut bytes = vec![0; 128];
            let mut frame = FrameWriter::new(latest, &mut bytes);
            frame.write_payload(7, payload).unwrap();
            let frame = Frames::new(latest, Side::Server, frame.written()).next().unwrap().unwrap();
            let (mut scratch, mut buffer, mut changes) = (vec![0; 512], vec![0; 128], Vec::new());
            let mut out = FrameWriter::new(to, &mut buffer);
            let mut report = |change: Change| changes.push(change);
            let count = transcoder.frame(&frame, &mut inflater, &mut scratch, &mut out, &mut report);
            assert_eq!(count, Ok(1), "b{build}");
            let sent = Frames::new(to, Side::Server, out.written()).next().unwrap().unwrap();
            let sent = sent.payload(&mut inflater, &mut scratch).unwrap();
            assert_eq!(sent, expected, "b{build}: {}", String::from_utf8_lossy(sent));
            assert_eq!(format!("{changes:?}").matches("sender_id").count(), 1, "b{build}");
            // Nothing is reported about a packet that does not fit.
            let mut small = vec![0; 20];
            let mut out = FrameWriter::new(to, &mut small);
            let mut report = |change: Change| panic!("{change}");
            let full = transcoder.frame(&frame, &mut inflater, &mut scratch, &mut out, &mut report);
            assert_eq!((full, out.written()), (Err(TranscodeError::Full), &[][..]));
            // Without scratch memory, the packet is lost.
            let error = TranscodeError::Malformed(Error::new(ErrorKind::Utf8, 0));
            out.clear();
            let lost = transcoder.frame(&frame, &mut inflater, &mut [], &mut out, &mut |_| ());
            assert_eq!((lost, out.written()), (Err(error), &[][..]));
        }
    }
}
