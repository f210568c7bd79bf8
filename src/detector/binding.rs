//! Decides what a value is bound to: the name, label, flag, path segment or call that stands before it.
//!
//! It reads backwards from the value and knows no language: `NAME=v`, `"name": "v"`, `name => v`, `.name("v")`,
//! `getenv("NAME", "v")`, `x.NAME || "v"`, `--name v`, `<param name="n" value="v"/>`, `| Label | v |`, `/name/v`.

use std::ops::Range;

/// How far back a binding is looked for, in bytes.
const REACH: usize = 600;

/// The longest label in prose, in bytes.
const LABEL: usize = 48;

/// How far from a `value` its `name` may stand, in bytes.
const ENTRY: usize = 300;

/// What a value is bound to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Binding<'a> {
    /// The name, as written, without quotes.
    pub(super) name: Option<&'a [u8]>,
    /// The call that it is an argument of.
    pub(super) call: Option<Call<'a>>,
}

/// A call with the value among its arguments.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call<'a> {
    /// The name before the parenthesis.
    pub(super) callee: &'a [u8],
    /// Offset of the first byte after the parenthesis.
    pub(super) arguments: usize,
}

/// The name given to the second segment of a media URL, which is the project.
const MEDIA_PROJECT: &[u8] = b"media project";

/// The name given to the user of a URL, or of curl.
const USERINFO: &[u8] = b"userinfo";

/// What the value at `span` is bound to.
pub(super) fn of<'a>(bytes: &'a [u8], span: &Range<usize>) -> Binding<'a> {
    if bytes[span.end..].starts_with(b"]=") {
        // A key itself: `pairs=([v]=token)`.
        return Binding::default();
    }
    let mut back = Back { bytes, at: span.start, floor: span.start.saturating_sub(REACH) };
    back.opening();
    let crossed = back.space();
    if let Some(escape) = [&b"%3D"[..], b"%253D", b"%3A"].into_iter().find(|escape| back.ends_with(escape)) {
        return named(back.cut(escape.len()).escaped_name());
    }
    let Some(operator) = back.last() else { return Binding::default() };
    match operator {
        b'=' => back.assigned(),
        b':' => back.labelled(),
        b'>' => back.angle(),
        b'(' | b'[' | b',' => back.argument(),
        b'|' | b'?' => back.alternative(),
        b'-' if back.ends_with(b":-") => named(back.cut(2).identifier()),
        b'/' => back.segment(bytes, span),
        b';' if back.ends_with(b"=&gt;") => back.cut(5).key(),
        _ if crossed == Crossed::Line => Binding::default(),
        _ => back.words(),
    }
}

fn named(name: &[u8]) -> Binding<'_> {
    Binding { name: Some(name).filter(|name| !name.is_empty()), call: None }
}

/// Whether a line feed was crossed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Crossed {
    Nothing,
    Line,
}

/// A point in the bytes from which they are read backwards.
#[derive(Clone, Copy)]
struct Back<'a> {
    bytes: &'a [u8],
    at: usize,
    floor: usize,
}

impl<'a> Back<'a> {
    fn last(&self) -> Option<u8> {
        (self.at > self.floor).then(|| self.bytes[self.at - 1])
    }

    fn ends_with(&self, tail: &[u8]) -> bool {
        self.bytes[self.floor..self.at].ends_with(tail)
    }

    fn cut(mut self, bytes: usize) -> Self {
        self.at = self.at.saturating_sub(bytes).max(self.floor);
        self
    }

    /// Moves back over bytes that fit, and returns them.
    fn pop_while(&mut self, fits: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.at;
        while self.last().is_some_and(&fits) {
            self.at -= 1;
        }
        &self.bytes[self.at..end]
    }

    fn space(&mut self) -> Crossed {
        let space = self.pop_while(|byte| byte.is_ascii_whitespace());
        if space.contains(&b'\n') { Crossed::Line } else { Crossed::Nothing }
    }

