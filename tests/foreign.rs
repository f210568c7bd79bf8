//! Rules of the user's own, in the format of gitleaks.

use crate::support::Run;

/// A rule with everything that the format has and barewire reads.
const RULE: &str = r#"
title = "of our own"

[[rules]]
id = "northwind-key"
description = "Northwind key"
regex = '''nw_key\s*=\s*"([a-z]{4})-([0-9a-zA-Z]{20})"'''
secretGroup = 2
entropy = 3.0
keywords = ["NW_KEY"]
tags = ["northwind"]

[[rules.allowlists]]
description = "the key of the manual"
regexes = ['''^manual''']

[[rules.allowlists]]
condition = "AND"
paths = ['''(^|/)docs/''']
stopwords = ["SAMPLE"]
"#;

fn scan(files: &[(&str, &str)]) -> Run {
    let run = Run::new().bytes("rules/own.toml", RULE.as_bytes());
    let run = files.iter().fold(run, |run, (name, text)| run.file(name, text));
    run.args(["scan", "--rules", "rules/own.toml", "--exclude", "rules"])
}

#[test]
fn a_rule_of_the_user_runs_beside_the_built_in_ones() {
    let output = scan(&[("a.txt", "nw_key = \"abcd-{alnum:20}\"\nPT{hex:48}")]).run();
    assert_eq!(output.code, 1, "{output}");
    assert!(output.stdout.contains("[northwind-key]"), "{output}");
    assert!(output.stdout.contains("[signalwire-api-token]"), "{output}");
    assert!(output.stdout.contains("--> a.txt:1:16"), "the secret is the second group: {output}");
}

#[test]
fn its_keyword_is_needed_in_any_case() {
    // The pattern alone would match, but it is case-sensitive, and so the keyword is what is missing here.
    let rule = RULE.replace("NW_KEY", "elsewhere");
    let run = Run::new().bytes("own.toml", rule.as_bytes()).file("a.txt", "nw_key = \"abcd-{alnum:20}\"");
    assert_eq!(run.args(["scan", "--rules", "own.toml", "a.txt"]).run().code, 0);
}

#[test]
fn its_entropy_is_a_least_measure() {
    assert_eq!(scan(&[("a.txt", "nw_key = \"abcd-aaaaaaaaaabbbbbbbbbb\"")]).run().code, 0);
}

#[test]
fn its_allowlists_forgive_and_are_counted() {
    let output = scan(&[("a.txt", "nw_key = \"abcd-manual0a1B2c3D4e5F6g\"")]).run();
    assert_eq!(output.code, 0, "{output}");
    assert!(output.stderr.contains("1 allowlist"), "{output}");

    let both = scan(&[("docs/a.txt", "nw_key = \"abcd-SAMPLE0a1B2c3D4e5F6g\"")]).run();
    assert_eq!(both.code, 0, "{both}");
    let one = scan(&[("src/a.txt", "nw_key = \"abcd-SAMPLE0a1B2c3D4e5F6g\"")]).run();
    assert_eq!(one.code, 1, "AND asks for both criteria: {one}");
}

#[test]
fn a_field_that_is_not_known_is_an_error_with_its_place() {
    let rule = RULE.replace("tags =", "validate =");
    let run = Run::new().bytes("own.toml", rule.as_bytes()).file("a.txt", "nothing");
    let output = run.args(["scan", "--rules", "own.toml", "a.txt"]).run();
    assert_eq!(output.code, 2, "{output}");
    assert!(output.stderr.contains("own.toml:11:1"), "{output}");
    assert!(output.stderr.contains("validate"), "{output}");
}

#[test]
fn a_group_that_the_pattern_does_not_have_is_an_error() {
    let rule = RULE.replace("secretGroup = 2", "secretGroup = 3");
    let run = Run::new().bytes("own.toml", rule.as_bytes()).file("a.txt", "nothing");
    let output = run.args(["scan", "--rules", "own.toml", "a.txt"]).run();
    assert_eq!(output.code, 2, "{output}");
    assert!(output.stderr.contains("own.toml:8:15"), "{output}");
}
