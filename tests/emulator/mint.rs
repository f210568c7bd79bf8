//! The endpoints that make client tokens, with the documented headers and claims.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::errors::{self, Family};
use super::http::Answer;
use super::routes::Caller;
use super::world::{Minted, World, hex, random, uuid};

/// The time, in seconds since 1970, UTC.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// The endpoints of conference tokens.
pub(crate) fn conference(path: &[&str]) -> Answer {
    let token =
        |id: &str| json!({"id": id, "name": "Guest", "token": format!("vpt_{}", hex(16)), "scopes": ["room.self"]});
    match path {
        [.., _, "conference_tokens"] => {
            let data = [token(&uuid()), token(&uuid())];
            Answer::json(200, &json!({"links": {"self": "x", "first": "x"}, "data": data}))
        }
        [.., id, "reset"] | [.., id] => Answer::json(200, &token(id)),
        [] => Answer::empty(404),
    }
}

/// All others that make a token.
pub(crate) fn mint(world: &mut World, family: Family, (caller, path): (&Caller, &[&str]), content: &Value) -> Answer {
    let project = match caller {
        Caller::Operator(token) => token.project.clone(),
        _ => String::new(),
    };
    let made = match path {
        ["api", "video", "room_tokens"] => room(&project, content),
        ["api", kind @ ("chat" | "pubsub"), "tokens"] => channels(kind, &project, content),
        [.., "subscribers", "tokens"] => subscriber(world, content),
        [.., "subscribers", "tokens", "refresh"] => refresh(world, content),
        [.., "guests", "tokens"] => guest(world, content),
        [.., "invites"] => match content["address_id"].as_str().filter(|id| uuid::Uuid::try_parse(id).is_ok()) {
            None => Err(("address_id", "missing_required_parameter")),
            Some(_) => Ok(Answer::json(201, &json!({"token": sat(world, content)}))),
        },
        [.., "embeds", "tokens"] => match content["token"].as_str().filter(|token| token.starts_with("c2c_")) {
            None => Err(("token", "token_has_invalid_prefix")),
            Some(_) => Ok(Answer::json(201, &json!({"token": sat(world, content)}))),
        },
        ["api", "ai", "chat"] => Ok(Answer::json(
            200,
            &json!({"jsonrpc": "2.0", "id": content["id"], "error": {"code": -32602, "message": "No such conversation"}}),
        )),
        ["api", "relay", "rest", "jwt"] => {
            let header = json!({"alg": "HS512", "typ": "JWT"});
            let claims =
                json!({"iat": now(), "iss": "SignalWire JWT", "sub": project, "scope": "webrtc", "exp": now() + 900});
            let refresh = signed(&json!({"alg": "HS512", "typ": "Refresh"}), &json!({"iss": "SignalWire JWT"}));
            Ok(Answer::json(201, &json!({"jwt_token": signed(&header, &claims), "refresh_token": refresh})))
        }
        _ => return errors::not_found(family),
    };
    made.unwrap_or_else(|(attribute, code)| {
        errors::invalid(family, code, &format!("{attribute} is not valid"), attribute)
    })
}

/// The field that is wrong, and the code for it.
type Made = Result<Answer, (&'static str, &'static str)>;

