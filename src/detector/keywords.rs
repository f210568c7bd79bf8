//! Decides where a rule without anchors is looked for: where its keywords stand.
//!
//! In a rule whose `context` may be anywhere, a keyword stands in every match, so the pattern runs only around the
//! hits. In any other rule a keyword is what it is for gitleaks: a word that must occur somewhere; where the `context`
//! must be near, the pattern runs only there.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::rule::{Pattern, Rule, SharedRule};

/// A part of a text, or all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    Whole,
    /// These ranges, ascending and apart.
    Windows(Vec<Range<usize>>),
}

impl Extent {
    /// Adds a window; windows come in ascending order of their starts.
    pub(super) fn add(&mut self, window: Range<usize>) {
        let Self::Windows(windows) = self else { return };
        match windows.last_mut() {
            Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
            _ => windows.push(window),
        }
    }

    /// The ranges, of a text of `len` bytes.
    pub(super) fn ranges(self, len: usize) -> Vec<Range<usize>> {
        match self {
            Self::Whole => std::iter::once(0..len).collect(),
            Self::Windows(windows) => windows,
        }
    }
}

/// Keywords of several rules, found in one pass.
#[derive(Debug)]
pub(super) struct Keywords {
    automaton: Option<AhoCorasick>,
    /// For each keyword the rules that have it.
    owners: Vec<Vec<usize>>,
    /// Rules without keywords.
    without: Vec<usize>,
}

impl Keywords {
    /// Prepares the search for the keywords of the rules with these indexes.
    pub(super) fn new(rules: &[SharedRule], indexes: &[usize]) -> Self {
        let mut words: Vec<&str> = indexes.iter().flat_map(|&rule| &rules[rule].keywords).map(AsRef::as_ref).collect();
        words.sort_unstable();
        words.dedup();
        let has = |rule: &usize, word: &str| rules[*rule].keywords.iter().any(|keyword| **keyword == *word);
        let owners = words.iter().map(|word| indexes.iter().copied().filter(|rule| has(rule, word)).collect());
        let owners = owners.collect();
        // The default automaton is three to four times slower on this many words.
        let kind = (words.len() < 1000).then_some(AhoCorasickKind::DFA);
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(&words).ok();
        let without = indexes.iter().copied().filter(|&rule| rules[rule].keywords.is_empty()).collect();
        Self { automaton, owners, without }
    }

    /// Where each rule is to be looked for; one that is not there cannot match.
    pub(super) fn extents(&self, rules: &[SharedRule], bytes: &[u8]) -> BTreeMap<usize, Extent> {
        let mut extents: BTreeMap<usize, Extent> = self.without.iter().map(|&rule| (rule, Extent::Whole)).collect();
        let Some(automaton) = &self.automaton else {
            // Without the automaton no rule may be passed over.
            extents.extend(self.owners.iter().flatten().map(|rule| (*rule, Extent::Whole)));
            return extents;
        };
        for hit in automaton.find_overlapping_iter(bytes) {
            for &rule in &self.owners[hit.pattern().as_usize()] {
                let reach = reach(&rules[rule]);
                let window =
                    reach.map(|reach| hit.start().saturating_sub(reach)..bytes.len().min(hit.end() + reach + 1));
                widen(&mut extents, rule, window);
            }
        }
        extents
    }
}

/// Adds a window to the extent of a rule; without one the extent is the whole text.
fn widen(extents: &mut BTreeMap<usize, Extent>, rule: usize, window: Option<Range<usize>>) {
    match window {
        None => drop(extents.insert(rule, Extent::Whole)),
        Some(window) => extents.entry(rule).or_insert(Extent::Windows(Vec::new())).add(window),
    }
}

/// How far a match can reach from a keyword that stands in it.
fn reach(rule: &Rule) -> Option<usize> {
    rule.context.as_ref().filter(|context| context.lines.is_none())?;
    rule.regex.as_ref().and_then(Pattern::longest)
}

/// The windows around everything that is punctuated like a UUID: hyphens after 8, 13, 18 and 23 bytes.
pub(super) fn around_uuids(bytes: &[u8]) -> Extent {
    let mut extent = Extent::Windows(Vec::new());
    for hyphen in memchr::memchr_iter(b'-', bytes) {
        let is_hyphen = |at: usize| bytes.get(at) == Some(&b'-');
        if hyphen >= 8 && is_hyphen(hyphen + 5) && is_hyphen(hyphen + 10) && is_hyphen(hyphen + 15) {
            extent.add(hyphen - 8..bytes.len().min(hyphen + 30));
        }
    }
    extent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    #[test]
    fn windows_that_overlap_become_one() {
        let mut extent = Extent::Windows(Vec::new());
        for window in [50..60, 55..70, 80..90] {
            extent.add(window);
        }
        assert_eq!(extent, Extent::Windows(vec![50..70, 80..90]));
    }

    #[test]
    fn a_uuid_is_seen_by_its_hyphens() {
        let text = b"a - b - c 5b0f3a0e-9c57-4f6d-8a61-d42e17c9b3f8 d";
        assert_eq!(around_uuids(text).ranges(text.len()).first(), Some(&(10..48)));
    }

    #[test]
    fn every_example_of_a_rule_with_context_holds_one_of_its_keywords() {
        for rule in RuleSet::builtin().unwrap().rules().iter().filter(|rule| rule.context.is_some()) {
            let examples = rule.tests.iter().filter(|test| test.expect == crate::rule::Expect::Match);
            for example in examples.filter(|_| !rule.keywords.is_empty()) {
                let text = example.text.to_lowercase();
                assert!(rule.keywords.iter().any(|word| text.contains(&**word)), "{}: {text}", rule.id);
            }
        }
    }

    #[test]
    fn built_in_rules_that_may_roam_have_a_bounded_pattern() {
        for rule in RuleSet::builtin().unwrap().rules() {
            let roams = rule.anchors.is_empty() && rule.context.as_ref().is_some_and(|context| context.lines.is_none());
            assert!(!roams || reach(rule).is_some(), "{}", rule.id);
        }
    }
}
