//! Output of encoders.

use super::copy::copy;
use core::fmt;

/// The output buffer is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the output buffer is full")
    }
}

impl core::error::Error for Full {}

/// An output for encoders.
///
/// To compute the length of an encoding, run the encoder on a [`Counter`]. The length therefore always
/// equals the number of bytes written.
pub trait Sink {
    /// Appends `bytes`.
    ///
    /// # Errors
    /// [`Full`] if they do not fit; nothing is written.
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full>;

    /// Appends an array. The fixed length lets the compiler use a single store.
    #[inline(always)]
    fn put_array<const N: usize>(&mut self, bytes: [u8; N]) -> Result<(), Full> {
        self.put(&bytes)
    }

    /// Appends an array and the bytes after it. [`SliceSink`] performs one bounds check for both.
    #[inline(always)]
    fn put_prefixed<const N: usize>(&mut self, head: [u8; N], bytes: &[u8]) -> Result<(), Full> {
        self.put_array(head)?;
        self.put(bytes)
    }

    /// Returns an error if the sink can determine that `len` more bytes do not fit. The default always returns `Ok`.
    /// One check before several small writes lets the compiler omit the bounds check of each.
    #[inline(always)]
    fn check_remaining(&self, _len: usize) -> Result<(), Full> {
        Ok(())
    }

    /// Calls `write` with all remaining space, and appends the number of bytes that it returns. Returns `None` without
    /// calling it if the sink is not backed by a slice.
    #[inline(always)]
    fn with_slice<E>(&mut self, _write: impl FnOnce(&mut [u8]) -> Result<usize, E>) -> Option<Result<(), E>> {
        None
    }

    /// Appends the first `count` elements. `write` encodes each into `SIZE` bytes. [`SliceSink`] performs one bounds
    /// check for all of them.
    #[inline(always)]
    fn put_elements<const SIZE: usize, T>(
        &mut self,
        count: usize,
        elements: impl Iterator<Item = T>,
        write: impl Fn(T, &mut [u8; SIZE]),
    ) -> Result<(), Full> {
        for element in elements.take(count) {
            let mut bytes = [0; SIZE];
            write(element, &mut bytes);
            self.put_array(bytes)?;
        }
        Ok(())
    }
}

impl<S: Sink> Sink for &mut S {
    #[inline(always)]
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        (**self).put(bytes)
    }

    #[inline(always)]
    fn put_array<const N: usize>(&mut self, bytes: [u8; N]) -> Result<(), Full> {
        (**self).put_array(bytes)
    }

    #[inline(always)]
    fn put_prefixed<const N: usize>(&mut self, head: [u8; N], bytes: &[u8]) -> Result<(), Full> {
        (**self).put_prefixed(head, bytes)
    }

    #[inline(always)]
    fn check_remaining(&self, len: usize) -> Result<(), Full> {
        (**self).check_remaining(len)
    }

    #[inline(always)]
    fn with_slice<E>(&mut self, write: impl FnOnce(&mut [u8]) -> Result<usize, E>) -> Option<Result<(), E>> {
        (**self).with_slice(write)
    }

    #[inline(always)]
    fn put_elements<const SIZE: usize, T>(
        &mut self,
        count: usize,
        elements: impl Iterator<Item = T>,
        write: impl Fn(T, &mut [u8; SIZE]),
    ) -> Result<(), Full> {
        (**self).put_elements(count, elements, write)
    }
}

/// Writes into a slice. Bytes after the written ones are never changed.
#[derive(Debug)]
pub struct SliceSink<'b> {
    rest: &'b mut [u8],
}

impl<'b> SliceSink<'b> {
    /// Writes from the start of `buffer`.
    #[inline(always)]
    pub fn new(buffer: &'b mut [u8]) -> Self {
        Self { rest: buffer }
    }

