//! Decides how a file is read: at once and without asking for its size if it is small, watched for changes if not.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use super::open;
use super::window::{self, Buffer, End, Limits};
use super::{Gap, GapKind, Loaded};
use crate::blob::{Blob, Name, Origin};

/// What the first read of a file asks for. A file that is smaller comes in one piece, so it cannot change meanwhile.
const FIRST_READ: usize = 256 << 10;

/// What is said of a file that is none any more.
const REPLACED: &str = "something else has taken its place since it was listed";

/// The path of the file to read, and why it is read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted<'a> {
    /// It was asked for; a link is followed, and a pipe is waited for.
    Named(&'a Path),
    /// It was found, and it was a file then.
    Found(&'a Path),
}

/// Reads a file and hands it out as `name`, which is of this origin.
pub(super) fn load(
    wanted: Wanted<'_>,
    (name, origin): (&Name, Origin),
    limits: &Limits,
    buffer: &mut Buffer,
    visit: &mut dyn FnMut(&Blob<'_>),
) -> Loaded {
    let opened = match wanted {
        Wanted::Named(path) => File::open(path).map(Some),
        Wanted::Found(path) => open::found(path),
    };
    let gap = |kind, detail| Some(Gap { name: name.clone(), kind, detail });
    let mut file = match opened {
        Ok(Some(file)) => Watched { file, progress: Progress::Unread },
        Ok(None) => return Loaded { bytes: 0, gap: gap(GapKind::Changed, REPLACED.to_owned()) },
        Err(error) => return Loaded { bytes: 0, gap: Some(Gap::from_error(name.clone(), &error)) },
    };
    let streamed = window::read(&mut file, (name, origin), limits, buffer, visit);
    // A pipe that nobody writes to looks like an empty file.
    let replaced = streamed.bytes == 0 && matches!(wanted, Wanted::Found(_)) && !file.is_file();
    let gap = match streamed.end {
        _ if replaced => gap(GapKind::Changed, REPLACED.to_owned()),
        End::Failed(error) => gap(GapKind::Unreadable, error.to_string()),
        End::Complete => file.change().and_then(|detail| gap(GapKind::Changed, detail)),
        End::Limit => gap(GapKind::Oversize, file.extent(streamed.bytes)),
    };
    Loaded { bytes: streamed.bytes, gap }
}

/// A file that remembers what it was like when the first piece of it had been read.
struct Watched {
    file: File,
    progress: Progress,
}

enum Progress {
    Unread,
    /// One read was enough so far.
    Started,
    /// The file is large; this is what it was like after the first read.
    Long(Box<Metadata>),
}

impl Read for Watched {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if !matches!(self.progress, Progress::Unread) {
            return self.file.read(bytes);
        }
        let wanted = bytes.len().min(FIRST_READ);
        let got = self.file.read(&mut bytes[..wanted])?;
        self.progress = if got < wanted { Progress::Started } else { Progress::Long(Box::new(self.file.metadata()?)) };
        Ok(got)
    }
}

impl Watched {
    fn is_file(&self) -> bool {
        self.file.metadata().is_ok_and(|metadata| metadata.is_file())
    }

    /// What changed while the file was read. A pipe or a device changes all the time and is not asked.
    fn change(&self) -> Option<String> {
        let Progress::Long(before) = &self.progress else { return None };
        if !before.is_file() {
            return None;
        }
        let after = match self.file.metadata() {
            Ok(after) => after,
            Err(error) => return Some(error.to_string()),
        };
        if before.len() != after.len() {
            return Some(format!("its size went from {} to {} bytes while it was read", before.len(), after.len()));
        }
        let modified = |metadata: &Metadata| metadata.modified().ok();
        (modified(before) != modified(&after)).then(|| "it was written to while it was read".to_owned())
    }

    /// How much of the file was read, in words.
    fn extent(&self, read: u64) -> String {
        match self.file.metadata() {
            Ok(metadata) if metadata.is_file() => format!("{read} of {} bytes were scanned", metadata.len()),
            _ => format!("only the first {read} bytes were scanned"),
        }
    }
}
