//! UTF-16, datagrams of the ICE adapter, and the start of replay streams.

use super::{Broken, Buffers, Outcome, holds, is_inside, truncated_lens, write_counted};
use crate::faf::ice::Datagram;
use crate::faf::replay::{Header, LARGEST_HEADER, LONGEST_REQUEST, Request};
use crate::wire::{Counter, Error, ErrorKind, Full, Sink, Utf16Be};

/// Reads the input as UTF-16BE. Validating it and converting it to UTF-8 find the same error, and all views of it show
/// the same text.
///
/// # Errors
/// The property that the input violates.
pub fn utf16(bytes: &[u8], buffers: &mut Buffers<'_>) -> Result<Outcome, Broken> {
    let enough = bytes.len().saturating_add(bytes.len().div_ceil(2));
    let Some(room) = buffers.read.get_mut(..enough) else { return Ok(Outcome::Skipped) };
    let units = || bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_be_bytes(*unit));
    let text = match (Utf16Be::new(bytes), Utf16Be::read(bytes, room)) {
        (Ok(view), Ok(text)) => {
            holds(view.utf8_len() == text.len(), "utf8_len is the length of the text in UTF-8", text.len())?;
            holds(view == *text && view.chars().eq(text.chars()), "a view shows the text", text.len())?;
            holds(view.as_bytes() == bytes, "a view keeps its bytes", text.len())?;
            let again = view.to_utf8(buffers.written);
            holds(
                again.is_err() || again == Ok(text),
                "to_utf8 and read convert to the same text",
                text.len(),
            )?;
            if let Some(short) = text.len().checked_sub(1) {
                let law = "a buffer that is too short is rejected";
                let short = buffers.read_again.get_mut(..short).unwrap_or_default();
                holds(view.to_utf8(short) == Err(Full), law, text.len())?;
                let read = Utf16Be::read(bytes, short).map_err(|error| error.kind);
                holds(read == Err(ErrorKind::ScratchTooSmall), law, text.len())?;
            }
            text
        }
        (Err(one), Err(other)) => {
            holds(one == other, "new and read return the same error", bytes.len())?;
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
            holds(expected == Some(one), "the error is at the first lone surrogate", bytes.len())?;
            is_inside(one, bytes.len())?;
            return Ok(Outcome::Skipped);
        }
        _ => return Err(Broken { law: "new and read accept the same input", at: bytes.len() }),
    };
    holds(text.encode_utf16().eq(units()), "a text encodes to its code units", text.len())?;
    Ok(Outcome::Held)
}

/// A datagram reads and writes unchanged.
///
/// # Errors
/// The property that the input violates.
pub fn ice(bytes: &[u8], buffers: &mut Buffers<'_>) -> Result<Outcome, Broken> {
    let datagram = Datagram::read(bytes);
    let mut counter = Counter::default();
    let _ = datagram.write(&mut counter);
    let written = write_counted(buffers.written, counter.0, |out| datagram.write(out))?;
    let Some(written) = written else { return Ok(Outcome::Skipped) };
    holds(written == bytes, "a datagram reads and writes unchanged", bytes.len())?;
    Ok(Outcome::Held)
}

/// Reads the start of a connection to a replay server. A request writes and reads unchanged, in exactly its encoded
/// length; a truncated one is incomplete.
///
/// # Errors
/// The property that the input violates.
pub fn replay_request(bytes: &[u8], buffers: &mut Buffers<'_>) -> Result<Outcome, Broken> {
    let (request, used) = match Request::read(bytes) {
        Ok(Some(read)) => read,
        Ok(None) => {
            holds(bytes.len() < LONGEST_REQUEST, "an incomplete request is below the limit", bytes.len())?;
            return Ok(Outcome::Skipped);
        }
        Err(error) => return is_inside(error, bytes.len()).map(|()| Outcome::Skipped),
    };
    holds(used <= bytes.len() && used <= LONGEST_REQUEST, "a request is within the input", used)?;
    let mut counter = Counter::default();
    let _ = request.write(&mut counter);
    let Some(written) = write_counted(buffers.written, counter.0, |out| request.write(out))? else {
        return Ok(Outcome::Skipped);
    };
    let again = Request::read(written);
    holds(
        again == Ok(Some((request, written.len()))),
        "a request is read back as it was written",
        written.len(),
    )?;
    // Leading zeros of the number are not written.
    let taken = bytes.get(..used).unwrap_or_default();
    let is_same = if written.len() == used { written == taken } else { taken.get(2) == Some(&b'0') };
    holds(is_same, "a request reads and writes unchanged", used)?;
    for cut in truncated_lens(written.len()) {
        let is_missing = Request::read(written.get(..cut).unwrap_or_default()) == Ok(None);
        holds(is_missing, "a truncated request is incomplete", cut)?;
    }
    Ok(Outcome::Held)
}

/// Reads the start of a recording. The fields of a header make up its bytes; a truncated one is incomplete.
///
/// # Errors
/// The property that the input violates.
pub fn replay_header(bytes: &[u8], buffers: &mut Buffers<'_>) -> Result<Outcome, Broken> {
    let (header, used) = match Header::read(bytes) {
        Ok(Some(read)) => read,
        Ok(None) => {
            holds(bytes.len() < LARGEST_HEADER, "an incomplete header is below the limit", bytes.len())?;
            return Ok(Outcome::Skipped);
        }
        Err(error) => return is_inside(error, bytes.len()).map(|()| Outcome::Skipped),
    };
    holds(used <= bytes.len() && used <= LARGEST_HEADER, "a header is within the input", used)?;
    let mut counter = Counter::default();
    let _ = put_header(&mut counter, &header);
    let Some(written) = write_counted(buffers.written, counter.0, |out| put_header(out, &header))? else {
        return Ok(Outcome::Skipped);
    };
    holds(bytes.get(..used) == Some(written), "the fields of a header make up its bytes", used)?;
    for cut in truncated_lens(used) {
        let is_missing = Header::read(bytes.get(..cut).unwrap_or_default()) == Ok(None);
        holds(is_missing, "a truncated header is incomplete", cut)?;
    }
    Ok(Outcome::Held)
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
