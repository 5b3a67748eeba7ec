//! The laws of the codec: those of the [core](lobbywire_core::bancho::laws), and those that take a heap.
//!
//! Each takes bytes from anywhere and says which law they break; tests, fuzz targets and dependent
//! projects hold the same ones.
//!
//! ```
//! use lobbywire::bancho::{Side, Version, laws};
//!
//! laws::twin(Version::LATEST, Side::Client, 1, b"anything at all").unwrap();
//! laws::transcoding(Version::LATEST, Version::OLDEST, Side::Client, 1, b"anything at all").unwrap();
//! ```

use super::login::{ClientHash, LoginRequest, LoginWriteError, MAX_LOGIN_LEN, VersionString};
use super::{
    AsBorrowed, Bridge, Codec, Encode, IntoOwned, Loss, MemoryLimits, Options, Outbox, Side, TranscodeError,
    Transcoder, Version, client, owned, server, to_json,
};
use crate::wire::{ErrorKind, Inflater, SliceSink};
use bytes::BytesMut;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::io::Read;

pub use lobbywire_core::bancho::laws::*;

/// A payload that can be read, and its owned twin: it is lent again, written, shown as JSON and read from
/// that, and is the same on every way.
///
/// # Errors
/// The law that is broken.
pub fn owned_packet(version: Version, side: Side, id: u16, payload: &[u8]) -> Result<(), Broken> {
    let done = match side {
        Side::Client => client::Packet::decode(version, id, payload)
            .map(|packet| twin_of::<_, owned::client::Packet>(&packet, version)),
        Side::Server => server::Packet::decode(version, id, payload)
            .map(|packet| twin_of::<_, owned::server::Packet>(&packet, version)),
    };
    let shown = to_json(version, side, id, payload);
    match done {
        Err(error) if shown == Err(error) => Ok(()),
        Ok(done) if shown.is_ok() => done,
        _ => broken("what can be read can be shown", "any", version, 0),
    }
}

fn broken<T>(law: &'static str, packet: &'static str, version: Version, at: usize) -> Result<T, Broken> {
    Err(Broken { law, packet, version, at })
}

fn twin_of<B, O>(packet: &B, version: Version) -> Result<(), Broken>
where
    B: Encode + IntoOwned<Owned = O> + Serialize + Clone + Debug,
    O: Encode + Debug + Serialize + DeserializeOwned,
    O: for<'a> AsBorrowed<Borrowed<'a>: Debug>,
{
    let name = packet.packet_info().name;
    let broken = |law| broken(law, name, version, 0);
    let owned = packet.clone().into_owned();
    // Text tells NaNs alike, which are not equal to themselves.
    if format!("{:?}", owned.as_borrowed()) != format!("{packet:?}") {
        return broken("an owned packet lends what it was made of");
    }
    let frames = frames_of(version, packet);
    if frames_of(version, &owned) != frames {
        return broken("an owned packet is written as the borrowed one");
    }
    if owned.first_unrepresentable(version) != packet.first_unrepresentable(version) {
        return broken("an owned packet loses what the borrowed one does");
    }
    let (Ok(json), Ok(own)) = (serde_json::to_string(packet), serde_json::to_string(&owned)) else {
        return broken("every packet can be shown");
    };
    if json != own {
        return broken("an owned packet is shown as the borrowed one");
    }
    match serde_json::from_str::<O>(&json) {
        Ok(read) if format!("{read:?}") == format!("{owned:?}") && frames_of(version, &read) == frames => {
            Ok(())
        }
        _ => broken("what is shown as JSON is read as it was"),
    }
}

/// The frames that a packet is written as.
fn frames_of(version: Version, packet: &impl Encode) -> BytesMut {
    let mut out = Outbox::new(version);
    // What is too long for it, is so for both.
    let _ = out.write(packet);
    out.take().into()
}

