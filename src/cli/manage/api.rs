//! `barewire api`: an authenticated request to any endpoint.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::ValueHint;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use serde_json::Value;

use super::access_args::{AccessArgs, VerboseArgs};
use super::confirm::{ConsentArgs, Sending, confirm};
use super::fields::{self, Field, Reading};
use super::secret_file::{self, Privacy};
use super::{access, answer, dry_run, pretty};
use crate::cli::error::{self, Error, shown};
use crate::cli::exit;
use crate::secret::Secret;
use crate::signalwire::{Access, Client, Method, Network, Payload, Reading as Read, Request, Response, Target, next};

/// How the command is used.
pub(super) const HELP: &str = "\
Examples:
  barewire api GET /api/video/rooms
  barewire api GET /api/projects -f name=ci --paginate --slurp
  barewire api POST /api/project/tokens -f name=ci -f 'permissions[]=video'
  barewire api DELETE /api/project/tokens/<ID>";

/// Longer answers are not read, in bytes.
const LONGEST: Read = Read::UpTo(16 << 20);

/// The array of all pages is not longer, in bytes.
const LONGEST_ARRAY: usize = 64 << 20;

/// No path with its query is longer, in bytes; servers commonly take 8 KiB.
const LONGEST_TARGET: usize = 32 << 10;

/// More pages are not fetched.
const MOST_PAGES: usize = 1_000;

/// What can be typed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ApiArgs {
    /// GET, POST, PUT, PATCH or DELETE
    #[arg(value_name = "METHOD", value_parser = method(), ignore_case = true)]
    method: Method,
    /// A path of the API with its query, such as /api/video/rooms
    #[arg(value_name = "PATH")]
    path: String,
    /// Add a field as text: `key=value`, `key[sub]=value`, `key[]=value`; can be repeated. Fields go into the query of a
    /// GET or a DELETE, else into the body
    #[arg(short = 'f', long, value_name = "KEY=VALUE")]
    raw_field: Vec<String>,
    /// The same, but true, false, null and numbers are what they are, and @FILE is the content of a file
    #[arg(short = 'F', long, value_name = "KEY=VALUE")]
    field: Vec<String>,
    /// Send this file as the body; `-` is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["raw_field", "field"])]
    input: Option<PathBuf>,
    /// Send the body as a form, as the compatibility API wants it, in place of JSON
    #[arg(long)]
    form: bool,
    /// Fetch the pages that follow, too, and print one after the other
    #[arg(long)]
    paginate: bool,
    /// Print all pages as one array
    #[arg(long, requires = "paginate")]
    slurp: bool,
    #[command(flatten)]
    access: AccessArgs,
    #[command(flatten)]
    talk: VerboseArgs,
    #[command(flatten)]
    consent: ConsentArgs,
}

fn method() -> impl clap::builder::TypedValueParser<Value = Method> {
    PossibleValuesParser::new(Method::ALL.map(Method::as_str)).map(|word| {
        let method = Method::ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(&word));
        method.unwrap_or(Method::Get)
    })
}

/// Runs the command.
pub(super) fn run(args: &ApiArgs, network: &Network) -> Result<u8, Error> {
    let target = Target::new(&args.path).map_err(|error| Error::new(format_args!("{error}; nothing was sent")))?;
    if args.paginate && args.method != Method::Get {
        return Err(Error::new("only the answer to a GET has pages; nothing was sent"));
    }
    check_stdin(args)?;
    fields::check_query(target.as_str().split_once('?').map_or("", |(_, query)| query))?;
    let (target, payload) = content(args, target)?;
    if target.as_str().len() > LONGEST_TARGET {
        let why = "the path with its query is longer than any server takes; nothing was sent";
        return Err(Error::new(why));
    }
    let access = access::access(&args.access, args.talk.talk())?;
    let request = access.request(args.method, target).send(payload).read(LONGEST);
    if args.consent.sending() == Sending::Dry {
        return dry_run::print(&request);
    }
    let client = access::client(&args.access.reach, args.talk.talk(), network)?;
    if args.method == Method::Delete {
        let path = request.target.path();
        let id = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(path);
        confirm(&format!("send DELETE {path}, for"), id, args.consent.consent())?;
    }
    if args.paginate {
        return Ok(pages(&client, &access, request, if args.slurp { Form::Array } else { Form::Stream }));
    }
    match client.send(&request) {
        Ok(response) => Ok(printed(print(&response.body), args.method)),
        Err(error) => Ok(answer::explain(&client, &access, &request, &error)),
    }
}

/// Sees to it that standard input is read for one thing.
fn check_stdin(args: &ApiArgs) -> Result<(), Error> {
    let is_input = args.input.as_deref() == Some(Path::new("-"));
    let fields = args.field.iter().filter(|field| field.split_once('=').is_some_and(|(_, value)| value == "@-"));
    let uses = fields.count() + usize::from(is_input) + usize::from(args.access.token_stdin);
    if uses <= 1 {
        return Ok(());
    }
    Err(Error::new("standard input can be one thing alone: the token, a field or the body; nothing was sent"))
}

