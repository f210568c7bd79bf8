//! No token is lost without a word: not by a lost answer, a closed pipe, a full disk or a broken ledger.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;

use super::desk::{Desk, NOBODY};
use crate::emulator::fault::Fault;
use crate::emulator::http::Answer;

const CREATE: [&str; 6] = ["token", "create", "--name", "ci", "--scopes", "video"];

/// Waits until an attempt is on record.
fn wait_for_pending(desk: &Desk) {
    let started = Instant::now();
    while !fs::read_to_string(desk.ledger()).is_ok_and(|text| text.contains("pending")) {
        assert!(started.elapsed() < Duration::from_secs(20), "there is no attempt");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_lost_answer_leaves_an_attempt_on_record() {
    let error = || Answer::json(500, &json!({"error": "Internal Server Error"}));
    let page = Answer::json(200, &json!("a page"));
    for (fault, words) in [
        (Fault::Silent, "It may have been carried out all the same"),
        (Fault::Cut, "It was carried out; only the answer is lost"),
        (Fault::Afterwards(error()), "It may have been carried out all the same"),
        (Fault::Afterwards(page), "It was carried out; only the answer is lost"),
    ] {
        let desk = Desk::new();
        desk.fault("POST", fault);
        let run = desk.run(&[&CREATE[..], &["--out", "token"]].concat());
        let said = run.run();
        assert!(said.code == 3 && said.stdout.is_empty() && said.stderr.contains(words), "{said}");
        assert_eq!(desk.requests(), ["POST /api/project/tokens"]);
        assert!(!run.dir().join("token").exists());
        let entry = desk.entry("ci");
        assert_eq!(entry["state"], "pending");
        let forget = format!("barewire token forget {}", entry["id"].as_str().unwrap());
        assert!(said.stderr.contains("a token called ci") && said.stderr.contains(&forget), "{said}");
        let list = desk.done(&["token", "list"]);
        assert!(list.stderr.contains("whether ci was made is not known") && list.stderr.contains(&forget), "{list}");
        desk.done(&["token", "adopt", NOBODY, "--name", "ci", "--scopes", "video"]);
        assert_eq!(desk.entry("ci")["id"], NOBODY);
    }
}

#[test]
fn a_request_that_never_left_leaves_nothing() {
    let desk = Desk::new();
    for space in ["nowhere", "closed"] {
        let run = desk.run(&[&CREATE[..], &["--out", "token", "--space", space]].concat());
        let said = run.run();
        assert!(said.code == 3 && said.stderr.contains("Nothing was sent."), "{said}");
        assert!(desk.entries().is_empty() && !run.dir().join("token").exists());
    }
}

#[test]
fn a_program_that_is_killed_leaves_its_attempt_on_record() {
    let desk = Desk::new();
    desk.fault("POST", Fault::Latency(Duration::from_secs(30)));
    let run = desk.run(&CREATE);
    let mut child = run.command().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    wait_for_pending(&desk);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(desk.entry("ci")["state"], "pending");
}

#[test]
fn an_answer_that_lacks_something_is_told() {
    let desk = Desk::new();
    desk.answer("POST", 200, &json!({"id": NOBODY, "name": "ci", "permissions": ["video"]}));
    let said = desk.say(&CREATE);
    assert!(said.code == 3 && said.stdout.is_empty(), "{said}");
    assert!(said.stderr.contains("the answer lacks the value") && said.stderr.contains(NOBODY), "{said}");
    assert_eq!(desk.entry("ci")["state"], "live");

    let desk = Desk::new();
    desk.answer("POST", 200, &json!({"token": "sesame"}));
    let said = desk.say(&CREATE);
    assert_eq!((said.code, &*said.stdout), (3, "sesame\n"), "{said}");
    assert!(said.stderr.contains("did not tell the id"), "{said}");
    assert_eq!(desk.entry("ci")["state"], "pending");

    let desk = Desk::new();
    desk.answer(
        "POST",
        200,
        &json!({"id": NOBODY, "permissions": ["fax", "x\u{1b}[2J"], "token": "sesame", "more": 1}),
    );
    let said = desk.say(&CREATE);
    assert_eq!((said.code, &*said.stdout), (0, "sesame\n"), "{said}");
    assert!(said.stderr.contains("gave the token other scopes: fax,x\\u{1B}[2J"), "{said}");
    assert_eq!(desk.entry("ci")["scopes"], json!(["fax"]));
}

#[test]
fn a_scope_that_is_not_known_stays_when_another_is_added() {
    let desk = Desk::new();
    let made = json!({"id": NOBODY, "name": "ci", "permissions": ["fax", "fsa"], "token": "sesame"});
    desk.answer("POST", 200, &made);
    desk.say(&CREATE);
    assert_eq!(desk.entry("ci")["scopes"], json!(["fax"]));
    assert_eq!(desk.entry("ci")["others"], json!(["fsa"]));
    assert!(desk.done(&["token", "list"]).stdout.contains("fax,fsa"));
    desk.answer("PATCH", 200, &json!({"id": NOBODY, "permissions": ["fax", "video", "fsa"]}));
    let said = desk.done(&["token", "update", NOBODY, "--add-scopes", "video"]);
    assert!(said.stderr.contains("by the ledger: fax,fsa; from now on: fax,video,fsa"), "{said}");
    let sent = || serde_json::from_slice::<serde_json::Value>(&desk.emulator.requests().pop().unwrap().body).unwrap();
    assert_eq!(sent(), json!({"permissions": ["fax", "video", "fsa"]}));
    desk.done(&["token", "update", NOBODY, "--scopes", "video"]);
    assert_eq!(sent(), json!({"permissions": ["video"]}));
}

#[cfg(unix)]
#[test]
fn a_value_that_cannot_be_printed_is_told_by_its_id() {
    let desk = Desk::new();
    let run = desk.run(&CREATE);
    let null = run.command().stdin(Stdio::null()).stdout(Stdio::null()).output().unwrap();
    let said = String::from_utf8(null.stderr).unwrap();
    assert!(null.status.code() == Some(2) && said.contains("standard output leads nowhere"), "{said}");
    assert!(desk.requests().is_empty() && desk.entries().is_empty());

    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut places = vec![Stdio::from(writer)];
    places.extend(fs::OpenOptions::new().write(true).open("/dev/full").map(Stdio::from));
    for place in places {
        let lost = run.command().stdin(Stdio::null()).stdout(place).output().unwrap();
        let said = String::from_utf8(lost.stderr).unwrap();
        let id = desk.emulator.world().tokens.last().unwrap().id.clone();
        assert!(lost.status.code() == Some(3) && said.contains(&format!("barewire token delete {id}")), "{said}");
        assert!(desk.entries().iter().any(|entry| entry["id"] == *id));
    }
}

#[test]
fn a_token_is_shown_even_if_the_ledger_breaks_meanwhile() {
    let desk = Desk::new();
    desk.fault("POST", Fault::Latency(Duration::from_secs(2)));
    let run = desk.run(&CREATE);
    let child = run.command().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait_for_pending(&desk);
    fs::write(desk.ledger(), "x\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let token = desk.emulator.world().tokens.last().unwrap().clone();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{}\n", token.value));
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains(&format!("the ledger lacks the new token; its id is {}", token.id)), "{said}");
    assert_eq!(fs::read(desk.ledger()).unwrap(), b"x\n");
}

