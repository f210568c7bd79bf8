//! Decides what a split index holds: the index proper has the extension `link`, which names a shared index, and two
//! bitmaps, which say what entries of that are gone and what entries have others in their place.
//!
//! git could be asked, but it marks a shared index that it reads as used; and nothing is to be written.

use std::collections::BTreeMap;

use super::id::ObjectId;
use super::index::{Defect, Entry, Index};

/// The bits of the flags that say neither how long the path is nor whether there are more flags.
const KEPT_FLAGS: u16 = 0xb000;

/// The extension of a split index.
const LINK: &[u8] = b"link";

/// An entry by itself.
#[derive(Clone)]
struct Owned {
    fixed: Vec<u8>,
    id: ObjectId,
    flags: u16,
    more_flags: u16,
    path: Vec<u8>,
}

impl Owned {
    fn new(entry: &Entry<'_>) -> Self {
        let (fixed, flags, more_flags) = entry.raw();
        Self { fixed: fixed.to_vec(), id: entry.id, flags, more_flags, path: entry.path.to_vec() }
    }

    fn key(&self) -> (Vec<u8>, u16) {
        (self.path.clone(), (self.flags >> 12) & 3)
    }
}

/// The index that `bytes` and the shared index, which `shared` finds by its name, are together; `None` if it is none.
pub(super) fn unite(bytes: &[u8], shared: impl Fn(&str) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    [20, 32].into_iter().find_map(|id_len| unite_with_ids(bytes, id_len, &shared).ok())
}

fn unite_with_ids(bytes: &[u8], id_len: usize, shared: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Vec<u8>, Defect> {
    let (own, mut extensions) = read(bytes, id_len)?;
    let at = extensions.iter().position(|(name, _)| *name == LINK).ok_or(Defect::Form)?;
    let (id, rest) = extensions.remove(at).1.split_at_checked(id_len).ok_or(Defect::Form)?;
    let id = ObjectId::from_bytes(id).ok_or(Defect::Form)?;
    let base = if id.is_null() { None } else { Some(shared(&format!("sharedindex.{id}")).ok_or(Defect::Form)?) };
    let base = base.map(|base| read(&base, id_len).map(|(entries, _)| entries)).transpose()?.unwrap_or_default();
    let mut rest = rest;
    let gone = bits(&mut rest, base.len())?;
    let replaced = bits(&mut rest, base.len())?;
    let (unnamed, added): (Vec<Owned>, Vec<Owned>) = own.into_iter().partition(|entry| entry.path.is_empty());
    let mut unnamed = unnamed.into_iter();
    let mut united = BTreeMap::new();
    for ((entry, is_gone), is_replaced) in base.into_iter().zip(gone).zip(replaced) {
        let other = if is_replaced { Some(unnamed.next().ok_or(Defect::Form)?) } else { None };
        let entry = match other {
            Some(other) => Owned { path: entry.path, ..other },
            None => entry,
        };
        if !is_gone {
            united.insert(entry.key(), entry);
        }
    }
    if unnamed.next().is_some() {
        return Err(Defect::Form);
    }
    united.extend(added.into_iter().map(|entry| (entry.key(), entry)));
    write(united.into_values(), &extensions, id_len)
}

/// A name and what stands under it.
type Extension<'a> = (&'a [u8], &'a [u8]);

/// The entries of an index, and its extensions.
fn read(bytes: &[u8], id_len: usize) -> Result<(Vec<Owned>, Vec<Extension<'_>>), Defect> {
    let index = Index::open(bytes, id_len)?;
    let mut owned = Vec::new();
    let mut entries = index.entries()?;
    while let Some(entry) = entries.entry() {
        owned.push(Owned::new(&entry));
        entries.advance()?;
    }
    let mut rest = &bytes[entries.end()..bytes.len() - id_len];
    let mut extensions = Vec::new();
    while !rest.is_empty() {
        let name = take(&mut rest, 4)?;
        let len = number(&mut rest)?;
        extensions.push((name, take(&mut rest, len)?));
    }
    Ok((owned, extensions))
}

/// Writes an index of version 3. Nobody looks at its checksum.
fn write(
    entries: impl ExactSizeIterator<Item = Owned>,
    extensions: &[Extension<'_>],
    id_len: usize,
) -> Result<Vec<u8>, Defect> {
    let length = |len: usize| u32::try_from(len).map(u32::to_be_bytes).map_err(|_| Defect::Form);
    let mut bytes = [&b"DIRC\0\0\0\x03"[..], &length(entries.len())?].concat();
    for entry in entries {
        let start = bytes.len();
        bytes.extend_from_slice(&entry.fixed);
        bytes.extend_from_slice(entry.id.as_bytes());
        let len = u16::try_from(entry.path.len()).map_or(Index::LENGTH, |len| len.min(Index::LENGTH));
        let extended = if entry.more_flags == 0 { 0 } else { Index::EXTENDED };
        bytes.extend((entry.flags & KEPT_FLAGS | extended | len).to_be_bytes());
        if extended != 0 {
            bytes.extend(entry.more_flags.to_be_bytes());
        }
        bytes.extend_from_slice(&entry.path);
        let len = bytes.len() - start;
        bytes.resize(start + ((len + 8) & !7), 0);
    }
    for (name, content) in extensions {
        bytes.extend_from_slice(name);
        bytes.extend(length(content.len())?);
        bytes.extend_from_slice(content);
    }
    bytes.resize(bytes.len() + id_len, 0);
    Ok(bytes)
}

/// Reads a bitmap in the form of EWAH, of which `count` bits matter. Where there is none, no bit is set.
///
/// A word tells how often all bits of a word are the same, and how many words follow that are what they are.
fn bits(bytes: &mut &[u8], count: usize) -> Result<Vec<bool>, Defect> {
    let mut bits = Vec::with_capacity(count);
    if !bytes.is_empty() {
        number(bytes)?;
        let mut words = number(bytes)?;
        while words > 0 {
            let marker = word(bytes)?;
            let same = usize::try_from((marker >> 1) & 0xffff_ffff).map_err(|_| Defect::Form)?;
            let literal = usize::try_from(marker >> 33).map_err(|_| Defect::Form)?;
            let run = same.saturating_mul(64).min(count.saturating_sub(bits.len()));
            bits.resize(bits.len() + run, marker & 1 != 0);
            for _ in 0..literal {
                let word = word(bytes)?;
                bits.extend((0..64).map(|bit| word >> bit & 1 != 0));
            }
            words = words.checked_sub(literal + 1).ok_or(Defect::Form)?;
        }
        // Where the last marker is.
        number(bytes)?;
    }
    bits.resize(count, false);
    Ok(bits)
}

fn take<'a>(bytes: &mut &'a [u8], len: usize) -> Result<&'a [u8], Defect> {
    let (taken, rest) = bytes.split_at_checked(len).ok_or(Defect::Form)?;
    *bytes = rest;
    Ok(taken)
}

