//! Decides what can go wrong with a request, and what that says of whether it was carried out.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use super::code;

/// Why there is no answer that helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// There was no answer, or none that could be understood.
    Failure {
        /// What went wrong.
        failure: Failure,
        /// Whether the request was carried out nevertheless.
        arrival: Arrival,
    },
    /// The answer says no.
    Refusal(Box<Refusal>),
}

/// Whether a request can have been carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It cannot: the connection never stood.
    Never,
    /// It can: the connection stood, but no answer came that tells.
    Perhaps,
    /// It was: the status said so, and only the rest of the answer is missing.
    Done,
}

/// What went wrong on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The name of the host leads nowhere.
    UnknownHost,
    /// The host, or the proxy, could not be connected.
    Connect(String),
    /// The proxy did not let the connection through.
    Proxy(String),
    /// The host's certificate is not to be trusted.
    Certificate(Certificate),
    /// The connection could not be secured.
    Tls(String),
    /// It took too long.
    Timeout(Phase),
    /// The connection ended too early.
    Closed,
    /// What came was not HTTP.
    Protocol(String),
    /// The body is longer than this, in bytes.
    TooLarge(u64),
    /// The body was to be JSON, and is none.
    NotJson,
    /// The body is JSON, but lacks what it has to hold.
    Unexpected(&'static str),
    /// There are no certificates by which a host could be trusted.
    NoRoots,
}

/// What is wrong with a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// Its time is over, or has not come.
    Expired,
    /// It is for another host.
    WrongName,
    /// Nobody who is trusted has signed it.
    UnknownIssuer,
    /// Something else.
    Other(String),
}

/// What took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// To find the host and connect it.
    Connect,
    /// To answer.
    Answer,
    /// The whole.
    Whole,
}

/// An answer that says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The status: 300 or more.
    pub status: u16,
    /// What the body says in detail; texts of the server, neither masked nor escaped.
    pub details: Vec<Detail>,
    /// For how long the server asks to be left alone.
    pub retry_after: Option<Duration>,
    /// Where a redirect leads: the scheme and the host.
    pub redirect: Option<String>,
    /// The media type of the body, lower-case, without parameters.
    pub media_type: Option<Box<str>>,
}

/// One thing that the server complains of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// A word for programs.
    pub code: Option<String>,
    /// A sentence for people.
    pub message: Option<String>,
    /// The field that it is about.
    pub attribute: Option<String>,
}

/// More than this many details, or characters of one, help nobody.
const MOST: (usize, usize) = (20, 500);

impl Refusal {
    /// Reads the body of a refusal. All documented shapes are understood: `{"error"}`, `{"errors":[..]}` of both families,
    /// the flat form of the compatibility API, `{"message"}`, and plain text.
    pub fn new(status: u16, body: &[u8]) -> Self {
        let details = match serde_json::from_slice::<Value>(body) {
            Ok(Value::Object(object)) => match object.get("errors") {
                Some(Value::Array(errors)) => errors.iter().take(MOST.0).map(detail).collect(),
                Some(Value::Object(errors)) => errors.iter().take(MOST.0).map(of_field).collect(),
                _ => vec![detail(&Value::Object(object))],
            },
            Ok(_) => Vec::new(),
            Err(_) => plain(body),
        };
        let details = details.into_iter().filter(|detail| *detail != Detail::default()).collect();
        Self { status, details, retry_after: None, redirect: None, media_type: None }
    }

    /// Whether the server does not accept who asks: the token is wrong, is of another Space, or lacks a scope. Which of
    /// 401 and 403 a missing scope gives is documented both ways.
    pub fn is_unauthorized(&self) -> bool {
        matches!(self.status, 401 | 403)
    }

    /// Whether one of the details has this code.
    pub fn has_code(&self, code: &str) -> bool {
        self.details.iter().any(|detail| detail.code.as_deref() == Some(code))
    }
}

fn detail(value: &Value) -> Detail {
    if let Value::String(text) = value {
        return Detail { message: bounded(text), ..Detail::default() };
    }
    let text = |names: &[&str]| {
        let value = names.iter().find_map(|name| value.get(name).filter(|value| !value.is_null()))?;
        value.as_str().map_or_else(|| bounded(&value.to_string()), bounded)
    };
    let message = text(&["message", "detail", "error_description", "title", "error"]);
    Detail { code: text(&["code"]), message, attribute: text(&["attribute"]) }
}

/// What `errors` says where it has a name for each field: `{"name": ["is taken"]}`.
fn of_field((name, value): (&String, &Value)) -> Detail {
    let texts: Vec<_> = match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        value => value.as_str().into_iter().collect(),
    };
    Detail { code: None, message: bounded(&texts.join(", ")), attribute: bounded(name) }
}

