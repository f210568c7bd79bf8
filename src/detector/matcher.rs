//! Decides what matches: literal hits are confirmed by the rules' patterns, next to the hit where that is exact.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::Captures;

use super::keywords::{Extent, Keywords, around_uuids};
use super::locality::{self, Setting};
use super::prefilter::{Meaning, Prefilter};
use super::text::Text;
use super::{Candidate, check, neighbour, vendor};
use crate::blob::Name;
use crate::rule::{Check, Context, Pattern, Rule, SharedRule, Vendor};

/// A match of a pattern without an upper bound is looked for this far from its anchor, in bytes.
const MAX_REACH: usize = 16 << 10;

/// What is near is not farther away than this, in bytes, however long the lines are.
const NEIGHBOURHOOD: usize = 8 << 10;

/// How far a match may reach out of the lines in which its secret begins, in bytes.
const LEAD: usize = 256;

/// All that is prepared once and used for every text.
#[derive(Debug)]
pub(super) struct Matcher {
    prefilter: Prefilter,
    /// Rules that no literal announces, and whether they need a vendor.
    roaming: Vec<usize>,
    /// Whether a roaming rule can match a text that speaks of no vendor.
    always: bool,
    keywords: OnceLock<Keywords>,
}

/// What the first pass saw in a text.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// For each rule with anchors the windows around its hits, merged.
    windows: BTreeMap<usize, Extent>,
    vendors: Vec<(usize, Vendor)>,
    wide: Vec<usize>,
}

impl Hits {
    /// Whether nothing in the text can match.
    pub(super) fn is_idle(&self, matcher: &Matcher) -> bool {
        self.windows.is_empty() && self.vendors.is_empty() && self.wide.is_empty() && !matcher.always
    }

    fn add(&mut self, meaning: Meaning, rules: &[SharedRule], bytes: &[u8], at: usize) {
        match meaning {
            Meaning::Rule(rule) => self.widen(rule, &rules[rule], bytes.len(), at),
            Meaning::Vendor(vendor) if vendor::confirms(vendor, bytes, at) => self.vendors.push((at, vendor)),
            Meaning::Vendor(_) => {}
            Meaning::Wide => self.wide.push(at),
        }
    }

    /// Adds the window of a hit: as far as a match that holds the anchor can reach. Hits come in ascending order.
    fn widen(&mut self, index: usize, rule: &Rule, len: usize, at: usize) {
        let longest = rule.regex.as_ref().and_then(Pattern::longest);
        let reach = longest.map_or(MAX_REACH, |longest| longest.min(MAX_REACH));
        let windows = self.windows.entry(index).or_insert(Extent::Windows(Vec::new()));
        windows.add(at.saturating_sub(reach)..len.min(at + reach + 1));
    }

    /// The windows of all rules with anchors, merged.
    pub(super) fn anchored_windows(&self) -> Vec<Range<usize>> {
        let windows = self.windows.values().filter_map(|extent| match extent {
            Extent::Windows(windows) => Some(windows),
            Extent::Whole => None,
        });
        let mut all: Vec<Range<usize>> = windows.flatten().cloned().collect();
        all.sort_unstable_by_key(|window| window.start);
        let mut merged = Extent::Windows(Vec::new());
        for window in all {
            merged.add(window);
        }
        merged.ranges(0)
    }

    /// Offsets of what may be UTF-16.
    pub(super) fn wide(&self) -> &[usize] {
        &self.wide
    }

    /// Offsets at which one of `vendors` is mentioned.
    fn mentions<'a>(&'a self, vendors: &'a [Vendor]) -> impl Iterator<Item = usize> + 'a {
        self.vendors.iter().filter(|(_, vendor)| vendors.contains(vendor)).map(|(at, _)| *at)
    }
}

impl Matcher {
    /// Prepares the search for `rules`.
    pub(super) fn new(rules: &[SharedRule]) -> Self {
        let anchors = rules
            .iter()
            .enumerate()
            .flat_map(|(index, rule)| rule.anchors.iter().map(move |anchor| (anchor.clone(), Meaning::Rule(index))));
        let mut vendors: Vec<Vendor> =
            rules.iter().filter_map(|rule| rule.context.as_ref()).flat_map(|c| c.any.clone()).collect();
        vendors.sort_unstable();
        vendors.dedup();
        let mentions = vendors.iter().flat_map(|&vendor| {
            vendor::anchors(vendor).iter().map(move |anchor| ((*anchor).into(), Meaning::Vendor(vendor)))
        });
        let roaming = |rule: &SharedRule| rule.anchors.is_empty() && rule.regex.is_some();
        Self {
            prefilter: Prefilter::new(anchors.chain(mentions)),
            roaming: (0..rules.len()).filter(|&index| roaming(&rules[index])).collect(),
            always: rules.iter().any(|rule| roaming(rule) && rule.context.is_none()),
            keywords: OnceLock::new(),
        }
    }

