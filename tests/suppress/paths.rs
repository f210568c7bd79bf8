//! What is forgiven at one path is reported at another, in every kind of scan.

use super::{allow, configured, forgiven, paths};
use crate::support::repo::{Report, fed};

#[test]
fn a_value_is_reported_at_the_path_that_does_not_forgive_it() {
    let repo = configured(&allow("paths = ['/docs/']"));
    let line = format!("T={}\n", repo.token());
    repo.file("docs/a.env", &line).file("src/a.env", &line).git(["add", "."]);
    for command in ["staged", "changes", "scan"] {
        let report = repo.report([command]);
        assert_eq!((paths(&report), forgiven(&report, "config-allow")), (vec!["src/a.env".to_owned()], 1), "{command}");
    }
    repo.git(["commit", "-qm", "both"]);
    for args in [&["history"][..], &["history", "--range", "HEAD~1.."], &["history", "--no-story"]] {
        assert_eq!(paths(&repo.report(args)), ["src/a.env"], "{args:?}");
    }
}

#[test]
fn paths_count_from_the_root_wherever_the_scan_is_started() {
    let repo = configured(&allow("paths = ['/docs/']"));
    let line = format!("T={}\n", repo.token());
    repo.commit("docs/x/a.env", &line);
    repo.commit("x/docs/a.env", &line);
    let within = |folder: &str, args: &[&str]| {
        let mut command = repo.program(args);
        command.current_dir(repo.at(folder));
        paths(&Report::of(&mut command))
    };
    assert_eq!(within("docs", &["scan"]), [""; 0]);
    assert_eq!(within("x", &["scan"]), ["docs/a.env"]);
    assert_eq!(within("x", &["scan", "../docs"]), [""; 0]);
    assert_eq!(within("docs/x", &["scan", "a.env", "../../x"]), ["../../x/docs/a.env"]);
    let whole = repo.at("docs").to_str().unwrap().to_owned();
    assert_eq!(within("x", &["scan", &whole]), [""; 0]);
    assert_eq!(within("x", &["history"]), ["x/docs/a.env"]);
    let outside = repo.beside("outside");
    let mut command = outside.program(["history", repo.at(".").to_str().unwrap()]);
    assert_eq!(paths(&Report::of(&mut command)), ["x/docs/a.env"]);
}

#[test]
fn a_folder_outside_of_any_repository_has_a_configuration_of_its_own() {
    let place = crate::support::repo::Repo::folder();
    let line = format!("T={}\n", place.token());
    place.file("f/.barewire.toml", allow("paths = ['/a.env']")).file("f/a.env", &line).file("f/x/a.env", &line);
    assert_eq!(paths(&place.report(["scan", "f"])), ["f/x/a.env"]);
    assert_eq!(paths(&place.report(["scan", "f/a.env"])), ["f/a.env"], "the folder was not asked for");
    assert_eq!(paths(&place.report(["scan"])), ["f/a.env", "f/x/a.env"]);
}

#[test]
fn a_stream_is_judged_by_the_path_that_it_is_given() {
    let repo = configured(&allow("paths = ['/docs/']"));
    let line = format!("T={}\n", repo.token());
    let code = |path: &str| fed(&mut repo.program(["stdin", "--path", path]), line.as_bytes()).code;
    assert_eq!((code("docs/a"), code("src/a")), (0, 1));
    assert_eq!((code("docs/../src/a"), code("src/../docs/a")), (1, 0), "words that lead elsewhere");
    repo.file("src/x", "");
    let within = |path: &str| {
        let mut command = repo.program(["stdin", "--path", path]);
        fed(command.current_dir(repo.at("src")), line.as_bytes()).code
    };
    assert_eq!((within("docs/a"), within("../docs/a")), (1, 0), "it counts from where it was typed");
}

#[cfg(unix)]
#[test]
fn what_was_typed_by_a_link_is_forgiven_where_it_really_is() {
    let repo = configured(&allow("paths = ['/docs/']"));
    let line = format!("T={}\n", repo.token());
    repo.file("docs/a.env", &line).file("src/a.env", &line);
    std::os::unix::fs::symlink("../src", repo.at("docs/link")).unwrap();
    std::os::unix::fs::symlink(".", repo.at("root")).unwrap();
    assert_eq!(paths(&repo.report(["scan", "docs/link"])), ["docs/link/a.env"]);
    assert_eq!(paths(&repo.report(["scan", "docs/link/../src/a.env"])), ["docs/link/../src/a.env"]);
    assert_eq!(paths(&repo.report(["scan", "root/docs"])), [""; 0]);
    let whole = repo.at("root/docs").to_str().unwrap().to_owned();
    assert_eq!(paths(&repo.report(["scan", &whole])), [""; 0]);
}

