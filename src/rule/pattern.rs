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
    regex: OnceLock<Regex>,
    longest: OnceLock<Option<usize>>,
}

impl Pattern {
    /// Takes a pattern, and compiles it at once: that is the only proof that it compiles.
    ///
    /// # Errors
    /// What the `regex` crate says of a pattern that does not parse, or is too large to compile.
    pub fn parse(source: &str) -> Result<Self, regex::Error> {
        let longest = longest(source).map_err(|error| regex::Error::Syntax(error.to_string()))?;
        Ok(Self { source: source.into(), regex: build(source)?.into(), longest: longest.into() })
    }

    /// Takes a pattern of this crate's own rule files, whose syntax a test has checked.
    pub(super) fn trusted(source: &str) -> Self {
        Self { source: source.into(), regex: OnceLock::new(), longest: OnceLock::new() }
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// The compiled form.
    ///
    /// # Panics
    /// Never in a build that passed its tests: they compile every pattern that was not compiled by `parse`.
    pub fn regex(&self) -> &Regex {
        #[expect(clippy::expect_used, reason = "a test compiles all that are trusted; the others are compiled")]
        self.regex.get_or_init(|| build(&self.source).expect("a pattern of this crate compiles"))
    }

    /// The pattern as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The length in bytes of the longest possible match, if there is a bound. The pattern is not compiled for that.
    pub fn longest(&self) -> Option<usize> {
        *self.longest.get_or_init(|| longest(&self.source).ok().flatten())
    }
}

fn longest(source: &str) -> Result<Option<usize>, Box<regex_syntax::Error>> {
    let parsed = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(source);
    Ok(parsed.map_err(Box::new)?.properties().maximum_len())
}

fn build(source: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(source).unicode(false).size_limit(LARGEST).dfa_size_limit(LARGEST).build()
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pattern({})", self.source)
    }
}