    /// Moves back over what opens a value: quotes, their escapes and prefixes, Markdown's marks, a brace.
    fn opening(&mut self) {
        let marks = self.pop_while(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b'*'));
        for entity in [&b"&quot;"[..], b"&#39;", b"&#34;", b"%22"] {
            if self.ends_with(entity) {
                *self = self.cut(entity.len());
            }
        }
        if !marks.is_empty() && matches!(self.last(), Some(b'b' | b'r' | b'u' | b'f' | b'@' | b'$' | b'L')) {
            let before = self.cut(1);
            if before.last().is_none_or(|byte| !byte.is_ascii_alphanumeric()) {
                *self = before;
            }
        }
        if matches!(self.last(), Some(b'{' | b'<')) && self.cut(1).last() == Some(b'=') {
            *self = self.cut(1);
        }
    }

    /// Moves back over what closes a name: quotes, brackets, a type's question mark.
    fn closing(&mut self) -> &'a [u8] {
        self.space();
        let marks =
            self.pop_while(|byte| matches!(byte, b'"' | b'\'' | b'`' | b'\\' | b']' | b')' | b'*' | b'?' | b'!'));
        if self.ends_with(b"&quot;") {
            *self = self.cut(6);
            return b"\"";
        }
        marks
    }

    /// The identifier that ends here; the last part of a dotted one.
    fn identifier(&mut self) -> &'a [u8] {
        self.closing();
        self.pop_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    }

    /// The name before an operator that is escaped as in a URL.
    fn escaped_name(mut self) -> &'a [u8] {
        while self.ends_with(b"%22") {
            self = self.cut(3);
        }
        self.pop_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    }

    /// `NAME = v`, `name: type = v`, `<param name="n" value="v"`.
    fn assigned(mut self) -> Binding<'a> {
        self.pop_while(|byte| matches!(byte, b'=' | b':' | b'+' | b'?' | b'|'));
        let name = self.identifier();
        if is_type(name) {
            let mut before = self;
            before.closing();
            before.pop_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'[' | b'.'));
            before.space();
            if before.last() == Some(b':') {
                return named(before.cut(1).identifier());
            }
        }
        self.named_by(name)
    }

    /// The name of the element or the entry whose `value` is meant: `name="n" value="v"`, `{"key": "n", "value": "v"}`.
    fn attribute(self) -> Option<&'a [u8]> {
        let near = &self.bytes[self.floor.max(self.at.saturating_sub(ENTRY))..self.at];
        let open = near.iter().rposition(|byte| matches!(byte, b'<' | b'{')).map_or(0, |at| at + 1);
        let entry = &near[open..];
        let words = [&b"name"[..], b"key", b"id"].into_iter();
        words.filter_map(|word| named_entry(entry, word)).max_by_key(|(at, _)| *at).map(|(_, name)| name)
    }

    /// `"name": v`, `Label in prose: v`.
    fn labelled(mut self) -> Binding<'a> {
        if self.ends_with(b"::") {
            return Binding::default();
        }
        self = self.cut(1);
        self.key()
    }

    /// The key that ends here: a quoted string, an identifier, or a label of a few words.
    fn key(mut self) -> Binding<'a> {
        if !self.closing().is_empty() {
            let name = self.pop_while(|byte| !matches!(byte, b'"' | b'\'' | b'`' | b'\n' | b'[' | b'(' | b'*' | b';'));
            return self.named_by(name);
        }
        let name = self.label();
        self.named_by(name)
    }

    /// The name, unless it only says that a value follows and the real one stands before.
    fn named_by(self, name: &'a [u8]) -> Binding<'a> {
        let entry = if is_attribute(name.strip_prefix(b"- ").unwrap_or(name)) { self.attribute() } else { None };
        named(entry.unwrap_or(name))
    }

    /// A label of a few words that ends here.
    fn label(&mut self) -> &'a [u8] {
        let floor = self.floor;
        self.floor = floor.max(self.at.saturating_sub(LABEL));
        let words = self.pop_while(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'-' | b'.' | b'$' | b'@' | b'#' | b'/')
        });
        self.floor = floor;
        let tail = words.iter().rposition(|byte| matches!(byte, b'.' | b'$' | b'@' | b'#')).map_or(0, |at| at + 1);
        words[tail..].trim_ascii()
    }

    /// `name => v`, `name->v`, `<name>v`.
    fn angle(mut self) -> Binding<'a> {
        self = self.cut(1);
        match self.last() {
            Some(b'=') => self.cut(1).key(),
            Some(b'-') => Binding::default(),
            _ => {
                let tag = self.pop_while(|byte| !matches!(byte, b'<' | b'>' | b'\n'));
                let name = tag.split(u8::is_ascii_whitespace).next().unwrap_or_default();
                if is_type(name) || is_attribute(name) { named(self.previous_element()) } else { named(name) }
            }
        }
    }

    /// `<key>name</key><string>v`: the text of the element before the tag that opens here.
    fn previous_element(self) -> &'a [u8] {
        let mut back = self.cut(1);
        back.space();
        if back.last() != Some(b'>') {
            return b"";
        }
        back.pop_while(|byte| byte != b'<');
        back.cut(1).pop_while(|byte| !matches!(byte, b'>' | b'<' | b'\n')).trim_ascii()
    }

    /// An argument of a call, or an item of a list that a name is bound to.
    fn argument(self) -> Binding<'a> {
        let Some(open) = self.enclosing() else { return Binding::default() };
        let mut before = Back { at: open, ..self };
        if self.bytes[open] != b'(' {
            before.space();
            return match before.last() {
                Some(b'=') => before.assigned(),
                Some(b':') => before.cut(1).key(),
                Some(b'>') => before.angle(),
                Some(b'(') => before.argument(),
                _ => Binding::default(),
            };
        }
        before.space();
        let callee = before
            .pop_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'>' | b'-' | b'?'));
        let first = &self.bytes[open + 1..self.at];
        let name = first_argument(first).or_else(|| (first.is_empty() || first == b"(").then_some(last_part(callee)));
        // `auth=(user, password)`: no callee, but a name.
        if callee.is_empty() {
            let tuple = if before.last() == Some(b'=') { before.assigned() } else { Binding::default() };
            return Binding { name: tuple.name, call: None };
        }
        Binding { name, call: Some(Call { callee, arguments: open + 1 }) }
    }

    /// The bracket that is open here.
    fn enclosing(&self) -> Option<usize> {
        let mut depth = 0_usize;
        for at in (self.floor..self.at).rev() {
            match self.bytes[at] {
                b')' | b']' | b'}' => depth += 1,
                b'(' | b'[' | b'{' if depth == 0 => return Some(at),
                b'(' | b'[' | b'{' => depth -= 1,
                b';' if depth == 0 => return None,
                _ => {}
            }
        }
        None
    }

    /// `x.NAME || v`, `x.NAME ?? v`, `| Label | v`.
    fn alternative(mut self) -> Binding<'a> {
        let marks = self.pop_while(|byte| matches!(byte, b'|' | b'?'));
        if marks == b"|" {
            self.space();
            self.pop_while(|byte| matches!(byte, b'`' | b'*' | b'"'));
            let cell = self.pop_while(|byte| !matches!(byte, b'|' | b'\n' | b'`'));
            return named(cell.trim_ascii());
        }
        let mut quoted = self;
        if !quoted.closing().is_empty() {
            return named(quoted.pop_while(|byte| !matches!(byte, b'"' | b'\'' | b'`' | b'\n' | b'(' | b'[')));
        }
        named(self.identifier())
    }

    /// `/name/v`, `//v:password@host`, `files.signalwire.com/first/v`.
    fn segment(self, bytes: &'a [u8], span: &Range<usize>) -> Binding<'a> {
        if self.ends_with(b"//") {
            return if bytes.get(span.end) == Some(&b':') { named(USERINFO) } else { Binding::default() };
        }
        let mut before = self.cut(1);
        let segment = before.pop_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
        if segment.len() == 36 && before.ends_with(b"files.signalwire.com/") {
            return named(MEDIA_PROJECT);
        }
        named(segment)
    }

    /// `--name v`, `NAME v`, `Label in prose v`, `Client.new v`.
    fn words(self) -> Binding<'a> {
        let mut flag = self;
        let word = flag.pop_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':'));
        if word.ends_with(b".new") || word.ends_with(b"->new") {
            return Binding { name: None, call: Some(Call { callee: word, arguments: self.at }) };
        }
        if matches!(word, b"-u" | b"--user") {
            return named(USERINFO);
        }
        if word.starts_with(b"-") || word.contains(&b'_') {
            return named(word);
        }
        let mut label = self;
        named(label.label())
    }
}

