//! Damaged, missing and malformed objects.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{assert_incomplete, assert_named, complaint};
use crate::support::repo::pack::{self, Stored};
use crate::support::repo::{Repo, Report, leak};

/// A repository with two loose commits and a token in the first.
fn loose() -> (Repo, String) {
    let repo = Repo::new();
    let token = repo.token();
    repo.commit("sub/a.env", leak(&token));
    repo.commit("b", "one\n");
    (repo, token)
}

fn overwrite(repo: &Repo, id: &str, bytes: &[u8]) {
    let path = repo.loose(id);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn an_object_that_is_gone_is_named() {
    for (what, expected) in [
        ("HEAD~1:sub/a.env", 0),
        ("HEAD:b", 1),
        ("HEAD~1:sub", 0),
        ("HEAD^{tree}", 1),
        ("HEAD~1^{tree}", 1),
        ("HEAD~1", 1),
        ("HEAD", 0),
    ] {
        let (repo, _) = loose();
        let id = repo.git(["rev-parse", what]);
        // What only the index leads to is no part of this.
        fs::remove_file(repo.at(".git/index")).unwrap();
        fs::remove_dir_all(repo.at(".git/logs")).unwrap();
        fs::remove_file(repo.loose(&id)).unwrap();
        let report = assert_incomplete(&repo, what);
        assert_named(&report, &id[..7]);
        assert!(report.covered("missing") >= 1, "{what}: {report}");
        // The first commit leads to the token as long as it is there.
        assert!(report.tokens().len() <= 1, "{what}: {report}");
        if expected == 1 && !what.starts_with("HEAD~1") {
            assert_eq!(report.tokens().len(), expected, "{what}: {report}");
        }
    }
}

/// What a loose object can be instead of what it should be.
fn broken() -> Vec<(&'static str, Vec<u8>)> {
    let text = |bytes: &[u8]| pack::stored(bytes);
    let mut garbage = vec![0x78, 0x9c];
    garbage.extend((0..200_u8).map(|byte| byte.wrapping_mul(91)));
    vec![
        ("empty", Vec::new()),
        ("one byte", vec![0x78]),
        ("no zlib", b"PK\x03\x04 this is no zlib".to_vec()),
        ("garbage behind the mark of zlib", garbage),
        ("no header", text(b"")),
        ("a header without an end", text(&b"blob 12".repeat(100))),
        ("an unknown kind", text(b"blub 3\0abc")),
        ("no size", text(b"blob \0abc")),
        ("a size that is no number", text(b"blob abc\0abc")),
        ("a size that is too large", text(b"blob 99\0abc")),
        ("a size that is too small", text(b"blob 1\0abc")),
        ("a size beyond all numbers", text(b"blob 99999999999999999999999\0abc")),
        ("a size that takes all memory", text(b"blob 99999999999999\0abc")),
        ("a wrong sum", {
            let mut bytes = text(b"blob 3\0abc");
            *bytes.last_mut().unwrap() ^= 1;
            bytes
        }),
        ("cut off", {
            let mut bytes = text(b"blob 300\0abc");
            bytes.truncate(12);
            bytes
        }),
    ]
}

#[test]
fn a_loose_object_that_is_broken_is_named() {
    let mut wrong = Vec::new();
    for (what, bytes) in broken() {
        for object in ["HEAD:b", "HEAD^{tree}", "HEAD~1"] {
            let (repo, _) = loose();
            let id = repo.git(["rev-parse", object]);
            overwrite(&repo, &id, &bytes);
            wrong.extend(complaint(&repo, &format!("{object}: {what}"), &id[2..9]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.concat());
}

/// What should be a tree, and is not, hides all that was in it.
#[test]
fn an_object_of_another_kind_than_it_should_be_is_named() {
    let mut wrong = Vec::new();
    for object in ["HEAD^{tree}", "HEAD~1^{tree}", "HEAD~1:sub", "HEAD~1"] {
        for body in [&b"blob 3\0abc"[..], b"tag 3\0abc"] {
            let (repo, _) = loose();
            let id = repo.git(["rev-parse", object]);
            overwrite(&repo, &id, &pack::stored(body));
            let what = format!("{object}: {}", String::from_utf8_lossy(body));
            wrong.extend(complaint(&repo, &what, &id[2..9]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.concat());
}

/// A small file that inflates to much: a run of zeros, compressed by git itself and stored under another name.
#[test]
fn a_loose_object_that_inflates_to_more_than_it_says_is_named() {
    let (repo, _) = loose();
    let zeros = repo.blob(vec![0; 64 << 20]);
    let bytes = fs::read(repo.loose(&zeros)).unwrap();
    assert!(bytes.len() < 1 << 20);
    fs::remove_file(repo.loose(&zeros)).unwrap();
    let id = repo.git(["rev-parse", "HEAD:b"]);
    overwrite(&repo, &id, &bytes);
    // It is sound as an object, and it is not what its name says. Whoever does not check that sees zeros.
    let report = repo.report(["history"]);
    assert!(matches!(report.code(), 1 | 3), "{report}");
}

#[test]
fn objects_that_are_malformed_inside_are_survived() {
    let mut wrong = Vec::new();
    for (kind, bodies) in [
        (
            "commit",
            &[&b""[..], b"tree", b"tree \n", b"tree 123\n", b"no tree\n\nmessage\n", b"\n\n\n", b"parent x\n"][..],
        ),
        ("tree", &[b"100644", b"100644 a\0short", b"\0\0\0", b"100644 \0", b"999999999999 a\x0012345678901234567890"]),
        ("tag", &[b"", b"object", b"object 12\n", b"type commit\n\nno object\n"]),
    ] {
        for body in bodies {
            let (repo, token) = loose();
            let id = repo.feed(["hash-object", "-t", kind, "--literally", "-w", "--stdin"], body);
            fs::write(repo.at(".git/refs/tags/odd"), format!("{id}\n")).unwrap();
            let what = format!("{kind} {:?}", String::from_utf8_lossy(body));
            assert_eq!(repo.report(["history"]).tokens(), [format!("sub/a.env {token}")], "{what}");
            // What leads to nothing hides nothing, if nothing says that it should.
            let says = |word: &[u8]| body.starts_with(word);
            if kind == "tree" || says(b"tree") || says(b"parent") || says(b"object") {
                wrong.extend(complaint(&repo, &what, &id[..7]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.concat());
}

#[test]
fn names_in_a_tree_that_lead_out_of_it_are_only_names() {
    let repo = Repo::new();
    repo.commit("a", "one\n");
    let [token, other] = [(); 2].map(|()| repo.token());
    let (one, two) = (repo.blob(leak(&token)), repo.blob(leak(&other)));
    let tree =
        [("100644", "../../up.env", &*one), ("100644", "..", &two), ("100644", "..", &one), ("100644", "", &two)];
    let tree = pack::tree(&tree);
    let tree = repo.feed(["hash-object", "-t", "tree", "--literally", "-w", "--stdin"], &tree);
    let commit = repo.git(["commit-tree", "-m", "odd", &tree]);
    repo.git(["update-ref", "refs/heads/odd", &commit]);
    let report = repo.report(["history"]);
    assert_eq!(report.code(), 1, "{report}");
    for value in [&token, &other] {
        assert!(!report.of_value(value).is_empty() || !report.is_complete(), "{report}");
    }
}

/// What is said of a repository with a token below this many folders.
fn deep(depth: usize) -> (Report, String) {
    let repo = Repo::new();
    repo.commit("a", "one\n");
    let token = repo.token();
    let mut objects = vec![Stored::Blob(leak(&token).into_bytes())];
    for level in 0..depth {
        let mode = if level == 0 { "100644" } else { "40000" };
        objects.push(Stored::Tree(pack::tree(&[(mode, "d", &pack::id("deep", level))])));
    }
    let ids = pack::add(&repo, "deep", &objects);
    let body = format!("tree {}\nauthor A <a> 1700000000 +0000\ncommitter A <a> 1700000000 +0000\n\nx\n", ids[depth]);
    let commit = repo.feed(["hash-object", "-t", "commit", "-w", "--stdin"], body.as_bytes());
    repo.git(["update-ref", "refs/heads/deep", &commit]);
    (repo.report(["history"]), token)
}

#[test]
fn folders_in_folders_without_end_are_searched() {
    let (report, token) = deep(400);
    assert_eq!(report.of_value(&token).len(), 1, "{report}");
    assert!(report.is_complete(), "{report}");
}

#[test]
fn folders_deeper_than_git_follows_them_are_searched_or_named() {
    let (report, token) = deep(2_100);
    assert!(report.of_value(&token).len() == 1 || !report.is_complete(), "{report}");
}

#[test]
fn a_tag_of_tags_without_end_is_followed() {
    for depth in [2, 10, 50, 100, 1_000] {
        let repo = Repo::new();
        repo.commit("a", "one\n");
        let token = repo.token();
        let mut objects = vec![Stored::Blob(leak(&token).into_bytes())];
        for level in 0..depth {
            let kind = if level == 0 { "blob" } else { "tag" };
            let (id, by) = (pack::id("tags", level), "tagger T <t@example.com> 1700000000 +0000");
            objects.push(Stored::Tag(format!("object {id}\ntype {kind}\ntag t{level}\n{by}\n\nx\n").into_bytes()));
        }
        let ids = pack::add(&repo, "tags", &objects);
        // The ids are made up, which git would see.
        repo.file(".git/refs/tags/deep", format!("{}\n", ids.last().unwrap()));
        let report = repo.report(["history"]);
        assert!(report.of_value(&token).len() == 1 || !report.is_complete(), "{depth} tags: {report}");
    }
}

#[test]
fn a_loose_object_that_may_not_be_opened_says_so() {
    let repo = Repo::new();
    repo.commit("a.env", "nothing\n");
    let path = repo.loose(&repo.git(["rev-parse", "HEAD:a.env"]));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    // To root, nothing is forbidden.
    if fs::read(&path).is_err() {
        assert_named(&assert_incomplete(&repo, "forbidden"), "Permission denied");
    }
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink(&path, &path).unwrap();
    assert_named(&assert_incomplete(&repo, "a circle"), "Too many levels of symbolic links");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_named(&assert_incomplete(&repo, "a folder"), "it is not a regular file");
}
