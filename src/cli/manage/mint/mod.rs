//! `barewire mint`: has a client token made, and hands it over once.

mod args;
mod asker;
mod channel;
mod refresh;
pub(super) mod time;

use std::io::IsTerminal as _;
use std::path::Path;

use serde_json::{Map, Value};

pub(in crate::cli) use args::MintArgs;
use args::{Answer, ChannelArgs, CommonArgs, EndArgs, GuestArgs, MintCommand, RefreshArgs, RoomArgs, SubscriberArgs};
use asker::Asker;

use super::dry_run;
use super::outlet::Outlet;
use super::secret_file::{self, Privacy};
use crate::cli::error::{self, Error};
use crate::cli::exit;
use crate::cli::surroundings::now;
use crate::secret::Secret;
use crate::signalwire::mint::{Kind, Minted, Spec, Wrong};
use crate::signalwire::{Arrival, Network, Refusal, fate};

/// A chat or `PubSub` token lives no longer, in seconds.
const MOST_TTL: u64 = 30 * 24 * 60 * 60;

/// The last second that can be written as a date.
const LAST: i64 = 253_402_207_200;

/// Runs the command.
pub(super) fn run(args: &MintArgs, network: &Network) -> Result<u8, Error> {
    let (spec, common) = match &args.command {
        MintCommand::Room(args) => (room(args)?, &args.common),
        MintCommand::Chat(args) => (channels(Kind::Chat, args)?, &args.common),
        MintCommand::Pubsub(args) => (channels(Kind::Pubsub, args)?, &args.common),
        MintCommand::Subscriber(args) => (subscriber(args)?, &args.common),
        MintCommand::Guest(args) => (guest(args)?, &args.common),
        MintCommand::Refresh(args) => (refresh(args)?, &args.common),
    };
    let asker = match &args.command {
        MintCommand::Guest(GuestArgs { subscriber_token_file: Some(file), .. }) => {
            Asker::subscriber(file, common, network)?
        }
        _ => Asker::project(common, network)?,
    };
    make(&spec, &asker, common)
}

/// The flag or argument that gives a field its value, where that is not the field's own name.
fn flag(field: &str) -> String {
    let known = match field {
        "room_name" => "ROOM",
        "reference" => "REFERENCE",
        "refresh_token" => "the refresh token",
        "permissions" => "--permission",
        "remove_after_seconds_elapsed" => "--remove-after",
        "channels" => "--channel",
        "allowed_addresses" => "--address",
        "expire_at" => "--expires-at",
        "password" => "--password-file",
        _ => return format!("--{}", field.replace('_', "-")),
    };
    known.to_owned()
}

fn wrong(wrong: &Wrong) -> Error {
    Error::new(format_args!("{} {}", flag(wrong.field), wrong.why))
}

