//! The encoding of arguments of hub methods.

use crate::wire::{Error, ErrorKind, Explained, Full, Location, MsgPackReader, MsgPackWriter, Sink, Trace};

/// A value in the layout of MessagePack-CSharp.
///
/// ```
/// use lobbywire_core::lazer::{Payload, SpectatorUser};
/// use lobbywire_core::wire::MsgPackReader;
///
/// let user = SpectatorUser::read(&mut MsgPackReader::new(b"\x92\x02\xa5peppy"))?;
/// assert_eq!((user.online_id, user.username), (2, "peppy"));
/// # Ok::<(), lobbywire_core::wire::Error>(())
/// ```
pub trait Payload<'a>: Sized {
    /// Decodes one value, and reports the field that follows to `trace`.
    ///
    /// Types that are references in .NET (strings, lists, maps and classes) can be nil there whatever their declaration
    /// says: they read nil as their default. Value types reject it.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`]; [`ErrorKind::UnexpectedType`], also for nil where it is not accepted;
    /// [`ErrorKind::OutOfRange`]; [`ErrorKind::Utf8`]; [`ErrorKind::ListLength`]; [`ErrorKind::TooDeep`] in
    /// unknown elements.
    fn read_with(reader: &mut MsgPackReader<'a>, trace: &mut impl Trace) -> Result<Self, Error>;

    /// Fast path: decodes one value in the most common form of its type. Consumes nothing if it has another
    /// form.
    #[doc(hidden)]
    #[inline(always)]
    fn read_usual(_: &mut MsgPackReader<'a>) -> Option<Self> {
        None
    }

    /// Encodes the value.
    ///
    /// # Errors
    /// [`Full`] if the sink is full.
    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full>;

    /// Encodes values one after the other.
    ///
    /// # Errors
    /// [`Full`] if the sink is full.
    #[inline]
    fn write_each<S: Sink>(values: &[Self], out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        values.iter().try_for_each(|value| value.write(out))
    }

    /// Decodes one value.
    ///
    /// # Errors
    /// As [`read_with`](Self::read_with). Use [`explain`](Self::explain) to find the field.
    #[inline]
    fn read(reader: &mut MsgPackReader<'a>) -> Result<Self, Error> {
        Self::read_with(reader, &mut ())
    }

    /// Decodes a malformed value again to find the field that fails. `None` if the value is valid.
    #[cold]
    fn explain(mut reader: MsgPackReader<'a>) -> Option<Explained> {
        let mut location = Location::default();
        let error = Self::read_with(&mut reader, &mut location).err()?;
        Some(Explained { error, location })
    }
}

macro_rules! integers {
    ($($Type:ty)*) => {$(
        impl Payload<'_> for $Type {
            #[inline]
            fn read_with(reader: &mut MsgPackReader<'_>, _: &mut impl Trace) -> Result<Self, Error> {
                let before = *reader;
                Self::try_from(reader.int()?).map_err(|_| {
                    let at = before.position();
                    *reader = before;
                    Error::new(ErrorKind::OutOfRange, at)
                })
            }

            #[inline]
            fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
                out.int((*self).into())
            }
        }
    )*};
}

integers!(u8 u16 u32 i32 i64);

impl Payload<'_> for u64 {
    fn read_with(reader: &mut MsgPackReader<'_>, _: &mut impl Trace) -> Result<Self, Error> {
        reader.number()
    }

    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        out.uint(*self)
    }
}

macro_rules! plain {
    ($($Type:ty: $method:ident)*) => {$(
        impl Payload<'_> for $Type {
            #[inline]
            fn read_with(reader: &mut MsgPackReader<'_>, _: &mut impl Trace) -> Result<Self, Error> {
                reader.$method()
            }

            #[inline]
            fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
                out.$method(*self)
            }
        }
    )*};
}

plain!(bool: bool f32: f32 f64: f64);

impl<'a> Payload<'a> for &'a str {
    #[inline]
    fn read_with(reader: &mut MsgPackReader<'a>, _: &mut impl Trace) -> Result<Self, Error> {
        reader.str_or_nil()
    }

    #[inline]
    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        out.str(self)
    }
}

