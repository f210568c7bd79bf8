//! What is known by its value stays forgiven wherever it goes.

use super::{forgiven, paths, written};
use crate::support::repo::Repo;

const FILE: &str = ".barewire-baseline.json";

/// A repository with one known token in `a.env`, whose baseline is committed.
fn known() -> (Repo, String) {
    let repo = Repo::new();
    let token = repo.token();
    repo.commit("a.env", format!("# top\nT={token}\n"));
    let output = repo.barewire(["baseline", "create"]);
    assert_eq!(
        (output.code, &*output.stdout),
        (0, ".barewire-baseline.json: 1 entry added, 0 kept, 0 removed\n"),
        "{output}"
    );
    repo.git(["add", "-A"]);
    repo.git(["commit", "-qm", "baseline"]);
    (repo, token)
}

/// Commits all, and fails if any scan reports anything before or after.
fn assert_quiet(repo: &Repo, what: &str) {
    repo.git(["add", "-A"]);
    for command in ["scan", "staged", "changes"] {
        let report = repo.report([command]);
        assert_eq!((report.code(), report.findings().len()), (0, 0), "{what}: {command}: {report}");
    }
    repo.git(["commit", "-q", "--allow-empty", "-m", "a change"]);
    for args in [&["history"][..], &["history", "--range", "HEAD~1.."]] {
        let report = repo.report(args);
        assert_eq!((report.code(), report.findings().len()), (0, 0), "{what}: {args:?}: {report}");
    }
    let report = repo.report(["scan"]);
    assert!(forgiven(&report, "baseline") > 0, "{what}: {report}");
}

#[test]
fn a_known_value_may_go_anywhere_and_a_new_one_is_reported() {
    let (repo, token) = known();
    assert_quiet(&repo, "as it was");
    repo.file("a.env", format!("# more\n# lines\n# above\n# top\nT={token}\n"));
    assert_quiet(&repo, "lines above");
    repo.git(["mv", "a.env", "b.env"]);
    assert_quiet(&repo, "renamed");
    repo.file("b.env", "# gone\n").file("src/main.py", format!("client(token='{token}')\n"));
    assert_quiet(&repo, "moved to another file");
    repo.file("src/main.py", format!("if True:\n        client(token='{token}')\n"));
    assert_quiet(&repo, "indented");
    repo.file("src/main.py", format!("if True:\n        client(token=\"{token}\")\n"));
    assert_quiet(&repo, "other quotes");
    repo.git(["reset", "-q", "--soft", "HEAD~4"]);
    assert_quiet(&repo, "squashed");
    repo.git(["checkout", "-q", "-b", "other", "HEAD~2"]);
    repo.commit("c.txt", "nothing\n");
    repo.git(["rebase", "-q", "other", "trunk"]);
    assert_quiet(&repo, "rebased");

    repo.file("src/main.py", format!("if True:\n        client(token=\"{}\")\n", repo.token()));
    repo.git(["add", "-A"]);
    for command in ["scan", "staged", "changes"] {
        assert_eq!(paths(&repo.report([command])), ["src/main.py"], "{command}");
    }
    repo.git(["commit", "-qm", "a new value"]);
    for args in [&["history"][..], &["history", "--range", "HEAD~1.."]] {
        assert_eq!(paths(&repo.report(args)), ["src/main.py"], "{args:?}");
    }
}

#[test]
fn a_baseline_of_a_history_forgives_what_is_gone() {
    let repo = Repo::new();
    repo.commit("a.env", format!("T={}\n", repo.token()));
    repo.commit("a.env", "");
    repo.commit("b.env", format!("T={}\n", repo.token()));
    assert!(repo.barewire(["baseline", "create", "--history"]).stdout.contains("2 entries added"));
    assert_eq!(repo.report(["history"]).code(), 0);
    assert_eq!(repo.report(["scan"]).code(), 0);
    assert_eq!(repo.barewire(["baseline", "check"]).code, 0);
    assert_eq!(repo.report(["history", "--no-repo-config"]).tokens().len(), 2);
}

