//! `barewire rules`: what is searched for.

use std::fmt::Write as _;

use serde::Serialize;

use super::args::{RulesArgs, RulesCommand};
use super::error::Error;
use super::{exit, output, rule_files};
use crate::report::escape::escape;
use crate::rule::{Context, Expect, Pattern, Rule, RuleSet};

/// Runs the command.
pub(super) fn run(args: RulesArgs) -> Result<u8, Error> {
    let text = match args.command {
        RulesCommand::List { rules } => list(&rule_files::load(&rules.files)?),
        RulesCommand::Show { id, rules } => {
            let rules = rule_files::load(&rules.files)?;
            show(rules.get(&id).ok_or_else(|| unknown(&id))?)
        }
    };
    output::print(&text)?;
    Ok(exit::CLEAN)
}

/// The error that no rule has this id.
pub(super) fn unknown(id: &str) -> Error {
    Error::new(format_args!("there is no rule {id}")).help("`barewire rules list` shows all ids")
}

fn list(rules: &RuleSet) -> String {
    let mut rows = vec![["ID", "SEVERITY", "PART", "DESCRIPTION"].map(str::to_owned)];
    for rule in rules.rules() {
        let cells = [&*rule.id, rule.severity.as_str(), rule.part.as_str(), &*rule.description];
        rows.push(cells.map(|cell| escape(cell).into_owned()));
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (id, severity, part) = (width(0), width(1), width(2));
    let mut text = String::new();
    for row in &rows {
        let line = format!("{:id$}  {:severity$}  {:part$}  {}", row[0], row[1], row[2], row[3]);
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn show(rule: &Rule) -> String {
    let bind = rule.bind.clone().unwrap_or_default();
    let jose = rule.jose.clone().unwrap_or_default();
    let pattern = |pattern: &Option<Pattern>| pattern.as_ref().map(|it| it.as_str().to_owned()).unwrap_or_default();
    let fields = [
        ("severity", rule.severity.as_str().to_owned()),
        ("confidence", rule.confidence.as_str().to_owned()),
        ("part", rule.part.as_str().to_owned()),
        ("regex", pattern(&rule.regex)),
        ("path", pattern(&rule.path)),
        ("keywords", rule.keywords.join(", ")),
        ("checks", words(&rule.checks)),
        ("context", rule.context.as_ref().map(context).unwrap_or_default()),
        ("names", bind.names.join(", ")),
        ("not names", bind.deny.join(", ")),
        ("calls", bind.calls.join(", ")),
        ("jose typ", jose.typ.map(String::from).unwrap_or_default()),
        ("issuer", jose.issuer.map(String::from).unwrap_or_default()),
        ("claims", jose.claims.join(", ")),
        ("entropy", if rule.entropy > 0.0 { format!("more than {} bits a byte", rule.entropy) } else { String::new() }),
        ("can", rule.impact.to_string()),
        ("fix", rule.remedy.to_string()),
        ("reference", rule.reference.to_string()),
        ("tags", rule.tags.join(", ")),
    ];
    let mut text = format!("{}: {}\n\n", escape(&rule.id), escape(&rule.description));
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(text, "{name:10}  {}", lines(value));
    }
    if !rule.tests.is_empty() {
        let _ = writeln!(
            text,
            "tests       it must find each match and no miss; {{hex:48}} and its like stand for a value"
        );
    }
    for example in &rule.tests {
        let expect = match example.expect {
            Expect::Match => "match",
            Expect::Miss => "miss",
        };
        let _ = writeln!(text, "{expect:10}  {}", lines(&example.text));
    }
    text
}

/// A value of one or more lines, each below the first.
fn lines(value: &str) -> String {
    let lines: Vec<_> = value.trim_end().lines().map(escape).collect();
    lines.join("\n            ")
}

fn context(context: &Context) -> String {
    let near = match context.lines {
        Some(lines) => format!(" within {lines} lines"),
        None => " anywhere in the file".to_owned(),
    };
    format!("{}{near}", words(&context.any))
}

/// Words of a rule file, as they are written there.
fn words(values: &[impl Serialize]) -> String {
    let word = |value| match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Some(word),
        _ => None,
    };
    values.iter().filter_map(word).collect::<Vec<_>>().join(", ")
}
