//! Decides what a pack is: its two files, whether they fit together, and what stands before each of its entries.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::error::{Defect, ReadError};
use super::file::{Positioned, Room};
use super::idx::Index;
use crate::git::id::{Kind, ObjectFormat};

/// More bytes than any header of an entry has.
pub(super) const LONGEST_HEADER: usize = 48;

/// Bytes of a pack before its first entry.
pub(super) const START: u64 = 12;

/// A pack and its index.
#[derive(Debug)]
pub(super) struct Pack {
    pub(super) data: Positioned,
    index_file: PathBuf,
    format: ObjectFormat,
    room: Arc<Room>,
    opened: OnceLock<Result<Index, Failure>>,
    /// Where entries begin that turned out not to be readable, and why.
    unreadable: Mutex<BTreeMap<u64, Arc<str>>>,
}

/// Why a pack cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// One of its files is not there.
    Gone(Defect),
    /// One of its files is not as it should be.
    Bad(Defect),
}

impl Failure {
    pub(super) fn defect(&self) -> &Defect {
        match self {
            Self::Gone(defect) | Self::Bad(defect) => defect,
        }
    }
}

impl Pack {
    /// The pack with the index `index_file`; nothing is opened yet.
    pub(super) fn new(index_file: PathBuf, format: ObjectFormat, room: &Arc<Room>) -> Self {
        let data = Positioned::new(index_file.with_extension("pack"), room);
        Self { data, index_file, format, room: Arc::clone(room), opened: OnceLock::new(), unreadable: Mutex::default() }
    }

    pub(super) fn index_file(&self) -> &PathBuf {
        &self.index_file
    }

    /// The index, after both files were opened and found to fit together.
    pub(super) fn index(&self) -> Result<&Index, &Failure> {
        self.opened.get_or_init(|| self.open()).as_ref()
    }

    /// Whether it was found that one of its files is not there.
    pub(super) fn has_gone(&self) -> bool {
        matches!(self.opened.get(), Some(Err(Failure::Gone(_))))
    }

    /// Why the entry at `offset` is not readable, if that turned out before.
    pub(super) fn known_damage(&self, offset: u64) -> Option<ReadError> {
        self.unreadable().get(&offset).map(|why| ReadError::damaged(&**why))
    }

    /// Remembers that the entry at `offset` is not readable, so that what is a difference to it need not try.
    pub(super) fn give_up(&self, offset: u64, why: &Arc<str>) {
        self.unreadable().insert(offset, Arc::clone(why));
    }

    /// Forgets what was not readable: with what has come since, it may be.
    pub(super) fn hope_again(&self) {
        self.unreadable().clear();
    }

    fn unreadable(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<str>>> {
        self.unreadable.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self) -> Result<Index, Failure> {
        let index = Index::open(Positioned::new(self.index_file.clone(), &self.room), self.format)?;
        let len = self.data.len().map_err(|error| self.failure(&error))?;
        let mut header = [0; 12];
        self.data.read_exact_at(&mut header, 0).map_err(|error| self.failure(&error))?;
        let [magic, version, count] = [0, 4, 8].map(|at| header[at..at + 4].try_into().map_or(0, u32::from_be_bytes));
        if magic != u32::from_be_bytes(*b"PACK") || !(2..=3).contains(&version) {
            return Err(self.bad("it is not a pack of a version that is known"));
        }
        let id_len = self.format.id_len();
        let end = len.checked_sub(id_len as u64).filter(|&end| end >= START);
        let end = end.ok_or_else(|| self.bad("it ends too early"))?;
        let mut trailer = vec![0; id_len];
        self.data.read_exact_at(&mut trailer, end).map_err(|error| self.failure(&error))?;
        if count != index.len() || trailer != index.pack_checksum() {
            return Err(self.bad("its index belongs to another pack, or one of the two was cut off"));
        }
        Ok(index.with_end(end))
    }

    fn bad(&self, detail: &str) -> Failure {
        Failure::Bad(Defect { path: self.data.path().to_owned(), detail: detail.to_owned() })
    }

    fn failure(&self, error: &io::Error) -> Failure {
        super::idx::failure(self.data.path(), error)
    }

    /// What is from `at` to `end`.
    pub(super) fn pieces(&self, at: u64, end: u64) -> Pieces<'_> {
        Pieces { data: &self.data, at, end }
    }

    /// Reads what stands before the entry at `offset`.
    pub(super) fn header_at(&self, offset: u64) -> Result<Header, ReadError> {
        let mut bytes = [0; LONGEST_HEADER];
        let got = self.data.read_at(&mut bytes, offset).map_err(|error| ReadError::Damaged(error.to_string()))?;
        Header::parse(&bytes[..got], self.format.id_len()).ok_or_else(|| ReadError::damaged("its header is damaged"))
    }
}

/// A part of a pack as a stream.
#[derive(Debug)]
pub(super) struct Pieces<'a> {
    data: &'a Positioned,
    at: u64,
    end: u64,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX).min(buffer.len());
        let got = self.data.read_at(&mut buffer[..room], self.at)?;
        self.at += got as u64;
        Ok(got)
    }
}

/// How an entry is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Storage {
    /// Whole.
    Whole(Kind),
    /// As a difference to the entry that begins this many bytes before it.
    Offset(u64),
    /// As a difference to the object whose id ends the header.
    Reference,
}

/// What stands before the compressed bytes of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) storage: Storage,
    /// Bytes of what is compressed, when it is inflated.
    pub(super) size: u64,
    /// Bytes of the header.
    pub(super) len: usize,
    /// The id of the base, if it is named by its id.
    base: [u8; 32],
}

impl Header {
    /// Reads the header that `bytes` begin with.
    pub(super) fn parse(bytes: &[u8], id_len: usize) -> Option<Self> {
        let (&first, mut rest) = bytes.split_first()?;
        let mut size = u64::from(first & 0xf);
        let (mut byte, mut shift) = (first, 4);
        while byte & 0x80 != 0 {
            (byte, rest) = rest.split_first().map(|(&byte, rest)| (byte, rest))?;
            if shift > 53 {
                return None;
            }
            size |= u64::from(byte & 0x7f) << shift;
            shift += 7;
        }
        let mut base = [0; 32];
        let storage = match first >> 4 & 7 {
            1 => Storage::Whole(Kind::Commit),
            2 => Storage::Whole(Kind::Tree),
            3 => Storage::Whole(Kind::Blob),
            4 => Storage::Whole(Kind::Tag),
            6 => Storage::Offset(distance(&mut rest)?),
            7 => {
                let (id, after) = rest.split_at_checked(id_len)?;
                base.get_mut(..id_len)?.copy_from_slice(id);
                rest = after;
                Storage::Reference
            }
            _ => return None,
        };
        Some(Self { storage, size, len: bytes.len() - rest.len(), base })
    }

    /// The id of the base, if it is named by its id.
    pub(super) fn base(&self, format: ObjectFormat) -> Option<crate::git::id::ObjectId> {
        crate::git::id::ObjectId::from_bytes(&self.base[..format.id_len()])
    }
}

/// Reads how far back the base of a delta begins.
fn distance(bytes: &mut &[u8]) -> Option<u64> {
    let mut value: u64 = 0;
    for at in 0..9 {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        if at > 0 {
            value = value.checked_add(1)?.checked_mul(128)?;
        }
        value |= u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
