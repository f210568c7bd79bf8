//! Decides which scopes a token has, by one request that reads for each.

use super::super::{Access, Method, Scope};
use super::{Ask, Seen, probe};

/// Whether a token has a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// It has.
    Yes,
    /// It has not.
    No,
    /// There is no safe probe, or no certain answer.
    Unknown,
}

/// What was found out of one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeAnswer {
    /// The scope.
    pub scope: Scope,
    /// Whether the token has it.
    pub held: Held,
    /// What speaks for that.
    pub evidence: String,
}

/// What the probe of one scope brought; nothing if there is no safe one.
#[derive(Clone, Debug)]
pub(super) struct Probed {
    pub(super) scope: Scope,
    pub(super) seen: Result<(String, Seen), &'static str>,
}

/// Asks for every scope that has a probe.
pub(super) fn probe_all(ask: &dyn Ask, access: &Access) -> Vec<Probed> {
    let probe = |scope| {
        let seen = probe::of(scope).map(|target| {
            let path = target.path().to_owned();
            (path, Seen::ask(ask, access.request(Method::Get, target)))
        });
        Probed { scope, seen }
    };
    Scope::ALL.map(probe).into()
}

impl Probed {
    /// What this says of a token that is alive.
    pub(super) fn of_living(&self) -> ScopeAnswer {
        let (held, evidence) = match &self.seen {
            Err(reason) => (Held::Unknown, (*reason).to_owned()),
            Ok((path, seen)) => {
                let held = match seen {
                    seen if seen.is_acceptance() => Held::Yes,
                    // The documents have both for a missing scope.
                    Seen::Status(401 | 403) => Held::No,
                    _ => Held::Unknown,
                };
                (held, format!("GET {path} {seen}"))
            }
        };
        ScopeAnswer { scope: self.scope, held, evidence }
    }
}

/// What is said of the scopes of a token that is not known to be alive.
pub(super) fn of_unknown() -> Vec<ScopeAnswer> {
    let unknown = |scope| {
        let evidence = probe::of(scope).err().unwrap_or("not asked: the token is not known to be alive").to_owned();
        ScopeAnswer { scope, held: Held::Unknown, evidence }
    };
    Scope::ALL.map(unknown).into()
}
