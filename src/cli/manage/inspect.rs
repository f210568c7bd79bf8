//! `barewire inspect`: what a client token says of itself.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use clap::ValueHint;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::mint::time::said;
use super::present::{self, Shape, ShapeArgs};
use super::secret_file::{self, Privacy};
use crate::cli::error::{self, Error};
use crate::cli::exit;
use crate::cli::output;
use crate::cli::surroundings::now;
use crate::jose::End;
use crate::secret::Secret;
use crate::signalwire::client_token::{ClientToken, Inspected, MOST, date, inspect};

/// What the exit codes mean.
pub(super) const HELP: &str = "\
Nothing is sent anywhere, and nothing is verified: only SignalWire has the key.

Exit codes:
  0  a client token of SignalWire that has not ended, as far as it tells
  1  it has ended, or it is no client token of SignalWire
  2  usage error, or the input could not be read";

/// What can be typed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct InspectArgs {
    /// A file with the token, or with the JSON answer that it came in; - is standard input
    #[arg(value_name = "FILE", default_value = "-", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    #[command(flatten)]
    shape: ShapeArgs,
}

/// Runs the command.
pub(super) fn run(args: &InspectArgs) -> Result<u8, Error> {
    let text = read(&args.file)?;
    if text.expose().trim_ascii().is_empty() {
        return Err(Error::new("there is no token in the input"));
    }
    if text.len() > MOST {
        return Err(Error::new(format_args!("the input is longer than any token: more than {MOST} bytes")));
    }
    if text.utf16_len().is_none() {
        return Err(Error::new("the input is not UTF-8, so it is no token"));
    }
    match inspect(&text) {
        Inspected::Token(token) => tell(&token, args.shape.format),
        Inspected::Foreign(header) => {
            let about = |name: &str| header[name].as_str().map(|value| format!(", {name} {value}")).unwrap_or_default();
            not_one(&format!("a token that is not SignalWire's{}{}", about("alg"), about("typ")), args.shape.format)
        }
        Inspected::Opaque(what) => not_one(what, args.shape.format),
        Inspected::Unknown => not_one("this does not look like any token that barewire knows", args.shape.format),
    }
}

fn read(path: &Path) -> Result<Secret, Error> {
    if path != Path::new("-") {
        return secret_file::read(path, Privacy::Any);
    }
    let input = std::io::stdin();
    if input.is_terminal() {
        error::tell("Paste the token, then press Enter and Ctrl-D:\n");
    }
    secret_file::bounded(input.lock()).map_err(|error| Error::new(format_args!("standard input: {error}")))
}

fn not_one(what: &str, shape: Shape) -> Result<u8, Error> {
    match shape {
        Shape::Text => output::print(&format!("no client token: {}\n", present::safe(what)))?,
        Shape::Json => present::print_json(json!({"kind": null, "what": what}))?,
    }
    Ok(exit::LEAKS)
}

fn tell(token: &ClientToken, shape: Shape) -> Result<u8, Error> {
    let now = now();
    match shape {
        Shape::Text => output::print(&text(token, now))?,
        Shape::Json => present::print_json(document(token, now))?,
    }
    Ok(if token.has_ended(now) == Some(true) { exit::LEAKS } else { exit::CLEAN })
}

fn text(token: &ClientToken, now: i64) -> String {
    let mut rows =
        vec![vec!["kind".to_owned(), token.kind.label().to_owned()], vec!["ends".to_owned(), ends(token, now)]];
    rows.extend(token.project().map(|project| vec!["project".to_owned(), project.to_owned()]));
    for (name, values) in token.facts() {
        let mut values = values.into_iter();
        rows.extend(values.next().map(|value| vec![name.to_owned(), value]));
        rows.extend(values.map(|value| vec![String::new(), value]));
    }
    if token.claims.is_null() {
        let why = if token.header["enc"].is_null() {
            "they cannot be read"
        } else {
            "encrypted; only SignalWire can read them"
        };
        rows.push(vec!["claims".to_owned(), why.to_owned()]);
    }
    present::table(&rows)
}

/// When it ends, in the words for people.
fn ends(token: &ClientToken, now: i64) -> String {
    match token.end {
        End::Unknown => "it does not say".to_owned(),
        End::Never => "never by itself, and it cannot be revoked".to_owned(),
        End::At(time) => {
            let length = said(SignedDuration::from_secs(time.saturating_sub(now)));
            let when = if time <= now { format!("{length} ago") } else { format!("in {length}") };
            format!("{}, {when}", date(time))
        }
    }
}

fn document(token: &ClientToken, now: i64) -> Value {
    let mut document = Map::new();
    document.insert("kind".to_owned(), token.kind.as_str().into());
    document.insert("project_id".to_owned(), token.project().into());
    let expires = match token.end {
        End::At(time) => Value::from(date(time)),
        End::Never | End::Unknown => Value::Null,
    };
    document.insert("expires".to_owned(), expires);
    document.insert("never_expires".to_owned(), (token.end == End::Never).into());
    document.insert("expired".to_owned(), token.has_ended(now).into());
    document.insert("header".to_owned(), token.header.clone());
    document.insert("claims".to_owned(), token.claims.clone());
    Value::Object(document)
}
