//! Splitting a growing buffer into packets, and writing packets to one.

use super::gzip::inflate;
use super::outbox::{append_frames, append_packet};
use super::received::{Extra, Origin};
use super::{
    BanchoFraming, Encode, FrameError, Options, Overrides, PacketId, Received, SharedFrames, Side, Version,
    WriteError,
};
use crate::wire::{Deframer, Inflater};
use bytes::{Buf, BytesMut};

/// Reads packets from a buffer and writes packets to one, for one end of a connection.
///
/// With the feature `tokio` it is a `Decoder` and an `Encoder` of `tokio_util::codec`: `Framed` turns it into
/// a `Stream` of `Result<Received, FrameError>` and a `Sink` for packets. A malformed packet is an item and
/// not the stream's error, because `Framed` ends after an error of its decoder.
///
/// ```
/// use futures_util::SinkExt;
/// use lobbywire::bancho::{Codec, SendError, Version, server};
/// use tokio_util::codec::Framed;
///
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// let (near, _far) = tokio::io::duplex(1024);
/// let mut packets = Framed::new(near, Codec::server(Version::LATEST));
/// packets.send(server::Ping).await?;
/// packets.send(&server::Message::new("BanchoBot", "hi", "#osu")).await?;
/// # Ok::<(), SendError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Without a stream it reads bytes that are complete, such as the body of an HTTP request:
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
    /// The side whose packets are read.
    side: Side,
    options: Options,
    overrides: Option<Overrides>,
    /// Allocated when the first compressed packet is received.
    inflater: Option<Box<Inflater>>,
    pub(super) deframer: Deframer<BanchoFraming>,
    /// The position in the stream of the start of the buffer.
    position: u64,
}

impl Codec {
    /// A server's codec: reads what clients send, with [`Options::server`].
    pub fn server(version: Version) -> Self {
        Self::reading(Side::Client, version)
    }

    /// A client's codec: reads what servers send, with [`Options::client`].
    pub fn client(version: Version) -> Self {
        Self::reading(Side::Server, version)
    }

    /// A codec that reads what `side` sends, with [`Options::reading`].
    pub fn reading(side: Side, version: Version) -> Self {
        let options = Options::reading(side);
        Self {
            side,
            options,
            overrides: None,
            inflater: None,
            deframer: Deframer::new(framing(version, &options)),
            position: 0,
        }
    }

    /// Replaces the options.
    #[must_use]
    pub fn with_options(mut self, options: Options) -> Self {
        self.options = options;
        self.set_version(self.version());
        self
    }

    /// Replaces how some packets are written or read.
    #[must_use]
    pub fn with_overrides(self, overrides: &Overrides) -> Self {
        Self { overrides: overrides.if_any(), ..self }
    }

    /// The version of the client.
    pub fn version(&self) -> Version {
        self.deframer.framing().version
    }

    /// Changes the version from the next frame on: after the login has stated it, or a lower protocol version
    /// was announced.
    pub fn set_version(&mut self, version: Version) {
        self.deframer.set_framing(framing(version, &self.options));
    }

    /// The side whose packets are read.
    pub fn side(&self) -> Side {
        self.side
    }

    /// The options.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// How many bytes of the stream have been consumed, including skipped ones.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether the stream may end here: `received` is empty and no rejected frame is being skipped.
    pub fn is_between_frames(&self, received: &BytesMut) -> bool {
        self.deframer.is_between_frames(received)
    }

    /// Removes the next frame from the start of `received`; `None` if more bytes are needed.
    ///
    /// # Errors
    /// The frame exceeds the limits or cannot be inflated. It is removed too, or skipped as its bytes arrive;
    /// the next call continues after it.
    pub fn next_packet(&mut self, received: &mut BytesMut) -> Option<Result<Received, FrameError>> {
        self.skip(received);
        let BanchoFraming { version, .. } = *self.deframer.framing();
        let (side, position, text) = (self.side, self.position, self.options.text);
        let len = match self.deframer.next(received, self.options.read_buffer)? {
            Ok(len) => len,
            Err(error) => {
                let id = self.deframer.framing().wire_id(received).unwrap_or_default();
                self.skip(received);
                let from = Origin { version, side, text, id, position };
                return Some(Err(from.malformed(error, self.overrides.as_ref())));
            }
        };
        let frame = self.deframer.framing().frame(received.get(..len)?)?;
        let from = Origin { version, side, text, id: frame.wire_id, position };
        let inflated = if frame.is_compressed {
            let limit = self.options.limits.inflated_of(PacketId::from_wire(version, from.id));
            Some(inflate(&frame, self.inflater.get_or_insert_default(), limit))
        } else {
            None
        };
        self.advance(len);
        let frame = received.split_to(len).freeze();
        Some(match inflated.transpose() {
            Ok(inflated) => {
                let overrides = self.overrides.as_ref().and_then(|overrides| overrides.if_reading(from));
                Ok(Received::new(from, frame, Extra::if_any(inflated, overrides)))
            }
            Err(error) => Err(from.malformed(error, self.overrides.as_ref())),
        })
    }

    /// Appends a packet to `out`, leniently. Returns the number of frames written; 0 means that this version
    /// has no such packet.
    ///
    /// # Errors
    /// [`WriteError::Full`] if `out` would exceed [`Options::write_buffer`]; it is left unchanged.
    pub fn write(&self, packet: &impl Encode, out: &mut BytesMut) -> Result<usize, WriteError> {
        append_packet(self.version(), self.overrides.as_ref(), &self.options, out, packet)
    }

    /// Appends encoded frames to `out`.
    ///
    /// # Errors
    /// Those of [`write`](Self::write).
    pub fn write_frames(&self, frames: &SharedFrames, out: &mut BytesMut) -> Result<(), WriteError> {
        append_frames(frames, &self.options, out)
    }

    /// Removes the received bytes of a rejected frame.
    pub(super) fn skip(&mut self, received: &mut BytesMut) {
        let count = self.deframer.skip(received);
        if count > 0 {
            received.advance(count);
            self.advance(count);
        }
    }

    /// Counts bytes that were removed from the buffer.
    pub(super) fn advance(&mut self, count: usize) {
        self.position = self.position.saturating_add(count as u64);
    }
}

/// The framing, with limits such that a frame fits into the read buffer.
fn framing(version: Version, options: &Options) -> BanchoFraming {
    let mut limits = options.limits;
    let most = options.read_buffer.saturating_sub(version.header_len());
    limits.payload = limits.payload.min(most);
    limits.beatmap_info_payload = limits.beatmap_info_payload.min(most);
    BanchoFraming { version, limits }
}
