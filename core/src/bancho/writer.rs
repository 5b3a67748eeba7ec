//! Encoding packets into frames.

use super::dialect::{Dialect, Latest};
use super::frame::is_compressed_when_written;
use super::overrides::{NoOverrides, PayloadOverrides};
use super::packet_info::PacketKind;
use super::version::Version;
use crate::wire::{Full, SliceSink, store_gzip, stored_gzip_len};
use core::fmt;

/// Why a packet was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum WriteError {
    /// The packet does not fit into the buffer.
    Full,
    /// The version does not have the packet. Only strict writing and the writing of single frames return this.
    UnknownPacket {
        /// The packet's name in chio.
        packet: &'static str,
    },
    /// The version cannot represent the value of a field. Only strict writing returns this.
    Unrepresentable {
        /// The packet's name in chio.
        packet: &'static str,
        /// The field.
        field: &'static str,
    },
}

impl From<Full> for WriteError {
    fn from(_: Full) -> Self {
        Self::Full
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => fmt::Display::fmt(&Full, f),
            Self::UnknownPacket { packet } => write!(f, "the version has no packet {packet}"),
            Self::Unrepresentable { packet, field: "" } => {
                write!(f, "the version cannot represent the value of {packet}")
            }
            Self::Unrepresentable { packet, field } => {
                write!(f, "the version cannot represent the value of {packet}'s field {field}")
            }
        }
    }
}

impl core::error::Error for WriteError {}

/// Encodes packets as consecutive frames into a buffer of the caller.
///
/// [`write`](Self::write) is lenient, as chio is. If the version does not have the packet, it writes the
/// packet's replacement ([`compat`](super::compat)) or nothing. Numbers that are too large saturate, and flags that
/// the version does not have are dropped. A packet can therefore become any number of frames, including none.
/// [`write_strict`](Self::write_strict) rejects packets that the version cannot represent, and names the field.
///
/// If a packet does not fit, nothing of it is written.
///
/// ```
/// use lobbywire_core::bancho::{FrameWriter, Version, WriteError, server};
///
/// let mut buffer = [0u8; 64];
/// let mut out = FrameWriter::new(Version::from_build(20140127), &mut buffer);
/// assert_eq!(out.write(&server::LoginReply::user(2))?, 1);
/// assert_eq!(out.written(), [5, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0]);
///
/// // Clients of 2008 have no channels.
/// let mut out = FrameWriter::new(Version::from_build(282), &mut buffer);
/// assert_eq!(out.write(&server::ChannelJoinSuccess("#osu"))?, 0);
/// assert_eq!(
///     out.write_strict(&server::ChannelJoinSuccess("#osu")),
///     Err(WriteError::UnknownPacket { packet: "BanchoChannelJoinSuccess" }),
/// );
/// # Ok::<(), WriteError>(())
/// ```
#[derive(Debug)]
pub struct FrameWriter<'b, V = Version, O = NoOverrides> {
    version: V,
    overrides: O,
    buffer: &'b mut [u8],
    len: usize,
    never_compresses: bool,
}

impl<'b, V: Dialect> FrameWriter<'b, V> {
    /// Creates a writer at the start of `buffer`.
    #[inline]
    pub fn new(version: V, buffer: &'b mut [u8]) -> Self {
        Self { version, overrides: NoOverrides, buffer, len: 0, never_compresses: false }
    }
}

