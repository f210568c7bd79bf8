//! Decides how fast requests follow each other: one Space is asked ten times a second, at most.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Ask;
use crate::signalwire::{Error, Request, Response};

/// The least time between two requests to one host.
const GAP: Duration = Duration::from_millis(100);

/// Asks somebody else, at a bounded rate.
#[derive(Debug)]
pub struct Pace<A> {
    ask: A,
    gap: Duration,
    /// When each host may be asked next.
    next: Mutex<BTreeMap<Box<str>, Instant>>,
}

impl<A: Ask> Pace<A> {
    /// Asks `ask`.
    pub fn new(ask: A) -> Self {
        Self { ask, gap: GAP, next: Mutex::default() }
    }

    /// How long to wait now before `host` may be asked. The turn is taken with that.
    fn turn(&self, host: &str, now: Instant) -> Duration {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let free = next.get(host).copied().unwrap_or(now).max(now);
        next.insert(host.into(), free + self.gap);
        free.duration_since(now)
    }
}

impl<A: Ask> Ask for Pace<A> {
    fn ask(&self, request: &Request) -> Result<Response, Error> {
        let wait = self.turn(request.space.host(), Instant::now());
        if !wait.is_zero() {
            std::thread::sleep(wait);
        }
        self.ask.ask(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nobody;

    impl Ask for Nobody {
        fn ask(&self, _: &Request) -> Result<Response, Error> {
            panic!("nobody is asked")
        }
    }

    #[test]
    fn each_host_has_its_own_turns() {
        let pace = Pace::new(Nobody);
        let now = Instant::now();
        let turns: Vec<_> = (0..3).map(|_| pace.turn("a", now)).collect();
        assert_eq!(turns, [Duration::ZERO, GAP, GAP * 2]);
        assert_eq!(pace.turn("b", now), Duration::ZERO);
        assert_eq!(pace.turn("a", now + GAP * 9), Duration::ZERO);
    }
}
