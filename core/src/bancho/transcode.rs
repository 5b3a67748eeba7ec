//! Packets of one version as packets of another.

use super::compat;
use super::frame::{Frame, Frames};
use super::packet::{Encode, Unknown};
use super::packet_id::Side;
use super::packets::{client, server};
use super::types::{Avatar, Completeness, UserInfo, Users};
use super::version::Dialect;
use super::writer::{FrameWriter, WriteError};
use crate::wire::{Error, Full, Inflater};
use core::fmt;

/// Something that the other version can't be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Loss {
    /// The packet's name in chio.
    pub packet: &'static str,
    /// The field; `""` where the packet is one value, and `None` where it is the packet itself, even
    /// where something else is told instead.
    pub field: Option<&'static str>,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field {
            None => f.write_str(self.packet),
            Some("") => write!(f, "the value of {}", self.packet),
            Some(field) => write!(f, "{field} of {}", self.packet),
        }
    }
}

/// Why a packet was not transcoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum TranscodeError {
    /// The payload can't be read; the offset counts from its start, or as the method says.
    Malformed(Error),
    /// The buffer has no room for the packet.
    Full,
    /// Something would be lost (strict transcoding only).
    Lost(Loss),
}

impl From<Full> for TranscodeError {
    fn from(_: Full) -> Self {
        Self::Full
    }
}

impl From<WriteError> for TranscodeError {
    fn from(_: WriteError) -> Self {
        // The lenient writer knows no other error.
        Self::Full
    }
}

impl fmt::Display for TranscodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(error) => error.fmt(f),
            Self::Full => WriteError::Full.fmt(f),
            Self::Lost(loss) => write!(f, "the other version can't be told {loss}"),
        }
    }
}

impl core::error::Error for TranscodeError {}

/// Turns frames of one version into frames of another, one packet at a time and without memory of
/// those before.
///
/// What a server has to tell an old version instead, it is told ([`compat`](super::compat)); and the
/// other way round a full stats packet of before b1788 becomes presence and stats. What an old version
/// wants to know and this packet does not say, such as the names of users in a list of ids, is lost.
/// The `Bridge` of the crate `lobbywire` remembers it, and sends it.
///
/// A packet that stands on the wire alike in both versions is not read: its bytes are copied, whatever they are
/// ([`is_copied`](Self::is_copied)).
///
/// ```
/// use lobbywire_core::bancho::{FrameWriter, Side, Transcoder, Version};
///
/// let transcoder = Transcoder::new(Side::Server, Version::LATEST, Version::from_build(394));
/// let mut buffer = [0; 256];
/// let mut out = FrameWriter::new(Version::from_build(394), &mut buffer);
/// let mut losses = Vec::new();
/// // A channel with a topic and three users, which a client of 2008 knows nothing of.
/// let channel = b"\x0b\x04#osu\x0b\x04chat\x03\x00";
/// transcoder.packet(65, channel, &mut out, &mut |loss| losses.push(loss.to_string()))?;
/// assert_eq!(out.written(), b"\x42\x00\x00\x06\x00\x00\x00\x0b\x04#osu");
/// assert_eq!(losses, ["topic of BanchoChannelAvailable", "user_count of BanchoChannelAvailable"]);
/// # Ok::<(), lobbywire_core::bancho::TranscodeError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Transcoder<A, B> {
    side: Side,
    from: A,
    to: B,
    /// A bit for each id on the wire that has one: whether its packets are alike.
    alike: u128,
    is_same: bool,
}

impl<A: Dialect, B: Dialect> Transcoder<A, B> {
    /// Turns what `side` sends in `from` into what it would send in `to`.
    ///
    /// It looks through the layouts of both, which is worth keeping.
    pub fn new(side: Side, from: A, to: B) -> Self {
        // Nobody knows what layouts of one's own ask.
        let may_copy = !A::HAS_OVERRIDES && !B::HAS_OVERRIDES;
        let is_same = may_copy && from.version() == to.version();
        let same_layout = |id| match side {
            Side::Client => client::same_layout(id, from, to),
            Side::Server => server::same_layout(id, from, to),
        };
        let mut alike = 0;
        for id in (0..128).filter(|id| may_copy && same_layout(*id)) {
            alike |= 1u128.checked_shl(id.into()).unwrap_or(0);
        }
        Self { side, from, to, alike, is_same }
    }

    /// Whether packets with this id on the wire are passed on as they are, unread: the other version knows them
    /// under the same id and lays them out alike, whatever they carry. A damaged one is passed on then, too, and so
    /// are bytes behind what the layout has.
    ///
    /// ```
    /// use lobbywire_core::bancho::{Side, Transcoder, Version};
    ///
    /// let transcoder = Transcoder::new(Side::Server, Version::from_build(20130801), Version::LATEST);
    /// assert!(transcoder.is_copied(7), "a message");
    /// assert!(!transcoder.is_copied(11), "stats, whose pp are another number since b20250306");
    /// ```
    pub fn is_copied(&self, id: u16) -> bool {
        self.is_same || self.alike.checked_shr(id.into()).is_some_and(|bits| bits & 1 != 0)
    }

