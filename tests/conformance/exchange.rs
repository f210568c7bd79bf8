//! Decides whether what went over the wire to the emulator, in both directions, is what the specification describes.

use std::net::SocketAddr;
use std::sync::Arc;

use barewire::secret::Secret;
use barewire::signalwire::{
    Auth, Client, Hosts, Lookup, Method, Network, NoName, Payload, Request, Settings, Space, Target,
};
use serde_json::{Value, json};

use super::table::{self, Operation, Operations};
use crate::emulator::world::{EmptyPatch, MissingScope, Modes, SCOPES, SelfDelete, Token};
use crate::emulator::{Captured, Emulator, Face, Leaf};

/// Everything in requests and their answers that the specification does not describe, a line each.
pub(crate) fn complaints(exchanges: &[Captured]) -> Vec<String> {
    let operations = Operations::load();
    let mut told = Vec::new();
    for exchange in exchanges {
        let Some(operation) = operations.find(&exchange.method, &exchange.target) else {
            told.push(format!("{} is no operation of the table", exchange.line()));
            continue;
        };
        let of = |what: &str| format!("{} {what}", operation.name);
        told.extend(asked(operation, exchange).into_iter().map(|complaint| format!("{} {complaint}", of("is asked"))));
        told.extend(
            answered(operation, exchange).into_iter().map(|complaint| format!("{} {complaint}", of("answers"))),
        );
    }
    told.sort();
    told.dedup();
    told
}

/// What is wrong with a request.
fn asked(operation: &Operation, exchange: &Captured) -> Vec<String> {
    let wanted = match operation.auth {
        table::Auth::Basic => "Basic",
        table::Auth::Bearer => "Bearer",
        table::Auth::None => "",
    };
    let is_preflight = operation.preflight && exchange.auth.is_empty() && exchange.status == Some(401);
    let auth = (exchange.auth != wanted && !is_preflight).then(|| format!("with authorization {:?}", exchange.auth));
    let body = content(&exchange.body, &operation.request_type);
    let judged = operation.accepts_request(&parameters(&exchange.target), body.as_ref());
    auth.into_iter().chain(judged.iter().map(ToString::to_string)).collect()
}

/// What is wrong with an answer; one that never came is not judged.
fn answered(operation: &Operation, exchange: &Captured) -> Vec<String> {
    let Some(status) = exchange.status else { return Vec::new() };
    let body = content(&exchange.answer, "application/json");
    let judged = operation.accepts_response(status, body.as_ref());
    judged.iter().map(|complaint| format!("{status} {complaint}")).collect()
}

/// A body as the judge reads it: a form as an object, what is no JSON as a text.
fn content(body: &[u8], media_type: &str) -> Option<Value> {
    if body.is_empty() {
        return None;
    }
    let text = String::from_utf8_lossy(body).into_owned();
    if media_type != "application/x-www-form-urlencoded" {
        return Some(serde_json::from_str(&text).unwrap_or(Value::String(text)));
    }
    let mut fields = serde_json::Map::new();
    for (name, value) in pairs(&text) {
        match name.strip_suffix("[]") {
            None => drop(fields.insert(name, value.into())),
            Some(list) => {
                let list = fields.entry(list).or_insert_with(|| json!([]));
                list.as_array_mut().unwrap().push(value.into());
            }
        }
    }
    Some(Value::Object(fields))
}

/// The query of a request.
fn parameters(target: &str) -> Vec<(String, String)> {
    target.split_once('?').map(|(_, query)| pairs(query)).unwrap_or_default()
}

/// The pairs of a query or a form.
fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().replace('+', " ").into_bytes();
    for part in parts {
        let (code, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).unwrap());
        bytes.extend(rest.replace('+', " ").bytes());
    }
    String::from_utf8(bytes).unwrap()
}

#[derive(Debug)]
struct There(SocketAddr);

impl Lookup for There {
    fn address(&self, _host: &str, _port: u16) -> Result<SocketAddr, NoName> {
        Ok(self.0)
    }
}

/// An emulator, and who talks to it.
struct Talk {
    emulator: Emulator,
    client: Client,
    /// With all scopes.
    token: Token,
    subproject: String,
}

impl Talk {
    fn new(modes: Modes) -> Self {
        let emulator = Emulator::with(modes, Leaf::Good, Face::Tls);
        let settings = Settings {
            network: Network::of(Arc::new(There(emulator.address()))),
            roots: vec![std::fs::read(emulator.ca_file()).unwrap()],
            ..Settings::default()
        };
        let client = Client::new(&settings).unwrap();
        let project = emulator.project();
        let token = emulator.token(&project, &SCOPES);
        let subproject = emulator.world().add_project(crate::emulator::HOST, "below", Some(&project));
        emulator.world().rooms.push("standup".to_owned());
        Self { emulator, client, token, subproject }
    }

