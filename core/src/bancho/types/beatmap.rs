//! Requests for beatmap information, and the replies.

use crate::bancho::dialect::Dialect;
use crate::bancho::forms::{ListU32, S8, S16, S32, Str, downgraded_form};
use crate::bancho::layout::{Context, Form, fields, layout};
use crate::bancho::list::{List, element};
use crate::bancho::number::{Number, open_enum};
use crate::wire::{Fault, Full, Observer, Reader, Sink, parse};

open_enum! {
    /// The grade of a score.
    Rank: i8 {
        /// 100 % accuracy, with Hidden or Flashlight.
        XH = 0 XH,
        /// S, with Hidden or Flashlight.
        SH = 1 SH,
        /// 100 % accuracy.
        X = 2 X,
        /// S.
        S = 3 S,
        /// A.
        A = 4 A,
        /// B.
        B = 5 B,
        /// C.
        C = 6 C,
        /// D.
        D = 7 D,
        /// Failed.
        F = 8 F,
        /// No score.
        N = 9 N,
    }
}

impl Default for Rank {
    /// [`Rank::N`].
    fn default() -> Self {
        Self::N
    }
}

open_enum! {
    /// Whether scores on a beatmap count.
    ///
    /// Old versions lack some of the statuses; [`compat::ranked_status`](crate::bancho::compat::ranked_status) returns
    /// what they receive instead.
    #[derive(Default)]
    RankedStatus: i8 {
        /// The beatmap was never submitted.
        NOT_SUBMITTED = -1 NotSubmitted,
        /// Pending: scores do not count yet.
        PENDING = 0 Pending,
        /// Scores count.
        RANKED = 1 Ranked,
        /// Scores count, but earn no performance points.
        APPROVED = 2 Approved,
        /// Will be ranked soon.
        QUALIFIED = 3 Qualified,
        /// Scores do not count, but there is a leaderboard.
        LOVED = 4 Loved,
    }
}

impl RankedStatus {
    /// Whether scores count, for builds before b388: true from [`RANKED`](Self::RANKED) on.
    pub const fn is_ranked(self) -> bool {
        self.0 >= Self::RANKED.0
    }

    /// The first builds that know [`QUALIFIED`](Self::QUALIFIED) and [`LOVED`](Self::LOVED).
    const KNOWN_SINCE: [u32; 2] = [20150826, 20161101];

    /// Returns the status that a version receives instead of one that it does not know.
    pub(crate) fn downgrade<V: Dialect>(self, version: V) -> Self {
        let [qualified, loved] = Self::KNOWN_SINCE;
        match self {
            Self::QUALIFIED if !version.since(qualified) => Self::APPROVED,
            Self::LOVED if !version.since(loved) => Self::APPROVED,
            other => other,
        }
    }
}

fields! { __BeatmapInfoRequest =>
    /// A request for information about beatmaps, by file name and by id.
    struct BeatmapInfoRequest<'a> {
        /// File names.
        filenames: List<'a, &'a str> = List::default(),
        /// Beatmap ids, from b490 on.
        ids: List<'a, i32> = List::default(),
    }
}

layout! {
    /// A [`BeatmapInfoRequest`] on the wire.
    BeatmapInfoRequestLayout for BeatmapInfoRequest<'a> {
        filenames => ListU32 since 354;
        ids => ListU32 since 490;
    }
}

fields! { __BeatmapInfo =>
    /// Information about one beatmap, with the user's grades.
    struct BeatmapInfo<'a> {
        /// The index in the request's list of file names; −1 for a beatmap that was requested by id.
        index: i16 = 0,
        /// The beatmap id.
        beatmap_id: i32 = 0,
        /// The id of its beatmap set.
        beatmapset_id: i32 = 0,
        /// The id of its forum thread.
        thread_id: i32 = 0,
        /// Whether scores count.
        ranked_status: RankedStatus = RankedStatus::PENDING,
        /// The MD5 of the beatmap.
        checksum: &'a str = "",
        /// The user's grade in osu!.
        osu_rank: Rank = Rank::N,
        /// The user's grade in taiko, from b504 on.
        taiko_rank: Rank = Rank::N,
        /// The user's grade in catch, from b504 on.
        fruits_rank: Rank = Rank::N,
        /// The user's grade in mania, from b20121028 on.
        mania_rank: Rank = Rank::N,
    }
}

layout! {
    /// A [`BeatmapInfo`] on the wire.
    BeatmapInfoLayout for BeatmapInfo<'a> {
        index => S16 since 354;
        beatmap_id => S32 since 354;
        beatmapset_id => S32 since 354;
        thread_id => S32 since 354;
        ranked_status => RankedByte since 388, RankedFlag since 354;
        osu_rank => S8 since 354;
        fruits_rank => S8 since 504 protocol 2;
        taiko_rank => S8 since 504 protocol 2;
        mania_rank => S8 since 20121028 protocol 12;
        checksum => Str since 354;
    }
}

element!(BeatmapInfo<'a> as BeatmapInfoLayout, least 17, from_owned beatmap_info);

fields! { __BeatmapInfoReply =>
    /// The reply to a [`BeatmapInfoRequest`].
    struct BeatmapInfoReply<'a> {
        /// The beatmaps.
        beatmaps: List<'a, BeatmapInfo<'a>> = List::default(),
    }
}

layout! {
    /// A [`BeatmapInfoReply`] on the wire.
    BeatmapInfoReplyLayout for BeatmapInfoReply<'a> {
        beatmaps => ListU32 since 354;
    }
}

downgraded_form! {
    /// One byte, signed. Writers replace a status that the version does not know.
    RankedByte as S8 for RankedStatus, |status, version| status.downgrade(version), known since RankedStatus::KNOWN_SINCE
}

/// One byte: whether scores count.
#[derive(Clone, Copy, Debug)]
pub struct RankedFlag;

impl<'a> Form<'a, RankedStatus> for RankedFlag {
    fn read<V: Dialect, O: Observer>(
        r: &mut Reader<'a, O>,
        _: Context<V>,
        into: &mut RankedStatus,
    ) -> Result<(), Fault> {
        let start = r.position();
        let is_ranked = r.parse(parse::le_u8)? != 0;
        *into = if is_ranked { RankedStatus::RANKED } else { RankedStatus::PENDING };
        let status = *into;
        r.value(start, || status.show());
        Ok(())
    }

    fn write<V: Dialect, S: Sink>(out: &mut S, _: Context<V>, value: &RankedStatus) -> Result<(), Full> {
        out.put_array([u8::from(value.is_ranked())])
    }

    fn first_unrepresentable<V: Dialect>(_: Context<V>, value: &RankedStatus) -> Option<&'static str> {
        if matches!(*value, RankedStatus::PENDING | RankedStatus::RANKED) { None } else { Some("") }
    }
}