fn segment(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Three parts, the last of which is as long as a signature of HS512.
fn signed(header: &Value, claims: &Value) -> String {
    format!("{}.{}.{}", segment(header), segment(claims), URL_SAFE_NO_PAD.encode(random::<64>()))
}

/// Five parts, the second of which is empty.
fn sealed(typ: &str) -> String {
    let header = json!({"alg": "dir", "enc": "A256GCM", "typ": typ, "ch": "puc.signalwire.com"});
    let [iv, tag] = [URL_SAFE_NO_PAD.encode(random::<12>()), URL_SAFE_NO_PAD.encode(random::<16>())];
    format!("{}..{iv}.{}.{tag}", segment(&header), URL_SAFE_NO_PAD.encode(random::<180>()))
}

/// A token of a subscriber; without `expire_at` it is good for two hours.
fn sat(world: &mut World, content: &Value) -> String {
    let token = sealed("SAT");
    let until = content["expire_at"].as_i64().unwrap_or_else(|| now() + 7_200);
    world.minted.insert(token.clone(), Minted::Subscriber(until));
    token
}

fn refresh_token(world: &mut World) -> String {
    let token = sealed("Refresh");
    world.minted.insert(token.clone(), Minted::Refresh);
    token
}

fn room(project: &str, content: &Value) -> Made {
    let missing = "missing_required_parameter";
    let is_name = |name: &&str| {
        (1..=100).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let name = content["room_name"].as_str().ok_or(("room_name", missing))?;
    let name = Some(name).filter(is_name).ok_or(("room_name", "invalid_parameter"))?;
    if content["remove_after_seconds_elapsed"].as_u64().is_some_and(|seconds| seconds > 200_000) {
        return Err(("remove_after_seconds_elapsed", "invalid_parameter"));
    }
    if content["join_as"].as_str().is_some_and(|role| role != "member" && role != "audience") {
        return Err(("join_as", "invalid_parameter"));
    }
    let header = json!({"typ": "VRT", "ch": "relay.signalwire.com", "alg": "HS512"});
    let mut claims = json!({"iat": now(), "jti": uuid(), "sub": project, "u": content["user_name"], "r": name,
        "s": content["permissions"].as_array().cloned().unwrap_or_default(),
        "acr": content["auto_create_room"].as_bool().unwrap_or(true)});
    let times =
        [("join_from", "jf"), ("join_until", "ju"), ("remove_at", "rat"), ("remove_after_seconds_elapsed", "rse")];
    for (field, claim) in times {
        let time = match &content[field] {
            Value::String(text) => {
                let time: jiff::Timestamp = text.parse().map_err(|_| (field, "invalid_parameter"))?;
                Some(time.as_second())
            }
            other => other.as_i64(),
        };
        if let Some(time) = time {
            claims[claim] = time.into();
        }
    }
    Ok(Answer::json(200, &json!({"token": signed(&header, &claims)})))
}

fn channels(kind: &str, project: &str, content: &Value) -> Made {
    let ttl = content["ttl"].as_i64().ok_or(("ttl", "missing_required_parameter"))?;
    if !(1..=43_200).contains(&ttl) {
        return Err(("ttl", "invalid_parameter"));
    }
    let channels = content["channels"].as_object().ok_or(("channels", "missing_required_parameter"))?;
    let is_right = |(key, value): (&String, &Value)| matches!(key.as_str(), "read" | "write") && value.is_boolean();
    let is_channel =
        |value: &Value| value.as_object().is_some_and(|rights| !rights.is_empty() && rights.iter().all(is_right));
    if !(1..=500).contains(&channels.len()) || !channels.values().all(is_channel) {
        return Err(("channels", "invalid_parameter"));
    }
    if content["member_id"].as_str().is_some_and(|id| id.len() > 250) {
        return Err(("member_id", "invalid_parameter"));
    }
    let claims = json!({"iat": now(), "jti": uuid(), "sub": project, "t": ttl, "chls": channels, "stt": content["state"],
        "m": content["member_id"].as_str().map_or_else(|| format!("{kind}-{}", uuid()), str::to_owned)});
    Ok(Answer::json(200, &json!({"token": signed(&json!({"typ": "CRT", "alg": "HS512"}), &claims)})))
}

fn subscriber(world: &mut World, content: &Value) -> Made {
    let reference = content["reference"].as_str().ok_or(("reference", "missing_required_parameter"))?.to_owned();
    if content["password"].as_str().is_some_and(|password| !(8..=72).contains(&password.len())) {
        return Err(("password", "invalid_parameter"));
    }
    if content["fingerprint"].as_str().is_some_and(|print| print.len() != 43) {
        return Err(("fingerprint", "invalid_parameter"));
    }
    let id = world.subscribers.entry(reference).or_insert_with(uuid).clone();
    let (token, refresh) = (sat(world, content), refresh_token(world));
    Ok(Answer::json(200, &json!({"subscriber_id": id, "token": token, "refresh_token": refresh})))
}

fn refresh(world: &mut World, content: &Value) -> Made {
    let given = content["refresh_token"].as_str().ok_or(("refresh_token", "missing_required_parameter"))?;
    match world.minted.get_mut(given) {
        Some(state @ Minted::Refresh) => *state = Minted::Spent,
        Some(Minted::Spent) => return Err(("refresh_token", "token_expired")),
        _ => return Err(("refresh_token", "not_a_refresh_token")),
    }
    let (token, refresh) = (sat(world, content), refresh_token(world));
    Ok(Answer::json(201, &json!({"token": token, "refresh_token": refresh})))
}

fn guest(world: &mut World, content: &Value) -> Made {
    let addresses =
        content["allowed_addresses"].as_array().ok_or(("allowed_addresses", "missing_required_parameter"))?;
    let is_id = |value: &Value| value.as_str().is_some_and(|id| uuid::Uuid::try_parse(id).is_ok());
    if !(1..=10).contains(&addresses.len()) || !addresses.iter().all(is_id) {
        return Err(("allowed_addresses", "invalid_parameter"));
    }
    let (token, refresh) = (sat(world, content), refresh_token(world));
    Ok(Answer::json(201, &json!({"token": token, "refresh_token": refresh})))
}
