//! Decides whether a match is what its rule takes it for: the named checks, the JOSE header, the binding.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::text::Text;
use super::{Candidate, binding, jose, space};
use crate::finding::Encoding;
use crate::rule::{Bind, Check, Rule, fold_name};
use crate::secret::Secret;

/// Passes a candidate through everything that its rule asks for; `None` if it fails.
pub(super) fn pass(rule: &Rule, text: &Text<'_>, mut candidate: Candidate) -> Option<Candidate> {
    if rule.entropy > 0.0 && entropy(&text.bytes[candidate.span.clone()]) <= rule.entropy {
        return None;
    }
    for check in &rule.checks {
        candidate = run(*check, text, candidate)?;
    }
    if let Some(asked) = &rule.jose {
        let token = &text.bytes[candidate.span.clone()];
        candidate = jose::read(asked, token, candidate)?;
    }
    let bound = binding::of(&text.bytes, &candidate.span);
    if rule.bind.as_ref().is_some_and(|bind| !fits(bind, &bound)) {
        return None;
    }
    let shown =
        bound.name.filter(|name| name.len() <= 64).map(|name| String::from_utf8_lossy(name).into_owned().into());
    candidate.bound_to = shown;
    Some(candidate)
}

/// Whether a value so bound is what the rule looks for.
pub(super) fn fits(bind: &Bind, bound: &binding::Binding<'_>) -> bool {
    if let Some(name) = bound.name.map(fold_name)
        && !bind.deny.iter().any(|word| name.contains(&**word))
        && bind.names.iter().any(|word| name.contains(&**word))
    {
        return true;
    }
    bound.call.as_ref().is_some_and(|call| is_call_of(bind, call.callee))
}

/// Whether `callee` is one of the calls of `bind`.
pub(super) fn is_call_of(bind: &Bind, callee: &[u8]) -> bool {
    let callee = fold_name(callee);
    bind.calls.iter().any(|call| callee.ends_with(&**call))
}

fn run(check: Check, text: &Text<'_>, candidate: Candidate) -> Option<Candidate> {
    let bytes = &*text.bytes;
    let value = &bytes[candidate.span.clone()];
    match check {
        Check::Bounded => is_bounded(bytes, &candidate.span).then_some(candidate),
        Check::Uuid => is_uuid(value).then_some(candidate),
        Check::Base58 => is_base58(value).then_some(candidate),
        Check::Mixed => is_mixed(value).then_some(candidate),
        Check::Literal => is_literal(bytes, &candidate).then_some(candidate),
        Check::BasicAuth => basic_auth(value, candidate),
        Check::Userinfo => Some(userinfo(bytes, candidate)),
        Check::Space => space_of(bytes, candidate),
        // Forgiving is not the detector's business.
        Check::Placeholder | Check::Example => Some(candidate),
    }
}

/// Whether nothing touches the value that could be a part of it.
///
/// An escape such as `\n`, `%22` or `\u0022` ends in letters or digits and yet is none. In binary data strings lie
/// without separators, behind a length byte that may look like a letter, so only what would prolong the value counts.
fn is_bounded(bytes: &[u8], span: &Range<usize>) -> bool {
    let near = &bytes[span.start.saturating_sub(64)..bytes.len().min(span.end + 64)];
    let next = bytes.get(span.end);
    if near.contains(&0) {
        return next.is_none_or(|byte| !byte.is_ascii_hexdigit());
    }
    let before = &bytes[..span.start];
    let open = before.last().is_none_or(|byte| !byte.is_ascii_alphanumeric()) || ends_in_escape(before);
    open && next.is_none_or(|byte| !byte.is_ascii_alphanumeric())
}

fn ends_in_escape(before: &[u8]) -> bool {
    let hex = |digits: &[u8]| digits.iter().all(u8::is_ascii_hexdigit);
    match before {
        [.., b'\\', b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'0'] => true,
        [.., b'%' | b'=', a, b] if hex(&[*a, *b]) && b.is_ascii_hexdigit() => is_quoted_printable(before, *a, *b),
        [.., b'\\', b'x', a, b] => hex(&[*a, *b]),
        [.., b'\\', b'u', a, b, c, d] => hex(&[*a, *b, *c, *d]),
        // A length of 50 before a short string, as compiled Python has it.
        [.., 0x80..=0xFF, b'2'] => true,
        _ => false,
    }
}

