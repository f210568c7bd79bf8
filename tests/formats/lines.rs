//! Lines of JSON, and tables.

use serde_json::Value;

use super::{leaking, written};

const SCHEMA: &str = include_str!("../../schema/barewire-v1.schema.json");

/// The document that lines tell in parts.
fn gathered(text: &str) -> Value {
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| -> Vec<Value> {
        let lines = lines.iter().filter(|line| line["type"] == kind);
        let bare = lines.map(|line| line.as_object().unwrap().iter().filter(|(name, _)| *name != "type"));
        bare.map(|fields| fields.map(|(name, value)| (name.clone(), value.clone())).collect()).collect()
    };
    let mut document = of("scan").remove(0);
    let mut summary = of("summary").remove(0);
    assert_eq!(lines.last().unwrap()["type"], "summary");
    for (name, lines) in [("credentials", of("credential")), ("findings", of("finding"))] {
        assert_eq!(summary[name], lines.len());
        document[name] = lines.into();
    }
    document["suppressed"] = summary["suppressed"].take();
    document["coverage"] = summary["coverage"].take();
    document["coverage"]["problems"] = of("problem").into();
    document
}

#[test]
fn the_lines_are_the_document_in_parts() {
    let run = leaking().file("big", &"0123456789\n".repeat(40));
    let run = run.args(["scan", "--max-file-size", "300b", "-o", "a.json", "-o", "a.jsonl"]);
    assert_eq!(run.run().code, 1);
    let document = gathered(&written(&run, "a.jsonl"));
    assert_eq!(document, serde_json::from_str::<Value>(&written(&run, "a.json")).unwrap());
    let validator = jsonschema::draft202012::new(&serde_json::from_str(SCHEMA).unwrap()).unwrap();
    assert!(validator.is_valid(&document), "{document:#}");
    assert_eq!(document["complete"], false);
}

#[test]
fn a_table_names_its_columns_and_ends_with_a_summary() {
    let output = leaking().args(["scan", "-f", "csv"]).run();
    let rows: Vec<_> = output.stdout.split("\r\n").collect();
    assert!(rows[0].starts_with("type,severity,rule,description,path,line,"), "{output}");
    assert!(
        rows[1].starts_with("finding,critical,signalwire-api-token,SignalWire API token,app.env,2,22,2,72,"),
        "{output}"
    );
    assert!(rows[rows.len() - 2].contains("complete: 1 credential (1 critical)"), "{output}");
    assert!(rows[rows.len() - 3].starts_with("suppressed,") && rows[rows.len() - 3].ends_with(",1 inline-allow"));
}
