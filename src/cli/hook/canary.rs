//! Decides what is planted to see whether a gate fires: a token that is made up at that moment and opens nothing.

use std::hash::{BuildHasher as _, RandomState};

use crate::blob::{Blob, Name, Origin};
use crate::cli::error::Error;
use crate::detector::Detector;
use crate::rule::RuleSet;
use crate::suppress::Suppressor;

/// More tries than that mean that nothing is found any more.
const TRIES: u32 = 16;

/// A line of a file with a token that is made up for it. It is one that is reported: chance may make a placeholder.
pub(super) fn line() -> Result<String, Error> {
    let rules = RuleSet::builtin().map_err(Error::new)?;
    let detector = Detector::new(rules);
    let lines = (0..TRIES).map(|_| format!("canary = PT{}\n", digits(48)));
    let is_reported = |line: &String| {
        let name = Name::new("canary");
        let blob = Blob::whole(&name, Origin::Index, line.as_bytes());
        let mut findings = detector.detect(&blob);
        Suppressor::default().judge(&blob, &mut findings);
        findings.iter().any(|finding| finding.forgiven.is_none())
    };
    lines.into_iter().find(is_reported).ok_or_else(|| Error::new("no token can be made up that is found"))
}

/// Random hex digits.
pub(super) fn digits(count: usize) -> String {
    let random = RandomState::new();
    let words = [random.hash_one(0), random.hash_one(1)].map(u64::to_le_bytes).concat();
    blake3::hash(&words).to_hex()[..count].to_owned()
}
