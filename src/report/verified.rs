//! Decides how the answers of SignalWire are told by themselves, without the scan that they are about.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use super::escape::{escape, escape_json};
use super::json_verification::{V1Scope, V1Verification};
use super::mask::mask;
use crate::finding::{Holding, ScopeState, Verdict, Verification};

/// How many places a person is shown of one credential.
const FEW_PLACES: usize = 10;

/// A credential that was asked for. None of its texts holds a secret.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What a report calls it, if it is of one.
    pub id: Option<String>,
    /// What kind of secret it is, such as `api-token`.
    pub kind: String,
    /// How complete it is, in the word of a report.
    pub grade: Option<String>,
    /// The secret, masked.
    pub secret: Option<String>,
    /// The Project ID.
    pub project: Option<String>,
    /// The Space.
    pub space: Option<String>,
    /// Where the secret stands.
    pub places: Vec<String>,
    /// What came of it.
    pub verification: Verification,
}

/// How many have which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// SignalWire accepts them.
    pub alive: usize,
    /// It does not.
    pub dead: usize,
    /// It is not known.
    pub unknown: usize,
}

impl Tally {
    /// Counts.
    pub fn of(all: &[Verified]) -> Self {
        let count = |verdict| all.iter().filter(|one| one.verification.verdict == verdict).count();
        let (alive, dead) = (count(Verdict::Alive), count(Verdict::Dead));
        Self { alive, dead, unknown: all.len() - alive - dead }
    }
}

#[derive(Serialize)]
struct V1Answers<'a> {
    version: u8,
    tool: V1By,
    credentials: Vec<V1Answer<'a>>,
    summary: Tally,
}

#[derive(Serialize)]
struct V1By {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct V1Answer<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    token_kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    grade: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    space: Option<String>,
    places: Vec<String>,
    verification: V1Verification<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<V1Scope<'a>>>,
}

impl<'a> V1Answer<'a> {
    fn new(one: &'a Verified) -> Self {
        let masked = |text: &String| mask(text).into_owned();
        Self {
            id: one.id.as_deref(),
            token_kind: &one.kind,
            grade: one.grade.as_deref(),
            secret: one.secret.as_ref().map(masked),
            project_id: one.project.as_ref().map(masked),
            space: one.space.as_ref().map(masked),
            places: one.places.iter().map(masked).collect(),
            verification: V1Verification::new(&one.verification),
            scopes: V1Scope::all(&one.verification),
        }
    }
}

