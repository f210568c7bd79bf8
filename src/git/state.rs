//! Decides when a repository is as it was: the same roots, and the same files that hold objects.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::odb::Store;
use super::refs::Roots;

/// A digest of what a repository reaches its history from and of what its objects lie in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State([u8; 32]);

impl State {
    /// The state of a repository with these roots and objects, and with these commits at which it ends.
    pub fn of(roots: &Roots, shallow: &[super::ObjectId], store: &Store) -> Self {
        let mut hasher = blake3::Hasher::new();
        let mut feed = |part: &[u8]| {
            hasher.update(&(part.len() as u64).to_be_bytes());
            hasher.update(part);
        };
        for reference in &roots.refs {
            feed(&reference.name);
            feed(reference.target.as_bytes());
        }
        for ids in [&roots.unfinished, &roots.reflogs, &roots.stashes, &shallow.to_vec(), &Vec::from_iter(roots.head)] {
            feed(b"ids");
            for id in ids {
                feed(id.as_bytes());
            }
        }
        for staged in &roots.staged {
            feed(&staged.path);
            feed(&staged.mode.to_be_bytes());
            feed(staged.id.as_bytes());
        }
        for unread in &roots.unread {
            feed(&unread.name);
            feed(unread.detail.as_bytes());
        }
        for folder in store.folders() {
            feed(folder.as_os_str().as_encoded_bytes());
            list(&folder.join("pack"), &mut feed);
            (0..=255).for_each(|first: u8| list(&folder.join(format!("{first:02x}")), &mut feed));
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// The digest.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Tells `feed` the names of the files of a folder, with their sizes and times.
fn list(folder: &Path, feed: &mut dyn FnMut(&[u8])) {
    let mut files: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().collect();
    files.sort_by_key(fs::DirEntry::file_name);
    for file in files {
        let metadata = file.metadata().ok();
        let time = metadata.as_ref().and_then(|metadata| metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok());
        feed(file.file_name().as_encoded_bytes());
        feed(&metadata.map_or(0, |metadata| metadata.len()).to_be_bytes());
        feed(&time.map_or(0, |time| time.as_nanos()).to_be_bytes());
    }
}
