//! What of the next commit is reported: what is new in it, and nothing else.

use super::place::Place;

const OLD: &str = "# one\nTOKEN=PT{same:old=hex:48}\nNAME=x\n";

/// A repository whose file `a.env` holds a token.
fn old() -> Place {
    let place = Place::repository();
    place.commit("a.env", OLD);
    place
}

#[test]
fn an_old_secret_in_a_file_that_is_edited_does_not_block() {
    let place = old();
    place.file("a.env", "# one\nTOKEN=PT{same:old}\nNAME=y\n").git(&["add", "."]);
    assert_eq!(place.staged(), [""; 0]);
}

#[test]
fn a_new_secret_beside_an_old_one_does() {
    let place = old();
    place.file("a.env", "# one\nTOKEN=PT{same:old}\nOTHER=PT{hex:48}\n").git(&["add", "."]);
    assert_eq!(place.staged(), ["a.env:3 index"]);
    place.file("a.env", "# one\nTOKEN=PT{hex:48}\n").git(&["add", "."]);
    assert_eq!(place.staged(), ["a.env:2 index"]);
}

#[test]
fn an_old_secret_that_moves_is_not_new() {
    let place = old();
    place.file("a.env", "NAME=x\n\n\n  token: PT{same:old}\n").git(&["add", "."]);
    assert_eq!(place.staged(), [""; 0], "within the file");
    place.git(&["reset", "-q", "--hard"]);
    place.git(&["mv", "a.env", "b.env"]);
    assert_eq!(place.staged(), [""; 0], "renamed");
    place.file("b.env", "# two\nTOKEN=PT{same:old}\n").git(&["add", "."]);
    assert_eq!(place.staged(), [""; 0], "renamed and edited");
    place.git(&["reset", "-q", "--hard"]);
    place.file("c/d.env", &OLD.replace("=hex:48", "")).git(&["add", "."]);
    assert_eq!(place.staged(), [""; 0], "copied");
}

#[test]
fn an_old_secret_that_only_now_stands_in_context_is_not_new() {
    let place = Place::repository();
    place.commit("a.txt", "key: PSK_{same:key=alnum:24}\n");
    place.file("a.txt", "signalwire_signing_key: PSK_{same:key}\n").git(&["add", "."]);
    assert_eq!(place.staged(), [""; 0]);
}

#[test]
fn a_new_token_finds_the_project_that_stood_there_before() {
    let place = Place::repository();
    place.commit("a.env", "SIGNALWIRE_PROJECT_ID={same:project=uuid}\nSIGNALWIRE_API_TOKEN=\nOTHER_PROJECT={uuid}\n");
    let text = "SIGNALWIRE_PROJECT_ID={same:project}\nSIGNALWIRE_API_TOKEN=PT{hex:48}\n";
    place.file("a.env", text).git(&["add", "."]);
    let scanned = place.run("", &["staged"]);
    assert_eq!(scanned.sound(), ["a.env:2 index"]);
    let credential = &scanned.report["credentials"][0];
    assert_eq!(credential["grade"], "token-and-project");
    let parts = scanned.report["findings"].as_array().unwrap().iter().map(|finding| finding["part"].as_str().unwrap());
    assert_eq!(parts.collect::<Vec<_>>(), ["token", "project"]);
    assert_eq!(credential["findings"], serde_json::json!([0, 1]));
}

#[test]
fn old_identifiers_that_no_new_secret_uses_are_not_reported() {
    let place = Place::repository();
    place.commit("a.env", "SIGNALWIRE_PROJECT_ID={same:project=uuid}\nSIGNALWIRE_API_TOKEN=PT{same:old=hex:48}\n");
    let text = "SIGNALWIRE_PROJECT_ID={same:project}\nSIGNALWIRE_API_TOKEN=PT{same:old}\nX=1\n";
    place.file("a.env", text).git(&["add", "."]);
    let report = place.run("", &["staged"]).report;
    assert_eq!((&report["findings"], &report["credentials"]), (&serde_json::json!([]), &serde_json::json!([])));
}

#[test]
fn a_token_in_the_name_of_a_file_is_new_with_the_name() {
    let place = old();
    let name = place.text("PT{hex:48}.env");
    place.git(&["mv", "a.env", &name]);
    let secrets = place.staged();
    assert_eq!(secrets.len(), 1);
    assert!(secrets[0].ends_with("********.env:1 name"), "{secrets:?}");
    place.git(&["commit", "-qm", "a message"]);
    place.file(&name, "TOKEN=PT{same:old}\nmore\n").git(&["add", "."]);
    assert_eq!(place.staged(), [""; 0]);
}

