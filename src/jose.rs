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
/// A video room token ends at `ju` (join until) or never; a chat token lives for `t` minutes from `iat` on. Any of them
/// ends at `exp`, too.
pub fn end(header: &Value, claims: &Value) -> End {
    if !claims.is_object() {
        return End::Unknown;
    }
    let at = |claim: &str| Some(&claims[claim]).filter(|value| !value.is_null()).map(number);
    let lived = || match (number(&claims["iat"]), number(&claims["t"])) {
        (Some(issued), Some(minutes)) => Some(issued.saturating_add(minutes.saturating_mul(60))),
        _ => None,
    };
    let typ = header["typ"].as_str().unwrap_or_default();
    let ends = match typ {
        _ if typ == "CRT" || is_chat(claims) => [Some(lived()), at("exp")],
        "VRT" => [at("ju"), at("exp")],
        _ => [None, Some(number(&claims["exp"]))],
    };
    // The first end counts. One that is there and cannot be read may well be the first.
    let ends = ends.into_iter().flatten().collect::<Option<Vec<i64>>>();
    ends.map_or(End::Unknown, |ends| ends.into_iter().min().map_or(End::Never, End::At))
}

/// Whether the claims are those of a chat token, whatever the header says: a length of life, and channels.
pub fn is_chat(claims: &Value) -> bool {
    claims["chls"].is_object() && !claims["t"].is_null()
}

/// A whole number, also where it is written as a fraction or as a text.
pub fn number(value: &Value) -> Option<i64> {
    let whole = || {
        let number = value.as_f64().filter(|number| number.abs() < 9e15)?;
        // It has no digits but those before the point now.
        format!("{:.0}", number.floor()).parse().ok()
    };
    value.as_i64().or_else(whole).or_else(|| value.as_str()?.trim().parse().ok())
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
        assert_eq!(end(&json!({"typ": "VRT"}), &json!({"ju": 9.7})), End::At(9));
        assert_eq!(end(&json!({"typ": "VRT"}), &json!({"ju": "12"})), End::At(12));
        assert_eq!(end(&json!({"typ": "VRT"}), &json!({"ju": "soon"})), End::Unknown);
        assert_eq!(end(&json!({"typ": "VRT"}), &json!({"ju": 9, "exp": 5})), End::At(5));
        assert_eq!(end(&json!({"typ": "CRT"}), &json!({"iat": 60, "t": 2})), End::At(180));
        assert_eq!(end(&json!({"typ": "CRT"}), &json!({"iat": 60, "t": 2, "exp": 90})), End::At(90));
        assert_eq!(end(&json!({"typ": "VRT"}), &json!({"iat": 60, "t": 2, "chls": {"a": {}}})), End::At(180));
        assert_eq!(end(&json!({"typ": "JWT"}), &json!({})), End::Unknown);
        assert_eq!(end(&json!({"typ": "JWT"}), &json!({"exp": 5})), End::At(5));
        assert_eq!(end(&json!({"typ": "SAT"}), &Value::Null), End::Unknown);
    }
}
