//! The hubs of osu!lazer: all methods and their arguments, as owned types.
//!
//! # Where things are
//!
//! - [`spectator`], [`multiplayer`], [`metadata`], [`referee`]: the methods of each hub that clients call (`client`)
//!   and that the server calls (`server`): a type for each method, and the enum `Call`.
//! - The types of arguments are in this module, under their names in osu!'s source: [`MultiplayerRoom`], [`APIMod`],
//!   [`UserActivity`]. The referee hub has separate types in [`referee`], some with the same names.
//! - [`borrowed`]: the core's borrowed types, which decode replay frames twice as fast.
//!
//! ```
//! use lobbywire::lazer::{Hub, MultiplayerUserState, multiplayer};
//! use lobbywire::signalr::{Encoding, FromCall, ToArguments, ToValue};
//!
//! let call = multiplayer::client::ChangeState { state: MultiplayerUserState::READY };
//! let arguments = call.to_arguments(Encoding::MessagePack)?;
//! assert_eq!(arguments.bytes()[..], [1]);
//!
//! match multiplayer::client::Call::from_call("ChangeState", arguments.as_arguments())? {
//!     multiplayer::client::Call::ChangeState(change) => assert_eq!(*change, call),
//!     other => println!("{other:?}"),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With the features `signalr-client` and `signalr-server`, a `signalr::Client` sends these calls and a
//! `signalr::TypedHub` receives them: see `examples/hubs.rs`.
//!
//! # Encodings
//!
//! The MessagePack encoding is that of MessagePack-CSharp. The JSON encoding of the referee hub is that of
//! .NET. The other hubs use MessagePack only; in JSON their types have the field names used here, enums are
//! numbers, and members of unions are tagged with `$dtype`, as in osu! when it used JSON.
//! [`ToValue`](crate::signalr::ToValue) and [`FromValue`](crate::signalr::FromValue) implement both
//! encodings, serde's traits the JSON encoding.
//!
//! Unknown methods, union members, enum values and fields are preserved. As in .NET, nil and null are accepted wherever the
//! type is a reference there: they decode as the default of classes, strings, lists and maps, and as `Null` of unions.
//! Structs, numbers and enums reject them.
//!
//! New versions of this crate may add fields to types: create them with `..Default::default()`, and match
//! them with `..`. The arguments of a method do not change.
//!
//! # Sources
//!
//! ppy/osu of 2026-08-21 and ppy/osu-server-spectator of 2026-07-16; MessagePack-CSharp 3.1.7.

mod guid;
#[cfg(feature = "laws")]
pub mod laws;
mod map;
mod methods;
mod model;
mod model_types;
mod models;
mod settings;
mod time;

pub use lobbywire_core::lazer as borrowed;
pub use lobbywire_core::lazer::{
    DateTimeOffset, DownloadState, GameplayAbortReason, HitResult, Hub, MatchType, MatchmakingAvatarAction,
    MatchmakingPoolType, MatchmakingStage, Method, MultiplayerRoomState, MultiplayerRoomUserRole,
    MultiplayerUserState, QueueMode, RankedPlayStage, ReplayButtonState, Side, SpectatedUserState,
    UnknownHub, UserStatus,
};

#[doc(inline)]
pub use crate::__lazer_with_calls as with_calls;
pub use guid::{Guid, NotAGuid};
pub use map::{Key, Map};
pub use methods::{UnknownCall, metadata, multiplayer, spectator};
pub use model::RawValue;
pub use model_types::{Extra, Unknowns};
pub use models::*;
pub use settings::{Setting, Settings};
pub use time::TimeSpan;

pub mod referee;
