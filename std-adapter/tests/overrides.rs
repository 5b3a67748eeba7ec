//! Overrides apply to their packets and builds in every part of the API, and change nothing else.

#[allow(dead_code)]
#[path = "../examples/patched_stats.rs"]
mod patched_stats;
mod traffic;

use bytes::BytesMut;
use lobbywire::bancho::forms::{S32, Str, U8, U32, UserStatusLayout};
use lobbywire::bancho::types::{LoginError, UserInfo, UserPresence, UserStats};
use lobbywire::bancho::{
    Broadcast, Builds, Codec, Compression, Decode, Dialect, Encode, FrameWriter, Options, Outbox, Overrides,
    PacketId, PacketInfo, PayloadReader, PayloadWriter, Received, Side, Transcoder, Unknown, Version,
    WriteError, blocking, client, server,
};
use lobbywire::wire::{Error, ErrorKind, Full, Sink};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use traffic::{Drip, Pieces, sessions};

/// The frame that chio 1.1.20 writes in b20120723 for the user of the example, with the patch of chio's README.
/// `chio.patch` sets an attribute of an instance, but chio's writers are class methods, so that the patch is never
/// called. For this vector, the unchanged function of the README was set as a class method of
/// `chio.clients.b20120723.b20120723`, before `write_packet_to_bytes(PacketType.BanchoUserStats, user)`.
const PATCHED: &str = "0b00005400000002000000020b066120736f6e670b2030313233343536373839616263646566303132333435\
                       363738396162636465664800014b00000040420f00000000000000003f4d00000080841e000000000001000000\
                       409c";

/// The end of the frame without the patch: the points are signed and saturate at 32,767.
const UNPATCHED_END: &str = "ff7f";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn v(build: u32) -> Version {
    Version::from_build(build)
}

/// Returns the frames that an outbox writes for a packet.
fn written(version: Version, overrides: &Overrides, packet: &impl Encode) -> Vec<u8> {
    let mut out = Outbox::new(version).with_overrides(overrides);
    out.write(packet).unwrap();
    out.take().to_vec()
}

/// Reads the only packet in these bytes.
fn received(side: Side, version: Version, overrides: &Overrides, bytes: &[u8]) -> Received {
    let mut bytes = BytesMut::from(bytes);
    let mut codec = Codec::reading(side, version).with_overrides(overrides);
    let received = codec.next_packet(&mut bytes).unwrap().unwrap();
    assert!(codec.is_between_frames(&bytes));
    received
}

#[test]
fn chios_example_writes_the_same_bytes_as_chio() {
    let stats = server::UserStats::from(patched_stats::user());
    let patched = written(v(20120723), &patched_stats::overrides(), &stats);
    assert_eq!(hex(&patched), PATCHED);
    let plain = hex(&written(v(20120723), &Overrides::new(), &stats));
    assert_eq!(plain, PATCHED.replace("409c", UNPATCHED_END));
}

#[test]
fn overrides_affect_only_their_builds() {
    let stats = server::UserStats::from(patched_stats::user());
    let mut affected = Vec::new();
    for version in Version::all() {
        let none = written(version, &Overrides::new(), &stats);
        if written(version, &patched_stats::overrides(), &stats) != none {
            affected.push(version.build());
        }
        let other = server::Message::new("peppy", "hi", "#osu");
        let [with, without] =
            [patched_stats::overrides(), Overrides::new()].map(|some| written(version, &some, &other));
        assert_eq!(with, without, "{version}");
    }
    assert_eq!(affected, [20120723]);
    // The protocol version does not matter.
    let low = written(v(20120723).with_protocol(7), &patched_stats::overrides(), &stats);
    assert_eq!(hex(&low), PATCHED);
}

/// An override of user stats with the status and the points, in a layout of no version.
fn short_stats(builds: impl Into<Builds>) -> Overrides {
    let builds = builds.into();
    Overrides::new()
        .write::<server::UserStats>(builds, |user, out| {
            out.write(U32, &user.stats.pp)?;
            out.write(UserStatusLayout, &user.status)?;
            out.put(b"stats")
        })
        .read::<server::UserStats>(builds, |payload| {
            let mut user = UserInfo::default();
            payload.read_into(U32, &mut user.stats.pp)?;
            payload.read_into(UserStatusLayout, &mut user.status)?;
            match &payload.array::<5>()? {
                b"stats" => Ok(user.into()),
                _ => Err(payload.error(ErrorKind::StringMarker)),
            }
        })
}