    /// What the first pass looks for.
    #[cfg(test)]
    pub(super) fn prefilter(&self) -> &Prefilter {
        &self.prefilter
    }

    /// The first pass over a text.
    pub(super) fn hits(&self, rules: &[SharedRule], text: &Text<'_>) -> Hits {
        let mut hits = Hits::default();
        let bytes = &*text.bytes;
        self.prefilter
            .scan(bytes, |at, meanings| meanings.iter().for_each(|meaning| hits.add(*meaning, rules, bytes, at)));
        hits
    }

    /// The longest match of a rule without anchors; nothing if there is no bound, or if such a rule needs no context.
    pub(super) fn longest_roaming(&self, rules: &[SharedRule]) -> Option<usize> {
        let patterns = self.roaming.iter().filter_map(|&rule| rules[rule].regex.as_ref());
        locality::longest(patterns).filter(|_| !self.always)
    }

    /// What a text is about.
    pub(super) fn setting(rules: &[SharedRule], text: &Text<'_>, hits: &Hits) -> Setting {
        let mut setting = Setting::default();
        hits.vendors.iter().for_each(|(_, vendor)| setting.mention(*vendor));
        let is_token = |index: &&usize| rules[**index].part == crate::rule::Part::Token;
        if hits.windows.keys().any(|index| is_token(&index)) {
            let name = Name::unknown();
            let mut search = Search { rules, text, name: &name, mentions: hits, setting, found: Vec::new() };
            search.anchored(&hits.windows);
            if !search.tokens().is_empty() {
                setting.hold_token();
            }
        }
        setting
    }

    /// Everything that the rules make of a text, which is a part of one that is known to be about `setting`.
    pub(super) fn candidates(
        &self,
        rules: &[SharedRule],
        text: &Text<'_>,
        (hits, mut setting): (&Hits, Setting),
        name: &Name,
    ) -> Vec<Candidate> {
        hits.vendors.iter().for_each(|(_, vendor)| setting.mention(*vendor));
        let mut search = Search { rules, text, name, mentions: hits, setting, found: Vec::new() };
        search.anchored(&hits.windows);
        let tokens = search.tokens();
        if !tokens.is_empty() {
            search.setting.hold_token();
        }
        if self.always || !search.setting.is_empty() {
            let keywords = self.keywords.get_or_init(|| Keywords::new(rules, &self.roaming));
            for (rule, extent) in keywords.extents(&text.bytes) {
                search.roam(rule, extent, &tokens);
            }
        }
        neighbour::complete(rules, text, &mut search.found);
        search.found
    }
}

/// The search of one text.
struct Search<'a> {
    rules: &'a [SharedRule],
    text: &'a Text<'a>,
    name: &'a Name,
    mentions: &'a Hits,
    setting: Setting,
    found: Vec<Candidate>,
}

