//! UTF-16, datagrams and the start of replays.

use super::{Broken, Buffers, cuts, holds, is_inside, write_counted};
use crate::faf::ice::Datagram;
use crate::faf::replay::{Header, LARGEST_HEADER, LONGEST_REQUEST, Request};
use crate::wire::{Counter, Error, ErrorKind, Full, Sink, Utf16Be};

/// Any bytes: they are UTF-16 or say where not, the same whether they are only checked or also put into UTF-8;
/// all ways to look at them show the same text, which is them in UTF-16.
///
/// # Errors
/// The law that is broken.
pub fn utf16(bytes: &[u8], buffers: &mut Buffers<'_>) -> Result<(), Broken> {
    let enough = bytes.len().saturating_add(bytes.len().div_ceil(2));
    let Some(room) = buffers.read.get_mut(..enough) else { return Ok(()) };
    let units = || bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_be_bytes(*unit));
    let text = match (Utf16Be::new(bytes), Utf16Be::read(bytes, room)) {
        (Ok(view), Ok(text)) => {
            holds(view.utf8_len() == text.len(), "a text is as long as counted", text.len())?;
            holds(view == *text && view.chars().eq(text.chars()), "a view shows the text", text.len())?;
            holds(view.as_bytes() == bytes, "a view is of its bytes", text.len())?;
            let again = view.to_utf8(buffers.written);
            holds(again.is_err() || again == Ok(text), "a text is itself by either way", text.len())?;
            if let Some(short) = text.len().checked_sub(1) {
                let law = "a buffer that is too short is refused";
                let short = buffers.read_again.get_mut(..short).unwrap_or_default();
                holds(view.to_utf8(short) == Err(Full), law, text.len())?;
                let read = Utf16Be::read(bytes, short).map_err(|error| error.kind);
                holds(read == Err(ErrorKind::ScratchTooSmall), law, text.len())?;
            }
            text
        }
        (Err(one), Err(other)) => {
            holds(one == other, "bytes are refused by either way alike", bytes.len())?;
            let half = char::decode_utf16(units()).scan(0usize, |at, char| {
                let start = *at;
                *at = at.saturating_add(char.as_ref().map_or(1, |char| char.len_utf16()));
                Some((start, char.is_err()))
            });
            let first = half.filter(|(_, is_half)| *is_half).map(|(at, _)| at.saturating_mul(2)).next();
            let expected = if bytes.len() % 2 == 1 {
                Some(Error::new(ErrorKind::OddLength, 0))
            } else {
                first.map(|at| Error::new(ErrorKind::Utf16, at))
            };
            holds(expected == Some(one), "the first half of a pair is named", bytes.len())?;
            return is_inside(one, bytes.len());
        }
        _ => return Err(Broken { law: "bytes are text by either way, or by none", at: bytes.len() }),
    };
    holds(text.encode_utf16().eq(units()), "a text is what its units are", text.len())
}

/// Any datagram is read and written unchanged.
///
/// # Errors
/// The law that is broken.
pub fn ice(bytes: &[u8], buffers: &mut Buffers<'_>) -> Result<(), Broken> {
    let datagram = Datagram::read(bytes);
    let mut counter = Counter::default();
    let _ = datagram.write(&mut counter);
    let written = write_counted(buffers.written, counter.0, |out| datagram.write(out))?;
    let is_same = written.is_none_or(|written| written == bytes);
    holds(is_same, "a datagram is read and written unchanged", bytes.len())
}

/// Any start of a connection to a replay server: a request, an error in it, or not enough of it. What was read is
/// written in as many bytes as counted, and read again as it was; written as it came, it is the same bytes.
///
/// # Errors
/// The law that is broken.
pub fn replay_request(bytes: &[u8], buffers: &mut Buffers<'_>) -> Result<(), Broken> {
    let (request, used) = match Request::read(bytes) {
        Ok(Some(read)) => read,
        Ok(None) => {
            return holds(bytes.len() < LONGEST_REQUEST, "no request is waited for too long", bytes.len());
        }
        Err(error) => return is_inside(error, bytes.len()),
    };
    holds(used <= bytes.len() && used <= LONGEST_REQUEST, "a request is in the input", used)?;
    let mut counter = Counter::default();
    let _ = request.write(&mut counter);
    let Some(written) = write_counted(buffers.written, counter.0, |out| request.write(out))? else {
        return Ok(());
    };
    let again = Request::read(written);
    holds(again == Ok(Some((request, written.len()))), "what is written is read as it was", written.len())?;
    // Zeros in front of the number are not written.
    let taken = bytes.get(..used).unwrap_or_default();
    let is_same = if written.len() == used { written == taken } else { taken.get(2) == Some(&b'0') };
    holds(is_same, "a request is read and written unchanged", used)?;
    for cut in cuts(written.len()) {
        let is_missing = Request::read(written.get(..cut).unwrap_or_default()) == Ok(None);
        holds(is_missing, "what is missing of a request is waited for", cut)?;
    }
    Ok(())
}

/// Any start of a recording: a header, an error in it, or not enough of it. Its fields are its bytes, and of no
/// part of it is there a header.
///
/// # Errors
/// The law that is broken.
pub fn replay_header(bytes: &[u8], buffers: &mut Buffers<'_>) -> Result<(), Broken> {
    let (header, used) = match Header::read(bytes) {
        Ok(Some(read)) => read,
        Ok(None) => {
            return holds(bytes.len() < LARGEST_HEADER, "no header is waited for too long", bytes.len());
        }
        Err(error) => return is_inside(error, bytes.len()),
    };
    holds(used <= bytes.len() && used <= LARGEST_HEADER, "a header is in the input", used)?;
    let mut counter = Counter::default();
    let _ = put_header(&mut counter, &header);
    if let Some(written) = write_counted(buffers.written, counter.0, |out| put_header(out, &header))? {
        holds(bytes.get(..used) == Some(written), "a header is its fields", used)?;
    }
    for cut in cuts(used) {
        let is_missing = Header::read(bytes.get(..cut).unwrap_or_default()) == Ok(None);
        holds(is_missing, "what is missing of a header is waited for", cut)?;
    }
    Ok(())
}

fn put_header(out: &mut impl Sink, header: &Header<'_>) -> Result<(), Full> {
    let count = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
    put_zero_ended(out, header.version)?;
    out.put(&header.unknown1)?;
    put_zero_ended(out, header.replay_version_and_map)?;
    out.put(&header.unknown2)?;
    put_counted(out, header.mods)?;
    put_counted(out, header.scenario)?;
    out.put(&[count(header.sources().count())])?;
    for source in header.sources() {
        put_zero_ended(out, source.name)?;
        out.put_array(source.number.to_le_bytes())?;
    }
    out.put(&[header.has_cheats, count(header.armies().count())])?;
    for army in header.armies() {
        put_counted(out, army.data)?;
        out.put(&[army.source])?;
        out.put(army.after_source.as_slice())?;
    }
    out.put_array(header.seed.to_le_bytes())
}

fn put_zero_ended(out: &mut impl Sink, bytes: &[u8]) -> Result<(), Full> {
    out.put(bytes)?;
    out.put(b"\0")
}

fn put_counted(out: &mut impl Sink, bytes: &[u8]) -> Result<(), Full> {
    out.put_array(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes())?;
    out.put(bytes)
}
