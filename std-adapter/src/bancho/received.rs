//! A frame that has come, owned.

use super::{
    AnyPacket, Decode, Dialect, Encode, IntoOwned, Overrides, PacketId, PacketInfo, SharedFrames, Side,
    Unknown, Version, client, explain, owned, server,
};
use crate::wire::{Error, ErrorKind, Full, Sink};
use bytes::Bytes;
use std::{fmt, io};

/// A frame that has come: its packet, and its bytes to be passed on.
///
/// It is owned, and cloning it copies no bytes. The payload is inflated; where it was not compressed it
/// is the frame's own memory, which is that of what was read together with it: one that is kept for
/// long while others are not is better [compacted](Self::compacted).
///
/// ```
/// use lobbywire::bancho::{Codec, Version, client};
///
/// let mut bytes = b"\x03\0\0\0\0\0\0\x10\0\0\x04\0\0\0\x02\0\0\0"[..].into();
/// let mut codec = Codec::server(Version::LATEST);
/// let first = codec.next_packet(&mut bytes).unwrap()?;
/// assert_eq!(first.client()?, client::Packet::StatusUpdateRequest(client::StatusUpdateRequest));
///
/// // Where one packet is of interest, the enum over all of them need not be looked at.
/// let second = codec.next_packet(&mut bytes).unwrap()?;
/// assert_eq!(second.get::<client::StartSpectating>().unwrap()?.0, 2);
/// # Ok::<(), lobbywire::bancho::FrameError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    pub(crate) from: Origin,
    pub(crate) frame: Bytes,
    pub(crate) beside: Option<Box<Beside>>,
}

/// What few frames have, in one place, so that all others have one thing less to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Beside {
    /// The payload, where it was compressed.
    inflated: Option<Bytes>,
    /// There only where one of them reads this packet.
    overrides: Option<Overrides>,
}

impl Beside {
    pub(crate) fn if_any(inflated: Option<Bytes>, overrides: Option<Overrides>) -> Option<Box<Self>> {
        let is_any = inflated.is_some() || overrides.is_some();
        is_any.then(|| Box::new(Self { inflated, overrides }))
    }
}

/// Where a frame comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) version: Version,
    pub(crate) side: Side,
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

    pub(crate) fn damaged(self, error: Error, overrides: Option<&Overrides>) -> FrameError {
        let read_as = overrides.and_then(|overrides| overrides.reading(self));
        FrameError { from: self, error, read_as }
    }
}

impl Received {
    /// The version in which it was sent.
    pub fn version(&self) -> Version {
        self.from.version
    }

    /// Who has sent it.
    pub fn side(&self) -> Side {
        self.from.side
    }

    /// The id on the wire.
    pub fn id(&self) -> u16 {
        self.from.id
    }

