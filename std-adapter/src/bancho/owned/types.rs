//! The owned structs of packets, generated from the declarations of the core.

use super::owned_macro::{AsBorrowed, IntoOwned};
use crate::bancho::types::{
    self, AvatarExtension, Completeness, MatchType, Permissions, QuitState, Rank, RankedStatus, ReplayAction,
    ReplayFrame, ScoringType, Slots, Status, TeamType, UserStats,
};
use crate::bancho::{Mode, Mods};
use lobbywire_core::declarations::NonExhaustive;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// The owned form of a type, from its tokens up to a wire form.
macro_rules! owned_type {
    (&$a:lifetime str $(as $($form:tt)*)?) => { String };
    (Option<&$a:lifetime str>) => { Option<String> };
    (Option<$Type:ident<$a:lifetime>>) => { Option<$crate::bancho::owned::$Type> };
    (List<$a:lifetime, &$b:lifetime str>) => { Vec<String> };
    (List<$a:lifetime, $Type:ident<$b:lifetime>>) => { Vec<$crate::bancho::owned::$Type> };
    (List<$a:lifetime, $Type:ident> $(as $($form:tt)*)?) => { Vec<$Type> };
    (super::$Type:ident<$a:lifetime> $(as $($form:tt)*)?) => { $crate::bancho::owned::$Type };
    ($Type:ident<$a:lifetime> $(as $($form:tt)*)?) => { $crate::bancho::owned::$Type };
    ($Type:ty) => { $Type };
}

pub(super) use owned_type;

