//! Decides which project and which Space belong to a secret.
//!
//! Looked for in this order: in the value itself; in the file, as one commit has it and then in all of its versions; in
//! the folder and in all that was scanned, the last two only if there is a single candidate. In a file a name with the
//! same affix comes first, then what stands in the same block, then the nearest, what stands before rather than what
//! follows. Names that contradict never go together, and where there is a part for each token, none is given twice.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::affix::{Affix, Evidence};
use super::block::{self, Place};
use crate::blob::Name;
use crate::rule::Part;

/// How many lines apart two parts of one credential stand at the most, as a rule; counted in public code.
const NEAR: u64 = 5;

/// How many candidates on either side are compared when nothing but their distance speaks for them.
const COMPARED: usize = 64;

/// How good a candidate is; the least is the best.
type Rank = (Tier, bool, bool, bool, (u64, u64));

/// What speaks for a candidate, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    Name,
    Block,
    Distance,
}

/// How sure it is that a part belongs to a secret, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bond {
    /// The value says so itself, or it is the only one that stands with the secret, or their names or their block agree.
    Sole,
    /// It is the nearest of several in the file.
    Nearest,
    /// The secret stands with others in other places.
    Several,
    /// It stands in another file.
    Elsewhere,
}

impl Bond {
    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sole => "sole",
            Self::Nearest => "nearest",
            Self::Several => "several",
            Self::Elsewhere => "elsewhere",
        }
    }
}

/// What belongs to a secret.
#[derive(Debug)]
pub(super) struct Partner {
    /// The project, or the Space, in the form in which it is compared.
    pub(super) value: String,
    /// Where it stands with the secret; indexes of findings. If the secret says it itself, its own places.
    pub(super) places: Vec<usize>,
    /// How sure that is.
    pub(super) bond: Bond,
}

/// The project, or the Space, of each secret, whose places are given.
pub(super) fn assign(findings: &[Finding], secrets: &[Vec<usize>], part: Part) -> Vec<Option<Partner>> {
    let wide = Wide::new(findings, part);
    let mut chosen: Vec<Vec<Choice>> = vec![Vec::new(); secrets.len()];
    for scope in [Scope::Version, Scope::Path] {
        let settled: Vec<bool> = chosen.iter().map(|choices| !choices.is_empty()).collect();
        for (secret, choice) in files(findings, secrets, part, scope).iter().flat_map(File::choices) {
            if !settled[secret] {
                chosen[secret].push(choice);
            }
        }
    }
    let of_secret = |(places, choices): (&Vec<usize>, Vec<Choice>)| {
        let own = own_of(findings, places, part);
        own.or_else(|| partner(findings, &choices)).or_else(|| wide.of(findings, places))
    };
    secrets.iter().zip(chosen).map(of_secret).collect()
}

/// What the places of a secret say themselves.
fn own_of(findings: &[Finding], places: &[usize], part: Part) -> Option<Partner> {
    let value = places.iter().find_map(|&at| own(&findings[at], part))?;
    let says = |at: &usize| own(&findings[*at], part).as_ref() == Some(&value);
    Some(Partner { places: places.iter().copied().filter(says).collect(), value, bond: Bond::Sole })
}

/// The best of what was chosen for the places of a secret.
fn partner(findings: &[Finding], choices: &[Choice]) -> Option<Partner> {
    let best = choices.iter().min_by_key(|choice| choice.rank)?;
    let value = value(&findings[best.at]);
    let mut places: Vec<usize> = choices.iter().map(|choice| choice.at).collect();
    places.sort_unstable();
    places.dedup();
    let all = places.len();
    places.retain(|&at| self::value(&findings[at]) == value);
    let bond = if places.len() < all { Bond::Several } else { best.bond };
    Some(Partner { value, places, bond })
}

/// The value of an identifier in the form in which it is compared.
pub(super) fn value(finding: &Finding) -> String {
    String::from_utf8_lossy(finding.secret.expose()).to_lowercase()
}

/// What a finding says itself.
fn own(finding: &Finding, part: Part) -> Option<String> {
    let parts = &finding.parts;
    let own = if part == Part::Project { &parts.project } else { &parts.space };
    own.as_deref().map(str::to_owned)
}

fn affix(finding: &Finding) -> Affix {
    finding.bound_to.as_deref().map(Affix::of).unwrap_or_default()
}

