//! Lists in packets: views over the bytes when decoded, slices when encoded.

use super::forms::{S32, Str};
use super::layout::{Context, Form};
use super::types::{BeatmapInfo, UserInfo};
use super::version::{Dialect, Version};
use crate::wire::{Fault, Full, Observer, Reader, Sink, Value, text};
use core::fmt;
use core::ops::Deref;

/// The bulk ways of elements that all take the same number of bytes.
macro_rules! fixed_size {
    ($size:literal) => {
        #[inline(always)]
        fn take(
            bytes: &mut &'a [u8],
            cx: $crate::bancho::layout::Context<$crate::bancho::version::Version>,
        ) -> Option<Self> {
            let (element, rest) = bytes.split_first_chunk::<$size>()?;
            *bytes = rest;
            Self::read(&mut $crate::wire::Reader::new(element), cx).ok()
        }

        #[inline(always)]
        fn fold_all<A>(
            bytes: &'a [u8],
            _: usize,
            cx: $crate::bancho::layout::Context<$crate::bancho::version::Version>,
            start: A,
            mut f: impl FnMut(A, Self) -> A,
        ) -> A {
            // Chunks of a known size, of which none has to be asked whether it is there.
            let mut result = start;
            for element in bytes.as_chunks::<$size>().0 {
                if let Ok(element) = Self::read(&mut $crate::wire::Reader::new(element), cx) {
                    result = f(result, element);
                }
            }
            result
        }

        #[inline(always)]
        fn write_all<V: $crate::bancho::version::Dialect, S: $crate::wire::Sink>(
            elements: impl Iterator<Item = Self>,
            len: usize,
            out: &mut S,
            cx: $crate::bancho::layout::Context<V>,
        ) -> Result<(), $crate::wire::Full> {
            out.put_elements::<$size, Self>(len, elements, |element, bytes| {
                // An element's own bytes hold it.
                let _ = element.write(&mut $crate::wire::SliceSink::new(bytes), cx);
            })
        }
    };
    () => {};
}

/// What a [`List`] can hold.
pub trait Element<'a>: Copy + Default + PartialEq + fmt::Debug {
    /// How many bytes an element takes, where that is the same for all; else 0.
    const SIZE: usize;
    /// How few bytes an element can take.
    const LEAST: usize;

    fn read<V: Dialect, O: Observer>(r: &mut Reader<'a, O>, cx: Context<V>) -> Result<Self, Fault>;
    fn write<V: Dialect, S: Sink>(&self, out: &mut S, cx: Context<V>) -> Result<(), Full>;

    /// Takes the first element from bytes that are known to hold it.
    #[inline(always)]
    fn take(bytes: &mut &'a [u8], cx: Context<Version>) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let element = Self::read(&mut reader, cx).ok()?;
        *bytes = reader.rest();
        Some(element)
    }

    /// Goes over the `len` elements in bytes that are known to hold them, and no more.
    #[inline(always)]
    fn fold_all<A>(
        mut bytes: &'a [u8],
        len: usize,
        cx: Context<Version>,
        start: A,
        mut f: impl FnMut(A, Self) -> A,
    ) -> A {
        let mut result = start;
        for _ in 0..len {
            let Some(element) = Self::take(&mut bytes, cx) else { break };
            result = f(result, element);
        }
        result
    }

    /// Writes `len` elements.
    #[inline(always)]
    fn write_all<V: Dialect, S: Sink>(
        elements: impl Iterator<Item = Self>,
        len: usize,
        out: &mut S,
        cx: Context<V>,
    ) -> Result<(), Full> {
        for element in elements.take(len) {
            element.write(out, cx)?;
        }
        Ok(())
    }

    fn first_unrepresentable<V: Dialect>(&self, _: Context<V>) -> Option<&'static str> {
        None
    }

    /// Whether any element stands on the wire alike in two versions.
    fn same_layout<A: Dialect, B: Dialect>(_: Context<A>, _: Context<B>) -> bool {
        true
    }

    /// The element that an owned one lends.
    fn from_owned(_: &'a dyn BorrowElement) -> Self {
        Self::default()
    }
}

/// An owned element, which lends the borrowed one that it is the twin of.
#[doc(hidden)] // for the crate that has a heap
pub trait BorrowElement: Sync {
    fn text(&self) -> &str {
        ""
    }

    fn beatmap_info(&self) -> BeatmapInfo<'_> {
        BeatmapInfo::default()
    }

    fn user_info(&self) -> UserInfo<'_> {
        UserInfo::default()
    }
}

impl<S: AsRef<str> + Sync> BorrowElement for S {
    fn text(&self) -> &str {
        self.as_ref()
    }
}

/// Several of them.
trait BorrowElements: Sync {
    fn len(&self) -> usize;
    fn get(&self, index: usize) -> Option<&dyn BorrowElement>;
}

