//! Which endpoint a request asks for, who may, and what it does.
#![allow(clippy::unnested_or_patterns, reason = "one line for each endpoint")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::errors::{self, Family};
use super::http::{Answer, Incoming};
use super::world::{GuestAuth, Lookup, Minted, MissingScope, Token, World};
use super::{mint, projects, tokens};

/// Who asks.
pub(crate) enum Caller {
    Operator(Token),
    Subscriber,
    Nobody,
}

/// What an endpoint asks of its caller.
enum Need {
    /// Any valid token.
    Token,
    /// All of these scopes.
    All(&'static [&'static str]),
    /// One of these scopes.
    Any(&'static [&'static str]),
    Bearer,
    Nobody,
}

/// Answers a request.
pub(crate) fn answer(world: &mut World, incoming: &Incoming) -> Answer {
    let host = incoming.host().to_ascii_lowercase();
    if !world.spaces.contains(&host) && host != "embeds.signalwire.com" {
        return Answer::text(404, "text/html", "<!DOCTYPE html><title>Not found</title>");
    }
    let family = Family::of(incoming.path());
    let segments = incoming.segments();
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    let Some(need) = need(world, &incoming.method, &path) else {
        return match caller(world, &host, incoming) {
            Caller::Nobody => errors::unauthorized(family),
            _ => errors::not_found(family),
        };
    };
    let caller = caller(world, &host, incoming);
    if let Err(refused) = admit(world, family, &need, &caller) {
        return refused;
    }
    let Some(content) = incoming.content() else { return errors::bad_request() };
    respond(world, (&caller, family), incoming, (&path, &content))
}

fn caller(world: &mut World, host: &str, incoming: &Incoming) -> Caller {
    let header = incoming.headers.get("authorization").cloned().unwrap_or_default();
    if let Some(bearer) = header.strip_prefix("Bearer ") {
        let is_good = matches!(world.minted.get(bearer), Some(Minted::Subscriber(until)) if *until > mint::now());
        return if is_good { Caller::Subscriber } else { Caller::Nobody };
    }
    let pair = header.strip_prefix("Basic ").and_then(|pair| STANDARD.decode(pair).ok());
    let pair = pair.map(|pair| String::from_utf8_lossy(&pair).into_owned()).unwrap_or_default();
    let Some((project, token)) = pair.split_once(':') else { return Caller::Nobody };
    world.authenticate(host, project, token).map_or(Caller::Nobody, Caller::Operator)
}

fn admit(world: &World, family: Family, need: &Need, caller: &Caller) -> Result<(), Answer> {
    let has = |token: &Token, scope: &str| token.scopes.iter().any(|held| held == scope);
    let is_admitted = match (need, caller) {
        (Need::Nobody, _) | (Need::Bearer, Caller::Subscriber) | (Need::Token, Caller::Operator(_)) => true,
        (Need::All(scopes), Caller::Operator(token)) => scopes.iter().all(|scope| has(token, scope)),
        (Need::Any(scopes), Caller::Operator(token)) => scopes.iter().any(|scope| has(token, scope)),
        _ => return Err(errors::unauthorized(family)),
    };
    match (is_admitted, world.modes.missing_scope) {
        (true, _) => Ok(()),
        (false, MissingScope::Unauthorized) => Err(errors::unauthorized(family)),
        (false, MissingScope::Forbidden) => Err(errors::forbidden()),
    }
}

const ANY: Need = Need::Any(&["calling", "messaging", "fax", "video"]);
const MANAGEMENT: Need = Need::All(&["management"]);
const VIDEO: Need = Need::All(&["video"]);

fn need(world: &World, method: &str, path: &[&str]) -> Option<Need> {
    Some(match (method, path) {
        ("POST", ["api", "project", "tokens"])
        | ("PATCH" | "DELETE", ["api", "project", "tokens", _])
        | ("GET" | "POST", ["api", "projects"])
        | ("GET" | "PATCH" | "DELETE", ["api", "projects", _])
        | ("POST", ["api", "projects", _, "signing-key", "rotate"])
        | ("GET" | "POST", ["api", "laml", "2010-04-01", "Accounts"])
        | ("GET" | "POST", ["api", "laml", "2010-04-01", "Accounts", _])
        | ("POST", ["api", "laml", "2010-04-01", "Accounts", _, "tokens"])
        | ("PATCH" | "DELETE", ["api", "laml", "2010-04-01", "Accounts", _, "tokens", _]) => MANAGEMENT,
        ("GET", ["api", "relay", "rest", "lookup", "phone_number", _]) | ("POST", ["api", "relay", "rest", "jwt"]) => {
            Need::Token
        }
        ("GET", ["api", "voice", "logs"]) | ("GET", ["api", "relay", "rest", "sip_profile"]) => Need::All(&["calling"]),
        ("GET", ["api", "messaging", "logs"]) => Need::All(&["messaging"]),
        ("GET", ["api", "fax", "logs"]) => Need::All(&["fax"]),
        ("GET", ["api", "video", "rooms"])
        | ("POST", ["api", "video", "room_tokens"])
        | ("GET", ["api", "video", "conferences", _, "conference_tokens"])
        | ("GET", ["api", "video", "conference_tokens", _])
        | ("POST", ["api", "video", "conference_tokens", _, "reset"]) => VIDEO,
        ("GET", ["api", "relay", "rest", "number_groups" | "phone_numbers" | "short_codes"]) => Need::All(&["numbers"]),
        ("GET", ["api", "datasphere", "documents"]) => Need::All(&["datasphere"]),
        ("GET", ["api", "logs", "conferences"]) => Need::Any(&["calling", "video"]),
        ("GET", ["api", "relay", "rest", "domain_applications"]) => Need::Any(&["calling", "messaging", "fax"]),
        ("GET", ["api", "relay", "rest", "registry", "beta", "brands"]) => Need::All(&["messaging", "numbers"]),
        ("POST", ["api", "ai", "chat"]) | ("POST", ["api", "chat", "tokens"]) => Need::All(&["chat"]),
        ("POST", ["api", "pubsub", "tokens"]) => Need::All(&["pubsub"]),
        ("GET", ["api", "fabric", "resources"])
        | ("POST", ["api", "fabric", "subscribers", "tokens"])
        | ("POST", ["api", "fabric", "subscribers", "tokens", "refresh"]) => ANY,
        ("POST", ["api", "fabric", "guests", "tokens"]) => match world.modes.guest_auth {
            GuestAuth::Basic => ANY,
            GuestAuth::Bearer => Need::Bearer,
        },
        ("GET", ["api", "fabric", "addresses"])
        | ("GET", ["api", "fabric", "subscriber", "info"])
        | ("POST", ["api", "fabric", "subscriber", "invites"]) => Need::Bearer,
        ("POST", ["api", "fabric", "embeds", "tokens"] | ["api", "embeds", "tokens"]) => Need::Nobody,
        _ => return None,
    })
}

