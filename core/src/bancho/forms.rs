//! Wire forms: encodings of single values. All integers are little-endian.
//!
//! The tables in the documentation of packets refer to these forms. Custom layouts use them with a
//! [`PayloadWriter`](super::PayloadWriter) and a [`PayloadReader`](super::PayloadReader). Layouts and forms that
//! belong to a single type are also listed here.

pub use super::mode::ModeByte;
pub use super::types::forms::*;

use super::dialect::{Dialect, Predicate};
use super::layout::{Context, Form, Origin};
use super::list::{BorrowElement, Element, List, fixed_size};
use super::number::Number;
use super::version::Version;
use crate::wire::{
    ErrorKind, Fault, Full, Observer, Reader, Sink, Value, narrow_float, parse, text, widen_float, write_text,
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

/// One byte: 0 is `false`, other values are `true`. Written as 0 or 1.
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

/// Four bytes: 1 is `true`, other values are `false`.
#[derive(Clone, Copy, Debug)]
pub struct BoolS32;

/// Four bytes as [`BoolS32`], or none at the end of the payload, for `false`.
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

    fn is_optional<V: Dialect>(_: Context<V>) -> bool {
        true
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

/// No bytes: the value is `false`.
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

/// Four bytes, signed, or none at the end of the payload.
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

    fn is_optional<V: Dialect>(_: Context<V>) -> bool {
        true
    }
}

/// One byte, unsigned, or none at the end of the payload: only some builds of the class have the field.
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

    fn is_optional<V: Dialect>(_: Context<V>) -> bool {
        true
    }
}

/// Declares a form that encodes like another one, except that servers replace values that the client does not know.
/// `known since` are the builds on which the replacement depends. Packets of clients keep their values.
macro_rules! downgraded_form {
    (
        $(#[$docs:meta])*
        $Form:ident as $Inner:ident for $Type:ty, |$value:ident, $version:ident| $replaced:expr, known since $known:expr
    ) => {
        $(#[$docs])*
        #[derive(Clone, Copy, Debug)]
        pub struct $Form;

        impl<'a> $crate::bancho::layout::Form<'a, $Type> for $Form {
            #[cfg_attr(not(feature = "small"), inline(always))]
            fn read<V: $crate::bancho::dialect::Dialect, O: $crate::wire::Observer>(
                r: &mut $crate::wire::Reader<'a, O>,
                cx: $crate::bancho::layout::Context<V>,
                into: &mut $Type,
            ) -> Result<(), $crate::wire::Fault> {
                $Inner::read(r, cx, into)
            }

            #[cfg_attr(not(feature = "small"), inline(always))]
            fn write<V: $crate::bancho::dialect::Dialect, S: $crate::wire::Sink>(
                out: &mut S,
                cx: $crate::bancho::layout::Context<V>,
                value: &$Type,
            ) -> Result<(), $crate::wire::Full> {
                let ($value, $version) = (*value, cx.version);
                let replaced = if cx.is_from_server() { $replaced } else { *value };
                $Inner::write(out, cx, &replaced)
            }

            #[cfg_attr(not(feature = "small"), inline(always))]
            fn first_unrepresentable<V: $crate::bancho::dialect::Dialect>(
                cx: $crate::bancho::layout::Context<V>,
                value: &$Type,
            ) -> Option<&'static str> {
                let ($value, $version) = (*value, cx.version);
                if cx.is_from_server() && $replaced != *value { Some("") } else { None }
            }

            #[cfg_attr(not(feature = "small"), inline(always))]
            fn visit_unrepresentable<V: $crate::bancho::dialect::Dialect>(
                cx: $crate::bancho::layout::Context<V>,
                value: &$Type,
                report: &mut dyn FnMut(&'static str, $crate::bancho::change::ChangeKind),
            ) {
                if let Some(field) = Self::first_unrepresentable(cx, value) {
                    report(field, $crate::bancho::change::ChangeKind::Replaced);
                }
            }

            #[cfg_attr(not(feature = "small"), inline(always))]
            fn report_absent<V: $crate::bancho::dialect::Dialect, O: $crate::wire::Observer>(
                r: &mut $crate::wire::Reader<'a, O>,
                cx: $crate::bancho::layout::Context<V>,
                value: &$Type,
            ) {
                $Inner::report_absent(r, cx, value);
            }

            fn visit_predicates(
                origin: $crate::bancho::layout::Origin,
                visit: &mut impl FnMut($crate::bancho::dialect::Predicate),
            ) {
                if origin.is_server() {
                    $known.map($crate::bancho::dialect::Predicate::KnownSince).into_iter().for_each(visit);
                }
            }

            fn is_optional<V: $crate::bancho::dialect::Dialect>(
                cx: $crate::bancho::layout::Context<V>,
            ) -> bool {
                <$Inner as $crate::bancho::layout::Form<'a, $Type>>::is_optional(cx)
            }
        }
    };
}
pub(super) use downgraded_form;

macro_rules! slot_forms {
    ($($(#[$meta:meta])* $Form:ident: $Wire:ident;)+) => {$(
        $(#[$meta])*
        ///
        /// A server's packet about a player of the receiver's match must not name a slot that such a match lacks;
        /// see [`Dialect::has_slot`].
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
                if names_slot(cx.origin) && !cx.version.has_slot(value.to_wire()) {
                    return Some("");
                }
                $Wire::first_unrepresentable(cx, value)
            }

            #[cfg_attr(not(feature = "small"), inline(always))]
            fn report_absent<V: Dialect, O: Observer>(r: &mut Reader<'a, O>, cx: Context<V>, value: &T) {
                $Wire::report_absent(r, cx, value);
            }

            #[inline]
            fn visit_predicates(origin: Origin, visit: &mut impl FnMut(Predicate)) {
                if names_slot(origin) {
                    visit(Predicate::Slots);
                }
            }
        }
    )+};
}

/// Returns whether the packet names a slot of the receiver's match.
fn names_slot(origin: Origin) -> bool {
    matches!(origin, Origin::ServerMatch)
}

slot_forms! {
    /// The index of a match slot as [`U8`].
    SlotU8: U8;
    /// The index of a match slot as [`U32`].
    SlotU32: U32;
    /// The index of a match slot as [`S32`].
    SlotS32: S32;
}

/// A string: `00` if it is empty, otherwise `0b`, the length in bytes as ULEB128, and UTF-8. The empty string
/// `0b 00` is accepted, too.
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
        // Inline into the single instance for a fixed version, which includes the latest.
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

/// No bytes, and no loss of information: another row or packet contains the field, or these versions do not use
/// it.
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

/// A count of two bytes, unsigned, and the elements. Longer lists are truncated.
#[derive(Clone, Copy, Debug)]
pub struct ListU16;

/// A count of four bytes, signed, and the elements. −1 also represents an empty list.
#[derive(Clone, Copy, Debug)]
pub struct ListS32;

/// A count of four bytes, unsigned, and the elements.
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

            #[inline]
            fn visit_predicates(origin: Origin, visit: &mut impl FnMut(Predicate)) {
                T::visit_predicates(origin, visit);
            }
        }
    )+};
}

