//! Decides what the path of a finding is from the root that the settings count from.
//!
//! A scan of a repository names its files from the root. A scan of folders names them as they were typed.

use std::collections::BTreeMap;

use crate::blob::Name;

/// From where the names of files are to be understood. Paths are absolute, with `/` between their parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Viewpoint {
    /// They count from the root already.
    #[default]
    Root,
    /// They count from a folder.
    Folder {
        /// The folder.
        folder: Name,
        /// The root.
        root: Name,
        /// What was named to be scanned, and where that really is.
        named: Named,
    },
}

/// Files and folders as they were typed, and where they really are: a part of what was typed may be a link, and then
/// `..` leads to another place than the words say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named(BTreeMap<Vec<u8>, Name>);

impl Named {
    /// Each as it was typed, with its real path, which is absolute.
    pub fn new(named: impl IntoIterator<Item = (Name, Name)>) -> Self {
        let named = named.into_iter().map(|(typed, real)| (plain(typed.as_bytes()), real));
        // The folder itself needs no words, and nothing is all that other paths begin with.
        Self(named.filter(|(typed, _)| !typed.is_empty()).collect())
    }

    /// The absolute path of what is called `name`, if it is one of them, or lies in one.
    fn real(&self, name: &[u8]) -> Option<Vec<u8>> {
        let name = plain(name);
        let ends = std::iter::once(name.len()).chain(memchr::memrchr_iter(b'/', &name));
        let mut found = ends.filter_map(|end| Some([self.0.get(&name[..end])?.as_bytes(), &name[end..]].concat()));
        found.next()
    }
}

impl Viewpoint {
    /// The path from the root; nothing if that is not known, or if it is not below the root.
    pub fn path(&self, name: &Name) -> Option<Name> {
        if name.is_unknown() {
            return None;
        }
        let Self::Folder { folder, root, named } = self else { return Some(name.clone()) };
        let as_typed = || match name.as_bytes() {
            path if is_absolute(path) => path.to_vec(),
            path => [folder.as_bytes(), path].join(&b'/'),
        };
        let whole = named.real(name.as_bytes()).unwrap_or_else(as_typed);
        let (whole, root) = (parts(&whole), parts(root.as_bytes()));
        let below = whole.strip_prefix(&*root).filter(|below| !below.is_empty())?;
        Some(Name::new(below.join(&b'/')))
    }
}

fn is_absolute(path: &[u8]) -> bool {
    path.starts_with(b"/") || path.get(1) == Some(&b':') && path[0].is_ascii_alphabetic()
}

/// A path without parts that name the same place again. `..` is none of these.
fn plain(path: &[u8]) -> Vec<u8> {
    let start: &[u8] = if path.starts_with(b"/") { b"/" } else { b"" };
    let steps: Vec<&[u8]> = path.split(|&byte| byte == b'/').filter(|step| !matches!(*step, b"" | b".")).collect();
    [start, &steps.join(&b'/')].concat()
}

/// The parts of a path, without those that lead nowhere.
fn parts(path: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    for part in path.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_was_typed_becomes_a_path_from_the_root() {
        let view = Viewpoint::Folder { folder: Name::new("/r/sub"), root: Name::new("/r"), named: Named::default() };
        let path = |name: &str| view.path(&Name::new(name)).map(|path| path.to_text());
        assert_eq!(path("a").as_deref(), Some("sub/a"));
        assert_eq!(path("../a/./b").as_deref(), Some("a/b"));
        assert_eq!(path("/r/x/a").as_deref(), Some("x/a"));
        assert_eq!(path("/rx/a"), None);
        assert_eq!(path("../../a"), None);
        assert_eq!(path(""), None);
        assert_eq!(Viewpoint::Root.path(&Name::new("a/b")), Some(Name::new("a/b")));
    }

    #[test]
    fn what_was_typed_is_where_it_really_is() {
        let named = [("link", "/r/real"), ("./x//link/../a", "/r/a"), ("/l", "/r"), (".", "/r/sub"), ("link/in", "/q")];
        let named = Named::new(named.map(|(typed, real)| (Name::new(typed), Name::new(real))));
        let view = Viewpoint::Folder { folder: Name::new("/r/sub"), root: Name::new("/r"), named };
        let path = |name: &str| view.path(&Name::new(name)).map(|path| path.to_text());
        assert_eq!(path("link/b").as_deref(), Some("real/b"));
        assert_eq!(path("linked/b").as_deref(), Some("sub/linked/b"));
        assert_eq!(path("x/link/../a").as_deref(), Some("a"));
        assert_eq!(path("/l/a/b").as_deref(), Some("a/b"));
        assert_eq!(path("link/in/b"), None);
        assert_eq!(path("b").as_deref(), Some("sub/b"));
        assert_eq!(path("/r/x/b").as_deref(), Some("x/b"));
    }
}
