//! Decides whether a configuration is sound, and says where it is not.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::{Spanned, Value};

use crate::finding::{Fingerprint, Notice};
use crate::rule::{LoadError, RuleSet};
use crate::suppress::{Allow, Day, PathGlob};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    #[serde(default)]
    allow: Vec<Spanned<RawAllow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAllow {
    paths: Option<Spanned<Vec<Spanned<String>>>>,
    rules: Option<Spanned<Vec<Spanned<String>>>>,
    fingerprints: Option<Spanned<Vec<Spanned<String>>>>,
    reason: Option<Spanned<String>>,
    owner: Option<String>,
    expires: Option<Spanned<Value>>,
}

struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

/// The entries of the configuration `text`.
pub(super) fn parse(file: &str, text: &str) -> Result<Vec<Allow>, LoadError> {
    let source = Source { file, text };
    let raw: RawConfig =
        toml::from_str(text).map_err(|error| source.error(error.span().unwrap_or(0..0), error.message().to_owned()))?;
    let mut allows = Vec::new();
    let mut criteria = BTreeMap::new();
    for raw in raw.allow {
        let span = raw.span();
        let allow = source.allow(raw)?;
        let key = format!("{:?} {:?} {:?}", globs(&allow), allow.rules, allow.fingerprints);
        if let Some(line) = criteria.insert(key, allow.line) {
            return Err(source.error(span, format!("this entry allows the same as the one in line {line}")));
        }
        allows.push(allow);
    }
    Ok(allows)
}

fn globs(allow: &Allow) -> Vec<&str> {
    allow.paths.iter().map(PathGlob::as_str).collect()
}

impl Source<'_> {
    fn error(&self, span: Range<usize>, message: String) -> LoadError {
        let before = &self.text.as_bytes()[..span.start.min(self.text.len())];
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let column = before.len() - memchr::memrchr(b'\n', before).map_or(0, |feed| feed + 1) + 1;
        LoadError { file: self.file.to_owned(), line, column, message }
    }

    fn allow(&self, raw: Spanned<RawAllow>) -> Result<Allow, LoadError> {
        let span = raw.span();
        let line = self.error(span.clone(), String::new()).line as u64;
        let RawAllow { paths, rules, fingerprints, reason, owner, expires } = raw.into_inner();
        if paths.is_none() && rules.is_none() && fingerprints.is_none() {
            let message = "this entry would allow everything; give it `paths`, `rules` or `fingerprints`";
            return Err(self.error(span, message.to_owned()));
        }
        let Some(reason) = reason else {
            return Err(self.error(span, "this entry needs a `reason`: why what it allows is no leak".to_owned()));
        };
        if reason.get_ref().trim().is_empty() {
            return Err(self.error(reason.span(), "a reason is more than nothing".to_owned()));
        }
        let fingerprint = |text: &str| {
            let print = Fingerprint::parse(text);
            print.ok_or_else(|| "a fingerprint is `bw1:` and 32 hex digits, as in a JSON report".to_owned())
        };
        let rule = |text: &str| match text.trim() {
            "" => Err("this is the id of no rule; see `barewire rules list`".to_owned()),
            id => Ok(id.into()),
        };
        Ok(Allow {
            paths: self.list(paths, PathGlob::parse)?,
            rules: self.list(rules, rule)?,
            fingerprints: self.list(fingerprints, fingerprint)?,
            reason: reason.get_ref().trim().into(),
            owner: owner.map(Into::into),
            expires: expires.map(|value| self.day(&value)).transpose()?,
            file: self.file.into(),
            line,
        })
    }

    /// The items of a list that is not empty, if there is one.
    fn list<T>(
        &self,
        list: Option<Spanned<Vec<Spanned<String>>>>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Vec<T>, LoadError> {
        let Some(list) = list else { return Ok(Vec::new()) };
        if list.get_ref().is_empty() {
            return Err(self.error(list.span(), "this list is empty, and so nothing could meet it".to_owned()));
        }
        let item = |item: &Spanned<String>| parse(item.get_ref()).map_err(|why| self.error(item.span(), why));
        list.get_ref().iter().map(item).collect()
    }

    /// A day, as TOML has it or as a text.
    fn day(&self, value: &Spanned<Value>) -> Result<Day, LoadError> {
        let day = match value.get_ref() {
            Value::String(text) => Day::parse(text),
            Value::Datetime(time) => Day::parse(&time.to_string()),
            _ => None,
        };
        day.ok_or_else(|| self.error(value.span(), "`expires` is a day, such as 2027-01-31".to_owned()))
    }
}

