//! Decides when two values are the same secret.

use std::fmt;

use crate::secret::Secret;

/// The identity of a secret: the same in every mode, for every place, name and commit.
///
/// `bw1:` and 32 hex digits: the first 16 bytes of BLAKE3 over the secret's bytes, keyed with the BLAKE3 digest of the
/// rule's id. For a guessable secret (a password) it allows guesses to be confirmed, so it must not be written to a
/// file as it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The identity of `secret` as found by the rule `rule`.
    pub fn of(rule: &str, secret: &Secret) -> Self {
        let key = blake3::hash(rule.as_bytes());
        let digest = blake3::keyed_hash(key.as_bytes(), secret.expose());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest.as_bytes()[..16]);
        Self(bytes)
    }

    /// The identity that is written as `text`; nothing if it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("bw1:")?.as_bytes();
        let value = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        let (pairs, rest) = digits.as_chunks::<2>();
        let bytes: Option<Vec<u8>> = pairs.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?)).collect();
        rest.is_empty().then_some(bytes?)?.try_into().ok().map(Self)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bw1:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_depends_on_rule_and_value_alone() {
        let print = |rule, value: &str| Fingerprint::of(rule, &Secret::new(value)).to_string();
        assert_eq!(print("a", "x"), print("a", "x"));
        assert_ne!(print("a", "x"), print("b", "x"));
        assert_ne!(print("a", "x"), print("a", "y"));
        assert_eq!(print("a", "x").len(), 36);
        assert!(print("a", "x").starts_with("bw1:"));
    }

    #[test]
    fn a_fingerprint_is_read_as_it_is_written() {
        let print = Fingerprint::of("a", &Secret::new("x"));
        assert_eq!(Fingerprint::parse(&print.to_string()), Some(print));
        let digits = "0a".repeat(16);
        for wrong in
            [&*digits, "bw1:", &format!("bw1:{digits}0"), &format!("bw2:{digits}"), &format!("bw1:{}G", &digits[1..])]
        {
            assert_eq!(Fingerprint::parse(wrong), None, "{wrong}");
        }
    }
}
