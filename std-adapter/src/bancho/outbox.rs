//! What waits to be sent.

use super::read_buffer::KEPT;
use super::{
    Compression, Dialect, Encode, Frame, FrameWriter, Frames, Gzip, Limits, Options, Overridden, Overrides,
    SharedFrames, Side, Version, WriteError,
};
use crate::wire::Inflater;
use bytes::{Bytes, BytesMut};
use std::cell::Cell;

/// Frames in a buffer that grows as they are written, up to [`Options::write_buffer`], compressed in
/// earnest where the version compresses.
///
/// The connections send from one. By itself it makes the body of an HTTP answer:
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
    /// Writes in this version. Of the options, a server's and a client's are the same here.
    pub fn new(version: Version) -> Self {
        Self { version, options: Options::server(), overrides: None, buffer: BytesMut::new() }
    }

    /// The same with other options.
    #[must_use]
    pub fn with_options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// The same, with some packets written otherwise.
    #[must_use]
    pub fn with_overrides(self, overrides: &Overrides) -> Self {
        Self { overrides: overrides.if_any(), ..self }
    }

    /// The version that is spoken.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Speaks another version from the next packet on.
    pub fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    /// Writes a packet leniently, and says how many frames that took: none where the version has no
    /// way to say it.
    ///
    /// # Errors
    /// [`WriteError::Full`] where more than [`Options::write_buffer`] would then wait; nothing is
    /// written.
    pub fn write(&mut self, packet: &impl Encode) -> Result<usize, WriteError> {
        append_packet(self.version, self.overrides.as_ref(), &self.options, &mut self.buffer, packet)
    }

    /// Writes a packet as one frame, or refuses if the version would lose anything of it.
    ///
    /// # Errors
    /// Any [`WriteError`]; nothing is written.
    pub fn write_strict(&mut self, packet: &impl Encode) -> Result<(), WriteError> {
        let out = &mut self.buffer;
        match self.overrides.as_ref().and_then(|overrides| overrides.writing_in(self.version)) {
            None => append(self.version, &self.options, out, |writer| writer.write_strict(packet)),
            Some(version) => {
                append_otherwise(version, &self.options, out, &|writer| writer.write_strict(packet))
            }
        }
    }

    /// Writes frames that are written already, in the same version: those of a
    /// [`Broadcast`](super::Broadcast), or [received](super::Received::to_frames) ones.
    ///
    /// # Errors
    /// [`WriteError::Full`]; nothing is written.
    pub fn write_frames(&mut self, frames: &SharedFrames) -> Result<(), WriteError> {
        append_frames(frames, &self.options, &mut self.buffer)
    }

    /// What waits.
    pub fn waiting(&self) -> &[u8] {
        &self.buffer
    }

    /// Takes what waits.
    pub fn take(&mut self) -> Bytes {
        self.buffer.split().freeze()
    }

    /// Gives a large buffer back that is empty.
    pub(crate) fn shrink(&mut self) {
        if self.buffer.is_empty() && self.buffer.capacity() > KEPT {
            self.buffer = BytesMut::new();
        }
    }
}

/// Puts frames that are written already behind what is in `out`.
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

/// What writing needs besides the buffer. There is one a thread, so that thousands of idle connections
/// don't keep thousands of compressors.
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

/// Writes a packet leniently behind what is in `out`, and says how many frames that took.
pub(crate) fn append_packet(
    version: Version,
    overrides: Option<&Overrides>,
    options: &Options,
    out: &mut BytesMut,
    packet: &impl Encode,
) -> Result<usize, WriteError> {
    match overrides.and_then(|overrides| overrides.writing_in(version)) {
        None => append(version, options, out, |writer| writer.write(packet)),
        Some(version) => append_otherwise(version, options, out, &|writer| writer.write(packet)),
    }
}

/// Does what [`append`] does where something is overridden; once for all packets, to be small.
fn append_otherwise<T>(
    version: Overridden<'_>,
    options: &Options,
    out: &mut BytesMut,
    write: &dyn Fn(&mut FrameWriter<'_, Overridden<'_>>) -> Result<T, WriteError>,
) -> Result<T, WriteError> {
    append(version, options, out, write)
}

/// Writes frames behind what is in `out`, which stays as it was where there is an error. `write` is
/// called again with more room until there is enough.
pub(crate) fn append<V: Dialect, T>(
    version: V,
    options: &Options,
    out: &mut BytesMut,
    write: impl Fn(&mut FrameWriter<'_, V>) -> Result<T, WriteError>,
) -> Result<T, WriteError> {
    append_as(version, version.version(), options, out, write)
}

/// The same, but the writer asks `dialect`, which answers as `version` does.
pub(crate) fn append_as<V: Dialect, T>(
    dialect: V,
    version: Version,
    options: &Options,
    out: &mut BytesMut,
    write: impl Fn(&mut FrameWriter<'_, V>) -> Result<T, WriteError>,
) -> Result<T, WriteError> {
    // Taken and not borrowed: a packet of somebody's own may write others while it is written.
    let taken = WORKBENCH.try_with(Cell::take).ok().flatten();
    let mut bench =
        taken.unwrap_or_else(|| Box::new(Workbench { frames: vec![0; 1 << 10], compressing: None }));
    let written = bench.append(dialect, version, options, out, write);
    if bench.frames.len() > KEPT {
        bench.frames = vec![0; KEPT];
    }
    let _ = WORKBENCH.try_with(|place| place.set(Some(bench)));
    written
}

impl Workbench {
    fn append<V: Dialect, T>(
        &mut self,
        dialect: V,
        version: Version,
        options: &Options,
        out: &mut BytesMut,
        write: impl Fn(&mut FrameWriter<'_, V>) -> Result<T, WriteError>,
    ) -> Result<T, WriteError> {
        let (written, len) = loop {
            let mut writer = FrameWriter::new(dialect, &mut self.frames);
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
        // What is done now with each frame, its own header decides, which the dialect was asked for.
        let (before, frames) = (out.len(), self.frames.get(..len).unwrap_or_default());
        if !options.compresses || version.version().compression() == Compression::Never {
            out.extend_from_slice(frames);
        } else {
            for frame in Frames::new(version, Side::Server, frames).with_limits(UNLIMITED).flatten() {
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

/// For frames that we wrote ourselves.
const UNLIMITED: Limits = {
    let mut limits = Limits::FROM_SERVER;
    limits.payload = usize::MAX;
    limits.beatmap_info_payload = usize::MAX;
    limits
};

impl Compressing {
    fn new() -> Self {
        Self { gzip: Gzip::new(), inflater: Inflater::new(), payload: Vec::new() }
    }

    /// Appends a frame that the core has compressed without effect, compressed with effect, where there
    /// is any. So the core decides what is to be compressed, and here is only how.
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
                // The length is the end of either header.
                if let (Some(end), Ok(len)) = (header.last_chunk_mut(), u32::try_from(len)) {
                    *end = len.to_le_bytes();
                }
                out.truncate(start + frame.header_len() + len);
            }
            // It got no shorter; what there was of it is in the way.
            Err(_) => body.copy_from_slice(frame.body),
        }
        if self.payload.len() > KEPT {
            self.payload = Vec::new();
        }
    }
}
