//! What the crate `lobbywire` builds on. This is not part of the public API: anything here may change in any
//! release, and `lobbywire` therefore depends on exactly one version of this crate.
//!
//! # Declarations
//!
//! The owned types of `lobbywire` are generated from the same declarations as the borrowed types of this crate.
//! Each declaration is a macro that passes its tokens to another macro:
//!
//! ```text
//! lobbywire_core::declarations::Channel! { make }    // expands to make! { <declaration> }
//! ```
//!
//! `#[macro_export]` puts a macro at the root of the crate, where its name starts with `__`. This module re-exports
//! it without the prefix.
//!
//! ## Structs
//!
//! One macro for each struct of `bancho::types` that `fields!` defines, with the name of the
//! struct. `make!` receives:
//!
//! ```text
//! $(#[$meta:meta])* struct $Struct:ident {
//!     $($(#[$field_meta:meta])* $field:ident: $Field:ty = $default:expr $(=> $optional:ident)?,)*
//! }
//! ```
//!
//! `$optional` is `optional` for a field that JSON omits when it has its default. The lifetime parameter of the
//! struct is not part of the declaration; a field type that borrows uses `'a`. The
//! [marker](NonExhaustive) is not part of it either: `make!` adds it.
//!
//! ## Packets
//!
//! `client_packets` and `server_packets`, with the table of the packets of a side. `make!` receives:
//!
//! ```text
//! $module:ident $(
//!     $(#[$meta:meta])*
//!     $id:literal $Name:ident $chio:literal $(<$a:lifetime>)? $(($($value:tt)+))? $({ $($body:tt)+ })?
//!         $(, origin $origin:ident)? $(, instead of from $replaced:literal by $send:ident)?
//!         , in $first:literal $(.. $gone:literal)?;
//! )+
//! ```
//!
//! `$module` is `client` or `server`, `$id` the modern packet id, `$chio` the packet's name in chio. A packet with a
//! `$value` or a `$body` carries the type with which it starts; the rest describes the wire form.
//!
//! ## Hubs of osu!lazer
//!
//! `lazer_spectator_methods`, `lazer_multiplayer_methods`, `lazer_metadata_methods` and `lazer_referee_methods`, with
//! the methods of a hub; `lazer_spectator_types`, with the types of the spectator hub; `lazer_setting_numbers`, with
//! the numeric types of a mod's settings. The modules that define them document their rows.
//!
//! ## Names of fields
//!
//! `field_name!(field)` is the name of a field in JSON: its Rust name, except for `kind`, which is `type`.

#[cfg(feature = "lazer")]
pub use crate::{
    __lazer_metadata_methods as lazer_metadata_methods,
    __lazer_multiplayer_methods as lazer_multiplayer_methods,
    __lazer_referee_methods as lazer_referee_methods, __lazer_setting_numbers as lazer_setting_numbers,
    __lazer_spectator_methods as lazer_spectator_methods, __lazer_spectator_types as lazer_spectator_types,
};
#[cfg(feature = "bancho")]
pub use {
    crate::__field_name as field_name, __BeatmapInfo as BeatmapInfo, __BeatmapInfoReply as BeatmapInfoReply,
    __BeatmapInfoRequest as BeatmapInfoRequest, __Channel as Channel, __Match as Match,
    __MatchJoin as MatchJoin, __MatchSlot as MatchSlot, __Message as Message, __ReplayFrame as ReplayFrame,
    __ReplayFrameBundle as ReplayFrameBundle, __ScoreFrame as ScoreFrame, __TitleUpdate as TitleUpdate,
    __UserInfo as UserInfo, __UserPresence as UserPresence, __UserQuit as UserQuit, __UserStats as UserStats,
    __UserStatus as UserStatus, __UsernameChange as UsernameChange, __client_packets as client_packets,
    __server_packets as server_packets,
};

/// Makes a struct that has public fields non-exhaustive, while `..Default::default()` keeps working for it.
///
/// A struct with a hidden field of this type can only be created with functional update syntax outside this crate,
/// and patterns need `..`. Adding a field to such a struct is therefore not a breaking change. (`#[non_exhaustive]`
/// has the same purpose, but it also forbids functional update.)
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct NonExhaustive(());

impl NonExhaustive {
    /// The only value.
    pub(crate) const MARKER: Self = Self(());
}

#[cfg(feature = "arbitrary")]
impl<'a> arbitrary::Arbitrary<'a> for NonExhaustive {
    fn arbitrary(_: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        Ok(Self::MARKER)
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (0, Some(0))
    }
}
