//! Decides how fast requests follow each other, and when a host is given up: one Space is asked ten times a second at most,
//! and no more once it has given no answer three times in a row.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Ask;
use crate::signalwire::{Error, Request, Response};

/// The least time between two requests to one host.
const GAP: Duration = Duration::from_millis(100);

/// A host that gives no answer so often in a row is not asked again: each time can take as long as a request may.
const PATIENCE: u32 = 3;

/// Asks somebody else, at a bounded rate.
#[derive(Debug)]
pub struct Pace<A> {
    ask: A,
    gap: Duration,
    hosts: Mutex<BTreeMap<Box<str>, Host>>,
}

/// What is known of one host.
#[derive(Debug)]
struct Host {
    /// When it may be asked next.
    next: Instant,
    /// How often in a row it gave no answer, and why at last.
    failures: u32,
    last: Option<Error>,
}

impl<A: Ask> Pace<A> {
    /// Asks `ask`.
    pub fn new(ask: A) -> Self {
        Self { ask, gap: GAP, hosts: Mutex::default() }
    }

    fn hosts(&self) -> MutexGuard<'_, BTreeMap<Box<str>, Host>> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long to wait now before `host` may be asked. The turn is taken with that.
    ///
    /// # Errors
    /// It has been given up, for this reason.
    fn turn(&self, host: &str, now: Instant) -> Result<Duration, Error> {
        let mut hosts = self.hosts();
        let known = hosts.entry(host.into()).or_insert_with(|| Host { next: now, failures: 0, last: None });
        if let Some(error) = known.last.as_ref().filter(|_| known.failures >= PATIENCE) {
            return Err(error.clone());
        }
        let free = known.next.max(now);
        known.next = free + self.gap;
        Ok(free.duration_since(now))
    }

    /// Remembers whether `host` gave an answer.
    fn heard(&self, host: &str, answer: &Result<Response, Error>) {
        let mut hosts = self.hosts();
        let Some(known) = hosts.get_mut(host) else { return };
        match answer {
            Err(error @ Error::Failure { .. }) => {
                known.failures += 1;
                known.last = Some(error.clone());
            }
            Ok(_) | Err(Error::Refusal(_)) => known.failures = 0,
        }
    }
}

impl<A: Ask> Ask for Pace<A> {
    fn ask(&self, request: &Request) -> Result<Response, Error> {
        let host = request.space.host();
        let wait = self.turn(host, Instant::now())?;
        if !wait.is_zero() {
            std::thread::sleep(wait);
        }
        let answer = self.ask.ask(request);
        self.heard(host, &answer);
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::signalwire::{Arrival, Auth, Failure, Hosts, Method, Refusal, Space, Target};

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
        let turns: Vec<_> = (0..3).map(|_| pace.turn("a", now).unwrap()).collect();
        assert_eq!(turns, [Duration::ZERO, GAP, GAP * 2]);
        assert_eq!(pace.turn("b", now), Ok(Duration::ZERO));
        assert_eq!(pace.turn("a", now + GAP * 9), Ok(Duration::ZERO));
    }

    /// Gives no answer, and counts how often it was asked.
    #[derive(Default)]
    struct Silent(AtomicU32);

    impl Ask for Silent {
        fn ask(&self, _: &Request) -> Result<Response, Error> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Err(Error::Failure { failure: Failure::UnknownHost, arrival: Arrival::Never })
        }
    }

    #[test]
    fn a_host_that_gives_no_answer_is_given_up() {
        let pace = Pace { gap: Duration::ZERO, ..Pace::new(Silent::default()) };
        let target = || Target::new("/x").unwrap();
        let at = |name| {
            Request::new(&Space::parse(name, &Hosts::default()).unwrap(), Method::Get, target(), Auth::Anonymous)
        };
        assert!((0..50).all(|_| pace.ask(&at("north")).is_err()));
        assert_eq!(pace.ask.0.load(Ordering::Relaxed), PATIENCE);
        assert!(pace.ask(&at("south")).is_err());
        assert_eq!(pace.ask.0.load(Ordering::Relaxed), PATIENCE + 1);
    }

    #[test]
    fn an_answer_of_any_kind_is_an_answer() {
        let pace = Pace::new(Nobody);
        let (silence, refusal) = (
            Error::Failure { failure: Failure::Closed, arrival: Arrival::Never },
            Error::Refusal(Box::new(Refusal::new(500, b""))),
        );
        for error in [&silence, &silence, &refusal, &silence, &silence] {
            assert!(pace.turn("a", Instant::now()).is_ok());
            pace.heard("a", &Err(error.clone()));
        }
        assert!(pace.turn("a", Instant::now()).is_ok());
    }
}
