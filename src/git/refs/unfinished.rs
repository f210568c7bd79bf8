//! Decides what commands that are under way, or were, have written down: the other side of a merge, what a rebase began
//! with, what it put aside.

use std::path::Path;

use super::{Roots, files};
use crate::git::id::ObjectId;

/// Files that hold ids and whose names do not end in `_HEAD`.
const NAMED: [&str; 13] = [
    "AUTO_MERGE",
    "MERGE_AUTOSTASH",
    "BISECT_EXPECTED_REV",
    "rebase-merge/orig-head",
    "rebase-merge/onto",
    "rebase-merge/autostash",
    "rebase-merge/squash-onto",
    "rebase-merge/stopped-sha",
    "rebase-apply/orig-head",
    "rebase-apply/onto",
    "rebase-apply/autostash",
    "rebase-apply/original-commit",
    "sequencer/head",
];

/// Reads what was written down in the folder of one working tree. What is not there was never written.
pub(super) fn read(git_dir: &Path, roots: &mut Roots) {
    for name in NAMED {
        ids(&git_dir.join(name), roots);
    }
    for entry in std::fs::read_dir(git_dir).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().ends_with(b"_HEAD") {
            ids(&entry.path(), roots);
        }
    }
}

/// Takes what begins the lines of a file: `FETCH_HEAD` and `MERGE_HEAD` have several.
fn ids(path: &Path, roots: &mut Roots) {
    let unfinished = &mut roots.unfinished;
    let read = files::lines(path, |line| {
        let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
        unfinished.extend(ObjectId::from_hex(&line[..end]));
    });
    // What cannot be read may be out of date, too; refs and logs hold what counts.
    drop(read);
}