/// `%XX` is an escape; `=XX` only as quoted-printable's own `=3D`.
fn is_quoted_printable(before: &[u8], a: u8, b: u8) -> bool {
    before[before.len() - 3] == b'%' || (a, b) == (b'3', b'D')
}

fn is_uuid(value: &[u8]) -> bool {
    uuid::Uuid::try_parse_ascii(value).is_ok()
}

/// Bitcoin's alphabet: no `0`, `O`, `I`, `l`. A prefix that ends in `_` is left out.
fn is_base58(value: &[u8]) -> bool {
    let start = value.iter().position(|byte| *byte == b'_').map_or(0, |at| at + 1);
    value[start..].iter().all(|byte| byte.is_ascii_alphanumeric() && !matches!(byte, b'0' | b'O' | b'I' | b'l'))
}

fn is_mixed(value: &[u8]) -> bool {
    let start = value.iter().position(|byte| *byte == b'_').map_or(0, |at| at + 1);
    let body = &value[start..];
    body.iter().any(u8::is_ascii_digit) && body.iter().any(u8::is_ascii_lowercase)
}

/// Whether the value is written out and not named, computed or left open.
fn is_literal(bytes: &[u8], candidate: &Candidate) -> bool {
    let value = &bytes[candidate.span.clone()];
    let quoted = candidate.span.start > 0 && matches!(bytes[candidate.span.start - 1], b'"' | b'\'' | b'`');
    let contains = |needle: &[u8]| memchr::memmem::find(value, needle).is_some();
    let reference = [
        &b"${"[..],
        b"{{",
        b"}}",
        b"$(",
        b"%(",
        b"<%",
        b"#{",
        b"process.env",
        b"getenv",
        b"ENV[",
        b"environ",
        b"secrets.",
    ];
    if reference.into_iter().any(contains) || matches!(value.first(), Some(b'$' | b'{' | b'<' | b'%')) {
        return false;
    }
    if value.iter().any(u8::is_ascii_control) {
        return false;
    }
    // The second for a whole assignment in quotes: `data="name=value"`.
    if quoted || matches!(bytes.get(candidate.span.end), Some(b'"' | b'\'')) {
        return true;
    }
    let word =
        value.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b':' | b'&' | b'*' | b'?'));
    let code = value.iter().any(|byte| matches!(byte, b'(' | b')' | b'[' | b']' | b'{' | b'}'));
    // An unquoted word is a variable in code and a value in an environment file, where the name is in capitals.
    let shouted = bytes[candidate.whole.start..candidate.span.start].iter().all(|byte| !byte.is_ascii_lowercase());
    !code && (!word || shouted) && bytes.get(candidate.span.end) != Some(&b'(')
}

/// base64 in either alphabet, padded or not.
fn decode_base64(value: &[u8]) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let standard = GeneralPurpose::new(&alphabet::STANDARD, config);
    let url_safe = GeneralPurpose::new(&alphabet::URL_SAFE, config);
    standard.decode(value).or_else(|_| url_safe.decode(value)).ok()
}

/// base64 of `PROJECT:TOKEN`; the two become parts of the candidate.
fn basic_auth(value: &[u8], mut candidate: Candidate) -> Option<Candidate> {
    let decoded = decode_base64(value)?;
    let colon = memchr::memchr(b':', &decoded)?;
    let (user, password) = (&decoded[..colon], &decoded[colon + 1..]);
    if !is_uuid(user) || user.len() != 36 || !is_token(password) {
        return None;
    }
    candidate.parts.project = Some(String::from_utf8_lossy(user).to_lowercase().into());
    candidate.parts.token = Some(Secret::new(password));
    candidate.decoded = Some(Encoding::Base64);
    Some(candidate)
}

/// A token by its shape: `PT` and 48 hex digits, a shorter run of them, or 50 letters and digits.
fn is_token(value: &[u8]) -> bool {
    let hex = |digits: &[u8]| digits.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'));
    match value {
        [b'P', b'T', digits @ ..] if (16..=48).contains(&digits.len()) && hex(digits) => true,
        _ => value.len() == 50 && value.iter().all(u8::is_ascii_alphanumeric) && is_mixed(value),
    }
}

