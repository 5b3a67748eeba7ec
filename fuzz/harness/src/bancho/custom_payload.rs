//! Custom layouts and custom packets.

use crate::Outcome;
use crate::wire::check_error;
use lobbywire::bancho::forms::{
    Bool, F32, F64, ListS32, ListU16, PermissionsAndMode, S8, S16, S32, Str, U8, U64, UserStatusLayout,
};
use lobbywire::bancho::types::{Permissions, Rank, UserStatus};
use lobbywire::bancho::{
    Codec, Decode, Dialect, Encode, List, Mode, Outbox, Overrides, PacketId, PacketInfo, PayloadReader,
    PayloadWriter, Side, Version, client,
};
use lobbywire::wire::{Error, ErrorKind, Full, Sink, SliceSink};
use std::sync::LazyLock;

/// The number of fields (one byte, at most 15), the form of each field (one byte), and a payload. Fields that are read
/// from the payload are written in the same forms and read back. The rest of the payload is the content of a packet with
/// a custom layout, and of a custom packet.
pub fn custom_payload(input: &[u8]) -> Outcome {
    let Some((version, rest)) = super::version_of(input) else { return Outcome::Skipped };
    let Some((count, rest)) = rest.split_first() else { return Outcome::Skipped };
    let (forms, payload) = rest.split_at(rest.len().min(usize::from(count % 16)));
    let mut payload = PayloadReader::new(version, Side::Client, payload);
    for form in forms {
        if let Err((error, len)) = field(version, *form, &mut payload) {
            check_error(error, len);
            break;
        }
    }
    assert_eq!(payload.version(), version);
    check_error(payload.error(ErrorKind::Utf8), payload.position());
    custom_layout(version, payload.rest());
    custom_packet(version, payload.rest());
    if payload.position() > 0 { Outcome::Held } else { Outcome::Skipped }
}

