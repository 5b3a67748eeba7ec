//! The way from what borrows to what owns, and back.

use crate::bancho::types::{
    AvatarExtension, ButtonState, Completeness, MatchSlot, MatchType, Permissions, PresenceFilter, QuitState,
    Rank, RankedStatus, ReplayAction, ReplayFrame, ScoringType, SlotStatus, SlotTeam, Slots, Status,
    TeamType, UserStats,
};
use crate::bancho::{BorrowElement, List, Mode, Mods};

/// What has a twin that owns.
pub trait IntoOwned {
    /// The twin.
    type Owned: 'static;

    /// Makes the twin, which says the same.
    fn into_owned(self) -> Self::Owned;
}

/// What owns, and lends the twin that borrows.
pub trait AsBorrowed {
    /// The twin.
    type Borrowed<'a>
    where
        Self: 'a;

    /// Lends the twin, which says the same.
    fn as_borrowed(&self) -> Self::Borrowed<'_>;
}

/// Types that borrow nothing are their own twins.
macro_rules! own_twins {
    ($($Type:ty),+ $(,)?) => {$(
        impl $crate::bancho::owned::IntoOwned for $Type {
            type Owned = Self;

            #[inline]
            fn into_owned(self) -> Self {
                self
            }
        }

        impl $crate::bancho::owned::AsBorrowed for $Type {
            type Borrowed<'a> = Self;

            #[inline]
            fn as_borrowed(&self) -> Self {
                *self
            }
        }
    )+};
}

pub(super) use own_twins;

/// Calls `$make!` with the types of single values: numbers, and those with names.
macro_rules! single_values {
    ($make:ident) => {
        $make!(
            bool,
            u8,
            u16,
            i16,
            u32,
            i32,
            u64,
            i64,
            f32,
            f64,
            AvatarExtension,
            ButtonState,
            Completeness,
            MatchType,
            Mode,
            Mods,
            Permissions,
            PresenceFilter,
            QuitState,
            Rank,
            RankedStatus,
            ReplayAction,
            ScoringType,
            SlotStatus,
            SlotTeam,
            Status,
            TeamType,
        );
    };
}

#[cfg(feature = "serde")]
pub(super) use single_values;

single_values!(own_twins);
own_twins!(MatchSlot, ReplayFrame, Slots, UserStats);

impl IntoOwned for &str {
    type Owned = String;

    fn into_owned(self) -> String {
        self.to_owned()
    }
}

impl AsBorrowed for String {
    type Borrowed<'a> = &'a str;

    fn as_borrowed(&self) -> &str {
        self
    }
}

impl<T: IntoOwned> IntoOwned for Option<T> {
    type Owned = Option<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.map(T::into_owned)
    }
}

impl<T: AsBorrowed> AsBorrowed for Option<T> {
    type Borrowed<'a>
        = Option<T::Borrowed<'a>>
    where
        T: 'a;

    fn as_borrowed(&self) -> Self::Borrowed<'_> {
        self.as_ref().map(|owned| owned.as_borrowed())
    }
}

impl<'a, T: IntoOwned> IntoOwned for List<'a, T>
where
    Self: IntoIterator<Item = T>,
{
    type Owned = Vec<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.into_iter().map(T::into_owned).collect()
    }
}

/// What a `Vec` in a packet can hold.
pub(super) trait InList: AsBorrowed + Sized {
    /// Lends all elements.
    #[allow(clippy::ptr_arg)] // a slice would not become a trait object
    fn list(all: &Vec<Self>) -> List<'_, Self::Borrowed<'_>>;
}

impl<T: InList> AsBorrowed for Vec<T> {
    type Borrowed<'a>
        = List<'a, T::Borrowed<'a>>
    where
        T: 'a;

    fn as_borrowed(&self) -> Self::Borrowed<'_> {
        T::list(self)
    }
}

impl InList for i32 {
    fn list(all: &Vec<Self>) -> List<'_, Self> {
        all.as_slice().into()
    }
}

impl InList for ReplayFrame {
    fn list(all: &Vec<Self>) -> List<'_, Self> {
        all.as_slice().into()
    }
}

impl InList for String {
    fn list(all: &Vec<Self>) -> List<'_, &str> {
        List::from_owned(all)
    }
}

impl InList for super::BeatmapInfo {
    fn list(all: &Vec<Self>) -> List<'_, crate::bancho::types::BeatmapInfo<'_>> {
        List::from_owned(all)
    }
}

impl InList for super::UserInfo {
    fn list(all: &Vec<Self>) -> List<'_, crate::bancho::types::UserInfo<'_>> {
        List::from_owned(all)
    }
}

impl BorrowElement for super::BeatmapInfo {
    fn beatmap_info(&self) -> crate::bancho::types::BeatmapInfo<'_> {
        self.as_borrowed()
    }
}

impl BorrowElement for super::UserInfo {
    fn user_info(&self) -> crate::bancho::types::UserInfo<'_> {
        self.as_borrowed()
    }
}
