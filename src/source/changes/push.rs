//! Decides how that is scanned which refs bring from one repository to another: commits with their messages, tags,
//! files that refs point at, and the names of new refs.

use std::ffi::OsString;
use std::path::Path;

use super::compared::{Content, Item};
use super::{Place, of_range};
use crate::blob::{Name, Origin};
use crate::git::{self, Arrival, Environment, Kind, ObjectId, Present};
use crate::source::tree::What;
use crate::source::{Listing, RepositoryOptions, Source, SourceError};

/// Something that git understands as one object: an id, the name of a ref, an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revision {
    /// An id; that of zeros is nothing.
    Id(ObjectId),
    /// Something else.
    Named(OsString),
}

/// A ref that is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// What it is called where it goes to.
    pub name: Vec<u8>,
    /// What it is to point at; zeros if it is to be deleted.
    pub new: Revision,
    /// What it points at there, if that is known; zeros if it is not there yet.
    pub old: Option<Revision>,
}

/// Where refs are sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// To this repository, whose refs are not changed yet.
    Here,
    /// To a remote: its name, or its address where it has none, and its address.
    Remote(String, String),
    /// The same, where more refs may be sent than those that are told of.
    Told(String, String),
    /// To a place of which nothing is known.
    Unknown,
}

/// What refs bring.
#[derive(Debug)]
pub struct Push {
    place: Place,
    refs: Vec<Sent>,
    receiver: Receiver,
}

impl Push {
    /// In the repository that `start` lies in.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn new(
        start: &Path,
        environment: &Environment,
        (refs, receiver): (Vec<Sent>, Receiver),
        options: RepositoryOptions,
    ) -> Result<Self, SourceError> {
        Ok(Self { place: Place::new(start, environment, options)?, refs, receiver })
    }

    fn resolve(&self, revision: &Revision) -> Result<ObjectId, SourceError> {
        match revision {
            Revision::Id(id) => Ok(*id),
            Revision::Named(name) => Ok(git::resolve(&self.place.repository, name)?),
        }
    }
}

impl Source for Push {
    fn list(&self, _jobs: usize) -> Result<Box<dyn Listing + '_>, SourceError> {
        let Place { repository, store, exclusion, .. } = &self.place;
        let (mut arrivals, mut known, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for sent in &self.refs {
            let id = self.resolve(&sent.new)?;
            let old = sent.old.as_ref().map(|old| self.resolve(old)).transpose()?;
            if old.is_some_and(|old| old.is_null()) && !id.is_null() {
                names.push(sent.name.clone());
            }
            known.extend(old.filter(|old| !old.is_null()));
            if !id.is_null() {
                arrivals.push(Arrival { name: sent.name.clone(), id });
            }
        }
        let present = match &self.receiver {
            Receiver::Here => Present::Here,
            Receiver::Remote(name, url) => {
                Present::At(git::believed(repository, git::remotes(repository, name, url), &names)?)
            }
            Receiver::Told(name, url) => Present::Partly(git::remotes(repository, name, url)),
            Receiver::Unknown => Present::At(Vec::new()),
        };
        let outgoing = git::outgoing(repository, store, &arrivals, (&present, &known))?;
        let mut compared = of_range(&self.place, outgoing.range, &Name::new("push"));
        for (id, kind, path) in outgoing.loose {
            let is_file = kind == Kind::Blob;
            let covering = exclusion.covering(&path, What::File).filter(|_| is_file);
            if let Some(covering) = covering {
                compared.leave_out(vec![covering]);
                continue;
            }
            let origin = if is_file { Origin::Blob } else { Origin::Tag };
            compared.items.push(Item { path, content: Content::Message(id), origin, ..Item::default() });
        }
        let name = |path| Item { path, content: Content::Nothing, origin: Origin::Ref, ..Item::default() };
        compared.items.extend(names.into_iter().map(name));
        Ok(Box::new(compared))
    }
}
