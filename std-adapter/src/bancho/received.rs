//! A received frame, owned.

use super::{
    AnyPacket, Decode, Dialect, Encode, FieldPath, IntoOwned, Overrides, PacketId, PacketInfo, SharedFrames,
    Side, TextMode, TranscodeError, Unknown, Version, client, explain, explain_lossy, owned, repair_text,
    server,
};
use crate::wire::{Error, ErrorKind, Full, Sink};
use bytes::Bytes;
use std::sync::OnceLock;
use std::{fmt, io};

/// A received frame. It provides the packet, and the frame's bytes for forwarding.
///
/// It is owned, and cloning it copies no bytes. It shares its memory with the frames that were read together
/// with it; call [`compacted`](Self::compacted) to keep one for long. A compressed payload has been inflated.
///
/// Text that is not valid UTF-8 is decoded as .NET does, with U+FFFD for each invalid part. Strict reading rejects the packet:
/// [`Options::text`](super::Options::text). [`frame`](Self::frame) and [`payload`](Self::payload) have the original bytes.
///
/// ```
/// use lobbywire::bancho::{Codec, Version, client};
///
/// let mut bytes = b"\x03\0\0\0\0\0\0\x10\0\0\x04\0\0\0\x02\0\0\0"[..].into();
/// let mut codec = Codec::server(Version::LATEST);
/// let first = codec.next_packet(&mut bytes).unwrap()?;
/// assert_eq!(first.client()?, client::Packet::StatusUpdateRequest(client::StatusUpdateRequest));
///
/// // `get` decodes one type of packet without the enum over all of them.
/// let second = codec.next_packet(&mut bytes).unwrap()?;
/// assert_eq!(second.get::<client::StartSpectating>().unwrap()?.0, 2);
/// # Ok::<(), lobbywire::bancho::FrameError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub(crate) from: Origin,
    pub(crate) frame: Bytes,
    pub(crate) extra: Option<Box<Extra>>,
    repaired: Repaired,
}

/// The payload with its text repaired, made when it is decoded. Not a part of the frame, so all are equal.
#[derive(Clone, Debug, Default)]
struct Repaired(OnceLock<Box<Result<Vec<u8>, Error>>>);

impl PartialEq for Repaired {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Repaired {}

/// What few frames have. Boxed, so that plain frames stay small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Extra {
    /// The payload, if it was compressed.
    inflated: Option<Bytes>,
    /// Present only if one of them decodes this packet.
    overrides: Option<Overrides>,
}

impl Extra {
    pub(crate) fn if_any(inflated: Option<Bytes>, overrides: Option<Overrides>) -> Option<Box<Self>> {
        let is_any = inflated.is_some() || overrides.is_some();
        is_any.then(|| Box::new(Self { inflated, overrides }))
    }
}

/// The origin of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) version: Version,
    pub(crate) side: Side,
    pub(crate) text: TextMode,
    pub(crate) id: u16,
    pub(crate) position: u64,
}

impl Origin {
    fn info(&self) -> Option<&'static PacketInfo> {
        let id = PacketId::from_wire(self.version, self.id)?;
        let packets = match self.side {
            Side::Client => client::PACKETS,
            Side::Server => server::PACKETS,
        };
        packets.iter().copied().find(|info| info.id == id && info.is_known_by(self.version))
    }

    #[cold]
    pub(crate) fn malformed(self, error: Error, overrides: Option<&Overrides>) -> FrameError {
        let read_as = overrides.and_then(|overrides| overrides.reading(self));
        FrameError { from: self, error, read_as, field: None }
    }
}

impl Received {
    pub(crate) fn new(from: Origin, frame: Bytes, extra: Option<Box<Extra>>) -> Self {
        Self { from, frame, extra, repaired: Repaired::default() }
    }

    /// The version in which the frame was sent.
    pub fn version(&self) -> Version {
        self.from.version
    }

