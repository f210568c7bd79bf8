//! Every value that was planted is reported exactly once, with its life, and nothing else is; however the repository is
//! stored.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::forms;
use super::oracle::Oracle;
use crate::support::repo::plant::{ANY, Kept, NONE, Place, Plant, TOKEN};
use crate::support::repo::truth::Truth;
use crate::support::repo::{Repo, Report, word};

/// Fails where what is expected of the planted values is not what git says itself.
fn assert_agrees_with_git(truth: &Truth) {
    let is_blob = |plant: &&Plant| {
        let places = &plant.places;
        plant.kept != Kept::ByNothing && places.iter().all(|place| place.origin == "blob" && place.path != ANY)
    };
    let plants: Vec<_> = truth.plants.iter().filter(is_blob).collect();
    let values: Vec<_> = plants.iter().map(|plant| plant.value.clone()).collect();
    let oracle = Oracle::new(&truth.repo, &values);
    for (value, plant) in plants.iter().enumerate() {
        let known = |place: &Place| (place.path.clone(), place.clone());
        let mut places: BTreeMap<_, _> = oracle.places(value).iter().map(known).collect();
        for place in &plant.places {
            let Some(mut found) = places.remove(&place.path) else { panic!("{}: not at {}", plant.kind, place.path) };
            found = Place {
                line: place.line.clone(),
                last: ANY.to_owned(),
                branches: ANY.to_owned(),
                held_by: ANY.to_owned(),
                ..found
            };
            if place.versions == ANY {
                found.versions.clone_from(&place.versions);
            }
            assert_eq!(&found, place, "{}", plant.kind);
        }
        assert!(places.is_empty(), "{}: {places:?}", plant.kind);
    }
}

#[test]
fn what_is_expected_of_planted_values_is_what_git_says() {
    for (seed, size) in [(1, 10), (2, 1_000)] {
        assert_agrees_with_git(&Truth::plant(seed, size, &[]));
    }
}

/// Fails unless the history of `repo` is reported as `plants` ask for, whatever the number of threads.
fn assert_history(truth: &Truth, repo: &Repo, plants: &[Plant], what: &str) {
    let report = repo.report(["history", "-j", "4"]);
    truth.assert(&report, plants, what);
    assert_eq!(report.code(), 1, "{what}: {report}");
    assert!(report.is_complete(), "{what}: {:?}", report.problems());
    assert_credentials(&report, plants, what);
    for jobs in ["1", "4"] {
        let again = repo.report(["history", "-j", jobs]);
        assert!(again.output.stdout == report.output.stdout, "{what}: -j {jobs} differs");
    }
}

/// Fails unless each token is one credential with one story, and has what belongs to it.
fn assert_credentials(report: &Report, plants: &[Plant], what: &str) {
    let credentials = report.json["credentials"].as_array().unwrap();
    let tokens: Vec<_> = plants.iter().filter(|plant| plant.rule == TOKEN).collect();
    assert_eq!(credentials.len(), tokens.len(), "{what}");
    for plant in tokens {
        let kind = &plant.kind;
        let findings = report.of_value(&plant.value);
        let ids: BTreeSet<_> = findings.iter().map(|finding| word(finding, "credential")).collect();
        assert_eq!(ids.len(), 1, "{what}: {kind}");
        let is_it = |credential: &&serde_json::Value| ids.contains(word(credential, "id"));
        let [credential] = credentials.iter().filter(is_it).collect::<Vec<_>>()[..] else {
            panic!("{what}: {kind}: {credentials:#?}")
        };
        let grade = if kind.starts_with("split") { "usable" } else { "token-only" };
        assert_eq!(credential["grade"], grade, "{what}: {kind}: {credential:#}");
        let known = |text: &String| text != ANY && text != NONE;
        let first = plant.places.first().map(|place| &place.first).filter(|first| known(first));
        if let Some(first) = first {
            assert_eq!(credential["story"]["first"]["commit"], **first, "{what}: {kind}: {credential:#}");
        }
        let in_head = plant.places.iter().any(|place| place.in_head == "true");
        if plant.places.iter().all(|place| place.origin == "blob") && first.is_some() {
            assert_eq!(credential["story"]["in_head"], in_head, "{what}: {kind}: {credential:#}");
        }
    }
}

