//! Writing frames.

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
    /// The buffer has no room for the packet.
    Full,
    /// The version does not know the packet (strict writing and single frames only).
    UnknownPacket {
        /// The packet's name in chio.
        packet: &'static str,
    },
    /// The version can't carry a field's value as it is (strict writing only).
    Lost {
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
            Self::UnknownPacket { packet } => write!(f, "the version does not know {packet}"),
            Self::Lost { packet, field: "" } => write!(f, "the version can't carry the value of {packet}"),
            Self::Lost { packet, field } => {
                write!(f, "the version can't carry the value of {packet}'s field {field}")
            }
        }
    }
}

impl core::error::Error for WriteError {}

/// Writes packets as frames into a buffer of the caller, one behind the other.
///
/// One packet gives 0 to n frames. [`write`](Self::write) is lenient, as chio is: it drops a packet
/// that the version does not know, sends what stands for it where the version has that
/// ([`compat`](super::compat)), lets numbers saturate and cuts off flags.
/// [`write_strict`](Self::write_strict) refuses what would be lost, and names it.
///
/// A packet that does not fit leaves no part of itself behind.
///
/// ```
/// use lobbywire_core::bancho::{FrameWriter, Version, WriteError, server};
///
/// let mut buffer = [0u8; 64];
/// let mut out = FrameWriter::new(Version::from_build(20140127), &mut buffer);
/// assert_eq!(out.write(&server::LoginReply::user(2))?, 1);
/// assert_eq!(out.written(), [5, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0]);
///
/// // A client of 2008 knows no channels.
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
    /// Writes from the start of `buffer`.
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

    /// The same, but payloads stay uncompressed where the header can say so, from b334 on (chio's
    /// `disable_compression`). Before, there is no other way than compressing.
    ///
    /// This crate compresses without a heap and therefore without effect, by storing; turning it off
    /// saves 23 bytes a frame.
    #[must_use]
    pub fn uncompressed(self) -> Self {
        Self { never_compresses: true, ..self }
    }

    /// The version that is spoken.
    #[inline]
    pub fn version(&self) -> V {
        self.version
    }

    /// The frames so far.
    #[inline]
    pub fn written(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }

    /// Starts anew at the start of the buffer.
    #[inline]
    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// How much is written, to come back to with [`rewind`](Self::rewind).
    pub(crate) fn mark(&self) -> usize {
        self.len
    }

    /// Takes back what was written since a [`mark`](Self::mark).
    pub(crate) fn rewind(&mut self, mark: usize) {
        self.len = self.len.min(mark);
    }

    /// Writes a payload as it is under an id of the wire.
    ///
    /// # Errors
    /// [`WriteError::Full`].
    pub fn write_payload(&mut self, id: u16, payload: &[u8]) -> Result<(), WriteError> {
        use crate::wire::Sink;
        Ok(self.frame(id, |_, sink| sink.put(payload))?)
    }

    /// The overrides of payloads.
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

    /// How many bytes fit in yet.
    pub(crate) fn room(&self) -> usize {
        self.buffer.len().saturating_sub(self.len)
    }

    /// Puts whole frames, whose headers are good for this version.
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
        /// How long a header with a flag is.
        const FLAGGED: usize = 7;

        let version = self.version;
        let frame = self.buffer.get_mut(self.len..).ok_or(Full)?;
        let header_len = version.header_len();
        let (header, body) = frame.split_at_mut_checked(header_len).ok_or(Full)?;
        // One call for both headers: a second would keep the packet's writer from being inlined.
        let never_compresses = self.never_compresses && header_len == FLAGGED;
        let (is_compressed, len) = write_body(version, never_compresses, body, encode)?;
        let [a, b] = id.to_le_bytes();
        let [c, d, e, f] = u32::try_from(len).map_err(|_| Full)?.to_le_bytes();
        if let Some(header) = header.first_chunk_mut::<FLAGGED>() {
            *header = [a, b, u8::from(is_compressed), c, d, e, f];
        } else if let Some(header) = header.first_chunk_mut() {
            *header = [a, b, c, d, e, f];
        }
        // Nothing wraps: all of it is in the buffer.
        self.len = self.len.wrapping_add(header_len).wrapping_add(len);
        Ok(())
    }
}

/// Writes a payload, compressed where that is to be: whether it is, and its length.
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
    // Checked here too, so that a frame that does not fit is left as it is.
    if stored_gzip_len(len) > room {
        return Err(Full);
    }
    Ok((true, store_gzip(body, len)?))
}
