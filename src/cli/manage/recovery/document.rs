//! Decides what of a report of a scan is read, and whether the report is all of one.

use std::io::Read as _;
use std::path::Path;

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use crate::cli::error::{Error, shown};
use crate::finding::Bond;
use crate::secret::Secret;

/// A report is not longer, in bytes.
const MOST_REPORT: u64 = 256 << 20;

/// What a report holds, as far as it matters here.
#[derive(Deserialize)]
pub(super) struct Document {
    version: u64,
    /// Whether all was scanned that was to be.
    pub(super) complete: bool,
    pub(super) credentials: Vec<Credential>,
    pub(super) findings: Vec<Place>,
}

/// A secret, and what belongs to it.
#[derive(Deserialize)]
pub(super) struct Credential {
    pub(super) id: String,
    pub(super) grade: String,
    pub(super) token_kind: String,
    pub(super) project_id: Option<String>,
    pub(super) space: Option<String>,
    #[serde(default)]
    space_hosts: Vec<String>,
    #[serde(default)]
    bond: String,
    pub(super) findings: Vec<usize>,
}

/// Where something stands.
#[derive(Deserialize)]
pub(super) struct Place {
    pub(super) rule: String,
    pub(super) part: String,
    pub(super) path: String,
    pub(super) line: u64,
    pub(super) column: u64,
    pub(super) origin: String,
    pub(super) commit: Option<String>,
    #[serde(deserialize_with = "secret")]
    pub(super) secret: Secret,
    pub(super) fingerprint: Option<String>,
}

/// One line of a report in lines.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line {
    Scan {
        version: u64,
    },
    Credential(Credential),
    Finding(Place),
    Summary {
        complete: bool,
    },
    #[serde(other)]
    Other,
}

fn secret<'de, D: Deserializer<'de>>(value: D) -> Result<Secret, D::Error> {
    String::deserialize(value).map(|text| Secret::new(&*Zeroizing::new(text)))
}

impl Credential {
    /// How the Space is written: a host, lower-case, or nothing for its bare name.
    pub(super) fn hosts(&self) -> impl Iterator<Item = Option<Box<str>>> {
        self.space_hosts.iter().map(|host| host.contains('.').then(|| host.to_lowercase().into()))
    }

    /// How sure it is that project and Space belong to the secret; what is not known is the least sure.
    pub(super) fn bond(&self) -> Bond {
        let bonds = [Bond::Sole, Bond::Nearest, Bond::Several, Bond::Elsewhere];
        bonds.into_iter().find(|bond| bond.as_str() == self.bond).unwrap_or(Bond::Elsewhere)
    }
}

/// The report at `path`; `-` is standard input.
///
/// # Errors
/// It cannot be read, or is no whole report.
pub(super) fn read(path: &Path) -> Result<Document, Error> {
    let name = if path.as_os_str() == "-" { "standard input".to_owned() } else { shown(path) };
    let failed = |error: std::io::Error| Error::new(format_args!("{name}: {error}"));
    let mut bytes = Zeroizing::new(Vec::new());
    let limit = MOST_REPORT + 1;
    if path.as_os_str() == "-" {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        std::fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(failed)?;
    }
    if bytes.len() as u64 > MOST_REPORT {
        return Err(Error::new(format_args!("{name} is longer than {MOST_REPORT} bytes")));
    }
    let document = parse(&bytes).map_err(|why| {
        Error::new(format_args!("{name} is no report of barewire: {why}"))
            .help("`barewire scan -f json | barewire verify -` hands one over.")
    })?;
    if document.version != 1 {
        return Err(Error::new(format_args!("{name} is a report of version {}; 1 is known", document.version)));
    }
    Ok(document)
}

/// A report in one document, or in lines. An error of the parser could quote a secret; only its place is told.
fn parse(bytes: &[u8]) -> Result<Document, String> {
    let place = |error: &serde_json::Error| format!("line {}, column {}", error.line(), error.column());
    let whole = match serde_json::from_slice(bytes) {
        Ok(document) => return Ok(document),
        Err(error) => place(&error),
    };
    let mut document = Document { version: 0, complete: false, credentials: Vec::new(), findings: Vec::new() };
    let mut is_ended = false;
    for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty()) {
        match serde_json::from_slice(line) {
            // The findings of a credential are numbered from the beginning of its own report.
            Ok(Line::Scan { .. }) if document.version != 0 => {
                return Err(format!("line {}: a second one begins here; give one at a time", number + 1));
            }
            Ok(Line::Scan { version }) => document.version = version,
            Ok(Line::Credential(credential)) => document.credentials.push(credential),
            Ok(Line::Finding(found)) => document.findings.push(found),
            Ok(Line::Summary { complete }) => (document.complete, is_ended) = (complete, true),
            Ok(Line::Other) => {}
            Err(_) if document.version == 0 => return Err(whole),
            Err(_) => return Err(format!("line {}", number + 1)),
        }
    }
    match (document.version, is_ended) {
        (0, _) => Err(whole),
        (1, false) => Err("it has no last line, so a part of it is missing".to_owned()),
        _ => Ok(document),
    }
}
