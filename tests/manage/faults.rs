//! What can go wrong on the way, each with what is said and the exit code. A write is on the wire once at the most, and
//! what is said of whether something was sent is true.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use super::stage::{Show, Stage, Wire, answer};
use crate::support::Output;

const GET: &[&str] = &["api", "GET", "/api/video/rooms"];
const POST: &[&str] = &["api", "POST", "/api/video/rooms", "-f", "name=lobby"];

/// What the program says, and how many requests came.
fn told(stage: &Stage, args: &[&str]) -> (Output, String) {
    let run = stage.run().args(args.iter().copied());
    let output = run.run();
    let mut text = format!("$ barewire {}\n{output}", args.join(" "));
    writeln!(text, "----- wire\n{}", stage.lines().join("\n")).unwrap();
    for connect in stage.connects() {
        assert!(connect.starts_with("CONNECT acme.signalwire.com:443 "), "{connect}");
        assert!(!connect.to_ascii_lowercase().contains("authorization"), "{connect}");
    }
    assert!(!text.contains(run.kept("token")), "{text}");
    (output, text)
}

/// Runs a GET and a POST against stages that are alike, and puts down all that was said.
fn both(make: impl Fn() -> Stage) -> String {
    let mut all = String::new();
    for args in [GET, POST] {
        let stage = make();
        let (output, text) = told(&stage, args);
        writeln!(all, "{text}").unwrap();
        let posts = stage.lines().iter().filter(|line| line.starts_with("POST")).count();
        assert!(posts <= 1, "{all}");
        // Nothing was sent, or it was not: what is said is what the other side saw.
        if output.stderr.contains("Nothing was sent") {
            assert_eq!(stage.lines(), Vec::<String>::new(), "{all}");
        }
    }
    all
}

fn cut(wire: &mut Wire, bytes: &[u8]) -> bool {
    drop(wire.write_all(bytes));
    drop(wire.flush());
    // Without the end that TLS has for it.
    drop(wire.sock.shutdown(std::net::Shutdown::Both));
    false
}

#[test]
fn a_certificate_that_is_not_good_ends_it() {
    insta::assert_snapshot!("expired", both(|| Stage::new(Show::Expired, |_, _| false)));
    insta::assert_snapshot!("wrong_name", both(|| Stage::new(Show::WrongName, |_, _| false)));
    insta::assert_snapshot!("self_signed", both(|| Stage::new(Show::SelfSigned, |_, _| false)));
}

#[test]
fn what_does_not_speak_tls_gets_nothing() {
    insta::assert_snapshot!("plain", both(|| Stage::new(Show::Plain, |_, _| false)));
    insta::assert_snapshot!("nothing", both(|| Stage::new(Show::Nothing, |_, _| false)));
    insta::assert_snapshot!("no_proxy", both(|| Stage::new(Show::NoProxy, |_, _| false)));
}

#[test]
fn a_redirect_is_not_followed() {
    let headers = "Location: https://evil.example/api/video/rooms?x=1\r\n";
    let redirect = answer("302 Found", headers, "");
    insta::assert_snapshot!("redirect", both(|| Stage::answering(redirect.clone())));
    let headers = "Location: http://acme.signalwire.com/api/video/rooms\r\n";
    insta::assert_snapshot!(
        "redirect_to_http",
        both(|| Stage::answering(answer("307 Temporary Redirect", headers, "")))
    );
}

#[test]
fn a_read_is_repeated_where_that_can_help_and_a_write_is_not() {
    let zero = answer("429 Too Many Requests", "Retry-After: 0\r\n", "");
    insta::assert_snapshot!("too_many_with_seconds", both(|| Stage::answering(zero.clone())));
    let past = "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n";
    insta::assert_snapshot!("too_many_with_date", both(|| Stage::answering(answer("429 Too Many Requests", past, ""))));
    let long = "Retry-After: 99999999\r\n";
    insta::assert_snapshot!("too_many_for_long", both(|| Stage::answering(answer("429 Too Many Requests", long, ""))));
}

#[test]
fn without_a_word_of_the_server_waits_grow() {
    insta::assert_snapshot!("too_many", both(|| Stage::answering(answer("429 Too Many Requests", "", ""))));
}

#[test]
fn an_error_of_the_server_leaves_a_write_in_doubt() {
    let body = r#"{"error":"Internal Server Error"}"#;
    insta::assert_snapshot!(
        "server_error",
        both(|| Stage::answering(answer("500 Internal Server Error", "Retry-After: 0\r\n", body)))
    );
}

#[test]
fn a_connection_that_ends_leaves_a_write_in_doubt() {
    insta::assert_snapshot!("closed", both(|| Stage::new(Show::Good, |_, wire| cut(wire, b""))));
}

#[test]
fn a_head_that_ends_leaves_a_write_in_doubt() {
    insta::assert_snapshot!(
        "closed_in_head",
        both(|| Stage::new(Show::Good, |_, wire| cut(wire, b"HTTP/1.1 200 OK\r\nConte")))
    );
}

