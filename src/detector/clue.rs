//! Decides what announces the matches of a pattern: short literals one of which stands in each, or a long run of bytes
//! of one class.
//!
//! Both are read from the syntax of the pattern, alternative by alternative, with how far before and behind them a match
//! can reach. Literals are in lower case, and so must be the text in which they are looked for; for a pattern that minds
//! case they only announce more than there is.

use std::ops::{Range, RangeInclusive};

use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Capture, Class, ClassBytes, ClassBytesRange, Hir, HirKind, Repetition};

/// The bytes of the shortest literal.
const SHORTEST: usize = 3;

/// The bytes of the shortest run. What is shorter is in every text.
const SHORTEST_RUN: usize = 32;

/// How many bytes the class of a run has at the most: letters, digits and some marks.
const LARGEST_CLASS: usize = 70;

/// How many bytes of a literal are looked at.
const LITERAL: usize = 12;

/// How many literals may announce one alternative, before the longer ones are cut.
const MOST: usize = 64;

/// What a text about SignalWire is full of: a part of that announces nothing.
const COMMON: &str = "https://www.signalwire.com/";

/// What announces a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// One of these, in lower case.
    Literals(Vec<Box<[u8]>>),
    /// So many bytes of a class in a row.
    Run(Run),
}

/// Some of the 256 bytes, each in both cases.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ByteClass(Box<[bool; 256]>);

/// Bytes of one class in a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Run {
    class: ByteClass,
    /// How many there are at the least.
    pub(super) least: usize,
}

/// What announces a match, and where the match is then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clue {
    pub(super) mark: Mark,
    /// How many bytes of the match stand before it.
    pub(super) before: RangeInclusive<usize>,
    /// Of which class these bytes are.
    pub(super) lead: ByteClass,
    /// How many bytes of the match stand behind its start, at the most.
    pub(super) after: usize,
}

/// What announces the matches of a pattern; nothing if that cannot be told, or if a match has no longest length.
pub(super) fn clues(pattern: &Hir) -> Option<Vec<Clue>> {
    pattern.properties().maximum_len()?;
    of(&folded(pattern))
}

/// The best clues for one part of a pattern.
fn of(hir: &Hir) -> Option<Vec<Clue>> {
    match hir.kind() {
        HirKind::Capture(Capture { sub, .. }) => of(sub),
        HirKind::Alternation(parts) => {
            let each: Option<Vec<Vec<Clue>>> = parts.iter().map(of).collect();
            // One list of literals for all of them may be shorter.
            let all = alone(hir).into_iter().map(|clue| vec![clue]);
            all.chain(each.map(|each| each.concat())).min_by_key(|clues| cost(clues))
        }
        HirKind::Concat(parts) => in_sequence(parts),
        HirKind::Repetition(Repetition { min, .. }) if *min == 0 => None,
        _ => alone(hir).map(|clue| vec![clue]),
    }
}

/// The best clues for parts that follow each other.
fn in_sequence(parts: &[Hir]) -> Option<Vec<Clue>> {
    let mut best: Option<Vec<Clue>> = None;
    // What may be absent or is any of many bytes begins no good clue.
    let solid = (0..parts.len()).filter(|&at| parts[at].properties().minimum_len() != Some(0));
    for at in solid {
        let rest = alone(&Hir::concat(parts[at..].to_vec())).map(|clue| vec![clue]);
        let inner = of(&parts[at]).map(|clues| shifted(clues, &parts[at + 1..], &[]));
        let candidates = rest.into_iter().chain(inner).map(|clues| shifted(clues, &[], &parts[..at]));
        best = best.into_iter().chain(candidates).min_by_key(|clues| cost(clues));
        // What follows a name is a value, which announces less and is larger.
        if best.as_ref().is_some_and(|clues| cost(clues) <= GOOD) {
            break;
        }
    }
    best
}

/// The same clues, for a pattern that goes on with `behind` and begins with `before`.
fn shifted(clues: Vec<Clue>, behind: &[Hir], before: &[Hir]) -> Vec<Clue> {
    let longest = |parts: &[Hir]| parts.iter().filter_map(|part| part.properties().maximum_len()).sum::<usize>();
    let shortest = before.iter().filter_map(|part| part.properties().minimum_len()).sum::<usize>();
    let moved = |mut clue: Clue| {
        for part in before {
            clue.lead.add_all(part);
        }
        Clue {
            before: clue.before.start() + shortest..=clue.before.end() + longest(before),
            after: clue.after + longest(behind),
            ..clue
        }
    };
    clues.into_iter().map(moved).collect()
}

/// What a part begins with, or the run that it begins with.
fn alone(hir: &Hir) -> Option<Clue> {
    let after = hir.properties().maximum_len()?;
    let marks = run(hir).map(Mark::Run).into_iter().chain(literals(hir).map(Mark::Literals));
    let clues = marks.map(|mark| Clue { mark, before: 0..=0, lead: ByteClass::none(), after });
    clues.min_by_key(|clue| cost(std::slice::from_ref(clue)))
}

