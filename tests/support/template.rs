//! Arms the disarmed: `PT{hex:48}` in a fixture becomes a value that looks live, but only while a test runs.
//!
//! | written | becomes |
//! |---|---|
//! | `{hex:N}`, `{digits:N}`, `{alnum:N}`, `{base58:N}`, `{b64url:N}` | N pseudo-random characters of that alphabet |
//! | `{uuid}` | a version 4 UUID |
//! | `{same:NAME=hex:48}` | a value as above, kept under that name |
//! | `{same:NAME}` | the value that was kept |
//! | `{base64:…}`, `{b64u:…}` | base64 of what stands inside: standard with padding, URL-safe without |
//! | `{utf16le:…}`, `{utf16be:…}` | what stands inside as UTF-16, without a byte order mark |
//!
//! What stands inside is expanded first, so forms nest. Any other brace is itself. The same text gives the same bytes
//! on every run; two values of one text differ.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// No value contains one of these; each could be taken for a placeholder.
const WORDS: &[&str] =
    &["test", "fake", "demo", "dummy", "your", "dead", "beef", "cafe", "babe", "face", "f00d", "c0de", "pass", "none"];

/// Expands `text` by itself.
pub(crate) fn expand(text: &str) -> Vec<u8> {
    Expander::default().expand(text)
}

/// Expands `text`, whose expansion is text as well.
pub(crate) fn expand_text(text: &str) -> String {
    Expander::default().expand_text(text)
}

/// Expands several texts that share their kept values, and none of whose values are alike.
#[derive(Debug, Default)]
pub(crate) struct Expander {
    made: u64,
    kept: BTreeMap<String, String>,
}

impl Expander {
    /// Expands `text`.
    pub(crate) fn expand(&mut self, text: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(brace) = rest.find('{') {
            bytes.extend_from_slice(&rest.as_bytes()[..brace]);
            rest = &rest[brace..];
            if let Some((form, after)) = self.form(rest) {
                bytes.extend_from_slice(&form);
                rest = after;
            } else {
                bytes.push(b'{');
                rest = &rest[1..];
            }
        }
        bytes.extend_from_slice(rest.as_bytes());
        bytes
    }

    /// Expands `text`, whose expansion is text as well.
    pub(crate) fn expand_text(&mut self, text: &str) -> String {
        String::from_utf8(self.expand(text)).expect("the expansion is text")
    }

    /// The value that a `{same:NAME=…}` kept.
    pub(crate) fn kept(&self, name: &str) -> &str {
        self.kept.get(name).unwrap_or_else(|| panic!("no {{same:{name}=…}} came before"))
    }

    /// The expansion of the form that `text` begins with, and what follows it.
    fn form<'a>(&mut self, text: &'a str) -> Option<(Vec<u8>, &'a str)> {
        let inner = &text[1..];
        let word = &inner[..inner.find(|c: char| !c.is_ascii_alphanumeric())?];
        let wraps: Option<Wrap> = match word {
            "base64" => Some(|bytes| STANDARD.encode(bytes).into_bytes()),
            "b64u" => Some(|bytes| URL_SAFE_NO_PAD.encode(bytes).into_bytes()),
            "utf16le" => Some(|bytes| utf16(bytes).flat_map(u16::to_le_bytes).collect()),
            "utf16be" => Some(|bytes| utf16(bytes).flat_map(u16::to_be_bytes).collect()),
            "hex" | "digits" | "alnum" | "base58" | "b64url" | "uuid" | "same" => None,
            _ => return None,
        };
        let stop = if word == "uuid" { '}' } else { ':' };
        if !inner[word.len()..].starts_with(stop) {
            return None;
        }
        let end = closing(text);
        let (form, after) = (&text[1..end], &text[end + 1..]);
        let bytes = match (wraps, form.split_once(':')) {
            (Some(wrap), Some((_, inside))) => wrap(&self.expand(inside)),
            (_, Some(("same", name))) => self.same(name).into_bytes(),
            _ => self.value(form).into_bytes(),
        };
        Some((bytes, after))
    }

    fn same(&mut self, form: &str) -> String {
        let Some((name, form)) = form.split_once('=') else { return self.kept(form).to_owned() };
        let value = self.value(form);
        let before = self.kept.insert(name.to_owned(), value.clone());
        assert_eq!(before, None, "{{same:{name}=…}} stands twice");
        value
    }

    fn value(&mut self, form: &str) -> String {
        self.made += 1;
        let mut noise = Noise::new(self.made);
        if form == "uuid" {
            return noise.uuid();
        }
        let (kind, len) = form.split_once(':').unwrap_or_else(|| panic!("{{{form}}} lacks its length"));
        let len = len.parse().unwrap_or_else(|_| panic!("{{{form}}} has no number as its length"));
        noise.value(alphabet(kind), len)
    }
}

/// An encoding of what stands inside a form.
type Wrap = fn(&[u8]) -> Vec<u8>;

fn alphabet(kind: &str) -> &'static [u8] {
    match kind {
        "hex" => b"0123456789abcdef",
        "digits" => b"0123456789",
        "alnum" => b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "base58" => b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
        "b64url" => b"-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
        _ => panic!("no alphabet is called {kind:?}"),
    }
}

/// Offset of the brace that closes the one that `text` begins with.
fn closing(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return at,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    panic!("a brace is not closed: {text}")
}

fn utf16(bytes: &[u8]) -> impl Iterator<Item = u16> {
    let text = std::str::from_utf8(bytes).expect("what becomes UTF-16 is text");
    text.encode_utf16().collect::<Vec<_>>().into_iter()
}

/// A small generator (`SplitMix64`) whose values are the same on every system.
pub(crate) struct Noise(u64);

