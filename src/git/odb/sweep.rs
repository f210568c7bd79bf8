//! Decides in which order objects are decoded: family by family, each object from its base while that is at hand, and
//! each once.
//!
//! A thread goes down into a family depth first. It keeps the objects on its way that something is still to be made
//! from, and no others; so a long chain takes no more memory than two of its objects. When another thread has nothing
//! to do, it leaves it half of what is still to be made from the object that is highest up.

use std::io::Read as _;
use std::sync::Arc;

use super::catalog::{Catalog, NONE, Object};
use super::delta::Delta;
use super::error::{ReadError, Unread};
use super::inflate::{Inflater, is_plausible};
use super::link::Stray;
use super::pack::{Header, LONGEST_HEADER, Storage};
use super::pool::{Buffer, Pool};
use super::queue::{Plan, Queue};
use super::window::Window;
use crate::git::id::Kind;

/// An entry that takes more bytes in its pack is read in pieces.
const ONE_READ: u64 = 1 << 20;

/// What came of a sweep.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Bytes of the objects that were handed out.
    pub bytes: u64,
    /// How many objects were handed out.
    pub objects: u64,
    /// Objects that were not handed out, or not to their end, in the order of their numbers.
    pub unread: Vec<Unread>,
}

/// What a thread does with objects.
pub(super) trait Consumer {
    /// What is remembered of an object for those that are differences to it.
    type Trace: Send + Sync;

    /// Takes an object.
    fn take(&mut self, decoded: &Decoded<'_, Self::Trace>) -> Result<Self::Trace, (Self::Trace, ReadError)>;

    /// Takes an object that is stored whole and has no differences to it as a stream, if it is one to be taken so.
    fn stream(&mut self, alone: &Alone<'_>) -> Option<Result<(), ReadError>>;
}

/// An object, as it is handed to a consumer.
pub(super) struct Decoded<'a, T> {
    pub(super) object: Object,
    pub(super) kind: Kind,
    pub(super) bytes: &'a [u8],
    /// How it was made, and what of.
    pub(super) origin: Option<(Delta<'a>, &'a T)>,
    /// Whether there are objects that are differences to it.
    pub(super) heirs: Heirs,
}

/// Whether something is to be made of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heirs {
    Some,
    None,
}

/// An object that is stored whole and that nothing is made of.
pub(super) struct Alone<'a> {
    pub(super) catalog: &'a Catalog<'a>,
    pub(super) object: Object,
    pub(super) kind: Kind,
    pub(super) size: u64,
    /// Where its compressed bytes begin and end, if it is in a pack.
    pub(super) range: (u64, u64),
}

/// What is to be swept.
pub(super) struct Task<'a> {
    pub(super) catalog: &'a Catalog<'a>,
    pub(super) plan: Plan,
    /// Bytes of an object at the most.
    pub(super) most: u64,
    /// Objects that cannot have as many bytes are not offered as streams.
    pub(super) stream: u64,
    pub(super) jobs: usize,
}

/// An object that others are made from, with what the consumer remembers of it.
struct Node<T> {
    buffer: Buffer,
    trace: T,
}

/// Objects that are still to be made from one base: a part of its list of children.
struct Frame<T> {
    base: Arc<Node<T>>,
    next: u32,
    /// The child that no longer belongs to this part.
    end: u32,
}

/// Sweeps with one consumer for each thread.
pub(super) fn sweep<C: Consumer>(task: &Task<'_>, consumer: &(dyn Fn() -> C + Sync)) -> Swept {
    let jobs = task.jobs.max(1);
    let queue = Queue::new(jobs);
    let run = || Worker::new(task, &queue, consumer()).run();
    let mut swept = Swept::default();
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..jobs).map(|_| scope.spawn(run)).collect();
        swept.add(run());
        for other in others {
            match other.join() {
                Ok(part) => swept.add(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    swept.unread.sort_by_key(|unread| unread.object);
    swept
}

impl Swept {
    fn add(&mut self, other: Self) {
        self.bytes += other.bytes;
        self.objects += other.objects;
        self.unread.extend(other.unread);
    }
}

struct Worker<'a, C: Consumer> {
    catalog: &'a Catalog<'a>,
    task: &'a Task<'a>,
    queue: &'a Queue<Frame<C::Trace>>,
    consumer: C,
    stack: Vec<Frame<C::Trace>>,
    tools: Tools,
    swept: Swept,
}

/// What decoding needs, apart from the entry.
struct Tools {
    window: Window,
    inflater: Inflater,
    pool: Pool,
    /// The delta that was read last.
    delta: Buffer,
    most: u64,
}

/// A thread that ends before its time is not waited for.
struct Leaving<'a, T>(&'a Queue<T>);

