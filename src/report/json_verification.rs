//! Decides how the answers of SignalWire are written in the formats for programs.

use std::borrow::Cow;

use serde::Serialize;

use super::mask::mask;
use crate::finding::{ScopeState, Verification};

/// Whether a credential is alive, and what speaks for it.
#[derive(Serialize)]
pub(super) struct V1Verification<'a> {
    verdict: &'static str,
    evidence: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_id: Option<&'a str>,
}

impl<'a> V1Verification<'a> {
    pub(super) fn new(verification: &'a Verification) -> Self {
        let evidence = verification.evidence.iter().map(|text| mask(text)).collect();
        Self { verdict: verification.verdict.as_str(), evidence, token_id: verification.token_id.as_deref() }
    }
}

/// Whether a token has a scope.
#[derive(Serialize)]
pub(super) struct V1Scope<'a> {
    scope: &'static str,
    holds: &'static str,
    evidence: Cow<'a, str>,
    allows: &'static str,
}

impl<'a> V1Scope<'a> {
    /// All that was found out; nothing if it was not asked for.
    pub(super) fn all(verification: &'a Verification) -> Option<Vec<Self>> {
        verification.scopes.as_deref().map(|scopes| scopes.iter().map(Self::new).collect())
    }

    fn new(state: &'a ScopeState) -> Self {
        Self {
            scope: state.scope,
            holds: state.holding.as_str(),
            evidence: mask(&state.evidence),
            allows: state.danger,
        }
    }
}
