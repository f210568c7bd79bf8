//! Decides at which hooks of git a gate can stand, and where it stands if nobody says so.

use clap::ValueEnum;

/// A hook of git at which what is recorded or sent can be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(in crate::cli) enum Stage {
    /// Before a commit
    PreCommit,
    /// Before the commit of a merge without conflicts
    PreMergeCommit,
    /// When the message of a commit is written
    CommitMsg,
    /// Before a push
    PrePush,
    /// On a server, before a push is accepted
    PreReceive,
}

/// Every stage.
pub(super) const ALL: [Stage; 5] =
    [Stage::PreCommit, Stage::PreMergeCommit, Stage::CommitMsg, Stage::PrePush, Stage::PreReceive];

/// Where a repository with a working tree is guarded: every way by which its owner records or sends something. Messages
/// are left out, since what is pushed is searched with its messages.
pub(super) const USUAL: [Stage; 3] = [Stage::PreCommit, Stage::PreMergeCommit, Stage::PrePush];

/// Where a repository without a working tree is guarded: nobody commits there.
pub(super) const BARE: [Stage; 1] = [Stage::PreReceive];

/// Whether a word can only have been meant as a hook, and is none at which a gate can stand: `precommit`, `post-merge`.
pub(super) fn is_no_stage(word: &str) -> bool {
    let plain = |name: &str| name.replace(['-', '_'], "").to_ascii_lowercase();
    let is_bare = !word.contains(['.', '/', '\\']);
    is_bare
        && (ALL.iter().any(|stage| plain(stage.name()) == plain(word))
            || ["pre-", "post-"].iter().any(|start| word.starts_with(start)))
}

impl Stage {
    /// The name of the hook.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PreMergeCommit => "pre-merge-commit",
            Self::CommitMsg => "commit-msg",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
        }
    }

    /// Whether git tells the hook on its standard input what it is about.
    pub(super) fn reads_stdin(self) -> bool {
        matches!(self, Self::PrePush | Self::PreReceive)
    }
}
