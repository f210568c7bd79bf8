//! Decides how client tokens are asked for: which fields each kind has, within which limits, and what comes back.
//!
//! Fields and limits are those of SignalWire's specification of the Video, Chat, `PubSub` and Fabric APIs, as of August 2026.

use std::fmt;

use serde_json::{Map, Value};

use super::Space;
use super::error::{Arrival, Error, Failure};
use super::permission;
use super::request::{Auth, Method, Payload, Request, Target};
use super::response::Response;
use crate::secret::Secret;

/// A kind of client token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// For a video room.
    Room,
    /// For chat channels.
    Chat,
    /// For channels of publish and subscribe.
    Pubsub,
    /// For a subscriber of the call fabric (SAT).
    Subscriber,
    /// For a guest of the call fabric, who may reach some addresses.
    Guest,
    /// A new one for a subscriber, by a refresh token.
    Refresh,
}

/// What the value of a field has to be.
#[derive(Clone, Copy, Debug)]
enum Limit {
    /// A text of so many characters at most, and one at least.
    Text(usize),
    /// The same, of letters, digits, hyphens and underscores.
    Word(usize),
    /// A text of exactly so many letters, digits, hyphens and underscores.
    Print(usize),
    /// A whole number from and to.
    Whole(i64, i64),
    /// True or false.
    Switch,
    /// An object of so many characters at most, as JSON.
    Object(usize),
    /// One of these.
    Choice(&'static [&'static str]),
    /// A UUID.
    Id,
    /// So many UUIDs at most, and one at least.
    Ids(usize),
    /// Permissions of a room.
    Permissions,
    /// A time as RFC 3339 writes it.
    Time,
    /// Channels: so many at most, and one at least.
    Channels(usize),
}

/// A field of a request.
struct Field(&'static str, Limit);

const SECOND_LIMIT: i64 = 200_000;
const LONG: usize = 10_000;
const UNTIL: Limit = Limit::Whole(1, 253_402_300_799);
const REGIONS: Limit = Limit::Choice(&["us-central"]);

const ROOM: &[Field] = &[
    Field("room_name", Limit::Word(100)),
    Field("user_name", Limit::Text(100)),
    Field("room_display_name", Limit::Text(200)),
    Field("permissions", Limit::Permissions),
    Field("join_from", Limit::Time),
    Field("join_until", Limit::Time),
    Field("remove_at", Limit::Time),
    Field("remove_after_seconds_elapsed", Limit::Whole(1, SECOND_LIMIT)),
    Field("join_as", Limit::Choice(&["member", "audience"])),
    Field("media_allowed", Limit::Choice(&["all", "video-only", "audio-only"])),
    Field("join_audio_muted", Limit::Switch),
    Field("join_video_muted", Limit::Switch),
    Field("auto_create_room", Limit::Switch),
    Field("enable_room_previews", Limit::Switch),
    Field("end_room_session_on_leave", Limit::Switch),
    Field("sync_audio_video", Limit::Switch),
    Field("room_meta", Limit::Object(2_000)),
    Field("meta", Limit::Object(2_000)),
];

const CHANNELS: &[Field] = &[
    Field("ttl", Limit::Whole(1, 43_200)),
    Field("channels", Limit::Channels(500)),
    Field("member_id", Limit::Text(250)),
    Field("state", Limit::Object(2_000)),
];

const SUBSCRIBER: &[Field] = &[
    Field("reference", Limit::Text(LONG)),
    Field("expire_at", UNTIL),
    Field("application_id", Limit::Id),
    Field("password", Limit::Text(LONG)),
    Field("fingerprint", Limit::Print(43)),
    Field("scope", Limit::Choice(&["sat:refresh"])),
    Field("first_name", Limit::Text(LONG)),
    Field("last_name", Limit::Text(LONG)),
    Field("display_name", Limit::Text(LONG)),
    Field("job_title", Limit::Text(LONG)),
    Field("time_zone", Limit::Text(LONG)),
    Field("country", Limit::Text(LONG)),
    Field("company_name", Limit::Text(LONG)),
    Field("region", REGIONS),
];

const GUEST: &[Field] = &[
    Field("allowed_addresses", Limit::Ids(10)),
    Field("expire_at", UNTIL),
    Field("region", REGIONS),
    Field("ch", REGIONS),
];

const REFRESH: &[Field] = &[Field("refresh_token", Limit::Text(LONG))];

impl Kind {
    fn path(self) -> &'static [&'static str] {
        match self {
            Self::Room => &["api", "video", "room_tokens"],
            Self::Chat => &["api", "chat", "tokens"],
            Self::Pubsub => &["api", "pubsub", "tokens"],
            Self::Subscriber => &["api", "fabric", "subscribers", "tokens"],
            Self::Guest => &["api", "fabric", "guests", "tokens"],
            Self::Refresh => &["api", "fabric", "subscribers", "tokens", "refresh"],
        }
    }

    /// Whether a refresh token comes with it.
    pub fn has_refresh(self) -> bool {
        matches!(self, Self::Subscriber | Self::Guest | Self::Refresh)
    }

    fn fields(self) -> &'static [Field] {
        match self {
            Self::Room => ROOM,
            Self::Chat | Self::Pubsub => CHANNELS,
            Self::Subscriber => SUBSCRIBER,
            Self::Guest => GUEST,
            Self::Refresh => REFRESH,
        }
    }

    /// The fields that there has to be a value for; they are the first ones of each list.
    fn required(self) -> &'static [&'static str] {
        match self {
            Self::Room => &["room_name"],
            Self::Chat | Self::Pubsub => &["ttl", "channels"],
            Self::Subscriber => &["reference"],
            Self::Guest => &["allowed_addresses"],
            Self::Refresh => &["refresh_token"],
        }
    }
}

