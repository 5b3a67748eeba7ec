//! The hubs of osu!lazer: all that they and their clients say, with types that own what they carry.
//!
//! # Where things are
//!
//! - [`spectator`], [`multiplayer`], [`metadata`], [`referee`]: what is called on each hub, by its clients
//!   (`client`) and by the server (`server`): a type for each method, and `Call` for any of them.
//! - What methods carry stands here, by the names of osu!'s source: [`MultiplayerRoom`], [`APIMod`],
//!   [`UserActivity`]. The referee's hub has types of its own, of the same names at times: they are in [`referee`].
//! - [`borrowed`]: the core's types, which borrow what they carry; frames of a play are there twice as fast.
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
//! With the features `signalr-client` and `signalr-server` of this crate these calls are what a
//! `signalr::Client` calls and a `signalr::TypedHub` is called with: `examples/hubs.rs`.
//!
//! # Forms
//!
//! In MessagePack everything is as MessagePack-CSharp lays it out. In JSON what the referee's hub carries is as .NET
//! writes it; what the other hubs carry, which speak MessagePack only, has the names of the fields here, enums are
//! numbers, and members of unions say which they are by `$dtype`, as osu! had it while it spoke JSON. Both are what
//! [`ToValue`](crate::signalr::ToValue) and [`FromValue`](crate::signalr::FromValue) write and read; serde's traits
//! are for JSON.
//!
//! Nothing is lost that is not known here: unknown methods, members of unions, enum values and further fields are
//! kept as they came.
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

pub use guid::{Guid, NotAGuid};
pub use map::{Key, Map};
pub use methods::{UnknownCall, metadata, multiplayer, spectator};
pub use model::RawValue;
pub use model_types::{Extra, Unknowns};
pub use models::*;
pub use settings::{Setting, Settings};
pub use time::TimeSpan;

pub mod referee;
