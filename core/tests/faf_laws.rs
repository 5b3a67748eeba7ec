//! The properties of FAF's encodings, checked on all vectors, on everything that differs from them in one byte, and on
//! generated inputs.

mod hex;

use hex::unhex;
use lobbywire_core::faf::json_rpc::Objects;
use lobbywire_core::faf::laws::{self, Broken, Buffers, Outcome};
use lobbywire_core::faf::qdatastream::{self, Blocks};
use lobbywire_core::faf::simple_json::{self, Lines};
use lobbywire_core::faf::{Mode, gpgnet};
use lobbywire_core::wire::JsonSyntax;
use serde_json::Value;

const BOTH: [Mode; 2] = [Mode::Strict, Mode::Lenient];

struct Memory([Vec<u8>; 4]);

impl Memory {
    fn new() -> Self {
        Self([(); 4].map(|()| vec![0; 1 << 14]))
    }

    fn buffers(&mut self) -> Buffers<'_> {
        let [read, written, read_again, written_again] = &mut self.0;
        Buffers { read, written, read_again, written_again }
    }
}

/// The framing and the bytes of every vector.
fn vectors() -> Vec<(String, Vec<u8>)> {
    let rows = include_str!("faf/vectors.jsonl").lines().map(|line| {
        let row: Value = serde_json::from_str(line).unwrap();
        (row["framing"].as_str().unwrap().to_owned(), unhex(row["hex"].as_str().unwrap()))
    });
    rows.collect()
}

/// Checks all properties of this framing. Held if that of the framing's messages held in one of the modes.
fn check(framing: &str, bytes: &[u8], memory: &mut Memory) -> Result<Outcome, Broken> {
    let mut outcome = Outcome::Skipped;
    for mode in BOTH {
        let buffers = &mut memory.buffers();
        let one = match framing {
            "qdatastream" => {
                let outcome = laws::block(bytes, mode, buffers)?;
                let texts = bytes.get(8..).unwrap_or_default();
                laws::utf16(texts, buffers)?;
                let units = texts.as_chunks::<2>().0.iter().map(|unit| u16::from_be_bytes(*unit));
                json(&char::decode_utf16(units).flatten().collect::<String>(), buffers)?;
                outcome
            }
            "json" => {
                json(&String::from_utf8_lossy(bytes), buffers)?;
                laws::line(bytes, mode, buffers)?
            }
            "gpgnet" => laws::gpgnet(bytes, mode, buffers)?,
            "ice" => laws::ice(bytes, buffers)?,
            "replay" => {
                let request = laws::replay_request(bytes, buffers)?;
                let header = laws::replay_header(bytes, buffers)?;
                if header == Outcome::Held { header } else { request }
            }
            other => panic!("no framing {other}"),
        };
        outcome = if one == Outcome::Held { one } else { outcome };
    }
    Ok(outcome)
}

fn json(text: &str, buffers: &mut Buffers<'_>) -> Result<Outcome, Broken> {
    laws::json(text, JsonSyntax::STRICT, buffers)?;
    laws::json(text, JsonSyntax::PYTHON, buffers)?;
    laws::json_text(text, buffers)
}

/// Checks the property of streams for all framings, with large and with small limits and buffers.
fn check_streams(bytes: &[u8], n: &mut Numbers, buffer: &mut [u8]) -> Result<(), Broken> {
    for mode in BOTH {
        for limit in [4096, 8 + n.below(60)] {
            let len = [buffer.len(), 16 + n.below(100)][n.below(2)];
            let buffer = &mut buffer[..len];
            let mut limits = gpgnet::Limits::USUAL;
            limits.message = limit;
            limits.string = limits.string.min(limit);
            let (most, mut state) = (1 + n.below(40), Numbers::new(n.below(1 << 30)));
            let mut pieces = || state.below(most) + 1;
            laws::stream(&Blocks { limit, mode }, bytes, &mut pieces, buffer)?;
            laws::stream(&Lines { limit, mode }, bytes, &mut pieces, buffer)?;
            laws::stream(&gpgnet::Messages { limits, mode }, bytes, &mut pieces, buffer)?;
            laws::stream(&Objects::new(limit), bytes, &mut pieces, buffer)?;
            laws::stream(&Blocks { limit, mode }, bytes, || 1, buffer)?;
            laws::stream(&gpgnet::Messages { limits, mode }, bytes, || 0, buffer)?;
        }
    }
    Ok(())
}

