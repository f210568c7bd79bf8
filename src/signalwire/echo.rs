//! Decides what is kept of a refusal that repeats what was sent: no secret. Many have no shape that a mask would know.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use zeroize::Zeroizing;

use super::error::Refusal;
use super::request::{Auth, Payload, Request, encode};
use crate::secret::Secret;

/// Stands where a secret stood.
const HIDDEN: &str = "********";

/// What is shorter is also a word of the server, in bytes.
const LEAST: usize = 4;

/// Takes the secrets of `request` out of the details of `refusal`, in every form in which they can have been sent.
pub(super) fn hide(refusal: &mut Refusal, request: &Request) {
    let mut secrets = credential(&request.auth);
    match &request.payload {
        Payload::Json(body) => {
            if let Ok(body) = serde_json::from_slice::<Value>(body.expose()) {
                collect(&body, &mut secrets);
            }
        }
        Payload::Form(body) => secrets.extend(fields(body.expose())),
        Payload::Empty => {}
    }
    let query = request.target.as_str().split_once('?').map_or("", |(_, query)| query);
    secrets.extend(fields(query.as_bytes()));
    let mut forms: Vec<_> = secrets.iter().flat_map(forms).collect();
    // What is part of another one must not break that up.
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    let texts = refusal
        .details
        .iter_mut()
        .flat_map(|detail| [&mut detail.code, &mut detail.message, &mut detail.attribute].into_iter().flatten());
    for text in texts {
        for form in &forms {
            without(text, form);
        }
    }
}

/// The token, and what a header makes of it.
fn credential(auth: &Auth) -> Vec<Secret> {
    match auth {
        Auth::Basic { project, token } => {
            let pair = Zeroizing::new([project.as_bytes(), b":", token.expose()].concat());
            let encoded = Zeroizing::new(STANDARD.encode(&*pair));
            vec![token.clone(), Secret::new(encoded.as_bytes())]
        }
        Auth::Bearer(token) => vec![token.clone()],
        Auth::Anonymous => Vec::new(),
    }
}

/// A secret as it is, as it stands in JSON, in a URL and in a form.
fn forms(secret: &Secret) -> Vec<Zeroizing<String>> {
    let Ok(text) = std::str::from_utf8(secret.expose()) else { return Vec::new() };
    let quoted = Zeroizing::new(serde_json::to_string(text).unwrap_or_default());
    let encoded = Zeroizing::new(encode(text));
    let plus = encoded.replace("%20", "+");
    let inside = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default();
    [text.to_owned(), inside.to_owned(), plus, encoded.to_string()].map(Zeroizing::new).into()
}

/// Whether a field of this name holds a secret.
pub fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["token", "password", "passwd", "secret", "signing_key", "authorization", "bearer"]
        .iter()
        .any(|word| name.contains(word))
}

/// The fields of a form or a query whose names say that they are secrets.
fn fields(text: &[u8]) -> Vec<Secret> {
    let pairs = text.split(|&byte| byte == b'&').filter_map(|pair| {
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

/// All that stands in a body below names that say that it is secret.
fn collect(value: &Value, secrets: &mut Vec<Secret>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if names_secret(name) { all(value, secrets) } else { collect(value, secrets) }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, secrets)),
        _ => {}
    }
}

/// All texts and numbers of `value`.
fn all(value: &Value, secrets: &mut Vec<Secret>) {
    match value {
        Value::String(text) => secrets.push(Secret::new(text.as_str())),
        Value::Number(number) => secrets.push(Secret::new(number.to_string())),
        Value::Object(fields) => fields.values().for_each(|value| all(value, secrets)),
        Value::Array(items) => items.iter().for_each(|value| all(value, secrets)),
        Value::Null | Value::Bool(_) => {}
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
        let target = Target::new("/x?page=1&accessToken=in%20the%22query").unwrap();
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
    fn every_form_of_a_secret_is_hidden() {
        let basic = STANDARD.encode("x:an odd token");
        assert_eq!(
            hidden(&json!({}), &format!("bad header Basic {basic}, {}", &basic[..9])),
            "bad header Basic ********, ********"
        );
        assert_eq!(hidden(&json!({}), "in the\"query in%20the%22query in+the%22query"), [HIDDEN; 3].join(" "));
        let body = json!({"passwords": ["one \"two\"", {"x": 98_765}], "password": {"value": "three four"}});
        assert_eq!(
            hidden(&body, r#"{"a":"one \"two\""} 98765 three%20four"#),
            format!("{{\"a\":\"{HIDDEN}\"}} {HIDDEN} {HIDDEN}")
        );
    }

    #[test]
    fn a_secret_that_was_cut_is_hidden() {
        let long = format!("{}correct horse", "x".repeat(490));
        let said = hidden(&json!({"password": "correct horse"}), &long);
        assert_eq!(said, format!("{}{HIDDEN}", "x".repeat(490)));
    }
}
