//! Decides how what is forgiven is listed: what, where, for what reason and by whom.

use std::io::{self, Write};

use anstyle::{AnsiColor, Effects, Style};

use super::amount::{Count, Grouped};
use super::escape::escape;
use super::mask::mask;
use super::scene::place;
use super::{Forgiven, Layout, Paint, Reveal};
use crate::finding::{Finding, Report};

/// What is forgiven, in the order of reports.
pub(super) fn listed(report: &Report) -> impl Iterator<Item = &Finding> {
    let mut findings: Vec<&Finding> = report.suppressed.iter().collect();
    findings.sort_by(|one, other| one.compare(other));
    findings.into_iter()
}

/// Writes one line a finding that is forgiven, and one below it for what forgave it, if that was asked for.
pub(super) fn write(report: &Report, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let only_counted: u64 = report.suppressed_values.values().sum();
    if layout.forgiven == Forgiven::Counted || report.suppressed.is_empty() && only_counted == 0 {
        return Ok(());
    }
    let style = match layout.paint {
        Paint::Plain => Style::new(),
        Paint::Styled => AnsiColor::BrightBlue.on_default().effects(Effects::BOLD),
    };
    writeln!(out, "{style}suppressed{style:#}: {}", Count::of(report.suppressed.len(), "finding"))?;
    for finding in listed(report) {
        let shown = match layout.reveal {
            Reveal::Masked => finding.shown(),
            Reveal::Whole => String::from_utf8_lossy(finding.secret.expose()).into_owned(),
        };
        let rule = escape(&finding.rule.id);
        writeln!(out, "  {rule}  {} at {}", escape(&shown), place(finding))?;
        if let Some(forgiven) = &finding.forgiven {
            writeln!(out, "    = {}: {}", forgiven.reason.as_str(), escape(&mask(&forgiven.by)))?;
        }
    }
    if only_counted > 0 {
        writeln!(out, "  and {} of which only the number is kept", Grouped(only_counted))?;
    }
    writeln!(out)
}
