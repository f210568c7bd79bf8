//! The secret detection report of GitLab.

use serde_json::Value;

use super::{assert_valid, leaking, written};

const SCHEMA: &str = include_str!("../schemas/gitlab-secret-detection-15.json");

fn report(text: &str) -> Value {
    let report = serde_json::from_str(text).unwrap();
    assert_valid(SCHEMA, &report);
    report
}

#[test]
fn a_report_has_the_name_that_gitlab_wants() {
    let run = leaking().args(["scan", "-o", "gl-secret-detection-report.json"]);
    let run = run.env("CI_COMMIT_SHA", "0a".repeat(20));
    assert_eq!(run.run().code, 1);
    let report = report(&written(&run, "gl-secret-detection-report.json"));
    let found = &report["vulnerabilities"][0];
    assert_eq!(found["location"]["file"], "app.env");
    assert_eq!(found["location"]["start_line"], 2);
    assert_eq!(found["location"]["commit"]["sha"], "0a".repeat(20));
    assert_eq!(report["scan"]["status"], "success");
}

#[test]
fn only_the_times_differ_from_run_to_run() {
    let run = leaking().args(["scan", "-f", "gitlab"]);
    let times = regex::Regex::new(r#""(start|end)_time": "[^"]*""#).unwrap();
    let text = |jobs: &str| {
        let output = run.command().args(["-j", jobs]).output().unwrap().stdout;
        let text = String::from_utf8(output).unwrap();
        assert_eq!(times.find_iter(&text).count(), 2);
        report(&text);
        times.replace_all(&text, "").into_owned()
    };
    assert_eq!(text("1"), text("8"));
}

#[test]
fn what_was_not_scanned_makes_a_failure() {
    let output = leaking().args(["scan", "--max-file-size", "5b", "-f", "gitlab"]).run();
    assert_eq!(report(&output.stdout)["scan"]["status"], "failure", "{output}");
}