#[test]
fn a_configuration_that_is_named_counts_from_the_folder_where_there_is_no_repository() {
    let place = crate::support::repo::Repo::folder();
    let line = format!("T={}\n", place.token());
    place.file("c.toml", allow("paths = ['/docs/', '/z.env']")).file("docs/a.env", &line).file("src/a.env", &line);
    place.file("src/z.env", &line);
    let scanned = |path: &str| place.report(["scan", "-c", "c.toml", path]).code();
    assert_eq!((scanned("docs/a.env"), scanned("src/../docs/a.env"), scanned("docs/../src/a.env")), (0, 0, 1));
    let fed = |path: &str| fed(&mut place.program(["stdin", "-c", "c.toml", "--path", path]), line.as_bytes()).code;
    assert_eq!((fed("docs/a.env"), fed("src/../docs/a.env"), fed("docs/../src/a.env")), (0, 0, 1));
    assert_eq!(scanned("src/z.env"), 1);
}

#[test]
fn settings_of_a_repository_do_not_speak_of_another_that_is_scanned_with_it() {
    let repo = configured(&allow("rules = ['signalwire-api-token']"));
    let line = format!("T={}\n", repo.token());
    repo.file("a.env", &line);
    let beside = repo.beside("beside");
    beside.file("b.env", &line);
    let other = beside.at("b.env").to_str().unwrap().to_owned();
    assert_eq!(paths(&repo.report(["scan", ".", &other])), [&*other]);
    assert_eq!(paths(&repo.report(["scan", "-c", ".barewire.toml", ".", &other])), [""; 0]);
    repo.barewire(["baseline", "create", "--no-repo-config", "-b", ".barewire-baseline.json"]);
    repo.file(".barewire.toml", "");
    assert_eq!(paths(&repo.report(["scan", ".", &other])), [&*other]);
    assert_eq!(paths(&repo.report(["scan", "-b", ".barewire-baseline.json", ".", &other])), [""; 0]);
}

#[test]
fn many_paths_are_told_apart_by_many_globs() {
    let globs: Vec<_> = (0..1300).map(|number| format!("'/d{number}/*.env'")).collect();
    let repo = configured(&allow(&format!("paths = [{}]", globs.join(","))));
    let lines: Vec<_> = (0..3).map(|_| format!("signalwire_token={}\n", repo.token())).collect();
    for number in 0..1100 {
        repo.file(format!("d{number}/a.{}", if number % 100 == 0 { "txt" } else { "env" }), lines.concat());
    }
    let report = repo.report(["scan"]);
    let mut reported = paths(&report);
    reported.dedup();
    assert_eq!((reported.len(), forgiven(&report, "config-allow")), (11, 3 * 1089), "{reported:?}");
}

#[test]
fn what_is_moved_out_of_a_forgiven_path_is_new() {
    let repo = configured(&allow("paths = ['/docs/']"));
    repo.commit("docs/a.env", format!("T={}\n", repo.token()));
    repo.file("src/x", "").git(["mv", "docs/a.env", "src/a.env"]);
    assert_eq!(paths(&repo.report(["staged"])), ["src/a.env"]);
    repo.git(["commit", "-qm", "move"]);
    assert_eq!(paths(&repo.report(["history", "--range", "HEAD~1.."])), ["src/a.env"]);
    assert_eq!(paths(&repo.report(["history"])), ["src/a.env"]);
    repo.git(["mv", "src/a.env", "docs/a.env"]);
    repo.git(["commit", "-qm", "and back"]);
    assert_eq!(paths(&repo.report(["history", "--range", "HEAD~2.."])), ["src/a.env"], "though it is gone again");
    assert_eq!(paths(&repo.report(["history", "--range", "HEAD~1.."])), [""; 0]);
}

