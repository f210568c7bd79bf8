//! Decides what the fields of a request are, as `gh api` writes them: `key=value`, `key[sub]=value`, `key[]=value`.

use std::path::Path;

use serde_json::{Map, Value};

use super::secret_file::{self, Privacy};
use crate::cli::error::Error;

/// How the text after `=` is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// As a text.
    Raw,
    /// As `true`, `false`, `null` or a number where it is one and stays as it is written, as the content of a file after
    /// `@`, else as a text.
    Typed,
}

/// One field: the parts of its name, and its value.
#[derive(Debug)]
pub(super) struct Field {
    /// `a`, `b` and an empty one for `a[b][]`.
    keys: Vec<String>,
    value: Value,
}

/// No names go deeper.
const DEEPEST: usize = 8;

impl Field {
    /// Reads `text`, as it was typed.
    ///
    /// # Errors
    /// It is no field, its file cannot be read, or its name says that the value is a secret.
    pub(super) fn parse(text: &str, reading: Reading) -> Result<Self, Error> {
        let wrong = || Error::new("a field is key=value, key[sub]=value or key[]=value; nothing was sent");
        let (name, value) = text.split_once('=').ok_or_else(wrong)?;
        let keys = keys(name).ok_or_else(wrong)?;
        let value = match (reading, value.strip_prefix('@')) {
            (Reading::Typed, Some(file)) => Value::String(content(file)?),
            _ if is_secret(&keys, value) => return Err(told_secret()),
            (Reading::Typed, None) => typed(value),
            (Reading::Raw, _) => Value::String(value.to_owned()),
        };
        Ok(Self { keys, value })
    }

    /// The name as it stands in a query or a form, and the value.
    pub(super) fn pair(&self) -> (String, String) {
        let mut name = self.keys[0].clone();
        for key in &self.keys[1..] {
            name = format!("{name}[{key}]");
        }
        let value = match &self.value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        (name, value)
    }
}

/// The JSON object that the fields make up.
///
/// # Errors
/// One of them needs a place that another one has filled.
pub(super) fn object(fields: Vec<Field>) -> Result<Value, Error> {
    let mut object = Value::Object(Map::new());
    for Field { keys, value } in fields {
        put(&mut object, &keys, value).ok_or_else(|| {
            Error::new(format_args!("two fields want the same place: {}; nothing was sent", keys.join(".")))
        })?;
    }
    Ok(object)
}

/// Refuses a query in which a name says that its value is a secret.
///
/// # Errors
/// There is one.
pub(super) fn check_query(query: &str) -> Result<(), Error> {
    let has_secret = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        keys(&name.replace("%5B", "[").replace("%5D", "]")).is_some_and(|keys| is_secret(&keys, value))
    };
    if query.split('&').any(has_secret) { Err(told_secret()) } else { Ok(()) }
}

fn told_secret() -> Error {
    Error::new("a field holds a secret, and is now in the history of the shell; nothing was sent")
        .help("Change that secret. Give such a field with -F key=@FILE, or the whole request with --input.")
}

/// Puts `value` where `keys` lead from `place`; `None` if something else is there.
fn put(place: &mut Value, keys: &[String], value: Value) -> Option<()> {
    let Some((key, rest)) = keys.split_first() else {
        return place.is_null().then(|| *place = value);
    };
    if place.is_null() {
        *place = if key.is_empty() { Value::Array(Vec::new()) } else { Value::Object(Map::new()) };
    }
    match place {
        Value::Array(items) if key.is_empty() => {
            // Fields of one item follow one another; a name that it has already begins the next one.
            if let Some(last @ Value::Object(_)) = items.last_mut()
                && put(last, rest, value.clone()).is_some()
            {
                return Some(());
            }
            let mut item = Value::Null;
            put(&mut item, rest, value)?;
            items.push(item);
            Some(())
        }
        Value::Object(fields) if !key.is_empty() => {
            if rest.is_empty() && fields.contains_key(key) {
                return None;
            }
            put(fields.entry(key).or_insert(Value::Null), rest, value)
        }
        _ => None,
    }
}

/// The parts of a name such as `a[b][]`.
fn keys(name: &str) -> Option<Vec<String>> {
    let (first, rest) = name.split_at(name.find('[').unwrap_or(name.len()));
    let mut keys = vec![first.to_owned()];
    let mut rest = rest;
    while !rest.is_empty() {
        let (key, after) = rest.strip_prefix('[')?.split_once(']')?;
        keys.push(key.to_owned());
        rest = after;
    }
    let is_sound = !first.is_empty() && keys.len() <= DEEPEST && !keys.iter().any(|key| key.contains('['));
    is_sound.then_some(keys)
}