#[test]
fn nothing_is_sent_if_the_ledger_cannot_be_written_but_a_delete() {
    let desk = Desk::new();
    let (_, id) = desk.create("ci", "video");
    fs::write(desk.ledger(), "{\n \"version\": 1,\n").unwrap();
    let run = desk.run(&["token", "create", "--name", "x", "--scopes", "fax", "--out", "x"]);
    let said = run.run();
    assert!(said.code == 2 && said.stderr.contains("ledger.json:3: this ends too early"), "{said}");
    assert!(!run.dir().join("x").exists());
    assert_eq!(desk.requests().len(), 1);
    let said = desk.say(&["token", "delete", &id, "--yes"]);
    assert!(said.code == 3 && said.stderr.contains(&format!("deleted the API token {id}")), "{said}");
    assert!(desk.emulator.world().tokens.last().unwrap().deleted.is_some());
}

#[test]
fn a_change_whose_answer_is_lost_leaves_the_ledger_unsure() {
    let desk = Desk::new();
    let (_, id) = desk.create("ci", "video");
    desk.emulator.fault(crate::emulator::fault::Case {
        method: Some("PATCH"),
        path: "/api/project",
        times: Some(1),
        fault: Fault::Silent,
    });
    let said = desk.say(&["token", "update", &id, "--add-scopes", "fax"]);
    assert!(said.code == 3 && said.stderr.contains("It may have been carried out"), "{said}");
    assert_eq!(desk.entry("ci")["state"], "unsure");
    let said = desk.say(&["token", "update", &id, "--add-scopes", "chat"]);
    assert!(said.code == 2 && said.stderr.contains("the ledger is not sure of the scopes"), "{said}");
    desk.done(&["token", "update", &id, "--scopes", "chat"]);
    assert_eq!(desk.entry("ci")["state"], "live");
    desk.fault("DELETE", Fault::Silent);
    assert_eq!(desk.say(&["token", "delete", &id, "--yes"]).code, 3);
    assert_eq!(desk.entry("ci")["state"], "unsure");
}

#[test]
fn a_change_that_is_refused_leaves_the_ledger_as_it_was() {
    let desk = Desk::new();
    let (_, id) = desk.create("ci", "video");
    let before = fs::read(desk.ledger()).unwrap();
    let body = json!({"errors": [{"code": "invalid_auth_token_permissions", "message": "no\u{202e}pe"}]});
    desk.answer("PATCH", 422, &body);
    let said = desk.say(&["token", "update", &id, "--add-scopes", "fax"]);
    assert!(said.code == 1 && said.stderr.contains("no\\u{202E}pe"), "{said}");
    assert!(said.stderr.contains("SignalWire does not know one of the scopes"), "{said}");
    assert_eq!(fs::read(desk.ledger()).unwrap(), before);
}
