//! Decides how many questions are asked at the same time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};

use super::{Answer, Ask, Life, Question, examine};

/// So many threads ask, at most; nearly all of their time is waiting.
const THREADS: usize = 8;

/// Asks all questions, several at a time, and calls `done` in the calling thread when one has its answer. The answers are
/// in the order of the questions.
pub fn examine_all(ask: &dyn Ask, questions: &[Question], done: &mut dyn FnMut()) -> Vec<Answer> {
    let next = AtomicUsize::new(0);
    let unasked = || Answer::new(Life::Unknown, "the question was not asked to its end, by an error of barewire");
    let mut answers: Vec<Answer> = questions.iter().map(|_| unasked()).collect();
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..THREADS.min(questions.len()) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || work(ask, (next, questions), &sender));
        }
        drop(sender);
        for (number, answer) in receiver {
            answers[number] = answer;
            done();
        }
    });
    answers
}

/// Asks until no question is left. A panic costs one answer alone.
fn work(ask: &dyn Ask, (next, questions): (&AtomicUsize, &[Question]), sender: &Sender<(usize, Answer)>) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Some(question) = questions.get(number) else { return };
        if let Ok(answer) = catch_unwind(AssertUnwindSafe(|| examine(ask, question))) {
            // Who listens is there until all senders are gone.
            drop(sender.send((number, answer)));
        }
    }
}
