//! Decides where the parts of a credential are looked for: an ordered list of places, the first of which that holds a part
//! is believed. What is typed comes first, then the environment, then a file that was named.

use std::fmt;
use std::io::IsTerminal as _;
use std::path::Path;

use super::access_args::AccessArgs;
use super::dotenv::{self, Entry};
use super::environment::{self, Part};
use super::secret_file::{self, Privacy};
use super::shape::Trust;
use crate::cli::error::{self, Error, shown};
use crate::secret::Secret;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// It was typed after this option.
    Option(&'static str),
    /// Standard input.
    Stdin,
    /// This file.
    File(String),
    /// A variable of the environment.
    Variable(&'static str),
    /// A line of a `.env` file.
    EnvFile {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The name on that line.
        name: &'static str,
    },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(name) => f.write_str(name),
            Self::Stdin => f.write_str("standard input"),
            Self::File(file) => f.write_str(file),
            Self::Variable(name) => write!(f, "the variable {name}"),
            Self::EnvFile { file, line, name } => write!(f, "{name} in {file}:{line}"),
        }
    }
}

/// A value, and where it came from.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The value.
    pub(super) value: Secret,
    /// Where it came from.
    pub(super) source: Source,
    /// How well the name is known to be that of the part.
    trust: Trust,
}

/// What a place holds of a part.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// The values, the one that is believed first.
    found: Vec<Found>,
    /// Names whose values cannot be meant.
    passed: Vec<&'static str>,
}

/// Something that can hold parts of a credential.
pub(super) trait Place {
    /// What it holds of `part`.
    ///
    /// # Errors
    /// It cannot be read.
    fn search(&self, part: Part) -> Result<Search, Error>;
}

/// What was typed.
pub(super) struct Typed<'a>(pub(super) &'a AccessArgs);

/// The environment.
pub(super) struct Environment;

/// A file that was named with `--env-file`.
pub(super) struct EnvFile {
    file: String,
    entries: Vec<Entry>,
}

impl Place for Typed<'_> {
    fn search(&self, part: Part) -> Result<Search, Error> {
        let typed = |option, value: &Option<String>| {
            value.as_ref().map(|value| Found::chosen(Secret::new(value), Source::Option(option)))
        };
        let found = match part {
            Part::Project => typed("--project", &self.0.project),
            Part::Space => typed("--space", &self.0.space),
            Part::Token if self.0.token_stdin => Some(from_stdin()?),
            Part::Token => self.0.token_file.as_deref().map(from_file).transpose()?,
        };
        Ok(Search { found: found.into_iter().collect(), passed: Vec::new() })
    }
}

impl Place for Environment {
    fn search(&self, part: Part) -> Result<Search, Error> {
        search(part, |name| Ok(environment::variable(name).map(|value| (value, Source::Variable(name)))))
    }
}

impl EnvFile {
    /// Reads the file. Where anybody at all can write it, that is warned of: what it says may not be what was put there.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let file = shown(path);
        let bytes = secret_file::read(path, Privacy::Any)?;
        if secret_file::is_open_to_all(path) {
            error::tell(&format!("warning: anybody on this machine can write {file}; run `chmod go-w {file}`\n"));
        }
        Ok(Self { entries: dotenv::parse(bytes.expose()), file })
    }
}

impl Place for EnvFile {
    fn search(&self, part: Part) -> Result<Search, Error> {
        search(part, |name| {
            // Of two lines with one name the last counts, as in a shell.
            let Some(entry) = self.entries.iter().rev().find(|entry| entry.name == name) else { return Ok(None) };
            let source = Source::EnvFile { file: self.file.clone(), line: entry.line, name };
            let wrong = |what: &&str| Error::new(format_args!("{}:{}: {what}", self.file, entry.line));
            let value = entry.value.as_ref().map_err(wrong)?;
            Ok((!value.is_empty()).then(|| (value.clone(), source)))
        })
    }
}

impl Found {
    /// What somebody chose for this one call.
    fn chosen(value: Secret, source: Source) -> Self {
        Self { value, source, trust: Trust::Named }
    }
}

