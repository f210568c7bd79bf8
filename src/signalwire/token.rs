//! Decides how API tokens are made, changed and removed: by the Project API, which shows none that is there already.
//!
//! The answer to a change holds the value of the token as well as that to its making.

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::Error;
use super::hidden::{self, Hidden};
use super::request::{Method, Payload, Request, Target};
use super::response::Response;
use super::scope::Scope;
use super::{Access, ProjectId};
use crate::secret::Secret;

/// How long a name may be, in characters: the limit for projects. The specification has none for tokens.
const LONGEST_NAME: usize = 250;

/// The id of an API token: a UUID, lower-case. It can remove the token, and is no secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenId(Box<str>);

impl TokenId {
    /// The id that `text` is, in any case of letters, with hyphens; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let is_shaped = text.len() == 36 && uuid::Uuid::try_parse(text).is_ok();
        is_shaped.then(|| Self(text.to_ascii_lowercase().into()))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What people call a token or a project: not empty, at most 250 characters, none of which controls a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(Box<str>);

impl Name {
    /// The name that `text` is, without blanks around it; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_name = !text.is_empty() && text.chars().count() <= LONGEST_NAME && !text.contains(char::is_control);
        is_name.then(|| Self(text.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A token that is to be made.
#[derive(Clone, Debug)]
pub struct TokenSpec {
    /// What it is called.
    pub name: Name,
    /// What it may do; at least one thing.
    pub scopes: BTreeSet<Scope>,
    /// The subproject that it is for; the project that asks, if there is none.
    pub subproject: Option<ProjectId>,
}

/// What is to be changed of a token; at least one of both.
#[derive(Clone, Debug, Default)]
pub struct TokenChange {
    /// The new name.
    pub name: Option<Name>,
    /// All that it may do from now on.
    pub scopes: Option<BTreeSet<Scope>>,
    /// Words for scopes that barewire does not know, which stay beside `scopes`.
    pub others: BTreeSet<String>,
}

/// What an answer says of a token. Everything can be missing.
#[derive(Debug, Default)]
pub struct TokenAnswer {
    /// Its id.
    pub id: Option<TokenId>,
    /// Its name; a text of the server.
    pub name: Option<String>,
    /// What it may do, as far as barewire knows the words.
    pub scopes: Option<BTreeSet<Scope>>,
    /// The words for what it may do that are not known; texts of the server.
    pub unknown: Vec<String>,
    /// Its value.
    pub value: Option<Secret>,
}

/// The request that makes a token.
pub fn create(access: &Access, spec: &TokenSpec) -> Request {
    let mut body = json!({ "name": spec.name.as_str(), "permissions": words(&spec.scopes) });
    if let Some(subproject) = &spec.subproject {
        body["subproject_id"] = subproject.as_str().into();
    }
    access.request(Method::Post, Target::of(["api", "project", "tokens"])).send(Payload::json(&body))
}

/// The request that changes a token.
pub fn update(access: &Access, id: &TokenId, change: &TokenChange) -> Request {
    let mut body = json!({});
    if let Some(name) = &change.name {
        body["name"] = name.as_str().into();
    }
    if let Some(scopes) = &change.scopes {
        let others = change.others.iter().map(String::as_str);
        body["permissions"] = words(scopes).into_iter().chain(others).collect();
    }
    access.request(Method::Patch, one(id)).send(Payload::json(&body))
}

/// The request that removes a token. That cannot be undone.
pub fn delete(access: &Access, id: &TokenId) -> Request {
    access.request(Method::Delete, one(id))
}

fn one(id: &TokenId) -> Target {
    Target::of(["api", "project", "tokens", id.as_str()])
}

fn words(scopes: &BTreeSet<Scope>) -> Vec<&'static str> {
    scopes.iter().map(|scope| scope.as_str()).collect()
}

/// A word for a scope is not longer, in bytes.
const LONGEST_WORD: usize = 64;

fn is_word(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    (1..=LONGEST_WORD).contains(&text.len()) && text.bytes().all(is_plain)
}

impl TokenAnswer {
    /// The scopes that are not known, but have a word such as all scopes have: they can be kept.
    pub fn others(&self) -> BTreeSet<String> {
        self.unknown.iter().filter(|word| is_word(word)).cloned().collect()
    }

    /// Whether [`scopes`](Self::scopes) and [`others`](Self::others) are all that the answer tells of scopes.
    pub fn has_words_for_all(&self) -> bool {
        self.unknown.iter().all(|word| is_word(word))
    }

    /// What an answer to [`create`] or [`update`] says.
    ///
    /// # Errors
    /// It is not JSON, or no object. What was asked for has been done all the same.
    pub fn read(response: &Response) -> Result<Self, Error> {
        let raw: Raw = hidden::object(response.body.expose(), "a token")?;
        let mut answer = Self {
            id: raw.id.as_str().and_then(TokenId::parse),
            name: raw.name.as_str().map(str::to_owned),
            value: raw.token.0,
            ..Self::default()
        };
        if let Value::Array(permissions) = &raw.permissions {
            let mut scopes = BTreeSet::new();
            for permission in permissions {
                let word = permission.as_str();
                match Scope::ALL.into_iter().find(|scope| Some(scope.as_str()) == word) {
                    Some(scope) => drop(scopes.insert(scope)),
                    // What is no text at all is none of its own words either.
                    None => answer.unknown.push(word.map_or_else(|| format!("({permission})"), str::to_owned)),
                }
            }
            answer.scopes = Some(scopes);
        }
        Ok(answer)
    }
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    name: Value,
    #[serde(default)]
    permissions: Value,
    #[serde(default)]
    token: Hidden,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signalwire::{Arrival, Failure, Hosts, Space};

    const ID: &str = "7d3a52c0-1111-4222-8333-944444444444";

    fn access() -> Access {
        let space = Space::parse("acme", &Hosts::default()).unwrap();
        Access { space, project: ProjectId::parse(ID).unwrap(), token: Secret::new("sesame") }
    }

    fn body(request: &Request) -> String {
        let Payload::Json(text) = &request.payload else { panic!("a body of JSON") };
        String::from_utf8(text.expose().to_vec()).unwrap()
    }

    fn answer(text: &str) -> Result<TokenAnswer, Error> {
        TokenAnswer::read(&Response { status: 200, media_type: None, body: Secret::new(text) })
    }

    #[test]
    fn requests_are_those_of_the_specification() {
        let scopes = BTreeSet::from([Scope::Video, Scope::Calling]);
        let mut spec = TokenSpec { name: Name::parse(" ci ").unwrap(), scopes: scopes.clone(), subproject: None };
        let request = create(&access(), &spec);
        assert_eq!((request.method, request.target.as_str()), (Method::Post, "/api/project/tokens"));
        assert_eq!(body(&request), r#"{"name":"ci","permissions":["calling","video"]}"#);
        spec.subproject = ProjectId::parse(ID);
        assert!(body(&create(&access(), &spec)).contains(&format!(r#""subproject_id":"{ID}""#)));

        let id = TokenId::parse(&ID.to_uppercase()).unwrap();
        let change = TokenChange { scopes: Some(scopes), ..TokenChange::default() };
        let request = update(&access(), &id, &change);
        assert_eq!((request.method, request.target.as_str()), (Method::Patch, &*format!("/api/project/tokens/{ID}")));
        assert_eq!(body(&request), r#"{"permissions":["calling","video"]}"#);
        let more = TokenChange { others: BTreeSet::from(["fsa".to_owned()]), ..change };
        assert_eq!(body(&update(&access(), &id, &more)), r#"{"permissions":["calling","video","fsa"]}"#);
        let request = delete(&access(), &id);
        assert_eq!((request.method, request.target.as_str()), (Method::Delete, &*format!("/api/project/tokens/{ID}")));
    }

    #[test]
    fn an_answer_is_read_as_far_as_it_goes() {
        let text =
            format!(r#"{{"id":"{ID}","name":"ci","permissions":["video","fsa",1],"token":"sesame-1","more":[]}}"#);
        let whole = answer(&text).unwrap();
        assert_eq!(whole.id.as_ref().unwrap().as_str(), ID);
        assert_eq!(whole.scopes, Some(BTreeSet::from([Scope::Video])));
        assert_eq!(whole.unknown, ["fsa", "(1)"]);
        assert!(!whole.has_words_for_all());
        assert_eq!(whole.others(), BTreeSet::from(["fsa".to_owned()]));
        let odd = answer(r#"{"permissions":["Fsa","","a b","x\u001b[2J","l_1-2"]}"#).unwrap();
        assert_eq!((odd.unknown.len(), odd.others()), (5, BTreeSet::from(["l_1-2".to_owned()])));
        assert_eq!(whole.value.as_ref().unwrap().expose(), b"sesame-1");
        assert!(!format!("{whole:?}").contains("sesame"));
        let nothing = answer(r#"{"id":7,"name":null,"permissions":"video","token":null}"#).unwrap();
        assert!(nothing.id.is_none() && nothing.name.is_none() && nothing.scopes.is_none() && nothing.value.is_none());
        assert!(answer("{}").unwrap().id.is_none());
    }

    #[test]
    fn what_is_no_answer_was_carried_out_all_the_same() {
        let failed = |failure| Error::Failure { failure, arrival: Arrival::Done };
        assert_eq!(answer("[]").unwrap_err(), failed(Failure::Unexpected("a token")));
        assert_eq!(answer("<html>").unwrap_err(), failed(Failure::NotJson));
        assert_eq!(answer(r#"{"token":"sesa"#).unwrap_err(), failed(Failure::NotJson));
        assert_eq!(answer(r#"{"token":{"value":"sesame"}}"#).unwrap_err(), failed(Failure::Unexpected("a token")));
    }

    #[test]
    fn a_name_says_something_and_moves_no_cursor() {
        for text in ["", "  ", "a\nb", "\u{1b}[2J", &"x".repeat(251)] {
            assert_eq!(Name::parse(text), None, "{text}");
        }
        assert_eq!(Name::parse(" grün ").unwrap().as_str(), "grün");
    }
}