impl<'a, T: Payload<'a>> Payload<'a> for Option<T> {
    #[inline]
    fn read_with(reader: &mut MsgPackReader<'a>, trace: &mut impl Trace) -> Result<Self, Error> {
        reader.optional(|reader| T::read_with(reader, trace))
    }

    #[inline]
    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        match self {
            Some(value) => value.write(out),
            None => out.nil(),
        }
    }
}

/// Unknown elements at the end of an array: newer peers append fields. They are encoded unchanged, after the
/// known ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extra<'a> {
    len: usize,
    bytes: &'a [u8],
}

impl<'a> Extra<'a> {
    /// The number of elements.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none, which is the common case.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The encoded elements.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Reads the remaining `len` elements of an array.
    ///
    /// # Errors
    /// As [`MsgPackReader::skip`].
    #[inline]
    pub fn read(reader: &mut MsgPackReader<'a>, len: usize) -> Result<Self, Error> {
        if len == 0 { Ok(Self::default()) } else { Self::read_some(reader, len) }
    }

    #[cold]
    fn read_some(reader: &mut MsgPackReader<'a>, len: usize) -> Result<Self, Error> {
        let before = *reader;
        for _ in 0..len {
            reader.skip()?;
        }
        Ok(Self { len, bytes: before.until(reader) })
    }

    /// Encodes the elements.
    ///
    /// # Errors
    /// [`Full`] if the sink is full.
    #[inline]
    pub fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        if self.len == 0 { Ok(()) } else { out.raw(self.bytes) }
    }
}

/// A value with a most common form of fixed size, so that records of such values are decoded and encoded with
/// one bounds check.
pub(super) trait Fixed: Sized {
    /// The size of that form, in bytes.
    const LEN: usize;

    /// Decodes the value and returns the remaining bytes; `None` if it has another form.
    fn get(bytes: &[u8]) -> Option<(Self, &[u8])>;

    /// Whether the value can be encoded in that form.
    fn fits(&self) -> bool;

    /// Encodes the value if it has that form, and returns the remaining buffer.
    fn set<'b>(&self, bytes: &'b mut [u8]) -> Option<&'b mut [u8]>;
}

/// A single byte, encoded as itself.
fn set_byte(byte: u8, bytes: &mut [u8]) -> Option<&mut [u8]> {
    let (head, rest) = bytes.split_first_mut()?;
    *head = byte;
    Some(rest)
}

impl Fixed for f64 {
    const LEN: usize = 9;

    #[inline(always)]
    fn get(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let ([0xcb, number @ ..], rest) = bytes.split_first_chunk::<9>()? else { return None };
        Some((Self::from_be_bytes(*number), rest))
    }

    #[inline(always)]
    fn fits(&self) -> bool {
        true
    }

    #[inline(always)]
    fn set<'b>(&self, bytes: &'b mut [u8]) -> Option<&'b mut [u8]> {
        let (head, rest) = set_byte(0xcb, bytes)?.split_first_chunk_mut()?;
        *head = self.to_be_bytes();
        Some(rest)
    }
}

impl Fixed for Option<f32> {
    const LEN: usize = 5;

    #[inline(always)]
    fn get(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let ([0xca, number @ ..], rest) = bytes.split_first_chunk::<5>()? else { return None };
        Some((Some(f32::from_be_bytes(*number)), rest))
    }

    #[inline(always)]
    fn fits(&self) -> bool {
        self.is_some()
    }

    #[inline(always)]
    fn set<'b>(&self, bytes: &'b mut [u8]) -> Option<&'b mut [u8]> {
        let (head, rest) = set_byte(0xca, bytes)?.split_first_chunk_mut()?;
        *head = self.unwrap_or_default().to_be_bytes();
        Some(rest)
    }
}

/// A positive fixint: one byte, from 0 to 127.
impl Fixed for i32 {
    const LEN: usize = 1;

    #[inline(always)]
    fn get(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (byte, rest) = bytes.split_first()?;
        (*byte < 0x80).then(|| (Self::from(*byte), rest))
    }

    #[inline(always)]
    fn fits(&self) -> bool {
        matches!(self, 0..0x80)
    }

    #[inline(always)]
    fn set<'b>(&self, bytes: &'b mut [u8]) -> Option<&'b mut [u8]> {
        let [.., byte] = self.to_be_bytes();
        set_byte(byte, bytes)
    }
}