#[test]
fn a_cache_knows_by_which_settings_it_was_made() {
    let repo = configured("");
    repo.commit("a.env", format!("T={}\n", repo.token()));
    let cache = repo.beside("cache");
    let args = ["history", "--cache", cache.at(".").to_str().unwrap()].map(str::to_owned);
    let found = |config: &str| {
        repo.file(".barewire.toml", config);
        (repo.report(&args), repo.report(&args))
    };
    let (first, second) = found(&allow("rules = ['signalwire-api-token']"));
    assert_eq!((first.code(), second.code(), forgiven(&second, "config-allow")), (0, 0, 1));
    let (first, second) = found(&allow("paths = ['a.env']"));
    assert_eq!((first.code(), second.code()), (0, 0));
    let (first, second) = found(&allow("paths = ['b.env']"));
    assert_eq!((paths(&first), paths(&second)), (vec!["a.env".to_owned()], vec!["a.env".to_owned()]));
}

#[test]
fn the_name_of_a_file_is_forgiven_by_its_whole_path() {
    let repo = configured(&allow("paths = ['/PT*']"));
    let (one, other) = (repo.token(), repo.token());
    repo.commit(&one, "nothing\n");
    assert_eq!(repo.report(["history"]).code(), 0);
    repo.commit(format!("x/{other}"), "nothing\n");
    assert_eq!(repo.report(["history"]).tokens().len(), 1);
}

#[test]
fn a_message_has_no_path() {
    let repo = configured(&allow("paths = ['**']"));
    repo.git(["commit", "-q", "--allow-empty", "-m", &format!("T={}", repo.token())]);
    assert_eq!(repo.report(["history"]).code(), 1);
    assert_eq!(repo.report(["history", "--range", "HEAD~1.."]).code(), 1);
}

#[test]
fn what_is_forgiven_is_listed_if_asked_for() {
    let repo = configured(&allow("paths = ['a.env']\nowner = 'me'"));
    let token = repo.token();
    repo.commit("a.env", format!("T={token}\nU={} # barewire:allow: old\n", repo.token()));
    let text = repo.barewire(["scan", "--show-suppressed"]).stdout;
    assert!(!text.contains(&token), "{text}");
    let masked = regex::Regex::new("PT[0-9a-f]{4}").unwrap().replace_all(&text, "PT....").into_owned();
    let masked = regex::Regex::new(r"\*[0-9a-f]{4}").unwrap().replace_all(&masked, "*....").into_owned();
    insta::assert_snapshot!(masked, @r"
    suppressed: 2 findings
      signalwire-api-token  PT....********.... at a.env:1:3
        = config-allow: .barewire.toml:1: made up (me)
      signalwire-api-token  PT....********.... at a.env:2:3
        = inline-allow: barewire:allow: old
    ");
    let json = repo.report(["scan", "--show-suppressed"]).json;
    let listed = json["suppressed_findings"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0]["suppressed"]["reason"], "config-allow");
    assert!(repo.report(["scan"]).json["suppressed_findings"].is_null());
    let counted = repo.barewire(["history", "--show-suppressed"]).stdout;
    assert!(
        counted.contains("suppressed: 1 finding") && counted.contains("of which only the number is kept"),
        "{counted}"
    );
}

#[test]
fn a_bare_repository_has_no_settings_but_those_that_are_named() {
    let repo = configured(&allow("paths = ['a.env']"));
    repo.commit("a.env", format!("T={}\n", repo.token()));
    let bare = repo.beside("bare");
    repo.git(["clone", "-q", "--bare", ".", bare.at(".").to_str().unwrap()]);
    assert_eq!(paths(&bare.report(["history"])), ["a.env"]);
    let named = repo.at(".barewire.toml");
    assert_eq!(paths(&bare.report(["history", "-c", named.to_str().unwrap()])), [""; 0]);
}

#[test]
fn an_object_that_is_too_large_to_be_held_is_judged_by_its_path_too() {
    let repo = configured(&allow("paths = ['/docs/']"));
    let text = format!("{}T={}\n", "some line of prose that says nothing\n".repeat(1 << 18), repo.token());
    repo.commit("docs/a.txt", &text);
    assert_eq!(paths(&repo.report(["history"])), [""; 0]);
    repo.commit("src/a.txt", &text);
    assert_eq!(paths(&repo.report(["history"])), ["src/a.txt"]);
}
