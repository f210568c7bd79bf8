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
