//! Decides what a rule's allowlists let through, in the terms of gitleaks.

use crate::blob::{Blob, line_around};
use crate::finding::Finding;
use crate::rule::{Allowlist, Condition, Target};

/// How much of a line is looked at on either side of a finding, in bytes.
const LINE: usize = 64 << 10;

/// The description of the first allowlist that lets the finding through.
pub(super) fn allows(lists: &[Allowlist], blob: &Blob<'_>, finding: &Finding) -> Option<String> {
    let list = lists.iter().find(|list| applies(list, blob, finding))?;
    Some(if list.description.is_empty() {
        format!("allowlist of {}", finding.rule.id)
    } else {
        list.description.to_string()
    })
}

fn applies(list: &Allowlist, blob: &Blob<'_>, finding: &Finding) -> bool {
    let name = &finding.name;
    // Of what has no path yet nothing can be said; it is asked again when its path is known.
    let path = || !name.is_unknown() && list.paths.iter().any(|path| path.regex().is_match(name.as_bytes()));
    let regex = || {
        let target = target(list.target, blob, finding);
        !target.is_empty() && list.regexes.iter().any(|regex| regex.regex().is_match(&target))
    };
    let secret = finding.secret.expose().to_ascii_lowercase();
    let stopword = || list.stopwords.iter().any(|word| memchr::memmem::find(&secret, word.as_bytes()).is_some());
    // A working tree has no commit: there the criterion cannot hold.
    let commit = finding.provenance.commit.as_deref();
    let commits = || commit.is_some_and(|commit| list.commits.iter().any(|listed| **listed == *commit));
    let criteria: [(bool, &dyn Fn() -> bool); 4] = [
        (!list.commits.is_empty(), &commits),
        (!list.paths.is_empty(), &path),
        (!list.regexes.is_empty(), &regex),
        (!list.stopwords.is_empty(), &stopword),
    ];
    let mut given = criteria.iter().filter(|(given, _)| *given).peekable();
    if given.peek().is_none() {
        return false;
    }
    match list.condition {
        Condition::Any => given.any(|(_, holds)| holds()),
        Condition::All => given.all(|(_, holds)| holds()),
    }
}

/// What the regexes look at. In decoded text the match stands for the line.
fn target(target: Target, blob: &Blob<'_>, finding: &Finding) -> Vec<u8> {
    let line = || {
        let at = usize::try_from(finding.offset.saturating_sub(blob.frame.offset)).unwrap_or(usize::MAX);
        blob.bytes[line_around(blob.bytes, at, LINE)].to_vec()
    };
    match target {
        Target::Line if finding.decoded.is_empty() => line(),
        Target::Secret | Target::Match | Target::Line => finding.secret.expose().to_vec(),
    }
}