#[test]
fn all_that_was_planted_among_10_commits_is_found() {
    let truth = Truth::plant(1, 10, &[]);
    assert_history(&truth, &truth.repo, &truth.reachable(), "10 commits");
}

#[test]
fn all_that_was_planted_among_1000_commits_is_found() {
    let truth = Truth::plant(2, 1_000, &[]);
    assert_history(&truth, &truth.repo, &truth.reachable(), "1000 commits");
}

#[test]
#[ignore = "it takes minutes in a build for development"]
fn all_that_was_planted_among_20000_commits_is_found() {
    let truth = Truth::plant(3, 20_000, &[]);
    for (number, (what, form)) in forms::ALL.into_iter().enumerate() {
        if what == "all loose" || what.contains("twice") || what.contains("aggressive") {
            continue;
        }
        let copy = truth.repo.copy(&format!("form-{number}"));
        form(&copy);
        assert_history(&truth, &copy, &truth.reachable(), what);
    }
}

/// Fails unless the truth of a repository with `size` commits is the same in every form.
fn assert_in_every_form(seed: u64, size: usize) {
    let truth = Truth::plant(seed, size, &[]);
    let expected = truth.repo.report(["history"]).output.stdout;
    // Of forms that are much alike, one is enough where it takes long.
    let is_enough = |what: &str| size > 10 && ["after git gc", "in many packs"].contains(&what);
    for (number, (what, form)) in forms::ALL.into_iter().enumerate().skip(1).filter(|(_, form)| !is_enough(form.0)) {
        let copy = truth.repo.copy(&format!("form-{number}"));
        form(&copy);
        let report = copy.report(["history"]);
        truth.assert(&report, &truth.reachable(), what);
        assert!(report.is_complete(), "{what}: {:?}", report.problems());
        assert!(findings(&report.output.stdout) == findings(&expected), "{what}: it is reported in other words");
    }
}

/// The findings and credentials of a report; the coverage differs where the same object is stored twice.
/// What is found, without what the time of the scan decides: two scans may be on two days.
fn findings(report: &str) -> [serde_json::Value; 2] {
    let report: serde_json::Value = serde_json::from_str(report).unwrap();
    ["findings", "credentials"].map(|list| timeless(report[list].clone()))
}

fn timeless(mut value: serde_json::Value) -> serde_json::Value {
    for item in value.as_array_mut().unwrap() {
        if let Some(story) = item.get_mut("story") {
            let days = story.as_object_mut().unwrap().remove("days_exposed");
            assert!(days.is_some_and(|days| days.is_u64()));
        }
    }
    value
}

#[test]
fn the_truth_is_the_same_however_a_small_repository_is_stored() {
    assert_in_every_form(4, 10);
}

#[test]
fn the_truth_is_the_same_however_a_larger_repository_is_stored() {
    assert_in_every_form(5, 1_000);
}

#[test]
fn without_their_lives_the_same_values_are_found() {
    let truth = Truth::plant(10, 10, &[]);
    let values = |report: &Report| {
        let findings = report.findings().iter();
        findings.map(|finding| (word(finding, "rule").to_owned(), word(finding, "secret").to_owned())).collect()
    };
    let (told, untold): (BTreeSet<_>, BTreeSet<_>) =
        (values(&truth.repo.report(["history"])), values(&truth.repo.report(["history", "--no-story"])));
    let report = truth.repo.report(["history", "--no-story"]);
    assert_eq!(told, untold);
    assert!(report.findings().iter().all(|finding| finding["story"].is_null()), "{report}");
    assert!(report.is_complete(), "{report}");
}

