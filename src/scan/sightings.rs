//! Decides what is kept of a search that meets the same values again and again: each value once, and what holds it.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{CredentialKey, Finding, Reason};
use crate::secret::Secret;

/// What was seen in a store, by one thread or by all. `S` is what a spot is called there.
#[derive(Debug)]
pub(super) struct Sightings<S> {
    /// By rule and value.
    values: BTreeMap<Box<str>, BTreeMap<Secret, Seen<S>>>,
    /// The values that were forgiven somewhere, by the reason.
    forgiven: BTreeMap<(Reason, Box<str>), BTreeSet<Secret>>,
}

/// One value.
#[derive(Debug)]
pub(super) struct Seen<S> {
    /// The credential that it is a part of, unless it is an identifier.
    pub(super) credential: Option<CredentialKey>,
    /// What holds it, in no particular order.
    pub(super) spots: Vec<S>,
}

impl<S> Default for Sightings<S> {
    fn default() -> Self {
        Self { values: BTreeMap::new(), forgiven: BTreeMap::new() }
    }
}

impl<S: Copy + Ord> Sightings<S> {
    /// Notes what was found in `spot`; says whether there is anything that is not forgiven.
    pub(super) fn add(&mut self, findings: &[Finding], spot: S) -> bool {
        for finding in findings {
            self.note(finding, spot);
        }
        findings.iter().any(|finding| finding.forgiven.is_none())
    }

    fn note(&mut self, finding: &Finding, spot: S) {
        let rule = &*finding.rule.id;
        if let Some(forgiveness) = &finding.forgiven {
            let values = self.forgiven.entry((forgiveness.reason, rule.into())).or_default();
            if !values.contains(&finding.secret) {
                values.insert(finding.secret.clone());
            }
            return;
        }
        if !self.values.contains_key(rule) {
            self.values.insert(rule.into(), BTreeMap::new());
        }
        let Some(values) = self.values.get_mut(rule) else { return };
        if let Some(seen) = values.get_mut(&finding.secret) {
            seen.add(spot);
        } else {
            let credential = CredentialKey::of(finding);
            values.insert(finding.secret.clone(), Seen { credential, spots: vec![spot] });
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
        for (key, values) in other.forgiven {
            self.forgiven.entry(key).or_default().extend(values);
        }
    }

    /// The values that were not forgiven everywhere, in a fixed order, each with its rule; the spots of each in order.
    pub(super) fn values(&mut self) -> Vec<(&str, &Secret, &Seen<S>)> {
        for seen in self.values.values_mut().flat_map(BTreeMap::values_mut) {
            seen.spots.sort_unstable();
            seen.spots.dedup();
        }
        let of_rule = |(rule, values)| -> Vec<_> { BTreeMap::iter(values).map(|(s, seen)| (rule, s, seen)).collect() };
        self.values.iter().flat_map(|(rule, values)| of_rule((&**rule, values))).collect()
    }

    /// All that holds a value that is not forgiven; some of it more than once.
    pub(super) fn spots(&self) -> impl Iterator<Item = S> + '_ {
        self.values.values().flat_map(BTreeMap::values).flat_map(|seen| seen.spots.iter().copied())
    }

    /// How many values each reason forgave.
    pub(super) fn forgiven(&self) -> BTreeMap<Reason, u64> {
        let mut counts = BTreeMap::new();
        for ((reason, _), values) in &self.forgiven {
            *counts.entry(*reason).or_default() += values.len() as u64;
        }
        counts
    }
}

impl<S: Copy + Ord> Seen<S> {
    fn add(&mut self, spot: S) {
        // A value that stands several times in one spot comes several times in a row.
        if self.spots.last() != Some(&spot) {
            self.spots.push(spot);
        }
    }

    fn merge(&mut self, other: Self) {
        self.spots.extend(other.spots);
    }
}
