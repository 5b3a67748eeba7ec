//! Arrays and maps that are decoded lazily.

use super::payload::Payload;
use crate::wire::{Error, Full, MsgPackReader, MsgPackWriter, Sink, Trace};
use core::fmt;

/// An array of values of one type.
///
/// A decoded list is a view of its bytes: all values have been validated, and are decoded again during
/// iteration. A list to be encoded is created from a slice.
///
/// ```
/// use lobbywire_core::lazer::{LegacyReplayFrame, List};
///
/// let frames = [LegacyReplayFrame { time: 1000.0, ..Default::default() }];
/// let list = List::from(&frames);
/// assert_eq!((list.len(), list.iter().next()), (1, Some(frames[0])));
/// ```
#[derive(Clone, Copy)]
pub struct List<'a, T>(Items<'a, T>);

#[derive(Clone, Copy)]
enum Items<'a, T> {
    Slice(&'a [T]),
    Packed { len: usize, bytes: &'a [u8] },
}

impl<'a, T: Payload<'a> + Copy> List<'a, T> {
    /// The number of values.
    pub fn len(&self) -> usize {
        match self.0 {
            Items::Slice(items) => items.len(),
            Items::Packed { len, .. } => len,
        }
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Iterates over the values, in order.
    #[inline]
    pub fn iter(&self) -> ListIter<'a, T> {
        match self.0 {
            Items::Slice(items) => ListIter { items: items.iter(), left: 0, reader: MsgPackReader::new(&[]) },
            Items::Packed { len, bytes } => {
                ListIter { items: [].iter(), left: len, reader: MsgPackReader::new(bytes) }
            }
        }
    }
}

impl<T> Default for List<'_, T> {
    fn default() -> Self {
        Self(Items::Slice(&[]))
    }
}

impl<'a, T> From<&'a [T]> for List<'a, T> {
    fn from(items: &'a [T]) -> Self {
        Self(Items::Slice(items))
    }
}

impl<'a, T, const N: usize> From<&'a [T; N]> for List<'a, T> {
    fn from(items: &'a [T; N]) -> Self {
        Self(Items::Slice(items))
    }
}

/// An iterator over the values of a [`List`].
#[derive(Clone, Debug)]
pub struct ListIter<'a, T> {
    items: core::slice::Iter<'a, T>,
    left: usize,
    reader: MsgPackReader<'a>,
}

#[inline(never)]
fn next_of_another_form<'a, T: Payload<'a>>(mut reader: MsgPackReader<'a>) -> (Option<T>, MsgPackReader<'a>) {
    // All values have been validated, so decoding does not fail.
    (T::read(&mut reader).ok(), reader)
}

/// Decodes a value. Also returns the remaining bytes.
#[inline(never)]
fn after_other_form<'a, T: Payload<'a>>(
    mut reader: MsgPackReader<'a>,
    trace: &mut impl Trace,
) -> Result<MsgPackReader<'a>, Error> {
    T::read_with(&mut reader, trace)?;
    Ok(reader)
}

impl<'a, T: Payload<'a> + Copy> Iterator for ListIter<'a, T> {
    type Item = T;

    #[inline(always)]
    fn next(&mut self) -> Option<T> {
        if self.left == 0 {
            return self.items.next().copied();
        }
        self.left = self.left.saturating_sub(1);
        // Only inlined functions borrow the cursor, so it stays in registers.
        let mut reader = self.reader;
        if let Some(item) = T::read_usual(&mut reader) {
            self.reader = reader;
            return Some(item);
        }
        let (item, reader) = next_of_another_form(self.reader);
        self.reader = reader;
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = self.items.len().max(self.left);
        (len, Some(len))
    }
}

impl<'a, T: Payload<'a> + Copy> ExactSizeIterator for ListIter<'a, T> {}

impl<'a, T: Payload<'a> + Copy> IntoIterator for List<'a, T> {
    type Item = T;
    type IntoIter = ListIter<'a, T>;

    fn into_iter(self) -> ListIter<'a, T> {
        self.iter()
    }
}

