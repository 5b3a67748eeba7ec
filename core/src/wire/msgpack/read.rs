//! The MessagePack decoder.

use super::marker::Marker;
use crate::wire::{Error, ErrorKind, utf8};

/// The deepest nesting of arrays and maps in skipped values.
const DEEPEST: usize = 64;

/// The type of the next value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum MsgPackKind {
    /// Nil.
    Nil,
    /// A boolean.
    Bool,
    /// An integer.
    Int,
    /// A 32-bit or 64-bit float.
    Float,
    /// A string.
    Str,
    /// Binary data.
    Bin,
    /// An array. Its items follow.
    Array,
    /// A map. Its keys and values follow.
    Map,
    /// An extension type.
    Ext,
    /// The byte `c1`, which MessagePack never uses.
    Reserved,
}

/// A cursor over MessagePack.
///
/// Methods that fail consume nothing, so another type can be tried.
///
/// ```
/// use lobbywire_core::wire::MsgPackReader;
///
/// // [1, "a", nil]
/// let mut reader = MsgPackReader::new(&[0x93, 1, 0xa1, b'a', 0xc0]);
/// assert_eq!(reader.array_len()?, 3);
/// assert_eq!((reader.int()?, reader.str()?), (1, "a"));
/// assert!(reader.nil());
/// assert!(reader.rest().is_empty());
/// # Ok::<(), lobbywire_core::wire::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct MsgPackReader<'a> {
    rest: &'a [u8],
    total: usize,
}

