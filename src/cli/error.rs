//! Decides how an error is told: what is wrong, and what to do about it.

use std::fmt::Display;
use std::io::Write as _;
use std::path::Path;

use crate::blob::Name;
use crate::report::escape::escape;
use crate::report::mask::mask;
use crate::source::SourceError;

/// Something that ends the program, or a part of its work.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Error {
    message: String,
    help: Option<String>,
}

impl Error {
    /// An error that explains itself.
    pub(super) fn new(message: impl Display) -> Self {
        Self { message: message.to_string(), help: None }
    }

    /// Adds what to do about it.
    pub(super) fn help(mut self, help: impl Display) -> Self {
        self.help = Some(help.to_string());
        self
    }

    /// Tells it on standard error.
    pub(super) fn print(&self) {
        let help = self.help.as_deref().map(|help| format!("help: {help}\n")).unwrap_or_default();
        tell(&format!("error: {}\n{help}", self.message));
    }
}

impl From<&SourceError> for Error {
    fn from(error: &SourceError) -> Self {
        let remedy = match error {
            SourceError::Git(error) => error.remedy(),
            _ => None,
        };
        Self { message: error.to_string(), help: remedy }
    }
}

/// Says `text` on standard error, without what has the shape of a secret and what a terminal would act on.
pub(super) fn tell(text: &str) {
    let text = mask(text);
    let text: Vec<_> = text.split('\n').map(escape).collect();
    // There is nobody to tell that it could not be told.
    drop(anstream::stderr().write_all(text.join("\n").as_bytes()));
}

/// A path as errors show it, always on one line.
pub(super) fn shown(path: &Path) -> String {
    escape(&Name::from_path(path).to_text()).into_owned()
}
