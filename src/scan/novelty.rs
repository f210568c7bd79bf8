//! Decides which findings are new, where only what is new counts.
//!
//! A value is old if some old side holds it: if the same rule finds it there, or if its bytes stand there by themselves.
//! So an old secret in a file does not stop whoever edits the file, moves the line, or renames the file; nor does one
//! that is seen only now because of what was written beside it. But what was forgiven where it stood, by its path or by
//! a comment, was never told to anybody; where nothing forgives it, it is new.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use aho_corasick::AhoCorasick;

use super::{Scan, problem};
use crate::blob::{Blob, Origin};
use crate::finding::{Finding, Problem, ProblemKind};
use crate::secret::Secret;
use crate::source::{Contrast, Listing};

/// How much of the beginning of a value is looked for before the rest is compared.
const BEGINNING: usize = 8;

/// Drops what an earlier item said of the same value at the same path, where items are versions of files.
pub(super) fn first_places(listing: &dyn Listing, mut findings: Vec<(usize, Finding)>) -> Vec<Finding> {
    if listing.contrast() == Contrast::NewOnly {
        findings.sort_by_key(|(item, finding)| (*item, finding.offset));
        let mut seen = BTreeMap::new();
        findings.retain(|(item, finding)| {
            let is_name = finding.origin == Origin::Name;
            let is_forgiven = finding.forgiven.is_some();
            let value = (finding.rule.id.clone(), finding.secret.clone());
            let key = (value, finding.name.clone(), is_name, is_forgiven);
            // Of what is not committed, all places are shown, since they have to be mended.
            let is_first = !seen.contains_key(&key);
            let first = *seen.entry(key).or_insert(*item);
            is_first || first == *item && finding.provenance.commit.is_none()
        });
    }
    findings.into_iter().map(|(_, finding)| finding).collect()
}

/// Values, of those that were looked for.
#[derive(Default)]
struct Values {
    /// What a rule found.
    found: BTreeSet<(Box<str>, Secret)>,
    /// What stands there by itself, or wrapped.
    bare: BTreeSet<Secret>,
}

impl Values {
    fn add(&mut self, finding: &Finding) {
        self.bare.extend(finding.parts.token.clone());
        self.found.insert(((&*finding.rule.id).into(), finding.secret.clone()));
    }

    fn has(&self, finding: &Finding) -> bool {
        let key = ((&*finding.rule.id).into(), finding.secret.clone());
        self.found.contains(&key) || self.bare.contains(value(finding)) || self.bare.contains(&finding.secret)
    }
}

/// The value of a finding, without what it is wrapped in.
fn value(finding: &Finding) -> &Secret {
    finding.parts.token.as_ref().unwrap_or(&finding.secret)
}

/// What the old sides hold.
#[derive(Default)]
pub(super) struct Former {
    /// What stands somewhere where nothing forgives it.
    open: Values,
    /// All of it.
    all: Values,
    /// What of the old sides could not be read or searched.
    pub(super) problems: Vec<Problem>,
}

