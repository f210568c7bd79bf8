//! Stores that change while they are read.

use std::fs;

use barewire::git::ObjectFormat;
use barewire::git::odb::Catalog;

use super::place::{LIMITS, Place, check, contents};

#[test]
fn packs_that_git_replaces_while_they_are_read_are_read_to_their_end() {
    let place = Place::new(ObjectFormat::Sha1);
    place.grow(15, 21).git(&["repack", "-adq"]);
    place.grow(15, 22).git(&["repack", "-dq"]);
    place.grow(5, 23);
    let store = place.store();
    let catalog = Catalog::new(&store, 2);
    place.git(&["repack", "-adfq"]);
    place.git(&["prune-packed"]);
    assert_eq!(place.packs("pack").len(), 1);
    let (found, swept) = contents(&catalog, 2, LIMITS);
    assert_eq!(swept.unread, []);
    assert_eq!(found.len() as u64, swept.objects);
    check(&store, &place.truth());
}

#[test]
fn packs_that_git_replaced_after_they_were_listed_are_looked_for_again() {
    let place = Place::new(ObjectFormat::Sha1);
    place.grow(10, 24).git(&["repack", "-adq"]);
    let truth = place.truth();
    for _ in 0..2 {
        let listed = [place.store(), place.store()];
        // Another name needs another content.
        place.git(&["commit", "-qm", "empty", "--allow-empty"]);
        place.git(&["repack", "-adfq"]);
        let id = truth.keys().next().unwrap();
        assert_eq!(listed[0].read(id, LIMITS.most).unwrap().bytes, truth[id].1);
        check(&listed[1], &place.truth());
    }
}

#[test]
fn a_pack_that_has_gone_for_good_is_no_defect_but_half_of_one_is() {
    let place = Place::new(ObjectFormat::Sha1);
    place.grow(5, 25).git(&["repack", "-adq"]);
    let (pack, index) = (place.packs("pack").remove(0), place.packs("idx").remove(0));
    let store = place.store();
    let kept = fs::read(&pack).unwrap();
    fs::remove_file(&pack).unwrap();
    let catalog = Catalog::new(&store, 1);
    assert_eq!(catalog.defects().len(), 1);
    assert_eq!(catalog.defects()[0].path, pack);
    fs::remove_file(&index).unwrap();
    assert_eq!(Catalog::new(&place.store(), 1).defects(), []);
    fs::write(&pack, kept).unwrap();
    let store = place.store();
    let catalog = Catalog::new(&store, 1);
    assert_eq!(catalog.defects()[0].path, pack);
    assert!(catalog.is_empty());
}