/// Versions with different headers, in which compression is required, optional or unused. The latest has a fast path.
const KINDS: [u32; 6] = [282, 334, 400, 1700, 20120723, u32::MAX];

fn points(received: &Received) -> i32 {
    let by_type = received.get::<server::UserStats<'_>>().unwrap().unwrap();
    assert_eq!(received.server().unwrap(), by_type.into());
    by_type.stats.pp
}

#[test]
fn blocking_connections_use_overrides_on_both_ends() {
    let overrides = short_stats(..);
    for version in KINDS.map(v) {
        let stream = Drip::new(&[], Pieces::Of(3));
        let mut server = blocking::Connection::server(stream, version).with_overrides(&overrides);
        server.write(&server::Ping).unwrap();
        server.send(&server::UserStats::from(patched_stats::user())).unwrap();
        let sent = server.into_stream().taken;

        let stream = Drip::new(&sent, Pieces::Of(3));
        let mut client = blocking::Connection::client(stream, version).with_overrides(&overrides);
        assert_eq!(client.read().unwrap().unwrap().server().unwrap(), server::Ping.into());
        assert_eq!(points(&client.read().unwrap().unwrap()), 40_000, "{version}");

        // The halves of a split connection use the overrides, too.
        let client = blocking::Connection::client((), version).with_overrides(&overrides);
        let server = blocking::Connection::server((), version).with_overrides(&overrides);
        let (_, mut writes) = server.split_with(|()| ((), Drip::new(&[], Pieces::Of(9))));
        writes.send(&server::UserStats::from(patched_stats::user())).unwrap();
        let (mut reads, _) = client.split_with(|()| (Drip::new(&writes.stream().taken, Pieces::Of(9)), ()));
        assert_eq!(points(&reads.read().unwrap().unwrap()), 40_000, "{version}");
    }
}

#[cfg(feature = "tokio")]
#[tokio::test]
async fn both_ends_on_tokio_speak_the_layout() {
    use futures_util::{SinkExt, StreamExt};
    use lobbywire::bancho::Connection;
    use tokio_util::codec::Framed;

    let overrides = short_stats(..);
    let stats = server::UserStats::from(patched_stats::user());
    for version in KINDS.map(v) {
        let (near, far) = tokio::io::duplex(1 << 12);
        let mut server = Connection::server(near, version).with_overrides(&overrides);
        server.send(&stats).await.unwrap();
        let mut client = Connection::client(far, version).with_overrides(&overrides);
        assert_eq!(points(&client.read().await.unwrap().unwrap()), 40_000, "{version}");

        let (near, far) = tokio::io::duplex(1 << 12);
        let mut server = Framed::new(near, Codec::server(version).with_overrides(&overrides));
        server.send(&stats).await.unwrap();
        let mut client = Framed::new(far, Codec::client(version).with_overrides(&overrides));
        assert_eq!(points(&client.next().await.unwrap().unwrap().unwrap()), 40_000, "{version}");
    }
}

#[cfg(feature = "serde")]
#[test]
fn packets_read_by_overrides_convert_to_owned_and_json() {
    let (version, overrides) = (v(20130801), short_stats(..));
    let bytes = written(version, &overrides, &server::UserStats::from(patched_stats::user()));
    let frame = received(Side::Server, version, &overrides, &bytes);
    let json = frame.to_json().unwrap();
    assert_eq!((&json["packet"], &json["data"]["stats"]["pp"]), (&"BanchoUserStats".into(), &40_000.into()));
    let lobbywire::bancho::owned::server::Packet::UserStats(stats) = frame.owned_server().unwrap() else {
        panic!("{json}")
    };
    assert_eq!(stats.info.stats.pp, 40_000);
}

#[test]
fn a_broadcast_writes_the_layout_where_it_holds() {
    let overrides = short_stats(334..1000).read::<server::UserStats>(.., |_| unreachable!());
    let stats = server::UserStats::from(patched_stats::user());
    let mut plain = Broadcast::new(stats);
    let mut broadcast = Broadcast::new(stats).with_overrides(&overrides);
    for version in Version::all() {
        let frames = broadcast.frames(version).unwrap();
        assert_eq!(*frames.bytes(), written(version, &overrides, &stats), "{version}");
        let is_other = frames.bytes() != plain.frames(version).unwrap().bytes();
        assert_eq!(is_other, (334..1000).contains(&version.build()), "{version}");
    }
}

