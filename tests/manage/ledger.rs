//! The ledger is whole at every moment, for its owner alone, and never holds a value.

use std::fs;
use std::process::Stdio;

use serde_json::{Value, json};

use super::desk::{Desk, NOBODY};

const PROJECT: &str = "5d6f7a80-9b1c-4d2e-8f30-a1b2c3d4e5f7";

fn adopt<'a>(id: &'a str, name: &'a str) -> Vec<&'a str> {
    vec!["token", "adopt", id, "--name", name, "--scopes", "fax", "--space", "acme", "--project", PROJECT]
}

#[test]
fn processes_that_write_at_once_lose_nothing() {
    let desk = Desk::new();
    let ids: Vec<String> = (0..24).map(|number| NOBODY.replace("944", &format!("{number:03}"))).collect();
    let runs: Vec<_> = ids.iter().map(|id| desk.offline(&adopt(id, "x"))).collect();
    let start = |run: &crate::support::Run| {
        run.command().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let children: Vec<_> = runs.iter().map(start).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let found: Vec<_> = desk.entries().iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(found, ids);
}

#[test]
fn a_ledger_that_is_damaged_is_left_as_it_is() {
    let desk = Desk::new();
    assert_eq!(desk.offline(&adopt(NOBODY, "x")).run().code, 0);
    let sound = fs::read_to_string(desk.ledger()).unwrap();
    for (text, words) in [
        ("", ":1: this ends too early"),
        ("{\n]", ":2: this is not JSON"),
        ("{\"version\": 1, \"tokens\": [], \"more\": 1}", ":1: this is JSON, but not what barewire wrote"),
        (&*sound.replace(NOBODY, "x"), ":5: this is JSON, but not what barewire wrote"),
        (&*sound.replace("\"fax\"", "\"fox\""), ":9: this is JSON, but not what barewire wrote"),
        ("{\"version\": 2, \"tokens\": {}}", "this has the form of version 2, which is not known"),
    ] {
        fs::write(desk.ledger(), text).unwrap();
        for args in [vec!["token", "list"], adopt(NOBODY, "x"), vec!["token", "forget", NOBODY]] {
            let said = desk.offline(&args).run();
            assert!(said.code == 2 && said.stderr.contains(words), "{text}\n{said}");
            assert_eq!(fs::read_to_string(desk.ledger()).unwrap(), text);
        }
    }
}

#[test]
fn a_file_that_a_killed_process_left_hinders_nobody() {
    let desk = Desk::new();
    assert_eq!(desk.offline(&adopt(NOBODY, "x")).run().code, 0);
    let left = desk.ledger().with_file_name("ledger.json.tmp");
    fs::write(&left, "{\"version\": 1, \"tok").unwrap();
    assert_eq!(desk.offline(&adopt(PROJECT, "y")).run().code, 0);
    assert_eq!(desk.entries().len(), 2);
    assert!(!left.exists());
}

#[cfg(unix)]
#[test]
fn a_ledger_that_others_can_reach_is_refused() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let desk = Desk::new();
    assert_eq!(desk.offline(&adopt(NOBODY, "x")).run().code, 0);
    let (file, folder) = (desk.ledger(), desk.ledger().parent().unwrap().to_owned());
    let set = |path: &std::path::Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let refused = |words: &str| {
        let said = desk.offline(&adopt(NOBODY, "y")).run();
        assert!(said.code == 2 && said.stderr.contains(words), "{said}");
    };
    set(&file, 0o644);
    refused("others can read or change this (mode 0644)\nhelp: Take it from the others with `chmod 600`");
    set(&file, 0o600);
    set(&folder, 0o770);
    refused("help: Take it from the others with `chmod 700`");
    set(&folder, 0o700);
    let elsewhere = folder.join("elsewhere");
    fs::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    refused("this is no regular file; a link is not followed");
    assert!(fs::symlink_metadata(&file).unwrap().is_symlink());
    fs::remove_file(&file).unwrap();
    fs::rename(&elsewhere, &file).unwrap();
    let lock = folder.join("ledger.json.lock");
    fs::remove_file(&lock).unwrap();
    symlink("/dev/null", &lock).unwrap();
    refused("this is no regular file");
    assert_eq!(desk.entry("x")["name"], "x");
}

