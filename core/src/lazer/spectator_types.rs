//! What the spectator's hub carries: one row a field, from which come the types that borrow, here, and those that
//! own, in the std adapter.

use super::enums::{HitResult, ReplayButtonState};
use super::list::{List, Map};
use super::payload::{Extra, Fixed, Payload};
use super::time::DateTimeOffset;
use crate::wire::{Error, Full, MsgPackReader, MsgPackWriter, Sink, Trace};

/// Calls `$then!` with the rows: `key field: type`, the types as the std adapter has them.
///
/// A row's key is the field's place in the array. `fixed` are types of which all fields nearly always take the same
/// bytes.
#[macro_export]
#[doc(hidden)]
macro_rules! lazer_spectator_types {
    ($then:ident) => {
        $then! {
            /// A mod.
            APIMod {
                /// The mod's two letters, as in `HD`.
                0 acronym: String,
                /// What it is set to.
                1 settings: Settings,
            }

            /// What a player plays.
            SpectatorState {
                /// Which beatmap, if any.
                0 beatmap_id: Option<i32>,
                /// Which ruleset, if any.
                1 ruleset_id: Option<i32>,
                /// With which mods.
                2 mods: Vec<APIMod>,
                /// What the player is doing.
                3 state: SpectatedUserState,
                /// How often each result could be had.
                4 maximum_statistics: Statistics,
            }

            /// Some frames of a play, and the score at the end of them.
            FrameDataBundle {
                /// The score.
                0 header: FrameHeader,
                /// The frames: nearly always up to 30, of 200 ms.
                1 frames: Vec<LegacyReplayFrame>,
            }

            /// A score while it is played.
            FrameHeader {
                /// The score.
                0 total_score: i64,
                /// From 0 to 1.
                1 accuracy: f64,
                /// How many in a row.
                2 combo: i32,
                /// The most in a row so far.
                3 max_combo: i32,
                /// How often each result was had.
                4 statistics: Statistics,
                /// What the score is made of.
                5 score_processor_statistics: ScoreProcessorStatistics,
                /// When the server got this; nobody sets it.
                6 received_time: DateTimeOffset,
                /// The mods.
                7 mods: Vec<APIMod>,
                /// The score without what mods make of it. Older clients don't say.
                8 total_score_without_mods: Option<i64>,
                /// When the play was paused, in milliseconds of it. Older clients don't say.
                9 pauses: Pauses,
            }

            /// What a score is made of.
            ScoreProcessorStatistics {
                /// The sum of all results.
                0 base_score: f64,
                /// The sum if all of them had been the best.
                1 maximum_base_score: f64,
                /// How many results count for the accuracy.
                2 accuracy_judgement_count: i32,
                /// What came of results in a row.
                3 combo_portion: f64,
                /// What came of bonuses.
                4 bonus_portion: f64,
            }

            /// A point in time of a play.
            LegacyReplayFrame fixed {
                /// In milliseconds from the start of the play, not from the frame before.
                0 time: f64,
                /// Where the cursor was, if it was anywhere.
                1 mouse_x: Option<f32>,
                /// Where the cursor was, if it was anywhere.
                2 mouse_y: Option<f32>,
                /// What was held.
                3 button_state: ReplayButtonState,
            }

            /// Somebody who watches.
            SpectatorUser {
                /// The user.
                0 online_id: i32,
                /// The user's name.
                1 username: String,
            }
        }
    };
}

/// How often each result was had.
pub type Statistics<'a> = Map<'a, HitResult, i32>;

/// Times in a play, in milliseconds.
pub type Pauses<'a> = Option<List<'a, i32>>;