/// A payload that can be read, transcoded to another version and back: where nothing was reported lost it
/// is the same again, and a strict transcoder refuses it exactly where something was. What is copied is what
/// reading and writing it would give.
///
/// # Errors
/// The law that is broken.
pub fn transcoding(from: Version, to: Version, side: Side, id: u16, payload: &[u8]) -> Result<(), Broken> {
    let name = name_of(from, side, id);
    let broken = |law, at| broken(law, name, to, at);
    // What is not as a writer writes it is not expected back.
    let canonical = match side {
        Side::Client => client::Packet::decode(from, id, payload).map(|packet| encoded(from, &packet)),
        Side::Server => server::Packet::decode(from, id, payload).map(|packet| encoded(from, &packet)),
    };
    let Ok(canonical) = canonical else { return Ok(()) };
    let (there, mut losses) = match transcode(side, from, to, id, &canonical, false) {
        Ok(done) => done,
        Err(TranscodeError::Full) => return Ok(()),
        Err(_) => return broken("what was written can be transcoded", 0),
    };
    match transcode(side, from, to, id, &canonical, true) {
        Ok((frames, _)) if losses.is_empty() && frames == there => {}
        Err(TranscodeError::Lost(loss)) if losses.first() == Some(&loss) => {}
        _ => return broken("a strict transcoder refuses what would lose something, and nothing else", 0),
    }
    let transcoder = Transcoder::new(side, from, to);
    // What no server tells its own clients, such as a score at which they crash, is copied too.
    let is_told =
        || Ok(&(vec![(id, canonical.clone())], vec![])) == reread(side, from, from, id, &canonical).as_ref();
    if transcoder.is_copied(id) && from != to && is_told() {
        let reread = reread(side, from, to, id, &canonical);
        if reread.as_ref() != Ok(&(there.clone(), losses.clone())) {
            return broken("what is copied is what reading and writing it would give", 0);
        }
    }
    // Twice. A frame above the limits is none.
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
        if framed.as_ref() != Ok(&(there.clone(), losses.clone())) {
            return broken("a frame becomes what its packet does", 0);
        }
        // In room for one, so that the other has to wait.
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
            return broken("frames become what each of them does", got.len());
        }
    }
    let mut nowhere = super::FrameWriter::new(to, &mut []);
    match transcoder.packet(id, &canonical, &mut nowhere, &mut |_| ()) {
        Ok(0) if there.is_empty() => {}
        Err(error @ TranscodeError::Full) if !there.is_empty() && error.to_string().len() > 10 => {}
        _ => return broken("a transcoder without room says so, if it has something to write", there.len()),
    }
    let mut back = Vec::new();
    for (id, payload) in &there {
        match transcode(side, to, from, *id, payload, false) {
            Ok((frames, more)) => {
                back.extend(frames);
                losses.extend(more);
            }
            Err(TranscodeError::Full) => return Ok(()),
            Err(_) => return broken("what was transcoded can be read", back.len()),
        }
    }
    if losses.iter().any(|loss| !loss.to_string().contains(loss.packet)) {
        return broken("a loss names its packet", losses.len());
    }
    if losses.is_empty() && !back.iter().map(nobody).eq([nobody(&(id, canonical))]) {
        return broken("what comes back is what went, where no loss was reported", back.len());
    }
    Ok(())
}

/// Ids on the wire with inflated payloads.
type Payloads = Vec<(u16, Vec<u8>)>;

/// As [`transcode`], where the packet is read and written whatever it is.
fn reread(
    side: Side,
    from: Version,
    to: Version,
    id: u16,
    payload: &[u8],
) -> Result<(Payloads, Vec<Loss>), TranscodeError> {
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
) -> Result<(Payloads, Vec<Loss>), TranscodeError> {
    let transcoder = Transcoder::new(side, from, to);
    transcoded(side, to, payload.len(), |out, report| {
        if is_strict {
            transcoder.strict(id, payload, out)
        } else {
            transcoder.packet(id, payload, out, report)
        }
    })
}

