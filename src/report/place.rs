//! Decides how a place is named for a machine: a path relative to the folder of the run, a URI, columns in UTF-16.

use std::fmt::Write as _;

use super::Run;
use super::mask::mask;
use crate::blob::{Name, Origin};
use crate::finding::{Encoding, Finding, Reach};
use crate::secret::MASK;

/// Where a path leads, seen from the folder of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// To something below it.
    Below(Name),
    /// To somewhere else; the path is absolute.
    Elsewhere(Name),
}

impl Route {
    /// The route to `name`. `.` and `..` are followed, links are not.
    pub(super) fn to(name: &Name, run: &Run) -> Self {
        let bytes = name.as_bytes();
        let folder = run.folder.as_ref().map(Name::as_bytes);
        // Where folders have no drive, `C:` is the name of one.
        let absolute = bytes.starts_with(b"/") || (has_drive(bytes) && folder.is_none_or(has_drive));
        if !absolute && !bytes.split(|&byte| byte == b'/').any(|part| part == b".." || part == b".") {
            return Self::Below(name.clone());
        }
        let whole = match (absolute, folder) {
            (true, _) => walk(bytes),
            (false, Some(folder)) => walk(&[folder, b"/", bytes].concat()),
            (false, None) => return Self::Below(name.clone()),
        };
        let below = folder.and_then(|folder| whole.strip_prefix(&*walk(folder))?.strip_prefix(b"/"));
        match below {
            Some(rest) if !rest.is_empty() => Self::Below(Name::new(rest)),
            _ => Self::Elsewhere(Name::new(whole)),
        }
    }

    /// The path as text.
    pub(super) fn text(&self) -> String {
        let (Self::Below(name) | Self::Elsewhere(name)) = self;
        mask(&name.to_text()).into_owned()
    }

    /// The path as a URI reference, relative where the path is below the folder.
    pub(super) fn uri(&self) -> String {
        match self {
            Self::Below(name) => encode(name),
            Self::Elsewhere(name) => {
                let path = encode(name);
                if has_drive(name.as_bytes()) {
                    format!("file:///{}", path.replacen("%3A", ":", 1))
                } else {
                    format!("file://{path}")
                }
            }
        }
    }
}

fn has_drive(path: &[u8]) -> bool {
    path.get(1..3) == Some(b":/") && path[0].is_ascii_alphabetic()
}

/// An absolute path without `.`, `..` and needless slashes.
fn walk(path: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let start: &[u8] = if path.starts_with(b"/") { b"/" } else { b"" };
    [start, &parts.join(&b'/')].concat()
}

