//! Decides what kind of JOSE token a match is, by reading its header and, where it is not encrypted, its claims.
//!
//! Nothing is verified: the key is SignalWire's. Formats: RFC 7515 (JWS) and RFC 7516 (JWE), compact serialization.

use serde_json::Value;

use super::Candidate;
use crate::finding::Lifetime;
use crate::jose::{End, end, object};
use crate::rule::Jose;

/// Reads the token of `candidate`; `None` if it is not what `jose` asks for.
pub(super) fn read(jose: &Jose, token: &[u8], mut candidate: Candidate) -> Option<Candidate> {
    let segments: Vec<&[u8]> = token.split(|&byte| byte == b'.').collect();
    if jose.segments.is_some_and(|wanted| wanted != segments.len()) {
        return None;
    }
    let header = object(segments.first()?)?;
    if jose.typ.as_ref().is_some_and(|typ| header["typ"] != **typ) {
        return None;
    }
    let signed = segments.len() == 3;
    let claims = if signed { object(segments[1])? } else { Value::Null };
    if jose.issuer.as_ref().is_some_and(|issuer| claims["iss"] != **issuer) {
        return None;
    }
    // The type is of nobody's own; SignalWire's has its issuer.
    if signed && header["typ"] == "Refresh" && claims["iss"] != "SignalWire JWT" {
        return None;
    }
    if jose.claims.iter().any(|claim| claims.get(&**claim).is_none()) {
        return None;
    }
    let project = claims["project_id"].as_str().or_else(|| claims["sub"].as_str());
    candidate.parts.project = project.filter(|id| uuid::Uuid::try_parse(id).is_ok()).map(|id| id.to_lowercase().into());
    candidate.lifetime = match end(&header, &claims) {
        End::Unknown => Lifetime::Unknown,
        End::Never => Lifetime::Endless,
        End::At(time) => Lifetime::Until(time),
    };
    Some(candidate)
}
