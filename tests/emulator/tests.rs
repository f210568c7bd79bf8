//! The emulator is right: a wrong one fails here, not in the tests that use it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use barewire::signalwire::{
    Auth, Certificate, Client, Error, Failure, Hosts, Lookup, Method, Network, NoName, Payload, Request, Response,
    Settings, Space, Target, Timeouts,
};
use serde_json::{Value, json};

use super::fault::{Case, Fault};
use super::world::{EmptyPatch, GuestAuth, Lookup as Number, MissingScope, Modes, SelfDelete, Token};
use super::{Emulator, Face, HOST, Leaf};

#[derive(Debug)]
struct There(SocketAddr);

impl Lookup for There {
    fn address(&self, _host: &str, _port: u16) -> Result<SocketAddr, NoName> {
        Ok(self.0)
    }
}

fn client(emulator: &Emulator) -> Client {
    let settings = Settings {
        network: Network::of(Arc::new(There(emulator.address()))),
        roots: vec![std::fs::read(emulator.ca_file()).unwrap()],
        timeouts: Timeouts { total: Duration::from_secs(20), ..Timeouts::default() },
        ..Settings::default()
    };
    Client::new(&settings).unwrap()
}

fn ask(emulator: &Emulator, token: &Token, (method, path): (Method, &str), body: &Value) -> Result<Response, Error> {
    let auth = Auth::Basic { project: token.project.as_str().into(), token: token.value.as_str().into_secret() };
    let space = Space::parse("acme", &Hosts::default()).unwrap();
    let request = Request::new(&space, method, Target::new(path).unwrap(), auth);
    let request = if method.is_safe() { request } else { request.send(Payload::json(body)) };
    client(emulator).send(&request)
}

trait IntoSecret {
    fn into_secret(self) -> barewire::secret::Secret;
}

impl IntoSecret for &str {
    fn into_secret(self) -> barewire::secret::Secret {
        barewire::secret::Secret::new(self)
    }
}

fn get(emulator: &Emulator, token: &Token, path: &str) -> u16 {
    status(&ask(emulator, token, (Method::Get, path), &Value::Null))
}

fn status(answer: &Result<Response, Error>) -> u16 {
    match answer {
        Ok(response) => response.status,
        Err(error) => error.refusal().map_or(0, |refusal| refusal.status),
    }
}

#[test]
fn a_scope_opens_its_endpoints_and_no_others() {
    for (missing_scope, refused) in [(MissingScope::Unauthorized, 401), (MissingScope::Forbidden, 403)] {
        let emulator = Emulator::with(Modes { missing_scope, ..Modes::default() }, Leaf::Good, Face::Tls);
        let token = emulator.token(&emulator.project(), &["video"]);
        assert_eq!(get(&emulator, &token, "/api/video/rooms"), 200);
        assert_eq!(get(&emulator, &token, "/api/voice/logs"), refused);
        assert_eq!(get(&emulator, &token, "/api/projects"), refused);
        assert_eq!(get(&emulator, &token, "/api/relay/rest/lookup/phone_number/%2B15551234567"), 200);
        let wrong = Token { value: emulator.token(&emulator.project(), &["video"]).value, ..token };
        assert_eq!(get(&emulator, &wrong, "/api/video/rooms"), 401);
    }
}

#[test]
fn a_token_is_of_its_space_alone() {
    let emulator = Emulator::start();
    let beta = emulator.world().add_project("beta.signalwire.com", "b", None);
    let token = emulator.token(&beta, &["management"]);
    assert_eq!(get(&emulator, &token, "/api/projects"), 401);
    assert_eq!(emulator.requests()[0].server_name, HOST);
}

#[test]
fn a_token_lives_until_it_is_deleted_or_a_little_longer() {
    let emulator = Emulator::with(Modes { slow_delete: 2, ..Modes::default() }, Leaf::Good, Face::Tls);
    let project = emulator.project();
    let boss = emulator.token(&project, &["management"]);
    let body = json!({"name": "x", "permissions": ["video"]});
    let made = ask(&emulator, &boss, (Method::Post, "/api/project/tokens"), &body).unwrap().json().unwrap();
    let made = emulator.world().tokens.iter().find(|token| made["id"] == *token.id).unwrap().clone();
    assert_eq!(get(&emulator, &made, "/api/video/rooms"), 200);
    let path = format!("/api/project/tokens/{}", made.id);
    assert_eq!(status(&ask(&emulator, &boss, (Method::Delete, &path), &Value::Null)), 204);
    let after = [(); 3].map(|()| get(&emulator, &made, "/api/video/rooms"));
    assert_eq!(after, [200, 200, 401]);
    assert_eq!(status(&ask(&emulator, &boss, (Method::Delete, &path), &Value::Null)), 404);
}

