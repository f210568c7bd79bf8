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
fn its_keyword_may_be_anywhere_where_a_match_has_no_longest_length() {
    let rule = RULE.replace("NW_KEY", "elsewhere") + "\n[rules.context]\nany = [\"signalwire\"]\n";
    let text = |word: &str| format!("signalwire {word}\n{}\nnw_key = \"abcd-{{alnum:20}}\"", "x y\n".repeat(600));
    for (word, code) in [("elsewhere", 1), ("", 0)] {
        let run = Run::new().bytes("own.toml", rule.as_bytes()).file("a.txt", &text(word));
        let output = run.args(["scan", "--rules", "own.toml", "a.txt"]).run();
        assert_eq!(output.code, code, "{output}");
    }
}

#[test]
fn its_keyword_may_be_as_far_away_as_a_match_can_be_long() {
    let rule = "[[rules]]\nid = \"long\"\ndescription = \"long\"\nregex = 'nw_key=[a-z0-9]{20,4000}'\n\
        keywords = [\"elsewhere\"]\n[rules.context]\nany = [\"signalwire\"]\n";
    for (lines, code) in [(800, 1), (2000, 0)] {
        let text = format!("signalwire elsewhere\n{}nw_key={{hex:20}}\n", "x y\n".repeat(lines));
        let run = Run::new().bytes("own.toml", rule.as_bytes()).file("a.txt", &text);
        let output = run.args(["scan", "--rules", "own.toml", "--rule", "long", "a.txt"]).run();
        assert_eq!(output.code, code, "{lines}: {output}");
    }
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

/// What the program says of a rule file that holds `rules`, after `own.toml:`.
fn complaint(rules: &str) -> String {
    let run = Run::new().bytes("own.toml", rules.as_bytes()).file("a.txt", "nothing");
    let output = run.args(["scan", "--rules", "own.toml", "a.txt"]).run();
    assert_eq!(output.code, 2, "{output}");
    let said = output.stderr.strip_prefix("error: own.toml:").unwrap_or_else(|| panic!("{output}"));
    said.trim_end().to_owned()
}

#[test]
fn a_pattern_that_is_too_large_is_an_error_with_its_place() {
    for field in ["regex", "path"] {
        let rules = format!("[[rules]]\nid = \"own\"\n{field} = '([a-z]{{1000}}){{1000}}'\n");
        let place = 2 + field.len() + 2;
        let words = format!("3:{place}: this pattern is too large: it takes more than 64 MiB when compiled");
        assert_eq!(complaint(&rules), words);
    }
    let list = "[[rules]]\nid = \"own\"\nregex = 'a'\n[[rules.allowlists]]\npaths = ['([a-z]{1000}){1000}']\n";
    assert!(complaint(list).starts_with("5:10: this pattern is too large"));
}

#[test]
fn a_built_in_rule_is_not_replaced() {
    let rules = "[[rules]]\nid = \"signalwire-api-token\"\nregex = 'nothing-at-all'\n";
    assert_eq!(complaint(rules), "2:6: rule signalwire-api-token is a built-in one and stays; give yours another id");
}

#[test]
fn an_id_is_in_one_file_once_and_a_later_file_replaces_it() {
    let rule = |regex: &str| format!("[[rules]]\nid = \"own\"\nregex = '{regex}'\n");
    assert_eq!(complaint(&[rule("a"), rule("b")].concat()), "5:6: rule own is in this file twice");
    let run = Run::new().file("1.toml", &rule("one-[0-9]{4}")).file("2.toml", &rule("two-[0-9]{4}"));
    let run = run.file("a.txt", "one-1742").file("b.txt", "two-1742");
    let output = run.args(["scan", "--rules", "1.toml", "--rules", "2.toml", "a.txt", "b.txt"]).run();
    assert!(output.stdout.contains(" --> b.txt:1:1") && !output.stdout.contains("a.txt"), "{output}");
}
