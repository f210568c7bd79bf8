//! Decides where a value goes that is shown only once, and makes sure of that place before the value is asked for.

use std::io::{self, IsTerminal as _, Write};
use std::path::PathBuf;

use clap::ValueHint;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::fresh_file::FreshFile;
use super::present::{self, Shape, ShapeArgs};
use crate::cli::error::{self, Error, shown};
use crate::report::escape::{escape, escape_json};
use crate::secret::Secret;

/// What `--out` and `--format` say.
#[derive(Debug, Default, clap::Args)]
pub(in crate::cli) struct OutletArgs {
    /// Write the value into a new file that only you can read, and not to standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,
    #[command(flatten)]
    shape: ShapeArgs,
}

/// Where a value goes that is shown only once.
#[derive(Debug)]
pub(super) struct Outlet {
    place: Place,
    shape: Shape,
}

#[derive(Debug)]
enum Place {
    /// Standard output.
    Stdout,
    /// A file that was not there before.
    File(FreshFile),
}

impl Outlet {
    /// Makes sure of the place. A file is made, and never replaced.
    ///
    /// # Errors
    /// The file is there already or cannot be made, or standard output leads nowhere.
    pub(super) fn open(args: &OutletArgs) -> Result<Self, Error> {
        let place = match &args.out {
            Some(path) => Place::File(FreshFile::create(path)?),
            None if is_lost() => {
                let why = "standard output leads nowhere, and the value is shown only once; nothing was sent";
                return Err(Error::new(why).help("Name a file for it with --out."));
            }
            None => Place::Stdout,
        };
        Ok(Self { place, shape: args.shape.format })
    }

    /// Gives the place back: there is no value.
    pub(super) fn discard(self) {
        if let Place::File(file) = self.place {
            file.discard();
        }
    }

    /// Whether more than one value has a place there.
    pub(super) fn shows_others(&self) -> bool {
        matches!((&self.place, self.shape), (Place::Stdout, Shape::Json))
    }

    /// Puts `secret` there, and says where that is. Programs get `record` as well, with the value under the name `field` if it is not in a file.
    ///
    /// # Errors
    /// The value did not get there; then nobody has it.
    pub(super) fn deliver(self, secret: &Secret, field: &str, record: Map<String, Value>) -> io::Result<()> {
        self.deliver_with((field, secret), &[], record)
    }

    /// The same, where programs get `others` as well.
    ///
    /// # Errors
    /// The value did not get there; then nobody has it.
    pub(super) fn deliver_with(
        self,
        (field, secret): (&str, &Secret),
        others: &[(&str, &Secret)],
        record: Map<String, Value>,
    ) -> io::Result<()> {
        let mut record = Value::Object(record);
        present::hide(&mut record);
        match (self.place, self.shape) {
            (Place::File(file), shape) => {
                let path = shown(file.path());
                file.fill(&line(secret.expose()))?;
                error::tell(&format!("its value is in {path}, which only you can read\n"));
                // The value has arrived; what is said of it can be had from the ledger.
                if shape == Shape::Json {
                    drop(write(io::stdout().lock(), escape_json(&format!("{record:#}\n")).as_bytes()));
                }
                Ok(())
            }
            (Place::Stdout, Shape::Text) => {
                let out = io::stdout().lock();
                match std::str::from_utf8(secret.expose()) {
                    Ok(text) if out.is_terminal() => {
                        error::tell("its value is shown this once:\n");
                        write(out, &line(escape(text).as_bytes()))
                    }
                    _ => write(out, &line(secret.expose())),
                }
            }
            (Place::Stdout, Shape::Json) => {
                let secrets: Vec<_> = [(field, secret)].iter().chain(others).copied().collect();
                write(io::stdout().lock(), &with(&record, &secrets))
            }
        }
    }
}

fn line(value: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new([value, b"\n"].concat())
}

fn write(mut out: impl Write, bytes: &[u8]) -> io::Result<()> {
    out.write_all(bytes)?;
    out.flush()
}

/// `record` with some fields more, without a copy of a secret being left in memory.
fn with(record: &Value, secrets: &[(&str, &Secret)]) -> Zeroizing<Vec<u8>> {
    let open = escape_json(&format!("{record:#}"));
    let open = open.trim_end().trim_end_matches('}').trim_end();
    let values: Vec<_> = secrets
        .iter()
        .map(|(_, secret)| {
            let value = Zeroizing::new(String::from_utf8_lossy(secret.expose()).into_owned());
            Zeroizing::new(serde_json::to_string(&*value).unwrap_or_default())
        })
        .collect();
    let room = secrets.iter().zip(&values).map(|((field, _), value)| field.len() + value.len() + 10).sum::<usize>();
    let mut text = Zeroizing::new(Vec::with_capacity(open.len() + room + 4));
    text.extend_from_slice(open.as_bytes());
    for (number, ((field, _), value)) in secrets.iter().zip(&values).enumerate() {
        let comma = if number == 0 && open == "{" { "" } else { "," };
        for part in [comma, "\n  \"", field, "\": ", value] {
            text.extend_from_slice(part.as_bytes());
        }
    }
    text.extend_from_slice(b"\n}\n");
    text
}

/// Whether what is written to standard output is gone, or cannot be written there. A descriptor that was closed is opened
/// on such a place when the program starts.
#[cfg(unix)]
fn is_lost() -> bool {
    use rustix::fs::{FileType, OFlags};
    let out = io::stdout();
    let (Ok(flags), Ok(place)) = (rustix::fs::fcntl_getfl(&out), rustix::fs::fstat(&out)) else { return true };
    if !flags.intersects(OFlags::WRONLY | OFlags::RDWR) {
        return true;
    }
    let Ok(null) = rustix::fs::stat("/dev/null") else { return false };
    FileType::from_raw_mode(place.st_mode) == FileType::CharacterDevice && place.st_rdev == null.st_rdev
}

/// Elsewhere this cannot be told.
#[cfg(not(unix))]
fn is_lost() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_a_field_of_the_record() {
        let record = serde_json::json!({ "id": "x", "scopes": ["a"] });
        let text = with(&record, &[("token", &Secret::new("sesame\"1")), ("other", &Secret::new("x"))]);
        let value: Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(value, serde_json::json!({ "id": "x", "scopes": ["a"], "token": "sesame\"1", "other": "x" }));
        assert_eq!(&**with(&serde_json::json!({}), &[("a", &Secret::new("b"))]), b"{\n  \"a\": \"b\"\n}\n");
    }
}
