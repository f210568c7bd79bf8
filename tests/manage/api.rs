//! `barewire api`: what is sent, and what is printed.

use std::fmt::Write as _;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::stage::{PROJECT, Seen, Show, Stage, Wire, answer};

fn ok(body: &str) -> String {
    answer("200 OK", "Content-Type: application/json\r\n", body)
}

/// A stage that answers by what is asked for.
fn by(answer: impl Fn(&Seen) -> String + Send + Sync + 'static) -> Stage {
    Stage::new(Show::Good, move |seen, wire: &mut Wire| wire.write_all(answer(seen).as_bytes()).is_ok())
}

#[test]
fn a_request_says_who_asks_and_an_answer_is_printed_byte_for_byte() {
    let body = "{\"data\":[], \"n\":1.10}\u{202e}";
    let stage = Stage::answering(ok(body));
    let run = stage.run().args(["api", "get", "/api/video/rooms", "-f", "name=a b", "-f", "page_size=1"]);
    let output = run.run();
    assert_eq!((output.code, &*output.stdout, &*output.stderr), (0, body, ""), "{output}");
    let seen = &stage.requests()[0];
    assert_eq!(seen.line, "GET /api/video/rooms?name=a%20b&page_size=1");
    assert_eq!(seen.header("host"), "acme.signalwire.com");
    assert_eq!(seen.header("accept"), "application/json");
    assert!(seen.header("user-agent").starts_with("barewire/"));
    let pair = format!("{PROJECT}:PT{}", run.kept("token"));
    assert_eq!(seen.header("authorization"), format!("Basic {}", STANDARD.encode(pair)));
    let names: Vec<_> = seen.headers.iter().map(|line| line.split(':').next().unwrap().to_lowercase()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
}

#[test]
fn fields_make_a_body_of_json_or_a_form() {
    let stage = Stage::answering(ok("{}"));
    let fields =
        ["-f", "name=1", "-F", "max=20", "-F", "record=false", "-f", "permissions[]=video", "-f", "permissions[]=chat"];
    let output = stage.run().args(["api", "POST", "/api/x"]).args(fields).run();
    assert_eq!(output.code, 0, "{output}");
    let seen = &stage.requests()[0];
    assert_eq!(seen.header("content-type"), "application/json");
    let body: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
    let expected = serde_json::json!({"name": "1", "max": 20, "record": false, "permissions": ["video", "chat"]});
    assert_eq!(body, expected);
    let stage = Stage::answering(ok("{}"));
    assert_eq!(stage.run().args(["api", "POST", "/api/x", "--form", "-f", "FriendlyName=a b&c"]).run().code, 0);
    let seen = &stage.requests()[0];
    assert_eq!(seen.header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!(seen.body, b"FriendlyName=a%20b%26c");
}

#[test]
fn a_body_comes_from_a_file_or_standard_input() {
    let stage = Stage::answering(ok("{}"));
    let body = "{\"password\": \"{alnum:20}\"}";
    let run = stage.run().file("body.json", body).args(["api", "PUT", "/api/x", "--input", "body.json"]);
    assert_eq!(run.run().code, 0);
    assert_eq!(stage.requests()[0].body, std::fs::read(run.dir().join("body.json")).unwrap());
    assert_eq!(stage.run().stdin("[1]").args(["api", "PATCH", "/api/x", "--input", "-"]).run().code, 0);
    assert_eq!(stage.requests()[1].body, b"[1]");
    let run = stage.run().file("secret", "{alnum:20}").args(["api", "PUT", "/api/x", "-F", "password=@secret"]);
    assert_eq!(run.run().code, 0);
    let secret = std::fs::read_to_string(run.dir().join("secret")).unwrap();
    assert_eq!(stage.requests()[2].body, format!("{{\"password\":\"{secret}\"}}").into_bytes());
}

#[test]
fn what_cannot_be_sent_is_an_error_and_nothing_is_sent() {
    let stage = Stage::answering(ok("{}"));
    let long = format!("/x?q={}", "x".repeat(70_000));
    let deep = ["[".repeat(200), "]".repeat(200)].concat();
    for (args, words) in [
        (&["api", "POST", "/api/x", "--input", "body.json"][..], "body.json:1:5: this is not JSON; nothing was sent"),
        (&["api", "GET", "/api/x", "--input", "body.json"], "a GET has no body"),
        (&["api", "POST", "/api/x", "--input", "none.json"], "none.json: "),
        (&["api", "POST", "/api/x", "-f", "password=hunter2"], "a field holds a secret"),
        (&["api", "POST", "/api/x", "-f", "=x"], "a field is key=value"),
        (&["api", "POST", "/api/x", "--paginate"], "only the answer to a GET has pages"),
        (&["api", "GET", "https://evil.example/"], "a path begins with one slash"),
        (&["api", "GET", "//evil.example/"], "a path begins with one slash"),
        (&["api", "POST", "/x", "--input", "-", "--token-stdin"], "standard input can be one thing alone"),
        (&["api", "POST", "/x", "-F", "a=@-", "-F", "b=@-"], "standard input can be one thing alone"),
        (&["api", "POST", "/x?password=hunter2"], "a field holds a secret"),
        (&["api", "POST", "/x", "--input", "deep.json"], "deep.json:1:128: this goes too deep; nothing was sent"),
        (&["api", "GET", &long], "longer than any server takes"),
        (&["api", "DELETE", "/api/project/tokens/7d3a52c0"], "there is no terminal to ask on; nothing was sent"),
        (&["api", "FETCH", "/x"], "invalid value 'FETCH'"),
    ] {
        let run = stage.run().file("body.json", "{\"a\"=1}").file("deep.json", &deep);
        let output = run.args(args.iter().copied()).run();
        assert_eq!(output.code, 2, "{output}");
        assert!(output.stderr.contains(words) && !output.stderr.contains("hunter2"), "{args:?}\n{output}");
    }
    assert!(stage.connects().is_empty());
}

#[test]
fn what_is_destroyed_was_confirmed() {
    let stage = Stage::answering("HTTP/1.1 204 No Content\r\n\r\n");
    let output = stage.run().args(["api", "DELETE", "/api/project/tokens/7d3a52c0", "--yes"]).run();
    assert_eq!((output.code, &*output.stdout, &*output.stderr), (0, "", ""));
    assert_eq!(stage.lines(), ["DELETE /api/project/tokens/7d3a52c0"]);
}

#[test]
fn a_dry_run_shows_the_request_and_sends_nothing() {
    let stage = Stage::answering(ok("{}"));
    let args = ["api", "POST", "/api/project/tokens", "-f", "name=ci", "-f", "permissions[]=video", "--dry-run"];
    let run = stage.run().args(args);
    let output = run.run();
    assert!(!output.stdout.contains(run.kept("token")), "{output}");
    insta::assert_snapshot!("dry_run", output);
    assert!(stage.connects().is_empty());
}

#[test]
fn pages_are_followed_on_their_own_host() {
    let pages = |seen: &Seen| match &*seen.line {
        "GET /api/x?page_size=1" => {
            ok(r#"{"links":{"next":"https://acme.signalwire.com/api/x?page_number=1"},"data":[1]}"#)
        }
        "GET /api/x?page_number=1" => ok(r#"{"links":{"next":"/api/x?page_number=2"},"data":[2]}"#),
        _ => ok(r#"{"links":{},"data":[3]}"#),
    };
    let stage = by(pages);
    let output = stage.run().args(["api", "GET", "/api/x?page_size=1", "--paginate"]).run();
    assert_eq!(output.code, 0, "{output}");
    let data: Vec<_> = output
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["data"].clone())
        .collect();
    assert_eq!(data, [[1], [2], [3]].map(|page| serde_json::json!(page)));
    assert_eq!(stage.lines().len(), 3);
    let output = by(pages).run().args(["api", "GET", "/api/x?page_size=1", "--paginate", "--slurp"]).run();
    let all: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 3, "{output}");
}

#[test]
fn what_the_header_holds_is_not_told_if_a_refusal_repeats_it() {
    let stage = by(|seen| {
        let header = seen.header("authorization");
        answer("422 Unprocessable", "", &format!("{{\"message\":\"bad\\n::error::header {header}\"}}"))
    });
    let output = stage.run().args(["api", "POST", "/api/x"]).run();
    let expected = "error: 422 Unprocessable: bad ::error::header Basic ********\n";
    assert_eq!((output.code, &*output.stderr), (1, expected), "{output}");
    let sent = stage.requests()[0].header("authorization").to_owned();
    assert!(sent.len() > 80, "there was a header");
}

#[test]
fn pages_that_were_not_printed_are_told() {
    let stage = Stage::answering(ok("{\"next_page_uri\":\"/api/x\"}"));
    let output = stage.run().args(["api", "GET", "/api/x", "--paginate", "--slurp"]).run();
    assert!(output.code == 3 && output.stdout.is_empty() && output.stderr.contains("no page was printed"), "{output}");
}

#[test]
fn pages_elsewhere_or_in_a_circle_are_refused() {
    for (next, words) in [
        ("https://evil.example/api/x", "the next page is on another host; it was not fetched"),
        ("http://acme.signalwire.com/api/x", "the next page is on another host"),
        ("/api/x", "the pages go round in a circle"),
    ] {
        let stage = Stage::answering(ok(&format!("{{\"next_page_uri\":\"{next}\"}}")));
        let output = stage.run().args(["api", "GET", "/api/x", "--paginate"]).run();
        assert_eq!(output.code, 3, "{output}");
        assert!(output.stderr.contains(words), "{output}");
        assert_eq!(stage.connects().len(), 1, "{:?}", stage.connects());
    }
}

#[test]
fn a_refusal_tells_a_dead_token_from_a_narrow_one() {
    let refused = || answer("401 Unauthorized", "", r#"{"error":"Unauthorized"}"#);
    let is_lookup = |seen: &Seen| seen.line == "GET /api/relay/rest/lookup/phone_number/%2B15551234567";
    let narrow = by(move |seen| if is_lookup(seen) { answer("404 Not Found", "", "") } else { refused() });
    let mut said = String::new();
    for (stage, path) in [
        (&narrow, "/api/video/rooms"),
        (&narrow, "/api/relay/rest/registry/beta/brands"),
        (&narrow, "/api/unheard/of"),
        (&by(move |_| answer("403 Forbidden", "", r#"{"error":"Forbidden"}"#)), "/api/video/rooms"),
        (&by(move |seen| if is_lookup(seen) { answer("302 Found", "", "") } else { refused() }), "/api/video/rooms"),
        (
            &by(|_| {
                answer(
                    "401 Unauthorized",
                    "",
                    r#"{"message":"Please validate a phone number to access your account."}"#,
                )
            }),
            "/api/x",
        ),
    ] {
        let output = stage.run().args(["api", "GET", path]).run();
        assert_eq!(output.code, 1, "{output}");
        writeln!(said, "$ barewire api GET {path}\n{output}").unwrap();
    }
    insta::assert_snapshot!("refusals", said);
    assert_eq!(narrow.lines().iter().filter(|line| line.contains("lookup")).count(), 3);
}

#[test]
fn a_talk_tells_sources_and_requests_and_no_more() {
    let stage = Stage::answering(ok("{\"token\":\"sesame\"}"));
    let run = stage.run().args(["api", "POST", "/api/x?q=sesame", "-f", "name=sesame", "-v"]);
    let output = run.run();
    let told = regex::Regex::new(r"\([0-9]+ ms\)").unwrap().replace_all(&output.stderr, "(N ms)").into_owned();
    let expected = "Space: from the variable SIGNALWIRE_SPACE\nProject ID: from the variable SIGNALWIRE_PROJECT_ID\n\
                    API token: from the variable SIGNALWIRE_API_TOKEN\nproxy: from the variable HTTPS_PROXY\n\
                    POST acme.signalwire.com/api/x -> 200 (N ms)\n";
    assert_eq!(told, expected);
}
