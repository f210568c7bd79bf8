//! What a step of GitHub Actions is told.

use super::{leaking, written};
use crate::support::Run;

#[test]
fn places_are_marked_and_the_summary_grows() {
    let run = leaking().file("summary.md", "# before\n").args(["scan", "-f", "github", "app.env", "old.py"]);
    let path = run.dir().join("summary.md");
    let run = run.env("GITHUB_STEP_SUMMARY", path);
    let output = run.run();
    assert_eq!(output.code, 1, "{output}");
    assert!(output.stdout.starts_with("::error file=app.env,line=2,endLine=2,col=22,endColumn=71,title="), "{output}");
    assert!(output.stdout.ends_with("; 1 suppressed (1 inline-allow)\n"), "{output}");
    let summary = written(&run, "summary.md");
    assert!(summary.starts_with("# before\n## barewire\n") && summary.contains("app.env&#58;2"), "{summary}");
    run.run();
    assert_eq!(written(&run, "summary.md").matches("## barewire").count(), 2);
}

#[test]
fn no_summary_is_written_unless_the_format_is_that_of_github() {
    let run = leaking().args(["scan", "-f", "json"]);
    let path = run.dir().join("summary.md");
    let run = run.env("GITHUB_STEP_SUMMARY", &path);
    run.run();
    assert!(!path.exists());
}

#[test]
fn a_summary_that_is_asked_for_by_name_is_written_once() {
    let run = leaking();
    let path = run.dir().join("summary.md");
    let run = run.env("GITHUB_STEP_SUMMARY", &path).args(["scan", "-o", "github:-", "-o", "github-summary:summary.md"]);
    assert_eq!(run.run().code, 1);
    assert_eq!(std::fs::read_to_string(path).unwrap().matches("## barewire").count(), 1);
}

#[test]
fn a_summary_that_does_not_fit_is_told() {
    let run = leaking().bytes("full", &vec![b'x'; 1 << 20]).args(["scan", "-f", "github", "old.py"]);
    let path = run.dir().join("full");
    let output = run.env("GITHUB_STEP_SUMMARY", path).run();
    assert_eq!(output.code, 2, "{output}");
    assert!(output.stderr.contains("the summary of a step holds 1 MiB at most"), "{output}");
}

#[test]
fn a_summary_in_a_file_of_its_own_is_replaced() {
    let run = leaking().args(["scan", "-o", "report.md", "-o", "github-summary:other"]);
    run.run();
    run.run();
    assert_eq!(written(&run, "report.md").matches("## barewire").count(), 1);
    assert_eq!(written(&run, "report.md"), written(&run, "other"));
}

#[cfg(unix)]
#[test]
fn no_name_of_a_file_is_a_command() {
    use std::os::unix::ffi::OsStrExt as _;
    let mut run = Run::new();
    let names: [&[u8]; 4] = [b"a\n::error::b", b"::add-mask::x", b"50%0A,line=7", b"\x1b[2J \xff"];
    for name in names {
        run = run.file(std::ffi::OsStr::from_bytes(name), "SIGNALWIRE_TOKEN=PT{hex:48}\n");
    }
    let output = run.args(["scan", "-f", "github"]).run();
    let lines: Vec<_> = output.stdout.lines().collect();
    assert_eq!(lines.len(), 5, "{output}");
    assert!(lines[..4].iter().all(|line| line.starts_with("::error file=")), "{output}");
    assert!(output.stdout.contains("file=50%250A%2Cline=7,line=1,"), "{output}");
    assert!(!output.stdout.contains('\x1b'), "{output}");
}

#[cfg(unix)]
#[test]
fn no_line_about_what_was_not_scanned_is_a_command() {
    let output = Run::new().file("::error::x", "0123456789\n").args(["scan", "--max-file-size", "5b"]).run();
    assert!(output.stderr.contains("  ./::error::x (5 of 11 bytes were scanned)\n"), "{output}");
    assert!(!output.stderr.lines().any(|line| line.trim_start().starts_with("::")), "{output}");
}
