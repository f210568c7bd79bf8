//! What is forgiven is counted where something leads to it.

use crate::support::repo::Repo;

/// How many values a comment forgave.
fn forgiven(repo: &Repo, args: &[&str]) -> u64 {
    repo.report([&["history"], args].concat()).json["suppressed"]["inline-allow"].as_u64().unwrap_or(0)
}

fn line(repo: &Repo) -> String {
    format!("x={} # barewire:allow\n", repo.token())
}

#[test]
fn what_is_forgiven_counts_if_something_leads_to_it() {
    let repo = Repo::new();
    repo.commit("d/a", line(&repo));
    repo.commit("d/a", "nothing of note\n");
    repo.file("staged", line(&repo)).git(["add", "staged"]);
    repo.git(["update-ref", "refs/blobs/one", &repo.blob(line(&repo))]);
    let nowhere = line(&repo);
    repo.blob(&nowhere);
    assert_eq!((forgiven(&repo, &[]), forgiven(&repo, &["--unreachable"])), (3, 4), "a blob in no tree");
    repo.git(["commit", "-q", "--allow-empty", "-m", line(&repo).trim()]);
    repo.commit("e/lost", line(&repo));
    repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    assert_eq!((forgiven(&repo, &[]), forgiven(&repo, &["--unreachable"])), (5, 6), "by the reflog");
    repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    repo.git(["reflog", "expire", "--expire=now", "--all"]);
    std::fs::remove_file(repo.at(".git/ORIG_HEAD")).unwrap();
    assert_eq!((forgiven(&repo, &[]), forgiven(&repo, &["--unreachable"])), (2, 6), "commits that are lost");
    repo.commit("f", nowhere);
    assert_eq!((forgiven(&repo, &[]), forgiven(&repo, &["--unreachable"])), (3, 6), "it came back");
}
