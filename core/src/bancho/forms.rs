//! The wire forms: how single values stand in a payload. All integers are little-endian.
//!
//! The tables in the documentation of packets use these names, and with a
//! [`PayloadWriter`](super::PayloadWriter) and a [`PayloadReader`](super::PayloadReader) layouts of
//! one's own are made of them. Forms that only one layout needs, and
//! the layouts themselves, stand with what they carry, and are listed here too.

pub use super::types::forms::*;

use super::layout::{Context, Form, Origin};
use super::list::{Element, List};
use super::number::Number;
use super::version::Dialect;
use crate::wire::{
    ErrorKind, Fault, Full, Observer, Reader, Sink, Value, narrow_float, parse, widen_float, write_text,
};

macro_rules! integer_forms {
    ($($(#[$meta:meta])* $Form:ident: $Wire:ty, $parse:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        pub struct $Form;

        impl<'a, T: Number> Form<'a, T> for $Form {
            #[cfg_attr(not(feature = "small"), inline(always))]
            fn read<V: Dialect, O: Observer>(r: &mut Reader<'a, O>, _: Context<V>, into: &mut T) -> Result<(), Fault> {
                let start = r.position();
                *into = T::from_wire(i64::from(r.parse(parse::$parse)?));
                let value = *into;
                r.value(start, || value.show());
                Ok(())
            }

            #[cfg_attr(not(feature = "small"), inline(always))]
            fn write<V: Dialect, S: Sink>(out: &mut S, _: Context<V>, value: &T) -> Result<(), Full> {
                let value = value.to_wire();
                let narrow = if T::FLAGS {
                    let mut bytes = [0; size_of::<$Wire>()];
                    for (to, from) in bytes.iter_mut().zip(value.to_le_bytes()) {
                        *to = from;
                    }
                    bytes
                } else {
                    let nearest = if value < 0 { <$Wire>::MIN } else { <$Wire>::MAX };
                    <$Wire>::try_from(value).unwrap_or(nearest).to_le_bytes()
                };
                out.put_array(narrow)
            }

            #[inline]
            fn first_unrepresentable<V: Dialect>(_: Context<V>, value: &T) -> Option<&'static str> {
                let value = value.to_wire();
                let bits = u32::try_from(value).ok().filter(|_| T::FLAGS);
                let fits = <$Wire>::try_from(value).is_ok() || (size_of::<$Wire>() == 4 && bits.is_some());
                if fits { None } else { Some("") }
            }

            #[cfg_attr(not(feature = "small"), inline(always))]
            fn report_absent<V: Dialect, O: Observer>(r: &mut Reader<'a, O>, _: Context<V>, value: &T) {
                let (at, value) = (r.position(), *value);
                r.value(at, || value.show());
            }
        }
    )+};
}

integer_forms! {
    /// One byte, unsigned.
    U8: u8, le_u8;
    /// One byte, signed.
    S8: i8, le_i8;
    /// Two bytes, unsigned.
    U16: u16, le_u16;
    /// Two bytes, signed.
    S16: i16, le_i16;
    /// Four bytes, unsigned.
    U32: u32, le_u32;
    /// Four bytes, signed.
    S32: i32, le_i32;
}

/// Eight bytes, unsigned.
#[derive(Clone, Copy, Debug)]
pub struct U64;

impl<'a> Form<'a, u64> for U64 {
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        into: &mut u64,
    ) -> Result<(), Fault> {
        let start = r.position();
        *into = r.parse(parse::le_u64)?;
        let value = *into;
        r.value(start, || Value::UInt(value));
        Ok(())
    }

    #[cfg_attr(not(feature = "small"), inline(always))]
    fn write<V: Dialect, S: Sink>(out: &mut S, _: Context<V>, value: &u64) -> Result<(), Full> {
        out.put_array(value.to_le_bytes())
    }
}

/// Four bytes, IEEE 754.
#[derive(Clone, Copy, Debug)]
pub struct F32;

impl<'a> Form<'a, f32> for F32 {
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        into: &mut f32,
    ) -> Result<(), Fault> {
        let start = r.position();
        *into = r.parse(parse::le_f32)?;
        let value = *into;
        r.value(start, || Value::Float(widen_float(value)));
        Ok(())
    }

    #[cfg_attr(not(feature = "small"), inline(always))]
    fn write<V: Dialect, S: Sink>(out: &mut S, _: Context<V>, value: &f32) -> Result<(), Full> {
        out.put_array(value.to_le_bytes())
    }
}

