//! Decides whether a value only stands for another: a mask, a pattern, a template, a word.

use crate::finding::Finding;
use crate::rule::Part;

/// Names that stand for a Space in documentation and templates.
const SPACES: &[&str] = &[
    "acme",
    "any",
    "boolean",
    "number",
    "string",
    "str",
    "company",
    "customer",
    "default",
    "demo",
    "dev",
    "devspace",
    "domain",
    "example",
    "example-space",
    "foo",
    "host",
    "hostname",
    "my",
    "mycompany",
    "my-company",
    "mydomain",
    "myproject",
    "myspace",
    "my-space",
    "name",
    "namespace",
    "none",
    "null",
    "organization",
    "project",
    "replaceme",
    "s",
    "sample",
    "some-space",
    "space",
    "space-name",
    "spacename",
    "space-url",
    "subdomain",
    "sub-domain",
    "t",
    "test",
    "testing",
    "test-space",
    "testspace",
    "the-space",
    "true",
    "false",
    "url",
    "user",
    "username",
    "workspace",
    "xxx",
    "xxxx",
    "yourname",
];

/// Parts of a Space's name that only a template has.
const SPACE_PARTS: &[&str] =
    &["your", "example", "spacename", "placeholder", "changeme", "space-name", "xxxx", "my-space", "dummy"];

/// Words that show that a value is to be replaced, or that it was never meant to protect anything.
const WORDS: &[&str] = &[
    "your",
    "my-",
    "my_",
    "example",
    "placeholder",
    "change-me",
    "changeme",
    "change_me",
    "replace",
    "insert",
    "dummy",
    "random",
    "sample",
    "fake",
    "redact",
    "hidden",
    "secret-here",
    "xxx",
    "todo",
    "fixme",
    "pass",
    "passwd",
    "p@ssw",
    "passw0rd",
    "secret",
    "s3cr3t",
    "s3cret",
    "sup3r",
    "secure",
    "token",
    "apikey",
    "api-key",
    "api_key",
    "demo",
    "test",
    "admin",
    "hunter2",
    "letmein",
    "qwerty",
    "foobar",
    "abc123",
    "12345",
    "default",
    "clucon",
    "cluecon",
    "workshop",
    "guest",
    "signalwire",
    "freeswitch",
    "undefined",
    "null",
    "none",
    "true",
    "false",
    "password",
    "passwort",
];

/// UUIDs that specifications and tutorials use over and over, without hyphens.
const FAMOUS_UUIDS: &[&str] = &[
    "123e4567e89b12d3a456426614174000",
    "123e4567e89b12d3a456426655440000",
    "550e8400e29b41d4a716446655440000",
    "6ba7b8109dad11d180b400c04fd430c8",
    "6ba7b8119dad11d180b400c04fd430c8",
    "f81d4fae7dec11d0a76500a0c91e6bf6",
    "3fa85f6457174562b3fc2c963f66afa6",
    "00112233445566778899aabbccddeeff",
    "9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d",
];

/// Hex words that nobody draws by lot.
const HEX_WORDS: &[&str] = &["deadbeef", "cafebabe", "baadf00d", "feedface", "c0ffee", "badc0de"];

/// What kind of placeholder the value is, if it is one.
pub(super) fn kind(finding: &Finding) -> Option<&'static str> {
    let value = String::from_utf8_lossy(finding.secret.expose()).to_lowercase();
    match finding.rule.part {
        Part::Space => is_template_space(&value).then_some("name of a template"),
        Part::Password | Part::SigningKey => {
            word(body(&value)).or_else(|| pattern(body(&value))).or_else(|| weakness(finding.secret.expose()))
        }
        Part::Project => uuid(&value),
        Part::Token => match &finding.parts.token {
            Some(inner) => pattern(body(&String::from_utf8_lossy(inner.expose()).to_lowercase())),
            None => pattern(body(&value)).or_else(|| long_word(&value)),
        },
        Part::ClientToken if value.contains('.') => None,
        _ if body(&value).contains(['-', '_', ' ', '.']) => word(body(&value)).or_else(|| pattern(body(&value))),
        _ => pattern(body(&value)).or_else(|| long_word(body(&value))),
    }
}

