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
        let targets = wanted.iter().map(|wanted| Self::new(wanted, format)).collect::<Result<Vec<_>, _>>()?;
        for (at, target) in targets.iter().enumerate() {
            if targets[..at].iter().any(|other| other.place.is_same(&target.place)) {
                return Err(Error::new(format_args!("two reports would be written to {}", target.place.shown())));
            }
        }
        match format {
            Some(format) if targets.iter().all(|target| target.format != format) => Err(disregarded(wanted)),
            _ => Ok(targets),
        }
    }

    /// A target, if there is a folder to write it to.
    fn new(wanted: &Path, otherwise: Option<Format>) -> Result<Self, Error> {
        let (said, file) = split(wanted);
        if let Some(word) = misspelled(file).filter(|_| said.is_none()) {
            let formats: Vec<_> = FormatArg::value_variants().iter().filter_map(FormatArg::to_possible_value).collect();
            let formats: Vec<_> = formats.iter().map(clap::builder::PossibleValue::get_name).collect();
            return Err(Error::new(format_args!("there is no format {word}")).help(format!(
                "the formats are {}; a file of that name is ./{}",
                formats.join(", "),
                shown(file)
            )));
        }
        if file.as_os_str() == "-" {
            return Ok(Self { format: said.or(otherwise).unwrap_or_default(), place: Place::Stdout });
        }
        let name = shown(file);
        if file.as_os_str().is_empty() {
            return Err(Error::new(format_args!("{} names no file", shown(wanted))));
        }
        if file.is_dir() {
            return Err(Error::new(format_args!("{name} is a folder; a report is a file")));
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

impl Place {
    /// Whether what is written to one replaces, or runs into, what is written to the other. A device or a pipe may take
    /// several reports.
    fn is_same(&self, other: &Self) -> bool {
        let real = |path: &Path| Some((folder(path).canonicalize().ok()?, path.file_name()?.to_owned()));
        match (self, other) {
            (Self::Stdout, Self::Stdout) => true,
            (Self::File(one), Self::File(other)) if !is_special(one) => {
                one == other || real(one).is_some_and(|one| real(other) == Some(one))
            }
            _ => false,
        }
    }

    /// Whether it is the file at `path`.
    pub(super) fn is_file(&self, path: &Path) -> bool {
        self.is_same(&Self::File(path.to_owned()))
    }

    /// What it is called in a message.
    fn shown(&self) -> String {
        match self {
            Self::Stdout => "standard output".to_owned(),
            Self::File(path) => shown(path),
        }
    }
}

/// Whether there is something at `path` that cannot be replaced by a file, such as `/dev/null` or a pipe.
pub(super) fn is_special(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| !metadata.is_file())
}

/// That `--format` was given and no report is in that format.
fn disregarded(wanted: &[PathBuf]) -> Error {
    let file = wanted.first().map_or_else(String::new, |wanted| shown(file(wanted)));
    Error::new(format_args!("no report would be in the format of --format, since the names tell other ones"))
        .help(format!("say the format before the name, as in -o sarif:{file}, or leave --format out"))
}

/// The word before a colon that looks like a format and is none. A letter is a drive, and a path has slashes.
fn misspelled(file: &Path) -> Option<&str> {
    let (word, _) = file.to_str()?.split_once(':')?;
    let is_word = word.len() > 1 && word.chars().all(|letter| letter.is_ascii_alphabetic() || letter == '-');
    is_word.then_some(word)
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
    fn a_word_before_a_colon_has_to_be_a_format() {
        for (name, word) in [
            ("safir:a.json", Some("safir")),
            ("JSON:a", Some("JSON")),
            ("git-lab:-", Some("git-lab")),
            ("C:\\x", None),
            ("./safir:a", None),
            ("12:30.json", None),
            ("a/b:c", None),
        ] {
            assert_eq!(misspelled(Path::new(name)), word, "{name}");
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