fn number(bytes: &mut &[u8]) -> Result<usize, Defect> {
    let number = take(bytes, 4)?.try_into().map(u32::from_be_bytes).map_err(|_| Defect::Form)?;
    usize::try_from(number).map_err(|_| Defect::Form)
}

fn word(bytes: &mut &[u8]) -> Result<u64, Defect> {
    take(bytes, 8)?.try_into().map(u64::from_be_bytes).map_err(|_| Defect::Form)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A bitmap of these words.
    fn bitmap(words: &[u64]) -> Vec<u8> {
        let count = u32::try_from(words.len()).unwrap();
        let words: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        [&[0, 0, 0, 99][..], &count.to_be_bytes(), &words, &[0; 4]].concat()
    }

    #[test]
    fn a_bitmap_has_runs_and_words() {
        let set = |words: &[u64], count| -> Vec<usize> {
            let bitmap = bitmap(words);
            let bits = bits(&mut &*bitmap, count).unwrap();
            assert_eq!(bits.len(), count);
            bits.iter().enumerate().filter(|(_, bit)| **bit).map(|(at, _)| at).collect()
        };
        assert_eq!(set(&[], 3), [0; 0]);
        assert_eq!(set(&[1 << 33, 0b101], 3), [0, 2]);
        assert_eq!(set(&[1 << 1 | 1 << 33, 0b11], 70), [64, 65]);
        assert_eq!(set(&[1 | 1 << 1], 3), [0, 1, 2]);
        assert_eq!(bits(&mut &bitmap(&[2 << 33, 1])[..], 3), Err(Defect::Form));
        assert_eq!(bits(&mut &[][..], 2), Ok(vec![false, false]));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(count in 0u8..3, version in 2u8..5, rest in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut bytes = vec![b'D', b'I', b'R', b'C', 0, 0, 0, version, 0, 0, 0, count];
            bytes.extend(rest);
            drop(unite(&bytes, |_| Some(bytes.clone())));
        }
    }
}
