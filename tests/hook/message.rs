//! The message of a commit, before it is made.

use super::gate::{assert_silent, assert_stopped, install, run, said};
use crate::changes::place::Place;

fn guarded() -> Place {
    let place = Place::repository();
    place.commit("a.env", "A=1\n");
    install(&place.at(".git/hooks"), "commit-msg", "commit-msg -- \"$@\"");
    place
}

#[test]
fn a_secret_in_a_message_stops_the_commit() {
    let place = guarded();
    let text = place.text("a subject\n\nuse PT{hex:48}\n");
    assert_stopped(&place.try_git("", &["commit", "-q", "--allow-empty", "-m", &text]), ".git/COMMIT_EDITMSG:3:5");
    let text = place.text("a subject\n\nuse PT{hex:48} barewire:allow: deleted in May\n");
    assert_silent(&place.try_git("", &["commit", "-q", "--allow-empty", "-m", &text]));
    assert_silent(&place.try_git("", &["commit", "-q", "--allow-empty", "-m", "nothing"]));
}

#[test]
fn a_comment_line_that_is_kept_is_scanned() {
    let place = guarded();
    let text = place.text("a subject\n\n# PT{hex:48}\n");
    assert_stopped(&place.try_git("", &["commit", "-q", "--allow-empty", "-m", &text]), ".git/COMMIT_EDITMSG:3:3");
}

#[test]
fn the_difference_that_git_shows_in_the_editor_is_not_the_message() {
    let place = Place::repository();
    place.commit("a.env", "A=PT{hex:48}\n");
    install(&place.at(".git/hooks"), "commit-msg", "commit-msg -- \"$@\"");
    // Removing a token shows it in the difference.
    place.file("a.env", "A=1\n").git(&["add", "."]);
    let commit = |args: &[&str]| {
        let mut command = place.clean("git", "");
        command.args(["-c", "user.name=A", "-c", "user.email=a@example.com"]).args(args);
        command.env("GIT_EDITOR", "sed -i '1s/.*/a subject/'").output().unwrap()
    };
    assert_silent(&commit(&["-c", "core.commentChar=;", "commit", "-q", "--verbose"]));
    place.file("a.env", "A=2\n").git(&["add", "."]);
    assert_silent(&commit(&["commit", "-q", "--verbose", "--cleanup=scissors"]));
}

#[test]
fn a_message_that_is_opened_again_is_cut_no_more() {
    let place = Place::repository();
    place.commit("a.env", "A=PT{hex:48}\n");
    install(&place.at(".git/hooks"), "commit-msg", "commit-msg -- \"$@\"");
    place.file("a.env", "A=1\n").git(&["add", "."]);
    let commit = |args: &[&str], subject: &str| {
        let mut command = place.clean("git", "");
        command.args(["-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-q"]).args(args);
        command.env("GIT_EDITOR", format!("sed -i '1s/.*/{subject}/'")).output().unwrap()
    };
    assert_stopped(&commit(&["--verbose"], &place.text("PT{hex:48}")), ".git/COMMIT_EDITMSG:1:1");
    // The difference, with what was removed, is part of the message now.
    assert_stopped(&commit(&["-eF", ".git/COMMIT_EDITMSG"], "a subject"), ".git/COMMIT_EDITMSG:");
    assert_silent(&commit(&["--verbose", "-eF", ".git/COMMIT_EDITMSG"], "a subject"));
    assert_eq!(place.git(&["log", "-1", "--format=%B"]).trim(), "a subject");
}

#[test]
fn scissors_in_a_message_without_an_editor_cut_nothing() {
    let place = guarded();
    let line = "# ------------------------ >8 ------------------------\n# more\n";
    let text = place.text(&format!("a subject\n\n{line}PT{{hex:48}}\n"));
    assert_stopped(&place.try_git("", &["commit", "-q", "--allow-empty", "-m", &text]), ".git/COMMIT_EDITMSG:5:1");
}

#[test]
fn a_message_that_is_not_there_is_an_error() {
    let place = guarded();
    for path in ["nothing", "."] {
        let output = run(&place, "", &["commit-msg", path], &[], "");
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    }
}

#[test]
fn the_path_in_the_advice_can_be_typed_as_it_stands() {
    let place = guarded();
    place.file("it's a message", "PT{hex:48}\n");
    let output = run(&place, "", &["commit-msg", "it's a message"], &[], "");
    assert!(said(&output).contains(r"`git commit -eF 'it'\''s a message'`"), "{}", said(&output));
}
