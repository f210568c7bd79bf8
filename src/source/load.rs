//! Decides how a file is read: at once and without asking for its size if it is small, watched for changes if not.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use super::window::{self, Buffer, End, Limits};
use super::{Gap, GapKind, Loaded};
use crate::blob::{Blob, Name, Origin};

/// What the first read of a file asks for. A file that is smaller comes in one piece, so it cannot change meanwhile.
const FIRST_READ: usize = 256 << 10;

/// Reads the file at `path` and hands it out.
pub(super) fn load(
    path: &Path,
    name: &Name,
    limits: &Limits,
    buffer: &mut Buffer,
    visit: &mut dyn FnMut(&Blob<'_>),
) -> Loaded {
    let mut file = match File::open(path) {
        Ok(file) => Watched { file, progress: Progress::Unread },
        Err(error) => return Loaded { bytes: 0, gap: Some(Gap::from_error(name.clone(), &error)) },
    };
    let streamed = window::read(&mut file, (name, Origin::Tree), limits, buffer, visit);
    let gap = match streamed.end {
        End::Failed(error) => Some((GapKind::Unreadable, error.to_string())),
        End::Complete => file.change().map(|detail| (GapKind::Changed, detail)),
        End::Limit => Some((GapKind::Oversize, file.extent(streamed.bytes))),
    };
    let gap = gap.map(|(kind, detail)| Gap { name: name.clone(), kind, detail });
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
