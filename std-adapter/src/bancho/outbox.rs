//! The send buffer.

use super::read_buffer::KEPT;
use super::{
    Compression, Dialect, Encode, Frame, FrameWriter, Frames, Gzip, Limits, NoOverrides, Options, Overrides,
    PayloadOverrides, SharedFrames, Side, Version, WriteError,
};
use crate::wire::Inflater;
use bytes::{Bytes, BytesMut};
use std::cell::Cell;

/// A send buffer of frames. It grows up to [`Options::write_buffer`] and compresses payloads in the versions that
/// support it.
///
/// A connection has one. Without a connection, it builds the body of an HTTP response:
///
/// ```
/// use lobbywire::bancho::{Outbox, Version, server};
///
/// let mut answer = Outbox::new(Version::LATEST);
/// answer.write(&server::LoginReply::user(2))?;
/// answer.write(&server::ChannelJoinSuccess("#osu"))?;
/// assert_eq!(answer.take().len(), 11 + 13);
/// # Ok::<(), lobbywire::bancho::WriteError>(())
/// ```
#[derive(Debug)]
pub struct Outbox {
    version: Version,
    pub(crate) options: Options,
    overrides: Option<Overrides>,
    pub(crate) buffer: BytesMut,
}

impl Outbox {
    /// An empty buffer for this version, with [`Options::server`]. Those of a client are the same for writing.
    pub fn new(version: Version) -> Self {
        Self { version, options: Options::server(), overrides: None, buffer: BytesMut::new() }
    }

    /// Replaces the options.
    #[must_use]
    pub fn with_options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// Replaces how some packets are written.
    #[must_use]
    pub fn with_overrides(self, overrides: &Overrides) -> Self {
        Self { overrides: overrides.if_any(), ..self }
    }

    /// The version of the client.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Changes the version, from the next packet on.
    pub fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    /// Encodes a packet into the buffer, leniently. Returns the number of frames written; 0 means that this
    /// version has no such packet.
    ///
    /// # Errors
    /// [`WriteError::Full`] if the buffer would exceed [`Options::write_buffer`]; nothing is written.
    pub fn write(&mut self, packet: &impl Encode) -> Result<usize, WriteError> {
        append_packet(self.version, self.overrides.as_ref(), &self.options, &mut self.buffer, packet)
    }

    /// Encodes a packet as one frame.
    ///
    /// # Errors
    /// The version cannot represent the whole packet, or the buffer is full; nothing is written.
    pub fn write_strict(&mut self, packet: &impl Encode) -> Result<(), WriteError> {
        let out = &mut self.buffer;
        match self.overrides.as_ref().and_then(|overrides| overrides.if_writing(self.version)) {
            None => append(self.version, &self.options, out, |writer| writer.write_strict(packet)),
            Some(overrides) => append_overridden(self.version, overrides, &self.options, out, &|writer| {
                writer.write_strict(packet)
            }),
        }
    }

    /// Appends frames that were encoded for the same version: those of a [`Broadcast`](super::Broadcast), or
    /// [received](super::Received::to_frames) ones.
    ///
    /// # Errors
    /// [`WriteError::Full`]; nothing is written.
    pub fn write_frames(&mut self, frames: &SharedFrames) -> Result<(), WriteError> {
        append_frames(frames, &self.options, &mut self.buffer)
    }

    /// The buffered frames.
    pub fn waiting(&self) -> &[u8] {
        &self.buffer
    }

    /// Removes and returns the buffered frames.
    pub fn take(&mut self) -> Bytes {
        self.buffer.split().freeze()
    }

    /// Frees the buffer if it is large and empty.
    pub(crate) fn shrink(&mut self) {
        if self.buffer.is_empty() && self.buffer.capacity() > KEPT {
            self.buffer = BytesMut::new();
        }
    }
}

/// Appends encoded frames to `out`.
pub(crate) fn append_frames(
    frames: &SharedFrames,
    options: &Options,
    out: &mut BytesMut,
) -> Result<(), WriteError> {
    if frames.bytes().len() > options.write_buffer.saturating_sub(out.len()) {
        return Err(WriteError::Full);
    }
    out.extend_from_slice(frames.bytes());
    Ok(())
}

/// Scratch memory for writing, one per thread, so that thousands of idle connections do not hold thousands of
/// compressors.
struct Workbench {
    frames: Vec<u8>,
    compressing: Option<Compressing>,
}

struct Compressing {
    gzip: Gzip,
    inflater: Inflater,
    payload: Vec<u8>,
}

thread_local! {
    static WORKBENCH: Cell<Option<Box<Workbench>>> = const { Cell::new(None) };
}

/// Appends a packet to `out`, leniently. Returns the number of frames written.
pub(crate) fn append_packet(
    version: Version,
    overrides: Option<&Overrides>,
    options: &Options,
    out: &mut BytesMut,
    packet: &impl Encode,
) -> Result<usize, WriteError> {
    match overrides.and_then(|overrides| overrides.if_writing(version)) {
        None => append(version, options, out, |writer| writer.write(packet)),
        Some(overrides) => {
            append_overridden(version, overrides, options, out, &|writer| writer.write(packet))
        }
    }
}

