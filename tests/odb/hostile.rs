//! Packs that no git would write: whatever they say, the worst that comes of it is an object that is named as unread.

use std::fs;
use std::path::PathBuf;

use barewire::git::odb::{Catalog, Limits, ReadError, Store};
use barewire::git::{Kind, ObjectFormat};
use proptest::prelude::*;
use tempfile::TempDir;

use super::build::{BLOB, Base, Entry, delta, id, object_id, write};
use super::place::{Objects, check_trees, contents, trees};

const LIMITS: Limits = Limits { most: 1 << 20, stream: 1 << 19 };

/// What became of the objects of some entries: bytes of those that were read, and why the others were not.
struct Outcome {
    found: Objects,
    unread: Vec<(u8, ReadError)>,
    _temp: TempDir,
    objects: PathBuf,
}

impl Outcome {
    fn of(packs: &[Vec<Entry>]) -> Self {
        let temp = TempDir::with_prefix("barewire-odb-").unwrap();
        let objects = temp.path().join("objects");
        for (number, entries) in packs.iter().enumerate() {
            write(&objects, &number.to_string(), entries);
        }
        let (found, unread) = sweep(&objects);
        let store = Store::open(&objects, ObjectFormat::Sha1, &[]).unwrap();
        for (number, why) in &unread {
            let alone = store.read(&object_id(*number), LIMITS.most);
            assert_eq!(
                matches!(alone, Err(ReadError::Oversize(_))),
                matches!(why, ReadError::Oversize(_)),
                "{alone:?}"
            );
            assert!(alone.is_err());
        }
        for (id, (_, bytes)) in &found {
            // An object alone is not read from another copy of what it is a difference to.
            assert!(store.read(id, LIMITS.most).map_or(packs.len() > 1, |content| &content.bytes == bytes));
        }
        Self { found, unread, _temp: temp, objects }
    }

    fn is_damaged(&self, number: u8) -> bool {
        self.unread.iter().any(|(other, why)| *other == number && matches!(why, ReadError::Damaged(_)))
    }

    fn is_oversize(&self, number: u8, size: u64) -> bool {
        self.unread.contains(&(number, ReadError::Oversize(size)))
    }

    fn bytes(&self, number: u8) -> &[u8] {
        &self.found[&object_id(number)].1
    }
}

fn sweep(objects: &std::path::Path) -> (Objects, Vec<(u8, ReadError)>) {
    let store = Store::open(objects, ObjectFormat::Sha1, &[]).unwrap();
    let catalog = Catalog::new(&store, 2);
    let (found, swept) = contents(&catalog, 2, LIMITS);
    let unread = swept.unread.into_iter().map(|unread| (unread.id.as_bytes()[0], unread.why)).collect();
    drop(trees(&catalog, 2, |_| None));
    (found, unread)
}

#[test]
fn sound_entries_are_read() {
    let base = Entry::blob(1, b"hello world");
    let back = base.len();
    let copy = delta(11, 8, &[0x91, 6, 5, 3, b'!', b'!', b'\n']);
    let outcome = Outcome::of(&[vec![
        base,
        Entry::delta(2, &Base::Back(back), &copy),
        Entry::delta(3, &Base::Named(id(4)), &delta(2, 2, &[0x90, 2])),
        Entry::blob(4, b"ab"),
    ]]);
    assert_eq!(outcome.unread, []);
    assert_eq!((outcome.bytes(2), outcome.bytes(3)), (&b"world!!\n"[..], &b"ab"[..]));
}

#[test]
fn a_difference_to_itself_is_damaged() {
    let nothing = delta(1, 1, &[1, b'x']);
    let outcome = Outcome::of(&[vec![
        Entry::delta(1, &Base::Named(id(2)), &nothing),
        Entry::delta(2, &Base::Named(id(3)), &nothing),
        Entry::delta(3, &Base::Named(id(1)), &nothing),
        Entry::delta(4, &Base::Named(id(4)), &nothing),
        Entry::delta(5, &Base::Named(id(4)), &nothing),
        Entry::delta(6, &Base::Back(0), &nothing),
        Entry::blob(7, b"sound"),
    ]]);
    assert!((1..=6).all(|number| outcome.is_damaged(number)));
    assert_eq!(outcome.found.len(), 1);
}

