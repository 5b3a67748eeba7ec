//! Targets for SignalR.

use crate::{Family, Target, pieces};
use lobbywire::signalr::laws::{self, Broken};
use lobbywire::signalr::{Encoding, Frames, Records};
use lobbywire::wire::{Counter, ErrorKind, MsgPackKind, MsgPackReader, MsgPackWriter, SliceSink};
use std::collections::BTreeSet;

const TARGETS: &[Target] = &[
    ("signalr", signalr),
    ("signalr_stream", signalr_stream),
    ("signalr_handshake", signalr_handshake),
    ("messagepack", messagepack),
];

pub(crate) const FAMILY: Family = Family { name: "signalr", targets: TARGETS, seeds };

/// Messages of either encoding and handshakes, as .NET writes them.
const MESSAGES: [(u8, &[u8]); 24] = [
    (0, b"\x02\x91\x06"),
    (0, b"\x04\x93\x07\xc0\xc2"),
    (0, b"\x03\x92\x07\xa1x"),
    (0, b"\x03\x92\x08\x24"),
    (0, b"\x05\x92\x09\xcd\x01\x2c"),
    (0, b"\x05\x93\x05\x80\xa11"),
    (0, b"\x06\x94\x02\x80\xa11\x2a"),
    (0, b"\x07\x95\x02\x80\xa11\x2a\xc0"),
    (0, b"\x07\x95\x03\x80\xa11\x03\xc0"),
    (0, b"\x06\x94\x03\x80\xa11\x02"),
    (0, b"\x08\x95\x03\x80\xa11\x01\xa1x"),
    (0, b"\x10\x96\x01\x81\xa1h\xa1v\xc0\xa1t\x92\x01\xa1a\x91\xa1s"),
    (0, b"\x0a\x96\x04\x80\xa11\xa1t\x91\xc3\x90"),
    (0, b"\x19\x96\x01\x80\xc0\xa1t\x91\x92\xa2DT\x91\xa1s\xcb\x3f\xf4\0\0\0\0\0\0\x90"),
    (0, b"\x08\x95\x01\x80\xa0\xa1t\x91\x2a"),
    (0, b"\x04\x93\x2a\x01\x02"),
    (1, b"{\"type\":1,\"invocationId\":\"1\",\"target\":\"Roll\",\"arguments\":[123,null],\"streamIds\":[\"s\\u0022\"]}\x1e"),
    (1, b"{\"type\":2,\"headers\":{\"h\":\"v\\n\"},\"invocationId\":\"1\",\"item\":{\"a\":[1.5]}}\x1e"),
    (1, b"{\"type\":3,\"invocationId\":\"1\",\"result\":null}\x1e{\"type\":3,\"invocationId\":\"1\",\"error\":\"\\u00e9\"}\x1e"),
    (1, b"{\"type\":4,\"invocationId\":\"1\",\"target\":\"t\",\"arguments\":[]}\x1e"),
    (1, b"{\"type\":5,\"invocationId\":\"1\"}\x1e{\"type\":6}\x1e{\"type\":7,\"error\":\"e\",\"allowReconnect\":true}\x1e"),
    (1, b"{\"type\":8,\"sequenceId\":36}\x1e{\"type\":9,\"sequenceId\":1}\x1e{\"type\":42,\"x\":1}\x1e"),
    (2, b"{\"protocol\":\"messagepack\",\"version\":1}\x1e"),
    (2, b"{\"error\":\"no\\u0022\"}\x1e"),
];

fn seeds(target: &str) -> BTreeSet<Vec<u8>> {
    let mut inputs = BTreeSet::new();
    for (number, (encoding, bytes)) in (0..).zip(MESSAGES) {
        match target {
            "signalr" if encoding < 2 => {
                let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == 0x1e && encoding == 1);
                let mut start = 0;
                for (end, _) in ends {
                    inputs.insert([&[1], &bytes[start..=end]].concat());
                    start = end + 1;
                }
                inputs.insert([&[encoding], bytes].concat());
            }
            "signalr_stream" => {
                inputs.insert([&[encoding, number, 0][..], bytes, bytes].concat());
                inputs.insert([&[encoding, number, 12][..], bytes, bytes].concat());
                inputs.insert([&[0, number, 0][..], b"\xff\xff\xff\xff\x0f"].concat());
            }
            "signalr_handshake" if encoding > 0 => {
                inputs.insert(bytes.to_vec());
            }
            "messagepack" if encoding == 0 => {
                inputs.insert(bytes[1..].to_vec());
            }
            _ => {}
        }
    }
    if target == "messagepack" {
        // Each form of everything.
        for first in 0..=u8::MAX {
            inputs.insert([&[first][..], &[0; 7], &[1], &[0x61; 300]].concat());
            inputs.insert([&[0x92, first][..], &[0xff; 9]].concat());
        }
        inputs.insert([0x91; 70].to_vec());
    }
    inputs
}

#[track_caller]
fn hold(law: Result<(), Broken>) {
    if let Err(broken) = law {
        panic!("{broken}");
    }
}

