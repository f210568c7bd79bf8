//! Decides where a match of a rule without anchors may begin: where something announces one.
//!
//! Only a rule of whose pattern that cannot be told is looked for everywhere.

use std::collections::BTreeMap;
use std::ops::Range;

use super::clue::{ByteClass, Clue, Mark, Run, clues};
use super::literals::{Literals, without_extensions};
use crate::rule::SharedRule;

/// A part of a text in which matches may begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Where a match may begin.
    pub(super) starts: Range<usize>,
    /// Where such a match ends at the latest.
    pub(super) end: usize,
}

impl Window {
    /// All of a text of `len` bytes.
    pub(super) fn whole(len: usize) -> Self {
        Self { starts: 0..len + 1, end: len }
    }
}

/// Windows that are nearer to each other than this, in bytes, become one. So there are few of them in a text that is full
/// of what announces matches.
const NEAR: usize = 16;

/// Adds a window; one that begins in the last one or shortly behind it makes that wider.
fn push(windows: &mut Vec<Window>, window: Window) {
    let start = window.starts.start;
    match windows.last_mut().filter(|last| last.starts.start <= start && start <= last.starts.end + NEAR) {
        Some(last) => {
            last.starts.end = last.starts.end.max(window.starts.end);
            last.end = last.end.max(window.end);
        }
        None => windows.push(window),
    }
}

/// Joins windows that overlap or are near each other, in any order.
pub(super) fn merge(mut windows: Vec<Window>) -> Vec<Window> {
    windows.sort_unstable_by_key(|window| window.starts.start);
    let mut merged = Vec::with_capacity(windows.len());
    for window in windows {
        push(&mut merged, window);
    }
    merged
}

/// How the matches of a rule lie around what announces them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reach {
    rule: usize,
    /// How many bytes of a match stand before its mark.
    before: (usize, usize),
    /// Of which class these are.
    lead: ByteClass,
    /// How many bytes of a match stand behind the start of its mark, at the most.
    after: usize,
}

impl Reach {
    fn new(rule: usize, clue: &Clue) -> Self {
        Self { rule, before: (*clue.before.start(), *clue.before.end()), lead: clue.lead.clone(), after: clue.after }
    }

    /// Where matches may begin whose marks begin in `marks`; nothing if what stands before cannot be their start.
    fn window(&self, marks: Range<usize>, bytes: &[u8]) -> Option<Window> {
        let (least, most) = self.before;
        let before = &bytes[marks.start.saturating_sub(most)..marks.start];
        let lead = before.iter().rev().take_while(|&&byte| self.lead.has(byte)).count();
        let starts = marks.start - lead..marks.end.saturating_sub(least);
        (!starts.is_empty()).then(|| Window { starts, end: bytes.len().min(marks.end + self.after) })
    }
}

/// Looks for what announces matches of several rules.
#[derive(Debug)]
pub(super) struct Starts {
    literals: Literals,
    /// For each literal the rules that it announces.
    owners: Vec<Vec<Reach>>,
    runs: Vec<(Run, Vec<Reach>)>,
    /// Rules that are looked for everywhere.
    anywhere: Vec<usize>,
}

impl Starts {
    /// Prepares the search for what announces the rules with these indexes.
    pub(super) fn new(rules: &[SharedRule], indexes: &[usize]) -> Self {
        let mut by_literal: BTreeMap<Box<[u8]>, Vec<Reach>> = BTreeMap::new();
        let mut by_run: BTreeMap<Run, Vec<Reach>> = BTreeMap::new();
        let mut anywhere = Vec::new();
        for &rule in indexes {
            let pattern = rules[rule].regex.as_ref().filter(|_| rules[rule].context.is_some());
            let Some(clues) = pattern.and_then(|pattern| clues(&pattern.syntax()?)) else {
                anywhere.push(rule);
                continue;
            };
            for clue in clues {
                let reach = Reach::new(rule, &clue);
                match clue.mark {
                    Mark::Run(run) => by_run.entry(run).or_default().push(reach),
                    Mark::Literals(literals) => literals
                        .into_iter()
                        .for_each(|literal| by_literal.entry(literal).or_default().push(reach.clone())),
                }
            }
        }
        let by_literal = without_extensions(by_literal);
        let literals: Vec<&[u8]> = by_literal.keys().map(AsRef::as_ref).collect();
        let Some(literals) = Literals::new(&literals) else {
            return Self { literals: Literals::None, owners: Vec::new(), runs: Vec::new(), anywhere: indexes.to_vec() };
        };
        let owners = by_literal.into_values().collect();
        Self { literals, owners, runs: by_run.into_iter().collect(), anywhere }
    }