impl<'a> Form<'a, f64> for F32 {
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        cx: Context<V>,
        into: &mut f64,
    ) -> Result<(), Fault> {
        let mut narrow = 0f32;
        <Self as Form<f32>>::read(r, cx, &mut narrow)?;
        *into = widen_float(narrow);
        Ok(())
    }

    #[cfg_attr(not(feature = "small"), inline(always))]
    fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, value: &f64) -> Result<(), Full> {
        <Self as Form<f32>>::write(out, cx, &narrow_float(*value))
    }

    fn first_unrepresentable<V: Dialect>(_: Context<V>, value: &f64) -> Option<&'static str> {
        let is_exact = widen_float(narrow_float(*value)).to_bits() == value.to_bits();
        if is_exact { None } else { Some("") }
    }
}

/// Eight bytes, IEEE 754.
#[derive(Clone, Copy, Debug)]
pub struct F64;

impl<'a> Form<'a, f64> for F64 {
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        into: &mut f64,
    ) -> Result<(), Fault> {
        let start = r.position();
        *into = r.parse(parse::le_f64)?;
        let value = *into;
        r.value(start, || Value::Float(value));
        Ok(())
    }

    #[cfg_attr(not(feature = "small"), inline(always))]
    fn write<V: Dialect, S: Sink>(out: &mut S, _: Context<V>, value: &f64) -> Result<(), Full> {
        out.put_array(value.to_le_bytes())
    }

    #[cfg_attr(not(feature = "small"), inline(always))]
    fn report_absent<V: Dialect, O: Observer>(r: &mut Reader<'a, O>, _: Context<V>, value: &f64) {
        let (at, value) = (r.position(), *value);
        r.value(at, || Value::Float(value));
    }
}

/// One byte: 0 is no, everything else yes; written as 0 or 1.
#[derive(Clone, Copy, Debug)]
pub struct Bool;

impl<'a> Form<'a, bool> for Bool {
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        into: &mut bool,
    ) -> Result<(), Fault> {
        let start = r.position();
        *into = r.parse(parse::le_u8)? != 0;
        let value = *into;
        r.value(start, || Value::Bool(value));
        Ok(())
    }

    #[cfg_attr(not(feature = "small"), inline(always))]
    fn write<V: Dialect, S: Sink>(out: &mut S, _: Context<V>, value: &bool) -> Result<(), Full> {
        out.put_array([u8::from(*value)])
    }
}

/// Four bytes: 1 is yes, everything else no.
#[derive(Clone, Copy, Debug)]
pub struct BoolS32;

/// Four bytes as [`BoolS32`], that may be missing at the end of the payload, which is no.
#[derive(Clone, Copy, Debug)]
pub struct OptionalBoolS32;

impl<'a> Form<'a, bool> for OptionalBoolS32 {
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        cx: Context<V>,
        into: &mut bool,
    ) -> Result<(), Fault> {
        if r.rest().is_empty() { ImplicitFalse::read(r, cx, into) } else { BoolS32::read(r, cx, into) }
    }

    #[cfg_attr(not(feature = "small"), inline(always))]
    fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, value: &bool) -> Result<(), Full> {
        BoolS32::write(out, cx, value)
    }
}

impl<'a> Form<'a, bool> for BoolS32 {
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        into: &mut bool,
    ) -> Result<(), Fault> {
        let start = r.position();
        *into = r.parse(parse::le_i32)? == 1;
        let value = *into;
        r.value(start, || Value::Bool(value));
        Ok(())
    }

    #[cfg_attr(not(feature = "small"), inline(always))]
    fn write<V: Dialect, S: Sink>(out: &mut S, _: Context<V>, value: &bool) -> Result<(), Full> {
        out.put_array(i32::from(*value).to_le_bytes())
    }
}

/// No bytes: it is no.
#[derive(Clone, Copy, Debug)]
pub struct ImplicitFalse;

