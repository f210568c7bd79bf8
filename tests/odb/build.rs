//! Packs of which every byte is chosen by a test, as no git would write them.

use std::fs;
use std::path::Path;

use barewire::git::ObjectId;
use sirocco::Format;
use sirocco::deflate::Level;

/// An entry of a pack.
pub(super) struct Entry {
    id: [u8; 20],
    bytes: Vec<u8>,
}

/// What an entry says to be a difference to.
pub(super) enum Base {
    /// An entry that begins so many bytes earlier.
    Back(u64),
    /// An object.
    Named([u8; 20]),
}

pub(super) const BLOB: u8 = 3;

/// An id that nothing was hashed for.
pub(super) fn id(number: u8) -> [u8; 20] {
    [number; 20]
}

pub(super) fn object_id(number: u8) -> ObjectId {
    ObjectId::from_bytes(&id(number)).unwrap()
}

impl Entry {
    /// An entry that is stored whole and says to have `size` bytes.
    pub(super) fn whole(number: u8, kind: u8, size: u64, data: &[u8]) -> Self {
        let mut bytes = header(kind, size);
        bytes.extend(sirocco::compress(Format::Zlib, Level::DEFAULT, data));
        Self { id: id(number), bytes }
    }

    pub(super) fn blob(number: u8, data: &[u8]) -> Self {
        Self::whole(number, BLOB, data.len() as u64, data)
    }

    /// An entry that is stored as a difference.
    pub(super) fn delta(number: u8, base: &Base, delta: &[u8]) -> Self {
        let kind = if let Base::Back(_) = base { 6 } else { 7 };
        let mut bytes = header(kind, delta.len() as u64);
        match base {
            Base::Back(distance) => {
                let mut groups = vec![u8::try_from(distance & 0x7f).unwrap()];
                let mut rest = distance >> 7;
                while rest > 0 {
                    rest -= 1;
                    groups.push(0x80 | u8::try_from(rest & 0x7f).unwrap());
                    rest >>= 7;
                }
                bytes.extend(groups.iter().rev());
            }
            Base::Named(id) => bytes.extend(id),
        }
        bytes.extend(sirocco::compress(Format::Zlib, Level::DEFAULT, delta));
        Self { id: id(number), bytes }
    }

    /// Gives it another id.
    pub(super) fn number(&mut self, number: u64) {
        self.id[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    }

    pub(super) fn len(&self) -> u64 {
        self.bytes.len() as u64
    }
}

fn header(kind: u8, size: u64) -> Vec<u8> {
    let mut bytes = vec![kind << 4 | u8::try_from(size & 0xf).unwrap()];
    let mut rest = size >> 4;
    while rest > 0 {
        *bytes.last_mut().unwrap() |= 0x80;
        bytes.push(u8::try_from(rest & 0x7f).unwrap());
        rest >>= 7;
    }
    bytes
}

/// A delta between things of these sizes, with these instructions.
pub(super) fn delta(base: u64, result: u64, instructions: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for mut size in [base, result] {
        while size > 0x7f {
            bytes.push(u8::try_from(size & 0x7f).unwrap() | 0x80);
            size >>= 7;
        }
        bytes.push(u8::try_from(size).unwrap());
    }
    bytes.extend(instructions);
    bytes
}

/// Writes a pack and its index into the folder of objects `objects`.
pub(super) fn write(objects: &Path, name: &str, entries: &[Entry]) {
    let folder = objects.join("pack");
    fs::create_dir_all(&folder).unwrap();
    let count = u32::try_from(entries.len()).unwrap();
    let trailer = [9; 20];
    let mut pack = [&b"PACK\0\0\0\x02"[..], &count.to_be_bytes()].concat();
    let mut rows = Vec::new();
    for entry in entries {
        rows.push((entry.id, u32::try_from(pack.len()).unwrap(), crc32fast::hash(&entry.bytes)));
        pack.extend(&entry.bytes);
    }
    pack.extend(trailer);
    rows.sort_unstable();
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=u8::MAX {
        let count = rows.partition_point(|(id, ..)| id[0] <= first);
        index.extend(u32::try_from(count).unwrap().to_be_bytes());
    }
    index.extend(rows.iter().flat_map(|(id, ..)| id));
    index.extend(rows.iter().flat_map(|(.., check)| check.to_be_bytes()));
    index.extend(rows.iter().flat_map(|(_, offset, _)| offset.to_be_bytes()));
    index.extend(trailer);
    index.extend([8; 20]);
    fs::write(folder.join(format!("pack-{name}.pack")), pack).unwrap();
    fs::write(folder.join(format!("pack-{name}.idx")), index).unwrap();
}