/// The value without a prefix that is the same for all of its kind.
fn body(value: &str) -> &str {
    ["pt", "psk_", "pat_", "vpt_", "c2c_", "c2t_"].iter().find_map(|prefix| value.strip_prefix(prefix)).unwrap_or(value)
}

fn is_template_space(name: &str) -> bool {
    SPACES.contains(&name)
        || SPACE_PARTS.iter().any(|part| name.contains(part))
        || name.bytes().all(|byte| byte == name.as_bytes()[0])
}

/// A word of a template. A short one counts only by itself, since it comes about by chance within a random value.
fn word(value: &str) -> Option<&'static str> {
    let runs = || value.split(|char: char| !char.is_ascii_alphabetic());
    let stands = |word: &str| {
        let letters = word.trim_matches(|char: char| !char.is_ascii_alphabetic());
        if letters.len() >= 5 || letters.is_empty() { value.contains(word) } else { runs().any(|run| run == letters) }
    };
    let wrapped = [("<", ">"), ("{", "}"), ("[", "]"), ("%", "%")]
        .iter()
        .any(|(open, close)| value.starts_with(open) && value.ends_with(close));
    let template =
        value.split('{').skip(1).any(|rest| rest.split_once('}').is_some_and(|(name, _)| is_template_name(name)));
    let masked = template || value.contains("...") || value.contains("***") || value.contains("xxxx");
    (wrapped || masked || WORDS.iter().any(|word| stands(word))).then_some("word of a template")
}

/// What stands between the braces of a template: `name`, `alnum:12`.
fn is_template_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'.' | b'=');
    name.len() >= 4 && name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.bytes().all(fits)
}

/// Why a password cannot be meant to protect anything. Those of tests and tutorials are a word or two; a real one that
/// is as simple is lost, which is the price for not reporting every `userpass`.
fn weakness(value: &[u8]) -> Option<&'static str> {
    let has = |fits: fn(&u8) -> bool| usize::from(value.iter().any(fits));
    let lower = has(u8::is_ascii_lowercase);
    let upper = has(u8::is_ascii_uppercase);
    let digit = has(u8::is_ascii_digit);
    let other = has(|byte| !byte.is_ascii_alphanumeric());
    let words = value.split(|byte| !byte.is_ascii_alphabetic()).filter(|word| !word.is_empty()).count();
    let different = value.iter().collect::<std::collections::BTreeSet<_>>().len();
    let separated = value.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b' ' | b'-' | b'_' | b'.'));
    let strong = match lower + upper + digit + other {
        0 | 1 => false,
        // Words and separators: a passphrase has four, and underscores make an identifier.
        2 | 3 if digit == 0 && separated => words >= 4 && value.len() >= 20 && !value.contains(&b'_'),
        2 => value.len() >= 12 && different >= 8,
        _ => value.len() >= 8 && different >= 6,
    };
    (!strong).then_some("too simple to protect anything")
}

/// A word in a value that has a shape, where a short word may come about by chance.
fn long_word(value: &str) -> Option<&'static str> {
    let long = |word: &&&str| word.len() >= 5 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    WORDS.iter().filter(long).any(|word| value.contains(*word)).then_some("word of a template")
}

fn uuid(value: &str) -> Option<&'static str> {
    let digits: String = value.chars().filter(|&char| char != '-').collect();
    let uniform = |group: &str| group.bytes().all(|byte| byte == group.as_bytes()[0]);
    if value.split('-').filter(|group| uniform(group)).count() >= 4 {
        return Some("repeated digits");
    }
    if FAMOUS_UUIDS.contains(&&*digits) {
        return Some("example of a specification");
    }
    pattern(&digits)
}