impl<'a> Form<'a, bool> for ImplicitFalse {
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        into: &mut bool,
    ) -> Result<(), Fault> {
        let (at, value) = (r.position(), *into);
        r.value(at, || Value::Bool(value));
        Ok(())
    }

    fn first_unrepresentable<V: Dialect>(_: Context<V>, value: &bool) -> Option<&'static str> {
        if *value { Some("") } else { None }
    }
}

/// Four bytes, signed, that may be missing at the end of the payload.
#[derive(Clone, Copy, Debug)]
pub struct OptionalS32;

impl<'a> Form<'a, Option<i32>> for OptionalS32 {
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        into: &mut Option<i32>,
    ) -> Result<(), Fault> {
        let start = r.position();
        *into = if r.rest().is_empty() { None } else { Some(r.parse(parse::le_i32)?) };
        let value = *into;
        r.value(start, || value.map_or(Value::Null, |value| Value::Int(i64::from(value))));
        Ok(())
    }

    #[cfg_attr(not(feature = "small"), inline(always))]
    fn write<V: Dialect, S: Sink>(out: &mut S, _: Context<V>, value: &Option<i32>) -> Result<(), Full> {
        match value {
            Some(value) => out.put_array(value.to_le_bytes()),
            None => Ok(()),
        }
    }
}

/// One byte, unsigned, that may be missing at the end of the payload: some builds of a class had
/// the field and some had not.
#[derive(Clone, Copy, Debug)]
pub struct OptionalU8;

impl<'a, T: Number> Form<'a, T> for OptionalU8 {
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        cx: Context<V>,
        into: &mut T,
    ) -> Result<(), Fault> {
        if r.rest().is_empty() {
            U8::report_absent(r, cx, into);
            return Ok(());
        }
        U8::read(r, cx, into)
    }

    #[cfg_attr(not(feature = "small"), inline(always))]
    fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, value: &T) -> Result<(), Full> {
        U8::write(out, cx, value)
    }

    #[inline]
    fn first_unrepresentable<V: Dialect>(cx: Context<V>, value: &T) -> Option<&'static str> {
        U8::first_unrepresentable(cx, value)
    }
}

macro_rules! slot_forms {
    ($($(#[$meta:meta])* $Form:ident: $Wire:ident;)+) => {$(
        $(#[$meta])*
        ///
        /// A server's packet about a player of the receiver's match must not name a slot that such a match lacks;
        /// see [`compat::has_slot`](super::compat::has_slot).
        #[derive(Clone, Copy, Debug)]
        pub struct $Form;

        impl<'a, T: Number> Form<'a, T> for $Form {
            #[cfg_attr(not(feature = "small"), inline(always))]
            fn read<V: Dialect, O: Observer>(
                r: &mut Reader<'a, O>,
                cx: Context<V>,
                into: &mut T,
            ) -> Result<(), Fault> {
                $Wire::read(r, cx, into)
            }

            #[cfg_attr(not(feature = "small"), inline(always))]
            fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, value: &T) -> Result<(), Full> {
                $Wire::write(out, cx, value)
            }

            #[inline]
            fn first_unrepresentable<V: Dialect>(cx: Context<V>, value: &T) -> Option<&'static str> {
                if names_slot(cx) && !super::compat::has_slot(cx.version, value.to_wire()) {
                    return Some("");
                }
                $Wire::first_unrepresentable(cx, value)
            }

            #[cfg_attr(not(feature = "small"), inline(always))]
            fn report_absent<V: Dialect, O: Observer>(r: &mut Reader<'a, O>, cx: Context<V>, value: &T) {
                $Wire::report_absent(r, cx, value);
            }

            fn same_layout<A: Dialect, B: Dialect>(one: Context<A>, other: Context<B>) -> bool {
                !names_slot(one) || one.slots() == other.slots()
            }
        }
    )+};
}

/// Whether the packet names a slot of the receiver's match.
fn names_slot<V>(cx: Context<V>) -> bool {
    matches!(cx.origin, Origin::ServerMatch)
}

slot_forms! {
    /// The index of a match slot as [`U8`].
    SlotU8: U8;
    /// The index of a match slot as [`U32`].
    SlotU32: U32;
    /// The index of a match slot as [`S32`].
    SlotS32: S32;
}

/// A string: `00` where it is empty, or `0b`, its length in bytes as ULEB128, and UTF-8. Empty text
/// as `0b 00` is read too.
#[derive(Clone, Copy, Debug)]
pub struct Str;