#[test]
fn a_baseline_of_a_history_stays_one_when_it_is_made_anew() {
    let repo = Repo::new();
    let token = repo.token();
    repo.commit("a.env", format!("T={token}\n"));
    repo.commit("a.env", "T=\n");
    assert_eq!(repo.barewire(["baseline", "create", "--history"]).code, 0);
    let output = repo.barewire(["baseline", "create", "--force"]);
    assert_eq!(&*output.stdout, ".barewire-baseline.json: 0 entries added, 1 kept, 0 removed\n", "{output}");
    assert_eq!(repo.report(["history"]).code(), 0);
}

#[test]
fn a_baseline_is_not_overwritten_and_by_force_it_keeps_what_was_said() {
    let (repo, _) = known();
    let output = repo.barewire(["baseline", "create"]);
    assert_eq!(output.code, 2, "{output}");
    assert!(output.stderr.starts_with("error: .barewire-baseline.json is there already\nhelp: "), "{output}");
    let added = regex::Regex::new("\"added\":\"[0-9-]+\"").unwrap();
    let said = "\"added\":\"2001-01-01\",\"reason\":\"old\",\"expires\":\"2999-01-01\"";
    let text = added.replace(&written(&repo), said).into_owned();
    repo.file(FILE, &text);
    repo.file("b.env", format!("T={}\n", repo.token()));
    let output = repo.barewire(["baseline", "create", "--force", "--reason", "new"]);
    assert_eq!(output.stdout, ".barewire-baseline.json: 1 entry added, 1 kept, 0 removed\n", "{output}");
    let text = written(&repo);
    assert!(text.contains("2001-01-01") && text.contains("\"reason\":\"old\",\"expires\":\"2999-01-01\""), "{text}");
    assert!(text.contains("\"reason\":\"new\""), "{text}");
    assert_eq!(repo.report(["scan"]).code(), 0);
}

#[test]
fn the_file_holds_no_value_and_no_bare_digest_of_a_password() {
    let repo = Repo::new();
    let password = format!("tR4{}", &repo.token()[2..16]);
    repo.file("a.py", format!("signalwire sip_password = '{password}'\nT={}\n", repo.token()));
    repo.barewire(["baseline", "create"]);
    let text = written(&repo);
    let key = blake3::hash(b"signalwire-sip-password");
    let digest = blake3::keyed_hash(key.as_bytes(), password.as_bytes()).to_hex();
    assert!(!text.contains(&digest[..32]) && !text.contains(&password), "{text}");
    assert!(text.contains("\"bw1s:") && text.contains("\"bw1:"), "{text}");
    assert_eq!(repo.report(["scan"]).code(), 0);
    assert_eq!(repo.report(["scan", "--no-repo-config"]).findings().len(), 2);
    std::fs::remove_file(repo.at(FILE)).unwrap();
    repo.barewire(["baseline", "create"]);
    let again = written(&repo);
    let salted = |text: &str| text.lines().find(|line| line.contains("bw1s:")).unwrap()[..40].to_owned();
    assert_ne!(salted(&text), salted(&again), "each file has a salt of its own");
    repo.file("a.py", format!("signalwire sip_password = '{}'\n", ["tR4another", "9value"].concat()));
    assert_eq!(repo.report(["scan"]).code(), 1);
}

