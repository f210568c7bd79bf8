//! Decides what is left of credentials when some findings do not count.
//!
//! What belongs together was decided with all findings, so that a new token finds the project that stood there before.
//! Then the secrets that do not count go, with the credentials that have no other; and the identifiers that do not
//! count, unless a credential that is left uses them.

use super::credential::attach;
use super::{Credential, Finding};
use crate::rule::Severity;

/// Keeps the findings that `counts` accepts, and what of the others is still needed.
pub fn retain(
    findings: Vec<Finding>,
    credentials: Vec<Credential>,
    counts: impl Fn(&Finding) -> bool,
) -> (Vec<Finding>, Vec<Credential>) {
    let (findings, credentials, _) = separate(findings, credentials, counts);
    (findings, credentials)
}

/// The same, with the findings that are not kept at the end.
pub fn separate(
    findings: Vec<Finding>,
    credentials: Vec<Credential>,
    counts: impl Fn(&Finding) -> bool,
) -> (Vec<Finding>, Vec<Credential>, Vec<Finding>) {
    let mut kept: Vec<bool> = findings.iter().map(counts).collect();
    let mut left = Vec::new();
    for mut credential in credentials {
        credential.findings.retain(|&at| kept[at] && !findings[at].rule.part.is_identifier());
        let severities = credential.findings.iter().map(|&at| findings[at].severity);
        credential.severity = severities.max().unwrap_or(Severity::Info);
        if !credential.findings.is_empty() {
            left.push(credential);
        }
    }
    attach(&findings, &mut left);
    left.iter().flat_map(|credential| &credential.findings).for_each(|&at| kept[at] = true);
    let mut numbers = Vec::with_capacity(kept.len());
    let mut next = 0;
    for &is_kept in &kept {
        numbers.push(next);
        next += usize::from(is_kept);
    }
    left.iter_mut().flat_map(|credential| &mut credential.findings).for_each(|at| *at = numbers[*at]);
    let (findings, others): (Vec<_>, Vec<_>) = findings.into_iter().zip(kept).partition(|(_, is_kept)| *is_kept);
    let bare = |findings: Vec<(Finding, bool)>| findings.into_iter().map(|(finding, _)| finding).collect();
    (bare(findings), left, bare(others))
}
