//! Decides what a client token says of itself: its kind, its end, and whom and what it is for. Nothing is verified and nobody
//! is asked.
//!
//! Headers and claims are those that SignalWire's documentation and SDKs show; `docs/` of the SDKs name most claims nowhere,
//! so what is not known is shown as it is.

use serde_json::Value;

use crate::jose::{End, end, is_chat, number, object};
use crate::secret::Secret;

/// What a text was taken for.
#[derive(Clone, Debug, PartialEq)]
pub enum Inspected {
    /// A client token of SignalWire.
    Token(Box<ClientToken>),
    /// A token in compact serialization that is not SignalWire's, with its header.
    Foreign(Value),
    /// A credential of SignalWire that holds nothing to read; what it is, and what to do with it.
    Opaque(&'static str),
    /// Nothing that is known.
    Unknown,
}

/// A client token of SignalWire.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientToken {
    /// What it is for.
    pub kind: ClientKind,
    /// The header.
    pub header: Value,
    /// The claims; null if they are encrypted.
    pub claims: Value,
    /// When it ends.
    pub end: End,
}

/// What a client token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKind {
    /// A video room.
    Room,
    /// Chat, or publish and subscribe.
    Chat,
    /// A subscriber, a guest, or somebody who was invited: all have one envelope.
    Subscriber,
    /// What gets a new token for a subscriber.
    Refresh,
    /// A connection of the older Relay SDKs.
    Relay,
    /// What gets a new token for the same.
    RelayRefresh,
    /// A subscriber who signed in by OAuth.
    Oauth,
}

impl ClientKind {
    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Room => "room",
            Self::Chat => "chat",
            Self::Subscriber => "subscriber",
            Self::Refresh => "refresh",
            Self::Relay => "relay",
            Self::RelayRefresh => "relay-refresh",
            Self::Oauth => "oauth-subscriber",
        }
    }

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Room => "video room token",
            Self::Chat => "chat or PubSub token",
            Self::Subscriber => "subscriber token: of a subscriber, a guest, an invitation or a click-to-call widget",
            Self::Refresh => "refresh token of a subscriber",
            Self::Relay => "Relay token of the older SDKs",
            Self::RelayRefresh => "refresh token of the older SDKs",
            Self::Oauth => "subscriber token of an OAuth sign-in",
        }
    }
}

/// Longer than any token, in bytes.
pub const MOST: usize = 64 << 10;

/// Reads `text`: a token alone, in quotes, after `Bearer` (as the whole header of a request, too), or as a field of the JSON
/// answer that it came in.
pub fn inspect(text: &Secret) -> Inspected {
    let Ok(text) = std::str::from_utf8(text.expose()) else { return Inspected::Unknown };
    if text.len() > MOST {
        return Inspected::Unknown;
    }
    let text = text.trim_start_matches('\u{feff}').trim();
    if let Some(token) = serde_json::from_str::<Value>(text).ok().as_ref().and_then(field) {
        return read(bare(token));
    }
    read(bare(text))
}

/// The token in an answer of the API.
fn field(answer: &Value) -> Option<&str> {
    ["token", "jwt_token", "refresh_token"].iter().find_map(|name| answer.get(name)?.as_str()).or(answer.as_str())
}

fn bare(text: &str) -> &str {
    let text = text.trim().trim_matches(['"', '\'', '`']).trim();
    ["authorization:", "bearer"].iter().fold(text, |text, before| match text.split_at_checked(before.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(before) => rest.trim(),
        _ => text,
    })
}

fn read(token: &str) -> Inspected {
    let segments: Vec<&[u8]> = token.split('.').map(str::as_bytes).collect();
    if !matches!(segments.len(), 3 | 5) {
        return opaque(token).map_or(Inspected::Unknown, Inspected::Opaque);
    }
    let Some(header) = object(segments[0]) else { return Inspected::Unknown };
    if segments.len() == 3 && (segments[2].is_empty() || is_unsigned(&header)) {
        return Inspected::Opaque("it has no signature, so it is none of SignalWire's");
    }
    let claims = if segments.len() == 3 { object(segments[1]).unwrap_or(Value::Null) } else { Value::Null };
    let Some(kind) = kind(&header, &claims) else { return Inspected::Foreign(header) };
    let end = end(&header, &claims);
    Inspected::Token(Box::new(ClientToken { kind, header, claims, end }))
}

fn is_unsigned(header: &Value) -> bool {
    header["alg"].as_str().is_some_and(|algorithm| algorithm.eq_ignore_ascii_case("none"))
}

