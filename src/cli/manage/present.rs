//! Decides how results of the commands for tokens and projects are written: tables for people, JSON for programs.

use clap::ValueEnum;
use serde_json::Value;

use crate::cli::error::Error;
use crate::cli::{exit, output};
use crate::report::escape::{escape, escape_json};
use crate::report::mask::{holds_secret, mask};

/// How a result is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Shape {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// How the result is to be written.
#[derive(Debug, Default, clap::Args)]
pub(in crate::cli) struct ShapeArgs {
    /// How the result is written
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub(in crate::cli) format: Shape,
}

/// Prints a document for programs; its texts are masked and escaped.
pub(super) fn print_json(mut value: Value) -> Result<(), Error> {
    hide(&mut value);
    output::print(&escape_json(&format!("{value:#}\n")))
}

/// Tells if the result of what was done could not be shown; returns the exit code.
pub(super) fn shown(printed: Result<(), Error>) -> u8 {
    printed.map_or_else(
        |error| {
            error.print();
            exit::INCOMPLETE
        },
        |()| exit::CLEAN,
    )
}

/// Masks what has the shape of a secret in all texts, and in the names of fields.
pub(super) fn hide(value: &mut Value) {
    match value {
        Value::String(text) => *text = mask(text).into_owned(),
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(fields) => {
            fields.values_mut().for_each(hide);
            if fields.keys().any(|name| holds_secret(name)) {
                *fields =
                    std::mem::take(fields).into_iter().map(|(name, value)| (mask(&name).into_owned(), value)).collect();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A text of the server or of a file, as a terminal may see it.
pub(super) fn safe(text: &str) -> String {
    escape(&mask(text)).into_owned()
}

/// Lines with their cells below each other; each cell is masked and escaped.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| safe(cell)).collect()).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<_> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_below_each_other_and_move_no_cursor() {
        let rows =
            [["ID", "NAME", "X"], ["1", "a\u{1b}[2J", "y"], ["22", "ü", ""]].map(|row| row.map(String::from).to_vec());
        assert_eq!(table(&rows), "ID  NAME        X\n1   a\\u{1B}[2J  y\n22  ü\n");
        assert_eq!(table(&[]), "");
    }

    #[test]
    fn texts_are_masked_wherever_they_stand() {
        let token = format!("PT{}", "0a1b2c3d".repeat(6));
        let mut value = serde_json::json!({ "a": [{ "b": token }], "c": { token.clone(): 1 } });
        hide(&mut value);
        assert!(!value.to_string().contains(&token), "{value}");
    }
}
