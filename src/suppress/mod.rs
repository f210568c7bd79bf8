//! Decides which findings are forgiven, and keeps the reason.
//!
//! In this order: a comment in the file, an allowlist of the rule, an example of the documentation, a placeholder, the
//! configuration, the baseline. Forgiven findings are marked, never dropped: reports count them.

mod allowlist;
mod baseline;
mod day;
mod example;
mod glob;
mod inline;
mod placeholder;
mod policy;
mod viewpoint;

pub use baseline::{Baseline, BaselineEntry, BaselineError, BaselineScope};
pub use day::Day;
pub use glob::PathGlob;
pub use policy::{Allow, Domain, Policy, Sight};
pub use viewpoint::{Named, Viewpoint};

use crate::blob::Blob;
use crate::finding::{Comparison, Finding, Forgiveness, Notice, Reason};
use crate::rule::Check;

/// Whether comments like `barewire:allow` count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InlineAllow {
    /// They count.
    #[default]
    Honoured,
    /// They do not count.
    Ignored,
}

/// Forgives findings. It can be shared by threads.
#[derive(Debug, Default)]
pub struct Suppressor {
    inline: InlineAllow,
    policy: Policy,
}

impl Suppressor {
    /// A suppressor that treats comments as `inline` says.
    pub fn new(inline: InlineAllow) -> Self {
        Self { inline, policy: Policy::default() }
    }

    /// The same, with a policy of the user's.
    #[must_use]
    pub fn with(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// Whether the path of a blob has a say in what is forgiven, beside the allowlists of rules.
    pub fn heeds_paths(&self) -> bool {
        self.policy.heeds_paths()
    }

    /// What the findings are compared with.
    pub fn comparison(&self) -> Comparison {
        self.policy.comparison()
    }

    /// What somebody should know of the settings after a scan that saw `seen`; in order.
    pub fn notices(&self, seen: Sight) -> Vec<Notice> {
        self.policy.notices(seen)
    }

    /// Marks findings that were judged before without their path, and that are forgiven now that it is known.
    pub fn judge_again(&self, findings: &mut [Finding]) {
        for finding in findings.iter_mut().filter(|finding| finding.forgiven.is_none()) {
            finding.forgiven = self.policy.forgiveness(finding);
        }
    }

    /// Marks each finding of `blob` that is forgiven.
    pub fn judge(&self, blob: &Blob<'_>, findings: &mut [Finding]) {
        for finding in findings.iter_mut().filter(|finding| finding.forgiven.is_none()) {
            finding.forgiven = self.forgiveness(blob, finding);
        }
    }

    fn forgiveness(&self, blob: &Blob<'_>, finding: &Finding) -> Option<Forgiveness> {
        let forgive = |reason, by: &str| Some(Forgiveness { reason, by: by.into() });
        let allowed = match self.inline {
            InlineAllow::Honoured => inline::allows(blob, finding),
            InlineAllow::Ignored => None,
        };
        if let Some(comment) = allowed {
            return forgive(Reason::Inline, &comment);
        }
        if let Some(list) = allowlist::allows(&finding.rule.allowlists, blob, finding) {
            return forgive(Reason::Allowlist, &list);
        }
        let checks = &finding.rule.checks;
        if checks.contains(&Check::Example) && example::is_documented(finding) {
            return forgive(Reason::Example, "printed in SignalWire's documentation");
        }
        let placeholder = || placeholder::kind(finding);
        let placeholder = checks.contains(&Check::Placeholder).then(placeholder).flatten();
        placeholder.and_then(|kind| forgive(Reason::Placeholder, kind)).or_else(|| self.policy.forgiveness(finding))
    }
}
