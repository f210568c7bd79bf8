//! `barewire token create`: makes a token. All that can go wrong here is tried before the request is sent, since its value is
//! shown only once; and the attempt is on record, since its answer can be lost.

use std::collections::BTreeSet;

use super::super::caller::{self, CallArgs, Caller};
use super::super::outlet::{Outlet, OutletArgs};
use super::super::{dry_run, present, record};
use super::scopes;
use crate::cli::error::{self, Error};
use crate::cli::exit;
use crate::keep::{Entry, Ledger, State};
use crate::secret::Secret;
use crate::signalwire::token::{self, Name, TokenAnswer, TokenSpec};
use crate::signalwire::{Arrival, Error as ApiError, Network, ProjectId, Request, fate};

/// What can be typed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CreateArgs {
    /// What the token is called
    #[arg(long, value_name = "NAME", value_parser = caller::name)]
    name: Name,
    /// What the token may do: calling, chat, datasphere, fax, management, messaging, numbers, pubsub, storage, tasking, video
    #[arg(long, value_name = "SCOPES", value_delimiter = ',', required = true)]
    scopes: Vec<String>,
    /// Make it for this subproject
    #[arg(long, value_name = "UUID", value_parser = caller::project_id)]
    subproject: Option<ProjectId>,
    /// Print the request, without secrets, and send nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    outlet: OutletArgs,
    #[command(flatten)]
    call: CallArgs,
}

/// Runs the command.
pub(super) fn run(args: &CreateArgs, network: &Network) -> Result<u8, Error> {
    let scopes = scopes::parse(&args.scopes)?;
    let caller = Caller::new(&args.call, network)?;
    let spec = TokenSpec { name: args.name.clone(), scopes, subproject: args.subproject.clone() };
    let request = token::create(&caller.access, &spec);
    scopes::warn(&spec.scopes);
    if args.dry_run {
        return dry_run::print(&request);
    }
    let attempt = Attempt::begin(&caller, spec, &args.outlet)?;
    match caller.send(&request).and_then(|response| TokenAnswer::read(&response)) {
        Ok(answer) => Ok(attempt.made(&answer)),
        Err(error) => Ok(attempt.failed(&caller, &request, &error)),
    }
}

/// A token that is being made.
struct Attempt {
    ledger: Ledger,
    outlet: Outlet,
    /// As it is on record: pending, with an id that stands for the attempt.
    entry: Entry,
}

impl Attempt {
    /// Makes sure of the place where the value will go, and puts the attempt on record.
    fn begin(caller: &Caller, spec: TokenSpec, outlet: &OutletArgs) -> Result<Self, Error> {
        let ledger = record::ledger()?;
        let entry = Entry {
            id: record::attempt()?,
            name: spec.name.as_str().to_owned(),
            scopes: spec.scopes,
            others: BTreeSet::new(),
            space: caller.access.space.host().to_owned(),
            project: caller.access.project.clone(),
            subproject: spec.subproject,
            created: Some(record::now()),
            deleted: None,
            fingerprint: None,
            state: State::Pending,
        };
        let outlet = Outlet::open(outlet)?;
        if let Err(error) = ledger.change(|entries| entries.put(entry.clone())) {
            outlet.discard();
            return Err(record::failed(&error));
        }
        Ok(Self { ledger, outlet, entry })
    }

    /// There is no token, or nobody knows its value.
    fn failed(self, caller: &Caller, request: &Request, error: &ApiError) -> u8 {
        self.outlet.discard();
        let code = caller.explain(request, error);
        let name = &self.entry.name;
        match fate(error) {
            Arrival::Never => {
                let id = &self.entry.id;
                if let Err(error) = self.ledger.change(|entries| entries.forget(id)) {
                    record::warn(&error, "the ledger says that the token was perhaps made; it was not");
                }
            }
            Arrival::Perhaps => error::tell(&format!(
                "note: look in the Dashboard, under API Credentials, for a token called {name}: its value would be lost, \
                 so delete it there. The ledger has it as pending: barewire token forget {}\n",
                self.entry.id
            )),
            Arrival::Done => error::tell(&format!(
                "note: there is a token called {name} now whose value is lost; delete it in the Dashboard, under API \
                 Credentials. The ledger has it as pending: barewire token forget {}\n",
                self.entry.id
            )),
        }
        code
    }

    /// There is a token. Its value goes where it belongs before anything that can take long or fail.
    fn made(self, answer: &TokenAnswer) -> u8 {
        let Self { ledger, outlet, entry: attempt } = self;
        let mut entry = Entry { fingerprint: answer.value.as_ref().map(record::fingerprint), ..attempt.clone() };
        if let Some(id) = &answer.id {
            entry.id = id.clone();
            entry.state = if answer.has_words_for_all() { State::Live } else { State::Unsure };
        }
        warn_of_difference(&entry, answer);
        if let Some(scopes) = &answer.scopes {
            entry.scopes.clone_from(scopes);
        }
        entry.others = answer.others();
        let shown = deliver(outlet, answer.value.as_ref(), &entry);
        let kept = ledger.change(|entries| {
            entries.forget(&attempt.id);
            entries.put(entry.clone());
        });
        if let Err(error) = &kept {
            let id = known(&entry).unwrap_or("not known");
            record::warn(error, &format!("the ledger lacks the new token; its id is {id}"));
        }
        if answer.id.is_none() {
            error::tell("warning: SignalWire did not tell the id of the token; the Dashboard shows it\n");
        }
        if kept.is_err() || answer.id.is_none() { exit::INCOMPLETE } else { shown }
    }
}

/// The id of a token, if it is known.
fn known(entry: &Entry) -> Option<&str> {
    (entry.state != State::Pending).then(|| entry.id.as_str())
}

fn warn_of_difference(entry: &Entry, answer: &TokenAnswer) {
    let given: Vec<_> = answer.scopes.iter().flatten().map(|scope| scope.as_str()).collect();
    let given: Vec<_> = given.into_iter().chain(answer.unknown.iter().map(String::as_str)).collect();
    let is_same = answer.unknown.is_empty() && answer.scopes.as_ref().is_none_or(|scopes| *scopes == entry.scopes);
    if !is_same {
        error::tell(&format!("warning: SignalWire gave the token other scopes: {}\n", present::safe(&given.join(","))));
    }
}

/// Shows the value; returns the exit code.
fn deliver(outlet: Outlet, value: Option<&Secret>, entry: &Entry) -> u8 {
    let (name, id) = (present::safe(&entry.name), known(entry));
    let Some(value) = value else {
        outlet.discard();
        return useless(&format!("the answer lacks the value of the token {name}"), id);
    };
    let told = id.map(|id| format!(", id {id}")).unwrap_or_default();
    error::tell(&format!("made the API token {name} ({}){told}\n", record::all_words(entry)));
    match outlet.deliver(value, "token", record::json(entry)) {
        Ok(()) => exit::CLEAN,
        Err(error) => useless(&format!("the value of the token {name} could not be written: {error}"), id),
    }
}

/// Says what to do with a token whose value nobody has.
fn useless(why: &str, id: Option<&str>) -> u8 {
    let how = id.map_or_else(
        || "in the Dashboard, under API Credentials".to_owned(),
        |id| format!("with `barewire token delete {id}`"),
    );
    let help = format!("Nobody has its value now. Delete it {how}, and make another one.");
    Error::new(why).help(help).print();
    exit::INCOMPLETE
}
