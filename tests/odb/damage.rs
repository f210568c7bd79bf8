//! Damage of every kind to real stores: it is named, and everything else is read.

use std::fs;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::process::Command;

use barewire::git::odb::{Body, Catalog, Object, Visitor};
use barewire::git::{Kind, ObjectFormat};

use super::place::{LIMITS, Objects, Place, Random, contents, trees};

fn write(path: &Path, bytes: &[u8]) {
    // git makes its packs read-only.
    drop(fs::remove_file(path));
    fs::write(path, bytes).unwrap();
}

/// How many objects were read, and how many not; each is one of the two, and none is wrong.
fn tally(place: &Place, truth: &Objects) -> (usize, usize) {
    let store = place.store();
    let catalog = Catalog::new(&store, 2);
    let (found, swept) = contents(&catalog, 2, LIMITS);
    let wrong = found.iter().filter(|&(id, object)| truth.get(id) != Some(object)).count();
    let (_, trees) = trees(&catalog, 2, |_| Some(1));
    assert_eq!(swept.objects + trees.objects + (swept.unread.len() + trees.unread.len()) as u64, catalog.len() as u64);
    assert_eq!(wrong, 0);
    (found.len(), swept.unread.len() + trees.unread.len() + catalog.defects().len())
}

#[test]
fn a_byte_that_flips_anywhere_in_a_pack_is_noticed() {
    let place = Place::new(ObjectFormat::Sha1);
    place.grow(12, 31).git(&["repack", "-adfq"]);
    let truth = place.truth();
    let pack = place.packs("pack").remove(0);
    let sound = fs::read(&pack).unwrap();
    let mut random = Random(3);
    for at in (0..sound.len()).step_by(97) {
        let mut bytes = sound.clone();
        bytes[at] ^= 1 << random.below(8);
        write(&pack, &bytes);
        let (_, unread) = tally(&place, &truth);
        assert!(unread > 0, "at {at}");
    }
}

#[test]
fn an_index_that_is_cut_off_or_changed_is_a_defect_or_names_what_is_not_there() {
    let place = Place::new(ObjectFormat::Sha1);
    place.grow(6, 32).git(&["repack", "-adfq"]);
    let truth = place.truth();
    let index = place.packs("idx").remove(0);
    let sound = fs::read(&index).unwrap();
    for len in [0, 7, 8, 500, 1032, 1033, sound.len() / 2, sound.len() - 21, sound.len() - 1] {
        write(&index, &sound[..len]);
        let store = place.store();
        let catalog = Catalog::new(&store, 1);
        assert_eq!(catalog.defects().len(), 1, "{len}");
        assert_eq!(catalog.defects()[0].path, index);
        assert!(catalog.is_empty());
        assert!(!store.contains(truth.keys().next().unwrap()));
    }
    let mut random = Random(5);
    for at in (0..sound.len()).step_by(31) {
        let mut bytes = sound.clone();
        bytes[at] ^= 1 << random.below(8);
        write(&index, &bytes);
        let store = place.store();
        let catalog = Catalog::new(&store, 1);
        let (_, swept) = contents(&catalog, 1, LIMITS);
        assert!(swept.objects + swept.unread.len() as u64 <= truth.len() as u64);
        drop(truth.keys().map(|id| store.read(id, LIMITS.most)).collect::<Vec<_>>());
    }
}

#[test]
fn a_pack_that_is_cut_off_or_not_one_is_a_defect() {
    let place = Place::new(ObjectFormat::Sha1);
    place.grow(6, 33).git(&["repack", "-adfq"]);
    let truth = place.truth();
    let pack = place.packs("pack").remove(0);
    let sound = fs::read(&pack).unwrap();
    for len in [0, 3, 11, 12, 31, 32, 33, sound.len() / 2, sound.len() - 20, sound.len() - 1] {
        write(&pack, &sound[..len]);
        assert_eq!(tally(&place, &truth), (0, 1), "{len}");
    }
    write(&pack, &[b"PACK\0\0\0\x05", &sound[8..]].concat());
    assert_eq!(tally(&place, &truth), (0, 1));
}

