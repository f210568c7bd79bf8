//! 6.2: content that is silently not diffed.

use super::{assert_found, assert_tokens};
use crate::support::repo::{Repo, leak};

/// Fails unless a token in the file `name` is found by every command, whatever `prepare` set.
fn assert_seen(name: &str, wrap: fn(&str) -> Vec<u8>, prepare: &dyn Fn(&Repo)) {
    let repo = Repo::new();
    repo.commit("a", "one\n");
    prepare(&repo);
    let token = repo.token();
    repo.file(name, wrap(&leak(&token))).git(["add", "-f", name]);
    assert_found(&repo.report(["staged"]), &[(name, &token)]);
    assert_tokens(&repo.report(["changes"]), &[(name, &token)]);
    repo.git(["commit", "-q", "-m", "change"]);
    assert_found(&repo.report(["history"]), &[(name, &token)]);
    assert_found(&repo.report(["history", "--range", "HEAD~1..HEAD"]), &[(name, &token)]);
}

fn plain(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

const ATTRIBUTES: [&str; 8] =
    ["-diff", "binary", "diff=x", "-text", "eol=crlf", "ident", "export-ignore", "linguist-generated"];

/// Rows: `-diff` or `binary`; `diff=x`; from the working tree, where an attacker's branch can set them.
#[test]
fn attributes_of_a_repository_hide_nothing() {
    for attribute in ATTRIBUTES {
        assert_seen("a.env", plain, &|repo| {
            repo.git(["config", "diff.x.binary", "true"]);
            repo.commit(".gitattributes", format!("* {attribute}\n"));
        });
    }
}

/// Row: attributes also come from `.git/info/attributes`.
#[test]
fn attributes_of_a_clone_hide_nothing() {
    assert_seen("a.env", plain, &|repo| {
        repo.file(".git/info/attributes", "* -diff\n");
    });
}

/// Row: attributes also come from `core.attributesFile`.
#[test]
fn attributes_of_a_user_hide_nothing() {
    assert_seen("a.env", plain, &|repo| {
        repo.file("../attributes", "* binary\n");
        repo.git(["config", "core.attributesFile", repo.at("../attributes").to_str().unwrap()]);
    });
}

/// Row: `core.bigFileThreshold`.
#[test]
fn a_file_that_is_called_big_is_searched() {
    let long = |text: &str| format!("{}{text}", "nothing of note\n".repeat(1_000)).into_bytes();
    for threshold in ["1", "100", "10k"] {
        assert_seen("a.env", long, &|repo| drop(repo.git(["config", "core.bigFileThreshold", threshold])));
    }
}

/// Row: UTF-16, and any NUL in the first 8,000 bytes.
#[test]
fn utf_16_and_bytes_that_are_no_text_are_searched() {
    let little = |text: &str| format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big = |text: &str| format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_seen("a.env", little, &|_| {});
    assert_seen("a.env", big, &|_| {});
    assert_seen("a.bin", |text| [b"\0\x01\xff\xfe", text.as_bytes(), b"\0"].concat(), &|_| {});
}

/// Rows: `working-tree-encoding`, `ident`, `eol`, clean filters, git-crypt. What is committed is the blob, not the file.
#[test]
fn the_blob_is_searched_and_not_the_file_that_a_filter_made_it_of() {
    let repo = Repo::new();
    let [hidden, shown] = [(); 2].map(|()| repo.token());
    repo.commit(".gitattributes", "*.crypt filter=crypt\n");
    repo.git(["config", "filter.crypt.clean", &format!("sed s/{hidden}/encrypted/")]);
    repo.git(["config", "filter.crypt.smudge", "cat"]);
    repo.file("a.crypt", leak(&hidden)).git(["add", "a.crypt"]);
    assert_found(&repo.report(["staged"]), &[]);
    repo.git(["config", "filter.crypt.clean", &format!("sed s/harmless/{shown}/")]);
    repo.file("b.crypt", leak("harmless")).git(["add", "b.crypt"]);
    assert_found(&repo.report(["staged"]), &[("b.crypt", &shown)]);

    let repo = Repo::new();
    repo.commit(".gitattributes", "*.ps1 working-tree-encoding=UTF-16LE-BOM\n");
    let token = repo.token();
    let bytes: Vec<u8> = format!("\u{feff}{}", leak(&token)).encode_utf16().flat_map(u16::to_le_bytes).collect();
    repo.file("a.ps1", bytes).git(["add", "a.ps1"]);
    assert_found(&repo.report(["staged"]), &[("a.ps1", &token)]);
}

/// Row: Git LFS.
#[test]
fn pointers_of_lfs_are_counted() {
    let repo = Repo::new();
    let pointer = |digit: &str| {
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n", digit.repeat(64))
    };
    repo.commit("a.psd", pointer("1"));
    repo.commit("a.psd", pointer("2"));
    let report = repo.report(["history"]);
    assert_found(&report, &[]);
    assert_eq!(report.covered("lfs_pointers"), 2, "{report}");
    assert!(report.output.stderr.to_lowercase().contains("lfs"), "{report}");
}

/// Row: submodules.
#[test]
fn a_submodule_is_stated_and_not_entered_whatever_is_configured() {
    for setting in ["short", "log", "diff"] {
        let (repo, inner) = (Repo::new(), Repo::new());
        let token = repo.token();
        inner.commit("a.env", leak(&token));
        repo.git(["config", "diff.submodule", setting]);
        repo.git(["config", "status.submoduleSummary", "true"]);
        repo.commit("a", "one\n");
        repo.git(["submodule", "--quiet", "add", inner.root().to_str().unwrap(), "vendor"]);
        for command in [&["staged"][..], &["changes"], &["history"]] {
            assert_found(&repo.report(command), &[]);
        }
        repo.git(["commit", "-q", "-m", "submodule"]);
        let report = repo.report(["history"]);
        assert_found(&report, &[]);
        assert_eq!(report.covered("submodules"), 1, "{report}");
        assert_found(&repo.report(["history", "--range", "HEAD~1..HEAD"]), &[]);
        // By itself, it is a repository like any other.
        let vendor = repo.beside("work/vendor");
        assert_found(&vendor.report(["history"]), &[("a.env", &token)]);
    }
}
