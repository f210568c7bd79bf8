//! Decides what of a message may not be repeated: what has the shape of a secret, wherever the message comes from.
//!
//! A message can quote anything: an argument, a rule file, a file of git. So this asks for shapes alone, and for less
//! of them than a rule does, since a quote can be cut.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::{Captures, Regex};

use crate::secret::MASK;

/// What stands before a secret in a group, and the secret after it.
///
/// In base64 an API token alone begins with `UFQ` or `UFR`; behind a Project ID and a colon, as in Basic authorization, it
/// begins with `OlBU`. Three hex digits are four characters there, the first of which is one of five.
const SHAPES: &str = r"(?x)
    (PT) [0-9a-f]{24,}
  | () [0-9A-Za-z+/]{48} OlBU (?: [MNOYZ] [0-9A-Za-z+/]{3} ){8,} [0-9A-Za-z+/]* =*
  | () UF[QR] [0-9A-Za-z+/] (?: [MNOYZ] [0-9A-Za-z+/]{3} ){8,} [0-9A-Za-z+/]* =*
  | (?-u:\b) (PSK_) [0-9A-Za-z]{16,}
  | (?-u:\b) (pat_) [0-9A-Za-z]{20,}
  | (?-u:\b) (vpt_ | c2[ct]_) [0-9a-f]{16,}
  | (eyJ) [0-9A-Za-z_-]{8,} \. [0-9A-Za-z_.-]*
  | (?-u:\b) () [0-9A-Za-z]{50} (?-u:\b)
  | (:// [^\s/?\#@:]* :) [^\s/@]+ (@)
";

/// `text` with eight asterisks in the place of each secret. What tells its kind stays.
///
/// ```
/// use barewire::report::mask::mask;
///
/// assert_eq!(mask("ssh://me:sesame@host/path"), "ssh://me:********@host/path");
/// assert_eq!(mask("there is nothing here"), "there is nothing here");
/// ```
pub fn mask(text: &str) -> Cow<'_, str> {
    let Some(shapes) = shapes() else { return Cow::Borrowed(text) };
    shapes.replace_all(text, |found: &Captures<'_>| {
        let mut kept = found.iter().skip(1).flatten().map(|group| group.as_str());
        let (before, after) = (kept.next().unwrap_or_default(), kept.next().unwrap_or_default());
        format!("{before}{MASK}{after}")
    })
}

/// Whether anything in `text` has the shape of a secret.
pub fn holds_secret(text: &str) -> bool {
    shapes().is_some_and(|shapes| shapes.is_match(text))
}

/// A test sees to it that the shapes compile.
fn shapes() -> Option<&'static Regex> {
    static SHAPES_COMPILED: OnceLock<Option<Regex>> = OnceLock::new();
    SHAPES_COMPILED.get_or_init(|| Regex::new(SHAPES).ok()).as_ref()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::*;

    #[test]
    fn every_shape_is_masked_wherever_it_stands() {
        let hex = "0a1b2c3d".repeat(6);
        let mixed = "aB3".repeat(17);
        let base64 = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
        let basic = base64(format!("{}:PT{hex}", ["5b1f60c2", "93ad", "4e07", "8d2b", "f47a1c0e96b3"].join("-")));
        let alone = base64(format!("PT{hex}"));
        for (before, secret, after) in [
            ("no rule PT", &*hex, ""),
            ("xPT", &hex[..24], "/y"),
            ("key PSK_", &mixed[..20], "."),
            ("=pat_", &mixed[..24], ","),
            ("'vpt_", &hex[..32], "'"),
            ("c2t_", &hex[..32], " "),
            ("`eyJ", "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_-9", "`"),
            ("value \"", &mixed[..50], "\""),
            ("https://", "", ""),
            ("https://user:", "p%40:s!s", "@host/x"),
            ("https://:", "p", "@host"),
            ("Authorization: Basic ", &basic, "'"),
            ("token: ", &alone, "\n"),
        ] {
            let masked = if secret.is_empty() { "" } else { MASK };
            let text = format!("{before}{secret}{after}");
            assert_eq!(mask(&text), format!("{before}{masked}{after}"));
            assert_eq!(holds_secret(&text), !secret.is_empty(), "{text}");
            assert!(!holds_secret(&mask(&text)) || text.contains('@'), "{text}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        let digest = "0a1b2c3d".repeat(8);
        for text in [
            "PT[0-9a-f]{48}",
            "PSK_IDENTITY_HINT",
            "compat_initializationvector_of_something",
            "https://host:8080/a@b",
            "me@host: no such file",
            "eyJ is how a header begins",
            &digest,
            "grün, 日本",
        ] {
            assert_eq!(mask(text), text);
        }
    }
}
