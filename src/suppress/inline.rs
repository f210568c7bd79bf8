//! Decides whether a comment in the file forgives a finding.

use crate::blob::{Blob, line_around};
use crate::finding::{Encoding, Finding};

/// The marks that are honoured; those of other scanners so that a comment need not be written twice.
const MARKS: [&str; 4] = ["barewire:allow", "gitleaks:allow", "betterleaks:allow", "kingfisher:ignore"];

/// How much of a line is searched on either side of the finding, in bytes.
const REACH: usize = 512;

/// The comment that forgives the finding: on its line, or on the line above. What follows a colon is its reason.
pub(super) fn allows(blob: &Blob<'_>, finding: &Finding) -> Option<String> {
    if finding.decoded.iter().any(|encoding| matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be)) {
        return None;
    }
    let at = usize::try_from(finding.offset.checked_sub(blob.frame.offset)?).ok()?;
    let own = line_around(blob.bytes, at, REACH);
    let above = own.start.checked_sub(1).filter(|&feed| blob.bytes[feed] == b'\n');
    let above = above.map(|feed| line_around(blob.bytes, feed, REACH));
    let above = above.filter(|range| is_comment(&blob.bytes[range.clone()]));
    std::iter::once(own).chain(above).find_map(|range| comment(&blob.bytes[range]))
}

/// Whether a line holds a comment and nothing else; what stands on a line of code is meant for that line alone.
fn is_comment(line: &[u8]) -> bool {
    let openings: [&[u8]; 13] =
        [b"#", b"//", b"/*", b"*", b"--", b";", b"<!--", b"%", b"{/*", b"{#", b"'", b"\"\"\"", b"REM "];
    openings.iter().any(|opening| line.trim_ascii_start().starts_with(opening))
}

/// The mark in a line, with its reason.
fn comment(line: &[u8]) -> Option<String> {
    let lower = line.to_ascii_lowercase();
    let (at, mark) = MARKS.iter().find_map(|mark| Some((memchr::memmem::find(&lower, mark.as_bytes())?, mark)))?;
    let rest = &line[at + mark.len()..];
    if rest.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
        return None;
    }
    let reason = String::from_utf8_lossy(rest.strip_prefix(b":").unwrap_or_default());
    let reason = reason.trim_end_matches(['*', '/', '-', '>', ' ', '\r']).trim();
    Some(if reason.is_empty() { (*mark).to_owned() } else { format!("{mark}: {reason}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_line_of_its_own_forgives_the_next() {
        assert!(is_comment(b"  # barewire:allow"));
        assert!(is_comment(b"/* gitleaks:allow */"));
        assert!(!is_comment(b"a = 1 # gitleaks:allow"));
    }

    #[test]
    fn a_mark_may_carry_a_reason() {
        assert_eq!(comment(b"x # barewire:allow").as_deref(), Some("barewire:allow"));
        assert_eq!(comment(b"/* barewire:allow: revoked in May */").as_deref(), Some("barewire:allow: revoked in May"));
        assert_eq!(comment(b"// gitleaks:allow").as_deref(), Some("gitleaks:allow"));
        assert_eq!(comment(b"barewire:allowed"), None);
        assert_eq!(comment(b"barewire:allow-none"), None);
        assert_eq!(comment(b"nothing"), None);
    }
}
