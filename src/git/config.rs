//! Decides what a file of git's configuration says, and nothing of what it includes.
//!
//! What a repository says about its own form, git takes from its own file alone, too.

use std::fs;
use std::path::Path;

use super::error::GitError;

/// A file of the configuration that is larger is not read.
const LARGEST: u64 = 1 << 20;

/// One variable, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Variable {
    /// `section.name` or `section.subsection.name`; all but the subsection in lower case.
    pub(super) name: Vec<u8>,
    /// `None` if there is not even an equals sign.
    pub(super) value: Option<Vec<u8>>,
}

/// What a file says, up to the first line that makes no sense.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Config {
    pub(super) variables: Vec<Variable>,
    /// The line that makes no sense, counted from 1.
    pub(super) bad: Option<usize>,
}

impl Config {
    /// Reads a file. One that is not there says nothing.
    pub(super) fn read(path: &Path) -> Result<Self, GitError> {
        let failed = |detail: &str| GitError::Hidden { path: path.to_owned(), detail: detail.to_owned() };
        let Ok(metadata) = fs::metadata(path) else { return Ok(Self::default()) };
        // To open a pipe would be to wait for ever, and all of a file is read at once.
        if !metadata.is_file() || metadata.len() > LARGEST {
            return Err(failed("it is no file, or larger than any configuration"));
        }
        fs::read(path).map(|bytes| Self::parse(&bytes)).map_err(|error| failed(&error.to_string()))
    }

    fn parse(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = Reader { bytes, at: 0 };
        let (mut variables, mut section) = (Vec::new(), None);
        let bad = match reader.all(&mut section, &mut variables) {
            Some(()) => None,
            None => Some(memchr::memchr_iter(b'\n', &bytes[..reader.at.saturating_sub(1)]).count() + 1),
        };
        Self { variables, bad }
    }

    /// The last value of a variable.
    pub(super) fn text(&self, name: &str) -> Option<&[u8]> {
        self.last(name)?.value.as_deref()
    }

    /// The same as a truth value.
    pub(super) fn truth(&self, name: &str) -> Option<bool> {
        let Some(value) = &self.last(name)?.value else { return Some(true) };
        match &*value.to_ascii_lowercase() {
            b"true" | b"yes" | b"on" => Some(true),
            b"false" | b"no" | b"off" | b"" => Some(false),
            _ => self.number(name).map(|number| number != 0),
        }
    }

    /// The same as a number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        std::str::from_utf8(self.text(name)?).ok()?.trim().parse().ok()
    }

    fn last(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().rev().find(|variable| variable.name == name.as_bytes())
    }
}

