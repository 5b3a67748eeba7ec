//! Deflate (RFC 1951) with little flash and RAM, and without panics. Used with the feature `small`.
//!
//! Codes are decoded bit by bit from counts of code lengths, as in Mark Adler's `puff`. The tables take 1 kB,
//! a tenth of miniz_oxide's, at two thirds of its speed.

/// Why inflating stopped early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The input is not a deflate stream, or is truncated.
    Malformed,
    /// The output is full.
    Full,
}

/// The longest code, in bits.
const LONGEST: usize = 15;
const LITERALS: usize = 288;
const DISTANCES: usize = 32;

/// The number of symbols for the end of a block and for lengths.
const END: u16 = 256;
/// The bases and extra bits of the lengths 3 to 258.
const LENGTH_CODES: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];
/// The number of literal and length symbols. The remaining ones only complete the fixed code.
const MOST_LITERALS: usize = 286;
/// The number of distance codes. From the fifth on, pairs have the same number of extra bits.
const DISTANCE_CODES: u16 = 30;
/// The order in which the lengths of the code length codes are stored.
const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// A canonical Huffman code: the number of codes of each length, and the symbols in the order of their codes.
struct Code<const SYMBOLS: usize> {
    counts: [u16; LONGEST + 1],
    symbols: [u16; SYMBOLS],
}

impl<const SYMBOLS: usize> Code<SYMBOLS> {
    const NONE: Self = Self { counts: [0; LONGEST + 1], symbols: [0; SYMBOLS] };

    /// Creates the code from the length of each symbol's code. It must be complete. Only with `may_be_short`
    /// may it have no symbol or one.
    fn set(&mut self, lengths: &[u8], may_be_short: bool) -> Result<(), Stop> {
        self.counts = [0; LONGEST + 1];
        for length in lengths.iter().filter(|length| **length > 0) {
            let count = self.counts.get_mut(usize::from(*length)).ok_or(Stop::Malformed)?;
            *count = count.saturating_add(1);
        }
        // The number of codes that are left at each length.
        let mut left = 1u32;
        let mut starts = [0u16; LONGEST + 1];
        let mut start = 0u16;
        for (at, count) in starts.iter_mut().zip(&self.counts).skip(1) {
            left = left.wrapping_shl(1).checked_sub(u32::from(*count)).ok_or(Stop::Malformed)?;
            *at = start;
            start = start.saturating_add(*count);
        }
        if left > 0 && !(may_be_short && lengths.iter().all(|length| *length <= 1)) {
            return Err(Stop::Malformed);
        }
        for (symbol, length) in (0u16..).zip(lengths).filter(|(_, length)| **length > 0) {
            let start = starts.get_mut(usize::from(*length)).ok_or(Stop::Malformed)?;
            *self.symbols.get_mut(usize::from(*start)).ok_or(Stop::Malformed)? = symbol;
            *start = start.saturating_add(1);
        }
        Ok(())
    }

    /// Decodes the next symbol.
    fn read(&self, bits: &mut Bits<'_>) -> Result<u16, Stop> {
        let (mut code, mut first, mut index) = (0u32, 0u32, 0u32);
        for count in self.counts.iter().skip(1).copied().map(u32::from) {
            code |= bits.take(1)?;
            if let Some(beyond) = code.checked_sub(first)
                && beyond < count
            {
                let at = usize::try_from(index.wrapping_add(beyond)).unwrap_or(usize::MAX);
                return self.symbols.get(at).copied().ok_or(Stop::Malformed);
            }
            index = index.wrapping_add(count);
            first = first.wrapping_add(count).wrapping_shl(1);
            code = code.wrapping_shl(1);
        }
        Err(Stop::Malformed)
    }
}

/// A bit reader, lowest bit first. It consumes a byte only when one of its bits is needed.
struct Bits<'a> {
    rest: &'a [u8],
    held: u32,
    count: u32,
}

impl Bits<'_> {
    /// Reads the next `count` bits, at most 13.
    fn take(&mut self, count: u32) -> Result<u32, Stop> {
        while self.count < count {
            let (byte, rest) = self.rest.split_first().ok_or(Stop::Malformed)?;
            self.held |= u32::from(*byte).wrapping_shl(self.count);
            self.count = self.count.wrapping_add(8);
            self.rest = rest;
        }
        let value = self.held & !u32::MAX.wrapping_shl(count);
        self.held = self.held.wrapping_shr(count);
        self.count = self.count.wrapping_sub(count);
        Ok(value)
    }

    fn take_number(&mut self, count: u32) -> Result<usize, Stop> {
        Ok(usize::try_from(self.take(count)?).unwrap_or(usize::MAX))
    }
}

/// The output so far, and the space after it.
struct Output<'o> {
    bytes: &'o mut [u8],
    len: usize,
}