#[test]
fn no_report_holds_a_digest_of_what_a_rule_of_the_users_own_finds_if_it_may_be_a_password() {
    let repo = Repo::new();
    let rules =
        "[[rules]]\nid = 'my-pass'\ndescription = 'mine'\nregex = '''mypass=([a-z0-9]+)'''\nkeywords = ['mypass']\n";
    let (short, long) = ("hunter2x", &repo.token()[2..42]);
    repo.file("../my.toml", rules).file("a", format!("mypass={short}\n")).file("b", format!("mypass={long}\n"));
    let digest = |value: &str| {
        blake3::keyed_hash(blake3::hash(b"my-pass").as_bytes(), value.as_bytes()).to_hex()[..32].to_owned()
    };
    for format in ["json", "jsonl", "csv", "sarif", "gitlab", "junit"] {
        let output = repo.barewire(["scan", "--rules", "../my.toml", "-f", format]);
        assert!(!output.stdout.contains(&digest(short)), "{format}: {output}");
        assert!(format != "json" || output.stdout.contains(&digest(long)), "{output}");
    }
}

#[test]
fn nothing_is_found_in_a_large_baseline_and_it_is_always_the_same() {
    let repo = Repo::new();
    let lines: Vec<_> = (0..300).map(|_| format!("signalwire_token={}\n", repo.token())).collect();
    repo.file("a.env", lines.concat());
    assert!(repo.barewire(["baseline", "create"]).stdout.contains("300 entries added"));
    let text = written(&repo);
    assert_eq!(repo.report(["scan"]).findings().len(), 0);
    repo.barewire(["baseline", "create", "--force", "-j", "8"]);
    assert_eq!(written(&repo), text);
    assert_eq!(
        repo.barewire(["baseline", "prune"]).stdout,
        ".barewire-baseline.json: 0 entries removed (0 expired, 0 no longer found), 300 kept\n"
    );
    assert_eq!(written(&repo), text);
}

#[test]
fn branches_that_both_added_something_merge_by_union() {
    let (repo, _) = known();
    repo.commit(".gitattributes", ".barewire-baseline.json merge=union\n");
    let side = |name: &str| {
        repo.git(["checkout", "-q", "-b", name, "trunk"]);
        let lines: Vec<_> = (0..4).map(|_| format!("signalwire_token={}\n", repo.token())).collect();
        repo.file(name, lines.concat());
        repo.barewire(["baseline", "create", "--force"]);
        repo.git(["add", "-A"]);
        repo.git(["commit", "-qm", name]);
    };
    side("one");
    side("two");
    repo.git(["merge", "-q", "-m", "both", "one"]);
    assert_eq!(repo.report(["scan"]).code(), 0);
    let output = repo.barewire(["baseline", "prune"]);
    assert!(output.stdout.contains("0 entries removed") && output.stdout.contains("9 kept"), "{output}");
    assert_eq!(repo.barewire(["baseline", "check"]).code, 0);
}

#[test]
fn an_editor_may_have_marked_the_encoding() {
    let (repo, _) = known();
    repo.file(FILE, format!("\u{FEFF}{}", written(&repo)));
    assert_eq!((repo.report(["scan"]).code(), repo.barewire(["baseline", "check"]).code), (0, 0));
}

#[test]
fn by_force_what_has_expired_is_known_anew() {
    let (repo, _) = known();
    repo.barewire(["baseline", "create", "--force"]);
    let text = written(&repo).replace("\"}", "\",\"expires\":\"2020-01-01\"}");
    repo.file(FILE, text);
    assert_eq!(repo.report(["scan"]).code(), 1);
    let output = repo.barewire(["baseline", "create", "--force", "--expires", "2999-01-01"]);
    assert_eq!(output.stdout, ".barewire-baseline.json: 1 entry added, 0 kept, 1 removed\n", "{output}");
    assert_eq!(repo.report(["scan"]).code(), 0);
}

#[cfg(unix)]
#[test]
fn a_baseline_that_is_named_by_a_link_is_written_where_it_is() {
    let (repo, _) = known();
    std::fs::rename(repo.at(FILE), repo.at("../real.json")).unwrap();
    std::os::unix::fs::symlink("../real.json", repo.at("link.json")).unwrap();
    repo.file("a.env", "");
    let output = repo.barewire(["baseline", "prune", "-b", "link.json"]);
    assert!(output.stdout.contains("1 entry removed"), "{output}");
    assert!(repo.at("link.json").is_symlink());
    assert!(!std::fs::read_to_string(repo.at("../real.json")).unwrap().contains("bw1:"));
}

