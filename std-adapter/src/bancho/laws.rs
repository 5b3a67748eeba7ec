//! Properties of the codec: those of the [core](lobbywire_core::bancho::laws), and those that allocate.
//!
//! Each function accepts any input and returns the property that it violates. They are for tests, fuzz
//! targets and dependent projects.
//!
//! ```
//! use lobbywire::bancho::{Side, Version, laws};
//!
//! let outcome = laws::owned_packet(Version::LATEST, Side::Client, 4, b"").unwrap();
//! assert_eq!(outcome, laws::Outcome::Held);
//! laws::transcoding(Version::LATEST, Version::OLDEST, Side::Client, 1, b"anything at all").unwrap();
//! ```

use super::login::{ClientHash, Credential, LoginRequest, LoginWriteError, VersionString};
use super::outbox::append;
use super::{
    AsBorrowed, Bridge, Change, Codec, Encode, IntoOwned, MemoryLimits, Options, Outbox, Side, TextMode,
    TranscodeError, Transcoder, Version, client, map_text, owned, repair_text, server, to_json,
};
use crate::wire::{AnySink, Error, ErrorKind, Inflater, SliceSink, TextMap, read_uleb128, write_text};
use bytes::BytesMut;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::io::Read;

pub use lobbywire_core::bancho::laws::*;

/// The owned form of a packet equals the borrowed one: borrowed again, encoded, as JSON, and read from JSON.
/// Skipped if the payload cannot be decoded.
///
/// # Errors
/// The property that the input violates.
pub fn owned_packet(version: Version, side: Side, id: u16, payload: &[u8]) -> Result<Outcome, Broken> {
    let done = match side {
        Side::Client => client::Packet::decode(version, id, payload)
            .map(|packet| same_owned::<_, owned::client::Packet>(&packet, version)),
        Side::Server => server::Packet::decode(version, id, payload)
            .map(|packet| same_owned::<_, owned::server::Packet>(&packet, version)),
    };
    let shown = to_json(version, side, id, payload);
    match done {
        Err(error) if error.kind == ErrorKind::Utf8 || shown == Err(error) => Ok(Outcome::Skipped),
        Ok(done) if shown.is_ok() => done,
        _ => broken("to_json accepts what decode accepts", "any", version, 0),
    }
}

