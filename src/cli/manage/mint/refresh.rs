//! Decides whether the content of a file can be the refresh token of a subscriber. It is spent by being sent, and what is none
//! is sent nowhere.

use serde_json::Value;

use crate::cli::error::Error;
use crate::jose;
use crate::secret::Secret;
use crate::signalwire::client_token::{ClientKind, Inspected, inspect};

/// The refresh token in `content`: alone, or as the field of the JSON that `barewire mint subscriber -f json` prints.
///
/// # Errors
/// There is none. The error says what there is instead, and not the value.
pub(super) fn token(content: &Secret) -> Result<Secret, Error> {
    let bytes = content.expose();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
    let document = serde_json::from_slice::<Value>(bytes).ok();
    let field = document.as_ref().and_then(|document| document["refresh_token"].as_str());
    let token = Secret::new(field.map_or(bytes, str::as_bytes));
    let refused = |what: &str| {
        Error::new(format_args!("this is no refresh token of a subscriber, but {what}; nothing was sent"))
            .help("`barewire mint subscriber -f json` shows one, as refresh_token.")
    };
    match inspect(&token) {
        Inspected::Token(read) if read.kind == ClientKind::Refresh => Ok(token),
        Inspected::Token(read) => Err(refused(&format!("a {}", first(read.kind.label())))),
        Inspected::Opaque(what) => Err(refused(first(what))),
        // Its header is the only part that can be read; one that names no kind rules nothing out.
        Inspected::Foreign(header) if header["typ"].is_null() && is_sealed(&token) => Ok(token),
        Inspected::Foreign(_) => Err(refused("a token of another issuer")),
        Inspected::Unknown => Err(refused("something else")),
    }
}

/// What stands before the colon; the rest explains it.
fn first(words: &str) -> &str {
    words.split(':').next().unwrap_or(words)
}

/// Whether it is encrypted, as all refresh tokens of subscribers are.
fn is_sealed(token: &Secret) -> bool {
    let mut segments = token.expose().split(|byte| *byte == b'.');
    segments.next().and_then(jose::object).is_some_and(|header| !header["enc"].is_null()) && segments.count() == 4
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn sealed(header: &str) -> String {
        format!("{}..{}.{}.{}", URL_SAFE_NO_PAD.encode(header), "i".repeat(16), "sesame".repeat(9), "t".repeat(22))
    }

    #[test]
    fn a_refresh_token_is_taken_alone_and_out_of_its_answer() {
        for header in [r#"{"alg":"dir","enc":"A256GCM","typ":"Refresh"}"#, r#"{"alg":"dir","enc":"A256GCM"}"#] {
            let value = sealed(header);
            let answer = format!("{{\"token\": \"x\", \"refresh_token\": \"{value}\"}}");
            for form in [format!("\u{feff} {value}\r\n"), answer] {
                assert_eq!(token(&Secret::new(form)).unwrap().expose(), value.as_bytes());
            }
        }
    }

    #[test]
    fn what_is_none_is_named_and_not_shown() {
        let api = format!("PT{}", "0a1b2c3d".repeat(6));
        let sat = sealed(r#"{"alg":"dir","enc":"A256GCM","typ":"SAT"}"#);
        let answer = format!("{{\"token\": \"{sat}\"}}");
        for (content, what) in [
            (&*api, "but an API token"),
            (&sat, "but a subscriber token;"),
            (&answer, "but a subscriber token;"),
            (&sealed(r#"{"alg":"RS256","typ":"at+jwt"}"#), "another issuer"),
            ("sesame", "but something else"),
            ("", "but something else"),
        ] {
            let told = format!("{:?}", token(&Secret::new(content)).unwrap_err());
            assert!(told.contains(what) && !told.contains("sesame") && !told.contains("0a1b"), "{told}");
        }
    }
}