#[test]
fn a_token_is_adopted_listed_and_forgotten_without_a_request() {
    let desk = Desk::new();
    let other = "6d6f7a80-9b1c-4d2e-8f30-a1b2c3d4e5f7";
    assert_eq!(desk.offline(&adopt(NOBODY, "x")).run().code, 0);
    let mut args = adopt(PROJECT, "y");
    args.splice(7..11, ["--space", "beta.signalwire.com", "--project", other]);
    assert_eq!(desk.offline(&args).run().code, 0);
    let listed = |args: &[&str]| -> Vec<String> {
        let said = desk.offline(&[&["token", "list", "-f", "json"], args].concat()).run();
        let list: Value = serde_json::from_str(&said.stdout).unwrap();
        list["tokens"].as_array().unwrap().iter().map(|token| token["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(listed(&[]), ["x", "y"]);
    assert_eq!(listed(&["--space", "acme"]), ["x"]);
    assert_eq!(listed(&["--space", "https://Beta.signalwire.com/"]), ["y"]);
    assert_eq!(listed(&["--project", other]), ["y"]);
    assert_eq!(listed(&["--project", other, "--space", "acme"]), [""; 0]);
    let said = desk.offline(&["token", "forget", NOBODY]).run();
    assert!(said.code == 0 && said.stderr.contains("the token itself stays as it is"), "{said}");
    let said = desk.offline(&["token", "forget", NOBODY]).run();
    assert!(said.code == 2 && said.stderr.contains("the ledger has no token"), "{said}");
    assert_eq!(listed(&[]), ["y"]);
    assert!(desk.requests().is_empty());
}

#[test]
fn an_empty_ledger_is_no_error() {
    let desk = Desk::new();
    let said = desk.offline(&["token", "list"]).run();
    assert_eq!((said.code, &*said.stdout), (0, ""), "{said}");
    assert!(!desk.ledger().parent().unwrap().exists(), "reading makes no folder");
}

#[test]
fn a_finding_can_be_looked_up_by_its_fingerprint() {
    let desk = Desk::new();
    // The same template gives the same value to both commands.
    let run = desk.offline(&[&adopt(NOBODY, "x")[..], &["--token-stdin"]].concat()).stdin("PT{same:token=hex:48}");
    let said = run.run();
    assert_eq!(said.code, 0, "{said}");
    let token = run.kept("token").to_owned();
    let run = desk.offline(&["scan", "-f", "json", "."]).file("a.env", "SIGNALWIRE_TOKEN=PT{same:token=hex:48}\n");
    let report: Value = serde_json::from_str(&run.run().stdout).unwrap();
    assert_eq!(run.kept("token"), token);
    assert_eq!(report["findings"][0]["fingerprint"], desk.entry("x")["fingerprint"]);
    assert!(!fs::read_to_string(desk.ledger()).unwrap().contains(&token[4..20]));
    let said = desk.offline(&["token", "list"]).run();
    assert!(!said.stdout.contains(&token[4..20]), "{said}");
}

#[test]
fn a_name_in_the_ledger_moves_no_cursor() {
    let desk = Desk::new();
    assert_eq!(desk.offline(&adopt(NOBODY, "x")).run().code, 0);
    let text = fs::read_to_string(desk.ledger()).unwrap();
    fs::write(desk.ledger(), text.replace("\"x\"", &json!("x\u{1b}[2J\u{202e}").to_string())).unwrap();
    let said = desk.offline(&["token", "list"]).run();
    assert!(said.stdout.contains("x\\u{1B}[2J\\u{202E}"), "{said}");
}

#[test]
fn a_token_of_the_ledger_that_is_found_alive_is_told_with_its_id() {
    let desk = Desk::new();
    let (value, id) = desk.create("ci", "video");
    let leak = |args: &[&str]| {
        let text = format!(
            "SIGNALWIRE_PROJECT_ID={}\nSIGNALWIRE_SPACE=northwind\nSIGNALWIRE_API_TOKEN={value}\n",
            desk.project
        );
        desk.run(args).bytes("leak.env", text.as_bytes())
    };
    // `acme` stands in so many documents that a scan takes it for an example.
    let mut world = desk.emulator.world();
    world.spaces.insert("northwind.signalwire.com".to_owned());
    world.projects.get_mut(&desk.project).unwrap().host = "northwind.signalwire.com".to_owned();
    drop(world);
    let revoke = format!("barewire token delete {id}");
    let said = leak(&["scan", "--verify", "leak.env"]).run();
    assert!(said.stdout.replace("\n             ", " ").contains(&revoke), "{said}");
    let said = leak(&["verify", "--env-file", "leak.env", "-f", "json"]);
    let said = said.env("SIGNALWIRE_SPACE", "northwind").env("SIGNALWIRE_API_TOKEN", &value).run();
    let told: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(told["credentials"][0]["verification"]["token_id"], *id);
    fs::write(desk.ledger(), "{").unwrap();
    let said = leak(&["scan", "--verify", "leak.env"]).run();
    assert!(said.code == 1 && said.stderr.contains("what the ledger has is not recognized"), "{said}");
}
