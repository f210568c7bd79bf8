//! What a person is told of a life.

use crate::support::repo::{Repo, leak};

/// What the text report of a history says.
fn told(repo: &Repo, args: &[&str]) -> String {
    repo.barewire([&["history", "--no-color"], args].concat()).stdout
}

#[test]
fn what_nothing_leads_to_is_told_with_who_made_it() {
    let repo = Repo::new();
    repo.commit("a", "a\n");
    let dangling = repo.blob(leak(&repo.token()));
    let lost = repo.commit("b", leak(&repo.token()));
    repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    repo.git(["reflog", "expire", "--expire=now", "--all"]);
    std::fs::remove_file(repo.at(".git/ORIG_HEAD")).unwrap();
    let text = told(&repo, &["--unreachable"]);
    let gone = "reached from: no ref, worktree, reflog or index, as far as can be seen\n";
    assert_eq!(text.matches(gone).count(), 2, "{text}");
    assert!(text.contains(&format!("blob {dangling}:1:22 (unreachable)")), "{text}");
    assert!(text.contains(&format!("first seen: {:.12} on ", &*lost)), "{text}");
    assert!(!text.contains("removed") && !text.contains("HEAD"), "{text}");
    assert!(!told(&repo, &["--unreachable", "--no-story"]).contains("reached from"));
}

#[test]
fn what_only_an_undone_command_leads_to_is_told_so() {
    let repo = Repo::new();
    repo.commit("a", "a\n");
    repo.commit("b", leak(&repo.token()));
    repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    repo.git(["reflog", "expire", "--expire=now", "--all"]);
    let text = told(&repo, &[]);
    assert!(text.contains("no branch or tag, but a stash"), "{text}");
    assert!(text.contains("ORIG_HEAD"), "{text}");
}

#[test]
fn what_another_branch_still_holds_is_told_so() {
    let repo = Repo::new();
    repo.commit("a", leak(&repo.token()));
    repo.git(["branch", "side"]);
    repo.commit("a", "a\n");
    let text = told(&repo, &[]);
    assert!(text.contains("= still there: not in HEAD, but in branch side; exposed for "), "{text}");
}

#[test]
fn no_line_of_a_life_is_wider_than_a_terminal() {
    let repo = Repo::new();
    repo.commit("a", leak(&repo.token()));
    for name in ["a-branch-with-a-long-name", "another-branch-with-a-long-name", "yet-another-branch-with-a-long-name"]
    {
        repo.git(["branch", name]);
    }
    repo.commit("a", "a\n");
    let text = told(&repo, &[]);
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}\n{text}");
    }
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("but in branch a-branch-with-a-long-name, branch another-branch-with-a-long-name, "),
        "{text}"
    );
}
