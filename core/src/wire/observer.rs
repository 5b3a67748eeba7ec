//! Looking over a reader's shoulder.

use core::fmt;

/// A value that was read, as an [`Observer`] is shown it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// Nothing: an optional part that is not there.
    Null,
    /// A yes or no.
    Bool(bool),
    /// A number.
    Int(i64),
    /// A number that may exceed `i64`.
    UInt(u64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(&'a str),
    /// Bytes without a known meaning.
    Bytes(&'a [u8]),
    /// A value of an enumeration, with its name where it has one.
    Enum(i64, Option<&'static str>),
    /// A set of flags, with the names of the single bits.
    Flags(u32, &'static [(u32, &'static str)]),
    /// A list starts; its elements follow.
    List(usize),
}

/// One step of the way from a packet to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A field; dots in the name are a path through nested structures.
    Field(&'static str),
    /// An element of a list, counted from 0; a list's elements come in order.
    Element(usize),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => f.write_str(name),
            Self::Element(index) => index.fmt(f),
        }
    }
}

/// Is told, field by field, what a layout finds in the bytes.
///
/// Offsets count from the start of the payload. A field is entered with [`begin`](Self::begin) and
/// left with [`end`](Self::end); fields nest. When reading fails, the field that was entered last
/// and not left is the one that failed.
pub trait Observer {
    /// Whether anybody looks. Where this is false, all calls fold away.
    const ACTIVE: bool = true;

    /// The field `name` starts at `at`. A dotted name is a path through nested structures.
    fn begin(&mut self, name: &'static str, at: usize);

    /// Element `index` of the current list starts at `at`.
    fn begin_element(&mut self, index: usize, at: usize);

    /// The current field has this value, in these bytes; an empty range means that the bytes leave
    /// the value unsaid.
    fn value(&mut self, start: usize, end: usize, value: Value<'_>);

    /// These bytes belong to the current field without being its value: a count, a flag.
    fn detail(&mut self, name: &'static str, start: usize, end: usize, value: Value<'_>);

    /// The field or element that was entered last ends.
    fn end(&mut self);
}

impl Observer for () {
    const ACTIVE: bool = false;

    #[inline(always)]
    fn begin(&mut self, _: &'static str, _: usize) {}
    #[inline(always)]
    fn begin_element(&mut self, _: usize, _: usize) {}
    #[inline(always)]
    fn value(&mut self, _: usize, _: usize, _: Value<'_>) {}
    #[inline(always)]
    fn detail(&mut self, _: &'static str, _: usize, _: usize, _: Value<'_>) {}
    #[inline(always)]
    fn end(&mut self) {}
}

impl<O: Observer> Observer for &mut O {
    const ACTIVE: bool = O::ACTIVE;

    fn begin(&mut self, name: &'static str, at: usize) {
        (**self).begin(name, at);
    }
    fn begin_element(&mut self, index: usize, at: usize) {
        (**self).begin_element(index, at);
    }
    fn value(&mut self, start: usize, end: usize, value: Value<'_>) {
        (**self).value(start, end, value);
    }
    fn detail(&mut self, name: &'static str, start: usize, end: usize, value: Value<'_>) {
        (**self).detail(name, start, end, value);
    }
    fn end(&mut self) {
        (**self).end();
    }
}
