//! Decides what a request is: a method, a target below a Space, who asks, and what is sent along.

use std::fmt;

use super::Space;
use crate::secret::Secret;

/// A method of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Reads.
    Get,
    /// Reads, without a body in the answer.
    Head,
    /// Makes something, or has something done.
    Post,
    /// Replaces something.
    Put,
    /// Changes something.
    Patch,
    /// Removes something.
    Delete,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Get, Self::Head, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// As it is written in a request.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether it changes nothing, so that it can be repeated (RFC 9110, 9.2.1).
    pub fn is_safe(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A path below a Space, with its query. It cannot lead to another host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(Box<str>);

/// Why a text is no [`Target`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetError {
    /// It does not begin with one slash.
    NoPath,
    /// It holds something that is not written in a URL: a blank, a control character, a letter beyond ASCII, a fragment.
    Unencoded,
}

impl Target {
    /// A path that is written as in a URL: it begins with a slash, and is percent-encoded where it has to be.
    ///
    /// # Errors
    /// It is not, or it could lead to another host.
    pub fn new(text: &str) -> Result<Self, TargetError> {
        if !text.starts_with('/') || text.starts_with("//") {
            return Err(TargetError::NoPath);
        }
        let is_written = |byte: u8| byte.is_ascii_graphic() && !b"\"#<>\\^`{|}".contains(&byte);
        if !text.bytes().all(is_written) {
            return Err(TargetError::Unencoded);
        }
        Ok(Self(text.into()))
    }

    /// A path of segments, each of which is percent-encoded: `/api/projects/<id>`.
    pub fn of<'a>(segments: impl IntoIterator<Item = &'a str>) -> Self {
        let path: Vec<_> = segments.into_iter().map(encode).collect();
        Self(format!("/{}", path.join("/")).into())
    }

    /// The same, with a parameter more in the query.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let sign = if self.0.contains('?') { '&' } else { '?' };
        Self(format!("{}{sign}{}={}", self.0, encode(name), encode(value)).into())
    }

    /// Path and query.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path without the query.
    pub fn path(&self) -> &str {
        self.0.split('?').next().unwrap_or_default()
    }
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPath => "a path begins with one slash, such as /api/video/rooms, without https:// and the host",
            Self::Unencoded => "a path holds something that has to be percent-encoded, such as a blank or a #",
        })
    }
}

impl std::error::Error for TargetError {}

/// Percent-encodes all but what is never reserved (RFC 3986, 2.3).
pub fn encode(text: &str) -> String {
    let encoded = text.bytes().map(|byte| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    encoded.collect()
}

/// Who asks.
#[derive(Clone, Debug)]
pub enum Auth {
    /// Project ID and API token, by HTTP Basic.
    Basic {
        /// The Project ID.
        project: Box<str>,
        /// The API token.
        token: Secret,
    },
    /// A client token.
    Bearer(Secret),
    /// Nobody.
    Anonymous,
}

/// What is sent along. It can hold a secret.
#[derive(Clone, Debug)]
pub enum Payload {
    /// Nothing.
    Empty,
    /// JSON, in UTF-8.
    Json(Secret),
    /// A form, `application/x-www-form-urlencoded`.
    Form(Secret),
}

impl Payload {
    /// The JSON text of `value`.
    pub fn json(value: &serde_json::Value) -> Self {
        Self::Json(Secret::new(value.to_string()))
    }

    /// A form of these fields.
    pub fn form<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let fields: Vec<_> =
            fields.into_iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        Self::Form(Secret::new(fields.join("&")))
    }

    /// Its media type.
    pub fn media_type(&self) -> Option<&'static str> {
        match self {
            Self::Empty => None,
            Self::Json(_) => Some("application/json"),
            Self::Form(_) => Some("application/x-www-form-urlencoded"),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Empty => &[],
            Self::Json(text) | Self::Form(text) => text.expose(),
        }
    }
}

/// How much of the answer's body is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// None of it: the connection is closed after the headers.
    Status,
    /// What a refusal says; of any other answer none of it.
    Refusal,
    /// All of it, if it is at most this long, in bytes.
    UpTo(u64),
}

/// No answer that barewire asks for is near to this, in bytes.
pub const USUAL: Reading = Reading::UpTo(1 << 20);

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where it goes.
    pub space: Space,
    /// What is asked for.
    pub method: Method,
    /// Of what.
    pub target: Target,
    /// By whom.
    pub auth: Auth,
    /// With what.
    pub payload: Payload,
    /// How much of the answer is read.
    pub reading: Reading,
}

impl Request {
    /// A request without a payload, of whose answer the usual amount is read.
    pub fn new(space: &Space, method: Method, target: Target, auth: Auth) -> Self {
        Self { space: space.clone(), method, target, auth, payload: Payload::Empty, reading: USUAL }
    }

    /// The same, with this sent along.
    #[must_use]
    pub fn send(self, payload: Payload) -> Self {
        Self { payload, ..self }
    }

    /// The same, of whose answer this much is read.
    #[must_use]
    pub fn read(self, reading: Reading) -> Self {
        Self { reading, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_stays_below_its_host() {
        for text in ["/api/video/rooms", "/a/b?page_size=1&x=%2B1", "/@evil.example/", "/:1"] {
            assert_eq!(Target::new(text).unwrap().as_str(), text);
        }
        for text in ["", "api", "//evil.example", "https://evil.example", "@evil.example"] {
            assert_eq!(Target::new(text), Err(TargetError::NoPath), "{text}");
        }
        for text in ["/a b", "/a\r\nHost: x", "/ä", "/a#b", "/\\evil"] {
            assert_eq!(Target::new(text), Err(TargetError::Unencoded), "{text}");
        }
    }

    #[test]
    fn segments_and_parameters_are_encoded() {
        let target = Target::of(["api", "projects", "../x y"]).with("name", "a&b").with("page_size", "1");
        assert_eq!(target.as_str(), "/api/projects/..%2Fx%20y?name=a%26b&page_size=1");
        assert_eq!(target.path(), "/api/projects/..%2Fx%20y");
    }

    #[test]
    fn a_form_is_encoded() {
        let Payload::Form(form) = Payload::form([("name", "a b"), ("x", "ü&")]) else { panic!() };
        assert_eq!(form.expose(), b"name=a%20b&x=%C3%BC%26");
    }
}