/// What is written of a packet of so many bytes, and what is lost of it.
fn transcoded(
    side: Side,
    to: Version,
    len: usize,
    write: impl FnOnce(&mut super::FrameWriter<'_>, &mut dyn FnMut(Loss)) -> Result<usize, TranscodeError>,
) -> Result<(Payloads, Vec<Loss>), TranscodeError> {
    let (mut buffer, mut losses) = (vec![0; 2 * len + (4 << 10)], Vec::new());
    let mut out = super::FrameWriter::new(to, &mut buffer);
    write(&mut out, &mut |loss| losses.push(loss))?;
    Ok((payloads(to, side, out.written()), losses))
}

/// The frames in a stream, as far as they can be inflated.
fn payloads(version: Version, side: Side, frames: &[u8]) -> Payloads {
    let (mut codec, mut frames) = (Codec::reading(side, version), BytesMut::from(frames));
    std::iter::from_fn(|| codec.next_packet(&mut frames))
        .flatten()
        .map(|received| (received.id(), received.payload().to_vec()))
        .collect()
}

/// The payload with the id of nobody at its end always the same: −1 and 0 both stand for nobody.
fn nobody((id, payload): &(u16, Vec<u8>)) -> (u16, Vec<u8>) {
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
    // There is as much room as was counted.
    let _ = packet.encode(version, &mut SliceSink::new(&mut bytes));
    bytes
}

fn name_of(version: Version, side: Side, id: u16) -> &'static str {
    super::explain(version, side, id, &[]).0
}

/// Any bytes that come from the two ends of a [`Bridge`], in turns of as many bytes as `pieces` says: it
/// keeps to its bounds, and what it writes can be read by those whom it is for.
///
/// # Errors
/// The law that is broken.
pub fn bridge<'b>(
    (from_client, from_server): (Version, Version),
    mut client: &'b [u8],
    mut server: &'b [u8],
    mut pieces: impl FnMut() -> usize,
) -> Result<(), Broken> {
    let limits = MemoryLimits { users: 4, texts: 64 };
    let mut bridge = Bridge::new(from_client, from_server).with_memory(limits);
    let mut ends = [Side::Client, Side::Server].map(|side| {
        let version = if side == Side::Client { from_client } else { from_server };
        (Codec::reading(side, version), BytesMut::new(), Outbox::new(version))
    });
    while !(client.is_empty() && server.is_empty()) {
        for (end, rest) in [&mut client, &mut server].into_iter().enumerate() {
            let (piece, behind) = rest.split_at(pieces().clamp(1, 1 << 12).min(rest.len()));
            *rest = behind;
            let [first, second] = &mut ends;
            let (here, there) = if end == 0 { (first, second) } else { (second, first) };
            here.1.extend_from_slice(piece);
            while let Some(received) = here.0.next_packet(&mut here.1) {
                let Ok(received) = received else { continue };
                // FrameError packets and full buffers are the caller's affair.
                let _ = bridge.pass(&received, &mut there.2, Some(&mut here.2), &mut |_| ());
                if bridge.bytes_remembered() > limits.most_bytes() {
                    let remembered = bridge.bytes_remembered();
                    return broken("a bridge keeps to its bounds", received.name(), from_client, remembered);
                }
            }
        }
    }
    for ((_, _, mut out), side) in ends.into_iter().zip([Side::Server, Side::Client]) {
        let version = out.version();
        for (id, payload) in payloads(version, side, &out.take()) {
            let is_read = match side {
                Side::Client => client::Packet::decode(version, id, &payload).is_ok(),
                Side::Server => server::Packet::decode(version, id, &payload).is_ok(),
            };
            // Between equal versions it passes on what it does not look at.
            if !is_read && from_client != from_server {
                return broken("what a bridge writes can be read", name_of(version, side, id), version, 0);
            }
        }
    }
    Ok(())
}