/// A value that is not within the limits of its field. It is not repeated: it could be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The field, as the API calls it.
    pub field: &'static str,
    /// What it has to be.
    pub why: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.why)
    }
}

impl std::error::Error for Wrong {}

/// The body of a request for a client token.
#[derive(Clone)]
pub struct Spec {
    kind: Kind,
    body: Map<String, Value>,
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A password or a refresh token can be among the values.
        f.debug_struct("Spec").field("kind", &self.kind).field("fields", &self.body.keys()).finish()
    }
}

impl Spec {
    /// One without any field.
    pub fn new(kind: Kind) -> Self {
        Self { kind, body: Map::new() }
    }

    /// What it asks for.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Gives a field its value, if there is one.
    ///
    /// # Errors
    /// It is not within the limits of the field, or this kind of token has no such field.
    pub fn set(&mut self, name: &'static str, value: Option<Value>) -> Result<(), Wrong> {
        let Some(value) = value else { return Ok(()) };
        let field = self.kind.fields().iter().find(|Field(known, _)| *known == name);
        let why = match field {
            None => Some("is not a field of this kind of token".to_owned()),
            Some(Field(_, limit)) => limit.complain(&value),
        };
        if let Some(why) = why {
            return Err(Wrong { field: name, why });
        }
        self.body.insert(name.to_owned(), value);
        Ok(())
    }

    /// The request for such a token.
    ///
    /// # Errors
    /// A field is missing.
    pub fn request(&self, space: &Space, auth: Auth) -> Result<Request, Wrong> {
        let missing = self.kind.required().iter().find(|name| !self.body.contains_key(**name));
        if let Some(&field) = missing {
            return Err(Wrong { field, why: "is missing".to_owned() });
        }
        let target = Target::of(self.kind.path().iter().copied());
        let payload = Payload::json(&Value::Object(self.body.clone()));
        Ok(Request::new(space, Method::Post, target, auth).send(payload))
    }
}

impl Limit {
    /// What the value should be, if it is not.
    fn complain(self, value: &Value) -> Option<String> {
        let text = value.as_str();
        let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        let count = |text: &str| text.chars().count();
        let (is_right, why) = match self {
            Self::Text(most) => {
                (text.is_some_and(|text| (1..=most).contains(&count(text))), format!("takes 1 to {most} characters"))
            }
            Self::Word(most) => (
                text.is_some_and(|text| (1..=most).contains(&text.len()) && is_word(text)),
                format!("takes 1 to {most} letters, digits, hyphens and underscores"),
            ),
            Self::Print(length) => (
                text.is_some_and(|text| text.len() == length && is_word(text)),
                format!("takes {length} letters, digits, hyphens and underscores: the thumbprint of a key"),
            ),
            Self::Whole(least, most) => (
                value.as_i64().is_some_and(|number| (least..=most).contains(&number)),
                format!("takes a number from {least} to {most}"),
            ),
            Self::Switch => (value.is_boolean(), "takes true or false".to_owned()),
            Self::Object(most) => (
                value.is_object() && count(&value.to_string()) <= most,
                format!("takes a JSON object of at most {most} characters"),
            ),
            Self::Choice(words) => {
                (text.is_some_and(|text| words.contains(&text)), format!("takes {}", words.join(", ")))
            }
            Self::Id => (text.is_some_and(is_id), "takes a UUID".to_owned()),
            Self::Ids(most) => (
                list(value, most).is_some_and(|ids| ids.iter().all(|id| id.as_str().is_some_and(is_id))),
                format!("takes 1 to {most} UUIDs"),
            ),
            Self::Permissions => return permissions(value),
            Self::Time => (text.is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()), "takes a time".to_owned()),
            Self::Channels(most) => return channels(value, most),
        };
        (!is_right).then_some(why)
    }
}