impl<T> Drop for Leaving<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.leave();
        }
    }
}

impl<'a, C: Consumer> Worker<'a, C> {
    fn new(task: &'a Task<'a>, queue: &'a Queue<Frame<C::Trace>>, consumer: C) -> Self {
        let tools = Tools {
            window: Window::default(),
            inflater: Inflater::new(),
            pool: Pool::default(),
            delta: Buffer::default(),
            most: task.most,
        };
        let (stack, swept) = (Vec::new(), Swept::default());
        Self { catalog: task.catalog, task, queue, consumer, stack, tools, swept }
    }

    fn run(mut self) -> Swept {
        let leaving = Leaving(self.queue);
        while let Some(batch) = self.task.plan.next() {
            for &root in batch {
                self.root(root);
                self.descend();
            }
        }
        while let Some(frame) = self.queue.take() {
            self.stack.push(frame);
            self.descend();
        }
        drop(leaving);
        self.swept
    }

    /// Hands out the root of a family.
    fn root(&mut self, number: u32) {
        let object = Object(number);
        let Some(kind) = self.catalog.kind(object) else { return };
        let child = self.catalog.slots[object.index()].child;
        if child == NONE
            && is_plausible(self.task.stream, u64::from(self.catalog.slots[object.index()].stored))
            && let Some(alone) = self.tools.alone(self.catalog, object, kind)
            && let Some(result) = self.consumer.stream(&alone)
        {
            match result {
                Ok(()) => self.count(alone.size),
                Err(why) => self.unread(object, why),
            }
            return;
        }
        let decoded = self.tools.whole(self.catalog, object);
        self.hand_out((object, kind), decoded, None);
    }

    /// Makes everything that is still to be made from the objects on the stack.
    fn descend(&mut self) {
        while let Some(frame) = self.stack.last_mut() {
            let number = frame.next;
            let Some(slot) = self.catalog.slots.get(number as usize).filter(|_| number != frame.end) else {
                self.stack.pop();
                continue;
            };
            frame.next = slot.sibling;
            let base = if slot.sibling == frame.end {
                // Nothing else is made from the base, so it need not be kept while this goes deeper.
                self.stack.pop().map(|frame| frame.base)
            } else {
                Some(Arc::clone(&frame.base))
            };
            let Some(base) = base else { continue };
            let object = Object(number);
            let Some(kind) = self.catalog.kind(object) else { continue };
            let decoded = self.tools.difference(self.catalog, object, base.buffer.bytes());
            self.hand_out((object, kind), decoded, Some(&base));
            self.tools.release(base);
            if self.queue.is_hungry() {
                self.share();
            }
        }
    }

    /// Hands out an object, and puts it on the stack if others are made from it.
    fn hand_out(
        &mut self,
        (object, kind): (Object, Kind),
        decoded: Result<Buffer, ReadError>,
        base: Option<&Node<C::Trace>>,
    ) {
        let child = self.catalog.slots[object.index()].child;
        let (buffer, base) = match decoded {
            Ok(buffer) => (buffer, base),
            Err(why) => match self.catalog.read_twin(object, self.tools.most) {
                Some(content) if content.kind == kind => (Buffer::from(content.bytes), None),
                _ => return self.lose(object, why),
            },
        };
        let origin = base.and_then(|base| Some((Delta::new(self.tools.delta.bytes()).ok()?, &base.trace)));
        let heirs = if child == NONE { Heirs::None } else { Heirs::Some };
        let taken = self.consumer.take(&Decoded { object, kind, bytes: buffer.bytes(), origin, heirs });
        let trace = match taken {
            Ok(trace) => {
                self.count(buffer.bytes().len() as u64);
                trace
            }
            Err((trace, why)) => {
                self.unread(object, why);
                trace
            }
        };
        if child == NONE {
            self.tools.pool.give(buffer);
        } else {
            self.stack.push(Frame { base: Arc::new(Node { buffer, trace }), next: child, end: NONE });
        }
    }