    /// The side that sent the frame.
    pub fn side(&self) -> Side {
        self.from.side
    }

    /// The wire id. It may differ from the modern one; see [`PacketId`].
    pub fn wire_id(&self) -> u16 {
        self.from.id
    }

    /// The packet's table entry; `None` if the packet is unknown, or unknown to this version.
    pub fn info(&self) -> Option<&'static PacketInfo> {
        self.read_as().or_else(|| self.from.info())
    }

    /// chio's name of the packet, or `Unknown`.
    pub fn name(&self) -> &'static str {
        self.info().map_or(Unknown::INFO.name, |info| info.name)
    }

    /// The position in the stream at which the frame starts.
    pub fn position(&self) -> u64 {
        self.from.position
    }

    /// The whole frame as it was received, including its header.
    pub fn frame(&self) -> &Bytes {
        &self.frame
    }

    /// Whether the payload was compressed.
    pub fn is_compressed(&self) -> bool {
        self.inflated().is_some()
    }

    /// The payload, inflated.
    pub fn payload(&self) -> &[u8] {
        match self.inflated() {
            Some(payload) => payload,
            None => self.plain_payload(),
        }
    }

    /// The payload, inflated, as shared bytes.
    pub fn payload_bytes(&self) -> Bytes {
        match self.inflated() {
            Some(payload) => payload.clone(),
            None => self.frame.slice(self.header_len().min(self.frame.len())..),
        }
    }

    /// Decodes the packet of a client. A packet of a server is [`Unknown`].
    ///
    /// # Errors
    /// The payload is malformed.
    pub fn client(&self) -> Result<client::Packet<'_>, FrameError> {
        if self.from.side != Side::Client {
            return Ok(client::Packet::Unknown(self.unknown()));
        }
        if self.extra.is_some() {
            return self.decode_slow_path();
        }
        match client::Packet::decode(self.from.version, self.from.id, self.plain_payload()) {
            Ok(packet) => Ok(packet),
            Err(error) => self.decode_repaired(error),
        }
    }

    /// Decodes the packet of a server. A packet of a client is [`Unknown`].
    ///
    /// # Errors
    /// The payload is malformed.
    pub fn server(&self) -> Result<server::Packet<'_>, FrameError> {
        if self.from.side != Side::Server {
            return Ok(server::Packet::Unknown(self.unknown()));
        }
        if self.extra.is_some() {
            return self.decode_slow_path();
        }
        match server::Packet::decode(self.from.version, self.from.id, self.plain_payload()) {
            Ok(packet) => Ok(packet),
            Err(error) => self.decode_repaired(error),
        }
    }

    /// Decodes the packet as [`client`](Self::client) does, into an owned one. The payload of an unknown packet
    /// is shared.
    ///
    /// # Errors
    /// The payload is malformed.
    pub fn owned_client(&self) -> Result<owned::client::Packet, FrameError> {
        Ok(match self.client()? {
            client::Packet::Unknown(_) => owned::client::Packet::Unknown(self.owned_unknown()),
            packet => packet.into_owned(),
        })
    }

    /// Decodes the packet as [`server`](Self::server) does, into an owned one. The payload of an unknown packet
    /// is shared.
    ///
    /// # Errors
    /// The payload is malformed.
    pub fn owned_server(&self) -> Result<owned::server::Packet, FrameError> {
        Ok(match self.server()? {
            server::Packet::Unknown(_) => owned::server::Packet::Unknown(self.owned_unknown()),
            packet => packet.into_owned(),
        })
    }

    /// Decodes the packet if it is of type `P`; `None` if it is another.
    ///
    /// # Errors
    /// The payload is malformed.
    pub fn get<'a, P: Decode<'a>>(&'a self) -> Option<Result<P, FrameError>> {
        if self.from.side != P::INFO.side || !self.is(P::INFO) {
            return None;
        }
        let packet = match self.overrides() {
            None => P::decode(self.from.version, self.payload()),
            Some(overrides) => P::decode_with(self.from.version, overrides, self.payload()),
        };
        Some(match packet {
            Ok(packet) => Ok(packet),
            Err(error) => self.repaired(error).and_then(|payload| {
                P::decode(self.from.version, payload).map_err(|error| self.malformed(error))
            }),
        })
    }

    /// The frame, for forwarding it unchanged to peers with the same version.
    pub fn to_frames(&self) -> SharedFrames {
        SharedFrames { version: self.from.version, count: 1, bytes: self.frame.clone() }
    }

    /// A copy that does not share its memory with other frames.
    #[must_use]
    pub fn compacted(&self) -> Self {
        let frame = Bytes::copy_from_slice(&self.frame);
        Self { frame, ..self.clone() }
    }

    fn is(&self, info: &'static PacketInfo) -> bool {
        let is_known = info.is_known_by(self.from.version) || self.read_as() == Some(info);
        is_known && PacketId::from_wire(self.from.version, self.from.id) == Some(info.id)
    }

    /// Decodes the packet of a frame that was compressed or that an override decodes.
    #[inline(never)]
    fn decode_slow_path<'a, P: AnyPacket<'a>>(&'a self) -> Result<P, FrameError> {
        let (version, id) = (self.from.version, self.from.id);
        let packet = match self.overrides() {
            None => P::decode_any(version, id, self.payload(), 0),
            Some(overrides) => P::decode_any_with(version, overrides, id, self.payload(), 0),
        };
        match packet {
            Ok(packet) => Ok(packet),
            Err(error) => self.decode_repaired(error),
        }
    }

    /// Decodes the packet with its text repaired. It was not decoded because of `error`.
    #[cold]
    #[inline(never)]
    fn decode_repaired<'a, P: AnyPacket<'a>>(&'a self, error: Error) -> Result<P, FrameError> {
        let payload = self.repaired(error)?;
        P::decode_any(self.from.version, self.from.id, payload, 0).map_err(|error| self.malformed(error))
    }

    /// The payload with its text repaired, if `error` is that some of it is not UTF-8.
    #[cold]
    pub(crate) fn repaired(&self, error: Error) -> Result<&[u8], FrameError> {
        if error.kind != ErrorKind::Utf8 || self.from.text == TextMode::Strict || self.is_overridden() {
            return Err(self.malformed(error));
        }
        let repaired = self.repaired.0.get_or_init(|| {
            let Origin { version, side, id, .. } = self.from;
            let mut repaired = Vec::with_capacity(self.payload().len().saturating_add(8));
            Box::new(match repair_text(version, side, id, self.payload(), &mut repaired) {
                Ok(()) => Ok(repaired),
                // Something else is wrong with the packet.
                Err(TranscodeError::Malformed(error)) => Err(error),
                Err(_) => Err(error),
            })
        });
        repaired.as_deref().map_err(|error| self.malformed(*error))
    }

    /// The payload of a frame that was not compressed.
    fn plain_payload(&self) -> &[u8] {
        self.frame.get(self.header_len()..).unwrap_or_default()
    }

    fn inflated(&self) -> Option<&Bytes> {
        self.extra.as_ref()?.inflated.as_ref()
    }

    /// Whether an override decodes the packet.
    pub(crate) fn is_overridden(&self) -> bool {
        self.overrides().is_some()
    }

    fn overrides(&self) -> Option<&Overrides> {
        self.extra.as_ref()?.overrides.as_ref()
    }

    /// The packet that an override decodes.
    fn read_as(&self) -> Option<&'static PacketInfo> {
        self.overrides()?.reading(self.from)
    }

    fn unknown(&self) -> Unknown<'_> {
        Unknown { wire_id: self.from.id, payload: self.payload() }
    }

    fn owned_unknown(&self) -> owned::Unknown {
        owned::Unknown { wire_id: self.from.id, payload: self.payload_bytes() }
    }

    fn header_len(&self) -> usize {
        self.from.version.header_len()
    }

    /// The error for a malformed payload. Decodes it a second time to find the field.
    #[cold]
    pub(crate) fn malformed(&self, error: Error) -> FrameError {
        // An override's fields have no names.
        let field = if self.is_overridden() {
            None
        } else {
            let explain = if error.kind == ErrorKind::Utf8 { explain } else { explain_lossy };
            explain(self.from.version, self.from.side, self.from.id, self.payload()).1.map(Box::new)
        };
        let error = self.from.malformed(error.after(self.header_len()), self.overrides());
        FrameError { field, ..error }
    }
}