/// Takes the user of a URL or an option as the project, if it is a UUID.
fn userinfo(bytes: &[u8], mut candidate: Candidate) -> Candidate {
    let before = &bytes[candidate.whole.start..candidate.span.start];
    let user = before.strip_suffix(b":").unwrap_or(before);
    let start = user.iter().rposition(|byte| !(byte.is_ascii_hexdigit() || *byte == b'-')).map_or(0, |at| at + 1);
    if is_uuid(&user[start..]) && user.len() - start == 36 {
        candidate.parts.project = Some(String::from_utf8_lossy(&user[start..]).to_lowercase().into());
    }
    candidate
}

/// Takes the host or the bare name as a Space, if it is one.
fn space_of(bytes: &[u8], mut candidate: Candidate) -> Option<Candidate> {
    let start = candidate.span.start + escape_debris(&bytes[..candidate.span.start], &bytes[candidate.span.clone()]);
    candidate.span.start = start;
    let next = bytes.get(candidate.span.end);
    if next.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'_') {
        return None;
    }
    let text = std::str::from_utf8(&bytes[candidate.span.clone()]).ok()?;
    if !text.contains('.') && !is_bare_value(bytes, &candidate.span) {
        return None;
    }
    let name = space::name(text)?;
    candidate.parts.space = Some(name.clone().into());
    candidate.value = Some(Secret::new(name));
    Some(candidate)
}

/// Whether a bare name is a value by itself: in quotes, behind `=` without a space, or alone at the end of its line.
/// Anything else is prose or an expression.
fn is_bare_value(bytes: &[u8], span: &Range<usize>) -> bool {
    let before = bytes[..span.start].last();
    let rest = &bytes[span.end..];
    if before.is_some_and(|byte| matches!(byte, b'"' | b'\'' | b'`')) {
        return rest.first() == before;
    }
    let end = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r')).map_or(b'\n', |at| rest[at]);
    let assigned = before == Some(&b'=') && !matches!(rest.first(), Some(b'.' | b'(' | b'[' | b':' | b'/'));
    assigned || matches!(end, b'\n' | b'#')
}

/// How many bytes at the start of `host` are the end of an escape: `n` of `\n`, `2F` of `%2F`, `u002F` of `\u002F`.
fn escape_debris(before: &[u8], host: &[u8]) -> usize {
    match (before.last(), host) {
        (Some(b'\\'), [b'u', digits @ ..]) if digits.len() > 4 && digits[..4].iter().all(u8::is_ascii_hexdigit) => 5,
        (Some(b'\\'), [b'n' | b'r' | b't', ..]) => 1,
        (Some(b'%'), [a, b, ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => 2,
        _ => 0,
    }
}

/// Shannon entropy in bits per byte.
fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for &byte in value {
        counts[usize::from(byte)] += 1;
    }
    let len = f64::from(u32::try_from(value.len()).unwrap_or(u32::MAX));
    counts.iter().filter(|&&count| count > 0).map(|&count| f64::from(count) / len).map(|p| -p * p.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounded(before: &str, after: &str) -> bool {
        let text = format!("{before}PT00{after}");
        is_bounded(text.as_bytes(), &(before.len()..before.len() + 4))
    }

    #[test]
    fn letters_and_digits_on_either_side_are_not_a_bound() {
        assert!(bounded("", ""));
        assert!(bounded("KEY=", "\n"));
        assert!(bounded("a_", "_b"));
        assert!(!bounded("x", ""));
        assert!(!bounded("", "x"));
        assert!(!bounded("", "0"));
        assert!(!bounded("=A1", ""));
    }

    #[test]
    fn an_escape_before_a_value_is_a_bound() {
        for before in ["\\n", "\\\\n", "%22", "=3D", "\\u0022", "\\x22"] {
            assert!(bounded(before, ""), "{before}");
        }
    }

    #[test]
    fn in_binary_data_only_what_prolongs_the_value_counts() {
        assert!(bounded("\0x2", "abc".replace("abc", "z").as_str()));
        assert!(!bounded("\0", "0"));
    }

    #[test]
    fn the_debris_of_an_escape_is_not_part_of_a_host() {
        assert_eq!(escape_debris(b"x\\", b"nalpha"), 1);
        assert_eq!(escape_debris(b"x%", b"2Falpha"), 2);
        assert_eq!(escape_debris(b"x\\", b"u002Falpha"), 5);
        assert_eq!(escape_debris(b"/", b"nalpha"), 0);
    }

    #[test]
    fn entropy_is_measured_in_bits_per_byte() {
        assert!(entropy(b"aaaa").abs() < 1e-9);
        assert!((entropy(b"abcd") - 2.0).abs() < 1e-9);
    }
}
