//! The table of packets, and what it gives: a type for each, the enums over them, and the list.
//!
//! A row is an id, a name, what the packet carries and in which form, and the first class of builds
//! that knows it (with `..` the first that does not any more). `instead of` names the function of
//! [`compat`](super::compat) that sends it, and the first class for which that has something to
//! send. From a row come the packet's type, its documentation, its place in the enums and its row in
//! [`PACKETS`].

use super::forms::*;
#[cfg(feature = "serde")]
use super::json;
use super::list::List;
use super::mods::Mods;
use super::types::*;
use super::{compat, packet::PacketInfo};
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
            use crate::bancho::layout::{Context, Form, Origin};
            use crate::bancho::packet::{Decode, Encode, Layout, PacketInfo, PacketKind, Unknown};
            use crate::bancho::packet_id::{PacketId, Side};
            use crate::bancho::packet_iter::{AnyPacket, Packets};
            use crate::bancho::payload::{PayloadReader, PayloadWriter};
            use crate::bancho::version::{Dialect, Fixed, Version};
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
                }

                impl $(<$a>)? Encode for $Name $(<$a>)? {
                    #[cfg_attr(not(feature = "small"), inline(always))]
                    fn packet_info(&self) -> &'static PacketInfo {
                        <Self as Decode>::INFO
                    }

                    #[cfg_attr(not(feature = "small"), inline(always))]
                    fn wire_id<V: Dialect>(&self, version: V) -> Option<u16> {
                        let info = <Self as Decode>::INFO;
                        let is_known = info.is_known_by(version)
                            || (V::HAS_OVERRIDES && packets!(@override_encoder version $Name [$(<$a>)?]).is_some());
                        if is_known { info.id.on_wire(version) } else { None }
                    }

                    #[cfg_attr(not(feature = "small"), inline(always))]
                    fn encode<V: Dialect, S: Sink>(&self, version: V, out: &mut S) -> Result<(), Full> {
                        let cx = Context { version, origin: packets!(@origin $origin $($own_origin)?) };
                        if V::HAS_OVERRIDES {
                            return match packets!(@override_encoder version $Name [$(<$a>)?]) {
                                Some(write) => write(self, &mut PayloadWriter::within(cx, out)),
                                // One instance of the layout, also where others have replaced some.
                                None => self.encode(version.version(), out),
                            };
                        }
                        packets!(@write self out cx
                            [$($($form since $since $(protocol $protocol)?),+)?] [$($Layout)?]);
                        Ok(())
                    }

                    fn first_unrepresentable<V: Dialect>(&self, version: V) -> Option<&'static str> {
                        if V::HAS_OVERRIDES && packets!(@override_encoder version $Name [$(<$a>)?]).is_some() {
                            return None;
                        }
                        let cx = Context { version, origin: packets!(@origin $origin $($own_origin)?) };
                        packets!(@first_unrepresentable self cx
                            [$($($form since $since $(protocol $protocol)?),+)?] [$($Layout)?])
                    }

                    fn visit_unrepresentable<V: Dialect>(&self, version: V, report: &mut dyn FnMut(&'static str)) {
                        if V::HAS_OVERRIDES && packets!(@override_encoder version $Name [$(<$a>)?]).is_some() {
                            return;
                        }
                        let cx = Context { version, origin: packets!(@origin $origin $($own_origin)?) };
                        packets!(@visit_unrepresentable self cx report [$($Layout)?]);
                    }

                    packets!(@send $Name [$(<$a>)?] [$($send)?]);
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
                    };

                    #[inline]
                    fn decode<V: Dialect>(version: V, payload: &'a [u8]) -> Result<Self, Error> {
                        Self::trace(version, payload, ())
                    }

                    #[inline]
                    fn trace<V: Dialect, O: Observer>(version: V, payload: &'a [u8], observer: O) -> Result<Self, Error> {
                        if V::HAS_OVERRIDES {
                            return match packets!(@override_decoder version $Name [$(<$a>)?]) {
                                Some(read) => {
                                    let origin = packets!(@origin $origin $($own_origin)?);
                                    let cx = Context { version: version.version(), origin };
                                    read(&mut PayloadReader::within(cx, payload))
                                }
                                None => Self::trace(version.version(), payload, observer),
                            };
                        }
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

                    fn same_layout<A: Dialect, B: Dialect>(one: A, other: B) -> bool {
                        let origin = packets!(@origin $origin $($own_origin)?);
                        let (one, other) = (Context { version: one, origin }, Context { version: other, origin });
                        packets!(@same_layout one other
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
                /// A packet that is in no table, or that the version does not know.
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
                /// The packet's name in chio, or `Unknown`.
                pub fn name(&self) -> &'static str {
                    self.packet_info().name
                }

                /// Decodes a payload without its header, uncompressed. `wire_id` is the id in the header
                /// of the frame.
                ///
                /// # Errors
                /// What is wrong with the payload, and at which of its bytes. A `wire_id` that this version does
                /// not know is not an error: the packet is a [`Packet::Unknown`].
                #[inline]
                pub fn decode<V: Dialect>(version: V, wire_id: u16, payload: &'a [u8]) -> Result<Self, Error> {
                    Self::decode_at(version, wire_id, payload, 0)
                }

                /// Reads a payload that stands at `base`.
                ///
                /// The newest version, which most clients speak, has an instance of its own, in
                /// which everything that older ones need has folded away.
                #[cfg_attr(not(feature = "small"), inline(always))]
                fn decode_at<V: Dialect>(version: V, wire_id: u16, payload: &'a [u8], base: usize) -> Result<Self, Error> {
                    if version.use_latest_fast_path() {
                        return Self::decode_in(Fixed::<{ Version::LATEST.build() }>, wire_id, payload, base);
                    }
                    Self::decode_in(version, wire_id, payload, base)
                }

                #[cfg_attr(not(feature = "small"), inline(always))]
                fn decode_in<V: Dialect>(version: V, wire_id: u16, payload: &'a [u8], base: usize) -> Result<Self, Error> {
                    match PacketId::from_wire(version, wire_id) {
                        $(
                            Some(PacketId($id)) if <$Name as Decode>::INFO.is_known_by(version)
                                || (V::HAS_OVERRIDES && packets!(@override_decoder version $Name [$(<$a>)?]).is_some()) => {
                                read_one::<$Name, V>(version, payload, base)
                            }
                        )+
                        _ => Ok(Self::Unknown(Unknown { wire_id, payload })),
                    }
                }

                /// Reads a payload, and tells `observer` every field.
                ///
                /// # Errors
                /// As [`decode`](Self::decode); the observer has then seen the fields before the
                /// damaged one.
                pub fn trace<V: Dialect, O: Observer>(
                    version: V,
                    wire_id: u16,
                    payload: &'a [u8],
                    observer: O,
                ) -> Result<Self, Error> {
                    match PacketId::from_wire(version, wire_id) {
                        $(
                            Some(PacketId($id)) if <$Name as Decode>::INFO.is_known_by(version)
                                || (V::HAS_OVERRIDES && packets!(@override_decoder version $Name [$(<$a>)?]).is_some()) => {
                                $Name::trace(version, payload, observer).map(Self::$Name)
                            }
                        )+
                        _ => Ok(Self::Unknown(Unknown { wire_id, payload })),
                    }
                }
            }

            /// Reads one kind of packet. A function of its own for each keeps the place of the result
            /// the only one: packets are large, and moving them costs more than reading them.
            #[inline(never)]
            fn read_one<'a, P, V>(version: V, payload: &'a [u8], base: usize) -> Result<Packet<'a>, Error>
            where
                P: Layout<'a> + Decode<'a> + Default + Into<Packet<'a>>,
                V: Dialect,
            {
                if V::HAS_OVERRIDES {
                    return P::decode(version, payload).map(P::into).map_err(|error| error.after(base));
                }
                let mut packet = P::default();
                match packet.read(version, &mut Reader::new(payload)) {
                    Ok(()) => Ok(packet.into()),
                    Err(fault) => Err(fault.in_payload(payload.len()).after(base)),
                }
            }

            /// Whether what has this id on the wire is the same packet in the other version, stands there alike,
            /// and is sent as it is.
            pub(crate) fn same_layout<A: Dialect, B: Dialect>(id: u16, one: A, other: B) -> bool {
                match PacketId::from_wire(one, id) {
                    $(
                        Some(PacketId($id)) => {
                            let info = <$Name as Decode>::INFO;
                            info.is_known_by(one)
                                && info.is_known_by(other)
                                && info.id.on_wire(other) == Some(id)
                                && packets!(@same_downgrade one other $($send)?)
                                && <$Name as Layout>::same_layout(one, other)
                        }
                    )+
                    _ => false,
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

                fn visit_unrepresentable<V: Dialect>(&self, version: V, report: &mut dyn FnMut(&'static str)) {
                    match self {
                        $(Self::$Name(packet) => packet.visit_unrepresentable(version, report),)+
                        Self::Unknown(packet) => packet.visit_unrepresentable(version, report),
                    }
                }

                fn send<V: Dialect>(&self, out: &mut FrameWriter<'_, V>) -> Result<usize, Full> {
                    match self {
                        $(Self::$Name(packet) => packet.send(out),)+
                        Self::Unknown(packet) => packet.send(out),
                    }
                }
            }

            impl<'a> AnyPacket<'a> for Packet<'a> {
                const SIDE: Side = Side::$Side;

                #[inline]
                fn decode_any<V: Dialect>(version: V, wire_id: u16, payload: &'a [u8], base: usize) -> Result<Self, Error> {
                    Self::decode_at(version, wire_id, payload, base)
                }
            }

            #[doc = concat!("Every packet that a ", stringify!($module), " sends, by id.")]
            pub const PACKETS: &[&PacketInfo] = &[$(<$Name as Decode>::INFO,)+];

            #[doc = concat!("The packets in a slice of frames that a ", stringify!($module), " has sent.")]
            ///
            /// Compressed ones need a place to be inflated in:
            /// [`with_scratch`](Packets::with_scratch).
            pub fn packets<V: Dialect>(version: V, bytes: &[u8]) -> Packets<'_, '_, Packet<'_>, V> {
                Packets::new(version, bytes, Limits::from(Side::$Side))
            }
        }
    };

    (@type [$(#[$meta:meta])*] $Name:ident [$(<$a:lifetime>)?] [] []) => {
        $(#[$meta])*
        #[doc = "\n\nIt carries nothing."]
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
            /// What the packet carries.
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
            /// What the packet carries.
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
    // What borrows is read by its twin.
    (@take $Name:ident [<$a:lifetime>]) => {};

    // The rows, from which `lobbywire` generates the owned packets.
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
    (@override_encoder $version:ident $Name:ident [$($a:tt)*]) => {
        $version.override_encoder::<packets!(@in 'static $Name [$($a)*])>()
    };
    (@override_decoder $version:ident $Name:ident [$($a:tt)*]) => {
        $version.override_decoder::<packets!(@in 'static $Name [$($a)*])>()
    };
    (@send $Name:ident [$($a:tt)*] []) => {};
    (@send $Name:ident [$($a:tt)*] [$send:ident]) => {
        #[cfg_attr(not(feature = "small"), inline(always))]
        fn send<V: Dialect>(&self, out: &mut FrameWriter<'_, V>) -> Result<usize, Full> {
            let version = out.version();
            if V::HAS_OVERRIDES && packets!(@override_encoder version $Name [$($a)*]).is_some() {
                return compat::frame(self, out);
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

    (@same_downgrade $one:ident $other:ident) => { true };
    (@same_downgrade $one:ident $other:ident $send:ident) => { compat::same_layout($one, $other) };

    (@same_layout $one:ident $other:ident [] []) => {{ let _ = ($one, $other); true }};
    (@same_layout $one:ident $other:ident [$Value:ty as $($form:ident since $since:literal $(protocol $protocol:literal)?),+] []) => {{
        $crate::bancho::layout::same_layout_row!([$one $other $Value] (value in self)
            [$($form since $since $(protocol $protocol)?),+] []);
        true
    }};
    (@same_layout $one:ident $other:ident [] [$Struct:ty as $Layout:ident]) => {
        <$Layout as Form<$Struct>>::same_layout($one, $other)
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

    (@visit_unrepresentable $packet:ident $cx:ident $report:ident []) => {
        if let Some(field) = $packet.first_unrepresentable($cx.version) {
            $report(field);
        }
    };
    (@visit_unrepresentable $packet:ident $cx:ident $report:ident [$Layout:ident]) => {
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
    /// What clients send.
    client Client Client {
        /// What the user is doing now.
        #[doc(alias("0", "ChangeAction"))]
        0 UserStatus "OsuUserStatus" <'a> { super::UserStatus<'a> as UserStatusLayout }, in 282;
        /// A line in a channel.
        #[doc(alias("1", "PublicChatMessage"))]
        1 Message "OsuMessage" <'a> { super::Message<'a> as MessageLayout }, in 282;
        /// The client quits. The value says whether it does for an update.
        #[doc(alias("2", "Logout"))]
        2 Exit "OsuExit" (bool as OptionalBoolS32 since 1788, ImplicitFalse since 282), in 282;
        /// The client asks for its own stats.
        #[doc(alias("3", "UpdateStatsRequest"))]
        3 StatusUpdateRequest "OsuStatusUpdateRequest", in 282;
        /// A sign of life: the answer to a ping, and the poll of an idle client over HTTP.
        #[doc(alias("4", "Ping"))]
        4 Pong "OsuPong", in 282;
        /// The user wants to watch the user with this id; a tournament client may say −1.
        #[doc(alias = "16")]
        16 StartSpectating "OsuStartSpectating" (i32 as S32 since 282), in 282;
        /// The user watches no more.
        #[doc(alias = "17")]
        17 StopSpectating "OsuStopSpectating", in 282;
        /// Frames of the user's own play, for those who watch.
        #[doc(alias = "18")]
        18 SpectateFrames "OsuSpectateFrames" <'a> { ReplayFrameBundle<'a> as ReplayFrameBundleLayout }, in 282;
        /// An error of the client, in words.
        #[doc(alias = "20")]
        20 ErrorReport "OsuErrorReport" <'a> (&'a str as Str since 282), in 282;
        /// The user lacks the beatmap that is being played.
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
        /// The user's own mods, or the host's for all.
        #[doc(alias = "51")]
        51 MatchChangeMods "OsuMatchChangeMods" (Mods as U32 since 334), in 334;
        /// The user's client has loaded the beatmap.
        #[doc(alias = "52")]
        52 MatchLoadComplete "OsuMatchLoadComplete", in 334;
        /// The user lacks the beatmap.
        #[doc(alias = "54")]
        54 MatchNoBeatmap "OsuMatchNoBeatmap", in 334;
        /// The user is not ready any more.
        #[doc(alias = "55")]
        55 MatchNotReady "OsuMatchNotReady", in 334;
        /// The user has failed.
        #[doc(alias = "56")]
        56 MatchFailed "OsuMatchFailed", in 334;
        /// The user has got the beatmap.
        #[doc(alias = "59")]
        59 MatchHasBeatmap "OsuMatchHasBeatmap", in 340;
        /// The user wants to skip the introduction.
        #[doc(alias = "60")]
        60 MatchSkipRequest "OsuMatchSkipRequest", in 342;
        /// The user joins the channel of this name.
        #[doc(alias("63", "JoinChannel"))]
        63 ChannelJoin "OsuChannelJoin" <'a> (&'a str as Str since 349), in 349;
        /// The client asks about its beatmaps. This one may be far larger than others.
        #[doc(alias = "68")]
        68 BeatmapInfoRequest "OsuBeatmapInfoRequest" <'a> { super::BeatmapInfoRequest<'a> as BeatmapInfoRequestLayout }, in 354;
        /// The host makes the player in this slot the host.
        #[doc(alias("70", "MatchChangeHost"))]
        70 MatchTransferHost "OsuMatchTransferHost" (i32 as S32 since 402), in 402;
        /// The user with this id is a friend now.
        #[doc(alias("73", "AddFriend"))]
        73 FriendsAdd "OsuFriendsAdd" (i32 as S32 since 452), in 452;
        /// The user with this id is no friend any more.
        #[doc(alias("74", "RemoveFriend"))]
        74 FriendsRemove "OsuFriendsRemove" (i32 as S32 since 452), in 452;
        /// The user changes teams.
        #[doc(alias = "77")]
        77 MatchChangeTeam "OsuMatchChangeTeam", in 558;
        /// The user leaves the channel of this name.
        #[doc(alias("78", "LeaveChannel"))]
        78 ChannelLeave "OsuChannelLeave" <'a> (&'a str as Str since 613), in 613;
        /// Whose presence the client wants to be told.
        #[doc(alias = "79")]
        79 ReceiveUpdates "OsuReceiveUpdates" (PresenceFilter as S32 since 634), in 634;
        /// What those are to be told who write to the user; no content, nothing.
        #[doc(alias("82", "SetAwayMessage"))]
        82 SetIrcAwayMessage "OsuSetIrcAwayMessage" <'a> { super::Message<'a> as MessageLayout }, in 1600;
        /// The client asks for the stats of the users with these ids.
        #[doc(alias = "85")]
        85 UserStatsRequest "OsuUserStatsRequest" <'a> (List<'a, i32> as ListU16 since 1788), in 1788;
        /// The user invites the user with this id to the match.
        #[doc(alias("87", "MatchInvite"))]
        87 Invite "OsuInvite" (i32 as S32 since 1817), in 1817;
        /// The host changes the password; the whole match is sent.
        #[doc(alias = "90")]
        90 MatchChangePassword "OsuMatchChangePassword" <'a> { Match<'a> as MatchLayout }, in 20120703;
        /// A tournament client asks about the match of this number.
        #[doc(alias("93", "TournamentMatchInfoRequest"))]
        93 TournamentMatchInfo "OsuTournamentMatchInfo" (i32 as S32 since 20121207), in 20121207;
        /// The client asks for the presence of the users with these ids.
        #[doc(alias("97", "UserPresenceRequest"))]
        97 PresenceRequest "OsuPresenceRequest" <'a> (List<'a, i32> as ListU16 since 20121224), in 20121224;
        /// The client asks for everybody's presence; the value is the client's clock in
        /// milliseconds, which some leave out.
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
    /// What servers send.
    server Server Server {
        /// The user's id, or a negative [`LoginError`].
        #[doc(alias("5", "LoginSuccessful"))]
        5 LoginReply "BanchoLoginReply" (i32 as S32 since 282), in 282;
        /// A line in a channel, or to the user.
        #[doc(alias("7", "ChatMessage"))]
        7 Message "BanchoMessage" <'a> { super::Message<'a> as MessageLayout },
            instead of from 282 by message, in 282;
        /// A question for a sign of life.
        #[doc(alias("8", "Pong"))]
        8 Ping "BanchoPing", in 282;
        /// An IRC user has a new name.
        #[doc(alias = "9")]
        9 IrcChangeUsername "BanchoIrcChangeUsername" <'a> { UsernameChange<'a> as UsernameChangeLayout }, in 282;
        /// An IRC user of this name has left; later builds are sent [`UserQuit`].
        #[doc(alias = "10")]
        10 IrcQuit "BanchoIrcQuit" <'a> (&'a str as Str since 282), in 282..1788;
        /// A user's stats and status; before b1788 the presence too.
        #[doc(alias = "11")]
        11 UserStats "BanchoUserStats" <'a> { UserUpdate<'a> as UserUpdateLayout },
            instead of from 282 by user_stats, in 282;
        /// A user has left.
        #[doc(alias("12", "UserLogout"))]
        12 UserQuit "BanchoUserQuit" <'a> { super::UserQuit<'a> as UserQuitLayout },
            instead of from 282 by user_quit, in 282;
        /// The user with this id watches now.
        #[doc(alias = "13")]
        13 SpectatorJoined "BanchoSpectatorJoined" (i32 as S32 since 282), in 282;
        /// The user with this id watches no more.
        #[doc(alias = "14")]
        14 SpectatorLeft "BanchoSpectatorLeft" (i32 as S32 since 282), in 282;
        /// Frames of the play that is being watched.
        #[doc(alias("15", "SpectatorFrames"))]
        15 SpectateFrames "BanchoSpectateFrames" <'a> { ReplayFrameBundle<'a> as ReplayFrameBundleLayout }, in 282;
        /// There is a newer client.
        #[doc(alias = "19")]
        19 VersionUpdate "BanchoVersionUpdate", in 282;
        /// The user with this id watches, but lacks the beatmap.
        #[doc(alias("22", "FailedSpectating"))]
        22 SpectatorCantSpectate "BanchoSpectatorCantSpectate" (i32 as S32 since 282), in 282;
        /// The client's window asks for attention.
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
        /// The match of this number is over.
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
        /// The user with this id watches the same player.
        #[doc(alias = "42")]
        42 FellowSpectatorJoined "BanchoFellowSpectatorJoined" (i32 as S32 since 298), in 298;
        /// The user with this id watches the same player no more.
        #[doc(alias = "43")]
        43 FellowSpectatorLeft "BanchoFellowSpectatorLeft" (i32 as S32 since 298), in 298;
        /// The match starts; before b334 without saying which.
        #[doc(alias = "46")]
        46 MatchStart "BanchoMatchStart" <'a> (Match<'a> as MatchLayout since 334),
            instead of from 312 by match_start, in 312;
        /// A player's running score; its id is the player's slot.
        #[doc(alias = "48")]
        48 MatchScoreUpdate "BanchoMatchScoreUpdate" <'a> { ScoreFrame<'a> as ScoreFrameLayout },
            origin ServerMatch, instead of from 312 by match_score_update, in 312;
        /// The user is the host now.
        #[doc(alias = "50")]
        50 MatchTransferHost "BanchoMatchTransferHost", in 334;
        /// Everybody has loaded the beatmap.
        #[doc(alias = "53")]
        53 MatchAllPlayersLoaded "BanchoMatchAllPlayersLoaded", in 334;
        /// The player in this slot has failed.
        #[doc(alias = "57")]
        57 MatchPlayerFailed "BanchoMatchPlayerFailed" (i32 as SlotS32 since 334),
            origin ServerMatch, instead of from 334 by match_player_failed, in 334;
        /// Everybody has finished.
        #[doc(alias = "58")]
        58 MatchComplete "BanchoMatchComplete", in 334;
        /// Everybody wants to skip the introduction.
        #[doc(alias = "61")]
        61 MatchSkip "BanchoMatchSkip", in 342;
        /// The user has joined the channel of this name. From b349 on the client shows itself as
        /// connected only after the first of these.
        #[doc(alias = "64")]
        64 ChannelJoinSuccess "BanchoChannelJoinSuccess" <'a> (&'a str as Str since 349), in 349;
        /// There is a channel.
        #[doc(alias("65", "ChannelInfo"))]
        65 ChannelAvailable "BanchoChannelAvailable" <'a> { Channel<'a> as ChannelLayout }, in 349;
        /// The user is not in the channel of this name, or not any more.
        #[doc(alias("66", "ChannelKick"))]
        66 ChannelRevoked "BanchoChannelRevoked" <'a> (&'a str as Str since 349), in 349;
        /// There is a channel, and the client joins it.
        #[doc(alias("67", "ChannelAutoJoin"))]
        67 ChannelAvailableAutojoin "BanchoChannelAvailableAutojoin" <'a> { Channel<'a> as ChannelLayout }, in 349;
        /// What the server knows of beatmaps.
        #[doc(alias = "69")]
        69 BeatmapInfoReply "BanchoBeatmapInfoReply" <'a> { super::BeatmapInfoReply<'a> as BeatmapInfoReplyLayout }, in 354;
        /// What the user may do.
        #[doc(alias("71", "Privileges"))]
        71 LoginPermissions "BanchoLoginPermissions" (Permissions as U32 since 425), in 425;
        /// The ids of the user's friends.
        #[doc(alias = "72")]
        72 FriendsList "BanchoFriendsList" <'a> (List<'a, i32> as ListU16 since 1788, ListS32 since 452), in 452;
        /// The protocol version that the server speaks. To be sent before anything that depends on
        /// it; a client that is told nothing speaks 0.
        #[doc(alias("75", "ProtocolVersion"))]
        75 ProtocolNegotiation "BanchoProtocolNegotiation" (i32 as S32 since 487), in 487;
        /// The image in the main menu.
        #[doc(alias("76", "MainMenuIcon"))]
        76 TitleUpdate "BanchoTitleUpdate" <'a> { super::TitleUpdate<'a> as TitleUpdateLayout },
            instead of from 535 by title_update, in 535;
        /// Asks for a picture of the screen and a list of processes.
        #[doc(alias = "80")]
        80 Monitor "BanchoMonitor", in 634;
        /// The player in this slot wants to skip.
        #[doc(alias = "81")]
        81 MatchPlayerSkipped "BanchoMatchPlayerSkipped" (u32 as SlotU32 since 1365),
            origin ServerMatch, instead of from 1365 by match_player_skipped, in 1365;
        /// A user's presence; before b1788 full stats.
        #[doc(alias = "83")]
        83 UserPresence "BanchoUserPresence" <'a> { UserInfo<'a> as PresenceLayout },
            instead of from 282 by user_presence, in 1788;
        /// The server restarts; milliseconds until the client may try again. Before b1788 a
        /// notification.
        #[doc(alias = "86")]
        86 Restart "BanchoRestart" (u32 as U32 since 1788),
            instead of from 291 by restart, in 1788;
        /// An invitation to a match; before b1817 a line of chat.
        #[doc(alias = "88")]
        88 Invite "BanchoInvite" <'a> { super::Message<'a> as MessageLayout },
            instead of from 282 by invite, in 1817;
        /// All channels were listed.
        #[doc(alias("89", "ChannelInfoEnd"))]
        89 ChannelInfoComplete "BanchoChannelInfoComplete", in 20120518;
        /// The match has this password now.
        #[doc(alias("91", "MatchPasswordChanged"))]
        91 MatchChangePassword "BanchoMatchChangePassword" <'a> (&'a str as Str since 20120703), in 20120703;
        /// For how many seconds the user may not speak; −1 for no silence.
        #[doc(alias("92", "SilenceEnd"))]
        92 SilenceInfo "BanchoSilenceInfo" (i32 as S32 since 20121023), in 20121023;
        /// The user with this id may not speak; the client removes that user's lines.
        #[doc(alias = "94")]
        94 UserSilenced "BanchoUserSilenced" (i32 as S32 since 20121212), in 20121212;
        /// A user whose presence the client may ask for; before b20121224 the presence itself.
        #[doc(alias = "95")]
        95 UserPresenceSingle "BanchoUserPresenceSingle" <'a> { UserInfo<'a> as UserIdLayout },
            instead of from 282 by user_presence_single, in 20121224;
        /// Users whose presence the client may ask for; before b20121224 the presences themselves.
        #[doc(alias = "96")]
        96 UserPresenceBundle "BanchoUserPresenceBundle" <'a> (Users<'a> as UsersLayout since 20121224),
            instead of from 282 by user_presence_bundle, in 20121224;
        /// The user that the last line was for takes no messages; the target says who.
        #[doc(alias("100", "UserDmBlocked"))]
        100 UserDmsBlocked "BanchoUserDmsBlocked" <'a> { super::Message<'a> as MessageLayout = about_user("") }, in 20130131;
        /// The user that the last line was for is silenced; the target says who.
        #[doc(alias("101", "TargetSilenced"))]
        101 TargetIsSilenced "BanchoTargetIsSilenced" <'a> { super::Message<'a> as MessageLayout = about_user("") }, in 20130209;
        /// There is a newer client, which must be used.
        #[doc(alias = "102")]
        102 VersionUpdateForced "BanchoVersionUpdateForced", in 20130509;
        /// The client connects to another server after so many idle seconds.
        #[doc(alias = "103")]
        103 SwitchServer "BanchoSwitchServer" (i32 as S32 since 20130604), in 20130604;
        /// The user is restricted.
        #[doc(alias("104", "Restricted"))]
        104 AccountRestricted "BanchoAccountRestricted", in 20140716;
        /// A fright, with a text.
        #[doc(alias = "105")]
        105 RTX "BanchoRTX" <'a> (&'a str as Str since 20140731), in 20140731;
        /// The match is called off.
        #[doc(alias("106", "MatchAborted"))]
        106 MatchAbort "BanchoMatchAbort", in 20141104;
        /// The client connects to this tournament server.
        #[doc(alias = "107")]
        107 SwitchTournamentServer "BanchoSwitchTournamentServer" <'a> (&'a str as Str since 20141104), in 20141104;
        /// An IRC user of this name is here; later builds are sent [`UserPresence`] with a negative
        /// id.
        0xffff IrcJoin "BanchoIrcJoin" <'a> (&'a str as Str since 282), in 282..1788;
    }
}

