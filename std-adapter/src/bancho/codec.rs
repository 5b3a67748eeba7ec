//! Frames out of a buffer that fills.

use super::gzip::inflate;
use super::outbox::{append_frames, append_packet};
use super::received::{Beside, Origin};
use super::{
    Encode, FrameError, Frames, Limits, Options, Overrides, PacketId, Received, SharedFrames, Side, Version,
    WriteError,
};
use crate::wire::{Error, ErrorKind, Inflater};
use bytes::{Buf, BytesMut};

/// Takes packets from a buffer and writes packets to one, for one end of a connection.
///
/// With the feature `tokio` it is a `Decoder` and an `Encoder` of `tokio_util::codec`: `Framed` makes a
/// `Stream` of [`Received`] and a `Sink` for packets of it. Damage arrives as an item; the stream's own
/// errors, and an end inside a frame, are its end.
///
/// ```
/// use futures_util::SinkExt;
/// use lobbywire::bancho::{Codec, Version, server};
/// use tokio_util::codec::Framed;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let (near, _far) = tokio::io::duplex(1024);
/// let mut packets = Framed::new(near, Codec::server(Version::LATEST));
/// packets.send(server::Ping).await?;
/// packets.send(&server::Message::new("BanchoBot", "hi", "#osu")).await?;
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// By itself it reads the body of an HTTP request, and whatever else is there as a whole:
///
/// ```
/// use lobbywire::bancho::{Codec, Version};
///
/// let mut body = b"\x04\0\0\0\0\0\0\x03\0\0\0\0\0\0"[..].into();
/// let mut codec = Codec::server(Version::LATEST);
/// while let Some(received) = codec.next_packet(&mut body) {
///     println!("{}", received?.name());
/// }
/// assert!(codec.is_between_frames(&body));
/// # Ok::<(), lobbywire::bancho::FrameError>(())
/// ```
#[derive(Debug)]
pub struct Codec {
    version: Version,
    /// Whose packets are read.
    side: Side,
    options: Options,
    overrides: Option<Overrides>,
    /// There once something compressed has come.
    inflater: Option<Box<Inflater>>,
    /// Where the bytes at the buffer's start stand in the stream.
    position: u64,
    /// How many bytes of a refused frame are to be passed over.
    to_skip: usize,
}

impl Codec {
    /// The server's end: reads what clients send, with [`Options::server`].
    pub fn server(version: Version) -> Self {
        Self::reading(Side::Client, version)
    }

    /// The client's end: reads what servers send, with [`Options::client`].
    pub fn client(version: Version) -> Self {
        Self::reading(Side::Server, version)
    }

    /// Reads what `side` sends, with its [options](Options::reading).
    pub fn reading(side: Side, version: Version) -> Self {
        Self {
            version,
            side,
            options: Options::reading(side),
            overrides: None,
            inflater: None,
            position: 0,
            to_skip: 0,
        }
    }

    /// The same with other options.
    #[must_use]
    pub fn with_options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// The same, with some packets written or read otherwise.
    #[must_use]
    pub fn with_overrides(self, overrides: &Overrides) -> Self {
        Self { overrides: overrides.if_any(), ..self }
    }

    /// The version that is spoken.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Speaks another version from the next frame on: once the login has told it, or a lower protocol
    /// version was announced.
    pub fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    /// Whose packets are read.
    pub fn side(&self) -> Side {
        self.side
    }

    /// The options that are kept to.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// How many bytes of the stream the frames so far took, those that were passed over too.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether the stream may end here: `received` is empty, and nothing of a frame is still to come.
    pub fn is_between_frames(&self, received: &BytesMut) -> bool {
        received.is_empty() && self.to_skip == 0
    }

    /// Takes the next frame from the start of `received`; `None` where bytes are missing.
    ///
    /// # Errors
    /// Inside, a frame that is above the limits, or can't be inflated: it is taken too, or passed
    /// over as it comes, and the next call goes on behind it.
    pub fn next_packet(&mut self, received: &mut BytesMut) -> Option<Result<Received, FrameError>> {
        self.pass_over(received);
        // The length is the end of either header.
        let header = received.get(..self.version.header_len())?;
        let (id, len) = (header.first_chunk()?, header.last_chunk()?);
        let len = usize::try_from(u32::from_le_bytes(*len)).unwrap_or(usize::MAX);
        let frame_len = len.saturating_add(header.len());
        let (version, side, position) = (self.version, self.side, self.position);
        let from = Origin { version, side, id: u16::from_le_bytes(*id), position };

        let input = received.get(..frame_len).unwrap_or(received);
        let frame = match Frames::new(version, side, input).with_limits(self.limits()).next()? {
            Ok(frame) => frame,
            Err(Error { kind: ErrorKind::Incomplete, .. }) => return None,
            Err(error) => {
                self.to_skip = frame_len;
                self.pass_over(received);
                return Some(Err(from.damaged(error, self.overrides.as_ref())));
            }
        };
        let inflated = if frame.is_compressed {
            let limit = self.options.limits.inflated_of(PacketId::from_wire(version, from.id));
            Some(inflate(&frame, self.inflater.get_or_insert_default(), limit))
        } else {
            None
        };
        self.move_on(frame_len);
        let frame = received.split_to(frame_len).freeze();
        Some(match inflated.transpose() {
            Ok(inflated) => {
                let overrides = self.overrides.as_ref().and_then(|overrides| overrides.if_reading(from));
                Ok(Received { from, frame, beside: Beside::if_any(inflated, overrides) })
            }
            Err(error) => Err(from.damaged(error, self.overrides.as_ref())),
        })
    }

    /// Writes a packet leniently behind what is in `out`, and says how many frames that took.
    ///
    /// # Errors
    /// [`WriteError::Full`] where more than [`Options::write_buffer`] would then be in `out`, which
    /// stays as it was.
    pub fn write(&self, packet: &impl Encode, out: &mut BytesMut) -> Result<usize, WriteError> {
        append_packet(self.version, self.overrides.as_ref(), &self.options, out, packet)
    }

    /// Writes frames that are written already behind what is in `out`.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn write_frames(&self, frames: &SharedFrames, out: &mut BytesMut) -> Result<(), WriteError> {
        append_frames(frames, &self.options, out)
    }

    /// The limits, and that a frame has to fit into the buffer.
    pub(super) fn limits(&self) -> Limits {
        let mut limits = self.options.limits;
        let most = self.options.read_buffer.saturating_sub(self.version.header_len());
        limits.payload = limits.payload.min(most);
        limits.beatmap_info_payload = limits.beatmap_info_payload.min(most);
        limits
    }

    /// Passes over what has come of a refused frame.
    pub(super) fn pass_over(&mut self, received: &mut BytesMut) {
        let count = self.to_skip.min(received.len());
        received.advance(count);
        self.to_skip -= count;
        self.move_on(count);
    }

    /// Counts what was taken.
    pub(super) fn move_on(&mut self, count: usize) {
        self.position = self.position.saturating_add(count as u64);
    }
}