/// A field is read back as it was written. Returns the error of the first read, with the length of the payload.
fn field(version: Version, form: u8, payload: &mut PayloadReader<'_>) -> Result<(), (Error, usize)> {
    let (start, len) = (payload.position(), payload.position() + payload.rest().len());
    macro_rules! again {
        (|$from:ident| $read:expr, |$out:ident, $value:ident| $write:expr) => {{
            let $from = &mut *payload;
            let first = { $read }.map_err(|error| (error, len))?;
            let mut memory = vec![0; 2 * len + 64];
            let mut sink = SliceSink::new(&mut memory);
            let mut writer = PayloadWriter::new(version, Side::Client, &mut sink);
            assert_eq!(writer.version(), version);
            let ($out, $value) = (&mut writer, &first);
            { $write }.expect("the buffer is large enough");
            let written = 2 * len + 64 - sink.room();
            let mut reader = PayloadReader::new(version, Side::Client, &memory[..written]);
            let $from = &mut reader;
            let second = { $read }.expect("a packet that was written can be read");
            assert_eq!(format!("{second:?}"), format!("{first:?}"));
            assert!(reader.rest().is_empty());
        }};
        ($form:expr, $Value:ty) => {
            again!(|from| from.read::<_, $Value>($form), |out, value| out.write($form, value))
        };
    }
    match form % 16 {
        0 => again!(U8, u8),
        1 => again!(S16, i16),
        2 => again!(S32, i32),
        3 => again!(U64, u64),
        4 => again!(F32, f32),
        5 => again!(F64, f64),
        6 => again!(Bool, bool),
        7 => again!(Str, &str),
        8 => {
            let list = payload.clone().read::<_, List<'_, i32>>(ListU16).unwrap_or_default();
            assert_eq!(list.is_empty(), list.iter().next().is_none());
            of_list(list);
            again!(ListU16, List<'_, i32>);
        }
        9 => {
            of_list(payload.clone().read::<_, List<'_, &str>>(ListS32).unwrap_or_default());
            again!(ListS32, List<'_, &str>);
        }
        10 => again!(UserStatusLayout, UserStatus<'_>),
        11 => again!(|from| from.read_pair::<_, Permissions, Mode>(PermissionsAndMode), |out, pair| out
            .write_pair(PermissionsAndMode, &pair.0, &pair.1)),
        12 => again!(|from| from.read_packet::<client::ChannelJoin<'_>>(), |out, packet| out
            .write_packet(packet)),
        13 => again!(|from| from.array::<3>(), |out, bytes| out.put(bytes)),
        14 => again!(S8, Rank),
        _ => again!(|from| from.bytes(usize::from(form) / 16), |out, bytes| out.put(bytes)),
    }
    assert!((start..=len).contains(&payload.position()));
    assert_eq!(payload.position() + payload.rest().len(), len);
    Ok(())
}

/// All ways to iterate over a list return the same items.
fn of_list<'a, T>(list: List<'a, T>)
where
    T: PartialEq + std::fmt::Debug + Copy,
    List<'a, T>: IntoIterator<Item = T, IntoIter: std::fmt::Debug> + Copy + std::fmt::Debug,
{
    let mut one_by_one = Vec::new();
    for item in list {
        one_by_one.push(item);
    }
    let folded = list.into_iter().fold(Vec::new(), |mut all, item| {
        all.push(item);
        all
    });
    assert_eq!(folded, one_by_one);
    assert_eq!(format!("{list:?} {:?}", list.into_iter()), format!("{one_by_one:?} {one_by_one:?}"));
}

/// A custom layout for chat messages: the fields in reverse order, after a magic word.
static OWN: LazyLock<Overrides> = LazyLock::new(|| {
    Overrides::new()
        .write::<client::Message>(.., |message, out| {
            out.put(b"own")?;
            out.write(Str, &message.target)?;
            out.write(Str, &message.content)
        })
        .read::<client::Message>(.., |payload| {
            if payload.array()? != *b"own" {
                return Err(payload.error(ErrorKind::StringMarker));
            }
            let (target, content) = (payload.read(Str)?, payload.read(Str)?);
            Ok(client::Message::to(target, content))
        })
});

fn custom_layout(version: Version, bytes: &[u8]) {
    let content = &*String::from_utf8_lossy(bytes);
    let message = client::Message::to("#own", content);
    let mut out = Outbox::new(version).with_overrides(&OWN);
    assert_eq!(out.write(&message), Ok(1));
    let mut codec = Codec::server(version).with_overrides(&OWN);
    let mut stream = out.take().into();
    let received = codec.next_packet(&mut stream).expect("a frame").expect("well-formed");
    assert_eq!(received.client().expect("a packet that was written can be read"), message.into());
    assert_eq!(received.name(), message.packet_info().name);

    // Any other payload with its id is read in the custom layout too.
    let mut other = Outbox::new(version).with_overrides(&OWN);
    let id = message.wire_id(version).expect("every version knows chat");
    let unknown = lobbywire::bancho::Unknown { wire_id: id, payload: bytes };
    assert_eq!(other.write(&client::Packet::Unknown(unknown)), Ok(1));
    let mut stream = other.take().into();
    let received = codec.next_packet(&mut stream).expect("a frame").expect("well-formed");
    if let Err(error) = received.client() {
        let expected = if bytes.len() < 3 { ErrorKind::Truncated } else { ErrorKind::StringMarker };
        assert!(error.kind() == expected || bytes.starts_with(b"own"));
    }
}

/// A packet that the library does not know. Its payload is its bytes.
struct Season<'a>(&'a [u8]);

impl Encode for Season<'_> {
    fn packet_info(&self) -> &'static PacketInfo {
        Self::INFO
    }

    fn encode<V: Dialect, S: Sink>(&self, _: V, out: &mut S) -> Result<(), Full> {
        out.put(self.0)
    }
}

impl<'a> Decode<'a> for Season<'a> {
    const INFO: &'static PacketInfo = &PacketInfo::new("OwnSeason", Side::Client, PacketId(200)).since(400);

    fn decode<V: Dialect>(_: V, payload: &'a [u8]) -> Result<Self, Error> {
        Ok(Self(payload))
    }
}

fn custom_packet(version: Version, bytes: &[u8]) {
    let mut out = Outbox::new(version);
    let frames = out.write(&Season(bytes));
    if !Season::INFO.is_known_by(version) {
        assert!(!matches!(frames, Ok(1..)));
        return;
    }
    assert_eq!(frames, Ok(1));
    // A reference to a packet encodes as the packet.
    let season = &Season(bytes);
    assert_eq!(
        (Encode::wire_id(&season, version), Encode::encoded_len(&season, version)),
        (PacketId(200).on_wire(version), bytes.len())
    );
    let mut again = Outbox::new(version);
    assert_eq!(again.write(&season), Ok(1));
    assert_eq!((again.write_strict(&season), again.waiting().len()), (Ok(()), 2 * out.waiting().len()));
    assert_eq!(Season::trace(version, bytes, ()).map(|season| season.0), Ok(bytes));
    // A packet without rows is always representable.
    Encode::visit_unrepresentable(&season, version, &mut |field, _| panic!("{field}"));
    let mut stream = out.take().into();
    let received = Codec::server(version).next_packet(&mut stream).expect("a frame").expect("well-formed");
    let season: Season<'_> = received.get().expect("the id").expect("decodes");
    assert_eq!(season.0, bytes);
}