/// Gives a request its fields.
fn fill(kind: Kind, fields: impl IntoIterator<Item = (&'static str, Option<Value>)>) -> Result<Spec, Error> {
    let mut spec = Spec::new(kind);
    for (name, value) in fields {
        spec.set(name, value).map_err(|error| wrong(&error))?;
    }
    Ok(spec)
}

/// The JSON object that was typed after `flag`. It may hold a secret, so an error does not repeat it.
fn object(flag: &str, typed: Option<&String>) -> Result<Option<Value>, Error> {
    let Some(text) = typed else { return Ok(None) };
    match serde_json::from_str(text) {
        Ok(value @ Value::Object(_)) => Ok(Some(value)),
        _ => Err(Error::new(format_args!("{flag} takes a JSON object, such as {{\"team\": 5}}"))),
    }
}

fn text(value: Option<&String>) -> Option<Value> {
    value.cloned().map(Value::from)
}

fn room(args: &RoomArgs) -> Result<Spec, Error> {
    let now = now();
    let moment = |time: Option<time::Moment>| time.map(|time| Value::from(time.text(now)));
    let switch = |answer: Option<Answer>| answer.map(|answer| Value::from(answer == Answer::Yes));
    let permissions = Some(Value::from(args.permissions.clone())).filter(|_| !args.permissions.is_empty());
    let times = [("--join-from", args.join_from), ("--join-until", args.join_until), ("--remove-at", args.remove_at)];
    check(now, &times)?;
    if args.join_until.is_none() {
        error::tell("warning: without --join-until a room token never ends, and nobody can revoke it\n");
    }
    if args.join_as.as_deref() == Some("audience") && permissions.is_some() {
        error::tell("warning: the audience has no permissions; those that were given do not count\n");
    }
    fill(
        Kind::Room,
        [
            ("room_name", Some(args.room.clone().into())),
            ("user_name", text(args.user_name.as_ref())),
            ("room_display_name", text(args.room_display_name.as_ref())),
            ("permissions", permissions),
            ("join_from", moment(args.join_from)),
            ("join_until", moment(args.join_until)),
            ("remove_at", moment(args.remove_at)),
            ("remove_after_seconds_elapsed", args.remove_after.map(Value::from)),
            ("join_as", text(args.join_as.as_ref())),
            ("media_allowed", text(args.media_allowed.as_ref())),
            ("join_audio_muted", switch(args.join_audio_muted)),
            ("join_video_muted", switch(args.join_video_muted)),
            ("auto_create_room", switch(args.auto_create_room)),
            ("enable_room_previews", switch(args.enable_room_previews)),
            ("end_room_session_on_leave", switch(args.end_room_session_on_leave)),
            ("sync_audio_video", switch(args.sync_audio_video)),
            ("room_meta", object("--room-meta", args.room_meta.as_ref())?),
            ("meta", object("--meta", args.meta.as_ref())?),
        ],
    )
}

/// Refuses moments that are over, too far away, or in the wrong order.
fn check(now: i64, times: &[(&str, Option<time::Moment>); 3]) -> Result<(), Error> {
    let [from, until, _] = times.map(|(_, moment)| moment.map(|moment| moment.seconds(now)));
    for (flag, moment) in times {
        let Some(seconds) = moment.map(|moment| moment.seconds(now)) else { continue };
        if seconds > LAST {
            return Err(Error::new(format_args!("{flag} is beyond the year 9999")));
        }
        if seconds <= now && *flag != "--join-from" {
            return Err(Error::new(format_args!("{flag} is over already")));
        }
    }
    if from.zip(until).is_some_and(|(from, until)| from >= until) {
        return Err(Error::new("--join-from is not before --join-until"));
    }
    Ok(())
}

fn channels(kind: Kind, args: &ChannelArgs) -> Result<Spec, Error> {
    if !args.ttl.is_multiple_of(60) {
        return Err(Error::new("--ttl is counted in minutes; there are no parts of one"));
    }
    if args.ttl > MOST_TTL {
        return Err(Error::new("--ttl takes 30d at most"));
    }
    let channels = channel::object(&args.channels)?;
    fill(
        kind,
        [
            ("ttl", Some((args.ttl / 60).into())),
            ("channels", Some(channels)),
            ("member_id", text(args.member_id.as_ref())),
            ("state", object("--state", args.state.as_ref())?),
        ],
    )
}

/// When a token is to end, in seconds since 1970.
fn end(args: &EndArgs) -> Result<Option<Value>, Error> {
    let now = now();
    let moment = args.expires_at.or(args.expires_in.map(time::Moment::In)).map(|moment| moment.seconds(now));
    if moment.is_some_and(|end| end <= now) {
        return Err(Error::new("the token would have ended before it is made"));
    }
    if moment.is_some_and(|end| end > LAST) {
        return Err(Error::new("the token would end beyond the year 9999"));
    }
    Ok(moment.map(Value::from))
}

fn subscriber(args: &SubscriberArgs) -> Result<Spec, Error> {
    if args.password_file.as_deref() == Some(Path::new("-")) && args.common.call.access.token_stdin {
        return Err(Error::new("standard input is to be the API token and the password")
            .help("Give the password, or the API token, in a file."));
    }
    let password = args.password_file.as_deref().map(|path| secret(path, "password")).transpose()?;
    let password = password.map(|password| without_line_end(&password));
    let password = password.map(|password| utf8(&password, "the password")).transpose()?;
    if args.scope.is_some() && args.fingerprint.is_none() {
        error::tell("warning: with --scope and without --fingerprint the token lives for 60 s at most\n");
    }
    fill(
        Kind::Subscriber,
        [
            ("reference", Some(args.reference.clone().into())),
            ("expire_at", end(&args.end)?),
            ("application_id", text(args.application_id.as_ref())),
            ("password", password),
            ("fingerprint", text(args.fingerprint.as_ref())),
            ("scope", text(args.scope.as_ref())),
            ("first_name", text(args.first_name.as_ref())),
            ("last_name", text(args.last_name.as_ref())),
            ("display_name", text(args.display_name.as_ref())),
            ("job_title", text(args.job_title.as_ref())),
            ("time_zone", text(args.time_zone.as_ref())),
            ("country", text(args.country.as_ref())),
            ("company_name", text(args.company_name.as_ref())),
            ("region", text(args.region.as_ref())),
        ],
    )
}

fn guest(args: &GuestArgs) -> Result<Spec, Error> {
    fill(
        Kind::Guest,
        [
            ("allowed_addresses", Some(args.addresses.clone().into())),
            ("expire_at", end(&args.end)?),
            ("region", text(args.region.as_ref())),
            ("ch", text(args.ch.as_ref())),
        ],
    )
}

fn refresh(args: &RefreshArgs) -> Result<Spec, Error> {
    if args.file == Path::new("-") && args.common.call.access.token_stdin {
        return Err(Error::new("standard input is to be the API token and the refresh token")
            .help("Give the refresh token, or the API token, in a file."));
    }
    let token = refresh::token(&secret(&args.file, "refresh token")?)?;
    let token = utf8(&token, "the refresh token")?;
    fill(Kind::Refresh, [("refresh_token", Some(token))])
}

/// A password may begin and end with blanks; an editor puts the end of a line behind it.
fn without_line_end(password: &Secret) -> Secret {
    let bytes = password.expose();
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    Secret::new(bytes.strip_suffix(b"\r").unwrap_or(bytes))
}

/// Reads a secret from a file that nobody else can read, or from standard input (`-`).
fn secret(path: &Path, what: &str) -> Result<Secret, Error> {
    if path != Path::new("-") {
        return secret_file::read(path, Privacy::Unread);
    }
    let input = std::io::stdin();
    if input.is_terminal() {
        return Err(Error::new(format_args!("standard input is a terminal, which would show the {what}"))
            .help("Pipe it from where it is kept, or name a file."));
    }
    secret_file::bounded(input.lock()).map_err(|error| Error::new(format_args!("standard input: {error}")))
}

fn utf8(secret: &Secret, what: &str) -> Result<Value, Error> {
    let text = std::str::from_utf8(secret.expose()).map_err(|_| Error::new(format_args!("{what} is not UTF-8")))?;
    Ok(text.into())
}

/// Has the token made, and hands it over.
fn make(spec: &Spec, asker: &Asker, args: &CommonArgs) -> Result<u8, Error> {
    let request = asker.request(spec).map_err(|error| wrong(&error))?;
    if args.dry_run {
        return dry_run::print(&request);
    }
    let outlet = Outlet::open(&args.outlet)?;
    if spec.kind() == Kind::Subscriber {
        error::tell("note: a subscriber who is not there yet is made\n");
    }
    if spec.kind().has_refresh() && !outlet.shows_others() {
        error::tell("note: the refresh token that comes with it is not kept; -f json without --out shows both\n");
    }
    match asker.send(&request).and_then(|response| Minted::read(&response)) {
        Ok(minted) => Ok(deliver(outlet, &minted, spec.kind())),
        Err(error) => {
            outlet.discard();
            let code = asker.explain(&request, &error);
            if spec.kind() == Kind::Guest && error.refusal().is_some_and(Refusal::is_unauthorized) {
                error::tell(asker.otherwise());
            }
            if fate(&error) != Arrival::Never && spec.kind() == Kind::Refresh {
                error::tell("note: the refresh token may be spent; then barewire mint subscriber makes a new one\n");
            }
            Ok(code)
        }
    }
}

fn deliver(outlet: Outlet, minted: &Minted, kind: Kind) -> u8 {
    let mut record = Map::new();
    if let Some(id) = &minted.subscriber {
        record.insert("subscriber_id".to_owned(), id.clone().into());
    }
    let others: Vec<_> = minted.refresh.iter().map(|refresh| ("refresh_token", refresh)).collect();
    match outlet.deliver_with(("token", &minted.token), &others, record) {
        Ok(()) => exit::CLEAN,
        Err(error) => {
            let why = format!("the token could not be written: {error}");
            let help = match kind {
                Kind::Refresh => "The refresh token is spent; barewire mint subscriber makes a new one.",
                _ => "Nobody has its value now; mint another one.",
            };
            Error::new(why).help(help).print();
            exit::INCOMPLETE
        }
    }
}
