//! Decides what a day is on which something expires: one of the calendar, in UTC, written `2027-01-31`.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A day of the calendar, in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Date);

impl Day {
    /// The day of a time, in seconds since 1970, UTC. A time that no calendar knows is the last day, so that whatever can
    /// expire has done so.
    pub fn of(seconds: i64) -> Self {
        Self(Timestamp::from_second(seconds).map_or(Date::MAX, |time| time.to_zoned(TimeZone::UTC).date()))
    }

    /// The day that `text` names: four digits, two, two, with hyphens between.
    pub fn parse(text: &str) -> Option<Self> {
        let shape = |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
        let is_shaped = text.len() == 10 && text.bytes().enumerate().all(shape);
        is_shaped.then(|| text.parse().ok()).flatten().map(Self)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_in_one_way() {
        assert_eq!(Day::of(1_801_353_600), Day::parse("2027-01-31").unwrap());
        assert_eq!(Day::parse("2027-01-31").unwrap().to_string(), "2027-01-31");
        for wrong in ["", "2027-1-31", "2027-02-30", "2027-01-31T00:00", "31.01.2027", "-027-01-31", "2027-13-01"] {
            assert_eq!(Day::parse(wrong), None, "{wrong}");
        }
        assert!(Day::of(i64::MAX) > Day::of(0));
    }
}
