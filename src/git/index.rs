//! Decides what an index file holds: its entries and its extensions. It reads the file itself: 78,000 entries cost a few
//! milliseconds, neither the owner of the repository nor its configuration matters, and nothing can be written.
//!
//! The format is that of `gitformat-index(5)`, versions 2 to 4, with ids of SHA-1 or SHA-256. The checksum at its end is
//! not verified: that would cost more than all else, and git does not do it either.

use std::ops::Range;

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

/// Bytes before the first entry.
const HEADER: usize = 12;
/// Bytes of an entry before its object id.
const STAT: usize = 40;
/// Offset of the mode within an entry.
const MODE: usize = 24;
/// The flag of an entry with a second word of flags.
const EXTENDED: u16 = 0x4000;
/// The flag of an entry whose file is not to be looked at.
const ASSUME_UNCHANGED: u16 = 0x8000;
/// The flag, in the second word, of an entry whose file need not exist.
const SKIP_WORKTREE: u16 = 0x4000;
/// The flag, in the second word, of an entry that will be added later.
const INTENT_TO_ADD: u16 = 0x2000;
/// What an entry ends with, or less.
const ZEROS: [u8; 8] = [0; 8];
/// The length of a path, where it fits.
const LENGTH: u16 = 0x0fff;

/// Hands every entry of the index with this content to `each`, in its order.
pub(super) fn entries(bytes: &[u8], format: ObjectFormat, mut each: impl FnMut(&Entry<'_>)) -> Result<(), Defect> {
    let index = Index::with_ids(bytes, format.id_len())?;
    let mut entries = index.entries()?;
    while let Some(entry) = entries.entry() {
        each(&entry);
        entries.advance()?;
    }
    Ok(())
}

/// What the index with this content tracks.
pub(super) fn parse(bytes: &[u8]) -> Result<Tracked, Defect> {
    let index = Index::parse(bytes)?;
    let mut tracked = Tracked::default();
    let mut entries = index.entries()?;
    while let Some(entry) = entries.entry() {
        tracked.push(entry.mode, entry.path);
        entries.advance()?;
    }
    Ok(tracked.settle())
}

/// An index whose form was checked.
#[derive(Clone, Debug)]
pub(super) struct Index<'a> {
    bytes: &'a [u8],
    version: u32,
    id_len: usize,
    count: usize,
    /// Where each entry begins; empty in version 4, where a path is known only to who read the one before.
    starts: Vec<u32>,
    extensions: Vec<Extension>,
}

/// A part of an index behind its entries.
#[derive(Clone, Debug)]
struct Extension {
    name: [u8; 4],
    content: Range<usize>,
}

impl<'a> Index<'a> {
    /// The flag of an entry with a second word of flags.
    pub(super) const EXTENDED: u16 = EXTENDED;
    /// The bits of the flags that are the length of the path, where it fits.
    pub(super) const LENGTH: u16 = LENGTH;

    /// Reads the form of `bytes`.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Defect> {
        // The file does not say how long its ids are. A wrong guess cannot end exactly at the checksum.
        match Self::with_ids(bytes, 20) {
            Err(Defect::Form) => Self::with_ids(bytes, 32),
            result => result,
        }
    }

    fn with_ids(bytes: &'a [u8], id_len: usize) -> Result<Self, Defect> {
        let mut index = Self::open(bytes, id_len)?;
        let (starts, extensions) = index.walk()?;
        index.starts = starts;
        index.extensions = extensions;
        Ok(index)
    }

    /// Reads no more than the header.
    pub(super) fn open(bytes: &'a [u8], id_len: usize) -> Result<Self, Defect> {
        let end = bytes.len().checked_sub(id_len).ok_or(Defect::Form)?;
        let mut reader = Reader { bytes: &bytes[..end], at: 0 };
        if reader.take(4)? != b"DIRC" {
            return Err(Defect::Form);
        }
        let version = reader.word()?;
        if !(2..=4).contains(&version) {
            return Err(Defect::Form);
        }
        let count = usize::try_from(reader.word()?).map_err(|_| Defect::Form)?;
        let (starts, extensions) = (Vec::new(), Vec::new());
        Ok(Self { bytes: &bytes[..end], version, id_len, count, starts, extensions })
    }

    /// Looks at every entry once.
    fn walk(&self) -> Result<(Vec<u32>, Vec<Extension>), Defect> {
        let mut starts = Vec::with_capacity(self.count.min(self.bytes.len() / STAT));
        let mut entries = self.entries()?;
        let mut nameless = false;
        while entries.number < self.count {
            let place = &entries.at;
            nameless |= place.path.is_empty() && entries.path.is_empty();
            if !matches!(place.mode >> 12, 0o4 | 0o10 | 0o12 | 0o16) {
                return Err(Defect::Form);
            }
            if self.version < 4 {
                starts.push(u32::try_from(place.start).map_err(|_| Defect::Form)?);
            }
            entries.advance()?;
        }
        let extensions = entries.reader.extensions()?;
        // Entries without a name replace those of a shared index.
        if nameless { Err(Defect::Form) } else { Ok((starts, extensions)) }
    }

    /// How many bytes its ids have.
    pub(super) fn id_len(&self) -> usize {
        self.id_len
    }

    /// Its entries, from the first.
    pub(super) fn entries(&self) -> Result<Entries<'_>, Defect> {
        let mut entries = Entries {
            reader: Reader { bytes: self.bytes, at: HEADER },
            version: self.version,
            id_len: self.id_len,
            number: 0,
            count: self.count,
            starts: &self.starts,
            at: Place::default(),
            path: Vec::new(),
        };
        entries.read()?;
        Ok(entries)
    }

    /// The content of the extension `name`, if there is one.
    pub(super) fn extension(&self, name: [u8; 4]) -> Option<&'a [u8]> {
        let extension = self.extensions.iter().find(|extension| extension.name == name)?;
        self.bytes.get(extension.content.clone())
    }
}

