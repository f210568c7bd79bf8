//! What each answer of a Space makes of a credential.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::*;
use crate::signalwire::{Arrival, Failure, Hosts, ProjectId, Refusal, Scope};

/// Answers by path and by whether somebody asks; every other path gets `otherwise`.
struct Fake {
    answers: BTreeMap<&'static str, Result<u16, Failure>>,
    anonymous: u16,
    otherwise: u16,
    body: &'static str,
    media: &'static str,
    asked: Mutex<Vec<String>>,
}

impl Ask for Fake {
    fn ask(&self, request: &Request) -> Result<Response, Error> {
        let path = request.target.path();
        assert_eq!((request.method.as_str(), request.payload.media_type()), ("GET", None));
        let is_anonymous = matches!(request.auth, Auth::Anonymous);
        self.asked.lock().unwrap().push(format!("{}{path}", if is_anonymous { "anonymous " } else { "" }));
        let end = self.answers.iter().find(|(end, _)| path.ends_with(*end));
        let answer = end.map_or(Ok(self.otherwise), |(_, answer)| answer.clone());
        let status = if is_anonymous { self.anonymous } else { answer.map_err(failed)? };
        if !(200..300).contains(&status) {
            let media_type = Some(self.media.into());
            return Err(Error::Refusal(Box::new(Refusal { media_type, ..Refusal::new(status, self.body.as_bytes()) })));
        }
        let body = if path.contains("lookup") { self.body } else { "" };
        let media_type = Some("application/json".into());
        Ok(Response { status, media_type, body: Secret::new(body) })
    }
}

fn failed(failure: Failure) -> Error {
    Error::Failure { failure, arrival: Arrival::Never }
}

const LOOKUP: &str = "%2B15551234567";

