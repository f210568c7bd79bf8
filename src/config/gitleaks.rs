//! Decides what the lists of gitleaks say was known: `.gitleaksignore`, and reports that serve as a baseline.
//!
//! Both name places. So an entry means what stands at its place when it is taken over, and nothing else. Source of the
//! forms: gitleaks 8, `detect/detect.go` (`AddGitleaksIgnore`) and `report/finding.go`.

use std::fmt;

use serde::Deserialize;

use crate::secret::Secret;

/// What a gitleaks that masks writes in the place of a value.
const REDACTED: &str = "REDACTED";

/// A place that an entry names.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The commit, in hex, if one is named.
    pub commit: Option<Box<str>>,
    /// The file, from the root, with `/` between its parts.
    pub file: Box<str>,
    /// The first line and the last, from 1.
    pub lines: (u64, u64),
    /// The rule of gitleaks. It decides nothing: the rules of barewire have other names.
    pub rule: Box<str>,
    /// The value, if the entry holds it in full.
    secret: Option<Secret>,
    /// What it begins with, if the entry holds no more.
    beginning: Option<Secret>,
}

impl Listed {
    /// Whether the entry may mean this value; it may mean any if it names none.
    pub fn may_be(&self, value: &Secret) -> bool {
        let holds = |whole: &Secret, part: &Secret| memchr::memmem::find(whole.expose(), part.expose()).is_some();
        let is_it = |secret: &Secret| holds(secret, value) || holds(value, secret);
        self.secret.as_ref().is_none_or(is_it)
            && self.beginning.as_ref().is_none_or(|start| value.expose().starts_with(start.expose()))
    }
}

/// The place as gitleaks writes it.
impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let commit = self.commit.as_ref().map(|commit| format!("{commit}:")).unwrap_or_default();
        write!(f, "{commit}{}:{}:{}", self.file, self.rule, self.lines.0)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawFinding {
    #[serde(rename = "RuleID", default)]
    rule: String,
    file: String,
    start_line: u64,
    #[serde(default)]
    end_line: u64,
    #[serde(default)]
    commit: String,
    #[serde(default)]
    secret: String,
}

/// The entries of a list: a report of gitleaks if it is JSON, else the lines of a `.gitleaksignore`.
///
/// # Errors
/// What is wrong with it, with the line; it repeats nothing of the text.
pub fn parse(text: &str) -> Result<Vec<Listed>, String> {
    if text.trim_start().starts_with(['[', '{']) { report(text) } else { ignore_file(text) }
}

fn report(text: &str) -> Result<Vec<Listed>, String> {
    let raw: Vec<RawFinding> = serde_json::from_str(text)
        .map_err(|error| format!("line {}: this is no JSON report of gitleaks", error.line().max(1)))?;
    let listed = |raw: RawFinding| {
        let RawFinding { rule, file, start_line, end_line, commit, secret } = raw;
        let cut = secret.strip_suffix("...").filter(|start| !start.is_empty()).map(Secret::new);
        let is_whole = cut.is_none() && !secret.is_empty() && secret != REDACTED && secret != "...";
        Listed {
            commit: (!commit.is_empty()).then(|| commit.to_lowercase().into()),
            file: file.replace('\\', "/").into(),
            lines: (start_line, end_line.max(start_line)),
            rule: rule.into(),
            secret: is_whole.then(|| Secret::new(&secret)),
            beginning: cut,
        }
    };
    Ok(raw.into_iter().map(listed).collect())
}

fn ignore_file(text: &str) -> Result<Vec<Listed>, String> {
    let mut all = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let listed = entry(line);
        all.push(
            listed
                .ok_or_else(|| format!("line {}: an entry is FILE:RULE:LINE or COMMIT:FILE:RULE:LINE", number + 1))?,
        );
    }
    Ok(all)
}

fn entry(line: &str) -> Option<Listed> {
    let parts: Vec<&str> = line.split(':').collect();
    let (commit, file, rule, number) = match *parts {
        [file, rule, number] => (None, file, rule, number),
        [commit, file, rule, number] => (Some(commit), file, rule, number),
        _ => return None,
    };
    let number = number.parse().ok()?;
    Some(Listed {
        commit: commit.map(|commit| commit.to_lowercase().into()),
        file: file.replace('\\', "/").into(),
        lines: (number, number),
        rule: rule.into(),
        secret: None,
        beginning: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignore_file_names_places() {
        let listed = parse("# a comment\n\na/b.env:generic-api-key:3\r\nABC1:x\\y:r:7\n").unwrap();
        let told: Vec<String> = listed.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["a/b.env:generic-api-key:3", "abc1:x/y:r:7"]);
        assert!(parse("a:b").unwrap_err().starts_with("line 1:"));
        assert!(parse("a:b:1\na:b:x").unwrap_err().starts_with("line 2:"));
    }

    #[test]
    fn a_report_may_name_the_value() {
        let report = |secret: &str| {
            let text = format!(
                r#"[{{"RuleID":"r","File":"a","StartLine":2,"EndLine":3,"Commit":"","Secret":"{secret}","Tags":[]}}]"#
            );
            parse(&text).unwrap().remove(0)
        };
        let value = Secret::new("abcdef");
        assert!(report("abcdef").may_be(&value) && report("x=abcdef").may_be(&value) && report("bcd").may_be(&value));
        assert!(!report("other").may_be(&value) && !report("zz...").may_be(&value));
        assert!(report("abc...").may_be(&value) && report("REDACTED").may_be(&value) && report("").may_be(&value));
        assert_eq!((report("x").lines, report("x").commit), ((2, 3), None));
        assert!(parse("{}").unwrap_err().contains("no JSON report"));
        assert!(parse("[").unwrap_err().starts_with("line 1:"));
    }
}
