//! The arguments of the spectator hub. Each type is declared once, one row a field; this module generates the
//! borrowed types, the std adapter the owned ones.

use super::enums::{HitResult, ReplayButtonState};
use super::list::{List, Map};
use super::payload::{Extra, Fixed, Payload};
use super::time::DateTimeOffset;
use crate::wire::{Error, Full, MsgPackReader, MsgPackWriter, Sink, Trace};

/// Calls `$then!` with the rows: `key field: type`. The types are those of the std adapter.
///
/// A row's key is the field's index in the array. The fields of `fixed` types nearly always have a fixed size.
#[macro_export]
#[doc(hidden)]
macro_rules! __lazer_spectator_types {
    ($then:ident) => {
        $then! {
            /// A mod.
            APIMod {
                /// The mod's acronym, such as `HD`.
                0 acronym: String,
                /// Settings that differ from their defaults.
                1 settings: Settings,
            }

            /// What a player is playing.
            SpectatorState {
                /// The beatmap's id, if any.
                0 beatmap_id: Option<i32>,
                /// The ruleset's id, if any.
                1 ruleset_id: Option<i32>,
                /// The mods.
                2 mods: Vec<APIMod>,
                /// What the player is doing.
                3 state: SpectatedUserState,
                /// How often each result is possible.
                4 maximum_statistics: Statistics,
            }

            /// Frames of a replay, and the score after the last one.
            FrameDataBundle {
                /// The score after the last frame.
                0 header: FrameHeader,
                /// The frames, usually up to 30, covering 200 ms.
                1 frames: Vec<LegacyReplayFrame>,
            }

            /// A score during gameplay.
            FrameHeader {
                /// The total score.
                0 total_score: i64,
                /// From 0 to 1.
                1 accuracy: f64,
                /// The current combo.
                2 combo: i32,
                /// The highest combo so far.
                3 max_combo: i32,
                /// How often each result occurred.
                4 statistics: Statistics,
                /// The components of the score.
                5 score_processor_statistics: ScoreProcessorStatistics,
                /// When the server received it. Not set by any client.
                6 received_time: DateTimeOffset,
                /// The mods.
                7 mods: Vec<APIMod>,
                /// The score without mod multipliers. Older clients omit it.
                8 total_score_without_mods: Option<i64>,
                /// The times at which the player paused, in milliseconds of gameplay. Older clients omit them.
                9 pauses: Pauses,
            }

            /// The components of a score.
            ScoreProcessorStatistics {
                /// The sum of the base scores of all results.
                0 base_score: f64,
                /// That sum if every result were perfect.
                1 maximum_base_score: f64,
                /// The number of results that count for accuracy.
                2 accuracy_judgement_count: i32,
                /// The part of the score from combos.
                3 combo_portion: f64,
                /// The part of the score from bonuses.
                4 bonus_portion: f64,
            }

            /// A replay frame.
            LegacyReplayFrame fixed {
                /// The time since the start of gameplay, in milliseconds. Not relative to the previous frame.
                0 time: f64,
                /// The cursor's x coordinate, if any.
                1 mouse_x: Option<f32>,
                /// The cursor's y coordinate, if any.
                2 mouse_y: Option<f32>,
                /// The buttons held.
                3 button_state: ReplayButtonState,
            }

            /// A spectator.
            SpectatorUser {
                /// The user's id.
                0 online_id: i32,
                /// The user's name.
                1 username: String,
            }
        }
    };
}

/// How often each result occurred.
pub type Statistics<'a> = Map<'a, HitResult, i32>;

/// Gameplay times, in milliseconds.
pub type Pauses<'a> = Option<List<'a, i32>>;

/// The borrowed type for an owned one.
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
        /// Encoded as an array. Newer peers may append elements, and older ones may omit some: missing fields
        /// have their defaults.
        #[derive(Clone, Copy, Debug, Default, PartialEq)]
        pub struct $Name<'a> {
            $(
                $(#[$field_docs])*
                #[doc = concat!("\n\nElement ", stringify!($key), ".")]
                pub $field: borrowed!($Type $(<$Of>)?),
            )*
            /// Unknown elements.
            pub extra: Extra<'a>,
        }

        impl<'a> $Name<'a> {
            /// The number of fields.
            const FIELDS: usize = [$($key),*].len();

            /// Encodes the fields in order.
            #[inline(never)]
            fn write_fields<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
                out.array_len(Self::FIELDS.saturating_add(self.extra.len()))?;
                $(self.$field.write(out)?;)*
                self.extra.write(out)
            }

            /// Decodes the fields in order.
            #[inline(always)]
            fn read_fields(reader: &mut MsgPackReader<'a>, trace: &mut impl Trace) -> Result<Self, Error> {
                trace.at(stringify!($Name), "");
                let mut left = reader.array_len_or_nil()?;
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
            // Fast path: one bounds check for all fields in their common form.
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
            // One capacity check for all fields.
            out.raw_elements(values.len(), values.iter(), |value, bytes: &mut [u8; LEN]| {
                let set = |bytes: &mut [u8; LEN]| {
                    let (head, mut rest) = bytes.split_first_mut()?;
                    *head = 0x90 | u8::try_from(Self::FIELDS).ok()?;
                    $(rest = value.$field.set(rest)?;)*
                    rest.is_empty().then_some(())
                };
                let is_set = set(bytes);
                debug_assert!(is_set.is_some(), "the fields must have the computed size");
            })
        }
    };
    (@fixed_len $($Type:ident $(<$Of:ident>)?,)*) => {
        1usize $(.saturating_add(<$Type $(<$Of>)? as Fixed>::LEN))*
    };
}

__lazer_spectator_types!(spectator_types);