/// The candidate for one place of a secret.
#[derive(Clone, Copy, Debug)]
struct Choice {
    rank: Rank,
    /// Which finding it is.
    at: usize,
    bond: Bond,
}

/// The candidates of whole folders and of all that was scanned.
struct Wide<'a> {
    /// Where each value stands.
    places: BTreeMap<String, Vec<usize>>,
    files: BTreeSet<&'a Name>,
    /// The only value of each folder, or nothing if there are several.
    folders: BTreeMap<&'a [u8], Option<String>>,
    single: Option<String>,
    /// The stages that the names of each value speak of, nothing for a name that speaks of none.
    stages: BTreeMap<String, BTreeSet<Option<&'static str>>>,
}

impl<'a> Wide<'a> {
    fn new(findings: &'a [Finding], part: Part) -> Self {
        let (places, stages) = (BTreeMap::new(), BTreeMap::new());
        let mut wide = Self { places, files: BTreeSet::new(), folders: BTreeMap::new(), single: None, stages };
        for (at, finding) in findings.iter().enumerate().filter(|(_, finding)| finding.rule.part == part) {
            let value = value(finding);
            wide.places.entry(value.clone()).or_default().push(at);
            wide.files.insert(&finding.name);
            let single = wide.folders.entry(finding.name.folder()).or_insert_with(|| Some(value.clone()));
            if single.as_ref() != Some(&value) {
                *single = None;
            }
            wide.stages.entry(value).or_default().insert(affix(finding).stage);
        }
        let mut values = wide.stages.keys();
        wide.single = values.next().filter(|_| values.next().is_none()).cloned();
        wide
    }

    /// The only candidate, for a secret in whose files there is none.
    fn of(&self, findings: &[Finding], places: &[usize]) -> Option<Partner> {
        let mut names = places.iter().map(|&at| &*findings[at].name);
        if names.any(|name| self.files.contains(name)) {
            return None;
        }
        let in_folder = places.iter().find_map(|&at| self.folders.get(findings[at].name.folder())?.clone());
        let value = in_folder.or_else(|| self.single.clone())?;
        let stages = self.stages.get(&value)?;
        let fits = |stage: Option<&str>| stage.is_none() || stages.iter().any(|one| one.is_none() || *one == stage);
        if !places.iter().all(|&at| fits(affix(&findings[at]).stage)) {
            return None;
        }
        Some(Partner { places: self.places.get(&value).cloned().unwrap_or_default(), value, bond: Bond::Elsewhere })
    }
}

/// What counts as one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// A file as it is in one commit; outside of a repository, simply a file.
    Version,
    /// A path, whatever commit a finding was made in.
    Path,
}

impl Scope {
    /// What the files of two findings have in common if they are one; nothing if the scope before says the same.
    fn key(self, finding: &Finding) -> Option<(&Name, Option<&str>)> {
        let commit = finding.provenance.commit.as_deref();
        match self {
            Self::Version => Some((&finding.name, commit)),
            Self::Path => commit.map(|_| (&*finding.name, None)),
        }
    }
}

/// All that stands in the files in which something of the kind `part` does.
fn files(findings: &[Finding], secrets: &[Vec<usize>], part: Part, scope: Scope) -> Vec<File> {
    let mut owner: Vec<Option<usize>> = vec![None; findings.len()];
    for (secret, places) in secrets.iter().enumerate() {
        for &at in places {
            owner[at] = Some(secret);
        }
    }
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut number = |value: String| {
        let next = numbers.len();
        *numbers.entry(value).or_insert(next)
    };
    let mut by_file: BTreeMap<_, Vec<Place>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        let Some(key) = scope.key(finding) else { continue };
        let mut slots =
            [None, own(finding, Part::Project), own(finding, Part::Space), None].map(|v| v.map(&mut number));
        match finding.rule.part {
            Part::Token => slots[0] = owner[at],
            Part::Project => slots[1] = Some(number(value(finding))),
            Part::Space => slots[2] = Some(number(value(finding))),
            Part::SigningKey => slots[3] = owner[at],
            _ => slots = [None; 4],
        }
        let (start, end, name) = (finding.start, finding.end, finding.bound_to.clone());
        let place = Place { at, start, end, slots, affix: affix(finding), name };
        by_file.entry(key).or_default().push(place);
    }
    let slot = if part == Part::Project { 1 } else { 2 };
    let of_part = |place: &Place| findings[place.at].rule.part == part;
    let files = by_file.into_values().filter(|places| places.iter().any(of_part));
    files.map(|places| File::new(findings, places, &owner, slot)).collect()
}

