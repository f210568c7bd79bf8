//! Damage of every sort: the program never fails, never waits for ever, never takes all memory, and never calls clean
//! what it could not read.

mod bombs;
mod files;
mod objects;
mod packs;
mod pipes;
mod races;

use crate::support::repo::{Repo, Report};

/// Runs a scan of the history of a repository that is damaged somewhere, and fails unless that is said.
fn assert_incomplete(repo: &Repo, what: &str) -> Report {
    let report = repo.report(["history", "-j", "2"]);
    assert_eq!(report.code(), if report.tokens().is_empty() { 3 } else { 1 }, "{what}: {report}");
    assert!(!report.is_complete(), "{what}: {report}");
    assert!(!report.problems().is_empty(), "{what}: {report}");
    assert!(report.output.stderr.contains("INCOMPLETE"), "{what}: {report}");
    let alone = repo.report(["history", "-j", "1"]);
    assert!(alone.output.stdout == report.output.stdout, "{what}: -j 1 differs\n{report}\n{alone}");
    report
}

/// Fails unless the damage is named: in the report, and to whoever reads.
fn assert_named(report: &Report, words: &str) {
    assert!(report.problems().iter().any(|problem| problem.contains(words)), "{words}: {:#?}", report.problems());
    assert!(report.output.stderr.contains(words), "{words}: {report}");
}

/// What is not as [`assert_incomplete`] asks for, if anything; `words` have to be part of a problem.
fn complaint(repo: &Repo, what: &str, words: &str) -> Option<String> {
    let report = repo.report(["history"]);
    let named = report.problems().iter().any(|problem| problem.contains(words));
    let right = named && !report.is_complete() && matches!(report.code(), 1 | 3);
    (!right).then(|| format!("{what}: {} {:?}\n{}", report.code(), report.problems(), report.output.stderr))
}

/// Fails if something is not reported that is reported of the sound repository, unless it is said that something is
/// missing.
fn assert_honest(repo: &Repo, sound: &[String], what: &str) -> bool {
    let report = repo.report(["history", "-j", "2"]);
    assert!(matches!(report.code(), 1 | 3), "{what}: {report}");
    let all = report.tokens() == sound;
    assert!(all || !report.is_complete(), "{what}: something is missing, and not said\n{report}");
    assert_eq!(report.is_complete(), report.problems().is_empty(), "{what}: {report}");
    report.is_complete()
}
