//! Decides how a result is written: one format a file, and nowhere else a format is known.
//!
//! A [`Writer`] is a [`Sink`]: it waits for the end of a scan and writes the whole report at once. [`notes()`] is what
//! a person is told beside the results: what could not be scanned, and the summary.

mod amount;
mod csv;
pub mod escape;
mod forgiven;
mod gate;
mod github;
mod gitlab;
mod json;
mod json_notice;
mod json_story;
mod json_verification;
mod jsonl;
mod junit;
mod life;
pub mod mask;
mod notes;
mod place;
mod run;
#[cfg(test)]
mod sample;
mod sarif;
mod scene;
mod subject;
mod text;
#[cfg(test)]
mod text_tests;
#[cfg(test)]
mod verification_tests;
mod verified;
mod wrap;

use std::io::{self, Write};

pub use gate::{Brief, brief};
pub use notes::{Notes, notes, problems};
pub use run::Run;
pub use verified::{Tally, Verified, write_json as write_verified_json, write_text as write_verified_text};

use crate::finding::{Event, Report, Sink};
use subject::Subject;

/// A format of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people: one block a credential, in the style of a compiler's diagnostics.
    #[default]
    Text,
    /// For programs: one JSON document, by `schema/barewire-v1.schema.json`.
    Json,
    /// For code scanning: SARIF 2.1.0.
    Sarif,
    /// For a step of GitHub Actions: commands that mark places.
    Github,
    /// For the summary of such a step: Markdown.
    GithubSummary,
    /// For GitLab: a secret detection report.
    Gitlab,
    /// For programs that read line by line: one JSON value a line, described in `schema/README.md`.
    Jsonl,
    /// For spreadsheets: a table by RFC 4180.
    Csv,
    /// For CI servers: the results of tests in the XML of `JUnit`.
    Junit,
}

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paint {
    /// Without any escape sequence.
    #[default]
    Plain,
    /// With the escape sequences of a terminal.
    Styled,
}

/// How much a text report tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// Long lists are cut, and say by how much.
    #[default]
    Brief,
    /// Every place and every problem.
    Full,
}

/// Whether secrets are written out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reveal {
    /// Enough to recognise a value, too little to use it.
    #[default]
    Masked,
    /// The whole value.
    Whole,
}

/// What is told of findings that are forgiven, in the formats that can tell them from the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Forgiven {
    /// How many each reason forgave.
    #[default]
    Counted,
    /// Each of them, too.
    Listed,
}

/// How a report is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Whether text is coloured.
    pub paint: Paint,
    /// How much a text report tells.
    pub detail: Detail,
    /// Whether secrets are written out.
    pub reveal: Reveal,
    /// Where a text report's problems and summary go.
    pub notes: Notes,
    /// What is told of findings that are forgiven.
    pub forgiven: Forgiven,
}

/// Writes a report when the scan is finished.
#[derive(Debug)]
pub struct Writer<W> {
    format: Format,
    layout: Layout,
    run: Run,
    out: W,
}

impl<W: Write> Writer<W> {
    /// A sink that writes to `out`.
    pub fn new(format: Format, layout: Layout, out: W) -> Self {
        Self { format, layout, run: Run::default(), out }
    }

    /// Tells it when and where the scan ran.
    #[must_use]
    pub fn of(self, run: Run) -> Self {
        Self { run, ..self }
    }

    /// Gives the output back.
    pub fn into_inner(self) -> W {
        self.out
    }
}

impl<W: Write> Sink for Writer<W> {
    fn receive(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Finished(report) => write(self.format, self.layout, (report, &self.run), &mut self.out),
            Event::Listed(_) | Event::Scanned(_) => Ok(()),
        }
    }
}

/// Writes a report of a run to `out`, whole.
fn write(format: Format, layout: Layout, (report, run): (&Report, &Run), out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(report, layout, out)?,
        Format::Json => json::write(report, layout, out)?,
        Format::Sarif => sarif::write(&Subject::new(report, run), layout.forgiven, out)?,
        Format::Github => github::write(&Subject::new(report, run), out)?,
        Format::GithubSummary => github::write_summary(&Subject::new(report, run), out)?,
        Format::Gitlab => gitlab::write(&Subject::new(report, run), out)?,
        Format::Jsonl => jsonl::write(report, layout.reveal, out)?,
        Format::Junit => junit::write(&Subject::new(report, run), out)?,
        Format::Csv => csv::write(report, layout.reveal, out)?,
    }
    out.flush()
}
