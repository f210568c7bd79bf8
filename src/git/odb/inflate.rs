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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zlib_rs::{DeflateConfig, Inflate, InflateFlush, ReturnCode, Status, compress_bound, compress_slice};

    use super::*;

    fn compressed(text: &[u8], level: i32) -> Vec<u8> {
        let mut room = vec![0; compress_bound(text.len())];
        let (stream, code) = compress_slice(&mut room, text, DeflateConfig::new(level));
        assert_eq!(code, ReturnCode::Ok);
        stream.to_vec()
    }

    /// What another library makes of a stream that should have `size` bytes.
    fn reference(stream: &[u8], size: usize) -> Option<Vec<u8>> {
        let mut out = vec![0; size + 1];
        let mut inflate = Inflate::new(true, 15);
        let status = inflate.decompress(stream, &mut out, InflateFlush::Finish).ok()?;
        out.truncate(size);
        (status == Status::StreamEnd && inflate.total_out() == size as u64).then_some(out)
    }

    /// What is made of it here, at once and in pieces.
    fn inflated(inflater: &mut Inflater, stream: &[u8], size: usize, piece: usize) -> Option<Vec<u8>> {
        let mut at_once = vec![0; size];
        let first = inflater.exactly(stream, &mut at_once);
        let (mut in_pieces, mut at) = (vec![0; size], 0);
        let mut more = |buffer: &mut [u8]| {
            let len = piece.min(stream.len() - at).min(buffer.len());
            buffer[..len].copy_from_slice(&stream[at..at + len]);
            at += len;
            Ok(len)
        };
        let second = inflater.exactly_from(&mut more, &mut in_pieces);
        assert_eq!(first.is_ok(), second.is_ok(), "{first:?} {second:?}");
        first.ok().inspect(|()| assert_eq!(at_once, in_pieces)).map(|()| at_once)
    }

    fn text() -> impl Strategy<Value = Vec<u8>> {
        let word = prop_oneof![
            proptest::collection::vec(any::<u8>(), 1..40),
            proptest::collection::vec(b'a'..b'e', 1..300),
            (any::<u8>(), 1..5000_usize).prop_map(|(byte, len)| vec![byte; len]),
        ];
        proptest::collection::vec(word, 0..20).prop_map(|words| words.concat())
    }

    proptest! {
        #[test]
        fn two_libraries_make_the_same_of_a_stream_and_of_one_that_is_damaged(
            text in text(),
            level in 0..10,
            (flip, cut) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
            bits in any::<u8>(),
            (piece, wrong) in (1..2000_usize, 0..3_usize),
        ) {
            let mut inflater = Inflater::new();
            let stream = compressed(&text, level);
            let sound = inflated(&mut inflater, &stream, text.len(), piece);
            prop_assert_eq!(sound.as_ref(), Some(&text));
            let cut = &stream[..cut.index(stream.len())];
            prop_assert_eq!(inflated(&mut inflater, cut, text.len(), piece), reference(cut, text.len()));
            let mut flipped = stream.clone();
            let at = flip.index(stream.len());
            flipped[at] ^= bits;
            prop_assert_eq!(inflated(&mut inflater, &flipped, text.len(), piece), reference(&flipped, text.len()));
            let size = (text.len() + wrong).saturating_sub(1);
            prop_assert_eq!(inflated(&mut inflater, &stream, size, piece), reference(&stream, size));
            // Nothing of what was wrong is left behind.
            let sound = inflated(&mut inflater, &stream, text.len(), piece);
            prop_assert_eq!(sound.as_ref(), Some(&text));
            prop_assert!(is_plausible(text.len() as u64, stream.len() as u64));
        }

        #[test]
        fn two_libraries_make_the_same_of_nonsense(
            rest in proptest::collection::vec(any::<u8>(), 0..200),
            size in 0..300_usize,
        ) {
            let stream = [&[0x78, 0x9c][..], &rest].concat();
            prop_assert_eq!(inflated(&mut Inflater::new(), &stream, size, 7), reference(&stream, size));
        }
    }
}
