//! Decides what in a blob is a secret: blob in, findings out; no I/O, no clock, no environment, no threads.
//!
//! One pass looks for short literals (`prefilter`); only what it hits is looked at again. A rule with anchors is
//! confirmed next to its hits. A rule without is tried where its pattern's own literals and runs announce a match
//! (`clue`, `starts`), if the blob speaks of what the rule asks for. Then its keywords, the named checks, the binding to
//! a name or a call, and the neighbours decide.

mod binding;
mod check;
mod clue;
mod excerpt;
mod jose;
mod keywords;
mod literals;
mod locality;
mod matcher;
mod neighbour;
mod prefilter;
mod starts;
mod text;
mod vendor;

use std::ops::Range;
use std::sync::Arc;

use crate::blob::Blob;
use crate::finding::{Encoding, Finding, Lifetime, Parts, Provenance};
use crate::rule::{Rule, RuleSet};
use crate::secret::Secret;
use excerpt::Veil;
pub use locality::{Locality, Setting, Survey};
use matcher::{Hits, Matcher};
use text::Text;

/// Searches blobs by a set of rules. It can be shared by threads.
#[derive(Debug)]
pub struct Detector {
    rules: RuleSet,
    matcher: Matcher,
    /// The ids of the rules whose findings are reported; all if there are none.
    only: Vec<String>,
}

/// A match on its way to become a finding.
#[derive(Clone, Debug)]
struct Candidate {
    /// Index of the rule.
    rule: usize,
    /// The whole match, in the text's offsets.
    whole: Range<usize>,
    /// The secret within it.
    span: Range<usize>,
    /// The value, where it is not simply the bytes of `span`.
    value: Option<Secret>,
    parts: Parts,
    bound_to: Option<Box<str>>,
    lifetime: Lifetime,
    decoded: Option<Encoding>,
}

impl Candidate {
    fn new(rule: usize, whole: Range<usize>, span: Range<usize>) -> Self {
        Self {
            rule,
            whole,
            span,
            value: None,
            parts: Parts::default(),
            bound_to: None,
            lifetime: Lifetime::Unknown,
            decoded: None,
        }
    }
}

impl Detector {
    /// Prepares the search; patterns are compiled later, when a blob needs them.
    pub fn new(rules: RuleSet) -> Self {
        let matcher = Matcher::new(rules.rules());
        Self { rules, matcher, only: Vec::new() }
    }

    /// Reports only what the rules with these ids find. The others go on to be searched by: they tell what in an
    /// excerpt must be masked.
    ///
    /// # Errors
    /// The first id that no rule has.
    pub fn only(mut self, ids: &[String]) -> Result<Self, String> {
        if let Some(unknown) = ids.iter().find(|id| self.rules.get(id).is_none()) {
            return Err(unknown.clone());
        }
        self.only = ids.to_vec();
        Ok(self)
    }

    /// A digest of all that decides what is found, in hex.
    pub fn digest(&self) -> String {
        let all = format!("{} {}", self.rules.digest(), self.only.join(" "));
        if self.only.is_empty() { self.rules.digest() } else { blake3::hash(all.as_bytes()).to_hex()[..16].to_owned() }
    }

    /// Whether it reports what a rule with this id would find.
    pub fn reports(&self, id: &str) -> bool {
        self.rules.get(id).is_some() && (self.only.is_empty() || self.only.iter().any(|only| only == id))
    }

    /// The rules that it searches by.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Whether the path of a blob has a say in what is found in it and what is forgiven.
    pub fn heeds_paths(&self) -> bool {
        let mut rules = self.rules.rules().iter();
        rules.any(|rule| rule.path.is_some() || rule.allowlists.iter().any(|list| !list.paths.is_empty()))
    }

    /// Everything in `blob` that a rule finds and that begins in the part that the blob owns, in no particular order.
    pub fn detect(&self, blob: &Blob<'_>) -> Vec<Finding> {
        self.detect_in(blob, Setting::default())
    }

    /// How a text is to be searched.
    pub fn survey(&self, bytes: &[u8]) -> Survey {
        Locality::survey(&self.matcher, self.rules.rules(), bytes)
    }

    /// The same as [`Detector::detect`], in a piece of a text that is known to be about `setting`.
    pub fn detect_in(&self, blob: &Blob<'_>, setting: Setting) -> Vec<Finding> {
        let plain = Text::plain(blob.bytes);
        let hits = self.matcher.hits(self.rules.rules(), &plain);
        let marked = text::whole(blob.bytes);
        if marked.is_none() && hits.is_idle(&self.matcher) && setting.is_empty() {
            return Vec::new();
        }
        let mut findings = self.conclude(blob, &plain, (&hits, setting));
        if let Some(wide) = marked {
            let hits = self.matcher.hits(self.rules.rules(), &wide);
            findings.extend(self.conclude(blob, &wide, (&hits, setting)));
        } else if !hits.wide().is_empty() {
            for wide in text::stretches(blob.bytes, hits.wide()) {
                let hits = self.matcher.hits(self.rules.rules(), &wide);
                findings.extend(self.conclude(blob, &wide, (&hits, setting)));
            }
            let key = |finding: &Finding| (finding.offset, Arc::clone(&finding.rule).id.clone());
            findings.sort_by_cached_key(key);
            findings.dedup_by(|a, b| key(a) == key(b));
        }
        findings
    }

    /// What the rules find in one text, with places and excerpts.
    fn conclude(&self, blob: &Blob<'_>, text: &Text<'_>, (hits, setting): (&Hits, Setting)) -> Vec<Finding> {
        let rules = self.rules.rules();
        if hits.is_idle(&self.matcher) && setting.is_empty() {
            return Vec::new();
        }
        let mut candidates = self.matcher.candidates(rules, text, (hits, setting), blob.name);
        candidates.sort_by_key(|candidate| (candidate.span.start, candidate.span.end, candidate.rule));
        candidates.dedup_by_key(|candidate| (candidate.span.start, candidate.span.end, candidate.rule));
        let veil = Veil::new(text, candidates.iter().filter(|candidate| !rules[candidate.rule].part.is_identifier()));
        let spans: Vec<Range<usize>> = candidates.iter().map(|candidate| candidate.span.clone()).collect();
        let places = text::places(text, &blob.frame, blob.bytes, &spans);
        let name = Arc::new(blob.name.clone());
        let reported = |rule: &Rule| self.only.is_empty() || self.only.iter().any(|id| **id == *rule.id);
        let owned = |candidate: &Candidate| blob.frame.owned.contains(&text.offset(candidate.span.start));
        candidates
            .into_iter()
            .zip(places)
            .filter(|(candidate, _)| owned(candidate) && reported(&rules[candidate.rule]))
            .map(|(candidate, (start, end))| {
                let rule = &rules[candidate.rule];
                Finding {
                    rule: Arc::clone(rule),
                    severity: rule.severity,
                    secret: candidate.value.unwrap_or_else(|| Secret::new(&text.bytes[candidate.span.clone()])),
                    name: Arc::clone(&name),
                    origin: blob.origin,
                    offset: blob.frame.offset + text.offset(candidate.span.start) as u64,
                    start,
                    end,
                    decoded: text.encoding().into_iter().chain(candidate.decoded).collect(),
                    parts: candidate.parts,
                    bound_to: candidate.bound_to.filter(|name| !veil.hides(name)),
                    lifetime: candidate.lifetime,
                    verdict: None,
                    excerpt: veil.excerpt(&candidate.span, rule.part),
                    provenance: Provenance::default(),
                    forgiven: None,
                }
            })
            .collect()
    }
}
