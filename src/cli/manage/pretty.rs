//! Decides how JSON looks on a terminal: indented, with the order and the numbers that the server wrote, and nothing in it
//! that a terminal would act on.

use serde::de::IgnoredAny;

use crate::report::escape::{escape, escape_json};

/// How far each level is indented.
const STEP: &str = "  ";

/// What is deeper is not indented: nobody reads it, and blanks would grow with the square of its length.
const DEEPEST: usize = 64;

/// What would be longer is not indented, in bytes.
const LONGEST: usize = 32 << 20;

/// `bytes` for a person: JSON is indented, anything else is only made harmless.
pub(super) fn pretty(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    match serde_json::from_str::<IgnoredAny>(&text) {
        Ok(IgnoredAny) => match indent(&text) {
            Some(indented) => escape_json(&indented),
            None => escape_json(&text) + "\n",
        },
        Err(_) => text
            .split_inclusive('\n')
            .flat_map(|line| [escape(line.trim_end()).into_owned(), "\n".to_owned()])
            .collect(),
    }
}

/// Sets white space anew in sound JSON; `None` if that is not worth it.
fn indent(json: &str) -> Option<String> {
    let mut out = String::new();
    let (mut depth, mut rest) = (0_usize, json.trim());
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&STEP.repeat(depth));
    };
    while let Some(sign) = rest.chars().next() {
        if depth > DEEPEST || out.len() > LONGEST {
            return None;
        }
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
    Some(out)
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
    fn what_is_deep_or_would_be_long_is_not_indented() {
        let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
        assert_eq!(pretty(deep.as_bytes()), format!("{deep}\n"));
        let wide = format!("{}{}{}", "[".repeat(60), vec!["1"; 400_000].join(","), "]".repeat(60));
        assert_eq!(pretty(wide.as_bytes()), format!("{wide}\n"));
    }

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(pretty("[\"a\u{202e}b\"]".as_bytes()), "[\n  \"a\\u202eb\"\n]\n");
        assert_eq!(pretty(b"<p>\x1b[31m\nx"), "<p>\\u{1B}[31m\nx\n");
    }
}