#[test]
fn what_nothing_leads_to_is_reported_on_request_alone() {
    let truth = Truth::plant(6, 10, &[]);
    for (number, (what, form)) in forms::ALL.into_iter().enumerate() {
        if what.contains("gc") || what.contains("chains") {
            continue;
        }
        let copy = truth.repo.copy(&format!("form-{number}"));
        form(&copy);
        let report = copy.report(["history", "--unreachable"]);
        truth.assert(&report, &truth.plants, what);
        assert!(report.is_complete(), "{what}: {:?}", report.problems());
    }
}

#[test]
fn all_is_found_in_repositories_with_other_ids_and_refs() {
    for option in ["--object-format=sha256", "--ref-format=reftable"] {
        let truth = Truth::plant(7, 10, &[option]);
        assert_history(&truth, &truth.repo, &truth.reachable(), option);
    }
}

#[test]
fn a_bare_mirror_has_all_that_refs_lead_to() {
    let truth = Truth::plant(8, 10, &[]);
    // Git would not send what lies behind a graft.
    fs::remove_file(truth.repo.at(".git/info/grafts")).unwrap();
    let top = truth.repo.beside(".");
    let url = format!("file://{}", truth.repo.root().display());
    for (what, args) in [
        ("a mirror with all objects", ["clone", "-q", "--mirror", "work", "mirror.git"].to_vec()),
        ("a mirror with what refs lead to", ["clone", "-q", "--mirror", &url, "fetched.git"].to_vec()),
        ("a mirror with alternates", ["clone", "-q", "--mirror", "--shared", "work", "shared.git"].to_vec()),
    ] {
        top.git(&args);
        let mirror = truth.repo.beside(args[args.len() - 1]);
        assert_history(&truth, &mirror, &truth.cloned(), what);
    }
}

#[test]
fn a_partial_clone_is_incomplete_and_fetches_nothing() {
    let truth = Truth::plant(9, 10, &[]);
    fs::remove_file(truth.repo.at(".git/info/grafts")).unwrap();
    truth.repo.git(["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", truth.repo.root().display());
    let top = truth.repo.beside(".");
    top.git(["clone", "-q", "--mirror", "--filter=blob:none", &url, "partial.git"]);
    let partial = truth.repo.beside("partial.git");
    let before = partial.packs("");
    // Blobs that were asked for by their ids are there.
    let is_there = |plant: &Plant| {
        plant.kind.starts_with("in a blob that") || plant.places.iter().all(|place| place.origin != "blob")
    };
    let plants: Vec<_> = truth.cloned().into_iter().filter(is_there).collect();
    for attempt in ["with its origin", "without its origin"] {
        let report = partial.report(["history"]);
        truth.assert(&report, &plants, attempt);
        assert_eq!((report.code(), report.is_complete()), (1, false), "{attempt}");
        assert!(report.covered("missing") > 0, "{attempt}");
        assert!(!report.problems().is_empty(), "{attempt}");
        assert_eq!(partial.packs(""), before, "{attempt}: something was fetched");
        if attempt == "with its origin" {
            fs::rename(truth.repo.root(), truth.repo.root().with_file_name("away")).unwrap();
        }
    }
}

#[test]
fn every_form_is_one_that_git_can_read() {
    let truth = Truth::plant(4, 10, &[]);
    for (number, (what, form)) in forms::ALL.into_iter().enumerate() {
        let copy = truth.repo.copy(&format!("form-{number}"));
        form(&copy);
        let fsck = copy.git(["fsck", "--connectivity-only", "--no-dangling"]);
        assert_eq!(fsck, "", "{what}");
        let copied = Truth { repo: copy, plants: truth.plants.clone(), names: BTreeMap::new() };
        assert_agrees_with_git(&copied);
    }
}
