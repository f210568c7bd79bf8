//! What lists of gitleaks become.

use super::{paths, written};
use crate::support::repo::Repo;

const FILE: &str = ".barewire-baseline.json";

#[test]
fn an_ignore_file_becomes_the_values_that_stand_at_its_places() {
    let repo = Repo::new();
    repo.commit("a.env", format!("T={}\n\nT={}\n", repo.token(), repo.token()));
    repo.file(".gitleaksignore", "# known\na.env:generic-api-key:1\na.env:generic-api-key:2\ngone.env:x:1\n");
    let output = repo.barewire(["baseline", "create", "--from", ".gitleaksignore"]);
    insta::assert_snapshot!(output.stdout, @r"
    .gitleaksignore: 1 of 3 entries name a value that barewire finds
      nothing at a.env:generic-api-key:2
      nothing at gone.env:x:1
    .barewire-baseline.json: 1 entry added, 0 kept, 0 removed
    ");
    assert_eq!(output.code, 0, "{output}");
    let report = repo.report(["scan"]);
    assert_eq!(report.findings()[0]["line"], 3, "{report}");
    assert_eq!(paths(&report).len(), 1);
}

#[test]
fn an_entry_with_a_commit_is_what_that_commit_brought() {
    let repo = Repo::new();
    let first = repo.commit("a.env", format!("T={}\n", repo.token()));
    repo.commit("a.env", format!("T={}\n", repo.token()));
    let missing = "0a".repeat(20);
    repo.file(".gitleaksignore", format!("{first}:a.env:x:1\n{missing}:a.env:x:1\n--all:a.env:x:1\n"));
    let output = repo.barewire(["baseline", "create", "--from", ".gitleaksignore"]);
    assert!(output.stdout.starts_with(".gitleaksignore: 1 of 3 entries"), "{output}");
    assert!(written(&repo).contains("\"scope\": \"history\""));
    assert_eq!(repo.report(["history"]).tokens().len(), 1, "the second value was not listed");
    assert_eq!(repo.report(["scan"]).tokens().len(), 1);
}

#[test]
fn a_report_of_gitleaks_forgives_the_value_that_it_names_and_no_other() {
    let repo = Repo::new();
    let (one, other) = (repo.token(), repo.token());
    repo.file("a.env", format!("T={one}\n")).file("b.env", format!("T={other}\n"));
    let finding = |file: &str, secret: &str| {
        format!(r#"{{"RuleID":"x","File":"{file}","StartLine":1,"EndLine":1,"Commit":"","Secret":"{secret}"}}"#)
    };
    repo.file("../report.json", format!("[{},{}]", finding("a.env", &one), finding("b.env", &one)));
    let create =
        |force: &[&str]| repo.barewire([&["baseline", "create", "--from", "../report.json"], force].concat()).stdout;
    let said = create(&[]);
    assert!(said.contains("1 of 2 entries") && said.contains("nothing at b.env:x:1"), "{said}");
    assert!(!said.contains(&one), "{said}");
    assert_eq!(paths(&repo.report(["scan"])), ["b.env"]);
    repo.file("../report.json", format!("[{}]", finding("b.env", "REDACTED")));
    create(&["--force"]);
    assert_eq!(paths(&repo.report(["scan"])), ["a.env"]);
}

#[test]
fn what_is_no_list_of_gitleaks_is_refused() {
    let repo = Repo::new();
    repo.file("../list", "a:b\n");
    let output = repo.barewire(["baseline", "create", "--from", "../list"]);
    assert_eq!(output.code, 2, "{output}");
    assert!(output.stderr.contains("list: line 1: an entry is FILE:RULE:LINE"), "{output}");
    assert!(!repo.at(FILE).exists());
    let output = repo.barewire(["baseline", "create", "--from", "../none"]);
    assert_eq!(output.code, 2, "{output}");
    assert!(output.stderr.contains("help: --from takes a .gitleaksignore"), "{output}");
}
