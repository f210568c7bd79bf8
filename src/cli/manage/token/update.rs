//! `barewire token update`: changes the name or the scopes of a token. The answer holds its value, which is not shown.

use std::collections::BTreeSet;

use super::super::caller::{self, CallArgs, Caller};
use super::super::present::{Shape, ShapeArgs};
use super::super::{dry_run, present, record};
use super::delete::tell_absent;
use super::scopes;
use crate::cli::error::{self, Error};
use crate::cli::exit;
use crate::keep::{Entry, Ledger, LedgerError, State};
use crate::signalwire::token::{self, Name, TokenAnswer, TokenChange, TokenId};
use crate::signalwire::{Arrival, Network, Scope, fate};

/// What can be typed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct UpdateArgs {
    /// The id of the token
    #[arg(value_name = "ID", value_parser = caller::token_id)]
    id: TokenId,
    /// What it is called from now on
    #[arg(long, value_name = "NAME", value_parser = caller::name)]
    name: Option<Name>,
    /// All that it may do from now on
    #[arg(long, value_name = "SCOPES", value_delimiter = ',', conflicts_with_all = ["add_scopes", "remove_scopes"])]
    scopes: Vec<String>,
    /// What it may do besides; what it may do already is taken from the ledger
    #[arg(long, value_name = "SCOPES", value_delimiter = ',')]
    add_scopes: Vec<String>,
    /// What it may not do any more
    #[arg(long, value_name = "SCOPES", value_delimiter = ',')]
    remove_scopes: Vec<String>,
    /// Print the request, without secrets, and send nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    shape: ShapeArgs,
    #[command(flatten)]
    call: CallArgs,
}

/// Runs the command.
pub(super) fn run(args: &UpdateArgs, network: &Network) -> Result<u8, Error> {
    let ledger = record::ledger()?;
    let known = ledger.read().map(|entries| entries.find(&args.id).cloned());
    let change = change(args, known.as_ref().map(Option::as_ref))?;
    let caller = Caller::new(&args.call, network)?;
    let request = token::update(&caller.access, &args.id, &change);
    let known = known.unwrap_or_else(|error| {
        record::warn(&error, "the ledger will not know of this change");
        None
    });
    let mine = record::fingerprint(&caller.access.token);
    if let Some(entry) = &known {
        record::warn_of_other_space(entry, &caller.access.space);
    }
    let is_mine = |print: Option<&str>| print == Some(&mine);
    let is_told = is_mine(known.as_ref().and_then(|entry| entry.fingerprint.as_deref()));
    if is_told {
        warn_of_own(&change);
    }
    if let Some(scopes) = &change.scopes {
        scopes::warn(scopes);
    }
    if args.dry_run {
        return dry_run::print(&request);
    }
    doubt(&ledger, &args.id);
    let answer = match caller.send(&request).and_then(|response| TokenAnswer::read(&response)) {
        Ok(answer) => answer,
        Err(error) => {
            if fate(&error) == Arrival::Never {
                restore(&ledger, known);
            }
            let code = caller.explain(&request, &error);
            tell_absent(&error, &args.id);
            return Ok(code);
        }
    };
    let entry = updated(&caller, known, (&args.id, &change), answer);
    if !is_told && is_mine(entry.fingerprint.as_deref()) {
        warn_of_own(&change);
    }
    finish(&ledger, &entry, args.shape.format)
}

/// What is to be changed.
fn change(args: &UpdateArgs, known: Result<Option<&Entry>, &LedgerError>) -> Result<TokenChange, Error> {
    let scopes = match (&args.scopes[..], &args.add_scopes[..], &args.remove_scopes[..]) {
        ([], [], []) => None,
        ([], add, remove) => Some(changed(&args.id, known, (add, remove))?),
        (scopes, ..) => Some(scopes::parse(scopes)?),
    };
    if args.name.is_none() && scopes.is_none() {
        return Err(Error::new("there is nothing to change; nothing was sent")
            .help("Give --name, --scopes, --add-scopes or --remove-scopes."));
    }
    let stay = args.scopes.is_empty() && scopes.is_some();
    let others = known.ok().flatten().filter(|_| stay).map(|entry| entry.others.clone()).unwrap_or_default();
    Ok(TokenChange { name: args.name.clone(), scopes, others })
}