/// A message about a user, which is from nobody (user id 0).
const fn about_user(name: &str) -> Message<'_> {
    Message { _non_exhaustive: NonExhaustive::MARKER, sender: "", content: "", target: name, sender_id: 0 }
}

impl server::LoginReply {
    /// The login has succeeded, and this is the user's id.
    pub const fn user(id: i32) -> Self {
        Self(id)
    }

    /// The user's id, or why the login failed.
    pub const fn result(self) -> Result<i32, LoginError> {
        if self.0 < 0 { Err(LoginError(self.0)) } else { Ok(self.0) }
    }
}

impl<'a> server::Message<'a> {
    /// A line from a user whose id the receiver needs not know.
    pub fn new(sender: &'a str, content: &'a str, target: &'a str) -> Self {
        Self(Message { sender, content, target, ..Message::default() })
    }
}

impl<'a> client::Message<'a> {
    /// A line in a channel.
    pub fn to(target: &'a str, content: &'a str) -> Self {
        Self(Message { content, target, sender_id: 0, ..Message::default() })
    }
}

impl<'a> client::PrivateMessage<'a> {
    /// A line to a user.
    pub fn to(target: &'a str, content: &'a str) -> Self {
        Self(Message { content, target, sender_id: 0, ..Message::default() })
    }
}

impl<'a> server::UserDmsBlocked<'a> {
    /// The user of this name takes no messages.
    pub const fn by(name: &'a str) -> Self {
        Self(about_user(name))
    }
}

impl<'a> server::TargetIsSilenced<'a> {
    /// The user of this name is silenced.
    pub const fn named(name: &'a str) -> Self {
        Self(about_user(name))
    }
}

impl<'a> From<UserInfo<'a>> for server::UserStats<'a> {
    fn from(info: UserInfo<'a>) -> Self {
        Self(info.into())
    }
}

/// Every packet of both sides.
pub fn all_packets() -> impl Iterator<Item = &'static PacketInfo> + Clone {
    client::PACKETS.iter().chain(server::PACKETS).copied()
}

/// The packet that has this name in chio.
///
/// ```
/// use lobbywire_core::bancho::{Version, packet_by_name};
///
/// let invite = packet_by_name("BanchoInvite").unwrap();
/// assert!(!invite.is_known_by(Version::from_build(1816)));
/// assert!(invite.is_sent_to(Version::from_build(1816)), "as a line of chat");
/// ```
pub fn packet_by_name(name: &str) -> Option<&'static PacketInfo> {
    all_packets().find(|info| info.name == name)
}
