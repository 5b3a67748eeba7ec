//! Replay frames, which spectators receive.

use super::score::{ScoreFrame, ScoreFrameLayout};
use crate::bancho::change::ChangeKind;
use crate::bancho::dialect::{Dialect, Predicate};
use crate::bancho::forms::{F32, ListU16, S32, U8};
use crate::bancho::layout::{Context, Form, Origin, fields, layout};
use crate::bancho::list::{List, element};
use crate::bancho::number::{flags, open_enum};
use crate::wire::{Fault, Full, Observer, Reader, Sink, Value, parse};

flags! {
    /// The pressed buttons.
    ButtonState: u8 {
        /// The left mouse button.
        LEFT1 = 0 Left1,
        /// The right mouse button.
        RIGHT1 = 1 Right1,
        /// The first key.
        LEFT2 = 2 Left2,
        /// The second key.
        RIGHT2 = 3 Right2,
        /// The smoke key.
        SMOKE = 4 Smoke,
    }

    /// Left, by mouse or key.
    const LEFT = LEFT1 | LEFT2;
    /// Right, by mouse or key.
    const RIGHT = RIGHT1 | RIGHT2;
}

open_enum! {
    /// The event in a bundle of replay frames.
    #[derive(Default)]
    ReplayAction: u8 {
        /// None: the play continues.
        STANDARD = 0 Standard,
        /// The player started another beatmap.
        NEW_SONG = 1 NewSong,
        /// A break was skipped.
        SKIP = 2 Skip,
        /// The beatmap was finished.
        COMPLETION = 3 Completion,
        /// The player failed.
        FAIL = 4 Fail,
        /// The player paused.
        PAUSE = 5 Pause,
        /// The player resumed after a pause.
        UNPAUSE = 6 Unpause,
        /// The player is selecting a beatmap.
        SONG_SELECT = 7 SongSelect,
        /// The player is spectating another player.
        WATCHING_OTHER = 8 WatchingOther,
    }
}

fields! { __ReplayFrame =>
    /// The input at one moment of a play.
    struct ReplayFrame {
        /// The pressed buttons; before b374 only left and right.
        button_state: ButtonState = ButtonState::empty(),
        /// A byte that clients write as 0 from b374 on; other values mean the right button.
        legacy_byte: u8 = 0,
        /// The cursor position from the left of the playfield, 0 to 512.
        mouse_x: f32 = 0.0,
        /// The cursor position from the top of the playfield, 0 to 384.
        mouse_y: f32 = 0.0,
        /// Milliseconds since the start of the beatmap; may be negative.
        time: i32 = 0,
    }
}

layout! {
    /// A [`ReplayFrame`] on the wire, 14 bytes.
    ReplayFrameLayout for ReplayFrame {
        button_state => U8 since 374, LeftAndRight since 282;
        legacy_byte => U8 since 374;
        mouse_x => F32 since 282;
        mouse_y => F32 since 282;
        time => S32 since 282;
    }
}

element!(ReplayFrame as ReplayFrameLayout, least 14, each 14);

fields! { __ReplayFrameBundle =>
    /// Replay frames, with the current score.
    struct ReplayFrameBundle<'a> {
        /// The event.
        action: ReplayAction = ReplayAction::STANDARD,
        /// The frames, oldest first.
        frames: List<'a, ReplayFrame> = List::default(),
        /// The score, from b294 on; optional.
        frame: Option<ScoreFrame<'a>> = None,
        /// From b20130418 on: the id of the spectated user, or the seed of mania's Random mod; −1 for none.
        extra: i32 = -1,
        /// The number of the bundle in the play, from b20160404 on. Some clients omit it; `None` is encoded as 0.
        sequence: Option<u16> = None,
    }
}

layout! {
    /// A [`ReplayFrameBundle`] on the wire.
    ReplayFrameBundleLayout for ReplayFrameBundle<'a> {
        extra => S32 since 20130418 protocol 18;
        frames => ListU16 since 282;
        action => U8 since 282;
        frame => ScoreBeforeSequence since 20160404, ScoreAtEnd since 294;
        sequence => Sequence since 20160404;
    }
}

/// Two booleans of one byte: left, right.
#[derive(Clone, Copy, Debug)]
pub struct LeftAndRight;