/// Encodes the payload again, in the version in which it was received; other versions do not know the packet.
///
/// To forward the received bytes unchanged and still compressed, use [`to_frames`](Received::to_frames).
impl Encode for Received {
    fn packet_info(&self) -> &'static PacketInfo {
        self.info().unwrap_or(&Unknown::INFO)
    }

    fn wire_id<V: Dialect>(&self, version: V) -> Option<u16> {
        Some(self.from.id).filter(|_| version.version() == self.from.version)
    }

    fn encode<V: Dialect, S: Sink>(&self, _: V, out: &mut S) -> Result<(), Full> {
        out.put(self.payload())
    }

    fn first_unrepresentable<V: Dialect>(&self, _: V) -> Option<&'static str> {
        None
    }
}

/// A received frame that was rejected, or whose packet is malformed. Only this packet is lost.
///
/// `Display` prints the packet, the field, the reason and the offset on one line:
///
/// ```
/// use lobbywire::bancho::{Codec, Version};
///
/// let mut received = b"\x01\0\0\x07\0\0\0\0\x0b\x02hi\x0b\x09"[..].into();
/// let packet = Codec::server(Version::LATEST).next_packet(&mut received).unwrap()?;
/// let error = packet.client().unwrap_err();
/// assert_eq!(error.to_string(), "`target` of OsuMessage: the packet ends inside this field (byte 14)");
/// # Ok::<(), lobbywire::bancho::FrameError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameError {
    pub(crate) from: Origin,
    pub(crate) error: Error,
    /// The packet that an override would have decoded.
    pub(crate) read_as: Option<&'static PacketInfo>,
    /// Boxed, so that `Result<Received, FrameError>` stays small.
    field: Option<Box<FieldPath>>,
}

