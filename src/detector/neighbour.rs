//! Decides what stands next to a token: a UUID that nothing else explains is its project, a short string in the same
//! call is its Space.
//!
//! Distances: in 53 real places the project stood on the token's line or at most five lines away, and before it in all
//! but a few; the Space likewise.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::matcher::lines_around;
use super::text::Text;
use super::{Candidate, binding, check};
use crate::rule::{Part, Rule, SharedRule, fold_name};
use crate::secret::Secret;
use crate::space;

/// How many lines away from a token its project may stand.
const LINES: u64 = 5;

/// The longest list of arguments that is looked at, in bytes.
const ARGUMENTS: usize = 600;

static UUID: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = "(?-u)[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}";
    #[expect(clippy::expect_used, reason = "a constant pattern, compiled by the tests")]
    Regex::new(pattern).expect("a constant pattern")
});

/// A name for a Space with a value, in whatever way a language, a shell or a table writes the two. Only next to a token
/// is the word `space` telling enough.
static SPACE: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"(?xi-u) (?:^|[^a-z]|signalwire|sw) space (?:[-_\ ]?(?:name|url|host))? (?:[-_.][a-z0-9]{1,16})?
        [\\"'`\]\)]{0,4} [\ \t]{0,16} (?:=>|:=|:-|==?|:|,|>|<-|\||\|\||\?\?|or|value=|\(|[\ \t]) [\ \t]{0,16} [\\"'`{\[\(]{0,4}
        ([a-z0-9][a-z0-9-]{1,62})"#;
    #[expect(clippy::expect_used, reason = "a constant pattern, compiled by the tests")]
    Regex::new(pattern).expect("a constant pattern")
});

/// Adds what the neighbourhood of each token tells.
pub(super) fn complete(rules: &[SharedRule], text: &Text<'_>, found: &mut Vec<Candidate>) {
    let Some(project_rule) = rules.iter().position(|rule| rule.part == Part::Project && rule.bind.is_some()) else {
        return;
    };
    let space_rule = rules.iter().position(|rule| rule.part == Part::Space);
    let projects = spans(rules, found, Part::Project);
    let spaces = spans(rules, found, Part::Space);
    for token in spans(rules, found, Part::Token) {
        let window = lines_around(&text.bytes, token.start, LINES);
        let known = within(&projects, &window).iter().map(|project| distance(project, &token)).min();
        if let Some(project) = nearest_uuid(&rules[project_rule], &text.bytes, &window, &token)
            && known.is_none_or(|known| known > distance(&project, &token))
        {
            found.push(Candidate::new(project_rule, project.clone(), project));
        }
        if let Some(space_rule) = space_rule
            && within(&spaces, &window).is_empty()
            && let Some(space) = space_in_call(&rules[project_rule], &text.bytes, &token)
                .or_else(|| named_space(&text.bytes, &window, &token))
        {
            found.push(space_candidate(space_rule, &text.bytes, space));
        }
    }
}

/// Where the candidates for one part stand, ascending.
fn spans(rules: &[SharedRule], found: &[Candidate], part: Part) -> Vec<Range<usize>> {
    let of_part = found.iter().filter(|candidate| rules[candidate.rule].part == part);
    let mut spans: Vec<Range<usize>> = of_part.map(|candidate| candidate.span.clone()).collect();
    spans.sort_unstable_by_key(|span| (span.start, span.end));
    spans.dedup();
    spans
}

/// The spans that begin in `window`.
fn within<'a>(spans: &'a [Range<usize>], window: &Range<usize>) -> &'a [Range<usize>] {
    let first = spans.partition_point(|span| span.start < window.start);
    let last = spans.partition_point(|span| span.start < window.end);
    &spans[first..last.max(first)]
}

/// The UUID nearest to the token that nothing else explains; before the token rather than behind it.
fn nearest_uuid(rule: &Rule, bytes: &[u8], window: &Range<usize>, token: &Range<usize>) -> Option<Range<usize>> {
    let uuids: Vec<Range<usize>> = UUID
        .find_iter(&bytes[window.clone()])
        .map(|found| window.start + found.start()..window.start + found.end())
        .filter(|span| !touches(bytes, span))
        .collect();
    let alone = uuids.len() == 1;
    let fits = |span: &&Range<usize>| match explanation(rule, bytes, span) {
        Explanation::None => true,
        Explanation::Another => false,
        // A name that nobody gave to anything else: the only UUID in reach, or one joined to the token.
        Explanation::Unknown => alone || (span.end <= token.start && token.start - span.end <= 3),
    };
    uuids.iter().filter(fits).min_by_key(|span| distance(span, token)).cloned()
}

