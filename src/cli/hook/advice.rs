//! Decides what a hook says when it stops something: in at most ten lines what, where, how to take it out, and how to
//! allow it on purpose. A hook that stops nothing says nothing, unless it saw nothing or a setting is wrong.

use crate::cli::exit;
use crate::finding::Report;
use crate::report::{Brief, brief};
use crate::rule::Severity;

/// How many lines tell where it is.
const PLACES: usize = 4;

/// What is about to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Occasion {
    /// A commit.
    Commit,
    /// A merge without conflicts.
    Merge,
    /// A commit, whose message is in this file.
    Message(String),
    /// A push to somewhere else.
    Push,
    /// The same, of which a hook manager told.
    ManagedPush,
    /// The same, of which nobody told what is pushed.
    UntoldPush,
    /// A push from somewhere else.
    Receive,
    /// Whatever a hook manager named files for.
    Files,
}

impl Occasion {
    /// What a report calls that which was looked at.
    pub(super) fn target(&self) -> &'static str {
        match self {
            Self::Commit | Self::Merge => "staged",
            Self::Message(_) => "message",
            Self::Push | Self::ManagedPush | Self::UntoldPush | Self::Receive => "push",
            Self::Files => "files",
        }
    }

    /// What did not happen.
    fn stopped(&self) -> &'static str {
        match self {
            Self::Commit | Self::Message(_) => "commit stopped",
            Self::Merge => "merge stopped before its commit",
            Self::Push | Self::ManagedPush | Self::UntoldPush => "push stopped",
            Self::Receive => "push refused, no ref was changed",
            Self::Files => "stopped",
        }
    }

    /// How to take it out.
    fn removal(&self) -> String {
        let edit = "move the value into the environment or a store of secrets, `git add` the file";
        match self {
            Self::Commit | Self::Files => format!("take it out: {edit}, and commit again"),
            Self::Merge => format!("take it out: {edit}, and end the merge with `git commit`"),
            Self::Message(path) => {
                let is_plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+@:".contains(&byte));
                let quote = if is_plain { "" } else { "'" };
                let path = path.replace('\'', r"'\''");
                format!("take it out: `git commit -eF {quote}{path}{quote}` opens the message again")
            }
            Self::Push | Self::ManagedPush | Self::UntoldPush | Self::Receive => {
                "take it out: in the commit that brought it, a later one is not enough: `git commit --amend`, \
                 or `git rebase -i COMMIT^` and edit COMMIT"
                    .to_owned()
            }
        }
    }

    /// How to allow it.
    fn permission(&self) -> &'static str {
        match self {
            Self::Commit | Self::Merge | Self::Files => {
                "allow it: end its line with `# barewire:allow: REASON`, or all there is by `barewire baseline create --force`"
            }
            Self::Message(_) => "allow it: write `barewire:allow: REASON` at the end of its line",
            // Where it is received, no settings are read.
            Self::Receive => "allow it: a comment `barewire:allow: REASON` on the line in that commit",
            Self::Push | Self::ManagedPush | Self::UntoldPush => {
                "allow it: `# barewire:allow: REASON` on its line in that commit, or `barewire baseline create --history --force`"
            }
        }
    }

    /// What else is to be known.
    fn remark(&self) -> Option<&'static str> {
        let leaked = "a token that was ever pushed or shared is known: delete it at SignalWire and create another";
        match self {
            Self::Push | Self::Receive => Some(leaked),
            Self::ManagedPush => Some(
                "a hook manager tells of one branch of a push alone, so what no remote has of other branches counts, too",
            ),
            Self::UntoldPush => Some("standard input names no ref, so what no remote has of any branch counts"),
            Self::Commit | Self::Merge => Some("see all of it: `barewire staged`"),
            Self::Message(_) | Self::Files => None,
        }
    }
}

/// What to say of `report`, whose exit code is `code`; nothing, if all is well.
pub(super) fn advise(report: &Report, fail_on: Severity, code: u8, occasion: &Occasion) -> String {
    let Brief { found, places, unscanned, notice } = brief(report, fail_on, PLACES);
    let mut lines = Vec::new();
    if code == exit::CLEAN {
        if !found.is_empty() {
            lines.push(format!("barewire: {found} found, and let through by --exit-code"));
        } else if *occasion == Occasion::UntoldPush {
            let files = report.coverage.files;
            lines.push(format!(
                "barewire: standard input names no ref to push; {files} files scanned that no remote has"
            ));
        } else if report.coverage.files == 0 && matches!(occasion, Occasion::Files | Occasion::ManagedPush) {
            lines.push(format!("barewire: 0 files scanned{}", reason(report)));
        }
    } else if !found.is_empty() {
        lines.push(format!("barewire: {}: {found}", occasion.stopped()));
        lines.extend(places.iter().map(|place| format!("  {place}")));
        if !unscanned.is_empty() {
            lines.push(format!("and {unscanned}"));
        }
        lines.push(occasion.removal());
        lines.push(occasion.permission().to_owned());
        lines.extend(occasion.remark().map(str::to_owned));
    } else if !unscanned.is_empty() {
        lines.push(format!("barewire: {}: {unscanned}", occasion.stopped()));
        lines.push(
            "what was not seen does not pass: mend it, or look at it with --max-file-size or --exclude by hand \
             and go past the hook once with --no-verify"
                .to_owned(),
        );
    }
    if !notice.is_empty() {
        lines.push(format!("warning: {notice}"));
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

/// Why there was nothing to scan, where that is known.
fn reason(report: &Report) -> &'static str {
    match report.coverage.commits {
        _ if report.coverage.excluded > 0 => ": --exclude left out what could have been scanned",
        Some(0) => ": no commit is new to the other side",
        _ => "",
    }
}