impl Output<'_> {
    fn put(&mut self, byte: u8) -> Result<(), Stop> {
        *self.bytes.get_mut(self.len).ok_or(Stop::Full)? = byte;
        self.len = self.len.saturating_add(1);
        Ok(())
    }

    /// Repeats the byte that was written `distance` bytes ago.
    fn repeat(&mut self, distance: usize, len: usize) -> Result<(), Stop> {
        for _ in 0..len {
            let at = self.len.checked_sub(distance).ok_or(Stop::Malformed)?;
            let byte = self.bytes.get(at).copied().ok_or(Stop::Full)?;
            self.put(byte)?;
        }
        Ok(())
    }
}

/// The tables of the current block.
pub(super) struct Inflate {
    literals: Code<LITERALS>,
    distances: Code<DISTANCES>,
    lengths: [u8; LITERALS + DISTANCES],
}

impl Default for Inflate {
    fn default() -> Self {
        Self { literals: Code::NONE, distances: Code::NONE, lengths: [0; LITERALS + DISTANCES] }
    }
}

impl Inflate {
    /// Inflates the stream at the start of `input` into `output`. Returns the length of the result, and the
    /// input after the stream or after the position of the error.
    pub(super) fn inflate<'a>(
        &mut self,
        input: &'a [u8],
        output: &mut [u8],
    ) -> (Result<usize, Stop>, &'a [u8]) {
        let mut bits = Bits { rest: input, held: 0, count: 0 };
        let mut output = Output { bytes: output, len: 0 };
        let result = loop {
            match self.block(&mut bits, &mut output) {
                Ok(false) => {}
                Ok(true) => break Ok(output.len),
                Err(stop) => break Err(stop),
            }
        };
        (result, bits.rest)
    }

    /// Inflates one block. Returns whether it is the last one.
    fn block(&mut self, bits: &mut Bits<'_>, output: &mut Output<'_>) -> Result<bool, Stop> {
        let is_last = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => Self::stored(bits, output)?,
            1 => {
                for (symbol, length) in self.lengths.iter_mut().enumerate() {
                    *length = match symbol {
                        144..256 => 9,
                        256..280 => 7,
                        LITERALS.. => 5,
                        _ => 8,
                    };
                }
                self.compressed(LITERALS, DISTANCES, bits, output)?;
            }
            2 => {
                let (literals, distances) = self.read_lengths(bits)?;
                self.compressed(literals, distances, bits, output)?;
            }
            _ => return Err(Stop::Malformed),
        }
        Ok(is_last)
    }

    /// A stored block: its length, the complement of its length, and bytes.
    fn stored(bits: &mut Bits<'_>, output: &mut Output<'_>) -> Result<(), Stop> {
        // The remaining bits of the current byte are unused.
        (bits.held, bits.count) = (0, 0);
        let ([a, b, c, d], rest) = bits.rest.split_first_chunk().ok_or(Stop::Malformed)?;
        if [!*a, !*b] != [*c, *d] {
            return Err(Stop::Malformed);
        }
        bits.rest = rest;
        for _ in 0..u16::from_le_bytes([*a, *b]) {
            let (byte, rest) = bits.rest.split_first().ok_or(Stop::Malformed)?;
            output.put(*byte)?;
            bits.rest = rest;
        }
        Ok(())
    }

    /// Reads the code lengths of a dynamic block. Returns the number of codes of each kind.
    fn read_lengths(&mut self, bits: &mut Bits<'_>) -> Result<(usize, usize), Stop> {
        let literals = bits.take_number(5)?.saturating_add(257);
        let distances = bits.take_number(5)?.saturating_add(1);
        let given = bits.take_number(4)?.saturating_add(4);
        if literals > MOST_LITERALS || distances > usize::from(DISTANCE_CODES) {
            return Err(Stop::Malformed);
        }
        let mut lengths = [0; ORDER.len()];
        for symbol in ORDER.iter().take(given) {
            let [length, ..] = bits.take(3)?.to_le_bytes();
            *lengths.get_mut(usize::from(*symbol)).ok_or(Stop::Malformed)? = length;
        }
        // The literal table is not needed yet, so it holds the code length code.
        self.literals.set(&lengths, false)?;

        let total = literals.saturating_add(distances);
        let (mut done, mut before) = (0usize, None);
        while done < total {
            let symbol = self.literals.read(bits)?;
            let (length, times) = match symbol {
                16 => (before.ok_or(Stop::Malformed)?, bits.take_number(2)?.saturating_add(3)),
                17 => (0, bits.take_number(3)?.saturating_add(3)),
                18 => (0, bits.take_number(7)?.saturating_add(11)),
                _ => (u8::try_from(symbol).map_err(|_| Stop::Malformed)?, 1),
            };
            let end = done.saturating_add(times);
            if end > total {
                return Err(Stop::Malformed);
            }
            self.lengths.get_mut(done..end).ok_or(Stop::Malformed)?.fill(length);
            (done, before) = (end, Some(length));
        }
        Ok((literals, distances))
    }

    /// Decodes literals and back-references up to the end of the block.
    fn compressed(
        &mut self,
        literals: usize,
        distances: usize,
        bits: &mut Bits<'_>,
        output: &mut Output<'_>,
    ) -> Result<(), Stop> {
        let (first, rest) = self.lengths.split_at_checked(literals).ok_or(Stop::Malformed)?;
        self.literals.set(first, true)?;
        self.distances.set(rest.get(..distances).ok_or(Stop::Malformed)?, true)?;
        loop {
            let symbol = self.literals.read(bits)?;
            if let Ok(literal) = u8::try_from(symbol) {
                output.put(literal)?;
                continue;
            }
            if symbol == END {
                return Ok(());
            }
            let code = usize::from(symbol.saturating_sub(END + 1));
            let (base, extra) = LENGTH_CODES.get(code).copied().ok_or(Stop::Malformed)?;
            let len = usize::from(base).saturating_add(bits.take_number(extra.into())?);
            let symbol = self.distances.read(bits)?;
            if symbol >= DISTANCE_CODES {
                return Err(Stop::Malformed);
            }
            let extra = u32::from(symbol / 2).saturating_sub(1);
            let base = match symbol {
                0..4 => usize::from(symbol),
                _ => (2 + usize::from(symbol % 2)).wrapping_shl(extra),
            };
            let distance = base.saturating_add(bits.take_number(extra)?).saturating_add(1);
            output.repeat(distance, len)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miniz_oxide::inflate::TINFLStatus;
    use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};
    use std::io::Write;
    use std::{vec, vec::Vec};

    /// What miniz_oxide returns for a stream: the length of the result, and of the rest of the input.
    fn by_miniz(input: &[u8], output: &mut [u8]) -> Result<(usize, usize), Stop> {
        let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        match decompress(&mut DecompressorOxide::new(), input, output, 0, flags) {
            (TINFLStatus::Done, read, written) => Ok((written, input.len() - read)),
            (TINFLStatus::HasMoreOutput, ..) => Err(Stop::Full),
            _ => Err(Stop::Malformed),
        }
    }

    fn by_us(inflate: &mut Inflate, input: &[u8], output: &mut [u8]) -> Result<(usize, usize), Stop> {
        let (result, rest) = inflate.inflate(input, output);
        result.map(|len| (len, rest.len()))
    }

    fn deflate(payload: &[u8], level: u32) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::new(level));
        encoder.write_all(payload).unwrap();
        encoder.finish().unwrap()
    }

    fn payloads() -> Vec<Vec<u8>> {
        let mut state = 1u32;
        let mut random = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        vec![
            vec![],
            vec![7],
            vec![0; 70_000],
            (0..5_000).map(|_| random()).collect(),
            (0..40_000).map(|_| random() & random() & 15).collect(),
            (0..3_000).map(|i: u32| (i * i / 7) as u8).collect(),
            b"a chat line, a chat line, and another chat line".repeat(9),
        ]
    }

    #[test]
    fn streams_of_every_level_inflate() {
        let mut inflate = Inflate::default();
        for payload in payloads() {
            for level in 0..10 {
                let mut stream = deflate(&payload, level);
                stream.extend(b"after");
                let mut output = vec![0xee; payload.len()];
                assert_eq!(
                    by_us(&mut inflate, &stream, &mut output),
                    Ok((payload.len(), b"after".len())),
                    "level {level}"
                );
                assert_eq!(output, payload);
                if let Some(short) = output.len().checked_sub(1) {
                    assert_eq!(by_us(&mut inflate, &stream, &mut output[..short]), Err(Stop::Full));
                }
            }
        }
    }

    #[test]
    fn malformed_streams_fail_as_in_miniz() {
        let mut inflate = Inflate::default();
        let (mut ours, mut theirs) = (vec![0; 4_096], vec![0; 4_096]);
        for payload in payloads().iter().filter(|payload| payload.len() <= 5_000) {
            for level in [0, 1, 6, 9] {
                let stream = deflate(payload, level);
                for bit in 0..(stream.len() * 8).min(2_000) {
                    let mut flipped = stream.clone();
                    flipped[bit / 8] ^= 1 << (bit % 8);
                    let (ours, theirs) =
                        (&mut ours[..payload.len().min(4_096)], &mut theirs[..payload.len().min(4_096)]);
                    let result = by_us(&mut inflate, &flipped, ours);
                    let expected = by_miniz(&flipped, theirs);
                    assert_eq!(result, expected, "{} bytes, level {level}, bit {bit}", payload.len());
                    if let Ok((len, _)) = result {
                        assert_eq!(ours[..len], theirs[..len]);
                    }
                }
                for end in 0..stream.len().min(300) {
                    assert!(by_us(&mut inflate, &stream[..end], &mut ours).is_err());
                }
            }
        }
    }
}
