//! Projects are listed, made, renamed and deleted; their signing keys are shown once.

use std::fs;

use serde_json::{Value, json};

use super::desk::{Desk, NOBODY};
use crate::emulator::HOST;
use crate::emulator::fault::{Case, Fault};
use crate::emulator::http::Answer;

/// The emulator's answers below `/api/projects` go wrong like this.
fn fault(desk: &Desk, method: &'static str, fault: Fault) {
    desk.emulator.fault(Case { method: Some(method), path: "/api/projects", times: None, fault });
}

fn sub(desk: &Desk, name: &str) -> String {
    desk.emulator.world().add_project(HOST, name, Some(&desk.project))
}

#[test]
fn all_pages_of_projects_are_listed() {
    let desk = Desk::new();
    for number in 0..120 {
        sub(&desk, &format!("sub {number}"));
    }
    let said = desk.done(&["project", "list"]);
    assert_eq!(said.stdout.lines().count(), 122, "{said}");
    assert!(said.stdout.starts_with("ID ") && said.stdout.contains(&desk.project), "{said}");
    assert_eq!(desk.requests().len(), 2);
    let list: Value =
        serde_json::from_str(&desk.done(&["project", "list", "--name", "sub 7", "-f", "json"]).stdout).unwrap();
    assert_eq!(list["projects"].as_array().unwrap().len(), 1);
    assert_eq!(list["projects"][0]["parent_project_id"], *desk.project);
}

#[test]
fn a_next_page_on_another_host_is_not_asked_for() {
    let desk = Desk::new();
    for next in ["https://evil.example/api/projects?page_number=1", "/api/project/tokens?page_number=1"] {
        let page = json!({"links": {"next": next}, "data": []});
        let case = Case {
            method: None,
            path: "/api/projects",
            times: Some(1),
            fault: Fault::Instead(Answer::json(200, &page)),
        };
        desk.emulator.fault(case);
        let before = desk.requests().len();
        let said = desk.say(&["project", "list"]);
        assert!(said.code == 3 && said.stderr.contains("the answer lacks a next page"), "{said}");
        assert_eq!(desk.requests().len(), before + 1);
    }
}

#[test]
fn a_project_is_shown_and_renamed() {
    let desk = Desk::new();
    let said = desk.done(&["project", "show"]);
    assert!(said.stdout.contains(&desk.project) && said.stdout.contains("webhooks go to HTTPS alone"), "{said}");
    let id = sub(&desk, "a\u{1b}[2J");
    assert!(desk.done(&["project", "show", &id]).stdout.contains("a\\u{1B}[2J"));
    let said = desk.done(&["project", "rename", &id, "other", "-f", "json"]);
    let project: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(json!([project["id"], project["name"], project["subproject"]]), json!([id, "other", true]));
    let said = desk.say(&["project", "show", NOBODY]);
    assert!(said.code == 1 && said.stderr.contains("404 Not Found"), "{said}");
}

#[test]
fn a_project_is_made_with_the_restrictions_that_are_asked_for() {
    let desk = Desk::new();
    let create = ["project", "create", "sub", "--protect", "recordings,fax-media", "--force-https-requests"];
    let dry = desk.done(&[&create[..], &["--dry-run"]].concat());
    assert!(dry.stdout.contains("\"protect_fax_media\": true") && !dry.stdout.contains("message_media"), "{dry}");
    desk.done(&create);
    let made = desk.emulator.world().projects.values().find(|project| project.name == "sub").unwrap().clone();
    let shown = desk.done(&["project", "show", &made.id, "-f", "json"]).stdout;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let fields = ["protect_recordings", "protect_message_media", "protect_fax_media", "force_https_requests"];
    assert_eq!(fields.map(|field| shown[field].as_bool().unwrap()), [true, false, true, true]);
    assert_eq!(desk.say(&["project", "create", "sub", "--protect", "everything"]).code, 2);
}

