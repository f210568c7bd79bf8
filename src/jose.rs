//! Decides how a client token is read without its key: what its segments are, and when it ends.
//!
//! Formats: RFC 7515 (JWS) and RFC 7516 (JWE), compact serialization. Nothing is verified: the key is SignalWire's.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The JSON object that a segment holds; `None` if it holds none.
pub fn object(segment: &[u8]) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(segment).ok()?;
    serde_json::from_slice(&bytes).ok().filter(Value::is_object)
}

/// When a token ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It does not say, or says it in a part that is encrypted.
    Unknown,
    /// It does not.
    Never,
    /// At this time, in seconds since 1970, UTC.
    At(i64),
}

/// When the token with this header and these claims ends; claims that are encrypted are null.
///
/// A video room token ends at `ju` (join until) or never; a chat token lives for `t` minutes from `iat` on.
pub fn end(header: &Value, claims: &Value) -> End {
    if !claims.is_object() {
        return End::Unknown;
    }
    let time = |claim: &str| claims[claim].as_i64();
    match header["typ"].as_str().unwrap_or_default() {
        "VRT" => time("ju").or_else(|| time("exp")).map_or(End::Never, End::At),
        "CRT" => match (time("iat"), time("t")) {
            (Some(issued), Some(minutes)) => End::At(issued.saturating_add(minutes.saturating_mul(60))),
            _ => End::Unknown,
        },
        _ => time("exp").map_or(End::Unknown, End::At),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_segment_is_an_object_in_base64url() {
        assert_eq!(object(b"eyJhIjoxfQ"), Some(json!({"a": 1})));
        assert_eq!(object(b"MQ"), None);
        assert_eq!(object(b"eyJhIjoxfQ=="), None);
    }

    #[test]
    fn each_kind_says_its_end_in_its_own_way() {
        assert_eq!(end(&json!({"typ": "VRT"}), &json!({"iat": 1})), End::Never);
        assert_eq!(end(&json!({"typ": "VRT"}), &json!({"ju": 9})), End::At(9));
        assert_eq!(end(&json!({"typ": "CRT"}), &json!({"iat": 60, "t": 2})), End::At(180));
        assert_eq!(end(&json!({"typ": "JWT"}), &json!({"exp": 5})), End::At(5));
        assert_eq!(end(&json!({"typ": "SAT"}), &Value::Null), End::Unknown);
    }
}