/// One entry of an index.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    /// From the root of the working tree; that of a folder, in a sparse index, ends with `/`.
    pub(super) path: &'a [u8],
    /// The kind of file, and its permissions.
    pub(super) mode: u32,
    /// The content.
    pub(super) id: ObjectId,
    fixed: &'a [u8],
    flags: u16,
    more_flags: u16,
}

impl Entry<'_> {
    /// What the file was like when its content was last known to be this.
    pub(super) fn stat(&self) -> Stat {
        Stat::new(self.fixed)
    }

    /// The bytes before the id, and both words of flags.
    pub(super) fn raw(&self) -> (&[u8], u16, u16) {
        (self.fixed, self.flags, self.more_flags)
    }

    /// 0, or 1 to 3 for the sides of a conflict.
    pub(super) fn stage(&self) -> u16 {
        (self.flags >> 12) & 3
    }

    /// Whether the file is only announced, and no part of the next commit.
    pub(super) fn is_intent_to_add(&self) -> bool {
        self.more_flags & INTENT_TO_ADD != 0
    }

    /// Whether the file need not be there.
    pub(super) fn skips_work_tree(&self) -> bool {
        self.more_flags & SKIP_WORKTREE != 0
    }

    /// Whether the user promised not to change the file.
    pub(super) fn is_assumed_unchanged(&self) -> bool {
        self.flags & ASSUME_UNCHANGED != 0
    }
}

/// What an index remembers of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stat {
    /// Seconds and nanoseconds of the last change of the inode.
    pub(super) changed: (u32, u32),
    /// Seconds and nanoseconds of the last change of the content.
    pub(super) modified: (u32, u32),
    /// The inode, its lower half.
    pub(super) inode: u32,
    /// The size, its lower half.
    pub(super) size: u32,
}

impl Stat {
    fn new(fixed: &[u8]) -> Self {
        let word =
            |at: usize| fixed.get(at..at + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_be_bytes);
        Self { changed: (word(0), word(4)), modified: (word(8), word(12)), inode: word(20), size: word(36) }
    }
}

/// Where the parts of the entry at hand are.
#[derive(Clone, Debug, Default)]
struct Place {
    start: usize,
    path: Range<usize>,
    mode: u32,
    flags: u16,
    more_flags: u16,
}

/// A place in the list of entries.
#[derive(Clone, Debug)]
pub(super) struct Entries<'a> {
    reader: Reader<'a>,
    version: u32,
    id_len: usize,
    /// The number of the entry at hand, from 0.
    number: usize,
    count: usize,
    starts: &'a [u32],
    at: Place,
    /// The path of the entry at hand, in version 4.
    path: Vec<u8>,
}

