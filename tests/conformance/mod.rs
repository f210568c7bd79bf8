//! Decides whether what barewire sends, and what the emulator answers, is what SignalWire's specification describes.
//!
//! `operations.toml` is the description; `compare` holds it against a checkout of the specification.
//!
//! ```ignore
//! let operations = Operations::load();
//! let operation = operations.find("POST", "/api/chat/tokens").unwrap();
//! assert_eq!(operation.accepts_request(&query, Some(&body)), []);
//! assert_eq!(operation.accepts_response(200, Some(&json!({"token": "…"}))), []);
//! ```

#[cfg(feature = "manage")]
pub(crate) mod exchange;
mod judge;
mod table;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use judge::Complaint;
use table::{Auth, Format, Kind, Need, Operation, Operations, Rule};

/// An operation by its name in the table.
fn named<'a>(operations: &'a Operations, name: &str) -> &'a Operation {
    operations.all.iter().find(|operation| operation.name == name).unwrap()
}

/// A rule and all rules in it.
fn parts(rule: &Rule) -> Vec<&Rule> {
    let inner = rule.fields.values().chain(rule.items.as_deref()).chain(rule.values.as_deref());
    let mut all: Vec<_> = inner.chain(&rule.alternatives).flat_map(parts).collect();
    all.push(rule);
    all
}

/// All rules of an operation.
fn rules(operation: &Operation) -> Vec<&Rule> {
    let bodies = operation.responses.values().chain(operation.beyond.values()).flatten();
    operation.query.values().chain(&operation.request).chain(bodies).flat_map(parts).collect()
}

/// A value that obeys a rule, with every field that there can be.
fn sample(rule: &Rule) -> Value {
    if let Some(first) = rule.alternatives.first() {
        return sample(first);
    }
    let limits = &rule.limits;
    let word = rule.words.as_ref().map(|words| words[0].clone());
    match limits.r#type {
        None | Some(Kind::Null) => Value::Null,
        Some(Kind::Boolean) => true.into(),
        Some(Kind::Integer | Kind::Number) => match word {
            Some(word) => serde_json::from_str(&word).unwrap(),
            None => limits.min.or(limits.above.map(|above| above + 1)).unwrap_or(7).into(),
        },
        Some(Kind::String) => word.unwrap_or_else(|| text(rule)).into(),
        Some(Kind::Array) => rule.items.iter().map(|items| sample(items)).collect(),
        Some(Kind::Object) => {
            let free = rule.values.iter().map(|values| ("free".to_owned(), sample(values)));
            rule.fields.iter().map(|(name, rule)| (name.clone(), sample(rule))).chain(free).collect()
        }
    }
}

/// A text that obeys a rule.
fn text(rule: &Rule) -> String {
    match rule.limits.format {
        Some(Format::Uuid) => uuid::Uuid::nil().to_string(),
        Some(Format::DateTime) => "2026-01-02T03:04:05Z".to_owned(),
        Some(Format::Uri) => "https://acme.example/a".to_owned(),
        Some(Format::Jwt) => "a..b.c.d".to_owned(),
        None => "a".repeat(rule.limits.min_length.unwrap_or(1)),
    }
}

/// Where complaints are.
fn places(complaints: &[Complaint]) -> Vec<String> {
    complaints.iter().map(|complaint| complaint.at.clone()).collect()
}

/// Everything that is wrong with how an operation is written down.
fn flaws(operations: &Operations, operation: &Operation) -> Vec<&'static str> {
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let statuses = |range: std::ops::Range<u16>| operation.responses.keys().filter(move |s| range.contains(s)).count();
    let documented = operation.undocumented.is_none();
    let sends = operation.request.is_some();
    [
        (methods.contains(&operation.method.as_str()), "the method"),
        (operation.path.starts_with("/api/") && !operation.path.ends_with('/'), "the path"),
        (operation.path.matches('{').count() == operation.path.matches('}').count(), "the braces"),
        (operation.scopes.iter().all(|scope| operations.scopes.contains(scope)), "a scope"),
        (operation.need == Need::All || operation.scopes.len() > 1, "any of one scope"),
        (!sends || !matches!(operation.method.as_str(), "GET" | "DELETE"), "a body where none can be"),
        (sends || operation.request_type == "application/json", "the type of no body"),
        (statuses(200..300) == usize::from(documented), "not one success"),
        (statuses(401..402) == usize::from(documented), "no 401"),
        (statuses(200..300) + statuses(400..600) == operation.responses.len(), "a status that says neither yes nor no"),
        (operation.responses.iter().all(|(status, rules)| rules.is_empty() == (*status == 204)), "a body"),
        (operation.beyond.len() == 2, "the statuses of all operations"),
        (documented || operation.auth != Auth::None, "an open door that nobody describes"),
        (!operation.preflight || operation.method == "GET" && operation.auth == Auth::Basic, "a preflight of a change"),
    ]
    .into_iter()
    .filter_map(|(right, flaw)| (!right).then_some(flaw))
    .collect()
}