/// A path with all but what RFC 3986 calls unreserved, and slashes, percent-encoded, byte by byte.
fn encode(name: &Name) -> String {
    let text = mask(&name.to_text()).into_owned();
    // What is masked is not the name; else the very bytes are, UTF-8 or not.
    let bytes = if text.contains(MASK) { text.as_bytes() } else { name.as_bytes() };
    let mut uri = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            uri.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

/// The file that a finding stands in, or whose name it is. A message, a tag, the name of a ref, and an object that no
/// path leads to are no files.
pub(super) fn file(finding: &Finding, run: &Run) -> Option<Route> {
    let name = &finding.name;
    let lost = finding.provenance.reach == Some(Reach::Unreachable) && name.as_bytes().starts_with(b"blob ");
    match finding.origin {
        Origin::Message | Origin::Tag | Origin::Ref => None,
        _ if lost || name.is_unknown() => None,
        _ => Some(Route::to(name, run)),
    }
}

/// First and last line of a finding, from 1. A name that holds a value has no lines.
pub(super) fn lines(finding: &Finding) -> Option<(u64, u64)> {
    (finding.origin != Origin::Name).then_some((finding.start.line, finding.end.line))
}

/// First column of a finding and the one after its last, from 1, in UTF-16 units, as editors and SARIF count them.
///
/// Columns of a finding count bytes, so this needs the text before it. It is known where the excerpt begins with the
/// line and nothing in it is masked or replaced; elsewhere there are no columns, which is better than wrong ones.
pub(super) fn columns(finding: &Finding) -> Option<(u64, u64)> {
    let (start, end) = (finding.start, finding.end);
    let wide = finding.decoded.iter().any(|encoding| matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be));
    if wide || finding.origin == Origin::Name || start.line != end.line {
        return None;
    }
    let before = finding.excerpt.text.get(..finding.excerpt.span.start)?;
    if before.len() as u64 + 1 != start.column || before.contains(char::REPLACEMENT_CHARACTER) || before.contains(MASK)
    {
        return None;
    }
    // The mark at the head of a file is no part of its first line.
    let before = if start.line == 1 { before.trim_start_matches('\u{FEFF}') } else { before };
    let column = before.encode_utf16().count() as u64 + 1;
    let bytes = end.column.checked_sub(start.column)?;
    // An identifier is shown whole, with what its rule took along, such as the rest of a host.
    let shown = finding.excerpt.text.get(finding.excerpt.span.clone())?;
    let whole = finding.rule.part.is_identifier() && !shown.contains(char::REPLACEMENT_CHARACTER);
    let units = match finding.secret.utf16_len() {
        Some(units) if finding.secret.len() as u64 == bytes => units as u64,
        _ if whole && shown.len() as u64 == bytes => shown.encode_utf16().count() as u64,
        // base64 is ASCII.
        _ if finding.decoded.contains(&Encoding::Base64) => bytes,
        _ => return None,
    };
    Some((column, column + units))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    fn run() -> Run {
        Run { folder: Some(Name::new("/home/me/work")), ..Run::default() }
    }

    fn uri(path: impl AsRef<[u8]>) -> String {
        Route::to(&Name::new(path), &run()).uri()
    }

    #[test]
    fn a_path_below_the_folder_is_relative() {
        for (path, relative) in [
            ("a/b.txt", "a/b.txt"),
            ("/home/me/work/a", "a"),
            ("../work/./a", "a"),
            ("/home/me/work2/a", "file:///home/me/work2/a"),
            ("../b", "file:///home/me/b"),
            ("/etc/passwd", "file:///etc/passwd"),
            ("C:/x y", "C%3A/x%20y"),
        ] {
            assert_eq!(uri(path), relative, "{path}");
        }
        assert_eq!(Route::to(&Name::new("../b"), &Run::default()).uri(), "../b");
    }

    #[test]
    fn a_drive_is_one_where_folders_have_drives() {
        let run = Run { folder: Some(Name::new("C:/work")), ..Run::default() };
        let uri = |path: &str| Route::to(&Name::new(path), &run).uri();
        assert_eq!(uri("C:/work/a:b"), "a%3Ab");
        assert_eq!(uri("D:/x y:z"), "file:///D:/x%20y%3Az");
        assert_eq!(uri("../x"), "file:///C:/x");
    }

    #[test]
    fn every_byte_that_means_something_in_a_uri_is_encoded() {
        assert_eq!(uri("a b%c#d?e:f\"\n.txt"), "a%20b%25c%23d%3Fe%3Af%22%0A.txt");
        assert_eq!(uri("grün/日"), "gr%C3%BCn/%E6%97%A5");
        assert_eq!(uri(b"a\xff"), "a%FF");
        let token = format!("PT{}", "0a1b2c3d".repeat(6));
        assert_eq!(uri(&token), "PT0a1b%2A%2A%2A%2A%2A%2A%2A%2A");
    }

    #[test]
    fn columns_count_utf16_units() {
        let token = sample::token();
        let found = |line: &str| sample::finding(&sample::token_rule(), &token, ("a", 1), line);
        assert_eq!(columns(&found(&format!("key={token}"))), Some((5, 55)));
        assert_eq!(columns(&found(&format!("grün 😀 {token}"))), Some((9, 59)));
        assert_eq!(columns(&found(&format!("\u{FEFF}key={token}"))), Some((5, 55)));
        let rule = sample::rule(
            "signalwire-sip-password",
            "SIP password",
            sample::token_rule().part,
            sample::token_rule().severity,
        );
        assert_eq!(columns(&sample::finding(&rule, "pä😀", ("a", 1), "x=pä😀")), Some((3, 7)));
    }

    #[test]
    fn an_identifier_ends_where_it_is_shown_to_end() {
        let line = "https://acme-voice.signalwire.com/";
        let mut space = sample::finding(&sample::space_rule(), "acme-voice", ("a", 1), line);
        space.excerpt.span.end += ".signalwire.com".len();
        space.end.column += ".signalwire.com".len() as u64;
        assert_eq!(columns(&space), Some((9, 34)));
    }

    #[test]
    fn columns_that_cannot_be_known_are_left_out() {
        let token = sample::token();
        let found = |line: &str| sample::finding(&sample::token_rule(), &token, ("a", 1), line);
        assert_eq!(columns(&found(&format!("\u{FFFD}{token}"))), None);
        assert_eq!(columns(&found(&format!("********{token}"))), None);
        let mut cut = found(&format!("key={token}"));
        cut.start.column += 100;
        cut.end.column += 100;
        assert_eq!(columns(&cut), None);
        let mut long = found(&format!("key={token}"));
        long.end.line += 1;
        assert_eq!(columns(&long), None);
        let mut wide = found(&format!("key={token}"));
        wide.decoded = vec![Encoding::Utf16Le];
        assert_eq!(columns(&wide), None);
        let mut name = found(&format!("key={token}"));
        name.origin = Origin::Name;
        assert_eq!((columns(&name), lines(&name)), (None, None));
    }
}