fn respond(
    world: &mut World,
    (caller, family): (&Caller, Family),
    incoming: &Incoming,
    (path, content): (&[&str], &Value),
) -> Answer {
    let method = incoming.method.as_str();
    match (method, path, caller) {
        ("POST", ["api", "project", "tokens"], Caller::Operator(token)) => {
            tokens::create(world, token, family, content)
        }
        ("POST", [.., "Accounts", account, "tokens"], Caller::Operator(token)) => {
            tokens::of_account(world, token, account).unwrap_or_else(|| tokens::create(world, token, family, content))
        }
        (method, ["api", "project", "tokens", id] | [.., "Accounts", _, "tokens", id], Caller::Operator(token)) => {
            if method == "PATCH" {
                tokens::update(world, token, (family, id), content)
            } else {
                tokens::delete(world, token, (family, id))
            }
        }
        (_, ["api", "projects", ..], Caller::Operator(token)) => {
            projects::rest(world, token, incoming, (&path[2..], content))
        }
        (_, [.., "Accounts"] | [.., "Accounts", _], Caller::Operator(token)) => {
            projects::compat(world, token, incoming, (&path[4..], content))
        }
        ("GET", [.., "lookup", "phone_number", number], _) => match world.modes.lookup {
            Lookup::NotFound => errors::not_found(family),
            Lookup::Found => Answer::json(200, &json!({"e164": number, "country_code": "US", "valid_number": true})),
        },
        ("GET", ["api", "video", "rooms"], _) => rooms(world, incoming),
        ("GET", [.., "sip_profile"], _) => Answer::json(200, &json!({"domain_identifier": "x", "domain": "x.example"})),
        ("GET", ["api", "fabric", "subscriber", "info"], _) => {
            Answer::json(200, &json!({"id": super::world::uuid(), "email": "somebody@example.org"}))
        }
        ("GET", ["api", "video", "conferences", ..] | ["api", "video", "conference_tokens", ..], _)
        | ("POST", ["api", "video", "conference_tokens", ..], _) => mint::conference(path),
        ("GET", ..) => page(incoming, &[]),
        _ => mint::mint(world, family, (caller, path), content),
    }
}

fn rooms(world: &World, incoming: &Incoming) -> Answer {
    let room = |name: &String| {
        json!({
            "id": super::world::uuid(),
            "name": name,
            "display_name": name,
            "description": null,
            "max_members": 20,
            "quality": "720p",
            "fps": 20,
            "join_from": null,
            "join_until": null,
            "remove_at": null,
            "remove_after_seconds_elapsed": null,
            "layout": "grid-responsive",
            "record_on_start": false,
            "tone_on_entry_and_exit": false,
            "room_join_video_off": false,
            "user_join_video_off": false,
            "enable_room_previews": null,
            "sync_audio_video": null,
            "meta": null,
            "prioritize_handraise": false,
            "created_at": projects::TIME,
            "updated_at": projects::TIME,
        })
    };
    page(incoming, &world.rooms.iter().map(room).collect::<Vec<_>>())
}

/// A page of a list.
pub(crate) fn page(incoming: &Incoming, all: &[Value]) -> Answer {
    let number = |name, usual| incoming.parameter(name).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (size, page) = (number("page_size", 50_usize), number("page_number", 0_usize));
    if !(1..=1_000).contains(&size) {
        return errors::invalid(
            Family::of(incoming.path()),
            "invalid_parameter",
            "Page size is out of range",
            "page_size",
        );
    }
    let link =
        |page: usize| format!("https://{}{}?page_number={page}&page_size={size}", incoming.host(), incoming.path());
    let mut links = json!({"self": link(page), "first": link(0)});
    if (page + 1) * size < all.len() {
        links["next"] = link(page + 1).into();
    }
    if page > 0 {
        links["prev"] = link(page - 1).into();
    }
    let data: Vec<_> = all.iter().skip(page * size).take(size).collect();
    Answer::json(200, &json!({"links": links, "data": data}))
}
