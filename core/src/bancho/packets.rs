//! The table of packets, from which their types, the enums of each side and the list of packets are generated.
//!
//! A row contains the id, the name, the content with its layout or wire forms, and the first class of builds
//! that has the packet (with `..`, also the first class without it). `instead of` names the downgrade rule in
//! [`compat`](super::compat) that sends the packet, and the first class for which it sends anything.

use super::forms::*;
#[cfg(feature = "serde")]
use super::json;
use super::list::List;
use super::mods::Mods;
use super::types::*;
use super::{compat, packet_info::PacketInfo};
use crate::declarations::NonExhaustive;

macro_rules! packet_docs {
    ($chio:literal, $id:literal, $first:literal $(, $gone:literal)?) => {
        concat!(
            "\n\nchio's `", $chio, "`, id ", stringify!($id), ", from b", stringify!($first),
            $(" until before b", stringify!($gone),)? "."
        )
    };
}

macro_rules! packets {
    ($declaration:ident => $(#[$meta:meta])* $module:ident $Side:ident $origin:ident { $($rows:tt)* }) => {
        packets!(@module $(#[$meta])* $module $Side $origin { $($rows)* });
        packets!(@declaration ($) $declaration $module { $($rows)* });
    };
    (
        @module
        $(#[$module_meta:meta])*
        $module:ident $Side:ident $origin:ident {
            $(
                $(#[$meta:meta])*
                $id:literal $Name:ident $chio:literal
                    $(<$a:lifetime>)?
                    $(($Value:ty as $($form:ident since $since:literal $(protocol $protocol:literal)?),+))?
                    $({ $Struct:ty as $Layout:ident $(= $default:expr)? })?
                    $(, origin $own_origin:ident)?
                    $(, instead of from $replaced:literal by $send:ident)?
                    , in $first:literal $(.. $gone:literal)?;
            )+
        }
    ) => {
        $(#[$module_meta])*
        pub mod $module {
            use super::*;
            use crate::bancho::frame::Limits;
            use crate::bancho::layout::{Context, Form, Origin, agree};
            use crate::bancho::change::ChangeKind;
            use crate::bancho::dialect::{Dialect, Fixed, Latest, Predicate, use_latest_fast_path};
            use crate::bancho::overrides::{NoOverrides, PayloadOverrides};
            use crate::bancho::packet::{Decode, Encode, KindVisitor, Layout, Unknown};
            use crate::bancho::packet_id::{PacketId, Side};
            use crate::bancho::packet_info::{PacketInfo, PacketKind};
            use crate::bancho::packet_iter::{AnyPacket, Packets};
            use crate::bancho::writer::FrameWriter;
            use crate::wire::{Error, Fault, Full, Observer, Reader, Sink};

            $(
                packets!(@type
                    [$(#[$meta])* #[doc = packet_docs!($chio, $id, $first $(, $gone)?)] #[doc(alias = $chio)]]
                    $Name [$(<$a>)?]
                    [$($Value as $($form since $since $(protocol $protocol)?),+)?]
                    [$($Struct as $Layout $(= $default)?)?]
                );

                impl $(<$a>)? $Name $(<$a>)? {
                    /// The modern id of the packet. A frame has a wire id, which may differ: see
                    /// [`PacketId::from_wire`].
                    pub const ID: PacketId = PacketId($id);

                    /// The name of the packet in chio.
                    pub const NAME: &'static str = $chio;
                }

                impl PacketKind for packets!(@in 'static $Name [$(<$a>)?]) {
                    type In<'p> = packets!(@in 'p $Name [$(<$a>)?]);

                    const INFO: &'static PacketInfo = <Self as Decode>::INFO;
                }

                impl $(<$a>)? Encode for $Name $(<$a>)? {
                    #[cfg_attr(not(feature = "small"), inline(always))]
                    fn packet_info(&self) -> &'static PacketInfo {
                        <Self as Decode>::INFO
                    }

                    #[cfg_attr(not(feature = "small"), inline(always))]
                    fn wire_id<V: Dialect>(&self, version: V) -> Option<u16> {
                        let info = <Self as Decode>::INFO;
                        if info.is_known_by(version) { info.id.on_wire(version) } else { None }
                    }

                    #[cfg_attr(not(feature = "small"), inline(always))]
                    fn encode<V: Dialect, S: Sink>(&self, version: V, out: &mut S) -> Result<(), Full> {
                        let cx = Context { version, origin: packets!(@origin $origin $($own_origin)?) };
                        packets!(@write self out cx
                            [$($($form since $since $(protocol $protocol)?),+)?] [$($Layout)?]);
                        Ok(())
                    }

                    fn first_unrepresentable<V: Dialect>(&self, version: V) -> Option<&'static str> {
                        let cx = Context { version, origin: packets!(@origin $origin $($own_origin)?) };
                        packets!(@first_unrepresentable self cx
                            [$($($form since $since $(protocol $protocol)?),+)?] [$($Layout)?])
                    }

                    fn visit_unrepresentable<V: Dialect>(&self, version: V, report: &mut dyn FnMut(&'static str, ChangeKind)) {
                        let cx = Context { version, origin: packets!(@origin $origin $($own_origin)?) };
                        packets!(@visit_unrepresentable self cx report
                            [$($($form since $since $(protocol $protocol)?),+)?] [$($Layout)?]);
                    }

                    fn visit_kind<T: KindVisitor>(&self, visitor: T) -> Option<T::Output> {
                        Some(visitor.visit::<packets!(@in 'static $Name [$(<$a>)?])>(self))
                    }

                    packets!(@send [$($send)?]);
                }

                #[cfg(feature = "serde")]
                json::serialize!($Name $(<$a>)?);

                impl<'a> Decode<'a> for $Name $(<$a>)? {
                    const INFO: &'static PacketInfo = &PacketInfo {
                        name: $chio,
                        side: Side::$Side,
                        id: PacketId($id),
                        first: $first,
                        gone: packets!(@gone $($gone)?),
                        replaced_since: packets!(@replaced $first $($replaced)?),
                        origin: packets!(@origin $origin $($own_origin)?),
                    };

                    #[inline]
                    fn decode<V: Dialect>(version: V, payload: &'a [u8]) -> Result<Self, Error> {
                        Self::trace(version, payload, ())
                    }

                    #[inline]
                    fn decode_with<V: Dialect, O: PayloadOverrides>(
                        version: V,
                        overrides: O,
                        payload: &'a [u8],
                    ) -> Result<Self, Error> {
                        if O::ACTIVE
                            && let Some(packet) = overrides
                                .decode::<packets!(@in 'static $Name [$(<$a>)?])>(version.version(), payload)
                        {
                            return packet;
                        }
                        Self::decode(version, payload)
                    }

                    #[inline]
                    fn trace<V: Dialect, O: Observer>(version: V, payload: &'a [u8], observer: O) -> Result<Self, Error> {
                        let mut packet = Self::default();
                        match packet.read(version, &mut Reader::observed(payload, observer)) {
                            Ok(()) => Ok(packet),
                            Err(fault) => Err(fault.in_payload(payload.len())),
                        }
                    }
                }

                impl<'a> Layout<'a> for $Name $(<$a>)? {
                    #[inline]
                    fn read<V: Dialect, O: Observer>(&mut self, version: V, r: &mut Reader<'a, O>) -> Result<(), Fault> {
                        let cx = Context { version, origin: packets!(@origin $origin $($own_origin)?) };
                        let packet = self;
                        let _ = (&packet, &r, cx);
                        packets!(@read packet r cx
                            [$($($form since $since $(protocol $protocol)?),+)?] [$($Layout)?]);
                        Ok(())
                    }

                    fn visit_predicates(visit: &mut impl FnMut(Predicate)) {
                        let origin = packets!(@origin $origin $($own_origin)?);
                        let _ = (origin, &visit);
                        $(compat::$send::visit_predicates(visit);)?
                        packets!(@visit_predicates origin visit
                            [$($Value as $($form since $since $(protocol $protocol)?),+)?] [$($Struct as $Layout)?]);
                    }

                    fn has_optional_fields<V: Dialect>(version: V) -> bool {
                        let cx = Context { version, origin: packets!(@origin $origin $($own_origin)?) };
                        packets!(@is_optional cx
                            [$($Value as $($form since $since $(protocol $protocol)?),+)?] [$($Struct as $Layout)?])
                    }
                }
            )+

            #[doc = concat!("Any packet that a ", stringify!($module), " sends.")]
            #[derive(Clone, Copy, Debug, PartialEq)]
            #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
            #[non_exhaustive]
            pub enum Packet<'a> {
                $(
                    #[doc = concat!("chio's `", $chio, "`, id ", stringify!($id), ".")]
                    $Name($Name $(<$a>)?),
                )+
                /// A packet whose id is in no table, or that the version does not have.
                Unknown(Unknown<'a>),
            }

            $(
                impl<'a> From<$Name $(<$a>)?> for Packet<'a> {
                    #[cfg_attr(not(feature = "small"), inline(always))]
                    fn from(packet: $Name $(<$a>)?) -> Self {
                        Self::$Name(packet)
                    }
                }
            )+

            impl<'a> Packet<'a> {
                /// Returns the packet's name in chio, or `Unknown`.
                pub fn name(&self) -> &'static str {
                    self.packet_info().name
                }

                /// Reads the payload, uncompressed and without its header, of the packet with this wire id.
                /// Unknown ids are not an error: the result is [`Packet::Unknown`].
                ///
                /// # Errors
                /// The kind of the error and its offset in the payload.
                #[inline]
                pub fn decode<V: Dialect>(version: V, wire_id: u16, payload: &'a [u8]) -> Result<Self, Error> {
                    Self::decode_at(version, NoOverrides, wire_id, payload, 0)
                }

                /// As [`decode`](Self::decode), but reads some payloads in the layouts of `overrides`.
                ///
                /// # Errors
                /// As [`decode`](Self::decode).
                #[inline]
                pub fn decode_with<V: Dialect, O: PayloadOverrides>(
                    version: V,
                    overrides: O,
                    wire_id: u16,
                    payload: &'a [u8],
                ) -> Result<Self, Error> {
                    Self::decode_at(version, overrides, wire_id, payload, 0)
                }

                /// Reads a payload whose offset in the input is `base`.
                #[cfg_attr(not(feature = "small"), inline(always))]
                fn decode_at<V: Dialect, O: PayloadOverrides>(
                    version: V,
                    overrides: O,
                    wire_id: u16,
                    payload: &'a [u8],
                    base: usize,
                ) -> Result<Self, Error> {
                    if !O::ACTIVE && use_latest_fast_path(version) {
                        return Self::decode_in::<Latest, O>(Fixed, overrides, wire_id, payload, base);
                    }
                    Self::decode_in(version, overrides, wire_id, payload, base)
                }

                #[cfg_attr(not(feature = "small"), inline(always))]
                fn decode_in<V: Dialect, O: PayloadOverrides>(
                    version: V,
                    overrides: O,
                    wire_id: u16,
                    payload: &'a [u8],
                    base: usize,
                ) -> Result<Self, Error> {
                    match PacketId::from_wire(version, wire_id) {
                        $(
                            Some(PacketId($id)) if <$Name as Decode>::INFO.is_known_by(version)
                                || (O::ACTIVE && overrides
                                    .decodes::<packets!(@in 'static $Name [$(<$a>)?])>(version.version())) => {
                                read_one::<$Name, V, O>(version, overrides, payload, base)
                            }
                        )+
                        _ => Ok(Self::Unknown(Unknown { wire_id, payload })),
                    }
                }

                /// Reads a payload and reports each field to `observer`.
                ///
                /// # Errors
                /// As [`decode`](Self::decode). The fields before the malformed one have been reported.
                pub fn trace<V: Dialect, O: Observer>(
                    version: V,
                    wire_id: u16,
                    payload: &'a [u8],
                    observer: O,
                ) -> Result<Self, Error> {
                    match PacketId::from_wire(version, wire_id) {
                        $(
                            Some(PacketId($id)) if <$Name as Decode>::INFO.is_known_by(version) => {
                                $Name::trace(version, payload, observer).map(Self::$Name)
                            }
                        )+
                        _ => Ok(Self::Unknown(Unknown { wire_id, payload })),
                    }
                }
            }

            /// Reads one kind of packet. Each kind has an outlined function that constructs the result in
            /// place: packets are large, and moving them costs more than reading them.
            #[inline(never)]
            fn read_one<'a, P, V, O>(
                version: V,
                overrides: O,
                payload: &'a [u8],
                base: usize,
            ) -> Result<Packet<'a>, Error>
            where
                P: Layout<'a> + Decode<'a> + Default + Into<Packet<'a>>,
                V: Dialect,
                O: PayloadOverrides,
            {
                if O::ACTIVE {
                    let packet = P::decode_with(version, overrides, payload);
                    return packet.map(P::into).map_err(|error| error.after(base));
                }
                let mut packet = P::default();
                match packet.read(version, &mut Reader::new(payload)) {
                    Ok(()) => Ok(packet.into()),
                    Err(fault) => Err(fault.in_payload(payload.len()).after(base)),
                }
            }

            /// Returns whether a wire id belongs to the same packet in both versions, with the same layout and
            /// downgrade rule.
            pub(crate) fn same_layout<A: Dialect, B: Dialect>(wire_id: u16, one: A, other: B) -> bool {
                match PacketId::from_wire(one, wire_id) {
                    $(
                        Some(PacketId($id)) => {
                            let info = <$Name as Decode>::INFO;
                            info.is_known_by(one)
                                && info.is_known_by(other)
                                && info.id.on_wire(other) == Some(wire_id)
                                && agree(one, other, |mut visit| <$Name as Layout>::visit_predicates(&mut visit))
                        }
                    )+
                    _ => false,
                }
            }

            /// Returns whether payloads of a wire id may end early. Those of unknown packets may.
            #[cfg(feature = "laws")]
            pub(crate) fn has_optional_fields<V: Dialect>(version: V, wire_id: u16) -> bool {
                match PacketId::from_wire(version, wire_id) {
                    $(
                        Some(PacketId($id)) if <$Name as Decode>::INFO.is_known_by(version) => {
                            <$Name as Layout>::has_optional_fields(version)
                        }
                    )+
                    _ => true,
                }
            }

            #[cfg(feature = "serde")]
            impl serde::Serialize for Packet<'_> {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    match self {
                        $(Self::$Name(packet) => json::serialize_packet(self.name(), packet, serializer),)+
                        Self::Unknown(packet) => json::serialize_packet(self.name(), packet, serializer),
                    }
                }
            }

            impl Encode for Packet<'_> {
                fn packet_info(&self) -> &'static PacketInfo {
                    match self {
                        $(Self::$Name(packet) => packet.packet_info(),)+
                        Self::Unknown(packet) => packet.packet_info(),
                    }
                }

                fn wire_id<V: Dialect>(&self, version: V) -> Option<u16> {
                    match self {
                        $(Self::$Name(packet) => packet.wire_id(version),)+
                        Self::Unknown(packet) => packet.wire_id(version),
                    }
                }

                fn encode<V: Dialect, S: Sink>(&self, version: V, out: &mut S) -> Result<(), Full> {
                    match self {
                        $(Self::$Name(packet) => packet.encode(version, out),)+
                        Self::Unknown(packet) => packet.encode(version, out),
                    }
                }

                fn first_unrepresentable<V: Dialect>(&self, version: V) -> Option<&'static str> {
                    match self {
                        $(Self::$Name(packet) => packet.first_unrepresentable(version),)+
                        Self::Unknown(packet) => packet.first_unrepresentable(version),
                    }
                }

                fn visit_unrepresentable<V: Dialect>(&self, version: V, report: &mut dyn FnMut(&'static str, ChangeKind)) {
                    match self {
                        $(Self::$Name(packet) => packet.visit_unrepresentable(version, report),)+
                        Self::Unknown(packet) => packet.visit_unrepresentable(version, report),
                    }
                }

                fn send<V: Dialect, O: PayloadOverrides>(
                    &self,
                    out: &mut FrameWriter<'_, V, O>,
                ) -> Result<usize, Full> {
                    match self {
                        $(Self::$Name(packet) => packet.send(out),)+
                        Self::Unknown(packet) => packet.send(out),
                    }
                }

                fn visit_kind<T: KindVisitor>(&self, visitor: T) -> Option<T::Output> {
                    match self {
                        $(Self::$Name(packet) => packet.visit_kind(visitor),)+
                        Self::Unknown(packet) => packet.visit_kind(visitor),
                    }
                }
            }

            impl<'a> AnyPacket<'a> for Packet<'a> {
                const SIDE: Side = Side::$Side;

                #[inline]
                fn decode_any_with<V: Dialect, O: PayloadOverrides>(
                    version: V,
                    overrides: O,
                    wire_id: u16,
                    payload: &'a [u8],
                    base: usize,
                ) -> Result<Self, Error> {
                    Self::decode_at(version, overrides, wire_id, payload, base)
                }
            }

            #[doc = concat!("Every packet that a ", stringify!($module), " sends, by id.")]
            pub const PACKETS: &[&PacketInfo] = &[$(<$Name as Decode>::INFO,)+];

            #[doc = concat!("The packets in a slice of frames that a ", stringify!($module), " has sent.")]
            ///
            /// Compressed packets require a [scratch buffer](Packets::with_scratch).
            pub fn packets<V: Dialect>(version: V, bytes: &[u8]) -> Packets<'_, '_, Packet<'_>, V> {
                Packets::new(version, bytes, Limits::from(Side::$Side))
            }
        }
    };

    (@type [$(#[$meta:meta])*] $Name:ident [$(<$a:lifetime>)?] [] []) => {
        $(#[$meta])*
        #[doc = "\n\nThe payload is empty."]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
        pub struct $Name;

        #[cfg(feature = "serde")]
        impl json::SerializeJson for $Name {
            fn serialize_json<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_unit()
            }
        }

        #[cfg(feature = "serde")]
        impl json::DeserializeJson for $Name {
            fn deserialize_json<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde::Deserialize::deserialize(deserializer).map(|serde::de::IgnoredAny| Self)
            }
        }

        #[cfg(feature = "serde")]
        json::deserialize!($Name);
    };
    (@type [$(#[$meta:meta])*] $Name:ident [$(<$a:lifetime>)?]
        [$Value:ty as $($form:ident since $since:literal $(protocol $protocol:literal)?),+] []
    ) => {
        $(#[$meta])*
        #[doc = "\n\n| field | wire form, newest first |\n|---|---|"]
        #[doc = concat!("| the value | ", $crate::bancho::layout::form_docs!($($form since $since $(protocol $protocol)?),+), "|")]
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
        pub struct $Name $(<$a>)? (
            /// The content of the packet.
            pub $Value,
        );
        packets!(@wrapper $Name [$(<$a>)?] $Value);
    };
    (@type [$(#[$meta:meta])*] $Name:ident [$(<$a:lifetime>)?] [] [$Struct:ty as $Layout:ident $(= $default:expr)?]) => {
        $(#[$meta])*
        #[doc = "\n\n| field | wire form, newest first | condition |\n|---|---|---|"]
        #[doc = $Layout!()]
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
        pub struct $Name $(<$a>)? (
            /// The content of the packet.
            pub $Struct,
        );

        impl $(<$a>)? Default for $Name $(<$a>)? {
            #[cfg_attr(not(feature = "small"), inline(always))]
            fn default() -> Self {
                Self(packets!(@default $Struct $(, $default)?))
            }
        }

        packets!(@wrapper $Name [$(<$a>)?] $Struct);
    };
    (@wrapper $Name:ident [$(<$a:lifetime>)?] $Value:ty) => {
        impl $(<$a>)? From<$Value> for $Name $(<$a>)? {
            #[cfg_attr(not(feature = "small"), inline(always))]
            fn from(value: $Value) -> Self {
                Self(value)
            }
        }

        impl $(<$a>)? core::ops::Deref for $Name $(<$a>)? {
            type Target = $Value;

            #[cfg_attr(not(feature = "small"), inline(always))]
            fn deref(&self) -> &$Value {
                &self.0
            }
        }

        impl $(<$a>)? core::ops::DerefMut for $Name $(<$a>)? {
            #[cfg_attr(not(feature = "small"), inline(always))]
            fn deref_mut(&mut self) -> &mut $Value {
                &mut self.0
            }
        }

        #[cfg(feature = "serde")]
        impl $(<$a>)? json::SerializeJson for $Name $(<$a>)? {
            fn serialize_json<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                json::SerializeJson::serialize_json(&self.0, serializer)
            }
        }

        packets!(@take $Name [$(<$a>)?]);
    };
    (@take $Name:ident []) => {
        #[cfg(feature = "serde")]
        impl json::DeserializeJson for $Name {
            fn deserialize_json<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                json::DeserializeJson::deserialize_json(deserializer).map(Self)
            }
        }

        #[cfg(feature = "serde")]
        json::deserialize!($Name);
    };
    // Only owned packets are deserialized if the packet borrows.
    (@take $Name:ident [<$a:lifetime>]) => {};

    // Exports the rows, from which the adapter generates the owned packets.
    (@declaration ($dollar:tt) $declaration:ident $module:ident { $($rows:tt)* }) => {
        #[doc(hidden)]
        #[macro_export]
        macro_rules! $declaration {
            ($dollar make:ident) => {
                $dollar make! { $module $($rows)* }
            };
        }
    };

    (@in $p:lifetime $Name:ident []) => { $Name };
    (@in $p:lifetime $Name:ident [<$a:lifetime>]) => { $Name<$p> };
    (@send []) => {};
    (@send [$send:ident]) => {
        #[cfg_attr(not(feature = "small"), inline(always))]
        fn send<V: Dialect, O: PayloadOverrides>(
            &self,
            out: &mut FrameWriter<'_, V, O>,
        ) -> Result<usize, Full> {
            if O::ACTIVE && let Some(sent) = crate::bancho::packet::send_overridden(self, out) {
                return sent.map(|()| 1);
            }
            compat::$send(self, out)
        }
    };

    (@default $Struct:ty) => { <$Struct>::default() };
    (@default $Struct:ty, $default:expr) => { $default };
    (@origin $origin:ident) => { Origin::$origin };
    (@origin $origin:ident $own:ident) => { Origin::$own };
    (@gone) => { u32::MAX };
    (@gone $gone:literal) => { $gone };
    (@replaced $first:literal) => { $first };
    (@replaced $first:literal $replaced:literal) => { $replaced };

    (@read $packet:ident $r:ident $cx:ident [] []) => {};
    (@read $packet:ident $r:ident $cx:ident [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] []) => {
        $(if $crate::bancho::layout::reached!($cx, $since $(, $protocol)?) {
            <$form as Form<_>>::read($r, $cx, &mut $packet.0)?;
        } else)+ {}
    };
    (@read $packet:ident $r:ident $cx:ident [] [$Layout:ident]) => {
        <$Layout as Form<_>>::read($r, $cx, &mut $packet.0)?;
    };

    (@visit_predicates $origin:ident $visit:ident [] []) => {};
    (@visit_predicates $origin:ident $visit:ident [$Value:ty as $($form:ident since $since:literal $(protocol $protocol:literal)?),+] []) => {
        $crate::bancho::layout::predicates_row!([$origin $visit $Value] (value in self)
            [$($form since $since $(protocol $protocol)?),+] []);
    };
    (@visit_predicates $origin:ident $visit:ident [] [$Struct:ty as $Layout:ident]) => {
        <$Layout as Form<$Struct>>::visit_predicates($origin, $visit);
    };

    (@is_optional $cx:ident [] []) => {{ let _ = $cx; false }};
    (@is_optional $cx:ident [$Value:ty as $($form:ident since $since:literal $(protocol $protocol:literal)?),+] []) => {{
        $crate::bancho::layout::optional_row!([$cx $Value] (value in self)
            [$($form since $since $(protocol $protocol)?),+] []);
        false
    }};
    (@is_optional $cx:ident [] [$Struct:ty as $Layout:ident]) => {
        <$Layout as Form<$Struct>>::is_optional($cx)
    };

    (@write $packet:ident $out:ident $cx:ident [] []) => { let _ = ($out, $cx); };
    (@write $packet:ident $out:ident $cx:ident [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] []) => {
        $(if $crate::bancho::layout::reached!($cx, $since $(, $protocol)?) {
            <$form as Form<_>>::write($out, $cx, &$packet.0)?;
        } else)+ {}
    };
    (@write $packet:ident $out:ident $cx:ident [] [$Layout:ident]) => {
        <$Layout as Form<_>>::write($out, $cx, &$packet.0)?;
    };

    (@visit_unrepresentable $packet:ident $cx:ident $report:ident [] []) => {
        let _ = ($cx, $report);
    };
    (@visit_unrepresentable $packet:ident $cx:ident $report:ident [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] []) => {
        $(if $crate::bancho::layout::reached!($cx, $since $(, $protocol)?) {
            <$form as Form<_>>::visit_unrepresentable($cx, &$packet.0, $report);
        } else)+ if $packet.0 != Self::default().0 {
            $report("", ChangeKind::Dropped);
        }
    };
    (@visit_unrepresentable $packet:ident $cx:ident $report:ident [] [$Layout:ident]) => {
        <$Layout as Form<_>>::visit_unrepresentable($cx, &$packet.0, $report)
    };

    (@first_unrepresentable $packet:ident $cx:ident [] []) => {{ let _ = $cx; None }};
    (@first_unrepresentable $packet:ident $cx:ident [$($form:ident since $since:literal $(protocol $protocol:literal)?),+] []) => {
        $(if $crate::bancho::layout::reached!($cx, $since $(, $protocol)?) {
            <$form as Form<_>>::first_unrepresentable($cx, &$packet.0)
        } else)+ if $packet.0 == Self::default().0 {
            None
        } else {
            Some("")
        }
    };
    (@first_unrepresentable $packet:ident $cx:ident [] [$Layout:ident]) => {
        <$Layout as Form<_>>::first_unrepresentable($cx, &$packet.0)
    };
}

packets! { __client_packets =>
    /// Packets sent by clients.
    client Client Client {
        /// The user's current status.
        #[doc(alias("0", "ChangeAction"))]
        0 UserStatus "OsuUserStatus" <'a> { super::UserStatus<'a> as UserStatusLayout }, in 282;
        /// A line in a channel.
        #[doc(alias("1", "PublicChatMessage"))]
        1 Message "OsuMessage" <'a> { super::Message<'a> as MessageLayout }, in 282;
        /// The client quits. The value is `true` if it restarts to update.
        #[doc(alias("2", "Logout"))]
        2 Exit "OsuExit" (bool as OptionalBoolS32 since 1788, ImplicitFalse since 282), in 282;
        /// A request for the user's own stats.
        #[doc(alias("3", "UpdateStatsRequest"))]
        3 StatusUpdateRequest "OsuStatusUpdateRequest", in 282;
        /// The reply to a ping, and the keep-alive of an idle client over HTTP.
        #[doc(alias("4", "Ping"))]
        4 Pong "OsuPong", in 282;
        /// The user starts to spectate the user with this id; tournament clients may send −1.
        #[doc(alias = "16")]
        16 StartSpectating "OsuStartSpectating" (i32 as S32 since 282), in 282;
        /// The user stops spectating.
        #[doc(alias = "17")]
        17 StopSpectating "OsuStopSpectating", in 282;
        /// Replay frames of the user's play, for spectators.
        #[doc(alias = "18")]
        18 SpectateFrames "OsuSpectateFrames" <'a> { ReplayFrameBundle<'a> as ReplayFrameBundleLayout }, in 282;
        /// The text of an error in the client.
        #[doc(alias = "20")]
        20 ErrorReport "OsuErrorReport" <'a> (&'a str as Str since 282), in 282;
        /// The user does not have the beatmap of the spectated user.
        #[doc(alias = "21")]
        21 CantSpectate "OsuCantSpectate", in 282;
        /// A line to one user.
        #[doc(alias("25", "PrivateChatMessage"))]
        25 PrivateMessage "OsuPrivateMessage" <'a> { super::Message<'a> as MessageLayout }, origin ClientPrivate, in 294;
        /// The user leaves the lobby.
        #[doc(alias("29", "LeaveLobby"))]
        29 LobbyPart "OsuLobbyPart", in 298;
        /// The user enters the lobby.
        #[doc(alias("30", "JoinLobby"))]
        30 LobbyJoin "OsuLobbyJoin", in 298;
        /// The user opens a match.
        #[doc(alias("31", "CreateMatch"))]
        31 MatchCreate "OsuMatchCreate" <'a> { Match<'a> as MatchLayout }, in 298;
        /// The user wants to join a match.
        #[doc(alias("32", "JoinMatch"))]
        32 MatchJoin "OsuMatchJoin" <'a> { super::MatchJoin<'a> as MatchJoinLayout }, in 298;
        /// The user leaves the match.
        #[doc(alias("33", "LeaveMatch"))]
        33 MatchPart "OsuMatchPart", in 298;
        /// The user moves to this slot.
        #[doc(alias = "38")]
        38 MatchChangeSlot "OsuMatchChangeSlot" (i32 as S32 since 298), in 298;
        /// The user is ready.
        #[doc(alias = "39")]
        39 MatchReady "OsuMatchReady", in 298;
        /// The host opens or locks this slot.
        #[doc(alias = "40")]
        40 MatchLock "OsuMatchLock" (i32 as S32 since 298), in 298;
        /// The host changes the match.
        #[doc(alias = "41")]
        41 MatchChangeSettings "OsuMatchChangeSettings" <'a> { Match<'a> as MatchLayout }, in 298;
        /// The host starts the match.
        #[doc(alias("44", "StartMatch"))]
        44 MatchStart "OsuMatchStart", in 312;
        /// The user's running score.
        #[doc(alias("47", "UpdateMatchScore"))]
        47 MatchScoreUpdate "OsuMatchScoreUpdate" <'a> { ScoreFrame<'a> as ScoreFrameLayout }, in 312;
        /// The user has finished the beatmap.
        #[doc(alias("49", "MatchPlayerComplete"))]
        49 MatchComplete "OsuMatchComplete", in 312;
        /// The user's mods, or the mods of the match if the user is the host.
        #[doc(alias = "51")]
        51 MatchChangeMods "OsuMatchChangeMods" (Mods as U32 since 334), in 334;
        /// The user's client has loaded the beatmap.
        #[doc(alias = "52")]
        52 MatchLoadComplete "OsuMatchLoadComplete", in 334;
        /// The user lacks the beatmap.
        #[doc(alias = "54")]
        54 MatchNoBeatmap "OsuMatchNoBeatmap", in 334;
        /// The user is no longer ready.
        #[doc(alias = "55")]
        55 MatchNotReady "OsuMatchNotReady", in 334;
        /// The user has failed.
        #[doc(alias = "56")]
        56 MatchFailed "OsuMatchFailed", in 334;
        /// The user now has the beatmap.
        #[doc(alias = "59")]
        59 MatchHasBeatmap "OsuMatchHasBeatmap", in 340;
        /// The user wants to skip the introduction.
        #[doc(alias = "60")]
        60 MatchSkipRequest "OsuMatchSkipRequest", in 342;
        /// The user joins the channel of this name.
        #[doc(alias("63", "JoinChannel"))]
        63 ChannelJoin "OsuChannelJoin" <'a> (&'a str as Str since 349), in 349;
        /// A request for information about the client's beatmaps. Its [limit](crate::bancho::Limits) is larger than that of
        /// other packets.
        #[doc(alias = "68")]
        68 BeatmapInfoRequest "OsuBeatmapInfoRequest" <'a> { super::BeatmapInfoRequest<'a> as BeatmapInfoRequestLayout }, in 354;
        /// The host makes the player in this slot the host.
        #[doc(alias("70", "MatchChangeHost"))]
        70 MatchTransferHost "OsuMatchTransferHost" (i32 as S32 since 402), in 402;
        /// The user with this id is a friend now.
        #[doc(alias("73", "AddFriend"))]
        73 FriendsAdd "OsuFriendsAdd" (i32 as S32 since 452), in 452;
        /// The user with this id is no longer a friend.
        #[doc(alias("74", "RemoveFriend"))]
        74 FriendsRemove "OsuFriendsRemove" (i32 as S32 since 452), in 452;
        /// The user changes teams.
        #[doc(alias = "77")]
        77 MatchChangeTeam "OsuMatchChangeTeam", in 558;
        /// The user leaves the channel of this name.
        #[doc(alias("78", "LeaveChannel"))]
        78 ChannelLeave "OsuChannelLeave" <'a> (&'a str as Str since 613), in 613;
        /// The users whose presence the client receives.
        #[doc(alias = "79")]
        79 ReceiveUpdates "OsuReceiveUpdates" (PresenceFilter as S32 since 634), in 634;
        /// The automatic reply to private messages; an empty content disables it.
        #[doc(alias("82", "SetAwayMessage"))]
        82 SetIrcAwayMessage "OsuSetIrcAwayMessage" <'a> { super::Message<'a> as MessageLayout }, in 1600;
        /// A request for the stats of the users with these ids.
        #[doc(alias = "85")]
        85 UserStatsRequest "OsuUserStatsRequest" <'a> (List<'a, i32> as ListU16 since 1788), in 1788;
        /// The user invites the user with this id to the match.
        #[doc(alias("87", "MatchInvite"))]
        87 Invite "OsuInvite" (i32 as S32 since 1817), in 1817;
        /// The host changes the password; the whole match is sent.
        #[doc(alias = "90")]
        90 MatchChangePassword "OsuMatchChangePassword" <'a> { Match<'a> as MatchLayout }, in 20120703;
        /// A tournament client's request for the match with this id.
        #[doc(alias("93", "TournamentMatchInfoRequest"))]
        93 TournamentMatchInfo "OsuTournamentMatchInfo" (i32 as S32 since 20121207), in 20121207;
        /// A request for the presences of the users with these ids.
        #[doc(alias("97", "UserPresenceRequest"))]
        97 PresenceRequest "OsuPresenceRequest" <'a> (List<'a, i32> as ListU16 since 20121224), in 20121224;
        /// A request for the presences of all users. The value is the client's clock in milliseconds, which
        /// some clients omit.
        #[doc(alias("98", "UserPresenceRequestAll"))]
        98 PresenceRequestAll "OsuPresenceRequestAll" (Option<i32> as OptionalS32 since 20121224), in 20121224;
        /// Whether only friends may write to the user.
        #[doc(alias("99", "ToggleBlockNonFriendDms"))]
        99 ChangeFriendOnlyDms "OsuChangeFriendOnlyDms" (bool as BoolS32 since 20130131), in 20130131;
        /// A tournament client joins the chat of the match of this number.
        #[doc(alias = "108")]
        108 TournamentJoinMatchChannel "OsuTournamentJoinMatchChannel" (i32 as S32 since 20151107), in 20151107;
        /// A tournament client leaves the chat of the match of this number.
        #[doc(alias = "109")]
        109 TournamentLeaveMatchChannel "OsuTournamentLeaveMatchChannel" (i32 as S32 since 20151107), in 20151107;
        /// The host changes the beatmap; the whole match is sent. Later builds send
        /// [`MatchChangeSettings`].
        0xfffe MatchChangeBeatmap "OsuMatchChangeBeatmap" <'a> { Match<'a> as MatchLayout }, in 323..340;
    }
}

