//! Decides how objects that are files of their own are found and read.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::content::Content;
use super::error::{Defect, ReadError};
use super::file;
use super::inflate::{Inflater, is_plausible};
use crate::git::id::{Kind, ObjectFormat, ObjectId};

/// More bytes than the text before the content has.
const LONGEST_HEADER: usize = 64;

/// How much of a file is read for its header.
const BEGINNING: usize = 256;

/// What a loose object says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    /// Bytes of the content.
    pub(super) size: u64,
    /// Bytes before the content.
    len: usize,
    /// Bytes of the file.
    pub(super) stored: u64,
}

/// Where the object called `id` is, if it is loose in `folder`.
pub(super) fn path(folder: &Path, id: &ObjectId) -> PathBuf {
    let hex = id.to_string();
    folder.join(&hex[..2]).join(&hex[2..])
}

/// All loose objects in `folder`.
pub(super) fn list(folder: &Path, format: ObjectFormat, defects: &mut Vec<Defect>) -> Vec<ObjectId> {
    let mut ids = Vec::new();
    for first in 0..=u8::MAX {
        let name = format!("{first:02x}");
        let inner = folder.join(&name);
        if let Err(error) = list_folder(&inner, &name, format, &mut ids)
            && !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
        {
            defects.push(Defect { path: inner, detail: error.to_string() });
        }
    }
    ids
}

fn list_folder(folder: &Path, prefix: &str, format: ObjectFormat, ids: &mut Vec<ObjectId>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let Some(rest) = name.to_str() else { continue };
        if rest.len() + 2 == 2 * format.id_len()
            && let Some(id) = ObjectId::from_hex(format!("{prefix}{rest}").as_bytes())
        {
            ids.push(id);
        }
    }
    Ok(())
}

/// A loose object that is open.
pub(super) struct Loose {
    file: File,
    pub(super) header: Header,
}

impl Loose {
    /// Opens the object and reads what it says of itself.
    pub(super) fn open(path: &Path, inflater: &mut Inflater) -> Result<Self, ReadError> {
        let mut file = file::open(path).map_err(|error| refused(&error))?;
        let metadata = file.metadata().map_err(|error| refused(&error))?;
        let mut bytes = [0; BEGINNING];
        let mut got = 0;
        while got < bytes.len() {
            match file.read(&mut bytes[got..]) {
                Ok(0) => break,
                Ok(more) => got += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(refused(&error)),
            }
        }
        let mut text = [0; LONGEST_HEADER];
        let len = inflater.beginning(&bytes[..got], &mut text)?;
        let header = parse(&text[..len], metadata.len()).ok_or_else(|| ReadError::damaged("its header is damaged"))?;
        if !is_plausible(header.size, header.stored) {
            return Err(ReadError::damaged("its compressed data has another size than it says"));
        }
        Ok(Self { file, header })
    }

    /// Reads all of it.
    pub(super) fn read(mut self, most: u64, inflater: &mut Inflater) -> Result<Content, ReadError> {
        let Header { kind, size, len, .. } = self.header;
        if size > most {
            return Err(ReadError::Oversize(size));
        }
        let whole = usize::try_from(size).ok().and_then(|size| size.checked_add(len));
        let mut bytes = vec![0; whole.ok_or(ReadError::Oversize(size))?];
        self.rewind()?;
        inflater.exactly_from(&mut |piece| self.file.read(piece), &mut bytes)?;
        bytes.drain(..len);
        Ok(Content { kind, bytes })
    }

    /// The content as a stream.
    pub(super) fn stream(mut self) -> Result<impl Read, ReadError> {
        self.rewind()?;
        let input = io::BufReader::with_capacity(64 << 10, self.file);
        let mut reader = sirocco::inflate::Reader::new(sirocco::Format::Zlib, input);
        let mut header = vec![0; self.header.len];
        reader.read_exact(&mut header).map_err(|error| refused(&error))?;
        Ok(reader)
    }

    fn rewind(&mut self) -> Result<(), ReadError> {
        io::Seek::rewind(&mut self.file).map_err(|error| refused(&error))
    }
}

fn refused(error: &io::Error) -> ReadError {
    if error.kind() == io::ErrorKind::NotFound { ReadError::Missing } else { ReadError::Damaged(error.to_string()) }
}

/// Reads `kind SP size NUL`.
fn parse(text: &[u8], stored: u64) -> Option<Header> {
    let end = memchr::memchr(0, text)?;
    let space = memchr::memchr(b' ', &text[..end])?;
    let kind = Kind::from_name(&text[..space])?;
    let digits = &text[space + 1..end];
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let size = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some(Header { kind, size, len: end + 1, stored })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_kind_and_a_size() {
        let header = |text: &[u8]| parse(text, 9).map(|header| (header.kind, header.size, header.len));
        assert_eq!(header(b"blob 12\0abc"), Some((Kind::Blob, 12, 8)));
        assert_eq!(header(b"commit 0\0"), Some((Kind::Commit, 0, 9)));
        for text in
            [&b"blob 12"[..], b"blob \0", b"blob -1\0", b"blob 1a\0", b"blub 1\0", b"blob 99999999999999999999\0", b""]
        {
            assert_eq!(header(text), None);
        }
    }
}
