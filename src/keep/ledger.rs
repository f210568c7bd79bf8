//! Decides what is remembered of API tokens: id, name, scopes, place, fingerprint. SignalWire has no list of them, and
//! without the id a token cannot be removed by the API.
//!
//! A token that is about to be made is written down before the request is sent. So the loss of an answer leaves a trace.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::store::{Store, StoreError};
use super::written::Text;
use crate::signalwire::token::TokenId;
use crate::signalwire::{ProjectId, Scope};

/// The name of the file.
const FILE: &str = "ledger.json";

/// The version of its form.
const VERSION: u64 = 1;

/// What is known of the state of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It was to be made, and no answer says whether it was. Its id is not known.
    Pending,
    /// It was made, and not removed by this barewire.
    Live,
    /// A change was sent, or its removal, and no answer says whether it was carried out.
    Unsure,
    /// It was removed.
    Deleted,
}

impl State {
    /// The word in the file and in lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Live => "live",
            Self::Unsure => "unsure",
            Self::Deleted => "deleted",
        }
    }
}

/// What is remembered of one token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id; that of the attempt as long as it is pending.
    pub id: TokenId,
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// The words for what it may do besides, which barewire does not know.
    pub others: BTreeSet<String>,
    /// The host of the Space that it is for.
    pub space: String,
    /// The project whose token it was made with.
    pub project: ProjectId,
    /// The subproject that it is for.
    pub subproject: Option<ProjectId>,
    /// When it was made, RFC 3339 in UTC; `None` if it was made elsewhere.
    pub created: Option<String>,
    /// When it was removed, likewise.
    pub deleted: Option<String>,
    /// The fingerprint of its value, as a finding of the rule `signalwire-api-token` has it.
    pub fingerprint: Option<String>,
    /// What is known of its state.
    pub state: State,
}

/// All that is remembered, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entries(Vec<Entry>);

impl Entries {
    /// All of them, sorted by Space, project, subproject, name and id.
    pub fn all(&self) -> &[Entry] {
        &self.0
    }

    /// The entry of the token with this id.
    pub fn find(&self, id: &TokenId) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.id == *id)
    }

    /// Writes `entry` down, in place of one with the same id.
    pub fn put(&mut self, entry: Entry) {
        self.forget(&entry.id);
        self.0.push(entry);
        self.0.sort_by(|one, other| one.key().cmp(&other.key()));
    }

    /// Changes the entry with this id, if there is one.
    pub fn amend(&mut self, id: &TokenId, change: impl FnOnce(&mut Entry)) {
        if let Some(mut entry) = self.forget(id) {
            change(&mut entry);
            self.put(entry);
        }
    }

    /// Takes the entry with this id out.
    pub fn forget(&mut self, id: &TokenId) -> Option<Entry> {
        let at = self.0.iter().position(|entry| entry.id == *id)?;
        Some(self.0.remove(at))
    }
}

impl Entry {
    fn key(&self) -> (&str, &ProjectId, Option<&ProjectId>, &str, &TokenId) {
        (&self.space, &self.project, self.subproject.as_ref(), &self.name, &self.id)
    }
}

/// The record of API tokens.
#[derive(Clone, Debug)]
pub struct Ledger(Store);

/// Why the record cannot be used.
#[derive(Debug)]
pub enum LedgerError {
    /// The file cannot.
    Store(StoreError),
    /// What is in it is not a record; it stays as it is.
    Damaged {
        /// Where it is.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong; it repeats nothing of the file.
        what: &'static str,
    },
    /// A later version of barewire has written it.
    Later {
        /// Where it is.
        path: PathBuf,
        /// The version of its form.
        version: u64,
    },
}

impl Ledger {
    /// The record in `folder`; neither has to exist.
    pub fn new(folder: PathBuf) -> Self {
        Self(Store::new(folder, FILE))
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.0.path()
    }