packets! { __server_packets =>
    /// Packets sent by servers.
    server Server Server {
        /// The user's id, or a negative [`LoginError`].
        #[doc(alias("5", "LoginSuccessful"))]
        5 LoginReply "BanchoLoginReply" (i32 as LoginResult since 282), in 282;
        /// A message in a channel or to the user.
        #[doc(alias("7", "ChatMessage"))]
        7 Message "BanchoMessage" <'a> { super::Message<'a> as MessageLayout },
            instead of from 282 by message, in 282;
        /// A keep-alive that requests [`Pong`](super::client::Pong).
        #[doc(alias("8", "Pong"))]
        8 Ping "BanchoPing", in 282;
        /// An IRC user changes the name.
        #[doc(alias = "9")]
        9 IrcChangeUsername "BanchoIrcChangeUsername" <'a> { UsernameChange<'a> as UsernameChangeLayout }, in 282;
        /// The IRC user with this name left. Later builds receive [`UserQuit`].
        #[doc(alias = "10")]
        10 IrcQuit "BanchoIrcQuit" <'a> (&'a str as Str since 282), in 282..1788;
        /// A user's stats and status; before b1788 the presence too.
        #[doc(alias = "11")]
        11 UserStats "BanchoUserStats" <'a> { UserUpdate<'a> as UserUpdateLayout },
            instead of from 282 by user_stats, in 282;
        /// A user left.
        #[doc(alias("12", "UserLogout"))]
        12 UserQuit "BanchoUserQuit" <'a> { super::UserQuit<'a> as UserQuitLayout },
            instead of from 282 by user_quit, in 282;
        /// The user with this id spectates the receiver.
        #[doc(alias = "13")]
        13 SpectatorJoined "BanchoSpectatorJoined" (i32 as S32 since 282), in 282;
        /// The user with this id no longer spectates the receiver.
        #[doc(alias = "14")]
        14 SpectatorLeft "BanchoSpectatorLeft" (i32 as S32 since 282), in 282;
        /// Replay frames of the spectated user.
        #[doc(alias("15", "SpectatorFrames"))]
        15 SpectateFrames "BanchoSpectateFrames" <'a> { ReplayFrameBundle<'a> as ReplayFrameBundleLayout }, in 282;
        /// A newer client is available.
        #[doc(alias = "19")]
        19 VersionUpdate "BanchoVersionUpdate", in 282;
        /// The spectator with this id does not have the beatmap.
        #[doc(alias("22", "FailedSpectating"))]
        22 SpectatorCantSpectate "BanchoSpectatorCantSpectate" (i32 as S32 since 282), in 282;
        /// The client's window requests attention.
        #[doc(alias = "23")]
        23 GetAttention "BanchoGetAttention", in 291;
        /// A notification.
        #[doc(alias("24", "Alert"))]
        24 Announce "BanchoAnnounce" <'a> (&'a str as Str since 291), in 291;
        /// A match has changed.
        #[doc(alias = "26")]
        26 MatchUpdate "BanchoMatchUpdate" <'a> { Match<'a> as MatchLayout },
            instead of from 298 by match_packet, in 298;
        /// There is a new match.
        #[doc(alias("27", "MatchCreated"))]
        27 MatchNew "BanchoMatchNew" <'a> { Match<'a> as MatchLayout },
            instead of from 298 by match_packet, in 298;
        /// The match with this id was closed.
        #[doc(alias("28", "MatchDisposed"))]
        28 MatchDisband "BanchoMatchDisband" (i32 as S32 since 298), in 298;
        /// The user with this id is in the lobby.
        #[doc(alias = "34")]
        34 LobbyJoin "BanchoLobbyJoin" (i32 as S32 since 298), in 298..20121211;
        /// The user with this id has left the lobby.
        #[doc(alias = "35")]
        35 LobbyPart "BanchoLobbyPart" (i32 as S32 since 298), in 298..20121211;
        /// The user is in the match.
        #[doc(alias = "36")]
        36 MatchJoinSuccess "BanchoMatchJoinSuccess" <'a> { Match<'a> as MatchLayout },
            instead of from 298 by match_packet, in 298;
        /// The user could not join the match.
        #[doc(alias("37", "MatchJoinFailed"))]
        37 MatchJoinFail "BanchoMatchJoinFail", in 298;
        /// The user with this id spectates the same player.
        #[doc(alias = "42")]
        42 FellowSpectatorJoined "BanchoFellowSpectatorJoined" (i32 as S32 since 298), in 298;
        /// The user with this id no longer spectates the same player.
        #[doc(alias = "43")]
        43 FellowSpectatorLeft "BanchoFellowSpectatorLeft" (i32 as S32 since 298), in 298;
        /// The match starts. Before b334 the payload is empty.
        #[doc(alias = "46")]
        46 MatchStart "BanchoMatchStart" <'a> (Match<'a> as MatchLayout since 334),
            instead of from 312 by match_start, in 312;
        /// A player's running score; its id is the player's slot.
        #[doc(alias = "48")]
        48 MatchScoreUpdate "BanchoMatchScoreUpdate" <'a> { ScoreFrame<'a> as ScoreFrameLayout },
            origin ServerMatch, instead of from 312 by match_score_update, in 312;
        /// The receiver is the new host.
        #[doc(alias = "50")]
        50 MatchTransferHost "BanchoMatchTransferHost", in 334;
        /// All players have loaded the beatmap.
        #[doc(alias = "53")]
        53 MatchAllPlayersLoaded "BanchoMatchAllPlayersLoaded", in 334;
        /// The player in this slot has failed.
        #[doc(alias = "57")]
        57 MatchPlayerFailed "BanchoMatchPlayerFailed" (i32 as SlotS32 since 334),
            origin ServerMatch, instead of from 334 by match_player_failed, in 334;
        /// All players have finished.
        #[doc(alias = "58")]
        58 MatchComplete "BanchoMatchComplete", in 334;
        /// All players skip the introduction.
        #[doc(alias = "61")]
        61 MatchSkip "BanchoMatchSkip", in 342;
        /// The user joined the channel with this name. From b349 on, the client displays itself as connected
        /// only after the first of these.
        #[doc(alias = "64")]
        64 ChannelJoinSuccess "BanchoChannelJoinSuccess" <'a> (&'a str as Str since 349), in 349;
        /// A channel is available.
        #[doc(alias("65", "ChannelInfo"))]
        65 ChannelAvailable "BanchoChannelAvailable" <'a> { Channel<'a> as ChannelLayout }, in 349;
        /// The user was not admitted to the channel with this name, or was removed from it.
        #[doc(alias("66", "ChannelKick"))]
        66 ChannelRevoked "BanchoChannelRevoked" <'a> (&'a str as Str since 349), in 349;
        /// A channel is available, and the client joins it.
        #[doc(alias("67", "ChannelAutoJoin"))]
        67 ChannelAvailableAutojoin "BanchoChannelAvailableAutojoin" <'a> { Channel<'a> as ChannelLayout }, in 349;
        /// The server's information about beatmaps.
        #[doc(alias = "69")]
        69 BeatmapInfoReply "BanchoBeatmapInfoReply" <'a> { super::BeatmapInfoReply<'a> as BeatmapInfoReplyLayout }, in 354;
        /// The user's permissions.
        #[doc(alias("71", "Privileges"))]
        71 LoginPermissions "BanchoLoginPermissions" (Permissions as U32 since 425), in 425;
        /// The ids of the user's friends.
        #[doc(alias = "72")]
        72 FriendsList "BanchoFriendsList" <'a> (List<'a, i32> as ListU16 since 1788, ListS32 since 452), in 452;
        /// The server's protocol version. Send it before packets that depend on it; without it, clients use 0.
        #[doc(alias("75", "ProtocolVersion"))]
        75 ProtocolNegotiation "BanchoProtocolNegotiation" (i32 as S32 since 487), in 487;
        /// The image in the main menu.
        #[doc(alias("76", "MainMenuIcon"))]
        76 TitleUpdate "BanchoTitleUpdate" <'a> { super::TitleUpdate<'a> as TitleUpdateLayout },
            instead of from 535 by title_update, in 535;
        /// A request for a screenshot and a list of processes.
        #[doc(alias = "80")]
        80 Monitor "BanchoMonitor", in 634;
        /// The player in this slot skips the introduction.
        #[doc(alias = "81")]
        81 MatchPlayerSkipped "BanchoMatchPlayerSkipped" (u32 as SlotU32 since 1365),
            origin ServerMatch, instead of from 1365 by match_player_skipped, in 1365;
        /// A user's presence; before b1788, full stats.
        #[doc(alias = "83")]
        83 UserPresence "BanchoUserPresence" <'a> { UserInfo<'a> as PresenceLayout },
            instead of from 282 by user_presence, in 1788;
        /// The server restarts. The value is the number of milliseconds until the client may reconnect.
        /// Before b1788, a notification.
        #[doc(alias = "86")]
        86 Restart "BanchoRestart" (u32 as U32 since 1788),
            instead of from 291 by restart, in 1788;
        /// An invitation to a match; before b1817, a chat message.
        #[doc(alias = "88")]
        88 Invite "BanchoInvite" <'a> { super::Message<'a> as MessageLayout },
            instead of from 282 by invite, in 1817;
        /// The list of channels is complete.
        #[doc(alias("89", "ChannelInfoEnd"))]
        89 ChannelInfoComplete "BanchoChannelInfoComplete", in 20120518;
        /// The new password of the match.
        #[doc(alias("91", "MatchPasswordChanged"))]
        91 MatchChangePassword "BanchoMatchChangePassword" <'a> (&'a str as Str since 20120703), in 20120703;
        /// The number of seconds for which the user is silenced; −1 for no silence.
        #[doc(alias("92", "SilenceEnd"))]
        92 SilenceInfo "BanchoSilenceInfo" (i32 as S32 since 20121023), in 20121023;
        /// The user with this id was silenced; the client removes the user's messages.
        #[doc(alias = "94")]
        94 UserSilenced "BanchoUserSilenced" (i32 as S32 since 20121212), in 20121212;
        /// A user whose presence the client may request; before b20121224, the presence.
        #[doc(alias = "95")]
        95 UserPresenceSingle "BanchoUserPresenceSingle" <'a> { UserInfo<'a> as UserIdLayout },
            instead of from 282 by user_presence_single, in 20121224;
        /// Users whose presences the client may request; before b20121224, the presences.
        #[doc(alias = "96")]
        96 UserPresenceBundle "BanchoUserPresenceBundle" <'a> (Users<'a> as UsersLayout since 20121224),
            instead of from 282 by user_presence_bundle, in 20121224;
        /// The target of the last private message blocks private messages.
        #[doc(alias("100", "UserDmBlocked"))]
        100 UserDmsBlocked "BanchoUserDmsBlocked" <'a> { super::Message<'a> as MessageLayout = about_user("") }, in 20130131;
        /// The target of the last private message is silenced.
        #[doc(alias("101", "TargetSilenced"))]
        101 TargetIsSilenced "BanchoTargetIsSilenced" <'a> { super::Message<'a> as MessageLayout = about_user("") }, in 20130209;
        /// A newer client is required.
        #[doc(alias = "102")]
        102 VersionUpdateForced "BanchoVersionUpdateForced", in 20130509;
        /// The client connects to another server after this number of idle seconds.
        #[doc(alias = "103")]
        103 SwitchServer "BanchoSwitchServer" (i32 as S32 since 20130604), in 20130604;
        /// The user is restricted.
        #[doc(alias("104", "Restricted"))]
        104 AccountRestricted "BanchoAccountRestricted", in 20140716;
        /// A jump scare with a text.
        #[doc(alias = "105")]
        105 RTX "BanchoRTX" <'a> (&'a str as Str since 20140731), in 20140731;
        /// The match was aborted.
        #[doc(alias("106", "MatchAborted"))]
        106 MatchAbort "BanchoMatchAbort", in 20141104;
        /// The client connects to this tournament server.
        #[doc(alias = "107")]
        107 SwitchTournamentServer "BanchoSwitchTournamentServer" <'a> (&'a str as Str since 20141104), in 20141104;
        /// The IRC user with this name joined. Later builds receive [`UserPresence`] with a negative id.
        0xffff IrcJoin "BanchoIrcJoin" <'a> (&'a str as Str since 282), in 282..1788;
    }
}

