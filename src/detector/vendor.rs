//! Decides whether a text speaks of SignalWire or FreeSWITCH, and where.

use std::sync::LazyLock;

use regex::bytes::{Regex, RegexBuilder};

use crate::rule::Vendor;

/// Literals of which at least one stands in every mention. They are rare in other text: `unsigned` and `wireless` are
/// not to stop the search.
pub(super) fn anchors(vendor: Vendor) -> &'static [&'static [u8]] {
    match vendor {
        Vendor::Signalwire => &[
            b"lwi", b"lwI", b"lWi", b"lWI", b"Lwi", b"LwI", b"LWi", b"LWI", b"l_w", b"l_W", b"L_W", b"l-w", b"L-W",
            b"e.io", b"E.IO", b"WML_", b"wml_", b"AIG_", b"aig_",
        ],
        Vendor::Freeswitch => &[b"esw", b"eSw", b"eSW", b"ESW"],
    }
}

/// Bytes on either side of an anchor that a mention can reach.
const REACH: usize = 16;

/// Whether a mention of `vendor` surrounds the anchor that begins at `at`.
pub(super) fn confirms(vendor: Vendor, bytes: &[u8], at: usize) -> bool {
    let around = &bytes[at.saturating_sub(REACH)..bytes.len().min(at + REACH)];
    match vendor {
        Vendor::Signalwire => SIGNALWIRE.is_match(around),
        Vendor::Freeswitch => FREESWITCH.is_match(around),
    }
}

static SIGNALWIRE: LazyLock<Regex> = LazyLock::new(|| compile(r"signal[-_ ]?wire|swire\.io|swml_|swaig_"));
static FREESWITCH: LazyLock<Regex> = LazyLock::new(|| compile(r"free[-_ ]?switch"));

fn compile(pattern: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "a constant pattern, compiled by the tests")]
    RegexBuilder::new(pattern).unicode(false).case_insensitive(true).build().expect("a constant pattern")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_vendor_holds_an_anchor_and_is_confirmed() {
        let spellings = [
            "signalwire",
            "SignalWire",
            "SIGNALWIRE",
            "signalWire",
            "Signalwire",
            "SIGNAL_WIRE",
            "signal_wire",
            "signal-wire",
            "acme.swire.io",
            "SWML_BASIC_AUTH_PASSWORD",
            "SWAIG_SECRET",
        ];
        for spelling in spellings {
            let bytes = spelling.as_bytes();
            let at = anchors(Vendor::Signalwire).iter().find_map(|anchor| memchr::memmem::find(bytes, anchor));
            assert!(at.is_some_and(|at| confirms(Vendor::Signalwire, bytes, at)), "{spelling}");
        }
        for spelling in ["freeswitch", "FreeSWITCH", "FREESWITCH", "FreeSwitch"] {
            let bytes = spelling.as_bytes();
            let at = anchors(Vendor::Freeswitch).iter().find_map(|anchor| memchr::memmem::find(bytes, anchor));
            assert!(at.is_some_and(|at| confirms(Vendor::Freeswitch, bytes, at)), "{spelling}");
        }
    }

    #[test]
    fn words_that_only_hold_an_anchor_are_not_mentions() {
        for (word, at) in [("wilwick", 2), ("all_words", 2), ("device.io", 5)] {
            assert!(!confirms(Vendor::Signalwire, word.as_bytes(), at), "{word}");
        }
        assert!(!confirms(Vendor::Freeswitch, b"mlx5_eswitch", 5));
    }
}