/// What the name of a UUID says of it.
enum Explanation {
    /// Nothing, or what a Project ID may be called beside a token.
    None,
    /// Something that is no Project ID.
    Another,
    /// A name that tells neither.
    Unknown,
}

/// Words in the names of what else has a UUID.
const OTHERS: [&str; 24] = [
    "call",
    "room",
    "message",
    "member",
    "session",
    "phone",
    "number",
    "resource",
    "request",
    "trace",
    "subscriber",
    "address",
    "device",
    "application",
    "node",
    "segment",
    "recording",
    "media",
    "fax",
    "webhook",
    "tokenid",
    "jti",
    "tenant",
    "event",
];

/// Bytes between a part and the token; one behind the token counts as twice as far.
fn distance(span: &Range<usize>, token: &Range<usize>) -> usize {
    if span.end <= token.start { token.start - span.end } else { 2 * span.start.saturating_sub(token.end) + 1 }
}

fn touches(bytes: &[u8], span: &Range<usize>) -> bool {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let before = &bytes[..span.start];
    bytes.get(span.end).is_some_and(part) || (before.last().is_some_and(part) && !check::ends_in_escape(before))
}

fn explanation(rule: &Rule, bytes: &[u8], span: &Range<usize>) -> Explanation {
    let bound = binding::of(bytes, span);
    let Some(name) = bound.name.map(fold_name).filter(|name| !name.is_empty()) else { return Explanation::None };
    let denied = rule.bind.as_ref().is_some_and(|bind| bind.deny.iter().any(|word| name.contains(&**word)));
    let neutral = ["username", "user", "login", "userinfo", "auth", "basicauth", "account", "u"];
    if denied || name == "id" || OTHERS.iter().any(|word| name.contains(word)) {
        Explanation::Another
    } else if neutral.contains(&&*name) || name.ends_with("username") {
        Explanation::None
    } else {
        Explanation::Unknown
    }
}

/// A string among the arguments of the client call that the token stands in, which can only be the Space.
fn space_in_call(rule: &Rule, bytes: &[u8], token: &Range<usize>) -> Option<Range<usize>> {
    let call = binding::of(bytes, token).call?;
    if !rule.bind.as_ref().is_some_and(|bind| check::is_call_of(bind, call.callee)) {
        return None;
    }
    let start = call.arguments;
    let rest = &bytes[start..bytes.len().min(start + ARGUMENTS)];
    let end = rest.iter().position(|byte| matches!(byte, b')' | b'{' | b';')).unwrap_or(rest.len());
    strings(&rest[..end])
        .map(|string| start + string.start..start + string.end)
        .filter(|string| string.end <= token.start || string.start >= token.end)
        .find(|string| {
            std::str::from_utf8(&bytes[string.clone()]).is_ok_and(|text| !text.contains('_') && is_bare(text))
        })
}

/// The value nearest to the token that is named a Space.
fn named_space(bytes: &[u8], window: &Range<usize>, token: &Range<usize>) -> Option<Range<usize>> {
    SPACE
        .captures_iter(&bytes[window.clone()])
        .filter_map(|captures| captures.get(1))
        .map(|value| window.start + value.start()..window.start + value.end())
        .filter(|value| check::is_bare_value(bytes, value) && !is_shouted(&bytes[value.clone()]))
        .filter(|value| std::str::from_utf8(&bytes[value.clone()]).is_ok_and(is_bare))
        .min_by_key(|value| distance(value, token))
}

/// Whether a word is in capitals: the name of another variable rather than a Space.
fn is_shouted(word: &[u8]) -> bool {
    word.iter().any(u8::is_ascii_uppercase) && !word.iter().any(u8::is_ascii_lowercase)
}

fn is_bare(text: &str) -> bool {
    space::name(text).is_some() && !UUID.is_match(text.as_bytes())
}

/// The insides of the quoted strings of a list of arguments.
fn strings(arguments: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let open = at + arguments[at..].iter().position(|byte| matches!(byte, b'"' | b'\''))?;
        let close = open + 1 + memchr::memchr(arguments[open], &arguments[open + 1..])?;
        at = close + 1;
        Some(open + 1..close)
    })
}

fn space_candidate(rule: usize, bytes: &[u8], span: Range<usize>) -> Candidate {
    let text = std::str::from_utf8(&bytes[span.clone()]).unwrap_or_default();
    let name = space::name(text);
    let host = text.contains('.').then(|| text.to_ascii_lowercase().into());
    let mut candidate = Candidate::new(rule, span.clone(), span);
    candidate.parts.host = host;
    candidate.value = name.as_ref().map(Secret::new);
    candidate.parts.space = name.map(Into::into);
    candidate
}