    /// The packet's row in the table; `None` where it is in none, or the version does not know it.
    pub fn info(&self) -> Option<&'static PacketInfo> {
        self.read_as().or_else(|| self.from.info())
    }

    /// The packet's name in chio, or `Unknown`.
    pub fn name(&self) -> &'static str {
        self.info().map_or(Unknown::INFO.name, |info| info.name)
    }

    /// Where in the stream the frame starts.
    pub fn position(&self) -> u64 {
        self.from.position
    }

    /// The whole frame as it was on the wire, header and all.
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

    /// The payload, inflated and shared.
    pub fn payload_bytes(&self) -> Bytes {
        match self.inflated() {
            Some(payload) => payload.clone(),
            None => self.frame.slice(self.header_len().min(self.frame.len())..),
        }
    }

    /// The packet, if a client has sent it; from a server, [`Unknown`].
    ///
    /// # Errors
    /// What is wrong with the payload.
    pub fn client(&self) -> Result<client::Packet<'_>, FrameError> {
        if self.from.side != Side::Client {
            return Ok(client::Packet::Unknown(self.unknown()));
        }
        if self.beside.is_some() {
            return self.unusual();
        }
        let packet = client::Packet::decode(self.from.version, self.from.id, self.plain_payload());
        packet.map_err(|error| self.damaged(error))
    }

    /// The packet, if a server has sent it; from a client, [`Unknown`].
    ///
    /// # Errors
    /// What is wrong with the payload.
    pub fn server(&self) -> Result<server::Packet<'_>, FrameError> {
        if self.from.side != Side::Server {
            return Ok(server::Packet::Unknown(self.unknown()));
        }
        if self.beside.is_some() {
            return self.unusual();
        }
        let packet = server::Packet::decode(self.from.version, self.from.id, self.plain_payload());
        packet.map_err(|error| self.damaged(error))
    }

    /// The packet as [`client`](Self::client) gives it, owned. The payload of an unknown one is shared.
    ///
    /// # Errors
    /// What is wrong with the payload.
    pub fn owned_client(&self) -> Result<owned::client::Packet, FrameError> {
        Ok(match self.client()? {
            client::Packet::Unknown(_) => owned::client::Packet::Unknown(self.owned_unknown()),
            packet => packet.into_owned(),
        })
    }

    /// The packet as [`server`](Self::server) gives it, owned. The payload of an unknown one is shared.
    ///
    /// # Errors
    /// What is wrong with the payload.
    pub fn owned_server(&self) -> Result<owned::server::Packet, FrameError> {
        Ok(match self.server()? {
            server::Packet::Unknown(_) => owned::server::Packet::Unknown(self.owned_unknown()),
            packet => packet.into_owned(),
        })
    }

    /// The packet, if it is one of this type; `None` where it is another.
    ///
    /// # Errors
    /// Inside, what is wrong with the payload.
    pub fn get<'a, P: Decode<'a>>(&'a self) -> Option<Result<P, FrameError>> {
        if self.from.side != P::INFO.side || !self.is(P::INFO) {
            return None;
        }
        let packet = match self.overrides() {
            None => P::decode(self.from.version, self.payload()),
            Some(overrides) => P::decode(overrides.in_version(self.from.version), self.payload()),
        };
        Some(packet.map_err(|error| self.damaged(error)))
    }

    /// The field that is damaged, such as `frames.3.time`; `None` where none is, or where an override
    /// reads the packet, whose fields have no names.
    pub fn damaged_field(&self) -> Option<String> {
        if self.is_overridden() {
            return None;
        }
        let (_, field) = explain(self.from.version, self.from.side, self.from.id, self.payload());
        field.map(|field| field.to_string())
    }

    /// The frame for others of the same version, to be passed on as it is.
    pub fn to_frames(&self) -> SharedFrames {
        SharedFrames { version: self.from.version, count: 1, bytes: self.frame.clone() }
    }

    /// The same in memory of its own.
    #[must_use]
    pub fn compacted(&self) -> Self {
        let frame = Bytes::copy_from_slice(&self.frame);
        Self { frame, ..self.clone() }
    }

    fn is(&self, info: &'static PacketInfo) -> bool {
        let is_known = info.is_known_by(self.from.version) || self.read_as() == Some(info);
        is_known && PacketId::from_wire(self.from.version, self.from.id) == Some(info.id)
    }

    /// The packet, of a frame that was compressed or that an override reads.
    #[inline(never)]
    fn unusual<'a, P: AnyPacket<'a>>(&'a self) -> Result<P, FrameError> {
        let (version, id) = (self.from.version, self.from.id);
        let packet = match self.overrides() {
            None => P::decode_any(version, id, self.payload(), 0),
            Some(overrides) => P::decode_any(overrides.in_version(version), id, self.payload(), 0),
        };
        packet.map_err(|error| self.damaged(error))
    }

    /// The payload of a frame that was not compressed.
    fn plain_payload(&self) -> &[u8] {
        self.frame.get(self.header_len()..).unwrap_or_default()
    }

    fn inflated(&self) -> Option<&Bytes> {
        self.beside.as_ref()?.inflated.as_ref()
    }

    /// Whether an override reads the packet.
    pub(crate) fn is_overridden(&self) -> bool {
        self.overrides().is_some()
    }

    fn overrides(&self) -> Option<&Overrides> {
        self.beside.as_ref()?.overrides.as_ref()
    }

    /// The packet that an override reads from it.
    fn read_as(&self) -> Option<&'static PacketInfo> {
        self.overrides()?.reading(self.from)
    }

    fn unknown(&self) -> Unknown<'_> {
        Unknown { id: self.from.id, payload: self.payload() }
    }

    fn owned_unknown(&self) -> owned::Unknown {
        owned::Unknown { id: self.from.id, payload: self.payload_bytes() }
    }

    fn header_len(&self) -> usize {
        self.from.version.header_len()
    }

    #[cold]
    pub(crate) fn damaged(&self, error: Error) -> FrameError {
        self.from.damaged(error.after(self.header_len()), self.overrides())
    }
}

/// Writes the payload anew, in the version in which it came; in others the packet is not known.
///
/// To pass the very bytes on, compressed as they are, there is [`to_frames`](Received::to_frames).
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

/// A frame that is lost, and why. The next one follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameError {
    pub(crate) from: Origin,
    pub(crate) error: Error,
    /// The packet that an override would have read.
    pub(crate) read_as: Option<&'static PacketInfo>,
}

impl FrameError {
    /// What is wrong.
    pub fn kind(&self) -> ErrorKind {
        self.error.kind
    }

    /// Where in the stream the damage is. In a compressed payload, inflated bytes are counted from
    /// where the payload starts.
    pub fn offset(&self) -> u64 {
        self.from.position.saturating_add(self.error.offset.into())
    }

    /// Where in the stream the frame starts.
    pub fn position(&self) -> u64 {
        self.from.position
    }

    /// The id on the wire.
    pub fn id(&self) -> u16 {
        self.from.id
    }

    /// Who has sent it.
    pub fn side(&self) -> Side {
        self.from.side
    }

    /// The packet's name in chio, or `Unknown`.
    pub fn name(&self) -> &'static str {
        self.read_as.or_else(|| self.from.info()).map_or(Unknown::INFO.name, |info| info.name)
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (byte {})", self.name(), self.error.kind.message(), self.offset())
    }
}

impl std::error::Error for FrameError {}

impl From<FrameError> for io::Error {
    fn from(damaged: FrameError) -> Self {
        Self::new(io::ErrorKind::InvalidData, damaged)
    }
}
