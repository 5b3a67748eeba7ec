//! The grammar of layouts.
//!
//! A layout is a list of rows in wire order:
//!
//! ```text
//! layout! {
//!     /// (docs)
//!     MatchLayout for Match<'a> {
//!         id => U16 since 1796, MatchIdByte since 282;
//!         mods => U32 since 20120818 protocol 11, U16 since 334;
//!         (presence.permissions, status.mode) => PermissionsAndMode since 20121203;
//!         text => Str since 282 when has_details;
//!     }
//! }
//! ```
//!
//! A row names a field and its wire forms, newest first. A version uses the first form whose build (and protocol
//! version) it has reached. Versions older than the last form do not encode the field. The form
//! [`Omitted`](super::forms::Omitted) means that another row or packet contains it.
//!
//! A row may end with a condition `c`, a method of the struct. With `when c`, the field is encoded only if `c`
//! holds, and otherwise has its default. `part c` is the same for fields that such a packet does not contain at
//! all, so that decoders do not report them.
//!
//! `fixed_group { ... }` around rows whose sizes are determined by the version performs one bounds check for the
//! whole group. If it fails, each row checks its own bounds, so that the error names the first field that does
//! not fit.
//!
//! From the rows are generated: reading, writing, the encoded length (writing to a counter), the check whether a
//! version can represent a value, the field trace (reading with an observer), the version predicates on which the
//! layout depends, and the table in the documentation.

use super::change::ChangeKind;
use super::dialect::{Dialect, Predicate};
use super::packet_id::Side;
use crate::wire::{Counter, Fault, Full, Observer, Reader, Sink};

/// The origin of a packet, on which its layout may depend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A server.
    Server,
    /// A client.
    Client,
    /// A client's private message, which has a different layout before b320.
    ClientPrivate,
    /// A server, in a packet that names a slot of the receiver's match.
    ServerMatch,
}

impl Origin {
    /// Returns whether a server sends the packet.
    pub(crate) const fn is_server(self) -> bool {
        matches!(self, Self::Server | Self::ServerMatch)
    }

    /// Returns the origin of most packets of a side.
    pub(crate) const fn of(side: Side) -> Self {
        match side {
            Side::Client => Self::Client,
            Side::Server => Self::Server,
        }
    }
}

/// The version and origin on which a layout depends.
#[derive(Clone, Copy, Debug)]
pub struct Context<V> {
    pub(crate) version: V,
    pub(crate) origin: Origin,
}

impl<V: Dialect> Context<V> {
    #[cfg_attr(not(feature = "small"), inline(always))]
    pub(crate) fn since(self, build: u32) -> bool {
        self.version.since(build)
    }

    #[cfg_attr(not(feature = "small"), inline(always))]
    pub(crate) fn is_from_server(self) -> bool {
        self.origin.is_server()
    }

    #[cfg_attr(not(feature = "small"), inline(always))]
    pub(crate) fn slots(self) -> usize {
        self.version.slots()
    }
}

/// An encoding of values of type `T`.
///
/// Primitive forms are in [`forms`](super::forms). Layouts are forms, too. By default, a form has no bytes.
pub trait Form<'a, T> {
    /// Reads a value and reports it to the observer.
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn read<V: Dialect, O: Observer>(_: &mut Reader<'a, O>, _: Context<V>, _: &mut T) -> Result<(), Fault> {
        Ok(())
    }

    /// Writes a value, narrowed to the range of the form.
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn write<V: Dialect, S: Sink>(_: &mut S, _: Context<V>, _: &T) -> Result<(), Full> {
        Ok(())
    }

    /// Returns the first field of `value` that the form cannot represent; `""` if it is the value itself.
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn first_unrepresentable<V: Dialect>(_: Context<V>, _: &T) -> Option<&'static str> {
        None
    }

    /// Reports all fields of `value` that the form cannot represent. Names are those of
    /// [`first_unrepresentable`](Self::first_unrepresentable). By default, a value is dropped if the form writes no
    /// bytes, and narrowed otherwise.
    #[inline]
    fn visit_unrepresentable<V: Dialect>(
        cx: Context<V>,
        value: &T,
        report: &mut dyn FnMut(&'static str, ChangeKind),
    ) {
        if let Some(field) = Self::first_unrepresentable(cx, value) {
            let mut len = Counter::default();
            let is_written = Self::write(&mut len, cx, value).is_ok() && len.0 > 0;
            report(field, if is_written { ChangeKind::Narrowed } else { ChangeKind::Dropped });
        }
    }

    /// Reports a value that is not encoded to the observer.
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn report_absent<V: Dialect, O: Observer>(_: &mut Reader<'a, O>, _: Context<V>, _: &T) {}

    /// Visits the version predicates on which the encoding depends.
    #[inline]
    fn visit_predicates(origin: Origin, visit: &mut impl FnMut(Predicate)) {
        let _ = (origin, visit);
    }

    /// Returns whether a payload may end before this value, although the form writes bytes for it.
    fn is_optional<V: Dialect>(_: Context<V>) -> bool {
        false
    }
}

/// Calls [`Form::visit_predicates`] for a field. The closure determines the type of the field.
#[inline]
pub(crate) fn visit_field_predicates<'a, F: Form<'a, T>, S, T: 'a>(
    _: impl Fn(&S) -> &T,
    origin: Origin,
    visit: &mut impl FnMut(Predicate),
) {
    F::visit_predicates(origin, visit);
}

