//! The documented shapes of errors, family by family.

use serde_json::{Value, json};

use super::http::Answer;

/// Which part of the API a path belongs to; each has its own shape of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Rest,
    Relay,
    Compat,
    Chat,
}

impl Family {
    pub(crate) fn of(path: &str) -> Self {
        if path.starts_with("/api/laml/") {
            Self::Compat
        } else if path.starts_with("/api/relay/rest/") {
            Self::Relay
        } else if path.starts_with("/api/ai/chat") {
            Self::Chat
        } else {
            Self::Rest
        }
    }
}

pub(crate) fn unauthorized(family: Family) -> Answer {
    match family {
        Family::Compat => compat(401, 20003, "Authentication failed"),
        Family::Chat => Answer::text(401, "text/plain", "Unauthorized"),
        _ => Answer::json(401, &json!({"error": "Unauthorized"})),
    }
}

pub(crate) fn forbidden() -> Answer {
    Answer::json(403, &json!({"error": "Forbidden"}))
}

pub(crate) fn bad_request() -> Answer {
    Answer::json(400, &json!({"error": "Bad Request"}))
}

pub(crate) fn not_found(family: Family) -> Answer {
    match family {
        Family::Compat => compat(404, 20404, "The requested resource was not found"),
        _ => Answer::json(404, &json!({"error": "Not Found"})),
    }
}

pub(crate) fn compat(status: u16, code: u32, message: &str) -> Answer {
    let url = "https://signalwire.com/docs/apis/error-codes";
    Answer::json(status, &json!({"code": code, "message": message, "more_info": url, "status": status}))
}

/// What is wrong with a field, in the shape of the family.
pub(crate) fn invalid(family: Family, code: &str, message: &str, attribute: &str) -> Answer {
    let url = "https://signalwire.com/docs/apis/error-codes";
    let flat = |code: Value| json!({"type": "validation_error", "code": code, "message": message, "attribute": attribute, "url": url});
    match family {
        Family::Relay => {
            let error = json!({"detail": message, "status": "422", "title": "Invalid parameter", "code": code});
            Answer::json(422, &json!({"errors": [error]}))
        }
        Family::Compat => Answer::json(422, &flat(code.into())),
        _ => Answer::json(422, &json!({"errors": [flat(code.into())]})),
    }
}