    fn count(&mut self, size: u64) {
        self.swept.bytes += size;
        self.swept.objects += 1;
    }

    fn unread(&mut self, object: Object, why: ReadError) {
        let unread = Unread { object, id: self.catalog.id(object), kind: self.catalog.kind(object), why };
        self.swept.unread.push(unread);
    }

    /// Gives up an object. What would be made from it is read on its own if there is another copy, else given up, too.
    fn lose(&mut self, object: Object, why: ReadError) {
        let detail = match &why {
            ReadError::Oversize(size) => ReadError::Oversize(*size),
            _ => {
                ReadError::Damaged(format!("{}, which it is a difference to, cannot be read", self.catalog.id(object)))
            }
        };
        self.unread(object, why);
        let mut waiting = vec![self.catalog.slots[object.index()].child];
        while let Some(number) = waiting.pop() {
            let Some(slot) = self.catalog.slots.get(number as usize) else { continue };
            waiting.push(slot.sibling);
            let heir = Object(number);
            let kind = self.catalog.kind(heir);
            let twin = self.catalog.read_twin(heir, self.tools.most).filter(|content| Some(content.kind) == kind);
            if let Some(content) = twin {
                self.hand_out((heir, content.kind), Ok(Buffer::from(content.bytes)), None);
            } else {
                self.unread(heir, detail.clone());
                waiting.push(slot.child);
            }
        }
    }

    /// Leaves another thread a part of what is to be made from the highest object on the stack.
    fn share(&mut self) {
        let Some(frame) = self.stack.iter_mut().find(|frame| frame.next != frame.end) else { return };
        let slots = &self.catalog.slots;
        let sibling = |number: u32| slots.get(number as usize).map_or(NONE, |slot| slot.sibling);
        let (mut middle, mut fast) = (frame.next, frame.next);
        while fast != frame.end && sibling(fast) != frame.end {
            middle = sibling(middle);
            fast = sibling(sibling(fast));
        }
        self.queue.put(Frame { base: Arc::clone(&frame.base), next: middle, end: frame.end });
        frame.end = middle;
    }
}

impl Tools {
    fn release<T>(&mut self, node: Arc<Node<T>>) {
        if let Some(node) = Arc::into_inner(node) {
            self.pool.give(node.buffer);
        }
    }

    /// Reads the header of a whole entry for one that may become a stream.
    fn alone<'a>(&mut self, catalog: &'a Catalog<'a>, object: Object, kind: Kind) -> Option<Alone<'a>> {
        let slot = &catalog.slots[object.index()];
        let Some(pack) = catalog.packs.get(slot.location.pack()) else {
            let size = catalog.open_loose(slot.location, &mut self.inflater).ok()?.header.size;
            return Some(Alone { catalog, object, kind, size, range: (0, 0) });
        };
        let header = pack.header_at(slot.location.offset()).ok()?;
        let start = slot.location.offset() + header.len as u64;
        Some(Alone { catalog, object, kind, size: header.size, range: (start, catalog.end_of(object)) })
    }

    /// Decodes an object that is stored whole.
    fn whole(&mut self, catalog: &Catalog<'_>, object: Object) -> Result<Buffer, ReadError> {
        let location = catalog.slots[object.index()].location;
        if location.pack() == catalog.packs.len() {
            let content = catalog.open_loose(location, &mut self.inflater)?.read(self.most, &mut self.inflater)?;
            return Ok(Buffer::from(content.bytes));
        }
        let mut buffer = self.pool.take(0);
        if let Storage::Whole(_) = self.inflate(catalog, object, &mut buffer)? {
            Ok(buffer)
        } else {
            Err(ReadError::damaged("it was whole and is a difference now"))
        }
    }

