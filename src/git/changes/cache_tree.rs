//! Decides which folders of an index are known to be a certain tree: the extension `TREE`.
//!
//! git notes there which tree each folder would become, and takes the note back when an entry below the folder changes.
//! What it says is what a commit would record.

use std::collections::BTreeMap;

/// How deep folders may lie within each other.
const DEEPEST: usize = 4096;

/// The folders of an index.
#[derive(Clone, Debug, Default)]
pub(super) struct CacheTree<'a> {
    folders: Vec<Folder<'a>>,
}

/// One folder.
#[derive(Clone, Debug)]
struct Folder<'a> {
    name: &'a [u8],
    known: Option<Known<'a>>,
    /// The place behind all folders below this one.
    end: usize,
}

/// What is known of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known<'a> {
    /// The tree that it is.
    pub(super) tree: &'a [u8],
    /// How many entries of the index that covers.
    pub(super) entries: u32,
}

impl<'a> CacheTree<'a> {
    /// Reads the extension. One that is damaged says nothing, and then nothing is passed over.
    pub(super) fn parse(bytes: &'a [u8], id_len: usize) -> Self {
        let mut tree = Self::default();
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mut rest = bytes;
        while let Some((folder, below, after)) = read(rest, id_len) {
            rest = after;
            tree.folders.push(folder);
            open.push((tree.folders.len() - 1, below));
            while let Some((at, _)) = open.pop_if(|(_, left)| *left == 0) {
                tree.folders[at].end = tree.folders.len();
                open.last_mut().into_iter().for_each(|(_, left)| *left -= 1);
            }
            if open.is_empty() {
                return tree;
            }
            if open.len() > DEEPEST {
                break;
            }
        }
        Self::default()
    }

    /// The place of the folder of all, if anything is known.
    pub(super) fn root(&self) -> Option<usize> {
        (!self.folders.is_empty()).then_some(0)
    }

    /// What is known of the folder at `place`.
    pub(super) fn known(&self, place: usize) -> Option<Known<'a>> {
        self.folders.get(place)?.known
    }

    /// The places of the folders in the one at `place`, by name.
    pub(super) fn below(&self, place: usize) -> BTreeMap<&'a [u8], usize> {
        let mut below = BTreeMap::new();
        let end = self.folders.get(place).map_or(0, |folder| folder.end);
        let mut at = place + 1;
        while at < end {
            below.insert(self.folders[at].name, at);
            at = self.folders[at].end;
        }
        below
    }
}

/// One folder, how many lie directly in it, and what follows.
fn read(bytes: &[u8], id_len: usize) -> Option<(Folder<'_>, usize, &[u8])> {
    let (name, rest) = split(bytes, 0)?;
    let (entries, rest) = split(rest, b' ')?;
    let (below, rest) = split(rest, b'\n')?;
    let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse::<i64>().ok();
    let below = usize::try_from(number(below)?).ok()?;
    let Ok(entries) = u32::try_from(number(entries)?) else {
        return Some((Folder { name, known: None, end: 0 }, below, rest));
    };
    let (tree, rest) = rest.split_at_checked(id_len)?;
    Some((Folder { name, known: Some(Known { tree, entries }), end: 0 }, below, rest))
}

fn split(bytes: &[u8], end: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(end, bytes)?;
    Some((&bytes[..at], &bytes[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_found_by_name() {
        let bytes = b"\0-1 2\na\x002 1\nAAAAb\x001 0\nBBBBc\0-1 0\n";
        let tree = CacheTree::parse(bytes, 4);
        let root = tree.root().unwrap();
        assert_eq!(tree.known(root), None);
        let below = tree.below(root);
        assert_eq!(below.keys().copied().collect::<Vec<_>>(), [b"a", b"c"]);
        let a = below[&b"a"[..]];
        assert_eq!(tree.known(a), Some(Known { tree: b"AAAA", entries: 2 }));
        assert_eq!(tree.known(tree.below(a)[&b"b"[..]]), Some(Known { tree: b"BBBB", entries: 1 }));
        assert_eq!(tree.known(below[&b"c"[..]]), None);
    }

    #[test]
    fn a_damaged_extension_says_nothing() {
        for bytes in [&b""[..], b"\0", b"\x001 1\nAAAA", b"\x001 0\nAAA", b"\0x 0\n", b"\x001 -1\nAAAA"] {
            assert_eq!(CacheTree::parse(bytes, 4).root(), None, "{}", bytes.escape_ascii());
        }
    }
}
