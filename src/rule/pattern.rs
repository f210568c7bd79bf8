//! Decides how patterns are compiled: on bytes, without Unicode tables, and not before they are needed.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

/// A regular expression over bytes that is compiled at its first use.
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
    /// Takes a pattern after its syntax was checked.
    ///
    /// # Errors
    /// What the `regex` crate says of a pattern that does not parse.
    pub fn parse(source: &str) -> Result<Self, regex::Error> {
        let parsed = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(source);
        parsed.map_err(|error| regex::Error::Syntax(error.to_string()))?;
        Ok(Self { source: source.into(), compiled: OnceLock::new() })
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
            Compiled { regex: build(&self.source), longest }
        })
    }
}

/// Compiles what parsed; a pattern that is too large to compile matches nothing, which `Pattern::parse` rules out for
/// anything but sizes beyond the limit below.
fn build(source: &str) -> Regex {
    let limit = 64 << 20;
    let regex = RegexBuilder::new(source).unicode(false).size_limit(limit).dfa_size_limit(limit).build();
    #[expect(clippy::expect_used, reason = "the syntax was checked; only a size beyond 64 MiB fails, and must be seen")]
    regex.expect("a pattern that compiles within 64 MiB")
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pattern({})", self.source)
    }
}