    /// Makes an object that is stored as a difference.
    fn difference(&mut self, catalog: &Catalog<'_>, object: Object, base: &[u8]) -> Result<Buffer, ReadError> {
        let mut delta = std::mem::take(&mut self.delta);
        let storage = self.inflate(catalog, object, &mut delta);
        self.delta = delta;
        if let Storage::Whole(_) = storage? {
            return Err(ReadError::damaged("it was a difference and is whole now"));
        }
        let delta = Delta::new(self.delta.bytes())?;
        if delta.result > self.most {
            return Err(ReadError::Oversize(delta.result));
        }
        let len = usize::try_from(delta.result).map_err(|_| ReadError::Oversize(delta.result))?;
        let mut buffer = self.pool.take(len);
        match delta.apply(base, buffer.bytes_mut()) {
            Ok(()) => Ok(buffer),
            Err(error) => {
                self.pool.give(buffer);
                Err(error)
            }
        }
    }

    /// Inflates an entry of a pack.
    fn inflate(&mut self, catalog: &Catalog<'_>, object: Object, out: &mut Buffer) -> Result<Storage, ReadError> {
        let location = catalog.slots[object.index()].location;
        let refused = |error: std::io::Error| ReadError::Damaged(error.to_string());
        let pack = catalog.packs.get(location.pack()).ok_or(ReadError::Missing)?;
        let (offset, end) = (location.offset(), catalog.end_of(object));
        let stored = end.saturating_sub(offset);
        let at_once = usize::try_from(stored.min(ONE_READ)).unwrap_or_default();
        let first = if stored > ONE_READ { LONGEST_HEADER } else { at_once };
        let bytes = self.window.read((pack, location.pack()), offset, first).map_err(refused)?;
        let id_len = catalog.store.format().id_len();
        let header = Header::parse(bytes, id_len).ok_or_else(|| ReadError::damaged("its header is damaged"))?;
        if header.size > self.most {
            return Err(ReadError::Oversize(header.size));
        }
        if !is_plausible(header.size, stored) {
            return Err(ReadError::damaged("its compressed data has another size than it says"));
        }
        out.set_len(usize::try_from(header.size).map_err(|_| ReadError::Oversize(header.size))?);
        let mut check = crc32fast::Hasher::new();
        if stored <= ONE_READ {
            check.update(bytes);
            self.inflater.exactly(&bytes[header.len..], out.bytes_mut())?;
        } else {
            check.update(&bytes[..header.len]);
            let mut pieces = pack.pieces(offset + header.len as u64, end);
            let mut more = |piece: &mut [u8]| {
                let got = pieces.read(piece)?;
                check.update(&piece[..got]);
                Ok(got)
            };
            self.inflater.exactly_from(&mut more, out.bytes_mut())?;
        }
        // What was inflated is sound by its own checksum; this one is for the header, which names kind and base.
        let expected = catalog.slots[object.index()].check;
        if check.finalize() != expected && pack.index().is_ok_and(super::idx::Index::has_checks) {
            return Err(ReadError::damaged("it does not match its checksum in the index"));
        }
        Ok(header.storage)
    }
}

impl Catalog<'_> {
    /// Where the entry of an object ends.
    fn end_of(&self, object: Object) -> u64 {
        let slot = &self.slots[object.index()];
        if slot.stored == u32::MAX {
            let index = self.packs.get(slot.location.pack()).and_then(|pack| pack.index().ok());
            return index.map_or(0, super::idx::Index::end);
        }
        slot.location.offset() + u64::from(slot.stored)
    }

    /// Objects that cannot be decoded from where they lie, and why.
    pub(super) fn unread_strays(&self) -> impl Iterator<Item = (Object, ReadError)> {
        self.strays.iter().map(|&(number, stray)| {
            let detail = match stray {
                Stray::Header => return (Object(number), self.header_error(number)),
                Stray::BaseMissing => "what it is a difference to is missing",
                Stray::BaseUnread => "what it is a difference to cannot be read",
            };
            (Object(number), ReadError::damaged(detail))
        })
    }

    /// Why what stands before an object cannot be read: a loose one may be kept from being opened at all.
    fn header_error(&self, number: u32) -> ReadError {
        let location = self.slots[number as usize].location;
        let is_loose = location.pack() == self.packs.len();
        let opened = is_loose.then(|| self.open_loose(location, &mut Inflater::new()).err()).flatten();
        opened.unwrap_or_else(|| ReadError::damaged("its header is damaged"))
    }
}
