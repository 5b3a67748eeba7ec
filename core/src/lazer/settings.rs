//! The settings of a mod, which are no MessagePack.

use super::payload::Payload;
use crate::wire::{Error, ErrorKind, Full, MsgPackKind, MsgPackReader, MsgPackWriter, Sink, Trace};
use core::fmt;

/// What a mod is set to, where that is not the default: names in snake case, and values.
///
/// On the wire an array's header with the number of **pairs**, and then twice as many values. So no reader of
/// MessagePack gets past it, if it has any: what contains a mod has to be read by who knows it.
///
/// ```
/// use lobbywire_core::lazer::{Setting, Settings};
///
/// let faster = [("speed_change", Setting::Double(1.25))];
/// assert_eq!(Settings::from(&faster).get("speed_change"), Some(Setting::Double(1.25)));
/// ```
#[derive(Clone, Copy, Default)]
pub struct Settings<'a> {
    listed: &'a [(&'a str, Setting<'a>)],
    len: usize,
    bytes: &'a [u8],
}

/// What something in a mod is set to.
///
/// Each type of .NET has a form of its own, of fixed width, and what was read is written in the same. Numbers from
/// -32 to 127 that came in one byte are .NET's `sbyte` and `byte`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum Setting<'a> {
    /// Nothing: not usual.
    Null,
    /// `c2`, `c3`.
    Bool(bool),
    /// `cc`.
    Byte(u8),
    /// `d0`.
    SByte(i8),
    /// `cd`.
    UShort(u16),
    /// `d1`.
    Short(i16),
    /// `ce`.
    UInt(u32),
    /// `d2`: whole numbers, and enums.
    Int(i32),
    /// `cf`.
    ULong(u64),
    /// `d3`.
    Long(i64),
    /// `ca`.
    Float(f32),
    /// `cb`: most of them.
    Double(f64),
    /// Text.
    Text(&'a str),
    /// Another value: the bytes of an array, a map, bytes, or something with a type of its own.
    Other(&'a [u8]),
}

impl<'a> Setting<'a> {
    fn read(reader: &mut MsgPackReader<'a>) -> Result<Self, Error> {
        let Some(kind) = reader.kind() else {
            return Err(Error::new(ErrorKind::Truncated, reader.position()));
        };
        Ok(match kind {
            MsgPackKind::Bool => Self::Bool(reader.bool()?),
            MsgPackKind::Str => Self::Text(reader.str()?),
            MsgPackKind::Nil | MsgPackKind::Int | MsgPackKind::Float => Self::scalar(reader.skip()?),
            _ => Self::Other(reader.skip()?),
        })
    }

    /// A value whose form says its type.
    fn scalar(bytes: &'a [u8]) -> Self {
        match *bytes {
            [0xc0] => Self::Null,
            [byte @ ..0x80] | [0xcc, byte] => Self::Byte(byte),
            [byte @ 0xe0..=0xff] | [0xd0, byte] => Self::SByte(i8::from_be_bytes([byte])),
            [0xcd, a, b] => Self::UShort(u16::from_be_bytes([a, b])),
            [0xd1, a, b] => Self::Short(i16::from_be_bytes([a, b])),
            [0xce, a, b, c, d] => Self::UInt(u32::from_be_bytes([a, b, c, d])),
            [0xd2, a, b, c, d] => Self::Int(i32::from_be_bytes([a, b, c, d])),
            [0xca, a, b, c, d] => Self::Float(f32::from_be_bytes([a, b, c, d])),
            [0xcf, a, b, c, d, e, f, g, h] => Self::ULong(u64::from_be_bytes([a, b, c, d, e, f, g, h])),
            [0xd3, a, b, c, d, e, f, g, h] => Self::Long(i64::from_be_bytes([a, b, c, d, e, f, g, h])),
            [0xcb, a, b, c, d, e, f, g, h] => Self::Double(f64::from_be_bytes([a, b, c, d, e, f, g, h])),
            _ => Self::Other(bytes),
        }
    }

    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        match *self {
            Self::Null => out.nil(),
            Self::Bool(value) => out.bool(value),
            Self::Byte(value) => out.raw(&[0xcc, value]),
            Self::SByte(value) => marked(out, 0xd0, value.to_be_bytes()),
            Self::UShort(value) => marked(out, 0xcd, value.to_be_bytes()),
            Self::Short(value) => marked(out, 0xd1, value.to_be_bytes()),
            Self::UInt(value) => marked(out, 0xce, value.to_be_bytes()),
            Self::Int(value) => marked(out, 0xd2, value.to_be_bytes()),
            Self::ULong(value) => marked(out, 0xcf, value.to_be_bytes()),
            Self::Long(value) => marked(out, 0xd3, value.to_be_bytes()),
            Self::Float(value) => out.f32(value),
            Self::Double(value) => out.f64(value),
            Self::Text(value) => out.str(value),
            Self::Other(value) => out.raw(value),
        }
    }
}

fn marked<S: Sink, const N: usize>(
    out: &mut MsgPackWriter<'_, S>,
    marker: u8,
    number: [u8; N],
) -> Result<(), Full> {
    out.raw(&[marker])?;
    out.raw(&number)
}

impl<'a> Settings<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.listed.len().max(self.len)
    }

    /// Whether there are none: most mods have none, or are as they are by default.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Setting<'a>)> + use<'a> {
        let (mut left, mut reader) = (self.len, MsgPackReader::new(self.bytes));
        let read = core::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            // They were read before, and could be.
            Some((reader.str().ok()?, Setting::read(&mut reader).ok()?))
        });
        self.listed.iter().copied().chain(read)
    }

    /// What this name is set to: the last, where it comes twice.
    pub fn get(&self, name: &str) -> Option<Setting<'a>> {
        self.iter().filter(|(known, _)| *known == name).map(|(_, value)| value).last()
    }
}

impl<'a> From<&'a [(&'a str, Setting<'a>)]> for Settings<'a> {
    fn from(listed: &'a [(&'a str, Setting<'a>)]) -> Self {
        Self { listed, ..Self::default() }
    }
}

impl<'a, const N: usize> From<&'a [(&'a str, Setting<'a>); N]> for Settings<'a> {
    fn from(listed: &'a [(&'a str, Setting<'a>); N]) -> Self {
        Self { listed, ..Self::default() }
    }
}

impl PartialEq for Settings<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Settings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<'a> Payload<'a> for Settings<'a> {
    fn read_with(reader: &mut MsgPackReader<'a>, _: &mut impl Trace) -> Result<Self, Error> {
        let len = reader.array_len()?;
        let before = *reader;
        for _ in 0..len {
            reader.str()?;
            Setting::read(reader)?;
        }
        Ok(Self { listed: &[], len, bytes: before.until(reader) })
    }

    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        out.array_len(self.len())?;
        if self.is_empty() {
            return Ok(());
        }
        self.iter().try_for_each(|(name, value)| {
            out.str(name)?;
            value.write(out)
        })
    }
}
