//! Decides what a piece of input is: bytes, what they are called, where they came from, and where their lines begin.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::ops::Range;
use std::path::Path;

/// The name of a blob as reports show it: bytes, parts separated by `/`, not necessarily UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Box<[u8]>);

impl Name {
    /// A name from raw bytes.
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self(bytes.as_ref().into())
    }

    /// A name from a path of this system. `./` at its start is dropped; `\` becomes `/` where it separates.
    pub fn from_path(path: &Path) -> Self {
        let bytes = path.as_os_str().as_encoded_bytes();
        let bytes: Cow<'_, [u8]> = if cfg!(windows) {
            bytes.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect()
        } else {
            bytes.into()
        };
        Self::new(bytes.strip_prefix(b"./").filter(|rest| !rest.is_empty()).unwrap_or(&bytes))
    }

    /// The name of what has several paths, or none that is known yet. Rules that ask for a path look at it all the same.
    pub fn unknown() -> Self {
        Self::new("")
    }

    /// Whether it is not known.
    pub fn is_unknown(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Everything before the last `/`; empty for a name without one.
    pub fn folder(&self) -> &[u8] {
        memchr::memrchr(b'/', &self.0).map_or(&[], |slash| &self.0[..slash])
    }

    /// The name as text. A byte that is not part of valid UTF-8 is written `\xHH`, so that two names never look alike.
    /// What has the shape of an API token is masked: a name is printed in many places.
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(self.0.len());
        for chunk in self.0.utf8_chunks() {
            text.push_str(chunk.valid());
            for byte in chunk.invalid() {
                let _ = write!(text, "\\x{byte:02X}");
            }
        }
        mask_tokens(text)
    }
}

/// Puts asterisks in the place of all but the first digits of each `PT` with 48 hex digits.
fn mask_tokens(mut text: String) -> String {
    let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let mut from = 0;
    while let Some(at) = text[from..].find("PT").map(|at| from + at) {
        from = at + 2;
        if text.as_bytes().get(from..from + 48).is_some_and(|digits| digits.iter().all(is_digit)) {
            text.replace_range(from + 4..from + 48, "********");
        }
    }
    text
}

/// What kind of thing a blob was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A file of a working tree or folder.
    Tree,
    /// Standard input.
    Stdin,
    /// The name of a file, searched as if it were content.
    Name,
    /// An object of the index.
    Index,
    /// A file that is tracked and that is not in the index as it is.
    Unstaged,
    /// A file that is not tracked.
    Untracked,
    /// The content of a file in a commit.
    Blob,
    /// The message of a commit, with author and committer.
    Message,
    /// A tag with a message.
    Tag,
    /// The name of a ref, searched as if it were content.
    Ref,
}

impl Origin {
    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Stdin => "stdin",
            Self::Name => "name",
            Self::Index => "index",
            Self::Unstaged => "unstaged",
            Self::Untracked => "untracked",
            Self::Blob => "blob",
            Self::Message => "message",
            Self::Tag => "tag",
            Self::Ref => "ref",
        }
    }
}

/// Where a blob's bytes lie in the whole that they are a part of.
///
/// A small file is one blob. A large one is read as overlapping windows; each reports only what begins in the part
/// that it owns, so that nothing is reported twice and nothing is cut at an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Bytes of the whole before this blob.
    pub offset: u64,
    /// Line feeds of the whole before this blob.
    pub lines: u64,
    /// Bytes between the last line feed before this blob and its start.
    pub column: u64,
    /// The part of the blob (in its own offsets) in which a finding must begin to be reported.
    pub owned: Range<usize>,
}

impl Frame {
    /// The frame of a blob of `len` bytes that is a whole by itself.
    pub fn whole(len: usize) -> Self {
        Self { offset: 0, lines: 0, column: 0, owned: 0..len }
    }
}

/// A piece of input to be searched. Its bytes are not part of its debug form.
#[derive(Clone)]
pub struct Blob<'a> {
    /// What it is called.
    pub name: &'a Name,
    /// What it was read from.
    pub origin: Origin,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Where the bytes lie in the whole.
    pub frame: Frame,
}

impl<'a> Blob<'a> {
    /// A blob that is a whole by itself.
    pub fn whole(name: &'a Name, origin: Origin, bytes: &'a [u8]) -> Self {
        Self { name, origin, bytes, frame: Frame::whole(bytes.len()) }
    }
}

