//! Reading: nom parsers for the primitives, and a cursor that carries an observer along.

use super::{Fault, MarkedText, Observer, Texts, Value, marked_text};
use nom::{Complete, Emit, OutputM, Parser};

/// The primitives as nom parsers.
///
/// They are written over `split_first_chunk` and always inlined: nom's own number parsers and
/// `take` do not inline in cargo's default release profile, which costs several times their work.
pub(crate) mod parse {
    use crate::wire::{ErrorKind, Fault};
    use nom::{Err, IResult};

    /// What a primitive gives: the rest of the input and the value.
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

/// Runs a nom parser on `input`, and moves that behind what the parser took.
#[inline(always)]
fn run<'a, P: Parser<&'a [u8], Error = Fault>>(
    parser: &mut P,
    input: &mut &'a [u8],
) -> Result<P::Output, Fault> {
    // What nom's `parse` does, which would not be inlined.
    match parser.process::<OutputM<Emit, Emit, Complete>>(input) {
        Ok((rest, value)) => {
            *input = rest;
            Ok(value)
        }
        Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => Err(fault),
        // Our parsers know complete payloads only; nom's streaming ones are not used.
        Err(nom::Err::Incomplete(_)) => Err(Fault::new(super::ErrorKind::Truncated, input)),
    }
}

/// A cursor over one payload.
///
/// Every layout reads through it. The observer `O` is `()` where nobody looks, and then costs
/// nothing; field traces and error explanations are the same walk with another observer.
#[derive(Clone, Debug)]
pub struct Reader<'a, O = ()> {
    rest: &'a [u8],
    total: usize,
    texts: Texts<'a>,
    observer: O,
}

impl<'a> Reader<'a> {
    /// Reads `payload` with nobody looking.
    #[inline(always)]
    pub fn new(payload: &'a [u8]) -> Self {
        Self::observed(payload, ())
    }
}

impl<'a, O: Observer> Reader<'a, O> {
    /// Reads `payload` and tells `observer` what is found.
    #[inline(always)]
    pub fn observed(payload: &'a [u8], observer: O) -> Self {
        Self { rest: payload, total: payload.len(), texts: Texts::NONE, observer }
    }

    /// What has not been read yet.
    #[inline(always)]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// How many bytes have been read.
    #[inline(always)]
    pub fn position(&self) -> usize {
        self.total.saturating_sub(self.rest.len())
    }

    /// Runs a nom parser on what is left, and moves behind what it took.
    #[inline(always)]
    pub(crate) fn parse<T>(
        &mut self,
        mut parser: impl Parser<&'a [u8], Output = T, Error = Fault>,
    ) -> Result<T, Fault> {
        run(&mut parser, &mut self.rest)
    }

    /// Reads a string; the marker of none and empty text are the same.
    #[inline(always)]
    pub(crate) fn text(&mut self) -> Result<&'a str, Fault> {
        Ok(self.marked_text()?.unwrap_or(""))
    }

    /// The same, faster and larger.
    #[inline(always)]
    pub(crate) fn text_inlined(&mut self) -> Result<&'a str, Fault> {
        Ok(run(&mut MarkedText::<true>(&mut self.texts), &mut self.rest)?.unwrap_or(""))
    }

    /// Reads a string that may be marked as empty (`None`) or be empty text (`Some("")`).
    #[inline(always)]
    pub(crate) fn marked_text(&mut self) -> Result<Option<&'a str>, Fault> {
        if cfg!(feature = "small") {
            return self.parse(marked_text);
        }
        run(&mut MarkedText::<false>(&mut self.texts), &mut self.rest)
    }

    /// A fault of this kind, here.
    #[inline(always)]
    pub(crate) fn fault(&self, kind: super::ErrorKind) -> Fault {
        Fault::new(kind, self.rest)
    }

    /// Enters the field `name`, which starts here.
    #[inline(always)]
    pub(crate) fn begin(&mut self, name: &'static str) {
        if O::ACTIVE {
            let at = self.position();
            self.observer.begin(name, at);
        }
    }

    /// Enters element `index` of the list that is being read.
    #[inline(always)]
    pub(crate) fn begin_element(&mut self, index: usize) {
        if O::ACTIVE {
            let at = self.position();
            self.observer.begin_element(index, at);
        }
    }

    /// Leaves the field or element that was entered last.
    #[inline(always)]
    pub(crate) fn end(&mut self) {
        if O::ACTIVE {
            self.observer.end();
        }
    }

    /// Says that the bytes from `start` to here hold `value`, the value of the current field.
    #[inline(always)]
    pub(crate) fn value(&mut self, start: usize, value: impl FnOnce() -> Value<'a>) {
        if O::ACTIVE {
            let end = self.position();
            self.observer.value(start, end, value());
        }
    }

    /// Says that the bytes from `start` to `end` hold `value`, the value of the current field.
    #[inline(always)]
    pub(crate) fn value_in(&mut self, start: usize, end: usize, value: impl FnOnce() -> Value<'a>) {
        if O::ACTIVE {
            self.observer.value(start, end, value());
        }
    }

    /// Says that the bytes from `start` to here are wire detail: a count, a flag, a marker.
    #[inline(always)]
    pub(crate) fn detail(&mut self, name: &'static str, start: usize, value: impl FnOnce() -> Value<'a>) {
        if O::ACTIVE {
            let end = self.position();
            self.observer.detail(name, start, end, value());
        }
    }
}
