//! Decides whether a value is one that SignalWire's documentation prints as an example.
//!
//! The values are known by digest only, so that none of them stands in this repository.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::finding::Finding;

/// One digest a line: the first 16 hex digits of BLAKE3 over the value in lower case. Source: the documentation's own
/// repository, signalwire/docs at 668371b2.
const DIGESTS: &str = include_str!("../../rules/documentation-examples.txt");

static EXAMPLES: LazyLock<BTreeSet<&'static str>> =
    LazyLock::new(|| DIGESTS.lines().filter(|line| !line.starts_with('#')).collect());

/// Whether the value, or the token that it wraps, is an example of the documentation.
pub(super) fn is_documented(finding: &Finding) -> bool {
    let known = |value: &[u8]| EXAMPLES.contains(&*digest(value));
    known(finding.secret.expose()) || finding.parts.token.as_ref().is_some_and(|token| known(token.expose()))
}

fn digest(value: &[u8]) -> String {
    blake3::hash(&value.to_ascii_lowercase()).to_hex()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_whole() {
        let lines: Vec<&str> = DIGESTS.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.is_sorted());
        assert!(lines.len() > 600);
        assert!(lines.iter().all(|line| line.len() == 16 && line.bytes().all(|byte| byte.is_ascii_hexdigit())));
    }
}