    /// What is remembered.
    ///
    /// # Errors
    /// The file cannot be read, or is no record.
    pub fn read(&self) -> Result<Entries, LedgerError> {
        let Some(bytes) = self.0.read().map_err(LedgerError::Store)? else { return Ok(Entries::default()) };
        let damaged = |line, what| LedgerError::Damaged { path: self.path(), line, what };
        let version: Versioned = serde_json::from_slice(&bytes).map_err(|error| damaged(error.line(), what(&error)))?;
        if version.version > VERSION {
            return Err(LedgerError::Later { path: self.path(), version: version.version });
        }
        let file: FileForm = serde_json::from_slice(&bytes).map_err(|error| damaged(error.line(), what(&error)))?;
        let mut entries = Entries::default();
        for raw in file.tokens {
            entries.put(raw.into());
        }
        Ok(entries)
    }

    /// Changes what is remembered, while no other process does. Returns what `change` returns.
    ///
    /// # Errors
    /// The file cannot be read or written, or is no record; then it is as it was.
    pub fn change<T>(&self, change: impl FnOnce(&mut Entries) -> T) -> Result<T, LedgerError> {
        let lock = self.0.lock().map_err(LedgerError::Store)?;
        let mut entries = self.read()?;
        let result = change(&mut entries);
        let form = FileForm { version: VERSION, tokens: entries.0.into_iter().map(Raw::from).collect() };
        let mut bytes = serde_json::to_vec_pretty(&form)
            .map_err(|error| LedgerError::Store(StoreError::Io(self.path(), error.into())))?;
        bytes.push(b'\n');
        self.0.write(&bytes, &lock).map_err(LedgerError::Store)?;
        Ok(result)
    }
}

fn what(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Data => "this is JSON, but not what barewire wrote",
        serde_json::error::Category::Eof => "this ends too early",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => "this is not JSON",
    }
}

#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct FileForm {
    version: u64,
    tokens: Vec<Raw>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: Text<TokenId>,
    name: String,
    scopes: Vec<Text<Scope>>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    others: BTreeSet<String>,
    space: String,
    project: Text<ProjectId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subproject: Option<Text<ProjectId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    state: State,
}

impl From<Entry> for Raw {
    fn from(entry: Entry) -> Self {
        Self {
            id: Text(entry.id),
            name: entry.name,
            scopes: entry.scopes.into_iter().map(Text).collect(),
            others: entry.others,
            space: entry.space,
            project: Text(entry.project),
            subproject: entry.subproject.map(Text),
            created: entry.created,
            deleted: entry.deleted,
            fingerprint: entry.fingerprint,
            state: entry.state,
        }
    }
}

impl From<Raw> for Entry {
    fn from(raw: Raw) -> Self {
        Self {
            id: raw.id.0,
            name: raw.name,
            scopes: raw.scopes.into_iter().map(|scope| scope.0).collect(),
            others: raw.others,
            space: raw.space,
            project: raw.project.0,
            subproject: raw.subproject.map(|id| id.0),
            created: raw.created,
            deleted: raw.deleted,
            fingerprint: raw.fingerprint,
            state: raw.state,
        }
    }
}

impl LedgerError {
    /// What it is about, with the line if there is one.
    pub fn place(&self) -> (PathBuf, Option<usize>) {
        match self {
            Self::Store(error) => (error.path().to_owned(), None),
            Self::Damaged { path, line, .. } => (path.clone(), Some(*line)),
            Self::Later { path, .. } => (path.clone(), None),
        }
    }

    /// What to do about it, if that can be said.
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Store(error) => error.remedy(),
            Self::Damaged { .. } => {
                Some("It is left as it is. Mend it by hand or move it away; it holds ids, never the values of tokens.")
            }
            Self::Later { .. } => Some("Use a later version of barewire."),
        }
    }
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Damaged { what, .. } => f.write_str(what),
            Self::Later { version, .. } => write!(f, "this has the form of version {version}, which is not known"),
        }
    }
}

impl std::error::Error for LedgerError {}
