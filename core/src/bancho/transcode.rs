//! Conversion of packets between versions.

use super::change::Change;
use super::compat;
use super::dialect::Dialect;
use super::frame::{Frame, Frames};
use super::overrides::{NoOverrides, PayloadOverrides};
use super::packet::{Encode, Unknown, is_overridden};
use super::packet_id::Side;
use super::packets::{client, server};
use super::types::{Avatar, Completeness, UserInfo, Users};
use super::writer::{FrameWriter, WriteError};
use crate::wire::{Error, Full, Inflater};
use core::fmt;

/// Why a packet was not transcoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum TranscodeError {
    /// The payload is malformed. The offset counts from its start, unless the method says otherwise.
    Malformed(Error),
    /// The packet does not fit into the buffer.
    Full,
    /// The other version cannot represent a part of the packet (strict transcoding only).
    Changed(Change),
}

impl From<Full> for TranscodeError {
    fn from(_: Full) -> Self {
        Self::Full
    }
}

impl From<WriteError> for TranscodeError {
    fn from(_: WriteError) -> Self {
        // The lenient writer returns no other error.
        Self::Full
    }
}

impl fmt::Display for TranscodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => error.fmt(f),
            Self::Full => WriteError::Full.fmt(f),
            Self::Changed(change) => write!(f, "the other version cannot represent {change}"),
        }
    }
}

impl core::error::Error for TranscodeError {}

/// Converts frames of one version to frames of another. It is stateless: each packet is converted on its own.
///
/// Packets for older versions are downgraded according to [`compat`](super::compat). In the other direction,
/// full stats of a version before b1788 become a presence and stats. Information that an old version needs but
/// the packet does not contain, such as the names of users in a list of ids, is dropped. The `Bridge` of the
/// crate `lobbywire` keeps such information and adds it.
///
/// Packets with the same layout in both versions are copied without being read
/// ([`is_copied`](Self::is_copied)).
///
/// ```
/// use lobbywire_core::bancho::{FrameWriter, Side, Transcoder, Version};
///
/// let transcoder = Transcoder::new(Side::Server, Version::LATEST, Version::from_build(394));
/// let mut buffer = [0; 256];
/// let mut out = FrameWriter::new(Version::from_build(394), &mut buffer);
/// let mut changes = Vec::new();
/// // A channel with a topic and three users, which clients of 2008 do not support.
/// let channel = b"\x0b\x04#osu\x0b\x04chat\x03\x00";
/// transcoder.packet(65, channel, &mut out, &mut |change| changes.push(change.to_string()))?;
/// assert_eq!(out.written(), b"\x42\x00\x00\x06\x00\x00\x00\x0b\x04#osu");
/// assert_eq!(changes, ["topic of BanchoChannelAvailable", "user_count of BanchoChannelAvailable"]);
/// # Ok::<(), lobbywire_core::bancho::TranscodeError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Transcoder<A, B, O = NoOverrides> {
    pub(super) side: Side,
    pub(super) from: A,
    pub(super) to: B,
    overrides: O,
    /// A bit for each wire id below 128: whether its packets have the same layout in both versions.
    alike: u128,
    is_same: bool,
}

impl<A: Dialect, B: Dialect> Transcoder<A, B> {
    /// Creates a transcoder for the packets of `side` from version `from` to version `to`.
    ///
    /// This compares the layouts of all packets; create it once and keep it.
    pub fn new(side: Side, from: A, to: B) -> Self {
        let is_same = from.version() == to.version();
        let same_layout = |id| match side {
            Side::Client => client::same_layout(id, from, to),
            Side::Server => server::same_layout(id, from, to),
        };
        let mut alike = 0;
        for id in (0..128).filter(|id| same_layout(*id)) {
            alike |= 1u128.checked_shl(id.into()).unwrap_or(0);
        }
        Self { side, from, to, overrides: NoOverrides, alike, is_same }
    }
}

impl<A: Dialect, B: Dialect, O: PayloadOverrides> Transcoder<A, B, O> {
    /// Returns a transcoder that reads some payloads in the layouts of `overrides`. It copies no packets,
    /// because the versions on which these layouts depend are unknown.
    ///
    /// Overrides for writing are those of the [`FrameWriter`](FrameWriter::with_overrides).
    #[must_use]
    pub fn with_overrides<P: PayloadOverrides>(self, overrides: P) -> Transcoder<A, B, P> {
        let Self { side, from, to, mut alike, mut is_same, .. } = self;
        if P::ACTIVE {
            (alike, is_same) = (0, false);
        }
        Transcoder { side, from, to, overrides, alike, is_same }
    }

