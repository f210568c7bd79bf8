//! `mint` and `inspect`, against an emulator of SignalWire's API.

use serde_json::{Value, json};

use super::desk::Desk;
use crate::emulator::fault::{Case, Fault};
use crate::emulator::world::{GuestAuth, SCOPES};
use crate::support::{Output, Run};

const ADDRESS: &str = "7d3a52c0-1111-4222-8333-944444444444";

/// A desk, and the value of a token with all scopes.
fn desk() -> (Desk, String) {
    let desk = Desk::new();
    let token = desk.emulator.token(&desk.project, &SCOPES).value;
    (desk, token)
}

fn mint(desk: &Desk, token: &str, args: &str) -> Run {
    desk.as_token(token, &args.split(' ').collect::<Vec<_>>())
}

/// The body of the last request.
fn sent(desk: &Desk) -> Value {
    serde_json::from_slice(&desk.emulator.requests().last().unwrap().body).unwrap()
}

/// What `inspect` says of a text at standard input.
fn inspect(text: &str, args: &[&str]) -> Output {
    let run = Run::new().bytes("token", text.as_bytes());
    let mut command = run.command();
    command.arg("inspect").args(args).stdin(std::fs::File::open(run.dir().join("token")).unwrap());
    let output = command.output().unwrap();
    Output {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap(),
    }
}

#[test]
fn each_flag_is_a_field_of_the_request() {
    let (desk, token) = desk();
    let room = "mint room lobby --user-name ann --room-display-name Lobby --permission room.lock,room.self.audio_mute \
        --permission room.unlock --join-from 2099-12-01 --join-until 2099-12-01T10:00:00+01:00 --remove-at 2099-12-02 \
        --remove-after 2h30m --join-as member --media-allowed audio-only --join-audio-muted yes --join-video-muted no \
        --auto-create-room no --enable-room-previews yes --end-room-session-on-leave no --sync-audio-video yes \
        --room-meta {\"a\":1} --meta {\"b\":[]}";
    let cases = [
        (room.split_whitespace().collect::<Vec<_>>().join(" "), json!({
            "room_name": "lobby", "user_name": "ann", "room_display_name": "Lobby",
            "permissions": ["room.lock", "room.self.audio_mute", "room.unlock"],
            "join_from": "2099-12-01T00:00:00Z", "join_until": "2099-12-01T09:00:00Z", "remove_at": "2099-12-02T00:00:00Z",
            "remove_after_seconds_elapsed": 9_000, "join_as": "member", "media_allowed": "audio-only",
            "join_audio_muted": true, "join_video_muted": false, "auto_create_room": false,
            "enable_room_previews": true, "end_room_session_on_leave": false, "sync_audio_video": true,
            "room_meta": {"a": 1}, "meta": {"b": []},
        })),
        ("mint chat --ttl 1h --channel news=r --channel a=b=rw --member-id ann --state {\"x\":1}".to_owned(), json!({
            "ttl": 60, "channels": {"news": {"read": true, "write": false}, "a=b": {"read": true, "write": true}},
            "member_id": "ann", "state": {"x": 1},
        })),
        ("mint pubsub --ttl 30d --channel log=w".to_owned(), json!({
            "ttl": 43_200, "channels": {"log": {"read": false, "write": true}},
        })),
        (format!("mint subscriber ann@example.org --expires-at 2099-01-01 --application-id {ADDRESS} --scope sat:refresh \
            --fingerprint {} --first-name A --last-name B --display-name C --job-title D --time-zone E --country F \
            --company-name G --region us-central", "k".repeat(43)).split_whitespace().collect::<Vec<_>>().join(" "), json!({
            "reference": "ann@example.org", "expire_at": 4_070_908_800_u64, "application_id": ADDRESS, "scope": "sat:refresh",
            "fingerprint": "k".repeat(43), "first_name": "A", "last_name": "B", "display_name": "C", "job_title": "D",
            "time_zone": "E", "country": "F", "company_name": "G", "region": "us-central",
        })),
        (format!("mint guest --address {ADDRESS} --expires-at 2099-01-01 --region us-central --ch us-central"), json!({
            "allowed_addresses": [ADDRESS], "expire_at": 4_070_908_800_u64, "region": "us-central", "ch": "us-central",
        })),
    ];
    for (line, body) in cases {
        let output = mint(&desk, &token, &line).run();
        assert_eq!(output.code, 0, "{line}\n{output}");
        assert_eq!(sent(&desk), body, "{line}");
        let lines: Vec<_> = output.stdout.lines().collect();
        assert!(lines.len() == 1 && lines[0].starts_with("eyJ"), "{output}");
    }
    assert_eq!(crate::conformance::exchange::complaints(&desk.emulator.requests()), [""; 0]);
}

