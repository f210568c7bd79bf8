//! Decides whether an API token is alive: first by the lookup that needs no scope, then by all other probes.

use super::super::error::{Error, Refusal};
use super::super::request::Reading;
use super::super::{Access, Method};
use super::scope_map::{self, Probed};
use super::{Answer, Ask, Depth, Life, Seen, probe};

/// The answer to the lookup of one number is short, in bytes.
const SHORT: Reading = Reading::UpTo(64 << 10);

/// Words in a refusal that are not about the token: the account is locked until somebody does something about it.
const LOCKED: [&str; 6] = ["phone number", "verif", "validat", "suspend", "billing", "trial"];

/// What the lookup says.
enum First {
    /// The token is accepted.
    Accepted(String),
    /// It is not, but that is not certain yet.
    Rejected(Seen),
    /// Neither, for this reason.
    Undecided(String),
}

/// Asks for one token.
pub(super) fn examine(ask: &dyn Ask, access: &Access, depth: Depth) -> Answer {
    let space = access.space.host();
    let answer = match lookup(ask, access) {
        First::Accepted(evidence) => {
            let answer = Answer::new(Life::Alive, evidence);
            return match depth {
                Depth::Life => answer,
                Depth::Scopes => with_scopes(answer, &scope_map::probe_all(ask, access)),
            };
        }
        First::Rejected(first) => {
            let probed = scope_map::probe_all(ask, access);
            let answer = weigh(space, &first, &probed);
            if answer.life == Life::Alive && depth == Depth::Scopes {
                return with_scopes(answer, &probed);
            }
            answer
        }
        First::Undecided(evidence) => Answer::new(Life::Unknown, evidence),
    };
    match (answer.life, depth) {
        (Life::Unknown, Depth::Scopes) => Answer { scopes: Some(scope_map::of_unknown()), ..answer },
        _ => answer,
    }
}

fn with_scopes(answer: Answer, probed: &[Probed]) -> Answer {
    Answer { scopes: Some(probed.iter().map(Probed::of_living).collect()), ..answer }
}

fn lookup(ask: &dyn Ask, access: &Access) -> First {
    let space = access.space.host();
    let answer = ask.ask(&access.request(Method::Get, probe::lookup()).read(SHORT));
    let seen = match &answer {
        // A page in the place of a Space could claim to be JSON.
        Ok(response) if response.json().is_ok_and(|body| body.is_object()) => Seen::Success(response.status),
        Ok(response) => Seen::Page(response.status),
        Err(error) => Seen::of(Err(error)),
    };
    match seen {
        Seen::Success(status) => First::Accepted(format!("{space} answered {status} to a lookup that needs no scope")),
        // A number that is not known, or not to the Space's taste: who was refused did not get that far.
        Seen::Status(status @ (404 | 422)) if !answer.as_ref().err().is_some_and(is_page) => First::Accepted(format!(
            "{space} answered {status} to a lookup that needs no scope, where it refuses a request without a token"
        )),
        Seen::Status(401 | 403) if answer.as_ref().err().and_then(Error::refusal).is_some_and(is_locked) => {
            First::Undecided(format!("{space} {seen} and says that the account has to be put in order first"))
        }
        Seen::Status(401 | 403) => First::Rejected(seen),
        other => First::Undecided(format!("{space} {other}")),
    }
}

/// Whether an answer is a page, and not of the API.
fn is_page(error: &Error) -> bool {
    error.refusal().and_then(|refusal| refusal.media_type.as_deref()).is_some_and(|media| media != "application/json")
}

/// Whether the account has to be put in order before anything else.
pub(super) fn is_locked(refusal: &Refusal) -> bool {
    let mut said = refusal.details.iter().filter_map(|detail| detail.message.as_deref());
    said.any(|text| {
        let text = text.to_ascii_lowercase();
        LOCKED.iter().any(|word| text.contains(word))
    })
}

/// What all probes say together of a token that the lookup did not accept.
fn weigh(space: &str, first: &Seen, probed: &[Probed]) -> Answer {
    let asked = || probed.iter().filter_map(|probed| probed.seen.as_ref().ok());
    if let Some((path, seen)) = asked().find(|(_, seen)| seen.is_acceptance()) {
        let words = format!("{space} {first} to a lookup that needs no scope, but GET {path} {seen}");
        return Answer::new(Life::Alive, words);
    }
    if *first == Seen::Status(401) && asked().all(|(_, seen)| *seen == Seen::Status(401)) {
        let count = asked().count() + 1;
        return Answer::new(
            Life::Dead,
            format!("all {count} probes at {space} answered 401: it is deleted, or of another project or Space"),
        );
    }
    let odd = asked().find(|(_, seen)| *seen != Seen::Status(401));
    let odd = odd.map(|(path, seen)| format!(", and GET {path} {seen}")).unwrap_or_default();
    Answer::new(
        Life::Unknown,
        format!("{space} {first} to a lookup that needs no scope{odd}; dead is only what every probe answers 401 to"),
    )
}
