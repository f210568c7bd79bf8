//! Decides what a report is told of the run: the time, the folder, the commit that is checked out.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::blob::Name;
use crate::report::Run;

/// A run that begins now.
pub(super) fn run() -> Run {
    let folder = std::env::current_dir().ok().map(|folder| Name::from_path(&folder));
    Run { began: now(), ended: now(), folder, commit: commit() }
}

/// The commit that a job of GitLab works on.
#[expect(clippy::disallowed_methods, reason = "this is cli")]
fn commit() -> Option<Box<str>> {
    let id = std::env::var("CI_COMMIT_SHA").ok()?;
    let is_id = id.len() >= 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then(|| id.into_boxed_str())
}

/// The file that a step of GitHub Actions appends its summary to.
#[expect(clippy::disallowed_methods, reason = "this is cli")]
pub(super) fn step_summary() -> Option<PathBuf> {
    std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// The time, in seconds since 1970, UTC.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
