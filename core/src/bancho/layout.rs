//! The grammar in which every layout stands once.
//!
//! A layout is a list of rows in the order of the wire:
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
//! A row names the field, then its wire forms from the newest to the oldest: the first whose build
//! (and protocol version) the client has reached is the one that is spoken. Before the oldest the
//! field is not on the wire. [`Omitted`](super::forms::Omitted) says that another row or packet
//! carries it from there on.
//!
//! A condition ends a row: `when c` leaves the field out of the frame unless `c` holds, and it then
//! has its default; `part c` does the same for a part of a packet that such a frame leaves unsaid,
//! so that decoders don't report it. `c` is a method of the struct.
//!
//! `fixed_group { ... }` around rows whose sizes the version fixes makes one question of whether their bytes, or the
//! room for them, are there. Nothing else comes of it: where they are not, each row asks for itself, and the first
//! that fails is named as ever.
//!
//! From the rows come reading, writing (and with a counter as sink, the length), the check that a
//! version can carry a value, the field trace (reading with an observer), whether two versions have the
//! same layout, and the table in the documentation.

use super::version::Dialect;
use crate::wire::{Counter, Fault, Full, Observer, Reader, Sink};

/// Who wrote a packet, where that changes its layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A server.
    Server,
    /// A client.
    Client,
    /// A client, in a private message, which had a layout of its own before b320.
    ClientPrivate,
    /// A server, in a packet that names a slot of the receiver's match.
    ServerMatch,
}

/// What a layout depends on.
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
        matches!(self.origin, Origin::Server | Origin::ServerMatch)
    }

    #[cfg_attr(not(feature = "small"), inline(always))]
    pub(crate) fn slots(self) -> usize {
        self.version.slots()
    }
}

/// One way in which a value of type `T` stands on the wire.
///
/// Primitive forms are in [`forms`](super::forms); every layout is one too. A form that says nothing
/// else takes no bytes.
pub trait Form<'a, T> {
    /// Reads the value into its place, and reports it.
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn read<V: Dialect, O: Observer>(_: &mut Reader<'a, O>, _: Context<V>, _: &mut T) -> Result<(), Fault> {
        Ok(())
    }

    /// Writes the value, narrowed to what the form can hold.
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn write<V: Dialect, S: Sink>(_: &mut S, _: Context<V>, _: &T) -> Result<(), Full> {
        Ok(())
    }

    /// The field in `value` that this form can't hold, or `""` where that is the value itself.
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn first_unrepresentable<V: Dialect>(_: Context<V>, _: &T) -> Option<&'static str> {
        None
    }

    /// Reports every field in `value` that this form can't hold, as [`first_unrepresentable`](Self::first_unrepresentable) names it.
    #[inline]
    fn visit_unrepresentable<V: Dialect>(cx: Context<V>, value: &T, report: &mut dyn FnMut(&'static str)) {
        if let Some(field) = Self::first_unrepresentable(cx, value) {
            report(field);
        }
    }

    /// Reports a value that the frame leaves out.
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn report_absent<V: Dialect, O: Observer>(_: &mut Reader<'a, O>, _: Context<V>, _: &T) {}

    /// Whether any value stands on the wire alike in two versions that both have this form. A form that asks
    /// anything of the version says here what that is.
    fn same_layout<A: Dialect, B: Dialect>(_: Context<A>, _: Context<B>) -> bool {
        true
    }
}

/// [`Form::same_layout`] for a field, whose type is taken from how one gets at it.
pub(crate) fn same_field_layout<'a, F: Form<'a, T>, S, T: 'a, A: Dialect, B: Dialect>(
    _: impl Fn(&S) -> &T,
    one: Context<A>,
    other: Context<B>,
) -> bool {
    F::same_layout(one, other)
}

/// One way in which two values stand on the wire together.
pub trait PairForm<'a, A, B> {
    /// Reads both values, and reports them under their names. It is given what they are so far.
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        cx: Context<V>,
        names: [&'static str; 2],
        so_far: (A, B),
    ) -> Result<(A, B), Fault>;

    /// Writes both values, narrowed to what the form can hold.
    fn write<V: Dialect, S: Sink>(out: &mut S, cx: Context<V>, values: (&A, &B)) -> Result<(), Full>;

    /// Which of the two the form can't hold: 0, 1, or neither.
    #[cfg_attr(not(feature = "small"), inline(always))]
    fn first_unrepresentable<V: Dialect>(_: Context<V>, _: (&A, &B)) -> Option<usize> {
        None
    }
}

/// Reads rows that stand together, whose form is `F`.
///
/// With one question in front of them, whether all their bytes are there, the compiler leaves out the question
/// of each. How many bytes that are, their writer counts, which folds away where the version is fixed.
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

/// Tells the compiler that it seldom comes here.
#[cold]
#[inline(always)]
fn cold_path() {}

/// Writes rows that stand together, whose form is `F`, with one question for the room that they take.
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

/// The place of a field: its path in the struct.
macro_rules! place {
    ($this:ident [$head:ident $(. $tail:ident)*]) => {
        $this.$head $(. $tail)*
    };
}

/// Whether the context has reached a row's build and protocol version.
macro_rules! reached {
    ($cx:ident, $since:literal) => {
        $cx.version.since($since)
    };
    ($cx:ident, $since:literal, $protocol:literal) => {
        $cx.version.since_protocol($since, $protocol)
    };
}

/// Whether a row's field is in the frame, and whether its part of the packet is.
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
/// `(name in self)`; and `$row!(@fixed_group ...)` for rows that stand together.
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