impl FrameError {
    /// The reason.
    pub fn kind(&self) -> ErrorKind {
        self.error.kind
    }

    /// The position in the stream of the malformed byte. In a compressed payload, it is the start of the payload
    /// plus the offset in the inflated bytes.
    pub fn offset(&self) -> u64 {
        self.from.position.saturating_add(self.error.offset.into())
    }

    /// The position in the stream at which the frame starts.
    pub fn position(&self) -> u64 {
        self.from.position
    }

    /// The wire id. It may differ from the modern one; see [`PacketId`].
    pub fn wire_id(&self) -> u16 {
        self.from.id
    }

    /// The side that sent the frame.
    pub fn side(&self) -> Side {
        self.from.side
    }

    /// chio's name of the packet, or `Unknown`.
    pub fn name(&self) -> &'static str {
        self.read_as.or_else(|| self.from.info()).map_or(Unknown::INFO.name, |info| info.name)
    }

    /// The malformed field, such as `frames.3.time`; an empty path if the packet is a single value. `None` if the
    /// whole frame was rejected, or if an override decodes the packet: its fields have no names.
    pub fn field(&self) -> Option<&FieldPath> {
        self.field.as_deref()
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = self.field().filter(|field| !field.is_empty()) {
            write!(f, "`{field}` of ")?;
        }
        write!(f, "{}: {} (byte {})", self.name(), self.error.kind, self.offset())
    }
}

impl std::error::Error for FrameError {}

impl From<FrameError> for io::Error {
    fn from(error: FrameError) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}