/// The places of one file.
struct File {
    /// Ascending by where they stand.
    places: Vec<Place>,
    /// The block of each.
    blocks: Vec<usize>,
    evidence: Evidence,
    /// The secrets, by where they stand, each with its number.
    secrets: Vec<(usize, usize)>,
    /// The candidates, by where they stand.
    candidates: Vec<usize>,
    /// The same, by block, by affix and by stage.
    in_block: BTreeMap<usize, Vec<usize>>,
    by_affix: BTreeMap<String, Vec<usize>>,
    by_stage: BTreeMap<&'static str, Vec<usize>>,
    /// The slot of the candidates' values.
    slot: usize,
}

impl File {
    fn new(findings: &[Finding], mut places: Vec<Place>, owner: &[Option<usize>], slot: usize) -> Self {
        places.sort_by_key(|place| (place.start, place.end, place.at));
        let is_identifier = |place: &Place| findings[place.at].rule.part.is_identifier();
        let mut evidence = Evidence::default();
        for place in &places {
            evidence.add(&place.affix, findings[place.at].rule.part);
        }
        let blocks = block::of(&places, &evidence);
        let all = || places.iter().enumerate();
        let secrets = all().filter_map(|(index, place)| Some((index, owner[place.at]?))).collect();
        let is_candidate = |place: &Place| is_identifier(place) && place.slots[slot].is_some();
        let candidates: Vec<usize> = all().filter(|(_, place)| is_candidate(place)).map(|(index, _)| index).collect();
        let mut in_block: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut by_affix: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut by_stage: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
        for &index in &candidates {
            let affix = &places[index].affix;
            in_block.entry(blocks[index]).or_default().push(index);
            by_affix.entry(affix.text.clone()).or_default().push(index);
            affix.stage.into_iter().for_each(|stage| by_stage.entry(stage).or_default().push(index));
        }
        by_affix.remove("");
        Self { places, blocks, evidence, secrets, candidates, in_block, by_affix, by_stage, slot }
    }

    /// The best candidate for each place of a secret.
    fn choices(&self) -> Vec<(usize, Choice)> {
        let tokens: BTreeSet<usize> = self.places.iter().filter_map(|place| place.slots[0]).collect();
        let values: BTreeSet<usize> = self.candidates.iter().filter_map(|&at| self.value(at)).collect();
        let lists = self.lists(&tokens, &values);
        let mut chosen: BTreeMap<usize, usize> = BTreeMap::new();
        let mut settled: BTreeSet<usize> = BTreeSet::new();
        let mut used: BTreeSet<usize> = BTreeSet::new();
        for &(index, secret) in &self.secrets {
            let place = &self.places[index];
            let choice = self.by_name(index).or_else(|| lists.get(&secret).copied()).or_else(|| self.by_block(index));
            chosen.extend(choice.map(|choice| (index, choice)));
            if choice.is_some() || place.slots[self.slot].is_some() {
                settled.insert(secret);
            }
            if place.slots[0].is_some() {
                used.extend(place.slots[self.slot].or_else(|| self.value(choice?)));
            }
        }
        let one_each = values.len() > 1 && values.len() >= tokens.len();
        for &(index, secret) in self.secrets.iter().filter(|(_, secret)| !settled.contains(secret)) {
            let taken = |value: usize| one_each && tokens.contains(&secret) && used.contains(&value);
            if let Some(choice) = self.nearest(index, &taken) {
                chosen.insert(index, choice);
            }
        }
        let choices = self.secrets.iter().filter_map(|&(index, secret)| Some((index, secret, *chosen.get(&index)?)));
        let choice = |(index, secret, choice)| {
            let rank = self.rank(index, choice);
            let bond = if rank.0 == Tier::Distance && values.len() > 1 { Bond::Nearest } else { Bond::Sole };
            (secret, Choice { rank, at: self.places[choice].at, bond })
        };
        choices.map(choice).collect()
    }

    fn value(&self, index: usize) -> Option<usize> {
        self.places[index].slots[self.slot]
    }