    /// Writes what stands for a packet in the other version, reports what is lost, and says how many
    /// frames that took. `id` and `payload` are those of a frame, inflated. A packet without room leaves no part of
    /// itself behind.
    ///
    /// # Errors
    /// [`TranscodeError::Malformed`] and [`TranscodeError::Full`].
    #[inline]
    pub fn packet(
        &self,
        id: u16,
        payload: &[u8],
        out: &mut FrameWriter<'_, B>,
        report: &mut dyn FnMut(Loss),
    ) -> Result<usize, TranscodeError> {
        if self.is_copied(id) {
            out.write_payload(id, payload)?;
            return Ok(1);
        }
        match self.side {
            Side::Client => {
                let packet =
                    client::Packet::decode(self.from, id, payload).map_err(TranscodeError::Malformed)?;
                Ok(self.client(&packet, out, report)?)
            }
            Side::Server => {
                let packet =
                    server::Packet::decode(self.from, id, payload).map_err(TranscodeError::Malformed)?;
                Ok(self.server(&packet, out, report)?)
            }
        }
    }

    /// As [`packet`](Self::packet), of a frame as it came. One that is copied is put as it is, and not inflated; of
    /// any other the payload is inflated into `scratch`, where it is compressed.
    ///
    /// # Errors
    /// [`TranscodeError::Malformed`], also with what is wrong in gzip, and [`TranscodeError::Full`].
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
    pub fn frame(
        &self,
        frame: &Frame<'_>,
        inflater: &mut Inflater,
        scratch: &mut [u8],
        out: &mut FrameWriter<'_, B>,
        report: &mut dyn FnMut(Loss),
    ) -> Result<usize, TranscodeError> {
        if self.is_put(frame.wire_id) {
            out.put_frames(frame.bytes)?;
            return Ok(1);
        }
        if !frame.is_compressed {
            return self.packet(frame.wire_id, frame.body, out, report);
        }
        let len = inflater.inflate(frame.body, scratch).map_err(TranscodeError::Malformed)?;
        self.packet(frame.wire_id, scratch.get(..len).unwrap_or_default(), out, report)
    }

