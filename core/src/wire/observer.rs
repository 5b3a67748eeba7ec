//! Observing a decoder: traces of fields and values.

use core::fmt;

/// A decoded value, as reported to an [`Observer`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// An absent optional part.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// An integer that may exceed `i64::MAX`.
    UInt(u64),
    /// A floating-point number.
    Float(f64),
    /// Text.
    Text(&'a str),
    /// Bytes without a known meaning.
    Bytes(&'a [u8]),
    /// A value of an enumeration, with its name if it is known.
    Enum(i64, Option<&'static str>),
    /// A set of flags, with the known bits and their names.
    Flags(u32, &'static [(u32, &'static str)]),
    /// The start of a list with this number of elements. The elements follow.
    List(usize),
}

/// One step of the path from a packet to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A field. A name with dots is a path through nested structures.
    Field(&'static str),
    /// An element of a list, counted from 0. Elements are reported in order.
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

/// Receives the fields and values of a payload while it is decoded.
///
/// Offsets count from the start of the payload. Each field starts with [`begin`](Self::begin) and ends with
/// [`end`](Self::end); fields nest. If decoding fails, the innermost field that has not ended is the malformed one.
pub trait Observer {
    /// Whether the observer uses the reports. If not, all calls are optimized out.
    const ACTIVE: bool = true;

    /// Whether text that is not valid UTF-8 is accepted. If so, its valid start is decoded, and [`text`](Self::text) is
    /// called for every string. Otherwise such text is malformed.
    const ACCEPTS_ANY_TEXT: bool = false;

    /// The field `name` starts at `at`. A dotted name is a path through nested structures.
    fn begin(&mut self, name: &'static str, at: usize);

    /// Element `index` of the current list starts at `at`.
    fn begin_element(&mut self, index: usize, at: usize);

    /// The current field has this value, encoded from `start` to `end`. If the range is empty, the payload does
    /// not contain the value.
    fn value(&mut self, start: usize, end: usize, value: Value<'_>);

    /// The bytes from `start` to `end` belong to the current field but are not its value: a count, a flag.
    fn detail(&mut self, name: &'static str, start: usize, end: usize, value: Value<'_>);

    /// A string is encoded from `start` to `end`, including its marker and length, if
    /// [`ACCEPTS_ANY_TEXT`](Self::ACCEPTS_ANY_TEXT). Its value is reported after that.
    fn text(&mut self, start: usize, end: usize) {
        let _ = (start, end);
    }

    /// The innermost field or element ends.
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
    const ACCEPTS_ANY_TEXT: bool = O::ACCEPTS_ANY_TEXT;

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
    fn text(&mut self, start: usize, end: usize) {
        (**self).text(start, end);
    }
    fn end(&mut self) {
        (**self).end();
    }
}
