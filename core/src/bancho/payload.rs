//! Reading and writing payloads field by field, for custom packets and custom layouts.

use super::layout::{Context, Form, Origin, PairForm};
use super::packet::{Encode, Layout};
use super::packet_id::Side;
use super::packet_info::PacketInfo;
use super::version::Version;
use crate::wire::{AnySink, Error, ErrorKind, Full, Reader, Sink, parse};

/// Writes a payload field by field. Each field has one of the [forms](super::forms) that are named in the
/// documentation of packets. Layouts are forms, too.
///
/// Numbers saturate, and flags are masked. The writer is a [`Sink`]: [`put`](Sink::put) writes bytes without a
/// form.
///
/// ```
/// use lobbywire_core::bancho::forms::{Str, U16, UserStatusLayout};
/// use lobbywire_core::bancho::{PayloadReader, PayloadWriter, Side, Version, types::UserStatus};
/// use lobbywire_core::wire::SliceSink;
///
/// let (version, mut buffer) = (Version::LATEST, [0; 64]);
/// let mut sink = SliceSink::new(&mut buffer);
/// let mut out = PayloadWriter::new(version, Side::Client, &mut sink);
/// out.write(Str, &"peppy")?;
/// out.write(U16, &70_000)?;
/// out.write(UserStatusLayout, &UserStatus::default())?;
///
/// let mut payload = PayloadReader::new(version, Side::Client, &buffer);
/// let (name, number): (&str, i32) = (payload.read(Str)?, payload.read(U16)?);
/// assert_eq!((name, number), ("peppy", 65_535));
/// assert_eq!(payload.read::<_, UserStatus>(UserStatusLayout)?, UserStatus::default());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PayloadWriter<'s> {
    cx: Context<Version>,
    out: AnySink<'s>,
}

impl<'s> PayloadWriter<'s> {
    /// Writes a payload that `side` sends in this version.
    pub fn new(version: Version, side: Side, out: &'s mut impl Sink) -> Self {
        Self { cx: Context { version, origin: Origin::of(side) }, out: AnySink::new(out) }
    }

    /// Writes a payload of this packet. Some layouts depend on it: before b320, a client's private
    /// messages differ from its public ones.
    pub fn for_packet(version: Version, info: &PacketInfo, out: &'s mut impl Sink) -> Self {
        Self { cx: Context { version, origin: info.origin }, out: AnySink::new(out) }
    }

    /// Returns the version.
    pub fn version(&self) -> Version {
        self.cx.version
    }

    /// Writes a field in the given form.
    ///
    /// # Errors
    /// [`Full`] if the field does not fit into the sink.
    pub fn write<'v, F: Form<'v, T>, T>(&mut self, _: F, value: &T) -> Result<(), Full> {
        F::write(&mut self.out, self.cx, value)
    }

    /// Writes two fields in a form that combines them, such as
    /// [`PermissionsAndMode`](super::forms::PermissionsAndMode).
    ///
    /// # Errors
    /// [`Full`] if the field does not fit into the sink.
    pub fn write_pair<'v, F: PairForm<'v, A, B>, A, B>(&mut self, _: F, a: &A, b: &B) -> Result<(), Full> {
        F::write(&mut self.out, self.cx, (a, b))
    }

    /// Writes all fields of a packet in this crate's layout. For the layout of another version,
    /// [`encode`](Encode::encode) the packet into this writer. Versions without the packet may write nothing.
    ///
    /// # Errors
    /// [`Full`] if the field does not fit into the sink.
    pub fn write_packet(&mut self, packet: &impl Encode) -> Result<(), Full> {
        packet.encode(self.cx.version, &mut self.out)
    }
}

impl Sink for PayloadWriter<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.out.put(bytes)
    }
}

/// Reads a payload field by field. Each field has one of the [forms](super::forms) that are named in the
/// documentation of packets. See [`PayloadWriter`].
///
/// Offsets of errors count from the start of the payload. Use a clone to look ahead.
#[derive(Clone, Debug)]
pub struct PayloadReader<'a> {
    cx: Context<Version>,
    payload: &'a [u8],
    reader: Reader<'a>,
}

impl<'a> PayloadReader<'a> {
    /// Reads a payload that `side` sends in this version.
    pub fn new(version: Version, side: Side, payload: &'a [u8]) -> Self {
        let cx = Context { version, origin: Origin::of(side) };
        Self { cx, payload, reader: Reader::new(payload) }
    }

    /// Reads a payload of this packet. Some layouts depend on it: before b320, a client's private
    /// messages differ from its public ones.
    pub fn for_packet(version: Version, info: &PacketInfo, payload: &'a [u8]) -> Self {
        let cx = Context { version, origin: info.origin };
        Self { cx, payload, reader: Reader::new(payload) }
    }

    /// Returns the version.
    pub fn version(&self) -> Version {
        self.cx.version
    }

