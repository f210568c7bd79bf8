//! Decides what stands at the beginning of commits and tags: what they point at, by whom and when they were made.
//!
//! What is malformed is passed over; nothing here fails.

use super::id::ObjectId;

/// How many parents of a commit count.
const MOST_PARENTS: usize = 1 << 16;

/// What a commit points at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CommitHeader {
    pub(super) tree: Option<ObjectId>,
    pub(super) parents: Vec<ObjectId>,
    /// Seconds since 1970 when it was committed.
    pub(super) time: i64,
}

/// Somebody, at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Signature {
    /// The name and the address.
    pub(super) who: Vec<u8>,
    /// Seconds since 1970.
    pub(super) time: i64,
}

/// What the commit with this content points at.
pub(super) fn commit(bytes: &[u8]) -> CommitHeader {
    let mut header = CommitHeader::default();
    for line in lines(bytes) {
        if let Some(hex) = line.strip_prefix(b"tree ") {
            header.tree = header.tree.or_else(|| ObjectId::from_hex(hex));
        } else if let Some(hex) = line.strip_prefix(b"parent ") {
            header.parents.extend(ObjectId::from_hex(hex).filter(|_| header.parents.len() < MOST_PARENTS));
        } else if let Some(signed) = line.strip_prefix(b"committer ") {
            header.time = time(signed);
            break;
        }
    }
    header
}

/// What the tag with this content points at.
pub(super) fn tagged(bytes: &[u8]) -> Option<ObjectId> {
    lines(bytes).find_map(|line| line.strip_prefix(b"object ")).and_then(ObjectId::from_hex)
}

/// Who is named in the line of the header that begins with `role`.
pub(super) fn signature(bytes: &[u8], role: &[u8]) -> Option<Signature> {
    let line = lines(bytes).find_map(|line| line.strip_prefix(role)?.strip_prefix(b" "))?;
    let end = memchr::memrchr(b'>', line).map_or(line.len(), |at| at + 1);
    Some(Signature { who: line[..end].to_vec(), time: time(line) })
}

/// The lines of the header, which an empty line ends.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|&byte| byte == b'\n').take_while(|line| !line.is_empty())
}

/// The time that follows an address.
fn time(line: &[u8]) -> i64 {
    let after = memchr::memrchr(b'>', line).map_or(line, |at| &line[at + 1..]);
    let word = after.split(|&byte| byte == b' ').find(|word| !word.is_empty()).unwrap_or_default();
    std::str::from_utf8(word).ok().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_header_ends_where_the_message_begins() {
        let (tree, parent) = ("a".repeat(40), "b".repeat(40));
        let text = format!(
            "tree {tree}\nparent {parent}\nparent {parent}\nauthor A <a@b> 5 +0200\ncommitter C > D <c@d> -7 +0000\n\n\
             parent {parent}\nauthor X <x> 9 +0000\n"
        );
        let header = commit(text.as_bytes());
        assert_eq!(header.tree.unwrap().to_string(), tree);
        assert_eq!((header.parents.len(), header.time), (2, -7));
        let author = signature(text.as_bytes(), b"author").unwrap();
        assert_eq!((&author.who[..], author.time), (&b"A <a@b>"[..], 5));
        assert_eq!(signature(text.as_bytes(), b"committer").unwrap().who, b"C > D <c@d>");
        assert_eq!(tagged(format!("object {tree}\ntype commit\n").as_bytes()).unwrap().to_string(), tree);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let bytes = [b"tree x\ncommitter ", &bytes[..]].concat();
            drop((commit(&bytes), tagged(&bytes), signature(&bytes, b"committer")));
        }
    }
}