impl fmt::Debug for Blob<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, origin, frame, .. } = self;
        let mut form = f.debug_struct("Blob");
        form.field("name", name).field("origin", origin).field("frame", frame).finish_non_exhaustive()
    }
}

/// A place in the whole: 1-based line and column; columns count bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u64,
    /// Column in bytes, from 1.
    pub column: u64,
}

/// Turns offsets into positions. Offsets must be asked for in ascending order; the text between is read once.
#[derive(Clone)]
pub struct Lines<'a> {
    bytes: &'a [u8],
    frame: &'a Frame,
    at: usize,
    line: u64,
    line_start: Option<usize>,
}

impl fmt::Debug for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lines").field("at", &self.at).field("line", &self.line).finish_non_exhaustive()
    }
}

impl<'a> Lines<'a> {
    /// Starts at the beginning of `bytes`, which lie in the whole as `frame` says.
    pub fn new(bytes: &'a [u8], frame: &'a Frame) -> Self {
        Self { bytes, frame, at: 0, line: frame.lines + 1, line_start: None }
    }

    /// A copy that counts on from here by itself.
    #[must_use]
    pub fn fork(&self) -> Self {
        self.clone()
    }

    /// The position of `offset`, which must not be less than the one asked for before.
    pub fn position(&mut self, offset: usize) -> Position {
        let offset = offset.clamp(self.at, self.bytes.len());
        for feed in memchr::memchr_iter(b'\n', &self.bytes[self.at..offset]) {
            self.line += 1;
            self.line_start = Some(self.at + feed + 1);
        }
        self.at = offset;
        let column = match self.line_start {
            Some(start) => (offset - start) as u64 + 1,
            None => self.frame.column + offset as u64 + 1,
        };
        Position { line: self.line, column }
    }
}

/// The range of the line around `offset`, without its line feed, at most `reach` bytes on either side.
///
/// The bound keeps work on a line of many megabytes from growing with its length times the number of findings.
pub fn line_around(bytes: &[u8], offset: usize, reach: usize) -> Range<usize> {
    let offset = offset.min(bytes.len());
    let floor = offset.saturating_sub(reach);
    let ceiling = bytes.len().min(offset.saturating_add(reach));
    let start = memchr::memrchr(b'\n', &bytes[floor..offset]).map_or(floor, |feed| floor + feed + 1);
    let end = memchr::memchr(b'\n', &bytes[offset..ceiling]).map_or(ceiling, |feed| offset + feed);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_utf8_shows_its_bytes() {
        assert_eq!(Name::new(b"a\xffb/c").to_text(), "a\\xFFb/c");
        assert_eq!(Name::new(b"a/b/c").folder(), b"a/b");
        assert_eq!(Name::new(b"c").folder(), b"");
    }

    #[test]
    fn debug_shows_nothing_of_the_bytes() {
        let name = Name::new("a");
        let blob = Blob::whole(&name, Origin::Tree, b"hunter2");
        let lines = Lines::new(blob.bytes, &blob.frame);
        let said = format!("{blob:?} {lines:?}");
        assert!(!said.contains("104, 117") && said.contains("origin: Tree"), "{said}");
    }

    #[test]
    fn a_token_in_a_name_is_masked() {
        let token = format!("PT{}", "0a1b2c3d".repeat(6));
        assert_eq!(Name::new(format!("a/{token}.env")).to_text(), "a/PT0a1b********.env");
        assert_eq!(Name::new("PT/PT0a.env").to_text(), "PT/PT0a.env");
    }

    #[test]
    fn positions_count_from_the_frame() {
        let frame = Frame { offset: 100, lines: 9, column: 4, owned: 0..8 };
        let mut lines = Lines::new(b"ab\ncd\nef", &frame);
        assert_eq!(lines.position(1), Position { line: 10, column: 6 });
        assert_eq!(lines.position(4), Position { line: 11, column: 2 });
        assert_eq!(lines.position(8), Position { line: 12, column: 3 });
    }

    #[test]
    fn a_line_is_found_around_an_offset() {
        assert_eq!(line_around(b"ab\ncd\nef", 4, 9), 3..5);
        assert_eq!(line_around(b"ab\ncd\nef", 5, 9), 3..5);
        assert_eq!(line_around(b"ab", 2, 9), 0..2);
        assert_eq!(line_around(b"abcdefgh", 4, 2), 2..6);
    }
}
