//! Decides how JSON looks on a terminal: indented, with the order and the numbers that the server wrote, and nothing in it
//! that a terminal would act on.

use serde::de::IgnoredAny;

use crate::report::escape::{escape, escape_json};

/// How far each level is indented.
const STEP: &str = "  ";

/// `bytes` for a person: JSON is indented, anything else is only made harmless.
pub(super) fn pretty(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    match serde_json::from_str::<IgnoredAny>(&text) {
        Ok(IgnoredAny) => escape_json(&indent(&text)),
        Err(_) => text
            .split_inclusive('\n')
            .flat_map(|line| [escape(line.trim_end()).into_owned(), "\n".to_owned()])
            .collect(),
    }
}

/// Sets white space anew in sound JSON.
fn indent(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut rest) = (0_usize, json.trim());
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&STEP.repeat(depth));
    };
    while let Some(sign) = rest.chars().next() {
        let taken = match sign {
            '"' => string(rest),
            '{' | '[' => {
                let inside = rest[1..].trim_start();
                if inside.starts_with(['}', ']']) {
                    out.push(sign);
                    out.push_str(&inside[..1]);
                    rest = inside[1..].trim_start();
                    continue;
                }
                depth += 1;
                1
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                1
            }
            other => other.len_utf8(),
        };
        out.push_str(&rest[..taken]);
        match sign {
            '{' | '[' | ',' => line(&mut out, depth),
            ':' => out.push(' '),
            _ => {}
        }
        rest = rest[taken..].trim_start();
    }
    out.push('\n');
    out
}

/// The length of the string with which `text` begins, with its quotes, in bytes.
fn string(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_indented_and_keeps_its_order() {
        let json = br#"{"b":[1.10,{"x":{ }},[],"q\"{,"],"a" : null , "n":12345678901234567890123}"#;
        let expected = "{\n  \"b\": [\n    1.10,\n    {\n      \"x\": {}\n    },\n    [],\n    \"q\\\"{,\"\n  ],\n  \
                        \"a\": null,\n  \"n\": 12345678901234567890123\n}\n";
        assert_eq!(pretty(json), expected);
        assert_eq!(pretty(b" 1 "), "1\n");
    }

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(pretty("[\"a\u{202e}b\"]".as_bytes()), "[\n  \"a\\u202eb\"\n]\n");
        assert_eq!(pretty(b"<p>\x1b[31m\nx"), "<p>\\u{1B}[31m\nx\n");
    }
}