/// Calls [`Form::is_optional`] for a field. The closure determines the type of the field.
pub(crate) fn is_field_optional<'a, F: Form<'a, T>, S, T: 'a, V: Dialect>(
    _: impl Fn(&S) -> &T,
    cx: Context<V>,
) -> bool {
    F::is_optional(cx)
}

/// Returns whether two versions have the same answers to the predicates that `visit_all` visits.
#[inline]
pub(crate) fn agree<A: Dialect, B: Dialect>(
    one: A,
    other: B,
    visit_all: impl FnOnce(&mut dyn FnMut(Predicate)),
) -> bool {
    let mut agree = true;
    visit_all(&mut |predicate| agree &= predicate.agrees(one, other));
    agree
}

/// A combined encoding of two values.
pub trait PairForm<'a, A, B> {
    /// Reads both values and reports them with their names. `so_far` are the previous values.
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        cx: Context<V>,
        names: [&'static str; 2],
        so_far: (A, B),
    ) -> Result<(A, B), Fault>;

    /// Writes both values, narrowed to the range of the form.
    fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, values: (&A, &B)) -> Result<(), Full>;

    /// Returns the index, 0 or 1, of a value that the form cannot represent.
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn first_unrepresentable<V: Dialect>(_: Context<V>, _: (&A, &B)) -> Option<usize> {
        None
    }
}

/// Reads a group of rows with the form `F`.
///
/// After one check that all bytes are available, the compiler removes the checks of the individual rows. The
/// number of bytes is counted by writing the group, which is evaluated at compile time for fixed versions.
#[cfg_attr(not(feature = "small"), inline(always))]
pub(crate) fn read_fixed_group<'a, F: Form<'a, T>, T, V: Dialect, O: Observer>(
    r: &mut Reader<'a, O>,
    cx: Context<V>,
    this: &mut T,
) -> Result<(), Fault> {
    if !V::IS_FIXED || O::ACTIVE || cfg!(feature = "small") {
        return F::read(r, cx, this);
    }
    let mut len = Counter::default();
    if F::write(&mut len, cx, this).is_ok() && len.0 <= r.rest().len() {
        return F::read(r, cx, this);
    }
    cold_path();
    F::read(r, cx, this)
}

/// Marks a cold path.
#[cold]
#[inline(always)]
fn cold_path() {}

/// Writes a group of rows with the form `F`, with one bounds check.
#[cfg_attr(not(feature = "small"), inline(always))]
pub(crate) fn write_fixed_group<'a, F: Form<'a, T>, T, V: Dialect, S: Sink>(
    out: &mut S,
    cx: Context<V>,
    this: &T,
) -> Result<(), Full> {
    if V::IS_FIXED && !cfg!(feature = "small") {
        let mut len = Counter::default();
        F::write(&mut len, cx, this)?;
        out.check_remaining(len.0)?;
    }
    F::write(out, cx, this)
}

/// The name of a field in chio and in JSON. The field `type`, a keyword in Rust, is called `kind`.
#[doc(hidden)]
#[macro_export]
macro_rules! __field_name {
    (kind) => {
        "type"
    };
    ($field:ident) => {
        stringify!($field)
    };
}

/// The name of a field: its path, with dots.
macro_rules! path_name {
    ([$head:ident $(. $tail:ident)*]) => {
        concat!($crate::__field_name!($head) $(, ".", $crate::__field_name!($tail))*)
    };
}