#[test]
fn a_token_in_the_name_of_a_folder_is_not_new_with_every_file_in_it() {
    let place = old();
    let folder = place.text("x/PT{same:folder=hex:48}/y");
    place.commit(&format!("{folder}/a"), "");
    place.commit("z/b", "");
    let new = format!("{folder}/new");
    place.file(&new, "1\n").file(format!("{folder}/z/new"), "2\n").git(&["add", "."]);
    assert_eq!(place.staged(), [""; 0]);
    place.git(&["reset", "-q"]);
    assert_eq!(place.run("", &["changes"]).sound(), [""; 0]);
    place.git(&["add", "."]);
    place.git(&["commit", "-qm", "a message"]);
    assert_eq!(place.run("", &["history", "--range", "HEAD~1.."]).sound(), [""; 0]);
    assert_eq!(place.run("", &["history", "--range", "HEAD~3.."]).sound().len(), 3, "with the folder itself");
    place.file(format!("z/{folder}/new"), "not empty\n").git(&["add", "."]);
    assert_eq!(place.staged().len(), 1, "a folder of that name elsewhere");
}

#[test]
fn an_edited_copy_of_a_file_that_does_not_change_is_new() {
    let place = old();
    place.file("b.env", "# copy\nTOKEN=PT{same:old}\n").git(&["add", "."]);
    assert_eq!(place.staged(), ["b.env:2 index"]);
    place.file("a.env", "# one\nTOKEN=PT{same:old}\nNAME=y\n").git(&["add", "."]);
    assert_eq!(place.staged(), [""; 0]);
}

#[test]
fn all_of_the_index_counts_from_any_folder() {
    let place = old();
    place.file("sub/x", "").file("b.env", "TOKEN=PT{hex:48}\n").git(&["add", "."]);
    assert_eq!(place.run("sub", &["staged"]).sound(), ["b.env:1 index"]);
}

#[test]
fn a_linked_working_tree_has_its_own_index() {
    let place = old();
    place.git(&["worktree", "add", "-q", "linked", "-b", "other"]);
    place.file("linked/b.env", "TOKEN=PT{hex:48}\n").git_in("linked", &["add", "b.env"]);
    assert_eq!(place.run("linked", &["staged"]).sound(), ["b.env:1 index"]);
    assert_eq!(place.staged(), [""; 0]);
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let place = Place::repository();
    assert_eq!(place.staged(), [""; 0]);
    place.file("a.env", OLD).file("sub/b.env", "TOKEN=PT{hex:48}\n").git(&["add", "."]);
    assert_eq!(place.staged(), ["a.env:2 index", "sub/b.env:1 index"]);
}

#[test]
fn only_what_is_staged_of_a_file_counts() {
    let place = old();
    place.file("a.env", "# one\nTOKEN=PT{same:old}\nNEW=PT{same:new=hex:48}\n").git(&["add", "."]);
    place.file("a.env", "# one\n");
    assert_eq!(place.staged(), ["a.env:3 index"]);
    place.git(&["add", "."]);
    place.file("a.env", "# one\nNEW=PT{same:new}\n");
    assert_eq!(place.staged(), [""; 0]);
}

/// Two branches that brought a token each, in the same file.
fn torn() -> Place {
    let place = Place::repository();
    place.commit("a.env", "A=1\n").git(&["checkout", "-q", "-b", "other"]);
    place.commit("a.env", "A=PT{same:theirs=hex:48}\n").git(&["checkout", "-q", "trunk"]);
    place.commit("a.env", "A=PT{same:ours=hex:48}\n");
    place
}

#[test]
fn an_operation_that_stopped_at_a_conflict_can_be_checked() {
    for args in [["merge", "other"], ["cherry-pick", "other"], ["rebase", "other"]] {
        let place = torn();
        assert!(!place.try_git("", &args).status.success());
        assert_eq!(place.staged(), ["a.env:1 index"], "{args:?}: the other side may go in");
        place.file("a.env", "A=PT{same:ours}\nB=PT{same:theirs}\n").git(&["add", "."]);
        assert_eq!(place.staged().len(), 1, "{args:?}: one side is there");
        place.file("a.env", "A=PT{same:ours}\nB=PT{same:theirs}\nC=PT{hex:48}\n").git(&["add", "."]);
        assert_eq!(place.staged().len(), 2, "{args:?}: resolved with something new");
    }
}

#[test]
fn a_folder_that_became_a_file_and_the_other_way_round() {
    let place = Place::repository();
    place.file("a/b.env", "A=PT{same:one=hex:48}\n").commit("c", "A=PT{same:two=hex:48}\n");
    std::fs::remove_dir_all(place.at("a")).unwrap();
    std::fs::remove_file(place.at("c")).unwrap();
    place
        .file("a", "# it\nA=PT{same:one}\n")
        .file("c/d.env", "# it\nA=PT{same:two}\nB=PT{hex:48}\n")
        .git(&["add", "-A"]);
    assert_eq!(place.staged(), ["c/d.env:3 index"]);
}

#[test]
fn a_hundred_folders_are_compared_where_they_differ() {
    let place = Place::repository();
    for folder in 0..100 {
        place.file(format!("{}/{folder}/deep/a.env", folder % 7), "A=PT{hex:48}\n");
    }
    place.commit("top", "").file("3/10/deep/b.env", "B=PT{hex:48}\n").file("6/6/new/c.env", "B=PT{hex:48}\n");
    place.git(&["add", "."]);
    assert_eq!(place.staged(), ["3/10/deep/b.env:1 index", "6/6/new/c.env:1 index"]);
}
