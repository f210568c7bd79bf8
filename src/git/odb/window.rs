//! Decides how much of a pack is read at once. Entries that are wanted after each other mostly lie near each other, so
//! what is read is a window that is wider than the entry, as long as that pays.

use std::io;

use super::pack::Pack;

/// The widest window.
const WIDEST: usize = 256 << 10;

/// The narrowest window that is worth a try.
const NARROWEST: usize = 4 << 10;

/// A part of a pack.
#[derive(Debug, Default)]
pub(super) struct Window {
    bytes: Vec<u8>,
    pack: usize,
    start: u64,
    len: usize,
    /// How wide the next window is to be.
    width: usize,
    /// How much of this one was asked for.
    used: usize,
}

impl Window {
    /// The `len` bytes at `offset` of `pack`, which is that with the number `number`.
    pub(super) fn read(&mut self, (pack, number): (&Pack, usize), offset: u64, len: usize) -> io::Result<&[u8]> {
        let at = offset.checked_sub(self.start).and_then(|at| usize::try_from(at).ok());
        let inside = at.filter(|at| number == self.pack && at.checked_add(len).is_some_and(|end| end <= self.len));
        let at = match inside {
            Some(at) => at,
            None => self.fill((pack, number), offset, len)?,
        };
        self.used += len;
        Ok(&self.bytes[at..at + len])
    }

    fn fill(&mut self, (pack, number): (&Pack, usize), offset: u64, len: usize) -> io::Result<usize> {
        let paid = self.used * 3 >= self.len;
        self.width = if paid { self.width * 2 } else { self.width / 2 }.clamp(NARROWEST, WIDEST);
        let wanted = len.max(self.width);
        if self.bytes.len() < wanted {
            self.bytes = vec![0; wanted];
        }
        (self.len, self.used) = (0, 0);
        let got = pack.data.read_at(&mut self.bytes[..wanted], offset)?;
        if got < len {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the pack ends too early"));
        }
        (self.pack, self.start, self.len) = (number, offset, got);
        Ok(0)
    }
}
