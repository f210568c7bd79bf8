//! `scan --verify`, `verify` and `scopes` against an emulator of SignalWire's API.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::ground::{Ground, SPACE, dotenv};
use crate::emulator::fault::{Case, Fault};
use crate::emulator::page;
use crate::emulator::world::{EmptyPatch, GuestAuth, Lookup, MissingScope, Modes, SelfDelete};
use crate::support::{Output, Run};

/// Every answer that the documentation gives twice, one way and the other.
fn both() -> [Modes; 3] {
    let other = Modes {
        missing_scope: MissingScope::Forbidden,
        empty_patch: EmptyPatch::Refused,
        self_delete: SelfDelete::Refused,
        guest_auth: GuestAuth::Bearer,
        lookup: Lookup::NotFound,
        slow_delete: 3,
    };
    [Modes::default(), other, Modes { lookup: Lookup::NotFound, ..Modes::default() }]
}

/// A tree with a credential of every kind.
fn tree(ground: &mut Ground) -> Run {
    let project = ground.project.clone();
    let token = |ground: &mut Ground, scopes: &[&str]| ground.token(scopes);
    let management = token(ground, &["management", "video", "fax"]);
    let narrow = token(ground, &["video"]);
    let deleted = token(ground, &["video"]);
    ground.delete(&deleted, 0);
    let (foreign, other) = ground.foreign();
    let [nowhere, closed, unknown, staging, lone] = [(); 5].map(|()| token(ground, &["video"]));
    let subscriber = ground.subscriber();
    let over = ground.value(
        "{b64u:{\"typ\":\"VRT\",\"alg\":\"HS512\"}}.{b64u:{\"iat\":1622120123,\"ju\":1622120999,\"sub\":\"{uuid}\"}}.{b64url:86}",
    );
    let run = ground.run();
    let run = dotenv(run, "management", (&project, &management, SPACE));
    let run = dotenv(run, "narrow", (&project, &narrow, "northwind"));
    let run = dotenv(run, "deleted", (&project, &deleted, SPACE));
    let run = dotenv(run, "foreign", (&other, &foreign, SPACE));
    let run = dotenv(run, "nowhere", (&project, &nowhere, "nowhere.signalwire.com"));
    let run = dotenv(run, "closed", (&project, &closed, "closed.signalwire.com"));
    let run = dotenv(run, "unknown", (&project, &unknown, "westwind.signalwire.com"));
    let run = dotenv(run, "staging", (&project, &staging, "northwind.swire.io"));
    let run = dotenv(run, "lone/deep", ("", &lone, ""));
    run.bytes("subscriber/a.js", format!("// {SPACE}\nsat('{subscriber}')\n").as_bytes())
        .bytes("over/a.js", format!("room('{over}')\n").as_bytes())
}

/// The verdict, the evidence and the scopes of each credential, by the folder that it lies in.
fn answers(document: &Value) -> BTreeMap<String, (String, String, Option<String>)> {
    let of = |credential: &Value| {
        let index = usize::try_from(credential["findings"][0].as_u64().unwrap()).unwrap();
        let path = document["findings"][index]["path"].as_str().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let evidence: Vec<_> = credential["verification"]["evidence"].as_array().unwrap().iter().map(text).collect();
        let scopes = credential["scopes"].as_array().map(|scopes| {
            let held = scopes.iter().filter(|scope| scope["holds"] != "no");
            let words: Vec<_> =
                held.map(|scope| format!("{}:{}", text(&scope["scope"]), text(&scope["holds"]))).collect();
            words.join(" ").replace("unknown", "?")
        });
        let folder = path.split('/').next().unwrap().to_owned();
        (folder, (text(&credential["verification"]["verdict"]), evidence.join("; "), scopes))
    };
    document["credentials"].as_array().unwrap().iter().map(of).collect()
}

fn document(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|_| panic!("{output}"))
}