/// The last value that `word` is given in an entry, and where.
fn named_entry<'a>(entry: &'a [u8], word: &[u8]) -> Option<(usize, &'a [u8])> {
    let whole = |at: &usize| *at == 0 || !entry[at - 1].is_ascii_alphanumeric();
    memchr::memmem::rfind_iter(entry, word).filter(whole).find_map(|at| {
        let rest = &entry[at + word.len()..];
        let start = rest.iter().position(|byte| !matches!(byte, b'"' | b'\'' | b'\\' | b' ' | b'=' | b':'))?;
        let (marks, value) = rest.split_at(start);
        let end =
            value.iter().position(|byte| matches!(byte, b'"' | b'\'' | b'\\' | b' ' | b'>' | b',' | b'\n' | b'\r'))?;
        marks.iter().any(|byte| matches!(byte, b'=' | b':')).then_some((at, &value[..end]))
    })
}

/// The first argument, if it is a string that can be a name and others follow it.
fn first_argument(arguments: &[u8]) -> Option<&[u8]> {
    let (&quote, rest) = arguments.trim_ascii().split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\''))?;
    let end = memchr::memchr(quote, rest)?;
    let name = &rest[..end];
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let only_one = !rest[end + 1..].iter().any(|byte| matches!(byte, b'"' | b'\''));
    (only_one && !name.is_empty() && name.len() <= LABEL && name.iter().all(fits)).then_some(name)
}

