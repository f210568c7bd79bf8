//! Decides how a stream is cut into blobs: whole if it is small, else as windows that overlap.
//!
//! A window owns a part of the stream; before and after that part it shows some of the neighbouring text, so that a
//! finding which begins in the part is seen whole and with what stands before it. The owned parts of all windows
//! follow each other without gap or overlap.

use std::fmt;
use std::io::{self, Read};

use crate::blob::{Blob, Frame, Name, Origin};

/// How much is read, and in which pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one file or stream after which reading stops.
    pub size: u64,
    /// Bytes that a window owns. Even, so that text of two bytes a character stays aligned.
    pub window: usize,
    /// Bytes that a window shows before and after what it owns.
    pub overlap: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { size: 100_000_000, window: 8 << 20, overlap: 64 << 10 }
    }
}

impl Limits {
    /// Bytes of the longest blob.
    fn room(&self) -> usize {
        self.window.max(1) + 2 * self.overlap
    }
}

/// The memory that a thread reads into, again and again. Only as much of it is ever touched as the largest item needs.
#[derive(Default)]
pub struct Buffer {
    bytes: Vec<u8>,
    /// The path that is being opened.
    pub(super) path: std::path::PathBuf,
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer").field("len", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl Buffer {
    fn bytes(&mut self, len: usize) -> &mut [u8] {
        if self.bytes.len() < len {
            // A new allocation of zeros is not touched, unlike one that grows.
            self.bytes = vec![0; len];
        }
        &mut self.bytes[..len]
    }
}

/// What became of reading a stream.
#[derive(Debug)]
pub(super) struct Streamed {
    /// Bytes that were handed out, each counted once.
    pub(super) bytes: u64,
    /// How it ended.
    pub(super) end: End,
}

/// How reading a stream ended.
#[derive(Debug)]
pub(super) enum End {
    /// At the end of the stream.
    Complete,
    /// At the limit; there is more.
    Limit,
    /// With an error; what was read before it was handed out.
    Failed(io::Error),
}

/// Reads `input` to its end or to the limit, and hands out what was read as blobs called `name`.
pub(super) fn read(
    input: &mut dyn Read,
    (name, origin): (&Name, Origin),
    limits: &Limits,
    buffer: &mut Buffer,
    visit: &mut dyn FnMut(&Blob<'_>),
) -> Streamed {
    let room = limits.room();
    let bytes = buffer.bytes(room);
    let mut frame = Frame::whole(0);
    let mut kept = 0;
    loop {
        let left = limits.size.saturating_sub(frame.offset + kept as u64);
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(room - kept);
        let (got, error) = fill(input, &mut bytes[kept..kept + wanted]);
        let len = kept + got;
        let last = len < room;
        frame.owned =
            if frame.offset == 0 { 0 } else { limits.overlap }..if last { len } else { room - limits.overlap };
        visit(&Blob { name, origin, bytes: &bytes[..len], frame: frame.clone() });
        if last {
            let end = match error {
                Some(error) => End::Failed(error),
                None if got == wanted => probe(input),
                None => End::Complete,
            };
            return Streamed { bytes: frame.offset + len as u64, end };
        }
        frame = next(&frame, &bytes[..room - 2 * limits.overlap]);
        bytes.copy_within(room - 2 * limits.overlap.., 0);
        kept = 2 * limits.overlap;
    }
}

/// The frame of the window that comes after `passed`.
fn next(frame: &Frame, passed: &[u8]) -> Frame {
    let feeds = memchr::memchr_iter(b'\n', passed).count() as u64;
    let column = match memchr::memrchr(b'\n', passed) {
        Some(feed) => (passed.len() - feed - 1) as u64,
        None => frame.column + passed.len() as u64,
    };
    Frame { offset: frame.offset + passed.len() as u64, lines: frame.lines + feeds, column, owned: 0..0 }
}

/// Reads until `bytes` is full, the stream ends, or an error occurs; says how much was read.
fn fill(input: &mut dyn Read, bytes: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut got = 0;
    while got < bytes.len() {
        match input.read(&mut bytes[got..]) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (got, Some(error)),
        }
    }
    (got, None)
}