#[test]
fn every_verdict_is_right_with_both_answers_of_each_contradiction() {
    for modes in both() {
        let mut ground = Ground::new(modes);
        let run = tree(&mut ground).args(["scan", "--verify", "--scopes", "-f", "json", "."]);
        let output = run.run();
        assert_eq!(output.code, 1, "{output}");
        ground.assert_silent(&output);
        let answers = answers(&document(&output));
        for (folder, verdict, evidence) in [
            ("management", "alive", "to a lookup that needs no scope"),
            ("narrow", "alive", "to a lookup that needs no scope"),
            ("deleted", "dead", "all 8 probes at northwind.signalwire.com answered 401"),
            ("foreign", "dead", "deleted, or of another project or Space"),
            ("nowhere", "unknown", "there is no such host"),
            ("closed", "unknown", "no connection"),
            ("unknown", "unknown", "there seems to be no such Space"),
            ("staging", "unknown", "not sent: northwind.swire.io is no Space"),
            ("lone", "unknown", "not sent: "),
            ("subscriber", "alive", "answered 200 to GET /api/fabric/subscriber/info"),
            ("over", "dead", "by its own words it ended 2021-05-27"),
        ] {
            let (said, why, _) = &answers[folder];
            assert!(said == verdict && why.contains(evidence), "{modes:?} {folder}: {said}: {why}");
        }
        let scopes = |folder: &str| answers[folder].2.as_deref();
        let unprobed = "chat:? {}pubsub:? storage:? tasking:? video:yes";
        assert_eq!(scopes("management").unwrap(), unprobed.replace("{}", "fax:yes management:yes "));
        assert_eq!(scopes("narrow").unwrap(), unprobed.replace("{}", ""));
        assert_eq!((scopes("deleted"), scopes("subscriber")), (None, None));
        assert!(!scopes("nowhere").unwrap().contains("yes"));
    }
}

/// Must be all that a full run sends.
const PROBES: [&str; 8] = [
    "/api/datasphere/documents?page_size=1 Basic",
    "/api/fax/logs?page_size=1 Basic",
    "/api/messaging/logs?page_size=1 Basic",
    "/api/projects?page_size=1 Basic",
    "/api/relay/rest/lookup/phone_number/%2B15551234567 Basic",
    "/api/relay/rest/number_groups?page_size=1 Basic",
    "/api/video/rooms?page_size=1 Basic",
    "/api/voice/logs?page_size=1 Basic",
];

#[test]
fn nothing_but_the_probes_leaves_and_only_to_spaces() {
    for modes in both() {
        let mut ground = Ground::new(modes);
        let scan = tree(&mut ground).args(["scan", "--verify", "--scopes", "."]);
        scan.run();
        let sent = ground.sent();
        let lookup = "/api/relay/rest/lookup/phone_number/%2B15551234567";
        let mut expected: Vec<_> = PROBES.iter().map(|probe| format!("GET https://{SPACE}{probe}")).collect();
        expected.push(format!("GET https://{SPACE}/api/fabric/subscriber/info Bearer"));
        // Each Space is asked once without a credential; one that is none gets no other request.
        expected.extend([SPACE, "westwind.signalwire.com"].map(|host| format!("GET https://{host}{lookup} ")));
        expected.sort();
        assert_eq!(sent, expected, "{modes:?}");
        let count = ground.emulator.requests().len();

        let report = scan.dir().join("report.json");
        let shown = ground.run().args(["scan", "-f", "json", "--show-secrets"]).args([scan.dir()]).run();
        std::fs::write(&report, &shown.stdout).unwrap();
        let run = ground.run().args(["verify", "--scopes", "-f", "json"]).args([&report]);
        let output = run.run();
        assert_eq!(output.code, 1, "{output}");
        ground.assert_silent(&output);
        assert_eq!(ground.sent(), expected, "{modes:?}");
        assert!(ground.emulator.requests().len() > count);
    }
}

#[test]
fn each_credential_is_asked_for_once_wherever_it_stands() {
    let mut ground = Ground::new(Modes::default());
    let (token, project) = (ground.token(&["video"]), ground.project.clone());
    let mut run = ground.run();
    for folder in ["a", "b", "c"] {
        run = dotenv(run, folder, (&project, &token, SPACE));
    }
    run.args(["scan", "--verify", "."]).run();
    let asked: Vec<_> = ground.emulator.requests().into_iter().map(|request| request.auth).collect();
    assert_eq!(asked, ["", "Basic"]);
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let mut ground = Ground::new(Modes::default());
    let run = tree(&mut ground);
    let said = |jobs: &str| {
        let again = ground.run().args(["scan", "--verify", "--scopes", "-f", "json", "-j", jobs]).args([run.dir()]);
        again.run().stdout
    };
    assert_eq!(said("1"), said("8"));
}