fn typed(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        // A number that would be written in another way is left as it was typed: a long id, 1.10, 1e5.
        _ => match serde_json::from_str(text) {
            Ok(Value::Number(number)) if number.to_string() == text => Value::Number(number),
            _ => Value::String(text.to_owned()),
        },
    }
}

/// The content of a file, or of standard input, as text.
fn content(file: &str) -> Result<String, Error> {
    let content = if file == "-" {
        secret_file::bounded(std::io::stdin().lock()).map_err(Error::new)?
    } else {
        secret_file::read(Path::new(file), Privacy::Any)?
    };
    String::from_utf8(content.expose().to_vec())
        .map_err(|_| Error::new("the file of a field is not UTF-8; nothing was sent"))
}

/// Whether a value under this name is a secret. A token that is made for pages that everybody can read is none.
fn is_secret(keys: &[String], value: &str) -> bool {
    let has_word = |name: &str| ["password", "passwd", "secret", "signing_key"].iter().any(|word| name.contains(word));
    let is_token = |name: &str| {
        let is_named = name == "token" || (name.ends_with("_token") && !name.ends_with("page_token"));
        is_named && !value.starts_with("c2c_")
    };
    keys.iter()
        .map(|key| key.to_ascii_lowercase())
        .any(|name| !value.is_empty() && (has_word(&name) || is_token(&name)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(texts: &[&str], reading: Reading) -> Vec<Field> {
        texts.iter().map(|text| Field::parse(text, reading).unwrap()).collect()
    }

    #[test]
    fn fields_make_an_object() {
        let texts = ["name=ci", "n=2", "t=true", "no=null", "a[b]=x=y", "a[c][]=1", "a[c][]=two", "s=[1]", "e="];
        let made = object(fields(&texts, Reading::Typed)).unwrap();
        let expected = json!({"name": "ci", "n": 2, "t": true, "no": null, "a": {"b": "x=y", "c": [1, "two"]}, "s": "[1]", "e": ""});
        assert_eq!(made, expected);
        assert_eq!(object(fields(&["n=2", "f=@x"], Reading::Raw)).unwrap(), json!({"n": "2", "f": "@x"}));
    }

    #[test]
    fn fields_of_an_item_stay_together() {
        let made = object(fields(&["a[][b]=1", "a[][c]=2", "a[][b]=3", "a[]=x", "a[][b]=4"], Reading::Raw)).unwrap();
        assert_eq!(made, json!({"a": [{"b": "1", "c": "2"}, {"b": "3"}, "x", {"b": "4"}]}));
    }

    #[test]
    fn a_number_travels_as_it_was_typed() {
        let texts = ["iccid=89014103211118510720", "v=1.10", "n=1e5", "z=007", "i=-7", "f=0.5"];
        let typed = fields(&texts, Reading::Typed);
        let pairs: Vec<_> = typed.iter().map(Field::pair).map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(pairs, texts);
        let made = object(typed).unwrap();
        assert_eq!(
            made,
            json!({"iccid": "89014103211118510720", "v": "1.10", "n": "1e5", "z": "007", "i": -7, "f": 0.5})
        );
    }

    #[test]
    fn fields_make_pairs() {
        let pairs: Vec<_> = fields(&["a[b][]=1", "t=true"], Reading::Typed).iter().map(Field::pair).collect();
        assert_eq!(pairs, [("a[b][]".to_owned(), "1".to_owned()), ("t".to_owned(), "true".to_owned())]);
    }

    #[test]
    fn what_is_no_field_is_refused() {
        for text in ["", "a", "=x", "[a]=x", "a[=x", "a[b=x", "a[b]c=x", "a[[b]]=x"] {
            assert!(Field::parse(text, Reading::Raw).is_err(), "{text}");
        }
        for text in [
            "password=sesame",
            "a[password]=sesame",
            "client_secret=1",
            "refresh_token=x",
            "passwords[]=sesame",
            "password[value]=sesame",
            "token=sesame",
        ] {
            let told = format!("{:?}", Field::parse(text, Reading::Typed).unwrap_err());
            assert!(!told.contains("sesame"), "{told}");
        }
        assert!(
            Field::parse("token=c2c_0", Reading::Raw).is_ok() && Field::parse("page_token=x", Reading::Raw).is_ok()
        );
        for (query, is_sound) in [("a=1&page_token=x", true), ("a=1&b%5Bpassword%5D=x", false), ("token=x", false)] {
            assert_eq!(check_query(query).is_ok(), is_sound, "{query}");
        }
        assert!(object(fields(&["a=1", "a=2"], Reading::Raw)).is_err());
        assert!(object(fields(&["a=null", "a=2"], Reading::Typed)).is_err());
        assert!(object(fields(&["a=1", "a[b]=2"], Reading::Raw)).is_err());
        assert!(object(fields(&["a[]=1", "a[b]=2"], Reading::Raw)).is_err());
    }
}