/// The place expression of a field.
macro_rules! place {
    ($this:ident [$head:ident $(. $tail:ident)*]) => {
        $this.$head $(. $tail)*
    };
}

/// Whether the version has reached a row's build and protocol version.
macro_rules! reached {
    ($cx:ident, $since:literal) => {
        $cx.version.since($since)
    };
    ($cx:ident, $since:literal, $protocol:literal) => {
        $cx.version.since_protocol($since, $protocol)
    };
}

/// Whether a row's field is encoded, and whether the packet contains it at all.
macro_rules! conditions {
    ($cx:ident $this:ident) => {
        (true, true)
    };
    ($cx:ident $this:ident when $when:ident) => {
        ($this.$when($cx), true)
    };
    ($cx:ident $this:ident part $part:ident) => {
        (true, $this.$part($cx))
    };
}

/// Calls `$row!` for each row, with paths as single tokens: `[path]`, `([path] [path])` or
/// `(name in self)`, and `$row!(@fixed_group ...)` for groups.
macro_rules! rows {
    ($row:ident $given:tt) => {};
    ($row:ident $given:tt fixed_group { $($rows:tt)* } $($rest:tt)*) => {
        $crate::bancho::layout::$row!(@fixed_group $given { $($rows)* });
        $crate::bancho::layout::rows!($row $given $($rest)*);
    };
    ($row:ident $given:tt ($name:ident in self) => $($rest:tt)*) => {
        $crate::bancho::layout::rows!(@forms $row $given ($name in self) $($rest)*);
    };
    ($row:ident $given:tt ($a:ident $(. $at:ident)*, $b:ident $(. $bt:ident)*) => $($rest:tt)*) => {
        $crate::bancho::layout::rows!(@forms $row $given ([$a $(. $at)*] [$b $(. $bt)*]) $($rest)*);
    };
    ($row:ident $given:tt $head:ident $(. $tail:ident)* => $($rest:tt)*) => {
        $crate::bancho::layout::rows!(@forms $row $given [$head $(. $tail)*] $($rest)*);
    };
    (@forms $row:ident $given:tt $path:tt
        $($form:ident since $since:literal $(protocol $protocol:literal)?),+
        $(when $when:ident)? $(part $part:ident)?;
        $($rest:tt)*
    ) => {
        $crate::bancho::layout::$row!($given $path
            [$($form since $since $(protocol $protocol)?),+] [$(when $when)? $(part $part)?]);
        $crate::bancho::layout::rows!($row $given $($rest)*);
    };
}

/// The methods `read` and `write` of a form that consists of rows.
macro_rules! read_and_write {
    ([$Struct:ty] $($rows:tt)*) => {
        #[cfg_attr(not(feature = "small"), inline(always))]
        fn read<V: $crate::bancho::dialect::Dialect, O: $crate::wire::Observer>(
            r: &mut $crate::wire::Reader<'a, O>,
            cx: $crate::bancho::layout::Context<V>,
            this: &mut $Struct,
        ) -> Result<(), $crate::wire::Fault> {
            let _ = cx;
            $crate::bancho::layout::rows!(read_row [r cx this $Struct] $($rows)*);
            Ok(())
        }

        #[cfg_attr(not(feature = "small"), inline(always))]
        fn write<V: $crate::bancho::dialect::Dialect, S: $crate::wire::Sink>(
            out: &mut S,
            cx: $crate::bancho::layout::Context<V>,
            this: &$Struct,
        ) -> Result<(), $crate::wire::Full> {
            let _ = cx;
            $crate::bancho::layout::rows!(write_row [out cx this $Struct] $($rows)*);
            Ok(())
        }
    };
}

/// Defines `Rows`, the form of a group.
macro_rules! fixed_group {
    ([$Struct:ty] $($rows:tt)*) => {
        struct Rows;

        impl<'a> $crate::bancho::layout::Form<'a, $Struct> for Rows {
            $crate::bancho::layout::read_and_write!([$Struct] $($rows)*);
        }
    };
}

