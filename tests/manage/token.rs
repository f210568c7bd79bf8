//! Tokens are made, changed and deleted, and none of it shows a value twice.

use std::fs;

use serde_json::{Value, json};

use super::desk::{Desk, NOBODY};

const CREATE: [&str; 6] = ["token", "create", "--name", "ci", "--scopes", "video,chat"];

/// An entry without what differs from run to run.
fn told(entry: &Value) -> Value {
    json!([entry["scopes"], entry["space"], entry["state"], entry["project"]])
}

#[test]
fn a_new_token_is_shown_once_and_is_on_record_without_its_value() {
    let desk = Desk::new();
    let made = desk.done(&CREATE);
    let token = desk.emulator.world().tokens.last().unwrap().clone();
    assert_eq!(made.stdout, format!("{}\n", token.value));
    assert!(made.stderr.contains(&format!("made the API token ci (chat,video), id {}", token.id)), "{made}");
    assert!(!made.stderr.contains(&token.value[6..20]), "{made}");
    let entry = desk.entry("ci");
    assert_eq!(entry["id"], *token.id);
    assert_eq!(told(&entry), json!([["chat", "video"], "acme.signalwire.com", "live", desk.project]));
    assert!(!fs::read_to_string(desk.ledger()).unwrap().contains(&token.value[6..20]));
    let list = desk.offline(&["token", "list"]).run();
    assert_eq!(list.code, 0, "{list}");
    assert!(list.stdout.contains(&token.id) && list.stdout.contains("chat,video"), "{list}");
    assert!(list.stderr.contains("This is barewire's own record; SignalWire offers no list."), "{list}");
    assert_eq!(desk.requests(), ["POST /api/project/tokens"]);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_ledger_and_the_file_of_a_token() {
    use std::os::unix::fs::MetadataExt as _;
    let desk = Desk::new();
    let run = desk.run(&[&CREATE[..], &["--out", "token"]].concat());
    let made = run.run();
    assert_eq!((made.code, &*made.stdout), (0, ""), "{made}");
    let bits = |path: &std::path::Path| fs::metadata(path).unwrap().mode() & 0o7777;
    assert_eq!(bits(&run.dir().join("token")), 0o600);
    assert_eq!(bits(&desk.ledger()), 0o600);
    assert_eq!(bits(desk.ledger().parent().unwrap()), 0o700);
    let token = desk.emulator.world().tokens.last().unwrap().clone();
    assert_eq!(fs::read_to_string(run.dir().join("token")).unwrap(), format!("{}\n", token.value));
    assert!(!made.stderr.contains(&token.value[6..20]), "{made}");
    let said = run.run();
    assert_eq!((said.code, &*said.stdout), (2, ""), "{said}");
    assert!(said.stderr.contains("nothing was sent\nhelp: A file is never overwritten."), "{said}");
    assert_eq!(desk.requests().len(), 1);
    assert_eq!(desk.entries().len(), 1);
}

#[test]
fn a_program_gets_all_of_it_as_json() {
    let desk = Desk::new();
    let made: Value = serde_json::from_str(&desk.done(&[&CREATE[..], &["-f", "json"]].concat()).stdout).unwrap();
    let token = desk.emulator.world().tokens.last().unwrap().clone();
    let asked = json!([made["id"], made["name"], made["scopes"], made["token"], made["project"]]);
    assert_eq!(asked, json!([token.id, "ci", ["chat", "video"], token.value, desk.project]));
    let out = desk.done(&[&CREATE[..], &["-f", "json", "--out", "x"]].concat());
    let record: Value = serde_json::from_str(&out.stdout).unwrap();
    assert!(record["id"].is_string() && record.get("token").is_none(), "{out}");
    let list: Value = serde_json::from_str(&desk.done(&["token", "list", "-f", "json"]).stdout).unwrap();
    assert_eq!((&list["source"], list["tokens"].as_array().unwrap().len()), (&json!("ledger"), 2));
}

#[test]
fn a_word_that_is_no_scope_is_refused_with_the_nearest() {
    let desk = Desk::new();
    for (scopes, words) in [
        ("vidoe", "there is no scope `vidoe`; nothing was sent\nhelp: Perhaps video was meant?"),
        ("video,all", "`all` is no scope: a token that may do everything loses everything"),
        (",", "no scope is named"),
    ] {
        let said = desk.say(&["token", "create", "--name", "ci", "--scopes", scopes]);
        assert!(said.code == 2 && said.stderr.contains(words), "{said}");
        assert!(said.stderr.contains("calling, chat, datasphere, fax, management"), "{said}");
    }
    assert_eq!(desk.requests(), [""; 0]);
    assert!(desk.entries().is_empty());
}

#[test]
fn management_is_warned_of_and_a_scope_counts_once() {
    let desk = Desk::new();
    let made = desk.done(&["token", "create", "--name", "ci", "--scopes", "management,Voice,management"]);
    assert!(made.stderr.contains("warning: a token with the scope management can make tokens"), "{made}");
    let body: Value = serde_json::from_slice(&desk.emulator.requests()[0].body).unwrap();
    assert_eq!(body, json!({"name": "ci", "permissions": ["calling", "management"]}));
}

#[test]
fn a_token_can_be_for_a_subproject() {
    let desk = Desk::new();
    let sub = desk.emulator.world().add_project(crate::emulator::HOST, "sub", Some(&desk.project));
    desk.done(&[&CREATE[..], &["--subproject", &sub]].concat());
    assert_eq!(desk.entry("ci")["subproject"], *sub);
    let said = desk.say(&["token", "create", "--name", "no", "--scopes", "fax", "--subproject", NOBODY, "--out", "x"]);
    assert!(said.code == 1 && said.stderr.contains("`barewire project list` shows"), "{said}");
    assert_eq!(desk.entries().len(), 1);
}

#[test]
fn scopes_are_added_to_those_of_the_ledger_and_taken_from_them() {
    let desk = Desk::new();
    let (value, id) = desk.create("ci", "video,chat");
    let scopes = || desk.entry("ci")["scopes"].clone();
    let said = desk.done(&["token", "update", &id, "--add-scopes", "fax", "--remove-scopes", "chat"]);
    assert!(said.stderr.contains("scopes by the ledger: chat,video; from now on: fax,video"), "{said}");
    assert_eq!(scopes(), json!(["fax", "video"]));
    let said = desk.done(&["token", "update", &id, "--scopes", "pubsub", "--name", "ci", "-f", "json"]);
    assert!(![&said.stdout, &said.stderr].iter().any(|text| text.contains(&value[6..20])), "{said}");
    assert_eq!(scopes(), json!(["pubsub"]));
    desk.done(&["token", "update", &id, "--name", "other"]);
    assert_eq!((&desk.entry("other")["state"], &desk.entry("other")["scopes"]), (&json!("live"), &json!(["pubsub"])));
    let bodies: Vec<Value> =
        desk.emulator.requests()[1..].iter().map(|seen| serde_json::from_slice(&seen.body).unwrap()).collect();
    let expected = json!([
        {"permissions": ["fax", "video"]},
        {"name": "ci", "permissions": ["pubsub"]},
        {"name": "other"},
    ]);
    assert_eq!(json!(bodies), expected);
}

#[test]
fn a_change_that_changes_nothing_is_refused_before_it_is_sent() {
    let desk = Desk::new();
    let (_, id) = desk.create("ci", "video");
    for (args, words) in [
        (vec![&*id], "there is nothing to change"),
        (vec![&*id, "--add-scopes", "video"], "it has these scopes already, says the ledger"),
        (vec![&*id, "--remove-scopes", "fax"], "it has these scopes already, says the ledger"),
        (vec![&*id, "--remove-scopes", "video"], "no scope would be left"),
        (vec![&*id, "--add-scopes", "fax", "--remove-scopes", "fax"], "fax is to be added and removed"),
        (vec![NOBODY, "--add-scopes", "fax"], &*format!("barewire token adopt {NOBODY} --name NAME --scopes SCOPES")),
        (vec!["ci", "--scopes", "fax"], "the id of a token is a UUID"),
    ] {
        let said = desk.say(&[&["token", "update"], &args[..]].concat());
        assert!(said.code == 2 && said.stderr.contains(words), "{said}");
    }
    assert_eq!(desk.requests().len(), 1);
}

#[test]
fn a_token_that_was_made_elsewhere_is_on_record_once_it_is_changed() {
    let desk = Desk::new();
    let id = desk.emulator.token(&desk.project, &["video"]).id;
    desk.done(&["token", "update", &id, "--scopes", "video,fax"]);
    let entry = desk.entry("made by hand");
    assert_eq!(told(&entry)[0], json!(["fax", "video"]));
    assert!(entry["fingerprint"].as_str().unwrap().starts_with("bw1:") && entry.get("created").is_none());
}

#[test]
fn whoever_changes_the_token_in_use_is_warned() {
    let desk = Desk::new();
    let said = desk.done(&["token", "update", &desk.admin.id, "--scopes", "management,fax"]);
    assert!(!said.stderr.contains("the token that you use now"), "{said}");
    let said = desk.say(&["token", "delete", &desk.admin.id, "--dry-run"]);
    assert!(said.code == 0 && said.stderr.contains("this is the token that you use now"), "{said}");
    let said = desk.done(&["token", "update", &desk.admin.id, "--scopes", "fax"]);
    assert!(said.stderr.contains("this is the token that you use now; without management"), "{said}");
}

#[test]
fn a_token_is_deleted_only_if_that_was_meant() {
    let desk = Desk::new();
    let (_, id) = desk.create("ci", "video");
    let said = desk.say(&["token", "delete", &id]);
    assert!(said.code == 2 && said.stderr.contains(&format!("this would delete the API token ci {id}")), "{said}");
    assert_eq!(desk.requests().len(), 1);
    let said = desk.done(&["token", "delete", &id, "--yes"]);
    assert!(said.stdout.is_empty() && said.stderr.contains("it can take a moment"), "{said}");
    let entry = desk.entry("ci");
    assert!(entry["state"] == "deleted" && entry["deleted"].is_string(), "{entry}");
    let said = desk.say(&["token", "delete", &id, "--yes"]);
    assert!(said.code == 1 && said.stderr.contains(&format!("barewire token forget {id}")), "{said}");
    assert_eq!(desk.entry("ci")["state"], "deleted");
    desk.done(&["token", "forget", &id]);
    assert!(desk.entries().is_empty());
}

#[test]
fn a_dry_run_shows_the_request_and_does_nothing() {
    let desk = Desk::new();
    let (_, id) = desk.create("ci", "video");
    let before = fs::read(desk.ledger()).unwrap();
    for (args, line) in [
        (
            vec!["create", "--name", "x", "--scopes", "fax", "--out", "x"],
            "POST https://acme.signalwire.com/api/project/tokens\n",
        ),
        (vec!["update", &id, "--add-scopes", "fax"], "PATCH https://acme.signalwire.com/api/project/tokens/"),
        (vec!["delete", &id], "DELETE https://acme.signalwire.com/api/project/tokens/"),
    ] {
        let run = desk.run(&[&["token"], &args[..], &["--dry-run"]].concat());
        let said = run.run();
        assert!(said.code == 0 && said.stdout.starts_with(line), "{said}");
        assert!(!said.stdout.contains(&desk.admin.value) && !run.dir().join("x").exists(), "{said}");
    }
    assert_eq!(desk.requests().len(), 1);
    assert_eq!(fs::read(desk.ledger()).unwrap(), before);
}

#[test]
fn a_token_without_management_makes_none() {
    let desk = Desk::new();
    let narrow = desk.emulator.token(&desk.project, &["video"]);
    let said = desk.as_token(&narrow.value, &CREATE).run();
    assert!(said.code == 1 && said.stdout.is_empty(), "{said}");
    assert!(said.stderr.contains("The token is alive, but lacks a scope"), "{said}");
    assert!(desk.entries().is_empty());
}
