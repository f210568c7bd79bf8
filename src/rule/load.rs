//! Decides whether a rule file is sound, and says where it is not.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use regex_syntax::hir::literal::Extractor;
use toml::Spanned;

use super::builtin::BUILTIN;
use super::raw::{RawAllowlist, RawContext, RawExample, RawFile, RawRule};
use super::{
    Allowlist, Bind, Condition, Confidence, Context, Example, Expect, Jose, Part, Pattern, PatternError, Rule,
    Severity, SharedRule,
};

/// Shorter literals would stop the search so often that it is no faster than the pattern.
const SHORTEST_ANCHOR: usize = 3;

/// A rule file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// The file as it was named.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in bytes, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

impl std::error::Error for LoadError {}

/// The rules of one scan, in the order of their ids.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: Vec<SharedRule>,
    /// The ids that no file of the user's may have.
    built_in: BTreeSet<Box<str>>,
}

/// The built-in rule files: name and text.
pub fn builtin_sources() -> &'static [(&'static str, &'static str)] {
    BUILTIN
}

impl RuleSet {
    /// The rules that barewire brings along.
    ///
    /// # Errors
    /// None in a build that passed its tests; the error is the same as for a file of the user's.
    pub fn builtin() -> Result<Self, LoadError> {
        let mut set = Self::default();
        for (file, text) in BUILTIN {
            set.add(file, text, Trust::Own)?;
        }
        Ok(set)
    }

    /// Adds the rules of a file of the user's. A rule replaces one of the same id from an earlier file, but never one
    /// that barewire brings along.
    ///
    /// # Errors
    /// The first thing in the file that is not understood, with its place.
    pub fn add_file(&mut self, file: &str, text: &str) -> Result<(), LoadError> {
        self.add(file, text, Trust::Foreign)
    }

    /// The rules, ordered by id.
    pub fn rules(&self) -> &[SharedRule] {
        &self.rules
    }

    /// The rule with this id.
    pub fn get(&self, id: &str) -> Option<&SharedRule> {
        self.rules.binary_search_by(|rule| (*rule.id).cmp(id)).ok().map(|at| &self.rules[at])
    }

    /// A digest of all that decides what is found, in hex: the rules' text and this program's version.
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
        for rule in &self.rules {
            hasher.update(format!("{rule:?}").as_bytes());
        }
        hasher.finalize().to_hex()[..16].to_owned()
    }

    fn add(&mut self, file: &str, text: &str, trust: Trust) -> Result<(), LoadError> {
        let source = Source { file, text, trust };
        let raw: RawFile = toml::from_str(text)
            .map_err(|error| source.error(error.span().unwrap_or(0..0), error.message().to_owned()))?;
        if raw.rules.is_empty() {
            return Err(source.error(0..0, "no [[rules]] in this file".to_owned()));
        }
        let mut ids = BTreeSet::new();
        for raw_rule in raw.rules {
            let place = raw_rule.id.span();
            let rule = source.rule(raw_rule)?;
            if !ids.insert(rule.id.clone()) {
                return Err(source.error(place, format!("rule {} is in this file twice", rule.id)));
            }
            match (trust, self.built_in.contains(&rule.id)) {
                (Trust::Own, _) => drop(self.built_in.insert(rule.id.clone())),
                (Trust::Foreign, false) => {}
                (Trust::Foreign, true) => {
                    let message = format!("rule {} is a built-in one and stays; give yours another id", rule.id);
                    return Err(source.error(place, message));
                }
            }
            match self.rules.binary_search_by(|other| other.id.cmp(&rule.id)) {
                Ok(at) => self.rules[at] = Arc::new(rule),
                Err(at) => self.rules.insert(at, Arc::new(rule)),
            }
        }
        Ok(())
    }
}

/// Whether a file's patterns were checked when this program was built.
#[derive(Clone, Copy)]
enum Trust {
    Own,
    Foreign,
}

struct Source<'a> {
    file: &'a str,
    text: &'a str,
    trust: Trust,
}

