//! Ways to store the same repository.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::repo::Repo;

/// What it is called, and what makes it of a repository.
pub(super) type Form = (&'static str, fn(&Repo));

/// All ways that keep what leads to an object.
pub(super) const ALL: [Form; 10] = [
    ("as it was made", |_| {}),
    ("after git gc", |repo| drop(repo.git(["gc", "-q"]))),
    ("after git gc --aggressive", |repo| drop(repo.git(["gc", "-q", "--aggressive"]))),
    ("in long chains of deltas", |repo| {
        repo.git(["repack", "-q", "-a", "-d", "-f", "--depth=250", "--window=250"]);
    }),
    ("in many packs", in_many_packs),
    ("in many packs with one index", |repo| {
        in_many_packs(repo);
        repo.git(["multi-pack-index", "write", "--bitmap"]);
    }),
    ("all loose", all_loose),
    ("in packs twice, and loose", |repo| {
        let packs = repo.packs(".pack");
        let loose = repo.copy(&format!("{}-loose", repo.root().file_name().unwrap().to_str().unwrap()));
        all_loose(&loose);
        in_many_packs(repo);
        for pack in packs {
            let bytes = fs::read(loose.git_dir().join("old").join(pack.file_name().unwrap())).unwrap();
            repo.feed(["index-pack", "--stdin"], &bytes);
        }
        copy_below(&loose.git_dir().join("objects"), &repo.git_dir().join("objects"));
    }),
    ("behind alternates", |repo| {
        let name = repo.root().file_name().unwrap().to_str().unwrap();
        let (store, half) = (repo.beside(&format!("{name}-store")), repo.beside(&format!("{name}-half")));
        let objects = repo.git_dir().join("objects");
        move_to(&objects.join("pack"), store.root());
        for entry in ["0", "1", "2", "3", "4", "5", "6", "7"].iter().flat_map(|digit| folders(&objects, digit)) {
            move_to(&entry, half.root());
        }
        fs::create_dir_all(half.at("info")).unwrap();
        fs::write(half.at("info/alternates"), format!("# another\n{}\n", store.root().display())).unwrap();
        let name = half.root().file_name().unwrap().to_str().unwrap();
        fs::write(objects.join("info/alternates"), format!("../../../{name}\n")).unwrap();
        repo.git(["fsck", "--connectivity-only"]);
    }),
    ("with a cruft pack and a commit-graph", |repo| {
        repo.git(["repack", "-q", "-d", "--cruft", "--cruft-expiration=never"]);
        repo.git(["commit-graph", "write", "--reachable", "--split"]);
        repo.git(["pack-refs", "--all"]);
    }),
];

/// The folders of loose objects whose names begin with `digit`.
fn folders(objects: &Path, digit: &str) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(objects).unwrap().map(|entry| entry.unwrap().path());
    let is_it = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.len() == 2 && name.starts_with(digit)
    };
    entries.filter(is_it).collect()
}

fn move_to(from: &Path, folder: &Path) {
    fs::rename(from, folder.join(from.file_name().unwrap())).unwrap();
}

fn copy_below(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status().unwrap().success());
}

/// Takes all out of the packs, which end in a folder of their own.
pub(super) fn all_loose(repo: &Repo) {
    let old = repo.git_dir().join("old");
    fs::create_dir(&old).unwrap();
    let packs = repo.packs(".pack");
    for file in repo.packs("") {
        move_to(&file, &old);
    }
    for pack in packs {
        let bytes = fs::read(old.join(pack.file_name().unwrap())).unwrap();
        repo.feed(["unpack-objects", "-q"], &bytes);
    }
    assert!(repo.packs("").is_empty());
}

/// Spreads all over a dozen packs.
pub(super) fn in_many_packs(repo: &Repo) {
    let list = repo.git(["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]);
    let old = repo.packs("");
    let ids: Vec<_> = list.lines().collect();
    let base = repo.git_dir().join("objects/pack/pack");
    for slice in ids.chunks(ids.len() / 12 + 1) {
        repo.feed(["pack-objects", "-q", base.to_str().unwrap()], slice.join("\n").as_bytes());
    }
    for file in old {
        drop(fs::remove_file(file));
    }
    repo.git(["prune-packed", "-q"]);
    assert!(repo.packs(".pack").len() >= 12);
}
