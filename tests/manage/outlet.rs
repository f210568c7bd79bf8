//! A value goes to the place that was made sure of, or the loss is told; what others put there stays.

use std::fs::{self, OpenOptions};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;

use super::desk::{Desk, NOBODY};
use crate::emulator::fault::{Case, Fault};
use crate::emulator::http::Answer;

const CREATE: [&str; 8] = ["token", "create", "--name", "ci", "--scopes", "video", "--out", "token"];

/// What a run says whose file is changed while it waits for the answer.
fn meddle(desk: &Desk, args: &[&str], change: impl Fn(&std::path::Path)) -> (Option<i32>, String) {
    let run = desk.run(args);
    let path = run.dir().join("token");
    let child = run.command().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let started = Instant::now();
    while desk.requests().is_empty() {
        assert!(started.elapsed() < Duration::from_secs(20), "nothing is asked");
        std::thread::sleep(Duration::from_millis(5));
    }
    change(&path);
    let output = child.wait_with_output().unwrap();
    let left = fs::read_to_string(&path).unwrap_or_default();
    assert!(left.is_empty() || left == "theirs", "no value is there");
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[cfg(unix)]
#[test]
fn a_value_whose_file_is_gone_is_told_by_its_id() {
    let remove = |path: &std::path::Path| fs::remove_file(path).unwrap();
    let replace = |path: &std::path::Path| {
        remove(path);
        fs::write(path, "theirs").unwrap();
    };
    for change in [&remove as &dyn Fn(&std::path::Path), &replace] {
        let desk = Desk::new();
        desk.fault("POST", Fault::Latency(Duration::from_secs(1)));
        let (code, said) = meddle(&desk, &CREATE, change);
        let id = desk.emulator.world().tokens.last().unwrap().id.clone();
        assert!(code == Some(3) && said.contains("removed or replaced while SignalWire was asked"), "{said}");
        assert!(said.contains(&format!("barewire token delete {id}")) && !said.contains("its value is in"), "{said}");
        assert_eq!(desk.entry("ci")["state"], "live");
    }
}

#[cfg(unix)]
#[test]
fn what_others_have_put_there_stays_after_a_refusal() {
    let desk = Desk::new();
    desk.fault("POST", Fault::Latency(Duration::from_secs(1)));
    let narrow = desk.emulator.token(&desk.project, &["video"]).value;
    let run = desk.as_token(&narrow, &CREATE);
    let path = run.dir().join("token");
    let child = run.command().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    while desk.requests().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    fs::remove_file(&path).unwrap();
    fs::write(&path, "theirs").unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(1));
    assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
}

#[test]
fn a_file_that_is_there_is_told_from_one_that_a_stopped_run_left() {
    let desk = Desk::new();
    for (content, words) in
        [("", "perhaps a run that was stopped left it"), ("x", "Name another one, or remove this one")]
    {
        let run = desk.run(&CREATE).file("token", content);
        let said = run.run();
        assert!(said.code == 2 && said.stderr.contains(words), "{said}");
    }
    assert!(desk.requests().is_empty() && desk.entries().is_empty());
}

#[cfg(unix)]
#[test]
fn a_place_that_cannot_be_written_is_seen_before_anything_is_sent() {
    let desk = Desk::new();
    let run = desk.run(&CREATE[..6]).file("place", "x");
    let place = fs::File::open(run.dir().join("place")).unwrap();
    let output = run.command().stdin(Stdio::null()).stdout(place).stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && said.contains("standard output leads nowhere"), "{said}");
    assert!(desk.requests().is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn what_was_done_and_cannot_be_shown_is_no_usage_error() {
    let desk = Desk::new();
    let (_, id) = desk.create("ci", "video");
    let below = desk.emulator.world().add_project(crate::emulator::HOST, "sub", Some(&desk.project));
    for (args, done) in [
        (vec!["token", "update", &id, "--name", "x", "-f", "json"], "changed the API token x"),
        (vec!["project", "rename", &below, "y"], "renamed the project"),
        (vec!["api", "PATCH", &*format!("/api/project/tokens/{id}"), "-f", "name=z"], "was carried out"),
    ] {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let run = desk.run(&args);
        let output = run.command().stdin(Stdio::null()).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(3) && said.contains(done), "{said}");
    }
    assert_eq!(desk.emulator.world().projects[&below].name, "y");
}

#[test]
fn an_odd_answer_costs_no_key() {
    let desk = Desk::new();
    let odd = json!({"id": 7, "name": null, "created_at": {"x": 1}, "signing_key": "sesame"});
    let case =
        |answer| Case { method: Some("POST"), path: "/api/projects", times: None, fault: Fault::Instead(answer) };
    desk.emulator.fault(case(Answer::json(201, &odd)));
    let said = desk.done(&["project", "rotate-signing-key", NOBODY, "--yes"]);
    assert_eq!(said.stdout, "sesame\n");
    assert!(said.stderr.contains(&format!("replaced the signing key of the project id {NOBODY}")), "{said}");
    let said = desk.done(&["project", "create", "sub"]);
    assert_eq!(said.stdout, "sesame\n");
}
