//! Decides what is remembered of each object of a store: where it is, what it is, and what is a difference to it. That is
//! less than 48 bytes an object; ids stay in the indexes.

use std::sync::Arc;

use super::content::Content;
use super::error::{Defect, ReadError};
use super::gather;
use super::link::{self, Family, Stray};
use super::loose::{self, Loose};
use super::pack::Pack;
use super::store::{Place, Store};
use super::table::Table;
use crate::git::id::{Kind, ObjectId};

/// An object of a catalog. Its number is less than the length of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Object(pub(super) u32);

impl Object {
    /// The object with a number that an object of the same catalog has.
    pub(in crate::git) fn at(number: u32) -> Self {
        Self(number)
    }

    /// Its number.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// In place of the number of an object: there is none.
pub(super) const NONE: u32 = u32::MAX;

/// Bits of a place that are an offset; those above are the number of a pack.
const OFFSET_BITS: u32 = 44;

/// How many packs can be told apart.
pub(super) const MOST_PACKS: usize = (1 << (64 - OFFSET_BITS)) - 1;

/// Where an object is: in which pack, and where there; or which of the loose objects it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Location(u64);

impl Location {
    /// The place, if the numbers are not too large.
    pub(super) fn new(pack: usize, offset: u64) -> Option<Self> {
        (offset >> OFFSET_BITS == 0 && pack <= MOST_PACKS).then_some(Self((pack as u64) << OFFSET_BITS | offset))
    }

    pub(super) fn pack(self) -> usize {
        usize::try_from(self.0 >> OFFSET_BITS).unwrap_or(usize::MAX)
    }

    pub(super) fn offset(self) -> u64 {
        self.0 & ((1 << OFFSET_BITS) - 1)
    }
}

/// What is remembered of an object, apart from its kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) location: Location,
    /// Its row in the index of its pack.
    pub(super) row: u32,
    /// Bytes that it takes in its pack, header included. The highest number stands for that many or more.
    pub(super) stored: u32,
    /// The checksum of its entry, if its index has that.
    pub(super) check: u32,
    /// The first object that is a difference to it.
    pub(super) child: u32,
    /// The next object that is a difference to the same base.
    pub(super) sibling: u32,
}

/// All objects of a store, each once, however often it is there.
#[derive(Debug)]
pub struct Catalog<'a> {
    pub(super) store: &'a Store,
    pub(super) packs: Vec<Arc<Pack>>,
    /// Ids and folders of loose objects.
    pub(super) loose: Vec<(ObjectId, u32)>,
    pub(super) slots: Vec<Slot>,
    pub(super) kinds: Vec<Option<Kind>>,
    /// How many there are of each kind, in the order of the kinds.
    pub(super) counts: [u64; 4],
    pub(super) table: Table,
    /// Objects that are stored whole, with what is a difference to them.
    pub(super) families: Vec<Family>,
    /// Objects that cannot be decoded, and why.
    pub(super) strays: Vec<(u32, Stray)>,
    /// Where else an object is, sorted.
    pub(super) twins: Vec<(u32, Location)>,
    pub(super) defects: Vec<Defect>,
    /// Which list of packs this was made from.
    pub(super) generation: u64,
    /// For each object whether its content can be done without; empty if that is said of none.
    pub(super) passed: Vec<bool>,
}

impl<'a> Catalog<'a> {
    /// Reads all indexes and what stands before each entry of the packs, with `jobs` threads.
    pub fn new(store: &'a Store, jobs: usize) -> Self {
        let gathered = gather::gather(store);
        link::link(store, gathered, jobs)
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// All objects.
    pub fn objects(&self) -> impl Iterator<Item = Object> {
        (0..u32::try_from(self.len()).unwrap_or(u32::MAX)).map(Object)
    }

    /// All objects in the order of their ids, each with the first eight bytes of its id.
    pub(in crate::git) fn by_id(&self) -> impl Iterator<Item = (u64, Object)> + '_ {
        self.table.keys().iter().map(|key| (key.prefix(), Object(key.number)))
    }

    /// The object called `id`. Only the first eight bytes of ids are compared where that tells all objects apart.
    pub fn find(&self, id: &ObjectId) -> Option<Object> {
        let prefix = id.as_bytes()[..8].try_into().map(u64::from_be_bytes).ok()?;
        match self.table.beginning_with(prefix) {
            [] => None,
            [key] => Some(Object(key.number)),
            keys => keys.iter().map(|key| Object(key.number)).find(|&object| self.id(object) == *id),
        }
    }

    /// The name of the object. If the index can no longer be read, that is the id of nothing.
    pub fn id(&self, object: Object) -> ObjectId {
        let slot = self.slots[object.index()];
        let id = match self.packs.get(slot.location.pack()) {
            Some(pack) => pack.index().ok().and_then(|index| index.id(slot.row).ok()),
            None => self.loose.get(slot.row as usize).map(|(id, _)| *id),
        };
        id.unwrap_or_else(|| ObjectId::null(self.store.format()))
    }

    /// What the object is; nothing if its entry is so damaged that this cannot be told.
    pub fn kind(&self, object: Object) -> Option<Kind> {
        self.kinds[object.index()]
    }

    /// How many objects of a kind there are.
    pub fn count(&self, kind: Kind) -> u64 {
        self.counts[kind as usize]
    }

    /// Packs and indexes that could not be read.
    pub fn defects(&self) -> &[Defect] {
        &self.defects
    }

    /// Reads one object if it has `most` bytes at the most.
    pub fn read(&self, object: Object, most: u64) -> Result<Content, ReadError> {
        match self.read_at(self.slots[object.index()].location, most) {
            Err(error @ (ReadError::Damaged(_) | ReadError::Missing)) => self.read_twin(object, most).ok_or(error),
            result => result,
        }
    }

    /// Reads another copy of the object, if there is one that can be read.
    pub(super) fn read_twin(&self, object: Object, most: u64) -> Option<Content> {
        let start = self.twins.partition_point(|&(number, _)| number < object.0);
        let twins = self.twins[start..].iter().take_while(|&&(number, _)| number == object.0);
        for &(_, location) in twins {
            if let Ok(content) = self.read_at(location, most) {
                return Some(content);
            }
        }
        // git may have put it elsewhere meanwhile.
        if self.store.generation() == self.generation { None } else { self.store.read(&self.id(object), most).ok() }
    }

    fn read_at(&self, location: Location, most: u64) -> Result<Content, ReadError> {
        if let Some(pack) = self.packs.get(location.pack()) {
            return self.store.read_place(Place { pack: Arc::clone(pack), offset: location.offset() }, most);
        }
        let mut inflater = super::inflate::Inflater::new();
        self.open_loose(location, &mut inflater)?.read(most, &mut inflater)
    }

    /// Opens a loose object.
    pub(super) fn open_loose(
        &self,
        location: Location,
        inflater: &mut super::inflate::Inflater,
    ) -> Result<Loose, ReadError> {
        let found = usize::try_from(location.offset()).ok().and_then(|at| self.loose.get(at));
        let (id, folder) = found.ok_or(ReadError::Missing)?;
        Loose::open(&loose::path(&self.store.folders()[*folder as usize], id), inflater)
    }
}
