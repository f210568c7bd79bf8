//! Decides what a hook manager says of a push, by variables that pre-commit introduced and prek sets, too.
//!
//! Both tell of one ref alone, the first that brings something, however many are pushed. At the first push of a root
//! commit pre-commit names neither end, only the branch, and prek names one end.

use std::ffi::OsString;

use crate::source::{Receiver, Revision, Sent};

/// The push, or the range of commits, that a manager was started for; `None` if it was started for files.
pub(super) fn push() -> Option<(Sent, Receiver)> {
    let (from, to) = (value("PRE_COMMIT_FROM_REF"), value("PRE_COMMIT_TO_REF"));
    let (local, remote) = (value("PRE_COMMIT_LOCAL_BRANCH"), value("PRE_COMMIT_REMOTE_NAME"));
    let name = value("PRE_COMMIT_REMOTE_BRANCH");
    let (new, receiver) = match (to, local, remote) {
        (to, local, Some(remote)) => (to.or(local)?, receiver(&remote)),
        // Not a push, but a range that somebody asked for.
        (Some(to), _, None) if from.is_some() => (to, Receiver::Unknown),
        _ => return None,
    };
    let name = name.unwrap_or_else(|| new.clone()).into_encoded_bytes();
    Some((Sent { name, new: Revision::Named(new), old: from.map(Revision::Named) }, receiver))
}

fn receiver(remote: &OsString) -> Receiver {
    let url = value("PRE_COMMIT_REMOTE_URL").unwrap_or_default();
    Receiver::Told(remote.to_string_lossy().into_owned(), url.to_string_lossy().into_owned())
}

/// A variable; an empty one says nothing.
#[expect(clippy::disallowed_methods, reason = "this is cli")]
fn value(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Whether git says that it starts no editor for the message of this commit.
#[expect(clippy::disallowed_methods, reason = "this is cli")]
pub(super) fn is_editor_unused() -> bool {
    std::env::var_os("GIT_EDITOR").is_some_and(|editor| editor == ":")
}
