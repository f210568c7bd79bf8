//! Decides how much of a pack is read at once, and what of it is kept. Entries that are wanted after each other mostly lie
//! near each other, but not in order: a difference may stand before its base. So packs are read in blocks, and those that
//! were read last are kept.

use std::io;

use super::pack::Pack;

/// Bytes of a block.
const BLOCK: usize = 4 << 10;

/// How many blocks are kept: 4 MiB for each thread. More of them are slower, since they leave the processor's cache.
const KEPT: usize = 1 << 10;

/// What takes more blocks than this is read by itself, and not kept.
const JOINED: usize = 4;

/// A block that was read: the number of its pack, and its own number there.
type Key = (usize, u64);

/// Some blocks of packs.
#[derive(Debug, Default)]
pub(super) struct Window {
    blocks: Vec<Block>,
    /// What lies in several blocks.
    joined: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
struct Block {
    key: Option<Key>,
    bytes: Vec<u8>,
}

impl Window {
    /// The `len` bytes at `offset` of `pack`, which is that with the number `number`.
    pub(super) fn read(&mut self, (pack, number): (&Pack, usize), offset: u64, len: usize) -> io::Result<&[u8]> {
        let (first, start) = split(offset);
        if start + len <= BLOCK {
            return self.block((pack, number), first)?.get(start..start + len).ok_or_else(too_short);
        }
        let mut joined = std::mem::take(&mut self.joined);
        joined.clear();
        if len > BLOCK * JOINED {
            joined.resize(len, 0);
            pack.data.read_exact_at(&mut joined, offset)?;
        }
        while joined.len() < len {
            let (number_there, start) = split(offset + joined.len() as u64);
            let block = self.block((pack, number), number_there)?;
            let part = block.get(start..).filter(|part| !part.is_empty()).ok_or_else(too_short)?;
            joined.extend_from_slice(&part[..part.len().min(len - joined.len())]);
        }
        self.joined = joined;
        Ok(&self.joined)
    }

    /// A block of a pack; it is shorter than others if the pack ends in it.
    fn block(&mut self, (pack, number): (&Pack, usize), at: u64) -> io::Result<&[u8]> {
        if self.blocks.is_empty() {
            self.blocks = vec![Block::default(); KEPT];
        }
        // Neighbours have different places, so that a stretch of a pack can be kept as a whole.
        let place = usize::try_from(at % KEPT as u64).unwrap_or_default();
        let block = &mut self.blocks[place];
        if block.key != Some((number, at)) {
            block.key = None;
            block.bytes.resize(BLOCK, 0);
            let got = pack.data.read_at(&mut block.bytes, at * BLOCK as u64)?;
            block.bytes.truncate(got);
            block.key = Some((number, at));
        }
        Ok(&block.bytes)
    }
}

/// The number of the block in which an offset is, and where there.
fn split(offset: u64) -> (u64, usize) {
    (offset / BLOCK as u64, usize::try_from(offset % BLOCK as u64).unwrap_or_default())
}

fn too_short() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the pack ends too early")
}
