//! Decides how `operations.toml` is read: names are replaced by what they stand for, and an operation stands alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// The table, as it is kept.
const TABLE: &str = include_str!("operations.toml");

/// All operations that barewire uses or the emulator answers.
pub(crate) struct Operations {
    /// In the order of the table.
    pub(crate) all: Vec<Operation>,
    /// The scopes that a token can have.
    pub(crate) scopes: Vec<String>,
    /// Names of shapes and lists that no operation leads to.
    pub(crate) unused: Vec<String>,
}

/// One operation of the API.
#[derive(Debug)]
pub(crate) struct Operation {
    /// What the table calls it.
    pub(crate) name: String,
    /// The method, in capitals.
    pub(crate) method: String,
    /// The path, with names in braces for what varies.
    pub(crate) path: String,
    /// How a caller says who it is.
    pub(crate) auth: Auth,
    /// Whether it may be asked without a credential too, to see whether it is refused.
    pub(crate) preflight: bool,
    /// The scopes that the caller's token needs.
    pub(crate) scopes: Vec<String>,
    /// How many of them.
    pub(crate) need: Need,
    /// The query parameters that may be sent.
    pub(crate) query: BTreeMap<String, Rule>,
    /// The body of a request; nothing where there must be none.
    pub(crate) request: Option<Rule>,
    /// The media type of that body.
    pub(crate) request_type: String,
    /// What the body of an answer may be, by status; an empty list where there must be none.
    pub(crate) responses: BTreeMap<u16, Vec<Rule>>,
    /// The statuses that are announced for all operations: what the body may be, or an empty list if anything may.
    pub(crate) beyond: BTreeMap<u16, Vec<Rule>>,
    /// Why the specification does not have it.
    pub(crate) undocumented: Option<String>,
}

/// How a caller says who it is.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Auth {
    /// By Project ID and API token.
    Basic,
    /// By a client token.
    Bearer,
    /// Not at all.
    None,
}

/// How many of the scopes are needed.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Need {
    /// Each of them.
    #[default]
    All,
    /// One of them.
    Any,
}

/// What is allowed to be a value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rule {
    /// Its limits, and whether it must be there.
    pub(crate) limits: Limits,
    /// The words that are allowed.
    pub(crate) words: Option<Vec<String>>,
    /// The fields of an object.
    pub(crate) fields: BTreeMap<String, Rule>,
    /// The items of an array.
    pub(crate) items: Option<Box<Rule>>,
    /// The values of an object whose names are free.
    pub(crate) values: Option<Box<Rule>>,
    /// A value must obey one of these; empty if it has rules of its own.
    pub(crate) alternatives: Vec<Rule>,
}

/// The limits of a value, in the words of the table.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Limits {
    /// The type in the words of JSON; nothing allows any.
    pub(crate) r#type: Option<Kind>,
    /// Whether it must be there.
    #[serde(default)]
    pub(crate) required: bool,
    /// Whether it may be null, too.
    #[serde(default)]
    pub(crate) null: bool,
    /// Whether the table says nothing about what is inside.
    #[serde(default)]
    pub(crate) open: bool,
    /// The form of a text.
    pub(crate) format: Option<Format>,
    /// The least value.
    pub(crate) min: Option<i64>,
    /// The greatest value.
    pub(crate) max: Option<i64>,
    /// What the value must be greater than.
    pub(crate) above: Option<i64>,
    /// The least number of characters.
    pub(crate) min_length: Option<usize>,
    /// The greatest number of characters.
    pub(crate) max_length: Option<usize>,
    /// A pattern for a text.
    pub(crate) pattern: Option<String>,
    /// The least number of items.
    pub(crate) min_items: Option<usize>,
    /// The greatest number of items.
    pub(crate) max_items: Option<usize>,
    /// The least number of names.
    pub(crate) min_properties: Option<usize>,
    /// The greatest number of names.
    pub(crate) max_properties: Option<usize>,
    /// One of these names at least must be there.
    #[serde(default)]
    pub(crate) at_least_one: Vec<String>,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// A text.
    String,
    /// A number without a fraction.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Names with values.
    Object,
    /// A list of values.
    Array,
    /// Nothing but null.
    Null,
}

/// The form of a text.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// Five groups of hexadecimal digits.
    Uuid,
    /// A moment, by RFC 3339.
    DateTime,
    /// An absolute address.
    Uri,
    /// Three or five parts with points between them.
    Jwt,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "specification")]
    _specification: String,
    beyond: Vec<Beyond>,
    lists: BTreeMap<String, Vec<String>>,
    shapes: BTreeMap<String, Field>,
    operation: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Beyond {
    status: u16,
    shapes: Vec<String>,
    #[serde(rename = "reason")]
    _reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    method: String,
    path: String,
    auth: Auth,
    scopes: Vec<String>,
    #[serde(default)]
    need: Need,
    #[serde(default)]
    query: BTreeMap<String, Field>,
    request: Option<String>,
    request_type: Option<String>,
    #[serde(default)]
    responses: BTreeMap<String, Names>,
    documented: Option<bool>,
    #[serde(default)]
    preflight: bool,
    reason: Option<String>,
    #[serde(rename = "note")]
    _note: Option<String>,
    #[serde(rename = "known", default)]
    _known: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize)]