macro_rules! read_row {
    (@fixed_group [$r:ident $cx:ident $this:ident $Struct:ty] { $($rows:tt)* }) => {{
        $crate::bancho::layout::fixed_group!([$Struct] $($rows)*);
        $crate::bancho::layout::read_fixed_group::<Rows, _, _, _>($r, $cx, $this)?;
    }};
    ([$r:ident $cx:ident $this:ident $Struct:ty] ($name:ident in self)
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] []
    ) => {
        $(if $crate::bancho::layout::reached!($cx, $since $(, $protocol)?) {
            $r.begin(stringify!($name));
            <$form as $crate::bancho::layout::Form<_>>::read($r, $cx, $this)?;
            $r.end();
        } else)+ {}
    };
    ([$r:ident $cx:ident $this:ident $Struct:ty] ($a:tt $b:tt)
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] [$($condition:ident)*]
    ) => {
        let (_, is_part) = $crate::bancho::layout::conditions!($cx $this $($condition)*);
        $(if is_part && $crate::bancho::layout::reached!($cx, $since $(, $protocol)?) {
            let (a, b) = <$form as $crate::bancho::layout::PairForm<_, _>>::read(
                $r,
                $cx,
                [$crate::bancho::layout::path_name!($a), $crate::bancho::layout::path_name!($b)],
                ($crate::bancho::layout::place!($this $a), $crate::bancho::layout::place!($this $b)),
            )?;
            $crate::bancho::layout::place!($this $a) = a;
            $crate::bancho::layout::place!($this $b) = b;
        } else)+ {}
    };
    ([$r:ident $cx:ident $this:ident $Struct:ty] $path:tt
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] [$($condition:ident)*]
    ) => {
        let (is_encoded, is_part) = $crate::bancho::layout::conditions!($cx $this $($condition)*);
        $(if is_part && $crate::bancho::layout::reached!($cx, $since $(, $protocol)?) {
            $r.begin($crate::bancho::layout::path_name!($path));
            let place = &mut $crate::bancho::layout::place!($this $path);
            if is_encoded {
                <$form as $crate::bancho::layout::Form<_>>::read($r, $cx, place)?;
            } else {
                <$form as $crate::bancho::layout::Form<_>>::report_absent($r, $cx, place);
            }
            $r.end();
        } else)+ {}
    };
}

macro_rules! write_row {
    (@fixed_group [$out:ident $cx:ident $this:ident $Struct:ty] { $($rows:tt)* }) => {{
        $crate::bancho::layout::fixed_group!([$Struct] $($rows)*);
        $crate::bancho::layout::write_fixed_group::<Rows, _, _, _>($out, $cx, $this)?;
    }};
    ([$out:ident $cx:ident $this:ident $Struct:ty] ($name:ident in self)
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] []
    ) => {
        $(if $crate::bancho::layout::reached!($cx, $since $(, $protocol)?) {
            <$form as $crate::bancho::layout::Form<_>>::write($out, $cx, $this)?;
        } else)+ {}
    };
    ([$out:ident $cx:ident $this:ident $Struct:ty] ($a:tt $b:tt)
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] [$($condition:ident)*]
    ) => {
        let (_, is_part) = $crate::bancho::layout::conditions!($cx $this $($condition)*);
        $(if is_part && $crate::bancho::layout::reached!($cx, $since $(, $protocol)?) {
            let places = (
                &$crate::bancho::layout::place!($this $a),
                &$crate::bancho::layout::place!($this $b),
            );
            <$form as $crate::bancho::layout::PairForm<_, _>>::write($out, $cx, places)?;
        } else)+ {}
    };
    ([$out:ident $cx:ident $this:ident $Struct:ty] $path:tt
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] [$($condition:ident)*]
    ) => {
        let (is_encoded, is_part) = $crate::bancho::layout::conditions!($cx $this $($condition)*);
        $(if is_encoded && is_part && $crate::bancho::layout::reached!($cx, $since $(, $protocol)?) {
            let place = &$crate::bancho::layout::place!($this $path);
            <$form as $crate::bancho::layout::Form<_>>::write($out, $cx, place)?;
        } else)+ {}
    };
}

