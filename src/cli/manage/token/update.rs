//! `barewire token update`: changes the name or the scopes of a token. The answer holds its value, which is not shown.

use std::collections::BTreeSet;

use super::super::caller::{self, CallArgs, Caller};
use super::super::present::{Shape, ShapeArgs};
use super::super::{dry_run, present, record};
use super::delete::tell_absent;
use super::scopes;
use super::trail::Trail;
use crate::cli::error::{self, Error};
use crate::cli::exit;
use crate::keep::{Entry, State};
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
    let mut trail = Trail::of(&args.id)?;
    let change = change(args, &mut trail)?;
    let caller = Caller::new(&args.call, network)?;
    let request = token::update(&caller.access, &args.id, &change);
    let known = trail.known_or_warn("the ledger will not know of this change");
    let mine = record::fingerprint(&caller.access.token);
    if let Some(entry) = known {
        record::warn_of_other_space(entry, &caller.access.space);
    }
    let is_told = known.and_then(|entry| entry.fingerprint.as_ref()) == Some(&mine);
    if is_told {
        warn_of_own(&change);
    }
    if let Some(scopes) = &change.scopes {
        scopes::warn(scopes);
    }
    if args.dry_run {
        return dry_run::print(&request);
    }
    trail.doubt();
    let answer = match caller.send(&request).and_then(|response| TokenAnswer::read(&response)) {
        Ok(answer) => answer,
        Err(error) => {
            if fate(&error) == Arrival::Never {
                trail.restore();
            }
            let code = caller.explain(&request, &error);
            tell_absent(&error, &args.id);
            return Ok(code);
        }
    };
    if !is_told && answer.value.as_ref().map(record::fingerprint) == Some(mine) {
        warn_of_own(&change);
    }
    if !answer.unknown.is_empty() {
        let words = present::safe(&answer.unknown.join(","));
        error::tell(&format!("warning: it has scopes that barewire does not know: {words}\n"));
    }
    let state = state(&answer, &change, &trail);
    let settled = trail.settle("changed", state, |entry| Some(updated(&caller, entry, (&args.id, &change), &answer)));
    Ok(finish(settled, args.shape.format))
}

/// What is to be changed.
fn change(args: &UpdateArgs, trail: &mut Trail) -> Result<TokenChange, Error> {
    let name = args.name.clone();
    match (&args.scopes[..], &args.add_scopes[..], &args.remove_scopes[..]) {
        ([], [], []) if name.is_none() => Err(Error::new("there is nothing to change; nothing was sent")
            .help("Give --name, --scopes, --add-scopes or --remove-scopes.")),
        ([], [], []) => Ok(TokenChange { name, ..TokenChange::default() }),
        ([], add, remove) => {
            let (scopes, others) = changed(&args.id, trail.known()?, (add, remove))?;
            Ok(TokenChange { name, scopes: Some(scopes), others })
        }
        (scopes, ..) => Ok(TokenChange { name, scopes: Some(scopes::parse(scopes)?), others: BTreeSet::new() }),
    }
}

/// The scopes of the ledger, and those that are not known, with these more and those less.
fn changed(
    id: &TokenId,
    known: Option<&Entry>,
    (add, remove): (&[String], &[String]),
) -> Result<(BTreeSet<Scope>, BTreeSet<String>), Error> {
    let parse = |words: &[String]| if words.is_empty() { Ok(BTreeSet::new()) } else { scopes::parse(words) };
    let has_other = |word: &String| known.is_some_and(|entry| entry.others.contains(word.trim()));
    let (others, remove): (Vec<String>, Vec<String>) = remove.iter().cloned().partition(has_other);
    let (add, remove) = (parse(add)?, parse(&remove)?);
    let entry = known.ok_or_else(|| absent(id))?;
    if entry.state == State::Unsure {
        let why = "the ledger is not sure of the scopes: no answer has told what they are now; nothing was sent";
        return Err(Error::new(why).help("Give all of them with --scopes; the Dashboard shows those that it has."));
    }
    if let Some(both) = add.intersection(&remove).next() {
        return Err(Error::new(format_args!("{both} is to be added and removed; nothing was sent")));
    }
    let mut next = entry.clone();
    next.scopes.extend(&add);
    next.scopes.retain(|scope| !remove.contains(scope));
    next.others.retain(|word| !others.iter().any(|other| other.trim() == word));
    let (has, will) = (record::all_words(entry), record::all_words(&next));
    if will.is_empty() {
        return Err(Error::new("no scope would be left; nothing was sent")
            .help(format_args!("The ledger says that it has {has}. `barewire token delete {id}` deletes it.")));
    }
    if will == has {
        return Err(Error::new(
            "there is nothing to change: it has these scopes already, says the ledger; nothing was sent",
        )
        .help("If the ledger is wrong, give all scopes with --scopes."));
    }
    error::tell(&format!("scopes by the ledger: {has}; from now on: {will}\n"));
    Ok((next.scopes, next.others))
}

fn absent(id: &TokenId) -> Error {
    Error::new(format_args!(
        "the ledger does not have the token {id}, and SignalWire does not tell its scopes; nothing was sent"
    ))
    .help(format_args!(
        "Give all of them with --scopes, or put it on record: barewire token adopt {id} --name NAME --scopes SCOPES"
    ))
}

fn warn_of_own(change: &TokenChange) {
    if change.scopes.as_ref().is_some_and(|scopes| !scopes.contains(&Scope::Management)) {
        error::tell(
            "warning: this is the token that you use now; without management it can change no token any more\n",
        );
    }
}

/// What is known of the token after the change.
fn updated(
    caller: &Caller,
    known: Option<&Entry>,
    (id, change): (&TokenId, &TokenChange),
    answer: &TokenAnswer,
) -> Entry {
    let mut entry = known.cloned().unwrap_or_else(|| Entry {
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
        state: State::Unsure,
    });
    if let Some(name) = &change.name {
        name.as_str().clone_into(&mut entry.name);
    }
    match (&answer.scopes, &change.scopes) {
        (Some(scopes), _) => (entry.scopes, entry.others) = (scopes.clone(), answer.others()),
        (None, Some(scopes)) => (entry.scopes, entry.others) = (scopes.clone(), change.others.clone()),
        (None, None) => {}
    }
    if let Some(value) = &answer.value {
        entry.fingerprint = Some(record::fingerprint(value));
    }
    entry
}

/// How sure the scopes are: those of the answer, or else those that were sent, or else those that were known.
fn state(answer: &TokenAnswer, change: &TokenChange, trail: &Trail) -> State {
    let is_sure = match &answer.scopes {
        Some(_) => answer.has_words_for_all(),
        None => change.scopes.is_some() || trail.is_sure(),
    };
    if is_sure { State::Live } else { State::Unsure }
}

/// Tells what was changed; returns the exit code.
fn finish((entry, code): (Option<Entry>, u8), shape: Shape) -> u8 {
    let Some(entry) = entry else { return code };
    let words = record::all_words(&entry);
    let words = if words.is_empty() { "its scopes were not told".to_owned() } else { words };
    error::tell(&format!("changed the API token {} ({words}), id {}\n", entry.name, entry.id));
    let shown = match shape {
        Shape::Json => present::shown(present::print_json(record::json(&entry).into())),
        Shape::Text => exit::CLEAN,
    };
    shown.max(code)
}
