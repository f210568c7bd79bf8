//! Decides what the index of a pack says: which objects the pack has, and where. Versions 1 and 2 are read; the ids
//! stay in the file.

use std::io;
use std::path::Path;

use super::digest;
use super::error::Defect;
use super::file::Positioned;
use super::pack::Failure;
use crate::git::id::{ObjectFormat, ObjectId};

/// How many ids one step of a search reads.
const STEP: u32 = 96;

/// How much is read at once where all of an index is read.
const CHUNK: usize = 256 << 10;

/// An index that is open.
#[derive(Debug)]
pub(super) struct Index {
    file: Positioned,
    id_len: usize,
    /// For each first byte, how many ids begin with it or a smaller one.
    fanout: Vec<u32>,
    names: Column,
    /// Offsets of four bytes.
    offsets: Column,
    /// Checksums of entries. There are none in version 1.
    checks: Option<Column>,
    /// Where offsets of eight bytes begin, and how many there are. There are none in version 1.
    large: (u64, u64),
    pack_checksum: Vec<u8>,
    /// Where the entries of the pack end.
    end: u64,
}

/// Where a field of all rows is.
#[derive(Clone, Copy, Debug)]
struct Column {
    start: u64,
    stride: usize,
}

impl Column {
    fn at(self, row: u32) -> u64 {
        self.start + u64::from(row) * self.stride as u64
    }
}

/// A row of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Where the entry begins in the pack.
    pub(super) offset: u64,
    /// The first eight bytes of its id.
    pub(super) prefix: u64,
    /// The checksum of the entry, if the index has it.
    pub(super) check: u32,
}

/// What an error of the system means for the pack.
pub(super) fn failure(path: &Path, error: &io::Error) -> Failure {
    let defect = Defect { path: path.to_owned(), detail: error.to_string() };
    if error.kind() == io::ErrorKind::NotFound { Failure::Gone(defect) } else { Failure::Bad(defect) }
}

impl Index {
    pub(super) fn open(file: Positioned, format: ObjectFormat) -> Result<Self, Failure> {
        let path = file.path().to_owned();
        let bad = |detail: &str| Failure::Bad(Defect { path: path.clone(), detail: detail.to_owned() });
        let size = file.len().map_err(|error| failure(&path, &error))?;
        let id_len = format.id_len();
        let mut head = vec![0; 8 + 256 * 4];
        file.read_exact_at(&mut head, 0).map_err(|error| failure(&path, &error))?;
        let is_second = head.starts_with(b"\xfftOc");
        if is_second && head[4..8] != [0, 0, 0, 2] {
            return Err(bad("it is an index of an unknown version"));
        }
        let start = if is_second { 8 } else { 0 };
        let fanout: Vec<u32> = head[start..start + 1024].chunks_exact(4).map(word).collect();
        let rows = u64::from(fanout[255]);
        let ids = start as u64 + 1024;
        let id_bytes = id_len as u64;
        let (names, offsets, large) = if is_second {
            let offsets = ids + rows * (id_bytes + 4);
            (Column { start: ids, stride: id_len }, Column { start: offsets, stride: 4 }, offsets + rows * 4)
        } else {
            let stride = id_len + 4;
            (Column { start: ids + 4, stride }, Column { start: ids, stride }, ids + rows * (id_bytes + 4))
        };
        let checks = is_second.then(|| Column { start: ids + rows * id_bytes, stride: 4 });
        let room = size.checked_sub(large + 2 * id_bytes).ok_or_else(|| bad("it ends too early"))?;
        if !fanout.is_sorted() || !room.is_multiple_of(8) || room / 8 > if is_second { rows } else { 0 } {
            return Err(bad("it is damaged"));
        }
        let mut pack_checksum = vec![0; id_len];
        file.read_exact_at(&mut pack_checksum, size - 2 * id_bytes).map_err(|error| failure(&path, &error))?;
        Ok(Self { file, id_len, fanout, names, offsets, checks, large: (large, room / 8), pack_checksum, end: 0 })
    }

    /// The same, for a pack whose entries end at `end`.
    pub(super) fn with_end(self, end: u64) -> Self {
        Self { end, ..self }
    }

    /// Whether it is what git wrote. All of it is read for that.
    pub(super) fn is_sound(&self, format: ObjectFormat) -> io::Result<bool> {
        digest::is_sound(&self.file, format)
    }

    /// How many objects there are.
    pub(super) fn len(&self) -> u32 {
        self.fanout.last().copied().unwrap_or_default()
    }

    /// Whether it has checksums of entries.
    pub(super) fn has_checks(&self) -> bool {
        self.checks.is_some()
    }