/// A payload with invalid text decodes lossily as the payload with its text repaired by
/// [`String::from_utf8_lossy`]. Transcoding keeps the bytes of its text: repaired afterwards, the result is that of transcoding
/// the repaired payload.
///
/// Skipped if all text is valid or something else is malformed, for more than 64 invalid strings, and if the payload is above
/// the limits of a connection.
///
/// # Errors
/// The property that the input violates.
pub fn any_text(from: Version, to: Version, side: Side, id: u16, payload: &[u8]) -> Result<Outcome, Broken> {
    let name = name_of(from, side, id);
    let broken = |law, at| broken(law, name, to, at);
    let mapped = |version, id, payload: &[u8], map| {
        let mut out = Vec::new();
        map_text(version, side, id, payload, map, &mut AnySink::new(&mut out)).map(|()| out)
    };
    let repaired = mapped(from, id, payload, TextMap::Repair);
    let Some(expected) = repaired_by_std(from, side, id, payload) else { return Ok(Outcome::Skipped) };
    let expected = match (repaired, expected) {
        (Ok(repaired), Ok(expected)) if repaired == expected => expected,
        (Err(TranscodeError::Malformed(error)), Err(expected)) if error.kind == expected.kind => {
            return Ok(Outcome::Skipped);
        }
        _ => return broken("text is repaired as by String::from_utf8_lossy", 0),
    };
    // Lengths may be encoded in fewer bytes afterwards.
    let escaped = mapped(from, id, payload, TextMap::Escape);
    let restored = escaped.and_then(|escaped| mapped(from, id, &escaped, TextMap::Restore));
    match restored.and_then(|restored| mapped(from, id, &restored, TextMap::Repair)) {
        Ok(repaired) if repaired == expected => {}
        _ => return broken("escaped text can be restored", 0),
    }
    if expected == payload {
        return Ok(Outcome::Skipped);
    }
    // Received in a frame.
    let mut out = Outbox::new(from);
    let writes = append(from, &out.options, &mut out.buffer, |writer| writer.write_payload(id, payload));
    let (mut options, frame) = (Options::reading(side), out.take());
    if writes.is_err() {
        return Ok(Outcome::Skipped);
    }
    let read = |options| {
        let mut codec = Codec::reading(side, from).with_options(options);
        codec.next_packet(&mut BytesMut::from(&frame[..]))
    };
    let Some(Ok(received)) = read(options) else { return Ok(Outcome::Skipped) };
    let (shown, expected_packet) = match side {
        Side::Client => {
            let expected = client::Packet::decode(from, id, &expected);
            (
                received.client().map(|packet| format!("{packet:?}")),
                expected.map(|packet| format!("{packet:?}")),
            )
        }
        Side::Server => {
            let expected = server::Packet::decode(from, id, &expected);
            (
                received.server().map(|packet| format!("{packet:?}")),
                expected.map(|packet| format!("{packet:?}")),
            )
        }
    };
    if shown.ok() != expected_packet.ok() || received.payload() != payload || received.frame() != &frame {
        return broken("a packet with invalid text is received as with repaired text", 0);
    }
    options.text = TextMode::Strict;
    let rejected = read(options).and_then(Result::ok).map(|received| match side {
        Side::Client => received.client().err().map(|error| error.kind()),
        Side::Server => received.server().err().map(|error| error.kind()),
    });
    if rejected != Some(Some(ErrorKind::Utf8)) {
        return broken("strict reading rejects invalid text", 0);
    }
    // Transcoded, and repaired afterwards.
    let transcoder = Transcoder::new(side, from, to);
    let transcode = |payload: &[u8]| {
        let (mut inflater, mut scratch) = (Inflater::new(), vec![0; 32 * payload.len() + (16 << 10)]);
        let mut bytes = vec![0; payload.len() + 128];
        let mut writer = super::FrameWriter::new(from, &mut bytes);
        writer.write_payload(id, payload)?;
        let Some(Ok(frame)) = super::Frames::new(from, side, writer.written()).next() else {
            return Err(TranscodeError::Full);
        };
        transcoded(side, to, payload.len(), |out, report| {
            transcoder.frame(&frame, &mut inflater, &mut scratch, out, report)
        })
    };
    let (Ok((kept, changes)), Ok((sent, expected_changes))) = (transcode(payload), transcode(&expected))
    else {
        return Ok(Outcome::Skipped);
    };
    let kept: Option<Payloads> = kept
        .into_iter()
        .map(|(id, payload)| Some((id, mapped(to, id, &payload, TextMap::Repair).ok()?)))
        .collect();
    if kept != Some(sent) || changes != expected_changes {
        return broken("transcoding keeps the bytes of text", 0);
    }
    Ok(Outcome::Held)
}

/// The payload with each string repaired that decoding rejects, or another error; `None` if there are too many strings.
fn repaired_by_std(version: Version, side: Side, id: u16, payload: &[u8]) -> Option<Result<Vec<u8>, Error>> {
    let mut repaired = payload.to_vec();
    for _ in 0..64 {
        let decoded = match side {
            Side::Client => client::Packet::decode(version, id, &repaired).map(drop),
            Side::Server => server::Packet::decode(version, id, &repaired).map(drop),
        };
        let error = match decoded {
            Ok(()) => return Some(Ok(repaired)),
            Err(error) if error.kind == ErrorKind::Utf8 => error,
            Err(error) => return Some(Err(error)),
        };
        let (start, rest) = repaired.split_at_checked(error.offset as usize)?;
        let (len, prefix) = read_uleb128(rest.get(1..)?).ok()?;
        let (text, rest) = rest.get(1 + prefix..)?.split_at_checked(len as usize)?;
        let mut next = start.to_vec();
        write_text(&mut next, &String::from_utf8_lossy(text)).ok()?;
        next.extend_from_slice(rest);
        repaired = next;
    }
    None
}

fn broken<T>(law: &'static str, packet: &'static str, version: Version, at: usize) -> Result<T, Broken> {
    Err(Broken { law, packet, version, at })
}

