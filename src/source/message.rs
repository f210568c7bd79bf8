//! Decides what of the file counts that holds the message of a commit before it is made.
//!
//! Comment lines count, too: whether git takes them out depends on an option of the one command, which nobody tells a
//! hook. What stands below the scissors that git itself wrote does not: with `git commit --verbose` that is the whole
//! difference, with all that was in the files before.

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use super::{Buffer, Gap, GapKind, Limits, Listing, Loaded, Omitted, Source, SourceError};
use crate::blob::{Blob, Name, Origin};

/// What the line of the scissors ends with, after the sign of a comment.
const SCISSORS: &[u8] = b" ------------------------ >8 ------------------------";

/// What the difference of one file begins with.
const DIFFERENCES: [&[u8]; 3] = [b"diff --", b"Submodule ", b"* Unmerged path "];

/// Whether git started an editor with the message, and so may have added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Editor {
    /// It did, or it is not known.
    Used,
    /// It did not: all of the file becomes the message.
    Unused,
}

/// The message of a commit, as a source of one item.
#[derive(Debug)]
pub struct MessageFile {
    path: PathBuf,
    editor: Editor,
    limits: Limits,
    omitted: Omitted,
}

impl MessageFile {
    /// The message in the file at `path`.
    pub fn new(path: PathBuf, editor: Editor, limits: Limits) -> Self {
        Self { path, editor, limits, omitted: Omitted::default() }
    }

    fn read(&self) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(&self.path)?.take(self.limits.size.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Source for MessageFile {
    fn list(&self, _jobs: usize) -> Result<Box<dyn Listing + '_>, SourceError> {
        match std::fs::metadata(&self.path) {
            Ok(metadata) if metadata.is_file() => Ok(Box::new(self)),
            Ok(_) => Err(SourceError::NoContent { path: self.path.clone() }),
            Err(error) => Err(SourceError::Unreadable { path: self.path.clone(), error }),
        }
    }
}

impl Listing for &MessageFile {
    fn len(&self) -> usize {
        1
    }

    fn omitted(&self) -> &Omitted {
        &self.omitted
    }

    fn name(&self, _item: usize) -> Name {
        Name::from_path(&self.path)
    }

    fn load(&self, item: usize, _buffer: &mut Buffer, visit: &mut dyn FnMut(&Blob<'_>)) -> Loaded {
        let name = self.name(item);
        let bytes = match self.read() {
            Ok(bytes) => bytes,
            Err(error) => return Loaded { bytes: 0, gap: Some(Gap::from_error(name, &error)) },
        };
        let most = usize::try_from(self.limits.size).unwrap_or(usize::MAX);
        let message = message(&bytes, self.editor);
        let message = &message[..message.len().min(most)];
        visit(&Blob::whole(&name, Origin::Message, message));
        let detail = || format!("only the first {most} bytes were scanned");
        let gap = (bytes.len() > most).then(|| Gap { name, kind: GapKind::Oversize, detail: detail() });
        Loaded { bytes: message.len() as u64, gap }
    }
}

/// What of `bytes` becomes the message. If git wrote scissors, its own are the last, but it cuts at the first.
fn message(bytes: &[u8], editor: Editor) -> &[u8] {
    if editor == Editor::Unused {
        return bytes;
    }
    let mut places: Vec<(usize, &[u8])> = Vec::new();
    let mut at = 0;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let sign = line.strip_suffix(b"\n").and_then(|line| line.strip_suffix(SCISSORS));
        places.extend(sign.filter(|sign| !sign.is_empty()).map(|sign| (at, sign)));
        at += line.len();
    }
    let Some((last, sign)) = places.last().copied() else { return bytes };
    if !is_of_git(&bytes[last..], sign) {
        return bytes;
    }
    let first = places.iter().find(|(_, other)| *other == sign).map_or(last, |(at, _)| *at);
    &bytes[..first]
}

/// Whether `tail` is what git writes from the scissors on: comment, then perhaps a difference. A message that is opened
/// again may hold both from an earlier attempt, but then other comment of git follows.
fn is_of_git(tail: &[u8], sign: &[u8]) -> bool {
    let is_comment = |line: &&[u8]| {
        let after = line.strip_prefix(sign).map(|rest| rest.first().copied().unwrap_or(b'\n'));
        after.is_some_and(|byte| b" \t\n".contains(&byte))
    };
    let is_difference = |line: &[u8]| DIFFERENCES.iter().any(|start| line.starts_with(start));
    let mut lines = tail.split_inclusive(|&byte| byte == b'\n').skip(1).peekable();
    if !lines.peek().is_some_and(is_comment) {
        return false;
    }
    let mut rest = lines.skip_while(is_comment);
    rest.next().is_none_or(is_difference) && !rest.any(|line| is_comment(&line))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "# ------------------------ >8 ------------------------\n";

    #[test]
    fn what_git_put_below_its_scissors_is_cut() {
        let text = format!("one\n# two\n{LINE}# Do not modify or remove the line above.\ndiff --git a/a b/a\n");
        assert_eq!(message(text.as_bytes(), Editor::Used), b"one\n# two\n");
        assert_eq!(message(text.as_bytes(), Editor::Unused), text.as_bytes());
        let other = text.replace('#', "//");
        assert_eq!(message(other.as_bytes(), Editor::Used), b"one\n// two\n");
    }

    #[test]
    fn scissors_of_somebody_else_cut_nothing() {
        for text in [format!("one\n{LINE}two\n"), format!("one\n{LINE}"), format!("one\n{}two", &LINE[1..])] {
            assert_eq!(message(text.as_bytes(), Editor::Used), text.as_bytes(), "{text}");
        }
    }

    #[test]
    fn a_message_that_is_opened_again_holds_what_was_cut_before() {
        let (comment, diff) = ("# Everything below it will be ignored.\n", "diff --git a/a b/a\n@@ -1 +1 @@\n-1\n+2\n");
        let before = format!("one\n{LINE}{comment}{diff}");
        assert_eq!(message(before.as_bytes(), Editor::Used), b"one\n");
        // Without `--verbose` all of it becomes the message.
        let again = format!("{before}\n# Please enter the commit message\n#\n");
        assert_eq!(message(again.as_bytes(), Editor::Used), again.as_bytes());
        // With it, git cuts at the first.
        let cut = format!("{again}{LINE}{comment}{diff}");
        assert_eq!(message(cut.as_bytes(), Editor::Used), b"one\n");
    }

    #[test]
    fn text_after_scissors_is_no_difference() {
        let text = format!("one\n{LINE}# two\nthree\n# Please enter\n");
        assert_eq!(message(text.as_bytes(), Editor::Used), text.as_bytes());
        let other = text.replace('\n', "\r\n");
        assert_eq!(message(other.as_bytes(), Editor::Used), other.as_bytes());
    }
}
