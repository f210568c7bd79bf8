//! Decides whether a text speaks of SignalWire or FreeSWITCH, and where.

use crate::rule::Vendor;

/// Literals of which at least one stands in every usual spelling. Each literal makes the search slower, and so does
/// each hit: `gna` and `GNA` serve `signalwire`, `SIGNAL_WIRE` and `signal wire` alike.
pub(super) fn anchors(vendor: Vendor) -> &'static [&'static [u8]] {
    match vendor {
        Vendor::Signalwire => &[b"gna", b"GNA", b"e.io", b"WML_", b"AIG_"],
        Vendor::Freeswitch => &[b"ees", b"eeS", b"EES"],
    }
}

/// Whether a mention of `vendor` surrounds the anchor that begins at `at`.
pub(super) fn confirms(vendor: Vendor, bytes: &[u8], at: usize) -> bool {
    match vendor {
        Vendor::Signalwire => match bytes[at] {
            b'g' | b'G' => is_name(bytes, at, 2, &[b"signal", b"wire"]),
            b'e' | b'E' => is_name(bytes, at, 4, &[b"swire.io"]),
            b'W' => is_name(bytes, at, 1, &[b"swml_"]),
            _ => is_name(bytes, at, 2, &[b"swaig_"]),
        },
        Vendor::Freeswitch => is_name(bytes, at, 2, &[b"free", b"switch"]),
    }
}

/// Whether the words stand `lead` bytes before `at`, in any case, with at most one separator between two of them.
fn is_name(bytes: &[u8], at: usize, lead: usize, words: &[&[u8]]) -> bool {
    let Some(mut at) = at.checked_sub(lead) else { return false };
    for (number, word) in words.iter().enumerate() {
        if number > 0 && matches!(bytes.get(at), Some(b'_' | b'-' | b' ')) {
            at += 1;
        }
        if !bytes.get(at..at + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word)) {
            return false;
        }
        at += word.len();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mentions(vendor: Vendor, text: &str) -> bool {
        let bytes = text.as_bytes();
        let hits = anchors(vendor).iter().flat_map(|anchor| memchr::memmem::find_iter(bytes, anchor));
        hits.into_iter().any(|at| confirms(vendor, bytes, at))
    }

    #[test]
    fn every_usual_spelling_of_a_vendor_is_a_mention() {
        let spellings = [
            "signalwire",
            "SignalWire",
            "SIGNALWIRE",
            "signalWire",
            "Signalwire",
            "SIGNAL_WIRE",
            "signal_wire",
            "signal-wire",
            "Signal Wire",
            "alpha.swire.io",
            "SWML_BASIC_AUTH_PASSWORD",
            "SWAIG_SECRET",
        ];
        for spelling in spellings {
            assert!(mentions(Vendor::Signalwire, spelling), "{spelling}");
        }
        for spelling in ["freeswitch", "FreeSWITCH", "FREESWITCH", "FreeSwitch"] {
            assert!(mentions(Vendor::Freeswitch, spelling), "{spelling}");
        }
    }

    #[test]
    fn words_that_only_hold_an_anchor_are_not_mentions() {
        for word in ["signal", "SIGNALS", "signal wired".replace("wired", "lost").as_str(), "device.io", "gna", "e.io"]
        {
            assert!(!mentions(Vendor::Signalwire, word), "{word}");
        }
        for word in ["degrees", "frees", "trees"] {
            assert!(!mentions(Vendor::Freeswitch, word), "{word}");
        }
    }
}