#[test]
fn a_base_that_is_nowhere_or_no_entry_is_damage() {
    let nothing = delta(1, 1, &[1, b'x']);
    let outcome = Outcome::of(&[vec![
        Entry::blob(1, b"a"),
        Entry::delta(2, &Base::Named(id(99)), &nothing),
        Entry::delta(3, &Base::Back(3), &nothing),
        Entry::delta(4, &Base::Back(1 << 40), &nothing),
        Entry::delta(5, &Base::Named(id(2)), &nothing),
    ]]);
    assert!((2..=5).all(|number| outcome.is_damaged(number)), "{:?}", outcome.unread);
}

#[test]
fn a_base_may_be_in_another_pack_or_loose() {
    let change = delta(4, 5, &[0x90, 4, 1, b'!']);
    let outcome = Outcome::of(&[
        vec![Entry::delta(1, &Base::Named(id(3)), &change), Entry::blob(9, b"9")],
        vec![Entry::blob(3, b"base")],
    ]);
    assert_eq!(outcome.bytes(1), b"base!");
    let loose = outcome.objects.join("05").join("05".repeat(19));
    fs::create_dir_all(loose.parent().unwrap()).unwrap();
    fs::write(loose, sirocco::compress(sirocco::Format::Zlib, sirocco::deflate::Level::DEFAULT, b"blob 4\0five"))
        .unwrap();
    write(&outcome.objects, "thin", &[Entry::delta(6, &Base::Named(id(5)), &change)]);
    let (found, unread) = sweep(&outcome.objects);
    assert_eq!((&*found[&object_id(6)].1, unread), (&b"five!"[..], vec![]));
}

#[test]
fn a_delta_that_reaches_out_of_its_base_or_its_size_is_damaged() {
    let base = || Entry::blob(1, b"hello world");
    let back = base().len();
    for instructions in [
        &[0x91, 7, 5][..],                        // a copy to behind the end of the base
        &[0x9f, 255, 255, 255, 255, 5],           // a copy from far behind it
        &[0x80 | 0x70, 255, 255, 255],            // a copy of 16 MiB
        &[0x80],                                  // a copy of 64 KiB
        &[0x91],                                  // a copy that is cut off
        &[0],                                     // an instruction that does not exist
        &[5, b'a'],                               // an insertion that is cut off
        &[4, b'a', b'b', b'c', b'd'],             // less than the delta says
        &[6, b'a', b'b', b'c', b'd', b'e', b'f'], // more than the delta says
        &[],
    ] {
        let outcome = Outcome::of(&[vec![base(), Entry::delta(2, &Base::Back(back), &delta(11, 5, instructions))]]);
        assert!(outcome.is_damaged(2), "{instructions:?}");
        assert_eq!(outcome.found.len(), 1);
    }
    for other in [delta(12, 5, &[0x90, 5]), vec![11], vec![0x8b], vec![0xff; 30], Vec::new()] {
        let outcome = Outcome::of(&[vec![base(), Entry::delta(2, &Base::Back(back), &other)]]);
        assert!(outcome.is_damaged(2), "{other:?}");
    }
}

#[test]
fn what_is_too_large_is_not_made() {
    let base = Entry::blob(1, &[7; 1000]);
    let back = base.len();
    let huge = 1 << 45;
    let outcome = Outcome::of(&[vec![
        base,
        Entry::delta(2, &Base::Back(back), &delta(1000, huge, &[0xb0, 0xe8, 3])),
        Entry::delta(3, &Base::Named(id(2)), &delta(huge, 1, &[1, b'x'])),
        Entry::blob(4, &vec![0; 2 << 20]),
        Entry::delta(5, &Base::Named(id(4)), &delta(2 << 20, 1, &[1, b'x'])),
    ]]);
    assert!(outcome.is_oversize(2, huge) && outcome.is_oversize(3, huge));
    assert!(outcome.is_oversize(4, 2 << 20) && outcome.is_oversize(5, 2 << 20));
    assert_eq!(outcome.found.len(), 1);
}

