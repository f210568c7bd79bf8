//! Decides how the values that a report names are found again: secrets are masked in it, so each place is read once more,
//! and a value is known by its fingerprint.
//!
//! A report can come from anybody. It names no file outside of the folder that the program runs in, no pipe is waited for,
//! and what is found must have the fingerprint that the report gives.

mod document;

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use zeroize::Zeroizing;

use document::{Credential, Document, Place};

use super::question::{Candidate, token_in};
use crate::blob::{Blob, Name, Origin};
use crate::cli::error::Error;
use crate::cli::{git_environment, rule_files};
use crate::detector::Detector;
use crate::finding::{Finding, Fingerprint, Verdict, Verification};
use crate::git::{self, Named, Repository};
use crate::report::Verified;
use crate::rule::Part;
use crate::secret::{MASK, Secret};
use crate::source::read_found;

/// A file in which a value is looked for is not longer, in bytes.
const MOST_FILE: u64 = 100 << 20;

/// So many places of one value are tried.
const MOST_PLACES: usize = 16;

/// What helps if a value cannot be read again.
const REMEDY: &str = "ask while scanning, by `barewire scan --verify`, or have the report written with --show-secrets";

/// A credential of a report.
pub(super) struct Subject {
    /// What is told of it; nothing was asked yet.
    pub(super) told: Verified,
    /// What can be asked, or why nothing can be.
    pub(super) candidate: Result<Candidate, String>,
}

/// What a report names.
pub(super) struct Recovered {
    /// Its credentials, with their values.
    pub(super) subjects: Vec<Subject>,
    /// Whether its scan saw all that it was to.
    pub(super) complete: bool,
}

/// The credentials that the report at `path` names, with their values.
pub(super) fn read(path: &Path) -> Result<Recovered, Error> {
    let document = document::read(path)?;
    let mut recovery = Recovery::new()?;
    let subjects = document.credentials.iter().map(|credential| recovery.subject(&document, credential)).collect();
    Ok(Recovered { subjects, complete: document.complete })
}

/// Where something is read again: origin, commit, path.
type Where<'a> = (&'a str, Option<&'a str>, &'a str);

/// The same, to be remembered.
type Spot = (String, Option<String>, String);

/// What is found there, or why nothing is.
type Found = Result<Vec<Finding>, String>;

/// Reads places again, each once.
struct Recovery {
    detector: Detector,
    folder: PathBuf,
    repository: Option<Repository>,
    known: BTreeMap<Spot, Found>,
}

impl Recovery {
    fn new() -> Result<Self, Error> {
        let here = Path::new(".");
        let folder = here.canonicalize().map_err(|error| Error::new(format_args!("the current folder: {error}")))?;
        Ok(Self {
            detector: Detector::new(rule_files::load(&[])?),
            folder,
            repository: Repository::discover(here, &git_environment::read()).ok(),
            known: BTreeMap::new(),
        })
    }

    fn subject(&mut self, document: &Document, credential: &Credential) -> Subject {
        let all = credential.findings.iter().filter_map(|&at| document.findings.get(at));
        let places: Vec<&Place> = all.filter(|place| !is_identifier(place)).collect();
        let candidate = self.value(&places).map(|(part, secret)| Candidate {
            part,
            secret,
            project: credential.project_id.clone(),
            space: credential.space.as_deref().map(str::to_lowercase),
            hosts: credential.hosts().collect(),
            bond: credential.bond(),
        });
        let told = Verified {
            id: Some(credential.id.clone()),
            kind: credential.token_kind.clone(),
            grade: Some(credential.grade.clone()),
            secret: places.first().map(|place| masked(place)),
            project: credential.project_id.clone(),
            space: credential.space.clone(),
            places: places.iter().map(|place| shown_place(place)).collect(),
            verification: Verification::offline(Verdict::Unknown, "nothing was asked"),
        };
        Subject { told, candidate }
    }

    /// The value that stands at one of these places, and which part of a credential it is.
    fn value(&mut self, places: &[&Place]) -> Result<(Part, Secret), String> {
        let first = places.first().ok_or("the report names no place of it")?;
        let part = part(&first.part);
        if !matches!(part, Part::Token | Part::ClientToken) {
            // Nothing is asked for these, so the value is not needed.
            return Ok((part, Secret::new("")));
        }
        let mut reasons = Vec::new();
        for place in places.iter().take(MOST_PLACES) {
            match self.value_at(place) {
                Ok(secret) => return Ok((part, secret)),
                Err(reason) => reasons.push(format!("{}: {reason}", shown_place(place))),
            }
        }
        Err(format!("its value could not be read again ({}); {REMEDY}", reasons.swap_remove(0)))
    }