#[test]
fn what_is_not_within_the_limits_is_not_sent() {
    let (desk, token) = desk();
    for (line, words) in [
        ("mint room a!b --join-until +1h", "ROOM takes 1 to 100 letters"),
        ("mint room lobby --permission room.self.audio_mut", "did you mean room.self.audio_mute?"),
        ("mint room lobby --remove-after 3d", "--remove-after takes a number from 1 to 200000"),
        ("mint room lobby --join-as boss", "--join-as takes member, audience"),
        ("mint room lobby --join-until 2099-12-01T23:30:00", "that of a zone"),
        ("mint room lobby --join-until tomorrow", "a moment is written as"),
        ("mint room lobby --join-until 2020-01-01", "--join-until is over already"),
        ("mint room lobby --join-from +3h --join-until +2h", "--join-from is not before"),
        ("mint room lobby --join-until +9999999999d", "beyond the year 9999"),
        ("mint subscriber ann --expires-in 9999999999d", "beyond the year 9999"),
        ("mint subscriber ann --password-file - --token-stdin", "the API token and the password"),
        ("mint room lobby --meta [1]", "--meta takes a JSON object"),
        ("mint chat --ttl 90s --channel a=r", "counted in minutes"),
        ("mint chat --ttl 31d --channel a=r", "--ttl"),
        ("mint chat --ttl 1h --channel a=x", "a channel is written as"),
        ("mint chat --ttl 1h --channel a=r --channel a=w", "named twice"),
        ("mint chat --ttl 1h --channel sw_a=r", "do not begin with sw_"),
        ("mint subscriber ann --expires-at 2020-01-01", "would have ended before"),
        ("mint subscriber ann --fingerprint short", "43 letters"),
        ("mint guest --address nobody", "--address takes 1 to 10 UUIDs"),
        ("mint chat --ttl 1h", "--channel"),
    ] {
        let output = mint(&desk, &token, line).run();
        assert_eq!(output.code, 2, "{line}\n{output}");
        assert!(output.stderr.contains(words), "{line}\n{output}");
        assert_eq!(output.stdout, "", "{line}");
    }
    assert!(desk.emulator.requests().is_empty());
}

#[test]
fn a_dry_run_shows_the_request_and_sends_nothing() {
    let (desk, token) = desk();
    let run = mint(&desk, &token, "mint subscriber ann --password-file pw --dry-run").bytes("pw", b"sesame-sesame\n");
    private(&run, "pw");
    let output = run.run();
    assert_eq!(output.code, 0, "{output}");
    assert!(output.stdout.starts_with("POST https://acme.signalwire.com/api/fabric/subscribers/tokens\n"), "{output}");
    assert!(!output.stdout.contains("sesame") && output.stdout.contains("\"reference\": \"ann\""), "{output}");
    assert!(desk.emulator.requests().is_empty());
}

