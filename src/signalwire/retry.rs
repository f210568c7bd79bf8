//! Decides whether a request is sent once more, and when. Only one that changes nothing ever is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::error::{Error, Failure};
use super::request::Method;

/// So often a request is sent, at most.
const TRIES: u32 = 4;

/// The first wait; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(500);

/// The same, where the server asks for less.
const LEAST: Duration = Duration::from_millis(50);

/// No server asks to be left alone for longer.
const YEAR: u64 = 366 * 24 * 60 * 60;

/// Nobody waits longer than this for one answer.
const LONGEST: Duration = Duration::from_secs(30);

/// The same as [`wait`], at random.
pub(super) fn after(method: Method, tries: u32, error: &Error) -> Option<Duration> {
    wait(method, tries, error, getrandom::u32().unwrap_or_default().to_le_bytes()[0])
}

/// How long to wait before a request is sent once more, after it failed for the `tries`-th time; `None` if it is not.
///
/// `noise` spreads the waits of many clients: 0 makes the shortest, 255 the longest.
fn wait(method: Method, tries: u32, error: &Error, noise: u8) -> Option<Duration> {
    if !method.is_safe() || tries >= TRIES {
        return None;
    }
    let asked = match error {
        Error::Refusal(refusal) if refusal.status == 429 || refusal.status >= 500 => refusal.retry_after,
        // A connection that was kept open can have been closed by the server in the meantime.
        Error::Failure { failure: Failure::Closed, .. } => None,
        _ => return None,
    };
    let double = 2_u32.pow(tries.saturating_sub(1));
    if let Some(asked) = asked {
        // "At once" is the clock of another machine, or a mistake.
        return (asked <= LONGEST).then(|| asked.max(LEAST * double));
    }
    let step = FIRST * double;
    Some(step + step * u32::from(noise) / 1024)
}

/// What `Retry-After` asks for: seconds, or a date of HTTP (RFC 9110, 10.2.3).
pub(super) fn asked(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    if !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(header.parse().unwrap_or(YEAR).min(YEAR)));
    }
    let then = jiff::fmt::rfc2822::parse(header).ok()?.timestamp().as_second();
    let now = i64::try_from(now.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()?;
    Some(Duration::from_secs(u64::try_from(then.saturating_sub(now)).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::super::error::{Arrival, Refusal};
    use super::*;

    fn refused(status: u16, after: Option<u64>) -> Error {
        let retry_after = after.map(Duration::from_secs);
        Error::Refusal(Box::new(Refusal { retry_after, ..Refusal::new(status, b"") }))
    }

    #[test]
    fn only_what_changes_nothing_is_repeated() {
        for method in Method::ALL {
            let is_repeated = wait(method, 1, &refused(503, None), 0).is_some();
            assert_eq!(is_repeated, matches!(method, Method::Get | Method::Head), "{method}");
        }
    }

    #[test]
    fn waits_grow_and_end() {
        let waits: Vec<_> = (1..5).map(|tries| wait(Method::Get, tries, &refused(500, None), 0)).collect();
        let millis = |millis| Some(Duration::from_millis(millis));
        assert_eq!(waits, [millis(500), millis(1_000), millis(2_000), None]);
        assert!(wait(Method::Get, 1, &refused(500, None), 255) < millis(625));
    }

    #[test]
    fn the_server_says_how_long() {
        assert_eq!(wait(Method::Get, 1, &refused(429, Some(7)), 9), Some(Duration::from_secs(7)));
        assert_eq!(wait(Method::Get, 1, &refused(429, Some(3_600)), 9), None);
        let now = UNIX_EPOCH + Duration::from_secs(1_445_412_470);
        assert_eq!(asked("12", now), Some(Duration::from_secs(12)));
        assert_eq!(asked(&"9".repeat(40), now), Some(Duration::from_secs(YEAR)));
        let at_once = |tries| wait(Method::Get, tries, &refused(503, Some(0)), 9);
        assert_eq!([at_once(1), at_once(3)], [50, 200].map(|millis| Some(Duration::from_millis(millis))));
        assert_eq!(asked("Wed, 21 Oct 2015 07:28:00 GMT", now), Some(Duration::from_secs(10)));
        assert_eq!(asked("Wed, 21 Oct 2015 07:27:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(asked("soon", now), None);
    }

    #[test]
    fn what_will_not_change_is_not_repeated() {
        for status in [302, 400, 401, 403, 404, 422] {
            assert_eq!(wait(Method::Get, 1, &refused(status, None), 0), None, "{status}");
        }
        let failure = |failure| Error::Failure { failure, arrival: Arrival::Perhaps };
        assert_eq!(wait(Method::Get, 1, &failure(Failure::UnknownHost), 0), None);
        assert!(wait(Method::Get, 1, &failure(Failure::Closed), 0).is_some());
    }
}
