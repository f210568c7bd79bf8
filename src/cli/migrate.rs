//! Decides what of a list of gitleaks becomes a part of a baseline: the values that stand now at the places that it names.

use std::collections::BTreeMap;
use std::path::Path;

use super::baseline::Survey;
use super::error::{Error, shown};
use crate::config::gitleaks::{self, Listed};
use crate::config::{self, Sought};
use crate::finding::{Finding, Report};

/// How many entries that mean nothing are listed.
const FEW: usize = 20;

/// What was taken over.
pub(super) struct Taken {
    /// What a person should know of it.
    pub(super) words: String,
    /// Whether any of it was found in a commit.
    pub(super) had_commits: bool,
}

/// Leaves in `report` what the list in the file `list` names, and adds what it names in commits.
///
/// gitleaks names what a commit brought, so each commit that is named is searched for that.
pub(super) fn take_over(list: &Path, survey: &Survey<'_>, report: &mut Report) -> Result<Taken, Error> {
    let name = shown(list);
    let wanted = "--from takes a .gitleaksignore or a JSON report of gitleaks";
    let text = config::read(list, &name, Sought::Named).map_err(|error| Error::new(error).help(wanted))?;
    let listed = gitleaks::parse(&text.unwrap_or_default())
        .map_err(|why| Error::new(format_args!("{name}: {why}")).help(wanted))?;
    let mut of_commits: BTreeMap<&str, Report> = BTreeMap::new();
    for commit in listed.iter().filter_map(|entry| entry.commit.as_deref()).filter(|commit| is_id(commit)) {
        if !of_commits.contains_key(commit) {
            // A commit that is not there any more has no values.
            of_commits.extend(survey.commit(commit).ok().map(|brought| (commit, brought)));
        }
    }
    let (mut taken, mut missed) = (Vec::new(), Vec::new());
    let mut had_commits = false;
    for entry in &listed {
        let in_commit = entry.commit.as_deref().and_then(|commit| of_commits.get(commit));
        let of_commit = in_commit.into_iter().flat_map(|brought| &brought.findings);
        let place = |finding: &&Finding| {
            let at = finding.provenance.commit.as_deref();
            is_at(entry, finding) && (entry.commit.is_none() || at == entry.commit.as_deref())
        };
        let means: Vec<Finding> = report.findings.iter().filter(place).cloned().collect();
        let brought: Vec<Finding> = of_commit.filter(|finding| is_at(entry, finding)).cloned().collect();
        had_commits |= entry.commit.is_some() && !(means.is_empty() && brought.is_empty());
        if means.is_empty() && brought.is_empty() {
            missed.push(entry);
        }
        taken.extend(means.into_iter().chain(brought));
    }
    report.findings = taken;
    Ok(Taken { words: words(&name, listed.len(), &missed), had_commits })
}

fn is_at(entry: &Listed, finding: &Finding) -> bool {
    let (first, last) = entry.lines;
    let file = entry.file.strip_prefix("./").unwrap_or(&entry.file);
    !finding.rule.part.is_identifier()
        && (first..=last).contains(&finding.start.line)
        && finding.name.as_bytes() == file.as_bytes()
        && entry.may_be(finding.parts.token.as_ref().unwrap_or(&finding.secret))
}

/// Whether this can be nothing but the id of a commit.
fn is_id(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn words(name: &str, all: usize, missed: &[&Listed]) -> String {
    let mut lines = vec![format!("{name}: {} of {all} entries name a value that barewire finds", all - missed.len())];
    lines.extend(missed.iter().take(FEW).map(|entry| format!("  nothing at {entry}")));
    if missed.len() > FEW {
        lines.push(format!("  and {} more", missed.len() - FEW));
    }
    lines.join("\n") + "\n"
}
