//! Lists in packets: views over the bytes when decoded, slices when encoded.

use super::dialect::{Dialect, Predicate};
use super::layout::{Context, Origin};
use super::types::{BeatmapInfo, UserInfo};
use super::version::Version;
use crate::wire::{Fault, Full, Observer, Reader, Sink, Value};
use core::fmt;
use core::ops::Deref;

/// Bulk operations for elements of a fixed size.
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
            // Chunks of a fixed size need no bounds checks.
            let mut result = start;
            for element in bytes.as_chunks::<$size>().0 {
                if let Ok(element) = Self::read(&mut $crate::wire::Reader::new(element), cx) {
                    result = f(result, element);
                }
            }
            result
        }

        #[inline(always)]
        fn write_all<V: $crate::bancho::dialect::Dialect, S: $crate::wire::Sink>(
            elements: impl Iterator<Item = Self>,
            len: usize,
            out: &mut S,
            cx: $crate::bancho::layout::Context<V>,
        ) -> Result<(), $crate::wire::Full> {
            out.put_elements::<$size, Self>(len, elements, |element, bytes| {
                // The bytes have the size of the element.
                let _ = element.write(&mut $crate::wire::SliceSink::new(bytes), cx);
            })
        }
    };
    () => {};
}

/// An element of a [`List`].
pub trait Element<'a>: Copy + Default + PartialEq + fmt::Debug {
    /// The size of an element in bytes, or 0 if it varies.
    const SIZE: usize;
    /// The minimum size of an element in bytes.
    const LEAST: usize;

    fn read<V: Dialect, O: Observer>(r: &mut Reader<'a, O>, cx: Context<V>) -> Result<Self, Fault>;
    fn write<V: Dialect, S: Sink>(&self, out: &mut S, cx: Context<V>) -> Result<(), Full>;

    /// Reads the first element from bytes that are known to contain it.
    #[inline(always)]
    fn take(bytes: &mut &'a [u8], cx: Context<Version>) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let element = Self::read(&mut reader, cx).ok()?;
        *bytes = reader.rest();
        Some(element)
    }

    /// Folds the `len` elements in bytes that contain exactly these.
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

    /// Visits the version predicates on which the encoding of an element depends.
    #[inline]
    fn visit_predicates(origin: Origin, visit: &mut impl FnMut(Predicate)) {
        let _ = (origin, visit);
    }

    /// Borrows the element from an owned one.
    fn from_owned(_: &'a dyn BorrowElement) -> Self {
        Self::default()
    }
}

/// An owned element, from which the borrowed one can be made.
#[doc(hidden)] // for the adapter
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

/// A list of owned elements.
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
/// A decoded list is a view of the packet's bytes, which are validated when the packet is decoded. Elements are
/// read on access. For encoding, create a list from a slice.
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
    Owned { elements: &'a dyn BorrowElements, start: usize },
}

impl<T> Items<'_, T> {
    #[inline]
    fn len(&self) -> usize {
        match *self {
            Items::Slice(slice) => slice.len(),
            Items::Wire { len, .. } => len,
            Items::Owned { elements, start } => elements.len().saturating_sub(start),
        }
    }
}

impl<'a, T: Element<'a>> List<'a, T> {
    /// Reads `len` elements. The error is `None` if the bytes cannot contain that many.
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
            // The product was checked above: the minimum size is the size.
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
            // A separate loop over slices, which the compiler can vectorize.
            Items::Slice(slice) => T::write_all(slice.iter().copied(), len, out, cx),
            Items::Wire { .. } | Items::Owned { .. } => T::write_all(self.iter(), len, out, cx),
        }
    }

    /// Creates a list that borrows from owned elements.
    #[doc(hidden)] // for the adapter
    pub fn from_owned<L: BorrowElement + 'static>(elements: &'a (impl Deref<Target = [L]> + Sync)) -> Self {
        Self { items: Items::Owned { elements, start: 0 } }
    }

    pub(crate) fn first_unrepresentable<V: Dialect>(&self, cx: Context<V>) -> Option<&'static str> {
        // Elements that were read in the same layout can be written in it, unless writers replace some values.
        if let Items::Wire { cx: from, .. } = self.items {
            let mut is_kept = true;
            T::visit_predicates(cx.origin, &mut |predicate| {
                is_kept &= predicate.agrees(from.version, cx.version) && predicate.keeps_values(cx.version);
            });
            if is_kept {
                return None;
            }
        }
        self.iter().find_map(|item| item.first_unrepresentable(cx))
    }

    /// Returns an iterator over the elements.
    #[inline]
    pub fn iter(&self) -> Iter<'a, T> {
        Iter { items: self.items }
    }
}

