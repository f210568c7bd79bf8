//! Decides what a baseline is: the values that were known when it was written, by what they are and not by where they
//! stand. A file of JSON, with one entry a line in the order of the fingerprints, so that git merges it line by line.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Day, Sight};
use crate::finding::{Finding, Fingerprint};
use crate::rule::Part;

/// The version of the format.
const VERSION: u64 = 1;

/// Bytes of the salt.
const SALT: usize = 16;

/// What a baseline was made from, and so by which scan an entry is found to be out of date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BaselineScope {
    /// The files of the working tree.
    #[default]
    Tree,
    /// The history of a repository.
    History,
}

impl BaselineScope {
    /// What a scan must see to say of an entry that it is out of date. Neither sees all that the other does.
    pub fn needs(self) -> Sight {
        match self {
            Self::Tree => Sight::Tree,
            Self::History => Sight::History,
        }
    }
}

/// A value that was known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineEntry {
    /// What it is called: [`Baseline::key`].
    pub fingerprint: Box<str>,
    /// The rule that found it.
    pub rule: Box<str>,
    /// Where it stood first, from the root. For people: it decides nothing.
    pub path: Box<str>,
    /// The day on which it was added.
    pub added: Day,
    /// Why it is there.
    pub reason: Option<Box<str>>,
    /// The last day on which it forgives.
    pub expires: Option<Day>,
}

/// Values that were known, each with its entry, in the order of their fingerprints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    file: Box<str>,
    scope: BaselineScope,
    salt: [u8; SALT],
    entries: Vec<BaselineEntry>,
}

/// A file that is no baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineError {
    /// The file as it was named.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

impl std::error::Error for BaselineError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBaseline {
    #[serde(rename = "version")]
    _version: u64,
    #[serde(default)]
    scope: BaselineScope,
    salt: String,
    entries: Vec<RawEntry>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    fingerprint: String,
    rule: String,
    path: String,
    added: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
}

#[derive(Deserialize)]
struct Versioned {
    version: u64,
}

impl Baseline {
    /// An empty baseline that is to be written to `file`. The salt has to be random.
    pub fn new(file: &str, scope: BaselineScope, salt: [u8; SALT]) -> Self {
        Self { file: file.into(), scope, salt, entries: Vec::new() }
    }

    /// The baseline that `text`, read from `file`, holds. Lines in another order, or twice, as a merge may leave them,
    /// are understood; see [`Baseline::is_tidy`].
    ///
    /// # Errors
    /// The first thing that is not understood, with its line and what to do about it.
    pub fn parse(file: &str, text: &str) -> Result<Self, BaselineError> {
        let error = |line: usize, message: String, remedy: &str| BaselineError {
            file: file.to_owned(),
            line,
            message,
            remedy: remedy.to_owned(),
        };
        let is_mark = |line: &str| line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>");
        if let Some(at) = text.lines().position(is_mark) {
            return Err(error(
                at + 1,
                "a merge left a conflict here".to_owned(),
                "keep the lines of both sides, without the marks, and run `barewire baseline prune`",
            ));
        }
        let broken = |found: &serde_json::Error| {
            let message = found.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            let remedy = if text.trim_start().starts_with('[') {
                "a report of gitleaks is taken over by `barewire baseline create --from FILE`"
            } else {
                "restore it, or make it anew with `barewire baseline create --force`"
            };
            error(found.line().max(1), format!("this is no baseline: {message}"), remedy)
        };
        let text = &*comma(text);
        if let Ok(Versioned { version }) = serde_json::from_str(text)
            && version != VERSION
        {
            let message = format!("this baseline has version {version}, and only version {VERSION} is understood");
            return Err(error(1, message, "use the version of barewire that wrote it, or a later one"));
        }
        let raw: RawBaseline = serde_json::from_str(text).map_err(|found| broken(&found))?;
        let restore = "it is written by `barewire baseline create` alone; restore it";
        let salt = unhex(&raw.salt)
            .ok_or_else(|| error(line_with(text, "\"salt\""), "the salt is not 32 hex digits".to_owned(), restore))?;
        let mut entries = Vec::new();
        for entry in raw.entries {
            let wrong = |what: &str| error(line_with(text, &entry.fingerprint), what.to_owned(), restore);
            let day = |text: &str| Day::parse(text).ok_or_else(|| wrong("a day is written as 2027-01-31"));
            if !is_key(&entry.fingerprint) {
                return Err(wrong("a fingerprint is `bw1:` or `bw1s:`, and 32 hex digits"));
            }
            entries.push(BaselineEntry {
                added: day(&entry.added)?,
                expires: entry.expires.as_deref().map(day).transpose()?,
                fingerprint: entry.fingerprint.into(),
                rule: entry.rule.into(),
                path: entry.path.into(),
                reason: entry.reason.map(Into::into),
            });
        }
        // Of two lines for a value, as a merge may leave them, the one counts that forgives less, whichever comes first.
        entries.sort_by_key(|entry: &BaselineEntry| (entry.expires.is_none(), entry.expires, entry.added));
        let mut baseline = Self { file: file.into(), scope: raw.scope, salt, entries };
        baseline.settle();
        Ok(baseline)
    }

