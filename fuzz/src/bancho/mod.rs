//! Targets for osu! Bancho.
//!
//! An input starts with the version, one byte, which counts the 75 classes from the oldest; what follows
//! is said with each target.

mod chat_links;
mod custom_payload;
mod names;
mod questions;
mod scores;
mod seeds;

pub use chat_links::chat_links;
pub use custom_payload::custom_payload;
pub use names::names;
pub use scores::scores;

use crate::{Family, Target, pieces, wire};
use arbitrary::{Arbitrary, Unstructured};
use lobbywire::bancho::laws::{self, Broken, Buffers};
use lobbywire::bancho::{FrameDecoder, Frames, Limits, Side, Version, client, explain, server};
use lobbywire::wire::{Error, ErrorKind, Inflater};
use std::cell::RefCell;

macro_rules! targets {
    ($($name:ident),+ $(,)?) => {
        const TARGETS: &[Target] = &[$((stringify!($name), $name)),+];
    };
}

targets!(
    client_payload,
    server_payload,
    client_packet,
    server_packet,
    client_stream,
    server_stream,
    transcoding,
    bridge,
    json,
    inflate,
    login,
    bancho_packets,
    custom_payload,
    chat_links,
    names,
    scores,
);

pub(crate) const FAMILY: Family = Family { name: "bancho", targets: TARGETS, seeds: seeds::seeds };

/// The version that an input is for, and the rest of it.
pub fn version_of(input: &[u8]) -> Option<(Version, &[u8])> {
    let (number, rest) = input.split_first()?;
    let count = Version::all().count();
    Some((Version::all().nth(usize::from(*number) % count)?, rest))
}

/// The byte that stands for a version.
pub fn number_of(version: Version) -> u8 {
    Version::all().position(|known| known == version).and_then(|at| at.try_into().ok()).unwrap_or(0)
}

/// An id on the wire, and the rest.
fn id_of(input: &[u8]) -> Option<(u16, &[u8])> {
    let (id, rest) = input.split_first_chunk()?;
    Some((u16::from_le_bytes(*id), rest))
}

#[track_caller]
fn hold(law: Result<(), Broken>) {
    if let Err(broken) = law {
        panic!("{broken}");
    }
}