/// The run that all matches of a part begin with.
fn run(hir: &Hir) -> Option<Run> {
    let parts = match hir.kind() {
        HirKind::Concat(parts) => parts.as_slice(),
        HirKind::Capture(Capture { sub, .. }) => return run(sub),
        _ => std::slice::from_ref(hir),
    };
    let mut run = Run { class: ByteClass::none(), least: 0 };
    let mut best: Option<Run> = None;
    for part in parts {
        if !run.class.add(part) || run.class.len() > LARGEST_CLASS {
            break;
        }
        run.least += part.properties().minimum_len()?;
        let is_best = best.as_ref().is_none_or(|best| run.cost() < best.cost());
        if run.least >= SHORTEST_RUN && is_best {
            best = Some(run.clone());
        }
    }
    best
}

impl ByteClass {
    fn none() -> Self {
        Self(Box::new([false; 256]))
    }

    fn len(&self) -> usize {
        self.0.iter().filter(|is_in| **is_in).count()
    }

    pub(super) fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }

    fn set(&mut self, byte: u8) {
        self.0[usize::from(byte)] = true;
        self.0[usize::from(byte.to_ascii_uppercase())] = true;
    }

    /// Adds the bytes of which a part of a pattern consists; false if there is something in it that is no byte.
    fn add(&mut self, hir: &Hir) -> bool {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => true,
            HirKind::Literal(literal) => {
                literal.0.iter().for_each(|&byte| self.set(byte));
                true
            }
            HirKind::Class(Class::Bytes(bytes)) => {
                let all = bytes.ranges().iter().flat_map(|range| range.start()..=range.end());
                all.for_each(|byte| self.set(byte));
                true
            }
            HirKind::Class(Class::Unicode(_)) => false,
            HirKind::Repetition(Repetition { sub, .. }) | HirKind::Capture(Capture { sub, .. }) => self.add(sub),
            HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(|part| self.add(part)),
        }
    }

    /// The same, or all bytes.
    fn add_all(&mut self, hir: &Hir) {
        if !self.add(hir) {
            self.0.fill(true);
        }
    }
}

/// The literals that matches of a part begin with.
fn literals(hir: &Hir) -> Option<Vec<Box<[u8]>>> {
    let mut extractor = Extractor::new();
    extractor.limit_class(4).limit_repeat(4).limit_literal_len(LITERAL).limit_total(MOST);
    let sequence = extractor.extract(hir);
    let found: Vec<&[u8]> = sequence.literals()?.iter().map(regex_syntax::hir::literal::Literal::as_bytes).collect();
    let cut = |most: usize| {
        let mut cut: Vec<Box<[u8]>> = found.iter().map(|literal| literal[..literal.len().min(most)].into()).collect();
        cut.sort_unstable();
        // In byte order a literal directly follows the one that it begins with.
        cut.dedup_by(|longer, shorter| longer.starts_with(shorter));
        cut
    };
    let candidates = (SHORTEST..=LITERAL).rev().map(cut).filter(|literals| literals.len() <= MOST);
    let fit = candidates.filter(|literals| literals.iter().all(|literal| literal.len() >= SHORTEST));
    fit.min_by_key(|literals| literals.iter().map(|literal| weight(literal)).sum::<usize>()).filter(|it| !it.is_empty())
}

/// How often a literal is met, roughly.
fn weight(literal: &[u8]) -> usize {
    let is_common = COMMON.as_bytes().windows(literal.len()).any(|window| window == literal);
    // Each literal more makes the search slower.
    24 + if is_common { 1 << 11 } else { 1 << 11 >> literal.len().min(LITERAL) }
}

/// What it costs to look for a run, measured by [`weight`].
const RUN: usize = 300;

/// What good clues cost: a few literals of five bytes.
const GOOD: usize = 300;

/// What it costs to follow clues.
fn cost(clues: &[Clue]) -> usize {
    let of = |clue: &Clue| match &clue.mark {
        Mark::Run(run) => run.cost(),
        Mark::Literals(literals) => {
            let weights: usize = literals.iter().map(|literal| weight(literal)).sum();
            // Where the start of a match is not known it must be searched for.
            weights * if clue.before.end() - clue.before.start() > 1 { 4 } else { 1 }
        }
    };
    clues.iter().map(of).sum()
}

