//! What must never be repeated: secrets in arguments, in rule files and in files of git.

use crate::support::{Output, Run};

/// Templates that look like a secret, each with a kept part that must not be said.
const SECRETS: [&str; 7] = [
    "PT{same:s=hex:48}",
    "PSK_{same:s=alnum:40}",
    "pat_{same:s=base58:24}",
    "vpt_{same:s=hex:32}",
    "eyJ{same:s=b64url:40}.{b64url:20}.{b64url:43}",
    "{same:s=alnum:50}",
    "https://user:{same:s=alnum:20}@example.com/a",
];

/// Fails unless the program ended with `code`, said `words` on standard error, and did not repeat what was kept.
fn assert_silent(run: &Run, code: i32, words: &str) {
    let output: Output = run.run();
    assert_eq!(output.code, code, "{output}");
    assert!(output.stderr.contains(words), "{words:?} is not said: {output}");
    assert!(!output.to_string().contains(&run.kept("s")[..12]), "{output}");
}

#[test]
fn an_argument_that_holds_a_secret_is_refused_and_not_repeated() {
    for secret in SECRETS {
        for (before, after) in [("", ""), ("--path=", ""), ("x/", ".env"), ("--fail-on=", "")] {
            let run = Run::new().args(["scan"]).armed_arg(&format!("{before}{secret}{after}"));
            assert_silent(&run, 2, "Rotate that secret");
        }
        assert_silent(&Run::new().args(["rules", "show"]).armed_arg(secret), 2, "Rotate that secret");
    }
}

#[test]
fn the_name_of_a_file_is_no_argument_that_was_typed() {
    let kept = Run::new().file("kept", "PSK_{same:s=alnum:40}");
    let name = format!("PSK_{}.env", kept.kept("s"));
    let output = Run::new().file(&name, "nothing").args(["scan", &name]).run();
    assert!(!output.stderr.contains("Rotate"), "{output}");
}

#[test]
fn an_error_in_a_rule_file_does_not_repeat_a_secret() {
    for secret in SECRETS {
        for rule in [
            format!("[[rules]]\nid = \"own\"\nregex = '({secret}'\n"),
            format!("[[rules]]\nid = \"{secret}\"\n"),
            format!("[[rules]]\nid = \"own\"\nregex = 'own'\nseverity = \"{secret}\"\n"),
            format!("[[rules]]\nid = \"own\"\nregex = 'own'\nanchors = [\"{secret}[a-z]*\"]\n"),
            format!("[[rules]]\nid = \"own\"\n\"{secret}\" = 1\n"),
        ] {
            let run = Run::new().file("own.toml", &rule).args(["scan", "--rules", "own.toml"]);
            assert_silent(&run, 2, "error: own.toml:");
        }
    }
}

#[test]
fn a_problem_does_not_repeat_a_secret() {
    for secret in SECRETS {
        let run = || Run::new().file(".git", &format!("gitdir: /nowhere/{secret}\n")).args(["scan"]);
        assert_silent(&run(), 3, "may have been missed: its repository /nowhere/");
        assert_silent(&run().args(["-f", "json"]), 3, "INCOMPLETE");
        assert_silent(&run().args(["-o", "r.txt", "-o", "-"]), 3, "INCOMPLETE");
    }
}
