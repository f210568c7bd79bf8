//! Decides what happens when a hook takes too long: the program ends, and nothing passes that was not looked at.

use std::thread;
use std::time::{Duration, Instant};

use crate::cli::error::Error;
use crate::cli::exit;

/// How long a server waits for what is pushed to it.
pub(super) const OF_SERVER: Duration = Duration::from_secs(60);

/// How long the last words may take; standard error may be what the program hangs in.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A time: seconds, or a whole number with `ms`, `s` or `m`.
pub(super) fn parse(text: &str) -> Result<Duration, &'static str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit = match unit {
        "ms" => Duration::from_millis(1),
        "" | "s" => Duration::from_secs(1),
        "m" => Duration::from_secs(60),
        _ => return Err("a time is a whole number with ms, s or m"),
    };
    let number = number.parse().map_err(|_| "a time is a whole number with ms, s or m")?;
    match unit.checked_mul(number) {
        Some(time) if !time.is_zero() => Ok(time),
        _ => Err("in that time nothing can be scanned, or anything"),
    }
}

/// Ends the program when `limit` is over, whatever it is doing then.
#[expect(clippy::exit, clippy::disallowed_methods, reason = "the main thread may hang, and then returns nothing")]
pub(super) fn start(limit: Duration) -> Result<(), Error> {
    let watch = move || {
        thread::sleep(limit);
        let say = move || {
            let error =
                Error::new(format_args!("barewire was not done within {limit:?} and was ended; nothing passes unseen"));
            error.help("push fewer commits at a time, or have the hook give it more time with --budget").print();
        };
        if let Ok(speaker) = thread::Builder::new().spawn(say) {
            let patience = Instant::now();
            while !speaker.is_finished() && patience.elapsed() < LAST_WORDS {
                thread::sleep(Duration::from_millis(5));
            }
        }
        std::process::exit(i32::from(exit::INCOMPLETE));
    };
    let failed = |error| Error::new(format_args!("there is nobody to watch the time: {error}"));
    thread::Builder::new().spawn(watch).map(drop).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit_or_is_in_seconds() {
        assert_eq!(parse("60"), Ok(Duration::from_secs(60)));
        assert_eq!(parse("60s"), parse("1m"));
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        for text in ["", "s", "0", "0s", "-1", "1h", "1.5s", "99999999999999999999", "18446744073709551615m"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
