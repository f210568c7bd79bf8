//! Decides which findings are forgiven, and keeps the reason.

use crate::blob::Blob;
use crate::finding::Finding;

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
    pub fn judge(&self, blob: &Blob<'_>, findings: &mut [Finding]) {
        let _ = (blob, findings, self.inline);
    }
}