fn with_buffers<T>(look: impl FnOnce(&mut Buffers<'_>) -> T) -> T {
    thread_local! {
        static MEMORY: RefCell<(Vec<u8>, Vec<u8>)> = RefCell::new((vec![0; 1 << 15], vec![0; 1 << 15]));
    }
    MEMORY.with_borrow_mut(|(first, second)| look(&mut Buffers { first, second }))
}

fn payload(side: Side, input: &[u8]) {
    let Some((version, rest)) = version_of(input) else { return };
    let Some((id, payload)) = id_of(rest) else { return };
    hold(with_buffers(|buffers| laws::payload(version, side, id, payload, buffers)));
    // What is damaged is a field, or the packet where that is one value.
    if let (_, Some(path)) = explain(version, side, id, payload) {
        assert_eq!(path.is_empty(), path.to_string().is_empty());
    }
}

/// An id and a payload that a client sends: [`laws::payload`].
pub fn client_payload(input: &[u8]) {
    payload(Side::Client, input);
}

/// An id and a payload that a server sends: [`laws::payload`].
pub fn server_payload(input: &[u8]) {
    payload(Side::Server, input);
}

/// A packet of a client, made by `arbitrary` from what follows: [`laws::client_packet`], and
/// [`laws::written`] on the way through a writer and a reader; what can be asked of it is answered.
pub fn client_packet(input: &[u8]) {
    let Some((version, rest)) = version_of(input) else { return };
    let Ok(packet) = client::Packet::arbitrary(&mut Unstructured::new(rest)) else { return };
    hold(with_buffers(|buffers| laws::client_packet(version, &packet, buffers)));
    hold(laws::written(version, &packet, true));
    questions::of_client(&packet);
    questions::of_writer(version, &packet, input.len() % 64);
}

/// A packet of a server, as [`client_packet`].
pub fn server_packet(input: &[u8]) {
    let Some((version, rest)) = version_of(input) else { return };
    let Ok(packet) = server::Packet::arbitrary(&mut Unstructured::new(rest)) else { return };
    hold(with_buffers(|buffers| laws::server_packet(version, &packet, buffers)));
    hold(laws::written(version, &packet, true));
    hold(with_buffers(|buffers| laws::lenient(version, &packet, buffers)).map(|_| ()));
    questions::of_server(version, &packet);
    questions::of_writer(version, &packet, input.len() % 64);
}

/// Reads a stream packet by packet, as it is there as a whole, and as it comes into a decoder's own room.
macro_rules! packets_alike {
    ($side:ident, $Side:expr, $version:expr, $bytes:expr) => {{
        let (version, mut rest): (Version, &[u8]) = ($version, $bytes);
        let mut limits = Limits::from($Side);
        (limits.payload, limits.beatmap_info_payload) = (1 << 11, 1 << 12);
        let (mut whole_inflater, mut whole_scratch) = (Inflater::new(), vec![0; 1 << 14]);
        let mut whole = $side::packets(version, rest)
            .with_limits(limits)
            .with_scratch(&mut whole_inflater, &mut whole_scratch);
        let mut decoder = FrameDecoder::new(version, $Side, vec![0; 1 << 13]).with_limits(limits);
        assert_eq!((decoder.version(), *decoder.limits()), (version, limits));
        let (mut inflater, mut scratch) = (Inflater::new(), vec![0; 1 << 14]);
        loop {
            let room = decoder.room();
            let len = room.len().min(rest.len());
            room[..len].copy_from_slice(&rest[..len]);
            decoder.filled(len);
            rest = &rest[len..];
            loop {
                let (id, is_skipping) = (decoder.next_id(), decoder.is_passing_over());
                let Some(packet) = decoder.next_packet::<$side::Packet<'_>>(&mut inflater, &mut scratch)
                else {
                    break;
                };
                let one = packet.map(|packet| format!("{packet:?}")).map_err(|error| error.kind);
                assert!(id.is_some() || is_skipping || one.is_err());
                let other = whole.next().expect("as many as in the whole");
                let other = other.map(|packet| format!("{packet:?}")).map_err(|error| error.kind);
                // In the whole they are inflated one behind the other, until there is no room.
                assert!(one == other || other == Err(ErrorKind::InflatedTooLarge), "{one:?} is {other:?}");
            }
            assert!(decoder.frame_position() <= decoder.position());
            if len == 0 {
                break;
            }
        }
        let is_waiting = decoder.is_passing_over() || !decoder.is_between_frames();
        assert!(whole.next().is_none_or(|last| last.is_err() && is_waiting));
    }};
}

fn stream(side: Side, input: &[u8]) {
    let Some((version, rest)) = version_of(input) else { return };
    let Some((seed, bytes)) = rest.split_first() else { return };
    hold(with_buffers(|buffers| laws::stream(version, side, bytes, pieces(*seed), buffers)));
    let (mut inflater, mut scratch) = (Inflater::new(), vec![0; 1 << 12]);
    let frames = Frames::new(version, side, bytes);
    assert_eq!((frames.version(), frames.offset()), (version, 0));
    for frame in frames.flatten() {
        match (frame.plain_payload(), frame.payload(&mut inflater, &mut scratch)) {
            (Ok(plain), inflated) => assert_eq!(inflated, Ok(plain), "what is not compressed is as it is"),
            (Err(plain), Ok(_)) => assert_eq!(plain, Error::new(ErrorKind::Compressed, frame.header_len())),
            (Err(_), Err(damaged)) => wire::explained(damaged, frame.bytes.len()),
        }
    }
    match side {
        Side::Client => packets_alike!(client, Side::Client, version, bytes),
        Side::Server => packets_alike!(server, Side::Server, version, bytes),
    }
}

/// How the stream is cut, one byte, and frames of a client: [`laws::stream`].
pub fn client_stream(input: &[u8]) {
    stream(Side::Client, input);
}

/// How the stream is cut, one byte, and frames of a server: [`laws::stream`].
pub fn server_stream(input: &[u8]) {
    stream(Side::Server, input);
}

/// The version it goes to, the side, an id and a payload: [`laws::transcoding`].
pub fn transcoding(input: &[u8]) {
    let Some((from, rest)) = version_of(input) else { return };
    let Some((to, rest)) = version_of(rest) else { return };
    let Some((side, rest)) = side_of(rest) else { return };
    let Some((id, payload)) = id_of(rest) else { return };
    hold(laws::transcoding(from, to, side, id, payload));
}

/// Who has sent it: an even byte for a client.
fn side_of(input: &[u8]) -> Option<(Side, &[u8])> {
    let (side, rest) = input.split_first()?;
    Some((if side % 2 == 0 { Side::Client } else { Side::Server }, rest))
}

/// The server's version, how the streams are cut, how long the client's is (two bytes), and both streams:
/// [`laws::bridge`].
pub fn bridge(input: &[u8]) {
    let Some((client, rest)) = version_of(input) else { return };
    let Some((server, rest)) = version_of(rest) else { return };
    let Some((seed, rest)) = rest.split_first() else { return };
    let Some((len, bytes)) = id_of(rest) else { return };
    let (from_client, from_server) = bytes.split_at(bytes.len().min(len.into()));
    hold(laws::bridge((client, server), from_client, from_server, pieces(*seed)));
}

/// The side, an id and a payload, as an owned packet and as JSON: [`laws::owned_packet`]. What starts with a brace
/// is read as JSON itself, and what can be read is read again as it was.
pub fn json(input: &[u8]) {
    let Some((version, rest)) = version_of(input) else { return };
    if rest.starts_with(b"{") {
        read_json::<lobbywire::bancho::owned::client::Packet>(rest);
        read_json::<lobbywire::bancho::owned::server::Packet>(rest);
        // Packets of one value that borrow nothing are read without their names.
        if let Ok(line) = serde_json::from_slice::<serde_json::Value>(rest) {
            let data = line["data"].to_string();
            read_json::<client::PresenceRequestAll>(data.as_bytes());
            read_json::<client::Exit>(data.as_bytes());
            read_json::<client::Pong>(data.as_bytes());
            read_json::<server::LoginReply>(data.as_bytes());
        }
        return;
    }
    let Some((side, rest)) = side_of(rest) else { return };
    let Some((id, payload)) = id_of(rest) else { return };
    hold(laws::owned_packet(version, side, id, payload));
}

fn read_json<P>(json: &[u8])
where
    P: for<'de> serde::Deserialize<'de> + serde::Serialize + std::fmt::Debug,
{
    let Ok(packet) = serde_json::from_slice::<P>(json) else { return };
    let shown = serde_json::to_string(&packet).expect("every packet can be shown");
    let again: P = serde_json::from_str(&shown).expect("what is shown can be read");
    assert_eq!(format!("{again:?}"), format!("{packet:?}"), "read as it was from {shown}");
}

/// How much room there is (a byte, in 64 bytes), and a gzip member: [`laws::inflate`]. It has no version.
pub fn inflate(input: &[u8]) {
    let Some((room, member)) = input.split_first() else { return };
    hold(laws::inflate(member, 64 * usize::from(*room)));
}

/// What a client says before its first packet: [`laws::login`]. It has no version.
pub fn login(input: &[u8]) {
    hold(laws::login(input));
}

/// A payload as the crate `bancho-packets` reads it, of the newest version and without one: messages, score
/// frames and lists of ids, which it knows, are to it what they are to us.
pub fn bancho_packets(input: &[u8]) {
    use bancho_packets::{BanchoMessage, PayloadReader};

    let Some((kind, payload)) = input.split_first() else { return };
    match kind % 3 {
        0 => {
            // What we refuse they are not asked: a length of five bytes makes them panic.
            let Ok(ours) = decode::<server::Message<'_>>(payload) else { return };
            let Some(theirs) = PayloadReader::new(payload).read::<BanchoMessage>() else {
                // They know no marker of an empty string.
                assert!([ours.sender, ours.content, ours.target].contains(&""), "they can't read it");
                return;
            };
            assert_eq!((ours.sender, ours.content), (&*theirs.sender, &*theirs.content));
            assert_eq!((ours.target, ours.sender_id), (&*theirs.target, theirs.sender_id));
        }
        1 => {
            let Ok(ours) = decode::<server::MatchScoreUpdate<'_>>(payload) else { return };
            let theirs = PayloadReader::new(payload).read::<bancho_packets::ScoreFrame>();
            let theirs = theirs.expect("they read it too");
            assert_eq!((ours.time, ours.id, ours.hp), (theirs.timestamp, theirs.id, theirs.hp));
            assert_eq!((ours.total_300, ours.total_miss), (theirs.n300, theirs.miss));
            assert_eq!(ours.total_score, theirs.score.cast_unsigned());
            assert_eq!(ours.tag_byte, theirs.tag_byte);
            // Of a flag that is neither 0 nor 1 they make a no.
            assert!(ours.using_scorev2 || !theirs.score_v2);
        }
        _ => {
            let Ok(ours) = decode::<server::FriendsList<'_>>(payload) else { return };
            let theirs = PayloadReader::new(payload).read::<Vec<i32>>().expect("they read it too");
            assert!(ours.iter().eq(theirs));
        }
    }
}

fn decode<'a, P: lobbywire::bancho::Decode<'a>>(payload: &'a [u8]) -> Result<P, Error> {
    P::decode(Version::LATEST, payload)
}