    /// Takes the remaining space if at least `len` bytes fit. The check before `take` lets the compiler see that
    /// the space is always put back, and omit the empty slice in between.
    #[inline(always)]
    fn take_room(&mut self, len: usize) -> Result<&'b mut [u8], Full> {
        if self.rest.len() < len { Err(Full) } else { Ok(core::mem::take(&mut self.rest)) }
    }

    /// The number of bytes that still fit.
    #[inline(always)]
    pub fn room(&self) -> usize {
        self.rest.len()
    }
}

impl Sink for SliceSink<'_> {
    #[inline(always)]
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        let (head, rest) = self.take_room(bytes.len())?.split_at_mut_checked(bytes.len()).ok_or(Full)?;
        copy(head, bytes);
        self.rest = rest;
        Ok(())
    }

    #[inline(always)]
    fn put_array<const N: usize>(&mut self, bytes: [u8; N]) -> Result<(), Full> {
        let (head, rest) = self.take_room(N)?.split_first_chunk_mut::<N>().ok_or(Full)?;
        *head = bytes;
        self.rest = rest;
        Ok(())
    }

    #[inline(always)]
    fn put_prefixed<const N: usize>(&mut self, head: [u8; N], bytes: &[u8]) -> Result<(), Full> {
        let len = bytes.len().checked_add(N).ok_or(Full)?;
        let (both, rest) = self.take_room(len)?.split_at_mut_checked(len).ok_or(Full)?;
        if let Some((to, tail)) = both.split_first_chunk_mut() {
            *to = head;
            copy(tail, bytes);
        }
        self.rest = rest;
        Ok(())
    }

    #[inline(always)]
    fn check_remaining(&self, len: usize) -> Result<(), Full> {
        if self.rest.len() < len { Err(Full) } else { Ok(()) }
    }

    #[inline(always)]
    fn with_slice<E>(&mut self, write: impl FnOnce(&mut [u8]) -> Result<usize, E>) -> Option<Result<(), E>> {
        Some(write(self.rest).map(|len| {
            let rest = core::mem::take(&mut self.rest);
            self.rest = rest.split_at_mut_checked(len).map(|(_, rest)| rest).unwrap_or_default();
        }))
    }

    #[inline(always)]
    fn put_elements<const SIZE: usize, T>(
        &mut self,
        count: usize,
        elements: impl Iterator<Item = T>,
        write: impl Fn(T, &mut [u8; SIZE]),
    ) -> Result<(), Full> {
        let len = count.checked_mul(SIZE).ok_or(Full)?;
        let (head, rest) = self.take_room(len)?.split_at_mut_checked(len).ok_or(Full)?;
        for (element, bytes) in elements.zip(head.as_chunks_mut::<SIZE>().0) {
            write(element, bytes);
        }
        self.rest = rest;
        Ok(())
    }
}

/// A type-erased sink, for functions that are stored as values and therefore cannot be generic.
///
/// ```
/// use lobbywire_core::wire::{AnySink, Counter, Sink};
///
/// let write: fn(&mut AnySink<'_>) -> _ = |out| out.put(b"hi");
/// let mut counter = Counter::default();
/// write(&mut AnySink::new(&mut counter))?;
/// assert_eq!(counter.0, 2);
/// # Ok::<(), lobbywire_core::wire::Full>(())
/// ```
pub struct AnySink<'s>(&'s mut (dyn Put + 's));

/// The dyn-compatible part of [`Sink`].
trait Put {
    fn put_bytes(&mut self, bytes: &[u8]) -> Result<(), Full>;
}

impl<S: Sink> Put for S {
    fn put_bytes(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.put(bytes)
    }
}

impl<'s> AnySink<'s> {
    /// Wraps `sink`.
    pub fn new(sink: &'s mut impl Sink) -> Self {
        Self(sink)
    }
}

impl Sink for AnySink<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.0.put_bytes(bytes)
    }
}

impl fmt::Debug for AnySink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnySink").finish_non_exhaustive()
    }
}

/// Counts the bytes instead of storing them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counter(pub usize);

