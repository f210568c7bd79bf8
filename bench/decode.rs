//! The limit of a scan of history: decodes every object of a repository once, and does nothing with it.
//!
//! `decode REPO [JOBS [MODE]]` prints one line for each mode: `blobs` decodes blobs; `contents` also commits and tags;
//! `all` also trees, with every new entry parsed. CPU and memory are those of this process as Linux accounts for
//! them, so for exact figures run one mode at a time.

#[path = "cpu.rs"]
mod cpu;

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use barewire::git::odb::{Body, Catalog, Entry, Kept, Limits, Object, Store, Swept, TreeVisitor, Visitor};
use barewire::git::{Kind, ObjectFormat};

/// As in a scan: what is larger is not decoded, and what is this large and lies alone is a stream.
const LIMITS: Limits = Limits { most: 100_000_000, stream: 8 << 20 };

const MODES: [&str; 3] = ["blobs", "contents", "all"];

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).filter(|arg| arg != "--bench").collect();
    let args: Vec<&str> = args.iter().filter_map(|arg| arg.to_str()).collect();
    let told = match args[..] {
        // This is how `cargo bench` calls it; there is nothing to time without a repository.
        [] => Ok(()),
        [repository] => run(repository, "2", &MODES),
        [repository, jobs] => run(repository, jobs, &MODES),
        [repository, jobs, mode] if MODES.contains(&mode) => run(repository, jobs, &[mode]),
        _ => Err(io::Error::new(ErrorKind::InvalidInput, "usage: decode REPO [JOBS [blobs|contents|all]]")),
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

fn run(repository: &str, jobs: &str, modes: &[&str]) -> io::Result<()> {
    let jobs: usize = jobs.parse().map_err(|_| io::Error::other("JOBS is a number"))?;
    for mode in modes {
        let peak = Peak::default();
        let line = thread::scope(|scope| {
            scope.spawn(|| peak.watch());
            let line = measure(Path::new(repository), jobs, mode);
            peak.done.store(true, Ordering::Relaxed);
            line
        })?;
        let resident = status("VmHWM:")?;
        let anonymous = peak.anonymous.load(Ordering::Relaxed);
        writeln!(io::stdout(), "{mode}: {line}, peak RSS {} MiB, RssAnon {} MiB", resident >> 10, anonymous >> 10)?;
    }
    Ok(())
}

fn measure(repository: &Path, jobs: usize, mode: &str) -> io::Result<String> {
    let objects = [".git/objects", "objects"].map(|name| repository.join(name));
    let objects = objects.iter().find(|path| path.is_dir()).ok_or(ErrorKind::NotFound)?;
    let config = fs::read_to_string(objects.with_file_name("config")).unwrap_or_default();
    let format = if config.contains("sha256") { ObjectFormat::Sha256 } else { ObjectFormat::Sha1 };
    let (start, before) = (Instant::now(), cpu::seconds()?);
    let store = Store::open(objects, format, &[]).map_err(io::Error::other)?;
    let catalog = Catalog::new(&store, jobs);
    let (listed, listed_cpu) = (start.elapsed(), cpu::seconds()? - before);
    let mut swept = match mode {
        "blobs" => catalog.blobs(jobs, LIMITS, &|| Box::new(Nothing)),
        _ => catalog.contents(jobs, LIMITS, &|| Box::new(Nothing)),
    };
    if mode == "all" {
        let Swept { bytes, objects, unread } = catalog.trees(jobs, &|| Box::new(Nothing));
        swept.bytes += bytes;
        swept.objects += objects;
        swept.unread.extend(unread);
    }
    let (wall, cpu) = (start.elapsed(), cpu::seconds()? - before);
    Ok(format!(
        "{} objects of {}, {} bytes, {} unread, CPU {cpu:.2} s (listing {listed_cpu:.2}), wall {:.3} s (listing {:.3})",
        swept.objects,
        catalog.len(),
        swept.bytes,
        swept.unread.len() + catalog.defects().len(),
        wall.as_secs_f64(),
        listed.as_secs_f64(),
    ))
}

struct Nothing;

impl Visitor for Nothing {
    fn visit(&mut self, _object: Object, _kind: Kind, body: Body<'_>) {
        if let Body::Stream { input, .. } = body {
            let mut buffer = vec![0; 256 << 10];
            while input.read(&mut buffer).is_ok_and(|got| got > 0) {}
        }
    }
}

impl TreeVisitor for Nothing {
    fn entry(&mut self, _entry: &Entry<'_>) -> Option<u32> {
        None
    }

    fn holder(&mut self, _tree: Object, _kept: &[Kept<'_>]) {}
}

/// The most anonymous memory that was seen, in KiB.
#[derive(Default)]
struct Peak {
    anonymous: AtomicU64,
    done: AtomicBool,
}

impl Peak {
    fn watch(&self) {
        while !self.done.load(Ordering::Relaxed) {
            self.anonymous.fetch_max(status("RssAnon:").unwrap_or_default(), Ordering::Relaxed);
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// A figure of `/proc/self/status`.
fn status(name: &str) -> io::Result<u64> {
    let text = fs::read_to_string("/proc/self/status")?;
    let value = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    Ok(value.split_whitespace().next().and_then(|value| value.parse().ok()).unwrap_or_default())
}
