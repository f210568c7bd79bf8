//! Decides what is kept of a refusal that repeats what was sent: no secret. Many have no shape that a mask would know.

use serde_json::Value;

use super::error::Refusal;
use super::request::{Auth, Payload, Request};
use crate::secret::Secret;

/// Stands where a secret stood.
const HIDDEN: &str = "********";

/// What is shorter is also a word of the server, in bytes.
const LEAST: usize = 4;

/// Takes the secrets of `request` out of the details of `refusal`.
pub(super) fn hide(refusal: &mut Refusal, request: &Request) {
    let mut secrets = Vec::new();
    match &request.auth {
        Auth::Basic { token, .. } | Auth::Bearer(token) => secrets.push(token.clone()),
        Auth::Anonymous => {}
    }
    if let Payload::Json(body) = &request.payload
        && let Ok(body) = serde_json::from_slice::<Value>(body.expose())
    {
        collect(&body, &mut secrets);
    }
    let texts = refusal
        .details
        .iter_mut()
        .flat_map(|detail| [&mut detail.code, &mut detail.message, &mut detail.attribute].into_iter().flatten());
    for text in texts {
        for secret in secrets.iter().filter_map(|secret| std::str::from_utf8(secret.expose()).ok()) {
            without(text, secret);
        }
    }
}

/// The texts in a body whose names say that they are secrets.
fn collect(value: &Value, secrets: &mut Vec<Secret>) {
    let is_secret = |name: &str| ["password", "secret", "token"].iter().any(|word| name.contains(word));
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str().filter(|_| is_secret(&name.to_ascii_lowercase())) {
                    Some(text) => secrets.push(Secret::new(text)),
                    None => collect(value, secrets),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, secrets)),
        _ => {}
    }
}

/// Hides `secret`, and the beginning of it at the end: a long text was cut.
fn without(text: &mut String, secret: &str) {
    if secret.len() < LEAST {
        return;
    }
    if text.contains(secret) {
        *text = text.replace(secret, HIDDEN);
    }
    let beginnings = (LEAST..secret.len()).rev().filter_map(|end| secret.get(..end));
    if let Some(rest) = beginnings.into_iter().find_map(|beginning| text.strip_suffix(beginning)) {
        *text = format!("{rest}{HIDDEN}");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Hosts, Method, Space, Target};
    use super::*;

    fn hidden(body: &Value, said: &str) -> String {
        let space = Space::parse("acme", &Hosts::default()).unwrap();
        let auth = Auth::Basic { project: "x".into(), token: Secret::new("an odd token") };
        let target = Target::new("/x").unwrap();
        let request = Request::new(&space, Method::Post, target, auth).send(Payload::json(body));
        let mut refusal = Refusal::new(422, json!({"message": said, "code": said}).to_string().as_bytes());
        hide(&mut refusal, &request);
        assert_eq!(refusal.details[0].code, refusal.details[0].message);
        refusal.details.remove(0).message.unwrap()
    }

    #[test]
    fn a_refusal_repeats_no_secret_of_the_request() {
        let body = json!({"name": "nightly", "a": [{"userPassword": "correct horse"}], "refresh_token": 5});
        let said = hidden(&body, "an odd token: nightly has the password correct horse");
        assert_eq!(said, "********: nightly has the password ********");
        assert_eq!(hidden(&json!({"password": "the"}), "the password"), "the password");
    }

    #[test]
    fn a_secret_that_was_cut_is_hidden() {
        let long = format!("{}correct horse", "x".repeat(490));
        let said = hidden(&json!({"password": "correct horse"}), &long);
        assert_eq!(said, format!("{}{HIDDEN}", "x".repeat(490)));
    }
}
