//! `barewire project list` and `show`: how projects are shown.

use serde_json::{Value, json};

use super::super::answer;
use super::super::caller::Caller;
use super::super::present::{self, Shape};
use super::{ListArgs, ShowArgs};
use crate::cli::error::Error;
use crate::cli::output;
use crate::signalwire::project::{self, Project};
use crate::signalwire::{Method, Network};

/// Lists projects.
pub(super) fn list(args: &ListArgs, network: &Network) -> Result<u8, Error> {
    let caller = Caller::new(&args.call, network)?;
    let projects = match project::list(caller.client(), &caller.access, args.name.as_deref()) {
        Ok(projects) => projects,
        Err(error) if error.refusal().is_some() => {
            let request = caller.access.request(Method::Get, project::collection());
            return Ok(caller.explain(&request, &error));
        }
        Err(error) => return Ok(answer::fail(&error, Method::Get)),
    };
    let printed = if args.shape.format == Shape::Json {
        let projects: Vec<_> = projects.iter().map(json).collect();
        present::print_json(json!({ "version": 1, "projects": projects }))
    } else {
        let head = ["ID", "NAME", "PARENT", "CREATED"].map(str::to_owned).to_vec();
        let rows: Vec<_> = std::iter::once(head).chain(projects.iter().map(row)).collect();
        output::print(&present::table(&rows))
    };
    Ok(present::shown(printed))
}

/// Shows one project.
pub(super) fn show(args: &ShowArgs, network: &Network) -> Result<u8, Error> {
    let caller = Caller::new(&args.call, network)?;
    let id = args.id.as_ref().unwrap_or(&caller.access.project);
    let request = project::show(&caller.access, id);
    match caller.send(&request).and_then(|response| Project::read(&response)) {
        Ok(project) => Ok(present::shown(print(&project, args.shape.format))),
        Err(error) => Ok(caller.explain(&request, &error)),
    }
}

/// Prints one project.
pub(super) fn print(project: &Project, shape: Shape) -> Result<(), Error> {
    if shape == Shape::Json {
        return present::print_json(json(project));
    }
    let yes = |value: Option<bool>| value.map(|value| if value { "yes" } else { "no" }.to_owned());
    let rows = [
        ("id", Some(project.id.clone())),
        ("name", Some(project.name.clone())),
        ("parent", project.parent_project_id.clone()),
        ("subproject", yes(project.subproject)),
        ("region", project.region_preference.clone()),
        ("recordings are protected", yes(project.protect_recordings)),
        ("media of messages is protected", yes(project.protect_message_media)),
        ("media of faxes is protected", yes(project.protect_fax_media)),
        ("webhooks go to HTTPS alone", yes(project.force_https_requests)),
        ("created", project.created_at.clone()),
        ("updated", project.updated_at.clone()),
    ];
    let row = |(name, value): (&str, Option<String>)| vec![name.to_owned(), value.unwrap_or_else(|| "-".to_owned())];
    output::print(&present::table(&rows.map(row)))
}

fn row(project: &Project) -> Vec<String> {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let created = text(&project.created_at).chars().take(10).collect();
    vec![project.id.clone(), project.name.clone(), text(&project.parent_project_id), created]
}

fn json(project: &Project) -> Value {
    // All fields are texts, truth values or null.
    serde_json::to_value(project).unwrap_or_default()
}
