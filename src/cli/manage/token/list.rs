//! `barewire token list`: shows the ledger, and says that it is one.

use serde_json::json;

use super::super::caller;
use super::super::present::{self, Shape, ShapeArgs};
use super::super::record;
use crate::cli::error::{self, Error, shown};
use crate::cli::{exit, output};
use crate::keep::{Entry, State};
use crate::signalwire::{Hosts, ProjectId, Space};

/// What is said of the list.
const LABEL: &str =
    "This is barewire's own record; SignalWire offers no list. Tokens that were made elsewhere are not in it.";

/// What can be typed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ListArgs {
    /// Only those of this Space
    #[arg(long, value_name = "SPACE")]
    space: Option<String>,
    /// Only those of this project or subproject
    #[arg(long, value_name = "UUID", value_parser = caller::project_id)]
    project: Option<ProjectId>,
    #[command(flatten)]
    shape: ShapeArgs,
}

/// Runs the command.
pub(super) fn run(args: &ListArgs) -> Result<u8, Error> {
    let ledger = record::ledger()?;
    let entries = ledger.read().map_err(|error| record::failed(&error))?;
    let host = args.space.as_deref().map(host).transpose()?;
    let chosen: Vec<&Entry> = entries.all().iter().filter(|entry| is_asked(entry, args, host.as_deref())).collect();
    if args.shape.format == Shape::Json {
        let tokens: Vec<_> = chosen.iter().map(|entry| record::json(entry)).collect();
        present::print_json(json!({ "version": 1, "source": "ledger", "note": LABEL, "tokens": tokens }))?;
        return Ok(exit::CLEAN);
    }
    output::print(&text(&chosen))?;
    error::tell(&format!("{LABEL} It is {}.\n", shown(&ledger.path())));
    for entry in chosen.iter().filter(|entry| entry.state == State::Pending) {
        error::tell(&note(entry));
    }
    Ok(exit::CLEAN)
}

/// What is to be done about an attempt.
fn note(entry: &Entry) -> String {
    let Entry { name, id, .. } = entry;
    if entry.fingerprint.is_some() {
        return format!(
            "note: {name} was made, and its id was not told. The Dashboard shows it; then: barewire token adopt ID --name \
             NAME --scopes {}\n",
            record::words(&entry.scopes)
        );
    }
    format!(
        "note: whether {name} was made is not known. If the Dashboard shows it, its value is lost: delete it there. Then: \
         barewire token forget {id}\n"
    )
}

/// The host of the Space that is asked for; it may be one that is not listed any more.
fn host(typed: &str) -> Result<String, Error> {
    let mut hosts = Hosts::default();
    // No request is sent; whether the host may have one does not matter.
    drop(hosts.list(typed.trim()));
    let space = Space::parse(typed, &hosts);
    space.map(|space| space.host().to_owned()).map_err(|error| Error::new(format_args!("--space: {error}")))
}

fn is_asked(entry: &Entry, args: &ListArgs, host: Option<&str>) -> bool {
    let is_project = |project: &ProjectId| entry.project == *project || entry.subproject.as_ref() == Some(project);
    host.is_none_or(|host| entry.space == host) && args.project.as_ref().is_none_or(is_project)
}

/// One table for each project.
fn text(entries: &[&Entry]) -> String {
    let home = |entry: &Entry| (entry.space.clone(), entry.project.clone(), entry.subproject.clone());
    let tables = entries.chunk_by(|one, other| home(one) == home(other)).map(|group| {
        let below = group[0].subproject.as_ref().map(|id| format!(", subproject {id}")).unwrap_or_default();
        let title = format!("{}, project {}{below}", present::safe(&group[0].space), group[0].project);
        let head = ["ID", "NAME", "STATE", "CREATED", "FINGERPRINT", "SCOPES"].map(str::to_owned).to_vec();
        let rows: Vec<_> = std::iter::once(head).chain(group.iter().map(|entry| row(entry))).collect();
        format!("{title}\n{}", present::table(&rows))
    });
    tables.collect::<Vec<_>>().join("\n")
}

fn row(entry: &Entry) -> Vec<String> {
    let cut = |text: &Option<String>, length: usize| {
        text.as_deref().map_or("-".to_owned(), |text| text.chars().take(length).collect())
    };
    let id = if entry.state == State::Pending { "?".to_owned() } else { entry.id.to_string() };
    vec![
        id,
        entry.name.clone(),
        entry.state.as_str().to_owned(),
        cut(&entry.created, 10),
        // `bw1:` and eight digits are enough to tell tokens apart; JSON has them all.
        cut(&entry.fingerprint, 12),
        record::all_words(entry),
    ]
}
