//! What attributes, configuration and environment say changes nothing, and nothing that they name is run.

use super::place::Place;

#[test]
fn attributes_hide_nothing() {
    let place = Place::repository();
    let attributes = "*.a -diff\n*.b binary\n*.c diff=x\n*.d filter=y\n*.e text eol=crlf ident\n";
    place.file(".gitattributes", attributes);
    place.file(".git/info/attributes", "*.f -diff\n");
    let mark = place.at("../ran");
    let run = format!("sh -c 'touch {}; cat'", mark.display());
    for key in ["diff.x.textconv", "diff.x.command", "filter.y.smudge", "diff.external", "core.fsmonitor"] {
        place.git(&["config", key, &run]);
    }
    place.git(&["config", "diff.x.binary", "true"]);
    place.git(&["config", "core.bigFileThreshold", "1"]);
    for name in ["a", "b", "c", "d", "e", "f"] {
        place.file(format!("x.{name}"), "A=PT{hex:48}\n");
    }
    place.git(&["-c", "core.fsmonitor=false", "-c", "core.safecrlf=false", "add", "."]);
    std::fs::remove_file(&mark).ok();
    let all = ["x.a:1", "x.b:1", "x.c:1", "x.d:1", "x.e:1", "x.f:1"].map(|place| format!("{place} index"));
    assert_eq!(place.staged(), all);
    assert_eq!(place.run("", &["changes"]).sound(), all);
    place.git(&["-c", "core.fsmonitor=false", "commit", "-qm", "one"]);
    std::fs::remove_file(&mark).ok();
    let brought = all.map(|place| place.replace("index", "blob"));
    assert_eq!(place.run("", &["history", "--range", "HEAD"]).sound(), brought);
    assert!(!mark.exists(), "nothing that the configuration names was run");
}

#[test]
fn settings_change_nothing() {
    for (key, value) in [
        ("color.ui", "always"),
        ("color.diff", "always"),
        ("log.showRoot", "false"),
        ("log.showSignature", "true"),
        ("log.abbrevCommit", "true"),
        ("log.date", "relative"),
        ("format.pretty", "oneline"),
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.orderFile", "/nowhere/at/all"),
        ("diff.renames", "copies"),
        ("diff.submodule", "diff"),
        ("diff.ignoreSubmodules", "all"),
        ("diff.relative", "true"),
        ("core.quotePath", "true"),
        ("core.abbrev", "4"),
        ("core.pager", "false"),
        ("status.relativePaths", "true"),
    ] {
        let place = Place::repository();
        place.git(&["config", key, value]);
        place.commit("sub/grün.env", "A=PT{hex:48}\n");
        assert_eq!(place.run("sub", &["history", "--range", "HEAD"]).sound(), ["sub/grün.env:1 blob"], "{key}");
        place.file("sub/b.env", "A=PT{hex:48}\n").git(&["add", "."]);
        // With a split index, git is asked.
        for form in ["--no-split-index", "--split-index"] {
            place.git(&["update-index", form]);
            assert_eq!(place.run("sub", &["staged"]).sound(), ["sub/b.env:1 index"], "{key} {form}");
        }
    }
}

#[test]
fn variables_change_nothing() {
    let place = Place::repository();
    place.commit("a.env", "A=PT{hex:48}\n").file("b.env", "A=PT{hex:48}\n").git(&["add", "."]);
    place.git(&["update-index", "--split-index"]);
    for (name, value) in [
        ("GIT_TRACE", "1"),
        ("GIT_TRACE2", "1"),
        ("GIT_EXTERNAL_DIFF", "false"),
        ("GIT_DIFF_OPTS", "-u0"),
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("GIT_PREFIX", "sub/"),
        ("GIT_NAMESPACE", "x"),
        ("GIT_CONFIG_PARAMETERS", "'color.ui'='always'"),
        ("GIT_REPLACE_REF_BASE", "refs/heads/"),
        ("GIT_GRAFT_FILE", "/nowhere"),
        ("LC_ALL", "de_DE.UTF-8"),
        ("GIT_PAGER", "false"),
    ] {
        let run = |args: &[&str]| place.run_with("", args, &[(name, value)]);
        assert_eq!(run(&["staged"]).sound(), ["b.env:1 index"], "{name}");
        assert_eq!(run(&["history", "--range", "HEAD"]).sound(), ["a.env:1 blob"], "{name}");
    }
}

#[test]
fn replacements_and_grafts_change_nothing() {
    let place = Place::repository();
    place.commit("a.env", "A=1\n").commit("a.env", "A=PT{hex:48}\n").commit("a.env", "A=2\n");
    place.git(&["replace", "HEAD~1", "HEAD~2"]);
    assert_eq!(place.run("", &["history", "--range", "HEAD~2..HEAD"]).sound(), ["a.env:1 blob"]);
    place.git(&["replace", "-d", "HEAD~1"]);
    let head = place.git(&["rev-parse", "HEAD"]);
    place.file(".git/info/grafts", &format!("{head}\n"));
    assert_eq!(place.run("", &["history", "--range", "HEAD"]).sound(), ["a.env:1 blob"]);
}

#[test]
fn names_of_any_bytes_are_kept() {
    use std::os::unix::ffi::OsStrExt as _;
    let place = Place::repository();
    place.commit("top", "");
    for name in [&b"a\nb"[..], b"a\tb", b"a\"b", b"a\\b", b"a\xffb", b" a:b "] {
        place.file(std::ffi::OsStr::from_bytes(name), "A=PT{hex:48}\n");
    }
    place.git(&["add", "."]);
    assert_eq!(place.staged().len(), 6);
    assert_eq!(place.run("", &["changes"]).sound().len(), 6);
    place.git(&["update-index", "--split-index"]);
    assert_eq!(place.run("", &["changes"]).sound().len(), 6);
    place.git(&["commit", "-qm", "one"]);
    assert_eq!(place.run("", &["history", "--range", "HEAD~1.."]).sound().len(), 6);
}
