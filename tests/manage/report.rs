//! `barewire verify REPORT`: which values are found again, and which places are not touched. Nothing here has a Space, so
//! nothing is sent: what was found again is told apart from the rest by why it was not sent.

use serde_json::{Value, json};

use crate::support::repo::Repo;
use crate::support::{Output, Run};

/// Said of a value that was found again, of a token that stands alone.
const FOUND: &str = "neither its Project ID nor its Space is known";

/// Said of one that was not.
const LOST: &str = "its value could not be read again";

const TOKEN: &str = "token = PT{hex:48}\n";

/// Scans `folder`, changes the report, and has it verified in the same folder.
fn verified(run: Run, scan: &[&str], change: impl FnOnce(&mut Value)) -> Output {
    let report = run.args(scan.iter().copied());
    let said = report.run();
    let mut document: Value = serde_json::from_str(&said.stdout).unwrap();
    change(&mut document);
    let path = report.dir().join("report.json");
    std::fs::write(&path, document.to_string()).unwrap();
    let mut verify = std::process::Command::new(report.command().get_program());
    verify.current_dir(report.dir());
    let output = verify.args(["verify", "report.json"]).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Output { stdout: text(&output.stdout), stderr: text(&output.stderr), code: output.status.code().unwrap() }
}

const SCAN: [&str; 4] = ["scan", "-f", "json", "."];

#[test]
fn a_masked_value_is_found_again_where_the_report_says() {
    let output = verified(Run::new().file("a/b.txt", TOKEN), &SCAN, |_| ());
    assert_eq!(output.code, 3, "{output}");
    assert!(output.stdout.contains(FOUND) && output.stdout.contains("--> a/b.txt:1:9"), "{output}");
    assert!(output.stderr.is_empty(), "{output}");
}

#[test]
fn a_value_in_base64_is_found_again() {
    let text = "signalwire\nAuthorization: Basic {base64:{uuid}:PT{hex:48}}\n";
    let output = verified(Run::new().file("a.http", text), &SCAN, |_| ());
    assert!(output.stdout.contains("its Space is not known"), "{output}");
    let shown = ["scan", "-f", "json", "--show-secrets", "."];
    let output = verified(Run::new().file("a.http", text), &shown, |report| {
        report["findings"][0]["path"] = "elsewhere".into();
    });
    assert!(output.stdout.contains("its Space is not known") && !output.stdout.contains(LOST), "{output}");
}

#[test]
fn a_value_that_was_replaced_is_not_taken_for_another() {
    let output = verified(Run::new().file("a.txt", TOKEN), &SCAN, |report| {
        report["findings"][0]["fingerprint"] = format!("bw1:{}", "0".repeat(32)).into();
    });
    assert!(output.stdout.contains("it does not stand there any more"), "{output}");
    assert_eq!(output.code, 3);
}

#[test]
fn a_report_leads_to_no_file_outside_of_the_folder() {
    let elsewhere = Run::new().file("secret.txt", TOKEN);
    let outside = elsewhere.dir().join("secret.txt");
    for path in [outside.to_str().unwrap(), "../work/a.txt", "a/../../work/a.txt", "/etc/passwd"] {
        let output = verified(Run::new().file("a.txt", TOKEN), &SCAN, |report| {
            report["findings"][0]["path"] = path.into();
        });
        assert!(output.stdout.contains("it lies outside of this folder"), "{path}: {output}");
    }
}

#[cfg(unix)]
#[test]
fn neither_a_link_nor_a_pipe_is_read() {
    use std::os::unix::fs::symlink;

    let elsewhere = Run::new().file("secret.txt", TOKEN);
    let run = Run::new().file("a.txt", TOKEN);
    symlink(elsewhere.dir().join("secret.txt"), run.dir().join("link")).unwrap();
    symlink(elsewhere.dir(), run.dir().join("folder")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(run.dir().join("pipe")).status().unwrap().success());
    let output = verified(run, &SCAN, |report| {
        let (finding, credential) = (report["findings"][0].clone(), report["credentials"][0].clone());
        for (at, path) in ["link", "folder/secret.txt", "pipe"].into_iter().enumerate() {
            let mut finding = finding.clone();
            finding["path"] = path.into();
            report["findings"].as_array_mut().unwrap().push(finding);
            let mut credential = credential.clone();
            credential["findings"] = json!([at + 1]);
            report["credentials"].as_array_mut().unwrap().push(credential);
        }
    });
    for reason in ["it is a link", "it lies outside of this folder", "it is not a file"] {
        assert!(output.stdout.contains(reason), "{reason}: {output}");
    }
    assert!(output.stderr.contains("0 alive, 0 dead, 4 unknown"), "{output}");
}