#[test]
fn a_size_that_is_not_that_of_the_data_is_damage() {
    let sizes = [0, 1, 4, 6, 1000, 100_000];
    let entries = sizes.iter().zip(1..).map(|(size, number)| Entry::whole(number, BLOB, *size, b"hello"));
    let outcome = Outcome::of(&[entries.collect()]);
    assert!((1..=6).all(|number| outcome.is_damaged(number)), "{:?}", outcome.unread);
    let outcome =
        Outcome::of(&[vec![Entry::whole(1, BLOB, u64::MAX >> 8, b"hello"), Entry::whole(2, BLOB, 600_000, b"x")]]);
    assert!(outcome.is_oversize(1, u64::MAX >> 8) && outcome.is_damaged(2));
}

#[test]
fn a_kind_that_does_not_exist_is_damage() {
    let outcome = Outcome::of(&[vec![Entry::whole(1, 0, 1, b"x"), Entry::whole(2, 5, 1, b"x"), Entry::blob(3, b"x")]]);
    assert!(outcome.is_damaged(1) && outcome.is_damaged(2));
    assert_eq!(outcome.found.len(), 1);
}

#[test]
fn a_chain_of_thousands_is_read() {
    let mut entries = vec![Entry::blob(0, b"abc")];
    for number in 1..20_000_u64 {
        let back = entries.last().unwrap().len();
        // All but the first byte of the base, and a new one.
        let mut entry = Entry::delta(1, &Base::Back(back), &delta(3, 3, &[0x91, 1, 2, 1, b'x']));
        entry.number(number);
        entries.push(entry);
    }
    let temp = TempDir::with_prefix("barewire-odb-").unwrap();
    write(temp.path(), "chain", &entries);
    let store = Store::open(temp.path(), ObjectFormat::Sha1, &[]).unwrap();
    for jobs in [1, 4] {
        let catalog = Catalog::new(&store, jobs);
        let (found, swept) = contents(&catalog, jobs, LIMITS);
        assert_eq!((found.len(), swept.unread), (20_000, vec![]));
    }
    let catalog = Catalog::new(&store, 1);
    let last = catalog.objects().last().unwrap();
    assert_eq!(catalog.read(last, 100).unwrap().bytes, b"xxx");
}

#[test]
fn one_base_of_thousands_is_shared_by_all_threads() {
    let base = Entry::blob(0, &[b'a'; 1000]);
    let mut back = base.len();
    let mut entries = vec![base];
    for number in 1..5000_u64 {
        let mut entry = Entry::delta(1, &Base::Back(back), &delta(1000, 1001, &[0xb0, 0xe8, 3, 1, b'b']));
        entry.number(number);
        back += entry.len();
        entries.push(entry);
    }
    let temp = TempDir::with_prefix("barewire-odb-").unwrap();
    write(temp.path(), "star", &entries);
    let store = Store::open(temp.path(), ObjectFormat::Sha1, &[]).unwrap();
    let catalog = Catalog::new(&store, 2);
    let (found, swept) = contents(&catalog, 8, LIMITS);
    assert_eq!((found.len(), swept.unread), (5000, vec![]));
}

#[test]
fn another_copy_stands_in_for_a_damaged_one() {
    let change = delta(4, 5, &[0x90, 4, 1, b'!']);
    let bad_base = Entry::whole(1, BLOB, 5, b"base");
    let back = bad_base.len();
    let outcome = Outcome::of(&[
        vec![bad_base, Entry::delta(2, &Base::Back(back), &change), Entry::whole(3, 0, 1, b"x")],
        vec![Entry::blob(1, b"base"), Entry::blob(3, b"three")],
    ]);
    assert_eq!((outcome.bytes(1), outcome.bytes(3)), (&b"base"[..], &b"three"[..]));
    assert_eq!(outcome.bytes(2), b"base!");
    assert_eq!(outcome.unread, []);
}

