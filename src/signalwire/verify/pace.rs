//! Decides how fast requests follow each other, and when a host is given up: one Space is asked ten times a second at most,
//! repetitions included, by nobody before the time that it asks to be left alone is over, and no more once three requests in
//! a row had no answer, or none but that it is too busy.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Ask;
use crate::signalwire::{Error, Refusal, Request, Response, retry};

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
    /// Until when it wants to be left alone.
    rest: Option<Instant>,
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
        let known = hosts.entry(host.into()).or_insert_with(|| Host { next: now, rest: None, failures: 0, last: None });
        if let Some(error) = known.last.as_ref().filter(|_| known.failures >= PATIENCE) {
            return Err(error.clone());
        }
        let free = known.next.max(now);
        known.next = free + self.gap;
        Ok(free.duration_since(now))
    }

    /// Leaves `host` alone until this moment.
    fn postpone(&self, host: &str, until: Instant) {
        if let Some(known) = self.hosts().get_mut(host)
            && known.rest.is_none_or(|rest| rest < until)
        {
            known.rest = Some(until);
            known.next = until;
        }
    }

    /// Whether `host` is left alone at this moment.
    fn rests(&self, host: &str, now: Instant) -> bool {
        self.hosts().get(host).and_then(|known| known.rest).is_some_and(|rest| now < rest)
    }

    /// Remembers whether `host` gave an answer.
    fn heard(&self, host: &str, answer: &Result<Response, Error>) {
        let mut hosts = self.hosts();
        let Some(known) = hosts.get_mut(host) else { return };
        let is_busy = |refusal: &Refusal| refusal.status == 429 || refusal.status >= 500;
        match answer {
            Err(error) if error.refusal().is_none_or(is_busy) => {
                known.failures += 1;
                known.last = Some(error.clone());
            }
            Ok(_) | Err(_) => known.failures = 0,
        }
    }
}

impl<A: Ask> Ask for Pace<A> {
    fn ask(&self, request: &Request) -> Result<Response, Error> {
        let host = request.space.host();
        let mut tries = 0;
        loop {
            let wait = self.turn(host, Instant::now())?;
            if !wait.is_zero() {
                std::thread::sleep(wait);
            }
            // It can have asked to be left alone in the meantime.
            if self.rests(host, Instant::now()) {
                continue;
            }
            tries += 1;
            let answer = self.ask.ask(request);
            let again = answer.as_ref().err().and_then(|error| retry::after(request.method, tries, error));
            let Some(again) = again else {
                self.heard(host, &answer);
                return answer;
            };
            self.ask.waits(again);
            self.postpone(host, Instant::now() + again);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::signalwire::{Arrival, Auth, Failure, Hosts, Method, Space, Target};

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
    fn only_an_answer_that_says_something_is_one() {
        let pace = Pace::new(Nobody);
        let refused = |status| Error::Refusal(Box::new(Refusal::new(status, b"")));
        let silence = Error::Failure { failure: Failure::Closed, arrival: Arrival::Never };
        for error in [&silence, &refused(500), &refused(401), &refused(429), &silence] {
            assert!(pace.turn("a", Instant::now()).is_ok());
            pace.heard("a", &Err(error.clone()));
        }
        assert!(pace.turn("a", Instant::now()).is_ok());
        pace.heard("a", &Err(refused(429)));
        assert_eq!(pace.turn("a", Instant::now()), Err(refused(429)));
    }

    #[test]
    fn nobody_asks_a_host_that_wants_to_be_left_alone() {
        let pace = Pace::new(Nobody);
        let (now, second) = (Instant::now(), Duration::from_secs(1));
        let turns: Vec<_> = (0..3).map(|_| pace.turn("a", now).unwrap()).collect();
        assert_eq!(turns, [Duration::ZERO, GAP, GAP * 2]);
        pace.postpone("a", now + second);
        // Who has a turn already has to take another.
        assert!(pace.rests("a", now + GAP * 2) && !pace.rests("a", now + second) && !pace.rests("b", now));
        assert_eq!(pace.turn("a", now), Ok(second));
        assert_eq!(pace.turn("a", now), Ok(second + GAP));
        pace.postpone("a", now);
        assert!(pace.rests("a", now + GAP * 2));
    }

    /// Is busy, and counts how often it was asked.
    #[derive(Default)]
    struct Busy(AtomicU32);

    impl Ask for Busy {
        fn ask(&self, _: &Request) -> Result<Response, Error> {
            self.0.fetch_add(1, Ordering::Relaxed);
            let retry_after = Some(Duration::ZERO);
            Err(Error::Refusal(Box::new(Refusal { retry_after, ..Refusal::new(429, b"") })))
        }
    }

    #[test]
    fn a_host_that_stays_busy_is_given_up() {
        let pace = Pace { gap: Duration::ZERO, ..Pace::new(Busy::default()) };
        let space = Space::parse("north", &Hosts::default()).unwrap();
        let request = Request::new(&space, Method::Get, Target::new("/x").unwrap(), Auth::Anonymous);
        assert!((0..50).all(|_| pace.ask(&request).unwrap_err().refusal().is_some()));
        // Each of three requests is sent four times.
        assert_eq!(pace.ask.0.load(Ordering::Relaxed), PATIENCE * 4);
    }
}
