//! The endpoints of projects and subprojects, in both APIs.

use serde_json::{Value, json};

use super::errors::{self, Family};
use super::http::{Answer, Incoming};
use super::routes::page;
use super::world::{Project, Token, World, signing_key};

pub(crate) const TIME: &str = "2026-01-02T03:04:05Z";

/// What can be switched on in a project.
const RESTRICTIONS: [&str; 4] =
    ["protect_recordings", "protect_message_media", "protect_fax_media", "force_https_requests"];

fn shown(project: &Project) -> Value {
    let mut shown = json!({
        "id": project.id,
        "name": project.name,
        "parent_project_id": project.parent,
        "subproject": project.parent.is_some(),
        "region_preference": "us",
        "created_at": TIME,
        "updated_at": TIME,
    });
    for restriction in RESTRICTIONS {
        shown[restriction] = project.restrictions.contains(restriction).into();
    }
    shown
}

/// Switches what a request says of restrictions.
fn restrict(project: &mut Project, content: &Value) {
    for restriction in RESTRICTIONS {
        match content[restriction].as_bool() {
            Some(true) => drop(project.restrictions.insert(restriction)),
            Some(false) => drop(project.restrictions.remove(restriction)),
            None => {}
        }
    }
}

fn with_key(project: &Project) -> Value {
    let mut value = shown(project);
    value["signing_key"] = project.signing_key.clone().into();
    value
}

/// Below `/api/projects`.
pub(crate) fn rest(
    world: &mut World,
    caller: &Token,
    incoming: &Incoming,
    (path, content): (&[&str], &Value),
) -> Answer {
    let name = content["name"].as_str().filter(|name| !name.is_empty()).map(str::to_owned);
    let unnamed = || errors::invalid(Family::Rest, "missing_required_parameter", "Name must be present", "name");
    match (incoming.method.as_str(), path) {
        ("GET", []) => {
            let wanted = incoming.parameter("name");
            let is_wanted = |project: &&Project| {
                world.is_within(&project.id, &caller.project)
                    && wanted.as_ref().is_none_or(|name| project.name == *name)
            };
            page(incoming, &world.projects.values().filter(is_wanted).map(shown).collect::<Vec<_>>())
        }
        ("POST", []) => {
            let Some(name) = name else { return unnamed() };
            let parent = world.projects[&caller.project].clone();
            if parent.parent.is_some() {
                return errors::invalid(
                    Family::Rest,
                    "nested_subprojects_not_allowed",
                    "Only a root project can",
                    "id",
                );
            }
            let id = world.add_project(&parent.host, &name, Some(&parent.id));
            restrict(world.projects.get_mut(&id).unwrap(), content);
            Answer::json(201, &with_key(&world.projects[&id]))
        }
        (method, [id, rest @ ..]) if world.is_within(id, &caller.project) => match (method, rest) {
            ("GET", []) => Answer::json(200, &shown(&world.projects[*id])),
            ("PATCH", []) => {
                let Some(name) = name else { return unnamed() };
                let project = world.projects.get_mut(*id).unwrap();
                project.name = name;
                restrict(project, content);
                Answer::json(200, &shown(project))
            }
            ("DELETE", []) => delete(world, id),
            _ => {
                let project = world.projects.get_mut(*id).unwrap();
                project.signing_key = signing_key();
                Answer::json(200, &with_key(project))
            }
        },
        _ => errors::not_found(Family::Rest),
    }
}

fn delete(world: &mut World, id: &str) -> Answer {
    let project = &world.projects[id];
    if project.parent.is_none() {
        return errors::invalid(Family::Rest, "only_subprojects_can_be_deleted", "This is no subproject", "id");
    }
    if project.has_numbers {
        return errors::invalid(Family::Rest, "phone_numbers_must_be_removed", "It has phone numbers", "id");
    }
    world.projects.remove(id);
    world.tokens.retain(|token| token.project != id);
    Answer::empty(204)
}

/// What an account links to; most of what a Twilio account has, it has not.
const LINKS: [(&str, Option<&str>); 19] = [
    ("addresses", None),
    ("available_phone_numbers", Some("AvailablePhoneNumbers")),
    ("applications", Some("Applications")),
    ("authorized_connect_apps", None),
    ("calls", Some("Calls")),
    ("conferences", Some("Conferences")),
    ("connect_apps", None),
    ("incoming_phone_numbers", Some("IncomingPhoneNumbers")),
    ("keys", None),
    ("notifications", None),
    ("outgoing_caller_ids", None),
    ("queues", Some("Queues")),
    ("recordings", Some("Recordings")),
    ("sandbox", None),
    ("sip", None),
    ("short_codes", None),
    ("messages", Some("Messages")),
    ("transcriptions", Some("Transcriptions")),
    ("usage", None),
];

fn account(project: &Project, key: Option<&str>) -> Value {
    let uri = format!("/api/laml/2010-04-01/Accounts/{}", project.id);
    let mut links = serde_json::Map::new();
    for (name, path) in LINKS {
        links.insert(name.to_owned(), path.map(|path| format!("{uri}/{path}")).into());
    }
    json!({
        "sid": project.id,
        "friendly_name": project.name,
        "status": "active",
        "auth_token": "redacted",
        "date_created": TIME,
        "date_updated": TIME,
        "type": "Full",
        "owner_account_sid": project.parent.as_ref().unwrap_or(&project.id),
        "region_preference": "us",
        "uri": uri,
        "subproject": project.parent.is_some(),
        "signing_key": key,
        "subresource_uris": links,
    })
}

/// Below `/api/laml/2010-04-01/Accounts`.
pub(crate) fn compat(
    world: &mut World,
    caller: &Token,
    incoming: &Incoming,
    (path, content): (&[&str], &Value),
) -> Answer {
    let name = content["FriendlyName"].as_str().filter(|name| (1..=250).contains(&name.len())).map(str::to_owned);
    // Tokens alone have the flat shape of 422 in this API.
    let unnamed = || errors::compat(422, 10000, "FriendlyName must be present");
    match (incoming.method.as_str(), path) {
        ("GET", []) => {
            let within = |project: &&Project| world.is_within(&project.id, &caller.project);
            let accounts: Vec<_> =
                world.projects.values().filter(within).map(|project| account(project, None)).collect();
            let links = json!({"uri": incoming.target, "first_page_uri": incoming.target, "next_page_uri": null,
                "previous_page_uri": null, "page": 0, "page_size": 50, "accounts": accounts});
            Answer::json(200, &links)
        }
        ("POST", []) => {
            let Some(name) = name else { return unnamed() };
            let host = world.projects[&caller.project].host.clone();
            let id = world.add_project(&host, &name, Some(&caller.project));
            let project = &world.projects[&id];
            Answer::json(201, &account(project, Some(&project.signing_key)))
        }
        (method, [id]) if world.is_within(id, &caller.project) => {
            let project = world.projects.get_mut(*id).unwrap();
            match (method, name) {
                ("POST", None) => return unnamed(),
                ("POST", Some(name)) => project.name = name,
                _ => {}
            }
            Answer::json(200, &account(project, None))
        }
        _ => errors::not_found(Family::Compat),
    }
}
