//! Decides where results go: standard output, or files that are either whole or not there.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::error::{Error, shown};
use super::exit::Delivery;
use super::progress::Progress;
use crate::finding::{Event, Report, Sink};
use crate::report::{Format, Layout, Notes, Paint, Reveal, Writer};
use anstream::{AutoStream, ColorChoice};

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

/// One report that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    format: Format,
    place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Stdout,
    File(PathBuf),
}

impl Target {
    /// The targets that were asked for; standard output if none was. `-` is standard output.
    pub(super) fn choose(files: Vec<PathBuf>, format: Option<Format>) -> Result<Vec<Self>, Error> {
        if files.is_empty() {
            return Ok(vec![Self { format: format.unwrap_or_default(), place: Place::Stdout }]);
        }
        files.into_iter().map(|file| Self::new(file, format)).collect()
    }

    /// A target, if there is a folder to write it to.
    fn new(file: PathBuf, format: Option<Format>) -> Result<Self, Error> {
        if file.as_os_str() == "-" {
            return Ok(Self { format: format.unwrap_or_default(), place: Place::Stdout });
        }
        let name = shown(&file);
        if file.is_dir() {
            return Err(Error::new(format_args!("{name} is a folder; a report is a file")));
        }
        if !folder(&file).is_dir() {
            return Err(Error::new(format_args!("there is no folder for {name}")).help("create the folder first"));
        }
        let extension = file.extension().map(OsStr::to_ascii_lowercase);
        let format = match (extension.as_ref().map(|extension| extension.as_encoded_bytes()), format) {
            (Some(b"json"), _) => Format::Json,
            (Some(b"txt"), _) => Format::Text,
            (_, Some(format)) => format,
            (None, None) => Format::default(),
            (Some(_), None) => {
                return Err(Error::new(format_args!(
                    "{name} ends in neither .json nor .txt, so its format is not known"
                ))
                .help("choose one of these endings, or the format with --format"));
            }
        };
        Ok(Self { format, place: Place::File(file) })
    }
}

/// Writes a scan's reports and shows its progress. Its own failures never stop a scan.
#[derive(Debug)]
pub(super) struct Outputs {
    targets: Vec<Target>,
    layout: Layout,
    color: ColorChoice,
    progress: Progress,
    delivery: Delivery,
}

impl Outputs {
    /// Writes to `targets`; standard output is coloured as `color` says.
    pub(super) fn new(targets: Vec<Target>, layout: Layout, color: ColorChoice, progress: Progress) -> Self {
        Self { targets, layout, color, progress, delivery: Delivery::Done }
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
    }

    fn to_stdout(&self, format: Format, report: &Report) -> Result<(), Error> {
        let layout = Layout { paint: paint(self.color), ..self.layout };
        let out = io::stdout().lock();
        let written = match format {
            Format::Text => write(format, layout, report, AutoStream::new(out, self.color)),
            Format::Json => write(format, layout, report, out),
        };
        tolerate(written).map_err(|error| undelivered(&error))
    }

    fn to_file(&self, format: Format, path: &Path, report: &Report) -> Result<(), Error> {
        let layout = Layout { notes: Notes::Included, paint: Paint::Plain, ..self.layout };
        let written = if is_special(path) {
            OpenOptions::new().write(true).open(path).and_then(|file| write(format, layout, report, file))
        } else {
            replace(path, self.layout.reveal, |file| write(format, layout, report, file))
        };
        written.map_err(|error| Error::new(format_args!("{}: {error}", shown(path))))
    }
}

impl Sink for Outputs {
    fn receive(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::Listed(total) => self.progress.expect(*total),
            Event::Scanned(done) => self.progress.advance(*done),
            Event::Finished(report) => {
                self.progress.finish();
                self.deliver(report);
            }
        }
        Ok(())
    }
}

fn write(format: Format, layout: Layout, report: &Report, out: impl Write) -> io::Result<()> {
    Writer::new(format, layout, BufWriter::new(out)).receive(&Event::Finished(report))
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

/// Whether there is something at `path` that cannot be replaced by a file, such as `/dev/null` or a pipe.
fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file())
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
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