/// Makes a file one that nobody else can read.
fn private(run: &Run, name: &str) {
    #[cfg(unix)]
    std::fs::set_permissions(run.dir().join(name), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    #[cfg(not(unix))]
    let _ = (run, name);
}

#[test]
fn a_password_is_sent_as_it_is_but_for_the_end_of_its_line() {
    let (desk, token) = desk();
    for (file, password) in
        [("  sesame 1 \n", "  sesame 1 "), ("sesame 1\r\n", "sesame 1"), ("sesame 1\n\n", "sesame 1\n")]
    {
        let run = mint(&desk, &token, "mint subscriber ann --password-file pw").bytes("pw", file.as_bytes());
        private(&run, "pw");
        let output = run.run();
        assert_eq!(output.code, 0, "{output}");
        assert_eq!(sent(&desk)["password"], password);
        assert!(!output.stderr.contains("sesame"), "{output}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_takes_the_token_alone_and_is_never_replaced() {
    use std::os::unix::fs::PermissionsExt as _;

    let (desk, token) = desk();
    let run = mint(&desk, &token, "mint room lobby --join-until +1h --out room.token");
    let output = run.run();
    assert_eq!((output.code, &*output.stdout), (0, ""), "{output}");
    let path = run.dir().join("room.token");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let minted = std::fs::read_to_string(&path).unwrap();
    assert!(minted.starts_with("eyJ") && minted.lines().count() == 1);
    let again = run.run();
    assert_eq!(again.code, 2, "{again}");
    assert_eq!((std::fs::read_to_string(path).unwrap(), desk.emulator.requests().len()), (minted, 1));
}

#[test]
fn a_missing_scope_is_named_and_a_lost_answer_is_told_once() {
    let desk = Desk::new();
    let narrow = desk.emulator.token(&desk.project, &["chat"]).value;
    let output = mint(&desk, &narrow, "mint room lobby --join-until +1h").run();
    assert_eq!(output.code, 1, "{output}");
    assert!(output.stderr.contains("lacks a scope: POST /api/video/room_tokens needs `video`"), "{output}");
    for (fault, code) in [
        (Fault::Silent, 3),
        (Fault::Cut, 3),
        (Fault::Closed, 3),
        (Fault::server_error(500), 3),
        (Fault::too_many(Some("1")), 3),
    ] {
        desk.emulator.fault(Case::always("/api/chat/tokens", fault).times(1));
        let before = desk.emulator.requests().len();
        let output = mint(&desk, &narrow, "mint chat --ttl 1h --channel a=r").run();
        assert_eq!((output.code, &*output.stdout), (code, ""), "{output}");
        assert_eq!(desk.emulator.requests().len(), before + 1, "{output}");
    }
}

#[test]
fn a_refresh_token_works_once_and_shows_in_json_alone() {
    let (desk, token) = desk();
    let plain = mint(&desk, &token, "mint subscriber ann").run();
    assert_eq!(plain.stdout.lines().count(), 1, "{plain}");
    assert!(plain.stderr.contains("-f json without --out shows both"), "{plain}");
    let answer: Value = serde_json::from_str(&mint(&desk, &token, "mint subscriber ann -f json").run().stdout).unwrap();
    assert!(answer["subscriber_id"].is_string() && answer["token"].is_string(), "{answer}");
    let refresh = answer["refresh_token"].as_str().unwrap();
    let run = mint(&desk, &token, "mint refresh r -f json").bytes("r", format!("{refresh}\n").as_bytes());
    private(&run, "r");
    let first = run.run();
    assert_eq!(first.code, 0, "{first}");
    assert!(serde_json::from_str::<Value>(&first.stdout).unwrap()["refresh_token"].is_string());
    let second = run.run();
    assert_eq!(second.code, 1, "{second}");
    assert!(second.stderr.contains("token_expired"), "{second}");
    assert!(![&first.stderr, &second.stderr].iter().any(|text| text.contains(&refresh[..40])));
}

#[test]
fn inspect_tells_what_was_minted() {
    let (desk, token) = desk();
    let room =
        mint(&desk, &token, "mint room lobby --user-name ann --permission room.lock --join-until +2h").run().stdout;
    let answer = json!({"token": room.trim()}).to_string();
    for form in [room.clone(), format!("Bearer {room}"), format!("'{}'\n", room.trim()), answer] {
        let output = inspect(&form, &[]);
        assert_eq!(output.code, 0, "{output}");
        for words in ["video room token", &desk.project, "lobby", "ann", "room.lock", ", in "] {
            assert!(output.stdout.contains(words), "{words}\n{output}");
        }
        assert!(!output.stdout.contains(room.trim().rsplit('.').next().unwrap()), "{output}");
    }
    let document: Value = serde_json::from_str(&inspect(&room, &["-f", "json"]).stdout).unwrap();
    assert_eq!((&document["kind"], &document["project_id"]), (&json!("room"), &json!(desk.project)));
    assert_eq!((&document["expired"], &document["claims"]["r"]), (&json!(false), &json!("lobby")));
    let chat = mint(&desk, &token, "mint chat --ttl 1h --channel news=rw").run().stdout;
    assert!(inspect(&chat, &[]).stdout.contains("news (read and write)"));
    let subscriber = mint(&desk, &token, "mint subscriber ann").run().stdout;
    let output = inspect(&subscriber, &[]);
    assert!(output.code == 0 && output.stdout.contains("encrypted"), "{output}");
}

#[test]
fn inspect_says_what_is_no_client_token() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let signed = |header: Value, claims: Value| {
        let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        format!("{header}.{claims}.{}", "s".repeat(86))
    };
    let ended = signed(json!({"typ": "VRT", "alg": "HS512"}), json!({"r": "x", "ju": 1_000_000_000}));
    let output = inspect(&ended, &[]);
    assert!(
        output.code == 1 && output.stdout.contains("2001-09-09T01:46:40Z") && output.stdout.contains(" ago"),
        "{output}"
    );
    let api = format!("PT{}", "0a1b2c3d".repeat(6));
    let foreign = signed(json!({"alg": "RS256", "typ": "JWT"}), json!({"iss": "https://accounts.example"}));
    for (text, words) in [
        (api.as_str(), "an API token"),
        (foreign.as_str(), "not SignalWire's, alg RS256, typ JWT"),
        ("hello", "does not look like any token"),
    ] {
        let output = inspect(text, &[]);
        assert_eq!(output.code, 1, "{output}");
        assert!(output.stdout.contains(words), "{output}");
    }
    assert_eq!(inspect("", &[]).code, 2);
    let hostile = signed(json!({"typ": "VRT"}), json!({"r": "\u{1b}[2J", "u": api, "ju": i64::MAX}));
    for args in [&[][..], &["-f", "json"]] {
        let output = inspect(&hostile, args);
        assert!(!output.stdout.contains('\u{1b}') && !output.stdout.contains(&api[..12]), "{output}");
    }
    for none in ["a".repeat(100 << 10), " \n".to_owned()] {
        assert_eq!(inspect(&none, &[]).code, 2);
    }
    let odd = signed(json!({"typ": "VRT"}), json!({"r": "x", "ju": "whenever"}));
    assert!(inspect(&odd, &[]).stdout.contains("it does not say"));
}

#[test]
fn a_guest_is_asked_for_by_a_project_or_by_a_subscriber() {
    let (desk, token) = desk();
    let subscriber = mint(&desk, &token, "mint subscriber ann").run().stdout;
    let guest = format!("mint guest --address {ADDRESS}");
    let by_subscriber = |text: &str| {
        let run =
            desk.offline(&format!("{guest} --subscriber-token-file sat --space acme").split(' ').collect::<Vec<_>>());
        let run = run.through(&desk.emulator).bytes("sat", text.as_bytes());
        private(&run, "sat");
        run.run()
    };
    let refused = by_subscriber(&subscriber);
    assert!(refused.code == 1 && refused.stderr.contains("without --subscriber-token-file"), "{refused}");
    desk.emulator.world().modes.guest_auth = GuestAuth::Bearer;
    let refused = mint(&desk, &token, &guest).run();
    assert!(refused.code == 1 && refused.stderr.contains("which --subscriber-token-file gives"), "{refused}");
    let made = by_subscriber(&subscriber);
    assert!(made.code == 0 && made.stdout.starts_with("eyJ"), "{made}");
    let asked = desk.emulator.requests().pop().unwrap();
    assert_eq!((&*asked.auth, &*asked.target), ("Bearer", "/api/fabric/guests/tokens"));
    let count = desk.emulator.requests().len();
    let room = mint(&desk, &token, "mint room lobby --join-until +1h").run().stdout;
    for (text, words) in [(&*room, "was not sent"), ("sesame", "this is no token of a subscriber")] {
        let said = by_subscriber(text);
        assert!(said.code == 2 && said.stderr.contains(words) && !said.stderr.contains(text.trim()), "{said}");
    }
    assert_eq!(desk.emulator.requests().len(), count + 1);
    let said = mint(&desk, &token, &format!("{guest} --subscriber-token-file sat --token-stdin")).run();
    assert!(said.code == 2 && said.stderr.contains("cannot be used with"), "{said}");
}