/// The type that borrows for one that owns.
macro_rules! borrowed {
    (String) => { &'a str };
    (Vec<$Of:ident>) => { $crate::lazer::List<'a, $crate::lazer::spectator_types::borrowed!($Of)> };
    (Option<$Of:ident>) => { Option<$crate::lazer::spectator_types::borrowed!($Of)> };
    (Settings) => { $crate::lazer::Settings<'a> };
    (Statistics) => { $crate::lazer::Statistics<'a> };
    (Pauses) => { $crate::lazer::Pauses<'a> };
    (APIMod) => { $crate::lazer::APIMod<'a> };
    (SpectatorState) => { $crate::lazer::SpectatorState<'a> };
    (FrameDataBundle) => { $crate::lazer::FrameDataBundle<'a> };
    (FrameHeader) => { $crate::lazer::FrameHeader<'a> };
    (ScoreProcessorStatistics) => { $crate::lazer::ScoreProcessorStatistics<'a> };
    (LegacyReplayFrame) => { $crate::lazer::LegacyReplayFrame<'a> };
    (SpectatorUser) => { $crate::lazer::SpectatorUser<'a> };
    (SpectatedUserState) => { $crate::lazer::SpectatedUserState };
    ($Type:ident) => { $Type };
}
pub(super) use borrowed;

macro_rules! spectator_types {
    ($(
        $(#[$docs:meta])*
        $Name:ident $($fixed:ident)? {
            $($(#[$field_docs:meta])* $key:literal $field:ident: $Type:ident $(<$Of:ident>)?,)*
        }
    )*) => {$(
        $(#[$docs])*
        ///
        /// On the wire an array, of which newer peers may have more elements, and older ones fewer: what is
        /// missing is as by default.
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct $Name<'a> {
            $(
                $(#[$field_docs])*
                #[doc = concat!("\n\nElement ", stringify!($key), ".")]
                pub $field: borrowed!($Type $(<$Of>)?),
            )*
            /// Elements that are not known here.
            pub extra: Extra<'a>,
        }

        impl<'a> $Name<'a> {
            /// How many fields there are.
            const FIELDS: usize = [$($key),*].len();

            /// Writes one field after the other.
            #[inline(never)]
            fn write_fields<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
                out.array_len(Self::FIELDS.saturating_add(self.extra.len()))?;
                $(self.$field.write(out)?;)*
                self.extra.write(out)
            }

            /// Reads one field after the other.
            #[inline(always)]
            fn read_fields(reader: &mut MsgPackReader<'a>, trace: &mut impl Trace) -> Result<Self, Error> {
                trace.at(stringify!($Name), "");
                let mut left = reader.array_len()?;
                let mut read = Self::default();
                $(
                    if left > 0 {
                        left = left.saturating_sub(1);
                        trace.at(stringify!($Name), stringify!($field));
                        read.$field = Payload::read_with(reader, trace)?;
                    }
                )*
                if left > 0 {
                    trace.at(stringify!($Name), "extra");
                    read.extra = Extra::read(reader, left)?;
                }
                Ok(read)
            }
        }

        impl<'a> Payload<'a> for $Name<'a> {
            #[inline(always)]
            fn read_with(reader: &mut MsgPackReader<'a>, trace: &mut impl Trace) -> Result<Self, Error> {
                match Self::read_usual(reader) {
                    Some(read) => Ok(read),
                    None => Self::read_fields(reader, trace),
                }
            }

            spectator_types!(@read_usual [$($fixed)?] $($field: $Type $(<$Of>)?,)*);

            #[inline(always)]
            fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
                self.write_fields(out)
            }

            spectator_types!(@write_each [$($fixed)?] $($field: $Type $(<$Of>)?,)*);
        }
    )*};
    (@read_usual [] $($fields:tt)*) => {};
    (@read_usual [fixed] $($field:ident: $Type:ident $(<$Of:ident>)?,)*) => {
        #[inline(always)]
        fn read_usual(reader: &mut MsgPackReader<'a>) -> Option<Self> {
            // All fields in their usual form, with one look at how many bytes there are.
            const LEN: usize = spectator_types!(@fixed_len $($Type $(<$Of>)?,)*);
            reader.take_if(|bytes: &[u8; LEN]| {
                let [head, rest @ ..] = bytes;
                let mut rest: &[u8] = rest;
                if usize::from(*head ^ 0x90) != Self::FIELDS {
                    return None;
                }
                let mut read = Self::default();
                $((read.$field, rest) = Fixed::get(rest)?;)*
                rest.is_empty().then_some(read)
            })
        }
    };
    (@write_each [] $($fields:tt)*) => {};
    (@write_each [fixed] $($field:ident: $Type:ident $(<$Of:ident>)?,)*) => {
        #[inline]
        fn write_each<S: Sink>(values: &[Self], out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
            const LEN: usize = spectator_types!(@fixed_len $($Type $(<$Of>)?,)*);
            let fits = |value: &Self| value.extra.is_empty() $(& value.$field.fits())*;
            if !values.iter().fold(true, |all, value| all & fits(value)) {
                return values.iter().try_for_each(|value| value.write_fields(out));
            }
            // With one look at how much room there is for all of them.
            out.raw_elements(values.len(), values.iter(), |value, bytes: &mut [u8; LEN]| {
                let set = |bytes: &mut [u8; LEN]| {
                    let (head, mut rest) = bytes.split_first_mut()?;
                    *head = 0x90 | u8::try_from(Self::FIELDS).ok()?;
                    $(rest = value.$field.set(rest)?;)*
                    rest.is_empty().then_some(())
                };
                let is_set = set(bytes);
                debug_assert!(is_set.is_some(), "the fields are as long as all of them");
            })
        }
    };
    (@fixed_len $($Type:ident $(<$Of:ident>)?,)*) => {
        1usize $(.saturating_add(<$Type $(<$Of>)? as Fixed>::LEN))*
    };
}

lazer_spectator_types!(spectator_types);