/// The same pattern for texts in lower case.
fn folded(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Literal(literal) => Hir::literal(literal.0.to_ascii_lowercase()),
        HirKind::Class(Class::Bytes(class)) => {
            let all = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            let lower = all.map(|byte| byte.to_ascii_lowercase()).map(|byte| ClassBytesRange::new(byte, byte));
            Hir::class(Class::Bytes(ClassBytes::new(lower)))
        }
        HirKind::Repetition(repetition) => {
            Hir::repetition(Repetition { sub: Box::new(folded(&repetition.sub)), ..repetition.clone() })
        }
        HirKind::Capture(capture) => Hir::capture(Capture { sub: Box::new(folded(&capture.sub)), ..capture.clone() }),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(folded).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(folded).collect()),
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Unicode(_)) => hir.clone(),
    }
}

impl Run {
    /// What it costs to look for it: long runs and those of few bytes are met less often.
    fn cost(&self) -> usize {
        (RUN + 3 * self.class.len()).saturating_sub(self.least)
    }

    /// Calls `visit` with each longest run in a text, in ascending order. Only some of the bytes between them are looked
    /// at: there is no run of `least` bytes that does not hold each byte whose offset is one less than a multiple of that.
    pub(super) fn scan(&self, bytes: &[u8], mut visit: impl FnMut(Range<usize>)) {
        // No run that is still to be found begins before the floor.
        let mut floor = 0;
        while let Some(stretch) = bytes.get(floor..floor + self.least) {
            let Some(outside) = stretch.iter().rposition(|&byte| !self.class.has(byte)) else {
                let end = floor + self.least;
                let more = bytes[end..].iter().position(|&byte| !self.class.has(byte));
                let end = more.map_or(bytes.len(), |more| end + more);
                visit(floor..end);
                floor = end + 1;
                continue;
            };
            floor += outside + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    fn clues_of(pattern: &str) -> Vec<Clue> {
        clues(&crate::rule::Pattern::parse(pattern).unwrap().syntax().unwrap()).unwrap()
    }

    fn literals_of(clue: &Clue) -> Vec<&str> {
        let Mark::Literals(literals) = &clue.mark else { panic!("{clue:?}") };
        literals.iter().map(|literal| std::str::from_utf8(literal).unwrap()).collect()
    }

    fn run_of(clue: &Clue) -> (usize, usize) {
        let Mark::Run(run) = &clue.mark else { panic!("{clue:?}") };
        (run.least, run.class.len())
    }

    #[test]
    fn each_alternative_has_a_clue() {
        let clues = clues_of("(?i)(?:my[-_]?secret=([a-z]{4,8})|[0-9a-f]{40}|x{0,3}other word)");
        assert_eq!(clues.len(), 3);
        assert_eq!(literals_of(&clues[0]), ["my-secret=", "my_secret=", "mysecret="]);
        assert_eq!((clues[0].before.clone(), clues[0].after), (0..=0, 18));
        assert_eq!(run_of(&clues[1]), (40, 22));
        assert_eq!(literals_of(&clues[2]), ["other word"]);
        assert_eq!((clues[2].before.clone(), clues[2].after), (0..=3, 10));
    }

    #[test]
    fn what_stands_before_a_clue_has_a_class() {
        let clues = clues_of("[a-c]{1,9}\\.literal");
        assert_eq!(clues[0].before, 1..=9);
        assert!(b"abcABC".iter().all(|&byte| clues[0].lead.has(byte)));
        assert_eq!(clues[0].lead.len(), 6);
    }

    #[test]
    fn patterns_without_end_or_without_substance_have_no_clues() {
        for pattern in ["secret.*", "[a-z]{4}", "ab", "(?:secret|[a-z]{4})", "(?:secret)?"] {
            assert_eq!(clues(&crate::rule::Pattern::parse(pattern).unwrap().syntax().unwrap()), None, "{pattern}");
        }
    }

    #[test]
    fn the_longest_runs_are_found() {
        let clues = clues_of("[0-9]{32}");
        let Mark::Run(run) = &clues[0].mark else { panic!() };
        let digits = |count| "7".repeat(count);
        let text = [digits(31), digits(32), digits(5), digits(90), digits(32)].join(" ");
        let mut found = Vec::new();
        run.scan(text.as_bytes(), |range| found.push(range));
        assert_eq!(found, [32..64, 71..161, 162..194]);
        run.scan(b"", |_| panic!());
    }

    #[test]
    fn all_built_in_rules_without_anchors_have_clues() {
        let mut literals = std::collections::BTreeSet::new();
        let mut runs = std::collections::BTreeSet::new();
        for rule in RuleSet::builtin().unwrap().rules().iter().filter(|rule| rule.anchors.is_empty()) {
            let clues = clues(&rule.regex.as_ref().unwrap().syntax().unwrap());
            for clue in clues.unwrap_or_else(|| panic!("{}", rule.id)) {
                match clue.mark {
                    Mark::Literals(some) => literals.extend(some),
                    Mark::Run(run) => drop(runs.insert(run)),
                }
            }
        }
        // More literals than that take an automaton, which is several times slower.
        assert!(literals.len() <= 64, "{}", literals.len());
        assert!(runs.len() <= 3, "{}", runs.len());
    }
}