    /// Sends a request for an operation, and gives the exchange back.
    fn ask(&self, operation: &Operation, auth: Auth, path: &str, body: Option<&Value>) -> Captured {
        let space = Space::parse("acme", &Hosts::default()).unwrap();
        let method = METHODS.into_iter().find(|method| method.as_str() == operation.method).unwrap();
        let request = Request::new(&space, method, Target::new(path).unwrap(), auth);
        let request = match body {
            None => request,
            Some(body) if operation.request_type == "application/json" => request.send(Payload::json(body)),
            Some(body) => request.send(form(body)),
        };
        drop(self.client.send(&request));
        self.emulator.requests().pop().unwrap()
    }

    fn basic(&self, token: &Token) -> Auth {
        assert!(self.emulator.world().projects.contains_key(&token.project));
        Auth::Basic { project: token.project.as_str().into(), token: Secret::new(&token.value) }
    }

    /// As who is authorized: for a bearer, `subscriber`.
    fn authorized(&self, operation: &Operation, subscriber: &str) -> Auth {
        match operation.auth {
            table::Auth::Basic => self.basic(&self.token),
            table::Auth::Bearer => Auth::Bearer(Secret::new(subscriber)),
            table::Auth::None => Auth::Anonymous,
        }
    }

    /// The path of an operation, with ids of what there is.
    fn path(&self, operation: &Operation) -> String {
        let spare = self.emulator.token(&self.token.project, &["fax"]);
        let id = if operation.path.starts_with("/api/projects") { &self.subproject } else { &spare.id };
        let account = &self.token.project;
        let known = [("{token_id}", &spare.id), ("{id}", id), ("{Sid}", account), ("{AccountSid}", account)];
        let path = known.iter().fold(operation.path.clone(), |path, (name, id)| path.replace(name, id));
        path.replace("{e164_number}", "%2B15551234567")
    }

    fn assert_described(&self) {
        let told = complaints(&self.emulator.requests());
        assert!(told.is_empty(), "\n{}", told.join("\n"));
    }
}

const METHODS: [Method; 5] = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];