    /// For each rule that may match the windows in which its matches begin, ascending and apart.
    pub(super) fn windows(&self, bytes: &[u8]) -> BTreeMap<usize, Vec<Window>> {
        let mut windows: BTreeMap<usize, Vec<Window>> = BTreeMap::new();
        let mut add = |reaches: &[Reach], marks: Range<usize>| {
            let found = reaches.iter().filter_map(|reach| Some((reach.rule, reach.window(marks.clone(), bytes)?)));
            found.for_each(|(rule, window)| push(windows.entry(rule).or_default(), window));
        };
        // Text in lower case is made for all literals at once: to search without regard to case is slower.
        self.literals.scan(&bytes.to_ascii_lowercase(), |at, literal| add(&self.owners[literal], at..at + 1));
        for (run, reaches) in &self.runs {
            run.scan(bytes, |found| add(reaches, found.start..found.end - run.least + 1));
        }
        for windows in windows.values_mut() {
            *windows = merge(std::mem::take(windows));
        }
        windows.extend(self.anywhere.iter().map(|&rule| (rule, vec![Window::whole(bytes.len())])));
        windows
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rule::RuleSet;

    #[test]
    fn windows_that_overlap_or_are_near_become_one() {
        let window = |starts: Range<usize>, end| Window { starts, end };
        let merged = merge(vec![window(90..95, 95), window(50..60, 70), window(62..63, 65), window(10..11, 99)]);
        assert_eq!(merged, [window(10..11, 99), window(50..63, 70), window(90..95, 95)]);
    }

    #[test]
    fn a_window_begins_where_a_match_can() {
        let rules = RuleSet::builtin().unwrap();
        let space = rules.rules().iter().position(|rule| &*rule.id == "signalwire-space-url").unwrap();
        let text = b"see https://north.signalwire.com/ now";
        let windows = Starts::new(rules.rules(), &[space]).windows(text);
        assert_eq!(windows[&space], [Window { starts: 12..17, end: 33 }]);
    }

    /// Texts full of what rules look for, whole and in part.
    fn text() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            "[a-z]{1,6}(_|-| |=|: |://|\"|\n)",
            Just("SignalWire ".to_owned()),
            prop::sample::select(vec![
                "SPACE",
                "space_name",
                "sip",
                "Password",
                "signing_key",
                "swml_basic_auth_password"
            ])
            .prop_map(str::to_owned),
            prop::sample::select(vec!["=", ": ", " => ", "\"", "'", "(", "@", ".", "/", " ", "-u ", "://"])
                .prop_map(str::to_owned),
            "[A-Za-z0-9]{50,52}",
            "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
            "[a-z]{3,8}\\.signalwire\\.com",
        ];
        prop::collection::vec(part, 0..60).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn every_match_begins_in_a_window(text in text()) {
            let rules = RuleSet::builtin().unwrap();
            let roaming: Vec<usize> =
                (0..rules.rules().len()).filter(|&rule| rules.rules()[rule].anchors.is_empty()).collect();
            let windows = Starts::new(rules.rules(), &roaming).windows(text.as_bytes());
            for rule in roaming {
                let regex = rules.rules()[rule].regex.as_ref().unwrap().regex();
                for found in regex.find_iter(text.as_bytes()) {
                    let fits = |window: &Window| window.starts.contains(&found.start()) && window.end >= found.end();
                    let windows = windows.get(&rule).map(Vec::as_slice).unwrap_or_default();
                    prop_assert!(windows.iter().any(fits), "{} {:?} {:?}", rules.rules()[rule].id, found, windows);
                }
            }
        }
    }
}
