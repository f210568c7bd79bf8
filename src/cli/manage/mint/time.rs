//! Decides how people write a length of time and a moment.

use jiff::{SignedDuration, Timestamp};

/// A length of time in whole seconds: numbers with the units `s`, `m`, `h`, `d` and `w`, such as `90s`, `2h30m` or `7d`.
pub(super) fn length(text: &str) -> Result<u64, &'static str> {
    const WRONG: &str = "a length of time is written as 90s, 15m, 2h30m or 7d";
    let mut rest = text;
    let mut seconds = 0_u64;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = rest[..digits].parse().map_err(|_| WRONG)?;
        let unit = match rest[digits..].chars().next() {
            Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3_600,
            Some('d') => 86_400,
            Some('w') => 604_800,
            _ => return Err(WRONG),
        };
        seconds = number.checked_mul(unit).and_then(|more| seconds.checked_add(more)).ok_or(WRONG)?;
        rest = &rest[digits + 1..];
    }
    if seconds == 0 { Err(WRONG) } else { Ok(seconds) }
}

/// A moment, as it was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// So many seconds from now.
    In(u64),
    /// This one, in seconds since 1970, UTC.
    At(i64),
}

impl Moment {
    /// The moment in seconds since 1970, UTC, where `now` is one, too.
    pub(super) fn seconds(self, now: i64) -> i64 {
        match self {
            Self::In(seconds) => now.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX)),
            Self::At(time) => time,
        }
    }

    /// The moment as RFC 3339 writes it; the last one that can be written for one beyond.
    pub(super) fn text(self, now: i64) -> String {
        let time = Timestamp::from_second(self.seconds(now)).unwrap_or(Timestamp::MAX);
        time.round(jiff::Unit::Second).unwrap_or(time).to_string()
    }
}

/// A moment: `2026-12-01T09:00:00Z`, the day `2026-12-01` at its beginning in UTC, or `+2h` from now.
pub(super) fn moment(text: &str) -> Result<Moment, &'static str> {
    const WRONG: &str = "a moment is written as 2026-12-01T09:00:00Z, as 2026-12-01, or as +2h from now";
    const NOWHERE: &str = "a time of day is that of a zone, such as Z or +01:00 at its end";
    if let Some(length) = text.strip_prefix('+') {
        return self::length(length).map(Moment::In).map_err(|_| WRONG);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(Moment::At(time.as_second()));
    }
    // What reads a day reads it out of a longer text, too, and leaves out the rest.
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
        return Err(if text.parse::<jiff::civil::DateTime>().is_ok() { NOWHERE } else { WRONG });
    }
    let day: jiff::civil::Date = text.parse().map_err(|_| WRONG)?;
    let time = day.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| WRONG)?;
    Ok(Moment::At(time.timestamp().as_second()))
}

/// A length of time as people say it, in its two largest units.
pub(in crate::cli::manage) fn said(length: SignedDuration) -> String {
    let seconds = length.as_secs().unsigned_abs();
    let units = [("d", seconds / 86_400), ("h", seconds / 3_600 % 24), ("min", seconds / 60 % 60), ("s", seconds % 60)];
    let first = units.iter().position(|(_, count)| *count > 0).unwrap_or(3);
    let parts =
        units[first..].iter().take(2).filter(|(_, count)| *count > 0).map(|(unit, count)| format!("{count} {unit}"));
    let parts: Vec<_> = parts.collect();
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read() {
        for (text, seconds) in [("90s", 90), ("15m", 900), ("2h30m", 9_000), ("7d", 604_800), ("1w1s", 604_801)] {
            assert_eq!(length(text), Ok(seconds), "{text}");
        }
        for text in ["", "0s", "5", "m", "1y", "-5m", "1.5h", "99999999999999999999s", "9999999999999999w", "5 m", "é"]
        {
            assert!(length(text).is_err(), "{text}");
        }
    }

    #[test]
    fn moments_are_read() {
        assert_eq!(moment("+2h").unwrap().seconds(100), 7_300);
        assert_eq!(moment("2026-12-01").unwrap().text(0), "2026-12-01T00:00:00Z");
        assert_eq!(moment("2026-12-01T10:00:00+01:00").unwrap().text(0), "2026-12-01T09:00:00Z");
        for text in ["", "+", "tomorrow", "2026-13-01", "10:00", "+1y", "2026-12-01Z", "2026-12-01[Asia/Tokyo]"] {
            assert!(moment(text).is_err(), "{text}");
        }
        for text in ["2026-12-01T23:30:00", "2026-12-01 23:30"] {
            assert!(moment(text).unwrap_err().contains("zone"), "{text}");
        }
        assert_eq!(Moment::In(u64::MAX).seconds(5), i64::MAX);
        assert!(!Moment::In(u64::MAX).text(5).is_empty());
    }

    #[test]
    fn lengths_of_time_are_said_in_two_units() {
        let said = |seconds| said(SignedDuration::from_secs(seconds));
        assert_eq!(said(0), "0 s");
        assert_eq!(said(59), "59 s");
        assert_eq!(said(3_600), "1 h");
        assert_eq!(said(-3_690), "1 h 1 min");
        assert_eq!(said(90_000), "1 d 1 h");
    }
}
