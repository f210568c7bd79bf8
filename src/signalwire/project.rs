//! Decides how projects are listed, made, changed and removed. The signing key is shown when a project is made and when
//! the key is replaced, and never again.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::error::{Arrival, Error, Failure};
use super::hidden::{self, Hidden};
use super::page;
use super::request::{Method, Payload, Reading, Request, Target};
use super::response::Response;
use super::token::Name;
use super::{Access, Client, ProjectId};
use crate::secret::Secret;

/// Projects on one page; the specification allows 1 to 1000.
const PAGE_SIZE: &str = "100";

/// More pages are not asked for: 20 000 projects.
const MOST_PAGES: usize = 200;

/// A page of projects is not longer, in bytes.
const LONGEST_PAGE: Reading = Reading::UpTo(8 << 20);

/// A project; names and times are texts of the server. What is missing or of another type counts as not told: it is for
/// people to read, and beside it may stand a key that is told once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct Project {
    /// Its id.
    #[serde(deserialize_with = "lenient")]
    pub id: String,
    /// What it is called.
    #[serde(deserialize_with = "lenient")]
    pub name: String,
    /// The project that it is below.
    #[serde(deserialize_with = "lenient")]
    pub parent_project_id: Option<String>,
    /// Whether it is below another one.
    #[serde(deserialize_with = "lenient")]
    pub subproject: Option<bool>,
    /// Where its media is handled by preference.
    #[serde(deserialize_with = "lenient")]
    pub region_preference: Option<String>,
    /// Whether recordings are reached by credentials alone.
    #[serde(deserialize_with = "lenient")]
    pub protect_recordings: Option<bool>,
    /// Whether media of messages is.
    #[serde(deserialize_with = "lenient")]
    pub protect_message_media: Option<bool>,
    /// Whether media of faxes is.
    #[serde(deserialize_with = "lenient")]
    pub protect_fax_media: Option<bool>,
    /// Whether webhooks are sent to HTTPS alone.
    #[serde(deserialize_with = "lenient")]
    pub force_https_requests: Option<bool>,
    /// When it was made, ISO 8601 in UTC.
    #[serde(deserialize_with = "lenient")]
    pub created_at: Option<String>,
    /// When it was changed last.
    #[serde(deserialize_with = "lenient")]
    pub updated_at: Option<String>,
}

/// A field, or nothing where it is not what it should be.
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(deserializer: D) -> Result<T, D::Error> {
    Value::deserialize(deserializer).map(|value| serde_json::from_value(value).unwrap_or_default())
}

/// A project with its signing key.
#[derive(Debug)]
pub struct KeyedProject {
    /// The project, as far as the answer tells of it.
    pub project: Project,
    /// The key that signs webhooks.
    pub signing_key: Option<Secret>,
}

/// All projects that are visible to `access`: its own and those below; with `name`, those of that name.
///
/// # Errors
/// A page cannot be had, leads to another host, or there are too many of them.
pub fn list(client: &Client, access: &Access, name: Option<&str>) -> Result<Vec<Project>, Error> {
    let mut found = Vec::new();
    let mut next = Some(first_page(name));
    let mut pages = 0;
    while let Some(target) = next {
        pages += 1;
        if pages > MOST_PAGES {
            return Err(unexpected("a last page: there are more than 200"));
        }
        let response = client.send(&access.request(Method::Get, target.clone()).read(LONGEST_PAGE))?;
        let mut page = response.json()?;
        let Some(Value::Array(data)) = page.get_mut("data").map(Value::take) else {
            return Err(unexpected("`data`, a list of projects"));
        };
        for project in data {
            let project = Some(project).filter(Value::is_object).map(serde_json::from_value);
            found.push(project.and_then(Result::ok).ok_or_else(|| unexpected("projects in `data`"))?);
        }
        next = match page::next(&access.space, &page) {
            Ok(next) if next.as_ref().is_some_and(|next| next.path() != target.path()) => {
                return Err(unexpected("a next page that is one of projects"));
            }
            Ok(next) => next,
            Err(_) => return Err(unexpected("a next page on the same host")),
        };
    }
    Ok(found)
}

fn first_page(name: Option<&str>) -> Target {
    let target = collection().with("page_size", PAGE_SIZE);
    name.map_or_else(|| target.clone(), |name| target.with("name", name))
}

