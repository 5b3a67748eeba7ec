//! Points in time, in the encoding of .NET's `DateTimeOffset` by MessagePack-CSharp.

use super::payload::Payload;
use crate::wire::{Error, ErrorKind, Full, MsgPackReader, MsgPackWriter, Sink, Trace};

/// The extension type of MessagePack timestamps.
const TIMESTAMP: i8 = -1;

/// A local time and its offset from UTC.
///
/// Encoded as an array of two: a timestamp in the shortest of its three forms, which contains the **local**
/// time as if it were UTC, and the offset in minutes.
///
/// ```
/// use lobbywire_core::lazer::DateTimeOffset;
///
/// // 2026-08-21 22:01:45 +09:00
/// let time = DateTimeOffset::from_unix(1_787_317_305, 0, 540);
/// assert_eq!(time.local_seconds, 1_787_349_705);
/// assert_eq!(time.unix_seconds(), 1_787_317_305);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DateTimeOffset {
    /// The local time, in seconds since the start of 1970 in local time. Years outside 1 to 9999, the range
    /// of .NET, are rejected.
    pub local_seconds: i64,
    /// Nanoseconds of the second, from 0 to 999,999,999. .NET has a resolution of 100 ns.
    pub nanoseconds: u32,
    /// Minutes that local time is ahead of UTC; negative if behind.
    pub offset_minutes: i16,
}

impl DateTimeOffset {
    /// Creates a time from seconds and nanoseconds since 1970 in UTC, and the offset from UTC in minutes.
    pub const fn from_unix(unix_seconds: i64, nanoseconds: u32, offset_minutes: i16) -> Self {
        let local_seconds = unix_seconds.saturating_add(seconds_of(offset_minutes));
        Self { local_seconds, nanoseconds, offset_minutes }
    }

    /// Seconds since the start of 1970 in UTC.
    pub const fn unix_seconds(self) -> i64 {
        self.local_seconds.saturating_sub(seconds_of(self.offset_minutes))
    }
}

#[allow(clippy::as_conversions)] // i64::from is not const
const fn seconds_of(minutes: i16) -> i64 {
    (minutes as i64).saturating_mul(60)
}

/// The start of the year 1 in UTC: .NET's default value, which unset times have.
impl Default for DateTimeOffset {
    fn default() -> Self {
        Self { local_seconds: -62_135_596_800, nanoseconds: 0, offset_minutes: 0 }
    }
}

/// The range of .NET: the years 1 to 9999.
const SECONDS_OF_NET: core::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

/// Often the default value, always a valid one.
#[cfg(feature = "arbitrary")]
impl<'a> arbitrary::Arbitrary<'a> for DateTimeOffset {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        if u.arbitrary()? {
            return Ok(Self::default());
        }
        Ok(Self {
            local_seconds: u.int_in_range(SECONDS_OF_NET)?,
            nanoseconds: if u.arbitrary()? { 0 } else { u.int_in_range(0..=999_999_999)? },
            offset_minutes: u.arbitrary()?,
        })
    }
}

/// Splits 64 bits into the upper 30 and the lower 34, the layout of the 64-bit form.
const SECONDS: u64 = (1 << 34) - 1;

impl Payload<'_> for DateTimeOffset {
    fn read_with(reader: &mut MsgPackReader<'_>, _: &mut impl Trace) -> Result<Self, Error> {
        let at = reader.position();
        if reader.array_len()? != 2 {
            return Err(Error::new(ErrorKind::ListLength, at));
        }
        let at = reader.position();
        let (kind, bytes) = reader.ext()?;
        let (local_seconds, nanoseconds) = match *bytes {
            _ if kind != TIMESTAMP => None,
            [a, b, c, d] => Some((u32::from_be_bytes([a, b, c, d]).into(), 0)),
            [a, b, c, d, e, f, g, h] => {
                let both = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
                let nanoseconds = u32::try_from(both >> 34).ok();
                i64::try_from(both & SECONDS).ok().zip(nanoseconds)
            }
            [n, o, p, q, a, b, c, d, e, f, g, h] => {
                let nanoseconds = u32::from_be_bytes([n, o, p, q]);
                Some((i64::from_be_bytes([a, b, c, d, e, f, g, h]), nanoseconds))
            }
            _ => None,
        }
        .ok_or(Error::new(ErrorKind::UnexpectedType, at))?;
        if nanoseconds > 999_999_999 || !SECONDS_OF_NET.contains(&local_seconds) {
            return Err(Error::new(ErrorKind::OutOfRange, at));
        }
        Ok(Self { local_seconds, nanoseconds, offset_minutes: reader.number()? })
    }

    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        let Self { local_seconds, nanoseconds, offset_minutes } = *self;
        out.array_len(2)?;
        match (u64::try_from(local_seconds), u32::try_from(local_seconds)) {
            (_, Ok(seconds)) if nanoseconds == 0 => out.ext(TIMESTAMP, &seconds.to_be_bytes())?,
            (Ok(seconds), _) if seconds <= SECONDS => {
                let both = u64::from(nanoseconds) << 34 | seconds;
                out.ext(TIMESTAMP, &both.to_be_bytes())?;
            }
            _ => {
                let [n, o, p, q] = nanoseconds.to_be_bytes();
                let [a, b, c, d, e, f, g, h] = local_seconds.to_be_bytes();
                out.ext(TIMESTAMP, &[n, o, p, q, a, b, c, d, e, f, g, h])?;
            }
        }
        out.int(offset_minutes.into())
    }
}