fn same_owned<B, O>(packet: &B, version: Version) -> Result<Outcome, Broken>
where
    B: Encode + IntoOwned<Owned = O> + Serialize + Clone + Debug,
    O: Encode + Debug + Serialize + DeserializeOwned,
    O: for<'a> AsBorrowed<Borrowed<'a>: Debug>,
{
    let name = packet.packet_info().name;
    let broken = |law| broken(law, name, version, 0);
    let owned = packet.clone().into_owned();
    // Debug output, because NaN does not equal itself.
    if format!("{:?}", owned.as_borrowed()) != format!("{packet:?}") {
        return broken("an owned packet borrows as the packet it was made from");
    }
    let frames = frames_of(version, packet);
    if frames_of(version, &owned) != frames {
        return broken("an owned packet is written as the borrowed one");
    }
    if owned.first_unrepresentable(version) != packet.first_unrepresentable(version) {
        return broken("an owned packet is representable exactly if the borrowed one is");
    }
    let (Ok(json), Ok(own)) = (serde_json::to_string(packet), serde_json::to_string(&owned)) else {
        return broken("every packet serializes to JSON");
    };
    if json != own {
        return broken("an owned packet serializes as the borrowed one");
    }
    match serde_json::from_str::<O>(&json) {
        Ok(read) if format!("{read:?}") == format!("{owned:?}") && frames_of(version, &read) == frames => {
            Ok(Outcome::Held)
        }
        _ => broken("a packet is read back from its JSON"),
    }
}

/// Encodes a packet to frames.
fn frames_of(version: Version, packet: &impl Encode) -> BytesMut {
    let mut out = Outbox::new(version);
    // A packet that is too long is so in both forms.
    let _ = out.write(packet);
    out.take().into()
}

/// A payload transcoded to another version and back is the same unless a change was reported. A strict transcoder
/// rejects it exactly if a change is reported. Payloads that are copied are what decoding and encoding them returns.
///
/// Skipped if the payload cannot be decoded, or does not fit into the buffer of the transcoder.
///
/// # Errors
/// The property that the input violates.
pub fn transcoding(
    from: Version,
    to: Version,
    side: Side,
    id: u16,
    payload: &[u8],
) -> Result<Outcome, Broken> {
    let name = name_of(from, side, id);
    let broken = |law, at| broken(law, name, to, at);
    // Only a canonical payload is expected back.
    let canonical = match side {
        Side::Client => client::Packet::decode(from, id, payload).map(|packet| encoded(from, &packet)),
        Side::Server => server::Packet::decode(from, id, payload).map(|packet| encoded(from, &packet)),
    };
    let Ok(canonical) = canonical else { return Ok(Outcome::Skipped) };
    let (there, mut changes) = match transcode(side, from, to, id, &canonical, false) {
        Ok(done) => done,
        Err(TranscodeError::Full) => return Ok(Outcome::Skipped),
        Err(_) => return broken("a packet that was written can be transcoded", 0),
    };
    match transcode(side, from, to, id, &canonical, true) {
        Ok((frames, _)) if changes.is_empty() && frames == there => {}
        Err(TranscodeError::Changed(change)) if changes.first() == Some(&change) => {}
        _ => return broken("a strict transcoder rejects a packet exactly if a change is reported", 0),
    }
    let transcoder = Transcoder::new(side, from, to);
    // Copying also keeps what a server would not send to its own clients, such as scores that crash them.
    let is_unchanged_by_writer =
        || Ok(&(vec![(id, canonical.clone())], vec![])) == reread(side, from, from, id, &canonical).as_ref();
    if transcoder.is_copied(id) && from != to && is_unchanged_by_writer() {
        let reread = reread(side, from, to, id, &canonical);
        if reread.as_ref() != Ok(&(there.clone(), changes.clone())) {
            return broken("a copied payload is what decoding and encoding it returns", 0);
        }
    }
    // The frame, twice. Frames above the limits are not split.
    let (mut bytes, mut scratch) = (vec![0; 4 * canonical.len() + 128], vec![0; canonical.len()]);
    let mut two = super::FrameWriter::new(from, &mut bytes);
    if two.write_payload(id, &canonical).is_ok()
        && two.write_payload(id, &canonical).is_ok()
        && let Some(Ok(frame)) = super::Frames::new(from, side, two.written()).next()
    {
        let (mut inflater, mut once) = (Inflater::new(), Vec::new());
        let framed = transcoded(side, to, canonical.len(), |out, report| {
            let count = transcoder.frame(&frame, &mut inflater, &mut scratch, out, report);
            once = out.written().to_vec();
            count
        });
        if framed.as_ref() != Ok(&(there.clone(), changes.clone())) {
            return broken("a frame is transcoded as its packet", 0);
        }
        // Into a buffer for one, so that the other has to wait.
        let (mut frames, mut room, mut got) =
            (super::Frames::new(from, side, two.written()), once.clone(), Vec::new());
        let mut pass = || {
            let mut out = super::FrameWriter::new(to, &mut room);
            let done = transcoder.frames(&mut frames, &mut inflater, &mut scratch, &mut out, &mut |_| ());
            got.extend_from_slice(out.written());
            done.map(drop)
        };
        let first = if once.is_empty() { Ok(()) } else { Err(TranscodeError::Full) };
        if (pass(), pass()) != (first, Ok(())) || got != once.repeat(2) {
            return broken("frames are transcoded as each of them", got.len());
        }
    }
    let mut nowhere = super::FrameWriter::new(to, &mut []);
    match transcoder.packet(id, &canonical, &mut nowhere, &mut |_| ()) {
        Ok(0) if there.is_empty() => {}
        Err(TranscodeError::Full) if !there.is_empty() => {}
        _ => {
            return broken(
                "a transcoder without a buffer returns Full if there is something to write",
                there.len(),
            );
        }
    }
    let mut back = Vec::new();
    for (id, payload) in &there {
        match transcode(side, to, from, *id, payload, false) {
            Ok((frames, more)) => {
                back.extend(frames);
                changes.extend(more);
            }
            Err(TranscodeError::Full) => return Ok(Outcome::Skipped),
            Err(_) => return broken("a transcoded packet can be read", back.len()),
        }
    }
    if changes.is_empty() && !back.iter().map(normal_sender).eq([normal_sender(&(id, canonical))]) {
        return broken(
            "a packet transcoded there and back is unchanged unless a change is reported",
            back.len(),
        );
    }
    Ok(Outcome::Held)
}

