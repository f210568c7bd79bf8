//! Decides where something is kept for a moment: in a folder of one's own that goes when it is let go of.
//!
//! A signal ends this program at once. So a shell waits for that, in a process group that no terminal interrupts: its
//! standard input ends with this program. It then stops the hook that was running and removes the folder.

use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Child;

use super::canary;

/// Each line names the process group that runs now, or none; the last one may say that there is nothing to do. First it
/// is stopped as a user would, since some tools put back then what they had put away. A git that was started may still
/// write for a moment, hence the second look.
#[cfg(unix)]
const WATCH: &str = r#"
group=
while read -r line; do group=$line; done
[ "$group" != done ] || exit 0
if [ -n "$group" ]; then
  kill -s INT -- "-$group"
  sleep 1
  kill -s KILL -- "-$group"
fi
rm -rf -- "$1"
sleep 1
rm -rf -- "$1"
"#;

/// A folder for a moment.
#[derive(Debug)]
pub(super) struct ScratchFolder {
    path: PathBuf,
    /// What removes the folder if this program cannot; nothing where there is no shell.
    watch: Option<Child>,
}

impl ScratchFolder {
    /// An empty folder that is nobody else's.
    pub(super) fn new() -> io::Result<Self> {
        let path = std::env::temp_dir().canonicalize()?.join(format!("barewire-{}", canary::digits(16)));
        private().create(&path)?;
        let mut folder = Self { path, watch: None };
        folder.watch = watch(folder.path());
        Ok(folder)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Says which process group works in it.
    pub(super) fn runs(&self, group: u32) {
        self.tell(&group.to_string());
    }

    /// Says that none does any more.
    pub(super) fn rests(&self) {
        self.tell("");
    }

    fn tell(&self, line: &str) {
        if let Some(mut input) = self.watch.as_ref().and_then(|watch| watch.stdin.as_ref()) {
            // Without it, all is as it was before.
            drop(input.write_all(format!("{line}\n").as_bytes()));
        }
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        // There is nobody to tell.
        drop(fs::remove_dir_all(&self.path));
        self.tell("done");
        if let Some(watch) = &mut self.watch {
            drop(watch.stdin.take());
            drop(watch.wait());
        }
    }
}

/// What makes a folder that only its owner can enter.
#[cfg(unix)]
fn private() -> DirBuilder {
    let mut builder = DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// Elsewhere the folder for what is kept for a moment is the user's own.
#[cfg(not(unix))]
fn private() -> DirBuilder {
    DirBuilder::new()
}

#[cfg(unix)]
fn watch(folder: &Path) -> Option<Child> {
    use std::os::unix::process::CommandExt as _;
    use std::process::{Command, Stdio};
    let mut command = Command::new("/bin/sh");
    command.args(["-c", WATCH, "sh"]).arg(folder).current_dir("/").process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()
}

#[cfg(not(unix))]
fn watch(_: &Path) -> Option<Child> {
    None
}
