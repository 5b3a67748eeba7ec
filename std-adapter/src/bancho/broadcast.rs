//! Sending one packet to many receivers.

use super::outbox::{append_as, append_packet};
use super::{Encode, NoOverrides, Options, Overrides, Version, VersionProbe, VersionSpan, WriteError};
use bytes::{Bytes, BytesMut};
use std::cell::Cell;

/// Encoded frames of one version. Clones share the bytes.
///
/// A [`Broadcast`] creates them, and so does [`Received::to_frames`](super::Received::to_frames). An
/// [`Outbox`](super::Outbox), a connection, or a `Framed` [`Codec`](super::Codec) sends them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedFrames {
    pub(crate) version: Version,
    pub(crate) count: usize,
    pub(crate) bytes: Bytes,
}

impl SharedFrames {
    /// Returns the version of the frames.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Returns the number of frames; 0 means that this version has no such packet.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Returns the encoded frames.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

/// Encodes a packet once for each distinct layout among the versions of its receivers.
///
/// The encoder records on which version predicates the frames depend. Versions with the same answers receive the
/// same bytes. A chat message has five layouts in the 75 versions. Equal frames of different layouts also share
/// memory.
///
/// ```
/// use lobbywire::bancho::{Broadcast, Outbox, Version, server};
///
/// let mut receivers = [394, 20140127, 20140127, 20250306].map(|build| Outbox::new(Version::from_build(build)));
/// let mut hello = Broadcast::new(server::Message::new("BanchoBot", "Hello!", "#osu"));
/// for receiver in &mut receivers {
///     let frames = hello.frames(receiver.version())?;
///     receiver.write_frames(&frames)?;
/// }
/// # Ok::<(), lobbywire::bancho::WriteError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Broadcast<P> {
    packet: P,
    options: Options,
    overrides: Option<Overrides>,
    written: Vec<(VersionSpan, SharedFrames)>,
}

impl<P: Encode> Broadcast<P> {
    /// Creates a broadcast of a packet.
    pub fn new(packet: P) -> Self {
        Self { packet, options: Options::server(), overrides: None, written: Vec::new() }
    }

    /// Sets the options, which limit the size of the frames and control compression.
    #[must_use]
    pub fn with_options(self, options: Options) -> Self {
        Self { options, written: Vec::new(), ..self }
    }

    /// Writes some packets in other layouts. All receivers must have the same overrides.
    #[must_use]
    pub fn with_overrides(self, overrides: &Overrides) -> Self {
        Self { overrides: overrides.if_any(), written: Vec::new(), ..self }
    }

    /// Returns the packet.
    pub fn packet(&self) -> &P {
        &self.packet
    }

    /// Returns the frames for receivers with this version: those that [`Outbox::write`] writes.
    ///
    /// [`Outbox::write`]: super::Outbox::write
    ///
    /// # Errors
    /// [`WriteError::Full`] if the frames are longer than [`Options::write_buffer`].
    pub fn frames(&mut self, version: Version) -> Result<SharedFrames, WriteError> {
        if let Some((_, frames)) = self.written.iter().find(|(span, _)| span.contains(version)) {
            return Ok(SharedFrames { version, ..frames.clone() });
        }
        let (span, mut out) = (Cell::new(VersionSpan::EVERY), BytesMut::new());
        let count = if self.overrides.is_some() {
            // Overrides may depend on the entire version.
            span.set(VersionSpan::only(version));
            append_packet(version, self.overrides.as_ref(), &self.options, &mut out, &self.packet)?
        } else {
            let probe = VersionProbe::new(version, &span);
            append_as(probe, version, NoOverrides, &self.options, &mut out, |writer| {
                // Not `write`, whose fast path queries the entire version.
                Ok(self.packet.send(writer)?)
            })?
        };
        let same = self.written.iter().find(|(_, frames)| frames.bytes == out);
        let bytes = same.map_or_else(|| out.freeze(), |(_, frames)| frames.bytes.clone());
        let frames = SharedFrames { version, count, bytes };
        self.written.push((span.get(), frames.clone()));
        Ok(frames)
    }
}
