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

/// Calls `$then!` with the numbers that something may be set to: `marker Variant(type) name`, where the name is what
/// says the type in JSON; empty for those that JSON has.
#[macro_export]
#[doc(hidden)]
macro_rules! lazer_setting_numbers {
    ($then:ident) => {
        $then! {
            /// A whole number of 8 bits.
            0xcc Byte(u8) "$byte",
            /// A whole number of 8 bits.
            0xd0 SByte(i8) "$sbyte",
            /// A whole number of 16 bits.
            0xcd UShort(u16) "$ushort",
            /// A whole number of 16 bits.
            0xd1 Short(i16) "$short",
            /// A whole number of 32 bits.
            0xce UInt(u32) "$uint",
            /// A whole number of 32 bits: most whole numbers, and enums.
            0xd2 Int(i32) "",
            /// A whole number of 64 bits.
            0xcf ULong(u64) "$ulong",
            /// A whole number of 64 bits.
            0xd3 Long(i64) "$long",
            /// A number of 32 bits with a fraction.
            0xca Float(f32) "$single",
            /// A number of 64 bits with a fraction: most of them.
            0xcb Double(f64) "",
        }
    };
}

macro_rules! setting {
    ($($(#[$docs:meta])* $marker:literal $Variant:ident($Type:ty) $name:literal,)*) => {
        /// What something in a mod is set to.
        ///
        /// Each type of .NET has a form of its own, of fixed width, and what was read is written in the same.
        /// Numbers from -32 to 127 that came in one byte are .NET's `sbyte` and `byte`.
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
        pub enum Setting<'a> {
            /// Nothing: not usual.
            Null,
            /// Yes or no.
            Bool(bool),
            $(
                $(#[$docs])*
                #[doc = concat!("\n\n`", stringify!($marker), "` and the number.")]
                $Variant($Type),
            )*
            /// Text.
            Text(&'a str),
            /// Another value: the bytes of an array, a map, bytes, or something with a type of its own.
            Other(&'a [u8]),
        }

        impl<'a> Setting<'a> {
            /// A number whose form says its type.
            fn number(bytes: &'a [u8]) -> Option<Self> {
                let (marker, number) = bytes.split_first()?;
                match (*marker, number.is_empty()) {
                    (byte @ ..0x80, true) => Some(Self::Byte(byte)),
                    (byte @ 0xe0.., true) => Some(Self::SByte(i8::from_be_bytes([byte]))),
                    $(($marker, _) => number.try_into().ok().map(|number| {
                        Self::$Variant(<$Type>::from_be_bytes(number))
                    }),)*
                    _ => None,
                }
            }

            fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
                match *self {
                    Self::Null => out.nil(),
                    Self::Bool(value) => out.bool(value),
                    $(Self::$Variant(number) => marked(out, $marker, number.to_be_bytes()),)*
                    Self::Text(value) => out.str(value),
                    Self::Other(value) => out.raw(value),
                }
            }
        }
    };
}

lazer_setting_numbers!(setting);

impl<'a> Setting<'a> {
    fn read(reader: &mut MsgPackReader<'a>) -> Result<Self, Error> {
        let Some(kind) = reader.kind() else {
            return Err(Error::new(ErrorKind::Truncated, reader.position()));
        };
        match kind {
            MsgPackKind::Bool => return reader.bool().map(Self::Bool),
            MsgPackKind::Str => return reader.str().map(Self::Text),
            MsgPackKind::Nil => {
                reader.nil();
                return Ok(Self::Null);
            }
            _ => {}
        }
        let value = reader.skip()?;
        Ok(Self::number(value).unwrap_or(Self::Other(value)))
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