/// Reading and writing of a form that is made of rows.
macro_rules! read_and_write {
    ([$Struct:ty] $($rows:tt)*) => {
        #[cfg_attr(not(feature = "small"), inline(always))]
        fn read<V: $crate::bancho::version::Dialect, O: $crate::wire::Observer>(
            r: &mut $crate::wire::Reader<'a, O>,
            cx: $crate::bancho::layout::Context<V>,
            this: &mut $Struct,
        ) -> Result<(), $crate::wire::Fault> {
            let _ = cx;
            $crate::bancho::layout::rows!(read_row [r cx this $Struct] $($rows)*);
            Ok(())
        }

        #[cfg_attr(not(feature = "small"), inline(always))]
        fn write<V: $crate::bancho::version::Dialect, S: $crate::wire::Sink>(
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

/// `Rows`, the form of rows that stand together.
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
        let (is_said, is_part) = $crate::bancho::layout::conditions!($cx $this $($condition)*);
        $(if is_part && $crate::bancho::layout::reached!($cx, $since $(, $protocol)?) {
            $r.begin($crate::bancho::layout::path_name!($path));
            let place = &mut $crate::bancho::layout::place!($this $path);
            if is_said {
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
        let (is_said, is_part) = $crate::bancho::layout::conditions!($cx $this $($condition)*);
        $(if is_said && is_part && $crate::bancho::layout::reached!($cx, $since $(, $protocol)?) {
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
        let mut named = |inner: &'static str| {
            $report(if inner.is_empty() { stringify!($name) } else { inner });
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
            match <$form as $crate::bancho::layout::PairForm<_, _>>::first_unrepresentable($cx, places) {
                Some(0) => $report($crate::bancho::layout::path_name!($a)),
                Some(_) => $report($crate::bancho::layout::path_name!($b)),
                None => {}
            }
        } else)+ {}
    };
    ([$default:ident $cx:ident $this:ident $report:ident] $path:tt
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] [$($condition:ident)*]
    ) => {
        let (is_said, is_part) = $crate::bancho::layout::conditions!($cx $this $($condition)*);
        let place = &$crate::bancho::layout::place!($this $path);
        // A layout names its own field; a primitive is the field.
        let mut named = |inner: &'static str| {
            $report(if inner.is_empty() { $crate::bancho::layout::path_name!($path) } else { inner });
        };
        if is_part {
            $(if is_said && $crate::bancho::layout::reached!($cx, $since $(, $protocol)?) {
                <$form as $crate::bancho::layout::Form<_>>::visit_unrepresentable($cx, place, &mut named);
            } else)+ if *place != $crate::bancho::layout::place!($default $path) {
                named("");
            }
        }
    };
}

/// Returns `false` where two versions have a row in different forms, or in one that they write differently. What
/// conditions ask of the version, rows of the same layout ask too.
macro_rules! same_layout_row {
    (@fixed_group $given:tt { $($rows:tt)* }) => {
        $crate::bancho::layout::rows!(same_layout_row $given $($rows)*);
    };
    (@reached $one:ident $other:ident $since:literal $($protocol:literal)?) => {{
        let is_reached_by_one = $crate::bancho::layout::reached!($one, $since $(, $protocol)?);
        if is_reached_by_one != $crate::bancho::layout::reached!($other, $since $(, $protocol)?) {
            return false;
        }
        is_reached_by_one
    }};
    ([$one:ident $other:ident $Struct:ty] ($name:ident in self)
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] []
    ) => {
        $(if $crate::bancho::layout::same_layout_row!(@reached $one $other $since $($protocol)?) {
            if !<$form as $crate::bancho::layout::Form<$Struct>>::same_layout($one, $other) {
                return false;
            }
        } else)+ {}
    };
    // No form of two fields asks anything.
    ([$one:ident $other:ident $Struct:ty] ($a:tt $b:tt)
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] [$($condition:ident)*]
    ) => {
        $(if $crate::bancho::layout::same_layout_row!(@reached $one $other $since $($protocol)?) {} else)+ {}
    };
    ([$one:ident $other:ident $Struct:ty] $path:tt
        [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] [$($condition:ident)*]
    ) => {
        $(if $crate::bancho::layout::same_layout_row!(@reached $one $other $since $($protocol)?) {
            if !$crate::bancho::layout::same_field_layout::<$form, $Struct, _, _, _>(
                |this| &$crate::bancho::layout::place!(this $path),
                $one,
                $other,
            ) {
                return false;
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

/// A wire form's name, with a link to what it says; a dash where the field is not on the wire.
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

            fn first_unrepresentable<V: $crate::bancho::version::Dialect>(
                cx: $crate::bancho::layout::Context<V>,
                this: &$Struct,
            ) -> Option<&'static str> {
                let mut first = None;
                <Self as $crate::bancho::layout::Form<_>>::visit_unrepresentable(cx, this, &mut |field| {
                    first.get_or_insert(field);
                });
                first
            }

            fn visit_unrepresentable<V: $crate::bancho::version::Dialect>(
                cx: $crate::bancho::layout::Context<V>,
                this: &$Struct,
                report: &mut dyn FnMut(&'static str),
            ) {
                let default = <$Struct>::default();
                let _ = (cx, &default);
                $crate::bancho::layout::rows!(unrepresentable_row [default cx this report] $($rows)*);
            }

            fn same_layout<A: $crate::bancho::version::Dialect, B: $crate::bancho::version::Dialect>(
                one: $crate::bancho::layout::Context<A>,
                other: $crate::bancho::layout::Context<B>,
            ) -> bool {
                $crate::bancho::layout::rows!(same_layout_row [one other $Struct] $($rows)*);
                true
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

/// Whether a field stands in JSON.
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
    conditions, doc_rows, fields, fixed_group, form_docs, form_name, layout, path_name, place, reached,
    read_and_write, read_row, rows, same_layout_row, unrepresentable_row, write_row,
};
