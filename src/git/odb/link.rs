//! Decides what each entry is and what is a difference to what, from the headers of the entries alone.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::catalog::{Catalog, Location, NONE, Slot};
use super::finder::Finder;
use super::gather::{Gathered, MOST_OBJECTS};
use super::inflate::Inflater;
use super::loose::{self, Loose};
use super::pack::{Header, LONGEST_HEADER, Pack, START, Storage};
use super::store::Store;
use super::table::Table;
use crate::git::id::{Kind, ObjectId};

/// How many slots a thread takes at a time.
const SHARE: usize = 8192;

/// How much of a pack is read at once for the headers in it.
const REACH: u64 = 256 << 10;

/// If two headers are further apart, what is between them is not read.
const GAP: u64 = 16 << 10;

/// An object that is stored whole, with all that is a difference to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Family {
    pub(super) root: u32,
    /// What all of it takes in its pack, in units of 256 bytes.
    pub(super) weight: u32,
}

/// Why an object cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stray {
    /// What stands before it is damaged.
    Header,
    /// What it is a difference to is nowhere.
    BaseMissing,
    /// What it is a difference to cannot be decoded.
    BaseUnread,
}

/// What the header of an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    Whole(Kind),
    To(u32),
    Broken,
    Absent,
}

impl Link {
    fn parent(self) -> u32 {
        match self {
            Self::To(parent) => parent,
            Self::Whole(_) => NONE,
            Self::Broken => BROKEN,
            Self::Absent => ABSENT,
        }
    }

    fn kind(self) -> Option<Kind> {
        match self {
            Self::Whole(kind) => Some(kind),
            _ => None,
        }
    }
}

const BROKEN: u32 = MOST_OBJECTS + 1;
const ABSENT: u32 = MOST_OBJECTS + 2;

type Kinds = Vec<Option<Kind>>;

/// Something that is done to a part of two slices; the number is where the part begins.
type Work<'w, A, B> = dyn Fn(usize, &mut [A], &mut [B]) + Sync + 'w;

/// Makes a catalog of what was gathered.
pub(super) fn link(store: &Store, mut gathered: Gathered, jobs: usize) -> Catalog<'_> {
    let table = Table::new(std::mem::take(&mut gathered.keys));
    let count = gathered.slots.len();
    let (mut parents, mut kinds) = (vec![BROKEN; count], vec![None; count]);
    let packed = gathered.starts.last().copied().unwrap_or_default();
    measure_loose(store, &mut gathered, &mut kinds[packed..], jobs);
    for (parent, kind) in parents[packed..].iter_mut().zip(&kinds[packed..]) {
        *parent = if kind.is_some() { NONE } else { BROKEN };
    }
    let ranges = gathered.starts.windows(2);
    let finders = ranges.map(|range| Finder::new(&gathered.slots, range[0], range[1])).collect();
    let reader = Reader { store, gathered: &gathered, table: &table, finders };
    in_shares(&mut parents[..packed], &mut kinds[..packed], jobs, &|first, parents, kinds| {
        reader.examine_all(first, parents, kinds);
    });
    let swaps = reader.sound_copies(&parents);
    for (number, copy, found) in swaps {
        // Nothing is linked yet, so all of the slot is about the entry.
        gathered.slots[number as usize] = gathered.slots[copy as usize];
        (parents[number as usize], kinds[number as usize]) = (found.parent(), found.kind());
    }
    assemble(store, gathered, table, (parents, kinds))
}

/// Runs `work` on shares of both slices, with the number of the first slot of the share.
fn in_shares<A: Send, B: Send>(first: &mut [A], second: &mut [B], jobs: usize, work: &Work<'_, A, B>) {
    let jobs = jobs.clamp(1, first.len() / SHARE + 1);
    let shares = Mutex::new(first.chunks_mut(SHARE).zip(second.chunks_mut(SHARE)).enumerate());
    let run = || {
        loop {
            let share = shares.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((at, (first, second))) = share else { break };
            work(at * SHARE, first, second);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..jobs {
            scope.spawn(run);
        }
        run();
    });
}

/// Opens all loose objects for their kinds and sizes.
fn measure_loose(store: &Store, gathered: &mut Gathered, kinds: &mut [Option<Kind>], jobs: usize) {
    let Gathered { loose, slots, starts, .. } = gathered;
    let first = starts.last().copied().unwrap_or_default();
    in_shares(&mut slots[first..], kinds, jobs, &|first, slots, kinds| {
        let mut inflater = Inflater::new();
        for (at, (slot, kind)) in (first..).zip(slots.iter_mut().zip(kinds)) {
            let (id, folder) = &loose[at];
            let path = loose::path(&store.folders()[*folder as usize], id);
            if let Ok(opened) = Loose::open(&path, &mut inflater) {
                *kind = Some(opened.header.kind);
                slot.stored = u32::try_from(opened.header.stored).unwrap_or(u32::MAX);
            }
        }
    });
}