/// Wire ids with inflated payloads.
type Payloads = Vec<(u16, Vec<u8>)>;

/// As [`transcode`], but always decodes and encodes the packet.
fn reread(
    side: Side,
    from: Version,
    to: Version,
    id: u16,
    payload: &[u8],
) -> Result<(Payloads, Vec<Change>), TranscodeError> {
    let transcoder = Transcoder::new(side, from, to);
    transcoded(side, to, payload.len(), |out, report| {
        Ok(match side {
            Side::Client => {
                let packet = client::Packet::decode(from, id, payload).map_err(TranscodeError::Malformed)?;
                transcoder.client(&packet, out, report)?
            }
            Side::Server => {
                let packet = server::Packet::decode(from, id, payload).map_err(TranscodeError::Malformed)?;
                transcoder.server(&packet, out, report)?
            }
        })
    })
}

fn transcode(
    side: Side,
    from: Version,
    to: Version,
    id: u16,
    payload: &[u8],
    is_strict: bool,
) -> Result<(Payloads, Vec<Change>), TranscodeError> {
    let transcoder = Transcoder::new(side, from, to);
    transcoded(side, to, payload.len(), |out, report| {
        if is_strict {
            transcoder.strict(id, payload, out)
        } else {
            transcoder.packet(id, payload, out, report)
        }
    })
}

