//! What is said of a configuration, right or wrong.

use super::{allow, configured, forgiven, notices, paths};
use crate::support::repo::Repo;

/// What the program says of `.barewire.toml`, and how it ends.
fn said(config: &str) -> String {
    let repo = configured(config);
    repo.file("a.env", format!("T={}\n", repo.token()));
    let output = repo.barewire(["scan"]);
    assert!(output.stdout.is_empty(), "{output}");
    format!("{}exit code {}", output.stderr, output.code)
}

#[test]
fn a_broken_configuration_is_an_error_with_its_place_and_nothing_is_scanned() {
    insta::assert_snapshot!(said("[[allow]]\nreason = 'x'\npath = ['a']\n"), @r"
    error: .barewire.toml:3:1: unknown field `path`, expected one of `paths`, `rules`, `fingerprints`, `reason`, `owner`, `expires`
    help: mend the entry; the README says what can stand there. Nothing was scanned
    exit code 2
    ");
    insta::assert_snapshot!(said("[[allow]]\nreason = 'x'\npaths = ['a', 'b[']\n"), @r"
    error: .barewire.toml:3:15: this glob does not parse: unclosed character class; missing ']'
    help: mend the entry; the README says what can stand there. Nothing was scanned
    exit code 2
    ");
    insta::assert_snapshot!(said("[[allow]]\nreason = 'x'\nrules = ['a']\nexpires = 2027-02-30\n"), @r"
    error: .barewire.toml:4:11: invalid date, expected day between 01 and 28
    help: mend the entry; the README says what can stand there. Nothing was scanned
    exit code 2
    ");
    insta::assert_snapshot!(said("[[allow]\nreason = 'x'\n"), @r"
    error: .barewire.toml:1:9: unclosed array table, expected `]`
    help: mend the entry; the README says what can stand there. Nothing was scanned
    exit code 2
    ");
    insta::assert_snapshot!(said("[[allow]]\nrules = ['a']\n"), @r"
    error: .barewire.toml:1:1: this entry needs a `reason`: why what it allows is no leak
    help: mend the entry; the README says what can stand there. Nothing was scanned
    exit code 2
    ");
}

#[test]
fn an_entry_that_has_expired_forgives_nothing_and_says_so() {
    let repo = configured(&allow("paths = ['a.env']\nexpires = 2020-01-31"));
    repo.commit("a.env", format!("T={}\n", repo.token()));
    for command in [&["scan"][..], &["history"], &["history", "--range", "HEAD~1.."], &["staged"]] {
        let report = repo.report(command);
        assert_eq!(paths(&report).len(), usize::from(command != ["staged"]), "{command:?}: {report}");
        assert_eq!(
            notices(&report),
            [
                ".barewire.toml:1: this entry expired on 2020-01-31 and forgives nothing any more; remove it, or give it a later day"
            ],
            "{command:?}"
        );
    }
    insta::assert_snapshot!(repo.barewire(["scan", "a.env"]).stderr.lines().next().unwrap(), @"warning: .barewire.toml:1: this entry expired on 2020-01-31 and forgives nothing any more; remove it, or give it a later day");
}

#[test]
fn an_entry_that_nothing_needs_is_told_of_by_a_scan_of_the_whole_alone() {
    let repo = configured(&allow("paths = ['gone.env']"));
    repo.commit("a.txt", "nothing\n");
    for (args, told) in [
        (&["scan"][..], 1),
        (&["history"], 1),
        (&["scan", "a.txt"], 0),
        (&["scan", "--exclude", "b"], 0),
        (&["scan", "--rule", "signalwire-api-token"], 0),
        (&["history", "--exclude", "b"], 0),
        (&["history", "--range", "HEAD~1.."], 0),
        (&["staged"], 0),
        (&["changes"], 0),
    ] {
        assert_eq!(notices(&repo.report(args)).len(), told, "{args:?}");
    }
}

#[test]
fn an_entry_for_everything_and_one_for_an_unknown_rule_are_told_of() {
    let repo = configured(&format!("{}{}", allow("paths = ['**']"), allow("rules = ['no-such-rule']")));
    repo.file("a.env", format!("T={}\n", repo.token()));
    let report = repo.report(["scan", "a.env"]);
    assert_eq!((report.code(), forgiven(&report, "config-allow")), (0, 1));
    assert_eq!(
        notices(&report),
        [
            ".barewire.toml:1: this entry forgives whatever is found in files",
            ".barewire.toml:4: no rule is called `no-such-rule` here; see `barewire rules list`",
        ]
    );
}

#[test]
fn all_criteria_of_an_entry_must_be_met() {
    let repo = Repo::new();
    let (one, other) = (repo.token(), repo.token());
    repo.file("a.env", format!("T={one}\n")).file("b.env", format!("T={one}\nU={other}\n"));
    let fingerprint = repo.report(["scan", "a.env"]).findings()[0]["fingerprint"].as_str().unwrap().to_owned();
    let left = |criteria: &str| {
        repo.file(".barewire.toml", allow(criteria));
        paths(&repo.report(["scan"]))
    };
    let of_value = format!("fingerprints = ['{fingerprint}']");
    assert_eq!(left(&of_value), ["b.env"]);
    assert_eq!(left(&format!("{of_value}\npaths = ['b.env']")), ["a.env", "b.env"]);
    assert_eq!(left(&format!("{of_value}\nrules = ['signalwire-basic-auth']")), ["a.env", "b.env", "b.env"]);
    assert_eq!(left("rules = ['signalwire-api-token']"), [""; 0]);
    assert_eq!(left("rules = ['signalwire-api-token']\npaths = ['/b.env']"), ["a.env"]);
}

#[test]
fn a_fingerprint_of_a_password_does_not_count_and_that_is_said() {
    let repo = Repo::new();
    let password = format!("tR4{}", &repo.token()[2..16]);
    repo.file("a.py", format!("signalwire sip_password = '{password}'\n"));
    let key = blake3::hash(b"signalwire-sip-password");
    let digest = blake3::keyed_hash(key.as_bytes(), password.as_bytes()).to_hex();
    repo.file(".barewire.toml", allow(&format!("fingerprints = ['bw1:{}']", &digest[..32])));
    let report = repo.report(["scan"]);
    assert_eq!(report.findings().len(), 1, "{report}");
    assert!(notices(&report)[0].contains("is that of a password"), "{report}");
}

#[test]
fn a_configuration_that_is_named_takes_the_place_of_that_of_the_repository() {
    let repo = configured(&allow("paths = ['a.env']"));
    repo.commit("a.env", format!("T={}\n", repo.token()));
    repo.commit("b.env", format!("T={}\n", repo.token()));
    repo.file("other.toml", allow("paths = ['b.env']"));
    assert_eq!(paths(&repo.report(["scan"])), ["b.env"]);
    assert_eq!(paths(&repo.report(["scan", "-c", "other.toml"])), ["a.env"]);
    assert_eq!(paths(&repo.report(["scan", "--no-repo-config"])), ["a.env", "b.env"]);
    assert_eq!(paths(&repo.report(["scan", "--no-repo-config", "-c", "other.toml"])), ["a.env"]);
    let by_variable = |args: &[&str]| {
        let mut command = repo.program(args);
        command.env("BAREWIRE_CONFIG", "other.toml");
        paths(&crate::support::repo::Report::of(&mut command))
    };
    assert_eq!(by_variable(&["scan"]), ["a.env"]);
    assert_eq!(by_variable(&["scan", "-c", ".barewire.toml"]), ["b.env"]);
    let output = repo.barewire(["scan", "-c", "none.toml"]);
    assert_eq!(output.code, 2, "{output}");
    assert!(output.stderr.starts_with("error: none.toml: "), "{output}");
}

#[test]
fn a_file_of_rules_is_told_from_a_configuration() {
    let repo = configured("");
    repo.file("../gitleaks.toml", "title = 'x'\n[[rules]]\nid = 'a'\nregex = 'x'\n");
    let output = repo.barewire(["scan", "-c", "../gitleaks.toml"]);
    assert_eq!(output.code, 2, "{output}");
    assert!(output.stderr.contains("help: rules are added with --rules"), "{output}");
}

#[test]
fn a_pull_request_that_allows_everything_is_caught_without_its_configuration() {
    let repo = Repo::new();
    repo.commit("a.txt", "nothing\n");
    repo.file(".barewire.toml", allow("paths = ['**']"));
    repo.file("a.env", format!("T={} # barewire:allow\n", repo.token())).git(["add", "."]);
    repo.git(["commit", "-qm", "a pull request"]);
    let range = ["history", "--range", "HEAD~1.."];
    assert_eq!(repo.report(range).code(), 0);
    assert_eq!(repo.report([&range[..], &["--no-repo-config"]].concat()).code(), 0, "the comment counts");
    let report = repo.report([&range[..], &["--no-repo-config", "--no-inline-allow"]].concat());
    assert_eq!((report.code(), paths(&report)), (1, vec!["a.env".to_owned()]));
}

#[cfg(unix)]
#[test]
fn a_configuration_that_is_no_file_is_not_opened() {
    let repo = Repo::new();
    repo.commit("a.txt", "nothing\n");
    repo.file("../real.toml", "");
    std::os::unix::fs::symlink("../real.toml", repo.at(".barewire.toml")).unwrap();
    let output = repo.barewire(["scan"]);
    assert_eq!(output.code, 2, "{output}");
    insta::assert_snapshot!(output.stderr, @r"
    error: .barewire.toml: it is no regular file, and so it is not opened
    help: name another file with --config or --baseline, or go without those of the repository by --no-repo-config
    ");
    assert_eq!(repo.barewire(["scan", "--no-repo-config"]).code, 0);
    assert_eq!(repo.barewire(["scan", "-c", ".barewire.toml"]).code, 0, "it was named");
}
