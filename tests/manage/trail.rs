//! Runs that change the same token at the same time, or without a ledger, leave no wrong word in it.

use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;

use super::desk::{Desk, NOBODY};
use crate::emulator::fault::{Case, Fault};
use crate::emulator::http::Answer;
use crate::support::Run;

/// Starts a run, and waits until its request has come.
fn start(desk: &Desk, run: &Run, method: &str) -> Child {
    let child = run.command().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let started = Instant::now();
    while !desk.requests().iter().any(|line| line.starts_with(method)) {
        assert!(started.elapsed() < Duration::from_secs(20), "nothing is asked");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

#[test]
fn what_another_run_wrote_meanwhile_stays() {
    let desk = Desk::new();
    let (_, id) = desk.create("ci", "video");
    let slow = |fault| Case { method: Some("PATCH"), path: "/api/project", times: Some(1), fault };
    desk.emulator.fault(slow(Fault::Latency(Duration::from_secs(2))));
    let renaming = desk.run(&["token", "update", &id, "--name", "other"]);
    let mut child = start(&desk, &renaming, "PATCH");
    desk.done(&["token", "update", &id, "--scopes", "fax"]);
    assert!(child.wait().unwrap().success());
    assert_eq!((&desk.entry("other")["scopes"], &desk.entry("other")["state"]), (&json!(["fax"]), &json!("live")));

    let before = desk.requests().len();
    let body = json!({"errors": [{"code": "invalid_parameter"}]});
    desk.emulator.fault(slow(Fault::Instead(Answer::json(422, &body))));
    let refused = desk.run(&["token", "update", &id, "--name", "third"]).run();
    assert!(refused.code == 1 && desk.requests().len() == before + 1, "{refused}");
    assert_eq!(desk.entry("other")["state"], "live");
}

#[test]
fn what_another_run_has_deleted_stays_deleted() {
    let desk = Desk::new();
    let (_, id) = desk.create("ci", "video");
    desk.fault("PATCH", Fault::Latency(Duration::from_secs(2)));
    let renaming = desk.run(&["token", "update", &id, "--name", "other"]);
    let mut child = start(&desk, &renaming, "PATCH");
    let text = fs::read_to_string(desk.ledger()).unwrap();
    assert!(text.contains("\"unsure\""), "{text}");
    fs::write(desk.ledger(), text.replace("\"unsure\"", "\"deleted\"")).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(desk.entry("other")["state"], "deleted");
}

#[test]
fn an_attempt_is_no_token_that_can_be_changed() {
    let desk = Desk::new();
    desk.fault("POST", Fault::Silent);
    assert_eq!(desk.say(&["token", "create", "--name", "ci", "--scopes", "video"]).code, 3);
    let id = desk.entry("ci")["id"].as_str().unwrap().to_owned();
    for args in [vec!["token", "delete", &id, "--yes"], vec!["token", "update", &id, "--name", "x"]] {
        let said = desk.say(&args);
        assert!(said.code == 2 && said.stderr.contains("stands for an attempt to make a token called ci"), "{said}");
        assert!(said.stderr.contains(&format!("barewire token forget {id}")), "{said}");
    }
    assert_eq!(desk.requests().len(), 1);
    assert_eq!(desk.entry("ci")["state"], "pending");
}

#[test]
fn a_token_goes_where_there_is_no_place_for_a_ledger() {
    let desk = Desk::new();
    let (_, id) = desk.create("ci", "video");
    let without = |args: &[&str]| desk.run(args).env("XDG_STATE_HOME", "").env("HOME", "").run();
    let said = without(&["token", "update", &id, "--add-scopes", "fax"]);
    assert!(said.code == 2 && said.stderr.contains("there is no place for the ledger"), "{said}");
    let said = without(&["token", "update", &id, "--scopes", "fax"]);
    assert!(said.code == 3 && said.stderr.contains("the token was changed, but the ledger does not"), "{said}");
    let said = without(&["token", "delete", &id, "--yes"]);
    assert!(said.code == 3 && said.stderr.contains(&format!("deleted the API token {id}")), "{said}");
    assert!(desk.emulator.world().tokens.last().unwrap().deleted.is_some());
}

#[test]
fn scopes_that_no_answer_tells_are_not_believed() {
    let desk = Desk::new();
    let fault = Fault::Instead(Answer::json(200, &json!({"id": NOBODY, "name": "x"})));
    desk.emulator.fault(Case { method: Some("PATCH"), path: "/api/project", times: Some(2), fault });
    let said = desk.done(&["token", "update", NOBODY, "--name", "x"]);
    assert!(said.stderr.contains("its scopes were not told"), "{said}");
    assert_eq!(desk.entry("x")["state"], "unsure");
    let said = desk.say(&["token", "update", NOBODY, "--add-scopes", "fax"]);
    assert!(said.code == 2 && said.stderr.contains("no answer has told what they are"), "{said}");
    desk.done(&["token", "update", NOBODY, "--scopes", "fax"]);
    assert_eq!(desk.entry("x")["state"], "live");
    desk.answer("PATCH", 200, &json!({"id": NOBODY, "permissions": ["fax", "a b"]}));
    desk.done(&["token", "update", NOBODY, "--name", "x"]);
    assert_eq!(desk.entry("x")["state"], "unsure");
}

#[test]
fn a_scope_that_is_not_known_can_be_taken_away() {
    let desk = Desk::new();
    let made = json!({"id": NOBODY, "name": "ci", "permissions": ["fax", "fsa"], "token": "sesame"});
    desk.answer("POST", 200, &made);
    desk.done(&["token", "create", "--name", "ci", "--scopes", "fax"]);
    desk.answer("PATCH", 200, &json!({"id": NOBODY, "permissions": ["fax"]}));
    let said = desk.done(&["token", "update", NOBODY, "--remove-scopes", "fsa"]);
    assert!(said.stderr.contains("by the ledger: fax,fsa; from now on: fax\n"), "{said}");
    assert_eq!(desk.emulator.requests().pop().unwrap().body, br#"{"permissions":["fax"]}"#);
    let said = desk.say(&["token", "update", NOBODY, "--remove-scopes", "fsa"]);
    assert!(said.code == 2 && said.stderr.contains("there is no scope `fsa`"), "{said}");
}

#[test]
fn the_attempt_that_is_settled_is_the_one_that_was_meant() {
    let desk = Desk::new();
    let below = desk.emulator.world().add_project(crate::emulator::HOST, "sub", Some(&desk.project));
    desk.fault("POST", Fault::Silent);
    for more in [&["--scopes", "video"][..], &["--scopes", "video", "--subproject", &below], &["--scopes", "fax"]] {
        assert_eq!(desk.say(&[&["token", "create", "--name", "ci"], more].concat()).code, 3);
    }
    let adopt = |id: &str, more: &[&str]| desk.done(&[&["token", "adopt", id, "--name", "ci"], more].concat());
    let said = adopt(NOBODY, &["--scopes", "chat"]);
    assert_eq!(said.stderr.matches("the ledger has an attempt to make a token called ci").count(), 3, "{said}");
    desk.done(&["token", "forget", NOBODY]);
    let said = adopt(NOBODY, &["--scopes", "video", "--subproject", &below]);
    assert!(!said.stderr.contains("attempt"), "{said}");
    let left: Vec<_> = desk.entries().into_iter().filter(|entry| entry["state"] == "pending").collect();
    assert!(left.len() == 2 && left.iter().all(|entry| entry.get("subproject").is_none()));
    adopt(NOBODY, &["--scopes", "video"]);
    let kept = desk.entries().into_iter().find(|entry| entry["id"] == NOBODY).unwrap();
    assert_eq!((&kept["subproject"], desk.entries().len()), (&json!(below), 3));
}

#[test]
fn a_token_that_was_deleted_is_adopted_with_a_warning() {
    let desk = Desk::new();
    let (_, id) = desk.create("ci", "video");
    desk.done(&["token", "delete", &id, "--yes"]);
    let said = desk.done(&["token", "adopt", &id, "--name", "ci", "--scopes", "video"]);
    assert!(said.stderr.contains("the ledger had it as deleted, on 20"), "{said}");
}

#[test]
fn a_token_whose_id_was_not_told_is_adopted_with_its_fingerprint() {
    let desk = Desk::new();
    desk.answer("POST", 200, &json!({"token": "sesame"}));
    let said = desk.say(&["token", "create", "--name", "ci", "--scopes", "video"]);
    assert!(said.code == 3 && said.stderr.contains("made the API token ci (video)\n"), "{said}");
    let print = desk.entry("ci")["fingerprint"].clone();
    let said = desk.done(&["token", "list"]);
    assert!(said.stderr.contains("its id was not told") && !said.stderr.contains("its value is lost"), "{said}");
    desk.done(&["token", "adopt", NOBODY, "--name", "ci", "--scopes", "video"]);
    assert_eq!((&desk.entry("ci")["fingerprint"], &desk.entry("ci")["state"]), (&print, &json!("live")));
}
