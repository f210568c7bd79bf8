//! Decides whether a request or an answer is one that an operation allows.

use std::fmt;

use serde_json::Value;

use super::table::{Format, Kind, Operation, Rule};

/// Something in a request or an answer that its operation does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    /// Where: `query page_size`, `body.channels[].read`, `status`.
    pub(crate) at: String,
    /// What is wrong; it holds no value.
    pub(crate) what: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.at, self.what)
    }
}

impl Operation {
    /// What is wrong with a request: `query` decoded, `body` as JSON (a form as an object of texts and lists of texts).
    /// Of an operation that is not documented, nothing is known, and everything is right.
    pub(crate) fn accepts_request(&self, query: &[(String, String)], body: Option<&Value>) -> Vec<Complaint> {
        let mut told = Told::default();
        if self.undocumented.is_some() {
            return told.complaints;
        }
        for (name, value) in query {
            let at = format!("query {name}");
            match self.query.get(name) {
                Some(rule) => told.judge(rule, &typed(rule, value), &at),
                None => told.say(&at, "is not documented"),
            }
        }
        let missing = |name: &&String| query.iter().all(|(sent, _)| sent != *name);
        for name in self.query.iter().filter(|(_, rule)| rule.limits.required).map(|(name, _)| name).filter(missing) {
            told.say(&format!("query {name}"), "is missing");
        }
        match (&self.request, body) {
            (Some(rule), Some(body)) => told.judge(rule, body, "body"),
            (Some(_), None) => told.say("body", "is missing"),
            (None, Some(_)) => told.say("body", "is sent, and none is documented"),
            (None, None) => {}
        }
        told.complaints
    }

    /// What is wrong with an answer: its status, and its body as JSON (a text that is no JSON as one string).
    /// Statuses that the prose announces for all operations are right, too.
    pub(crate) fn accepts_response(&self, status: u16, body: Option<&Value>) -> Vec<Complaint> {
        let mut told = Told::default();
        if self.undocumented.is_some() {
            return told.complaints;
        }
        match (self.responses.get(&status), self.beyond.get(&status)) {
            (None, None) => told.say("status", &format!("{status} is not documented")),
            (None, Some(rules)) if rules.is_empty() => {}
            (Some(rules), _) | (None, Some(rules)) => told.body(rules, body),
        }
        told.complaints
    }
}

/// A query parameter in the type that it is to have, as far as it can be read so.
fn typed(rule: &Rule, value: &str) -> Value {
    match rule.limits.r#type {
        Some(Kind::Integer | Kind::Number | Kind::Boolean) => {
            serde_json::from_str(value).unwrap_or_else(|_| value.into())
        }
        _ => value.into(),
    }
}

/// The complaints so far.
#[derive(Default)]
struct Told {
    complaints: Vec<Complaint>,
}

impl Told {
    fn say(&mut self, at: &str, what: &str) {
        self.complaints.push(Complaint { at: at.to_owned(), what: what.to_owned() });
    }

    /// Judges the body of an answer; without a rule there must be none.
    fn body(&mut self, rules: &[Rule], body: Option<&Value>) {
        match (rules.is_empty(), body) {
            (true, None) => {}
            (true, Some(_)) => self.say("body", "is there, and none is documented"),
            (false, None) => self.say("body", "is missing"),
            (false, Some(body)) => self.any(rules, body, "body"),
        }
    }

    /// Complains as the rule does that has the least to complain about.
    fn any(&mut self, rules: &[Rule], value: &Value, at: &str) {
        let each = rules.iter().map(|rule| {
            let mut told = Self::default();
            told.judge(rule, value, at);
            told.complaints
        });
        self.complaints.extend(each.min_by_key(Vec::len).unwrap_or_default());
    }