#[test]
fn a_signing_key_is_shown_when_it_is_made_and_when_it_is_replaced() {
    let desk = Desk::new();
    let said = desk.done(&["project", "create", "sub"]);
    let made = desk.emulator.world().projects.values().find(|project| project.name == "sub").unwrap().clone();
    assert_eq!(said.stdout, format!("{}\n", made.signing_key));
    assert!(said.stderr.contains(&format!("made the project sub, id {}", made.id)), "{said}");
    assert!(!said.stderr.contains(&made.signing_key), "{said}");

    let rotate = ["project", "rotate-signing-key", &made.id];
    let said = desk.say(&rotate);
    assert!(said.code == 2 && said.stderr.contains("this would replace the signing key"), "{said}");
    let run = desk.run(&[&rotate[..], &["--yes", "--out", "key", "-f", "json"]].concat());
    let said = run.run();
    assert_eq!(said.code, 0, "{said}");
    let key = desk.emulator.world().projects[&made.id].signing_key.clone();
    assert_ne!(key, made.signing_key);
    assert_eq!(fs::read_to_string(run.dir().join("key")).unwrap(), format!("{key}\n"));
    let record: Value = serde_json::from_str(&said.stdout).unwrap();
    assert!(record["id"] == *made.id && record.get("signing_key").is_none(), "{said}");
}

#[test]
fn each_documented_refusal_has_a_way_out() {
    let desk = Desk::new();
    let id = sub(&desk, "sub");
    desk.emulator.world().projects.get_mut(&id).unwrap().has_numbers = true;
    let below = desk.emulator.token(&id, &["management"]).value;
    for (run, words) in [
        (desk.run(&["project", "delete", &desk.project, "--yes"]), "which the API does not delete"),
        (desk.run(&["project", "delete", &id, "--yes"]), "The project still has phone numbers"),
        (desk.as_token(&below, &["project", "create", "x", "--project", &id]), "Only a root project has subprojects"),
    ] {
        let said = run.run();
        assert!(said.code == 1 && said.stderr.contains(words), "{said}");
    }
    desk.emulator.world().projects.get_mut(&id).unwrap().has_numbers = false;
    assert_eq!(desk.say(&["project", "delete", &id]).code, 2);
    desk.done(&["project", "delete", &id, "--yes"]);
    assert!(!desk.emulator.world().projects.contains_key(&id));
}

#[test]
fn a_project_whose_answer_is_lost_is_told() {
    let desk = Desk::new();
    fault(&desk, "POST", Fault::Silent);
    let said = desk.say(&["project", "create", "sub"]);
    assert!(said.code == 3 && said.stderr.contains("see with `barewire project list` whether it was made"), "{said}");
    assert_eq!(desk.requests(), ["POST /api/projects"]);
    let said = desk.say(&["project", "rotate-signing-key", &desk.project, "--yes"]);
    assert!(said.code == 3 && said.stderr.contains("the key may be a new one that nobody has"), "{said}");

    let desk = Desk::new();
    fault(&desk, "POST", Fault::Instead(Answer::json(201, &json!({"id": NOBODY, "name": "sub"}))));
    let said = desk.say(&["project", "create", "sub"]);
    let replace = format!("barewire project rotate-signing-key {NOBODY}");
    assert!(said.code == 3 && said.stderr.contains(&replace), "{said}");
}

#[test]
fn a_dry_run_changes_no_project() {
    let desk = Desk::new();
    for (args, line) in [
        (vec!["create", "x"], "POST https://acme.signalwire.com/api/projects\n"),
        (vec!["rename", NOBODY, "x"], "PATCH https://acme.signalwire.com/api/projects/"),
        (vec!["delete", NOBODY], "DELETE https://acme.signalwire.com/api/projects/"),
        (vec!["rotate-signing-key", NOBODY], "POST https://acme.signalwire.com/api/projects/"),
    ] {
        let said = desk.say(&[&["project"], &args[..], &["--dry-run"]].concat());
        assert!(said.code == 0 && said.stdout.starts_with(line), "{said}");
    }
    assert!(desk.requests().is_empty());
}