/// The encoding (even for MessagePack), and a frame: [`laws::message`].
pub fn signalr(input: &[u8]) {
    let Some((encoding, frame)) = input.split_first() else { return };
    let encoding = if encoding % 2 == 0 { Encoding::MessagePack } else { Encoding::Json };
    let room = 6 * frame.len() + 64;
    hold(laws::message(frame, encoding, &mut vec![0; room], &mut vec![0; room]));
}

/// The framing, how the stream is cut and the limit (a byte each; 0 is the usual one), and the stream.
pub fn signalr_stream(input: &[u8]) {
    let Some(([framing, seed, limit], bytes)) = input.split_first_chunk() else { return };
    let (mut frames, mut records) = (Frames::new(), Records::new());
    if *limit > 0 {
        (frames.limit, records.limit) = ((*limit).into(), (*limit).into());
    }
    let buffer = &mut vec![0; 40 + usize::from(*seed)];
    hold(match framing % 2 {
        0 => laws::stream(&frames, bytes, pieces(*seed), buffer),
        _ => laws::stream(&records, bytes, pieces(*seed), buffer),
    });
}

/// A record: [`laws::handshake`].
pub fn signalr_handshake(input: &[u8]) {
    hold(laws::handshake(input, &mut vec![0; 6 * input.len() + 64]));
}

/// A value of MessagePack, against `rmpv`: what one reads the other reads, as long and as the same; and what is
/// written of it in its smallest form is what `rmpv` writes.
pub fn messagepack(input: &[u8]) {
    let mut reader = MsgPackReader::new(input);
    let ours = reader.skip();
    let mut theirs_rest = input;
    let theirs = rmpv::decode::read_value_ref_with_max_depth(&mut theirs_rest, 1024);
    let bytes = match (ours, &theirs) {
        (Ok(bytes), Ok(_)) => bytes,
        (Err(error), Ok(_)) => {
            // We want UTF-8 and less depth, and know that the reserved byte is none.
            let refused =
                [ErrorKind::Utf8, ErrorKind::TooDeep, ErrorKind::UnexpectedType, ErrorKind::ListLength];
            assert!(refused.contains(&error.kind), "{error} of what can be read");
            assert!(usize::try_from(error.offset).is_ok_and(|offset| offset <= input.len()));
            return;
        }
        (Ok(bytes), Err(error)) => panic!("{bytes:x?} was skipped, of which they say {error}"),
        (Err(error), Err(_)) => {
            assert!(usize::try_from(error.offset).is_ok_and(|offset| offset <= input.len()));
            return;
        }
    };
    assert_eq!(bytes.len() + theirs_rest.len(), input.len(), "as long");
    assert_eq!(reader.rest(), theirs_rest);

    let mut counter = Counter::default();
    copy(&mut MsgPackReader::new(bytes), &mut MsgPackWriter::new(&mut counter));
    let mut written = vec![0; counter.0];
    let mut sink = SliceSink::new(&mut written);
    copy(&mut MsgPackReader::new(bytes), &mut MsgPackWriter::new(&mut sink));
    assert_eq!(sink.room(), 0);
    let mut expected = Vec::new();
    rmpv::encode::write_value_ref(&mut expected, &theirs.expect("it was looked at")).expect("memory");
    assert_eq!(written, expected);
}

/// Reads a value and writes it, piece by piece.
fn copy<S: lobbywire::wire::Sink>(reader: &mut MsgPackReader<'_>, writer: &mut MsgPackWriter<'_, S>) {
    let first = reader.rest()[0];
    match reader.kind().expect("there is a value") {
        MsgPackKind::Nil => {
            assert_eq!(reader.optional(MsgPackReader::int), Ok(None));
            writer.nil()
        }
        MsgPackKind::Bool => writer.bool(reader.bool().expect("a bool")),
        MsgPackKind::Int => match (reader.clone().int(), reader.number::<u64>()) {
            (Ok(small), Ok(number)) => {
                assert_eq!(u64::try_from(small), Ok(number));
                writer.int(small)
            }
            (_, Ok(number)) => writer.uint(number),
            (Ok(small), Err(_)) => {
                let _ = reader.int();
                writer.int(small)
            }
            (Err(error), Err(_)) => panic!("{error}"),
        },
        MsgPackKind::Float if first == 0xca => writer.f32(reader.f32().expect("a float")),
        MsgPackKind::Float => writer.f64(reader.f64().expect("a float")),
        MsgPackKind::Str => writer.str(reader.str().expect("text")),
        MsgPackKind::Bin => writer.bin(reader.bin().expect("bytes")),
        MsgPackKind::Ext => {
            let (kind, bytes) = reader.ext().expect("an extension");
            writer.ext(kind, bytes)
        }
        MsgPackKind::Array => {
            let len = reader.array_len().expect("an array");
            writer.array_len(len).expect("room");
            (0..len).for_each(|_| copy(reader, writer));
            Ok(())
        }
        MsgPackKind::Map => {
            let len = reader.map_len().expect("a map");
            writer.map_len(len).expect("room");
            (0..2 * len).for_each(|_| copy(reader, writer));
            Ok(())
        }
        MsgPackKind::Reserved => unreachable!("it was refused"),
    }
    .expect("room");
}
