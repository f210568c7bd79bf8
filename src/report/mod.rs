//! Decides how a result is written: one format a file, and nowhere else a format is known.
//!
//! A [`Writer`] is a [`Sink`]: it waits for the end of a scan and writes the whole report at once. [`notes()`] is what
//! a person is told beside the results: what could not be scanned, and the summary.

mod amount;
pub mod escape;
mod forgiven;
mod json;
mod json_story;
mod life;
pub mod mask;
mod notes;
#[cfg(test)]
mod sample;
mod scene;
mod text;
#[cfg(test)]
mod text_tests;
mod wrap;

use std::io::{self, Write};

pub use notes::{Notes, notes, problems};

use crate::finding::{Event, Report, Sink};

/// A format of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people: one block a credential, in the style of a compiler's diagnostics.
    #[default]
    Text,
    /// For programs: one JSON document, by `schema/barewire-v1.schema.json`.
    Json,
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

/// Whether what is forgiven is listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Forgiven {
    /// It is counted by reason.
    #[default]
    Counted,
    /// Each is listed, with its reason and what forgave it.
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
    /// Whether what is forgiven is listed.
    pub forgiven: Forgiven,
    /// Where a text report's problems and summary go.
    pub notes: Notes,
}

/// Writes a report when the scan is finished.
#[derive(Debug)]
pub struct Writer<W> {
    format: Format,
    layout: Layout,
    out: W,
}

impl<W: Write> Writer<W> {
    /// A sink that writes to `out`.
    pub fn new(format: Format, layout: Layout, out: W) -> Self {
        Self { format, layout, out }
    }

    /// Gives the output back.
    pub fn into_inner(self) -> W {
        self.out
    }
}

impl<W: Write> Sink for Writer<W> {
    fn receive(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Finished(report) => write(self.format, self.layout, report, &mut self.out),
            Event::Listed(_) | Event::Scanned(_) => Ok(()),
        }
    }
}

/// Writes `report` to `out`, whole.
///
/// # Errors
/// Those of `out`.
pub fn write(format: Format, layout: Layout, report: &Report, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Text => text::write(report, layout, out)?,
        Format::Json => json::write(report, layout, out)?,
    }
    out.flush()
}
