//! Decides how a command that scans is carried out: rules, scan, reports, summary, exit code.

use std::num::NonZeroUsize;

use anstream::{AutoStream, ColorChoice};

use super::args::{CommonArgs, ReportArgs, SearchArgs, TalkArgs};
use super::error::{self, Error};
use super::exit::{self, Extent};
use super::output::{self, Outputs};
use super::progress::Progress;
use super::settings::{self, Ground};
use super::surroundings::now;
use super::target::Target;
use super::verification::Review;
use super::{rule_files, rules};
use crate::detector::Detector;
use crate::finding::Report;
use crate::report::{self, Detail, Forgiven, Layout, Reveal};
use crate::scan::{Scan, ScanError, Scanned, outcome};
use crate::source::Source;
use crate::suppress::{InlineAllow, Suppressor};

/// Scans `source`, which was named `target`, by the settings of the repository that the program runs in; writes what was
/// found, and returns the exit code.
pub(super) fn conduct(
    source: &dyn Source,
    target: String,
    (args, review): (CommonArgs, Option<Review>),
) -> Result<u8, Error> {
    on((&Ground::here(), review), args, |scan, outputs| scan.run(source, target, outputs))
}

/// Prepares a scan by the settings of `ground`, carries it out by `run`, has it reviewed, and does the rest.
pub(super) fn on(
    (ground, review): (&Ground, Option<Review>),
    args: CommonArgs,
    run: impl FnOnce(&Scan<'_>, &mut Outputs) -> Result<Scanned, ScanError>,
) -> Result<u8, Error> {
    carry_out((ground, Manner::Report(review.as_ref())), args, run)
}

/// How a person is told of a result.
#[derive(Clone, Copy)]
pub(super) enum Manner<'a> {
    /// By a report and a summary, after SignalWire was asked if that is wanted.
    Report(Option<&'a Review>),
    /// By a function that is given the result and the exit code, and writes a few lines. Reports are written where
    /// they were asked for.
    Brief(&'a dyn Fn(&Report, u8)),
}

/// The same as [`on`], by the settings of the repository that the program runs in, in one of two manners.
pub(super) fn in_manner(
    args: CommonArgs,
    manner: Manner<'_>,
    run: impl FnOnce(&Scan<'_>, &mut Outputs) -> Result<Scanned, ScanError>,
) -> Result<u8, Error> {
    carry_out((&Ground::here(), manner), args, run)
}

fn carry_out(
    (ground, manner): (&Ground, Manner<'_>),
    args: CommonArgs,
    run: impl FnOnce(&Scan<'_>, &mut Outputs) -> Result<Scanned, ScanError>,
) -> Result<u8, Error> {
    let CommonArgs { search, settings, report: wanted, talk } = args;
    let detector = detector(&search)?;
    let mut outputs = outputs(&wanted, &talk)?;
    let is_asked = talk.verbose || wanted.format.is_some() || !wanted.output.is_empty();
    if matches!(manner, Manner::Brief(_)) && !is_asked {
        outputs.write_nothing();
    }
    let policy = settings::policy(ground, &settings, detector.rules(), now())?;
    let suppressor = Suppressor::new(inline(&search)).with(policy);
    let scan = Scan { detector: &detector, suppressor: &suppressor, now: now(), jobs: jobs(&search) };
    if let Manner::Report(Some(_)) = manner {
        outputs.hold();
    }
    let scanned = run(&scan, &mut outputs).map_err(|ScanError::Source(error)| Error::from(&error))?;
    if !talk.quiet {
        scanned.warnings.iter().for_each(|warning| error::tell(&format!("warning: {warning}\n")));
    }
    let mut report = scanned.report;
    if let Manner::Report(Some(review)) = manner {
        review.apply(&mut report, progress(&talk).of("credentials"));
        outputs.release(&report);
    }
    let extent = if report.coverage.is_complete() { Extent::Complete } else { Extent::Partial };
    let code = exit::code(outcome(&report, wanted.fail_on), extent, outputs.delivery(), wanted.exit_code);
    if matches!(manner, Manner::Report(_)) || talk.verbose {
        summarize(&report, &talk, &outputs);
    }
    if let Manner::Brief(tell) = manner {
        tell(&report, code);
    }
    Ok(code)
}

/// Whether comments count.
pub(super) fn inline(search: &SearchArgs) -> InlineAllow {
    if search.no_inline_allow { InlineAllow::Ignored } else { InlineAllow::Honoured }
}

/// How many threads are to work.
pub(super) fn jobs(search: &SearchArgs) -> usize {
    search.jobs.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
}

/// What searches, as was asked for.
pub(super) fn detector(search: &SearchArgs) -> Result<Detector, Error> {
    let rules = rule_files::load(&search.rules.files)?;
    Detector::new(rules).only(&search.only).map_err(|id| rules::unknown(&id))
}

fn outputs(wanted: &ReportArgs, talk: &TalkArgs) -> Result<Outputs, Error> {
    let targets = Target::choose(&wanted.output, wanted.format.map(Into::into))?;
    let reveal = if wanted.show_secrets { Reveal::Whole } else { Reveal::Masked };
    let forgiven = if wanted.show_suppressed { Forgiven::Listed } else { Forgiven::Counted };
    let layout = Layout { detail: detail(talk), reveal, forgiven, ..Layout::default() };
    let color = color(talk, AutoStream::choice(&std::io::stdout()));
    Ok(Outputs::new(targets, layout, color, progress(talk)))
}

fn progress(talk: &TalkArgs) -> Progress {
    if talk.quiet { Progress::silent() } else { Progress::on_terminal() }
}

/// Tells a person what was not scanned, and the sum of it all.
fn summarize(report: &Report, talk: &TalkArgs, outputs: &Outputs) {
    let color = color(talk, AutoStream::choice(&std::io::stderr()));
    let layout = Layout { paint: output::paint(color), detail: detail(talk), ..Layout::default() };
    let mut stderr = AutoStream::new(std::io::stderr(), color);
    let told = if talk.quiet {
        report::problems(report, layout, &mut stderr)
    } else {
        report::notes(report, layout, Some(outputs.elapsed()), &mut stderr)
    };
    // There is nobody to tell that it could not be told.
    drop(told);
}

fn detail(talk: &TalkArgs) -> Detail {
    if talk.verbose { Detail::Full } else { Detail::Brief }
}

/// `--no-color` wins over what the environment and the terminal say.
fn color(talk: &TalkArgs, otherwise: ColorChoice) -> ColorChoice {
    if talk.no_color { ColorChoice::Never } else { otherwise }
}
