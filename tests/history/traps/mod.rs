//! Every trap of git that is known to have hidden something from somebody. The numbers are those of the list of traps:
//! 1 what a patch does not show, 2 what is not diffed, 3 settings, 4 paths, 5 which history, 6 the index, 7 hooks,
//! 8 ownership.

mod attributes;
mod hooks;
mod index;
mod owner;
mod patches;
mod paths;
mod programs;
mod settings;
mod views;

use crate::support::repo::Report;

/// Fails unless exactly these API tokens are reported, each as path and value, and all was scanned.
fn assert_found(report: &Report, expected: &[(&str, &str)]) {
    assert_tokens(report, expected);
    assert!(report.is_complete(), "{:?}", report.problems());
    assert_eq!(report.code(), i32::from(!expected.is_empty()), "{report}");
}

/// Fails unless exactly these API tokens are reported, each as path and value.
fn assert_tokens(report: &Report, expected: &[(&str, &str)]) {
    let mut lines: Vec<_> = expected.iter().map(|(path, value)| format!("{path} {value}")).collect();
    lines.sort();
    assert_eq!(report.tokens(), lines, "{report}");
}