/// Looks for the names of `part`, in their order.
fn search(part: Part, read: impl Fn(&'static str) -> Result<Option<(Secret, Source)>, Error>) -> Result<Search, Error> {
    let mut search = Search::default();
    for (name, trust) in part.names() {
        // A line that cannot be read is that of another program, if its name says little.
        let read = read(name).or_else(|error| if *trust == Trust::Named { Err(error) } else { Ok(None) });
        let Some((value, source)) = read? else { continue };
        let is_meant = *trust == Trust::Named && !part.is_another(value.expose());
        if is_meant || part.is_shaped(value.expose()) {
            search.found.push(Found { value, source, trust: *trust });
        } else {
            search.passed.push(name);
        }
    }
    Ok(search)
}

/// The value of `part` that is believed: of what is under a name that says so, the first; if there is none, the first that is
/// unmistakable by itself.
///
/// # Errors
/// There is none, or a place cannot be read.
pub(super) fn resolve(part: Part, places: &[&dyn Place]) -> Result<Found, Error> {
    let (mut all, mut passed) = (Vec::new(), Vec::new());
    for place in places {
        let search = place.search(part)?;
        passed.extend(search.passed);
        all.extend(search.found);
        if all.first().is_some_and(is_typed) {
            break;
        }
    }
    let Some(best) = all.iter().position(|found| found.trust == Trust::Named).or((!all.is_empty()).then_some(0)) else {
        return Err(missing(part, &passed));
    };
    let believed = all.remove(best);
    for other in all.iter().filter(|other| !part.is_same(&believed.value, &other.value)) {
        let (used, other, what) = (&believed.source, &other.source, part.what());
        error::tell(&format!("warning: {used} and {other} hold different values; the {what} of {used} is used\n"));
    }
    Ok(believed)
}

/// Whether somebody chose this for one call, over all else.
fn is_typed(found: &Found) -> bool {
    matches!(found.source, Source::Option(_) | Source::Stdin | Source::File(_))
}

fn missing(part: Part, passed: &[&str]) -> Error {
    let (what, name) = (part.what(), part.names()[0].0);
    let mut help = format!("Set {name}, or give {}.", part.option());
    if !passed.is_empty() {
        let is = if passed.len() == 1 { "is set, but holds" } else { "are set, but hold" };
        let (names, article) = (passed.join(", "), if part == Part::Token { "no" } else { "nothing that must be a" });
        help = format!("{help} {names} {is} {article} {what}.");
    }
    Error::new(format_args!("there is no {what}; nothing was sent")).help(help)
}

fn from_stdin() -> Result<Found, Error> {
    let input = std::io::stdin();
    if input.is_terminal() {
        return Err(Error::new("standard input is a terminal, which would show the token; nothing was sent")
            .help("Pipe the token from where it is kept, or give --token-file."));
    }
    let told = |error| Error::new(format_args!("standard input: {error}"));
    Ok(Found::chosen(secret_file::bounded(input.lock()).map_err(told)?, Source::Stdin))
}

fn from_file(path: &Path) -> Result<Found, Error> {
    Ok(Found::chosen(secret_file::read(path, Privacy::Unread)?, Source::File(shown(path))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> EnvFile {
        EnvFile { file: "x".to_owned(), entries: dotenv::parse(text.as_bytes()) }
    }

    fn token() -> String {
        format!("PT{}", "0a1b2c3d".repeat(6))
    }

    #[test]
    fn the_first_name_of_the_first_place_is_believed() {
        let text =
            format!("API_TOKEN={}\nSIGNALWIRE_TOKEN=one\nSIGNALWIRE_API_TOKEN=two\nSIGNALWIRE_TOKEN=\n", token());
        let found = resolve(Part::Token, &[&file(""), &file(&text), &file("SIGNALWIRE_API_TOKEN=three")]).unwrap();
        assert_eq!(found.value.expose(), b"two");
        assert_eq!(found.source.to_string(), "SIGNALWIRE_API_TOKEN in x:3");
    }

    #[test]
    fn a_name_that_says_more_counts_more_wherever_it_stands() {
        let (weak, named) = (format!("API_TOKEN={}", token()), "SIGNALWIRE_API_TOKEN=two");
        let found = resolve(Part::Token, &[&file(&weak), &file(named)]).unwrap();
        assert_eq!(found.value.expose(), b"two");
        let packages = format!("SIGNALWIRE_TOKEN=pat_sesame\n{weak}");
        assert_eq!(resolve(Part::Token, &[&file(&packages)]).unwrap().value.expose(), token().as_bytes());
        let error = format!("{:?}", resolve(Part::Token, &[&file("SIGNALWIRE_TOKEN=pat_sesame")]).unwrap_err());
        assert!(error.contains("SIGNALWIRE_TOKEN is set, but holds no API token"), "{error}");
    }

    #[test]
    fn a_line_that_cannot_be_read_matters_to_its_own_name_alone() {
        let odd = format!("set -a\nexport OTHER\nAUTH_TOKEN: x\nSIGNALWIRE_API_TOKEN={}\nB='open\n", token());
        assert_eq!(resolve(Part::Token, &[&file(&odd)]).unwrap().value.expose(), token().as_bytes());
        let error = format!("{:?}", resolve(Part::Token, &[&file("\nSIGNALWIRE_API_TOKEN: sesame")]).unwrap_err());
        assert!(error.contains("x:2: this is not NAME=value") && !error.contains("sesame"), "{error}");
    }

    #[test]
    fn a_name_that_says_little_counts_by_its_value() {
        let found = resolve(Part::Token, &[&file(&format!("API_TOKEN={}", token()))]).unwrap();
        assert_eq!(found.source.to_string(), "API_TOKEN in x:1");
        let error = resolve(Part::Token, &[&file("API_TOKEN=ghp_sesame")]).unwrap_err();
        let told = format!("{error:?}");
        assert!(told.contains("API_TOKEN is set, but holds no API token") && !told.contains("sesame"), "{told}");
        let found = resolve(Part::Space, &[&file("SPACE_URL=evil.example\nSW_SPACE=acme")]).unwrap();
        assert_eq!(found.value.expose(), b"acme");
    }
}