/// What a token is for, by its header and, unless they are encrypted or damaged, its claims.
fn kind(header: &Value, claims: &Value) -> Option<ClientKind> {
    let is_signed = claims.is_object();
    let is_ours = || {
        let host = header["ch"].as_str().unwrap_or_default();
        ["signalwire.com", "swire.io"]
            .iter()
            .any(|domain| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
    };
    match header["typ"].as_str().unwrap_or_default() {
        "VRT" if !is_chat(claims) => Some(ClientKind::Room),
        "CRT" | "VRT" => Some(ClientKind::Chat),
        "SAT" => Some(ClientKind::Subscriber),
        "Refresh" if claims["iss"] == "SignalWire JWT" => Some(ClientKind::RelayRefresh),
        "Refresh" if !is_signed && header["alg"] == "dir" => Some(ClientKind::Refresh),
        _ if claims["iss"] == "SignalWire JWT" => Some(ClientKind::Relay),
        _ if claims.get("subscriber_id").is_some() && claims.get("project_id").is_some() => Some(ClientKind::Oauth),
        _ if !is_signed && is_ours() => Some(ClientKind::Subscriber),
        _ => None,
    }
}

/// What is known of a credential by its shape alone.
fn opaque(text: &str) -> Option<&'static str> {
    let rest = |prefix: &str| text.strip_prefix(prefix).filter(|rest| rest.len() >= 16);
    let is_hex = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    if rest("PT").is_some_and(is_hex) {
        return Some("an API token: it holds nothing to read; `barewire verify` asks whether it is alive");
    }
    let is_key = |rest: &str| {
        rest.bytes().any(|byte| byte.is_ascii_digit()) && rest.bytes().any(|byte| byte.is_ascii_lowercase())
    };
    if rest("PSK_").is_some_and(is_key) {
        return Some("a signing key of webhooks: it holds nothing to read, and cannot be tried");
    }
    if rest("pat_").is_some() {
        return Some("a personal access token for FreeSWITCH packages: it holds nothing to read");
    }
    if rest("vpt_").is_some_and(is_hex) {
        return Some("a token of a video conference: it holds nothing to read, and never ends by itself");
    }
    if rest("c2c_").or(rest("c2t_")).is_some_and(is_hex) {
        return Some("a click-to-call token: it is meant to be seen, in a page");
    }
    None
}

impl ClientToken {
    /// Whether it has ended at the time `now`, in seconds since 1970, UTC; `None` if it does not tell.
    pub fn has_ended(&self, now: i64) -> Option<bool> {
        match self.end {
            End::Unknown => None,
            End::Never => Some(false),
            End::At(time) => Some(time <= now),
        }
    }

    /// The Project ID.
    pub fn project(&self) -> Option<&str> {
        self.claims["project_id"].as_str().or(self.claims["sub"].as_str())
    }

    /// What else it says, in the words for people: a name and one or more values.
    pub fn facts(&self) -> Vec<(&'static str, Vec<String>)> {
        let text = |claim: &str| match &self.claims[claim] {
            Value::Null => Vec::new(),
            Value::String(text) => vec![text.clone()],
            Value::Array(list) => list.iter().map(shown).collect(),
            other => vec![other.to_string()],
        };
        let time = |claim: &str| match number(&self.claims[claim]) {
            Some(seconds) => vec![date(seconds)],
            None => text(claim),
        };
        let mut facts = vec![("connects to", self.header["ch"].as_str().map(str::to_owned).into_iter().collect())];
        match self.kind {
            ClientKind::Room => facts.extend([
                ("room", text("r")),
                ("user", text("u")),
                ("permissions", text("s")),
                ("makes the room", text("acr")),
                ("joins from", time("jf")),
                ("joins until", time("ju")),
                ("is removed at", time("rat")),
                ("is removed after", text("rse").into_iter().map(|seconds| format!("{seconds} s")).collect()),
                ("joins as", text("ja")),
                ("media", text("ma")),
                ("meta", text("mta")),
                ("meta of the room", text("rmta")),
            ]),
            ClientKind::Chat => {
                facts.extend([("member", text("m")), ("channels", self.channels()), ("state", text("stt"))]);
            }
            ClientKind::Relay => facts.extend([("scope", text("scope")), ("resource", text("resource"))]),
            ClientKind::Oauth => facts.extend([("subscriber", text("subscriber_id")), ("client", text("client_id"))]),
            ClientKind::Subscriber | ClientKind::Refresh | ClientKind::RelayRefresh => {
                facts.push(("scope", text("scope")));
            }
        }
        facts.push(("issued", time("iat")));
        facts.push(("id", text("jti")));
        facts.retain(|(_, values)| !values.is_empty());
        facts
    }

