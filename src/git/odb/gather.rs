//! Decides which objects a store has: all rows of all indexes and all loose files, in the order in which they lie on disk,
//! with copies of the same object told apart from objects.

use std::sync::Arc;

use super::catalog::{Location, MOST_PACKS, NONE, Slot};
use super::error::Defect;
use super::idx::Index;
use super::loose;
use super::pack::{Pack, START};
use super::store::{Opened, Store};
use super::table::Key;
use crate::git::id::{ObjectFormat, ObjectId};

/// How many objects there may be. Higher numbers have meanings of their own.
pub(super) const MOST_OBJECTS: u32 = NONE - 16;

/// What was found, before it is known what is a difference to what.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub(super) packs: Vec<Arc<Pack>>,
    /// Where the slots of each pack begin, then where those of loose objects do.
    pub(super) starts: Vec<usize>,
    pub(super) loose: Vec<(ObjectId, u32)>,
    pub(super) slots: Vec<Slot>,
    /// Sorted by id; copies are left out.
    pub(super) keys: Vec<Key>,
    /// Copies: their slot, and the slot that stands for the object. Sorted.
    pub(super) copies: Vec<(u32, u32)>,
    pub(super) defects: Vec<Defect>,
    /// Which list of packs was read.
    pub(super) generation: u64,
}

/// Lists all objects of `store`.
pub(super) fn gather(store: &Store) -> Gathered {
    let Opened { packs, defects, generation } = store.open_packs();
    let mut gathered = Gathered { defects, generation, ..Gathered::default() };
    let rows = packs.iter().filter_map(|pack| pack.index().ok()).map(|index| index.len() as usize).sum();
    gathered.slots.reserve_exact(rows);
    gathered.keys.reserve_exact(rows);
    for pack in packs {
        let complaint = gathered.add_pack(&pack).err().or_else(|| doubt(&pack, store.format()));
        gathered.defects.extend(complaint.map(|detail| Defect { path: pack.index_file().clone(), detail }));
    }
    gathered.starts.push(gathered.slots.len());
    gathered.add_loose(store);
    gathered.settle();
    gathered
}

/// Why some of what an index says may be wrong, although it can be read.
fn doubt(pack: &Pack, format: ObjectFormat) -> Option<String> {
    match pack.index().ok()?.is_sound(format) {
        Ok(true) => None,
        Ok(false) => Some(
            "it is damaged, so that some objects may not be found by their ids; delete it, and `git index-pack` with \
             the name of its pack makes it anew"
                .to_owned(),
        ),
        Err(error) => Some(error.to_string()),
    }
}

impl Gathered {
    fn add_pack(&mut self, pack: &Arc<Pack>) -> Result<(), String> {
        let number = self.packs.len();
        let index = pack.index().map_err(|failure| failure.defect().detail.clone())?;
        if number == MOST_PACKS || self.slots.len() + index.len() as usize >= MOST_OBJECTS as usize {
            return Err("there are too many packs or objects".to_owned());
        }
        let (first_slot, first_key) = (self.slots.len(), self.keys.len());
        let result = self.add_rows(index, number).and_then(|()| self.order(index, (first_slot, first_key)));
        if result.is_ok() {
            self.packs.push(Arc::clone(pack));
            self.starts.push(first_slot);
        } else {
            self.slots.truncate(first_slot);
            self.keys.truncate(first_key);
        }
        result
    }

    fn add_rows(&mut self, index: &Index, pack: usize) -> Result<(), String> {
        let mut strange = false;
        let read = index.rows(&mut |row, found| {
            let sound = (START..index.end()).contains(&found.offset);
            let location = Location::new(pack, found.offset).filter(|_| sound);
            strange |= location.is_none();
            let Some(location) = location else { return };
            self.slots.push(Slot { location, row, stored: 0, check: found.check, child: NONE, sibling: NONE });
            self.keys.push(Key::new(found.prefix, 0));
        });
        read.map_err(|error| error.to_string())?;
        if strange { Err("it names an offset that is not in its pack".to_owned()) } else { Ok(()) }
    }

