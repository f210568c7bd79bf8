//! Decides how compressed bytes are inflated, and that the result has exactly the size that was promised.

use std::fmt;
use std::io;

use sirocco::Format;
use sirocco::inflate::{Decoder, Error};

use super::error::ReadError;

/// The most that one compressed byte can become, rounded up.
const HIGHEST_RATIO: u64 = 1040;

/// Whether `stored` compressed bytes can become `size` bytes.
pub(super) fn is_plausible(size: u64, stored: u64) -> bool {
    size <= stored.saturating_mul(HIGHEST_RATIO)
}

/// The state that is used again and again.
pub(super) struct Inflater {
    decoder: Box<Decoder>,
}

impl fmt::Debug for Inflater {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflater").finish_non_exhaustive()
    }
}

impl Inflater {
    pub(super) fn new() -> Self {
        Self { decoder: Box::new(Decoder::new(Format::Zlib)) }
    }

    /// Inflates the stream that `input` begins with; it must fill `out` and end there.
    pub(super) fn exactly(&mut self, input: &[u8], out: &mut [u8]) -> Result<(), ReadError> {
        let len = out.len();
        match self.decoder.decompress(input, out, true) {
            Ok(progress) if progress.done && progress.output.len() == len => Ok(()),
            Ok(progress) if progress.done => Err(wrong_size()),
            result => {
                let error = result.err();
                self.decoder.reset();
                Err(error.map_or_else(wrong_size, failed))
            }
        }
    }

    /// As [`Inflater::exactly`], with an input that comes in pieces: `more` reads the next one into its buffer.
    pub(super) fn exactly_from(
        &mut self,
        more: &mut dyn FnMut(&mut [u8]) -> io::Result<usize>,
        out: &mut [u8],
    ) -> Result<(), ReadError> {
        self.decoder.reset();
        let result = self.in_pieces(more, out);
        self.decoder.reset();
        result
    }

    fn in_pieces(
        &mut self,
        more: &mut dyn FnMut(&mut [u8]) -> io::Result<usize>,
        out: &mut [u8],
    ) -> Result<(), ReadError> {
        let mut piece = vec![0; 256 << 10];
        let mut filled = 0;
        loop {
            let got = more(&mut piece).map_err(|error| ReadError::Damaged(error.to_string()))?;
            let progress = self.decoder.decompress(&piece[..got], out, got == 0).map_err(failed)?;
            filled += progress.output.len();
            if progress.done {
                break;
            }
            if progress.consumed < got || got == 0 {
                return Err(wrong_size());
            }
        }
        if filled == out.len() { Ok(()) } else { Err(wrong_size()) }
    }

    /// Inflates as much of the stream that `input` begins with as there is room for, and says how much that was.
    pub(super) fn beginning(&mut self, input: &[u8], out: &mut [u8]) -> Result<usize, ReadError> {
        let result = self.decoder.decompress(input, out, false).map(|progress| progress.output.len()).map_err(failed);
        self.decoder.reset();
        result
    }
}

fn wrong_size() -> ReadError {
    ReadError::damaged("its compressed data has another size than it says")
}

fn failed(error: Error) -> ReadError {
    match error {
        Error::BufferFull => wrong_size(),
        Error::Truncated => ReadError::damaged("its compressed data ends too early"),
        Error::ChecksumMismatch => ReadError::damaged("its compressed data does not match its checksum"),
        _ => ReadError::damaged("its compressed data is damaged"),
    }
}