    fn rank(&self, secret: usize, candidate: usize) -> Rank {
        let (one, other) = (&self.places[secret], &self.places[candidate]);
        let is_after = candidate > secret;
        let gap = if is_after { block::gap(one, other) } else { block::gap(other, one) };
        let apart = self.blocks[secret] != self.blocks[candidate];
        let tier = match (one.affix.agrees(&other.affix), apart) {
            (true, _) => Tier::Name,
            (false, false) => Tier::Block,
            (false, true) => Tier::Distance,
        };
        let is_other = tier == Tier::Distance && self.belongs_elsewhere(secret, candidate);
        (tier, apart && is_other, gap.0 > NEAR, is_after, gap)
    }

    /// Whether the candidate's name speaks of another credential, though not of one that contradicts the secret's.
    fn belongs_elsewhere(&self, secret: usize, candidate: usize) -> bool {
        let other = &self.places[candidate].affix;
        self.evidence.is_paired(other) && !other.agrees(&self.places[secret].affix)
    }

    /// A candidate whose name says the same: in the block, or the nearest.
    fn by_name(&self, secret: usize) -> Option<usize> {
        let affix = &self.places[secret].affix;
        let in_block = self.in_block.get(&self.blocks[secret]).into_iter().flatten();
        let mut in_block = in_block.copied().filter(|&at| affix.agrees(&self.places[at].affix));
        let neighbours = |all: &Vec<usize>| {
            let here = all.partition_point(|&at| at < secret);
            let both = &all[here.saturating_sub(1)..all.len().min(here + 1)];
            both.iter().copied().min_by_key(|&at| self.rank(secret, at))
        };
        in_block
            .next()
            .or_else(|| self.by_affix.get(&affix.text).and_then(neighbours))
            .or_else(|| self.by_stage.get(affix.stage?).and_then(neighbours))
    }

    /// A candidate in the secret's block.
    fn by_block(&self, secret: usize) -> Option<usize> {
        let candidates = self.in_block.get(&self.blocks[secret])?.iter().copied();
        candidates
            .filter(|&at| !self.is_refused(secret, at) && !self.belongs_elsewhere(secret, at))
            .min_by_key(|&at| self.rank(secret, at))
    }

    fn is_refused(&self, secret: usize, candidate: usize) -> bool {
        self.evidence.contradicts(&self.places[secret].affix, &self.places[candidate].affix)
    }

    /// The nearest candidate whose value is not taken.
    fn nearest(&self, secret: usize, taken: &dyn Fn(usize) -> bool) -> Option<usize> {
        let here = self.candidates.partition_point(|&at| at < secret);
        let fits = |at: &usize| !self.is_refused(secret, *at) && !self.value(*at).is_some_and(taken);
        let before = self.candidates[..here].iter().rev().take(COMPARED);
        let after = self.candidates[here..].iter().take(COMPARED);
        before.chain(after).copied().filter(fits).min_by_key(|&at| self.rank(secret, at))
    }

    /// Pairs by order, if the file lists all tokens, then as many parts, or the other way round.
    fn lists(&self, tokens: &BTreeSet<usize>, values: &BTreeSet<usize>) -> BTreeMap<usize, usize> {
        let mut seen = (BTreeSet::new(), BTreeSet::new());
        let is_token = |at: usize| self.places[at].slots[0].is_some();
        let all = self.secrets.iter().filter(|(at, secret)| is_token(*at) && seen.0.insert(*secret));
        let listed: Vec<(usize, usize)> = all.copied().collect();
        let parts: Vec<usize> = self.candidates.iter().copied().filter(|&at| seen.1.insert(self.value(at))).collect();
        let is_list = tokens.len() > 1 && tokens.len() == values.len() && self.candidates.len() == parts.len();
        let in_row = parts
            .windows(2)
            .all(|pair| pair[1] == pair[0] + 1 && block::gap(&self.places[pair[0]], &self.places[pair[1]]).0 <= NEAR);
        let is_apart = match (listed.first(), listed.last(), parts.first(), parts.last()) {
            (Some(&(first, _)), Some(&(last, _)), Some(&from), Some(&to)) => to < first || last < from,
            _ => false,
        };
        let pairs = listed.into_iter().zip(parts);
        if !is_list || !in_row || !is_apart {
            return BTreeMap::new();
        }
        pairs
            .filter(|&((index, _), part)| !self.is_refused(index, part) && !self.belongs_elsewhere(index, part))
            .map(|((_, secret), part)| (secret, part))
            .collect()
    }
}
