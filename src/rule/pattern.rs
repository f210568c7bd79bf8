//! Decides how patterns are compiled: on bytes, without Unicode tables, and our own not before they are needed.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

/// Bytes that a pattern may take when it is compiled.
const LARGEST: usize = 64 << 20;

/// A regular expression over bytes. One of this crate's own is compiled at its first use, any other at once.
///
/// `\b`, `\w` and `(?i)` know ASCII alone. Syntax: that of the `regex` crate.
pub struct Pattern {
    source: Box<str>,
    compiled: OnceLock<Compiled>,
}

struct Compiled {
    regex: Regex,
    longest: Option<usize>,
}

impl Pattern {
    /// Takes a pattern, and compiles it at once: that is the only proof that it compiles.
    ///
    /// # Errors
    /// What the `regex` crate says of a pattern that does not parse, or is too large to compile.
    pub fn parse(source: &str) -> Result<Self, regex::Error> {
        let parsed = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(source);
        let longest = parsed.map_err(|error| regex::Error::Syntax(error.to_string()))?.properties().maximum_len();
        let compiled = Compiled { regex: build(source)?, longest };
        Ok(Self { source: source.into(), compiled: compiled.into() })
    }

    /// Takes a pattern of this crate's own rule files, whose syntax a test has checked.
    pub(super) fn trusted(source: &str) -> Self {
        Self { source: source.into(), compiled: OnceLock::new() }
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// The compiled form.
    pub fn regex(&self) -> &Regex {
        &self.compiled().regex
    }

    /// The length in bytes of the longest possible match, if there is a bound.
    pub fn longest(&self) -> Option<usize> {
        self.compiled().longest
    }

    fn compiled(&self) -> &Compiled {
        self.compiled.get_or_init(|| {
            let longest = regex_syntax::ParserBuilder::new()
                .unicode(false)
                .utf8(false)
                .build()
                .parse(&self.source)
                .ok()
                .and_then(|hir| hir.properties().maximum_len());
            #[expect(clippy::expect_used, reason = "a test compiles all that are trusted; the others are compiled")]
            let regex = build(&self.source).expect("a pattern of this crate compiles");
            Compiled { regex, longest }
        })
    }
}

fn build(source: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(source).unicode(false).size_limit(LARGEST).dfa_size_limit(LARGEST).build()
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pattern({})", self.source)
    }
}
