//! Decides which thread does what: families from a common list, and when that is empty, parts of families that another
//! thread is at.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::link::Family;

/// Families that are smaller than this, in units of 256 bytes, are handed out in batches of this size.
const BATCH: u32 = 512;

/// Roots of families in the order in which they are handed out.
#[derive(Debug, Default)]
pub(super) struct Plan {
    roots: Vec<u32>,
    /// Where each batch ends.
    ends: Vec<usize>,
    next: AtomicUsize,
}

impl Plan {
    /// The largest families come first, each alone, so that none is left to the end; then the others in the order in
    /// which they lie on disk.
    pub(super) fn new(families: impl Iterator<Item = Family>) -> Self {
        let mut plan = Self::default();
        let mut large = Vec::new();
        let (mut small, mut weight) = (Vec::new(), 0);
        let mut sizes = Vec::new();
        for family in families {
            if family.weight >= BATCH {
                large.push(family);
                continue;
            }
            small.push(family.root);
            weight += family.weight + 1;
            if weight >= BATCH {
                sizes.push(small.len());
                weight = 0;
            }
        }
        sizes.push(small.len());
        large.sort_by_key(|family| std::cmp::Reverse(family.weight));
        plan.roots.extend(large.iter().map(|family| family.root));
        plan.ends.extend(1..=large.len());
        plan.ends.extend(sizes.iter().map(|size| size + large.len()));
        plan.roots.append(&mut small);
        plan
    }

    /// The next batch.
    pub(super) fn next(&self) -> Option<&[u32]> {
        let at = self.next.fetch_add(1, Ordering::Relaxed);
        let end = *self.ends.get(at)?;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        Some(&self.roots[start..end])
    }
}

/// Tasks that one thread leaves for another.
#[derive(Debug)]
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    /// How many threads wait and find nothing.
    hungry: AtomicUsize,
}

#[derive(Debug)]
struct State<T> {
    tasks: Vec<T>,
    waiting: usize,
    threads: usize,
}

impl<T> Queue<T> {
    pub(super) fn new(threads: usize) -> Self {
        let state = Mutex::new(State { tasks: Vec::new(), waiting: 0, threads });
        Self { state, changed: Condvar::new(), hungry: AtomicUsize::new(0) }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a thread waits for work.
    pub(super) fn is_hungry(&self) -> bool {
        self.hungry.load(Ordering::Relaxed) > 0
    }

    /// Leaves a task for another thread.
    pub(super) fn put(&self, task: T) {
        let mut state = self.state();
        state.tasks.push(task);
        self.feed(&state);
        drop(state);
        self.changed.notify_one();
    }

    /// The next task, as soon as there is one; nothing when all threads wait, for there will be no more.
    pub(super) fn take(&self) -> Option<T> {
        let mut state = self.state();
        state.waiting += 1;
        loop {
            if let Some(task) = state.tasks.pop() {
                state.waiting -= 1;
                self.feed(&state);
                return Some(task);
            }
            if state.waiting >= state.threads {
                drop(state);
                self.changed.notify_all();
                return None;
            }
            self.feed(&state);
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A thread that will not come back is not waited for.
    pub(super) fn leave(&self) {
        self.state().threads -= 1;
        self.changed.notify_all();
    }

    fn feed(&self, state: &State<T>) {
        self.hungry.store(state.waiting.saturating_sub(state.tasks.len()), Ordering::Relaxed);
    }
}
