//! `barewire verify`: whether a credential, or what a report holds, is alive. `barewire scopes`: what a token may do.

use std::io::{BufWriter, Read as _, Write as _};
use std::path::PathBuf;

use clap::{ValueEnum, ValueHint};
use zeroize::Zeroizing;

use super::access;
use super::access_args::{AccessArgs, VerboseArgs};
use super::question::{ClientToken, verification};
use super::record;
use super::recovery::{self, Recovered};
use super::reviewer::{Reviewer, Selection, Wanted};
use crate::cli::error::{self, Error};
use crate::cli::exit;
use crate::cli::progress::Progress;
use crate::finding::{Verdict, Verification};
use crate::report::{Tally, Verified, write_verified_json, write_verified_text};
use crate::secret::Secret;
use crate::signalwire::Network;
use crate::signalwire::verify::{Depth, Pace, Question, examine};

/// No client token is longer, in bytes.
const MOST_TOKEN: u64 = 64 << 10;

/// What the exit codes of both commands mean.
pub(super) const HELP: &str = "\
Exit codes:
  0  one credential: it is alive; a report: all are dead, or there is nothing to ask
  1  one credential: it is dead; a report: at least one is alive
  2  usage or configuration error; nothing was sent
  3  not known: no connection, an error of the server, or nothing that could be asked safely";

/// What can be typed for `verify`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct VerifyArgs {
    /// Ask for all that this report of a scan names (json or jsonl; `-` is standard input) [default: one credential]
    #[arg(value_name = "REPORT", value_hint = ValueHint::FilePath)]
    #[arg(conflicts_with_all = ["project", "space", "token_stdin", "token_file", "env_file", "client_token_stdin"])]
    report: Option<PathBuf>,
    /// Ask which scopes API tokens have, too
    #[arg(long, conflicts_with = "client_token_stdin")]
    scopes: bool,
    /// Leave out what is known to be dead; it is counted
    #[arg(long, requires = "report")]
    only_live: bool,
    /// Read a client token, made by SignalWire for a browser or an app, from standard input
    #[arg(long, conflicts_with_all = ["project", "token_stdin", "token_file"])]
    client_token_stdin: bool,
    #[command(flatten)]
    form: FormArgs,
    #[command(flatten)]
    access: AccessArgs,
    #[command(flatten)]
    talk: VerboseArgs,
}

/// What can be typed for `scopes`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ScopesArgs {
    #[command(flatten)]
    form: FormArgs,
    #[command(flatten)]
    access: AccessArgs,
    #[command(flatten)]
    talk: VerboseArgs,
}

#[derive(Debug, clap::Args)]
struct FormArgs {
    /// How the answer is written
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    format: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Json,
}

/// Runs `verify`.
pub(super) fn run(args: &VerifyArgs, network: &Network) -> Result<u8, Error> {
    let depth = if args.scopes { Depth::Scopes } else { Depth::Life };
    if let Some(report) = &args.report {
        let selection = if args.only_live { Selection::OnlyLive } else { Selection::All };
        let wanted = Wanted { depth, selection };
        let reviewer = Reviewer::new(&args.access.reach, args.talk.talk(), (wanted, network))?;
        return Ok(of_report(&reviewer, recovery::read(report)?, args.form.format));
    }
    let one = if args.client_token_stdin {
        client_token(args, network)?
    } else {
        api_token(&args.access, (&args.talk, depth), network)?
    };
    Ok(told(&one, args.form.format))
}

/// Runs `scopes`.
pub(super) fn run_scopes(args: &ScopesArgs, network: &Network) -> Result<u8, Error> {
    let one = api_token(&args.access, (&args.talk, Depth::Scopes), network)?;
    Ok(told(&one, args.form.format))
}

/// Writes what came of one credential.
fn told(one: &Verified, form: Form) -> u8 {
    let all = std::slice::from_ref(one);
    match (write(all, Tally::of(all), form), one.verification.verdict) {
        (exit::CLEAN, Verdict::Alive) => exit::CLEAN,
        (exit::CLEAN, Verdict::Dead) => exit::LEAKS,
        _ => exit::INCOMPLETE,
    }
}