#[test]
fn a_malformed_tree_is_damaged_and_the_entries_before_that_are_seen() {
    let sound = [b"100644 a\0".as_slice(), &[1; 20]].concat();
    let mut entries = Vec::new();
    for (number, rest) in
        (1..).zip(["", "100644 b", "100644 b\0short", "100648 b\0", " b\0", "100644 \0", "77777777 b\0"])
    {
        let bytes = [&sound[..], rest.as_bytes(), if rest.ends_with("b\0") { &[2; 20][..] } else { b"" }].concat();
        entries.push(Entry::whole(number, 2, bytes.len() as u64, &bytes));
    }
    let temp = TempDir::with_prefix("barewire-odb-").unwrap();
    write(temp.path(), "trees", &entries);
    let store = Store::open(temp.path(), ObjectFormat::Sha1, &[]).unwrap();
    let catalog = Catalog::new(&store, 1);
    let (seen, swept) = trees(&catalog, 1, |_| None);
    assert_eq!(swept.unread.len(), 6);
    assert!(swept.unread.iter().all(|unread| unread.kind == Some(Kind::Tree) && unread.id != object_id(1)));
    assert_eq!(seen.handed_out, 7);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Wherever a delta cuts a tree, every tree that holds a kept entry is told of it, with the right name.
    #[test]
    fn entries_are_taken_over_wherever_a_delta_cuts(
        names in proptest::collection::vec((1..12_usize, any::<u8>()), 1..20),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), 1..12_usize, any::<u8>()), 1..12),
        cuts in proptest::collection::vec(1..60_usize, 1..30),
    ) {
        let entry = |(len, number): (usize, u8)| {
            // Some ids look like entries.
            let id = if number % 4 == 0 { *b"100644 a\x00100644 b\0\0\0" } else { [number; 20] };
            [b"100644 ".to_vec(), vec![b'a' + number % 26; len], vec![0], id[..20].to_vec()].concat()
        };
        let mut tree: Vec<_> = names.into_iter().map(entry).collect();
        let mut trees = vec![tree.concat()];
        for (at, len, number) in edits {
            let at = at.index(tree.len());
            match number % 3 {
                0 if tree.len() > 1 => drop(tree.remove(at)),
                1 => tree.insert(at, entry((len, number))),
                _ => tree[at] = entry((len, number)),
            }
            trees.push(tree.concat());
        }
        let mut cuts = cuts.into_iter().cycle();
        let mut entries = vec![Entry::whole(0, 2, trees[0].len() as u64, &trees[0])];
        for pair in trees.windows(2) {
            let back = entries.last().unwrap().len();
            let text = delta(pair[0].len() as u64, pair[1].len() as u64, &difference(&pair[0], &pair[1], &mut cuts));
            let mut entry = Entry::delta(1, &Base::Back(back), &text);
            entry.number(entries.len() as u64);
            entries.push(entry);
        }
        let temp = TempDir::with_prefix("barewire-odb-").unwrap();
        write(temp.path(), "trees", &entries);
        let store = Store::open(temp.path(), ObjectFormat::Sha1, &[]).unwrap();
        let catalog = Catalog::new(&store, 1);
        let truth = catalog.objects().zip(&trees);
        let truth = truth.map(|(object, bytes)| (catalog.id(object), (Kind::Tree, bytes.clone()))).collect();
        check_trees(&catalog, 1, &truth);
        check_trees(&catalog, 3, &truth);
    }
}

/// A delta that copies what it finds, in pieces of odd lengths.
fn difference(base: &[u8], text: &[u8], cuts: &mut dyn Iterator<Item = usize>) -> Vec<u8> {
    let (mut delta, mut at) = (Vec::new(), 0);
    while at < text.len() {
        let len = cuts.next().unwrap().min(text.len() - at);
        let piece = &text[at..at + len];
        match base.windows(len).position(|window| window == piece) {
            Some(from) if len > 3 => {
                let from = u16::try_from(from).unwrap().to_le_bytes();
                delta.extend([0x93, from[0], from[1], u8::try_from(len).unwrap()]);
            }
            _ => {
                delta.push(u8::try_from(len).unwrap());
                delta.extend(piece);
            }
        }
        at += len;
    }
    delta
}