macro_rules! unrepresentable_row {
    (@fixed_group $given:tt { $($rows:tt)* }) => {
        $crate::bancho::layout::rows!(unrepresentable_row $given $($rows)*);
    };
    ([$default:ident $cx:ident $this:ident $report:ident] ($name:ident in self)
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] []
    ) => {
        let mut named = |inner: &'static str, kind| {
            $report(if inner.is_empty() { stringify!($name) } else { inner }, kind);
        };
        $(if $crate::bancho::layout::reached!($cx, $since $(, $protocol)?) {
            <$form as $crate::bancho::layout::Form<_>>::visit_unrepresentable($cx, $this, &mut named);
        } else)+ {
            let _ = &mut named;
        }
    };
    ([$default:ident $cx:ident $this:ident $report:ident] ($a:tt $b:tt)
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] [$($condition:ident)*]
    ) => {
        let (_, is_part) = $crate::bancho::layout::conditions!($cx $this $($condition)*);
        $(if is_part && $crate::bancho::layout::reached!($cx, $since $(, $protocol)?) {
            let places = (
                &$crate::bancho::layout::place!($this $a),
                &$crate::bancho::layout::place!($this $b),
            );
            let narrowed = $crate::bancho::change::ChangeKind::Narrowed;
            match <$form as $crate::bancho::layout::PairForm<_, _>>::first_unrepresentable($cx, places) {
                Some(0) => $report($crate::bancho::layout::path_name!($a), narrowed),
                Some(_) => $report($crate::bancho::layout::path_name!($b), narrowed),
                None => {}
            }
        } else)+ {}
    };
    ([$default:ident $cx:ident $this:ident $report:ident] $path:tt
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] [$($condition:ident)*]
    ) => {
        let (is_encoded, is_part) = $crate::bancho::layout::conditions!($cx $this $($condition)*);
        let place = &$crate::bancho::layout::place!($this $path);
        // Layouts report names of fields; primitive forms report the empty name.
        let mut named = |inner: &'static str, kind| {
            $report(if inner.is_empty() { $crate::bancho::layout::path_name!($path) } else { inner }, kind);
        };
        if is_part {
            $(if is_encoded && $crate::bancho::layout::reached!($cx, $since $(, $protocol)?) {
                <$form as $crate::bancho::layout::Form<_>>::visit_unrepresentable($cx, place, &mut named);
            } else)+ if *place != $crate::bancho::layout::place!($default $path) {
                named("", $crate::bancho::change::ChangeKind::Dropped);
            }
        }
    };
}

/// Visits the version predicates of a row: those that select its form, and those of its forms. The
/// predicates of conditions are those of other rows.
macro_rules! predicates_row {
    (@fixed_group $given:tt { $($rows:tt)* }) => {
        $crate::bancho::layout::rows!(predicates_row $given $($rows)*);
    };
    (@predicate $since:literal) => {
        $crate::bancho::dialect::Predicate::Since($since)
    };
    (@predicate $since:literal $protocol:literal) => {
        $crate::bancho::dialect::Predicate::SinceProtocol($since, $protocol)
    };
    ([$origin:ident $visit:ident $Struct:ty] ($name:ident in self)
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] []
    ) => {$(
        $visit($crate::bancho::layout::predicates_row!(@predicate $since $($protocol)?));
        <$form as $crate::bancho::layout::Form<$Struct>>::visit_predicates($origin, $visit);
    )+};
    // Forms of two fields have no predicates.
    ([$origin:ident $visit:ident $Struct:ty] ($a:tt $b:tt)
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] [$($condition:ident)*]
    ) => {$(
        $visit($crate::bancho::layout::predicates_row!(@predicate $since $($protocol)?));
    )+};
    ([$origin:ident $visit:ident $Struct:ty] $path:tt
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] [$($condition:ident)*]
    ) => {$(
        $visit($crate::bancho::layout::predicates_row!(@predicate $since $($protocol)?));
        $crate::bancho::layout::visit_field_predicates::<$form, $Struct, _>(
            |this| &$crate::bancho::layout::place!(this $path),
            $origin,
            $visit,
        );
    )+};
}

/// Returns `true` from the surrounding function if the form of a row is optional.
macro_rules! optional_row {
    (@fixed_group $given:tt { $($rows:tt)* }) => {
        $crate::bancho::layout::rows!(optional_row $given $($rows)*);
    };
    ([$cx:ident $Struct:ty] ($name:ident in self)
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] []
    ) => {
        $(if $crate::bancho::layout::reached!($cx, $since $(, $protocol)?) {
            if <$form as $crate::bancho::layout::Form<$Struct>>::is_optional($cx) {
                return true;
            }
        } else)+ {}
    };
    // No form of two fields is optional.
    ([$cx:ident $Struct:ty] ($a:tt $b:tt)
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] [$($condition:ident)*]
    ) => {};
    ([$cx:ident $Struct:ty] $path:tt
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] [$($condition:ident)*]
    ) => {
        $(if $crate::bancho::layout::reached!($cx, $since $(, $protocol)?) {
            if $crate::bancho::layout::is_field_optional::<$form, $Struct, _, _>(
                |this| &$crate::bancho::layout::place!(this $path),
                $cx,
            ) {
                return true;
            }
        } else)+ {}
    };
}