impl<'a> Form<'a, &'a str> for Str {
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        into: &mut &'a str,
    ) -> Result<(), Fault> {
        let start = r.position();
        // Where the version is fixed there is one instance, and it is the one that has to be fast.
        let is_hot = V::IS_FIXED && !O::ACTIVE && !cfg!(feature = "small");
        *into = if is_hot { r.text_inlined()? } else { r.text()? };
        let value = *into;
        r.value(start, || Value::Text(value));
        Ok(())
    }

    #[cfg_attr(not(feature = "small"), inline(always))]
    fn write<V: Dialect, S: Sink>(out: &mut S, _: Context<V>, value: &&'a str) -> Result<(), Full> {
        write_text(out, value)
    }

    #[cfg_attr(not(feature = "small"), inline(always))]
    fn report_absent<V: Dialect, O: Observer>(r: &mut Reader<'a, O>, _: Context<V>, value: &&'a str) {
        let (at, value) = (r.position(), *value);
        r.value(at, || Value::Text(value));
    }
}

/// No bytes, but nothing is lost: another row or another packet carries the field, or these
/// versions have no use for it.
#[derive(Clone, Copy, Debug)]
pub struct Omitted;

impl<'a, T> Form<'a, T> for Omitted {}

impl<'a, A, B> super::layout::PairForm<'a, A, B> for Omitted {
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn read<V: Dialect, O: Observer>(
        _: &mut Reader<'a, O>,
        _: Context<V>,
        _: [&'static str; 2],
        so_far: (A, B),
    ) -> Result<(A, B), Fault> {
        Ok(so_far)
    }

    #[cfg_attr(not(feature = "small"), inline(always))]
    fn write<V: Dialect, S: Sink>(_: &mut S, _: Context<V>, _: (&A, &B)) -> Result<(), Full> {
        Ok(())
    }
}

/// A list behind a count of two bytes, unsigned; lists that are longer are cut.
#[derive(Clone, Copy, Debug)]
pub struct ListU16;

/// A list behind a count of four bytes, signed; −1 stands for an empty list too.
#[derive(Clone, Copy, Debug)]
pub struct ListS32;

/// A list behind a count of four bytes, unsigned.
#[derive(Clone, Copy, Debug)]
pub struct ListU32;

macro_rules! list_forms {
    ($($Form:ident: $Count:ty, $parse:ident, $most:expr, $count:expr;)+) => {$(
        impl<'a, T: Element<'a>> Form<'a, List<'a, T>> for $Form {
            #[cfg_attr(not(feature = "small"), inline(always))]
            fn read<V: Dialect, O: Observer>(r: &mut Reader<'a, O>, cx: Context<V>, into: &mut List<'a, T>) -> Result<(), Fault> {
                let start = r.position();
                let claimed = r.fault(ErrorKind::ListLength);
                let count = r.parse(parse::$parse)?;
                let len = $count(count).ok_or(claimed)?;
                r.detail("count", start, || Value::UInt(u64::try_from(len).unwrap_or(u64::MAX)));
                *into = List::read(r, cx, len).map_err(|fault| fault.unwrap_or(claimed))?;
                Ok(())
            }

            #[cfg_attr(not(feature = "small"), inline(always))]
            fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, value: &List<'a, T>) -> Result<(), Full> {
                let len = value.len().min($most);
                out.put_array(<$Count>::try_from(len).unwrap_or(<$Count>::MAX).to_le_bytes())?;
                value.write(out, cx, len)
            }

            fn first_unrepresentable<V: Dialect>(cx: Context<V>, value: &List<'a, T>) -> Option<&'static str> {
                if value.len() > $most { Some("") } else { value.first_unrepresentable(cx) }
            }

            fn same_layout<A: Dialect, B: Dialect>(one: Context<A>, other: Context<B>) -> bool {
                T::same_layout(one, other)
            }
        }
    )+};
}

list_forms! {
    ListU16: u16, le_u16, 0xffff, |count| Some(usize::from(count));
    ListS32: i32, le_i32, 0x7fff_ffff, |count: i32| if count == -1 { Some(0) } else { usize::try_from(count).ok() };
    ListU32: u32, le_u32, 0x7fff_ffff, |count| usize::try_from(count).ok();
}
