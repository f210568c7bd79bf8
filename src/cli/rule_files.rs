//! Decides by which rules is searched: those that the program brings along, and those of the user's files.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::error::{Error, shown};
use crate::rule::RuleSet;

/// The built-in rules and those in `paths`, files or folders, in this order; a later rule of these replaces one of its id.
pub(super) fn load(paths: &[PathBuf]) -> Result<RuleSet, Error> {
    let mut rules = RuleSet::builtin().map_err(Error::new)?;
    for path in paths {
        for file in files(path)? {
            let text = read(&file).map_err(|error| unreadable(&file, &error))?;
            rules.add_file(&shown(&file), &text).map_err(Error::new)?;
        }
    }
    Ok(rules)
}

/// The text of a rule file. What is no file is not opened: that could wait for ever.
fn read(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.is_file() {
        fs::read_to_string(path)
    } else {
        Err(io::Error::new(ErrorKind::InvalidInput, "it is neither a file nor a folder"))
    }
}

/// The path itself, or if it is a folder the rule files in it.
fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let file = entry.map_err(|error| unreadable(path, &error))?.path();
        if file.extension().is_some_and(|extension| extension == "toml") && !file.is_dir() {
            files.push(file);
        }
    }
    if files.is_empty() {
        return Err(Error::new(format_args!("there is no .toml file in {}", shown(path))));
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    Error::new(format_args!("{}: {error}", shown(path))).help("--rules takes a rule file, or a folder of them")
}
