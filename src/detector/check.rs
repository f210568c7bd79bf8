//! Decides whether a match is what its rule takes it for: the named checks, the JOSE header, the binding.

use std::ops::Range;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::text::Text;
use super::{Candidate, binding, jose};
use crate::finding::Encoding;
use crate::rule::{Bind, Check, Rule, fold_name};
use crate::secret::Secret;
use crate::space;

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
    let shown = bound.name.filter(|name| name.len() <= 64 && !is_telling(name));
    candidate.bound_to = shown.map(|name| String::from_utf8_lossy(name).into_owned().into());
    Some(candidate)
}

/// Whether a name may be a secret by itself, such as the key in a map of tokens. Such a name is not passed on.
fn is_telling(name: &[u8]) -> bool {
    let runs = name.split(|byte| !byte.is_ascii_alphanumeric());
    runs.filter(|run| run.len() >= 20).any(|run| run.iter().filter(|byte| byte.is_ascii_digit()).count() > 1)
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
        Check::Entire => is_entire(bytes, &candidate.span).then_some(candidate),
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

/// How far around a value a NUL makes it binary data.
const BINARY: usize = 1024;

fn is_binary(bytes: &[u8], span: &Range<usize>) -> bool {
    bytes[span.start.saturating_sub(BINARY)..bytes.len().min(span.end + BINARY)].contains(&0)
}

/// Whether nothing touches the value that could be a part of it.
///
/// An escape such as `\n`, `%22` or `\u0022` ends in letters or digits and yet is none. In binary data strings lie
/// without separators, behind a length byte that may look like a letter, so only what would prolong the value counts.
fn is_bounded(bytes: &[u8], span: &Range<usize>) -> bool {
    let next = bytes.get(span.end);
    if is_binary(bytes, span) {
        return next.is_none_or(|byte| !byte.is_ascii_hexdigit());
    }
    let before = &bytes[..span.start];
    let open = before.last().is_none_or(|byte| !byte.is_ascii_alphanumeric()) || ends_in_escape(before);
    open && next.is_none_or(|byte| !byte.is_ascii_alphanumeric())
}

/// Whether a value of a telling shape is all there is of it. In binary data the next string may begin at once.
fn is_entire(bytes: &[u8], span: &Range<usize>) -> bool {
    if is_binary(bytes, span) {
        return true;
    }
    let before = &bytes[..span.start];
    let open = before.last().is_none_or(|byte| !byte.is_ascii_uppercase()) || ends_in_escape(before);
    open && bytes.get(span.end).is_none_or(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

pub(super) fn ends_in_escape(before: &[u8]) -> bool {
    let hex = |digits: &[u8]| digits.iter().all(u8::is_ascii_hexdigit);
    let octal = |digits: &[u8]| digits.iter().all(|byte| matches!(byte, b'0'..=b'7'));
    match before {
        [.., b'\\', b'a' | b'b' | b'e' | b'f' | b'n' | b'r' | b't' | b'v' | b'0'] => true,
        [.., b'%' | b'=', a, b] | [.., b'%', b'2', b'5', a, b] => hex(&[*a, *b]),
        [.., b'\\', a, b, c] if octal(&[*a, *b, *c]) => true,
        [.., b'\\', b'x', a, b] => hex(&[*a, *b]),
        [.., b'\\', b'u', a, b, c, d] => hex(&[*a, *b, *c, *d]),
        // A length of 50 before a short string, as compiled Python has it.
        [.., 0x80..=0xFF, b'2'] => true,
        _ => ends_in_colour(before),
    }
}

/// Whether a terminal's control sequence ends here: `[`, digits and semicolons, a letter.
fn ends_in_colour(before: &[u8]) -> bool {
    let Some((letter, rest)) = before.split_last() else { return false };
    let digits = rest.iter().rev().take(12).take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    letter.is_ascii_alphabetic() && rest[..rest.len() - digits].last() == Some(&b'[')
}

fn is_uuid(value: &[u8]) -> bool {
    uuid::Uuid::try_parse_ascii(value).is_ok()
}

/// Bitcoin's alphabet: no `0`, `O`, `I`, `l`. A prefix that ends in `_` is left out.
fn is_base58(value: &[u8]) -> bool {
    let start = value.iter().position(|byte| *byte == b'_').map_or(0, |at| at + 1);
    value[start..].iter().all(|byte| byte.is_ascii_alphanumeric() && !matches!(byte, b'0' | b'O' | b'I' | b'l'))
}

/// Has small letters and also digits or capitals, and is not words put together.
fn is_mixed(value: &[u8]) -> bool {
    let start = value.iter().position(|byte| *byte == b'_').map_or(0, |at| at + 1);
    let body = &value[start..];
    let has = |fits: fn(&u8) -> bool| body.iter().any(fits);
    has(u8::is_ascii_lowercase) && (has(u8::is_ascii_digit) || has(u8::is_ascii_uppercase)) && !is_camel_case(body)
}

/// Words with capitals at their beginnings, at least three.
fn is_camel_case(value: &[u8]) -> bool {
    let capitals: Vec<usize> = (0..value.len()).filter(|&at| value[at].is_ascii_uppercase()).collect();
    let begins_word = |&at: &usize| value[at + 1..].iter().take_while(|byte| byte.is_ascii_lowercase()).count() >= 2;
    capitals.len() >= 3 && capitals.iter().all(begins_word)
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
    if value.iter().any(u8::is_ascii_control) || is_reference(value) {
        return false;
    }
    // The second for a whole assignment in quotes: `data="name=value"`.
    if quoted || matches!(bytes.get(candidate.span.end), Some(b'"' | b'\'')) {
        return true;
    }
    if is_dotted(value) {
        return false;
    }
    let word =
        value.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b':' | b'&' | b'*' | b'?'));
    let code = value.iter().any(|byte| matches!(byte, b'(' | b')' | b'[' | b']' | b'{' | b'}'));
    // An unquoted word is a variable in code and a value in an environment file, where the name is in capitals.
    let shouted = bytes[candidate.whole.start..candidate.span.start].iter().all(|byte| !byte.is_ascii_lowercase());
    // In YAML a word behind a colon, alone to the end of its line, is a value too.
    let yaml = bytes[..candidate.span.start].ends_with(b": ")
        && bytes.get(candidate.span.end).is_none_or(|byte| matches!(byte, b'\n' | b'\r'));
    !code && (!word || shouted || yaml) && bytes.get(candidate.span.end) != Some(&b'(')
}

/// Whether the value says where the secret lies: in a vault, or encrypted beside its key's name.
fn is_reference(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    let places: [&[u8]; 9] = [b"op:", b"ref+", b"vault:", b"ssm:", b"sops:", b"enc[", b"aws:", b"gcp:", b"secretref:"];
    memchr::memmem::find(value, b"://").is_some() || places.iter().any(|place| lower.starts_with(place))
}

/// Whether an unquoted value is an expression: names joined by dots, or one in capitals. Hosts of Spaces are none.
fn is_dotted(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    if lower.ends_with(b".signalwire.com") || lower.ends_with(b".swire.io") {
        return false;
    }
    let is_name = |part: &[u8]| {
        part.first().is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$'))
            && part.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
    };
    let constant = value.contains(&b'_')
        && value.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_');
    constant || (value.contains(&b'.') && value.split(|byte| *byte == b'.').all(is_name))
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
    candidate.parts.host = text.contains('.').then(|| text.to_ascii_lowercase().into());
    candidate.parts.space = Some(name.clone().into());
    candidate.value = Some(Secret::new(name));
    Some(candidate)
}

/// Whether a bare name is a value by itself: in quotes, or unquoted up to something that ends a value. Anything else is
/// prose or an expression.
pub(super) fn is_bare_value(bytes: &[u8], span: &Range<usize>) -> bool {
    let before = bytes[..span.start].last();
    let rest = &bytes[span.end..];
    if let Some(quote) = before.filter(|byte| matches!(byte, b'"' | b'\'' | b'`')) {
        return rest.strip_prefix(b"\\").unwrap_or(rest).first() == Some(quote);
    }
    let end = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r')).map_or(b'\n', |at| rest[at]);
    let touches = rest.first().is_some_and(|byte| matches!(byte, b'<' | b')' | b',' | b';' | b'"' | b'\''));
    let assigned = before == Some(&b'=') && !matches!(rest.first(), Some(b'.' | b'(' | b'[' | b':' | b'/'));
    assigned || touches || matches!(end, b'\n' | b'#' | b'}' | b'|')
}

/// How many bytes at the start of `host` are the end of an escape: `n` of `\n`, `2F` of `%2F`, `u002F` of `\u002F`.
fn escape_debris(before: &[u8], host: &[u8]) -> usize {
    match (before.last(), host) {
        (Some(b'\\'), [b'u', digits @ ..]) if digits.len() > 4 && digits[..4].iter().all(u8::is_ascii_hexdigit) => 5,
        (Some(b'\\'), [b'n' | b'r' | b't', ..]) => 1,
        (Some(b'%'), [b'2', b'5', a, b, ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => 4,
        (Some(b'%'), [a, b, ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => 2,
        (Some(b'[' | b';'), digits) => colour_debris(digits),
        _ => 0,
    }
}

/// The length of the rest of a terminal's colour, `33m`, at the start of a host.
fn colour_debris(host: &[u8]) -> usize {
    let digits = host.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits > 0 && host.get(digits) == Some(&b'm') { digits + 1 } else { 0 }
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

    #[test]
    fn a_name_that_may_be_a_secret_is_telling() {
        assert!(is_telling(b"PT0a1b2c3d0a1b2c3d0a1b2c3d"));
        assert!(is_telling(b"x_0a1b2c3d0a1b2c3d0a1b2c3d.y"));
        assert!(!is_telling(b"signalwireSubscriberAccessToken2"));
        assert!(!is_telling(b"SIGNALWIRE_2024_API_TOKEN_2025"));
    }

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
    }

    #[test]
    fn an_escape_before_a_value_is_a_bound() {
        for before in ["\\n", "\\\\n", "%22", "%253D", "=3D", "\\033", "\u{1b}[33m", "[1;32m", "[K", "\\u0022", "\\x22"]
        {
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