/// Writes a document by `schema/barewire-verify-v1.schema.json`; `tally` counts those that are left out, too.
///
/// # Errors
/// Those of `out`.
pub fn write_json(all: &[Verified], tally: Tally, out: &mut dyn Write) -> io::Result<()> {
    let tool = V1By { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
    let answers = V1Answers { version: 1, tool, credentials: all.iter().map(V1Answer::new).collect(), summary: tally };
    writeln!(out, "{}", escape_json(&serde_json::to_string_pretty(&answers)?))
}

/// Writes one block a credential, for people.
///
/// # Errors
/// Those of `out`.
pub fn write_text(all: &[Verified], out: &mut dyn Write) -> io::Result<()> {
    for one in all {
        let Verified { kind, grade, secret, project, space, places, verification, .. } = one;
        let grade = grade.as_ref().map(|grade| format!(" ({grade})")).unwrap_or_default();
        let secret = secret.as_ref().map(|secret| format!(" {secret}")).unwrap_or_default();
        let of = project.as_ref().map(|project| format!(" of project {project}")).unwrap_or_default();
        let at = space.as_ref().map(|space| format!(" at {space}")).unwrap_or_default();
        let mut lines = vec![format!("{}: {kind}{secret}{of}{at}{grade}", verification.verdict.as_str())];
        lines.extend(places.iter().take(FEW_PLACES).map(|place| format!("  --> {place}")));
        if places.len() > FEW_PLACES {
            lines.push(format!("  and {} more places", places.len() - FEW_PLACES));
        }
        lines.extend(verification.evidence.iter().map(|text| format!("  = {text}")));
        lines.extend(
            verification
                .token_id
                .iter()
                .map(|id| format!("  = the ledger has it; to revoke it: barewire token delete {id}")),
        );
        for line in lines {
            writeln!(out, "{}", escape(&mask(&line)))?;
        }
        if let Some(scopes) = &verification.scopes {
            write!(out, "\n{}", table(scopes))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// What a token may do, one scope a line.
fn table(scopes: &[ScopeState]) -> String {
    let mut table = String::from("scope       has it   what it lets an intruder do\n");
    for ScopeState { scope, holding, evidence, danger } in scopes {
        let reason = if *holding == Holding::Unknown { format!(" ({evidence})") } else { String::new() };
        let line = format!("{scope:<11} {:<8} {danger}{reason}", holding.as_str());
        // Writing to a string cannot fail.
        let _ = writeln!(table, "{}", escape(&mask(&line)));
    }
    let can_all = scopes.iter().any(|state| state.scope == "management" && state.holding == Holding::Yes);
    if can_all {
        table.push_str("With management it can make tokens that have the scopes which it lacks itself.\n");
    }
    table
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const SCHEMA: &str = include_str!("../../schema/barewire-verify-v1.schema.json");

    fn all() -> Vec<Verified> {
        let state =
            |scope, holding| ScopeState { scope, holding, evidence: "GET /x answered 401".to_owned(), danger: "do it" };
        let token = format!("PT{}", "0a1b2c3d".repeat(6));
        let alive = Verified {
            id: Some("bwc1:0a".to_owned()),
            kind: "api-token".to_owned(),
            grade: Some("usable".to_owned()),
            secret: Some("PT0a1b********2c3d".to_owned()),
            project: Some("p".to_owned()),
            space: Some("acme".to_owned()),
            places: (0..12).map(|line| format!("a\x1b{line}")).collect(),
            verification: Verification {
                verdict: Verdict::Alive,
                evidence: vec![format!("it said {token}")],
                scopes: Some(vec![
                    state("management", Holding::Yes),
                    state("chat", Holding::Unknown),
                    state("video", Holding::No),
                ]),
                token_id: Some("5b1f60c2-93ad-4e07-8d2b-f47a1c0e96b3".to_owned()),
            },
        };
        let dead = Verified {
            id: None,
            grade: None,
            secret: None,
            project: None,
            space: None,
            places: Vec::new(),
            verification: Verification::offline(Verdict::Dead, "over"),
            ..alive.clone()
        };
        vec![alive, dead]
    }

    #[test]
    fn a_person_reads_one_block_a_credential() {
        let mut out = Vec::new();
        write_text(&all(), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r"
        alive: api-token PT0a1b********2c3d of project p at acme (usable)
          --> a\u{1B}0
          --> a\u{1B}1
          --> a\u{1B}2
          --> a\u{1B}3
          --> a\u{1B}4
          --> a\u{1B}5
          --> a\u{1B}6
          --> a\u{1B}7
          --> a\u{1B}8
          --> a\u{1B}9
          and 2 more places
          = it said PT********
          = the ledger has it; to revoke it: barewire token delete 5b1f60c2-93ad-4e07-8d2b-f47a1c0e96b3

        scope       has it   what it lets an intruder do
        management  yes      do it
        chat        unknown  do it (GET /x answered 401)
        video       no       do it
        With management it can make tokens that have the scopes which it lacks itself.

        dead: api-token
          = over
        ");
    }

    #[test]
    fn a_document_is_valid_by_its_schema() {
        let validator = jsonschema::draft202012::new(&serde_json::from_str(SCHEMA).unwrap()).unwrap();
        for all in [Vec::new(), all()] {
            let mut out = Vec::new();
            write_json(&all, Tally::of(&all), &mut out).unwrap();
            let document: Value = serde_json::from_slice(&out).unwrap();
            let errors: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
            assert_eq!(errors, Vec::<String>::new(), "{document:#}");
            let mut broken = document.clone();
            broken["summary"]["alive"] = "one".into();
            assert!(!validator.is_valid(&broken));
            assert!(!document.to_string().contains("0a1b2c3d0a1b"));
        }
    }
}
