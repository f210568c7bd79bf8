//! The formats for other programs, as the real program writes them.

mod github;
mod gitlab;
mod junit;
mod lines;
mod sarif;

use serde_json::Value;

use crate::support::Run;

/// Two files: a credential that is usable, and a token that a comment forgives.
fn leaking() -> Run {
    Run::new()
        .file(
            "app.env",
            "SIGNALWIRE_PROJECT_ID={uuid}\nSIGNALWIRE_API_TOKEN=PT{hex:48}\nSIGNALWIRE_SPACE=northwind.signalwire.com\n",
        )
        .file("old.py", "token = \"PT{hex:48}\"  # barewire:allow: deleted in May\n")
}

/// A document by its schema, or all that is wrong with it.
fn assert_valid(schema: &str, document: &Value) {
    let validator = jsonschema::draft7::new(&serde_json::from_str(schema).unwrap()).unwrap();
    let errors: Vec<_> = validator.iter_errors(document).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new(), "{document:#}");
}

/// The text of a file that the program wrote.
fn written(run: &Run, name: &str) -> String {
    std::fs::read_to_string(run.dir().join(name)).unwrap()
}

#[test]
fn one_run_writes_several_reports() {
    let run = leaking().args(["scan", "-o", "a.json", "-o", "a.sarif", "-o", "sarif:b.json", "-o", "-"]);
    let output = run.run();
    assert_eq!(output.code, 1, "{output}");
    assert!(output.stdout.starts_with("critical[signalwire-api-token]"), "{output}");
    assert_eq!(written(&run, "a.sarif"), written(&run, "b.json"));
    assert!(written(&run, "a.json").starts_with("{\n  \"version\": 1,"));
}

#[test]
fn a_format_without_a_file_is_refused() {
    let output = leaking().args(["scan", "-o", "sarif:"]).run();
    assert_eq!((output.code, &*output.stdout), (2, ""), "{output}");
}

#[test]
fn no_two_reports_go_to_one_place() {
    for args in [
        "scan -o a.json -o sarif:a.json",
        "scan -o a.json -o sarif:./a.json",
        "scan -o json:- -o sarif:-",
        "scan -o - -o -",
    ] {
        let output = leaking().args(args.split(' ')).run();
        assert_eq!((output.code, &*output.stdout), (2, ""), "{args}: {output}");
        assert!(output.stderr.contains("two reports would be written to"), "{args}: {output}");
    }
}

#[test]
fn a_format_that_no_report_would_have_is_refused() {
    let refused = leaking().args(["scan", "-f", "sarif", "-o", "out.json"]).run();
    assert_eq!(refused.code, 2, "{refused}");
    assert!(refused.stderr.contains("-o sarif:out.json"), "{refused}");
    for args in ["scan -f sarif -o out.json -o -", "scan -f sarif -o out.sarif", "scan -f sarif -o out"] {
        assert_eq!(leaking().args(args.split(' ')).run().code, 1, "{args}");
    }
}

#[test]
fn a_format_that_is_not_known_is_refused() {
    let run = leaking().args(["scan", "-o", "safir:out.json"]);
    let output = run.run();
    assert_eq!(output.code, 2, "{output}");
    assert!(
        output.stderr.contains("there is no format safir") && output.stderr.contains("./safir:out.json"),
        "{output}"
    );
    assert!(!run.dir().join("safir:out.json").exists());
}

#[test]
fn a_report_does_not_take_the_place_of_what_is_scanned() {
    let output = leaking().args(["scan", "-o", "sarif:old.py", "old.py"]).run();
    assert_eq!(output.code, 2, "{output}");
    assert!(output.stderr.contains("old.py is to be scanned; a report would take its place"), "{output}");
}

#[test]
fn the_number_of_threads_changes_no_byte_of_any_format() {
    let lines = "SIGNALWIRE_TOKEN=PT{hex:48}\n".repeat(10);
    let mut run = leaking();
    for file in 0..20 {
        run = run.file(format!("{file}.env"), &lines);
    }
    for format in ["github", "github-summary", "junit", "csv", "jsonl", "json", "text"] {
        let stdout = |jobs| run.command().args(["scan", "-f", format, "-j", jobs]).output().unwrap().stdout;
        let alone = stdout("1");
        assert_eq!(alone, stdout("8"), "{format}");
        assert!(alone.len() > 1_000, "{format}");
    }
}

#[test]
fn every_format_says_what_is_missing_and_what_was_forgiven() {
    let run = leaking().file("big", &"0123456789\n".repeat(40));
    for format in ["sarif", "github", "github-summary", "gitlab", "junit", "csv", "jsonl", "json"] {
        let output = run.command().args(["scan", "--max-file-size", "300b", "-q", "-f", format]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        for words in ["big", "oversize", "inline-allow"] {
            assert!(text.contains(words), "{format} lacks {words}: {text}");
        }
        let incomplete = ["\"complete\":false", "\"complete\": false", "INCOMPLETE", "incomplete", "\"failure\""];
        assert!(incomplete.iter().any(|words| text.contains(words)), "{format}: {text}");
    }
}
