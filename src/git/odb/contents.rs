//! Decides how blobs, commits and tags are handed out: whole, or as a stream if they are large and lie alone.

use std::fmt;
use std::io::{self, BufReader, Read};

use sirocco::Format;
use sirocco::inflate::Reader;

use super::catalog::{Catalog, NONE, Object};
use super::error::{ReadError, Unread};
use super::link::Family;
use super::queue::Plan;
use super::sweep::{Alone, Consumer, Decoded, Swept, Task, sweep};
use crate::git::id::Kind;

/// How large objects are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one object at the most. A larger one is unread, and so is what is a difference to it.
    pub most: u64,
    /// From this size on, a blob that is not stored as a difference, nor the base of one, is handed out as a stream.
    pub stream: u64,
}

/// Sees the contents of a store, on one thread.
pub trait Visitor {
    /// Sees a blob, a commit or a tag.
    fn visit(&mut self, object: Object, kind: Kind, body: Body<'_>);
}

/// Makes a visitor for each thread.
pub type Visitors<'v> = dyn Fn() -> Box<dyn Visitor + 'v> + Sync + 'v;

/// The content of an object.
pub enum Body<'a> {
    /// All of it.
    Whole(&'a [u8]),
    /// A blob that is too large to be held. It need not be read to its end.
    Stream {
        /// Its content. An error in it is noted by the sweep, too.
        input: &'a mut dyn Read,
        /// How many bytes that should be.
        size: u64,
    },
}

impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => f.debug_struct("Whole").field("len", &bytes.len()).finish(),
            Self::Stream { size, .. } => f.debug_struct("Stream").field("size", size).finish_non_exhaustive(),
        }
    }
}

impl Catalog<'_> {
    /// Hands out all blobs, commits and tags, each once, on `jobs` threads of which the calling one is the first. Each
    /// thread has a visitor of its own, which is dropped when there is nothing left to do for it.
    ///
    /// What is so damaged that its kind cannot be told is unread here, and not in [`Catalog::trees`].
    pub fn contents(&self, jobs: usize, limits: Limits, visitor: &Visitors<'_>) -> Swept {
        let mut swept = self.sweep_contents(&[Kind::Blob, Kind::Commit, Kind::Tag], (jobs, limits), visitor);
        let mut last = None;
        for (object, why) in self.unread_strays() {
            match self.read_twin(object, limits.most) {
                Some(content) if content.kind == Kind::Tree => {}
                Some(content) => {
                    last.get_or_insert_with(visitor).visit(object, content.kind, Body::Whole(&content.bytes));
                    swept.objects += 1;
                    swept.bytes += content.bytes.len() as u64;
                }
                None => swept.unread.push(Unread { object, id: self.id(object), kind: None, why }),
            }
        }
        swept.unread.sort_by_key(|unread| unread.object);
        swept
    }

    /// Hands out all blobs of which it can be told that they are blobs.
    pub fn blobs(&self, jobs: usize, limits: Limits, visitor: &Visitors<'_>) -> Swept {
        self.sweep_contents(&[Kind::Blob], (jobs, limits), visitor)
    }

    fn sweep_contents(&self, kinds: &[Kind], (jobs, limits): (usize, Limits), visitor: &Visitors<'_>) -> Swept {
        let is_wanted = |family: &&Family| {
            let kind = self.kinds[family.root as usize];
            kind.is_some_and(|kind| kinds.contains(&kind)) && !(kind == Some(Kind::Blob) && self.is_passed(family.root))
        };
        let families = self.families.iter().filter(is_wanted);
        let Limits { most, stream } = limits;
        let task = Task { catalog: self, plan: Plan::new(families.copied()), most, stream, jobs };
        sweep(&task, &|| Contents { visitor: visitor(), stream, most })
    }
}

impl Catalog<'_> {
    /// Does without these blobs in [`Catalog::contents`]. One is handed out all the same if another one of which that is
    /// not said is made from the same base.
    pub fn pass_over(&mut self, blobs: impl IntoIterator<Item = Object>) {
        self.passed.clear();
        self.passed.resize(self.len(), false);
        for blob in blobs {
            self.passed[blob.index()] = true;
        }
    }

    /// Whether nothing of a family is to be handed out.
    fn is_passed(&self, root: u32) -> bool {
        if self.passed.is_empty() {
            return false;
        }
        let mut stack = vec![root];
        while let Some(number) = stack.pop() {
            if !self.passed[number as usize] {
                return false;
            }
            let mut child = self.slots[number as usize].child;
            while child != NONE {
                stack.push(child);
                child = self.slots[child as usize].sibling;
            }
        }
        true
    }
}

struct Contents<'v> {
    visitor: Box<dyn Visitor + 'v>,
    stream: u64,
    most: u64,
}

impl Consumer for Contents<'_> {
    type Trace = ();

    fn take(&mut self, decoded: &Decoded<'_, ()>) -> Result<(), ((), ReadError)> {
        self.visitor.visit(decoded.object, decoded.kind, Body::Whole(decoded.bytes));
        Ok(())
    }

    fn stream(&mut self, alone: &Alone<'_>) -> Option<Result<(), ReadError>> {
        if alone.kind != Kind::Blob || alone.size < self.stream || alone.size > self.most {
            return None;
        }
        let mut input = match alone.open() {
            Ok(input) => Watched { input, left: alone.size, error: None },
            Err(error) => return Some(Err(error)),
        };
        self.visitor.visit(alone.object, alone.kind, Body::Stream { input: &mut input, size: alone.size });
        Some(input.error.map_or(Ok(()), |error| Err(ReadError::Damaged(error))))
    }
}

impl<'a> Alone<'a> {
    /// The content as a stream.
    fn open(&self) -> Result<Box<dyn Read + 'a>, ReadError> {
        let location = self.catalog.slots[self.object.index()].location;
        let Some(pack) = self.catalog.packs.get(location.pack()) else {
            let mut inflater = super::inflate::Inflater::new();
            return Ok(Box::new(self.catalog.open_loose(location, &mut inflater)?.stream()?));
        };
        let input = BufReader::with_capacity(64 << 10, pack.pieces(self.range.0, self.range.1));
        Ok(Box::new(Reader::new(Format::Zlib, input)))
    }
}

/// A stream of which it is known how long it is and whether it failed.
struct Watched<'a> {
    input: Box<dyn Read + 'a>,
    left: u64,
    error: Option<String>,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let result = match self.input.read(buffer) {
            Ok(0) if self.left > 0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is shorter than it says")),
            Ok(got) if got as u64 > self.left => Err(io::Error::other("it is longer than it says")),
            result => result,
        };
        match &result {
            Ok(got) => self.left -= *got as u64,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => self.error = Some(error.to_string()),
        }
        result
    }
}
