//! The owned packets, generated from the tables of the core.

use super::owned_macro::{AsBorrowed, IntoOwned, self_owned};
use super::types::owned_type;
use crate::bancho::{
    ChangeKind, Dialect, Encode, FrameWriter, KindVisitor, PacketId, PacketInfo, PayloadOverrides,
};
use crate::wire::{Full, Sink};
use bytes::Bytes;

/// A packet that is in no table or that the version does not know. It is passed on unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unknown {
    /// The wire id. It may differ from the modern one; see [`PacketId`].
    pub wire_id: u16,
    /// The payload, decompressed.
    pub payload: Bytes,
}

impl IntoOwned for crate::bancho::Unknown<'_> {
    type Owned = Unknown;

    fn into_owned(self) -> Unknown {
        Unknown { wire_id: self.wire_id, payload: Bytes::copy_from_slice(self.payload) }
    }
}

impl AsBorrowed for Unknown {
    type Borrowed<'a> = crate::bancho::Unknown<'a>;

    fn as_borrowed(&self) -> crate::bancho::Unknown<'_> {
        crate::bancho::Unknown { wire_id: self.wire_id, payload: &self.payload }
    }
}

/// Implements [`Encode`] for an owned packet by means of the borrowed one.
macro_rules! encode_as_borrowed {
    ($Type:ident) => {
        impl Encode for $Type {
            fn packet_info(&self) -> &'static PacketInfo {
                self.as_borrowed().packet_info()
            }

            fn wire_id<V: Dialect>(&self, version: V) -> Option<u16> {
                self.as_borrowed().wire_id(version)
            }

            fn encode<V: Dialect, S: Sink>(&self, version: V, out: &mut S) -> Result<(), Full> {
                self.as_borrowed().encode(version, out)
            }

            fn first_unrepresentable<V: Dialect>(&self, version: V) -> Option<&'static str> {
                self.as_borrowed().first_unrepresentable(version)
            }

            fn visit_unrepresentable<V: Dialect>(
                &self,
                version: V,
                report: &mut dyn FnMut(&'static str, ChangeKind),
            ) {
                self.as_borrowed().visit_unrepresentable(version, report);
            }

            fn send<V: Dialect, O: PayloadOverrides>(
                &self,
                out: &mut FrameWriter<'_, V, O>,
            ) -> Result<usize, Full> {
                self.as_borrowed().send(out)
            }

            fn visit_kind<T: KindVisitor>(&self, visitor: T) -> Option<T::Output> {
                self.as_borrowed().visit_kind(visitor)
            }
        }
    };
}

encode_as_borrowed!(Unknown);

