//! Decides how git itself is asked where a repository is of a form that this program does not read.

use std::path::Path;
use std::process::{Command, Stdio};

use super::error::GitError;
use super::paths::Tracked;

/// Variables that would point git at another repository, or make it write or say something else.
const CLEARED: [&str; 12] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_TRACE",
    "GIT_TRACE2",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
];

/// Asks git what the index of the working tree at `root` tracks.
pub(super) fn tracked(root: &Path) -> Result<Tracked, GitError> {
    let mut command = Command::new("git");
    command.arg("-C").arg(root);
    command.args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never"]);
    command.args(["ls-files", "-z", "--stage"]);
    command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_NO_LAZY_FETCH", "1").env("LC_ALL", "C");
    for name in CLEARED {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    let output = command.output().map_err(|error| GitError::Plumbing { detail: error.to_string() })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        if said.contains("dubious ownership") {
            return Err(GitError::NotOwned { root: root.to_owned() });
        }
        return Err(GitError::Plumbing { detail: said.lines().next().unwrap_or("it failed").to_owned() });
    }
    parse(&output.stdout).ok_or_else(|| GitError::Plumbing { detail: "its answer was not understood".to_owned() })
}

/// Reads lines of the form `mode id stage<tab>path`, each ended by a NUL.
fn parse(bytes: &[u8]) -> Option<Tracked> {
    let mut tracked = Tracked::default();
    for line in bytes.split(|&byte| byte == 0).filter(|line| !line.is_empty()) {
        let tab = memchr::memchr(b'\t', line)?;
        let mode = std::str::from_utf8(line.get(..6)?).ok()?;
        tracked.push(u32::from_str_radix(mode, 8).ok()?, &line[tab + 1..]);
    }
    Some(tracked.settle())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_and_submodules_are_taken_from_a_listing() {
        let listing = ["100644 1 0\ta b", "100755 2 0\tc\td", "120000 3 0\tlink", "160000 4 0\tsub", "100644 5 1\tx"];
        let listing = listing.map(|line| format!("{line}\0")).concat() + "100644 6 2\tx\0";
        let tracked = parse(listing.as_bytes()).unwrap();
        assert_eq!(tracked.files, [&b"a b"[..], b"c\td", b"x"].into_iter().collect());
        assert_eq!(tracked.modules, [&b"sub"[..]].into_iter().collect());
        assert_eq!(parse(b"nonsense\0"), None);
    }
}
