//! Decides what refs say that are kept as files: one file each below `refs`, and all others in `packed-refs`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, Read as _};
use std::path::Path;

use super::{Place, Reference, Roots, Unrooted};
use crate::git::id::ObjectId;
use crate::git::repository::Repository;

/// How much is read of the file of one ref.
const MOST_OF_REF: u64 = 4 << 10;

/// How many folders deep names of refs are followed.
const DEEPEST: usize = 128;

/// How many names may point at each other.
pub(super) const LONGEST_CHAIN: usize = 5;

/// What the file of a ref says.
pub(super) enum Value {
    Id(ObjectId),
    /// The name of another ref.
    Name(Vec<u8>),
}

/// Reads all refs, and the heads of all working trees.
pub(super) fn read(repository: &Repository, places: &[Place], roots: &mut Roots) {
    let mut values = BTreeMap::new();
    // Files come first: a ref that is packed meanwhile is then found twice, not never.
    let mut folder = Folder { roots, values: &mut values };
    folder.read(&repository.common_dir().join("refs"), b"refs", DEEPEST);
    for place in places {
        let name = [&place.prefix[..], b"HEAD"].concat();
        folder.file(&place.git_dir.join("HEAD"), name);
        if place.git_dir != repository.common_dir() {
            folder.read(&place.git_dir.join("refs"), &[&place.prefix[..], b"refs"].concat(), DEEPEST);
        }
    }
    packed(&repository.common_dir().join("packed-refs"), roots, &mut values);
    roots.head = resolve(&values, b"HEAD");
    for name in values.keys() {
        // What points at a ref that is not there is a branch without commits, or was left behind; nothing is lost.
        if let Some(target) = resolve(&values, name) {
            roots.refs.push(Reference { name: name.clone(), target });
        }
    }
}

fn resolve(values: &BTreeMap<Vec<u8>, Value>, name: &[u8]) -> Option<ObjectId> {
    let mut name = name;
    for _ in 0..=LONGEST_CHAIN {
        match values.get(name)? {
            Value::Id(id) => return Some(*id),
            Value::Name(next) => name = next,
        }
    }
    None
}

struct Folder<'a> {
    roots: &'a mut Roots,
    values: &'a mut BTreeMap<Vec<u8>, Value>,
}

impl Folder<'_> {
    fn read(&mut self, path: &Path, name: &[u8], depth: usize) {
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return,
            Err(error) => return self.roots.unread.push(Unrooted::at(path, error)),
        };
        if depth == 0 {
            return self.roots.unread.push(Unrooted::at(path, "its folders lie too deep"));
        }
        for entry in entries.flatten() {
            let path = entry.path();
            let name = [name, b"/", entry.file_name().as_encoded_bytes()].concat();
            // A folder behind a link could lead in a circle; git follows it, and so does the depth.
            if path.is_dir() {
                self.read(&path, &name, depth - 1);
            } else if !name.ends_with(b".lock") {
                self.file(&path, name);
            }
        }
    }

    fn file(&mut self, path: &Path, name: Vec<u8>) {
        match content(path).map(|text| text.as_deref().map(parse)) {
            Ok(Some(Some(value))) => drop(self.values.insert(name, value)),
            Ok(None) => {}
            // Other programs leave files of their own there, whose names no ref may have.
            Ok(Some(None)) if !may_be_name(&name) => {}
            Ok(Some(None)) => self.roots.unread.push(Unrooted::at(path, "it is no ref")),
            Err(error) => self.roots.unread.push(Unrooted::at(path, error)),
        }
    }
}

/// The beginning of a file, if there is one. What is no file is not opened, since that could wait for ever.
pub(super) fn content(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(dangling(path)),
        Err(error) => return Err(error),
    };
    if !metadata.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is not a file"));
    }
    let mut text = Vec::new();
    match File::open(path) {
        Ok(file) => file.take(MOST_OF_REF).read_to_end(&mut text)?,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(text))
}

/// A link to nothing is how old versions of git wrote a `HEAD` without commits.
fn dangling(path: &Path) -> Option<Vec<u8>> {
    fs::read_link(path).ok().map(|target| [b"ref: ", target.as_os_str().as_encoded_bytes()].concat())
}

pub(super) fn parse(text: &[u8]) -> Option<Value> {
    if let Some(name) = text.strip_prefix(b"ref:") {
        let name = name.trim_ascii();
        return (!name.is_empty()).then(|| Value::Name(name.to_vec()));
    }
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    ObjectId::from_hex(&text[..end]).map(Value::Id)
}

fn may_be_name(name: &[u8]) -> bool {
    let last = name.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    !last.starts_with(b".") && !last.iter().any(|byte| byte.is_ascii_control() || b" ~^:?*[\\".contains(byte))
}

/// Adds the refs of `packed-refs` that have no file of their own.
fn packed(path: &Path, roots: &mut Roots, values: &mut BTreeMap<Vec<u8>, Value>) {
    if !path.exists() {
        return;
    }
    let mut damaged = 0_u32;
    let read = lines(path, |line| {
        if line.is_empty() || line.starts_with(b"#") || line.starts_with(b"^") {
            return;
        }
        let space = memchr::memchr(b' ', line).unwrap_or(line.len());
        match (ObjectId::from_hex(&line[..space]), line.get(space + 1..)) {
            (Some(id), Some(name)) if !name.is_empty() => drop(values.entry(name.to_vec()).or_insert(Value::Id(id))),
            _ => damaged += 1,
        }
    });
    if let Err(error) = read {
        roots.unread.push(Unrooted::at(path, error));
    }
    if damaged > 0 {
        roots.unread.push(Unrooted::at(path, format!("{damaged} of its lines are no refs")));
    }
}

/// Hands each line of a file, without its end, to `line`.
pub(in crate::git) fn lines(path: &Path, mut line: impl FnMut(&[u8])) -> io::Result<()> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is not a file"));
    }
    let mut reader = BufReader::with_capacity(1 << 16, File::open(path)?);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes)? > 0 {
        line(bytes.trim_ascii_end());
        bytes.clear();
    }
    Ok(())
}
