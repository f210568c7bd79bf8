//! Decides where the settings of a repository stand, and whether they are sound: the configuration and the baseline.
//!
//! They are files at the root of the repository. What is found there is read if it is a regular file: a link could lead
//! anywhere, and a pipe could wait for ever. What the user names may be reached by a link.

mod allow;
pub mod gitleaks;

use std::fmt;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::Path;

pub use allow::unknown_rules;

use crate::rule::LoadError;
use crate::suppress::{Allow, Baseline, BaselineError};

/// What the configuration of a repository is called.
pub const CONFIG: &str = ".barewire.toml";

/// What the baseline of a repository is called.
pub const BASELINE: &str = ".barewire-baseline.json";

/// A larger file is not read, in bytes.
const LARGEST: u64 = 64 << 20;

/// Settings that cannot be used.
#[derive(Debug)]
pub enum ConfigError {
    /// A file could not be read.
    Unreadable {
        /// The file as it was named.
        file: String,
        /// What the system said.
        error: io::Error,
    },
    /// Something in a configuration is wrong.
    Config(LoadError),
    /// Something in a baseline is wrong.
    Baseline(BaselineError),
}

impl ConfigError {
    /// What to do about it.
    pub fn remedy(&self) -> String {
        match self {
            Self::Unreadable { .. } => {
                "name another file with --config or --baseline, or go without those of the repository by --no-repo-config"
                    .to_owned()
            }
            Self::Config(error) if error.message.starts_with("unknown field `rules`, expected `allow`") => {
                "rules are added with --rules; what the configuration holds is [[allow]]".to_owned()
            }
            Self::Config(_) => "mend the entry; the README says what can stand there. Nothing was scanned".to_owned(),
            Self::Baseline(error) => error.remedy.clone(),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { file, error } => write!(f, "{file}: {error}"),
            Self::Config(error) => error.fmt(f),
            Self::Baseline(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { error, .. } => Some(error),
            Self::Config(error) => Some(error),
            Self::Baseline(error) => Some(error),
        }
    }
}

/// How a file came to be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sought {
    /// The user named it: it has to be there.
    Named,
    /// It has the usual name at the root.
    Usual,
}

/// The entries of the configuration at `path`, called `file` in messages; none if a usual one is not there.
///
/// # Errors
/// The first thing that is not understood, or why it cannot be read.
pub fn config(path: &Path, file: &str, sought: Sought) -> Result<Vec<Allow>, ConfigError> {
    let text = read(path, file, sought)?;
    allow::parse(file, &text.unwrap_or_default()).map_err(ConfigError::Config)
}

/// The baseline at `path`, called `file` in messages; none if a usual one is not there.
///
/// # Errors
/// The first thing that is not understood, or why it cannot be read.
pub fn baseline(path: &Path, file: &str, sought: Sought) -> Result<Option<Baseline>, ConfigError> {
    let text = read(path, file, sought)?;
    text.map(|text| Baseline::parse(file, &text)).transpose().map_err(ConfigError::Baseline)
}

/// The text of a file of settings; none if a usual one is not there.
///
/// # Errors
/// Why it cannot be read.
pub fn read(path: &Path, file: &str, sought: Sought) -> Result<Option<String>, ConfigError> {
    let looked = match sought {
        Sought::Named => fs::metadata(path),
        Sought::Usual => fs::symlink_metadata(path),
    };
    let text = looked.and_then(|found| check(&found)).and_then(|()| fs::read_to_string(path));
    match text {
        // Some editors begin a text with a mark of its encoding.
        Ok(text) => Ok(Some(text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text))),
        Err(error)
            if sought == Sought::Usual && matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
        {
            Ok(None)
        }
        Err(error) => Err(ConfigError::Unreadable { file: file.to_owned(), error }),
    }
}

fn check(found: &Metadata) -> io::Result<()> {
    let refuse = |why| Err(io::Error::new(ErrorKind::InvalidInput, why));
    match found.len() {
        _ if !found.is_file() => refuse("it is no regular file, and so it is not opened"),
        len if len > LARGEST => refuse("it is too large to be a file of settings"),
        _ => Ok(()),
    }
}