impl Source<'_> {
    fn error(&self, span: Range<usize>, message: String) -> LoadError {
        let before = &self.text.as_bytes()[..span.start.min(self.text.len())];
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let column = before.len() - memchr::memrchr(b'\n', before).map_or(0, |feed| feed + 1) + 1;
        LoadError { file: self.file.to_owned(), line, column, message }
    }

    fn rule(&self, raw: RawRule) -> Result<Rule, LoadError> {
        let id = raw.id.get_ref().trim();
        if id.is_empty() {
            return Err(self.error(raw.id.span(), "a rule needs an id".to_owned()));
        }
        if raw.regex.is_none() && raw.path.is_none() {
            return Err(self.error(raw.id.span(), format!("rule {id} has neither regex nor path")));
        }
        let regex = raw.regex.as_ref().map(|regex| self.pattern(regex)).transpose()?;
        if let (Some(group), Some(pattern)) = (&raw.secret_group, &regex) {
            self.secret_group(group, pattern)?;
        }
        Ok(Rule {
            id: id.into(),
            regex,
            path: raw.path.as_ref().map(|path| self.pattern(path)).transpose()?,
            anchors: self.anchors(&raw.anchors)?,
            keywords: raw.keywords.iter().map(|word| word.to_lowercase().into()).collect(),
            entropy: raw.entropy,
            secret_group: raw.secret_group.map_or(0, Spanned::into_inner),
            allowlists: raw.allowlists.into_iter().map(|list| self.allowlist(list)).collect::<Result<_, _>>()?,
            tests: raw.tests.into_iter().map(|test| self.example(test, &raw.id)).collect::<Result<_, _>>()?,
            description: raw.description.into(),
            tags: boxed(raw.tags),
            severity: raw.severity.unwrap_or(Severity::High),
            confidence: raw.confidence.unwrap_or(Confidence::Medium),
            part: raw.part.unwrap_or(Part::Other),
            checks: raw.check,
            context: raw.context.map(|RawContext { any, lines }| Context { any, lines }),
            bind: raw.bind.map(|bind| Bind {
                names: folded(&bind.names),
                deny: folded(&bind.deny),
                calls: folded(&bind.calls),
            }),
            jose: raw.jose.map(|jose| Jose {
                typ: jose.typ.map(Into::into),
                issuer: jose.issuer.map(Into::into),
                claims: boxed(jose.claims),
                segments: jose.segments,
            }),
            impact: raw.impact.into(),
            remedy: raw.remedy.into(),
            reference: raw.reference.into(),
        })
    }

    fn pattern(&self, source: &Spanned<String>) -> Result<Pattern, LoadError> {
        match self.trust {
            Trust::Own => Ok(Pattern::trusted(source.get_ref())),
            Trust::Foreign => Pattern::parse(source.get_ref()).map_err(|error| {
                let message = match error {
                    PatternError::TooLarge(limit) => {
                        format!("this pattern is too large: it takes more than {} MiB when compiled", limit >> 20)
                    }
                    PatternError::Syntax(error) => format!("this pattern does not parse: {error}"),
                };
                self.error(source.span(), message)
            }),
        }
    }

    fn secret_group(&self, group: &Spanned<usize>, pattern: &Pattern) -> Result<(), LoadError> {
        let groups = match self.trust {
            Trust::Own => return Ok(()),
            Trust::Foreign => pattern.regex().captures_len() - 1,
        };
        if *group.get_ref() <= groups {
            return Ok(());
        }
        Err(self.error(group.span(), format!("secretGroup is {}, the regex has {groups} groups", group.get_ref())))
    }

    /// Expands each anchor to the literals that it stands for.
    fn anchors(&self, sources: &[Spanned<String>]) -> Result<Vec<Box<[u8]>>, LoadError> {
        let mut anchors = Vec::new();
        for source in sources {
            let fail = |why: &str| self.error(source.span(), format!("anchor {:?} {why}", source.get_ref()));
            let hir = regex_syntax::ParserBuilder::new()
                .unicode(false)
                .utf8(false)
                .build()
                .parse(source.get_ref())
                .map_err(|error| fail(&format!("does not parse: {error}")))?;
            let sequence = Extractor::new().limit_class(64).limit_total(256).extract(&hir);
            let literals = sequence.literals().filter(|_| sequence.is_exact());
            let literals = literals.ok_or_else(|| fail("does not stand for a few literals"))?;
            if literals.iter().any(|literal| literal.len() < SHORTEST_ANCHOR) {
                return Err(fail("is shorter than three bytes"));
            }
            anchors.extend(literals.iter().map(|literal| literal.as_bytes().into()));
        }
        Ok(anchors)
    }

    fn allowlist(&self, raw: RawAllowlist) -> Result<Allowlist, LoadError> {
        let condition = match raw.condition.as_ref().map(|word| (word, word.get_ref().to_uppercase())) {
            None => Condition::Any,
            Some((_, word)) if matches!(&*word, "" | "OR" | "||") => Condition::Any,
            Some((_, word)) if matches!(&*word, "AND" | "&&") => Condition::All,
            Some((word, _)) => return Err(self.error(word.span(), "condition is either \"OR\" or \"AND\"".to_owned())),
        };
        let patterns = |sources: &[Spanned<String>]| -> Result<Vec<Pattern>, LoadError> {
            sources.iter().map(|source| self.pattern(source)).collect()
        };
        Ok(Allowlist {
            description: raw.description.into(),
            condition,
            commits: raw.commits.iter().map(|commit| commit.trim().to_lowercase().into()).collect(),
            paths: patterns(&raw.paths)?,
            target: raw.regex_target,
            regexes: patterns(&raw.regexes)?,
            stopwords: raw.stopwords.iter().map(|word| word.to_lowercase().into()).collect(),
        })
    }

    fn example(&self, raw: RawExample, id: &Spanned<String>) -> Result<Example, LoadError> {
        match (raw.matches, raw.miss) {
            (Some(text), None) => Ok(Example { text: text.into(), expect: Expect::Match }),
            (None, Some(text)) => Ok(Example { text: text.into(), expect: Expect::Miss }),
            _ => {
                let message = format!("each test of {} has either match or miss", id.get_ref());
                Err(self.error(id.span(), message))
            }
        }
    }
}

fn boxed(words: Vec<String>) -> Vec<Box<str>> {
    words.into_iter().map(Into::into).collect()
}

/// Names without case and punctuation, so that `API_TOKEN`, `apiToken` and `API token` are one.
fn folded(names: &[String]) -> Vec<Box<str>> {
    names.iter().map(|name| fold_name(name.as_bytes()).into()).collect()
}

/// A name in the form in which names are compared: ASCII letters and digits only, lower-case.
pub fn fold_name(name: &[u8]) -> String {
    name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(|byte| char::from(byte.to_ascii_lowercase())).collect()
}
