//! Decides how a place in a file is drawn: path, line, and what is marked there.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Element, Origin as Heading, Snippet};

use super::escape::{escape, escape_line};
use super::life::short;
use super::mask::mask;
use crate::blob::Origin;
use crate::finding::{Finding, Provenance, Reach};

/// Places of one file that are at most so many lines apart are drawn together.
const NEAR: u64 = 12;

/// Stands for `path:line:column` until the drawing is done. The library counts columns in the text that is shown, which
/// is cut, masked and escaped; a place is a place in the file.
const ORIGIN: char = '\u{FFFC}';

/// Stands for a line between two that are shown.
const GAP: &str = "...";

/// One finding and what is said of it.
pub(super) struct Mark<'a> {
    /// The finding.
    pub(super) finding: &'a Finding,
    /// What it is.
    pub(super) label: String,
}

/// Draws `primary`, and those of `others` that stand near it. [`settle`] completes the drawing.
pub(super) fn draw(primary: Mark<'_>, others: Vec<Mark<'_>>) -> Element<'static> {
    let finding = primary.finding;
    let mut lines = BTreeMap::new();
    lines.insert(finding.start.line, Line::new(primary, AnnotationKind::Primary));
    for other in others {
        let place = other.finding;
        let near = place.name == finding.name && place.start.line.abs_diff(finding.start.line) <= NEAR;
        if near && place.origin == finding.origin {
            let line = place.start.line;
            match lines.get_mut(&line) {
                Some(drawn) => drawn.join(other),
                None => drop(lines.insert(line, Line::new(other, AnnotationKind::Context))),
            }
        }
    }
    if lines.values().all(|line| line.text.is_empty()) {
        return Heading::path(ORIGIN.to_string()).into();
    }
    snippet(&lines).path(ORIGIN.to_string()).into()
}

/// Puts the place of `finding` where the drawing left room for it.
pub(super) fn settle(drawing: &str, finding: &Finding) -> String {
    let Some((before, after)) = drawing.split_once(ORIGIN) else { return drawing.to_owned() };
    let after = after.trim_start_matches(|character: char| character == ':' || character.is_ascii_digit());
    format!("{before}{}{after}", place(finding))
}

/// `path:line:column`, for a terminal, and where in a repository that is.
pub(super) fn place(finding: &Finding) -> String {
    let path = mask(&finding.name.to_text()).into_owned();
    let Provenance { commit, reach, .. } = &finding.provenance;
    let inside = match (commit, reach) {
        (_, Some(Reach::Unreachable)) => " (unreachable)".to_owned(),
        (_, Some(Reach::Index)) => " (only in the index)".to_owned(),
        // A commit or a tag is called by its own id.
        (Some(commit), _) if !matches!(finding.origin, Origin::Message | Origin::Tag) => {
            format!(" in {}", short(commit))
        }
        _ => match finding.origin {
            Origin::Index => " (staged)",
            Origin::Unstaged => " (not staged)",
            Origin::Untracked => " (untracked)",
            _ => "",
        }
        .to_owned(),
    };
    format!("{}:{}:{}{inside}", escape(&path), finding.start.line, finding.start.column)
}

/// A line of a file as it is shown.
struct Line {
    raw: String,
    text: String,
    marks: Vec<(AnnotationKind, Range<usize>, String)>,
}

impl Line {
    fn new(mark: Mark<'_>, kind: AnnotationKind) -> Self {
        let excerpt = &mark.finding.excerpt;
        let line = excerpt.text.strip_suffix('\r').unwrap_or(&excerpt.text);
        let (text, span) = escape_line(line, &excerpt.span);
        Self { raw: excerpt.text.clone(), text, marks: vec![(kind, span, mark.label)] }
    }

    /// Adds a mark, if it was taken from the same part of the line.
    fn join(&mut self, mark: Mark<'_>) {
        let excerpt = &mark.finding.excerpt;
        if excerpt.text == self.raw {
            let (_, span) = escape_line(&excerpt.text, &excerpt.span);
            if self.marks.iter().all(|(_, other, _)| span.end <= other.start || other.end <= span.start) {
                self.marks.push((AnnotationKind::Context, span, mark.label));
            }
        }
    }
}

fn snippet(lines: &BTreeMap<u64, Line>) -> Snippet<'static, Annotation<'static>> {
    let first = lines.keys().next().copied().unwrap_or(1);
    let mut source = String::new();
    let mut annotations = Vec::new();
    let mut next = first;
    for (&number, line) in lines {
        for _ in next..number {
            source.push_str(GAP);
            source.push('\n');
        }
        for (kind, span, label) in &line.marks {
            let span = source.len() + span.start..source.len() + span.end;
            annotations.push(kind.span(span).label(label.clone()));
        }
        source.push_str(&line.text);
        source.push('\n');
        next = number + 1;
    }
    Snippet::source(source).line_start(number(first)).annotations(annotations)
}

fn number(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_place_is_labelled_by_how_far_it_came() {
        let mut finding = sample::finding(&sample::token_rule(), &sample::token(), ("a", 1), &sample::token());
        let labels = [
            (Origin::Index, "a:1:1 (staged)"),
            (Origin::Unstaged, "a:1:1 (not staged)"),
            (Origin::Untracked, "a:1:1 (untracked)"),
            (Origin::Tree, "a:1:1"),
        ];
        for (origin, label) in labels {
            finding.origin = origin;
            assert_eq!(place(&finding), label);
        }
    }
}
