//! Scans from end to end: what is written where, and the exit code.

use crate::support::Run;

#[test]
fn a_clean_folder_is_said_to_be_clean() {
    insta::assert_snapshot!(Run::new().file("a.txt", "nothing").args(["scan"]).run(), @"
    exit code: 0
    ----- stderr
    No SignalWire credentials found; 1 file, 7 B scanned in [TIME]
    ");
    insta::assert_snapshot!(Run::new().args(["scan"]).run(), @"
    exit code: 0
    ----- stderr
    No SignalWire credentials found; 0 files scanned in [TIME]: nothing was looked at
    ");
    insta::assert_snapshot!(Run::new().file("a.txt", "nothing").args(["scan", "-q"]).run(), @"exit code: 0");
}

#[test]
fn what_was_ignored_is_counted_and_said() {
    let run =
        || Run::new().file(".gitignore", "*\n!/a\n").file("b", "").file("in/c", "").file("in/d", "").args(["scan"]);
    insta::assert_snapshot!(run().run(), @"
    exit code: 0
    ----- stderr
    No SignalWire credentials found; 0 files scanned in [TIME]: nothing was looked at; 3 ignored
    help: --no-ignore scans what ignore files leave out
    ");
    insta::assert_snapshot!(run().file("a", "nothing").run(), @"
    exit code: 0
    ----- stderr
    No SignalWire credentials found; 1 file, 7 B scanned in [TIME]; 3 ignored
    ");
    insta::assert_snapshot!(run().args(["--no-ignore", "--exclude", "*"]).run(), @"
    exit code: 0
    ----- stderr
    No SignalWire credentials found; 0 files scanned in [TIME]: nothing was looked at; 3 excluded
    help: --exclude left out what could have been scanned
    ");
    let output = run().args(["-f", "json"]).run();
    let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(report["coverage"]["ignored"], 3, "{output}");
    // What is named is not ignored, and what stands there twice is counted once.
    assert!(run().args([".", "b"]).run().stderr.ends_with("1 file scanned in [TIME]; 2 ignored\n"));
    assert!(run().args([".", "in"]).run().stderr.ends_with("; 2 ignored\n"));
}

/// A folder with one credential, and the flags `args`.
fn leak(args: &str) -> Run {
    let env = "ID={uuid}\nSIGNALWIRE_TOKEN=PT{same:hex=hex:48}\n";
    Run::new().file("a.env", env).args(["scan"]).args(args.split_whitespace())
}

#[test]
fn findings_fail_the_run_and_are_masked() {
    let run = leak("");
    let output = run.run();
    assert_eq!(output.code, 1, "{output}");
    assert!(output.stdout.starts_with("critical[signalwire-api-token]: "), "{output}");
    assert!(output.stdout.contains(" --> a.env:2:18\n"), "{output}");
    assert!(output.stderr.starts_with("1 credential (1 critical)"), "{output}");
    assert!(!output.to_string().contains(run.kept("hex")), "{output}");

    let run = leak("--show-secrets");
    assert!(run.run().stdout.contains(run.kept("hex")));
}

#[test]
fn a_stream_is_scanned_under_the_name_that_it_is_given() {
    let run = Run::new().stdin("SIGNALWIRE_TOKEN=PT{hex:48}").args(["stdin", "--path", "a/b.env"]);
    let output = run.run();
    assert_eq!(output.code, 1, "{output}");
    assert!(output.stdout.contains(" --> a/b.env:1:18\n"), "{output}");
}

#[test]
fn the_code_for_findings_can_be_chosen() {
    assert_eq!(leak("--exit-code 42").run().code, 42);
    assert_eq!(leak("--exit-code 0").run().code, 0);
    let identifier = || Run::new().file("a", "https://voicelab.signalwire.com/api").args(["scan"]);
    assert_eq!(identifier().run().code, 0);
    assert_eq!(identifier().args(["--fail-on", "info"]).run().code, 1);
}

#[test]
fn what_is_too_large_makes_the_result_incomplete_but_findings_win() {
    let output = leak("--max-file-size 10b").run();
    assert_eq!(output.code, 3, "{output}");
    assert!(output.stderr.contains("oversize:\n  a.env"), "{output}");
    assert!(output.stderr.contains("INCOMPLETE: 1 thing could not be scanned\n"), "{output}");
    let output = leak("--max-file-size 70b").file("b.env", &"SIGNALWIRE ".repeat(10)).run();
    assert_eq!(output.code, 3, "{output}");
    let output = leak("--max-file-size 200b").file("b.env", &"SIGNALWIRE ".repeat(100)).run();
    assert_eq!(output.code, 1, "{output}");
    assert!(output.stderr.contains("INCOMPLETE: 1 thing"), "{output}");
    let quiet = leak("--max-file-size 10b -q").run();
    assert!(quiet.stderr.ends_with("INCOMPLETE: 1 thing could not be scanned\n"), "{quiet}");
    assert_eq!(leak("--max-file-size 200b --exit-code 0").file("b", &"x".repeat(300)).run().code, 3);
}

#[test]
fn json_is_one_document_on_standard_output() {
    let output = leak("-f json").run();
    let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["findings"][0]["path"], "a.env");
    assert_eq!(leak("--report-format json").run().stdout, output.stdout);
    let clean = Run::new().args(["scan", "--format", "json", "--quiet"]).run();
    assert_eq!((clean.code, &*clean.stderr), (0, ""));
    assert!(clean.stdout.contains("\"complete\": true"), "{clean}");
}

#[test]
fn reports_go_to_files_by_their_extension() {
    let run = leak("-o r.json --report-path r.txt -r other -o -").args(["-f", "json"]);
    let output = run.run();
    assert_eq!(output.code, 1, "{output}");
    let read = |name| std::fs::read_to_string(run.dir().join(name)).unwrap();
    assert_eq!(read("r.json"), output.stdout);
    assert_eq!(read("other"), output.stdout);
    assert!(read("r.txt").starts_with("critical["), "{}", read("r.txt"));
    assert!(read("r.txt").ends_with(" scanned\n"), "{}", read("r.txt"));
    let mut names: Vec<_> = std::fs::read_dir(run.dir()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["a.env", "other", "r.json", "r.txt"]);
}

#[test]
fn an_extension_is_known_in_any_case() {
    let run = leak("-o a.JSON -o b.Txt -o none");
    assert_eq!(run.run().code, 1);
    let read = |name| std::fs::read_to_string(run.dir().join(name)).unwrap();
    assert!(read("a.JSON").starts_with('{'));
    assert_eq!(read("b.Txt"), read("none"));
    assert_eq!(leak("-f junit -o a.XML").run().code, 1);
}

#[test]
fn a_report_does_not_take_the_place_of_what_is_scanned() {
    let run = leak("a.env -f text -o ./a.env");
    let output = run.run();
    assert_eq!(output.code, 2, "{output}");
    assert!(output.stderr.starts_with("error: a.env is to be scanned; a report would take its place\n"), "{output}");
    assert!(std::fs::read_to_string(run.dir().join("a.env")).unwrap().starts_with("ID="));
}

#[test]
fn a_report_to_a_file_leaves_standard_output_alone() {
    let output = leak("-o r.txt").run();
    assert_eq!((output.code, &*output.stdout), (1, ""));
}

#[cfg(unix)]
#[test]
fn a_report_with_secrets_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let run = leak("-o r.json --show-secrets");
    run.run();
    let mode = std::fs::metadata(run.dir().join("r.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_written_is_never_green() {
    let output = Run::new().args(["scan", "-o", "/dev/full"]).run();
    assert_eq!(output.code, 2, "{output}");
    assert!(output.stderr.starts_with("error: /dev/full: "), "{output}");
    assert_eq!(leak("-o /dev/full").run().code, 1);
    assert_eq!(leak("-o /dev/full --exit-code 0").run().code, 2);
    assert_eq!(leak("-o /dev/null").run().code, 1);
}

#[cfg(unix)]
#[test]
fn a_leak_stays_a_leak_when_the_reader_goes_away() {
    for args in ["", "-f json"] {
        let run = leak(args);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = run.command().stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args}");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("error"), "{args}");
    }
}

#[test]
fn colour_is_as_the_user_wants_it() {
    let coloured = |run: Run| run.run().stdout.contains('\x1b');
    assert!(!coloured(leak("")));
    assert!(coloured(leak("").env("CLICOLOR_FORCE", "1")));
    assert!(!coloured(leak("").env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1")));
    assert!(!coloured(leak("--no-color").env("CLICOLOR_FORCE", "1")));
    assert!(!coloured(leak("-f json").env("CLICOLOR_FORCE", "1")));
}

#[test]
fn one_rule_can_be_searched_by_alone() {
    assert_eq!(leak("--rule signalwire-space-url").run().code, 0);
    assert_eq!(leak("--rule signalwire-api-token").run().code, 1);
    let own = "[[rules]]\nid = \"own\"\nregex = 'own-[0-9]{4}'\nseverity = \"low\"\n";
    let run = Run::new().file("own.toml", own).file("a", "own-1742").args(["scan", "a", "--rules", "own.toml"]);
    let output = run.run();
    assert_eq!(output.code, 1, "{output}");
    assert!(output.stdout.starts_with("low[own]: own\n"), "{output}");
}

#[test]
fn a_comment_forgives_unless_it_is_told_not_to() {
    let forgiven = || Run::new().file("a", "token = PT{hex:48} # barewire:allow: revoked").args(["scan"]);
    let output = forgiven().run();
    assert_eq!(output.code, 0, "{output}");
    assert!(output.stderr.contains("1 suppressed (1 inline-allow)"), "{output}");
    assert_eq!(forgiven().args(["--no-inline-allow"]).run().code, 1);
}

#[cfg(unix)]
#[test]
fn a_hostile_name_and_line_reach_no_terminal() {
    let name = "a\x1b[2J\nb\u{202e}.env";
    let run = Run::new().file(name, "\x1b]0;x\x07\u{202e}\r SIGNALWIRE_TOKEN=PT{hex:48}\n").args(["scan", "-v"]);
    let output = run.run();
    assert_eq!(output.code, 1, "{output}");
    let visible = |text: &str| text.chars().all(|c| c == '\n' || !(c.is_control() || c == '\u{202e}'));
    assert!(visible(&output.stdout) && visible(&output.stderr), "{output:?}");
    assert!(output.stdout.contains(r" --> a\u{1B}[2J\u{A}b\u{202E}.env:1:"), "{output}");
}

#[test]
fn a_token_in_the_name_of_a_file_is_found_and_masked() {
    let run = Run::new().file("kept.txt", "PT{same:hex=hex:48}");
    let name = format!("PT{}.env", run.kept("hex"));
    for args in [&["scan", "-v"][..], &["scan", "-f", "json"]] {
        let run = Run::new().file(&name, "nothing").args(args);
        let output = run.run();
        assert_eq!(output.code, 1, "{output}");
        assert!(!output.to_string().contains(&name[2..20]), "{output}");
    }
    let output = Run::new().file(&name, "nothing").args(["scan", &name]).run();
    assert_eq!(output.code, 1, "a name that a hook gives is searched, not refused: {output}");
}

#[test]
fn one_rule_alone_still_hides_what_others_would_find() {
    let text = "url = https://northwind.signalwire.com SWML_BASIC_AUTH_PASSWORD={same:p=b64url:40}\n";
    let run = Run::new().file("a.env", text).args(["scan", "--rule", "signalwire-space-url", "--fail-on", "info"]);
    let output = run.run();
    assert_eq!(output.code, 1, "{output}");
    assert!(output.stdout.contains("northwind"), "{output}");
    assert!(!output.to_string().contains(&run.kept("p")[..12]), "{output}");
}
