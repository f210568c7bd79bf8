//! Decides how the entries of a tree object are read.

/// One entry of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item<'a> {
    /// The kind of thing, and its permissions.
    pub(super) mode: u32,
    pub(super) name: &'a [u8],
    pub(super) id: &'a [u8],
}

/// What an entry, of a tree or of an index, is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// A file or a link: it has a blob.
    Blob,
    /// A folder.
    Tree,
    /// A commit of another repository.
    Module,
}

/// What a thing with these mode bits is.
pub(super) fn what(mode: u32) -> What {
    match mode >> 12 {
        0o4 => What::Tree,
        0o16 => What::Module,
        _ => What::Blob,
    }
}

/// The entries of the tree with this content, in its own order; `None` if it is damaged.
pub(super) fn items(bytes: &[u8], id_len: usize) -> Option<Vec<Item<'_>>> {
    let mut items = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let blank = memchr::memchr(b' ', rest)?;
        let mode = u32::from_str_radix(std::str::from_utf8(&rest[..blank]).ok()?, 8).ok()?;
        let end = blank + 1 + memchr::memchr(0, &rest[blank + 1..])?;
        let name = &rest[blank + 1..end];
        let (id, after) = rest[end + 1..].split_at_checked(id_len)?;
        items.push(Item { mode, name, id });
        rest = after;
    }
    Some(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_read_entry_by_entry() {
        let items = items(b"100644 a b\0AAAA40000 c\0BBBB160000 d\0CCCC", 4).unwrap();
        assert_eq!(items[0], Item { mode: 0o100_644, name: b"a b", id: b"AAAA" });
        assert_eq!(
            items.iter().map(|item| what(item.mode)).collect::<Vec<_>>(),
            [What::Blob, What::Tree, What::Module]
        );
        assert_eq!(super::items(b"100644 a\0AAA", 4), None);
        assert_eq!(super::items(b"10x644 a\0AAAA", 4), None);
    }
}