#[test]
fn what_a_repository_holds_is_found_again_in_its_commit() {
    let repo = Repo::new();
    let token = repo.token();
    repo.commit("a.env", format!("SIGNALWIRE_API_TOKEN={token}\n"));
    repo.commit("a.env", "nothing\n");
    let report = repo.barewire(["history", "-f", "json"]);
    std::fs::write(repo.at("report.json"), &report.stdout).unwrap();
    let output = repo.barewire(["verify", "report.json"]);
    assert!(output.stdout.contains(FOUND), "{output}");
    let broken = report.stdout.replace("a.env", "b.env");
    std::fs::write(repo.at("report.json"), broken).unwrap();
    let output = repo.barewire(["verify", "report.json"]);
    assert!(output.stdout.contains(LOST), "{output}");
}

#[test]
fn a_report_in_lines_is_read_and_what_is_none_is_refused() {
    let run = Run::new().file("a.txt", TOKEN);
    let lines = run.args(["scan", "-f", "jsonl", "."]);
    let said = lines.run().stdout;
    std::fs::write(lines.dir().join("report.jsonl"), &said).unwrap();
    let verify = |text: &str| {
        let run = Run::new().file("a.txt", TOKEN).args(["verify", "-"]).stdin(text);
        run.run()
    };
    assert!(verify(&said).stdout.contains(FOUND), "{}", verify(&said));
    for text in ["", "{}", "[]", "{\"type\":\"scan\"}", "PT{hex:48}", &said[..said.len() / 2]] {
        let output = verify(text);
        assert_eq!((output.code, &*output.stdout), (2, ""), "{text}: {output}");
        assert!(output.stderr.contains("is no report of barewire"), "{output}");
    }
    let old = said.replace("\"version\":1", "\"version\":2");
    assert!(verify(&old).stderr.contains("a report of version 2"), "{}", verify(&old));
}

#[test]
fn nothing_to_ask_is_no_alarm() {
    let output = verified(Run::new().file("a.txt", "nothing\n"), &SCAN, |_| ());
    assert_eq!((output.code, &*output.stderr), (0, "0 alive, 0 dead, 0 unknown\n"), "{output}");
}

#[test]
fn a_hook_cannot_be_told_to_verify() {
    for option in ["--verify", "--scopes", "--only-live", "--allow-host=x.example"] {
        let output = Run::new().args(["hook", "run", "pre-commit", option]).run();
        assert_eq!(output.code, 2, "{option}: {output}");
        assert!(output.stderr.contains("unexpected argument"), "{output}");
    }
}

#[test]
fn what_only_matters_to_a_verification_needs_one() {
    for options in
        [&["--scopes"][..], &["--only-live"], &["--ca-file", "x"], &["--allow-host", "x.y"], &["--timeout", "5"]]
    {
        let output = Run::new().args(["scan", "."]).args(options.iter().copied()).run();
        assert_eq!(output.code, 2, "{options:?}: {output}");
        assert!(output.stderr.contains("--verify"), "{output}");
    }
    for options in [&["--project", "x"][..], &["--space", "acme"], &["--client-token-stdin"]] {
        let output = Run::new().args(["verify", "-"]).args(options.iter().copied()).run();
        assert_eq!(output.code, 2, "{options:?}: {output}");
    }
}

#[test]
fn a_client_token_is_dead_by_its_own_words() {
    let header = "{b64u:{\"typ\":\"VRT\",\"alg\":\"HS512\"}}";
    let token = |claims: &str| format!("{header}.{{b64u:{claims}}}.{{b64url:86}}\n");
    let verify = |text: &str| Run::new().args(["verify", "--client-token-stdin"]).stdin(text).run();
    let expired = verify(&token("{\"iat\":1622120123,\"ju\":1622120999}"));
    assert_eq!(expired.code, 1, "{expired}");
    assert!(expired.stdout.contains("= by its own words it ended 2021-05-27 13:09 UTC"), "{expired}");
    let endless = verify(&token("{\"iat\":1622120123}"));
    assert_eq!(endless.code, 3, "{endless}");
    assert!(endless.stdout.contains("no safe request tells whether it is accepted"), "{endless}");
    let none = verify("PT{hex:48}");
    assert_eq!((none.code, &*none.stdout), (2, ""), "{none}");
}
