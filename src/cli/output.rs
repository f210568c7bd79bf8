//! Decides where results go: standard output, or files that are either whole or not there.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use super::error::{Error, shown};
use super::exit::Delivery;
use super::progress::Progress;
use super::surroundings;
use super::target::{Place, Target, folder, is_special};
use crate::finding::{Event, Report, Sink};
use crate::report::{Format, Layout, Notes, Paint, Reveal, Run, Writer};
use anstream::{AutoStream, ColorChoice};

/// How much the summary of a step of GitHub Actions may hold, in bytes.
const MOST_SUMMARY: u64 = 1 << 20;

/// Prints `text`. A reader that goes away has read enough.
pub(super) fn print(text: &str) -> Result<(), Error> {
    tolerate(io::stdout().lock().write_all(text.as_bytes())).map_err(|error| undelivered(&error))
}

/// Whether text on `stream` is coloured.
pub(super) fn paint(choice: ColorChoice) -> Paint {
    match choice {
        ColorChoice::Never | ColorChoice::Auto => Paint::Plain,
        ColorChoice::Always | ColorChoice::AlwaysAnsi => Paint::Styled,
    }
}

/// Writes a scan's reports and shows its progress. Its own failures never stop a scan.
#[derive(Debug)]
pub(super) struct Outputs {
    targets: Vec<Target>,
    layout: Layout,
    run: Run,
    color: ColorChoice,
    progress: Progress,
    delivery: Delivery,
    moment: Moment,
}

/// When a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    /// When the scan is finished.
    AtOnce,
    /// When that is said.
    Later,
}

impl Outputs {
    /// Writes to `targets`; standard output is coloured as `color` says.
    pub(super) fn new(targets: Vec<Target>, layout: Layout, color: ColorChoice, progress: Progress) -> Self {
        let (run, delivery) = (surroundings::run(), Delivery::Done);
        Self { targets, layout, run, color, progress, delivery, moment: Moment::AtOnce }
    }

    /// Writes no report at all.
    pub(super) fn write_nothing(&mut self) {
        self.targets.clear();
    }

    /// Waits for [`release`](Self::release) with the report of a scan.
    pub(super) fn hold(&mut self) {
        self.moment = Moment::Later;
    }

    /// Writes a report that was waited for.
    pub(super) fn release(&mut self, report: &Report) {
        self.deliver(report);
    }

    /// How long the scan took up to now.
    pub(super) fn elapsed(&self) -> std::time::Duration {
        self.progress.elapsed()
    }

    /// Whether every report was written.
    pub(super) fn delivery(&self) -> Delivery {
        self.delivery
    }

    fn deliver(&mut self, report: &Report) {
        self.run.ended = surroundings::now();
        for target in &self.targets {
            let written = match &target.place {
                Place::Stdout => self.to_stdout(target.format, report),
                Place::File(path) => self.to_file(target.format, path, report),
            };
            if let Err(error) = written {
                error.print();
                self.delivery = Delivery::Failed;
            }
        }
        let summary = surroundings::step_summary();
        let is_asked = self.targets.iter().any(|target| target.format == Format::Github);
        let is_done = |path: &Path| self.targets.iter().any(|target| target.place.is_file(path));
        let Some(path) = summary.filter(|path| is_asked && !is_done(path)) else { return };
        if let Err(error) = self.to_file(Format::GithubSummary, &path, report) {
            error.print();
            self.delivery = Delivery::Failed;
        }
    }

    fn to_stdout(&self, format: Format, report: &Report) -> Result<(), Error> {
        let layout = Layout { paint: paint(self.color), ..self.layout };
        let out = io::stdout().lock();
        let written = match format {
            Format::Text => self.write((format, layout), report, AutoStream::new(out, self.color)),
            _ => self.write((format, layout), report, out),
        };
        tolerate(written).map_err(|error| undelivered(&error))
    }

    fn to_file(&self, format: Format, path: &Path, report: &Report) -> Result<(), Error> {
        let layout = Layout { notes: Notes::Included, paint: Paint::Plain, ..self.layout };
        let written = if format == Format::GithubSummary && surroundings::step_summary().as_deref() == Some(path) {
            append(path, |out| self.write((format, layout), report, out))
        } else if is_special(path) {
            OpenOptions::new().write(true).open(path).and_then(|file| self.write((format, layout), report, file))
        } else {
            replace(path, self.layout.reveal, |file| self.write((format, layout), report, file))
        };
        written.map_err(|error| Error::new(format_args!("{}: {error}", shown(path))))
    }

    fn write(&self, (format, layout): (Format, Layout), report: &Report, out: impl Write) -> io::Result<()> {
        Writer::new(format, layout, BufWriter::new(out)).of(self.run.clone()).receive(&Event::Finished(report))
    }
}

impl Sink for Outputs {
    fn receive(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Listed(total) => self.progress.expect(*total),
            Event::Scanned(done) => self.progress.advance(*done),
            Event::Finished(report) => {
                self.progress.finish();
                if self.moment == Moment::AtOnce {
                    self.deliver(report);
                }
            }
        }
        Ok(())
    }
}

/// Adds to what a step of GitHub Actions has said of itself before. GitHub drops all of it if it is too much.
fn append(path: &Path, write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<()> {
    let mut text = Vec::new();
    write(&mut text)?;
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    if file.metadata()?.len() + text.len() as u64 > MOST_SUMMARY {
        return Err(io::Error::other("the summary of a step holds 1 MiB at most, and this would not fit"));
    }
    file.write_all(&text)
}

/// Writes a file beside `path` and puts it in its place when it is whole.
pub(super) fn replace(path: &Path, reveal: Reveal, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = folder(path).join(name);
    let file = options(reveal).open(&beside)?;
    let written = write(&file).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // The first error is the one that matters.
        drop(fs::remove_file(&beside));
    }
    written
}

/// How a new report is created: one that holds secrets is for its owner alone.
#[cfg_attr(not(unix), expect(unused_variables, reason = "permissions are the folder's elsewhere"))]
fn options(reveal: Reveal) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if reveal == Reveal::Whole {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    options
}

/// A reader that went away is no error: it has what it wanted.
fn tolerate(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

fn undelivered(error: &io::Error) -> Error {
    Error::new(format_args!("standard output: {error}"))
}
