//! Decides how patterns are compiled: on bytes, without Unicode tables, and our own not before they are needed.

use std::sync::OnceLock;

use regex_automata::meta::{BuildError, Regex};
use regex_automata::util::syntax;
use regex_syntax::hir::Hir;

/// Bytes that a pattern may take when it is compiled.
const LARGEST: usize = 64 << 20;

/// Bytes that each thread may use to remember what a pattern did. Patterns are tried at few places, so this is enough.
const CACHE: usize = 2 << 20;

/// A regular expression over bytes. One of this crate's own is compiled at its first use, any other at once.
///
/// `\b`, `\w` and `(?i)` know ASCII alone. Syntax: that of the `regex` crate.
pub struct Pattern {
    source: Box<str>,
    regex: OnceLock<Regex>,
    longest: OnceLock<Option<usize>>,
}

/// Why a pattern cannot be used.
#[derive(Debug)]
pub enum PatternError {
    /// It does not parse: what is wrong, with the place, in several lines.
    Syntax(String),
    /// It takes more than that many bytes when it is compiled.
    TooLarge(usize),
}

impl Pattern {
    /// Takes a pattern, and compiles it at once: that is the only proof that it compiles.
    ///
    /// # Errors
    /// That the pattern does not parse, or is too large to compile.
    pub fn parse(source: &str) -> Result<Self, PatternError> {
        let longest = parsed(source).map_err(|error| PatternError::Syntax(error.to_string()))?;
        let longest = longest.properties().maximum_len();
        let regex = build(source).map_err(|error| match error.syntax_error() {
            Some(error) => PatternError::Syntax(error.to_string()),
            None => error.size_limit().map_or_else(|| PatternError::Syntax(error.to_string()), PatternError::TooLarge),
        })?;
        Ok(Self { source: source.into(), regex: regex.into(), longest: longest.into() })
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

    /// The length in bytes of the longest possible match, if there is a bound. The pattern is not compiled for that.
    pub fn longest(&self) -> Option<usize> {
        *self.longest.get_or_init(|| self.syntax().and_then(|hir| hir.properties().maximum_len()))
    }

    /// What the pattern means, as a tree.
    pub fn syntax(&self) -> Option<Hir> {
        parsed(&self.source).ok()
    }
}

fn parsed(source: &str) -> Result<Hir, Box<regex_syntax::Error>> {
    regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(source).map_err(Box::new)
}

fn build(source: &str) -> Result<Regex, Box<BuildError>> {
    let limits = Regex::config().utf8_empty(false).nfa_size_limit(Some(LARGEST)).hybrid_cache_capacity(CACHE);
    let syntax = syntax::Config::new().unicode(false).utf8(false);
    Regex::builder().configure(limits).syntax(syntax).build(source).map_err(Box::new)
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pattern({})", self.source)
    }
}