/// A writer that writes some payloads in the layouts of overrides.
type OverridingWriter<'b, 'o> = FrameWriter<'b, Version, &'o Overrides>;

/// Appends frames as [`append`] does, with overrides. Not generic over `write`, to keep the code small.
fn append_overridden<'o, T>(
    version: Version,
    overrides: &'o Overrides,
    options: &Options,
    out: &mut BytesMut,
    write: &dyn Fn(&mut OverridingWriter<'_, 'o>) -> Result<T, WriteError>,
) -> Result<T, WriteError> {
    append_as(version, version, overrides, options, out, write)
}

/// Appends frames to `out`, which is left unchanged on an error. `write` is called again with a larger buffer
/// until the frames fit.
pub(crate) fn append<V: Dialect, T>(
    version: V,
    options: &Options,
    out: &mut BytesMut,
    write: impl Fn(&mut FrameWriter<'_, V>) -> Result<T, WriteError>,
) -> Result<T, WriteError> {
    append_as(version, version.version(), NoOverrides, options, out, write)
}

/// Appends frames as [`append`] does. The writer queries `dialect`, which must agree with `version`.
pub(crate) fn append_as<V: Dialect, O: PayloadOverrides, T>(
    dialect: V,
    version: Version,
    overrides: O,
    options: &Options,
    out: &mut BytesMut,
    write: impl Fn(&mut FrameWriter<'_, V, O>) -> Result<T, WriteError>,
) -> Result<T, WriteError> {
    // Taken and not borrowed, because a user's packet may write others while it is encoded.
    let taken = WORKBENCH.try_with(Cell::take).ok().flatten();
    let mut bench =
        taken.unwrap_or_else(|| Box::new(Workbench { frames: vec![0; 1 << 10], compressing: None }));
    let written = bench.append(dialect, version, overrides, options, out, write);
    if bench.frames.len() > KEPT {
        bench.frames = vec![0; KEPT];
    }
    let _ = WORKBENCH.try_with(|place| place.set(Some(bench)));
    written
}

impl Workbench {
    fn append<V: Dialect, O: PayloadOverrides, T>(
        &mut self,
        dialect: V,
        version: Version,
        overrides: O,
        options: &Options,
        out: &mut BytesMut,
        write: impl Fn(&mut FrameWriter<'_, V, O>) -> Result<T, WriteError>,
    ) -> Result<T, WriteError> {
        let (written, len) = loop {
            let mut writer = FrameWriter::new(dialect, &mut self.frames).with_overrides(overrides);
            if !options.compresses {
                writer = writer.uncompressed();
            }
            match write(&mut writer) {
                Ok(written) => break (written, writer.written().len()),
                Err(WriteError::Full) if self.frames.len() < options.write_buffer => {
                    let more = self.frames.len().saturating_mul(2).min(options.write_buffer);
                    self.frames.resize(more, 0);
                }
                Err(error) => return Err(error),
            }
        };
        // From here on, each frame's own header states whether it is compressed.
        let (before, frames) = (out.len(), self.frames.get(..len).unwrap_or_default());
        if !options.compresses || version.compression() == Compression::Never {
            out.extend_from_slice(frames);
        } else {
            for frame in Frames::new(version, Side::Server, frames).with_limits(Limits::NONE).flatten() {
                if frame.is_compressed {
                    let compressing = self.compressing.get_or_insert_with(Compressing::new);
                    compressing.append(&frame, out);
                } else {
                    out.extend_from_slice(frame.bytes);
                }
            }
        }
        if out.len() > options.write_buffer {
            out.truncate(before);
            return Err(WriteError::Full);
        }
        Ok(written)
    }
}

impl Compressing {
    fn new() -> Self {
        Self { gzip: Gzip::new(), inflater: Inflater::new(), payload: Vec::new() }
    }

    /// Appends a frame that the core has marked as compressed and stored uncompressed, compressed if that makes it
    /// shorter. The core thus decides which frames are compressed.
    fn append(&mut self, frame: &Frame<'_>, out: &mut BytesMut) {
        if self.payload.len() < frame.body.len() {
            self.payload.resize(frame.body.len(), 0);
        }
        let start = out.len();
        out.extend_from_slice(frame.bytes);
        let Ok(payload) = frame.payload(&mut self.inflater, &mut self.payload) else { return };
        let Some((header, body)) =
            out.get_mut(start..).and_then(|out| out.split_at_mut_checked(frame.header_len()))
        else {
            return;
        };
        match self.gzip.compress(payload, body) {
            Ok(len) => {
                // Both headers end with the length.
                if let (Some(end), Ok(len)) = (header.last_chunk_mut(), u32::try_from(len)) {
                    *end = len.to_le_bytes();
                }
                out.truncate(start + frame.header_len() + len);
            }
            // Not shorter. Restore what the attempt has overwritten.
            Err(_) => body.copy_from_slice(frame.body),
        }
        if self.payload.len() > KEPT {
            self.payload = Vec::new();
        }
    }
}