    /// As [`frame`](Self::frame), of all frames that are left in a slice, and says how many that took. Frames that
    /// are copied and follow one another are put in one piece.
    ///
    /// # Errors
    /// [`TranscodeError::Full`]: `frames` then stands before the frame that has no room, and goes on once `out` is
    /// cleared. [`TranscodeError::Malformed`]: it stands behind the damaged frame, and goes on with the next; the
    /// offset is as that of [`Packets`](super::Packets). What is written before stays.
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
    ///         Err(TranscodeError::Full) => {} // of 18 bytes 16 fit in, which is one frame
    ///         Err(error) => println!("lost: {error}"),
    ///     }
    /// }
    /// assert_eq!(sent, received);
    /// ```
    pub fn frames(
        &self,
        frames: &mut Frames<'_, A>,
        inflater: &mut Inflater,
        scratch: &mut [u8],
        out: &mut FrameWriter<'_, B>,
        report: &mut dyn FnMut(Loss),
    ) -> Result<usize, TranscodeError> {
        let mut count = 0usize;
        loop {
            count = count.saturating_add(self.put_run(frames, out)?);
            let before = frames.clone();
            let Some(frame) = frames.next() else { return Ok(count) };
            let frame = frame.map_err(TranscodeError::Malformed)?;
            match self.frame(&frame, inflater, scratch, out, report) {
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

    /// Whether frames with this id are put as they came: their packets are copied, and headers are alike.
    #[inline]
    fn is_put(&self, id: u16) -> bool {
        self.from.header_len() == self.to.header_len() && self.is_copied(id)
    }

    /// Puts the frames at the start that are put as they came and have room, and says how many they are.
    #[inline]
    fn put_run(&self, frames: &mut Frames<'_, A>, out: &mut FrameWriter<'_, B>) -> Result<usize, Full> {
        let mut room = out.room();
        let (copied, count) = frames.take_while(|frame| {
            let left = room.checked_sub(frame.bytes.len());
            room = left.unwrap_or_default();
            left.is_some() && self.is_put(frame.wire_id)
        });
        out.put_frames(copied)?;
        Ok(count)
    }

    /// As [`packet`](Self::packet), but refuses a packet of which anything would be lost, and writes
    /// nothing of it.
    ///
    /// # Errors
    /// Any [`TranscodeError`].
    pub fn strict(
        &self,
        id: u16,
        payload: &[u8],
        out: &mut FrameWriter<'_, B>,
    ) -> Result<usize, TranscodeError> {
        let (before, mut first) = (out.mark(), None);
        let frames = self.packet(id, payload, out, &mut |loss| {
            first.get_or_insert(loss);
        });
        match first {
            None => frames,
            Some(loss) => {
                out.rewind(before);
                frames.and(Err(TranscodeError::Lost(loss)))
            }
        }
    }

    /// As [`packet`](Self::packet), of a client's packet that was read in the one version already, and
    /// perhaps changed.
    ///
    /// # Errors
    /// [`WriteError::Full`].
    pub fn client(
        &self,
        packet: &client::Packet<'_>,
        out: &mut FrameWriter<'_, B>,
        report: &mut dyn FnMut(Loss),
    ) -> Result<usize, WriteError> {
        match packet {
            // A packet of a few builds, which others say with another.
            client::Packet::MatchChangeBeatmap(game) if !game.packet_info().is_known_by(self.to) => {
                self.report_dropped(packet, report);
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

    /// As [`packet`](Self::packet), of a server's packet that was read in the one version already, and
    /// perhaps changed.
    ///
    /// # Errors
    /// [`WriteError::Full`].
    pub fn server(
        &self,
        packet: &server::Packet<'_>,
        out: &mut FrameWriter<'_, B>,
        report: &mut dyn FnMut(Loss),
    ) -> Result<usize, WriteError> {
        match packet {
            server::Packet::UserStats(update) => self.user_stats(*update, out, report),
            server::Packet::UserPresenceBundle(bundle)
                if matches!(bundle.0, Users::Ids(_)) && !packet.packet_info().is_known_by(self.to) =>
            {
                self.report_dropped(packet, report);
                Ok(0)
            }
            // Old versions want a name with it: a presence, or of an IRC user nothing else.
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

    /// Stats of before b1788 may be a presence too, and those before b323 are never less.
    fn user_stats(
        &self,
        mut update: server::UserStats<'_>,
        out: &mut FrameWriter<'_, B>,
        report: &mut dyn FnMut(Loss),
    ) -> Result<usize, WriteError> {
        let (from, to) = (self.from, self.to);
        if !from.since(323) {
            update.completeness = Completeness::FULL;
        } else if from.since(1788) {
            update.completeness = Completeness::STATISTICS;
        }
        let is_full = update.completeness >= Completeness::FULL;
        if !is_full && !to.since(323) {
            // The client would take the user's name from it, and there is none.
            self.report_dropped(&update, report);
            return Ok(0);
        }
        self.report_downgrades("BanchoUserStats", &update.info, report);
        self.update_flag("BanchoUserStats", update.status.update_stats, report);
        // From b1788 on stats are always said, and none would be read as 0. A number without a meaning is
        // told to those only who are told numbers.
        let is_untold = update.completeness == Completeness::STATUS_ONLY && to.since(1788);
        let has_number = to.since(338) && !to.since(1788);
        if is_untold || (update.completeness > Completeness::FULL && !has_number) {
            report(Loss { packet: "BanchoUserStats", field: Some("completeness") });
        }
        if update.completeness == Completeness::STATISTICS && !to.since(338) {
            report(Loss { packet: "BanchoUserStats", field: Some("stats") });
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

    /// Sends a packet and reports what its version can't be told of it.
    fn send(
        &self,
        packet: &impl Encode,
        out: &mut FrameWriter<'_, B>,
        report: &mut dyn FnMut(Loss),
    ) -> Result<usize, WriteError> {
        let info = packet.packet_info();
        let frames = out.write(packet)?;
        if frames == 0 || !info.is_known_by(self.to) {
            self.report_dropped(packet, report);
        } else {
            packet.visit_unrepresentable(self.to, &mut |field| {
                report(Loss { packet: info.name, field: Some(field) })
            });
        }
        Ok(frames)
    }

    /// Ids without a meaning have one number from b1788 on, and none that could be told before. Where the
    /// other version gives the number a meaning, it would read something that was never said.
    fn unknown(
        &self,
        packet: &Unknown<'_>,
        out: &mut FrameWriter<'_, B>,
        report: &mut dyn FnMut(Loss),
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

    /// Reports what a server tells old versions otherwise, so that it fits them.
    fn report_downgrades(&self, packet: &'static str, info: &UserInfo<'_>, report: &mut dyn FnMut(Loss)) {
        if compat::status(self.to, info.status.action) != info.status.action {
            report(Loss { packet, field: Some("status.action") });
        }
        if compat::total_score(self.to, info.stats.tscore) != info.stats.tscore {
            report(Loss { packet, field: Some("stats.tscore") });
        }
    }

    /// Reports that a status does not say any more that the stats have changed.
    fn update_flag(&self, packet: &'static str, is_set: bool, report: &mut dyn FnMut(Loss)) {
        if is_set && self.to.since(338) {
            report(Loss { packet, field: Some("status.update_stats") });
        }
    }

    /// Reports what was told of a user's place, and has no room in a presence any more. Servers may leave
    /// it set for all, so that strict writing does not mind.
    fn place(&self, packet: &'static str, info: &UserInfo<'_>, report: &mut dyn FnMut(Loss)) {
        if !self.to.since(20121203) {
            return;
        }
        if !info.presence.city.is_empty() {
            report(Loss { packet, field: Some("presence.city") });
        }
        if info.presence.avatar != Avatar::default() {
            report(Loss { packet, field: Some("presence.avatar") });
        }
    }

    fn report_dropped(&self, packet: &impl Encode, report: &mut dyn FnMut(Loss)) {
        report(Loss { packet: packet.packet_info().name, field: None });
    }
}