    /// The text of the file. The same entries give the same bytes.
    pub fn render(&self) -> String {
        let scope = match self.scope {
            BaselineScope::Tree => "tree",
            BaselineScope::History => "history",
        };
        let lines: Vec<String> = self.entries.iter().map(line).collect();
        let entries = if lines.is_empty() { String::new() } else { format!("{}\n", lines.join(",\n")) };
        let salt = hex(self.salt);
        format!(
            "{{\n\"version\": {VERSION},\n\"scope\": \"{scope}\",\n\"salt\": \"{salt}\",\n\"entries\": [\n{entries}]\n}}\n"
        )
    }

    /// Whether `text` is how this baseline is written.
    pub fn is_tidy(&self, text: &str) -> bool {
        text.replace("\r\n", "\n") == self.render()
    }

    /// The file that it stands in, as reports show it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// What it was made from.
    pub fn scope(&self) -> BaselineScope {
        self.scope
    }

    /// Its salt.
    pub fn salt(&self) -> [u8; SALT] {
        self.salt
    }

    /// Its entries, in the order of their fingerprints.
    pub fn entries(&self) -> &[BaselineEntry] {
        &self.entries
    }

    /// Adds entries. One that is there already stays as it is.
    pub fn add(&mut self, entries: impl IntoIterator<Item = BaselineEntry>) {
        self.entries.extend(entries);
        self.settle();
    }

    /// Keeps the entries that `keep` accepts.
    pub fn retain(&mut self, keep: impl FnMut(&BaselineEntry) -> bool) {
        self.entries.retain(keep);
    }

    /// What the value of a finding is called here: its fingerprint, or for a value that might be guessed `bw1s:` and a
    /// digest that also depends on the salt of the file, so that it cannot be looked up, nor compared with other files.
    pub fn key(&self, finding: &Finding) -> String {
        let part = finding.rule.part;
        // Nothing is known of what a rule of the user's own finds.
        if !part.is_guessable() && part != Part::Other {
            return finding.fingerprint().to_string();
        }
        let key = blake3::derive_key("barewire baseline version 1", &self.salt);
        let mut hasher = blake3::Hasher::new_keyed(&key);
        hasher.update(&(finding.rule.id.len() as u64).to_be_bytes());
        hasher.update(finding.rule.id.as_bytes());
        hasher.update(finding.secret.expose());
        format!("bw1s:{}", &hasher.finalize().to_hex()[..32])
    }

    /// The entry of a finding's value, and its number.
    pub fn find(&self, finding: &Finding) -> Option<(usize, &BaselineEntry)> {
        let key = self.key(finding);
        let at = self.entries.binary_search_by(|entry| (*entry.fingerprint).cmp(&key)).ok()?;
        self.entries.get(at).map(|entry| (at, entry))
    }

    /// What is said of a finding that an entry forgives.
    pub(super) fn by(&self, entry: &BaselineEntry) -> Box<str> {
        let reason = entry.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        format!("{}, added on {}{reason}", self.file, entry.added).into()
    }

    fn settle(&mut self) {
        // What was there first wins.
        let mut entries = BTreeMap::new();
        for entry in self.entries.drain(..) {
            entries.entry(entry.fingerprint.clone()).or_insert(entry);
        }
        self.entries = entries.into_values().collect();
    }
}

/// The text with a comma after each entry but the last, each of which is a line: a merge that keeps the lines of both
/// sides moves what was the last one.
fn comma(text: &str) -> Cow<'_, str> {
    let is_entry = |line: &&str| line.trim_start().starts_with("{\"fingerprint\"");
    let lines: Vec<&str> = text.split('\n').collect();
    let Some(last) = lines.iter().rposition(is_entry) else { return Cow::Borrowed(text) };
    let mended = |(at, line): (usize, &&str)| {
        let bare = line.trim_end().trim_end_matches(',');
        match at.cmp(&last) {
            _ if !is_entry(line) || !bare.ends_with('}') => (*line).to_owned(),
            Ordering::Less => format!("{bare},"),
            _ => bare.to_owned(),
        }
    };
    Cow::Owned(lines.iter().enumerate().map(mended).collect::<Vec<_>>().join("\n"))
}

/// An entry as its line, without the comma.
fn line(entry: &BaselineEntry) -> String {
    let raw = RawEntry {
        fingerprint: entry.fingerprint.to_string(),
        rule: entry.rule.to_string(),
        path: entry.path.to_string(),
        added: entry.added.to_string(),
        reason: entry.reason.as_ref().map(ToString::to_string),
        expires: entry.expires.as_ref().map(ToString::to_string),
    };
    // A text always has a form in JSON.
    serde_json::to_string(&raw).unwrap_or_default()
}

fn is_key(text: &str) -> bool {
    let plain = text.strip_prefix("bw1s:").map(|digits| format!("bw1:{digits}"));
    Fingerprint::parse(plain.as_deref().unwrap_or(text)).is_some()
}

