//! Damaged refs, HEAD, index, alternates, and folders that cannot be read.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::process::Command;

use super::{assert_honest, assert_incomplete, assert_named};
use crate::support::repo::{Repo, Report, leak};

/// A repository with a token, and what is found in it.
fn sound() -> (Repo, Vec<String>) {
    let repo = Repo::new();
    let token = repo.token();
    repo.commit("a.env", leak(&token));
    repo.commit("b", "one\n");
    (repo, vec![format!("a.env {token}")])
}

#[test]
fn a_ref_that_leads_nowhere_is_named() {
    for (what, text) in [
        ("an id of nothing", "1234567890123456789012345678901234567890\n"),
        ("no id", "this is no id\n"),
        ("nothing", ""),
        ("half an id", "123456789012345678901234\n"),
        ("a null id", "0000000000000000000000000000000000000000\n"),
        ("bytes", "\u{0}\u{1}\u{2}"),
    ] {
        for place in ["refs/heads/broken", "refs/remotes/origin/broken", "refs/tags/broken"] {
            let (repo, tokens) = sound();
            repo.file(format!(".git/{place}"), text);
            let report = assert_incomplete(&repo, &format!("{place}: {what}"));
            assert_eq!(report.tokens(), tokens, "{place}: {what}");
            let named = |problem: &String| problem.contains(place) || problem.contains("1234567");
            assert!(report.problems().iter().any(named), "{place}: {what}: {:?}", report.problems());
        }
    }
}

#[test]
fn packed_refs_that_are_malformed_are_named() {
    for text in ["garbage\n", "1234 refs/heads/x\n", "\u{0}\u{0}"] {
        let (repo, tokens) = sound();
        repo.file(".git/packed-refs", text);
        let report = assert_incomplete(&repo, text);
        assert_eq!(report.tokens(), tokens, "{text}");
        assert_named(&report, "packed-refs");
    }
}

