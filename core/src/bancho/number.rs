//! Numbers that may be narrower on the wire than in a struct.

use crate::wire::Value;

/// An integer, an enumeration or a set of flags, as wire forms convert it.
pub(crate) trait Number: Copy {
    /// Whether the number is a set of flags. A narrower form drops the upper bits of flags; other numbers saturate.
    const FLAGS: bool = false;

    /// Converts a wire number, saturating if the type cannot hold it.
    fn from_wire(wire: i64) -> Self;

    /// The number to encode.
    fn to_wire(self) -> i64;

    /// The number, as an observer receives it.
    fn show(self) -> Value<'static> {
        Value::Int(self.to_wire())
    }
}

macro_rules! plain_numbers {
    ($($Number:ty),+) => {$(
        impl Number for $Number {
            #[inline(always)]
            fn from_wire(wire: i64) -> Self {
                Self::try_from(wire).unwrap_or(if wire < 0 { Self::MIN } else { Self::MAX })
            }

            #[inline(always)]
            fn to_wire(self) -> i64 {
                i64::from(self)
            }
        }
    )+};
}

plain_numbers!(u8, i8, u16, i16, u32, i32);

impl Number for i64 {
    #[inline(always)]
    fn from_wire(wire: i64) -> Self {
        wire
    }

    #[inline(always)]
    fn to_wire(self) -> i64 {
        self
    }
}

/// Declares an open enumeration: a number with names for the known values. Unknown values pass through unchanged.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        $Enum:ident: $Repr:ty {
            $($(#[$value_meta:meta])* $CONSTANT:ident = $value:literal $Name:ident,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
        pub struct $Enum(pub $Repr);

        impl $Enum {
            $($(#[$value_meta])* pub const $CONSTANT: Self = Self($value);)+

            /// The value's name in chio; `None` for an unknown value.
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some(stringify!($Name)),)+
                    _ => None,
                }
            }
        }

        impl core::fmt::Debug for $Enum {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{}({})", stringify!($Enum), self.0),
                }
            }
        }

        impl $crate::bancho::number::Number for $Enum {
            #[inline(always)]
            fn from_wire(wire: i64) -> Self {
                Self($crate::bancho::number::Number::from_wire(wire))
            }

            #[inline(always)]
            fn to_wire(self) -> i64 {
                i64::from(self.0)
            }

            fn show(self) -> $crate::wire::Value<'static> {
                $crate::wire::Value::Enum(i64::from(self.0), self.name())
            }
        }

        #[cfg(feature = "serde")]
        $crate::bancho::json::number!($Enum, |number: &Self| number.0, Self);
    };
}

/// Declares a set of flags: named bits, and masks of several bits. Bits without a name are kept.
macro_rules! flags {
    (
        $(#[$meta:meta])*
        $Flags:ident: $Repr:ty {
            $($(#[$($bit_meta:tt)*])* $BIT:ident = $bit:literal $Name:ident,)+
        }
        $($(#[$mask_meta:meta])* const $MASK:ident = $($part:ident)|+;)*
    ) => {
        bitflags::bitflags! {
            $(#[$meta])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
            #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
            pub struct $Flags: $Repr {
                $($(#[$($bit_meta)*])* const $BIT = 1 << $bit;)+
                const _ = !0;
            }
        }

        impl $Flags {
            $($(#[$mask_meta])* pub const $MASK: Self = Self::from_bits_retain($(Self::$part.bits())|+);)*

            /// The single bits, lowest first, with their names in chio.
            pub const NAMES: &'static [(u32, &'static str)] = &[$((1 << $bit, stringify!($Name)),)+];
        }

        impl $crate::bancho::number::Number for $Flags {
            const FLAGS: bool = true;

            #[inline(always)]
            fn from_wire(wire: i64) -> Self {
                let [low @ .., _, _, _, _] = wire.to_le_bytes();
                Self::from_bits_retain($crate::bancho::number::FromLow::from_low(low))
            }

            #[inline(always)]
            fn to_wire(self) -> i64 {
                i64::from(self.bits())
            }

            fn show(self) -> $crate::wire::Value<'static> {
                $crate::wire::Value::Flags(u32::from(self.bits()), Self::NAMES)
            }
        }

        #[cfg(feature = "serde")]
        $crate::bancho::json::number!($Flags, Self::bits, Self::from_bits_retain);
    };
}

/// Conversion from the low bytes of a number, for flags of any width.
pub(crate) trait FromLow {
    fn from_low(low: [u8; 4]) -> Self;
}

impl FromLow for u8 {
    #[inline(always)]
    fn from_low([low, ..]: [u8; 4]) -> Self {
        low
    }
}

impl FromLow for u32 {
    #[inline(always)]
    fn from_low(low: [u8; 4]) -> Self {
        Self::from_le_bytes(low)
    }
}

pub(crate) use {flags, open_enum};