/// Whether a stream that was read up to the limit has more.
fn probe(input: &mut dyn Read) -> End {
    match fill(input, &mut [0]) {
        (0, None) => End::Complete,
        (_, None) => End::Limit,
        (_, Some(error)) => End::Failed(error),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::blob::{Lines, Position};

    /// A reader that hands out `step` bytes at a time.
    struct Drip<'a> {
        bytes: &'a [u8],
        step: usize,
    }

    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let len = self.step.min(into.len()).min(self.bytes.len());
            into[..len].copy_from_slice(&self.bytes[..len]);
            self.bytes = &self.bytes[len..];
            Ok(len)
        }
    }

    const MARKER: &[u8] = b"<mark>";

    fn places_in(blob: &Blob<'_>) -> Vec<(u64, Position)> {
        let mut lines = Lines::new(blob.bytes, &blob.frame);
        let found: Vec<usize> = memchr::memmem::find_iter(blob.bytes, MARKER).collect();
        let owned = found.into_iter().filter(|at| blob.frame.owned.contains(at));
        owned.map(|at| (blob.frame.offset + at as u64, lines.position(at))).collect()
    }

    fn places_by_windows(input: &mut dyn Read, limits: &Limits) -> (Vec<(u64, Position)>, Streamed) {
        let (mut places, mut owned) = (Vec::new(), 0);
        let streamed =
            read(input, (&Name::new("x"), Origin::Stdin), limits, &mut Buffer::default(), &mut |blob: &Blob<'_>| {
                assert_eq!(blob.frame.offset + blob.frame.owned.start as u64, owned, "owned parts follow each other");
                owned = blob.frame.offset + blob.frame.owned.end as u64;
                places.extend(places_in(blob));
            });
        assert_eq!(owned, streamed.bytes, "owned parts cover everything");
        (places, streamed)
    }

    fn text() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(MARKER.to_vec()),
            Just(b"\n".to_vec()),
            proptest::collection::vec(prop_oneof![Just(b'a'), Just(b'<'), Just(b'\n'), Just(0u8)], 0..20),
        ];
        proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn windows_show_each_marker_once_and_at_its_place(text in text(), window in 1usize..40, more in 0usize..20, step in 1usize..50) {
            let limits = Limits { size: u64::MAX, window, overlap: MARKER.len() + more };
            let whole = places_in(&Blob::whole(&Name::new("x"), Origin::Stdin, &text));
            let (places, streamed) = places_by_windows(&mut Drip { bytes: &text, step }, &limits);
            prop_assert_eq!(places, whole);
            prop_assert_eq!(streamed.bytes, text.len() as u64);
            prop_assert!(matches!(streamed.end, End::Complete));
        }

        #[test]
        fn a_limit_cuts_exactly(text in text(), window in 1usize..40, size in 0u64..400, step in 1usize..50) {
            let limits = Limits { size, window, overlap: MARKER.len() };
            let cut = text.len().min(usize::try_from(size).unwrap());
            let whole = places_in(&Blob::whole(&Name::new("x"), Origin::Stdin, &text[..cut]));
            let (places, streamed) = places_by_windows(&mut Drip { bytes: &text, step }, &limits);
            prop_assert_eq!(places, whole);
            prop_assert_eq!(streamed.bytes, cut as u64);
            prop_assert_eq!(matches!(streamed.end, End::Limit), text.len() > cut);
        }
    }

    #[test]
    fn what_was_read_before_an_error_is_handed_out() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("broken"))
            }
        }
        let limits = Limits { size: 100, window: 4, overlap: 6 };
        let (places, streamed) = places_by_windows(&mut b"0123456789 <mark>".chain(Broken), &limits);
        assert_eq!(places.len(), 1);
        assert_eq!(streamed.bytes, 17);
        assert!(matches!(streamed.end, End::Failed(_)));
    }
}