impl Sink for Counter {
    #[inline(always)]
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.0 = self.0.checked_add(bytes.len()).ok_or(Full)?;
        Ok(())
    }

    #[inline(always)]
    fn put_elements<const SIZE: usize, T>(
        &mut self,
        count: usize,
        _: impl Iterator<Item = T>,
        _: impl Fn(T, &mut [u8; SIZE]),
    ) -> Result<(), Full> {
        self.0 = count.checked_mul(SIZE).and_then(|len| self.0.checked_add(len)).ok_or(Full)?;
        Ok(())
    }
}

#[cfg(feature = "alloc")]
extern crate alloc;

/// Implements [`Sink`] for buffers that grow as needed.
#[cfg(any(feature = "alloc", feature = "bytes-v1"))]
macro_rules! growable {
    ($(#[$meta:meta])* $Buffer:ty) => {
        $(#[$meta])*
        impl Sink for $Buffer {
            #[inline]
            fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
                self.extend_from_slice(bytes);
                Ok(())
            }

            #[inline]
            fn put_prefixed<const N: usize>(&mut self, head: [u8; N], bytes: &[u8]) -> Result<(), Full> {
                self.reserve(bytes.len().saturating_add(N));
                self.extend_from_slice(&head);
                self.extend_from_slice(bytes);
                Ok(())
            }
        }
    };
}

#[cfg(feature = "alloc")]
growable! {
    /// Appends, and grows as needed. (Feature `alloc`.)
    ///
    /// ```
    /// use lobbywire_core::wire::Sink;
    ///
    /// let mut out = Vec::new();
    /// out.put(b"login")?;
    /// assert_eq!(out, b"login");
    /// # Ok::<(), lobbywire_core::wire::Full>(())
    /// ```
    alloc::vec::Vec<u8>
}

#[cfg(feature = "bytes-v1")]
growable! {
    /// Appends, and grows as needed. (Feature `bytes-v1`.)
    bytes::BytesMut
}

#[cfg(feature = "heapless-v0.9")]
impl<const CAPACITY: usize> Sink for heapless::Vec<u8, CAPACITY> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.extend_from_slice(bytes).map_err(|_| Full)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_written_from_the_start_only() {
        let mut buffer = [0xee; 8];
        let mut sink = SliceSink::new(&mut buffer);
        sink.put(b"ab").unwrap();
        sink.put_array([b'c']).unwrap();
        sink.put_prefixed([b'd', b'e'], b"f").unwrap();
        assert_eq!(sink.room(), 2);
        assert_eq!(buffer, *b"abcdef\xee\xee");
    }

    #[test]
    fn writing_to_a_full_slice_fails_and_changes_nothing() {
        let mut buffer = [0xee; 2];
        assert_eq!(SliceSink::new(&mut buffer).put(b"abc"), Err(Full));
        assert_eq!(SliceSink::new(&mut buffer).put_array([1, 2, 3]), Err(Full));
        assert_eq!(SliceSink::new(&mut buffer).put_prefixed([1], &[2, 3]), Err(Full));
        assert_eq!(buffer, [0xee; 2]);
    }

    #[test]
    fn a_counter_counts_and_does_not_overflow() {
        let mut counter = Counter(usize::MAX - 1);
        counter.put(b"a").unwrap();
        assert_eq!(counter.put(b"a"), Err(Full));
    }

    #[cfg(all(feature = "alloc", feature = "bytes-v1"))]
    #[test]
    fn owned_buffers_grow_as_needed() {
        fn append(mut out: impl Sink + AsRef<[u8]>) {
            out.put(b"bc").unwrap();
            out.put_prefixed([b'd', b'e'], b"f").unwrap();
            out.put_array([b'g']).unwrap();
            assert_eq!(out.as_ref(), b"abcdefg");
        }
        append(std::vec![b'a']);
        append(bytes::BytesMut::from(&b"a"[..]));
    }

    #[cfg(feature = "heapless-v0.9")]
    #[test]
    fn a_heapless_vec_is_a_sink() {
        let mut vec = heapless::Vec::<u8, 3>::new();
        vec.put(b"abc").unwrap();
        assert_eq!(vec.put(b"d"), Err(Full));
        assert_eq!(vec.as_slice(), b"abc");
    }
}
