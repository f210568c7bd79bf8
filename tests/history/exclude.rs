//! What `--exclude` leaves out of a history, and what it does not.

use crate::support::repo::Repo;

/// What is reported with these patterns.
fn tokens(repo: &Repo, patterns: &[&str]) -> Vec<String> {
    let report = repo.report(args(patterns));
    assert!(report.is_complete(), "{report}");
    assert_eq!(report.code(), i32::from(!report.tokens().is_empty()), "{report}");
    report.tokens()
}

fn args<'a>(patterns: &[&'a str]) -> Vec<&'a str> {
    ["history"].into_iter().chain(patterns.iter().flat_map(|pattern| ["--exclude", *pattern])).collect()
}

#[test]
fn a_value_at_excluded_paths_alone_is_not_reported() {
    let repo = Repo::new();
    let (one, two, three) = (repo.token(), repo.token(), repo.token());
    repo.file("vendor/deep/a.js", format!("x={one}\n")).file("b.min.js", format!("x={two}\n"));
    repo.git(["add", "."]);
    repo.commit("docs/c", format!("x={three}\n"));
    repo.git(["rm", "-q", "-r", "vendor", "b.min.js"]);
    repo.git(["commit", "-q", "-m", "gone"]);
    let all = [format!("b.min.js {two}"), format!("docs/c {three}"), format!("vendor/deep/a.js {one}")];
    assert_eq!(tokens(&repo, &[]), all);
    for (patterns, left) in [
        (&["vendor"][..], &[0, 1][..]),
        (&["vendor/"], &[0, 1]),
        (&["./vendor"], &[0, 1]),
        (&["vendor/**"], &[0, 1]),
        (&["deep"], &[0, 1]),
        (&["/deep"], &[0, 1, 2]),
        (&["*.js"], &[1]),
        (&["b.min.js/"], &[0, 1, 2]),
        (&["vendor", "*.js", "docs/c"], &[]),
    ] {
        let left: Vec<_> = left.iter().map(|&at: &usize| all[at].clone()).collect();
        assert_eq!(tokens(&repo, patterns), left, "{patterns:?}");
    }
    std::fs::create_dir_all(repo.at("docs")).unwrap();
    let mut command = repo.program(args(&["/vendor", "./docs"]));
    let report = crate::support::repo::Report::of(command.current_dir(repo.at("docs")));
    assert_eq!(report.tokens(), [all[0].clone()], "from a folder inside");
}

#[test]
fn a_value_that_also_lies_elsewhere_is_reported_there() {
    let repo = Repo::new();
    let token = repo.token();
    repo.commit("a/vendor/x", format!("x={token}\n"));
    let second = repo.commit("src/x", format!("# the same\nx={token}\n"));
    let report = repo.report(args(&["vendor"]));
    assert_eq!(report.tokens(), [format!("src/x {token}")], "{report}");
    let finding = &report.findings()[0];
    assert_eq!((&finding["line"], &finding["commit"]), (&2.into(), &second.clone().into()), "{report}");
    assert_eq!(finding["story"]["first"]["commit"], *second, "{report}");
    repo.commit("same", format!("x={token}\n"));
    assert_eq!(tokens(&repo, &["vendor", "src"]), [format!("same {token}")], "the very same object");
}

#[test]
fn what_is_no_file_is_not_excluded() {
    let repo = Repo::new();
    let (message, tag, branch) = (repo.token(), repo.token(), repo.token());
    repo.git(["commit", "-q", "--allow-empty", "-m", &message]);
    repo.git(["tag", "-a", "v1", "-m", &tag]);
    repo.git(["branch", &branch]);
    repo.git(["update-ref", "refs/blobs/one", &repo.blob(format!("x={}\n", repo.token()))]);
    assert_eq!(tokens(&repo, &[]).len(), 4);
    assert_eq!(tokens(&repo, &["*", "**", "/refs", "refs/**"]), tokens(&repo, &[]));
}

#[test]
fn the_names_of_excluded_files_and_folders_are_excluded() {
    let repo = Repo::new();
    let (file, folder, inner) = (repo.token(), repo.token(), repo.token());
    repo.commit(format!("one/f-{file}.env"), "");
    repo.commit(format!("two/{folder}/x"), "");
    repo.commit(format!("three/{folder}/{inner}/x"), "");
    assert_eq!(tokens(&repo, &[]).len(), 4);
    assert_eq!(tokens(&repo, &["f-*"]).len(), 3);
    assert_eq!(tokens(&repo, &["one", "/two/*/"]).len(), 2, "a pattern of folders");
    assert_eq!(tokens(&repo, &["one", "/two/", "three/*/*/"]).len(), 1, "the outer of two folders");
    assert_eq!(tokens(&repo, &["one", "/two/*/", "three"]), [""; 0]);
}