/// The wire forms of a row, for the documentation.
macro_rules! form_docs {
    ($($form:ident since $since:literal $(protocol $protocol:literal)?),+) => {
        concat!($(
            $crate::bancho::layout::form_name!($form), " from b", stringify!($since),
            $(" with protocol ", stringify!($protocol), )? "; ",
        )+)
    };
}

/// A wire form's name with a link to its documentation, or a dash if the field is omitted.
macro_rules! form_name {
    (Omitted) => {
        "–"
    };
    ($form:ident) => {
        concat!("[`", stringify!($form), "`](crate::bancho::forms::", stringify!($form), ")")
    };
}

/// The rows of a table in the documentation.
macro_rules! doc_rows {
    () => { "" };
    (fixed_group { $($rows:tt)* } $($rest:tt)*) => {
        concat!($crate::bancho::layout::doc_rows!($($rows)*), $crate::bancho::layout::doc_rows!($($rest)*))
    };
    (($name:ident in self) => $($rest:tt)*) => {
        $crate::bancho::layout::doc_rows!(@forms concat!("`", stringify!($name), "`"), $($rest)*)
    };
    (($a:ident $(. $at:ident)*, $b:ident $(. $bt:ident)*) => $($rest:tt)*) => {
        $crate::bancho::layout::doc_rows!(@forms
            concat!(
                "`", $crate::bancho::layout::path_name!([$a $(. $at)*]),
                "`, `", $crate::bancho::layout::path_name!([$b $(. $bt)*]), "`"
            ),
            $($rest)*)
    };
    ($head:ident $(. $tail:ident)* => $($rest:tt)*) => {
        $crate::bancho::layout::doc_rows!(@forms
            concat!("`", $crate::bancho::layout::path_name!([$head $(. $tail)*]), "`"), $($rest)*)
    };
    (@forms $name:expr,
        $($form:ident since $since:literal $(protocol $protocol:literal)?),+
        $(when $when:ident)? $(part $part:ident)?;
        $($rest:tt)*
    ) => {
        concat!(
            "| ", $name, " | ",
            $crate::bancho::layout::form_docs!($($form since $since $(protocol $protocol)?),+),
            "|" $(, " if `", stringify!($when), "`")? $(, " if `", stringify!($part), "`")?, " |\n",
            $crate::bancho::layout::doc_rows!($($rest)*),
        )
    };
}

