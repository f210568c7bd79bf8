//! Decides how the credentials of a scan are asked for, and what the answers make of its report.

use std::collections::{BTreeMap, BTreeSet};

use super::access;
use super::access_args::{ReachArgs, Talk};
use super::question::{Candidate, Plan, verification};
use super::record;
use crate::cli::error::Error;
use crate::cli::progress::Progress;
use crate::finding::{self, Credential, CredentialKey, Finding, Forgiveness, Reason, Report, Verdict, Verification};
use crate::rule::Part;
use crate::secret::Secret;
use crate::signalwire::verify::{Depth, Pace, Question, examine_all};
use crate::signalwire::{Access, Client, Hosts, Network};

/// What is wanted of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Wanted {
    /// How much is asked of an API token.
    pub(in crate::cli) depth: Depth,
    /// What is reported of what was asked for.
    pub(in crate::cli) selection: Selection,
}

/// What is reported of what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Selection {
    /// All of it.
    All,
    /// What is not dead.
    OnlyLive,
}

/// Asks for credentials.
#[derive(Debug)]
pub(in crate::cli) struct Reviewer {
    client: Pace<Client>,
    hosts: Hosts,
    wanted: Wanted,
}

impl Reviewer {
    /// Prepares to ask, as `reach` says. Nothing is sent yet.
    pub(in crate::cli) fn new(
        reach: &ReachArgs,
        talk: Talk,
        (wanted, network): (Wanted, &Network),
    ) -> Result<Self, Error> {
        let hosts = access::hosts(reach)?;
        let client = Pace::new(access::client(reach, talk, network)?);
        Ok(Self { client, hosts, wanted })
    }

    /// What is reported.
    pub(super) fn selection(&self) -> Selection {
        self.wanted.selection
    }

    /// The answers for these candidates, in their order.
    pub(super) fn ask(&self, candidates: &[Candidate], mut progress: Progress) -> Vec<Verification> {
        let (mut questions, mut known) = (Vec::new(), BTreeMap::new());
        let plans: Vec<Result<usize, Verification>> = candidates
            .iter()
            .map(|candidate| match candidate.plan(&self.hosts, self.wanted.depth) {
                Plan::Known(known) => Err(known),
                Plan::Ask(question) => Ok(*known.entry(key(&question)).or_insert_with(|| {
                    questions.push(question);
                    questions.len() - 1
                })),
            })
            .collect();
        progress.expect(questions.len() as u64);
        let answers = examine_all(&self.client, &questions, &mut |done| progress.advance(done));
        progress.finish();
        let answers: Vec<Verification> = answers.into_iter().map(verification).collect();
        let ids = record::ids();
        let known = |candidate: &Candidate, plan: Result<usize, Verification>| {
            let answer = plan.map_or_else(|known| known, |number| candidate.weigh(answers[number].clone()));
            let is_asked = candidate.part == Part::Token && answer.verdict != Verdict::Dead;
            let token_id = is_asked.then(|| ids.get(&record::fingerprint(&candidate.secret)).cloned()).flatten();
            Verification { token_id, ..answer }
        };
        candidates.iter().zip(plans).map(|(candidate, plan)| known(candidate, plan)).collect()
    }

    /// Asks for each credential of a report, and writes the answers into it.
    pub(in crate::cli) fn apply(&self, report: &mut Report, progress: Progress) {
        let all = report.credentials.iter().enumerate();
        let (numbers, candidates): (Vec<usize>, Vec<Candidate>) =
            all.filter_map(|(number, credential)| Some((number, candidate(report, credential)?))).unzip();
        for (number, answer) in numbers.into_iter().zip(self.ask(&candidates, progress)) {
            let credential = &mut report.credentials[number];
            for &index in &credential.findings {
                mark(&mut report.findings[index], answer.verdict);
            }
            credential.verification = Some(Box::new(answer));
        }
        if self.wanted.selection == Selection::OnlyLive {
            drop_dead(report);
        }
    }
}

/// A verdict that a value gives on itself is more telling than that it could not be asked for.
fn mark(finding: &mut Finding, verdict: Verdict) {
    if !finding.rule.part.is_identifier() && (finding.verdict.is_none() || verdict == Verdict::Alive) {
        finding.verdict = Some(verdict);
    }
}

/// What makes two questions one.
fn key(question: &Question) -> (String, Option<String>, Secret) {
    match question {
        Question::ApiToken(Access { space, project, token }, _) => {
            (space.host().to_owned(), Some(project.to_string()), token.clone())
        }
        Question::Bearer(space, token) => (space.host().to_owned(), None, token.clone()),
    }
}

fn candidate(report: &Report, credential: &Credential) -> Option<Candidate> {
    let mut findings = credential.findings.iter().filter_map(|&index| report.findings.get(index));
    let first = findings.find(|finding| !finding.rule.part.is_identifier())?;
    Some(Candidate {
        project: credential.project.clone(),
        space: credential.space.clone(),
        hosts: credential.hosts.clone(),
        bond: credential.bond,
        ..Candidate::of(first)
    })
}

/// Takes the dead out of a report, with the identifiers that nothing else needs; all are counted.
fn drop_dead(report: &mut Report) {
    let is_dead = |credential: &Credential| {
        credential.verification.as_ref().is_some_and(|answer| answer.verdict == Verdict::Dead)
    };
    let mut identifiers = BTreeSet::new();
    let mut evidence: BTreeMap<CredentialKey, Box<str>> = BTreeMap::new();
    for credential in report.credentials.iter().filter(|credential| is_dead(credential)) {
        let own = credential.findings.iter().filter_map(|&index| report.findings.get(index));
        for key in own.filter_map(CredentialKey::of) {
            let said = credential.verification.iter().flat_map(|answer| answer.evidence.iter());
            let said: Vec<_> = said.map(String::as_str).collect();
            evidence.insert(key, said.join("; ").into());
        }
        identifiers.extend(credential.project.iter().map(|value| (Part::Project, value.to_lowercase())));
        identifiers.extend(credential.space.iter().map(|value| (Part::Space, value.to_lowercase())));
    }
    let counts = |finding: &Finding| match CredentialKey::of(finding) {
        Some(key) => !evidence.contains_key(&key),
        None => !identifiers.contains(&(finding.rule.part, finding.shown().to_lowercase())),
    };
    let findings = std::mem::take(&mut report.findings);
    let credentials = std::mem::take(&mut report.credentials);
    let (findings, credentials, others) = finding::separate(findings, credentials, counts);
    report.findings = findings;
    report.credentials = credentials;
    report.suppressed.extend(others.into_iter().map(|mut finding| {
        let by = CredentialKey::of(&finding).and_then(|key| evidence.get(&key).cloned());
        let by = by.unwrap_or_else(|| "it belongs to what is dead".into());
        finding.forgiven = Some(Forgiveness { reason: Reason::Dead, by });
        finding
    }));
}
