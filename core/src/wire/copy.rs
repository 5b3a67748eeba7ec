//! Copies without a path to a panic.
//!
//! The standard library's ask whether lengths and places fit. At speed the compiler sees that they do; at
//! the smallest size it keeps the question, and with it the panic and its message.

/// Copies bytes to a place of the same length.
#[inline(always)]
pub(crate) fn copy(to: &mut [u8], from: &[u8]) {
    if cfg!(feature = "small") || to.len() != from.len() {
        for (to, from) in to.iter_mut().zip(from) {
            *to = *from;
        }
    } else {
        to.copy_from_slice(from);
    }
}

/// Moves the `len` bytes at `from` to `to`; the two places may overlap.
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
        // Bytes that others go over are moved first.
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
    fn bytes_move_over_themselves_in_both_directions() {
        let mut bytes = *b"abcdef--";
        copy_within(&mut bytes, 0, 6, 2);
        assert_eq!(&bytes, b"ababcdef");
        copy_within(&mut bytes, 2, 6, 1);
        assert_eq!(&bytes, b"aabcdeff");
        copy_within(&mut bytes, 4, 5, 0);
        assert_eq!(&bytes, b"aabcdeff", "what does not fit is not moved");
    }
}
