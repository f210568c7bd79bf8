//! Decides what a delta says: an object as pieces of another one, its base, and bytes that are new.

use super::error::ReadError;

/// One piece of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Bytes of the base.
    Copy {
        /// Where they begin there.
        from: usize,
        /// How many.
        len: usize,
    },
    /// Bytes that the delta brings along.
    Insert(&'a [u8]),
}

/// A delta whose sizes are known; it is the iterator over its pieces.
#[derive(Clone, Debug)]
pub(super) struct Delta<'a> {
    /// Bytes that the base must have.
    pub(super) base: u64,
    /// Bytes of the result.
    pub(super) result: u64,
    rest: &'a [u8],
}

impl<'a> Delta<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let mut rest = bytes;
        let base = size(&mut rest).ok_or_else(cut)?;
        let result = size(&mut rest).ok_or_else(cut)?;
        Ok(Self { base, result, rest })
    }

    /// The next piece; nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Piece<'a>>, ReadError> {
        let Some((&code, rest)) = self.rest.split_first() else { return Ok(None) };
        if code & 0x80 == 0 {
            if code == 0 {
                return Err(ReadError::damaged("its delta has an instruction that does not exist"));
            }
            let (new, rest) = rest.split_at_checked(usize::from(code)).ok_or_else(cut)?;
            self.rest = rest;
            return Ok(Some(Piece::Insert(new)));
        }
        self.rest = rest;
        let from = self.number(code, 4).ok_or_else(cut)?;
        let len = self.number(code >> 4, 3).ok_or_else(cut)?;
        Ok(Some(Piece::Copy { from, len: if len == 0 { 0x1_0000 } else { len } }))
    }

    /// Reads a number of which only the bytes are there that are not zero, as `bits` say.
    fn number(&mut self, bits: u8, width: u32) -> Option<usize> {
        let mut value = 0;
        for at in (0..width).filter(|at| (bits >> at) & 1 != 0) {
            let (&byte, rest) = self.rest.split_first()?;
            value |= usize::from(byte) << (8 * at);
            self.rest = rest;
        }
        Some(value)
    }

    /// Writes the result, which must fill `out`.
    pub(super) fn apply(mut self, base: &[u8], out: &mut [u8]) -> Result<(), ReadError> {
        if self.base != base.len() as u64 || self.result != out.len() as u64 {
            return Err(ReadError::damaged("its delta belongs to a base of another size"));
        }
        let mut at = 0;
        while let Some(piece) = self.next()? {
            let bytes = match piece {
                Piece::Copy { from, len } => base.get(from..from.saturating_add(len)).ok_or_else(outside)?,
                Piece::Insert(bytes) => bytes,
            };
            out.get_mut(at..at + bytes.len()).ok_or_else(outside)?.copy_from_slice(bytes);
            at += bytes.len();
        }
        if at == out.len() { Ok(()) } else { Err(ReadError::damaged("its delta makes less than it says")) }
    }
}

fn cut() -> ReadError {
    ReadError::damaged("its delta ends too early")
}

fn outside() -> ReadError {
    ReadError::damaged("its delta reaches out of its base or its size")
}

/// Reads a size: seven bits a byte, the lowest first.
fn size(bytes: &mut &[u8]) -> Option<u64> {
    let (mut value, mut shift) = (0, 0);
    loop {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        if shift > 56 {
            return None;
        }
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
}