/// The frames written for a payload of `len` bytes, and the reported changes.
fn transcoded(
    side: Side,
    to: Version,
    len: usize,
    write: impl FnOnce(&mut super::FrameWriter<'_>, &mut dyn FnMut(Change)) -> Result<usize, TranscodeError>,
) -> Result<(Payloads, Vec<Change>), TranscodeError> {
    let (mut buffer, mut changes) = (vec![0; 2 * len + (4 << 10)], Vec::new());
    let mut out = super::FrameWriter::new(to, &mut buffer);
    write(&mut out, &mut |change| changes.push(change))?;
    Ok((payloads(to, side, out.written()), changes))
}

/// The payloads of all well-formed frames.
fn payloads(version: Version, side: Side, frames: &[u8]) -> Payloads {
    let (mut codec, mut frames) = (Codec::reading(side, version), BytesMut::from(frames));
    std::iter::from_fn(|| codec.next_packet(&mut frames))
        .flatten()
        .map(|received| (received.wire_id(), received.payload().to_vec()))
        .collect()
}

/// Replaces a sender id of −1 at the end of a payload by 0, which means the same.
fn normal_sender((id, payload): &(u16, Vec<u8>)) -> (u16, Vec<u8>) {
    let mut payload = payload.clone();
    if let Some(sender_id) = payload.last_chunk_mut::<4>()
        && *sender_id == [0xff; 4]
    {
        *sender_id = [0; 4];
    }
    (*id, payload)
}

fn encoded(version: Version, packet: &impl Encode) -> Vec<u8> {
    let mut bytes = vec![0; packet.encoded_len(version)];
    // The buffer has the encoded length.
    let _ = packet.encode(version, &mut SliceSink::new(&mut bytes));
    bytes
}

fn name_of(version: Version, side: Side, id: u16) -> &'static str {
    super::explain(version, side, id, &[]).0
}

/// Passes two streams through a [`Bridge`], in alternating pieces of the lengths that `pieces` returns. The bridge
/// respects its memory limits, and its peers can read what it writes. Skipped if it receives no frame.
///
/// # Errors
/// The property that the input violates.
pub fn bridge<'b>(
    (from_client, from_server): (Version, Version),
    mut client: &'b [u8],
    mut server: &'b [u8],
    mut pieces: impl FnMut() -> usize,
) -> Result<Outcome, Broken> {
    let mut outcome = Outcome::Skipped;
    let limits = MemoryLimits { users: 4, texts: 64 };
    let mut bridge = Bridge::new(from_client, from_server).with_memory(limits);
    let mut ends = [Side::Client, Side::Server].map(|side| {
        let version = if side == Side::Client { from_client } else { from_server };
        (Codec::reading(side, version), BytesMut::new(), Outbox::new(version))
    });
    while !(client.is_empty() && server.is_empty()) {
        for (end, rest) in [&mut client, &mut server].into_iter().enumerate() {
            let (piece, more) = rest.split_at(pieces().clamp(1, 1 << 12).min(rest.len()));
            *rest = more;
            let [first, second] = &mut ends;
            let (here, there) = if end == 0 { (first, second) } else { (second, first) };
            here.1.extend_from_slice(piece);
            while let Some(received) = here.0.next_packet(&mut here.1) {
                let Ok(received) = received else { continue };
                outcome = Outcome::Held;
                // Malformed packets and full buffers are left to the caller.
                let _ = bridge.pass(&received, &mut there.2, Some(&mut here.2), &mut |_| ());
                if bridge.bytes_remembered() > limits.most_bytes() {
                    let remembered = bridge.bytes_remembered();
                    return broken(
                        "a bridge respects its memory limits",
                        received.name(),
                        from_client,
                        remembered,
                    );
                }
            }
        }
    }
    for ((_, _, mut out), side) in ends.into_iter().zip([Side::Server, Side::Client]) {
        let version = out.version();
        for (id, payload) in payloads(version, side, &out.take()) {
            // Text keeps its bytes, also if they are not UTF-8.
            let mut repaired = Vec::new();
            let is_read = match repair_text(version, side, id, &payload, &mut repaired) {
                Err(_) => false,
                Ok(()) => match side {
                    Side::Client => client::Packet::decode(version, id, &repaired).is_ok(),
                    Side::Server => server::Packet::decode(version, id, &repaired).is_ok(),
                },
            };
            // Between equal versions it passes on packets without decoding them.
            if !is_read && from_client != from_server {
                return broken("packets from a bridge can be read", name_of(version, side, id), version, 0);
            }
        }
    }
    Ok(outcome)
}

