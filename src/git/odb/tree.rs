//! Decides what the bytes of a tree mean: entries with a mode, a name and an id.

/// One entry of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// What the entry is: a folder, a file, a link, a submodule.
    pub mode: u32,
    /// Its name.
    pub name: &'a [u8],
    /// The id of what it is called so, as bytes.
    pub id: &'a [u8],
}

/// A tree that is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedTree;

/// The entries of a tree, in order; the last may be that the rest is malformed.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    rest: &'a [u8],
    id_len: usize,
}

impl<'a> Entries<'a> {
    /// Those of the tree with the content `bytes`, whose ids have `id_len` bytes.
    pub fn new(bytes: &'a [u8], id_len: usize) -> Self {
        Self { rest: bytes, id_len }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, MalformedTree>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let Some((entry, len)) = parse(self.rest, self.id_len) else {
            self.rest = &[];
            return Some(Err(MalformedTree));
        };
        self.rest = &self.rest[len..];
        Some(Ok(entry))
    }
}

/// Reads the entry that `bytes` begin with, and says how long it is.
pub(super) fn parse(bytes: &[u8], id_len: usize) -> Option<(Entry<'_>, usize)> {
    let mut mode = 0_u32;
    let mut at = 0;
    loop {
        match bytes.get(at)? {
            byte @ b'0'..=b'7' if at < 7 => mode = mode << 3 | u32::from(byte - b'0'),
            b' ' if at > 0 => break,
            _ => return None,
        }
        at += 1;
    }
    let named = &bytes[at + 1..];
    let len = memchr::memchr(0, named).filter(|&len| len > 0)?;
    let (name, rest) = named.split_at(len);
    let id = rest.get(1..=id_len)?;
    Some((Entry { mode, name, id }, at + 1 + len + 1 + id_len))
}