#[test]
fn a_loose_object_that_is_cut_off_or_changed_is_unread() {
    let place = Place::new(ObjectFormat::Sha1);
    fs::write(place.root.join("a"), "some text that is stored loose\n".repeat(3)).unwrap();
    place.git(&["add", "a"]);
    let truth = place.truth();
    let (id, _) = truth.first_key_value().unwrap();
    let hex = id.to_string();
    let path = place.objects().join(&hex[..2]).join(&hex[2..]);
    let sound = fs::read(&path).unwrap();
    for len in 0..sound.len() {
        write(&path, &sound[..len]);
        assert_eq!(tally(&place, &truth), (0, 1), "{len}");
        assert!(place.store().read(id, LIMITS.most).is_err());
    }
    for at in 0..sound.len() {
        let mut bytes = sound.clone();
        bytes[at] ^= 4;
        write(&path, &bytes);
        // A flip may leave the text as it is only where it changes how it was compressed, not what.
        let (found, unread) = tally(&place, &truth);
        assert_eq!(found + unread, 1, "{at}");
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(tally(&place, &truth), (0, 1));
    fs::remove_dir(&path).unwrap();
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    assert_eq!(tally(&place, &truth), (0, 1));
}

#[test]
fn an_alternate_that_is_not_there_is_a_defect() {
    let place = Place::new(ObjectFormat::Sha1);
    place.grow(1, 34);
    fs::write(place.objects().join("info/alternates"), "/nowhere/objects\n../config\n").unwrap();
    let store = place.store();
    let catalog = Catalog::new(&store, 1);
    let paths: Vec<_> = catalog.defects().iter().map(|defect| defect.path.clone()).collect();
    assert_eq!(paths, ["/nowhere/objects".into(), place.objects().join("../config")]);
    assert!(!catalog.is_empty());
}

#[test]
fn a_large_blob_that_is_damaged_at_its_end_is_unread_as_a_stream() {
    let place = Place::new(ObjectFormat::Sha1);
    fs::write(place.root.join("a"), "a few words ".repeat(200_000)).unwrap();
    place.git(&["add", "a"]);
    place.git(&["commit", "-qm", "one"]);
    let truth = place.truth();
    let (id, _) = truth.iter().find(|(_, (kind, _))| *kind == Kind::Blob).unwrap();
    let hex = id.to_string();
    let loose = place.objects().join(&hex[..2]).join(&hex[2..]);
    let mut bytes = fs::read(&loose).unwrap();
    let sound = bytes.clone();
    *bytes.last_mut().unwrap() ^= 1;
    write(&loose, &bytes);
    let unread = || {
        let store = place.store();
        let catalog = Catalog::new(&store, 1);
        let (_, swept) = contents(&catalog, 1, LIMITS);
        swept.unread.iter().map(|unread| (unread.id, unread.kind)).collect::<Vec<_>>()
    };
    assert_eq!(unread(), [(*id, Some(Kind::Blob))]);
    write(&loose, &sound);
    assert_eq!(unread(), []);
    place.git(&["repack", "-adfq"]);
    let pack = place.packs("pack").remove(0);
    let mut bytes = fs::read(&pack).unwrap();
    let checksum = &sound[sound.len() - 4..];
    let position = bytes.windows(4).position(|window| window == checksum);
    // The compressed text is the same in the pack but for its header, so its checksum differs; look for the largest entry.
    assert_eq!(position, None);
    let end = bytes.len() - 20;
    bytes[end - 3000] ^= 0x10;
    write(&pack, &bytes);
    assert_eq!(unread().len(), 1);
}

#[test]
fn a_visitor_that_panics_ends_the_sweep() {
    struct Panics;
    impl Visitor for Panics {
        fn visit(&mut self, _object: Object, kind: Kind, _body: Body<'_>) {
            assert_ne!(kind, Kind::Tag, "on purpose");
        }
    }
    let place = Place::new(ObjectFormat::Sha1);
    place.grow(10, 35).git(&["repack", "-adfq"]);
    let store = place.store();
    let catalog = Catalog::new(&store, 1);
    for jobs in [1, 2, 4] {
        let sweep = AssertUnwindSafe(|| catalog.contents(jobs, LIMITS, &|| Box::new(Panics)));
        assert!(std::panic::catch_unwind(sweep).is_err());
    }
}