    /// The channels of a chat token with what may be done in each.
    fn channels(&self) -> Vec<String> {
        let rights = |rights: &Value| match (rights["read"] == true, rights["write"] == true) {
            (true, true) => "read and write",
            (true, false) => "read",
            (false, true) => "write",
            (false, false) => "nothing",
        };
        let channels = self.claims["chls"].as_object().into_iter().flatten();
        channels.map(|(name, value)| format!("{name} ({})", rights(value))).collect()
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A time in seconds since 1970 as a date; the number itself if no calendar knows it.
pub fn date(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn signed(header: &Value, claims: &Value) -> String {
        let [header, claims] = [header, claims].map(|value| URL_SAFE_NO_PAD.encode(value.to_string()));
        format!("{header}.{claims}.{}", "s".repeat(86))
    }

    fn sealed(header: &Value) -> String {
        format!(
            "{}..{}.{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            "i".repeat(16),
            "c".repeat(80),
            "t".repeat(22)
        )
    }

    fn token(text: &str) -> ClientToken {
        match inspect(&Secret::new(text)) {
            Inspected::Token(token) => *token,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_kind_is_told_by_its_header() {
        let iss = json!({"iss": "SignalWire JWT", "exp": 9});
        let cases = [
            (signed(&json!({"typ": "VRT"}), &json!({"r": "x"})), ClientKind::Room, End::Never),
            (signed(&json!({"typ": "CRT"}), &json!({"iat": 60, "t": 1})), ClientKind::Chat, End::At(120)),
            (signed(&json!({"typ": "JWT"}), &iss), ClientKind::Relay, End::At(9)),
            (signed(&json!({"typ": "Refresh"}), &iss), ClientKind::RelayRefresh, End::At(9)),
            (
                signed(&json!({"typ": "JWT"}), &json!({"subscriber_id": 1, "project_id": 2})),
                ClientKind::Oauth,
                End::Unknown,
            ),
            (sealed(&json!({"alg": "dir", "typ": "SAT"})), ClientKind::Subscriber, End::Unknown),
            (sealed(&json!({"alg": "dir", "typ": "Refresh"})), ClientKind::Refresh, End::Unknown),
        ];
        for (text, kind, end) in cases {
            let forms = [
                text.clone(),
                format!("  Bearer {text}\n"),
                format!("\u{feff}Authorization: bearer {text}\r\n"),
                format!("\"{text}\""),
                json!({"token": text}).to_string(),
                json!({"refresh_token": text}).to_string(),
            ];
            for form in forms {
                let token = token(&form);
                assert_eq!((token.kind, token.end), (kind, end), "{form}");
            }
        }
    }

    #[test]
    fn claims_are_told_in_words() {
        let claims = json!({"r": "lobby", "u": "ann", "s": ["room.lock"], "sub": "p", "ju": 0, "rse": 5, "iat": 1});
        let token = token(&signed(&json!({"typ": "VRT", "ch": "relay.signalwire.com"}), &claims));
        let facts = token.facts();
        let fact = |name: &str| facts.iter().find(|(known, _)| *known == name).unwrap().1.join(",");
        assert_eq!(fact("room"), "lobby");
        assert_eq!(fact("permissions"), "room.lock");
        assert_eq!(fact("joins until"), "1970-01-01T00:00:00Z");
        assert_eq!(fact("is removed after"), "5 s");
        assert_eq!((token.project(), token.has_ended(1)), (Some("p"), Some(true)));
    }

    #[test]
    fn what_is_none_is_said_to_be_none() {
        let foreign = signed(&json!({"alg": "RS256", "typ": "JWT"}), &json!({"iss": "https://accounts.example"}));
        assert!(matches!(inspect(&Secret::new(foreign)), Inspected::Foreign(_)));
        let room = signed(&json!({"alg": "none", "typ": "VRT"}), &json!({"r": "x"}));
        let cut = room.rsplit_once('.').unwrap().0.replacen(
            &room[..8],
            &signed(&json!({"alg": "HS512"}), &json!({}))[..8],
            1,
        );
        for unsigned in [room, format!("{cut}.")] {
            let Inspected::Opaque(why) = inspect(&Secret::new(unsigned)) else { panic!("it is taken for one") };
            assert!(why.contains("no signature"), "{why}");
        }
        let api = format!("PT{}", "0a1b2c3d".repeat(6));
        assert!(matches!(inspect(&Secret::new(api)), Inspected::Opaque(_)));
        for text in ["", "a.b.c", "hello", "{}", "\u{0}", "...."] {
            assert_eq!(inspect(&Secret::new(text)), Inspected::Unknown, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fail(bytes in proptest::collection::vec(any::<u8>(), 0..200), json in ".{0,60}") {
            inspect(&Secret::new(&bytes));
            let [one, other] = [&bytes, json.as_bytes()].map(|part| URL_SAFE_NO_PAD.encode(part));
            for text in [format!("{one}.{other}.x"), format!("{other}..{one}.x.y")] {
                if let Inspected::Token(token) = inspect(&Secret::new(text)) {
                    token.facts();
                }
            }
        }
    }
}
