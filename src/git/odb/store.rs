//! Decides where an object is found: in the packs of all folders, then loose; and what is done if a pack has gone since
//! the folder was listed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use super::alternates;
use super::content::Content;
use super::delta::Delta;
use super::error::{Defect, ReadError};
use super::file::Room;
use super::inflate::{Inflater, is_plausible};
use super::loose::{self, Loose};
use super::pack::{Header, Pack, START, Storage};
use crate::git::error::GitError;
use crate::git::id::{ObjectFormat, ObjectId};

/// Up to here the compressed bytes of an entry are read in one piece.
const ONE_READ: u64 = 1 << 20;

/// The objects of a repository, wherever they are.
#[derive(Debug)]
pub struct Store {
    format: ObjectFormat,
    folders: Vec<PathBuf>,
    /// What was wrong when the store was opened.
    defects: Vec<Defect>,
    room: Arc<Room>,
    listing: RwLock<Listing>,
}

/// The packs that there are, and when their folders had last changed.
#[derive(Clone, Debug, Default)]
struct Listing {
    packs: Arc<Vec<Arc<Pack>>>,
    changed: Vec<Option<SystemTime>>,
    generation: u64,
    defects: Vec<Defect>,
}

/// An entry of a pack.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) pack: Arc<Pack>,
    pub(super) offset: u64,
}

/// An entry on the way to what is stored whole.
struct Step {
    place: Place,
    /// Where its compressed bytes begin, and how many they are when they are inflated.
    data: u64,
    size: u64,
}

/// Packs that are open.
pub(super) struct Opened {
    pub(super) packs: Vec<Arc<Pack>>,
    pub(super) defects: Vec<Defect>,
    pub(super) generation: u64,
}

/// What an entry is a difference to.
enum Base {
    At(Place),
    Loose(ObjectId),
}

impl Store {
    /// Opens the store in the folder `objects`, with those that it borrows from: `alternates`, and what the lists of
    /// all these folders name. Packs are listed and not opened yet.
    pub fn open(objects: &Path, format: ObjectFormat, alternates: &[PathBuf]) -> Result<Self, GitError> {
        let unreadable = |error: io::Error| GitError::Store { path: objects.to_owned(), detail: error.to_string() };
        drop(fs::read_dir(objects).map_err(unreadable)?);
        let mut defects = Vec::new();
        let folders = alternates::folders(objects, alternates, &mut defects);
        let store = Self { format, folders, defects, room: Room::new(), listing: RwLock::default() };
        store.list_again();
        Ok(store)
    }

    /// What names the objects.
    pub fn format(&self) -> ObjectFormat {
        self.format
    }

    /// The folders that objects are in, the store's own first.
    pub(in crate::git) fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Whether there is an object called `id`. It is not read.
    pub fn contains(&self, id: &ObjectId) -> bool {
        let has = |store: &Self| store.places(id).next().is_some() || store.loose(id).is_some();
        has(self) || (self.list_if_changed() && has(self))
    }

    /// Reads the object called `id` if it has `most` bytes at the most.
    pub fn read(&self, id: &ObjectId, most: u64) -> Result<Content, ReadError> {
        match self.read_listed(id, most) {
            Err(ReadError::Missing) if self.list_if_changed() => self.read_listed(id, most),
            result => result,
        }
    }

    fn read_listed(&self, id: &ObjectId, most: u64) -> Result<Content, ReadError> {
        let mut why = ReadError::Missing;
        // One copy may be damaged and the next one sound.
        for place in self.places(id) {
            match self.read_place(place, most) {
                Err(error @ ReadError::Damaged(_)) => why = error,
                result => return result,
            }
        }
        for folder in &self.folders {
            let mut inflater = Inflater::new();
            let opened = Loose::open(&loose::path(folder, id), &mut inflater);
            match opened.and_then(|loose| loose.read(most, &mut inflater)) {
                Err(ReadError::Missing) => {}
                Err(error @ ReadError::Damaged(_)) => why = error,
                result => return result,
            }
        }
        Err(why)
    }

    fn loose(&self, id: &ObjectId) -> Option<PathBuf> {
        self.folders.iter().map(|folder| loose::path(folder, id)).find(|path| path.is_file())
    }

    /// All entries of packs that are the object called `id`.
    fn places(&self, id: &ObjectId) -> impl Iterator<Item = Place> {
        let (packs, id) = (self.packs(), *id);
        (0..packs.len()).filter_map(move |at| place_in(&packs[at], &id))
    }

