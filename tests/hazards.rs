//! What must be shown, and what must not, where the world is hostile: files, names and values that mislead.

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;

use crate::support::template::Expander;
use crate::support::{Output, Run};

/// A line that holds a token.
const LEAK: &str = "SIGNALWIRE_TOKEN=PT{hex:48}\n";

/// Fails unless the program ended with `code` and said `words` on standard error.
fn assert_said(output: &Output, code: i32, words: &str) {
    assert_eq!(output.code, code, "{output}");
    assert!(output.stderr.contains(words), "{words:?} is not said: {output}");
}

/// What `-f json` reports.
fn report(run: Run) -> (i32, serde_json::Value) {
    let output = run.args(["-f", "json"]).run();
    (output.code, serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output}")))
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_read_is_never_clean() {
    // Nobody can read it from its start, whoever they are.
    let unreadable = "/proc/self/mem";
    let output = Run::new().args(["scan", unreadable]).run();
    assert_said(&output, 3, "unreadable:\n  /proc/self/mem (Input/output error");
    assert_said(&output, 3, "INCOMPLETE: 1 thing could not be scanned\n");
    assert_said(&output, 3, "No SignalWire credentials found in what was scanned;");
    let output = Run::new().file("a", LEAK).args(["scan", ".", unreadable]).run();
    assert_said(&output, 1, "INCOMPLETE: 1 thing could not be scanned\n");
    let (code, report) = report(Run::new().args(["scan", "-q", unreadable]));
    assert_eq!((code, &report["complete"]), (3, &false.into()));
    assert_eq!(report["coverage"]["problems"][0]["kind"], "unreadable");
}

#[cfg(unix)]
fn pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn a_file_that_vanishes_after_the_listing_is_never_clean() {
    let run = Run::new().file("folder/a", LEAK).args(["scan", "-j", "1", "pipe", "folder"]);
    pipe(&run.dir().join("pipe"));
    let child = run.command().stderr(std::process::Stdio::piped()).spawn().unwrap();
    // This waits until the program opens its end. By then all is listed, and the pipe is the first to be read.
    let writer = File::options().write(true).open(run.dir().join("pipe")).unwrap();
    std::fs::remove_file(run.dir().join("folder/a")).unwrap();
    drop(writer);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains("vanished:\n  folder/a (No such file"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn links_in_a_folder_are_counted_and_one_that_is_named_must_lead_somewhere() {
    use std::os::unix::fs::symlink;
    let run = || {
        let run = Run::new().file("a", "nothing");
        for (link, target) in [("dangling", "gone"), ("ping", "pong"), ("pong", "ping"), ("here", ".")] {
            symlink(target, run.dir().join(link)).unwrap();
        }
        run.args(["scan"])
    };
    assert_said(
        &run().run(),
        0,
        "No SignalWire credentials found; 1 file, 7 B scanned in [TIME]; 4 links not followed",
    );
    let output = run().args(["a", "dangling"]).run();
    assert_said(&output, 2, "error: dangling is a link to gone, which does not exist\n");
    let output = run().args(["ping"]).run();
    assert_said(&output, 2, "error: ping: Too many levels of symbolic links");
    assert_eq!(run().args(["gone"]).run().code, 2);
    assert_said(&run().args(["here"]).run(), 0, "1 file, 7 B scanned");
}

#[cfg(unix)]
#[test]
fn a_pipe_in_a_folder_is_not_opened_and_a_named_one_is_read() {
    let run = Run::new().file("a", "nothing").args(["scan"]);
    pipe(&run.dir().join("pipe"));
    assert_said(&run.run(), 0, "1 file, 7 B scanned in [TIME]; 1 special file without content");
    let path = run.dir().join("pipe");
    let leak = Expander::default().expand(LEAK);
    let writer = std::thread::spawn(move || std::fs::write(path, leak).unwrap());
    let output = run.args(["pipe"]).run();
    writer.join().unwrap();
    assert_eq!(output.code, 1, "{output}");
    assert!(output.stdout.contains(" --> pipe:1:18\n"), "{output}");
}

#[cfg(unix)]
#[test]
fn a_repository_that_cannot_be_looked_at_is_never_clean() {
    let run = Run::new().file(".gitignore", "*\n").args(["scan"]);
    std::os::unix::fs::symlink(".git", run.dir().join(".git")).unwrap();
    assert_said(&run.run(), 3, "files that are both tracked and ignored may have been missed: ");
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_rule_file_keeps_nobody_waiting() {
    for rules in ["pipe.toml", "."] {
        let run = Run::new().args(["scan", "--rules", rules]);
        pipe(&run.dir().join("pipe.toml"));
        assert_said(&run.run(), 2, "pipe.toml: it is neither a file nor a folder\n");
    }
}

#[test]
fn a_huge_file_is_read_up_to_the_limit_and_never_clean() {
    let run = |start: &str| {
        let run = Run::new().file("huge", start).args(["scan", "--max-file-size", "20MB"]);
        let file = File::options().write(true).open(run.dir().join("huge")).unwrap();
        file.set_len(5 << 30).unwrap();
        run
    };
    let output = run("").run();
    assert_said(&output, 3, "oversize:\n  huge (20000000 of 5368709120 bytes were scanned)\n");
    assert_said(&output, 3, "0 files, 20.0 MB scanned");
    assert_said(&run(LEAK).run(), 1, "INCOMPLETE: 1 thing could not be scanned\n");
}

/// One line in which a token stands at the end of each of `pieces` pieces of 8 KiB, and the columns of the tokens.
/// The parts that large files are read in end where a piece does: some tokens lie across that place, some begin there.
fn long_line(pieces: usize) -> (String, Vec<usize>) {
    const PIECE: usize = 8 << 10;
    let mut expander = Expander::default();
    let mut line = String::with_capacity(pieces * PIECE + 100);
    let mut columns = Vec::new();
    for piece in 1..=pieces {
        let start = piece * PIECE - [25, 0, 50][piece % 3];
        while line.len() + 1 < start {
            line.push_str(&"lorem ipsum; "[..(start - line.len() - 1).min(13)]);
        }
        columns.push(start + 1);
        write!(line, " {} ", expander.expand_text("PT{hex:48}")).unwrap();
    }
    (line, columns)
}

fn assert_found_on_one_line(pieces: usize) {
    let (line, columns) = long_line(pieces);
    let run = Run::new().bytes("long", line.as_bytes()).args(["scan", "--max-file-size", "1GB"]);
    let (code, report) = report(run);
    assert_eq!((code, &report["complete"]), (1, &true.into()));
    // A few values look made by hand, by chance; they are counted.
    let mut findings = report["findings"].as_array().unwrap().iter().peekable();
    let mut missing = 0;
    for column in columns {
        let found = findings.next_if(|finding| (&finding["line"], &finding["column"]) == (&1.into(), &column.into()));
        missing += u64::from(found.is_none());
    }
    assert_eq!(findings.next(), None);
    assert_eq!(missing, report["suppressed"]["placeholder"].as_u64().unwrap_or(0));
    assert!(missing < 5, "{missing}");
}

#[test]
fn a_long_line_is_searched_to_its_end_and_its_columns_are_right() {
    assert_found_on_one_line(2_200);
}

#[test]
#[ignore = "it takes seconds in a build for development"]
fn a_line_of_200_megabytes_is_searched_to_its_end() {
    assert_found_on_one_line(25_000);
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_is_shown_by_its_bytes() {
    use std::os::unix::ffi::OsStrExt as _;
    let name = Path::new(std::ffi::OsStr::from_bytes(b"a\xff.env"));
    let output = Run::new().file(name, LEAK).args(["scan"]).run();
    assert_eq!(output.code, 1, "{output}");
    assert!(output.stdout.contains(r" --> a\xFF.env:1:18"), "{output}");
    let (_, report) = report(Run::new().file(name, LEAK).args(["scan"]));
    assert_eq!(report["findings"][0]["path"], r"a\xFF.env");
}

#[cfg(unix)]
#[test]
fn a_hostile_name_is_escaped_wherever_it_is_said() {
    let name = "a\x1b[2J\nerror: b\u{202e}.env";
    let shown = r"a\u{1B}[2J\u{A}error: b\u{202E}.env";
    let output = Run::new().file(name, LEAK).args(["scan", "--max-file-size", "5b"]).run();
    assert_said(&output, 3, &format!("oversize:\n  {shown} ("));
    let output = Run::new().args(["scan", name]).run();
    assert_said(&output, 2, "error: ");
    assert!(!output.stderr.contains(['\x1b', '\u{202e}']), "{output:?}");
    let output = Run::new().file(name, LEAK).args(["scan", "-f", "json"]).run();
    assert!(!output.stdout.contains(['\x1b', '\u{202e}']), "{output:?}");
    let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(report["findings"][0]["path"], name);
}

/// Fails unless a file with `template` is clean: nothing in it is worth more than a mention.
fn assert_harmless(template: &str) {
    let (code, report) = report(Run::new().file("a.txt", template).args(["scan", "--no-inline-allow"]));
    assert_eq!(code, 0, "{template:.200}\n{report:#}");
    for finding in report["findings"].as_array().unwrap() {
        assert_eq!(finding["severity"], "info", "{template:.200}\n{finding:#}");
    }
}

#[test]
fn a_thousand_random_uuids_beside_signalwire_block_nothing() {
    for line in [
        "{uuid}\n",
        "\"id\": \"{uuid}\",\n",
        "call {uuid} room {uuid} token: {uuid}\n",
        "https://x.signalwire.com/{uuid}\n",
    ] {
        assert_harmless(&format!("# SignalWire\n{}", line.repeat(1_000)));
    }
}

#[test]
fn hashes_images_and_certificates_beside_signalwire_block_nothing() {
    for line in [
        "\"integrity\": \"sha512-{b64url:86}==\", \"@signalwire/js\": \"^3.0.0\"",
        "checksum = \"{hex:64}\"",
        "sha256:{hex:64} signalwire/freeswitch@sha1-{hex:40}",
        "git+https://github.com/signalwire/freeswitch#{hex:40}",
        "<img src=\"data:image/png;base64,{b64url:4000}\">",
        "-----BEGIN CERTIFICATE-----\n{b64url:64}\n{b64url:64}\n-----END CERTIFICATE-----",
        "psk={hex:64} TLS-PSK TLS_PSK_WITH_AES_128_CBC_SHA PSK_IDENTITY_HINT_LENGTH_MAX",
        "const A = \"{alnum:50}\"; const B = '{hex:50}';",
        "PT{hex:47} PT{hex:49} pt{hex:48} xPT{hex:48}0",
    ] {
        assert_harmless(&format!("# signalwire\n{}", format!("{line}\n").repeat(50)));
    }
}

#[test]
fn credentials_that_only_stand_for_a_variable_block_nothing() {
    for line in [
        "curl -u signalwire:$TOKEN https://freeswitch.signalwire.com/repo/deb/debian-release/signalwire.gpg",
        "curl -u \"signalwire:${TOKEN}\" https://freeswitch.signalwire.com/repo",
        "curl --user $PROJECT:$TOKEN https://$SPACE.signalwire.com/api/video/rooms",
        "https://{{project}}:{{token}}@{{space}}.signalwire.com/api",
        "machine freeswitch.signalwire.com login signalwire password $TOKEN",
        "deb [signed-by=/usr/share/keyrings/signalwire-freeswitch-repo.gpg] https://freeswitch.signalwire.com/repo/deb/debian-release/ trixie main",
        "SIGNALWIRE_API_TOKEN=${{ secrets.SIGNALWIRE_API_TOKEN }}",
        "SIGNALWIRE_API_TOKEN=<your API token>",
        "sip_password: process.env.SIGNALWIRE_SIP_PASSWORD,",
    ] {
        assert_harmless(line);
    }
}

/// All fixtures of a folder, each `copies` times in folders of their own. A copy has values of its own.
fn fixtures(folder: &str, copies: usize) -> Run {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
    let mut folders = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    assert!(!files.is_empty());
    let mut run = Run::new();
    for copy in 0..copies {
        for file in &files {
            let name = Path::new(&copy.to_string()).join(file.strip_prefix(&root).unwrap());
            let template = std::fs::read_to_string(file).unwrap().replace("{same:", &format!("{{same:{copy}-"));
            run = run.file(name, &template);
        }
    }
    run.args(["scan"])
}

#[test]
fn what_only_looks_like_a_secret_is_clean() {
    let output = fixtures("negatives", 1).run();
    assert_eq!(output.code, 0, "{output}");
    assert_eq!(output.stdout, "", "{output}");
}

#[test]
fn the_number_of_threads_changes_no_byte_of_a_report() {
    let run = fixtures("", 12).args(["-o", "-", "-v"]);
    for format in ["json", "text"] {
        let output = |jobs: &str| {
            let mut command = run.command();
            let output = command.args(["-f", format, "-j", jobs]).output().unwrap();
            assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
            output.stdout
        };
        let alone = output("1");
        assert!(alone.len() > 10_000, "{}", alone.len());
        for jobs in ["4", "4", "3", "16"] {
            assert!(output(jobs) == alone, "{format} -j {jobs}");
        }
    }
}
