//! Layouts of one's own.

use crate::wire::explained;
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

/// How many fields there are (one byte, up to 15), the form of each (a byte), and a payload: what is read in
/// the forms is written in them and read again. The rest of the payload is what a packet with a layout of
/// one's own says.
pub fn custom_payload(input: &[u8]) {
    let Some((version, rest)) = super::version_of(input) else { return };
    let Some((count, rest)) = rest.split_first() else { return };
    let (forms, payload) = rest.split_at(rest.len().min(usize::from(count % 16)));
    let mut payload = PayloadReader::new(version, Side::Client, payload);
    for form in forms {
        if let Err((error, len)) = field(version, *form, &mut payload) {
            explained(error, len);
            break;
        }
    }
    assert_eq!(payload.version(), version);
    explained(payload.error(ErrorKind::Utf8), payload.position());
    own_layout(version, payload.rest());
    own_packet(version, payload.rest());
}

/// Reads a field in a form, writes it, and reads it again; an error comes with how many bytes there were.
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
            { $write }.expect("there is room");
            let written = 2 * len + 64 - sink.room();
            let mut reader = PayloadReader::new(version, Side::Client, &memory[..written]);
            let $from = &mut reader;
            let second = { $read }.expect("what was written is read");
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

/// A list is the same however it is walked.
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

/// Chat in a layout that no client has: backwards, behind a word.
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

fn own_layout(version: Version, said: &[u8]) {
    let content = &*String::from_utf8_lossy(said);
    let message = client::Message::to("#own", content);
    let mut out = Outbox::new(version).with_overrides(&OWN);
    assert_eq!(out.write(&message), Ok(1));
    let mut codec = Codec::server(version).with_overrides(&OWN);
    let mut bytes = out.take().into();
    let received = codec.next_packet(&mut bytes).expect("a frame").expect("undamaged");
    assert_eq!(received.client().expect("what was written is read"), message.into());
    assert_eq!(received.name(), message.packet_info().name);

    // Whatever else stands under its id is read as the own layout says.
    let mut damaged = Outbox::new(version).with_overrides(&OWN);
    let id = message.wire_id(version).expect("every version knows chat");
    let unknown = lobbywire::bancho::Unknown { id, payload: said };
    assert_eq!(damaged.write(&client::Packet::Unknown(unknown)), Ok(1));
    let mut bytes = damaged.take().into();
    let received = codec.next_packet(&mut bytes).expect("a frame").expect("undamaged");
    if let Err(damaged) = received.client() {
        assert!(damaged.to_string().contains(damaged.kind().message()));
        let expected = if said.len() < 3 { ErrorKind::Truncated } else { ErrorKind::StringMarker };
        assert!(damaged.kind() == expected || said.starts_with(b"own"));
    }
}

/// A packet that nobody else knows: bytes as they are.
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

fn own_packet(version: Version, said: &[u8]) {
    let mut out = Outbox::new(version);
    let frames = out.write(&Season(said));
    if !Season::INFO.is_known_by(version) {
        assert!(!matches!(frames, Ok(1..)));
        return;
    }
    assert_eq!(frames, Ok(1));
    // A reference to a packet is a packet too.
    let season = &Season(said);
    assert_eq!(
        (Encode::wire_id(&season, version), Encode::encoded_len(&season, version)),
        (PacketId(200).on_wire(version), said.len())
    );
    let mut again = Outbox::new(version);
    assert_eq!(again.write(&season), Ok(1));
    assert_eq!((again.write_strict(&season), again.waiting().len()), (Ok(()), 2 * out.waiting().len()));
    assert_eq!(Season::trace(version, said, ()).map(|season| season.0), Ok(said));
    assert!(
        version.override_encoder::<client::Message>().is_none()
            && version.override_decoder::<client::Message>().is_none()
    );
    assert_eq!(client::ChannelJoin::from("#own"), client::ChannelJoin("#own"));
    // Nothing is lost of what only its owner knows.
    Encode::visit_unrepresentable(&season, version, &mut |field| panic!("{field}"));
    let mut bytes = out.take().into();
    let received = Codec::server(version).next_packet(&mut bytes).expect("a frame").expect("undamaged");
    let season: Season<'_> = received.get().expect("its id").expect("that can be read");
    assert_eq!(season.0, said);
}
