//! Decides what is kept of the answers that SignalWire gives when it is asked for a credential.

use super::Verdict;

/// Whether a credential is alive, as far as it could be found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Alive, dead or unknown.
    pub verdict: Verdict,
    /// What speaks for it: sentences that hold no secret and no text of a server.
    pub evidence: Vec<String>,
    /// What an API token may do, if that was asked for and it is not dead.
    pub scopes: Option<Vec<ScopeState>>,
    /// The id by which it can be revoked, if the ledger of this machine knows the token.
    pub token_id: Option<String>,
}

/// Whether an API token has a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeState {
    /// The scope, in the word of the API.
    pub scope: &'static str,
    /// Whether the token has it.
    pub holding: Holding,
    /// What speaks for that.
    pub evidence: String,
    /// What the scope lets an intruder do.
    pub danger: &'static str,
}

/// Whether a token has a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holding {
    /// It has.
    Yes,
    /// It has not.
    No,
    /// That cannot be asked safely, or there was no certain answer.
    Unknown,
}

impl Holding {
    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

impl Verification {
    /// An answer that needs no request.
    pub fn offline(verdict: Verdict, evidence: impl Into<String>) -> Self {
        Self { verdict, evidence: vec![evidence.into()], scopes: None, token_id: None }
    }

    /// The scopes in one line: `yes: video; no: chat, fax; unknown: storage`. Empty if they were not asked for.
    pub fn scopes_in_words(&self) -> String {
        let scopes = self.scopes.as_deref().unwrap_or_default();
        let of = |holding: Holding| {
            let names: Vec<_> =
                scopes.iter().filter(|state| state.holding == holding).map(|state| state.scope).collect();
            (!names.is_empty()).then(|| format!("{}: {}", holding.as_str(), names.join(", ")))
        };
        let words: Vec<_> = [Holding::Yes, Holding::No, Holding::Unknown].into_iter().filter_map(of).collect();
        words.join("; ")
    }

    /// What the scopes that it is known to have let an intruder do, in a sentence for each; nothing if they were not asked
    /// for or it is not alive.
    pub fn dangers_in_words(&self) -> Option<String> {
        let scopes = self.scopes.as_deref().filter(|_| self.verdict == Verdict::Alive)?;
        let held = scopes.iter().filter(|state| state.holding == Holding::Yes);
        let words: Vec<_> = held.map(|state| format!("With {} it can {}.", state.scope, state.danger)).collect();
        Some(if words.is_empty() {
            "It has none of the scopes that can be asked for.".to_owned()
        } else {
            words.join(" ")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_told_in_one_line() {
        let state = |scope, holding| ScopeState { scope, holding, evidence: String::new(), danger: "" };
        let scopes = vec![
            state("chat", Holding::Unknown),
            state("fax", Holding::No),
            state("numbers", Holding::No),
            state("video", Holding::Yes),
        ];
        let asked = Verification { scopes: Some(scopes), ..Verification::offline(Verdict::Alive, "") };
        assert_eq!(asked.scopes_in_words(), "yes: video; no: fax, numbers; unknown: chat");
        assert_eq!(Verification::offline(Verdict::Dead, "").scopes_in_words(), "");
    }

    #[test]
    fn only_what_is_known_to_be_held_is_a_danger() {
        let state =
            |scope, holding| ScopeState { scope, holding, evidence: String::new(), danger: "do it at your cost" };
        let of = |verdict, holding| {
            let scopes = Some(vec![state("fax", holding), state("chat", Holding::Unknown)]);
            Verification { scopes, ..Verification::offline(verdict, "") }.dangers_in_words()
        };
        assert_eq!(of(Verdict::Alive, Holding::Yes).unwrap(), "With fax it can do it at your cost.");
        assert_eq!(of(Verdict::Alive, Holding::No).unwrap(), "It has none of the scopes that can be asked for.");
        assert_eq!((of(Verdict::Unknown, Holding::Unknown), of(Verdict::Dead, Holding::No)), (None, None));
        assert_eq!(Verification::offline(Verdict::Alive, "").dangers_in_words(), None);
    }
}
