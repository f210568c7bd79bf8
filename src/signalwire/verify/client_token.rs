//! Decides whether a token that acts for a subscriber is alive, by what it may read of itself.

use super::super::error::Error;
use super::super::request::{Auth, Reading, Request};
use super::super::{Method, Space};
use super::liveness::is_locked;
use super::{Answer, Ask, Life, Seen, probe};
use crate::secret::Secret;

/// Asks at a Space with a client token.
pub(super) fn examine(ask: &dyn Ask, space: &Space, token: &Secret) -> Answer {
    let host = space.host();
    let mut seen = Vec::new();
    for target in probe::of_bearer() {
        let path = target.path().to_owned();
        let request = Request::new(space, Method::Get, target, Auth::Bearer(token.clone()));
        let answer = ask.ask(&request.read(Reading::Refusal));
        let is_locked = answer.as_ref().err().and_then(Error::refusal).is_some_and(is_locked);
        let answer = Seen::of(answer.as_ref());
        if is_locked {
            let words = format!("{host} {answer} and says that the account has to be put in order first");
            return Answer::new(Life::Unknown, words);
        }
        if answer.is_acceptance() {
            return Answer::new(Life::Alive, format!("{host} {answer} to GET {path}"));
        }
        seen.push((path, answer));
    }
    if seen.iter().all(|(_, answer)| *answer == Seen::Status(401)) {
        let words = format!("both probes at {host} answered 401: it is over, or of another Space");
        return Answer::new(Life::Dead, words);
    }
    let words: Vec<_> = seen.iter().map(|(path, answer)| format!("GET {path} {answer}")).collect();
    Answer::new(Life::Unknown, format!("at {host} {}", words.join(", and ")))
}
