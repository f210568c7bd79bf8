//! Decides how standard input is scanned: as one item, to its end.

use std::fmt;
use std::io::Read;
use std::sync::{Mutex, PoisonError};

use super::window::{self, Buffer, End, Limits};
use super::{Gap, GapKind, Listing, Loaded, Omitted, Source, SourceError};
use crate::blob::{Blob, Name, Origin};

/// A stream, as a source of one item. It can be read once.
pub struct Stdin {
    name: Name,
    input: Mutex<Box<dyn Read + Send>>,
    limits: Limits,
    omitted: Omitted,
}

impl Stdin {
    /// The stream `input`, called `name` in reports; `<stdin>` if it has none.
    pub fn new(input: Box<dyn Read + Send>, name: Option<Name>, limits: Limits) -> Self {
        let name = name.unwrap_or_else(|| Name::new("<stdin>"));
        Self { name, input: Mutex::new(input), limits, omitted: Omitted::default() }
    }
}

impl fmt::Debug for Stdin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stdin").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Source for Stdin {
    fn list(&self, _jobs: usize) -> Result<Box<dyn Listing + '_>, SourceError> {
        Ok(Box::new(self))
    }
}

impl Listing for &Stdin {
    fn len(&self) -> usize {
        1
    }

    fn omitted(&self) -> &Omitted {
        &self.omitted
    }

    fn name(&self, _item: usize) -> Name {
        self.name.clone()
    }

    fn load(&self, _item: usize, buffer: &mut Buffer, visit: &mut dyn FnMut(&Blob<'_>)) -> Loaded {
        let mut input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        let streamed = window::read(&mut **input, (&self.name, Origin::Stdin), &self.limits, buffer, visit);
        let gap = match streamed.end {
            End::Complete => None,
            End::Limit => Some(Gap {
                name: self.name.clone(),
                kind: GapKind::Oversize,
                detail: format!("only the first {} bytes were scanned", streamed.bytes),
            }),
            End::Failed(error) => Some(Gap::from_error(self.name.clone(), &error)),
        };
        Loaded { bytes: streamed.bytes, gap }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(input: &'static [u8], size: u64) -> (Vec<u8>, Name, Loaded) {
        let source = Stdin::new(Box::new(input), None, Limits { size, ..Limits::default() });
        let listing = source.list(1).unwrap();
        assert_eq!(listing.len(), 1);
        let mut bytes = Vec::new();
        let loaded =
            listing.load(0, &mut Buffer::default(), &mut |blob: &Blob<'_>| bytes.extend_from_slice(blob.bytes));
        (bytes, listing.name(0), loaded)
    }

    #[test]
    fn a_stream_is_read_to_its_end() {
        let (bytes, name, loaded) = load(b"hello", 100);
        assert_eq!((bytes.as_slice(), name), (&b"hello"[..], Name::new("<stdin>")));
        assert_eq!(loaded, Loaded { bytes: 5, gap: None });
    }

    #[test]
    fn a_stream_beyond_the_limit_is_a_gap() {
        let (bytes, _, loaded) = load(b"hello", 4);
        assert_eq!((bytes.as_slice(), loaded.bytes), (&b"hell"[..], 4));
        assert_eq!(loaded.gap.unwrap().kind, GapKind::Oversize);
    }
}