/// Any bytes as a gzip member, and as what one is made of: what can be inflated is what flate2 makes of it,
/// and never more than there is room for; what flate2 has compressed can be inflated.
///
/// # Errors
/// The law that is broken.
pub fn inflate(bytes: &[u8], room: usize) -> Result<(), Broken> {
    let broken = |law, at| broken(law, "gzip", Version::OLDEST, at);
    let mut inflater = Inflater::new();
    let mut inflated = |member: &[u8], room: usize| {
        const POISON: u8 = 0xa5;
        let mut memory = vec![POISON; room + 8];
        let (output, behind) = memory.split_at_mut(room);
        let done = inflater.inflate(member, output).map(|len| output.get(..len).map(<[u8]>::to_vec));
        (done, behind.iter().all(|byte| *byte == POISON))
    };
    let (done, is_within) = inflated(bytes, room);
    if !is_within {
        return broken("nothing is written behind the end", room);
    }
    if let Ok(ours) = done {
        let (mut theirs, mut decoder) = (Vec::new(), flate2::bufread::GzDecoder::new(bytes));
        let read = decoder.by_ref().take(u64::MAX).read_to_end(&mut theirs);
        // To Bancho nothing is an empty payload; the checksum of a header, which nobody writes, is passed
        // over as in Python and .NET.
        let is_lax = bytes.is_empty() || bytes.get(3).is_some_and(|flags| flags & 2 != 0);
        let is_same = read.is_ok() && ours.as_deref() == Some(&theirs[..]) && decoder.into_inner().is_empty();
        if !is_same && !is_lax {
            return broken("what is inflated is what flate2 inflates", theirs.len());
        }
    }
    let mut member = Vec::new();
    let compressed =
        flate2::bufread::GzEncoder::new(bytes, flate2::Compression::fast()).read_to_end(&mut member);
    let is_compressed = compressed.is_ok();
    match inflated(&member, bytes.len() + 1) {
        (Ok(ours), true) if ours.as_deref() == Some(bytes) => {}
        _ if is_compressed => return broken("what flate2 has compressed is inflated", member.len()),
        _ => {}
    }
    // One byte too few is too few; none are not asked for.
    let Some(short) = bytes.len().checked_sub(1) else { return Ok(()) };
    match inflated(&member, short) {
        (Err(error), true) if error.kind == ErrorKind::InflatedTooLarge => Ok(()),
        _ => broken("more than there is room for is refused", short),
    }
}

/// Any bytes as a login: what can be read can be written, and is read again as it was, over TCP and HTTP;
/// a line that is not whole yet is no error that more bytes would mend; an error is in what was read.
///
/// # Errors
/// The law that is broken.
pub fn login(bytes: &[u8]) -> Result<(), Broken> {
    let broken = |law, at| broken(law, "login", Version::OLDEST, at);
    let tcp = LoginRequest::parse_tcp(bytes);
    let http = LoginRequest::parse_http(bytes);
    for error in [tcp.err(), http.err()].into_iter().flatten() {
        let (offset, said) = (usize::try_from(error.offset).unwrap_or(usize::MAX), error.to_string());
        if offset > bytes.len() || !said.contains(error.field.name()) || !said.contains(error.kind.message())
        {
            return broken("an error of a login says what is wrong with what was read", offset);
        }
    }
    for (login, consumed) in [tcp.ok().flatten(), http.ok()].into_iter().flatten() {
        if consumed > bytes.len() {
            return broken("a login takes no more than there is", consumed);
        }
        // A CR that ends no line is read as it is, and never written.
        let has_stray = bytes[..consumed].split(|byte| *byte == b'\n').any(|line| {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            line.contains(&b'\r')
        });
        if written_login(&login)?.is_none() && !has_stray {
            return broken("a login that was read can be written", consumed);
        }
        if let Some(hash) = login.client_hash {
            let parts = [hash.adapters(), hash.adapters_md5(), hash.uninstall_md5(), hash.disk_md5()];
            let said =
                parts.iter().flatten().fold(hash.executable_md5().len(), |len, part| len + 1 + part.len());
            let adapters = hash.adapter_addresses().map(|address| address.len() + 1).sum::<usize>();
            let is_within = adapters <= hash.adapters().map_or(0, |adapters| adapters.len() + 1);
            if said > hash.0.len() || !is_within || (hash.is_wine() && (adapters > 0 || !hash.is_list())) {
                return broken("the parts of a client hash are in it", said);
            }
        }
    }
    if let Ok(Some((_, consumed))) = tcp {
        for cut in 0..consumed {
            match LoginRequest::parse_tcp(&bytes[..cut]) {
                Ok(None) => {}
                _ => return broken("a login that is not whole is waited for", cut),
            }
        }
    }
    // The same bytes as the fields of a login that nobody has read.
    let text = String::from_utf8_lossy(bytes);
    let mut fields = text.split('|');
    let mut next = || fields.next().unwrap_or("");
    let Ok(version) = VersionString::parse("b20130815.3cuttingedge") else {
        return broken("a version is a version", 0);
    };
    let login = LoginRequest {
        client_hash: Some(ClientHash(next())).filter(|hash| !hash.0.is_empty()),
        extra: next(),
        display_city: Some(bytes.len().is_multiple_of(2)),
        ..LoginRequest::new(next(), ClientHash::UNKNOWN_MD5, version)
    };
    written_login(&login)?;
    written_login(&LoginRequest { password_md5: next(), ..login })?;
    Ok(())
}