/// What is sent is longer than what the other side takes before it goes: the system answers that with a reset.
#[test]
fn a_write_that_is_reset_is_not_repeated() {
    for answer in [&b""[..], b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":"] {
        let stage = Stage::new(Show::Good, move |_, wire| cut(wire, answer));
        let body = format!("\"{}\"", "x".repeat(900_000));
        let run = stage.run().bytes("body.json", body.as_bytes());
        let output = run.args(["api", "POST", "/api/video/rooms", "--input", "body.json"]).run();
        assert_eq!(output.code, 3, "{output}");
        assert!(output.stderr.starts_with("error: the connection ended before the answer did\n"), "{output}");
        let is_told = ["It may have been carried out all the same", "It was carried out"];
        assert!(is_told.iter().any(|words| output.stderr.contains(words)), "{output}");
        assert_eq!(stage.lines(), ["POST /api/video/rooms"]);
    }
}

#[test]
fn an_answer_that_is_cut_was_an_answer() {
    let cut_short = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"data\":[";
    insta::assert_snapshot!("truncated", both(|| Stage::new(Show::Good, |_, wire| cut(wire, cut_short))));
}

#[test]
fn an_answer_without_a_length_is_whole_only_if_it_ends_as_it_should() {
    let bytes = b"HTTP/1.1 200 OK\r\n\r\n{\"data\":[";
    insta::assert_snapshot!("cut_without_length", both(|| Stage::new(Show::Good, |_, wire| cut(wire, bytes))));
    let whole = Stage::answering(b"HTTP/1.1 200 OK\r\n\r\n{}").run().args(["api", "GET", "/api/x"]).run();
    assert_eq!((whole.code, &*whole.stdout), (0, "{}"), "{whole}");
}

#[test]
fn an_answer_that_ends_early_was_an_answer() {
    let ended = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"data\":[".to_vec();
    insta::assert_snapshot!("ended_early", both(|| Stage::answering(ended.clone())));
}

#[test]
fn what_is_not_http_is_told() {
    insta::assert_snapshot!("not_http", both(|| Stage::answering("SSH-2.0-OpenSSH_9.9\r\n\r\n")));
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(200_000));
    insta::assert_snapshot!("endless_header", both(|| Stage::answering(endless.clone())));
}

#[test]
fn what_is_not_json_is_printed_as_it_is() {
    let page = answer("200 OK", "Content-Type: text/html\r\n", "<html>Log in to the café</html>");
    insta::assert_snapshot!("not_json", both(|| Stage::answering(page.clone())));
    let stage = Stage::answering(page);
    let (output, text) = told(&stage, &["api", "GET", "/api/video/rooms", "--paginate"]);
    assert_eq!(output.code, 3);
    insta::assert_snapshot!("not_json_page", text);
}

#[test]
fn a_long_answer_is_not_read() {
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n";
    insta::assert_snapshot!("long", both(|| Stage::answering(announced)));
}

/// In an address space that a gigabyte does not fit into.
#[cfg(target_os = "linux")]
#[test]
fn memory_stays_small_whatever_comes() {
    let stage = Stage::new(Show::Good, |_, wire| {
        let chunk = [b"10000\r\n".as_slice(), &vec![b'x'; 0x10000], b"\r\n"].concat();
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let all = wire.write_all(head).and_then(|()| (0..16_384).try_for_each(|_| wire.write_all(&chunk)));
        assert!(all.is_err(), "a gigabyte was taken");
        false
    });
    let run = stage.run().args(GET.iter().copied());
    let program = run.command();
    let mut shell = std::process::Command::new("/bin/sh");
    shell.args(["-c", "ulimit -v 300000; exec \"$0\" \"$@\""]).arg(program.get_program()).args(program.get_args());
    shell.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = shell.current_dir(run.dir()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert_eq!(said, "error: the answer is longer than 16777216 bytes\n");
    assert!(output.stdout.is_empty());
}

#[test]
fn time_is_bounded() {
    let silent = || {
        Stage::new(Show::Good, |_, _| {
            std::thread::sleep(Duration::from_secs(3));
            false
        })
    };
    let quick = |args: &[&'static str]| [args, &["--timeout", "0.7"]].concat();
    insta::assert_snapshot!("silent_get", told(&silent(), &quick(GET)).1);
    insta::assert_snapshot!("silent_post", told(&silent(), &quick(POST)).1);
    let slow = || {
        Stage::new(Show::Good, |_, wire| {
            drop(wire.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"));
            let drop = |wire: &mut Wire| wire.write_all(b"x").and_then(|()| wire.flush());
            while drop(wire).is_ok() {
                std::thread::sleep(Duration::from_millis(50));
            }
            false
        })
    };
    insta::assert_snapshot!("slow_get", told(&slow(), &quick(GET)).1);
    insta::assert_snapshot!("slow_post", told(&slow(), &quick(POST)).1);
}

#[test]
fn what_no_network_can_reach_is_told() {
    let stage = Stage::answering("");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let output = stage.run().args(POST.iter().copied()).env("HTTPS_PROXY", format!("http://{nobody}")).run();
    insta::assert_snapshot!("refused", output);
}
