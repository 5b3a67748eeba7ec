//! The settings of a mod, which are not valid MessagePack.

use super::payload::Payload;
use crate::wire::{Error, ErrorKind, Full, MsgPackKind, MsgPackReader, MsgPackWriter, Sink, Trace};
use core::fmt;

/// The settings of a mod that differ from their defaults: names in snake case, and values.
///
/// Encoded as an array header with the number of **pairs**, followed by twice as many values. A generic
/// MessagePack reader fails after it unless it is empty: values that contain mods must be decoded with their
/// type.
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

/// Calls `$then!` with the numeric types of settings: `marker Variant(type) name`. The name identifies the
/// type in JSON; it is empty for the types that JSON represents directly.
#[macro_export]
#[doc(hidden)]
macro_rules! __lazer_setting_numbers {
    ($then:ident) => {
        $then! {
            /// A signed 8-bit integer.
            0xcc Byte(u8) "$byte",
            /// An unsigned 8-bit integer.
            0xd0 SByte(i8) "$sbyte",
            /// A signed 16-bit integer.
            0xcd UShort(u16) "$ushort",
            /// An unsigned 16-bit integer.
            0xd1 Short(i16) "$short",
            /// An unsigned 32-bit integer.
            0xce UInt(u32) "$uint",
            /// A signed 32-bit integer. Most integers and all enums.
            0xd2 Int(i32) "",
            /// A signed 64-bit integer.
            0xcf ULong(u64) "$ulong",
            /// An unsigned 64-bit integer.
            0xd3 Long(i64) "$long",
            /// A 32-bit float.
            0xca Float(f32) "$single",
            /// A 64-bit float. Most fractions.
            0xcb Double(f64) "",
        }
    };
}

macro_rules! setting {
    ($($(#[$docs:meta])* $marker:literal $Variant:ident($Type:ty) $name:literal,)*) => {
        /// The value of a setting.
        ///
        /// Each .NET type has its own encoding of fixed width, which is preserved. Numbers from -32 to 127
        /// that were received as one byte are .NET's `sbyte` and `byte`.
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
        pub enum Setting<'a> {
            /// Nil. Unusual.
            Null,
            /// A boolean.
            Bool(bool),
            $(
                $(#[$docs])*
                #[doc = concat!("\n\nEncoded as `", stringify!($marker), "` and the number.")]
                $Variant($Type),
            )*
            /// A string.
            Text(&'a str),
            /// Any other value, as its bytes: an array, a map, binary data or an extension type.
            Other(&'a [u8]),
        }

        impl<'a> Setting<'a> {
            /// A number that is encoded in the width of its type.
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

__lazer_setting_numbers!(setting);

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
    /// The number of settings.
    pub fn len(&self) -> usize {
        self.listed.len().max(self.len)
    }

    /// Whether there are none, which is the common case.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Iterates over names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Setting<'a>)> + use<'a> {
        let (mut left, mut reader) = (self.len, MsgPackReader::new(self.bytes));
        let read = core::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            // All settings have been validated, so decoding does not fail.
            Some((reader.str().ok()?, Setting::read(&mut reader).ok()?))
        });
        self.listed.iter().copied().chain(read)
    }

    /// The value with this name; the last one if there are duplicates.
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