/// Generates the owned packets of one side.
macro_rules! owned_packets {
    ($module:ident $(
        $(#[$meta:meta])*
        $id:literal $Name:ident $chio:literal $(<$a:lifetime>)? $(($($value:tt)+))? $({ $($body:tt)+ })?
            $(, origin $origin:ident)? $(, instead of from $replaced:literal by $send:ident)?
            , in $first:literal $(.. $gone:literal)?;
    )+) => {
        #[doc = concat!("The owned packets that a ", stringify!($module), " sends.")]
        pub mod $module {
            use super::*;
            use crate::bancho::$module as borrowed;
            #[cfg(feature = "serde")]
            use crate::bancho::owned::in_place::{DeserializeInPlace, InPlace};
            #[cfg(feature = "serde")]
            use serde::de::DeserializeSeed;

            $(
                owned_packets!(@packet $Name $id $chio [$(<$a>)?] [$($($value)+)? $($($body)+)?] {
                    $(#[$meta])*
                    #[doc = concat!(
                        "\n\nThe owned form of [`", stringify!($module), "::", stringify!($Name),
                        "`](crate::bancho::", stringify!($module), "::", stringify!($Name), "), chio's `",
                        $chio, "`."
                    )]
                    #[doc(alias = $chio)]
                });
            )+

            #[doc = concat!("Any packet that a ", stringify!($module), " sends, owned.")]
            #[derive(Clone, Debug, PartialEq)]
            #[non_exhaustive]
            pub enum Packet {
                $(
                    #[doc = concat!("chio's `", $chio, "`, id ", stringify!($id), ".")]
                    $Name($Name),
                )+
                /// A packet that is in no table or that the version does not know.
                Unknown(Unknown),
            }

            $(
                impl From<$Name> for Packet {
                    fn from(packet: $Name) -> Self {
                        Self::$Name(packet)
                    }
                }
            )+

            impl From<borrowed::Packet<'_>> for Packet {
                fn from(packet: borrowed::Packet<'_>) -> Self {
                    packet.into_owned()
                }
            }

            impl IntoOwned for borrowed::Packet<'_> {
                type Owned = Packet;

                fn into_owned(self) -> Packet {
                    match self {
                        $(Self::$Name(packet) => Packet::$Name(packet.into_owned()),)+
                        Self::Unknown(packet) => Packet::Unknown(packet.into_owned()),
                        _ => unreachable!("both enums are generated from one table"),
                    }
                }
            }

            impl AsBorrowed for Packet {
                type Borrowed<'a> = borrowed::Packet<'a>;

                fn as_borrowed(&self) -> borrowed::Packet<'_> {
                    match self {
                        $(Self::$Name(packet) => borrowed::Packet::$Name(packet.as_borrowed()),)+
                        Self::Unknown(packet) => borrowed::Packet::Unknown(packet.as_borrowed()),
                    }
                }
            }

            encode_as_borrowed!(Packet);

            impl Packet {
                /// The packet's name in chio, or `Unknown`.
                pub fn name(&self) -> &'static str {
                    self.packet_info().name
                }

                /// The default packet with this name in chio.
                pub fn default_by_name(name: &str) -> Option<Self> {
                    match name {
                        $($chio => Some(Self::$Name($Name::default())),)+
                        _ if name == crate::bancho::Unknown::INFO.name => Some(Self::Unknown(Unknown::default())),
                        _ => None,
                    }
                }
            }

            #[cfg(feature = "serde")]
            impl serde::Serialize for Packet {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    self.as_borrowed().serialize(serializer)
                }
            }

            #[cfg(feature = "serde")]
            impl DeserializeInPlace for Packet {
                fn deserialize_in_place<'de, D: serde::Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
                    match self {
                        $(Self::$Name(packet) => InPlace(packet).deserialize(deserializer),)+
                        Self::Unknown(packet) => packet.deserialize_in_place(deserializer),
                    }
                }
            }

            #[cfg(feature = "serde")]
            $crate::bancho::owned::in_place::named_packets!($module);
        }
    };

    // A packet that borrows nothing is its own owned form.
    (@packet $Name:ident $id:literal $chio:literal [] [$($Value:tt)*] { $($docs:tt)* }) => {
        pub use borrowed::$Name;

        self_owned!($Name);

        #[cfg(feature = "serde")]
        $crate::bancho::owned::in_place::in_place_values!($Name);
    };
    (@packet $Name:ident $id:literal $chio:literal [<$a:lifetime>] [$($Value:tt)+] { $($docs:tt)* }) => {
        $($docs)*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $Name(
            /// What the packet carries.
            pub owned_type!($($Value)+),
        );

        impl $Name {
            /// The modern id of the packet. A frame has a wire id, which may differ: see
            /// [`PacketId::from_wire`].
            pub const ID: PacketId = PacketId($id);

            /// The name of the packet in chio.
            pub const NAME: &'static str = $chio;
        }

        impl Default for $Name {
            fn default() -> Self {
                borrowed::$Name::default().into_owned()
            }
        }

        impl From<borrowed::$Name<'_>> for $Name {
            fn from(packet: borrowed::$Name<'_>) -> Self {
                packet.into_owned()
            }
        }

        impl From<owned_type!($($Value)+)> for $Name {
            fn from(value: owned_type!($($Value)+)) -> Self {
                Self(value)
            }
        }

        impl std::ops::Deref for $Name {
            type Target = owned_type!($($Value)+);

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl std::ops::DerefMut for $Name {
            fn deref_mut(&mut self) -> &mut Self::Target {
                &mut self.0
            }
        }

        impl IntoOwned for borrowed::$Name<'_> {
            type Owned = $Name;

            fn into_owned(self) -> $Name {
                $Name(self.0.into_owned())
            }
        }

        impl AsBorrowed for $Name {
            type Borrowed<'a> = borrowed::$Name<'a>;

            fn as_borrowed(&self) -> borrowed::$Name<'_> {
                borrowed::$Name(self.0.as_borrowed())
            }
        }

        encode_as_borrowed!($Name);

        #[cfg(feature = "serde")]
        impl serde::Serialize for $Name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.as_borrowed().serialize(serializer)
            }
        }

        #[cfg(feature = "serde")]
        impl DeserializeInPlace for $Name {
            fn deserialize_in_place<'de, D: serde::Deserializer<'de>>(&mut self, deserializer: D) -> Result<(), D::Error> {
                self.0.deserialize_in_place(deserializer)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $Name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::bancho::owned::in_place::deserialize_default_in_place(deserializer)
            }
        }
    };
}

lobbywire_core::declarations::client_packets! { owned_packets }
lobbywire_core::declarations::server_packets! { owned_packets }
