//! Decides what is read as text: the bytes as they are, or UTF-16 that lies in them.
//!
//! Every rule is written for bytes that are ASCII where it matters. UTF-16 becomes such bytes, one for one code unit,
//! so that an offset in the text maps to an offset in the blob by arithmetic.

use std::borrow::Cow;
use std::ops::Range;

use crate::blob::{Frame, Lines, Position};
use crate::finding::Encoding;

/// Stands for a code unit that is not ASCII. It is neither a letter nor a digit to any rule.
const FOREIGN: u8 = 0xFF;

/// How far from a hit UTF-16 is decoded, in code units, so that neighbours are seen.
const REACH: usize = 2048;

/// Bytes of the shortest stretch that can hold a secret.
const SHORTEST: usize = 16;

/// This many units in a row that are not text end a stretch of UTF-16.
const GAP: usize = 16;

/// Bytes to be searched, and the way back to the blob.
#[derive(Debug)]
pub(super) struct Text<'a> {
    /// What is searched.
    pub(super) bytes: Cow<'a, [u8]>,
    layout: Layout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Plain,
    Wide { start: usize, order: Order, lines: LineRule },
}

/// Byte order of UTF-16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Little,
    Big,
}

/// Where lines are counted: in the decoded text if it is the whole blob, else in the blob's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineRule {
    Decoded,
    Raw,
}

impl<'a> Text<'a> {
    /// The bytes as they are.
    pub(super) fn plain(bytes: &'a [u8]) -> Self {
        Self { bytes: Cow::Borrowed(bytes), layout: Layout::Plain }
    }

    /// The offset in the blob of an offset in the text.
    pub(super) fn offset(&self, at: usize) -> usize {
        match self.layout {
            Layout::Plain => at,
            Layout::Wide { start, .. } => start + 2 * at,
        }
    }

    /// What was undone to see the text.
    pub(super) fn encoding(&self) -> Option<Encoding> {
        match self.layout {
            Layout::Plain => None,
            Layout::Wide { order: Order::Little, .. } => Some(Encoding::Utf16Le),
            Layout::Wide { order: Order::Big, .. } => Some(Encoding::Utf16Be),
        }
    }
}

/// Positions of the given ranges, which begin in ascending order.
pub(super) fn places(text: &Text<'_>, frame: &Frame, raw: &[u8], spans: &[Range<usize>]) -> Vec<(Position, Position)> {
    let decoded = matches!(text.layout, Layout::Wide { lines: LineRule::Decoded, .. });
    let bytes = if decoded { &text.bytes } else { raw };
    let offset = |at: usize| if decoded { at } else { text.offset(at) };
    let wide =
        |position: Position| if decoded { Position { column: 2 * position.column - 1, ..position } } else { position };
    let mut lines = Lines::new(bytes, frame);
    spans
        .iter()
        .map(|span| {
            let start = lines.position(offset(span.start));
            // An end must not move the count past the start of a span that overlaps this one.
            let end = lines.fork().position(offset(span.end));
            (wide(start), wide(end))
        })
        .collect()
}

/// The whole blob as UTF-16, if it begins with a byte order mark.
pub(super) fn whole(bytes: &[u8]) -> Option<Text<'static>> {
    let order = match bytes {
        [0xFF, 0xFE, ..] => Order::Little,
        [0xFE, 0xFF, ..] => Order::Big,
        _ => return None,
    };
    let layout = Layout::Wide { start: 0, order, lines: LineRule::Decoded };
    let decoded = bytes.chunks_exact(2).map(|unit| ascii_of(unit, order).unwrap_or(FOREIGN)).collect();
    Some(Text { bytes: Cow::Owned(decoded), layout })
}

/// The stretches of UTF-16 around `hits`, which are offsets of an ASCII letter whose next letter is two bytes on.
pub(super) fn stretches(bytes: &[u8], hits: &[usize]) -> Vec<Text<'static>> {
    let mut texts = Vec::new();
    let mut last: Option<(Range<usize>, Order)> = None;
    for &hit in hits {
        let little = (stretch(bytes, hit, Order::Little), Order::Little);
        let big = hit.checked_sub(1).map(|first| (stretch(bytes, first, Order::Big), Order::Big));
        // In the middle of a text both orders read the same letters; the wrong one loses a letter at an end.
        let best = big.filter(|(range, _)| range.len() > little.0.len()).unwrap_or(little);
        if best.0.len() < SHORTEST || last.as_ref() == Some(&best) {
            continue;
        }
        let (range, order) = best;
        let units = bytes[range.clone()].chunks_exact(2);
        let decoded = units.map(|unit| ascii_of(unit, order).unwrap_or(b'\n')).collect();
        let layout = Layout::Wide { start: range.start, order, lines: LineRule::Raw };
        texts.push(Text { bytes: Cow::Owned(decoded), layout });
        last = Some((range, order));
    }
    texts
}

/// The ASCII character that a code unit stands for.
fn ascii_of(unit: &[u8], order: Order) -> Option<u8> {
    let (low, high) = match order {
        Order::Little => (unit[0], unit[1]),
        Order::Big => (unit[1], unit[0]),
    };
    (high == 0 && matches!(low, b'\t' | b'\n' | b'\r' | 0x20..=0x7E)).then_some(low)
}

/// The bytes around the unit at `first` that are mostly UTF-16 of ASCII, gaps bridged.
fn stretch(bytes: &[u8], first: usize, order: Order) -> Range<usize> {
    let is_text = |at: usize| bytes.get(at..at + 2).is_some_and(|unit| ascii_of(unit, order).is_some());
    let mut end = first;
    let mut gap = 0;
    for at in (first..bytes.len().saturating_sub(1)).step_by(2).take(REACH) {
        gap = if is_text(at) { 0 } else { gap + 1 };
        if gap > GAP {
            break;
        }
        if gap == 0 {
            end = at + 2;
        }
    }
    let mut start = first;
    gap = 0;
    for back in 1..=REACH.min(first / 2) {
        let at = first - 2 * back;
        gap = if is_text(at) { 0 } else { gap + 1 };
        if gap > GAP {
            break;
        }
        if gap == 0 {
            start = at;
        }
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn a_stretch_after_a_length_byte_is_read_without_that_byte() {
        let mut bytes = vec![0x01, b'e'];
        bytes.extend(wide("PT0123456789"));
        bytes.push(0);
        let texts = stretches(&bytes, &[2]);
        assert_eq!(&*texts[0].bytes, b"PT0123456789");
        assert_eq!(texts[0].offset(0), 2);
        assert_eq!(texts[0].encoding(), Some(Encoding::Utf16Le));
    }

    #[test]
    fn neighbours_beyond_a_short_gap_are_read_too() {
        let mut bytes = wide("PT0123456789");
        bytes.extend([0, 0x49]);
        bytes.extend(wide("second string"));
        assert_eq!(&*stretches(&bytes, &[0])[0].bytes, b"PT0123456789\nsecond string");
    }

    #[test]
    fn a_byte_order_mark_makes_the_whole_blob_text() {
        let mut bytes = vec![0xFE, 0xFF];
        bytes.extend("a\nPT".encode_utf16().flat_map(u16::to_be_bytes));
        let text = whole(&bytes).unwrap();
        assert_eq!(&*text.bytes, b"\xFFa\nPT");
        let places = places(&text, &Frame::whole(bytes.len()), &bytes, &vec![3..5; 1]);
        assert_eq!(places[0].0, Position { line: 2, column: 1 });
        assert_eq!(places[0].1, Position { line: 2, column: 5 });
    }
}
