//! What can be typed after `--exclude`, and what it leaves out.

use std::fs;

use crate::support::Run;

/// The files that the program finds a token in, with these arguments.
fn found(args: &[&str]) -> Vec<String> {
    let mut run = Run::new();
    for file in ["a.js", "a.min.js", "docs/b", "lib/docs/c", "lib/vendor/d", "vendor/e", "vendor/deep/f.min.js"] {
        run = run.file(file, "SIGNALWIRE_TOKEN=PT{hex:48}\n");
    }
    let dir = run.dir();
    let args = args.iter().map(|arg| arg.replace("[DIR]", dir.to_str().unwrap()));
    let output = run.args(["scan", "-q", "--format", "json"]).args(args).run();
    let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let paths = report["findings"].as_array().unwrap().iter().map(|finding| finding["path"].as_str().unwrap());
    let mut paths: Vec<_> = paths.map(|path| path.replace("[DIR]/", "")).collect();
    paths.dedup();
    paths
}

#[test]
fn what_people_type_leaves_out_what_they_mean() {
    let all = ["a.js", "a.min.js", "docs/b", "lib/docs/c", "lib/vendor/d", "vendor/deep/f.min.js", "vendor/e"];
    for (pattern, gone) in [
        ("vendor", &["lib/vendor/d", "vendor/deep/f.min.js", "vendor/e"][..]),
        ("vendor/", &["lib/vendor/d", "vendor/deep/f.min.js", "vendor/e"]),
        ("/vendor", &["vendor/deep/f.min.js", "vendor/e"]),
        ("vendor/**", &["vendor/deep/f.min.js", "vendor/e"]),
        ("vendor/*", &["vendor/deep/f.min.js", "vendor/e"]),
        ("**/vendor/**", &["lib/vendor/d", "vendor/deep/f.min.js", "vendor/e"]),
        ("*.min.js", &["a.min.js", "vendor/deep/f.min.js"]),
        ("./*.min.js", &["a.min.js"]),
        ("*.{js,css}", &["a.js", "a.min.js", "vendor/deep/f.min.js"]),
        ("docs", &["docs/b", "lib/docs/c"]),
        ("docs/", &["docs/b", "lib/docs/c"]),
        ("./docs", &["docs/b"]),
        ("./docs/", &["docs/b"]),
        ("lib/docs", &["lib/docs/c"]),
        ("./lib/docs/c", &["lib/docs/c"]),
    ] {
        let left: Vec<_> = all.into_iter().filter(|path| !gone.contains(path)).collect();
        for root in [&[][..], &["."], &["./"], &["[DIR]"]] {
            let args = [root, &["--exclude", pattern]].concat();
            assert_eq!(found(&args), left, "{args:?}");
        }
        let named: Vec<_> = all.into_iter().chain(["--exclude", pattern]).collect();
        assert_eq!(found(&named), left, "{pattern}, each file named");
        let named: Vec<_> = all.iter().map(|path| format!("[DIR]/{path}")).collect();
        let named: Vec<_> = named.iter().map(String::as_str).chain(["--exclude", pattern]).collect();
        assert_eq!(found(&named), left, "{pattern}, each file named in full");
    }
}

#[test]
fn patterns_add_up_and_may_begin_with_anything() {
    assert_eq!(found(&["--exclude", "vendor", "--exclude", "*.js", "--exclude=docs"]), Vec::<&str>::new());
    let run = Run::new().file("#a", "PT{hex:48}\n").args(["scan", "-q", "--exclude", "#a"]);
    assert_eq!(run.run().code, 0);
}

#[test]
fn the_folder_that_holds_everything_is_no_reason_to_leave_a_file_out() {
    let run = Run::new().file("a", "PT{hex:48}\n");
    let file = fs::canonicalize(run.dir().join("a")).unwrap();
    let folder = run.dir().file_name().unwrap().to_owned();
    let output = run.args(["scan", "-q"]).args([file]).args(["--exclude"]).args([folder]).run();
    assert_eq!(output.code, 1);
}
