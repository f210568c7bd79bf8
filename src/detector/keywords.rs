//! Decides where a rule without anchors is looked for: where its keywords stand.
//!
//! In a rule with `context`, a keyword stands in every match or, where the context must be near, a little before it: in
//! the name or the call that the value is bound to. So the pattern runs only around the hits. In any other rule a
//! keyword is what it is for gitleaks: a word that must occur somewhere.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::rule::{Rule, SharedRule};

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

    /// What lies in both.
    pub(super) fn and(self, other: Self) -> Self {
        let (ours, theirs) = match (self, other) {
            (Self::Whole, other) => return other,
            (ours, Self::Whole) => return ours,
            (Self::Windows(ours), Self::Windows(theirs)) => (ours, theirs),
        };
        let (mut both, mut ours, mut theirs) = (Vec::new(), ours.into_iter().peekable(), theirs.into_iter().peekable());
        while let (Some(one), Some(other)) = (ours.peek(), theirs.peek()) {
            let (start, end) = (one.start.max(other.start), one.end.min(other.end));
            if start < end {
                both.push(start..end);
            }
            let behind = if one.end < other.end { &mut ours } else { &mut theirs };
            behind.next();
        }
        Self::Windows(both)
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
    /// How far a match of each rule can reach from its keyword.
    reaches: Vec<Option<usize>>,
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
        let reaches = rules.iter().map(|rule| reach(rule)).collect();
        Self { automaton, owners, without, reaches }
    }

    /// Where each rule is to be looked for; one that is not there cannot match.
    pub(super) fn extents(&self, bytes: &[u8]) -> BTreeMap<usize, Extent> {
        let mut extents: BTreeMap<usize, Extent> = self.without.iter().map(|&rule| (rule, Extent::Whole)).collect();
        let Some(automaton) = &self.automaton else {
            // Without the automaton no rule may be passed over.
            extents.extend(self.owners.iter().flatten().map(|rule| (*rule, Extent::Whole)));
            return extents;
        };
        for hit in automaton.find_overlapping_iter(bytes) {
            for &rule in &self.owners[hit.pattern().as_usize()] {
                let window = self.reaches[rule]
                    .map(|reach| hit.start().saturating_sub(reach)..bytes.len().min(hit.end() + reach + 1));
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

/// How far before a match its keyword may stand, in bytes, where the context must be near.
const LEAD: usize = 1 << 10;

/// How far a match can reach from its keyword.
fn reach(rule: &Rule) -> Option<usize> {
    let is_near = rule.context.as_ref()?.lines.is_some();
    let pattern = rule.regex.as_ref()?;
    // A pattern that spells its keywords out has them in its match.
    let spells = |word: &str| pattern.source().to_ascii_lowercase().contains(word);
    let lead = if is_near && !rule.keywords.iter().all(|word| spells(word)) { LEAD } else { 0 };
    pattern.longest().map(|longest| longest + lead)
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
    fn what_lies_in_both_lists_of_windows_is_kept() {
        let windows = |list: &[Range<usize>]| Extent::Windows(list.to_vec());
        let both = windows(&[0..10, 20..30, 40..50]).and(windows(&[5..25, 28..29, 60..70]));
        assert_eq!(both, windows(&[5..10, 20..25, 28..29]));
        let some = windows(&[1..2, 3..4]);
        assert_eq!(Extent::Whole.and(some.clone()), some);
        assert_eq!(some.clone().and(Extent::Whole), some);
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