/// What is to be said of the ids in `allows` that none of `rules` has. Such an entry is no error: the rule may be in a
/// file that another scan uses, and an entry for no rule forgives nothing.
pub fn unknown_rules(allows: &[Allow], rules: &RuleSet) -> Vec<Notice> {
    let of = |allow: &Allow| -> Vec<Notice> {
        let unknown = allow.rules.iter().filter(|id| rules.get(id).is_none());
        let notice = |id| Notice {
            path: allow.file.to_string(),
            line: Some(allow.line),
            message: format!("no rule is called `{id}` here; see `barewire rules list`"),
        };
        unknown.map(notice).collect()
    };
    allows.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        parse("c", text).unwrap_err().to_string()
    }

    #[test]
    fn an_entry_is_read_with_its_line() {
        let text = "# x\n\n[[allow]]\npaths = [\"a\"]\nrules = ['b']\nreason = \" why \"\nowner = \"me\"\nexpires = 2027-01-31\n\n\
                    [[allow]]\nfingerprints = [\"bw1:0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a\"]\nreason = \"x\"\nexpires = \"2027-02-01\"\n";
        let allows = parse("c", text).unwrap();
        assert_eq!((allows[0].line, allows[1].line), (3, 10));
        assert_eq!((&*allows[0].reason, allows[0].owner.as_deref()), ("why", Some("me")));
        assert_eq!(allows[0].expires, Day::parse("2027-01-31"));
        assert_eq!(allows[1].expires, Day::parse("2027-02-01"));
        assert!(parse("c", "").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (body, expected) in [
            ("reason = 'x'", "c:1:1: this entry would allow everything"),
            ("paths = ['a']", "c:1:1: this entry needs a `reason`"),
            ("paths = ['a']\nreason = ' '", "c:3:10: a reason is more than nothing"),
            ("paths = []\nreason = 'x'", "c:2:9: this list is empty"),
            ("paths = ['a', '[']\nreason = 'x'", "c:2:15: this glob does not parse"),
            ("paths = ['!a']\nreason = 'x'", "c:2:10: an allowlist says what is forgiven"),
            ("fingerprints = ['bw1:0']\nreason = 'x'", "c:2:17: a fingerprint is `bw1:`"),
            ("rules = ['']\nreason = 'x'", "c:2:10: this is the id of no rule"),
            ("rules = ['a']\nreason = 'x'\nexpires = 2027-02-30", "c:4:11: "),
            ("rules = ['a']\nreason = 'x'\nexpires = 'soon'", "c:4:11: `expires` is a day"),
            ("rules = ['a']\nreason = 'x'\nexpires = 2027-01-31T00:00:00Z", "c:4:11: `expires` is a day"),
            ("path = ['a']\nreason = 'x'", "c:2:1: unknown field `path`, expected one of `paths`, `rules`"),
            (
                "rules = ['a']\nreason = 'x'\n[[allow]]\nrules = ['a']\nreason = 'y'",
                "c:4:1: this entry allows the same",
            ),
            ("rules = ['a'", "c:2:"),
        ] {
            let told = refused(&format!("[[allow]]\n{body}\n"));
            assert!(told.starts_with(expected), "{told}\n{expected}");
        }
        assert!(refused("[allows]\n").contains("unknown field `allows`"));
    }
}
