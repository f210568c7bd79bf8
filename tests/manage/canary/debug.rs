//! What the debug forms of the types say that hold a secret.

use std::fmt::Debug;
use std::sync::Arc;

use barewire::secret::Secret;
use barewire::signalwire::mint::{Kind, Minted, Spec};
use barewire::signalwire::project::KeyedProject;
use barewire::signalwire::token::TokenAnswer;
use barewire::signalwire::verify::{Depth, Question};
use barewire::signalwire::{
    Access, Auth, Client, Hosts, Method, Payload, ProjectId, ProxySettings, Response, Settings, Space, Target,
};
use serde_json::json;

use super::field::{Field, SPACE};
use crate::canary::{assert_clean, traces};

#[test]
fn no_debug_form_holds_a_secret() {
    let field = Field::new("verify");
    let secret = |name: &str| Secret::new(&field.planted[name]);
    let space = Space::parse(SPACE, &Hosts::default()).unwrap();
    let project = ProjectId::parse(&field.admin.project).unwrap();
    let access = Access { space: space.clone(), project, token: secret("token") };
    let body = json!({"password": field.planted["password"]});
    let request = access.request(Method::Post, Target::new("/api/x").unwrap()).send(Payload::json(&body));
    let form = Payload::form([("password", &*field.planted["password"])]);
    let url = format!("http://user:{}@127.0.0.1:1", field.planted["proxy"]);
    let settings = Settings {
        roots: vec![std::fs::read(field.emulator.ca_file()).unwrap()],
        proxy: Some(ProxySettings { url: Secret::new(url), except: Vec::new() }),
        ..Settings::default()
    };
    let client = Arc::new(Client::new(&settings).unwrap());
    let answer = json!({"id": field.admin.id, "name": "x", "token": field.planted["new"],
        "refresh_token": field.planted["refresh token"], "signing_key": field.planted["key"]});
    let response = Response { status: 200, media_type: None, body: Secret::new(answer.to_string()) };
    let mut spec = Spec::new(Kind::Subscriber);
    spec.set("reference", Some("ann".into())).unwrap();
    spec.set("password", Some(field.planted["password"].clone().into())).unwrap();
    let minted = spec.request(&access.space, access.auth()).unwrap();
    let forms: [&dyn Debug; 14] = [
        &access,
        &request,
        &form,
        &settings,
        &client,
        &response,
        &spec,
        &minted,
        &Auth::Bearer(secret("subscriber token")),
        &TokenAnswer::read(&response).unwrap(),
        &KeyedProject::read(&response).unwrap(),
        &Minted::read(&response).unwrap(),
        &Question::ApiToken(access.clone(), Depth::Scopes),
        &Question::Bearer(space, secret("subscriber token")),
    ];
    let traces = traces(&field.secrets());
    for (number, form) in forms.iter().enumerate() {
        let said = format!("{form:?} {form:#?}");
        assert!(said.len() > 10, "{said}");
        assert_clean(&format!("debug form {number}"), &said, &traces);
        // Bytes are numbers in a debug form.
        for secret in field.secrets() {
            let numbers = format!("{:?}", &secret.as_bytes()[..12]).replace(['[', ']'], "");
            assert!(!said.contains(&numbers), "debug form {number}");
        }
    }
}
