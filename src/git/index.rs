//! Decides what an index file holds. It reads the file itself: 78,000 entries cost a few milliseconds, neither the
//! owner of the repository nor its configuration matters, and nothing can be written.
//!
//! The format is that of `gitformat-index(5)`, versions 2 to 4, with ids of SHA-1 or SHA-256.

use super::id::{ObjectFormat, ObjectId};
use super::paths::Tracked;

/// Why an index was not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Defect {
    /// It is not an index, it is damaged, or its version is unknown.
    Form,
    /// It has an extension without which it cannot be read, such as that of a split index.
    Extension([u8; 4]),
}

impl std::fmt::Display for Defect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Form => f.write_str("the index is damaged or of an unknown version"),
            Self::Extension(name) => write!(f, "the index needs the extension `{}`", name.escape_ascii()),
        }
    }
}

/// Bytes of an entry before its object id.
const STAT: usize = 40;
/// Offset of the mode within an entry.
const MODE: usize = 24;
/// The flag of an entry with a second word of flags.
const EXTENDED: u16 = 0x4000;
/// The flag, in the second word, of an entry without content.
const INTENT_TO_ADD: u16 = 0x2000;

/// One entry of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    pub(super) mode: u32,
    pub(super) id: ObjectId,
    /// The word of flags that every entry has.
    pub(super) flags: u16,
    /// The second word of flags, which is zero where an entry has none.
    pub(super) more_flags: u16,
    pub(super) path: &'a [u8],
}

impl Entry<'_> {
    /// 0, or 1 to 3 for the sides of a conflict.
    pub(super) fn stage(&self) -> u8 {
        (self.flags >> 12 & 3) as u8
    }

    /// Whether the path alone was added, and nothing of the content.
    pub(super) fn is_intent_to_add(&self) -> bool {
        self.more_flags & INTENT_TO_ADD != 0
    }
}

