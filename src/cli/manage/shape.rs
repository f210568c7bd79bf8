//! Decides whether a value can be what it is given as, before anything is sent. No answer shows the value.

use crate::cli::error::Error;
use crate::secret::Secret;
use crate::signalwire::{Hosts, ProjectId, Space};

/// Digits of hex after `PT`.
const DIGITS: usize = 48;

/// Length of the form in which the documents show some tokens, in characters.
const BARE: usize = 50;

/// How well a value is known to be what its place says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Its name says that it is of SignalWire; a wrong value is an error.
    Named,
    /// Its name says little; only an unmistakable value counts.
    Shaped,
}

/// Whether this is unmistakably an API token: `PT` and 48 digits of hex.
pub(super) fn is_token(value: &[u8]) -> bool {
    value.strip_prefix(b"PT").is_some_and(|rest| rest.len() == DIGITS && rest.iter().all(u8::is_ascii_hexdigit))
}

/// Whether this is unmistakably the host of a Space, or a URL of one: of SignalWire's own domain.
pub(super) fn is_space(value: &[u8]) -> bool {
    let text = std::str::from_utf8(value).unwrap_or_default();
    text.to_ascii_lowercase().contains(".signalwire.com") && Space::parse(text, &Hosts::default()).is_ok()
}

/// Whether this is a UUID.
pub(super) fn is_project(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok_and(|text| ProjectId::parse(text.trim()).is_some())
}

/// The API token that `value` is, without the white space around it; `origin` is named in the error.
///
/// # Errors
/// It cannot be one.
pub(super) fn token(value: &Secret, origin: &str) -> Result<Secret, Error> {
    let token = value.expose().trim_ascii();
    let is_masked = token.len() > 2 && token[2..].iter().all(|byte| byte.eq_ignore_ascii_case(&b'x'));
    let is_bare = token.len() == BARE && token.iter().all(u8::is_ascii_alphanumeric) && !is_masked;
    let is_bare = is_bare && !token.starts_with(b"PT");
    if is_token(token) || is_bare {
        return Ok(Secret::new(token));
    }
    let why = what_else(token);
    Err(Error::new(format_args!("{origin} holds no API token: {why}; nothing was sent"))
        .help("An API token is `PT` and 48 hex digits. The Dashboard shows it once, under API Credentials."))
}

/// What a value is that is no API token.
fn what_else(token: &[u8]) -> String {
    let begins = |start: &str| token.starts_with(start.as_bytes());
    if token.is_empty() {
        return "it is empty".to_owned();
    }
    if token.iter().any(u8::is_ascii_whitespace) {
        return "there is white space in it".to_owned();
    }
    for (start, what) in [
        ("PSK_", "this is a signing key"),
        ("pat_", "this is an access token for FreeSWITCH packages"),
        ("vpt_", "this is the token of a video conference"),
        ("c2c_", "this is a token for pages"),
        ("c2t_", "this is a token for pages"),
        ("eyJ", "this is a client token"),
    ] {
        if begins(start) {
            return what.to_owned();
        }
    }
    if token.starts_with(b"$") || token.windows(2).any(|pair| pair == b"${") {
        return "it names a variable, and nothing is expanded".to_owned();
    }
    if token.starts_with(b"PT") && token.len() == BARE && !is_placeholder(token) {
        return "behind `PT` are digits that are not hex".to_owned();
    }
    if is_placeholder(token) {
        return "it is a placeholder, to be replaced by a token of yours".to_owned();
    }
    let length = String::from_utf8_lossy(token).chars().count();
    format!("it is {length} characters long, and not of the form of one")
}

/// Whether the name of a Space is one that instructions have in its place. Such a Space may be there, and is another's.
pub(super) fn is_placeholder_space(name: &str) -> bool {
    let words = ["example", "space", "spacename", "mycompany", "mydomain", "myspace"];
    let bare: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    bare.starts_with("yourspace") || bare.starts_with("yoursub") || name.starts_with("your-") || words.contains(&&*bare)
}

/// Whether nobody has put in a value yet.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    let text = String::from_utf8_lossy(value).to_ascii_lowercase();
    let words = ["your", "xxxx", "changeme", "change-me", "change_me", "example", "placeholder", "replace", "..."];
    text.starts_with(['<', '{', '$', '%', '['])
        || words.iter().any(|word| text.contains(word))
        || ["token", "api_token", "api-token", "api_key", "secret", "todo"].contains(&&*text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        format!("{:?}", token(&Secret::new(text), "X").unwrap_err())
    }

    #[test]
    fn a_token_is_taken_without_the_space_around_it() {
        let value = format!("PT{}", "0a1b2c3d".repeat(6));
        let padded = Secret::new(format!(" {value}\r\n"));
        assert_eq!(token(&padded, "X").unwrap().expose(), value.as_bytes());
        assert!(token(&Secret::new("aB3dE".repeat(10)), "X").is_ok());
    }

    #[test]
    fn what_is_no_token_is_told_and_not_shown() {
        let cut = format!("PT{}", "0a1b2c3d".repeat(5));
        for (text, why) in [
            (" \n", "it is empty"),
            ("sesame sesame", "white space"),
            ("PSK_sesame", "signing key"),
            ("pat_sesame", "FreeSWITCH"),
            ("eyJsesame.x.y", "client token"),
            ("your-api-token", "placeholder"),
            ("PTxxxxxxxxxxxxxxxx", "placeholder"),
            (&format!("PT{}", "X".repeat(48)), "placeholder"),
            ("<API token>", "white space"),
            ("${SESAME}", "names a variable"),
            ("PT${SESAME}", "names a variable"),
            (&format!("PT{}", "0a1b2c3G".repeat(6)), "not hex"),
            (&cut, "it is 42 characters long"),
            ("sesame", "it is 6 characters long"),
        ] {
            let told = refused(text);
            assert!(told.contains(why), "{told}");
            assert!(!told.contains("sesame") && !told.contains("0a1b"), "{told}");
        }
    }

    #[test]
    fn the_spaces_of_instructions_are_nobodys() {
        for name in
            ["your-space", "yourspace", "your-space-name", "your-company", "yoursubdomain", "example", "space-name"]
        {
            assert!(is_placeholder_space(name), "{name}");
        }
        for name in ["acme", "yours", "northwind", "spaceship", "myspaces"] {
            assert!(!is_placeholder_space(name), "{name}");
        }
    }

    #[test]
    fn only_what_is_unmistakable_counts_under_a_name_that_says_little() {
        assert!(is_token(format!("PT{}", "0a1b2c3d".repeat(6)).as_bytes()));
        assert!(!is_token("aB3dE".repeat(10).as_bytes()));
        assert!(is_space(b"acme.signalwire.com") && is_space(b"https://acme.signalwire.com/"));
        assert!(
            !is_space(b"acme") && !is_space(b"relay.signalwire.com") && !is_space(b"a.signalwire.com.evil.example")
        );
        assert!(is_project(b"5d6f7a80-9b1c-4d2e-8f30-a1b2c3d4e5f7") && !is_project(b"my-project-123"));
    }
}
