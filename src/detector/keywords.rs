//! Decides whether the keywords of a rule are there.
//!
//! In a rule with `context` a keyword stands in every match or near it: in the name or the call that the value is bound
//! to. In any other rule, and where a match has no longest length, a keyword is what it is for gitleaks: a word that must
//! occur somewhere.

use std::ops::Range;

use aho_corasick::AhoCorasick;

use crate::rule::{Pattern, Rule, SharedRule};

/// How far from a match a keyword may stand at the least, in bytes; it may be as far as a match can be long.
const NEAR: usize = 1 << 10;

/// The same at the most: every match costs a look at so much.
const FAR: usize = 64 << 10;

/// The keywords of all rules, each list with how far from a match its words may stand.
#[derive(Debug)]
pub(super) struct Keywords(Vec<(Option<AhoCorasick>, usize)>);

impl Keywords {
    /// Prepares the search for the keywords of `rules`.
    pub(super) fn new(rules: &[SharedRule]) -> Self {
        let automaton = |rule: &Rule| {
            let words = rule.keywords.iter().map(|word| word.as_bytes());
            // Without the automaton the rule may not be passed over.
            AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok()
        };
        let reach = |rule: &Rule| rule.regex.as_ref().and_then(Pattern::longest).unwrap_or(NEAR).clamp(NEAR, FAR);
        let list = |rule: &SharedRule| ((!rule.keywords.is_empty()).then(|| automaton(rule)).flatten(), reach(rule));
        Self(rules.iter().map(list).collect())
    }

    /// Whether a keyword of the rule must stand near its match.
    pub(super) fn must_be_near(rule: &Rule) -> bool {
        rule.context.is_some() && rule.regex.as_ref().and_then(Pattern::longest).is_some()
    }

    /// Whether a keyword of the rule is in a text, or the rule has none.
    pub(super) fn are_in(&self, rule: usize, text: &[u8]) -> bool {
        self.0.get(rule).and_then(|(words, _)| words.as_ref()).is_none_or(|words| words.is_match(text))
    }

    /// Whether a keyword of the rule is near a match, or the rule has none.
    pub(super) fn are_near(&self, rule: usize, text: &[u8], whole: &Range<usize>) -> bool {
        let reach = self.0.get(rule).map_or(NEAR, |(_, reach)| *reach);
        self.are_in(rule, &text[whole.clone()])
            || self.are_in(rule, &text[whole.start.saturating_sub(reach)..text.len().min(whole.end + reach)])
    }
}