/// Hands every entry of the index with this content to `each`, in its order.
pub(super) fn entries(bytes: &[u8], format: ObjectFormat, mut each: impl FnMut(&Entry<'_>)) -> Result<(), Defect> {
    read(bytes, format.id_len(), &mut each)
}

/// What the index with this content tracks.
pub(super) fn parse(bytes: &[u8]) -> Result<Tracked, Defect> {
    // The file does not say how long its ids are. A wrong guess cannot end exactly at the checksum.
    match parse_with_ids(bytes, 20) {
        Err(Defect::Form) => parse_with_ids(bytes, 32),
        result => result,
    }
}

fn parse_with_ids(bytes: &[u8], id: usize) -> Result<Tracked, Defect> {
    let mut tracked = Tracked::default();
    read(bytes, id, &mut |entry| tracked.push(entry.mode, entry.path))?;
    Ok(tracked.settle())
}

fn read(bytes: &[u8], id: usize, each: &mut dyn FnMut(&Entry<'_>)) -> Result<(), Defect> {
    let end = bytes.len().checked_sub(id).ok_or(Defect::Form)?;
    let mut reader = Reader { bytes: &bytes[..end], at: 0 };
    if reader.take(4)? != b"DIRC" {
        return Err(Defect::Form);
    }
    let version = reader.word()?;
    if !(2..=4).contains(&version) {
        return Err(Defect::Form);
    }
    let count = reader.word()?;
    let mut path = Vec::new();
    for _ in 0..count {
        each(&reader.entry(version, id, &mut path)?);
    }
    reader.extensions()
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], Defect> {
        let end = self.at.checked_add(len).ok_or(Defect::Form)?;
        let taken = self.bytes.get(self.at..end).ok_or(Defect::Form)?;
        self.at = end;
        Ok(taken)
    }

    fn word(&mut self) -> Result<u32, Defect> {
        self.take(4)?.try_into().map(u32::from_be_bytes).map_err(|_| Defect::Form)
    }

    fn half(&mut self) -> Result<u16, Defect> {
        self.take(2)?.try_into().map(u16::from_be_bytes).map_err(|_| Defect::Form)
    }

    /// Reads one entry, whose path replaces `path`, which must be that of the entry before.
    fn entry<'p>(&mut self, version: u32, id: usize, path: &'p mut Vec<u8>) -> Result<Entry<'p>, Defect> {
        let start = self.at;
        let fixed = self.take(STAT)?;
        let mode = fixed[MODE..MODE + 4].try_into().map(u32::from_be_bytes).map_err(|_| Defect::Form)?;
        let id = ObjectId::from_bytes(self.take(id)?).ok_or(Defect::Form)?;
        let flags = self.half()?;
        let more_flags = if flags & EXTENDED == 0 { 0 } else { self.half()? };
        if version == 4 {
            let dropped = self.offset()?;
            path.truncate(path.len().checked_sub(dropped).ok_or(Defect::Form)?);
        } else {
            path.clear();
        }
        let len = memchr::memchr(0, &self.bytes[self.at..]).ok_or(Defect::Form)?;
        path.extend_from_slice(self.take(len)?);
        if version == 4 {
            self.take(1)?;
        } else {
            let padded = (self.at - start + 8) & !7;
            let padding = self.take(padded - (self.at - start))?;
            if padding.iter().any(|&byte| byte != 0) {
                return Err(Defect::Form);
            }
        }
        let known = matches!(mode >> 12, 0o4 | 0o10 | 0o12 | 0o16);
        if !known || path.is_empty() {
            return Err(Defect::Form);
        }
        Ok(Entry { mode, id, flags, more_flags, path })
    }

    /// Reads a number of the form that packs use for offsets.
    fn offset(&mut self) -> Result<usize, Defect> {
        let mut byte = self.take(1)?[0];
        let mut value = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = self.take(1)?[0];
            value = value.checked_add(1).and_then(|value| value.checked_mul(128)).ok_or(Defect::Form)?;
            value |= usize::from(byte & 0x7f);
        }
        Ok(value)
    }

    /// Walks over the extensions. One whose name begins with a lower-case letter must be understood; that of a sparse
    /// index may be passed over, since the folders that it names have no files in the working tree.
    fn extensions(&mut self) -> Result<(), Defect> {
        while self.at < self.bytes.len() {
            let name: [u8; 4] = self.take(4)?.try_into().map_err(|_| Defect::Form)?;
            let len = usize::try_from(self.word()?).map_err(|_| Defect::Form)?;
            self.take(len)?;
            if !name.iter().all(u8::is_ascii_alphanumeric) {
                return Err(Defect::Form);
            }
            if name[0].is_ascii_lowercase() && &name != b"sdir" {
                return Err(Defect::Extension(name));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_an_index_is_refused() {
        assert_eq!(parse(b""), Err(Defect::Form));
        assert_eq!(parse(&[0; 100]), Err(Defect::Form));
        assert_eq!(parse(b"DIRC\0\0\0\x05\0\0\0\0aaaaaaaaaaaaaaaaaaaa"), Err(Defect::Form));
    }

    #[test]
    fn an_index_without_entries_tracks_nothing() {
        assert_eq!(parse(b"DIRC\0\0\0\x02\0\0\0\0aaaaaaaaaaaaaaaaaaaa"), Ok(Tracked::default()));
    }

    #[test]
    fn a_split_index_is_refused_by_name() {
        let index = b"DIRC\0\0\0\x02\0\0\0\0link\0\0\0\x01xaaaaaaaaaaaaaaaaaaaa";
        assert_eq!(parse(index), Err(Defect::Extension(*b"link")));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(count in 0u8..3, version in 2u8..5, rest in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut bytes = vec![b'D', b'I', b'R', b'C', 0, 0, 0, version, 0, 0, 0, count];
            bytes.extend(rest);
            drop(parse(&bytes));
        }
    }
}