#[test]
fn what_is_dead_can_be_left_out_and_is_counted() {
    let mut ground = Ground::new(Modes::default());
    let run = tree(&mut ground).args(["scan", "--verify", "--only-live", "--show-suppressed", "-f", "json", "."]);
    let document = document(&run.run());
    let folders: Vec<_> = answers(&document).into_keys().collect();
    let left = ["closed", "lone", "management", "narrow", "nowhere", "staging", "subscriber", "unknown"];
    assert_eq!(folders, left);
    // Three secrets, the project that only one of them used, and its claim of one.
    let dead = document["suppressed_findings"].as_array().unwrap();
    assert_eq!(document["suppressed"]["dead"], dead.len());
    let secrets = dead.iter().filter(|finding| finding["part"] != "project").count();
    assert_eq!(secrets, 3, "{dead:#?}");
    assert!(dead.iter().all(|finding| finding["suppressed"]["reason"] == "dead"));

    let mut ground = Ground::new(Modes::default());
    let (token, project) = (ground.token(&["video"]), ground.project.clone());
    ground.delete(&token, 0);
    let run = dotenv(ground.run(), "a", (&project, &token, SPACE)).args(["scan", "--verify", "--only-live", "."]);
    let output = run.run();
    assert_eq!((output.code, &*output.stdout), (0, ""), "{output}");
    assert!(output.stderr.contains("3 suppressed (3 dead)"), "{output}");
}

#[test]
fn a_staging_host_is_asked_when_it_is_listed_and_not_the_space_of_that_name() {
    let mut ground = Ground::new(Modes::default());
    let (token, project) = (ground.token(&["video"]), ground.project.clone());
    let scan = |options: &[&str]| {
        let run = dotenv(ground.run(), "a", (&project, &token, "northwind.swire.io"));
        run.args(["scan", "--verify", "."]).args(options.iter().copied()).run();
        ground.emulator.requests().into_iter().map(|request| request.host).collect::<Vec<_>>()
    };
    assert!(scan(&[]).is_empty());
    let hosts = scan(&["--allow-host", "northwind.swire.io"]);
    assert!(!hosts.is_empty() && hosts.iter().all(|host| host == "northwind.swire.io"), "{hosts:?}");
}

#[test]
fn a_deletion_that_comes_late_is_told_as_it_is() {
    for modes in both() {
        let mut ground = Ground::new(modes);
        let token = ground.token(&["video"]);
        ground.delete(&token, 1);
        let first = ground.with(&token).args(["verify"]).run();
        assert_eq!(first.code, 0, "{first}");
        let second = ground.with(&token).args(["verify"]).run();
        assert_eq!(second.code, 1, "{second}");
    }
}

#[test]
fn one_credential_has_its_verdict_and_exit_code() {
    let mut ground = Ground::new(Modes::default());
    let alive = ground.token(&["video", "management"]);
    let output = ground.with(&alive).args(["verify"]).run();
    assert!(output.code == 0 && output.stdout.starts_with("alive: api-token PT"), "{output}");
    ground.assert_silent(&output);
    let output = ground.with(&alive).args(["scopes"]).run();
    assert_eq!(output.code, 0);
    for line in
        ["\nvideo       yes      enter, record", "\nfax         no       send faxes", "\nWith management it can"]
    {
        assert!(output.stdout.contains(line), "{output}");
    }
    let told = document(&ground.with(&alive).args(["scopes", "-f", "json"]).run());
    assert_eq!(
        (&told["summary"]["alive"], told["credentials"][0]["scopes"].as_array().unwrap().len()),
        (&1.into(), 11)
    );
    ground.delete(&alive, 0);
    for command in ["verify", "scopes"] {
        let output = ground.with(&alive).args([command]).run();
        assert!(output.code == 1 && output.stdout.starts_with("dead: "), "{output}");
    }
    let subscriber = ground.subscriber();
    let ask = |ground: &Ground, token: &str| {
        let run = ground.run().args(["verify", "--client-token-stdin", "--space", SPACE, "-v"]).stdin(token);
        run.run()
    };
    let output = ask(&ground, &subscriber);
    assert!(output.code == 0 && output.stdout.starts_with("alive: client-token eyJ"), "{output}");
    assert!(output.stderr.contains("/api/fabric/subscriber/info -> 200"), "{output}");
    ground.assert_silent(&output);
    ground.emulator.world().minted.clear();
    let output = ask(&ground, &subscriber);
    assert!(output.code == 1 && output.stdout.contains("both probes at"), "{output}");
}