struct Reader<'a> {
    store: &'a Store,
    gathered: &'a Gathered,
    table: &'a Table,
    /// One for each pack.
    finders: Vec<Finder>,
}

impl Reader<'_> {
    /// Reads the headers of the slots from `first` on.
    fn examine_all(&self, first: usize, parents: &mut [u32], kinds: &mut [Option<Kind>]) {
        let mut buffer = Vec::new();
        // What part of which pack is in the buffer.
        let (mut pack, mut start, mut end) = (usize::MAX, 0, 0);
        let last = first + parents.len();
        for ((number, parent), kind) in (first..).zip(parents).zip(kinds) {
            let slot = &self.gathered.slots[number];
            let (own, offset) = (slot.location.pack(), slot.location.offset());
            if own != pack || offset < start || offset + LONGEST_HEADER as u64 > end {
                let reach = self.reach(number, last);
                (pack, start) = (own, offset);
                buffer.resize(usize::try_from(reach - offset).unwrap_or_default(), 0);
                let got = self.gathered.packs[own].data.read_at(&mut buffer, offset).unwrap_or_default();
                buffer.truncate(got);
                // Nearer to the end of the file there is less to read, but no need to try again.
                end = reach;
            }
            let bytes = usize::try_from(offset - start).ok().and_then(|at| buffer.get(at..)).unwrap_or_default();
            let found = self.examine(number, bytes);
            (*parent, *kind) = (found.parent(), found.kind());
        }
    }

    /// How far to read from the slot `number` on, if that is for slots before `last`.
    fn reach(&self, number: usize, last: usize) -> u64 {
        let first = self.gathered.slots[number].location;
        let mut end = first.offset();
        for slot in &self.gathered.slots[number + 1..last] {
            let offset = slot.location.offset();
            let is_near =
                slot.location.pack() == first.pack() && offset - end <= GAP && offset - first.offset() <= REACH;
            if !is_near {
                break;
            }
            end = offset;
        }
        end + LONGEST_HEADER as u64
    }

    /// What the header says that `bytes` begin with and that belongs to the slot `number`.
    fn examine(&self, number: usize, bytes: &[u8]) -> Link {
        let format = self.store.format();
        let location = self.gathered.slots[number].location;
        let Some(header) = Header::parse(bytes, format.id_len()) else { return Link::Broken };
        match header.storage {
            Storage::Whole(kind) => Link::Whole(kind),
            Storage::Offset(distance) => {
                let base = location.offset().checked_sub(distance).filter(|&base| base >= START && distance > 0);
                let base = base.and_then(|offset| Location::new(location.pack(), offset));
                base.map_or(Link::Broken, |base| self.slot_at(base).map_or(Link::Absent, Link::To))
            }
            Storage::Reference => {
                let base = header.base(format).and_then(|id| self.slot_of(&id));
                base.map_or(Link::Absent, Link::To)
            }
        }
    }

    /// The slot of the entry at `location`.
    fn slot_at(&self, location: Location) -> Option<u32> {
        let found = self.finders.get(location.pack())?.find(&self.gathered.slots, location)?;
        Some(self.gathered.original(found))
    }

    fn slot_of(&self, id: &ObjectId) -> Option<u32> {
        let prefix = id.as_bytes()[..8].try_into().map(u64::from_be_bytes).ok()?;
        let keys = self.table.beginning_with(prefix);
        keys.iter().map(|key| key.number).find(|&number| self.gathered.id(number).as_ref() == Some(id))
    }

    /// For slots whose headers are damaged: copies whose headers are not.
    fn sound_copies(&self, parents: &[u32]) -> Vec<(u32, u32, Link)> {
        let mut swaps: Vec<(u32, u32, Link)> = Vec::new();
        let mut swapped = BTreeSet::new();
        for &(copy, number) in &self.gathered.copies {
            let is_broken = parents[number as usize] == BROKEN || parents[number as usize] == ABSENT;
            if !is_broken || swapped.contains(&number) {
                continue;
            }
            let slot = &self.gathered.slots[copy as usize];
            let found = match self.gathered.packs.get(slot.location.pack()) {
                Some(pack) => self.examine(copy as usize, &beginning(pack, slot.location.offset())),
                None => self.loose_kind(slot.row).map_or(Link::Broken, Link::Whole),
            };
            if !matches!(found, Link::Broken | Link::Absent) {
                swapped.insert(number);
                swaps.push((number, copy, found));
            }
        }
        swaps
    }

    fn loose_kind(&self, row: u32) -> Option<Kind> {
        let (id, folder) = self.gathered.loose.get(row as usize)?;
        let path = loose::path(&self.store.folders()[*folder as usize], id);
        Loose::open(&path, &mut Inflater::new()).ok().map(|opened| opened.header.kind)
    }
}