    /// Where the entries of the pack end.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// The digest that the pack ends with.
    pub(super) fn pack_checksum(&self) -> &[u8] {
        &self.pack_checksum
    }

    /// The id of the object in `row`.
    pub(super) fn id(&self, row: u32) -> io::Result<ObjectId> {
        let mut bytes = [0; 32];
        let bytes = &mut bytes[..self.id_len];
        self.file.read_exact_at(bytes, self.names.at(row))?;
        ObjectId::from_bytes(bytes).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
    }

    /// Where the entry of the object in `row` begins.
    pub(super) fn offset(&self, row: u32) -> io::Result<u64> {
        let mut bytes = [0; 4];
        self.file.read_exact_at(&mut bytes, self.offsets.at(row))?;
        self.whole_offset(u32::from_be_bytes(bytes))
    }

    /// The offset that a field of four bytes means: itself, or which of those of eight bytes it is.
    fn whole_offset(&self, field: u32) -> io::Result<u64> {
        let (start, count) = self.large;
        if field >> 31 == 0 || self.checks.is_none() {
            return Ok(u64::from(field));
        }
        let which = u64::from(field & 0x7fff_ffff);
        if which >= count {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it names an offset that it does not have"));
        }
        let mut bytes = [0; 8];
        self.file.read_exact_at(&mut bytes, start + which * 8)?;
        Ok(u64::from_be_bytes(bytes))
    }

    /// The row of the object called `id`.
    pub(super) fn find(&self, id: &ObjectId) -> io::Result<Option<u32>> {
        let bytes = id.as_bytes();
        let (Some(&first), true) = (bytes.first(), bytes.len() == self.id_len) else { return Ok(None) };
        let first = usize::from(first);
        let mut low = if first == 0 { 0 } else { self.fanout[first - 1] };
        let mut high = self.fanout[first];
        // Ids are spread evenly, so the first guess is nearly always near enough.
        let second = bytes[1..5].try_into().map_or(0, u32::from_be_bytes);
        let mut guess = low + u32::try_from((u64::from(high - low) * u64::from(second)) >> 32).unwrap_or_default();
        let mut buffer = vec![0; self.names.stride * STEP as usize];
        while low < high {
            let start = guess.saturating_sub(STEP / 2).max(low);
            let count = STEP.min(high - start);
            let names = &mut buffer[..self.names.stride * (count as usize - 1) + self.id_len];
            self.file.read_exact_at(names, self.names.at(start))?;
            let name = |at: u32| &names[self.names.stride * at as usize..][..self.id_len];
            if bytes < name(0) {
                high = start;
            } else if bytes > name(count - 1) {
                low = start + count;
            } else {
                return Ok(search(count, |at| name(at).cmp(bytes)).map(|at| start + at));
            }
            guess = low + (high - low) / 2;
        }
        Ok(None)
    }

    /// Hands out all rows in the order of their ids.
    pub(super) fn rows(&self, visit: &mut dyn FnMut(u32, Row)) -> io::Result<()> {
        let per_chunk = u32::try_from(CHUNK / (self.id_len + 4)).unwrap_or(1);
        let (mut names, mut offsets, mut checks) = (Vec::new(), Vec::new(), Vec::new());
        let mut row = 0;
        while row < self.len() {
            let count = per_chunk.min(self.len() - row) as usize;
            self.fill(&mut names, self.names, self.id_len, (row, count))?;
            self.fill(&mut offsets, self.offsets, 4, (row, count))?;
            if let Some(column) = self.checks {
                self.fill(&mut checks, column, 4, (row, count))?;
            }
            for at in 0..count {
                let name = &names[at * self.names.stride..];
                let prefix = name[..8].try_into().map_or(0, u64::from_be_bytes);
                let offset = self.whole_offset(word(&offsets[at * self.offsets.stride..][..4]))?;
                let check = checks.get(at * 4..at * 4 + 4).map_or(0, word);
                visit(row, Row { offset, prefix, check });
                row += 1;
            }
        }
        Ok(())
    }

    fn fill(&self, buffer: &mut Vec<u8>, column: Column, width: usize, (row, count): (u32, usize)) -> io::Result<()> {
        buffer.resize(column.stride * (count - 1) + width, 0);
        self.file.read_exact_at(buffer, column.at(row))
    }
}

fn word(bytes: &[u8]) -> u32 {
    bytes.try_into().map_or(0, u32::from_be_bytes)
}

/// Where in `0..count` the order is equal.
fn search(count: u32, order: impl Fn(u32) -> std::cmp::Ordering) -> Option<u32> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        match order(middle) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Some(middle),
        }
    }
    None
}