fn line_with(text: &str, part: &str) -> usize {
    text.lines().position(|line| line.contains(part)).map_or(1, |at| at + 1)
}

fn hex(salt: [u8; SALT]) -> String {
    format!("{:032x}", u128::from_be_bytes(salt))
}

fn unhex(text: &str) -> Option<[u8; SALT]> {
    let is_hex = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    let is_whole = text.len() == 2 * SALT && text.bytes().all(is_hex);
    is_whole.then(|| u128::from_str_radix(text, 16).ok()).flatten().map(u128::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(digit: char, path: &str) -> BaselineEntry {
        BaselineEntry {
            fingerprint: format!("bw1:{}", digit.to_string().repeat(32)).into(),
            rule: "r".into(),
            path: path.into(),
            added: Day::parse("2026-11-22").unwrap(),
            reason: None,
            expires: None,
        }
    }

    fn baseline(entries: &[BaselineEntry]) -> Baseline {
        let mut baseline = Baseline::new("b", BaselineScope::Tree, [7; SALT]);
        baseline.add(entries.to_vec());
        baseline
    }

    #[test]
    fn a_baseline_is_read_as_it_is_written() {
        for entries in [&[][..], &[entry('b', "x\"\\y"), entry('a', "é\n")]] {
            let baseline = baseline(entries);
            let text = baseline.render();
            let back = Baseline::parse("b", &text).unwrap();
            assert_eq!(back, baseline);
            assert!(back.is_tidy(&text) && back.is_tidy(&text.replace('\n', "\r\n")));
        }
    }

    #[test]
    fn entries_are_sorted_one_a_line_and_the_first_of_two_stays() {
        let baseline = baseline(&[entry('b', "2"), entry('a', "1"), entry('b', "3")]);
        let text = baseline.render();
        let lines: Vec<&str> = text.lines().filter(|line| line.contains("\"rule\"")).collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].contains("\"1\"") && lines[1].contains("\"2\""), "{text}");
    }

    #[test]
    fn what_a_merge_left_out_of_order_is_understood_and_not_tidy() {
        let text = baseline(&[entry('a', "1"), entry('b', "2")]).render();
        let lines: Vec<&str> = text.lines().collect();
        let swapped = text.replace(
            &format!("{}\n{}", lines[5], lines[6]),
            &format!("{},\n{}", lines[6], lines[5].trim_end_matches(',')),
        );
        let back = Baseline::parse("b", &swapped).unwrap();
        assert_eq!(back.entries().len(), 2);
        assert!(!back.is_tidy(&swapped));
    }

    #[test]
    fn commas_are_where_a_merge_left_them() {
        let text = baseline(&[entry('a', "1"), entry('b', "2"), entry('c', "3")]).render();
        let back = Baseline::parse("b", &text).unwrap();
        for moved in [text.replace("},", "}"), text.replace("}\n]", "},\n]")] {
            assert_ne!(moved, text);
            assert_eq!(Baseline::parse("b", &moved).unwrap(), back);
            assert!(!back.is_tidy(&moved));
        }
        let bad = text.replace("},", "}").replace("\"b\"", "b");
        assert!(Baseline::parse("b", &bad.replace("2026", "20")).is_err());
    }

    #[test]
    fn of_two_lines_for_a_value_the_one_counts_that_ends_first() {
        let (open, last) = (entry('a', "1"), |day| BaselineEntry { expires: Day::parse(day), ..entry('a', day) });
        let lines = |entries: &[BaselineEntry]| entries.iter().map(line).collect::<Vec<_>>().join(",\n");
        let empty = baseline(&[]).render();
        for entries in
            [[open.clone(), last("2020-01-01"), last("2030-01-01")], [last("2030-01-01"), last("2020-01-01"), open]]
        {
            let text = empty.replace("[\n]", &format!("[\n{}\n]", lines(&entries)));
            let back = Baseline::parse("b", &text).unwrap();
            assert_eq!(back.entries(), [last("2020-01-01")]);
        }
    }

    #[test]
    fn what_is_no_baseline_is_refused_with_its_line() {
        let text = baseline(&[entry('a', "1")]).render();
        let refused = |text: &str| {
            let error = Baseline::parse("b", text).unwrap_err();
            (error.line, error.message)
        };
        assert_eq!(refused(&text.replace("],", "]").replace("\"entries\"", "\"entrys\"")).0, 5);
        assert_eq!(refused(&text.replace("\"version\": 1", "\"version\": 2")).0, 1);
        assert_eq!(
            refused(&text.replace("2026-11-22", "2026-11-42")),
            (6, "a day is written as 2027-01-31".to_owned())
        );
        assert_eq!(refused(&text.replace("bw1:", "bw9:")).0, 6);
        assert_eq!(refused(&text.replace("0707", "07xx")).0, 4);
        assert_eq!(refused(&format!("{text}<<<<<<< HEAD\n")).0, 9);
        assert_eq!(refused("").0, 1);
    }
}
