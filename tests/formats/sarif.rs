//! SARIF, by the schema of OASIS and by what code scanning takes.

use serde_json::Value;

use super::{assert_valid, leaking, written};
use crate::support::Run;
use crate::support::repo::{Repo, leak};

const SCHEMA: &str = include_str!("../schemas/sarif-2.1.0.json");

fn sarif(text: &str) -> Value {
    let log = serde_json::from_str(text).unwrap();
    // One bracket too many in the pattern of a language keeps a strict reader from the schema.
    assert_valid(&SCHEMA.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$"), &log);
    log
}

fn places(log: &Value) -> Vec<&Value> {
    let results = log["runs"][0]["results"].as_array().unwrap();
    results.iter().map(|result| &result["locations"][0]["physicalLocation"]).collect()
}

#[test]
fn a_log_is_valid_and_says_where() {
    let log = sarif(&leaking().args(["scan", "-f", "sarif"]).run().stdout);
    let place = places(&log)[0];
    assert_eq!(place["artifactLocation"]["uri"], "app.env");
    let region = &place["region"];
    let numbers = ["startLine", "startColumn", "endLine", "endColumn"].map(|name| region[name].as_u64().unwrap());
    assert_eq!(numbers, [2, 22, 2, 72]);
    assert_eq!(log["runs"][0]["properties"]["suppressed"]["inline-allow"], 1);
    assert!(log["runs"][0]["results"][0]["codeFlows"].is_array());
}

#[test]
fn a_clean_scan_is_a_log_without_results() {
    let log = sarif(&Run::new().file("a", "x").args(["scan", "-f", "sarif"]).run().stdout);
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn what_was_not_scanned_makes_the_log_say_so() {
    let run = Run::new().file("big", "0123456789\n").args(["scan", "--max-file-size", "5b", "-f", "sarif"]);
    let output = run.run();
    assert_eq!(output.code, 3, "{output}");
    let log = sarif(&output.stdout);
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
    assert!(output.stdout.contains("big: oversize"), "{output}");
}

#[test]
fn columns_are_those_of_an_editor() {
    let run = Run::new().file("a", "# grün 😀 SIGNALWIRE_TOKEN=PT{hex:48}\n").args(["scan", "-f", "sarif"]);
    let log = sarif(&run.run().stdout);
    assert_eq!(places(&log)[0]["region"]["startColumn"], 28, "{log:#}");
}

#[test]
fn an_absolute_path_below_the_folder_is_relative() {
    let run = leaking();
    let path = run.dir().canonicalize().unwrap();
    let log = sarif(&run.args(["scan", "-f", "sarif"]).args([path]).run().stdout);
    assert_eq!(places(&log)[0]["artifactLocation"]["uri"], "app.env", "{log:#}");
}

#[cfg(unix)]
#[test]
fn hostile_names_are_encoded() {
    use std::os::unix::ffi::OsStrExt as _;
    let mut run = Run::new();
    let names: [(&[u8], &str); 4] = [
        (b"a\nb\"::error", "a%0Ab%22%3A%3Aerror"),
        (b"50%#?.env", "50%25%23%3F.env"),
        (b"\x1b[31m \xff", "%1B%5B31m%20%FF"),
        ("grün".as_bytes(), "gr%C3%BCn"),
    ];
    for (name, _) in names {
        run = run.file(std::ffi::OsStr::from_bytes(name), "SIGNALWIRE_TOKEN=PT{hex:48}\n");
    }
    let log = sarif(&run.args(["scan", "-f", "sarif"]).run().stdout);
    let mut uris: Vec<_> =
        places(&log).iter().map(|place| place["artifactLocation"]["uri"].as_str().unwrap()).collect();
    let mut expected: Vec<_> = names.iter().map(|(_, uri)| *uri).collect();
    uris.sort_unstable();
    expected.sort_unstable();
    assert_eq!(uris, expected);
}

#[test]
fn five_thousand_findings_stay_within_the_limits_of_code_scanning() {
    let lines = "SIGNALWIRE_TOKEN=PT{hex:48}\n".repeat(1_000);
    let mut run = leaking();
    for file in 0..5 {
        run = run.file(format!("{file}.env"), &lines);
    }
    let run = run.args(["scan", "-q", "-o", "1.sarif"]);
    assert_eq!(run.run().code, 1);
    let text = written(&run, "1.sarif");
    // The limit is 10 MB after compression.
    assert!(text.len() < 10_000_000, "{} bytes", text.len());
    let log = sarif(&text);
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert!(results.len() > 5_000 && results.len() <= 25_000, "{}", results.len());
    for result in results {
        assert!(result["locations"].as_array().unwrap().len() <= 1_000);
        let related = result["relatedLocations"].as_array().map_or(0, Vec::len);
        assert!(related <= 10, "{related}");
        for flow in result["codeFlows"].as_array().into_iter().flatten() {
            assert!(flow["threadFlows"][0]["locations"].as_array().unwrap().len() <= 10);
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let lines = "SIGNALWIRE_TOKEN=PT{hex:48}\n".repeat(20);
    let mut run = leaking();
    for file in 0..20 {
        run = run.file(format!("{file}.env"), &lines);
    }
    let run = run.args(["scan", "-f", "sarif"]);
    let mut alone = run.command();
    let mut many = run.command();
    let alone = alone.args(["-j", "1"]).output().unwrap().stdout;
    assert_eq!(alone, many.args(["-j", "8"]).output().unwrap().stdout);
    assert!(alone.len() > 100_000);
}

#[test]
fn a_log_of_history_names_no_person() {
    let repo = Repo::new();
    repo.commit("a", leak(&repo.token()));
    repo.commit("a", "a\n");
    let output = repo.barewire(["history", "-f", "sarif"]);
    let log = sarif(&output.stdout);
    assert!(!output.stdout.contains("A U Thor") && !output.stdout.contains('@'), "{log:#}");
    assert!(log["runs"][0]["results"][0]["properties"]["commit"].is_string(), "{log:#}");
}