/// Inflates the input, as a gzip member, into a buffer of `room` bytes. The result is the same as flate2's, and the
/// buffer is not exceeded. The input compressed by flate2 can be inflated.
///
/// # Errors
/// The property that the input violates.
pub fn inflate(bytes: &[u8], room: usize) -> Result<Outcome, Broken> {
    let broken = |law, at| broken(law, "gzip", Version::OLDEST, at);
    let mut inflater = Inflater::new();
    let mut inflated = |member: &[u8], room: usize| {
        const POISON: u8 = 0xa5;
        let mut memory = vec![POISON; room + 8];
        let (output, after) = memory.split_at_mut(room);
        let done = inflater.inflate(member, output).map(|len| output.get(..len).map(<[u8]>::to_vec));
        (done, after.iter().all(|byte| *byte == POISON))
    };
    let (done, is_within) = inflated(bytes, room);
    if !is_within {
        return broken("bytes after the buffer are untouched", room);
    }
    if let Ok(ours) = done {
        let (mut theirs, mut decoder) = (Vec::new(), flate2::bufread::GzDecoder::new(bytes));
        let read = decoder.by_ref().take(u64::MAX).read_to_end(&mut theirs);
        // Bancho sends an empty payload as no bytes at all. The optional checksum of the header is skipped, as in
        // Python and .NET.
        let is_lenient = bytes.is_empty() || bytes.get(3).is_some_and(|flags| flags & 2 != 0);
        let is_same = read.is_ok() && ours.as_deref() == Some(&theirs[..]) && decoder.into_inner().is_empty();
        if !is_same && !is_lenient {
            return broken("the inflater and flate2 return the same bytes", theirs.len());
        }
    }
    let mut member = Vec::new();
    let compressed =
        flate2::bufread::GzEncoder::new(bytes, flate2::Compression::fast()).read_to_end(&mut member);
    let is_compressed = compressed.is_ok();
    match inflated(&member, bytes.len() + 1) {
        (Ok(ours), true) if ours.as_deref() == Some(bytes) => {}
        _ if is_compressed => return broken("input compressed by flate2 can be inflated", member.len()),
        _ => {}
    }
    let Some(short) = bytes.len().checked_sub(1) else { return Ok(Outcome::Held) };
    match inflated(&member, short) {
        (Err(error), true) if error.kind == ErrorKind::InflatedTooLarge => Ok(Outcome::Held),
        _ => broken("a member larger than the buffer is rejected", short),
    }
}

/// Reads the input as a login over TCP and over HTTP. A login is read back as it was written; a truncated one is
/// incomplete; the offset of an error is within the input. The input is also split into fields of a login to write.
///
/// Held if the input is a login.
///
/// # Errors
/// The property that the input violates.
pub fn login(bytes: &[u8]) -> Result<Outcome, Broken> {
    let broken = |law, at| broken(law, "login", Version::OLDEST, at);
    let tcp = LoginRequest::parse_tcp(bytes);
    let http = LoginRequest::parse_http(bytes);
    for error in [tcp.err(), http.err()].into_iter().flatten() {
        let offset = usize::try_from(error.offset).unwrap_or(usize::MAX);
        if offset > bytes.len() {
            return broken("the offset of an error is within the input", offset);
        }
    }
    let is_login = matches!(tcp, Ok(Some(_))) || http.is_ok();
    for (login, consumed) in [tcp.ok().flatten(), http.ok()].into_iter().flatten() {
        if consumed > bytes.len() {
            return broken("a login is within the input", consumed);
        }
        // A carriage return within a line is read, and cannot be written.
        let has_stray = bytes[..consumed].split(|byte| *byte == b'\n').any(|line| {
            let len = line.iter().rposition(|byte| !b" \t\r".contains(byte)).map_or(0, |last| last + 1);
            line[..len].contains(&b'\r')
        });
        if written_login(&login)?.is_none() && !has_stray {
            return broken("a login that was read can be written", consumed);
        }
        if let Some(hash) = login.client_hash {
            let parts = [hash.adapters(), hash.adapters_md5(), hash.uninstall_md5(), hash.disk_md5()];
            let parts_len =
                parts.iter().flatten().fold(hash.executable_md5().len(), |len, part| len + 1 + part.len());
            let adapters = hash.adapter_addresses().map(|address| address.len() + 1).sum::<usize>();
            let is_within = adapters <= hash.adapters().map_or(0, |adapters| adapters.len() + 1);
            if parts_len > hash.0.len() || !is_within || (hash.is_wine() && (adapters > 0 || !hash.is_list()))
            {
                return broken("the parts of a client hash are within it", parts_len);
            }
        }
    }
    if let Ok(Some((_, consumed))) = tcp {
        for cut in 0..consumed {
            match LoginRequest::parse_tcp(&bytes[..cut]) {
                Ok(None) => {}
                _ => return broken("a truncated login is incomplete", cut),
            }
        }
    }
    // The input as the fields of a login that is only written.
    let text = String::from_utf8_lossy(bytes);
    let mut fields = text.split('|');
    let mut next = || fields.next().unwrap_or("");
    let Ok(version) = VersionString::parse("b20130815.3cuttingedge") else {
        return broken("a version string can be parsed", 0);
    };
    let login = LoginRequest {
        client_hash: Some(ClientHash(next())).filter(|hash| !hash.0.is_empty()),
        extra: next(),
        display_city: Some(bytes.len().is_multiple_of(2)),
        ..LoginRequest::new(next(), ClientHash::UNKNOWN_MD5, version)
    };
    written_login(&login)?;
    let field = next();
    written_login(&LoginRequest { credential: Credential::PasswordMd5(field), ..login })?;
    written_login(&LoginRequest::with_oauth_token(field, version))?;
    Ok(if is_login { Outcome::Held } else { Outcome::Skipped })
}

