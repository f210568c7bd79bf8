//! Decides how the raw lines of git's comparisons are read: `:mode mode id id status`, a NUL, the path, a NUL.

use super::super::id::ObjectId;
use super::folder::{What, what};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// What was there, and its content, unless there was nothing.
    pub(super) old: Option<(What, ObjectId)>,
    /// What is there now. The id is null if it is not known to git.
    pub(super) new: Option<(What, ObjectId)>,
    pub(super) status: u8,
    pub(super) path: &'a [u8],
}

impl<'a> Line<'a> {
    /// The line that the two fields `head`, which begins with a colon, and `path` are.
    pub(super) fn parse(head: &[u8], path: &'a [u8]) -> Option<Self> {
        let mut words = head.strip_prefix(b":")?.split(|&byte| byte == b' ');
        let mut word = || words.next();
        let (old_mode, new_mode) = (mode(word()?)?, mode(word()?)?);
        let (old, new) = (ObjectId::from_hex(word()?)?, ObjectId::from_hex(word()?)?);
        let status = *word()?.first()?;
        let side = |mode: u32, id| (mode != 0).then(|| (what(mode), id));
        Some(Self { old: side(old_mode, old), new: side(new_mode, new), status, path })
    }

    /// The content of the old side, if it is a blob.
    pub(super) fn old_blob(&self) -> Option<ObjectId> {
        self.old.and_then(|(kind, id)| (kind == What::Blob && !id.is_null()).then_some(id))
    }
}

/// Reads the digits of a mode.
pub(super) fn mode(digits: &[u8]) -> Option<u32> {
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()
}

/// All lines of an answer in which nothing but lines stands.
pub(super) fn lines(answer: &[u8]) -> Option<Vec<Line<'_>>> {
    let mut fields = answer.split(|&byte| byte == 0);
    let mut lines = Vec::new();
    while let Some(head) = fields.next().filter(|head| !head.is_empty()) {
        lines.push(Line::parse(head, fields.next()?)?);
    }
    Some(lines)
}

/// One entry of an index, as `git ls-files --stage` writes it: `mode id stage<tab>path`, a NUL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Listed<'a> {
    pub(super) mode: u32,
    pub(super) id: ObjectId,
    pub(super) stage: &'a [u8],
    pub(super) path: &'a [u8],
}

/// All entries of such an answer.
pub(super) fn listed(answer: &[u8]) -> Option<Vec<Listed<'_>>> {
    let lines = answer.split(|&byte| byte == 0).filter(|line| !line.is_empty());
    lines.map(entry).collect()
}

/// The same of an answer to `git ls-files -v --stage`: before each entry stand a letter and a space.
pub(super) fn tagged(answer: &[u8]) -> Option<Vec<(u8, Listed<'_>)>> {
    let lines = answer.split(|&byte| byte == 0).filter(|line| !line.is_empty());
    lines.map(|line| Some((*line.first()?, entry(line.get(1..)?.strip_prefix(b" ")?)?))).collect()
}

/// All lines of an answer of `git ls-tree -z`, as `mode kind id<tab>path`, a NUL: mode, id and path.
pub(super) fn tree(answer: &[u8]) -> Option<Vec<(u32, ObjectId, &[u8])>> {
    let lines = answer.split(|&byte| byte == 0).filter(|line| !line.is_empty());
    let item = |line: &'_ [u8]| -> Option<(u32, ObjectId, usize)> {
        let tab = memchr::memchr(b'\t', line)?;
        let mut words = line[..tab].split(|&byte| byte == b' ');
        Some((mode(words.next()?)?, ObjectId::from_hex(words.nth(1)?)?, tab + 1))
    };
    lines.map(|line| item(line).map(|(mode, id, path)| (mode, id, &line[path..]))).collect()
}

fn entry(line: &[u8]) -> Option<Listed<'_>> {
    let tab = memchr::memchr(b'\t', line)?;
    let mut words = line[..tab].split(|&byte| byte == b' ');
    let (mode, id, stage) = (mode(words.next()?)?, ObjectId::from_hex(words.next()?)?, words.next()?);
    Some(Listed { mode, id, stage, path: &line[tab + 1..] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_two_sides() {
        let (one, two) = ("1".repeat(40), "0".repeat(40));
        let answer = format!(":100644 120000 {one} {two} T\0a b\0:000000 160000 {two} {one} A\0c\0");
        let lines = lines(answer.as_bytes()).unwrap();
        assert_eq!((lines[0].status, lines[0].path), (b'T', &b"a b"[..]));
        assert_eq!(lines[0].old_blob().unwrap().to_string(), one);
        assert_eq!(lines[0].new.map(|(kind, id)| (kind, id.is_null())), Some((What::Blob, true)));
        assert_eq!((lines[1].old, lines[1].new.unwrap().0), (None, What::Module));
        assert_eq!(super::lines(b"nonsense\0a\0"), None);
    }

    #[test]
    fn an_entry_has_a_stage() {
        let answer = format!("100644 {} 2\ta\tb\0", "1".repeat(40));
        let [one] = listed(answer.as_bytes()).unwrap()[..] else { panic!() };
        assert_eq!((one.mode, one.stage, one.path), (0o100_644, &b"2"[..], &b"a\tb"[..]));
        assert_eq!(listed(b"nonsense\0"), None);
    }

    #[test]
    fn an_item_of_a_tree_has_a_path() {
        let answer = format!("100644 blob {}\ta\tb\0", "1".repeat(40));
        let [(mode, id, path)] = tree(answer.as_bytes()).unwrap()[..] else { panic!() };
        assert_eq!((mode, id.to_string(), path), (0o100_644, "1".repeat(40), &b"a\tb"[..]));
        assert_eq!(tree(b"nonsense\0"), None);
    }
}
