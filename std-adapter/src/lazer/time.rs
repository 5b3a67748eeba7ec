//! Times and durations.

use super::DateTimeOffset;
use super::model::{JsonModel, Model, carried};
use crate::wire::Trace;
use crate::wire::{Error, Full, MsgPackReader, MsgPackWriter, Sink};
use serde::de::{self, Unexpected};
use serde::{Deserialize, Deserializer, Serializer, ser};
use std::time::Duration;

/// A duration in steps of 100 nanoseconds; may be negative.
///
/// Encoded as an integer, in MessagePack and in JSON.
///
/// ```
/// use lobbywire::lazer::TimeSpan;
/// use std::time::Duration;
///
/// let ten_seconds = TimeSpan::from(Duration::from_secs(10));
/// assert_eq!(ten_seconds.0, 100_000_000);
/// assert_eq!(ten_seconds.duration(), Some(Duration::from_secs(10)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub struct TimeSpan(pub i64);

impl TimeSpan {
    /// Converts it to a [`Duration`]; `None` if it is negative.
    pub fn duration(self) -> Option<Duration> {
        let ticks = u64::try_from(self.0).ok()?;
        let nanoseconds = u32::try_from(ticks % 10_000_000).ok()? * 100;
        Some(Duration::new(ticks / 10_000_000, nanoseconds))
    }
}

/// Rounds down to 100 nanoseconds, and saturates at 29,000 years.
impl From<Duration> for TimeSpan {
    fn from(duration: Duration) -> Self {
        Self(i64::try_from(duration.as_nanos() / 100).unwrap_or(i64::MAX))
    }
}

impl JsonModel for TimeSpan {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }

    fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Deserialize::deserialize(deserializer).map(Self)
    }
}

impl Model for TimeSpan {
    fn read_value(reader: &mut MsgPackReader<'_>, _: &mut impl Trace) -> Result<Self, Error> {
        reader.int().map(Self)
    }

    fn write<S: Sink>(&self, out: &mut MsgPackWriter<'_, S>) -> Result<(), Full> {
        out.int(self.0)
    }
}

carried!(TimeSpan);

const DAY: i64 = 86_400;

/// Days from the start of the year 1 to that of 1970.
const DAYS_TO_1970: i64 = 719_162;