/// A login is read back as it was written. Returns its length over TCP, or `None` if it cannot be written.
fn written_login(login: &LoginRequest<'_>) -> Result<Option<usize>, Broken> {
    let broken = |law, at| broken(law, "login", Version::OLDEST, at);
    let mut lens = [0; 2];
    for (is_http, len) in [false, true].into_iter().zip(&mut lens) {
        let write =
            |sink: &mut SliceSink<'_>| if is_http { login.write_http(sink) } else { login.write_tcp(sink) };
        let fields = [login.username, login.credential.as_str(), login.version.as_str(), login.extra];
        let hash = login.client_hash.map_or(0, |hash| hash.0.len());
        let mut written = vec![0; fields.map(str::len).iter().sum::<usize>() + hash + 64];
        let room = written.len();
        let mut sink = SliceSink::new(&mut written);
        match write(&mut sink) {
            Ok(()) => *len = room - sink.room(),
            Err(LoginWriteError::Full) => {
                return broken("a login is no longer than its fields and 64 bytes", room);
            }
            Err(_) if sink.room() == room => return Ok(None),
            Err(_) => return broken("nothing is written of a login that cannot be written", room),
        }
        let text = &written[..*len];
        // Fields that are only written can be longer than the default limit.
        let limit = len.saturating_add(1);
        let again = if is_http {
            LoginRequest::parse_http_within(text, limit).ok()
        } else {
            LoginRequest::parse_tcp_within(text, limit).ok().flatten()
        };
        if again != Some((*login, *len)) {
            return broken("a login is read back as it was written", *len);
        }
        let short = len.saturating_sub(1);
        if write(&mut SliceSink::new(&mut vec![0; short])) != Err(LoginWriteError::Full) {
            return broken("a buffer that is too short is rejected", short);
        }
    }
    let [tcp, http] = lens;
    if tcp == http + 3 {
        Ok(Some(tcp))
    } else {
        broken("a login over TCP has three carriage returns more", tcp)
    }
}

/// A [`Codec`] reads as many frames as an [`Outbox`] has written for a packet. Skipped if the packet cannot be written,
/// or is larger than a reader accepts.
///
/// # Errors
/// The property that the packet violates.
pub fn written(version: Version, packet: &impl Encode, compresses: bool) -> Result<Outcome, Broken> {
    let info = packet.packet_info();
    let mut options = Options::reading(info.side);
    options.compresses = compresses;
    let mut out = Outbox::new(version).with_options(options);
    let Ok(frames) = out.write(packet) else { return Ok(Outcome::Skipped) };
    let mut codec = Codec::reading(info.side, version);
    let mut bytes = BytesMut::from(out.take());
    let mut read = 0;
    while let Some(received) = codec.next_packet(&mut bytes) {
        match received {
            Ok(_) => read += 1,
            // Writers accept more than readers.
            Err(error) if error.kind() == ErrorKind::FrameTooLarge => return Ok(Outcome::Skipped),
            Err(_) => return broken("a frame that was written can be read", info.name, version, read),
        }
    }
    match read == frames {
        true if frames == 0 => Ok(Outcome::Skipped),
        true => Ok(Outcome::Held),
        false => broken("write returns the number of frames written", info.name, version, read),
    }
}