#[test]
fn what_is_no_answer_is_unknown() {
    let locked = r#"{"message":"Please validate a phone number to access your account."}"#;
    let faults = [
        ("answered 503, an error of the server", Fault::server_error(503)),
        ("it asks for fewer requests", Fault::too_many(Some("0"))),
        ("a redirect, which is not followed", Fault::redirect("https://evil.example/")),
        ("the connection ended before", Fault::Closed),
        ("answered 200 with something that is not JSON", Fault::Instead(page(200, "text/html", "<html>a page</html>"))),
        ("the account has to be put in order", Fault::Instead(page(401, "application/json", locked))),
        ("gave no answer: ", Fault::Latency(Duration::from_secs(9))),
    ];
    for (words, fault) in faults {
        let mut ground = Ground::new(Modes::default());
        let token = ground.token(&["video"]);
        ground.emulator.fault(Case::always("/api/relay", fault));
        let output = ground.with(&token).args(["scopes", "--timeout", "3"]).run();
        assert!(output.code == 3 && output.stdout.contains(words), "{words}: {output}");
        ground.assert_silent(&output);
        assert!(ground.emulator.requests().iter().all(|request| request.host == SPACE && request.method == "GET"));
    }
}

#[test]
fn a_host_that_answers_everybody_is_sent_no_credential() {
    for (media, body) in [("application/json", "{}"), ("text/html", "<html>welcome</html>")] {
        let mut ground = Ground::new(Modes::default());
        let token = ground.token(&["video"]);
        ground.emulator.fault(Case::always("/", Fault::Instead(page(200, media, body))));
        let output = ground.with(&token).args(["verify"]).run();
        assert!(output.code == 3 && output.stdout.contains("which a Space refuses"), "{output}");
        assert!(ground.emulator.requests().iter().all(|request| request.auth.is_empty()));
    }
}

#[test]
fn one_probe_without_an_answer_keeps_a_token_from_being_called_dead() {
    for fault in [Fault::too_many(Some("0")), Fault::Instead(page(404, "text/html", "")), Fault::redirect("/x")] {
        let mut ground = Ground::new(Modes::default());
        let token = ground.value("PT{hex:48}");
        ground.emulator.fault(Case::always("/api/video", fault));
        let output = ground.with(&token).args(["verify"]).run();
        assert!(output.code == 3 && output.stdout.contains("dead is only what every probe"), "{output}");
    }
}

#[test]
fn a_report_from_a_pipe_is_asked_for() {
    let mut ground = Ground::new(Modes::default());
    let run = tree(&mut ground);
    let report = Run::new().args(["scan", "-f", "json", "--show-secrets"]).args([run.dir()]).run().stdout;
    let verify = |options: &[&str]| {
        let path = run.dir().join("../report.json");
        std::fs::write(&path, &report).unwrap();
        ground.run().args(["verify", "-f", "json"]).args([path]).args(options.iter().copied()).run()
    };
    let all = verify(&[]);
    let told = document(&all);
    assert_eq!(told["summary"], serde_json::json!({"alive": 3, "dead": 3, "unknown": 5}), "{all}");
    assert_eq!((all.code, told["credentials"].as_array().unwrap().len()), (1, 11));
    let live = document(&verify(&["--only-live"]));
    assert_eq!((&live["summary"], live["credentials"].as_array().unwrap().len()), (&told["summary"], 8));
    let mut world = ground.emulator.world();
    world.tokens.clear();
    world.minted.clear();
    drop(world);
    assert_eq!(verify(&["--only-live"]).code, 3);
}
