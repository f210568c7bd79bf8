//! Decides which folders of objects belong to a store: its own, and those that it borrows from.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::Defect;

/// A list of alternates that is larger is not read.
const LARGEST_LIST: u64 = 1 << 20;

/// How many folders one store may borrow from.
const MOST_FOLDERS: usize = 1000;

/// All folders: `objects` first, then `given`, then what each of them names, each folder once.
pub(in crate::git) fn folders(objects: &Path, given: &[PathBuf], defects: &mut Vec<Defect>) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut real: Vec<PathBuf> = Vec::new();
    let mut waiting: Vec<PathBuf> = given.iter().rev().cloned().collect();
    waiting.push(objects.to_owned());
    while let Some(folder) = waiting.pop() {
        // Two ways to the same folder, or a loop, are one folder.
        let canonical = match folder.canonicalize() {
            Ok(canonical) if canonical.is_dir() => canonical,
            Ok(_) => {
                defects.push(Defect { path: folder, detail: "it should be a folder of objects".to_owned() });
                continue;
            }
            Err(error) => {
                defects.push(Defect { path: folder, detail: error.to_string() });
                continue;
            }
        };
        if real.contains(&canonical) {
            continue;
        }
        if found.len() == MOST_FOLDERS {
            defects.push(Defect { path: folder, detail: "too many folders of objects are borrowed from".to_owned() });
            break;
        }
        let list = folder.join("info").join("alternates");
        match read(&list) {
            Ok(text) => waiting.extend(parse(&text, &folder).into_iter().rev()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => defects.push(Defect { path: list, detail: error.to_string() }),
        }
        real.push(canonical);
        found.push(folder);
    }
    found
}

fn read(list: &Path) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(list)?;
    // To open a pipe would be to wait for ever.
    if !metadata.is_file() || metadata.len() > LARGEST_LIST {
        return Err(io::Error::other("it is not a list of alternates"));
    }
    fs::read(list)
}

/// Reads lines that each name a folder, absolute or from `folder`; a line with `#` says nothing.
fn parse(text: &[u8], folder: &Path) -> Vec<PathBuf> {
    let lines = text.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let named = lines.filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    named.map(|line| folder.join(path(unquoted(line).as_deref().unwrap_or(line)))).collect()
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

/// The text that a quoted one means, as git writes it; nothing if it is not one.
fn unquoted(line: &[u8]) -> Option<Vec<u8>> {
    let inner = line.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let mut text = Vec::new();
    let mut bytes = inner.iter().copied();
    while let Some(byte) = bytes.next() {
        text.push(match byte {
            b'\\' => match bytes.next()? {
                b'a' => 7,
                b'b' => 8,
                b'f' => 12,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'v' => 11,
                high @ b'0'..=b'3' => {
                    let digits = [high, bytes.next()?, bytes.next()?];
                    u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 8).ok()?
                }
                other => other,
            },
            b'"' => return None,
            other => other,
        });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_names_a_folder_a_line() {
        let text = b"# comment\n\n/abs/objects\n../other\r\n\"a\\tb\\303\\244\\\"\"\n\"open\n";
        let named = parse(text, Path::new("/here"));
        let expected = ["/abs/objects", "/here/../other", "/here/a\tb\u{e4}\"", "/here/\"open"].map(PathBuf::from);
        assert_eq!(named, expected);
    }
}
