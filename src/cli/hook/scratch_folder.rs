//! Decides where something is kept for a moment: in a folder of one's own that goes when it is let go of.

use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};

use super::canary;

/// A folder for a moment.
#[derive(Debug)]
pub(super) struct ScratchFolder(PathBuf);

impl ScratchFolder {
    /// An empty folder that is nobody else's.
    pub(super) fn new() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("barewire-{}", canary::digits(16)));
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self(path.canonicalize()?))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        // There is nobody to tell.
        drop(fs::remove_dir_all(&self.0));
    }
}