impl Former {
    /// Looks for the values of `findings` in the old sides of `listing`. If there is nothing to look for, nothing is
    /// loaded.
    pub(super) fn search(scan: &Scan<'_>, listing: &dyn Listing, findings: &[&Finding]) -> Self {
        let mut former = Self::default();
        if findings.is_empty() || listing.contrast() == Contrast::Absolute {
            return former;
        }
        let wrapped = findings.iter().filter_map(|finding| finding.parts.token.as_ref());
        let sought = Sought::new(findings.iter().map(|finding| &finding.secret).chain(wrapped));
        let gaps = listing.former(&mut |blob: &Blob<'_>| former.blob(scan, &sought, blob));
        former.problems.extend(gaps.iter().map(problem));
        former
    }

    fn blob(&mut self, scan: &Scan<'_>, sought: &Sought, blob: &Blob<'_>) {
        let Ok(found) = catch_unwind(AssertUnwindSafe(|| scan.found(blob))) else {
            return self.problems.push(Problem {
                path: blob.name.to_text(),
                kind: ProblemKind::Failed,
                detail: "the scan of what it was ended in an error of barewire".to_owned(),
            });
        };
        let (forgiven, open): (Vec<_>, Vec<_>) = found.iter().partition(|finding| finding.forgiven.is_some());
        let mut standing = BTreeSet::new();
        sought.look(blob.bytes, &mut standing);
        self.all.bare.extend(standing.iter().cloned());
        for finding in &found {
            self.all.add(finding);
        }
        let values = |findings: &[&Finding]| -> BTreeSet<Secret> {
            findings.iter().flat_map(|finding| [value(finding), &finding.secret]).cloned().collect()
        };
        let (forgiven, told) = (values(&forgiven), values(&open));
        self.open.bare.extend(standing.into_iter().filter(|value| told.contains(value) || !forgiven.contains(value)));
        for finding in open {
            self.open.add(finding);
        }
    }

    /// Whether no old side holds the value. One that is forgiven is no news even if it was forgiven before. A file that was
    /// named for itself has no old side.
    pub(super) fn lacks(&self, finding: &Finding) -> bool {
        if finding.origin == Origin::Tree {
            return true;
        }
        let held = if finding.forgiven.is_some() { &self.all } else { &self.open };
        !held.has(finding)
    }
}

/// Values that are looked for all at once, by how they begin.
struct Sought {
    beginnings: Option<AhoCorasick>,
    /// The values that begin so.
    values: Vec<Vec<Secret>>,
}

impl Sought {
    fn new<'a>(values: impl Iterator<Item = &'a Secret>) -> Self {
        let mut by_beginning: BTreeMap<Vec<u8>, BTreeSet<Secret>> = BTreeMap::new();
        for value in values.filter(|value| !value.is_empty()) {
            let bytes = value.expose();
            by_beginning.entry(bytes[..bytes.len().min(BEGINNING)].to_vec()).or_default().insert(value.clone());
        }
        // Without the search, more is new, not less.
        let beginnings = AhoCorasick::new(by_beginning.keys()).ok();
        Self { beginnings, values: by_beginning.into_values().map(|values| values.into_iter().collect()).collect() }
    }

    /// Adds the values that stand in `bytes` and do not go on as a longer word.
    fn look(&self, bytes: &[u8], seen: &mut BTreeSet<Secret>) {
        let Some(beginnings) = &self.beginnings else { return };
        let is_word = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
        for hit in beginnings.find_overlapping_iter(bytes).filter(|hit| !is_word(hit.start().checked_sub(1))) {
            let rest = &bytes[hit.start()..];
            let stands = |value: &&Secret| {
                rest.starts_with(value.expose()) && !is_word(Some(hit.start() + value.len())) && !seen.contains(value)
            };
            let values: Vec<&Secret> = self.values[hit.pattern().as_usize()].iter().filter(stands).collect();
            seen.extend(values.into_iter().cloned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of `values` stand in `text`.
    fn seen<'v>(values: &[&'v str], text: &str) -> Vec<&'v str> {
        let secrets: Vec<Secret> = values.iter().map(Secret::new).collect();
        let mut seen = BTreeSet::new();
        Sought::new(secrets.iter()).look(text.as_bytes(), &mut seen);
        values.iter().copied().filter(|value| seen.contains(&Secret::new(value))).collect()
    }

    #[test]
    fn a_value_counts_where_it_stands_by_itself() {
        assert_eq!(seen(&["summer24"], "x=summer24"), ["summer24"]);
        assert_eq!(seen(&["summer24"], "\"summer24\";"), ["summer24"]);
        assert_eq!(seen(&["summer24"], "summer2412 midsummer24 Summer24"), [""; 0]);
        assert_eq!(seen(&["summer24"], "midsummer24, and summer24"), ["summer24"]);
    }

    #[test]
    fn values_that_begin_alike_are_told_apart() {
        let values = ["abcdefgh-1", "abcdefgh-2", "abcdefgh", "abc"];
        assert_eq!(seen(&values, "abcdefgh-2"), ["abcdefgh-2", "abcdefgh"]);
        assert_eq!(seen(&values, "abc abcdefgh-1"), ["abcdefgh-1", "abcdefgh", "abc"]);
        assert_eq!(seen(&values, ""), [""; 0]);
        assert_eq!(seen(&[""], "x"), [""; 0]);
    }
}