#[test]
fn a_long_payload_is_compressed_as_any_other() {
    let overrides = Overrides::new()
        .write::<server::Announce>(.., |text, out| {
            out.write(S32, &7)?;
            out.put(text.0.as_bytes())
        })
        .read::<server::Announce>(.., |payload| {
            assert_eq!(payload.read::<_, i32>(S32)?, 7);
            let rest = payload.bytes(payload.rest().len())?;
            std::str::from_utf8(rest).map(server::Announce).map_err(|_| payload.error(ErrorKind::Utf8))
        });
    let text = "a notification ".repeat(1000);
    for version in KINDS.map(v) {
        let bytes = written(version, &overrides, &server::Announce(&text));
        let frame = received(Side::Server, version, &overrides, &bytes);
        assert_eq!(frame.get::<server::Announce<'_>>().unwrap().unwrap().0, text, "{version}");
        assert_eq!(frame.payload()[..5], *b"\x07\0\0\0a");
        assert_eq!(frame.is_compressed(), version.compression() != Compression::Never, "{version}");
        assert_eq!(frame.is_compressed(), bytes.len() < 1000, "{version}");
    }
}

#[test]
fn overrides_receive_the_original_packet_and_skip_downgrade_rules() {
    let overrides = Overrides::new().write::<server::UserStats>(.., |user, out| {
        out.write(S32, &user.id)?;
        out.put(&user.stats.tscore.to_le_bytes())
    });
    let told = *b"\x07\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff";
    let presence = UserPresence { is_irc: true, ..UserPresence::default() };
    let stats = UserStats { tscore: u64::MAX, ..UserStats::default() };
    let user = UserInfo { id: 7, name: "nick", presence, stats, ..UserInfo::default() };
    for version in Version::all() {
        // The rules for IRC users, ids and score caps do not apply.
        let frame = received(
            Side::Server,
            version,
            &overrides,
            &written(version, &overrides, &server::UserStats::from(user)),
        );
        assert_eq!(frame.name(), "BanchoUserStats");
        assert_eq!(frame.payload(), told, "{version}");
    }
    // A presence that is downgraded to stats uses the override of the stats.
    let player = UserInfo { presence: UserPresence::default(), ..user };
    for (build, frames) in [(282, 1), (323, 2), (400, 1)] {
        let mut out = Outbox::new(v(build)).with_overrides(&overrides);
        let bundle = server::UserPresenceBundle(lobbywire::bancho::types::Users::Infos(
            std::slice::from_ref(&player).into(),
        ));
        assert_eq!(out.write(&bundle), Ok(frames));
        let mut waiting = BytesMut::from(out.waiting());
        let mut codec = Codec::client(v(build));
        for _ in 0..frames {
            let frame = codec.next_packet(&mut waiting).unwrap().unwrap();
            assert_eq!((frame.name(), frame.payload()), ("BanchoUserStats", &told[..]));
        }
    }
    // An overridden packet is not replaced by another packet.
    let invite = Overrides::new().write::<server::Invite>(400, |line, out| out.write(Str, &line.content));
    let line = server::Invite(*server::Message::new("peppy", "come", "#osu"));
    let [with, without] = [&invite, &Overrides::new()]
        .map(|some| received(Side::Server, v(400), &Overrides::new(), &written(v(400), some, &line)));
    assert_eq!((without.name(), with.payload()), ("BanchoMessage", &b"\x0b\x04come"[..]));
    assert_eq!(Some(with.wire_id()), PacketId(88).on_wire(v(400)));
}

#[test]
fn an_override_makes_a_packet_known() {
    let version = v(20130801);
    let overrides = Overrides::new()
        .write::<server::RTX>(version, |text, out| text.encode(Version::LATEST, out))
        .read::<server::RTX>(version, |payload| server::RTX::decode(Version::LATEST, payload.rest()));
    let fright = server::RTX("boo");
    let mut out = Outbox::new(version);
    assert_eq!(out.write(&fright), Ok(0));
    let mut out = out.with_overrides(&overrides);
    assert_eq!(out.write_strict(&fright), Ok(()));
    let frame = received(Side::Server, version, &overrides, out.waiting());
    assert_eq!((frame.name(), frame.info()), ("BanchoRTX", Some(server::RTX::INFO)));
    assert_eq!(frame.get::<server::RTX<'_>>(), Some(Ok(fright)));
    assert_eq!(frame.server(), Ok(fright.into()));
    // Errors contain the name of the packet.
    let cut =
        written(version, &Overrides::new(), &Unknown { wire_id: frame.wire_id(), payload: b"\x0b\x03bo" });
    let damage = received(Side::Server, version, &overrides, &cut).server().unwrap_err();
    assert_eq!((damage.name(), damage.kind(), damage.offset()), ("BanchoRTX", ErrorKind::Truncated, 7 + 2));
    let mut options = Options::client();
    options.limits.payload = 4;
    let mut codec = Codec::client(version).with_options(options).with_overrides(&overrides);
    let refused = codec.next_packet(&mut BytesMut::from(out.waiting())).unwrap().unwrap_err();
    assert_eq!((refused.name(), refused.kind()), ("BanchoRTX", ErrorKind::FrameTooLarge));
    // Without the override, or from the other side, the packet is unknown.
    let frame = received(Side::Server, version, &Overrides::new(), out.waiting());
    assert_eq!((frame.name(), frame.get::<server::RTX<'_>>()), ("Unknown", None));
    let frame = received(Side::Client, version, &overrides, out.waiting());
    assert_eq!((frame.name(), frame.get::<server::RTX<'_>>()), ("Unknown", None));
}

#[test]
fn strict_writing_takes_an_override_to_carry_everything() {
    let stats = server::UserStats(lobbywire::bancho::types::UserUpdate::from(UserInfo {
        stats: UserStats { pp: 40_000, ..UserStats::default() },
        ..UserInfo::default()
    }));
    let mut out = Outbox::new(v(20120723));
    let unrepresentable = WriteError::Unrepresentable { packet: "BanchoUserStats", field: "stats.pp" };
    assert_eq!(out.write_strict(&stats), Err(unrepresentable));
    assert_eq!(out.with_overrides(&patched_stats::overrides()).write_strict(&stats), Ok(()));
    // Packets without an override are still rejected.
    let mut out = Outbox::new(v(20120723)).with_overrides(&patched_stats::overrides());
    let unknown = WriteError::UnknownPacket { packet: "BanchoRTX" };
    assert_eq!(out.write_strict(&server::RTX("boo")), Err(unknown));
    assert!(out.waiting().is_empty());
}

#[test]
fn the_last_matching_override_applies() {
    let text = |text: &'static str| {
        move |_: &server::Announce<'_>, out: &mut PayloadWriter<'_>| out.write(Str, &text)
    };
    let first = Overrides::new().write::<server::Announce>(.., text("all"));
    let second = first.clone().write::<server::Announce>(20130801.., text("new"));
    let says = |version, overrides| {
        let bytes = written(version, overrides, &server::Announce("said"));
        bytes[bytes.len() - 4..].to_vec()
    };
    assert_eq!([&first, &second].map(|some| says(v(20120723), some)), [b"\x03all", b"\x03all"]);
    assert_eq!([&first, &second].map(|some| says(Version::LATEST, some)), [b"\x03all", b"\x03new"]);
    assert!(first != second && first == first.clone());
    assert_eq!(format!("{first:?}").matches("BanchoAnnounce").count(), 1);
}

#[test]
fn a_malformed_payload_is_an_error_with_an_offset_and_the_next_packet_follows() {
    let overrides = short_stats(..);
    for version in KINDS.map(v) {
        let whole = written(version, &overrides, &server::UserStats::from(patched_stats::user()));
        let payload = received(Side::Server, version, &overrides, &whole).payload().to_vec();
        let id = PacketId(11).on_wire(version).unwrap();
        for len in 0..payload.len() {
            let mut out = Outbox::new(version);
            out.write(&server::Ping).unwrap();
            let start = out.waiting().len() as u64;
            out.write(&Unknown { wire_id: id, payload: &payload[..len] }).unwrap();
            out.write(&server::Ping).unwrap();

            let mut bytes = BytesMut::from(out.waiting());
            let mut codec = Codec::client(version).with_overrides(&overrides);
            codec.next_packet(&mut bytes).unwrap().unwrap();
            let cut = codec.next_packet(&mut bytes).unwrap().unwrap();
            let damage = cut.server().unwrap_err();
            assert_eq!(Some(Err(damage.clone())), cut.get::<server::UserStats<'_>>());
            assert_eq!(
                (damage.kind(), damage.name()),
                (ErrorKind::Truncated, "BanchoUserStats"),
                "{version}"
            );
            let offset = damage.offset() - start - version.header_len() as u64;
            // The first field is a number, so that the offset of the error is its start.
            let expected = if len < 4 { 0..=0 } else { 4..=len as u64 };
            assert!(expected.contains(&offset), "{version}, {len} bytes: {offset}");
            assert_eq!(damage.field(), None);
            assert_eq!(codec.next_packet(&mut bytes).unwrap().unwrap().server(), Ok(server::Ping.into()));
        }
        // An error that the override returns.
        let mut other = payload.clone();
        *other.last_mut().unwrap() = b'!';
        let bytes = written(version, &Overrides::new(), &Unknown { wire_id: id, payload: &other });
        let damage = received(Side::Server, version, &overrides, &bytes).server().unwrap_err();
        let end = (version.header_len() + other.len()) as u64;
        assert_eq!((damage.kind(), damage.offset()), (ErrorKind::StringMarker, end));
    }
}

/// A custom packet.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Season<'a> {
    name: &'a str,
    day: u8,
}

impl Encode for Season<'_> {
    fn packet_info(&self) -> &'static PacketInfo {
        Self::INFO
    }

    fn encode<V: Dialect, S: Sink>(&self, version: V, out: &mut S) -> Result<(), Full> {
        let mut out = PayloadWriter::new(version.version(), Side::Client, out);
        out.write(Str, &self.name)?;
        out.write(U8, &self.day)
    }
}

impl<'a> Decode<'a> for Season<'a> {
    const INFO: &'static PacketInfo =
        &PacketInfo::new("ExampleSeason", Side::Client, PacketId(200)).since(300).until(20161101);

    fn decode<V: Dialect>(version: V, payload: &'a [u8]) -> Result<Self, Error> {
        let mut payload = PayloadReader::new(version.version(), Side::Client, payload);
        Ok(Self { name: payload.read(Str)?, day: payload.read(U8)? })
    }
}

#[test]
fn custom_packets_round_trip_in_their_versions() {
    let autumn = Season { name: &"autumn ".repeat(50), day: 31 };
    // Overrides of other packets have no effect on it.
    for overrides in [Overrides::new(), short_stats(..).read::<client::Pong>(.., |_| Ok(client::Pong))] {
        for version in Version::all() {
            let bytes = written(version, &overrides, &autumn);
            let mut out = Outbox::new(version).with_overrides(&overrides);
            if !(298..20161101).contains(&version.build()) {
                assert!(bytes.is_empty(), "{version}");
                assert_eq!(
                    out.write_strict(&autumn),
                    Err(WriteError::UnknownPacket { packet: "ExampleSeason" })
                );
                continue;
            }
            assert_eq!(out.write_strict(&autumn), Ok(()));
            assert_eq!(out.waiting(), bytes, "{version}");
            assert_eq!(Broadcast::new(autumn).frames(version).unwrap().bytes(), &bytes);
            let frame = received(Side::Client, version, &overrides, &bytes);
            assert_eq!(Some(frame.wire_id()), PacketId(200).on_wire(version));
            assert_eq!(frame.get::<Season<'_>>(), Some(Ok(autumn)), "{version}");
            assert_eq!(frame.get::<client::Message<'_>>(), None);
            let unknown = Unknown { wire_id: frame.wire_id(), payload: frame.payload() };
            assert_eq!(frame.client(), Ok(client::Packet::Unknown(unknown)));
            // The same wire id from the other side is another packet.
            assert_eq!(received(Side::Server, version, &overrides, &bytes).get::<Season<'_>>(), None);
        }
    }
}

#[test]
fn malformed_custom_packets_are_errors_with_an_offset() {
    let version = v(20130801);
    let bytes = written(version, &Overrides::new(), &Unknown { wire_id: 200, payload: b"\x0b\x03abc" });
    let frame = received(Side::Client, version, &Overrides::new(), &bytes);
    let damage = frame.get::<Season<'_>>().unwrap().unwrap_err();
    assert_eq!((damage.kind(), damage.offset()), (ErrorKind::Truncated, 7 + 5));
}

#[test]
fn generic_writers_readers_and_transcoders_accept_overrides() {
    // With points that the library's layout can represent.
    generic_code_in(v(20130801), 32_767);
    generic_code_in(Version::LATEST, 40_000);
}

fn generic_code_in(version: Version, room: i32) {
    let overrides = short_stats(version);
    let mut buffer = [0; 512];
    let mut out = FrameWriter::new(version, &mut buffer).with_overrides(&overrides);
    out.write(&server::Packet::from(server::UserStats::from(patched_stats::user()))).unwrap();
    out.write(&LoginError::USER_INACTIVE).unwrap();
    let sent = out.written().to_vec();
    let packets: Vec<_> =
        server::packets(version, &sent).with_overrides(&overrides).collect::<Result<_, _>>().unwrap();
    let [server::Packet::UserStats(stats), server::Packet::Announce(_), server::Packet::LoginReply(_)] =
        packets[..]
    else {
        panic!("{packets:?}")
    };
    assert_eq!(stats.stats.pp, 40_000);

    // Values that an override encodes are not reported as changes.
    let stats = server::UserStats::from(patched_stats::user());
    let count_changes = |version, overrides: &Overrides| {
        let transcoder = Transcoder::new(Side::Server, Version::LATEST, version);
        let (mut payload, mut buffer, mut changes) = (Vec::new(), [0; 512], 0);
        payload.extend_from_slice(&written(Version::LATEST, &Overrides::new(), &stats)[7..]);
        let mut out = FrameWriter::new(version, &mut buffer).with_overrides(overrides);
        transcoder.packet(11, &payload, &mut out, &mut |_| changes += 1).unwrap();
        changes
    };
    let old = v(20120723);
    assert_eq!([&Overrides::new(), &patched_stats::overrides()].map(|some| count_changes(old, some)), [1, 0]);

    // Between a modified client and an unmodified server of the same version.
    let transcoder = Transcoder::new(Side::Server, version, version).with_overrides(&overrides);
    let mut buffer = [0; 512];
    let mut out = FrameWriter::new(version, &mut buffer);
    let len = u32::from_le_bytes(*sent[3..].first_chunk().unwrap()) as usize;
    transcoder.packet(11, &sent[7..7 + len], &mut out, &mut |_| ()).unwrap();
    let plain = received(Side::Server, version, &Overrides::new(), out.written());
    assert_eq!(plain.get::<server::UserStats<'_>>().unwrap().unwrap().stats.pp, room);
}

const fn is_shared_between_threads<T: Send + Sync + Clone + 'static>() {}
const _: () = is_shared_between_threads::<Overrides>();
const _: () = is_shared_between_threads::<Received>();
const fn moves_to_threads<T: Send + 'static>() {}
const _: () = moves_to_threads::<blocking::Connection<std::net::TcpStream>>();
const _: () = moves_to_threads::<Broadcast<server::Ping>>();

#[test]
fn threads_with_different_overrides_are_independent() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let shared = Overrides::new().write::<server::Announce>(.., move |text, out| {
        counted.fetch_add(1, Ordering::Relaxed);
        out.write(Str, &text.0.trim_end_matches('!'))
    });
    let start = Barrier::new(4);
    std::thread::scope(|threads| {
        for thread in 0..4 {
            let (overrides, start) = (if thread == 3 { Overrides::new() } else { shared.clone() }, &start);
            threads.spawn(move || {
                start.wait();
                for version in Version::all().filter(|version| version.build() >= 291).cycle().take(2000) {
                    let frame = written(version, &overrides, &server::Announce("hi!"));
                    let frame = received(Side::Server, version, &Overrides::new(), &frame);
                    let said = frame.get::<server::Announce<'_>>().unwrap().unwrap().0;
                    assert_eq!(said, if thread == 3 { "hi!" } else { "hi" });
                }
            });
        }
    });
    assert_eq!(calls.load(Ordering::Relaxed), 3 * 2000);
}

/// Overrides all packets with the library's own layouts. Returns the overrides, their number, and how often they encoded
/// and decoded.
fn same_layouts() -> (Overrides, usize, [&'static AtomicUsize; 2]) {
    static CALLS: [AtomicUsize; 2] = [AtomicUsize::new(0), AtomicUsize::new(0)];
    let [writes, reads] = &CALLS;
    let (mut overrides, mut count) = (Overrides::new(), 0);
    macro_rules! same {
        ($side:ident: $($Packet:ident)+) => {$(
            overrides = overrides
                .write::<$side::$Packet>(.., |packet, out| {
                    writes.fetch_add(1, Ordering::Relaxed);
                    out.write_packet(packet)
                })
                .read::<$side::$Packet>(.., |payload| {
                    reads.fetch_add(1, Ordering::Relaxed);
                    payload.read_packet()
                });
            count += 1;
        )+};
    }
    same! { client:
        UserStatus Message Exit StatusUpdateRequest Pong StartSpectating StopSpectating SpectateFrames ErrorReport
        CantSpectate PrivateMessage LobbyPart LobbyJoin MatchCreate MatchJoin MatchPart MatchChangeSlot MatchReady
        MatchLock MatchChangeSettings MatchStart MatchScoreUpdate MatchComplete MatchChangeMods MatchLoadComplete
        MatchNoBeatmap MatchNotReady MatchFailed MatchHasBeatmap MatchSkipRequest ChannelJoin BeatmapInfoRequest
        MatchTransferHost FriendsAdd FriendsRemove MatchChangeTeam ChannelLeave ReceiveUpdates SetIrcAwayMessage
        UserStatsRequest Invite MatchChangePassword TournamentMatchInfo PresenceRequest PresenceRequestAll
        ChangeFriendOnlyDms TournamentJoinMatchChannel TournamentLeaveMatchChannel MatchChangeBeatmap
    }
    same! { server:
        LoginReply Message Ping IrcChangeUsername IrcQuit UserStats UserQuit SpectatorJoined SpectatorLeft
        SpectateFrames VersionUpdate SpectatorCantSpectate GetAttention Announce MatchUpdate MatchNew MatchDisband
        LobbyJoin LobbyPart MatchJoinSuccess MatchJoinFail FellowSpectatorJoined FellowSpectatorLeft MatchStart
        MatchScoreUpdate MatchTransferHost MatchAllPlayersLoaded MatchPlayerFailed MatchComplete MatchSkip
        ChannelJoinSuccess ChannelAvailable ChannelRevoked ChannelAvailableAutojoin BeatmapInfoReply
        LoginPermissions FriendsList ProtocolNegotiation TitleUpdate Monitor MatchPlayerSkipped UserPresence Restart
        Invite ChannelInfoComplete MatchChangePassword SilenceInfo UserSilenced UserPresenceSingle
        UserPresenceBundle UserDmsBlocked TargetIsSilenced VersionUpdateForced SwitchServer AccountRestricted RTX
        MatchAbort SwitchTournamentServer IrcJoin
    }
    (overrides, count, [writes, reads])
}

#[test]
fn overrides_with_the_librarys_layouts_change_nothing() {
    let (overrides, count, [writes, reads]) = same_layouts();
    assert_eq!(count, client::PACKETS.len() + server::PACKETS.len());
    let mut packets = 0;
    for session in sessions() {
        let (version, side) = (session.version, session.side);
        let mut bytes = BytesMut::from(&session.bytes[..]);
        let mut codec = Codec::reading(side, version).with_overrides(&overrides);
        while let Some(frame) = codec.next_packet(&mut bytes) {
            let frame = frame.unwrap();
            let (id, payload) = (frame.wire_id(), frame.payload());
            let (mut out, mut buffer) = (vec![0; 1 << 16], vec![0; 1 << 16]);
            let mut out = FrameWriter::new(version, &mut out).with_overrides(&overrides);
            let mut plain = FrameWriter::new(version, &mut buffer);
            match side {
                Side::Client => {
                    let packet = client::Packet::decode(version, id, payload).unwrap();
                    assert_eq!(frame.client(), Ok(packet), "{}", session.name);
                    out.write_frame(&packet).unwrap();
                    plain.write_frame(&packet).unwrap();
                }
                Side::Server => {
                    let packet = server::Packet::decode(version, id, payload).unwrap();
                    assert_eq!(frame.server(), Ok(packet), "{}", session.name);
                    out.write_frame(&packet).unwrap();
                    plain.write_frame(&packet).unwrap();
                }
            }
            assert_eq!(out.written(), plain.written(), "{}", session.name);
            packets += 1;
        }
    }
    assert!(packets > 1500, "{packets}");
    assert_eq!([writes, reads].map(|calls| calls.load(Ordering::Relaxed)), [packets; 2]);
}
