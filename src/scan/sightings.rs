//! Decides what is kept of a search that meets the same values again and again: each value once, and what holds it.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{CredentialKey, Finding, Reason};
use crate::secret::Secret;

/// In how many places it is looked for one that something leads to.
const MOST_DOUBTED: usize = 16;

/// What was seen in a store, by one thread or by all. `S` is what a spot is called there.
#[derive(Debug)]
pub(super) struct Sightings<S> {
    /// By rule and value.
    values: BTreeMap<Box<str>, BTreeMap<Secret, Seen<S>>>,
}

/// One value.
#[derive(Debug)]
pub(super) struct Seen<S> {
    /// The credential that it is a part of, unless it is an identifier.
    pub(super) credential: Option<CredentialKey>,
    /// What holds it and does not forgive it, in no particular order. Without any of these it is not reported.
    pub(super) spots: Vec<S>,
    /// What holds it and forgives it. It is there all the same, so that its life goes on.
    pub(super) forgiving: Vec<S>,
    /// Why it is forgiven there.
    reasons: BTreeSet<Reason>,
}

impl<S> Default for Sightings<S> {
    fn default() -> Self {
        Self { values: BTreeMap::new() }
    }
}

impl<S: Copy + Ord> Sightings<S> {
    /// Notes what was found in `spot`.
    pub(super) fn add(&mut self, findings: &[Finding], spot: S) {
        for finding in findings {
            self.note(finding, spot);
        }
    }

    fn note(&mut self, finding: &Finding, spot: S) {
        let rule = &*finding.rule.id;
        if !self.values.contains_key(rule) {
            self.values.insert(rule.into(), BTreeMap::new());
        }
        let Some(values) = self.values.get_mut(rule) else { return };
        let reason = finding.forgiven.as_ref().map(|forgiveness| forgiveness.reason);
        if let Some(seen) = values.get_mut(&finding.secret) {
            seen.add(spot, reason);
        } else {
            let mut seen = Seen {
                credential: CredentialKey::of(finding),
                spots: Vec::new(),
                forgiving: Vec::new(),
                reasons: BTreeSet::new(),
            };
            seen.add(spot, reason);
            values.insert(finding.secret.clone(), seen);
        }
    }

    /// Adds what another thread saw.
    pub(super) fn merge(&mut self, other: Self) {
        for (rule, values) in other.values {
            let ours = self.values.entry(rule).or_default();
            for (secret, seen) in values {
                match ours.get_mut(&secret) {
                    Some(our) => our.merge(seen),
                    None => drop(ours.insert(secret, seen)),
                }
            }
        }
    }

    /// The values that were not forgiven everywhere, in a fixed order, each with its rule; the spots of each in order.
    pub(super) fn values(&mut self) -> Vec<(&str, &Secret, &Seen<S>)> {
        for seen in self.values.values_mut().flat_map(BTreeMap::values_mut) {
            seen.settle();
        }
        let of_rule = |(rule, values)| -> Vec<_> { BTreeMap::iter(values).map(|(s, seen)| (rule, s, seen)).collect() };
        let all = self.values.iter().flat_map(|(rule, values)| of_rule((&**rule, values)));
        all.filter(|(.., seen)| seen.is_reported()).collect()
    }

    /// What holds each credential of which anything is not forgiven, whatever rules found it; forgiven or not, in order.
    pub(super) fn credentials(&self) -> BTreeMap<CredentialKey, Vec<S>> {
        let all = || self.values.values().flat_map(BTreeMap::values);
        let keys = all().filter(|seen| seen.is_reported()).filter_map(|seen| seen.credential.clone());
        let mut credentials: BTreeMap<_, BTreeSet<S>> = keys.map(|key| (key, BTreeSet::new())).collect();
        for seen in all() {
            if let Some(spots) = seen.credential.as_ref().and_then(|key| credentials.get_mut(key)) {
                spots.extend(seen.all());
            }
        }
        credentials.into_iter().map(|(key, spots)| (key, spots.into_iter().collect())).collect()
    }

    /// All that holds a value that is to be reported, or a part of its credential; some of it more than once.
    pub(super) fn spots(&self) -> Vec<S> {
        let values = self.values.values().flat_map(BTreeMap::values).filter(|seen| seen.is_reported());
        values.flat_map(Seen::all).chain(self.credentials().into_values().flatten()).collect()
    }

    /// What forgives values that few things forgive, so that it matters whether anything leads to these.
    pub(super) fn doubtful(&self) -> Vec<S> {
        self.forgiven().filter_map(|(_, spots)| spots).flatten().copied().collect()
    }

    /// How many values each reason forgave. `led_to` says of lists of spots whether anything leads to any of one.
    pub(super) fn count_forgiven(&self, led_to: impl Fn(&[&[S]]) -> Vec<bool>) -> BTreeMap<Reason, u64> {
        let doubtful: Vec<&[S]> = self.forgiven().filter_map(|(_, spots)| spots).collect();
        let mut counts_too = led_to(&doubtful).into_iter();
        let counting = self.forgiven().filter(|(_, spots)| spots.is_none() || counts_too.next().unwrap_or(true));
        let mut counts = BTreeMap::new();
        for reason in counting.flat_map(|(reasons, _)| reasons) {
            *counts.entry(*reason).or_default() += 1;
        }
        counts
    }

    /// The values that were forgiven: why, and where, unless that is so often that it is not asked what leads there.
    fn forgiven(&self) -> impl Iterator<Item = (&BTreeSet<Reason>, Option<&[S]>)> {
        let all = self.values.values().flat_map(BTreeMap::values).filter(|seen| !seen.forgiving.is_empty());
        all.map(|seen| (&seen.reasons, Some(&*seen.forgiving).filter(|spots| spots.len() <= MOST_DOUBTED)))
    }
}

impl<S: Copy + Ord> Seen<S> {
    fn add(&mut self, spot: S, reason: Option<Reason>) {
        self.reasons.extend(reason);
        let spots = if reason.is_some() { &mut self.forgiving } else { &mut self.spots };
        // A value that stands several times in one spot comes several times in a row.
        if spots.last() != Some(&spot) {
            spots.push(spot);
        }
    }

    fn merge(&mut self, other: Self) {
        self.spots.extend(other.spots);
        self.forgiving.extend(other.forgiving);
        self.reasons.extend(other.reasons);
    }

    fn settle(&mut self) {
        for spots in [&mut self.spots, &mut self.forgiving] {
            spots.sort_unstable();
            spots.dedup();
        }
    }

    /// Whether some spot does not forgive it.
    fn is_reported(&self) -> bool {
        !self.spots.is_empty()
    }

    /// All that holds it.
    pub(super) fn all(&self) -> impl Iterator<Item = S> + '_ {
        self.spots.iter().chain(&self.forgiving).copied()
    }
}