/// A body as a form.
fn form(body: &Value) -> Payload {
    let mut fields = Vec::new();
    for (name, value) in body.as_object().unwrap() {
        match value {
            Value::Array(items) => {
                fields.extend(items.iter().map(|item| (format!("{name}[]"), item.as_str().unwrap().to_owned())));
            }
            value => fields.push((name.clone(), value.as_str().unwrap().to_owned())),
        }
    }
    Payload::form(fields.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// A body that the emulator takes.
fn right(name: &str, refresh: &str) -> Option<Value> {
    let id = "5b1f0f0c-7a53-4f3e-9d3c-2f6f1c8a9e10";
    Some(match name {
        "token create" | "compat token create" | "compat token update" => {
            json!({ "name": "ci", "permissions": ["video", "chat"] })
        }
        "token update" | "project create" | "project rename" => json!({ "name": "new" }),
        "compat account create" | "compat account rename" => json!({ "FriendlyName": "new name" }),
        "mint room" => {
            json!({ "room_name": "standup", "permissions": ["room.lock"], "join_until": "2026-01-02T03:04:05Z" })
        }
        "mint chat" | "mint pubsub" => json!({ "ttl": 5, "channels": { "a": { "read": true } }, "state": { "b": 1 } }),
        "mint subscriber" => json!({ "reference": "somebody@example.org", "expire_at": 1_900_000_000 }),
        "mint refresh" => json!({ "refresh_token": refresh }),
        "mint guest" => json!({ "allowed_addresses": [id] }),
        "invite" => json!({ "address_id": id }),
        "embed" => json!({ "token": format!("c2c_{}", "5".repeat(32)) }),
        "probe chat" => json!({ "jsonrpc": "2.0", "id": "1", "method": "chat_log", "params": { "id": id } }),
        _ => return None,
    })
}

/// The operations that the emulator has to have.
fn documented(operations: &Operations) -> impl Iterator<Item = &Operation> {
    operations.all.iter().filter(|operation| operation.undocumented.is_none())
}

#[test]
fn every_operation_succeeds_at_the_emulator_as_the_specification_says() {
    let operations = Operations::load();
    let talk = Talk::new(Modes::default());
    let subscribers = operations.find("POST", "/api/fabric/subscribers/tokens").unwrap();
    let body = right("mint subscriber", "");
    let minted = talk.ask(subscribers, talk.basic(&talk.token), &subscribers.path, body.as_ref());
    let minted: Value = serde_json::from_slice(&minted.answer).unwrap();
    let part = |name: &str| minted[name].as_str().unwrap();
    let mut wrong = Vec::new();
    for operation in documented(&operations).filter(|operation| operation.name != "project delete") {
        let body = right(&operation.name, part("refresh_token"));
        let auth = talk.authorized(operation, part("token"));
        let exchange = talk.ask(operation, auth, &talk.path(operation), body.as_ref());
        if !matches!(exchange.status, Some(200..300)) {
            wrong.push(format!("{} {:?}", operation.name, exchange.status));
        }
    }
    let delete = operations.find("DELETE", "/api/projects/5").unwrap();
    assert_eq!(talk.ask(delete, talk.basic(&talk.token), &talk.path(delete), None).status, Some(204));
    assert_eq!(wrong, [""; 0]);
    talk.assert_described();
}

#[test]
fn every_refusal_of_the_emulator_is_one_that_the_specification_has() {
    let operations = Operations::load();
    for missing_scope in [MissingScope::Unauthorized, MissingScope::Forbidden] {
        let talk = Talk::new(Modes { missing_scope, ..Modes::default() });
        let narrow = talk.emulator.token(&talk.token.project, &["storage"]);
        let gone = talk.emulator.token(&talk.token.project, &["video"]);
        talk.emulator.delete(&gone);
        for operation in documented(&operations).filter(|operation| operation.auth == table::Auth::Basic) {
            let body = right(&operation.name, "a.b.c");
            for token in [&narrow, &gone] {
                let exchange = talk.ask(operation, talk.basic(token), &talk.path(operation), body.as_ref());
                let expected = operation.scopes.is_empty() && token.id == narrow.id;
                assert_eq!(exchange.status.unwrap() < 400, expected, "{}", operation.name);
            }
        }
        for operation in documented(&operations).filter(|operation| operation.auth == table::Auth::Bearer) {
            let auth = Auth::Bearer(Secret::new("a.b.c"));
            let exchange = talk.ask(operation, auth, &operation.path, right(&operation.name, "").as_ref());
            assert_eq!(exchange.status, Some(401), "{}", operation.name);
        }
        talk.assert_described();
    }
}

#[test]
fn what_the_emulator_does_not_know_or_take_it_refuses_as_the_specification_says() {
    let operations = Operations::load();
    let talk = Talk::new(Modes::default());
    let nil = uuid::Uuid::nil().to_string();
    for operation in documented(&operations).filter(|operation| operation.auth == table::Auth::Basic) {
        let braces = |name: &str| operation.path.contains(name);
        let auth = || talk.basic(&talk.token);
        if braces("{token_id}") || braces("{Sid}") || operation.path.starts_with("/api/projects/{id}") {
            let path = ["{token_id}", "{id}", "{Sid}", "{AccountSid}"];
            let path = path.iter().fold(operation.path.clone(), |path, name| path.replace(name, &nil));
            let exchange = talk.ask(operation, auth(), &path, right(&operation.name, "").as_ref());
            assert_eq!(exchange.status, Some(404), "{}", operation.name);
        }
    }
    talk.assert_described();
    for operation in documented(&operations).filter(|operation| operation.auth == table::Auth::Basic) {
        if operation.request.as_ref().is_some_and(|rule| rule.fields.values().any(|rule| rule.limits.required)) {
            let exchange = talk.ask(operation, talk.basic(&talk.token), &talk.path(operation), Some(&json!({})));
            assert_eq!(exchange.status, Some(422), "{}", operation.name);
            assert_eq!(answered(operation, &exchange), [""; 0], "{}", operation.name);
        }
    }
}

/// No document says whether a token may delete itself; the status of a refusal is the emulator's own.
#[test]
fn of_the_switches_only_the_refused_deletion_of_oneself_goes_beyond_the_specification() {
    let operations = Operations::load();
    let modes = Modes { empty_patch: EmptyPatch::Refused, self_delete: SelfDelete::Refused, ..Modes::default() };
    let talk = Talk::new(modes);
    for (name, status, beyond) in
        [("token update", 422, vec![]), ("token delete", 422, vec!["422 status: 422 is not documented"])]
    {
        let operation = operations.all.iter().find(|operation| operation.name == name).unwrap();
        let path = operation.path.replace("{token_id}", &talk.token.id);
        let body = operation.request.as_ref().map(|_| json!({}));
        let exchange = talk.ask(operation, talk.basic(&talk.token), &path, body.as_ref());
        assert_eq!(exchange.status, Some(status), "{name}");
        assert_eq!(answered(operation, &exchange), beyond, "{name}");
    }
}

#[test]
fn what_is_not_described_is_noticed_on_the_wire() {
    let operations = Operations::load();
    let talk = Talk::new(Modes::default());
    let list = operations.find("GET", "/api/projects").unwrap();
    let asked = talk.ask(list, talk.basic(&talk.token), "/api/projects?page_size=2000&colour=red", None);
    let answered = Captured { status: Some(402), ..talk.ask(list, Auth::Anonymous, "/api/projects", None) };
    let unknown = talk.ask(list, Auth::Anonymous, "/api/nowhere", None);
    assert_eq!(
        complaints(&[Captured { status: None, ..asked }, answered, unknown]),
        [
            "GET https://acme.signalwire.com/api/nowhere is no operation of the table",
            "project list answers 402 status: 402 is not documented",
            "project list is asked query colour: is not documented",
            "project list is asked query page_size: is too great",
            "project list is asked with authorization \"\"",
        ]
    );
}