list_forms! {
    ListU16: u16, le_u16, 0xffff, |count| Some(usize::from(count));
    ListS32: i32, le_i32, 0x7fff_ffff, |count: i32| if count == -1 { Some(0) } else { usize::try_from(count).ok() };
    ListU32: u32, le_u32, 0x7fff_ffff, |count| usize::try_from(count).ok();
}

impl<'a> Element<'a> for i32 {
    const SIZE: usize = 4;
    const LEAST: usize = 4;

    #[inline(always)]
    fn read<V: Dialect, O: Observer>(r: &mut Reader<'a, O>, cx: Context<V>) -> Result<Self, Fault> {
        let mut value = 0;
        <S32 as Form<i32>>::read(r, cx, &mut value)?;
        Ok(value)
    }

    #[inline(always)]
    fn write<V: Dialect, S: Sink>(&self, out: &mut S, _: Context<V>) -> Result<(), Full> {
        out.put_array(self.to_le_bytes())
    }

    fixed_size!(4);
}

impl<'a> Element<'a> for &'a str {
    const SIZE: usize = 0;
    const LEAST: usize = 1;

    #[inline(always)]
    fn read<V: Dialect, O: Observer>(r: &mut Reader<'a, O>, cx: Context<V>) -> Result<Self, Fault> {
        let mut value = "";
        Str::read(r, cx, &mut value)?;
        Ok(value)
    }

    #[inline(always)]
    fn take(bytes: &mut &'a [u8], _: Context<Version>) -> Option<Self> {
        // Not `text_inlined`: each element has a new reader, which would discard what the last one read ahead.
        let (rest, value) = text(bytes).ok()?;
        *bytes = rest;
        Some(value)
    }

    #[inline(always)]
    fn write<V: Dialect, S: Sink>(&self, out: &mut S, cx: Context<V>) -> Result<(), Full> {
        Str::write(out, cx, self)
    }

    fn from_owned(element: &'a dyn BorrowElement) -> Self {
        element.text()
    }
}