    fn packs(&self) -> Arc<Vec<Arc<Pack>>> {
        Arc::clone(&self.listing.read().unwrap_or_else(PoisonError::into_inner).packs)
    }

    /// Reads an entry and all that it is a difference to.
    pub(super) fn read_place(&self, place: Place, most: u64) -> Result<Content, ReadError> {
        let mut chain = Vec::new();
        let content = self.read_chain(place, most, &mut chain);
        if let Err(ReadError::Damaged(why)) = &content {
            // Else each entry of a long chain would walk all the way down to find out the same.
            let why = why.as_str().into();
            for step in &chain {
                step.place.pack.give_up(step.place.offset, &why);
            }
        }
        content
    }

    /// The same. What could not be read is left in `chain`, the entry that was asked for first.
    fn read_chain(&self, place: Place, most: u64, chain: &mut Vec<Step>) -> Result<Content, ReadError> {
        let mut inflater = Inflater::new();
        let mut seen = BTreeSet::new();
        let mut place = place;
        let mut content = loop {
            let (pack, offset) = (Arc::clone(&place.pack), place.offset);
            chain.push(Step { place, data: 0, size: 0 });
            if let Some(damage) = pack.known_damage(offset) {
                return Err(damage);
            }
            let header = pack.header_at(offset)?;
            if header.size > most {
                return Err(ReadError::Oversize(header.size));
            }
            let data = offset + header.len as u64;
            if let Storage::Whole(kind) = header.storage {
                let bytes = inflate(&pack, data, header.size, &mut inflater)?;
                chain.pop();
                break Content { kind, bytes };
            }
            // Only a base that is named by its id can lead back to where this came from.
            let named = header.storage == Storage::Reference;
            if named && !seen.insert((pack.index_file().clone(), offset)) {
                return Err(ReadError::damaged("it is a difference to itself"));
            }
            if let Some(step) = chain.last_mut() {
                (step.data, step.size) = (data, header.size);
            }
            match self.base(&Place { pack, offset }, &header)? {
                Base::At(base) => place = base,
                Base::Loose(id) => break self.loose_base(&id, most, &mut inflater)?,
            }
        };
        while let Some(step) = chain.last() {
            let delta = inflate(&step.place.pack, step.data, step.size, &mut inflater)?;
            let delta = Delta::new(&delta)?;
            let len = usize::try_from(delta.result).ok().filter(|_| delta.result <= most);
            let mut bytes = vec![0; len.ok_or(ReadError::Oversize(delta.result))?];
            delta.apply(&content.bytes, &mut bytes)?;
            content.bytes = bytes;
            chain.pop();
        }
        Ok(content)
    }

    /// What the entry at `place` is a difference to.
    fn base(&self, place: &Place, header: &Header) -> Result<Base, ReadError> {
        let damaged = || ReadError::damaged("its header is damaged");
        if let Storage::Offset(distance) = header.storage {
            let base = place.offset.checked_sub(distance).filter(|&base| base >= START && distance > 0);
            return Ok(Base::At(Place { pack: Arc::clone(&place.pack), offset: base.ok_or_else(damaged)? }));
        }
        let id = header.base(self.format).ok_or_else(damaged)?;
        let found = place_in(&place.pack, &id).or_else(|| self.places(&id).next());
        Ok(found.map_or(Base::Loose(id), Base::At))
    }

    fn loose_base(&self, id: &ObjectId, most: u64, inflater: &mut Inflater) -> Result<Content, ReadError> {
        let path = self.loose(id).ok_or_else(|| ReadError::Damaged(format!("{id}, its base, is missing")))?;
        Loose::open(&path, inflater)?.read(most, inflater)
    }

    /// Opens all packs. What cannot be opened is a defect, unless it has gone for good.
    pub(super) fn open_packs(&self) -> Opened {
        let mut listing = self.listing();
        // What has gone, or has no index yet, is being replaced by git.
        if !listing.defects.is_empty() || listing.packs.iter().any(|pack| pack.index().is_err() && pack.has_gone()) {
            self.list_again();
            listing = self.listing();
        }
        let mut opened = Opened { packs: Vec::new(), defects: self.defects.clone(), generation: listing.generation };
        opened.defects.append(&mut listing.defects);
        for pack in listing.packs.iter() {
            match pack.index() {
                Ok(_) => opened.packs.push(Arc::clone(pack)),
                Err(failure) => opened.defects.push(failure.defect().clone()),
            }
        }
        opened
    }

