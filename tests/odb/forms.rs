//! Every form in which a store may be: packed in all ways, loose, borrowed from.

use std::fs;

use barewire::git::ObjectFormat;
use barewire::git::odb::{Catalog, Store};

use super::place::{Place, Random, check, contents, copy, trees};

const FORMATS: [ObjectFormat; 2] = [ObjectFormat::Sha1, ObjectFormat::Sha256];

#[test]
fn loose_objects_are_read() {
    for format in FORMATS {
        Place::new(format).grow(12, 1).check();
    }
}

#[test]
fn one_pack_with_long_chains_is_read() {
    for format in FORMATS {
        let place = Place::new(format);
        place.grow(40, 2).git(&["repack", "-adfq", "--depth=250", "--window=50"]);
        place.check();
    }
}

#[test]
fn bases_that_are_named_by_their_ids_are_found() {
    for format in FORMATS {
        let place = Place::new(format);
        place.grow(25, 3).git(&["-c", "repack.useDeltaBaseOffset=false", "repack", "-adfq"]);
        place.check();
    }
}

#[test]
fn many_packs_with_the_same_objects_and_loose_ones_are_one_store() {
    for format in FORMATS {
        let place = Place::new(format);
        for seed in 1..5 {
            place.grow(6, seed).git(&["repack", "-q"]);
        }
        place.grow(5, 5).git(&["-c", "pack.packSizeLimit=0", "repack", "-aq"]);
        place.grow(5, 6);
        assert!(place.packs("pack").len() > 4);
        place.check();
        place.git(&["multi-pack-index", "write", "--bitmap"]);
        place.check();
    }
}

#[test]
fn an_index_of_version_1_is_read() {
    let place = Place::new(ObjectFormat::Sha1);
    place.grow(20, 7).git(&["-c", "pack.indexVersion=1", "repack", "-adfq"]);
    assert!(!fs::read(&place.packs("idx")[0]).unwrap().starts_with(b"\xfftOc"));
    place.check();
}

#[test]
fn offsets_of_eight_bytes_are_read() {
    let place = Place::new(ObjectFormat::Sha1);
    place.grow(10, 8).git(&["repack", "-adfq"]);
    let pack = place.packs("pack").remove(0);
    let index = place.packs("idx").remove(0);
    fs::remove_file(&index).unwrap();
    // All offsets above this one are written with eight bytes.
    place.git(&["index-pack", "--index-version=2,0x100", pack.to_str().unwrap()]);
    place.check();
}

#[test]
fn stores_are_borrowed_from_through_lists_with_loops_and_relative_paths() {
    let place = Place::new(ObjectFormat::Sha1);
    place.grow(8, 9).git(&["repack", "-adq"]);
    copy(&place.objects(), &place.root.join("second"));
    place.grow(8, 10);
    copy(&place.objects(), &place.root.join("third"));
    let truth = place.truth();
    let first = place.root.join("first");
    for folder in ["first", "second", "third"] {
        fs::create_dir_all(place.root.join(folder).join("info")).unwrap();
    }
    fs::write(first.join("info/alternates"), "# borrowed\n../second\n").unwrap();
    fs::write(place.root.join("second/info/alternates"), "../third\n../first\n").unwrap();
    let absolute = format!("{}\n", first.display());
    fs::write(place.root.join("third/info/alternates"), absolute).unwrap();
    check(&Store::open(&first, place.format, &[]).unwrap(), &truth);
    let empty = place.root.join("empty");
    fs::create_dir(&empty).unwrap();
    check(&Store::open(&empty, place.format, &[place.root.join("third")]).unwrap(), &truth);
}

#[test]
fn an_empty_store_has_nothing() {
    let place = Place::new(ObjectFormat::Sha1);
    let store = place.store();
    let catalog = Catalog::new(&store, 2);
    assert!(catalog.is_empty() && catalog.defects().is_empty());
    assert_eq!(contents(&catalog, 2, super::place::LIMITS).1, barewire::git::odb::Swept::default());
}

#[test]
fn a_folder_that_cannot_be_read_is_no_store() {
    let place = Place::new(ObjectFormat::Sha1);
    assert!(Store::open(&place.root.join("nowhere"), place.format, &[]).is_err());
    fs::write(place.root.join("file"), "").unwrap();
    assert!(Store::open(&place.root.join("file"), place.format, &[]).is_err());
}

#[test]
fn an_empty_object_and_a_large_one_are_read_packed_and_loose() {
    let place = Place::new(ObjectFormat::Sha1);
    let mut random = Random(77);
    let large: Vec<u8> = (0..3 << 20).map(|at| if at % 7 == 0 { 7 } else { random.next().to_le_bytes()[3] }).collect();
    fs::write(place.root.join("empty"), "").unwrap();
    fs::write(place.root.join("large"), &large).unwrap();
    fs::write(place.root.join("even"), "even ".repeat(800_000)).unwrap();
    place.git(&["add", "-A"]);
    place.git(&["commit", "-qm", "one"]);
    place.check();
    place.git(&["repack", "-adfq"]);
    place.check();
}

#[test]
fn an_entry_that_a_tree_takes_over_is_not_handed_out_again() {
    let place = Place::new(ObjectFormat::Sha1);
    for at in 0..300 {
        fs::write(place.root.join(format!("file-{at}")), at.to_string()).unwrap();
    }
    for at in 0..20 {
        fs::write(place.root.join(format!("file-{}", at * 7)), "changed").unwrap();
        place.git(&["add", "-A"]);
        place.git(&["commit", "-qm", "one"]);
    }
    place.git(&["repack", "-adfq", "--depth=100"]);
    place.check();
    let store = place.store();
    let catalog = Catalog::new(&store, 1);
    let (seen, swept) = trees(&catalog, 1, |_| None);
    assert_eq!((swept.objects, seen.entries.len()), (20, 319));
    assert!(seen.handed_out < 300 + 20 * 4, "{}", seen.handed_out);
}