#[test]
fn every_name_in_the_table_stands_for_something_and_all_of_it_is_used() {
    let operations = Operations::load();
    assert!(operations.all.len() >= 45, "{}", operations.all.len());
    assert_eq!(operations.unused, [""; 0]);
    assert_eq!(operations.scopes.len(), 11);
}

#[test]
fn every_operation_is_sound() {
    let operations = Operations::load();
    let (mut names, mut places) = (BTreeSet::new(), BTreeSet::new());
    for operation in &operations.all {
        assert_eq!(flaws(&operations, operation), [""; 0], "{}", operation.name);
        assert!(names.insert(&operation.name), "two are called {}", operation.name);
        assert!(places.insert((&operation.method, &operation.path)), "two are {}", operation.path);
    }
}

#[test]
fn every_limit_leaves_room() {
    fn ordered<T: PartialOrd>(least: Option<T>, most: Option<T>) -> bool {
        least.zip(most).is_none_or(|(least, most)| least <= most)
    }
    for operation in &Operations::load().all {
        for rule in rules(operation) {
            let limits = &rule.limits;
            let right = ordered(limits.min, limits.max)
                && ordered(limits.above.map(|above| above + 1), limits.max)
                && ordered(limits.min_length, limits.max_length)
                && ordered(limits.min_items, limits.max_items)
                && ordered(limits.min_properties, limits.max_properties)
                && limits.pattern.as_ref().is_none_or(|pattern| regex::Regex::new(pattern).is_ok())
                && limits.at_least_one.iter().all(|name| rule.fields.contains_key(name))
                && rule.words.as_ref().is_none_or(|words| !words.is_empty())
                && (limits.r#type.is_some() || limits.open || !rule.alternatives.is_empty());
            assert!(right, "{}: {rule:?}", operation.name);
        }
    }
}

#[test]
fn what_is_described_is_accepted_in_full() {
    for operation in &Operations::load().all {
        let query: Vec<_> = operation.query.iter().map(|(name, rule)| (name.clone(), plain(&sample(rule)))).collect();
        let body = operation.request.as_ref().map(sample);
        assert_eq!(operation.accepts_request(&query, body.as_ref()), [], "{}", operation.name);
        for (status, rules) in &operation.responses {
            let bodies: Vec<_> = rules.iter().map(|rule| Some(sample(rule))).collect();
            for body in if bodies.is_empty() { vec![None] } else { bodies } {
                assert_eq!(operation.accepts_response(*status, body.as_ref()), [], "{} {status}", operation.name);
            }
        }
    }
}

/// A value as it stands in a query.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[test]
fn a_field_that_is_missing_or_not_described_is_noticed_in_every_operation() {
    for operation in Operations::load().all.iter().filter(|operation| operation.undocumented.is_none()) {
        if let Some(rule) = operation.request.as_ref() {
            maimed(rule, &operation.name, |body| operation.accepts_request(&[], Some(body)));
        }
        for (status, rules) in operation.responses.iter().filter(|(_, rules)| rules.len() == 1) {
            maimed(&rules[0], &operation.name, |body| operation.accepts_response(*status, Some(body)));
        }
        let unknown = [("colour".to_owned(), "red".to_owned())];
        let body = operation.request.as_ref().map(sample);
        assert_eq!(places(&operation.accepts_request(&unknown, body.as_ref())), ["query colour"], "{}", operation.name);
    }
}

/// Takes each required field away, gives each the wrong type, and adds one: each is complained about, where it is.
fn maimed(rule: &Rule, name: &str, judge: impl Fn(&Value) -> Vec<Complaint>) {
    let rule = rule.alternatives.first().unwrap_or(rule);
    let whole = sample(rule);
    let changed = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
        let mut body = whole.clone();
        change(body.as_object_mut().unwrap());
        places(&judge(&body))
    };
    for (field, inner) in &rule.fields {
        let at = [format!("body.{field}")];
        let without = changed(&|body| drop(body.remove(field)));
        assert_eq!(without, at[usize::from(!inner.limits.required)..], "{name}: without {field}");
        if inner.limits.r#type.is_some() {
            let wrong = if inner.limits.r#type == Some(Kind::Boolean) { json!("no") } else { json!(false) };
            let wrong = changed(&|body| drop(body.insert(field.clone(), wrong.clone())));
            assert_eq!(wrong, at, "{name}: {field} of another type");
        }
    }
    let more = changed(&|body| drop(body.insert("colour".to_owned(), "red".into())));
    // An object with free names, and one that a rule leaves open, may have any.
    assert_eq!(more, ["body.colour"], "{name}");
}