    /// Returns whether packets with this wire id are copied without being read, because their id and layout are
    /// the same in both versions. Malformed packets and bytes after the last field are copied, too.
    ///
    /// ```
    /// use lobbywire_core::bancho::{Side, Transcoder, Version};
    ///
    /// let transcoder = Transcoder::new(Side::Server, Version::from_build(20130801), Version::LATEST);
    /// assert!(transcoder.is_copied(7), "messages");
    /// assert!(!transcoder.is_copied(11), "stats: b20250306 changed the type of pp");
    /// ```
    pub fn is_copied(&self, wire_id: u16) -> bool {
        self.is_same || self.alike.checked_shr(wire_id.into()).is_some_and(|bits| bits & 1 != 0)
    }

    /// Writes the packet in the other version, reports changes, and returns the number of frames written.
    /// `payload` is the frame's uncompressed payload. If the packet does not fit into the buffer,
    /// no part of it is written.
    ///
    /// # Errors
    /// [`TranscodeError::Malformed`], also for text that is not UTF-8 unless the packet is copied (but see
    /// [`frame`](Self::frame)), and [`TranscodeError::Full`].
    #[inline]
    pub fn packet<W: PayloadOverrides>(
        &self,
        wire_id: u16,
        payload: &[u8],
        out: &mut FrameWriter<'_, B, W>,
        report: &mut dyn FnMut(Change),
    ) -> Result<usize, TranscodeError> {
        if !W::ACTIVE && self.is_copied(wire_id) {
            out.write_payload(wire_id, payload)?;
            return Ok(1);
        }
        match self.side {
            Side::Client => {
                let packet = client::Packet::decode_with(self.from, self.overrides, wire_id, payload)
                    .map_err(TranscodeError::Malformed)?;
                Ok(self.client(&packet, out, report)?)
            }
            Side::Server => {
                let packet = server::Packet::decode_with(self.from, self.overrides, wire_id, payload)
                    .map_err(TranscodeError::Malformed)?;
                Ok(self.server(&packet, out, report)?)
            }
        }
    }