    /// Puts the slots of the last pack in order, and tells its keys which slot each of them is.
    fn order(&mut self, index: &Index, (first_slot, first_key): (usize, usize)) -> Result<(), String> {
        if !self.keys[first_key..].is_sorted_by_key(|key| key.prefix()) {
            return Err("its ids are not sorted".to_owned());
        }
        let slots = &mut self.slots[first_slot..];
        slots.sort_unstable_by_key(|slot| slot.location);
        let mut end = index.end();
        for slot in slots.iter_mut().rev() {
            slot.stored = u32::try_from(end - slot.location.offset()).unwrap_or(u32::MAX);
            end = slot.location.offset();
        }
        for (number, slot) in (first_slot..).zip(slots) {
            self.keys[first_key + slot.row as usize].number = u32::try_from(number).unwrap_or(NONE);
        }
        Ok(())
    }

    fn add_loose(&mut self, store: &Store) {
        for (number, folder) in (0..).zip(store.folders()) {
            let ids = loose::list(folder, store.format(), &mut self.defects);
            self.loose.extend(ids.into_iter().map(|id| (id, number)));
        }
        self.loose.sort_unstable();
        for (at, (id, _)) in self.loose.iter().enumerate() {
            let (Some(location), Ok(row)) = (Location::new(self.packs.len(), at as u64), u32::try_from(at)) else {
                break;
            };
            let prefix = id.as_bytes()[..8].try_into().map_or(0, u64::from_be_bytes);
            let Some(number) = u32::try_from(self.slots.len()).ok().filter(|&number| number < MOST_OBJECTS) else {
                self.defects
                    .push(Defect { path: store.folders()[0].clone(), detail: "there are too many objects".to_owned() });
                break;
            };
            self.keys.push(Key::new(prefix, number));
            self.slots.push(Slot { location, row, stored: 0, check: 0, child: NONE, sibling: NONE });
        }
    }

    /// Sorts the keys of all packs together, and finds copies.
    fn settle(&mut self) {
        // The keys of each pack are sorted already, and this sort makes use of that.
        self.keys.sort_by_key(|key| (key.prefix(), key.number));
        if self.keys.windows(2).all(|pair| pair[0].prefix() != pair[1].prefix()) {
            return;
        }
        let keys = std::mem::take(&mut self.keys);
        for group in keys.chunk_by(|first, second| first.prefix() == second.prefix()) {
            let [key] = group else {
                self.settle_group(group);
                continue;
            };
            self.keys.push(*key);
        }
        self.copies.sort_unstable();
    }

    /// Sorts out keys whose ids begin alike, which nearly always means that they are the same.
    fn settle_group(&mut self, group: &[Key]) {
        let mut named: Vec<(ObjectId, Key)> =
            group.iter().filter_map(|key| Some((self.id(key.number)?, *key))).collect();
        named.sort_unstable();
        for same in named.chunk_by(|first, second| first.0 == second.0) {
            self.keys.push(same[0].1);
            self.copies.extend(same[1..].iter().map(|(_, copy)| (copy.number, same[0].1.number)));
        }
    }

    /// The slot that stands for the object of the slot `number`: itself, unless that is a copy.
    pub(super) fn original(&self, number: u32) -> u32 {
        let found = self.copies.binary_search_by_key(&number, |&(copy, _)| copy);
        found.map_or(number, |at| self.copies[at].1)
    }

    pub(super) fn id(&self, number: u32) -> Option<ObjectId> {
        let slot = self.slots.get(number as usize)?;
        match self.packs.get(slot.location.pack()) {
            Some(pack) => pack.index().ok()?.id(slot.row).ok(),
            None => self.loose.get(slot.row as usize).map(|(id, _)| *id),
        }
    }
}