/// Generates the owned form of a struct of the core.
macro_rules! owned_struct {
    ($(#[$meta:meta])* struct $Struct:ident { $($fields:tt)* }) => {
        owned_struct!(@field [$(#[$meta])*] $Struct [] $($fields)*);
    };
    (@field [$(#[$meta:meta])*] $Struct:ident [$([$(#[$field_meta:meta])*] $field:ident [$($Type:tt)*],)*]) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq)]
        pub struct $Struct {
            #[doc(hidden)]
            pub _non_exhaustive: NonExhaustive,
            $($(#[$field_meta])* pub $field: owned_type!($($Type)*),)*
        }

        impl fmt::Debug for $Struct {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Struct))$(.field(stringify!($field), &self.$field))*.finish()
            }
        }

        impl IntoOwned for types::$Struct<'_> {
            type Owned = $Struct;

            fn into_owned(self) -> $Struct {
                $Struct { _non_exhaustive: self._non_exhaustive, $($field: self.$field.into_owned(),)* }
            }
        }

        impl AsBorrowed for $Struct {
            type Borrowed<'a> = types::$Struct<'a>;

            fn as_borrowed(&self) -> types::$Struct<'_> {
                types::$Struct { _non_exhaustive: self._non_exhaustive, $($field: self.$field.as_borrowed(),)* }
            }
        }

        owned!($Struct);

        #[cfg(feature = "serde")]
        super::in_place::in_place_fields!($Struct $($field)*);
    };
    // A field, whose type goes up to its default.
    (@field $meta:tt $Struct:ident [$($done:tt)*] $(#[$field_meta:meta])* $field:ident: $($rest:tt)*) => {
        owned_struct!(@type $meta $Struct [$($done)*] [$(#[$field_meta])*] $field [] $($rest)*);
    };
    (@type $meta:tt $Struct:ident [$($done:tt)*] $field_meta:tt $field:ident $Type:tt
        = $default:expr $(=> $optional:ident)?, $($rest:tt)*
    ) => {
        owned_struct!(@field $meta $Struct [$($done)* $field_meta $field $Type,] $($rest)*);
    };
    (@type $meta:tt $Struct:ident $done:tt $field_meta:tt $field:ident [$($Type:tt)*] $next:tt $($rest:tt)*) => {
        owned_struct!(@type $meta $Struct $done $field_meta $field [$($Type)* $next] $($rest)*);
    };
}

/// Implements traits of an owned type with those of the borrowed one.
macro_rules! owned {
    ($Struct:ident) => {
        impl Default for $Struct {
            fn default() -> Self {
                types::$Struct::default().into_owned()
            }
        }

        impl From<types::$Struct<'_>> for $Struct {
            fn from(borrowed: types::$Struct<'_>) -> Self {
                borrowed.into_owned()
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $Struct {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.as_borrowed().serialize(serializer)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $Struct {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                super::in_place::deserialize_default_in_place(deserializer)
            }
        }
    };
}

lobbywire_core::declarations::BeatmapInfo! { owned_struct }
lobbywire_core::declarations::BeatmapInfoReply! { owned_struct }
lobbywire_core::declarations::BeatmapInfoRequest! { owned_struct }
lobbywire_core::declarations::Channel! { owned_struct }
lobbywire_core::declarations::Match! { owned_struct }
lobbywire_core::declarations::MatchJoin! { owned_struct }
lobbywire_core::declarations::Message! { owned_struct }
lobbywire_core::declarations::ReplayFrameBundle! { owned_struct }
lobbywire_core::declarations::ScoreFrame! { owned_struct }
lobbywire_core::declarations::TitleUpdate! { owned_struct }
lobbywire_core::declarations::UserInfo! { owned_struct }
lobbywire_core::declarations::UserPresence! { owned_struct }
lobbywire_core::declarations::UserQuit! { owned_struct }
lobbywire_core::declarations::UserStatus! { owned_struct }
lobbywire_core::declarations::UsernameChange! { owned_struct }

/// A user's avatar, which builds before b20121203 receive.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Avatar {
    /// A file with the usual name, `<id>_000.png`, or the same with this extension.
    Extension(AvatarExtension),
    /// A file with another name. Only builds before b1788 can receive it.
    File(String),
}

impl IntoOwned for types::Avatar<'_> {
    type Owned = Avatar;

    fn into_owned(self) -> Avatar {
        match self {
            Self::Extension(extension) => Avatar::Extension(extension),
            Self::File(name) => Avatar::File(name.to_owned()),
            _ => unreachable!("the borrowed and the owned enum have the same variants"),
        }
    }
}

impl AsBorrowed for Avatar {
    type Borrowed<'a> = types::Avatar<'a>;

    fn as_borrowed(&self) -> types::Avatar<'_> {
        match self {
            Self::Extension(extension) => types::Avatar::Extension(*extension),
            Self::File(name) => types::Avatar::File(name),
        }
    }
}

owned!(Avatar);

/// A user's stats packet.
#[derive(Clone, PartialEq)]
pub struct UserUpdate {
    #[doc(hidden)]
    pub _non_exhaustive: NonExhaustive,
    /// The user.
    pub info: UserInfo,
    /// Which fields the packet carries, from b323 to b1787; see [`types::UserUpdate::completeness`].
    pub completeness: Completeness,
}

impl fmt::Debug for UserUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { info, completeness, .. } = self;
        f.debug_struct("UserUpdate").field("info", info).field("completeness", completeness).finish()
    }
}

impl IntoOwned for types::UserUpdate<'_> {
    type Owned = UserUpdate;

    fn into_owned(self) -> UserUpdate {
        UserUpdate {
            _non_exhaustive: self._non_exhaustive,
            info: self.info.into_owned(),
            completeness: self.completeness,
        }
    }
}

impl AsBorrowed for UserUpdate {
    type Borrowed<'a> = types::UserUpdate<'a>;

    fn as_borrowed(&self) -> types::UserUpdate<'_> {
        types::UserUpdate {
            _non_exhaustive: self._non_exhaustive,
            info: self.info.as_borrowed(),
            completeness: self.completeness,
        }
    }
}

impl From<UserInfo> for UserUpdate {
    fn from(info: UserInfo) -> Self {
        let types::UserUpdate { completeness, _non_exhaustive, .. } = Default::default();
        Self { _non_exhaustive, info, completeness }
    }
}

impl Deref for UserUpdate {
    type Target = UserInfo;

    fn deref(&self) -> &UserInfo {
        &self.info
    }
}

impl DerefMut for UserUpdate {
    fn deref_mut(&mut self) -> &mut UserInfo {
        &mut self.info
    }
}

owned!(UserUpdate);

/// Several users: their ids, or the whole users for versions that need them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Users {
    /// Only the ids, which is what decoding returns. Versions before b20121224 cannot receive them.
    Ids(Vec<i32>),
    /// The users.
    Infos(Vec<UserInfo>),
}

impl IntoOwned for types::Users<'_> {
    type Owned = Users;

    fn into_owned(self) -> Users {
        match self {
            Self::Ids(ids) => Users::Ids(ids.into_owned()),
            Self::Infos(infos) => Users::Infos(infos.into_owned()),
            _ => unreachable!("the borrowed and the owned enum have the same variants"),
        }
    }
}

impl AsBorrowed for Users {
    type Borrowed<'a> = types::Users<'a>;

    fn as_borrowed(&self) -> types::Users<'_> {
        match self {
            Self::Ids(ids) => types::Users::Ids(ids.as_borrowed()),
            Self::Infos(infos) => types::Users::Infos(infos.as_borrowed()),
        }
    }
}

owned!(Users);