    /// Reads a field in the given form.
    ///
    /// # Errors
    /// The kind of the error and its offset in the payload.
    pub fn read<F: Form<'a, T>, T: Default>(&mut self, form: F) -> Result<T, Error> {
        let mut value = T::default();
        self.read_into(form, &mut value)?;
        Ok(value)
    }

    /// Reads a field in the given form into `place`, which is unchanged if the form has no bytes.
    ///
    /// # Errors
    /// The kind of the error and its offset in the payload.
    pub fn read_into<F: Form<'a, T>, T>(&mut self, _: F, place: &mut T) -> Result<(), Error> {
        F::read(&mut self.reader, self.cx, place).map_err(|fault| fault.in_payload(self.payload.len()))
    }

    /// Reads two fields from a form that combines them, such as
    /// [`PermissionsAndMode`](super::forms::PermissionsAndMode).
    ///
    /// # Errors
    /// The kind of the error and its offset in the payload.
    pub fn read_pair<F: PairForm<'a, A, B>, A: Default, B: Default>(
        &mut self,
        _: F,
    ) -> Result<(A, B), Error> {
        F::read(&mut self.reader, self.cx, ["", ""], Default::default())
            .map_err(|fault| fault.in_payload(self.payload.len()))
    }

    /// Reads all fields of a packet in this crate's layout. Other fields may follow.
    ///
    /// # Errors
    /// The kind of the error and its offset in the payload.
    pub fn read_packet<P: Layout<'a> + Default>(&mut self) -> Result<P, Error> {
        let mut packet = P::default();
        match packet.read(self.cx.version, &mut self.reader) {
            Ok(()) => Ok(packet),
            Err(fault) => Err(fault.in_payload(self.payload.len())),
        }
    }

    /// Reads the next `N` bytes, for fields without a form.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`].
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        self.reader.parse(parse::array).map_err(|fault| fault.in_payload(self.payload.len()))
    }

    /// Reads the next `count` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`].
    pub fn bytes(&mut self, count: usize) -> Result<&'a [u8], Error> {
        self.reader.parse(parse::bytes(count)).map_err(|fault| fault.in_payload(self.payload.len()))
    }

    /// Reads a string without checking that it is UTF-8; `None` for the marker of an empty string. For layouts that accept
    /// any text.
    ///
    /// # Errors
    /// Those of the form [`Str`](super::forms::Str), except [`ErrorKind::Utf8`].
    pub fn text_bytes(&mut self) -> Result<Option<&'a [u8]>, Error> {
        self.reader.text_bytes().map_err(|fault| fault.in_payload(self.payload.len()))
    }

    /// Returns the bytes that have not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.reader.rest()
    }

    /// Returns the number of bytes read.
    pub fn position(&self) -> usize {
        self.reader.position()
    }

    /// Creates an error of the given kind at the current position.
    pub fn error(&self, kind: ErrorKind) -> Error {
        Error::new(kind, self.position())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bancho::forms::{F32, ListU16, PermissionsAndMode, Str, U8, U16};
    use crate::bancho::types::{Permissions, UserStatus};
    use crate::bancho::{List, Mode, client, forms::UserStatusLayout};
    use crate::wire::SliceSink;

    #[test]
    fn fields_are_read_as_written() {
        let (version, mut buffer) = (Version::from_build(20130801), [0xee; 64]);
        let mut sink = SliceSink::new(&mut buffer);
        let mut out = PayloadWriter::new(version, Side::Server, &mut sink);
        out.write_pair(PermissionsAndMode, &Permissions::SUPPORTER, &Mode::TAIKO).unwrap();
        out.write(ListU16, &List::from(&[2, 3][..])).unwrap();
        out.write(F32, &0.5f64).unwrap();
        out.write_packet(&client::ChannelJoin("#osu")).unwrap();
        out.put(b"end").unwrap();
        let written = 64 - sink.room();

        let mut payload = PayloadReader::new(version, Side::Server, &buffer[..written]);
        assert_eq!(payload.read_pair(PermissionsAndMode), Ok((Permissions::SUPPORTER, Mode::TAIKO)));
        assert!(payload.read::<_, List<'_, i32>>(ListU16).unwrap().iter().eq([2, 3]));
        assert_eq!(payload.read(F32), Ok(0.5f64));
        assert_eq!(payload.read_packet(), Ok(client::ChannelJoin("#osu")));
        assert_eq!((payload.position(), payload.rest()), (written - 3, &b"end"[..]));
        assert_eq!(payload.clone().array(), Ok(*b"end"));
        assert_eq!(payload.bytes(3), Ok(&b"end"[..]));
        assert_eq!(payload.error(ErrorKind::Utf8), Error::new(ErrorKind::Utf8, written));
    }

    #[test]
    fn failed_reads_report_the_offset_and_consume_nothing() {
        let mut payload = PayloadReader::new(Version::LATEST, Side::Client, b"\x01\x0b\x02\xff\xff");
        assert_eq!(payload.read(U8), Ok(1));
        assert_eq!(payload.read::<_, &str>(Str), Err(Error::new(ErrorKind::Utf8, 1)));
        assert_eq!(payload.clone().text_bytes(), Ok(Some(&b"\xff\xff"[..])));
        assert_eq!(payload.array::<5>(), Err(Error::new(ErrorKind::Truncated, 1)));
        assert_eq!(payload.bytes(5), Err(Error::new(ErrorKind::Truncated, 1)));
        assert_eq!(payload.bytes(3), Ok(&b"\x0b\x02\xff"[..]));
        assert_eq!(payload.read::<_, u16>(U16), Err(Error::new(ErrorKind::Truncated, 4)));
        let mut sink = SliceSink::new(&mut [0; 0]);
        assert_eq!(PayloadWriter::new(Version::LATEST, Side::Client, &mut sink).write(U8, &1), Err(Full));
    }

    #[test]
    fn fields_that_the_version_lacks_are_unchanged() {
        let mut status = UserStatus { beatmap_id: 75, ..UserStatus::default() };
        for (build, expected) in [(20130801, 0), (400, 75)] {
            let version = Version::from_build(build);
            let mut payload = PayloadReader::new(version, Side::Client, &[0; 32]);
            payload.read_into(UserStatusLayout, &mut status).unwrap();
            assert_eq!(status.beatmap_id, expected);
            status.beatmap_id = 75;
        }
    }
}
