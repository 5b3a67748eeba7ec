//! Lists in packets: views over the bytes when decoded, slices when encoded.

use super::forms::{S32, Str};
use super::layout::{Context, Form};
use super::version::{Dialect, Version};
use crate::wire::{Fault, Full, Observer, Reader, Sink, Value};
use core::fmt;

/// What a [`List`] can hold.
pub(crate) trait Element<'a>: Copy + Default + PartialEq + fmt::Debug {
    /// How many bytes an element takes, where that is the same for all; else 0.
    const SIZE: usize;
    /// How few bytes an element can take.
    const LEAST: usize;

    fn read<V: Dialect, O: Observer>(r: &mut Reader<'a, O>, cx: Context<V>) -> Result<Self, Fault>;
    fn write<V: Dialect, S: Sink>(&self, out: &mut S, cx: Context<V>) -> Result<(), Full>;

    fn lost<V: Dialect>(&self, _: Context<V>) -> Option<&'static str> {
        None
    }
}

/// A list in a packet: ids, replay frames, beatmaps, file names.
///
/// Decoded, it is a view over the packet's bytes, and its elements are read as they are asked for;
/// that their number and shape are right was checked when the packet was decoded. To encode one,
/// make it from a slice.
///
/// ```
/// use lobbywire_core::bancho::List;
///
/// let list = List::from(&[2, 3, 5][..]);
/// assert_eq!(list.len(), 3);
/// assert!(list.iter().eq([2, 3, 5]));
/// ```
#[derive(Clone, Copy)]
pub struct List<'a, T> {
    items: Items<'a, T>,
}

#[derive(Clone, Copy)]
enum Items<'a, T> {
    Slice(&'a [T]),
    Wire { bytes: &'a [u8], len: usize, cx: Context<Version> },
}

#[allow(private_bounds)] // only this crate's types are elements
impl<'a, T: Element<'a>> List<'a, T> {
    /// Reads `len` elements. Where the bytes can't hold as many, the error is `None`.
    #[inline(always)]
    pub(crate) fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        cx: Context<V>,
        len: usize,
    ) -> Result<Self, Option<Fault>> {
        let bytes = r.rest();
        let fits = len.checked_mul(T::LEAST).is_some_and(|least| least <= bytes.len());
        if !fits {
            return Err(None);
        }
        let at = r.position();
        r.value(at, || Value::List(len));
        let bytes = if T::SIZE != 0 && !O::ACTIVE {
            // The product was checked above, where the size is also the least.
            r.parse(crate::wire::parse::bytes(len.saturating_mul(T::SIZE)))?
        } else {
            for index in 0..len {
                r.begin_element(index);
                T::read(r, cx)?;
                r.end();
            }
            let taken = bytes.len().saturating_sub(r.rest().len());
            bytes.get(..taken).unwrap_or_default()
        };
        let cx = Context { version: cx.version.version(), origin: cx.origin };
        Ok(Self { items: Items::Wire { bytes, len, cx } })
    }

    /// Writes the first `len` elements.
    #[inline(always)]
    pub(crate) fn write<V: Dialect, S: Sink>(
        &self,
        out: &mut S,
        cx: Context<V>,
        len: usize,
    ) -> Result<(), Full> {
        for item in self.iter().take(len) {
            item.write(out, cx)?;
        }
        Ok(())
    }

    pub(crate) fn lost<V: Dialect>(&self, cx: Context<V>) -> Option<&'static str> {
        self.iter().find_map(|item| item.lost(cx))
    }

    /// The elements, from the first to the last.
    #[inline]
    pub fn iter(&self) -> Iter<'a, T> {
        Iter { items: self.items }
    }
}

impl<T> List<'_, T> {
    /// How many elements there are.
    #[inline]
    pub fn len(&self) -> usize {
        match self.items {
            Items::Slice(slice) => slice.len(),
            Items::Wire { len, .. } => len,
        }
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<'a, T> From<&'a [T]> for List<'a, T> {
    #[inline]
    fn from(slice: &'a [T]) -> Self {
        Self { items: Items::Slice(slice) }
    }
}

impl<T> Default for List<'_, T> {
    #[inline(always)]
    fn default() -> Self {
        Self { items: Items::Slice(&[]) }
    }
}