    fn listing(&self) -> Listing {
        self.listing.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Lists the packs again if a folder of packs has changed, and says whether it has.
    fn list_if_changed(&self) -> bool {
        let now: Vec<_> = self.folders.iter().map(|folder| changed(&folder.join("pack"))).collect();
        let is_new = self.listing.read().unwrap_or_else(PoisonError::into_inner).changed != now;
        if is_new {
            self.list_again();
        }
        is_new
    }

    /// A number that is another one when the packs have changed.
    pub(super) fn generation(&self) -> u64 {
        self.list_if_changed();
        self.listing.read().unwrap_or_else(PoisonError::into_inner).generation
    }

    fn list_again(&self) {
        let mut known = BTreeMap::new();
        for pack in self.packs().iter() {
            pack.hope_again();
            known.insert(pack.index_file().clone(), Arc::clone(pack));
        }
        let mut listing = Listing::default();
        let mut packs = Vec::new();
        for folder in self.folders.iter().map(|folder| folder.join("pack")) {
            listing.changed.push(changed(&folder));
            let indexes = match list(&folder) {
                Ok((indexes, without)) => {
                    let detail = "it is a pack without an index";
                    listing.defects.extend(without.into_iter().map(|path| Defect { path, detail: detail.to_owned() }));
                    indexes
                }
                Err(error) => {
                    listing.defects.push(Defect { path: folder, detail: error.to_string() });
                    continue;
                }
            };
            for path in indexes {
                // What is open stays open; what had gone may be back.
                let open = known.remove(&path).filter(|pack| !pack.has_gone());
                packs.push(open.unwrap_or_else(|| Arc::new(Pack::new(path, self.format, &self.room))));
            }
        }
        listing.packs = Arc::new(packs);
        let mut current = self.listing.write().unwrap_or_else(PoisonError::into_inner);
        listing.generation = current.generation + 1;
        *current = listing;
    }
}

/// The indexes in a folder of packs, and the packs without one, both sorted.
fn list(folder: &Path) -> io::Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), Vec::new())),
        entries => entries?,
    };
    let (mut indexes, mut packs) = (BTreeSet::new(), BTreeSet::new());
    for entry in entries {
        let path = entry?.path();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("idx") => indexes.insert(path),
            // Others are being written.
            Some("pack") if begins_with_pack(&path) => packs.insert(path),
            _ => false,
        };
    }
    packs.retain(|path| !indexes.contains(&path.with_extension("idx")));
    Ok((indexes.into_iter().collect(), packs.into_iter().collect()))
}

fn begins_with_pack(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"pack-"))
}

fn changed(folder: &Path) -> Option<SystemTime> {
    fs::metadata(folder).and_then(|metadata| metadata.modified()).ok()
}

fn place_in(pack: &Arc<Pack>, id: &ObjectId) -> Option<Place> {
    let index = pack.index().ok()?;
    let row = index.find(id).ok()??;
    Some(Place { pack: Arc::clone(pack), offset: index.offset(row).ok()? })
}

/// Inflates what begins at `offset` to `size` bytes. How long it is in the pack is not known.
fn inflate(pack: &Pack, offset: u64, size: u64, inflater: &mut Inflater) -> Result<Vec<u8>, ReadError> {
    let end = pack.index().map_err(|failure| ReadError::Damaged(failure.defect().to_string()))?.end();
    let left = end.saturating_sub(offset);
    let len = usize::try_from(size).ok().filter(|_| is_plausible(size, left));
    let mut out = vec![0; len.ok_or_else(|| ReadError::damaged("its compressed data has another size than it says"))?];
    // What does not shrink grows by a few bytes for every 16 KiB.
    let guess = (size + size / 1000 + 64).min(left);
    if guess <= ONE_READ {
        let mut input = vec![0; usize::try_from(guess).unwrap_or_default()];
        let read = pack.data.read_exact_at(&mut input, offset);
        read.map_err(|error| ReadError::Damaged(error.to_string()))?;
        let result = inflater.exactly(&input, &mut out);
        if result.is_ok() || guess == left {
            return result.map(|()| out);
        }
    }
    let mut pieces = pack.pieces(offset, end);
    inflater.exactly_from(&mut |piece| io::Read::read(&mut pieces, piece), &mut out).map(|()| out)
}
