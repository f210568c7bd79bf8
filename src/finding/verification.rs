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
        Self { verdict, evidence: vec![evidence.into()], scopes: None }
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
}
