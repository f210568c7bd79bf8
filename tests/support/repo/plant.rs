//! What was planted in a repository, and how it has to be reported: exactly so, and nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::{Report, word};

/// The rule that finds an API token.
pub(crate) const TOKEN: &str = "signalwire-api-token";

/// In the place of what is not told beforehand.
pub(crate) const ANY: &str = "*";

/// Where there is none.
pub(crate) const NONE: &str = "-";

/// What keeps a plant in a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// A ref leads to it.
    ByRefs,
    /// A reflog, an index or the HEAD of another working tree does, and these are not cloned.
    Here,
    /// Nothing does.
    ByNothing,
}

/// A value in a repository.
#[derive(Clone, Debug)]
pub(crate) struct Plant {
    pub(crate) kind: String,
    pub(crate) value: String,
    pub(crate) rule: &'static str,
    pub(crate) kept: Kept,
    pub(crate) places: Vec<Place>,
}

/// One finding of it. Texts are as the report has them, or [`ANY`], or [`NONE`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) path: String,
    pub(crate) origin: String,
    pub(crate) line: String,
    pub(crate) first: String,
    pub(crate) removed: String,
    pub(crate) in_head: String,
    pub(crate) pushed: String,
    pub(crate) reach: String,
    pub(crate) versions: String,
    pub(crate) last: String,
    /// Local branches, without `refs/heads/`.
    pub(crate) branches: String,
    /// The whole names of the tips that hold it.
    pub(crate) held_by: String,
}

impl Place {
    /// A place of which only the path and the first commit are known so far.
    pub(crate) fn new(path: &str, first: &str) -> Self {
        let any = || ANY.to_owned();
        Self {
            path: path.to_owned(),
            origin: "blob".to_owned(),
            line: any(),
            first: first.to_owned(),
            removed: NONE.to_owned(),
            in_head: "false".to_owned(),
            pushed: "false".to_owned(),
            reach: "history".to_owned(),
            versions: any(),
            last: any(),
            branches: any(),
            held_by: any(),
        }
    }

    /// A place that has no path of its own, or one that is masked.
    pub(crate) fn elsewhere(origin: &str, first: &str) -> Self {
        let any = || ANY.to_owned();
        let place = Self::new(ANY, first);
        Self { origin: origin.to_owned(), removed: any(), in_head: any(), pushed: any(), ..place }
    }

    /// What a finding says.
    fn of(finding: &Value) -> Self {
        let story = &finding["story"];
        let told = |value: &Value| match value {
            Value::Null => NONE.to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Self {
            path: told(&finding["path"]),
            origin: told(&finding["origin"]),
            line: told(&finding["line"]),
            first: told(&finding["commit"]),
            removed: told(&story["removed"]["commit"]),
            in_head: (story["in_head"] == true).to_string(),
            pushed: (story["pushed"] == true).to_string(),
            reach: told(&finding["reach"]),
            versions: told(&story["versions"]),
            last: told(&story["last"]["commit"]),
            branches: listed(&story["branches"]),
            held_by: listed(&story["held_by"]),
        }
    }

    fn fields(&self) -> [(&'static str, &str); 12] {
        [
            ("path", &self.path),
            ("origin", &self.origin),
            ("line", &self.line),
            ("first", &self.first),
            ("removed", &self.removed),
            ("in_head", &self.in_head),
            ("pushed", &self.pushed),
            ("reach", &self.reach),
            ("versions", &self.versions),
            ("last", &self.last),
            ("branches", &self.branches),
            ("held_by", &self.held_by),
        ]
    }

    /// In what `found` is not as this says.
    fn differences(&self, found: &Self, names: &BTreeMap<String, String>) -> String {
        let name = |text: &str| names.get(text).map_or_else(|| text.to_owned(), |name| format!("{text:.9} ({name})"));
        let mut text = String::new();
        for ((field, want), (_, have)) in self.fields().into_iter().zip(found.fields()) {
            if want != ANY && want != have {
                write!(text, " {field} should be {}, is {};", name(want), name(have)).unwrap();
            }
        }
        text
    }
}

/// Names of refs, in order.
fn listed(names: &Value) -> String {
    let mut names: Vec<_> = names.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    names.sort_unstable();
    names.join(" ")
}

/// All in which `report` is not what `plants` ask for, one line each. `names` says what the commits are called.
pub(crate) fn differences(report: &Report, plants: &[Plant], names: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    let mut left: Vec<_> = report.findings().iter().collect();
    for (plant, place) in plants.iter().flat_map(|plant| plant.places.iter().map(move |place| (plant, place))) {
        let is_it = |finding: &&Value| {
            let known = place.path == ANY || finding["path"] == *place.path;
            known && finding["secret"] == *plant.value && finding["rule"] == plant.rule
        };
        let Some(at) = left.iter().position(is_it) else {
            writeln!(text, "{}: not found at {} ({})", plant.kind, place.path, place.origin).unwrap();
            continue;
        };
        let wrong = place.differences(&Place::of(left.remove(at)), names);
        if !wrong.is_empty() {
            writeln!(text, "{}: at {}:{wrong}", plant.kind, place.path).unwrap();
        }
    }
    for finding in left {
        let plant = plants.iter().find(|plant| finding["secret"] == *plant.value);
        let kind = plant.map_or("of no plant", |plant| &plant.kind);
        writeln!(text, "{kind}: too much: {} {:?}", word(finding, "rule"), Place::of(finding)).unwrap();
    }
    text
}