#[test]
fn what_lies_in_an_index_alone_is_excluded_by_its_path() {
    let repo = Repo::new();
    repo.commit("a", "");
    let (one, two) = (repo.token(), repo.token());
    repo.file("vendor/x", format!("x={one}\n")).file("b", format!("x={two}\n")).git(["add", "."]);
    assert_eq!(tokens(&repo, &["vendor/"]), [format!("b {two}")]);
    assert_eq!(tokens(&repo, &["vendor/", "b"]), [""; 0]);
}

#[test]
fn what_a_credential_is_joined_with_is_excluded_too() {
    let repo = Repo::new();
    let (token, project) = (repo.token(), repo.project());
    let text = format!("SIGNALWIRE_PROJECT_ID={project}\nSIGNALWIRE_TOKEN={token}\n");
    repo.commit("vendor/a.env", &text);
    let report = repo.report(args(&["vendor"]));
    let (findings, credentials) = (report.findings().len(), report.json["credentials"].as_array().unwrap().len());
    assert_eq!((report.code(), findings, credentials), (0, 0, 0), "{report}");
}

#[test]
fn what_cannot_be_read_at_excluded_paths_alone_is_no_gap() {
    let repo = Repo::new();
    let large = |letter: &str| letter.repeat(3000);
    repo.file("vendor/large", large("a")).file("both", large("b")).file("vendor/both", large("b"));
    repo.git(["add", "."]);
    repo.commit("vendor/damaged", (0..300).map(|number| number.to_string()).collect::<String>());
    let damaged = repo.loose(&repo.git(["rev-parse", "HEAD:vendor/damaged"]));
    let bytes = std::fs::read(&damaged).unwrap();
    std::fs::remove_file(&damaged).unwrap();
    std::fs::write(&damaged, &bytes[..bytes.len() / 2]).unwrap();
    let problems = |patterns: &[&'static str]| {
        repo.report(args(patterns).into_iter().chain(["--max-file-size", "2000"])).problems().join("\n")
    };
    let said = problems(&[]);
    assert!(["vendor/large", "vendor/damaged", "both"].iter().all(|name| said.contains(name)), "{said}");
    let said = problems(&["vendor"]);
    assert!(said.contains("both") && !said.contains("vendor"), "{said}");
    assert_eq!(problems(&["vendor", "both"]), "");
}

#[test]
fn what_is_missing_is_a_gap_wherever_it_lay() {
    let repo = Repo::new();
    repo.commit("vendor/a", "a\n");
    std::fs::remove_file(repo.loose(&repo.git(["rev-parse", "HEAD:vendor/a"]))).unwrap();
    let report = repo.report(args(&["vendor"]));
    assert_eq!((report.code(), report.is_complete()), (3, false), "{report}");
}

#[test]
fn a_cache_of_one_set_of_patterns_is_not_used_for_another() {
    let repo = Repo::new();
    let token = repo.token();
    repo.commit("vendor/a", format!("x={token}\n"));
    let cache = repo.beside("cache").root().to_str().unwrap().to_owned();
    let code = |patterns: &[&'static str]| repo.report(args(patterns).into_iter().chain(["--cache", &cache])).code();
    for _ in 0..2 {
        assert_eq!(code(&["vendor"]), 0);
        assert_eq!(code(&[]), 1);
        assert_eq!(code(&["vendo"]), 1);
        assert_eq!(code(&["ven", "dor"]), 1);
        assert_eq!(code(&["x", "vendor"]), 0);
    }
}

#[test]
fn a_pattern_that_is_none_is_refused() {
    let repo = Repo::new();
    repo.commit("a", "");
    for args in [&["history"][..], &["history", "--range", "HEAD"], &["staged"], &["changes"]] {
        let output = repo.barewire([args, &["--exclude", "a["]].concat());
        assert_eq!((output.code, &*output.stdout), (2, ""), "{args:?}");
        assert!(output.stderr.contains("`a[` is not a pattern"), "{args:?}: {}", output.stderr);
    }
}
