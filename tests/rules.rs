//! The rules against their own examples and against every fixture.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use barewire::blob::{Blob, Name, Origin};
use barewire::detector::Detector;
use barewire::finding::Finding;
use barewire::rule::{Expect, RuleSet, builtin_sources};
use barewire::suppress::Suppressor;

use crate::support::template::Expander;

/// Everything that is found in `bytes`, forgiven or not.
fn detect(detector: &Detector, name: &str, bytes: &[u8]) -> Vec<Finding> {
    let name = Name::new(name);
    let blob = Blob::whole(&name, Origin::Tree, bytes);
    let mut findings = detector.detect(&blob);
    Suppressor::default().judge(&blob, &mut findings);
    findings
}

#[test]
fn every_rule_finds_its_examples_and_passes_over_its_counterexamples() {
    let rules = RuleSet::builtin().unwrap();
    let detector = Detector::new(rules.clone());
    let mut wrong = String::new();
    for rule in rules.rules() {
        for (number, example) in rule.tests.iter().enumerate() {
            let bytes = Expander::default().expand(&example.text);
            let found = detect(&detector, "example.txt", &bytes);
            let hit = found.iter().any(|finding| finding.rule.id == rule.id && finding.forgiven.is_none());
            if hit != (example.expect == Expect::Match) {
                writeln!(wrong, "{} test {number}: {:?}: {}", rule.id, example.expect, example.text).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_rule_says_what_it_finds_and_what_to_do() {
    for rule in RuleSet::builtin().unwrap().rules() {
        let id = &rule.id;
        assert!(!rule.description.is_empty() && !rule.description.ends_with('.'), "{id}");
        assert!(rule.impact.ends_with('.'), "{id}");
        assert!(rule.remedy.ends_with('.'), "{id}");
        assert!(rule.reference.starts_with("https://"), "{id}");
        assert!(rule.tests.iter().any(|test| test.expect == Expect::Match), "{id} has no example");
        assert!(rule.tests.iter().any(|test| test.expect == Expect::Miss), "{id} has no counterexample");
    }
}

#[test]
fn a_rule_file_holds_the_one_rule_that_it_is_named_after() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let on_disk: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "toml"))
        .map(|name| format!("rules/{name}"))
        .collect();
    let embedded: BTreeSet<String> = builtin_sources().iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(on_disk, embedded);
    for (file, text) in builtin_sources() {
        let mut set = RuleSet::default();
        // As a foreign file: then every pattern is parsed and every group is counted.
        set.add_file(file, text).unwrap();
        let ids: Vec<String> = set.rules().iter().map(|rule| format!("rules/{}.toml", rule.id)).collect();
        assert_eq!(ids, [*file]);
    }
}

#[test]
fn the_fields_of_a_rule_file_stand_in_one_order() {
    let order = [
        "id",
        "description",
        "regex",
        "path",
        "anchors",
        "keywords",
        "entropy",
        "secretGroup",
        "tags",
        "severity",
        "confidence",
        "part",
        "check",
        "context",
        "jose",
        "impact",
        "remedy",
        "reference",
    ];
    for (file, text) in builtin_sources() {
        let fields: Vec<usize> = text
            .lines()
            .take_while(|line| !line.starts_with("[rules.bind]") && !line.starts_with("[[rules.tests]]"))
            .filter_map(|line| order.iter().position(|field| line.starts_with(&format!("{field} = "))))
            .collect();
        assert!(fields.is_sorted(), "{file}");
    }
}

/// One line a fixture: how often each rule fires, and how often it was forgiven and why.
#[test]
fn every_rule_over_every_fixture() {
    let detector = Detector::new(RuleSet::builtin().unwrap());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut fixtures = Vec::new();
    list(&folder, &mut fixtures);
    fixtures.sort();
    let mut matrix = String::new();
    for fixture in fixtures {
        let name = fixture.strip_prefix(&folder).unwrap().to_str().unwrap().replace('\\', "/");
        let bytes = Expander::default().expand(&std::fs::read_to_string(&fixture).unwrap());
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for finding in detect(&detector, &name, &bytes) {
            let reason =
                finding.forgiven.map(|forgiven| format!(" ({})", forgiven.reason.as_str())).unwrap_or_default();
            *counts.entry(format!("{}{reason}", finding.rule.id)).or_default() += 1;
        }
        writeln!(matrix, "{name}").unwrap();
        for (rule, count) in counts {
            writeln!(matrix, "    {count} {rule}").unwrap();
        }
    }
    insta::assert_snapshot!("fixtures", matrix);
}

fn list(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(&path, files);
        } else {
            files.push(path);
        }
    }
}
