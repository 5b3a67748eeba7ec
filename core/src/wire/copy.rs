//! Copies that cannot panic.
//!
//! The standard library's functions check lengths and offsets. When optimizing for speed the compiler removes
//! these checks; when optimizing for size it keeps them, including the panic and its message.

/// Copies bytes to a destination of the same length.
#[inline(always)]
pub(crate) fn copy(to: &mut [u8], from: &[u8]) {
    if cfg!(feature = "small") || to.len() != from.len() {
        for (to, from) in to.iter_mut().zip(from) {
            *to = *from;
        }
    } else if !copy_short(to, from) {
        to.copy_from_slice(from);
    }
}

/// Copies up to 64 bytes as two blocks that may overlap, in registers. Strings are rarely longer, and calling
/// a general copy would take longer than the copy. Returns false if there are more bytes.
#[inline(always)]
fn copy_short(to: &mut [u8], from: &[u8]) -> bool {
    // In this order no length needs more than four comparisons, and most need two or three.
    match from.len() {
        16.. => match from.len() {
            65.. => return false,
            32.. => in_two_blocks::<32>(to, from),
            _ => in_two_blocks::<16>(to, from),
        },
        8.. => in_two_blocks::<8>(to, from),
        4.. => in_two_blocks::<4>(to, from),
        2.. => in_two_blocks::<2>(to, from),
        _ => in_two_blocks::<1>(to, from),
    }
    true
}

/// Copies between `N` and `2 * N` bytes, or none.
#[inline(always)]
fn in_two_blocks<const N: usize>(to: &mut [u8], from: &[u8]) {
    if let (Some(first), Some(last)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) {
        if let Some(to) = to.first_chunk_mut() {
            *to = *first;
        }
        if let Some(to) = to.last_chunk_mut() {
            *to = *last;
        }
    }
}

/// Moves the `len` bytes at `from` to `to`. The ranges may overlap.
pub(crate) fn copy_within(bytes: &mut [u8], from: usize, len: usize, to: usize) {
    let fits = |start: usize| start.checked_add(len).is_some_and(|end| end <= bytes.len());
    if !fits(from) || !fits(to) {
        return;
    }
    if !cfg!(feature = "small") {
        bytes.copy_within(from..from.saturating_add(len), to);
        return;
    }
    for index in 0..len {
        // Bytes that would be overwritten are moved first.
        let index = if from < to { len.saturating_sub(index).saturating_sub(1) } else { index };
        let byte = bytes.get(from.saturating_add(index)).copied();
        if let (Some(byte), Some(place)) = (byte, bytes.get_mut(to.saturating_add(index))) {
            *place = byte;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_copies_are_whole_and_stay_inside() {
        let from: [u8; 100] = core::array::from_fn(|index| u8::try_from(index).unwrap() | 0x80);
        for len in 0..=from.len() {
            let mut to = [0xee; 102];
            copy(&mut to[1..=len], &from[..len]);
            assert_eq!(to[1..=len], from[..len], "{len}");
            assert!(to[0] == 0xee && to[len + 1..].iter().all(|byte| *byte == 0xee), "{len}");
        }
    }

    #[test]
    fn bytes_move_over_themselves_in_both_directions() {
        let mut bytes = *b"abcdef--";
        copy_within(&mut bytes, 0, 6, 2);
        assert_eq!(&bytes, b"ababcdef");
        copy_within(&mut bytes, 2, 6, 1);
        assert_eq!(&bytes, b"aabcdeff");
        copy_within(&mut bytes, 4, 5, 0);
        assert_eq!(&bytes, b"aabcdeff", "a range outside the buffer is not moved");
    }
}
