//! One packet for many receivers.

use super::outbox::{append_as, append_packet};
use super::version_span::{VersionProbe, VersionSpan};
use super::{Encode, Options, Overrides, Version, WriteError};
use bytes::{Bytes, BytesMut};
use std::cell::Cell;

/// Frames of one version, written already. Cloning them copies no bytes.
///
/// They come from a [`Broadcast`] or are [received](super::Received::to_frames); an
/// [`Outbox`](super::Outbox), a connection, or a `Framed` [`Codec`](super::Codec) takes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedFrames {
    pub(crate) version: Version,
    pub(crate) count: usize,
    pub(crate) bytes: Bytes,
}

impl SharedFrames {
    /// The version that they are for.
    pub fn version(&self) -> Version {
        self.version
    }

    /// How many there are: 0 where the version has no way to say it.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The frames, one after the other.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }
}

/// Writes a packet once for each distinct layout among its receivers, however many they are.
///
/// While it is written, what is asked about the version is noted: other versions that answer alike are
/// sent the same bytes, and the packet is not written again. A line of chat has five layouts in the 75
/// versions. Layouts that come to the same bytes share the memory too.
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
    /// Of this packet.
    pub fn new(packet: P) -> Self {
        Self { packet, options: Options::server(), overrides: None, written: Vec::new() }
    }

    /// The same with other options: how long the frames may be, and whether they are compressed.
    #[must_use]
    pub fn with_options(self, options: Options) -> Self {
        Self { options, written: Vec::new(), ..self }
    }

    /// The same, with some packets written otherwise: for receivers that all have these overrides.
    #[must_use]
    pub fn with_overrides(self, overrides: &Overrides) -> Self {
        Self { overrides: overrides.if_any(), written: Vec::new(), ..self }
    }

    /// The packet.
    pub fn packet(&self) -> &P {
        &self.packet
    }

    /// The packet for receivers of this version, written leniently: what [`Outbox::write`] writes.
    ///
    /// [`Outbox::write`]: super::Outbox::write
    ///
    /// # Errors
    /// [`WriteError::Full`] where that is more than [`Options::write_buffer`].
    pub fn frames(&mut self, version: Version) -> Result<SharedFrames, WriteError> {
        if let Some((_, frames)) = self.written.iter().find(|(reach, _)| reach.contains(version)) {
            return Ok(SharedFrames { version, ..frames.clone() });
        }
        let (reach, mut out) = (Cell::new(VersionSpan::EVERY), BytesMut::new());
        let count = if self.overrides.is_some() {
            // What others are sent, the overrides that they have decide too.
            reach.set(VersionSpan::only(version));
            append_packet(version, self.overrides.as_ref(), &self.options, &mut out, &self.packet)?
        } else {
            let asked = VersionProbe::new(version, &reach);
            append_as(asked, version, &self.options, &mut out, |writer| writer.write(&self.packet))?
        };
        let same = self.written.iter().find(|(_, frames)| frames.bytes == out);
        let bytes = same.map_or_else(|| out.freeze(), |(_, frames)| frames.bytes.clone());
        let frames = SharedFrames { version, count, bytes };
        self.written.push((reach.get(), frames.clone()));
        Ok(frames)
    }
}
