//! Decides how a request is shown that is not sent: as it would travel, without its secrets.

use std::io::Write as _;

use serde_json::Value;

use crate::cli::error::Error;
use crate::cli::exit;
use crate::report::escape::escape;
use crate::report::mask::mask;
use crate::secret::{MASK, Secret};
use crate::signalwire::{Auth, Payload, Request, names_secret};

/// Prints `request` to standard output in place of sending it; returns the exit code.
///
/// # Errors
/// Standard output cannot be written.
pub(super) fn print(request: &Request) -> Result<u8, Error> {
    let mut out = anstream::stdout().lock();
    out.write_all(show(request).as_bytes()).map_err(Error::new)?;
    Ok(exit::CLEAN)
}

/// The request as text: method and URL, what tells of it in headers, and the body.
fn show(request: &Request) -> String {
    let mut lines = vec![format!("{} https://{}{}", request.method, request.space, address(request.target.as_str()))];
    lines.push("Accept: application/json".to_owned());
    match &request.auth {
        Auth::Basic { project, .. } => lines.push(format!("Authorization: Basic {project}:{MASK}")),
        Auth::Bearer(_) => lines.push(format!("Authorization: Bearer {MASK}")),
        Auth::Anonymous => {}
    }
    lines.extend(request.payload.media_type().map(|kind| format!("Content-Type: {kind}")));
    let body = match &request.payload {
        Payload::Empty => None,
        Payload::Json(text) => Some(json(text)),
        Payload::Form(text) => Some(pairs(&String::from_utf8_lossy(text.expose()))),
    };
    if let Some(body) = body {
        lines.push(String::new());
        lines.extend(body.lines().map(str::to_owned));
    }
    let shown: Vec<_> = lines.iter().map(|line| format!("{}\n", escape(&mask(line)))).collect();
    shown.concat()
}

/// A target, with the values of its query that a name gives away as secrets masked.
fn address(target: &str) -> String {
    match target.split_once('?') {
        Some((path, query)) => format!("{path}?{}", pairs(query)),
        None => target.to_owned(),
    }
}

fn json(text: &Secret) -> String {
    match serde_json::from_slice(text.expose()) {
        Ok(mut value) => {
            hide(&mut value);
            format!("{value:#}")
        }
        // What cannot be read cannot be masked by its names.
        Err(_) => format!("({} bytes that are not JSON)", text.len()),
    }
}

fn hide(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(fields) => {
            for (name, value) in fields {
                if names_secret(name) { blank(value) } else { hide(value) }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Masks all texts and numbers of `value`.
fn blank(value: &mut Value) {
    match value {
        Value::String(_) | Value::Number(_) => *value = MASK.into(),
        Value::Array(items) => items.iter_mut().for_each(blank),
        Value::Object(fields) => fields.values_mut().for_each(blank),
        Value::Null | Value::Bool(_) => {}
    }
}

fn pairs(text: &str) -> String {
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if names_secret(name) => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    };
    text.split('&').map(pair).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::signalwire::{Access, Hosts, Method, ProjectId, Space, Target};

    const PROJECT: &str = "5d6f7a80-9b1c-4d2e-8f30-a1b2c3d4e5f7";

    fn request(method: Method, target: Target) -> Request {
        let space = Space::parse("acme", &Hosts::default()).unwrap();
        let token = Secret::new("sesame-sesame");
        Access { space, project: ProjectId::parse(PROJECT).unwrap(), token }.request(method, target)
    }

    #[test]
    fn a_request_is_shown_without_its_secrets() {
        let body = json!({"name": "ci", "permissions": ["video"], "deep": [{"password": "sesame-1", "passwords": [{"x": "sesame-4"}]}], "refresh_token": "sesame-2"});
        let target = Target::new("/api/x").unwrap().with("page_token", "sesame-3").with("name", "a b");
        let shown = show(&request(Method::Post, target).send(Payload::json(&body)));
        assert!(!shown.contains("sesame"), "{shown}");
        let head = format!(
            "POST https://acme.signalwire.com/api/x?page_token={MASK}&name=a%20b\nAccept: application/json\n\
             Authorization: Basic {PROJECT}:{MASK}\nContent-Type: application/json\n\n{{\n"
        );
        assert!(shown.starts_with(&head), "{shown}");
        assert!(shown.contains("\"name\": \"ci\""), "{shown}");
    }

    #[test]
    fn a_form_is_shown_as_it_travels() {
        let form = Payload::form([("name", "a b"), ("password", "sesame-sesame")]);
        let shown = show(&request(Method::Post, Target::new("/api/x").unwrap()).send(form));
        assert!(shown.ends_with(&format!("\n\nname=a%20b&password={MASK}\n")), "{shown}");
    }

    #[test]
    fn what_is_not_json_is_not_shown() {
        let body = Payload::Json(Secret::new("{\"password\": sesame-sesame"));
        let shown = show(&request(Method::Post, Target::new("/api/x").unwrap()).send(body));
        assert!(shown.ends_with("(26 bytes that are not JSON)\n"), "{shown}");
    }
}
