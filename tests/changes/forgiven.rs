//! What is forgiven at one place is found where nothing forgives it.

use super::place::{Place, Scanned};

const RULES: &str = r#"
[[rules]]
id = "own"
regex = 'own_[0-9a-f]{20}'
[[rules.allowlists]]
paths = ['^docs/']
[[rules]]
id = "env"
regex = 'env_[0-9a-f]{20}'
path = '\.env$'
"#;

/// A repository beside a file of rules: one forgives what lies below `docs`, the other looks at `.env` alone.
fn place() -> Place {
    let place = Place::repository();
    place.file("../rules.toml", RULES);
    place.commit("start", "");
    place
}

fn run(place: &Place, args: &[&str]) -> Scanned {
    place.run("", &[args, &["--rules", "../rules.toml"]].concat())
}

const SECRET: &str = "own_{same:own=hex:20}\n";

#[test]
fn a_copy_within_a_range_is_judged_where_it_lies() {
    let place = place();
    place.commit("docs/a", SECRET);
    place.commit("src/a", "own_{same:own}\n").commit("src/a", "");
    assert_eq!(run(&place, &["history", "--range", "HEAD~3.."]).sound(), ["src/a:1 blob"]);
    place.git(&["checkout", "-q", "--orphan", "other", "HEAD~3"]);
    place.file("docs/b", "own_{same:own}\n").file("docs/c", "own_{same:own}\n").commit("z", "own_{same:own}\n");
    assert_eq!(run(&place, &["history", "--range", "HEAD"]).sound(), ["z:1 blob"], "in one commit");
}

#[test]
fn a_rule_for_some_paths_sees_a_copy_at_such_a_path() {
    let place = place();
    place.commit("a.txt", "env_{same:env=hex:20}\n").commit("b.env", "env_{same:env}\n");
    assert_eq!(run(&place, &["history", "--range", "HEAD~2.."]).sound(), ["b.env:1 blob"]);
}

#[test]
fn two_staged_files_of_one_content_are_judged_each() {
    let place = place();
    place.file("docs/a", SECRET).file("src/a", "own_{same:own}\n").git(&["add", "."]);
    assert_eq!(run(&place, &["staged"]).sound(), ["src/a:1 index"]);
}

#[test]
fn a_copy_of_what_was_forgiven_by_its_path_is_new() {
    for copied in ["own_{same:own}\n", "edited\nown_{same:own}\n"] {
        let place = place();
        place.commit("docs/a", SECRET);
        place.file("src/a", copied).git(&["add", "."]);
        assert_eq!(run(&place, &["staged"]).secrets().len(), 1, "{copied}");
        assert_eq!(run(&place, &["changes"]).secrets().len(), 1, "{copied}");
        place.git(&["rm", "-q", "docs/a"]);
        assert_eq!(run(&place, &["staged"]).secrets().len(), 1, "{copied}: moved");
        place.git(&["commit", "-qm", "moved"]);
        assert_eq!(run(&place, &["history", "--range", "HEAD~1.."]).secrets().len(), 1, "{copied}");
        place.commit("lib/a", copied);
        assert_eq!(run(&place, &["history", "--range", "HEAD~1.."]).sound(), [""; 0], "{copied}: known by now");
    }
}

#[test]
fn what_lay_at_a_forgiven_path_and_at_another_is_old() {
    let place = place();
    place.file("docs/a", SECRET).commit("lib/a", "own_{same:own}\n");
    place.file("src/a", "own_{same:own}\n").git(&["add", "."]);
    assert_eq!(run(&place, &["staged"]).sound(), [""; 0]);
    place.git(&["rm", "-q", "docs/a"]);
    assert_eq!(run(&place, &["staged"]).sound(), [""; 0]);
    place.git(&["commit", "-qm", "moved"]);
    assert_eq!(run(&place, &["history", "--range", "HEAD~1.."]).sound(), [""; 0]);
    place.git(&["checkout", "-q", "-b", "other", "HEAD~1"]);
    place.commit("src/a", "own_{same:own}\n");
    assert_eq!(run(&place, &["history", "--range", "HEAD~1.."]).sound(), [""; 0], "elsewhere in the base");
}

#[test]
fn folders_of_one_content_are_told_apart() {
    let place = place();
    place.file("docs/x/a", SECRET).commit("lib/x/a", "own_{same:own}\n");
    place.commit("src/a", "own_{same:own}\n");
    assert_eq!(run(&place, &["history", "--range", "HEAD~1.."]).sound(), [""; 0]);
}

#[test]
fn a_comment_that_is_taken_away_forgives_no_more_and_one_that_stays_is_no_news() {
    let place = place();
    place.commit("a.env", "A=PT{same:a=hex:48} # barewire:allow\n");
    place.file("a.env", "B=1\nA=PT{same:a} # barewire:allow\n").git(&["add", "."]);
    let scanned = run(&place, &["staged"]);
    assert_eq!((scanned.sound(), &scanned.report["suppressed"]), (vec![], &serde_json::json!({})));
    place.file("a.env", "A=PT{same:a}\n").git(&["add", "."]);
    assert_eq!(run(&place, &["staged"]).sound(), ["a.env:1 index"]);
}