impl Search<'_> {
    /// Confirms the anchored rules around their hits.
    fn anchored(&mut self, extents: &BTreeMap<usize, Extent>) {
        let len = self.text.bytes.len();
        let fitting = extents.iter().filter(|(index, _)| path_fits(&self.rules[**index], self.name));
        let windows: Vec<_> = fitting
            .flat_map(|(&index, extent)| extent.clone().ranges(len).into_iter().map(move |w| (index, w)))
            .collect();
        for (index, window) in windows {
            self.matches(index, window, &[]);
        }
    }

    /// Runs a rule without anchors over what its keywords and its context leave of the text.
    fn roam(&mut self, index: usize, extent: Extent, tokens: &[usize]) {
        let rule = &self.rules[index];
        if !path_fits(rule, self.name) || !self.context_fits(index) {
            return;
        }
        let extent = match &rule.context {
            Some(Context { any, lines: Some(lines) }) => extent.and(self.around_mentions(any, *lines, tokens)),
            _ if extent == Extent::Whole && rule.checks.contains(&Check::Uuid) => around_uuids(&self.text.bytes),
            _ => extent,
        };
        for window in extent.ranges(self.text.bytes.len()) {
            self.matches(index, window, tokens);
        }
    }

    /// The lines around each mention; a match may begin before them, as far as a name stands from its value.
    fn around_mentions(&self, any: &[Vendor], lines: u64, tokens: &[usize]) -> Extent {
        let with_tokens = any.contains(&Vendor::Signalwire);
        let mut mentions: Vec<usize> = self.mentions.mentions(any).collect();
        mentions.extend(tokens.iter().filter(|_| with_tokens));
        mentions.sort_unstable();
        let mut extent = Extent::Windows(Vec::new());
        for mention in mentions {
            let around = lines_around(&self.text.bytes, mention, lines);
            extent.add(around.start.saturating_sub(LEAD)..self.text.bytes.len().min(around.end + LEAD));
        }
        extent
    }

    fn matches(&mut self, index: usize, window: Range<usize>, tokens: &[usize]) {
        let rule = &self.rules[index];
        let Some(pattern) = &rule.regex else { return };
        let bytes = &self.text.bytes[..window.end];
        let regex = pattern.regex();
        let mut from = window.start;
        // `captures_at` sees the bytes before `from`, so that `\b` holds at the start of a window.
        while let Some(captures) = regex.captures_at(bytes, from) {
            let whole = captures.get(0).map_or(from..from, |m| m.range());
            let span = secret_span(rule, &captures);
            let after = if whole.is_empty() { whole.end + 1 } else { whole.end };
            let candidate = Candidate::new(index, whole.clone(), span.clone());
            let passed = check::pass(rule, self.text, candidate)
                .filter(|passed| self.near_enough(rule, passed.span.start, tokens));
            // A name with a value that is not what the rule looks for: the value may still be the start of a match.
            from = if passed.is_none() && span.start > whole.start { span.start } else { after };
            self.found.extend(passed);
            if from > bytes.len() {
                break;
            }
        }
    }

    /// Whether the text mentions what the rule asks for.
    fn context_fits(&self, index: usize) -> bool {
        self.rules[index].context.as_ref().is_none_or(|context| self.setting.speaks_of(&context.any))
    }

    /// Whether a mention is as near to `at` as the rule asks for.
    fn near_enough(&self, rule: &Rule, at: usize, tokens: &[usize]) -> bool {
        let Some(Context { any, lines: Some(lines) }) = &rule.context else { return true };
        let around = lines_around(&self.text.bytes, at, *lines);
        let first = self.mentions.vendors.partition_point(|(mention, _)| *mention < around.start);
        let mut vendors = self.mentions.vendors[first..].iter().take_while(|(mention, _)| *mention < around.end);
        let first_token = tokens.partition_point(|token| *token < around.start);
        let token = tokens.get(first_token).is_some_and(|token| *token < around.end);
        vendors.any(|(_, vendor)| any.contains(vendor)) || (token && any.contains(&Vendor::Signalwire))
    }

    /// Where tokens were found.
    fn tokens(&self) -> Vec<usize> {
        let is_token = |candidate: &&Candidate| self.rules[candidate.rule].part == crate::rule::Part::Token;
        let mut tokens: Vec<usize> = self.found.iter().filter(is_token).map(|candidate| candidate.span.start).collect();
        tokens.sort_unstable();
        tokens
    }
}

/// The range of the line around `at` and `lines` lines on either side, within [`NEIGHBOURHOOD`].
pub(super) fn lines_around(bytes: &[u8], at: usize, lines: u64) -> Range<usize> {
    let floor = at.saturating_sub(NEIGHBOURHOOD);
    let ceiling = bytes.len().min(at + NEIGHBOURHOOD);
    let lines = usize::try_from(lines).unwrap_or(usize::MAX);
    let start = memchr::memrchr_iter(b'\n', &bytes[floor..at]).nth(lines).map_or(floor, |feed| floor + feed + 1);
    let end = memchr::memchr_iter(b'\n', &bytes[at..ceiling]).nth(lines).map_or(ceiling, |feed| at + feed);
    start..end
}

/// Whether the rule looks at blobs of this name, or may do so.
fn path_fits(rule: &Rule, name: &Name) -> bool {
    name.is_unknown() || rule.path.as_ref().is_none_or(|path| path.regex().is_match(name.as_bytes()))
}

/// The part of a match that is the secret.
fn secret_span(rule: &Rule, captures: &Captures<'_>) -> Range<usize> {
    let whole = || captures.get(0).map_or(0..0, |m| m.range());
    match rule.secret_group {
        0 => captures.iter().skip(1).flatten().find(|m| !m.is_empty()).map_or_else(whole, |m| m.range()),
        group => captures.get(group).map_or_else(whole, |m| m.range()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_reaches_as_far_as_a_match_can() {
        let rules = crate::rule::RuleSet::builtin().unwrap();
        let index = rules.rules().iter().position(|rule| &*rule.id == "signalwire-api-token").unwrap();
        let mut hits = Hits::default();
        for at in [100, 120, 1000] {
            hits.widen(index, &rules.rules()[index], 1010, at);
        }
        assert_eq!(hits.windows[&index], Extent::Windows(vec![50..171, 950..1010]));
    }

    #[test]
    fn lines_are_counted_on_either_side() {
        assert_eq!(lines_around(b"a\nb\nc\nd\ne", 4, 1), 2..7);
        assert_eq!(lines_around(b"a\nb\nc\nd\ne", 4, 9), 0..9);
    }
}
