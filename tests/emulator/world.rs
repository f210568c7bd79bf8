//! What the emulator knows: Spaces, projects, tokens, and how it answers where the documentation says two things.

use std::collections::{BTreeMap, BTreeSet};

/// Which status tells that a scope is missing; the documentation says both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum MissingScope {
    #[default]
    Unauthorized,
    Forbidden,
}

/// What a PATCH that changes nothing gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum EmptyPatch {
    #[default]
    Accepted,
    Refused,
}

/// Whether a token may delete itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum SelfDelete {
    #[default]
    Allowed,
    Refused,
}

/// Who may ask for a guest token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum GuestAuth {
    #[default]
    Basic,
    Bearer,
}

/// What the lookup of a number that means nothing gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lookup {
    #[default]
    Found,
    NotFound,
}

/// One answer for each contradiction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Modes {
    pub(crate) missing_scope: MissingScope,
    pub(crate) empty_patch: EmptyPatch,
    pub(crate) self_delete: SelfDelete,
    pub(crate) guest_auth: GuestAuth,
    pub(crate) lookup: Lookup,
    /// So many requests a deleted token still does.
    pub(crate) slow_delete: u32,
}

/// A project, or a subproject.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The host of its Space.
    pub(crate) host: String,
    pub(crate) parent: Option<String>,
    pub(crate) signing_key: String,
    /// It still has a phone number.
    pub(crate) has_numbers: bool,
    /// What of `projects::RESTRICTIONS` is on.
    pub(crate) restrictions: BTreeSet<&'static str>,
}

/// An API token.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) value: String,
    pub(crate) project: String,
    /// It is deleted, and does so many requests all the same.
    pub(crate) deleted: Option<u32>,
}

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) modes: Modes,
    /// Hosts of Spaces.
    pub(crate) spaces: BTreeSet<String>,
    pub(crate) projects: BTreeMap<String, Project>,
    pub(crate) tokens: Vec<Token>,
    /// Names of rooms.
    pub(crate) rooms: Vec<String>,
    /// Client tokens that were made: what they are, by their value.
    pub(crate) minted: BTreeMap<String, Minted>,
    /// References of subscribers and their ids.
    pub(crate) subscribers: BTreeMap<String, String>,
}

/// A kind of client token that can be presented again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Minted {
    /// Good until this time, in seconds since 1970, UTC.
    Subscriber(i64),
    Refresh,
    Spent,
}

/// What every scope is called.
pub(crate) const SCOPES: [&str; 11] = [
    "calling",
    "chat",
    "datasphere",
    "fax",
    "management",
    "messaging",
    "numbers",
    "pubsub",
    "storage",
    "tasking",
    "video",
];

impl World {
    pub(crate) fn add_project(&mut self, host: &str, name: &str, parent: Option<&str>) -> String {
        let id = uuid();
        self.spaces.insert(host.to_owned());
        let project = Project {
            id: id.clone(),
            name: name.to_owned(),
            host: host.to_owned(),
            parent: parent.map(str::to_owned),
            signing_key: signing_key(),
            has_numbers: false,
            restrictions: BTreeSet::new(),
        };
        self.projects.insert(id.clone(), project);
        id
    }

    pub(crate) fn add_token(&mut self, project: &str, name: &str, scopes: &[&str]) -> Token {
        let token = Token {
            id: uuid(),
            name: name.to_owned(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            value: format!("PT{}", hex(24)),
            project: project.to_owned(),
            deleted: None,
        };
        self.tokens.push(token.clone());
        token
    }

    /// The token of a project by its value, if it still does something. Each use of a deleted one counts.
    pub(crate) fn authenticate(&mut self, host: &str, project: &str, value: &str) -> Option<Token> {
        let is_here = self.projects.get(project).is_some_and(|project| project.host == host);
        let token = self.tokens.iter_mut().find(|token| token.value == value && token.project == project);
        let token = token.filter(|_| is_here)?;
        match &mut token.deleted {
            None => {}
            Some(0) => return None,
            Some(left) => *left -= 1,
        }
        Some(token.clone())
    }

    /// Whether a project is `root` or below it.
    pub(crate) fn is_within(&self, project: &str, root: &str) -> bool {
        let parent = self.projects.get(project).and_then(|project| project.parent.clone());
        project == root || parent.is_some_and(|parent| self.is_within(&parent, root))
    }
}

pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

pub(crate) fn hex(bytes: usize) -> String {
    let digits: Vec<_> = (0..bytes).map(|_| format!("{:02x}", random::<1>()[0])).collect();
    digits.concat()
}

pub(crate) fn uuid() -> String {
    uuid::Builder::from_random_bytes(random()).into_uuid().to_string()
}

pub(crate) fn signing_key() -> String {
    format!("PSK_{}", hex(16))
}
