//! Damaged packs and their indexes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::{assert_honest, assert_incomplete, assert_named};
use crate::support::repo::truth::Truth;
use crate::support::repo::{Repo, leak};
use crate::support::template::Noise;

/// A repository with a pack of some hundred objects, and what is found in it.
fn packed() -> (Repo, Vec<String>) {
    let truth = Truth::plant(11, 40, &[]);
    truth.repo.git(["repack", "-q", "-a", "-d"]);
    let tokens = truth.repo.report(["history"]).tokens();
    assert!(tokens.len() > 20);
    assert_eq!((truth.repo.packs(".pack").len(), truth.repo.packs(".idx").len()), (1, 1));
    (truth.repo, tokens)
}

fn overwrite(path: &Path, bytes: &[u8]) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(path, bytes).unwrap();
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// How often a flipped byte in the file that ends in `ending` is told of.
fn flip(ending: &str, seed: u64, attempts: usize) -> usize {
    let (repo, sound) = packed();
    let path = repo.packs(ending).remove(0);
    let bytes = fs::read(&path).unwrap();
    let mut noise = Noise::new(seed);
    let mut told = 0;
    for _ in 0..attempts {
        let (at, bit) = (noise.below(bytes.len()), noise.below(8));
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << bit;
        overwrite(&path, &damaged);
        told += usize::from(!assert_honest(&repo, &sound, &format!("bit {bit} of byte {at} of {ending}")));
    }
    told
}

#[test]
fn a_flipped_bit_of_a_pack_never_hides_a_leak_in_silence() {
    let told = flip(".pack", 1, 30);
    // Some bits do not matter, such as those of the digest at the end.
    assert!(told > 24, "{told}");
}

#[test]
fn a_flipped_bit_of_the_index_of_a_pack_never_hides_a_leak_in_silence() {
    flip(".idx", 2, 30);
}

#[test]
#[ignore = "it takes minutes in a build for development"]
fn thousands_of_flipped_bits_never_hide_a_leak_in_silence() {
    flip(".pack", 3, 3_000);
    flip(".idx", 4, 3_000);
}

#[test]
fn a_pack_whose_start_is_damaged_is_named() {
    let (repo, _) = packed();
    let path = repo.packs(".pack").remove(0);
    let bytes = fs::read(&path).unwrap();
    for at in [0, 7, 11, 12, 13] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0xff;
        overwrite(&path, &damaged);
        assert_incomplete(&repo, &format!("byte {at}"));
    }
}

#[test]
fn a_pack_that_is_cut_off_is_named() {
    let (repo, _) = packed();
    let path = repo.packs(".pack").remove(0);
    let bytes = fs::read(&path).unwrap();
    for len in [0, 1, 11, 12, 13, 500, bytes.len() / 2, bytes.len() - 60] {
        overwrite(&path, &bytes[..len]);
        let report = assert_incomplete(&repo, &format!("{len} bytes of a pack"));
        if len < 13 {
            assert_named(&report, name(&path));
        }
    }
}

#[test]
fn an_index_of_a_pack_that_is_cut_off_is_named() {
    let (repo, _) = packed();
    let path = repo.packs(".idx").remove(0);
    let bytes = fs::read(&path).unwrap();
    for len in [0, 1, 7, 8, 500, 1_031, 1_032, 1_033, bytes.len() / 2, bytes.len() - 41, bytes.len() - 1] {
        overwrite(&path, &bytes[..len]);
        let report = assert_incomplete(&repo, &format!("{len} bytes of an index"));
        let stem = name(&path).trim_end_matches(".idx");
        assert_named(&report, stem);
    }
}

#[test]
fn an_index_that_is_longer_or_of_an_unknown_version_is_named() {
    let (repo, sound) = packed();
    let path = repo.packs(".idx").remove(0);
    let bytes = fs::read(&path).unwrap();
    overwrite(&path, &[&*bytes, b"more"].concat());
    assert_honest(&repo, &sound, "a longer index");
    let mut other = bytes.clone();
    other[7] = 9;
    overwrite(&path, &other);
    assert_incomplete(&repo, "version 9");
    // The numbers of the first bytes of ids, which go up: here they go down.
    let mut fanout = bytes;
    fanout[8..12].copy_from_slice(&[0xff; 4]);
    overwrite(&path, &fanout);
    assert_incomplete(&repo, "a fan-out that goes down");
}

#[test]
fn an_index_of_version_1_is_read() {
    let (repo, sound) = packed();
    let path = repo.packs(".idx").remove(0);
    let pack = path.with_extension("pack");
    fs::remove_file(&path).unwrap();
    for ending in ["bitmap", "rev"] {
        drop(fs::remove_file(path.with_extension(ending)));
    }
    repo.git(["index-pack", "--index-version=1", pack.to_str().unwrap()]);
    assert!(assert_honest(&repo, &sound, "version 1"));
}

