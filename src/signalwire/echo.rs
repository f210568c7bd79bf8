//! Decides what is kept of a refusal that repeats what was sent: no secret. Many have no shape that a mask would know.

use serde_json::Value;
use zeroize::Zeroizing;

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
    match &request.payload {
        Payload::Json(body) => {
            if let Ok(body) = serde_json::from_slice::<Value>(body.expose()) {
                collect(&body, &mut secrets);
            }
        }
        Payload::Form(body) => secrets.extend(fields(body)),
        Payload::Empty => {}
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

/// Whether a field of this name holds a secret.
pub fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["token", "password", "passwd", "secret", "signing_key", "authorization", "bearer"]
        .iter()
        .any(|word| name.contains(word))
}

/// The fields of a form whose names say that they are secrets.
fn fields(body: &Secret) -> Vec<Secret> {
    let pairs = body.expose().split(|&byte| byte == b'&').filter_map(|pair| {
        let at = pair.iter().position(|&byte| byte == b'=')?;
        Some((decode(&pair[..at]), decode(&pair[at + 1..])))
    });
    pairs.filter(|(name, _)| names_secret(&String::from_utf8_lossy(name.expose()))).map(|(_, value)| value).collect()
}

/// A part of a form without its encoding (URL Standard, `application/x-www-form-urlencoded`).
fn decode(text: &[u8]) -> Secret {
    let mut decoded = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text;
    while let [first, after @ ..] = rest {
        let digit = |at: usize| after.get(at).and_then(|&byte| char::from(byte).to_digit(16));
        let (byte, length) = match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => (u8::try_from(high * 16 + low).unwrap_or_default(), 2),
            (b'+', ..) => (b' ', 0),
            _ => (*first, 0),
        };
        decoded.push(byte);
        rest = &after[length..];
    }
    Secret::new(&decoded[..])
}

/// The texts in a body whose names say that they are secrets.
fn collect(value: &Value, secrets: &mut Vec<Secret>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str().filter(|_| names_secret(name)) {
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
        hidden_of(Payload::json(body), said)
    }

    fn hidden_of(payload: Payload, said: &str) -> String {
        let space = Space::parse("acme", &Hosts::default()).unwrap();
        let auth = Auth::Basic { project: "x".into(), token: Secret::new("an odd token") };
        let target = Target::new("/x").unwrap();
        let request = Request::new(&space, Method::Post, target, auth).send(payload);
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
    fn a_form_is_read_as_well() {
        let form = Payload::form([("Name", "nightly"), ("SipPassword", "correct horse+%41é")]);
        assert_eq!(hidden_of(form, "nightly: correct horse+%41é is weak"), "nightly: ******** is weak");
        let raw = Payload::Form(Secret::new("a&=b&password=correct+horse%2&token"));
        assert_eq!(hidden_of(raw, "correct horse%2 is weak"), "******** is weak");
    }

    #[test]
    fn a_secret_that_was_cut_is_hidden() {
        let long = format!("{}correct horse", "x".repeat(490));
        let said = hidden(&json!({"password": "correct horse"}), &long);
        assert_eq!(said, format!("{}{HIDDEN}", "x".repeat(490)));
    }
}
