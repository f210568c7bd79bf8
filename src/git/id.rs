//! Decides what an object is called: an id of 20 or 32 bytes, and one of four kinds.

use std::fmt;

/// Which digest names the objects of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectFormat {
    /// Ids of 20 bytes.
    Sha1,
    /// Ids of 32 bytes.
    Sha256,
}

impl ObjectFormat {
    /// Bytes of an id.
    pub fn id_len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }
}

/// Bytes of the longest id.
pub(super) const LONGEST: usize = 32;

/// The name of an object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    bytes: [u8; LONGEST],
    len: u8,
}

impl ObjectId {
    /// The id with these bytes, of which there must be 20 or 32.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let len = match bytes.len() {
            20 => 20,
            32 => 32,
            _ => return None,
        };
        let mut id = Self { bytes: [0; LONGEST], len };
        id.bytes[..bytes.len()].copy_from_slice(bytes);
        Some(id)
    }

    /// The id that 40 or 64 hexadecimal digits stand for.
    pub fn from_hex(hex: &[u8]) -> Option<Self> {
        let mut bytes = [0; LONGEST];
        if !hex.len().is_multiple_of(2) {
            return None;
        }
        let len = hex.len() / 2;
        for (byte, pair) in bytes.get_mut(..len)?.iter_mut().zip(hex.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Self::from_bytes(&bytes[..len])
    }

    /// The id of nothing: all bits are zero.
    pub fn null(format: ObjectFormat) -> Self {
        // Both lengths fit into a byte.
        Self { bytes: [0; LONGEST], len: if format == ObjectFormat::Sha1 { 20 } else { 32 } }
    }

    /// The bytes of the id, 20 or 32 of them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// Whether git knows this object without having it: it is the empty file or the empty tree.
    pub(super) fn is_built_in(&self) -> bool {
        const KNOWN: [&str; 4] = [
            "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
            "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
            "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
            "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
        ];
        KNOWN.iter().any(|known| Self::from_hex(known.as_bytes()).as_ref() == Some(self))
    }

    /// Whether this is the id of nothing.
    pub fn is_null(&self) -> bool {
        self.bytes == [0; LONGEST]
    }
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What an object holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A snapshot with its message and its parents.
    Commit,
    /// A folder.
    Tree,
    /// The content of a file.
    Blob,
    /// A tag with a message.
    Tag,
}

impl Kind {
    /// The kind that a loose object names so.
    pub(super) fn from_name(name: &[u8]) -> Option<Self> {
        match name {
            b"commit" => Some(Self::Commit),
            b"tree" => Some(Self::Tree),
            b"blob" => Some(Self::Blob),
            b"tag" => Some(Self::Tag),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
            Self::Tag => "tag",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_from_its_digits() {
        for hex in ["0123456789abcdef0123456789abcdef01234567", &"f0".repeat(32)] {
            assert_eq!(ObjectId::from_hex(hex.as_bytes()).unwrap().to_string(), hex);
        }
        assert_eq!(ObjectId::from_hex(b"0123456789ABCDEF0123456789ABCDEF01234567").unwrap().as_bytes()[7], 0xef);
    }

    #[test]
    fn what_has_another_length_or_other_digits_is_no_id() {
        for hex in ["", "0", "01", &"0".repeat(39), &"0".repeat(66), &"g".repeat(40)] {
            assert_eq!(ObjectId::from_hex(hex.as_bytes()), None, "{hex}");
        }
    }

    #[test]
    fn only_zeros_are_null() {
        assert!(ObjectId::null(ObjectFormat::Sha1).is_null());
        assert_eq!(ObjectId::null(ObjectFormat::Sha256).as_bytes().len(), 32);
        assert!(!ObjectId::from_bytes(&[1; 20]).unwrap().is_null());
    }
}