impl<'a> Form<'a, ButtonState> for LeftAndRight {
    #[inline(always)]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        into: &mut ButtonState,
    ) -> Result<(), Fault> {
        use crate::bancho::number::Number;

        let start = r.position();
        let [left, right] = r.parse(parse::array)?;
        *into = ButtonState::empty();
        into.set(ButtonState::LEFT1, left != 0);
        into.set(ButtonState::RIGHT1, right != 0);
        let buttons = *into;
        r.value(start, || buttons.show());
        Ok(())
    }

    #[inline(always)]
    fn write<V: Dialect, S: Sink>(out: &mut S, _: Context<V>, value: &ButtonState) -> Result<(), Full> {
        let left = value.intersects(ButtonState::LEFT);
        let right = value.intersects(ButtonState::RIGHT);
        out.put_array([u8::from(left), u8::from(right)])
    }

    fn first_unrepresentable<V: Dialect>(_: Context<V>, value: &ButtonState) -> Option<&'static str> {
        if value.difference(ButtonState::LEFT1 | ButtonState::RIGHT1).is_empty() { None } else { Some("") }
    }
}

/// A score frame, if bytes are left.
#[derive(Clone, Copy, Debug)]
pub struct ScoreAtEnd;

/// A score frame, if more bytes are left than the two of the sequence.
#[derive(Clone, Copy, Debug)]
pub struct ScoreBeforeSequence;

macro_rules! optional_scores {
    ($($Form:ident: $reserved:literal;)+) => {$(
        impl<'a> Form<'a, Option<ScoreFrame<'a>>> for $Form {
            #[inline(always)]
            fn read<V: Dialect, O: Observer>(
                r: &mut Reader<'a, O>,
                cx: Context<V>,
                into: &mut Option<ScoreFrame<'a>>,
            ) -> Result<(), Fault> {
                if r.rest().len() <= $reserved {
                    let at = r.position();
                    r.value(at, || Value::Null);
                    return Ok(());
                }
                let mut frame = ScoreFrame::default();
                ScoreFrameLayout::read(r, cx, &mut frame)?;
                *into = Some(frame);
                Ok(())
            }

            #[inline(always)]
            fn write<V: Dialect, S: Sink>(
                out: &mut S,
                cx: Context<V>,
                value: &Option<ScoreFrame<'a>>,
            ) -> Result<(), Full> {
                match value {
                    Some(frame) => ScoreFrameLayout::write(out, cx, frame),
                    None => Ok(()),
                }
            }

            fn first_unrepresentable<V: Dialect>(cx: Context<V>, value: &Option<ScoreFrame<'a>>) -> Option<&'static str> {
                value.as_ref().and_then(|frame| ScoreFrameLayout::first_unrepresentable(cx, frame))
            }

            fn visit_unrepresentable<V: Dialect>(
                cx: Context<V>,
                value: &Option<ScoreFrame<'a>>,
                report: &mut dyn FnMut(&'static str, ChangeKind),
            ) {
                if let Some(frame) = value {
                    ScoreFrameLayout::visit_unrepresentable(cx, frame, report);
                }
            }

            fn visit_predicates(origin: Origin, visit: &mut impl FnMut(Predicate)) {
                ScoreFrameLayout::visit_predicates(origin, visit);
            }

            fn is_optional<V: Dialect>(_: Context<V>) -> bool {
                true
            }
        }
    )+};
}

optional_scores! {
    ScoreAtEnd: 0;
    ScoreBeforeSequence: 2;
}

/// Two bytes, unsigned; optional.
#[derive(Clone, Copy, Debug)]
pub struct Sequence;

impl<'a> Form<'a, Option<u16>> for Sequence {
    #[inline(always)]
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        into: &mut Option<u16>,
    ) -> Result<(), Fault> {
        let start = r.position();
        *into = if r.rest().is_empty() { None } else { Some(r.parse(parse::le_u16)?) };
        let value = *into;
        r.value(start, || value.map_or(Value::Null, |value| Value::Int(i64::from(value))));
        Ok(())
    }

    #[inline(always)]
    fn write<V: Dialect, S: Sink>(out: &mut S, _: Context<V>, value: &Option<u16>) -> Result<(), Full> {
        out.put_array(value.unwrap_or(0).to_le_bytes())
    }

    fn is_optional<V: Dialect>(_: Context<V>) -> bool {
        true
    }
}
