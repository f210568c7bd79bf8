//! On a server: all of a push, in its quarantine, within a time.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;
use std::time::{Duration, Instant};

use super::gate::{assert_stopped, install, message, run, said};
use crate::changes::place::{PROGRAM, Place};

/// A clone of a server that checks what it receives.
fn guarded() -> Place {
    let place = Place::repository();
    place.git(&["init", "-q", "--bare", "-b", "trunk", "../server.git"]);
    place.git(&["remote", "add", "origin", "../server.git"]);
    place.commit("a.env", "A=1\n").git(&["push", "-q", "origin", "trunk"]);
    install(&place.at("../server.git/hooks"), "pre-receive", "pre-receive");
    place
}

fn push(place: &Place, args: &[&str]) -> Output {
    place.try_git("", &[&["push", "-q", "origin"], args].concat())
}

/// All files of the server's objects.
fn objects(place: &Place) -> BTreeSet<String> {
    let mut folders = vec![place.at("../server.git/objects")];
    let mut names = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                names.insert(path.display().to_string());
            }
        }
    }
    names
}

#[test]
fn one_bad_ref_of_three_refuses_them_all_and_leaves_nothing() {
    // Whether what arrives lies in quarantine as single objects, or as a pack.
    for limit in ["100", "1"] {
        let place = guarded();
        place.git_in("../server.git", &["config", "receive.unpackLimit", limit]);
        refuse_all_of_three(&place);
    }
}

#[track_caller]
fn refuse_all_of_three(place: &Place) {
    for (name, text) in [("one", "A=2\n"), ("two", "A=PT{hex:48}\n"), ("three", "A=3\n")] {
        place.git(&["checkout", "-q", "-b", name, "trunk"]);
        place.commit("a.env", text);
    }
    let before = objects(place);
    let output = push(place, &["one", "two", "three"]);
    assert_stopped(&output, "a.env:1:3 in ");
    assert!(message(&output).contains("push refused, no ref was changed"), "{}", said(&output));
    assert_eq!(objects(place), before);
    let fsck = place.try_git("../server.git", &["fsck", "--full", "--strict"]);
    assert!(fsck.status.success() && said(&fsck).is_empty(), "{}", said(&fsck));
    assert_eq!(place.git(&["ls-remote", "--heads", "origin"]).lines().count(), 1);
    let output = push(place, &["one", "three"]);
    assert!(output.status.success() && !said(&output).contains("barewire"), "{}", said(&output));
    assert!(push(place, &["--delete", "one"]).status.success());
    let fsck = place.try_git("../server.git", &["fsck", "--full"]);
    assert!(fsck.status.success(), "{}", said(&fsck));
}

#[test]
fn a_time_that_is_over_refuses_the_push() {
    let place = guarded();
    // git itself never answers.
    let slow = place.at("../slow");
    fs::create_dir_all(&slow).unwrap();
    fs::write(slow.join("git"), "#!/bin/sh\nexec sleep 12\n").unwrap();
    fs::set_permissions(slow.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    let hook = place.at("../server.git/hooks/pre-receive");
    let path = format!("PATH='{}':$PATH", slow.display());
    fs::write(&hook, format!("#!/bin/sh\n{path} exec '{PROGRAM}' hook run pre-receive --budget 300ms\n")).unwrap();
    place.commit("a.env", "A=2\n");
    let before = objects(&place);
    let start = Instant::now();
    let output = push(&place, &["trunk"]);
    assert!(!output.status.success());
    assert!(said(&output).contains("not done within 300ms"), "{}", said(&output));
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(objects(&place), before);
}

#[test]
fn a_large_object_does_not_outlast_the_time() {
    let place = guarded();
    place.commit("large", &"SIGNALWIRE_TOKEN=x\n".repeat(2_000_000));
    let (head, zeros) = (place.git(&["rev-parse", "HEAD"]), "0".repeat(40));
    // None of the server's refs leads to it, and its store is that of the clone.
    let objects = place.at(".git/objects");
    let variables = [("GIT_OBJECT_DIRECTORY", objects.to_str().unwrap())];
    let line = format!("{zeros} {head} refs/heads/new\n");
    let output = run(&place, "../server.git", &["pre-receive", "--budget", "1ms"], &variables, &line);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let output = run(&place, "../server.git", &["pre-receive", "--max-file-size", "1MB"], &variables, &line);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(said(&output).contains("could not be scanned: large ("), "{}", said(&output));
}

#[test]
fn lines_that_make_no_sense_are_an_error() {
    let place = guarded();
    let head = place.git(&["rev-parse", "HEAD"]);
    for line in ["nonsense\n".to_owned(), format!("{head} {head}\n"), format!("{head} refs/heads/a {head}\n")] {
        let output = run(&place, "../server.git", &["pre-receive"], &[], &line);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    }
    for time in ["0", "1h", "soon"] {
        let output = run(&place, "../server.git", &["pre-receive", "--budget", time], &[], "");
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    }
}