impl<'a, T: Element<'a>> PartialEq for List<'a, T> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl<'a, T: Element<'a>> fmt::Debug for List<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, T: super::fill::Fill<'a> + Copy + Default> super::fill::Fill<'a> for List<'a, T> {
    fn fill<S: super::fill::Source<'a>>(&mut self, source: &mut S) -> Result<(), S::Error> {
        *self = source.list::<T>()?.into();
        Ok(())
    }
}

#[allow(private_bounds)] // only this crate's types are elements
impl<'a, T: Element<'a>> IntoIterator for List<'a, T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    #[inline]
    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

/// The elements of a [`List`].
#[derive(Clone)]
pub struct Iter<'a, T> {
    items: Items<'a, T>,
}

impl<'a, T: Element<'a>> Iterator for Iter<'a, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        match &mut self.items {
            Items::Slice(slice) => {
                let (first, rest) = slice.split_first()?;
                *slice = rest;
                Some(*first)
            }
            Items::Wire { bytes, len, cx } => {
                *len = len.checked_sub(1)?;
                let mut reader = Reader::new(bytes);
                // Reading the packet has checked the elements, so this gives every one of them.
                let item = T::read(&mut reader, *cx).ok()?;
                *bytes = reader.rest();
                Some(item)
            }
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = match self.items {
            Items::Slice(slice) => slice.len(),
            Items::Wire { len, .. } => len,
        };
        (len, Some(len))
    }
}

impl<'a, T: Element<'a>> ExactSizeIterator for Iter<'a, T> {}

impl<'a, T: Element<'a>> core::iter::FusedIterator for Iter<'a, T> {}

impl<'a, T: Element<'a>> fmt::Debug for Iter<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<'a> Element<'a> for i32 {
    const SIZE: usize = 4;
    const LEAST: usize = 4;

    #[inline(always)]
    fn read<V: Dialect, O: Observer>(r: &mut Reader<'a, O>, cx: Context<V>) -> Result<Self, Fault> {
        let mut value = 0;
        <S32 as Form<i32>>::read(r, cx, &mut value)?;
        Ok(value)
    }

    #[inline(always)]
    fn write<V: Dialect, S: Sink>(&self, out: &mut S, _: Context<V>) -> Result<(), Full> {
        out.put_array(self.to_le_bytes())
    }
}

impl<'a> Element<'a> for &'a str {
    const SIZE: usize = 0;
    const LEAST: usize = 1;

    #[inline(always)]
    fn read<V: Dialect, O: Observer>(r: &mut Reader<'a, O>, cx: Context<V>) -> Result<Self, Fault> {
        let mut value = "";
        Str::read(r, cx, &mut value)?;
        Ok(value)
    }

    #[inline(always)]
    fn write<V: Dialect, S: Sink>(&self, out: &mut S, cx: Context<V>) -> Result<(), Full> {
        Str::write(out, cx, self)
    }
}

/// Makes a struct the element of lists, by its layout.
macro_rules! element {
    ($Struct:ty as $Layout:ident, size $size:literal, least $least:literal) => {
        impl<'a> $crate::bancho::list::Element<'a> for $Struct {
            const SIZE: usize = $size;
            const LEAST: usize = $least;

            #[inline(always)]
            fn read<V: $crate::bancho::version::Dialect, O: $crate::wire::Observer>(
                r: &mut $crate::wire::Reader<'a, O>,
                cx: $crate::bancho::layout::Context<V>,
            ) -> Result<Self, $crate::wire::Fault> {
                let mut value = Self::default();
                <$Layout as $crate::bancho::layout::Form<Self>>::read(r, cx, &mut value)?;
                Ok(value)
            }

            #[inline(always)]
            fn write<V: $crate::bancho::version::Dialect, S: $crate::wire::Sink>(
                &self,
                out: &mut S,
                cx: $crate::bancho::layout::Context<V>,
            ) -> Result<(), $crate::wire::Full> {
                <$Layout as $crate::bancho::layout::Form<Self>>::write(out, cx, self)
            }

            fn lost<V: $crate::bancho::version::Dialect>(
                &self,
                cx: $crate::bancho::layout::Context<V>,
            ) -> Option<&'static str> {
                <$Layout as $crate::bancho::layout::Form<Self>>::lost(cx, self)
            }
        }
    };
}

pub(crate) use element;
