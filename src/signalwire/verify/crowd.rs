//! Decides in which order questions are asked, and how many at the same time: first whether the hosts are Spaces, then the
//! rest.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use super::{Answer, Ask, Life, Question, Space, ask_at_space, preflight};

/// So many threads ask, at most; nearly all of their time is waiting.
const THREADS: usize = 8;

/// How long `done` is not called, at most.
const BEAT: Duration = Duration::from_millis(200);

/// Asks all questions, several at a time, and calls `done` in the calling thread with the number of those that have their
/// answer since: at each one, and five times a second besides. The answers are in the order of the questions. No credential goes to a host that does not refuse a request without one, as a Space does.
pub fn examine_all(ask: &dyn Ask, questions: &[Question], done: &mut dyn FnMut(u64)) -> Vec<Answer> {
    let spaces: BTreeMap<&str, &Space> =
        questions.iter().map(Question::space).map(|space| (space.host(), space)).collect();
    let spaces: Vec<&Space> = spaces.into_values().collect();
    let found = at_once(&spaces, &|space| preflight::is_space(ask, space), &mut |_| done(0));
    let found: BTreeMap<&str, Option<Result<(), String>>> =
        spaces.iter().map(|space| space.host()).zip(found).collect();
    let answer = |question: &Question| match found.get(question.space().host()) {
        Some(Some(Ok(()))) => Some(ask_at_space(ask, question)),
        Some(Some(Err(reason))) => Some(question.unasked(reason)),
        _ => None,
    };
    let unasked = || Answer::new(Life::Unknown, "the question was not asked to its end, by an error of barewire");
    let answers = at_once(questions, &answer, done);
    answers.into_iter().map(|answer| answer.flatten().unwrap_or_else(unasked)).collect()
}

/// What `work` makes of each item, in their order; nothing of one at which it panicked.
fn at_once<T: Sync, R: Send>(
    items: &[T],
    work: &(dyn Fn(&T) -> R + Sync),
    done: &mut dyn FnMut(u64),
) -> Vec<Option<R>> {
    let next = AtomicUsize::new(0);
    let mut results: Vec<Option<R>> = items.iter().map(|_| None).collect();
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..THREADS.min(items.len()) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || take_turns((next, items), work, &sender));
        }
        drop(sender);
        loop {
            match receiver.recv_timeout(BEAT) {
                Ok((number, result)) => {
                    results[number] = result;
                    done(1);
                }
                Err(RecvTimeoutError::Timeout) => done(0),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    });
    results
}

/// Works until no item is left. A panic costs one result alone.
fn take_turns<T, R>(
    (next, items): (&AtomicUsize, &[T]),
    work: &(dyn Fn(&T) -> R + Sync),
    sender: &Sender<(usize, Option<R>)>,
) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Some(item) = items.get(number) else { return };
        let result = catch_unwind(AssertUnwindSafe(|| work(item))).ok();
        // Who listens is there until all senders are gone.
        drop(sender.send((number, result)));
    }
}