/// A text of the server on one line, cut if it is long; `None` if it is empty.
fn bounded(text: &str) -> Option<String> {
    let breaks = ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];
    let text: String = text.chars().take(MOST.1).map(|sign| if breaks.contains(&sign) { ' ' } else { sign }).collect();
    (!text.is_empty()).then_some(text)
}

/// A short text that is not a page of HTML.
fn plain(body: &[u8]) -> Vec<Detail> {
    let text = std::str::from_utf8(body).map(str::trim).unwrap_or_default();
    let is_short = !text.is_empty() && text.len() <= MOST.1 && !text.starts_with('<');
    is_short.then(|| Detail { message: bounded(text), ..Detail::default() }).into_iter().collect()
}

impl Error {
    pub(super) fn never(failure: Failure) -> Self {
        Self::Failure { failure, arrival: Arrival::Never }
    }

    /// The refusal, if it is one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refusal(refusal) => Some(refusal),
            Self::Failure { .. } => None,
        }
    }

    /// What to do about it; `None` if there is nothing general to say.
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Refusal(refusal) => refusal.remedy(),
            Self::Failure { failure, .. } => failure.remedy(),
        }
    }
}

impl Refusal {
    /// What to do about it; `None` if there is nothing general to say.
    pub fn remedy(&self) -> Option<&'static str> {
        code::remedy(self).or_else(|| self.remedy_of_status())
    }

    fn remedy_of_status(&self) -> Option<&'static str> {
        Some(match self.status {
            300..=399 => {
                "barewire follows no redirect: it would carry the credential to another place. Is the Space right?"
            }
            401 | 403 => {
                "The token may be deleted, may belong to another project or Space, or may lack the scope that this needs. \
                 `barewire verify` tells whether it is alive, `barewire scopes` what it may do."
            }
            404 => "Check the id and the path. A Space that does not exist answers like this, too.",
            429 => "SignalWire asks for fewer requests; wait, then try again.",
            500..=599 => "SignalWire has a problem; see https://status.signalwire.com, and try again later.",
            _ => return None,
        })
    }
}