#[test]
fn a_pack_that_is_gone_is_named() {
    let (repo, _) = packed();
    let path = repo.packs(".pack").remove(0);
    let stem = name(&path).trim_end_matches(".pack").to_owned();
    let away = repo.at(".git/away");
    fs::rename(&path, &away).unwrap();
    let report = assert_incomplete(&repo, "an index without its pack");
    assert_named(&report, &stem);
    fs::rename(&away, &path).unwrap();
    fs::rename(path.with_extension("idx"), &away).unwrap();
    let report = assert_incomplete(&repo, "a pack without its index");
    assert_named(&report, &stem);
    fs::remove_file(&path).unwrap();
    let report = assert_incomplete(&repo, "neither");
    assert!(report.covered("missing") > 0, "{report}");
}

#[test]
fn what_is_not_finished_is_no_damage() {
    let (repo, sound) = packed();
    for name in
        ["tmp_pack_AbCdEf", "tmp_idx_AbCdEf", "pack-1.keep", "pack-1.promisor", "pack-1.mtimes", ".tmp-1-pack-2.pack"]
    {
        repo.file(format!(".git/objects/pack/{name}"), "PACK, not yet");
    }
    repo.file(".git/objects/ab/tmp_obj_AbCdEf", "x").file(".git/objects/notes.txt", "x");
    assert!(assert_honest(&repo, &sound, "files in the making"));
}

#[test]
fn a_damaged_index_of_many_packs_hides_nothing() {
    let (repo, sound) = packed();
    repo.git(["multi-pack-index", "write"]);
    let path = repo.at(".git/objects/pack/multi-pack-index");
    let bytes = fs::read(&path).unwrap();
    for len in [0, 12, bytes.len() / 2] {
        overwrite(&path, &bytes[..len]);
        assert_honest(&repo, &sound, "an index of many packs that is cut off");
    }
    fs::write(repo.at(".git/objects/info/commit-graph"), "CGPH, not").unwrap();
    assert_honest(&repo, &sound, "a damaged commit-graph");
}

#[test]
fn folders_without_packs_are_no_damage() {
    let repo = Repo::new();
    let token = repo.token();
    repo.commit("a.env", leak(&token));
    let sound = vec![format!("a.env {token}")];
    assert!(assert_honest(&repo, &sound, "an empty folder of packs"));
    fs::remove_dir(repo.at(".git/objects/pack")).unwrap();
    fs::remove_dir(repo.at(".git/objects/info")).unwrap();
    assert!(assert_honest(&repo, &sound, "no folder of packs"));
    fs::write(repo.at(".git/objects/pack"), "a file").unwrap();
    assert_honest(&repo, &sound, "a file in its place");
}

/// An index that gives each object in turn another id: it is no longer there under its own.
#[test]
fn an_object_that_is_listed_by_another_id_is_missed() {
    let (repo, _) = packed();
    let path = repo.packs(".idx").remove(0);
    let bytes = fs::read(&path).unwrap();
    for object in [0, 5, 13, 14, 50] {
        let mut damaged = bytes.clone();
        damaged[1_032 + 20 * object + 12] ^= 1 << 3;
        overwrite(&path, &damaged);
        let report = assert_incomplete(&repo, &format!("object {object}"));
        assert_named(&report, name(&path));
    }
}

#[test]
fn a_bit_that_is_turned_over_in_an_index_is_told_of_and_what_can_be_is_scanned() {
    for format in ["--object-format=sha1", "--object-format=sha256"] {
        let repo = Repo::init(&[format]);
        let token = repo.token();
        repo.commit("a.env", leak(&token));
        repo.git(["repack", "-q", "-a", "-d"]);
        let sound = repo.report(["history"]);
        assert!(sound.is_complete() && sound.tokens() == [format!("a.env {token}")], "{sound}");
        let path = repo.packs(".idx").remove(0);
        let bytes = fs::read(&path).unwrap();
        for at in (0..bytes.len()).step_by(61) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            overwrite(&path, &damaged);
            let report = assert_incomplete(&repo, &format!("{format}, byte {at}"));
            assert_named(&report, name(&path).strip_suffix(".idx").unwrap());
        }
        let mut damaged = bytes.clone();
        *damaged.last_mut().unwrap() ^= 1;
        overwrite(&path, &damaged);
        let report = assert_incomplete(&repo, format);
        assert_eq!(report.tokens(), sound.tokens(), "{report}");
        assert_named(&report, "`git index-pack`");
        fs::remove_file(&path).unwrap();
        repo.git(["index-pack".as_ref(), path.with_extension("pack").as_os_str()]);
        assert!(repo.report(["history"]).is_complete(), "made anew");
    }
}