fn unexpected(what: &'static str) -> Error {
    Error::Failure { failure: Failure::Unexpected(what), arrival: Arrival::Done }
}

/// Where projects are.
pub fn collection() -> Target {
    Target::of(["api", "projects"])
}

fn one(id: &ProjectId) -> Target {
    Target::of(["api", "projects", id.as_str()])
}

/// The request for one project.
pub fn show(access: &Access, id: &ProjectId) -> Request {
    access.request(Method::Get, one(id))
}

/// A restriction that is off in a project unless it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Restriction {
    /// Recordings are reached by credentials alone.
    Recordings,
    /// Media of messages is.
    MessageMedia,
    /// Media of faxes is.
    FaxMedia,
    /// Webhooks are sent to HTTPS alone.
    Https,
}

impl Restriction {
    /// The field of a project that stands for it.
    fn field(self) -> &'static str {
        match self {
            Self::Recordings => "protect_recordings",
            Self::MessageMedia => "protect_message_media",
            Self::FaxMedia => "protect_fax_media",
            Self::Https => "force_https_requests",
        }
    }
}

/// The request that makes a subproject of the project that asks.
pub fn create(access: &Access, name: &Name, restrictions: &[Restriction]) -> Request {
    let mut body = json!({ "name": name.as_str() });
    for restriction in restrictions {
        body[restriction.field()] = true.into();
    }
    access.request(Method::Post, collection()).send(Payload::json(&body))
}

/// The request that gives a project another name.
pub fn rename(access: &Access, id: &ProjectId, name: &Name) -> Request {
    access.request(Method::Patch, one(id)).send(Payload::json(&json!({ "name": name.as_str() })))
}

/// The request that removes a subproject. That cannot be undone.
pub fn delete(access: &Access, id: &ProjectId) -> Request {
    access.request(Method::Delete, one(id))
}

/// The request that replaces the signing key of a project. The old key is of use for one or two minutes more.
pub fn rotate_signing_key(access: &Access, id: &ProjectId) -> Request {
    access.request(Method::Post, Target::of(["api", "projects", id.as_str(), "signing-key", "rotate"]))
}

impl Project {
    /// What an answer says of one project.
    ///
    /// # Errors
    /// It is not JSON, or no project.
    pub fn read(response: &Response) -> Result<Self, Error> {
        KeyedProject::read(response).map(|keyed| keyed.project)
    }
}

impl KeyedProject {
    /// What an answer to [`create`] or [`rotate_signing_key`] says.
    ///
    /// # Errors
    /// It is not JSON, or no project. What was asked for has been done all the same.
    pub fn read(response: &Response) -> Result<Self, Error> {
        let body = response.body.expose();
        let key: RawKey = hidden::object(body, "a project")?;
        let project = hidden::object(body, "a project")?;
        Ok(Self { project, signing_key: key.signing_key.0 })
    }
}

#[derive(Deserialize)]
struct RawKey {
    #[serde(default)]
    signing_key: Hidden,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_does_not_stay_in_the_project() {
        let body = r#"{"id":"x","name":"n","signing_key":"sesame-1","parent_project_id":null,"subproject":true,"z":1}"#;
        let response = Response { status: 201, media_type: None, body: Secret::new(body) };
        let keyed = KeyedProject::read(&response).unwrap();
        assert_eq!(keyed.signing_key.as_ref().unwrap().expose(), b"sesame-1");
        assert!(!serde_json::to_string(&keyed.project).unwrap().contains("sesame"));
        assert!(!format!("{keyed:?}").contains("sesame"));
        let odd = r#"{"id":7,"name":null,"created_at":1,"subproject":"yes","signing_key":"sesame-1"}"#;
        let keyed = KeyedProject::read(&Response { status: 201, media_type: None, body: Secret::new(odd) }).unwrap();
        assert_eq!(keyed.signing_key.as_ref().unwrap().expose(), b"sesame-1");
        assert_eq!(keyed.project, Project::default());
        let response = Response { status: 201, media_type: None, body: Secret::new("[]") };
        assert!(KeyedProject::read(&response).is_err());
    }

    #[test]
    fn a_name_is_asked_for_as_a_parameter() {
        assert_eq!(first_page(Some("a&b")).as_str(), "/api/projects?page_size=100&name=a%26b");
    }
}
