//! Decides what the path of a finding is from the root that the settings count from.
//!
//! A scan of a repository names its files from the root. A scan of folders names them as they were typed.

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
    },
}

impl Viewpoint {
    /// The path from the root; nothing if that is not known, or if it is not below the root.
    pub fn path(&self, name: &Name) -> Option<Name> {
        if name.is_unknown() {
            return None;
        }
        let Self::Folder { folder, root } = self else { return Some(name.clone()) };
        let whole = if is_absolute(name.as_bytes()) {
            name.as_bytes().to_vec()
        } else {
            [folder.as_bytes(), name.as_bytes()].join(&b'/')
        };
        let (whole, root) = (parts(&whole), parts(root.as_bytes()));
        let below = whole.strip_prefix(&*root).filter(|below| !below.is_empty())?;
        Some(Name::new(below.join(&b'/')))
    }
}

fn is_absolute(path: &[u8]) -> bool {
    path.starts_with(b"/") || path.get(1) == Some(&b':') && path[0].is_ascii_alphabetic()
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
        let view = Viewpoint::Folder { folder: Name::new("/r/sub"), root: Name::new("/r") };
        let path = |name: &str| view.path(&Name::new(name)).map(|path| path.to_text());
        assert_eq!(path("a").as_deref(), Some("sub/a"));
        assert_eq!(path("../a/./b").as_deref(), Some("a/b"));
        assert_eq!(path("/r/x/a").as_deref(), Some("x/a"));
        assert_eq!(path("/rx/a"), None);
        assert_eq!(path("../../a"), None);
        assert_eq!(path(""), None);
        assert_eq!(Viewpoint::Root.path(&Name::new("a/b")), Some(Name::new("a/b")));
    }
}