    fn value_at(&mut self, place: &Place) -> Result<Secret, String> {
        let print = place.fingerprint.as_deref().and_then(Fingerprint::parse).ok_or("it has no fingerprint")?;
        if Fingerprint::of(&place.rule, &place.secret) == print {
            return Ok(token_in(&place.secret));
        }
        let found = self.found((&place.origin, place.commit.as_deref(), &place.path))?;
        let is_meant = |finding: &&Finding| *finding.rule.id == *place.rule && finding.fingerprint() == print;
        let finding = found.iter().find(is_meant).ok_or("it does not stand there any more")?;
        Ok(Candidate::of(finding).secret)
    }

    fn found(&mut self, (origin, commit, path): Where<'_>) -> Result<&[Finding], String> {
        let key = (origin.to_owned(), commit.map(str::to_owned), path.to_owned());
        if !self.known.contains_key(&key) {
            let found = self
                .content((origin, commit, path))
                .map(|bytes| self.detector.detect(&Blob::whole(&Name::new(path), Origin::Tree, &bytes)));
            self.known.insert(key.clone(), found);
        }
        match self.known.get(&key) {
            Some(Ok(found)) => Ok(found),
            Some(Err(reason)) => Err(reason.clone()),
            None => Err("it was not read".to_owned()),
        }
    }

    fn content(&self, (origin, commit, path): Where<'_>) -> Result<Zeroizing<Vec<u8>>, String> {
        let named = match (origin, commit, path.split_once(' ')) {
            (_, _, Some((kind @ ("commit" | "blob" | "tag"), id))) if is_id(id) => Named::Object(kind, id),
            ("tree" | "unstaged" | "untracked", None, _) => return self.file(path),
            ("index", ..) => Named::Staged(path),
            (_, Some(commit), _) => Named::File(commit, path),
            ("stdin", ..) => return Err("it came from a stream".to_owned()),
            ("name" | "ref", ..) => return Err("it is a name".to_owned()),
            _ => return Err("it is not known where it stood".to_owned()),
        };
        let repository = self.repository.as_ref().ok_or("this folder is in no repository")?;
        let content = git::content(repository, &named, MOST_FILE).map_err(|error| error.to_string())?;
        content.map(Zeroizing::new).ok_or_else(|| "it is too large, or not named plainly".to_owned())
    }

    /// A file in or below the folder that the program runs in; no link on the way leads out of it.
    fn file(&self, path: &str) -> Result<Zeroizing<Vec<u8>>, String> {
        let outside = || "it lies outside of this folder".to_owned();
        let path = self.folder.join(path);
        if path.components().any(|part| part == Component::ParentDir) {
            return Err(outside());
        }
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return Err(outside()) };
        let parent = parent.canonicalize().map_err(|error| error.to_string())?;
        if !parent.starts_with(&self.folder) {
            return Err(outside());
        }
        read_found(&parent.join(name), MOST_FILE).map(Zeroizing::new).map_err(|error| error.to_string())
    }
}

fn is_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_identifier(place: &Place) -> bool {
    part(&place.part).is_identifier()
}

/// The part that a report calls so.
fn part(word: &str) -> Part {
    let parts = [
        Part::Token,
        Part::Project,
        Part::Space,
        Part::SigningKey,
        Part::ClientToken,
        Part::PackageToken,
        Part::Password,
        Part::PublicToken,
    ];
    parts.into_iter().find(|part| part.as_str() == word).unwrap_or(Part::Other)
}

/// The value of a place as it may be shown: one that a report masks is not masked again.
fn masked(place: &Place) -> String {
    let text = String::from_utf8_lossy(place.secret.expose());
    let is_masked = text.len() <= MASK.len() + 10 && text.contains(MASK);
    if is_masked { text.into_owned() } else { place.secret.masked() }
}

fn shown_place(place: &Place) -> String {
    let commit = place.commit.as_deref().map(|commit| format!(" in {commit:.12}")).unwrap_or_default();
    format!("{}:{}:{}{commit}", place.path, place.line, place.column)
}