/// The scopes of the ledger, with these more and those less.
fn changed(
    id: &TokenId,
    known: Result<Option<&Entry>, &LedgerError>,
    (add, remove): (&[String], &[String]),
) -> Result<BTreeSet<Scope>, Error> {
    let parse = |words: &[String]| if words.is_empty() { Ok(BTreeSet::new()) } else { scopes::parse(words) };
    let (add, remove) = (parse(add)?, parse(remove)?);
    let Some(entry) = known.map_err(record::failed)? else {
        return Err(Error::new(format_args!(
            "the ledger does not have the token {id}, and SignalWire does not tell its scopes; nothing was sent"
        ))
        .help(format_args!(
            "Give all of them with --scopes, or put it on record: barewire token adopt {id} --name NAME --scopes SCOPES"
        )));
    };
    if entry.state == State::Unsure {
        let why = "the ledger is not sure of the scopes: the answer to an earlier change was lost; nothing was sent";
        return Err(Error::new(why).help("Give all of them with --scopes; the Dashboard shows those that it has."));
    }
    if let Some(both) = add.intersection(&remove).next() {
        return Err(Error::new(format_args!("{both} is to be added and removed; nothing was sent")));
    }
    let scopes: BTreeSet<Scope> = entry.scopes.union(&add).copied().filter(|scope| !remove.contains(scope)).collect();
    let has = record::words(&entry.scopes);
    if scopes.is_empty() {
        return Err(Error::new("no scope would be left; nothing was sent")
            .help(format_args!("The ledger says that it has {has}. `barewire token delete {id}` deletes it.")));
    }
    if scopes == entry.scopes {
        return Err(Error::new(
            "there is nothing to change: it has these scopes already, says the ledger; nothing was sent",
        )
        .help("If the ledger is wrong, give all scopes with --scopes."));
    }
    let next = Entry { scopes: scopes.clone(), ..entry.clone() };
    let (has, next) = (record::all_words(entry), record::all_words(&next));
    error::tell(&format!("scopes by the ledger: {has}; from now on: {next}\n"));
    Ok(scopes)
}

fn warn_of_own(change: &TokenChange) {
    if change.scopes.as_ref().is_some_and(|scopes| !scopes.contains(&Scope::Management)) {
        error::tell(
            "warning: this is the token that you use now; without management it can change no token any more\n",
        );
    }
}

/// Writes down that a change is under way.
pub(super) fn doubt(ledger: &Ledger, id: &TokenId) {
    if !ledger.read().is_ok_and(|entries| entries.find(id).is_some()) {
        return;
    }
    if let Err(error) = ledger.change(|entries| entries.amend(id, |entry| entry.state = State::Unsure)) {
        record::warn(&error, "the ledger will not know of this change");
    }
}

/// Writes down that nothing was changed.
pub(super) fn restore(ledger: &Ledger, known: Option<Entry>) {
    let Some(entry) = known else { return };
    if let Err(error) = ledger.change(|entries| entries.put(entry)) {
        record::warn(&error, "the ledger is not sure of this token; it was not changed");
    }
}

/// What is known of the token after the change.
fn updated(
    caller: &Caller,
    known: Option<Entry>,
    (id, change): (&TokenId, &TokenChange),
    answer: TokenAnswer,
) -> Entry {
    let mut entry = known.unwrap_or_else(|| Entry {
        id: id.clone(),
        // What an answer calls a name must not be a value in the wrong place.
        name: answer.name.as_deref().map(present::safe).unwrap_or_default(),
        scopes: BTreeSet::new(),
        others: BTreeSet::new(),
        space: caller.access.space.host().to_owned(),
        project: caller.access.project.clone(),
        subproject: None,
        created: None,
        deleted: None,
        fingerprint: None,
        state: State::Live,
    });
    if let Some(name) = &change.name {
        name.as_str().clone_into(&mut entry.name);
    }
    let others = answer.others();
    if !answer.unknown.is_empty() {
        let words = present::safe(&answer.unknown.join(","));
        error::tell(&format!("warning: it has scopes that barewire does not know: {words}\n"));
    }
    match (answer.scopes, &change.scopes) {
        (Some(scopes), _) => (entry.scopes, entry.others) = (scopes, others),
        (None, Some(scopes)) => (entry.scopes, entry.others) = (scopes.clone(), change.others.clone()),
        (None, None) => {}
    }
    if let Some(value) = &answer.value {
        entry.fingerprint = Some(record::fingerprint(value));
    }
    entry.state = State::Live;
    entry
}

fn finish(ledger: &Ledger, entry: &Entry, shape: Shape) -> Result<u8, Error> {
    let kept = ledger.change(|entries| entries.put(entry.clone()));
    let words = record::all_words(entry);
    error::tell(&format!("changed the API token {} ({words}), id {}\n", entry.name, entry.id));
    if shape == Shape::Json {
        present::print_json(record::json(entry).into())?;
    }
    Ok(match kept {
        Ok(()) => exit::CLEAN,
        Err(error) => {
            record::warn(&error, "the token was changed, but the ledger does not know of it");
            exit::INCOMPLETE
        }
    })
}