#[test]
fn a_malformed_head_is_no_repository_or_named() {
    let mut wrong = Vec::new();
    for (what, text) in [
        ("nothing", ""),
        ("garbage", "garbage\n"),
        ("half an id", "1234\n"),
        ("a ref outside", "ref: ../../etc/passwd\n"),
        ("a ref without a name", "ref: \n"),
        ("itself", "ref: HEAD\n"),
        ("an id of nothing", "1234567890123456789012345678901234567890\n"),
    ] {
        let (repo, _) = sound();
        fs::write(repo.at(".git/HEAD"), text).unwrap();
        for (command, said) in [("history", &[1, 2][..]), ("staged", &[2, 3]), ("changes", &[1, 2, 3])] {
            let output = repo.barewire([command, "-f", "json"]);
            crate::support::repo::assert_sound(&output);
            let is_told = output.code == 2 && output.stderr.starts_with("error: ")
                || output.code != 2 && output.stdout.contains("\"complete\": false");
            if !said.contains(&output.code) || !is_told {
                wrong.push(format!("{command} with {what}: {}\n{}", output.code, output.stderr));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.concat());
}

#[test]
fn a_branch_without_a_commit_is_no_damage() {
    let (repo, tokens) = sound();
    fs::write(repo.at(".git/HEAD"), "ref: refs/heads/unborn\n").unwrap();
    assert!(assert_honest(&repo, &tokens, "an unborn branch"));
    let report = repo.report(["history"]);
    assert_eq!(report.findings()[0]["story"]["in_head"], false, "{report}");
}

#[test]
fn a_damaged_index_is_named() {
    let (repo, tokens) = sound();
    let staged = repo.token();
    repo.file("c.env", leak(&staged)).git(["add", "c.env"]);
    let bytes = fs::read(repo.at(".git/index")).unwrap();
    for len in [0, 4, 11, 12, 40, bytes.len() / 2] {
        fs::write(repo.at(".git/index"), &bytes[..len]).unwrap();
        let report = assert_incomplete(&repo, &format!("{len} bytes of an index"));
        assert!(tokens.iter().all(|token| report.tokens().contains(token)), "{report}");
        assert_named(&report, "index");
        for command in ["staged", "changes"] {
            let output = repo.barewire([command]);
            crate::support::repo::assert_sound(&output);
            assert_ne!(output.code, 0, "{command}: {len} bytes: {output}");
        }
    }
    fs::write(repo.at(".git/index"), [&bytes[..bytes.len() / 2], &[0xff; 50], &bytes[bytes.len() / 2..]].concat())
        .unwrap();
    let output = repo.barewire(["staged"]);
    crate::support::repo::assert_sound(&output);
    assert_ne!(output.code, 0, "{output}");
}

#[test]
fn a_damaged_reflog_is_named_or_read_as_far_as_it_goes() {
    let (repo, tokens) = sound();
    let log = fs::read_to_string(repo.at(".git/logs/HEAD")).unwrap();
    for (what, text) in [
        ("garbage", "garbage\n".to_owned()),
        ("a line that is cut off", format!("{log}{}", &log[..50])),
        ("an id of nothing", log.replace(&repo.head(), &"1234567890".repeat(4))),
    ] {
        fs::write(repo.at(".git/logs/HEAD"), &text).unwrap();
        let report = repo.report(["history"]);
        assert_eq!(report.tokens(), tokens, "{what}: {report}");
        assert!(!report.is_complete(), "{what}: {report}");
    }
}

#[test]
fn alternates_that_lead_in_a_circle_or_nowhere_are_survived() {
    for (what, text) in [
        ("itself", "../objects\n"),
        ("itself, by another way", "../../.git/objects/../objects\n"),
        ("nowhere", "/nowhere/at/all\n"),
        ("no path", "\u{0}\u{1}\n"),
        ("a file", "../HEAD\n"),
        ("much", &"../objects\n".repeat(10_000)),
    ] {
        let (repo, tokens) = sound();
        repo.file(".git/objects/info/alternates", text);
        let complete = assert_honest(&repo, &tokens, what);
        let report = repo.report(["history"]);
        assert_eq!(report.tokens(), tokens, "{what}: {report}");
        assert_eq!(complete, what.starts_with("itself") || what == "much", "{what}: {report}");
    }
    // Two that lead to each other.
    let (repo, tokens) = sound();
    let other = repo.beside("other");
    other.git(["init", "-q", "."]);
    other.file(".git/objects/info/alternates", "../../../work/.git/objects\n");
    repo.file(".git/objects/info/alternates", "../../../other/.git/objects\n");
    assert!(assert_honest(&repo, &tokens, "a circle of two"));
}

#[test]
fn pipes_and_links_in_the_place_of_files_keep_nobody_waiting() {
    for name in
        ["packed-refs", "refs/heads/pipe", "objects/info/alternates", "shallow", "logs/HEAD", "index", "info/grafts"]
    {
        let (repo, tokens) = sound();
        let path = repo.at(".git").join(name);
        drop(fs::remove_file(&path));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let output = repo.barewire(["history", "--show-secrets", "-f", "json"]);
        // There is one more way than to read on, if that is not possible.
        if output.code == 2 {
            assert!(output.stderr.contains(name) && output.stdout.is_empty(), "{output}");
            continue;
        }
        let report = Report::read(output, name);
        assert_eq!(report.tokens(), tokens, "{name}: {report}");
    }
    let (repo, tokens) = sound();
    symlink(".", repo.at(".git/refs/heads/loop")).unwrap();
    symlink("nowhere", repo.at(".git/refs/heads/dangling")).unwrap();
    repo.file(".git/refs/heads/itself", "ref: refs/heads/itself\n");
    repo.file(".git/refs/heads/ping", "ref: refs/heads/pong\n").file(".git/refs/heads/pong", "ref: refs/heads/ping\n");
    symlink("..", repo.at(".git/objects/ab")).unwrap();
    let report = repo.report(["history"]);
    assert_eq!(report.tokens(), tokens, "{report}");
}

#[test]
fn objects_that_cannot_be_read_are_an_error() {
    let (repo, _) = sound();
    let objects = repo.at(".git/objects");
    fs::rename(&objects, repo.at(".git/away")).unwrap();
    let output = repo.barewire(["history"]);
    assert_eq!((output.code, &*output.stdout), (2, ""), "{output}");
    fs::rename(repo.at(".git/away"), &objects).unwrap();
    fs::set_permissions(&objects, fs::Permissions::from_mode(0o000)).unwrap();
    // To root, nothing is forbidden.
    if fs::read_dir(&objects).is_err() {
        let output = repo.barewire(["history"]);
        assert_eq!((output.code, &*output.stdout), (2, ""), "{output}");
        assert!(output.stderr.contains("objects"), "{output}");
    }
    fs::set_permissions(&objects, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_damaged_configuration_is_an_error_or_named() {
    let (repo, _) = sound();
    fs::write(repo.at(".git/config"), "[core\n\tbare =\u{0}\n").unwrap();
    let output = repo.barewire(["history"]);
    crate::support::repo::assert_sound(&output);
    assert!(matches!(output.code, 1 | 2), "{output}");
}

#[test]
fn a_damaged_list_of_the_shallow_boundary_hides_nothing() {
    for text in ["garbage\n", "1234567890123456789012345678901234567890\n"] {
        let (repo, tokens) = sound();
        repo.file(".git/shallow", text);
        let report = repo.report(["history"]);
        assert_eq!(report.tokens(), tokens, "{report}");
    }
}