impl<'a> MsgPackReader<'a> {
    /// Reads from the start of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, total: bytes.len() }
    }

    /// The bytes between this position and that of `later`.
    pub(crate) fn until(&self, later: &Self) -> &'a [u8] {
        let len = self.rest.len().saturating_sub(later.rest.len());
        self.rest.get(..len).unwrap_or_default()
    }

    /// Fast path: passes the next `N` bytes to `read` and consumes them. `None` if there are fewer, or if
    /// `read` returns `None`.
    #[inline(always)]
    pub(crate) fn take_if<T, const N: usize>(
        &mut self,
        read: impl FnOnce(&'a [u8; N]) -> Option<T>,
    ) -> Option<T> {
        let (head, rest) = self.rest.split_first_chunk()?;
        let read = read(head)?;
        self.rest = rest;
        Some(read)
    }

    /// The unread bytes.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The number of bytes read.
    #[inline]
    pub fn position(&self) -> usize {
        self.total.saturating_sub(self.rest.len())
    }

    #[cold]
    fn error(&self, kind: ErrorKind) -> Error {
        Error::new(kind, self.position())
    }

    /// Runs `read`, and restores the position if it fails.
    #[inline(always)]
    fn or_back<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        let before = *self;
        let done = read(self);
        if done.is_err() {
            *self = before;
        }
        done
    }

    #[inline(always)]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (head, rest) = self.rest.split_first_chunk().ok_or_else(|| self.error(ErrorKind::Truncated))?;
        self.rest = rest;
        Ok(*head)
    }

    #[inline(always)]
    fn bytes(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let (head, rest) = self.rest.split_at_checked(len).ok_or_else(|| self.error(ErrorKind::Truncated))?;
        self.rest = rest;
        Ok(head)
    }

    #[inline(always)]
    fn marker(&mut self) -> Result<Marker, Error> {
        self.array().map(|[byte]| Marker::from_u8(byte))
    }

    /// The type of the next value; `None` at the end.
    pub fn kind(&self) -> Option<MsgPackKind> {
        Some(match Marker::from_u8(*self.rest.first()?) {
            Marker::Null => MsgPackKind::Nil,
            Marker::True | Marker::False => MsgPackKind::Bool,
            Marker::FixPos(_)
            | Marker::FixNeg(_)
            | Marker::U8
            | Marker::U16
            | Marker::U32
            | Marker::U64
            | Marker::I8
            | Marker::I16
            | Marker::I32
            | Marker::I64 => MsgPackKind::Int,
            Marker::F32 | Marker::F64 => MsgPackKind::Float,
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => MsgPackKind::Str,
            Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => MsgPackKind::Bin,
            Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => MsgPackKind::Array,
            Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => MsgPackKind::Map,
            Marker::FixExt1
            | Marker::FixExt2
            | Marker::FixExt4
            | Marker::FixExt8
            | Marker::FixExt16
            | Marker::Ext8
            | Marker::Ext16
            | Marker::Ext32 => MsgPackKind::Ext,
            Marker::Reserved => MsgPackKind::Reserved,
        })
    }

    /// Consumes a nil, if it is the next value.
    #[inline]
    pub fn nil(&mut self) -> bool {
        match self.rest.split_first() {
            Some((0xc0, rest)) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Reads a nil as `None`, and any other value with `read`.
    ///
    /// # Errors
    /// The errors of `read`.
    #[inline]
    pub fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        if self.nil() { Ok(None) } else { read(self).map(Some) }
    }

    /// Reads a boolean.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`], [`ErrorKind::UnexpectedType`].
    pub fn bool(&mut self) -> Result<bool, Error> {
        self.or_back(|reader| {
            let at = reader.position();
            match reader.marker()? {
                Marker::True => Ok(true),
                Marker::False => Ok(false),
                _ => Err(Error::new(ErrorKind::UnexpectedType, at)),
            }
        })
    }

    /// Reads an integer of any width.
    #[inline]
    fn wide(&mut self) -> Result<i128, Error> {
        self.or_back(|reader| {
            let at = reader.position();
            Ok(match reader.marker()? {
                Marker::FixPos(number) => number.into(),
                Marker::FixNeg(number) => number.into(),
                Marker::U8 => u8::from_be_bytes(reader.array()?).into(),
                Marker::U16 => u16::from_be_bytes(reader.array()?).into(),
                Marker::U32 => u32::from_be_bytes(reader.array()?).into(),
                Marker::U64 => u64::from_be_bytes(reader.array()?).into(),
                Marker::I8 => i8::from_be_bytes(reader.array()?).into(),
                Marker::I16 => i16::from_be_bytes(reader.array()?).into(),
                Marker::I32 => i32::from_be_bytes(reader.array()?).into(),
                Marker::I64 => i64::from_be_bytes(reader.array()?).into(),
                _ => return Err(Error::new(ErrorKind::UnexpectedType, at)),
            })
        })
    }

    /// Reads an integer of any encoding that fits into a type.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`], [`ErrorKind::UnexpectedType`], [`ErrorKind::OutOfRange`].
    pub fn number<T: TryFrom<i128>>(&mut self) -> Result<T, Error> {
        self.or_back(|reader| {
            let at = reader.position();
            T::try_from(reader.wide()?).map_err(|_| Error::new(ErrorKind::OutOfRange, at))
        })
    }

    /// Reads an integer that fits into an `i64`.
    ///
    /// # Errors
    /// As [`number`](Self::number).
    #[inline]
    pub fn int(&mut self) -> Result<i64, Error> {
        // Fast path: most integers are small.
        if let Some((byte, rest)) = self.rest.split_first()
            && *byte < 0x80
        {
            self.rest = rest;
            return Ok((*byte).into());
        }
        self.int_of_another_form()
    }

    #[inline(never)]
    fn int_of_another_form(&mut self) -> Result<i64, Error> {
        let (number, rest) = match self.rest {
            [0xcc, a, rest @ ..] => (i64::from(*a), rest),
            [0xcd, a, b, rest @ ..] => (u16::from_be_bytes([*a, *b]).into(), rest),
            [0xce, a, b, c, d, rest @ ..] => (u32::from_be_bytes([*a, *b, *c, *d]).into(), rest),
            [byte @ 0xe0..=0xff, rest @ ..] => (i8::from_be_bytes([*byte]).into(), rest),
            _ => return self.number(),
        };
        self.rest = rest;
        Ok(number)
    }

    /// Reads a float of either width, or an integer.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`], [`ErrorKind::UnexpectedType`].
    #[inline]
    pub fn f64(&mut self) -> Result<f64, Error> {
        if let Some((0xcb, rest)) = self.rest.split_first()
            && let Some((bytes, rest)) = rest.split_first_chunk()
        {
            self.rest = rest;
            return Ok(f64::from_be_bytes(*bytes));
        }
        self.f64_of_another_form()
    }

    #[inline(never)]
    fn f64_of_another_form(&mut self) -> Result<f64, Error> {
        self.or_back(|reader| {
            let before = *reader;
            match reader.marker()? {
                Marker::F32 => Ok(f32::from_be_bytes(reader.array()?).into()),
                Marker::F64 => Ok(f64::from_be_bytes(reader.array()?)),
                _ => {
                    *reader = before;
                    #[allow(clippy::as_conversions, clippy::cast_precision_loss)] // rounding is intended
                    reader.wide().map(|number| number as f64)
                }
            }
        })
    }

    /// Reads a float of either width, or an integer, as an `f32`.
    ///
    /// # Errors
    /// As [`f64`](Self::f64).
    #[inline]
    pub fn f32(&mut self) -> Result<f32, Error> {
        if let Some((0xca, rest)) = self.rest.split_first()
            && let Some((bytes, rest)) = rest.split_first_chunk()
        {
            self.rest = rest;
            return Ok(f32::from_be_bytes(*bytes));
        }
        self.f64_of_another_form().map(crate::wire::narrow_float)
    }

    /// Reads a string.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`], [`ErrorKind::UnexpectedType`], [`ErrorKind::Utf8`].
    #[inline]
    pub fn str(&mut self) -> Result<&'a str, Error> {
        if let Some((byte, rest)) = self.rest.split_first()
            && byte >> 5 == 0xa0 >> 5
            && let Some((text, rest)) = rest.split_at_checked(usize::from(byte & 0x1f))
            && let Ok(text) = core::str::from_utf8(text)
        {
            self.rest = rest;
            return Ok(text);
        }
        self.str_of_another_form()
    }

    /// As [`str`](Self::str); nil is empty.
    #[inline]
    pub(crate) fn str_or_nil(&mut self) -> Result<&'a str, Error> {
        self.str().or_else(|error| self.nil_or(error).map(|()| ""))
    }

    /// Consumes a nil that could not be read as another type, or returns the error of that.
    ///
    /// Checking for nil only here costs nothing for other values.
    #[cold]
    fn nil_or(&mut self, error: Error) -> Result<(), Error> {
        if self.nil() { Ok(()) } else { Err(error) }
    }

    #[inline(never)]
    fn str_of_another_form(&mut self) -> Result<&'a str, Error> {
        self.or_back(|reader| {
            let at = reader.position();
            let len = match reader.marker()? {
                Marker::FixStr(len) => len.into(),
                Marker::Str8 => reader.len8()?,
                Marker::Str16 => reader.len16()?,
                Marker::Str32 => reader.len32()?,
                _ => return Err(Error::new(ErrorKind::UnexpectedType, at)),
            };
            let start = reader.position();
            utf8(reader.bytes(len)?).map_err(|error| error.after(start))
        })
    }

    /// Reads binary data.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`], [`ErrorKind::UnexpectedType`].
    pub fn bin(&mut self) -> Result<&'a [u8], Error> {
        self.or_back(|reader| {
            let at = reader.position();
            let len = match reader.marker()? {
                Marker::Bin8 => reader.len8()?,
                Marker::Bin16 => reader.len16()?,
                Marker::Bin32 => reader.len32()?,
                _ => return Err(Error::new(ErrorKind::UnexpectedType, at)),
            };
            reader.bytes(len)
        })
    }

    /// Reads an extension value: its type and its bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`], [`ErrorKind::UnexpectedType`].
    pub fn ext(&mut self) -> Result<(i8, &'a [u8]), Error> {
        self.or_back(|reader| {
            let at = reader.position();
            let len = match reader.marker()? {
                Marker::FixExt1 => 1,
                Marker::FixExt2 => 2,
                Marker::FixExt4 => 4,
                Marker::FixExt8 => 8,
                Marker::FixExt16 => 16,
                Marker::Ext8 => reader.len8()?,
                Marker::Ext16 => reader.len16()?,
                Marker::Ext32 => reader.len32()?,
                _ => return Err(Error::new(ErrorKind::UnexpectedType, at)),
            };
            let kind = i8::from_be_bytes(reader.array()?);
            Ok((kind, reader.bytes(len)?))
        })
    }

    /// Reads an array header and returns the number of items. It never exceeds the number of remaining bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`], [`ErrorKind::UnexpectedType`], [`ErrorKind::ListLength`].
    #[inline]
    pub fn array_len(&mut self) -> Result<usize, Error> {
        if let Some((byte, rest)) = self.rest.split_first()
            && byte >> 4 == 0x90 >> 4
            && usize::from(byte & 0xf) <= rest.len()
        {
            self.rest = rest;
            return Ok(usize::from(byte & 0xf));
        }
        self.array_len_of_another_form()
    }

    /// As [`array_len`](Self::array_len); nil is an empty array.
    #[inline]
    pub(crate) fn array_len_or_nil(&mut self) -> Result<usize, Error> {
        self.array_len().or_else(|error| self.nil_or(error).map(|()| 0))
    }

    #[inline(never)]
    fn array_len_of_another_form(&mut self) -> Result<usize, Error> {
        self.or_back(|reader| {
            let at = reader.position();
            let len = match reader.marker()? {
                Marker::FixArray(len) => len.into(),
                Marker::Array16 => reader.len16()?,
                Marker::Array32 => reader.len32()?,
                _ => return Err(Error::new(ErrorKind::UnexpectedType, at)),
            };
            if len > reader.rest.len() { Err(Error::new(ErrorKind::ListLength, at)) } else { Ok(len) }
        })
    }

    /// Reads a map header and returns the number of pairs. It never exceeds half the number of remaining bytes.
    ///
    /// # Errors
    /// As [`array_len`](Self::array_len).
    #[inline]
    pub fn map_len(&mut self) -> Result<usize, Error> {
        if let Some((byte, rest)) = self.rest.split_first()
            && byte >> 4 == 0x80 >> 4
            && usize::from(byte & 0xf) <= rest.len() >> 1
        {
            self.rest = rest;
            return Ok(usize::from(byte & 0xf));
        }
        self.map_len_of_another_form()
    }

    /// As [`map_len`](Self::map_len); nil is an empty map.
    #[inline]
    pub(crate) fn map_len_or_nil(&mut self) -> Result<usize, Error> {
        self.map_len().or_else(|error| self.nil_or(error).map(|()| 0))
    }

    #[inline(never)]
    fn map_len_of_another_form(&mut self) -> Result<usize, Error> {
        self.or_back(|reader| {
            let at = reader.position();
            let len = match reader.marker()? {
                Marker::FixMap(len) => len.into(),
                Marker::Map16 => reader.len16()?,
                Marker::Map32 => reader.len32()?,
                _ => return Err(Error::new(ErrorKind::UnexpectedType, at)),
            };
            if len > reader.rest.len() >> 1 { Err(Error::new(ErrorKind::ListLength, at)) } else { Ok(len) }
        })
    }

    /// Skips one value of any type and returns its bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`], [`ErrorKind::ListLength`], [`ErrorKind::TooDeep`] for more than 64 nested
    /// arrays and maps, [`ErrorKind::UnexpectedType`] for the unused byte `c1`.
    pub fn skip(&mut self) -> Result<&'a [u8], Error> {
        self.or_back(|reader| {
            let start = reader.rest;
            // The number of values missing in each open array or map, innermost last.
            let mut open = [0usize; DEEPEST];
            let mut depth = 0usize;
            loop {
                let inside = reader.skip_head()?;
                if inside > 0 {
                    let too_deep = reader.error(ErrorKind::TooDeep);
                    *open.get_mut(depth).ok_or(too_deep)? = inside;
                    depth = depth.saturating_add(1);
                    continue;
                }
                // The end of a value, and of the arrays and maps that it completes.
                loop {
                    let Some(left) = depth.checked_sub(1).and_then(|last| open.get_mut(last)) else {
                        let len = start.len().saturating_sub(reader.rest.len());
                        return Ok(start.get(..len).unwrap_or_default());
                    };
                    *left = left.saturating_sub(1);
                    if *left > 0 {
                        break;
                    }
                    depth = depth.saturating_sub(1);
                }
            }
        })
    }

    /// Skips a value's header. Returns the number of values inside it.
    fn skip_head(&mut self) -> Result<usize, Error> {
        match self.kind() {
            None => Err(self.error(ErrorKind::Truncated)),
            Some(MsgPackKind::Nil) => Ok(usize::from(!self.nil())),
            Some(MsgPackKind::Bool) => self.bool().map(|_| 0),
            Some(MsgPackKind::Int) => self.wide().map(|_| 0),
            Some(MsgPackKind::Float) => self.f64().map(|_| 0),
            Some(MsgPackKind::Str) => self.str().map(|_| 0),
            Some(MsgPackKind::Bin) => self.bin().map(|_| 0),
            Some(MsgPackKind::Ext) => self.ext().map(|_| 0),
            Some(MsgPackKind::Array) => self.array_len(),
            Some(MsgPackKind::Map) => self.map_len().map(|len| len.saturating_mul(2)),
            Some(MsgPackKind::Reserved) => Err(self.error(ErrorKind::UnexpectedType)),
        }
    }

    fn len8(&mut self) -> Result<usize, Error> {
        self.array().map(|[len]| len.into())
    }

    fn len16(&mut self) -> Result<usize, Error> {
        self.array().map(|len| u16::from_be_bytes(len).into())
    }

    fn len32(&mut self) -> Result<usize, Error> {
        self.array().map(|len| usize::try_from(u32::from_be_bytes(len)).unwrap_or(usize::MAX))
    }
}