impl Noise {
    /// Numbers that depend on `seed` alone.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xD134_2543_DE82_EF95) ^ 0xBA6E_317E_0000_0001)
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// The next number that is less than `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn pick(&mut self, alphabet: &[u8]) -> u8 {
        let at = self.next() % alphabet.len() as u64;
        alphabet[usize::try_from(at).unwrap()]
    }

    fn value(&mut self, alphabet: &[u8], len: usize) -> String {
        loop {
            let value = self.characters(alphabet, len);
            if is_lively(&value, alphabet) {
                return value;
            }
        }
    }

    fn characters(&mut self, alphabet: &[u8], len: usize) -> String {
        let mut value = Vec::with_capacity(len);
        while value.len() < len {
            let byte = self.pick(alphabet);
            if !is_run(&value, byte) {
                value.push(byte);
            }
        }
        String::from_utf8(value).unwrap()
    }

    fn uuid(&mut self) -> String {
        let hex = self.value(alphabet("hex"), 30);
        let variant = char::from(self.pick(b"89ab"));
        format!("{}-{}-4{}-{variant}{}-{}", &hex[..8], &hex[8..12], &hex[12..15], &hex[15..18], &hex[18..])
    }
}

/// Whether `next` would be the third of a kind (`aaa`) or of a row (`abc`, `321`).
fn is_run(value: &[u8], next: u8) -> bool {
    let [.., second, first] = value else { return false };
    let step = i16::from(*first) - i16::from(*second);
    (-1..=1).contains(&step) && i16::from(next) - i16::from(*first) == step
}

/// Whether the value looks random: some of each sort of character that its alphabet has, and no word.
fn is_lively(value: &str, alphabet: &[u8]) -> bool {
    let sorts: [fn(&u8) -> bool; 3] = [u8::is_ascii_digit, u8::is_ascii_lowercase, u8::is_ascii_uppercase];
    let varied = sorts.iter().all(|sort| !alphabet.iter().any(sort) || value.bytes().any(|byte| sort(&byte)));
    let edges = value.bytes().next().into_iter().chain(value.bytes().last());
    let bounded = edges.into_iter().all(|byte| byte.is_ascii_alphanumeric());
    let folded = value.to_ascii_lowercase();
    (varied || value.len() < 12) && bounded && !WORDS.iter().any(|word| folded.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_has_its_alphabet_and_length() {
        for (form, len) in
            [("{hex:48}", 48), ("{digits:6}", 6), ("{alnum:50}", 50), ("{base58:24}", 24), ("{uuid}", 36)]
        {
            assert_eq!(expand_text(form).len(), len, "{form}");
        }
        let hex = expand_text("{hex:200}");
        assert!(hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{hex}");
        let url = expand_text("{b64url:86}");
        assert!(url.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{url}");
        let parsed = uuid::Uuid::parse_str(&expand_text("{uuid}")).unwrap();
        assert_eq!((parsed.get_version_num(), parsed.get_variant()), (4, uuid::Variant::RFC4122));
    }

    #[test]
    fn values_are_stable_and_differ() {
        let text = "{hex:48} {hex:48} {uuid} {uuid}";
        let expanded = expand_text(text);
        assert_eq!(expanded, expand_text(text));
        let mut values: Vec<_> = expanded.split(' ').collect();
        values.sort_unstable();
        values.dedup();
        assert_eq!(values.len(), 4);
    }

    #[test]
    fn texts_of_one_expander_share_kept_values_alone() {
        let mut expander = Expander::default();
        let first = expander.expand_text("{same:token=hex:48} {hex:48}");
        let second = expander.expand_text("{same:token} {hex:48}");
        assert_eq!(first[..48], second[..48]);
        assert_ne!(first[49..], second[49..]);
        assert_eq!(expander.kept("token"), &first[..48]);
    }

    #[test]
    fn forms_nest() {
        let mut expander = Expander::default();
        let basic = expander.expand_text("{base64:{same:id=uuid}:PT{same:hex=hex:48}}");
        let plain = STANDARD.decode(&basic).unwrap();
        assert_eq!(plain, format!("{}:PT{}", expander.kept("id"), expander.kept("hex")).into_bytes());
        assert_eq!(basic.len(), 116);

        let header = expand_text(r#"{b64u:{"typ":"VRT","alg":"HS512"}}"#);
        assert_eq!(URL_SAFE_NO_PAD.decode(header).unwrap(), br#"{"typ":"VRT","alg":"HS512"}"#);
        assert_eq!(expand("{utf16le:hé}"), b"h\0\xe9\0");
        assert_eq!(expand("{utf16be:hé}"), b"\0h\0\xe9");
    }

    #[test]
    fn other_braces_are_themselves() {
        for text in [r#"{"a": {"b": 1}}"#, "${TOKEN}", "{{ token }}", "{hexagon}", "{hex}", "}{", "{"] {
            assert_eq!(expand_text(text), text);
        }
        assert!(expand_text(r#"{"token": "PT{hex:48}"}"#).starts_with(r#"{"token": "PT"#));
    }

    #[test]
    fn no_value_looks_like_a_placeholder() {
        let mut expander = Expander::default();
        for _ in 0..2_000 {
            let value = expander.expand_text("{base58:24}");
            assert!(value.as_bytes().windows(3).all(|three| !is_run(&three[..2], three[2])), "{value}");
            assert!(value.bytes().any(|byte| byte.is_ascii_digit()), "{value}");
            assert!(value.bytes().any(|byte| byte.is_ascii_lowercase()), "{value}");
        }
    }

    #[test]
    #[should_panic(expected = "has no number as its length")]
    fn a_form_without_a_number_is_a_mistake() {
        expand("{hex:many}");
    }
}
