//! A log is valid by the schema of OASIS, and is what code scanning wants.

use serde_json::Value;

use crate::blob::{Name, Origin};
use crate::finding::{Comparison, Notice, Problem, ProblemKind, Reason, Report};
use crate::report::{Forgiven, Format, Layout, Run, sample, write};
use crate::rule::{Part, Severity};

const SCHEMA: &str = include_str!("../../../tests/schemas/sarif-2.1.0.json");

fn log(report: &Report, forgiven: Forgiven) -> Value {
    let mut out = Vec::new();
    let run = Run { folder: Some(Name::new("/work")), ..Run::default() };
    write(Format::Sarif, Layout { forgiven, ..Layout::default() }, (report, &run), &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn validator() -> jsonschema::Validator {
    // One bracket too many in the pattern of a language, which is not written, keeps a strict reader from the schema.
    let mended = SCHEMA.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    jsonschema::draft7::new(&serde_json::from_str(&mended).unwrap()).unwrap()
}

fn assert_valid(log: &Value) {
    let validator = validator();
    let errors: Vec<_> = validator.iter_errors(log).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new(), "{log:#}");
}

/// A report with everything that a log can hold.
fn rich() -> Report {
    let mut report = sample::usable();
    let password = sample::rule("signalwire-sip-password", "SIP password", Part::Password, Severity::High);
    report.findings.push(sample::finding(&password, "tr0ub4dor", ("a\nb %#?.txt", 9), "pass = tr0ub4dor"));
    report.findings.push(sample::finding(&password, "tr0ub4dor", ("/work/x", 9), "pass = tr0ub4dor"));
    report.findings.push(sample::finding(&password, "tr0ub4dor", ("/etc/x", 9), "pass = tr0ub4dor"));
    let mut message = sample::finding(&sample::token_rule(), &sample::token(), ("commit 0a0a", 3), &sample::token());
    message.origin = Origin::Message;
    message.provenance.commit = Some("0a0a".into());
    report.findings.push(message);
    for reason in [Reason::Inline, Reason::Config, Reason::Baseline, Reason::Placeholder] {
        sample::forgive(&mut report, reason);
    }
    sample::problem(&mut report, "private/key", ProblemKind::Unreadable, "permission denied");
    report.notices.push(Notice {
        path: ".barewire.toml".to_owned(),
        line: Some(4),
        message: "it has expired".to_owned(),
    });
    report
}

fn results(log: &Value) -> &Vec<Value> {
    log["runs"][0]["results"].as_array().unwrap()
}

#[test]
fn every_log_is_valid_by_the_schema() {
    for report in [Report::default(), sample::usable(), rich()] {
        for forgiven in [Forgiven::Counted, Forgiven::Listed] {
            assert_valid(&log(&report, forgiven));
        }
    }
    let mut compared = rich();
    compared.comparison = Comparison::Baseline;
    assert_valid(&log(&compared, Forgiven::Listed));
}

#[test]
fn the_schema_rejects_what_is_broken() {
    let validator = validator();
    for (pointer, broken) in [
        ("/version", "2.0.0"),
        ("/runs/0/results/0/level", "dreadful"),
        ("/runs/0/results/0/locations/0/physicalLocation/region/startLine", "one"),
        ("/runs/0/columnKind", "bytes"),
    ] {
        let mut log = log(&rich(), Forgiven::Listed);
        *log.pointer_mut(pointer).unwrap() = broken.into();
        assert!(!validator.is_valid(&log), "{pointer}");
    }
}

#[test]
fn code_scanning_gets_all_that_it_asks_for() {
    let log = log(&rich(), Forgiven::Listed);
    let driver = &log["runs"][0]["tool"]["driver"];
    for name in ["name", "semanticVersion", "informationUri"] {
        assert!(driver[name].as_str().is_some_and(|text| !text.is_empty()), "{name}");
    }
    let rules = driver["rules"].as_array().unwrap();
    for rule in rules {
        for pointer in
            ["/id", "/name", "/shortDescription/text", "/fullDescription/text", "/help/text", "/help/markdown"]
        {
            let text = rule.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            assert!(!text.is_empty() && text.chars().count() <= 1_024, "{pointer}: {rule:#}");
        }
        let properties = &rule["properties"];
        assert!((1..=20).contains(&properties["tags"].as_array().unwrap().len()));
        let score: f64 = properties["security-severity"].as_str().unwrap().parse().unwrap();
        assert!((0.0..=10.0).contains(&score));
        assert!(["error", "warning", "recommendation"].contains(&properties["problem.severity"].as_str().unwrap()));
        assert!(["very-high", "high", "medium", "low"].contains(&properties["precision"].as_str().unwrap()));
        assert!(["error", "warning", "note"].contains(&rule["defaultConfiguration"]["level"].as_str().unwrap()));
    }
    for result in results(&log) {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        assert_eq!(result["locations"].as_array().unwrap().len(), 1);
        let prints = result["partialFingerprints"].as_object().unwrap();
        assert!(prints.len() == 1 && prints.values().all(|print| print.as_str().unwrap().starts_with("bw1:")));
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert!(region.is_null() || region["endLine"].as_u64() >= region["startLine"].as_u64());
        assert!(region["endColumn"].as_u64() > region["startColumn"].as_u64() || region["endColumn"].is_null());
    }
}

#[test]
fn a_path_is_relative_where_it_lies_below_the_folder() {
    let log = log(&rich(), Forgiven::Counted);
    let artifact = |index: usize| &results(&log)[index]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(artifact(6)["uri"], "a%0Ab%20%25%23%3F.txt");
    assert_eq!(artifact(6)["uriBaseId"], "%SRCROOT%");
    assert_eq!((&artifact(7)["uri"], &artifact(7)["uriBaseId"]), (&"x".into(), &"%SRCROOT%".into()));
    assert_eq!((&artifact(8)["uri"], &artifact(8)["uriBaseId"]), (&"file:///etc/x".into(), &Value::Null));
    let message = &results(&log)[9]["locations"][0];
    assert_eq!(message["logicalLocations"][0]["kind"], "message");
    assert!(message["physicalLocation"]["region"].is_null());
}

#[test]
fn a_value_is_known_by_its_fingerprint_and_a_password_by_its_place() {
    let report = rich();
    let log = log(&report, Forgiven::Counted);
    let print = |index: usize, key: &str| results(&log)[index]["partialFingerprints"][key].as_str();
    assert_eq!(print(0, "barewireValue/v1"), Some(&*report.findings[0].fingerprint().to_string()));
    assert_eq!(print(0, "barewireValue/v1"), print(1, "barewireValue/v1"));
    let places: Vec<_> = (6..9).map(|index| print(index, "barewirePlace/v1").unwrap()).collect();
    assert!(places[0] != places[1] && places[1] != places[2]);
    for index in 6..9 {
        assert_eq!(print(index, "barewireValue/v1"), None);
        assert!(!log.to_string().contains(&report.findings[index].fingerprint().to_string()));
    }
}

#[test]
fn the_parts_of_a_credential_are_a_flow() {
    let log = log(&sample::usable(), Forgiven::Counted);
    let steps = &results(&log)[0]["codeFlows"][0]["threadFlows"][0]["locations"];
    let told: Vec<_> =
        steps.as_array().unwrap().iter().map(|step| step["location"]["message"]["text"].as_str().unwrap()).collect();
    assert_eq!(told, ["SignalWire Project ID", "SignalWire Space", "SignalWire API token"]);
    let near = |index: usize| {
        steps_of(&results(&log)[index])[0]["location"]["physicalLocation"]["artifactLocation"]["uri"].clone()
    };
    assert_eq!((near(0), near(2)), (".env".into(), "src/main.py".into()));
    let related = results(&log)[0]["relatedLocations"].as_array().unwrap();
    assert_eq!(related.iter().map(|place| place["id"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3, 4]);
}

fn steps_of(result: &Value) -> &Vec<Value> {
    result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap()
}

#[test]
fn what_is_forgiven_is_counted_and_listed_on_request() {
    let mut report = rich();
    let counted = log(&report, Forgiven::Counted);
    assert!(!counted.to_string().contains("suppressions"));
    assert_eq!(counted["runs"][0]["properties"]["suppressed"]["inline-allow"], 1);
    report.comparison = Comparison::Baseline;
    let listed = log(&report, Forgiven::Listed);
    let forgiven: Vec<_> = results(&listed)[report.findings.len()..].iter().collect();
    let kinds: Vec<_> = forgiven.iter().map(|result| result["suppressions"][0]["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["inSource", "external", "external", "external"]);
    let states: Vec<_> = forgiven.iter().map(|result| result["baselineState"].as_str().unwrap()).collect();
    assert_eq!(states, ["new", "new", "unchanged", "new"]);
    assert!(forgiven.iter().all(|result| result["suppressions"][0]["status"] == "accepted"));
    assert_eq!(results(&listed)[0]["baselineState"], "new");
}

#[test]
fn what_was_not_scanned_is_told_by_the_invocation() {
    let log = log(&rich(), Forgiven::Counted);
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let told = invocation["toolExecutionNotifications"].to_string();
    assert!(
        told.contains("private/key: unreadable (permission denied)") && told.contains(".barewire.toml:4"),
        "{told}"
    );
    assert_eq!(log["runs"][0]["properties"]["complete"], false);
}

#[test]
fn a_log_of_very_many_findings_stays_within_the_limits() {
    let finding = |line| sample::finding(&sample::token_rule(), &sample::token(), ("a", line), &sample::token());
    let mut report = sample::report((1..=25_003).map(finding).collect());
    report.coverage.problems = (0..1_500)
        .map(|n| Problem { path: n.to_string(), kind: ProblemKind::Vanished, detail: String::new() })
        .collect();
    let log = log(&report, Forgiven::Counted);
    assert_eq!(results(&log).len(), 25_000);
    let told = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(told.contains("3 more results are not listed") && told.contains("500 more things could not be scanned"));
}

#[test]
fn no_value_is_written_even_if_values_are_asked_for() {
    let mut out = Vec::new();
    let layout = Layout { reveal: crate::report::Reveal::Whole, forgiven: Forgiven::Listed, ..Layout::default() };
    write(Format::Sarif, layout, (&rich(), &Run::default()), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(!text.contains(&sample::token()[..6]) && !text.contains("tr0u"), "{text}");
}

#[test]
fn the_help_of_a_rule_of_ones_own_holds_no_value() {
    let value = format!("PT{}", "0a1b2c3d".repeat(6));
    let mut rule = sample::rule("own", "Own", Part::Token, Severity::High);
    std::sync::Arc::get_mut(&mut rule).unwrap().remedy = format!("Revoke {value}.").into();
    let found = sample::finding(&rule, &sample::token(), ("a", 1), &sample::token());
    let text = log(&sample::report(vec![found]), Forgiven::Counted).to_string();
    assert!(text.contains("Revoke PT") && !text.contains(&value), "{text}");
}
