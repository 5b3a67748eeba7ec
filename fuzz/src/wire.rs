//! Targets for the ground floor, which knows no protocol.

use crate::{Family, Target};
use lobbywire::wire::{
    AnySink, Counter, Error, ErrorKind, Full, GZIP_STORED_OVERHEAD, Inflater, Sink, SliceSink, read_text,
    read_uleb128, store_gzip, stored_gzip_len, text_len, uleb128_len, write_text, write_text_parts,
    write_uleb128,
};
use std::collections::BTreeSet;

const TARGETS: &[Target] = &[("wire", wire)];

pub(crate) const FAMILY: Family = Family { name: "wire", targets: TARGETS, seeds };

fn seeds(_: &str) -> BTreeSet<Vec<u8>> {
    let text = |text: &str| [&[0x0b, u8::try_from(text.len()).unwrap_or(0)], text.as_bytes()].concat();
    let inputs: [&[u8]; 9] = [
        b"",
        b"\x00",
        b"\x0b",
        b"\x0b\x00",
        b"\x0b\x80\x00",
        b"\x0b\x02\xc3\x28",
        b"\x0b\xff\xff\xff\xff\xff\x01",
        b"\xac\x02",
        b"\x80\x80\x80\x80\x10",
    ];
    let texts = ["a", "Côte d'Ivoire", "\u{1F600}", &"x".repeat(127)].map(text);
    let long = [&b"\x0b\xac\x02"[..], &b"y".repeat(300)].concat();
    inputs.map(<[u8]>::to_vec).into_iter().chain(texts).chain([long]).collect()
}

/// What is written, by every kind of sink alike, into so many bytes and no less.
fn written(len: usize, write: impl Fn(&mut AnySink<'_>) -> Result<(), Full>) -> Vec<u8> {
    const POISON: u8 = 0xa5;
    let mut counter = Counter::default();
    assert_eq!(write(&mut AnySink::new(&mut counter)), Ok(()));
    assert_eq!(counter.0, len, "as long as counted");
    let mut bytes = vec![POISON; len + 1];
    let mut sink = SliceSink::new(&mut bytes);
    assert_eq!(write(&mut AnySink::new(&mut sink)), Ok(()));
    assert_eq!(sink.room(), 1, "as long as counted");
    assert_eq!(bytes.pop(), Some(POISON), "nothing is written behind the end");
    if let Some(short) = len.checked_sub(1) {
        let mut room = vec![POISON; short];
        let mut sink = SliceSink::new(&mut room);
        assert_eq!(write(&mut AnySink::new(&mut sink)), Err(Full), "too little room is refused");
        assert!(!Full.to_string().is_empty());
    }
    bytes
}

/// An error says where, within what was read, and what, in words for a person and in one for a program.
pub(crate) fn explained(error: Error, len: usize) {
    let (offset, kind) = (error.offset as usize, error.kind);
    assert!(offset <= len, "{error} in {len} bytes");
    assert_eq!(error.to_string(), format!("{kind} (byte {offset})"));
    assert_eq!(error.after(7), Error::new(kind, offset + 7));
    assert!(
        kind.name().bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    );
}

/// Bytes from anywhere, as a ULEB128, as a string, and as what is stored in gzip.
pub fn wire(input: &[u8]) {
    match read_uleb128(input) {
        Ok((value, len)) => {
            let shortest = written(uleb128_len(value), |out| write_uleb128(out, value));
            assert!(shortest.len() <= len && len <= input.len().min(5));
            assert_eq!(read_uleb128(&shortest), Ok((value, shortest.len())));
        }
        Err(error) => explained(error, input.len()),
    }
    match read_text(input) {
        Ok((text, len)) => {
            let whole = written(text_len(text), |out| write_text(out, text));
            assert!(whole.len() <= len && len <= input.len());
            assert_eq!(read_text(&whole), Ok((text, whole.len())));
            let middle = (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let (front, back) = text.split_at(middle);
            let parts = written(whole.len(), |out| write_text_parts(out, [front, "", back].into_iter()));
            assert_eq!(parts, whole);
        }
        Err(error) => explained(error, input.len()),
    }
    stored(input);
    for kind in [
        ErrorKind::Truncated,
        ErrorKind::StringMarker,
        ErrorKind::Utf8,
        ErrorKind::Uleb128,
        ErrorKind::ListLength,
        ErrorKind::Gzip,
        ErrorKind::Compressed,
        ErrorKind::InflatedTooLarge,
        ErrorKind::FrameTooLarge,
        ErrorKind::Incomplete,
    ] {
        explained(Error::new(kind, input.len()), input.len());
    }
}

/// What is stored in gzip is inflated as it was, and nothing that differs from it is.
fn stored(payload: &[u8]) {
    let total = stored_gzip_len(payload.len());
    assert!(total >= payload.len() + GZIP_STORED_OVERHEAD);
    let mut member = payload.to_vec();
    member.resize(total, 0xee);
    assert_eq!(store_gzip(&mut member[..total - 1], payload.len()), Err(Full));
    assert_eq!(store_gzip(&mut member, payload.len()), Ok(total));
    let mut inflater = Inflater::new();
    let mut inflated = vec![0; payload.len()];
    assert_eq!(inflater.inflate(&member, &mut inflated), Ok(payload.len()));
    assert_eq!(inflated, payload);
    let at =
        payload.iter().fold(total, |sum, byte| sum.wrapping_mul(31).wrapping_add((*byte).into())) % total;
    // Bytes 4 to 9 of the header say when and where it was made.
    if !(4..10).contains(&at) {
        member[at] ^= 0x40;
        match inflater.inflate(&member, &mut inflated) {
            // Text as a flag of the header means nothing.
            Ok(len) => assert_eq!((len, &inflated[..]), (payload.len(), payload)),
            Err(error) => explained(error, total),
        }
    }
    let mut small = vec![0; 8];
    let mut sink = SliceSink::new(&mut small);
    let mut any = AnySink::new(&mut sink);
    assert_eq!(
        format!("{inflater:?} {any:?}"),
        "Inflater { .. } AnySink { .. }",
        "neither shows all it holds"
    );
    let fits = any.put(payload) == Ok(());
    assert_eq!(fits, payload.len() <= 8);
}
