//! A repository that changes while it is read.

use std::sync::atomic::{AtomicBool, Ordering};

use super::assert_honest;
use crate::support::repo::truth::Truth;
use crate::support::repo::{Repo, leak};

/// Runs git again and again while `watch` runs.
fn meanwhile(repo: &Repo, commands: &[&[&str]], watch: impl FnOnce()) {
    let prepare = |args: &&[&str]| {
        let mut command = repo.command();
        command.args(*args);
        command
    };
    let mut prepared: Vec<_> = commands.iter().map(prepare).collect();
    let done = AtomicBool::new(false);
    let mut work = || {
        let mut rounds = 0;
        while !done.load(Ordering::Relaxed) {
            rounds += 1;
            assert!(prepared.iter_mut().all(|command| command.output().unwrap().status.success()));
        }
        rounds
    };
    std::thread::scope(|scope| {
        let busy = scope.spawn(&mut work);
        let watched = std::panic::catch_unwind(std::panic::AssertUnwindSafe(watch));
        done.store(true, Ordering::Relaxed);
        let rounds = busy.join().unwrap();
        watched.unwrap();
        assert!(rounds > 0, "nothing happened meanwhile");
    });
}

#[test]
fn a_pack_that_is_replaced_while_it_is_read_never_hides_a_leak_in_silence() {
    let truth = Truth::plant(12, 300, &[]);
    let repo = &truth.repo;
    repo.git(["gc", "-q"]);
    let sound = repo.report(["history"]).tokens();
    let repacks: [&[&str]; 2] =
        [&["repack", "-q", "-a", "-d", "-f", "--depth=50"], &["repack", "-q", "-a", "-d", "-f", "--depth=5"]];
    meanwhile(repo, &repacks, || {
        for round in 0..12 {
            assert_honest(repo, &sound, &format!("round {round}"));
        }
    });
    assert!(assert_honest(repo, &sound, "in the end"));
}

#[test]
fn loose_objects_that_are_packed_while_they_are_read_never_hide_a_leak_in_silence() {
    let repo = Repo::new();
    let mut sound = Vec::new();
    for number in 0..20 {
        let token = repo.token();
        let path = format!("{number:02}.env");
        repo.commit(&path, leak(&token));
        sound.push(format!("{path} {token}"));
    }
    // From one to the other, and back.
    let script = "git repack -q -a -d -l && git prune-packed -q && mkdir -p .git/t && mv .git/objects/pack/pack-*.pack .git/t/ \
        && rm -f .git/objects/pack/* && for p in .git/t/*.pack; do git unpack-objects -q <$p && rm $p; done";
    repo.git(["config", "alias.turn", &format!("!{script}")]);
    meanwhile(&repo, &[&["-C", ".", "turn"]], || {
        for round in 0..12 {
            assert_honest(&repo, &sound, &format!("round {round}"));
        }
    });
    assert!(assert_honest(&repo, &sound, "in the end"));
}
