//! Decides what matches: literal hits are confirmed by the rules' patterns, next to the hit where that is exact.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input};

use super::keywords::Keywords;
use super::locality::{self, Setting};
use super::prefilter::{Meaning, Prefilter};
use super::starts::{Starts, Window, merge};
use super::text::Text;
use super::{Candidate, check, neighbour, vendor};
use crate::blob::Name;
use crate::rule::{Context, Pattern, Rule, SharedRule, Vendor};

/// A match of a pattern without an upper bound is looked for this far from its anchor, in bytes.
const MAX_REACH: usize = 16 << 10;

/// What is near is not farther away than this, in bytes, however long the lines are.
const NEIGHBOURHOOD: usize = 8 << 10;

/// All that is prepared once and used for every text.
#[derive(Debug)]
pub(super) struct Matcher {
    prefilter: Prefilter,
    /// Rules that no literal announces, and whether they need a vendor.
    roaming: Vec<usize>,
    /// Whether a roaming rule can match a text that speaks of no vendor.
    always: bool,
    /// Where these rules are looked for, and their keywords; made when a text asks for them.
    roamer: OnceLock<(Starts, Keywords)>,
}

/// What the first pass saw in a text.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// For each rule with anchors the windows around its hits, merged.
    windows: BTreeMap<usize, Vec<Window>>,
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
        let window = Window { starts: at.saturating_sub(reach)..at + 1, end: len.min(at + reach + 1) };
        let windows = self.windows.entry(index).or_default();
        match windows.last_mut().filter(|last| window.starts.start <= last.end) {
            Some(last) => *last = Window { starts: last.starts.start..window.starts.end, end: window.end },
            None => windows.push(window),
        }
    }

    /// The windows of all rules with anchors, merged.
    pub(super) fn anchored_windows(&self) -> Vec<Range<usize>> {
        let windows = self.windows.values().flatten().map(|window| window.starts.start..window.end);
        let all = windows.map(|range| Window { end: range.end, starts: range }).collect();
        merge(all).into_iter().map(|window| window.starts).collect()
    }

    /// Offsets of what may be UTF-16.
    pub(super) fn wide(&self) -> &[usize] {
        &self.wide
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
            roamer: OnceLock::new(),
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
            let (starts, keywords) =
                self.roamer.get_or_init(|| (Starts::new(rules, &self.roaming), Keywords::new(rules)));
            for (rule, windows) in starts.windows(&text.bytes) {
                search.roam((rule, keywords), &windows, &tokens);
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
    fn anchored(&mut self, windows: &BTreeMap<usize, Vec<Window>>) {
        for (&index, windows) in windows.iter().filter(|(index, _)| path_fits(&self.rules[**index], self.name)) {
            self.matches(index, windows, |_, _| true);
        }
    }

    /// Looks for a rule without anchors where its matches may begin and its context is.
    fn roam(&mut self, (index, keywords): (usize, &Keywords), windows: &[Window], tokens: &[usize]) {
        let rule = &self.rules[index];
        if !path_fits(rule, self.name) || !self.context_fits(index) {
            return;
        }
        let is_near = Keywords::must_be_near(rule);
        if !is_near && !keywords.are_in(index, &self.text.bytes) {
            return;
        }
        self.matches(index, windows, |search, found| {
            (!is_near || keywords.are_near(index, &search.text.bytes, &found.whole))
                && search.near_enough(rule, found.span.start, tokens)
        });
    }

    /// Takes down the matches of a rule that begin in `windows`, pass its checks and are as `wanted`.
    fn matches(&mut self, index: usize, windows: &[Window], wanted: impl Fn(&Self, &Candidate) -> bool) {
        let Some(pattern) = &self.rules[index].regex else { return };
        let mut captures = pattern.regex().create_captures();
        let mut from = 0;
        for window in windows {
            from = window.starts.start.max(from);
            while next(pattern, &self.text.bytes, (window, from), &mut captures) {
                from = self.confirm(index, &captures, &wanted);
            }
        }
    }

    /// Takes down a match if it passes, and returns where the next one may begin.
    fn confirm(&mut self, index: usize, captures: &Captures, wanted: &impl Fn(&Self, &Candidate) -> bool) -> usize {
        let rule = &self.rules[index];
        let candidate = candidate(index, rule, captures);
        let (whole, start) = (candidate.whole.clone(), candidate.span.start);
        let passed = check::pass(rule, self.text, candidate).filter(|passed| wanted(self, passed));
        // A name with a value that is not what the rule looks for: the value may still be the start of a match.
        let is_name = passed.is_none() && start > whole.start;
        self.found.extend(passed);
        if is_name { start } else { whole.end.max(whole.start + 1) }
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

/// How many starts are tried one by one. To search for a start takes a look at all that a match may hold.
const FEW: usize = 4;

/// Whether a match begins in a window, not before `from`; the first one if there are several.
fn next(pattern: &Pattern, bytes: &[u8], (window, from): (&Window, usize), captures: &mut Captures) -> bool {
    let regex = pattern.regex();
    if window.starts.len() > FEW {
        if from >= window.starts.end || from > window.end {
            return false;
        }
        // The bytes around the range are seen, so that `\b` holds at its ends.
        regex.search_captures(&Input::new(bytes).range(from..window.end), captures);
        return captures.get_match().is_some_and(|found| found.start() < window.starts.end);
    }
    (from..window.starts.end.min(bytes.len() + 1)).any(|at| {
        let input = Input::new(bytes).range(at..window.end.max(at)).anchored(Anchored::Yes);
        regex.search_captures(&input, captures);
        captures.is_match()
    })
}

/// A match with the part of it that is the secret.
fn candidate(index: usize, rule: &Rule, captures: &Captures) -> Candidate {
    let whole = captures.get_match().map_or(0..0, |found| found.range());
    let group = match rule.secret_group {
        0 => {
            let mut groups = (1..captures.group_len()).filter_map(|group| captures.get_group(group));
            groups.find(|span| !span.is_empty())
        }
        group => captures.get_group(group),
    };
    let span = group.map_or_else(|| whole.clone(), |span| span.range());
    Candidate::new(index, whole, span)
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
        let windows = [Window { starts: 50..121, end: 171 }, Window { starts: 950..1001, end: 1010 }];
        assert_eq!(hits.windows[&index], windows);
    }

    #[test]
    fn lines_are_counted_on_either_side() {
        assert_eq!(lines_around(b"a\nb\nc\nd\ne", 4, 1), 2..7);
        assert_eq!(lines_around(b"a\nb\nc\nd\ne", 4, 9), 0..9);
    }
}
