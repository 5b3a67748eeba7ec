//! Live scores.

use crate::bancho::dialect::Dialect;
use crate::bancho::forms::{Bool, F64, OptionalU8, S32, SlotU8, U8, U16, U32};
use crate::bancho::layout::{Context, Form, fields, layout};
use crate::wire::{Fault, Full, Observer, Reader, Sink, Value, write_text};

fields! { __ScoreFrame =>
    /// The score at one moment of a play.
    struct ScoreFrame<'a> {
        /// The MD5 checksum of the sender, from b294 to b333; `None` encodes
        /// [`computed_checksum`](crate::bancho::types::ScoreFrame::computed_checksum). Decoders do not verify it.
        checksum: Option<&'a str> = None => optional,
        /// Milliseconds since the start of the beatmap.
        time: i32 = 0,
        /// In a match, the player's slot, which the server sets.
        id: u8 = 0,
        /// Hits worth 300.
        total_300: u16 = 0,
        /// Hits worth 100.
        total_100: u16 = 0,
        /// Hits worth 50.
        total_50: u16 = 0,
        /// Combos hit perfectly (geki); 320s in mania.
        total_geki: u16 = 0,
        /// Combos hit well (katu); 200s in mania.
        total_katu: u16 = 0,
        /// Misses.
        total_miss: u16 = 0,
        /// The score.
        total_score: u32 = 0,
        /// The highest combo.
        max_combo: u16 = 0,
        /// The current combo.
        current_combo: u16 = 0,
        /// Whether the combo was never broken.
        perfect: bool = false,
        /// Health, 0 to 200; 254 means that the player has failed.
        hp: u8 = 0,
        /// In tag play, whose turn it is.
        tag_byte: u8 = 0,
        /// Whether the score is a ScoreV2 score.
        using_scorev2: bool = false,
        /// ScoreV2: the combo portion of the score.
        combo_portion: f64 = 0.0,
        /// ScoreV2: the bonus portion of the score.
        bonus_portion: f64 = 0.0,
    }
}

impl ScoreFrame<'_> {
    /// ScoreV2 is in use: the frame carries the portions of the score.
    #[inline(always)]
    fn has_portions<V: Dialect>(&self, _: Context<V>) -> bool {
        self.using_scorev2
    }
}

layout! {
    /// A [`ScoreFrame`] on the wire.
    ScoreFrameLayout for ScoreFrame<'a> {
        (checksum in self) => NoChecksum since 334, Checksum since 282;
        fixed_group {
            time => S32 since 296;
            id => SlotU8 since 282;
            total_300 => U16 since 282;
            total_100 => U16 since 282;
            total_50 => U16 since 282;
            total_geki => U16 since 282;
            total_katu => U16 since 282;
            total_miss => U16 since 282;
            total_score => U32 since 282;
            max_combo => U16 since 282;
            current_combo => U16 since 282;
            perfect => Bool since 282;
            hp => U8 since 282;
            tag_byte => U8 since 20151106, OptionalU8 since 535;
            using_scorev2 => Bool since 20151106;
        }
        combo_portion => F64 since 20151106 when has_portions;
        bonus_portion => F64 since 20151106 when has_portions;
    }
}

/// A string of 32 hexadecimal digits, computed if the frame has none.
#[derive(Clone, Copy, Debug)]
pub struct Checksum;

impl<'a> Form<'a, ScoreFrame<'a>> for Checksum {
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        into: &mut ScoreFrame<'a>,
    ) -> Result<(), Fault> {
        let start = r.position();
        let checksum = r.marked_text()?.unwrap_or("");
        into.checksum = Some(checksum);
        r.value(start, || Value::Text(checksum));
        Ok(())
    }

    fn write<V: Dialect, S: Sink>(out: &mut S, _: Context<V>, frame: &ScoreFrame<'a>) -> Result<(), Full> {
        match frame.checksum {
            Some(checksum) => write_text(out, checksum),
            None => write_text(out, frame.computed_checksum().as_str()),
        }
    }
}

/// No bytes: these versions have no checksum.
#[derive(Clone, Copy, Debug)]
pub struct NoChecksum;

impl<'a> Form<'a, ScoreFrame<'a>> for NoChecksum {
    fn first_unrepresentable<V: Dialect>(_: Context<V>, frame: &ScoreFrame<'a>) -> Option<&'static str> {
        if frame.checksum.is_some() { Some("") } else { None }
    }
}
