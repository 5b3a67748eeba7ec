//! Decoding: nom parsers for the primitives, and a cursor with an observer.

use super::{Fault, MarkedText, Observer, Texts, Value, marked_text};
use nom::{Complete, Emit, OutputM, Parser};

/// The primitives as nom parsers.
///
/// They use `split_first_chunk` and are always inlined. nom's own number parsers and `take` are not inlined in
/// cargo's default release profile, and are several times slower.
pub(crate) mod parse {
    use crate::wire::{ErrorKind, Fault};
    use nom::{Err, IResult};

    /// The result of a primitive: the remaining input and the value.
    pub(crate) type Parsed<'a, T> = IResult<&'a [u8], T, Fault>;

    /// The next `N` bytes.
    #[inline(always)]
    pub(crate) fn array<const N: usize>(input: &[u8]) -> Parsed<'_, [u8; N]> {
        match input.split_first_chunk::<N>() {
            Some((head, rest)) => Ok((rest, *head)),
            None => Err(Err::Error(Fault::new(ErrorKind::Truncated, input))),
        }
    }

    /// The next `count` bytes, borrowed.
    #[inline(always)]
    pub(crate) fn bytes<'a>(count: usize) -> impl Fn(&'a [u8]) -> Parsed<'a, &'a [u8]> {
        move |input| match input.split_at_checked(count) {
            Some((head, rest)) => Ok((rest, head)),
            None => Err(Err::Error(Fault::new(ErrorKind::Truncated, input))),
        }
    }

    macro_rules! little_endian {
        ($($name:ident: $ty:ty),+ $(,)?) => {$(
            #[doc = concat!("A little-endian `", stringify!($ty), "`.")]
            #[inline(always)]
            pub(crate) fn $name(input: &[u8]) -> Parsed<'_, $ty> {
                let (rest, bytes) = array(input)?;
                Ok((rest, <$ty>::from_le_bytes(bytes)))
            }
        )+};
    }

    little_endian!(
        le_u8: u8, le_i8: i8, le_u16: u16, le_i16: i16, le_u32: u32, le_i32: i32, le_u64: u64,
        le_f32: f32, le_f64: f64,
    );
}

/// Runs a nom parser on `input`, and advances `input` past the consumed bytes.
#[inline(always)]
fn run<'a, P: Parser<&'a [u8], Error = Fault>>(
    parser: &mut P,
    input: &mut &'a [u8],
) -> Result<P::Output, Fault> {
    // The same as nom's `parse`, which is not inlined.
    match parser.process::<OutputM<Emit, Emit, Complete>>(input) {
        Ok((rest, value)) => {
            *input = rest;
            Ok(value)
        }
        Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => Err(fault),
        // Only streaming parsers return this, and none is used.
        Err(nom::Err::Incomplete(_)) => Err(Fault::new(super::ErrorKind::Truncated, input)),
    }
}

/// A cursor over one payload.
///
/// All layouts are decoded with it. With `()` as the observer `O`, observing costs nothing. Field traces and
/// error explanations run the same decoder with another observer.
#[derive(Clone, Debug)]
pub struct Reader<'a, O = ()> {
    rest: &'a [u8],
    total: usize,
    texts: Texts<'a>,
    observer: O,
}

impl<'a> Reader<'a> {
    /// Creates a reader of `payload` without an observer.
    #[inline(always)]
    pub fn new(payload: &'a [u8]) -> Self {
        Self::observed(payload, ())
    }
}

impl<'a, O: Observer> Reader<'a, O> {
    /// Creates a reader of `payload` that reports fields and values to `observer`.
    #[inline(always)]
    pub fn observed(payload: &'a [u8], observer: O) -> Self {
        Self { rest: payload, total: payload.len(), texts: Texts::NONE, observer }
    }

    /// The bytes that have not been read yet.
    #[inline(always)]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The number of bytes that have been read.
    #[inline(always)]
    pub fn position(&self) -> usize {
        self.total.saturating_sub(self.rest.len())
    }