fn fake(answers: &[(&'static str, u16)], otherwise: u16) -> Fake {
    let answers = answers.iter().map(|(path, status)| (*path, Ok(*status))).collect();
    Fake { answers, anonymous: 401, otherwise, body: "{}", media: "application/json", asked: Mutex::default() }
}

fn space() -> Space {
    Space::parse("acme", &Hosts::default()).unwrap()
}

fn question(depth: Depth) -> Question {
    let space = space();
    let project = ProjectId::parse("5b1f60c2-93ad-4e07-8d2b-f47a1c0e96b3").unwrap();
    Question::ApiToken(Access { space, project, token: Secret::new("x") }, depth)
}

fn life(fake: &Fake) -> (Life, String) {
    let answer = examine(fake, &question(Depth::Life));
    (answer.life, answer.evidence.join("; "))
}

fn held(fake: &Fake) -> Vec<String> {
    let scopes = examine(fake, &question(Depth::Scopes)).scopes.unwrap();
    scopes.iter().map(|answer| format!("{} {:?}", answer.scope, answer.held)).collect()
}

#[test]
fn the_lookup_decides_and_is_all_that_is_asked() {
    let fake = fake(&[(LOOKUP, 200)], 401);
    assert_eq!(life(&fake).0, Life::Alive);
    let lookup = "/api/relay/rest/lookup/phone_number/%2B15551234567";
    assert_eq!(fake.asked.into_inner().unwrap(), [format!("anonymous {lookup}"), lookup.to_owned()]);
}

#[test]
fn dead_is_only_what_every_probe_answers_401_to() {
    let dead = fake(&[], 401);
    let (verdict, evidence) = life(&dead);
    assert_eq!(verdict, Life::Dead);
    assert_eq!(
        evidence,
        "all 8 probes at acme.signalwire.com answered 401: it is deleted, or of another project or Space"
    );
    assert_eq!(dead.asked.into_inner().unwrap().len(), 9);
    for path in ["/voice/logs", "/datasphere/documents", "/fax/logs", "/projects", "/number_groups", "/video/rooms"] {
        assert_eq!(life(&fake(&[(path, 200)], 401)).0, Life::Alive, "{path}");
        for status in [302, 403, 404, 429, 500, 503] {
            assert_eq!(life(&fake(&[(path, status)], 401)).0, Life::Unknown, "{path} {status}");
        }
    }
    assert_eq!(life(&fake(&[("/messaging/logs", 422)], 401)).0, Life::Alive);
}

#[test]
fn a_refusal_of_the_lookup_by_403_is_never_death() {
    assert_eq!(life(&fake(&[(LOOKUP, 403)], 401)).0, Life::Unknown);
    assert_eq!(life(&fake(&[(LOOKUP, 403)], 403)).0, Life::Unknown);
    assert_eq!(life(&fake(&[(LOOKUP, 403), ("/video/rooms", 200)], 401)).0, Life::Alive);
}

#[test]
fn a_refusal_of_the_number_alone_is_life() {
    assert_eq!(life(&fake(&[(LOOKUP, 404)], 401)).0, Life::Alive);
    assert_eq!(life(&fake(&[(LOOKUP, 422)], 401)).0, Life::Alive);
    for status in [404, 422] {
        let page = Fake { media: "text/html", ..fake(&[(LOOKUP, status)], 401) };
        assert_eq!(life(&page).0, Life::Unknown, "a page says {status} of its own");
    }
}

#[test]
fn no_credential_goes_to_a_host_that_does_not_refuse_nobody() {
    for (anonymous, said) in [
        (200, "answered 200 to a request without a credential, which a Space refuses"),
        (302, "a redirect"),
        (403, "answered 403"),
        (404, "no such Space"),
        (422, "answered 422"),
        (429, "fewer requests"),
        (500, "an error of the server"),
    ] {
        let host = || Fake { anonymous, ..fake(&[], 200) };
        let (space, bearer) = (host(), Question::Bearer(space(), Secret::new("x")));
        let (verdict, evidence) = life(&space);
        assert_eq!(verdict, Life::Unknown, "{anonymous}");
        assert!(evidence.starts_with("not sent: ") && evidence.contains(said), "{evidence}");
        assert_eq!(space.asked.into_inner().unwrap().len(), 1);
        assert!(held(&host()).iter().all(|scope| scope.ends_with("Unknown")));
        let space = host();
        assert_eq!(examine(&space, &bearer).life, Life::Unknown);
        assert_eq!(space.asked.into_inner().unwrap().len(), 1);
    }
}

#[test]
fn what_is_no_answer_is_unknown_and_says_why() {
    for status in [302, 400, 418, 429, 500, 503] {
        let space = fake(&[(LOOKUP, status)], 200);
        let (verdict, evidence) = life(&space);
        assert_eq!(verdict, Life::Unknown, "{status}");
        assert!(evidence.contains(&status.to_string()), "{evidence}");
        assert_eq!(space.asked.into_inner().unwrap().len(), 2);
    }
    for failure in [Failure::UnknownHost, Failure::TooLarge(9), Failure::Closed] {
        let mut space = fake(&[], 401);
        space.answers.insert(LOOKUP, Err(failure.clone()));
        assert_eq!(life(&space).0, Life::Unknown, "{failure:?}");
        let mut space = fake(&[], 401);
        space.answers.insert("/video/rooms", Err(failure.clone()));
        assert_eq!(life(&space).0, Life::Unknown, "{failure:?}");
    }
    let page = Fake { body: "<html>", ..fake(&[(LOOKUP, 200)], 200) };
    assert_eq!(life(&page).0, Life::Unknown);
}

#[test]
fn an_account_that_is_locked_is_not_dead() {
    let body = r#"{"message":"Please validate a phone number to access your account."}"#;
    let space = Fake { body, ..fake(&[], 401) };
    let (verdict, evidence) = life(&space);
    assert_eq!(verdict, Life::Unknown);
    assert!(evidence.contains("put in order") && !evidence.contains("Please"), "{evidence}");
    let bearer = Question::Bearer(self::space(), Secret::new("x"));
    assert_eq!(examine(&Fake { body, ..fake(&[], 401) }, &bearer).life, Life::Unknown);
    let plain = Fake { body: r#"{"error":"Unauthorized"}"#, ..fake(&[], 401) };
    assert_eq!(life(&plain).0, Life::Dead);
}

#[test]
fn each_scope_is_yes_no_or_unknown() {
    let missing = |status| {
        let mut space =
            fake(&[(LOOKUP, 200), ("/video/rooms", 200), ("/messaging/logs", 422), ("/fax/logs", 500)], status);
        space.answers.insert("/projects", Err(Failure::Closed));
        held(&space)
    };
    let expected = [
        "calling No",
        "chat Unknown",
        "datasphere No",
        "fax Unknown",
        "management Unknown",
        "messaging Yes",
        "numbers No",
        "pubsub Unknown",
        "storage Unknown",
        "tasking Unknown",
        "video Yes",
    ];
    assert_eq!((missing(401), missing(403)), (expected.map(str::to_owned).into(), expected.map(str::to_owned).into()));
    let nothing = held(&fake(&[(LOOKUP, 200)], 404));
    assert!(nothing.iter().all(|scope| scope.ends_with("Unknown")));
    assert_eq!(nothing.len(), Scope::ALL.len());
}

#[test]
fn no_scopes_are_claimed_of_what_is_not_alive() {
    assert_eq!(examine(&fake(&[], 401), &question(Depth::Scopes)).scopes, None);
    let unknown = held(&fake(&[(LOOKUP, 500)], 200));
    assert!(unknown.iter().all(|scope| scope.ends_with("Unknown")), "{unknown:?}");
}

#[test]
fn a_client_token_is_asked_as_a_bearer() {
    let question = Question::Bearer(space(), Secret::new("x"));
    let life = |answers: &[(&'static str, u16)], otherwise| examine(&fake(answers, otherwise), &question).life;
    assert_eq!(life(&[], 200), Life::Alive);
    assert_eq!(life(&[("/subscriber/info", 404)], 200), Life::Alive);
    assert_eq!(life(&[], 401), Life::Dead);
    assert_eq!(life(&[("/subscriber/info", 404)], 401), Life::Unknown);
    assert_eq!(life(&[], 403), Life::Unknown);
    assert_eq!(life(&[], 500), Life::Unknown);
}

#[test]
fn answers_are_in_the_order_of_the_questions() {
    let questions: Vec<_> =
        (0..30).map(|number| if number % 3 == 0 { question(Depth::Scopes) } else { question(Depth::Life) }).collect();
    let mut done = 0;
    let space = fake(&[], 200);
    let answers = examine_all(&space, &questions, &mut |more| done += more);
    assert_eq!((answers.len(), done), (30, 30));
    let asked = space.asked.into_inner().unwrap();
    let anonymous: Vec<_> = asked.iter().filter(|path| path.starts_with("anonymous")).collect();
    assert_eq!((anonymous.len(), &asked[0]), (1, anonymous[0]), "one Space is tried once, before all else");
    let closed = examine_all(&Fake { anonymous: 404, ..fake(&[], 200) }, &questions, &mut |_| ());
    assert!(closed.iter().all(|answer| answer.life == Life::Unknown));
    assert!(answers.iter().enumerate().all(|(number, answer)| answer.scopes.is_some() == (number % 3 == 0)));
    assert!(examine_all(&fake(&[], 200), &[], &mut |_| ()).is_empty());
}

/// Gives no answer before it was called for.
struct Waiting(Fake, Mutex<std::sync::mpsc::Receiver<()>>);

impl Ask for Waiting {
    fn ask(&self, request: &Request) -> Result<Response, Error> {
        self.1.lock().unwrap().recv().unwrap();
        self.0.ask(request)
    }
}

#[test]
fn whoever_waits_is_called_before_there_is_an_answer() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let space = Waiting(fake(&[], 200), Mutex::new(receiver));
    let mut calls = Vec::new();
    examine_all(&space, &[question(Depth::Life)], &mut |done| {
        calls.push(done);
        sender.send(()).unwrap();
    });
    assert_eq!((calls[0], calls.iter().sum::<u64>()), (0, 1));
}