struct Field {
    shape: Option<String>,
    base: Option<String>,
    r#enum: Option<Names>,
    #[serde(default)]
    fields: BTreeMap<String, Field>,
    items: Option<Box<Field>>,
    values: Option<Box<Field>>,
    #[serde(default)]
    one_of: Vec<String>,
    #[serde(rename = "partial", default)]
    _partial: bool,
    #[serde(rename = "media")]
    _media: Option<String>,
    #[serde(flatten)]
    limits: Limits,
    /// What none of the other names took: a word that is written wrongly.
    #[serde(flatten)]
    rest: BTreeMap<String, toml::Value>,
}

impl Operations {
    /// Reads the table.
    pub(crate) fn load() -> Self {
        let table: Table = toml::from_str(TABLE).unwrap();
        let mut reader = Reader { table: &table, seen: BTreeSet::new() };
        let beyond: BTreeMap<_, _> =
            table.beyond.iter().map(|beyond| (beyond.status, reader.shapes(&beyond.shapes))).collect();
        let all = table.operation.iter().map(|entry| reader.operation(entry, &beyond)).collect();
        let unused = table.shapes.keys().chain(table.lists.keys()).filter(|name| !reader.seen.contains(*name));
        let unused = unused.cloned().collect();
        Self { all, scopes: table.lists["scopes"].clone(), unused }
    }

    /// The operation that a request is for; of several, the one with the fewest names in its path. A query after
    /// `path` is no part of it.
    pub(crate) fn find(&self, method: &str, path: &str) -> Option<&Operation> {
        let path = path.split('?').next().unwrap_or_default();
        let fits = |operation: &&Operation| operation.method == method && fits(&operation.path, path);
        self.all.iter().filter(fits).min_by_key(|operation| operation.path.matches('{').count())
    }
}

/// Whether a path is one of a template.
fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    let same = |(wanted, part): (&&str, &&str)| if wanted.starts_with('{') { !part.is_empty() } else { wanted == part };
    template.len() == path.len() && template.iter().zip(&path).all(same)
}

/// Puts in what names stand for, and remembers which were met.
struct Reader<'a> {
    table: &'a Table,
    seen: BTreeSet<String>,
}

impl Reader<'_> {
    fn operation(&mut self, entry: &Entry, beyond: &BTreeMap<u16, Vec<Rule>>) -> Operation {
        let documented = entry.documented.unwrap_or(true);
        assert_eq!(documented, entry.reason.is_none(), "{}: a reason is for what is not documented", entry.name);
        let query = entry.query.iter().map(|(name, field)| (name.clone(), self.rule(field))).collect();
        let responses = entry.responses.iter().map(|(status, names)| {
            let names = match names {
                Names::One(name) if name.is_empty() => Vec::new(),
                Names::One(name) => vec![name.clone()],
                Names::Several(names) => names.clone(),
            };
            (status.parse().unwrap(), self.shapes(&names))
        });
        Operation {
            responses: responses.collect(),
            query,
            request: entry.request.as_ref().map(|name| self.shape(name)),
            name: entry.name.clone(),
            method: entry.method.clone(),
            path: entry.path.clone(),
            auth: entry.auth,
            scopes: entry.scopes.clone(),
            need: entry.need,
            preflight: entry.preflight,
            request_type: entry.request_type.clone().unwrap_or_else(|| "application/json".to_owned()),
            beyond: beyond.clone(),
            undocumented: entry.reason.clone(),
        }
    }

    fn shapes(&mut self, names: &[String]) -> Vec<Rule> {
        names.iter().map(|name| self.shape(name)).collect()
    }

    fn shape(&mut self, name: &str) -> Rule {
        self.seen.insert(name.to_owned());
        let table = self.table;
        self.rule(table.shapes.get(name).unwrap_or_else(|| panic!("no shape is called {name}")))
    }

    fn rule(&mut self, field: &Field) -> Rule {
        assert!(field.rest.is_empty(), "no such words: {:?}", field.rest);
        let words = field.r#enum.as_ref().map(|names| match names {
            Names::One(list) => {
                self.seen.insert(list.clone());
                self.table.lists[list].clone()
            }
            Names::Several(words) => words.clone(),
        });
        let mut rule = field.shape.as_ref().or(field.base.as_ref()).map_or_else(Rule::default, |name| self.shape(name));
        let inherited = rule.limits.r#type;
        rule.limits = field.limits.clone();
        rule.limits.r#type = rule.limits.r#type.or(inherited);
        rule.words = words.or(rule.words);
        rule.alternatives.extend(self.shapes(&field.one_of));
        rule.items = field.items.as_ref().map(|items| Box::new(self.rule(items))).or(rule.items);
        rule.values = field.values.as_ref().map(|values| Box::new(self.rule(values))).or(rule.values);
        rule.fields
            .extend(field.fields.iter().map(|(name, field)| (name.clone(), self.rule(field))).collect::<Vec<_>>());
        if !rule.fields.is_empty() {
            rule.limits.r#type = Some(Kind::Object);
        }
        rule
    }
}
