//! Decides how one content is read that a report names: by a commit and a path, or by its own id.

use super::error::GitError;
use super::plumbing::Git;
use super::repository::Repository;

/// What is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named<'a> {
    /// The file at a path from the root, as a commit has it; the id of the commit in hex.
    File(&'a str, &'a str),
    /// The file at a path from the root, as the index has it.
    Staged(&'a str),
    /// An object by the word for its kind and its id in hex: `commit`, `tag` or `blob`.
    Object(&'a str, &'a str),
}

/// The content that is meant, if it is at most `limit` bytes long. Nothing is read of what is no plain name: an id is of
/// 40 or 64 digits, a path does not begin with a dot that git would count from a folder.
pub fn content(repository: &Repository, named: &Named<'_>, limit: u64) -> Result<Option<Vec<u8>>, GitError> {
    let (kind, object) = match *named {
        Named::File(commit, path) if is_id(commit) && is_path(path) => ("blob", format!("{commit}:{path}")),
        Named::Staged(path) if is_path(path) => ("blob", format!(":0:{path}")),
        Named::Object(kind @ ("commit" | "tag" | "blob"), id) if is_id(id) => (kind, id.to_owned()),
        _ => return Ok(None),
    };
    let git = Git::new(repository);
    let size = git.run(&["cat-file", "-s", &object], &[])?;
    let size: Option<u64> = std::str::from_utf8(&size).ok().and_then(|size| size.trim().parse().ok());
    if size.is_none_or(|size| size > limit) {
        return Ok(None);
    }
    git.run(&["cat-file", kind, &object], &[]).map(Some)
}

fn is_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_path(text: &str) -> bool {
    !text.is_empty() && !text.starts_with("./") && !text.starts_with("../") && !text.contains('\0')
}
