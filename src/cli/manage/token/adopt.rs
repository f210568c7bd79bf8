//! `barewire token adopt`: puts a token on record that was made elsewhere. Nothing is sent.

use std::collections::BTreeSet;

use super::super::access_args::{AccessArgs, Talk};
use super::super::{access, caller, record};
use super::scopes;
use crate::cli::error::{self, Error};
use crate::cli::exit;
use crate::keep::{Entries, Entry, State};
use crate::signalwire::ProjectId;
use crate::signalwire::token::{Name, TokenId};

/// What can be typed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AdoptArgs {
    /// The id of the token, which the Dashboard shows
    #[arg(value_name = "ID", value_parser = caller::token_id)]
    id: TokenId,
    /// What it is called
    #[arg(long, value_name = "NAME", value_parser = caller::name)]
    name: Name,
    /// What it may do
    #[arg(long, value_name = "SCOPES", value_delimiter = ',', required = true)]
    scopes: Vec<String>,
    /// The subproject that it is for
    #[arg(long, value_name = "UUID", value_parser = caller::project_id)]
    subproject: Option<ProjectId>,
    #[command(flatten)]
    access: AccessArgs,
}

/// Runs the command. A token that is given is the one to be adopted; its fingerprint is recorded.
pub(super) fn run(args: &AdoptArgs) -> Result<u8, Error> {
    let scopes = scopes::parse(&args.scopes)?;
    let (space, project) = access::belongs(&args.access, Talk::Usual)?;
    let token = access::given_token(&args.access)?;
    let entry = Entry {
        id: args.id.clone(),
        name: args.name.as_str().to_owned(),
        scopes,
        others: BTreeSet::new(),
        space: space.host().to_owned(),
        project,
        subproject: args.subproject.clone(),
        created: None,
        deleted: None,
        fingerprint: token.as_ref().map(record::fingerprint),
        state: State::Live,
    };
    let ledger = record::ledger()?;
    let adopted = ledger.change(|entries| adopt(entries, entry)).map_err(|error| record::failed(&error))?;
    error::tell(&format!("the ledger has the API token {} now; nothing was sent\n", args.id));
    adopted.tell(args);
    Ok(exit::CLEAN)
}

/// What was on record besides.
#[derive(Debug, Default, PartialEq, Eq)]
struct Adopted {
    was_deleted: Option<String>,
    /// Attempts that may have made this token.
    attempts: Vec<TokenId>,
}

impl Adopted {
    fn tell(&self, args: &AdoptArgs) {
        let id = &args.id;
        if let Some(day) = &self.was_deleted {
            error::tell(&format!(
                "warning: the ledger had it as deleted, on {day}; if it is gone: barewire token forget {id}\n"
            ));
        }
        for attempt in &self.attempts {
            error::tell(&format!(
                "note: the ledger has an attempt to make a token called {}; if this is that token: barewire token forget \
                 {attempt}\n",
                args.name.as_str()
            ));
        }
    }
}

/// Puts `entry` in; what is known besides of the same token stays, and the attempt to make it is settled, if there is but
/// one that it can have been.
fn adopt(entries: &mut Entries, mut entry: Entry) -> Adopted {
    let mut adopted = Adopted::default();
    if let Some(old) = entries.forget(&entry.id) {
        adopted.was_deleted = (old.state == State::Deleted).then(|| old.deleted.unwrap_or_default());
        entry.created = old.created;
        entry.fingerprint = entry.fingerprint.or(old.fingerprint);
        entry.subproject = entry.subproject.or(old.subproject);
        entry.others = old.others;
        entries.put(entry);
        return adopted;
    }
    let home = |entry: &Entry| (entry.name.clone(), entry.space.clone(), entry.project.clone());
    let is_alike = |other: &&Entry| other.state == State::Pending && home(other) == home(&entry);
    let is_same = |other: &&Entry| (&other.scopes, &other.subproject) == (&entry.scopes, &entry.subproject);
    let alike: Vec<Entry> = entries.all().iter().filter(is_alike).cloned().collect();
    let same: Vec<_> = alike.iter().filter(is_same).collect();
    if let [attempt] = same[..] {
        entries.forget(&attempt.id);
        entry.created = entry.created.or(attempt.created.clone());
        entry.fingerprint = entry.fingerprint.or(attempt.fingerprint.clone());
        entry.others.clone_from(&attempt.others);
    } else {
        adopted.attempts = alike.into_iter().map(|attempt| attempt.id).collect();
    }
    entries.put(entry);
    adopted
}
