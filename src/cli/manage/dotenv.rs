//! Decides what a `.env` file says: `NAME=value` a line, with the quotes, comments and escapes that are in common use.
//!
//! A value in double quotes knows the escapes of C that are usual; one in single quotes or backticks is taken as it is; all
//! three can go over several lines. Nothing is expanded.
//!
//! Such files are read by many programs, each with rules of its own, so a line that cannot be read is no error before somebody
//! wants the name on it. Errors tell the line and never a value.

use crate::secret::Secret;

/// One entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The name.
    pub(super) name: String,
    /// The value, or what is wrong with the line.
    pub(super) value: Result<Secret, &'static str>,
    /// The line on which it begins, from 1.
    pub(super) line: usize,
}

/// The entries of a file, in their order.
pub(super) fn parse(bytes: &[u8]) -> Vec<Entry> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = Reader { rest: bytes, line: 1 };
    let mut entries = Vec::new();
    while !reader.rest.is_empty() {
        entries.extend(reader.entry());
    }
    entries
}

/// What is still to be read.
struct Reader<'a> {
    rest: &'a [u8],
    line: usize,
}

impl<'a> Reader<'a> {
    /// Reads one line, or more where a value goes over several; `None` if there is no name on it.
    fn entry(&mut self) -> Option<Entry> {
        let line = self.line;
        self.skip_blanks();
        if matches!(self.rest.first(), None | Some(b'#' | b'\r' | b'\n')) {
            self.end_line();
            return None;
        }
        if let Some(rest) =
            self.rest.strip_prefix(b"export").filter(|rest| rest.first().is_some_and(|byte| is_blank(*byte)))
        {
            self.rest = rest;
            self.skip_blanks();
        }
        let Some(name) = self.name() else {
            self.end_line();
            return None;
        };
        Some(Entry { name, value: self.value(), line })
    }

