//! The hubs of osu!lazer, on top of [`signalr`](crate::signalr), without a heap.
//!
//! # Where things are
//!
//! - [`spectator`]: the calls of the spectator hub and their arguments: [`SpectatorState`], [`FrameDataBundle`],
//!   [`LegacyReplayFrame`]. All types borrow.
//! - [`Hub`] and [`Method`]: the names and arguments of all methods of all hubs.
//! - [`Payload`]: the encoding of arguments.
//!
//! The std adapter has owned types for all methods of all hubs.
//!
//! ```
//! use lobbywire_core::lazer::{LegacyReplayFrame, spectator::client};
//! use lobbywire_core::signalr::{Encoding, Message, WriteInvocation};
//! use lobbywire_core::wire::SliceSink;
//!
//! let mut buffer = [0; 256];
//! let room = buffer.len();
//! let mut out = SliceSink::new(&mut buffer);
//! let frames = [LegacyReplayFrame { time: 1000.0, mouse_x: Some(256.0), ..Default::default() }];
//! let mut call = client::SendFrameDataV2 { score_token: Some(1), ..Default::default() };
//! call.bundle.frames = (&frames).into();
//! call.write_frame(None, &mut out)?;
//! let written = room - out.room();
//!
//! let Message::Invocation(invocation) = Message::read(&buffer[..written], Encoding::MessagePack)? else {
//!     panic!("a call is an invocation");
//! };
//! match client::Call::of(&invocation)? {
//!     client::Call::SendFrameDataV2(sent) => assert!(sent.bundle.frames.iter().eq(frames)),
//!     other => println!("{:?}", other.target()),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Sources
//!
//! ppy/osu of 2026-08-21 and ppy/osu-server-spectator of 2026-07-16; MessagePack-CSharp 3.1.7.

// Must be first, because the other modules use its macros.
#[macro_use]
mod methods;

mod enums;
mod hub;
#[cfg(feature = "laws")]
pub mod laws;
mod list;
mod payload;
mod settings;
pub mod spectator;
mod spectator_types;
mod time;

pub use enums::{
    DownloadState, GameplayAbortReason, HitResult, MatchType, MatchmakingAvatarAction, MatchmakingPoolType,
    MatchmakingStage, MultiplayerRoomState, MultiplayerRoomUserRole, MultiplayerUserState, QueueMode,
    RankedPlayStage, ReplayButtonState, SpectatedUserState, UserStatus,
};
pub use hub::{Hub, Method, Side, UnknownHub};
pub use list::{List, ListIter, Map};
pub use payload::{Extra, Payload};
pub use settings::{Setting, Settings};
pub use spectator_types::{
    APIMod, FrameDataBundle, FrameHeader, LegacyReplayFrame, Pauses, ScoreProcessorStatistics,
    SpectatorState, SpectatorUser, Statistics,
};
pub use time::DateTimeOffset;