impl<'b, V: Dialect, O: PayloadOverrides> FrameWriter<'b, V, O> {
    /// Returns a writer that writes some payloads in other layouts.
    #[must_use]
    pub fn with_overrides<P: PayloadOverrides>(self, overrides: P) -> FrameWriter<'b, V, P> {
        let Self { version, buffer, len, never_compresses, .. } = self;
        FrameWriter { version, overrides, buffer, len, never_compresses }
    }

    /// Returns a writer that does not compress payloads from b334 on, where compression is optional (chio's
    /// `disable_compression`). Before b334, payloads are always gzip-compressed.
    ///
    /// This crate writes stored (uncompressed) gzip, because compression needs a heap. Without it, a frame is 23
    /// bytes shorter.
    #[must_use]
    pub fn uncompressed(self) -> Self {
        Self { never_compresses: true, ..self }
    }

    /// The version of the client.
    #[inline]
    pub fn version(&self) -> V {
        self.version
    }

    /// The frames written so far.
    #[inline]
    pub fn written(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }

    /// Removes all frames; writing continues at the start of the buffer.
    #[inline]
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// The current position, for [`rewind`](Self::rewind).
    pub(crate) fn mark(&self) -> usize {
        self.len
    }

    /// Removes everything written since a [`mark`](Self::mark).
    pub(crate) fn rewind(&mut self, mark: usize) {
        self.len = self.len.min(mark);
    }

    /// Writes a frame with this wire id and encoded payload.
    ///
    /// # Errors
    /// [`WriteError::Full`].
    pub fn write_payload(&mut self, id: u16, payload: &[u8]) -> Result<(), WriteError> {
        use crate::wire::Sink;
        Ok(self.frame(id, |_, sink| sink.put(payload))?)
    }

    /// The payload overrides.
    #[inline]
    pub(crate) fn overrides(&self) -> O {
        self.overrides
    }

    /// Calls `write` with a writer for [`Latest`] at the same position in the buffer.
    #[inline(always)]
    pub(crate) fn with_latest<T>(&mut self, write: impl FnOnce(&mut FrameWriter<'_, Latest, O>) -> T) -> T {
        let mut latest = FrameWriter {
            version: super::dialect::Fixed,
            overrides: self.overrides,
            buffer: self.buffer,
            len: self.len,
            never_compresses: self.never_compresses,
        };
        let result = write(&mut latest);
        self.len = latest.len;
        result
    }

    /// Writes a packet as a frame whose payload is overridden. Returns `None` if it is not overridden, or
    /// if the packet has no id in this version.
    pub(crate) fn overridden_frame<P: PacketKind>(&mut self, packet: &P::In<'_>) -> Option<Result<(), Full>> {
        let (version, overrides) = (self.version.version(), self.overrides);
        if !overrides.encodes::<P>(version) {
            return None;
        }
        let id = P::INFO.id.on_wire(version)?;
        Some(self.frame(id, |_, sink| overrides.encode::<P>(version, packet, sink).unwrap_or(Err(Full))))
    }

    /// The number of bytes that still fit.
    pub(crate) fn room(&self) -> usize {
        self.buffer.len().saturating_sub(self.len)
    }

    /// Appends encoded frames, whose headers must be those of this version.
    #[inline]
    pub(crate) fn put_frames(&mut self, frames: &[u8]) -> Result<(), Full> {
        let rest = self.buffer.get_mut(self.len..).ok_or(Full)?;
        crate::wire::copy(rest.get_mut(..frames.len()).ok_or(Full)?, frames);
        self.len = self.len.saturating_add(frames.len());
        Ok(())
    }

    /// Writes a frame whose payload `encode` writes.
    #[inline(always)]
    pub(crate) fn frame(
        &mut self,
        id: u16,
        encode: impl FnOnce(V, &mut SliceSink<'_>) -> Result<(), Full>,
    ) -> Result<(), Full> {
        /// The length of a header with a compression flag.
        const FLAGGED: usize = 7;

        let version = self.version;
        let frame = self.buffer.get_mut(self.len..).ok_or(Full)?;
        let header_len = version.header_len();
        let (header, body) = frame.split_at_mut_checked(header_len).ok_or(Full)?;
        // One call for both headers: with two calls, the packet's encoder would not be inlined.
        let never_compresses = self.never_compresses && header_len == FLAGGED;
        let (is_compressed, len) = write_body(version, never_compresses, body, encode)?;
        let [a, b] = id.to_le_bytes();
        let [c, d, e, f] = u32::try_from(len).map_err(|_| Full)?.to_le_bytes();
        if let Some(header) = header.first_chunk_mut::<FLAGGED>() {
            *header = [a, b, u8::from(is_compressed), c, d, e, f];
        } else if let Some(header) = header.first_chunk_mut() {
            *header = [a, b, c, d, e, f];
        }
        // Cannot wrap, because the frame is within the buffer.
        self.len = self.len.wrapping_add(header_len).wrapping_add(len);
        Ok(())
    }
}

/// Writes a payload, compressed if necessary. Returns whether it is compressed, and its length.
#[inline(always)]
fn write_body<V: Dialect>(
    version: V,
    never_compresses: bool,
    body: &mut [u8],
    encode: impl FnOnce(V, &mut SliceSink<'_>) -> Result<(), Full>,
) -> Result<(bool, usize), Full> {
    let room = body.len();
    let mut sink = SliceSink::new(body);
    encode(version, &mut sink)?;
    let len = room.wrapping_sub(sink.room());
    if never_compresses || !is_compressed_when_written(version, len) {
        return Ok((false, len));
    }
    // Checked here too, so that nothing is changed if the frame does not fit.
    if stored_gzip_len(len) > room {
        return Err(Full);
    }
    Ok((true, store_gzip(body, len)?))
}