    fn judge(&mut self, rule: &Rule, value: &Value, at: &str) {
        if value.is_null() && rule.limits.null {
            return;
        }
        if !rule.alternatives.is_empty() {
            return self.any(&rule.alternatives, value, at);
        }
        if let Some(kind) = rule.limits.r#type
            && !is(kind, value)
        {
            return self.say(at, &format!("is not of type {kind:?}"));
        }
        if rule.limits.open {
            return;
        }
        let word = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if rule.words.as_ref().is_some_and(|words| !words.contains(&word)) {
            self.say(at, "is no allowed word");
        }
        match value {
            Value::String(text) => self.text(rule, text, at),
            Value::Number(number) => self.number(rule, number.as_f64().unwrap_or(f64::NAN), at),
            Value::Array(items) => self.array(rule, items, at),
            Value::Object(fields) => self.object(rule, fields, at),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn text(&mut self, rule: &Rule, text: &str, at: &str) {
        let limits = &rule.limits;
        self.within(text.chars().count(), (limits.min_length, limits.max_length), at);
        if let Some(pattern) = &limits.pattern
            && !regex::Regex::new(pattern).unwrap().is_match(text)
        {
            self.say(at, &format!("does not fit {pattern}"));
        }
        if let Some(format) = limits.format
            && !has(format, text)
        {
            self.say(at, &format!("has not the format {format:?}"));
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "the limits of the table are far below 2^52")]
    fn number(&mut self, rule: &Rule, number: f64, at: &str) {
        let limits = &rule.limits;
        if limits.min.is_some_and(|min| number < min as f64) || limits.above.is_some_and(|low| number <= low as f64) {
            self.say(at, "is too small");
        }
        if limits.max.is_some_and(|max| number > max as f64) {
            self.say(at, "is too great");
        }
    }

    fn array(&mut self, rule: &Rule, items: &[Value], at: &str) {
        self.within(items.len(), (rule.limits.min_items, rule.limits.max_items), at);
        let Some(inner) = &rule.items else { return };
        for item in items {
            self.judge(inner, item, &format!("{at}[]"));
        }
    }

    fn object(&mut self, rule: &Rule, fields: &serde_json::Map<String, Value>, at: &str) {
        let limits = &rule.limits;
        self.within(fields.len(), (limits.min_properties, limits.max_properties), at);
        if !limits.at_least_one.is_empty() && !limits.at_least_one.iter().any(|name| fields.contains_key(name)) {
            self.say(at, &format!("has none of {:?}", limits.at_least_one));
        }
        for (name, value) in fields {
            match (rule.fields.get(name), &rule.values) {
                (Some(rule), _) => self.judge(rule, value, &format!("{at}.{name}")),
                (None, Some(rule)) => self.judge(rule, value, &format!("{at}[]")),
                (None, None) => self.say(&format!("{at}.{name}"), "is not documented"),
            }
        }
        for (name, _) in rule.fields.iter().filter(|(name, rule)| rule.limits.required && !fields.contains_key(*name)) {
            self.say(&format!("{at}.{name}"), "is missing");
        }
    }

    fn within(&mut self, count: usize, (least, most): (Option<usize>, Option<usize>), at: &str) {
        if least.is_some_and(|least| count < least) {
            self.say(at, "is too short");
        }
        if most.is_some_and(|most| count > most) {
            self.say(at, "is too long");
        }
    }
}

/// Whether a value has a type.
fn is(kind: Kind, value: &Value) -> bool {
    match kind {
        Kind::String => value.is_string(),
        Kind::Integer => value.is_i64() || value.is_u64(),
        Kind::Number => value.is_number(),
        Kind::Boolean => value.is_boolean(),
        Kind::Object => value.is_object(),
        Kind::Array => value.is_array(),
        Kind::Null => value.is_null(),
    }
}

/// Whether a text has a format.
fn has(format: Format, text: &str) -> bool {
    match format {
        Format::Uuid => text.len() == 36 && uuid::Uuid::parse_str(text).is_ok(),
        Format::DateTime => text.parse::<jiff::Timestamp>().is_ok(),
        Format::Uri => text.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty()),
        Format::Jwt => {
            let parts: Vec<_> = text.split('.').collect();
            // The second part of five holds a key, and is empty where both sides know it already.
            let filled = parts.iter().enumerate().all(|(at, part)| !part.is_empty() || (parts.len() == 5 && at == 1));
            matches!(parts.len(), 3 | 5) && filled
        }
    }
}
