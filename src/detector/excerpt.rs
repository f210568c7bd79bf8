//! Decides what of a line may be shown: a bounded part of it, every secret in it masked.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::Candidate;
use super::text::Text;
use crate::blob::line_around;
use crate::finding::Excerpt;
use crate::rule::Part;
use crate::secret::{MASK, Secret};

/// How much of a line is shown on either side of a finding, in bytes.
const CONTEXT: usize = 60;

/// How far a line is read, in bytes; longer secrets are cut in the picture.
const LINE: usize = 4096;

/// Anything of a token's shape, even where no rule reported it. base64 of a pair likewise.
static SHAPES: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "a constant pattern, compiled by the tests")]
    Regex::new(
        r"(?x-u)PT[0-9a-f]{24,} | [A-Za-z0-9+/_-]{48}OlBU[A-Za-z0-9+/_-]{16,} | PSK_[A-Za-z0-9]{8,} | pat_[A-Za-z0-9]{12,}
        | vpt_[0-9a-f]{8,} | eyJ[A-Za-z0-9_.-]{20,} | ://[^\s/:@]+:[^\s/@]+@ | [A-Za-z0-9]{50,}",
    )
    .expect("a constant pattern")
});

/// The ranges of a text that must not be shown.
#[derive(Debug)]
pub(super) struct Veil<'a> {
    bytes: &'a [u8],
    /// Ascending by start; may overlap.
    hidden: Vec<Range<usize>>,
    /// The length of the longest.
    longest: usize,
}

impl<'a> Veil<'a> {
    /// Hides the secrets of `candidates`, which come in ascending order.
    pub(super) fn new<'c>(text: &'a Text<'_>, candidates: impl Iterator<Item = &'c Candidate>) -> Self {
        let hidden = candidates.map(|candidate| candidate.span.start..word_end(&text.bytes, candidate.span.end));
        let hidden: Vec<Range<usize>> = hidden.collect();
        let longest = hidden.iter().map(Range::len).max().unwrap_or(0);
        Self { bytes: &text.bytes, hidden, longest }
    }

    /// The line around `span`, which is a secret or an identifier.
    pub(super) fn excerpt(&self, span: &Range<usize>, part: Part) -> Excerpt {
        let line = line_around(self.bytes, span.start, LINE);
        let end = span.end.min(line.end).max(span.start);
        let mut clip = line.start.max(span.start.saturating_sub(CONTEXT))..line.end.min(end + CONTEXT);
        if self.bytes[clip.clone()].contains(&0) {
            // Text between NULs may be a secret in UTF-16; nothing around the finding is shown.
            clip = span.start..end;
        }
        let own = span.start..end;
        let mut text = String::new();
        self.push(&mut text, clip.start..own.start);
        let start = text.len();
        if part.is_identifier() {
            text.push_str(&String::from_utf8_lossy(&self.bytes[own.clone()]));
        } else {
            text.push_str(&Secret::new(&self.bytes[own.clone()]).masked());
        }
        let stop = text.len();
        let rest = if part == Part::Password { word_end(self.bytes, own.end).min(clip.end) } else { own.end };
        self.push(&mut text, rest..clip.end);
        Excerpt { text, span: start..stop }
    }

    /// Appends a range of the text, with a mask for each part of it that is hidden.
    fn push(&self, text: &mut String, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let mut at = range.start;
        for hidden in self.hidden_in(&range) {
            if hidden.start > at {
                text.push_str(&String::from_utf8_lossy(&self.bytes[at..hidden.start]));
            }
            if hidden.end > at {
                text.push_str(MASK);
                at = hidden.end;
            }
        }
        if at < range.end {
            text.push_str(&String::from_utf8_lossy(&self.bytes[at..range.end]));
        }
    }

    /// Whether `name`, or a part of it, is a value that is hidden somewhere in the text.
    pub(super) fn hides(&self, name: &str) -> bool {
        let holds = |range: &Range<usize>| {
            range.len() >= 6 && memchr::memmem::find(name.as_bytes(), &self.bytes[range.clone()]).is_some()
        };
        SHAPES.is_match(name.as_bytes()) || self.hidden.iter().take(1000).any(holds)
    }

    /// What is hidden of `range`, ascending, cut to it.
    fn hidden_in(&self, range: &Range<usize>) -> Vec<Range<usize>> {
        let first = self.hidden.partition_point(|hidden| hidden.start + self.longest <= range.start);
        let reported = self.hidden[first..].iter().take_while(|hidden| hidden.start < range.end).cloned();
        // A shape may begin before the range or end behind it.
        let from = range.start.saturating_sub(2 * CONTEXT);
        let around = &self.bytes[from..self.bytes.len().min(range.end + 2 * CONTEXT)];
        let shaped = SHAPES.find_iter(around).map(|shape| from + shape.start()..from + shape.end());
        let mut hidden: Vec<Range<usize>> = reported
            .chain(shaped)
            .map(|hidden| hidden.start.max(range.start)..hidden.end.min(range.end))
            .filter(|hidden| !hidden.is_empty())
            .collect();
        hidden.sort_by_key(|hidden| (hidden.start, hidden.end));
        hidden
    }
}

/// Where the word that goes on at `from` ends: a pattern may have cut a password at a character that it knows nothing of.
fn word_end(bytes: &[u8], from: usize) -> usize {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | b'&');
    let rest = &bytes[from..bytes.len().min(from + LINE)];
    from + rest.iter().position(ends).unwrap_or(rest.len())
}