/// Creates a message about a user, without a sender (user id 0).
const fn about_user(name: &str) -> Message<'_> {
    Message { _non_exhaustive: NonExhaustive::MARKER, sender: "", content: "", target: name, sender_id: 0 }
}

impl server::LoginReply {
    /// Creates the reply to a successful login with the user's id.
    pub const fn user(id: i32) -> Self {
        Self(id)
    }

    /// Returns the user's id, or the reason of the failed login.
    pub const fn result(self) -> Result<i32, LoginError> {
        if self.0 < 0 { Err(LoginError(self.0)) } else { Ok(self.0) }
    }
}

impl<'a> server::Message<'a> {
    /// Creates a message without the sender's user id.
    pub fn new(sender: &'a str, content: &'a str, target: &'a str) -> Self {
        Self(Message { sender, content, target, ..Message::default() })
    }
}

impl<'a> client::Message<'a> {
    /// Creates a message in a channel.
    pub fn to(target: &'a str, content: &'a str) -> Self {
        Self(Message { content, target, sender_id: 0, ..Message::default() })
    }
}

impl<'a> client::PrivateMessage<'a> {
    /// Creates a private message to a user.
    pub fn to(target: &'a str, content: &'a str) -> Self {
        Self(Message { content, target, sender_id: 0, ..Message::default() })
    }
}

impl<'a> server::UserDmsBlocked<'a> {
    /// Creates the packet for the user with this name.
    pub const fn by(name: &'a str) -> Self {
        Self(about_user(name))
    }
}

impl<'a> server::TargetIsSilenced<'a> {
    /// Creates the packet for the user with this name.
    pub const fn named(name: &'a str) -> Self {
        Self(about_user(name))
    }
}

impl<'a> From<UserInfo<'a>> for server::UserStats<'a> {
    fn from(info: UserInfo<'a>) -> Self {
        Self(info.into())
    }
}

/// Returns the packets of both sides.
pub fn all_packets() -> impl Iterator<Item = &'static PacketInfo> + Clone {
    client::PACKETS.iter().chain(server::PACKETS).copied()
}

/// Returns the packet with this name in chio.
///
/// ```
/// use lobbywire_core::bancho::{Version, packet_by_name};
///
/// let invite = packet_by_name("BanchoInvite").unwrap();
/// assert!(!invite.is_known_by(Version::from_build(1816)));
/// assert!(invite.is_sent_to(Version::from_build(1816)), "as a chat message");
/// ```
pub fn packet_by_name(name: &str) -> Option<&'static PacketInfo> {
    all_packets().find(|info| info.name == name)
}
