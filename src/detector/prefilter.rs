//! Decides where it is worth looking: one pass over the text for short literals.
//!
//! The literals are the anchors of rules, the anchors of vendor names, and the first two letters of some as UTF-16.
//! The fewer they are, the faster is the search. So a family of literals that share their first two bytes (`PT0`, `PT1`,
//! …) is searched for by those two with `memmem`, which is faster still.

use std::collections::BTreeMap;

use memchr::memmem::Finder;

use super::literals::{Literals, without_extensions};

/// What a literal stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meaning {
    /// The anchor of the rule with this index.
    Rule(usize),
    /// Perhaps the name of a vendor.
    Vendor(crate::rule::Vendor),
    /// Perhaps UTF-16.
    Wide,
}

/// Searches for all literals.
#[derive(Debug)]
pub(super) struct Prefilter {
    literals: Literals,
    meanings: Vec<Vec<Meaning>>,
    families: Vec<Family>,
}

/// Literals that begin with the same two bytes.
#[derive(Debug)]
struct Family {
    head: Finder<'static>,
    /// What follows the head, and what it means.
    tails: Vec<(Box<[u8]>, Vec<Meaning>)>,
}

/// From this many literals on a family is searched for by itself.
const FAMILY: usize = 6;

impl Prefilter {
    /// Prepares the search for literals and what they mean.
    pub(super) fn new(literals: impl IntoIterator<Item = (Box<[u8]>, Meaning)>) -> Self {
        let mut by_literal: BTreeMap<Box<[u8]>, Vec<Meaning>> = BTreeMap::new();
        for (literal, meaning) in literals {
            if let [first, second, ..] = *literal
                && is_worth_widening(&literal, meaning)
            {
                insert(&mut by_literal, Box::new([first, 0, second]), Meaning::Wide);
            }
            insert(&mut by_literal, literal, meaning);
        }
        let mut by_literal = without_extensions(by_literal);
        let families = take_families(&mut by_literal);
        let literals: Vec<&[u8]> = by_literal.keys().map(AsRef::as_ref).collect();
        // Anchors are so few that an automaton can always be built.
        let engine = Literals::new(&literals).unwrap_or(Literals::None);
        Self { literals: engine, meanings: by_literal.values().cloned().collect(), families }
    }

    /// Calls `visit` with the offset and the meanings of each hit; in ascending order for each meaning.
    pub(super) fn scan(&self, bytes: &[u8], mut visit: impl FnMut(usize, &[Meaning])) {
        for family in &self.families {
            family.scan(bytes, &mut visit);
        }
        self.literals.scan(bytes, |at, literal| visit(at, &self.meanings[literal]));
    }
}

impl Family {
    fn scan(&self, bytes: &[u8], visit: &mut impl FnMut(usize, &[Meaning])) {
        for at in self.head.find_iter(bytes) {
            let rest = &bytes[at + 2..];
            let fits = |(tail, _): &&(Box<[u8]>, _)| rest.first() == tail.first() && rest.starts_with(tail);
            self.tails.iter().filter(fits).for_each(|(_, meanings)| visit(at, meanings));
        }
    }
}

/// Takes the literals out that share their first two bytes with several others.
fn take_families(by_literal: &mut BTreeMap<Box<[u8]>, Vec<Meaning>>) -> Vec<Family> {
    let mut heads: BTreeMap<[u8; 2], usize> = BTreeMap::new();
    for literal in by_literal.keys() {
        *heads.entry([literal[0], literal[1]]).or_default() += 1;
    }
    let mut families = Vec::new();
    for (head, _) in heads.into_iter().filter(|(_, size)| *size >= FAMILY) {
        let literals: Vec<Box<[u8]>> =
            by_literal.keys().filter(|literal| literal.starts_with(&head)).cloned().collect();
        let tail = |literal: Box<[u8]>| by_literal.remove(&literal).map(|meanings| (literal[2..].into(), meanings));
        let tails = literals.into_iter().filter_map(tail).collect();
        families.push(Family { head: Finder::new(&head).into_owned(), tails });
    }
    families
}

/// UTF-16 is looked for where a value or the vendor's plain name may begin; each literal more makes the search slower.
fn is_worth_widening(literal: &[u8], meaning: Meaning) -> bool {
    let value = matches!(meaning, Meaning::Rule(_)) && [&b"PT"[..], b"ey"].contains(&&literal[..2]);
    value || literal == b"gna"
}

fn insert(by_literal: &mut BTreeMap<Box<[u8]>, Vec<Meaning>>, literal: Box<[u8]>, meaning: Meaning) {
    let meanings = by_literal.entry(literal).or_default();
    if !meanings.contains(&meaning) {
        meanings.push(meaning);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(literals: &[&str], text: &[u8]) -> Vec<(usize, Vec<Meaning>)> {
        let literals = literals.iter().enumerate().map(|(i, l)| (l.as_bytes().into(), Meaning::Rule(i)));
        let mut hits = Vec::new();
        Prefilter::new(literals).scan(text, |at, meanings| hits.push((at, meanings.to_vec())));
        hits
    }

    #[test]
    fn overlapping_literals_are_all_seen() {
        let found = hits(&["PTe", "eyJ"], b"xxxxxxxxxxxxxxxxxxxxPTeyJxxxxxxxxxxxxxxxxxxxxx");
        assert_eq!(found, [(20, vec![Meaning::Rule(0)]), (22, vec![Meaning::Rule(1)])]);
    }

    #[test]
    fn a_literal_that_extends_another_is_seen_with_it() {
        let found = hits(&["wml", "wml_"], b"a text that is longer than a vector: wml_");
        assert_eq!(found, [(37, vec![Meaning::Rule(0), Meaning::Rule(1)])]);
    }

    #[test]
    fn a_family_of_literals_is_seen_member_by_member() {
        let members = ["PT0", "PT1", "PT2", "PT3", "PT4", "PT5", "eyJ"];
        let found = hits(&members, b"PTx PT5 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx eyJ PT0");
        assert_eq!(found, [(4, vec![Meaning::Rule(5)]), (45, vec![Meaning::Rule(0)]), (41, vec![Meaning::Rule(6)])]);
    }

    #[test]
    fn the_built_in_literals_fit_the_packed_search() {
        let rules = crate::rule::RuleSet::builtin().unwrap();
        let matcher = super::super::matcher::Matcher::new(rules.rules());
        let prefilter = matcher.prefilter();
        assert!(matches!(prefilter.literals, Literals::Packed(_)) || cfg!(not(target_arch = "x86_64")));
        assert!(prefilter.meanings.len() <= 16, "{}", prefilter.meanings.len());
        assert_eq!(prefilter.families.len(), 1);
    }

    #[test]
    fn a_wide_literal_is_seen_in_both_byte_orders() {
        let text: Vec<u8> = "PT0".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(hits(&["PT0"], &text), [(1, vec![Meaning::Wide])]);
    }
}