/// Days from the start of the year 1 to that of this year.
fn days_before(year: i64) -> i64 {
    let before = year - 1;
    before * 365 + before / 4 - before / 100 + before / 400
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Formats a time as .NET does in JSON: `2026-08-21T22:01:45.5+09:00`, in local time. `None` outside the
/// years 1 to 9999.
fn format_time(time: DateTimeOffset) -> Option<String> {
    let days = time.local_seconds.div_euclid(DAY) + DAYS_TO_1970;
    let second = time.local_seconds.rem_euclid(DAY);
    // Estimate the year from the average length, then correct it.
    let mut year = (days * 400).div_euclid(146_097).max(0) + 1;
    while days_before(year) > days {
        year -= 1;
    }
    while days_before(year + 1) <= days {
        year += 1;
    }
    if !(1..=9999).contains(&year) {
        return None;
    }
    let (mut month, mut day) = (1, days - days_before(year));
    while day >= days_in(year, month) {
        day -= days_in(year, month);
        month += 1;
    }
    let (hour, minute) = (second / 3600, second / 60 % 60);
    let mut text = format!("{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{:02}", day + 1, second % 60);
    if time.nanoseconds > 0 {
        let fraction = format!(".{:09}", time.nanoseconds);
        text.push_str(fraction.trim_end_matches('0'));
    }
    let sign = if time.offset_minutes < 0 { '-' } else { '+' };
    let offset = time.offset_minutes.unsigned_abs();
    Some(format!("{text}{sign}{:02}:{:02}", offset / 60, offset % 60))
}

fn number(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// Parses the output of [`format_time`]. `Z` means UTC.
fn parse_time(text: &str) -> Option<DateTimeOffset> {
    let (date, time) = text.split_once('T')?;
    let mut date = date.splitn(3, '-').map(number);
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let sign = time.find(['+', '-', 'Z'])?;
    let (clock, offset) = time.split_at_checked(sign)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut clock = clock.splitn(3, ':').map(number);
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let in_range = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60
        && fraction.len() <= 9
        && number(fraction).is_some();
    if !in_range {
        return None;
    }
    let offset_minutes = match offset.split_at_checked(1)? {
        ("Z", "") => 0,
        (sign, offset) => {
            let (hours, minutes) = offset.split_once(':')?;
            let (hours, minutes) = (number(hours)?, number(minutes).filter(|minutes| *minutes < 60)?);
            let minutes = hours.checked_mul(60)?.checked_add(minutes)?;
            i16::try_from(if sign == "-" { -minutes } else { minutes }).ok()?
        }
    };
    let days = days_before(year) + (1..month).map(|month| days_in(year, month)).sum::<i64>() + day - 1;
    Some(DateTimeOffset {
        local_seconds: (days - DAYS_TO_1970) * DAY + hour * 3600 + minute * 60 + second,
        nanoseconds: u32::try_from(number(&format!("{fraction:0<9}"))?).ok()?,
        offset_minutes,
    })
}

impl JsonModel for DateTimeOffset {
    fn serialize_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = format_time(*self)
            .ok_or_else(|| ser::Error::custom("the time is outside the years 1 to 9999"))?;
        serializer.serialize_str(&text)
    }

    fn deserialize_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_time(&text).ok_or_else(|| {
            de::Error::invalid_value(Unexpected::Str(&text), &"a time, such as 2026-08-21T22:01:45+09:00")
        })
    }
}

carried!(DateTimeOffset);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_round_trip_in_the_format_of_dotnet() {
        for (text, time) in [
            ("0001-01-01T00:00:00+00:00", DateTimeOffset::default()),
            ("1970-01-01T00:00:00+00:00", DateTimeOffset::from_unix(0, 0, 0)),
            ("2026-08-21T22:01:45+09:00", DateTimeOffset::from_unix(1_787_317_305, 0, 540)),
            ("2024-02-29T23:59:59.5-03:30", DateTimeOffset::from_unix(1_709_263_799, 500_000_000, -210)),
            ("2000-12-31T12:00:00.0000001+00:00", DateTimeOffset::from_unix(978_264_000, 100, 0)),
            ("1900-03-01T00:00:00+00:00", DateTimeOffset::from_unix(-2_203_891_200, 0, 0)),
            (
                "9999-12-31T23:59:59.999999999+14:00",
                DateTimeOffset::from_unix(253_402_250_399, 999_999_999, 840),
            ),
        ] {
            assert_eq!(format_time(time).as_deref(), Some(text));
            assert_eq!(parse_time(text), Some(time));
        }
        assert_eq!(parse_time("1970-01-01T00:00:00Z"), Some(DateTimeOffset::from_unix(0, 0, 0)));
    }

    #[test]
    fn every_day_is_its_own() {
        for day in -719_162..2_932_897 {
            let time = DateTimeOffset::from_unix(day * DAY, 0, 0);
            let text = format_time(time).unwrap();
            if day % 97 == 0 {
                assert_eq!(parse_time(&text), Some(time), "{text}");
            }
        }
        assert_eq!(format_time(DateTimeOffset::from_unix(2_932_897 * DAY, 0, 0)), None);
        assert_eq!(format_time(DateTimeOffset::from_unix(-719_163 * DAY, 0, 0)), None);
    }

    #[test]
    fn invalid_times_are_rejected() {
        for text in [
            "",
            "2026-08-21",
            "2026-08-21T22:01:45",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:00.1234567890Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+1",
            "2026-01-01T00:00:00+99999999999999999:00",
            "2026-01-01T00:00:00é",
            "+2026-01-01T00:00:00Z",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }
}