impl Entries<'_> {
    /// The entry at hand; `None` after the last.
    pub(super) fn entry(&self) -> Option<Entry<'_>> {
        if self.number >= self.count {
            return None;
        }
        let Place { start, ref path, mode, flags, more_flags } = self.at;
        let bytes = self.reader.bytes;
        let path = if self.version == 4 { &*self.path } else { bytes.get(path.clone())? };
        let id = ObjectId::from_bytes(bytes.get(start + STAT..start + STAT + self.id_len)?)?;
        let fixed = bytes.get(start..start + STAT)?;
        Some(Entry { path, mode, id, fixed, flags, more_flags })
    }

    /// Goes on to the next entry.
    pub(super) fn advance(&mut self) -> Result<(), Defect> {
        self.number = self.count.min(self.number + 1);
        self.read()
    }

    /// Passes over `count` entries.
    pub(super) fn skip(&mut self, count: u32) -> Result<(), Defect> {
        let to = usize::try_from(count).ok().and_then(|count| self.number.checked_add(count)).ok_or(Defect::Form)?;
        if to > self.count {
            return Err(Defect::Form);
        }
        if self.starts.is_empty() {
            return (self.number..to).try_for_each(|_| self.advance());
        }
        self.go(to)
    }

    /// Passes over entries, the one at hand included, until `wanted` accepts the bytes of an id.
    pub(super) fn find(&mut self, wanted: impl Fn(&[u8]) -> bool) -> Result<(), Defect> {
        if self.starts.is_empty() {
            while self.entry().is_some_and(|entry| !wanted(entry.id.as_bytes())) {
                self.advance()?;
            }
            return Ok(());
        }
        let is_wanted = |start: &u32| {
            let start = STAT + *start as usize;
            self.reader.bytes.get(start..start + self.id_len).is_some_and(&wanted)
        };
        let rest = self.starts.get(self.number..).unwrap_or_default();
        let to = rest.iter().position(is_wanted).map_or(self.count, |at| self.number + at);
        self.go(to)
    }

    /// Where the entry at hand ends.
    pub(super) fn end(&self) -> usize {
        self.reader.at
    }

    fn go(&mut self, to: usize) -> Result<(), Defect> {
        self.number = to;
        if let Some(start) = self.starts.get(to) {
            self.reader.at = *start as usize;
        }
        self.read()
    }

    fn read(&mut self) -> Result<(), Defect> {
        if self.number >= self.count {
            return Ok(());
        }
        let reader = &mut self.reader;
        let start = reader.at;
        let fixed = reader.take(STAT + self.id_len)?;
        let mode = fixed[MODE..MODE + 4].try_into().map(u32::from_be_bytes).map_err(|_| Defect::Form)?;
        let flags = reader.half()?;
        let more_flags = if flags & EXTENDED == 0 { 0 } else { reader.half()? };
        if self.version == 4 {
            let dropped = reader.offset()?;
            self.path.truncate(self.path.len().checked_sub(dropped).ok_or(Defect::Form)?);
        }
        let path = reader.at..reader.at + reader.path_len(flags, self.version)?;
        let text = reader.take(path.len())?;
        if self.version == 4 {
            self.path.extend_from_slice(text);
            reader.take(1)?;
        } else {
            reader.padding(start)?;
        }
        self.at = Place { start, path, mode, flags, more_flags };
        Ok(())
    }
}

#[derive(Clone, Debug)]
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

    /// The length of the path that begins here. The flags say it, unless it is long or only a part is written.
    fn path_len(&self, flags: u16, version: u32) -> Result<usize, Defect> {
        let len = usize::from(flags & LENGTH);
        if version < 4 && len < usize::from(LENGTH) && self.bytes.get(self.at + len) == Some(&0) {
            return Ok(len);
        }
        memchr::memchr(0, &self.bytes[self.at..]).ok_or(Defect::Form)
    }

    /// Walks over the zeros that end the entry which began at `start`.
    fn padding(&mut self, start: usize) -> Result<(), Defect> {
        let len = self.at - start;
        let padding = self.take(((len + 8) & !7) - len)?;
        if ZEROS.starts_with(padding) { Ok(()) } else { Err(Defect::Form) }
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
    /// index says only that there are entries of folders.
    fn extensions(&mut self) -> Result<Vec<Extension>, Defect> {
        let mut extensions = Vec::new();
        while self.at < self.bytes.len() {
            let name: [u8; 4] = self.take(4)?.try_into().map_err(|_| Defect::Form)?;
            let len = usize::try_from(self.word()?).map_err(|_| Defect::Form)?;
            let start = self.at;
            self.take(len)?;
            if !name.iter().all(u8::is_ascii_alphanumeric) {
                return Err(Defect::Form);
            }
            if name[0].is_ascii_lowercase() && &name != b"sdir" {
                return Err(Defect::Extension(name));
            }
            extensions.push(Extension { name, content: start..self.at });
        }
        Ok(extensions)
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

    /// An index of version 2 whose entries have these paths, and their numbers as ids.
    fn index(paths: &[&str]) -> Vec<u8> {
        let count = u8::try_from(paths.len()).unwrap();
        let mut bytes = vec![b'D', b'I', b'R', b'C', 0, 0, 0, 2, 0, 0, 0, count];
        for (number, path) in (0_u8..).zip(paths) {
            let start = bytes.len();
            bytes.extend([0; STAT]);
            bytes[start + MODE + 2] = 0x81;
            bytes.extend([number; 20]);
            bytes.extend(u16::try_from(path.len()).unwrap().to_be_bytes());
            bytes.extend(path.as_bytes());
            let len = bytes.len() - start;
            bytes.resize(start + ((len + 8) & !7), 0);
        }
        bytes.extend([0; 20]);
        bytes
    }

    #[test]
    fn entries_can_be_passed_over() {
        let bytes = index(&["a", "b/c", "b/dd", "longer/name", "z"]);
        let index = Index::parse(&bytes).unwrap();
        let mut entries = index.entries().unwrap();
        let path =
            |entries: &Entries<'_>| entries.entry().map(|entry| String::from_utf8_lossy(entry.path).into_owned());
        assert_eq!(path(&entries).as_deref(), Some("a"));
        entries.skip(2).unwrap();
        assert_eq!(path(&entries).as_deref(), Some("b/dd"));
        entries.find(|id| id[0] == 4).unwrap();
        assert_eq!(path(&entries).as_deref(), Some("z"));
        entries.find(|id| id[0] == 4).unwrap();
        assert_eq!(path(&entries).as_deref(), Some("z"), "the entry at hand counts");
        assert_eq!(entries.skip(2), Err(Defect::Form));
        entries.skip(1).unwrap();
        assert_eq!(path(&entries), None);
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