    /// What stands behind a name.
    fn value(&mut self) -> Result<Secret, &'static str> {
        self.skip_blanks();
        let Some(rest) = self.rest.strip_prefix(b"=") else {
            self.end_line();
            return Err("this is not NAME=value");
        };
        self.rest = rest;
        self.skip_blanks();
        match self.rest.first() {
            Some(quote @ (b'"' | b'\'' | b'`')) => self.quoted(*quote),
            _ => Ok(Secret::new(self.bare())),
        }
    }

    fn name(&mut self) -> Option<String> {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
        let length = self.rest.iter().take_while(|byte| is_part(byte)).count();
        let (name, rest) = self.rest.split_at(length);
        if name.first().is_none_or(u8::is_ascii_digit) {
            return None;
        }
        self.rest = rest;
        Some(String::from_utf8_lossy(name).into_owned())
    }

    /// A value without quotes: to the end of the line, or to a `#` after a blank.
    fn bare(&mut self) -> &'a [u8] {
        let line = self.end_line();
        let is_comment = |at: &usize| line[*at] == b'#' && (*at == 0 || is_blank(line[*at - 1]));
        let end = (0..line.len()).find(is_comment).unwrap_or(line.len());
        line[..end].trim_ascii()
    }

    fn quoted(&mut self, quote: u8) -> Result<Secret, &'static str> {
        let mut lines = 0;
        let mut value = zeroize::Zeroizing::new(Vec::with_capacity(self.rest.len()));
        let mut at = 1;
        loop {
            match (self.rest.get(at), self.rest.get(at + 1)) {
                (None, _) => {
                    // One line is lost by that, not the file.
                    self.end_line();
                    return Err("this quote has no end");
                }
                (Some(byte), _) if *byte == quote => break,
                (Some(b'\\'), Some(escaped)) if quote == b'"' => {
                    push_escape(&mut value, *escaped);
                    lines += usize::from(*escaped == b'\n');
                    at += 2;
                }
                (Some(b'\r'), Some(b'\n')) => at += 1,
                (Some(byte), _) => {
                    lines += usize::from(*byte == b'\n');
                    value.push(*byte);
                    at += 1;
                }
            }
        }
        self.rest = &self.rest[at + 1..];
        self.line += lines;
        self.skip_blanks();
        let is_over = matches!(self.rest.first(), None | Some(b'#' | b'\r' | b'\n'));
        self.end_line();
        if is_over { Ok(Secret::new(&*value)) } else { Err("something follows the quote") }
    }

    /// Goes to the next line; returns the rest of this one.
    fn end_line(&mut self) -> &'a [u8] {
        let (line, rest) = match memchr::memchr(b'\n', self.rest) {
            Some(end) => (&self.rest[..end], &self.rest[end + 1..]),
            None => (self.rest, &self.rest[self.rest.len()..]),
        };
        self.rest = rest;
        self.line += 1;
        line.strip_suffix(b"\r").unwrap_or(line)
    }

    fn skip_blanks(&mut self) {
        let blanks = self.rest.iter().take_while(|byte| is_blank(**byte)).count();
        self.rest = &self.rest[blanks..];
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn push_escape(value: &mut Vec<u8>, escaped: u8) {
    match escaped {
        b'n' => value.push(b'\n'),
        b'r' => value.push(b'\r'),
        b't' => value.push(b'\t'),
        b'"' | b'\\' | b'$' | b'`' => value.push(escaped),
        other => value.extend([b'\\', other]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<(String, String, usize)> {
        let text_of = |secret: &Secret| String::from_utf8(secret.expose().to_vec()).unwrap();
        parse(text.as_bytes())
            .iter()
            .map(|entry| (entry.name.clone(), text_of(entry.value.as_ref().unwrap()), entry.line))
            .collect()
    }

    fn value(text: &str) -> String {
        read(text).remove(0).1
    }

    #[test]
    fn each_way_to_write_a_value_is_read() {
        for (text, expected) in [
            ("A=b", "b"),
            ("A = b ", "b"),
            ("  export\tA=b", "b"),
            ("A=", ""),
            ("A=b#c", "b#c"),
            ("A=b # c", "b"),
            ("A=#c", ""),
            ("A=\"b # c\" # d", "b # c"),
            ("A='b\\n$C'", "b\\n$C"),
            ("A=`b \"c\" 'd'`", "b \"c\" 'd'"),
            ("A=\"b\\n\\\"c\\\"\\\\\\x\"", "b\n\"c\"\\\\x"),
            ("A=\"b\nc\"", "b\nc"),
            ("A='b\r\nc'\r\n", "b\nc"),
            ("\u{feff}A=b\r\n", "b"),
            ("A=b=c==", "b=c=="),
            ("exportA=b", "b"),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
    }

    #[test]
    fn entries_know_their_lines() {
        let entries = read("# one\n\nA=1\nB='x\ny'\n\nC.d-e=3");
        let expected = [("A", "1", 3), ("B", "x\ny", 4), ("C.d-e", "3", 7)];
        assert_eq!(entries, expected.map(|(name, value, line)| (name.to_owned(), value.to_owned(), line)));
    }

    #[test]
    fn what_is_wrong_with_a_line_is_known_to_its_name_alone() {
        for (text, line, what) in [
            ("Z=1\nA\nC=3", 2, "this is not NAME=value"),
            ("export A\nC=3", 1, "this is not NAME=value"),
            ("A: sesame\nC=3", 1, "this is not NAME=value"),
            ("A+B=sesame\nC=3", 1, "this is not NAME=value"),
            ("Z=1\nA=\"sesame\nC=3\n", 2, "this quote has no end"),
            ("A='x'sesame\nC=3", 1, "something follows the quote"),
            ("A='x\ny' sesame\nC=3", 1, "something follows the quote"),
        ] {
            let entries = parse(text.as_bytes());
            let found = |name: &str| entries.iter().find(|entry| entry.name == name).unwrap();
            assert_eq!((&found("A").value, found("A").line), (&Err(what), line), "{text}");
            let last = found("C").value.as_ref().unwrap();
            assert_eq!(
                (last.expose(), found("C").line),
                (&b"3"[..], memchr::memchr_iter(b'\n', text.trim_end().as_bytes()).count() + 1),
                "{text}"
            );
        }
        assert_eq!(read("=sesame\n1A=sesame\n*\nC=3"), [("C".to_owned(), "3".to_owned(), 4)]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let lines = memchr::memchr_iter(b'\n', &bytes).count() + 1;
            prop_assert!(parse(&bytes).iter().all(|entry| entry.line <= lines));
        }
    }
}