fn beginning(pack: &Pack, offset: u64) -> Vec<u8> {
    let mut bytes = vec![0; LONGEST_HEADER];
    let got = pack.data.read_at(&mut bytes, offset).unwrap_or_default();
    bytes.truncate(got);
    bytes
}

/// Puts the catalog together: bases know what is a difference to them, and copies are dropped.
fn assemble(
    store: &Store,
    gathered: Gathered,
    mut table: Table,
    (mut parents, mut kinds): (Vec<u32>, Kinds),
) -> Catalog<'_> {
    let Gathered { packs, loose, mut slots, copies, defects, generation, .. } = gathered;
    let mut twins = Vec::new();
    if !copies.is_empty() {
        let numbers = renumber(slots.len(), &copies);
        twins =
            copies.iter().map(|&(copy, number)| (numbers[number as usize], slots[copy as usize].location)).collect();
        twins.sort_unstable();
        for parent in parents.iter_mut().filter(|parent| **parent < MOST_OBJECTS) {
            *parent = numbers[*parent as usize];
        }
        for key in table.keys_mut() {
            key.number = numbers[key.number as usize];
        }
        let mut kept = numbers.iter().map(|&number| number != NONE);
        slots.retain(|_| kept.next() == Some(true));
        let mut kept = numbers.iter().map(|&number| number != NONE);
        parents.retain(|_| kept.next() == Some(true));
        let mut kept = numbers.iter().map(|&number| number != NONE);
        kinds.retain(|_| kept.next() == Some(true));
    }
    for (number, &parent) in parents.iter().enumerate().rev().filter(|&(_, &parent)| parent < MOST_OBJECTS) {
        slots[number].sibling = slots[parent as usize].child;
        slots[parent as usize].child = u32::try_from(number).unwrap_or(NONE);
    }
    let families = families(&slots, &parents, &mut kinds);
    let mut counts = [0; 4];
    for kind in kinds.iter().flatten() {
        counts[*kind as usize] += 1;
    }
    let strays = (0..).zip(&kinds).filter(|(_, kind)| kind.is_none());
    let strays = strays.map(|(number, _)| {
        let stray = match parents[number as usize] {
            NONE | BROKEN => Stray::Header,
            ABSENT => Stray::BaseMissing,
            _ => Stray::BaseUnread,
        };
        (number, stray)
    });
    let strays = strays.collect();
    Catalog {
        store,
        packs,
        loose,
        slots,
        kinds,
        counts,
        table,
        families,
        strays,
        twins,
        defects,
        generation,
        passed: Vec::new(),
    }
}

/// New numbers for all slots that are not copies; the others have none.
fn renumber(count: usize, copies: &[(u32, u32)]) -> Vec<u32> {
    let mut numbers = vec![0; count];
    for &(copy, _) in copies {
        numbers[copy as usize] = NONE;
    }
    for (next, number) in (0..).zip(numbers.iter_mut().filter(|number| **number != NONE)) {
        *number = next;
    }
    numbers
}

/// Finds the families, and tells each member what kind its root is.
fn families(slots: &[Slot], parents: &[u32], kinds: &mut [Option<Kind>]) -> Vec<Family> {
    let mut families = Vec::new();
    let mut waiting = Vec::new();
    for (root, &parent) in (0_u32..).zip(parents) {
        let Some(kind) = kinds[root as usize].filter(|_| parent == NONE) else { continue };
        let mut stored = u64::from(slots[root as usize].stored);
        waiting.push(slots[root as usize].child);
        while let Some(member) = waiting.pop() {
            let Some(slot) = slots.get(member as usize) else { continue };
            kinds[member as usize] = Some(kind);
            stored += u64::from(slot.stored);
            waiting.extend([slot.sibling, slot.child].into_iter().filter(|&next| next != NONE));
        }
        families.push(Family { root, weight: u32::try_from(stored.div_ceil(256)).unwrap_or(u32::MAX) });
    }
    families
}
