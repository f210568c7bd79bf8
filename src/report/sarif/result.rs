//! Decides how one finding is told: what, where, what belongs to it, and whether somebody forgave it.

use serde_json::{Value, json};

use super::BASE;
use super::rules::{Rules, level};
use crate::finding::{Comparison, Credential, Finding, Forgiveness, Reason};
use crate::report::mask::mask;
use crate::report::place::{self, Route};
use crate::report::subject::{self, Known, Mark, Subject, describe};

/// How many further places of a credential are named. Code scanning shows ten steps of a flow.
const FEW_PLACES: usize = 8;

/// Tells findings one by one.
pub(super) struct Teller<'a> {
    pub(super) subject: &'a Subject<'a>,
    pub(super) rules: &'a Rules<'a>,
    pub(super) known: Known,
}

impl Teller<'_> {
    /// A finding that is reported, with its index in the report.
    pub(super) fn found(&mut self, index: usize, finding: &Finding) -> Value {
        let title = self.subject.title(index, finding);
        let mut result = self.result(finding, &title);
        if let Some(credential) = self.subject.owner(index) {
            tell_credential(&mut result["properties"], credential);
        }
        let parts = self.subject.parts(index);
        if !parts.is_empty() {
            let steps = parts.iter().copied().chain([finding]).map(|step| json!({ "location": self.step(step) }));
            result["codeFlows"] = json!([{ "threadFlows": [{ "locations": steps.collect::<Vec<_>>() }] }]);
        }
        let related = self.related(index, finding, &parts);
        if !related.is_empty() {
            result["relatedLocations"] = json!(related);
        }
        if self.subject.report.comparison == Comparison::Baseline {
            result["baselineState"] = json!("new");
        }
        result
    }

    /// A finding that somebody, or something, forgave.
    pub(super) fn forgiven(&mut self, finding: &Finding) -> Value {
        let mut result = self.result(finding, &describe(finding));
        let Some(Forgiveness { reason, by }) = &finding.forgiven else { return result };
        let kind = if *reason == Reason::Inline { "inSource" } else { "external" };
        let by = if by.is_empty() { String::new() } else { format!(": {}", mask(by)) };
        let justification = format!("{}{by}", reason.as_str());
        result["suppressions"] = json!([{ "kind": kind, "status": "accepted", "justification": justification }]);
        if self.subject.report.comparison == Comparison::Baseline {
            result["baselineState"] = json!(if *reason == Reason::Baseline { "unchanged" } else { "new" });
        }
        result
    }

    fn result(&mut self, finding: &Finding, title: &str) -> Value {
        let rule = &finding.rule;
        let advice = if rule.remedy.is_empty() { String::new() } else { format!(" {}", mask(&rule.remedy)) };
        let stop = if title.ends_with('.') { "" } else { "." };
        let (key, mark) = match self.known.mark(finding) {
            Mark::Value(mark) => ("barewireValue/v1", mark),
            Mark::Place(mark) => ("barewirePlace/v1", mark),
        };
        let mut properties = json!({
            "severity": finding.severity.as_str(),
            "confidence": rule.confidence.as_str(),
            "part": rule.part.as_str(),
            "origin": finding.origin.as_str(),
        });
        if let Some(commit) = finding.provenance.commit.as_deref() {
            properties["commit"] = json!(commit);
        }
        if let Some(verdict) = finding.verdict {
            properties["verdict"] = json!(verdict.as_str());
        }
        json!({
            "ruleId": rule.id,
            "ruleIndex": self.rules.index(&rule.id),
            "level": level(finding.severity),
            "message": { "text": format!("{title}{stop}{advice}") },
            "locations": [self.location(finding)],
            "partialFingerprints": { key: mark.to_string() },
            "properties": properties,
        })
    }

    /// What belongs to the finding, and where else its secret stands.
    fn related(&self, index: usize, finding: &Finding, parts: &[&Finding]) -> Vec<Value> {
        let report = self.subject.report;
        let owner = self.subject.owner(index).filter(|_| !finding.rule.part.is_identifier());
        let places = owner.into_iter().flat_map(|credential| &credential.findings);
        let places = places.take(FEW_PLACES + 1).filter(|&&place| place != index);
        let places = places.filter_map(|&place| report.findings.get(place));
        let others = places.filter(|place| !place.rule.part.is_identifier());
        let related = parts.iter().copied().chain(others).enumerate();
        let number = |(number, place)| {
            let mut step = self.step(place);
            step["id"] = json!(number + 1);
            step
        };
        related.map(number).collect()
    }

    /// A location that says what stands there.
    fn step(&self, finding: &Finding) -> Value {
        let mut location = self.location(finding);
        location["message"] = json!({ "text": describe(finding) });
        location
    }

    fn location(&self, finding: &Finding) -> Value {
        let Some(route) = place::file(finding, self.subject.run) else {
            // Code scanning wants a URI; that of a message or a ref is its name.
            let name = mask(&finding.name.to_text()).into_owned();
            let uri = Route::Below((*finding.name).clone()).uri();
            return json!({
                "physicalLocation": { "artifactLocation": { "uri": uri } },
                "logicalLocations": [{ "fullyQualifiedName": name, "kind": finding.origin.as_str() }],
            });
        };
        let mut artifact = json!({ "uri": route.uri() });
        if matches!(route, Route::Below(_)) {
            artifact["uriBaseId"] = json!(BASE);
        }
        let mut physical = json!({ "artifactLocation": artifact });
        if let Some((start, end)) = place::lines(finding) {
            physical["region"] = json!({ "startLine": start, "endLine": end });
        }
        if let Some((start, end)) = place::columns(finding) {
            physical["region"]["startColumn"] = json!(start);
            physical["region"]["endColumn"] = json!(end);
        }
        json!({ "physicalLocation": physical })
    }
}

/// What is known of the credential that a finding belongs to.
fn tell_credential(properties: &mut Value, credential: &Credential) {
    properties["grade"] = json!(credential.grade.as_str());
    let Some(verification) = credential.verification.as_deref() else { return };
    properties["verification"] = json!(verification.verdict.as_str());
    properties["evidence"] = json!(subject::evidence(Some(credential)));
    if verification.scopes.is_some() {
        properties["scopes"] = json!(verification.scopes_in_words());
    }
}
