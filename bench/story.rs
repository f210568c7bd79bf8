//! What the lives of blobs cost: takes some blobs of a repository, spread over all of them, and asks who brought them,
//! who removed them and what leads to them.
//!
//! `story REPO COUNT [JOBS]` prints what each step takes. A scan of history takes the first two anyway, so the cost of the
//! lives alone is that of the trees with blobs, less that of the trees without, and that of the walk.

#[path = "cpu.rs"]
mod cpu;

use std::ffi::OsString;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;
use std::process::ExitCode;

use barewire::git::odb::{Body, Limits, Object, Visitor};
use barewire::git::{Environment, Group, History, Kind, Repository, Verdict};

/// As in a scan.
const LIMITS: Limits = Limits { most: 100_000_000, stream: 8 << 20 };

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
    let told = match args[..] {
        // This is how `cargo bench` calls it; there is nothing to time without a repository.
        [] => Ok(()),
        [repository, count] => run(Path::new(repository), count, "2"),
        [repository, count, jobs] => run(Path::new(repository), count, jobs),
        _ => Err(io::Error::new(ErrorKind::InvalidInput, "usage: story REPO COUNT [JOBS]")),
    };
    match told {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // There is nobody to tell that it could not be told.
            drop(writeln!(io::stderr(), "error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(start: &Path, count: &str, jobs: &str) -> io::Result<()> {
    let number = |text: &str| text.parse().map_err(|_| io::Error::other(format!("`{text}` is no number")));
    let (count, jobs): (usize, usize) = (number(count)?, number(jobs)?);
    let repository = Repository::discover(start, &Environment::default()).map_err(io::Error::other)?;
    let store = repository.open_store().map_err(io::Error::other)?;
    let mut clock = Clock(cpu::seconds()?);
    let mut history = History::open(&repository, &store, jobs).map_err(io::Error::other)?;
    clock.tell("list")?;
    drop(history.contents(LIMITS, &|| Box::new(Nothing)));
    clock.tell("contents, with the commits")?;
    let catalog = history.catalog();
    let blobs: Vec<Object> = catalog.objects().filter(|&object| catalog.kind(object) == Some(Kind::Blob)).collect();
    let wanted: Vec<Object> = blobs.iter().step_by((blobs.len() / count.max(1)).max(1)).take(count).copied().collect();
    let connections = history.trees(&wanted, &|_| Verdict::Ordinary);
    clock.tell("trees, with the way to the blobs")?;
    let groups: Vec<Group> = wanted.iter().map(|&object| Group { objects: vec![object], names: Vec::new() }).collect();
    let lives = history.lives(&connections, &groups);
    clock.tell("lives")?;
    let places: usize = lives.iter().map(|life| life.places.len()).sum();
    let told = lives.iter().filter(|life| life.whole.first.is_some()).count();
    writeln!(io::stdout(), "{} blobs, {told} with a commit that brought them, {places} places", wanted.len())
}

struct Nothing;

impl Visitor for Nothing {
    fn visit(&mut self, _object: Object, _kind: Kind, _body: Body<'_>) {}
}

/// The CPU time when a step began, in seconds.
struct Clock(f64);

impl Clock {
    fn tell(&mut self, step: &str) -> io::Result<()> {
        let now = cpu::seconds()?;
        writeln!(io::stdout(), "{step}: {:.2} CPU s", now - self.0)?;
        self.0 = now;
        Ok(())
    }
}
