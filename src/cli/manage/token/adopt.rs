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
    ledger.change(|entries| adopt(entries, entry)).map_err(|error| record::failed(&error))?;
    error::tell(&format!("the ledger has the API token {} now; nothing was sent\n", args.id));
    Ok(exit::CLEAN)
}

/// Puts `entry` in; what is known besides of the same token stays, and an attempt to make it is settled.
fn adopt(entries: &mut Entries, mut entry: Entry) {
    if let Some(old) = entries.forget(&entry.id) {
        entry.created = old.created;
        entry.fingerprint = entry.fingerprint.or(old.fingerprint);
    }
    let is_same = |other: &&Entry| {
        let home = |entry: &Entry| (entry.name.clone(), entry.space.clone(), entry.project.clone());
        other.state == State::Pending && home(other) == home(&entry)
    };
    let attempt = entries.all().iter().find(is_same).map(|attempt| attempt.id.clone());
    if let Some(attempt) = attempt.and_then(|id| entries.forget(&id)) {
        entry.created = entry.created.or(attempt.created);
    }
    entries.put(entry);
}