impl<T: BorrowElement + 'static, C: Deref<Target = [T]> + Sync> BorrowElements for C {
    fn len(&self) -> usize {
        (**self).len()
    }

    fn get(&self, index: usize) -> Option<&dyn BorrowElement> {
        let element: &dyn BorrowElement = (**self).get(index)?;
        Some(element)
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
    Lent { lenders: &'a dyn BorrowElements, start: usize },
}

impl<T> Items<'_, T> {
    #[inline]
    fn len(&self) -> usize {
        match *self {
            Items::Slice(slice) => slice.len(),
            Items::Wire { len, .. } => len,
            Items::Lent { lenders, start } => lenders.len().saturating_sub(start),
        }
    }
}

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
        match self.items {
            // Slices are walked as such, which the compiler can do in bulk.
            Items::Slice(slice) => T::write_all(slice.iter().copied(), len, out, cx),
            Items::Wire { .. } | Items::Lent { .. } => T::write_all(self.iter(), len, out, cx),
        }
    }

    /// A list of what owned elements lend.
    #[doc(hidden)] // for the crate that has a heap
    pub fn from_owned<L: BorrowElement + 'static>(lenders: &'a (impl Deref<Target = [L]> + Sync)) -> Self {
        Self { items: Items::Lent { lenders, start: 0 } }
    }

    pub(crate) fn first_unrepresentable<V: Dialect>(&self, cx: Context<V>) -> Option<&'static str> {
        // What was read as this version lays it out can be laid out so again.
        if let Items::Wire { cx: from, .. } = self.items
            && T::same_layout(from, cx)
        {
            return None;
        }
        self.iter().find_map(|item| item.first_unrepresentable(cx))
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
        self.items.len()
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

/// Any elements that the bytes hold, as the newest version has them.
#[cfg(feature = "arbitrary")]
impl<'a, T: Element<'a>> arbitrary::Arbitrary<'a> for List<'a, T> {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let len = u.arbitrary_len::<u8>()?;
        let mut reader = Reader::new(u.bytes(len)?);
        let bytes = reader.rest();
        let cx = Context { version: Version::LATEST, origin: super::layout::Origin::Server };
        let (mut len, mut taken) = (0usize, 0);
        while !reader.rest().is_empty() && T::read(&mut reader, cx).is_ok() {
            len = len.saturating_add(1);
            taken = reader.position();
        }
        Ok(Self { items: Items::Wire { bytes: bytes.get(..taken).unwrap_or_default(), len, cx } })
    }
}

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
                // Reading the packet has checked the elements, so this gives every one of them.
                T::take(bytes, *cx)
            }
            Items::Lent { lenders, start } => {
                let lender = lenders.get(*start)?;
                *start = start.saturating_add(1);
                Some(T::from_owned(lender))
            }
        }
    }

    #[inline]
    fn fold<A, F: FnMut(A, T) -> A>(self, start: A, f: F) -> A {
        // What kind of list it is, is asked once and not for each element.
        match self.items {
            Items::Slice(slice) => slice.iter().copied().fold(start, f),
            Items::Wire { bytes, len, cx } => T::fold_all(bytes, len, cx, start, f),
            Items::Lent { lenders, start: first } => (first..lenders.len())
                .filter_map(|index| lenders.get(index))
                .map(T::from_owned)
                .fold(start, f),
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = self.items.len();
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

    fixed_size!(4);
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
    fn take(bytes: &mut &'a [u8], _: Context<Version>) -> Option<Self> {
        // One by one, since each is taken by a reader of its own: a look ahead would be lost.
        let (rest, value) = text(bytes).ok()?;
        *bytes = rest;
        Some(value)
    }

    #[inline(always)]
    fn write<V: Dialect, S: Sink>(&self, out: &mut S, cx: Context<V>) -> Result<(), Full> {
        Str::write(out, cx, self)
    }

    fn from_owned(lender: &'a dyn BorrowElement) -> Self {
        lender.text()
    }
}

/// Makes a struct the element of lists, by its layout.
macro_rules! element {
    ($Struct:ty as $Layout:ident, least $least:literal $(, each $size:literal)? $(, from_owned $from_owned:ident)?) => {
        impl<'a> $crate::bancho::list::Element<'a> for $Struct {
            const SIZE: usize = 0 $(+ $size)?;
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

            fn first_unrepresentable<V: $crate::bancho::version::Dialect>(
                &self,
                cx: $crate::bancho::layout::Context<V>,
            ) -> Option<&'static str> {
                <$Layout as $crate::bancho::layout::Form<Self>>::first_unrepresentable(cx, self)
            }

            fn same_layout<A: $crate::bancho::version::Dialect, B: $crate::bancho::version::Dialect>(
                one: $crate::bancho::layout::Context<A>,
                other: $crate::bancho::layout::Context<B>,
            ) -> bool {
                <$Layout as $crate::bancho::layout::Form<Self>>::same_layout(one, other)
            }

            $(
                fn from_owned(lender: &'a dyn $crate::bancho::list::BorrowElement) -> Self {
                    lender.$from_owned()
                }
            )?

            $crate::bancho::list::fixed_size!($($size)?);
        }
    };
}

pub(crate) use {element, fixed_size};