    /// Runs a nom parser on the remaining bytes, and advances past the bytes it consumed.
    #[inline(always)]
    pub(crate) fn parse<T>(
        &mut self,
        mut parser: impl Parser<&'a [u8], Output = T, Error = Fault>,
    ) -> Result<T, Fault> {
        run(&mut parser, &mut self.rest)
    }

    /// Reads a string. The marker of an empty string (`00`) and text of length 0 both return `""`.
    #[inline(always)]
    pub(crate) fn text(&mut self) -> Result<&'a str, Fault> {
        Ok(self.marked_text()?.unwrap_or(""))
    }

    /// As [`text`](Self::text), with inlined code: faster and larger.
    #[inline(always)]
    pub(crate) fn text_inlined(&mut self) -> Result<&'a str, Fault> {
        Ok(run(&mut MarkedText::<true>(&mut self.texts), &mut self.rest)?.unwrap_or(""))
    }

    /// Reads a string. Returns `None` for the marker of an empty string, `Some("")` for text of length 0.
    #[inline(always)]
    pub(crate) fn marked_text(&mut self) -> Result<Option<&'a str>, Fault> {
        if O::ACTIVE && O::ACCEPTS_ANY_TEXT {
            return self.any_text();
        }
        if cfg!(feature = "small") {
            return self.parse(marked_text);
        }
        run(&mut MarkedText::<false>(&mut self.texts), &mut self.rest)
    }

    /// Reads a string without checking that it is UTF-8.
    pub(crate) fn text_bytes(&mut self) -> Result<Option<&'a [u8]>, Fault> {
        self.parse(super::text::marked_bytes)
    }

    /// Reads a string that may not be valid UTF-8. Returns its valid start.
    #[cold]
    fn any_text(&mut self) -> Result<Option<&'a str>, Fault> {
        let start = self.position();
        let bytes = self.text_bytes()?;
        let end = self.position();
        self.observer.text(start, end);
        let valid = |bytes: &'a [u8]| bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        Ok(bytes.map(valid))
    }

    /// A fault of this kind at the current position.
    #[inline(always)]
    pub(crate) fn fault(&self, kind: super::ErrorKind) -> Fault {
        Fault::new(kind, self.rest)
    }

    /// Enters the field `name`, which starts at the current position.
    #[inline(always)]
    pub(crate) fn begin(&mut self, name: &'static str) {
        if O::ACTIVE {
            let at = self.position();
            self.observer.begin(name, at);
        }
    }

    /// Enters element `index` of the current list.
    #[inline(always)]
    pub(crate) fn begin_element(&mut self, index: usize) {
        if O::ACTIVE {
            let at = self.position();
            self.observer.begin_element(index, at);
        }
    }

    /// Leaves the innermost field or element.
    #[inline(always)]
    pub(crate) fn end(&mut self) {
        if O::ACTIVE {
            self.observer.end();
        }
    }

    /// Reports the value of the current field, encoded from `start` to the current position.
    #[inline(always)]
    pub(crate) fn value(&mut self, start: usize, value: impl FnOnce() -> Value<'a>) {
        if O::ACTIVE {
            let end = self.position();
            self.observer.value(start, end, value());
        }
    }

    /// Reports the value of the current field, encoded from `start` to `end`.
    #[inline(always)]
    pub(crate) fn value_in(&mut self, start: usize, end: usize, value: impl FnOnce() -> Value<'a>) {
        if O::ACTIVE {
            self.observer.value(start, end, value());
        }
    }

    /// Reports that the bytes from `start` to the current position are a wire detail: a count, a flag, a marker.
    #[inline(always)]
    pub(crate) fn detail(&mut self, name: &'static str, start: usize, value: impl FnOnce() -> Value<'a>) {
        if O::ACTIVE {
            let end = self.position();
            self.observer.detail(name, start, end, value());
        }
    }
}
