//! Conversions between borrowed and owned types.

use crate::bancho::types::{
    AvatarExtension, ButtonState, Completeness, MatchSlot, MatchType, Permissions, PresenceFilter, QuitState,
    Rank, RankedStatus, ReplayAction, ReplayFrame, ScoringType, SlotStatus, SlotTeam, Slots, Status,
    TeamType, UserStats,
};
use crate::bancho::{BorrowElement, List, Mode, Mods};

/// Conversion into an owned type.
pub trait IntoOwned {
    /// The owned type.
    type Owned: 'static;

    /// Converts into the owned type.
    fn into_owned(self) -> Self::Owned;
}

/// Conversion from an owned type to the type that borrows from it.
pub trait AsBorrowed {
    /// The borrowed type.
    type Borrowed<'a>
    where
        Self: 'a;

    /// Borrows as the borrowed type.
    fn as_borrowed(&self) -> Self::Borrowed<'_>;
}

/// Implements the conversions for types that borrow nothing.
macro_rules! self_owned {
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

pub(super) use self_owned;

/// Calls `$make!` with the types of single values: numbers and enumerations.
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

single_values!(self_owned);
self_owned!(MatchSlot, ReplayFrame, Slots, UserStats);

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

/// An element of a `Vec` in a packet.
pub(super) trait InList: AsBorrowed + Sized {
    /// Borrows all elements.
    #[allow(clippy::ptr_arg)] // a slice cannot become a trait object
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