/// A pattern that no random value shows: repetition, sequence, a word in hex, too few different characters.
fn pattern(value: &str) -> Option<&'static str> {
    let bytes = value.as_bytes();
    if bytes.len() < 8 {
        return None;
    }
    // In 48 random digits a run of six comes up once in ten thousand; no token may be lost to that.
    let run = if bytes.len() >= 40 { 9 } else { 6 };
    if longest_run(bytes, |a, b| a == b) >= run || has_period(bytes) {
        return Some("repeated characters");
    }
    let descends = |a, b| follows(b, a);
    if longest_run(bytes, follows) >= run || longest_run(bytes, descends) >= run || is_interleaved(bytes, run) {
        return Some("sequential characters");
    }
    if HEX_WORDS.iter().any(|word| value.contains(word)) {
        return Some("word in hex");
    }
    let different = bytes.iter().collect::<std::collections::BTreeSet<_>>().len();
    (bytes.len() >= 24 && different < 7).then_some("few different characters")
}

/// The length of the longest run in which each neighbour pair fits.
fn longest_run(bytes: &[u8], fits: impl Fn(u8, u8) -> bool) -> usize {
    let mut longest = 1;
    let mut run = 1;
    for pair in bytes.windows(2) {
        run = if fits(pair[0], pair[1]) { run + 1 } else { 1 };
        longest = longest.max(run);
    }
    longest
}

/// Whether `b` comes after `a` in the order of hex digits or of the alphabet.
fn follows(a: u8, b: u8) -> bool {
    b == a + 1 || (a == b'9' && matches!(b, b'a' | b'0')) || (a == b'f' && b == b'0')
}

/// Whether the value repeats itself with a period of at most a third of its length.
fn has_period(bytes: &[u8]) -> bool {
    bytes.len() >= 12 && (1..=bytes.len() / 3).any(|period| bytes.iter().zip(&bytes[period..]).all(|(a, b)| a == b))
}

/// Whether every second character is sequential on both tracks, as in `a1b2c3d4e5` or `9a8b7c6d`.
fn is_interleaved(bytes: &[u8], length: usize) -> bool {
    let steps = |a: u8, b: u8| follows(a, b) || follows(b, a);
    let mut run = 0;
    for window in bytes.windows(3) {
        run = if steps(window[0], window[2]) { run + 1 } else { 0 };
        if run > length {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_made_by_hand_are_patterns() {
        for value in [
            "000000000000000000000000000000000000000000000000",
            "0123456789abcdef0123456789abcdef0123456789abcdef",
            "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d2e3f4",
            "9a8b7c6d5e4f3a2b1c",
            "deadbeef93ca71deadbeef93ca71f02c4d8e61b7a5093f2c",
            "abcabcabcabcabcabc",
            "ababababbbabaababbaabbababaabbabbaababbaababbaab",
            "xxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ] {
            assert!(pattern(value).is_some(), "{value}");
        }
    }

    #[test]
    fn random_values_are_not_patterns() {
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut digit = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            char::from(b"0123456789abcdef"[usize::try_from(state >> 60).unwrap()])
        };
        let values = 10_000;
        let wrong = (0..values).filter(|_| pattern(&(0..48).map(|_| digit()).collect::<String>()).is_some()).count();
        assert!(wrong == 0, "{wrong} of {values}");
    }

    #[test]
    fn made_up_uuids_are_placeholders() {
        for value in [
            "00000000-0000-0000-0000-000000000000",
            "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
            "12345678-1234-1234-1234-123456789012",
            "550e8400-e29b-41d4-a716-446655440000",
        ] {
            assert!(uuid(value).is_some(), "{value}");
        }
        assert!(uuid("5b0f3a0e-9c57-4f6d-8a61-d42e17c9b3f8").is_none());
    }

    #[test]
    fn a_password_of_a_tutorial_is_weak_and_a_generated_one_is_not() {
        for value in ["pass", "wrong", "userpass1", "mypass", "get_basic_auth_credentials", "letmeinplease"] {
            assert!(weakness(value.as_bytes()).is_some(), "{value}");
        }
        for value in ["tR4#kq81zP", "Kq7%bbZw01", "correct-horse-battery-staple", "9f3a1c77e0b24d58", "Winter2031!"] {
            assert!(weakness(value.as_bytes()).is_none(), "{value}");
        }
    }

    #[test]
    fn a_space_of_a_template_is_a_placeholder() {
        for name in ["acme", "your-space", "yourspace", "example", "xxxxxxx"] {
            assert!(is_template_space(name), "{name}");
        }
        assert!(!is_template_space("northwind"));
    }
}