#[test]
fn a_repository_without_a_working_tree_has_no_place_for_a_baseline() {
    let (repo, _) = known();
    let bare = repo.beside("bare");
    repo.git(["clone", "-q", "--bare", ".", bare.at(".").to_str().unwrap()]);
    for args in [&["create", "--history"][..], &["create"], &["check"], &["prune"]] {
        let output = bare.barewire([&["baseline"], args].concat());
        assert_eq!(output.code, 2, "{output}");
        assert!(output.stderr.contains("without a working tree") && output.stderr.contains("--baseline"), "{output}");
        assert!(!bare.at(FILE).exists());
    }
    let output = bare.barewire(["baseline", "create", "--history", "-b", "../b.json"]);
    assert!(output.stdout.contains("1 entry added"), "{output}");
    assert_eq!(bare.report(["history", "-b", "../b.json"]).code(), 0);
}

#[test]
fn what_is_not_searched_for_is_kept() {
    let (repo, _) = known();
    let rules = "[[rules]]\nid = 'my-key'\ndescription = 'mine'\nregex = '''MYK_[0-9a-f]{32}'''\nkeywords = ['myk_']\n";
    repo.file("../my.toml", rules).file("b.env", format!("K=MYK_{}\n", &repo.token()[2..34]));
    repo.barewire(["baseline", "create", "--force", "--rules", "../my.toml"]);
    let text = written(&repo);
    assert_eq!(text.matches("\"rule\"").count(), 2, "{text}");
    let other = ["--rule", "signalwire-sip-password"];
    for args in [&[][..], &other, &["--rules", "../my.toml"]] {
        for command in ["check", "prune"] {
            let output = repo.barewire([&["baseline", command], args].concat());
            assert_eq!((output.code, written(&repo)), (0, text.clone()), "{command} {args:?}: {output}");
        }
    }
    repo.barewire([&["baseline", "create", "--force"], &other[..]].concat());
    assert_eq!(written(&repo), text);
    assert_eq!(super::notices(&repo.report(["scan"])), [""; 0]);
    assert_eq!(
        repo.barewire(["baseline", "check"]).stdout,
        ".barewire-baseline.json: 1 entry needed; 1 entry not searched for by these --rule and --rules\n"
    );
    repo.file("b.env", "");
    assert!(repo.barewire(["baseline", "prune", "--rules", "../my.toml"]).stdout.contains("1 no longer found"));
}

#[test]
fn what_is_out_of_date_is_told_checked_and_pruned() {
    let (repo, token) = known();
    let other = repo.token();
    repo.file("b.env", format!("T={other}\n"));
    repo.barewire(["baseline", "create", "--force", "--expires", "2020-01-31"]);
    let report = repo.report(["scan"]);
    assert_eq!((paths(&report), super::notices(&report).len()), (vec!["b.env".to_owned()], 1), "{report}");
    repo.file("a.env", "");
    let report = repo.report(["scan"]);
    assert_eq!(
        super::notices(&report),
        [
            ".barewire-baseline.json: 1 entry expired; `barewire baseline prune` removes what has",
            ".barewire-baseline.json: 1 entry not found by this scan; `barewire baseline prune` removes what none finds",
        ]
    );
    assert_eq!(super::notices(&repo.report(["scan", "b.env"])).len(), 1, "a part tells nothing of the rest");
    let output = repo.barewire(["baseline", "check"]);
    assert_eq!((output.code, output.stdout.lines().count()), (1, 2), "{output}");
    let output = repo.barewire(["baseline", "prune"]);
    assert_eq!(output.stdout, ".barewire-baseline.json: 2 entries removed (1 expired, 1 no longer found), 0 kept\n");
    let output = repo.barewire(["baseline", "check"]);
    assert_eq!((output.code, &*output.stdout), (0, ".barewire-baseline.json: 0 entries needed\n"));
    repo.file("a.env", format!("T={token}\n"));
    assert_eq!(paths(&repo.report(["scan"])), ["a.env", "b.env"]);
}