/// The part of a dotted name after its last separator.
fn last_part(callee: &[u8]) -> &[u8] {
    let start = callee.iter().rposition(|byte| matches!(byte, b'.' | b':' | b'>')).map_or(0, |at| at + 1);
    &callee[start..]
}

/// Attributes that hold a value and not a name.
fn is_attribute(name: &[u8]) -> bool {
    [&b"value"[..], b"defaultvalue", b"data", b"content", b"default", b"text"]
        .iter()
        .any(|word| name.eq_ignore_ascii_case(word))
}

/// Types that may stand between a name and its value.
fn is_type(name: &[u8]) -> bool {
    let words: [&[u8]; 6] = [b"str", b"string", b"String", b"bytes", b"Any", b"char"];
    words.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `@` in the text is bound to: its name, and its callee after a `!`.
    fn bound(text: &str) -> String {
        let at = text.find('@').unwrap();
        let text = text.replacen('@', "V", 1);
        let binding = of(text.as_bytes(), &(at..at + 1));
        let mut shown = String::from_utf8_lossy(binding.name.unwrap_or_default()).into_owned();
        if let Some(call) = binding.call {
            shown.push('!');
            shown.push_str(&String::from_utf8_lossy(call.callee));
        }
        shown
    }

    #[test]
    fn assignments_of_many_languages_name_their_value() {
        for text in [
            "project=@",
            "export project=@",
            "project = \"@\"",
            "self.project = '@'",
            "project: str = \"@\"",
            "const project: string = `@`",
            "\"project\": \"@\"",
            "'project' => '@'",
            "\"project\"=>\"@\"",
            "&quot;project&quot;=&gt;&quot;@",
            "{ \\\"project\\\": \\\"@\\\" }",
            "project:\n  \"@\"",
            "config['project'] = \"@\"",
            "project := \"@\"",
            "env.project || '@'",
            "process.env['project'] ?? '@'",
            "${project:-@}",
            "--project @",
            "set project @",
            "<project>@",
            "<param name=\"project\" value=\"@\"",
            "<input name=\"project\"\n  type=\"text\"\n  defaultValue=\"@\"",
            "<key>project</key><string>@",
            "{\"key\": \"project\", \"value\": \"@",
            "- name: project\n  value: \"@",
            "{ name = \"project\", value = \"@",
            "| project | `@` |",
            "**project**: `@`",
            "- project: @",
            "/project/@",
            "project={\"@\"}",
            "ENV project @",
            "x?project%3D@",
            "%22project%22%3A%22@",
        ] {
            assert!(bound(text).ends_with("project"), "{text}: {}", bound(text));
        }
    }

    #[test]
    fn a_call_names_its_only_argument_and_is_remembered() {
        assert_eq!(bound(".project(\"@\")"), "project!.project");
        assert_eq!(bound("getenv(\"project\", \"@\")"), "project!getenv");
        assert_eq!(bound("define('project', '@')"), "project!define");
        assert_eq!(bound("new RestClient(\n  \"acme\",\n  \"x-1\",\n  \"@\""), "!RestClient");
        assert_eq!(bound("Client.new '@'"), "!Client.new");
        assert_eq!(bound("auth=(\"@\", token)"), "auth");
        assert_eq!(bound("basicAuth: ['@', 'x']"), "basicAuth");
    }

    #[test]
    fn a_label_in_prose_is_a_name() {
        assert_eq!(bound("signal wire api token: @"), "signal wire api token");
        assert_eq!(bound("My Project ID is @"), "My Project ID is");
    }

    #[test]
    fn a_value_alone_on_its_line_is_bound_to_nothing() {
        assert_eq!(bound("something else\n@"), "");
        assert_eq!(bound("@"), "");
    }

    #[test]
    fn parts_of_a_url_are_named() {
        assert_eq!(bound("https://@:secret"), "userinfo");
        let text = "https://V:s@host";
        assert_eq!(of(text.as_bytes(), &(8..9)).name, Some(USERINFO));
        assert_eq!(bound("/api/laml/2010-04-01/Accounts/@/Calls"), "Accounts");
    }
}
