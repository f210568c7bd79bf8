//! Decides what of a path or a file may reach a terminal: nothing that moves the cursor, hides itself or turns the
//! direction of the text.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

/// What a tab is shown as.
const TAB: &str = "    ";

/// `text` with every character that a terminal would act on, or not show, in the visible form `\u{202E}`.
///
/// ```
/// use barewire::report::escape::escape;
///
/// assert_eq!(escape("plain, grün, 日本"), "plain, grün, 日本");
/// assert_eq!(escape("a\x1b[31mb\nc"), "a\\u{1B}[31mb\\u{A}c");
/// ```
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        push(&mut escaped, character);
    }
    Cow::Owned(escaped)
}

/// A line of a file, escaped, and where `span` of it lies after that. A tab becomes four blanks.
pub fn escape_line(line: &str, span: &Range<usize>) -> (String, Range<usize>) {
    let mut escaped = String::with_capacity(line.len() + 16);
    let (mut start, mut end) = (None, None);
    for (at, character) in line.char_indices() {
        if at >= span.start {
            start.get_or_insert(escaped.len());
        }
        if at >= span.end {
            end.get_or_insert(escaped.len());
        }
        match character {
            '\t' => escaped.push_str(TAB),
            other => push(&mut escaped, other),
        }
    }
    let start = start.unwrap_or(escaped.len());
    let end = end.unwrap_or(escaped.len()).max(start);
    (escaped, start..end)
}

/// A JSON document in which such characters are written `\u202e`. It means the same, and can be looked at.
pub fn escape_json(document: &str) -> String {
    let mut escaped = String::with_capacity(document.len());
    for character in document.chars() {
        // Line feeds only stand between strings; within one they are escaped already.
        if character == '\n' || !is_hostile(character) {
            escaped.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        }
    }
    escaped
}

fn push(escaped: &mut String, character: char) {
    if is_hostile(character) {
        let _ = write!(escaped, "\\u{{{:X}}}", u32::from(character));
    } else {
        escaped.push(character);
    }
}

/// Whether a terminal acts on the character, or shows nothing for it.
fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{AD}' // soft hyphen
            | '\u{34F}' // grapheme joiner
            | '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' // direction
            | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' // fillers
            | '\u{180B}'..='\u{180F}' // Mongolian selectors
            | '\u{200B}'..='\u{200D}' | '\u{FEFF}' // zero width
            | '\u{2028}' | '\u{2029}' // line and paragraph separator
            | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' // invisible operators
            | '\u{FFF9}'..='\u{FFFC}' // interlinear annotation, object
            | '\u{E0000}'..='\u{E0FFF}' // tags and selectors
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_terminal_acts_on_becomes_visible() {
        for (hostile, visible) in [
            ("\x1b]0;title\x07", "\\u{1B}]0;title\\u{7}"),
            ("\u{9b}31m", "\\u{9B}31m"),
            ("\x7f\r\n\t", "\\u{7F}\\u{D}\\u{A}\\u{9}"),
            ("exe\u{202e}gpj", "exe\\u{202E}gpj"),
            ("\u{feff}a\u{200b}b\u{2028}c", "\\u{FEFF}a\\u{200B}b\\u{2028}c"),
            ("\u{e0041}", "\\u{E0041}"),
        ] {
            assert_eq!(escape(hostile), visible);
        }
    }

    #[test]
    fn a_span_moves_with_the_text_before_it() {
        let line = "\t\x1bkey=\u{202e}value;";
        let at = line.find("\u{202e}").unwrap();
        let (escaped, span) = escape_line(line, &(at..line.len() - 1));
        assert_eq!(escaped, "    \\u{1B}key=\\u{202E}value;");
        assert_eq!(&escaped[span], "\\u{202E}value");
    }

    proptest! {
        #[test]
        fn escaping_twice_is_escaping_once(text in any::<String>()) {
            let once = escape(&text).into_owned();
            prop_assert_eq!(&escape(&once), &once);
            prop_assert!(!once.contains(is_hostile));
        }

        #[test]
        fn a_span_stays_within_the_line(text in any::<String>(), start in 0_usize..40, len in 0_usize..40) {
            let (escaped, span) = escape_line(&text, &(start..start + len));
            prop_assert!(escaped.get(span).is_some());
            prop_assert!(!escaped.contains(is_hostile));
        }
    }
}