/// A pseudorandom generator.
struct Numbers(u64);

impl Numbers {
    fn new(seed: usize) -> Self {
        Self((seed as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn string(&mut self) -> String {
        const PARTS: [&str; 20] = [
            "a",
            "legacy",
            "command",
            "k",
            "x y",
            "é",
            "漢",
            "😀",
            "\\n",
            "\\u00e9",
            "\\ud83d\\ude00",
            "\\ud800",
            "\\/",
            "\\\"",
            "\\\\",
            "\u{7f}",
            "args",
            "",
            "long enough for a word",
            "\\u0000",
        ];
        let count = [1, 2, 2, 3][self.below(4)];
        let inner: String = (0..count).map(|_| self.pick(&PARTS)).collect();
        format!("\"{inner}\"")
    }

    fn blank(&mut self) -> &'static str {
        self.pick(&["", "", "", "", " ", "\n", "\t\r"])
    }

    fn json(&mut self, depth: usize) -> String {
        const SCALARS: [&str; 24] = [
            "0",
            "-0",
            "1",
            "-7",
            "12345678901234567890123",
            "1.5",
            "-0.0",
            "1e5",
            "1E+16",
            "2.5e-7",
            "1e400",
            "NaN",
            "Infinity",
            "-Infinity",
            "true",
            "false",
            "null",
            "9223372036854775807",
            "9223372036854775808",
            "0.1",
            "1e15",
            "1e16",
            "123456.789",
            "5e-324",
        ];
        match self.below(if depth == 0 { 2 } else { 5 }) {
            0 => self.pick(&SCALARS).to_owned(),
            1 => self.string(),
            2 => self.object(depth - 1),
            3 => self.pairs(depth - 1),
            _ => {
                let count = self.below(4);
                let items: Vec<_> = (0..count).map(|_| self.json(depth - 1)).collect();
                format!("[{}{}]", items.join(&format!("{},", self.blank())), self.blank())
            }
        }
    }

    fn object(&mut self, depth: usize) -> String {
        let count = self.below(4);
        let mut members: Vec<_> = (0..count)
            .map(|_| format!("{}{}:{}{}", self.string(), self.blank(), self.blank(), self.json(depth)))
            .collect();
        for known in [
            "\"command\":\"a\"",
            "\"target\":\"game\"",
            "\"legacy\":[\"x\", 1 ]",
            "\"args\":[1,\"b\\n\",true]",
        ] {
            if self.below(3) == 0 {
                members.push(known.to_owned());
            }
        }
        format!("{{{}{}}}", members.join(","), self.blank())
    }

    /// What Python accepts as pairs, or similar values.
    fn pairs(&mut self, depth: usize) -> String {
        let count = self.below(4);
        let pairs: Vec<_> = (0..count)
            .map(|_| match self.below(4) {
                0 => format!("[{},{}]", self.string(), self.json(depth)),
                1 => self.string(),
                2 => format!("{{{}:1,{}:2}}", self.string(), self.string()),
                _ => format!("[{},{}]", self.json(0), self.json(depth)),
            })
            .collect();
        format!("[{}]", pairs.join(","))
    }

    /// Usually a valid message.
    fn message(&mut self) -> String {
        let object = self.object(3);
        let object = match self.below(8) {
            0 => object,
            _ => format!(
                "{{\"command\":{}{}",
                self.string(),
                object.replacen('{', if object.len() > 2 { "," } else { "" }, 1)
            ),
        };
        format!("{}{object}{}", self.blank(), self.blank())
    }

    fn block(&mut self) -> Vec<u8> {
        let first = self.message();
        let mut body = vec![];
        let count = [1, 1, 2, 3, 4][self.below(5)];
        for index in 0..count {
            let text = match self.below(7) {
                _ if index == 0 => first.clone(),
                0 => first.clone(),
                1 => "plain text 漢😀".to_owned(),
                2 => self.pairs(1),
                3 => self.object(2),
                4 => self.string(),
                5 => String::new(),
                _ => self.json(2),
            };
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            body.extend(u32::try_from(units.len()).unwrap().to_be_bytes());
            body.extend(units);
        }
        body.extend(&[0; 9][..[0, 0, 0, 0, 1, 4, 5, 9][self.below(8)]]);
        [u32::try_from(body.len()).unwrap().to_be_bytes().to_vec(), body].concat()
    }

    fn line(&mut self) -> Vec<u8> {
        let text = self.message();
        let mut line = match self.below(8) {
            0 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            1 => text.chars().flat_map(|char| u32::from(char).to_be_bytes()).collect(),
            2 => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            3 => [text.as_bytes(), b"\"\xed\xa0\x80\""].concat(),
            _ => text.into_bytes(),
        };
        line.push(b'\n');
        line
    }

    fn command(&mut self) -> Vec<u8> {
        let (names, mut bytes) =
            (["GameState", "JoinGame", "Chat", "PlayerOption", "Disconnected", "X", "SendNatPacket"], vec![]);
        let text = |bytes: &mut Vec<u8>, text: &[u8]| {
            bytes.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
            bytes.extend(text);
        };
        text(&mut bytes, self.pick(&names).as_bytes());
        let count = self.below(5);
        bytes.extend(u32::try_from(count).unwrap().to_le_bytes());
        for _ in 0..count {
            match self.below(5) {
                0 | 1 => bytes.extend([&[0][..], &self.below(1 << 32).to_le_bytes()[..4]].concat()),
                4 => {
                    bytes.push(2);
                    text(&mut bytes, b"\x08hi\xff");
                }
                _ => {
                    bytes.push(1);
                    text(&mut bytes, self.pick(&["Idle", "é\n", "", "\u{1}\"\\"]).as_bytes());
                }
            }
        }
        bytes
    }

    fn replay(&mut self) -> Vec<u8> {
        let mut bytes = b"version\0\r\n\0replay\r\nmap\0\r\n\x1a\0\x03\0\0\0mod\x02\0\0\0sc".to_vec();
        let count = self.below(3);
        bytes.push(count as u8);
        (0..count).for_each(|_| bytes.extend(b"Rhiza\0\x01\0\0\0"));
        bytes.push(1);
        let count = self.below(3);
        bytes.push(count as u8);
        (0..count)
            .for_each(|index| bytes.extend([b"\x01\0\0\0a\x07\x01".as_slice(), b"\0\0\0\0\xff"][index]));
        bytes.extend(b"\x78\x56\x34\x12stream");
        bytes
    }

    /// Changes up to two bytes.
    fn spoil(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..[0, 0, 0, 1, 2][self.below(5)] {
            let at = self.below(bytes.len().max(1));
            match (self.below(4), bytes.get_mut(at)) {
                (0, _) => bytes.truncate(at),
                (1, Some(byte)) => *byte ^= 1 << self.below(8),
                (2, Some(byte)) => *byte = self.below(256) as u8,
                (_, Some(_)) => bytes.insert(at, self.below(256) as u8),
                (_, None) => {}
            }
        }
    }
}

#[test]
fn vectors_and_single_byte_changes_satisfy_the_properties() {
    let (mut memory, mut held, mut skipped) = (Memory::new(), 0, 0);
    for (framing, bytes) in vectors() {
        let mut check = |bytes: &[u8]| match check(&framing, bytes, &mut memory) {
            Ok(Outcome::Held) => held += 1,
            Ok(Outcome::Skipped) => skipped += 1,
            Err(broken) => panic!("{broken}, {framing} {bytes:02x?}"),
        };
        check(&bytes);
        for at in 0..bytes.len() {
            check(&bytes[..at]);
            for other in [
                0x01,
                0x02,
                0x04,
                0x08,
                0x10,
                0x20,
                0x40,
                0x80,
                0xff,
                bytes[at],
                bytes[at] ^ b'"',
                bytes[at] ^ b'\\',
            ] {
                let mut other_bytes = bytes.clone();
                other_bytes[at] ^= other;
                check(&other_bytes);
            }
        }
    }
    assert!(held > 8_000 && skipped > 14_000, "{held} held, {skipped} skipped");
}

#[test]
fn streams_of_vectors_are_split_alike_in_all_pieces() {
    let (n, mut buffer) = (&mut Numbers::new(1), vec![0; 1 << 12]);
    let vectors = vectors();
    for round in 0..3000 {
        let framing = ["qdatastream", "json", "gpgnet"][round % 3];
        let of_it: Vec<_> = vectors.iter().filter(|(known, _)| known == framing).collect();
        let mut bytes = vec![];
        (0..1 + n.below(6)).for_each(|_| bytes.extend(&of_it[n.below(of_it.len())].1));
        n.spoil(&mut bytes);
        check_streams(&bytes, n, &mut buffer).unwrap_or_else(|broken| panic!("{broken}, {bytes:02x?}"));
    }
}

#[test]
fn generated_inputs_satisfy_the_properties() {
    let (n, mut memory, mut buffer) = (&mut Numbers::new(2), Memory::new(), vec![0; 1 << 12]);
    let (mut read, mut rejected) = ([[0; 2]; 3], [[0; 2]; 3]);
    for round in 0..24_000 {
        let framing = ["qdatastream", "json", "gpgnet", "replay"][round % 4];
        let mut bytes = match framing {
            "qdatastream" => n.block(),
            "json" => n.line(),
            "gpgnet" => n.command(),
            _ => n.replay(),
        };
        n.spoil(&mut bytes);
        check(framing, &bytes, &mut memory)
            .unwrap_or_else(|broken| panic!("{broken}, {framing} {bytes:02x?}"));
        if round % 8 < 3 {
            check_streams(&bytes, n, &mut buffer).unwrap_or_else(|broken| panic!("{broken}, {bytes:02x?}"));
        }
        for (index, mode) in BOTH.into_iter().enumerate() {
            let scratch = &mut memory.0[0];
            let is_read: Result<(), lobbywire_core::faf::Error> = match framing {
                "qdatastream" => qdatastream::read(&bytes, mode, scratch).map(drop),
                "json" => simple_json::read(&bytes, mode, scratch).map(drop),
                "gpgnet" => gpgnet::Message::read(&bytes, mode).map(drop),
                _ => continue,
            };
            let counts = if is_read.is_ok() { &mut read } else { &mut rejected };
            counts[round % 4][index] += 1;
        }
    }
    // Both accepted and rejected inputs are common.
    for counts in [read, rejected].concat() {
        assert!(counts.iter().all(|count| *count > 300), "{read:?} were read, {rejected:?} rejected");
    }
}

#[test]
fn a_framing_that_depends_on_the_pieces_violates_the_property() {
    // Returns everything it has received as a frame.
    #[derive(Clone)]
    struct Greedy;
    impl lobbywire_core::wire::Framing for Greedy {
        type Error = lobbywire_core::wire::Error;

        fn deframe(&mut self, bytes: &[u8], _: usize) -> lobbywire_core::wire::Deframed {
            lobbywire_core::wire::Deframed::Frame(bytes.len())
        }
        fn give_up(&self, _: &[u8], _: usize) -> lobbywire_core::wire::Skip {
            lobbywire_core::wire::Skip::Rest
        }
    }
    let broken = laws::stream(&Greedy, b"abcdef", || 2, &mut [0; 16]).unwrap_err();
    assert_eq!(broken.law, "a stream in pieces yields the frames of the whole");
    assert_eq!(laws::stream(&Greedy, b"abcdef", || 0, &mut [0; 16]), Ok(Outcome::Held));
}