/// Defines a layout from its rows; see the module.
macro_rules! layout {
    ($(#[$meta:meta])* $Layout:ident for $Struct:ident $(<$a:lifetime>)? { $($rows:tt)* }) => {
        $crate::bancho::layout::layout!(@form [$(#[$meta])*] $Layout [$Struct $(<$a>)?] { $($rows)* });
    };
    (@form [$(#[$meta:meta])*] $Layout:ident [$Struct:ty] { $($rows:tt)* }) => {
        $(#[$meta])*
        #[doc = "\n| field | wire form, newest first | condition |\n|---|---|---|"]
        #[doc = $crate::bancho::layout::doc_rows!($($rows)*)]
        #[derive(Clone, Copy, Debug)]
        pub struct $Layout;

        /// The layout's rows, for the documentation of packets.
        #[allow(unused_macros)]
        macro_rules! $Layout {
            () => { $crate::bancho::layout::doc_rows!($($rows)*) };
        }

        impl<'a> $crate::bancho::layout::Form<'a, $Struct> for $Layout {
            $crate::bancho::layout::read_and_write!([$Struct] $($rows)*);

            fn first_unrepresentable<V: $crate::bancho::dialect::Dialect>(
                cx: $crate::bancho::layout::Context<V>,
                this: &$Struct,
            ) -> Option<&'static str> {
                let mut first = None;
                <Self as $crate::bancho::layout::Form<_>>::visit_unrepresentable(cx, this, &mut |field, _| {
                    first.get_or_insert(field);
                });
                first
            }

            fn visit_unrepresentable<V: $crate::bancho::dialect::Dialect>(
                cx: $crate::bancho::layout::Context<V>,
                this: &$Struct,
                report: &mut dyn FnMut(&'static str, $crate::bancho::change::ChangeKind),
            ) {
                let default = <$Struct>::default();
                let _ = (cx, &default);
                $crate::bancho::layout::rows!(unrepresentable_row [default cx this report] $($rows)*);
            }

            fn visit_predicates(
                origin: $crate::bancho::layout::Origin,
                visit: &mut impl FnMut($crate::bancho::dialect::Predicate),
            ) {
                let _ = origin;
                $crate::bancho::layout::rows!(predicates_row [origin visit $Struct] $($rows)*);
            }

            fn is_optional<V: $crate::bancho::dialect::Dialect>(cx: $crate::bancho::layout::Context<V>) -> bool {
                let _ = cx;
                $crate::bancho::layout::rows!(optional_row [cx $Struct] $($rows)*);
                false
            }
        }
    };
}

/// Declares a struct, with a default for each field.
///
/// `=> optional` after a default omits the field from JSON when it has that value. The name before `=>` is that of
/// a macro with the declaration, from which `lobbywire` generates the owned struct: see
/// [`declarations`](crate::declarations).
///
/// The struct is non-exhaustive, with a hidden field: see [`NonExhaustive`](crate::declarations::NonExhaustive).
macro_rules! fields {
    ($declaration:ident => $(#[$meta:meta])* struct $Struct:ident <'a> { $($fields:tt)* }) => {
        $crate::bancho::layout::fields!(@struct [$(#[$meta])*] $Struct [<'a>] { $($fields)* });
        $crate::bancho::layout::fields!(@declaration ($) $declaration { $(#[$meta])* struct $Struct { $($fields)* } });
    };
    ($declaration:ident => $(#[$meta:meta])* struct $Struct:ident { $($fields:tt)* }) => {
        $crate::bancho::layout::fields!(@struct [$(#[$meta])*] $Struct [] { $($fields)* });
        $crate::bancho::layout::fields!(@declaration ($) $declaration { $(#[$meta])* struct $Struct { $($fields)* } });
    };
    (@struct [$(#[$meta:meta])*] $Struct:ident [$(<$a:lifetime>)?] {
        $($(#[$field_meta:meta])* $field:ident: $Field:ty = $default:expr $(=> $optional:ident)?,)*
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq)]
        #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
        pub struct $Struct $(<$a>)? {
            // The first field, because `Arbitrary` gives all remaining input to the last one.
            #[doc(hidden)]
            pub _non_exhaustive: $crate::declarations::NonExhaustive,
            $($(#[$field_meta])* pub $field: $Field,)*
        }

        impl $(<$a>)? core::fmt::Debug for $Struct $(<$a>)? {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_struct(stringify!($Struct))$(.field(stringify!($field), &self.$field))*.finish()
            }
        }

        impl $(<$a>)? Default for $Struct $(<$a>)? {
            #[cfg_attr(not(feature = "small"), inline(always))]
            fn default() -> Self {
                Self {
                    _non_exhaustive: $crate::declarations::NonExhaustive::MARKER,
                    $($field: $default,)*
                }
            }
        }

        #[cfg(feature = "serde")]
        impl $(<$a>)? $crate::bancho::json::SerializeJsonFields for $Struct $(<$a>)? {
            fn serialize_fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
                $(
                    if $crate::bancho::layout::is_shown!(self.$field, $default $(, $optional)?) {
                        let name = $crate::bancho::layout::path_name!([$field]);
                        map.serialize_entry(name, &$crate::bancho::json::AsJson(&self.$field))?;
                    }
                )*
                Ok(())
            }
        }

        #[cfg(feature = "serde")]
        $crate::bancho::json::serialize_fields!($Struct $(<$a>)?);
    };
    (@declaration ($dollar:tt) $declaration:ident { $($tokens:tt)* }) => {
        #[doc(hidden)]
        #[macro_export]
        macro_rules! $declaration {
            ($dollar make:ident) => {
                $dollar make! { $($tokens)* }
            };
        }
    };
}

/// Whether a field is part of the JSON.
#[cfg(feature = "serde")]
macro_rules! is_shown {
    ($field:expr, $default:expr) => {
        true
    };
    ($field:expr, $default:expr, optional) => {
        $field != $default
    };
}

#[cfg(feature = "serde")]
pub(crate) use is_shown;

pub(crate) use {
    conditions, doc_rows, fields, fixed_group, form_docs, form_name, layout, optional_row, path_name, place,
    predicates_row, reached, read_and_write, read_row, rows, unrepresentable_row, write_row,
};
