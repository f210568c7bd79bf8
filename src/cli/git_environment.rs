//! Decides what the variables are by which git tells a hook what it works on. The only place that reads them.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::git::Environment;

/// What git says to a program that it starts. A variable that is empty says nothing.
#[expect(clippy::disallowed_methods, reason = "this is cli")]
pub(super) fn read() -> Environment {
    let value = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let path = |name: &str| value(name).map(PathBuf::from);
    let quarantine = || path("GIT_QUARANTINE_PATH");
    let alternates: Option<OsString> = value("GIT_ALTERNATE_OBJECT_DIRECTORIES");
    Environment {
        git_dir: path("GIT_DIR"),
        common_dir: path("GIT_COMMON_DIR"),
        work_tree: path("GIT_WORK_TREE"),
        index_file: path("GIT_INDEX_FILE"),
        // What is pushed lies in quarantine until the hook accepts it.
        object_directory: path("GIT_OBJECT_DIRECTORY").or_else(quarantine),
        alternates,
    }
}