fn api_token(args: &AccessArgs, (talk, depth): (&VerboseArgs, Depth), network: &Network) -> Result<Verified, Error> {
    let access = access::access(args, talk.talk())?;
    let client = Pace::new(access::client(&args.reach, talk.talk(), network)?);
    let (project, space) = (access.project.to_string(), access.space.to_string());
    let (secret, fingerprint) = (access.token.masked(), record::fingerprint(&access.token));
    let verification = verification(examine(&client, &Question::ApiToken(access, depth)));
    let token_id = record::ids().remove(&fingerprint).filter(|_| verification.verdict != Verdict::Dead);
    let verification = Verification { token_id, ..verification };
    Ok(Verified { project: Some(project), space: Some(space), ..lone("api-token", secret, verification) })
}

fn client_token(args: &VerifyArgs, network: &Network) -> Result<Verified, Error> {
    let mut text = Zeroizing::new(Vec::new());
    let read = std::io::stdin().lock().take(MOST_TOKEN + 1).read_to_end(&mut text);
    read.map_err(|error| Error::new(format_args!("standard input: {error}")))?;
    let token = Secret::new(text.trim_ascii());
    if token.is_empty() || token.len() as u64 > MOST_TOKEN || !token.expose().is_ascii() {
        return Err(Error::new("there is no client token on standard input"));
    }
    let read = ClientToken::read(&token);
    if !read.is_one() {
        return Err(Error::new("what stands on standard input is no client token")
            .help("One begins with a header in base64url. An API token is read with --token-stdin."));
    }
    let secret = token.masked();
    let space = match read.offline() {
        Err(known) => return Ok(lone("client-token", secret, known)),
        Ok(()) => access::place(&args.access, args.talk.talk())?,
    };
    if let Err(known) = read.may_go_to(&space) {
        return Ok(lone("client-token", secret, known));
    }
    let client = Pace::new(access::client(&args.access.reach, args.talk.talk(), network)?);
    let answer = examine(&client, &Question::Bearer(space.clone(), token));
    Ok(Verified { space: Some(space.to_string()), ..lone("client-token", secret, verification(answer)) })
}

/// A credential that no report names.
fn lone(kind: &str, secret: String, verification: Verification) -> Verified {
    Verified {
        id: None,
        kind: kind.to_owned(),
        grade: None,
        secret: Some(secret),
        project: None,
        space: None,
        places: Vec::new(),
        verification,
    }
}

/// Asks for all that a report names.
fn of_report(reviewer: &Reviewer, report: Recovered, form: Form) -> u8 {
    let Recovered { subjects, complete } = report;
    let (candidates, numbers): (Vec<_>, Vec<_>) = subjects
        .iter()
        .enumerate()
        .filter_map(|(number, subject)| Some((subject.candidate.as_ref().ok()?.clone(), number)))
        .unzip();
    let answers = reviewer.ask(&candidates, Progress::on_terminal().of("credentials"));
    let mut answers = numbers.into_iter().zip(answers).peekable();
    let mut all = Vec::with_capacity(subjects.len());
    for (number, subject) in subjects.into_iter().enumerate() {
        let answer = answers.next_if(|(answered, _)| *answered == number).map(|(_, answer)| answer);
        all.push(match (answer, subject.candidate) {
            (Some(verification), _) => Verified { verification, ..subject.told },
            (None, Err(reason)) => {
                Verified { verification: Verification::offline(Verdict::Unknown, reason), ..subject.told }
            }
            (None, Ok(_)) => subject.told,
        });
    }
    let tally = Tally::of(&all);
    if reviewer.selection() == Selection::OnlyLive {
        all.retain(|one| one.verification.verdict != Verdict::Dead);
    }
    if !complete {
        error::tell("warning: the scan of this report did not see all; what it did not see is not verified\n");
    }
    let written = write(&all, tally, form);
    match tally {
        Tally { alive: 1.., .. } => exit::LEAKS,
        Tally { unknown: 1.., .. } => exit::INCOMPLETE,
        Tally { .. } if !complete => exit::INCOMPLETE,
        Tally { .. } => written,
    }
}

/// Writes the answers; returns the exit code that this is worth: all was sent, so nothing is a usage error any more.
fn write(all: &[Verified], tally: Tally, form: Form) -> u8 {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let written = match form {
        Form::Json => write_verified_json(all, tally, &mut out),
        Form::Text => write_verified_text(all, &mut out),
    };
    let mut code = exit::CLEAN;
    match written.and_then(|()| out.flush()) {
        // A reader that went away has what it wanted.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Error::new(format_args!("standard output: {error}")).print();
            code = exit::INCOMPLETE;
        }
        _ => {}
    }
    let Tally { alive, dead, unknown } = tally;
    if all.len() != 1 || alive + dead + unknown != 1 {
        error::tell(&format!("{alive} alive, {dead} dead, {unknown} unknown\n"));
    }
    code
}
