//! Decides what `-o` asks for: the format and the place of each report.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::ValueEnum as _;

use super::args::FormatArg;
use super::error::{Error, shown};
use crate::report::Format;

/// One report that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// How it is written.
    pub(super) format: Format,
    /// Where to.
    pub(super) place: Place,
}

/// Where a report goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// To standard output.
    Stdout,
    /// To a file.
    File(PathBuf),
}

impl Target {
    /// The targets that were asked for; standard output if none was. `-` is standard output.
    pub(super) fn choose(wanted: &[PathBuf], format: Option<Format>) -> Result<Vec<Self>, Error> {
        if wanted.is_empty() {
            return Ok(vec![Self { format: format.unwrap_or_default(), place: Place::Stdout }]);
        }
        wanted.iter().map(|wanted| Self::new(wanted, format)).collect()
    }

    /// A target, if there is a folder to write it to.
    fn new(wanted: &Path, otherwise: Option<Format>) -> Result<Self, Error> {
        let (said, file) = split(wanted);
        if file.as_os_str() == "-" {
            return Ok(Self { format: said.or(otherwise).unwrap_or_default(), place: Place::Stdout });
        }
        let name = shown(file);
        if file.is_dir() || file.as_os_str().is_empty() {
            let what = if file.as_os_str().is_empty() { shown(wanted) } else { name };
            return Err(Error::new(format_args!("{what} is a folder; a report is a file")));
        }
        if !folder(file).is_dir() {
            return Err(Error::new(format_args!("there is no folder for {name}")).help("create the folder first"));
        }
        let format = match (said.or_else(|| by_name(file)), otherwise, file.extension()) {
            (Some(format), ..) | (None, Some(format), _) => format,
            (None, None, None) => Format::default(),
            (None, None, Some(_)) => {
                return Err(Error::new(format_args!("the name {name} does not tell the format")).help(
                    "end it in .json, .sarif or the like, choose with --format, or say it before the name: -o sarif:FILE",
                ));
            }
        };
        Ok(Self { format, place: Place::File(file.to_owned()) })
    }
}

/// The file that a value of `-o` names.
pub(super) fn file(wanted: &Path) -> &Path {
    split(wanted).1
}

/// The folder that a file lies in.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The format and the file of `FORMAT:FILE`. What is no format, such as the `C` of `C:\x`, belongs to the file.
fn split(wanted: &Path) -> (Option<Format>, &Path) {
    let text = wanted.to_str().and_then(|text| text.split_once(':'));
    let said = text.and_then(|(word, file)| Some((FormatArg::from_str(word, false).ok()?, file)));
    match said {
        Some((format, file)) => (Some(format.into()), Path::new(file)),
        None => (None, wanted),
    }
}

/// The format that the name of a file tells.
fn by_name(file: &Path) -> Option<Format> {
    let name = file.file_name().map(OsStr::to_ascii_lowercase)?;
    let name = name.to_string_lossy();
    let ends = |end: &str| name.ends_with(end);
    Some(match () {
        () if ends(".sarif") || ends(".sarif.json") => Format::Sarif,
        () if name.starts_with("gl-") && ends(".json") => Format::Gitlab,
        () if ends(".json") => Format::Json,
        () if ends(".jsonl") => Format::Jsonl,
        () if ends(".csv") => Format::Csv,
        () if ends(".xml") => Format::Junit,
        () if ends(".txt") => Format::Text,
        () if ends(".md") => Format::GithubSummary,
        () => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> (Option<Format>, &Path) {
        let (said, file) = split(Path::new(name));
        (said.or_else(|| by_name(file)), file)
    }

    #[test]
    fn a_format_may_be_said_before_the_name() {
        assert_eq!(named("sarif:a.json"), (Some(Format::Sarif), Path::new("a.json")));
        assert_eq!(named("json:-"), (Some(Format::Json), Path::new("-")));
        assert_eq!(named("text:a:b.sarif"), (Some(Format::Text), Path::new("a:b.sarif")));
    }

    #[test]
    fn a_drive_is_no_format() {
        for name in ["C:\\x", "c:/x", "D:x", "./json:x", "what:x", ":x", "JSON:x"] {
            assert_eq!(named(name), (None, Path::new(name)));
        }
    }

    #[test]
    fn the_end_of_a_name_tells_the_format() {
        for (name, format) in [
            ("a.SARIF", Format::Sarif),
            ("a.sarif.json", Format::Sarif),
            ("x/gl-secret-detection-report.json", Format::Gitlab),
            ("a.json", Format::Json),
            ("a.jsonl", Format::Jsonl),
            ("a.csv", Format::Csv),
            ("a.xml", Format::Junit),
            ("a.txt", Format::Text),
            ("a.md", Format::GithubSummary),
        ] {
            assert_eq!(named(name).0, Some(format), "{name}");
        }
    }
}
