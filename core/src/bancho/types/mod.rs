//! The structs that packets carry, the same for every version. Each one has a layout per version in
//! [`forms`](super::forms).
//!
//! The structs are non-exhaustive: create them with `..Default::default()`, and end patterns with `..`. See
//! [Compatibility](crate#compatibility).

#[macro_use]
mod beatmap;
#[macro_use]
mod channel;
#[macro_use]
mod matches;
#[macro_use]
mod message;
#[macro_use]
mod replay;
#[macro_use]
mod score;
#[macro_use]
mod status;
#[macro_use]
mod title;
#[macro_use]
mod user;

pub use beatmap::{BeatmapInfo, BeatmapInfoReply, BeatmapInfoRequest, Rank, RankedStatus};
pub use channel::Channel;
pub use matches::{
    Match, MatchJoin, MatchSlot, MatchType, ScoringType, SlotStatus, SlotTeam, Slots, TeamType,
};
pub use message::Message;
pub use replay::{ButtonState, ReplayAction, ReplayFrame, ReplayFrameBundle};
pub use score::ScoreFrame;
pub use status::{Status, UserStatus};
pub use title::{TitleUpdate, UsernameChange};
pub use user::{
    Avatar, AvatarExtension, Completeness, LoginError, Permissions, PresenceFilter, QuitState, UserInfo,
    UserPresence, UserQuit, UserStats, UserUpdate, Users,
};

/// The layouts, and the wire forms that a single layout uses.
pub(super) mod forms {
    pub use super::beatmap::{
        BeatmapInfoLayout, BeatmapInfoReplyLayout, BeatmapInfoRequestLayout, RankedByte, RankedFlag,
    };
    pub use super::channel::ChannelLayout;
    pub use super::matches::{
        MatchIdByte, MatchJoinLayout, MatchLayout, NoSlotMods, NoTeams, OptionalScoringByte, Password,
        ScoringByte, SlotMods, SlotSets, SlotStatuses, SlotTeams, SlotUsers,
    };
    pub use super::message::{ChatText, DirectMessageFlag, ImplicitTarget, MessageLayout, NoSenderId};
    pub use super::replay::{
        LeftAndRight, ReplayFrameBundleLayout, ReplayFrameLayout, ScoreAtEnd, ScoreBeforeSequence, Sequence,
    };
    pub use super::score::{Checksum, NoChecksum, ScoreFrameLayout};
    pub use super::status::{ActionBefore338, ImpliedYes, UserStatusLayout};
    pub use super::title::{ImageAndLink, OldAndNewName, TitleUpdateLayout, UsernameChangeLayout};
    pub use super::user::{
        AvatarByte, AvatarFile, CountryText, FullFlag, HoursPlus24, LoginResult, PermissionsAndMode,
        PresenceLayout, SignedId, UserIdLayout, UserQuitLayout, UserUpdateLayout, UsersLayout,
    };
}