#[test]
fn nothing_is_pruned_where_not_all_could_be_scanned() {
    let (repo, _) = known();
    repo.file("a.env", "").file("large.txt", "x".repeat(5_000));
    let text = written(&repo);
    let output = repo.barewire(["baseline", "prune", "--max-file-size", "1kb"]);
    assert_eq!(output.code, 3, "{output}");
    assert_eq!(written(&repo), text);
    assert_eq!(repo.barewire(["baseline", "check", "--max-file-size", "1kb"]).code, 3);
}

#[test]
fn lines_of_a_merge_are_understood_and_put_in_order() {
    let (repo, _) = known();
    repo.file("b.env", format!("T={}\n", repo.token()));
    repo.barewire(["baseline", "create", "--force"]);
    let text = written(&repo);
    let lines: Vec<&str> = text.lines().collect();
    let [first, second] = [5, 6].map(|at| lines[at].trim_end_matches(','));
    let both = format!(
        "{}\n",
        [&lines[..5], &[&format!("{second},"), &format!("{first},"), second], &lines[7..]].concat().join("\n")
    );
    repo.file(FILE, &both);
    assert_eq!(repo.report(["scan"]).code(), 0);
    let output = repo.barewire(["baseline", "check"]);
    assert_eq!(output.code, 1, "{output}");
    assert_eq!(repo.barewire(["baseline", "prune"]).code, 0);
    assert_eq!(written(&repo), text);
}

#[test]
fn a_conflict_of_a_merge_is_an_error_with_its_line_and_nothing_is_scanned() {
    let (repo, _) = known();
    let text = written(&repo).replace("\"entries\": [\n", "\"entries\": [\n<<<<<<< HEAD\n=======\n>>>>>>> other\n");
    repo.file(FILE, &text);
    for command in ["scan", "history", "staged", "changes", "stdin"] {
        let output = repo.barewire([command]);
        assert_eq!((output.code, &*output.stdout), (2, ""), "{command}: {output}");
    }
    insta::assert_snapshot!(repo.barewire(["scan"]).stderr, @r"
    error: .barewire-baseline.json:6: a merge left a conflict here
    help: keep the lines of both sides, without the marks, and run `barewire baseline prune`
    ");
    assert_eq!(repo.barewire(["scan", "--no-repo-config"]).code, 1);
    assert_eq!(repo.barewire(["baseline", "check"]).code, 2);
    repo.file(FILE, "{\n\"version\": 9\n}\n");
    insta::assert_snapshot!(repo.barewire(["scan"]).stderr, @r"
    error: .barewire-baseline.json:1: this baseline has version 9, and only version 1 is understood
    help: use the version of barewire that wrote it, or a later one
    ");
}

#[test]
fn a_baseline_that_is_named_is_used_and_has_to_be_there() {
    let (repo, _) = known();
    repo.git(["mv", FILE, "other.json"]);
    assert_eq!(repo.barewire(["scan"]).code, 1);
    assert_eq!(repo.barewire(["scan", "-b", "other.json", "--no-repo-config"]).code, 0);
    assert_eq!(repo.barewire(["scan", "-b", "none.json"]).code, 2);
    assert_eq!(repo.barewire(["baseline", "check"]).code, 2);
}

#[test]
fn a_baseline_made_in_a_subfolder_is_that_of_the_repository() {
    let repo = Repo::new();
    repo.commit("x/a.env", format!("T={}\n", repo.token()));
    repo.commit("b.env", format!("T={}\n", repo.token()));
    let mut command = repo.program(["baseline", "create"]);
    let output = command.current_dir(repo.at("x")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = written(&repo);
    assert!(text.contains("\"path\":\"x/a.env\"") && text.contains("\"path\":\"b.env\""), "{text}");
}