impl<T> List<'_, T> {
    /// Returns the number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Returns whether the list is empty.
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

/// Generates elements in the layout of the newest version.
#[cfg(feature = "arbitrary")]
impl<'a, T: Element<'a>> arbitrary::Arbitrary<'a> for List<'a, T> {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let len = u.arbitrary_len::<u8>()?;
        let mut reader = Reader::new(u.bytes(len)?);
        let bytes = reader.rest();
        let cx = Context { version: Version::LATEST, origin: Origin::Server };
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
                // The elements were validated when the packet was decoded, so none fails.
                T::take(bytes, *cx)
            }
            Items::Owned { elements, start } => {
                let element = elements.get(*start)?;
                *start = start.saturating_add(1);
                Some(T::from_owned(element))
            }
        }
    }

    #[inline]
    fn fold<A, F: FnMut(A, T) -> A>(self, start: A, f: F) -> A {
        // One dispatch on the kind of list, not one for each element.
        match self.items {
            Items::Slice(slice) => slice.iter().copied().fold(start, f),
            Items::Wire { bytes, len, cx } => T::fold_all(bytes, len, cx, start, f),
            Items::Owned { elements, start: first } => (first..elements.len())
                .filter_map(|index| elements.get(index))
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

/// Implements [`Element`] for a struct by means of its layout.
macro_rules! element {
    ($Struct:ty as $Layout:ident, least $least:literal $(, each $size:literal)? $(, from_owned $from_owned:ident)?) => {
        impl<'a> $crate::bancho::list::Element<'a> for $Struct {
            const SIZE: usize = 0 $(+ $size)?;
            const LEAST: usize = $least;

            #[inline(always)]
            fn read<V: $crate::bancho::dialect::Dialect, O: $crate::wire::Observer>(
                r: &mut $crate::wire::Reader<'a, O>,
                cx: $crate::bancho::layout::Context<V>,
            ) -> Result<Self, $crate::wire::Fault> {
                let mut value = Self::default();
                <$Layout as $crate::bancho::layout::Form<Self>>::read(r, cx, &mut value)?;
                Ok(value)
            }

            #[inline(always)]
            fn write<V: $crate::bancho::dialect::Dialect, S: $crate::wire::Sink>(
                &self,
                out: &mut S,
                cx: $crate::bancho::layout::Context<V>,
            ) -> Result<(), $crate::wire::Full> {
                <$Layout as $crate::bancho::layout::Form<Self>>::write(out, cx, self)
            }

            fn first_unrepresentable<V: $crate::bancho::dialect::Dialect>(
                &self,
                cx: $crate::bancho::layout::Context<V>,
            ) -> Option<&'static str> {
                <$Layout as $crate::bancho::layout::Form<Self>>::first_unrepresentable(cx, self)
            }

            fn visit_predicates(
                origin: $crate::bancho::layout::Origin,
                visit: &mut impl FnMut($crate::bancho::dialect::Predicate),
            ) {
                <$Layout as $crate::bancho::layout::Form<Self>>::visit_predicates(origin, visit);
            }

            $(
                fn from_owned(element: &'a dyn $crate::bancho::list::BorrowElement) -> Self {
                    element.$from_owned()
                }
            )?

            $crate::bancho::list::fixed_size!($($size)?);
        }
    };
}

pub(crate) use {element, fixed_size};