#[test]
fn an_operation_is_found_by_a_path_with_or_without_names_in_it() {
    let operations = Operations::load();
    let found = |method: &str, path: &str| operations.find(method, path).map(|operation| operation.name.as_str());
    for (method, path, name) in [
        ("POST", "/api/project/tokens", Some("token create")),
        ("DELETE", "/api/project/tokens/5", Some("token delete")),
        ("DELETE", "/api/project/tokens/", None),
        ("DELETE", "/api/project/tokens", None),
        ("DELETE", "/api/project/tokens/5/6", None),
        ("GET", "/api/project/tokens", None),
        ("post", "/api/project/tokens", None),
        ("GET", "/api/projects?page_size=1", Some("project list")),
        ("GET", "/api/projects/5", Some("project show")),
        ("POST", "/api/projects/5/signing-key/rotate", Some("project rotate-signing-key")),
        ("POST", "/api/fabric/subscribers/tokens/refresh", Some("mint refresh")),
        ("GET", "/api/laml/2010-04-01/Accounts?PageSize=1", Some("compat account list")),
        ("GET", "/api/relay/rest/lookup/phone_number/%2B15551234567", Some("lookup")),
        ("GET", "/", None),
        ("GET", "", None),
    ] {
        assert_eq!(found(method, path), name, "{method} {path}");
    }
}

#[test]
fn a_request_beyond_a_limit_is_refused_where_it_is() {
    let operations = Operations::load();
    let chat = |channels: Value| json!({ "ttl": 60, "channels": channels });
    let room = |name: &str, value: Value| json!({ "room_name": "a", name: value });
    let many: Value = (0..501).map(|number| (format!("c{number}"), json!({ "read": true }))).collect();
    for (name, body, at) in [
        ("mint chat", chat(json!({ "a": { "read": true } })), vec![]),
        ("mint chat", chat(json!({ "a": { "write": false } })), vec![]),
        ("mint chat", chat(json!({ "a": {} })), vec!["body.channels[]"]),
        ("mint chat", chat(json!({ "a": { "read": 1 } })), vec!["body.channels[].read"]),
        ("mint chat", chat(json!({})), vec!["body.channels"]),
        ("mint chat", chat(many), vec!["body.channels"]),
        ("mint chat", json!({ "ttl": 0, "channels": { "a": { "read": true } } }), vec!["body.ttl"]),
        ("mint chat", json!({ "ttl": 43201, "channels": { "a": { "read": true } } }), vec!["body.ttl"]),
        ("mint chat", json!({ "ttl": 1.5, "channels": { "a": { "read": true } } }), vec!["body.ttl"]),
        ("mint room", room("remove_after_seconds_elapsed", json!(0)), vec!["body.remove_after_seconds_elapsed"]),
        ("mint room", room("remove_after_seconds_elapsed", json!(1)), vec![]),
        ("mint room", room("join_until", json!("tomorrow")), vec!["body.join_until"]),
        ("mint room", room("permissions", json!(["room.lock", "room.x"])), vec!["body.permissions[]"]),
        ("mint room", room("join_as", json!("guest")), vec!["body.join_as"]),
        ("mint room", room("user_name", json!("a".repeat(101))), vec!["body.user_name"]),
        ("mint room", json!({ "room_name": "a b" }), vec!["body.room_name"]),
        ("mint room", room("meta", json!({ "any": [1] })), vec![]),
        ("mint subscriber", json!({ "reference": "a", "fingerprint": "a".repeat(42) }), vec!["body.fingerprint"]),
        ("mint guest", json!({ "allowed_addresses": ["5"] }), vec!["body.allowed_addresses[]"]),
        (
            "mint guest",
            json!({ "allowed_addresses": vec![uuid::Uuid::nil().to_string(); 11] }),
            vec!["body.allowed_addresses"],
        ),
        ("mint refresh", json!({ "refresh_token": "a.b" }), vec!["body.refresh_token"]),
        ("token create", json!({ "name": "a", "permissions": [] }), vec!["body.permissions"]),
        ("token create", json!({ "name": null, "permissions": ["chat"] }), vec!["body.name"]),
        ("token update", json!({}), vec![]),
        ("token update", json!([]), vec!["body"]),
        (
            "probe chat",
            json!({ "jsonrpc": "2.0", "id": "1", "method": "chat", "params": { "id": "1" } }),
            vec!["body.method"],
        ),
    ] {
        assert_eq!(places(&named(&operations, name).accepts_request(&[], Some(&body))), at, "{name} {body}");
    }
    assert_eq!(places(&named(&operations, "mint chat").accepts_request(&[], None)), ["body"]);
    assert_eq!(places(&named(&operations, "token delete").accepts_request(&[], Some(&json!({})))), ["body"]);
}