impl<'a, T: Payload<'a> + Copy + PartialEq> PartialEq for List<'a, T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<'a, T: Payload<'a> + Copy + fmt::Debug> fmt::Debug for List<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<'a, T: Payload<'a> + Copy> Payload<'a> for List<'a, T> {
    #[inline]
    fn read_with(reader: &mut MsgPackReader<'a>, trace: &mut impl Trace) -> Result<Self, Error> {
        let len = reader.array_len_or_nil()?;
        let mut rest = *reader;
        for _ in 0..len {
            let mut usual = rest;
            rest = match T::read_usual(&mut usual) {
                Some(_) => usual,
                None => after_other_form::<T>(rest, trace)?,
            };
        }
        let bytes = reader.until(&rest);
        *reader = rest;
        Ok(Self(Items::Packed { len, bytes }))
    }

    #[inline]
    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        out.array_len(self.len())?;
        match self.0 {
            Items::Slice(items) => T::write_each(items, out),
            // Re-encode values that are not in the canonical form.
            Items::Packed { .. } => self.iter().try_for_each(|item| item.write(out)),
        }
    }
}

/// Values by key, in the order in which they were received. The order has no meaning.
///
/// ```
/// use lobbywire_core::lazer::{HitResult, Map};
///
/// let hits = [(HitResult::GREAT, 300), (HitResult::MISS, 2)];
/// let statistics = Map::from(&hits);
/// assert_eq!((statistics.get(HitResult::MISS), statistics.get(HitResult::OK)), (Some(2), None));
/// ```
#[derive(Clone, Copy)]
pub struct Map<'a, K, V>(List<'a, Pair<K, V>>, &'a [(K, V)]);

/// A key followed by its value.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pair<K, V>(K, V);

impl<'a, K: Payload<'a>, V: Payload<'a>> Payload<'a> for Pair<K, V> {
    #[inline]
    fn read_with(reader: &mut MsgPackReader<'a>, trace: &mut impl Trace) -> Result<Self, Error> {
        Ok(Self(K::read_with(reader, trace)?, V::read_with(reader, trace)?))
    }

    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        self.0.write(out)?;
        self.1.write(out)
    }
}

impl<'a, K: Payload<'a> + Copy, V: Payload<'a> + Copy> Map<'a, K, V> {
    /// The number of entries.
    pub fn len(&self) -> usize {
        self.0.len().max(self.1.len())
    }

    /// Whether the map is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Iterates over keys and values, in order.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = (K, V)> + use<'a, K, V> {
        self.0.iter().map(|Pair(key, value)| (key, value)).chain(self.1.iter().copied())
    }

    /// The value with this key; the last one if there are duplicates.
    pub fn get(&self, key: K) -> Option<V>
    where
        K: PartialEq,
    {
        self.iter().filter(|(known, _)| *known == key).map(|(_, value)| value).last()
    }
}

impl<K, V> Default for Map<'_, K, V> {
    fn default() -> Self {
        Self(List::default(), &[])
    }
}

impl<'a, K, V> From<&'a [(K, V)]> for Map<'a, K, V> {
    fn from(pairs: &'a [(K, V)]) -> Self {
        Self(List::default(), pairs)
    }
}

impl<'a, K, V, const N: usize> From<&'a [(K, V); N]> for Map<'a, K, V> {
    fn from(pairs: &'a [(K, V); N]) -> Self {
        Self(List::default(), pairs)
    }
}

impl<'a, K, V> PartialEq for Map<'a, K, V>
where
    K: Payload<'a> + Copy + PartialEq,
    V: Payload<'a> + Copy + PartialEq,
{
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<'a, K, V> fmt::Debug for Map<'a, K, V>
where
    K: Payload<'a> + Copy + fmt::Debug,
    V: Payload<'a> + Copy + fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<'a, K: Payload<'a> + Copy, V: Payload<'a> + Copy> Payload<'a> for Map<'a, K, V> {
    #[inline]
    fn read_with(reader: &mut MsgPackReader<'a>, trace: &mut impl Trace) -> Result<Self, Error> {
        let len = reader.map_len_or_nil()?;
        let before = *reader;
        for _ in 0..len {
            Pair::<K, V>::read_with(reader, trace)?;
        }
        Ok(Self(List(Items::Packed { len, bytes: before.until(reader) }), &[]))
    }

    #[inline]
    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        out.map_len(self.len())?;
        for pair in self.0.iter() {
            pair.write(out)?;
        }
        for (key, value) in self.1 {
            key.write(out)?;
            value.write(out)?;
        }
        Ok(())
    }
}