impl Failure {
    fn remedy(&self) -> Option<&'static str> {
        Some(match self {
            Self::UnknownHost => {
                "Check the name of the Space, the connection to the network, and HTTPS_PROXY if there is one."
            }
            Self::Connect(_) | Self::Closed => "Check the connection to the network, and HTTPS_PROXY if there is one.",
            Self::Timeout(_) => {
                "Check the connection to the network, and HTTPS_PROXY if there is one; --timeout gives it more time."
            }
            Self::Proxy(_) => "Check HTTPS_PROXY; NO_PROXY names hosts that are reached without it.",
            Self::Certificate(Certificate::Expired) => "Check the clock of this machine.",
            Self::Certificate(Certificate::UnknownIssuer) => {
                "Perhaps a proxy stands between this machine and SignalWire. If it is one that you trust, name its \
                 certificate with --ca-file."
            }
            Self::Certificate(_) | Self::Tls(_) => "Check the name of the Space, and HTTPS_PROXY if there is one.",
            Self::NoRoots => "Name a file of root certificates in PEM form with --ca-file.",
            Self::TooLarge(_) | Self::Protocol(_) | Self::NotJson | Self::Unexpected(_) => return None,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure { failure, .. } => failure.fmt(f),
            Self::Refusal(refusal) => refusal.fmt(f),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownHost => f.write_str("there is no such host"),
            Self::Connect(why) => write!(f, "no connection: {why}"),
            Self::Proxy(why) => write!(f, "the proxy does not connect: {why}"),
            Self::Certificate(Certificate::Expired) => f.write_str("the host's certificate is not valid at this time"),
            Self::Certificate(Certificate::WrongName) => f.write_str("the host's certificate is for another host"),
            Self::Certificate(Certificate::UnknownIssuer) => {
                f.write_str("the host's certificate is signed by nobody who is trusted")
            }
            Self::Certificate(Certificate::Other(why)) => write!(f, "the host's certificate is not valid: {why}"),
            Self::Tls(why) => write!(f, "the connection cannot be secured: {why}"),
            Self::Timeout(Phase::Connect) => f.write_str("no connection in time"),
            Self::Timeout(Phase::Answer) => f.write_str("no answer in time"),
            Self::Timeout(Phase::Whole) => f.write_str("the answer was not whole in time"),
            Self::Closed => f.write_str("the connection ended before the answer did"),
            Self::Protocol(why) => write!(f, "the answer is not HTTP: {why}"),
            Self::TooLarge(limit) => write!(f, "the answer is longer than {limit} bytes"),
            Self::NotJson => f.write_str("the answer is not JSON"),
            Self::Unexpected(what) => write!(f, "the answer lacks {what}"),
            Self::NoRoots => f.write_str("this system has no root certificates, so no host can be trusted"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.status {
            300..=399 => "redirect",
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not Found",
            422 => "Unprocessable",
            429 => "Too Many Requests",
            500..=599 => "server error",
            _ => "refused",
        };
        write!(f, "{} {name}", self.status)?;
        if let Some(host) = &self.redirect {
            write!(f, " to {host}")?;
        }
        if let Some(wait) = self.retry_after.filter(|wait| !wait.is_zero()) {
            write!(f, " (Retry-After: {} s)", wait.as_secs())?;
        }
        for (number, detail) in self.details.iter().filter(|detail| !detail.repeats(name)).enumerate() {
            write!(f, "{}{detail}", if number == 0 { ": " } else { "; " })?;
        }
        Ok(())
    }
}

impl Detail {
    /// Whether it says only what the status says.
    fn repeats(&self, name: &str) -> bool {
        self.code.is_none() && self.attribute.is_none() && self.message.as_deref() == Some(name)
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message.as_deref().unwrap_or("no reason is given");
        match (&self.attribute, &self.code) {
            (Some(attribute), Some(code)) => write!(f, "{attribute}: {message} ({code})"),
            (Some(attribute), None) => write!(f, "{attribute}: {message}"),
            (None, Some(code)) => write!(f, "{message} ({code})"),
            (None, None) => f.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &str) -> String {
        Refusal::new(status, body.as_bytes()).to_string()
    }

    #[test]
    fn every_documented_shape_is_read() {
        assert_eq!(said(400, r#"{"error":"Bad Request"}"#), "400 Bad Request");
        assert_eq!(said(401, r#"{"error":"Unauthorized"}"#), "401 Unauthorized");
        assert_eq!(said(401, "Unauthorized"), "401 Unauthorized");
        let phone = r#"{"message":"Please validate a phone number to access your account."}"#;
        assert_eq!(said(401, phone), "401 Unauthorized: Please validate a phone number to access your account.");
        let compat = r#"{"code":20003,"message":"Authentication failed","more_info":"https://x","status":401}"#;
        assert_eq!(said(401, compat), "401 Unauthorized: Authentication failed (20003)");
        let api = r#"{"errors":[{"type":"validation_error","code":"invalid_parameter","message":"Name must be present",
            "attribute":"name","url":"https://x"},{"code":"x"}]}"#;
        let words = "422 Unprocessable: name: Name must be present (invalid_parameter); no reason is given (x)";
        assert_eq!(said(422, api), words);
        let relay = r#"{"errors":[{"detail":"is not a number","status":"422","title":"Invalid","code":"invalid"}]}"#;
        assert_eq!(said(422, relay), "422 Unprocessable: is not a number (invalid)");
        let flat =
            r#"{"type":"validation_error","code":"10003","message":"permissions","attribute":"permissions","url":"x"}"#;
        assert_eq!(said(422, flat), "422 Unprocessable: permissions: permissions (10003)");
        assert_eq!(said(422, r#"{"errors":["Name is taken"]}"#), "422 Unprocessable: Name is taken");
        let named = r#"{"errors":{"name":["is taken","is odd"],"size":"is small"}}"#;
        assert_eq!(said(422, named), "422 Unprocessable: name: is taken, is odd; size: is small");
    }

    #[test]
    fn a_text_of_the_server_stays_on_its_line() {
        let forged = "bad\\nhelp: Run this\\r\\n::error::spoof";
        let said = |body: &str| said(422, body);
        for body in [format!(r#"{{"message":"{forged}"}}"#), format!(r#"{{"errors":[{{"code":"{forged}"}}]}}"#)] {
            assert!(!said(&body).contains(['\n', '\r']), "{}", said(&body));
        }
        assert_eq!(said("a\nerror: b"), "422 Unprocessable: a error: b");
    }

    #[test]
    fn what_is_not_understood_is_left_out() {
        for body in ["", "<html>a page</html>", "[1,2]", "{}", "\u{0}\u{1}", &"x".repeat(600)] {
            assert!(said(502, body).starts_with("502 server error"), "{body}");
        }
        assert_eq!(said(502, "<html>a page</html>"), "502 server error");
    }

    #[test]
    fn a_refusal_is_bounded() {
        let body =
            format!("{{\"errors\":[{}]}}", vec![format!("{{\"message\":\"{}\"}}", "y".repeat(9_000)); 99].join(","));
        let refusal = Refusal::new(422, body.as_bytes());
        assert_eq!(refusal.details.len(), 20);
        assert!(refusal.to_string().len() < 11_000);
    }
}