#[test]
fn a_query_is_read_as_the_type_that_it_is_to_have() {
    let operations = Operations::load();
    let list = named(&operations, "project list");
    for (value, at) in [("1", vec![]), ("1000", vec![]), ("0", vec!["query page_size"]), ("x", vec!["query page_size"])]
    {
        let query = [("page_size".to_owned(), value.to_owned()), ("name".to_owned(), "5".to_owned())];
        assert_eq!(places(&list.accepts_request(&query, None)), at, "{value}");
    }
}

#[test]
fn an_answer_that_is_not_described_is_refused() {
    let operations = Operations::load();
    let invalid = json!({ "errors": [{ "type": "t", "code": "c", "message": "m", "url": "u" }] });
    let compat = json!({ "code": 20003, "message": "m", "more_info": "u", "status": 401 });
    for (name, status, body, at) in [
        ("token create", 201, Some(json!({})), vec!["status"]),
        ("token create", 200, None, vec!["body"]),
        ("token create", 401, Some(json!({ "error": "Unauthorized" })), vec![]),
        ("token create", 401, Some(json!({ "error": "unauthorized" })), vec!["body.error"]),
        ("token create", 401, Some(json!("Unauthorized")), vec!["body"]),
        ("token create", 422, Some(invalid.clone()), vec![]),
        ("token create", 403, Some(json!({ "error": "Forbidden" })), vec![]),
        ("token create", 403, Some(json!({ "error": "No" })), vec!["body.error"]),
        ("token create", 403, None, vec!["body"]),
        ("token create", 429, None, vec![]),
        ("token create", 429, Some(json!("slow down")), vec![]),
        ("token create", 503, None, vec!["status"]),
        ("token delete", 204, None, vec![]),
        ("token delete", 204, Some(json!({})), vec!["body"]),
        ("compat account show", 401, Some(compat), vec![]),
        ("compat account create", 422, Some(invalid.clone()), vec!["body.errors", "body.code", "body.message"]),
        ("probe numbers", 422, Some(invalid), vec!["body.errors[].message"]),
        ("probe chat", 401, Some(json!("Unauthorized")), vec![]),
        ("probe chat", 401, Some(json!({ "message": "verify" })), vec![]),
        ("lookup", 200, Some(json!({})), vec![]),
        ("lookup", 200, Some(json!({ "e164": null })), vec!["body.e164"]),
        ("relay jwt", 299, Some(json!(1)), vec![]),
    ] {
        let complaints = places(&named(&operations, name).accepts_response(status, body.as_ref()));
        assert_eq!(complaints[..at.len().min(complaints.len())], at, "{name} {status} {body:?}: {complaints:?}");
        assert_eq!(complaints.is_empty(), at.is_empty(), "{name} {status} {body:?}: {complaints:?}");
    }
}

#[test]
fn a_complaint_says_where_and_what_and_shows_no_value() {
    let operations = Operations::load();
    let body = json!({ "name": "a", "permissions": ["chat", "hidden"] });
    let complaints = named(&operations, "token create").accepts_request(&[], Some(&body));
    let told: Vec<_> = complaints.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["body.permissions[]: is no allowed word"]);
}
