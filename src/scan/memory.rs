//! Decides what a scan of history remembers of a repository in which nothing was found: how much it was, and what of it
//! was not there. What was found is never remembered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::finding::{Coverage, GitCoverage, Problem, ProblemKind, Reason, Report};

#[derive(Deserialize, Serialize)]
struct Memory {
    files: u64,
    bytes: u64,
    git: [u64; 11],
    problems: Vec<(String, String, String)>,
    suppressed: BTreeMap<String, u64>,
}

const KINDS: [ProblemKind; 8] = [
    ProblemKind::Unreadable,
    ProblemKind::Vanished,
    ProblemKind::Changed,
    ProblemKind::Oversize,
    ProblemKind::Damaged,
    ProblemKind::Missing,
    ProblemKind::Shallow,
    ProblemKind::Failed,
];

const REASONS: [Reason; 6] =
    [Reason::Placeholder, Reason::Example, Reason::Inline, Reason::Allowlist, Reason::Config, Reason::Baseline];

/// What is remembered of a report, if nothing in it would have to be found again.
pub(super) fn of(report: &Report) -> Option<Vec<u8>> {
    let Coverage { files, bytes, git, problems, .. } = &report.coverage;
    let is_empty = report.findings.is_empty() && report.suppressed.is_empty();
    // What could not be read this time may be readable the next, and nothing of the state would tell.
    let lasts =
        |problem: &Problem| matches!(problem.kind, ProblemKind::Missing | ProblemKind::Shallow | ProblemKind::Oversize);
    if !is_empty || !problems.iter().all(lasts) {
        return None;
    }
    let memory = Memory {
        files: *files,
        bytes: *bytes,
        git: numbers(git.as_ref()?),
        problems: problems.iter().map(|p| (p.path.clone(), p.kind.as_str().to_owned(), p.detail.clone())).collect(),
        suppressed: report
            .suppressed_values
            .iter()
            .map(|(reason, count)| (reason.as_str().to_owned(), *count))
            .collect(),
    };
    serde_json::to_vec(&memory).ok()
}

/// The report that was remembered; nothing if that is not one.
pub(super) fn report(bytes: &[u8]) -> Option<Report> {
    let memory: Memory = serde_json::from_slice(bytes).ok()?;
    let problem = |(path, word, detail): (String, String, String)| {
        let kind = KINDS.into_iter().find(|kind| kind.as_str() == word)?;
        Some(Problem { path, kind, detail })
    };
    let reason = |(word, count): (String, u64)| Some((REASONS.into_iter().find(|r| r.as_str() == word)?, count));
    let coverage = Coverage {
        files: memory.files,
        bytes: memory.bytes,
        git: Some(coverage(memory.git)),
        problems: memory.problems.into_iter().map(problem).collect::<Option<_>>()?,
        ..Coverage::default()
    };
    let suppressed_values = memory.suppressed.into_iter().map(reason).collect::<Option<_>>()?;
    Some(Report { suppressed_values, coverage, ..Report::default() })
}

fn numbers(git: &GitCoverage) -> [u64; 11] {
    let &GitCoverage { refs, commits, trees, blobs, tags, shallow, missing, .. } = git;
    let &GitCoverage { lfs_pointers, submodules, oversize, damaged, .. } = git;
    [refs, commits, trees, blobs, tags, shallow, missing, lfs_pointers, submodules, oversize, damaged]
}

fn coverage(numbers: [u64; 11]) -> GitCoverage {
    let [refs, commits, trees, blobs, tags, shallow, missing, lfs_pointers, submodules, oversize, damaged] = numbers;
    GitCoverage { refs, commits, trees, blobs, tags, shallow, missing, lfs_pointers, submodules, oversize, damaged }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_of_nothing_comes_back_as_it_was() {
        let mut report = Report::default();
        report.coverage.git = Some(coverage([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]));
        report.coverage.problems = [ProblemKind::Missing, ProblemKind::Shallow]
            .iter()
            .map(|&kind| Problem { path: "a".into(), kind, detail: "b".into() })
            .collect();
        report.suppressed_values.insert(Reason::Inline, 3);
        let back = super::report(&of(&report).unwrap()).unwrap();
        assert_eq!((back.coverage, back.suppressed_values), (report.coverage, report.suppressed_values));
        assert!(super::report(b"{}").is_none());
    }
}
