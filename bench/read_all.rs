//! The limit of a scan: lists folders, and opens, reads and closes every file in them, and does nothing else.
//!
//! `read_all FOLDER THREADS` prints how many files and bytes that were. Links are not followed and `.git` is left
//! out, as in a scan.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// What one read asks for. A file that is shorter is read with a single call.
const BUFFER: usize = 256 << 10;

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let (folder, threads) = match &*args {
        // This is how `cargo bench` calls it; there is nothing to time without a folder.
        [flag] if flag == "--bench" => return ExitCode::SUCCESS,
        [folder, threads] => (folder, threads.to_str().and_then(|threads| threads.parse().ok())),
        _ => (&OsString::new(), None),
    };
    let told = match threads {
        Some(threads) => read_all(Path::new(folder), threads)
            .and_then(|tally| writeln!(io::stdout(), "{{\"files\": {}, \"bytes\": {}}}", tally.files, tally.bytes)),
        None => Err(io::Error::new(ErrorKind::InvalidInput, "usage: read_all FOLDER THREADS")),
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

/// What was read.
#[derive(Debug, Default)]
struct Tally {
    files: u64,
    bytes: u64,
}

/// Folders that wait, and how many are being read.
#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<PathBuf>,
    busy: usize,
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next folder, as soon as there is one; `None` when there will be no more.
    fn take(&self) -> Option<PathBuf> {
        let mut state = self.state();
        loop {
            if let Some(folder) = state.waiting.pop() {
                state.busy += 1;
                return Some(folder);
            }
            if state.busy == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn add(&self, folders: Vec<PathBuf>) {
        if !folders.is_empty() {
            self.state().waiting.extend(folders);
            self.changed.notify_all();
        }
    }

    fn done(&self) {
        self.state().busy -= 1;
        self.changed.notify_all();
    }
}

/// Reads everything below `folder`.
fn read_all(folder: &Path, threads: usize) -> io::Result<Tally> {
    let queue = Queue::default();
    queue.add(vec![folder.to_owned()]);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(|| work(&queue))).collect();
        let mut sum = Tally::default();
        for worker in workers {
            let tally = worker.join().map_err(|_| io::Error::other("a thread failed"))??;
            sum.files += tally.files;
            sum.bytes += tally.bytes;
        }
        Ok(sum)
    })
}

/// Reads folders until none is left. After an error the rest is still read, so that no thread waits for ever.
fn work(queue: &Queue) -> io::Result<Tally> {
    let mut tally = Tally::default();
    let mut buffer = vec![0; BUFFER];
    let mut result = Ok(());
    while let Some(folder) = queue.take() {
        result = result.and(read_folder(&folder, queue, &mut buffer, &mut tally));
        queue.done();
    }
    result.map(|()| tally)
}

fn read_folder(folder: &Path, queue: &Queue, buffer: &mut [u8], tally: &mut Tally) -> io::Result<()> {
    let (mut folders, mut files) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() && entry.file_name() != ".git" {
            folders.push(entry.path());
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    queue.add(folders);
    for file in files {
        tally.bytes += read_file(&file, buffer)?;
        tally.files += 1;
    }
    Ok(())
}

/// Reads a file into a buffer that is used again and again.
fn read_file(file: &Path, buffer: &mut [u8]) -> io::Result<u64> {
    let mut file = File::open(file)?;
    let mut bytes = 0;
    loop {
        let got = file.read(buffer)?;
        bytes += got as u64;
        if got < buffer.len() {
            return Ok(bytes);
        }
    }
}