/// Writes a login, and reads it as it was: how long it is over TCP, or `None` where it can't be written.
fn written_login(login: &LoginRequest<'_>) -> Result<Option<usize>, Broken> {
    let broken = |law, at| broken(law, "login", Version::OLDEST, at);
    let mut lens = [0; 2];
    for (is_http, len) in [false, true].into_iter().zip(&mut lens) {
        let write =
            |sink: &mut SliceSink<'_>| if is_http { login.write_http(sink) } else { login.write_tcp(sink) };
        let fields = [login.username, login.password_md5, login.version.as_str(), login.extra];
        let hash = login.client_hash.map_or(0, |hash| hash.0.len());
        let mut written = vec![0; fields.map(str::len).iter().sum::<usize>() + hash + 64];
        let room = written.len();
        let mut sink = SliceSink::new(&mut written);
        match write(&mut sink) {
            Ok(()) => *len = room - sink.room(),
            Err(LoginWriteError::Full) => return broken("a login is as long as what it says", room),
            Err(error) if error.to_string().len() > 10 && sink.room() == room => return Ok(None),
            Err(_) => return broken("a login that can't be written is not, and it is said why", room),
        }
        let text = &written[..*len];
        let again = if is_http && *len <= MAX_LOGIN_LEN {
            LoginRequest::parse_http(text).ok()
        } else {
            // With its ends of lines it may be longer than what is usually read.
            LoginRequest::parse_within(text, len.saturating_add(1)).ok().flatten()
        };
        if again != Some((*login, *len)) {
            return broken("a login that was written is read as it was", *len);
        }
        let short = len.saturating_sub(1);
        if write(&mut SliceSink::new(&mut vec![0; short])) != Err(LoginWriteError::Full) {
            return broken("too little room for a login is said to be", short);
        }
    }
    let [tcp, http] = lens;
    if tcp == http + 3 { Ok(Some(tcp)) } else { broken("three lines end otherwise over HTTP", tcp) }
}

/// Any packet, written by an [`Outbox`] for this version: what a [`Codec`] reads of it is as many frames,
/// none of them damaged.
///
/// # Errors
/// The law that is broken.
pub fn written(version: Version, packet: &impl Encode, compresses: bool) -> Result<(), Broken> {
    let info = packet.packet_info();
    let mut options = Options::reading(info.side);
    options.compresses = compresses;
    let mut out = Outbox::new(version).with_options(options);
    let Ok(frames) = out.write(packet) else { return Ok(()) };
    let mut codec = Codec::reading(info.side, version);
    let mut bytes = BytesMut::from(out.take());
    let mut read = 0;
    while let Some(received) = codec.next_packet(&mut bytes) {
        match received {
            Ok(_) => read += 1,
            // More than one who reads lets through.
            Err(damaged) if damaged.kind() == ErrorKind::FrameTooLarge => return Ok(()),
            Err(_) => return broken("what is written is not damaged", info.name, version, read),
        }
    }
    if read == frames {
        Ok(())
    } else {
        broken("a writer says how many frames it wrote", info.name, version, read)
    }
}