#[test]
fn a_token_of_a_subscriber_is_good_until_its_time() {
    let emulator = Emulator::start();
    let boss = emulator.token(&emulator.project(), &["video"]);
    let space = Space::parse("acme", &Hosts::default()).unwrap();
    let info = |expire_at: i64| {
        let body = json!({"reference": "ann", "expire_at": expire_at});
        let made = ask(&emulator, &boss, (Method::Post, "/api/fabric/subscribers/tokens"), &body);
        let made = made.unwrap().json().unwrap();
        let bearer = Auth::Bearer(made["token"].as_str().unwrap().into_secret());
        let target = Target::new("/api/fabric/subscriber/info").unwrap();
        status(&client(&emulator).send(&Request::new(&space, Method::Get, target, bearer)))
    };
    assert_eq!([info(4_070_908_800), info(1)], [200, 401]);
}

#[test]
fn each_contradiction_has_both_answers() {
    for (switched, patch, delete, number, guest) in [(false, 200, 204, 200, 201), (true, 422, 422, 404, 401)] {
        let modes = Modes {
            empty_patch: if switched { EmptyPatch::Refused } else { EmptyPatch::Accepted },
            self_delete: if switched { SelfDelete::Refused } else { SelfDelete::Allowed },
            lookup: if switched { Number::NotFound } else { Number::Found },
            guest_auth: if switched { GuestAuth::Bearer } else { GuestAuth::Basic },
            ..Modes::default()
        };
        let emulator = Emulator::with(modes, Leaf::Good, Face::Tls);
        let boss = emulator.token(&emulator.project(), &["management", "video"]);
        let path = format!("/api/project/tokens/{}", boss.id);
        assert_eq!(status(&ask(&emulator, &boss, (Method::Patch, &path), &json!({}))), patch);
        assert_eq!(get(&emulator, &boss, "/api/relay/rest/lookup/phone_number/1"), number);
        let addresses = json!({"allowed_addresses": [super::world::uuid()]});
        assert_eq!(status(&ask(&emulator, &boss, (Method::Post, "/api/fabric/guests/tokens"), &addresses)), guest);
        assert_eq!(status(&ask(&emulator, &boss, (Method::Delete, &path), &Value::Null)), delete);
    }
}

#[test]
fn a_list_has_pages() {
    let emulator = Emulator::start();
    let token = emulator.token(&emulator.project(), &["video"]);
    emulator.world().rooms = (0..5).map(|number| format!("room-{number}")).collect();
    let page = ask(&emulator, &token, (Method::Get, "/api/video/rooms?page_size=2&page_number=1"), &Value::Null);
    let page = page.unwrap().json().unwrap();
    assert_eq!(page["data"][0]["name"], "room-2");
    let next = page["links"]["next"].as_str().unwrap().split_once(HOST).unwrap().1;
    let last = ask(&emulator, &token, (Method::Get, next), &Value::Null).unwrap().json().unwrap();
    assert_eq!((last["data"].as_array().unwrap().len(), &last["links"]["next"]), (1, &Value::Null));
    assert_eq!(get(&emulator, &token, "/api/video/rooms?page_size=0"), 422);
}

#[test]
fn faults_are_as_they_are_named() {
    let emulator = Emulator::start();
    let token = emulator.token(&emulator.project(), &["management", "video"]);
    let body = json!({"name": "x", "permissions": ["video"]});
    let mut seen = 0;
    let mut failure = |fault: Fault| {
        emulator.fault(Case::always("/api/project/tokens", fault).times(1));
        let answer = ask(&emulator, &token, (Method::Post, "/api/project/tokens"), &body);
        seen += 1;
        assert_eq!(emulator.requests().len(), seen, "a POST is on the wire once");
        answer
    };
    assert_eq!(status(&failure(Fault::too_many(Some("7")))), 429);
    assert_eq!(status(&failure(Fault::server_error(503))), 503);
    assert_eq!(status(&failure(Fault::redirect("https://evil.example/x"))), 302);
    for fault in [Fault::Closed, Fault::Silent, Fault::Cut] {
        let Err(Error::Failure { failure, .. }) = failure(fault) else { panic!() };
        assert_eq!(failure, Failure::Closed);
    }
    let Err(Error::Failure { failure: huge, .. }) = failure(Fault::Huge(1 << 30)) else { panic!() };
    assert_eq!(huge, Failure::TooLarge(1 << 20));
    let started = Instant::now();
    assert_eq!(status(&failure(Fault::Latency(Duration::from_millis(300)))), 200);
    assert!(started.elapsed() >= Duration::from_millis(300));
    // Closed did nothing; Silent, Cut and the last one did, and the huge body took the place of all.
    assert_eq!(emulator.world().tokens.len(), 1 + 3);
}

#[test]
fn a_certificate_can_be_wrong_in_each_way() {
    let wrongs = [
        (Leaf::Expired, Certificate::Expired),
        (Leaf::WrongName, Certificate::WrongName),
        (Leaf::SelfSigned, Certificate::UnknownIssuer),
    ];
    for (leaf, wrong) in wrongs {
        let emulator = Emulator::with(Modes::default(), leaf, Face::Tls);
        let token = emulator.token(&emulator.project(), &["video"]);
        let answer = ask(&emulator, &token, (Method::Get, "/api/video/rooms"), &Value::Null);
        let Err(Error::Failure { failure, .. }) = answer else { panic!() };
        assert_eq!(failure, Failure::Certificate(wrong), "{leaf:?}");
        assert!(emulator.requests().is_empty());
    }
}