/// A file on the way to its end.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    /// Reads everything; `None` if something makes no sense.
    fn all(&mut self, section: &mut Option<Vec<u8>>, variables: &mut Vec<Variable>) -> Option<()> {
        while let Some(byte) = self.next() {
            match byte {
                b'#' | b';' => self.skip_line(),
                b'[' => *section = Some(self.section()?),
                byte if byte.is_ascii_whitespace() => {}
                byte if byte.is_ascii_alphabetic() => {
                    self.at -= 1;
                    variables.push(self.variable(section.as_deref()?)?);
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn variable(&mut self, section: &[u8]) -> Option<Variable> {
        let name = [section, b".", &self.word(b"-")].concat();
        let value = if self.is_assigned()? { Some(self.value()?) } else { None };
        Some(Variable { name, value })
    }

    fn next(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace() && byte != b'\n') {
            self.at += 1;
        }
    }

    /// Letters, digits and what is in `more`, in lower case.
    fn word(&mut self, more: &[u8]) -> Vec<u8> {
        let rest = &self.bytes[self.at..];
        let len = rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && !more.contains(byte));
        let word = &rest[..len.unwrap_or(rest.len())];
        self.at += word.len();
        word.to_ascii_lowercase()
    }

    /// What stands between brackets.
    fn section(&mut self) -> Option<Vec<u8>> {
        let mut name = self.word(b"-.");
        self.skip_blanks();
        if self.peek() == Some(b'"') {
            self.at += 1;
            name.push(b'.');
            loop {
                match self.next()? {
                    b'"' => break,
                    b'\n' => return None,
                    b'\\' => name.push(self.next().filter(|&byte| byte != b'\n')?),
                    byte => name.push(byte),
                }
            }
        }
        (self.next()? == b']').then_some(name)
    }

    /// Whether an equals sign stands behind a name; it is passed. `None` if something else does, even a comment.
    fn is_assigned(&mut self) -> Option<bool> {
        self.skip_blanks();
        match self.peek() {
            None | Some(b'\n') => Some(false),
            Some(b'=') => {
                self.at += 1;
                self.skip_blanks();
                Some(true)
            }
            Some(_) => None,
        }
    }

    fn value(&mut self) -> Option<Vec<u8>> {
        // Blanks at the end do not belong to it, unless they are quoted.
        let (mut value, mut kept, mut is_quoted) = (Vec::new(), 0, false);
        loop {
            match self.next() {
                None | Some(b'\n') if !is_quoted => break,
                None | Some(b'\n') => return None,
                Some(b'#' | b';') if !is_quoted => self.skip_line(),
                Some(b'"') => is_quoted = !is_quoted,
                Some(b'\\') => {
                    value.extend(self.escaped()?);
                    kept = value.len();
                }
                Some(byte) if is_quoted || !byte.is_ascii_whitespace() => {
                    value.push(byte);
                    kept = value.len();
                }
                Some(blank) => value.push(blank),
            }
        }
        value.truncate(kept);
        Some(value)
    }

    /// What a backslash and the byte after it stand for: at the end of a line, nothing.
    fn escaped(&mut self) -> Option<Vec<u8>> {
        let byte = match self.next()? {
            b'\n' => return Some(Vec::new()),
            b'\r' if self.peek() == Some(b'\n') => {
                self.at += 1;
                return Some(Vec::new());
            }
            b't' => b'\t',
            b'b' => 8,
            b'n' => b'\n',
            byte @ (b'\\' | b'"') => byte,
            _ => return None,
        };
        Some(vec![byte])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_git_reads_it() {
        let text = b"\xef\xbb\xbf# x\n[Core]\n\tBare\r\n worktree = \"a b\" c \\\n d ; no\n[includeIf \"gitDir:\\\"x\"]path=..\\\\y\\t\n\
                     [a.B]\nc= # no\nx-1=yes\n";
        let config = Config::parse(text);
        let shown: Vec<_> = config.variables.iter().map(|variable| String::from_utf8_lossy(&variable.name)).collect();
        assert_eq!(shown, ["core.bare", "core.worktree", "includeif.gitDir:\"x.path", "a.b.c", "a.b.x-1"]);
        assert_eq!(config.bad, None);
        assert_eq!((config.truth("core.bare"), config.text("core.worktree")), (Some(true), Some(&b"a b c  d"[..])));
        assert_eq!(config.variables[2].value.as_deref(), Some(&b"..\\y\t"[..]));
        assert_eq!(
            (config.truth("a.b.c"), config.truth("a.b.x-1"), config.truth("a.b.d")),
            (Some(false), Some(true), None)
        );
    }

    #[test]
    fn the_last_value_counts_and_what_makes_no_sense_ends_it() {
        let config = Config::parse(b"[a]\nb=1\nb = 2\n[c\nd=1\n");
        assert_eq!((config.number("a.b"), config.truth("a.b"), config.bad), (Some(2), Some(true), Some(4)));
        for text in ["b=1", "[a]\n=1", "[a]\nb c", "[a]\nb=\"1\n", "[a \"b\nc\"]", "[a]\nb=\\x"] {
            assert!(Config::parse(text.as_bytes()).bad.is_some(), "{text}");
        }
    }
}
