//! Where a token is sent that stands with several projects and Spaces, and what its refusal proves; and reports that are not
//! all of one scan.

use serde_json::Value;

use super::ground::{Ground, SPACE, dotenv};
use crate::emulator::world::Modes;
use crate::support::{Output, Run};

/// The hosts that were sent a credential.
fn hosts(ground: &Ground) -> Vec<String> {
    let requests = ground.emulator.requests();
    let mut hosts: Vec<_> =
        requests.into_iter().filter(|request| !request.auth.is_empty()).map(|request| request.host).collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// What `scan --verify --only-live` says of the folder of `run`.
fn living(run: Run, options: &[&str]) -> Output {
    run.args(["scan", "--verify", "--only-live", "."]).args(options.iter().copied()).run()
}

#[test]
fn a_token_goes_to_the_host_that_stands_with_it() {
    let staging = "northwind.swire.io";
    let at = |options: &[&str]| {
        let mut ground = Ground::new(Modes::default());
        let (token, project) = (ground.token(&["video"]), ground.project.clone());
        let text = format!(
            "SIGNALWIRE_PROJECT_ID={project}\nSIGNALWIRE_API_TOKEN={token}\nSIGNALWIRE_SPACE={staging}\n# was https://{SPACE}\n"
        );
        let mut world = ground.emulator.world();
        world.spaces.insert(staging.to_owned());
        world.projects.get_mut(&project).unwrap().host = staging.to_owned();
        drop(world);
        let said = living(ground.run().bytes("a.env", text.as_bytes()), options);
        assert_eq!(said.code, 1, "{said}");
        (said.stdout.contains("= alive: "), hosts(&ground))
    };
    assert_eq!(at(&["--allow-host", staging]), (true, vec![staging.to_owned()]));
    assert_eq!(at(&[]), (false, Vec::new()));
}

#[test]
fn a_host_that_only_holds_the_name_of_a_space_is_not_asked_for_one() {
    let mut ground = Ground::new(Modes::default());
    let (token, project) = (ground.token(&["video"]), ground.project.clone());
    let host = "northwind-ivr.dapp.signalwire.com";
    let text = format!("SIGNALWIRE_PROJECT_ID={project}\nSIGNALWIRE_API_TOKEN={token}\nSIP=sip:1@{host}\n");
    let said = living(ground.run().bytes("a.env", text.as_bytes()), &[]);
    let words = said.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.code == 1 && words.contains("is not the host of a Space itself"), "{said}");
    assert!(ground.emulator.requests().is_empty());
}

#[test]
fn a_refusal_proves_nothing_where_another_project_may_be_meant() {
    let mut ground = Ground::new(Modes::default());
    let (token, project) = (ground.token(&["video"]), ground.project.clone());
    let (_, other) = ground.foreign();
    let run = dotenv(ground.run(), "a", (&other, &token, SPACE));
    let said = living(dotenv(run, "b", (&project, &token, SPACE)), &[]);
    let words = said.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.code == 1 && words.contains("stands with other Project IDs"), "{said}");

    let run = dotenv(ground.run(), "x", ("", &token, ""));
    let said = living(dotenv(run, "y", (&other, "", SPACE)), &[]);
    let words = said.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.code == 1 && words.contains("was taken from another file"), "{said}");

    // What is accepted is alive, however it was found.
    let run = dotenv(ground.run(), "x", ("", &token, ""));
    let said = living(dotenv(run, "y", (&project, "", SPACE)), &[]);
    assert!(said.code == 1 && said.stdout.contains("= alive: "), "{said}");
}

/// A tree with a credential that is dead, and its report.
fn dead(format: &str) -> (Ground, Run, String) {
    let mut ground = Ground::new(Modes::default());
    let (token, project) = (ground.token(&["video"]), ground.project.clone());
    ground.delete(&token, 0);
    let run = dotenv(ground.run(), "a", (&project, &token, SPACE));
    let report = ground.run().args(["scan", "-f", format, "--show-secrets"]).args([run.dir()]).run().stdout;
    (ground, run, report)
}

/// What `verify` says of a report.
fn verified(ground: &Ground, run: &Run, report: &str) -> Output {
    let path = run.dir().join("report");
    std::fs::write(&path, report).unwrap();
    ground.run().args(["verify"]).args([path]).run()
}

#[test]
fn a_report_is_all_of_one_scan_or_none() {
    let (ground, run, report) = dead("jsonl");
    assert_eq!(verified(&ground, &run, &report).code, 0);
    let count = ground.emulator.requests().len();
    for (text, words) in [
        (report.repeat(2), "a second one begins here"),
        (report.lines().next().unwrap().to_owned(), "a part of it is missing"),
        (report.lines().take(2).collect::<Vec<_>>().join("\n"), "a part of it is missing"),
    ] {
        let said = verified(&ground, &run, &text);
        assert!(said.code == 2 && said.stderr.contains(words), "{said}");
    }
    assert_eq!(ground.emulator.requests().len(), count);
    for format in ["json", "jsonl"] {
        let (ground, run, report) = dead(format);
        let partial = report
            .replace("\"complete\": true", "\"complete\": false")
            .replace("\"complete\":true", "\"complete\":false");
        assert_ne!(partial, report);
        let said = verified(&ground, &run, &partial);
        assert!(said.code == 3 && said.stderr.contains("did not see all"), "{said}");
    }
}

#[test]
fn what_a_report_names_twice_is_asked_for_once() {
    let (ground, run, report) = dead("json");
    let mut document: Value = serde_json::from_str(&report).unwrap();
    let again = document["credentials"][0].clone();
    document["credentials"].as_array_mut().unwrap().extend([again.clone(), again]);
    let said = verified(&ground, &run, &document.to_string());
    assert!(said.stderr.contains("0 alive, 3 dead, 0 unknown"), "{said}");
    let lookups = ground.emulator.requests().into_iter().filter(|request| request.target.contains("lookup"));
    assert_eq!(lookups.count(), 2, "without a credential, and with it");
}

#[test]
fn a_report_without_its_bonds_proves_no_death() {
    let (ground, run, report) = dead("json");
    let said = verified(&ground, &run, &report.replace("\"bond\": \"sole\"", "\"bond\": \"else\""));
    assert!(said.code == 3 && said.stdout.contains("no proof"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_no_usage_error() {
    let mut ground = Ground::new(Modes::default());
    let alive = ground.token(&["video"]);
    for command in ["verify", "scopes"] {
        let run = ground.with(&alive).args([command]);
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = run.command().stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        assert!(String::from_utf8_lossy(&output.stderr).contains("standard output: "));
    }
}