    /// As [`packet`](Self::packet), for a received frame. Compressed frames are copied without being inflated if
    /// possible, otherwise inflated into `scratch`.
    ///
    /// Text that is not valid UTF-8 keeps its bytes. This needs more of `scratch`: up to 12 times the length of the
    /// payload and some bytes for headers. If there is less, or with overrides, such a packet is malformed.
    ///
    /// # Errors
    /// [`TranscodeError::Malformed`], also for invalid gzip data, and [`TranscodeError::Full`].
    ///
    /// ```
    /// use lobbywire_core::bancho::{FrameWriter, Frames, Side, Transcoder, Version};
    /// use lobbywire_core::wire::Inflater;
    ///
    /// let (old, new) = (Version::from_build(20130801), Version::LATEST);
    /// let transcoder = Transcoder::new(Side::Client, old, new);
    /// let (mut buffer, mut scratch, mut inflater) = ([0; 64], [0; 64], Inflater::new());
    /// let mut out = FrameWriter::new(new, &mut buffer);
    /// let received = b"\x04\0\0\0\0\0\0\x10\0\0\x04\0\0\0\x02\0\0\0";
    /// for frame in Frames::new(old, Side::Client, received) {
    ///     transcoder.frame(&frame?, &mut inflater, &mut scratch, &mut out, &mut |_| ())?;
    /// }
    /// assert_eq!(out.written(), received);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn frame<W: PayloadOverrides>(
        &self,
        frame: &Frame<'_>,
        inflater: &mut Inflater,
        scratch: &mut [u8],
        out: &mut FrameWriter<'_, B, W>,
        report: &mut dyn FnMut(Change),
    ) -> Result<usize, TranscodeError> {
        match self.frame_of_utf8(frame, inflater, scratch, out, report) {
            Err(error) => self.frame_of_any_text(error, frame, inflater, scratch, out, report),
            done => done,
        }
    }

    /// As [`frame`](Self::frame), but text that is not UTF-8 is an error.
    #[inline(always)]
    fn frame_of_utf8<W: PayloadOverrides>(
        &self,
        frame: &Frame<'_>,
        inflater: &mut Inflater,
        scratch: &mut [u8],
        out: &mut FrameWriter<'_, B, W>,
        report: &mut dyn FnMut(Change),
    ) -> Result<usize, TranscodeError> {
        if !W::ACTIVE && self.is_put(frame.wire_id) {
            out.put_frames(frame.bytes)?;
            return Ok(1);
        }
        if !frame.is_compressed {
            return self.packet(frame.wire_id, frame.body, out, report);
        }
        let len = inflater.inflate(frame.body, scratch).map_err(TranscodeError::Malformed)?;
        self.packet(frame.wire_id, scratch.get(..len).unwrap_or_default(), out, report)
    }

    /// As [`frame`](Self::frame), for all remaining frames of a slice. Adjacent frames that are copied are copied
    /// at once.
    ///
    /// # Errors
    /// After [`TranscodeError::Full`], `frames` continues with the frame that did not fit; clear `out` and call
    /// the method again. After [`TranscodeError::Malformed`], it continues after the malformed frame; the offset is
    /// that of [`Packets`](super::Packets). The frames before the error are written.
    ///
    /// ```
    /// use lobbywire_core::bancho::{FrameWriter, Frames, Side, TranscodeError, Transcoder, Version};
    /// use lobbywire_core::wire::Inflater;
    ///
    /// let (old, new) = (Version::from_build(20130801), Version::LATEST);
    /// let transcoder = Transcoder::new(Side::Client, old, new);
    /// let (mut buffer, mut scratch, mut inflater) = ([0; 16], [0; 64], Inflater::new());
    /// let (mut out, mut sent) = (FrameWriter::new(new, &mut buffer), Vec::new());
    /// let received = b"\x04\0\0\0\0\0\0\x10\0\0\x04\0\0\0\x02\0\0\0";
    /// let mut frames = Frames::new(old, Side::Client, received);
    /// loop {
    ///     let done = transcoder.frames(&mut frames, &mut inflater, &mut scratch, &mut out, &mut |_| ());
    ///     sent.extend_from_slice(out.written());
    ///     out.clear();
    ///     match done {
    ///         Ok(_) => break,
    ///         Err(TranscodeError::Full) => {} // One of the two frames fits into 16 bytes.
    ///         Err(error) => println!("malformed: {error}"),
    ///     }
    /// }
    /// assert_eq!(sent, received);
    /// ```
    pub fn frames<W: PayloadOverrides>(
        &self,
        frames: &mut Frames<'_, A>,
        inflater: &mut Inflater,
        scratch: &mut [u8],
        out: &mut FrameWriter<'_, B, W>,
        report: &mut dyn FnMut(Change),
    ) -> Result<usize, TranscodeError> {
        let mut count = 0usize;
        loop {
            if !W::ACTIVE {
                count = count.saturating_add(self.put_run(frames, out)?);
            }
            let before = frames.clone();
            let Some(frame) = frames.next() else { return Ok(count) };
            let frame = frame.map_err(TranscodeError::Malformed)?;
            let error = match self.frame_of_utf8(&frame, inflater, scratch, out, report) {
                Ok(more) => {
                    count = count.saturating_add(more);
                    continue;
                }
                Err(error) => error,
            };
            // Read again, since a reference to the frame would move it from registers to memory.
            let Some(Ok(frame)) = before.clone().next() else { return Err(error) };
            match self.frame_of_any_text(error, &frame, inflater, scratch, out, report) {
                Ok(more) => count = count.saturating_add(more),
                Err(TranscodeError::Malformed(error)) => {
                    let payload = frames.offset().saturating_sub(frame.body.len());
                    return Err(TranscodeError::Malformed(error.after(payload)));
                }
                Err(error) => {
                    *frames = before;
                    return Err(error);
                }
            }
        }
    }

    /// Returns whether entire frames with this id are copied: payload and header have the same layout.
    #[inline]
    fn is_put(&self, wire_id: u16) -> bool {
        self.from.header_len() == self.to.header_len() && self.is_copied(wire_id)
    }

    /// Copies the first frames, as long as they are copied as a whole and fit. Returns their number.
    #[inline]
    fn put_run<W: PayloadOverrides>(
        &self,
        frames: &mut Frames<'_, A>,
        out: &mut FrameWriter<'_, B, W>,
    ) -> Result<usize, Full> {
        let mut room = out.room();
        let (copied, count) = frames.take_while(|frame| {
            let left = room.checked_sub(frame.bytes.len());
            room = left.unwrap_or_default();
            left.is_some() && self.is_put(frame.wire_id)
        });
        out.put_frames(copied)?;
        Ok(count)
    }

    /// As [`packet`](Self::packet), but a packet that would change is an error.
    ///
    /// # Errors
    /// Any [`TranscodeError`]. Nothing is written.
    pub fn strict<W: PayloadOverrides>(
        &self,
        wire_id: u16,
        payload: &[u8],
        out: &mut FrameWriter<'_, B, W>,
    ) -> Result<usize, TranscodeError> {
        let (before, mut first) = (out.mark(), None);
        let frames = self.packet(wire_id, payload, out, &mut |change| {
            first.get_or_insert(change);
        });
        match first {
            None => frames,
            Some(change) => {
                out.rewind(before);
                frames.and(Err(TranscodeError::Changed(change)))
            }
        }
    }

    /// As [`packet`](Self::packet), for a decoded packet of a client.
    ///
    /// # Errors
    /// [`WriteError::Full`].
    pub fn client<W: PayloadOverrides>(
        &self,
        packet: &client::Packet<'_>,
        out: &mut FrameWriter<'_, B, W>,
        report: &mut dyn FnMut(Change),
    ) -> Result<usize, WriteError> {
        match packet {
            // Only a few builds have this packet. Others send all settings.
            client::Packet::MatchChangeBeatmap(game) if !game.packet_info().is_known_by(self.to) => {
                report(Change::replaced(packet.name(), None));
                self.send(&client::MatchChangeSettings(game.0), out, report)
            }
            client::Packet::UserStatus(status) => {
                self.update_flag("OsuUserStatus", status.update_stats, report);
                self.send(packet, out, report)
            }
            client::Packet::Unknown(unknown) => self.unknown(unknown, out, report),
            _ => self.send(packet, out, report),
        }
    }

    /// As [`packet`](Self::packet), for a decoded packet of a server.
    ///
    /// # Errors
    /// [`WriteError::Full`].
    pub fn server<W: PayloadOverrides>(
        &self,
        packet: &server::Packet<'_>,
        out: &mut FrameWriter<'_, B, W>,
        report: &mut dyn FnMut(Change),
    ) -> Result<usize, WriteError> {
        match packet {
            server::Packet::UserStats(update) => self.user_stats(*update, out, report),
            server::Packet::UserPresenceBundle(bundle)
                if matches!(bundle.0, Users::Ids(_)) && !packet.packet_info().is_known_by(self.to) =>
            {
                self.report_dropped(packet, report);
                Ok(0)
            }
            // Old versions need a presence or a name, and the packet contains only an id.
            server::Packet::UserPresenceSingle(_) if !packet.packet_info().is_known_by(self.to) => {
                self.report_dropped(packet, report);
                Ok(0)
            }
            server::Packet::UserQuit(quit) if quit.info.id < 0 && !self.to.since(1788) => {
                self.report_dropped(packet, report);
                Ok(0)
            }
            server::Packet::UserPresence(presence) => {
                self.place("BanchoUserPresence", presence, report);
                self.send(packet, out, report)
            }
            server::Packet::Unknown(unknown) => self.unknown(unknown, out, report),
            _ => self.send(packet, out, report),
        }
    }

    /// Converts stats. Before b1788 they may contain a presence; before b323 they always do.
    fn user_stats<W: PayloadOverrides>(
        &self,
        mut update: server::UserStats<'_>,
        out: &mut FrameWriter<'_, B, W>,
        report: &mut dyn FnMut(Change),
    ) -> Result<usize, WriteError> {
        let (from, to) = (self.from, self.to);
        if !from.since(323) {
            update.completeness = Completeness::FULL;
        } else if from.since(1788) {
            update.completeness = Completeness::STATISTICS;
        }
        let is_full = update.completeness >= Completeness::FULL;
        if !is_full && !to.since(323) {
            // The client would read the user's name from the packet, which has none.
            self.report_dropped(&update, report);
            return Ok(0);
        }
        self.report_downgrades("BanchoUserStats", &update.info, report);
        self.update_flag("BanchoUserStats", update.status.update_stats, report);
        // From b1788 on, the packet always contains stats; missing ones would be read as 0. Only the versions from
        // b338 to b1787 encode the completeness as a number and so keep unknown values.
        let lacks_stats = update.completeness == Completeness::STATUS_ONLY && to.since(1788);
        let has_number = to.since(338) && !to.since(1788);
        if lacks_stats || (update.completeness > Completeness::FULL && !has_number) {
            report(Change::narrowed("BanchoUserStats", "completeness"));
        }
        if update.completeness == Completeness::STATISTICS && !to.since(338) {
            report(Change::dropped("BanchoUserStats", Some("stats")));
        }
        let (before, mut frames) = (out.mark(), 0usize);
        if is_full && !from.since(1788) && to.since(1788) {
            self.place("BanchoUserPresence", &update.info, report);
            frames = self.send(&server::UserPresence(update.info), out, report)?;
        }
        let more = self.send(&update, out, report);
        if more.is_err() {
            out.rewind(before);
        }
        Ok(frames.saturating_add(more?))
    }

    /// Sends a packet and reports its changes.
    fn send<W: PayloadOverrides>(
        &self,
        packet: &impl Encode,
        out: &mut FrameWriter<'_, B, W>,
        report: &mut dyn FnMut(Change),
    ) -> Result<usize, WriteError> {
        let info = packet.packet_info();
        let frames = out.write(packet)?;
        if is_overridden(packet, self.to, out.overrides()) {
            return Ok(frames);
        }
        if frames == 0 {
            self.report_dropped(packet, report);
        } else if !info.is_known_by(self.to) {
            report(Change::replaced(info.name, None));
        } else {
            packet.visit_unrepresentable(self.to, &mut |field, kind| {
                report(Change::new(kind, info.name, Some(field)));
            });
        }
        Ok(frames)
    }

    /// Sends an unknown packet. From b1788 on, ids have not been renumbered; older ids cannot be mapped. An id
    /// that the other version assigns to a packet is not sent, because it would be misread.
    fn unknown<W: PayloadOverrides>(
        &self,
        packet: &Unknown<'_>,
        out: &mut FrameWriter<'_, B, W>,
        report: &mut dyn FnMut(Change),
    ) -> Result<usize, WriteError> {
        let packets = match self.side {
            Side::Client => client::PACKETS,
            Side::Server => server::PACKETS,
        };
        let has_meaning = packets.iter().any(|info| info.id.0 == packet.wire_id && info.is_known_by(self.to));
        if self.from.since(1788) && self.to.since(1788) && !has_meaning {
            return out.write(packet);
        }
        self.report_dropped(packet, report);
        Ok(0)
    }

    /// Reports the values that downgrade rules change.
    fn report_downgrades(&self, packet: &'static str, info: &UserInfo<'_>, report: &mut dyn FnMut(Change)) {
        if compat::status(self.to, info.status.action) != info.status.action {
            report(Change::replaced(packet, Some("status.action")));
        }
        if compat::total_score(self.to, info.stats.tscore) != info.stats.tscore {
            report(Change::narrowed(packet, "stats.tscore"));
        }
    }

    /// Reports a flag that versions from b338 on do not have.
    fn update_flag(&self, packet: &'static str, is_set: bool, report: &mut dyn FnMut(Change)) {
        if is_set && self.to.since(338) {
            report(Change::dropped(packet, Some("status.update_stats")));
        }
    }

    /// Reports location fields that presences lack from b20121203 on. The strict writer does not refuse them,
    /// because servers may set them for all versions.
    fn place(&self, packet: &'static str, info: &UserInfo<'_>, report: &mut dyn FnMut(Change)) {
        if !self.to.since(20121203) {
            return;
        }
        if !info.presence.city.is_empty() {
            report(Change::dropped(packet, Some("presence.city")));
        }
        if info.presence.avatar != Avatar::default() {
            report(Change::dropped(packet, Some("presence.avatar")));
        }
    }

    fn report_dropped(&self, packet: &impl Encode, report: &mut dyn FnMut(Change)) {
        report(Change::dropped(packet.packet_info().name, None));
    }
}
