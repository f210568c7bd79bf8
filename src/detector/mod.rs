//! Decides what in a blob is a secret: blob in, findings out; no I/O, no clock, no environment, no threads.

use crate::blob::Blob;
use crate::finding::Finding;
use crate::rule::RuleSet;

/// Searches blobs by a set of rules. It can be shared by threads.
#[derive(Debug)]
pub struct Detector {
    rules: RuleSet,
}

impl Detector {
    /// Prepares the search; patterns are compiled later, when a blob needs them.
    pub fn new(rules: RuleSet) -> Self {
        Self { rules }
    }

    /// The rules that it searches by.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Everything in `blob` that a rule finds, in no particular order.
    pub fn detect(&self, blob: &Blob<'_>) -> Vec<Finding> {
        let _ = blob;
        Vec::new()
    }
}