fn is_id(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// A list of 1 to `most` values.
fn list(value: &Value, most: usize) -> Option<&[Value]> {
    value.as_array().map(Vec::as_slice).filter(|list| (1..=most).contains(&list.len()))
}

fn permissions(value: &Value) -> Option<String> {
    let unknown = value.as_array()?.iter().find_map(|word| match word.as_str() {
        Some(word) => permission::check(word).err(),
        None => Some(permission::Unknown { nearest: None }),
    });
    Some(match unknown? {
        permission::Unknown { nearest: Some(nearest) } => {
            format!("takes what is allowed in a room; did you mean {nearest}?")
        }
        permission::Unknown { nearest: None } => {
            "takes what is allowed in a room, such as room.self.audio_mute".to_owned()
        }
    })
}

fn channels(value: &Value, most: usize) -> Option<String> {
    let channels = value.as_object()?;
    if !(1..=most).contains(&channels.len()) {
        return Some(format!("takes 1 to {most} channels"));
    }
    let is_name = |name: &String| (1..=250).contains(&name.chars().count()) && !name.starts_with("sw_");
    if !channels.keys().all(is_name) {
        return Some("takes names of 1 to 250 characters that do not begin with sw_".to_owned());
    }
    let is_right = |(key, value): (&String, &Value)| matches!(key.as_str(), "read" | "write") && value.is_boolean();
    let is_rights =
        |value: &Value| value.as_object().is_some_and(|rights| !rights.is_empty() && rights.iter().all(is_right));
    (!channels.values().all(is_rights)).then(|| "takes read, write or both for each channel".to_owned())
}

/// What came back.
#[derive(Debug)]
pub struct Minted {
    /// The client token.
    pub token: Secret,
    /// What gets another one when this one ends.
    pub refresh: Option<Secret>,
    /// The id of the subscriber.
    pub subscriber: Option<String>,
}

impl Minted {
    /// Reads an answer.
    ///
    /// # Errors
    /// It is not JSON, or lacks the token. A token was made all the same.
    pub fn read(response: &Response) -> Result<Self, Error> {
        let answer = response.json()?;
        let secret = |name: &str| answer[name].as_str().filter(|text| !text.is_empty()).map(Secret::new);
        let lost = || Error::Failure { failure: Failure::Unexpected("the token"), arrival: Arrival::Done };
        Ok(Self {
            token: secret("token").ok_or_else(lost)?,
            refresh: secret("refresh_token"),
            subscriber: answer["subscriber_id"].as_str().filter(|id| is_id(id)).map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn why(kind: Kind, name: &'static str, value: Value) -> Option<String> {
        Spec::new(kind).set(name, Some(value)).err().map(|wrong| wrong.why)
    }

    #[test]
    fn each_limit_holds_at_its_edge() {
        let long = |count| Value::String("a".repeat(count));
        let cases = [
            (Kind::Room, "room_name", long(100), long(101)),
            (Kind::Room, "room_name", json!("a-b_C1"), json!("a b")),
            (Kind::Room, "user_name", json!("Zoë"), json!("")),
            (Kind::Room, "remove_after_seconds_elapsed", json!(200_000), json!(200_001)),
            (Kind::Room, "join_as", json!("audience"), json!("boss")),
            (Kind::Room, "media_allowed", json!("audio-only"), json!("audio")),
            (Kind::Room, "join_until", json!("2026-11-23T00:00:00Z"), json!("tomorrow")),
            (Kind::Room, "meta", json!({"a": 1}), json!([1])),
            (Kind::Room, "permissions", json!(["room.self.audio_mute"]), json!(["room.self.audio_mutee"])),
            (Kind::Chat, "ttl", json!(43_200), json!(43_201)),
            (Kind::Chat, "ttl", json!(1), json!(0)),
            (Kind::Chat, "channels", json!({"a": {"read": true}}), json!({"a": {}})),
            (Kind::Pubsub, "channels", json!({"a": {"write": true}}), json!({"sw_a": {"read": true}})),
            (Kind::Pubsub, "member_id", long(250), long(251)),
            (Kind::Subscriber, "fingerprint", long(43), long(42)),
            (Kind::Subscriber, "scope", json!("sat:refresh"), json!("sat")),
            (Kind::Guest, "allowed_addresses", json!([uuid::Uuid::nil().to_string()]), json!([])),
        ];
        for (kind, name, right, wrong) in cases {
            assert_eq!(why(kind, name, right), None, "{name}");
            assert!(why(kind, name, wrong).is_some(), "{name}");
        }
        assert!(why(Kind::Guest, "reference", json!("x")).unwrap().contains("not a field"));
        assert!(
            why(Kind::Room, "permissions", json!(["room.self.audio_mutee"])).unwrap().contains("room.self.audio_mute?")
        );
    }

    #[test]
    fn every_field_that_is_needed_is_asked_for() {
        for kind in [Kind::Room, Kind::Chat, Kind::Pubsub, Kind::Subscriber, Kind::Guest, Kind::Refresh] {
            for name in kind.required() {
                assert!(kind.fields().iter().any(|Field(known, _)| known == name), "{kind:?} {name}");
            }
        }
    }
}
