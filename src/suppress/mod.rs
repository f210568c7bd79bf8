//! Decides which findings are forgiven, and keeps the reason.
//!
//! In this order: a comment in the file, an allowlist of the rule, an example of the documentation, a placeholder.
//! Forgiven findings are marked, never dropped: reports count them.

mod allowlist;
mod example;
mod inline;
mod placeholder;

use crate::blob::Blob;
use crate::finding::{Finding, Forgiveness, Reason};
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
#[derive(Clone, Copy, Debug, Default)]
pub struct Suppressor {
    inline: InlineAllow,
}

impl Suppressor {
    /// A suppressor that treats comments as `inline` says.
    pub fn new(inline: InlineAllow) -> Self {
        Self { inline }
    }

    /// Marks each finding of `blob` that is forgiven.
    pub fn judge(self, blob: &Blob<'_>, findings: &mut [Finding]) {
        for finding in findings.iter_mut().filter(|finding| finding.forgiven.is_none()) {
            finding.forgiven = self.forgiveness(blob, finding);
        }
    }

    fn forgiveness(self, blob: &Blob<'_>, finding: &Finding) -> Option<Forgiveness> {
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
        checks
            .contains(&Check::Placeholder)
            .then(placeholder)
            .flatten()
            .and_then(|kind| forgive(Reason::Placeholder, kind))
    }
}