/// Where the fields go: into the query of what has no body, else into the body.
fn content(args: &ApiArgs, target: Target) -> Result<(Target, Payload), Error> {
    let raw = args.raw_field.iter().map(|text| Field::parse(text, Reading::Raw));
    let typed = args.field.iter().map(|text| Field::parse(text, Reading::Typed));
    let fields: Vec<Field> = raw.chain(typed).collect::<Result<_, _>>()?;
    let pairs: Vec<_> = fields.iter().map(Field::pair).collect();
    let has_body = matches!(args.method, Method::Post | Method::Put | Method::Patch);
    if let Some(path) = &args.input {
        if !has_body {
            return Err(Error::new(format_args!("a {} has no body; nothing was sent", args.method)));
        }
        let body = input(path)?;
        if args.form {
            return Ok((target, Payload::Form(body)));
        }
        // What is too deep to be read here could not be shown without its secrets.
        serde_json::from_slice::<Value>(body.expose()).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            let what = if error.to_string().starts_with("recursion") { "goes too deep" } else { "is not JSON" };
            Error::new(format_args!("{}:{line}:{column}: this {what}; nothing was sent", shown(path)))
        })?;
        return Ok((target, Payload::Json(body)));
    }
    if !has_body {
        let with = |target: Target, (name, value): &(String, String)| target.with(name, value);
        return Ok((pairs.iter().fold(target, with), Payload::Empty));
    }
    if args.form {
        let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        return Ok((target, Payload::form(pairs)));
    }
    if fields.is_empty() {
        return Ok((target, Payload::Empty));
    }
    Ok((target, Payload::json(&fields::object(fields)?)))
}

fn input(path: &Path) -> Result<Secret, Error> {
    if path == Path::new("-") {
        let told = |error| Error::new(format_args!("standard input: {error}"));
        return secret_file::bounded(io::stdin().lock()).map_err(told);
    }
    secret_file::read(path, Privacy::Any)
}

/// How pages are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// One document after the other, each ended by a line feed.
    Stream,
    /// As one array.
    Array,
}

impl Form {
    /// Says what has become of the pages that were fetched before something went wrong.
    fn tell_loss(self) {
        if self == Self::Array {
            error::tell("note: no page was printed; without --slurp each is printed as it comes\n");
        }
    }
}

/// Fetches pages until there is no next one, or nobody reads them.
fn pages(client: &Client, access: &Access, mut request: Request, form: Form) -> u8 {
    let (mut seen, mut kept) = (BTreeSet::new(), Kept::default());
    loop {
        seen.insert(request.target.as_str().to_owned());
        let page = match client.send(&request).and_then(|response| Ok((response.json()?, response))) {
            Ok(page) => page,
            Err(error) => {
                let code = answer::explain(client, access, &request, &error);
                form.tell_loss();
                return code;
            }
        };
        let (json, Response { body, .. }) = page;
        let done = match form {
            Form::Stream => print(&Secret::new([body.expose().trim_ascii(), b"\n"].concat())).map_err(Stop::Unprinted),
            Form::Array => kept.add(body),
        };
        let target = done.and_then(|()| follow(&request, &json, &seen));
        match target {
            Ok(Some(target)) => request.target = target,
            Ok(None) if form == Form::Stream => return exit::CLEAN,
            Ok(None) => return printed(print(&kept.array()), Method::Get),
            Err(Stop::Unprinted(error)) => return printed(Err(error), Method::Get),
            Err(Stop::Unfetched(why)) => {
                Error::new(why).print();
                form.tell_loss();
                return exit::INCOMPLETE;
            }
        }
    }
}

/// Why no more pages are fetched.
enum Stop {
    /// The last one could not be printed.
    Unprinted(io::Error),
    /// The next one must not be fetched.
    Unfetched(String),
}

/// Where the page after `page` is.
fn follow(request: &Request, page: &Value, seen: &BTreeSet<String>) -> Result<Option<Target>, Stop> {
    let target = next(&request.space, page).map_err(|error| Stop::Unfetched(error.to_string()))?;
    let why = match &target {
        Some(target) if seen.contains(target.as_str()) => {
            "the pages go round in a circle: the next one was fetched already".to_owned()
        }
        Some(_) if seen.len() >= MOST_PAGES => {
            format!("there are more than {MOST_PAGES} pages; the rest was not fetched")
        }
        _ => return Ok(target),
    };
    Err(Stop::Unfetched(why))
}

/// Pages that become one array.
#[derive(Default)]
struct Kept {
    pages: Vec<Secret>,
    /// Their length, in bytes.
    length: usize,
}

impl Kept {
    fn add(&mut self, page: Secret) -> Result<(), Stop> {
        self.length += page.expose().len();
        self.pages.push(page);
        if self.length <= LONGEST_ARRAY {
            return Ok(());
        }
        let most = LONGEST_ARRAY >> 20;
        Err(Stop::Unfetched(format!("all pages together have more than {most} MiB")))
    }

    fn array(&self) -> Secret {
        let pages: Vec<_> = self.pages.iter().map(|page| page.expose().trim_ascii()).collect();
        Secret::new([b"[", &*pages.join(&b","[..]), b"]\n"].concat())
    }
}

/// Prints an answer: indented and harmless on a terminal, else byte for byte. It is shown in full, as was asked for.
fn print(body: &Secret) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let bytes = body.expose();
    let written =
        if out.is_terminal() { out.write_all(pretty::pretty(bytes).as_bytes()) } else { out.write_all(bytes) };
    written.and_then(|()| out.flush())
}

/// The exit code after the answer to a request by `method` was printed, or was not.
fn printed(result: io::Result<()>, method: Method) -> u8 {
    match result {
        Ok(()) => exit::CLEAN,
        // A reader that went away has what it wanted; but what a write has made can be in this answer alone.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe && method.is_safe() => exit::CLEAN,
        Err(error) => {
            let told = Error::new(format_args!("the answer could not be printed: {error}"));
            let told = if method.is_safe() { told } else { told.help("What was asked for was carried out.") };
            told.print();
            exit::INCOMPLETE
        }
    }
}
